"""Which responses are transformed, how, and with what headers."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import (
    Blueprint,
    Flask,
    Response,
    render_template,
    request,
    send_file,
    send_from_directory,
    stream_with_context,
)
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_hmr import HMR
from flask_hmr.core.versions import digest

IMPORT = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}
CLASSIC = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}
VERSION = r"[?&]m=[0-9a-z]{16}"


class Site:
    """An app with HMR switched on, over files that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = Flask("site", root_path=str(folder))
        HMR(self.app)
        self.app.debug = True
        self.write("static/plain.js", "export const x = 1;\n")

    def write(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def get(self, url: str, **headers: str) -> Any:
        names = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.get(url, headers=names, buffered=True)

    def page(self, url: str, html: str, **headers: str) -> None:
        def view() -> Response:
            return Response(html, headers=headers or None, mimetype="text/html")

        self.app.add_url_rule(url, url, view)

    def versioned(self, url: str) -> str:
        """Return the URL under which pages ask for a module at present."""
        self.get("/static/plain.js")
        versions = self.app.extensions["hmr"].updates.versions([url])
        return f"{url}?m={versions[url]}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    state = site.app.extensions["hmr"]
    if state is not None:
        state.close()


def plain(text: str) -> str:
    return re.sub(VERSION, "", text)


# Modules


def test_a_module_that_names_nothing_is_untouched(site: Site) -> None:
    assert site.get("/static/plain.js").text == "export const x = 1;\n"


def test_specifiers_get_the_version_of_what_they_name(site: Site) -> None:
    site.write("static/main.js", "import {x} from './plain.js';\nx;\n")
    text = site.get("/static/main.js").text
    assert re.fullmatch(rf'import {{x}} from "\./plain\.js{VERSION}";\nx;\n', text)


def test_specifiers_that_name_no_file_of_ours_are_untouched(site: Site) -> None:
    text = "import 'lit';\nimport 'https://x.example/a.js';\nimport './gone.js';\n"
    site.write("static/main.js", text)
    assert site.get("/static/main.js").text == text


def test_a_full_url_of_the_app_is_a_module_of_the_app(site: Site) -> None:
    site.write("static/main.js", "import 'http://localhost/static/plain.js';\n")
    assert re.search(rf'"/static/plain\.js{VERSION}"', site.get("/static/main.js").text)


def test_a_host_that_is_not_allowed_is_no_host_of_the_app(site: Site) -> None:
    text = "import 'http://foreign.example/static/plain.js';\n"
    site.write("static/main.js", text)
    assert site.get("/static/main.js", Host="foreign.example").text == text


def test_a_module_that_takes_part_gets_a_prelude_on_its_first_line(site: Site) -> None:
    site.write("static/main.js", "import './plain.js';\nimport.meta.hot.accept();\n")
    first, rest = site.get("/static/main.js").text.split("\n", 1)
    assert re.match(
        r'import\{setup as __hmr_setup\}from"/_hmr/client/\w+/client\.js";'
        rf'__hmr_setup\(import\.meta,\{{\["\./plain\.js"\]:"/static/plain\.js{VERSION}"'
        r'\}\);import "\./plain\.js',
        first,
    )
    assert rest == "import.meta.hot.accept();\n"


def test_a_mention_is_no_use(site: Site) -> None:
    text = (
        "// import.meta.hot\nexport const a = 'import.meta.hot', b = `import('./x')`;"
    )
    site.write("static/main.js", text)
    assert site.get("/static/main.js").text == text


def test_dynamic_imports_go_through_the_runtime(site: Site) -> None:
    site.write("static/main.js", "export default () => import('./plain.js');\n")
    text = site.get("/static/main.js").text
    assert re.search(
        rf'=> __hmr_load\(import\.meta\.url,"\./plain\.js{VERSION}"\);\n$', text
    )
    assert "setup" not in text


def test_names_of_the_prelude_give_way_to_the_modules_own(site: Site) -> None:
    site.write(
        "static/main.js", "let __hmr_load = 1; export default import('./plain.js')"
    )
    assert "load as __hmr_load_}" in site.get("/static/main.js").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeffimport.meta.hot;\n", "\ufeffimport{"),
        ("#!/usr/bin/env node\nimport.meta.hot;\n", "#!/usr/bin/env node\nimport{"),
        ("#!/x\r\nimport.meta.hot;\r\n", "#!/x\r\nimport{"),
    ],
)
def test_the_prelude_comes_after_what_must_be_first(
    site: Site, text: str, expected: str
) -> None:
    site.write("static/main.js", text)
    got = site.get("/static/main.js").data.decode()
    assert got.startswith(expected)
    assert got.count("\n") == text.count("\n")
    assert got.count("\r") == text.count("\r")


