"""Real content: Debian packages of the release that runs here, with the dpkg database that they make.

Packages are fetched once by `apt-get download` and kept in the cache.
"""

import functools
import hashlib
import io
import os
import platform
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rig.packages import DpkgPackage, dpkg_database, merged_usr
from rig.paths import cache
from rig.process import RigError, run
from rig.tree import Entry, directory

# A small Debian that looks like one: release files, dpkg, the C library, and the library that it is all about.
BASE = ("base-files", "libc6", "zlib1g", "liblzma5", "xz-utils", "dpkg")


def debian_package(name: str) -> Path:
    """The .deb of a package of this release and architecture, from the cache or the archive."""
    folder = cache("debs", _release())
    found = _cached(folder, name)
    if found is None:
        _download(folder, name)
        found = _cached(folder, name)
    if found is None:
        raise RigError(f'package "{name}": apt-get download left no file in "{folder}"')
    return found


def debian_root(
    names: tuple[str, ...] = BASE, *, instead: Sequence[DpkgPackage] = (), files: Sequence[Entry] = ()
) -> list[Entry]:
    """The entries of a root file system with these packages, unpacked and registered with dpkg.

    Packages given by `instead` take the place of real ones of the same name, and `files` come on top: a
    real Debian with another liblzma5 is debian_root(instead=[package], files=[library]).
    """
    replaced = {package.name for package in instead}
    kept = tuple(name for name in names if name not in replaced)
    content: dict[str, Entry] = {}
    for entry in [*merged_usr(), *(entry for name in kept for entry in _members(name))]:
        content.setdefault(_merged(entry.path), entry)
    database = dpkg_database([*(registered(debian_package(name)) for name in kept), *instead])
    return _ordered([*(_moved(entry) for entry in content.values()), *database, *files])


@functools.cache
def _members(name: str) -> list[Entry]:
    return list(unpacked(debian_package(name)))


def unpacked(deb: Path) -> Iterator[Entry]:
    """The members of a package's file system archive, as a layer would have them."""
    members = run(["dpkg-deb", "--fsys-tarfile", deb])
    with tarfile.open(fileobj=io.BytesIO(members)) as archive:
        for member in archive:
            path = member.name.removeprefix("./").strip("/")
            if path in ("", "."):
                continue
            target = member.linkname.removeprefix("./") if member.islnk() else member.linkname
            reader = archive.extractfile(member) if member.isreg() else None
            data = reader.read() if reader else b""
            yield Entry(path, data, member.type, target, member.mode, member.uid, member.gid)


@functools.cache
def registered(deb: Path) -> DpkgPackage:
    """What dpkg would note down of a package when it installs it."""
    fields = run(["dpkg-deb", "-f", deb]).decode()
    values = dict(line.split(": ", 1) for line in fields.splitlines() if ": " in line and not line.startswith(" "))
    entries = list(unpacked(deb))
    sums = {
        entry.path: hashlib.md5(entry.data, usedforsecurity=False).hexdigest()
        for entry in entries
        if entry.type == tarfile.REGTYPE
    }
    return DpkgPackage(
        values["Package"],
        values["Version"],
        values["Architecture"],
        files=tuple(entry.path for entry in entries),
        md5sums=sums,
        stanza=fields.strip(),
        multi_arch=values.get("Multi-Arch") == "same",
    )


def _merged(path: str) -> str:
    """Where a path lies on a merged-usr system."""
    return f"usr/{path}" if path.split("/")[0] in ("bin", "sbin", "lib", "lib64") and "/" in path else path


def _moved(entry: Entry) -> Entry:
    return Entry(_merged(entry.path), entry.data, entry.type, entry.target, entry.mode, entry.uid, entry.gid)


def _ordered(entries: Sequence[Entry]) -> list[Entry]:
    """Folders before their content, missing ones added, hard links after what they name."""
    by_path = {entry.path: entry for entry in entries}
    for path in list(by_path):
        while path := path.rpartition("/")[0]:
            by_path.setdefault(path, directory(path))
    return sorted(by_path.values(), key=lambda entry: (entry.type == tarfile.LNKTYPE, entry.path))


def _cached(folder: Path, name: str) -> Path | None:
    return max(folder.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime, default=None)


def _release() -> str:
    fields = platform.freedesktop_os_release()
    return f"{fields['ID']}-{fields.get('VERSION_CODENAME', 'unknown')}"


def _download(folder: Path, name: str) -> None:
    # apt drops root for downloads, to a user who may not be able to write here.
    options = ["-q", "-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else ["-q"]
    try:
        _apt_download(folder, name, options)
        return
    except RigError as first:
        # The package lists are missing or old; fetch our own, which needs no root.
        lists = cache("apt", "lists")
        (lists / "partial").mkdir(exist_ok=True)
        options += ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={cache('apt')}"]
        try:
            run(["apt-get", *options, "update"])
            _apt_download(folder, name, options)
        except RigError as second:
            raise RigError(f'package "{name}" cannot be had: {first}; with own lists: {second}') from second


def _apt_download(folder: Path, name: str, options: Sequence[str]) -> None:
    """Downloads beside and renames, so that whoever looks sees whole packages only."""
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        run(["apt-get", *options, "download", name], cwd=Path(beside))
        for deb in Path(beside).glob("*.deb"):
            deb.rename(folder / deb.name)
