"""Hot module replacement for native ES modules in Flask."""

from typing import TYPE_CHECKING, Any

from .checks import Check
from .extension import HMR
from .plugins import Document, HotUpdate, Module, Plugin, Tag
from .values import ConfigError

if TYPE_CHECKING:
    from .signals import (
        file_changed,
        message_received,
        page_connected,
        page_disconnected,
        update_sent,
    )

__all__ = [
    "HMR",
    "Check",
    "ConfigError",
    "Document",
    "HotUpdate",
    "Module",
    "Plugin",
    "Tag",
    "file_changed",
    "message_received",
    "page_connected",
    "page_disconnected",
    "update_sent",
]

_SIGNALS = (
    "file_changed",
    "message_received",
    "page_connected",
    "page_disconnected",
    "update_sent",
)


def __getattr__(name: str) -> Any:
    # Imported for those who ask for them: an app in production loads none of it.
    if name in _SIGNALS:
        from . import signals

        return getattr(signals, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
