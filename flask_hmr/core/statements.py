"""Where a statement begins that surely runs when the text around it does."""

from __future__ import annotations

from . import grammar
from .outline import Outline

#: Words after which an expression is not a statement of its own, although no
#: operator stands before it.
_CONTINUING_WORDS = grammar.OPERATOR_WORDS | {"async", "of", "const", "let", "var"}


def begins_statement(source: str, outline: Outline, at: int) -> bool:
    """Say whether a statement begins at an offset, and surely runs.

    That is as part of the block around it. An expression or ``if`` is known to
    begin there.

    :param source: The text.
    :param outline: Its outline, read up to the offset.
    :param at: The offset.
    """
    end = outline.before(at)
    last = source[end - 1 : end]
    if last in ("", ";", "{", "}"):
        return True
    if last == ")":
        opener = outline.openers.get(end - 1)
        return opener is not None and not outline.braces.is_statement_head(opener)
    if last == "/":
        # The end of a regular expression, or a division.
        return not outline.in_code(end - 1)
    if last in ("]", "'", '"', "`"):
        return True
    if not grammar.is_name_character(last):
        return False
    return grammar.keyword_before(source, end) not in _CONTINUING_WORDS
