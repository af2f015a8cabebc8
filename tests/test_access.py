"""Who may connect: tables of requests, and the answer to each."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.access import Access, Refusal, new_token
from flask_hmr.hosts import Host, Origin, parse_host, parse_origin

TOKEN = "6f3c-TOKEN_of-these-tests"
HOST = "localhost:5000"
OWN = "http://localhost:5000"

PLAIN = Access((), (), TOKEN)
LISTED = Access(
    ("dev.example", ".tunnel.example", "192.168.1.20", "[fe80::1]"),
    ("https://dev.example:8443", "http://other.example"),
    TOKEN,
)


def ask(
    access: Access = PLAIN,
    *,
    method: str = "GET",
    host: str | None = HOST,
    origin: tuple[str, ...] = (),
    site: str | None = None,
    own: str = OWN,
) -> int | None:
    """Give the status of the refusal of a plain request, or None."""
    refusal = access.check(method, host, origin, site, own)
    return None if refusal is None else refusal.status


def connect(
    access: Access = PLAIN,
    *,
    method: str = "GET",
    host: str | None = HOST,
    origin: tuple[str, ...] = (OWN,),
    site: str | None = None,
    own: str = OWN,
    token: str | None = TOKEN,
) -> int | None:
    """Give the status of the refusal of a socket, or None."""
    refusal = access.check_socket(method, host, origin, site, own, token)
    return None if refusal is None else refusal.status


LOOPBACK_HOSTS = [
    "localhost",
    "localhost:5000",
    "LOCALHOST:5000",
    "app.localhost",
    "a.b.LocalHost:80",
    "127.0.0.1",
    "127.0.0.1:5000",
    "127.1.2.3:65535",
    "127.255.255.254",
    "[::1]",
    "[::1]:5000",
    "[0:0:0:0:0:0:0:1]:5000",
]
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:5000",
    "127.0.0.1.evil.example",
    "127.evil.example",
    "localhost.evil",
    "localhost.evil.example:5000",
    "notlocalhost",
    "127.evil1",
    "127.0.0.1.xn--evil9",
    "0.0.0.0:5000",
    "10.0.0.1",
    "128.0.0.1",
    "126.255.255.255",
    "192.168.1.20:5000",
    "[::]",
    "[::2]",
    "[::ffff:127.0.0.1]",
    "[fe80::1]",
    "dev.example",
]
MALFORMED_HOSTS = [
    "",
    " ",
    "[",
    "]",
    "[]",
    "[::1",
    "::1",
    "[::1]5000",
    "[::1]:",
    "[::1%lo]",
    "[::1]::1",
    "[localhost]",
    "[127.0.0.1]",
    ":::",
    ":",
    ":5000",
    "localhost:",
    "localhost:0x50",
    "localhost:65536",
    "localhost:123456",
    "localhost:-1",
    "localhost:+80",
    "localhost:8 0",
    "localhost:٨٠",
    "localhost.",
    "evil.localhost.",
    "evil.localhost.:5000",
    ".localhost",
    "a..localhost",
    "-.localhost",
    "a-.localhost",
    "a@b",
    "evil.example@localhost",
    "localhost,evil.example",
    "localhost, localhost",
    "localhost/../x",
    "localhost\\@evil",
    "localhost?x",
    "localhost#x",
    "http://localhost:5000/",
    "localhost\0",
    "localhost\n",
    "\tlocalhost",
    "local\x7fhost",
    "localhöst",
    "ｌocalhost",
    "localhost\udc80",
    "%6cocalhost",
    "127.1",
    "127.0.0.1.1",
    "127.0.0.256",
    "127.0.0.01",
    "127.0.0.1.",
    "127.0.0.0x1",
    "0x7f000001",
    "2130706433",
    "a." + "b" * 64 + ".localhost",
    "a." * 127 + "localhost",
    "x" * 10_000,
    "[" * 10_000,
]


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_names_of_this_machine_pass(host):
    assert ask(host=host) is None
    assert connect(host=host) is None


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_forbidden(host):
    assert ask(host=host) == 403
    assert connect(host=host) == 403


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_forbidden_even_as_its_own_origin(host):
    # This is DNS rebinding: for the browser, page and server have the same origin.
    own = f"http://{host}"
    assert ask(host=host, origin=(own,), own=own, site="same-origin") == 403
    assert connect(host=host, origin=(own,), own=own) == 403


@pytest.mark.parametrize("host", MALFORMED_HOSTS)
def test_a_malformed_host_is_a_bad_request(host):
    assert ask(host=host) == 400
    assert connect(host=host) == 400
    assert ask(LISTED, host=host) == 400


def test_a_missing_host_is_a_bad_request():
    assert ask(host=None) == 400
    assert connect(host=None) == 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("dev.example", None),
        ("DEV.example:8443", None),
        ("sub.dev.example", 403),
        ("xdev.example", 403),
        ("dev.example.evil", 403),
        ("dev.example.", 400),
        ("tunnel.example", None),
        ("a.tunnel.example:443", None),
        ("a.b.tunnel.example", None),
        ("eviltunnel.example", 403),
        ("tunnel.example.evil", 403),
        (".tunnel.example", 400),
        ("192.168.1.20", None),
        ("192.168.1.20:5000", None),
        ("192.168.1.2", 403),
        ("192.168.1.201", 403),
        ("[fe80::1]:5000", None),
        ("[FE80:0::1]", None),
        ("[fe80::2]", 403),
        ("localhost", None),
        ("evil.example", 403),
    ],
)
def test_listed_hosts_pass(host, status):
    assert ask(LISTED, host=host) == status
    assert connect(LISTED, host=host) == status


def test_the_refusal_of_a_host_names_the_key():
    assert PLAIN.check("GET", "dev.example:80", (), None, OWN) == Refusal(
        403, "Host 'dev.example' is not allowed. Add it to HMR_ALLOWED_HOSTS."
    )


# Each origin stands for a page; the server is http://localhost:5000.
OTHER_ORIGINS = [
    "http://evil.example",
    "https://evil.example",
    "http://evil.example:5000",
    "http://localhost.evil:5000",
    "http://localhost",
    "http://localhost:80",
    "http://localhost:3000",
    "http://localhost:50000",
    "https://localhost:5000",
    "http://app.localhost:5000",
    "http://127.0.0.1:5000",
    "http://[::1]:5000",
    "http://10.0.0.1:5000",
    "http://192.168.1.20:5000",
    "http://0.0.0.0:5000",
    "http://xn--lcalhost-n4a:5000",
    "https://dev.example:8443",
]
NO_ORIGINS = [
    "",
    " ",
    "null",
    "NULL",
    "*",
    "localhost:5000",
    "//localhost:5000",
    "http:localhost:5000",
    "http:/localhost:5000",
    "http://",
    "http://:5000",
    "http://localhost:",
    "http://localhost:5000/",
    "http://localhost:5000/page",
    "http://localhost:5000?",
    "http://localhost:5000#",
    "http://localhost:5000 ",
    " http://localhost:5000",
    "http://localhost:5000\n",
    "http://localhost:5000,http://evil.example",
    "http://localhost:5000 http://evil.example",
    "http://localhost:5000\\",
    "http://localhost.:5000",
    "http://me@localhost:5000",
    "http://me:pw@localhost:5000",
    "http://localhost:5000@evil.example",
    "http://evil.example\\@localhost:5000",
    "http://localhost:99999",
    "http://[::1:5000",
    "http://[",
    "http://löcalhost:5000",
    "http://ｌocalhost:5000",
    "http://localhost:5000\0",
    "file://",
    "file:///",
    "data:text/html,x",
    "about:blank",
    "ws://localhost:5000",
    "chrome-extension://abcdefghijklmnop",
    "moz-extension://localhost:5000",
    "javascript:alert(1)",
    "ſttp://localhost:5000",
    "http://" + "a" * 100_000,
    "http://\udcff",
]


@pytest.mark.parametrize("origin", OTHER_ORIGINS + NO_ORIGINS)
def test_another_origin_is_forbidden_even_with_the_token(origin):
    assert connect(origin=(origin,)) == 403
    assert ask(origin=(origin,)) == 403


@pytest.mark.parametrize("token", [None, "", "wrong", "x" * 1_000_000, "tökén"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", OWN])
def test_without_the_token_no_page_gets_a_socket(origin, token):
    assert connect(origin=(origin,), token=token) == 403


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://localhost:5000", "http://localhost:5000"),
        ("HTTP://LOCALHOST:5000", "http://localhost:5000"),
        ("http://localhost:5000", "http://LocalHost:5000"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost", "http://localhost:80"),
        ("https://localhost:443", "https://localhost"),
        ("https://localhost", "https://localhost:443"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://[::1]:5000", "http://[0:0::1]:5000"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
    ],
)
def test_the_same_origin_passes_however_it_is_spelled(origin, own):
    assert connect(origin=(origin,), own=own) is None
    assert ask(origin=(origin,), own=own, site="same-origin") is None
    assert ask(origin=(origin,), own=own, method="POST") is None


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://localhost:443", "https://localhost"),
        ("https://localhost:80", "http://localhost"),
        ("http://localhost", "https://localhost"),
        ("http://localhost:443", "http://localhost"),
    ],
)
def test_default_ports_belong_to_their_scheme(origin, own):
    assert connect(origin=(origin,), own=own) == 403


@pytest.mark.parametrize("own", ["", "null", "http://", "localhost:5000", "\0"])
def test_an_unknown_own_origin_is_nobodys(own):
    assert connect(own=own) == 403
    assert connect(own=own, origin=(own,)) == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://dev.example:8443", None),
        ("HTTPS://dev.example:8443", None),
        ("https://dev.example", 403),
        ("http://dev.example:8443", 403),
        ("http://other.example", None),
        ("http://other.example:80", None),
        ("http://other.example:81", 403),
        ("http://sub.other.example", 403),
        ("null", 403),
        (OWN, None),
    ],
)
def test_listed_origins_pass(origin, status):
    assert connect(LISTED, origin=(origin,)) == status
    assert ask(LISTED, origin=(origin,)) == status


@pytest.mark.parametrize(
    "origins",
    [(OWN, OWN), (OWN, "http://evil.example"), ("null", OWN), (OWN,) * 50],
)
def test_several_origin_headers_are_forbidden(origins):
    assert connect(origin=origins) == 403
    assert ask(origin=origins) == 403


def test_the_refusal_of_an_origin_names_the_key():
    refusal = PLAIN.check_socket(
        "GET", HOST, ["http://localhost:3000"], None, OWN, TOKEN
    )
    assert refusal is not None
    assert "'http://localhost:3000'" in refusal.reason
    assert "HMR_ALLOWED_ORIGINS" in refusal.reason


def test_a_client_that_is_no_browser_needs_the_token():
    assert connect(origin=(), token=TOKEN) is None
    assert connect(origin=(), token=None) == 403


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN.lower(),
        " " + TOKEN,
        TOKEN + "\0",
        "tökén",
        "\udcff",
        "x" * 1_000_000,
    ],
)
@pytest.mark.parametrize("origin", [(), (OWN,)])
def test_a_wrong_token_is_forbidden(token, origin):
    assert connect(origin=origin, token=token) == 403


@pytest.mark.parametrize("token", ["", None, "x"])
def test_an_empty_token_lets_nobody_in(token):
    assert connect(Access((), (), ""), token=token) == 403


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "HEAD", "get", ""])
def test_sockets_are_opened_by_get(method):
    assert connect(method=method) == 400


@pytest.mark.parametrize("site", [None, "same-origin", "cross-site", "x"])
def test_a_socket_is_judged_by_origin_not_by_site(site):
    assert connect(site=site) is None


@pytest.mark.parametrize(
    ("site", "status"),
    [
        (None, None),
        ("none", None),
        ("same-origin", None),
        ("same-site", 403),
        ("cross-site", 403),
        ("", 403),
        ("Same-Origin", 403),
        ("same-origin, cross-site", 403),
        ("\udcff" * 1000, 403),
    ],
)
def test_a_page_of_another_site_reads_nothing(site, status):
    assert ask(site=site) == status
    assert ask(site=site, origin=(OWN,)) == status
    assert ask(site=site, method="HEAD") == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get", "\0"])
@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        (None, (), 403),
        ("none", (), 403),
        ("cross-site", (), 403),
        ("same-origin", (), None),
        (None, (OWN,), None),
        (None, ("null",), 403),
        ("cross-site", ("http://evil.example",), 403),
    ],
)
def test_other_methods_have_to_show_where_they_come_from(method, site, origin, status):
    assert ask(method=method, site=site, origin=origin) == status


def test_the_token_is_shown_nowhere():
    assert TOKEN not in repr(PLAIN)
    for token in (None, "wrong"):
        refusal = PLAIN.check_socket("GET", HOST, (OWN,), None, OWN, token)
        assert refusal is not None
        assert TOKEN not in refusal.reason


def test_access_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PLAIN.token = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"host": None}, "The request has no Host header."),
        ({"host": "a b"}, "The Host header 'a b' is malformed."),
        ({"method": "POST"}, "A socket is opened by a GET request."),
        ({"origin": (OWN, OWN)}, "The request has more than one Origin header."),
        ({"token": "x"}, "The token is missing or wrong. "),
        ({"token": None}, "The token is missing or wrong. "),
    ],
)
def test_a_refusal_begins_with_what_is_wrong(asked, reason):
    request = {
        "method": "GET",
        "host": HOST,
        "origin": (OWN,),
        "sec_fetch_site": None,
        "own_origin": OWN,
        "token": TOKEN,
        **asked,
    }
    refusal = PLAIN.check_socket(**request)
    assert refusal is not None
    assert refusal.reason.startswith(reason)


def test_a_host_is_shown_whole_up_to_eighty_characters():
    # With its quotes: an address would not be that long, but nobody asks them.
    for length, end in ((78, "aa' is"), (79, "aa...' is")):
        name = "a" * (length - 26) + "." + "a" * 25
        refusal = PLAIN.check("GET", name, (), None, OWN)
        assert refusal is not None
        assert end in refusal.reason


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:5000", True),
        ("127.0.0.1", True),
        ("dev.example", True),
        ("evil.example", False),
        ("a b", False),
        ("", False),
    ],
)
def test_a_host_can_be_asked_about_by_itself(host, allowed):
    assert LISTED.allows_host(host) is allowed


@pytest.mark.parametrize("text", ["a\r\nb", "\x1b[2J", "\u2028", "\udcff", "'" * 999])
def test_a_reason_is_one_short_printable_line(text):
    for refusal in (
        PLAIN.check("GET", text, (), None, OWN),
        PLAIN.check("GET", HOST, (text,), None, OWN),
        PLAIN.check("GET", HOST, (), text, OWN),
        PLAIN.check(text, HOST, (), None, OWN),
        PLAIN.check("GET", HOST, ("http://x.example",), None, text),
    ):
        assert refusal is not None
        assert refusal.reason.isascii()
        assert refusal.reason.isprintable()
        assert len(refusal.reason) < 300


anything = st.text(st.characters(codec=None), max_size=40) | st.text(
    "localhst127.0:[]/@-%\\ \0", max_size=24
)


@given(anything, st.lists(anything, max_size=3), anything, anything, anything, anything)
def test_rubbish_is_no_and_never_an_exception(host, origin, method, site, own, token):
    parsed = parse_host(host)
    for refusal in (
        LISTED.check(method, host, origin, site, own),
        LISTED.check_socket(method, host, origin, site, own, token),
    ):
        assert refusal is None or refusal.status in (400, 403)
        assert refusal is not None or parsed is not None
    assert LISTED.check_socket("GET", HOST, origin, site, OWN, token) is not None


@given(st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,3}", fullmatch=True), st.text())
def test_a_token_from_elsewhere_never_fits(host, token):
    assert connect(host=host, token=token) in (400, 403)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Localhost:5000", Host("localhost", 5000)),
        ("[::0:1]:80", Host("[::1]", 80)),
        ("[::1]", Host("[::1]")),
        ("1.2.3.4:0", Host("1.2.3.4", 0)),
        ("my_box.lan", Host("my_box.lan")),
        ("xn--bcher-kva.example", Host("xn--bcher-kva.example")),
    ],
)
def test_a_host_header_is_taken_apart(header, host):
    assert parse_host(header) == host


@pytest.mark.parametrize(
    ("header", "origin", "text"),
    [
        ("http://a", Origin("http", "a", 80), "http://a"),
        ("HTTPS://A:443", Origin("https", "a", 443), "https://a"),
        ("http://a:443", Origin("http", "a", 443), "http://a:443"),
        ("https://[::0]:1", Origin("https", "[::]", 1), "https://[::]:1"),
    ],
)
def test_an_origin_header_is_taken_apart(header, origin, text):
    assert parse_origin(header) == origin
    assert str(origin) == text


@pytest.mark.parametrize("name", ["127.a", "127.evil1", "127.0.0.evil9"])
def test_a_name_with_digits_is_not_an_address(name):
    assert not Host(name).is_address
    assert not Host(name).is_loopback


def test_workers_with_one_secret_have_one_token():
    assert new_token(b"secret") == new_token(b"secret")
    assert new_token(b"secret") != new_token(b"secret2")


def test_the_secret_is_the_key_of_the_token_and_not_its_text():
    # A key that is longer than a block stands for its digest: RFC 2104, section 2.
    secret = b"x" * 1000
    assert new_token(secret) == new_token(hashlib.sha256(secret).digest())


@pytest.mark.parametrize("secret", [b"", b"secret", b"\xff" * 1000])
def test_a_token_is_long_fits_a_header_and_hides_the_secret(secret):
    token = new_token(secret)
    assert len(token) >= 43
    assert token.replace("-", "").replace("_", "").isalnum()
    assert token.isascii()
    assert "secret" not in token
