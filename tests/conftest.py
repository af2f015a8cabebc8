"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The machine that runs the tests may be slow or busy, which says nothing about the
# code. CI tries the same examples each time, so that a failure is there for everyone.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
