"""The cases that a detector of CVE-2024-3094 must separate, as data.

Each case builds an image from stand-ins and made-up databases, and says the verdict it must get. The sections
named are those of xz.md.
"""

import bz2
import lzma
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rig.elf import Machine
from rig.images import AMD64, ARM64, Document, Platform, image, index
from rig.packages import (
    REMOVED,
    ApkPackage,
    DpkgPackage,
    apk_database,
    dpkg_database,
    dpkg_status_d,
    merged_usr,
    os_release,
)
from rig.standin import Dispatch, Marker, liblzma, liblzma_other_machine, object_file, program
from rig.tree import (
    Compression,
    Entry,
    Layer,
    directory,
    file,
    hardlink,
    layer,
    opaque,
    symlink,
    tar,
    tar_layer,
    truncated,
    whiteout,
)

AFFECTED = "affected"
SUSPICIOUS = "suspicious"
AFFECTED_VERSION = "affected_version"
UNKNOWN = "unknown"
FIXED = "fixed_by_distro"
CLEAN = "clean"

LIBRARY_FOLDER = "usr/lib/x86_64-linux-gnu"


@dataclass(frozen=True)
class Case:
    """One image and its verdict.

    `platforms` gives the verdict of each platform of an index. `historical`: evidence in a hidden layer must be
    reported (E18). `missing`: digests that `build` names but no store may have. `later`: beyond dpkg, apk and ELF.
    """

    name: str
    want: str
    build: Callable[[], Document]
    platforms: dict[str, str] = field(default_factory=dict)
    historical: bool = False
    missing: Callable[[], Sequence[str]] = tuple
    later: bool = False


# --- parts of images


def _library(version: str, data: bytes, folder: str = LIBRARY_FOLDER) -> list[Entry]:
    name = f"liblzma.so.{version}"
    return [file(f"{folder}/{name}", data, 0o755), symlink(f"{folder}/liblzma.so.5", name)]


def _liblzma5(version: str, library: str = "", **fields: str) -> DpkgPackage:
    owned = (f"{LIBRARY_FOLDER}/liblzma.so.{library}",) if library else ()
    values = {"source": "xz-utils", **fields}
    return DpkgPackage("liblzma5", version, files=owned, **values)


def _debian(*packages: DpkgPackage, release: Sequence[Entry] = ()) -> list[Entry]:
    others = (DpkgPackage("base-files", "13.1", multi_arch=False), DpkgPackage("libc6", "2.37-15"))
    return [*(release or os_release("debian", "13", "Debian GNU/Linux")), *dpkg_database([*others, *packages])]


def _alpine(
    version: str, library: str, *, edge: bool = False, identity: str = "alpine", release: str = "3.20"
) -> list[Entry]:
    data = liblzma(library, Marker.CLEAN)
    path = f"usr/lib/liblzma.so.{library}"
    repositories = f"https://mirror.example/alpine/{'edge' if edge else 'v' + release}/main\n"
    packages = [ApkPackage("musl", "1.2.5-r0"), ApkPackage("xz-libs", version, origin="xz", files={path: data})]
    return [*os_release(identity, release), *apk_database(packages, repositories), *_library(library, data, "usr/lib")]


def _of(*layers: Sequence[Entry] | Layer, platform: Platform = AMD64) -> Document:
    return image([part if isinstance(part, Layer) else layer(part) for part in layers], platform=platform)


def _clean_base() -> list[Entry]:
    return _debian(_liblzma5("5.4.1-1", "5.4.1")) + _library("5.4.1", liblzma("5.4.1", Marker.CLEAN))


def _bad_base() -> list[Entry]:
    return _debian(_liblzma5("5.6.0-0.2", "5.6.0")) + _library("5.6.0", liblzma("5.6.0"))


def _dpkg(version: str, library: str = "", marker: Marker = Marker.CLEAN, **fields: str) -> Callable[[], Document]:
    """A Debian image with this liblzma5 and, when `library` names a version, a library file of it."""

    def build() -> Document:
        content = _library(library, liblzma(library, marker)) if library else []
        return _of(_debian(_liblzma5(version, library, **fields)) + content)

    return build


def _patched_copy() -> list[Entry]:
    return [file("root/liblzma.so.5.6.0.patch", liblzma("5.6.0"), 0o755)]


def _with(entries: Callable[[], Sequence[Entry]]) -> Callable[[], Document]:
    """A clean Debian image with one more layer of these entries."""
    return lambda: _of(_clean_base(), entries())


# --- images that take more than a line


def _sid_index() -> Document:
    arm = _debian(_liblzma5("5.6.0-0.2", architecture="arm64"))
    arm += _library("5.6.0", liblzma_other_machine("5.6.0"), "usr/lib/aarch64-linux-gnu")
    return index([_of(_bad_base()), _of(arm, platform=ARM64)])


