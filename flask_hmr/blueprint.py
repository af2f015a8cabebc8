"""What the extension serves itself: the client runtime, the socket, small answers.

Every one of these endpoints is checked before it does anything: the socket before
its handshake is accepted.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request
from flask_sock import Sock

from .core import messages
from .core.importmap import ImportMap, ImportMapError
from .core.specifiers import js_string, resolve
from .dead_ends import DeadEnd
from .dead_ends import dead_ends as dead_ends_below

if TYPE_CHECKING:
    from simple_websocket import Server

    from .page import Page
    from .state import State

NAME = "flask_hmr"
"""The name of the blueprint."""

MAX_HELD = 50_000
"""Modules that a page may say it holds."""

MAX_CHECKED = 500
"""Modules in one check."""

MAX_WORKERS = 100
"""Scripts of workers that one page may name."""

MAX_ASSETS = 10_000
"""Style sheets, images and the like that one message may name."""

MAX_TEMPLATES = 1_000
"""Templates that one page may say it was made from."""

MAX_DEAD_ENDS = 20
"""Imports that one answer describes."""

_SCRIPT = "text/javascript"


class Runtime:
    """The files of the client runtime, as the package ships them."""

    def __init__(self) -> None:
        folder = resources.files(__package__) / "client"
        self.files = {
            item.name: item.read_bytes()
            for item in folder.iterdir()
            if item.name.endswith(".js")
        }
        state = hashlib.blake2b(digest_size=8)
        for name in sorted(self.files):
            state.update(name.encode() + b"\0" + self.files[name])
        self.digest = state.hexdigest()
        """Changes whenever one of the files does."""


def create(state: State) -> Blueprint:
    """Return the blueprint of one app."""
    bp = Blueprint(NAME, __name__, url_prefix=state.config.url_prefix)
    bp.before_request(lambda: _refuse(state))
    bp.after_request(_harden)

    @bp.get("/client/<digest>/<name>")
    def client(digest: str, name: str) -> Response:
        text = state.runtime.files.get(name)
        if text is None:
            return Response("There is no such file.", 404, mimetype="text/plain")
        response = Response(text, mimetype=_SCRIPT)
        response.set_etag(state.runtime.digest)
        if digest == state.runtime.digest:
            response.cache_control.max_age = 31536000
            response.cache_control.immutable = True
        else:
            response.cache_control.no_cache = True
        response.make_conditional(request)
        return response

    @bp.get("/session")
    def session() -> Response:
        return _fresh(
            jsonify(
                token=state.access.token,
                session=state.updates.session,
                invalidate=state.config.invalidate,
                policy=state.responses.saw_policy,
            )
        )

    @bp.get("/version")
    def version() -> Response:
        url = resolve(request.args.get("url", ""), "/")
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

    @Sock().route("/socket", bp=bp)  # type: ignore[untyped-decorator]
    def socket(ws: Server) -> None:
        _serve(state, ws)

    return bp


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


def _refuse(state: State) -> Response | None:
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
    else:
        refusal = state.access.check(
            method=request.method,
            host=host,
            origin=origins,
            sec_fetch_site=site,
            own_origin=own,
        )
    if refusal is None:
        return None
    state.warn_once(refusal.reason)
    return Response("Refused.", refusal.status, mimetype="text/plain")


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
    held: dict[str, Any] = {}

    def on_open(page: Page) -> None:
        state.watch()

    def on_message(page: Page, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "hello":
            _saw_maps(state, message.get("maps"))
            _saw_workers(state, message.get("workers"))
            page.send(
                state.updates.catch_up(message.get("session"), message.get("seq"))
            )
            _hello_document(state, page, message)
        elif kind == "held":
            part = message.get("held")
            if isinstance(part, dict) and len(held) + len(part) <= MAX_HELD:
                held.update(part)
            if message.get("done"):
                page.send(state.updates.compare(held))
                held.clear()
        elif kind == "assets":
            part = message.get("held")
            if isinstance(part, dict):
                page.send(state.assets.compare(dict(islice(part.items(), MAX_ASSETS))))
        elif kind in ("renew", "mend"):
            try:
                _renew(state, message)
            finally:
                question = message.get("id")
                if isinstance(question, int):
                    # Whatever came of it, the page waits.
                    page.send(messages.renewed(question))
        elif kind == "open":
            state.open_source(message)
        elif kind == "report":
            state.report(message)
        elif kind == "custom":
            event = message.get("event")
            if isinstance(event, str):
                state.dispatch(event, message.get("data"), page)

    state.pages.serve(
        ws,
        info={"agent": request.headers.get("User-Agent", "")},
        on_open=on_open,
        on_message=on_message,
    )


def _hello_document(state: State, page: Page, message: dict[str, Any]) -> None:
    """Tell a page what became of the document that it was made from."""
    if "document" in message:
        page.send(messages.document(state.documents.sent(message["document"])))
    if message.get("session") == state.updates.session:
        missed = state.assets.since(message.get("assets"))
        if missed is not None:
            page.send(missed)
    held = message.get("templates")
    if isinstance(held, dict) and held:
        changed = state.templates.compare(dict(islice(held.items(), MAX_TEMPLATES)))
        if changed:
            page.send(messages.templates(changed))


def _renew(state: State, message: dict[str, Any]) -> None:
    since = message.get("since")
    since = since if isinstance(since, int) else None
    if message["type"] == "renew":
        state.updates.renew(_texts(message, "urls"), since)
    elif since is not None:
        state.updates.mend(_texts(message, "entries"), since)


def _texts(message: dict[str, Any], key: str) -> list[str]:
    value = message.get(key)
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _saw_workers(state: State, scripts: object) -> None:
    for script in scripts[:MAX_WORKERS] if isinstance(scripts, list) else ():
        key = resolve(script, "/") if isinstance(script, str) else None
        if key is not None:
            state.updates.saw_worker(key)


def _saw_maps(state: State, maps: object) -> None:
    parsed = []
    origin = f"{request.scheme}://{request.host}"
    for item in maps[:5] if isinstance(maps, list) else ():
        if isinstance(item, dict):
            text, base = item.get("text"), item.get("base")
            if isinstance(text, str) and isinstance(base, str):
                try:
                    parsed.append(ImportMap.parse(text, base, origin))
                except ImportMapError:
                    continue
    state.updates.saw_maps(parsed)
