"""The extension object: it wires the parts together for each app."""

from __future__ import annotations

import secrets
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from flask import Flask

from .config import Config
from .logs import logger
from .plugins import Plugin, as_plugin, of_function, patterns
from .servers import is_public

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .importmap import ImportMaps
    from .page import Client
    from .state import State

Handler = Callable[[Any, "Client"], Any]
H = TypeVar("H", bound=Handler)
F = TypeVar("F", bound=Callable[..., Any])


class HMR:
    """Hot module replacement for the native ES modules of a Flask app.

    .. code-block:: python

        app = Flask(__name__)
        HMR(app)

    In a factory, create it once and call :meth:`init_app`. One object may serve
    several apps.

    :param app: the app, if it exists already.
    :param plugins: take part in all of this, in this order; a class stands for a plugin
        that is made without arguments.
    :raises TypeError: one of them is no plugin.
    :raises ValueError: one has an attribute that it cannot have.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        plugins: Iterable[Plugin | type[Plugin]] = (),
    ) -> None:
        self._plugins = [as_plugin(plugin) for plugin in plugins]
        self._handlers: dict[str, list[Handler]] = {}
        self._apps: weakref.WeakSet[Flask] = weakref.WeakSet()
        # Neither is kept alive by this: a gate leads to its app.
        self._gates: weakref.WeakKeyDictionary[Flask, weakref.ref[_Gate]]
        self._gates = weakref.WeakKeyDictionary()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Prepare an app; blueprints and configuration may follow later.

        Nothing happens before the first request: only then is it known whether
        the app is in debug mode. Without it, or with ``HMR_ENABLED = False``, the
        extension takes itself out of the app again and leaves nothing behind.

        All keys that begin with ``HMR_`` are read from ``app.config``: see
        :class:`~flask_hmr.config.Config`.

        :param app: the app.
        :raises RuntimeError: the app has an ``HMR`` already, or has answered
            requests already.
        """
        if "hmr" in app.extensions:
            raise RuntimeError(
                "An 'HMR' instance has already been registered on this Flask app."
                " Import and use that instance instead."
            )
        if app._got_first_request:
            raise RuntimeError(
                "'HMR.init_app' was called after the app handled its first request."
                " Call it where the app is set up, before it is served."
            )
        app.extensions["hmr"] = None
        self._apps.add(app)
        gate = _Gate(app, self._handlers, self._plugins)
        app.wsgi_app = gate  # type: ignore[method-assign]
        self._gates[app] = weakref.ref(gate)

    def wrap(
        self, wsgi_app: WSGIApplication, app: Flask | None = None
    ) -> WSGIApplication:
        """Have files take part that something in front of Flask serves.

        .. code-block:: python

            application = hmr.wrap(WhiteNoise(app, root="assets", prefix="assets"))

        Middleware that is in ``app.wsgi_app`` before :meth:`init_app` needs no wrapper.
        Where hot module replacement is off, this hands on and does nothing.

        :param wsgi_app: what the server is to call: the app with all that stands before
            it.
        :param app: the app; not needed where this object serves but one.
        :return: what the server is to call instead.
        :raises RuntimeError: it is not clear which app is meant.
        """
        gates = [gate for one, gate in self._gates.items() if app in (None, one)]
        if len(gates) != 1:
            raise RuntimeError(
                f"'HMR.wrap' was called where {len(self._gates)} apps use this 'HMR'"
                " instance. Call it after 'init_app', and name the app if there are"
                " several: hmr.wrap(wsgi_app, app)."
            )
        gate = gates[0]()
        # One that has gone has found that hot module replacement is off.
        return wsgi_app if gate is None else _Wrapper(wsgi_app, gate)

    def on(self, event: str) -> Callable[[H], H]:
        """Register a function for what pages send by ``import.meta.hot.send``.

        .. code-block:: python

            @hmr.on("cart:clear")
            def clear(data, client):
                client.send("cart:cleared", {"by": data["user"]})

        It is called with the ``data`` that the page sent and the page itself as
        ``client``, in the thread of that page's connection.

        :param event: the name of the event.
        """

        def register(function: H) -> H:
            self._handlers.setdefault(event, []).append(function)
            return function

        return register

    def resolve(self, function: F) -> F:
        """Register a function as :meth:`.Plugin.resolve`."""
        return self._hook("resolve", function)

    def load(self, function: F) -> F:
        """Register a function as :meth:`.Plugin.load`."""
        return self._hook("load", function)

    @overload
    def transform(self, function: F, /) -> F: ...

    @overload
    def transform(
        self, *include: str, serves: str | Iterable[str] = ()
    ) -> Callable[[F], F]: ...

    def transform(
        self, *include: Any, serves: str | Iterable[str] = ()
    ) -> Callable[..., Any]:
        """Register a function as :meth:`.Plugin.transform`.

        .. code-block:: python

            @hmr.transform("*.graphql.js")
            def inline_query(source, module):
                return source.replace("QUERY", "{ orders { id } }")

        Without patterns it gets all modules, and needs no parentheses.

        :param include: which modules it gets: see :attr:`.Plugin.include`.
        :param serves: files that it makes modules of: see :attr:`.Plugin.serves`.
        :raises TypeError: a pattern is no string.
        """
        if len(include) == 1 and callable(include[0]):
            function: Callable[..., Any] = include[0]
            return self._hook("transform", function)
        wanted, served = patterns(include) or None, patterns(serves)

        def register(function: F) -> F:
            return self._hook("transform", function, include=wanted, serves=served)

        return register

    def tags(self, function: F) -> F:
        """Register a function as :meth:`.Plugin.tags`."""
        return self._hook("tags", function)

    def hot_update(self, function: F) -> F:
        """Register a function as :meth:`.Plugin.hot_update`."""
        return self._hook("hot_update", function)

    def on_message(self, function: F) -> F:
        """Register a function as :meth:`.Plugin.on_message`."""
        return self._hook("on_message", function)

    def checks(self, function: F) -> F:
        """Register a function as :meth:`.Plugin.checks`."""
        return self._hook("checks", function)

    def _hook(self, hook: str, function: F, **attributes: Any) -> F:
        if not callable(function):
            raise TypeError(
                f"'HMR.{hook}' takes a function, not {function!r}. As a decorator it"
                f" has no arguments: write '@hmr.{hook}' alone."
            )
        if any(app.extensions.get("hmr") is not None for app in self._apps):
            raise RuntimeError(
                f"'HMR.{hook}' was called after the app handled its first request."
                " Call it where the app is set up, before it is served."
            )
        self._plugins.append(of_function(hook, function, **attributes))
        return function

    def send(self, event: str, data: Any = None) -> int:
        """Send an event to every connected page of this object's apps.

        Pages hear it by ``import.meta.hot.on(event, callback)``. Does nothing
        where hot module replacement is off. With ``HMR_MESSAGE_QUEUE`` it reaches the
        pages of all processes, and may be called in a process that serves none, such
        as a background job.

        :param event: the name of the event.
        :param data: anything that JSON can express.
        :return: the number of pages that it was sent to from this process; of a
            process that serves none, the number of processes that got it.
        :raises TypeError: ``data`` is nothing that JSON can express.
        """
        from .core import messages

        # Whether or not anybody hears it: what cannot be sent is a mistake.
        messages.custom(event, data)
        told = 0
        for app in list(self._apps):
            state: State | None = app.extensions.get("hmr")
            if state is not None:
                told += state.send(event, data)
            elif app.config.get("HMR_MESSAGE_QUEUE") and not app._got_first_request:
                told += _send_from_outside(app, event, data)
        return told


