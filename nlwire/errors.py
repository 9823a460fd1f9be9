"""The error tree: structure first, words late.

Every error carries what a program needs (a path, an offset, an errno) as attributes; the sentence a person reads is made
only when somebody prints it.

Knows: how to print a path and a marked hex dump.
Never: which family failed.
"""

from __future__ import annotations

import os
from errno import EOPNOTSUPP, errorcode
from typing import Any

Path = tuple[str, ...]
"""Where in a message: C names from the fixed header inward, ``("rtmsg", "RTA_METRICS", "RTAX_MTU")``."""


def format_path(path: Path) -> str:
    """``("rtmsg", "RTA_GATEWAY")`` -> ``rtmsg/RTA_GATEWAY``."""
    return "/".join(path)


def hex_window(data: bytes, offset: int, before: int = 16, after: int = 16) -> str:
    """A few bytes around ``offset`` with ``>`` before the byte in question: ``0010: 08 00 >05 00``."""
    start = max(0, min(offset, len(data)) - before) & ~3
    stop = min(len(data), offset + after)
    cells = [(">" if at == offset else " ") + f"{data[at]:02x}" for at in range(start, stop)]
    if offset >= stop:
        cells.append(">(end)")
    return f"{start:04x}:{''.join(cells)}"


class NlwireError(Exception):
    """The root: ``except NlwireError`` catches everything nlwire raises on purpose."""


class DeclarationError(NlwireError):
    """A declaration contradicts itself; raised while its module is imported."""


