"""Import maps: what browsers make of them, and the versions that we add.

The outcomes in ``RESOLUTIONS`` are those of ``import.meta.resolve`` in Chromium 156,
with ``None`` for an error and for every address on another origin.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core.importmap import ImportMap, ImportMapError

V = "0123456789abcdef"
PAGE = "/shop/index.html"
ORIGIN = "http://h.test"

MAP = {
    "imports": {
        "lit": "/static/vendor/lit.js",
        "lit/": "/static/vendor/lit/",
        "lit/decorators/": "./decorators/",
        "relative": "./lib/relative.js",
        "parent": "../parent.js",
        "query": "/static/q.js?a=1",
        "space": "./a b.js",
        "full": "http://h.test/static/full.js",
        "cdn": "https://cdn.test/cdn.js",
        "cdn/": "https://cdn.test/lib/",
        "bare-target": "lit",
        "null": None,
        "number": 1,
        "blocked/": None,
        "no-slash/": "/static/no-slash",
        "": "/static/empty.js",
        "/static/old.js": "/static/new.js",
        "./moved.js": "/static/moved.js",
        "/static/tree/": "/static/forest/",
        "https://elsewhere.test/lib.js": "/static/vendor/lib.js",
        "https://elsewhere.test/all/": "/static/all/",
        "//scheme.test/lib.js": "/static/scheme.js",
        "node:fs": "/static/fs.js",
        "data:text/": "/static/data/",
        "@scope/pkg": "/static/pkg.js",
        "root/": "/",
        "ä": "/static/ä.js",
        "toString": "/static/to-string.js",
    },
    "scopes": {
        "/static/": {"lit": "/static/lit-2.js", "parent": None, "tree/": "/t/"},
        "/static/deep/": {"lit": "/static/lit-3.js"},
        "/static/exact.js": {"lit": "/static/lit-4.js"},
        "/static/half": {"lit": "/static/never.js"},
        "relative/": {"lit": "/shop/lit-5.js"},
        "http://h.test/full/": {"lit": "/static/lit-6.js"},
        "https://cdn.test/": {"lit": "/static/never.js"},
        "/static/redirect/": {"/static/old.js": "/static/newer.js"},
    },
    "unknown": {"kept": True},
}

RESOLUTIONS = [
    ("lit", PAGE, "/static/vendor/lit.js"),
    ("lit/", PAGE, "/static/vendor/lit/"),
    ("lit/html.js", PAGE, "/static/vendor/lit/html.js"),
    ("lit/a/../b.js", PAGE, "/static/vendor/lit/b.js"),
    ("lit/../b.js", PAGE, None),
    ("lit/%2e%2e/b.js", PAGE, None),
    ("lit//host/b.js", PAGE, None),
    ("lit/\\b.js", PAGE, None),
    ("lit/https://cdn.test/b.js", PAGE, None),
    ("lit/?x", PAGE, "/static/vendor/lit/?x"),
    ("lit/#x", PAGE, "/static/vendor/lit/#x"),
    ("lit/a b.js", PAGE, "/static/vendor/lit/a%20b.js"),
    ("lit/decorators/x.js", PAGE, "/shop/decorators/x.js"),
    ("lit/decorators", PAGE, "/static/vendor/lit/decorators"),
    ("lit2", PAGE, None),
    ("Lit", PAGE, None),
    ("lit ", PAGE, None),
    ("relative", PAGE, "/shop/lib/relative.js"),
    ("relative", "/static/js/a.js", "/shop/lib/relative.js"),
    ("parent", PAGE, "/parent.js"),
    ("query", PAGE, "/static/q.js?a=1"),
    ("space", PAGE, "/shop/a%20b.js"),
    ("full", PAGE, "/static/full.js"),
    ("cdn", PAGE, None),
    ("cdn/x.js", PAGE, None),
    ("bare-target", PAGE, None),
    ("null", PAGE, None),
    ("number", PAGE, None),
    ("blocked/x.js", PAGE, None),
    ("no-slash/x.js", PAGE, None),
    ("", PAGE, None),
    ("unmapped", PAGE, None),
    ("toString", PAGE, "/static/to-string.js"),
    ("constructor", PAGE, None),
    ("/static/old.js", PAGE, "/static/new.js"),
    ("../static/old.js", PAGE, "/static/new.js"),
    ("./old.js", "/static/a.js", "/static/new.js"),
    ("/static/old.js?x", PAGE, "/static/old.js?x"),
    ("/static/old.js#x", PAGE, "/static/old.js#x"),
    ("http://h.test/static/old.js", PAGE, "/static/new.js"),
    ("./moved.js", PAGE, "/static/moved.js"),
    ("/shop/moved.js", "/elsewhere/a.js", "/static/moved.js"),
    ("/static/tree/a/b.js", PAGE, "/static/forest/a/b.js"),
    ("/static/tree", PAGE, "/static/tree"),
    ("./unmapped.js", PAGE, "/shop/unmapped.js"),
    ("https://elsewhere.test/lib.js", PAGE, "/static/vendor/lib.js"),
    ("https://elsewhere.test/all/x.js", PAGE, "/static/all/x.js"),
    ("https://elsewhere.test/x.js", PAGE, None),
    ("//elsewhere.test/x.js", PAGE, None),
    ("node:fs", PAGE, "/static/fs.js"),
    ("data:text/javascript,1", PAGE, None),
    ("@scope/pkg", PAGE, "/static/pkg.js"),
    ("@scope/pkg/x.js", PAGE, None),
    ("root/a.js", PAGE, "/a.js"),
    ("root//host/a.js", PAGE, "/host/a.js"),
    ("root///host/a.js", PAGE, None),
    ("ä", PAGE, "/static/%C3%A4.js"),
    ("lit", "/static/a.js", "/static/lit-2.js"),
    ("lit", "/static/a.js?x=/y", "/static/lit-2.js"),
    ("lit", "/static", "/static/vendor/lit.js"),
    ("lit", "/static/deep/er/a.js", "/static/lit-3.js"),
    ("lit", "/static/exact.js", "/static/lit-4.js"),
    ("lit", "/static/exact.js?x", "/static/lit-2.js"),
    ("lit", "/static/half/a.js", "/static/lit-2.js"),
    ("lit", "/shop/relative/a.js", "/shop/lit-5.js"),
    ("lit", "/full/a.js", "/static/lit-6.js"),
    ("lit/html.js", "/static/a.js", "/static/vendor/lit/html.js"),
    ("parent", "/static/a.js", None),
    ("parent", "/static/deep/a.js", None),
    ("tree/x.js", "/static/deep/a.js", "/t/x.js"),
    ("../old.js", "/static/redirect/a.js", "/static/newer.js"),
]


def parse(data: object, base: str = PAGE) -> ImportMap:
    return ImportMap.parse(json.dumps(data), base, ORIGIN)


@pytest.mark.parametrize(("specifier", "base", "key"), RESOLUTIONS)
def test_a_specifier_resolves_as_in_the_browser(
    specifier: str, base: str, key: str | None
) -> None:
    assert parse(MAP).resolve(specifier, base) == key


def test_a_scheme_relative_url_is_looked_up_as_one_of_https() -> None:
    import_map = parse(MAP)
    scheme_relative = import_map.resolve("//scheme.test/lib.js", PAGE)
    assert scheme_relative == "/static/scheme.js"
    assert import_map.resolve("https://scheme.test/lib.js", PAGE) == scheme_relative


def test_a_slash_as_specifier_does_not_take_in_other_hosts() -> None:
    import_map = parse({"imports": {"/": "/static/"}})
    assert import_map.resolve("/a.js", PAGE) == "/static/a.js"
    assert import_map.resolve("//host/a.js", PAGE) is None


def test_without_an_origin_full_urls_are_elsewhere() -> None:
    import_map = ImportMap.parse(json.dumps(MAP), PAGE)
    assert import_map.resolve("full", PAGE) is None
    assert import_map.resolve("http://h.test/static/old.js", PAGE) is None


def test_versions_of_importer_and_specifier_do_not_count() -> None:
    import_map = parse(MAP)
    importer = f"/static/exact.js?m={V}"
    assert import_map.resolve("lit", importer) == "/static/lit-4.js"
    assert import_map.resolve(f"./old.js?m={V}", "/static/a.js") == "/static/new.js"


@pytest.mark.parametrize("text", ["{}", ' {"imports": {}} ', '{"x": [1.5e3]}'])
def test_an_empty_map_leaves_urls_alone_and_knows_no_bare_specifier(text: str) -> None:
    import_map = ImportMap.parse(text, PAGE)
    assert import_map == ImportMap()
    assert import_map.resolve("./a.js", PAGE) == "/shop/a.js"
    assert import_map.resolve("lit", PAGE) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The import map is not JSON: expecting value in line 1, column 1"),
        # Python 3.13 says it of the comma, older ones of what follows.
        (
            '{\n "imports": {},\n}',
            "double quotes in line 3, column 1|trailing comma .* in line 2, column 15",
        ),
        ("// none\n{}", "Comments and trailing commas are not allowed"),
        ("\ufeff{}", "The import map is not JSON"),
        ('{"imports": {"a": "\n"}}', "invalid control character"),
        ("[]", r"The import map must be a JSON object, such as \{\}, not \[\]"),
        ("null", "The import map must be a JSON object"),
        ('"lit"', 'not "lit"'),
        ('{"imports": []}', '"imports" in the import map must be a JSON object'),
        ('{"imports": null}', '"imports" in the import map must be a JSON object'),
        ('{"scopes": 1}', '"scopes" in the import map must be a JSON object'),
        ('{"scopes": {"/a/": "b"}}', 'The scope "/a/" of the import map must be'),
        ('{"integrity": []}', '"integrity" in the import map must be a JSON object'),
        ('{"x": NaN}', "NaN is not a number"),
        ('{"x": 1e999}', "1e999 is not a number"),
        ("[" * 100_000, "The import map is not usable JSON"),
    ],
)
def test_a_map_that_browsers_reject_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ImportMapError, match=message):
        ImportMap.parse(text, PAGE)
    with pytest.raises(ImportMapError, match=message):
        ImportMap().versioned(text, lambda key: V)


def test_of_two_rules_for_one_url_the_later_stands() -> None:
    import_map = parse({"imports": {"/a.js": "/b.js", "../a.js": "/c.js"}})
    assert import_map.resolve("/a.js", PAGE) == "/c.js"


def test_maps_are_equal_when_they_say_the_same() -> None:
    one = ImportMap.parse('{"imports": {"a": "./a.js", "b": "/b.js"}}', "/")
    two = ImportMap.parse('{"imports": {"b": "/x/../b.js", "a": "../a.js"}}', "/p/")
    assert one == two
    assert hash(one) == hash(two)
    assert one != ImportMap.parse('{"imports": {"a": "/a.js"}}', "/")
    assert one != ImportMap.parse(
        '{"scopes": {"/": {"a": "/a.js", "b": "/b.js"}}}', "/"
    )


def test_of_two_maps_in_a_page_the_first_stands_where_both_speak() -> None:
    first = parse({"imports": {"a": "/1.js"}, "scopes": {"/s/": {"c": "/1.js"}}})
    later = parse(
        {
            "imports": {"a": "/2.js", "b": "/2.js", "a/": "/2/"},
            "scopes": {"/s/": {"c": "/2.js", "d": "/2.js"}, "/t/": {"c": "/2.js"}},
        }
    )
    both = first.joined(later)
    resolved = [
        both.resolve(name, "/s/x.js") for name in ("a", "b", "c", "d", "a/x.js")
    ]
    assert resolved == ["/1.js", "/2.js", "/1.js", "/2.js", "/2/x.js"]
    assert both.resolve("c", "/t/x.js") == "/2.js"


def versioned(data: object, versions: dict[str, str]) -> object:
    text = json.dumps(data)
    return json.loads(parse(data).versioned(text, versions.get))


def test_every_address_of_one_module_gets_its_version() -> None:
    data = {
        "imports": {
            "a": "/static/a.js",
            "again": "../static/a.js#f",
            "query": "/static/a.js?x",
            "all/": "/static/",
            "cdn": "https://cdn.test/a.js",
            "nothing": None,
            "space": "./a b.js",
            "/static/b.js": "http://h.test/static/a.js",
        },
        "scopes": {"/static/": {"a": "/static/a.js", "all/": "/static/"}},
    }
    versions = {
        "/static/a.js": V,
        "/static/a.js#f": V,
        "/static/": V,
        "/shop/a%20b.js": V,
    }
    assert versioned(data, versions) == {
        "imports": {
            "a": f"/static/a.js?m={V}",
            "again": f"../static/a.js?m={V}#f",
            "query": "/static/a.js?x",
            "all/": "/static/",
            "cdn": "https://cdn.test/a.js",
            "nothing": None,
            "space": f"./a b.js?m={V}",
            "/static/b.js": f"http://h.test/static/a.js?m={V}",
        },
        "scopes": {"/static/": {"a": f"/static/a.js?m={V}", "all/": "/static/"}},
    }


def test_a_versioned_map_resolves_to_the_same_keys() -> None:
    text = json.dumps(MAP)
    import_map = parse(MAP)
    again = import_map.versioned(text, lambda key: V)
    assert f"/static/vendor/lit.js?m={V}" in again
    assert ImportMap.parse(again, PAGE, ORIGIN) == import_map
    assert json.loads(again)["unknown"] == {"kept": True}


def test_the_order_of_a_map_is_kept() -> None:
    text = '{"scopes": {}, "imports": {"b": "/b.js", "a": "/a.js"}, "x": 1}'
    again = json.loads(ImportMap.parse(text, PAGE).versioned(text, {"/a.js": V}.get))
    assert list(again) == ["scopes", "imports", "x"]
    assert list(again["imports"]) == ["b", "a"]


def test_a_module_with_a_version_loses_its_integrity() -> None:
    data = {
        "imports": {"a": "/a.js", "b": "/b.js"},
        "integrity": {"../a.js": "sha384-a", "/b.js": "sha384-b", "c": "sha384-c"},
    }
    assert versioned(data, {"/a.js": V}) == {
        "imports": {"a": f"/a.js?m={V}", "b": "/b.js"},
        "integrity": {"/b.js": "sha384-b", "c": "sha384-c"},
    }


def test_a_map_with_nothing_to_add_keeps_its_text() -> None:
    text = '{ "imports" : { "a/" : "/a/", "b": "/b.js" } }'
    assert ImportMap.parse(text, PAGE).versioned(text, lambda key: None) == text


def test_a_versioned_map_is_safe_in_a_script_element() -> None:
    text = '{"imports": {"a": "/a.js", "\\u003c/script>": "/b.js"}}'
    again = ImportMap.parse(text, PAGE).versioned(text, {"/a.js": V}.get)
    assert "<" not in again
    assert json.loads(again)["imports"]["</script>"] == "/b.js"


texts = st.text(st.sampled_from("ab./:#?\\%"), max_size=12)
maps = st.fixed_dictionaries(
    {
        "imports": st.dictionaries(texts, texts | st.none()),
        "scopes": st.dictionaries(texts, st.dictionaries(texts, texts)),
    }
)


@given(maps, texts)
def test_versions_never_change_where_a_specifier_leads(
    data: dict[str, object], specifier: str
) -> None:
    before = parse(data)
    text = before.versioned(json.dumps(data), lambda key: V)
    after = ImportMap.parse(text, PAGE, ORIGIN)
    assert after == before
    assert after.resolve(specifier, PAGE) == before.resolve(specifier, PAGE)


@given(st.text())
def test_any_text_is_a_map_or_an_error(text: str) -> None:
    try:
        import_map = ImportMap.parse(text, PAGE)
    except ImportMapError:
        return
    assert hash(import_map) == hash(ImportMap.parse(text, PAGE))
