"""What cosign says of all that tests/support/mint makes, beside what the gate says of it.

The gate's own answers are asserted where these tables stand (test_signature_attacks_*.py). Here cosign is run on the same bytes in
the same places: each row of which it thinks otherwise stands below with its reason, and under that reason in docs/signatures.md,
"Where cosign says otherwise". A row that is not here is one of which both think the same.
"""

import itertools
import tempfile
import unittest
from collections.abc import Mapping
from pathlib import Path

import test_signature_attacks_certificates as certificates
import test_signature_attacks_keys as keys
import test_signature_attacks_logs as logs
import test_signature_attacks_times as times
from mint_case import ISSUER, SUBJECT, TIME, MintCase, mint, slug
from rig.certs import Authority
from rig.cosign import Cosign
from rig.faults import FaultRegistry
from signature_case import small_image

# cosign: yes; the gate: no. Reason: rows.
STRICTER = {
    "a certificate speaks for one subject and one issuer": (
        "two names", "the wanted name second", "names not critical", "names not critical beside a subject",
        "two issuers the other way round"),
    "a leaf is for code signing, and no authority": (
        "no extended usage", "any extended usage", "an authority's", "no key usage", "for encryption"),
    "a trust root that has ended verifies nothing": ("expired",),
    "the certificate holds at every time that is proved": ("logged in time, stamped late",),
    "nothing is signed in the future": ("logged in the future", "stamped in the future"),
    "a log is trusted when it took the entry up": ("stamped @log until before", "stamped @log from after"),
    "a timestamp names its signer and its content among what is signed": (
        "ESS of another certificate", "without ESS", "another content type", "without signed attributes",
        "by an authority's certificate"),
    "what stands beside a proof is what was proved": (
        "v1: another size", "v2: another size", "v2: no tree", "v2: another index", "v2: an index beyond", "v2: another root",
        "v2: a short root", "v2: another body", "v1: another kind", "v2: another kind", "v1: another version",
        "v2: another version", "v1: the kind of another", "v2: the kind of another"),
    "a body of an entry has no member that nobody knows": ("dsse: a member more", "intoto: a member more"),
    "a signature by ECDSA is in DER": ("p256: r and s @p256", "p256: r and s, legacy @p256"),
    "an attestation is no signature": ("bundled attestation",),
}  # fmt: skip

# cosign: no; the gate: yes.
MILDER = {
    "bundles of v0.1 and v0.2 lie beside images too": (
        "v0.1", "v0.2", "v0.1: no proof", "a chain", "a leaf alone in a chain", "somebody else's leaf behind it"),
    "Rekor v1 may have an envelope as a hashedrekord": ("v0.3 as hashedrekord", "hashedrekord: good"),
    "a witness may stand before the log": ("v1: checkpoint: another signature first",),
    "a curve's own hash is right": (
        "p384: good @p384", "p384: good, legacy @p384", "p521: good @p521", "p521: good, legacy @p521"),
}  # fmt: skip


class DifferencesTest(MintCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xzgate-test-")))
        cls.authority = Authority(cls.folder / "ca")
        registry = cls.enterClassContext(FaultRegistry(cls.authority))
        cls.turns = itertools.cycle([registry])
        cls.cosign = Cosign(registry, cls.folder / "cosign", None)  # type: ignore[arg-type]
        cls.document = small_image("minted")
        cls.minted = mint(cls.document.digest, small_image("another").digest)
        for name, text in cls.minted["roots"].items():
            cls.root_file(name).write_text(text)
        for name, text in cls.minted["pems"].items():
            cls.pem_file(name).write_text(text)

    def setUp(self):
        """No gate is asked here."""

    def whom(self, row: str, policy: str) -> list[str | Path] | None:
        """The words that ask cosign for what the policy asks for; None where it has none."""
        if policy in keys.KINDS:
            return ["--key", self.pem_file(policy), "--insecure-ignore-tlog"]
        root = policy or (row if row in self.minted["roots"] else "sigstore")
        if root not in self.minted["roots"]:
            return None
        return ["--trusted-root", self.root_file(root), "--certificate-identity", SUBJECT, "--certificate-oidc-issuer", ISSUER]

    def compare(self, family: str, rows: Mapping[str, str]) -> None:
        expected = {row: stricter for stricter, table in ((True, STRICTER), (False, MILDER)) for each in table.values() for row in each}
        for asked, reason in rows.items():
            row, _, policy = asked.partition(" @")
            whom = self.whom(row, policy)
            if whom is None:
                continue
            with self.subTest(asked):
                name = self.put(slug(policy or "x"), f"{family}/{row}", self.minted["rows"][family][row])
                said = self.cosign.says("verify", *whom, name)
                self.assertEqual(said, expected.get(asked, reason == ""), self.cosign.said)
                if asked in expected:
                    self.assertEqual(reason == "", not said)

    def test_certificates(self):
        self.compare("certificates", certificates.LEAVES)

    def test_authorities(self):
        self.compare("authorities", certificates.AUTHORITIES)

    def test_times(self):
        self.compare("times", times.TIMES)

    def test_timestamps(self):
        rows = dict.fromkeys(self.minted["rows"]["timestamps"], TIME)
        self.compare("timestamps", rows | dict.fromkeys(times.TIMESTAMPS, ""))

    def test_entries(self):
        self.compare("entries", logs.ENTRIES)

    def test_proofs(self):
        self.compare("proofs", logs.PROOFS)

    def test_bodies(self):
        """Some of them: cosign takes its time."""
        rows = logs.bodies(self.minted).items()
        self.compare("bodies", {row: reason for row, reason in rows if row.endswith((": good", " more", "null", "twice"))})

    def test_keys(self):
        self.compare("keys", keys.keys(self.minted))

    def test_each_is_explained(self):
        """Every reason stands in docs/signatures.md."""
        text = (Path(__file__).resolve().parents[2] / "docs" / "signatures.md").read_text()
        for reason in (*STRICTER, *MILDER):
            self.assertIn(reason, text)

if __name__ == "__main__":
    unittest.main()
