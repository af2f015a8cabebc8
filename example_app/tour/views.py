"""The page of the tour, and the files that it shows."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template, send_from_directory
from werkzeug.wrappers import Response

from .cards import CARDS

EXAMPLES_PATH = Path(__file__).parent / "static" / "examples"

bp = Blueprint("tour", __name__, static_folder="static", template_folder="templates")


@bp.get("/")
def index() -> str:
    """Show the cards, each with its files as they are now."""
    sources = {
        file: EXAMPLES_PATH.joinpath(file).read_text("utf-8")
        for card in CARDS
        for file in card.files
    }
    return render_template("tour/index.html", cards=CARDS, sources=sources)


@bp.get("/source/<path:file>")
def source(file: str) -> Response:
    """Send an example as it is on disk, as text and never from a cache.

    :param file: The path of the file in the folder of the examples.
    """
    response = send_from_directory(EXAMPLES_PATH, file, mimetype="text/plain")
    response.cache_control.no_store = True
    return response
