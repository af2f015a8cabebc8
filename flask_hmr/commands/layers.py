"""What stands around an app: middleware, and what hands on to that."""

from __future__ import annotations

import weakref
from collections.abc import Iterator

from flask import Flask
from werkzeug.local import LocalProxy

MAX_LAYERS = 50
"""Objects that are looked at."""


def layers_of(value: object) -> Iterator[object]:
    """Yield an object, and all that it may hand on to, from the outside in.

    What an app itself is made of is not looked into.
    """
    found = [value]
    # It grows while it is gone through.
    for one in found:
        yield one
        if isinstance(one, Flask):
            continue
        inner = getattr(one, "__dict__", {}).values()
        new = [each for each in inner if may_hand_on(each)]
        found += [each for each in new if all(each is not other for other in found)][
            : MAX_LAYERS - len(found)
        ]


def may_hand_on(value: object) -> bool:
    """Tell whether an object may be an app, or stand before one."""
    # Flask's proxies (g, request) cannot be looked into outside of a request.
    return not isinstance(value, (LocalProxy, type, weakref.ref)) and callable(value)
