"""Which exports an import uses, for modules that accept some of theirs only."""

from __future__ import annotations

import re

from .lexer import Import, ImportKind

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n\r\u2028\u2029]*", re.DOTALL)
# The common form, for which the rest would take five times as long.
_LIST = re.compile(r"(?:import|export)\s*\{([\w$\s,]*)\}\s*from\s*")
_WORD = re.compile(r"[^\s{},]+")


def imported_names(source: str, item: Import) -> tuple[str, ...] | None:
    """Return the names that an import or re-export takes from a module.

    :param source: the text of the importing module.
    :param item: the import.
    :return: names as exported, ``"default"`` among them; ``None`` if it may be any:
        a namespace, ``import()``, a re-export of everything, names as strings.
    """
    if item.kind is ImportKind.DYNAMIC:
        return None
    clause = source[item.keyword : item.start]
    if clause.strip() == "import":
        return ()
    if listed := _LIST.fullmatch(clause):
        parts = [part.split() for part in listed[1].split(",")]
        return tuple(dict.fromkeys([words[0] for words in parts if words]))
    if "/" in clause:
        clause = _COMMENT.sub(" ", clause)
    if any(mark in clause for mark in "*'\""):
        return None
    head, brace, inner = clause.partition("{")
    names = [
        words[0] for part in inner.split("}")[0].split(",") if (words := _words(part))
    ]
    # What stands between "import" and "from", or the brace, is the default's name.
    before = _words(head)[1:]
    if not brace and before[-1:] == ["from"]:
        before = before[:-1]
    if before:
        names.append("default")
    return tuple(dict.fromkeys(names))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)
