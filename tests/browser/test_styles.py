"""Edits of style sheets, images and the like: seen at once, without a reload."""

from __future__ import annotations

import pytest

from .support.media import png, write_clip, write_png
from .support.steps import edit, open_page

INDEX = """
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Styles</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/static/first.css?v=3" id="first" media="screen">
    <link rel="stylesheet" href="/static/second.css" title="Second">
    <script type="module" src="/static/main.js"></script>
  </head>
  <body><p>text</p></body>
</html>
"""

FILES = {
    "templates/index.html": INDEX,
    "static/first.css": "p { color: rgb(1, 0, 0); top: 1px; }\n",
    "static/second.css": "p { left: 2px; }\n",
    "static/main.js": "window.log.push('main');\n",
}

COLOR = "() => getComputedStyle(document.querySelector('p')).color"


def wait_for_color(page, red: int, selector: str = "p") -> None:
    page.wait_for(
        "([s, c]) => getComputedStyle(document.querySelector(s)).color === c",
        [selector, f"rgb({red}, 0, 0)"],
    )


def links(page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll('link[rel=stylesheet]')].map((link) =>
          [link.getAttribute('href').replace(/[?&]m=\\w{16}/, ''), link.id, link.media,
           link.title])"""
    )
    return found


def test_a_style_sheet_is_exchanged_and_all_else_stays(project):
    page = open_page(project, FILES)
    before = links(page)
    requests: list[str] = []
    page.tab.on("request", lambda request: requests.append(request.url))
    edit(project, "static/first.css", "rgb(1,", "rgb(2,")
    wait_for_color(page, 2)
    page.wait_for("() => document.querySelectorAll('link[rel=stylesheet]').length == 2")
    assert links(page) == before
    assert len(requests) == 1
    assert "/static/first.css?v=3&m=" in requests[0]
    assert page.log() == ["main"]
    page.assert_not_reloaded()
    page.wait_for_console("[hmr] update /static/first.css?v=3 → 1 place")
    project.wait_for_output("[hmr] changed /static/first.css?v=3")


def test_no_frame_is_without_the_style(project):
    page = open_page(project, FILES)
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            seen.add(getComputedStyle(document.querySelector('p')).top);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    for red in range(2, 12):
        edit(project, "static/first.css", f"rgb({red - 1},", f"rgb({red},")
        wait_for_color(page, red)
    assert page.evaluate("() => [...seen]") == ["1px"]


def test_edits_that_follow_at_once_end_with_the_last(project):
    page = open_page(project, FILES)
    for red in range(2, 30):
        edit(project, "static/first.css", f"rgb({red - 1},", f"rgb({red},")
    wait_for_color(page, 29)
    page.wait_for("() => document.querySelectorAll('link[rel=stylesheet]').length == 2")
    page.assert_not_reloaded()


def test_going_back_to_earlier_content_is_seen(project):
    page = open_page(project, FILES)
    for red in (2, 1, 2, 1):
        project.save("static/first.css", f"p {{ color: rgb({red}, 0, 0); }}\n")
        wait_for_color(page, red)


def test_a_chain_of_imports_is_followed(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/first.css": '@import "a/one.css";\n@import url(other.css);\n',
            "static/a/one.css": "@import '../two.css' screen;\n",
            "static/two.css": "p { color: rgb(1, 0, 0); }\n",
            "static/other.css": "p { right: 1px; }\n",
        },
    )
    wait_for_color(page, 1)
    requests: list[str] = []
    page.tab.on("request", lambda request: requests.append(request.url))
    edit(project, "static/two.css", "rgb(1,", "rgb(2,")
    wait_for_color(page, 2)
    edit(project, "static/two.css", "rgb(2,", "rgb(3,")
    wait_for_color(page, 3)
    assert not [url for url in requests if "second.css" in url]
    # An import that is new, and then changes.
    project.save("static/three.css", "p { color: rgb(4, 0, 0) !important; }\n")
    edit(project, "static/a/one.css", "@import", "@import '../three.css';\n@import")
    wait_for_color(page, 4)
    edit(project, "static/three.css", "rgb(4,", "rgb(5,")
    wait_for_color(page, 5)
    page.assert_not_reloaded()


def test_a_picture_behind_a_style_sheet_is_shown_anew(project):
    write_png(project, "static/img/bg.png", 1)
    page = open_page(
        project, {**FILES, "static/first.css": "p { background: url(img/bg.png) }\n"}
    )
    with page.tab.expect_response("**/img/bg.png?m=*") as answer:
        write_png(project, "static/img/bg.png", 2)
    assert answer.value.body() == png(2)
    page.assert_not_reloaded()


def test_a_link_that_a_script_added_is_exchanged(project):
    page = open_page(project, {**FILES, "static/third.css": "p { top: 5px }\n"})
    page.evaluate(
        """() => {
          const link = document.createElement('link');
          link.rel = 'stylesheet';
          link.href = '/static/third.css';
          return new Promise((r) => { link.onload = r; document.head.append(link); });
        }"""
    )
    edit(project, "static/third.css", "5px", "6px")
    page.wait_for("() => getComputedStyle(document.querySelector('p')).top === '6px'")
    page.assert_not_reloaded()


def test_a_link_that_names_no_url_stands_in_nobodys_way(project):
    index = INDEX.replace("<title>", '<link rel="stylesheet" href="http://["><title>')
    page = open_page(project, {**FILES, "templates/index.html": index})
    edit(project, "static/first.css", "rgb(1,", "rgb(2,")
    wait_for_color(page, 2)
    page.assert_not_reloaded()


def test_a_link_in_an_open_shadow_root_is_exchanged(project):
    page = open_page(project, {**FILES, "static/third.css": "i { top: 5px }\n"})
    page.evaluate(
        """() => {
          const root = document.body.appendChild(document.createElement('div'))
            .attachShadow({mode: 'open'});
          root.innerHTML = '<section></section>';
          const inner = root.firstChild.attachShadow({mode: 'open'});
          inner.innerHTML = '<link rel=stylesheet href=/static/third.css><i>i</i>';
          window.i = inner.querySelector('i');
        }"""
    )
    page.wait_for("() => getComputedStyle(i).top === '5px'")
    edit(project, "static/third.css", "5px", "6px")
    page.wait_for("() => getComputedStyle(i).top === '6px'")
    page.assert_not_reloaded()


def test_a_style_sheet_that_is_deleted_stays_and_comes_back(project):
    page = open_page(project, FILES)
    project.delete("static/first.css")
    edit(project, "static/second.css", "2px", "3px")
    page.wait_for("() => getComputedStyle(document.querySelector('p')).left === '3px'")
    assert page.evaluate(COLOR) == "rgb(1, 0, 0)"
    project.save("static/first.css", "p { color: rgb(2, 0, 0); }\n")
    wait_for_color(page, 2)
    page.assert_not_reloaded()


def test_a_style_sheet_that_comes_later_is_seen(project):
    files = {name: text for name, text in FILES.items() if "second" not in name}
    page = open_page(project, files)
    project.save("static/second.css", "p { left: 7px }\n")
    page.wait_for("() => getComputedStyle(document.querySelector('p')).left === '7px'")
    page.assert_not_reloaded()


@pytest.mark.parametrize("style", ["atomic", "vim", "jetbrains", "truncate"])
def test_any_way_to_save_a_style_sheet_is_seen(project, style):
    page = open_page(project, FILES)
    project.save("static/first.css", "p { color: rgb(2, 0, 0); }\n", style)
    wait_for_color(page, 2)
    page.assert_not_reloaded()


def test_what_changed_before_the_page_connected_is_seen(project):
    page = open_page(project, FILES)
    page.tab.context.route("**/_hmr/session", lambda route: None)
    page.goto("/")
    wait_for_color(page, 1)
    edit(project, "static/first.css", "rgb(1,", "rgb(2,")
    page.tab.context.unroute("**/_hmr/session")
    wait_for_color(page, 2)
    page.assert_not_reloaded()


def test_what_changed_while_the_server_was_down_is_seen(project):
    write_png(project, "static/i.png", 1)
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": INDEX.replace("<p>", "<img src=/static/i.png><p>"),
        },
    )
    page.wait_for("() => document.querySelector('img').naturalWidth === 1")
    edit(project, "static/second.css", "2px", "3px")  # so that versions were told
    page.wait_for("() => getComputedStyle(document.querySelector('p')).left === '3px'")
    project.stop()
    edit(project, "static/first.css", "rgb(1,", "rgb(2,")
    write_png(project, "static/i.png", 2)
    project.start()
    wait_for_color(page, 2)
    page.wait_for("() => document.querySelector('img').naturalWidth === 2")
    page.assert_not_reloaded()


def test_a_page_that_is_loaded_after_an_edit_shows_it(project):
    app = project.read("app.py").replace(
        "HMR(app)", "app.config['SEND_FILE_MAX_AGE_DEFAULT'] = 3600\nHMR(app)"
    )
    page = open_page(project, {**FILES, "app.py": app})
    wait_for_color(page, 1)
    page.goto("/static/second.css")  # elsewhere, so that nothing updates the page
    edit(project, "static/first.css", "rgb(1,", "rgb(2,")
    page.goto("/")
    wait_for_color(page, 2)


MODULE = """
import sheet from "./sheet.css" with { type: "css" };
document.adoptedStyleSheets = [sheet];
window.log.push("main");
window.sheet = sheet;
"""


def test_a_style_sheet_that_is_imported_is_replaced_in_place(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": MODULE,
            "static/sheet.css": "p { color: rgb(5, 0, 0) !important; }\n",
        },
    )
    wait_for_color(page, 5)
    page.evaluate(
        """() => {
          window.root = document.body.appendChild(document.createElement('div'))
            .attachShadow({mode: 'open'});
          root.innerHTML = '<p>shadow</p>';
          root.adoptedStyleSheets = [sheet];
          window.same = sheet;
        }"""
    )
    for red in (6, 7):
        edit(project, "static/sheet.css", f"rgb({red - 1},", f"rgb({red},")
        wait_for_color(page, red)
        page.wait_for(
            "(c) => getComputedStyle(root.querySelector('p')).color === c",
            f"rgb({red}, 0, 0)",
        )
    # Whoever imports it now gets the same object.
    project.write({"static/late.js": MODULE.replace("main", "late")})
    page.evaluate("() => import('/static/late.js')")
    page.wait_for_log(["main", "late"])
    assert page.evaluate("() => sheet === same")
    page.assert_not_reloaded()


def test_a_picture_behind_an_imported_style_sheet_is_shown_anew(project):
    write_png(project, "static/bg.png", 1)
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": MODULE,
            "static/sheet.css": "p { background: url(./bg.png); }\n",
        },
    )
    with page.tab.expect_response("**/static/bg.png?m=*") as answer:
        write_png(project, "static/bg.png", 2)
    assert answer.value.body() == png(2)
    assert page.log() == ["main"]
    page.assert_not_reloaded()


def test_importers_that_accept_a_style_sheet_are_called(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": MODULE
            + """
            import.meta.hot.accept("./sheet.css", ({ deps: [fresh] }) => {
              log.push(fresh.default.cssRules[0].style.top);
            });
            """,
            "static/sheet.css": "p { top: 7px; }\n",
        },
    )
    edit(project, "static/sheet.css", "7px", "8px")
    page.wait_for_log(["main", "8px"])
    page.wait_for("() => getComputedStyle(document.querySelector('p')).top === '8px'")
    page.assert_not_reloaded()


# Images and other files.

SHOWN = {
    "img": "<img src='/static/i.png' class=x>",
    "img with a query": "<img src='/static/i.png?size=1' class=x>",
    "srcset": "<img srcset='/static/i.png 1x, /static/j.png 2x' class=x>",
    "picture": "<picture><source srcset='/static/i.png'><img class=x></picture>",
    "input": "<input type=image src='/static/i.png' class=x>",
}
WIDTH = """(width) => {
  const shown = document.querySelector('.x');
  const image = new Image();
  image.src = shown.currentSrc || shown.src;
  return image.decode().then(() => image.naturalWidth === width, () => false);
}"""


@pytest.mark.parametrize("markup", SHOWN.values(), ids=SHOWN)
def test_an_image_is_shown_anew(project, markup):
    write_png(project, "static/i.png", 1)
    write_png(project, "static/j.png", 9)
    page = open_page(
        project,
        {**FILES, "templates/index.html": INDEX.replace("<p>", f"{markup}<p>")},
    )
    page.wait_for(WIDTH, 1)
    page.evaluate("() => { window.same = document.querySelector('.x') }")
    write_png(project, "static/i.png", 2)
    page.wait_for(WIDTH, 2)
    write_png(project, "static/i.png", 3)
    page.wait_for(WIDTH, 3)
    assert page.evaluate("() => window.same === document.querySelector('.x')")
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    "markup",
    [
        "<div class=x style='background: url(\"/static/i.png\")'></div>",
        "<style>.x { background: url(/static/i.png) }</style><div class=x></div>",
    ],
)
def test_a_background_in_the_document_is_shown_anew(project, markup):
    write_png(project, "static/i.png", 1)
    page = open_page(
        project,
        {**FILES, "templates/index.html": INDEX.replace("<p>", f"{markup}<p>")},
    )
    with page.tab.expect_response("**/static/i.png?m=*") as answer:
        write_png(project, "static/i.png", 2)
    assert answer.value.body() == png(2)
    page.assert_not_reloaded()


def test_a_sprite_of_svg_is_shown_anew(project):
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg'><g id='a'><rect width='{}'/></g></svg>"
    )
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": INDEX.replace(
                "<p>", "<svg><use href='/static/s.svg#a'/></svg><p>"
            ),
            "static/s.svg": svg.format(1),
        },
    )
    with page.tab.expect_response("**/static/s.svg?m=*"):
        project.save("static/s.svg", svg.format(2))
    href = page.evaluate("() => document.querySelector('use').getAttribute('href')")
    assert href.startswith("/static/s.svg?m=")
    assert href.endswith("#a")


def test_a_clip_goes_on_where_it_was(project):
    write_clip(project, "static/c.wav")
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": INDEX.replace(
                "<p>", "<audio src='/static/c.wav' preload=auto></audio><p>"
            ),
        },
    )
    page.wait_for("() => document.querySelector('audio').readyState > 0")
    page.evaluate("() => { document.querySelector('audio').currentTime = 5 }")
    write_clip(project, "static/c.wav", seconds=11)
    page.wait_for(
        """() => { const a = document.querySelector('audio');
          return a.currentSrc.includes('?m=') && a.currentTime === 5 }"""
    )
    page.assert_not_reloaded()


def test_a_file_that_the_page_does_not_show_changes_nothing(project):
    write_png(project, "static/i.png", 1)
    page = open_page(project, FILES)
    write_png(project, "static/i.png", 2)
    edit(project, "static/first.css", "rgb(1,", "rgb(2,")
    wait_for_color(page, 2)
    assert "i.png" not in page.console
