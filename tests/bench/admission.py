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
        body.write_text(_review(corpus.manifest_digest(image)))
        authority = Authority(folder / "ca")
        config = serve_config(folder, authority, log={"level": "info"})
        with Xzgate(config, command=("webhook",), folder=folder) as xzgate:
            yield Rig(programs, xzgate, authority, body)


def _review(digest: str) -> str:
    """A pod of two containers as its controller sends it, filled up with annotations to the usual size."""
    name = f"registry.example.com/shop/api@{digest}"
    labels = {"app.kubernetes.io/name": "api", "pod-template-hash": "6d4cf56db6"}
    for padding in range(BODY_BYTES):
        annotations = {f"example.com/note-{n}": "a value as long as most of them are" for n in range(padding)}
        metadata = {"labels": labels, "annotations": annotations, "generateName": "api-6d4cf56db6-"}
        text = json.dumps(review(pod(images=[name], init=[name], metadata=metadata)))
        if len(text) >= BODY_BYTES:
            return text
    raise AssertionError


def connections(rig: Rig) -> list[Row]:
    """A1: many kept connections against few; a third of what a closed loop reaches is offered."""
    _must_answer(rig.ask("kept", "--connections", FEW, "--rate", 200, "--seconds", 2))
    speeds: list[list[float]] = [[], []]
    tails: list[list[float]] = [[], []]
    lost = wrong = 0
    capacity = rig.ask("kept", "--connections", FEW, "--seconds", 2)["per_second"]
    offered = int(capacity * 0.3)
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
        _must_answer(answer)
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
    """A3: CPU of the server for a request, against a SAX parse of the same body by nlohmann-json."""

    def costs() -> dict[str, float]:
        done = run_measured(rig.programs, [rig.programs.tool("parse_bench"), rig.body])
        before, start = cpu_seconds(rig.xzgate.pid), time.monotonic()
        answer = rig.ask("kept", "--connections", FEW, "--rate", 2000, "--seconds", 4, "--warm-up", 0.2)
        spent, _ = cpu_seconds(rig.xzgate.pid) - before, time.monotonic() - start
        _must_answer(answer)
        # The warm-up's requests and handshakes are in `spent` too: counted as requests, against us in the latter.
        asked = answer["answered"] + 2000 * 0.1
        return {"parse": json.loads(done.said)["cpu_us"], "request": spent * 1e6 / asked}

    say("A3: CPU of a request")
    taken = medians(costs)
    limit = 2.0 * taken["parse"] + 40
    return [Row(f"A3 CPU of the server for a cached request of {rig.body.stat().st_size} bytes",
                "<= 2 SAX parses + 40 us", f"{taken['request']:.0f} of {limit:.0f} us (a parse: {taken['parse']:.1f} us)",
                taken["request"] <= limit)]  # fmt: skip


def hostile_bytes(rig: Rig) -> list[Row]:
    """A7: memory while 64 connections at once send what no request is, and afterwards."""
    _must_answer(rig.ask("kept", "--connections", MANY, "--rate", 1000, "--seconds", 2, "--warm-up", 3))
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
    _must_answer(rig.ask("kept", "--connections", FEW, "--rate", 500, "--seconds", 2))
    return [
        Row("A7 peak memory under hostile bytes, 64 connections at once", f"<= {BUDGET_MIB} + 64 MiB",
            f"{peak:.0f} MiB", peak <= BUDGET_MIB + 64),
        at_most("A7 memory after : before", after / before, 1.2, f"{after:.1f} : {before:.1f} MiB"),
    ]  # fmt: skip


def _cpu_share(rig: Rig, seconds: float) -> float:
    before, start = cpu_seconds(rig.xzgate.pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(rig.xzgate.pid) - before) / (time.monotonic() - start)


def _must_answer(answer: dict) -> None:
    if answer["lost"] or answer["wrong"] or not answer["answered"]:
        raise RuntimeError(f"the webhook did not answer as it must: {answer}")
