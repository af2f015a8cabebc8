"""What a style sheet names, and how that is replaced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core.css import references, versioned

CASES = {
    "": [],
    '@import "a.css";': ["a.css"],
    "@import 'a.css' screen;": ["a.css"],
    "@IMPORT URL(a.css) layer(x) supports(display: grid);": ["a.css"],
    '@import url("a.css"); @import url( b.css );': ["a.css", "b.css"],
    '@import/* c */"a.css";': ["a.css"],
    "p { background: url(a.png) }": ["a.png"],
    "p { background: url( 'a b.png' ), url(\"c.png\") }": ["a b.png", "c.png"],
    "@font-face { src: local(F), url(f.woff2) format('woff2') }": ["f.woff2"],
    "p { background: image-set('a.png' 1x, \"b.png\" 2x) }": ["a.png", "b.png"],
    "p { background: -webkit-image-set(url(a.png) 1x) }": ["a.png"],
    "p { background: image-set('a.png' type('image/png') 1x, 'b.png' 2x) }": [
        "a.png",
        "b.png",
    ],
    "p { cursor: url(a.cur) 1 2, auto }": ["a.cur"],
    "p { --x: url(a.png) }": ["a.png"],
    "@namespace 'a'; @charset 'b';": [],
    "p { content: 'a.png'; quotes: '«' '»' }": [],
    "p { content: 'url(a.png)' }": [],
    "/* url(a.png) @import 'b.css'; */ p { }": [],
    "/* url(a.png)": [],
    "p { background: url() url('') }": [],
    "p { background: my-url(a.png) curl(b.png) }": [],
    "@import-x 'a.css'; @importx 'b.css';": [],
    "@import screen; p { content: 'a' }": [],
    r"p { background: url(a\20 b.png) url('c\"d.png') url(e\).png) }": [
        "a b.png",
        'c"d.png',
        "e).png",
    ],
    r"p { background: url('\0 \d800 \110000 ') }": ["\ufffd\ufffd\ufffd"],
    "p { background: url(a\nb.png) }": ["a"],
    "p { content: 'broken\n} i { background: url(a.png) }": ["a.png"],
    "p { background: url(a.png": ["a.png"],
    "p { background: url('a.png": [],
    "p { background: url(#id) url(data:x,y) }": ["#id", "data:x,y"],
}


@pytest.mark.parametrize(("text", "urls"), CASES.items())
def test_what_a_style_sheet_names_is_found(text, urls):
    assert [found.url for found in references(text)] == urls


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('@import "a.css" print;', '@import "a.css!" print;'),
        ("p { background: url(a.png) }", 'p { background: url("a.png!") }'),
        ("p { background: url( 'a.png' ) }", 'p { background: url( "a.png!" ) }'),
        ("p { background: url(b.png) }", "p { background: url(b.png) }"),
        (
            "p { background: image-set('a.png' 1x, url(b.png)) }",
            'p { background: image-set("a.png!" 1x, url(b.png)) }',
        ),
    ],
)
def test_only_what_has_another_url_is_replaced(text, wanted):
    assert versioned(text, lambda u: f"{u}!" if u.startswith("a") else None) == wanted


@given(url=st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_any_url_can_be_written(url):
    if any(0xD800 <= ord(character) <= 0xDFFF for character in url):
        return
    text = versioned("p { background: url(a) }", lambda _: url)
    assert [found.url for found in references(text)] == [url]


@given(st.text(alphabet="url(@import'\"/*\\ab;{}) \n"))
def test_any_text_stays_as_it_is_where_nothing_has_another_url(text):
    assert versioned(text, lambda _: None) == text
    for found in references(text):
        assert text[found.start : found.end]


def test_long_texts_take_time_in_proportion():
    # Once past its start no token is tried at another place.
    for part in ("url(", "/*", "'", "\\", "@import ", "image-set(", "url('"):
        references(part * 20_000)
