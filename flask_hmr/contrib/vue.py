"""Keeps components of Vue alive, by the runtime that its development builds have.

A module whose exports are components accepts its updates. What makes a component is its
template and all the rest. While only the template was edited it is rendered anew, with
its state; otherwise that one component is made anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from ..plugins import Declaration, Declarations, Module, Plugin, declarations
from .client_code import ACCEPT, MODULES, client_code

_NAME = "vue.js"

# A module without any of these words has no component.
_MAY_BE = re.compile(r"\b(?:(?:template|render|setup)\b|extends\s*:)")

# Vue's own text has components as well.
_IS_VUE = "__VUE_HMR_RUNTIME__"

# How an object of options begins: with a brace, or with what is given one.
_OBJECT = re.compile(
    r"(?:export\s+)?(?:default\b|(?:(?:const|let|var)\s+)?[\w$]+\s*=)\s*"
    r"(?:(?:[\w$]+\.)?defineComponent\s*\(|\{)"
)

# A template that is a text and no code. What is between "template" and the text may be
# the name of a tag, which has editors show it as HTML.
_TEMPLATE = re.compile(
    r"""\btemplate\s*[:=]\s*(?:/\*[^*]*\*/\s*)?(?:[\w$.]+\s*)?"""
    r"""(?:`(?:[^`\\$]|\\.|\$(?!\{))*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""",
    re.DOTALL,
)

_DEFAULT = re.compile(r"export(\s+)default\b")
_DEFAULT_NAME = "__hmr_default"


class _Component(NamedTuple):
    """What may be a component; the page sees whether it is."""

    name: str
    label: str
    script: str
    """Stands for its text without its template."""


class Vue(Plugin):
    """Renders components anew, or makes them anew, where they are.

    The page's import map has to name ``vue``: a development build with the compiler of
    templates, ``vue.esm-browser.js``.
    """

    name = "vue"
    include = MODULES

    def load(self, name: str) -> str | None:
        """Return the client code."""
        return client_code(name) if name == _NAME else None

    def transform(self, source: str, module: Module) -> str | None:
        """Register the components of a module."""
        if module.uses_hot or not module.is_module or not _MAY_BE.search(source):
            return None
        if _IS_VUE in source:
            return None
        found = declarations(source)
        objects = [d for d in found.declared if _OBJECT.match(source, d.start)]
        if not objects or not found.exports:
            return None
        components = [
            _Component(d.name or _DEFAULT_NAME, d.name or "default", _script(source, d))
            for d in objects
        ]
        update = (
            f"__hmr.update({json.dumps(module.url)},"
            f"{json.dumps(_digest(''.join(_between(source, objects))))},"
            f"[{','.join(map(_listed, components))}],{_exported(found, components)})"
        )
        added = f'\nimport*as __hmr from"@hmr/{_NAME}";if({update}){ACCEPT}'
        for one in objects:
            if one.kind == "expression":
                # On the same line, and as lazy as what it replaces.
                source = _named(source, one.start)
                added = f"\nexport{{{_DEFAULT_NAME} as default}};{added[1:]}"
        return source + added


def _named(source: str, start: int) -> str:
    """Give the default export that begins at an offset a name."""
    return source[:start] + _DEFAULT.sub(
        rf"const\1{_DEFAULT_NAME}=", source[start:], count=1
    )


def _listed(component: _Component) -> str:
    name, label, script = component
    return f"[{json.dumps(label)},{json.dumps(script)},{name}]"


def _exported(found: Declarations, components: list[_Component]) -> str:
    """Return whether the module may be a boundary, as far as its text tells.

    It may if all that it exports is components that are known.
    """
    known = {component.name for component in components}
    names = {
        name: local or (_DEFAULT_NAME if name == "default" else "")
        for name, local in found.exports.items()
    }
    if found.exports_all or not known.issuperset(names.values()):
        return "null"
    listed = (f"{json.dumps(name)}:{local}" for name, local in names.items())
    return f"{{{','.join(listed)}}}"


def _script(source: str, declaration: Declaration) -> str:
    return _digest(source[declaration.start : declaration.end])


def _between(source: str, objects: list[Declaration]) -> Iterator[str]:
    """Yield what of a module is in no component."""
    at = 0
    for one in objects:
        yield source[at : one.start]
        at = one.end
    yield source[at:]


def _digest(text: str) -> str:
    """Return what stands for a text, whatever its templates say."""
    text = _TEMPLATE.sub("template", text)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


plugin = Vue
