"""Credentials: basic and token authentication against the real registry, and where credentials never go."""

import unittest

from rig.cases import AFFECTED, UNKNOWN
from rig.faults import FaultRegistry, header, redirect, status
from rig.push import Login
from rig.registry import Basic, docker_config
from rig.review import client, pod
from rig.tokens import TokenServer, User
from rig.xzgate import registry_settings
from support import RegistryCase, bad_image

ALICE = Login("alice", "wonder")
CHALLENGE = {"WWW-Authenticate": 'Basic realm="rig"'}


class Questions:
    """The same questions for both kinds of authentication; a mixin of RegistryCase."""

    refusal = ""

    def config(self, password: str = ALICE.password):
        return docker_config(self.scratch / password, {self.registry.address: (ALICE.user, password)})

    def assert_unreachable(self, name: str, word: str, *arguments) -> None:
        scanned = self.scan(name, *arguments)
        report = scanned.images[name]
        self.assertEqual((scanned.code, report["verdict"], report["cause"]), (3, UNKNOWN, "unreachable"), report)
        self.assertIn(word, report["detail"])
        self.assertIn(self.registry.address, report["detail"])

    def test_right_credentials(self):
        name = self.push(bad_image(), "shop/api", login=ALICE)
        self.assertEqual(self.scan(name, "--docker-config", self.config()).verdict(name), AFFECTED)

    def test_wrong_credentials(self):
        name = self.push(bad_image(), "shop/api", login=ALICE)
        self.assert_unreachable(name, self.refusal, "--docker-config", self.config("wrong"))

    def test_missing_credentials(self):
        name = self.push(bad_image(), "shop/api", login=ALICE)
        self.assert_unreachable(name, "no credentials are configured")

    def test_the_webhook_and_its_scanner_use_them(self):
        name = self.push(bad_image(), "shop/api", login=ALICE)
        gate = self.serve(registries=registry_settings(self.registry, docker_config=self.config()))
        with client(gate.url, self.authority) as api_server:
            self.assertIn("XZ001", api_server.ask(pod(images=[name])).message)
        self.assertNotIn(ALICE.password, gate.log_text())

    def test_wrong_ones_give_a_reason_code(self):
        name = self.push(bad_image(), "shop/api", login=ALICE)
        gate = self.serve(registries=registry_settings(self.registry, docker_config=self.config("wrong")))
        with client(gate.url, self.authority) as api_server:
            answer = api_server.ask(pod(images=[name]))
        self.assertIn("RG002 unreachable", answer.message)


class BasicTest(Questions, RegistryCase):
    refusal = "the configured credentials do not suffice"

    @classmethod
    def registry_auth(cls, authority):
        return Basic({ALICE.user: ALICE.password})


class TokenTest(Questions, RegistryCase):
    refusal = "wrong credentials"  # the token server's own word

    @classmethod
    def registry_auth(cls, authority):
        rights = {ALICE.user: User(ALICE.password, frozenset({"pull", "push", "delete"}))}
        cls.tokens = cls.enterClassContext(TokenServer(authority, rights))
        return cls.tokens

    def test_one_token_serves_all_requests_of_a_repository(self):
        name = self.push(bad_image("token-reuse"), "shop/many", login=ALICE)
        tokens, pulls = len(self.tokens.requests), self.registry.count("GET", "/v2/shop/many/.*")
        self.assertEqual(self.scan(name, "--docker-config", self.config()).verdict(name), AFFECTED)
        self.assertGreaterEqual(self.registry.count("GET", "/v2/shop/many/.*") - pulls, 4)
        asked = self.tokens.requests[tokens:]
        self.assertEqual([(request.user, request.scopes) for request in asked], [(ALICE.user, ("repository:shop/many:pull",))])

    def test_only_what_is_needed_is_asked_for(self):
        name = self.push(bad_image("scopes"), "shop/scopes", login=ALICE)
        before = len(self.tokens.requests)
        self.scan(name, "--docker-config", self.config())
        for request in self.tokens.requests[before:]:
            self.assertEqual(request.granted, ("repository:shop/scopes:pull",))


