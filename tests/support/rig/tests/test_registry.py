import http.client
import ssl
import tempfile
import unittest
from pathlib import Path

from rig.certs import Authority
from rig.images import image
from rig.process import RigError
from rig.push import Login, Uploader, skopeo_push
from rig.registry import Basic, Registry
from rig.tokens import TokenServer, User
from rig.tree import file, layer

TINY = image([layer([file("hello", "hello\n")])])
ALICE = Login("alice", "wonder")
WRONG = Login("alice", "wander")


class RegistryTest(unittest.TestCase):
    def setUp(self):
        self.authority = Authority(Path(self.enterContext(tempfile.TemporaryDirectory())))

    def get(self, registry: Registry, path: str) -> http.client.HTTPResponse:
        client = http.client.HTTPSConnection(registry.address, context=self.authority.client_context(), timeout=10)
        self.addCleanup(client.close)
        client.request("GET", path, headers={"User-Agent": "rig-test", "Accept": TINY.media_type})
        return client.getresponse()

    def test_anonymous_registry_serves_what_was_pushed_and_logs_it(self):
        with Registry(self.authority) as registry:
            Uploader(registry).push(TINY, "shop/api", "1")
            answer = self.get(registry, "/v2/shop/api/manifests/1")
            self.assertEqual(answer.read(), TINY.content)
            self.assertEqual(answer.headers["Docker-Content-Digest"], TINY.digest)
            asked = registry.requests("GET", "/v2/shop/api/manifests/.*")
            self.assertEqual([(r.status, r.agent) for r in asked], [(200, "rig-test")])
            self.assertEqual(registry.count("HEAD", ".*/manifests/.*"), 0)

    def test_content_survives_stop_and_resume(self):
        with Registry(self.authority) as registry:
            Uploader(registry).push(TINY, "shop/api", "1")
            registry.stop()
            with self.assertRaises(ConnectionRefusedError):
                self.get(registry, "/v2/")
            registry.resume()
            self.assertEqual(self.get(registry, "/v2/shop/api/manifests/1").status, 200)

    def test_basic_authentication(self):
        with Registry(self.authority, auth=Basic({"alice": "wonder"})) as registry:
            answer = self.get(registry, "/v2/")
            self.assertEqual((answer.status, answer.headers["WWW-Authenticate"]), (401, 'Basic realm="rig"'))
            for push in (skopeo_push, lambda *words: Uploader(words[0], words[4]).push(*words[1:4])):
                push(registry, TINY, "shop/api", "1", ALICE)
                with self.assertRaises(RigError):
                    push(registry, TINY, "shop/other", "1", WRONG)

    def test_token_authentication_by_scope(self):
        users = {"alice": User("wonder", frozenset({"pull", "push"})), "reader": User("only")}
        with TokenServer(self.authority, users) as tokens, Registry(self.authority, auth=tokens) as registry:
            self.assertIn(f'Bearer realm="{tokens.realm}"', self.get(registry, "/v2/").headers["WWW-Authenticate"])
            skopeo_push(registry, TINY, "shop/api", "1", ALICE)
            self.assertIn("repository:shop/api:pull,push", tokens.requests[-1].granted)
            Uploader(registry, ALICE).push(TINY, "shop/api", "2")
            with self.assertRaises(RigError):
                skopeo_push(registry, TINY, "shop/api", "3", Login("reader", "only"))
            with self.assertRaises(RigError):
                skopeo_push(registry, TINY, "shop/api", "3", WRONG)
            self.assertEqual(tokens.requests[-1].status, 401)

    def test_bad_certificate_is_shown(self):
        with Registry(self.authority, leaf=self.authority.expired()) as registry:
            with self.assertRaisesRegex(ssl.SSLCertVerificationError, "expired"):
                self.get(registry, "/v2/")

    def test_plain_http(self):
        with Registry(self.authority, tls=False) as registry:
            skopeo_push(registry, TINY, "shop/api", "1")
            self.assertEqual(registry.url, f"http://{registry.address}")
