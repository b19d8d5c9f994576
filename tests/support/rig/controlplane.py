"""A real Kubernetes API server with etcd on loopback ports: no nodes, no containers, ready in seconds.

The programs are built by `tools/tool path controlplane` (minutes, once a version).
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rig.certs import Authority
from rig.paths import tool
from rig.process import Part, Process, RigError, accepts, free_port, run, wait_until
from rig.review import pod
from rig.scrape import scrape

_TOKEN = "rig-admin"
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "Metadata", "resources": [
            {"group": "", "resources": ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"]},
            {"group": "apps"}, {"group": "batch"}]},
        {"level": "None"},
    ],
}
POD_RULES = (
    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
     "resources": ["pods", "pods/ephemeralcontainers"]},
)  # fmt: skip
_WORKLOADS = {
    "": ["replicationcontrollers", "podtemplates"],
    "apps": ["deployments", "replicasets", "statefulsets", "daemonsets"],
    "batch": ["jobs", "cronjobs"],
}
WORKLOAD_RULES = tuple(
    {"apiGroups": [group], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": resources}
    for group, resources in _WORKLOADS.items()
)
SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True)
class Webhook:
    """What a ValidatingWebhookConfiguration says; `ca_bundle` is Authority.ca_bundle()."""

    url: str
    ca_bundle: str
    name: str = "validate.xzgate.dev"
    rules: Sequence[Mapping[str, object]] = POD_RULES
    failure_policy: str = "Fail"
    timeout_seconds: int = 5
    match: Mapping[str, object] = field(default_factory=dict)

    def configuration(self) -> dict[str, object]:
        hook = {
            "name": self.name,
            "clientConfig": {"url": self.url, "caBundle": self.ca_bundle},
            "rules": list(self.rules),
            "admissionReviewVersions": ["v1"],
            "sideEffects": "NoneOnDryRun",
            "failurePolicy": self.failure_policy,
            "timeoutSeconds": self.timeout_seconds,
            **self.match,
        }
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "xzgate"},
            "webhooks": [hook],
        }


class ControlPlane(Part):
    """etcd and kube-apiserver; the caller is cluster-admin. Pods stay Pending: there is no node.

    With `controllers`, kube-controller-manager runs too, so that Deployments make ReplicaSets and these pods;
    without it, pods need no service account.
    """

    def __init__(self, folder: Path | None = None, *, controllers: bool = False, flags: Sequence[str] = ()):
        super().__init__(folder)
        self._controllers = controllers
        self._flags = flags
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def kubectl(
        self, *arguments: str, document: object = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs kubectl as a user would. `document` goes to its input as JSON (`apply -f -`).

        RigError, with what kubectl said, when it fails and `check` is set.
        """
        done = subprocess.run(
            [tool("controlplane", "kubectl"), "--kubeconfig", self.kubeconfig, *arguments],
            input=json.dumps(document) if document is not None else "",
            capture_output=True,
            text=True,
            env=self._kubectl_env,
            timeout=120,
            check=False,
        )
        if check and done.returncode != 0:
            raise RigError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done

    def get(self, *arguments: str) -> dict:
        """`kubectl get … -o json`."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json").stdout)

    def create_namespace(self, name: str, labels: Mapping[str, str] | None = None) -> None:
        metadata = {"name": name, "labels": dict(labels or {})}
        self.kubectl("create", "-f", "-", document={"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def install_webhook(self, webhook: Webhook, *, probe_namespace: str = "default") -> None:
        """Applies the configuration, and returns when the API server calls it for pods.

        The API server takes up a configuration within about a second, so this dry-runs pods of an image that
        no registry has, in a namespace that the webhook is for, until a call of it is counted.
        """
        before = self._webhook_calls(webhook.name)
        self.kubectl("apply", "-f", "-", document=webhook.configuration())

        def called() -> bool:
            self._probe_webhook(probe_namespace)
            return self._webhook_calls(webhook.name) > before

        wait_until(called, f'call of webhook "{webhook.name}"', 30)

    def remove_webhook(self) -> None:
        self.kubectl("delete", "validatingwebhookconfiguration", "xzgate", "--ignore-not-found")

    def audit_events(self, **wanted: str) -> list[dict]:
        """The audit events of pods and workloads so far; `wanted` filters by verb, or by a field of objectRef (name, namespace)."""
        lines = self._audit_log.read_text().splitlines() if self._audit_log.exists() else []
        events = [json.loads(line) for line in lines]
        return [event for event in events if all(_field(event, key) == value for key, value in wanted.items())]

    def metrics(self) -> str:
        """The API server's own metrics (apiserver_admission_webhook_…)."""
        return self.kubectl("get", "--raw", "/metrics").stdout

    def log_text(self) -> str:
        return self._server.log_text()

    def stop_server(self) -> None:
        """Kills kube-apiserver; etcd keeps what it knew."""
        self._server.kill()

    def start_server(self) -> None:
        """Starts it again, on the same port, after stop_server."""
        self._server = self._run(self._running, "kube-apiserver", self._server_flags(self._etcd))
        self._server.wait_until(self._is_ready, "ready kube-apiserver")

    def _start(self, stack: contextlib.ExitStack) -> None:
        self._audit_log = self.folder / "audit.log"
        self._kubectl_env = {**os.environ, "KUBECACHEDIR": str(self.folder / "kubectl-cache"), "KUBERC": "off"}
        self._write_files()
        self._etcd = self._start_etcd(stack)
        self._server = self._run(stack, "kube-apiserver", self._server_flags(self._etcd))
        self._server.wait_until(self._is_ready, "ready kube-apiserver")
        if self._controllers:
            self._run(stack, "kube-controller-manager", self._controller_flags())
            self._wait_for_service_account()

    def _run(self, stack: contextlib.ExitStack, name: str, flags: Sequence[str]) -> Process:
        process = Process([tool("controlplane", name), *flags], log=self.folder / f"{name}.log", cwd=self.folder)
        # They hold nothing worth a goodbye, and the API server takes seconds for one.
        stack.callback(process.kill)
        return process

    def _start_etcd(self, stack: contextlib.ExitStack) -> str:
        client, peer = free_port(), free_port()
        url = f"http://127.0.0.1:{client}"
        flags = ["-data-dir", str(self.folder / "etcd"), "-client", url, "-peer", f"http://127.0.0.1:{peer}"]
        self._run(stack, "etcd", flags).wait_until(lambda: accepts(client), "etcd")
        return url

    def _write_files(self) -> None:
        run(["openssl", "genrsa", "-out", self.folder / "sa.key", "2048"])
        run(["openssl", "rsa", "-in", self.folder / "sa.key", "-pubout", "-out", self.folder / "sa.pub"])
        self._authority = Authority(self.folder / "ca", "rig control plane")
        self._leaf = self._authority.leaf("apiserver", dns=("localhost", "kubernetes.default.svc"))
        (self.folder / "tokens.csv").write_text(f'{_TOKEN},admin,1,"system:masters"\n')
        (self.folder / "audit.json").write_text(json.dumps(_AUDIT_POLICY))
        self.kubeconfig = self.folder / "kubeconfig"
        cluster = {"server": self.url, "certificate-authority": str(self._authority.certificate)}
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "rig",
            "clusters": [{"name": "rig", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": _TOKEN}}],
            "contexts": [{"name": "rig", "context": {"cluster": "rig", "user": "admin"}}],
        }  # fmt: skip
        self.kubeconfig.write_text(json.dumps(config))

    def _server_flags(self, etcd: str) -> list[str]:
        disabled = [] if self._controllers else ["--disable-admission-plugins=ServiceAccount"]
        return [
            f"--etcd-servers={etcd}",
            f"--secure-port={self.port}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={self.folder / 'certs'}",
            f"--tls-cert-file={self._leaf.certificate}",
            f"--tls-private-key-file={self._leaf.key}",
            f"--service-account-key-file={self.folder / 'sa.pub'}",
            f"--service-account-signing-key-file={self.folder / 'sa.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",  # as every cluster with node agents has it
            "--service-cluster-ip-range=10.96.0.0/24",
            f"--audit-policy-file={self.folder / 'audit.json'}",
            f"--audit-log-path={self._audit_log}",
            "--audit-log-mode=blocking",
            "--watch-cache=true",
            *disabled,
            *self._flags,
        ]

    def _controller_flags(self) -> list[str]:
        names = ("deployment", "replicaset", "serviceaccount", "namespace", "job", "garbage-collector")
        return [
            f"--kubeconfig={self.kubeconfig}",
            f"--service-account-private-key-file={self.folder / 'sa.key'}",
            "--leader-elect=false",
            "--secure-port=0",
            f"--controllers={','.join(f'{name}-controller' for name in names)}",
        ]

    def _is_ready(self) -> bool:
        return self.kubectl("get", "--raw", "/readyz", check=False).stdout.strip() == "ok" and self._has_default()

    def _has_default(self) -> bool:
        return self.kubectl("get", "namespace", "default", check=False).returncode == 0

    def _wait_for_service_account(self) -> None:
        wait_until(
            lambda: self.kubectl("get", "serviceaccount", "default", check=False).returncode == 0,
            "default service account",
        )

    def _probe_webhook(self, namespace: str) -> None:
        probe = pod("rig-probe", images=["localhost:1/rig/probe:none"], namespace=namespace)
        self.kubectl("create", "--dry-run=server", "-f", "-", document=probe, check=False)

    def _webhook_calls(self, name: str) -> float:
        """How often the API server called this webhook, whatever came of it."""
        return scrape(self.metrics()).total("apiserver_admission_webhook_request_total", name=name)


def _field(event: Mapping[str, object], key: str) -> object:
    reference = event.get("objectRef")
    return event[key] if key in event else reference.get(key) if isinstance(reference, dict) else None
