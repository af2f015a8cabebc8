"""The pages of the planner."""

from __future__ import annotations

from calendar import month_name
from datetime import date
from typing import Any, cast

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from .plans import Plan, PlanBook, read_rows
from .seeds import SEEDS, Kind, Seed

# The pages of this blueprint are at the root of the application, where its static
# files would be hidden by those of the application: hence a path of their own.
bp = Blueprint(
    "shop",
    __name__,
    static_folder="static",
    static_url_path="/shop/static",
    template_folder="templates",
)


def plan_book() -> PlanBook:
    """Give the plans of the current application.

    :return: The book that :func:`~example_app.shop.init_app` made.
    """
    return cast(PlanBook, current_app.extensions["plan_book"])


def describe(seed: Seed) -> dict[str, Any]:
    """Give what the modules of the page need to know of a seed.

    :param seed: The seed.
    :return: Values for JSON; ``sow`` is the first and the last month.
    """
    return {
        "slug": seed.slug,
        "name": seed.name,
        "variety": seed.variety,
        "kind": seed.kind.slug,
        "sow": [seed.sow.first, seed.sow.last],
        "spacing": seed.spacing,
    }


@bp.get("/")
def index() -> str:
    """Show the seeds, the plan in the making and the plans that were kept."""
    return render_template(
        "shop/index.html",
        seeds=SEEDS,
        catalogue=[describe(seed) for seed in SEEDS],
        kinds=[(kind.slug, kind.value) for kind in Kind],
        month_name=month_name,
        today=date.today(),
        last_frost=current_app.config["LAST_FROST"],
        plans=plan_book().newest(),
    )


@bp.post("/plans")
def keep_plan() -> Response:
    """Keep the plan that the form describes, and go back to the planner."""
    bed = request.form.get("bed", "").strip()
    try:
        rows = read_rows(request.form.get("seeds", ""))
    except ValueError as error:
        flash(str(error))
    else:
        if bed and rows:
            plan_book().add(Plan(bed, request.form.get("notes", "").strip(), rows))
            flash(f"The plan for “{bed}” is kept.")
        else:
            flash("A plan needs the name of a bed and at least one row.")
    return redirect(url_for("shop.index"))
