"""What the chart renders: the same each time, with no more rights than the features need, and what xzgate itself accepts."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from chart_case import CERTIFICATE, ChartCase, EXAMPLES, example
from rig.controlplane import POD_RULES, WORKLOAD_RULES
from rig.helm import CHART, MAJORS, documents
from rig.paths import ROOT
from rig.process import run
from rig.xzgate import binary

# Sections of the configuration that the chart writes and the program does not know yet; empty as soon as it does.
AHEAD = ("kubernetes",)

# Functions of templates whose answer depends on where or when they run.
UNSTEADY = re.compile(r"(?<![$.\w])(lookup|rand\w+|gen\w+Cert\w*|genCA\w*|genPrivateKey|uuidv4|now|date\w*|getHostByName|htpasswd|env|expandenv)\b")

MISTAKE = re.compile(r"\.yaml:\d+:\d+: ")  # where something is wrong; the rest is notes

NOTHING = {"certificates": {"mode": "existingSecret", "existingSecret": {"name": "s"}}, "events": False}
OWN_SECRET = ("Role", "", "secrets", "xzgate-tls", "get update")
EVENTS = ("ClusterRole", "", "events", "", "create patch")
VALIDATING = ("ClusterRole", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "xzgate", "get patch")
BOTH = ("ClusterRole", "admissionregistration.k8s.io", "mutatingwebhookconfigurations validatingwebhookconfigurations", "xzgate",
        "get patch")  # fmt: skip
PULL_SECRETS = ("", "secrets serviceaccounts", "", "get")
RIGHTS = {
    "no feature": (NOTHING, set()),
    "cert-manager": ({"certificates": {"mode": "certManager"}, "events": False}, set()),
    "the default": ({}, {OWN_SECRET, EVENTS, VALIDATING}),
    "its own certificates": ({"events": False}, {OWN_SECRET, VALIDATING}),
    "its own certificates for two webhooks": ({"events": False, "mutate": {"enabled": True}}, {OWN_SECRET, BOTH}),
    "events": ({**NOTHING, "events": True}, {EVENTS}),
    "pull secrets": ({**NOTHING, "pullSecrets": {"scope": "cluster"}}, {("ClusterRole", *PULL_SECRETS)}),
    "pull secrets of namespaces": (
        {**NOTHING, "pullSecrets": {"scope": "namespaces", "namespaces": ["shop"]}}, {("Role", *PULL_SECRETS)}),
    "no Roles": ({"rbac": {"create": False}}, set()),
}  # fmt: skip


class RenderingTest(ChartCase):
    def test_two_renderings_are_equal(self):
        for name in EXAMPLES:
            with self.subTest(name):
                first, second = (self.helm.template("--values", example(name)).stdout for _ in range(2))
                self.assertEqual(first, second)

    def test_both_versions_of_helm_render_the_same(self):
        for name in EXAMPLES:
            with self.subTest(name):
                texts = [self.helms[major].template("--values", example(name)).stdout for major in MAJORS]
                first, second = (sorted(documents(text), key=str) for text in texts)
                self.assertEqual(first, second)

    def test_lint(self):
        for major in MAJORS:
            for name in EXAMPLES:
                with self.subTest(name, helm=major):
                    done = self.helms[major].run("lint", "--strict", CHART, "--kube-version", "1.37.0", "--values", example(name))
                    self.assertNotIn("[WARNING]", done.stdout)

    def test_templates_ask_nobody(self):
        for path in (CHART / "templates").rglob("*.*"):
            with self.subTest(path.name):
                code = re.sub(r"\{\{-?\s*/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
                code = re.sub(r'"(\\.|[^"\\])*"', '""', code)
                actions = " ".join(re.findall(r"\{\{.*?\}\}", code, re.DOTALL))
                self.assertIsNone(UNSTEADY.search(actions), UNSTEADY.search(actions))

    def test_ca_bundle_only_of_a_ca_that_was_given(self):
        for name in EXAMPLES:
            with self.subTest(name):
                text = self.helm.template("--values", example(name)).stdout
                self.assertEqual("caBundle" in text, name == "existing-secret")

    def test_a_supplied_ca_is_in_the_bundle_of_both_webhooks(self):
        secret = {"name": "s", "caCertificate": CERTIFICATE}
        objects = self.render({"certificates": {"mode": "existingSecret", "existingSecret": secret}, "mutate": {"enabled": True}})
        for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
            self.assertIn("caBundle", self.one(objects, kind)["webhooks"][0]["clientConfig"])

    def test_no_secret_has_content(self):
        for name in EXAMPLES:
            for one in self.render(None, "--values", example(name)):
                with self.subTest(name):
                    self.assertFalse(one["kind"] == "Secret" and (one.get("data") or one.get("stringData")))

    def test_rights_by_feature(self):
        for name, (values, wanted) in RIGHTS.items():
            with self.subTest(name):
                objects = self.render(values)
                self.assertEqual({_rule(one, rule) for one in objects for rule in _rules(one)}, wanted)
                roles = sum(one["kind"] in ("Role", "ClusterRole") for one in objects)
                self.assertEqual(roles, sum(one["kind"] in ("RoleBinding", "ClusterRoleBinding") for one in objects))

    def test_a_token_only_for_who_needs_one(self):
        for values, wanted in (
            (NOTHING, {"webhook": False, "scanner": False}),
            ({}, {"webhook": True, "scanner": False}),
            ({"pullSecrets": {"scope": "cluster"}}, {"webhook": True, "scanner": True}),
        ):
            objects = self.render(values)
            self.assertIs(self.pod_spec(objects)["automountServiceAccountToken"], False)
            for name, has in wanted.items():
                mounts = {mount["name"] for mount in self.container(objects, name)["volumeMounts"]}
                self.assertEqual("token" in mounts, has, (name, values))

    def test_the_key_is_not_for_the_scanner(self):
        objects = self.render(NOTHING)
        self.assertIn("tls", {mount["name"] for mount in self.container(objects, "webhook")["volumeMounts"]})
        self.assertNotIn("tls", {mount["name"] for mount in self.container(objects, "scanner")["volumeMounts"]})

    def test_never_itself_and_kube_system(self):
        objects = self.render({"webhook": {"excludeNamespaces": ["cni", "kube-system"]}, "mutate": {"enabled": True}})
        for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
            [hook] = self.one(objects, kind)["webhooks"]
            [expression] = hook["namespaceSelector"]["matchExpressions"]
            self.assertEqual(expression["key"], "kubernetes.io/metadata.name")
            self.assertEqual((expression["operator"], expression["values"]), ("NotIn", ["cni", "kube-system", "xzgate"]))

    def test_every_kind_that_makes_pods(self):
        [hook] = self.one(self.render(), "ValidatingWebhookConfiguration")["webhooks"]
        self.assertEqual(_resources(hook["rules"]), _resources([*POD_RULES, *WORKLOAD_RULES]))
        self.assertTrue(all(rule["operations"] == ["CREATE", "UPDATE"] for rule in hook["rules"]))

    def test_digests_are_written_into_pods_only_unless_asked(self):
        for values, wanted in (({}, POD_RULES), ({"workloads": True}, [*POD_RULES, *WORKLOAD_RULES])):
            objects = self.render({"mutate": {"enabled": True, **values}})
            [hook] = self.one(objects, "MutatingWebhookConfiguration")["webhooks"]
            self.assertEqual(_resources(hook["rules"]), _resources(wanted))

    def test_only_pods_when_asked(self):
        [hook] = self.one(self.render({"webhook": {"workloads": False}}), "ValidatingWebhookConfiguration")["webhooks"]
        self.assertEqual(_resources(hook["rules"]), _resources(POD_RULES))

    def test_an_extra_kind_is_a_rule_and_a_line_of_the_configuration(self):
        objects = self.render(None, "--values", example("everything"))
        [hook] = self.one(objects, "ValidatingWebhookConfiguration")["webhooks"]
        self.assertLessEqual({("argoproj.io", "rollouts"), ("serving.knative.dev", "services")}, _resources(hook["rules"]))
        [config] = documents(self.one(objects, "ConfigMap", "xzgate")["data"]["xzgate.yaml"])
        kinds = [{"group": "argoproj.io", "kind": "Rollout", "path": "spec.template"},
                 {"group": "serving.knative.dev", "kind": "Service", "path": "spec.template"}]  # fmt: skip
        self.assertEqual(config["admission"]["extraKinds"], kinds)

    def test_the_first_install_stops_nothing(self):
        objects = self.render()
        [hook] = self.one(objects, "ValidatingWebhookConfiguration")["webhooks"]
        self.assertEqual(hook["failurePolicy"], "Ignore")
        [policy] = documents(self.one(objects, "ConfigMap", "xzgate-policies")["data"]["policies.yaml"])
        self.assertEqual(policy["spec"], {"mode": "audit"})

    def test_policies_keep_their_order_and_the_general_one_is_last(self):
        text = self.one(self.render(None, "--values", example("enforce")), "ConfigMap", "xzgate-policies")["data"]["policies.yaml"]
        self.assertEqual([one["metadata"]["name"] for one in documents(text)], ["sandbox", "default"])
        self.assertEqual([one["spec"]["mode"] for one in documents(text)], ["warn", "enforce"])

    def test_names_that_point_somewhere(self):
        for name in EXAMPLES:
            with self.subTest(name):
                objects = self.render(None, "--values", example(name))
                spec = self.pod_spec(objects)
                ports = {port["name"] for one in spec["containers"] for port in one["ports"]}
                volumes = {volume["name"] for volume in spec["volumes"]}
                for service in (one for one in objects if one["kind"] == "Service"):
                    self.assertLessEqual({port["targetPort"] for port in service["spec"]["ports"]}, ports)
                for one in spec["containers"]:
                    self.assertLessEqual({mount["name"] for mount in one["volumeMounts"]}, volumes)
                labels = self.one(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
                for selector in _selectors(objects):
                    self.assertLessEqual(selector.items(), labels.items())
                [hook] = self.one(objects, "ValidatingWebhookConfiguration")["webhooks"]
                self.one(objects, "Service", hook["clientConfig"]["service"]["name"])

    def test_everything_has_its_namespace(self):
        cluster = {"ClusterRole", "ClusterRoleBinding", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"}
        for name in EXAMPLES:
            for one in self.render(None, "--values", example(name)):
                with self.subTest(name, kind=one["kind"]):
                    self.assertEqual("namespace" in one["metadata"], one["kind"] not in cluster)

    def test_a_changed_configuration_rolls_the_pods_and_a_changed_policy_does_not(self):
        def checksum(values):
            return self.one(self.render(values), "Deployment")["spec"]["template"]["metadata"]["annotations"]["checksum/config"]

        self.assertNotEqual(checksum({}), checksum({"config": {"log": {"level": "debug"}}}))
        self.assertNotEqual(checksum({}), checksum({"config": {"rules": "a"}}))
        self.assertEqual(checksum({}), checksum({"policy": {"mode": "enforce"}}))

    def test_image(self):
        digest = "sha256:" + "a" * 64
        for values, wanted in (
            ({}, "xzgate:0.1.0"),
            ({"image": {"registry": "r.example/", "tag": "1"}}, "r.example/xzgate:1"),
            ({"image": {"registry": "r.example", "tag": "1", "digest": digest}}, f"r.example/xzgate@{digest}"),
            ({"global": {"imageRegistry": "mirror"}, "image": {"registry": "r.example", "repository": "a/b"}}, "mirror/a/b:0.1.0"),
        ):
            images = {one["image"] for one in self.pod_spec(self.render(values))["containers"]}
            self.assertEqual(images, {wanted})

    def test_manifests_are_current(self):
        run([ROOT / "tools" / "manifests", "--check"])


class ConfigurationTest(ChartCase):
    """`xzgate config check` reads what the chart writes."""

    def check(self, objects):
        """What the program says of the configuration and the policies, a line each."""
        with tempfile.TemporaryDirectory(prefix="xzgate-chart-") as name:
            folders = [Path(name, kind) for kind in ("config", "policies")]
            for folder, data in zip(folders, self._data(objects), strict=True):
                folder.mkdir()
                for file, text in data.items():
                    (folder / file).write_text(text)
            words = ["config", "check", folders[0] / "xzgate.yaml", *folders[1:]]
            done = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, (done.stdout + done.stderr).replace(name, "").splitlines()

    def _data(self, objects):
        found = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap" and "data" in one}
        volumes = {one["name"]: one["configMap"]["name"] for one in self.pod_spec(objects)["volumes"] if "configMap" in one}
        return found[volumes["config"]], found[volumes["policies"]]

    def test_examples(self):
        ahead = set()
        for name in EXAMPLES:
            with self.subTest(name):
                code, said = self.check(self.render(None, "--values", example(name)))
                mistakes = {line for line in said if MISTAKE.search(line)}
                expected = {line for line in mistakes if line.endswith(tuple(f": {key}: unknown key" for key in AHEAD))}
                self.assertEqual(mistakes - expected, set())
                self.assertEqual(code, 2 if expected else 0, said)
                ahead |= expected
        self.assertEqual(bool(ahead), bool(AHEAD), "the program knows what AHEAD excuses: empty it")

    def test_a_mistake_is_found(self):
        code, said = self.check(self.render({**NOTHING, "policy": {"spec": {"moode": 1}}}))
        self.assertEqual(code, 2, said)
        self.assertIn("moode", "\n".join(said))


def _rules(one):
    return one["rules"] if one["kind"] in ("Role", "ClusterRole") else []


def _rule(one, rule):
    words = (" ".join(sorted(rule.get(key, []))) for key in ("apiGroups", "resources", "resourceNames", "verbs"))
    return (one["kind"], *words)


def _resources(rules):
    return {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]}


def _selectors(objects):
    for one in objects:
        if one["kind"] == "Service":
            yield one["spec"]["selector"]
        elif one["kind"] in ("Deployment", "PodDisruptionBudget"):
            yield one["spec"]["selector"]["matchLabels"]
        elif one["kind"] == "NetworkPolicy":
            yield one["spec"]["podSelector"]["matchLabels"]


if __name__ == "__main__":
    unittest.main()
