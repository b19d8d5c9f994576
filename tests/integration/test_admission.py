"""What the webhook answers, and how it behaves, between an API server and a registry."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from gate_case import GateCase
from rig.faults import FaultRegistry, silence
from rig.images import Document
from rig.process import wait_until
from rig.review import Client, pod
from rig.xzgate import registry_settings
from support import SLOW, bad_image, clean_image

class PlacesTest(GateCase):
    """Every place of a pod that names an image."""

    def test_a_clean_pod_is_created(self):
        answer = self.ask(pod(images=[self.clean]))
        self.assertTrue(answer.allowed)
        self.assertEqual(answer.warnings, [])
        self.assertEqual(answer.annotations["reason"], "XZ021 clean")

    def test_each_place_is_judged(self):
        places = {
            'container "main-0"': {"images": [self.bad]},
            'init container "init-0"': {"images": [self.clean], "init": [self.bad]},
            'init container "sidecar-0"': {"images": [self.clean], "sidecars": [self.bad]},
            'ephemeral container "debug-0"': {"images": [self.clean], "ephemeral": [self.bad]},
            'image volume "volume-0"': {"images": [self.clean], "volumes": [self.bad]},
        }
        for place, images in places.items():
            with self.subTest(place):
                answer = self.ask(pod(**images))
                self.assertFalse(answer.allowed)
                self.assertIn(place, answer.message)
                self.assertIn("[XZ001 affected]", answer.message)
                self.assertIn("ask #security", answer.message)
                self.assertLess(len(answer.message), 1000)

    def test_every_bad_image_is_named(self):
        names = [self.push(bad_image(f"many-{n}"), f"shop/many-{n}") for n in range(5)]
        message = self.ask(pod(images=[*names, self.clean])).message
        for name in names:
            self.assertIn(name, message)
        self.assertNotIn(self.clean, message)

    def test_kubectl_debug(self):
        old = pod(images=[self.clean])
        new = pod(images=[self.clean], ephemeral=[self.bad])
        answer = self.ask(new, operation="UPDATE", old=old, sub_resource="ephemeralcontainers")
        self.assertFalse(answer.allowed)
        self.assertIn("debug-0", answer.message)

    def test_a_reference_that_is_none(self):
        for image in ("", "localhost:5000/Upper/case:1", "a b", "x@sha256:12", "host/..//x", "x" * 400):
            with self.subTest(image):
                answer = self.ask(pod(images=[image]))
                self.assertFalse(answer.allowed)
                self.assertIn("PL002", answer.message)

    def test_an_artifact_is_fine_as_a_volume_only(self):
        artifact = Document(
            "application/vnd.oci.image.manifest.v1+json",
            b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",'
            b'"artifactType":"application/vnd.example.model","config":{"mediaType":"application/vnd.oci.empty.v1+json",'
            b'"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":['
            b'{"mediaType":"application/vnd.example.weights",'
            b'"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}]}',
            {"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a": b"{}"},
        )
        name = self.push(artifact, "shop/model")
        self.assertTrue(self.ask(pod(images=[self.clean], volumes=[name])).allowed)
        answer = self.ask(pod(images=[name]))
        self.assertIn("XZ013 not_an_image", answer.message)


class UpdateTest(GateCase):
    """Only what is new is judged."""

    def update(self, old, new, **options):
        return self.ask(new, operation="UPDATE", old=old, **options)

    def test_an_unchanged_bad_pod_may_be_touched(self):
        old = pod(images=[self.bad])
        new = pod(images=[self.bad], metadata={"labels": {"a": "b"}})
        answer = self.update(old, new)
        self.assertTrue(answer.allowed)
        self.assertIn("already runs", "".join(answer.warnings))

    def test_a_changed_reference_or_pull_policy_is_judged(self):
        self.assertFalse(self.update(pod(images=[self.clean]), pod(images=[self.bad])).allowed)
        self.assertFalse(self.update(pod(images=[self.bad]), pod(images=[self.bad], pull_policy="Always")).allowed)

    def test_a_bad_image_may_be_replaced(self):
        self.assertTrue(self.update(pod(images=[self.bad]), pod(images=[self.clean])).allowed)

    def test_another_container_of_the_same_image_is_new(self):
        self.assertFalse(self.update(pod(images=[self.bad]), pod(images=[self.bad, self.bad])).allowed)

    def test_what_is_being_deleted_passes(self):
        dying = pod(images=[self.bad], metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
        self.assertTrue(self.update(pod(images=[self.clean]), dying).allowed)
        self.assertTrue(self.ask(pod(images=[self.bad]), operation="DELETE", old=pod(images=[self.bad])).allowed)


class ModesTest(GateCase):
    def test_warn_lets_it_pass_and_says_so(self):
        self.ask(pod(images=[self.bad]))
        answer = self.ask(pod(images=[self.bad], namespace="staging"))
        self.assertTrue(answer.allowed)
        self.assertIn("would be denied [XZ001 affected]", answer.warnings[0])
        self.assertEqual(answer.annotations["would-block"], "true")

    def test_audit_lets_it_pass_in_silence(self):
        self.ask(pod(images=[self.bad]))
        answer = self.ask(pod(images=[self.bad], namespace="sandbox"))
        self.assertTrue(answer.allowed)
        self.assertEqual(answer.warnings, [])
        self.assertEqual((answer.annotations["mode"], answer.annotations["would-block"]), ("audit", "true"))

    def test_a_digest_is_required_where_the_policy_says_so(self):
        answer = self.ask(pod(images=[self.clean], namespace="pinned"))
        self.assertFalse(answer.allowed)
        self.assertIn("PL001 digest_required", answer.message)
        self.assertIn(f"add @{clean_image().digest}", answer.message)
        pinned = f"{self.registry.address}/shop/clean@{clean_image().digest}"
        self.assertTrue(self.ask(pod(images=[pinned], namespace="pinned")).allowed)

    def test_outcomes_are_the_policy_s(self):
        lost = f"{self.registry.address}/shop/none:1"
        answer = self.ask(pod(images=[lost], namespace="lenient"))
        self.assertTrue(answer.allowed)
        self.assertIn("RG004 unreachable", answer.warnings[0])
        self.assertFalse(self.ask(pod(images=[lost])).allowed)


class WaitingTest(GateCase):
    """A miss is waited for in enforce mode only; a tag is asked for once in its life."""

    def test_one_request_of_the_registry_for_a_tag(self):
        name = self.push(clean_image("once"), "shop/once")
        with ThreadPoolExecutor(8) as pool:
            clients = [Client(self.gate.url, self.authority) for _ in range(8)]
            answers = list(pool.map(lambda c: c.ask(pod(images=[name])), clients))
            for one in clients:
                one.close()
        for _ in range(20):
            answers.append(self.ask(pod(images=[name])))
        self.assertTrue(all(answer.allowed for answer in answers))
        self.assertEqual(self.heads("shop/once"), 1)

    def test_a_miss_is_waited_for_in_enforce_mode(self):
        name = self.push(bad_image("unseen"), "shop/unseen")
        answer = self.ask(pod(images=[name]), timeout=10)
        self.assertIn("XZ001", answer.message)

    def test_warn_and_audit_never_wait(self):
        slow = self.enterContext(FaultRegistry(self.authority))
        slow.add(bad_image("slow"), "shop/slow")
        slow.on(".*", silence())
        gate = self.serve(
            registries=registry_settings(self.registry, slow),  # type: ignore[arg-type]
            policies=[str(self.folder / "policies.yaml")],
        )
        asker = Client(gate.url, self.authority)
        self.addCleanup(asker.close)
        for namespace in ("staging", "sandbox"):
            for number in range(2):
                start = time.monotonic()
                answer = asker.ask(pod(images=[f"{slow.address}/shop/slow:{number}"], namespace=namespace), timeout=10)
                self.assertTrue(answer.allowed)
                self.assertLess(time.monotonic() - start, 0.5 * SLOW)
                self.assertEqual(answer.annotations["reason"], "XZ010 pending")

    def test_what_warn_saw_is_scanned_in_the_background(self):
        name = self.push(bad_image("behind"), "shop/behind")
        self.assertIn("XZ010", self.ask(pod(images=[name], namespace="staging")).warnings[0])
        wait_until(lambda: "XZ001" in self.ask(pod(images=[name], namespace="staging")).warnings[0], "verdict", 20 * SLOW)

    def test_a_dry_run_leaves_no_trace(self):
        document = bad_image("dry")
        self.push(document, "shop/dry")
        pinned = f"{self.registry.address}/shop/dry@{document.digest}"
        for name in (f"{self.registry.address}/shop/dry:1", pinned):
            answer = self.ask(pod(images=[name]), dry_run=True)
            self.assertFalse(answer.allowed)
            self.assertIn("a dry run starts no scan", answer.message)
        # The next scan is done after whatever the dry run might have queued.
        self.ask(pod(images=[self.push(clean_image("after-dry"), "shop/after-dry")]))
        self.assertEqual(self.registry.count("GET", "/v2/shop/dry/.*"), 0)
        self.assertEqual(self.heads("shop/dry"), 1)

    def test_known_verdicts_hold_in_a_dry_run(self):
        self.ask(pod(images=[self.bad]))
        self.assertIn("XZ001", self.ask(pod(images=[self.bad]), dry_run=True).message)

    def test_one_connection_serves_many_reviews(self):
        before = self.gate.metrics().total("xzgate_tls_handshakes_total")
        for _ in range(30):
            self.ask(pod(images=[self.clean]))
        wait_until(lambda: self.gate.metrics().total("xzgate_admission_requests_total") > 0, "count", 5)
        self.assertLessEqual(self.gate.metrics().total("xzgate_tls_handshakes_total") - before, 2)


if __name__ == "__main__":
    unittest.main()
