"""Child processes that are certain to end: each in a process group of its own, stopped with the block."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02


class RigError(Exception):
    """A real part did not do what the test needs of it; the message carries the end of its log."""


class Part(contextlib.AbstractContextManager):
    """Something real that runs from `with` to the end of the block.

    A subclass starts itself in `_start` and registers on the stack how to undo each step, so that a
    start that fails half-way leaves nothing behind. Without `folder` it works in a temporary one.
    """

    def __init__(self, folder: Path | None = None):
        self._given = folder
        self._running = contextlib.ExitStack()
        self.folder = Path()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            if self._given is None:
                name = type(self).__name__.lower()
                temporary = tempfile.TemporaryDirectory(prefix=f"xzgate-{name}-", ignore_cleanup_errors=True)
                self.folder = Path(stack.enter_context(temporary))
            else:
                self.folder = self._given
                self.folder.mkdir(parents=True, exist_ok=True)
            self._start(stack)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._running.close()

    def _start(self, stack: contextlib.ExitStack) -> None:
        raise NotImplementedError


class Process:
    """A running program whose output goes to a file; `stop` ends it and all its children."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ):
        self.name = Path(command[0]).name
        self.log = log
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **env} if env else None,
                cwd=cwd,
                start_new_session=True,
            )
        _alive.add(self)

    @property
    def pid(self) -> int:
        return self._child.pid

    def is_running(self) -> bool:
        return self._child.poll() is None

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, probe: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
        """Returns when `probe` holds. RigError when the program ends before, or the time is up."""

        def alive_and_ready() -> bool:
            if not self.is_running():
                raise RigError(f"{self.name} ended with {self._child.returncode}:\n{self._log_tail()}")
            return probe()

        try:
            wait_until(alive_and_ready, what, seconds)
        except TimeoutError as late:
            raise RigError(f"{self.name}: {late}:\n{self._log_tail()}") from late

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Returns the exit code of a program that is about to end by itself."""
        return self._child.wait(seconds)

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(self.pid, number)
            else:
                self._child.send_signal(number)

    def stop(self, seconds: float = STOP_SECONDS) -> int:
        """Asks by SIGTERM, then kills the whole group. Returns the exit code of the program."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(seconds)
        self.kill()
        return self._child.returncode

    def kill(self) -> None:
        """Ends the program and all its children without asking."""
        self.signal(signal.SIGKILL, group=True)
        self._child.wait()
        _alive.discard(self)

    def _log_tail(self) -> str:
        return "\n".join(self.log_text().splitlines()[-20:])


_alive: set[Process] = set()


@atexit.register
def _kill_what_is_left() -> None:
    for process in list(_alive):
        process.kill()


def unwind_on_signals() -> None:
    """Makes SIGTERM and SIGHUP end this program through its `with` blocks; for programs, not for tests."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))


def wait_until(probe: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Polls `probe` until it holds. TimeoutError, naming `what`, when the time is up."""
    end = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > end:
            raise TimeoutError(f"no {what} within {seconds:g} s")
        time.sleep(POLL_SECONDS)


def accepts(port: int) -> bool:
    """Whether something listens on this loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


_ports_lock = threading.Lock()
_ports_given: set[int] = set()


def free_port() -> int:
    """A loopback port that nobody listens on, for programs that cannot choose one themselves."""
    with _ports_lock:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if port not in _ports_given:
                _ports_given.add(port)
                return port


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    data: bytes | None = None,
    cwd: Path | None = None,
    seconds: float = 300,
) -> bytes:
    """Runs a program to its end and returns what it printed. RigError, with both outputs, when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        input=data if data is not None else b"",
        capture_output=True,
        env={**os.environ, **env} if env else None,
        cwd=cwd,
        timeout=seconds,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr + done.stdout[-2000:]).decode(errors="replace").strip()
        raise RigError(f"{' '.join(words)[:300]}: exit code {done.returncode}: {said}")
    return done.stdout
