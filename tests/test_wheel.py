"""The package as people get it: built, installed into an empty environment, used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
import typing as t
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow

# Runs with the installed package, far from the source tree. From the first page on it
# follows the client runtime's imports: a file that the wheel lacks is a 404 here.
USE_IT = """
import re
from pathlib import Path
from urllib.parse import urljoin

import flask_hmr
from flask import Flask

app = Flask(__name__)
flask_hmr.HMR(app)
app.debug = True


@app.get("/")
def index():
    return "<!doctype html><html><head><title>t</title></head><body></body></html>"


client = app.test_client()
page = client.get("/")
assert page.status_code == 200, page.status
tags = re.findall(r'<script\\b[^>]*\\btype="?module"?[^>]*>', page.text)
urls = [m[1] for tag in tags if (m := re.search(r'\\bsrc="?([^"\\s>]+)', tag))]
assert urls, f"no module script was put into the page: {page.text}"
seen = set()

while urls:
    url = urls.pop()

    if url in seen:
        continue

    seen.add(url)
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status)
    assert answer.mimetype == "text/javascript", (url, answer.mimetype)
    # A list of names in braces has no parentheses, which keeps functions out.
    imports = re.compile(r'''^(?:import|export)\\b[^'"`()=]*['"](\\.[^'"]+)''', re.M)
    found = imports.findall(answer.text)
    urls += [urljoin(url, specifier) for specifier in found]

print(Path(flask_hmr.__file__).parent)
print(*sorted(seen))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that the source tree stays clean."""
    directory = tmp_path_factory.mktemp("wheel")
    source = directory / "source"
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns(
            ".*", "build", "dist", "_build", "__pycache__", "*.egg-info"
        ),
    )
    run(
        sys.executable,
        *("-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(directory), "."),
        cwd=source,
    )
    (path,) = directory.glob("*.whl")
    return path


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a program prints; its errors are the failure's text."""
    result = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
    return result.stdout


def package_files(*patterns: str) -> t.Iterator[str]:
    """Yield the files of the package that match, as the wheel names them."""
    for pattern in patterns:
        for path in (ROOT / "flask_hmr").rglob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix()


def test_the_wheel_holds_the_package_whole_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        text = archive.read(metadata).decode()

    expected = set(package_files("*"))
    client = {name for name in expected if name.startswith("flask_hmr/client/")}
    info = metadata.removesuffix("METADATA")

    assert "flask_hmr/py.typed" in expected
    assert client
    assert {name for name in names if not name.startswith(info)} == expected
    assert f"{info}licenses/LICENSE.txt" in names
    assert "License-Expression: MIT" in text


def test_the_sdist_holds_what_it_takes_and_makes_the_same_wheel(wheel, tmp_path):
    source = wheel.parent / "source"
    build = (sys.executable, "-m", "build", "--no-isolation")
    run(*build, "--sdist", "--outdir", str(tmp_path), ".", cwd=source)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        archive.extractall(tmp_path, filter="data")

    assert set(package_files("*")) <= names
    assert {
        *("LICENSE.txt", "README.md", "CHANGES.rst", "Makefile", "setup.cfg"),
        *("docs/index.rst", "docs/conf.py", "tests/test_wheel.py", "tests/lowest.txt"),
        *("tests/browser/support/page.py", "tools/venv.sh", "example_app/__init__.py"),
    } <= names
    strange = ("__pycache__", "node_modules/", "_build/", ".pyc", ".venv/")
    assert not [name for name in names if any(part in name for part in strange)]

    folder = tmp_path / path.name.removesuffix(".tar.gz")
    run(*build, "--wheel", "--outdir", str(tmp_path), ".", cwd=folder)
    (again,) = tmp_path.glob("*.whl")
    assert contents(again) == contents(wheel)
    run(sys.executable, "-m", "twine", "check", "--strict", path, again, cwd=tmp_path)


def contents(path: Path) -> dict[str, bytes]:
    """Return the files of a wheel."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment with nothing in it but the wheel."""
    directory = tmp_path_factory.mktemp("installed")
    venv.create(directory / "environment", with_pip=True)
    python = str(directory / "environment" / "bin" / "python")
    run(python, "-m", "pip", "install", "--quiet", str(wheel), cwd=directory)
    return python


def test_the_installed_package_serves_its_client_runtime(python, tmp_path):
    environment = Path(python).parents[1]
    package, urls = run(python, "-W", "error", "-c", USE_IT, cwd=tmp_path).splitlines()

    assert Path(package).is_relative_to(environment)
    assert "/_hmr/" in urls


def test_flasks_command_has_ours_even_where_the_app_cannot_be_loaded(python, tmp_path):
    (tmp_path / "broken.py").write_text("import nothing_of_the_kind\n")
    (tmp_path / "a.js").write_text("import.meta.hot?.accept();\na();\n")
    flask = (python, "-m", "flask", "--app", "broken", "hmr")

    run(*flask, "strip", "a.js", "b.js", cwd=tmp_path)
    result = subprocess.run(
        (*flask, "doctor", "--json"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (tmp_path / "b.js").read_text() == "\na();\n"
    assert result.returncode == 1
    found = [one for one in json.loads(result.stdout)["checks"] if one["cure"]]
    assert [one["title"] for one in found] == ["The app cannot be loaded"]
    assert "nothing_of_the_kind" in found[0]["detail"]
