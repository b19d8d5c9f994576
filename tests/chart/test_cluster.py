"""The chart in front of a real API server: every example is taken, Helm installs, changes and removes it without a trace."""

import json
import subprocess
import unittest

from chart_case import EXAMPLES, ChartCase, example
from openapi import write_schemas
from rig.certs import Authority
from rig.controlplane import ControlPlane
from rig.helm import CHART, MAJORS, Helm
from rig.paths import ROOT, tool
from rig.process import Process, wait_until
from rig.review import pod

NAMESPACE = "gate"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
FOREIGN = ("cert-manager.io/",)  # other projects' kinds, which this server does not know
FAILS_CLOSED = {"replicaCount": 2, "webhook": {"failurePolicy": "Fail", "timeoutSeconds": 1}}
BUNDLE = "/webhooks/0/clientConfig/caBundle"
# Come and go by themselves.
RESTLESS = {"events", "events.events.k8s.io", "leases.coordination.k8s.io"}


def setUpModule():
    global plane, helms
    plane = unittest.enterModuleContext(ControlPlane(controllers=True))
    for name in (NAMESPACE, "shop"):
        plane.create_namespace(name, RESTRICTED if name == NAMESPACE else None)
    helms = {major: Helm(plane.folder, major, kubeconfig=plane.kubeconfig) for major in MAJORS}


class ObjectsTest(ChartCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plane.create_namespace("xzgate")

    def known(self, name):
        objects = self.render(None, "--values", example(name))
        return [one for one in objects if not one["apiVersion"].startswith(FOREIGN)]

    def test_the_api_server_takes_every_example(self):
        for name in EXAMPLES:
            with self.subTest(name):
                objects = {"apiVersion": "v1", "kind": "List", "items": self.known(name)}
                words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
                said = plane.kubectl(*words, document=objects)
                self.assertEqual(len(said.stdout.splitlines()), len(objects["items"]))
                # "Warning: would violate PodSecurity …", deprecated versions, fields given twice
                self.assertEqual(said.stderr, "")

    def test_no_example_drifts(self):
        """What the API server adds by itself (defaults) is no difference to a second look."""
        for name in EXAMPLES:
            with self.subTest(name):
                file = plane.folder / f"{name}.json"
                file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": self.known(name)}))
                plane.kubectl("apply", "--server-side", "-f", str(file))
                try:
                    for manager in ("kubectl", "gitops"):
                        words = ("diff", "--server-side", f"--field-manager={manager}", "-f", str(file))
                        self.assertEqual(plane.kubectl(*words, check=False).stdout, "")
                finally:
                    plane.kubectl("delete", "--wait=false", "-f", str(file))
                    release_claims()

    def test_kubeconform(self):
        folder = plane.folder / "schemas"
        folder.mkdir()
        schemas = write_schemas(json.loads(plane.kubectl("get", "--raw", "/openapi/v2").stdout), folder)
        command = [tool("kubeconform"), "-strict", "-summary", "-output", "json", "-schema-location", schemas]
        for name in EXAMPLES:
            with self.subTest(name):
                text = "\n---\n".join(map(json.dumps, self.known(name)))
                done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
                found = json.loads(done.stdout)
                self.assertEqual((found["resources"], done.stderr), ([], ""))
                self.assertEqual(found["summary"]["valid"], len(self.known(name)))
        wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {"port": []}}
        done = subprocess.run(command, input=json.dumps(wrong), capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0, "kubeconform finds nothing")

    def test_the_manifests_install_by_kubectl(self):
        file = str(ROOT / "manifests" / "install.yaml")
        plane.kubectl("apply", "--server-side", "--validate=strict", "-f", file)
        self.assertEqual(plane.kubectl("diff", "--server-side", "-f", file, check=False).stdout, "")
        plane.kubectl("delete", "--wait=false", "-f", file)


