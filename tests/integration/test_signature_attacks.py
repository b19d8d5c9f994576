"""What others were deceived by, through the whole gate: registry, verifier, policy, AdmissionReview.

Each row names where the mistake was made first; docs/signatures.md lists the differences to cosign. Here is what a key or an honest
Sigstore can make; single fields of certificates, timestamps and logs, which need signers that lie, are in test_signature_attacks_*.py.
"""

import base64
import json
import time
import unittest
from collections.abc import Callable

from rig.cosign import Keyless
from rig.images import Document
from rig.signing import (
    BUNDLE,
    COSIGN_SIGN,
    IN_TOTO,
    REKOR_BUNDLE,
    SIGNATURE,
    Key,
    SignedLayer,
    b64,
    bundle,
    envelope,
    referrer,
    rekor_bundle,
    signed_bundle,
    signed_layer,
    simple_signing,
    statement,
)
from signature_case import small_image
from signature_gate_case import PROVENANCE, SignatureGateCase

MALFORMED, SIGNED_WRONG, CLAIMS, UNSIGNED = "SG002", "SG003", "SG004", "SG001"
LOG, TIME, ATTESTATION, TOO_MANY = "SG008", "SG009", "SG012", "SG015"


class AttackCase(SignatureGateCase):
    """Runs tables: a row's name, what makes the layers or bundles beside an image, and the reason of the refusal."""

    def refuse_layers(self, rows: dict[str, tuple[Callable[[str], object], str]], namespace: str = "key") -> None:
        """`make(digest)` gives one layer of the .sig tag, or a list of them; the reason "" is for what must pass."""
        for number, (row, (make, reason)) in enumerate(rows.items()):
            with self.subTest(row):
                document = small_image(f"{self.id()} {row}")
                made = make(document.digest)
                layers = made if isinstance(made, list) else [made]
                self.judge(self.fresh(document, self.repository(number), *layers), reason, namespace)

    def refuse_bundles(self, rows: dict[str, tuple[Callable[[Document], object], str]], namespace: str = "key") -> None:
        """`make(document)` gives one bundle, a list of them, or bytes."""
        for number, (row, (make, reason)) in enumerate(rows.items()):
            with self.subTest(row):
                document = small_image(f"{self.id()} {row}")
                made = make(document)
                bundles = made if isinstance(made, list) else [made]
                self.judge(self.fresh(document, self.repository(number), bundles=bundles), reason, namespace)

    def judge(self, name: str, reason: str, namespace: str) -> None:
        if reason:
            self.assert_refused(name, reason, namespace)
        else:
            self.assert_allowed(name, namespace)

    def repository(self, number: int) -> str:
        return f"{self.id().rpartition('.')[2].replace('_', '-')}/{number}".lower()


