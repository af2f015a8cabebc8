"""Real files change in a real folder, and the watcher hands them over."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sys
import threading
import time
import traceback
import typing as t
import warnings
from pathlib import Path

import pytest

from flask_hmr import folders, mounts
from flask_hmr.checkouts import Checkouts
from flask_hmr.ignores import ignore_litter
from flask_hmr.inotify import Inotify
from flask_hmr.observer import Observed
from flask_hmr.watcher import LAST_LOOKS, Watcher

from .waiting import DEADLINE as PATIENCE
from .waiting import wait_until

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="Only Linux tells when a file is closed."
)


class Owner:
    """Owns a watcher and notes what it is told."""

    def __init__(self, **options: t.Any) -> None:
        self.batches: list[frozenset[str]] = []
        self.contents: dict[str, list[str | None]] = {}
        self.gaps = 0
        self.fences = 0
        self.before_batch: t.Callable[[frozenset[str]], None] = lambda batch: None
        self.told = threading.Condition()
        self.watcher = Watcher(self.on_batch, on_gap=self.on_gap, **options)
        # These tests may be stopped at any point for longer than that.
        self.watcher._settling.patience = PATIENCE

    def on_batch(self, batch: frozenset[str]) -> None:
        self.before_batch(batch)

        with self.told:
            self.batches.append(batch)

            for path in batch:
                file = Path(path)
                text = file.read_text() if file.is_file() else None
                self.contents.setdefault(path, []).append(text)

            self.told.notify_all()

    def on_gap(self) -> None:
        with self.told:
            self.gaps += 1
            self.told.notify_all()

    def start(self, *folders_: Path) -> None:
        for folder in folders_:
            self.watcher.watch(str(folder))

        self.watcher.start()
        assert self.watcher.ready.wait(PATIENCE)

    def wait_for(self, condition: t.Callable[[], bool]) -> None:
        with self.told:
            if not self.told.wait_for(condition, PATIENCE):
                pytest.fail(f"{self.batches}\n{self.whereabouts()}")

    def whereabouts(self) -> str:
        """Tell what the watcher's thread is doing."""
        thread = self.watcher._thread
        frame = sys._current_frames().get(thread.ident or 0) if thread else None
        return "".join(traceback.format_stack(frame)) if frame else "not running"

    def wait_for_path(self, *paths: Path) -> None:
        wanted = {str(path) for path in paths}
        self.wait_for(lambda: wanted <= self.paths())

    def wait_for_gap(self, count: int = 1) -> None:
        self.wait_for(lambda: self.gaps >= count)

    def paths(self) -> set[str]:
        return set().union(*self.batches)

    def wait_for_all(self, folder: Path) -> None:
        """Wait until everything that has happened so far was handed over."""
        self.fences += 1
        fence = folder / f"fence{self.fences}"
        fence.write_text("")
        self.wait_for_path(fence)
        wait_until(lambda: not len(self.watcher._settling))

    def texts(self, path: Path) -> list[str | None]:
        """Return what was in a file each time that it was handed over."""
        return self.contents.get(str(path), [])


@pytest.fixture
def owner():
    threads = set(threading.enumerate())
    owner = Owner()
    yield owner
    owner.watcher.close(PATIENCE)
    wait_until(lambda: set(threading.enumerate()) <= threads)


@pytest.fixture(params=["system", "watchdog", "polling"])
def any_owner(request, monkeypatch):
    """An owner whose watcher uses one or another means."""
    if request.param == "watchdog":
        monkeypatch.setattr(folders, "HAS_INOTIFY", False)

    threads = set(threading.enumerate())
    owner = Owner(poll=0.02 if request.param == "polling" else None)
    yield owner
    owner.watcher.close(PATIENCE)
    wait_until(lambda: set(threading.enumerate()) <= threads)


# What every system can do.


def test_a_save_in_place_is_handed_over(any_owner, tmp_path):
    file = tmp_path / "a.js"
    file.write_text("old")
    any_owner.start(tmp_path)

    file.write_text("a new text")

    any_owner.wait_for(lambda: any_owner.texts(file)[-1:] == ["a new text"])


def test_a_save_by_renaming_is_handed_over(any_owner, tmp_path):
    file, other = tmp_path / "a.js", tmp_path / "a.js.tmp1"
    file.write_text("old")
    any_owner.start(tmp_path)

    other.write_text("new")
    other.replace(file)

    any_owner.wait_for(lambda: any_owner.texts(file)[-1:] == ["new"])


def test_a_new_file_is_handed_over(any_owner, tmp_path):
    any_owner.start(tmp_path)

    (tmp_path / "a.js").write_text("new")

    any_owner.wait_for_path(tmp_path / "a.js")


