"""Which values the chart takes, and what it says of the others."""

import json
import unittest

from chart_case import CERTIFICATE, ChartCase, EXAMPLES, example
from rig.helm import CHART, MAJORS, documents
from rig.paths import ROOT
from rig.process import run

POLICY = {"apiVersion": "xzgate.dev/v1", "kind": "ImagePolicy", "metadata": {"name": "p"}}
OPEN = {"global"}  # keys of other charts may stand there

TAKEN = {
    "nothing": {},
    "tag and digest": {"image": {"tag": "1.0", "digest": "sha256:" + "0" * 64}},
    "a port just allowed": {"ports": {"webhook": 1024, "health": 65535}},
    "the kubelet's port on the pod network": {"ports": {"webhook": 10250}},
    "bounds of the timeout": {"webhook": {"timeoutSeconds": 30}, "mutate": {"timeoutSeconds": 1}},
    "keys of other charts": {"global": {"imageRegistry": "r", "storageClass": "fast"}},
    "a policy": {"policies": [{**POLICY, "spec": {"mode": "warn"}}]},
    "only policies": {"policy": {"enabled": False}, "policies": [POLICY]},
    "no replica": {"replicaCount": 0},
    "two replicas that fail closed": {"replicaCount": 2, "webhook": {"failurePolicy": "Fail"}},
    "one, knowingly": {"acceptSingleReplica": True, "webhook": {"failurePolicy": "Fail"}},
    "a store to keep": {"store": {"persistence": {"enabled": True}}, "strategy": {"type": "Recreate"}},
    "a claim of one's own": {"store": {"persistence": {"enabled": True, "existingClaim": "mine"}}},
    "bytes and durations": {"config": {"scanner": {"tagRefresh": "90s", "limits": {"layerBytes": 1048576, "imageBytes": "8GiB"}}}},
    "a long end": {"config": {"server": {"shutdownDelay": "1m"}}, "terminationGracePeriodSeconds": 100},
    "an issuer": {"certificates": {"mode": "certManager", "certManager": {"issuerRef": {"name": "i"}}}},
    "a Secret without a CA": {"certificates": {"mode": "existingSecret", "existingSecret": {"name": "s"}}},
    "no ServiceAccount, and none needed": {
        "serviceAccount": {"create": False}, "events": False, "certificates": {"mode": "existingSecret", "existingSecret": {"name": "s"}},
    },
}  # fmt: skip

# values -> what the refusal has to name
REFUSED = {
    "an unknown key": ({"replicas": 2}, "replicas"),
    "an unknown key inside": ({"webhook": {"failurepolicy": "Fail"}}, "failurepolicy"),
    "an unknown key of the configuration": ({"config": {"server": {"listen": "0.0.0.0:1"}}}, "listen"),
    "an unknown key of an issuer": ({"certificates": {"mode": "certManager", "certManager": {"issuerRef": {"nam": "x"}}}}, "nam"),
    "a word for a number": ({"replicaCount": "two"}, "replicaCount"),
    "a mode": ({"policy": {"mode": "block"}}, "mode"),
    "a failure policy": ({"webhook": {"failurePolicy": "ignore"}}, "failurePolicy"),
    "no time at all": ({"webhook": {"timeoutSeconds": 0}}, "timeoutSeconds"),
    "too much time": ({"webhook": {"timeoutSeconds": 31}}, "timeoutSeconds"),
    "a privileged port": ({"ports": {"webhook": 443}}, "webhook"),
    "a port too high": ({"ports": {"health": 65536}}, "health"),
    "a short digest": ({"image": {"digest": "sha256:00"}}, "digest"),
    "a tag with a colon": ({"image": {"tag": "a:b"}}, "tag"),
    "no repository": ({"image": {"repository": ""}}, "repository"),
    "a document of another kind": ({"policies": [{**POLICY, "kind": "ClusterImagePolicy"}]}, "kind"),
    "a policy without a name": ({"policies": [{**POLICY, "metadata": {}}]}, "name"),
    "a duration without a unit": ({"config": {"server": {"shutdownDelay": "5"}}}, "shutdownDelay"),
    "a namespace with capitals": ({"webhook": {"excludeNamespaces": ["Shop"]}}, "excludeNamespaces"),
    "a path as a file's name": ({"policyFiles": {"keys/a.pub": "x"}}, "keys/a.pub"),
    "a key for a CA": ({"caCertificates": {"data": "-----BEGIN PRIVATE KEY-----"}}, "data"),
    "a switch that is a word": ({"events": "yes"}, "events"),
    "no pod may be away": ({"podDisruptionBudget": {"maxUnavailable": 0}}, "maxUnavailable"),
}

