"""What the terminal shows: one line for each update, and none for how it is done."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TextIO, cast

from flask.logging import wsgi_errors_stream

from .config import Config

if TYPE_CHECKING:
    StreamHandler = logging.StreamHandler[TextIO]
else:  # Python 3.10 knows no type of its stream.
    StreamHandler = logging.StreamHandler

NAME = "flask_hmr"
"""The name of the logger."""


def logger(config: Config) -> logging.Logger:
    """Return the extension's logger, which prints if nothing else is set up.

    :param config: for its level. Without one, a level that the developer has given the
        logger stays.
    """
    log = logging.getLogger(NAME)
    if config.log is not None:
        log.setLevel(config.log)
    elif log.level == logging.NOTSET:
        log.setLevel(logging.INFO)
    if not any(isinstance(handler, Terminal) for handler in log.handlers):
        log.addHandler(Terminal(log))
    return log


class Terminal(StreamHandler):
    """Prints what no other handler takes care of, whenever that was set up.

    :param log: the logger that it belongs to.
    """

    def __init__(self, log: logging.Logger) -> None:
        super().__init__(cast("TextIO", wsgi_errors_stream))
        self.setFormatter(logging.Formatter("%(message)s"))
        self._log = log

    def handle(self, record: logging.LogRecord) -> bool:
        """Handle a record, if nobody else does."""
        if any(handler is not self for handler in _handlers(self._log)):
            return False
        return bool(super().handle(record))


def _handlers(log: logging.Logger) -> Iterator[logging.Handler]:
    """Yield the handlers that get what is logged, as :mod:`logging` finds them."""
    at: logging.Logger | None = log
    while at is not None:
        yield from at.handlers
        at = at.parent if at.propagate else None


class OwnRequests(logging.Filter):
    """Leaves the extension's own requests out of the development server's log.

    An update takes several, which would hide the line that says what it did, and
    one of them has the socket's token in its URL. Those that fail are shown.

    :param config: for the prefix of their URLs. With ``HMR_LOG = "debug"`` all
        requests are shown.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._shows_all = config.log is not None and config.log <= logging.DEBUG
        path = rf"[^\s?]*{re.escape(config.url_prefix)}/[a-z-]+(?:\.js)?(?:[/?]\S*)?"
        self._request = re.compile(rf"(?:\x1b\[[\d;]*m)*(?:GET|POST) {path} HTTP/")
        self._server = logging.getLogger("werkzeug")

    def start(self) -> None:
        """Begin to filter what Werkzeug's server logs."""
        self._server.addFilter(self)

    def stop(self) -> None:
        """End it."""
        self._server.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is to be shown."""
        # Werkzeug's arguments are the request line, the status and the size.
        if self._shows_all or not isinstance(record.args, tuple) or not record.args:
            return True
        request, *rest = map(str, record.args)
        return rest[:1] not in _GOOD or self._request.match(request) is None


_GOOD = (["101"], ["200"], ["304"])


def few(urls: Iterable[str], limit: int = 3) -> str:
    """Return names in one line, the first of them if they are many."""
    shown = list(urls)
    text = ", ".join(shown[:limit])
    return f"{text} and {len(shown) - limit} more" if len(shown) > limit else text
