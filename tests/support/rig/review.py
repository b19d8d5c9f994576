"""AdmissionReview requests as an API server sends them, and an HTTPS client that sends them."""

import contextlib
import http.client
import json
import ssl
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rig.certs import Authority

# Kind to its API group, version and resource.
KINDS = {
    "Pod": ("", "v1", "pods"),
    "PodTemplate": ("", "v1", "podtemplates"),
    "ReplicationController": ("", "v1", "replicationcontrollers"),
    "Deployment": ("apps", "v1", "deployments"),
    "ReplicaSet": ("apps", "v1", "replicasets"),
    "StatefulSet": ("apps", "v1", "statefulsets"),
    "DaemonSet": ("apps", "v1", "daemonsets"),
    "Job": ("batch", "v1", "jobs"),
    "CronJob": ("batch", "v1", "cronjobs"),
}


def pod(
    name: str = "api",
    *,
    images: Sequence[str] = (),
    init: Sequence[str] = (),
    sidecars: Sequence[str] = (),
    ephemeral: Sequence[str] = (),
    volumes: Sequence[str] = (),
    namespace: str = "default",
    metadata: Mapping[str, object] | None = None,
    pull_policy: str = "",
) -> dict[str, object]:
    """A Pod whose containers are named after their place: main-0, init-0, sidecar-0, debug-0, volume-0."""
    policy = {"imagePullPolicy": pull_policy} if pull_policy else {}

    def containers(kind: str, references: Sequence[str], **more: object) -> list[dict[str, object]]:
        return [{"name": f"{kind}-{n}", "image": image, **policy, **more} for n, image in enumerate(references)]

    spec: dict[str, object] = {"containers": containers("main", images)}
    if init or sidecars:
        spec["initContainers"] = containers("init", init) + containers("sidecar", sidecars, restartPolicy="Always")
    if ephemeral:
        spec["ephemeralContainers"] = containers("debug", ephemeral)
    if volumes:
        spec["volumes"] = [{"name": f"volume-{n}", "image": {"reference": reference, **({"pullPolicy": pull_policy}
                           if pull_policy else {})}} for n, reference in enumerate(volumes)]  # fmt: skip
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, **(metadata or {})},
        "spec": spec,
    }


def workload(
    kind: str, name: str = "api", *, namespace: str = "default", metadata: Mapping[str, object] | None = None,
    replicas: int = 1, **places: Sequence[str],
) -> dict[str, object]:  # fmt: skip
    """An object of this kind (KINDS) whose pods are those of pod(); `places` are its images, init, sidecars, volumes."""
    spec = pod(name, **places)["spec"]  # type: ignore[arg-type]
    assert isinstance(spec, dict)
    if kind in ("Job", "CronJob"):
        spec["restartPolicy"] = "Never"
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    group, version, _ = KINDS[kind]
    document: dict[str, object] = {
        "apiVersion": f"{group}/{version}" if group else version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, **(metadata or {})},
    }
    scaled = {"replicas": replicas, "template": template}
    selected = {"selector": {"matchLabels": {"app": name}}, "template": template}
    bodies: dict[str, dict[str, object]] = {
        "PodTemplate": {"template": template},
        "ReplicationController": {"spec": {"selector": {"app": name}, **scaled}},
        "DaemonSet": {"spec": selected},
        "Job": {"spec": {"template": template}},
        "CronJob": {"spec": {"schedule": "0 4 * * *", "jobTemplate": {"spec": {"template": template}}}},
        "StatefulSet": {"spec": {**selected, **scaled, "serviceName": name}},
    }
    return {**document, **bodies.get(kind, {"spec": {**selected, **scaled}})}


def review(
    document: Mapping[str, object],
    *,
    operation: str = "CREATE",
    old: Mapping[str, object] | None = None,
    sub_resource: str = "",
    dry_run: bool = False,
    user: str = "system:serviceaccount:kube-system:replicaset-controller",
    namespace: str | None = None,
    uid: str | None = None,
) -> dict[str, object]:
    """The AdmissionReview (admission.k8s.io/v1) of this operation on the document."""
    kind = str(document["kind"])
    group, version, resource = KINDS[kind]
    metadata = document.get("metadata")
    fields = metadata if isinstance(metadata, Mapping) else {}
    place = {"group": group, "version": version, "kind": kind}
    target = {"group": group, "version": version, "resource": resource}
    sub = {"subResource": sub_resource, "requestSubResource": sub_resource} if sub_resource else {}
    options = {"kind": f"{operation.capitalize()}Options", "apiVersion": "meta.k8s.io/v1"}
    request = {
        "uid": uid or str(uuid.uuid4()),
        "kind": place,
        "resource": target,
        "requestKind": place,
        "requestResource": target,
        **sub,
        "name": fields.get("name", ""),
        "namespace": namespace if namespace is not None else fields.get("namespace", "default"),
        "operation": operation,
        "userInfo": {"username": user, "uid": "1", "groups": ["system:authenticated"]},
        "object": None if operation == "DELETE" else document,
        "oldObject": old,
        "dryRun": dry_run,
        "options": options,
    }
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": request}


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status, the raw body, and, when that was a review, its response."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def review(self) -> dict:
        return json.loads(self.body)

    @property
    def response(self) -> dict:
        return self.review["response"]

    @property
    def allowed(self) -> bool:
        return self.response["allowed"]

    @property
    def message(self) -> str:
        return self.response.get("status", {}).get("message", "")

    @property
    def warnings(self) -> list[str]:
        return self.response.get("warnings", [])

    @property
    def annotations(self) -> dict[str, str]:
        return self.response.get("auditAnnotations", {})


class Client:
    """Asks a webhook over one kept-alive TLS connection, as the API server does; opened by the first request."""

    def __init__(self, url: str, authority: Authority, *, seconds: float = 40):
        place = urlsplit(url)
        self._path = place.path
        context: ssl.SSLContext = authority.client_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        self._connection = http.client.HTTPSConnection(place.netloc, context=context, timeout=seconds)

    def ask(self, document: Mapping[str, object], *, timeout: int | None = 5, **options: object) -> Answer:
        """Reviews a document; `options` are those of review()."""
        return self.send(review(document, **options), timeout=timeout)  # type: ignore[arg-type]

    def send(
        self,
        body: Mapping[str, object] | bytes,
        *,
        timeout: int | None = 5,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Answer:
        """Sends a review, or any bytes, with `?timeout=` in whole seconds (None: without)."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = self._path if timeout is None else f"{self._path}?timeout={timeout}s"
        usual = {"Content-Type": "application/json", "Accept": "application/json, */*",
                 "User-Agent": "kube-apiserver-admission"}  # fmt: skip
        self._connection.request(method, target, data, {**usual, **(headers or {})})
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def client(url: str, authority: Authority, *, seconds: float = 40) -> Iterator[Client]:
    made = Client(url, authority, seconds=seconds)
    try:
        yield made
    finally:
        made.close()
