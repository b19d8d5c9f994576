"""A gate that is asked about signatures which honest signers do not make: tests/support/mint makes them.

A table names a row of mint's and the reason code of its refusal; "" is for what must pass. "row @policy" asks under that
policy; else it is the policy that has the row's own trust root, or "sigstore". Each table has what must pass beside what
must not, and each row of a family is asked for: no row is refused by accident, and none is forgotten.

A policy is for the repositories below its name, in every namespace: what is verified for one is verified for it alone.
"""

import base64
import itertools
import json
import os
import re
import tempfile
import unittest
from collections.abc import Mapping, Sequence
from pathlib import Path

from rig.certs import Authority
from rig.faults import FaultRegistry
from rig.images import Document
from rig.paths import ROOT
from rig.process import run
from rig.review import Answer, Client, pod
from rig.signing import SignedLayer, referrer, referrers_index, signature_manifest, tag_of
from rig.xzgate import Xzgate, image_policy, registry_settings, serve_config, write_documents
from signature_case import small_image

SUBJECT = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
IDENTITY = {"issuer": ISSUER, "subject": SUBJECT}

# One image stands in many repositories, and a digest has one job at a host at a time: rows take turns with hosts.
HOSTS = 4

UNSIGNED, MALFORMED, SIGNATURE, CLAIMS, WHO = "SG001", "SG002", "SG003", "SG004", "SG005"
CERTIFICATE, SCT, LOG, TIME, ROOTS = "SG006", "SG007", "SG008", "SG009", "SG010"
ATTESTATION, UNSUPPORTED = "SG012", "SG016"


def mint(image: str, other: str) -> dict:
    """What tests/support/mint makes for an image, and for another."""
    program = os.environ.get("XZGATE_MINT") or ROOT / "build" / "dev" / "tests" / "support" / "mint" / "xzgate_mint"
    return json.loads(run([program, image, other]))


class MintCase(unittest.TestCase):
    """One gate for a class of tests, which ask about `families`."""

    families: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xzgate-test-")))
        cls.authority = Authority(cls.folder / "ca")
        registries = [cls.enterClassContext(FaultRegistry(cls.authority)) for _ in range(HOSTS)]
        cls.turns = itertools.cycle(registries)
        cls.document, cls.other = small_image("minted"), small_image("another")
        cls.minted = mint(cls.document.digest, cls.other.digest)
        for name, text in cls.minted["roots"].items():
            cls.root_file(name).write_text(text)
        for name, text in cls.minted["pems"].items():
            cls.pem_file(name).write_text(text)
        rows = {row for family in cls.families for row in cls.minted["rows"][family]}
        cls.own_roots = sorted(rows & cls.minted["roots"].keys())
        known = {"sigstore": cls.keyless("sigstore"), **{row: cls.keyless(row) for row in cls.own_roots}, **cls.policies()}
        documents = [image_policy(slug(name), **{"images": [f"{each.address}/{slug(name)}/**" for each in registries], **spec})
                     for name, spec in known.items()]  # fmt: skip
        path = write_documents(cls.folder / "policies.yaml", *documents)
        settings = registry_settings(*registries)  # type: ignore[arg-type]
        cls.gate = cls.enterClassContext(
            Xzgate(serve_config(cls.folder, cls.authority, registries=settings, policies=[str(path)]))
        )

    @classmethod
    def policies(cls) -> Mapping[str, dict]:
        """More policies than those for trust roots: name to spec."""
        return {}

    @classmethod
    def root_file(cls, name: str) -> Path:
        return cls.folder / f"{slug(name)}.root.json"

    @classmethod
    def pem_file(cls, name: str) -> Path:
        return cls.folder / f"{slug(name)}.pem"

    @classmethod
    def keyless(cls, *roots: str, identity: dict | None = None, attestations: list | None = None, **wanted: object) -> dict:
        """A spec that asks for the minted identity, by these trust roots."""
        authority = {"name": "ci", "keyless": {"identities": [identity or IDENTITY], **wanted},
                     "trustedRoots": [{"file": str(cls.root_file(root))} for root in roots]}  # fmt: skip
        if attestations is not None:
            return {"authorities": [authority], "attestations": attestations}
        return {"authorities": [authority], "signatures": {"require": [{"any": ["ci"]}]}}

    @classmethod
    def by_key(cls, name: str, **wanted: object) -> dict:
        """A spec that asks for a signature by this key."""
        authority = {"name": "key", "key": {"file": str(cls.pem_file(name))}, **wanted}
        return {"authorities": [authority], "signatures": {"require": [{"any": ["key"]}]}}

    def setUp(self):
        self.client = Client(self.gate.url, self.authority)
        self.addCleanup(self.client.close)

    def judge(self, family: str, rows: Mapping[str, str]) -> None:
        """Asks about every row of a family; the table must have them all."""
        minted = self.minted["rows"][family]
        self.assertEqual(set(minted), {row.partition(" @")[0] for row in rows})
        self.assertIn("", rows.values(), "a table of refusals alone proves nothing")
        for asked, reason in rows.items():
            with self.subTest(asked):
                row, _, policy = asked.partition(" @")
                policy = policy or (row if row in self.own_roots else "sigstore")
                self.assert_answer(self.put(policy, f"{family}/{row}", minted[row]), reason)

    def put(self, policy: str, row: str, evidence: Mapping[str, list]) -> str:
        """Serves the image with what was minted for it, where this policy looks; returns its reference."""
        repository = "/".join(map(slug, (policy, *row.split("/"))))
        return self.serve(repository, [text.encode() for text in evidence["bundles"]], evidence["sig"], evidence["att"])

    def serve(self, repository: str, bundles: Sequence[bytes], sig: Sequence[dict] = (), att: Sequence[dict] = ()) -> str:
        registry, digest = next(self.turns), self.document.digest
        registry.add(self.document, repository)
        if bundles:
            listed = referrers_index([referrer(self.document, each) for each in bundles])
            registry.add(listed, repository, tag_of(digest, ""))
        for ending, layers in ((".sig", sig), (".att", att)):
            if layers:
                registry.add(_manifest(layers), repository, tag_of(digest, ending))
        return f"{registry.address}/{repository}@{digest}"

    def ask(self, name: str, **options: object) -> Answer:
        answer = self.client.ask(pod(images=[name]), timeout=10, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def assert_answer(self, name: str, reason: str) -> Answer:
        """Allowed where `reason` is "", else denied with that code."""
        answer = self.ask(name)
        if not reason:
            self.assertTrue(answer.allowed, answer.message)
            return answer
        self.assertFalse(answer.allowed, f"allowed; want {reason}")
        self.assertIn(f"[{reason} ", answer.message)
        self.assertLess(len(answer.message), 1000)
        return answer


def slug(name: str) -> str:
    """A name that repositories, files and namespaces may have."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def _manifest(layers: Sequence[dict]) -> Document:
    return signature_manifest([SignedLayer(base64.b64decode(x["blob"]), x["annotations"], x["mediaType"]) for x in layers])
