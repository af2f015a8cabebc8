"""Connected pages: fake sockets for each rule, and real ones for the whole."""

from __future__ import annotations

import json
import logging
import os
import socket as sockets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import simple_websocket
from flask import Flask
from flask_sock import Sock
from werkzeug.serving import make_server
from wsproto.events import Ping
from wsproto.utilities import LocalProtocolError

from flask_hmr import transport
from flask_hmr.page import Page
from flask_hmr.transport import MAX_BAD_MESSAGES, MAX_MESSAGE_LENGTH, PING, Pages

from .waiting import DEADLINE, wait_until


def writers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("hmr-page-")]


class FakeSocket:
    """The other end in memory: ``inbox`` is what the page says, ``sent`` what it hears.

    Shutting its ``sock`` down ends waiting reads and writes, as for a real one.
    """

    def __init__(self, *says: object, reads: bool = True) -> None:
        self.changed = threading.Condition()
        self.inbox: deque[object] = deque(says)
        self.sent: list[str] = []
        self.closed_with: list[object] = []
        self.connected = True
        self.max_message_size: int | None = None
        self.reads = reads
        self.sending = threading.Event()
        self.answers_pings = False
        self.sock = self.event = self

    def say(self, *messages: object) -> None:
        with self.changed:
            self.inbox.extend(messages)
            self.changed.notify_all()

    def read(self) -> None:
        """From now on, read what is sent."""
        with self.changed:
            self.reads = True
            self.changed.notify_all()

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        with self.changed:
            self.changed.wait_for(lambda: self.inbox or not self.connected, timeout)
            if self.inbox:
                item = self.inbox.popleft()
                if isinstance(item, BaseException):
                    raise item
                return item  # type: ignore[return-value]
            if not self.connected:
                raise ConnectionError("closed")
            return None

    def send(self, data: str) -> None:
        self.sending.set()
        with self.changed:
            self.changed.wait_for(lambda: self.reads or not self.connected, DEADLINE)
            if not self.connected:
                raise BrokenPipeError
            self.sent.append(data)
            if self.answers_pings and data == PING:
                self.inbox.append('{"type":"pong"}')
            self.changed.notify_all()

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        with self.changed:
            self.closed_with.append(reason)
            self.connected = False
            self.changed.notify_all()

    def shutdown(self, how: int) -> None:
        with self.changed:
            self.connected = False
            self.changed.notify_all()

    def set(self) -> None:
        with self.changed:
            self.changed.notify_all()


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Served:
    """A page that is served over a fake socket in a thread of its own."""

    def __init__(
        self,
        pages: Pages,
        socket: FakeSocket,
        on_open: Callable[[Page], None] = lambda page: None,
        on_message: Callable[[Page, dict], None] | None = None,
        **info: object,
    ) -> None:
        self.socket = socket
        self.heard: list[dict] = []
        self.opened: list[Page] = []
        is_open = threading.Event()

        def opened(page: Page) -> None:
            self.opened.append(page)
            is_open.set()
            on_open(page)

        def message(page: Page, message: dict) -> None:
            self.heard.append(message)
            if on_message is not None:
                on_message(page, message)

        self.thread = threading.Thread(
            target=pages.serve,
            args=[socket],
            kwargs={"info": info, "on_open": opened, "on_message": message},
            daemon=True,
        )
        self.thread.start()
        wait_until(lambda: is_open.is_set() or not self.thread.is_alive())

    @property
    def page(self) -> Page:
        return self.opened[0]

    def wait(self) -> None:
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()


@pytest.fixture
def pages() -> Iterator[Pages]:
    pages = Pages(queue_size=8)
    yield pages
    pages.close()
    wait_until(lambda: not writers())
    assert len(pages) == 0


@pytest.fixture
def debug_log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, "flask_hmr")
    return caplog


# One page, a fake socket.


def test_a_page_is_known_while_it_is_served(pages):
    served = Served(pages, FakeSocket(), url="/cart")
    assert pages.snapshot() == [served.page]
    assert served.page.info == {"url": "/cart"}
    assert repr(served.page) == f"<Page {served.page.id} /cart>"
    served.socket.close()
    served.wait()
    assert pages.snapshot() == []
    assert served.page.gone.is_set()


