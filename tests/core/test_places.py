"""Lines and columns as browsers count them."""

from __future__ import annotations

import pytest

from flask_hmr.core.places import place_at


@pytest.mark.parametrize(
    ("before", "line", "column"),
    [
        ("", 1, 1),
        ("ab", 1, 3),
        ("a\n", 2, 1),
        ("a\r\nbc", 2, 3),
        ("a\rb\u2028c\u2029d", 4, 2),
        ("\ufeffab", 1, 3),
        ("\ufeff\nab", 2, 3),
        ("😀", 1, 3),
        ("a\n😀é", 2, 4),
    ],
)
def test_a_place_is_counted_as_browsers_do(before, line, column):
    assert place_at(f"{before}x\n", len(before)) == (line, column)