class SimpleSigningTest(AttackCase):
    with_sigstore = False

    def signed(self, payload: bytes) -> SignedLayer:
        return signed_layer(self.key, payload)

    def test_what_is_signed(self):
        """10.1: critical.type; 10.5 rows 1 and 2."""

        def changed(old: bytes, new: bytes) -> Callable[[str], object]:
            def make(digest: str) -> SignedLayer:
                payload = simple_signing(digest)
                self.assertIn(old, payload)
                return self.signed(payload.replace(old, new))

            return make

        other = small_image("another image").digest
        self.refuse_layers({
            "as it should be": (lambda d: self.signed(simple_signing(d)), ""),
            "another digest": (lambda d: self.signed(simple_signing(other)), CLAIMS),
            "upper case": (lambda d: self.signed(simple_signing(d.upper().replace("SHA256", "sha256"))), MALFORMED),
            "sha512": (lambda d: self.signed(simple_signing("sha512:" + "0" * 128)), CLAIMS),
            "trailing newline in the digest": (lambda d: self.signed(simple_signing(d + "\n")), MALFORMED),
            "hex alone": (lambda d: self.signed(simple_signing(d.removeprefix("sha256:"))), MALFORMED),
            "another type": (lambda d: self.signed(simple_signing(d, kind="atomic container signature")), MALFORMED),
            "no type": (lambda d: self.signed(simple_signing(d, kind=None)), MALFORMED),
            "no digest": (changed(b"docker-manifest-digest", b"docker-manifest-digesT"), MALFORMED),
            "capital": (changed(b'"docker-manifest-digest"', b'"Docker-manifest-digest"'), MALFORMED),
            "critical twice": (changed(b'{"critical"', b'{"critical":{},"critical"'), MALFORMED),
            "image twice": (changed(b'"image":{', b'"image":{},"image":{'), MALFORMED),
            "digest twice": (lambda d: self.signed(simple_signing(d).replace(
                b'"docker-manifest-digest"', b'"docker-manifest-digest":"%s","docker-manifest-digest"' % other.encode())), MALFORMED),
            "case variant beside it": (lambda d: self.signed(simple_signing(d).replace(
                b'"docker-manifest-digest"', b'"DOCKER-manifest-digest":"%s","docker-manifest-digest"' % other.encode())), MALFORMED),
            "text behind": (lambda d: self.signed(simple_signing(d) + b"{}"), MALFORMED),
            "byte order mark": (lambda d: self.signed(b"\xef\xbb\xbf" + simple_signing(d)), MALFORMED),
            "invalid UTF-8": (changed(b'"docker-reference":""', b'"docker-reference":"\xff"'), MALFORMED),
            "deep nesting": (changed(b'"optional":null', b'"optional":' + b'{"a":' * 5000 + b"1" + b"}" * 5000), MALFORMED),
            "null": (lambda d: self.signed(b"null"), MALFORMED),
            "a list": (lambda d: self.signed(b"[]"), MALFORMED),
            "nothing": (lambda d: self.signed(b" "), MALFORMED),
        })  # fmt: skip

    def test_the_signature_itself(self):
        """10.5 rows 3 and 4: other schemes and spellings of the same signature."""
        rsa = Key(self.folder, "rsa", "rsa")

        def written(spell: Callable[[bytes], str]) -> Callable[[str], object]:
            def make(digest: str) -> SignedLayer:
                payload = simple_signing(digest)
                return SignedLayer(payload, {SIGNATURE: spell(self.key.sign(payload))})

            return make

        def signed(sign: Callable[[bytes], bytes]) -> Callable[[str], object]:
            return lambda d: SignedLayer(simple_signing(d), {SIGNATURE: b64(sign(simple_signing(d)))})

        self.refuse_layers({
            "as it should be": (written(b64), ""),
            "by another key": (signed(self.other_key.sign), SIGNED_WRONG),
            "by another kind of key": (signed(rsa.sign), SIGNED_WRONG),
            "PSS by another kind of key": (signed(lambda p: rsa.sign(p, "-sigopt", "rsa_padding_mode:pss")), SIGNED_WRONG),
            "over SHA-512": (signed(lambda p: self.key.sign(p, hashed="sha512")), SIGNED_WRONG),
            "over SHA-1": (signed(lambda p: self.key.sign(p, hashed="sha1")), SIGNED_WRONG),
            "r and s without DER": (signed(lambda p: _raw(self.key.sign(p))), SIGNED_WRONG),
            "r and s are zero": (signed(lambda _: bytes.fromhex("3006020100020100")), SIGNED_WRONG),
            "a byte behind": (signed(lambda p: self.key.sign(p) + b"\0"), SIGNED_WRONG),
            "padded integers": (signed(lambda p: _padded(self.key.sign(p))), SIGNED_WRONG),
            "empty": (written(lambda _: ""), MALFORMED),
            "no base64": (written(lambda _: "?"), MALFORMED),
            "white space": (written(lambda s: b64(s)[:8] + "\n" + b64(s)[8:]), MALFORMED),
            "space at the end": (written(lambda s: b64(s) + " "), MALFORMED),
            "other alphabet": (lambda d: _with_odd_characters(self.key, d), MALFORMED),
            "padding more": (written(lambda s: b64(s) + "="), MALFORMED),
            "no annotation": (lambda d: SignedLayer(simple_signing(d)), MALFORMED),
            "another name": (lambda d: SignedLayer(simple_signing(d), {
                "dev.sigstore.cosign/signature": b64(self.key.sign(simple_signing(d)))}), MALFORMED),
        })  # fmt: skip

    def test_several_signatures(self):
        """10.5 row 8."""

        def good(digest: str) -> SignedLayer:
            return self.signed(simple_signing(digest))

        def stranger(digest: str) -> SignedLayer:
            return signed_layer(self.other_key, simple_signing(digest))

        def broken(digest: str, number: int = 0) -> SignedLayer:
            payload = simple_signing(digest, number=str(number))
            return SignedLayer(payload, {SIGNATURE: b64(self.key.sign(payload + b" "))})

        self.refuse_layers({
            "bad, then good": (lambda d: [broken(d), good(d)], ""),
            "good, then bad": (lambda d: [good(d), broken(d)], ""),
            "all bad": (lambda d: [broken(d, n) for n in range(3)], SIGNED_WRONG),
            "a stranger's good one and our bad one": (lambda d: [stranger(d), broken(d)], SIGNED_WRONG),
            # cosign appends: the newest is tried first.
            "the tenth is good": (lambda d: [good(d), *(broken(d, n) for n in range(9))], ""),
            "the eleventh is good": (lambda d: [good(d), *(broken(d, n) for n in range(10))], TOO_MANY),
            "the 51st is good": (lambda d: [good(d), *(broken(d, n) for n in range(50))], TOO_MANY),
        })  # fmt: skip

    def test_a_layer_of_another_type(self):
        """10.1: the media type says what is signed; something else that the key signed is no signature of an image."""
        self.refuse_layers({
            "octets": (lambda d: SignedLayer(simple_signing(d), self.signed(simple_signing(d)).annotations,
                                             "application/octet-stream"), UNSIGNED),
        })  # fmt: skip

    def test_an_entry_of_the_log_for_something_else(self):
        """CVE-2022-23649, CVE-2026-22703, CVE-2024-53267: the log's promise is valid, and about another signature."""
        now = int(time.time())

        def logged(digest: str, promise: Callable[[bytes, bytes], dict]) -> SignedLayer:
            layer = self.signed(simple_signing(digest))
            signature = base64.b64decode(layer.annotations[SIGNATURE])
            return SignedLayer(layer.payload, {**layer.annotations, REKOR_BUNDLE: json.dumps(promise(layer.payload, signature))})

        def right(payload: bytes, signature: bytes, **changes: object) -> dict:
            return rekor_bundle(self.log, payload, signature, self.key, **{"at": now, **changes})

        def of_another(payload: bytes, signature: bytes) -> dict:
            other = simple_signing(small_image("another").digest)
            return right(other, self.key.sign(other))

        def altered(**fields: object) -> Callable[[bytes, bytes], dict]:
            def make(payload: bytes, signature: bytes) -> dict:
                promise = right(payload, signature)
                return {**promise, "Payload": {**promise["Payload"], **fields}}

            return make

        self.refuse_layers({
            "as it should be": (lambda d: logged(d, right), ""),
            "no entry": (lambda d: self.signed(simple_signing(d)), LOG),
            "of another image": (lambda d: logged(d, of_another), LOG),
            "of another signature of it": (lambda d: logged(d, lambda p, s: right(p, self.key.sign(p))), LOG),
            "of another payload": (lambda d: logged(d, lambda p, s: right(p + b" ", s)), LOG),
            "of another key": (lambda d: logged(d, lambda p, s: rekor_bundle(self.log, p, s, self.other_key, at=now)), LOG),
            "by another log": (lambda d: logged(d, lambda p, s: rekor_bundle(self.other_key, p, s, self.key, at=now)), LOG),
            "from before the log was trusted": (lambda d: logged(d, lambda p, s: right(p, s, at=1_600_000_000)), LOG),
            "another time": (lambda d: logged(d, altered(integratedTime=now - 1)), LOG),
            "another index": (lambda d: logged(d, altered(logIndex=8)), LOG),
            "a body of null": (lambda d: logged(d, altered(body=b64(b"null"))), MALFORMED),
            "an index below zero": (lambda d: logged(d, altered(logIndex=-1)), MALFORMED),
            "an unknown member": (lambda d: logged(d, altered(more=1)), MALFORMED),
        }, "logged")  # fmt: skip


