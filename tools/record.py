"""Records the editing session that README.md shows, and pictures for docs/.

``make pictures`` runs it. Everything in it happens: a copy of the example app runs
under ``flask run --debug``, files are saved on disk, and each frame is what Chromium
and the terminal show at that moment. Only the editor is drawn.
"""

from __future__ import annotations

import base64
import html
import io
import re
import shutil
import sys
import tempfile
import typing as t
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.support.chromium import Browsers  # noqa: E402
from tests.browser.support.page import Page  # noqa: E402
from tests.browser.support.project import Project  # noqa: E402

SIZE = {"width": 1060, "height": 560}
PAGE = {"width": 540, "height": 520}

KEY = 70
"""Milliseconds between two keys."""
READ = 2_200
"""Milliseconds that a result stands."""

STAGE = """
<!doctype html>
<style>
  * { box-sizing: border-box; margin: 0 }
  body { display: grid; grid-template: 1fr 11.5rem / 1fr 540px; gap: 12px;
    width: 1060px; height: 560px; padding: 12px; background: #dfe3da;
    font: 13px/1.6 system-ui, sans-serif }
  section { overflow: hidden; border-radius: 8px; background: #1c211e; color: #dfe5dc;
    display: flex; flex-direction: column }
  h2 { font: inherit; color: #9aa598; background: #272d29; padding: 3px 14px }
  h2 b { color: #e8eadf; font-weight: 400 }
  pre { font: 12.5px/1.65 "Liberation Mono", Menlo, Consolas, monospace;
    padding: 10px 14px; white-space: pre-wrap; overflow-wrap: anywhere }
  mark { display: block; margin: 0 -14px; padding: 0 14px;
    background: #34402f; color: inherit }
  i { display: inline-block; width: 2px; height: 1.15em; background: #b9dd9f;
    vertical-align: text-bottom; margin-right: -2px }
  #terminal div { flex: 1; min-height: 0; overflow: hidden;
    display: flex; flex-direction: column-reverse }
  #terminal pre { color: #b4beb1 }
  #terminal em { font-style: normal; color: #a9d68c }
  #terminal em.bad { color: #f0a08a }
  #page { grid-area: 1 / 2 / 3 / 3; background: #fff }
  img { width: 540px; height: 508px }
  #page h2 { background: #cdd3c8; color: #4a5347 }
</style>
<section id="editor"><h2></h2><pre></pre></section>
<section id="terminal"><h2>$ flask run --debug</h2><div><pre></pre></div></section>
<section id="page"><h2>127.0.0.1:5000</h2><img alt=""></section>
"""


class Edit(t.NamedTuple):
    """A change of one line.

    :param file: the path below the example app.
    :param old: what goes, within one line and only once in the file.
    :param new: what comes instead.
    :param told: what the terminal says of it, when it is sent.
    """

    file: str
    old: str
    new: str
    told: str


SESSION = [
    Edit(
        "shop/static/model/needs.js",
        "ROW_LENGTH = 3;",
        "ROW_LENGTH = 5;",
        "[hmr] update /shop/static/model/needs.js",
    ),
    Edit(
        "static/furrow.css",
        "--accent: #3a6a38;",
        "--accent: #8a3b6b;",
        "[hmr] changed /static/furrow.css",
    ),
    Edit(
        "shop/templates/shop/index.html",
        "Your plan",
        "To sow this spring",
        "[hmr] template",
    ),
    Edit(
        "shop/static/model/needs.js",
        "SPARE = 1.2;",
        "SPARE = 1..2;",
        "[hmr]",
    ),
    Edit(
        "shop/static/model/needs.js",
        "SPARE = 1..2;",
        "SPARE = 1.5;",
        "[hmr] update /shop/static/model/needs.js",
    ),
]


