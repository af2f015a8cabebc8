"""``flask hmr strip``: which files it writes where, and when it writes none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from flask_hmr.cli import hmr

MODULE = "import './a.js';\nimport.meta.hot?.accept();\nrun();\n"
STRIPPED = "import './a.js';\n\nrun();\n"


def strip(*arguments: str | Path) -> Result:
    def create_app() -> Flask:
        raise RuntimeError("The app is not loaded for this.")

    info = ScriptInfo(create_app=create_app)
    command = ["strip", *map(str, arguments)]
    return CliRunner().invoke(hmr, command, obj=info, catch_exceptions=False)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "static"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "dist"


def test_a_folder_is_copied_with_its_modules_stripped(source, target):
    write(source, {"main.js": MODULE, "sub/b.mjs": MODULE, "style.css": "p{}"})

    result = strip(source, target)

    assert result.exit_code == 0
    assert read(target) == {
        "main.js": STRIPPED,
        "sub/b.mjs": STRIPPED,
        "style.css": "p{}",
    }
    assert "3 files written" in result.output
    assert "2 uses of import.meta.hot taken out of 2 modules" in result.output
    assert read(source)["main.js"] == MODULE


def test_files_that_are_no_javascript_stay_as_they_are(source, target):
    files = {"a.html": f"<script>{MODULE}</script>", "b.ts": MODULE, "c.txt": MODULE}
    write(source, files)
    data = bytes(range(256))
    (source / "d.png").write_bytes(data)

    strip(source, target)

    assert {name: (target / name).read_text() for name in files} == files
    assert (target / "d.png").read_bytes() == data


def test_a_module_without_uses_stays_byte_for_byte(source, target):
    source.mkdir()
    data = b"\xef\xbb\xbfconst a = '\xff';\r\n\r\n// import.meta.hot"
    (source / "a.js").write_bytes(data)

    strip(source, target)

    assert (target / "a.js").read_bytes() == data


def test_bytes_that_are_no_utf8_survive(source, target):
    source.mkdir()
    (source / "a.js").write_bytes(b"a('\xff');\r\nimport.meta.hot?.x();\r\nb('\xe9');")

    strip(source, target)

    assert (target / "a.js").read_bytes() == b"a('\xff');\r\n\r\nb('\xe9');"


def test_one_file_goes_to_a_file_or_into_a_folder(source, target):
    write(source, {"main.js": MODULE})
    target.mkdir()

    assert strip(source / "main.js", target).exit_code == 0
    assert strip(source / "main.js", target / "new" / "other.js").exit_code == 0

    assert read(target) == {"main.js": STRIPPED, "new/other.js": STRIPPED}


def test_files_that_are_there_are_replaced_and_others_stay(source, target):
    write(source, {"main.js": MODULE})
    write(target, {"main.js": "old", "mine.txt": "mine"})

    strip(source, target)

    assert read(target) == {"main.js": STRIPPED, "mine.txt": "mine"}


def test_nothing_is_written_where_anything_is_refused(source, target):
    write(
        source,
        {
            "a.js": MODULE,
            "b.js": "const ä = 1;\nlet ö = 1; const hot = import.meta.hot;\n",
            "c.js": "f(import.meta.hot);",
        },
    )

    result = strip(source, target)

    assert result.exit_code == 1
    assert f"{source / 'b.js'}:2:24" in result.output
    assert "given another name" in result.output
    assert f"{source / 'c.js'}:1:3" in result.output
    assert "Nothing was written, because of 2 places" in result.output
    assert not target.exists()


@pytest.mark.parametrize("inside", ["", "dist", "a/b/c", "../static/x"])
def test_the_target_must_not_lie_in_the_source(source, inside):
    write(source, {"main.js": MODULE})

    result = strip(source, source / inside)

    assert result.exit_code == 2
    assert "lies in it" in result.output
    assert read(source) == {"main.js": MODULE}


def test_a_target_that_a_link_leads_into_the_source_is_refused(source, tmp_path):
    write(source, {"main.js": MODULE})
    (tmp_path / "link").symlink_to(source, target_is_directory=True)

    assert strip(source, tmp_path / "link").exit_code == 2
    assert strip(source, tmp_path / "link" / "sub").exit_code == 2
    assert read(source) == {"main.js": MODULE}


def test_a_file_is_not_written_over_itself(source):
    write(source, {"main.js": MODULE})

    assert strip(source / "main.js", source).exit_code == 2
    assert strip(source / "main.js", source / "main.js").exit_code == 2
    assert read(source) == {"main.js": MODULE}


def test_a_folder_in_the_target_that_leads_to_a_source_is_refused(source, target):
    write(source, {"sub/main.js": MODULE})
    target.mkdir()
    (target / "sub").symlink_to(source / "sub", target_is_directory=True)

    result = strip(source, target)

    assert result.exit_code == 2
    assert "is one of the sources" in result.output
    assert read(source) == {"sub/main.js": MODULE}


def test_a_folder_does_not_become_a_file(source, target):
    write(source, {"main.js": MODULE})
    target.write_text("mine")

    assert strip(source, target).exit_code == 2
    assert target.read_text() == "mine"


def test_a_source_that_is_not_there(source, target):
    result = strip(source, target)

    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_what_links_lead_to_is_copied(source, target, tmp_path):
    write(source, {"real/a.js": MODULE})
    write(tmp_path / "shared", {"b.js": MODULE})
    (source / "one.js").symlink_to("real/a.js")
    (source / "shared").symlink_to(tmp_path / "shared", target_is_directory=True)

    strip(source, target)

    assert read(target) == {
        "one.js": STRIPPED,
        "real/a.js": STRIPPED,
        "shared/b.js": STRIPPED,
    }
    assert not any(path.is_symlink() for path in target.rglob("*"))


def test_a_link_in_the_target_is_replaced_and_not_written_through(
    source, target, tmp_path
):
    write(source, {"main.js": MODULE, "a.css": "p{}"})
    write(tmp_path, {"precious.js": "precious", "precious.css": "precious"})
    target.mkdir()
    (target / "main.js").symlink_to(tmp_path / "precious.js")
    (target / "a.css").symlink_to(tmp_path / "precious.css")

    strip(source, target)

    assert read(target) == {"main.js": STRIPPED, "a.css": "p{}"}
    assert (tmp_path / "precious.js").read_text() == "precious"
    assert (tmp_path / "precious.css").read_text() == "precious"


def test_a_hard_link_in_the_target_is_replaced_too(source, target):
    write(source, {"main.js": MODULE, "a.css": "p{}"})
    target.mkdir()
    for name in ("main.js", "a.css"):
        (target / name).hardlink_to(source / name)

    strip(source, target)

    assert read(target) == {"main.js": STRIPPED, "a.css": "p{}"}
    assert read(source) == {"main.js": MODULE, "a.css": "p{}"}


def test_links_that_cannot_be_copied_are_named(source, target):
    write(source, {"sub/main.js": MODULE})
    (source / "sub" / "up").symlink_to(source, target_is_directory=True)
    (source / "gone.js").symlink_to("nowhere.js")

    result = strip(source, target)

    assert result.exit_code == 0
    assert "gone.js is left out: a link that leads nowhere." in result.output
    assert "up is left out: a link to a folder that it is in." in result.output
    assert read(target) == {"sub/main.js": STRIPPED}


@pytest.mark.skipif(sys.platform == "win32", reason="is about permissions")
def test_permissions_stay(source, target):
    write(source, {"main.js": MODULE, "run.sh": "x"})
    for name in ("main.js", "run.sh"):
        os.chmod(source / name, 0o750)

    strip(source, target)

    assert (target / "main.js").stat().st_mode & 0o777 == 0o750
    assert (target / "run.sh").stat().st_mode & 0o777 == 0o750


def test_quiet_says_nothing_where_all_is_well(source, target):
    write(source, {"main.js": MODULE})

    assert strip("--quiet", source, target).output == ""
