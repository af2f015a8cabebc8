"""From where a module has to be read to judge the uses of its hot object.

They mostly stand in the last lines of a module. Whether they are at its top level
can be told from what follows them: where every bracket from there on has its partner,
none is open before, or the text does not parse.
"""

from __future__ import annotations

import functools
import re

from . import grammar
from .outline import Outline


def outline_of_tail(source: str, body: int, first: int) -> Outline | None:
    """Return an outline from the statement on in which a module first uses its API.

    :param source: The module's text.
    :param body: Where its code begins, after a hashbang line.
    :param first: The offset of the first ``import.meta`` in the code.
    :return: The outline, read to the end; ``None`` where it is not certain that the
        statement stands at the top level of the module.
    """
    condition = _condition().search(source, max(body, first - _LONGEST), first)
    start = first if condition is None else condition.start()
    if not _follows_statement(source, body, start):
        return None
    outline = Outline(source, start)
    outline.advance(len(source))
    return outline if outline.is_balanced else None


# Longer than what stands before `import.meta` in "if (import.meta.hot)".
_LONGEST = 12


@functools.cache
def _condition() -> re.Pattern[str]:
    # On one line: after a line end it could be the rest of a comment.
    return re.compile(r"(?<![\w$.#\\])if[ \t]*\([ \t]*\Z")


def _follows_statement(source: str, body: int, start: int) -> bool:
    """Say whether a statement surely ends before an offset in the code."""
    end = start
    while True:
        end = grammar.skip_space_back(source, end)
        if end <= body:
            return True
        line = max(body, grammar.line_start(source, end))
        text = source[line:end]
        if "//" not in text:
            return text[-1] in ";}"
        # What is in a comment on a line of its own is passed over. A template or
        # block comment would have to end here, for the offset is in the code.
        if not text.lstrip().startswith("//") or "`" in text or "*/" in text:
            return False
        end = line
