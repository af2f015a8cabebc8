"""Versions: short, stable, and telling content from modification stamps."""

from __future__ import annotations

import re

from flask_hmr.core.versions import digest, same_content, version


def test_a_version_has_sixteen_letters_and_digits() -> None:
    for number in range(200):
        made = version(digest(b"%d" % number), digest(b"x%d" % number))
        assert re.fullmatch(r"[0-9a-z]{16}", made)


def test_parts_are_told_apart_by_where_they_end() -> None:
    assert digest(b"ab", b"c") != digest(b"a", b"bc")


def test_versions_that_differ_in_time_only_have_the_same_content() -> None:
    content = digest(b"content")
    one, other = version(content, digest(b"1")), version(content, digest(b"2"))
    assert one != other
    assert same_content(one, other)
    assert not same_content(one, version(digest(b"else"), digest(b"1")))


def test_versions_are_the_same_in_every_process() -> None:
    assert version(digest(b"a"), digest(b"b")) == version(digest(b"a"), digest(b"b"))
    assert version(digest(b"a"), digest(b"b")) == "i1bd8utoquhoqdij"