class BundleByKeyTest(AttackCase):
    with_sigstore = False

    def signed(self, payload: bytes, **options: object) -> dict:
        return bundle(envelope(payload, self.key, **options))  # type: ignore[arg-type]

    def test_statements(self):
        """CVE-2026-31830, CVE-2026-39395 and 10.5 rows 1 and 2, for the signature of an image."""
        other = small_image("another image").digest

        def of(**fields: object) -> Callable[[Document], object]:
            return lambda d: self.signed(statement(d.digest, **fields))  # type: ignore[arg-type]

        def subject(*digests: dict) -> Callable[[Document], object]:
            return of(subject=[{"digest": each} for each in digests])

        def text(old: str, new: str) -> Callable[[Document], object]:
            def make(document: Document) -> dict:
                payload = statement(document.digest)
                self.assertIn(old.encode(), payload)
                return self.signed(payload.replace(old.encode(), new.encode()))

            return make

        self.refuse_bundles({
            "as it should be": (of(), ""),
            "v0.1": (of(_type="https://in-toto.io/Statement/v0.1"), ""),
            "another image": (lambda d: self.signed(statement(other)), CLAIMS),
            "several subjects, one of them it": (lambda d: self.signed(statement(d.digest, subject=[
                {"digest": {"sha256": each.removeprefix("sha256:")}} for each in (other, d.digest)])), ""),
            "upper case": (lambda d: self.signed(statement(d.digest.upper().replace("SHA256", "sha256"))), CLAIMS),
            "sha512 alone": (subject({"sha512": "0" * 128}), CLAIMS),
            "no subject": (of(subject=[]), MALFORMED),
            "subject without digest": (subject({}), MALFORMED),
            "unknown type": (of(_type="https://in-toto.io/Statement/v2"), MALFORMED),
            "no predicate type": (text('"predicateType"', '"predicateTypes"'), MALFORMED),
            "a number as predicate type": (of(kind=7), MALFORMED),
            "predicate type twice": (text('"predicateType":', f'"predicateType":"{PROVENANCE}","predicateType":'), MALFORMED),
            "subject twice": (text('"subject":', '"subject":[],"subject":'), MALFORMED),
            "a case variant": (text('"subject":', '"Subject":[],"subject":'), MALFORMED),
            "an attestation alone": (of(kind=PROVENANCE), UNSIGNED),  # 10.1, the last row but one
            "a statement of no kind": (of(kind="https://sigstore.dev/cosign/sign/v2"), UNSIGNED),
            "another payload type": (lambda d: self.signed(statement(d.digest), kind="application/json"), MALFORMED),
            "1,024 subjects": (lambda d: self.signed(self.with_subjects(d, 1024)), ""),
            "1,025 subjects": (lambda d: self.signed(self.with_subjects(d, 1025)), MALFORMED),  # CVE-2024-45395
            "33 digests": (subject({f"hash{n}": "00" for n in range(33)}), MALFORMED),
        })  # fmt: skip

    def with_subjects(self, document: Document, count: int) -> bytes:
        others = [{"digest": {"sha256": f"{n:064x}"}} for n in range(count - 1)]
        return statement(document.digest, subject=[*others, {"digest": {"sha256": document.digest[7:]}}])

    def test_envelopes(self):
        """sigstore-go#225 and 10.5 rows 2 to 4."""

        def two(document: Document, *signers: object) -> dict:
            return bundle(envelope(statement(document.digest), *signers))  # type: ignore[arg-type]

        def changed(change: Callable[[dict], object]) -> Callable[[Document], object]:
            def make(document: Document) -> object:
                made = signed_bundle(self.key, document.digest)
                return change(made) or made

            return make

        def text(old: str, new: str) -> Callable[[Document], object]:
            def make(document: Document) -> bytes:
                written = json.dumps(signed_bundle(self.key, document.digest))
                self.assertIn(old, written)
                return written.replace(old, new, 1).encode()

            return make

        material = '"verificationMaterial": '
        self.refuse_bundles({
            "as it should be": (lambda d: two(d, self.key), ""),
            "by another key": (lambda d: two(d, self.other_key), SIGNED_WRONG),
            "no signature": (lambda d: two(d), MALFORMED),
            "bad and good": (lambda d: two(d, b"bad", self.key), MALFORMED),
            "good and bad": (lambda d: two(d, self.key, b"bad"), MALFORMED),
            "good twice": (lambda d: two(d, self.key, self.key), MALFORMED),
            "signed is the payload alone": (lambda d: two(d, self.key.sign(statement(d.digest))), SIGNED_WRONG),
            "version 0.4": (changed(lambda b: b.update(mediaType=BUNDLE.replace("0.3", "0.4"))), "SG016"),
            "version 99.9": (changed(lambda b: b.update(mediaType="application/vnd.dev.sigstore.bundle+json;version=99.9")), "SG016"),
            "no media type": (changed(lambda b: b.pop("mediaType") and None), MALFORMED),
            "an unknown member": (changed(lambda b: b.update(extra=1)), MALFORMED),
            "snake case": (text('"dsseEnvelope"', '"dsse_envelope"'), MALFORMED),
            "a member twice": (text(material, f'{material}{{}}, {material}'), MALFORMED),
            "both contents": (changed(lambda b: b.update(messageSignature={"signature": "AA=="})), MALFORMED),
            "no content": (changed(lambda b: b.pop("dsseEnvelope") and None), MALFORMED),
            "text behind": (lambda d: json.dumps(two(d, self.key)).encode() + b"x", MALFORMED),
            "byte order mark": (lambda d: b"\xef\xbb\xbf" + json.dumps(two(d, self.key)).encode(), MALFORMED),
            "deep": (lambda d: b'{"a":' * 100_000, MALFORMED),
            "null": (lambda d: b"null", MALFORMED),
            "a list": (lambda d: b"[]", MALFORMED),
            "empty": (lambda d: b" ", MALFORMED),
            "a message signature": (lambda d: {"mediaType": BUNDLE, "verificationMaterial": {"publicKey": {"hint": ""}},
                "messageSignature": {"messageDigest": {"algorithm": "SHA2_256", "digest": b64(bytes.fromhex(d.digest[7:]))},
                                     "signature": b64(self.key.sign(d.content))}}, CLAIMS),
        })  # fmt: skip

    def test_attestations(self):
        """CVE-2022-35929, CVE-2022-35930, CVE-2026-39395: a type that is not there, is another, or is no type at all."""

        def with_type(kind: object) -> Callable[[Document], object]:
            return lambda d: [signed_bundle(self.key, d.digest), signed_bundle(self.key, d.digest, kind, {"x": 1})]

        twice = f'"predicateType":"{PROVENANCE}","predicateType":"{PROVENANCE}"'.encode()
        self.refuse_bundles({
            "as it should be": (with_type(PROVENANCE), ""),
            "none at all": (lambda d: signed_bundle(self.key, d.digest), ATTESTATION),
            "only of another type": (with_type("https://spdx.dev/Document"), ATTESTATION),
            "the beginning of it": (with_type(PROVENANCE[:-1]), ATTESTATION),
            "more than it": (with_type(PROVENANCE + ".1"), ATTESTATION),
            "another case": (with_type(PROVENANCE.upper()), ATTESTATION),
            "a number": (with_type(1), ATTESTATION),
            "a list of it": (with_type([PROVENANCE]), ATTESTATION),
            "nothing": (with_type(None), ATTESTATION),
            "twice": (lambda d: [signed_bundle(self.key, d.digest), self.signed(
                statement(d.digest, PROVENANCE).replace(f'"predicateType":"{PROVENANCE}"'.encode(), twice))], ATTESTATION),
            "about another image": (lambda d: [signed_bundle(self.key, d.digest),
                                               signed_bundle(self.key, small_image("x").digest, PROVENANCE)], CLAIMS),
        }, "attested")  # fmt: skip

    def test_what_nobody_signed(self):
        """policy-controller PR #1971: an envelope without a signature, as a referrer that says it is in-toto."""
        for number, (kind, signers) in enumerate(((IN_TOTO, ()), (IN_TOTO, (b"\0",)), ("application/vnd.dsse.envelope.v1+json", ()))):
            with self.subTest(kind=kind, signers=signers):
                document = small_image(f"forged {number}")
                made = [referrer(document, envelope(statement(document.digest, each), *signers), kind=kind)
                        for each in (COSIGN_SIGN, PROVENANCE)]  # fmt: skip
                name = self.put(document, f"forged/{number}")
                self.attacher(f"forged/{number}").referrers(document.digest, *made)
                for namespace in ("key", "attested"):
                    self.assertFalse(self.ask(name, namespace).allowed)

    def test_annotations_are_hints(self):
        """What a manifest says about its bundle changes nothing."""
        document = small_image("hints")
        name = self.put(document, "hints/api")
        says = {"dev.sigstore.bundle.predicateType": COSIGN_SIGN, "dev.sigstore.bundle.content": "dsse-envelope"}
        lying = referrer(document, signed_bundle(self.key, document.digest, PROVENANCE), annotations=says)
        self.attacher("hints/api").referrers(document.digest, lying)
        self.assert_refused(name, UNSIGNED)


