"""The webhook as the API server lives with it: connections, restarts, new certificates."""

import base64
import os
import re
import shutil
import signal
import ssl
import subprocess
import unittest
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from cluster import PATIENCE, TIMEOUT_SECONDS, Cluster, ClusterCase
from pictures import large
from rig.faults import drip
from rig.review import pod

HANDSHAKES = "xzgate_tls_handshakes_total"
REQUESTS = "xzgate_admission_requests_total"


def setUpModule():
    ClusterCase.cluster = unittest.enterModuleContext(Cluster())


class ServingCase(ClusterCase):
    def setUp(self):
        self.image = self.cluster.reference("shop/web")

    def create_many(self, prefix: str, count: int, *, dry_run: bool = True) -> subprocess.CompletedProcess[str]:
        """One kubectl that creates this many pods, one request after the other."""
        pods = [pod(f"{prefix}-{n}", images=[self.image], namespace="shop") for n in range(count)]
        document = {"apiVersion": "v1", "kind": "List", "items": pods}
        return self.kubectl("create", "-f", "-", *(["--dry-run=server"] if dry_run else []), document=document)

    def in_background(self, work, *arguments, **named) -> Future:
        pool = ThreadPoolExecutor(1)
        self.addCleanup(pool.shutdown)
        return pool.submit(work, *arguments, **named)

    def handshakes(self) -> float:
        return self.gate.metrics().total(HANDSHAKES)

    def wait_for_requests(self, count: float) -> None:
        self.gate.wait_until(lambda: self.gate.metrics().total(REQUESTS) >= count, f"{count} requests", PATIENCE)


class ConnectionsTest(ServingCase):
    def test_connections_are_reused(self):
        before = self.fresh_metrics()
        streams = [self.in_background(self.create_many, f"stream-{n}", 40) for n in range(3)]
        for stream in streams:
            self.assertEqual(stream.result().returncode, 0, stream.result().stderr)
        after = self.fresh_metrics()
        self.assertEqual(after.total(REQUESTS), before.total(REQUESTS) + 120)
        # At most one for each of the requests that were under way at once.
        self.assertLessEqual(after.total(HANDSHAKES) - before.total(HANDSHAKES), 6)


class RestartTest(ServingCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.start_again)

    def start_again(self):
        if not self.gate.is_running():
            self.gate.resume()

    def test_what_waits_for_a_scan_is_answered_before_the_end(self):
        faulty, waiting = self.cluster.faulty, []
        self.addCleanup(faulty.heal)
        faulty.on("/v2/drain/.*/blobs/.*", drip(4_000))
        for n in range(3):
            image = faulty.add(large(f"drain {n}", 60_000), f"drain/{n}")
            waiting.append(self.in_background(self.create, f"drain-{n}", images=[image]))
        in_flight = "xzgate_admission_requests_in_flight"
        self.gate.wait_until(lambda: self.gate.metrics().total(in_flight) == 3, "requests that wait")
        self.gate.signal(signal.SIGTERM)
        self.gate.wait_until(lambda: self.gate.health()[0] == 503, "503 from /readyz", TIMEOUT_SECONDS)
        for done in waiting:
            self.assertIn("[XZ010 pending]", self.assert_denied(done.result()))
        self.assertEqual(self.gate.stop(), 0)

    def test_a_stream_of_creations_loses_nothing_that_was_accepted(self):
        before = self.fresh_metrics().total(REQUESTS)
        streams = [self.in_background(self.create_many, f"restart-{n}", 60, dry_run=False) for n in range(2)]
        self.wait_for_requests(before + 15)
        self.assertEqual(self.gate.stop(), 0)
        self.gate.resume()
        created = []
        for stream in streams:
            done = stream.result()
            created += re.findall(r"^pod/(\S+) created$", done.stdout, re.M)
            failures = done.stderr.splitlines()
            # Failing closed while nobody listens is what failurePolicy Fail is for; an answer that got lost is not.
            for line in failures:
                self.assertIn("failed calling webhook", line)
                self.assertIn("connection refused", line)
            self.assertEqual(len(done.stdout.splitlines()) + len(failures), 60)
        self.assertGreaterEqual(len(created), 15)
        there = {item["metadata"]["name"] for item in self.cluster.plane.get("pods", "-n", "shop")["items"]}
        self.assertLessEqual(set(created), there)
        self.assert_created(self.create("after"), "after")

    def test_a_killed_one_fails_closed_and_goes_on_warm(self):
        self.gate.kill()
        done = self.create("orphan")
        self.assertEqual(done.returncode, 1)
        self.assertIn('failed calling webhook "validate.xzgate.dev"', done.stderr)
        blobs = self.cluster.registry.count("GET", ".*/blobs/.*")
        self.gate.resume()
        self.assert_created(self.create("orphan"), "orphan")
        done = self.create("bad", images=[self.cluster.reference("shop/api")])
        self.assertIn("[XZ001 affected]", self.assert_denied(done))
        self.assertEqual(self.cluster.registry.count("GET", ".*/blobs/.*"), blobs, "nothing is read again")


