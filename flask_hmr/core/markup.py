r"""Markup as a browser's tokenizer sees it: tags, attributes, raw text.

One regular expression walks over comments and tags by the rules of the `HTML
standard <https://html.spec.whatwg.org/#tokenization>`__. Once past its ``<`` it cannot
fail: what is cut off extends to the end of the text (``\Z``). So nothing is read twice,
and hostile input takes no more time than any other.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.entities import html5

BLANKS = "\t\n\f\r "
"""What counts as white space in HTML."""

_SPACE = r"\t\n\f\r\ "
_NAME = rf"[^{_SPACE}/>][^{_SPACE}/>=]*"
_VALUE = rf"""(?: "[^"]*(?:"|\Z) | '[^']*(?:'|\Z) | [^{_SPACE}>]* )"""
_ATTRIBUTE = rf"({_NAME}) (?: [{_SPACE}]*=[{_SPACE}]* ({_VALUE}) )?"
_PLAIN_ATTRIBUTE = rf"{_NAME} (?: [{_SPACE}]*=[{_SPACE}]* {_VALUE} )?"

MARKUP = re.compile(
    rf"""
    < (?:
        !-- (?: -?> | .*? (?: --!?> | \Z ) )                # a comment
      | (?P<slash>/?) (?P<tag> [a-zA-Z][^{_SPACE}/>]* )     # a tag
        (?: [{_SPACE}/]+ | {_PLAIN_ATTRIBUTE} )*
        (?: (?P<complete>>) | \Z )
      | (?P<other> [!?/] [^>]* )                # a doctype, or nothing of interest
    )
    """,
    re.VERBOSE | re.DOTALL,
)
"""A comment, a tag or a declaration; ``complete`` is set for a tag that has its end."""

_ATTRIBUTES = re.compile(_ATTRIBUTE, re.VERBOSE)

_RAW_TEXT = ("style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_CLOSING = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.ASCII | re.IGNORECASE)
    # With scripts enabled, and they are, <noscript> is raw text as well.
    for name in (*_RAW_TEXT, "noscript")
}
_IN_SCRIPT = re.compile(
    rf"<!--|-->|<(/?)script(?=[{_SPACE}/>])", re.ASCII | re.IGNORECASE
)

# A reference without its semicolon counts unless it seems to be part of a query:
# https://html.spec.whatwg.org/#named-character-reference-state
_CHARACTER = re.compile(
    r"&(?:\#[0-9]+;?|\#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]*(?:;|(?![=a-zA-Z0-9])))"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a tag.

    :param value: The value, with character references decoded; empty without one.
    :param name_start: Where the name starts in the text.
    :param start: Where the value starts, quotation mark included.
    :param end: Where the value ends.
    """

    value: str
    name_start: int
    start: int
    end: int


def attributes(tag: re.Match[str]) -> dict[str, Attribute]:
    """Read the attributes of a tag; of several with one name the first counts.

    :param tag: A match of :data:`MARKUP` that is a complete tag.
    """
    found: dict[str, Attribute] = {}
    for match in _ATTRIBUTES.finditer(tag.string, tag.end("tag"), tag.end() - 1):
        raw = match[2] or ""
        value = raw[1:-1] if raw.startswith(('"', "'")) else raw
        end = match.end()
        item = Attribute(unescape(value), match.start(), end - len(raw), end)
        found.setdefault(match[1].lower(), item)
    return found


def closes_itself(tag: re.Match[str]) -> bool:
    """Whether a tag ends in a slash that belongs to no attribute."""
    slash = tag.end() - 2
    if tag.string[slash] != "/":
        return False
    matches = _ATTRIBUTES.finditer(tag.string, tag.end("tag"), tag.end() - 1)
    return all(match.end() <= slash for match in matches)


def is_raw_text(name: str) -> bool:
    """Whether ``<`` is text in an element of this name, in lower case."""
    return name == "script" or name in _CLOSING


def end_of_raw_text(name: str, text: str, start: int) -> int | None:
    """Find the tag that ends a raw text element.

    :param name: The name of the element, in lower case.
    :param text: The document.
    :param start: Where the content of the element starts.
    :return: Where the end tag starts, or ``None`` when there is none.
    """
    if name == "script":
        return _end_of_script(text, start)
    closing = _CLOSING[name].search(text, start)
    return None if closing is None else closing.start()


def unescape(value: str) -> str:
    """Decode the character references in the value of an attribute."""
    return _CHARACTER.sub(_character, value) if "&" in value else value


def _end_of_script(text: str, start: int) -> int | None:
    """Find the tag that ends a script, which is not always the next one.

    Between ``<!--`` and ``-->`` a ``<script`` takes one ``</script>`` for itself: the
    `script data double escaped state
    <https://html.spec.whatwg.org/#script-data-double-escaped-state>`__.
    """
    escaped = nested = False
    position = start
    while (found := _IN_SCRIPT.search(text, position)) is not None:
        position = found.end()
        if found[0] == "<!--":
            escaped = True
            position -= 2  # the dashes may be those of "-->" as well
        elif found[0] == "-->":
            escaped = nested = False
        elif not found[1]:
            nested = escaped
        elif nested:
            nested = False
        else:
            return found.start()
    return None


def _character(match: re.Match[str]) -> str:
    if match[0].startswith("&#"):
        return html.unescape(match[0])
    return html5.get(match[0][1:], match[0])
