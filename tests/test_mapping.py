"""What ``HMR_IMPORTMAP`` may say, and what is said of mistakes in it."""

from __future__ import annotations

from typing import Any

import pytest

from flask_hmr.mapping import Mapped, MappingError, mapped

HASH = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
ESM = "https://cdn.jsdelivr.net/npm/"


def imports(value: Any) -> dict[str, str | None]:
    return dict(mapped(value).imports)


@pytest.mark.parametrize(
    "address",
    [
        "https://esm.sh/lit@3.3.1",
        "http://127.0.0.1:8000/a.js",
        "data:text/javascript,export%20{}",
        "/assets/cart.js",
        "@/cart.js",
        "@admin/js/table.js",
        "@shop.admin/table.js",
        None,
    ],
)
def test_an_address_says_where_something_is(address):
    assert imports({"cart": address}) == {"cart": address}


def test_imports_may_stand_alone_or_beside_other_sections():
    assert imports({"a": "/a.js"}) == imports({"imports": {"a": "/a.js"}})
    assert imports({}) == {}


@pytest.mark.parametrize(
    ("name", "version", "url"),
    [
        ("lit", "3.3.1", f"{ESM}lit@3.3.1/+esm"),
        ("lit/decorators.js", "3.3.1", f"{ESM}lit@3.3.1/decorators.js/+esm"),
        ("@lit/task", "1.0.3", f"{ESM}@lit/task@1.0.3/+esm"),
        ("@lit/task/x.js", "1.0.3-pre.1", f"{ESM}@lit/task@1.0.3-pre.1/x.js/+esm"),
    ],
)
def test_a_pin_is_the_url_of_one_version(name, version, url):
    assert imports({"pins": {name: version}}) == {name: url}


def test_pins_lead_to_another_host_if_it_is_given():
    cdn = "https://esm.sh/{package}@{version}{path}"

    found = imports({"cdn": cdn, "pins": {"lit/html.js": "3.3.1"}})

    assert found == {"lit/html.js": "https://esm.sh/lit@3.3.1/html.js"}


def test_preload_may_be_all_that_is_one_module():
    value = {"imports": {"a": "/a.js", "b/": "/b/", "c": None}, "preload": True}

    assert mapped(value).preload == ("a",)
    assert mapped(value | {"preload": ["a"]}).preload == ("a",)
    assert mapped(value | {"preload": False}).preload == ()


def test_hashes_are_given_or_computed():
    value = {"imports": {"a": "/a.js"}}

    assert mapped(value | {"integrity": {"a": f" {HASH}"}}).integrity == {"a": HASH}
    assert mapped(value | {"integrity": {"/a.js": HASH}}).integrity == {"/a.js": HASH}
    assert mapped(value | {"integrity": True}).computes
    assert not mapped(value).computes


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (["a"], r"\['a'\] cannot be used here. Allowed is a mapping"),
        ({"": "/a.js"}, "'' is no name"),
        ({3: "/a.js"}, "3 is no name"),
        ({"a": "vendor/a.js"}, '"@/cart.js" for a file in the static folder'),
        ({"a": "./a.js"}, "does not say where that is"),
        ({"a": "//host/a.js"}, "does not say where that is"),
        ({"a": "ftp://host/a.js"}, "does not say where that is"),
        ({"a": "/a b.js"}, "does not say where that is"),
        ({"a": 3}, "'a' stands for 3"),
        ({"a/": "/a"}, "'a/' ends in a slash"),
        ({"./a": "/a.js"}, "begins with a dot depends on who imports it"),
        ({"imports": {}, "lit": "/a.js"}, "'lit' stands beside 'imports'"),
        ({"imports": "/a.js"}, '"imports" is a mapping'),
        ({"scopes": {"admin": {}}}, "scope 'admin' names no place"),
        ({"scopes": {"/a/": {"b": "b.js"}}}, "'b' stands for 'b.js'"),
        ({"pins": {"lit": "^3.0.0"}}, "A pin is one version in full"),
        ({"pins": {"lit": "3"}}, "pinned to '3'"),
        ({"pins": {"lit": 3}}, "pinned to 3"),
        ({"pins": {"lit/": "3.3.1"}}, "'lit/' is no package"),
        ({"pins": {"@lit": "3.3.1"}}, "'@lit' is no package"),
        ({"pins": {"a": "1.0.0"}, "imports": {"a": "/a.js"}}, "Keep one"),
        ({"pins": {}, "cdn": "https://cdn"}, '"cdn" is'),
        ({"imports": {}, "integrity": {"a": HASH}}, "a hash of 'a', which is neither"),
        (
            {"imports": {"a": "/a.js"}, "integrity": {"a": "md5-xyz"}},
            "It is a hash such as",
        ),
        ({"imports": {"a": "/a.js"}, "integrity": {"a": ""}}, "It is a hash such as"),
        ({"imports": {}, "preload": ["a"]}, "\"preload\" has 'a'"),
        ({"imports": {"a/": "/a/"}, "preload": ["a/"]}, "no name of one module"),
        ({"imports": {}, "preload": 3}, '"preload" is a list'),
        ({"files": ["map.json"]}, '"@/npm/importmap.json"'),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_way_out(value, says):
    with pytest.raises(MappingError, match=says):
        mapped(value)


def test_a_mapping_cannot_be_changed_afterwards():
    value = {"imports": {"a": "/a.js"}}
    found = mapped(value)
    value["imports"]["a"] = "/b.js"

    assert isinstance(found, Mapped)
    assert found.imports["a"] == "/a.js"
