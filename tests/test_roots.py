"""Where modules are: which file stands behind a URL, and which never does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask

from flask_hmr.config import Config
from flask_hmr.roots import Roots


class Project:
    """An app over files that a test writes, and its roots as they are made late."""

    def __init__(self, folder: Path, app: Flask | None = None) -> None:
        self.folder = folder
        self.app = app or Flask("project", root_path=str(folder))
        self._roots: Roots | None = None

    def write(self, name: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("export {};\n")
        return str(path)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    @property
    def roots(self) -> Roots:
        if self._roots is None:
            config = Config.load(self.app.config, root_path=self.app.root_path)
            self._roots = Roots(self.app, config)
        return self._roots

    def file_of(self, key: str) -> str | None:
        """Return the file behind a key, relative to the project's folder."""
        found = self.roots.file_of(key)
        return None if found is None else os.path.relpath(found, self.folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "static").mkdir()
    return Project(tmp_path.resolve())


def view(**arguments: Any) -> str:
    return ""


# The app's own static folder


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("/static/a.js", "static/a.js"),
        ("/static/js/deep/a.js", "static/js/deep/a.js"),
        ("/static/a.js?theme=dark", "static/a.js"),
        ("/static/a.js#f", "static/a.js"),
        ("/static/a%20b.js", "static/a b.js"),
        ("/static/%C3%BC.js", "static/ü.js"),
        ("/static/100%25.js", "static/100%.js"),
        ("/static/%61.js", "static/a.js"),
    ],
)
def test_the_static_folder(project: Project, key: str, file: str) -> None:
    assert project.file_of(key) == file


def test_a_file_need_not_exist(project: Project) -> None:
    assert project.file_of("/static/not/yet.js") == "static/not/yet.js"


@pytest.mark.parametrize(
    "key",
    [
        "/",
        "/a.js",
        "/static",
        "/static/",
        "/static/js/",
        "/statics/a.js",
        "/other/static/a.js",
        "",
        "https://x.example/static/a.js",
    ],
)
def test_what_is_in_no_root(project: Project, key: str) -> None:
    assert project.file_of(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "/static/../secret.js",
        "/static/%2e%2e/secret.js",
        "/static/..%2fsecret.js",
        "/static/js/../../secret.js",
        "/static/..",
        "/static/.",
        "/static/./a.js",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/static/a%00.js",
        "/static/a\0.js",
        "/static/..%5csecret.js",
        "/static/a\\b.js",
        "/static/%ff.js",
    ],
)
def test_no_name_leads_out_of_a_folder(project: Project, key: str) -> None:
    project.write("secret.js")
    assert project.file_of(key) is None


def test_a_folder_whose_name_begins_alike_is_another_one(project: Project) -> None:
    project.write("static-secret/a.js")
    assert project.file_of("/static-secret/a.js") is None
    assert project.file_of("/static/../static-secret/a.js") is None


def test_an_app_without_a_static_folder(tmp_path: Path) -> None:
    project = Project(tmp_path, Flask("x", root_path=str(tmp_path), static_folder=None))
    assert project.roots.folders() == ()
    assert project.file_of("/static/a.js") is None


def test_another_place_and_another_url(tmp_path: Path) -> None:
    app = Flask(
        "x",
        root_path=str(tmp_path),
        static_folder="../frontend",
        static_url_path="/assets",
    )
    project = Project(tmp_path, app)
    assert project.file_of("/assets/a.js") == "../frontend/a.js"
    assert project.file_of("/static/a.js") is None


def test_a_static_folder_at_the_top(tmp_path: Path) -> None:
    app = Flask("x", root_path=str(tmp_path), static_url_path="")
    assert Project(tmp_path, app).file_of("/js/a.js") == "static/js/a.js"


def test_a_route_that_is_more_exact_than_the_static_one_is_no_file(
    tmp_path: Path,
) -> None:
    app = Flask("x", root_path=str(tmp_path), static_url_path="")
    app.add_url_rule("/config.js", "config", view)
    assert Project(tmp_path, app).file_of("/config.js") is None


