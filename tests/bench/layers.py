"""Figures of reading layers: the pipeline against the raw decompressor, memory, and whole scans."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import corpus
from corpus import Blob
from measure import Programs, Row, Used, alternate, at_least, at_most, pipeline_seconds, run_measured, say, warm

# Names are kept for the merged tree: hardening.md 8.2 allows so many bytes for each.
NAMES = 1_000_000
NAME_BYTES = 200
LAYER_MIB = 64


def throughput(programs: Programs) -> list[Row]:
    """P1 and P3: CPU time of one thread, which a busy neighbour does not change as it does wall time."""
    layers = corpus.debian()
    isal = _bench(programs, "raw-gzip", layers.gzip)["library"] == "ISA-L"
    rows = []
    for name, blob, raw, limit in (
        ("P1 gzip", layers.gzip, "raw-gzip", 0.80 if isal else 0.90),
        ("P3 zstd", layers.zstd, "raw-zstd", 0.75),
    ):
        say(f"{name}: {blob.unpacked / 1e6:.0f} MB")
        warm(blob.path)
        library = ("ISA-L" if isal else "zlib") if raw == "raw-gzip" else "libzstd"
        least, ours = alternate(lambda: _bench(programs, raw, blob)["cpu"],
                                lambda: _bench(programs, "pipeline", blob)["cpu"])  # fmt: skip
        rows.append(at_least(
            f"{name} layer: blob digest, tar walk and ELF sniff on one thread, of the raw {library} loop",
            least / ours, limit, f"{_speed(blob, ours)} of {_speed(blob, least)}"))  # fmt: skip
    return rows


def memory(programs: Programs) -> list[Row]:
    """P6: peak memory, its growth with the layer, and that nothing is written anywhere."""
    sizes = (100, 1024, 10 * 1024)
    peaks: dict[int, float] = {}
    for size in sizes:
        say(f"P6: a layer of {size} MiB")
        peaks[size] = _scan(programs, [corpus.generated(size)], no_files=True).rss_mib
    say(f"P6: {NAMES} names")
    names = _scan(programs, [corpus.names_only(NAMES)], no_files=True)
    allowed = LAYER_MIB + NAMES * NAME_BYTES / corpus.MIB
    small, middle, large = (peaks[size] for size in sizes)
    return [
        Row("P6 peak memory of a scan, layer of 10 GiB", f"<= {LAYER_MIB} MiB", f"{large:.0f} MiB", large <= LAYER_MIB),
        at_most("P6 peak memory, 1 GiB : 100 MiB", middle / small, 1.1, f"{middle:.1f} : {small:.1f} MiB"),
        at_most("P6 peak memory, 10 GiB : 100 MiB", large / small, 1.1, f"{large:.1f} : {small:.1f} MiB"),
        Row("P6 bytes written to files by these scans", "0", "0 (RLIMIT_FSIZE is 0)", True),
        Row(f"P6 peak memory, {NAMES:,} empty files", f"<= {allowed:.0f} MiB", f"{names.rss_mib:.0f} MiB",
            names.rss_mib <= allowed),
    ]  # fmt: skip


def whole_scan(programs: Programs) -> list[Row]:
    """P7: a verdict with all detectors, against a decompressor and tar that only list the same layer."""
    blob = corpus.debian().gzip
    warm(blob.path)
    unpacker = ["igzip" if shutil.which("igzip") else "gzip", "-dc", blob.path]
    scans: list[Used] = []

    def scan() -> float:
        scans.append(_scan(programs, [blob], no_files=True))
        return scans[-1].wall

    say(f"P7: {blob.unpacked / 1e6:.0f} MB, {blob.path.stat().st_size / 1e6:.0f} MB packed")
    plain, ours = alternate(lambda: pipeline_seconds(unpacker, ["tar", "-t"]), scan)
    peak = max(one.rss_mib for one in scans)
    return [
        at_most(f"P7 scan of a {blob.unpacked / 1e6:.0f} MB one-layer Debian image, of `{unpacker[0]} -dc \\| tar t`",
                ours / plain, 1.5, f"{ours:.2f} of {plain:.2f} s"),
        Row("P7 peak memory of that scan", f"<= {LAYER_MIB} MiB", f"{peak:.0f} MiB", peak <= LAYER_MIB),
    ]  # fmt: skip


def shared_base(programs: Programs) -> list[Row]:
    """A second image on a base that the store knows, against an image of its new layer alone."""
    layers = corpus.debian()
    warm(layers.added.path)
    with tempfile.TemporaryDirectory(prefix="xzgate-bench-") as place:
        folder = Path(place)
        first, second, alone = folder / "first", folder / "second", folder / "alone"
        corpus.layout(first, [layers.gzip])
        corpus.layout(second, [layers.gzip, layers.added])
        corpus.layout(alone, [layers.added])
        known = folder / "known.db"
        _check(run_measured(programs, [programs.xzgate, "scan", "--store", known, f"oci:{first}"]))

        def scan(image: Path, *, knows_base: bool) -> float:
            with _store(folder, known if knows_base else None) as store:
                return _check(run_measured(programs, [programs.xzgate, "scan", "--store", store, f"oci:{image}"])).wall

        say("a second image on a known base")
        ours, new = alternate(lambda: scan(second, knows_base=True), lambda: scan(alone, knows_base=False))
    return [at_most(
        f"second image on a read base of {layers.gzip.unpacked / 1e6:.0f} MB, of its new layer"
        f" ({layers.added.unpacked / 1e6:.0f} MB) alone", ours / new, 1.1, f"{ours:.3f} of {new:.3f} s")]  # fmt: skip


def _bench(programs: Programs, what: str, blob: Blob) -> dict:
    done = run_measured(programs, [programs.tool("layer_bench"), what, blob.path])
    if done.code != 0:
        raise RuntimeError(f"layer_bench {what} {blob.path}: exit code {done.code}")
    said = json.loads(done.said)
    if what == "pipeline" and f"sha256:{said['digest']}" != blob.digest:
        raise RuntimeError(f"layer_bench {what} {blob.path}: digest {said['digest']}, want {blob.digest}")
    return said


def _scan(programs: Programs, blobs: Sequence[Blob], *, no_files: bool) -> Used:
    with tempfile.TemporaryDirectory(prefix="xzgate-bench-") as folder:
        image = corpus.layout(Path(folder) / "image", blobs)
        return _check(run_measured(programs, [programs.xzgate, "scan", f"oci:{image}"], no_files=no_files))


def _check(used: Used) -> Used:
    """Every image here is clean; a scan that did not read it to the end has another exit code."""
    if used.code != 0:
        raise RuntimeError(f"xzgate scan: exit code {used.code}: {used.said.decode()[:2000]}")
    return used


@contextmanager
def _store(folder: Path, known: Path | None) -> Iterator[Path]:
    """A store of its own for one scan: a copy of what is known, or none."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        store = Path(place) / "store.db"
        if known:
            shutil.copy(known, store)
        yield store


def _speed(blob: Blob, seconds: float) -> str:
    return f"{blob.unpacked / 1e6 / seconds:.0f} MB/s"
