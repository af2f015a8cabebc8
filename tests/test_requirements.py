"""What is installed along: all that the package imports, and nothing else."""

from __future__ import annotations

import configparser
import re
import sys
from importlib import metadata
from pathlib import Path

from .test_layers import MODULES, PACKAGE

ROOT = Path(__file__).parent.parent

# Imported by users of the extras of these names alone, see setup.cfg.
EXTRAS = {
    "redis": {"flask_hmr.broker"},
    "tree_sitter": {"flask_hmr.contrib.blanking"},
    "tree_sitter_typescript": {"flask_hmr.contrib.blanking"},
}

# Only for types; nothing of it exists when code runs.
FOR_TYPES = {"_typeshed"}

# Part of Flask's own public interface.
OF_FLASK = {"click", "markupsafe", "itsdangerous"}


def settings() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read(ROOT / "setup.cfg")
    return found


def required(*extras: str) -> dict[str, str]:
    """Return the requirements: name as pip writes it, and the oldest version.

    :param extras: those of these extras, too.
    """
    found = settings()
    texts = [found["options"]["install_requires"]]
    texts += [found["options.extras_require"][extra] for extra in extras]
    lines = re.sub(r"#.*", "", "\n".join(texts)).split()
    return dict(re.match(r"([\w.-]+)>=([\d.]+)", line).groups() for line in lines)  # type: ignore[union-attr]


def imported() -> dict[str, set[str]]:
    """Return what the package imports from outside, and which modules do."""
    found: dict[str, set[str]] = {}
    for module in MODULES.values():
        for name in module.imports:
            top = name.partition(".")[0]
            if top != PACKAGE and top not in sys.stdlib_module_names:
                found.setdefault(top, set()).add(module.name)
    return found


def distribution(name: str) -> str:
    """Return the distribution that brings a module, as pip writes its name."""
    # metadata.packages_distributions() passes some over in Python 3.10.
    (found,) = {
        item.metadata["Name"]
        for item in metadata.distributions()
        if any(file.parts[0] in (name, f"{name}.py") for file in item.files or ())
    }
    return re.sub(r"[-_.]+", "-", found).lower()


def test_all_that_is_imported_is_required():
    names = {
        name
        for name, users in imported().items()
        if name not in FOR_TYPES | OF_FLASK and not users <= EXTRAS.get(name, set())
    }
    assert {distribution(name) for name in names} <= set(required())


def test_all_that_is_required_is_imported():
    assert set(required()) <= {
        distribution(name) for name in imported() if name not in FOR_TYPES
    }


def test_the_oldest_versions_that_are_tested_are_those_that_are_allowed():
    lines = (ROOT / "tests" / "lowest.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    allowed = required("redis", "typescript")
    assert {name: version.split(".")[:2] for name, version in pinned.items()} == {
        name: [*version.split("."), "0"][:2] for name, version in allowed.items()
    }


def test_each_python_that_is_promised_is_tested():
    text = settings()["metadata"]["classifiers"]
    named = re.findall(r"Python :: (3\.\d+)", text)
    makefile = (ROOT / "Makefile").read_text()
    assert set(named) <= set(re.findall(r"\b3\.\d+\b", makefile))
    assert settings()["options"]["python_requires"] == f">={named[0]}"