def test_a_deleted_file_is_handed_over(any_owner, tmp_path):
    file = tmp_path / "a.js"
    file.write_text("old")
    any_owner.start(tmp_path)

    file.unlink()

    any_owner.wait_for(lambda: any_owner.texts(file)[-1:] == [None])


def test_a_new_folder_is_reported_with_its_files_and_watched(any_owner, tmp_path):
    any_owner.start(tmp_path)
    inner = tmp_path / "new" / "inner"
    inner.mkdir(parents=True)
    files = [inner / "a.js", inner / "b.js", inner.parent / "c.js"]

    for file in files:
        file.write_text("new")

    any_owner.wait_for_path(*files, inner.parent)
    (inner / "later.js").write_text("later")
    any_owner.wait_for_path(inner / "later.js")


def test_a_renamed_folder_is_reported_under_both_names(any_owner, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "inner").mkdir(parents=True)
    (old / "inner" / "a.js").write_text("1")
    any_owner.start(tmp_path)

    old.rename(new)

    any_owner.wait_for_path(old, new / "inner" / "a.js")
    (new / "inner" / "a.js").write_text("a second text")
    any_owner.wait_for(
        lambda: any_owner.texts(new / "inner" / "a.js")[-1:] == ["a second text"]
    )


def test_a_folder_that_is_missing_is_watched_when_it_comes_up(any_owner, tmp_path):
    root = tmp_path / "later" / "static"
    any_owner.start(root)
    gaps = any_owner.gaps

    root.mkdir(parents=True)

    any_owner.wait_for_gap(gaps + 1)
    (root / "a.js").write_text("new")
    any_owner.wait_for_path(root / "a.js")


def test_a_folder_that_was_deleted_and_made_again_is_watched(any_owner, tmp_path):
    root = tmp_path / "static"
    root.mkdir()
    (root / "a.js").write_text("1")
    any_owner.start(root)
    any_owner.wait_for_gap()

    shutil.rmtree(root)
    any_owner.wait_for_path(root)
    root.mkdir()

    any_owner.wait_for_gap(2)
    (root / "b.js").write_text("2")
    any_owner.wait_for_path(root / "b.js")


