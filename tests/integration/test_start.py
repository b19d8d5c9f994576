"""What stops xzgate from starting, and how the command line says what is wrong."""

import socket
import unittest
from collections.abc import Mapping

from rig.xzgate import serve_config, xzgate
from rig.yaml_text import to_yaml
from support import RegistryCase


class StartTest(RegistryCase):
    """What stops xzgate from starting, and how it says so: exit code 2, and one line that names the setting."""

    def start(self, over: Mapping[str, object], *, remove: str = "") -> tuple[int, str]:
        config = serve_config(self.scratch, self.authority, **over)
        if remove:
            section, _, key = remove.partition(".")
            config[section] = {k: v for k, v in config[section].items() if k != key}  # type: ignore[attr-defined]
        path = self.scratch / "xzgate.yaml"
        path.write_text(to_yaml(config))
        done = xzgate("serve", "--config", path)
        return done.returncode, done.stderr

    def assert_refused(self, over: Mapping[str, object], *words: str, remove: str = "") -> None:
        code, said = self.start(over, remove=remove)
        self.assertEqual(code, 2, said)
        for word in words:
            self.assertIn(word, said)

    def test_missing_keys(self):
        self.assert_refused({}, "server.certificate", remove="server.certificate")
        self.assert_refused({}, "server.key", remove="server.key")

    def test_unknown_and_wrong_keys_are_told_together(self):
        self.assert_refused({"colour": 1, "scanner": {"threads": 0}, "log": {"level": "loud"}}, "colour", "threads", "loud", "xzgate.yaml")

    def test_a_missing_file(self):
        done = xzgate("serve", "--config", self.scratch / "none.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("none.yaml", done.stderr)

    def test_ports_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for setting in ("server", "health"):
                with self.subTest(setting):
                    self.assert_refused({setting: {"listen": address}}, f"{setting}.listen", address.rpartition(":")[2])

    def test_a_bad_authority_file(self):
        self.assert_refused({"registries": {"ca": ["/nowhere/ca.pem"]}}, "registries.ca", "/nowhere/ca.pem")

    def test_a_bad_rule_pack(self):
        rules = self.scratch / "rules.yaml"
        rules.write_text("schema: nonsense\n")
        self.assert_refused({"rules": str(rules)}, "rules.yaml")

    def test_a_store_that_cannot_be_made(self):
        self.assert_refused({"store": {"path": "/nowhere/below/store.db"}}, "store.path", "/nowhere/below/store.db")
        self.assert_refused({"store": {"path": "/proc/store.db"}}, "store.path", "/proc/store.db")

    def test_the_command_line(self):
        for arguments in (["scan"], ["scan", "--format", "xml", "a"], ["nonsense"], ["scan", "UPPER"], ["scan", "--ca", "/nowhere", "a:1"],
                          ["scan", "--platform", "x", "a:1"], ["explain", "/nowhere/pod.yaml"], ["config", "check", "/nowhere"]):
            with self.subTest(arguments):
                done = xzgate(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertTrue(done.stderr or done.stdout)
        self.assertEqual(xzgate("--help").returncode, 0)
        self.assertEqual(xzgate("version").returncode, 0)


if __name__ == "__main__":
    unittest.main()
