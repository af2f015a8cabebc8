"""Pages under stress: many, slow, gone, malicious, and for a long time."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import statistics
import time

from .crowd import Crowd, Member
from .site import Site

Row = tuple[str, str, str, bool]


def percentile(values: list[float], part: float) -> float:
    """Return the value below which a part of the others lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def settled(site: Site, threads: int, files: int, timeout: float = 30.0) -> bool:
    """Wait until a server has no more threads and files than before.

    The connection of the question itself may be among the files or not.
    """
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        state = site.json("/state")
        if state["threads"] <= threads and state["files"] <= files + 1:
            return True
        time.sleep(0.25)
    print(site.json("/state"))
    return False


def save(site: Site, number: int) -> None:
    """Save a module."""
    (site.static / "m1.js").write_text(f"export const m1 = {number};\n")


def a_thousand_sockets() -> list[Row]:
    """1,000 pages: how long an update takes to all, and what each costs."""
    site = Site()
    try:
        crowd = Crowd(site.port, site.token)
        first = crowd.join()
        crowd.wait_until_open()
        crowd.leave(first)
        settled(site, 4, 100, 5)
        before, memory = site.json("/state"), site.memory
        begin = time.monotonic()
        for _ in range(1000):
            crowd.join()
        crowd.wait_until_open()
        # The answer to a handshake comes a moment before the page takes part.
        while site.json("/state")["pages"] < 1000:
            crowd.turn(0.01)
        connected = time.monotonic() - begin
        each = (site.memory - memory) / 1000
        spans = []
        for number in range(1, 8):
            for member in crowd.members:
                member.messages.clear()
                member.times.clear()
            save(site, number)
            crowd.wait(lambda: all(m.messages for m in crowd.members))
            times = [m.times[0] for m in crowd.members]
            spans.append(max(times) - min(times))
        crowd.disperse()
        back = settled(site, before["threads"], before["files"])
        span = statistics.median(spans)
        return [
            ("1,000 sockets: connected", f"{connected:.1f} s", "< 5 s", connected < 5),
            (
                "1,000 sockets: first to last told, median of 7",
                f"{span * 1000:.0f} ms (worst {max(spans) * 1000:.0f})",
                "< 150 ms",
                span < 0.15,
            ),
            ("memory of each", f"{each / 1000:.0f} kB", "< 100 kB", each < 100_000),
            ("threads and files after they left", "back" if back else "left", "", back),
        ]
    finally:
        site.close()


def slow_and_vanished() -> list[Row]:
    """100 pages that never read, 100 that vanish, and ten that are well."""
    site = Site()
    try:
        crowd = Crowd(site.port, site.token)
        for _ in range(100):
            crowd.join(reads=False)
        gone = [crowd.join() for _ in range(100)]
        well = [crowd.join() for _ in range(10)]
        crowd.wait_until_open()
        for member in gone:
            crowd.leave(member)
        late = []
        for number in range(1, 301):
            for member in well:
                member.messages.clear()
                member.times.clear()
            begin = time.monotonic()
            save(site, number)
            crowd.wait(lambda: all(m.messages for m in well))
            late += [m.times[0] - begin for m in well]
        worst = percentile(late, 0.95)
        # Much is told, until those who do not read have to be let go of.
        for _ in range(40):
            for _ in range(100):
                site.get("/tell")
            crowd.turn(0)
            if site.json("/state")["pages"] <= 10:
                break
        alive = all(not m.is_over for m in well)
        return [
            (
                "healthy pages beside 200 that are not, 95th percentile",
                f"{worst * 1000:.0f} ms",
                "< 100 ms",
                worst < 0.1,
            ),
            ("healthy pages still connected", "all" if alive else "no", "all", alive),
        ]
    finally:
        site.close()


def malformed() -> list[Row]:
    """10,000 frames, messages and handshakes that are none."""
    site = Site()
    draw = random.Random(3)
    try:
        crowd = Crowd(site.port, site.token)
        well = crowd.join()
        crowd.wait_until_open()
        before = site.json("/state")
        other = crowd.join()
        for number in range(10_000):
            if number == 400:
                # By now everything has been opened that is opened once.
                before["files"] = _files_of(site, crowd, well)
                other = crowd.join()
            with contextlib.suppress(OSError):
                if number % 4 == 0:
                    _bad_handshake(site, draw)
                elif number % 4 == 1:
                    _bad_frame(crowd, draw)
                else:
                    if number % 400 in (2, 3) or other.is_over:
                        other = crowd.join()
                    other.send_frame(0x81, _bad_message(draw))
                    crowd.turn(0)
            if number % 200 == 199:
                crowd.turn(0)
                for member in list(crowd.members):
                    if member is not well and member is not other:
                        crowd.leave(member)
        for member in list(crowd.members):
            if member is not well:
                crowd.leave(member)
        back = settled(site, before["threads"], before["files"], 60)
        state = site.json("/state")
        log = (site.root / "log.txt").read_text()
        is_well = not well.is_over
        if is_well:
            well.messages.clear()
            save(site, 99)
            crowd.wait(lambda: bool(well.messages))
        else:
            print(log[-3000:], state)
        tracebacks = log.count("Traceback")
        uncaught = len(state["uncaught"])
        return [
            ("10,000 malformed: uncaught exceptions", f"{uncaught}", "0", not uncaught),
            ("tracebacks in the log", f"{tracebacks}", "0", not tracebacks),
            ("threads and files after them", "back" if back else "left", "", back),
            ("a healthy page is told", "yes" if is_well else "no", "yes", is_well),
        ]
    finally:
        site.close()


