"""What was used most recently stays, the rest goes."""

from __future__ import annotations

from flask_hmr.recent import Recent


def test_a_value_is_found_by_its_key():
    recent: Recent[str, int] = Recent(10)
    recent.put("a", 1, 1)
    assert recent.get("a") == 1
    assert recent.get("b") is None


def test_the_longest_unused_goes_first():
    recent: Recent[str, int] = Recent(2)
    recent.put("a", 1, 1)
    recent.put("b", 2, 1)
    recent.get("a")
    recent.put("c", 3, 1)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]


def test_a_value_takes_the_place_of_the_one_before_and_of_its_size():
    recent: Recent[str, int] = Recent(3)
    recent.put("a", 1, 1)
    for number in range(9):
        recent.put("b", number, 2)
    assert [recent.get(key) for key in "ab"] == [1, 8]


def test_the_last_value_stays_whatever_its_size():
    recent: Recent[str, int] = Recent(3)
    recent.put("a", 1, 1)
    recent.put("b", 2, 9)
    assert [recent.get(key) for key in "ab"] == [None, 2]
    recent.put("c", 3, 1)
    assert [recent.get(key) for key in "bc"] == [None, 3]
