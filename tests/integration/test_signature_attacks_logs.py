"""Entries, promises, proofs and checkpoints of transparency logs, through the whole gate: signatures.md 10.5 row 7 and its family."""

import unittest

from mint_case import ATTESTATION, CLAIMS, LOG, MALFORMED, UNSIGNED, UNSUPPORTED, MintCase

_FORMATS = ("v0.1", "v0.2", "v0.3", "v0.3 as hashedrekord", "v0.3 as intoto", "v0.3 in Rekor v2", "tag")
# Rows of mint and their reasons: mint_case.py.
ENTRIES = {
    **dict.fromkeys(_FORMATS, ""),
    **{f"{each}, of another {what}": LOG for each in _FORMATS for what in ("image", "signature")},
    "tag, the certificate of another signature": LOG,
    "tag, signed is another image": CLAIMS,
    "tag, of none": LOG,
    "tag, a timestamp alone": LOG,
    "no entry": LOG,
    "of a stranger's log": LOG,
    "stated is another image": CLAIMS,
    # CVE-2022-35929, CVE-2022-35930 and 10.1, the last row but one, keyless
    "attestation @attested": "",
    "attestation": UNSIGNED,
    "attestation, of another image @attested": LOG,
    "attestation, stated is another image @attested": CLAIMS,
    "attestation, another type @attested": ATTESTATION,
    "bundled attestation @attested": "",
    "bundled attestation": UNSIGNED,
    "v0.3 @attested": ATTESTATION,
    # GHSA-9vcr-p3rj-q5q6
    "one entry": "",
    "one entry twice": MALFORMED,
    "two entries of one log": "",
    "entries of two logs": "",
    "one entry @in two, two logs": LOG,
    "two entries of one log @in two, two logs": LOG,
    "entries of two logs @in two, two logs": "",
    "entries of two logs @in two, two logs of one operator": LOG,
    "two entries of one log @in two, one log twice": LOG,
}  # fmt: skip

_PROOFS = {
    "good": "",
    "a tree of one": "",
    "hashes in a tree of one": LOG,
    "no proof": MALFORMED,
    "a hash more": LOG,
    "a hash less": LOG,
    "a short hash": MALFORMED,
    "another hash": LOG,
    "another index": LOG,
    "an index beyond": LOG,
    "no tree": LOG,
    "a huge tree": MALFORMED,
    "another size": LOG,
    "another root": LOG,
    "a short root": MALFORMED,
    "another body": LOG,
    "another kind": UNSUPPORTED,
    "another version": UNSUPPORTED,
    "no log's name": MALFORMED,
    "an unknown log": LOG,
    "checkpoint: another signature first": "",
    "checkpoint: an extension line": "",
    "checkpoint: CRLF": LOG,
    "checkpoint: two empty lines": LOG,
    "checkpoint: a hyphen": LOG,
    "checkpoint: no line end": LOG,
    "checkpoint: none": MALFORMED,
    "checkpoint: no signature": LOG,
    "checkpoint: another size": LOG,
    "checkpoint: another origin": LOG,
    "checkpoint: a stranger's": LOG,
    "checkpoint: a stranger's, with the log's hint": LOG,
}
_PROMISES = ("another index", "another time", "broken", "no signature", "by another key", "of another entry")
PROOFS = {
    **{f"{log}: {row}": reason for log in ("v1", "v2") for row, reason in _PROOFS.items()},
    "v1: the kind of another": LOG,
    "v2: the kind of another": UNSUPPORTED,
    **{f"v1: promise: {row}": LOG for row in _PROMISES},
    "v2: promise: there is none": LOG,
    "v0.1: no proof": "",
    "v0.1: no promise": MALFORMED,
    "v0.1: another hash": LOG,
}  # fmt: skip


def bodies(minted: dict) -> dict[str, str]:
    """What is asked of the family, and the reasons."""
    rows = dict.fromkeys(minted["rows"]["bodies"], LOG)
    rows |= {f"{kind}: good": "" for kind in ("dsse", "hashedrekord", "intoto", "Rekor v2")}
    # The annotation is read to the kind of its body.
    unread = ("null", "a list", "a number", "an object", "nothing", "deep", "kind is a number", "kind twice")
    return rows | {f"{body}, legacy": MALFORMED for body in unread} | {"nothing": MALFORMED}


class EntriesTest(MintCase):
    families = ("entries",)

    @classmethod
    def policies(cls):
        roots = ("two logs", "two logs of one operator", "one log twice")
        provenance = [{"type": "slsaprovenance1", "any": ["ci"]}]
        return {"attested": cls.keyless("sigstore", attestations=provenance),
                **{f"in two, {root}": cls.keyless(root, tlogThreshold=2) for root in roots}}  # fmt: skip

    def test_entries_about_something_else(self):
        """CVE-2022-23649, CVE-2024-53267, CVE-2026-22703 (v0.1, v0.2, v0.3, .sig and .att), CVE-2022-36056, CVE-2026-31830;
        GHSA-9vcr-p3rj-q5q6: logs are counted, not entries, nor keys of one operator."""
        self.judge("entries", ENTRIES)


class ProofsTest(MintCase):
    families = ("proofs",)

    def test_proofs(self):
        """10.5 row 7, of Rekor v1 and v2; CVE-2024-55655 (a promise about another time)."""
        self.judge("proofs", PROOFS)


class BodiesTest(MintCase):
    families = ("bodies",)

    def test_bodies(self):
        """What made cosign panic before v3.0.5 (#4649, #4651 to #4653): each is promised and proved by the log."""
        rows = bodies(self.minted)
        self.assertGreater(len(rows), 150)
        self.judge("bodies", rows)
        self.assertTrue(self.gate.is_running())


if __name__ == "__main__":
    unittest.main()
