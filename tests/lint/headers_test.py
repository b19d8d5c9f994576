#!/usr/bin/env python3
"""Compiles every header alone, twice in one file (style rule 4). Usage: headers_test.py COMPILER SCRATCH_DIR [SOURCE_ROOT]

Goes through ccache where there is one, so that only headers that changed cost anything.
"""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import tree

FLAGS = ["-std=c++23", "-Wall", "-Wextra", "-Werror", "-O0", "-I."]
JOBS = 2


def compile_alone(header, compiler, scratch, root):
    """The compiler's complaints, or None."""
    unit = scratch / (str(header).replace("/", "__") + ".cc")
    text = f'#include "{header}"\n#include "{header}"\n'
    if not unit.exists() or unit.read_text() != text:
        unit.write_text(text)
    # As cmake/xzgate.cmake: a clone in another folder finds what this one compiled.
    env = {**os.environ, "CCACHE_BASEDIR": str(root), "CCACHE_NOHASHDIR": "1"}
    done = subprocess.run([*compiler, *FLAGS, "-c", str(unit), "-o", str(unit.with_suffix(".o"))],
                          cwd=root, env=env, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"{header}: does not compile alone\n{done.stderr[:2000]}"


def problems(headers, compiler, scratch, root):
    scratch.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return [text for text in pool.map(lambda h: compile_alone(h, compiler, scratch, root), headers) if text]


def self_test(compiler):
    """Proves that the check can fail."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in (("good.h", "#pragma once\n#include <string>\ninline std::string f() { return {}; }\n"),
                           ("needs.h", "#pragma once\nstd::string f();\n"), ("twice.h", "struct S {};\n")):
            (root / name).write_text(text)
        bad = problems(["good.h", "needs.h", "twice.h"], compiler, root / "scratch", root)
        assert [text.split(":")[0] for text in bad] == ["needs.h", "twice.h"], bad


def main():
    compiler = [sys.argv[1]]
    root = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else tree.ROOT
    self_test(compiler)
    if shutil.which("ccache"):
        compiler.insert(0, "ccache")
    headers = [path for path in tree.cpp_files(root) if path.suffix == ".h"]
    bad = problems(headers, compiler, pathlib.Path(sys.argv[2]), root)
    print("\n".join(bad))
    print(f"{len(headers)} headers, {len(bad)} do not compile alone")
    return 1 if bad or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
