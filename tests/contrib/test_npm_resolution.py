"""What names of packages mean: tables after the rules of Node's documentation."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flask_hmr.contrib.npm.resolution import (
    CONDITIONS,
    NotInstalledError,
    PackageError,
    Packages,
)

# By package: its package.json, and further files.
PACKAGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "main": ({"main": "./lib/main.js"}, ["lib/main.js", "lib/other.js"]),
    "main-short": ({"main": "lib"}, ["lib/index.js"]),
    "main-no-suffix": ({"main": "lib/main"}, ["lib/main.js"]),
    "module": ({"main": "a.js", "module": "b.js"}, ["a.js", "b.js"]),
    "module-lost": ({"main": "a.js", "module": "b.js"}, ["a.js"]),
    "index": ({}, ["index.js", "folder/a.js"]),
    "nothing": ({}, []),
    "sugar": ({"exports": "./a.js"}, ["a.js", "b.js"]),
    "hides": ({"exports": {".": "./a.js"}, "main": "b.js"}, ["a.js", "b.js"]),
    "null": ({"exports": None, "main": "b.js"}, ["b.js"]),
    "empty": ({"exports": {}}, ["index.js"]),
    "conditions": (
        {
            "exports": {
                "node": "./node.js",
                "browser": {"development": "./dev.js", "default": "./browser.js"},
                "default": "./default.js",
            }
        },
        ["node.js", "dev.js", "browser.js", "default.js"],
    ),
    "order": (
        {"exports": {"import": "./import.js", "browser": "./browser.js"}},
        ["import.js", "browser.js"],
    ),
    "default-first": (
        {"exports": {"default": "./default.js", "browser": "./browser.js"}},
        ["default.js", "browser.js"],
    ),
    "unknown-only": ({"exports": {"worker": "./a.js"}}, ["a.js"]),
    "undefined-goes-on": (
        {"exports": {"browser": {"worker": "./a.js"}, "default": "./b.js"}},
        ["a.js", "b.js"],
    ),
    "null-ends": ({"exports": {"browser": None, "default": "./b.js"}}, ["b.js"]),
    "null-ends-deep": (
        {"exports": {"browser": {"import": None}, "default": "./b.js"}},
        ["b.js"],
    ),
    "subpaths": (
        {
            "exports": {
                ".": "./index.js",
                "./part": "./lib/part.js",
                "./features/*.js": "./lib/features/*.js",
                "./features/private/*": None,
                "./any/*": "./lib/any/*.js",
                "./any/deep/*": "./lib/deep/*.js",
                "./any/*.css": "./styles/*.css",
                "./twice/*": "./lib/*/*.js",
                "./folder/": "./lib/",
            }
        },
        [
            "index.js",
            "lib/part.js",
            "lib/features/x.js",
            "lib/features/private/x.js",
            "lib/any/x.js",
            "lib/any/y/z.js",
            "lib/deep/x.js",
            "styles/x.css",
            "lib/w/w.js",
        ],
    ),
    "array": ({"exports": ["lib.js", {"worker": "./w.js"}, "./a.js"]}, ["a.js"]),
    "array-null": ({"exports": [None, "./a.js"]}, ["a.js"]),
    "array-bad": ({"exports": ["../a.js"]}, ["a.js"]),
    "array-empty": ({"exports": []}, ["index.js"]),
    "mixed": ({"exports": {".": "./a.js", "browser": "./a.js"}}, ["a.js"]),
    "numbers": ({"exports": {"0": "./a.js"}}, ["a.js"]),
    "climbs": ({"exports": "./../main/lib/main.js"}, []),
    "climbs-later": ({"exports": "./a/../../main/lib/main.js"}, ["a/a.js"]),
    "climbs-encoded": ({"exports": "./a/%2e%2e/b.js"}, ["b.js"]),
    "into-modules": ({"exports": "./node_modules/x/a.js"}, []),
    "away": ({"exports": "https://host/a.js"}, []),
    "number": ({"exports": {".": 3}}, []),
    "missing": ({"exports": "./gone.js"}, []),
    "a-folder": ({"exports": "./lib"}, ["lib/index.js"]),
    "slash": ({"exports": "./a%2fb.js"}, ["a%2fb.js"]),
    "@scope/name": (
        {"exports": {".": "./a.js", "./b": "./b.js"}},
        ["a.js", "b.js"],
    ),
    "self": (
        {
            "name": "self",
            "exports": {".": "./index.js", "./part": "./part.js"},
            "imports": {
                "#own": "./own.js",
                "#dep": "main",
                "#dep/*": "main/lib/*.js",
                "#cond": {"node": "./index.js", "browser": "./own.js"},
                "#in/*": "./lib/*.js",
                "#bad": "../main/lib/main.js",
                "#url": "https://host/a.js",
                "#/x": "./own.js",
                "#null": None,
            },
        },
        ["index.js", "part.js", "own.js", "lib/x.js"],
    ),
    "plain-self": ({"name": "plain-self"}, ["index.js"]),
    "outer": ({}, ["index.js"]),
    "outer/node_modules/main": ({"main": "nested.js"}, ["nested.js"]),
    "outer/node_modules/@deep/one": ({}, ["index.js"]),
}


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with all these packages."""
    folder = tmp_path_factory.mktemp("project").resolve()
    for name, (description, files) in PACKAGES.items():
        package = folder / "node_modules" / name
        package.mkdir(parents=True, exist_ok=True)
        (package / "package.json").write_text(json.dumps(description))
        for file in files:
            path = package / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
    (folder / "node_modules" / "bad-json").mkdir()
    (folder / "node_modules" / "bad-json" / "package.json").write_text("{")
    return folder