# values that each are right and together are not -> the advice
TOGETHER = {
    "one replica that fails closed": ({"webhook": {"failurePolicy": "Fail"}}, "acceptSingleReplica: true"),
    "one replica that mutates and fails closed": ({"mutate": {"enabled": True, "failurePolicy": "Fail"}}, "acceptSingleReplica: true"),
    "none that fails closed": ({"replicaCount": 0, "webhook": {"failurePolicy": "Fail"}}, "failurePolicy: Ignore"),
    "one volume for two": ({"replicaCount": 2, "store": {"persistence": {"enabled": True}}}, "replicaCount: 1"),
    "a volume and a rolling update": (
        {"store": {"persistence": {"enabled": True}}, "strategy": {"type": "RollingUpdate"}}, "strategy.type: Recreate"),
    "a claim that nobody uses": ({"store": {"persistence": {"existingClaim": "c"}}}, "persistence.enabled: true"),
    "a Secret without a name": ({"certificates": {"mode": "existingSecret"}}, "existingSecret.name"),
    "a Secret in another mode": ({"certificates": {"existingSecret": {"name": "s"}}}, "mode: existingSecret"),
    "a CA in another mode": (
        {"certificates": {"mode": "certManager", "existingSecret": {"caCertificate": CERTIFICATE}}}, "mode: existingSecret"),
    "an issuer in another mode": ({"certificates": {"certManager": {"issuerRef": {"name": "i"}}}}, "mode: certManager"),
    "a CA that ends first": ({"certificates": {"mode": "certManager", "certManager": {"caDuration": "24h"}}}, "caDuration"),
    "a renewal too early": ({"certificates": {"mode": "certManager", "certManager": {"renewBefore": "2160h"}}}, "renewBefore"),
    "no namespaces": ({"pullSecrets": {"scope": "namespaces"}}, "pullSecrets.namespaces"),
    "namespaces for nothing": ({"pullSecrets": {"scope": "cluster", "namespaces": ["a"]}}, "scope: namespaces"),
    "pull secrets of a namespace never judged": ({"pullSecrets": {"scope": "namespaces", "namespaces": ["kube-system"]}}, "kube-system"),
    "two CAs": ({"caCertificates": {"data": CERTIFICATE, "existingConfigMap": {"name": "c"}}}, "not both"),
    "no policy": ({"policy": {"enabled": False}}, "policy.mode"),
    "policies twice": ({"existingPolicyConfigMap": "p", "policy": {"mode": "enforce"}}, "existingPolicyConfigMap"),
    "a policy among the files": ({"policyFiles": {"a.yaml": "x"}}, "Put policies into policies"),
    "two modes": ({"policy": {"spec": {"mode": "warn"}}}, "policy.mode"),
    "one port twice": ({"ports": {"health": 8443}}, "differ"),
    "the kubelet's port": ({"hostNetwork": True, "ports": {"webhook": 10250}}, "another port"),
    "a network policy for nobody": ({"hostNetwork": True, "networkPolicy": {"enabled": True}}, "networkPolicy.enabled: false"),
    "the node's DNS": ({"hostNetwork": True, "dnsPolicy": "ClusterFirst"}, "ClusterFirstWithHostNet"),
    "egress without a policy": ({"networkPolicy": {"egress": {"enabled": True}}}, "networkPolicy.enabled: true"),
    "a short end": ({"terminationGracePeriodSeconds": 44}, "at least 45"),
    "a short end for a long delay": (
        {"terminationGracePeriodSeconds": 60, "config": {"server": {"shutdownDelay": "1m"}}}, "at least 100"),
    "rights for everybody": ({"serviceAccount": {"create": False}}, "serviceAccount.name"),
    "kinds that nobody asks about": (
        {"webhook": {"workloads": False, "extraKinds": [{"group": "a", "resource": "b", "kind": "B", "path": "spec"}]}}, "workloads: true"),
    "exceptions from no proxy": ({"proxy": {"noProxy": ["a"]}}, "proxy.https"),
}  # fmt: skip


