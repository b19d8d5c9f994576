"""Figures of admission: latency and throughput over many connections, CPU, and memory under hostile bytes."""

import contextlib
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import corpus
from measure import RUNS, Programs, Row, alternate, at_most, cpu_seconds, medians, run_measured, say
from rig import images, tree
from rig.certs import Authority
from rig.review import pod, review
from rig.xzgate import Xzgate, serve_config

FEW, MANY = 8, 600
IDLE, DRIPPING = 256, 64
BODY_BYTES = 6157  # the review of the reference figures
BUDGET_MIB = 256  # server::FrontConfig::max_bodies_bytes
SHAPES = ("header-line", "headers", "chunked", "gzip", "long-body", "held-body")
SETTLE_SECONDS = 3.0


@dataclass
class Rig:
    """A webhook that knows one image, and what asks it."""

    programs: Programs
    xzgate: Xzgate
    authority: Authority
    body: Path

    def client(self, mode: str, *arguments: object) -> list[str]:
        port = self.xzgate.config["server"]["listen"].rsplit(":", 1)[1]  # type: ignore[index]
        words = [self.programs.tool("load_client"), "--port", port, "--ca", self.authority.certificate,
                 "--body", self.body, mode, *arguments]  # fmt: skip
        return [str(word) for word in words]

    def ask(self, mode: str, *arguments: object) -> dict:
        done = subprocess.run(self.client(mode, *arguments), check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Idle and dripping connections for as long as the block lasts."""
        command = self.client("held", "--idle", IDLE, "--dripping", DRIPPING)
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert holder.stdin and holder.stdout
        try:
            if holder.stdout.readline() != "held\n":
                raise RuntimeError("load_client held: ended early")
            yield
        finally:
            holder.stdin.close()
            said = json.loads(holder.stdout.read())
            holder.wait()
        if said["there"] != IDLE + DRIPPING:
            raise RuntimeError(f"load_client held: {said}")

    def memory_mib(self, field: str) -> float:
        """VmRSS or VmHWM of the webhook."""
        for line in Path(f"/proc/{self.xzgate.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {field} of process {self.xzgate.pid}")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.xzgate.pid}/clear_refs").write_text("5")  # proc(5)


@contextlib.contextmanager
def started(programs: Programs) -> Iterator[Rig]:
    """Starts the webhook alone, on a store that a scan of one clean image filled: every request is a hit."""
    with tempfile.TemporaryDirectory(prefix="xzgate-bench-") as place:
        folder = Path(place)
        layer = tree.layer([tree.file("etc/hostname", "bench")])
        image = images.write_layout(folder / "image", {"latest": images.image([layer])})
        scan = [programs.xzgate, "scan", "--store", folder / "store.db", f"oci:{image}:latest"]
        used = run_measured(programs, scan)
        if used.code != 0:
            raise RuntimeError(f"xzgate scan: exit code {used.code}: {used.said.decode()}")
        body = folder / "review.json"
        body.write_text(padded_review(f"registry.example.com/shop/api@{corpus.manifest_digest(image)}"))
        authority = Authority(folder / "ca")
        config = serve_config(folder, authority, log={"level": "info"})
        with Xzgate(config, command=("webhook",), folder=folder) as xzgate:
            yield Rig(programs, xzgate, authority, body)


def padded_review(image: str) -> str:
    """What an API server sends for a pod of a Deployment with two containers, filled up to the references' size."""
    document = pod(images=[image] * 2, metadata=_METADATA)
    for container in document["spec"]["containers"]:  # type: ignore[index]
        container |= _CONTAINER
    document["spec"] |= _SPEC  # type: ignore[operator]
    note = document["metadata"]["annotations"]  # type: ignore[index]
    missing = BODY_BYTES - len(json.dumps(review(document)))
    if missing < 0:
        raise RuntimeError(f"the review is {-missing} bytes too long")
    note["example.com/note"] = "a" * missing
    return json.dumps(review(document))


_METADATA = {
    "generateName": "api-6d4cf56db6-",
    "labels": {"app.kubernetes.io/name": "api", "app.kubernetes.io/part-of": "shop", "pod-template-hash": "6d4cf56db6"},
    "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9090", "example.com/note": ""},
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api-6d4cf56db6", "controller": True,
                         "uid": "0d2ae1e2-4b8e-4d34-b2a9-1a1b6c2b2f63", "blockOwnerDeletion": True}],
    "managedFields": [{"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
                       "time": "2026-11-24T10:00:00Z", "fieldsType": "FieldsV1",
                       "fieldsV1": {"f:metadata": {"f:generateName": {},
                                                   "f:labels": {".": {}, "f:pod-template-hash": {}}},
                                    "f:spec": {"f:containers": {'k:{"name":"main-0"}': {".": {}, "f:image": {},
                                               "f:name": {}, "f:env": {}, "f:ports": {}, "f:resources": {}}},
                                               "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:schedulerName": {}}}}],
}  # fmt: skip
_PROBE = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "initialDelaySeconds": 5,
          "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}  # fmt: skip