def test_a_folder_is_watched_by_its_real_path(any_owner, tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    (real / "static").mkdir(parents=True)
    link.symlink_to(real)
    any_owner.start(link / "static")

    (link / "static" / "a.js").write_text("new")

    any_owner.wait_for_path(real / "static" / "a.js")
    assert not [path for path in any_owner.paths() if path.startswith(str(link))]


def test_ignored_files_and_folders_are_passed_over(any_owner, tmp_path):
    (tmp_path / ".git" / "refs").mkdir(parents=True)
    any_owner.start(tmp_path)

    (tmp_path / ".git" / "refs" / "main").write_text("1")
    (tmp_path / "a.js~").write_text("1")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("1")

    any_owner.wait_for_all(tmp_path)
    assert any_owner.paths() == {str(tmp_path / "fence1")}


def test_close_ends_all_threads(any_owner, tmp_path):
    before = set(threading.enumerate())
    any_owner.start(tmp_path)
    assert set(threading.enumerate()) > before

    any_owner.watcher.close(PATIENCE)
    any_owner.watcher.close()

    wait_until(lambda: set(threading.enumerate()) == before)


# The ways to save a file.


@on_linux
def test_a_slow_write_is_handed_over_once_and_whole(owner, tmp_path):
    file = tmp_path / "a.js"
    file.write_text("old")
    owner.start(tmp_path)

    with file.open("w") as stream:
        wait_until(lambda: not owner.watcher.wait_settled(str(file), 0))
        stream.write("one ")
        stream.flush()
        # Others are handed over in the meantime.
        (tmp_path / "b.js").write_text("b")
        owner.wait_for_path(tmp_path / "b.js")
        assert not owner.watcher.wait_settled(str(file), 0)
        stream.write("two")

    owner.wait_for_all(tmp_path)
    assert owner.texts(file) == ["one two"]


@on_linux
def test_a_file_that_is_emptied_first_is_handed_over_when_it_rests(tmp_path):
    file = tmp_path / "a.js"
    file.write_text("old")
    # Long enough for a writer that is held up between its steps.
    owner = Owner(settle=2.0)
    owner.start(tmp_path)

    try:
        file.write_bytes(b"")

        for part in ("one ", "two"):
            with file.open("a") as stream:
                stream.write(part)

        owner.wait_for(lambda: bool(owner.texts(file)))
        assert owner.texts(file) == ["one two"]
    finally:
        owner.watcher.close()


@on_linux
def test_a_request_can_wait_for_the_end_of_a_write(owner, tmp_path):
    file = tmp_path / "a.js"
    owner.start(tmp_path)
    answers = []

    def wait() -> None:
        answers.append(owner.watcher.wait_settled(str(file), PATIENCE))
        answers.append(owner.texts(file))

    with file.open("w") as stream:
        stream.write("one ")
        stream.flush()
        wait_until(lambda: not owner.watcher.wait_settled(str(file), 0))
        assert not owner.watcher.wait_settled(str(file), 0.0)
        thread = threading.Thread(target=wait)
        thread.start()
        stream.write("two")

    thread.join(PATIENCE)
    assert answers == [True, ["one two"]]


@on_linux
def test_a_save_with_a_backup_is_no_deletion(owner, tmp_path):
    file, backup = tmp_path / "a.js", tmp_path / "a.js~"
    file.write_text("old")
    owner.start(tmp_path)

    file.rename(backup)
    file.write_text("new")
    backup.unlink()

    owner.wait_for_all(tmp_path)
    assert owner.texts(file)[-1] == "new"
    assert str(backup) not in owner.paths()


@on_linux
def test_a_safe_write_of_jetbrains_hands_over_the_file_alone(owner, tmp_path):
    file = tmp_path / "a.js"
    new, old = tmp_path / "a.js___jb_tmp___", tmp_path / "a.js___jb_old___"
    file.write_text("old")
    owner.start(tmp_path)

    new.write_text("new")
    file.rename(old)
    new.rename(file)
    old.unlink()

    owner.wait_for_all(tmp_path)
    assert owner.texts(file)[-1] == "new"
    assert owner.paths() == {str(file), str(tmp_path / "fence1")}


@on_linux
def test_a_file_deleted_and_restored_is_handed_over_as_it_is(owner, tmp_path):
    file = tmp_path / "a.js"
    file.write_text("old")
    owner.start(tmp_path)

    file.unlink()
    file.write_text("new")

    owner.wait_for_all(tmp_path)
    assert owner.texts(file)[-1] == "new"


@on_linux
def test_a_touched_file_is_handed_over(owner, tmp_path):
    file = tmp_path / "a.js"
    file.write_text("old")
    owner.start(tmp_path)

    os.utime(file, (1, 1))

    owner.wait_for_path(file)


@on_linux
@pytest.mark.parametrize("make", [os.link, os.symlink])
def test_a_link_is_complete_when_it_is_made(owner, tmp_path, make):
    file = tmp_path / "a.js"
    file.write_text("old")
    owner.start(tmp_path)

    make(file, tmp_path / "b.js")

    owner.wait_for_path(tmp_path / "b.js")


@on_linux
def test_hundreds_of_files_are_few_batches(owner, tmp_path):
    files = [tmp_path / f"{i}.js" for i in range(300)]

    for file in files:
        file.write_text("old")

    owner.start(tmp_path)

    for file in files:
        file.unlink()
        file.write_text("new")

    owner.wait_for_all(tmp_path)
    assert {str(file) for file in files} <= owner.paths()
    assert all(owner.texts(file)[-1] == "new" for file in files)
    assert len(owner.batches) < 100


# Folders.


@on_linux
def test_a_folder_moved_into_the_tree_is_watched(owner, tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    (outside / "inner").mkdir(parents=True)
    (outside / "inner" / "a.js").write_text("1")
    owner.start(root)

    outside.rename(root / "in")
    file = root / "in" / "inner" / "a.js"
    owner.wait_for_path(file)
    file.write_text("2")

    owner.wait_for(lambda: owner.texts(file)[-1] == "2")


@on_linux
def test_a_folder_moved_out_of_the_tree_is_not_heard_any_more(owner, tmp_path):
    root = tmp_path / "root"
    (root / "out" / "inner").mkdir(parents=True)
    (root / "out" / "inner" / "a.js").write_text("1")
    owner.start(root)

    (root / "out").rename(tmp_path / "out")
    owner.wait_for_path(root / "out")
    (tmp_path / "out" / "inner" / "a.js").write_text("2")

    owner.wait_for_all(root)
    assert owner.paths() == {str(root / "out"), str(root / "fence1")}


@on_linux
def test_folders_that_change_places_are_heard_by_their_names(owner, tmp_path):
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))

    for folder in (one, two):
        folder.mkdir()
        (folder / "a.js").write_text(folder.name)

    owner.start(tmp_path)
    one.rename(three)
    two.rename(one)
    three.rename(two)
    owner.wait_for_all(tmp_path)
    owner.batches.clear()

    (one / "a.js").write_text("new")

    owner.wait_for_path(one / "a.js")
    owner.wait_for_all(tmp_path)
    assert str(two / "a.js") not in owner.paths()


