"""Furrow, a planner for sowing seeds: a small application to try Flask-HMR with.

.. code-block:: text

    $ flask --app example_app run --debug

The planner at ``/`` is an application as one writes them: a factory, blueprints
with their own templates and static files, native ES modules. The tour at ``/tour/``
shows every call of ``import.meta.hot``, one card and one file each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from flask_hmr import HMR

from . import shop, tour

hmr = HMR()


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application.

    :param config: Configuration that is put over the defaults.
    :return: A new application, with its own, empty book of plans.
    """
    app = Flask(__name__)
    app.config.from_mapping(SECRET_KEY="dev", LAST_FROST="04-20")
    app.config.from_mapping(config)

    hmr.init_app(app)
    shop.init_app(app)
    tour.init_app(app)
    return app
