"""What a page does to stay in step, by each transport, without a browser.

The rules are those of ``client/transport.js`` and ``client/polling.js``, so that what
these lose or are told twice is what a page would lose or be told twice.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import socket
import threading
import typing as t

from .crowd import Crowd, Member

Message = dict[str, t.Any]
Event = tuple[int, str, Message]

DEADLINE = 30.0


class Server(t.Protocol):
    """What a listener needs to know of the server."""

    port: int
    crowd: Crowd

    def session(self) -> Message:
        """Return what the server says of itself."""

    def ask(self, body: Message) -> Message:
        """Post a question."""

    def versions(self) -> dict[str, str | None]:
        """Return the versions of all modules."""

    def mark(self) -> int:
        """Return the number of the last message in the feed."""

    def drop(self, name: str) -> None:
        """Let go of a page's socket or stream."""


class ToldTwiceError(AssertionError):
    """A page was told again what it had been told."""


class Listener:
    """A page: what it holds, and what it has seen of which server process.

    :param server: where it is loaded from.
    :param name: no other page has it.
    """

    kind = "?"

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        #: Events of the app that were heard, and those that had to be.
        self.events: list[t.Any] = []
        self.expected: list[t.Any] = []
        self.is_connected = False
        self._told: dict[str, set[str]] = {}
        self._numbers: set[tuple[str, int]] = set()
        # Messages that came before the answer to hello.
        self._early: list[Message] | None = None
        # As a document does: the mark is older than what is loaded afterwards.
        mark = server.session()
        self.session: str = mark["session"]
        self.seen: dict[str, int] = {self.session: mark["seq"]}
        self.held = {u: v for u, v in server.versions().items() if v is not None}

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"

    def come(self) -> None:
        """Connect, say what has been seen, and wait until that is answered."""
        self._early = []
        self.miss()
        self._open()
        self.is_connected = True
        self.say(
            {
                "type": "hello",
                "session": self.session,
                "seq": self.seen.get(self.session),
            }
        )
        self.wait(lambda: self._early is None)

    def forget(self) -> None:
        """Lose what has been seen, not what is held."""
        self.seen.clear()

    def miss(self) -> None:
        """Take note that what was not heard until now need not be heard."""
        self.expected = list(self.events)

    def expect(self, event: object) -> None:
        """Take note that an event is being sent to all pages."""
        if self.is_connected:
            self.expected.append(event)

    # What the transports do

    def _open(self) -> None:
        raise NotImplementedError

    def say(self, *messages: Message) -> None:
        """Send messages."""
        raise NotImplementedError

    def go(self) -> None:
        """Vanish, without a word."""
        raise NotImplementedError

    def wait(self, condition: t.Callable[[], bool]) -> None:
        """Take in what is told until a condition is true."""
        raise NotImplementedError

    def sync(self) -> None:
        """Take in all that has been told up to now."""
        raise NotImplementedError

    # What is told

    def take(self, message: Message) -> None:
        """Take in one message."""
        if message["type"] == "foreign":
            self.say({"type": "held", "held": dict(self.held), "done": True})
        elif self._early is not None and message.get("answer"):
            early, self._early = self._early, None
            self.session = message["session"]
            self._deliver(message)
            for other in early:
                self._deliver(other)
        elif self._early is not None:
            self._early.append(message)
        else:
            self._deliver(message)

    def _deliver(self, message: Message) -> None:
        if message["type"] == "custom":
            self.events.append(message["data"])
        if "seq" not in message:
            return
        session, seq = message["session"], message["seq"]
        # What was broadcast while the page said hello may be in the answer already.
        if not message["answer"] and seq <= self.seen.get(session, -1):
            return
        if not message["answer"]:
            if (session, seq) in self._numbers:
                raise ToldTwiceError(f"{self} was told change {seq} twice")
            self._numbers.add((session, seq))
        self.seen[session] = seq
        modules = message.get("modules", {})
        for url in message.get("changed", ()):
            version = modules[url]["version"]
            if version is not None and version in self._told.get(url, ()):
                raise ToldTwiceError(f"{self} was told of {url} {version} twice")
            self._told.setdefault(url, set()).add(version)
        for url, module in modules.items():
            if module["version"] is None:
                # What is gone may come back as it was, with the folder that it is in.
                self._told.pop(url, None)
                self.held.pop(url, None)
            else:
                self.held[url] = module["version"]


