"""What a module imports and how it takes part in updates, read from its text.

The lexer knows where strings, comments, templates and regular expressions begin
and end, and looks only at the words ``import`` and ``export`` outside of them. It
finds offsets and builds no tree. Whether a text parses at all is for the browser
to say.

One pattern jumps over everything up to the next of those words; Python code runs
only for the words themselves and for what the pattern cannot decide, such as a
slash after a parenthesis. All of it takes time linear in the length of the text.
"""

from __future__ import annotations

from . import grammar
from .clauses import (
    attribute_type,
    body_start,
    exports_default,
    meta_names,
    option_type,
)
from .hot_calls import HotCalls, read_hot_calls
from .module_patterns import module_patterns
from .outline import Outline, line_end, regex_end, template_text_end
from .scans import Import, ImportKind, Scan, ScanError
from .slashes import divides_nearby

__all__ = ["Import", "ImportKind", "Scan", "ScanError", "scan"]


def scan(source: str) -> Scan:
    """Read a JavaScript text. Never raises; see :attr:`Scan.errors`.

    :param source: The text of a module or script, with or without a byte order
        mark.
    """
    return _Lexer(source).scan()


#: A text with nonsense in it gives no more errors than this.
_MOST_ERRORS = 20


class _Lexer:
    """Goes through a text from one `import` or `export` to the next."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._patterns = module_patterns()
        self._body = body_start(source)
        self._imports: list[Import] = []
        self._errors: list[ScanError] = []
        self._metas: list[int] = []
        self._uses_hot = False
        self._uses_url = False
        self._is_module = False
        self._has_default = False
        # The next of each word; -1 where there is none, 0 before the search.
        self._next_import = 0
        self._next_export = 0
        # The last run of comments, with the space after it.
        self._comments_start = -1
        self._comments_end = -1
        # For each template whose substitution is being read: its open braces.
        self._braces: list[int] = []
        self._outline: Outline | None = None
        #: How many matches were made.
        self.steps = 0

    def scan(self) -> Scan:
        self._walk()
        calls = HotCalls()
        if self._uses_hot:
            calls = read_hot_calls(self._source, self._body, self._metas)
        return Scan(
            imports=tuple(self._imports),
            uses_hot=self._uses_hot,
            uses_url=self._uses_url,
            accepts_self=calls.accepts_self,
            accepts_deps=calls.accepts_deps,
            mentions_accept=calls.mentions_accept,
            declines=calls.declines,
            is_module=self._is_module,
            has_default=self._has_default,
            body=self._body,
            errors=tuple(self._errors),
        )

    @property
    def outline(self) -> Outline:
        if self._outline is None:
            self._outline = Outline(self._source, self._body)
        return self._outline

    def _walk(self) -> None:
        source, patterns = self._source, self._patterns
        at = self._body
        while (word := self._next_word(at)) >= 0:
            self.steps += 1
            bulk = patterns.bulk_in_template if self._braces else patterns.bulk
            # A string or comment that reaches beyond the word does not match
            # up to it: the match then ends where that begins.
            match = bulk.match(source, at, word)
            if match is None:  # pragma: no cover - it matches the empty string
                break
            at = match.end()
            if match.end(1) >= 0:
                self._note_comments(match.start(1), match.end(1))
            if at < word:
                at = self._token(at)
            elif word == self._next_import:
                at = self._import(word)
            else:
                at = self._export(word)

    def _next_word(self, at: int) -> int:
        if 0 <= self._next_import < at or at == self._body:
            self._next_import = self._find_word("import", at)
        if 0 <= self._next_export < at or at == self._body:
            self._next_export = self._find_word("export", at)
            while self._next_export >= 0 and self._is_dull(self._next_export):
                self._next_export = self._find_word("export", self._next_export + 6)
        if self._next_import < 0 or 0 <= self._next_export < self._next_import:
            return self._next_export
        return self._next_import

    def _find_word(self, word: str, at: int) -> int:
        source, is_whole = self._source, self._patterns.whole_word.match
        at = source.find(word, at)
        while at >= 0 and not is_whole(source, at):
            at = source.find(word, at + 6)
        return at

    def _is_dull(self, export: int) -> bool:
        """Say whether an export can tell nothing new, wherever it stands."""
        if not self._is_module:
            return False
        match = self._patterns.dull_export.match(self._source, export)
        if match is None:
            return False
        return self._has_default or "default" not in match[0]

    def _note_comments(self, start: int, end: int) -> None:
        if start != self._comments_end:
            self._comments_start = start
        self._comments_end = end

    def _before(self, offset: int) -> int:
        """Return the offset just after the token before an offset."""
        if offset == self._comments_end:
            offset = self._comments_start
        end = grammar.skip_space_back(self._source, offset)
        return end if end > self._body else 0

    def _error(self, message: str, offset: int) -> None:
        if len(self._errors) < _MOST_ERRORS:
            self._errors.append(ScanError(message, offset))

    def _token(self, at: int) -> int:
        """Pass over the token at which the bulk match stopped."""
        source = self._source
        character = source[at]
        if character == "/":
            return self._slash(at)
        if character == "`":
            return self._template(at, at + 1)
        if character in "'\"":
            match = self._patterns.string.match(source, at)
            if match is not None:
                return match.end()
            self._error("This string has no closing quote on its line.", at)
            return line_end(source, at)
        if character == "{" and self._braces:
            self._braces[-1] += 1
            return at + 1
        if character == "}" and self._braces:
            if self._braces[-1]:
                self._braces[-1] -= 1
                return at + 1
            self._braces.pop()
            return self._template(at, at + 1)
        # The bulk match reached its limit.
        return at

    def _slash(self, at: int) -> int:
        source = self._source
        if source[at + 1 : at + 2] in ("/", "*"):
            match = self._patterns.comments.match(source, at)
            if match is None:
                self._error("This comment has no end; */ is missing.", at)
                return len(source)
            self._note_comments(at, match.end())
            return match.end()
        before = self._before(at)
        divides = divides_nearby(source, before, at)
        if divides is None:
            self.outline.advance(before)
            divides = self.outline.divides_after(before, at)
        if divides:
            return at + 1
        end = regex_end(source, at)
        if end < 0:
            self._error("This regular expression has no end on its line.", at)
            return line_end(source, at)
        return end

    def _template(self, start: int, text: int) -> int:
        source = self._source
        end = template_text_end(source, text)
        if end == len(source):
            self._error("This template has no closing backtick.", start)
        elif source[end] == "$":
            self._braces.append(0)
            return end + 2
        return min(end + 1, len(source))

    def _import(self, word: int) -> int:
        source = self._source
        match = self._patterns.import_.match(source, word)
        if match is None:
            if not grammar.is_member(source, self._before(word)):
                self._error("This import has no module, or is not complete.", word)
            return word + 6
        kind = match.lastgroup
        if kind == "name":
            return word + 6
        if kind in ("bare", "source"):
            start, end = match.span(kind)
            self._is_module = True
            self._add(
                ImportKind.STATIC, word, start, end, type=attribute_type(source, end)
            )
            return end
        if grammar.is_member(source, self._before(word)):
            return word + 6
        if kind == "meta":
            self._meta(word, match.end())
        elif kind == "call":
            self._dynamic(word, match.end(), match.end())
        else:
            self._dynamic(word, match.end(), -1)
        return match.end()

    def _dynamic(self, word: int, argument: int, rewritable: int) -> None:
        source = self._source
        match = self._patterns.argument.match(source, argument)
        if match is not None and match[1] is not None:
            start, end = match.span(1)
            type_ = None
            if match[2]:
                type_ = option_type(source, match.end())
            kind = ImportKind.DYNAMIC
            self._add(kind, word, start, end, argument=rewritable, type=type_)
        elif not self._is_method(word, argument):
            self._imports.append(
                Import(
                    specifier=None,
                    kind=ImportKind.DYNAMIC,
                    start=argument,
                    end=argument,
                    keyword=word,
                    argument=rewritable,
                    type=None,
                )
            )

    def _add(
        self,
        kind: ImportKind,
        word: int,
        start: int,
        end: int,
        *,
        argument: int = -1,
        type: str | None = None,
    ) -> None:
        specifier = grammar.decode_literal(self._source[start:end])
        self._imports.append(Import(specifier, kind, start, end, word, argument, type))

    def _is_method(self, word: int, argument: int) -> bool:
        """Say whether `import(` begins a method of a class or an object."""
        source = self._source
        if self._patterns.no_argument.match(source, argument):
            return True
        before = self._before(word)
        last = source[before - 1 : before]
        if last not in ("{", "}", ";", ",", "*") and (
            grammar.word_before(source, before) not in _METHOD_PREFIXES
        ):
            return False
        self.outline.advance(word)
        around = self.outline.enclosing(word)
        return around >= 0 and self.outline.braces.holds_members(around)

    def _meta(self, word: int, end: int) -> None:
        source = self._source
        self._is_module = True
        self._metas.append(word)
        commented = word == self._comments_end
        names = meta_names(source, word, end, binding=not commented)
        if names is None:
            self._uses_hot = self._uses_url = True
        else:
            self._uses_hot = self._uses_hot or not names.isdisjoint(("hot", "dispose"))
            self._uses_url = self._uses_url or "url" in names

    def _export(self, word: int) -> int:
        source = self._source
        match = self._patterns.export.match(source, word)
        if match is None:
            before = self._before(word)
            if not (
                grammar.is_member(source, before)
                or self._patterns.property_.match(source, word)
            ):
                self._error("This export has nothing to export.", word)
            return word + 6
        if grammar.is_member(source, self._before(word)):
            return word + 6
        clause, literal, default = match.group("clause", "source", "default")
        if clause and clause[0] == "*" and literal is None:
            self._error("This export has no module; from is missing.", word)
            return match.end()
        self._is_module = True
        if default is not None:
            self._has_default = True
        if clause and not self._has_default and "default" in clause:
            self._has_default = exports_default(source, word, match.end("clause"))
        if literal is not None:
            start, end = match.span("source")
            type_ = attribute_type(source, end)
            self._add(ImportKind.EXPORT_FROM, word, start, end, type=type_)
        elif clause:
            # It was matched with the comments after it, which are to be noted.
            return word + 6
        return match.end()


#: Words that may stand before the name of a method.
_METHOD_PREFIXES = frozenset(("static", "get", "set", "async"))
