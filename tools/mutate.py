"""Change the code in one place at a time, and see whether a test fails.

``python tools/mutate.py [module …] [--sample N] [--jobs N]``, or ``make mutate``. Each
mutant gets a process of its own, in which the changed module takes the place of the
real one; no file is touched. What survives is printed: it is a test that is missing, or
a change that makes no difference.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.machinery
import os
import random
import select
import signal
import sys
import time
import types
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TESTS = {
    "access": ["tests/test_access.py"],
    "core/graph": ["tests/core/test_graph.py", "tests/test_updates.py"],
    "core/propagate": ["tests/core/test_propagate.py"],
    "transport": ["tests/test_transport.py"],
    "page": ["tests/test_transport.py"],
    "watcher": ["tests/test_watcher.py"],
}
"""Modules, each with the tests that are its own; the quickest first."""

SLACK = 30.0
"""Seconds that the tests of a mutant may take longer than usual, and ten times that."""

PATIENCE = 15.0
"""Seconds that tests wait for what will happen, in the place of their own number."""

_SWAPPED: dict[type, list[type]] = {
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add],
    ast.BitOr: [ast.BitAnd],
    ast.BitAnd: [ast.BitOr],
}

_LOGS = ("debug", "info", "warning", "error", "exception")


class Mutant(t.NamedTuple):
    """One change: the new tree, and what to print of it."""

    tree: ast.Module
    line: int
    before: str
    after: str


def mutants(source: str) -> t.Iterator[Mutant]:
    """Make all mutants of a module."""
    tree = ast.parse(source)
    for place, (node, parent) in enumerate(_places(tree)):
        for new in _changes(node, parent):
            copied = copy.deepcopy(tree)
            target = list(_places(copied))[place][0]
            _replace(copied, target, new)
            before, after = ast.unparse(node), ast.unparse(new)
            line = getattr(node, "lineno", 0)
            yield Mutant(ast.fix_missing_locations(copied), line, before, after)


def _places(tree: ast.AST) -> t.Iterator[tuple[ast.AST, ast.AST]]:
    """Walk over all that may be changed: no annotations, decorators or docstrings."""
    for field, value in ast.iter_fields(tree):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or _says_nothing(node):
                continue
            yield node, tree
            yield from _places(node)


def _says_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return True
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in ("TYPE_CHECKING", "t.TYPE_CHECKING")
    if isinstance(node, ast.Expr):
        value = node.value
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            return value.func.attr in _LOGS
        return isinstance(value, ast.Constant)
    return False


def _changes(node: ast.AST, parent: ast.AST) -> t.Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for at, operator in enumerate(node.ops):
                for other in _SWAPPED.get(type(operator), ()):
                    new = copy.deepcopy(node)
                    new.ops[at] = other()
                    yield new
        case ast.BoolOp() | ast.BinOp():
            for other in _SWAPPED.get(type(node.op), ()):
                new = copy.deepcopy(node)
                new.op = other()
                yield new
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float()):
            yield ast.Constant(node.value + 1)
        case ast.Constant(value=str()) if not isinstance(parent, ast.Raise):
            yield ast.Constant(f"X{node.value}")
        case ast.Return(value=ast.expr() as value):
            if ast.unparse(value) != "None":
                yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute()]):
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Call(func=ast.Name(id="max" | "min")):
            pass
        case ast.Call(args=[one, other, *_]) if ast.dump(one) != ast.dump(other):
            new = copy.deepcopy(node)
            new.args[:2] = new.args[1::-1]
            yield new
        case _:
            pass
    tested = isinstance(parent, ast.If | ast.IfExp | ast.While) and parent.test is node
    if tested and isinstance(node, ast.Name | ast.Attribute | ast.Call):
        yield ast.UnaryOp(ast.Not(), copy.deepcopy(node))


def _replace(tree: ast.AST, target: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, new)
                return
            if isinstance(value, list):
                for at, node in enumerate(value):
                    if node is target:
                        value[at] = new
                        return


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports a changed module in the place of the real one."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self._name, self._path, self._tree = name, path, tree

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        place = str(self._path)
        spec = importlib.machinery.ModuleSpec(name, self, origin=place)
        spec.has_location = True
        return spec

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self._tree, str(self._path), "exec"), module.__dict__)


def _start(name: str, path: Path, tree: ast.Module, tests: list[str]) -> int:
    """Start the tests of one mutant; return the process."""
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.meta_path.insert(0, _Instead(name, path, tree))
    import pytest

    from tests import waiting

    # Many mutants never do what is waited for.
    waiting.DEADLINE = PATIENCE
    status = 1
    try:
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        # Hypothesis has been imported already, before the process was split off.
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        status = int(pytest.main([*options, *tests]))
    finally:
        os._exit(status)


def _wait(running: dict[int, tuple[float, t.Any]]) -> tuple[int, bool]:
    """Wait for one of the processes; tell whether its tests passed."""
    while True:
        for pid, (end, _) in running.items():
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return pid, status == 0
            if time.monotonic() > end:
                # It goes round in circles, or waits for ever.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return pid, False
        select.select([], [], [], 0.02)


def score(module: str, sample: int | None, jobs: int) -> tuple[int, int]:
    """Play the mutants of one module; return how many were killed, and of how many."""
    path = ROOT / "flask_hmr" / f"{module}.py"
    name = "flask_hmr." + module.replace("/", ".")
    source, tests = path.read_text(), TESTS[module]
    begin = time.monotonic()
    unchanged = {_start(name, path, ast.parse(source), tests): (begin + 3600, None)}
    if not _wait(unchanged)[1]:
        raise SystemExit(f"The tests of {module} fail without any change.")
    longest = SLACK + 10 * (time.monotonic() - begin)
    waiting = list(mutants(source))
    count = len(waiting)
    if sample is not None and sample < count:
        waiting = random.Random(1).sample(waiting, sample)
    total, killed = len(waiting), 0
    running: dict[int, tuple[float, Mutant]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            pid = _start(name, path, mutant.tree, tests)
            running[pid] = (time.monotonic() + longest, mutant)
        pid, survived = _wait(running)
        _, mutant = running.pop(pid)
        killed += not survived
        if survived:
            lines = (mutant.before, mutant.after)
            before, after = (text.replace("\n", " ")[:100] for text in lines)
            print(f"{path.relative_to(ROOT)}:{mutant.line}: {before}  →  {after}")
            sys.stdout.flush()
    taken = time.monotonic() - begin
    part = "" if total == count else f", a sample of {count}"
    print(f"{module}: {killed} of {total} killed{part}, {taken:.0f} s\n", flush=True)
    return killed, total


def main() -> None:
    """Run what the command line names, or everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*", choices=[*TESTS, []], default=[])
    parser.add_argument("--sample", type=int, help="so many mutants of each module")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    # The same examples for each mutant.
    os.environ["CI"] = "true"
    # Not what is tested, so that each process need not import it.
    for name in ("flask", "flask_sock", "hypothesis", "pytest", "watchdog.observers"):
        __import__(name)
    rows = []
    for module in given.modules or TESTS:
        rows.append((module, *score(module, given.sample, given.jobs)))
    print("| module | killed | of | score |\n|---|---|---|---|")
    for module, killed, total in rows:
        print(f"| {module} | {killed} | {total} | {killed / total:.0%} |")


if __name__ == "__main__":
    main()
