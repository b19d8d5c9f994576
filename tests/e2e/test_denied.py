"""Pods with a backdoored image are refused, wherever the image stands, with a message that says what to do."""

import re
import unittest

from cluster import SUFFIX, Cluster, ClusterCase

NAMED = re.compile(r'^(?:xzgate: )?image "(\S+)" \([a-z ]+ "([\w-]+)"\) denied \[XZ001 affected\]$', re.MULTILINE)


def setUpModule():
    ClusterCase.cluster = unittest.enterModuleContext(Cluster())


class DeniedTest(ClusterCase):
    def setUp(self):
        self.bad = self.cluster.reference("shop/api")
        self.clean = self.cluster.reference("shop/web")

    def message(self, image: str, place: str) -> str:
        """All that is said of the image shop/api, when it stands at this place under this name."""
        layer = self.cluster.layer_digests("shop/api")[1]
        return f"""xzgate: image "{image}" ({place}) denied [XZ001 affected]
  xz-utils backdoor CVE-2024-3094: payload signature in usr/lib/x86_64-linux-gnu/liblzma.so.5.6.1, liblzma5 5.6.1-1 (dpkg)
  layer 2 of 3 {layer[:11]}…{layer[-5:]}; fix: rebuild on a base with liblzma5 5.6.1+really5.4.5-1 or newer
  {SUFFIX}"""

    def debug(self, image: str):
        """`kubectl debug` of the pod "patient"."""
        return self.kubectl("debug", "-n", "shop", "patient", f"--image={image}", "--container=look",
                            "--profile=general", "--attach=false")  # fmt: skip

    def test_what_kubectl_prints(self):
        before = self.fresh_metrics()
        done = self.create("ordinary", images=[self.bad])
        start = 'Error from server (Forbidden): error when creating "STDIN": '
        start += 'admission webhook "validate.xzgate.dev" denied the request: '
        want = self.message(self.bad, 'container "main-0"')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", f"{start}{want}\n"))
        self.assertFalse(self.exists("ordinary"))
        self.assert_counted(before, operation="CREATE", resource="pods", decision="deny", reason="affected")

    def test_every_place_of_a_pod(self):
        for place, words in (
            ("init", 'init container "init-0"'),
            ("sidecars", 'init container "sidecar-0"'),
            ("volumes", 'image volume "volume-0"'),
        ):
            with self.subTest(place):
                message = self.assert_denied(self.create(f"bad-{place}", **{place: [self.bad]}))
                self.assertEqual(message, self.message(self.bad, words))
                self.assertFalse(self.exists(f"bad-{place}"))

    def test_a_digest_is_judged_like_its_tag(self):
        pinned = f"{self.cluster.registry.address}/shop/api@{self.cluster.digest('shop/api')}"
        message = self.assert_denied(self.create("pinned", images=[pinned]))
        self.assertEqual(message, self.message(pinned, 'container "main-0"'))

    def test_a_bad_debug_container(self):
        self.assert_created(self.create("patient"), "patient")
        before, want = self.fresh_metrics(), self.message(self.bad, 'ephemeral container "look"')
        self.assertEqual(self.assert_denied(self.debug(self.bad)), want)
        # The sub-resource itself, as programs use it.
        patch = f'{{"spec": {{"ephemeralContainers": [{{"name": "look", "image": "{self.bad}"}}]}}}}'
        done = self.kubectl("patch", "pod", "patient", "-n", "shop", "--subresource=ephemeralcontainers", "-p", patch)
        self.assertEqual(self.assert_denied(done), want)
        self.assertNotIn("ephemeralContainers", self.cluster.plane.get("pod", "patient", "-n", "shop")["spec"])
        self.assert_counted(before, 2, operation="UPDATE", resource="pods/ephemeralcontainers", decision="deny")
        self.assertEqual(self.debug(self.clean).returncode, 0)

    def test_an_index_is_as_bad_as_its_worst_platform(self):
        message = self.assert_denied(self.create("sid", images=[self.cluster.reference("shop/sid")]))
        self.assertIn("[XZ001 affected]", message)
        self.assertRegex(message, r"\n  layer 1 of 1 sha256:\S+ \(linux/amd64\); fix: ")

    def test_every_bad_image_of_a_pod_is_named(self):
        worker, sid = self.cluster.reference("shop/worker"), self.cluster.reference("shop/sid")
        images = [self.clean, self.bad, worker, worker, sid]
        message = self.assert_denied(self.create("many", images=images, init=[worker], volumes=[self.bad]))
        want = [(self.bad, "main-1"), (worker, "main-2"), (worker, "main-3"), (sid, "main-4"), (worker, "init-0"),
                (self.bad, "volume-0")]  # fmt: skip
        self.assertCountEqual(NAMED.findall(message), want)
        self.assertNotIn(self.clean, message)
        self.assertIn("fix: rebuild on a base", message)

    def test_too_many_for_one_message_are_counted(self):
        message = self.assert_denied(self.create("crowd", images=[self.bad] * 30))
        self.assertEqual(message.splitlines()[-1], f"and {30 - len(NAMED.findall(message))} more")

    def test_what_cannot_be_looked_at_is_refused_with_its_reason(self):
        address = self.cluster.registry.address
        for name, image, words in (
            ("missing", f"{address}/shop/nothing:1", ("[RG004 unreachable]", "shop/nothing", "404")),
            ("guarded", "localhost:1/shop/api:1", (" unreachable]", "will not connect to", "registries.allowedHosts")),
            ("no-reference", f"{address}/Shop/API:1", ("[PL002 invalid_reference]", "want lower case")),
            ("no-image", self.cluster.reference("models/small"), ("[XZ013 not_an_image]", "vnd.example.model")),
        ):
            with self.subTest(name):
                message = self.assert_denied(self.create(name, images=[image]))
                for word in (f'image "{image}" (container "main-0") denied', *words):
                    self.assertIn(word, message)

    def test_a_denial_is_in_the_audit_log(self):
        self.assert_denied(self.create("on-record", images=[self.bad]))
        want = {"decision": "deny", "mode": "enforce", "reason": "XZ001 affected", "policy": "production",
                "image": self.bad, "signatures": "not_required", "digest": self.cluster.digest("shop/api")}  # fmt: skip
        self.assertEqual(self.annotations("on-record"), want)


