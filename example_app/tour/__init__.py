"""The tour: each call of ``import.meta.hot`` in a file that one can edit."""

from __future__ import annotations

from flask import Flask

from .views import bp


def init_app(app: Flask) -> None:
    """Add the tour to an application.

    :param app: The application.
    """
    app.register_blueprint(bp, url_prefix="/tour")
