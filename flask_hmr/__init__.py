"""Hot module replacement for native ES modules in Flask."""

from .checks import Check
from .extension import HMR
from .plugins import Document, HotUpdate, Module, Plugin, Tag
from .values import ConfigError

__all__ = [
    "HMR",
    "Check",
    "ConfigError",
    "Document",
    "HotUpdate",
    "Module",
    "Plugin",
    "Tag",
]
