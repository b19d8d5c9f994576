"""What runs already is never in the way of its owner, and the modes warn and audit only tell."""

import unittest

from cluster import POLICIES, Cluster, ClusterCase
from rig.review import pod

STUCK = {"finalizers": ["example.com/clean-up"]}


def running(cluster: Cluster) -> list[dict]:
    """Pods with a bad image that were there before the webhook."""
    bad, web = cluster.reference("shop/api"), cluster.reference("shop/web")
    return [
        pod("old", images=[web, bad], namespace="shop"),
        pod("mended", images=[bad], namespace="shop"),
        pod("leaving", images=[bad], namespace="shop"),
        pod("stuck", images=[bad], namespace="shop", metadata=STUCK),
    ]


def setUpModule():
    ClusterCase.cluster = unittest.enterModuleContext(Cluster(running=running))


class RunningPodTest(ClusterCase):
    def setUp(self):
        self.bad = self.cluster.reference("shop/api")
        start = f'Warning: xzgate: image "{self.bad}" (container "{{}}") already runs'
        self.warning = f"{start} [XZ001 affected]: xz-utils backdoor CVE-2024-3094: "

    def test_a_label_is_set_with_a_warning(self):
        before = self.fresh_metrics()
        done = self.kubectl("label", "pod", "old", "-n", "shop", "team=a")
        self.assertEqual((done.returncode, done.stdout), (0, "pod/old labeled\n"), done.stderr)
        self.assertTrue(done.stderr.startswith(self.warning.format("main-1")), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assert_counted(before, operation="UPDATE", resource="pods", decision="warn", reason="affected")

    def test_another_bad_image_is_refused(self):
        done = self.kubectl("set", "image", "pod/old", "-n", "shop", f"main-0={self.cluster.reference('shop/worker')}")
        message = self.assert_denied(done)
        self.assertIn('(container "main-0") denied [XZ001 affected]', message)
        self.assertTrue(done.stderr.startswith(self.warning.format("main-1")), done.stderr)
        self.assertNotIn("main-1", message)

    def test_a_clean_debug_container_comes_in_with_a_warning(self):
        done = self.kubectl("debug", "-n", "shop", "old", f"--image={self.cluster.reference('shop/tools')}",
                            "--container=look", "--profile=general", "--attach=false")  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(self.warning.format("main-1"), done.stderr)

    def test_a_good_image_mends_it(self):
        done = self.kubectl("set", "image", "pod/mended", "-n", "shop", f"main-0={self.cluster.reference('shop/web')}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.kubectl("label", "pod", "mended", "-n", "shop", "team=a").stderr, "")

    def test_it_can_be_deleted(self):
        done = self.kubectl("delete", "pod", "leaving", "-n", "shop", "--timeout=20s")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse(self.exists("leaving"))

    def test_finalizers_run_on_one_that_is_being_deleted(self):
        before = self.fresh_metrics()
        self.kubectl("delete", "pod", "stuck", "-n", "shop", "--wait=false")
        done = self.kubectl("patch", "pod", "stuck", "-n", "shop", "-p", '{"metadata": {"finalizers": null}}')
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse(self.exists("stuck"))
        self.assert_counted(before, operation="UPDATE", decision="allow", reason="being_deleted")


class WarnTest(ClusterCase):
    def test_kubectl_prints_the_warning_and_the_pod_is_created(self):
        before, bad = self.fresh_metrics(), self.cluster.reference("shop/api")
        done = self.create("api", namespace="warned", images=[bad])
        self.assertEqual((done.returncode, done.stdout), (0, "pod/api created\n"), done.stderr)
        want = (f'Warning: xzgate: image "{bad}" (container "main-0") would be denied [XZ001 affected]: xz-utils backdoor CVE-2024-3094: '
                "payload signature in usr/lib/x86_64-linux-gnu/liblzma.so.5.6.1, liblzma5 5.6.1-1 (dpkg)\n")  # fmt: skip
        self.assertEqual(done.stderr, want)
        self.assert_counted(before, operation="CREATE", decision="warn", mode="warn", reason="affected")
        annotations = self.annotations("api")
        self.assertEqual((annotations["decision"], annotations["would-block"]), ("warn", "true"))

    def test_a_good_pod_gets_none(self):
        self.assert_created(self.create("good", namespace="warned"), "good")

    def test_a_new_image_is_not_waited_for(self):
        before = self.fresh_metrics()
        done = self.create("late", namespace="warned", images=[self.cluster.reference("late/clean")])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("would be denied [XZ010 pending]", done.stderr)
        # The scan it started makes the next one good.
        self.gate.wait_until(lambda: self.create("later", namespace="warned", dry_run=True,
                             images=[self.cluster.reference("late/clean")]).stderr == "", "silence")  # fmt: skip
        series = "xzgate_admission_request_duration_seconds_count"
        self.assertEqual(self.fresh_metrics().total(series, cache="waited"), before.total(series, cache="waited"))


class AuditTest(ClusterCase):
    def test_only_the_audit_log_and_the_metrics_know(self):
        before, bad = self.fresh_metrics(), self.cluster.reference("shop/api")
        self.assert_created(self.create("silent", namespace="audited", images=[bad]), "silent")
        want = {"decision": "allow", "mode": "audit", "reason": "XZ001 affected", "would-block": "true",
                "policy": "watched", "image": bad, "signatures": "not_required", "digest": self.cluster.digest("shop/api")}  # fmt: skip
        self.assertEqual(self.annotations("silent"), want)
        self.assert_counted(before, operation="CREATE", decision="allow", mode="audit", reason="affected")
        blocked, labels = "xzgate_admission_blocked_total", {"namespace": "audited", "blocked": "would_be"}
        self.assertEqual(self.gate.metrics().total(blocked, **labels), before.total(blocked, **labels) + 1)

    def test_a_new_mode_comes_with_the_file(self):
        bad = self.cluster.reference("shop/api")

        def try_it() -> int:
            return self.create("any", namespace="changing", images=[bad], dry_run=True).returncode

        self.assertEqual(try_it(), 0)
        self.cluster.write_policies([p for p in POLICIES if p["metadata"]["name"] != "changing"])
        self.gate.wait_until(lambda: try_it() == 1, "denial")


if __name__ == "__main__":
    unittest.main()
