"""Signatures through the whole gate: registry, scanner, verifier, policy, AdmissionReview."""

import time
import unittest

from rig.cosign import Keyless
from rig.faults import Reply, status
from rig.images import index
from rig.process import wait_until
from rig.review import pod
from rig.signing import signature_manifest, signed_bundle, signed_layer, simple_signing
from signature_case import small_image
from signature_gate_case import PROVENANCE, VULNERABILITIES, SignatureGateCase
from support import SLOW, bad_image

NOTICED_SECONDS = 10 * SLOW  # within which a new signature on a known digest must be seen


class DecisionsTest(SignatureGateCase):
    def test_signed_unsigned_and_wrongly_signed(self):
        for number, (layers, reason) in enumerate((
            ((), "SG001"),
            ((lambda d: signed_layer(self.key, simple_signing(d)),), ""),
            ((lambda d: signed_layer(self.other_key, simple_signing(d)),), "SG003"),
        )):  # fmt: skip
            with self.subTest(reason):
                document = small_image(f"decided {number}")
                name = self.fresh(document, f"decided/{number}", *(make(document.digest) for make in layers))
                if reason:
                    self.assert_refused(name, reason)
                else:
                    self.assert_allowed(name)
                # What is not asked for does not matter.
                answer = self.assert_allowed(name, "default")
                self.assertEqual(answer.annotations["reason"], "XZ021 clean")

    def test_people_workflows_and_their_extensions(self):
        issuers = self.sigstore.issuers
        signers = {"dev": issuers.person("dev@example.com"), "ci": issuers.workflow(), "branch": issuers.workflow(ref="refs/heads/x"),
                   "stranger": issuers.person("stranger@example.com")}  # fmt: skip
        wanted = {"dev": ("", "SG005"), "ci": ("SG005", ""), "branch": ("SG005", "SG005"), "stranger": ("SG005", "SG005")}
        for who, token in signers.items():
            name = self.put(small_image(f"by {who}"), f"keyless/{who}")
            self.cosign.sign(name, Keyless(token))
            for namespace, reason in zip(("dev", "ci"), wanted[who], strict=True):
                with self.subTest(who=who, namespace=namespace):
                    if reason:
                        self.assert_refused(name, reason, namespace)
                    else:
                        self.assert_allowed(name, namespace)

    def test_all_and_thresholds(self):
        """10.5 row 11: several requirements are all to be met; 10.2 GHSA-9vcr-p3rj-q5q6: one signer counts once."""
        signers = {"nobody": (), "one": (self.key,), "one-twice": (self.key, self.key), "two": (self.key, self.other_key)}
        for who, keys in signers.items():
            with self.subTest(who):
                document = small_image(f"thresholds {who}")
                name = self.fresh(document, f"thresholds/{who}", bundles=[signed_bundle(key, document.digest) for key in keys])
                if who == "two":
                    self.assert_allowed(name, "both")
                    self.assert_allowed(name, "two-of-three")
                else:
                    reason = "SG011" if keys else "SG001"
                    self.assert_refused(name, reason, "both")
                    self.assert_refused(name, reason, "two-of-three")

    def test_annotations_that_must_be_signed(self):
        for stage, reason in (("prod", ""), ("test", "SG004"), ("", "SG004")):
            document = small_image(f"stage {stage}")
            payload = simple_signing(document.digest, **({"stage": stage} if stage else {}))
            name = self.fresh(document, f"staged/x{stage}", signed_layer(self.key, payload))
            if reason:
                self.assert_refused(name, reason, "staged")
            else:
                self.assert_allowed(name, "staged")

    def test_attestations_and_what_they_must_say(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

        def scan(*found: str, at: str = now) -> dict:
            return {"scanner": {"result": {"vulnerabilities": [{"id": each} for each in found]}}, "metadata": {"scanFinishedOn": at}}

        for number, (predicate, reason) in enumerate((
            (scan("CVE-2025-1"), ""), (scan(), ""), (scan("CVE-2024-3094"), "SG013"), (scan("CVE-2025-1", at="2026-01-01T00:00:00Z"), "SG013"),
            ({"scanner": {}}, "SG013"), ({}, "SG013"),
        )):  # fmt: skip
            with self.subTest(predicate=predicate):
                document = small_image(f"scanned {number}")
                made = signed_bundle(self.key, document.digest, VULNERABILITIES, predicate)
                name = self.fresh(document, f"scanned/{number}", bundles=[made])
                if reason:
                    self.assert_refused(name, reason, "scanned")
                else:
                    self.assert_allowed(name, "scanned")

    def test_provenance_by_a_workflow(self):
        for builder, reason in (("https://builder.example/1", ""), ("https://builder.example/2", "SG013")):
            name = self.put(small_image(builder), f"built/{builder[-1]}")
            predicate = {"buildDefinition": {"buildType": "x"}, "runDetails": {"builder": {"id": builder}}}
            self.cosign.attest(name, Keyless(self.sigstore.issuers.workflow()), predicate, "slsaprovenance1")
            if reason:
                self.assert_refused(name, reason, "built")
            else:
                self.assert_allowed(name, "built")

    def test_signature_and_attestation_are_both_wanted(self):
        """kyverno#4668: an attestation by another key than the one that is asked for."""
        for who, reason in (("both", ""), ("unattested", "SG012"), ("other", "SG003"), ("unsigned", "SG001")):
            with self.subTest(who):
                document = small_image(f"attested {who}")
                made = [] if who == "unsigned" else [signed_bundle(self.key, document.digest)]
                if who != "unattested":
                    key = self.other_key if who == "other" else self.key
                    made.append(signed_bundle(key, document.digest, PROVENANCE, {"x": 1}))
                name = self.fresh(document, f"attested/{who}", bundles=made)
                if reason:
                    self.assert_refused(name, reason, "attested")
                else:
                    self.assert_allowed(name, "attested")

    def test_what_no_entry_covers(self):
        document = small_image("covered")
        name = self.fresh(document, "payment/api", bundles=[signed_bundle(self.key, document.digest)])
        self.assert_allowed(name, "elsewhere")
        self.assert_refused(self.put(small_image("uncovered"), "other/api"), "SG017", "elsewhere")

    def test_every_place_of_a_pod(self):
        """CVE-2023-2727: ephemeral and init containers, image volumes."""
        document = small_image("a good one")
        good = self.fresh(document, "places/good", signed_layer(self.key, simple_signing(document.digest)))
        bad = self.put(small_image("a bad one"), "places/bad")
        for place in ("init", "sidecars", "ephemeral", "volumes"):
            with self.subTest(place):
                answer = self.client.ask(pod(images=[good], namespace="key", **{place: [bad]}), timeout=10)
                self.assertIn("[SG001 unsigned]", answer.message)
                self.assertTrue(self.client.ask(pod(images=[good], namespace="key", **{place: [good]}), timeout=10).allowed)
        old, new = pod(images=[good], namespace="key"), pod(images=[good], namespace="key", ephemeral=[bad])
        answer = self.client.ask(new, operation="UPDATE", old=old, sub_resource="ephemeralcontainers", timeout=10)
        self.assertFalse(answer.allowed)

    def test_a_signature_does_not_make_a_bad_image_good(self):
        document = bad_image("signed and bad")
        name = self.fresh(document, "outvoted/bad", signed_layer(self.key, simple_signing(document.digest)))
        self.assert_refused(name, "XZ001")

    def test_an_index_and_its_children(self):
        """10.5 row 10."""
        children = [small_image(f"gate child {n}") for n in range(2)]
        document = index(children)
        name = self.put(document, "index/app")
        self.attacher("index/app").bundles(children[0], signed_bundle(self.key, children[0].digest))
        self.assert_refused(name, "SG001")
        signed = index([*children, small_image("one more")])
        name = self.fresh(signed, "index/signed", bundles=[signed_bundle(self.key, signed.digest)])
        self.assert_allowed(name)


class KnownTest(SignatureGateCase):
    """What is known is not asked for again, and what changes is noticed."""

    def test_a_new_signature_is_noticed(self):
        document = small_image("signed late")
        name = self.put(document, "late/api")
        self.assert_refused(name, "SG001")
        self.attacher("late/api").bundles(document, signed_bundle(self.key, document.digest))
        wait_until(lambda: self.ask(name).allowed, "answer to the new signature", NOTICED_SECONDS)

    def test_a_stored_answer_asks_nobody(self):
        document = small_image("asked once")
        name = self.fresh(document, "once/api", signed_layer(self.key, simple_signing(document.digest)))
        counter = "xzgate_signature_verifications_total"
        target = self.gate.scanner_metrics().total(counter) + self.entries_for_everything()
        self.assert_allowed(name)
        # One job verifies for every policy; the answer came as soon as what it needs was stored.
        wait_until(lambda: self.gate.scanner_metrics().total(counter) >= target, "end of the job", 20 * SLOW)
        before = self.registry.count()
        for _ in range(20):
            self.assert_allowed(name)
        self.assertEqual(self.registry.count(), before)

    def entries_for_everything(self) -> int:
        """How many entries of the policies cover whatever image."""
        specs = [policy["spec"] for policy in self.policies()]
        entries = [e for s in specs for e in (*s.get("signatures", {}).get("require", ()), *s.get("attestations", ()))]
        return sum("images" not in entry for entry in entries)

    def test_without_the_network_after_the_first_sight(self):
        good, bad = small_image("seen good"), small_image("seen bad")
        first = self.fresh(good, "seen/good", signed_layer(self.key, simple_signing(good.digest)))
        second = self.put(bad, "seen/bad")
        self.assert_allowed(first)
        self.assert_refused(second, "SG001")
        self.registry.stop()
        try:
            self.assert_allowed(first)
            self.assertFalse(self.ask(second).allowed)
            # Kept by another policy's requirement too: the evidence was, not only the answer.
            self.assert_refused(first, "SG011", "both")
            unseen = first.replace("seen/good", "unseen/good")
            self.assertFalse(self.ask(unseen).allowed)
        finally:
            self.registry.resume()

    def test_a_registry_that_is_down_is_never_unsigned(self):
        document = small_image("behind a fault")
        name = f"{self.faulty.address}/down/api@{document.digest}"
        self.faulty.add(document, "down/api")
        for code in (401, 403, 429, 500, 503):
            with self.subTest(code):
                self.faulty.on("/v2/down/api/(referrers/.*|manifests/sha256-.*)", status(code))
                answer = self.ask(name)
                self.assertFalse(answer.allowed)
                self.assertNotIn("SG001", answer.message)
                self.faulty.heal()

    def test_one_resolve_for_both(self):
        """CVE-2022-47633: the registry gives image A for the verification, and B later."""
        signed, unsigned = small_image("shown first"), small_image("shown later")
        self.faulty.add(unsigned, "swap/api")
        self.faulty.add(signed, "swap/api", "first")
        self.faulty.add(_signature_of(self.key, signed), "swap/api", signed.digest.replace(":", "-") + ".sig")
        shown = iter([signed])

        def swap(honest):
            document = next(shown, unsigned)
            return Reply(200, document.content, {"Content-Type": document.media_type, "Docker-Content-Digest": document.digest})

        self.faulty.on("/v2/swap/api/manifests/1", swap)
        answer = self.ask(f"{self.faulty.address}/swap/api:1")
        self.assertTrue(answer.allowed, answer.message)
        self.assertEqual(answer.annotations["digest"], signed.digest)
        self.assertEqual(self.faulty.count("(GET|HEAD)", "/v2/swap/api/manifests/1"), 1)


def _signature_of(key, document):
    return signature_manifest([signed_layer(key, simple_signing(document.digest))])


if __name__ == "__main__":
    unittest.main()
