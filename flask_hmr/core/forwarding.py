"""Modules that stand for another one, under a URL that does not name its version.

What classic scripts import has no version: the browser keeps one module for that URL
for as long as the page is there. The exports of such a module are variables, which the
client runtime sets anew after each update.
"""

from __future__ import annotations

import re

from .declarations import declarations
from .specifiers import js_string

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


def forwarding(target: str, *, has_default: bool) -> str:
    """Return the text of a module that stands for one instance of another.

    :param target: URL of the instance.
    :param has_default: whether it exports a default.
    """
    default = f"export{{default}}from{js_string(target)};" if has_default else ""
    return f"export*from{js_string(target)};{default}"


def renamed(key: str, asked: str, version: str, runtime: str) -> str:
    """Return what tells a page which instance it has got, before :func:`forwarding`.

    :param key: the module's key.
    :param asked: the version that was asked for, which there is no more.
    :param version: that of the instance.
    :param runtime: URL of the client runtime.
    """
    arguments = ",".join(map(js_string, (key, asked, version)))
    return f"import{{rename}}from{js_string(runtime)};rename({arguments});"


def following(
    target: str, key: str, source: str, runtime: str, *, has_default: bool
) -> str:
    """Return the text of a module that stands for the newest instance of another.

    What that exports of a third one without naming it stays that of the first.

    :param target: URL of the present instance.
    :param key: the module's key.
    :param source: its text.
    :param runtime: URL of the client runtime.
    :param has_default: whether it exports a default.
    """
    names = [name for name in declarations(source).exports if name]
    variables = {f"${number}": name for number, name in enumerate(names)}
    sets = "".join(f"{one}=m[{js_string(n)}];" for one, n in variables.items())
    exports = ",".join(f"{one} as {_written(n)}" for one, n in variables.items())
    rest = forwarding(target, has_default=has_default and "default" not in names)
    if not names:
        return rest
    return (
        f"import{{forward}}from{js_string(runtime)};"
        f"import*as first from{js_string(target)};"
        f"let {','.join(variables)};const set=(m)=>{{{sets}}};set(first);"
        f"forward({js_string(key)},set);export{{{exports}}};{rest}"
    )


def _written(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else js_string(name)
