"""The images of the end-to-end tests: small, and what is in each is known to the byte."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rig.cases import cases
from rig.images import Document, image
from rig.packages import DpkgPackage, dpkg_database, os_release
from rig.standin import Marker, liblzma
from rig.tree import Compression, Entry, digest, file, layer, symlink

_FOLDER = "usr/lib/x86_64-linux-gnu"


def bad(name: str) -> Document:
    """The backdoor comes with the second of three layers; `name` makes it an image of its own."""
    return _shop_image(name, "5.6.1-1", "5.6.1", Marker.BAD)


def clean(name: str) -> Document:
    return _shop_image(name, "5.4.1-1", "5.4.1", Marker.CLEAN)


def large(name: str, size: int) -> Document:
    """A clean image with this many bytes that no compression makes smaller."""
    noise = b"".join(bytes.fromhex(digest(f"{name} {n}".encode())[7:]) for n in range(size // 32))
    return image([layer([file("srv/noise", noise)], Compression.PLAIN)])


def artifact(name: str) -> Document:
    """No image at all: a model, as people put into image volumes."""
    config, model = b"{}", f"weights of {name}".encode()
    content = (
        '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        '"artifactType":"application/vnd.example.model",'
        f'"config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{digest(config)}","size":2}},'
        '"layers":[{"mediaType":"application/vnd.example.weights",'
        f'"digest":"{digest(model)}","size":{len(model)}}}]}}'
    )
    blobs = {digest(config): config, digest(model): model}
    return Document("application/vnd.oci.image.manifest.v1+json", content.encode(), blobs)


def case(name: str) -> Document:
    """An image of the case table (rig/cases.py)."""
    return next(one for one in cases() if one.name == name).build()


@dataclass(frozen=True)
class Picture:
    """One image of the registry. Known ones are in repositories that xzgate watches."""

    build: Callable[[str], Document]
    known: bool = True
    signed_by: str = ""  # "release", whose key the policy has, or "stranger"


# Repository to image; the tag is always 1.
PICTURES: Mapping[str, Picture] = {
    "shop/api": Picture(bad),
    "shop/worker": Picture(bad),
    "shop/web": Picture(clean),
    "shop/cache": Picture(clean),
    "shop/tools": Picture(clean),
    "shop/sid": Picture(lambda _: case("debian-sid-index")),
    "base/ubuntu": Picture(lambda _: case("ubuntu-really-545")),
    "base/alpine": Picture(lambda _: case("alpine-320-r3")),
    "vault/signed": Picture(clean, signed_by="release"),
    "vault/unsigned": Picture(clean),
    "vault/stranger": Picture(clean, signed_by="stranger"),
    "models/small": Picture(artifact),
    "late/clean": Picture(clean, known=False),
    "late/bad": Picture(bad, known=False),
    "late/debug": Picture(bad, known=False),
    "dry/clean": Picture(clean, known=False),
}  # fmt: skip


def _shop_image(name: str, version: str, library: str, marker: Marker) -> Document:
    base = [*os_release("debian", "13", "Debian GNU/Linux"), file("etc/hostname", "base")]
    return image([layer(base), layer(_liblzma(version, library, marker)), layer([file("srv/name", name)])])


def _liblzma(version: str, library: str, marker: Marker) -> list[Entry]:
    path = f"{_FOLDER}/liblzma.so.{library}"
    packages = [DpkgPackage("libc6", "2.37-15"), DpkgPackage("liblzma5", version, files=(path,))]
    return [
        *dpkg_database(packages),
        file(path, liblzma(library, marker), 0o755),
        symlink(f"{_FOLDER}/liblzma.so.5", path.rpartition("/")[2]),
    ]