FOUND = [
    # Without "exports".
    ("main", "main/lib/main.js"),
    ("main/lib/other.js", "main/lib/other.js"),
    ("index/folder/a.js", "index/folder/a.js"),
    ("index", "index/index.js"),
    ("null", "null/b.js"),
    # What CommonJS allows main to leave out.
    ("main-short", "main-short/lib/index.js"),
    ("main-no-suffix", "main-no-suffix/lib/main.js"),
    # As bundlers do.
    ("module", "module/b.js"),
    ("module-lost", "module-lost/a.js"),
    # The main entry point.
    ("sugar", "sugar/a.js"),
    ("hides", "hides/a.js"),
    # Conditions: the first that holds, in the order of the package.
    ("conditions", "conditions/dev.js"),
    ("order", "order/import.js"),
    ("default-first", "default-first/default.js"),
    ("undefined-goes-on", "undefined-goes-on/b.js"),
    # Subpaths and patterns.
    ("subpaths", "subpaths/index.js"),
    ("subpaths/part", "subpaths/lib/part.js"),
    ("subpaths/features/x.js", "subpaths/lib/features/x.js"),
    ("subpaths/any/x", "subpaths/lib/any/x.js"),
    ("subpaths/any/y/z", "subpaths/lib/any/y/z.js"),
    ("subpaths/any/deep/x", "subpaths/lib/deep/x.js"),
    ("subpaths/any/x.css", "subpaths/styles/x.css"),
    ("subpaths/twice/w", "subpaths/lib/w/w.js"),
    # Lists of targets.
    ("array", "array/a.js"),
    ("array-null", "array-null/a.js"),
    # Scopes.
    ("@scope/name", "@scope/name/a.js"),
    ("@scope/name/b", "@scope/name/b.js"),
]

REFUSED = [
    ("nothing", "does not exist"),
    ("main/lib/gone.js", "does not exist"),
    ("index/folder", "leads to a folder"),
    ("a-folder", "leads to a folder"),
    ("sugar/b.js", "is not exported"),
    ("hides/b.js", "is not exported"),
    ("empty", "is not exported"),
    ("unknown-only", "is not exported"),
    ("null-ends", "is not exported"),
    ("null-ends-deep", "is not exported"),
    ("subpaths/other", "is not exported"),
    ("subpaths/features/private/x.js", "is not exported"),
    ("subpaths/folder/part.js", "is not exported"),
    ("subpaths/any/../part", "no part of a path"),
    ("subpaths/any/node_modules/x", "no part of a path"),
    ("array-bad", "leads out"),
    ("array-empty", "is not exported"),
    ("mixed", "mixes subpaths"),
    ("numbers", "a number in place of a condition"),
    ("climbs", "leads out"),
    ("climbs-later", "leads out"),
    ("climbs-encoded", "leads out"),
    ("into-modules", "leads out"),
    ("away", "leads out"),
    ("number", "leads to 3"),
    ("missing", "does not exist"),
    ("slash", "escaped slash"),
    ("main/", "ends in a slash"),
    ("@scope", "no name of a package"),
    ("@scope/", "no name of a package"),
    ("", "no name of a package"),
    (".hidden", "no name of a package"),
    ("a%20b", "no name of a package"),
    ("a\\b", "no name of a package"),
    ("#x", "has no meaning"),
    ("bad-json", "cannot be read"),
]


@pytest.mark.parametrize(("specifier", "file"), FOUND)
def test_a_name_leads_to_a_file(top, specifier, file):
    packages = Packages(str(top / "node_modules"))

    assert packages.resolve(specifier) == str(top / "node_modules" / file)


@pytest.mark.parametrize(("specifier", "says"), REFUSED)
def test_a_name_that_leads_nowhere_is_explained(top, specifier, says):
    packages = Packages(str(top / "node_modules"))

    with pytest.raises(PackageError, match=says) as error:
        packages.resolve(specifier)

    assert not isinstance(error.value, NotInstalledError)


