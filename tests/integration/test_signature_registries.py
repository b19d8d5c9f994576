"""Registries that hide, multiply, swap or blow up signatures: each is a clear reason in bounded time, never "verified"."""

import gzip
import json
import tempfile
import time
import unittest
from pathlib import Path

from rig.faults import Fault, FaultRegistry, Reply, header, longer, status, wrong_bytes
from rig.images import Document
from rig.signing import (
    BUNDLE,
    INDEX,
    MANIFEST,
    Key,
    referrer,
    referrers_index,
    signature_manifest,
    signed_bundle,
    signed_layer,
    simple_signing,
    tag_of,
)
from rig.xzgate import image_policy, write_documents, xzgate
from signature_case import small_image
from signature_gate_case import SignatureGateCase
from support import SLOW

PATIENCE = 10 * SLOW  # a generous bound for what must be bounded


def instead(body: bytes, kind: str, **headers: str) -> Fault:
    """Answers 200 with these bytes."""
    return lambda _honest: Reply(200, body, {"Content-Type": kind, **headers})


class FaultyCase(SignatureGateCase):
    with_sigstore = False

    def setUp(self):
        super().setUp()
        self.addCleanup(self.faulty.heal)
        self.begin()

    def begin(self, row: str = "") -> None:
        """An image that the gate has not seen, in a registry without faults."""
        self.faulty.heal()
        self.document = small_image(f"{self.id()} {row}")
        self.repository = f"{self.id().rpartition('.')[2]}/{row or 'row'}".replace("_", "-").replace(" ", "-").lower()
        self.faulty.add(self.document, self.repository)
        self.digest = self.document.digest

    def attach(self, *manifests: Document, api: bool = False) -> None:
        """Serves manifests as referrers: under the fallback tag, or through the API."""
        listed = referrers_index(manifests)
        self.faulty.add(listed, self.repository, "api-only" if api else tag_of(self.digest, ""))
        if api:
            self.faulty.on(f"/v2/.*/referrers/{self.digest}", instead(listed.content, INDEX))

    def attach_one(self) -> dict[str, str]:
        """Attaches a good bundle; where its manifest and its blob are."""
        made = referrer(self.document, self.good())
        self.attach(made)
        return {"manifest": f"manifests/{made.digest}", "blob": f"blobs/{json.loads(made.content)['layers'][0]['digest']}"}

    def attach_tag(self, *layers) -> None:
        self.faulty.add(signature_manifest(layers), self.repository, tag_of(self.digest))

    def good(self) -> dict:
        return signed_bundle(self.key, self.digest)

    def on(self, path: str, fault: Fault) -> None:
        self.faulty.on(f"/v2/{self.repository}/{path}", fault)

    def fresh_name(self) -> str:
        return f"{self.faulty.address}/{self.repository}@{self.digest}"

    def verdict(self) -> tuple[int, str, float]:
        """Exit code, reason and seconds of `xzgate verify`."""
        start = time.monotonic()
        answer = self.by_key(self.fresh_name(), self.key)
        return answer.code, answer.reason, time.monotonic() - start

    def assert_both(self, code: int, *reasons: str) -> None:
        """What `xzgate verify` says, and the gate: allowed for 0, else a denial for one of these reasons."""
        said = self.verdict()
        self.assertEqual(said[0], code, said)
        self.assertIn(said[1], reasons)
        answer = self.ask(self.fresh_name())
        self.assertEqual(answer.allowed, code == 0, answer.message)
        if code:
            # A registry that fails is tried again for a while, for which the gate has no time.
            reasons += ("SG018",) if "SG014" in reasons else ()
            self.assertRegex(answer.message, rf"\[({'|'.join(reasons)}) ")


