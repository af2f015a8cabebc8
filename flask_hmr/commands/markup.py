"""What the templates of an app say of modules, as far as they can be read alone."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask import Flask, render_template_string

from ..core.importmap import ImportMap, ImportMapError
from ..core.lexer import scan
from ..core.specifiers import resolve, resolve_url

MAX_SIZE = 1_000_000
"""Characters; a larger template is passed over."""

_SCRIPT = re.compile(
    r"<script\b(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(?P<text>.*?)</script",
    re.DOTALL | re.IGNORECASE,
)
_TYPE = re.compile(r"\btype\s*=\s*[\"']?\s*(module|importmap)\b", re.IGNORECASE)
_SOURCE = re.compile(r"\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.I)
_RELATIVE = re.compile(r"\burl_for\(\s*[\"']\.")
_IMPORTMAP = "hmr_importmap("
_ORIGIN = "http://localhost"


@dataclass
class Markup:
    """What templates say."""

    maps: list[ImportMap] = field(default_factory=list)
    entries: dict[str, list[str]] = field(default_factory=dict)
    """Modules that script elements load or import: key to names of templates."""
    accepted: set[str] = field(default_factory=set)
    """Those whose updates an inline script accepts."""


def read_templates(app: Flask, folders: Iterable[str]) -> Markup:
    """Read the script elements in all templates.

    Each is rendered by itself, with what Flask gives to every template. One that needs
    more is passed over.
    """
    markup = Markup()
    with app.test_request_context("/"):
        for name, text in _templates(folders):
            for match in _SCRIPT.finditer(text):
                kind = _TYPE.search(match["attributes"])
                if kind is not None:
                    _read(markup, name, kind[1].lower(), match)
    return markup


def _templates(folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for parent, _, files in os.walk(folder):
            for file in sorted(files):
                path = os.path.join(parent, file)
                try:
                    if os.path.getsize(path) > MAX_SIZE:
                        continue
                    with open(path, encoding="utf-8") as stream:
                        text = stream.read()
                except (OSError, UnicodeDecodeError):
                    continue
                if _IMPORTMAP in text:
                    text += _rendered(f"{{{{ {_IMPORTMAP}) }}}}") or ""
                if "<script" in text.lower():
                    yield os.path.relpath(path, folder).replace(os.sep, "/"), text


def _read(markup: Markup, name: str, kind: str, match: re.Match[str]) -> None:
    source = _SOURCE.search(match["attributes"])
    if kind == "importmap":
        text = _rendered(match["text"])
        if text is not None:
            with contextlib.suppress(ImportMapError):
                markup.maps.append(ImportMap.parse(text, "/", _ORIGIN))
        return
    if source is not None:
        url = _rendered(source[1] or source[2] or source[3] or "")
        key = None if not url else resolve_url(url, "/", _ORIGIN)
        if key is not None:
            _add(markup, key, name)
        return
    text = _rendered(match["text"])
    if text is None:
        return
    found = scan(text)
    for item in found.imports:
        key = None if item.specifier is None else resolve(item.specifier, "/", _ORIGIN)
        if key is not None:
            _add(markup, key, name)
    accepted = (resolve(specifier, "/", _ORIGIN) for specifier in found.accepts_deps)
    markup.accepted.update(key for key in accepted if key is not None)


def _add(markup: Markup, key: str, name: str) -> None:
    names = markup.entries.setdefault(key, [])
    if name not in names:
        names.append(name)


def _rendered(text: str) -> str | None:
    if "{{" not in text and "{%" not in text:
        return text
    if _RELATIVE.search(text):
        # Which blueprint it means depends on the view.
        return None
    try:
        return render_template_string(text)
    except Exception:
        # It needs what only a view gives it.
        return None
