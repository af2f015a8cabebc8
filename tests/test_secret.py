"""The secret that all processes of an app share."""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from pathlib import Path

import pytest
from flask import Flask

from flask_hmr.secret import secret_of

on_posix = pytest.mark.skipif(os.name != "posix", reason="Folders have no owners here.")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def app(name: str = "app", **config: object) -> Flask:
    app = Flask(name, root_path="/srv/app")
    app.config.update(config)
    return app


def kept(tmp_path: Path) -> Path:
    (folder,) = tmp_path.iterdir()
    return folder / "secret"


def test_an_app_with_a_key_uses_that(tmp_path: Path) -> None:
    assert secret_of(app(SECRET_KEY="a")) == secret_of(app(SECRET_KEY=b"a"))
    assert secret_of(app(SECRET_KEY="a")) != secret_of(app(SECRET_KEY="b"))
    assert list(tmp_path.iterdir()) == []


def test_others_share_a_file_that_only_their_user_can_read(tmp_path: Path) -> None:
    assert secret_of(app()) == secret_of(app())
    assert secret_of(app()) != secret_of(app("other"))
    file = kept(tmp_path)
    assert len(file.read_bytes()) == 32
    assert [path.name for path in file.parent.iterdir()] == ["secret"]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_processes_that_start_at_once_agree() -> None:
    found: list[bytes] = []
    barrier = threading.Barrier(8)

    def ask(one: Flask) -> None:
        barrier.wait()
        found.append(secret_of(one))

    # Made before: Werkzeug parses code for each, and in Python 3.11 threads that parse
    # at the same time may fail (https://github.com/python/cpython/issues/106905).
    apps = [app() for _ in range(8)]
    threads = [threading.Thread(target=ask, args=(one,)) for one in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@on_posix
@pytest.mark.parametrize("mode", [0o777, 0o755, 0o701])
def test_a_folder_that_others_can_look_into_is_not_used(
    tmp_path: Path, mode: int
) -> None:
    secret_of(app())
    kept(tmp_path).parent.chmod(mode)
    assert secret_of(app()) != secret_of(app())


@on_posix
def test_a_link_that_somebody_else_put_there_is_not_followed(tmp_path: Path) -> None:
    secret_of(app())
    folder = kept(tmp_path).parent
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    assert secret_of(app()) != secret_of(app())


def test_a_file_that_was_cut_off_is_not_used(tmp_path: Path) -> None:
    secret_of(app())
    kept(tmp_path).write_bytes(b"short")
    assert secret_of(app()) != secret_of(app())


def test_without_a_place_for_it_the_secret_is_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))
    assert secret_of(app()) != secret_of(app())
