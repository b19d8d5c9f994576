"""Helm as users run it, version 4 and 3, built by `tools/tool path helm` and `helm3`; and what it rendered, as values."""

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rig.paths import ROOT, tool
from rig.process import RigError
from rig.yaml_text import to_yaml

CHART = ROOT / "charts" / "xzgate"
MAJORS = (4, 3)
# What a version 3 built from its module takes for the cluster's version when there is no cluster is too old for anything.
KUBERNETES = "1.37.0"

# There is no YAML in Python's library, but there is one in Helm: this chart prints each document of a text as JSON.
_READER = {
    "Chart.yaml": "apiVersion: v2\nname: reader\nversion: 0.1.0\n",
    "templates/all.yaml": "{{ range .Values.texts }}\n---\n{{ dict `kind` `List` `apiVersion` `v1` `read` (fromYaml .) | toJson }}\n{{ end }}\n",
}


class Helm:
    """One version of Helm with a folder of its own for what it remembers. `kubeconfig` is for calls of a cluster."""

    def __init__(self, folder: Path, major: int = MAJORS[0], *, kubeconfig: Path | None = None):
        self.major = major
        name = "helm" if major == MAJORS[0] else f"helm{major}"
        self._program = tool(name)
        home = folder / name
        self.environment = {
            "HELM_CACHE_HOME": str(home / "cache"),
            "HELM_CONFIG_HOME": str(home / "config"),
            "HELM_DATA_HOME": str(home / "data"),
            # Without one, no cluster is to be reached.
            "KUBECONFIG": str(kubeconfig or home / "none"),
        }
        self._values = home / "values.yaml"
        home.mkdir(parents=True, exist_ok=True)

    def command(self, *words: str | Path) -> Sequence[str | Path]:
        """For a process that is started elsewhere, with `environment`."""
        return [self._program, *words]

    def run(self, *words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """RigError, with what Helm said, when it fails and `check` is set."""
        env = {**os.environ, **self.environment}
        done = subprocess.run(self.command(*words), capture_output=True, text=True, env=env,
                              timeout=300, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        if check and done.returncode != 0:
            raise RigError(f"helm {self.major} {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done

    def template(self, *words: str | Path, release: str = "xzgate", namespace: str = "xzgate",
                 values: Mapping[str, object] | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """`helm template` of our chart; `values` go through a file."""
        fixed = ("--namespace", namespace, "--kube-version", KUBERNETES)
        return self.run("template", release, CHART, *fixed, *self.given(values), *words, check=check)

    def given(self, values: Mapping[str, object] | None) -> Sequence[str | Path]:
        """The words that hand these values over."""
        if values is None:
            return ()
        self._values.write_text(to_yaml(values))
        return ("--values", self._values)


def documents(text: str) -> list[dict]:
    """The YAML documents of a text, without empty ones."""
    parts = [f"{part}\n" for part in f"\n{text}".split("\n---") if part.strip()]
    with tempfile.TemporaryDirectory(prefix="xzgate-helm-") as name:
        folder = Path(name)
        for path, content in _READER.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(content)
        done = Helm(folder).run("template", "reader", folder, *Helm(folder).given({"texts": parts}))
    read = [json.loads(line)["read"] for line in done.stdout.splitlines() if line.startswith("{")]
    for part in read:
        if set(part) == {"Error"}:
            raise RigError(part["Error"])
    return [part for part in read if part]