def test_bytes_that_are_no_utf_8_survive(site: Site) -> None:
    source = b"import './plain.js';\nexport const s = '\xe9\xff';\n"
    site.write("static/main.js", source)
    got = site.get("/static/main.js").data
    assert got.endswith(b"export const s = '\xe9\xff';\n")
    assert b"?m=" in got


def test_the_length_is_that_of_the_rewritten_text(site: Site) -> None:
    site.write("static/main.js", "import './plain.js'; // ü\n")
    for method in ("GET", "HEAD"):
        response = site.client.open("/static/main.js", method=method)
        expected = len(site.get("/static/main.js").data)
        assert int(response.headers["Content-Length"]) == expected
    assert site.client.head("/static/main.js").data == b""


def test_a_module_without_a_file_is_rewritten_too(site: Site) -> None:
    site.app.add_url_rule(
        "/config.js",
        "config",
        lambda: Response("import './static/plain.js'", mimetype="text/javascript"),
    )
    assert "?m=" in site.get("/config.js").text


def test_an_error_page_is_no_module(site: Site) -> None:
    assert site.get("/static/gone.js").status_code == 404


def test_the_plain_url_is_given_to_modules_that_read_it(site: Site) -> None:
    site.write("static/main.js", "export default import.meta.url;\n")
    assert site.get("/static/main.js").text == "export default import.meta.url;\n"
    text = site.get(site.versioned("/static/main.js")).text
    assert text.startswith("import.meta.url=import.meta.url.slice(0,-19);export")


# Classic scripts


def test_a_classic_script_is_untouched(site: Site) -> None:
    text = "<!-- old\nvar a = 1; import('./plain.js');\n"
    site.write("static/old.js", text)
    assert site.get("/static/old.js").text == text
    assert site.get("/static/old.js", **CLASSIC).text == text


# References that nobody could give a version


def test_the_script_of_a_worker_is_taken_note_of(site: Site) -> None:
    site.write("static/worker.js", "import './plain.js';\n")
    worker = {"Sec-Fetch-Dest": "worker", "Sec-Fetch-Mode": "same-origin"}
    response = site.get("/static/worker.js", **worker)
    assert re.search(rf"plain\.js{VERSION}", response.text)
    updates = site.app.extensions["hmr"].updates
    assert updates.workers == {"/static/worker.js"}


def test_an_import_without_a_version_gets_the_one_instance(site: Site) -> None:
    site.write("static/main.js", "export default 1;\nexport const y = 2;\n")
    site.write("static/other.js", "import './plain.js';\n")
    site.get("/static/other.js")
    headers = {**IMPORT, "Referer": "http://localhost/static/other.js"}
    text = site.get("/static/main.js", **headers).text
    assert plain(text) == (
        'export*from"/static/main.js";export{default}from"/static/main.js";'
    )
    assert plain(site.get("/static/plain.js", **headers).text) == (
        'export*from"/static/plain.js";'
    )


@pytest.mark.parametrize("referer", ["/", "/static/old.js", None])
def test_what_is_no_module_gets_one_that_follows_the_instances(
    site: Site, referer: str | None
) -> None:
    site.write("static/old.js", "var a = 1;\n")
    site.get("/static/old.js", **CLASSIC)
    headers = {"Referer": f"http://localhost{referer}"} if referer else {}
    text = site.get("/static/plain.js", **IMPORT, **headers).text
    assert 'forward("/static/plain.js",set);export{$0 as x};' in text
    assert re.search(rf'export\*from"/static/plain\.js{VERSION}";$', text)


def test_modules_of_other_origins_are_left_with_one_instance(site: Site) -> None:
    headers = {**IMPORT, "Referer": "http://elsewhere.example/"}
    text = site.get("/static/plain.js", **headers).text
    assert plain(text) == 'export*from"/static/plain.js";'


# Headers


