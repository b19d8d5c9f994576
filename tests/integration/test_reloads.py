"""Files that change under a running xzgate, and what /readyz says meanwhile."""

import os
import shutil
import signal
import socket
import ssl
import unittest
from pathlib import Path

from rig.process import wait_until
from rig.review import client, pod
from rig.xzgate import Xzgate, image_policy, registry_settings, serve_config, write_documents, xzgate
from support import SLOW, RegistryCase, bad_image

SECONDS = 20 * SLOW
ALLOW_ALL = {"outcomes": {"affected": "allow"}}


class ReloadCase(RegistryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bad = cls.push(bad_image(), "shop/bad")

    def is_allowed(self, gate: Xzgate) -> bool:
        with client(gate.url, self.authority) as api_server:
            return api_server.ask(pod(images=[self.bad])).allowed


class PolicyTest(ReloadCase):
    def setUp(self):
        super().setUp()
        self.policies = self.scratch / "policies.yaml"

    def test_a_changed_file_is_taken_up(self):
        write_documents(self.policies, image_policy())
        gate = self.serve(policies=[str(self.policies)])
        self.assertFalse(self.is_allowed(gate))
        write_documents(self.policies, image_policy(**ALLOW_ALL))
        wait_until(lambda: self.is_allowed(gate), "new policy", SECONDS)

    def test_a_bad_file_keeps_the_old_policy_and_is_shown(self):
        write_documents(self.policies, image_policy(**ALLOW_ALL))
        gate = self.serve(policies=[str(self.policies)])
        self.assertTrue(self.is_allowed(gate))
        write_documents(self.policies, image_policy(mode="enforced"), image_policy("two", colour="red"))
        wait_until(lambda: "policies.yaml" in gate.health()[1], "word of the bad policy", SECONDS)
        status, body = gate.health()
        self.assertEqual(status, 200, body)
        self.assertIn("enforced", body)
        self.assertTrue(gate.logs(level="error"))
        wait_until(lambda: gate.metrics().total("xzgate_policy_last_reload_successful") == 0, "metric of the bad policy", SECONDS)
        self.assertTrue(self.is_allowed(gate))
        write_documents(self.policies, image_policy())
        wait_until(lambda: not self.is_allowed(gate), "mended policy", SECONDS)
        wait_until(lambda: gate.metrics().total("xzgate_policy_last_reload_successful") == 1, "metric of the good policy", SECONDS)

    def test_a_folder_that_is_swapped_like_a_config_map(self):
        for name, policy in (("v1", image_policy()), ("v2", image_policy(**ALLOW_ALL))):
            (self.scratch / name).mkdir()
            write_documents(self.scratch / name / "policy.yaml", policy)
        mounted = self.scratch / "mounted"
        mounted.symlink_to("v1")
        gate = self.serve(policies=[str(mounted)])
        self.assertFalse(self.is_allowed(gate))
        (self.scratch / "next").symlink_to("v2")
        (self.scratch / "next").rename(mounted)
        wait_until(lambda: self.is_allowed(gate), "swapped policy", SECONDS)

    def test_config_check_tells_every_mistake(self):
        write_documents(self.policies, image_policy(mode="enforced", colour="red"), image_policy("two", images=["debian"]))
        bad_config = self.scratch / "xzgate.yaml"
        bad_config.write_text("server:\n  listen: nowhere\nscanner:\n  threads: many\nzzz: 1\n")
        done = xzgate("config", "check", bad_config, self.policies)
        self.assertEqual(done.returncode, 2)
        said = done.stdout + done.stderr
        for word in ("enforced", "colour", "debian", "nowhere", "many", "zzz", "policies.yaml", "xzgate.yaml"):
            self.assertIn(word, said)


class CertificateTest(ReloadCase):
    def setUp(self):
        super().setUp()
        self.leaf = self.authority.leaf(f"gate-{os.getpid()}")
        self.certificate, self.key = self.scratch / "tls.crt", self.scratch / "tls.key"
        self.use(self.leaf)

    def use(self, leaf) -> None:
        for source, target in ((leaf.certificate, self.certificate), (leaf.key, self.key)):
            beside = target.with_suffix(".next")
            shutil.copy(source, beside)
            beside.rename(target)

    def start(self) -> Xzgate:
        return self.serve(server={"certificate": str(self.certificate), "key": str(self.key)})

    def shown(self, gate: Xzgate) -> bytes | None:
        """The certificate that a client sees now."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        port = int(str(gate.config["server"]["listen"]).rpartition(":")[2])  # type: ignore[index]
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as tls:
            return tls.getpeercert(binary_form=True)

    def test_a_new_pair_is_shown_without_a_restart(self):
        gate = self.start()
        with client(gate.url, self.authority) as old_connection:
            old_connection.ask(pod(images=[self.bad]))
            other = self.authority.leaf("renewed")
            self.use(other)
            want = ssl.PEM_cert_to_DER_cert(Path(other.certificate).read_text())
            wait_until(lambda: self.shown(gate) == want, "new certificate", SECONDS)
            self.assertEqual(old_connection.ask(pod(images=[self.bad])).status, 200)

    def test_a_bad_pair_keeps_the_old_one_and_is_shown(self):
        gate = self.start()
        before = self.shown(gate)
        self.key.write_text("no key")
        wait_until(lambda: "the old one is in use" in gate.health()[1], "word of the bad certificate", SECONDS)
        self.assertEqual(gate.health()[0], 200)
        self.assertEqual(self.shown(gate), before)
        self.assertTrue(gate.logs(level="error") or gate.logs(level="warning"))
        wait_until(lambda: gate.metrics().total("xzgate_tls_cert_last_reload_successful") == 0, "metric", SECONDS)

    def test_a_key_of_another_certificate_is_refused(self):
        gate = self.start()
        before = self.shown(gate)
        shutil.copy(self.authority.leaf("stranger").key, self.key)
        wait_until(lambda: "the old one is in use" in gate.health()[1], "word of the wrong key", SECONDS)
        self.assertEqual(self.shown(gate), before)

    def test_a_certificate_may_come_later(self):
        self.certificate.unlink()
        config = serve_config(self.scratch, self.authority, registries=registry_settings(self.registry),
                              server={"certificate": str(self.certificate), "key": str(self.key)})  # fmt: skip
        gate = self.enterContext(Xzgate(config, ready=False))
        wait_until(lambda: gate.health()[0] == 503, "503 from /readyz", SECONDS)
        self.assertIn("tls.crt", gate.health()[1])
        self.assertEqual(gate.health("/healthz")[0], 200)
        self.use(self.leaf)
        wait_until(gate.is_ready, "readiness", SECONDS)


class ReadinessTest(ReloadCase):
    def test_the_body_names_every_part(self):
        gate = self.serve()
        status, body = gate.health()
        self.assertEqual(status, 200)
        for part in ("certificate", "store", "policy", "scanner"):
            self.assertIn(part, body)

    def test_a_bad_policy_at_the_start_is_not_ready(self):
        policies = self.scratch / "policies.yaml"
        write_documents(policies, image_policy(mode="enforced"))
        config = serve_config(self.scratch, self.authority, policies=[str(policies)])
        gate = self.enterContext(Xzgate(config, ready=False))
        wait_until(lambda: gate.health()[0] == 503, "503 from /readyz", SECONDS)
        self.assertIn("enforced", gate.health()[1])
        write_documents(policies, image_policy())
        wait_until(gate.is_ready, "readiness", SECONDS)

    def test_a_registry_that_is_down_changes_nothing(self):
        gate = self.serve(scanner={"repositories": [{"repository": "localhost:1/shop/api"}]})
        wait_until(lambda: gate.logs(repository="localhost:1/shop/api"), "attempt of the scanner", SECONDS)
        self.assertTrue(gate.is_ready())

    def test_a_dead_scanner_is_told_and_started_again(self):
        gate = self.serve()
        wait_until(lambda: gate.children(), "scanner", SECONDS)
        (child,) = gate.children()
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: gate.children() not in ([], [child]), "new scanner", SECONDS)
        self.assertTrue(gate.is_ready())

    def test_it_stops_in_order(self):
        gate = self.serve()
        with client(gate.url, self.authority) as api_server:
            api_server.ask(pod(images=[self.bad]))
        self.assertEqual(gate.stop(), 0)

    def stopping(self, number: signal.Signals) -> Xzgate:
        """A gate with a delay that no test waits for, and this signal on its way."""
        gate = self.serve(server={"shutdownDelay": "5m"})
        gate.signal(number)
        return gate

    def test_it_serves_on_while_the_cluster_learns_that_it_stops(self):
        gate = self.stopping(signal.SIGTERM)
        wait_until(lambda: gate.health()[0] == 503, "503 from /readyz", SECONDS)
        self.assertIn("shutdown", gate.health()[1])
        self.assertFalse(self.is_allowed(gate))  # by a new connection
        self.assertTrue(gate.is_running())
        # A second SIGTERM ends the delay.
        self.assertEqual(gate.stop(), 0)

    def test_a_person_at_a_terminal_waits_for_nothing(self):
        gate = self.stopping(signal.SIGINT)
        wait_until(lambda: not gate.is_running(), "end", SECONDS)


if __name__ == "__main__":
    unittest.main()
