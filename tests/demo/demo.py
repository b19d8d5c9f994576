#!/usr/bin/env python3
"""xzgate's main job, for a newcomer to watch: `make demo`.

Starts a registry with TLS and `xzgate serve`, waits until the background scanner has read the registry's images by
itself, sends AdmissionReviews as an API server would, and shows each answer. Ends what it started. Exits 0 only when
every answer was as expected.
"""

import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from pictures import PICTURES, RELEASE_KEY, content
from questions import Question, questions
from rig.certs import Authority
from rig.process import RigError, unwind_on_signals
from rig.registry import Registry
from rig.review import Answer, client
from rig.scrape import Scrape
from rig.xzgate import Xzgate, binary, image_policy, registry_settings, serve_config, write_documents, xzgate

INTERRUPTED = 130
READ_SECONDS = 60.0
# Series that tell a newcomer nothing.
DULL = ("_bucket", "process_", "xzgate_http_", "xzgate_tls_", "_seconds_sum")

# Who may vouch, and for what: the key file is written beside the policies.
SIGNED = {
    "authorities": [{"name": "release", "key": {"file": RELEASE_KEY}}],
    "signatures": {"require": [{"any": ["release"]}]},
}
POLICIES = (
    image_policy("vault-is-signed", namespaces=["vault"], **SIGNED),
    image_policy("staging-warns", namespaces=["staging"], mode="warn"),
    image_policy("sandbox-is-watched", namespaces=["sandbox"], mode="audit"),
    image_policy("everywhere", messageSuffix="questions: #platform-security"),
)


def main() -> int:
    unwind_on_signals()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        with tempfile.TemporaryDirectory(prefix="xzgate-demo-") as folder:
            wrong = Demo(Path(folder)).run()
    except KeyboardInterrupt:
        print("\ninterrupted: everything that the demo started is stopped")
        return INTERRUPTED
    except (RigError, OSError, TimeoutError) as error:
        print(f"\ndemo: {error}\nEverything that the demo started is stopped.", file=sys.stderr)
        return 1
    print("Everything that the demo started is stopped.")
    return 1 if wrong else 0