class SignaturesTest(ClusterCase):
    """The namespace "vault" asks for the release key."""

    def test_signed_unsigned_and_wrongly_signed(self):
        self.assert_created(self.create("signed", images=[self.cluster.reference("vault/signed")], namespace="vault"), "signed")
        for who, code in (("unsigned", "SG001 unsigned"), ("stranger", "SG003 signature")):
            with self.subTest(who):
                name = self.cluster.reference(f"vault/{who}")
                message = self.assert_denied(self.create(who, images=[name], namespace="vault"))
                self.assertTrue(message.startswith(f'xzgate: image "{name}" (container "main-0") denied [{code}]\n'), message)
                self.assertIn("release", message)
                self.assertFalse(self.exists(who, "vault"))
                # Where nothing is asked for, the same image runs.
                self.assert_created(self.create(who, images=[name]), who)


class GoneRegistryTest(ClusterCase):
    def pinned(self, repository: str) -> str:
        return f"{self.cluster.registry.address}/{repository}@{self.cluster.digest(repository)}"

    def test_what_is_known_is_judged_without_the_registry(self):
        self.cluster.registry.stop()
        self.addCleanup(self.cluster.registry.resume)
        done = self.create("off-bad", images=[self.pinned("shop/worker")])
        self.assertIn("[XZ001 affected]", self.assert_denied(done))
        self.assert_created(self.create("off-clean", images=[self.pinned("shop/cache")]), "off-clean")
        self.assertEqual(self.gate.health()[0], 200)


if __name__ == "__main__":
    unittest.main()
