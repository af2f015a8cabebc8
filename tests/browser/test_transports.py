"""Pages whose server, or what stands between, does not let them have a socket."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .support.page import Page
from .support.project import APP, Project

MAIN = """
window.log.push("{0}");
import.meta.hot.accept();
"""

# Something before the app that lets certain requests come to nothing.
BETWEEN = (
    APP
    + """

inner = app.wsgi_app


def between(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/_hmr/socket" and {socket!r}:
        if {socket!r} == "silent":
            __import__("time").sleep(30)
        start_response("{socket}", [("Content-Length", "0")])
        return [b""]
    if path == "/_hmr/stream" and {stream!r}:
        if {stream!r} == "silent":
            start_response("200 OK", [("Content-Type", "text/event-stream")])
            return silence()
        start_response("{stream}", [("Content-Length", "0")])
        return [b""]
    return inner(environ, start_response)


def silence():
    __import__("time").sleep(30)
    yield b""


app.wsgi_app = between
"""
)


def start(project: Project, *, socket: str = "", stream: str = "") -> None:
    project.write(
        {
            "app.py": BETWEEN.replace("{socket!r}", repr(socket))
            .replace("{stream!r}", repr(stream))
            .replace("{socket}", socket)
            .replace("{stream}", stream),
            "static/main.js": MAIN.format("one"),
        }
    )
    project.start(debug=False, env={"FLASK_HMR_ENABLED": "1"})


def save_and_wait(project: Project, pages: list[Page], text: str) -> None:
    project.save("static/main.js", MAIN.format(text))

    for page in pages:
        page.wait_for_log_entry(text)
        page.assert_not_reloaded()


def streams(page: Page) -> int:
    """Return how many streams a page has opened."""
    return sum("/_hmr/stream" in url for url in page.requests)


def opened(project: Project, count: int) -> list[Page]:
    pages = [project.open() for _ in range(count)]

    for page in pages:
        page.wait_until_connected()

    return pages


@pytest.mark.parametrize("answer", ["403 FORBIDDEN", "500 ERROR", "200 OK", "silent"])
def test_where_there_is_no_socket_a_stream_is_found_and_remembered(
    project: Project, answer: str
) -> None:
    start(project, socket=answer)
    page = project.open()
    page.wait_for_console("[hmr] connected (stream)")
    save_and_wait(project, [page], "two")
    tried = len(page.sockets)
    assert tried > 0

    page.refresh()
    page.wait_for_console("[hmr] connected (stream)")
    save_and_wait(project, [page], "three")
    assert len(page.sockets) == tried


@pytest.mark.parametrize("answer", ["403 FORBIDDEN", "502 ERROR", "silent"])
def test_where_no_stream_comes_through_pages_ask(project: Project, answer: str) -> None:
    start(project, socket="403 FORBIDDEN", stream=answer)
    page = project.open()
    page.wait_for_console("[hmr] no stream")
    save_and_wait(project, [page], "two")

    page.refresh()
    page.wait_for_console("[hmr] connected (poll)")
    save_and_wait(project, [page], "three")


def test_pages_of_a_browser_share_one_stream(project: Project) -> None:
    start(project, socket="403 FORBIDDEN")
    pages = opened(project, 3)
    save_and_wait(project, pages, "two")
    (leader,) = [page for page in pages if streams(page)]
    assert streams(leader) == 1

    # Another page takes over from one that goes, by itself.
    pages.remove(leader)
    leader.close()
    save_and_wait(project, pages, "three")
    assert sum(map(streams, pages)) == 1

    # And from one that is loaded anew.
    (leader,) = [page for page in pages if streams(page)]
    leader.refresh()
    leader.wait_until_connected()
    save_and_wait(project, pages, "five")

    other = project.open(user="somebody else")
    other.wait_until_connected()
    save_and_wait(project, [*pages, other], "six")


@pytest.mark.parametrize("transport", ["stream", "poll"])
def test_a_page_says_what_it_does_to_the_end(project: Project, transport: str) -> None:
    project.write({"static/main.js": "window.log.push('one');"})
    project.start(debug=False, env=env(transport))
    page = project.open()
    page.wait_until_connected()
    project.save("static/main.js", "window.log.push('two');")
    page.wait_for_reload()
    page.wait_for_log(["two"])
    project.wait_for_output("[hmr] reload nobody accepts it: /static/main.js")


@pytest.mark.parametrize("transport", ["stream", "poll"])
def test_pages_come_back_after_a_restart(project: Project, transport: str) -> None:
    project.write({"static/main.js": MAIN.format("one")})
    project.start(debug=False, env=env(transport))
    pages = opened(project, 2)
    project.stop()
    project.save("static/main.js", MAIN.format("two"))
    project.start(debug=False, env=env(transport))

    for page in pages:
        page.wait_until_reconnected()
        page.wait_for_log(["one", "two"])

    save_and_wait(project, pages, "three")
    # Nobody was refused for having an older token.
    assert "Origin" not in project.output
    assert "token" not in project.output


def env(transport: str) -> dict[str, str]:
    return {"FLASK_HMR_ENABLED": "1", "FLASK_HMR_TRANSPORTS": transport}


BIN = Path(sys.executable).parent
FOUR_THREADS = {
    "waitress": [str(BIN / "waitress-serve"), "--threads=4"],
    "gunicorn": [str(BIN / "gunicorn"), "--threads=4"],
}


@pytest.mark.parametrize("server", FOUR_THREADS)
def test_ten_tabs_leave_four_threads_to_the_app(project: Project, server: str) -> None:
    listen = "--listen" if server == "waitress" else "--bind"
    command = [*FOUR_THREADS[server], f"{listen}=127.0.0.1:{{port}}", "app:app"]
    path = {"FLASK_HMR_ENABLED": "1", "PYTHONPATH": str(project.root)}
    project.write({"static/main.js": MAIN.format("one")})
    project.start(debug=False, env=path, command=command)
    pages = opened(project, 10)
    save_and_wait(project, pages, "two")

    # More requests at once than there are threads left.
    for _ in range(5):
        statuses = pages[-1].evaluate(
            """() => Promise.all(Array.from({ length: 8 }, async (_, n) =>
                (await fetch(`/?${n}`, { cache: "no-store" })).status))"""
        )
        assert statuses == [200] * 8

    assert sum(map(streams, pages)) == 1
    # Another browser does without: the stream takes a thread for good.
    other = project.open(user="somebody else")
    other.wait_for_console("[hmr] no stream")
    save_and_wait(project, [*pages, other], "three")
