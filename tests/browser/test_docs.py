"""The JavaScript of the documentation runs: each block in a page, each app as shown."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from flask_hmr.core.bindings import imported_names
from flask_hmr.core.lexer import scan
from flask_hmr.core.specifiers import is_bare

from ..test_docs import PAGES_WITH_APPS, Block, blocks, files_of
from .support import npm
from .support.project import Project

JAVASCRIPT = blocks("javascript", "js")

APP = """
import mimetypes

from flask import Flask, render_template

from flask_hmr import HMR

mimetypes.add_type("text/javascript", ".csv")

app = Flask(__name__)
hmr = HMR(app)


@hmr.load
def made_up(name):
    return f"export * from '/static/made-up/{name}';"


@app.get("/<folder>")
def block(folder):
    return render_template(f"{folder}.html", folder=folder)
"""

# What the examples take for granted is there, whatever it is.
ANYTHING = """
const answer = {
  get(target, key) {
    if (key === Symbol.toPrimitive) return () => "";
    if (key === Symbol.iterator) return function* () {};
    return key === "then" || key === "prototype" ? target[key] : anything;
  },
  set: () => true,
  apply: () => anything,
  construct: () => anything,
};
export const anything = new Proxy(function () {}, answer);
"""

PAGE = """
<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">{imports}</script>
<main></main><ul></ul><output></output><p></p><form><input></form><button></button><dialog></dialog>
<script type="module">
  import {{ anything }} from "/static/anything.js";

  async function run(count = 0) {{
    try {{
      await import(`/static/{folder}/{name}?${{count}}`);
      return "";
    }} catch (error) {{
      const [, name] = /^(\\w+) is not defined$/.exec(error.message) ?? [];
      if (!name || count > 30) return `${{error}}`;
      window[name] = anything;
      return run(count + 1);
    }}
  }}

  const sheet = new CSSStyleSheet();
  customElements.define("any-thing", class extends HTMLElement {{}});
  window.result = run();
</script>
"""


def folder_of(block: Block) -> str:
    return re.sub(r"\W+", "-", str(block))


def files_for(block: Block) -> dict[str, str]:
    """Return the block and its page, with something for whatever it imports."""
    folder = folder_of(block)
    name = Path(block.caption or "block.js").name
    files = {f"static/{folder}/{name}": block.text}
    imports = {}

    for number, item in enumerate(scan(block.text).imports):
        specifier = item.specifier
        if specifier is None or specifier == "@hmr/client":
            continue
        if specifier.startswith("@hmr/"):
            path = f"static/made-up/{specifier.removeprefix('@hmr/')}"
        elif is_bare(specifier):
            path = f"static/{folder}/bare-{number}.js"
            imports[specifier] = f"/{path}"
        else:
            below = f"static/{folder}/{specifier}"
            path = specifier[1:] if specifier.startswith("/") else str(Path(below))
        names = imported_names(block.text, item) or ()
        files.setdefault(path, stub(path, names))

    page = PAGE.format(
        imports=json.dumps({"imports": imports}), folder=folder, name=name
    )
    return {**files, f"templates/{folder}.html": page}


def stub(path: str, names: t.Iterable[str]) -> str:
    if path.endswith(".css"):
        return "p { color: red }"
    if path.endswith(".json"):
        return "{}"
    lines = [
        'import { anything } from "/static/anything.js";',
        "export default anything;",
    ]
    lines += [f"export const {n} = anything;" for n in names if n != "default"]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def shown(tmp_path_factory, browsers):
    project = Project(tmp_path_factory.mktemp("docs"), browsers)
    project.write({"app.py": APP, "static/anything.js": ANYTHING})
    for block in JAVASCRIPT:
        project.write(files_for(block))
    try:
        project.start()
        yield project
    finally:
        project.close()


@pytest.mark.parametrize("block", JAVASCRIPT, ids=str)
def test_each_block_of_javascript_runs(shown, block):
    page = shown.open(f"/{folder_of(block)}")

    assert page.evaluate("result") == ""
    page.close()


APPS: list[dict[str, str]] = []
for name in PAGES_WITH_APPS:
    for version in ("first", "last"):
        files = {"name": name, **files_of(name, version)}
        # Most pages show each file once.
        if "templates/index.html" in files and files not in APPS:
            APPS.append(files)


@pytest.fixture(scope="module")
def cdn():
    with npm.cdn() as url:
        yield url


@pytest.mark.parametrize("files", APPS, ids=lambda files: files["name"])
def test_each_app_opens_without_an_error(project, cdn, files):
    project.write({name: text.replace(npm.CDN, cdn) for name, text in files.items()})
    project.start()

    page = project.open()

    page.wait_until_connected()
    assert set(re.findall(r"\[hmr\] (\w+)", project.output)) <= {"inspector"}
    missing = re.findall(r'"GET (\S+) HTTP/1.1" (?:4|5)\d\d', project.output)
    assert set(missing) <= {"/favicon.ico"}
