"""What pages say, and what they are answered, by whatever transport."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import request

from .core import messages
from .core.importmap import ImportMap, ImportMapError
from .core.specifiers import resolve
from .inspector import MAX_NAME, inspected

if TYPE_CHECKING:
    from .page import Client
    from .state import State

MAX_HELD = 50_000
"""Modules that a page may say it holds."""

MAX_WORKERS = 100
"""Scripts of workers that one page may name."""

MAX_ASSETS = 10_000
"""Style sheets, images and the like that one message may name."""

MAX_TEMPLATES = 1_000
"""Templates that one page may say it was made from."""

MAX_MAPS = 5
"""Import maps that one page may have."""


class Conversation:
    """Takes what one page says, in the thread of a request of its own.

    Of what a page sends nothing is believed: what is not of the right form is passed
    over.

    :param state: what is kept for the app.
    :param client: the page, for handlers of the app.
    :param reply: sends a message to this page only.
    :param tell: does the same at any later time.
    :param set_aside: is called when it turns out to be no page of the app.
    """

    def __init__(
        self,
        state: State,
        client: Client,
        reply: Callable[[str], object],
        tell: Callable[[str], object],
        set_aside: Callable[[], object],
    ) -> None:
        self._state = state
        self._client = client
        self._reply = reply
        self._tell = tell
        self._set_aside = set_aside
        # What an inspector calls itself, and what a page does that answers one.
        self._inspector: str | None = None
        self._page: str | None = None
        self._held: dict[str, Any] = {}
        self.is_known = True
        """Whether the page need not say what it holds."""
        self._kinds: dict[str, Callable[[dict[str, Any]], None]] = {
            "hello": self._hello,
            "held": self._take_held,
            "assets": self._compare_assets,
            "renew": self._renew,
            "mend": self._renew,
            "open": state.open_source,
            "report": state.report,
            "console": state.forward,
            "custom": self._dispatch,
            "inspect": self._inspect,
            "instances": self._take_instances,
            "outcome": state.inspection.outcome,
        }

    def take(self, message: dict[str, Any]) -> None:
        """Take one message: an object whose ``type`` is a string."""
        kind = self._kinds.get(message["type"])
        if kind is not None:
            kind(message)

    def left(self) -> None:
        """Take note that the connection has ended, where that can be known."""
        self._state.inspection.left(self._inspector, self._page)

    def _hello(self, message: dict[str, Any]) -> None:
        state = self._state
        if message.get("inspector"):
            self._set_aside()
        else:
            if state.inspection.is_open:
                self._reply(messages.inspect(anew=True))
            state.mention_inspector(message.get("session") == state.updates.session)
        _saw_maps(state, message.get("maps"), self._client)
        _saw_workers(state, message.get("workers"))
        session = message.get("session")
        # A page that comes from elsewhere says next what it holds, without being asked.
        if not message.get("follows"):
            answer = state.updates.catch_up(session, message.get("seq"))
            self.is_known = answer is not None
            self._reply(answer or state.foreign())
        if "document" in message:
            text = state.documents.sent(message["document"])
            self._reply(messages.document(text))
        if session == state.updates.session:
            missed = state.assets.since(message.get("assets"))
            if missed is not None:
                self._reply(missed)
        if state.hooks.problems:
            self._reply(messages.problems(state.hooks.problems))
        held = _part(message, "templates", MAX_TEMPLATES)
        changed = state.templates.compare(held) if held else []
        if changed:
            self._reply(messages.templates(changed))

    def _take_held(self, message: dict[str, Any]) -> None:
        part = message.get("held")
        if isinstance(part, dict) and len(self._held) + len(part) <= MAX_HELD:
            self._held.update(part)
        if message.get("done"):
            held, self._held = self._held, {}
            self._reply(self._state.compare(held))
            self.is_known = True

    def _compare_assets(self, message: dict[str, Any]) -> None:
        self._reply(self._state.assets.compare(_part(message, "held", MAX_ASSETS)))

    def _renew(self, message: dict[str, Any]) -> None:
        updates = self._state.updates
        since = message.get("since")
        since = since if isinstance(since, int) else None
        try:
            if message["type"] == "renew":
                updates.renew(_texts(message, "urls"), since)
            elif since is not None:
                updates.mend(_texts(message, "entries"), since)
        finally:
            question = message.get("id")
            if isinstance(question, int):
                # Whatever came of it, the page waits.
                self._reply(messages.renewed(question))

    # Inspectors

    def _inspect(self, message: dict[str, Any]) -> None:
        name, inspection = message.get("name"), self._state.inspection
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            return
        self._set_aside()
        self._inspector = name
        told = inspection.inspect(name, self._tell, message.get("stamp"))
        self._reply(inspected(self._state, message, told))
        if message.get("pages"):
            inspection.ask(anew=message["pages"] == "anew")

    def _take_instances(self, message: dict[str, Any]) -> None:
        agent = request.headers.get("User-Agent", "")
        self._page = self._state.inspection.instances(message, agent) or self._page

    def _dispatch(self, message: dict[str, Any]) -> None:
        event = message.get("event")
        if isinstance(event, str):
            self._state.dispatch(event, message.get("data"), self._client)


def _part(message: dict[str, Any], key: str, most: int) -> dict[str, Any]:
    value = message.get(key)
    return dict(islice(value.items(), most)) if isinstance(value, dict) else {}


def _texts(message: dict[str, Any], key: str) -> list[str]:
    value = message.get(key)
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _saw_workers(state: State, scripts: object) -> None:
    for script in scripts[:MAX_WORKERS] if isinstance(scripts, list) else ():
        key = resolve(script, "/") if isinstance(script, str) else None
        if key is not None:
            state.updates.saw_worker(key)


def _saw_maps(state: State, maps: object, page: Client) -> None:
    parsed = []
    origin = f"{request.scheme}://{request.host}"
    for item in maps[:MAX_MAPS] if isinstance(maps, list) else ():
        if isinstance(item, dict):
            text, base = item.get("text"), item.get("base")
            if isinstance(text, str) and isinstance(base, str):
                try:
                    parsed.append(ImportMap.parse(text, base, origin))
                except ImportMapError:
                    continue
    state.updates.saw_maps(parsed, page)