class CertificateTest(ServingCase):
    def shown(self) -> str:
        """The certificate, PEM, that a new connection is shown."""
        place = urlsplit(self.gate.url)
        return ssl.get_server_certificate(("localhost", place.port or 443))

    def install(self, certificate: Path, key: Path) -> None:
        """Puts these in the place of the served pair, one after the other: in between they do not fit."""
        server = self.gate.config["server"]
        for new, old in ((certificate, server["certificate"]), (key, server["key"])):  # type: ignore[index]
            shutil.copy(new, f"{old}.new")
            os.replace(f"{old}.new", old)

    def reconnect(self) -> None:
        """Makes the API server connect anew: it has one pool of connections for each CA bundle."""
        bundle = self.cluster.authority.certificate.read_bytes() + b"\n"
        handshakes = self.fresh_metrics().total(HANDSHAKES)
        self.cluster.connect(ca_bundle=base64.b64encode(bundle).decode())
        self.gate.wait_until(
            lambda: self.create("any", dry_run=True).returncode == 0 and self.handshakes() > handshakes, "handshake"
        )

    def test_a_new_one_is_served_without_a_pause(self):
        leaf = self.cluster.authority.leaf("renewed")
        requests = self.fresh_metrics().total(REQUESTS)
        stream = self.in_background(self.create_many, "rotate", 60)
        self.wait_for_requests(requests + 5)
        self.install(leaf.certificate, leaf.key)
        self.gate.wait_until(lambda: self.shown() == leaf.certificate.read_text(), "new certificate", PATIENCE)
        self.assertEqual(stream.result().returncode, 0, stream.result().stderr)
        self.reconnect()
        self.assert_created(self.create("renewed"), "renewed")

    def test_bad_files_keep_the_old_one_and_say_so(self):
        good = self.cluster.authority.leaf("good")
        self.install(good.certificate, good.key)
        self.gate.wait_until(lambda: self.shown() == good.certificate.read_text(), "good certificate", PATIENCE)
        self.install(good.certificate, self.cluster.authority.leaf("another").key)
        gauge = "xzgate_tls_cert_last_reload_successful"
        self.gate.wait_until(lambda: self.gate.metrics().total(gauge) == 0, f"{gauge} of 0", PATIENCE)
        status, body = self.gate.health()
        self.assertEqual(status, 200)
        self.assertIn("the old one is in use", body)
        self.assertEqual(self.shown(), good.certificate.read_text())
        self.assert_created(self.create("old-certificate"), "old-certificate")
        self.install(good.certificate, good.key)
        self.gate.wait_until(lambda: self.gate.metrics().total(gauge) == 1, f"{gauge} of 1", PATIENCE)


if __name__ == "__main__":
    unittest.main()
