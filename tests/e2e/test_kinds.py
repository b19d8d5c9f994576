"""Every way a pod comes to be: each workload kind, what its owner does with it later, and kinds of other people."""

import json
import subprocess
import unittest

from cluster import PATIENCE, POLICIES, Cluster, ClusterCase
from pictures import large
from rig.faults import drip
from rig.review import KINDS, pod, workload
from rig.xzgate import image_policy

WORKLOADS = tuple(kind for kind in KINDS if kind != "Pod")
SCALED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")
# The API server lets nobody change the image of these.
FIXED = ("Job",)
FIELDS = {"PodTemplate": "template.spec", "CronJob": "spec.jobTemplate.spec.template.spec"}
STUCK = {"finalizers": ["example.com/clean-up"]}


def definition(group: str, kind: str) -> dict:
    """A custom resource whose objects may hold anything."""
    plural = f"{kind.lower()}s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": plural, "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }  # fmt: skip


def custom(group: str, kind: str, name: str, image: str) -> dict:
    """A custom object with a pod template."""
    spec = {"replicas": 1, "template": {"spec": pod(images=[image])["spec"]}}
    return {"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def patch_of_image(kind: str, image: str) -> str:
    body: dict[str, object] = {"spec": {"containers": [{"name": "main-0", "image": image}]}}
    for key in reversed(FIELDS.get(kind, "spec.template.spec").split(".")[:-1]):
        body = {key: body}
    return json.dumps(body)


def running(cluster: Cluster) -> list[dict]:
    """Workloads with a bad image that were there before the webhook."""
    bad = cluster.reference("shop/api")
    return [
        workload(kind, name, namespace="shop", images=[bad], replicas=3, metadata=metadata)
        for kind in WORKLOADS
        for name, metadata in (("old", {}), ("mended", {}), ("stuck", STUCK))
    ]


def setUpModule():
    foreign = ({"apiGroups": ["argoproj.io", "example.com"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"],
                "resources": ["*"]},)  # fmt: skip
    extra = [{"group": "argoproj.io", "kind": "Rollout", "path": "spec.template"}]
    ClusterCase.cluster = unittest.enterModuleContext(
        Cluster(
            running=running,
            definitions=[definition("argoproj.io", "Rollout"), definition("example.com", "Gadget")],
            rules=foreign,
            admission={"extraKinds": extra},
        )
    )


class KindCase(ClusterCase):
    def make(self, kind: str, name: str, **places: object) -> subprocess.CompletedProcess[str]:
        document = workload(kind, name, namespace="shop", **places)  # type: ignore[arg-type]
        return self.kubectl("create", "-f", "-", document=document)

    def patch(self, kind: str, name: str, body: str) -> subprocess.CompletedProcess[str]:
        strategy = [] if kind in WORKLOADS else ["--type=merge"]
        return self.kubectl("patch", kind.lower(), name, "-n", "shop", "-p", body, *strategy)

    def assert_quiet(self, done: subprocess.CompletedProcess[str]) -> None:
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class CreateTest(KindCase):
    def test_bad_images_at_every_place_of_every_kind(self):
        bad, web = self.cluster.reference("shop/api"), self.cluster.reference("shop/web")
        for kind in WORKLOADS:
            for place, words in (("images", 'container "main-0"'), ("init", 'init container "init-0"'),
                                 ("sidecars", 'init container "sidecar-0"'), ("volumes", 'image volume "volume-0"')):  # fmt: skip
                with self.subTest(kind, place=place):
                    done = self.make(kind, f"bad-{place}", **{"images": [web], place: [bad]})
                    self.assertIn(f'image "{bad}" ({words}) denied [XZ001 affected]', self.assert_denied(done))

    def test_good_images_of_every_kind(self):
        web, fixed = self.cluster.reference("shop/web"), self.cluster.reference("base/ubuntu")
        for kind in WORKLOADS:
            with self.subTest(kind):
                before = self.fresh_metrics()
                self.assert_quiet(self.make(kind, "good", images=[web, fixed], init=[web], volumes=[fixed]))
                resource = KINDS[kind][2]
                self.assert_counted(before, operation="CREATE", resource=resource, decision="allow")

    def test_an_unread_image_warns_and_is_queued(self):
        faulty = self.cluster.faulty
        image = faulty.add(large("slow-template", 48_000), "late/template")
        faulty.on("/v2/late/template/blobs/.*", drip(6_000))
        done = self.make("Deployment", "slow", images=[image])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("warning [XZ010 pending]: not scanned yet", done.stderr)
        self.assertIn("its pods are judged when they are made", done.stderr)
        # Its pods are gated, and the scan that the template started lets them in.
        self.assertIn("[XZ010 pending]", self.assert_denied(self.create("slow", images=[image], dry_run=True)))
        self.gate.wait_until(lambda: self.create("slow", images=[image]).returncode == 0, "admission", PATIENCE)

    def test_a_registry_that_is_not_there_warns(self):
        done = self.make("CronJob", "nowhere", images=["localhost:1/nowhere:1"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("[RG", done.stderr)


class UpdateTest(KindCase):
    def setUp(self):
        self.bad = self.cluster.reference("shop/api")
        self.warning = f'Warning: xzgate: image "{self.bad}" (container "main-0") already runs ['

    def test_a_label_is_set_with_a_warning(self):
        for kind in WORKLOADS:
            with self.subTest(kind):
                done = self.kubectl("label", kind.lower(), "old", "-n", "shop", "team=a")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stderr.startswith(self.warning), done.stderr)

    def test_another_bad_image_is_refused_and_a_good_one_mends_it(self):
        worker, web = self.cluster.reference("shop/worker"), self.cluster.reference("shop/web")
        for kind in WORKLOADS:
            if kind in FIXED:
                continue
            with self.subTest(kind):
                self.assertIn("[XZ001 affected]", self.assert_denied(
                    self.patch(kind, "mended", patch_of_image(kind, worker))))  # fmt: skip
                self.assert_quiet(self.patch(kind, "mended", patch_of_image(kind, web)))
                self.assert_quiet(self.kubectl("label", kind.lower(), "mended", "-n", "shop", "team=b"))

    def test_scale_downs_pass_in_silence(self):
        for kind in SCALED:
            with self.subTest(kind):
                before = self.fresh_metrics()
                self.assert_quiet(self.patch(kind, "old", '{"spec": {"replicas": 1}}'))
                self.assert_counted(before, operation="UPDATE", decision="allow", reason="scaled_down")
                self.assertEqual(self.annotations("old", "patch")["reason"], "scaled_down")
                # Up again is no new image: it warns.
                done = self.patch(kind, "old", '{"spec": {"replicas": 3}}')
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stderr.startswith(self.warning), done.stderr)

    def test_a_scale_down_carries_no_new_image(self):
        body = json.loads(patch_of_image("Deployment", self.cluster.reference("shop/worker")))
        body["spec"]["replicas"] = 0
        self.assert_denied(self.patch("Deployment", "old", json.dumps(body)))

    def test_finalizers_run_on_what_is_being_deleted(self):
        for kind in WORKLOADS:
            with self.subTest(kind):
                before = self.fresh_metrics()
                self.kubectl("delete", kind.lower(), "stuck", "-n", "shop", "--wait=false", "--cascade=orphan")
                done = self.patch(kind, "stuck", '{"metadata": {"finalizers": null}}')
                self.assert_quiet(done)
                self.assertNotEqual(self.kubectl("get", kind.lower(), "stuck", "-n", "shop").returncode, 0)
                self.assert_counted(before, operation="UPDATE", decision="allow", reason="being_deleted")


class ForeignKindTest(KindCase):
    def test_a_kind_that_the_operator_named(self):
        bad, web = self.cluster.reference("shop/api"), self.cluster.reference("shop/web")
        done = self.kubectl("create", "-f", "-", document=custom("argoproj.io", "Rollout", "bad", bad))
        self.assertIn('(container "main-0") denied [XZ001 affected]', self.assert_denied(done))
        self.assert_quiet(self.kubectl("create", "-f", "-", document=custom("argoproj.io", "Rollout", "good", web)))
        body = {"spec": {"template": {"spec": pod(images=[bad])["spec"]}}}
        self.assert_denied(self.patch("Rollout", "good", json.dumps(body)))

    def test_a_kind_that_nobody_named(self):
        document = custom("example.com", "Gadget", "gadget", self.cluster.reference("shop/api"))
        done = self.kubectl("create", "-f", "-", document=document)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, 'Warning: xzgate: kind "Gadget" of "example.com" is not known [SY006 unknown_kind]: '
                         "nothing in it was looked at; name it in admission.extraKinds\n")  # fmt: skip


class PodFindingsTest(KindCase):
    """Policies of its own, for a namespace that no other test here looks at."""

    def setUp(self):
        findings = {"privileged": "deny", "containerSockets": "deny", "hostNamespaces": "warn"}
        strict = image_policy("strict", namespaces=["changing"], podFindings=findings)
        self.cluster.write_policies([strict, *(p for p in POLICIES if p["metadata"]["name"] != "changing")])
        self.gate.wait_until(lambda: self.try_it(privileged=True).returncode == 1, "new policies", PATIENCE)

    def try_it(self, *, privileged: bool = False, path: str = "", **spec: object):
        document = pod("odd", images=[self.cluster.reference("shop/web")], namespace="changing")
        body = document["spec"]
        assert isinstance(body, dict)
        body.update(spec)
        if privileged:
            body["containers"][0]["securityContext"] = {"privileged": True}
        if path:
            body["volumes"] = [{"name": "node", "hostPath": {"path": path}}]
        return self.kubectl("create", "--dry-run=server", "-f", "-", document=document)

    def test_what_the_policy_says_of_pods(self):
        self.assert_quiet(self.try_it(path="/var/log"))
        self.assertIn("denied [PL011 privileged]", self.assert_denied(self.try_it(privileged=True)))
        for path in ("/run/containerd/containerd.sock", "/var/run", "/"):
            self.assertIn("denied [PL015 container_socket]", self.assert_denied(self.try_it(path=path)))
        done = self.try_it(hostPID=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("warning [PL012 host_namespaces]", done.stderr)


if __name__ == "__main__":
    unittest.main()
