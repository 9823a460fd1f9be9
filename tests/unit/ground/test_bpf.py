"""Classic BPF: what is refused, what programs return; on Linux the kernel's own filter judges the same messages."""

import random
import socket
import struct
from collections.abc import Sequence
from errno import EINVAL

import pytest

from nlwire.endpoint.socket import SO_ATTACH_FILTER, attach_filter, only_types
from nlwire.ground.bpf import (
    ABS,
    ADD,
    ALU,
    DIV,
    IMM,
    IND,
    JA,
    JEQ,
    JGE,
    JGT,
    JMP,
    JSET,
    LD,
    LDX,
    LEN,
    LSH,
    MEM,
    MISC,
    MOD,
    MSH,
    NEG,
    RET,
    ST,
    STX,
    TAX,
    TXA,
    B,
    H,
    W,
    X,
    compiled,
)

Instruction = tuple[int, int, int, int]
KEEP, DROP = (RET, 0, 0, 0xFFFF), (RET, 0, 0, 0)
USERSOCK = 2


def packed(program: Sequence[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *one) for one in program)


@pytest.mark.parametrize(
    ("program", "message", "let_in"),
    [
        ([KEEP], b"", True),
        ([DROP], b"x", False),
        ([(LD | B | ABS, 0, 0, 1), (RET | 0x10, 0, 0, 0)], b"\0\1", True),
        ([(LD | B | ABS, 0, 0, 2), KEEP], b"\0\1", False),
        ([(LD | H | ABS, 0, 0, 0), (JMP | JEQ, 0, 1, 0x0102), KEEP, DROP], b"\1\2", True),
        ([(LD | W | LEN, 0, 0, 0), (JMP | JGT, 0, 1, 3), KEEP, DROP], b"1234", True),
        ([(LDX | W | IMM, 0, 0, 2), (LD | B | IND, 0, 0, 1), (JMP | JEQ, 0, 1, 9), KEEP, DROP], b"\0\0\0\x09", True),
        ([(LDX | B | MSH, 0, 0, 0), (MISC | TXA, 0, 0, 0), (JMP | JEQ, 0, 1, 20), KEEP, DROP], b"\x45", True),
        (
            [
                (LD | IMM, 0, 0, 7),
                (ST, 0, 0, 3),
                (LDX | MEM, 0, 0, 3),
                (STX, 0, 0, 4),
                (LD | MEM, 0, 0, 4),
                (RET | 0x10, 0, 0, 0),
            ],
            b"",
            True,
        ),
        ([(LD | IMM, 0, 0, 7), (ALU | DIV | X, 0, 0, 0), KEEP], b"", False),
        ([(LD | IMM, 0, 0, 1), (ALU | NEG, 0, 0, 0), (JMP | JGE, 0, 1, 0xFFFFFFFF), KEEP, DROP], b"", True),
        (
            [(LD | IMM, 0, 0, 6), (MISC | TAX, 0, 0, 0), (ALU | ADD | X, 0, 0, 0), (JMP | JSET, 0, 1, 8), KEEP, DROP],
            b"",
            True,
        ),
        ([(JMP | JA, 0, 0, 1), DROP, KEEP], b"", True),
    ],
)
def test_what_a_program_says(program: Sequence[Instruction], message: bytes, let_in: bool) -> None:
    assert compiled(packed(program))(message) is let_in


REFUSED: list[Sequence[Instruction]] = [
    [],
    [(LD | IMM, 0, 0, 1)],
    [(JMP | JA, 0, 0, 1), KEEP],
    [(JMP | JEQ, 1, 0, 0), KEEP],
    [(ALU | DIV, 0, 0, 0), KEEP],
    [(ALU | MOD, 0, 0, 0), KEEP],
    [(ALU | LSH, 0, 0, 32), KEEP],
    [(ST, 0, 0, 16), KEEP],
    [(LD | MEM, 0, 0, 16), KEEP],
    [(ALU | NEG | X, 0, 0, 0), KEEP],
    [(LD | B | MSH, 0, 0, 0), KEEP],
    [(ALU | 0xF0, 0, 0, 0), KEEP],
    [(JMP | 0xF0, 0, 0, 0), KEEP],
    [(MISC | 0x40, 0, 0, 0), KEEP],
]


@pytest.mark.parametrize("program", REFUSED)
def test_what_the_kernel_refuses_is_refused(program: Sequence[Instruction]) -> None:
    with pytest.raises(OSError, match="Invalid argument") as caught:
        compiled(packed(program))
    assert caught.value.errno == EINVAL
    if program:
        with (
            socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, USERSOCK) as sock,
            pytest.raises(OSError, match="Invalid argument"),
        ):
            attach_filter(sock, program)
    assert SO_ATTACH_FILTER == 26


def test_a_filter_by_types() -> None:
    let_in = compiled(packed(only_types([24])))
    assert let_in(struct.pack("=IHHII", 16, 24, 0, 0, 0))
    assert not let_in(struct.pack("=IHHII", 16, 25, 0, 0, 0))


def random_program(rng: random.Random) -> list[Instruction]:
    """A program that the kernel takes: loads, arithmetic, jumps forward, an end for each way."""
    loads = [
        LD | W | ABS,
        LD | H | ABS,
        LD | B | ABS,
        LD | IMM,
        LD | LEN,
        LD | B | IND,
        LD | H | IND,
        LDX | IMM,
        LDX | B | MSH,
        LDX | LEN,
    ]
    sums = [ALU | op | by for op in range(0, 0xB0, 0x10) for by in (0, X) if op | by != NEG | X]
    body: list[Instruction] = []
    for _ in range(rng.randrange(1, 12)):
        if rng.random() < 0.5:
            body.append((rng.choice(loads), 0, 0, rng.randrange(0, 24)))
        else:
            body.append((rng.choice(sums), 0, 0, rng.randrange(1, 31)))
        if rng.random() < 0.3:
            body.append((MISC | rng.choice([TAX, TXA]), 0, 0, 0))
    jump = JMP | rng.choice([JEQ, JGT, JGE, JSET]) | rng.choice([0, X])
    return [*body, (jump, rng.randrange(2), rng.randrange(2), rng.choice([0, 1, rng.randrange(1 << 32)])), KEEP, DROP]


def test_the_kernel_judges_the_same() -> None:
    rng = random.Random(5)
    with (
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, USERSOCK) as sender,
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, USERSOCK) as receiver,
    ):
        receiver.bind((0, 0))
        receiver.setblocking(False)
        for _ in range(400):
            program, message = random_program(rng), rng.randbytes(rng.randrange(1, 40))
            attach_filter(receiver, program)
            sender.sendto(message, receiver.getsockname())
            try:
                heard = bool(receiver.recv(100))
            except BlockingIOError:
                heard = False
            assert compiled(packed(program))(message) is heard, (program, message)
