"""The documentation says what is true: its code works, its names and links exist."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import json
import re
import shlex
import sys
import typing as t
from pathlib import Path
from textwrap import dedent
from unittest import mock

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo

from flask_hmr import HMR, Plugin
from flask_hmr.cli import hmr
from flask_hmr.config import CONFIG_KEYS, Config
from flask_hmr.core.lexer import scan
from flask_hmr.modules import FOREVER

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
CLIENT = ROOT / "flask_hmr" / "client"
README = ROOT / "README.md"
PAGES = (README, *sorted(DOCS.glob("*.rst")))

DIRECTIVE = re.compile(r"( *)\.\. code-block:: *(\S+)$")
OPTION = re.compile(r" *:([\w-]+): *(.*)$")
FENCE = re.compile(r"```(\S*)$")
# In Markdown a block has no caption; a comment in its first line names the file.
NAMED = re.compile(r"(?://|#) (\S+\.\w+)$")

# A caption that is the path of a file in the project.
FILE = re.compile(r"(?:[\w.-]+/)*[\w-]+\.\w+")

MARKDOWN_LINK = re.compile(r"\]\(([^)\s]+)\)")
REST_DOC = re.compile(r":doc:`(?:[^`<]*<)?([^`<>]+)>?`")
REST_FILE = re.compile(r"\.\. (?:include|image|figure|literalinclude):: *(\S+)")
MODULE_SCRIPT = re.compile(r'<script type="module" src="([^"]+)"')

# What client/plan.js and client/client.js give as the reason of a reload.
RELOAD_REASONS = (
    "nobody accepts it",
    "declined updates",
    "a script in the page imports",
    "has no newer instance to go on with",
    "was invalidated",
    "a classic script cannot be replaced",
    "the worker ",
    "policy forbids the import map",
    "so reload it yourself",
)


class Block(t.NamedTuple):
    """A code block of a page, and the file that it stands for, if it says so."""

    page: str
    line: int
    language: str
    caption: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def rest_blocks(path: Path) -> t.Iterator[Block]:
    """Yield the code blocks of a reStructuredText page."""
    lines = path.read_text(encoding="utf-8").splitlines()

    for number, line in enumerate(lines):
        start = DIRECTIVE.match(line)

        if start is None:
            continue

        indent = start[1] + "    "
        body: list[str] = []

        for inner in lines[number + 1 :]:
            if inner.strip() and not inner.startswith(indent):
                break

            body.append(inner)

        options: dict[str, str] = {}

        while body and (option := OPTION.match(body[0])):
            options[option[1]] = option[2]
            del body[0]

        text = dedent("\n".join(body)).strip("\n") + "\n"
        yield Block(path.name, number + 1, start[2], options.get("caption", ""), text)


def markdown_blocks(path: Path) -> t.Iterator[Block]:
    """Yield the fenced code blocks of a Markdown page."""
    lines = path.read_text(encoding="utf-8").splitlines()
    numbers = iter(range(len(lines)))

    for number in numbers:
        start = FENCE.match(lines[number])

        if start is None:
            continue

        end = lines.index("```", number + 1)
        body = lines[number + 1 : end]
        named = NAMED.match(body[0])
        caption = named[1] if named else ""
        text = "\n".join(body) + "\n"
        yield Block(path.name, number + 1, start[1], caption, text)

        while next(numbers) < end:
            pass


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages in some languages."""
    found: list[Block] = []

    for path in PAGES:
        read = markdown_blocks if path.suffix == ".md" else rest_blocks
        found += [block for block in read(path) if block.language in languages]

    return found


def each_block(*languages: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks(*languages), ids=str)


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


# Code


def test_blocks_are_found_with_their_files():
    found = {
        (block.page, block.caption) for block in blocks("python", "js", "javascript")
    }

    assert ("README.md", "app.py") in found
    assert ("README.md", "static/price.js") in found
    assert ("quickstart.rst", "app.py") in found
    assert ("quickstart.rst", "static/main.js") in found


def test_every_block_is_in_a_language_that_is_tested_or_not_code():
    tested = {"python", "javascript", "js", "json"}
    shown = {"console", "text", "html+jinja", "typescript", "pycon"}
    every = {match[2] for path in PAGES for match in directives(path)}

    assert every <= tested | shown