def test_pages_have_different_ids(pages):
    assert len({Served(pages, FakeSocket()).page.id for _ in range(5)}) == 5


def test_a_page_has_a_writer_only_while_something_waits_to_be_written(pages):
    served = Served(pages, FakeSocket(reads=False))
    assert writers() == []
    served.page.send("one")
    served.page.send("two")
    (writer,) = writers()
    assert writer.name == f"hmr-page-{served.page.id}"
    assert writer.daemon
    served.socket.read()
    wait_until(lambda: served.socket.sent == ["one", "two"])
    wait_until(lambda: writers() == [])
    served.page.send("three")
    wait_until(lambda: served.socket.sent == ["one", "two", "three"])


def test_what_needs_no_waiting_needs_no_writer(server):
    clients = [server.connect() for _ in range(20)]
    for number in range(20):
        assert server.pages.broadcast(f"update {number}") == 20
        assert writers() == []
    close_all(clients)


def test_a_page_for_which_no_thread_can_be_started_is_cut_off(pages, monkeypatch):
    served, other = Served(pages, FakeSocket(reads=False)), Served(pages, FakeSocket())

    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", fail)
        assert not served.page.send("x")
    served.wait()
    assert pages.broadcast("y") == 1
    wait_until(lambda: other.socket.sent == ["y"])


def test_messages_arrive_in_the_order_of_sending():
    pages = Pages(queue_size=1000)
    served = Served(pages, FakeSocket(), on_open=lambda page: page.send("hello"))
    wait_until(lambda: served.socket.sent)
    for number in range(500):
        assert served.page.send(str(number))
    wait_until(lambda: len(served.socket.sent) == 501)
    assert served.socket.sent == ["hello", *map(str, range(500))]
    pages.close()


def test_a_page_hears_nothing_more_once_it_is_gone(pages):
    served = Served(pages, FakeSocket())
    served.socket.close()
    served.wait()
    assert not served.page.send("late")
    assert pages.broadcast("late") == 0
    assert served.socket.sent == []


def test_a_broadcast_tells_every_page(pages):
    all_served = [Served(pages, FakeSocket()) for _ in range(5)]
    assert pages.broadcast("news") == 5
    wait_until(lambda: all(served.socket.sent == ["news"] for served in all_served))


def test_a_full_queue_cuts_the_page_off(pages, debug_log):
    served = Served(pages, FakeSocket(reads=False))
    assert served.page.send("taken by the writer")
    assert served.socket.sending.wait(DEADLINE)
    assert all(served.page.send("queued") for _ in range(8))
    assert not served.page.send("one too many")
    assert not served.page.send("and after that")
    served.wait()
    assert served.page.overflowed
    assert "did not read its messages" in debug_log.text
    assert served.socket.sent == []


def test_a_page_that_does_not_read_keeps_nobody_waiting(pages):
    stuck = Served(pages, FakeSocket(reads=False))
    others = [Served(pages, FakeSocket()) for _ in range(3)]
    for number in range(8):
        assert pages.broadcast(str(number)) == 4
        wait_until(lambda n=number: all(len(o.socket.sent) == n + 1 for o in others))
    assert stuck.socket.sent == []


def test_a_message_goes_to_the_owner(pages):
    served = Served(pages, FakeSocket('{"type":"ready","deep":{"a":[1]}}'))
    wait_until(lambda: served.heard)
    assert served.heard == [{"type": "ready", "deep": {"a": [1]}}]


def test_a_pong_goes_to_nobody(pages):
    served = Served(pages, FakeSocket('{"type":"pong"}', '{"type":"ready"}'))
    wait_until(lambda: served.heard)
    assert served.heard == [{"type": "ready"}]


def test_an_answer_can_be_sent_from_the_callback(pages):
    served = Served(
        pages,
        FakeSocket('{"type":"ask"}'),
        on_message=lambda page, message: page.send("answer"),
    )
    wait_until(lambda: served.socket.sent == ["answer"])


