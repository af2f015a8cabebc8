"""Every rule of ``docs/contract.rst`` has tests in a real page that name it."""

from __future__ import annotations

import ast
import re
import typing as t
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "docs" / "contract.rst"
BROWSER_TESTS = sorted((ROOT / "tests" / "browser").rglob("test_*.py"))

RULES = [int(n) for n in re.findall(r"(?m)^(\d+)\. ", CONTRACT.read_text("utf-8"))]


def is_rule_mark(node: ast.AST) -> t.TypeGuard[ast.Call]:
    """Tell whether a node is ``pytest.mark.rule(…)``."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule"


def marked_rules(path: Path) -> set[int]:
    """Return the rules that the tests of a file name."""
    tree = ast.parse(path.read_text("utf-8"))
    marks = [node for node in ast.walk(tree) if is_rule_mark(node)]
    return {ast.literal_eval(number) for mark in marks for number in mark.args}


def test_the_rules_are_numbered_from_one_to_thirty():
    assert list(range(1, 31)) == RULES


def test_every_rule_has_a_browser_test():
    marked = set().union(*map(marked_rules, BROWSER_TESTS))

    assert set(RULES) - marked == set()


def test_every_mark_names_a_rule():
    unknown = {path.name: marked_rules(path) - set(RULES) for path in BROWSER_TESTS}

    assert {name: rules for name, rules in unknown.items() if rules} == {}
