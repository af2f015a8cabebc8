"""Servers that start ten times as fast: forks of a process that has imported Flask.

``flask run --debug`` starts two interpreters, one after the other, and most tests take
less time than these need to import everything. What is forked here runs the same
functions of Flask and of Werkzeug's reloader, in two processes as well; only the
interpreter is there already, with all modules but those of the project.

Three processes belong to a server: the one that :class:`Forked` stands for, which has
run nothing yet and forks the others; the reloader; and the app, anew at each restart.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import typing as t
from functools import partial
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[3]
LIMIT = 1 << 20
"""Bytes of the longest message: the environment of a process, in JSON."""

is_possible = hasattr(os, "fork") and hasattr(socket, "recv_fds")


class Nursery:
    """The process that others are forked from. It ends with the one that made it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def start(
        self, arguments: t.Sequence[str], cwd: Path, env: t.Mapping[str, str]
    ) -> Forked:
        """Run ``flask`` with some arguments.

        :param env: the whole environment of the process.
        """
        order = json.dumps([list(arguments), str(cwd), dict(env)]).encode()
        reading, writing = os.pipe()
        own, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(self._control, [order], [writing, theirs.fileno()])
        os.close(writing)
        theirs.close()
        return Forked(own, reading)

    def close(self) -> None:
        """End the process, and all that was forked from it."""
        self._control.close()
        self._process.wait()


class Forked:
    """What :class:`subprocess.Popen` is for a process that was started."""

    def __init__(self, own: socket.socket, output: int) -> None:
        self._own = own
        self.stdout = os.fdopen(output, encoding="utf-8", errors="replace")
        self.pid = int(own.recv(LIMIT))
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, if the process has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end.

        :raises subprocess.TimeoutExpired: it did not come.
        """
        if self._code is None:
            self._own.settimeout(timeout)
            try:
                self._code = int(self._own.recv(LIMIT) or -signal.SIGKILL)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("flask", timeout or 0) from None
            self._own.close()
        return self._code

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)


# In the process that others are forked from.


def serve(control: socket.socket) -> None:
    """Fork a process for each order, until nobody is left who could give one."""
    _import_everything()
    waker, wakened = socket.socketpair()
    for one in (waker, wakened):
        one.setblocking(False)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Ctrl-C is for pytest, which closes the control when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([control, wakened], [], [])
        if wakened in ready:
            with contextlib.suppress(BlockingIOError):
                wakened.recv(LIMIT)
            _reap(running)
        if control in ready:
            order, fds, _, _ = socket.recv_fds(control, LIMIT, 2)
            if not order:
                break
            output, own = fds
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for other in (control, waker, wakened, *running.values()):
                    other.close()
                os.close(own)
                _run(partial(keep, output, *json.loads(order)))
            os.close(output)
            running[pid] = socket.socket(fileno=own)
            running[pid].send(str(pid).encode())
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _reap(running: dict[int, socket.socket]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            with contextlib.suppress(OSError), running.pop(pid) as own:
                own.send(str(os.waitstatus_to_exitcode(status)).encode())


def keep(output: int, arguments: list[str], directory: str, env: dict[str, str]) -> int:
    """Be the first process of a server: fork the reloader, and the app when it asks.

    :return: the exit code of the reloader.
    """
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(directory)
    own, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def flask(env: dict[str, str], call: t.Callable[..., int] | None) -> int:
        own.close()
        _begin(arguments, directory, env)
        return _flask(call)

    reloader = os.fork()
    if reloader == 0:
        _run(lambda: flask(env, lambda *_, env, **__: _ask(its, env)))
    its.close()
    while True:
        message, fds, _, _ = socket.recv_fds(own, LIMIT, 1)
        if not message:
            return os.waitstatus_to_exitcode(os.waitpid(reloader, 0)[1])
        new = json.loads(message)
        wanted = int(new["WERKZEUG_SERVER_FD"])
        app = os.fork()
        if app == 0:
            os.dup2(fds[0], wanted, inheritable=True)
            if fds[0] != wanted:
                os.close(fds[0])
            _run(partial(flask, new, None))
        os.close(fds[0])
        code = os.waitstatus_to_exitcode(os.waitpid(app, 0)[1])
        with contextlib.suppress(OSError):
            own.send(str(code).encode())


def _ask(its: socket.socket, env: dict[str, str]) -> int:
    """Have the app run, and return its exit code: in the process of the reloader."""
    listening = int(env["WERKZEUG_SERVER_FD"])
    socket.send_fds(its, [json.dumps(env).encode()], [listening])
    return int(its.recv(LIMIT) or 1)


def _begin(arguments: list[str], directory: str, env: dict[str, str]) -> None:
    """Make of this process what ``python -m flask`` is when it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = [
        str(Path(sys.modules["flask"].__file__ or "", "__main__.py")),
        *arguments,
    ]
    sys.path[0] = directory
    sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in env
    time.tzset()
    for name, number in {"stdout": 1, "stderr": 2}.items():
        stream = os.fdopen(number, "w", 1, encoding="utf-8", closefd=False)
        setattr(sys, name, stream)


def _flask(call: t.Callable[..., int] | None) -> int:
    from flask import cli
    from werkzeug import _reloader

    if call is not None:
        vars(_reloader)["subprocess"] = SimpleNamespace(call=call)
    try:
        cli.main()
    except SystemExit as error:
        return (
            error.code if isinstance(error.code, int) else int(error.code is not None)
        )
    return 0


def _run(main: t.Callable[[], int]) -> t.NoReturn:
    """Run a function and leave, without what the process was forked from."""
    code = 1
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code % 256)


def _import_everything() -> None:
    """Import what every server of a project does, so that no fork has to."""
    from flask import Flask, render_template_string

    from flask_hmr import HMR

    app = Flask("warm")
    app.config["HMR_ENABLED"] = True
    HMR(app)

    @app.get("/")
    def index() -> str:
        return render_template_string("<!doctype html><title>{{ 1 }}</title>")

    client = app.test_client()
    client.get("/")
    client.get("/_hmr/session")
    app.extensions["hmr"].close()
    for name in ("flask.cli", "werkzeug._reloader", "werkzeug.debug", "flask_hmr.cli"):
        __import__(name)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
