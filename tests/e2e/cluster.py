"""What every end-to-end test stands on: a Kubernetes API server that asks xzgate, and a registry that xzgate reads."""

import contextlib
import functools
import json
import subprocess
import sys
import unittest
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pictures import PICTURES
from rig.certs import Authority
from rig.controlplane import POD_RULES, WORKLOAD_RULES, ControlPlane, Webhook
from rig.faults import FaultRegistry
from rig.images import Document
from rig.process import Part
from rig.push import Uploader
from rig.registry import Registry
from rig.review import pod
from rig.scrape import Scrape
from rig.signing import Attacher, Key, signed_layer, simple_signing
from rig.xzgate import Xzgate, image_policy, merged, registry_settings, serve_config, write_documents

TIMEOUT_SECONDS = 5  # of the webhook; xzgate waits 0.75 of it for a scan
PATIENCE = 30.0
LOG_LINES = 40
_ALWAYS_MOVES = "process_cpu_seconds_total"

SUFFIX = "Questions: #platform-security"
RELEASE_KEY = "release.pub"  # in the cluster's folder, beside the policies
SIGNED = {
    "authorities": [{"name": "release", "key": {"file": RELEASE_KEY}}],
    "signatures": {"require": [{"any": ["release"]}]},
}
POLICIES = (
    image_policy("signed", namespaces=["vault"], **SIGNED),
    image_policy("watched", namespaces=["audited"], mode="audit"),
    image_policy("warned", namespaces=["warned"], mode="warn"),
    image_policy("changing", namespaces=["changing"], mode="audit"),
    image_policy("production", namespaces=["shop"], messageSuffix=SUFFIX),
)
NAMESPACES = ("shop", "warned", "audited", "changing", "vault")


class Cluster(Part):
    """Registry, `xzgate serve` and API server. The images of PICTURES are pushed, and those that are known are scanned.

    `faulty` is a second registry, empty and honest until a test says otherwise. `running` are pods that exist before
    the webhook does, and so do kinds that are in `definitions`. `rules` are further ones of the webhook, whose own are
    for pods and every workload. `sections` are laid over xzgate's configuration.
    """

    def __init__(
        self,
        *,
        running: Callable[["Cluster"], Sequence[dict]] = lambda _: (),
        definitions: Sequence[dict] = (),
        rules: Sequence[Mapping[str, object]] = (),
        **sections: object,
    ):
        super().__init__()
        self._definitions = definitions
        self._rules = (*POD_RULES, *WORKLOAD_RULES, *rules)
        self._running_before = running
        self._sections = sections

    def reference(self, repository: str) -> str:
        return f"{self.registry.address}/{repository}:1"

    def digest(self, repository: str) -> str:
        return _built(repository).digest

    def layer_digests(self, repository: str) -> list[str]:
        return [layer["digest"] for layer in json.loads(_built(repository).content)["layers"]]

    def write_policies(self, policies: Sequence[Mapping[str, object]]) -> Path:
        """Puts these in the place of the policies; xzgate sees it within a second."""
        return write_documents(self.folder / "policies.yaml", *policies)

    def connect(self, **changes: object) -> None:
        """Makes the API server ask xzgate; `changes` are fields of Webhook."""
        settings = {"ca_bundle": self.authority.ca_bundle(), "timeout_seconds": TIMEOUT_SECONDS,
                    "rules": self._rules, **changes}  # fmt: skip
        self.plane.install_webhook(Webhook(self.gate.url, **settings))  # type: ignore[arg-type]

    def _start(self, stack: contextlib.ExitStack) -> None:
        self.authority = Authority(self.folder / "ca")
        self.registry = stack.enter_context(Registry(self.authority, folder=self.folder / "registry"))
        self.faulty = stack.enter_context(FaultRegistry(self.authority))
        uploader = Uploader(self.registry)
        keys = {name: Key(self.folder, name) for name in ("release", "stranger")}
        for repository, picture in PICTURES.items():
            document = _built(repository)
            uploader.push(document, repository, "1")
            if picture.signed_by:
                layer = signed_layer(keys[picture.signed_by], simple_signing(document.digest))
                Attacher(uploader, repository).sig_tag(document.digest, layer)
        self.gate = stack.enter_context(Xzgate(self._configuration(), folder=self.folder / "xzgate"))
        self.plane = stack.enter_context(ControlPlane(folder=self.folder / "plane"))
        for name in NAMESPACES:
            self.plane.create_namespace(name)
        for document in self._definitions:
            self.plane.kubectl("create", "-f", "-", document=document)
        for document in self._running_before(self):
            self.plane.kubectl("create", "-f", "-", document=document)
        self._wait_for_scanner()
        self.connect()

    def _configuration(self) -> dict[str, object]:
        watched = [{"repository": f"{self.registry.address}/{name}"} for name, p in PICTURES.items() if p.known]
        registries = registry_settings(self.registry)
        sections: dict[str, object] = {
            "registries": {**registries, "hosts": [self.registry.address, self.faulty.address]},
            "policies": [str(self.write_policies(POLICIES))],
            "scanner": {"repositories": watched},
        }
        return serve_config(self.folder, self.authority, **merged(sections, self._sections))

    def _wait_for_scanner(self) -> None:
        known = sum(picture.known for picture in PICTURES.values())
        self.gate.wait_until(
            lambda: self.gate.metrics().total("xzgate_verdicts") >= known, f"{known} verdicts", 2 * PATIENCE
        )


