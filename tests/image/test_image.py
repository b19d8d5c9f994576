"""The Dockerfile, built for real by buildah on a Debian 13 made here; the image runs, holds nothing else, and is clean.

It compiles the program and needs root and Debian's archive: `ctest -L slow`, half an hour.
$XZGATE_DEBIAN_ARCHIVE may name the archive (default: http://deb.debian.org/debian).
"""

import contextlib
import json
import os
import signal
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from rig.builders import Buildah
from rig.certs import Authority
from rig.paths import ROOT, cache
from rig.process import Process, run
from rig.xzgate import Xzgate, binary, serve_config
from rig.yaml_text import to_yaml

ARCHIVE = os.environ.get("XZGATE_DEBIAN_ARCHIVE") or "http://deb.debian.org/debian"
BASE = "docker.io/library/debian:13-slim"
IMAGE = "localhost/xzgate:test"
USER = 65532
BUILD_SECONDS = 5400
MOST_BYTES = 80 << 20
# Nothing to work with for who breaks in.
TOOLS = ("sh", "bash", "dash", "apt", "apt-get", "dpkg", "perl", "python3", "curl", "wget", "tar", "busybox", "openssl")


def base_root() -> Path:
    """A Debian 13 as debootstrap makes it, kept between runs as a tar."""
    kept = cache("image") / "debian-13.tar"
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="xzgate-debian-") as folder:
            run(["debootstrap", "--variant=minbase", "trixie", f"{folder}/root", ARCHIVE], seconds=900)
            run(["tar", "-C", f"{folder}/root", "--exclude=./dev/*", "-cf", f"{kept}.part", "."])
            os.replace(f"{kept}.part", kept)
    return kept


def build(buildah: Buildah) -> None:
    """Makes IMAGE of the Dockerfile."""
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(base_root()), "/")
    buildah("commit", "--quiet", "--rm", container, BASE)
    jobs = os.environ.get("JOBS") or str(os.cpu_count())
    buildah("bud", "--pull-never", "--build-arg", f"JOBS={jobs}", "--tag", IMAGE, str(ROOT), seconds=BUILD_SECONDS)


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xzgate-image-", ignore_cleanup_errors=True)))
        cls.buildah = Buildah(cls.folder)
        build(cls.buildah)
        cls.container = cls.buildah("from", "--pull-never", IMAGE)
        cls.root = Path(cls.buildah("mount", cls.container))
        cls.addClassCleanup(cls.buildah, "umount", cls.container)

    def test_entry_point_and_user(self):
        config = json.loads(self.buildah("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]
        self.assertEqual(config["Entrypoint"], ["/usr/bin/xzgate"])
        self.assertEqual(config["User"], f"{USER}:{USER}")
        self.assertEqual(set(config["ExposedPorts"]), {"8443/tcp", "8080/tcp", "8081/tcp"})
        self.assertEqual(self.buildah("run", self.container, "--", "/usr/bin/xzgate", "version"), "xzgate 0.1.0")

    def test_nothing_but_what_runs(self):
        files = [path for path in self.root.rglob("*") if not path.is_symlink() and path.is_file()]
        self.assertEqual([path for path in files if path.name in TOOLS], [])
        programs = [path for path in files if path.parent.name in ("bin", "sbin")]
        self.assertEqual(programs, [self.root / "usr/bin/xzgate"])
        self.assertLess(sum(path.stat().st_size for path in files), MOST_BYTES)
        self.assertEqual([path for path in files if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)], [])
        owned = [path for path in self.root.rglob("*") if path.lstat().st_uid == USER]
        self.assertEqual(owned, [self.root / "var/lib/xzgate"])
        self.assertEqual(stat.S_IMODE((self.root / "tmp").stat().st_mode), 0o1777)

    def test_scanners_see_what_is_in_it(self):
        packages = {path.name for path in (self.root / "var/lib/dpkg/status.d").iterdir()}
        self.assertLessEqual({"libc6", "libstdc++6", "ca-certificates", "base-files"}, packages)
        for name in packages:
            self.assertTrue((self.root / "usr/share/doc" / name / "copyright").is_file(), name)

    def test_it_serves_on_a_read_only_root_as_nobody(self):
        work = self.folder / "work"
        config = serve_config(work, Authority(work / "ca"))  # a certificate ca/xzgate.pem
        config["server"] |= {"certificate": "ca/xzgate.pem", "key": "ca/xzgate.key"}
        config["store"] = {"path": "store.db"}
        (work / "xzgate.yaml").write_text(to_yaml(config))
        served = Xzgate(config, ready=False)  # for its health page; it is started below
        run(["chown", "-R", f"{USER}:{USER}", work])
        script = (
            f'mount --bind "{self.root}" "{self.root}" && mount -o remount,ro,bind "{self.root}" &&'
            f' mount --bind "{work}" "{self.root}/var/lib/xzgate" && mount -t tmpfs tmpfs "{self.root}/tmp" &&'
            f' ! touch "{self.root}/usr/x" 2>/dev/null &&'
            f' exec chroot --userspec={USER}:{USER} "{self.root}" /usr/bin/xzgate serve --config /var/lib/xzgate/xzgate.yaml'
        )
        process = Process(["unshare", "--mount", "sh", "-c", script], log=self.folder / "serve.log")
        with contextlib.ExitStack() as stack:
            stack.callback(process.kill)
            process.wait_until(served.is_ready, "ready xzgate")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(60), 0, process.log_text())

    def test_it_is_clean_in_the_eyes_of_xzgate(self):
        layout = self.folder / "layout"
        self.buildah("push", "--quiet", IMAGE, f"oci:{layout}:xzgate")
        done = subprocess.run([binary(), "scan", "--format", "json", f"oci:{layout}:xzgate"],
                              capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('"clean"', done.stdout)


if __name__ == "__main__":
    unittest.main()
