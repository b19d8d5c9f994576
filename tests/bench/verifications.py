"""Figures of whole verifications: against cosign's, and what a stored report costs admission."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import admission
from measure import RUNS, Programs, Row, Used, alternate, at_least, at_most, cpu_seconds, run_measured, say
from rig import images, tree
from rig.certs import Authority
from rig.cosign import Cosign, Keyless
from rig.paths import tool
from rig.push import Uploader, client_env
from rig.registry import ReferrersRegistry
from rig.sigstore import Sigstore
from rig.xzgate import Xzgate, image_policy, registry_settings, serve_config, write_documents

RATIO = 20
FROM_START = 2  # of a program that does one request and nothing else
MORE = 10  # images besides the first, for what one more costs a program that runs
WHO = "bench@example.com"


@dataclass
class Signed:
    """A registry with images that are signed by key, and others that are signed keyless."""

    registry: ReferrersRegistry
    authority: Authority
    folder: Path
    key: Path
    by_key: list[str]
    keyless: list[str]
    sigstore: Sigstore


@contextlib.contextmanager
def signed() -> Iterator[Signed]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xzgate-bench-")))
        authority = Authority(folder / "ca")
        registry = stack.enter_context(ReferrersRegistry(authority))
        sigstore = stack.enter_context(Sigstore())
        cosign = Cosign(registry, folder / "cosign", sigstore)
        keys = cosign.key_pair()
        by_key, keyless = ([_pushed(registry, f"{kind}-{n}") for n in range(1 + MORE)] for kind in ("by-key", "keyless"))
        for name in by_key:
            cosign.sign(name, keys)
        signer = Keyless(sigstore.issuers.person(WHO))
        for name in keyless:
            cosign.sign(name, signer)
        yield Signed(registry, authority, folder, keys.public, by_key, keyless, sigstore)


def against_cosign(programs: Programs) -> list[Row]:
    """S2: a whole verification, the registry on loopback, against cosign's of the same image: as a program that starts,
    and as one more image in a program that runs, which is how the gate verifies.
    """
    with signed() as it:
        env = {**client_env(it.registry, it.folder / "docker"), "HOME": str(it.folder)}
        # What cosign tells people goes nowhere.
        quiet = ["sh", "-c", 'exec "$@" 2>/dev/null', "sh"]
        cosign = [*quiet, "env", *(f"{key}={value}" for key, value in env.items()), tool("cosign"), "verify"]
        whom = ["--trusted-root", it.sigstore.trusted_root, "--certificate-identity", WHO,
                "--certificate-oidc-issuer", it.sigstore.issuers.people]  # fmt: skip
        ours = [programs.xzgate, "verify", "--ca", it.authority.certificate]
        bare = _bare_request(programs, it)
        return [
            *_compare(programs, bare, "key pair", [*cosign, "--key", it.key, "--insecure-ignore-tlog"],
                      [*ours, "--key", it.key], it.by_key),
            *_compare(programs, bare, "keyless", [*cosign, *whom], [*ours, *whom], it.keyless),
        ]  # fmt: skip


def stored_report(programs: Programs) -> list[Row]:
    """S3: CPU of the server for a request whose image is known, where a policy asks for its signature and where none does."""
    with signed() as it, contextlib.ExitStack() as stack:
        policy = image_policy("signed", authorities=[{"name": "key", "key": {"file": str(it.key)}}],
                              signatures={"require": [{"any": ["key"]}]})  # fmt: skip
        policies = [str(write_documents(it.folder / "policies.yaml", policy))]
        rigs = [stack.enter_context(_gate(programs, it, name, **more))
                for name, more in (("plain", {}), ("asking", {"policies": policies}))]  # fmt: skip
        say("S3: a stored report")
        plain, asking = alternate(*(lambda rig=rig: _request_us(rig) for rig in rigs))
        return [at_most("S3 CPU of the server for a cached request where a signature is asked for, of one where none is",
                        asking / plain, 1.1, f"{asking:.0f} of {plain:.0f} us")]  # fmt: skip


def _bare_request(programs: Programs, it: Signed) -> Used:
    """`curl` for one request, from its start: what a program that speaks TLS to a registry cannot be without."""
    runs = [run_measured(programs, ["curl", "-sS", "--cacert", it.authority.certificate, it.registry.url + "/v2/"])
            for _ in range(2 * RUNS)]  # fmt: skip
    return sorted(runs, key=lambda run: run.wall)[len(runs) // 2]


def _compare(programs: Programs, bare: Used, what: str, theirs: list, ours: list, names: list[str]) -> list[Row]:
    say(f"S2: {what}")
    used: dict[str, list[Used]] = {"theirs": [], "one": [], "many": []}

    def wall(side: str, command: list) -> float:
        done = run_measured(programs, command)
        if done.code != 0:
            raise RuntimeError(f"{command[-3:]}: exit code {done.code}: {done.said.decode()[:500]}")
        used[side].append(done)
        return done.wall

    slow, one, many = alternate(lambda: wall("theirs", [*theirs, names[0]]), lambda: wall("one", [*ours, names[0]]),
                                lambda: wall("many", [*ours, *names]))  # fmt: skip
    large, small, grown = (max(each.rss_mib for each in used[side]) for side in ("theirs", "one", "many"))
    more, memory = (many - one) / MORE, max((grown - small) / MORE, 0.01)
    return [
        at_least(f"S2 wall time of `cosign verify` over one more image here, {what}", slow / more, RATIO,
                 f"{slow * 1000:.0f} : {more * 1000:.1f} ms"),
        at_least(f"S2 peak memory of `cosign verify` over one more image here, {what}", large / memory, RATIO,
                 f"{large:.0f} : {memory:.2f} MiB"),
        at_most(f"S2 wall time of `xzgate verify` over `curl` for one request, both from their start, {what}", one / bare.wall,
                FROM_START, f"{one * 1000:.1f} : {bare.wall * 1000:.1f} ms, `cosign verify` {slow * 1000:.0f} ms"),
        at_most(f"S2 peak memory of `xzgate verify` over `curl` for one request, {what}", small / bare.rss_mib,
                FROM_START, f"{small:.1f} : {bare.rss_mib:.1f} MiB, `cosign verify` {large:.0f} MiB"),
    ]  # fmt: skip


def _pushed(registry: ReferrersRegistry, name: str) -> str:
    document = images.image([tree.layer([tree.file("srv/name", name)])])
    Uploader(registry).push(document, f"bench/{name}", "1")
    return f"{registry.address}/bench/{name}@{document.digest}"


@contextlib.contextmanager
def _gate(programs: Programs, it: Signed, name: str, **sections: object) -> Iterator[admission.Rig]:
    """A gate that has seen the image that is signed by key."""
    folder = it.folder / name
    folder.mkdir()
    config = serve_config(folder, it.authority, log={"level": "info"}, registries=registry_settings(it.registry), **sections)
    body = folder / "review.json"
    body.write_text(admission.padded_review(it.by_key[0]))
    with Xzgate(config, folder=folder) as xzgate:
        rig = admission.Rig(programs, xzgate, it.authority, body)
        rig.ask("kept", "--connections", 1, "--rate", 1, "--seconds", 3)  # the first sight is waited for
        yield rig


def _request_us(rig: admission.Rig) -> float:
    before = cpu_seconds(rig.xzgate.pid)
    answer = rig.ask("kept", "--connections", admission.FEW, "--seconds", 4, "--warm-up", 0.02)
    spent = cpu_seconds(rig.xzgate.pid) - before
    admission.must_answer(answer)
    return spent * 1e6 / answer["answered"]
