"""A store that is damaged, read-only or out of room: nothing is lost that can be had again."""

import ctypes
import os
import resource
import subprocess
import time
import unittest
from pathlib import Path

from rig.process import wait_until
from rig.xzgate import Xzgate, binary, serve_config
from rig.yaml_text import to_yaml
from support import SLOW, TIMEOUT, RegistryCase, bad_image

PATIENCE = 0.8 * TIMEOUT + 0.3 * SLOW

PR_CAPBSET_DROP = 24  # linux/prctl.h
CAP_DAC_OVERRIDE = 1  # linux/capability.h


class StoreTest(RegistryCase):
    def test_a_corrupt_store_is_set_aside_and_rebuilt(self):
        name = self.push(bad_image("corrupt"), "shop/corrupt")
        gate = self.serve()
        store = Path(str(gate.config["store"]["path"]))  # type: ignore[index]
        self.assert_affected(gate, name)
        gate.stop()
        content = bytearray(store.read_bytes())
        for at in range(4096, len(content), 64):
            content[at] ^= 0xFF
        store.write_bytes(content)
        gate.resume()
        self.assertTrue(list(store.parent.glob(f"{store.name}.corrupt-*")), "nothing was set aside")
        self.assertTrue([line for line in gate.logs(level="error") if "corrupt" in str(line)])
        self.assert_affected(gate, name)

    def test_a_store_of_other_bytes_is_set_aside(self):
        store = self.scratch / "store.db"
        store.write_bytes(b"this is no database at all\n" * 1000)
        gate = self.serve()
        self.assertTrue(list(store.parent.glob("store.db.corrupt-*")))
        self.assert_affected(gate, self.push(bad_image("other-bytes"), "shop/other"))

    def test_it_breaks_while_running(self):
        gate = self.serve()
        store = Path(str(gate.config["store"]["path"]))  # type: ignore[index]
        self.assert_affected(gate, self.push(bad_image("before"), "shop/before"))
        for path in (store, store.with_name("store.db-wal")):
            if path.exists():
                with path.open("r+b") as out:
                    out.write(os.urandom(path.stat().st_size))
        name = self.push(bad_image("during"), "shop/during")
        # Whatever is said meanwhile, it is a denial in time.
        wait_until(lambda: "XZ001" in self.denial(gate, name), "verdict from a new store", 40 * SLOW)

    def test_a_read_only_folder(self):
        folder = self.scratch / "read-only"
        folder.mkdir()
        self.assert_refused(folder)

    def test_a_read_only_store(self):
        folder = self.scratch / "written"
        folder.mkdir()
        gate = self.serve(store={"path": str(folder / "store.db")})
        gate.stop()
        self.assert_refused(folder)

    def assert_refused(self, folder: Path) -> None:
        """xzgate does not start on a store in a folder where nothing may be written, and says so."""
        config = serve_config(self.scratch, self.authority, store={"path": str(folder / "store.db")})
        path = self.scratch / "xzgate.yaml"
        path.write_text(to_yaml(config))
        for each in (*folder.iterdir(), folder):
            each.chmod(0o555)
        self.addCleanup(folder.chmod, 0o755)
        command = [binary(), "serve", "--config", path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, preexec_fn=obey_permissions)  # noqa: PLW1509
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("store.path", done.stderr)
        self.assertIn(str(folder), done.stderr)

    def test_a_full_disk(self):
        gate = self.serve()
        known = self.push(bad_image("before-full"), "shop/before-full")
        self.assert_affected(gate, known)
        set_file_limit(gate, 0)
        name = self.push(bad_image("full"), "shop/full")
        start = time.monotonic()
        message = self.denial(gate, name)
        self.assertLess(time.monotonic() - start, PATIENCE)
        self.assertRegex(message, "SY003|XZ010")
        self.assertIn("XZ001", self.denial(gate, known))
        self.assertTrue(gate.is_running())
        set_file_limit(gate, resource.RLIM_INFINITY)
        wait_until(lambda: "XZ001" in self.denial(gate, name), "verdict once there is room", 60 * SLOW)

    def assert_affected(self, gate: Xzgate, name: str) -> None:
        wait_until(lambda: "XZ001" in self.denial(gate, name), f"verdict of {name}", 20 * SLOW)


def obey_permissions() -> None:
    """In a child about to start a program: root may no more write where permissions forbid it."""
    if os.geteuid() == 0 and ctypes.CDLL(None, use_errno=True).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot give up CAP_DAC_OVERRIDE")


def set_file_limit(gate: Xzgate, max_bytes: int) -> None:
    """Lets no process of xzgate write to a file beyond this size: what a full disk does, for anyone."""
    for pid in (gate.pid, *gate.children()):
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (max_bytes if max_bytes >= 0 else hard, hard))


if __name__ == "__main__":
    unittest.main()