# Symbolic links


def test_a_link_to_a_file_in_the_folder(project: Project) -> None:
    project.write("static/real.js")
    (project.folder / "static/link.js").symlink_to("real.js")
    assert project.file_of("/static/link.js") == "static/link.js"


def test_a_link_may_lead_elsewhere_in_the_project(project: Project) -> None:
    project.write("shared/a.js")
    (project.folder / "static/folder").symlink_to("../shared")
    assert project.file_of("/static/folder/a.js") == "static/folder/a.js"


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "a.js").write_text("")
    return folder


def test_a_link_that_leads_out_of_the_project_is_not_followed(
    project: Project, outside: Path
) -> None:
    (project.folder / "static/link.js").symlink_to(outside / "a.js")
    (project.folder / "static/folder").symlink_to(outside)
    assert project.file_of("/static/link.js") is None
    assert project.file_of("/static/folder/a.js") is None


def test_where_a_link_leads_after_it_was_looked_at_is_no_folder_of_ours(
    project: Project, outside: Path
) -> None:
    # Between the look and this, somebody has put a link in the place of the file.
    assert project.roots.unwatched(str(outside / "a.js")) is None
    assert not project.roots.allows(str(outside / "a.js"))


def test_a_link_that_the_app_sends_may_lead_elsewhere_later(
    project: Project, outside: Path
) -> None:
    project.app.add_url_rule("/app.js", "bundle", view)
    new = outside.with_name("new")
    new.mkdir()
    (new / "a.js").write_text("export {};\n")
    link = project.folder / "link.js"
    link.symlink_to(outside / "a.js")
    project.roots.saw("/app.js", "bundle", {}, str(link))
    link.unlink()
    link.symlink_to(new / "a.js")

    assert not project.roots.allows(str(new / "a.js"))
    assert project.roots.saw("/app.js", "bundle", {}, str(link)) == str(new)
    assert project.roots.allows(str(new / "a.js"))


def test_a_link_to_a_folder_whose_name_begins_alike_leads_out(
    project: Project,
) -> None:
    twin = Path(f"{project.folder}-secret")
    twin.mkdir()
    (twin / "a.js").write_text("")
    (project.folder / "static/link").symlink_to(twin)
    assert project.file_of("/static/link/a.js") is None


def test_a_link_may_lead_into_another_root(project: Project) -> None:
    project.write("shared/a.js")
    (project.folder / "static/shared").symlink_to("../shared")
    project.app.config["HMR_ROOTS"] = ["shared"]
    assert project.file_of("/static/shared/a.js") == "static/shared/a.js"


def test_the_static_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "static").symlink_to("elsewhere")
    project = Project(tmp_path)
    project.write("elsewhere/a.js")
    assert project.file_of("/static/a.js") == "static/a.js"


def test_a_link_in_a_circle_is_no_file(project: Project) -> None:
    (project.folder / "static/loop.js").symlink_to("loop.js")
    assert project.file_of("/static/loop.js") in (None, "static/loop.js")


# What is ignored


@pytest.mark.parametrize(
    "name", [".git/a.js", "a.js~", ".#a.js", "js/__pycache__/a.js", "a.tmp"]
)
def test_what_editors_and_tools_leave_is_no_module(project: Project, name: str) -> None:
    assert project.file_of(f"/static/{name}".replace("#", "%23")) is None


def test_ignored_names_are_no_modules(project: Project) -> None:
    project.app.config["HMR_IGNORE"] = ["vendor", "*.min.js"]
    assert project.file_of("/static/vendor/a.js") is None
    assert project.file_of("/static/js/a.min.js") is None
    assert project.file_of("/static/a.js") == "static/a.js"


def test_changes_of_ignored_files_are_not_looked_at(project: Project) -> None:
    project.app.config["HMR_IGNORE"] = ["vendor"]
    ignores = project.roots.ignores
    assert ignores(project.path("static/vendor"))
    assert ignores(project.path("static/js/vendor/a.js"))
    assert ignores(project.path("static/.git"))
    assert not ignores(project.path("static/js/a.js"))
    assert not ignores(project.path("static"))
    assert not ignores(project.path("vendor/a.js"))


