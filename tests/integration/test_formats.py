"""Images as they come: from foreign tools, in every packing and media type, from a registry and from disk."""

import unittest

from rig.builders import Buildah, crane_append, umoci_layout
from rig.cases import AFFECTED, CLEAN, UNKNOWN
from rig.images import ARM64, Style, image, index, without_blob, write_layout
from rig.process import run
from rig.push import skopeo_copy, skopeo_push
from rig.tree import Compression, file, layer
from support import RegistryCase, bad_entries, bad_image, clean_entries, clean_image, evidence

LAYERS = {AFFECTED: [clean_entries(), [file("opt/x", "x"), *bad_entries()]], CLEAN: [clean_entries(), [file("opt/x", "x")]]}


class PackingTest(RegistryCase):
    def test_every_packing_in_both_styles(self):
        names = {}
        for style in Style:
            for packing in Compression:
                document = image([layer(bad_entries(), packing)], style=style)
                # skopeo refuses Docker's own type of a zstd layer, which others write all the same.
                names[self.push(document, f"packed/{style.value}", packing.value)] = document
        scanned = self.scan(*names)
        for name, document in names.items():
            with self.subTest(name):
                self.assertEqual(scanned.verdict(name), AFFECTED, scanned.images[name])
                self.assertEqual(scanned.images[name]["digest"], document.digest)

    def test_the_bytes_decide_not_the_media_type(self):
        gzip_type = "application/vnd.oci.image.layer.v1.tar+gzip"
        documents = {
            packing.value: image([layer(bad_entries(), packing, media_type=gzip_type)])
            for packing in (Compression.PLAIN, Compression.ZSTD)
        }
        for tag, document in documents.items():
            with self.subTest(tag):
                name = self.push(document, "packed/misnamed", tag)
                self.assertEqual(self.scan(name).verdict(name), AFFECTED)

    def test_an_index_in_both_styles(self):
        for style in Style:
            children = [image([layer(entries)], platform=platform, style=style)
                        for entries, platform in ((clean_entries(), ARM64), (bad_entries(), bad_image().platform))]
            name = skopeo_push(self.registry, index(children, style=style), "packed/index", style.value)
            with self.subTest(style):
                report = self.scan(name).images[name]
                self.assertEqual(report["verdict"], AFFECTED)
                self.assertEqual([p["verdict"] for p in report["platforms"]], [CLEAN, AFFECTED])

    def test_a_digest_reference(self):
        document = bad_image("by-digest")
        self.push(document, "packed/pinned")
        name = f"{self.registry.address}/packed/pinned@{document.digest}"
        before = self.registry.count("HEAD")
        self.assertEqual(self.scan(name).verdict(name), AFFECTED)
        self.assertEqual(self.registry.count("HEAD"), before, "a digest needs no resolution")


class ToolsTest(RegistryCase):
    def assert_verdict(self, name: str, want: str) -> None:
        report = self.scan(name).images[name]
        self.assertEqual(report["verdict"], want, report)
        if want == AFFECTED:
            self.assertIn("E1", {found["id"] for found in evidence(report)})

    def test_umoci(self):
        for want, layers in LAYERS.items():
            with self.subTest(want):
                layout = umoci_layout(self.scratch / f"umoci-{want}", layers)
                skopeo_copy(f"oci:{layout}:latest", self.registry, "made/umoci", want)
                self.assert_verdict(f"{self.registry.address}/made/umoci:{want}", want)
                self.assert_verdict(f"oci:{layout}:latest", want)

    def test_buildah(self):
        buildah = Buildah(self.scratch / "buildah")
        for style, want in (("oci", AFFECTED), ("docker", AFFECTED), ("docker", CLEAN)):
            with self.subTest(style=style, want=want):
                name = buildah.build(f"made-{style}-{want}", LAYERS[want], style)
                self.assert_verdict(buildah.push(name, self.registry, "made/buildah", f"{style}-{want}"), want)

    def test_crane(self):
        for want, layers in LAYERS.items():
            paths = []
            for number, entries in enumerate(layers):
                paths.append(self.scratch / f"{want}-{number}.tar.gz")
                paths[-1].write_bytes(layer(entries, Compression.MULTI_GZIP).blob)
            with self.subTest(want):
                self.assert_verdict(crane_append(self.registry, paths, "made/crane", want), want)

    def test_skopeo_rewrites(self):
        layout = write_layout(self.scratch / "layout", {"bad": bad_image("rewritten")})
        plain = self.scratch / "plain"
        run(["skopeo", "--insecure-policy", "copy", "--quiet", "--dest-decompress", f"oci:{layout}:bad", f"dir:{plain}"])
        for tag, source, rewrite in (
            ("v2s2", f"oci:{layout}:bad", ("--format", "v2s2")),
            ("gzip", f"dir:{plain}", ("--dest-compress-format", "gzip")),
            ("zstd", f"dir:{plain}", ("--dest-compress-format", "zstd")),
        ):
            with self.subTest(tag):
                skopeo_copy(source, self.registry, "made/skopeo", tag, rewrite=rewrite)
                self.assert_verdict(f"{self.registry.address}/made/skopeo:{tag}", AFFECTED)


