"""``python -m tests.programs.nobody [--user NAME] WORDS…``: the nlwire command as a user who may do nothing, if root starts it.

Everything is imported first, so that it does not matter who may read the files of this checkout.
"""

import os
import pkgutil
import pwd
import sys
from importlib import import_module

import nlwire
from nlwire.cli import main
from nlwire.supervise.libc import PR_SET_DUMPABLE, prctl


def import_all() -> None:
    """What nlwire would import when it is used, which is too late here."""
    for module in pkgutil.walk_packages(nlwire.__path__, "nlwire."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def become(name: str) -> None:
    """Drop every privilege; a process that changes its user is closed to its own user's eyes, unless it says otherwise."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(name)
        os.initgroups(name, user.pw_gid)
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
        prctl(PR_SET_DUMPABLE, 1)


if __name__ == "__main__":
    import_all()
    words = sys.argv[1:]
    named = words[1] if words[:1] == ["--user"] else ""
    become(named or "nobody")
    main(words[2:] if named else words)
