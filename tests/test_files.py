"""Reading modules from disk: whole, in one piece, once per state of a file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr import files as module
from flask_hmr.core.versions import digest
from flask_hmr.files import Files, Identity, Source, decode, encode, real_path


def write(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def text_of(source: Source | None) -> str:
    assert source is not None
    return source.text


# One state of a file


def test_a_source_is_the_file_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.js", "import './b.js';\n")
    source = Files().read(path)
    assert source is not None
    assert source.path == path
    assert source.text == "import './b.js';\n"
    assert source.content == digest(b"import './b.js';\n")
    assert source.identity == Files().identity(path)
    assert [item.specifier for item in source.scan.imports] == ["./b.js"]
    assert source.scan is source.scan


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "1")
    source = files.read(path)
    assert files.read(path) is source
    assert files.kept(path) is source


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "1")
    files.read(path)
    write(tmp_path / "a.js", "longer")
    assert text_of(files.kept(path)) == "1"
    assert text_of(files.read(path)) == "longer"
    assert text_of(files.kept(path)) == "longer"


def test_nothing_is_kept_of_a_file_that_was_not_read(tmp_path: Path) -> None:
    assert Files().kept(write(tmp_path / "a.js", "1")) is None


def test_the_same_size_and_time_do_not_hide_a_change(tmp_path: Path) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "one")
    os.utime(path, ns=(10**18, 10**18))
    before = files.read(path)
    assert before is not None
    inode = os.stat(path).st_ino
    # Time goes on by a tick of the file system's clock, however coarse it is.
    while os.stat(path).st_ctime_ns == before.identity.changed:
        write(tmp_path / "a.js", "two")
        os.utime(path, ns=(10**18, 10**18))
    now = os.stat(path)
    assert (now.st_mtime_ns, now.st_size, now.st_ino) == (10**18, 3, inode)
    assert files.identity(path) != before.identity
    assert text_of(files.read(path)) == "two"


def test_a_change_within_one_tick_of_the_clock_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "one")
    state = Identity.of(os.stat(path))
    monkeypatch.setattr(Identity, "of", lambda status: state)
    before = files.read(path)
    write(tmp_path / "a.js", "two")
    assert files.identity(path) == state
    assert text_of(files.read(path)) == "two"
    assert text_of(before) == "one"


def test_a_file_that_has_long_been_the_same_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "one")
    later = time.time_ns() + 60 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    source = files.read(path)
    monkeypatch.setattr(module, "_read", None)
    assert files.read(path) is source


def test_a_file_put_in_the_place_of_another_is_a_change(tmp_path: Path) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "one")
    before = files.identity(path)
    write(tmp_path / "new", "two")
    os.utime(
        tmp_path / "new", ns=(os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns)
    )
    (tmp_path / "new").rename(path)
    assert files.identity(path) != before


def test_a_touched_file_has_the_same_content_and_another_stamp(tmp_path: Path) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "1")
    before = files.read(path)
    os.utime(path, ns=(10**18, 10**18))
    after = files.read(path)
    assert before is not None
    assert after is not None
    assert after.content == before.content
    assert after.modified != before.modified


def test_every_process_gives_a_file_the_same_stamps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.js", "1")
    one, other = Files().read(path), Files().read(path)
    assert one is not None
    assert other is not None
    assert one is not other
    assert (one.content, one.modified) == (other.content, other.modified)


def test_a_link_is_the_file_that_it_leads_to(tmp_path: Path) -> None:
    path = write(tmp_path / "a.js", "1")
    (tmp_path / "link.js").symlink_to("a.js")
    assert Files().identity(str(tmp_path / "link.js")) == Files().identity(path)
    assert text_of(Files().read(str(tmp_path / "link.js"))) == "1"


# What is not read


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _dangling(path: Path) -> None:
    path.symlink_to("gone")


@pytest.mark.parametrize(
    "make", [lambda path: None, Path.mkdir, _fifo, _loop, _dangling]
)
def test_only_regular_files_are_read(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "a.js"
    make(path)
    assert Files().identity(str(path)) is None
    assert Files().read(str(path)) is None


@pytest.mark.parametrize("path", ["", "\0", "/a\0b.js", "/" + "x" * 5000])
def test_a_path_that_no_file_can_have(path: str) -> None:
    assert Files().identity(path) is None
    assert Files().read(path) is None


def test_a_file_below_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.js", "1")
    assert Files().read(f"{path}/b.js") is None


def test_a_fifo_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.js", "1")
    opened = os.open

    def swap(name: str, flags: int, *more: int) -> int:
        os.unlink(name)
        os.mkfifo(name)
        return opened(name, flags, *more)

    monkeypatch.setattr(os, "open", swap)
    assert Files().read(path) is None


def test_a_file_that_may_not_be_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.js", "1")

    def refuse(*arguments: Any) -> int:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", refuse)
    assert Files().read(path) is None
    assert Files().identity(path) is not None


def test_what_was_read_before_is_not_given_for_a_file_that_is_gone(
    tmp_path: Path,
) -> None:
    files = Files()
    path = write(tmp_path / "a.js", "1")
    files.read(path)
    os.unlink(path)
    assert files.read(path) is None


def test_a_large_file_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SIZE", 10)
    assert text_of(Files().read(write(tmp_path / "a.js", "x" * 10))) == "x" * 10
    assert Files().read(write(tmp_path / "b.js", "x" * 11)) is None


# A file that changes while it is read


class Reading:
    """Does something to a file between opening and reading it, for some times."""

    def __init__(self, patch: pytest.MonkeyPatch, path: str, texts: list[str]) -> None:
        self.times = 0
        self._path = path
        self._texts = texts
        self._fstat = os.fstat
        patch.setattr(os, "fstat", self)

    def __call__(self, descriptor: int) -> os.stat_result:
        """Stand in for ``os.fstat``, which is called before and after reading."""
        self.times += 1
        result = self._fstat(descriptor)
        if self.times % 2 and self._texts:
            Path(self._path).write_text(self._texts.pop(0))
        return result


def test_a_file_that_changes_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.js", "1")
    reading = Reading(monkeypatch, path, ["22", "333"])
    files = Files()
    source = files.read(path)
    assert text_of(source) == "333"
    assert reading.times == 6
    assert files.read(path) is source


def test_a_file_that_keeps_changing_is_given_up_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.js", "")
    reading = Reading(monkeypatch, path, ["x" * n for n in range(1, 100)])
    Files().read(path)
    assert reading.times < 20


def test_a_torn_read_is_not_taken_for_the_state_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changed once more between the last reading and looking at the file again."""
    path = write(tmp_path / "a.js", "0")
    fstat, times = os.fstat, 0

    def save_after_reading(descriptor: int) -> os.stat_result:
        nonlocal times
        times += 1
        if times % 2 == 0:
            write(tmp_path / "a.js", str(times // 2))
        return fstat(descriptor)

    monkeypatch.setattr(os, "fstat", save_after_reading)
    files = Files()
    files.read(path)
    monkeypatch.undo()
    assert text_of(files.read(path)) == (tmp_path / "a.js").read_text()


# The cache


def test_the_least_recently_used_sources_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_SIZE", 25)
    files = Files()
    paths = [write(tmp_path / f"{n}.js", "x" * 10) for n in range(3)]
    for path in paths:
        files.read(path)
    assert files.kept(paths[0]) is None
    assert files.kept(paths[1]) is not None
    assert files.kept(paths[2]) is not None


def test_what_is_used_again_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_SIZE", 25)
    files = Files()
    paths = [write(tmp_path / f"{n}.js", "x" * 10) for n in range(3)]
    for path in (paths[0], paths[1], paths[0], paths[2]):
        files.read(path)
    assert files.kept(paths[0]) is not None
    assert files.kept(paths[1]) is None


def test_a_file_that_is_read_again_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_SIZE", 25)
    files = Files()
    other = write(tmp_path / "other.js", "x" * 10)
    files.read(other)
    for n in range(10):
        files.read(write(tmp_path / "a.js", "x" * (n + 1)))
    assert files.kept(other) is not None


def test_one_source_is_kept_whatever_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHE_SIZE", 5)
    files = Files()
    path = write(tmp_path / "a.js", "x" * 10)
    source = files.read(path)
    assert files.read(path) is source


# Bytes and text


@given(st.binary(max_size=64))
def test_any_bytes_come_back(data: bytes) -> None:
    assert encode(decode(data)) == data


def test_bytes_that_are_no_utf_8_do_not_shift_the_lines(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfimport './b.js';\r\n// \xe9\xff\nimport './c.js';\n"
    source = Files().read(write(tmp_path / "a.js", data))
    assert source is not None
    assert encode(source.text) == data
    assert [item.specifier for item in source.scan.imports] == ["./b.js", "./c.js"]


def test_an_identity_is_made_of_what_a_change_changes(tmp_path: Path) -> None:
    status = os.stat(write(tmp_path / "a.js", "1"))
    assert Identity.of(status) == Identity(
        modified=status.st_mtime_ns,
        changed=status.st_ctime_ns,
        size=1,
        inode=status.st_ino,
    )


def test_what_may_not_be_read_is_not_whatever_its_name(tmp_path):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "a.js").write_text("outside")
    (inside / "a.js").write_text("inside")
    (inside / "link.js").symlink_to(outside / "a.js")
    (inside / "folder").symlink_to(outside)
    top = os.path.realpath(inside) + os.sep
    files = Files(lambda path: path.startswith(top))
    assert files.read(str(inside / "a.js")).text == "inside"
    assert files.read(str(inside / "link.js")) is None
    assert files.read(str(inside / "folder" / "a.js")) is None
    assert files.read(str(outside / "a.js")) is None


def test_a_file_that_has_just_been_emptied_is_what_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.js"
    path.write_text("export {};")
    files = Files()
    before = files.read(str(path))

    path.write_text("")
    assert files.read(str(path)) is before
    assert files.kept(str(path)) is before

    # Nobody fills it: then it is meant.
    monkeypatch.setattr("flask_hmr.files.EMPTY_PATIENCE", 0)
    emptied = files.read(str(path))
    assert emptied is not None
    assert emptied.text == ""


def test_a_file_that_is_empty_from_the_beginning_is_read(tmp_path):
    path = tmp_path / "a.js"
    path.write_text("")

    source = Files().read(str(path))

    assert source is not None
    assert source.text == ""


def test_a_link_that_becomes_a_file_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.js").write_text("")
    answers = [OSError(22, "Invalid argument"), str(tmp_path / "a.js")]

    def realpath(path: str) -> str:
        answer = answers.pop(0) if answers else OSError(22, "Invalid argument")
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr("flask_hmr.files.os.path.realpath", realpath)
    assert real_path("/link.js") == str(tmp_path / "a.js")
    # It may go on and on.
    assert real_path("/link.js") == "/link.js"
