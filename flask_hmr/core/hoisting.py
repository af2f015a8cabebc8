"""Whether a stretch of a text declares what is seen outside of it.

``let``, ``const``, classes and, in modules, functions are seen in their block. A
``var`` is seen in the whole function around it, also where it never ran.
"""

from __future__ import annotations

import functools
import re

from . import grammar
from .outline import Outline


def declares_var(source: str, outline: Outline, start: int, end: int) -> bool:
    """Tell whether there may be a ``var`` that is in no function of the stretch.

    :param source: The text.
    :param outline: Its outline, read to the end.
    :param start: Where the stretch begins.
    :param end: Where it ends.
    """
    for match in _var().finditer(source, start, end):
        at = match.start()
        if not outline.in_code(at) or grammar.is_member(source, outline.before(at)):
            continue
        if source.startswith((":", "("), grammar.skip_gap(source, match.end())):
            continue  # the name of a property
        around = outline.enclosing(at)
        while around >= start and not _is_function(source, outline, around):
            around = outline.enclosing(around)
        if around < start:
            return True
    return False


@functools.cache
def _var() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$#\\])var{grammar.WORD_END}")


def _is_function(source: str, outline: Outline, brace: int) -> bool:
    """Tell whether a bracket surely is the brace of a function's body."""
    before = outline.before(brace)
    if source[brace] != "{" or before == 0:
        return False
    if source.startswith("=>", before - 2):
        return True
    opener = outline.openers.get(before - 1, -1)
    if opener < 0 or source[opener] != "(":
        return False
    if outline.braces.is_statement_head(opener):
        return False
    return not source.endswith(("switch", "catch"), 0, outline.before(opener))
