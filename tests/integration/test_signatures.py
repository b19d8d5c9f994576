"""`xzgate verify` on what real signers make, beside cosign's own answer, and on each one's neighbours.

Where the two answers differ, the test says so and docs/signatures.md says why.
"""

import json
import unittest
from pathlib import Path

from rig.cosign import HasPublicKey, Identity, Keyless
from rig.images import index
from rig.oidc import workflow_subject
from rig.process import run
from rig.signing import Key, signed_bundle, signed_layer, simple_signing
from rig.sigstore import Sigstore
from rig.xzgate import image_policy, write_documents
from signature_case import SignatureCase, small_image, verify

UNSIGNED, SIGNATURE, CLAIMS, IDENTITY, CERTIFICATE = "SG001", "SG003", "SG004", "SG005", "SG006"
LOG, ATTESTATION, REGISTRY = "SG008", "SG012", "SG014"
SPDX = "https://spdx.dev/Document"


class ByKeyTest(SignatureCase):
    with_sigstore = False

    def test_a_key_pair_in_either_form_and_registry(self):
        for registry, cosign in self.places.items():
            for legacy in (False, True):
                with self.subTest(type(registry).__name__, legacy=legacy):
                    name = self.put(small_image(f"key {legacy}"), f"keys/legacy-{legacy}".lower(), registry)
                    self.assert_denied(self.by_key(name, self.keys), UNSIGNED)
                    self.assertFalse(cosign.verifies(name, self.keys))
                    cosign.sign(name, self.keys, legacy=legacy)
                    self.assert_verified(self.by_key(name, self.keys))
                    self.assertTrue(cosign.verifies(name, self.keys), cosign.said)
                    self.assert_denied(self.by_key(name, self.other_keys), SIGNATURE)
                    self.assertFalse(cosign.verifies(name, self.other_keys))
                    tag = name.partition("@")[0] + ":1"
                    self.assert_verified(self.by_key(tag, self.keys))
                    # No log entry: not asked for, unless it is.
                    self.assertEqual(self.by_key(name, self.keys, "--require-tlog").code, 1)

    def test_annotations(self):
        for legacy in (False, True):
            with self.subTest(legacy=legacy):
                name = self.put(small_image(f"annotated {legacy}"), f"notes/legacy-{legacy}".lower())
                self.cosign.sign(name, self.keys, legacy=legacy, annotations={"stage": "prod", "team": "shop"})
                for wanted, reason in (({"stage": "prod"}, ""), ({"stage": "prod", "team": "shop"}, ""),
                                       ({"stage": "test"}, CLAIMS), ({"absent": "x"}, CLAIMS)):  # fmt: skip
                    words = [word for k, v in wanted.items() for word in ("--annotation", f"{k}={v}")]
                    answer = self.by_key(name, self.keys, *words)
                    self.assertEqual((answer.reason, answer.code), (reason, 1 if reason else 0), self.said(answer))
                    self.assertEqual(self.cosign.verifies(name, self.keys, annotations=wanted), not reason)

    def test_another_repository_for_the_signatures(self):
        name = self.put(small_image("elsewhere"), "elsewhere/app")
        where = f"{self.registry.address}/signatures/all"
        self.cosign.sign(name, self.keys, legacy=True, repository=where)
        self.assert_denied(self.by_key(name, self.keys), UNSIGNED)
        policy = self.policy("elsewhere", signatures={"require": [{"any": ["key"]}], "signatureRepository": where})
        self.assert_verified(self.verify("--policy", policy, name))
        self.assertTrue(self.cosign.verifies(name, self.keys, repository=where), self.cosign.said)

    def policy(self, name, **spec):
        authorities = [{"name": "key", "key": {"file": str(self.keys.public)}}]
        return write_documents(self.scratch / f"{name}.yaml", image_policy(name, authorities=authorities, **spec))

    def test_recursive_and_only_one_child(self):
        """10.5 row 10: a signature on the amd64 child is none of the index; one on the index covers its digest."""
        children = [small_image(f"child {n}") for n in range(2)]
        document = index(children)
        name = self.put(document, "index/app")
        child = f"{self.registry.address}/index/app@{children[0].digest}"
        self.cosign.sign(child, self.keys)
        self.assert_denied(self.by_key(name, self.keys), UNSIGNED)
        self.assert_verified(self.by_key(child, self.keys))
        self.assertFalse(self.cosign.verifies(name, self.keys))
        self.cosign.sign(name, self.keys, recursive=True)
        for each in (document, *children):
            self.assert_verified(self.by_key(f"{self.registry.address}/index/app@{each.digest}", self.keys))

    def test_children_where_the_policy_says_so(self):
        children = [small_image(f"verified child {n}") for n in range(2)]
        name = self.put(index(children), "index/children")
        policy = self.policy("children", signatures={"require": [{"any": ["key"]}], "verifyChildren": True})
        self.cosign.sign(f"{self.registry.address}/index/children@{children[0].digest}", self.keys)
        self.assert_denied(self.verify("--policy", policy, name), UNSIGNED)
        self.cosign.sign(f"{self.registry.address}/index/children@{children[1].digest}", self.keys)
        self.assert_verified(self.verify("--policy", policy, name))

    def test_attestations(self):
        for registry, cosign in self.places.items():
            for legacy in (False, True):
                with self.subTest(type(registry).__name__, legacy=legacy):
                    name = self.put(small_image(f"attested {legacy}"), f"attested/legacy-{legacy}".lower(), registry)
                    self.assert_denied(self.by_key(name, self.keys, "--attestation", "spdxjson"), UNSIGNED)
                    cosign.attest(name, self.keys, {"packages": []}, "spdxjson", legacy=legacy)
                    self.assert_verified(self.by_key(name, self.keys, "--attestation", "spdxjson"))
                    self.assert_verified(self.by_key(name, self.keys, "--attestation", SPDX))
                    self.assertTrue(cosign.verifies(name, self.keys, kind="spdxjson"), cosign.said)
                    self.assert_denied(self.by_key(name, self.keys, "--attestation", "vuln"), ATTESTATION)
                    self.assertFalse(cosign.verifies(name, self.keys, kind="vuln"))
                    self.assertNotEqual(self.by_key(name, self.other_keys, "--attestation", "spdxjson").code, 0)

    def test_an_attestation_is_no_signature(self):
        """10.1, the last row but one. cosign says yes to the bundle: docs/signatures.md, "Where cosign says otherwise"."""
        for legacy in (False, True):
            with self.subTest(legacy=legacy):
                name = self.put(small_image(f"only attested {legacy}"), f"attested/only-{legacy}".lower())
                self.cosign.attest(name, self.keys, {"scanner": {}}, "vuln", legacy=legacy)
                self.assert_denied(self.by_key(name, self.keys), UNSIGNED)
                self.assertEqual(self.cosign.verifies(name, self.keys), not legacy)

    def test_the_bundle_of_another_image(self):
        """CVE-2026-31830: a statement for another digest, otherwise valid."""
        signed, target = small_image("signed"), small_image("target")
        self.put(signed, "swap/app")
        name = self.put(target, "swap/app")
        self.attacher("swap/app").bundles(target, signed_bundle(self.key, signed.digest))
        self.assert_denied(self.by_key(name, self.key), CLAIMS)
        self.attacher("swap/app").bundles(target, signed_bundle(self.key, target.digest))
        self.assert_verified(self.by_key(name, self.key))

    def test_openssl_by_hand(self):
        for kind in ("p256", "p384", "p521", "rsa", "ed25519"):
            with self.subTest(kind):
                key = Key(self.scratch, kind, kind)
                document = small_image(f"by hand {kind}")
                name = self.put(document, f"hand/{kind}")
                self.attacher(f"hand/{kind}").sig_tag(document.digest, signed_layer(key, simple_signing(document.digest)))
                self.assert_verified(self.by_key(name, key))
                self.assert_denied(self.by_key(name, self.other_key), SIGNATURE)
                modern = small_image(f"bundle by hand {kind}")
                name = self.put(modern, f"hand/{kind}-bundle")
                self.attacher(f"hand/{kind}-bundle").bundles(modern, signed_bundle(key, modern.digest))
                self.assert_verified(self.by_key(name, key))

    def test_cosign_takes_what_is_made_by_hand(self):
        """The encoder of the tests is one that cosign believes as well."""
        pem = self.scratch / "pkcs8.pem"
        pem.write_bytes(run(["openssl", "pkey", "-in", self.key.private]))
        document = small_image("for cosign")
        name = self.put(document, "hand/cosign")
        self.attacher("hand/cosign").sig_tag(document.digest, signed_layer(self.key, simple_signing(document.digest)))
        self.assertTrue(self.cosign.verifies(name, self.key), self.cosign.said)

    def test_keys_that_are_none(self):
        """10.5 row 3: a private key or a certificate given as public key."""
        name = self.put(small_image("keys"), "keys/none")
        for path, word in ((self.key.private, "private"), (self.keys.private, "private"),
                           (self.authority.certificate, "certificate")):  # fmt: skip
            answer = verify("--key", path, name)
            self.assertEqual(answer.code, 2)
            self.assertIn(word, answer.error)

    def test_a_registry_that_is_not_there(self):
        for name in ("localhost:1/shop/api:1", f"{self.registry.address}/shop/none:1"):
            self.assert_denied(self.by_key(name, self.keys), REGISTRY, 3)

    def test_offline_after_the_first_sight(self):
        store = self.scratch / "store.db"
        for number, legacy in enumerate((False, True)):
            name = self.put(small_image(f"offline {legacy}"), f"offline/{number}")
            tag = name.partition("@")[0] + ":1"
            self.cosign.sign(name, self.keys, legacy=legacy)
            self.assert_verified(self.by_key(tag, self.keys, "--store", store))
            self.registry.stop()
            try:
                for each in (name, tag):
                    self.assert_verified(self.by_key(each, self.keys, "--store", store, "--offline"))
                    # The evidence is kept, not the answer.
                    self.assert_denied(self.by_key(each, self.other_keys, "--store", store, "--offline"), SIGNATURE)
                self.assert_denied(self.by_key(tag, self.keys), REGISTRY, 3)
                unseen = name.replace("offline/", "unseen/")
                self.assert_denied(self.by_key(unseen, self.keys, "--store", store, "--offline"), REGISTRY, 3)
            finally:
                self.registry.resume()


