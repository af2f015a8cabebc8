"""Which calls of a module's hot API surely run, read from its text.

A call is certain when it stands at the top level as a statement of its own, or
directly under ``if (import.meta.hot)``, or after ``import.meta.hot &&``; also
through a variable that is declared at the top level and never assigned again.
Everything else may or may not run, which only the page finds out.
"""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass

from . import grammar
from .hot_aliases import META, HotAliases, may_be_named, member
from .hot_arguments import read_arguments
from .outline import Outline
from .statements import begins_statement
from .tail import outline_of_tail


@dataclass(frozen=True, slots=True)
class HotCalls:
    """What the calls of a module make certain; see the fields of ``Scan``."""

    accepts_self: bool = False
    accepts_deps: tuple[str, ...] = ()
    mentions_accept: bool = False
    declines: bool = False


def read_hot_calls(source: str, start: int, metas: t.Sequence[int]) -> HotCalls:
    """Find the calls of ``accept`` and ``decline`` in a module.

    :param source: The module's text.
    :param start: Where to begin, for the text after a hashbang line.
    :param metas: The offsets of each ``import.meta`` in the code.
    """
    if "accept" not in source and "decline" not in source:
        return HotCalls()
    return _HotCallReader(source, start, metas).read()


class _Patterns(t.NamedTuple):
    """What is matched where the hot object stands."""

    call: re.Pattern[str]
    guarded_call: re.Pattern[str]
    condition: re.Pattern[str]
    accept: re.Pattern[str]


def _patterns(names: t.Collection[str]) -> _Patterns:
    """Return what is matched where the hot object is called by some names."""
    gap, end = grammar.GAP, grammar.WORD_END
    meta_hot = META + member("hot")
    alias = "|".join(map(re.escape, sorted(names))) or "(?!)"
    hot = f"(?:{meta_hot}|(?:{alias}){end})"
    method = member("accept|acceptExports|decline")
    call = rf"{hot}(?P<method>{method}){gap}(?:\?\.{gap})?\("
    return _Patterns(
        call=re.compile(call, re.DOTALL),
        guarded_call=re.compile(f"{hot}{gap}&&{gap}(?P<call>{call})", re.DOTALL),
        condition=re.compile(
            f"{gap}(?:{meta_hot}|(?P<alias>{alias}){end}){gap}", re.DOTALL
        ),
        accept=re.compile(hot + member("accept|acceptExports"), re.DOTALL),
    )


@functools.cache
def _plain_patterns() -> _Patterns:
    return _patterns(())


@functools.cache
def _meta() -> re.Pattern[str]:
    return re.compile(META + grammar.GAP, re.DOTALL)


@functools.cache
def _method_word() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$\\])(?:accept|acceptExports){grammar.WORD_END}")


class _HotCallReader:
    def __init__(self, source: str, start: int, metas: t.Sequence[int]) -> None:
        self._source = source
        self._start = start
        self._metas = metas
        # Where the hot object gets a name, that may be used anywhere.
        named = any(may_be_named(source, at) for at in metas)
        tail = None if named else outline_of_tail(source, start, metas[0])
        self._outline = tail or self._whole_outline()
        self._is_whole = tail is None
        self._accepts_self = False
        self._deps: dict[str, None] = {}
        self._declines = False
        # Offsets of the calls that are certain, and of their methods' names.
        self._certain: set[int] = set()
        self._certain_words: set[int] = set()
        self._aliases = HotAliases(source, self._outline, metas)
        names = self._aliases.names
        self._patterns = _patterns(names) if names else _plain_patterns()

    def read(self) -> HotCalls:
        uses = self._aliases.uses()
        objects = sorted([*self._metas, *uses])
        for at in objects:
            if at not in uses or at >= self._aliases.names[uses[at]]:
                self._read_call(at)
        return HotCalls(
            accepts_self=self._accepts_self and not self._may_bubble(),
            accepts_deps=tuple(self._deps),
            mentions_accept=self._may_bubble() or self._mentions_accept(objects),
            declines=self._declines,
        )

    def _may_bubble(self) -> bool:
        # One of several calls is enough for importers to get the update.
        return self._accepts_self and "bubbles" in self._source

    def _whole_outline(self) -> Outline:
        outline = Outline(self._source, self._start)
        outline.advance(len(self._source))
        return outline

    # Certainty

    def _read_call(self, at: int) -> None:
        match = self._patterns.guarded_call.match(self._source, at)
        call = at
        if match is not None:
            call = match.start("call")
        else:
            match = self._patterns.call.match(self._source, at)
        if match is None or not self._surely_runs(at):
            return
        method = match["method"]
        if "decline" in method:
            self._declines = True
        elif "acceptExports" not in method:
            accepted = read_arguments(self._source, self._outline, match.end())
            if accepted is None:
                return
            self._accepts_self = self._accepts_self or accepted.itself
            self._deps.update(dict.fromkeys(accepted.deps))
            self._certain.add(call)
            name = self._source.find("accept", match.start("method"))
            self._certain_words.add(name)

    def _surely_runs(self, at: int) -> bool:
        around = self._outline.enclosing(at)
        if around == -1:
            return self._begins_statement(at) or self._is_guarded(at)
        return (
            self._source[around] == "{"
            and self._outline.enclosing(around) == -1
            and self._is_guarded(around)
            and self._begins_statement(at)
        )

    def _begins_statement(self, at: int) -> bool:
        return begins_statement(self._source, self._outline, at)

    def _is_guarded(self, at: int) -> bool:
        """Say whether `if (import.meta.hot)` stands just before an offset."""
        opener = self._outline.openers.get(self._outline.before(at) - 1)
        if opener is None or self._source[opener] != "(":
            return False
        closer = self._outline.closers[opener]
        condition = self._patterns.condition
        match = condition.fullmatch(self._source, opener + 1, closer)
        if match is None:
            return False
        if match["alias"] and opener < self._aliases.names[match["alias"]]:
            return False
        end = self._outline.before(opener)
        word = grammar.keyword_before(self._source, end)
        return word == "if" and self._begins_statement(end - 2)

    # What is left

    def _mentions_accept(self, objects: t.Sequence[int]) -> bool:
        if any(self._may_accept(at) for at in objects):
            return True
        if all(self._is_plain_use(at) for at in objects):
            return False
        # The hot object is known by a name that cannot be followed.
        outline = self._outline if self._is_whole else self._whole_outline()
        return any(
            outline.in_code(word.start()) and word.start() not in self._certain_words
            for word in _method_word().finditer(self._source)
        )

    def _may_accept(self, at: int) -> bool:
        """Say whether a method is read here that is no certain call."""
        match = self._patterns.accept.match(self._source, at)
        return match is not None and at not in self._certain

    def _is_plain_use(self, at: int) -> bool:
        """Say whether the hot object is only tested or has a property read."""
        source = self._source
        if at in self._aliases.metas:
            return True
        match = self._patterns.condition.match(source, at) or _meta().match(source, at)
        end = match.end() if match else at
        if source.startswith((".", "?.", "[", "&&"), end):
            return True
        if source[end : end + 1] != ")":
            return False
        opener = self._outline.openers.get(end, -1)
        return opener >= 0 and self._outline.braces.is_statement_head(opener)
