#!/usr/bin/env python3
"""Fails when clang-format would change a file, and where there is no clang-format 19. `--fix` formats."""

import shutil
import subprocess
import sys

import tree

PROGRAM = "clang-format-19"  # other versions break lines in other places


def main():
    if not shutil.which(PROGRAM):
        print(f"no {PROGRAM}: run tools/install-deps lint", file=sys.stderr)
        return 2
    mode = ["-i"] if "--fix" in sys.argv[1:] else ["--dry-run", "-Werror"]
    names = [str(path) for path in tree.cpp_files()]
    # Proves that the check can fail.
    crooked = subprocess.run([PROGRAM, "--dry-run", "-Werror", "--assume-filename=x.cc"], cwd=tree.ROOT,
                             input="int  x ;\n", text=True, capture_output=True, check=False)
    assert crooked.returncode != 0, "clang-format found nothing wrong with a crooked line"
    done = subprocess.run([PROGRAM, *mode, "--", *names], cwd=tree.ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        bad = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "error:" in line})
        print("\n".join(bad) or done.stderr)
        print(f"{len(bad)} of {len(names)} files are not formatted: run make fmt")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
