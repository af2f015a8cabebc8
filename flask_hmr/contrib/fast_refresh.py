"""What component libraries with hooks have in common: fast refresh.

A module whose exports are components accepts its updates. Each component is registered
with the library's own runtime for this, by its module and name, together with the hooks
that it calls: while these are the same, and what they are given to and begin with, its
state is kept.
"""

from __future__ import annotations

import json
import re

from ..plugins import (
    Call,
    Declaration,
    Declarations,
    Module,
    calls_in,
    declarations,
)
from .client_code import ACCEPT, MODULES, ClientCode

_HOOK = r"(?:[A-Za-z_$][\w$]*\.)?use(?:[A-Z]\w*)?"
_HOOK_NAME = re.compile(r"\buse[A-Z]")
_BUILT_IN = frozenset(
    "use useState useReducer useEffect useLayoutEffect useInsertionEffect useContext"
    " useRef useMemo useCallback useImperativeHandle useDebugValue useId useTransition"
    " useDeferredValue useSyncExternalStore useActionState useOptimistic"
    " useEffectEvent useFormStatus useErrorBoundary".split()
)
# Which of the arguments is what the state begins with.
_INITIAL = {"useState": 0, "useReducer": 1}


class FastRefresh(ClientCode):
    """The part of it that is the same for all libraries.

    What derives from it says what the library is called in imports, and which client
    code drives its runtime: the first file exports ``register``, ``sign``,
    ``areComponents``, ``accepted`` and ``tell``. It runs before the library, too.
    """

    include = MODULES
    libraries: tuple[str, ...] = ()
    """Specifiers of the library: what imports none of them has no components, but may
    have hooks."""

    def transform(self, source: str, module: Module) -> str | None:
        """Register the components and hooks of a module."""
        knows = module.imports(*self.libraries)
        # A hook may call only hooks of other modules.
        if module.uses_hot or not (knows or _HOOK_NAME.search(source)):
            return None
        found = declarations(source)
        components = [d for d in found.declared if knows and _is_component(d)]
        hooks = [d for d in found.declared if _HOOK_NAME.match(d.name)]
        calls = {
            d.name: calls_in(source, d.start, d.end, _HOOK)
            for d in (*components, *hooks)
        }
        # One that calls no hook is like any function.
        hooks = [d for d in hooks if {call.name for call in calls[d.name]} - {d.name}]
        if found.exports and not hooks and not _exports_any(found, components):
            # Components that nobody else knows, at most: a library, made small.
            return None
        if not components and not hooks:
            return None
        lines = [_signature(d.name, calls[d.name]) for d in (*components, *hooks)]
        lines += [
            f"__hmr.register({d.name},{json.dumps(f'{module.url} {d.name}')});"
            for d in components
        ]
        # Of an export without a local name nothing can be said before it is there.
        known = {d.name for d in components}
        exported = list(found.exports.values())
        url = json.dumps(module.url)
        if exported and not found.exports_all and known.issuperset(exported):
            names = ",".join(exported)
            lines.append(f"if(__hmr.areComponents({url},[{names}])){ACCEPT}")
        elif components and found.exports:
            lines.append(f"__hmr.tell({url});")
        runtime = f'import*as __hmr from"@hmr/{self.clients[0]}";'
        return "".join([source, "\n", runtime, *lines])


def _exports_any(found: Declarations, components: list[Declaration]) -> bool:
    names = {one.name for one in components}
    return any(
        local in names and (name == "default" or name[:1].isupper())
        for name, local in found.exports.items()
    )


def _is_component(declaration: Declaration) -> bool:
    return declaration.name[:1].isupper()


def _signature(name: str, calls: tuple[Call, ...]) -> str:
    """Return the statement that tells which hooks a component or hook calls."""
    # Of the app's own hooks the runtime asks which hooks they call in turn.
    called = dict.fromkeys(call.name for call in calls)
    own = [one for one in called if one not in _BUILT_IN]
    plain = [one for one in own if "." not in one and one != name]
    key = json.dumps(" ".join(map(_key, calls)))
    return f"__hmr.sign({name},{key},()=>[{','.join(plain)}]);"


def _key(call: Call) -> str:
    """Return what stands for a call of a hook: another one cannot take its state."""
    at = _INITIAL.get(call.name.rpartition(".")[2])
    initial = "" if at is None else "".join(call.arguments[at : at + 1])
    return f"{call.target}={call.name}({initial})"