class PlacesTest(FaultyCase):
    """kyverno#16678 and issue 5, point 1: the fallback tag, whatever the API answers."""

    def test_the_api_answers_otherwise(self):
        answers = {
            "404": status(404), "405": status(405), "400": status(400), "406": status(406),
            "an empty list": instead(referrers_index([]).content, INDEX),
            "another type": instead(b"<html>", "text/html"),
            "another document": instead(self.document.content, MANIFEST),
        }  # fmt: skip
        for what, fault in answers.items():
            with self.subTest(what):
                self.begin(what)
                self.attach(referrer(self.document, self.good()))
                self.on("referrers/.*", fault)
                self.assert_both(0, "")

    def test_the_api_alone(self):
        self.attach(referrer(self.document, self.good()), api=True)
        self.assert_allowed(self.fresh_name())

    def test_later_pages(self):
        pages = [referrers_index([referrer(self.document, b"{}", kind="application/x-other")]),
                 referrers_index([referrer(self.document, self.good())])]  # fmt: skip
        for number, page in enumerate(pages):
            self.faulty.add(page, self.repository, f"page-{number}")

        def page(honest: Reply, seen=iter(range(100))) -> Reply:
            number = min(next(seen), 1)
            link = {} if number else {"Link": f"</v2/{self.repository}/referrers/{self.digest}?page=2>; rel=\"next\""}
            return Reply(200, pages[number].content, {"Content-Type": INDEX, **link})

        self.on("referrers/.*", page)
        self.assert_allowed(self.fresh_name())

    def test_other_things_beside_it(self):
        """An SBOM or another artifact counts as no candidate."""
        others = [referrer(self.document, f"sbom {n}".encode(), kind="application/spdx+json") for n in range(30)]
        self.attach(*others, referrer(self.document, self.good()))
        self.assert_allowed(self.fresh_name())

    def test_a_registry_that_cannot_be_asked_is_undecided(self):
        """10.5 rows 9 and 12."""
        for code in (401, 403, 500):
            for path in ("referrers/.*", "manifests/sha256-.*"):
                with self.subTest(code=code, path=path):
                    self.begin(f"{code} {path[:4]}")
                    self.on(path, status(code))
                    self.assert_both(3, "SG014")
                    # One that wants quiet is left alone by the gate: test_signature_gate.py asks it about that.
                    self.on(path, status(429, {"Retry-After": "600"}))
                    self.assertEqual(self.verdict()[:2], (3, "SG014"))

    def test_a_candidate_that_cannot_be_fetched_is_undecided(self):
        for what in ("manifest", "blob"):
            for code, reason in ((403, "SG014"), (404, "SG002"), (500, "SG014")):  # who may push may name what is not there
                with self.subTest(what=what, code=code):
                    self.begin(f"{what} {code}")
                    self.on(self.attach_one()[what], status(code))
                    self.assert_both(3, reason)


class ContentTest(FaultyCase):
    """10.5 row 9 and CVE-2023-47630: what comes is not what was asked for."""

    def test_bytes_of_another_digest(self):
        for what in ("nothing", "manifest", "blob"):
            with self.subTest(what):
                self.begin(what)
                places = self.attach_one()
                if what == "nothing":
                    self.assert_both(0, "")
                else:
                    self.on(places[what], wrong_bytes())
                    self.assert_both(3, "SG002", "SG014")

    def test_a_header_that_names_another_digest(self):
        """What the header of a tag names must be there; of a digest only the bytes count."""
        other = small_image("shown by the header")
        self.attach(referrer(self.document, self.good()))
        self.on("manifests/1", header("Docker-Content-Digest", other.digest))
        self.assertFalse(self.ask(f"{self.faulty.address}/{self.repository}:1").allowed)
        self.on(f"manifests/{self.digest}", header("Docker-Content-Digest", other.digest))
        self.assertNotEqual(self.ask(self.fresh_name()).annotations.get("digest"), other.digest)

    def test_a_subject_that_is_another_image(self):
        """The subject of a manifest is an unsigned hint; the statement decides."""
        other = small_image("the real subject")
        self.attach(referrer(other, self.good()))
        self.assert_allowed(self.fresh_name())
        swapped = small_image("swapped")
        self.faulty.add(swapped, self.repository, "swapped")
        self.faulty.add(referrers_index([referrer(swapped, self.good())]), self.repository, tag_of(swapped.digest, ""))
        self.assert_refused(f"{self.faulty.address}/{self.repository}@{swapped.digest}", "SG004")

    def test_layers_of_a_bundle_manifest(self):
        for count in (0, 1, 2):
            with self.subTest(layers=count):
                self.begin(f"{count} layers")
                self.attach(referrer(self.document, *[self.good(), b"{}"][:count]))
                self.assert_both(0 if count == 1 else 3, "" if count == 1 else "SG002")

    def test_urls_of_a_layer_are_never_followed(self):
        made = referrer(self.document, self.good())
        manifest = json.loads(made.content)
        manifest["layers"][0]["urls"] = [f"{self.faulty.url}/elsewhere"]
        changed = Document(MANIFEST, json.dumps(manifest).encode(), made.blobs)
        self.attach(changed)
        self.on(f"blobs/{manifest['layers'][0]['digest']}", status(404))
        self.assert_both(3, "SG002")
        self.assertEqual(self.faulty.count(path="/elsewhere"), 0)

    def test_an_old_manifest(self):
        old = b'{"schemaVersion":1,"name":"x","tag":"y","fsLayers":[],"history":[]}'
        self.attach()
        self.on(f"manifests/{tag_of(self.digest)}", instead(old, "application/vnd.docker.distribution.manifest.v1+json"))
        self.assert_both(3, "SG002")

    def test_redirects_into_this_machine(self):
        """GHSA-f5mr-q85p-6hh6: a list of signatures that leads to an address of the cloud's."""
        self.on("referrers/.*", status(307, {"Location": "http://169.254.169.254/latest/meta-data"}))
        start = time.monotonic()
        self.assert_both(3, "SG014")
        self.assertLess(time.monotonic() - start, PATIENCE)

    def test_redirects_without_end(self):
        self.on("referrers/.*", status(307, {"Location": f"/v2/{self.repository}/referrers/{self.digest}"}))
        self.assert_both(3, "SG014", "SG002")
        self.assertLess(self.faulty.count(path=f"/v2/{self.repository}/referrers/.*"), 100)

    def test_redirects_to_another_host(self):
        """GHSA-f5mr-q85p-6hh6: no list of signatures comes from a host that nobody named."""
        elsewhere = self.enterContext(FaultRegistry(self.authority))
        listed = referrers_index([referrer(self.document, self.good())])
        elsewhere.on("/.*", instead(listed.content, INDEX))
        self.on("referrers/.*", status(307, {"Location": f"{elsewhere.url}/list"}))
        self.assertFalse(self.ask(self.fresh_name()).allowed)


