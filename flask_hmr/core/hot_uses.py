"""What can be done about each use of ``import.meta.hot`` where there is none.

It is ``undefined`` in production. Whatever can be told to do nothing then is taken out,
all else is refused.
"""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass

from . import grammar
from .clauses import body_start, meta_names
from .extents import END_OF_TEXT, Extents, Token
from .hoisting import declares_var
from .hot_aliases import META, member
from .outline import Outline
from .statements import begins_statement

#: What an expression that reads nothing is replaced by.
_NOTHING = "void 0"

#: Operators that bind less tightly than `&&`: with them a false left side is not all.
_LOOSER = frozenset(("||", "??", "?", ",", "=>"))
_ASSIGNMENTS = frozenset(
    "= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??=".split()
)

#: Words after which an operator cannot stand.
_NO_OPERAND = re.compile(r"(?<![\w$.])(?:extends|new)\Z")

_SEEN_OUTSIDE = "a `var` inside is seen outside of what would be removed; use `let`"
_NO_END = (
    "it is not certain where this statement ends, or what follows it; put braces around"
    " it, or a semicolon at its end if there is none"
)
_UNGUARDED = (
    "this fails where there is no hot module replacement; write `import.meta.hot?.`"
)
_UNSEEN = (
    "import.meta is used as a whole, so that it cannot be seen what is done with"
    " import.meta.hot"
)
_NAMED = "it is given another name, by which it may be used anywhere"
_UNBALANCED = "its brackets do not match"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A use of ``import.meta.hot`` that is left alone."""

    offset: int
    """Where it is, in code points."""
    reason: str


class _Refused(Exception):
    """Raised on a use that is left alone."""


class Edit(t.NamedTuple):
    """One stretch of text and what takes its place; line ends in it are kept."""

    start: int
    end: int
    text: str


class HotUses:
    """The uses in a text, and what is to be done about each.

    What is inside of an ``else`` that is kept is looked at, and edited only when the
    edited text is gone through again.

    :param source: the text of a module.
    """

    def __init__(self, source: str) -> None:
        #: What takes out the uses, if none is refused.
        self.edits: list[Edit] = []
        self.refusals: list[Refusal] = []
        #: How many uses the edits take out.
        self.removed = 0
        self._source = source
        self._outline = Outline(source, body_start(source))
        self._outline.advance(len(source))
        self._extents = Extents(source, self._outline)
        # Up to where everything is dealt with in this pass, and what of it is kept.
        self._done = 0
        self._kept: list[tuple[int, int]] = []

        self._read()

    def _read(self) -> None:
        for match in _uses().finditer(self._source):
            at = match.start()
            if not self._outline.in_code(at) or grammar.is_member(
                self._source, self._outline.before(at)
            ):
                continue
            names = meta_names(self._source, at, match.end("meta"), binding=True)
            if names is not None and names.isdisjoint(("hot", "dispose")):
                continue
            if not self._outline.is_balanced:
                self.refusals.append(Refusal(at, _UNBALANCED))
                return
            self._use(at, match, names)

    def _use(self, at: int, match: re.Match[str], names: set[str] | None) -> None:
        waits = at < self._done
        if waits and not any(start <= at < end for start, end in self._kept):
            return
        edits = len(self.edits)
        kept, done = self._kept, self._done
        try:
            if names is None:
                raise _Refused(_UNSEEN)
            if match["hot"] is None:
                raise _Refused(_NAMED)
            self._remove(at, match.end())
        except _Refused as refused:
            self.refusals.append(Refusal(at, str(refused)))
        if waits:
            # It was only looked whether it can be had.
            del self.edits[edits:]
            self._kept, self._done = kept, done
        else:
            self.removed += 1

    def _remove(self, at: int, end: int) -> None:
        around = self._outline.enclosing(at)
        if around >= 0 and self._is_condition(around):
            self._guard(around, at, end)
        elif self._is_statement(at, around):
            self._statement(at, end)
        else:
            self._expression(at, end)

    # if (import.meta.hot) …

    def _is_condition(self, opener: int) -> bool:
        before = self._outline.before(opener)
        is_head = self._source[opener] == "("
        return is_head and grammar.keyword_before(self._source, before) == "if"

    def _guard(self, opener: int, at: int, end: int) -> None:
        runs = self._decide(opener, at, end)
        start = self._outline.before(opener) - 2
        body = self._extents.token(self._outline.closers[opener] + 1).start
        body_end = self._end_of(body)
        other = self._extents.token(body_end)
        has_else = other.text == "else"
        rest = self._extents.token(other.end).start if has_else else body_end
        stop = self._end_of(rest) if has_else else body_end
        if runs:
            self._check_hoisted(body_end, stop)
            self._replace(start, body, whole=False)
            if has_else:
                closing = "" if self._is_closed(body, body_end) else ";"
                self.edits.append(Edit(body_end, stop, closing))
            self._finish(stop, (body, body_end))
        else:
            self._check_hoisted(body, body_end)
            if has_else:
                self._replace(start, rest, whole=False)
                self._finish(stop, (rest, stop))
            else:
                self._replace(start, stop)
                self._finish(stop)

    def _decide(self, opener: int, at: int, end: int) -> bool:
        """Tell whether a condition holds in production."""
        first = self._extents.token(opener + 1)
        closer = self._outline.closers[opener]
        if first.text == "!" and self._extents.token(first.end).start == at:
            if self._extents.token(end).start == closer:
                return True
        elif first.start == at:
            chain = self._extents.chain_end(end)
            if chain != end and not self._is_optional(end):
                raise _Refused(_UNGUARDED)
            after = self._extents.token(chain)
            if after.start == closer:
                return False
            extent = self._extents.statement(after.end)
            if after.text == "&&" and extent and not extent.operators & _LOOSER:
                return False
        raise _Refused(
            "this condition depends on more than import.meta.hot; write"
            " `if (import.meta.hot) { if (…) … }`"
        )

    def _end_of(self, at: int) -> int:
        end = self._extents.substatement(at)
        if end is None:
            raise _Refused(_NO_END)
        return end

    def _is_closed(self, start: int, end: int) -> bool:
        """Tell whether a statement needs no semicolon, whatever follows."""
        return self._source[end - 1] == ";" or self._source[start] == "{"

    def _check_hoisted(self, start: int, end: int) -> None:
        if declares_var(self._source, self._outline, start, end):
            raise _Refused(_SEEN_OUTSIDE)

    # Statements

    def _is_statement(self, at: int, around: int) -> bool:
        if around >= 0 and (
            self._source[around] != "{" or self._outline.is_substitution(around)
        ):
            return False
        return begins_statement(self._source, self._outline, at) or self._governed(at)

    def _governed(self, at: int) -> bool:
        """Tell whether a statement is that of an ``if``, ``else`` or loop."""
        source, outline = self._source, self._outline
        before = outline.before(at)
        opener = outline.openers.get(before - 1, -1)
        if opener >= 0 and source[opener] == "(":
            return outline.braces.is_statement_head(opener)
        return grammar.keyword_before(source, before) in ("else", "do")

    def _statement(self, at: int, end: int) -> None:
        chain = self._extents.chain_end(end)
        optional = self._is_optional(end)
        after = self._extents.token(chain)
        # Up to the end of a chain there is no doubt, unless it is called on.
        extent = self._extents.statement(at)
        if extent is None:
            raise _Refused(_NO_END)
        ends = extent.end in (chain, after.end if after.text == ";" else -1)
        guards = after.text == "&&" and (chain == end or optional)
        assigns = after.text in _ASSIGNMENTS and chain > end and not optional
        if not ends:
            if not guards and not assigns:
                self._expression(at, end)
                return
            rest = self._extents.statement(after.end)
            looser = {","} if assigns else _LOOSER
            if rest is None or rest.operators & looser:
                raise _Refused(
                    "more follows in this statement that may have to run; write"
                    " `if (import.meta.hot) { … }`"
                )
        self._replace(at, extent.end)
        self._finish(extent.end)

    # Expressions

    def _expression(self, at: int, end: int) -> None:
        chain = self._extents.chain_end(end)
        after = self._extents.token(chain)
        if not self._is_optional(end) or after.text == "**":
            raise _Refused(self._reason(at, end, chain, after))
        before = self._outline.before(at)
        if _NO_OPERAND.search(self._source, max(0, before - 8), before):
            raise _Refused(_UNGUARDED)
        self.edits.append(Edit(at, chain, _NOTHING))
        self._finish(chain)

    def _reason(self, at: int, end: int, chain: int, after: Token) -> str:
        if chain > end and not self._is_optional(end):
            return _UNGUARDED
        before = self._source[max(0, self._outline.before(at) - 1)]
        if after.text == "?":
            return (
                "it chooses between two values; write `if (import.meta.hot) { … } else"
                " { … }`"
            )
        around = self._outline.enclosing(at)
        is_head = around >= 0 and self._outline.braces.is_statement_head(around)
        if before in "(," and after.text in (",", ")") and not is_head:
            return (
                "it is handed to something that may do anything with it; write"
                " `if (import.meta.hot) { … }` around that"
            )
        if before in "=:" and after.text in (END_OF_TEXT, ";", ",", "}"):
            return _NAMED
        return "it is used in a way that cannot be followed"

    # What is left

    def _is_optional(self, end: int) -> bool:
        return self._extents.token(end).text == "?."

    def _finish(self, end: int, kept: tuple[int, int] | None = None) -> None:
        self._done = max(self._done, end)
        self._kept = [kept] if kept else []

    def _replace(self, start: int, end: int, *, whole: bool = True) -> None:
        """Take out a statement, or the beginning of one.

        :param whole: whether nothing of the statement stays.
        """
        self.edits.append(Edit(start, end, self._glue(start, end, whole)))

    def _glue(self, start: int, end: int, whole: bool) -> str:
        """Return the semicolon that has to stand in the place of a statement, if any.

        Without it what stands before might go on with what follows.
        """
        before = self._outline.before(start)
        last = self._source[before - 1 : before]
        if last == ":" or self._governed(start):
            return ";" if whole else ""
        following = self._extents.token(end).text
        is_safe = (
            last in ("", ";", "{")
            or following in (END_OF_TEXT, "}", ";", "'", '"', "{")
            or grammar.is_name_character(following[0])
        )
        return "" if is_safe else ";"


@functools.cache
def _uses() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w$#\\])(?P<meta>{META})(?P<hot>{member('hot|dispose')})?", re.DOTALL
    )
