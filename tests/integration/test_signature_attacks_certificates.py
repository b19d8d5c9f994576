"""Certificates and authorities that must not be believed, through the whole gate: signatures.md 10.5 row 5 and its family."""

import tempfile
import unittest
from pathlib import Path

from mint_case import CERTIFICATE, IDENTITY, LOG, MALFORMED, ROOTS, SCT, SIGNATURE, WHO, MintCase
from rig.xzgate import image_policy, write_documents, xzgate


# Rows of mint and their reasons: mint_case.py.
LEAVES = {
    "good": "",
    # names
    "no name": CERTIFICATE,
    "two names": CERTIFICATE,
    "the wanted name second": CERTIFICATE,
    "the name as a host": CERTIFICATE,
    "a NUL in the name": CERTIFICATE,
    "a line end behind the name": CERTIFICATE,
    "another name": WHO,
    "ours inside another name": WHO,
    "ours with more behind it": WHO,
    "names not critical": CERTIFICATE,
    "names not critical beside a subject": CERTIFICATE,
    "a common name alone": CERTIFICATE,
    # issuers, in the extensions .1 and .8
    "the old issuer alone": "",
    "the new issuer alone": "",
    "no issuer": WHO,
    "two issuers": CERTIFICATE,
    "two issuers the other way round": CERTIFICATE,
    "one issuer twice": CERTIFICATE,
    "another issuer second": CERTIFICATE,
    "bytes behind the issuer": CERTIFICATE,
    "an issuer with a slash more": WHO,
    # what it is for
    "no extended usage": CERTIFICATE,
    "any extended usage": CERTIFICATE,
    "for servers": CERTIFICATE,
    "for timestamps": CERTIFICATE,
    "an authority's": CERTIFICATE,
    "no key usage": CERTIFICATE,
    "for encryption": CERTIFICATE,
    "signed over SHA-1": CERTIFICATE,
    "an unknown critical extension": CERTIFICATE,
    # what stands around it
    "a chain": "",
    "a leaf alone in a chain": "",
    "a root in the chain": MALFORMED,
    "a chain the other way round": LOG,  # the log has the leaf, not its authority
    "somebody else's leaf behind it": "",  # a hint that nobody follows
    "eleven certificates": MALFORMED,
    "bytes behind the leaf": MALFORMED,
    "the leaf in PEM": MALFORMED,
    # who saw it
    "no SCT": SCT,
    "a broken SCT": SCT,
    "an SCT with another time": SCT,
    "an SCT by an unknown log": SCT,
    "an SCT from before the log": SCT,
    "an SCT for a namesake's leaf": SCT,  # sigstore-rust#154
    "the SCT of another leaf": SCT,
    "one SCT twice": "",
    # CVE-2025-29778: expressions alone, which were not looked at; CVE-2026-22772: they match the whole
    "good @by expressions": "",
    "another name @by expressions": WHO,
    "ours inside another name @by expressions": WHO,
    "ours with more behind it @by expressions": WHO,
    "an issuer with a slash more @by expressions": WHO,
    "no issuer @by expressions": WHO,
    "good @other subjects": WHO,
    "good @other issuers": WHO,
    "good @an extension": WHO,  # that the certificate lacks
    # CVE-2022-36056: a key is wanted, and a certificate comes
    "good @by key": SIGNATURE,
    "good @by the certificate's key": "",
}  # fmt: skip

_CARRIED = ("good", "for timestamps", "none", "without constraints", "may not issue", "over SHA-1", "ended before",
            "by another root of that name")  # fmt: skip
AUTHORITIES = {
    "good intermediate": "",
    "intermediate for timestamps": CERTIFICATE,
    "intermediate that may not issue": CERTIFICATE,
    "intermediate over SHA-1": CERTIFICATE,
    "path too long": CERTIFICATE,
    "intermediate that ends with the signing": "",
    "intermediate that ended before": CERTIFICATE,
    "intermediate that begins after": CERTIFICATE,
    "root that ends with the signing": "",
    "root that ended before": CERTIFICATE,
    "trusted until the signing": "",
    "trusted until just before": CERTIFICATE,
    "trusted from just after": CERTIFICATE,
    "two of one name, by the first": "",
    "two of one name, by the second": "",
    "two of one name, and the SCT of the first": SCT,
    "a namesake that is not trusted": CERTIFICATE,
    "another Sigstore": LOG,
    "expired": ROOTS,  # 10.5 row 12
    # The trusted root has the authorities; what a bundle carries makes nobody one, be it as good as it may.
    **{f"carried: {row} @the top alone": CERTIFICATE for row in _CARRIED},
}  # fmt: skip


class LeavesTest(MintCase):
    families = ("certificates",)

    @classmethod
    def policies(cls):
        expressions = {
            "by expressions": {"subjectRegExp": r"^https://github[.]com/acme/.*/release[.]yml@refs/heads/main$", "issuerRegExp": "^https://token[.][a-z]+[.]githubusercontent[.]com$"},
            "other subjects": {"subjectRegExp": "^https://github[.]com/evil/.*$", "issuerRegExp": "^https://token[.][a-z]+[.]githubusercontent[.]com$"},
            "other issuers": {"subjectRegExp": "^https://github[.]com/acme/.*$", "issuerRegExp": "^https://accounts[.][a-z]+[.]example$"},
            "an extension": {**IDENTITY, "extensions": {"runnerEnvironment": "github-hosted"}},
        }  # fmt: skip
        by_name = {name: cls.keyless("sigstore", identity=identity) for name, identity in expressions.items()}
        return {**by_name, "by key": cls.by_key("another key"), "by the certificate's key": cls.by_key("certificate's key")}

    def test_leaves(self):
        """10.5 row 5, row 2 (NUL) and row 3; CVE-2025-29778 and CVE-2026-22772 (identities); sigstore-rust#154."""
        self.judge("certificates", LEAVES)


class AuthoritiesTest(MintCase):
    families = ("authorities",)

    @classmethod
    def policies(cls):
        return {"the top alone": cls.keyless("the top alone")}

    def test_authorities(self):
        """10.5 row 5; GHSA-wfqv-66vq-46rm (CVE-2026-24122): the leaf is in its window, its authority was not; sigstore-rust#154."""
        self.judge("authorities", AUTHORITIES)

    def test_trust_roots_that_are_mistakes(self):
        """The audit of sigstore-rust (TOB-SIGSTORE-5, -6): a trusted root is checked where the policy is read."""
        with tempfile.TemporaryDirectory(prefix="xzgate-test-") as name:
            folder = Path(name)

            def check(text: str) -> tuple[int, str]:
                (folder / "root.json").write_text(text)
                authority = {"name": "ci", "keyless": {"identities": [IDENTITY]}, "trustedRoots": [{"file": str(folder / "root.json")}]}
                spec = {"authorities": [authority], "signatures": {"require": [{"any": ["ci"]}]}}
                done = xzgate("config", "check", write_documents(folder / "policy.yaml", image_policy("x", **spec)))
                return done.returncode, done.stdout + done.stderr

            self.assertEqual(check(self.minted["roots"]["sigstore"])[0], 0)
            self.assertGreater(len(self.minted["mistakes"]), 10)
            for mistake, text in self.minted["mistakes"].items():
                with self.subTest(mistake):
                    code, said = check(text)
                    self.assertEqual(code, 2, said)
                    self.assertRegex(said, r"policy\.yaml:\d+:\d+: spec\.authorities\[0\]")


if __name__ == "__main__":
    unittest.main()
