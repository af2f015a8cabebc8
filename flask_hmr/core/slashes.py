"""Whether a slash divides or begins a regular expression.

Mostly the token before it tells. After a parenthesis it depends on what stands
before the partner; that is looked for in the text nearby, as long as nothing there
can be mistaken for a bracket.
"""

from __future__ import annotations

import re

from . import grammar

#: Heads whose parentheses are followed by a statement.
STATEMENT_HEADS = frozenset(("if", "while", "for", "with"))

#: Words that may be followed by a label.
JUMPS = frozenset(("break", "continue"))

# After the last three, which can be whole statements, a slash begins the next one.
_WORDS_BEFORE_REGEX = grammar.OPERATOR_WORDS | JUMPS | {"debugger"}

_SPACE_IN_LINE = rf"(?:(?![{grammar.LINE_ENDS}]){grammar.SPACE})"
# A label after its word, or after a comment that may hide the word.
_LABEL = re.compile(
    rf"(?:(?<![\w$.#\\])(break|continue){_SPACE_IN_LINE}|\*/)"
    rf"{_SPACE_IN_LINE}*{grammar.NAME}\Z"
)
#: How far back the word before a label is looked for.
_LABEL_LENGTH = 120

#: How far back the partner of a parenthesis is looked for, in characters and in
#: parentheses.
_NEARBY = 400
_MOST_PARENTHESES = 12


def divides_nearby(source: str, before: int, slash: int) -> bool | None:
    """Say whether a slash divides, from the token before it.

    :param source: The text.
    :param before: The offset just after the token before the slash, 0 if
        there is none.
    :param slash: The offset of the slash.
    :return: ``True`` for a division, ``False`` for the start of a regular
        expression, ``None`` where it depends on something that is not near.
    """
    last = source[before - 1 : before]
    if last == ")":
        return _divides_after_parenthesis(source, before - 1)
    if last in ("}", "/"):
        # A slash divides, or ends a regular expression.
        return None
    if last in ("'", '"'):
        # On the next line, the string may have ended an import declaration.
        return None if grammar.has_line_end(source, before, slash) else True
    if last in ("]", "`"):
        return True
    if last in ("+", "-"):
        return _divides_after_sign(source, before)
    if last == ".":
        # The end of a number, or a spread.
        return source[max(0, before - 2) : before - 1].isdigit()
    if not grammar.is_name_character(last):
        return last == "\\"
    word = grammar.keyword_before(source, before)
    if word == "of":
        # A keyword only after the binding of a loop.
        bound = grammar.skip_space_back(source, before - 2)
        end = source[bound - 1 : bound]
        return not (end in ("]", "}") or grammar.is_name_character(end))
    if word in _WORDS_BEFORE_REGEX:
        return False
    if grammar.has_line_end(source, before, slash):
        return _divides_after_name(source, before)
    return True


def _divides_after_name(source: str, before: int) -> bool | None:
    """Say whether a slash divides in the line after a name: not after a label."""
    label = _LABEL.search(source, max(0, before - _LABEL_LENGTH), before)
    if label is None:
        return True
    return False if label[1] else None


def _divides_after_sign(source: str, before: int) -> bool | None:
    """Say whether a slash divides after ``+``, ``++`` or such.

    It does after ``a++``, but not after ``++`` where that begins an operand. That is
    where a slash would begin one, and in a new line always.
    """
    start = before - 1
    while start and source[start - 1] == source[before - 1]:
        start -= 1
    if (before - start) % 2:
        return False
    start = before - 2
    operand = grammar.skip_space_back(source, start)
    if grammar.has_line_end(source, operand, start):
        return False
    if source[operand - 1 : operand] in ("+", "-"):
        return False
    # What ends in a slash, which may be a comment, is not looked at here.
    return divides_nearby(source, operand, start)


def _divides_after_parenthesis(source: str, closer: int) -> bool | None:
    opener = _nearby_opener(source, closer)
    if opener < 0:
        return None
    end = grammar.skip_space_back(source, opener)
    if source[end - 1 : end] == "/" or grammar.has_line_end(source, end, opener):
        # There may be a comment before it.
        return None
    word = grammar.keyword_before(source, end)
    if word == "await":
        # Either an operand or a part of `for await (…)`.
        return None
    return word not in STATEMENT_HEADS


def _nearby_opener(source: str, closer: int) -> int:
    """Return the offset of a parenthesis' partner, -1 if it is not near.

    A literal or comment that ends before the closing parenthesis ends in one of
    four characters; only the text after the last of them is looked at. It can
    begin in a line comment, so its first line is left out, if it has others.
    """
    start = max(0, closer - _NEARBY)
    literal = max(source.rfind(character, start, closer) for character in "'\"`/")
    start = max(start, literal + 1)
    lines = [source.find(end, start, closer) for end in grammar.LINE_ENDS]
    first = min((line for line in lines if line >= 0), default=-1)
    start = max(start, first + 1)
    opener = closer
    for _ in range(_MOST_PARENTHESES):
        opener = source.rfind("(", start, opener)
        if opener < 0:
            return -1
        inside = source.count("(", opener + 1, closer)
        if inside == source.count(")", opener + 1, closer):
            return opener
    return -1