def _ubuntu() -> Document:
    release = os_release("ubuntu", "24.04", "Ubuntu", like="debian")
    database = _debian(_liblzma5("5.6.1+really5.4.5-1ubuntu0.2", "5.4.5"), release=release)
    return _of(database + _library("5.4.5", liblzma("5.4.5", Marker.CLEAN)))


def _upgraded(old: str = f"{LIBRARY_FOLDER}/liblzma.so.5.6.0", base: Sequence[Entry] = ()) -> Document:
    upgrade = dpkg_database([_liblzma5("5.6.1+really5.4.5-1", "5.4.5")])
    upgrade += [whiteout(old), *_library("5.4.5", liblzma("5.4.5", Marker.CLEAN))]
    return _of([*base, *_bad_base()], upgrade)


def _database_removed() -> Document:
    return _of(_bad_base(), [whiteout("var/lib/dpkg")])


def _after_the_end() -> Document:
    hidden = tar([file("opt/hidden.so", liblzma(), 0o755)])
    return _of(_clean_base(), tar_layer(tar([file("opt/seen", "seen")]) + hidden))


def _hard_link_survives() -> Document:
    first = [directory("opt"), file("opt/a.so", liblzma(), 0o755), hardlink("opt/b.so", "opt/a.so")]
    return _of(_clean_base(), first, [whiteout("opt/a.so")])


def _cut_layer() -> Document:
    return _of(_clean_base(), truncated(layer([file("opt/data", bytes(range(256)) * 400)])))


def _packed_by(pack: Callable[[bytes], bytes]) -> Callable[[], Document]:
    def build() -> Document:
        plain = tar_layer(tar([file("opt/data", "x" * 1000)]), Compression.PLAIN)
        return _of(_clean_base(), Layer(pack(plain.blob), plain.diff_id, Compression.PLAIN))

    return build


def _never_stored() -> Layer:
    return layer([file("opt/never-stored", "gone")])


_TEXT_ABOUT_IT = """rule about_xz { strings: $a = { f3 0f 1e fa 55 48 89 f5 4c 89 ce 53 89 fb 81 e7 00 00 00 80 }
liblzma.so.5.6.1 xz (XZ Utils) 5.6.1 yolAbejyiejuvnup\n"""

_WHEEL = "usr/lib/python3/dist-packages/pillow.libs/liblzma-6cd627ed.so.5.6.1"
_OTHER_XZ = (
    file("usr/share/java/xz-1.9.jar", b"PK\x03\x04 not really"),
    file("srv/app/node_modules/xz/package.json", '{"name": "xz", "version": "5.6.1"}'),
    file("root/go/pkg/mod/github.com/ulikunitz/xz@v0.5.11/go.mod", "module github.com/ulikunitz/xz\n"),
)

