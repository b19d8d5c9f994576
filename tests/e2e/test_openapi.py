"""Every kind that holds pods, and every field of a pod that names an image, is in xzgate's tables.

What the API server itself says of its types is walked, so that a new version of Kubernetes with a further kind or
field fails here before anybody runs an image through it.
"""

import json
import os
import subprocess
import unittest
from collections.abc import Iterator

from rig.controlplane import ControlPlane

POD = "io.k8s.api.core.v1.Pod"
POD_SPEC = "io.k8s.api.core.v1.PodSpec"
POD_TEMPLATE = "io.k8s.api.core.v1.PodTemplateSpec"
# Texts of a pod spec whose names sound like an image's, and what they are.
NO_IMAGES = {
    "containers[*].imagePullPolicy": "when to pull",
    "initContainers[*].imagePullPolicy": "when to pull",
    "ephemeralContainers[*].imagePullPolicy": "when to pull",
    "volumes[*].rbd.image": "a block device of Ceph",
}


def looks_like_image(key: str) -> bool:
    return "image" in key.lower() or key == "reference"


class Types:
    """The types of an OpenAPI v2 document."""

    def __init__(self, document: dict):
        self._definitions: dict[str, dict] = document["definitions"]

    def kinds(self) -> Iterator[tuple[str, str, str]]:
        """Group, kind and name of the type of each kind that is an object of its own, and no list of them."""
        for name, definition in self._definitions.items():
            properties = definition.get("properties", {})
            if "metadata" not in properties or "items" in properties:
                continue
            for kind in definition.get("x-kubernetes-group-version-kind", ()):
                yield kind["group"], kind["kind"], name

    def ways(self, start: str, target: str) -> Iterator[str]:
        """The paths from a type to another."""
        return (path for path, _, kind in self._walk(start, (), "", target) if kind == target)

    def texts(self, start: str) -> Iterator[tuple[str, str]]:
        """Path and last key of every text that can be reached from a type."""
        return ((path, key) for path, key, kind in self._walk(start, (), "", "") if kind == "string")

    def _walk(self, name: str, above: tuple[str, ...], path: str, target: str) -> Iterator[tuple[str, str, str]]:
        if name in above:
            return
        for key, schema in self._definitions[name].get("properties", {}).items():
            at = f"{path}.{key}" if path else key
            while schema.get("type") == "array":
                at, schema = f"{at}[*]", schema["items"]
            if isinstance(schema.get("additionalProperties"), dict):
                at, schema = f"{at}.*", schema["additionalProperties"]
            kind = schema.get("$ref", "").removeprefix("#/definitions/")
            yield at, key, kind or schema.get("type", "")
            if kind and kind != target:
                yield from self._walk(kind, (*above, name), at, target)


class OpenApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        plane = cls.enterClassContext(ControlPlane())
        cls.types = Types(json.loads(plane.kubectl("get", "--raw", "/openapi/v2").stdout))
        tool = os.environ["XZGATE_IMAGE_FIELDS"]
        cls.ours = json.loads(subprocess.run([tool], capture_output=True, text=True, check=True).stdout)

    def test_every_kind_that_holds_pods(self):
        found = {(group, kind, path) for group, kind, name in self.types.kinds() if name != POD
                 for path in self.types.ways(name, POD_TEMPLATE)}  # fmt: skip
        ours = {(row["group"], row["kind"], row["path"]) for row in self.ours["kinds"]}
        self.assertEqual(found | {("", "Pod", "")}, ours)

    def test_pod_specs_stand_in_pods_and_templates_only(self):
        # A kind with a pod spec of its own, outside of a template, would need another sort of row.
        self.assertEqual(list(self.types.ways(POD, POD_SPEC)), ["spec"])
        self.assertEqual(list(self.types.ways(POD_TEMPLATE, POD_SPEC)), ["spec"])
        others = {f"{kind}: {path}" for _, kind, name in self.types.kinds() if name != POD
                  for path in self.types.ways(name, POD_SPEC) if not self._is_of_template(name, path)}  # fmt: skip
        self.assertEqual(others, set())

    def test_every_field_that_names_an_image(self):
        found = {path for path, key in self.types.texts(POD_SPEC) if looks_like_image(key)}
        self.assertEqual(found - NO_IMAGES.keys(), set(self.ours["fields"]))
        self.assertEqual(NO_IMAGES.keys() - found, set(), "no such fields any more")

    def _is_of_template(self, name: str, path: str) -> bool:
        return any(path == f"{template}.spec" for template in self.types.ways(name, POD_TEMPLATE))


class WalkTest(unittest.TestCase):
    """That it can fail."""

    TYPES = Types({"definitions": {
        "Kind": {"properties": {"metadata": {}, "spec": {"$ref": "#/definitions/Spec"}},
                 "x-kubernetes-group-version-kind": [{"group": "g", "version": "v1", "kind": "Kind"}]},
        "Spec": {"properties": {"jobs": {"type": "array", "items": {"$ref": "#/definitions/Pod"}},
                                "again": {"$ref": "#/definitions/Spec"}}},
        "Pod": {"properties": {"newImage": {"type": "string"}, "count": {"type": "integer"}}},
    }})  # fmt: skip

    def test_new_kinds_and_fields_are_found(self):
        self.assertEqual(list(self.TYPES.kinds()), [("g", "Kind", "Kind")])
        self.assertEqual(list(self.TYPES.ways("Kind", "Pod")), ["spec.jobs[*]"])
        self.assertEqual([path for path, key in self.TYPES.texts("Pod") if looks_like_image(key)], ["newImage"])


if __name__ == "__main__":
    unittest.main()
