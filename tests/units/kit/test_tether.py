"""A tethered child ends with its parent, and leaves other processes alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from service.kit.tether import Tethered
from tests.servers.waiting import is_running, until

FORGETFUL_PARENT = """
import sys, time
from pathlib import Path
from service.kit.tether import Tethered
child = Tethered(["sleep", "600"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(600)
"""

LISTENER = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(3))
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log with spaces"


def test_ends_when_its_parent_is_killed(log: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", FORGETFUL_PARENT, log], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.communicate()
    until(lambda: not is_running(child), "the child's end")


def test_runs_in_place_of_its_keeper_and_reports_its_exit_code(log: Path) -> None:
    child = Tethered(["/bin/sh", "-c", "echo $$; exit 7"], log=log)
    assert child.wait(10) == 7
    assert child.returncode == 7
    assert log.read_text().split() == [str(child.pid)]


def test_a_missing_command_is_an_exit_code_and_a_line_in_the_log(log: Path) -> None:
    child = Tethered(["/nowhere/to/be found"], log=log)
    assert child.wait(10) == 127
    assert "/nowhere/to/be found" in log.read_text()


def test_stop_uses_the_signal_asked_for(log: Path) -> None:
    # Not a shell: it cannot trap what was ignored when it began, as in a run in the background.
    child = Tethered([sys.executable, "-c", LISTENER], log=log, stop_signal=signal.SIGINT)
    until(lambda: "ready" in log.read_text(), "the child's trap")
    assert child.stop() == 3
    assert child.stop() == 3


def test_stop_kills_a_child_that_does_not_listen(log: Path) -> None:
    child = Tethered(["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"], log=log)
    until(lambda: "ready" in log.read_text(), "the child's trap")
    assert child.stop(grace=0.1) == -signal.SIGKILL


def test_does_not_hear_the_terminals_ctrl_c(log: Path) -> None:
    child = Tethered(["sleep", "600"], log=log)
    assert os.getpgid(child.pid) != os.getpgrp()
    child.kill()


def test_keeps_the_files_it_is_told_to_keep_whatever_their_number(log: Path, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context((tmp_path / str(i)).open("w")).fileno() for i in range(5)]
        script = "; ".join(f"echo {fd} >/dev/fd/{fd}" for fd in kept)
        assert Tethered(["/bin/sh", "-c", script], log=log, keep_fds=kept).wait(10) == 0
    assert [(tmp_path / str(i)).read_text() for i in range(5)] == [f"{fd}\n" for fd in kept]
