"""How figures are taken: alternating runs, medians, what a process used, and the table that says so."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RUNS = int(os.environ.get("BENCH_RUNS", "5"))


@dataclass(frozen=True)
class Row:
    """One line of the table. `ok` None: a figure for information, with no target."""

    what: str
    target: str
    measured: str
    ok: bool | None


@dataclass(frozen=True)
class Programs:
    """What a build folder of preset `bench` has."""

    build: Path

    @property
    def xzgate(self) -> Path:
        return self.build / "cmd" / "xzgate"

    def tool(self, name: str) -> Path:
        return self.build / "tests" / "bench" / name


@dataclass(frozen=True)
class Used:
    """What a command used from its start to its end; `said` is its standard output."""

    wall: float
    cpu: float
    rss_mib: float
    code: int
    said: bytes


def at_most(what: str, ratio: float, limit: float, text: str) -> Row:
    return Row(what, f"<= {limit:g}", f"{ratio:.2f} ({text})", ratio <= limit)


def at_least(what: str, ratio: float, limit: float, text: str) -> Row:
    return Row(what, f">= {limit:g}", f"{ratio:.2f} ({text})", ratio >= limit)


def alternate(*sides: Callable[[], float], runs: int = RUNS) -> list[float]:
    """The median of each side over runs that take turns, so that a slow minute meets all alike."""
    taken = [[side() for side in sides] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def medians(side: Callable[[], Mapping[str, float]], runs: int = RUNS) -> dict[str, float]:
    taken = [side() for _ in range(runs)]
    return {key: statistics.median(one[key] for one in taken) for key in taken[0]}


def run_measured(programs: Programs, command: Sequence[str | Path], *, no_files: bool = False) -> Used:
    """Runs a command; with `no_files` one that may not write to any file (tests/bench/run_measured.cc)."""
    with tempfile.NamedTemporaryFile() as out:
        words = [programs.tool("run_measured"), *(["--no-files"] if no_files else []), out.name, *command]
        done = subprocess.run(words, stdout=subprocess.PIPE, check=True)
        used = json.loads(Path(out.name).read_text())
    return Used(used["wall"], used["cpu"], used["rss_kib"] / 1024, used["code"], done.stdout)


def pipeline_seconds(first: Sequence[str | Path], second: Sequence[str | Path]) -> float:
    """Wall time of `first | second >/dev/null`."""
    start = time.monotonic()
    feeder = subprocess.Popen(first, stdout=subprocess.PIPE)
    reader = subprocess.Popen(second, stdin=feeder.stdout, stdout=subprocess.DEVNULL)
    if feeder.stdout:
        feeder.stdout.close()
    if reader.wait() != 0 or feeder.wait() != 0:
        raise RuntimeError(f"{first} | {second}: failed")
    return time.monotonic() - start


def cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a running process, to the nanosecond (its CPU-time clock, clock_getcpuclockid(3))."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def warm(path: Path) -> None:
    """Reads a file once, so that the page cache has it."""
    with path.open("rb") as content:
        while content.read(1 << 20):
            pass


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def table(rows: Sequence[Row]) -> str:
    words = {True: "ok", False: "**MISSED**", None: ""}
    lines = ["| what | target | measured | |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.target} | {row.measured} | {words[row.ok]} |" for row in rows]
    return "\n".join(lines)