def test_the_way_to_a_root_is_never_ignored(tmp_path: Path) -> None:
    folder = tmp_path.resolve() / "vendor/.venv"
    (folder / "static").mkdir(parents=True)
    project = Project(folder)
    project.app.config["HMR_IGNORE"] = ["vendor", "static"]
    assert not project.roots.ignores(str(folder / "static/a.js"))


def test_a_root_in_an_ignored_folder_of_another_one_is_looked_at(
    tmp_path: Path,
) -> None:
    folder = tmp_path.resolve() / "vendor/shop"
    (folder / "static").mkdir(parents=True)
    project = Project(folder)
    project.app.config["HMR_ROOTS"] = [str(tmp_path.resolve())]
    project.app.config["HMR_IGNORE"] = ["vendor"]
    assert project.file_of("/static/a.js") == "static/a.js"
    assert not project.roots.ignores(str(folder / "static/a.js"))
    assert project.roots.ignores(str(tmp_path.resolve() / "vendor/other/a.js"))


# Blueprints


def test_the_static_folder_of_a_blueprint(project: Project) -> None:
    shop = Blueprint(
        "shop",
        __name__,
        root_path=project.path("shop"),
        static_folder="assets",
        static_url_path="/files",
        url_prefix="/shop",
    )
    project.app.register_blueprint(shop)
    assert project.file_of("/shop/files/a.js") == "shop/assets/a.js"
    assert project.file_of("/static/a.js") == "static/a.js"
    assert project.path("shop/assets") in project.roots.folders()


def test_nested_blueprints(project: Project) -> None:
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    inner = Blueprint(
        "inner",
        __name__,
        root_path=project.path("inner"),
        static_folder="static",
        url_prefix="/inner",
    )
    outer.register_blueprint(inner)
    project.app.register_blueprint(outer)
    assert project.file_of("/outer/inner/static/a.js") == "inner/static/a.js"


def test_a_blueprint_registered_twice(project: Project) -> None:
    shop = Blueprint(
        "shop", __name__, root_path=project.path("shop"), static_folder="static"
    )
    project.app.register_blueprint(shop, url_prefix="/one")
    project.app.register_blueprint(shop, url_prefix="/other", name="other")
    assert project.file_of("/one/static/a.js") == "shop/static/a.js"
    assert project.file_of("/other/static/a.js") == "shop/static/a.js"


def test_a_prefix_with_a_converter(project: Project) -> None:
    shop = Blueprint(
        "shop",
        __name__,
        root_path=project.path("shop"),
        static_folder="static",
        url_prefix="/<any(de, en):language>/<int:year>",
    )
    project.app.register_blueprint(shop)
    assert project.file_of("/de/2024/static/a.js") == "shop/static/a.js"
    assert project.file_of("/en/1/static/js/a.js") == "shop/static/js/a.js"
    assert project.file_of("/fr/2024/static/a.js") is None
    assert project.file_of("/de/x/static/a.js") is None


# Hosts


def make_hosts(folder: Path) -> Project:
    app = Flask(
        "hosts",
        root_path=str(folder),
        host_matching=True,
        static_host="assets.localhost",
    )
    other = Blueprint(
        "other", __name__, root_path=str(folder / "other"), static_folder="static"
    )
    app.register_blueprint(other, url_prefix="/other")
    app.add_url_rule("/", "page", view, host="www.localhost")
    return Project(folder, app)


def test_a_static_folder_on_a_host_of_its_own(tmp_path: Path) -> None:
    project = make_hosts(tmp_path)
    project.roots.mounted("", "assets.localhost")
    assert project.file_of("/static/a.js") == "static/a.js"


