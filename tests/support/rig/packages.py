"""Package databases written by hand: dpkg's and apk's, with whatever name and version a test wants.

Formats: dpkg's `status` and `info/*.list` (deb-control(5), dpkg(1)); apk's `installed`
(https://wiki.alpinelinux.org/wiki/Apk_spec, section "Installed Database").
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rig.tree import Entry, directory, file, symlink

INSTALLED = "install ok installed"
REMOVED = "deinstall ok config-files"


@dataclass(frozen=True)
class DpkgPackage:
    """One package of a dpkg database. `stanza` replaces the made-up fields by those of a real package."""

    name: str
    version: str
    architecture: str = "amd64"
    source: str = ""
    status: str = INSTALLED
    files: tuple[str, ...] = ()
    md5sums: Mapping[str, str] = field(default_factory=dict)
    stanza: str = ""
    multi_arch: bool = True

    def status_stanza(self) -> str:
        lines = [f"Package: {self.name}", f"Status: {self.status}"]
        if self.stanza:
            lines += [line for line in self.stanza.splitlines() if not line.startswith("Package:")]
        else:
            lines += ["Priority: optional", "Section: libs", "Maintainer: Rig <rig@example.org>"]
            lines += [f"Architecture: {self.architecture}"]
            lines += ["Multi-Arch: same"] if self.multi_arch else []
            lines += [f"Source: {self.source}"] if self.source else []
            lines += [f"Version: {self.version}", f"Description: {self.name} of a test", " With a second line."]
        return "\n".join(lines) + "\n\n"

    def info_name(self) -> str:
        return f"{self.name}:{self.architecture}" if self.multi_arch else self.name

    def info_files(self) -> list[Entry]:
        base = f"var/lib/dpkg/info/{self.info_name()}"
        owned = "".join(f"{path}\n" for path in _with_parents(self.files))
        sums = "".join(f"{digest}  {path}\n" for path, digest in self.md5sums.items())
        return [file(f"{base}.list", owned)] + ([file(f"{base}.md5sums", sums)] if sums else [])


def dpkg_database(packages: Sequence[DpkgPackage]) -> list[Entry]:
    """The files of var/lib/dpkg for these packages."""
    folders = [directory(path) for path in ("var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/info")]
    status = file("var/lib/dpkg/status", "".join(package.status_stanza() for package in packages))
    # Format 1: the files of info are named with the architecture where packages are co-installable.
    form = file("var/lib/dpkg/info/format", "1\n")
    return [*folders, status, form, *(entry for package in packages for entry in package.info_files())]


def dpkg_status_d(packages: Sequence[DpkgPackage]) -> list[Entry]:
    """The same as distroless images have it: one file a package, without a Status field."""
    entries = []
    for package in packages:
        lines = package.status_stanza().strip().splitlines()
        text = "\n".join(line for line in lines if not line.startswith("Status:")) + "\n"
        entries.append(file(f"var/lib/dpkg/status.d/{package.name}", text))
    return entries


@dataclass(frozen=True)
class ApkPackage:
    """One package of an apk database; `files` maps a path to its content, for the checksums."""

    name: str
    version: str
    architecture: str = "x86_64"
    origin: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)

    def stanza(self) -> str:
        size = sum(map(len, self.files.values()))
        lines = [f"C:{_sha1(f'{self.name}-{self.version}'.encode())}", f"P:{self.name}", f"V:{self.version}",
                 f"A:{self.architecture}", f"S:{size // 3}", f"I:{size}", f"T:{self.name} of a test",
                 "U:https://example.org/", "L:MIT", f"o:{self.origin or self.name}",
                 "m:Rig <rig@example.org>", "t:1711670400", "c:0000000000000000000000000000000000000000",
                 "D:so:libc.musl-x86_64.so.1"]  # fmt: skip
        folder = None
        for path, data in sorted(self.files.items(), key=lambda item: item[0].rpartition("/")[::2]):
            parent, _, name = path.rpartition("/")
            if parent != folder:
                lines.append(f"F:{parent}")
                folder = parent
            lines += [f"R:{name}", "a:0:0:755", f"Z:{_sha1(data)}"]
        return "\n".join(lines) + "\n\n"


def apk_database(packages: Sequence[ApkPackage], repositories: str = "") -> list[Entry]:
    """The database with its side files; `repositories` is the text of etc/apk/repositories."""
    installed = "".join(package.stanza() for package in packages)
    world = "".join(f"{package.name}\n" for package in packages)
    folders = [directory(path) for path in ("etc", "etc/apk", "lib", "lib/apk", "lib/apk/db")]
    return [*folders, file("lib/apk/db/installed", installed), file("etc/apk/world", world),
            file("etc/apk/repositories", repositories)]  # fmt: skip


def os_release(identity: str, version: str, name: str = "", like: str = "") -> list[Entry]:
    """etc/os-release as distributions have it: the file below usr/lib, and a link."""
    fields = {"PRETTY_NAME": f'"{name or identity} {version}"', "ID": identity, "VERSION_ID": f'"{version}"'}
    if like:
        fields["ID_LIKE"] = like
    text = "".join(f"{key}={value}\n" for key, value in fields.items())
    folders = [directory(path) for path in ("etc", "usr", "usr/lib")]
    return [*folders, file("usr/lib/os-release", text), symlink("etc/os-release", "../usr/lib/os-release")]


def merged_usr() -> list[Entry]:
    """The links of a merged-usr system: what is below lib and bin is really below usr."""
    names = ("bin", "sbin", "lib", "lib64")
    folders = [directory("usr"), *(directory(f"usr/{name}") for name in names)]
    return folders + [symlink(name, f"usr/{name}") for name in names]


def _with_parents(paths: Sequence[str]) -> list[str]:
    """dpkg lists a package's folders before what is in them, from "/." on, all absolute."""
    listed = {"/.": None}
    for path in paths:
        parts = path.strip("/").split("/")
        listed.update(("/" + "/".join(parts[: depth + 1]), None) for depth in range(len(parts)))
    return list(listed)


def _sha1(data: bytes) -> str:
    return "Q1" + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