def test_a_module_that_did_not_change_is_not_sent_again(site: Site) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    tag = site.get("/static/main.js").headers["ETag"]
    response = site.get("/static/main.js", If_None_Match=tag)
    assert response.status_code == 304
    assert response.data == b""


def test_the_etag_of_the_file_is_not_that_of_the_module(site: Site) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    with site.app.test_request_context():
        sent = send_file(site.folder / "static/main.js")
        raw = sent.headers["ETag"]
        sent.close()
    response = site.get("/static/main.js", If_None_Match=raw)
    assert response.status_code == 200
    assert "Last-Modified" not in response.headers


def test_a_changed_import_makes_a_changed_response(site: Site) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    before = site.get("/static/main.js")
    site.write("static/plain.js", "export const x = 'longer';\n")
    updates = site.app.extensions["hmr"].updates
    updates.changed(updates.stale())
    after = site.get("/static/main.js", If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert after.data != before.data


def test_a_file_that_is_being_saved_is_not_read_half_when_events_were_missed(
    site: Site,
) -> None:
    site.get("/static/plain.js")
    state = site.app.extensions["hmr"]
    graph, watcher = state.updates.graph, state.watch()
    assert watcher.ready.wait(10)
    before = graph.facts("/static/plain.js")
    path = site.folder / "static/plain.js"
    with path.open("wb") as file:
        # The watcher's own thread does this, before it hears of the file.
        state._missed(watcher)
        assert not watcher.wait_settled(str(path), 0)
        assert graph.facts("/static/plain.js") == before
        file.write(b"export const x = 2;\n")
    assert watcher.wait_settled(str(path), 10)
    facts = graph.facts("/static/plain.js")
    assert facts is not None
    assert facts.content == digest(b"export const x = 2;\n")
    assert graph.seq == 1


def test_what_was_sent_before_is_sent_again_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    before = site.get("/static/main.js")

    def rewrite(*args: object, **options: object) -> str:
        raise AssertionError("It was rewritten again.")

    monkeypatch.setattr("flask_hmr.modules.rewrite", rewrite)
    after = site.get("/static/main.js")
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]


def test_a_renewed_import_makes_a_changed_response(site: Site) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    before = site.get("/static/main.js")
    site.app.extensions["hmr"].updates.renew(["/static/plain.js"])
    assert site.get("/static/main.js").data != before.data


def test_a_file_saved_a_moment_ago_is_served_as_it_is_now(site: Site) -> None:
    site.write("static/main.js", "export const a = 1;\n")
    assert site.get("/static/main.js").text == "export const a = 1;\n"
    for number in range(5):
        text = f"export const a = 'new{number}';\n"
        site.write("static/main.js", text)
        assert site.get("/static/main.js").text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import './plain.js';\n", "immutable"),
        ("import './box.js';\n", "no-store"),
    ],
)
def test_only_text_that_follows_from_its_url_is_kept_for_ever(
    site: Site, text: str, expected: str
) -> None:
    site.write("static/box.js", "import.meta.hot.accept();\n")
    site.write("static/main.js", text)
    response = site.get(site.versioned("/static/main.js"))
    assert expected in response.headers["Cache-Control"]
    assert site.get("/static/main.js").headers["Cache-Control"] == "no-store"


def test_an_old_version_gets_the_present_text_and_is_not_kept(site: Site) -> None:
    response = site.get("/static/plain.js?m=0123456789abcdef")
    assert response.text == "export const x = 1;\n"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_range_is_one_of_the_rewritten_text(site: Site) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    whole = site.get("/static/main.js").data
    response = site.get("/static/main.js", Range="bytes=3-9")
    assert response.status_code == 206
    assert response.data == whole[3:10]
    assert response.headers["Content-Range"] == f"bytes 3-9/{len(whole)}"


def test_a_range_of_a_classic_script_is_left_to_the_app(site: Site) -> None:
    site.write("static/old.js", "var a = 12345678;\n")
    response = site.get("/static/old.js", Range="bytes=0-3", **CLASSIC)
    assert response.status_code == 206
    assert response.data == b"var "


def test_an_encoded_body_is_left_alone(site: Site) -> None:
    body = gzip.compress(b"import './static/plain.js'")

    @site.app.get("/packed.js")
    def packed() -> Response:
        return Response(
            body, mimetype="text/javascript", headers={"Content-Encoding": "gzip"}
        )

    assert site.get("/packed.js").data == body