class _Gate:
    """Stands before an app until its first request, and decides then.

    Whether the app is in debug mode, which blueprints it has and what its
    configuration says may all be settled after ``init_app``.
    """

    def __init__(
        self,
        app: Flask,
        handlers: dict[str, list[Handler]],
        plugins: list[Plugin],
    ) -> None:
        # The app holds the gate, so the gate must not keep the app alive.
        self._app = weakref.ref(app)
        self._handlers = handlers
        self._plugins = plugins
        self._inner: WSGIApplication = app.wsgi_app
        self._lock = threading.Lock()
        self._decided = False
        self._prepare: Callable[[WSGIEnvironment], None] | None = None
        #: All that is kept for the app, once it is known to be on.
        self.state: State | None = None

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        self.decide(environ)
        if self._prepare is not None:
            self._prepare(environ)
        return self._inner(environ, start_response)

    def decide(self, environ: WSGIEnvironment) -> None:
        """Switch on or off, by what is known at the first request."""
        if not self._decided:
            self._decide(environ)

    def _decide(self, environ: WSGIEnvironment) -> None:
        with self._lock:
            app = self._app()
            if self._decided or app is None:
                return
            config = Config.load(app.config, root_path=app.root_path)
            enabled = app.debug if config.enabled is None else config.enabled
            if enabled and not app.debug and not _is_meant(config, environ):
                enabled = False
            maps = None
            if config.importmap is not None:
                # Pages need this in production, too. It is a function of templates
                # and nothing else.
                from .importmap import install

                maps = install(app, config.importmap)
            if enabled:
                self._switch_on(app, config, maps)
            elif app.wsgi_app is self:
                app.wsgi_app = self._inner  # type: ignore[assignment,method-assign]
            self._decided = True

    def fronted(self, inner: WSGIApplication) -> WSGIApplication:
        """Return an application whose answers take part, if the app's do."""
        app = self._app()
        if self.state is None or app is None:
            return inner
        from .front import Front

        return Front(inner, app, self.state.responses, self.state.log)

    def _switch_on(self, app: Flask, config: Config, maps: ImportMaps | None) -> None:
        # Imported only here: an app in production loads none of it.
        from .front import Front
        from .loading import load_plugins
        from .names import Names
        from .refreshes import Refreshes
        from .requests import prepare
        from .shortcuts import Shortcuts
        from .state import State

        plugins = load_plugins(self._plugins, config.plugins, logger(config))
        if maps is not None:
            plugins.insert(0, Names(maps))
        state = State(app, config, self._handlers, plugins)
        app.extensions["hmr"] = state
        self.state = state
        original = self._inner
        inner: WSGIApplication = Refreshes(original, app, state.access, state.templates)
        if getattr(original, "__func__", None) is not Flask.wsgi_app:
            inner = Front(inner, app, state.responses, state.log)
        self._inner = Shortcuts(inner, app, original, state.modules)
        self._prepare = prepare
        state.hooks.prepare(state)


