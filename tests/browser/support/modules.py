"""Modules of the model test: what one says, as a value and as JavaScript.

Each module tells the harness of its page (see :mod:`.harness`) when it is evaluated,
called back, disposed of and pruned, and what it binds to.
"""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass


class How(enum.Enum):
    """How a module imports another one."""

    STATIC = "import"
    EXPORT = "export from"
    """A static import whose names are exported again."""
    AWAIT = "await import()"
    """By ``import()`` while it is evaluated."""
    LAZY = "import() on demand"


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a module."""

    name: str
    how: How = How.STATIC

    @property
    def is_linked(self) -> bool:
        """Whether the browser has to have it before the importer can run."""
        return self.how in (How.STATIC, How.EXPORT)

    def __str__(self) -> str:
        return f"{self.how.value} {self.name}"


class Form(enum.Enum):
    """How a call of ``accept`` is written."""

    PLAIN = "import.meta.hot.{call};"
    GUARDED = "if (import.meta.hot) {{ import.meta.hot.{call}; }}"
    CHAINED = "import.meta.hot?.{call};"
    ALIAS = "const hot{n} = import.meta.hot; hot{n}.{call};"
    HELPER = "const take{n} = () => import.meta.hot.{call}; take{n}();"
    TAKEN = "if (h.always) import.meta.hot.{call};"
    NOT_TAKEN = "if (h.never) import.meta.hot.{call};"


@dataclass(frozen=True, slots=True)
class Accept:
    """One call of ``accept``."""

    deps: tuple[str, ...] | None = None
    """The listed dependencies, ``None`` for the forms that accept the module itself."""
    callback: bool = False
    bubbles: bool = False
    form: Form = Form.PLAIN
    variable: bool = False
    """The list is in a variable."""
    string: bool = False
    """The only dependency is a string and no list."""

    @property
    def runs(self) -> bool:
        """Whether the call is reached when the module is evaluated."""
        return self.form is not Form.NOT_TAKEN

    def __str__(self) -> str:
        arguments = []
        if self.deps is not None:
            names = ", ".join(self.deps)
            arguments.append(names if self.string else f"[{names}]")
        if self.callback:
            arguments.append("callback")
        if self.bubbles:
            arguments.append("bubbles")
        note = "".join(
            f" {word}"
            for word, holds in (
                (self.form.name.lower(), self.form is not Form.PLAIN),
                ("variable", self.variable),
            )
            if holds
        )
        return f"accept({', '.join(arguments)}){note}"


@dataclass(frozen=True, slots=True)
class Spec:
    """What a module's file says."""

    number: int
    """Differs with each new content, and is told when the module is evaluated."""
    imports: tuple[Import, ...] = ()
    hot: bool = False
    """It takes part: it reads ``import.meta.hot``."""
    accepts: tuple[Accept, ...] = ()
    declines: bool = False
    disposes: int = 0
    prunes: bool = False
    broken: bool = False
    """The text does not parse."""

    @property
    def names(self) -> tuple[str, ...]:
        """The modules that the text names."""
        return tuple(item.name for item in self.imports)

    def __str__(self) -> str:
        parts = [f"n{self.number}", *map(str, self.imports)]
        parts += map(str, self.accepts)
        parts += ["declines"] * self.declines + ["prunes"] * self.prunes
        parts += [f"disposes {self.disposes}"] * bool(self.disposes)
        parts += ["BROKEN"] * self.broken
        if self.hot and not (self.accepts or self.declines or self.disposes):
            parts.append("hot")
        return "; ".join(parts)


def source(name: str, spec: Spec) -> str:
    """Return the text of a module."""
    lines = []
    for item in spec.imports:
        path = f'"./{item.name}.js"'
        if item.is_linked:
            lines.append(f"import * as {item.name}_ from {path};")
        if item.how is How.EXPORT:
            lines.append(f"export * as {item.name} from {path};")
    lines += [
        f'export const id = h.evaluated("{name}", {spec.number});',
        f"h.binds(id, () => ({{ {_bindings(spec)} }}));",
    ]
    for item in spec.imports:
        path = f'"./{item.name}.js"'
        if item.how is How.LAZY:
            lines.append(f'h.loads("{name}", id, "{item.name}", () => import({path}));')
        if item.how is How.AWAIT:
            lines.append(f'h.got(id, "{item.name}", await import({path}));')
    if spec.hot:
        lines.append("h.data(id, import.meta.hot.data);")
    lines += [_accept(n, accept) for n, accept in enumerate(spec.accepts)]
    if spec.declines:
        lines.append("import.meta.hot.decline();")
    for n in range(spec.disposes):
        call = "import.meta.dispose" if n % 2 else "import.meta.hot.dispose"
        lines.append(f"{call}(() => h.disposed(id, {n}));")
    if spec.prunes:
        lines.append("import.meta.hot.prune(() => h.pruned(id));")
    lines.append("h.finished(id);")
    if spec.broken:
        lines.append(")")
    return "\n".join(lines) + "\n"


def _bindings(spec: Spec) -> str:
    linked = [item.name for item in spec.imports if item.is_linked]
    return ", ".join(f"{name}: {name}_" for name in linked)


def _accept(n: int, accept: Accept) -> str:
    arguments = []
    before = ""
    if accept.deps is not None:
        paths = [f'"./{name}.js"' for name in accept.deps]
        listed = paths[0] if accept.string else f"[{', '.join(paths)}]"
        if accept.variable:
            before, listed = f"const list{n} = {listed};\n", f"list{n}"
        arguments.append(listed)
    if accept.callback:
        kind = "self" if accept.deps is None else "deps"
        arguments.append(f'(update) => h.called(id, "{kind}", {n}, update)')
    if accept.bubbles:
        arguments.append("{ bubbles: true }")
    call = f"accept({', '.join(arguments)})"
    return before + accept.form.value.format(call=call, n=n)


Disk = t.Mapping[str, Spec]
"""What the files say, by the name of the module; a deleted one is not there."""
