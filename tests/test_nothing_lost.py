"""Files and pages at random, over each transport: nothing is lost, or told twice.

``make stress STRESS_ARGS=histories`` plays many more, and longer ones.
"""

from __future__ import annotations

import os

from .stress.histories import play


def test_in_the_end_every_page_knows_what_is_on_disk() -> None:
    play(int(os.environ.get("HMR_HISTORIES", "12")), steps=30)
