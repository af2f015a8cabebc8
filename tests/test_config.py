"""The rules of the configuration: what is read, what is refused, and how."""

from __future__ import annotations

import dataclasses
import logging
import os
from pathlib import Path

import pytest
from flask import Flask

from flask_hmr.config import CONFIG_KEYS, Config
from flask_hmr.ignores import BUILTIN_IGNORES
from flask_hmr.values import ConfigError, Root

ROOT_PATH = os.path.abspath(os.path.join(os.sep, "srv", "shop"))


def load(**keys: object) -> Config:
    return Config.load(keys, root_path=ROOT_PATH)


def folder(*parts: str) -> str:
    return os.path.abspath(os.path.join(ROOT_PATH, *parts))


def test_without_keys_the_defaults_hold():
    config = load()
    assert config == Config()
    assert config.enabled is None
    assert config.roots == ()
    assert config.url_prefix == "/_hmr"
    assert config.invalidate == "reload"
    assert config.log is None


def test_every_key_is_a_documented_attribute():
    fields = {field.name for field in dataclasses.fields(Config) if field.init}
    assert fields == {key.removeprefix("HMR_").lower() for key in CONFIG_KEYS}
    for key in CONFIG_KEYS:
        assert f"``{key}`` (" in (Config.__doc__ or "")


def test_the_config_of_an_application_can_be_read():
    app = Flask("shop")
    app.config["HMR_INVALIDATE"] = "propagate"
    assert Config.load(app.config, root_path=ROOT_PATH).invalidate == "propagate"


