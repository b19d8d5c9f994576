"""The case table of CVE-2024-3094, image by image, from a real registry through the command line."""

import unittest

from rig.cases import AFFECTED, AFFECTED_VERSION, CLEAN, FIXED, SUSPICIOUS, UNKNOWN, cases
from rig.push import Uploader
from rig.xzgate import xzgate
from support import RegistryCase, evidence

EXIT_CODES = {AFFECTED: 1, SUSPICIOUS: 1, AFFECTED_VERSION: 1, UNKNOWN: 3, FIXED: 0, CLEAN: 0}
REASONS = {AFFECTED: "XZ001", SUSPICIOUS: "XZ002", AFFECTED_VERSION: "XZ003", FIXED: "XZ020", CLEAN: "XZ021"}


class CasesTest(RegistryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        uploader = Uploader(cls.registry)
        cls.by_reference = {}
        for case in cases():
            reference = uploader.push(case.build(), f"cases/{case.name}", "1")
            for digest in case.missing():
                uploader.delete_blob(f"cases/{case.name}", digest)
            cls.by_reference[reference] = case

    def test_every_case_gets_its_verdict_in_one_run(self):
        scanned = self.scan(*self.by_reference)
        self.assertEqual(scanned.code, 1, scanned.error)
        self.assertEqual(list(scanned.images), list(self.by_reference))
        for reference, case in self.by_reference.items():
            with self.subTest(case.name):
                report = scanned.images[reference]
                self.assertEqual(report["verdict"], case.want, report)
                self.assertEqual(report["digest"], case.build().digest)
                if case.want in REASONS:
                    self.assertEqual(report["reason"], REASONS[case.want])
                for platform, want in case.platforms.items():
                    self.assertEqual(self.platforms(report).get(platform), want)
                if case.historical:
                    hidden = [found for found in evidence(report) if found["historical"]]
                    self.assertTrue(hidden, "no evidence of the hidden layer")

    def test_exit_code_of_each_verdict(self):
        for want, code in EXIT_CODES.items():
            reference = next(ref for ref, case in self.by_reference.items() if case.want == want)
            with self.subTest(want):
                self.assertEqual(self.scan(reference).code, code)

    def test_the_worst_image_decides_the_exit_code(self):
        one_of = {case.want: reference for reference, case in self.by_reference.items()}
        self.assertEqual(self.scan(one_of[CLEAN], one_of[UNKNOWN]).code, 3)
        self.assertEqual(self.scan(one_of[CLEAN], one_of[UNKNOWN], one_of[SUSPICIOUS]).code, 1)

    def test_options_may_stand_before_the_images(self):
        names = list(self.by_reference)[:2]
        done = xzgate("scan", "--ca", self.authority.certificate, *names)
        self.assertEqual((done.returncode, done.stderr), (1, ""))

    def test_a_platform_that_is_asked_for_decides(self):
        (index,) = [ref for ref, case in self.by_reference.items() if case.platforms]
        scanned = self.scan("--platform", "linux/arm64/v8", index)
        self.assertEqual(scanned.verdict(index), AFFECTED_VERSION)

    def test_the_table_says_what_and_where(self):
        reference = next(ref for ref, case in self.by_reference.items() if case.name == "dpkg-bad-file-bad")
        done = xzgate("scan", "--ca", self.authority.certificate, reference)
        self.assertEqual(done.returncode, 1)
        for word in (reference, "affected [XZ001]", "liblzma.so.5.6.1", "layer 1 of 1", "fix"):
            self.assertIn(word, done.stdout)

    def test_a_store_keeps_every_layer(self):
        store = self.scratch / "store.db"
        first = self.scan("--store", store, *self.by_reference)
        before = self.registry.count("GET", "/v2/cases/.*/blobs/.*")
        second = self.scan("--store", store, *self.by_reference)
        self.assertEqual({n: r["verdict"] for n, r in first.images.items()}, {n: r["verdict"] for n, r in second.images.items()})
        pulled = self.registry.requests("GET", "/v2/cases/.*/blobs/.*")[before:]
        # What could not be had is asked for again; nothing else is.
        self.assertEqual([r.path for r in pulled if r.status == 200], [])

    @staticmethod
    def platforms(report: dict) -> dict[str, str]:
        return {
            "/".join(filter(None, (p["os"], p["architecture"], p["variant"]))): p["verdict"] for p in report["platforms"]
        }


if __name__ == "__main__":
    unittest.main()
