"""What the server tells pages: the wire format.

Every message is one JSON object with a ``type``. Pages get URLs and versions,
never code. What answers a page's own question has a true ``answer``.

``ready``
    The page is in step. ``session`` names the process, ``seq`` its last change. Where
    that is known by what the page holds, ``compared`` is true, as in an ``update``.
``foreign``
    The page comes from another process and has to say what it holds. Where there are
    several processes at a time, ``code`` names the state of the app's code.
``update``
    ``changed`` modules, and ``modules``: what is known of all that is affected.
    ``workers``: scripts of workers that import what changed.
``renewed``
    The new versions have been told for which the page asked in the question ``id``,
    if there were any.
``templates``
    ``changed``: the names of templates that changed.
``document``
    The ``text`` that the page was made from, ``null`` when it is no longer known.
``assets``
    ``versions``: those of style sheets, images and the like, ``null`` where the file
    is gone. With ``reply``, of what the page asked for; else of what has changed.
``custom``
    ``event`` and ``data``, sent by the app; with a ``name``, several processes may tell
    of it.
``problems``
    What is wrong with plugins at present, as the overlay shows it: ``problems`` by key.
``reload``
    A plugin has every page reload, for a ``reason``.
``inspect``
    An inspector is open, and pages are to say what they hold: ``anew``, all of it.
``inspected``
    What an inspector is told: see :mod:`flask_hmr.inspector`.
``ping``
    To be answered with ``pong``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from .facts import Change, Module


def ready(session: str, seq: int, *, compared: bool = False) -> str:
    """Tell a page that it missed nothing.

    :param compared: whether it has said what it holds.
    """
    return _dump(
        {
            "type": "ready",
            "answer": True,
            **({"compared": True} if compared else {}),
            "session": session,
            "seq": seq,
        }
    )


def foreign(session: str, seq: int, code: str | None = None) -> str:
    """Ask a page what it holds.

    :param code: names the state of the app's code, where there are several processes.
    """
    return _dump({"type": "foreign", "session": session, "seq": seq, "code": code})


def update(
    session: str,
    change: Change,
    workers: Iterable[str] = (),
    *,
    answer: bool = False,
    compared: bool = False,
    unsure: bool = False,
) -> str:
    """Tell pages what changed and what that affects.

    :param workers: the scripts of workers that import what changed.
    :param answer: whether this tells one page what it missed.
    :param compared: whether that is all in which what it holds is out of date.
    :param unsure: whether they are to say what became of it.
    """
    return _dump(
        {
            "type": "update",
            "answer": answer,
            **({"compared": True} if compared else {}),
            **({"unsure": True} if unsure else {}),
            "session": session,
            "seq": change.seq,
            "changed": change.changed,
            "modules": {u: _module(m) for u, m in change.affected.items()},
            "orphans": {u: _module(m) for u, m in change.orphans.items()},
            **({"above": dict(change.above)} if change.above else {}),
            **({"workers": list(workers)} if workers else {}),
        }
    )


def renewed(question: object) -> str:
    """Tell a page that it need not wait for new versions any longer.

    :param question: what the page called its question.
    """
    return _dump({"type": "renewed", "id": question})


def templates(changed: Iterable[str]) -> str:
    """Tell pages that templates changed.

    :param changed: their names.
    """
    return _dump({"type": "templates", "changed": list(changed)})


def document(text: str | None) -> str:
    """Tell a page the text that it was made from."""
    return _dump({"type": "document", "text": text})


def assets(seq: int, versions: Mapping[str, str | None], *, reply: bool = False) -> str:
    """Tell pages the versions of what they show.

    :param seq: the number of the last change of such a file.
    """
    return _dump(
        {
            "type": "assets",
            "assets": seq,
            "versions": dict(versions),
            **({"reply": True} if reply else {}),
        }
    )


def custom(event: str, data: Any, name: str | None = None) -> str:
    """Hand an event of the app to pages.

    :param name: of this one event, where several processes may tell a page of it.
    :raises TypeError: ``data`` is nothing that JSON can express.
    """
    named = {} if name is None else {"name": name}
    return _dump({"type": "custom", "event": event, "data": data, **named})


def problems(found: Mapping[str, Any]) -> str:
    """Tell pages what is wrong with plugins: nothing, once it is mended."""
    return _dump({"type": "problems", "problems": dict(found)})


def inspect(*, anew: bool) -> str:
    """Ask pages what they hold.

    :param anew: whether all of it, and not what is new since the last time.
    """
    return _dump({"type": "inspect", "anew": anew})


def reload(reason: str) -> str:
    """Have pages reload."""
    return _dump({"type": "reload", "reason": reason})


def parse(text: str | bytes) -> dict[str, Any] | None:
    """Read a JSON object; give ``None`` for anything else, whatever it is."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _module(module: Module) -> dict[str, Any]:
    described: dict[str, Any] = {
        "version": module.version,
        "importers": module.importers,
        "imports": module.imports,
    }
    # Left out where they say nothing: an update of thousands of modules is common.
    if module.previous is not None:
        described["previous"] = module.previous
    if module.dynamic_importers:
        described["dynamicImporters"] = module.dynamic_importers
    if module.names:
        described["names"] = module.names
    if module.unsettled:
        described["unsettled"] = module.unsettled
    if module.missing:
        described["missing"] = True
    return described


def _dump(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
