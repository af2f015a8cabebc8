"""How long the page takes to show an edit of what is no module, in a real browser.

The morph is timed in the page, on documents of 3,000 elements; the floor beside it is
what parsing the new document takes, which every way of doing it has to. Edits are timed
from the save to the page that shows it, and so is the reload that they save::

    python benchmarks/live_page.py
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import sync_playwright

from tests.browser.support.chromium import Browsers
from tests.browser.support.page import Page
from tests.browser.support.project import Project

ROUNDS = 30
RESTARTS = 5

APP = """
from flask import Flask, render_template

from flask_hmr import HMR

app = Flask(__name__)
app.secret_key = "bench"
HMR(app)
NAME = "one"


@app.get("/")
def index():
    return render_template("index.html", name=NAME)
"""

INDEX = """
<!doctype html>
<html lang="en">
  <head>
    <title>Bench</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/static/style.css">
    <script type="module" src="/static/main.js"></script>
  </head>
  <body>
    <h1>word0 {{ name }}</h1>
    <table>
    {% for n in range(1000) %}<tr class="row"><td>{{ n }}</td><td>text</td></tr>
    {% endfor %}
    </table>
  </body>
</html>
"""

MORPH = """async ([change, url]) => {
  const { morph } = await import(`${url}/morph.js`);
  const now = `<!doctype html>${document.documentElement.outerHTML}`;
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const rows = (text, every) => {
    let n = 0;
    return text.replace(/text/g, (word) => (n++ % every ? word : `changed ${n}`));
  };
  const nexts = {
    "one word": (text) => text.replace("word0", "word1"),
    "each tenth row": (text) => rows(text, 10),
    "each row": (text) => rows(text, 1),
    "a row in front": (text) => text.replace("<tr ", "<tr><td>new</td></tr><tr "),
    "nothing": (text) => text,
  };
  const text = nexts[change](now);
  let start = performance.now();
  const next = parse(text);
  const parsing = performance.now() - start;
  const base = parse(now);
  start = performance.now();
  morph(document.documentElement, base.documentElement, next.documentElement);
  const morphing = performance.now() - start;
  morph(document.documentElement, next.documentElement, base.documentElement);
  return [morphing, parsing];
}"""


def row(name: str, found: list[float], against: list[float] | None = None) -> None:
    """Print median, middle half, and the ratio to what it is compared with."""
    found.sort()
    low, high = found[len(found) // 4], found[len(found) * 3 // 4]
    ratio = ""
    if against:
        ratio = f"{statistics.median(found) / statistics.median(against):8.2f}"
    print(
        f"{name:40} {statistics.median(found):8.1f}  [{low:.1f} … {high:.1f}] {ratio}"
    )


def timed(page: Page, act: Callable[[], None], condition: str) -> float:
    """Return the milliseconds from an act to the first frame that shows it."""
    page.evaluate(
        f"""() => {{ window.seen = new Promise((resolve) => {{
          const look = () => ({condition})() ? resolve(Date.now())
            : requestAnimationFrame(look);
          look();
        }}) }}"""
    )
    start = time.time()
    act()
    return float(page.evaluate("() => window.seen")) - start * 1000


def edits(project: Project, page: Page) -> None:
    print("\nsave → shown, ms                            median  [middle half]  ratio")
    index = project.read("templates/index.html")
    reloads, templates, styles = [], [], []
    for n in range(ROUNDS):
        # What a developer does without any of this, but for the hand on the key.
        start = time.time()
        page.tab.reload(wait_until="load")
        reloads.append((time.time() - start) * 1000)
        page.wait_until_connected()
        text = index.replace("word0", f"word{n}")
        templates.append(
            timed(
                page,
                lambda text=text: project.save("templates/index.html", text),
                f"() => document.querySelector('h1').textContent.includes('word{n} ')",
            )
        )
        styles.append(
            timed(
                page,
                lambda n=n: project.save("static/style.css", f"h1 {{ top: {n}px }}\n"),
                f"() => getComputedStyle(document.querySelector('h1')).top === '{n}px'",
            )
        )
    row("reload of the page, by hand", reloads)
    row("template, 3,000 elements", templates, reloads)
    row("stylesheet", styles, reloads)


def restarts(project: Project, page: Page) -> None:
    answers, shown = [], []
    for n in range(RESTARTS):
        app = APP.replace('"one"', f'"name{n}"')
        page.wait_until_connected()
        condition = (
            f"() => document.querySelector('h1').textContent.includes('name{n}')"
        )
        began = len(page.console)

        def save(app: str = app, n: int = n) -> None:
            project.save("app.py", app)
            start = time.time()
            while f"name{n}" not in _text(project):
                time.sleep(0.005)
            answers.append((time.time() - start) * 1000)

        shown.append(timed(page, save, condition))
        assert len(page.console) >= began
    row("Python, until the server answers", answers)
    row("Python, until the page shows it", shown, answers)


def _text(project: Project) -> str:
    try:
        return project.fetch("/").text
    except (OSError, HTTPException):
        return ""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browsers = Browsers(playwright.chromium)
        project = Project(Path(folder), browsers)
        try:
            project.write(
                {
                    "app.py": APP,
                    "templates/index.html": INDEX,
                    "static/style.css": "h1 { top: 0 }\n",
                    "static/main.js": "",
                }
            )
            project.start()
            page = project.open()
            page.wait_until_connected()
            url = page.evaluate(
                "() => document.querySelector('[data-hmr]').src.slice(0, -10)"
            )
            print(
                "morph, ms                                 median  [middle half]  ratio"
            )
            for change in (
                "nothing",
                "one word",
                "a row in front",
                "each tenth row",
                "each row",
            ):
                pairs = [page.evaluate(MORPH, [change, url]) for _ in range(ROUNDS)]
                parsing = [pair[1] for pair in pairs]
                row(change, [pair[0] for pair in pairs], parsing)
            row("(parsing the document)", parsing)
            edits(project, page)
            restarts(project, page)
        finally:
            project.close()
            browsers.close()


if __name__ == "__main__":
    main()