class KeylessTest(SignatureCase):
    def setUp(self):
        super().setUp()
        issuers = self.sigstore.issuers
        self.dev = Identity("dev@example.com", issuers.people)
        self.dev_signs = Keyless(issuers.person("dev@example.com"))
        self.ci = Identity(workflow_subject(), issuers.workflows)
        self.ci_signs = Keyless(issuers.workflow())

    def test_people_and_workflows_in_both_registries(self):
        for registry, cosign in self.places.items():
            for number, (who, signer) in enumerate(((self.dev, self.dev_signs), (self.ci, self.ci_signs))):
                with self.subTest(type(registry).__name__, who=who.subject):
                    name = self.put(small_image(f"keyless {number}"), f"keyless/{number}", registry)
                    cosign.sign(name, signer, annotations={"stage": "prod"})
                    self.assert_verified(self.by_identity(name, who))
                    self.assertTrue(cosign.verifies(name, who), cosign.said)
                    self.assert_verified(self.by_identity(name, who, "--annotation", "stage=prod"))
                    self.assert_denied(self.by_identity(name, who, "--annotation", "stage=test"), CLAIMS)
                    neighbours = (Identity(who.subject + "x", who.issuer), Identity(who.subject[:-1], who.issuer),
                                  Identity(who.subject, who.issuer + "/"), Identity(who.subject.upper(), who.issuer))  # fmt: skip
                    for other in neighbours:
                        self.assert_denied(self.by_identity(name, other), IDENTITY)
                        self.assertFalse(cosign.verifies(name, other))

    def test_expressions_match_the_whole(self):
        """CVE-2026-22772. cosign looks anywhere in the text: docs/signatures.md, "Where cosign says otherwise"."""
        name = self.put(small_image("expressions"), "keyless/expressions")
        self.cosign.sign(name, self.ci_signs)
        here = r"^http://127\.0\.0\.1:\d+/workflows$"
        for subject, issuer, code in (
            (r"^https://github\.com/acme/shop/.*@refs/heads/main$", here, 0),
            (r"^(?:https://github\.com/(acme|evil)/shop/.*|x)$", r"^http://127\.0\.0\.1:[0-9]+/.*$", 0),
            (r"^https://github\.com/acme/[a-z]*$", here, 1),
            (r"^github\.com/acme/.*$", here, 1),
            (r"^https://github\.com/acme/shop/.*$", r"^http://127\.0\.0\.1:\d+/work$", 1),
            # Not anchored: refused, as in policies.
            (r"https://github\.com/acme/shop/.*@refs/heads/main", here, 2),
            (r"^https://github\.com/acme/shop/.*$", r"http://127\.0\.0\.1:\d+/workflows", 2),
            (r"https://github\.com/acme/", here, 2),
            # Of any host.
            (r"^https://github\.com/acme/shop/.*$", r"^http://.*/workflows$", 2),
            (r"^https://.*/shop/.*$", here, 2),
        ):
            answer = self.verify("--trusted-root", self.sigstore.trusted_root, "--certificate-identity-regexp", subject,
                                 "--certificate-oidc-issuer-regexp", issuer, name)  # fmt: skip
            self.assertEqual(answer.code, code, self.said(answer))

    def test_a_stranger_s_root(self):
        """A certificate outside the trust root, for another Sigstore and for the built-in one."""
        name = self.put(small_image("stranger"), "keyless/stranger")
        self.cosign.sign(name, self.dev_signs)
        built_in = self.verify("--certificate-identity", self.dev.subject, "--certificate-oidc-issuer", self.dev.issuer, name)
        self.assertEqual(built_in.code, 1, self.said(built_in))
        with Sigstore() as stranger:
            roots = ["--trusted-root", stranger.trusted_root]
            whom = ["--certificate-identity", self.dev.subject, "--certificate-oidc-issuer", self.dev.issuer, name]
            answer = self.verify(*roots, *whom)
            self.assertEqual(answer.code, 1, self.said(answer))
            # Several at once: any of them.
            self.assert_verified(self.verify(*roots, "--trusted-root", self.sigstore.trusted_root, *whom))

    def test_a_key_is_no_identity_and_back(self):
        """CVE-2022-36056 and 10.5 row 3: key policy with a certificate, identity with a key."""
        keyless, keyed = small_image("a certificate"), small_image("a key")
        first, second = self.put(keyless, "mixed/keyless"), self.put(keyed, "mixed/keyed")
        self.cosign.sign(first, self.dev_signs)
        self.cosign.sign(second, self.keys)
        self.assertEqual(self.by_key(first, self.keys).code, 1)
        self.assertEqual(self.by_identity(second, self.dev).code, 1)

    def test_attestations(self):
        for registry, cosign in self.places.items():
            with self.subTest(type(registry).__name__):
                name = self.put(small_image("attested"), "keyless/attested", registry)
                cosign.attest(name, self.ci_signs, {"buildType": "x"}, "slsaprovenance1")
                self.assert_verified(self.by_identity(name, self.ci, "--attestation", "slsaprovenance1"))
                self.assertTrue(cosign.verifies(name, self.ci, kind="slsaprovenance1"), cosign.said)
                self.assert_denied(self.by_identity(name, self.ci, "--attestation", "slsaprovenance"), ATTESTATION)
                self.assertNotEqual(self.by_identity(name, self.dev, "--attestation", "slsaprovenance1").code, 0)
                self.assert_denied(self.by_identity(name, self.ci), UNSIGNED)

    def test_a_key_that_must_be_in_the_log(self):
        name = self.put(small_image("logged"), "keyless/logged")
        self.cosign.sign(name, self.keys)
        root = ["--require-tlog", "--trusted-root", self.sigstore.trusted_root]
        self.assert_denied(self.by_key(name, self.keys, *root), LOG)

    def test_files(self):
        path, other = self.scratch / "file", self.scratch / "other"
        path.write_text("content")
        other.write_text("something else")
        bundle_path = self.cosign.sign_blob(path, self.dev_signs, self.scratch / "file.bundle")
        digest = "sha256:" + run(["sha256sum", path]).decode().split()[0]
        for artifact in (path, digest):
            self.assert_verified(self.by_identity(artifact, self.dev, "--bundle", bundle_path))
        self.assertTrue(self.cosign.verifies_blob(path, self.dev, bundle_path), self.cosign.said)
        wrong = Identity("x@example.com", self.dev.issuer)
        for answer, cosigns in (
            (self.by_identity(other, self.dev, "--bundle", bundle_path), self.cosign.verifies_blob(other, self.dev, bundle_path)),
            (self.by_identity(path, wrong, "--bundle", bundle_path), self.cosign.verifies_blob(path, wrong, bundle_path)),
            (self.by_key(path, self.keys, "--bundle", bundle_path), self.cosign.verifies_blob(path, self.keys, bundle_path)),
        ):
            self.assertEqual((answer.code, cosigns), (1, False), self.said(answer))
        by_key = self.cosign.sign_blob(path, self.keys, self.scratch / "key.bundle")
        self.assert_verified(self.by_key(path, self.keys, "--bundle", by_key))
        self.assert_denied(self.by_key(path, self.other_keys, "--bundle", by_key), SIGNATURE)
        damaged = self.scratch / "damaged.bundle"
        damaged.write_text(bundle_path.read_text()[:-20])
        self.assertEqual(self.by_identity(path, self.dev, "--bundle", damaged).code, 3)

    def test_statements_about_files(self):
        """A statement is no signature of a file, and counts where its type is asked for. cosign's verify-blob takes any."""
        path = self.scratch / "attested-file"
        path.write_text("content")
        for n, (signs, ask) in enumerate(((self.keys, self.by_key), (self.dev_signs, self.by_identity))):
            who = self.keys if n == 0 else self.dev
            bundle = self.cosign.attest_blob(path, signs, {"packages": []}, "spdxjson", self.scratch / f"{n}.intoto")
            self.assert_denied(ask(path, who, "--bundle", bundle), CLAIMS)
            self.assertTrue(self.cosign.verifies_blob(path, who, bundle), self.cosign.said)
            for kind, verified in (("spdxjson", True), ("vuln", False)):
                answer = ask(path, who, "--bundle", bundle, "--attestation", kind)
                self.assertEqual((answer.code, answer.reason), (0, "") if verified else (1, ATTESTATION), self.said(answer))
                self.assertEqual(self.cosign.verifies_blob(path, who, bundle, kind=kind), verified, self.cosign.said)
            signature = self.cosign.sign_blob(path, signs, self.scratch / f"{n}.bundle")
            self.assert_denied(ask(path, who, "--bundle", signature, "--attestation", "spdxjson"), ATTESTATION)
            self.assertFalse(self.cosign.verifies_blob(path, who, signature, kind="spdxjson"))

    def test_one_byte_anywhere_in_a_bundle(self):
        """Each text of a bundle, one of its characters changed: never verified, never a crash."""
        document = small_image("bytes")
        name = self.put(document, "keyless/bytes")
        path = self.scratch / "bundle.json"
        self.cosign.sign(name, self.dev_signs, bundle=path)
        self.assert_verified(self.by_identity(name, self.dev))
        whole = json.loads(path.read_text())
        changed = [copy for where in _texts(whole) if (copy := _with_a_change(whole, where))]
        self.assertGreater(len(changed), 15)
        for number, copy in enumerate(changed):
            fresh = f"keyless/bytes-{number}"
            name = self.put(document, fresh)
            self.attacher(fresh).bundles(document, copy)
            answer = self.by_identity(name, self.dev)
            self.assertIn(answer.code, (1, 3), self.said(answer))