class Demo:
    """One run, step by step; each step prints what to look at."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._authority = Authority(folder / "ca", "xzgate demo authority")
        self._wrong: list[str] = []

    def run(self) -> list[str]:
        """Returns what was not as expected."""
        if not binary().exists():
            raise RigError(f'no program "{binary()}": run make build')
        with contextlib.ExitStack() as stack:
            registry = self._start_registry(stack)
            gate = self._start_xzgate(stack, registry)
            self._wait_for_scanner(gate)
            before = gate.metrics()
            asked = questions(registry.address)
            self._ask(gate, asked)
            self._show_metrics(gate, before, len(asked))
            self._explain(registry)
            heading("7", "Who signed what: the same verification at the command line")
            self._verify(registry)
            heading("8", "Result")
            for line in self._wrong:
                print(f"   NOT AS EXPECTED: {line}")
            if not self._wrong:
                print("   Every answer was as expected.")
        return self._wrong

    def _start_registry(self, stack: contextlib.ExitStack) -> Registry:
        heading("1", "Images: Debian packages, with an xz made up where it is bad or fixed; nothing in them is malicious")
        for picture in PICTURES:
            print(f"   {picture.repository + ':' + picture.tag:18} {picture.what}")
        kept = content(self._authority, lambda text: print(f"   {text}"))
        heading("2", "A registry with TLS that holds them")
        shutil.copytree(kept, self._folder / "registry" / "content", dirs_exist_ok=True)
        shutil.copy(kept / RELEASE_KEY, self._folder / RELEASE_KEY)
        registry = stack.enter_context(Registry(self._authority, folder=self._folder / "registry"))
        print(f"   docker-registry at {registry.url}")
        return registry

    def _start_xzgate(self, stack: contextlib.ExitStack, registry: Registry) -> Xzgate:
        heading("3", "xzgate serve: the webhook, and the scanner as a process of its own")
        repositories = [{"repository": f"{registry.address}/{picture.repository}", "tags": ["*"]} for picture in PICTURES]
        config = serve_config(
            self._folder,
            self._authority,
            registries=registry_settings(registry),
            policies=[str(write_documents(self._folder / "policies.yaml", *POLICIES))],
            scanner={"repositories": repositories},
        )
        gate = stack.enter_context(Xzgate(config, folder=self._folder / "xzgate"))
        print(f"   webhook {gate.url}   health and metrics http://127.0.0.1:{gate.health_port}")
        print(f"   policies: {', '.join(str(policy['metadata']['name']) for policy in POLICIES)}")
        return gate

    def _wait_for_scanner(self, gate: Xzgate) -> None:
        heading("4", "The scanner finds and reads the images by itself; nobody asked yet")
        start = time.monotonic()
        wanted: dict[str, int] = {}
        for picture in PICTURES:
            wanted[picture.want] = wanted.get(picture.want, 0) + 1

        def known() -> dict[str, int]:
            return {sample.labels["verdict"]: int(sample.value) for sample in gate.metrics().find("xzgate_verdicts")}

        gate.wait_until(lambda: sum(known().values()) >= len(PICTURES), "verdict of every image", READ_SECONDS)
        print(f"   {len(PICTURES)} images read in {time.monotonic() - start:.1f} s")
        for verdict, count in known().items():
            if count:
                print(f"   {verdict:18} {count}")
        self._expect({v: n for v, n in known().items() if n} == wanted, f"verdicts: want {wanted}, found {known()}")
        scans = gate.scanner_metrics()
        read, reused = (int(scans.total("xzgate_scan_layers_total", source=source)) for source in ("read", "reused"))
        print(f"   layers: {read} read, {reused} known from another image already")

    def _ask(self, gate: Xzgate, asked: list[Question]) -> None:
        heading("5", "AdmissionReviews, as the API server sends them, and xzgate's answers")
        with client(gate.url, self._authority) as api_server:
            for number, question in enumerate(asked, 1):
                start = time.monotonic()
                answer = api_server.ask(question.document, timeout=question.timeout, **question.options)
                took = (time.monotonic() - start) * 1000
                print(f"\n   {number:2}. {question.title}")
                for line in describe(answer):
                    print(f"       {line}")
                print(f"       ({took:.1f} ms)")
                self._expect(question.is_answered_by(answer), f"{question.title}: want {question.want}")

    def _show_metrics(self, gate: Xzgate, before: Scrape, asked: int) -> None:
        heading("6", "What moved in the metrics meanwhile, and one image explained")
        counter = "xzgate_admission_requests_total"
        target = before.total(counter) + asked
        # A scrape may be a second old.
        gate.wait_until(lambda: gate.metrics().total(counter) >= target, "count of every request", READ_SECONDS)
        moved = gate.metrics().moved_since(before)
        for series, change in sorted(moved.items()):
            if not any(word in series for word in DULL):
                print(f"   {change:+g}  {series}")
        denied = sum(change for series, change in moved.items() if series.startswith(counter) and 'decision="deny"' in series)
        self._expect(denied > 0, "no denial was counted")

    def _verify(self, registry: Registry) -> None:
        names = [picture for picture in PICTURES if picture.repository.startswith("vault/")]
        for picture in names:
            reference = f"{registry.address}/{picture.repository}:{picture.tag}"
            print(f"\n   $ xzgate verify --ca ca.pem --key {RELEASE_KEY} {reference}")
            done = xzgate("verify", "--ca", self._authority.certificate, "--key", self._folder / RELEASE_KEY, reference)
            for line in done.stdout.splitlines():
                print(f"   | {line}")
            want = 0 if picture.signed_by == "release" else 1
            self._expect(done.returncode == want, f"exit code of verify: want {want}, found {done.returncode} {done.stderr}")

    def _explain(self, registry: Registry) -> None:
        reference = f"{registry.address}/{PICTURES[0].repository}:{PICTURES[0].tag}"
        print(f"\n   $ xzgate explain --ca ca.pem --policy policies.yaml --namespace shop {reference}")
        policies = self._folder / "policies.yaml"
        done = xzgate("explain", "--ca", self._authority.certificate, "--policy", policies, "--namespace", "shop", reference)
        for line in done.stdout.splitlines():
            print(f"   | {line}")
        self._expect(done.returncode == 1, f"exit code of explain: want 1, found {done.returncode} {done.stderr}")

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            print(f"   NOT AS EXPECTED: {what}")
            self._wrong.append(what)


def describe(answer: Answer) -> list[str]:
    """An answer in a few lines: HTTP status, decision, and every word that a person or an auditor would get."""
    if answer.status != 200:
        return [f"HTTP {answer.status}: {answer.body[:200].decode(errors='replace')}"]
    lines = [f"HTTP 200, {'allowed' if answer.allowed else 'DENIED'} [{answer.annotations.get('reason', '')}]"]
    lines += [f"| {line}" for line in answer.message.splitlines()]
    lines += [f"| Warning: {line}" for line in answer.warnings]
    if "would-block" in answer.annotations:
        lines.append(f"| audit annotations: {', '.join(f'{k}={v}' for k, v in answer.annotations.items() if k != 'digest')}")
    return lines


def heading(number: str, text: str) -> None:
    print(f"\n{number}  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
