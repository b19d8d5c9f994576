"""Signatures by keys in forms that are not theirs, and keys out of their time, through the whole gate: 10.5 row 3 and its family."""

import tempfile
import unittest
from pathlib import Path

from mint_case import CERTIFICATE, LOG, SIGNATURE, TIME, MintCase
from rig.xzgate import image_policy, write_documents, xzgate

SIGNED_AT, JUST_AFTER, LONG_AGO = "2026-06-01T00:01:00Z", "2026-06-01T00:01:01Z", "2026-01-01T00:00:00Z"
KINDS = ("p256", "p384", "p521", "rsa", "ed25519")
# Times and witnesses of a key, under policies that ask for them.
WINDOWS = {
    "p256: stamped @p256": "",
    "p256: stamped @stamp wanted": "",
    "p256: stamped @begun then": "",
    "p256: stamped @ended then": "",
    "p256: stamped @not begun": CERTIFICATE,
    "p256: stamped @ended before": CERTIFICATE,
    "p256: stamped @log wanted": LOG,
    "p256: good @ended": CERTIFICATE,
    "p256: good @stamp wanted": TIME,
    "p256: good @log wanted": LOG,
    "p256: logged @p256": "",
    "p256: logged @log wanted": "",
    "p256: logged in Rekor v2 @p256": "",
    "p256: logged in Rekor v2 @log wanted": "",
    "p256: good @sigstore": CERTIFICATE,
}


def keys(minted: dict) -> dict[str, str]:
    """What is asked of the family, and the reasons."""
    rows = dict.fromkeys(minted["rows"]["keys"], SIGNATURE)
    good = [f"{kind}: good" for kind in KINDS]
    # cosign of old signed over SHA-256 whatever the curve.
    rows |= {name: "" for each in (*good, "p384: SHA-256") for name in (each, f"{each}, legacy")}
    return {f"{row} @{row.partition(':')[0]}": reason for row, reason in rows.items()} | WINDOWS


class KeysTest(MintCase):
    families = ("keys",)

    @classmethod
    def policies(cls):
        roots = {"trustedRoots": [{"file": str(cls.root_file("sigstore"))}]}
        stamped, logged = {**roots, "requireTimestamp": True}, {**roots, "requireTlog": True}
        windows = {
            "begun then": {**stamped, "validFor": {"start": SIGNED_AT}},
            "ended then": {**stamped, "validFor": {"start": LONG_AGO, "end": SIGNED_AT}},
            "not begun": {**stamped, "validFor": {"start": JUST_AFTER}},
            "ended before": {**stamped, "validFor": {"start": LONG_AGO, "end": "2026-06-01T00:00:59Z"}},
            "ended": {"validFor": {"start": LONG_AGO, "end": SIGNED_AT}},
            "stamp wanted": stamped,
            "log wanted": logged,
        }
        return {**{kind: cls.by_key(kind) for kind in KINDS},
                **{name: cls.by_key("p256", **wanted) for name, wanted in windows.items()}}  # fmt: skip

    def test_forms_of_signatures(self):
        """10.5 row 3: PSS for PKCS #1, r and s for DER, a curve's for another's, Ed25519ph for Ed25519; GHSA-wqqc-jjcq-vfxm: a
        key out of its window; CVE-2022-36056: a key where an identity is wanted."""
        self.judge("keys", keys(self.minted))

    def test_keys_that_are_none(self):
        """10.5 row 3: a private key, a certificate, a weak key, several, in place of a public key."""
        pems = self.minted["pems"]
        with tempfile.TemporaryDirectory(prefix="xzgate-test-") as name:
            folder = Path(name)

            def check(text: str) -> tuple[int, str]:
                (folder / "key.pem").write_text(text)
                spec = {"authorities": [{"name": "key", "key": {"file": str(folder / "key.pem")}}],
                        "signatures": {"require": [{"any": ["key"]}]}}  # fmt: skip
                done = xzgate("config", "check", write_documents(folder / "policy.yaml", image_policy("x", **spec)))
                return done.returncode, done.stdout + done.stderr

            for kind in KINDS:
                self.assertEqual(check(pems[kind])[0], 0, kind)
                self.assertEqual(check(pems[f"{kind} private"])[0], 2, kind)
            mistakes = {"a certificate": pems["certificate"], "1,024 bits": pems["weak"], "two keys": pems["p256"] + pems["p384"],
                        "a key and its private half": pems["p256"] + pems["p256 private"], "nothing": "", "no PEM": "key"}  # fmt: skip
            for what, text in mistakes.items():
                with self.subTest(what):
                    code, said = check(text)
                    self.assertEqual(code, 2, said)
                    self.assertRegex(said, r"policy\.yaml:\d+:\d+: spec\.authorities\[0\]")


if __name__ == "__main__":
    unittest.main()
