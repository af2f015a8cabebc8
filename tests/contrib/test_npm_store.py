"""Which files of ``node_modules`` are served: those of packages, and no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flask_hmr.contrib.npm.store import Store


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def package(folder: Path, *files: str) -> None:
    for name in ("package.json", *files):
        write(folder / name)


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "node_modules"
    package(folder / "lit", "index.js", ".env", ".git/config", "lib/.hidden/a.js")
    package(folder / "@lit" / "task", "index.js")
    package(folder / "outer" / "node_modules" / "inner", "index.js")
    package(folder / "outer", "index.js")
    package(folder / ".cache" / "lit", "index.js")
    package(folder / ".pnpm" / "vue@3" / "node_modules" / "vue", "index.js")
    write(folder / ".package-lock.json")
    write(folder / ".bin" / "tool")
    write(folder / "loose.js")
    write(folder / "no-package" / "index.js")
    write(folder / ".pnpm" / "lock.yaml")
    write(tmp_path / "project" / "secret.txt")
    (folder / "vue").symlink_to(".pnpm/vue@3/node_modules/vue")
    return folder.resolve()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("lit/index.js", "lit/index.js"),
        ("lit/package.json", "lit/package.json"),
        ("@lit/task/index.js", "@lit/task/index.js"),
        (
            "outer/node_modules/inner/index.js",
            "outer/node_modules/inner/index.js",
        ),
        ("vue/index.js", ".pnpm/vue@3/node_modules/vue/index.js"),
        (
            ".pnpm/vue@3/node_modules/vue/index.js",
            ".pnpm/vue@3/node_modules/vue/index.js",
        ),
    ],
)
def test_a_file_of_a_package_is_served(modules, name, file):
    store = Store(modules)

    assert store.path_of(name) == str(modules / file)
    assert store.name_of(str(modules / file)) == file


@pytest.mark.parametrize(
    "name",
    [
        "",
        "lit",
        "lit/",
        "lit/gone.js",
        "lit/.env",
        "lit/.git/config",
        "lit/lib/.hidden/a.js",
        "lit/../loose.js",
        "lit/../../secret.txt",
        "../secret.txt",
        "/etc/passwd",
        "lit//index.js",
        "lit/./index.js",
        "lit\\index.js",
        "lit/index.js\0",
        "loose.js",
        "no-package/index.js",
        ".package-lock.json",
        ".bin/tool",
        ".cache/lit/index.js",
        ".pnpm/lock.yaml",
        ".pnpm/vue@3/lock.yaml",
        "@lit",
        "@lit/task",
        "outer/node_modules",
        "outer/node_modules/inner",
    ],
)
def test_nothing_else_is_served(modules, name):
    assert Store(modules).path_of(name) is None


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_links_do_not_lead_out(modules, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    package(elsewhere, "index.js")
    (modules / "linked").symlink_to(elsewhere)
    (modules / "lit" / "secret.txt").symlink_to(tmp_path / "project" / "secret.txt")
    (modules / "lit" / "lock.js").symlink_to(modules / ".package-lock.json")
    (modules / "lit" / "env.js").symlink_to(modules / "lit" / ".env")
    (modules / "lit" / "other.js").symlink_to(modules / "outer" / "index.js")
    store = Store(modules)

    for name in ("linked/index.js", "lit/secret.txt", "lit/lock.js", "lit/env.js"):
        assert store.path_of(name) is None
    assert store.name_of(str(elsewhere / "index.js")) is None
    assert store.path_of("lit/other.js") == str(modules / "outer" / "index.js")


@pytest.mark.parametrize("is_workspace", [True, False])
def test_the_store_of_a_pnpm_workspace_counts_too(tmp_path, is_workspace):
    top = tmp_path.resolve()
    vue = top / "node_modules" / ".pnpm" / "vue@3" / "node_modules" / "vue"
    package(vue, "index.js")
    package(top / "node_modules" / "other", "index.js")
    modules = top / "apps" / "shop" / "node_modules"
    modules.mkdir(parents=True)
    (modules / "vue").symlink_to(vue)
    (modules / "other").symlink_to(top / "node_modules" / "other")
    if is_workspace:
        write(top / "pnpm-workspace.yaml")
    store = Store(modules)

    name = ".pnpm/vue@3/node_modules/vue/index.js"
    found = str(vue / "index.js") if is_workspace else None
    assert store.path_of("vue/index.js") == found
    assert store.path_of(name) == found
    assert store.name_of(str(vue / "index.js")) == (name if is_workspace else None)
    assert store.path_of("other/index.js") is None
