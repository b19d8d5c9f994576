"""`xzgate explain`: each step from reference to decision, for an image and for what `kubectl apply` would take."""

import json
import unittest

from rig.review import pod
from rig.xzgate import image_policy, write_documents, xzgate
from support import RegistryCase, bad_image, clean_image


def deployment(image: str, namespace: str = "shop") -> dict:
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": namespace},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "api", "image": image}]}}},
    }  # fmt: skip


class ExplainTest(RegistryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bad = cls.push(bad_image(), "shop/bad")
        cls.clean = cls.push(clean_image(), "shop/clean")

    def explain(self, *arguments):
        return xzgate("explain", *arguments, "--ca", self.authority.certificate)

    def test_an_image(self):
        done = self.explain(self.bad)
        self.assertEqual(done.returncode, 1, done.stderr)
        for step in ("1 reference", "2 normalised", "3 digest", "4 scan", "5 verdict     affected [XZ001]", '7 policy      "default"',
                     "decision: deny", bad_image().digest, "liblzma.so.5.6.1"):  # fmt: skip
            self.assertIn(step, done.stdout)
        clean = self.explain(self.clean)
        self.assertEqual((clean.returncode, "decision: allow" in clean.stdout), (0, True))

    def test_a_manifest_of_several_objects(self):
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": []}}
        path = write_documents(self.scratch / "all.yaml", service, deployment(self.bad), pod("web", images=[self.clean]))
        done = self.explain("--format", "json", path)
        self.assertEqual(done.returncode, 1, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["schema"], "xzgate.dev/explain/v1")
        found = {entry["object"]: entry["decision"] for entry in answer["objects"]}
        self.assertEqual(list(found.values()), ["deny", "allow"])
        self.assertIn("Deployment shop/api (pod template)", found)

    def test_with_a_policy(self):
        policies = write_documents(self.scratch / "policies.yaml", image_policy("staging", namespaces=["staging"], mode="warn"))
        manifest = write_documents(self.scratch / "api.yaml", deployment(self.bad, "staging"))
        done = self.explain("--policy", policies, manifest)
        self.assertEqual(done.returncode, 1, done.stderr)
        for word in ('"staging", mode warn: deny', "decision: warn (would be denied in enforce mode)", "Warning: "):
            self.assertIn(word, done.stdout)
        here = self.explain("--policy", policies, "--namespace", "staging", self.bad)
        self.assertIn("decision: warn", here.stdout)

    def test_a_denied_image_is_a_finding_whatever_is_in_it(self):
        codes = {}
        for mode in ("enforce", "warn"):
            policy = image_policy(mode, mode=mode, requireDigest="deny")
            policies = write_documents(self.scratch / f"{mode}.yaml", policy)
            done = self.explain("--policy", policies, self.clean)
            self.assertIn("PL001", done.stdout)
            codes[mode] = done.returncode
        self.assertEqual(codes, {"enforce": 1, "warn": 0})
        invalid = write_documents(self.scratch / "invalid.yaml", deployment("Not/A/Reference"))
        self.assertEqual(self.explain(invalid).returncode, 1)

    def test_lists_are_unfolded_and_what_is_skipped_is_named(self):
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
        items = [service, deployment(self.bad), pod("web", images=[self.clean])]
        path = write_documents(self.scratch / "list.yaml", {"apiVersion": "v1", "kind": "List", "items": items})
        done = self.explain(path)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout.count("decision: "), 2)
        self.assertRegex(done.stderr, r'list\.yaml:\d+:\d+.*Service "s": no pod in it, skipped')

    def test_what_cannot_be_explained(self):
        (self.scratch / "broken.yaml").write_text("kind: [\n")
        (self.scratch / "service.yaml").write_text("kind: Service\n")
        for target in (self.scratch / "broken.yaml", self.scratch / "service.yaml", "Not/A/Reference"):
            done = self.explain(target)
            self.assertEqual(done.returncode, 2, done.stdout)
        self.assertEqual(self.explain(f"{self.registry.address}/shop/none:1").returncode, 3)


if __name__ == "__main__":
    unittest.main()
