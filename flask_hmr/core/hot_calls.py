"""Which calls of a module's hot API surely run, read from its text.

A call is certain when it stands at the top level as a statement of its own, or
directly under ``if (import.meta.hot)``, or after ``import.meta.hot &&``; also
through a variable that is declared at the top level and never assigned again.
Everything else may or may not run, which only the page finds out.
"""

from __future__ import annotations

import functools
import re
import typing as t
from dataclasses import dataclass

from . import grammar
from .outline import Outline

#: Words after which an expression is not a statement of its own, although no
#: operator stands before it.
_CONTINUING_WORDS = grammar.OPERATOR_WORDS | {"async", "of", "const", "let", "var"}


@dataclass(frozen=True, slots=True)
class HotCalls:
    """What the calls of a module make certain; see the fields of ``Scan``."""

    accepts_self: bool = False
    accepts_deps: tuple[str, ...] = ()
    mentions_accept: bool = False
    declines: bool = False


def read_hot_calls(source: str, start: int, metas: t.Sequence[int]) -> HotCalls:
    """Find the calls of ``accept`` and ``decline`` in a module.

    :param source: The module's text.
    :param start: Where to begin, for the text after a hashbang line.
    :param metas: The offsets of each ``import.meta`` in the code.
    """
    if "accept" not in source and "decline" not in source:
        return HotCalls()
    return _HotCallReader(source, start, metas).read()


class _Patterns(t.NamedTuple):
    """What is matched where the hot object stands."""

    call: re.Pattern[str]
    guarded_call: re.Pattern[str]
    condition: re.Pattern[str]
    accept: re.Pattern[str]


def _member(names: str) -> str:
    """Return a pattern for reading one of some properties, however spelled."""
    gap, end = grammar.GAP, grammar.WORD_END
    quoted = "|".join(rf"{quote}(?:{names}){quote}" for quote in "'\"`")
    return (
        rf"{gap}(?:\??\.{gap}(?:{names}){end}"
        rf"|(?:\?\.{gap})?\[{gap}(?:{quoted}){gap}\])"
    )


_META = rf"import{grammar.GAP}\.{grammar.GAP}meta{grammar.WORD_END}"


def _patterns(names: t.Collection[str]) -> _Patterns:
    """Return what is matched where the hot object is called by some names."""
    gap, end = grammar.GAP, grammar.WORD_END
    meta_hot = _META + _member("hot")
    alias = "|".join(map(re.escape, sorted(names))) or "(?!)"
    hot = f"(?:{meta_hot}|(?:{alias}){end})"
    method = _member("accept|acceptExports|decline")
    call = rf"{hot}(?P<method>{method}){gap}(?:\?\.{gap})?\("
    return _Patterns(
        call=re.compile(call, re.DOTALL),
        guarded_call=re.compile(f"{hot}{gap}&&{gap}(?P<call>{call})", re.DOTALL),
        condition=re.compile(
            f"{gap}(?:{meta_hot}|(?P<alias>{alias}){end}){gap}", re.DOTALL
        ),
        accept=re.compile(hot + _member("accept|acceptExports"), re.DOTALL),
    )


@functools.cache
def _plain_patterns() -> _Patterns:
    return _patterns(())


@functools.cache
def _meta() -> re.Pattern[str]:
    return re.compile(_META + grammar.GAP, re.DOTALL)


@functools.cache
def _declaration() -> re.Pattern[str]:
    gap, end, space = grammar.GAP, grammar.WORD_END, grammar.SPACE
    name = r"[\w$]+"
    return re.compile(
        rf"(?<![\w$.#\\])(?P<kind>const|let|var){end}{gap}(?:"
        rf"(?P<whole>{name}){gap}={gap}{_META}{_member('hot')}"
        rf"|\{{(?P<names>(?:{space}|[\w$:,])*)\}}{gap}={gap}{_META}"
        rf")",
        re.DOTALL,
    )


@functools.cache
def _method_word() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$\\])(?:accept|acceptExports){grammar.WORD_END}")


@functools.cache
def _comma() -> re.Pattern[str]:
    return re.compile(",")


@functools.cache
def _gap() -> re.Pattern[str]:
    return re.compile(grammar.GAP, re.DOTALL)


@functools.cache
def _literal() -> re.Pattern[str]:
    return re.compile(f"({grammar.LITERAL}){grammar.GAP}", re.DOTALL)


@functools.cache
def _function() -> re.Pattern[str]:
    return re.compile(
        rf"(?:async{grammar.WORD_END}{grammar.GAP})?function{grammar.WORD_END}"
        rf"{grammar.GAP}(?:\*{grammar.GAP})?(?:[\w$]+{grammar.GAP})?(?=\()",
        re.DOTALL,
    )


@functools.cache
def _arrow() -> re.Pattern[str]:
    return re.compile(
        rf"(?:async{grammar.WORD_END}{grammar.GAP})?"
        rf"(?:(?=\()|(?!async\b)[\w$]+{grammar.GAP}(?==>))",
        re.DOTALL,
    )


