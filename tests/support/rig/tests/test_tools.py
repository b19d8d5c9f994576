import os
import subprocess
import tempfile
import unittest

from rig.paths import ROOT, tool


def call(program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "tools" / program, *arguments], capture_output=True, text=True, env={**os.environ, **env}, check=False
    )


class ToolsTest(unittest.TestCase):
    def test_install_deps_says_nothing_when_all_is_there(self):
        done = call("install-deps", "build", "test")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_install_deps_refuses_an_unknown_group(self):
        done = call("install-deps", "build", "everything")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("usage:", done.stderr)

    def test_tool_prints_only_the_folder(self):
        done = call("tool", "path", "crane")
        self.assertEqual(done.stdout.strip(), str(tool("crane").parent))

    def test_tool_names_what_there_is(self):
        done = call("tool", "path", "nothing")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn('no tool "nothing"; there are: go controlplane referrers timestamps crane', done.stderr)

    def test_a_failed_build_leaves_nothing_that_looks_built(self):
        with tempfile.TemporaryDirectory() as cache:
            done = call("tool", "path", "crane", XZGATE_CACHE=cache, GOPROXY="off", GOMODCACHE=cache)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("building crane failed", done.stderr)
            self.assertIn("not built", call("tool", "list", XZGATE_CACHE=cache).stdout)
