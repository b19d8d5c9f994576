"""Figures of signatures: CPU of one bundle from its bytes to the proof."""

import json

from measure import Programs, Row, medians, run_measured, say

LIMIT_MS = 2.0


def bundle(programs: Programs) -> list[Row]:
    """S1: keyless, v0.3, with SCT, log entry and timestamp; keys as the public-good instance has them."""

    def costs() -> dict[str, float]:
        done = run_measured(programs, [programs.tool("bundle_bench")])
        if done.code != 0:
            raise RuntimeError(f"bundle_bench: exit code {done.code}")
        return json.loads(done.said)

    say("S1: one bundle")
    taken = medians(costs)
    rows = []
    for key, log in (("rekor_v1", "Rekor v1: signed entry timestamp and proof"), ("rekor_v2", "Rekor v2: proof")):
        ours, least = taken[f"{key}_us"] / 1000, taken[f"{key}_signatures_us"] / 1000
        rows.append(Row(
            f"S1 CPU of one keyless bundle, bytes to proof ({log}, SCT, timestamp)", f"<= {LIMIT_MS:g} ms",
            f"{ours:.2f} ms (its signatures alone: {least:.2f} ms)", ours <= LIMIT_MS))  # fmt: skip
    return rows
