"""What is measured: a layer of this machine's Debian packages, and generated layers; kept in the cache by content."""

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rig.paths import cache
from rig.process import run

MIB = 1024 * 1024
BASE_BYTES = 560 * 10**6  # the image of the best known scanner's figures
ADDED_BYTES = 120 * 10**6  # what the second image brings along
LARGEST_PACKAGE = 150 * 10**6  # one giant package would be the whole image
RECIPE = "1"  # counts up when the same input would give other bytes

_PRIORITIES = ("required", "important", "standard")
_MERGED = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_FIELDS = "${binary:Package}\t${Version}\t${Priority}\t${Installed-Size}\t${db:Status-Status}\n"
_INFO = Path("/var/lib/dpkg/info")


@dataclass(frozen=True)
class Blob:
    """A packed layer on disk."""

    path: Path
    media_type: str
    digest: str
    diff_id: str
    unpacked: int

    def fields(self) -> dict[str, object]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.path.stat().st_size}


@dataclass(frozen=True)
class Package:
    name: str  # as dpkg's info files are called
    version: str
    size: int


@dataclass(frozen=True)
class Debian:
    """The Debian layer in two packings, and a further layer with other packages, for a second image."""

    gzip: Blob
    zstd: Blob
    added: Blob


def debian() -> Debian:
    """Makes, once for what is installed, a layer of about 560 MB as `debootstrap` and `apt-get` would leave it."""
    base, added = _choose(_installed())
    folder = _folder("debian", "".join(f"{p.name} {p.version}\n" for p in (*base, *added)))
    with _complete(folder) as parts:
        if parts:
            _write_tar(parts / "base.tar", base)
            _write_tar(parts / "added.tar", added)
            for name in ("base", "added"):
                _pack(parts, name, ["gzip", "-6nc"], "gzip")
            _pack(parts, "base", ["zstd", "-q3c"], "zstd")
            for plain in parts.glob("*.tar"):
                plain.unlink()
    return Debian(_blob(folder, "base", "gzip"), _blob(folder, "base", "zstd"), _blob(folder, "added", "gzip"))