class ClusterCase(unittest.TestCase):
    """Verbs for tests of a module's cluster. A test that fails shows what kubectl said and the end of xzgate's log."""

    cluster: Cluster

    @property
    def gate(self) -> Xzgate:
        return self.cluster.gate

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        result = result or self.defaultTestResult()
        self._said: list[str] = []
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self._show()
        return result

    def kubectl(self, *arguments: str, document: object = None) -> subprocess.CompletedProcess[str]:
        """Runs kubectl, whatever comes of it."""
        done = self.cluster.plane.kubectl(*arguments, document=document, check=False)
        self._said.append(f"$ kubectl {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done

    def create(self, name: str, *, namespace: str = "shop", dry_run: bool = False, **places: Sequence[str]):
        """`kubectl create` of a pod with images at these places of rig.review.pod (images, init, volumes, …)."""
        images = places.pop("images", [self.cluster.reference("shop/web")])
        document = pod(name, images=images, namespace=namespace, **places)  # type: ignore[arg-type]
        return self.kubectl("create", "-f", "-", *(["--dry-run=server"] if dry_run else []), document=document)

    def exists(self, name: str, namespace: str = "shop") -> bool:
        return self.kubectl("get", "pod", name, "-n", namespace).returncode == 0

    def assert_created(self, done: subprocess.CompletedProcess[str], name: str) -> None:
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"pod/{name} created\n", ""))

    def assert_denied(self, done: subprocess.CompletedProcess[str]) -> str:
        """Returns xzgate's message, as kubectl prints it."""
        self.assertEqual(done.returncode, 1, done.stdout)
        denial = 'admission webhook "validate.xzgate.dev" denied the request: '
        _, denied, message = done.stderr.rstrip("\n").partition(denial)
        self.assertTrue(denied, done.stderr)
        self.assertTrue(message.startswith("xzgate: "), message)
        self.assertLess(len(message), 1000)
        return message

    def fresh_metrics(self) -> Scrape:
        """xzgate's metrics as of now; a page is served for a second, which time in the processor tells apart."""
        old = self.gate.metrics().total(_ALWAYS_MOVES)
        self.gate.wait_until(lambda: self.gate.metrics().total(_ALWAYS_MOVES) != old, "new page of metrics", PATIENCE)
        return self.gate.metrics()

    def assert_counted(self, before: Scrape, count: int = 1, **labels: str) -> None:
        """This many admission requests with these labels were counted since `before`, of fresh_metrics()."""
        name = "xzgate_admission_requests_total"
        target = before.total(name, **labels) + count
        self.assertEqual(self.fresh_metrics().total(name, **labels), target, labels)

    def annotations(self, name: str, verb: str = "create") -> Mapping[str, str]:
        """xzgate's audit annotations in the API server's audit log, of the last event that names this pod."""
        event = self.cluster.plane.audit_events(name=name, verb=verb)[-1]
        prefix = "validate.xzgate.dev/"
        return {k.removeprefix(prefix): v for k, v in event["annotations"].items() if k.startswith(prefix)}

    def _show(self) -> None:
        log = self.gate.log_text().splitlines()[-LOG_LINES:]
        print(f"\n--- {self.id()}: kubectl", *self._said, "--- xzgate", *log, sep="\n", file=sys.stderr, flush=True)


@functools.cache
def _built(repository: str) -> Document:
    return PICTURES[repository].build(repository)

