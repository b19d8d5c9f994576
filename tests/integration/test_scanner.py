"""The background scanner: what it finds by itself, what it reads again, and what it never does twice."""

import socket
import unittest

from rig.images import image
from rig.paths import ROOT
from rig.process import wait_until
from rig.review import client, pod
from rig.tree import file, layer
from rig.xzgate import Xzgate
from support import SLOW, RegistryCase, bad_entries, bad_image, clean_image

SECONDS = 30 * SLOW
RULES = ROOT / "scanner" / "rules" / "packs" / "cve-2024-3094.yaml"


class ScannerTest(RegistryCase):
    def verdicts(self, gate: Xzgate) -> dict[str, int]:
        return {s.labels["verdict"]: int(s.value) for s in gate.metrics().find("xzgate_verdicts") if s.value}

    def wait_for_verdicts(self, gate: Xzgate, want: dict[str, int]) -> None:
        try:
            wait_until(lambda: self.verdicts(gate) == want, f"verdicts {want}", SECONDS)
        except TimeoutError:
            self.fail(f"want {want}, found {self.verdicts(gate)}\n{gate.log_text()[-2000:]}")

    def message(self, gate: Xzgate, name: str) -> str:
        with client(gate.url, self.authority) as api_server:
            return api_server.ask(pod(images=[name])).message

    def test_tags_that_match_are_read_by_themselves(self):
        for tag, document in {"1.0": bad_image("glob-1"), "1.1": clean_image("glob-2"), "dev": clean_image("glob-3")}.items():
            self.push(document, "shop/globs", tag)
        repositories = [{"repository": f"{self.registry.address}/shop/globs", "tags": ["1.*"]}]
        gate = self.serve(scanner={"repositories": repositories, "tagRefresh": "1s"})
        self.wait_for_verdicts(gate, {"affected": 1, "clean": 1})
        self.push(bad_image("glob-4"), "shop/globs", "1.2")
        self.wait_for_verdicts(gate, {"affected": 2, "clean": 1})
        self.assertEqual(self.registry.count("[A-Z]+", "/v2/shop/globs/manifests/dev"), 1, "only the push touched it")

    def test_ten_images_on_one_base_read_it_once(self):
        base = layer([*bad_entries(), file("srv/base", "shared")])
        for number in range(10):
            self.push(image([base, layer([file("srv/name", f"shared-{number}")])]), "shop/shared", str(number))
        gate = self.serve(scanner={"repositories": [{"repository": f"{self.registry.address}/shop/shared"}]})
        self.wait_for_verdicts(gate, {"affected": 10})
        self.assertEqual(self.registry.count("GET", f"/v2/shop/shared/blobs/{base.digest}"), 1)
        wait_until(lambda: gate.scanner_metrics().total("xzgate_scan_layers_total", source="reused") == 9, "reused layers", SECONDS)

    def test_new_rules_judge_what_was_read_without_a_pull(self):
        name = self.push(bad_image("rules"), "shop/rules")
        gate = self.serve()
        self.assertIn("XZ001", self.message(gate, name))
        gate.stop()
        text = RULES.read_text()
        version = next(line.split(":", 1)[1].strip().strip('"') for line in text.splitlines() if line.strip().startswith("version:"))
        rules = self.scratch / "rules.yaml"
        rules.write_text(text.replace(version, "9999.1.1", 1))
        gate.config["rules"] = str(rules)
        before = self.registry.count("GET", "/v2/shop/rules/.*")
        gate.resume()
        self.wait_for_verdicts(gate, {"affected": 1})
        self.assertIn("XZ001", self.message(gate, name))
        self.assertEqual(self.registry.count("GET", "/v2/shop/rules/.*"), before)

    def test_a_tag_that_moves_is_seen_after_its_life(self):
        name = self.push(clean_image("moves-1"), "shop/moves")
        gate = self.serve(admission={"tagLife": "1s"})
        self.assertEqual(self.message(gate, name), "")
        self.push(bad_image("moves-2"), "shop/moves")
        wait_until(lambda: "XZ001" in self.message(gate, name), "verdict of the new image", SECONDS)

    def test_what_is_known_is_decided_without_the_registry(self):
        document = bad_image("offline")
        name = self.push(document, "shop/offline")
        gate = self.serve()
        self.assertIn("XZ001", self.message(gate, name))
        self.registry.stop()
        try:
            self.assertIn("XZ001", self.message(gate, name))
            self.assertIn("XZ001", self.message(gate, f"{self.registry.address}/shop/offline@{document.digest}"))
            self.assertIn("RG001", self.message(gate, f"{self.registry.address}/shop/offline:other"))
            self.assertTrue(gate.is_ready())
        finally:
            self.registry.resume()

    def test_a_scanner_that_cannot_start_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            gate = self.serve(scanner={"listen": address})
            wait_until(lambda: "scanner.listen" in gate.log_text(), "word of the scanner's port", SECONDS)
            wait_until(lambda: "scanner" in gate.health()[1] and "not running" in gate.health()[1], "word of the dead scanner", SECONDS)
            self.assertEqual(gate.health()[0], 200)
        wait_until(lambda: gate.health(port=gate.scanner_port)[0] == 200, "scanner once the port is free", SECONDS)


if __name__ == "__main__":
    unittest.main()
