"""The example application answers, and what it says of its own files is true."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import example_app
from example_app.shop.plans import PlanBook, read_rows
from example_app.tour.cards import CARDS, Card

PACKAGE_PATH = Path(example_app.__file__).parent
EXAMPLES_PATH = PACKAGE_PATH / "tour" / "static" / "examples"
PAGES = ("/", "/tour/")

# Enough for how the modules of the application are written.
IMPORT = re.compile(r"^(?:import|export)\b[^'\"]*?['\"]([^'\"]+)['\"];$", re.MULTILINE)

STATIC_FOLDERS = {
    "/static/": PACKAGE_PATH / "static",
    "/shop/static/": PACKAGE_PATH / "shop" / "static",
    "/tour/static/": PACKAGE_PATH / "tour" / "static",
}


def module_urls() -> Iterator[tuple[str, Path]]:
    """Yield the URL and the file of each module of the application."""
    for prefix, folder in STATIC_FOLDERS.items():
        for path in sorted(folder.rglob("*.js")):
            yield prefix + path.relative_to(folder).as_posix(), path


def make_app(*, debug: bool) -> Flask:
    app = example_app.create_app({"TESTING": True})
    app.debug = debug
    return app


@pytest.fixture
def client() -> FlaskClient:
    return make_app(debug=False).test_client()


def get(client: FlaskClient, url: str) -> tuple[int, bytes]:
    """Give the status and the body of an answer, and close the file behind it."""
    with client.get(url) as response:
        return response.status_code, response.data


def import_map_of(page: str) -> dict[str, str]:
    found = re.search(r'<script type="importmap">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    imports: dict[str, str] = json.loads(found[1])["imports"]
    return imports


def resolve(specifier: str, importer_url: str, imports: dict[str, str]) -> str:
    """Find the URL of a module as the browser does."""
    if specifier.startswith("."):
        folder_url = posixpath.dirname(importer_url)
        return posixpath.normpath(posixpath.join(folder_url, specifier))
    return imports[specifier]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_answers_without_hot_module_replacement(
    client: FlaskClient, url: str
) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert response.text.startswith("<!doctype html>")


@pytest.mark.parametrize("url", PAGES)
def test_a_page_answers_while_debugging(url: str) -> None:
    assert make_app(debug=True).test_client().get(url).status_code == 200


@pytest.mark.parametrize("url", PAGES)
def test_everything_that_a_page_links_to_is_there(
    client: FlaskClient, url: str
) -> None:
    page = client.get(url).text
    linked = re.findall(r'(?:src|href|data-source)="([^"]+)"', page)
    assert any(link.endswith(".js") for link in linked)
    assert any(link.endswith(".css") for link in linked)
    for link in [*linked, *import_map_of(page).values()]:
        assert get(client, link)[0] == 200, link


@pytest.mark.parametrize("url", PAGES)
def test_a_page_asks_nothing_of_other_hosts(client: FlaskClient, url: str) -> None:
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", client.get(url).text)


@pytest.mark.parametrize(
    ("url", "path"), list(module_urls()), ids=[url for url, _ in module_urls()]
)
def test_everything_that_a_module_imports_is_there(
    client: FlaskClient, url: str, path: Path
) -> None:
    imports = import_map_of(client.get("/").text)
    assert get(client, url)[0] == 200
    for specifier in IMPORT.findall(path.read_text("utf-8")):
        target = resolve(specifier, url, imports)
        assert get(client, target)[0] == 200, f"{url} imports {specifier}"


def test_every_module_is_reached_from_a_page(client: FlaskClient) -> None:
    imports = import_map_of(client.get("/").text)
    paths = dict(module_urls())
    reached: set[str] = set()
    waiting = ["/shop/static/shop.js", "/tour/static/tour.js"]
    while waiting:
        url = waiting.pop()
        if url in reached:
            continue
        reached.add(url)
        for specifier in IMPORT.findall(paths[url].read_text("utf-8")):
            waiting.append(resolve(specifier, url, imports))
    assert reached == set(paths)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_what_a_card_asks_to_change_is_once_in_its_file(card: Card) -> None:
    text = EXAMPLES_PATH.joinpath(card.files[0]).read_text("utf-8")
    assert text.count(card.find) == 1
    assert card.replace not in text


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_card_shows_its_files_as_they_are_on_disk(
    client: FlaskClient, card: Card
) -> None:
    page = client.get("/tour/").text
    for file in card.files:
        url = f"/tour/source/{file}"
        assert f'data-source="{url}"' in page
        assert get(client, url) == (200, EXAMPLES_PATH.joinpath(file).read_bytes())


def test_the_sources_of_the_tour_are_its_examples_and_no_other_files(
    client: FlaskClient,
) -> None:
    assert client.get("/tour/source/../../cards.py").status_code == 404
    assert client.get("/tour/source/%2e%2e/board.js").status_code == 404


def test_a_plan_is_kept_and_shown(client: FlaskClient) -> None:
    form = {"bed": "South <wall>", "notes": "Water!", "seeds": "carrot:2,pea:1"}
    page = client.post("/plans", data=form, follow_redirects=True).text
    assert "South &lt;wall&gt;" in page
    assert "Carrot × 2, Pea × 1" in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"bed": "South", "seeds": ""},
        {"bed": " ", "seeds": "carrot:1"},
        {"bed": "South", "seeds": "carrot"},
        {"bed": "South", "seeds": "carrot:21"},
        {"bed": "South", "seeds": "gold:1"},
    ],
)
def test_a_plan_that_makes_no_sense_is_not_kept(form: dict[str, str]) -> None:
    app = make_app(debug=False)
    page = app.test_client().post("/plans", data=form, follow_redirects=True)
    assert 'class="message"' in page.text
    book = app.extensions["plan_book"]
    assert isinstance(book, PlanBook)
    assert book.newest() == []


def test_two_applications_keep_their_plans_apart() -> None:
    first = make_app(debug=False).test_client()
    second = make_app(debug=False).test_client()
    first.post("/plans", data={"bed": "Mine", "seeds": "leek:1"})
    assert "Mine" in first.get("/").text
    assert "Mine" not in second.get("/").text


def test_rows_are_read_in_the_order_of_choice() -> None:
    rows = read_rows("pea:1,carrot:20")
    assert [(row.seed.slug, row.count) for row in rows] == [("pea", 1), ("carrot", 20)]
