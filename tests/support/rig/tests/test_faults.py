import http.client
import tempfile
import time
import unittest
from pathlib import Path

from rig.certs import Authority
from rig.faults import FaultRegistry, cut, drip, header, longer, redirect, status, wrong_bytes
from rig.images import image
from rig.tree import file, layer


class FaultsTest(unittest.TestCase):
    def setUp(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.registry = self.enterContext(FaultRegistry(Authority(folder)))
        self.document = image([layer([file("a", "x" * 300)])])
        self.registry.add(self.document, "shop/api")
        self.manifest = f"/v2/shop/api/manifests/{self.document.digest}"

    def get(self, path: str, method: str = "GET") -> http.client.HTTPResponse:
        client = http.client.HTTPSConnection(self.registry.address, context=self.registry.authority.client_context(), timeout=5)
        self.addCleanup(client.close)
        client.request(method, path)
        return client.getresponse()

    def test_is_honest_by_itself(self):
        answer = self.get("/v2/shop/api/manifests/1")
        self.assertEqual((answer.status, answer.read()), (200, self.document.content))
        head = self.get("/v2/shop/api/manifests/1", "HEAD")
        self.assertEqual(head.headers["Docker-Content-Digest"], self.document.digest)
        self.assertEqual(self.get("/v2/shop/api/tags/list").read(), b'{"name": "shop/api", "tags": ["1"]}')
        self.assertEqual(self.get("/v2/shop/api/manifests/2").status, 404)
        self.assertEqual(self.registry.count("HEAD", "/v2/.*"), 1)

    def test_faults_last_as_long_as_they_are_told(self):
        self.registry.on(self.manifest, status(429, {"Retry-After": "1"}), times=1)
        refused = self.get(self.manifest)
        self.assertEqual((refused.status, refused.headers["Retry-After"]), (429, "1"))
        self.assertEqual(self.get(self.manifest).status, 200)
        self.registry.on(".*", redirect("https://elsewhere.invalid/"), method="GET")
        self.assertEqual(self.get(self.manifest).headers["Location"], "https://elsewhere.invalid/")
        self.registry.heal()
        self.assertEqual(self.get(self.manifest).status, 200)

    def test_lies_about_content(self):
        for fault, want in ((wrong_bytes(), len(self.document.content)), (longer(7), len(self.document.content) + 7)):
            self.registry.on(self.manifest, fault)
            body = self.get(self.manifest).read()
            self.assertNotEqual(body, self.document.content)
            self.assertEqual(len(body), want)
        self.registry.on(self.manifest, cut())
        with self.assertRaises(http.client.IncompleteRead):
            self.get(self.manifest).read()
        self.registry.on(self.manifest, header("Docker-Content-Digest", "sha256:00"))
        self.assertEqual(self.get(self.manifest).headers["Docker-Content-Digest"], "sha256:00")

    def test_drips(self):
        self.registry.on(self.manifest, drip(len(self.document.content) * 2))
        start = time.monotonic()
        self.assertEqual(self.get(self.manifest).read(), self.document.content)
        self.assertGreater(time.monotonic() - start, 0.3)