class LayoutTest(RegistryCase):
    def setUp(self):
        super().setUp()
        self.layout = write_layout(self.scratch / "layout", {"good": clean_image(), "bad": bad_image()})

    def test_a_tag_chooses(self):
        good, bad = f"oci:{self.layout}:good", f"oci:{self.layout}:bad"
        scanned = self.scan(good, bad)
        self.assertEqual((scanned.verdict(good), scanned.verdict(bad)), (CLEAN, AFFECTED))

    def test_without_a_tag_everything_in_it_counts(self):
        name = f"oci:{self.layout}"
        scanned = self.scan(name)
        self.assertEqual(scanned.code, 1)
        self.assertEqual(sorted(p["verdict"] for p in scanned.images[name]["platforms"]), sorted([AFFECTED, CLEAN]))
        for platform in scanned.images[name]["platforms"]:
            tag = "bad" if platform["verdict"] == AFFECTED else "good"
            self.assertIn(f'named "{tag}" in the layout', platform["notes"])

    def test_a_digest_chooses(self):
        for document, want in ((clean_image(), CLEAN), (bad_image(), AFFECTED)):
            name = f"oci:{self.layout}@{document.digest}"
            scanned = self.scan(name)
            self.assertEqual(scanned.verdict(name), want, scanned.error)
            self.assertEqual(len(scanned.images[name]["platforms"]), 1)

    def test_where_there_is_no_layout_nothing_is_scanned(self):
        done = self.scan(f"oci:{self.scratch}/nothing", f"oci:{self.layout}:bad", "Bad:REF")
        self.assertEqual((done.code, done.document), (2, {}))
        self.assertIn("oci-layout is missing", done.error)
        self.assertIn("Bad:REF", done.error)

    def test_what_cannot_be_read_is_unknown(self):
        gone = clean_image("gone")
        (blob,) = [name for name, content in gone.blobs.items() if content.startswith(b"\x1f\x8b")][:1]
        write_layout(self.scratch / "holes", {"it": without_blob(gone, blob)})
        for name in (f"oci:{self.layout}:nowhere", f"oci:{self.scratch}/holes:it"):
            with self.subTest(name):
                scanned = self.scan(name)
                self.assertEqual((scanned.code, scanned.verdict(name)), (3, UNKNOWN), scanned.error)
                self.assertTrue(scanned.images[name]["detail"])

    def test_a_blob_with_wrong_bytes_is_unreadable(self):
        document = clean_image("flipped")
        write_layout(self.scratch / "flipped", {"it": document})
        for blob, content in document.blobs.items():
            if content.startswith(b"\x1f\x8b"):
                path = self.scratch / "flipped" / "blobs" / "sha256" / blob.removeprefix("sha256:")
                path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
        name = f"oci:{self.scratch}/flipped:it"
        report = self.scan(name).images[name]
        self.assertEqual((report["verdict"], report["cause"]), (UNKNOWN, "unreadable"))


if __name__ == "__main__":
    unittest.main()
