"""Hot module replacement for native ES modules in Flask."""

from .config import ConfigError
from .extension import HMR

__all__ = ["HMR", "ConfigError"]
