"""A page of another origin, open in the same browser, tries to get at the app."""

from __future__ import annotations

import functools
import http.server
import json
import threading
import typing as t
from pathlib import Path

import pytest

from .support.project import Project

# What such a page can do without the visitor's help. `grabbed` collects what it got.
EVIL = """
<!doctype html>
<title>Somewhere else</title>
<link rel="icon" href="data:,">
<script>
  const target = "TARGET";
  const grabbed = {};
  // Scripts that are included run with the prototypes of the page that includes them.
  const spied = [];
  for (const name of ["push", "forEach", "map"]) {
    const real = Array.prototype[name];
    Array.prototype[name] = function (...given) {
      spied.push(String(given[0]));
      return real.apply(this, given);
    };
  }
  const set = (value) => spied.push(String(value));
  Object.defineProperty(Object.prototype, "token", { set, configurable: true });

  const socket = (token) => new Promise((done) => {
    const url = target.replace("http", "ws") + "/_hmr/socket?token=" + token;
    const one = new WebSocket(url);
    one.onopen = () => done("open");
    one.onerror = () => done("refused");
  });
  const stream = (token) => new Promise((done) => {
    const one = new EventSource(target + "/_hmr/stream?browser=x&token=" + token);
    one.addEventListener("begin", () => { one.close(); done("open"); });
    one.onerror = () => { one.close(); done("refused"); };
  });
  const read = async (path, options) => {
    try {
      return await (await fetch(target + path, options)).text();
    } catch {
      return "refused";
    }
  };
  const include = (path, type) => new Promise((done) => {
    const script = document.createElement("script");
    if (type) script.type = type;
    script.src = target + path;
    script.onload = () => done("ran");
    script.onerror = () => done("refused");
    document.head.append(script);
  });
  const frame = (path) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.src = target + path;
    frame.onload = () => {
      const got = frame.contentDocument?.body?.innerText;
      done(got || "refused");
    };
    document.documentElement.append(frame);
  });

  addEventListener("load", async () => {
    grabbed.socket = await socket("guess");
    grabbed.socketWithToken = await socket("TOKEN");
    grabbed.stream = await stream("TOKEN");
    grabbed.session = await read("/_hmr/session");
    grabbed.credentials = await read("/_hmr/session", { credentials: "include" });
    grabbed.opaque = await read("/_hmr/session", { mode: "no-cors" });
    const question = { page: "p", marks: {}, messages: [{ type: "hello" }] };
    const post = { method: "POST", body: JSON.stringify(question) };
    const headers = { "HMR-Token": "TOKEN" };
    grabbed.exchange = await read("/_hmr/exchange", { ...post, headers });
    grabbed.simple = await read("/_hmr/exchange", { ...post, mode: "no-cors" });
    grabbed.runtime = await include("CLIENT");
    grabbed.module = await include("CLIENT", "module");
    grabbed.check = await include("/_hmr/check.js?url=/static/main.js");
    grabbed.frame = await frame("/_hmr/session");
    grabbed.spied = spied.filter((text) => text.includes("TOKEN")).length;
    // Not in a variable: what reads it would meet the prototypes of this page.
    document.title = "done " + JSON.stringify(grabbed);
  });
</script>
"""


@pytest.fixture
def evil(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[tuple[Path, int]]:
    """A folder and the port at which it is served: another origin."""
    folder = tmp_path_factory.mktemp("evil")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()

    try:
        yield folder, server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Another port of the same machine, which browsers take for the same site; and another
# name of it, which they do not.
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.localhost"])
def test_a_page_of_another_origin_gets_nothing(
    project: Project, evil: tuple[Path, int], name: str
) -> None:
    folder, port = evil
    project.write({"static/main.js": "import.meta.hot.accept();"})
    project.start()
    page = project.open()
    page.wait_until_connected()
    token = page.evaluate(
        "async () => (await (await fetch('/_hmr/session')).json()).token"
    )
    (client,) = {url for url in page.requests if url.endswith("/client.js")}
    text = EVIL.replace("TARGET", project.url()).replace("TOKEN", token)
    path = client.removeprefix(project.url())
    (folder / "index.html").write_text(text.replace("CLIENT", path))

    page.tab.goto(f"http://{name}:{port}/index.html")
    page.tab.wait_for_function("document.title.startsWith('done')")
    grabbed = json.loads(page.tab.title().removeprefix("done "))

    # Of an opaque answer a page sees nothing, whether it came or not.
    assert grabbed.pop("opaque") in ("", "refused")
    assert grabbed.pop("simple") in ("", "refused")
    assert grabbed.pop("spied") == 0
    assert grabbed.pop("frame") != token
    assert set(grabbed.values()) == {"refused"}, grabbed
    # Each refusal is told once, with what would allow it.
    refusals = [line for line in project.output.splitlines() if "allowed here" in line]
    assert len(refusals) == len(set(refusals)) == 1
    assert "HMR_ALLOWED_ORIGINS" in refusals[0]
