"""Files under stress: checkouts, floods, and saves in all styles. Nothing is lost."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import time
import typing as t
from pathlib import Path

from .crowd import Crowd, Member
from .site import Site

Row = tuple[str, str, str, bool]


def versions(site: Site, names: t.Iterable[str]) -> dict[str, str]:
    """Return the versions of modules, as a page that loads now would get them."""
    found = {}
    for name in names:
        url = f"/static/{name}"
        found[url] = site.json(f"/_hmr/version?url={url}")["version"]
    return found


def git_checkout() -> list[Row]:
    """`git checkout` of 500 files, there and back."""
    site = Site(modules=501)
    try:
        git = ["git", "-C", str(site.root), "-c", "user.name=x", "-c", "user.email=x@x"]

        def run(*words: str) -> None:
            subprocess.run([*git, *words], check=True, capture_output=True)

        run("init", "-q", "-b", "one")
        run("add", "static")
        run("commit", "-qm", "one")
        run("checkout", "-qb", "two")
        for n in range(1, 501):
            (site.static / f"m{n}.js").write_text(f"export const m{n} = 2;\n")
        run("commit", "-qam", "two")
        crowd = Crowd(site.port, site.token)
        member = crowd.join()
        crowd.wait_until_open()
        counts, spans = [], []
        for branch in ("one", "two", "one", "two", "one"):
            member.messages.clear()
            member.times.clear()
            run("checkout", "-q", branch)
            begin = time.monotonic()
            changed: set[str] = set()

            def all_told(changed: set[str] = changed) -> bool:
                changed.update(*(m.get("changed", ()) for m in member.messages))
                return len(changed) >= 500

            crowd.wait(all_told)
            spans.append(member.times[-1] - begin)
            counts.append(len(member.messages))
        most, worst = max(counts), max(spans)
        return [
            (
                "git checkout of 500 files: updates, five times",
                ", ".join(map(str, counts)),
                "1 each",
                most == 1,
            ),
            (
                "told after git has ended, worst",
                f"{worst * 1000:.0f} ms",
                "< 300 ms",
                worst < 0.3,
            ),
        ]
    finally:
        site.close()


def many_new_files() -> list[Row]:
    """100,000 new files: the queue overflows. Is the state right, is there peace?"""
    site = Site()
    try:
        crowd = Crowd(site.port, site.token)
        member = crowd.join()
        crowd.wait_until_open()
        folder = site.static / "burst"
        for part in range(100):
            inner = folder / f"{part}"
            inner.mkdir(parents=True)
            for n in range(1000):
                (inner / f"{n}.txt").write_bytes(b"x")
        (site.static / "m1.js").write_text("export const m1 = 'after';\n")
        begin = time.monotonic()

        def told() -> bool:
            return any("/static/m1.js" in m.get("changed", ()) for m in member.messages)

        crowd.wait(told)
        late = member.times[-1] - begin
        # How much an idle server works is measured over a time, by its nature.
        time.sleep(5)
        used, at = site.seconds, time.monotonic()
        time.sleep(5)
        share = (site.seconds - used) / (time.monotonic() - at)
        return [
            (
                "100,000 new files: a save after them is told",
                f"{late * 1000:.0f} ms",
                "< 2 s",
                late < 2,
            ),
            ("CPU five seconds later", f"{share * 100:.1f} %", "< 2 %", share < 0.02),
        ]
    finally:
        site.close()


# Saves


def _in_place(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _truncated(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.flush()
        os.fsync(file.fileno())
        file.write(data)


def _in_parts(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(data), 7):
            file.write(data[at : at + 7])


def _atomic(path: Path, data: bytes) -> None:
    new = path.with_name(path.name + ".tmp")
    new.write_bytes(data)
    os.replace(new, path)


def _vim(path: Path, data: bytes) -> None:
    backup = path.with_name(path.name + "~")
    os.replace(path, backup)
    path.write_bytes(data)
    backup.unlink()


def _jetbrains(path: Path, data: bytes) -> None:
    new = path.with_name(path.name + "___jb_tmp___")
    old = path.with_name(path.name + "___jb_old___")
    new.write_bytes(data)
    os.replace(path, old)
    os.replace(new, path)
    old.unlink()


def _removed(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def _old_time(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    os.utime(path, (1_000_000_000, 1_000_000_000))


STYLES = [
    _in_place,
    _truncated,
    _in_parts,
    _atomic,
    _vim,
    _jetbrains,
    _removed,
    _old_time,
]


class Client:
    """A page that keeps book of the versions that it was told."""

    def __init__(
        self, crowd: Crowd, known: dict[str, str], seq: int, name: str
    ) -> None:
        self.known = known
        self.session, self.seq = name, seq
        self._crowd = crowd
        self.member: Member | None = None

    def come(self) -> None:
        """Connect, and say what has been seen."""
        self.member = self._crowd.join()
        member = self.member
        self._crowd.wait(lambda: member.is_open)
        member.say({"type": "hello", "session": self.session, "seq": self.seq})

    def go(self) -> None:
        """Vanish."""
        if self.member is not None:
            self.take()
            self._crowd.leave(self.member)
            self.member = None

    def take(self) -> None:
        """Take in what was told."""
        if self.member is None:
            return
        messages, self.member.messages[:] = list(self.member.messages), []
        for message in messages:
            if message["type"] == "foreign":
                held = {"type": "held", "held": self.known, "done": True}
                self.member.say(held)
                continue
            if "seq" in message:
                self.session, self.seq = message["session"], message["seq"]
            for url, module in message.get("modules", {}).items():
                if module["version"] is not None:
                    self.known[url] = module["version"]


def random_saves(count: int = 10_000) -> list[Row]:
    """10,000 saves in eight styles, 1 to 50 at a time; ten clients that come and go."""
    draw = random.Random(5)
    site = Site(modules=60)
    try:
        names = [f"m{n}.js" for n in range(1, 60)]
        session = site.json("/_hmr/session")["session"]
        crowd = Crowd(site.port, site.token)
        known = versions(site, names)
        clients = [Client(crowd, dict(known), 0, session) for _ in range(10)]
        for client in clients:
            client.come()
        saved = 0
        begin = time.monotonic()
        while saved < count:
            batch = draw.sample(
                names, min(draw.choice([1, 1, 1, 2, 5, 50]), len(names))
            )
            style = draw.choice(STYLES)
            for name in batch:
                saved += 1
                text = f"export const x = {saved};\n" + "// \n" * draw.randint(0, 50)
                style(site.static / name, text.encode())
            if draw.random() < 0.1:
                one = draw.choice(clients)
                if one.member is None:
                    one.come()
                else:
                    one.go()
            crowd.turn(0.0)
            for client in clients:
                client.take()
        taken = time.monotonic() - begin
        for client in clients:
            if client.member is None:
                client.come()
        wrong = _differences(site, names, crowd, clients)
        return [
            (
                f"{saved:,} saves in {taken:.0f} s: clients that differ from the disk",
                f"{wrong} of {len(clients)}",
                "0",
                wrong == 0,
            )
        ]
    finally:
        site.close()


def _differences(
    site: Site, names: list[str], crowd: Crowd, clients: list[Client]
) -> int:
    """Count the clients whose versions are not those of what is on disk."""
    end = time.monotonic() + 20
    while True:
        with contextlib.suppress(TimeoutError):
            crowd.wait(lambda: any(m.messages for m in crowd.members), 0.5)
        for client in clients:
            client.take()
        now = versions(site, names)
        wrong = sum(
            any(client.known[url] != version for url, version in now.items())
            for client in clients
        )
        if not wrong or time.monotonic() > end:
            break
    for name in names:
        url = f"/static/{name}"
        text = site.get(f"{url}?m={now[url]}")
        if (site.static / name).read_bytes() not in text:
            print(f"{name} is not served as it is on disk")
            return len(clients)
    return wrong
