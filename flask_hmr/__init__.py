"""Hot module replacement for native ES modules in Flask."""

from .extension import HMR
from .values import ConfigError

__all__ = ["HMR", "ConfigError"]
