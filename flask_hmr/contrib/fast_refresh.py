"""What component libraries with hooks have in common: fast refresh.

A module whose exports are components accepts its updates. Each component is registered
with the library's own runtime for this, by its module and name, together with the hooks
that it calls: while these are the same, its state is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..plugins import (
    Declaration,
    Document,
    Module,
    Plugin,
    Tag,
    calls_in,
    declarations,
)
from .client_code import client_code

_HOOK = r"(?:[A-Za-z_$][\w$]*\.)?use(?:[A-Z]\w*)?"
_BUILT_IN = frozenset(
    "use useState useReducer useEffect useLayoutEffect useInsertionEffect useContext"
    " useRef useMemo useCallback useImperativeHandle useDebugValue useId useTransition"
    " useDeferredValue useSyncExternalStore useActionState useOptimistic"
    " useEffectEvent useFormStatus useErrorBoundary".split()
)


class FastRefresh(Plugin):
    """The part of it that is the same for all libraries.

    What derives from it says what the library is called in imports, and which client
    code drives its runtime: what exports ``register``, ``sign`` and ``accept``.
    """

    include = ("*.js", "*.mjs")
    libraries: tuple[str, ...] = ()
    """Specifiers of the library: what imports none of them has no components."""
    client = ""
    """The file of client code."""

    def load(self, name: str) -> str | None:
        """Return the client code."""
        return client_code(name) if name in (self.client, "fast-refresh.js") else None

    def tags(self, document: Document) -> Iterator[Tag]:
        """Have it run before the modules of the page, and so before the library."""
        yield Tag.module(f"@hmr/{self.client}")

    def transform(self, source: str, module: Module) -> str | None:
        """Register the components and hooks of a module."""
        if module.uses_hot or not module.imports(*self.libraries):
            return None
        found = declarations(source)
        components = [d for d in found.declared if _is_component(d)]
        hooks = [d for d in found.declared if _is_hook(d)]
        if not components and not hooks:
            return None
        lines = [_signature(source, d) for d in (*components, *hooks)]
        lines += [
            f"__hmr.register({d.name},{json.dumps(f'{module.url} {d.name}')});"
            for d in components
        ]
        # Of an export without a local name nothing can be said before it is there.
        known = {d.name for d in components}
        exported = list(found.exports.values())
        if exported and not found.exports_all and known.issuperset(exported):
            names = ",".join(exported)
            lines.append(f"__hmr.accept(import.meta.hot,[{names}]);")
        return f'{source}\nimport*as __hmr from"@hmr/{self.client}";' + "".join(lines)


def _is_component(declaration: Declaration) -> bool:
    return declaration.name[:1].isupper()


def _is_hook(declaration: Declaration) -> bool:
    name = declaration.name
    return name.startswith("use") and name[3:4].isupper()


def _signature(source: str, declaration: Declaration) -> str:
    """Return the statement that tells which hooks a component or hook calls."""
    called = calls_in(source, declaration.start, declaration.end, _HOOK)
    # Of the app's own hooks the runtime asks which hooks they call in turn.
    own = [name for name in dict.fromkeys(called) if name not in _BUILT_IN]
    plain = [name for name in own if "." not in name and name != declaration.name]
    key = json.dumps(" ".join(called))
    return f"__hmr.sign({declaration.name},{key},()=>[{','.join(plain)}]);"
