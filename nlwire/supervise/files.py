"""open() and openat() of files below /proc/net, which a ground may have of its own; every other file the kernel opens.

Knows: paths as programs write them.
Never: what is in the files.
"""

import os
import re

from nlwire.supervise.call import ANSWERED, GO_ON, Call

PATH = re.compile(rb"/proc/(?:self/|thread-self/)?net/(\w+)\0")
LONGEST = 64
PAGE = 4096


def open_(call: Call) -> int:
    """open(path, flags)."""
    return opened(call, call.args[0], call.args[1])


def openat(call: Call) -> int:
    """openat(directory, path, flags): where the path is absolute the directory does not matter."""
    return opened(call, call.args[1], call.args[2])


def opened(call: Call, where: int, flags: int) -> int:
    """A file of the ground's, to be read; GO_ON for what the ground has not."""
    if flags & os.O_ACCMODE != os.O_RDONLY:
        return GO_ON
    try:
        start = call.read(where, min(LONGEST, PAGE - where % PAGE))
    except OSError:
        return GO_ON
    found = PATH.match(start)
    content = call.supervision.ground.file(call.supervision.who(call.tid), found[1].decode()) if found else None
    if content is None:
        return GO_ON
    file = os.memfd_create("net", os.MFD_CLOEXEC)
    try:
        os.write(file, content)
        reader = os.open(f"/proc/self/fd/{file}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            call.supervision.listener.give(call.id, reader, bool(flags & os.O_CLOEXEC))
        finally:
            os.close(reader)
    finally:
        os.close(file)
    return ANSWERED
