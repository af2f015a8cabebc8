"""What the extension serves, and which URLs lead to which folders."""

from __future__ import annotations

import os
from typing import Any

from ..blueprint import NAME
from .offline import Project

PURPOSES = {
    "client": "the client runtime",
    "module": "modules that plugins make up",
    "session": "the token for the connection",
    "version": "the version of one module",
    "dead_ends": "imports that may lead nowhere",
    "check": "links modules, evaluates none",
    "linked": "ends what check.js links",
    "exchange": "questions of pages without a socket",
    "stream": "the event stream",
    "socket": "the WebSocket",
    "inspector": "the inspector",
    "inspected_source": "a module after each plugin",
}
"""What each endpoint is for."""


def routes(project: Project) -> dict[str, Any]:
    """Return the routes of the extension, and the folders, as JSON can express them."""
    rules = project.app.url_map.iter_rules()
    # Where pages have several hosts, there is one rule more for each.
    own = {r.endpoint: r for r in rules if r.endpoint.startswith(f"{NAME}.")}
    return {
        "routes": [
            {
                "method": "POST" if "POST" in (rule.methods or ()) else "GET",
                "rule": rule.rule,
                "purpose": PURPOSES.get(rule.endpoint.partition(".")[2], ""),
            }
            for rule in sorted(own.values(), key=lambda rule: rule.rule)
        ],
        "folders": [
            {
                "prefix": place.prefix,
                "folder": os.path.relpath(place.folder),
                "source": place.source,
                "exists": os.path.isdir(place.folder),
                "modules": sum(
                    path.startswith(os.path.join(place.folder, ""))
                    for key, path in project.modules.items()
                    if place.prefix is not None and key.startswith(f"{place.prefix}/")
                ),
            }
            for place in project.places
        ],
        "templates": [os.path.relpath(f) for f in project.state.templates.folders()],
    }