class LimitsTest(FaultyCase):
    """CVE-2023-46737, CVE-2024-29902, CVE-2024-29903, CVE-2023-33957: bounded in time and memory, and never verified."""

    def refused(self, *codes: int) -> str:
        before = self.gate.pid
        code, reason, took = self.verdict()
        self.assertIn(code, codes or (1, 3))
        self.assertLess(took, PATIENCE)
        answer = self.ask(self.fresh_name())
        self.assertFalse(answer.allowed)
        self.assertEqual(self.gate.pid, before)
        return reason

    def test_ten_thousand_layers(self):
        layers = [signed_layer(self.other_key, simple_signing(self.digest))] * 10_000
        self.attach_tag(*layers)
        self.refused()

    def test_ten_thousand_referrers(self):
        made = referrer(self.document, signed_bundle(self.other_key, self.digest))
        entry = referrers_index([made])
        many = json.loads(entry.content)
        many["manifests"] = [{**many["manifests"][0], "digest": f"sha256:{n:064x}"} for n in range(10_000)]
        self.on("referrers/.*", instead(json.dumps(many).encode(), INDEX))
        self.refused()

    def test_a_hundred_thousand_entries_under_the_fallback_tag(self):
        entries = [{"mediaType": MANIFEST, "digest": f"sha256:{n:064x}", "size": 500} for n in range(100_000)]
        body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        self.on(f"manifests/{tag_of(self.digest, '')}", instead(body, INDEX))
        self.refused()

    def test_endless_pages(self):
        made = referrers_index([referrer(self.document, signed_bundle(self.other_key, self.digest))])
        link = f'</v2/{self.repository}/referrers/{self.digest}?n=1>; rel="next"'
        self.on("referrers/.*", instead(made.content, INDEX, Link=link))
        self.refused()
        self.assertLess(self.faulty.count(path=f"/v2/{self.repository}/referrers/.*"), 1000)

    def test_five_million_layers(self):
        layer = b'{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","size":1,"digest":"sha256:' + b"0" * 64 + b'"},'
        body = b'{"schemaVersion":2,"layers":[' + layer * 100_000 + b"null]}"
        self.on(f"manifests/{tag_of(self.digest)}", instead(body, MANIFEST))
        self.refused()
        self.on(f"manifests/{tag_of(self.digest)}", lambda _: Reply(200, body, {"Content-Type": MANIFEST}, length=5_000_000 * len(layer)))
        self.refused()

    def test_ten_gigabytes_declared(self):
        made = referrer(self.document, self.good())
        manifest = json.loads(made.content)
        manifest["layers"][0]["size"] = 10 * 1024**3
        self.attach(Document(MANIFEST, json.dumps(manifest).encode(), made.blobs))
        self.refused()

    def test_more_bytes_than_declared(self):
        made = referrer(self.document, self.good())
        self.attach(made)
        self.on(f"blobs/{json.loads(made.content)['layers'][0]['digest']}", longer(1_000_000))
        self.refused()

    def test_a_packed_answer(self):
        made = referrer(self.document, self.good())
        self.attach(made)
        bomb = gzip.compress(b"\0" * 50_000_000)
        blob = json.loads(made.content)["layers"][0]["digest"]
        self.on(f"blobs/{blob}", instead(bomb, "application/octet-stream", **{"Content-Encoding": "gzip"}))
        self.refused()

    def test_a_deep_document(self):
        for what, kind in (("manifest", MANIFEST), ("index", INDEX)):
            with self.subTest(what):
                self.begin(what)
                path = f"manifests/{tag_of(self.digest)}" if kind == MANIFEST else "referrers/.*"
                self.on(path, instead(b'{"a":' * 500_000, kind))
                self.assertNotEqual(self.verdict()[0], 0)
                self.assertFalse(self.ask(self.fresh_name()).allowed)

    def test_a_huge_certificate(self):
        huge = {"mediaType": BUNDLE, "verificationMaterial": {"certificate": {"rawBytes": "MIIB" * 1_000_000}},
                "dsseEnvelope": self.good()["dsseEnvelope"]}  # fmt: skip
        self.attach(referrer(self.document, huge))
        self.refused()


