"""Where expressions and statements end, by their brackets and line ends.

Only what can be told without a parser is told: an answer may be that it is not certain.
"""

from __future__ import annotations

import functools
import re
import typing as t

from . import grammar
from .outline import Outline

if t.TYPE_CHECKING:
    from collections.abc import Iterator

END_OF_TEXT = ""
"""The text of the token that is none."""


class Token(t.NamedTuple):
    """A token; a bracket stands for all up to its partner."""

    start: int
    end: int
    text: str
    """Its text; of a bracket and of a literal only the first character."""


class Extent(t.NamedTuple):
    """A statement's end, and what it is made of."""

    end: int
    """The offset after it, with its semicolon if it has one."""

    operators: frozenset[str]
    """The punctuators in it that are in no bracket."""


@functools.cache
def _punctuator() -> re.Pattern[str]:
    return re.compile(
        r"\?\.(?!\d)|\.\.\.|=>|\+\+|--|(?:&&|\|\||\?\?|\*\*|<<|>>>?|[-+*/%&|^])=?"
        r"|[=!]==?|[<>]=?|.",
        re.DOTALL,
    )


@functools.cache
def _name() -> re.Pattern[str]:
    return re.compile(grammar.NAME)


@functools.cache
def _link() -> re.Pattern[str]:
    gap = grammar.GAP
    return re.compile(
        rf"{gap}(?:\?\.(?!\d){gap}(?=[(\[])|\??\.(?!\d|\.){gap}#?{grammar.NAME})",
        re.DOTALL,
    )


#: Statements that begin with these words are not followed.
STATEMENT_WORDS = frozenset(
    "break case class const continue debugger default do export for function if"
    " import let return switch throw try using var while with yield".split()
)


class Extents:
    """Tells where things end in a text.

    :param source: The text.
    :param outline: Its outline, read to the end.
    """

    def __init__(self, source: str, outline: Outline) -> None:
        self._source = source
        self._outline = outline

    def token(self, at: int) -> Token:
        """Return the next token at or after an offset."""
        source, outline = self._source, self._outline
        start = grammar.skip_gap(source, at)
        if start >= len(source) or source.startswith("//", start):
            # A comment in the last line has no end of its own.
            return Token(len(source), len(source), END_OF_TEXT)
        character = source[start]
        if not outline.in_code(start):
            return Token(start, self._literal_end(start), character)
        if character in "([{":
            return Token(start, outline.closers.get(start, start) + 1, character)
        match = _name().match(source, start) or _punctuator().match(source, start)
        if match is None:  # pragma: no cover - it matches any character
            return Token(len(source), len(source), END_OF_TEXT)
        return Token(start, match.end(), match[0])

    def chain_end(self, at: int) -> int:
        """Return the end of what is read and called one after another.

        :param at: The offset after an expression such as ``import.meta.hot``.
        """
        source = self._source
        while True:
            match = _link().match(source, at)
            if match is not None:
                at = match.end()
                continue
            token = self.token(at)
            if token.text not in ("(", "[", "`"):
                return at
            at = token.end

    def statement(self, at: int) -> Extent | None:
        """Return the extent of an expression statement, or of the rest of one.

        :param at: An offset inside of it, in no bracket of its own.
        :return: ``None`` where its end is not certain.
        """
        operators: set[str] = set()
        last: Token | None = None
        for token in self._tokens(at):
            if token.text in (END_OF_TEXT, ")", "]", "}"):
                break
            if token.text == ";":
                return Extent(token.end, frozenset(operators))
            if last is not None and grammar.has_line_end(
                self._source, last.end, token.start
            ):
                goes_on = self._goes_on(last, token)
                if goes_on is None:
                    return None
                if not goes_on:
                    break
            if not grammar.is_name_character(token.text[0]):
                operators.add(token.text)
            last = token
        return Extent(at if last is None else last.end, frozenset(operators))

    def substatement(self, at: int) -> int | None:
        """Return the end of the statement that ``if (…)`` or ``else`` governs.

        :param at: The offset after the parenthesis or the word.
        :return: ``None`` where its end is not certain.
        """
        token = self.token(at)
        if token.text in ("{", ";"):
            return token.end
        if token.text == "if":
            head = self.token(token.end)
            end = self.substatement(head.end) if head.text == "(" else None
            if end is None:
                return None
            other = self.token(end)
            return self.substatement(other.end) if other.text == "else" else end
        after = self.token(token.end).text
        if token.text in STATEMENT_WORDS:
            # `import.meta` and `import()` are expressions.
            if token.text != "import" or after not in (".", "("):
                return None
        elif after == ":":
            return None  # a label: any statement may follow
        extent = self.statement(token.start)
        return None if extent is None else extent.end

    def _tokens(self, at: int) -> Iterator[Token]:
        while True:
            token = self.token(at)
            yield token
            at = token.end

    def _literal_end(self, start: int) -> int:
        """Return the end of a literal; of a template with its substitutions."""
        source, outline = self._source, self._outline
        end = outline.opaque_end(start)
        while source[end : end + 1] == "{" and outline.is_substitution(end):
            closer = outline.closers.get(end)
            if closer is None:
                return len(source)
            end = outline.opaque_end(closer + 1)
        return end

    def _goes_on(self, last: Token, token: Token) -> bool | None:
        """Say whether a statement goes on in a new line; ``None`` if in doubt."""
        word = grammar.keyword_before(self._source, last.end)
        if word in ("yield", "of", "return"):
            return None
        if word in grammar.OPERATOR_WORDS:
            return True
        if last.text in ("++", "--"):
            return None
        if last.text == "/" and self._outline.in_code(last.start):
            return True
        if last.text not in ("(", "[", "{", "'", '"', "`", "/") and (
            not grammar.is_name_character(last.text[0])
        ):
            return True
        if token.text in ("in", "instanceof"):
            return True
        if token.text == "{":
            # The body of a function, or a block.
            return None
        if grammar.is_name_character(token.text[0]) or token.text in (
            *("'", '"', "@", "#", "\\", "++", "--", "!", "~"),
        ):
            return False
        # Also a slash: what the outline took for a regular expression may be none.
        return True if self._outline.in_code(token.start) or token.text == "`" else None
