"""A store that is damaged, read-only or out of room: nothing is lost that can be had again."""

import contextlib
import os
import time
import unittest
from pathlib import Path

from rig.process import RigError, run, wait_until
from rig.review import client, pod
from rig.xzgate import Xzgate, serve_config, xzgate
from rig.yaml_text import to_yaml
from support import SLOW, RegistryCase, bad_image

TIMEOUT = 3
PATIENCE = 0.8 * TIMEOUT + 0.3 * SLOW


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
        wait_until(lambda: "XZ001" in self.ask(gate, name), "verdict from a new store", 40 * SLOW)

    @unittest.skipIf(os.geteuid() == 0 and not Path("/usr/bin/mount").exists(), "root writes everywhere")
    def test_a_read_only_folder(self):
        folder = self.scratch / "read-only"
        folder.mkdir()
        try:
            run(["mount", "-t", "tmpfs", "-o", "ro", "none", folder])
        except RigError as refused:
            self.skipTest(f"cannot mount: {refused}")
        self.addCleanup(run, ["umount", folder])
        config = serve_config(self.scratch, self.authority, store={"path": str(folder / "store.db")})
        path = self.scratch / "xzgate.yaml"
        path.write_text(to_yaml(config))
        done = xzgate("serve", "--config", path)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("store.path", done.stderr)
        self.assertIn(str(folder), done.stderr)

    def test_a_full_disk(self):
        folder = self.scratch / "full"
        folder.mkdir()
        try:
            run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder])
        except RigError as refused:
            self.skipTest(f"cannot mount: {refused}")
        self.addCleanup(run, ["umount", "-l", folder])
        with (folder / "ballast").open("wb", buffering=0) as ballast:
            gate = self.serve(store={"path": str(folder / "store.db")})
            with contextlib.suppress(OSError):
                while True:
                    ballast.write(b"x" * 4096)
        name = self.push(bad_image("full"), "shop/full")
        start = time.monotonic()
        message = self.ask(gate, name)
        self.assertLess(time.monotonic() - start, PATIENCE)
        self.assertRegex(message, "SY003|XZ010|XZ001")
        (folder / "ballast").unlink()
        wait_until(lambda: "XZ001" in self.ask(gate, name), "verdict once there is room", 60 * SLOW)

    def ask(self, gate: Xzgate, name: str) -> str:
        with client(gate.url, self.authority) as api_server:
            answer = api_server.ask(pod(images=[name]), timeout=TIMEOUT)
        self.assertEqual(answer.status, 200)
        self.assertFalse(answer.allowed)
        return answer.message

    def assert_affected(self, gate: Xzgate, name: str) -> None:
        wait_until(lambda: "XZ001" in self.ask(gate, name), f"verdict of {name}", 20 * SLOW)


if __name__ == "__main__":
    unittest.main()
