"""What a newcomer reads in `xzgate verify`: causes by their right name, entries, places in full; and layouts of `cosign save`."""

import json
import unittest

from rig.images import index
from rig.process import run
from rig.xzgate import image_policy, write_documents, xzgate
from signature_case import SignatureCase, small_image

UNSIGNED, SIGNATURE, REGISTRY = "SG001", "SG003", "SG014"


class VerifyOutputTest(SignatureCase):
    with_sigstore = False

    def policy(self, **spec):
        authorities = [{"name": "release", "key": {"file": str(self.keys.public)}}]
        return write_documents(self.scratch / "policy.yaml", image_policy("shop", authorities=authorities, **spec))

    def table(self, *arguments) -> str:
        return xzgate("verify", *arguments, "--ca", self.authority.certificate).stdout

    def test_a_digest_that_is_not_there(self):
        """Not "unsigned": nobody can sign it."""
        for registry in (self.registry, self.modern):
            with self.subTest(type(registry).__name__):
                there = self.put(small_image("there"), "shop/there", registry)
                self.assert_denied(self.by_key(there, self.keys), UNSIGNED)
                missing = there.partition("@")[0] + "@sha256:" + "0" * 64
                self.assert_denied(self.by_key(missing, self.keys), REGISTRY, 3)
                said = self.table("--key", self.keys.public, missing)
                self.assertIn("no such image", said)
                self.assertIn("[RG004 not found]", said)

    def test_the_code_of_a_failure_and_the_flag_that_mends_it(self):
        name = self.put(small_image("hints"), "shop/hints")
        done = xzgate("verify", "--key", self.keys.public, name)
        self.assertEqual(done.returncode, 3)
        self.assertIn("[RG007 TLS]", done.stdout)
        self.assertIn("hint: an authority of your own? --ca FILE", done.stdout)
        plain = self.table("--plain-http", "--key", self.keys.public, name)
        self.assertIn("hint: TLS there? leave --plain-http out", plain)

    def test_not_required_is_a_failure_where_it_must_be_verified(self):
        name = self.put(small_image("not required"), "shop/free")
        policy = self.policy(namespaces=["prod-*"], signatures={"require": [{"any": ["release"]}]})
        answer = self.verify("--policy", policy, name)
        self.assertEqual((answer.code, answer.outcome), (0, "not_required"))
        self.assertEqual(answer.first["namespace"], "default")
        self.assertEqual(self.verify("--policy", policy, "--must-verify", name).code, 1)
        self.assertEqual(self.verify("--policy", policy, "--namespace", "prod-1", name).first["policy"], "shop")

    def test_entries_places_and_types(self):
        name = self.put(small_image("entries"), "shop/entries")
        self.cosign.sign(name, self.keys)
        self.cosign.attest(name, self.keys, {"scanner": {}}, "vuln")
        vuln, spdx = ({"type": kind, "any": ["release"]} for kind in ("vuln", "spdxjson"))
        policy = self.policy(signatures={"require": [{"any": ["release"]}]}, attestations=[vuln, spdx])
        answer = self.verify("--policy", policy, name)
        entries = {each["entry"]: each["report"]["outcome"] for each in answer.first["reports"]}
        self.assertEqual(entries, {"signatures.require[0]": "verified", "attestations[0] (vuln)": "verified",
                                   "attestations[1] (spdxjson)": "wrongly_signed"})  # fmt: skip
        types = set()
        for found in answer.candidates:
            self.assertRegex(found["digest"], "^sha256:[0-9a-f]{64}$")
            self.assertIn(found["place"], ("fallback_tag", "referrer"))
            self.assertEqual(found["layer"], 0)
            types.add(found["predicate_type"])
        self.assertEqual(types, {"", "https://cosign.sigstore.dev/attestation/vuln/v1"})
        explained = xzgate("explain", "--policy", policy, "--ca", self.authority.certificate, name).stdout
        self.assertIn("attestations[1] (spdxjson): wrongly_signed [SG012 attestation]", explained)

    def test_which_key_it_was(self):
        name = self.put(small_image("which key"), "shop/which")
        self.cosign.sign(name, self.keys)
        der = run(["openssl", "pkey", "-pubin", "-in", self.keys.public, "-outform", "der"])
        path = self.scratch / "der"
        path.write_bytes(der)
        spki = run(["sha256sum", path]).decode().split()[0]
        answer = self.by_key(name, self.other_keys, "--key", self.keys.public)
        self.assert_verified(answer)
        details = [step["detail"] for found in answer.candidates for step in found["steps"]]
        self.assertIn(f'ECDSA P-256 key {spki} of "{self.keys.public}"', details)

    def test_signatures_of_another_repository(self):
        name = self.put(small_image("elsewhere"), "shop/elsewhere")
        where = f"{self.registry.address}/signatures/here"
        self.cosign.sign(name, self.keys, legacy=True, repository=where)
        self.assert_denied(self.by_key(name, self.keys), UNSIGNED)
        self.assert_verified(self.by_key(name, self.keys, "--signature-repository", where))

    def test_a_layout_of_cosign_save(self):
        """cosign's own answer is `verify --local-image`."""
        children = [small_image(f"saved child {n}") for n in range(2)]
        for number, document in enumerate((small_image("saved"), index(children))):
            name = self.put(document, f"shop/saved-{number}")
            self.cosign.sign(name, self.keys, legacy=True)
            folder = self.scratch / f"saved-{number}"
            self.assertTrue(self.cosign.says("save", "--dir", folder, name), self.cosign.said)
            layout = f"oci:{folder}@{document.digest}"
            self.assertTrue(self.cosign.says("verify", "--local-image", "--key", self.keys.public,
                                             "--insecure-ignore-tlog", folder), self.cosign.said)  # fmt: skip
            self.assert_verified(self.by_key(layout, self.keys))
            self.assert_verified(self.by_key(f"oci:{folder}", self.keys))  # the only image in it
            self.assert_denied(self.by_key(layout, self.other_keys), SIGNATURE)
            self.assertTrue(json.loads((folder / "index.json").read_text())["manifests"])

    def test_the_bundle_that_old_cosign_writes(self):
        path, bundle = self.scratch / "file", self.scratch / "old.bundle"
        path.write_text("content")
        signed = self.cosign.says("sign-blob", "--key", self.keys.private, "--use-signing-config=false", "--tlog-upload=false",
                                  "--new-bundle-format=false", "--yes", "--bundle", bundle, path)  # fmt: skip
        self.assertTrue(signed, self.cosign.said)
        answer = self.by_key(path, self.keys, "--bundle", bundle)
        self.assert_denied(answer, "SG016", 3)
        self.assertIn("cosign's own bundle", self.said(answer))


if __name__ == "__main__":
    unittest.main()
