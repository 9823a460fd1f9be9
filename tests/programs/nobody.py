"""``python -m tests.programs.nobody WORDS…``: the nlwire command as a user who may do nothing, if root starts it.

Everything is imported first, so that it does not matter who may read the files of this checkout.
"""

import os
import sys

from nlwire.cli import main
from nlwire.supervise.libc import PR_SET_DUMPABLE, prctl

NOBODY = 65534


def drop() -> None:
    """Become nobody; a process that changes its user is closed to its own user's eyes, unless it says otherwise."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        prctl(PR_SET_DUMPABLE, 1)


if __name__ == "__main__":
    drop()
    main(sys.argv[1:])
