"""HTML documents: where the runtime's tag goes, and which modules a document names.

What the tables say was compared with Chromium 156: what ends up in the head, in which
order scripts run, and which elements its parser makes of the text.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core.html import Document, InlineMap, InlineModule, attribute, edit, read

MODULE = "<script type=module src=/a.js></script>"
IMPORT_MAP = '<script type=importmap>{"imports":{}}</script>'

# "@" stands where the tag of the client runtime goes.
INSERTS = [
    "<!doctype html><html><head>@<title>x</title></head><body>x</body></html>",
    "<!DOCTYPE html>\n<html lang='en'>\n<head>@\n<meta charset=utf-8></head></html>",
    '<html><head data-x="a>b">@<title>x</title></head></html>',
    "<HTML><HEAD>@</HEAD><BODY></BODY></HTML>",
    "<head>@<title>x</title>",
    "<html lang=en>@<title>x</title><p>x",
    "<!doctype html><html>@<body>x",
    "<!doctype html>@<p>x",
    "<!doctype html>@<title>x</title><body>x",
    "<!doctype>@x",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\n "x">@<p>x',
    "@<body>x</body>",
    "\n <!-- x -->@<body class=x>x",
    "\ufeff<!doctype html>@<p>x",
    '<?xml version="1.0"?><!doctype html><html><head>@</head></html>',
    "<!-- <head> --><!doctype html><!-- <head> --><html><!-- <head> --><head>@</head>",
    "<!--[if IE]><html class=ie><head><![endif]--><html><head>@</head>",
    "<!--><html><head>@</head><!-- -->",
    "<!---><html><head>@</head><!-- -->",
    "<!-- --!><html><head>@</head><!-- -->",
    "<!-- - -- > <head> --><html><head>@</head>",
    "<!x <head><html><head>@</head>",
    "</ <head><html><head>@</head>",
    "<html data-x='<head>' data-y=\"<head>\"><head>@</head>",
    "<html data-x=<head><head>@</head>",
    "<html>@<header></header><body>x",
    "<html>@<headline>x</headline>",
    "<html><head\n>@</head>",
    "<html><head/>@<p>x",
    # Import maps come first.
    f"<html><head><title>x</title>{IMPORT_MAP}@{MODULE}</head>",
    f"<html><head>{IMPORT_MAP}@</head><body>{MODULE}</body>",
    f"<html><head>{IMPORT_MAP}<title>x</title>{IMPORT_MAP}@{MODULE}</head>",
    f"<html><head></head><body><p>{IMPORT_MAP}@{MODULE}</body>",
    f"<html><head></head><body>{IMPORT_MAP}@</body>",
    f"<!doctype html>{IMPORT_MAP}@<p>x",
    "<head><SCRIPT TYPE=' ImportMap '>{}</SCRIPT\n>@</head>",
    '<head><script type="importmap">{}</script x=">">@</head>',
    f"<head><link rel=modulepreload href=/a.js>{IMPORT_MAP}@{MODULE}</head>",
    f"<head><script>let classic</script>{IMPORT_MAP}@{MODULE}</head>",
    # A map that comes too late is no worse off than before.
    f"<head><title>x</title>@{MODULE}{IMPORT_MAP}</head>",
    f"<head>{IMPORT_MAP}@{MODULE}{IMPORT_MAP}</head>",
    f"<head></head><body>@<script type=module>1</script>{IMPORT_MAP}{MODULE}",
    # These are no import maps.
    f"<head>@<!-- {IMPORT_MAP} -->{MODULE}</head>",
    f"<head>@<template>{IMPORT_MAP}</template>{MODULE}</head>",
    f"<head>@<noscript>{IMPORT_MAP}</noscript>{MODULE}</head>",
    "<head>@<script type=importmap src=/map.json></script></head>",
    "<head>@<script type=importmap>{}",
    "<head>@<script type=importmap>{}</script ",
    "<head>@<script type=importmap>{}</scripts>",
    '<head>@<script data-type=importmap>"{}"</script></head>',
    f"<head>@</head><svg>{IMPORT_MAP}</svg>",
    # Always before the first module.
    f"@{MODULE}<html><head></head>",
    f"@{MODULE}<!doctype html><p>x",
    f"<!doctype html>@{MODULE}<head><title>x</title></head>",
    f"@<svg><script type=module href=/a.js /></svg>{IMPORT_MAP}<body>",
    # A head that is none.
    "<!doctype html>@<template><html><head></head></html></template>",
    "<!doctype html>@<svg><title><head></title></svg>",
    "<!doctype html>@<script>'<head>'</script>",
    "<!doctype html>@<textarea><head></textarea>",
    "<!doctype html>@<title><head></title>",
    "<!doctype html>@<style><head></style>",
    "<!doctype html>@<xmp><head></xmp>",
    "<!doctype html>@<iframe><head></iframe>",
    "<!doctype html>@<plaintext><head>",
    "<!doctype html>@<title><head>",
    "@<svg><body>",
]

FRAGMENTS = [
    "",
    "x",
    "<p>x</p>",
    "<",
    "a < b",
    "<p",
    "<html",
    "<!doctype html",
    "<head lang='>",
    "<!-- <!doctype html><html><head><body> -->",
    "<!-- <html>",
    "<script>'<html>'</script>",
    "<script><!-- <script></script> <html> --></script>",
    "<style><body></style>",
    "<textarea><html></textarea>",
    "<title><html></title>",
    "<noscript><body></noscript>",
    "<template><html><head><body></template>",
    "<plaintext><html>",
    "<p title='<html>'>x</p>",
    "<p title=<html/a>x</p>",
    "<header>x</header>",
    "<html-like>x</html-like>",
    "</html></head></body>",
    "< html>",
    "&lt;html&gt;",
    f"<li>x</li>{MODULE}",
    "<svg><html/></svg>",
    "<svg><!doctype html></svg>",
    "<svg><script><p><head>",
    "<template><!doctype html></template>",
    "<!doc html>",
]

REFERENCES = [
    ("<script type=module src=/a.js></script>", ["/a.js"]),
    ("<script type='module' src='/a.js'></script>", ["/a.js"]),
    ('<SCRIPT SRC = "/a.js"\n TYPE = "MODULE"\n></SCRIPT>', ["/a.js"]),
    ("<script type='\tModule ' src=' /a b.js\n'></script>", ["/a b.js"]),
    ("<script async src=a.js?x=1&amp;y=2#z type=module></script>", ["a.js?x=1&y=2#z"]),
    ("<script type=module src='/a.js?x&copy=1&lt'></script>", ["/a.js?x&copy=1<"]),
    (
        "<script type=module src='&#47;&#x61;&period;js&nope;'></script>",
        ["/a.js&nope;"],
    ),
    ("<script type=module src='&ampx&amp'></script>", ["&ampx&"]),
    ("<script type=&#109;odule src=/a.js></script>", ["/a.js"]),
    ("<script type=module src=/a.js src=/b.js type=x></script>", ["/a.js"]),
    ("<script type=text/javascript type=module src=/a.js></script>", []),
    ("<script title='>' type=module src=/a.js></script>", ["/a.js"]),
    ("<script title=it's type=module src=/a.js></script>", ["/a.js"]),
    ("<script/type='module'/src='/a.js'/></script>", ["/a.js"]),
    ("<script type='module'src='/a.js'></script>", ["/a.js"]),
    ("<script type=module src=/a.js/></script>", ["/a.js/"]),
    ("<script type=module =x src=/a.js></script>", ["/a.js"]),
    ("<script type=module src=/a.js>import '/b.js'</script>", ["/a.js"]),
    ("<script type=module src=/a.js nomodule></script>", ["/a.js"]),
    (
        "<script type=module src=https://cdn.test/a.js></script>",
        ["https://cdn.test/a.js"],
    ),
    ("<script src=/a.js></script>", []),
    ("<script type=modules src=/a.js></script>", []),
    ("<script data-type=module src=/a.js></script>", []),
    ("<script type=module data-src=/a.js></script>", []),
    ("<script type=module src></script>", []),
    ("<script type=module src=''></script>", []),
    ("<script type=module src=' '></script>", []),
    ("<script type=module src=></script>", []),
    ("<script type=module src=/a.js>", []),
    ("<script type=module src=/a.js></script", []),
    ("<script type=module src=/a.js", []),
    ("<scripts type=module src=/a.js></scripts>", []),
    ("<link rel=modulepreload href=/a.js>", ["/a.js"]),
    ('<LINK REL="preload\tModulePreload" HREF="/a.js" />', ["/a.js"]),
    ("<link rel=modulepreload as=worker href=/a.js>", ["/a.js"]),
    ("<link rel=preload href=/a.js>", []),
    ("<link rel=modulepreload>", []),
    ("<link rel=modulepreload href=''>", []),
    ("<link href=/a.js>", []),
    (f"<!-- {MODULE} -->", []),
    (f"<!-- > {MODULE} -- > {MODULE} -->{MODULE}", ["/a.js"]),
    (f"<!-- {MODULE}", []),
    (f"<!--[if IE]>{MODULE}<![endif]-->", []),
    (f"<![if !IE]>{MODULE}<![endif]>", ["/a.js"]),
    (f"<p title='{MODULE}'>", []),
    (f"<p title=x{MODULE}", []),
    (f'<p title = "{MODULE}">', []),
    (f"<p '{MODULE}'>", []),
    (f"<p '>{MODULE}'>", ["/a.js"]),
    (f"<textarea>{MODULE}</textarea>", []),
    (f"<title>{MODULE}</TITLE >{MODULE}", ["/a.js"]),
    (f"<style>{MODULE}</styles></style>", []),
    (f"<xmp>{MODULE}</xmp>", []),
    (f"<iframe>{MODULE}</iframe>", []),
    (f"<noembed>{MODULE}</noembed>", []),
    (f"<noframes>{MODULE}</noframes>", []),
    (f"<noscript>{MODULE}</noscript>", []),
    (f"<noscript><!-- </noscript>{MODULE} -->", ["/a.js"]),
    (f"<plaintext>{MODULE}</plaintext>{MODULE}", []),
    (f"<template><template></template>{MODULE}</template>", []),
    (f"<template>{MODULE}</template></template>{MODULE}", ["/a.js"]),
    (f"<template shadowrootmode=open>{MODULE}</template>", ["/a.js"]),
    (f"<template><template shadowrootmode=open>{MODULE}</template></template>", []),
    (f"<template shadowrootmode=x>{MODULE}</template>", []),
    (f"<template><svg></template>{MODULE}", ["/a.js"]),
    (f"<script>'<!--'</script>{MODULE}", ["/a.js"]),
    (f"<script><!-- '<script>'</script>{MODULE}--></script>", []),
    (f"<script><!-- '<script>' --></script>{MODULE}", ["/a.js"]),
    (f"<script><!--><script></script>{MODULE}", ["/a.js"]),
    (f"<script><!-- <scripts></script>{MODULE}", ["/a.js"]),
    (f"<script><script></script>{MODULE}", ["/a.js"]),
    (f"<script>'<\\/script>'; '</scripted>'</script>{MODULE}", ["/a.js"]),
    (f"<svg><title>x</title><style/><script/><title/></svg>{MODULE}", ["/a.js"]),
    (f"<svg/>{MODULE}<math><mi>x</mi></math>{MODULE}", ["/a.js", "/a.js"]),
    (f"<svg a=/>{MODULE}", []),
    (f"<svg><title>x<p>{MODULE}", ["/a.js"]),
    (f"<svg><p>{MODULE}", ["/a.js"]),
    (f"<svg><foreignObject><p>{MODULE}</p></foreignObject></svg>", ["/a.js"]),
    (
        f"<svg><foreignObject/><script type=module src=/b.js></script></svg>{MODULE}",
        ["/a.js"],
    ),
    ("<svg><script type=module href=/a.js /></svg>", ["/a.js"]),
    ("<svg><script type=module xlink:href=/a.js></script></svg>", ["/a.js"]),
    ("<svg><script type=module src=/a.js></script></svg>", []),
    ("<svg><script href=/a.js></script></svg>", []),
    ("<template><svg><script type=module href=/a.js /></svg></template>", []),
    ("<svg><link rel=modulepreload href=/a.js></svg>", []),
]

INLINE = [
    ("<script type=module>1</script>", ["1"]),
    ("<script type=module>\n</script>", ["\n"]),
    ("<SCRIPT TYPE=MODULE>1</SCRIPT>", ["1"]),
    ("<script type=module>'<p>' /* </p> */ // <!-- x\n</script>", None),
    ("<script type=module>'<!-- <script>'</script>'-->'</script>", None),
    ("<script type=module></script>", []),
    ("<script type=module src=/a.js>1</script>", []),
    ("<script type=module src>1</script>", []),
    ("<script type=module>1", []),
    ("<script type=module>1</script ", []),
    ("<script>1</script>", []),
    ("<script type=module/>1</script>", []),
    ("<script type='module'/>1</script>", ["1"]),
    ("<template><script type=module>1</script></template>", []),
    ("<!-- <script type=module>1</script> -->", []),
    ("<svg><script type=module>1</script></svg>", ["1"]),
    ("<svg><script type=module>1 &lt; 2</script></svg>", []),
    ("<svg><script type=module><![CDATA[1]]></script></svg>", []),
    ("<svg><script type=module /></svg>", []),
    ("<svg><script type=module>1</script ", []),
]


def whole(text: str) -> Document:
    document = read(text)
    assert document is not None
    return document


@pytest.mark.parametrize("marked", INSERTS)
def test_the_runtime_goes_into_the_head_and_before_all_modules(marked: str) -> None:
    text = marked.replace("@", "")
    place = whole(text).insert
    assert edit(text, [(place, place, "@")]) == marked


@pytest.mark.parametrize("text", FRAGMENTS)
def test_a_fragment_is_no_document(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["<!doctype html>", "<html>", "<head>", "<body>"])
def test_any_tag_that_only_documents_have_makes_a_document(text: str) -> None:
    assert read(text) is not None
    assert read(f"<p>x</p>{text.upper()}<p>x</p>") is not None


@pytest.mark.parametrize(("body", "urls"), REFERENCES)
def test_a_reference_is_what_the_browser_would_load(body: str, urls: list[str]) -> None:
    references = whole(f"<!doctype html>{body}").references
    assert [reference.url for reference in references] == urls


@pytest.mark.parametrize(("body", "sources"), INLINE)
def test_an_inline_module_is_what_the_browser_would_run(
    body: str, sources: list[str] | None
) -> None:
    text = f"<!doctype html>{body}"
    modules = whole(text).modules
    if sources is None:
        sources = [body[len("<script type=module>") : -len("</script>")]]
    assert [module.source for module in modules] == sources
    assert [text[module.start : module.end] for module in modules] == sources


@pytest.mark.parametrize(
    "raw", ["/a.js", "'/a.js'", '"/a.js"', "' /a.js '", '"/&#97;.js"']
)
@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("script", "<script type=module src = ", "></script>"),
        ("script", "<script src=", " type=module></script>"),
        ("modulepreload", "<link rel=modulepreload href=", ">"),
        ("modulepreload", "<link href=", "\nrel=modulepreload>"),
        ("script", "<svg><script type=module href=", " /></svg>"),
    ],
)
def test_a_reference_spans_the_value_with_its_quotes(
    kind: str, before: str, after: str, raw: str
) -> None:
    text = f"<!doctype html>{before}{raw}{after}"
    [reference] = whole(text).references
    assert reference.kind == kind
    assert reference.url == "/a.js"
    assert text[reference.start : reference.end] == raw
    changed = edit(text, [(reference.start, reference.end, attribute("/b.js?x&y"))])
    [again] = whole(changed).references
    assert again.url == "/b.js?x&y"


def test_references_modules_and_maps_come_in_order() -> None:
    document = whole(
        "<!doctype html><link rel=modulepreload href=1><script type=module src=2>"
        "</script><script type=module>3</script><script type=importmap>4</script>"
        "<script type=module>5</script><link rel=modulepreload href=6>"
    )
    assert [(r.kind, r.url) for r in document.references] == [
        ("modulepreload", "1"),
        ("script", "2"),
        ("modulepreload", "6"),
    ]
    assert [module.source for module in document.modules] == ["3", "5"]
    assert [import_map.source for import_map in document.maps] == ["4"]


def test_a_map_is_found_with_its_place() -> None:
    text = '<!doctype html><script type="importmap">\n{"imports": {}}\n</script>'
    [import_map] = whole(text).maps
    assert import_map.source == '\n{"imports": {}}\n'
    assert text[import_map.start : import_map.end] == import_map.source


@pytest.mark.parametrize(
    ("element", "pinned"),
    [
        ("<script type=module src=/a.js integrity='x y'></script>", "integrity='x y'"),
        ("<script integrity=x type=module src=/a.js></script>", "integrity=x"),
        ("<script INTEGRITY src=/a.js type=module></script>", "INTEGRITY"),
        ('<link rel=modulepreload integrity = "x" href=/a.js>', 'integrity = "x"'),
        ("<link rel=modulepreload href=/a.js>", None),
        ("<script type=module src=/a.js data-integrity=x></script>", None),
    ],
)
def test_an_integrity_attribute_can_be_taken_away(
    element: str, pinned: str | None
) -> None:
    text = f"<!doctype html>{element}"
    [reference] = whole(text).references
    if reference.integrity is None:
        assert pinned is None
        return
    start, end = reference.integrity
    assert text[start:end] == pinned
    [again] = whole(edit(text, [(start, end, "")])).references
    assert again.integrity is None
    assert again.url == "/a.js"


@pytest.mark.parametrize(
    ("body", "base"),
    [
        ("<base href=/x/>", "/x/"),
        ("<BASE target=_top HREF=' /x/?a&amp;b '>", "/x/?a&b"),
        ("<base target=_top><base href=/x/><base href=/y/>", "/x/"),
        ("<base href>", ""),
        ("<base target=_top>", None),
        ("<!-- <base href=/x/> -->", None),
        ("<template><base href=/x/></template>", None),
        ("<basefont href=/x/>", None),
        ("", None),
    ],
)
def test_the_first_base_with_an_address_counts(body: str, base: str | None) -> None:
    assert whole(f"<!doctype html>{body}").base == base


@pytest.mark.parametrize(
    ("body", "nonce"),
    [
        ("<script nonce=abc></script>", "abc"),
        ("<script></script><SCRIPT NONCE='a&#98;c' src=x></SCRIPT>", "abc"),
        ("<script nonce=abc></script><script nonce=def></script>", "abc"),
        ("<script nonce></script><script nonce=''></script>", None),
        ("<script nonce></script><script nonce=def></script>", "def"),
        ("<style nonce=abc></style>", None),
        ("<!-- <script nonce=abc></script> -->", None),
        ("<template><script nonce=abc></script></template>", None),
        ("", None),
    ],
)
def test_the_first_nonce_of_a_script_counts(body: str, nonce: str | None) -> None:
    assert whole(f"<!doctype html>{body}").nonce == nonce


def test_edits_apply_in_any_order() -> None:
    edits = [
        (4, 6, "E"),
        (0, 1, "A"),
        (2, 2, "2"),
        (2, 2, "3"),
        (6, 6, "!"),
        (2, 4, ""),
    ]
    assert edit("abcdef", edits) == "Ab23E!"
    assert edit("abcdef", []) == "abcdef"
    assert edit("", [(0, 0, "x")]) == "x"


@pytest.mark.parametrize(
    "edits",
    [
        [(0, 3, ""), (2, 4, "")],
        [(0, 3, ""), (0, 3, "")],
        [(0, 3, ""), (1, 1, "")],
        [(-1, 2, "")],
        [(5, 7, "")],
        [(3, 2, "")],
    ],
)
def test_edits_that_overlap_or_miss_the_text_are_refused(
    edits: list[tuple[int, int, str]],
) -> None:
    with pytest.raises(ValueError, match="overlaps another one or lies outside"):
        edit("abcdef", edits)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("/a.js?x=1&m=2", '"/a.js?x=1&amp;m=2"'),
        ("\"<>'", '"&quot;&lt;&gt;\'"'),
        ("a\r\nb", '"a&#13;\nb"'),
        ("", '""'),
    ],
)
def test_an_attribute_is_quoted(value: str, written: str) -> None:
    assert attribute(value) == written


@pytest.mark.parametrize(
    "hostile",
    (
        "<|</|<!|<!--|<a |<a b='|b |=|&a|<script><!--<script>|</script |<svg>|</math>"
        "|<title></title x|<template>|<g a=b/>"
    ).split("|"),
)
@pytest.mark.parametrize(
    "start", ["", "<a ", "<base href='", "<script>", "<svg>", "<svg><title>", "<title>"]
)
def test_hostile_input_is_read_once(start: str, hostile: str) -> None:
    # Were anything read twice, this would take minutes.
    text = f"<!doctype html>{start}{hostile * 20_000}"
    assert whole(text).insert == len("<!doctype html>")


PIECES = ["<!doctype html>", "<html>", "<head>", "</head>", "<body>", "<", ">", "</"]
PIECES += ["<!--", "-->", "--!>", "<!-->", "<p a='", '<p a="', "'", '"', "=", "/", " "]
PIECES += ["<script>", "</script>", "<script type=module>", MODULE, IMPORT_MAP, "a"]
PIECES += ["<script nonce=x>", "<link rel=modulepreload href=x>", "<base href='/x/'>"]
PIECES += ["<title>", "</title>", "<textarea>", "<template>", "</template>", "<svg>"]
PIECES += ["</svg>", "<foreignObject>", "</foreignObject>", "<script/>", "&amp", "\n"]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join)


@given(texts)
def test_reading_never_fails_and_what_it_finds_is_there(text: str) -> None:
    document = read(text)
    if document is None:
        return
    inline: list[InlineModule | InlineMap] = [*document.modules, *document.maps]
    assert all(text[item.start : item.end] == item.source for item in inline)
    found = [(item.start, item.end) for item in inline]
    found += [(item.start, item.end) for item in document.references]
    found.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    for start, end in found:
        assert 0 <= start < end <= len(text)
        # The tag goes between elements, never into a value or a script.
        assert not start < document.insert < end


@given(texts)
def test_the_runtime_is_found_where_it_was_put(text: str) -> None:
    document = read(text)
    if document is None:
        return
    tag = "<script type=module src=/runtime.js></script>"
    edited = edit(text, [(document.insert, document.insert, tag)])
    assert edited.replace(tag, "", 1) == text
    again = whole(edited)
    scripts = [r.url for r in again.references if r.kind == "script"]
    assert scripts[0] == "/runtime.js"
    assert scripts[1:] == [r.url for r in document.references if r.kind == "script"]
    assert [m.source for m in again.modules] == [m.source for m in document.modules]
    assert all(m.start > again.insert for m in again.modules)


@given(st.text(), st.characters(exclude_categories=["Cs"]))
def test_an_attribute_reads_as_it_was_written(value: str, character: str) -> None:
    url = f"/{value}{character}/"
    text = f"<!doctype html><script type=module src={attribute(url)}></script>"
    [reference] = whole(text).references
    assert reference.url == url
