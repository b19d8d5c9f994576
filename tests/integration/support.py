"""What the integration tests share: a registry with TLS for a class, images, and the command line's answers."""

import json
import os
import tempfile
import unittest
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rig.certs import Authority
from rig.images import AMD64, Document, Platform, image
from rig.packages import DpkgPackage, dpkg_database, os_release
from rig.push import Login, Uploader
from rig.registry import Registry
from rig.review import client, pod
from rig.standin import Marker, liblzma
from rig.tree import Compression, Entry, file, layer, symlink
from rig.xzgate import Xzgate, registry_settings, serve_config, xzgate

# Sanitizers slow xzgate down: every bound of time is stretched by this.
SLOW = float(os.environ.get("XZGATE_SLOW", "1"))
TIMEOUT = 3  # seconds that an API server waits, in the tests of faults
LIBRARY = "usr/lib/x86_64-linux-gnu/liblzma.so"


class RegistryCase(unittest.TestCase):
    """A class of tests with one registry, started with it. `auth` and `tls` are the class's to set."""

    tls = True

    @classmethod
    def registry_auth(cls, authority: Authority):
        """None, Basic, or a started TokenServer."""
        return None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xzgate-test-")))
        cls.authority = Authority(cls.folder / "ca")
        cls.registry = cls.enterClassContext(
            Registry(cls.authority, auth=cls.registry_auth(cls.authority), tls=cls.tls)
        )

    def setUp(self):
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="xzgate-test-")))

    @classmethod
    def push(cls, document: Document, repository: str, tag: str = "1", login: Login | None = None) -> str:
        return Uploader(cls.registry, login).push(document, repository, tag)

    def scan(self, *arguments: str | Path) -> "Scanned":
        return scan(*arguments, "--ca", self.authority.certificate)

    def serve(self, **sections: object) -> Xzgate:
        """A running `xzgate serve` for this test that may reach the class's registry."""
        settings = {"registries": registry_settings(self.registry), **sections}
        return self.enterContext(Xzgate(serve_config(self.scratch, self.authority, **settings)))

    def denial(self, gate: Xzgate, name: str) -> str:
        """The message with which the gate denies a pod with this image, asked as an API server of TIMEOUT would."""
        with client(gate.url, self.authority) as api_server:
            answer = api_server.ask(pod(images=[name]), timeout=TIMEOUT)
        self.assertEqual(answer.status, 200)
        self.assertFalse(answer.allowed)
        return answer.message


@dataclass(frozen=True)
class Scanned:
    """What `xzgate scan --format json` said."""

    code: int
    error: str
    document: dict

    @property
    def images(self) -> dict[str, dict]:
        """Reports by the name that was asked for."""
        return {entry["name"]: entry["report"] for entry in self.document["images"]}

    def verdict(self, name: str) -> str:
        return self.images[name]["verdict"]


def scan(*arguments: str | Path) -> Scanned:
    done = xzgate("scan", "--format", "json", *arguments)
    return Scanned(done.returncode, done.stderr, json.loads(done.stdout) if done.stdout else {})


def evidence(report: dict) -> list[dict]:
    """All evidence of a report, whatever the platform."""
    return [found for platform in report["platforms"] for found in platform["evidence"]]


# --- images: each small, and none the same as another unless it is asked for twice by the same name


@cache
def debian_entries(version: str, library: str, marker: Marker) -> tuple[Entry, ...]:
    owned = (f"{LIBRARY}.{library}",)
    database = dpkg_database([DpkgPackage("libc6", "2.37-15"), DpkgPackage("liblzma5", version, files=owned)])
    return (*os_release("debian", "13", "Debian GNU/Linux"), *database,
            file(f"{LIBRARY}.{library}", liblzma(library, marker), 0o755), symlink(f"{LIBRARY}.5", f"liblzma.so.{library}"),
            )  # fmt: skip


def bad_entries() -> tuple[Entry, ...]:
    return debian_entries("5.6.1-1", "5.6.1", Marker.BAD)


def clean_entries() -> tuple[Entry, ...]:
    return debian_entries("5.4.1-1", "5.4.1", Marker.CLEAN)


def bad_image(name: str = "bad", *, platform: Platform = AMD64, compression: Compression = Compression.GZIP) -> Document:
    """Debian with the stand-in for the backdoored library; `name` makes it an image of its own."""
    return image([layer(bad_entries(), compression), _named(name)], platform=platform)


def clean_image(name: str = "clean", *, more: Sequence[Entry] = ()) -> Document:
    return image([layer(clean_entries()), _named(name, more)])


def _named(name: str, more: Sequence[Entry] = ()):
    return layer([file("srv/name", name), *more])
