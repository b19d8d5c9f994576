import json
import tempfile
import unittest
from pathlib import Path

from rig.builders import Buildah, crane_append, umoci_layout
from rig.certs import Authority
from rig.process import run
from rig.push import Login, skopeo_copy
from rig.registry import Basic, Registry
from rig.tree import Compression, file, layer

ALICE = Login("alice", "wonder")
LAYERS = [[file("etc/one", "1\n")], [file("etc/two", "2\n"), file("etc/one", "changed\n")]]


class BuildersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        authority = Authority(cls.folder / "ca")
        cls.registry = cls.enterClassContext(Registry(authority, auth=Basic({ALICE.user: ALICE.password})))

    def layers_of(self, reference: str) -> list[str]:
        env = {"SSL_CERT_FILE": str(self.registry.authority.certificate)}
        command = ["skopeo", "inspect", "--raw", "--creds", f"{ALICE.user}:{ALICE.password}", f"docker://{reference}"]
        return [entry["mediaType"] for entry in json.loads(run(command, env=env))["layers"]]

    def test_umoci(self):
        layout = umoci_layout(self.folder / "umoci", LAYERS)
        skopeo_copy(f"oci:{layout}:latest", self.registry, "made/umoci", "1", login=ALICE)
        got = self.layers_of(f"{self.registry.address}/made/umoci:1")
        self.assertEqual(got, ["application/vnd.oci.image.layer.v1.tar+gzip"] * 2)

    def test_buildah_in_both_styles(self):
        buildah = Buildah(self.folder / "buildah")
        for style, kind in {"oci": "application/vnd.oci.image", "docker": "application/vnd.docker.image"}.items():
            with self.subTest(style):
                name = buildah.build(f"made-{style}", LAYERS, style)
                got = self.layers_of(buildah.push(name, self.registry, "made/buildah", style, ALICE))
                self.assertEqual(len(got), 2)
                self.assertTrue(all(entry.startswith(kind) for entry in got), got)

    def test_crane(self):
        paths = []
        for number, entries in enumerate(LAYERS):
            paths.append(self.folder / f"{number}.tar.gz")
            paths[-1].write_bytes(layer(entries, Compression.MULTI_GZIP).blob)
        self.assertEqual(len(self.layers_of(crane_append(self.registry, paths, "made/crane", "1", ALICE))), 2)
