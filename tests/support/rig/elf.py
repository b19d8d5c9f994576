"""Writes minimal ELF shared objects byte by byte, for machines that we have no compiler for.

Layout: ELF header, program headers, hash table, dynamic symbols, strings, text, data, dynamic section.
One executable PT_LOAD covers all but the data, a second one, not executable, covers that. Constants:
System V ABI, chapters 4 and 5 (https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html).
"""

import enum
import struct
from collections.abc import Mapping, Sequence

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_PAIR = struct.Struct("<QQ")

_ET_DYN = 3
_PT_LOAD, _PT_DYNAMIC = 1, 2
_PF_X, _PF_W, _PF_R = 1, 2, 4
_DT_NULL, _DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ, _DT_SYMENT, _DT_SONAME = 0, 4, 5, 6, 10, 11, 14
_STB_GLOBAL, _STT_FUNC = 1, 2
_PAGE = 0x10000


class Machine(enum.IntEnum):
    """e_machine."""

    X86_64 = 62
    AARCH64 = 183


def return_constant(machine: Machine, value: int) -> bytes:
    """The code of a function that returns a 32-bit constant, as compilers write it (xz.md, 3.5)."""
    if machine is Machine.X86_64:
        return b"\xb8" + struct.pack("<I", value) + b"\xc3"
    move = 0x52800000 | (value & 0xFFFF) << 5  # movz w0, #low
    keep = 0x72A00000 | (value >> 16) << 5  # movk w0, #high, lsl #16
    return struct.pack("<III", move, keep, 0xD65F03C0)  # ret


def shared_object(machine: Machine, soname: str, functions: Mapping[str, bytes], data: bytes = b"") -> bytes:
    """A shared object that exports these functions, name to code, and holds `data` outside the text."""
    names = list(functions)
    strings, offsets = _string_table([soname, *names])
    head = _HEADER.size + 3 * _SEGMENT.size
    hash_table = _hash_table(names)
    symbols_at = _align(head + len(hash_table), 8)
    strings_at = symbols_at + _SYMBOL.size * (1 + len(names))
    text_at = _align(strings_at + len(strings), 16)

    text, symbols = b"", _SYMBOL.pack(0, 0, 0, 0, 0, 0)
    for name in names:
        text = text.ljust(_align(len(text), 16), b"\0")
        where = text_at + len(text)
        symbols += _SYMBOL.pack(offsets[name], _STB_GLOBAL << 4 | _STT_FUNC, 0, 1, where, len(functions[name]))
        text += functions[name]

    end = text_at + len(text)
    data_at = _align(end, 16)
    dynamic_at = _align(data_at + len(data), 16)
    # The file goes on without a gap; in memory the second segment starts on a page of its own.
    shift = _PAGE
    dynamic = b"".join(
        _PAIR.pack(tag, value)
        for tag, value in (
            (_DT_SONAME, offsets[soname]), (_DT_HASH, head), (_DT_STRTAB, strings_at), (_DT_SYMTAB, symbols_at),
            (_DT_STRSZ, len(strings)), (_DT_SYMENT, _SYMBOL.size), (_DT_NULL, 0),
        )
    )  # fmt: skip
    rest = dynamic_at + len(dynamic) - data_at
    segments = [
        (_PT_LOAD, _PF_R | _PF_X, 0, 0, end, _PAGE),
        (_PT_LOAD, _PF_R | _PF_W, data_at, data_at + shift, rest, _PAGE),
        (_PT_DYNAMIC, _PF_R | _PF_W, dynamic_at, dynamic_at + shift, len(dynamic), 8),
    ]
    identity = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)  # 64 bits, little endian, version 1
    file = _HEADER.pack(identity, _ET_DYN, machine, 1, 0, _HEADER.size, 0, 0, _HEADER.size, _SEGMENT.size,
                        len(segments), 0, 0, 0)  # fmt: skip
    for kind, flags, offset, address, size, align in segments:
        file += _SEGMENT.pack(kind, flags, offset, address, address, size, size, align)
    for at, part in ((head, hash_table), (symbols_at, symbols), (strings_at, strings), (text_at, text),
                     (data_at, data), (dynamic_at, dynamic)):  # fmt: skip
        file = file.ljust(at, b"\0") + part
    return file


def _align(value: int, to: int) -> int:
    return (value + to - 1) // to * to


def _string_table(texts: Sequence[str]) -> tuple[bytes, dict[str, int]]:
    table, offsets = b"\0", {}
    for text in texts:
        offsets[text] = len(table)
        table += text.encode() + b"\0"
    return table, offsets


def _hash_table(names: Sequence[str]) -> bytes:
    """DT_HASH with one bucket: its second word tells readers how many symbols there are."""
    count = len(names) + 1
    chain = [0, *range(2, count), 0] if names else [0]
    return struct.pack(f"<{3 + count}I", 1, count, 1 if names else 0, *chain)
