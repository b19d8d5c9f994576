import gzip
import json
import tempfile
import unittest
from pathlib import Path

from rig import cases
from rig.certs import Authority
from rig.images import without_blob, write_layout
from rig.push import Uploader
from rig.registry import Registry
from rig.standin import prologue

VERDICTS = {cases.AFFECTED, cases.SUSPICIOUS, cases.AFFECTED_VERSION, cases.UNKNOWN, cases.FIXED, cases.CLEAN}


class CasesTest(unittest.TestCase):
    def test_names_and_verdicts_are_well_formed(self):
        names = [case.name for case in cases.CASES]
        self.assertEqual(len(names), len(set(names)))
        self.assertTrue({case.want for case in cases.CASES} <= VERDICTS)
        self.assertEqual({case.want for case in cases.cases()}, VERDICTS)
        self.assertLess(len(cases.cases()), len(cases.cases(later=True)))

    def test_every_case_builds_the_same_image_twice(self):
        for case in cases.CASES:
            with self.subTest(case.name):
                self.assertEqual(case.build().digest, case.build().digest)

    def test_every_case_reaches_a_registry(self):
        with tempfile.TemporaryDirectory() as folder, Registry(Authority(Path(folder))) as registry:
            uploader = Uploader(registry)
            for case in cases.CASES:
                with self.subTest(case.name):
                    uploader.push(case.build(), f"cases/{case.name}", "1")
                    for digest in case.missing():
                        uploader.delete_blob(f"cases/{case.name}", digest)

    def test_a_missing_layer_can_be_left_out_of_a_layout(self):
        case = next(case for case in cases.CASES if case.name == "layer-missing")
        (gone,) = case.missing()
        with tempfile.TemporaryDirectory() as folder:
            write_layout(Path(folder), {"it": without_blob(case.build(), gone)})
            self.assertFalse(Path(folder, "blobs/sha256", gone.removeprefix("sha256:")).exists())

    def test_platforms_of_a_case_are_those_of_its_index(self):
        for case in cases.CASES:
            if case.platforms:
                entries = json.loads(case.build().content)["manifests"]
                named = ["/".join(e["platform"][k] for k in ("os", "architecture", "variant") if k in e["platform"])
                         for e in entries]  # fmt: skip
                self.assertEqual(named, list(case.platforms))

    def test_bytes_are_there_exactly_where_a_case_is_about_them(self):
        about_bytes = {"another-scanner", "data-only-library", "bytes-in-arm-text"}
        for case in cases.CASES:
            if case.want in (cases.CLEAN, cases.AFFECTED_VERSION):
                found = any(prologue() in _unpacked(blob) for blob in case.build().all_blobs().values())
                self.assertEqual(found, case.name in about_bytes, case.name)


def _unpacked(blob: bytes) -> bytes:
    return gzip.decompress(blob) if blob.startswith(b"\x1f\x8b") else blob