class SocketListener(Listener):
    """A page with a socket."""

    kind = "socket"
    member: Member | None = None
    _question = 0
    _answered = 0

    def _open(self) -> None:
        crowd = self.server.crowd
        self.member = member = crowd.join(agent=self.name)
        crowd.wait(lambda: member.is_open or member.is_over, DEADLINE)

    def say(self, *messages: Message) -> None:
        assert self.member is not None
        for message in messages:
            self.member.say(message)

    def go(self) -> None:
        if self.member is not None:
            self._read()
            self.server.crowd.leave(self.member)
        self.member = None
        self.is_connected = False

    def wait(self, condition: t.Callable[[], bool]) -> None:
        self.server.crowd.wait(lambda: self._read() or condition(), DEADLINE)

    def sync(self) -> None:
        # Whatever was told before the answer comes before it.
        self._question += 1
        self.say({"type": "renew", "urls": [], "id": self._question})
        self.wait(lambda: self._answered == self._question and self._early is None)

    def drop(self) -> None:
        """Have the server close the socket, and wait until it is closed."""
        self.sync()
        member = self.member
        assert member is not None
        self.server.drop(self.name)
        self.server.crowd.wait(lambda: member.is_over, DEADLINE)
        self.go()

    def _read(self) -> bool:
        assert self.member is not None
        messages, self.member.messages[:] = list(self.member.messages), []
        for message in messages:
            if message["type"] == "renewed":
                self._answered = message["id"]
            else:
                self.take(message)
        return False


class PollingListener(Listener):
    """A page that asks."""

    kind = "poll"
    _opened = 0

    def _open(self) -> None:
        self._opened += 1
        self._marks: dict[str, int] = {}
        self._queue: list[Message] = []

    def say(self, *messages: Message) -> None:
        self._queue += messages

    def expect(self, event: object) -> None:
        # Also while it sleeps: it says then which number it has seen.
        if self._opened:
            self.expected.append(event)

    def go(self) -> None:
        self.is_connected = False

    def wait(self, condition: t.Callable[[], bool]) -> None:
        while not condition():
            self.ask()

    def sync(self) -> None:
        self.is_connected = True
        self.ask()
        while self._queue or self._early is not None:
            self.ask()

    def ask(self) -> None:
        """Ask once."""
        said, self._queue = self._queue, []
        page = f"{self.name}.{self._opened}"
        body = {"page": page, "marks": self._marks, "messages": said}
        answer = self.server.ask(body)
        if answer.get("unknown"):
            # The server has been started anew.
            self.come()
            return
        self._marks[answer["session"]] = answer["at"]
        for message in answer["messages"]:
            self.take(message)


class StreamListener(PollingListener):
    """A page that asks, and is told sooner by a stream."""

    kind = "stream"
    _has_ended = True

    def _open(self) -> None:
        super()._open()
        self._listen()

    def _listen(self) -> None:
        self._close()
        url = f"/_hmr/stream?token={self.server.session()['token']}"
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        connection.request("GET", f"{url}&browser={self.name}")
        self._sock = connection.sock
        response = connection.getresponse()
        assert response.status == 200, response.status
        self._news: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._latest = -1
        self._has_ended = False
        self._reader = threading.Thread(
            target=_read_events, args=[response, self._news], daemon=True
        )
        self._reader.start()

    def go(self) -> None:
        super().go()
        self._close()

    def _close(self) -> None:
        if not self._has_ended:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            self._reader.join(DEADLINE)
        self._has_ended = True

    def sync(self) -> None:
        if self._has_ended:
            self._listen()
        last = self.server.mark()
        while self._latest < last and not self._has_ended:
            self._hear(self._news.get(timeout=DEADLINE))
        super().sync()

    def _hear(self, event: Event | None) -> None:
        if event is None:
            self._has_ended = True
            return
        number, kind, data = event
        self._latest = number
        seen = self._marks.get(self.session)
        if kind == "begin" or (seen is not None and number > seen + 1):
            self.ask()
        elif seen is not None and number > seen:
            self._marks[self.session] = number
            if data["to"] in ("", f"{self.name}.{self._opened}"):
                self.take(data["message"])


def _read_events(
    response: http.client.HTTPResponse, news: queue.SimpleQueue[Event | None]
) -> None:
    fields: dict[str, str] = {}
    with response, contextlib.suppress(OSError, http.client.HTTPException, ValueError):
        while line := response.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "id" in fields:
                data = json.loads(fields["data"])
                news.put((int(fields["id"]), fields["event"], data))
                fields = {}
    news.put(None)


KINDS: dict[str, type[Listener]] = {
    listener.kind: listener
    for listener in (SocketListener, PollingListener, StreamListener)
}
