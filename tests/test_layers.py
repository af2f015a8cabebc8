"""Who may import what: a pure core, a thin shell, and imports that point one way."""

from __future__ import annotations

import ast
import sys
import typing as t
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "flask_hmr"

# The core computes. Whatever reads files, waits, talks or tells the time is not in it.
NOT_IN_CORE = {
    "asyncio",
    "concurrent",
    "glob",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "queue",
    "random",
    "secrets",
    "select",
    "selectors",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
}

# The one lock.
ALLOWED_IN_CORE = {("flask_hmr.core.graph", "threading")}

# Each of these libraries has one place, so it can be exchanged there.
PLACES = {
    "tree_sitter": {"flask_hmr.contrib.blanking"},
    "tree_sitter_typescript": {"flask_hmr.contrib.blanking"},
    "watchdog": {"flask_hmr.observer"},
    "flask_sock": {"flask_hmr.blueprint"},
    "simple_websocket": {"flask_hmr.blueprint", "flask_hmr.transport"},
}

# The shell deals with these; the core and the integrations do not.
FRAMEWORK = {"flask", "werkzeug", "jinja2", "click", "blinker", "markupsafe"}

DANGEROUS_CALLS = {"eval", "exec", "compile", "__import__"}
DANGEROUS_MODULES = {"pickle", "marshal", "shelve", "dill"}


class Module(t.NamedTuple):
    """A module of the package: its dotted name, syntax tree and what it imports; and
    of that, what it imports for more than annotations.
    """

    name: str
    tree: ast.Module
    imports: frozenset[str]
    running_imports: frozenset[str]

    def imports_any(self, names: t.Iterable[str]) -> list[str]:
        """Return the imports that are one of the names, or inside it."""
        return sorted(
            found
            for found in self.imports
            for name in names
            if found == name or found.startswith(f"{name}.")
        )


def dotted_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_imports(
    node: ast.AST, package: list[str], *, for_types: bool
) -> t.Iterator[str]:
    """Yield dotted names of what is imported anywhere in a piece of code.

    For ``from a import b`` that is ``a.b`` when it is a module of the package, else
    ``a``.

    :param package: the parts of the name that relative imports start from.
    :param for_types: whether ``if TYPE_CHECKING:`` counts.
    """
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*parts, *([node.module] if node.module else [])])

        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if inner in NAMES else base

    if (
        isinstance(node, ast.If)
        and not for_types
        and ast.unparse(node.test).endswith("TYPE_CHECKING")
    ):
        return

    for child in ast.iter_child_nodes(node):
        yield from find_imports(child, package, for_types=for_types)


PATHS = sorted((ROOT / PACKAGE).rglob("*.py"))
NAMES = {dotted_name(path) for path in PATHS}


def load(path: Path) -> Module:
    name = dotted_name(path)
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    parts = name.split(".")
    package = parts if path.name == "__init__.py" else parts[:-1]
    imports = find_imports(tree, package, for_types=True)
    running = find_imports(tree, package, for_types=False)
    return Module(name, tree, frozenset(imports), frozenset(running))


MODULES = {module.name: module for module in map(load, PATHS)}
CORE = [name for name in MODULES if name.startswith("flask_hmr.core")]


def test_there_is_something_to_check():
    assert {"flask_hmr", "flask_hmr.core.graph", "flask_hmr.extension"} <= set(MODULES)
    assert "flask_hmr.extension" in MODULES["flask_hmr"].imports


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_only_itself_and_the_standard_library(name):
    wrong = {
        found
        for found in MODULES[name].imports
        if not f"{found}.".startswith("flask_hmr.core.")
        and found.partition(".")[0] not in sys.stdlib_module_names
    }

    assert not wrong


@pytest.mark.parametrize("name", CORE)
def test_the_core_knows_no_threads_sockets_clock_or_files(name):
    module = MODULES[name]
    wrong = {
        found
        for found in module.imports_any(NOT_IN_CORE)
        if (name, found) not in ALLOWED_IN_CORE
    }
    calls = {
        node.func.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert not wrong
    assert "open" not in calls


def test_integrations_use_the_public_plugin_api_alone():
    public = {PACKAGE, "flask_hmr.plugins"}

    for module in MODULES.values():
        if f"{module.name}.".startswith("flask_hmr.contrib."):
            wrong = {
                found
                for found in module.imports_any([PACKAGE])
                if found not in public
                and not f"{found}.".startswith("flask_hmr.contrib.")
            }

            assert not wrong, module.name
            # Hooks get the app: annotations may name its type.
            running = {found.partition(".")[0] for found in module.running_imports}
            assert not running & FRAMEWORK, module.name


@pytest.mark.parametrize("library", PLACES)
def test_a_library_is_imported_in_its_place_only(library):
    users = {name for name, module in MODULES.items() if module.imports_any([library])}

    assert users <= PLACES[library]


def test_only_the_public_face_imports_the_extension():
    users = {
        name
        for name, module in MODULES.items()
        if "flask_hmr.extension" in module.imports
    }

    assert users <= {"flask_hmr", "flask_hmr.cli"}


def test_nothing_inside_imports_the_public_face():
    users = {
        name
        for name, module in MODULES.items()
        if PACKAGE in module.imports and not name.startswith("flask_hmr.contrib")
    }

    assert not users


def test_imports_form_no_circle():
    finished: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])

        if name not in finished:
            for found in sorted(MODULES[name].running_imports & NAMES):
                visit(found, (*trail, name))

            finished.add(name)

    for name in sorted(NAMES):
        visit(name, ())


@pytest.mark.parametrize("name", MODULES)
def test_nothing_runs_text_or_unpacks_objects(name):
    calls = {
        node.func.id
        for node in ast.walk(MODULES[name].tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert not calls & DANGEROUS_CALLS
    assert not MODULES[name].imports_any(DANGEROUS_MODULES)