class WireError(NlwireError, ValueError):
    """Bytes are not what they claim to be.

    ``offset``: byte offset in the buffer that was handed in; ``need`` and ``have``: sizes in bytes where a size is the
    matter; ``partial``: what had been decoded before the error; ``data``: the buffer, for the marked hex dump.
    """

    def __init__(
        self,
        reason: str,
        *,
        path: Path = (),
        offset: int = 0,
        need: int | None = None,
        have: int | None = None,
        data: bytes | None = None,
        partial: Any = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.offset = offset
        self.need = need
        self.have = have
        self.data = data
        self.partial = partial

    def __str__(self) -> str:
        where = f"{format_path(self.path)} at offset {self.offset}" if self.path else f"offset {self.offset}"
        sizes = f" (need {self.need} bytes, have {self.have})" if self.need is not None else ""
        return f"{self.reason}{sizes} at {where}" if not self.path else f"{self.reason}{sizes} ({where})"

    def picture(self) -> str:
        """The bytes around the error on one line, the first wrong one marked; empty when the buffer is not known."""
        return "" if self.data is None else hex_window(self.data, self.offset)


class CaptureError(WireError):
    """A capture file is damaged, cut short or not one at all; every whole record before the damage has been read.

    ``offset`` counts in the (decompressed) file, ``records`` what was read before, ``name`` is the file's.
    """

    def __init__(
        self,
        reason: str,
        *,
        offset: int = 0,
        need: int | None = None,
        have: int | None = None,
        data: bytes | None = None,
        records: int = 0,
        name: str = "",
    ) -> None:
        super().__init__(reason, offset=offset, need=need, have=have, data=data)
        self.records = records
        self.name = name

    def __str__(self) -> str:
        where = f"{self.name}: " if self.name else ""
        return f"{where}{super().__str__()}; {self.records} whole records before it"


class PolicyError(WireError):
    """An attribute broke its policy, as the kernel's lib/nlattr.c would say it (wire/validate.py).

    ``errno`` is positive; ``message`` holds the kernel's words, None where the kernel has none. ``bad_attr`` is the offset of
    the attribute to blame (NLMSGERR_ATTR_OFFS), None where no single one is; ``policy`` is what it broke
    (NLMSGERR_ATTR_POLICY) as a dict; ``missing`` names an attribute that should have been there (NLMSGERR_ATTR_MISS_TYPE).
    """

    def __init__(
        self,
        errno: int,
        message: str | None,
        *,
        path: Path = (),
        offset: int = 0,
        bad_attr: int | None = None,
        policy: dict[str, Any] | None = None,
        missing: str | None = None,
        data: bytes | None = None,
    ) -> None:
        super().__init__(message or os.strerror(errno), path=path, offset=offset, data=data)
        self.errno = errno
        self.message = message
        self.bad_attr = bad_attr
        self.policy = policy
        self.missing = missing

    def __str__(self) -> str:
        return f"{os_error_name(self.errno)}: {super().__str__()}"


class BuildError(NlwireError, ValueError):
    """A value cannot be put into the field or attribute it was meant for."""

    def __init__(self, reason: str, *, path: Path = (), value: Any = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.value = value

    def __str__(self) -> str:
        return f"{format_path(self.path)}: {self.reason}" if self.path else self.reason


class BufferFull(BuildError):
    """EMSGSIZE: the socket buffer has no tailroom for what was to be put; it is as it was before."""

    errno = 90

    def __init__(self, need: int, have: int, *, path: Path = ()) -> None:
        super().__init__(f"EMSGSIZE: {need} bytes to put, {have} bytes of tailroom", path=path)
        self.need = need
        self.have = have


class NetlinkError(NlwireError, OSError):
    """The kernel said no: an NLMSG_ERROR (or a NLMSG_DONE with an errno), with its extended acknowledgement resolved.

    ``errno`` is positive. ``message`` holds the kernel's words (NLMSGERR_ATTR_MSG); ``offset`` (NLMSGERR_ATTR_OFFS) counts
    from the request's nlmsghdr and ``path`` names the attribute there; ``policy`` is NLMSGERR_ATTR_POLICY as a dict;
    ``missing`` names the attribute of NLMSGERR_ATTR_MISS_TYPE; ``request`` is the request's bytes where known.
    """

    def __init__(
        self,
        errno: int,
        message: str | None = None,
        *,
        path: Path = (),
        offset: int | None = None,
        policy: dict[str, Any] | None = None,
        missing: str | None = None,
        value: Any = None,
        request: bytes | None = None,
    ) -> None:
        OSError.__init__(self, errno, message or os.strerror(errno))
        self.errno: int = errno
        self.message = message
        self.path = path
        self.offset = offset
        self.policy = policy
        self.missing = missing
        self.value = value
        self.request = request

    def __str__(self) -> str:
        code = os_error_name(self.errno)
        words = self.message or os.strerror(self.errno)
        parts = [f"{code}: {words}"]
        if self.offset is not None:
            at = format_path(self.path) or "request"
            parts.append(f"({at} at offset {self.offset}{'' if self.value is None else f', value {self.value}'})")
        if self.missing is not None:
            parts.append(f"(missing {self.missing})")
        if self.policy:
            parts.append("(policy " + ", ".join(f"{key} {value}" for key, value in self.policy.items()) + ")")
        return " ".join(parts)


class DialogError(NlwireError):
    """The conversation itself went wrong: a sequence, an interrupted dump, an overrun."""


class DumpInterrupted(DialogError):
    """A dump changed under the reader (NLM_F_DUMP_INTR) more often than the retries allowed; ``partial`` is the last try.

    ``given`` tells that objects had been given out while the dump went on, so that there could be no other try: those are
    not in ``partial``. Of a dump into columns it is a table.
    """

    def __init__(self, partial: Any, tries: int, *, given: bool = False) -> None:
        words = "after objects had been given out" if given else f"{len(partial)} objects in the last"
        super().__init__(f"the dump was interrupted by changes in each of {tries} tries; {words}")
        self.partial = partial
        self.tries = tries
        self.given = given


class Overrun(DialogError):
    """ENOBUFS: the receive queue overflowed and messages were lost."""


class NotRecorded(DialogError):
    """A replayed capture has no answer: the request was never recorded, or nothing more was.

    ``request`` is what was asked, ``nearest`` the recorded request most like it, ``difference`` what distinguishes the two.
    """

    def __init__(
        self, reason: str, *, request: bytes | None = None, nearest: bytes | None = None, difference: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.request = request
        self.nearest = nearest
        self.difference = difference

    def __str__(self) -> str:
        return f"{self.reason}:\n{self.difference}" if self.difference else self.reason


def os_error_name(errno: int) -> str:
    """101 -> ``ENETUNREACH``; an unknown number is printed as it is. Of 95's two names the kernel's."""
    return "EOPNOTSUPP" if errno == EOPNOTSUPP else errorcode.get(errno, str(errno))
