"""Hot module replacement for native ES modules in Flask."""

from .extension import HMR
from .plugins import Document, HotUpdate, Module, Plugin, Tag
from .values import ConfigError

__all__ = ["HMR", "ConfigError", "Document", "HotUpdate", "Module", "Plugin", "Tag"]