class _HotCallReader:
    def __init__(self, source: str, start: int, metas: t.Sequence[int]) -> None:
        self._source = source
        self._metas = metas
        self._outline = Outline(source, start)
        self._outline.advance(len(source))
        self._accepts_self = False
        self._deps: dict[str, None] = {}
        self._declines = False
        # Offsets of the calls that are certain, and of their methods' names.
        self._certain: set[int] = set()
        self._certain_words: set[int] = set()
        #: Name -> offset after its declaration.
        self._aliases: dict[str, int] = {}
        self._declared: set[int] = set()
        self._patterns = _plain_patterns()

    def read(self) -> HotCalls:
        self._find_aliases()
        if self._aliases:
            self._patterns = _patterns(self._aliases)
        uses = self._alias_uses()
        objects = sorted([*self._metas, *uses])
        for at in objects:
            if at not in uses or at >= self._aliases[uses[at]]:
                self._read_call(at)
        return HotCalls(
            accepts_self=self._accepts_self,
            accepts_deps=tuple(self._deps),
            mentions_accept=self._mentions_accept(objects),
            declines=self._declines,
        )

    # Aliases

    def _find_aliases(self) -> None:
        metas = set(self._metas)
        for match in _declaration().finditer(self._source):
            at = match.start()
            meta = self._source.rfind("import", at, match.end())
            if meta not in metas or not self._outline.in_code(at):
                continue
            if self._outline.enclosing(at) != -1:
                continue
            if match["kind"] == "var" and not self._is_declared_surely(at):
                continue
            if not self._ends_expression(match.end()):
                continue
            name = match["whole"] or _name_of_hot(match["names"])
            if name and self._is_assigned_once(name):
                self._aliases[name] = match.end()
                self._declared.add(meta)

    def _is_declared_surely(self, at: int) -> bool:
        end = self._outline.before(at)
        return grammar.keyword_before(
            self._source, end
        ) == "export" or self._begins_statement(at)

    def _ends_expression(self, at: int) -> bool:
        """Say whether nothing is done with the value that ends at an offset."""
        source = self._source
        after = self._after(at)
        following = source[after : after + 1]
        if following in ("", ";", ",", "}"):
            return True
        # Without a semicolon: a word or a literal on another line.
        return (grammar.is_name_character(following) or following in "'\"@#{") and any(
            end in source[at:after] for end in grammar.LINE_ENDS
        )

    def _is_assigned_once(self, name: str) -> bool:
        pattern = re.compile(
            rf"(?<![\w$.#\\])(?:(?:function|class){grammar.SPACE}+\*?)?"
            rf"{re.escape(name)}{grammar.WORD_END}(?P<change>{grammar.SPACE}*"
            rf"(?:=(?![=>])|(?:[-+*/%^<>]|&&?|\|\|?|\?\?|\*\*|>>>?|<<)=(?!=)"
            rf"|\+\+|--))?",
        )
        changes = 0
        for match in pattern.finditer(self._source):
            declared = match[0].startswith(("function", "class"))
            if match["change"] is None and not (declared and match[0] != name):
                continue
            changes += self._outline.in_code(match.start())
        # `const { hot } = …` has no assignment of the name itself.
        around = rf"(?<![\w$.#\\])(?:const|let|var){grammar.SPACE}*\{{[^}}=]*"
        around += rf"(?<![\w$]){re.escape(name)}{grammar.WORD_END}[^}}=]*\}}"
        changes += sum(
            self._outline.in_code(match.start())
            for match in re.finditer(around, self._source)
        )
        return changes == 1

    def _alias_uses(self) -> dict[int, str]:
        """Return where aliases stand in the code, and which."""
        if not self._aliases:
            return {}
        names = "|".join(map(re.escape, sorted(self._aliases)))
        pattern = rf"(?<![\w$#\\])(?:{names}){grammar.WORD_END}"
        outline, source = self._outline, self._source
        return {
            match.start(): match[0]
            for match in re.finditer(pattern, source)
            if outline.in_code(match.start())
            and not grammar.is_member(source, outline.before(match.start()))
        }

    # Certainty

    def _read_call(self, at: int) -> None:
        match = self._patterns.guarded_call.match(self._source, at)
        call = at
        if match is not None:
            call = match.start("call")
        else:
            match = self._patterns.call.match(self._source, at)
        if match is None or not self._surely_runs(at):
            return
        method = match["method"]
        if "decline" in method:
            self._declines = True
        elif "acceptExports" not in method and self._read_arguments(match.end()):
            self._certain.add(call)
            name = self._source.find("accept", match.start("method"))
            self._certain_words.add(name)

    def _surely_runs(self, at: int) -> bool:
        around = self._outline.enclosing(at)
        if around == -1:
            return self._begins_statement(at) or self._is_guarded(at)
        return (
            self._source[around] == "{"
            and self._outline.enclosing(around) == -1
            and self._is_guarded(around)
            and self._begins_statement(at)
        )

    def _is_guarded(self, at: int) -> bool:
        """Say whether `if (import.meta.hot)` stands just before an offset."""
        opener = self._outline.openers.get(self._outline.before(at) - 1)
        if opener is None or self._source[opener] != "(":
            return False
        closer = self._outline.closers[opener]
        condition = self._patterns.condition
        match = condition.fullmatch(self._source, opener + 1, closer)
        if match is None:
            return False
        if match["alias"] and opener < self._aliases[match["alias"]]:
            return False
        end = self._outline.before(opener)
        return grammar.keyword_before(
            self._source, end
        ) == "if" and self._begins_statement(end - 2)

    def _begins_statement(self, at: int) -> bool:
        """Say whether a statement begins at an offset, and surely runs.

        That is in the block around it, and where an expression or `if` begins.
        """
        source = self._source
        end = self._outline.before(at)
        last = source[end - 1 : end]
        if last in ("", ";", "{", "}"):
            return True
        if last == ")":
            opener = self._outline.openers.get(end - 1)
            return opener is not None and not self._outline.braces.is_statement_head(
                opener
            )
        if last == "/":
            # The end of a regular expression, or a division.
            return not self._outline.in_code(end - 1)
        if last in ("]", "'", '"', "`"):
            return True
        if not grammar.is_name_character(last):
            return False
        return grammar.keyword_before(source, end) not in _CONTINUING_WORDS

    # Arguments

    def _after(self, at: int) -> int:
        """Return the offset of the next token."""
        match = _gap().match(self._source, at)
        return match.end() if match else at

    def _read_arguments(self, start: int) -> bool:
        """Note what a call accepts; say whether that is certain.

        :param start: The offset after the call's opening parenthesis.
        """
        source = self._source
        end = self._outline.closers.get(start - 1)
        if end is None or source.find("bubbles", start, end) >= 0:
            return False
        at = self._after(start)
        if at == end or self._is_only_function(at, end):
            self._accepts_self = True
            return True
        deps = self._listed(at)
        if deps is None:
            return False
        self._deps.update(dict.fromkeys(deps))
        return True

    def _listed(self, at: int) -> list[str] | None:
        """Return the specifiers of a literal or of an array of literals."""
        source = self._source
        is_list = source[at] == "["
        if is_list:
            at = self._after(at + 1)
        deps = []
        while (match := _literal().match(source, at)) is not None:
            deps.append(grammar.decode_literal(match[1]))
            at = match.end()
            if not is_list or source[at : at + 1] != ",":
                break
            at = self._after(at + 1)
        if is_list:
            if source[at : at + 1] != "]":
                return None
            at = self._after(at + 1)
        return deps if source[at : at + 1] in (",", ")") else None

    def _is_only_function(self, at: int, end: int) -> bool:
        """Say whether the one argument of a call is evidently a function.

        A second argument could hold options.
        """
        source, closers = self._source, self._outline.closers
        match = _function().match(source, at)
        if match is not None:
            parameters = closers.get(match.end(), -1)
            body = self._after(parameters + 1)
            closer = closers.get(body, -1)
            return 0 <= parameters < closer and self._is_last(closer + 1, end)
        match = _arrow().match(source, at)
        if match is None:
            return False
        at = match.end()
        if source[at] == "(":
            at = self._after(closers.get(at, len(source)) + 1)
        if source[at : at + 2] != "=>":
            return False
        body = self._after(at + 2)
        if source[body : body + 1] == "{":
            return self._is_last(closers.get(body, end) + 1, end)
        outline, opener = self._outline, self._outline.openers[end]
        return all(
            outline.enclosing(comma.start()) != opener
            or not outline.in_code(comma.start())
            or self._is_last(comma.start(), end)
            for comma in _comma().finditer(source, body, end)
        )

    def _is_last(self, at: int, end: int) -> bool:
        """Say whether nothing but a comma stands between two offsets."""
        at = self._after(at)
        if self._source[at : at + 1] == ",":
            at = self._after(at + 1)
        return at == end

    # What is left

    def _mentions_accept(self, objects: t.Sequence[int]) -> bool:
        if any(self._may_accept(at) for at in objects):
            return True
        if all(self._is_plain_use(at) for at in objects):
            return False
        # The hot object is known by a name that cannot be followed.
        return any(
            self._outline.in_code(word.start())
            and word.start() not in self._certain_words
            for word in _method_word().finditer(self._source)
        )

    def _may_accept(self, at: int) -> bool:
        """Say whether a method is read here that is no certain call."""
        match = self._patterns.accept.match(self._source, at)
        return match is not None and at not in self._certain

    def _is_plain_use(self, at: int) -> bool:
        """Say whether the hot object is only tested or has a property read."""
        source = self._source
        if at in self._declared:
            return True
        match = self._patterns.condition.match(source, at) or _meta().match(source, at)
        end = match.end() if match else at
        if source.startswith((".", "?.", "[", "&&"), end):
            return True
        if source[end : end + 1] != ")":
            return False
        opener = self._outline.openers.get(end, -1)
        return opener >= 0 and self._outline.braces.is_statement_head(opener)


def _name_of_hot(pattern: str) -> str:
    """Return the name that `{ … } = import.meta` gives to `hot`, or nothing."""
    for entry in pattern.split(","):
        key, _, name = (part.strip() for part in entry.partition(":"))
        if key == "hot":
            return name or key
    return ""
