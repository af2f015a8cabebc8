"""The planner: seeds to choose from, and plans of what to sow where."""

from __future__ import annotations

from flask import Flask

from .plans import PlanBook
from .views import bp


def init_app(app: Flask) -> None:
    """Add the planner to an application.

    :param app: The application. Reads ``LAST_FROST``, the month and day
        (``"04-20"``) of the last frost that is to be expected.
    """
    app.extensions["plan_book"] = PlanBook()
    app.register_blueprint(bp)
