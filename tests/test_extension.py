"""The extension object: when it is on, what it leaves behind when it is off."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from flask import Blueprint, Flask

from flask_hmr import HMR, ConfigError

PAGE = "<!doctype html><html><head><title>x</title></head><body>x</body></html>"
MODULE = "import './b.js';\nimport.meta.hot.accept();\n"


def make_app(folder: Path, hmr: HMR | None = None, **config: Any) -> Flask:
    static = folder / "static"
    static.mkdir(parents=True, exist_ok=True)
    (static / "a.js").write_text(MODULE)
    (static / "b.js").write_text("export {};\n")
    app = Flask("project", root_path=str(folder))
    app.config.update(config)
    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule("/data", "data", lambda: {"a": 1})
    if hmr is not None:
        hmr.init_app(app)
    return app


def is_on(app: Flask) -> bool:
    text = app.test_client().get("/").text
    return "data-hmr" in text


def close(*apps: Flask) -> None:
    for app in apps:
        state = app.extensions["hmr"]
        if state is not None:
            state.close()


# When it is on


def test_it_is_on_in_debug_mode(tmp_path: Path) -> None:
    app = make_app(tmp_path, HMR())
    app.debug = True
    assert is_on(app)


def test_it_is_off_without_debug_mode(tmp_path: Path) -> None:
    assert not is_on(make_app(tmp_path, HMR()))


def test_debug_mode_may_be_switched_on_late(tmp_path: Path) -> None:
    app = Flask("late", root_path=str(tmp_path))
    HMR(app)
    app.add_url_rule("/", "page", lambda: PAGE)
    app.debug = True
    assert is_on(app)


def test_configuration_may_follow_later(tmp_path: Path) -> None:
    app = make_app(tmp_path, HMR())
    app.config["HMR_ENABLED"] = True
    app.config["HMR_URL_PREFIX"] = "/dev"
    text = app.test_client().get("/").text
    assert 'src="/dev/client/' in text


def test_blueprints_may_follow_later(tmp_path: Path) -> None:
    app = make_app(tmp_path, HMR(), HMR_ENABLED=True)
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "s.js").write_text(MODULE)
    shop = Blueprint(
        "shop", __name__, static_folder=str(folder), static_url_path="/assets"
    )
    app.register_blueprint(shop, url_prefix="/shop")
    text = app.test_client().get("/shop/assets/s.js").text
    assert text.startswith("import{setup as __hmr_setup}")
    close(app)


def test_enabled_says_so_without_debug_mode(tmp_path: Path) -> None:
    assert is_on(make_app(tmp_path, HMR(), HMR_ENABLED=True))


def test_disabled_says_so_in_debug_mode(tmp_path: Path) -> None:
    app = make_app(tmp_path, HMR(), HMR_ENABLED=False)
    app.debug = True
    assert not is_on(app)


# Several


def test_one_object_serves_several_apps(tmp_path: Path) -> None:
    hmr = HMR()
    one = make_app(tmp_path / "one", hmr, HMR_ENABLED=True)
    other = make_app(tmp_path / "other", hmr, HMR_ENABLED=True)
    assert is_on(one)
    assert is_on(other)
    assert one.extensions["hmr"] is not other.extensions["hmr"]


def test_apps_do_not_share_state(tmp_path: Path) -> None:
    on = make_app(tmp_path / "on", HMR(), HMR_ENABLED=True)
    off = make_app(tmp_path / "off", HMR())
    assert is_on(on)
    assert not is_on(off)


def test_sending_does_nothing_where_it_is_off(tmp_path: Path) -> None:
    hmr = HMR()
    make_app(tmp_path, hmr)
    assert hmr.send("event", {"a": 1}) == 0


def test_what_json_cannot_express_is_not_sent() -> None:
    with pytest.raises(TypeError):
        HMR().send("event", object())


# Mistakes


def test_an_app_takes_one_extension(tmp_path: Path) -> None:
    app = make_app(tmp_path, HMR())
    with pytest.raises(RuntimeError, match="already been registered"):
        HMR(app)


def test_an_app_that_is_served_already_is_refused(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.test_client().get("/")
    with pytest.raises(RuntimeError, match="after the app handled its first request"):
        HMR(app)


def test_a_wrong_value_names_its_key(tmp_path: Path) -> None:
    app = make_app(tmp_path, HMR(), HMR_INVALIDATE="sometimes")
    with pytest.raises(ConfigError, match="HMR_INVALIDATE"):
        app.test_client().get("/")


# Never in production


def answers(app: Flask) -> list[tuple[str, list[tuple[str, str]], bytes]]:
    client = app.test_client()
    got = []
    for method, url, headers in [
        ("GET", "/", {}),
        ("HEAD", "/", {}),
        ("GET", "/data", {}),
        ("GET", "/static/a.js", {}),
        ("GET", "/static/a.js", {"Range": "bytes=0-5"}),
        ("GET", "/static/a.js", {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}),
        ("GET", "/static/b.js?m=0123456789abcdef", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/_hmr/session", {}),
        ("POST", "/", {}),
    ]:
        response = client.open(url, method=method, headers=headers, buffered=True)
        got.append((response.status, _without_date(response.headers), response.data))
    tag = client.get("/static/a.js", buffered=True).headers["ETag"]
    response = client.get("/static/a.js", headers={"If-None-Match": tag})
    got.append((response.status, _without_date(response.headers), response.data))
    return got


def _without_date(headers: Any) -> list[tuple[str, str]]:
    return sorted((k, v) for k, v in headers if k != "Date")


@pytest.mark.parametrize("config", [{}, {"HMR_ENABLED": False}])
def test_switched_off_it_changes_nothing(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    plain = make_app(tmp_path)
    threads = threading.active_count()
    app = make_app(tmp_path, HMR(), **config)
    with warnings.catch_warnings():
        # Flask leaves the file of a static response open where it sends no body.
        warnings.simplefilter("ignore", ResourceWarning)
        assert answers(app) == answers(plain)
        gc.collect()
    assert _rules(app) == _rules(plain)
    assert app.before_request_funcs == plain.before_request_funcs
    assert app.after_request_funcs == plain.after_request_funcs
    assert app.blueprints == plain.blueprints
    assert threading.active_count() == threads
    # The method of the class again: not even a wrapper stays.
    assert app.wsgi_app.__func__ is Flask.wsgi_app  # type: ignore[attr-defined]


def _rules(app: Flask) -> list[str]:
    return sorted(map(repr, app.url_map.iter_rules()))


def test_switched_off_it_loads_nothing(tmp_path: Path) -> None:
    script = """
        import sys
        from flask import Flask
        from flask_hmr import HMR
        app = Flask("x")
        HMR(app)
        app.test_client().get("/")
        print(*sorted(sys.modules))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    loaded = set(done.stdout.split())
    assert "flask_hmr.extension" in loaded
    for name in ("watchdog", "flask_sock", "simple_websocket", "flask_hmr.watcher"):
        assert name not in loaded
    # What plugins are told of modules is read when one asks.
    assert not [name for name in loaded if name.startswith("flask_hmr.core")]