class ValuesTest(ChartCase):
    def each(self, table, check):
        """`check(what Helm said, row)` for each row and version of Helm; a row, or its first part, is the values."""
        for name, row in table.items():
            for major in MAJORS:
                with self.subTest(name, helm=major):
                    values = row[0] if isinstance(row, tuple) else row
                    check(self.helms[major].template(values=values, check=False), row)

    def test_taken(self):
        self.each(TAKEN, lambda done, _: self.assertEqual((done.returncode, done.stderr), (0, "")))

    def test_refused_by_the_schema(self):
        def check(done, row):
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("values don't meet the specifications of the schema", done.stderr)
            self.assertIn(row[1], done.stderr)

        self.each(REFUSED, check)

    def test_refused_together_with_advice(self):
        def check(done, row):
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(row[1], done.stderr)

        self.each(TOGETHER, check)

    def test_kube_system_is_no_place(self):
        done = self.helm.template(namespace="kube-system", check=False)
        self.assertIn("--namespace xzgate --create-namespace", done.stderr)

    def test_keys_can_be_removed(self):
        spec = self.pod_spec(self.render(None, "--set", "podSecurityContext.runAsUser=null"))
        self.assertNotIn("runAsUser", spec["securityContext"])

    def test_an_unknown_key_is_refused_everywhere(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        for path, one in _mappings(schema, "", schema["definitions"]):
            if path not in OPEN:
                self.assertIs(one["additionalProperties"], False, path)

    def test_every_value_is_in_the_schema_and_the_other_way_round(self):
        [defaults] = documents((CHART / "values.yaml").read_text())
        schema = json.loads((CHART / "values.schema.json").read_text())
        self.assertEqual(_paths(defaults), {path for path in _schema_paths(schema) if path in _paths(defaults)})
        mappings = dict(_mappings(schema, "", schema["definitions"]))
        for path, one in mappings.items():
            at = _at(defaults, path)
            if at:  # an empty mapping is one whose keys have no defaults
                self.assertEqual(set(one["properties"]), set(at), path)

    def test_the_table_of_values_is_current(self):
        run([ROOT / "tools" / "chart-readme", "--check"])

    def test_versions_agree(self):
        [chart] = documents((CHART / "Chart.yaml").read_text())
        self.assertIn(f"project(xzgate VERSION {chart['appVersion']} ", (ROOT / "CMakeLists.txt").read_text())

    def test_there_are_examples(self):
        self.assertGreaterEqual(len(EXAMPLES), 10)
        for name in EXAMPLES:
            self.assertTrue(example(name).read_text().startswith("# "), f"{name}: say what it is an example of")


def _mappings(schema, path, definitions):
    """(path, schema) of each mapping with named keys."""
    schema = definitions[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if "properties" in schema:
        yield path, schema
        for key, below in schema["properties"].items():
            yield from _mappings(below, f"{path}.{key}" if path else key, definitions)


def _schema_paths(schema):
    return {f"{path}.{key}" if path else key for path, one in _mappings(schema, "", schema["definitions"]) for key in one["properties"]}


def _paths(values, path=""):
    found = set()
    for key, below in values.items():
        here = f"{path}.{key}" if path else key
        found.add(here)
        if isinstance(below, dict) and here.split(".")[0] not in ("podSecurityContext", "securityContext", "resources"):
            found |= _paths(below, here)
    return found


def _at(values, path):
    for key in filter(None, path.split(".")):
        values = values.get(key) if isinstance(values, dict) else None
    return values if isinstance(values, dict) and not path.startswith("resources.") else None


if __name__ == "__main__":
    unittest.main()