class DifferencesTest(SignatureCase):
    """docs/signatures.md, "Where cosign says otherwise": each row of the table, and both answers."""

    def differs(self, name: str, cosign: bool, ours: str, *words: str | Path, key: HasPublicKey | None = None) -> None:
        key = key or self.key
        self.assertEqual(self.cosign.says("verify", "--key", key.public, *words, name), cosign, self.cosign.said)
        self.assertEqual(self.by_key(name, key).reason, ours)

    def made(self, number: int, payload) -> str:
        document = small_image(f"difference {number}")
        name = self.put(document, f"differences/{number}")
        self.attacher(f"differences/{number}").sig_tag(document.digest, signed_layer(self.key, payload(document.digest)))
        return name

    def test_an_attestation_as_the_only_signature(self):
        name = self.put(small_image("attested alone"), "differences/attested")
        self.cosign.attest(name, self.keys, {"scanner": {}}, "vuln")
        self.differs(name, True, UNSIGNED, "--insecure-ignore-tlog", key=self.keys)

    def test_a_part_of_the_identity(self):
        name = self.put(small_image("a part"), "differences/part")
        self.cosign.sign(name, Keyless(self.sigstore.issuers.person("dev@example.com.evil.test")))
        whom = ["--trusted-root", self.sigstore.trusted_root, "--certificate-oidc-issuer", self.sigstore.issuers.people]
        part = ["--certificate-identity-regexp", "dev@example[.]com"]
        self.assertTrue(self.cosign.says("verify", *whom, *part, name), self.cosign.said)
        self.assertEqual(self.verify(*whom, *part, name).code, 2)
        whole = ["--certificate-identity-regexp", "^dev@example[.]com$"]
        self.assert_denied(self.verify(*whom, *whole, name), IDENTITY)

    def test_a_key_without_a_log(self):
        name = self.made(1, simple_signing)
        self.differs(name, True, "", "--insecure-ignore-tlog")
        self.differs(name, False, "", "--trusted-root", self.sigstore.trusted_root)

    def test_another_type(self):
        self.differs(self.made(2, lambda d: simple_signing(d, kind="something else")), True, "SG002", "--insecure-ignore-tlog")
        self.differs(self.made(3, lambda d: simple_signing(d, kind=None)), True, "SG002", "--insecure-ignore-tlog")

    def test_members_that_stand_twice_or_in_another_case(self):
        other = small_image("the first").digest.encode()
        name = b'"docker-manifest-digest":'
        for number, first in enumerate((name + b'"%s",' % other, b'"DOCKER-manifest-digest":"%s",' % other), 4):
            made = self.made(number, lambda d, first=first: simple_signing(d).replace(name, first + name))
            self.differs(made, True, "SG002", "--insecure-ignore-tlog")

    def test_keys_that_cosign_signs_with_and_does_not_know_again(self):
        """P-384 and P-521, by `sign` and `sign-blob`, without and with a log."""
        path = self.scratch / "file"
        path.write_text("content")
        logged = ["--signing-config", self.sigstore.signing_config, "--trusted-root", self.sigstore.trusted_root]
        known = ["--require-tlog", "--trusted-root", self.sigstore.trusted_root]
        for kind in ("p384", "p521"):
            with self.subTest(kind):
                keys = self.cosign.import_key(Key(self.scratch, f"pem-{kind}", kind).private, f"imported-{kind}")
                for legacy in (False, True):
                    name = self.put(small_image(f"{kind} {legacy}"), f"differences/{kind}-{legacy}".lower())
                    self.cosign.sign(name, keys, legacy=legacy)
                    self.differs(name, False, "", "--insecure-ignore-tlog", key=keys)
                name = self.put(small_image(f"{kind} logged"), f"differences/{kind}-logged")
                self.assertTrue(self.cosign.says("sign", "--yes", "--key", keys.private, *logged, name), self.cosign.said)
                self.assertFalse(self.cosign.says("verify", "--key", keys.public, *logged[2:], name))
                self.assert_verified(self.by_key(name, keys, *known))
                bundle = self.cosign.sign_blob(path, keys, self.scratch / f"{kind}.bundle")
                self.assertFalse(self.cosign.verifies_blob(path, keys, bundle))
                self.assert_verified(self.by_key(path, keys, "--bundle", bundle))
                words = ["sign-blob", "--yes", "--key", keys.private, *logged, "--bundle", bundle, path]
                self.assertTrue(self.cosign.says(*words), self.cosign.said)
                self.assert_verified(self.by_key(path, keys, *known, "--bundle", bundle))

    def test_a_file_s_bundle_that_names_no_digest(self):
        """Of an Ed25519 key: the bytes decide, and a digest in their place never does."""
        path, other = self.scratch / "file", self.scratch / "other"
        path.write_text("content")
        other.write_text("something else")
        keys = self.cosign.import_key(Key(self.scratch, "ed25519", "ed25519").private, "ed25519")
        bundle = self.cosign.sign_blob(path, keys, self.scratch / "ed25519.bundle")
        self.assertEqual(json.loads(bundle.read_text())["messageSignature"]["messageDigest"], {})
        self.assertFalse(self.cosign.verifies_blob(path, keys, bundle))
        self.assertIn("missing artifact digest", self.cosign.said)
        self.assert_verified(self.by_key(path, keys, "--bundle", bundle))
        # SG016: without OpenSSL 3.2 it might be one that was prehashed.
        self.assertIn(self.by_key(other, keys, "--bundle", bundle).reason, (SIGNATURE, "SG016"))
        self.assert_denied(self.by_key(path, self.keys, "--bundle", bundle), SIGNATURE)
        digest = "sha256:" + run(["sha256sum", path]).decode().split()[0]
        self.assert_denied(self.by_key(digest, keys, "--bundle", bundle), "SG016", 3)

    def test_an_image_by_an_ed25519_key(self):
        """No difference: cosign prehashes where Sigstore's rules say pure, and nobody verifies it. docs, "What is read"."""
        keys = self.cosign.import_key(Key(self.scratch, "ed", "ed25519").private, "ed-image")
        for legacy in (False, True):
            name = self.put(small_image(f"ed25519 {legacy}"), f"differences/ed25519-{legacy}".lower())
            self.cosign.sign(name, keys, legacy=legacy)
            self.differs(name, False, SIGNATURE, "--insecure-ignore-tlog", key=keys)

    def test_a_stray_bundle_beside_a_good_tag(self):
        document = small_image("a stray bundle")
        name = self.put(document, "differences/stray")
        attacher = self.attacher("differences/stray")
        attacher.sig_tag(document.digest, signed_layer(self.key, simple_signing(document.digest)))
        attacher.bundles(document, signed_bundle(self.other_key, document.digest))
        self.differs(name, False, "", "--insecure-ignore-tlog")


# Hints that nobody signs and nobody must believe: changed, they change nothing.
_HINTS = ("keyid",)


def _texts(value: object, path: tuple = ()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))
    elif isinstance(value, str) and value and path[-1] not in _HINTS:
        yield path


def _with_a_change(whole: dict, path: tuple) -> dict:
    copy = json.loads(json.dumps(whole))
    place = copy
    for step in path[:-1]:
        place = place[step]
    text = place[path[-1]]
    at = len(text) // 2
    place[path[-1]] = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    return copy


if __name__ == "__main__":
    unittest.main()
