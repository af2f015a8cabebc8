"""HTML documents: where the client runtime goes, and where modules are named.

HTML is edited here, not parsed. Nothing in a comment, an attribute or a raw text
element is mistaken for markup, and the rest of the document stays as it is, character
by character.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from .markup import (
    BLANKS,
    MARKUP,
    Attribute,
    attributes,
    closes_itself,
    end_of_raw_text,
    is_raw_text,
)

VOID = frozenset({"base", "link", "meta"})
"""Elements without content that a head may hold."""

# Start tags that end SVG or MathML which somebody forgot to close.
_BREAKOUT = re.compile(
    "b|big|blockquote|body|br|center|code|d[dlt]|div|em|embed|h[1-6r]|head|i|img|li"
    "|listing|menu|meta|nobr|ol|p|pre|ruby|s|small|span|strike|strong|su[bp]|table|tt"
    "|ul?|var"
)


class ReferenceKind(str, Enum):
    """What kind of element names a module."""

    SCRIPT = "script"
    MODULEPRELOAD = "modulepreload"


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute whose value is the URL of a module.

    :param kind: The kind of element.
    :param url: The URL, with character references decoded and blanks stripped.
    :param start: Where the value starts in the text, quotation mark included.
    :param end: Where the value ends.
    :param integrity: Where the element's ``integrity`` attribute starts and ends, if
        it has one. It has to go when the module is served with other bytes.
    """

    kind: ReferenceKind
    url: str
    start: int
    end: int
    integrity: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class InlineModule:
    """The code between ``<script type="module">`` and ``</script>``."""

    start: int
    end: int
    source: str


@dataclass(frozen=True, slots=True)
class InlineMap:
    """The JSON between ``<script type="importmap">`` and ``</script>``."""

    start: int
    end: int
    source: str


@dataclass(frozen=True, slots=True)
class Document:
    """What there is to know of a document before it is edited.

    :param insert: Where the tag of the client runtime goes.
    :param references: The modules that tags name, in order.
    :param modules: The inline module scripts, in order.
    :param maps: The import maps, in order.
    :param sheets: The URLs of linked style sheets, in order.
    :param base: ``href`` of the first ``<base>`` that has one.
    :param nonce: The nonce of the first script that has one.
    """

    insert: int
    references: tuple[Reference, ...]
    modules: tuple[InlineModule, ...]
    maps: tuple[InlineMap, ...]
    sheets: tuple[str, ...]
    base: str | None
    nonce: str | None


def read(text: str) -> Document | None:
    """Find the places of interest in a document.

    The tag of the client runtime goes behind the last import map that comes before
    the first module script, for a browser may refuse a map that comes later than a
    module. Without such a map it goes to the start of the head; and always before
    the first module script.

    What runs no script is left out: ``<noscript>``, and templates other than
    declarative shadow roots. Scripts in SVG do run, by their ``href`` or their text.
    Such a text counts where it is code as written, without character references,
    comments or CDATA.

    :param text: The text of a response.
    :return: ``None`` for a fragment: a text without doctype and without a tag of
        ``html``, ``head`` or ``body``.
    """
    return _Reader(text).read()


