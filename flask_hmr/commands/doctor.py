"""``flask hmr doctor``: all that is looked at, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..checks import Check
from .packages import check_packages
from .sections import Section, section

if TYPE_CHECKING:
    from flask.cli import ScriptInfo


def examine(
    info: ScriptInfo, pages: Sequence[str] = (), server: str | None = None
) -> list[Section]:
    """Look at everything, and go on whatever is found.

    :param info: leads to the app.
    :param pages: URLs that the app is asked for; without any, the page at ``/``.
    :param server: the address of a server that runs, to be asked as well.
    """
    sections = [section("Packages", check_packages())]
    try:
        # Only now: what is not installed cannot be imported.
        from .examination import examine_app
    except ImportError as error:
        lost = Check.problem(
            "The extension cannot be imported",
            str(error),
            "Install what is missing. The rest is looked at after that.",
        )
        return [*sections, Section("App", (lost,))]
    return [*sections, *examine_app(info, pages, server)]
