"""Keeps the app's own functions away from requests that are answered before they begin.

An app's ``before_request`` is not called for the extension's own endpoints. What runs
after a request, or tears it down, may count on what that has put into ``g``: so it is
not called either.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, g

F = TypeVar("F", bound=Callable[..., Any])

_FLAG = "_hmr_answered"


def mark(is_answered: bool) -> None:
    """Say whether the present request is answered early, and nothing else is to run.

    To be told of every request: those in one app context share what this sets.
    """
    if is_answered:
        setattr(g, _FLAG, True)
    else:
        g.pop(_FLAG, None)


def stand_aside(app: Flask) -> None:
    """Have functions of an app stand aside where a request has been answered.

    Flask takes no more of them once the first request is being handled: this is to be
    called before that one is dispatched, with all of them registered.
    """

    def aside(function: F, returns_first: bool = False) -> F:
        @wraps(function)
        def called(argument: Any) -> Any:
            if g.get(_FLAG):
                return argument if returns_first else None
            return app.ensure_sync(function)(argument)

        return cast("F", called)

    after, teardown = app.after_request_funcs, app.teardown_request_funcs
    after[None] = [aside(one, returns_first=True) for one in after.get(None, ())]
    teardown[None] = [aside(one) for one in teardown.get(None, ())]
    app.teardown_appcontext_funcs[:] = map(aside, app.teardown_appcontext_funcs)
