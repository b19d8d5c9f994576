"""Registries that fail, lie, hang or cannot be trusted: what is said of them, and how soon."""

import time
import unittest

from rig.cases import AFFECTED, CLEAN, UNKNOWN
from rig.faults import FaultRegistry, cut, drip, header, longer, redirect, silence, status, wrong_bytes
from rig.process import free_port, wait_until
from rig.xzgate import Xzgate, registry_settings, serve_config
from support import SLOW, TIMEOUT, RegistryCase, bad_image, clean_image, scan

# An answer within 0.8 of the timeout in every fault; what a busy machine adds comes on top.
PATIENCE = 0.8 * TIMEOUT + 0.3 * SLOW


class FaultCase(RegistryCase):
    def setUp(self):
        super().setUp()
        self.faults = self.enterContext(FaultRegistry(self.authority))

    def report(self, name: str, *arguments) -> dict:
        return self.scan(name, *arguments).images[name]

    def assert_unknown(self, name: str, cause: str, *words: str) -> None:
        scanned = self.scan(name)
        report = scanned.images[name]
        self.assertEqual((scanned.code, report["verdict"], report["cause"]), (3, UNKNOWN, cause), report)
        for word in words:
            self.assertIn(word, report["detail"])


class LyingTest(FaultCase):
    """The command line against a registry that does not do what it should."""

    def test_wrong_bytes_are_unreadable(self):
        document = clean_image("lies")
        name = self.faults.add(document, "shop/lies")
        for path in (f".*manifests/{document.digest}", *(f".*blobs/{blob}" for blob in document.blobs)):
            for fault in (wrong_bytes(), longer(5)):
                with self.subTest(path=path, fault=fault):
                    self.faults.heal()
                    self.faults.on(path, fault, method="GET")
                    self.assert_unknown(name, "unreadable")

    def test_a_layer_that_breaks_off_is_read_once_the_registry_recovers(self):
        name = self.faults.add(clean_image("cut"), "shop/cut")
        self.faults.on(".*blobs/.*", cut(), method="GET")
        store = ("--store", self.scratch / "kept.db")
        report = self.report(name, *store)
        self.assertEqual((report["verdict"], report["cause"]), (UNKNOWN, "unreachable"), report)
        self.faults.heal()
        # What was kept of the failure must not stand in the way.
        self.assertEqual(self.report(name, *store)["verdict"], CLEAN)

    def test_a_digest_header_is_not_believed(self):
        name = self.faults.add(clean_image("header"), "shop/header")
        self.faults.on(".*manifests/1", header("Docker-Content-Digest", bad_image("other").digest), method="HEAD")
        self.assertEqual(self.report(name)["verdict"], UNKNOWN)
        self.faults.on(".*manifests/1", header("Docker-Content-Digest", "sha256:xyz"), method="HEAD")
        self.assertEqual(self.report(name)["verdict"], UNKNOWN)

    def test_refusals(self):
        name = self.faults.add(clean_image("refused"), "shop/refused")
        causes = {400: "unreadable", 401: "unreachable", 403: "unreachable", 404: "unreachable", 410: "unreachable"}
        for code, cause in causes.items():
            with self.subTest(code):
                self.faults.heal()
                self.faults.on(".*", status(code))
                self.assert_unknown(name, cause, "challenge, found none" if code == 401 else f"found {code}")

    def test_a_stumble_is_outlasted(self):
        name = self.faults.add(clean_image("stumble"), "shop/stumble")
        for code in (429, 500, 502, 503, 504):
            with self.subTest(code):
                self.faults.on(".*", status(code, {"Retry-After": "0"}), times=2)
                self.assertEqual(self.report(name)["verdict"], CLEAN)

    def test_redirects_have_an_end(self):
        name = self.faults.add(clean_image("loop"), "shop/loop")
        self.faults.on(".*manifests/1", redirect("/v2/shop/loop/manifests/1"))
        self.assert_unknown(name, "unreadable", "redirects")

    def test_a_redirect_within_the_registry_is_followed(self):
        document = bad_image("moved")
        name = self.faults.add(document, "shop/moved")
        for blob in document.blobs:
            self.faults.on(f"/v2/shop/moved/blobs/{blob}", redirect(f"/elsewhere/{blob}"))
            self.faults.on(f"/elsewhere/{blob}", lambda _honest, blob=blob: status(200, body=document.blobs[blob])(_honest))
        self.assertEqual(self.report(name)["verdict"], AFFECTED)

    def test_a_slow_registry_is_slow_not_wrong(self):
        document = bad_image("slow")
        name = self.faults.add(document, "shop/slow")
        self.faults.on(".*blobs/.*", drip(6000), method="GET")
        self.assertEqual(self.report(name)["verdict"], AFFECTED)


