"""The images of the demo, and the registry content that holds them, made once and kept in the cache."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import rig
from rig.certs import Authority
from rig.content import BASE, debian_package, debian_root, registered
from rig.images import ARM64, Document, image, index
from rig.packages import ApkPackage, DpkgPackage, apk_database, dpkg_database, os_release
from rig.paths import cache
from rig.push import Uploader, skopeo_push
from rig.registry import Registry
from rig.signing import Attacher, Key, signed_layer, simple_signing
from rig.standin import Dispatch, Marker, liblzma, liblzma_other_machine
from rig.tree import Entry, Layer, file, layer, symlink

# Real Debian packages below every Debian image here; xz itself comes in a layer of its own, as `apt-get install` makes it.
COMMON = tuple(name for name in BASE if name not in ("liblzma5", "xz-utils"))
# The modules of the rig that decide what an image holds.
MAKERS = ("content", "elf", "images", "packages", "push", "signing", "standin", "tree")
FOLDERS = {"amd64": "usr/lib/x86_64-linux-gnu", "arm64": "usr/lib/aarch64-linux-gnu"}


@dataclass(frozen=True)
class Picture:
    """One image of the demo: where it is pushed, what it is, and the verdict that xzgate must reach."""

    repository: str
    tag: str
    what: str
    want: str
    build: Callable[[], Document]
    signed_by: str = ""  # "release", whose public key the policy has, or somebody else


def _debian_base() -> Layer:
    return layer(debian_root(COMMON))


def _installed(liblzma5: DpkgPackage, files: Sequence[Entry], more: Sequence[Entry] = ()) -> Layer:
    """The layer that installs xz: the database as dpkg leaves it, and the library's files."""
    others = [registered(debian_package(name)) for name in COMMON]
    return layer([*dpkg_database([*others, liblzma5]), *files, *more])


def _package(version: str, library: str, architecture: str = "amd64") -> DpkgPackage:
    owned = (f"{FOLDERS[architecture]}/liblzma.so.{library}",)
    return DpkgPackage("liblzma5", version, architecture, source="xz-utils", files=owned)


def _library(library: str, data: bytes, folder: str = FOLDERS["amd64"]) -> list[Entry]:
    return [file(f"{folder}/liblzma.so.{library}", data, 0o755), symlink(f"{folder}/liblzma.so.5", f"liblzma.so.{library}")]


def _backdoored() -> Document:
    stand_in = _library("5.6.1", liblzma("5.6.1", Marker.BAD, Dispatch.IFUNC))
    return image([_debian_base(), _installed(_package("5.6.1-1", "5.6.1"), stand_in)])


def _two_platforms() -> Document:
    arm = _library("5.4.5", liblzma_other_machine("5.4.5"), FOLDERS["arm64"])
    release = os_release("debian", "13", "Debian GNU/Linux")
    database = dpkg_database([_package("5.4.5-0.3", "5.4.5", "arm64")])
    return index([_backdoored(), image([layer([*release, *database, *arm])], platform=ARM64)])


def _ubuntu() -> Document:
    fixed = _library("5.4.5", liblzma("5.4.5", Marker.CLEAN))
    release = os_release("ubuntu", "24.04", "Ubuntu", like="debian")
    return image([_debian_base(), _installed(_package("5.6.1+really5.4.5-1ubuntu0.2", "5.4.5"), fixed, release)])


def _alpine() -> Document:
    data = liblzma("5.6.1", Marker.CLEAN)
    packages = [ApkPackage("musl", "1.2.5-r0"), ApkPackage("xz-libs", "5.6.1-r3", origin="xz", files={"usr/lib/liblzma.so.5.6.1": data})]
    database = apk_database(packages, "https://mirror.example/alpine/v3.20/main\n")
    return image([layer([*os_release("alpine", "3.20"), *database, *_library("5.6.1", data, "usr/lib")])])


def _clean() -> Document:
    return image([_debian_base(), layer(debian_root())])


def _vault(name: str) -> Callable[[], Document]:
    return lambda: image([_debian_base(), layer(debian_root()), layer([file("srv/name", name)])])


PICTURES = (
    Picture("shop/api", "1.4", "Debian with liblzma5 5.6.1-1 (a harmless stand-in of the backdoor)", "affected", _backdoored),
    Picture("shop/worker", "2", "an index: amd64 with the backdoor, arm64 without", "affected", _two_platforms),
    Picture("shop/web", "24.04", "Ubuntu 24.04: its xz 5.6.1+really5.4.5 is the older code", "fixed_by_distro", _ubuntu),
    Picture("shop/proxy", "3.20", "Alpine 3.20: its xz 5.6.1-r3 was built without the backdoor", "fixed_by_distro", _alpine),
    Picture("shop/cache", "7", "this Debian release as it is", "clean", _clean),
    Picture("vault/signed", "1", "clean, and signed with the release key", "clean", _vault("signed"), "release"),
    Picture("vault/unsigned", "1", "clean, and signed by nobody", "clean", _vault("unsigned")),
    Picture("vault/stranger", "1", "clean, and signed with somebody else's key", "clean", _vault("stranger"), "stranger"),
)
# The release key's public half, in the folder of the content that was signed with it.
RELEASE_KEY = "release.pub"


def content(authority: Authority, say: Callable[[str], None]) -> Path:
    """The storage folder of a registry that holds PICTURES and RELEASE_KEY: from the cache, or built and pushed now."""
    folder = cache("demo") / _version()
    with _lock(folder.with_suffix(".lock")):
        if folder.is_dir():
            say(f"kept from an earlier run in {folder}")
        else:
            say(f"built now, and kept in {folder}")
            _fill(folder, authority, say)
    return folder


def _fill(folder: Path, authority: Authority, say: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        keys = {name: Key(Path(beside, "keys"), name) for name in ("release", "stranger")}
        with Registry(authority, folder=Path(beside, "registry")) as registry:
            for picture in PICTURES:
                document = picture.build()
                skopeo_push(registry, document, picture.repository, picture.tag)
                if picture.signed_by:
                    _sign(registry, picture, document, keys[picture.signed_by])
                say(f"  pushed {picture.repository}:{picture.tag}")
        made = Path(beside, "registry", "content")
        shutil.copy(keys["release"].public, made / RELEASE_KEY)
        shutil.move(made, folder)


def _sign(registry: Registry, picture: Picture, document: Document, key: Key) -> None:
    """As `cosign sign --key` does, by openssl: under the .sig tag."""
    attacher = Attacher(Uploader(registry), picture.repository)
    attacher.sig_tag(document.digest, signed_layer(key, simple_signing(document.digest)))


def _version() -> str:
    """Changes with everything that decides the content: our sources and the Debian packages."""
    sources = [Path(__file__), *(Path(rig.__file__).with_name(f"{module}.py") for module in MAKERS)]
    names = "".join(f"{debian_package(name).name}\n" for name in BASE)
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources) + names.encode()).hexdigest()[:16]


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Two demos at once build once."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)
