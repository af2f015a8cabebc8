"""What the brackets of a JavaScript text stand for.

``{`` opens a block, an object literal, or the body of a class or function; the
tokens before it tell which. A slash after its partner depends on that.
"""

from __future__ import annotations

import re
import typing as t

from . import grammar
from .slashes import STATEMENT_HEADS

if t.TYPE_CHECKING:
    from .outline import Outline

#: Words before ``{`` that leave it an object literal. The other words, among
#: them names and ``else``, ``do``, ``try``, make it a block.
_OBJECT_WORDS = frozenset(
    "await case default delete extends in instanceof new of return throw typeof"
    " void yield".split()
)

_CLASS_HEAD = re.compile(
    rf"(?<![\w$.#])class{grammar.WORD_END}[^{{}}()\[\];]*\Z", re.DOTALL
)
_FUNCTION_HEAD = re.compile(
    rf"(?<![\w$.#])(?:async{grammar.SPACE}+)?function{grammar.SPACE}*\*?"
    rf"{grammar.SPACE}*(?:[\w$\\]*{grammar.SPACE}*)?\Z"
)
_CONDITION_OR_CASE = re.compile(
    rf"\?(?![.?])(?<!\?\?)|(?<![\w$.#])case{grammar.WORD_END}"
)
_LABEL = re.compile(r"[\w$\\]+\Z")
#: How far back the head of a class or function may begin.
_HEAD_LENGTH = 240


class Braces:
    """Tells the kinds of an outline's brackets.

    :param source: The text.
    :param outline: Its outline, read up to whatever is asked about.
    """

    def __init__(self, source: str, outline: Outline) -> None:
        self._source = source
        self._outline = outline
        self._expressions: dict[int, bool] = {}

    def is_statement_head(self, opener: int) -> bool:
        """Say whether a parenthesis is that of ``if (…)``, ``for (…)`` or such.

        :param opener: The offset of the opening parenthesis.
        """
        end = self._outline.before(opener)
        word = grammar.keyword_before(self._source, end)
        if word == "await":
            word = grammar.keyword_before(self._source, self._outline.before(end - 5))
            return word == "for"
        return word in STATEMENT_HEADS

    def is_expression(self, brace: int) -> bool:
        """Say whether ``{…}`` is a value: an object, or the body of one.

        Otherwise it is a block, or the body of a declaration. The braces of
        function and class expressions count as expressions.

        :param brace: The offset of the opening brace.
        """
        # The answer can depend on that for the braces around it. They are
        # asked first, from the outermost, since nesting may be deeper than
        # Python's stack.
        unknown = []
        while brace >= 0 and brace not in self._expressions:
            unknown.append(brace)
            brace = self._outline.enclosing(brace)
            if brace >= 0 and self._source[brace] != "{":
                break
        for inner in reversed(unknown):
            self._expressions[inner] = self._is_expression(inner)
        return self._expressions[unknown[0] if unknown else brace]

    def holds_members(self, bracket: int) -> bool:
        """Say whether a bracket is the brace of a class or an object literal.

        :param bracket: The offset of the opening bracket.
        """
        source = self._source
        if source[bracket] != "{" or self._outline.is_substitution(bracket):
            return False
        end = self._outline.before(bracket)
        if source[end - 1 : end] == ")":
            return False
        if _CLASS_HEAD.search(source, max(0, end - _HEAD_LENGTH), end):
            return True
        return self.is_expression(bracket)

    def _is_expression(self, brace: int) -> bool:
        source = self._source
        end = self._outline.before(brace)
        last = source[end - 1 : end]
        if last == ")":
            return self._is_function_expression(end - 1)
        if last == ":":
            return self._is_value_after_colon(end - 1)
        if last == ">" and source[end - 2 : end] == "=>":
            return False
        if last in ("+", "-") and source[end - 2 : end - 1] == last:
            return False
        if last == "/":
            return self._outline.in_code(end - 1)
        if last in ("", ";", "{", "}", "]", "'", '"', "`"):
            return last == "{" and self._outline.is_substitution(end - 1)
        if not grammar.is_name_character(last):
            return True
        head = _CLASS_HEAD.search(source, max(0, end - _HEAD_LENGTH), end)
        if head is not None:
            return not self._begins_statement(head.start())
        word = grammar.keyword_before(source, end)
        if word not in _OBJECT_WORDS:
            return False
        # `return` ends at a line terminator.
        return word != "return" or not grammar.has_line_end(source, end, brace)

    def _is_function_expression(self, parenthesis: int) -> bool:
        opener = self._outline.openers.get(parenthesis)
        if opener is None:
            return False
        start = max(0, opener - _HEAD_LENGTH)
        head = _FUNCTION_HEAD.search(self._source, start, opener)
        return head is not None and not self._begins_statement(head.start())

    def _begins_statement(self, start: int) -> bool:
        """Say whether ``class`` or ``function`` at an offset is a declaration."""
        source = self._source
        end = self._outline.before(start)
        last = source[end - 1 : end]
        if last == ")":
            # Also the decorator of a class, `@tagged("x") class A {}`.
            return True
        if last == "}":
            return True
        if last == "{":
            return not (
                self._outline.is_substitution(end - 1) or self.is_expression(end - 1)
            )
        if last == ":":
            return not self._is_value_after_colon(end - 1)
        if last == "/":
            # The end of a regular expression, or a division.
            return not self._outline.in_code(end - 1)
        if last in ("", ";", "]", "'", '"', "`"):
            return True
        if last in ("+", "-") and source[end - 2 : end - 1] == last:
            return True
        if not grammar.is_name_character(last):
            return False
        word = grammar.keyword_before(source, end)
        return word == "default" or word not in (_OBJECT_WORDS | {"else", "do"})

    def _is_value_after_colon(self, colon: int) -> bool:
        """Say whether a colon belongs to a property or `?:`, not to a label."""
        source, outline = self._source, self._outline
        around = outline.enclosing(colon)
        if around >= 0 and (
            source[around] != "{"
            or outline.is_substitution(around)
            or self.is_expression(around)
        ):
            return True
        end = outline.before(colon)
        if grammar.keyword_before(source, end) == "default":
            return False
        start = max(around + 1, colon - _HEAD_LENGTH)
        label = _LABEL.search(source, start, end)
        if label is not None:
            before = outline.before(label.start())
            if source[before - 1 : before] in ("", ";", "{", "}", ")"):
                return False
        # The last one that began before it.
        begun = [match[0] for match in _CONDITION_OR_CASE.finditer(source, start, end)]
        return bool(begun) and begun[-1] == "?"