def test_keys_of_others_are_left_alone():
    assert load(DEBUG=True, SECRET_KEY="x", SMTP_HMR_="y") == Config()


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load().log = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("HMR_ENABLE", "HMR_ENABLED"),
        ("HMR_ROOT", "HMR_ROOTS"),
        ("HMR_ALLOWED_HOST", "HMR_ALLOWED_HOSTS"),
        ("HMR_ALLOWED_ORIGIN", "HMR_ALLOWED_ORIGINS"),
        ("HMR_IGNORES", "HMR_IGNORE"),
        ("HMR_PREFIX", "HMR_URL_PREFIX"),
        ("HMR_Log", "HMR_LOG"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_the_nearest(key, nearest):
    with pytest.raises(ConfigError, match=rf"^{key}: .*Did you mean {nearest}\?$") as e:
        load(**{key: True})
    assert e.value.key == key


def test_an_unknown_key_without_a_near_one_lists_them_all():
    with pytest.raises(ConfigError) as e:
        load(HMR_XYZZY=1)
    assert all(key in str(e.value) for key in CONFIG_KEYS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("HMR_ENABLED", "maybe"),
        ("HMR_ENABLED", ""),
        ("HMR_ENABLED", 2),
        ("HMR_ENABLED", []),
        ("HMR_ROOTS", None),
        ("HMR_ROOTS", 3),
        ("HMR_ROOTS", ""),
        ("HMR_ROOTS", b"static"),
        ("HMR_ROOTS", [b"static"]),
        ("HMR_ROOTS", [""]),
        ("HMR_ROOTS", ["a\0b"]),
        ("HMR_ROOTS", [None]),
        ("HMR_ROOTS", {"assets": "a"}),
        ("HMR_ROOTS", {"": "a"}),
        ("HMR_ROOTS", {"//": "a"}),
        ("HMR_ROOTS", {"/a//b": "a"}),
        ("HMR_ROOTS", {"/../b": "a"}),
        ("HMR_ROOTS", {"/a?": "a"}),
        ("HMR_ROOTS", {"/<path:x>": "a"}),
        ("HMR_ROOTS", {None: "a"}),
        ("HMR_ROOTS", {"/assets": None}),
        ("HMR_ROOTS", {"/assets": ["a"]}),
        ("HMR_ROOTS", {"/assets": "a", "/assets/": "b"}),
        ("HMR_URL_PREFIX", None),
        ("HMR_URL_PREFIX", ""),
        ("HMR_URL_PREFIX", "/"),
        ("HMR_URL_PREFIX", "_hmr"),
        ("HMR_URL_PREFIX", "/_hmr/"),
        ("HMR_URL_PREFIX", "//evil.example"),
        ("HMR_URL_PREFIX", "/<name>"),
        ("HMR_URL_PREFIX", "/a?b"),
        ("HMR_URL_PREFIX", "/a#b"),
        ("HMR_URL_PREFIX", "/a/../b"),
        ("HMR_URL_PREFIX", "/a b"),
        ("HMR_URL_PREFIX", '/a"b'),
        ("HMR_URL_PREFIX", "/a\n"),
        ("HMR_URL_PREFIX", "/ä"),
        ("HMR_IGNORE", None),
        ("HMR_IGNORE", {"a"}),
        ("HMR_IGNORE", [""]),
        ("HMR_IGNORE", [3]),
        ("HMR_IGNORE", ["!kept.js"]),
        ("HMR_IGNORE", ["/vendor"]),
        ("HMR_IGNORE", ["./vendor"]),
        ("HMR_IGNORE", ["../vendor"]),
        ("HMR_INVALIDATE", None),
        ("HMR_INVALIDATE", True),
        ("HMR_INVALIDATE", "Reload"),
        ("HMR_INVALIDATE", "bubble"),
        ("HMR_ALLOWED_HOSTS", "*"),
        ("HMR_ALLOWED_HOSTS", ["*.dev.example"]),
        ("HMR_ALLOWED_HOSTS", ["dev.*"]),
        ("HMR_ALLOWED_HOSTS", ["."]),
        ("HMR_ALLOWED_HOSTS", [".192.168.1.2"]),
        ("HMR_ALLOWED_HOSTS", [".[::1]"]),
        ("HMR_ALLOWED_HOSTS", ["..example"]),
        ("HMR_ALLOWED_HOSTS", ["dev.example."]),
        ("HMR_ALLOWED_HOSTS", ["dev.example:5000"]),
        ("HMR_ALLOWED_HOSTS", ["http://dev.example"]),
        ("HMR_ALLOWED_HOSTS", ["dev.example/"]),
        ("HMR_ALLOWED_HOSTS", ["a,b"]),
        ("HMR_ALLOWED_HOSTS", ["300.1.1.1"]),
        ("HMR_ALLOWED_HOSTS", ["ü" * 80]),
        ("HMR_ALLOWED_HOSTS", [None]),
        ("HMR_ALLOWED_HOSTS", 5),
        ("HMR_ALLOWED_ORIGINS", "*"),
        ("HMR_ALLOWED_ORIGINS", "null"),
        ("HMR_ALLOWED_ORIGINS", "dev.example"),
        ("HMR_ALLOWED_ORIGINS", "http://dev.example/"),
        ("HMR_ALLOWED_ORIGINS", "http://*.dev.example"),
        ("HMR_ALLOWED_ORIGINS", "http://me@dev.example"),
        ("HMR_ALLOWED_ORIGINS", "http://dev.example:99999"),
        ("HMR_ALLOWED_ORIGINS", "ftp://dev.example"),
        ("HMR_ALLOWED_ORIGINS", "http://"),
        ("HMR_ALLOWED_ORIGINS", [7]),
        ("HMR_TRANSPORTS", "websocket"),
        ("HMR_TRANSPORTS", ["poll", "sse"]),
        ("HMR_TRANSPORTS", []),
        ("HMR_TRANSPORTS", [1]),
        ("HMR_TRANSPORTS", True),
        ("HMR_MESSAGE_QUEUE", "localhost:6379"),
        ("HMR_MESSAGE_QUEUE", "amqp://localhost"),
        ("HMR_MESSAGE_QUEUE", ""),
        ("HMR_MESSAGE_QUEUE", True),
        ("HMR_PUBLIC_WITHOUT_DEBUG", None),
        ("HMR_PUBLIC_WITHOUT_DEBUG", "maybe"),
        ("HMR_LOG", "loud"),
        ("HMR_LOG", 7),
        ("HMR_LOG", ["info"]),
    ],
)
def test_a_bad_value_is_an_error_that_names_the_key(key, value):
    with pytest.raises(ConfigError, match=rf"^{key}: ") as e:
        load(**{key: value})
    assert e.value.key == key
    assert isinstance(e.value, ValueError)


