"""What both health ports tell Prometheus: well-formed, unique, complete, bounded."""

import subprocess
import unittest
from collections import Counter

from rig.process import wait_until
from rig.review import Client, client, pod
from rig.scrape import scrape
from rig.xzgate import Xzgate, image_policy, registry_settings, serve_config, write_documents
from support import SLOW, RegistryCase, bad_image, clean_image

NAMESPACES = 230
MAX_NAMESPACES = 200
EVERY_PORT = ("xzgate_build_info", "xzgate_registry_requests_total", "xzgate_store_up", "xzgate_scan_queue_depth",
              "xzgate_scan_oldest_queued_seconds", "xzgate_verdicts", "process_cpu_seconds_total",
              "process_resident_memory_bytes", "process_open_fds", "process_max_fds", "process_start_time_seconds",
              )  # fmt: skip
WEBHOOK = ("xzgate_admission_requests_total", "xzgate_admission_blocked_total", "xzgate_admission_requests_in_flight",
           "xzgate_admission_request_duration_seconds_bucket", "xzgate_admission_malformed_total",
           "xzgate_admission_rejected_overload_total", "xzgate_http_connections", "xzgate_tls_cert_expiry_timestamp_seconds",
           "xzgate_tls_cert_last_reload_successful", "xzgate_policy_info", "xzgate_policy_last_reload_successful",
           "xzgate_rules_info", "xzgate_scanner_restarts_total")  # fmt: skip
SCANNER = ("xzgate_scans_total", "xzgate_scan_duration_seconds_bucket", "xzgate_scanned_bytes_total",
           "xzgate_scan_layers_total")  # fmt: skip


class MetricsTest(RegistryCase):
    """One gate that did some work."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bad = cls.push(bad_image(), "shop/bad")
        cls.clean = cls.push(clean_image(), "shop/clean")
        policies = write_documents(cls.folder / "policies.yaml", image_policy("staging", namespaces=["staging"], mode="warn"))
        config = serve_config(cls.folder, cls.authority, registries=registry_settings(cls.registry), policies=[str(policies)])
        cls.gate = cls.enterClassContext(Xzgate(config))
        cls.client = Client(cls.gate.url, cls.authority)
        cls.addClassCleanup(cls.client.close)
        cls.asked = 0
        for name, namespace in ((cls.bad, "shop"), (cls.clean, "shop"), (cls.bad, "staging"), ("BAD", "shop")):
            cls.client.ask(pod(images=[name], namespace=namespace))
            cls.asked += 1
        cls.client.send(b"{}")
        wait_until(lambda: cls.gate.metrics().total("xzgate_admission_requests_total") >= cls.asked, "counts", 10 * SLOW)
        wait_until(lambda: cls.gate.scanner_metrics().total("xzgate_scans_total") >= 2, "scans", 10 * SLOW)

    def texts(self) -> dict[str, str]:
        return {"webhook": self.gate.health("/metrics")[1], "scanner": self.gate.health("/metrics", port=self.gate.scanner_port)[1]}

    def test_promtool_has_nothing_to_say(self):
        for port, text in self.texts().items():
            with self.subTest(port):
                done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_no_series_is_there_twice(self):
        for port, text in self.texts().items():
            with self.subTest(port):
                twice = [series for series, count in Counter(map(str, scrape(text))).items() if count > 1]
                self.assertEqual(twice, [])

    def test_every_series_of_the_documentation_is_there(self):
        for port, names in {"webhook": (*EVERY_PORT, *WEBHOOK), "scanner": (*EVERY_PORT, *SCANNER)}.items():
            found = {sample.name for sample in scrape(self.texts()[port])}
            self.assertEqual([name for name in names if name not in found], [], port)

    def test_decisions_are_counted_by_what_they_were(self):
        metrics = self.gate.metrics()

        def requests(**labels: str) -> float:
            return metrics.total("xzgate_admission_requests_total", **labels)

        self.assertEqual(requests(decision="deny", reason="affected", mode="enforce", operation="CREATE", resource="pods"), 1)
        self.assertEqual(requests(decision="allow", reason="clean"), 1)
        self.assertEqual(requests(decision="warn", reason="affected", mode="warn"), 1)
        self.assertEqual(requests(decision="deny", reason="invalid_reference"), 1)
        self.assertEqual(metrics.total("xzgate_admission_malformed_total"), 1)
        self.assertEqual(metrics.total("xzgate_admission_blocked_total", namespace="shop", blocked="true"), 2)
        self.assertEqual(metrics.total("xzgate_admission_blocked_total", namespace="staging", blocked="would_be"), 1)
        self.assertGreaterEqual(metrics.total("xzgate_admission_request_duration_seconds_count", cache="waited"), 2)
        self.assertGreaterEqual(metrics.total("xzgate_admission_request_duration_seconds_count", cache="hit"), 1)
        self.assertEqual(metrics.total("xzgate_verdicts", verdict="affected"), 1)
        self.assertEqual(metrics.total("xzgate_verdicts", verdict="clean"), 1)

    def test_scans_are_counted(self):
        metrics = self.gate.scanner_metrics()
        self.assertEqual(metrics.total("xzgate_scans_total", verdict="affected"), 1)
        self.assertEqual(metrics.total("xzgate_scan_duration_seconds_count"), 2)
        self.assertGreater(metrics.total("xzgate_scanned_bytes_total"), 1000)
        self.assertEqual(metrics.total("xzgate_scan_layers_total", source="read"), 4)
        self.assertGreater(metrics.total("xzgate_registry_requests_total", host_class="configured", code="200"), 4)

    def test_what_names_things_does_so(self):
        metrics = self.gate.metrics()
        (rules,) = metrics.find("xzgate_rules_info")
        self.assertEqual(rules.labels["id"], "CVE-2024-3094")
        self.assertTrue(metrics.find("xzgate_build_info")[0].labels["version"])
        self.assertGreater(metrics.total("xzgate_tls_cert_expiry_timestamp_seconds"), 1.7e9)

    def test_counters_start_at_zero(self):
        metrics = self.gate.metrics()
        for reason in ("suspicious", "pending", "unreachable", "unreadable"):
            (series,) = metrics.find("xzgate_admission_requests_total", decision="deny", reason=reason, mode="enforce", operation="CREATE")
            self.assertEqual(series.value, 0)


class NamespacesTest(RegistryCase):
    """Gates of their own: the counts here are nobody else's."""

    def blocked(self, *namespaces: str) -> dict[str, float]:
        """Denials by the label that they are counted under, once all of these are."""
        gate = self.serve()
        with client(gate.url, self.authority) as api_server:
            for namespace in namespaces:
                api_server.ask(pod(images=["NO REFERENCE"], namespace=namespace))

        def counted() -> bool:
            return gate.metrics().total("xzgate_admission_blocked_total") == len(namespaces)

        wait_until(counted, "counts of namespaces", 10 * SLOW)
        return {sample.labels["namespace"]: sample.value for sample in gate.metrics().find("xzgate_admission_blocked_total")}

    def test_namespaces_are_bounded(self):
        names = [f"tenant-{number}" for number in range(NAMESPACES)]
        blocked = self.blocked(*names)
        self.assertEqual(blocked.pop("other"), NAMESPACES - MAX_NAMESPACES)
        self.assertEqual(blocked, dict.fromkeys(names[:MAX_NAMESPACES], 1))

    def test_what_is_no_name_of_a_namespace_has_no_label(self):
        huge = [f"{number}-" + "x" * 6000 for number in range(NAMESPACES)]
        self.assertEqual(self.blocked(*huge), {"other": NAMESPACES})


if __name__ == "__main__":
    unittest.main()
