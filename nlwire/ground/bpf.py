"""Classic BPF on messages: what SO_ATTACH_FILTER makes the kernel do (net/core/filter.c, include/uapi/linux/filter.h).

A program of struct sock_filter becomes a function that says whether a message may come in. What the kernel refuses to attach
(bpf_check_classic) is refused: unknown instructions, jumps out of the program, an end without RET, a shift by a register's width.

Knows: the instructions and their meaning on a message's bytes; the extensions at SKF_AD_OFF are not there (0 is loaded).
Never: what a message is.
"""

import os
from collections.abc import Callable
from errno import EINVAL
from struct import Struct

INSTRUCTION = Struct("=HBBI")
LD, LDX, ST, STX, ALU, JMP, RET, MISC = range(8)
W, H, B = 0x00, 0x08, 0x10
IMM, ABS, IND, MEM, LEN, MSH = 0x00, 0x20, 0x40, 0x60, 0x80, 0xA0
ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, NEG, MOD, XOR = range(0x00, 0xB0, 0x10)
JA, JEQ, JGT, JGE, JSET = range(0x00, 0x50, 0x10)
X, A = 0x08, 0x10
TAX, TXA = 0x00, 0x80
MASK = 0xFFFFFFFF
MEMWORDS = 16
SKF_AD_OFF = 0xFFFFF000

Program = list[tuple[int, int, int, int]]
ALU_OPS: dict[int, Callable[[int, int], int]] = {
    ADD: lambda a, b: a + b & MASK,
    SUB: lambda a, b: a - b & MASK,
    MUL: lambda a, b: a * b & MASK,
    DIV: lambda a, b: a // b,
    OR: lambda a, b: a | b,
    AND: lambda a, b: a & b,
    LSH: lambda a, b: a << (b & 31) & MASK,
    RSH: lambda a, b: a >> (b & 31),
    NEG: lambda a, _: -a & MASK,
    MOD: lambda a, b: a % b,
    XOR: lambda a, b: a ^ b,
}
JUMPS: dict[int, Callable[[int, int], bool]] = {
    JEQ: lambda a, b: a == b,
    JGT: lambda a, b: a > b,
    JGE: lambda a, b: a >= b,
    JSET: lambda a, b: bool(a & b),
}
SIZES = {W: 4, H: 2, B: 1}


class Dropped(Exception):
    """A load beyond the message, or a division by 0: the program ends with 0."""


def compiled(program: bytes) -> Callable[[bytes], bool]:
    """The filter: True lets a message in. Raises OSError (EINVAL)."""
    code: Program = list(INSTRUCTION.iter_unpack(program))
    if not code or not all(valid(code, at) for at in range(len(code))) or code[-1][0] & 7 != RET:
        raise OSError(EINVAL, os.strerror(EINVAL))

    def let_in(message: bytes) -> bool:
        try:
            return bool(run(code, message))
        except Dropped:
            return False

    return let_in


ALLOWED = {
    *(LD | size | mode for size in (W, H, B) for mode in (ABS, IND)),
    *(LD | IMM, LD | MEM, LD | LEN, LDX | IMM, LDX | MEM, LDX | LEN, LDX | B | MSH, ST, STX),
    *(ALU | op | by for op in ALU_OPS for by in (0, X) if op != NEG),
    ALU | NEG,
    *(JMP | op | by for op in JUMPS for by in (0, X)),
    *(JMP | JA, RET, RET | A, MISC | TAX, MISC | TXA),
}
"""chk_code_allowed(): the instructions there are."""


def valid(code: Program, at: int) -> bool:
    """bpf_check_classic() of one instruction."""
    op, jt, jf, k = code[at]
    if op not in ALLOWED:
        return False
    kind = op & 7
    if kind in (ST, STX) or (kind in (LD, LDX) and op & 0xE0 == MEM):
        return k < MEMWORDS
    if kind == ALU and not op & X:
        operation = op & 0xF0
        return not (operation in (DIV, MOD) and not k) and not (operation in (LSH, RSH) and k > 31)
    if kind == JMP:
        return k < len(code) - at - 1 if op == JMP | JA else at + 1 + max(jt, jf) < len(code)
    return True


def run(code: Program, message: bytes) -> int:
    """What the program returns. Raises Dropped."""
    a = x = pc = 0
    memory = [0] * MEMWORDS
    while True:
        op, jt, jf, k = code[pc]
        pc += 1
        kind = op & 7
        if kind == LD:
            a = load(op, k, x, memory, message)
        elif kind == LDX:
            x = load(op, k, x, memory, message)
        elif kind in (ST, STX):
            memory[k] = a if kind == ST else x
        elif kind == ALU:
            a = alu(op, a, x if op & X else k)
        elif kind == JMP:
            if op & 0xF0 == JA:
                pc += k
            else:
                pc += jt if JUMPS[op & 0xF0](a, x if op & X else k) else jf
        elif kind == RET:
            return a if op & 0x18 == A else k
        else:
            a, x = (x, x) if op & 0x80 else (a, a)


def alu(op: int, a: int, operand: int) -> int:
    """One operation on the accumulator."""
    if op & 0xF0 in (DIV, MOD) and not operand:
        raise Dropped
    return ALU_OPS[op & 0xF0](a, operand)


def load(op: int, k: int, x: int, memory: list[int], message: bytes) -> int:
    """A load: of a constant, of memory, of the message, which is big endian whatever it holds."""
    mode = op & 0xE0
    if mode == IMM:
        return k
    if mode == LEN:
        return len(message)
    if mode == MEM:
        return memory[k]
    if mode == ABS and k >= SKF_AD_OFF:
        return 0
    at = k + x if mode == IND else k
    size = 1 if mode == MSH else SIZES.get(op & 0x18, 4)
    if at + size > len(message):
        raise Dropped
    found = int.from_bytes(message[at : at + size], "big")
    return 4 * (found & 15) if mode == MSH else found
