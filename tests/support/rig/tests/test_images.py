import json
import tarfile
import tempfile
import unittest
import zlib
from io import BytesIO
from pathlib import Path

from rig.certs import Authority
from rig.images import AMD64, ARM64, Style, image, index, without_blob, write_layout
from rig.process import RigError, run
from rig.push import Uploader, skopeo_copy, skopeo_push
from rig.registry import Registry
from rig.tree import Compression, directory, file, hardlink, layer, opaque, symlink, tar, truncated, whiteout

FILES = [directory("etc"), file("etc/motd", "hi\n" * 500), symlink("motd", "etc/motd"), hardlink("same", "etc/motd")]


class LayerTest(unittest.TestCase):
    def test_tar_holds_every_kind_of_entry_and_is_reproducible(self):
        entries = [*FILES, whiteout("etc/old"), whiteout("old"), opaque("var/lib"), file("etc/motd", "again")]
        data = tar(entries)
        self.assertEqual(data, tar(entries))
        with tarfile.open(fileobj=BytesIO(data)) as archive:
            self.assertEqual(
                archive.getnames(),
                ["etc", "etc/motd", "motd", "same", "etc/.wh.old", ".wh.old", "var/lib/.wh..wh..opq", "etc/motd"],
            )

    def test_each_compression_unpacks_to_the_same_tar(self):
        data = tar(FILES)
        unpackers = {
            Compression.PLAIN: ["cat"],
            Compression.GZIP: ["gzip", "-dc"],
            Compression.MULTI_GZIP: ["gzip", "-dc"],
            Compression.ZSTD: ["zstd", "-dqc"],
        }
        for compression, unpacker in unpackers.items():
            with self.subTest(compression):
                self.assertEqual(run(unpacker, data=compression.pack(data)), data)

    def test_the_first_gzip_member_is_not_the_whole(self):
        data = tar(FILES)
        first = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self.assertLess(len(first.decompress(Compression.MULTI_GZIP.pack(data))), len(data))
        self.assertGreater(len(first.unused_data), 0)


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.registry = cls.enterClassContext(Registry(Authority(cls.folder / "ca")))

    def inspect(self, reference: str) -> dict:
        env = {"SSL_CERT_FILE": str(self.registry.authority.certificate)}
        return json.loads(run(["skopeo", "inspect", "--raw", f"docker://{reference}"], env=env))

    def test_skopeo_takes_every_style_and_compression_unchanged(self):
        for style in Style:
            for compression in Compression:
                if (style, compression) == (Style.DOCKER, Compression.ZSTD):
                    continue  # Docker has no such media type: skopeo refuses it
                with self.subTest(style=style, compression=compression):
                    made = image([layer(FILES, compression), layer([whiteout("same")], compression)], style=style)
                    got = self.inspect(skopeo_push(self.registry, made, "styles", f"{style.value}-{compression.value}"))
                    self.assertEqual(got, json.loads(made.content))

    def test_an_index_arrives_with_all_its_platforms(self):
        for style in Style:
            with self.subTest(style):
                parts = [image([layer(FILES)], platform=p, style=style) for p in (AMD64, ARM64)]
                got = self.inspect(skopeo_push(self.registry, index(parts, style=style), "multi", style.value))
                self.assertEqual([entry["platform"]["architecture"] for entry in got["manifests"]], ["amd64", "arm64"])
                self.assertEqual([entry["digest"] for entry in got["manifests"]], [part.digest for part in parts])

    def test_the_uploader_takes_what_skopeo_refuses(self):
        broken = image([truncated(layer(FILES, Compression.GZIP))])
        docker_zstd = image([layer(FILES, Compression.ZSTD)], style=Style.DOCKER)
        for tag, made in {"broken": broken, "zstd": docker_zstd}.items():
            with self.subTest(tag):
                self.assertEqual(self.inspect(Uploader(self.registry).push(made, "odd", tag)), json.loads(made.content))
        with self.assertRaises(RigError):
            skopeo_push(self.registry, docker_zstd, "odd", "refused")

    def test_a_registry_wants_every_blob(self):
        made = image([layer(FILES), layer([file("other")])])
        second = json.loads(made.content)["layers"][1]["digest"]
        with self.assertRaisesRegex(RigError, "BLOB_UNKNOWN"):
            Uploader(self.registry).push(without_blob(made, second), "odd", "x")

    def test_a_layout_can_be_copied_by_skopeo(self):
        made = image([layer(FILES)])
        layout = write_layout(self.folder / "layout", {"a": made, "b": index([made])})
        skopeo_copy(f"oci:{layout}:a", self.registry, "layout", "a")
        skopeo_copy(f"oci:{layout}:a", self.registry, "layout", "docker", rewrite=("--format", "v2s2"))
        self.assertIn("docker", self.inspect(f"{self.registry.address}/layout:docker")["mediaType"])