def test_a_file_stays_where_it_is_when_another_host_is_asked(tmp_path: Path) -> None:
    project = make_hosts(tmp_path)
    project.roots.mounted("", "assets.localhost")
    project.roots.mounted("", "www.localhost")
    assert project.file_of("/static/a.js") == "static/a.js"


def test_hosts_mean_nothing_to_an_app_that_does_not_match_them(
    project: Project,
) -> None:
    project.roots.mounted("", "dev.example:8443")
    assert project.file_of("/static/a.js") == "static/a.js"


# HMR_ROOTS


def test_a_list_of_folders_is_watched_and_serves_nothing(project: Project) -> None:
    project.app.config["HMR_ROOTS"] = ["../frontend", "lib"]
    assert project.roots.folders() == (
        str(project.folder.parent / "frontend"),
        project.path("lib"),
        project.path("static"),
    )
    assert project.file_of("/lib/a.js") is None


def test_a_mapping_says_under_which_url(project: Project) -> None:
    project.app.config["HMR_ROOTS"] = {"/assets": "frontend/src", "/a/b/": "lib"}
    assert project.file_of("/assets/a.js") == "frontend/src/a.js"
    assert project.file_of("/a/b/js/a.js") == "lib/js/a.js"
    assert project.file_of("/assets") is None
    assert project.file_of("/assets/") is None
    assert project.file_of("/assets-secret/a.js") is None
    assert project.file_of("/a/a.js") is None
    assert project.file_of("/static/a.js") == "static/a.js"


def test_a_mapping_at_the_top(project: Project) -> None:
    project.app.config["HMR_ROOTS"] = {"/": "public"}
    assert project.file_of("/js/a.js") == "public/js/a.js"


@pytest.mark.parametrize("name", ["../secret.js", "x/../../secret.js", "a\\b.js", "."])
def test_no_name_leads_out_of_a_mapped_folder(project: Project, name: str) -> None:
    project.app.config["HMR_ROOTS"] = {"/assets": "frontend"}
    project.write("secret.js")
    assert project.file_of(f"/assets/{name}") is None


# Mounts


def test_a_mounted_app_has_its_files_below_the_mount(project: Project) -> None:
    project.roots.mounted("/shop", "localhost")
    assert project.file_of("/shop/static/a.js") == "static/a.js"
    assert project.file_of("/shopping/static/a.js") is None


def test_several_mounts(project: Project) -> None:
    for mount in ("/a", "/a/b", "", "/a"):
        project.roots.mounted(mount, "localhost")
    for mount in ("/a", "/a/b", ""):
        assert project.file_of(f"{mount}/static/x.js") == "static/x.js"
    assert project.file_of("/b/static/x.js") is None


def test_a_mapping_counts_below_the_mount(project: Project) -> None:
    project.app.config["HMR_ROOTS"] = {"/assets": "frontend"}
    project.roots.mounted("/shop", "localhost")
    assert project.file_of("/shop/assets/a.js") == "frontend/a.js"


@pytest.mark.parametrize("mount", ["/my%20shop", "/%C3%BC", "/100%25"])
def test_a_mount_with_escapes(project: Project, mount: str) -> None:
    project.roots.mounted(mount, "localhost")
    assert project.file_of(f"{mount}/static/a.js") == "static/a.js"


# Views that send files


def test_a_folder_is_learnt_from_a_file_that_a_view_sent(project: Project) -> None:
    project.app.add_url_rule("/lib/<path:name>", "lib", view)
    path = project.write("library/js/a.js")
    assert project.file_of("/lib/js/a.js") is None
    folder = project.roots.saw("/lib/js/a.js", "lib", {"name": "js/a.js"}, path)
    assert folder == project.path("library")
    assert project.file_of("/lib/js/a.js") == "library/js/a.js"
    assert project.file_of("/lib/other.js") == "library/other.js"
    assert project.file_of("/lib/../a.js") is None
    assert project.path("library") in project.roots.folders()