# Starting late


def test_making_an_app_starts_nothing(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    app = make_app(tmp_path, HMR(), HMR_ENABLED=True)
    assert set(threading.enumerate()) == threads
    assert is_on(app)
    assert set(threading.enumerate()) == threads


def test_closing_ends_what_was_started(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    app = make_app(tmp_path, HMR(), HMR_ENABLED=True)
    app.test_client().get("/static/a.js")
    assert set(threading.enumerate()) != threads
    close(app)
    left = set(threading.enumerate()) - threads
    for thread in left:
        thread.join(5)
    assert not [thread for thread in left if thread.is_alive()]


# Where others can reach it


def first_request(app: Flask, **environ: str) -> int:
    with app.test_client() as client:
        return client.get("/", environ_overrides=environ, buffered=True).status_code


PUBLIC = {"SERVER_NAME": "0.0.0.0", "REMOTE_ADDR": "127.0.0.1"}


def test_without_debug_it_stays_off_where_others_can_reach_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(tmp_path, HMR(), HMR_ENABLED=True)
    assert first_request(app, **PUBLIC) == 200
    assert app.extensions["hmr"] is None
    assert "flask_hmr" not in app.blueprints
    assert "HMR_PUBLIC_WITHOUT_DEBUG" in caplog.text
    assert "0.0.0.0" in caplog.text
    assert app.wsgi_app.__func__ is Flask.wsgi_app  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("debug", "config", "environ"),
    [
        (True, {}, PUBLIC),
        (True, {"HMR_ENABLED": True}, PUBLIC),
        (False, {"HMR_ENABLED": True}, {"SERVER_NAME": "127.0.0.1"}),
        (False, {"HMR_ENABLED": True, "HMR_PUBLIC_WITHOUT_DEBUG": True}, PUBLIC),
    ],
)
def test_it_is_on_in_debug_mode_on_this_machine_and_where_it_is_meant(
    tmp_path: Path, debug: bool, config: dict[str, Any], environ: dict[str, str]
) -> None:
    app = make_app(tmp_path, HMR(), **config)
    app.debug = debug
    assert first_request(app, **environ) == 200
    assert app.extensions["hmr"] is not None
    close(app)
