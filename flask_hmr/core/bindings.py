"""Which exports an import uses, for modules that accept some of theirs only."""

from __future__ import annotations

import functools
import itertools
import re

from . import grammar
from .lexer import Import, ImportKind

# The common form, for which the rest would take five times as long.
_LIST = re.compile(r"(?:import|export)\s*\{([\w$\s,]*)\}\s*from\s*")

_UNICODE_ESCAPE = r"\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]+\})"
# Names have only these escapes, strings some others (12.7, 12.9.4).
_NAME = re.compile(rf"(?:[^\\]|{_UNICODE_ESCAPE})*")
_STRING = re.compile(
    rf"(?:[^\\]|{_UNICODE_ESCAPE}|\\x[0-9a-fA-F]{{2}}|\\0(?!\d)|\\[^ux\d])*"
)
# Halves of a character, and what stands for one that does not exist.
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffd]")


@functools.cache
def _token() -> re.Pattern[str]:
    # Comments are matched too, but have no group.
    return re.compile(
        f"{grammar.COMMENT}|({grammar.STRING}|{grammar.NAME}|[{{}},*])", re.DOTALL
    )


def imported_names(source: str, item: Import) -> tuple[str, ...] | None:
    """Return the names that an import or re-export takes from a module.

    :param source: the text of the importing module.
    :param item: the import.
    :return: names as exported, ``"default"`` among them; ``None`` if it may be any:
        a namespace, ``import()``, a re-export of everything, an unreadable name.
    """
    if item.kind is ImportKind.DYNAMIC:
        return None
    clause = source[item.keyword : item.start]
    if clause.strip() == "import":
        return ()
    if listed := _LIST.fullmatch(clause):
        parts = [part.split() for part in listed[1].split(",")]
        return tuple(dict.fromkeys([words[0] for words in parts if words]))
    tokens = [token for token in _token().findall(clause) if token]
    if "*" in tokens:
        return None
    names: dict[str, None] = {}
    for before, token in itertools.pairwise(tokens):
        if before in ("{", ",") and token not in ("{", "}"):
            name = _decoded(token)
            if name is None:
                return None
            names[name] = None
    # What stands between "import" and "from", or the brace, is the default's name.
    if len(tokens) > 1 and tokens[1] != "{":
        names["default"] = None
    return tuple(names)


def _decoded(token: str) -> str | None:
    """Return what a name or string stands for, ``None`` if that is no name."""
    is_string = token[0] in "'\""
    if "\\" not in token:
        return token[1:-1] if is_string else token
    if not (_STRING if is_string else _NAME).fullmatch(token):
        return None
    name = grammar.decode_literal(token if is_string else f"'{token}'")
    return None if _NO_CHARACTER.search(name) else name
