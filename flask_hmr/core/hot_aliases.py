"""The names that a module gives to its hot object.

Only the simplest are followed: `const hot = import.meta.hot` and
`const { hot } = import.meta` at the top level, where the name is never assigned
again.
"""

from __future__ import annotations

import functools
import re
import typing as t
from collections import Counter

from . import grammar
from .outline import Outline
from .statements import begins_statement

_NAMES = re.compile(r"[\w$]+")

#: More names for the hot object than this are not followed.
_MOST_ALIASES = 8

#: `import.meta`
META = rf"import{grammar.GAP}\.{grammar.GAP}meta{grammar.WORD_END}"


def member(names: str) -> str:
    """Return a pattern for reading one of some properties, however spelled.

    :param names: The properties, as alternatives of a pattern.
    """
    gap, end = grammar.GAP, grammar.WORD_END
    quoted = "|".join(rf"{quote}(?:{names}){quote}" for quote in "'\"`")
    return (
        rf"{gap}(?:\??\.{gap}(?:{names}){end}"
        rf"|(?:\?\.{gap})?\[{gap}(?:{quoted}){gap}\])"
    )


@functools.cache
def _declaration() -> re.Pattern[str]:
    gap, end, space = grammar.GAP, grammar.WORD_END, grammar.SPACE
    name = r"[\w$]+"
    return re.compile(
        rf"(?<![\w$.#\\])(?P<kind>const|let|var){end}{gap}(?:"
        rf"(?P<whole>{name}){gap}={gap}{META}{member('hot')}"
        rf"|\{{(?P<names>(?:{space}|[\w$:,])*)\}}{gap}={gap}{META}"
        rf")",
        re.DOTALL,
    )


@functools.cache
def _assignment() -> re.Pattern[str]:
    space = grammar.SPACE
    return re.compile(
        rf"(?<![\w$.#\\])(?:(?:function|class){space}+(?:\*{space}*)?"
        rf"(?P<declared>[\w$]+)|(?P<name>[\w$]+){space}*"
        rf"(?:=(?![=>])|(?:[-+*/%^<>&|]|&&|\|\||\?\?|\*\*|>>>?|<<)=(?!=)"
        rf"|\+\+|--))"
    )


@functools.cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w$.#\\])(?:const|let|var){grammar.SPACE}*\{{(?P<names>[^{{}}]*)\}}"
    )


def may_be_named(source: str, meta: int) -> bool:
    """Say whether a name may be given to ``import.meta`` or to a property of it.

    :param source: The text.
    :param meta: The offset of the ``import.meta``.
    """
    end = grammar.skip_space_back(source, meta)
    # There may be a comment after the equals sign.
    line = source[grammar.line_start(source, end) : end]
    return line.endswith(("=", "/")) or (end < meta and "//" in line)


class HotAliases:
    """The names of the hot object in a text.

    :param source: The text.
    :param outline: Its outline, read to the end.
    :param metas: The offsets of each `import.meta` in the code.
    """

    def __init__(self, source: str, outline: Outline, metas: t.Sequence[int]) -> None:
        self._source = source
        self._outline = outline
        #: Name -> offset after its declaration.
        self.names: dict[str, int] = {}
        #: Those of the metas that are read in the declarations.
        self.metas: set[int] = set()
        self._find(frozenset(metas))

    def _find(self, metas: t.AbstractSet[int]) -> None:
        found: list[tuple[str, int, int]] = []
        if not any(may_be_named(self._source, meta) for meta in metas):
            return
        for match in _declaration().finditer(self._source):
            at = match.start()
            meta = self._source.rfind("import", at, match.end())
            name = match["whole"] or _name_of_hot(match["names"])
            if not name or meta not in metas or self._outline.enclosing(at) != -1:
                continue
            if match["kind"] == "var" and not self._is_declared_surely(at):
                continue
            if self._outline.in_code(at) and self._ends_expression(match.end()):
                found.append((name, meta, match.end()))
        counts = self._count_assignments() if found else Counter()
        for name, meta, end in found:
            if counts[name] == 1 and len(self.names) < _MOST_ALIASES:
                self.names[name] = end
                self.metas.add(meta)

    def _is_declared_surely(self, at: int) -> bool:
        end = self._outline.before(at)
        return grammar.keyword_before(
            self._source, end
        ) == "export" or begins_statement(self._source, self._outline, at)

    def _ends_expression(self, at: int) -> bool:
        """Say whether nothing is done with the value that ends at an offset."""
        source = self._source
        after = grammar.skip_gap(source, at)
        following = source[after : after + 1]
        if following in ("", ";", ",", "}"):
            return True
        # Without a semicolon: a word or a literal on another line.
        return (grammar.is_name_character(following) or following in "'\"@#{") and any(
            end in source[at:after] for end in grammar.LINE_ENDS
        )

    def _count_assignments(self) -> Counter[str]:
        """Return how often each name is declared with a value or assigned."""
        outline, source = self._outline, self._source
        counts: Counter[str] = Counter()
        for match in _assignment().finditer(source):
            if outline.in_code(match.start()):
                counts[match["name"] or match["declared"]] += 1
        for match in _pattern().finditer(source):
            if outline.in_code(match.start()):
                counts.update(set(_NAMES.findall(match["names"])))
        return counts

    def uses(self) -> dict[int, str]:
        """Return where aliases stand in the code, and which."""
        if not self.names:
            return {}
        names = "|".join(map(re.escape, sorted(self.names)))
        pattern = rf"(?<![\w$#\\])(?:{names}){grammar.WORD_END}"
        outline, source = self._outline, self._source
        return {
            match.start(): match[0]
            for match in re.finditer(pattern, source)
            if outline.in_code(match.start())
            and not grammar.is_member(source, outline.before(match.start()))
        }


def _name_of_hot(pattern: str) -> str:
    """Return the name that `{ … } = import.meta` gives to `hot`, or nothing."""
    for entry in pattern.split(","):
        key, _, name = (part.strip() for part in entry.partition(":"))
        if key == "hot":
            return name or key
    return ""