@pytest.mark.parametrize("key", sorted(CONFIG_KEYS))
def test_an_error_shows_the_value_and_an_example(key):
    with pytest.raises(ConfigError) as e:
        load(**{key: 3.5})
    assert "3.5 cannot be used" in str(e.value)
    assert "Example" in str(e.value)
    assert f"{key} = " in str(e.value)


def test_a_long_value_is_shortened_in_the_error():
    with pytest.raises(ConfigError) as e:
        load(HMR_LOG="x" * 10_000)
    assert len(str(e.value)) < 400


@pytest.mark.parametrize(
    ("value", "enabled"),
    [
        (None, None),
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("1", True),
        ("true", True),
        ("TRUE", True),
        (" on ", True),
        ("Yes", True),
        ("0", False),
        ("false", False),
        ("off", False),
        ("No", False),
    ],
)
def test_enabled_understands_the_words_of_the_environment(value, enabled):
    assert load(HMR_ENABLED=value).enabled is enabled


def test_enabled_can_come_from_the_environment_through_flask(monkeypatch):
    app = Flask("shop")
    monkeypatch.setenv("FLASK_HMR_ENABLED", "1")
    monkeypatch.setenv("FLASK_HMR_LOG", "off")
    monkeypatch.setenv("FLASK_HMR_IGNORE", '["vendor"]')
    app.config.from_prefixed_env()
    config = Config.load(app.config, root_path=ROOT_PATH)
    assert config.enabled is True
    assert config.log == logging.ERROR
    assert config.ignore == ("vendor",)


@pytest.mark.parametrize(
    ("value", "roots"),
    [
        ((), ()),
        ({}, ()),
        ("frontend", (Root(None, folder("frontend")),)),
        (Path("frontend"), (Root(None, folder("frontend")),)),
        (["a", Path("b")], (Root(None, folder("a")), Root(None, folder("b")))),
        (("a", "a", "./a"), (Root(None, folder("a")),)),
        ("../frontend", (Root(None, folder("..", "frontend")),)),
        (".", (Root(None, ROOT_PATH),)),
        (folder("..", "x"), (Root(None, folder("..", "x")),)),
        ({"/assets": "a"}, (Root("/assets", folder("a")),)),
        ({"/assets/": "a"}, (Root("/assets", folder("a")),)),
        ({"/": "a"}, (Root("", folder("a")),)),
        ({"/a/b-1.0/~c": Path("d")}, (Root("/a/b-1.0/~c", folder("d")),)),
        (
            {"/x": "a", "/y": "a"},
            (Root("/x", folder("a")), Root("/y", folder("a"))),
        ),
    ],
)
def test_roots_become_absolute_folders_with_their_url_path(value, roots):
    assert load(HMR_ROOTS=value).roots == roots


@pytest.mark.parametrize("value", ["/_hmr", "/dev/hmr", "/~hmr", "/a.b/c-d"])
def test_the_url_prefix_is_a_plain_path(value):
    assert load(HMR_URL_PREFIX=value).url_prefix == value


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("dev.example", ("dev.example",)),
        (["Dev.Example", "dev.example"], ("dev.example",)),
        ([".Tunnel.example"], (".tunnel.example",)),
        ([".dev1"], (".dev1",)),
        (["192.168.1.20"], ("192.168.1.20",)),
        (["::1", "[FE80::0:1]"], ("[::1]", "[fe80::1]")),
        (["bücher.example"], ("xn--bcher-kva.example",)),
        ((" my_box ",), ("my_box",)),
    ],
)
def test_allowed_hosts_are_normalised(value, hosts):
    assert load(HMR_ALLOWED_HOSTS=value).allowed_hosts == hosts


def test_the_error_about_a_star_says_why():
    with pytest.raises(ConfigError, match="DNS rebinding"):
        load(HMR_ALLOWED_HOSTS="*")


