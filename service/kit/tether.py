"""A child process that cannot outlive its parent, however the parent ends.

The child's keeper, a two-line shell, reads a pipe that only the parent holds open. When the parent dies, by `kill -9`
too, the pipe ends and the keeper stops the child. That needs no prctl (Linux only, and it fires when the *thread* that
forked ends), no extra Python process, and works the same on macOS.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

# `$$` stays the first shell's pid inside the background group, and `exec` gives that pid to the command.
# A line on the pipe means "it has been reaped": the pid may be somebody else's by then, so nothing is killed.
# {0} is a descriptor that the child does not keep; the shell takes one digit only.
_KEEPER = """
exec {0}<&0 </dev/null
{{ read -r reaped || kill -s "$1" $$; }} <&{0} {0}<&- &
exec {0}<&-
shift
exec "$@"
"""


class Tethered:
    """A running child on a tether. Its output goes to `log`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        keep_fds: Iterable[int] = (),
        **popen: Any,
    ) -> None:
        """Start `command`; `keep_fds` stay open in the child, `popen` goes to subprocess.Popen (cwd, env, user…)."""
        self._stop_signal = stop_signal
        kept = tuple(keep_fds)
        keeper = _KEEPER.format(next(fd for fd in range(3, 10) if fd not in kept))
        name = stop_signal.name.removeprefix("SIG")
        with log.open("ab") as out:
            # A session of its own: Ctrl-C in the terminal must end the parent first, and the parent the child.
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", keeper, "keeper", name, *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                pass_fds=kept,
                start_new_session=True,
                **popen,
            )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The child's exit code once it has ended (negative: killed by that signal), None while it runs."""
        code = self._process.poll()
        if code is not None:
            self._release()
        return code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the child's end and return its exit code. Raises subprocess.TimeoutExpired."""
        code = self._process.wait(timeout)
        self._release()
        return code

    def stop(self, grace: float = 5.0) -> int:
        """Ask the child to end, kill it after `grace` seconds; return its exit code. Harmless when it has ended."""
        self._process.send_signal(self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(grace)
        return self.kill()

    def kill(self) -> int:
        """End the child without asking, as a crash would; return its exit code."""
        self._process.kill()
        return self.wait()

    def _release(self) -> None:
        pipe = self._process.stdin
        if pipe is None or pipe.closed:
            return
        # The keeper may have gone with the child's process group, and two threads may release at once.
        with contextlib.suppress(OSError, ValueError):
            os.write(pipe.fileno(), b"\n")
        with contextlib.suppress(OSError):
            pipe.close()