def directives(path: Path) -> t.Iterator[re.Match[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := DIRECTIVE.match(line):
            yield match


@each_block("python")
def test_python_code_compiles(block):
    compile(block.text, str(block), "exec")


class Anything(dict[str, t.Any]):
    """The built-in names, and something for every other."""

    def __missing__(self, name: str) -> t.Any:
        return mock.MagicMock(name=name)


# Files run with the others of their page.
FRAGMENTS = [b for b in blocks("python") if not FILE.fullmatch(b.caption)]


@pytest.mark.parametrize("block", FRAGMENTS, ids=str)
def test_python_code_runs(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = Flask("docs", root_path=str(tmp_path))
    names = {"__builtins__": Anything(vars(builtins)), "__name__": "docs"}
    names |= {
        "app": app,
        "HMR": HMR,
        "Flask": Flask,
        "__file__": str(tmp_path / "x.py"),
    }
    # Blocks about the extension object, or a plugin, go on from one that is there.
    names |= {"hmr": HMR(), "plugin": Plugin()}

    exec(compile(block.text, str(block), "exec"), names)

    settings = {k: v for k, v in names.items() if k.startswith("HMR_")}
    Config.load({**app.config, **settings}, root_path=str(tmp_path))


@each_block("javascript", "js")
def test_the_lexer_accepts_javascript_code(block):
    # The lexer reads to the last export and no further.
    assert scan(f"{block.text}\nexport {{}};").errors == ()


@each_block("json")
def test_json_is_json(block):
    json.loads(block.text)


PAGES_WITH_APPS = sorted(
    {block.page for block in blocks("python") if block.caption == "app.py"}
)


@pytest.mark.parametrize("version", ["first", "last"])
@pytest.mark.parametrize("name", PAGES_WITH_APPS)
def test_an_app_that_a_page_shows_runs(name, version, tmp_path, monkeypatch):
    files = files_of(name, version)

    for file, text in files.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    app = import_app(tmp_path / "app.py", monkeypatch)
    app.debug = True

    try:
        check_app(app, files)
    finally:
        app.extensions["hmr"].close()


def files_of(name: str, version: str) -> dict[str, str]:
    """Return the files that a page shows, by their path in the project.

    :param version: where a page shows a file several times, which one: ``"first"``
        or ``"last"``.
    """
    found = [
        block
        for block in blocks("python", "javascript", "js", "html+jinja", "text")
        if block.page == name and FILE.fullmatch(block.caption)
    ]

    if version == "first":
        found.reverse()

    return {block.caption: block.text for block in found}


def import_app(path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Import a module and return its app, made by its factory if it has one."""
    spec = importlib.util.spec_from_file_location("app_of_the_docs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Flask finds an app's folder by the name of its module.
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    app = module.app if hasattr(module, "app") else module.create_app()
    assert isinstance(app, Flask)
    return app


def check_app(app: Flask, files: t.Mapping[str, str]) -> None:
    """Open the page of an app, and ask for all its modules."""
    client = app.test_client()
    has_page = any(rule.rule == "/" for rule in app.url_map.iter_rules())

    # Where there is no page, the one that says so gets the client runtime too.
    with client.get("/") as response:
        assert response.status_code == (200 if has_page else 404)
        assert "data-hmr=" in response.text
        urls = MODULE_SCRIPT.findall(response.text)

    for url in urls:
        with client.get(url) as response:
            assert response.status_code == 200
            assert response.mimetype == "text/javascript"

    for name, source in files.items():
        if name.startswith("static/"):
            with client.get(f"/{name}") as response:
                assert response.status_code == 200
                takes_part = "__hmr_setup(" in response.text
                # Plugins may have a module take part that says nothing of it.
                if "import.meta.hot" in source or not has_plugins(app):
                    assert takes_part is ("import.meta.hot" in source)


def has_plugins(app: Flask) -> bool:
    return bool(app.extensions["hmr"].hooks.plugins)


COMMAND = re.compile(r"\$ flask (hmr .*)\n((?:(?!\$ ).*\n)*)")
COMMANDS = [
    (match[1], match[2])
    for block in blocks("console")
    if block.page == "command-line.rst"
    for match in COMMAND.finditer(block.text)
]


def test_commands_are_found_with_what_they_print():
    assert len(COMMANDS) > 7
    assert any(command == "hmr graph" and output for command, output in COMMANDS)


def test_the_commands_print_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASK_DEBUG", "0")
    shown = files_of("command-line.rst", "last")

    for file, text in {**shown, "bad.js": "const hot = import.meta.hot;\n"}.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    for command, output in COMMANDS:
        arguments = shlex.split(command.partition("|")[0])[1:]
        app = import_app(tmp_path / "app.py", monkeypatch)
        info = ScriptInfo(create_app=lambda app=app: app)
        result = CliRunner().invoke(hmr, arguments, obj=info)

        assert result.exit_code == (1 if "Nothing was written" in output else 0)
        assert output in ("", result.output)

    (stripped,) = (b for b in blocks("javascript") if b.caption == "/dist/cart.js")
    assert (tmp_path / "dist" / "cart.js").read_text("utf-8") == stripped.text


# Names


def test_every_config_key_is_documented_with_its_default():
    text = page("configuration.rst")
    found = dict(
        re.findall(
            r"^\.\. py:data:: (\w+)$.*?^    Default: ``(.+?)``$",
            text,
            re.MULTILINE | re.DOTALL,
        )
    )

    assert list(found) == list(CONFIG_KEYS)

    for key, default in CONFIG_KEYS.items():
        assert found[key].replace('"', "'") == repr(default)


def interface(name: str) -> str:
    """Return the body of an interface of client.d.ts, without comments."""
    text = (CLIENT / "client.d.ts").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = re.search(
        rf"^interface {name} {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


HOT_MEMBERS = sorted(
    set(re.findall(r"^  (?:readonly )?(\w+)\??[<(:]", interface("Hot"), re.MULTILINE))
)


def test_members_are_found_in_the_types():
    assert {"accept", "data", "dispose", "on", "send"} <= set(HOT_MEMBERS)


@pytest.mark.parametrize("member", HOT_MEMBERS)
def test_every_member_of_hot_has_a_section_and_an_example(member):
    heading = re.compile(r"^``hot\.(\w+).*``\n~+$", re.MULTILINE)
    _, *parts = heading.split(page("api.rst"))
    sections = zip(parts[::2], parts[1::2], strict=True)
    found = [text for name, text in sections if name == member]

    assert found
    assert all(".. code-block:: javascript" in text for text in found)
    assert all(f"hot.{member}" in text or f"hot?.{member}" in text for text in found)


def test_every_event_is_documented_and_no_other():
    declared = set(re.findall(r'^  "(hmr:\w+)"', interface("HmrEvents"), re.MULTILINE))
    table = set(re.findall(r"^    \* - ``(hmr:\w+)``$", page("api.rst"), re.MULTILINE))

    assert declared
    assert table == declared


@pytest.mark.parametrize("reason", RELOAD_REASONS)
def test_the_reasons_of_a_reload_are_explained(reason):
    code = "".join(path.read_text("utf-8") for path in CLIENT.glob("*.js"))

    assert reason in code
    assert reason in page("troubleshooting.rst")


def test_the_header_of_what_browsers_may_keep_is_the_one_that_is_sent():
    assert f"``{FOREVER}``" in page("how-it-works.rst")


def test_the_layout_names_what_is_there():
    layout = page("contributing.rst").partition("Layout\n------")[2]
    names = re.findall(r"^      (\w+(?:\.py|/)) ", layout, re.MULTILINE)

    assert "extension.py" in names
    assert [n for n in names if not (ROOT / "flask_hmr" / n).exists()] == []


@pytest.mark.parametrize("path", [README, DOCS / "contributing.rst"], ids=str)
def test_the_make_commands_exist(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"\$ make (\w+)", path.read_text(encoding="utf-8")))

    assert {"demo", "test"} <= named <= targets


def titles_of_findings() -> t.Iterator[str]:
    """Yield what is always the same in the titles of what doctor finds."""
    for path in sorted((ROOT / "flask_hmr" / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("problem", "warning")
                and ast.unparse(node.func.value) == "Check"
            ):
                title = node.args[0]
                values = title.values if isinstance(title, ast.JoinedStr) else [title]
                parts = [one.value for one in values if isinstance(one, ast.Constant)]
                yield from [max(parts, key=len).strip(' "')] if parts else []


@pytest.mark.parametrize("title", sorted(set(titles_of_findings())))
def test_what_doctor_finds_is_explained(title):
    assert title in page("troubleshooting.rst")


# Links


@pytest.mark.parametrize("path", [*PAGES, ROOT / "CHANGES.rst"], ids=lambda p: p.name)
def test_relative_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    targets = [f"{name}.rst" for name in REST_DOC.findall(text)]
    targets += REST_FILE.findall(text)

    if path.suffix == ".md":
        targets += MARKDOWN_LINK.findall(text)

    missing = [
        target
        for target in targets
        if "://" not in target and not (path.parent / target.partition("#")[0]).exists()
    ]
    assert missing == []