CASES: tuple[Case, ...] = (
    # xz.md 7.3, row by row
    Case("debian-sid-index", AFFECTED, _sid_index, {"linux/amd64": AFFECTED, "linux/arm64/v8": AFFECTED_VERSION}),
    Case("ubuntu-really-545", FIXED, _ubuntu),
    Case("alpine-320-r3", FIXED, lambda: _of(_alpine("5.6.1-r3", "5.6.1"))),
    Case("alpine-edge-r1", AFFECTED_VERSION, lambda: _of(_alpine("5.6.1-r1", "5.6.1", edge=True))),
    Case("alpine-318-with-edge", CLEAN, lambda: _of(_alpine("5.4.3-r1", "5.4.3", edge=True, release="3.18"))),
    Case("wolfi-any-release", AFFECTED_VERSION, lambda: _of(_alpine("5.6.1-r3", "5.6.1", identity="wolfi"))),
    Case("dpkg-removed-config-left", CLEAN, _dpkg("5.6.1-1", status=REMOVED)),
    Case("dpkg-binnmu", AFFECTED, _dpkg("5.6.1-1+b1", "5.6.1", Marker.BAD)),
    Case("dpkg-binnmu-no-file", AFFECTED, _dpkg("5.6.1-1+b1")),
    Case("dpkg-source-version", AFFECTED, _dpkg("5.6.0-0.2+b1", source="xz-utils (5.6.0-0.2)")),
    Case("patched-copy-clean-database", AFFECTED, _with(_patched_copy)),
    Case("bad-base-upgraded", FIXED, _upgraded, historical=True),
    Case("bad-base-upgraded-merged-usr", FIXED, lambda: _upgraded(base=merged_usr()), historical=True),
    # overlayfs follows no symlink of a lower layer: this whiteout removes nothing there.
    Case("whiteout-through-a-link", AFFECTED,
         lambda: _upgraded("lib/x86_64-linux-gnu/liblzma.so.5.6.0", merged_usr())),
    Case("library-whited-out", AFFECTED, historical=True,
         build=lambda: _of(_bad_base(), [whiteout(f"{LIBRARY_FOLDER}/liblzma.so.5.6.0")])),
    Case("library-opaque-whiteout", AFFECTED, lambda: _of(_bad_base(), [opaque(LIBRARY_FOLDER)]), historical=True),
    Case("database-removed", AFFECTED, _database_removed),
    Case("scratch-static-tool", AFFECTED_VERSION, lambda: _of([file("xz", program(), 0o755)]), later=True),
    Case("text-about-it", CLEAN, _with(lambda: [file("usr/share/yara/xz.yar", _TEXT_ABOUT_IT)])),
    Case("another-scanner", CLEAN, _with(lambda: [file("usr/bin/scan", program("a scanner", Marker.DATA_ONLY))])),
    Case("other-things-named-xz", CLEAN, _with(lambda: _OTHER_XZ)),
    Case("layer-truncated", UNKNOWN, _cut_layer),
    Case("layer-missing", UNKNOWN, missing=lambda: (_never_stored().digest,),
         build=lambda: _of(_clean_base(), _never_stored())),
    Case("wheel-bad", AFFECTED, _with(lambda: [file(_WHEEL, liblzma())])),
    Case("wheel-clean", AFFECTED_VERSION, _with(lambda: [file(_WHEEL, liblzma(marker=Marker.CLEAN))])),
    # xz.md 7.2: database against file
    Case("debian-clean", CLEAN, lambda: _of(_clean_base())),
    Case("dpkg-bad-file-bad", AFFECTED, _dpkg("5.6.1-1", "5.6.1", Marker.BAD)),
    Case("dpkg-bad-file-clean-561", AFFECTED_VERSION, _dpkg("5.6.1-1", "5.6.1")),
    Case("dpkg-bad-file-545", SUSPICIOUS, _dpkg("5.6.1-1", "5.4.5")),
    Case("dpkg-fixed-file-bad", AFFECTED, _dpkg("5.6.1+really5.4.5-1", "5.4.5", Marker.BAD)),
    Case("dpkg-fixed", FIXED, _dpkg("5.6.1+really5.4.5-1", "5.4.5")),
    Case("dpkg-551alpha-no-file", SUSPICIOUS, _dpkg("5.5.1alpha-0.1")),
    Case("dpkg-551alpha-file-read", AFFECTED_VERSION, _dpkg("5.5.1alpha-0.1", "5.5.1alpha")),
    Case("distroless", AFFECTED, lambda: _of(os_release("debian", "13") + dpkg_status_d([_liblzma5("5.6.1-1")]))),
    Case("alpine-r3-bad-copy", AFFECTED, lambda: _of(_alpine("5.6.1-r3", "5.6.1"), _patched_copy())),
    Case("dpkg-unreadable", UNKNOWN, lambda: _of([file("var/lib/dpkg/status", b"\x00\x01\xff no database\n")])),
    # ELF in any file, whatever its name
    Case("bad-file-odd-name", AFFECTED, _with(lambda: [file("srv/data/blob.bin", liblzma(dispatch=Dispatch.IFUNC))])),
    Case("bad-object-file", AFFECTED, _with(lambda: [file("usr/src/xz/crc64-fast.o", object_file())])),
    Case("bad-static-program", AFFECTED, lambda: _of([file("app", program("app", Marker.BAD), 0o755)])),
    Case("data-only-library", CLEAN, _with(lambda: [file("opt/x.so", liblzma("5.4.5", Marker.DATA_ONLY))])),
    Case("bytes-in-arm-text", CLEAN,
         _with(lambda: [file("opt/arm.so", liblzma_other_machine("5.4.5", Machine.AARCH64, Marker.BAD))])),
    # xz.md 5.4: layers and what hides in them
    Case("same-path-twice", AFFECTED, _with(lambda: [file("opt/x.so", liblzma()), file("opt/x.so", "harmless")])),
    Case("whiteout-in-own-layer", AFFECTED, _with(lambda: [whiteout("opt/x.so"), file("opt/x.so", liblzma())])),
    Case("opaque-after-content", AFFECTED, _with(lambda: [file("opt/x.so", liblzma()), opaque("opt")])),
    Case("hard-link-survives", AFFECTED, _hard_link_survives),
    Case("after-the-end-of-tar", SUSPICIOUS, _after_the_end),
    Case("layer-packed-by-xz", UNKNOWN, _packed_by(lzma.compress)),
    Case("layer-packed-by-bzip2", UNKNOWN, _packed_by(bz2.compress)),
    Case("no-layers", CLEAN, lambda: _of()),
)  # fmt: skip


def cases(*, later: bool = False) -> list[Case]:
    """The cases within reach of dpkg, apk and ELF; with `later` all of them."""
    return [case for case in CASES if later or not case.later]