def test_a_streamed_body_is_left_alone(site: Site) -> None:
    @site.app.get("/stream.js")
    def stream() -> Response:
        parts = iter(["import './static", "/plain.js'"])
        return Response(stream_with_context(parts), mimetype="text/javascript")

    assert site.get("/stream.js").text == "import './static/plain.js'"


def test_other_responses_are_left_alone(site: Site) -> None:
    @site.app.get("/data")
    def data() -> dict[str, str]:
        return {"html": "<html><head></head></html>", "js": "import './a.js'"}

    response = site.get("/data")
    assert response.json["js"] == "import './a.js'"
    assert "Cache-Control" not in response.headers


def test_conditions_of_other_requests_reach_the_app(site: Site) -> None:
    @site.app.get("/tagged")
    def tagged() -> Response:
        response = Response("x", mimetype="text/plain")
        response.set_etag("one")
        return response.make_conditional(request)  # type: ignore[return-value]

    assert site.get("/tagged", If_None_Match='"one"').status_code == 304


def test_a_failure_of_ours_leaves_the_response_as_it_was(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site.write("static/main.js", "import './plain.js';\n")
    site.get("/data")
    updates = site.app.extensions["hmr"].updates

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(updates, "resolver", fail)
    response = site.get("/static/main.js")
    assert response.text == "import './plain.js';\n"
    assert "served as it is" in caplog.text


# Where files are


def test_modules_of_blueprints_are_found(site: Site) -> None:
    site.write("shop/assets/s.js", "import '../s2.js'; import './t.js';\n")
    site.write("shop/assets/t.js", "export {};\n")
    shop = Blueprint(
        "shop", __name__, root_path=str(site.folder / "shop"), static_folder="assets"
    )

    @shop.url_value_preprocessor
    def pull(_: str | None, values: dict[str, Any] | None) -> None:
        (values or {}).pop("lang", None)

    site.app.register_blueprint(shop, url_prefix="/<lang>/shop")
    text = site.get("/en/shop/assets/s.js").text
    assert re.search(rf'"\./t\.js{VERSION}"', text)
    assert "'../s2.js'" in text


@pytest.mark.parametrize("path", ["", "/", "/assets"])
def test_the_static_folder_may_be_at_any_url(tmp_path: Path, path: str) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static/a.js").write_text("import './b.js';\n")
    (tmp_path / "static/b.js").write_text("export {};\n")
    app = Flask("top", root_path=str(tmp_path), static_url_path=path)
    HMR(app)
    app.debug = True
    text = app.test_client().get(f"{path.rstrip('/')}/a.js").text
    assert re.search(rf'"\./b\.js{VERSION}"', text)
    app.extensions["hmr"].close()


def test_files_that_a_view_sends_are_found(site: Site) -> None:
    site.write("front/deep/a.js", "import '../b.js';\n")
    site.write("front/b.js", "export {};\n")

    @site.app.get("/front/<path:name>")
    def front(name: str) -> Response:
        return send_from_directory(site.folder / "front", name)

    assert re.search(rf'"\.\./b\.js{VERSION}"', site.get("/front/deep/a.js").text)


def test_files_that_a_view_sends_are_found_after_a_page_named_them(site: Site) -> None:
    site.write("front/a.js", "import './b.js';\n")
    site.write("front/b.js", "export {};\n")
    site.page("/", '<!doctype html><script type="module" src="/front/a.js"></script>')

    @site.app.get("/front/<path:name>")
    def front(name: str) -> Response:
        return send_from_directory(site.folder / "front", name)

    assert "?m=" not in site.get("/").text
    forward = site.get("/front/a.js", **IMPORT).text
    assert re.fullmatch(rf'export\*from"/front/a\.js{VERSION}";', forward)
    assert re.search(rf'"/front/a\.js{VERSION}"', site.get("/").text)


def test_what_another_request_is_learning_of_is_no_second_instance(site: Site) -> None:
    site.write("front/a.js", "export {};\n")
    site.write("front/b.js", "export {};\n")
    script = '<script type="module" src="/front/{}.js"></script>'
    site.page("/", "<!doctype html>" + script.format("a") + script.format("b"))

    @site.app.get("/front/<path:name>")
    def front(name: str) -> Response:
        return send_from_directory(site.folder / "front", name)

    site.get("/")
    roots = site.app.extensions["hmr"].roots
    roots.saw("/front/a.js", "front", {"name": "a.js"}, f"{site.folder}/front/a.js")

    forward = site.get("/front/b.js", **IMPORT).text

    assert re.fullmatch(rf'export\*from"/front/b\.js{VERSION}";', forward)


def test_one_file_that_a_view_sends_is_found(site: Site) -> None:
    site.write("front/a.js", "import.meta.hot.accept();\n")

    @site.app.get("/entry")
    def entry() -> Response:
        return send_file(site.folder / "front/a.js")

    assert "__hmr_setup" in site.get("/entry").text
    assert "?m=" in site.versioned("/entry")


def test_configured_roots_are_found(site: Site) -> None:
    site.app.config["HMR_ROOTS"] = {"/lib": "vendor"}
    site.write("vendor/v.js", "export {};\n")
    site.write("static/main.js", "import '/lib/v.js';\n")
    assert re.search(rf'"/lib/v\.js{VERSION}"', site.get("/static/main.js").text)


def test_an_app_below_a_path_is_served_there(site: Site) -> None:
    site.write("static/main.js", "import '/sub/static/plain.js'; import.meta.hot;\n")
    site.page(
        "/", '<!doctype html><script type="module" src="static/main.js"></script>'
    )
    app = DispatcherMiddleware(Flask("outer"), {"/sub": site.app})
    client = Client(app)
    text = client.get("/sub/static/main.js").text
    assert 'from"/sub/_hmr/client/' in text
    assert re.search(rf'"/sub/static/plain\.js{VERSION}"', text)
    assert 'from"/_hmr/client/' in site.get("/static/main.js").text
    page = client.get("/sub/").text
    assert re.search(rf'src="static/main\.js{VERSION}"', page)
    assert 'src="/sub/_hmr/client/' in page
    url = re.findall(r'src="(/sub/_hmr/[^"]+)"', page)[0]
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    "name", ["a b.js", "ä.js", "50%.js", "a#b.js", "a+b.js", "[x].js", "日本.js"]
)
def test_any_name_of_a_file_is_found(site: Site, name: str) -> None:
    escaped = name.replace("%", "%25").replace("#", "%23")
    site.write(f"static/{name}", "export {};\n")
    site.write("static/main.js", f"import './{escaped}';\n")
    assert re.search(VERSION, site.get("/static/main.js").text)