BAD_MESSAGES = {
    "empty": "",
    "no JSON": "GET / HTTP/1.1",
    "cut off": '{"type":"ready"',
    "array": '[{"type":"ready"}]',
    "string": '"ready"',
    "null": "null",
    "no type": "{}",
    "type is a number": '{"type":1}',
    "type is null": '{"type":null}',
    "type is an object": '{"type":{}}',
    "not a number": '{"type":"ready","x":NaN}',
    "infinite": '{"type":"ready","x":-Infinity}',
    "binary": b'{"type":"ready"}',
    "too long": '{"type":"ready","x":"' + "x" * MAX_MESSAGE_LENGTH + '"}',
    "too deep": '{"type":"ready","x":' + "[" * 30_000 + "]" * 30_000 + "}",
    "too deep, objects": '{"x":' * 13_000,
    "byte order mark": '\ufeff{"type":"ready"}',
    "two": '{"type":"ready"}{"type":"ready"}',
    "control byte": '{"type":"re\0ady"}',
}


@pytest.mark.parametrize("text", BAD_MESSAGES.values(), ids=BAD_MESSAGES)
def test_what_is_no_message_is_ignored(pages, text):
    served = Served(pages, FakeSocket(text, text, '{"type":"after"}'))
    wait_until(lambda: served.heard)
    assert served.heard == [{"type": "after"}]
    assert served.socket.connected


@pytest.mark.parametrize(
    "text",
    [
        '{"type":""}',
        '{"type":"__proto__","__proto__":{"constructor":1}}',
        '{"type":"a","type":"b"}',
        '{"type":"\\ud800"}',
        '{"type":"x","n":' + "9" * 4000 + "}",
        '{"type":"x","n":1e999}',
        ' \n{"type" : "x"}\t',
    ],
)
def test_odd_but_well_formed_messages_are_the_owners_to_judge(pages, text):
    served = Served(pages, FakeSocket(text))
    wait_until(lambda: served.heard)
    assert served.heard == [json.loads(text)]


def test_bad_messages_are_logged_once_per_page(pages, debug_log):
    served = Served(pages, FakeSocket(*["?"] * 50, '{"type":"after"}'))
    wait_until(lambda: served.heard)
    bad = [r for r in debug_log.records if "no message" in r.getMessage()]
    assert len(bad) == 1
    assert bad[0].levelno == logging.DEBUG


def test_a_long_bad_message_is_shortened_in_the_log(pages, debug_log):
    served = Served(pages, FakeSocket("x" * 60_000, '{"type":"after"}'))
    wait_until(lambda: served.heard)
    assert len(debug_log.text) < 5_000


def test_a_page_that_sends_many_bad_messages_is_closed(pages):
    served = Served(pages, FakeSocket(*["?"] * (MAX_BAD_MESSAGES + 50)))
    served.wait()
    assert served.socket.closed_with == [1008]
    assert len(served.socket.inbox) == 50


def test_a_page_that_sends_faster_than_it_is_heard_is_closed(pages):
    class Flooding(FakeSocket):
        input_buffer = ["x"] * (transport.MAX_BACKLOG + 1)

    served = Served(pages, Flooding('{"type":"x"}', '{"type":"x"}'))
    served.wait()
    assert served.socket.closed_with == [1008]
    assert len(served.heard) == 1


def test_an_exception_in_a_callback_is_logged_and_the_page_lives_on(pages, debug_log):
    def fail(*args):
        raise LookupError("on purpose")

    socket = FakeSocket('{"type":"one"}', '{"type":"two"}')
    served = Served(pages, socket, on_open=fail, on_message=fail)
    wait_until(lambda: len(served.heard) == 2)
    assert served.page.send("still here")
    wait_until(lambda: socket.sent == ["still here"])
    wait_until(lambda: debug_log.text.count("LookupError: on purpose") == 3)


def test_an_exception_of_the_socket_ends_the_page_only(pages):
    served = Served(pages, FakeSocket(OSError("on purpose")))
    other = Served(pages, FakeSocket())
    served.wait()
    assert pages.snapshot() == [other.page]


