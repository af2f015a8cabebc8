"""Signals: what happens in hot module replacement, for whoever wants to follow it.

They are those of Blinker, as Flask's own. The sender is the app. They are sent with no
lock held, in the thread in which it happened, without an app context, and only where
hot module replacement is on. A receiver that fails is logged, and changes nothing.
"""

from __future__ import annotations

import logging
from typing import Any

from blinker import NamedSignal, Namespace
from flask import Flask

_signals = Namespace()

file_changed: NamedSignal = _signals.signal("hmr-file-changed")
"""Files or folders that are watched have changed.

``paths``: a ``frozenset`` of absolute paths. Files that are saved together come
together. Pages are told right after it.
"""

update_sent: NamedSignal = _signals.signal("hmr-update-sent")
"""Pages were told of a change.

``kind``: ``"modules"``, ``"assets"`` (style sheets, images and the like),
``"templates"`` or ``"reload"``. ``changed``: a tuple of what has changed: URL paths of
modules and assets, names of templates, for a reload its reason. ``pages``: how many
were told.
"""

page_connected: NamedSignal = _signals.signal("hmr-page-connected")
"""A page has connected to this process.

``client``: the page, a :class:`~flask_hmr.state.Client`. From here on it can be sent
events.
"""

page_disconnected: NamedSignal = _signals.signal("hmr-page-disconnected")
"""A page has gone.

``client``: the same object as in :data:`page_connected`. A page without a socket counts
as gone when nothing was heard from it for a minute, which is noticed when another page
says something or a file changes.
"""

message_received: NamedSignal = _signals.signal("hmr-message-received")
"""A page has sent an event by ``import.meta.hot.send``.

``event``: its name. ``data``: what came with it. ``client``: the page.
"""


def emit(
    signal: NamedSignal, app: Flask, log: logging.Logger, **arguments: Any
) -> None:
    """Send a signal to each receiver, whatever the others do.

    :param signal: one of the above.
    :param app: the sender.
    :param log: gets what receivers raise.
    :param arguments: what they are called with, besides the app.
    """
    if not signal.receivers or signal.is_muted:
        return
    for receiver in signal.receivers_for(app):
        try:
            app.ensure_sync(receiver)(app, **arguments)
        except Exception:
            log.exception("[hmr] a receiver of the signal %r failed", signal.name)