def test_a_link_inside_the_roots_is_followed(site: Site) -> None:
    site.write("static/real/x.js", "export {};\n")
    (site.folder / "static/link").symlink_to(site.folder / "static/real")
    site.write("static/main.js", "import './link/x.js';\n")
    assert "?m=" in site.get("/static/main.js").text


def test_a_link_to_elsewhere_in_the_project_is_followed(site: Site) -> None:
    site.write("shared/x.js", "export {};\n")
    (site.folder / "static/link").symlink_to(site.folder / "shared")
    site.write("static/main.js", "import './link/x.js';\n")
    assert "?m=" in site.get("/static/main.js").text


def test_a_link_that_leads_out_of_the_project_is_not_followed(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.js").write_text("export {};\n")
    (site.folder / "static/link").symlink_to(outside)
    site.write("static/main.js", "import './link/x.js';\n")
    assert "?m=" not in site.get("/static/main.js").text


@pytest.mark.parametrize(
    "specifier",
    ["../../secret.js", "/../secret.js", "./..%2fsecret.js", "./..\\\\secret.js"],
)
def test_nothing_outside_the_roots_is_read(site: Site, specifier: str) -> None:
    site.write("secret.js", "export {};\n")
    site.write("static/main.js", f"import '{specifier}';\n")
    assert "?m=" not in site.get("/static/main.js").text


# Documents


def runtime_tags(text: str) -> list[str]:
    return re.findall(r'<script type="module" src="/_hmr/client/[^>]*></script>', text)


def test_a_document_gets_the_runtime_once(site: Site) -> None:
    site.page("/", "<!doctype html><html><head><title>x</title></head></html>")
    text = site.get("/").text
    assert len(runtime_tags(text)) == 1
    assert text.index("/_hmr/client/") < text.index("<title>")


@pytest.mark.parametrize(
    "html", ["<p>part</p>", "", "<div><script type=module src=a.js></script></div>"]
)
def test_a_fragment_is_untouched(site: Site, html: str) -> None:
    site.page("/", html)
    assert site.get("/").text == html


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_document_tells_whether_it_answers_a_form(site: Site, method: str) -> None:
    page = "<!doctype html><title>Sent</title>"
    site.app.add_url_rule("/form", view_func=lambda: page, methods=["GET", method])
    response = site.client.open("/form", method=method)
    (tag,) = runtime_tags(response.text)
    assert ("posted" in tag) == (method != "GET")


def test_a_module_in_answer_to_a_form_is_untouched(site: Site) -> None:
    text = "import '/static/plain.js';"
    view = Response(text, mimetype="text/javascript")
    site.app.add_url_rule("/js", view_func=lambda: view, methods=["POST"])
    assert site.client.post("/js").text == text


def test_an_error_page_gets_the_runtime(site: Site) -> None:
    assert len(runtime_tags(site.get("/nowhere").text)) == 1


def test_a_document_on_disk_gets_the_runtime(site: Site) -> None:
    site.write("page.html", "<!doctype html><html><body>x</body></html>")
    site.app.add_url_rule("/", "page", lambda: send_file(site.folder / "page.html"))
    response = site.get("/")
    assert len(runtime_tags(response.text)) == 1
    assert int(response.headers["Content-Length"]) == len(response.data)


def test_a_redirect_is_untouched(site: Site) -> None:
    @site.app.get("/old")
    def old() -> Response:
        response = Response("<!doctype html><p>moved", 302)
        response.headers["Location"] = "/"
        return response

    assert "_hmr" not in site.get("/old").text


def test_references_in_a_document_have_versions(site: Site) -> None:
    site.page(
        "/",
        "<!doctype html><head>"
        "<link rel=modulepreload href='/static/plain.js'>"
        '<script type="module" src="/static/plain.js"></script>'
        '<script src="/static/plain.js"></script>'
        "<script type=module>import '/static/plain.js'; import('./static/plain.js');"
        "</script></head>",
    )
    text = site.get("/").text
    assert len(re.findall(rf"/static/plain\.js{VERSION}", text)) == 4
    assert '<script src="/static/plain.js"></script>' in text
    assert re.search(
        rf'__hmr_load\(import\.meta\.url,"\./static/plain\.js{VERSION}', text
    )


def test_the_runtime_takes_the_nonce_of_the_policy(site: Site) -> None:
    policy = "script-src 'nonce-abc123' 'strict-dynamic'"
    site.page("/", "<!doctype html><p>x", **{"Content-Security-Policy": policy})
    assert 'nonce="abc123"' in runtime_tags(site.get("/").text)[0]


def test_scripts_that_a_policy_pins_are_untouched(site: Site) -> None:
    policy = "script-src 'self' 'sha256-abc='"
    inline = "<script type=module>import '/static/plain.js'</script>"
    site.page(
        "/", f"<!doctype html><head>{inline}", **{"Content-Security-Policy": policy}
    )
    assert inline in site.get("/").text


def test_import_maps_get_versions_and_settle_bare_specifiers(site: Site) -> None:
    site.write("static/main.js", "import 'plain'; import 'lib/plain.js';\n")
    site.page(
        "/",
        '<!doctype html><script type="importmap">{"imports": '
        '{"plain": "/static/plain.js", "lib/": "/static/"}}</script>',
    )
    text = site.get("/").text
    assert re.search(rf'"plain": ?"/static/plain\.js{VERSION}"', text)
    assert text.index("importmap") < text.index("/_hmr/client/")
    module = site.get("/static/main.js").text
    assert len(re.findall(rf'"/static/plain\.js{VERSION}"', module)) == 2


def test_the_maps_of_one_document_are_one_map(site: Site) -> None:
    site.write("static/other.js", "export {};\n")
    site.write("static/main.js", "import './plain.js'; import 'other';\n")
    maps = ({"/static/plain.js": "/static/other.js"}, {"other": "/static/other.js"})
    scripts = (
        f'<script type="importmap">{json.dumps({"imports": m})}</script>' for m in maps
    )
    site.page("/", f"<!doctype html>{''.join(scripts)}")
    site.get("/")
    text = site.get("/static/main.js").text
    assert len(re.findall(rf'"/static/other\.js{VERSION}"', text)) == 2


@pytest.mark.parametrize("charset", ["latin-1", "cp1252", "shift_jis", "utf-8"])
def test_a_document_keeps_its_encoding(site: Site, charset: str) -> None:
    @site.app.get("/")
    def page() -> Response:
        body = "<!doctype html><head><title>é</title></head>"
        if charset == "shift_jis":
            body = body.replace("é", "日")
        return Response(
            body.encode(charset), content_type=f"text/html; charset={charset}"
        )

    response = site.get("/")
    title = "日" if charset == "shift_jis" else "é"
    assert f"<title>{title}</title>".encode(charset) in response.data
    assert b"data-hmr" in response.data


def test_a_document_is_not_taken_from_a_cache(site: Site) -> None:
    site.page("/", "<!doctype html><p>x")
    assert site.get("/").headers["Cache-Control"] == "no-store"


def test_what_an_app_says_about_caching_stands(site: Site) -> None:
    site.page("/", "<!doctype html><p>x", **{"Cache-Control": "max-age=60"})
    assert site.get("/").headers["Cache-Control"] == "max-age=60"


def test_the_etag_of_a_document_follows_its_modules(site: Site) -> None:
    @site.app.get("/")
    def page() -> Response:
        html = '<!doctype html><script type="module" src="/static/plain.js"></script>'
        response = Response(html)
        response.add_etag()
        return response.make_conditional(request)  # type: ignore[return-value]

    accept = "text/html"
    first = site.get("/", Accept=accept)
    tag = first.headers["ETag"]
    assert site.get("/", Accept=accept, If_None_Match=tag).status_code == 304
    site.write("static/plain.js", "export const x = 'other';\n")
    updates = site.app.extensions["hmr"].updates
    updates.changed(updates.stale())
    again = site.get("/", Accept=accept, If_None_Match=tag)
    assert again.status_code == 200
    assert again.data != first.data


def test_parts_of_pages_name_their_templates(site: Site) -> None:
    site.write("templates/_rows.html", "<li>one</li>")
    site.write("templates/page.html", "<!doctype html>{% include '_rows.html' %}")
    for name in ("_rows", "page"):
        site.app.add_url_rule(
            f"/{name}", name, lambda name=name: render_template(f"{name}.html")
        )

    named = json.loads(site.get("/_rows").headers["HMR-Templates"])

    assert list(named) == ["_rows.html"]
    # Documents say so in what is put into them.
    page = site.get("/page", Sec_Fetch_Dest="document")
    assert "HMR-Templates" not in page.headers
    assert f"{named['_rows.html']}" in page.text


def test_documents_that_scripts_ask_for_name_their_templates(site: Site) -> None:
    site.write("templates/page.html", "<!doctype html><main>part</main>")
    site.app.add_url_rule("/page", "page", lambda: render_template("page.html"))

    for headers in ({"Sec-Fetch-Dest": "empty"}, {}):
        page = site.get("/page", **headers)
        assert list(json.loads(page.headers["HMR-Templates"])) == ["page.html"]


def test_a_part_that_is_made_of_too_many_templates_names_none(site: Site) -> None:
    names = [f"{number:0>50}.html" for number in range(100)]
    for name in names:
        site.write(f"templates/{name}", "<i></i>")
    site.app.add_url_rule(
        "/many", "many", lambda: "".join(render_template(n) for n in names)
    )

    assert "HMR-Templates" not in site.get("/many").headers


def test_what_is_taken_for_deleted_is_not_there_whatever_came_back(site: Site) -> None:
    site.write("static/main.js", "import.meta.hot;\n")
    response = site.get(f"/static/main.js?m={'0' * 16}")
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"
    assert response.data == b""


@pytest.mark.parametrize(
    ("age", "sent"), [(86400, "no-cache, public"), (None, "no-cache")]
)
def test_a_classic_script_is_asked_for_again(site: Site, age: Any, sent: str) -> None:
    site.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = age
    site.write("static/old.js", "var a = 1;\n")
    response = site.get("/static/old.js", **CLASSIC)
    assert response.data == b"var a = 1;\n"
    assert sorted(response.headers["Cache-Control"].split(", ")) == sent.split(", ")
    assert "Expires" not in response.headers