@on_linux
def test_folders_made_and_removed_at_once_end_nothing(owner, tmp_path):
    owner.start(tmp_path)

    for i in range(100):
        folder = tmp_path / f"n{i % 3}"
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "c.js").write_text("1")
        shutil.rmtree(folder)

    (tmp_path / "n0" / "a").mkdir(parents=True)
    owner.wait_for_all(tmp_path)
    (tmp_path / "n0" / "a" / "d.js").write_text("1")
    owner.wait_for_path(tmp_path / "n0" / "a" / "d.js")
    assert owner.gaps == 1


@on_linux
def test_of_a_new_folder_with_very_many_files_the_folder_alone_is_reported(
    owner, tmp_path, monkeypatch
):
    monkeypatch.setattr("flask_hmr.inotify.MANY_FILES", 3)
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()

    for i in range(4):
        (outside / f"{i}.js").write_text("1")

    owner.start(root)
    outside.rename(root / "in")

    owner.wait_for_all(root)
    assert owner.paths() == {str(root / "in"), str(root / "fence1")}


@on_linux
def test_a_folder_that_another_one_replaced_is_watched(owner, tmp_path):
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    owner.start(root)
    owner.wait_for_gap()

    root.rename(tmp_path / "old")
    other.rename(root)

    owner.wait_for_gap(2)
    (root / "a.js").write_text("1")
    owner.wait_for_path(root / "a.js")


@on_linux
def test_a_folder_whose_parent_was_replaced_is_watched(owner, tmp_path):
    root = tmp_path / "parent" / "root"
    root.mkdir(parents=True)
    owner.start(root)
    owner.wait_for_gap()

    root.parent.rename(tmp_path / "old")
    root.mkdir(parents=True)

    owner.wait_for_gap(2)
    (root / "a.js").write_text("1")
    owner.wait_for_path(root / "a.js")


@on_linux
def test_a_link_that_points_elsewhere_is_followed_again(owner, tmp_path):
    one, two, link = tmp_path / "one", tmp_path / "two", tmp_path / "link"
    one.mkdir()
    two.mkdir()
    link.symlink_to(one)
    owner.start(link)
    owner.wait_for_gap()

    link.unlink()
    link.symlink_to(two)

    owner.wait_for_gap(2)
    (two / "a.js").write_text("1")
    owner.wait_for_path(two / "a.js", one)


def test_a_folder_inside_a_watched_one_changes_nothing(any_owner, tmp_path):
    (tmp_path / "inner").mkdir()
    any_owner.start(tmp_path)
    any_owner.wait_for_gap()

    any_owner.watcher.watch(str(tmp_path / "inner"))
    any_owner.watcher.watch(str(tmp_path))
    (tmp_path / "inner" / "a.js").write_text("1")

    any_owner.wait_for_path(tmp_path / "inner" / "a.js")
    any_owner.wait_for_all(tmp_path)
    assert any_owner.gaps == 1


def test_a_folder_inside_an_ignored_one_is_watched_by_its_own_name(any_owner, tmp_path):
    inner = tmp_path / "__pycache__" / "inner"
    inner.mkdir(parents=True)
    any_owner.start(tmp_path)
    any_owner.wait_for_gap()

    any_owner.watcher.watch(str(inner))

    any_owner.wait_for_gap(2)
    (inner / "a.js").write_text("1")
    any_owner.wait_for_path(inner / "a.js")