class AnonymousTokenTest(RegistryCase):
    @classmethod
    def registry_auth(cls, authority):
        rights = {ALICE.user: User(ALICE.password, frozenset({"pull", "push"}))}
        cls.tokens = cls.enterClassContext(TokenServer(authority, rights, anonymous=frozenset({"pull"})))
        return cls.tokens

    def test_a_public_image_needs_no_credentials(self):
        name = self.push(bad_image(), "shop/public", login=ALICE)
        self.assertEqual(self.scan(name).verdict(name), AFFECTED)


class OtherHostsTest(RegistryCase):
    """A registry that wants credentials for itself and then points elsewhere."""

    def setUp(self):
        super().setUp()
        self.near = self.enterContext(FaultRegistry(self.authority))
        self.far = self.enterContext(FaultRegistry(self.authority))
        self.config = docker_config(self.scratch / "docker", {self.near.address: (ALICE.user, ALICE.password)})

    def redirected(self) -> str:
        document = bad_image("redirected")
        name = self.near.add(document, "shop/api")
        self.far.add(document, "shop/api")
        for blob in document.blobs:
            self.near.on(f"/v2/shop/api/blobs/{blob}", redirect(f"{self.far.url}/v2/shop/api/blobs/{blob}"))
        # Whoever comes without credentials is asked for them.
        self.near.on("/v2/.*manifests/.*", status(401, CHALLENGE), times=1)
        return name

    def test_blobs_behind_a_redirect_come_without_credentials(self):
        name = self.redirected()
        settings = {"hosts": [self.near.address], "allowedHosts": ["localhost"], "ca": [str(self.authority.certificate)],
                    "dockerConfig": str(self.config)}  # fmt: skip
        gate = self.serve(registries=settings)
        with client(gate.url, self.authority) as api_server:
            self.assertIn("XZ001", api_server.ask(pod(images=[name])).message)
        self.assertTrue(any("authorization" in seen.headers for seen in self.near.requests))
        self.assertTrue(self.far.requests)
        self.assertEqual([seen for seen in self.far.requests if "authorization" in seen.headers], [])

    def test_a_redirect_to_a_private_address_is_refused(self):
        name = self.redirected()
        report = self.scan(name, "--docker-config", self.config).images[name]
        self.assertEqual((report["verdict"], report["cause"]), (UNKNOWN, "unreachable"))
        self.assertIn("loopback", report["detail"])
        self.assertEqual(self.far.requests, [])

    def test_a_realm_at_another_host_gets_no_credentials(self):
        # Another name for this machine, which nobody allowed.
        realm = f"https://127.0.0.1:{self.far.port}/token"
        name = self.near.add(bad_image("realm"), "shop/api")
        self.near.on(".*", status(401, {"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'}))
        report = self.scan(name, "--docker-config", self.config).images[name]
        self.assertEqual((report["verdict"], report["cause"]), (UNKNOWN, "unreachable"))
        self.assertEqual(self.far.requests, [])

    def test_a_plain_realm_gets_no_credentials(self):
        plain = self.enterContext(FaultRegistry(self.authority, tls=False))
        name = self.near.add(bad_image("plain-realm"), "shop/api")
        self.near.on(".*", status(401, {"WWW-Authenticate": f'Bearer realm="{plain.url}/token",service="x"'}))
        report = self.scan(name, "--docker-config", self.config).images[name]
        self.assertEqual(report["verdict"], UNKNOWN)
        self.assertIn("want https", report["detail"])
        self.assertEqual(plain.requests, [])

    def test_credentials_of_one_registry_are_not_for_another(self):
        name = self.far.add(bad_image("other"), "shop/api")
        self.far.on(".*", status(401, CHALLENGE))
        self.assertEqual(self.scan(name, "--docker-config", self.config).code, 3)
        self.assertEqual([seen for seen in self.far.requests if "authorization" in seen.headers], [])

    def test_a_challenge_with_a_digest_header_is_still_a_refusal(self):
        document = bad_image("digest-and-401")
        name = self.near.add(document, "shop/api")
        self.near.on(".*", header("Docker-Content-Digest", document.digest))
        self.near.on(".*", status(401, {**CHALLENGE, "Docker-Content-Digest": document.digest}), method="HEAD")
        self.assertEqual(self.scan(name).code, 3)


if __name__ == "__main__":
    unittest.main()
