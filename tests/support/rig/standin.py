"""HARMLESS stand-ins for builds of liblzma: right names, right symbols, right bytes, and no function.

The payload of CVE-2024-3094 is found by the first 34 bytes of one of its functions (xz.md, section 3.1;
published by the finders). Here these bytes stand alone in code that nothing calls, behind a trap
instruction; there is nothing after them. No part of the payload itself is in this project.
"""

import enum
import functools
import tempfile
from pathlib import Path

from rig.elf import Machine, return_constant, shared_object
from rig.process import run

SONAME = "liblzma.so.5"

# The prologue, one instruction a word; joined only in memory and in what a test builds.
_PROLOGUE = "f30f1efa 55 4889f5 4c89ce 53 89fb 81e700000080 4883ec28 4889542418 48894c2410"


class Marker(enum.Enum):
    """Where the 34 bytes are."""

    BAD = "in a dead function in .text"
    DATA_ONLY = "in .rodata, as in a scanner's own binary: must not be found"
    CLEAN = "nowhere"


class Dispatch(enum.Enum):
    """How lzma_crc32 and lzma_crc64 are exported."""

    PLAIN = "STT_FUNC, as in clean builds before 5.5 and since 5.6.2"
    IFUNC = "STT_GNU_IFUNC with a resolver that asks cpuid itself, as in clean 5.6.0 and 5.6.1"


def prologue() -> bytes:
    return bytes.fromhex(_PROLOGUE)


def version_number(version: str) -> int:
    """LZMA_VERSION: 5.6.1 is 50060012, 5.5.1alpha is 50050010 (lzma/version.h)."""
    stability = 0 if version.endswith("alpha") else 1 if version.endswith("beta") else 2
    major, minor, patch = map(int, version.rstrip("abehlpt").split("."))
    return major * 10_000_000 + minor * 10_000 + patch * 10 + stability


@functools.cache
def liblzma(version: str = "5.6.1", marker: Marker = Marker.BAD, dispatch: Dispatch = Dispatch.PLAIN) -> bytes:
    """A shared object for x86-64, assembled and linked by gcc; about 14 KB."""
    return _link(_liblzma_source(version, marker, dispatch), "-shared", f"-Wl,-soname,{SONAME}")


@functools.cache
def liblzma_other_machine(
    version: str = "5.6.1", machine: Machine = Machine.AARCH64, marker: Marker = Marker.CLEAN
) -> bytes:
    """The same for a machine without a compiler here; the x86 bytes mean nothing in its text."""
    functions = {
        "lzma_version_number": return_constant(machine, version_number(version)),
        "lzma_crc32": return_constant(machine, 0),
        "lzma_crc64": return_constant(machine, 0),
    }
    if marker is Marker.BAD:
        functions["xzgate_rig_dead"] = prologue()
    data = version.encode() + b"\0" + (prologue() if marker is Marker.DATA_ONLY else b"")
    return shared_object(machine, SONAME, functions, data)


@functools.cache
def program(text: str = "xz (XZ Utils) 5.6.1", marker: Marker = Marker.CLEAN) -> bytes:
    """A static program for x86-64 that only holds this text (NUL-delimited) and ends."""
    return _link(_program_source(text, marker), "-static")


@functools.cache
def object_file(marker: Marker = Marker.BAD) -> bytes:
    """A relocatable object (ET_REL) for x86-64, as a build leaves it behind."""
    source = f"    .text\n{_function('lzma_crc64', 'ret')}\n{_marker_text(marker)}"
    return _link(source, "-r")


def _liblzma_source(version: str, marker: Marker, dispatch: Dispatch) -> str:
    number = version_number(version)
    checksums = "".join(_checksum(name, dispatch) for name in ("lzma_crc32", "lzma_crc64"))
    return f"""
    .text
{_function("lzma_version_number", f"mov ${number}, %eax", "ret")}
{_function("lzma_version_string", "lea text(%rip), %rax", "ret")}
{checksums}
{_marker_text(marker)}
    .section .rodata
text:
    .asciz "{version}"
{_marker_data(marker)}
    .section .note.GNU-stack,"",@progbits
"""


def _program_source(text: str, marker: Marker) -> str:
    return f"""
    .text
{_function("_start", "mov $60, %eax", "xor %edi, %edi", "syscall")}
{_marker_text(marker)}
    .section .rodata
    .byte 0
    .asciz "{text}"
{_marker_data(marker)}
    .section .note.GNU-stack,"",@progbits
"""


def _checksum(name: str, dispatch: Dispatch) -> str:
    if dispatch is Dispatch.PLAIN:
        return _function(name, "xor %eax, %eax", "ret")
    resolver = ("push %rbx", "mov $1, %eax", "xor %ecx, %ecx", "cpuid", "pop %rbx")
    answer = (f"lea {name}_generic(%rip), %rax", "ret")
    body = f"{name}_generic:\n    xor %eax, %eax\n    ret\n"
    return body + _function(name, *resolver, *answer, kind="gnu_indirect_function")


def _function(name: str, *instructions: str, kind: str = "function") -> str:
    body = "\n".join(f"    {line}" for line in instructions)
    return f"""    .globl {name}
    .type {name}, @{kind}
    .p2align 4
{name}:
{body}
    .size {name}, .-{name}
"""


def _marker_text(marker: Marker) -> str:
    # ud2 before and after: whoever jumps here by mistake is stopped.
    return f"    .p2align 4\n    ud2\n    .p2align 4\n{_bytes()}    ud2\n" if marker is Marker.BAD else ""


def _marker_data(marker: Marker) -> str:
    return _bytes() if marker is Marker.DATA_ONLY else ""


def _bytes() -> str:
    return "    .byte " + ", ".join(f"0x{byte:02x}" for byte in prologue()) + "\n"


def _link(source: str, *switches: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="xzgate-standin-") as folder:
        text, made = Path(folder, "standin.s"), Path(folder, "standin")
        text.write_text(source)
        run(["gcc", "-nostdlib", *switches, "-Wl,--build-id=sha1", "-o", made, text])
        return made.read_bytes()