def test_the_error_about_a_star_for_subdomains_says_what_to_write():
    with pytest.raises(ConfigError, match=r"Write '\.dev\.example'"):
        load(HMR_ALLOWED_HOSTS=["*.dev.example"])


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("http://dev.example", ("http://dev.example",)),
        ("HTTPS://Dev.Example:443", ("https://dev.example",)),
        (["http://a:81", "http://a:81"], ("http://a:81",)),
        (["http://[::1]:5000"], ("http://[::1]:5000",)),
        (["https://bücher.example:8443"], ("https://xn--bcher-kva.example:8443",)),
    ],
)
def test_allowed_origins_are_normalised(value, origins):
    assert load(HMR_ALLOWED_ORIGINS=value).allowed_origins == origins


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (True, logging.INFO),
        (False, logging.ERROR),
        ("on", logging.INFO),
        ("0", logging.ERROR),
        ("debug", logging.DEBUG),
        ("INFO", logging.INFO),
        ("Warning", logging.WARNING),
        ("error", logging.ERROR),
        ("critical", logging.CRITICAL),
        (logging.DEBUG, logging.DEBUG),
    ],
)
def test_log_is_the_level_of_the_logger(value, level):
    assert load(HMR_LOG=value).log == level


@pytest.mark.parametrize(
    "path",
    [
        ".git/index.lock",
        "js/.git/HEAD",
        "__pycache__/views.cpython-311.pyc",
        "js/cart.js~",
        "js/.cart.js.swp",
        "js/.cart.js.swx",
        "js/.#cart.js",
        "js/#cart.js#",
        "js/cart.js___jb_tmp___",
        ".DS_Store",
        ".venv/lib/x.js",
    ],
)
def test_what_tools_and_editors_leave_behind_is_ignored(path):
    assert load().ignores(path)


@pytest.mark.parametrize(
    "path",
    [
        "cart.js",
        "js/cart.mjs",
        "js/components/cart.css",
        "img/logo.svg",
        "js/git/index.js",
        "js/.cart.js",
        "a~b.js",
        "movie.swf",
        "#cart.js",
        "",
    ],
)
def test_ordinary_files_are_not_ignored(path):
    assert not load().ignores(path)


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("vendor", "vendor/a.js", True),
        ("vendor", "js/vendor/deep/a.js", True),
        ("vendor", "js/vendor.js", False),
        ("vendor/", "vendor/a.js", True),
        ("vendor/*", "vendor/deep/a.js", True),
        ("vendor/*", "js/vendor/a.js", False),
        ("js/vendor", "js/vendor/deep/a.js", True),
        ("js/vendor", "vendor/a.js", False),
        ("*.min.js", "js/lib.min.js", True),
        ("*.min.js", "js/lib.js", False),
        ("generated/*.json", "generated/a.json", True),
        ("generated/*.json", "generated/a.js", False),
        ("[ab].js", "js/a.js", True),
        ("[!ab].js", "js/a.js", False),
        ("?.js", "js/ab.js", False),
        ("a|b", "a", False),
        ("a|b", "a|b", True),
    ],
)
def test_ignore_adds_patterns(pattern, path, ignored):
    config = load(HMR_IGNORE=[pattern])
    assert config.ignores(path) is ignored
    assert config.ignores("x/.git/y")


def test_the_built_in_patterns_stay_out_of_the_attribute():
    assert load(HMR_IGNORE="vendor").ignore == ("vendor",)
    assert "vendor" not in BUILTIN_IGNORES


@pytest.mark.parametrize(
    ("value", "transports"),
    [
        (None, ("socket", "stream", "poll")),
        ("poll", ("poll",)),
        (["poll", "socket"], ("socket", "poll")),
        (("stream",), ("stream",)),
    ],
)
def test_transports_are_put_in_order(value, transports):
    assert load(HMR_TRANSPORTS=value).transports == transports


@pytest.mark.parametrize(("value", "meant"), [(True, True), ("0", False), (1, True)])
def test_a_public_server_without_debug_may_be_meant(value, meant):
    assert load(HMR_PUBLIC_WITHOUT_DEBUG=value).public_without_debug is meant


def test_a_message_queue_may_have_a_password_that_no_error_shows():
    url = "redis://:secret@localhost:6379/0"
    assert load(HMR_MESSAGE_QUEUE=url).message_queue == url
    with pytest.raises(ConfigError) as e:
        load(HMR_MESSAGE_QUEUE=url.replace("redis", "amqp"))
    assert "secret" not in str(e.value)


def test_a_message_queue_needs_a_package(monkeypatch):
    monkeypatch.setattr("flask_hmr.values.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'Flask-HMR\[redis\]'"):
        load(HMR_MESSAGE_QUEUE="redis://localhost")