def _files_of(site: Site, crowd: Crowd, well: Member) -> int:
    """Return how many files the server has open when one page is connected."""
    for member in list(crowd.members):
        if member is not well:
            crowd.leave(member)
    crowd.wait(lambda: site.json("/state")["pages"] <= 1)
    files: int = site.json("/state")["files"]
    return files


def _bad_handshake(site: Site, draw: random.Random) -> None:
    lines = [
        draw.choice(["GET", "POST", "GET", "\x00"])
        + draw.choice([f" /_hmr/socket?token={site.token}", " /_hmr/socket", " /"])
        + draw.choice([" HTTP/1.1", " HTTP/9", ""]),
        draw.choice(["Host: 127.0.0.1", "Host: evil", "Host: [", ""]),
        draw.choice(["Upgrade: websocket", "Upgrade: x", ""]),
        draw.choice(["Connection: Upgrade", "Connection: close", ""]),
        draw.choice(["Sec-WebSocket-Key: " + "A" * draw.randint(0, 30), ""]),
        draw.choice(["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: x", ""]),
        draw.choice(["Origin: null", "Origin: " + "x" * 5000, ""]),
    ]
    with socket.create_connection(("127.0.0.1", site.port), 10) as sock:
        text = "\r\n".join(filter(None, lines)) + "\r\n\r\n"
        sock.sendall(text.encode("latin-1"))
        if draw.random() < 0.5:
            sock.settimeout(0.05)
            sock.recv(1000)


def _bad_frame(crowd: Crowd, draw: random.Random) -> None:
    member = crowd.join()
    with contextlib.suppress(OSError, TimeoutError):
        crowd.wait(lambda: member.is_open or member.is_over, 5)
        kind = draw.randrange(8)
        if kind == 0:
            member.sock.sendall(bytes([0x81, 3]) + b"abc")  # not masked
        elif kind == 1:
            member.send_frame(draw.choice([0x83, 0x8B, 0xF1, 0xC1]), b"x")
        elif kind == 2:
            member.send_frame(0x81, b"\xff\xfe\xfd")
        elif kind == 3:
            member.send_frame(0x80, b"orphan")
        elif kind == 4:
            member.send_frame(0x89, b"x" * 200)
        elif kind == 5:
            member.sock.sendall(bytes([0x81, 0xFF]) + b"\x7f" + b"\xff" * 7 + b"mask")
        elif kind == 6:
            code = draw.choice([0, 1, 1005, 65535, 999])
            member.send_frame(0x88, code.to_bytes(2, "big") + b"\xff")
        else:
            member.sock.sendall(draw.randbytes(draw.randint(1, 300)))


def _bad_message(draw: random.Random) -> bytes:
    value = draw.choice(
        [None, 1, -1, 1e308, "x" * 1000, [], {}, {"__proto__": {}}, "\ud800", [[1]]]
    )
    kind = draw.choice(["hello", "held", "assets", "renew", "mend", "open", "custom"])
    text = json.dumps({"type": kind, draw.choice(["held", "urls", "id"]): value})
    return draw.choice(
        [
            text.encode(),
            text[: draw.randint(0, len(text))].encode(),
            b"[" * 5000,
            b'{"type":NaN}',
            b"null",
            text.replace('"', "'").encode(),
        ]
    )


def ten_thousand_updates() -> list[Row]:
    """10,000 updates to 100 pages: does the server's memory grow?"""
    site = Site()
    try:
        crowd = Crowd(site.port, site.token)
        for _ in range(100):
            crowd.join()
        crowd.wait_until_open()
        one = crowd.members[0]
        start = 0
        for number in range(1, 10_001):
            one.messages.clear()
            save(site, number)
            crowd.wait(lambda: bool(one.messages))
            if number == 1000:
                start = site.memory
            if number % 100 == 0:
                crowd.turn(0)
                for member in crowd.members:
                    member.messages.clear()
                    member.times.clear()
        grown = (site.memory - start) / 1e6
        return [
            (
                "10,000 updates, 100 pages: growth from the 1,000th on",
                f"{grown:.1f} MB",
                "< 10 MB",
                grown < 10,
            )
        ]
    finally:
        site.close()