def test_what_was_learnt_is_not_learnt_again(project: Project) -> None:
    project.app.add_url_rule("/lib/<path:name>", "lib", view)
    path = project.write("library/a.js")
    assert project.roots.saw("/lib/a.js", "lib", {"name": "a.js"}, path) is not None
    assert project.roots.saw("/lib/a.js", "lib", {"name": "a.js"}, path) is None


def test_a_file_in_the_static_folder_teaches_nothing(project: Project) -> None:
    path = project.write("static/a.js")
    arguments = {"filename": "a.js"}
    assert project.roots.saw("/static/a.js", "static", arguments, path) is None


def test_a_file_whose_name_no_argument_explains_is_learnt_alone(
    project: Project,
) -> None:
    project.app.add_url_rule("/app.js", "bundle", view)
    project.app.add_url_rule("/page/<int:number>.js", "page", view)
    one, other = project.write("build/x1.js"), project.write("build/page.js")
    assert project.roots.saw("/app.js", "bundle", {}, one) == project.path("build")
    project.roots.saw("/page/3.js", "page", {"number": 3}, other)
    assert project.file_of("/app.js") == "build/x1.js"
    assert project.file_of("/page/3.js") == "build/page.js"
    assert project.file_of("/page/4.js") is None
    assert project.path("build") in project.roots.folders()


def test_a_view_that_sends_files_of_two_folders(project: Project) -> None:
    project.app.add_url_rule("/theme/<path:name>", "theme", view)
    project.write("dark/a.js")
    project.write("base/b.js")
    for folder, name in [("dark", "a.js"), ("base", "b.js")]:
        path = project.path(f"{folder}/{name}")
        project.roots.saw(f"/theme/{name}", "theme", {"name": name}, path)
    assert project.file_of("/theme/b.js") == "base/b.js"
    assert project.file_of("/theme/a.js") == "dark/a.js"


def test_a_view_that_has_a_file_in_both_of_its_folders(project: Project) -> None:
    project.app.add_url_rule("/theme/<path:name>", "theme", view)
    base = [project.write(f"base/{name}") for name in ("a.js", "b.js")]
    dark = project.write("dark/a.js")
    for path in (base[1], dark):
        name = os.path.basename(path)
        project.roots.saw(f"/theme/{name}", "theme", {"name": name}, path)
    assert project.file_of("/theme/a.js") == "dark/a.js"
    assert project.file_of("/theme/b.js") == "base/b.js"
    # Nothing is left to be learnt from the next response.
    assert project.roots.saw("/theme/a.js", "theme", {"name": "a.js"}, dark) is None


def test_an_argument_that_is_no_part_of_the_path_explains_nothing(
    project: Project,
) -> None:
    project.app.add_url_rule("/lib/<name>", "lib", view)
    path = project.write("library/a.js")
    for arguments in ({"name": "b.js"}, {"name": ""}, {"name": ".."}, {"name": "js"}):
        project.roots.saw("/lib/x", "lib", arguments, path)
    assert project.file_of("/lib/b.js") is None
    assert project.file_of("/lib/x") == "library/a.js"


def test_a_learnt_folder_allows_no_more_than_itself(
    project: Project, outside: Path
) -> None:
    project.app.add_url_rule("/lib/<path:name>", "lib", view)
    path = project.write("library/a.js")
    (project.folder / "library/out").symlink_to(outside)
    project.roots.saw("/lib/a.js", "lib", {"name": "a.js"}, path)
    assert project.file_of("/lib/out/a.js") is None


# Several apps


def test_apps_share_nothing(tmp_path: Path) -> None:
    one, other = Project(tmp_path / "one"), Project(tmp_path / "other")
    one.app.add_url_rule("/app.js", "bundle", view)
    other.app.add_url_rule("/app.js", "bundle", view)
    one.roots.saw("/app.js", "bundle", {}, one.write("build/app.js"))
    one.roots.mounted("/one", "localhost")
    assert one.file_of("/app.js") == "build/app.js"
    assert other.file_of("/app.js") is None
    assert other.file_of("/one/static/a.js") is None
    assert other.file_of("/static/a.js") == "static/a.js"