def edit(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Replace parts of a text.

    :param text: The text.
    :param edits: Start, end and replacement of each part, in any order. An empty part
        is an insertion; several at one place go in in the order given.
    :raises ValueError: When two parts overlap or one lies outside of the text.
    """
    pieces: list[str] = []
    position = 0
    for start, end, replacement in sorted(edits, key=lambda item: item[:2]):
        if not position <= start <= end <= len(text):
            raise ValueError(
                f"The edit of {start}:{end} overlaps another one or lies outside of"
                f" the text, which has {len(text)} characters."
            )
        pieces += text[position:start], replacement
        position = end
    return "".join((*pieces, text[position:]))


def attribute(value: str) -> str:
    """Write text as the value of an attribute, in double quotation marks."""
    # Apostrophes may stay, and a line end written as it is would be normalised.
    escaped = html.escape(value, quote=False).replace('"', "&quot;")
    return f'"{escaped}"'.replace("\r", "&#13;")


def element(
    name: str, attributes: Mapping[str, str | bool | None], text: str = ""
) -> str:
    """Write an element.

    :param attributes: their values; ``True`` for those without one, ``False`` or
        ``None`` leaves one out.
    :param text: what is in it, as it is.
    """
    written = "".join(
        f" {key}" if value is True else f" {key}={attribute(str(value))}"
        for key, value in attributes.items()
        if value is not False and value is not None
    )
    return f"<{name}{written}>" + ("" if name in VOID else f"{text}</{name}>")


class _Reader:
    """One walk through one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._references: list[Reference] = []
        self._modules: list[InlineModule] = []
        self._maps: list[InlineMap] = []
        self._sheets: list[str] = []
        self._base: str | None = None
        self._nonce: str | None = None
        # Where the first of each ends; for a body, which has no place inside for a
        # tag that belongs to the head, where it starts.
        self._places: dict[str, int] = {}
        self._first_module: int | None = None
        self._last_early_map: int | None = None
        # Open templates: whether each is inert, and how deep in SVG it began.
        self._templates: list[tuple[bool, int]] = []
        self._inert = 0
        # Open svg, math and foreignobject elements, and where the outermost starts.
        self._foreign: list[str] = []
        self._foreign_start = 0
        self._never_closed: set[str] = set()

    def read(self) -> Document | None:
        position = 0
        while (markup := MARKUP.search(self._text, position)) is not None:
            position = markup.end()
            if markup["complete"]:
                name = markup["tag"].lower()
                if markup["slash"]:
                    self._end_tag(name)
                else:
                    position = self._start_tag(name, markup)
            elif (markup["other"] or "")[:8].lower() == "!doctype":
                self._doctype(position)
        if not self._places:
            return None
        return Document(
            self._insert(),
            tuple(self._references),
            tuple(self._modules),
            tuple(self._maps),
            tuple(self._sheets),
            self._base,
            self._nonce,
        )

    def _doctype(self, end: int) -> None:
        """Take in a doctype whose ``>`` is at ``end``, unless it is cut off."""
        if end < len(self._text) and not self._inert and not self._foreign:
            self._places.setdefault("doctype", end + 1)

    def _insert(self) -> int:
        if self._last_early_map is not None:
            return self._last_early_map
        first = len(self._text) if self._first_module is None else self._first_module
        if self._maps:
            return first  # all maps come later: this makes none any worse
        order = ("head", "html", "doctype", "body")
        return min(first, next(self._places[n] for n in order if n in self._places))

    def _start_tag(self, name: str, tag: re.Match[str]) -> int:
        """Take in a start tag; return where to go on."""
        before = self._foreign_start if self._foreign else tag.start()
        if self._in_foreign() and _BREAKOUT.fullmatch(name):
            while self._in_foreign():
                self._foreign.pop()
        foreign = self._in_foreign()
        if name in ("svg", "math") or foreign:
            if closes_itself(tag):
                if name == "script" and not self._inert:
                    self._foreign_script(tag, tag.end(), tag.end())
                return tag.end()
            if name in ("svg", "math", "foreignobject"):
                if not self._foreign:
                    self._foreign_start = tag.start()
                self._foreign.append(name)
        if name == "plaintext" and not foreign:
            return len(self._text)
        if is_raw_text(name):
            return self._raw_text(name, tag, foreign)
        if name == "template" and not foreign:
            mode = attributes(tag).get("shadowrootmode")
            inert = mode is None or mode.value.lower() not in ("open", "closed")
            self._templates.append((inert, len(self._foreign)))
            self._inert += inert
        elif not self._inert and not foreign:
            self._live_tag(name, tag, before)
        return tag.end()

    def _live_tag(self, name: str, tag: re.Match[str], before: int) -> None:
        """Take in the start tag of a live element; a tag may go ``before`` it."""
        if name in ("html", "head"):
            self._places.setdefault(name, tag.end())
        elif name == "body":
            self._places.setdefault(name, before)
        elif name == "base" and self._base is None:
            href = attributes(tag).get("href")
            self._base = None if href is None else href.value.strip(BLANKS)
        elif name == "link":
            self._link(attributes(tag))

    def _end_tag(self, name: str) -> None:
        if self._foreign and self._foreign[-1] == name:
            self._foreign.pop()
        elif name == "template" and self._templates:
            inert, depth = self._templates.pop()
            self._inert -= inert
            del self._foreign[depth:]

    def _raw_text(self, name: str, tag: re.Match[str], foreign: bool) -> int:
        """Pass over the content of an element in which ``<`` is text."""
        start = tag.end()
        close = None
        if name not in self._never_closed:
            close = end_of_raw_text(name, self._text, start)
        if close is None:
            self._never_closed.add(name)
            # In SVG the content would be markup, and so it is taken from here on. Not
            # so for a script: the end tag that the runtime brings would close it.
            return start if foreign and name != "script" else len(self._text)
        if name == "script" and not self._inert:
            end_tag = MARKUP.match(self._text, close)
            # A script that is not closed does not run.
            if end_tag is not None and end_tag["complete"]:
                if foreign:
                    self._foreign_script(tag, start, close)
                else:
                    self._script(tag, start, close, end_tag.end())
        return close

    def _script(self, tag: re.Match[str], start: int, end: int, after: int) -> None:
        """Take in a script; its text is ``start:end``, what follows is at ``after``."""
        found = attributes(tag)
        if self._nonce is None and "nonce" in found:
            self._nonce = found["nonce"].value or None
        source = self._text[start:end]
        src = found.get("src")
        kind = _type(found)
        if kind == "importmap" and src is None:
            self._maps.append(InlineMap(start, end, source))
            if self._first_module is None:
                self._last_early_map = after
        elif kind == "module":
            if self._first_module is None:
                self._first_module = tag.start()
            if src is not None:
                self._refer(ReferenceKind.SCRIPT, src, found)
            elif source:
                self._modules.append(InlineModule(start, end, source))

    def _foreign_script(self, tag: re.Match[str], start: int, end: int) -> None:
        """Take in a script of SVG, where ``<`` and ``&`` in the text are markup."""
        found = attributes(tag)
        if _type(found) != "module":
            return
        if self._first_module is None:
            # Inside of SVG, the tag of the client runtime would be one of SVG too.
            self._first_module = self._foreign_start
        source = self._text[start:end]
        href = found.get("href") or found.get("xlink:href")
        if href is not None:
            self._refer(ReferenceKind.SCRIPT, href, found)
        elif source and "<" not in source and "&" not in source:
            self._modules.append(InlineModule(start, end, source))

    def _link(self, found: dict[str, Attribute]) -> None:
        rel = found.get("rel")
        href = found.get("href")
        if rel is None or href is None:
            return
        kinds = rel.value.lower().split()
        if "stylesheet" in kinds:
            self._sheets.append(href.value.strip(BLANKS))
        if "modulepreload" in kinds:
            self._refer(ReferenceKind.MODULEPRELOAD, href, found)

    def _refer(
        self, kind: ReferenceKind, url: Attribute, found: dict[str, Attribute]
    ) -> None:
        value = url.value.strip(BLANKS)
        if not value:
            return
        pinned = found.get("integrity")
        span = None if pinned is None else (pinned.name_start, pinned.end)
        self._references.append(Reference(kind, value, url.start, url.end, span))

    def _in_foreign(self) -> bool:
        return bool(self._foreign) and self._foreign[-1] != "foreignobject"


def _type(found: dict[str, Attribute]) -> str:
    return found["type"].value.strip(BLANKS).lower() if "type" in found else ""
