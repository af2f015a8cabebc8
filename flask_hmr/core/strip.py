"""A module without its uses of ``import.meta.hot``, for production.

There ``import.meta.hot`` is ``undefined``, so that what it guards never runs. What is
taken out is what can be told to do nothing then; a call that nothing guards would fail
and is taken out too. All else is refused, and the text left as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import grammar
from .hot_uses import Edit, HotUses, Refusal
from .lexer import scan

_MOST_PASSES = 100
_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")
_LEFT_OVER = "something is left of import.meta.hot that cannot be followed"


@dataclass(frozen=True, slots=True)
class Stripped:
    """What became of a module."""

    text: str
    """Without all uses; as it was if one of them is refused."""
    removed: int = 0
    """How many uses were taken out."""
    refusals: tuple[Refusal, ...] = ()


def strip(source: str) -> Stripped:
    """Take the uses of ``import.meta.hot`` and ``import.meta.dispose`` out of a module.

    Line numbers stay as they are.

    :param source: the text of a module.
    """
    text, removed = source, 0
    for _ in range(_MOST_PASSES):
        found = scan(text) if "meta" in text else None
        if found is None or not found.uses_hot:
            return Stripped(text, removed)
        if found.errors:
            error = found.errors[0]
            return Stripped(source, 0, (Refusal(error.offset, error.message),))
        one = HotUses(text)
        if one.refusals:
            return Stripped(source, 0, tuple(one.refusals))
        if not one.edits:
            break
        text, removed = _edited(text, one.edits), removed + one.removed
    return Stripped(source, 0, (Refusal(0, _LEFT_OVER),))


def _edited(source: str, edits: list[Edit]) -> str:
    parts, at, text = [], 0, ""
    last = len(source.rstrip())
    for start, end, text in sorted(edits):
        lines = "" if end >= last else _lines(source, start, end)
        # What was alone on its lines leaves no blanks on them.
        line = grammar.line_start(source, start)
        if lines and not text and line >= at and not source[line:start].strip(" \t"):
            start = line
        parts += [source[at:start], text, lines]
        at = end
    edited = "".join([*parts, source[at:]])
    if at < last or text:
        return edited
    # Blank lines at the end keep no line number.
    kept = edited.rstrip()
    line_end = _LINE_END.search(edited, len(kept))
    return kept + line_end[0] if line_end and kept else kept


def _lines(source: str, start: int, end: int) -> str:
    return "".join(_LINE_END.findall(source, start, end))
