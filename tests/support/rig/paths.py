"""Where things are: the tree, the cache outside it, and the foreign programs that tools/tool builds."""

import functools
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def cache(*parts: str) -> Path:
    """A folder of the cache that outlives a run, created when missing; the same root as tools/tool has."""
    base = os.environ.get("XZGATE_CACHE")
    if not base:
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        base = f"{home}/xzgate"
    folder = Path(base, *parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@functools.cache
def tool(name: str, program: str | None = None) -> Path:
    """The program of a tool of tools/tool, which is built when missing (minutes, once a version)."""
    answer = subprocess.run(
        [ROOT / "tools" / "tool", "path", name], check=True, stdout=subprocess.PIPE, text=True
    )
    return Path(answer.stdout.strip(), program or name)
