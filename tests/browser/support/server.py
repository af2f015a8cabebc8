"""The development server of a project, run as a developer runs it."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import typing as t
from pathlib import Path

from .forks import Forked, Nursery

DEADLINE = 25.0
"""Seconds that the server has for starting, restarting or stopping."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_POLL = 0.05

# The reloader watches all code that runs. Only the project's own may restart it in a
# test, whoever works on the extension meanwhile; and to begin to watch all of Python's
# libraries takes longer than everything else together.
_PACKAGE = Path(__file__).parents[3] / "flask_hmr"
_NOT_THE_PROJECT = (
    f"{_PACKAGE}/*",
    f"{_PACKAGE}/*/*",
    f"{sys.prefix}/*",
    f"{sys.base_prefix}/*",
)

# Below those that systems give to outgoing connections: a browser's connection would
# otherwise take the port between its choice and the server's start. And above those
# that browsers refuse to connect to: https://fetch.spec.whatwg.org/#port-blocking.
_PORTS = range(10_100, 32_000)


def free_port() -> int:
    """Return a port that nothing listens on."""
    while True:
        port = random.choice(_PORTS)

        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """One run of ``flask run`` in a process group of its own.

    :param directory: the project; the process runs there.
    :param port: where to listen, on 127.0.0.1.
    :param app: what ``flask --app`` gets.
    :param debug: whether to run with ``--debug``, which includes the reloader.
    :param env: environment variables to add.
    :param options: more options of ``flask run``.
    :param command: another server to run instead; ``{port}`` stands for the port.
    :param nursery: what to fork the processes from, instead of starting interpreters.
    """

    def __init__(
        self,
        directory: Path,
        port: int,
        *,
        app: str = "app",
        debug: bool = True,
        env: t.Mapping[str, str] | None = None,
        options: t.Sequence[str] = (),
        command: t.Sequence[str] | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self.port = port
        self._lines: list[str] = []
        self._printed = threading.Condition()
        self._ended = False
        arguments = ["--app", app, "run", "--port", str(port)]
        arguments += [*(["--debug"] if debug else []), *options]
        arguments += ["--exclude-patterns", os.pathsep.join(_NOT_THE_PROJECT)]
        self._process: subprocess.Popen[str] | Forked
        if command is None and nursery is not None:
            self._process = nursery.start(arguments, directory, _environment(env or {}))
        else:
            self._process = subprocess.Popen(
                [word.replace("{port}", str(port)) for word in command]
                if command is not None
                else [sys.executable, "-m", "flask", *arguments],
                cwd=directory,
                env=_environment(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                preexec_fn=_hear_interrupts,
            )
        self._reader = threading.Thread(
            target=self._read, name=f"output of the server on {port}", daemon=True
        )
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything that the server has printed, without colours."""
        with self._printed:
            return "".join(self._lines)

    @property
    def restart_count(self) -> int:
        """How often the reloader has started the app again."""
        # The reloader's parent process says this at the first start as well.
        return max(0, self.output.count(" * Restarting with ") - 1)

    def wait_for_output(self, text: str, times: int = 1) -> None:
        """Wait until the server has printed a text.

        :param times: how often, counted from the start.
        """
        with self._printed:
            self._printed.wait_for(
                lambda: self._ended or self.output.count(text) >= times, DEADLINE
            )

            if (found := self.output.count(text)) < times:
                raise AssertionError(
                    f"The server {'ended' if self._ended else 'ran'} without printing"
                    f" {text!r} {times} time(s); found {found}. Its"
                    f" output:\n\n{self.output}"
                )

    def wait_until_it_answers(self) -> None:
        """Wait until a request gets an answer, whichever."""
        deadline = time.monotonic() + DEADLINE

        while True:
            # A path that every browser asks for: an app that counts its requests or
            # acts on the first one meets nothing out of the ordinary.
            try:
                request(self.port, "/favicon.ico")
                return
            except (OSError, http.client.HTTPException):
                self._check_alive(deadline, "answer")

    def wait_for_restarts(self, count: int) -> None:
        """Wait until the app has been started again ``count`` times, and answers."""
        # One line belongs to the first start.
        self.wait_for_output(" * Restarting with ", count + 1)
        self.wait_until_it_answers()

    @contextlib.contextmanager
    def paused(self) -> t.Iterator[None]:
        """Hold the server and all its processes meanwhile, as a busy machine might."""
        _signal_group(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal_group(self._process.pid, signal.SIGCONT)

    def stop(
        self, number: signal.Signals = signal.SIGTERM, *, first: bool = False
    ) -> None:
        """End the server and all that it started.

        :param number: the signal to send.
        :param first: send it to the first process only, which is to end the others.
        :raises AssertionError: when some process had to be killed.
        """
        # The session leader's id is that of the group. Only this object reaps the
        # leader, so the id cannot have gone to anybody else.
        group = self._process.pid

        if first:
            self._process.send_signal(number)
        else:
            _signal_group(group, number)

        try:
            self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            _signal_group(group, signal.SIGKILL)
            self._process.wait()
            left = [group]
        else:
            left = _members(group)
            deadline = time.monotonic() + DEADLINE

            while left and time.monotonic() < deadline:
                self._reader.join(_POLL)
                left = _members(group)

            if left:
                _signal_group(group, signal.SIGKILL)

        self._reader.join(DEADLINE)

        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

        if left:
            raise AssertionError(
                f"The server did not stop within {DEADLINE:g} s of SIGTERM, nor did"
                f" all that it started; killed: {left}.\n\n{self.output}"
            )

    def _read(self) -> None:
        assert self._process.stdout is not None

        for line in self._process.stdout:
            with self._printed:
                self._lines.append(_COLOUR.sub("", line))
                self._printed.notify_all()

        with self._printed:
            self._ended = True
            self._printed.notify_all()

    def _check_alive(self, deadline: float, what: str) -> None:
        """Pause before a condition is looked at again, or give up."""
        if (code := self._process.poll()) is not None:
            self._reader.join(DEADLINE)
            raise AssertionError(
                f"The server ended with code {code} before it could {what}. Its"
                f" output:\n\n{self.output}"
            )

        if time.monotonic() > deadline:
            raise AssertionError(
                f"The server did not {what} within {DEADLINE:g} s. Its"
                f" output:\n\n{self.output}"
            )

        # The output ends with the process, so its end is noticed at once.
        self._reader.join(_POLL)


class Answer(t.NamedTuple):
    """An HTTP response, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    text: str


def request(
    port: int,
    path: str,
    *,
    method: str = "GET",
    headers: t.Mapping[str, str] | None = None,
) -> Answer:
    """Send one request to 127.0.0.1, outside any browser.

    :raises OSError: when nothing answers.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)

    try:
        connection.request(method, path, headers=dict(headers or {}))
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        return Answer(response.status, response.headers, text)
    finally:
        connection.close()


def _environment(extra: t.Mapping[str, str]) -> dict[str, str]:
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FLASK_", "WERKZEUG_", "HMR_"))
    }
    env["PYTHONUNBUFFERED"] = "1"
    # A byte-code file counts as current when size and second agree: two saves of
    # app.py in one second would then run the first.
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env.update(extra)
    return env


def _hear_interrupts() -> None:
    # Whoever is started in the background by a shell ignores them, with all that it
    # starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _signal_group(group: int, number: signal.Signals) -> None:
    # There is no such group when all of it has ended already.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _members(group: int) -> list[int]:
    """Return the processes of a group that still run.

    One that has ended, and waits for init to notice, is no survivor. Systems without
    ``/proc`` cannot tell these apart; there, the group counts as one process.
    """
    processes = Path("/proc")

    if not (processes / "self" / "stat").exists():
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return []

        return [group]

    members = []

    for entry in processes.iterdir():
        if not entry.name.isdigit():
            continue

        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            # It ended while this looked.
            continue

        # pid (name) state parent group ...; the name may hold anything.
        state, _, process_group = stat.rpartition(")")[2].split()[:3]

        if int(process_group) == group and state != "Z":
            members.append(int(entry.name))

    return members
