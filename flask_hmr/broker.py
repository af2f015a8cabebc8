"""The messages that the processes of one app hand on to each other.

Versions follow from files, so that processes agree on them without a word. What no file
shows goes through a broker that is there already: events of the app, and modules that
get new versions although no file changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from .core.messages import parse

MAX_WAITING = 1_000
"""Messages that wait for a broker that is away. The oldest go first."""

LOOK = 0.25
"""How often, in seconds, it is looked whether there is anything to send or to end."""

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0
"""Seconds between tries to reach the broker."""

TIMEOUT = 2.0
"""Seconds that the broker may take to answer."""


class Broker:
    """A connection to the broker, in two threads of its own.

    :param url: of a Redis server, as the ``redis`` package understands it.
    :param channel: a name that all processes of the app share, and nobody else has.
    :param own: names this process; what it sent itself it does not hear.
    :param on_message: is called with each message of another process, in the thread.
    :param log: where to log.
    """

    def __init__(
        self,
        url: str,
        channel: str,
        own: str,
        on_message: Callable[[dict[str, Any]], None],
        log: logging.Logger,
    ) -> None:
        self._client = _client(url)
        self._shown = _without_password(url)
        self._channel = channel
        self._own = own
        self._on_message = on_message
        self._log = log
        self._waiting: queue.Queue[str] = queue.Queue(MAX_WAITING)
        self._closing = threading.Event()
        self._is_away = False
        #: Set while messages of other processes are heard.
        self.connected = threading.Event()
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True)
            for name, run in (
                ("hmr-broker-in", self._receive),
                ("hmr-broker-out", self._publish),
            )
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to all other processes. Never waits."""
        text = json.dumps({**message, "from": self._own})
        while True:
            try:
                self._waiting.put_nowait(text)
                return
            except queue.Full:
                self._waiting.get_nowait()

    def close(self, timeout: float = 2.0) -> None:
        """End the threads.

        :param timeout: how many seconds to wait for them.
        """
        self._closing.set()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.ident is not None and thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        self._client.close()

    def _receive(self) -> None:
        pause = FIRST_PAUSE
        while not self._closing.is_set():
            listener = self._client.pubsub(ignore_subscribe_messages=False)
            try:
                listener.subscribe(self._channel)
                while not self._closing.is_set():
                    news = listener.get_message(timeout=LOOK)
                    if news is None:
                        continue
                    if news["type"] == "subscribe":
                        pause = FIRST_PAUSE
                        self._came_back()
                    elif news["type"] == "message":
                        self._hear(news["data"])
            except Exception as error:
                self._went_away(error)
            finally:
                self.connected.clear()
                with contextlib.suppress(Exception):
                    listener.close()
            self._closing.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _publish(self) -> None:
        text: str | None = None
        while not self._closing.is_set():
            try:
                text = text or self._waiting.get(timeout=LOOK)
                self._client.publish(self._channel, text)
                text = None
            except queue.Empty:
                continue
            except Exception as error:
                self._went_away(error)
                self._closing.wait(FIRST_PAUSE)

    def _hear(self, data: bytes | str) -> None:
        message = parse(data)
        if message is None or message.get("from") == self._own:
            return
        try:
            self._on_message(message)
        except Exception:
            self._log.exception("[hmr] a message of another process failed")

    def _went_away(self, error: Exception) -> None:
        if not self._is_away and not self._closing.is_set():
            self._is_away = True
            self._log.warning(
                "[hmr] the message queue at %s cannot be reached (%s). Updates of files"
                " go on; events reach the pages of one process only until it is back.",
                self._shown,
                error,
            )

    def _came_back(self) -> None:
        self.connected.set()
        if self._is_away:
            self._is_away = False
            self._log.info("[hmr] the message queue is back")


def channel_of(token: str) -> str:
    """Return the name under which the processes of one app find each other.

    :param token: what only these processes and their pages know.
    """
    return f"flask-hmr:{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def send_once(url: str, channel: str, message: dict[str, Any]) -> int:
    """Send a message from a process that serves no pages, such as a background job.

    :return: how many processes got it.
    :raises OSError: the broker cannot be reached.
    """
    client = _client(url)
    try:
        count: int = client.publish(channel, json.dumps({**message, "from": ""}))
    except Exception as error:
        shown = _without_password(url)
        text = f"The message queue at {shown} cannot be reached: {error}"
        raise OSError(text) from error
    finally:
        client.close()
    return count


def _client(url: str) -> Any:
    import redis

    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
    )


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