class _Wrapper:
    """Stands before whatever stands before an app."""

    def __init__(self, inner: WSGIApplication, gate: _Gate) -> None:
        self._inner = inner
        self._gate = gate
        self._front: WSGIApplication | None = None

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if self._front is None:
            self._gate.decide(environ)
            self._front = self._gate.fronted(self._inner)
        return self._front(environ, start_response)


def _is_meant(config: Config, environ: WSGIEnvironment) -> bool:
    """Tell whether a server that is not in debug mode is to offer all this."""
    if config.public_without_debug or not is_public(environ):
        return True
    logger(config).error(
        "[hmr] HMR_ENABLED is True, but the app is not in debug mode and listens on an"
        " address that other machines can reach (%s). Hot module replacement stays off:"
        " it would hand out sources and messages to whoever can reach the app. Leave"
        " HMR_ENABLED out in production. If this is a development server after all,"
        " switch debug mode on, or set HMR_PUBLIC_WITHOUT_DEBUG = True.",
        environ.get("SERVER_NAME"),
    )
    return False


def _send_from_outside(app: Flask, event: str, data: Any) -> int:
    """Send an event by the message queue alone."""
    from .access import new_token
    from .broker import channel_of, send_once
    from .core import messages
    from .secret import secret_of

    config = Config.load(app.config, root_path=app.root_path)
    enabled = app.debug if config.enabled is None else config.enabled
    message = messages.custom(event, data, secrets.token_hex(8))
    if not enabled or config.message_queue is None:
        return 0
    channel = channel_of(new_token(secret_of(app)))
    try:
        return send_once(config.message_queue, channel, {"tell": message})
    except OSError as error:
        logger(config).warning("[hmr] %r reaches no page. %s", event, error)
        return 0
