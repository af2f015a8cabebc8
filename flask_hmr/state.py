"""All that the extension keeps for one app while it is on."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from blinker import NamedSignal
from flask import Flask, Request, request

from . import signals
from .access import Access, new_token
from .aside import mark, stand_aside
from .assets import Assets
from .blueprint import NAME, answer_everywhere, create, refuse
from .broker import Broker, channel_of
from .code_state import LoadedCode, code_state
from .config import Config
from .core import messages
from .core.graph import ModuleGraph
from .core.specifiers import encode_path
from .documents import Documents
from .editors import Editor, from_environment
from .file_graph import Told
from .files import Files
from .hooks import Hooks
from .inspection import Inspection
from .logs import OwnRequests, few, logger
from .modules import Modules
from .page import Client
from .page_console import PageConsole
from .presence import Presence
from .requests import is_local
from .responses import Responses
from .roots import Roots
from .runtime import Runtime
from .secret import secret_of
from .templates import Templates
from .transport import Pages
from .updates import Updates
from .watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from .plugins import Plugin

SETTLE_TIMEOUT = 1.0
"""Seconds that a page waits for files that are being saved, among several processes."""

CONNECT_TIMEOUT = 0.5
"""Seconds that the first request waits for the message queue."""

REWRITING = b"1"
"""Changes when the same files have to be rewritten differently."""


class State:
    """Wires the parts for one app, and owns its threads.

    :param app: the app, before its first request is dispatched.
    :param config: its configuration.
    :param handlers: functions for what pages send, by event.
    :param plugins: in the order of their registration.
    """

    def __init__(
        self,
        app: Flask,
        config: Config,
        handlers: Mapping[str, Sequence[Callable[[Any, Client], Any]]],
        plugins: Iterable[Plugin] = (),
    ) -> None:
        self.config = config
        self.log = logger(config)
        self._own_requests = OwnRequests(config)
        self._own_requests.start()
        self.runtime = Runtime()
        self.loaded_code = LoadedCode(os.environ)
        self.access = Access(
            config.allowed_hosts, config.allowed_origins, new_token(secret_of(app))
        )
        self.roots = Roots(app, config)
        self.pages = Pages(log=self.log)
        self.inspection = Inspection(self.pages.broadcast)
        client_url = f"{config.url_prefix}/client/{self.runtime.digest}/"
        runtime_url = f"{client_url}client.js"
        self.hooks = Hooks(
            app,
            plugins,
            prefix=f"{config.url_prefix}/module/",
            client=f"{client_url}plugin.js",
            mount_of=self.roots.mount_of,
            log=self.log,
        )
        self.hooks.on_problems = lambda found: self.pages.broadcast(
            messages.problems(found)
        )
        self.updates = Updates(
            ModuleGraph(REWRITING + runtime_url.encode()),
            self.roots,
            Files(self.roots.allows),
            self.pages,
            self.log,
            self._watch_folder,
            self.hooks,
        )
        self.templates = Templates(app, self._watch_folder, self.log)
        self.assets = Assets(
            self.roots,
            self.updates.files,
            self.pages,
            self.log,
            self._watch_folder,
        )
        self.updates.on_told = self._told
        self.assets.on_told = self._told
        self.presence = Presence(self.client_of, self.came, self.went)
        command = config.editor
        if command is None:
            command = from_environment(os.environ)
        self.editor = Editor(command, self.log) if command else None
        self.documents = Documents(
            self.updates,
            runtime_url,
            self.templates,
            self.assets,
            opens=self.editor is not None,
            hooks=self.hooks,
            entry=f"{client_url}console.js" if config.forward_console else None,
            console=config.forward_console,
        )
        self.console = (
            PageConsole(config.forward_console, self.roots.source_of, self._count_pages)
            if config.forward_console
            else None
        )
        self._app = app
        self._handlers = handlers
        self._watcher: Watcher | None = None
        self.broker: Broker | None = None
        """Leads to the other processes of the app, if it is configured."""
        self._pid = 0
        self._starting = threading.Lock()
        # What a page has said of an update, and which change was the last by then.
        self._said: tuple[str, int] | None = None
        self._saying = threading.Lock()
        self._warned: set[str] = set()
        self._has_mentioned = False
        self.modules = Modules(
            updates=self.updates,
            roots=self.roots,
            runtime=runtime_url,
            watch=self._watch_folder,
            watcher=self.watch,
            serves=self.hooks.serves,
        )
        self.responses = Responses(
            modules=self.modules,
            documents=self.documents,
            assets=self.assets,
            own=_is_own,
            log=self.log,
            serves=self.hooks.serves,
        )
        self.templates.follow()
        blueprint = create(self)
        app.register_blueprint(blueprint)
        answer_everywhere(app)
        # What pages post says where it comes from by other means than a form's token.
        protection: Any = app.extensions.get("csrf")
        if hasattr(protection, "exempt"):
            protection.exempt(blueprint)
        app.before_request_funcs.setdefault(None, []).insert(0, self._before_request)
        stand_aside(app)
        # Flask runs these in reverse order of registration. Everything else has
        # been registered by now, so this one comes first: before compression.
        app.after_request(self.responses.after_request)

    # The watcher

    def watch(self) -> Watcher:
        """Return the watcher, started when it is needed first.

        After a fork each process has its own: threads do not survive one.
        """
        watcher = self._watcher
        if watcher is not None and self._pid == os.getpid():
            return watcher
        broker: Broker | None = None
        with self._starting:
            if self._watcher is None or self._pid != os.getpid():
                started = Watcher(
                    self._changed,
                    ignore=self.roots.ignores,
                    log=self.log,
                    on_gap=lambda: self._missed(started),
                )
                for folder in (*self.roots.folders(), *self.templates.folders()):
                    started.watch(folder)
                started.start()
                if self.config.message_queue is not None:
                    broker = self._start_broker(self.config.message_queue)
                self._watcher, self._pid = started, os.getpid()
            watcher = self._watcher
        if broker is not None:
            # What is sent before it listens is heard by nobody.
            broker.connected.wait(CONNECT_TIMEOUT)
        return watcher

    def without_threads(self) -> None:
        """Watch nothing: for a process that serves nobody, such as a command."""
        if self._watcher is not None:
            self._watcher.close()
        self._watcher = Watcher(self._changed, ignore=self.roots.ignores, log=self.log)
        self._pid = os.getpid()

    def _start_broker(self, url: str) -> Broker:
        updates = self.updates
        channel = channel_of(self.access.token)
        broker = Broker(url, channel, updates.session, self._hear, self.log)
        broker.start()
        self.broker = broker
        updates.on_renewed = lambda salts: broker.send({"salts": salts})
        return broker

    def _hear(self, message: dict[str, Any]) -> None:
        """Take in what another process says."""
        told, salts = message.get("tell"), message.get("salts")
        if isinstance(told, str):
            to = message.get("to")
            if isinstance(to, str):
                self.pages.feed.append(told, to)
            else:
                self.pages.broadcast(told)
        elif isinstance(salts, dict):
            self.updates.adopt(salts)

    def _watch_folder(self, folder: str) -> None:
        self.watch().watch(folder)

    def _changed(self, paths: frozenset[str]) -> None:
        self.presence.look()
        self.emit(signals.file_changed, paths=paths)
        watcher = self._watcher
        with self.inspection.batch(None if watcher is None else watcher.since):
            self._take_in(paths)

    def _take_in(self, paths: frozenset[str]) -> None:
        decision = self.hooks.decide(
            paths,
            self.updates.urls_of,
            self.updates.last_source,
            self._tell_event,
            self._reload,
        )
        self.updates.changed(paths, decision.held)
        if decision.more:
            self.updates.touch(decision.more)
        paths = paths - decision.finished
        self.assets.changed(paths)
        self._tell_of_templates(self.templates.changed(paths))

    def _tell_event(self, event: str, data: Any, name: str) -> None:
        pages = self.pages.broadcast(messages.custom(event, data, name))
        if pages:
            end = "" if pages == 1 else "s"
            self.log.info("[hmr] event %s  %d page%s", event, pages, end)

    def _reload(self, reason: str) -> None:
        self._sent("reload", (reason,), self.pages.broadcast(messages.reload(reason)))

    def _missed(self, watcher: Watcher) -> None:
        self._poke(watcher)
        self._tell_of_templates(self.templates.missed())

    def _poke(self, watcher: Watcher) -> list[str]:
        """Have the watcher see to files that are not what was read of them.

        They may just be being saved, so they are not read here.
        """
        stale = [*self.updates.stale(), *self.assets.stale()]
        for path in stale:
            watcher.poke(path)
        return stale

    def _tell_of_templates(self, names: list[str]) -> None:
        if not names:
            return
        pages = self.pages.broadcast(messages.templates(names))
        self.inspection.note("templates", names, pages=pages)
        if pages:
            self.log.info("[hmr] template %s", few(names))
            self._sent("templates", tuple(names), pages)

    def close(self) -> None:
        """End all threads and connections of this app."""
        if self._watcher is not None:
            self._watcher.close()
        if self.broker is not None:
            self.broker.close()
        self.pages.close()
        self.presence.close()
        self._own_requests.stop()

    # Signals

    def emit(self, signal: NamedSignal, **arguments: Any) -> None:
        """Send a signal of this app."""
        signals.emit(signal, self._app, self.log, **arguments)

    def came(self, client: Client) -> None:
        """Say that a page has connected."""
        self.emit(signals.page_connected, client=client)

    def went(self, client: Client) -> None:
        """Say that a page has gone."""
        self.updates.page_left(client)
        self.emit(signals.page_disconnected, client=client)

    def _told(self, told: Told) -> None:
        about, change, pages, seconds, more = told
        if change.changed:
            self.inspection.note(
                about, change.changed, pages=pages, seconds=seconds, **more
            )
        # What gets a new version although no file of it changed has been renewed.
        self._sent(about, change.changed or tuple(change.affected), pages)

    def _sent(self, kind: str, changed: Iterable[str], pages: int) -> None:
        if pages:
            self.emit(
                signals.update_sent, kind=kind, changed=tuple(changed), pages=pages
            )

    # Requests

    def _before_request(self) -> ResponseReturnValue | None:
        self.note_place(request)
        mark(is_answered=False)
        if not _is_own(request.endpoint) or request.method == "OPTIONS":
            return None
        if request.endpoint != f"{NAME}.client" and not is_local(request.environ):
            # Whoever lets others in from outside may ask them for a password.
            return None
        # Answered before the app's own functions are called: what these ask of people
        # (to log in, to send a token with a form) is nothing to our endpoints, which
        # have rules of their own. A page where people log in has modules, too.
        mark(is_answered=True)
        refused = refuse(self)
        if refused is not None:
            return refused
        view = self._app.view_functions[request.endpoint or ""]
        return cast("ResponseReturnValue", view(**(request.view_args or {})))

    def note_place(self, request: Request) -> None:
        """Take note of where a request found the app."""
        host = request.host
        self.roots.mounted(encode_path(request.script_root), host)
        if self.updates.code is None and request.environ.get("wsgi.multiprocess"):
            self.updates.code = code_state()
            # From now on: whoever asks another process now may ask this one later.
            self.pages.feed.mark()
        origin = f"{request.scheme}://{host}"
        # Whoever sends a Host header of their own choice is not believed.
        if origin not in self.updates.origins and self.access.allows_host(host):
            self.updates.saw_origin(origin)

    def warn_once(self, reason: str) -> None:
        """Tell the developer something that would be repeated for ever."""
        if reason not in self._warned and len(self._warned) < 1000:
            self._warned.add(reason)
            self.log.warning("[hmr] %s", reason)

    def mention_inspector(self, is_new: bool) -> None:
        """Say in the terminal where the inspector is.

        :param is_new: whether the page was made by this process. One that comes back is
            from before a restart, when the developer was told already.
        """
        if self._has_mentioned:
            return
        self._has_mentioned = True
        if is_new:
            root = request.host_url.rstrip("/") + encode_path(request.script_root)
            self.log.info(
                "[hmr] inspector %s%s/inspector", root, self.config.url_prefix
            )

    # What pages say

    def client_of(self, page: str) -> Client:
        """Return a page that has no socket, by the name that it gave itself."""

        def send(message: str) -> bool:
            # The process that the page asks next may be another one.
            if self.broker is not None:
                self.broker.send({"tell": message, "to": page})
            return self.pages.feed.append(message, page) > 0

        return Client(send, named=self.broker is not None)

    def send(self, event: str, data: Any = None) -> int:
        """Send an event to all pages: see :meth:`.HMR.send`."""
        if self.config.message_queue is None:
            return self.pages.broadcast(messages.custom(event, data))
        self.watch()
        message = messages.custom(event, data, secrets.token_hex(8))
        if self.broker is not None:
            self.broker.send({"tell": message})
        return self.pages.broadcast(message)

    def foreign(self) -> str:
        """Return the message for a page that has to say what it holds."""
        updates = self.updates
        return messages.foreign(updates.session, updates.graph.seq, updates.code)

    def compare(self, held: Mapping[str, Any]) -> str:
        """Return the message for a page that says what it holds."""
        if self.updates.code is not None:
            # Another process may have told the page already, or will not any more.
            self._settle()
        return self.updates.compare(held)

    def _settle(self) -> None:
        """Take in what has changed on disk, also if no event has come yet."""
        watcher = self.watch()
        stale = self._poke(watcher)
        deadline = time.monotonic() + SETTLE_TIMEOUT
        for path in stale:
            watcher.wait_settled(path, max(0.0, deadline - time.monotonic()))

    def dispatch(self, event: str, data: Any, client: Client) -> None:
        """Call the functions registered for an event."""
        self.emit(signals.message_received, event=event, data=data, client=client)
        with self._app.app_context():
            for function in self._handlers.get(event, ()):
                try:
                    function(data, client)
                except Exception:
                    self.log.exception("[hmr] a handler of %r failed", event)
        self.hooks.message(event, data, client)

    def open_source(self, message: Mapping[str, Any]) -> None:
        """Open the file that a page asks for in the developer's editor."""
        name, line, column = (message.get(k) for k in ("file", "line", "column"))
        path = self.roots.source_of(name) if isinstance(name, str) else None
        if self.editor is None or path is None:
            self.log.warning("[hmr] %.200r is no file to be opened", name)
            return
        line = line if isinstance(line, int) and line > 0 else 1
        column = column if isinstance(column, int) and column > 0 else 1
        self.editor.open(path, line, column)

    def forward(self, message: Mapping[str, Any]) -> None:
        """Write to the terminal what a page has written to its console."""
        if self.console is not None:
            self.console.take(message, f"{request.scheme}://{request.host}")

    def _count_pages(self) -> int:
        return len(self.pages) + len(self.presence)

    def report(self, message: Mapping[str, Any]) -> None:
        """Write to the terminal what a page did, and why."""
        text = message.get("text")
        if isinstance(text, str):
            line = "".join(c if c.isprintable() else " " for c in text[:500])
            level = logging.INFO if message.get("level") == "info" else logging.WARNING
            # Of what all pages do one is enough.
            if not message.get("once") or self._is_first(line):
                self.log.log(level, "[hmr] %s", line)
        if isinstance(message.get("reason"), str):
            self.inspection.outcome({**message, "kind": "reload"})

    def _is_first(self, line: str) -> bool:
        """Tell whether no other page has said the same of the present state."""
        said = line, self.updates.graph.seq
        with self._saying:
            is_first = said != self._said
            self._said = said
        return is_first


def _is_own(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.startswith(f"{NAME}.")
