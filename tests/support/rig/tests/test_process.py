import contextlib
import os
import tempfile
import unittest
from pathlib import Path

from rig.process import Part, Process, RigError, accepts, free_port, run, wait_until

TREE = "sh -c 'sleep 60 & echo $! >>children; wait' & echo $! >>children; trap '' TERM; echo up; wait; wait"


class ProcessTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def start(self, script: str) -> Process:
        process = Process(["sh", "-c", script], log=self.folder / "log", cwd=self.folder)
        self.addCleanup(process.kill)
        return process

    def test_stop_ends_the_whole_tree_of_a_stubborn_program(self):
        process = self.start(TREE)
        process.wait_until(lambda: "up" in process.log_text(), "line")
        wait_until(lambda: len((self.folder / "children").read_text().split()) == 2, "grandchild")
        process.stop(seconds=0.1)
        for pid in (self.folder / "children").read_text().split():
            wait_until(lambda pid=pid: not _exists(int(pid)), f"end of {pid}")

    def test_a_program_that_ends_early_is_told_with_its_log(self):
        process = self.start("echo no such luck; exit 3")
        with self.assertRaisesRegex(RigError, "ended with 3:\nno such luck"):
            process.wait_until(lambda: False, "readiness")

    def test_a_late_program_is_told_with_what_was_awaited(self):
        process = self.start("sleep 60")
        with self.assertRaisesRegex(RigError, "no readiness within 0.1 s"):
            process.wait_until(lambda: False, "readiness", seconds=0.1)

    def test_a_failing_start_undoes_what_it_did(self):
        undone = []

        class Broken(Part):
            def _start(self, stack: contextlib.ExitStack) -> None:
                stack.callback(undone.append, self.folder)
                raise RigError("broken")

        with self.assertRaisesRegex(RigError, "broken"), Broken():
            pass
        self.assertEqual(len(undone), 1)
        self.assertFalse(undone[0].exists())

    def test_a_failing_command_is_told_with_its_error(self):
        with self.assertRaisesRegex(RigError, "exit code 1: nope"):
            run(["sh", "-c", "echo nope >&2; exit 1"])

    def test_free_ports_are_free_and_differ(self):
        ports = {free_port() for _ in range(50)}
        self.assertEqual(len(ports), 50)
        self.assertFalse(any(accepts(port) for port in ports))


def _exists(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z" and os.getpgid(pid) >= 0
    return False
