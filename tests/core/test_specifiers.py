"""Specifiers: what they resolve to in a browser, and where versions go.

The tables hold what ``new URL(reference, base)`` gives, as recorded once in Chromium
156 and in Node 20. Where the two differ the URL standard decided: it encodes ``^``
in a path, which Node 20 does not, and keeps ``|``, which Chromium does not.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core.specifiers import (
    decoded_path,
    encode_path,
    is_bare,
    js_string,
    resolve,
    resolve_url,
    split_version,
    with_version,
)

A = "/static/js/a.js"
ORIGIN = "http://h.test"
V = "0123456789abcdef"
W = "zyxwvutsrqponmlk"

# Against the base /static/js/a.js.
FROM_A = [
    ("./b.js", "/static/js/b.js"),
    ("../b.js", "/static/b.js"),
    ("/b.js", "/b.js"),
    ("./b.js?x=1", "/static/js/b.js?x=1"),
    ("./b.js#f", "/static/js/b.js#f"),
    ("./b.js?x=1#f", "/static/js/b.js?x=1#f"),
    ("./b.js?", "/static/js/b.js?"),
    ("./b.js#", "/static/js/b.js#"),
    ("./b.js?#", "/static/js/b.js?#"),
    ("./b.js??a", "/static/js/b.js??a"),
    ("./b.js?a#b#c", "/static/js/b.js?a#b#c"),
    ("./b.js?a?b", "/static/js/b.js?a?b"),
    ("./b.js#a?b", "/static/js/b.js#a?b"),
    ("./", "/static/js/"),
    ("../", "/static/"),
    ("/", "/"),
    ("./.", "/static/js/"),
    ("./..", "/static/"),
    ("../.", "/static/"),
    ("../..", "/"),
    ("../../", "/"),
    ("../../..", "/"),
    ("../../../b.js", "/b.js"),
    ("../../../../b.js", "/b.js"),
    ("/../b.js", "/b.js"),
    ("/./b.js", "/b.js"),
    ("/a/../b.js", "/b.js"),
    ("/a/./b.js", "/a/b.js"),
    ("/a/b/../../c.js", "/c.js"),
    ("/a/b/..", "/a/"),
    ("/a/b/.", "/a/b/"),
    ("/a//b.js", "/a//b.js"),
    ("/a//../b.js", "/a/b.js"),
    ("/a/../../b.js", "/b.js"),
    (".//b.js", "/static/js//b.js"),
    ("./..//b.js", "/static//b.js"),
    ("./b//c.js", "/static/js/b//c.js"),
    ("./b.js/", "/static/js/b.js/"),
    ("./...", "/static/js/..."),
    ("./.../b.js", "/static/js/.../b.js"),
    ("./.b.js", "/static/js/.b.js"),
    ("./..b.js", "/static/js/..b.js"),
    ("./b..", "/static/js/b.."),
    ("./b.", "/static/js/b."),
    ("./%2e/b.js", "/static/js/b.js"),
    ("./%2E/b.js", "/static/js/b.js"),
    ("./%2e%2e/b.js", "/static/b.js"),
    ("./%2E%2e/b.js", "/static/b.js"),
    ("./.%2e/b.js", "/static/b.js"),
    ("./%2e./b.js", "/static/b.js"),
    ("./%2e", "/static/js/"),
    ("./%2e%2e", "/static/"),
    ("./a%2eb.js", "/static/js/a%2eb.js"),
    ("./%2e%2e%2e/b.js", "/static/js/%2e%2e%2e/b.js"),
    ("./%2fb.js", "/static/js/%2fb.js"),
    ("./a%2Fb.js", "/static/js/a%2Fb.js"),
    ("./a%5Cb.js", "/static/js/a%5Cb.js"),
    ("./%61.js", "/static/js/%61.js"),
    ("./%41.js", "/static/js/%41.js"),
    ("./%7E.js", "/static/js/%7E.js"),
    ("./~.js", "/static/js/~.js"),
    ("./%zz.js", "/static/js/%zz.js"),
    ("./%.js", "/static/js/%.js"),
    ("./%", "/static/js/%"),
    ("./%2", "/static/js/%2"),
    ("./100%.js", "/static/js/100%.js"),
    ("./%25.js", "/static/js/%25.js"),
    ("./%E4.js", "/static/js/%E4.js"),
    ("./%c3%a4.js", "/static/js/%c3%a4.js"),
    ("./%C3%A4.js", "/static/js/%C3%A4.js"),
    ("./a b.js", "/static/js/a%20b.js"),
    ("./a  b.js", "/static/js/a%20%20b.js"),
    ("./a%20b.js", "/static/js/a%20b.js"),
    ("./a+b.js", "/static/js/a+b.js"),
    ("./a%2Bb.js", "/static/js/a%2Bb.js"),
    ("./a[b].js", "/static/js/a[b].js"),
    ("./a]b.js", "/static/js/a]b.js"),
    ("./a^b.js", "/static/js/a%5Eb.js"),
    ("./a|b.js", "/static/js/a|b.js"),
    ("./a\\b.js", "/static/js/a/b.js"),
    ("./..\\b.js", "/static/b.js"),
    ("./a\\..\\b.js", "/static/js/b.js"),
    ("./a;b.js", "/static/js/a;b.js"),
    ("./a,b.js", "/static/js/a,b.js"),
    ("./a:b.js", "/static/js/a:b.js"),
    ("./a@b.js", "/static/js/a@b.js"),
    ("./a=b.js", "/static/js/a=b.js"),
    ("./a&b.js", "/static/js/a&b.js"),
    ("./a$b.js", "/static/js/a$b.js"),
    ("./a!b.js", "/static/js/a!b.js"),
    ("./a*b.js", "/static/js/a*b.js"),
    ("./a(b).js", "/static/js/a(b).js"),
    ("./a'b.js", "/static/js/a'b.js"),
    ('./a"b.js', "/static/js/a%22b.js"),
    ("./a<b>.js", "/static/js/a%3Cb%3E.js"),
    ("./a`b.js", "/static/js/a%60b.js"),
    ("./a{b}.js", "/static/js/a%7Bb%7D.js"),
    ("./a_b-c.js", "/static/js/a_b-c.js"),
    ("./ä.js", "/static/js/%C3%A4.js"),
    ("./日本語.js", "/static/js/%E6%97%A5%E6%9C%AC%E8%AA%9E.js"),
    ("./😀.js", "/static/js/%F0%9F%98%80.js"),
    ("./é.js", "/static/js/%C3%A9.js"),
    ("./\xa0b.js", "/static/js/%C2%A0b.js"),
    ("./\u2028b.js", "/static/js/%E2%80%A8b.js"),
    ("./\u200bb.js", "/static/js/%E2%80%8Bb.js"),
    ("./\ufeffb.js", "/static/js/%EF%BB%BFb.js"),
    ("./\x7fb.js", "/static/js/%7Fb.js"),
    ("./\x80b.js", "/static/js/%C2%80b.js"),
    ("./\x01b.js", "/static/js/%01b.js"),
    ("./b.js?a b", "/static/js/b.js?a%20b"),
    ("./b.js?ä", "/static/js/b.js?%C3%A4"),
    ("./b.js?a+b", "/static/js/b.js?a+b"),
    ("./b.js?a%20b", "/static/js/b.js?a%20b"),
    ("./b.js?%zz", "/static/js/b.js?%zz"),
    ("./b.js?a'b", "/static/js/b.js?a%27b"),
    ('./b.js?a"b', "/static/js/b.js?a%22b"),
    ("./b.js?<>", "/static/js/b.js?%3C%3E"),
    ("./b.js?`", "/static/js/b.js?`"),
    ("./b.js?{}", "/static/js/b.js?{}"),
    ("./b.js?^", "/static/js/b.js?^"),
    ("./b.js?|", "/static/js/b.js?|"),
    ("./b.js?\\", "/static/js/b.js?\\"),
    ("./b.js?[]", "/static/js/b.js?[]"),
    ("./b.js?../x", "/static/js/b.js?../x"),
    ("./b.js?a/b/../c", "/static/js/b.js?a/b/../c"),
    ("./b.js?😀", "/static/js/b.js?%F0%9F%98%80"),
    ("./b.js?a=1&b=2", "/static/js/b.js?a=1&b=2"),
    ("./b.js?&", "/static/js/b.js?&"),
    ("./b.js#a b", "/static/js/b.js#a%20b"),
    ("./b.js#ä", "/static/js/b.js#%C3%A4"),
    ('./b.js#"', "/static/js/b.js#%22"),
    ("./b.js#<>", "/static/js/b.js#%3C%3E"),
    ("./b.js#`", "/static/js/b.js#%60"),
    ("./b.js#'", "/static/js/b.js#'"),
    ("./b.js#{}", "/static/js/b.js#{}"),
    ("./b.js#^", "/static/js/b.js#^"),
    ("./b.js#|", "/static/js/b.js#|"),
    ("./b.js#\\", "/static/js/b.js#\\"),
    ("./b.js#%zz", "/static/js/b.js#%zz"),
    ("./b.js#../x", "/static/js/b.js#../x"),
    ("./b.js?m=dark", "/static/js/b.js?m=dark"),
    ("./b.js?m=", "/static/js/b.js?m="),
    ("./b.js?m", "/static/js/b.js?m"),
    ("./b.js ", "/static/js/b.js"),
    ("./b.js\t", "/static/js/b.js"),
    ("./b.js\n", "/static/js/b.js"),
    ("./\tb.js", "/static/js/b.js"),
    ("./b\n.js", "/static/js/b.js"),
    ("./b\r\n.js", "/static/js/b.js"),
    ("/.\n./b.js", "/b.js"),
    ("./b.js?x\ty", "/static/js/b.js?xy"),
    ("./b.js#x\ny", "/static/js/b.js#xy"),
    ("./b.js\x00", "/static/js/b.js"),
    ("./b\x00.js", "/static/js/b%00.js"),
    ("./b.js\x1f \x0b", "/static/js/b.js"),
    ("./b.js #f", "/static/js/b.js%20#f"),
    ("./b.js ?q", "/static/js/b.js%20?q"),
    ("./b.js#f ", "/static/js/b.js#f"),
    ("./b.js?q ", "/static/js/b.js?q"),
    ("./b.js\xa0", "/static/js/b.js%C2%A0"),
    ("./\ud800b.js", "/static/js/%EF%BF%BDb.js"),
    ("./b.js?\udc00", "/static/js/b.js?%EF%BF%BD"),
    ("./b.js#\udfff\ud800", "/static/js/b.js#%EF%BF%BD%EF%BF%BD"),
    ("./b.js?x=1&m=dark", "/static/js/b.js?x=1&m=dark"),
    ("./b.js?m=0123456789abcde", "/static/js/b.js?m=0123456789abcde"),
    ("./b.js?m=0123456789ABCDEF", "/static/js/b.js?m=0123456789ABCDEF"),
    ("./b.js?m=0123456789abcdef&x", "/static/js/b.js?m=0123456789abcdef&x"),
]

FROM_ELSEWHERE = [
    ("./b.js", "/static/js/a.js?x=1", "/static/js/b.js"),
    ("./?y", "/static/js/a.js?x=1", "/static/js/?y"),
    ("./b.js", "/", "/b.js"),
    ("../b.js", "/", "/b.js"),
    ("./b.js", "/shop/cart/", "/shop/cart/b.js"),
    ("../b.js", "/shop/cart/", "/shop/b.js"),
    ("./", "/shop/cart/", "/shop/cart/"),
    ("./b.js", "/static/a%20b/c.js", "/static/a%20b/b.js"),
    ("../b.js", "/static/a%20b/c.js", "/static/b.js"),
    ("./b.js", "/a//b/c.js", "/a//b/b.js"),
    ("../b.js", "/a//b/c.js", "/a//b.js"),
    ("../../b.js", "/a//b/c.js", "/a/b.js"),
    ("./b.js", "/a.js#x/y", "/b.js"),
    ("./b.js", "/a.js?x/y", "/b.js"),
    ("./b.js", "/a/b;c=d/e.js", "/a/b;c=d/b.js"),
    ("./b.js", "/%E4%BD%A0/a.js", "/%E4%BD%A0/b.js"),
]

# What only an attribute may say: for ``import`` these are bare.
BARE = [
    ("\\b.js", "/static/js/a.js", "/b.js"),
    (".\\b.js", "/static/js/a.js", "/static/js/b.js"),
    (".\t/b.js", "/static/js/a.js", "/static/js/b.js"),
    (" ./b.js", "/static/js/a.js", "/static/js/b.js"),
    ("", "/static/js/a.js", "/static/js/a.js"),
    ("?", "/static/js/a.js", "/static/js/a.js?"),
    ("#", "/static/js/a.js", "/static/js/a.js#"),
    ("?x", "/static/js/a.js", "/static/js/a.js?x"),
    ("#x", "/static/js/a.js", "/static/js/a.js#x"),
    (".", "/static/js/a.js", "/static/js/"),
    ("..", "/static/js/a.js", "/static/"),
    ("b.js", "/static/js/a.js", "/static/js/b.js"),
    ("b/c.js", "/static/js/a.js", "/static/js/b/c.js"),
    ("@x/y", "/static/js/a.js", "/static/js/@x/y"),
    ("lit", "/static/js/a.js", "/static/js/lit"),
    ("lit/decorators.js", "/static/js/a.js", "/static/js/lit/decorators.js"),
    ("#internal", "/static/js/a.js", "/static/js/a.js#internal"),
    ("~/b.js", "/static/js/a.js", "/static/js/~/b.js"),
    ("?y", "/static/js/a.js?x=1", "/static/js/a.js?y"),
    ("", "/static/js/a.js?x=1", "/static/js/a.js?x=1"),
    ("#f", "/static/js/a.js?x=1", "/static/js/a.js?x=1#f"),
    ("..", "/shop/cart/", "/shop/"),
]

# In a page of http://h.test.
ABSOLUTE = [
    ("https://elsewhere.test/b.js", None),
    ("http://h.test/b.js", "/b.js"),
    ("HTTP://H.TEST/b.js", "/b.js"),
    ("http://h.test", "/"),
    ("http://h.test?x", "/?x"),
    ("http://h.test#x", "/#x"),
    ("http://h.test:80/b.js", "/b.js"),
    ("http://h.test:/b.js", "/b.js"),
    ("http://h.test:8080/b.js", None),
    ("https://h.test/b.js", None),
    ("http://u@h.test/b.js", None),
    ("http:\\\\h.test\\b.js", "/b.js"),
    ("http:///h.test/b.js", "/b.js"),
    ("http://h.test/a/../ä b.js?ä b#ä b", "/%C3%A4%20b.js?%C3%A4%20b#%C3%A4%20b"),
    (" http://h.test/b.js ", "/b.js"),
    ("ht\ttp://h.test/b.js", "/b.js"),
    ("//h.test/b.js", "/b.js"),
]


@pytest.mark.parametrize(("specifier", "key"), FROM_A)
def test_a_specifier_means_what_it_means_in_the_browser(
    specifier: str, key: str | None
) -> None:
    assert resolve(specifier, A) == key
    assert resolve_url(specifier, A) == key


@pytest.mark.parametrize(("specifier", "base", "key"), FROM_ELSEWHERE)
def test_a_specifier_is_relative_to_its_base(
    specifier: str, base: str, key: str
) -> None:
    assert resolve(specifier, base) == key
    assert resolve_url(specifier, base) == key


@pytest.mark.parametrize(("reference", "base", "key"), BARE)
def test_what_is_bare_in_an_import_is_relative_in_an_attribute(
    reference: str, base: str, key: str
) -> None:
    assert is_bare(reference)
    assert resolve(reference, base) is None
    assert resolve_url(reference, base) == key


@pytest.mark.parametrize(("specifier", "key"), ABSOLUTE)
def test_a_full_url_resolves_when_it_is_of_the_given_origin(
    specifier: str, key: str | None
) -> None:
    assert resolve(specifier, A, ORIGIN) == key
    assert resolve(specifier, A) is None


@pytest.mark.parametrize(
    ("specifier", "origin", "key"),
    [
        ("https://h.test:443/b.js", "https://h.test", "/b.js"),
        ("https://h.test/b.js", "https://H.test:443", "/b.js"),
        ("http://127.0.0.1:5000/b.js", "http://127.0.0.1:5000", "/b.js"),
        ("http://127.0.0.1/b.js", "http://127.0.0.1:5000", None),
        ("http://[::1]:5000/b.js", "http://[::1]:5000", "/b.js"),
        ("http://[::1]/b.js", "http://[::1]:80", "/b.js"),
        ("http://h.test/b.js", "null", None),
        ("http://h.test/b.js", "//h.test", None),
    ],
)
def test_origins_are_compared_with_their_default_port(
    specifier: str, origin: str, key: str | None
) -> None:
    assert resolve(specifier, A, origin) == key


@pytest.mark.parametrize(
    "specifier",
    ["//host/b.js", "///b.js", "/\\host/b.js", "/\t/host/b.js", "\\\\host\\b.js"],
)
def test_another_host_is_none_of_ours(specifier: str) -> None:
    assert resolve(specifier, A) is None
    assert resolve(specifier, A, ORIGIN) is None


@pytest.mark.parametrize("specifier", ["/..//host/b.js", "/.//b.js", "/a/..//b.js"])
def test_a_path_that_would_read_as_a_host_has_no_key(specifier: str) -> None:
    assert resolve(specifier, A) is None


def test_the_version_is_no_part_of_a_key() -> None:
    assert resolve(f"./b.js?x=1&m={V}#f", A) == "/static/js/b.js?x=1#f"
    assert resolve("./b.js", f"{A}?m={V}") == "/static/js/b.js"
    assert resolve_url("", f"{A}?m={V}") == A
    assert resolve("./b.js?m=dark", A) == "/static/js/b.js?m=dark"


@pytest.mark.parametrize(
    ("specifier", "bare"),
    [
        ("lit", True),
        ("@x/y", True),
        ("", True),
        (".", True),
        ("..", True),
        ("...", True),
        (".b.js", True),
        ("#internal", True),
        (" ./b.js", True),
        ("\\b.js", True),
        ("1:2", True),
        ("./b.js", False),
        ("../b.js", False),
        ("/b.js", False),
        ("//host/b.js", False),
        ("data:text/javascript,1", False),
        ("node:fs", False),
        (" \nhttps://host/b.js", False),
        ("ht\ntps://host/b.js", False),
    ],
)
def test_bare_is_what_is_neither_a_path_nor_a_url(specifier: str, bare: bool) -> None:
    assert is_bare(specifier) is bare


@pytest.mark.parametrize(
    ("url", "plain", "version"),
    [
        (f"/a.js?m={V}", "/a.js", V),
        (f"/a.js?x=1&m={V}#f", "/a.js?x=1#f", V),
        (f"/a.js?m={V}#", "/a.js#", V),
        (f"/a.js?&m={V}", "/a.js?", V),
        (f"/a.js?x&&m={V}", "/a.js?x&", V),
        (f"./a b.js?m={V} ", "./a b.js ", V),
        (f"utils?m={V}", "utils", V),
        (f"?m={V}", "", V),
        (f"/a.js?m={W}&m={V}", "/a.js", V),
    ],
)
def test_a_version_is_the_last_query_parameter(
    url: str, plain: str, version: str
) -> None:
    assert split_version(url) == (plain, version)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a.js",
        "/a.js?",
        "/a.js?m",
        "/a.js?m=",
        "/a.js?m=foo",
        f"/a.js?m={V}0",
        f"/a.js?m={V[1:]}",
        f"/a.js?m={V.upper()}",
        f"/a.js?m={V}&x=1",
        f"/a.js?m={V}&",
        f"/a.js?xm={V}",
        f"/a.js?x?m={V}",
        f"/a.js?M={V}",
        f"/a.js#?m={V}",
        f"/a.js#&m={V}",
        f"/a.js&m={V}",
        f"/m={V}",
        f"m={V}",
        f"/a.js?x=%26m={V}",
        "/a.js?m=0123456789abcde\u0661",
    ],
)
def test_every_other_parameter_is_the_developers_own(url: str) -> None:
    assert split_version(url) == (url, None)


@pytest.mark.parametrize(
    ("url", "versioned"),
    [
        ("/a.js", f"/a.js?m={V}"),
        ("/a.js?", f"/a.js?&m={V}"),
        ("/a.js?x=1", f"/a.js?x=1&m={V}"),
        ("/a.js?x=1#f?g", f"/a.js?x=1&m={V}#f?g"),
        ("./a b.js#x", f"./a b.js?m={V}#x"),
        ("./a.js \n", f"./a.js?m={V} \n"),
        ("./a.js #x", f"./a.js ?m={V}#x"),
        ("utils", f"utils?m={V}"),
        (f"/a.js?m={W}", f"/a.js?m={V}"),
        ("/a.js?m=dark", f"/a.js?m=dark&m={V}"),
    ],
)
def test_a_version_leaves_the_rest_as_it_is_written(url: str, versioned: str) -> None:
    assert with_version(url, V) == versioned


def test_no_version_takes_the_version_away() -> None:
    assert with_version(f"/a.js?x=1&m={V}#f", None) == "/a.js?x=1#f"
    assert with_version("/a.js#f", None) == "/a.js#f"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/a.js?x#y", "/a.js"),
        ("/a%20b%2Fc.js", "/a b/c.js"),
        ("/%C3%A4.js", "/ä.js"),
        ("/ä.js", "/ä.js"),
        ("/%zz%", "/%zz%"),
        ("/a+b.js", "/a+b.js"),
        ("/%23%3F.js", "/#?.js"),
        ("/%E4.js", None),
        ("/%00.js", None),
        ("/\0.js", None),
        ("/\ud800.js", None),
    ],
)
def test_a_path_is_decoded_for_routing(url: str, path: str | None) -> None:
    assert decoded_path(url) == path


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/a.js", "/a.js"),
        ("/a b.js", "/a%20b.js"),
        ("/100%.js", "/100%25.js"),
        ("/%20.js", "/%2520.js"),
        ("/c#?.js", "/c%23%3F.js"),
        ("/a\\b.js", "/a%5Cb.js"),
        ("/[id]+(x)'@;|~.js", "/[id]+(x)'@;|~.js"),
        ('/"<>`{}^.js', "/%22%3C%3E%60%7B%7D%5E.js"),
        ("/ä日😀.js", "/%C3%A4%E6%97%A5%F0%9F%98%80.js"),
        ("/a\n\x7f.js", "/a%0A%7F.js"),
    ],
)
def test_the_name_of_a_file_is_escaped_as_a_browser_would(path: str, url: str) -> None:
    assert encode_path(path) == url
    assert resolve(url, A) == url


def test_the_name_of_a_file_that_is_not_utf_8_has_a_path_but_no_way_back() -> None:
    assert decoded_path(encode_path("/\udcff.js")) is None


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("a", '"a"'),
        ('a"b\\c\n', r'"a\"b\\c\n"'),
        ("</script><!--", r'"\u003c/script>\u003c!--"'),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ("ä\ud800", r'"\u00e4\ud800"'),
    ],
)
def test_a_string_literal_is_safe_in_a_script_element(text: str, literal: str) -> None:
    assert js_string(text) == literal
    assert json.loads(literal) == text


versions = st.from_regex("[0-9a-z]{16}", fullmatch=True)
# Mostly what makes a difference, so that dots, marks and blanks meet often.
PIECES = [".", "..", "/", "\\", "?", "#", "&", "%2e", "%", "a", "ä", "://", ":"]
PIECES += ["http:", "h.test", "m=", f"m={V}", " ", "\t", "\ud800", '"']
references = st.lists(
    st.sampled_from(PIECES) | st.characters(exclude_categories=[])
).map("".join)


@given(references)
def test_a_key_resolves_to_itself(reference: str) -> None:
    key = resolve_url(reference, A, ORIGIN)
    if key is not None:
        assert key.isascii()
        assert key.startswith("/")
        assert resolve(key, "/elsewhere/") == key


@given(references, versions)
def test_a_version_goes_in_and_comes_out_again(url: str, version: str) -> None:
    plain, _ = split_version(url)
    assert split_version(plain) == (plain, None)
    versioned = with_version(url, version)
    assert split_version(versioned) == (plain, version)
    assert with_version(versioned, None) == plain
    assert with_version(versioned, version) == versioned


@given(references, versions)
def test_a_version_does_not_change_what_a_reference_means(
    url: str, version: str
) -> None:
    versioned = with_version(url, version)
    assert resolve_url(versioned, A, ORIGIN) == resolve_url(url, A, ORIGIN)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_path_survives_encoding(path: str) -> None:
    assert decoded_path(encode_path(path)) == path


@given(st.text(st.characters(exclude_categories=[])))
def test_a_string_survives_as_a_literal(text: str) -> None:
    assert json.loads(js_string(text)) == text