def generated(mebibytes: int) -> Blob:
    """A layer of files of 1 MiB, every fourth an ELF file: the same kind of bytes whatever the size."""

    def entries() -> Iterator[tuple[str, bytes]]:
        draw = random.Random(mebibytes)
        elf = Path(os.path.realpath(shutil.which("tar") or "/bin/tar")).read_bytes()[: MIB // 2]
        for number in range(mebibytes):
            start = elf if number % 4 == 0 else b""
            unit = draw.randbytes(1024) + b"\0" * 15 * 1024  # packs about 14:1, far from the limit of 200
            yield f"srv/{number // 100}/{number}", (start + unit * 64)[:MIB]

    return _stream(f"{mebibytes} MiB", entries)


def names_only(count: int) -> Blob:
    """A layer of empty files, which costs memory for names and nothing else."""
    return _stream(f"{count} names", lambda: ((f"srv/{n // 1000}/file-{n:07d}", b"") for n in range(count)))


def layout(folder: Path, layers: Iterable[Blob]) -> Path:
    """Writes an OCI image layout of one image over these blobs; they are linked, not copied."""
    store = folder / "blobs" / "sha256"
    store.mkdir(parents=True)
    kind = "application/vnd.oci.image"
    layers = list(layers)
    config = _put(store, {"architecture": "amd64", "os": "linux", "config": {},
                          "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]}})  # fmt: skip
    manifest = _put(store, {"schemaVersion": 2, "mediaType": f"{kind}.manifest.v1+json",
                            "config": {"mediaType": f"{kind}.config.v1+json", **config},
                            "layers": [layer.fields() for layer in layers]})  # fmt: skip
    for layer in layers:
        (store / layer.digest.removeprefix("sha256:")).symlink_to(layer.path)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    entry = {"mediaType": f"{kind}.manifest.v1+json", **manifest}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return folder


def manifest_digest(image: Path) -> str:
    """The digest that a layout's one image is pinned by."""
    return json.loads((image / "index.json").read_text())["manifests"][0]["digest"]


# --- the Debian layer


def _installed() -> list[Package]:
    """Every installed package, in the order they are taken: the essential ones, then by name."""
    found = []
    for line in run(["dpkg-query", "-W", "-f", _FIELDS]).decode().splitlines():
        name, version, priority, size, status = line.split("\t")
        if status != "installed":
            continue
        rank = _PRIORITIES.index(priority) if priority in _PRIORITIES else len(_PRIORITIES)
        found.append((rank, name, Package(name, version, int(size or 0) * 1024)))
    return [package for _, _, package in sorted(found, key=lambda item: item[:2])]


def _choose(packages: Iterable[Package]) -> tuple[list[Package], list[Package]]:
    base: list[Package] = []
    added: list[Package] = []
    for package in packages:
        if package.size > LARGEST_PACKAGE:
            continue
        if sum(p.size for p in base) + package.size <= BASE_BYTES:
            base.append(package)
        elif sum(p.size for p in added) + package.size <= ADDED_BYTES:
            added.append(package)
    return base, added


def _write_tar(path: Path, packages: list[Package]) -> None:
    """Files, links and folders of the packages, and the dpkg database that knows them."""
    members: dict[str, Path] = {}
    for package in packages:
        for name in _info(package, "list").read_text().splitlines():
            real = Path(os.path.realpath(os.path.dirname(name)), os.path.basename(name))
            members.setdefault(str(real).strip("/"), real)
        for kind in ("list", "md5sums"):
            info = _info(package, kind)
            members[str(info).strip("/")] = info
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        for name in _MERGED:
            _add(archive, name, Path("/", name))
        for name in sorted(members):
            if name and name not in _MERGED:
                _add(archive, name, members[name])
        _add_bytes(archive, "var/lib/dpkg/status", _status({package.name for package in packages}))


def _info(package: Package, kind: str) -> Path:
    return _INFO / f"{package.name}.{kind}"


def _add(archive: tarfile.TarFile, name: str, real: Path) -> None:
    try:
        member = archive.gettarinfo(real, name)
        if member is None or not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
            return
        member.uid = member.gid = 0
        if not member.isreg():
            archive.addfile(member)
            return
        with real.open("rb") as content:
            archive.addfile(member, content)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # removed by hand, left out by dpkg's path-exclude, or not ours to read


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _status(names: set[str]) -> bytes:
    """The stanzas of these packages; the info files of co-installable ones carry the architecture."""
    kept = []
    for stanza in Path("/var/lib/dpkg/status").read_text().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
        name = fields.get("Package", "")
        if names & {name, f"{name}:{fields.get('Architecture', '')}"}:
            kept.append(stanza.strip("\n") + "\n\n")
    return "".join(kept).encode()


# --- the cache


def _folder(kind: str, input_text: str) -> Path:
    key = hashlib.sha256(f"{RECIPE}\n{input_text}".encode()).hexdigest()[:12]
    return cache("bench") / f"{kind}-{key}"


@contextlib.contextmanager
def _complete(folder: Path) -> Iterator[Path | None]:
    """Gives a folder to fill, which then takes its name whole; None when it is there already. Older ones go."""
    if folder.is_dir():
        yield None
        return
    parts = folder.with_name(folder.name + ".parts")
    shutil.rmtree(parts, ignore_errors=True)
    parts.mkdir()
    yield parts
    for old in folder.parent.glob(folder.name.rsplit("-", 1)[0] + "-*"):
        if old != parts:
            shutil.rmtree(old, ignore_errors=True)
    parts.rename(folder)


def _pack(folder: Path, name: str, command: list[str], kind: str) -> None:
    plain = folder / f"{name}.tar"
    packed = folder / f"{name}.{kind}"
    with plain.open("rb") as source, packed.open("wb") as target:
        subprocess.run(command, stdin=source, stdout=target, check=True)
    _note(packed, _digest(plain), plain.stat().st_size)


def _stream(name: str, entries: Callable[[], Iterable[tuple[str, bytes]]]) -> Blob:
    """Packs entries as they come, so that no layer is ever whole on disk but packed."""
    folder = _folder(name.replace(" ", "_"), name)
    with _complete(folder) as parts:
        if parts:
            packed = parts / "layer.gzip"
            packer = ["igzip", "-1c"] if shutil.which("igzip") else ["gzip", "-1nc"]
            with packed.open("wb") as target:
                child = subprocess.Popen(packer, stdin=subprocess.PIPE, stdout=target)
                counted = _Counted(child.stdin)
                with tarfile.open(fileobj=counted, mode="w|", format=tarfile.GNU_FORMAT) as archive:
                    for path, data in entries():
                        _add_bytes(archive, path, data)
                counted.close()
                if child.wait() != 0:
                    raise subprocess.CalledProcessError(child.returncode, packer)
            _note(packed, counted.digest(), counted.count)
    return _blob(folder, "layer", "gzip")


class _Counted:
    """A pipe that knows what went through it."""

    def __init__(self, pipe):
        self._pipe, self._hash, self.count = pipe, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.count += len(data)
        return self._pipe.write(data)

    def close(self) -> None:
        self._pipe.close()

    def digest(self) -> str:
        return "sha256:" + self._hash.hexdigest()


def _note(packed: Path, diff_id: str, unpacked: int) -> None:
    noted = {"digest": _digest(packed), "diff_id": diff_id, "unpacked": unpacked}
    packed.with_name(packed.name + ".json").write_text(json.dumps(noted))


def _blob(folder: Path, name: str, kind: str) -> Blob:
    path = folder / f"{name}.{kind}"
    noted = json.loads(path.with_name(path.name + ".json").read_text())
    return Blob(path, f"application/vnd.oci.image.layer.v1.tar+{kind}", **noted)


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return "sha256:" + hashlib.file_digest(content, "sha256").hexdigest()


def _put(store: Path, document: object) -> dict[str, object]:
    data = json.dumps(document).encode()
    name = hashlib.sha256(data).hexdigest()
    (store / name).write_bytes(data)
    return {"digest": f"sha256:{name}", "size": len(data)}
