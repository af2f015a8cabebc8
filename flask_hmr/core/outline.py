"""The brackets of a JavaScript text.

A slash after ``)`` or ``}`` divides or begins a regular expression, depending on
what stands before the bracket's partner; and whether a call surely runs depends
on the blocks around it. Most texts ask neither question, so the outline is built
only on demand, and only as far as it is asked about.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left

from . import grammar
from .braces import Braces
from .slashes import JUMPS, divides_nearby


@functools.cache
def _token() -> re.Pattern[str]:
    comments = (
        rf"(?:(?://[^{grammar.LINE_ENDS}]*|{grammar.BLOCK_COMMENT}){grammar.SPACE}*)+"
    )
    # What is passed over comes first: that is much faster than a search.
    return re.compile(
        r"([^()\[\]{}/'\"`]*)"
        rf"(?:(?:{grammar.STRING}|{grammar.PLAIN_TEMPLATE})"
        rf"|({comments})|([(\[{{])|([)\]}}])|(/)|(`)|['\"])",
        re.DOTALL,
    )


@functools.cache
def _regex() -> re.Pattern[str]:
    return re.compile(grammar.REGEX, re.DOTALL)


@functools.cache
def _template_text() -> re.Pattern[str]:
    return re.compile(r"[^`\\$]*(?:(?:\\.|\$(?!\{))[^`\\$]*)*", re.DOTALL)


def regex_end(source: str, slash: int) -> int:
    """Return the offset after a regular expression, -1 if it has no end.

    :param source: The text.
    :param slash: The offset of its first slash.
    """
    match = _regex().match(source, slash)
    return match.end() if match else -1


def template_text_end(source: str, start: int) -> int:
    """Return the offset of the backtick or ``${`` that ends a template's text.

    That is the length of the source if there is none.

    :param source: The text.
    :param start: Where the template's text begins.
    """
    match = _template_text().match(source, start)
    end = match.end() if match else start
    return len(source) if source[end : end + 1] == "\\" else end


def line_end(source: str, start: int) -> int:
    """Return the offset of the next line terminator, or the source's length.

    :param source: The text.
    :param start: Where to start looking.
    """
    match = _line_end().search(source, start)
    return match.start() if match else len(source)


@functools.cache
def _line_end() -> re.Pattern[str]:
    return re.compile(f"[{grammar.LINE_ENDS}]")


class Outline:
    """The brackets of a text, and what else is no plain code in it.

    :param source: The text.
    :param start: Where to begin, for the text after a hashbang line.
    """

    def __init__(self, source: str, start: int = 0) -> None:
        self._source = source
        #: Where it begins.
        self.start = start
        self._next = start
        #: Offset of each closing bracket that has a partner -> the partner's.
        self.openers: dict[int, int] = {}
        #: The reverse of :attr:`openers`.
        self.closers: dict[int, int] = {}
        # One entry for each bracket: its offset, the innermost open one after.
        self._brackets: list[int] = []
        self._innermost: list[int] = []
        self._stack: list[int] = []
        self._braces = 0
        # Comments by their end, with the space after them.
        self._comments: dict[int, int] = {}
        # Strings, templates' texts, comments and regular expressions.
        self._opaque_starts: list[int] = []
        self._opaque_ends: list[int] = []
        #: What they stand for.
        self.braces = Braces(source, self)
        # Closing brackets without a partner, or that took another's.
        self._mismatches = 0
        #: How many tokens were looked at.
        self.steps = 0

    @property
    def is_balanced(self) -> bool:
        """Whether every bracket that was read has its partner."""
        return not self._stack and not self._mismatches

    def advance(self, end: int) -> None:
        """Read the text up to an offset, which must not lie inside a token.

        :param end: Tokens that begin before it are read.
        """
        source, stack = self._source, self._stack
        brackets, innermost = self._brackets, self._innermost
        starts, ends = self._opaque_starts, self._opaque_ends
        match_next = _token().match
        position = self._next
        # The common tokens are dealt with here: a call for each costs twice as much.
        while position < end:
            match = match_next(source, position)
            if match is None:
                position = len(source)
                break
            at, position = match.end(1), match.end()
            if at >= end:
                position = at
                break
            self.steps += 1
            kind = match.lastindex
            if kind == 3:
                stack.append(at)
                brackets.append(at)
                innermost.append(at)
                self._braces += source[at] == "{"
            elif kind == 1 and position - at > 1:
                starts.append(at)
                ends.append(position)
            else:
                self._next = position
                self._read(kind, at, position)
                position = self._next
        self._next = position

    def _read(self, kind: int | None, at: int, end: int) -> None:
        source = self._source
        if kind == 4:
            self._close(at)
        elif kind == 5:
            if not self.slash_divides(at):
                after = regex_end(source, at)
                self._skip(at, after if after > 0 else line_end(source, at))
        elif kind == 6:
            self._template(at, at + 1)
        elif kind == 2:
            self._comments[end] = at
            self._skip(at, end)
        else:
            # A quote without a partner.
            self._skip(at, line_end(source, at))

    def _skip(self, start: int, end: int) -> None:
        self._opaque_starts.append(start)
        self._opaque_ends.append(end)
        self._next = end

    def _template(self, start: int, text: int) -> None:
        end = template_text_end(self._source, text)
        if self._source[end : end + 1] == "$":
            self._skip(start, end + 1)
            self._open(end + 1)
            self._next = end + 2
        else:
            self._skip(start, min(end + 1, len(self._source)))

    def _open(self, at: int) -> None:
        self._stack.append(at)
        self._braces += self._source[at] == "{"
        self._brackets.append(at)
        self._innermost.append(at)

    def _close(self, at: int) -> None:
        source, stack = self._source, self._stack
        if source[at] == "}":
            if not self._braces:
                self._mismatches += 1
                return
            # An unclosed parenthesis does not reach beyond its block.
            while source[stack[-1]] != "{":
                stack.pop()
                self._mismatches += 1
            self._braces -= 1
        elif not stack or source[stack[-1]] != ("(" if source[at] == ")" else "["):
            self._mismatches += 1
            return
        opener = stack.pop()
        self.openers[at] = opener
        self.closers[opener] = at
        self._brackets.append(at)
        self._innermost.append(stack[-1] if stack else -1)
        if source[at] == "}" and self.is_substitution(opener):
            self._template(at + 1, at + 1)

    def is_substitution(self, brace: int) -> bool:
        """Say whether an opening brace belongs to a template's ``${``.

        :param brace: Its offset.
        """
        if self._source[brace - 1 : brace + 1] != "${":
            return False
        # The text before it ends with the dollar sign.
        index = bisect_left(self._opaque_ends, brace)
        return index < len(self._opaque_ends) and self._opaque_ends[index] == brace

    def in_code(self, offset: int) -> bool:
        """Say whether an offset lies in code, in the part that was read.

        :param offset: An offset before which the text was read.
        """
        index = bisect_left(self._opaque_starts, offset + 1) - 1
        return index < 0 or self._opaque_ends[index] <= offset

    def opaque_end(self, offset: int) -> int:
        """Return the offset after the literal or comment around an offset.

        That is the offset itself where it lies in code.

        :param offset: An offset before which the text was read.
        """
        index = bisect_left(self._opaque_starts, offset + 1) - 1
        return offset if index < 0 else max(offset, self._opaque_ends[index])

    def enclosing(self, offset: int) -> int:
        """Return the offset of the innermost bracket around an offset, or -1.

        :param offset: An offset before which the text was read.
        """
        index = bisect_left(self._brackets, offset) - 1
        return self._innermost[index] if index >= 0 else -1

    def before(self, offset: int) -> int:
        """Return the offset just after the token before an offset.

        Space and comments are passed over. The result is 0 where nothing
        stands before.

        :param offset: The offset at which a token begins.
        """
        offset = self._comments.get(offset, offset)
        end = grammar.skip_space_back(self._source, offset)
        return end if end > self.start else 0

    def slash_divides(self, slash: int) -> bool:
        """Say whether a slash divides; if not, it begins a regular expression.

        :param slash: Its offset, before which the text was read.
        """
        return self.divides_after(self.before(slash), slash)

    def divides_after(self, before: int, slash: int) -> bool:
        """Say whether a slash after a token divides.

        :param before: The offset just after the token, up to which the text was read.
        :param slash: The offset of the slash.
        """
        source = self._source
        near = divides_nearby(source, before, slash)
        if near is not None:
            return near
        last = source[before - 1]
        if last == "/":
            return not self.in_code(before - 1)
        if last in ("'", '"'):
            return not self._ends_declaration(before)
        if last in ("+", "-"):
            return self._is_postfix(before - 2)
        if grammar.is_name_character(last):
            return not self._is_label(before)
        opener = self.openers.get(before - 1)
        if opener is None:
            return last == ")"
        if source[opener] == "(":
            return not self.braces.is_statement_head(opener)
        return self.braces.is_expression(opener)

    def _ends_declaration(self, end: int) -> bool:
        """Say whether a string is the module of an ``import`` or ``export … from``."""
        index = bisect_left(self._opaque_ends, end)
        if self._opaque_ends[index : index + 1] != [end]:
            return False
        before = self.before(self._opaque_starts[index])
        return grammar.keyword_before(self._source, before) in ("import", "from")

    def _is_postfix(self, sign: int) -> bool:
        """Say whether ``++`` or ``--`` at an offset changes what is before it."""
        operand = self.before(sign)
        if grammar.has_line_end(self._source, operand, sign):
            return False
        # It is no operand of another one. So this never goes deeper.
        if self._source[operand - 1 : operand] in ("+", "-"):
            return False
        return self.divides_after(operand, sign)

    def _is_label(self, end: int) -> bool:
        """Say whether the name that ends at an offset follows ``break`` or such."""
        source = self._source
        start = end
        while start and grammar.is_name_character(source[start - 1]):
            start -= 1
        before = self.before(start)
        word = grammar.keyword_before(source, before)
        return word in JUMPS and not grammar.has_line_end(source, before, start)
