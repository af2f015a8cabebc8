"""The regular expressions of the lexer.

Compiling them takes long enough to be felt, so that happens at the first use.
"""

from __future__ import annotations

import functools
import re
import typing as t

from . import grammar

#: How many tokens are passed over in one match: bounds what ``re`` remembers.
_BULK_TOKENS = 2000


class ModulePatterns(t.NamedTuple):
    """What the lexer matches; each is used at a known offset."""

    bulk: re.Pattern[str]
    """Code, literals and comments; group 1 is the last run of comments."""

    bulk_in_template: re.Pattern[str]
    """The same inside of ``${…}``, where it also stops at braces."""

    string: re.Pattern[str]

    comments: re.Pattern[str]
    """A run of comments, the first of which may end with the text."""

    whole_word: re.Pattern[str]
    """``import`` or ``export`` that is not a part of a longer name."""

    import_: re.Pattern[str]
    """Any form of ``import``; the last group is named for the form."""

    export: re.Pattern[str]
    """Any form of ``export``."""

    dull_export: re.Pattern[str]
    """An export of something in the module itself."""

    export_opening: re.Pattern[str]
    """What stands before the first name of an export clause."""

    exported_name: re.Pattern[str]
    """One entry of an export clause; group 2 is the name given by ``as``."""

    property_: re.Pattern[str]
    """``import`` or ``export`` as the name of a property or method."""

    meta_property: re.Pattern[str]
    """What is read from ``import.meta``: group 1 the name, 2 a literal."""

    meta_binding: re.Pattern[str]
    """``{ … } =``; group 1 holds what is between the braces."""

    argument: re.Pattern[str]
    """A literal as the whole first argument of ``import(…)``; 2 is a comma."""

    no_argument: re.Pattern[str]

    attributes: re.Pattern[str]
    """The beginning of ``with { … }``."""

    options: re.Pattern[str]
    """The beginning of ``{ with: { … } }``."""

    attribute: re.Pattern[str]
    """An attribute: its name as group 1 or, quoted, 2; its value as 3."""


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _bulk(plain: str) -> re.Pattern[str]:
    # A slash divides after a bracket, a quote, and a word that is surely no
    # keyword, since it ends in a character that no keyword ends in; it begins a
    # regular expression after most punctuation. The rest needs more thought
    # than a pattern has.
    value = r"[0-9A-Z_$\]'\"`a-cg-mp-su-vx-z]"
    operator = r"[=(,:\[!&|?;{>]"
    return _compile(
        f"{plain}*(?:(?:{grammar.STRING}"
        f"|((?:{grammar.COMMENT}{grammar.SPACE}*)+)"
        f"|{grammar.SIMPLE_TEMPLATE}"
        f"|(?:(?<={value})|(?<={value} ))/(?![/*])"
        f"|(?:(?<={operator})|(?<={operator} )){grammar.REGEX}"
        f"){plain}*){{0,{_BULK_TOKENS}}}"
    )


@functools.cache
def module_patterns() -> ModulePatterns:
    """Return the patterns, which are compiled at the first call."""
    gap, space, end = grammar.GAP, grammar.SPACE, grammar.WORD_END
    name, string, literal = grammar.NAME, grammar.STRING, grammar.LITERAL
    module_name = f"(?:{name}{end}|{string})"
    entry = (
        rf"{module_name}{gap}(?:as{end}{gap}{module_name}{gap})?"
        rf"(?:,{gap}|(?=\}}))"
    )
    names = rf"\{{{gap}(?:{entry})*\}}{gap}"
    everything = rf"\*{gap}as{end}{gap}{name}{end}{gap}"
    return ModulePatterns(
        bulk=_bulk(r"[^'\"`/]"),
        bulk_in_template=_bulk(r"[^'\"`/{}]"),
        string=_compile(string),
        comments=_compile(
            f"(?://[^{grammar.LINE_ENDS}]*|{grammar.BLOCK_COMMENT}){space}*"
            f"(?:{grammar.COMMENT}{space}*)*"
        ),
        whole_word=_compile(rf"......{end}(?<![\w$\\#]......)"),
        import_=_compile(
            rf"import{end}{gap}(?:(?P<bare>{string})"
            rf"|(?P<call>\()"
            rf"|\.{gap}(?:(?P<meta>meta){end}"
            rf"|(?:source|defer){end}{gap}(?P<phase>\())"
            rf"|(?:(?:source|defer){end}{gap})?"
            rf"(?:{name}{end}{gap}(?:,{gap}(?:{everything}|{names}))?"
            rf"|{everything}|{names})"
            rf"from{end}{gap}(?P<source>{string})"
            rf"|(?P<name>[:=;,}})\]?!])"
            rf")"
        ),
        export=_compile(
            rf"export{end}{gap}(?:"
            rf"(?P<clause>\*{gap}(?:as{end}{gap}{module_name}{gap})?|{names})"
            rf"(?:from{end}{gap}(?P<source>{string}))?"
            rf"|(?P<default>default{end})"
            rf"|(?:const|let|var|function|class|async|using|await){end}|@"
            rf")"
        ),
        dull_export=_compile(
            rf"export{space}*(?:\{{[\w$\s,]*\}}{space}*"
            rf"(?!{space}|from{end}|/)"
            rf"|default{end}|(?:const|let|var|function|class|async){end})"
        ),
        export_opening=_compile(rf"export{gap}(?:\{{|\*{gap}as{end}){gap}"),
        exported_name=_compile(
            rf"({module_name}){gap}(?:as{end}{gap}({module_name}){gap})?(?:,{gap})?"
        ),
        property_=_compile(rf"......{gap}[:=;,}})\]?!(]"),
        meta_property=_compile(
            rf"{gap}(?:\??\.{gap}([\w$\\]+)"
            rf"|(?:\?\.{gap})?\[{gap}({literal}){gap}\])"
        ),
        meta_binding=_compile(rf"\{{([\w$\s,:]*)\}}{space}*={space}*\Z"),
        argument=_compile(rf"{gap}({literal}){gap}(?=[,)])(,)?"),
        no_argument=_compile(rf"{gap}\)"),
        attributes=_compile(rf"{gap}(?:with|assert){end}{gap}\{{"),
        options=_compile(rf"{gap}\{{{gap}(?:with|assert){gap}:{gap}\{{"),
        attribute=_compile(
            rf"{gap}(?:({name})|({string})){gap}:{gap}({literal}){gap},?"
        ),
    )
