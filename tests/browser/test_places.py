"""The places from which a page, or the app, speaks to the other."""

from __future__ import annotations

import pytest

from .support.project import APP
from .support.steps import edit, open_page

ACCEPTING = """
    log.push("one");
    import.meta.hot.accept();
"""


@pytest.mark.rule(21, 28)
def test_a_page_that_rewrote_its_address_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                log.push(value);
                window.load = () => import("./part.js");
                import.meta.hot.accept();
            """,
            "static/part.js": "export const value = 'one';",
        },
    )
    page.evaluate("() => history.pushState({}, '', '/some/where/else?x=1#here')")

    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["one", "two"])
    assert page.evaluate("async () => (await load()).value") == "two"

    # After a restart it names what it holds from where it is now.
    project.stop()
    edit(project, "static/part.js", "two", "three")
    project.start()
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(28)
def test_pages_under_two_names_of_one_server_update(project):
    page = open_page(project, {"static/main.js": ACCEPTING})
    other = project.open()
    other.goto("/")
    other.tab.goto(project.url("/").replace("127.0.0.1", "localhost"))
    other.wait_until_connected()

    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    other.wait_for_log(["one", "two"])


@pytest.mark.rule(20)
def test_the_app_may_send_from_a_thread_and_while_it_answers(project):
    app = APP.replace("HMR(app)", "hmr = HMR(app)")
    page = open_page(
        project,
        {
            "app.py": f"""
from threading import Thread
{app}
@app.post("/work")
def work():
    hmr.send("progress", "begun")
    thread = Thread(target=hmr.send, args=("progress", {{"percent": 50}}))
    thread.start()
    thread.join()
    hmr.send("progress")
    return "", 204
""",
            "static/main.js": """
                import.meta.hot.on("progress", (data) => log.push(data ?? "nothing"));
                window.work = () => fetch("/work", { method: "POST" });
            """,
        },
    )
    page.evaluate("() => work().then(() => null)")

    page.wait_for_log(["begun", {"percent": 50}, "nothing"])
