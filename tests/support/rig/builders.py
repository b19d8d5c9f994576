"""Images made by the tools that people use: buildah, umoci and crane. Each takes our layers as tars.

umoci leaves an OCI layout (skopeo_copy takes it to a registry); buildah and crane push themselves.
"""

import contextlib
import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from rig.paths import tool
from rig.process import run
from rig.push import Login, certificate_folder, client_env, reference
from rig.registry import Registry
from rig.tree import Entry, tar


def umoci_layout(folder: Path, layers: Sequence[Sequence[Entry]], tag: str = "latest") -> Path:
    """Makes a layout with `umoci init` and `new`, and adds a layer a step by unpacking, changing, repacking."""
    layout = folder / "layout"
    image = f"{layout}:{tag}"
    rootless = [] if os.geteuid() == 0 else ["--rootless"]
    run(["umoci", "init", "--layout", layout])
    run(["umoci", "new", "--image", image])
    for number, entries in enumerate(layers):
        bundle = folder / f"bundle{number}"
        run(["umoci", "unpack", *rootless, "--image", image, bundle])
        unpack(entries, bundle / "rootfs")
        run(["umoci", "repack", "--image", image, bundle])
    return layout


def unpack(entries: Sequence[Entry], folder: Path) -> None:
    """Lays the entries out on disk, as the user who runs this."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=BytesIO(tar(entries))) as archive:
        # Ours is to be trusted; newer Pythons would refuse links that leave the folder.
        archive.extraction_filter = lambda member, _path: member
        archive.extractall(folder)


class Buildah:
    """buildah with a storage of its own and no container engine; needs root or a user with sub-ids."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._env = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}

    def build(self, name: str, layers: Sequence[Sequence[Entry]], style: str = "oci") -> str:
        """Builds FROM scratch, one commit a layer; `style` is "oci" or "docker". Returns the image's name."""
        base = "scratch"
        for number, entries in enumerate(layers):
            with self._container(base) as container, tempfile.TemporaryDirectory(dir=self._folder) as content:
                unpack(entries, Path(content))
                self("add", "--quiet", container, f"{content}/", "/")
                base = f"localhost/{name}:{'latest' if number == len(layers) - 1 else number}"
                self("commit", "--quiet", "--format", style, container, base)
        return base

    def push(self, name: str, registry: Registry, repository: str, tag: str, login: Login | None = None) -> str:
        with tempfile.TemporaryDirectory(prefix="xzgate-buildah-") as folder:
            creds = ["--creds", f"{login.user}:{login.password}"] if login else []
            trust = str(certificate_folder(registry, Path(folder)))
            tls = ["--cert-dir", trust] if registry.tls else ["--tls-verify=false"]
            self("push", "--quiet", *tls, *creds, name, f"docker://{reference(registry, repository, tag)}")
        return reference(registry, repository, tag)

    def __call__(self, *arguments: str, seconds: float = 300) -> str:
        storage = ["--root", self._folder / "storage", "--runroot", self._folder / "run"]
        return run(["buildah", *storage, *arguments], env=self._env, seconds=seconds).decode().strip()

    @contextlib.contextmanager
    def _container(self, base: str) -> Iterator[str]:
        name = self("from", "--pull-never", base)
        try:
            yield name
        finally:
            self("rm", name)


def crane_append(
    registry: Registry, layers: Sequence[Path], repository: str, tag: str, login: Login | None = None
) -> str:
    """Pushes the layer files (tar, packed or not) as one image by `crane append`; returns the reference."""
    target = reference(registry, repository, tag)
    files = [word for path in layers for word in ("-f", str(path))]
    with tempfile.TemporaryDirectory(prefix="xzgate-crane-") as folder:
        env = client_env(registry, Path(folder), login)
        run([tool("crane"), "append", "--platform", "linux/amd64", *files, "-t", target], env=env)
    return target
