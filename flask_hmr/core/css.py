r"""Style sheets: which other files they name, and where.

One regular expression walks over the tokens that matter, by the rules of `CSS Syntax
<https://www.w3.org/TR/css-syntax-3/#tokenization>`__. Nothing in a comment or in a
string that is no reference is mistaken for one, and nothing is read twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_STRING = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*\'"""
_TOKEN = re.compile(
    rf"""
      /\*.*?(?:\*/|\Z)                                      # a comment
    | (?P<import>@import(?![\w-]))
    | (?<![\w-]) url\( \s* (?: (?P<quoted>{_STRING})
        | (?P<bare>(?:[^"'()\\\s]|\\(?:[0-9a-f]{{1,6}}\s?|.))*) ) \s* \)?
    | (?P<set>(?<![\w])(?:-webkit-)?image-set\()
    | (?P<string>{_STRING})
    | (?P<open>\()
    | (?P<shut>\))
    | (?P<end>[;{{}}])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|\n|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StyleReference:
    """A URL in a style sheet.

    :param url: The URL, without escapes.
    :param start: Where it starts in the text, quotation marks included.
    :param end: Where it ends.
    """

    url: str
    start: int
    end: int


def references(text: str) -> list[StyleReference]:
    """Return what a style sheet names: in ``@import``, ``url()`` and ``image-set()``.

    :param text: The style sheet.
    """
    return list(_references(text))


def _references(text: str) -> Iterator[StyleReference]:
    importing = False
    # How deep in brackets each open image-set() began, and how deep it is now.
    sets: list[int] = []
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "import":
            importing = True
        elif kind == "set":
            sets.append(depth)
            depth += 1
        elif kind == "open":
            depth += 1
        elif kind == "shut":
            depth -= 1
            if sets and depth <= sets[-1]:
                sets.pop()
        elif kind == "end":
            importing = False
            depth = 0
            sets.clear()
        elif kind == "string":
            # Of "type('image/png')" in a set the brackets are one deeper.
            if importing or (sets and depth == sets[-1] + 1):
                importing = False
                yield from _reference(token, "string")
        elif kind is not None:
            importing = False
            name = "quoted" if token["quoted"] is not None else "bare"
            yield from _reference(token, name)


def edit(text: str, found: Iterable[tuple[StyleReference, str]]) -> str:
    """Put other URLs in the place of references.

    :param found: references, in their order, each with its new URL.
    """
    pieces: list[str] = []
    position = 0
    for reference, url in found:
        pieces += text[position : reference.start], _string(url)
        position = reference.end
    return "".join((*pieces, text[position:]))


def versioned(text: str, version: Callable[[str], str | None]) -> str:
    """Replace those URLs in a style sheet for which there is another one.

    :param text: The style sheet.
    :param version: gets a URL and returns the one to put in its place, or ``None``.
    """
    news = ((found, version(found.url)) for found in references(text))
    return edit(text, [(found, url) for found, url in news if url is not None])


def _reference(token: re.Match[str], name: str) -> Iterator[StyleReference]:
    url = token[name]
    if name != "bare":
        url = url[1:-1]
    if url:
        yield StyleReference(_unescaped(url), token.start(name), token.end(name))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return escape[2] or ""
    code = int(escape[1], 16)
    is_text = 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_text else "\N{REPLACEMENT CHARACTER}"


def _string(text: str) -> str:
    """Write text as a string of CSS, which may stand in the place of a bare URL."""
    safe = re.sub(r'["\\]', r"\\\g<0>", text)
    safe = re.sub(r"[\n\r\f\0]", lambda found: f"\\{ord(found[0]):x} ", safe)
    return f'"{safe}"'
