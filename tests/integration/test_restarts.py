"""kill -9 at any time: a restart goes on with what is stored, and loses at most the work in flight."""

import os
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor

from rig.faults import FaultRegistry, drip, silence
from rig.images import image
from rig.process import wait_until
from rig.review import client, pod
from rig.tree import file, layer
from rig.xzgate import Xzgate, registry_settings, serve_config
from support import SLOW, RegistryCase, bad_entries, bad_image

SECONDS = 40 * SLOW
CRASHES = 3


class RestartCase(RegistryCase):
    def message(self, gate: Xzgate, name: str, timeout: int = 2) -> str:
        with client(gate.url, self.authority) as api_server:
            answer = api_server.ask(pod(images=[name]), timeout=timeout)
        self.assertEqual(answer.status, 200)
        return answer.message

    def wait_for(self, gate: Xzgate, name: str, word: str) -> None:
        wait_until(lambda: word in self.message(gate, name), f"{word} for {name}", SECONDS)

    def scanner(self, gate: Xzgate) -> int:
        wait_until(lambda: len(gate.children()) == 1, "scanner process", SECONDS)
        return gate.children()[0]


class WarmStoreTest(RestartCase):
    def test_a_killed_xzgate_knows_what_it_knew(self):
        name = self.push(bad_image("known"), "shop/known")
        gate = self.serve()
        self.wait_for(gate, name, "XZ001")
        pulled = self.registry.count("GET", "/v2/shop/known/.*")
        gate.kill()
        gate.resume()
        self.assertIn("XZ001", self.message(gate, name))
        self.assertEqual(self.registry.count("GET", "/v2/shop/known/.*"), pulled)

    def test_new_images_on_a_known_base_cost_their_own_layer(self):
        base = layer([*bad_entries(), file("srv/base", "of the restart test")])
        first, second = (image([base, layer([file("srv/name", name)])]) for name in ("one", "two"))
        gate = self.serve()
        self.wait_for(gate, self.push(first, "shop/base-one"), "XZ001")
        gate.kill()
        gate.resume()
        self.wait_for(gate, self.push(second, "shop/base-two"), "XZ001")
        self.assertEqual(self.registry.count("GET", f"/v2/.*/blobs/{base.digest}"), 1)


class InFlightTest(RestartCase):
    """Kills in the middle of a scan, which a slow registry makes long."""

    def setUp(self):
        super().setUp()
        self.slow = self.enterContext(FaultRegistry(self.authority))

    def gate(self, **sections) -> Xzgate:
        settings = registry_settings(self.registry, self.slow)  # type: ignore[arg-type]
        config = serve_config(self.scratch, self.authority, registries=settings, **sections)
        return self.enterContext(Xzgate(config))

    def wait_for_pull(self, repository: str, more_than: int = 0) -> int:
        pulls = f"/v2/{repository}/blobs/.*"
        wait_until(lambda: self.slow.count("GET", pulls) > more_than, f"pull of {repository}", SECONDS)
        return self.slow.count("GET", pulls)

    def add_silent(self, name: str) -> str:
        reference = self.slow.add(bad_image(name), f"shop/{name}")
        self.slow.on(f"/v2/shop/{name}/blobs/.*", silence())
        return reference

    def test_the_job_in_flight_is_taken_up_again(self):
        gate = self.gate()
        name = self.add_silent("in-flight")
        self.message(gate, name, 1)
        self.wait_for_pull("shop/in-flight")
        gate.kill()
        self.slow.heal()
        gate.resume()
        self.wait_for(gate, name, "XZ001")

    def test_many_kills_lose_only_what_was_in_flight(self):
        images = {f"shop/kill-{n}": bad_image(f"many-{n}") for n in range(8)}
        repositories = [{"repository": self.slow.add(document, name).rpartition(":")[0]} for name, document in images.items()]
        self.slow.on(".*blobs/.*", drip(2000), method="GET")
        gate = self.gate(scanner={"repositories": repositories, "threads": 1})
        kills = 3
        for _ in range(kills):
            done = len(gate.logs(event="image scanned"))
            wait_until(lambda done=done: len(gate.logs(event="image scanned")) > done, "another verdict", SECONDS)
            gate.kill()
            gate.resume()
        self.slow.heal()
        wait_until(lambda: gate.metrics().total("xzgate_verdicts", verdict="affected") == len(images), "all verdicts", SECONDS)
        blobs = {blob for document in images.values() for blob in document.blobs}
        self.assertLessEqual(self.slow.count("GET", ".*/blobs/.*"), len(blobs) + 2 * kills)

    def test_a_stop_gives_the_job_back(self):
        gate = self.gate()
        name = self.slow.add(bad_image("given-back"), "shop/given-back")
        self.slow.on("/v2/shop/given-back/blobs/.*", drip(500), method="GET")
        for _ in range(CRASHES + 1):
            pulls = self.slow.count("GET", "/v2/shop/given-back/blobs/.*")
            self.message(gate, name, 1)
            self.wait_for_pull("shop/given-back", pulls)
            self.assertEqual(gate.stop(), 0)
            gate.resume()
        self.slow.heal()
        self.wait_for(gate, name, "XZ001")

    def test_a_stop_answers_what_was_accepted(self):
        gate = self.gate()
        name = self.add_silent("accepted")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self.message, gate, name, 6)
            self.wait_for_pull("shop/accepted")
            self.assertEqual(gate.stop(), 0)
            self.assertIn("XZ010 pending", asked.result())

    def test_a_dead_scanner_stops_no_admission(self):
        gate = self.gate()
        known = self.push(bad_image("served"), "shop/served")
        self.wait_for(gate, known, "XZ001")
        os.kill(self.scanner(gate), signal.SIGKILL)
        self.assertIn("XZ001", self.message(gate, known))
        self.wait_for(gate, self.push(bad_image("after-death"), "shop/after-death"), "XZ001")
        self.assertEqual(gate.metrics().total("xzgate_scanner_restarts_total"), 1)

    def test_an_image_that_crashes_the_scanner_is_parked_alone(self):
        gate = self.gate()
        crashing = self.add_silent("crashing")
        # Long enough to be there at every crash, if it is scanned beside the crashing one.
        bystander = self.slow.add(bad_image("bystander"), "shop/bystander")
        self.slow.on("/v2/shop/bystander/blobs/.*", drip(1000), method="GET")
        for name in (crashing, bystander):
            self.message(gate, name, 1)
        self.wait_for_pull("shop/bystander")
        pulls = self.wait_for_pull("shop/crashing")
        for crash in range(1, CRASHES + 1):
            os.kill(self.scanner(gate), signal.SIGKILL)
            if crash < CRASHES:
                pulls = self.wait_for_pull("shop/crashing", pulls)
        self.slow.heal()
        self.wait_for(gate, crashing, "XZ012 unreadable")
        self.assertIn("crashed 3 times", self.message(gate, crashing))
        self.wait_for(gate, bystander, "XZ001")
        # Nor is anybody else held up.
        self.wait_for(gate, self.push(bad_image("next"), "shop/next"), "XZ001")


if __name__ == "__main__":
    unittest.main()