def test_what_is_not_installed_is_told_apart(top):
    packages = Packages(str(top / "node_modules"))

    with pytest.raises(NotInstalledError, match="'unknown' is not installed"):
        packages.resolve("unknown/part.js")


FROM_PACKAGES = [
    # A package may use its own name, if it has "exports".
    ("self/index.js", "self/part", "self/part.js"),
    ("self/lib/x.js", "self", "self/index.js"),
    # "imports" are its own.
    ("self/index.js", "#own", "self/own.js"),
    ("self/lib/x.js", "#in/x", "self/lib/x.js"),
    ("self/index.js", "#dep", "main/lib/main.js"),
    ("self/index.js", "#dep/other", "main/lib/other.js"),
    ("self/index.js", "#cond", "self/own.js"),
    # The nearest node_modules comes first.
    ("outer/index.js", "main", "outer/node_modules/main/nested.js"),
    ("outer/index.js", "@deep/one", "outer/node_modules/@deep/one/index.js"),
    (
        "outer/node_modules/@deep/one/index.js",
        "main",
        "outer/node_modules/main/nested.js",
    ),
    ("outer/index.js", "sugar", "sugar/a.js"),
    ("main/lib/main.js", "main", "main/lib/main.js"),
]


@pytest.mark.parametrize(("importer", "specifier", "file"), FROM_PACKAGES)
def test_names_in_packages_mean_what_they_see(top, importer, specifier, file):
    modules = top / "node_modules"
    packages = Packages(str(modules))

    assert packages.resolve(specifier, str(modules / importer)) == str(modules / file)


@pytest.mark.parametrize("specifier", ["#", "#gone", "#bad", "#url", "#null", "#own/"])
def test_imports_of_a_package_lead_to_what_it_has(top, specifier):
    packages = Packages(str(top / "node_modules"))
    importer = str(top / "node_modules" / "self" / "index.js")

    with pytest.raises(PackageError, match=r"has no meaning|leads out"):
        packages.resolve(specifier, importer)


def test_an_import_may_begin_with_a_slash_after_the_mark(top):
    packages = Packages(str(top / "node_modules"))
    importer = top / "node_modules" / "self" / "index.js"

    found = packages.resolve("#/x", str(importer))

    assert found == str(importer.with_name("own.js"))


def test_conditions_can_be_chosen(top):
    packages = Packages(str(top / "node_modules"), ["browser"])

    found = packages.resolve("conditions")

    assert found == str(top / "node_modules" / "conditions" / "browser.js")


def test_a_package_that_is_installed_anew_is_read_anew(tmp_path):
    package = tmp_path / "node_modules" / "a"
    package.mkdir(parents=True)
    for name in ("one.js", "three.js"):
        (package / name).write_text("")
    packages = Packages(str(tmp_path / "node_modules"))
    (package / "package.json").write_text('{"main": "one.js"}')
    assert packages.resolve("a").endswith("one.js")

    (package / "package.json").write_text('{"main": "three.js"}')

    assert packages.resolve("a").endswith("three.js")


# What differs on purpose: main without a suffix and "module" are no rules for modules
# in Node, and newer versions allow "#/".
LENIENT = {"main-short", "main-no-suffix", "module", "module-lost"}


def test_node_says_the_same(top):
    # As the tests of integrations do: 'make test' installs it.
    assert shutil.which("node"), "Node is needed. Run tools/npm.sh."
    script = """
        const { createRequire } = await import("node:module");
        const fs = await import("node:fs");
        const cases = JSON.parse(fs.readFileSync(0, "utf8"));
        const found = await Promise.all(cases.map(async ([importer, specifier]) => {
          const name = JSON.stringify(specifier);
          const code = `export default import.meta.resolve(${name})`;
          const file = `${importer}.${Math.random()}.mjs`;
          fs.writeFileSync(file, code);
          try {
            const url = (await import(file)).default;
            const path = new URL(url).pathname;
            return fs.statSync(path).isFile() ? fs.realpathSync(path) : null;
          } catch { return null; } finally { fs.unlinkSync(file); }
        }));
        console.log(JSON.stringify(found));
    """
    modules = top / "node_modules"
    of_app = [s for s, _ in (*FOUND, *REFUSED) if s not in LENIENT]
    cases = [(str(top / "app"), one) for one in of_app]
    cases += [(str(modules / one), two) for one, two, _ in FROM_PACKAGES]
    flags = [f"--conditions={one}" for one in CONDITIONS]
    done = subprocess.run(
        ["node", *flags, "--input-type=module", "-e", script],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    packages = Packages(str(modules), (*CONDITIONS, "node", "module-sync"))

    def ours(importer: str, specifier: str) -> str | None:
        try:
            return packages.resolve(specifier, importer)
        except PackageError:
            return None

    expected = json.loads(done.stdout)
    assert [ours(*one) for one in cases] == expected