def test_an_exception_while_writing_ends_the_page(pages):
    class Broken(FakeSocket):
        def send(self, data: str) -> None:
            raise ValueError("on purpose")

    served = Served(pages, Broken())
    served.page.send("x")
    served.wait()
    assert not served.page.send("y")


def test_the_socket_is_told_how_long_messages_may_be(pages):
    served = Served(pages, FakeSocket())
    assert served.socket.max_message_size == 65_536


def test_a_socket_without_extras_will_do(pages):
    class Bare:
        """Nothing but what the protocol names."""

        connected = True

        def __init__(self) -> None:
            self.sent: list[str] = []

        def receive(self, timeout: float | None = None) -> str | None:
            if self.sent:
                self.connected = False
            return None

        def send(self, data: str) -> None:
            self.sent.append(data)

        def close(self, reason: int | None = None, message: str | None = None) -> None:
            self.connected = False

    bare = Bare()
    pages.serve(
        bare,
        info={},
        on_open=lambda page: page.send("hello"),  # type: ignore[arg-type, return-value]
        on_message=lambda page, message: None,
    )
    assert bare.sent == ["hello"]


# Pings and silence.


def test_a_ping_is_sent_when_its_time_has_come():
    clock = Clock()
    says = iter(["one", None, "two", None, "three", None])
    looks: list[tuple[float, int]] = []

    class Waiting(FakeSocket):
        def receive(self, timeout: float | None = None) -> str | bytes | None:
            assert timeout is not None
            wait_until(lambda: not writers())
            looks.append((clock.now, self.sent.count(PING)))
            clock.now += timeout
            for text in says:
                return text and json.dumps({"type": text})
            raise ConnectionError

    Served(Pages(ping_interval=8, clock=clock), Waiting()).wait()
    # Five seconds are the longest wait; a ping shortens it, and a message does not
    # put it off.
    assert looks == [
        (1000, 0),
        (1005, 0),
        (1008, 1),
        (1013, 1),
        (1016, 2),
        (1021, 2),
        (1024, 3),
    ]


def test_a_page_is_not_silent_while_its_message_is_being_handled():
    clock = Clock()

    def work(page: Page, message: dict) -> None:
        clock.now += 1000

    pages = Pages(ping_interval=25, clock=clock)
    served = Served(pages, FakeSocket('{"type":"x"}'), on_message=work)
    wait_until(lambda: PING in served.socket.sent)
    served.socket.say('{"type":"after"}')
    wait_until(lambda: len(served.heard) == 2)
    pages.close()


def test_pings_come_by_themselves():
    pages = Pages(ping_interval=0.25)
    socket = FakeSocket()
    socket.answers_pings = True
    Served(pages, socket)
    wait_until(lambda: socket.sent.count(PING) >= 3)
    pages.close()


def test_a_silent_page_is_closed_after_two_intervals():
    clock = Clock()

    waits: list[float] = []

    class Waiting(FakeSocket):
        def receive(self, timeout: float | None = None) -> str | bytes | None:
            assert timeout is not None
            waits.append(timeout)
            clock.now += timeout
            return None

    pages = Pages(ping_interval=25, clock=clock)
    served = Served(pages, Waiting())
    served.wait()
    assert served.socket.closed_with == [1001]
    assert clock.now == 1050
    assert max(waits) <= 5


def test_any_message_counts_as_a_sign_of_life():
    clock = Clock()
    spoken = iter(['{"type":"pong"}', "no JSON", '{"type":"x"}'])

    class Waiting(FakeSocket):
        def receive(self, timeout: float | None = None) -> str | bytes | None:
            if clock.now % 50 == 40:
                clock.now += 5
                return next(spoken, None)
            clock.now += 5
            return None

    pages = Pages(ping_interval=25, clock=clock)
    Served(pages, Waiting()).wait()
    # Heard at 1040, 1090, 1140; silence until 50 seconds after the last.
    assert clock.now == pytest.approx(1195, abs=5)


# Limits, closing, forking.


