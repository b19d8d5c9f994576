"""Images as values: manifest, config and index in OCI or Docker form, and their forms on disk.

The bytes are ours, so that a test knows each of them; push.py takes them to a registry, and
builders.py makes images with foreign tools instead.
"""

import enum
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rig.tree import Compression, Layer, digest


class Style(enum.Enum):
    """Which media types an image has."""

    OCI = "oci"
    DOCKER = "docker"


_TYPES = {
    Style.OCI: {
        "manifest": "application/vnd.oci.image.manifest.v1+json",
        "index": "application/vnd.oci.image.index.v1+json",
        "config": "application/vnd.oci.image.config.v1+json",
        "layer": "application/vnd.oci.image.layer.v1.tar",
    },
    Style.DOCKER: {
        "manifest": "application/vnd.docker.distribution.manifest.v2+json",
        "index": "application/vnd.docker.distribution.manifest.list.v2+json",
        "config": "application/vnd.docker.container.image.v1+json",
        "layer": "application/vnd.docker.image.rootfs.diff.tar",
    },
}
_ENDINGS = {
    Compression.PLAIN: {Style.OCI: "", Style.DOCKER: ""},
    Compression.GZIP: {Style.OCI: "+gzip", Style.DOCKER: ".gzip"},
    Compression.MULTI_GZIP: {Style.OCI: "+gzip", Style.DOCKER: ".gzip"},
    Compression.ZSTD: {Style.OCI: "+zstd", Style.DOCKER: ".zstd"},
}


@dataclass(frozen=True)
class Platform:
    architecture: str = "amd64"
    os: str = "linux"
    variant: str = ""

    def fields(self) -> dict[str, str]:
        given = {"architecture": self.architecture, "os": self.os, "variant": self.variant}
        return {key: value for key, value in given.items() if value}


AMD64 = Platform("amd64")
ARM64 = Platform("arm64", variant="v8")


@dataclass(frozen=True)
class Document:
    """A manifest or an index: the bytes that its digest names, and all blobs and documents below it."""

    media_type: str
    content: bytes
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    children: tuple["Document", ...] = ()
    platform: Platform | None = None
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest(self.content))

    def descriptor(self) -> dict[str, object]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": len(self.content)}

    def all_blobs(self) -> dict[str, bytes]:
        found = dict(self.blobs)
        for child in self.children:
            found |= child.all_blobs()
        return found

    def all_documents(self) -> list["Document"]:
        """This document and those below it, children first: the order a registry wants them in."""
        return [below for child in self.children for below in child.all_documents()] + [self]


def image(
    layers: Sequence[Layer],
    *,
    platform: Platform = AMD64,
    style: Style = Style.OCI,
    env: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
) -> Document:
    """An image of these layers, lowest first."""
    types = _TYPES[style]
    config = _json(
        {
            **platform.fields(),
            "created": "2024-03-29T00:00:00Z",
            "config": {"Env": ["PATH=/usr/bin:/bin", *env], "Cmd": ["/bin/sh"], "Labels": dict(labels or {})},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [{"created_by": f"rig layer {number}"} for number, _ in enumerate(layers, 1)],
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": types["manifest"],
            "config": {"mediaType": types["config"], "digest": digest(config), "size": len(config)},
            "layers": [
                {"mediaType": _layer_type(layer, style), "digest": layer.digest, "size": len(layer.blob)}
                for layer in layers
            ],
        }
    )
    blobs = {digest(config): config} | {layer.digest: layer.blob for layer in layers}
    return Document(types["manifest"], manifest, blobs, platform=platform)


def index(images: Sequence[Document], *, style: Style = Style.OCI) -> Document:
    """An index (Docker: a manifest list) over these images, each with its platform."""
    entries = []
    for child in images:
        platform = {"platform": child.platform.fields()} if child.platform else {}
        entries.append(child.descriptor() | platform)
    kind = _TYPES[style]["index"]
    return Document(kind, _json({"schemaVersion": 2, "mediaType": kind, "manifests": entries}), children=tuple(images))


def without_blob(document: Document, missing: str) -> Document:
    """The same manifest, but the blob of this digest is never stored."""
    blobs = {key: value for key, value in document.blobs.items() if key != missing}
    return Document(document.media_type, document.content, blobs, document.children, document.platform)


def write_layout(folder: Path, tagged: Mapping[str, Document] | Iterable[tuple[str, Document]]) -> Path:
    """Writes an OCI image layout (image-spec image-layout.md) that holds these documents by tag."""
    store = folder / "blobs" / "sha256"
    store.mkdir(parents=True, exist_ok=True)
    entries = []
    for tag, document in dict(tagged).items():
        blobs = document.all_blobs() | {below.digest: below.content for below in document.all_documents()}
        for name, content in blobs.items():
            (store / name.removeprefix("sha256:")).write_bytes(content)
        entries.append(document.descriptor() | {"annotations": {"org.opencontainers.image.ref.name": tag}})
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": entries}))
    return folder


def write_directory(folder: Path, document: Document) -> Path:
    """Writes the document as skopeo's `dir:`, which carries Docker media types too (a layout does not)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "version").write_text("Directory Transport Version: 1.1\n")
    (folder / "manifest.json").write_bytes(document.content)
    for below in document.all_documents()[:-1]:
        (folder / f"{below.digest.removeprefix('sha256:')}.manifest.json").write_bytes(below.content)
    for name, content in document.all_blobs().items():
        (folder / name.removeprefix("sha256:")).write_bytes(content)
    return folder


def _layer_type(layer: Layer, style: Style) -> str:
    return layer.media_type or _TYPES[style]["layer"] + _ENDINGS[layer.compression][style]


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