_CONTAINER = {
    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
    "env": [{"name": f"SETTING_{n}", "value": f"value-{n}"} for n in range(6)]
    + [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "api", "key": "password"}}}],
    "resources": {"limits": {"cpu": "1", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}},
    "volumeMounts": [{"name": "kube-api-access-x7k2p", "readOnly": True,
                      "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
    "livenessProbe": _PROBE, "readinessProbe": _PROBE, "imagePullPolicy": "IfNotPresent",
    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
    "securityContext": {"allowPrivilegeEscalation": False, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}},
}  # fmt: skip
_SPEC = {
    "volumes": [{"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]}}],
    "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
    "serviceAccountName": "api", "serviceAccount": "api", "schedulerName": "default-scheduler", "priority": 0,
    "tolerations": [{"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": "NoExecute",
                     "tolerationSeconds": 300} for key in ("not-ready", "unreachable")],
    "enableServiceLinks": True, "preemptionPolicy": "PreemptLowerPriority",
}  # fmt: skip


def connections(rig: Rig) -> list[Row]:
    """A1: many kept connections against few; a fifth of what a closed loop reaches is offered."""
    must_answer(rig.ask("kept", "--connections", FEW, "--rate", 200, "--seconds", 2))
    speeds: list[list[float]] = [[], []]
    tails: list[list[float]] = [[], []]
    lost = wrong = 0
    capacity = rig.ask("kept", "--connections", FEW, "--seconds", 2)["per_second"]
    offered = int(capacity * 0.2)
    for turn in range(RUNS):
        say(f"A1: turn {turn + 1}, {offered} requests a second")
        for side, count in enumerate((FEW, MANY)):
            warm_up = 1 + count / 200
            closed = rig.ask("kept", "--connections", count, "--seconds", 3, "--warm-up", warm_up)
            opened = rig.ask("kept", "--connections", count, "--seconds", 5, "--warm-up", warm_up, "--rate", offered)
            speeds[side].append(closed["per_second"])
            tails[side].append(opened["p99_us"])
            lost += closed["lost"] + opened["lost"]
            wrong += closed["wrong"] + opened["wrong"]
    few, many = (statistics.median(tail) for tail in tails)
    slow, fast = (statistics.median(speed) for speed in speeds)
    return [
        at_most(f"A1 cached admission, {MANY} connections : {FEW}, p99 at {offered}/s", many / few, 5,
                f"{many / 1000:.2f} : {few / 1000:.2f} ms"),
        Row(f"A1 throughput, {MANY} connections : {FEW}", ">= 0.9", f"{fast / slow:.2f} ({fast:.0f} : {slow:.0f}/s)",
            fast / slow >= 0.9),
        Row("A1 requests lost or answered wrongly", "0", str(int(lost + wrong)), lost + wrong == 0),
    ]  # fmt: skip


def held_connections(rig: Rig) -> list[Row]:
    """A2: what a new client waits for while others hold connections, and what holding them costs."""

    def fresh() -> float:
        answer = rig.ask("fresh", "--rate", 100, "--seconds", 6)
        must_answer(answer)
        return answer["p99_us"]

    def fresh_while_held() -> float:
        with rig.held():
            return fresh()

    say("A2: new clients")
    empty, held = alternate(fresh, fresh_while_held)
    say("A2: idle CPU")
    with rig.held():
        time.sleep(SETTLE_SECONDS)
        share = statistics.median(_cpu_share(rig, 5) for _ in range(RUNS))
    return [
        at_most(f"A2 p99 of a new client with {IDLE} idle and {DRIPPING} dripping connections, of an empty server's",
                held / empty, 2, f"{held / 1000:.2f} of {empty / 1000:.2f} ms"),
        Row("A2 CPU of the server while these are held, of a core", "<= 1 %", f"{share:.2%}", share <= 0.01),
    ]  # fmt: skip


def request_cost(rig: Rig) -> list[Row]:
    """A3: CPU of the busy server for a request (closed loop), against nlohmann-json's SAX parse of the same body."""

    def costs() -> dict[str, float]:
        done = run_measured(rig.programs, [rig.programs.tool("parse_bench"), rig.body])
        before = cpu_seconds(rig.xzgate.pid)
        answer = rig.ask("kept", "--connections", FEW, "--seconds", 4, "--warm-up", 0.02)
        spent = cpu_seconds(rig.xzgate.pid) - before
        must_answer(answer)
        return {"parse": json.loads(done.said)["cpu_us"], "request": spent * 1e6 / answer["answered"]}

    say("A3: CPU of a request")
    taken = medians(costs)
    limit = 2.0 * taken["parse"] + 40
    return [Row(f"A3 CPU of the server for a cached request of {rig.body.stat().st_size} bytes",
                "<= 2 SAX parses + 40 us", f"{taken['request']:.0f} of {limit:.0f} us (a parse: {taken['parse']:.1f} us)",
                taken["request"] <= limit)]  # fmt: skip


def hostile_bytes(rig: Rig) -> list[Row]:
    """A7: memory while 64 connections at once send what no request is, and afterwards."""
    must_answer(rig.ask("kept", "--connections", MANY, "--rate", 1000, "--seconds", 2, "--warm-up", 3))
    time.sleep(SETTLE_SECONDS)
    before = rig.memory_mib("VmRSS")
    rig.forget_peak()
    fates = {}
    for shape in SHAPES:
        answer = rig.ask("hostile", "--shape", shape)
        fates[shape] = " ".join(f"{fate} x{count}" for fate, count in answer["fates"].items())
        say(f"A7: {shape}: {fates[shape]}, peak {rig.memory_mib('VmHWM'):.0f} MiB")
    peak = rig.memory_mib("VmHWM")
    time.sleep(SETTLE_SECONDS)
    after = rig.memory_mib("VmRSS")
    must_answer(rig.ask("kept", "--connections", FEW, "--rate", 500, "--seconds", 2))
    return [
        Row("A7 peak memory under hostile bytes, 64 connections at once", f"<= {BUDGET_MIB} + 64 MiB",
            f"{peak:.0f} MiB", peak <= BUDGET_MIB + 64),
        at_most("A7 memory after : before", after / before, 1.2, f"{after:.1f} : {before:.1f} MiB"),
    ]  # fmt: skip


def _cpu_share(rig: Rig, seconds: float) -> float:
    before, start = cpu_seconds(rig.xzgate.pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(rig.xzgate.pid) - before) / (time.monotonic() - start)


def must_answer(answer: dict) -> None:
    if answer["lost"] or answer["wrong"] or not answer["answered"]:
        raise RuntimeError(f"the webhook did not answer as it must: {answer}")