def test_pages_beyond_the_limit_are_turned_away(debug_log):
    pages = Pages(max_pages=2)
    first, second = Served(pages, FakeSocket()), Served(pages, FakeSocket())
    third = Served(pages, FakeSocket())
    third.wait()
    assert third.socket.closed_with == [1013]
    assert third.opened == []
    assert pages.snapshot() == [first.page, second.page]
    assert "2 pages are connected already" in debug_log.text
    first.socket.close()
    first.wait()
    assert Served(pages, FakeSocket()).opened
    pages.close()


def test_closing_tells_the_pages_and_ends_their_threads():
    pages = Pages()
    all_served = [Served(pages, FakeSocket()) for _ in range(20)]
    pages.close()
    assert all(served.socket.closed_with == [1001] for served in all_served)
    assert all(served.page.gone.is_set() for served in all_served)
    assert len(pages) == 0
    assert writers() == []


def test_closing_cuts_off_a_page_that_does_not_read():
    pages = Pages(close_timeout=0.05)
    served = Served(pages, FakeSocket(reads=False))
    served.page.send("x")
    assert served.socket.sending.wait(DEADLINE)
    pages.close()
    served.wait()
    assert served.socket.closed_with == []
    wait_until(lambda: not writers())


def test_pages_are_closed_when_the_server_is_about_to_end_and_not_before(monkeypatch):
    monkeypatch.setattr(transport, "_ENDING_INTERVAL", 0.005)
    pages, looks = Pages(), []
    ending = threading.Event()
    served = Served(pages, FakeSocket())

    def is_ending() -> bool:
        looks.append(ending.is_set())
        return ending.is_set()

    pages.close_when(is_ending)
    # The first one knows.
    pages.close_when(lambda: True)
    wait_until(lambda: len(looks) >= 3)
    assert served.socket.connected
    ending.set()
    served.wait()
    assert served.socket.closed_with == [1001]
    wait_until(lambda: "hmr-ending" not in {t.name for t in threading.enumerate()})


def test_nobody_looks_at_the_server_any_more_once_the_pages_are_closed(monkeypatch):
    monkeypatch.setattr(transport, "_ENDING_INTERVAL", 0.005)
    pages = Pages()
    pages.close_when(lambda: False)
    pages.close()
    pages.close_when(lambda: False)
    wait_until(lambda: "hmr-ending" not in {t.name for t in threading.enumerate()})


def test_closing_twice_or_with_no_pages_does_nothing():
    pages = Pages()
    pages.close()
    pages.close()
    assert pages.broadcast("x") == 0


def test_no_page_is_served_after_closing():
    pages = Pages()
    pages.close()
    served = Served(pages, FakeSocket())
    served.wait()
    assert served.socket.closed_with == [1001]
    assert served.opened == []


def test_a_page_may_close_all_pages_itself():
    pages = Pages(close_timeout=0.05)
    served = Served(
        pages,
        FakeSocket('{"type":"quit"}'),
        on_message=lambda page, message: pages.close(),
    )
    served.wait()
    wait_until(lambda: not writers())


def test_a_forked_process_leaves_its_parents_pages_alone(monkeypatch):
    pages = Pages(close_timeout=0.05)
    served = Served(pages, FakeSocket())
    parent = os.getpid()
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: parent + 1)
        assert pages.broadcast("x") == 0
        pages.close()
    assert served.socket.connected
    served.socket.close()
    served.wait()


# Real sockets.


