"""Pieces of JavaScript's lexical grammar as regular expressions.

The lexer and its helpers are built from these. All of them are written so that
a failing match costs no more than the text that it looked at: two repeats that
can match the same characters never stand side by side, and a comment inside a
repeat requires its terminator.

Section numbers refer to ECMA-262, 2025 edition.
"""

from __future__ import annotations

import functools
import re

#: LineTerminator (12.3). U+2028 and U+2029 end a comment, too.
LINE_ENDS = "\n\r\u2028\u2029"

#: WhiteSpace and LineTerminator (12.2, 12.3), for :meth:`str.rstrip`.
SPACES = (
    "\t\v\f \xa0\ufeff\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u202f\u205f\u3000" + LINE_ENDS
)

#: One character of space. ``\s`` also matches some control characters that
#: are not allowed in JavaScript; they do not matter in text that parses.
SPACE = r"[\s\ufeff]"

SINGLE_QUOTED = r"'[^'\\\n\r]*(?:\\(?:\r\n|.)[^'\\\n\r]*)*'"
DOUBLE_QUOTED = SINGLE_QUOTED.replace("'", '"')
STRING = f"(?:{SINGLE_QUOTED}|{DOUBLE_QUOTED})"

#: A template without substitutions.
PLAIN_TEMPLATE = r"`[^`\\$]*(?:(?:\\.|\$(?!\{))[^`\\$]*)*`"

#: A template whose substitutions hold nothing that needs a lexer.
SIMPLE_TEMPLATE = r"`[^`\\$]*(?:(?:\\.|\$(?!\{)|\$\{[^'\"`/{}]*\})[^`\\$]*)*`"

LITERAL = f"(?:{STRING}|{PLAIN_TEMPLATE})"

BLOCK_COMMENT = r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/"

#: A comment with its end.
COMMENT = rf"(?://[^{LINE_ENDS}]*[{LINE_ENDS}]|{BLOCK_COMMENT})"

#: What may stand between two tokens.
GAP = rf"{SPACE}*(?:{COMMENT}{SPACE}*)*"

_ESCAPE_OR_CLASS = (
    rf"(?:\\[^{LINE_ENDS}]"
    rf"|\[[^\]\\{LINE_ENDS}]*(?:\\[^{LINE_ENDS}][^\]\\{LINE_ENDS}]*)*\])"
)

#: A regular expression literal (12.9.5) without its flags.
REGEX = (
    rf"/(?![/*])[^/\\\[{LINE_ENDS}]*"
    rf"(?:{_ESCAPE_OR_CLASS}[^/\\\[{LINE_ENDS}]*)*/"
)

_NAME_PART = r"[\w$\\\u200c\u200d]"

#: A name (12.7) or a keyword, with its escapes.
NAME = rf"{_NAME_PART}+(?:(?<=\\u)\{{[0-9a-fA-F]+\}}{_NAME_PART}*)*"

#: What must not follow a whole word.
WORD_END = r"(?![\w$\\])"

#: Words after which a slash begins a regular expression.
OPERATOR_WORDS = frozenset(
    "await case default delete do else extends in instanceof new of return"
    " throw typeof void yield".split()
)

_LINE_END = re.compile(f"[{LINE_ENDS}]")
_WORD_BEFORE = re.compile(r"[\w$#]+\Z")
_LONGEST_WORD = max(map(len, OPERATOR_WORDS))

_ESCAPES = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})"
    r"|(\r\n|[\n\r\u2028\u2029])|(.))",
    re.DOTALL,
)
_SINGLE_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def decode_literal(literal: str) -> str:
    """Return the value of a string or of a template without substitutions.

    Escapes are replaced as in 12.9.4.2; one that is not valid stands for the
    character after its backslash.

    :param literal: The literal with its quotes.
    """
    text = literal[1:-1]
    if "\r" in text and literal[0] == "`":
        # The value of a template has only line feeds (12.9.6.1).
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\" not in text:
        return text
    text = _ESCAPES.sub(_escaped_character, text)
    return _SURROGATES.sub(_joined_surrogates, text)


def _escaped_character(match: re.Match[str]) -> str:
    braced, four, two, line_end, single = match.groups()
    if line_end is not None:
        return ""
    if single is not None:
        return _SINGLE_ESCAPES.get(single, single)
    code = int(braced or four or two, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _joined_surrogates(match: re.Match[str]) -> str:
    return match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def is_name_character(character: str) -> bool:
    """Say whether a character can be part of a name (12.7).

    :param character: One character, or an empty string.
    """
    return (
        character.isalnum()
        or character in ("_", "$", "\u200c", "\u200d")
        or (character > "\x7f" and character not in SPACES)
    )


def skip_space_back(source: str, end: int) -> int:
    """Return the offset just after the last character that is no space.

    :param source: The text.
    :param end: Where to start looking back.
    """
    while end and source[end - 1] in SPACES:
        end -= 1
    return end


def skip_gap(source: str, at: int) -> int:
    """Return the offset of the next token, after space and comments.

    :param source: The text.
    :param at: Where to start.
    """
    match = _gap().match(source, at)
    return match.end() if match else at


@functools.cache
def _gap() -> re.Pattern[str]:
    return re.compile(GAP, re.DOTALL)


def has_line_end(source: str, start: int, end: int) -> bool:
    """Say whether a line ends between two offsets.

    :param source: The text.
    :param start: The first offset.
    :param end: The offset after the last.
    """
    return _LINE_END.search(source, start, end) is not None


def line_start(source: str, at: int) -> int:
    """Return the offset at which the line of an offset begins.

    :param source: The text.
    :param at: The offset.
    """
    return max(source.rfind(line, 0, at) for line in LINE_ENDS) + 1


def keyword_before(source: str, end: int) -> str:
    """Return the word that ends at an offset, where it can be a keyword.

    The result is empty where no word ends, and for names: words after ``#``,
    after the dot of a member access, or longer than any keyword that matters.

    :param source: The text.
    :param end: The offset just after the word.
    """
    match = _WORD_BEFORE.search(source[max(0, end - _LONGEST_WORD - 1) : end])
    if match is None:
        return ""
    word = match[0]
    if len(word) > _LONGEST_WORD or word[0] == "#":
        return ""
    begin = end - len(word)
    before = source[begin - 1 : begin]
    if before == "\\" or is_name_character(before):
        return ""
    if is_member(source, skip_space_back(source, begin)):
        return ""
    return word


def word_before(source: str, end: int) -> str:
    """Return the last characters of the word that ends at an offset.

    :param source: The text.
    :param end: The offset just after the word.
    """
    match = _WORD_BEFORE.search(source[max(0, end - _LONGEST_WORD - 1) : end])
    return match[0] if match else ""


def is_member(source: str, end: int) -> bool:
    """Say whether the token that ends at an offset is the dot of an access.

    The dots of a spread are not.

    :param source: The text.
    :param end: The offset just after the token.
    """
    return source[end - 1 : end] == "." and source[max(0, end - 3) : end] != "..."
