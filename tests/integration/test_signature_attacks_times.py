"""When something was signed and who says so, through the whole gate: signatures.md 10.5 rows 6 and 12 and their families.

The binary has no clock to turn: here trust roots and certificates begin and end around the signature, or around now.
"""

import json
import time
import unittest

from mint_case import CERTIFICATE, LOG, ROOTS, TIME, MintCase
from rig.process import wait_until
from support import SLOW

LASTS = 15  # seconds that a trust root goes on
SECONDS = LASTS + 20 * SLOW

_LOGGED = {"logged at the leaf's start": "", "logged at the leaf's end": "", "logged a second before it": CERTIFICATE,
           "logged a second after it": CERTIFICATE}  # fmt: skip
# Rows of mint and their reasons: mint_case.py.
TIMES = {
    **_LOGGED,
    **{f"{row}, legacy": reason for row, reason in _LOGGED.items()},
    "no promise": TIME,
    "no promise, and a time that fits": TIME,
    "another time than promised": LOG,
    "time zero": LOG,
    "logged in the future": LOG,
    "stamped at the leaf's start": "",
    "stamped at the leaf's end": "",
    "stamped a second before it": CERTIFICATE,
    "stamped a second after it": CERTIFICATE,
    "stamped in the future": TIME,
    "nobody tells the time": TIME,
    "the stamp of another signature": TIME,
    "logged and stamped at its ends": "",
    "logged in time, stamped late": CERTIFICATE,
    "logged late, stamped in time": CERTIFICATE,
    "two stamps @two timestamp authorities": "",
    "two stamps, the second late @two timestamp authorities": CERTIFICATE,
    "two stamps, the first early @two timestamp authorities": CERTIFICATE,
    "two stamps @two times": "",
    "two stamps of one authority @two times": TIME,
    "logged": "",
    "logged @log until then": "",
    "logged @log until before": LOG,
    "logged @log from after": LOG,
    "stamped": "",
    "stamped @log until before": LOG,
    "stamped @log from after": LOG,
    "stamped @stamper until then": "",
    "stamped @stamper until before": TIME,
    "stamped @stamper from after": TIME,
}  # fmt: skip
# What must pass of the family; nothing else must.
TIMESTAMPS = (
    "good",
    "a forged certificate first in the bag",  # it decides nothing
    "by an authority of its own",
)


class TimesTest(MintCase):
    families = ("times",)

    @classmethod
    def policies(cls):
        windows = [f"{who} {when}" for who in ("log", "stamper") for when in ("until then", "until before", "from after")]
        return {**{name: cls.keyless(name) for name in (*windows, "two timestamp authorities")},
                "two times": cls.keyless("two timestamp authorities", timestampThreshold=2)}  # fmt: skip

    def test_times(self):
        """10.5 row 6: intervals are closed; CVE-2022-36056 and TOB-SIGSTORE-4: the certificate holds at every time that is
        proved; CVE-2024-55655, TOB-SIGSTORE-3: a time that nobody promised is none; TOB-SIGSTORE-11: nobody's window is
        another's."""
        self.judge("times", TIMES)


class TimestampsTest(MintCase):
    families = ("timestamps",)

    def test_timestamps(self):
        """CVE-2026-39984 (GHSA-xm5m-wgh2-rrg3): who signed is not who stands first in the bag; RFC 3161 and its usages."""
        rows = dict.fromkeys(self.minted["rows"]["timestamps"], TIME)
        self.assertGreater(len(rows), 25)
        self.judge("timestamps", rows | dict.fromkeys(TIMESTAMPS, ""))


class EndOfTrustTest(MintCase):
    """10.5 row 12: a trust root that has ended verifies nothing, and the reason says so."""

    @classmethod
    def policies(cls):
        cls.root_file("ending").write_text(json.dumps(cls.ending(time.time() + LASTS)))
        lenient = {"outcomes": {"signatures": {"undecided": "warn"}}}
        return {"ended": cls.keyless("expired"), "ending": cls.keyless("ending"),
                "ended, and a good one": cls.keyless("expired", "sigstore"), "lenient": {**cls.keyless("expired"), **lenient}}  # fmt: skip

    @classmethod
    def ending(cls, when: float) -> dict:
        """The trust root, until then."""
        root = json.loads(cls.minted["roots"]["sigstore"])
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
        for log in (*root["tlogs"], *root["ctlogs"]):
            log["publicKey"]["validFor"]["end"] = end
        for authority in (*root["certificateAuthorities"], *root["timestampAuthorities"]):
            authority["validFor"]["end"] = end
        return root

    def good(self, policy: str, name: str = "good") -> str:
        return self.put(policy, name, self.minted["rows"]["certificates"]["good"])

    def test_a_clock_that_goes_on(self):
        name = self.good("ending")
        self.assert_answer(name, "")
        wait_until(lambda: not self.ask(name).allowed, "end of the trust root", SECONDS)
        wait_until(lambda: f"[{ROOTS} " in self.ask(name).message, "word of the trust root", 20 * SLOW)
        self.assert_answer(self.good("sigstore"), "")

    def test_a_root_that_has_ended(self):
        answer = self.assert_answer(self.good("ended"), ROOTS)
        self.assertIn("expired", answer.message)

    def test_another_root_beside_it(self):
        self.assert_answer(self.good("ended, and a good one"), "")

    def test_where_the_policy_lets_it_pass(self):
        """Never "allow on error" unless the policy says so, and then with a warning and in the metrics."""
        answer = self.assert_answer(self.good("lenient"), "")
        self.assertIn(ROOTS, json.dumps(answer.response.get("warnings")))
        self.assertIn("warn", self.gate.health("/metrics")[1])

    def test_a_root_that_is_gone(self):
        """What is in force stays in force; a policy that never had its root is refused at load."""
        path = self.root_file("sigstore")
        text = path.read_text()
        self.assert_answer(self.good("sigstore", "before"), "")
        path.unlink()
        try:
            wait_until(lambda: "root.json" in self.gate.health()[1], "word of the missing file", 20 * SLOW)
            self.assert_answer(self.good("sigstore", "after"), "")
        finally:
            path.write_text(text)


if __name__ == "__main__":
    unittest.main()
