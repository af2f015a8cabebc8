"""What a module declares at its top, and what it exports: names and places, no tree.

For plugins that add something to a module, such as the registration of its components.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from . import grammar
from .clauses import body_start
from .outline import Outline

_NAME = r"[A-Za-z_$\u0080-\U0010ffff][\w$\u0080-\U0010ffff]*"
_SPACE = rf"(?:{grammar.SPACE}|{grammar.BLOCK_COMMENT})"

Kind = Literal["function", "class", "variable", "expression"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One function, class, variable or default export at the top of a module."""

    name: str
    """Its name, ``""`` for a default export without one."""
    kind: Kind
    """``"expression"`` is a default export that declares nothing."""
    start: int
    """Offset where it begins."""
    end: int
    """Offset where the next statement that declares or exports something begins."""


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a module declares and exports."""

    declared: tuple[Declaration, ...]
    """In the order of the source, each variable of a statement on its own."""
    exports: dict[str, str]
    """Names of exports to the local names behind them: ``""`` where there is none, as
    for a default export of an expression and for what comes from another module."""
    exports_all: bool
    """Whether it exports all that some other module does."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, as it is written."""

    name: str
    """Of the function, with what is before its dot if the pattern has that in it."""
    target: str
    """What the result is given to, such as ``"[count, setCount]"``; ``""`` if it is no
    name or pattern."""
    arguments: tuple[str, ...]
    """Each without the space around it."""


@functools.cache
def _statement() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w$.#])(?:(export){_SPACE}+(?:(default){_SPACE}+)?)?"
        rf"(?:(?:async{_SPACE}+)?(function){_SPACE}*\*?{_SPACE}*({_NAME})?"
        rf"|(class)\b{_SPACE}*(?!extends\b)({_NAME})?"
        rf"|(const|let|var){_SPACE}+({_NAME}))",
        re.DOTALL,
    )


@functools.cache
def _more() -> re.Pattern[str]:
    """What goes on in a statement that declares variables, and what ends it."""
    return re.compile(
        rf",{_SPACE}*({_NAME})(?={_SPACE}*(?:=(?![=>])|[,;]|$))"
        r"|;|(?<![\w$.#])(?:export|const|let|var|if|for|while|do|switch|try|throw)\b",
        re.DOTALL,
    )


@functools.cache
def _export() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w$.#])export{_SPACE}*(?:(\{{)|(\*)(?:{_SPACE}*as{_SPACE}+({_NAME}))?"
        rf"|default{_SPACE}+({_NAME}(?={_SPACE}*(?:;|$|\n)))?)",
        re.DOTALL,
    )


@functools.cache
def _binding() -> re.Pattern[str]:
    return re.compile(
        rf"({_NAME})(?:\s+as\s+(?:({_NAME})|['\"]([^'\"]*)['\"]))?", re.DOTALL
    )


def declarations(source: str) -> Declarations:
    """Read what a module declares at its top. Never raises.

    :param source: the module's text.
    """
    outline = Outline(source, body_start(source))
    outline.advance(len(source))
    found: list[tuple[str, Kind, int]] = []
    exports: dict[str, str] = {}
    starts = []
    for match in _statement().finditer(source, outline.start):
        if not _is_at_top(outline, match.start()) or _is_operand(source, match):
            continue
        name = match[4] or match[6] or match[8] or ""
        kind: Kind = "function" if match[3] else "class" if match[5] else "variable"
        names = [(name, match.start())]
        if kind == "variable":
            names += _more_names(source, outline, match.end())
        for one, start in names:
            found.append((one, kind, start))
            starts.append(start)
            if match[1]:
                exports["default" if match[2] else one] = one
    all_of_another = _read_exports(source, outline, exports, starts, found)
    starts = [*sorted(set(starts)), len(source)]
    declared = tuple(
        Declaration(name, kind, at, next(start for start in starts if start > at))
        for name, kind, at in sorted(found, key=lambda one: one[2])
    )
    return Declarations(declared, exports, all_of_another)


def _more_names(
    source: str, outline: Outline, offset: int
) -> Iterator[tuple[str, int]]:
    """Yield the variables that a statement declares after the first, and where."""
    for match in _more().finditer(source, offset):
        if _is_at_top(outline, match.start()):
            if match[1] is None:
                return
            yield match[1], match.start(1)


def _read_exports(
    source: str,
    outline: Outline,
    exports: dict[str, str],
    starts: list[int],
    found: list[tuple[str, Kind, int]],
) -> bool:
    """Take in what other statements export; tell whether all of some module is."""
    exports_all = False
    for match in _export().finditer(source, outline.start):
        at = match.start()
        if not _is_at_top(outline, at) or at in starts:
            continue
        starts.append(at)
        if match[1]:
            _read_clause(source, outline, match.start(1), exports)
        elif match[2]:
            exports_all = exports_all or match[3] is None
            if match[3]:
                exports[match[3]] = ""
        else:
            exports["default"] = match[4] or ""
            if not match[4]:
                found.append(("", "expression", at))
    return exports_all


def _read_clause(
    source: str, outline: Outline, brace: int, exports: dict[str, str]
) -> None:
    end = outline.closers.get(brace, brace)
    rest = source[end + 1 :].lstrip()
    is_own = not rest.startswith("from")
    for match in _binding().finditer(source, brace + 1, end):
        if outline.in_code(match.start()):
            exported = match[2] or match[3] or match[1]
            exports[exported] = match[1] if is_own else ""


def _is_at_top(outline: Outline, offset: int) -> bool:
    return outline.in_code(offset) and outline.enclosing(offset) < 0


def _is_operand(source: str, match: re.Match[str]) -> bool:
    """Tell a function or class that is a part of an expression from a declaration."""
    if match[1] or match[7]:
        return False
    end = grammar.skip_space_back(source, match.start())
    return source[end - 1 : end] in ("=", "(", ",", ":", "?", "&", "|", ">", "+", "!")


def calls_in(source: str, start: int, end: int, pattern: str) -> tuple[Call, ...]:
    """Return the calls of functions in a part of a text, in their order.

    :param start: where the part begins.
    :param end: where it ends.
    :param pattern: what the names look like, a regular expression.
    """
    outline = Outline(source, body_start(source))
    outline.advance(len(source))
    called = re.compile(rf"(?<![\w$])({pattern})\s*\(")
    return tuple(
        Call(
            match[1],
            _target(source, outline, match.start()),
            _arguments(source, outline, match.end() - 1),
        )
        for match in called.finditer(source, start, end)
        if outline.in_code(match.start())
    )


def _target(source: str, outline: Outline, call: int) -> str:
    equals = outline.before(call) - 1
    if source[equals : equals + 1] != "=":
        return ""
    end = outline.before(equals)
    start = outline.openers.get(end - 1)
    if start is None:
        start = end
        while grammar.is_name_character(source[start - 1 : start]):
            start -= 1
    return source[start:end]


def _arguments(source: str, outline: Outline, opener: int) -> tuple[str, ...]:
    end = outline.closers.get(opener, opener)
    commas = [
        match.start()
        for match in re.compile(",").finditer(source, opener, end)
        if outline.in_code(match.start()) and outline.enclosing(match.start()) == opener
    ]
    edges = pairwise([opener, *commas, end])
    found = (source[before + 1 : after].strip() for before, after in edges)
    return tuple(filter(None, found))