def test_a_folder_can_be_added_while_watching(any_owner, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    any_owner.start(one)
    any_owner.wait_for_gap()

    any_owner.watcher.watch(str(two))

    any_owner.wait_for_gap(2)
    (two / "a.js").write_text("1")
    any_owner.wait_for_path(two / "a.js")


# When things go wrong.


def test_an_exception_in_a_callback_is_logged_and_ends_nothing(
    any_owner, tmp_path, caplog
):
    def fail(batch: frozenset[str]) -> None:
        any_owner.before_batch = lambda batch: None
        failed.set()
        raise ZeroDivisionError

    failed = threading.Event()
    any_owner.before_batch = fail
    any_owner.start(tmp_path)
    (tmp_path / "a.js").write_text("1")
    assert failed.wait(PATIENCE)

    (tmp_path / "b.js").write_text("1")

    any_owner.wait_for_path(tmp_path / "b.js")
    assert "ZeroDivisionError" in caplog.text
    assert any_owner.watcher.wait_settled(str(tmp_path / "a.js"), PATIENCE)


@on_linux
def test_lost_events_are_noticed(owner, tmp_path):
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    owner.start(tmp_path)
    owner.wait_for_gap()
    busy, go_on = threading.Event(), threading.Event()

    def be_busy(batch: frozenset[str]) -> None:
        busy.set()
        assert go_on.wait(PATIENCE)

    owner.before_batch = be_busy
    one.write_text("3")
    assert busy.wait(PATIENCE)

    # Two by turns, for equal events in a row are made one.
    for _ in range(limit // 2 + 10):
        os.utime(one)
        os.utime(two)

    (tmp_path / "new").mkdir()
    owner.before_batch = lambda batch: None
    go_on.set()

    owner.wait_for_gap(2)
    (tmp_path / "new" / "a.js").write_text("1")
    owner.wait_for_path(tmp_path / "new" / "a.js")


@on_linux
def test_where_there_are_no_watches_left_the_folder_is_polled(
    owner, tmp_path, monkeypatch, caplog
):
    def watch(self: Inotify, folder: str, mask: int) -> None:
        if os.path.basename(folder) == "one_too_many":
            raise OSError(errno.ENOSPC, "No space left on device")

        real_watch(self, folder, mask)

    real_watch = Inotify._watch
    monkeypatch.setattr(Inotify, "_watch", watch)
    monkeypatch.setattr(folders, "POLL", 0.02)
    root, other = tmp_path / "root", tmp_path / "other"
    (root / "one_too_many").mkdir(parents=True)
    other.mkdir()
    owner.start(root, other)
    owner.wait_for_gap()

    (root / "one_too_many" / "a.js").write_text("1")
    owner.wait_for_path(root / "one_too_many" / "a.js")

    # A new folder can be the one as well.
    (other / "one_too_many").mkdir()
    owner.wait_for_gap(2)
    (other / "one_too_many" / "a.js").write_text("1")
    owner.wait_for_path(other / "one_too_many" / "a.js")

    messages = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(messages) == 2
    assert "sudo sysctl fs.inotify.max_user_watches=" in messages[0]


@on_linux
def test_where_there_are_no_instances_left_the_folder_is_polled(
    owner, tmp_path, monkeypatch, caplog
):
    def open_none(self: Inotify, ignore: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(Inotify, "__init__", open_none)
    monkeypatch.setattr(folders, "POLL", 0.02)
    owner.start(tmp_path)

    (tmp_path / "a.js").write_text("1")

    owner.wait_for_path(tmp_path / "a.js")
    assert "sudo sysctl fs.inotify.max_user_instances=" in caplog.text


def test_an_observer_that_died_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr("flask_hmr.watcher.CHECK", 0.05)
    owner = Owner(poll=0.02)
    owner.start(tmp_path)
    owner.wait_for_gap()
    (root,) = owner.watcher._folders._roots.values()

    for emitter in root.observed._observer.emitters:
        emitter.stop()

    owner.wait_for_gap(2)
    (tmp_path / "a.js").write_text("1")
    owner.wait_for_path(tmp_path / "a.js")
    owner.watcher.close(PATIENCE)


def test_a_failure_inside_is_logged_and_watching_starts_again(
    owner, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("flask_hmr.watcher.CHECK", 0.01)
    owner.start(tmp_path)
    owner.wait_for_gap()
    # Of this one alone: other watchers of this process are to go on.
    watched = owner.watcher._folders
    gaps = []

    def fail_once() -> t.Any:
        monkeypatch.delattr(watched, "read")
        gaps.append(owner.gaps)
        raise ZeroDivisionError

    monkeypatch.setattr(watched, "read", fail_once, raising=False)
    # There may have been several at the start: it is the next one that counts.
    owner.wait_for(lambda: gaps and owner.gaps > gaps[0])

    (tmp_path / "a.js").write_text("1")
    owner.wait_for_path(tmp_path / "a.js")
    assert "ZeroDivisionError" in caplog.text


@on_linux
def test_a_descriptor_that_is_of_no_use_any_more_is_replaced(
    owner, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("flask_hmr.watcher.CHECK", 0.01)
    owner.start(tmp_path)
    owner.wait_for_gap()
    inotify = owner.watcher._folders._inotify

    def lose() -> t.Any:
        monkeypatch.delattr(inotify, "read")
        os.close(inotify.fileno())
        return inotify.read()

    gaps = owner.gaps
    monkeypatch.setattr(inotify, "read", lose)
    owner.wait_for(lambda: owner.gaps > gaps)

    (tmp_path / "a.js").write_text("1")
    owner.wait_for_path(tmp_path / "a.js")
    assert "Bad file descriptor" in caplog.text


@on_linux
def test_what_was_doubted_and_is_not_there_any_more_is_let_go_of(tmp_path):
    root = tmp_path / "root"
    (root / "stays").mkdir(parents=True)
    (root / "leaves").mkdir()
    inotify = Inotify(lambda path: False)
    inotify.add(str(root))
    (root / "leaves").rename(tmp_path / "left")

    assert inotify.doubt()
    inotify.add(str(root))
    inotify.settle()
    while inotify.read() is not None:
        pass

    (tmp_path / "left" / "a.js").write_text("1")
    (root / "stays" / "b.js").write_text("1")
    news = inotify.read()
    inotify.close()
    assert news is not None
    assert {heard.path for heard in news.heard} == {str(root / "stays" / "b.js")}
    assert not inotify.doubt()


@on_linux
def test_a_folder_that_becomes_readable_is_watched(owner, tmp_path, monkeypatch):
    def watch(self: Inotify, folder: str, mask: int) -> None:
        if locked and os.path.basename(folder) == "inner":
            raise PermissionError(errno.EACCES, "Permission denied")

        real_watch(self, folder, mask)

    locked = True
    real_watch = Inotify._watch
    monkeypatch.setattr(Inotify, "_watch", watch)
    inner = tmp_path / "inner"
    inner.mkdir()
    owner.start(tmp_path)
    locked = False
    inner.chmod(0o700)
    owner.wait_for_path(inner)

    (inner / "a.js").write_text("1")

    owner.wait_for_path(inner / "a.js")


@on_linux
def test_a_folder_that_cannot_be_watched_yet_is_tried_again(
    owner, tmp_path, monkeypatch
):
    def add(self: Inotify, root: str) -> None:
        if tries:
            raise tries.pop()

        real_add(self, root)

    tries = [FileNotFoundError(errno.ENOENT, "No such file or directory")]
    real_add = Inotify.add
    monkeypatch.setattr(Inotify, "add", add)
    owner.start(tmp_path)
    owner.wait_for_gap()

    (tmp_path / "a.js").write_text("1")

    owner.wait_for_path(tmp_path / "a.js")


@pytest.mark.parametrize("poll", [None, 0.02])
def test_watchdog_says_when_a_folder_is_missing(tmp_path, poll):
    threads = set(threading.enumerate())

    with pytest.raises(FileNotFoundError):
        Observed(
            str(tmp_path / "nowhere"), ignore_litter, lambda path, sign: None, poll
        )

    wait_until(lambda: set(threading.enumerate()) == threads)


# What the owner asks for.


def test_a_poked_file_is_handed_over(any_owner, tmp_path):
    file = tmp_path / "a.js"
    file.write_text("1")
    any_owner.start()

    any_owner.watcher.poke(str(file))

    assert any_owner.watcher.wait_settled(str(file), PATIENCE)
    assert any_owner.texts(file) == ["1"]


def test_a_file_is_unsettled_until_its_batch_was_handled(owner, tmp_path):
    file = tmp_path / "a.js"
    handling, go_on = threading.Event(), threading.Event()
    answers = []

    def be_busy(batch: frozenset[str]) -> None:
        answers.append(not owner.watcher.wait_settled(str(file), 0))
        # The thread that would settle it must not wait for itself.
        answers.append(owner.watcher.wait_settled(str(file), PATIENCE))
        handling.set()
        assert go_on.wait(PATIENCE)

    owner.before_batch = be_busy
    owner.start(tmp_path)
    owner.watcher.poke(str(file))
    assert handling.wait(PATIENCE)

    assert answers == [True, False]
    assert not owner.watcher.wait_settled(str(file), 0)
    go_on.set()
    assert owner.watcher.wait_settled(str(file), PATIENCE)
    assert owner.watcher.wait_settled(str(file), 0)


def test_a_file_in_a_folder_that_went_away_is_unsettled(owner, tmp_path):
    owner.start()
    go_on = threading.Event()
    owner.before_batch = lambda batch: t.cast(None, go_on.wait(PATIENCE))

    owner.watcher.poke(str(tmp_path / "gone"))

    assert not owner.watcher.wait_settled(str(tmp_path / "gone" / "inner" / "a.js"), 0)
    assert owner.watcher.wait_settled(str(tmp_path / "gone2"), 0)
    go_on.set()


def test_nothing_is_opened_or_started_before_the_start(tmp_path):
    threads = threading.enumerate()
    descriptors = os.listdir("/dev/fd")
    watcher = Watcher(lambda batch: None)

    watcher.watch(str(tmp_path))
    watcher.poke(str(tmp_path / "a.js"))

    assert threading.enumerate() == threads
    assert len(os.listdir("/dev/fd")) == len(descriptors)
    assert watcher.wait_settled(str(tmp_path / "a.js"), 0)
    assert watcher.wait_settled(str(tmp_path / "a.js"), PATIENCE)
    watcher.close()


def test_the_thread_is_a_daemon_with_the_given_name(tmp_path):
    watcher = Watcher(lambda batch: None, name="some-name")
    watcher.start()
    watcher.start()

    (thread,) = [x for x in threading.enumerate() if x.name == "some-name"]

    assert thread.daemon
    watcher.close(PATIENCE)
    assert not thread.is_alive()


def test_close_gives_all_descriptors_back(any_owner, tmp_path):
    descriptors = len(os.listdir("/dev/fd"))
    any_owner.start(tmp_path)
    assert len(os.listdir("/dev/fd")) > descriptors

    any_owner.watcher.close(PATIENCE)

    wait_until(lambda: len(os.listdir("/dev/fd")) == descriptors)


def test_close_frees_who_waits(owner, tmp_path):
    handling, go_on = threading.Event(), threading.Event()

    def be_busy(batch: frozenset[str]) -> None:
        handling.set()
        assert go_on.wait(PATIENCE)

    owner.before_batch = be_busy
    owner.start()
    owner.watcher.poke(str(tmp_path / "a.js"))
    assert handling.wait(PATIENCE)
    answers = []
    path = str(tmp_path / "a.js")
    thread = threading.Thread(
        target=lambda: answers.append(owner.watcher.wait_settled(path, PATIENCE))
    )
    thread.start()

    owner.watcher.close(0.0)

    thread.join(PATIENCE)
    assert answers == [True]
    go_on.set()


def test_a_callback_may_close_the_watcher(owner, tmp_path):
    owner.before_batch = lambda batch: owner.watcher.close(PATIENCE)
    owner.start()

    owner.watcher.poke(str(tmp_path / "a.js"))

    wait_until(lambda: not owner.watcher._thread.is_alive())


def test_a_closed_watcher_is_not_started_again():
    watcher = Watcher(lambda batch: None)
    watcher.close()

    with pytest.raises(RuntimeError, match="Make a new one"):
        watcher.start()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no fork.")
def test_a_forked_child_forgets_and_the_parent_goes_on(owner, tmp_path):
    owner.start(tmp_path)
    file = str(tmp_path / "a.js")

    with warnings.catch_warnings():
        # Forking with threads running is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()

    if child == 0:
        failed = 1

        try:
            owner.watcher.watch(str(tmp_path / "b"))
            owner.watcher.poke(file)
            settled = owner.watcher.wait_settled(file, PATIENCE)
            calm = settled and owner.watcher.wait_settled(file, 0)

            try:
                owner.watcher.start()
            except RuntimeError:
                owner.watcher.close()
                owner.watcher.close()
                failed = 0 if calm else 1
        finally:
            os._exit(failed)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    (tmp_path / "a.js").write_text("1")
    owner.wait_for_path(tmp_path / "a.js")


@pytest.mark.parametrize(
    ("name", "litter"),
    [
        ("a.js", False),
        ("a.js~", True),
        (".a.js.swp", True),
        (".a.js.swx", True),
        ("4913", True),
        (".#a.js", True),
        ("#a.js#", True),
        ("a.js___jb_tmp___", True),
        ("a.js___jb_old___", True),
        (".git", True),
        ("__pycache__", True),
        ("node_modules", False),
        ("a.tmp", False),
    ],
)
def test_what_editors_leave_is_litter(name, litter):
    assert ignore_litter(os.path.join(os.sep, "static", name)) is litter


# Checkouts.


@pytest.fixture
def repository(tmp_path):
    """A folder of a repository, and the lock that git holds while it works."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "project" / "static"
    folder.mkdir(parents=True)
    return folder, tmp_path / ".git" / "index.lock"


def save_all(folder: Path, text: str, count: int = 5) -> set[str]:
    paths = [folder / f"{number}.js" for number in range(count)]
    for path in paths:
        path.write_text(text)
    return {str(path) for path in paths}


@on_linux
def test_what_git_checks_out_goes_out_at_once(owner, repository, monkeypatch):
    folder, lock = repository
    # The test itself may be held up after the first file, and for long.
    monkeypatch.setattr("flask_hmr.watcher.HOLD_ALONE", 60.0)
    monkeypatch.setattr("flask_hmr.watcher.HOLD_MAX", 60.0)
    owner.start(folder)
    owner.wait_for_gap()
    lock.write_text("")
    looks = []
    checkouts = owner.watcher._checkouts
    is_going_on = checkouts.is_going_on
    monkeypatch.setattr(
        checkouts,
        "is_going_on",
        lambda path: looks.append(path) or is_going_on(path),
    )
    some = save_all(folder, "1", 3)
    # A machine that is busy makes pauses, longer than a batch would wait otherwise.
    wait_until(lambda: len(looks) > 50)
    paths = some | save_all(folder, "2", 6)
    assert owner.batches == []
    lock.unlink()
    owner.wait_for(lambda: paths <= owner.paths())
    assert owner.batches == [frozenset(paths)]


class Clock:
    """Stands for the module ``time``: a pause is a clock that was set ahead."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@on_linux
def test_what_git_wrote_last_goes_with_the_rest(owner, repository, monkeypatch):
    folder, lock = repository
    owner.start(folder)
    owner.wait_for_gap()
    lock.write_text("")
    checkouts = owner.watcher._checkouts
    is_going_on = checkouts.is_going_on
    looks = []
    clock = Clock()

    def after_a_pause(path):
        found = is_going_on(path)
        looks.append(found)
        if looks.count(False) == LAST_LOOKS - 1:
            # A machine that is busy: meanwhile one of the files is written once more.
            save_all(folder, "2", 1)
            clock.ahead = 0.3
        return found

    monkeypatch.setattr(checkouts, "is_going_on", after_a_pause)
    monkeypatch.setattr("flask_hmr.watcher.time", clock)
    paths = save_all(folder, "1", 3)
    wait_until(lambda: any(looks))
    lock.unlink()
    owner.wait_for(lambda: paths <= owner.paths())
    assert owner.batches == [frozenset(paths)]


@on_linux
@pytest.mark.parametrize("age", [40, -40])
def test_a_lock_that_was_left_behind_holds_nothing(owner, repository, age):
    folder, lock = repository
    owner.start(folder)
    owner.wait_for_gap()
    lock.write_text("")
    then = time.time() - age
    os.utime(lock, (then, then))
    paths = save_all(folder, "1")
    owner.wait_for(lambda: paths <= owner.paths())
    assert lock.exists()


@on_linux
@pytest.mark.parametrize(("count", "limit"), [(2, "HOLD_MAX"), (1, "HOLD_ALONE")])
def test_a_lock_holds_for_so_long_only(owner, repository, monkeypatch, count, limit):
    for name in ("HOLD_MAX", "HOLD_ALONE"):
        monkeypatch.setattr(f"flask_hmr.watcher.{name}", 0.1 if name == limit else 60.0)
    folder, lock = repository
    owner.start(folder)
    owner.wait_for_gap()
    lock.write_text("")
    paths = save_all(folder, "1", count)
    owner.wait_for(lambda: paths <= owner.paths())
    assert lock.exists()


def test_the_lock_of_a_further_working_tree_is_found(tmp_path):
    real = tmp_path / "real" / ".git" / "worktrees" / "other"
    real.mkdir(parents=True)
    tree = tmp_path / "other"
    (tree / "static").mkdir(parents=True)
    (tree / ".git").write_text(f"gitdir: {real}\n")
    checkouts = Checkouts()
    file = str(tree / "static" / "a.js")
    assert not checkouts.is_going_on(file)
    (real / "index.lock").write_text("")
    assert checkouts.is_going_on(file)
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / ".git").write_bytes(b"\xff nonsense")
    assert not checkouts.is_going_on(str(tmp_path / "odd" / "a.js"))
    assert not checkouts.is_going_on(str(tmp_path / "a.js"))


# File systems that tell nothing.


MOUNTS = """
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/c rw,noatime - 9p C:\\134 rw,dirsync
31 22 0:41 / /srv/my\\040share rw - nfs4 server:/x rw
32 22 0:42 / /home/me/local rw - virtiofs tag rw
33 32 0:43 / /home/me/local/disk rw - ext4 /dev/sdb1 rw
34 22 0:44 / /twice rw - nfs server:/y rw
35 22 0:45 / /twice rw - tmpfs tmpfs rw
nonsense
36 22 0:46 /
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/project", None),
        ("/mnt/c/project/static", "9p"),
        ("/mnt/c", "9p"),
        ("/mnt/cd", None),
        ("/srv/my share/static", "nfs4"),
        ("/home/me/local/static", "virtiofs"),
        ("/home/me/local/disk/static", None),
        ("/twice/static", None),
    ],
)
def test_the_kind_of_a_file_system_is_that_of_the_nearest_mount(
    tmp_path, monkeypatch, path, kind
):
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.replace("\\\\", "\\"))
    monkeypatch.setattr(mounts, "_MOUNTS", str(table))
    assert mounts.silent_type(path) == kind
    table.unlink()
    assert mounts.silent_type(path) is None


@on_linux
def test_what_is_never_told_is_looked_at_again_and_again(
    owner, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("flask_hmr.watcher.CHECK", 0.02)
    monkeypatch.setattr(folders, "silent_type", lambda path: "nfs4")
    caplog.set_level(logging.INFO)
    owner.start(tmp_path)
    # Each time the owner compares all that it knows.
    owner.wait_for_gap(5)
    told = [r.getMessage() for r in caplog.records if "nfs4" in r.getMessage()]
    assert len(told) == 1
