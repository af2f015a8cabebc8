"""Places in a text, as browsers and editors count them."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")


class TextPlace(NamedTuple):
    """A line and a column, both counted from one.

    Columns are in UTF-16 code units, as in the errors of browsers.
    """

    line: int
    column: int


def place_at(text: str, offset: int) -> TextPlace:
    """Return where an offset is.

    :param text: the text, with or without a byte order mark.
    :param offset: in code points.
    """
    line, start = 1, int(text.startswith("\ufeff"))
    for end in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, end.end()
    column = len(text[start:offset].encode("utf-16-le", "surrogatepass")) // 2
    return TextPlace(line, column + 1)
