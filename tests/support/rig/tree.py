"""Layers as values: entries, the tar they make, and the blob that a registry stores."""

import enum
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rig.process import run


@dataclass(frozen=True)
class Entry:
    """One member of a layer's tar; made by the functions below."""

    path: str
    data: bytes = b""
    type: bytes = tarfile.REGTYPE
    target: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


def file(path: str, data: bytes | str = b"", mode: int = 0o644) -> Entry:
    return Entry(path, data.encode() if isinstance(data, str) else data, mode=mode)


def directory(path: str, mode: int = 0o755) -> Entry:
    return Entry(path, type=tarfile.DIRTYPE, mode=mode)


def symlink(path: str, target: str) -> Entry:
    return Entry(path, type=tarfile.SYMTYPE, target=target, mode=0o777)


def hardlink(path: str, target: str) -> Entry:
    return Entry(path, type=tarfile.LNKTYPE, target=target)


def whiteout(path: str) -> Entry:
    """Removes `path` of the lower layers (image-spec layer.md, "Whiteouts")."""
    folder, _, name = path.rpartition("/")
    return file(f"{folder}/.wh.{name}" if folder else f".wh.{name}")


def opaque(folder: str) -> Entry:
    """Hides everything that lower layers have below `folder`."""
    return file(f"{folder}/.wh..wh..opq")


def tar(entries: Iterable[Entry]) -> bytes:
    """The entries as a tar, in order, twice the same path included; equal entries give equal bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            member = tarfile.TarInfo(entry.path)
            member.type, member.linkname, member.mode = entry.type, entry.target, entry.mode
            member.uid, member.gid, member.size = entry.uid, entry.gid, len(entry.data)
            archive.addfile(member, io.BytesIO(entry.data))
    return out.getvalue()


class Compression(enum.Enum):
    """How a blob is packed. MULTI_GZIP is several gzip members in a row, which no media type tells."""

    PLAIN = "plain"
    GZIP = "gzip"
    MULTI_GZIP = "multi-gzip"
    ZSTD = "zstd"

    def pack(self, data: bytes) -> bytes:
        match self:
            case Compression.PLAIN:
                return data
            case Compression.GZIP:
                return _gzip(data)
            case Compression.MULTI_GZIP:
                # Cut where no tar header starts, so that a reader of the first member only is lost.
                step = max(len(data) // 5 + 7, 1)
                return b"".join(_gzip(data[at : at + step]) for at in range(0, len(data), step))
            case Compression.ZSTD:
                return run(["zstd", "-q", "-3", "-c"], data=data)


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)  # 16: a gzip header, without a time
    return packer.compress(data) + packer.flush()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Layer:
    """A blob with what a manifest and a config say of it."""

    blob: bytes
    diff_id: str
    compression: Compression
    media_type: str = ""  # "" is the ordinary one of the image's style
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest(self.blob))


def layer(entries: Sequence[Entry], compression: Compression = Compression.GZIP, **fields: str) -> Layer:
    return tar_layer(tar(entries), compression, **fields)


def tar_layer(data: bytes, compression: Compression = Compression.GZIP, **fields: str) -> Layer:
    """A layer from ready tar bytes, well-formed or not."""
    return Layer(compression.pack(data), digest(data), compression, **fields)


def truncated(whole: Layer, keep: float = 0.6) -> Layer:
    """A layer whose stored blob ends early: its digest is right, its stream is cut."""
    return Layer(whole.blob[: int(len(whole.blob) * keep)], whole.diff_id, whole.compression, whole.media_type)
