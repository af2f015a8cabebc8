"""What the terminal shows: one line for each update, and none for how it is done."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from .config import Config


def logger(config: Config) -> logging.Logger:
    """Return the extension's logger, which prints if nothing else is set up."""
    log = logging.getLogger("flask_hmr")
    log.setLevel(config.log)
    if not log.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
    return log


class OwnRequests(logging.Filter):
    """Leaves the extension's own requests out of the development server's log.

    An update takes several, which would hide the line that says what it did, and
    one of them has the socket's token in its URL. Those that fail are shown.

    :param config: for the prefix of their URLs. With ``HMR_LOG = "debug"`` all
        requests are shown.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._shows_all = config.log <= logging.DEBUG
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