class Server:
    """A real server whose pages are served over WebSockets."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.heard: list[tuple[int, dict]] = []
        app = Flask("served")

        def hear(page: Page, message: dict) -> None:
            if message["type"] == "hi":
                page.send("hello")
            else:
                self.heard.append((page.id, message))

        @Sock(app).route("/socket")
        def serve(socket: simple_websocket.Server) -> None:
            pages.serve(socket, info={}, on_open=lambda page: None, on_message=hear)

        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def connect(self) -> simple_websocket.Client:
        client = simple_websocket.Client(f"ws://127.0.0.1:{self.port}/socket")
        # The page speaks first: simple-websocket's client keeps back a message that
        # arrives together with the answer to its handshake.
        client.send('{"type":"hi"}')
        assert client.receive(timeout=DEADLINE) == "hello"
        return client

    def connect_raw(self) -> sockets.socket:
        """Connect a client that speaks no protocol, and reads when it is told to."""
        client = sockets.socket()
        client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE)
        client.connect(("127.0.0.1", self.port))
        client.sendall(
            b"GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert client.recv(12) == b"HTTP/1.1 101"
        return client

    def stop(self) -> None:
        self.pages.close()
        self._server.shutdown()
        self._thread.join(DEADLINE)
        self._server.server_close()


@contextmanager
def no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    wait_until(lambda: set(threading.enumerate()) <= before)


@pytest.fixture
def server() -> Iterator[Server]:
    with no_threads_left():
        server = Server(Pages())
        yield server
        server.stop()


def close_all(clients: list[simple_websocket.Client]) -> None:
    for client in clients:
        if client.connected:
            client.close()
        client.thread.join(DEADLINE)


def test_many_pages_hear_everything_in_order(server):
    clients = [server.connect() for _ in range(40)]
    for number in range(100):
        assert server.pages.broadcast(f"update {number}") == 40
    for client in clients:
        heard = [client.receive(timeout=DEADLINE) for _ in range(100)]
        assert heard == [f"update {number}" for number in range(100)]
    close_all(clients)
    wait_until(lambda: len(server.pages) == 0)


def test_broadcasts_from_many_threads_are_not_mixed_up(server):
    clients = [server.connect() for _ in range(5)]
    message = {name: name * 20_000 for name in "abcd"}

    def tell(name: str) -> None:
        for number in range(25):
            server.pages.broadcast(f"{number} {message[name]}")

    tellers = [threading.Thread(target=tell, args=[name]) for name in message]
    for teller in tellers:
        teller.start()
    for client in clients:
        heard = [client.receive(timeout=DEADLINE) for _ in range(100)]
        for name, text in message.items():
            own = [line for line in heard if line.endswith(name)]
            assert own == [f"{number} {text}" for number in range(25)]
    for teller in tellers:
        teller.join()
    close_all(clients)


def test_a_message_that_is_written_in_part_arrives_though_nothing_follows(server):
    client = server.connect()
    blob = os.urandom(5_000_000).hex()
    assert server.pages.broadcast(blob) == 1
    assert client.receive(timeout=DEADLINE) == blob
    wait_until(lambda: writers() == [])
    close_all([client])


def test_what_pages_say_arrives(server):
    clients = [server.connect() for _ in range(10)]
    for client in clients:
        for number in range(20):
            client.send(json.dumps({"type": "n", "n": number}))
    wait_until(lambda: len(server.heard) == 200)
    for page in server.pages.snapshot():
        assert [m["n"] for i, m in server.heard if i == page.id] == list(range(20))
    close_all(clients)


def test_a_page_that_never_reads_is_cut_off_and_the_others_go_on(server):
    deaf = server.connect_raw()
    clients = [server.connect() for _ in range(3)]
    number = 0
    # Random bytes, so that compression does not make them fit into the buffers.
    blob = os.urandom(50_000).hex()
    while len(server.pages) == 4:
        server.pages.broadcast(f"{number} {blob}")
        for client in clients:
            assert client.receive(timeout=DEADLINE) == f"{number} {blob}"
        number += 1
    assert server.pages.broadcast("after") == 3
    for client in clients:
        assert client.receive(timeout=DEADLINE) == "after"
    wait_until(lambda: writers() == [])
    deaf.close()
    close_all(clients)


@pytest.mark.parametrize("how", ["close", "reset", "half-close"])
def test_a_page_that_vanishes_leaves_nothing_behind(server, how):
    others = [server.connect() for _ in range(2)]
    gone = server.connect_raw()
    wait_until(lambda: len(server.pages) == 3)
    if how == "reset":
        linger = b"\1\0\0\0\0\0\0\0"
        gone.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, linger)
    if how == "half-close":
        gone.shutdown(sockets.SHUT_WR)
    else:
        gone.close()
    wait_until(lambda: len(server.pages) == 2)
    wait_until(lambda: writers() == [])
    gone.close()
    assert server.pages.broadcast("x") == 2
    close_all(others)


def test_a_page_that_vanishes_while_it_is_written_to_leaves_nothing_behind(server):
    gone = server.connect_raw()
    wait_until(lambda: len(server.pages) == 1)
    for _ in range(100):
        server.pages.broadcast(os.urandom(50_000).hex())
    gone.close()
    wait_until(lambda: not writers())
    wait_until(lambda: len(server.pages) == 0)


def test_a_half_open_page_is_closed_after_the_pings():
    with no_threads_left():
        server = Server(Pages(ping_interval=0.2, close_timeout=0.2))
        silent = server.connect_raw()
        wait_until(lambda: len(server.pages) == 1)
        wait_until(lambda: len(server.pages) == 0)
        wait_until(lambda: not writers())
        server.stop()
        silent.close()


def test_a_flood_of_bad_messages_closes_the_page_only(server):
    bad, good = server.connect(), server.connect()
    # The client's own reader may take note of the end in the midst of a message.
    with suppress(simple_websocket.ConnectionClosed, OSError, LocalProtocolError):
        while bad.connected:
            bad.send("?" * 100)
    wait_until(lambda: len(server.pages) == 1)
    server.pages.broadcast("x")
    assert good.receive(timeout=DEADLINE) == "x"
    close_all([bad, good])


def test_a_message_that_is_too_long_closes_the_page(server):
    client = server.connect()
    client.send(json.dumps({"type": "x", "text": "x" * 70_000}))
    with pytest.raises(simple_websocket.ConnectionClosed) as closed:
        client.receive(timeout=DEADLINE)
    assert closed.value.reason == 1009
    wait_until(lambda: len(server.pages) == 0)
    close_all([client])


def test_malformed_frames_close_the_page_only(server):
    good = server.connect()
    for frame in (
        b"\xff\xff\xff\xff",  # reserved bits
        b"\x83\x80\0\0\0\0",  # a reserved opcode
        b"\x81\x05hello",  # not masked
        b"\x80\x80\0\0\0\0",  # a continuation of nothing
        b"\x81\x82\0\0\0\0\xff\xff",  # not UTF-8
        b"\x89\xfe\x01\0\0\0\0\0" + b"x" * 256,  # a control frame that is too long
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",  # 2**63 bytes
        b"\x88\x82\0\0\0\0\x03\xed",  # close code 1005
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        bad = server.connect_raw()
        wait_until(lambda: len(server.pages) == 2)
        bad.sendall(frame)
        bad.shutdown(sockets.SHUT_WR)
        wait_until(lambda: len(server.pages) == 1)
        bad.close()
    server.pages.broadcast("x")
    assert good.receive(timeout=DEADLINE) == "x"
    close_all([good])


def test_pings_of_the_protocol_do_not_damage_what_is_being_written(server):
    client = server.connect()
    blobs = [os.urandom(300_000).hex() for _ in range(20)]
    done = threading.Event()

    def ping() -> None:
        while not done.wait(0.0005):
            client.sock.sendall(client.ws.send(Ping()))

    pinger = threading.Thread(target=ping)
    pinger.start()
    try:
        for blob in blobs:
            server.pages.broadcast(blob)
        for blob in blobs:
            assert client.receive(timeout=DEADLINE) == blob
    finally:
        done.set()
        pinger.join()
    close_all([client])


def test_pages_that_come_and_go_leave_nothing_behind(server):
    for _ in range(50):
        client = server.connect()
        client.close()
        client.thread.join(DEADLINE)
    wait_until(lambda: len(server.pages) == 0)
    wait_until(lambda: not writers())


def test_closing_the_server_tells_the_pages(server):
    clients = [server.connect() for _ in range(10)]
    server.pages.close()
    for client in clients:
        with pytest.raises(simple_websocket.ConnectionClosed) as closed:
            client.receive(timeout=DEADLINE)
        assert closed.value.reason == 1001
    assert writers() == []
    close_all(clients)
