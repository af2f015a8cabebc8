"""What the extension serves itself: the client runtime, the socket, small answers.

Every one of these endpoints is checked before it does anything: the socket before
its handshake is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask_sock import Sock

from .conversation import Conversation
from .core.specifiers import js_string, resolve
from .dead_ends import DeadEnd
from .dead_ends import dead_ends as dead_ends_below
from .exchanges import MAX_LENGTH, MAX_NAME, answer
from .inspector import page as inspector_page
from .inspector import stages
from .page import Client
from .runtime import TYPES
from .servers import can_hold_many, find_ending, has_socket, spare_threads, transports

if TYPE_CHECKING:
    from simple_websocket import Server

    from .page import Page
    from .state import State

NAME = "flask_hmr"
"""The name of the blueprint."""

MAX_CHECKED = 500
"""Modules in one check."""

MAX_DEAD_ENDS = 20
"""Imports that one answer describes."""

MAX_STREAMS = 2_000
"""Streams of events at once, where each of them takes nothing away from others."""

_HOST = "hmr_host"
_SCRIPT = "text/javascript"
_KEY_LENGTH = 24  # 16 bytes in Base64
_WITH_TOKEN = (f"{NAME}.exchange", f"{NAME}.stream", f"{NAME}.inspected_source")


def answer_everywhere(app: Flask) -> None:
    """Have the endpoints answer under all hosts and subdomains that pages may have.

    :param app: has the blueprint.
    """
    if not (app.url_map.host_matching or app.subdomain_matching):
        return
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint.startswith(f"{NAME}."):
            other = rule.empty()
            other.websocket = rule.websocket
            if app.url_map.host_matching:
                other.host = f"<{_HOST}>"
            else:
                other.subdomain = f"<{_HOST}>"
            app.url_map.add(other)


def _drop_host(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values is not None:
        values.pop(_HOST, None)


def create(state: State) -> Blueprint:
    """Return the blueprint of one app."""
    bp = Blueprint(NAME, __name__, url_prefix=state.config.url_prefix)
    bp.url_value_preprocessor(_drop_host)
    bp.before_request(lambda: refuse(state))
    bp.after_request(_harden)

    @bp.get("/client/<digest>/<path:name>")
    def client(digest: str, name: str) -> Response:
        text = state.runtime.files.get(name)
        if text is None:
            return Response("There is no such file.", 404, mimetype="text/plain")
        response = Response(text, mimetype=TYPES[name[name.rindex(".") :]])
        response.set_etag(state.runtime.digest)
        if digest == state.runtime.digest:
            response.cache_control.max_age = 31536000
            response.cache_control.immutable = True
        else:
            response.cache_control.no_cache = True
        response.make_conditional(request)
        return response

    @bp.get("/module/<path:name>")
    def module(name: str) -> Response:
        made = state.modules.made_up()
        if made is None:
            text = f"No plugin has a module @hmr/{name}."
            return _fresh(Response(text, 404, mimetype="text/plain"))
        response = Response(made.body, mimetype=_SCRIPT)
        response.headers["Cache-Control"] = made.cache
        response.set_etag(made.tag)
        response.make_conditional(request)
        return response

    @bp.get("/inspector")
    def inspector() -> Response:
        return inspector_page(state.runtime.digest)

    @bp.get("/inspector/source")
    def inspected_source() -> Response:
        key = resolve(request.args.get("url", ""), "/")
        return _fresh(jsonify(stages=[] if key is None else stages(state, key)))

    @bp.get("/session")
    def session() -> Response:
        return _fresh(
            jsonify(
                token=state.access.token,
                session=state.updates.session,
                invalidate=state.config.invalidate,
                policy=state.responses.saw_policy,
                transports=transports(request.environ, state.config.transports),
                several=state.updates.code is not None,
                code=state.updates.code,
                leaving=state.loaded_code.is_stale,
            )
        )

    @bp.get("/version")
    def version() -> Response:
        url = _named(state, request.args)
        found = None if url is None else state.updates.versions([url]).get(url)
        return _fresh(jsonify(url=url, version=found))

    @bp.get("/dead-ends")
    def dead_ends() -> Response:
        keys = [resolve(url, "/") for url in request.args.getlist("url")[:MAX_CHECKED]]
        wanted = [key for key in keys if key is not None]
        found = islice(dead_ends_below(state.updates, wanted), MAX_DEAD_ENDS)
        return _fresh(jsonify(imports=[_described(item) for item in found]))

    @bp.get("/check.js")
    def check() -> Response:
        return _fresh(Response(_check(request.args.getlist("url")), mimetype=_SCRIPT))

    @bp.get("/linked.js")
    def linked() -> Response:
        # It exports nothing on purpose: see check().
        return _fresh(Response("export{};", mimetype=_SCRIPT))

    @bp.post("/exchange")
    def exchange() -> Response:
        return _exchange(state)

    @bp.get("/stream")
    def stream() -> Response:
        return _stream(state)

    @Sock().route("/socket", bp=bp)  # type: ignore[untyped-decorator]
    def socket(ws: Server) -> None:
        _serve(state, ws)

    return bp


def _named(state: State, arguments: Mapping[str, str]) -> str | None:
    """Return the key of a module that a page asks about."""
    specifier = arguments.get("specifier")
    if specifier is None:
        return resolve(arguments.get("url", ""), "/")
    # A computed one that only plugins understand.
    base = resolve(arguments.get("importer", ""), "/") or "/"
    return state.updates.resolver(base)(specifier)


def _described(dead_end: DeadEnd) -> dict[str, object]:
    return {
        "importer": dead_end.importer,
        "specifier": dead_end.specifier,
        "url": dead_end.url,
        "line": dead_end.place.line,
        "column": dead_end.place.column,
        "doubt": dead_end.doubt.value,
    }


def _check(urls: list[str]) -> str:
    """Return a module that links others without evaluating any.

    Linking fails at the last line, for want of the export, if everything before it
    could be fetched, parsed and linked.
    """
    lines = []
    for url in urls[:MAX_CHECKED]:
        plain = resolve(url, "/")
        if plain is None:
            continue
        path = plain.partition("#")[0].partition("?")[0]
        kind = {".css": "css", ".json": "json"}.get(path[path.rfind(".") :])
        suffix = f"with{{type:{js_string(kind)}}}" if kind else ""
        lines.append(f"import{js_string(url)}{suffix};")
    return "\n".join([*lines, 'import{linked}from"./linked.js";'])


def refuse(state: State) -> Response | None:
    """Return the refusal of a request that may not have what it asks for."""
    state.note_place(request)
    own = f"{request.scheme}://{request.host}"
    origins = request.headers.getlist("Origin")
    host = request.headers.get("Host")
    site = request.headers.get("Sec-Fetch-Site")
    if request.endpoint == f"{NAME}.socket":
        refusal = state.access.check_socket(
            method=request.method,
            host=host,
            origin=origins,
            sec_fetch_site=site,
            own_origin=own,
            token=request.args.get("token"),
        )
        if refusal is None and not _is_handshake():
            return Response("This is no handshake.", 400, mimetype="text/plain")
    else:
        refusal = state.access.check(
            method=request.method,
            host=host,
            origin=origins,
            sec_fetch_site=site,
            own_origin=own,
        )
        # What stands in for a socket is asked for by the same means as all else.
        if refusal is None and request.endpoint in _WITH_TOKEN:
            token = request.args.get("token") or request.headers.get("HMR-Token")
            refusal = state.access.check_token(token)
    if refusal is None:
        return None
    state.warn_once(refusal.reason)
    return Response("Refused.", refusal.status, mimetype="text/plain")


def _is_handshake() -> bool:
    """Tell whether a socket can be made of a request: :rfc:`6455`, section 4.2.1."""
    headers = request.headers
    return (
        has_socket(request.environ)
        and headers.get("Sec-WebSocket-Version") == "13"
        and len(headers.get("Sec-WebSocket-Key", "")) == _KEY_LENGTH
    )


def _harden(response: Response) -> Response:
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _serve(state: State, ws: Server) -> None:
    """Talk with one page until it goes."""
    is_ending = find_ending()
    if is_ending is not None:
        state.pages.close_when(is_ending)
    conversations: dict[Page, Conversation] = {}
    clients: list[Client] = []

    def on_open(page: Page) -> None:
        client = Client(page.send)
        conversations[page] = Conversation(
            state,
            client,
            page.send,
            page.send,
            lambda: setattr(page, "counts", False),
        )
        clients.append(client)
        state.watch()
        state.came(client)

    try:
        state.pages.serve(
            ws,
            info={"agent": request.headers.get("User-Agent", "")},
            on_open=on_open,
            on_message=lambda page, message: conversations[page].take(message),
        )
    finally:
        for conversation in conversations.values():
            conversation.left()
        for client in clients:
            state.went(client)


def _exchange(state: State) -> Response:
    body = request.stream.read(MAX_LENGTH + 1)
    if len(body) > MAX_LENGTH:
        return _fresh(Response("That is too much.", 413, mimetype="text/plain"))
    text = answer(state, body)
    if text is None:
        return _fresh(Response("That is no question.", 400, mimetype="text/plain"))
    return _fresh(Response(text, mimetype="application/json"))


def _stream(state: State) -> Response:
    environ = request.environ
    browser = request.args.get("browser", "")[:MAX_NAME]
    limit = MAX_STREAMS if can_hold_many(environ) else spare_threads()
    state.watch()
    stream = state.pages.feed.stream(
        browser, limit, state.updates.session, find_ending()
    )
    if stream is None:
        return _fresh(Response("There are streams enough.", 503, mimetype="text/plain"))
    response = Response(stream, mimetype="text/event-stream")
    # Proxies are to hand on what comes when it comes, as it is.
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response
