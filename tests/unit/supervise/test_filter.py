"""The filter, run by an interpreter of classic BPF on every call it cares about, for each architecture."""

from errno import EAFNOSUPPORT, ENOSYS
from struct import Struct

import pytest

from nlwire.ground.bpf import INSTRUCTION, run
from nlwire.supervise.filter import (
    AF_NETLINK,
    BY_DESCRIPTOR,
    OF_CREDENTIALS,
    REFUSED,
    SECCOMP_RET_ALLOW,
    SECCOMP_RET_ERRNO,
    SECCOMP_RET_USER_NOTIF,
    SIOC_FIRST,
    SIOC_LAST,
    Assembler,
    program,
)
from nlwire.supervise.syscalls import ARCHES, X32_SYSCALL_BIT, Arch

FIRST, LAST = 512, 2560
DATA = Struct(">IIII" + "II" * 6)
NOTIFY, ALLOW = SECCOMP_RET_USER_NOTIF, SECCOMP_RET_ALLOW
EVERY = pytest.mark.parametrize("arch", ARCHES.values(), ids=list(ARCHES))


def verdict(arch: Arch, nr: int, *args: int, audit: int | None = None, high: int = 0, opens: bool = False) -> int:
    """What the filter says of a call. The interpreter loads big endian; the low half of an argument comes first here."""
    padded = [*args, *[0] * (6 - len(args))]
    halves = [half for one in padded for half in (one & 0xFFFFFFFF, high)]
    code = list(INSTRUCTION.iter_unpack(program(arch, FIRST, LAST, opens)))
    return run(code, DATA.pack(nr, arch.audit if audit is None else audit, 0, 0, *halves))


@EVERY
def test_only_netlink_sockets_are_made_elsewhere(arch: Arch) -> None:
    assert verdict(arch, arch["socket"], AF_NETLINK, 3, 0) == NOTIFY
    assert verdict(arch, arch["socket"], 2, 1, 0) == ALLOW


@EVERY
@pytest.mark.parametrize("call", BY_DESCRIPTOR)
def test_a_call_is_handed_over_by_its_descriptor(arch: Arch, call: str) -> None:
    for fd, said in ((0, ALLOW), (FIRST - 1, ALLOW), (FIRST, NOTIFY), (LAST - 1, NOTIFY), (LAST, ALLOW)):
        assert verdict(arch, arch[call], fd) == said, fd
    assert verdict(arch, arch[call], FIRST, high=0xFFFFFFFF) == NOTIFY, (
        "descriptors are ints: the high half means nothing"
    )
    assert verdict(arch, arch[call], 0xFFFFFFFF) == ALLOW


@EVERY
def test_messages_may_bring_descriptors(arch: Arch) -> None:
    assert verdict(arch, arch["recvmsg"], 5) == NOTIFY
    assert verdict(arch, arch["sendmsg"], 5) == ALLOW, "the listener itself must get out"


@EVERY
def test_files_are_opened_elsewhere_only_where_a_ground_has_some(arch: Arch) -> None:
    for call in ("open", "openat"):
        if call in arch:
            assert verdict(arch, arch[call]) == ALLOW
            assert verdict(arch, arch[call], opens=True) == NOTIFY


@EVERY
@pytest.mark.parametrize("call", OF_CREDENTIALS)
def test_a_change_of_credentials_is_noticed(arch: Arch, call: str) -> None:
    assert verdict(arch, arch[call], 65534) == NOTIFY


@EVERY
@pytest.mark.parametrize("call", REFUSED)
def test_there_is_no_ring(arch: Arch, call: str) -> None:
    assert verdict(arch, arch[call]) == SECCOMP_RET_ERRNO | ENOSYS
    for one in arch.foreign:
        assert verdict(arch, arch[call], audit=one.audit) == SECCOMP_RET_ERRNO | ENOSYS


@EVERY
def test_ioctls_of_devices_are_handed_over_on_any_descriptor(arch: Arch) -> None:
    nr = arch["ioctl"]
    for request in (SIOC_FIRST, 0x8933, SIOC_LAST):
        assert verdict(arch, nr, 4, request) == NOTIFY
    for request in (0x5401, SIOC_FIRST - 1, SIOC_LAST + 1):
        assert verdict(arch, nr, 4, request) == ALLOW
        assert verdict(arch, nr, FIRST, request) == NOTIFY


@EVERY
def test_descriptors_stay_where_they_are_seen(arch: Arch) -> None:
    assert verdict(arch, arch["fcntl"], FIRST, 0) == NOTIFY
    assert verdict(arch, arch["fcntl"], FIRST, 1030) == NOTIFY
    assert verdict(arch, arch["fcntl"], FIRST, 3) == ALLOW, "F_GETFL is the kernel's"
    assert verdict(arch, arch["fcntl"], 4, 0) == ALLOW
    for call in ("dup2", "dup3"):
        if call in arch:
            assert verdict(arch, arch[call], FIRST, 4) == NOTIFY
            assert verdict(arch, arch[call], 4, FIRST) == NOTIFY
            assert verdict(arch, arch[call], 4, 5) == ALLOW
    assert verdict(arch, arch["close_range"], 3, FIRST) == NOTIFY
    assert verdict(arch, arch["close_range"], 3, 9) == ALLOW
    assert verdict(arch, arch["splice"], 4, 0, FIRST, 0) == NOTIFY
    assert verdict(arch, arch["splice"], FIRST, 0, 4, 0) == NOTIFY
    assert verdict(arch, arch["splice"], 4, 0, 5, 0) == ALLOW


@EVERY
def test_a_32_bit_program_gets_no_netlink_socket(arch: Arch) -> None:
    for one in arch.foreign:
        assert verdict(arch, one.socket, AF_NETLINK, audit=one.audit) == SECCOMP_RET_ERRNO | EAFNOSUPPORT
        assert verdict(arch, one.socket, 2, audit=one.audit) == ALLOW
        if one.socketcall:
            assert verdict(arch, one.socketcall, 1, audit=one.audit) == NOTIFY


def test_x32_is_refused() -> None:
    arch = ARCHES["x86_64"]
    assert verdict(arch, X32_SYSCALL_BIT | 41, AF_NETLINK) == SECCOMP_RET_ERRNO | ENOSYS


def test_a_jump_too_far_is_a_bug() -> None:
    asm = Assembler()
    asm.jump(0x15, 1, then="end")
    for _ in range(256):
        asm.load(0)
    asm.label("end")
    asm.give(0)
    with pytest.raises(AssertionError, match="255 instructions"):
        asm.assemble()