class PolicyMistakesTest(unittest.TestCase):
    """CVE-2025-29778 and 10.5 row 11: a policy that could match too much, or nothing, is refused where it is read."""

    def check(self, folder, **spec: object) -> tuple[int, str]:
        path = write_documents(folder / "policy.yaml", image_policy("bad", **spec))
        done = xzgate("config", "check", path)
        return done.returncode, done.stdout + done.stderr

    def test_mistakes(self):
        with tempfile.TemporaryDirectory(prefix="xzgate-test-") as name:
            folder = Path(name)
            key = Key(folder)
            good_key = {"name": "key", "key": {"file": str(key.public)}}
            asks = {"require": [{"any": ["key"]}]}

            def keyless(**identity: str) -> dict:
                return {"authorities": [{"name": "key", "keyless": {"identities": [identity]}}], "signatures": asks}

            issuer = "https://token.actions.githubusercontent.com"
            self.assertEqual(self.check(folder, authorities=[good_key], signatures=asks)[0], 0)
            mistakes: dict[str, dict] = {
                "subject alone": keyless(subject="a@example.com"),
                "issuer alone": keyless(issuer=issuer),
                "expressions alone, no issuer": keyless(subjectRegExp="^a@example[.]com$"),
                "an empty subject": keyless(subject="", issuer=issuer),
                "a star": keyless(subject="*", issuer=issuer),
                "not anchored": keyless(subjectRegExp="https://github.com/acme/", issuer=issuer),
                "everything": keyless(subjectRegExp="^.*$", issuer=issuer),
                "any host": keyless(subjectRegExp="^https://.*$", issuer=issuer),
                "misspelt": keyless(subjectRegex="^a$", issuer=issuer),
                "no syntax": keyless(subjectRegExp="^(a$", issuer=issuer),
                "no identity": {"authorities": [{"name": "key", "keyless": {"identities": []}}], "signatures": asks},
                "unknown authority": {"authorities": [good_key], "signatures": {"require": [{"any": ["kye"]}]}},
                "nobody": {"authorities": [good_key], "signatures": {"require": [{"any": []}]}},
                "more than there are": {"authorities": [good_key], "signatures": {"require": [{"atLeast": 2, "of": ["key"]}]}},
                "private key": {"authorities": [{"name": "key", "key": {"file": str(key.private)}}], "signatures": asks},
                "no such file": {"authorities": [{"name": "key", "key": {"file": "none.pub"}}], "signatures": asks},
                "no key": {"authorities": [{"name": "key"}], "signatures": asks},
                "unknown type": {"authorities": [good_key], "attestations": [{"type": "slsa9", "any": ["key"]}]},
                "unknown field": {"authorities": [good_key], "signatures": {**asks, "requires": []}},
                "default without entry": {"signatures": {"default": "require"}},
            }
            for what, spec in mistakes.items():
                with self.subTest(what):
                    code, said = self.check(folder, **spec)
                    self.assertEqual(code, 2, said)
                    self.assertRegex(said, r"policy\.yaml:\d+:\d+")


if __name__ == "__main__":
    unittest.main()