class LifeTest(unittest.TestCase):
    """Install, change, roll back, remove: by each version of Helm, and by the newer one on what the older installed."""

    def setUp(self):
        self.before = inventory()

    def test_life(self):
        for first, then in ((4, 4), (3, 3), (3, 4)):
            with self.subTest(installed=first, changed=then):
                self.live(helms[first], helms[then])

    def live(self, first, then):
        notes = first.run("install", "gate", CHART, "-n", NAMESPACE).stdout
        for told in ("policy.mode=enforce", "kubectl delete validatingwebhookconfiguration gate-xzgate", "would_be"):
            self.assertIn(told, notes)
        self.assertGreater(len(inventory() - self.before), 12)
        self.fill()
        self.assert_no_drift(first)
        for values in (FAILS_CLOSED, {"policy": {"mode": "enforce"}, "config": {"log": {"level": "debug"}}}, {"mutate": {"enabled": True}}):
            then.run("upgrade", "gate", CHART, "-n", NAMESPACE, *then.given(values))
            self.assert_filled()
        self.assertEqual(self.webhook()["failurePolicy"], "Ignore")
        then.run("rollback", "gate", "2", "-n", NAMESPACE)
        self.assert_filled()
        self.assertEqual(self.webhook()["failurePolicy"], "Fail")
        wait_until(lambda: not is_admitted("shop"), "call of the webhook that nobody answers", 30)
        then.run("uninstall", "gate", "-n", NAMESPACE)
        wait_until(lambda: is_admitted("shop"), "pod in a cluster without the gate", 5)
        wait_until(lambda: inventory() <= self.before, "end of everything that Helm made", 30)
        self.assertEqual(inventory(), self.before)

    def fill(self):
        """What the process does with what the chart left empty, under a name of its own."""
        self.bundle = Authority(plane.folder / "ca-of-the-gate").ca_bundle()
        fill = [{"op": "add", "path": BUNDLE, "value": self.bundle}]
        plane.kubectl("patch", "validatingwebhookconfiguration", "gate-xzgate", "--field-manager=xzgate", "--type=json", "-p", json.dumps(fill))
        data = {"data": {"tls.crt": "YQ==", "tls.key": "Yg=="}}
        plane.kubectl("patch", "secret", "gate-xzgate-tls", "-n", NAMESPACE, "--field-manager=xzgate", "--type=merge", "-p", json.dumps(data))

    def assert_filled(self):
        self.assertEqual(self.webhook()["clientConfig"].get("caBundle"), self.bundle)
        self.assertEqual(plane.get("secret", "gate-xzgate-tls", "-n", NAMESPACE)["data"], {"tls.crt": "YQ==", "tls.key": "Yg=="})

    def webhook(self):
        [hook] = plane.get("validatingwebhookconfiguration", "gate-xzgate")["webhooks"]
        return hook

    def assert_no_drift(self, helm):
        """What Argo CD and Flux compare: a rendering laid over what is there changes nothing."""
        text = helm.template("--skip-tests", release="gate", namespace=NAMESPACE).stdout
        file = plane.folder / "rendering.yaml"
        file.write_text(text)
        self.assertEqual(plane.kubectl("diff", "--server-side", "--field-manager=gitops", "-f", str(file), check=False).stdout, "")


