"""What every test of the chart stands on: both versions of Helm, the example values, and renderings as objects."""

import tempfile
import unittest
from collections.abc import Mapping
from pathlib import Path

from rig.helm import CHART, MAJORS, Helm, documents

EXAMPLES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml"))
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def example(name: str) -> Path:
    return CHART / "ci" / f"{name}-values.yaml"


class ChartCase(unittest.TestCase):
    helms: Mapping[int, Helm]

    @classmethod
    def setUpClass(cls):
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="xzgate-chart-")))
        cls.helms = {major: Helm(folder, major) for major in MAJORS}

    @property
    def helm(self) -> Helm:
        return self.helms[MAJORS[0]]

    def render(self, values: Mapping[str, object] | None = None, *words: str | Path) -> list[dict]:
        """What the newer Helm makes of these values."""
        return documents(self.helm.template(*words, values=values).stdout)

    def one(self, objects: list[dict], kind: str, name: str | None = None) -> dict:
        """The only object of this kind, and of this name when one is given."""
        found = [one for one in objects if one["kind"] == kind and name in (None, one["metadata"]["name"])]
        self.assertEqual(len(found), 1, f"{kind} {name}")
        return found[0]

    def pod_spec(self, objects: list[dict]) -> dict:
        return self.one(objects, "Deployment")["spec"]["template"]["spec"]

    def container(self, objects: list[dict], name: str) -> dict:
        return next(one for one in self.pod_spec(objects)["containers"] if one["name"] == name)