class Recorder:
    """Takes the frames.

    :param project: the running example app.
    :param page: its page.
    :param stage: a page that shows the editor, the terminal and the page.
    """

    def __init__(self, project: Project, page: Page, stage: t.Any) -> None:
        self.project = project
        self.page = page
        self.stage = stage
        self.frames: list[Image.Image] = []
        self.durations: list[int] = []
        self._start = len(project.output)

    def shoot(self, duration: int, file: str, code: str) -> None:
        """Take a frame that stands for ``duration`` milliseconds."""
        picture = base64.b64encode(self.page.tab.screenshot()).decode()
        self.stage.evaluate(
            """([file, code, terminal, picture]) => {
              const show = (selector, markup) => {
                document.querySelector(selector).innerHTML = markup;
              };
              show("#editor h2", file.replace(/[^/]+$/, "<b>$&</b>"));
              show("#editor pre", code);
              show("#terminal pre", terminal);
              const image = document.querySelector("img");
              image.src = `data:image/png;base64,${picture}`;
              return image.decode();
            }""",
            [file, code, self._terminal(), picture],
        )
        self.frames.append(Image.open(io.BytesIO(self.stage.screenshot())))
        self.durations.append(duration)

    def play(self, edit: Edit) -> None:
        """Type a change, save it, and wait until the page shows it."""
        path = self.project.path(f"example_app/{edit.file}")
        text = path.read_text("utf-8")
        if text.count(edit.old) != 1:
            raise ValueError(f"{edit.file} does not hold {edit.old!r} once.")
        start = text.index(edit.old)
        head = _common(edit.old, edit.new)
        tail = _common(edit.old[head:][::-1], edit.new[head:][::-1])
        gone = edit.old[head : len(edit.old) - tail]
        comes = edit.new[head : len(edit.new) - tail]
        before, after = text[: start + head], text[start + len(edit.old) - tail :]

        self.shoot(900, edit.file, _code(before + gone, after))
        steps = [gone[:n] for n in range(len(gone) - 1, -1, -1)]
        steps += [comes[:n] for n in range(1, len(comes) + 1)]
        for step in steps:
            self.shoot(KEY, edit.file, _code(before + step, after))
        self.shoot(500, edit.file, _code(before + comes, after))
        count = self.project.output.count(edit.told)
        self.project.save(f"example_app/{edit.file}", before + comes + after)
        self.project.server.wait_for_output(edit.told, count + 1)
        self.page.tab.wait_for_timeout(600)
        self.shoot(READ, edit.file, _code(before + comes, after))

    def save(self, target: Path) -> None:
        """Write the frames as one animated picture."""
        # One palette for all frames: colours would flicker otherwise.
        sample = Image.new("RGB", (SIZE["width"], SIZE["height"] * len(SESSION)))
        for number in range(len(SESSION)):
            frame = self.frames[(number + 1) * len(self.frames) // len(SESSION) - 1]
            sample.paste(frame, (0, number * SIZE["height"]))
        palette = sample.quantize(256, dither=Image.Dither.NONE)
        frames = [
            frame.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
            for frame in self.frames
        ]
        frames[0].save(
            target,
            save_all=True,
            append_images=frames[1:],
            duration=self.durations,
            loop=0,
            optimize=True,
        )

    def _terminal(self) -> str:
        lines = [
            line
            for line in self.project.output[self._start :].splitlines()
            if line.startswith("[hmr]") and " inspector " not in line
        ]
        shown = html.escape("\n".join(lines[-5:]))
        bad = re.compile(r"^\[hmr\](?! (?:update|changed|template|refresh))", re.M)
        shown = bad.sub('<em class="bad">[hmr]</em>', shown)
        return re.sub(r"^\[hmr\]", "<em>[hmr]</em>", shown, flags=re.M)


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    alike = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(alike, min(len(one), len(other)))


def _code(before: str, after: str) -> str:
    """Return the lines around the caret, which is between the two texts."""
    rest, _, start = before.rpartition("\n")
    end, _, more = after.partition("\n")
    lines = [html.escape(line) for line in rest.split("\n")[-6:]]
    here = f"<mark>{html.escape(start)}<i></i>{html.escape(end)}</mark>"
    following = "\n".join(html.escape(line) for line in more.split("\n")[:6])
    return "\n".join(lines) + "\n" + here + following


def record(project: Project, page: Page, stage: t.Any, target: Path) -> None:
    """Play the session, and write it as one animated picture."""
    page.tab.set_viewport_size(PAGE)  # type: ignore[arg-type]
    page.evaluate("document.querySelector('form.panel').scrollIntoView()")
    stage.set_content(STAGE)
    recorder = Recorder(project, page, stage)
    for edit in SESSION:
        recorder.play(edit)
    recorder.save(target)


def show_app(project: Project, page: Page, folder: Path) -> None:
    """Take a picture of the example app, and one of the overlay over it."""
    page.evaluate("scrollTo(0, 0)")
    page.tab.screenshot(path=folder / "example.png")
    name = "example_app/shop/static/model/needs.js"
    text = project.read(name)
    project.save(name, text.replace("count * ROW_LENGTH;", "count * ROW_LENGTH);"))
    page.locator("h3:text-is('Syntax error')").wait_for()
    page.tab.wait_for_timeout(600)
    page.tab.screenshot(path=folder / "overlay.png")
    project.save(name, text)
    page.locator("h3:text-is('Syntax error')").wait_for(state="hidden")


def main(folder: Path) -> None:
    """Write all pictures."""
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browsers = Browsers(playwright.chromium)
        project = Project(Path(work), browsers)
        shutil.copytree(
            ROOT / "example_app",
            project.path("example_app"),
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        try:
            project.start(app="example_app")
            page = project.open()
            page.wait_until_connected()
            page.tab.set_viewport_size({"width": 1000, "height": 640})
            for number in (0, 2, 4):
                page.locator("sow-button").nth(number).locator("button").first.click()
            page.locator("[name=bed]").fill("By the south wall")
            show_app(project, page, folder)
            stage = browsers.get().new_page(viewport=SIZE)  # type: ignore[arg-type]
            record(project, page, stage, folder / "session.gif")
        finally:
            project.close()
            browsers.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
