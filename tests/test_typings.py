"""Types for editors: TypeScript finds them, and says what is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flask_hmr.typings import CONFIGS, NAME, write_types

ROOT = Path(__file__).parent.parent

GOOD = """
const hot = import.meta.hot;
if (hot) {
  hot.accept(({ module }) => module.draw());
  hot.on("hmr:beforeFullReload", ({ reason }) => reason.trim());
  hot.on("cart:open", ({ items }) => items.toFixed());
  hot.on("anything", (data) => data.whatever);
  hot.send("cart:open", { items: 3 });
}
import.meta.dispose?.((data) => { data.seen = true });
"""

# Each line is wrong in a way that only the types can tell.
BAD = """
import.meta.hot.accept();
import.meta.hot?.acept();
import.meta.hot?.on("cart:open", ({ itms }) => itms);
import.meta.hot?.send("cart:open", { items: "three" });
import.meta.hot?.on("hmr:beforeFullReload", ({ why }) => why);
"""

EVENTS = """
interface HmrEvents {
  "cart:open": { items: number };
}
"""


@pytest.fixture(scope="session")
def tsc() -> list[str]:
    """The TypeScript compiler, from where tools/npm.sh puts it."""
    compiler = ROOT / "build/npm/node_modules/typescript/bin/tsc"
    node = shutil.which("node")
    if node is None or not compiler.exists():
        pytest.fail(
            "To check the types takes Node and TypeScript. Run tools/npm.sh, as"
            " 'make test' does.",
            pytrace=False,
        )
    return [node, str(compiler)]


def errors(tsc: list[str], folder: Path) -> list[str]:
    """Return what the compiler says of a project, by file and line."""
    done = subprocess.run(
        [
            *tsc,
            "--project",
            "jsconfig.json",
            "--noEmit",
            "--strict",
            "--pretty",
            "false",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if not line.startswith(" ")]


def test_one_command_is_enough_for_an_editor_to_know_the_types(tsc, tmp_path):
    static = tmp_path / "static"
    static.mkdir()
    (static / "good.js").write_text(GOOD)
    (static / "bad.js").write_text(BAD)
    (static / "events.d.ts").write_text(EVENTS)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "hmr", "types"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["wrote hmr.d.ts", "wrote jsconfig.json"]

    found = errors(tsc, tmp_path)

    places = [line.partition(",")[0] for line in found]
    assert places == [f"static/bad.js({number}" for number in range(2, 7)]


def test_without_it_they_are_not_known(tsc, tmp_path):
    write_types(tmp_path)
    (tmp_path / NAME).unlink()
    (tmp_path / "good.js").write_text(GOOD)
    assert "Property 'hot' does not exist" in errors(tsc, tmp_path)[0]


def test_what_is_up_to_date_is_left_alone(tmp_path):
    assert write_types(tmp_path) == [tmp_path / NAME, tmp_path / "jsconfig.json"]
    assert write_types(tmp_path) == []


@pytest.mark.parametrize("config", CONFIGS)
def test_a_configuration_that_is_there_stays(tmp_path, config):
    (tmp_path / config).write_text("{}")
    assert write_types(tmp_path) == [tmp_path / NAME]
    assert (tmp_path / config).read_text() == "{}"


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path):
    (tmp_path / NAME).write_text("// mine")
    with pytest.raises(FileExistsError, match="not from Flask-HMR"):
        write_types(tmp_path)
    assert (tmp_path / NAME).read_text() == "// mine"
