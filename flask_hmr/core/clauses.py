"""What stands beside the words that the lexer looks at.

Import attributes, the names of an export clause, the properties that are read
from ``import.meta``, and the line before which nothing may stand.
"""

from __future__ import annotations

import re

from . import grammar
from .module_patterns import module_patterns
from .outline import line_end

#: How far before `= import.meta` its pattern may begin.
_BINDING_LENGTH = 400


def body_start(source: str) -> int:
    """Return the offset after a byte order mark and a hashbang line (12.5).

    :param source: The text.
    """
    start = 1 if source.startswith("\ufeff") else 0
    if not source.startswith("#!", start):
        return start
    end = line_end(source, start)
    return min(end + (2 if source.startswith("\r\n", end) else 1), len(source))


def attribute_type(source: str, at: int) -> str | None:
    """Return the ``type`` of ``with { type: "…" }`` at an offset, if it is there.

    :param source: The text.
    :param at: The offset after a static import's specifier.
    """
    return _type(source, module_patterns().attributes, at)


def option_type(source: str, at: int) -> str | None:
    """Return the ``type`` of ``{ with: { type: "…" } }`` at an offset.

    :param source: The text.
    :param at: The offset after the comma behind a dynamic import's specifier.
    """
    return _type(source, module_patterns().options, at)


def _type(source: str, opening: re.Pattern[str], at: int) -> str | None:
    """Return the import attribute `type` of the clause at an offset."""
    attribute = module_patterns().attribute
    match = opening.match(source, at)
    while match is not None:
        match = attribute.match(source, match.end())
        if match is not None:
            name, quoted, value = match.groups()
            if (name or grammar.decode_literal(quoted)) == "type":
                return grammar.decode_literal(value)
    return None


def meta_names(source: str, word: int, end: int, *, binding: bool) -> set[str] | None:
    """Return the properties that are read from an ``import.meta``.

    ``None`` where that cannot be told, as for ``f(import.meta)``.

    :param source: The text.
    :param word: The offset of ``import``.
    :param end: The offset after ``meta``.
    :param binding: Whether ``{ … } =`` may stand before it.
    """
    match = module_patterns().meta_property.match(source, end)
    if match is None:
        return _bound_names(source, word) if binding else None
    if match[1] is None:
        return {grammar.decode_literal(match[2])}
    return None if "\\" in match[1] else {match[1]}


def _bound_names(source: str, word: int) -> set[str] | None:
    """Return the properties that `{ … } = import.meta` reads.

    ``None`` where no such pattern stands before the word, or one that hides
    what it reads.
    """
    opener = source.rfind("{", max(0, word - _BINDING_LENGTH), word)
    match = module_patterns().meta_binding.match(source, max(opener, 0), word)
    if match is None:
        return None
    return {name.partition(":")[0].strip() for name in match[1].split(",")}


def exports_default(source: str, word: int, end: int) -> bool:
    """Say whether an export clause gives something the name ``default``.

    :param source: The text.
    :param word: The offset of ``export``.
    :param end: The offset after the clause's last brace or name.
    """
    patterns = module_patterns()
    opening = patterns.export_opening.match(source, word)
    at = opening.end() if opening else end
    while match := patterns.exported_name.match(source, at, end):
        if (match[2] or match[1]).strip("'\"") == "default":
            return True
        at = match.end()
    return False