class InstalledTest(unittest.TestCase):
    """What holds while it is there. Nothing serves: no pod ever runs here."""

    @classmethod
    def setUpClass(cls):
        helms[4].run("install", "gate", CHART, "-n", NAMESPACE, *helms[4].given(FAILS_CLOSED))
        cls.addClassCleanup(helms[4].run, "uninstall", "gate", "-n", NAMESPACE)

    def test_its_own_pods_come_although_nothing_answers_yet(self):
        def pods():
            return [one for one in plane.get("pods", "-n", NAMESPACE)["items"] if one["metadata"]["name"].startswith("gate-xzgate-")]

        wait_until(lambda: len(pods()) == 2, "two pods in a namespace with restricted pod security", 30)

    def test_others_wait_for_it_and_kube_system_does_not(self):
        wait_until(lambda: not is_admitted("shop"), "call of the webhook", 30)
        self.assertIn('failed calling webhook "validate.xzgate.dev"', try_pod("shop").stderr)
        self.assertTrue(is_admitted("kube-system"))

    def test_deleting_the_configuration_is_a_way_out(self):
        name = ("validatingwebhookconfiguration", "gate-xzgate")
        plane.kubectl("delete", *name)
        self.addCleanup(helms[4].run, "upgrade", "gate", CHART, "-n", NAMESPACE, *helms[4].given(FAILS_CLOSED))
        wait_until(lambda: is_admitted("shop"), "pod without a webhook", 30)

    def test_rights(self):
        account = f"--as=system:serviceaccount:{NAMESPACE}:gate-xzgate"
        own = ("-n", NAMESPACE)
        hooks = "validatingwebhookconfigurations.admissionregistration.k8s.io"
        for words, wanted in (
            (("get", "secret/gate-xzgate-tls", *own), "yes"),
            (("update", "secret/gate-xzgate-tls", *own), "yes"),
            (("get", "secret/other", *own), "no"),
            (("list", "secrets", *own), "no"),
            (("create", "secrets", *own), "no"),
            (("delete", "secret/gate-xzgate-tls", *own), "no"),
            (("get", "secret/gate-xzgate-tls", "-n", "shop"), "no"),
            (("patch", f"{hooks}/gate-xzgate"), "yes"),
            (("patch", f"{hooks}/other"), "no"),
            (("delete", f"{hooks}/gate-xzgate"), "no"),
            (("create", hooks), "no"),
            (("create", "events", *own), "yes"),
            (("create", "events", "-n", "shop"), "yes"),
            (("list", "events", *own), "no"),
            (("list", "pods", *own), "no"),
            (("get", "serviceaccounts", "-n", "shop"), "no"),
        ):
            with self.subTest(" ".join(words)):
                self.assertEqual(plane.kubectl("auth", "can-i", *words, account, check=False).stdout.strip(), wanted)

    def test_a_second_install_of_one_name_is_refused(self):
        done = helms[4].run("install", "gate", CHART, "-n", "shop", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("gate-xzgate", done.stderr)

    def test_helm_test(self):
        for major in MAJORS:
            helm = helms[major]
            with self.subTest(helm=major):
                command = helm.command("test", "gate", "-n", NAMESPACE, "--timeout", "60s")
                process = Process(command, log=plane.folder / f"helm-test-{major}.log", env=helm.environment)
                name = ("pod", "gate-xzgate-test", "-n", NAMESPACE)
                process.wait_until(lambda: plane.kubectl("get", *name, check=False).returncode == 0, "test pod")
                done = json.dumps({"status": {"phase": "Succeeded"}})
                plane.kubectl("patch", *name, "--subresource=status", "-p", done)
                self.assertEqual(process.wait(60), 0, process.log_text())


def release_claims():
    """What the controller of claims would do, which does not run here."""
    for claim in plane.get("persistentvolumeclaims", "-n", "xzgate")["items"]:
        name = claim["metadata"]["name"]
        plane.kubectl("patch", "persistentvolumeclaim", name, "-n", "xzgate", "-p", '{"metadata":{"finalizers":null}}')


def try_pod(namespace):
    document = pod("try", images=["a"], namespace=namespace)
    return plane.kubectl("create", "-f", "-", "--dry-run=server", document=document, check=False)


def is_admitted(namespace):
    return try_pod(namespace).returncode == 0


def inventory():
    """The name of every object in the cluster."""
    kinds = set(plane.kubectl("api-resources", "--verbs=list", "-o", "name").stdout.split()) - RESTLESS
    return set(plane.kubectl("get", ",".join(sorted(kinds)), "-A", "-o", "custom-columns=:kind,:metadata.namespace,:metadata.name",
                             "--no-headers").stdout.splitlines())  # fmt: skip


if __name__ == "__main__":
    unittest.main()