class UnreachableTest(FaultCase):
    """The command line when there is nobody to talk to, or nobody to trust."""

    def test_nobody_listens(self):
        name = f"localhost:{free_port()}/shop/api:1"
        self.assert_unknown(name, "unreachable", name.partition("/")[0])

    def test_an_unknown_host(self):
        self.assert_unknown("nowhere.invalid/shop/api:1", "unreachable", "nowhere.invalid")

    def test_an_expired_certificate(self):
        old = self.enterContext(FaultRegistry(self.authority, leaf=self.authority.expired()))
        self.assert_unknown(old.add(clean_image(), "shop/api"), "unreachable", "expired")

    def test_a_certificate_of_another_name(self):
        other = self.enterContext(FaultRegistry(self.authority, leaf=self.authority.wrong_name()))
        self.assert_unknown(other.add(clean_image(), "shop/api"), "unreachable", "localhost")

    def test_an_unknown_authority(self):
        name = self.faults.add(clean_image(), "shop/api")
        report = scan(name).images[name]
        self.assertEqual((report["verdict"], report["cause"]), (UNKNOWN, "unreachable"))
        self.assertIn("certificate", report["detail"])
        self.assertIn("--ca FILE", report["detail"])

    def test_plain_http_where_there_is_tls(self):
        name = self.faults.add(clean_image(), "shop/api")
        self.faults.on(".*", status(400, body=b"Client sent an HTTP request to an HTTPS server.\n"))
        report = scan(name, "--ca", self.authority.certificate).images[name]
        self.assertNotIn("--plain-http", report["detail"])
        plain = self.enterContext(FaultRegistry(self.authority, tls=False))
        name = plain.add(clean_image(), "shop/api")
        plain.on(".*", status(400, body=b"Client sent an HTTP request to an HTTPS server.\n"))
        report = scan(name, "--plain-http").images[name]
        self.assertIn("(TLS there? leave --plain-http out)", report["detail"])

    def test_plain_http_needs_its_switch(self):
        plain = self.enterContext(FaultRegistry(self.authority, tls=False))
        name = plain.add(bad_image(), "shop/api")
        self.assert_unknown(name, "unreachable", "(no TLS there? --plain-http)")
        self.assertEqual(scan(name, "--plain-http").verdict(name), AFFECTED)


class DeadlineTest(FaultCase):
    """The webhook answers in time, whatever the registry does."""

    def gate_for(self, registry: FaultRegistry) -> Xzgate:
        """A gate whose store nobody shares."""
        store = {"path": str(self.scratch / f"{registry.port}.db")}
        settings = registry_settings(registry)  # type: ignore[arg-type]
        config = serve_config(self.scratch, self.authority, registries=settings, store=store)
        return self.enterContext(Xzgate(config))

    def assert_denied_in_time(self, gate: Xzgate, name: str, *codes: str) -> None:
        start = time.monotonic()
        message = self.denial(gate, name)
        self.assertLess(time.monotonic() - start, PATIENCE)
        self.assertTrue(any(code in message for code in codes), message)

    def test_each_fault(self):
        faults = {
            "silent": (".*", silence(), ("RG001",)),
            "silent manifests": (".*manifests/sha256.*", silence(), ("XZ010",)),
            "silent blobs": (".*blobs/.*", silence(), ("XZ010",)),
            "dripping blobs": (".*blobs/.*", drip(200), ("XZ010",)),
            "busy": (".*", status(503), ("RG001",)),
            "too many requests": (".*", status(429, {"Retry-After": "60"}), ("RG005",)),
            "refusing": (".*", status(401), ("RG002",)),
            "forbidding": (".*", status(403), ("RG003",)),
            "without it": (".*", status(404), ("RG004",)),
            "lying": (".*blobs/.*", wrong_bytes(), ("XZ012",)),
        }
        for what, (path, fault, codes) in faults.items():
            with self.subTest(what), FaultRegistry(self.authority) as registry:
                name = registry.add(clean_image(what), "shop/late")
                registry.on(path, fault)
                gate = self.gate_for(registry)
                self.assert_denied_in_time(gate, name, *codes)
                gate.kill()

    def test_hosts_that_only_a_pod_names(self):
        gate = self.gate_for(self.faults)
        self.assert_denied_in_time(gate, f"localhost:{free_port()}/shop/api:1", "RG")
        stranger = self.enterContext(FaultRegistry(self.authority))
        # Not public, and nobody allowed it.
        self.assert_denied_in_time(gate, stranger.add(bad_image("stranger"), "shop/api"), "RG006")
        self.assertEqual(stranger.requests, [])

    def test_certificates_that_cannot_be_trusted(self):
        for leaf in (self.authority.expired(), self.authority.wrong_name()):
            with self.subTest(leaf.certificate.name), FaultRegistry(self.authority, leaf=leaf) as registry:
                gate = self.gate_for(registry)
                self.assert_denied_in_time(gate, registry.add(bad_image(), "shop/api"), "RG007")
                gate.kill()

    def test_waiting_is_over_when_the_registry_recovers(self):
        gate = self.gate_for(self.faults)
        name = self.faults.add(bad_image("recovers"), "shop/recovers")
        self.faults.on(".*", status(503))
        self.assert_denied_in_time(gate, name, "RG001")
        self.faults.heal()
        wait_until(lambda: "XZ001" in self.denial(gate, name), "verdict", 30 * SLOW)

    def test_a_rate_limit_costs_no_attempt(self):
        gate = self.gate_for(self.faults)
        name = self.faults.add(bad_image("limited"), "shop/limited")
        self.faults.on(".*manifests/sha256.*", status(429, {"Retry-After": "1"}), method="GET", times=10)
        wait_until(lambda: "XZ001" in self.denial(gate, name), "verdict", 60 * SLOW)


if __name__ == "__main__":
    unittest.main()