class KeylessBundleTest(AttackCase):
    """A real keyless bundle, one thing in it changed."""

    def setUp(self):
        super().setUp()
        self.document = small_image("keyless")
        name = self.put(self.document, "keyless/original")
        path = self.scratch / "bundle.json"
        self.cosign.sign(name, Keyless(self.sigstore.issuers.person("dev@example.com")), bundle=path)
        self.original = json.loads(path.read_text())
        self.other = self.bundle_of(small_image("another"), "keyless/other")

    def bundle_of(self, document: Document, repository: str) -> dict:
        path = self.scratch / "other.json"
        token = self.sigstore.issuers.person("dev@example.com")
        self.cosign.sign(self.put(document, repository), Keyless(token), bundle=path)
        return json.loads(path.read_text())

    def changed(self, change: Callable[[dict], object]) -> dict:
        copy = json.loads(json.dumps(self.original))
        return change(copy["verificationMaterial"]) or copy  # type: ignore[return-value]

    def refuse(self, rows: dict[str, tuple[Callable[[dict], object], str]]) -> None:
        for number, (row, (change, reason)) in enumerate(rows.items()):
            with self.subTest(row):
                repository = self.repository(number)
                name = self.put(self.document, repository)
                self.attacher(repository).bundles(self.document, self.changed(change))
                self.judge(name, reason, "dev")

    def test_what_is_stapled_to_it(self):
        """CVE-2026-22703, CVE-2024-53267, CVE-2024-55655, CVE-2022-36056: evidence of another signature."""
        other = self.other["verificationMaterial"]

        def without_time(material: dict) -> None:
            material.pop("timestampVerificationData")
            material["tlogEntries"][0]["integratedTime"] = str(int(time.time()))

        self.refuse({
            "as it is": (lambda m: None, ""),
            "another's log entry": (lambda m: m.update(tlogEntries=other["tlogEntries"]), LOG),
            "no log entry": (lambda m: m.pop("tlogEntries") and None, LOG),
            "another's timestamp": (lambda m: m.update(timestampVerificationData=other["timestampVerificationData"]), TIME),
            "no timestamp": (lambda m: m.pop("timestampVerificationData") and None, TIME),
            "a time that nobody vouches for": (without_time, TIME),
            "another's certificate": (lambda m: m.update(certificate=other["certificate"]), LOG),
            "a key in its place": (lambda m: m.pop("certificate") and m.update(publicKey={"hint": "x"}), "SG006"),
            "a chain in its place": (lambda m: m.update(x509CertificateChain={"certificates": [m.pop("certificate")]}), MALFORMED),
        })  # fmt: skip

    def test_limits(self):
        """CVE-2024-45395: 33 entries, 33 timestamps; and entries that are the same."""

        def entries(count: int) -> Callable[[dict], object]:
            def change(material: dict) -> None:
                entry = material["tlogEntries"][0]
                material["tlogEntries"] = [{**entry, "logIndex": str(n)} for n in range(count)]

            return change

        def stamps(count: int) -> Callable[[dict], object]:
            def change(material: dict) -> None:
                stamp = material["timestampVerificationData"]["rfc3161Timestamps"][0]
                material["timestampVerificationData"]["rfc3161Timestamps"] = [stamp] * count

            return change

        self.refuse({
            "33 entries": (entries(33), MALFORMED),
            "the same entry twice": (lambda m: m["tlogEntries"].append(m["tlogEntries"][0]), MALFORMED),
            "33 timestamps": (stamps(33), MALFORMED),
        })  # fmt: skip

    def test_the_proof(self):
        """10.5 row 7, and the panics of cosign v3.0.5: bodies of every shape."""

        def entry(**fields: object) -> Callable[[dict], object]:
            return lambda m: m["tlogEntries"][0].update(fields)

        def proof(**fields: object) -> Callable[[dict], object]:
            return lambda m: m["tlogEntries"][0]["inclusionProof"].update(fields)

        def checkpoint(old: str, new: str) -> Callable[[dict], object]:
            def change(material: dict) -> None:
                place = material["tlogEntries"][0]["inclusionProof"]["checkpoint"]
                self.assertIn(old, place["envelope"])
                place["envelope"] = place["envelope"].replace(old, new, 1)

            return change

        bodies = ("null", "[]", "{}", '{"spec":null}', '{"kind":"hashedrekord","apiVersion":"0.0.2","spec":null}',
                  '{"kind":1,"apiVersion":[],"spec":{}}', "")  # fmt: skip
        rows = {f"body {body}": (entry(canonicalizedBody=b64(body.encode())), "SG00") for body in bodies}
        rows |= {
            "no proof": (lambda m: m["tlogEntries"][0].pop("inclusionProof") and None, "SG00"),
            "another kind": (entry(kindVersion={"kind": "dsse", "version": "0.0.1"}), "SG00"),
            "a hash more": (lambda m: m["tlogEntries"][0]["inclusionProof"].setdefault("hashes", []).append(b64(b"x" * 32)), "SG00"),
            "an index beyond": (proof(logIndex="1000000"), "SG00"),
            "no tree": (proof(treeSize="0"), "SG00"),
            "a huge tree": (proof(treeSize=str(2**63)), "SG00"),
            "another root": (proof(rootHash=b64(b"x" * 32)), "SG00"),
            "a short root": (proof(rootHash=b64(b"x" * 31)), "SG00"),
            "checkpoint with CRLF": (checkpoint("\n", "\r\n"), "SG00"),
            "checkpoint with a line more": (checkpoint("\n\n", "\n\n\n"), "SG00"),
            "checkpoint with a hyphen": (checkpoint("—", "-"), "SG00"),
            "checkpoint of another log": (checkpoint("127.0.0.1", "127.0.0.2"), "SG00"),
        }  # fmt: skip
        for number, (row, (change, _)) in enumerate(rows.items()):
            with self.subTest(row):
                repository = self.repository(number)
                name = self.put(self.document, repository)
                self.attacher(repository).bundles(self.document, self.changed(change))
                answer = self.ask(name, "dev")
                self.assertFalse(answer.allowed)
                self.assertRegex(answer.message, r"\[SG00[28] ")


def _raw(der: bytes) -> bytes:
    """r and s of an ECDSA signature over P-256, 32 bytes each."""
    length = der[3]
    r, s = der[4 : 4 + length], der[6 + length :]
    return r.lstrip(b"\0").rjust(32, b"\0") + s.lstrip(b"\0").rjust(32, b"\0")


def _padded(der: bytes) -> bytes:
    """The same integers with a zero more in front of each, which is no DER."""
    length = der[3]
    r, s = der[4 : 4 + length], der[6 + length :]
    inside = b"".join(bytes([2, len(n) + 1, 0]) + n for n in (r, s))
    return bytes([0x30, len(inside)]) + inside


def _with_odd_characters(key, digest: str) -> SignedLayer:
    """Signs until the signature's base64 has a character that the other alphabet spells otherwise."""
    payload = simple_signing(digest)
    while True:
        text = b64(key.sign(payload))
        if "+" in text or "/" in text:
            return SignedLayer(payload, {SIGNATURE: text.replace("+", "-").replace("/", "_")})


if __name__ == "__main__":
    unittest.main()
