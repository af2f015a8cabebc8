"""One question of a page that has no socket, and the answer.

A question is a JSON object::

    {"page": "…", "marks": {"<session>": <number>}, "messages": [{"type": …}, …]}

``page`` is what the page calls itself, ``marks`` what it has seen of the feed of each
process that has answered it. The answer is::

    {"session": "…", "at": <number>, "messages": […]}

with what was broadcast since the mark, then the answers, and the new mark. A process
that does not know the page says so and does nothing else::

    {"session": "…", "unknown": true}

The page then introduces itself and asks again. Where several processes answer, each of
them tells of every change; an answer that is ``stale`` leaves updates out, and the page
says what it holds to be told what differs. Its mark is ``null`` until that was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .conversation import Conversation
from .core.messages import parse

if TYPE_CHECKING:
    from .feed import Feed
    from .state import State

MAX_LENGTH = 8 * 1024 * 1024
"""Bytes of the longest question."""

MAX_MESSAGES = 2_000
"""Messages that one question may have."""

MAX_AWAY = 60.0
"""Seconds for which a page can be told afterwards what it has missed."""

SLACK = 1.0
"""Seconds that a message may take from one process to another."""

MAX_NAME = 64
"""Characters of what a page may call itself."""

_UPDATE = '{"type":"update"'
_EVENT = '{"type":"custom"'
_NAME = ',"name":"'


def answer(state: State, body: bytes) -> str | None:
    """Return the answer to a question.

    :param body: what was posted.
    :return: ``None`` if it is no question.
    """
    question = parse(body)
    if question is None:
        return None
    page, marks = question.get("page"), question.get("marks")
    said = question.get("messages")
    if (
        not isinstance(page, str)
        or not 0 < len(page) <= MAX_NAME
        or not isinstance(marks, Mapping)
        or not isinstance(said, list)
        or not all(isinstance(m, dict) and isinstance(m.get("type"), str) for m in said)
    ):
        return None
    state.watch()
    feed, session = state.pages.feed, state.updates.session
    several = state.updates.code is not None
    mark = marks.get(session)
    missed: list[str] = []
    if said and said[0]["type"] == "hello":
        missed = _missed(feed, page, said[0].get("away"))
        mark = feed.mark()
    elif feed.since(mark, page) is None:
        return _json(session, unknown=True, code=state.updates.code)
    replies: list[str] = []
    client = state.presence.saw(page)
    conversation = Conversation(
        state,
        client,
        replies.append,
        lambda text: feed.append(text, page),
        lambda: feed.set_aside(page),
    )
    for message in said[:MAX_MESSAGES]:
        try:
            conversation.take(message)
        except Exception:
            state.log.exception("[hmr] a message of a page could not be handled")
    # What a question caused is part of its answer, and comes first.
    at, news = feed.since(mark, page) or (feed.mark(), [])
    stale = several and any(text.startswith(_UPDATE) for text in news)
    if stale:
        # Another process may have told the page of it already, and of more since.
        news = [text for text in news if not text.startswith(_UPDATE)]
    return _json(
        session,
        [*missed, *news, *replies],
        at=at if conversation.is_known or not several else None,
        **({"stale": True, "code": state.updates.code} if stale else {}),
    )


def _missed(feed: Feed, page: str, away: object) -> list[str]:
    """Return events that another process would have told a page if it had asked that.

    :param away: how many seconds ago the page was answered last.
    """
    if not isinstance(away, (int, float)) or not 0 <= away < MAX_AWAY:
        return []
    # They have names, so that nothing is heard twice.
    told = feed.lately(away + SLACK, page)
    return [text for text in told if text.startswith(_EVENT) and _NAME in text]


def _json(session: str, texts: Iterable[str] = (), **fields: object) -> str:
    head = json.dumps({"session": session, **fields})
    return f'{head[:-1]}, "messages": [{",".join(texts)}]}}'
