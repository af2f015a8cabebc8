"""What the arguments of ``accept`` make certain."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from . import grammar
from .outline import Outline


@dataclass(frozen=True, slots=True)
class Accepted:
    """What one call of ``accept`` surely accepts."""

    itself: bool
    """The module that calls it."""

    deps: tuple[str, ...]
    """These specifiers."""


def read_arguments(source: str, outline: Outline, start: int) -> Accepted | None:
    """Read the arguments of a call of ``accept``; ``None`` if in any doubt.

    :param source: The text.
    :param outline: Its outline, read to the end.
    :param start: The offset after the call's opening parenthesis.
    """
    end = outline.closers.get(start - 1)
    if end is None or source.find("bubbles", start, end) >= 0:
        return None
    at = grammar.skip_gap(source, start)
    if at == end or _is_only_function(source, outline, at, end):
        return Accepted(itself=True, deps=())
    deps = _listed(source, at)
    return None if deps is None else Accepted(itself=False, deps=tuple(deps))


@functools.cache
def _literal() -> re.Pattern[str]:
    return re.compile(f"({grammar.LITERAL}){grammar.GAP}", re.DOTALL)


@functools.cache
def _function() -> re.Pattern[str]:
    return re.compile(
        rf"(?:async{grammar.WORD_END}{grammar.GAP})?function{grammar.WORD_END}"
        rf"{grammar.GAP}(?:\*{grammar.GAP})?(?:[\w$]+{grammar.GAP})?(?=\()",
        re.DOTALL,
    )


@functools.cache
def _arrow() -> re.Pattern[str]:
    return re.compile(
        rf"(?:async{grammar.WORD_END}{grammar.GAP})?"
        rf"(?:(?=\()|(?!async\b)[\w$]+{grammar.GAP}(?==>))",
        re.DOTALL,
    )


@functools.cache
def _comma() -> re.Pattern[str]:
    return re.compile(",")


def _listed(source: str, at: int) -> list[str] | None:
    """Return the specifiers of a literal or of an array of literals."""
    is_list = source[at] == "["
    if is_list:
        at = grammar.skip_gap(source, at + 1)
    deps = []
    while (match := _literal().match(source, at)) is not None:
        deps.append(grammar.decode_literal(match[1]))
        at = match.end()
        if not is_list or source[at : at + 1] != ",":
            break
        at = grammar.skip_gap(source, at + 1)
    if is_list:
        if source[at : at + 1] != "]":
            return None
        at = grammar.skip_gap(source, at + 1)
    return deps if source[at : at + 1] in (",", ")") else None


def _is_only_function(source: str, outline: Outline, at: int, end: int) -> bool:
    """Say whether the one argument of a call is evidently a function.

    A second argument could hold options.
    """
    closers = outline.closers
    match = _function().match(source, at)
    if match is not None:
        parameters = closers.get(match.end(), -1)
        body = grammar.skip_gap(source, parameters + 1)
        closer = closers.get(body, -1)
        return 0 <= parameters < closer and _is_last(source, closer + 1, end)
    match = _arrow().match(source, at)
    if match is None:
        return False
    at = match.end()
    if source[at] == "(":
        at = grammar.skip_gap(source, closers.get(at, len(source)) + 1)
    if source[at : at + 2] != "=>":
        return False
    body = grammar.skip_gap(source, at + 2)
    if source[body : body + 1] == "{":
        return _is_last(source, closers.get(body, end) + 1, end)
    opener = outline.openers[end]
    return all(
        outline.enclosing(comma.start()) != opener
        or not outline.in_code(comma.start())
        or _is_last(source, comma.start(), end)
        for comma in _comma().finditer(source, body, end)
    )


def _is_last(source: str, at: int, end: int) -> bool:
    """Say whether nothing but a comma stands between two offsets."""
    at = grammar.skip_gap(source, at)
    if source[at : at + 1] == ",":
        at = grammar.skip_gap(source, at + 1)
    return at == end
