"""The inspector: what it shows of modules, pages and updates, and whom it disturbs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

FILES = {
    "static/main.js": """
        import { label } from "./lib/label.js";
        import "./plain.js";
        window.log.push(label);
        import.meta.hot?.accept();
    """,
    "static/lib/label.js": 'export const label = "one";\n',
    "static/plain.js": 'import "./deep.js";\n',
    "static/deep.js": "import.meta.hot?.accept();\n",
}


def start(project, files=FILES, **options):
    project.write(files)
    project.start(**options)
    page = project.open()
    page.wait_until_connected()
    return page


def inspect(project, place=""):
    inspector = project.open(f"/_hmr/inspector{place}")
    expect(inspector.locator(".status")).to_contain_text("Connected")
    # What a page makes of an update it tells from then on.
    known = inspector.tab.get_by_role("link", name=re.compile("Pages [1-9]"))
    expect(known).to_be_visible()
    return inspector


def names(inspector, label):
    return inspector.locator(f'section[aria-label="{label}"] li a')


@pytest.mark.parametrize("transport", ["socket", "stream", "poll"])
def test_it_shows_modules_pages_and_updates_by_every_transport(project, transport):
    env = {"FLASK_HMR_TRANSPORTS": transport}
    page = start(project, env=env)
    inspector = inspect(project)
    expect(inspector.locator(".status")).to_have_text(f"Connected by {transport}")
    expect(inspector.locator(".list a")).to_have_count(4)

    inspector.goto("/_hmr/inspector#/pages")
    expect(inspector.locator("main:visible tbody tr")).to_have_count(4)
    expect(inspector.locator("main:visible .current")).to_have_count(4)

    project.save("static/lib/label.js", 'export const label = "two";\n')
    page.wait_for_log(["one", "two"])
    inspector.goto("/_hmr/inspector#/updates")
    item = inspector.locator(".updates li.card").first
    expect(item).to_contain_text("/static/lib/label.js")
    expect(item).to_contain_text("HMR boundaries: /static/main.js")
    expect(item).to_contain_text(re.compile(r"ms from the file's event to the message"))
    expect(item).to_contain_text("1 page told")
    outcome = item.locator(".outcomes li")
    expect(outcome).to_contain_text(re.compile(r"applied [\d.]+ ms after the message"))
    expect(outcome).to_contain_text("by /static/main.js")
    page.assert_not_reloaded()


def test_a_module_shows_its_part_its_neighbours_its_instances_and_its_source(project):
    start(project)
    inspector = inspect(project, "#/modules/%2Fstatic%2Fmain.js")

    expect(inspector.locator(".facts")).to_contain_text("self-accepting")
    expect(names(inspector, "Imports")).to_have_text(
        ["/static/lib/label.js", "/static/plain.js"]
    )
    expect(inspector.locator(".instances .state")).to_have_text("current")
    expect(inspector.locator(".source pre")).to_contain_text("?m=")
    expect(inspector.locator(".source .removed")).not_to_have_count(0)
    inspector.tab.get_by_text("the file", exact=True).click()
    expect(inspector.locator(".source pre")).not_to_contain_text("?m=")

    names(inspector, "Imports").first.click()
    expect(inspector.locator("h2:visible")).to_have_text("/static/lib/label.js")
    expect(names(inspector, "Importers")).to_have_text(["/static/main.js"])
    assert inspector.locator(".node.selected .label").text_content() == "label.js"
    assert inspector.locator(".node.near").count() == 1
    assert inspector.locator(".node.self").count() == 2


def test_each_plugin_that_changed_a_module_has_its_place_in_the_source(project):
    app = project.read("app.py")
    project.write(
        {
            "app.py": app.replace(
                "HMR(app)",
                "hmr = HMR(app)\n\n\n"
                '@hmr.transform("*/label.js")\n'
                "def shout(source, module):\n"
                '    return source.replace("one", "ONE")\n',
            )
        }
    )
    start(project)
    inspector = inspect(project, "#/modules/%2Fstatic%2Flib%2Flabel.js")

    labels = inspector.locator(".source fieldset label")
    expect(labels).to_have_text(["the file", re.compile("shout"), "the page"])
    labels.nth(1).click()
    expect(inspector.locator(".source .added")).to_contain_text('"ONE"')
    expect(inspector.locator(".source .removed")).to_contain_text('"one"')


def test_a_page_that_reloads_says_why(project):
    page = start(project, {"static/main.js": "window.log.push(1);\n"})
    project.save("static/main.js", "window.log.push(2);\n")
    page.wait_for_reload()
    # Opened afterwards: this is when people look.
    inspector = inspect(project, "#/updates")

    item = inspector.locator(".updates li.card").first
    expect(item).to_contain_text("Nobody accepts it: /static/main.js")
    expect(item.locator(".outcomes .reload")).to_contain_text(
        re.compile(r"^/ reloaded: .*main\.js")
    )


def test_an_update_that_fails_says_so_and_the_page_has_the_older_version(project):
    page = start(project)
    inspector = inspect(project, "#/updates")
    project.save("static/lib/label.js", "export const other = 1;\n")
    page.wait_for_console("label")

    outcome = inspector.locator(".updates .outcomes .failed")
    expect(outcome).to_contain_text("not applied")
    inspector.goto("/_hmr/inspector#/modules/%2Fstatic%2Fmain.js")
    expect(inspector.locator(".instances .state")).to_have_text("older")


def test_templates_and_assets_are_among_the_updates(project):
    page = start(project)
    inspector = inspect(project, "#/updates")
    # From now on the page tells what it does.
    expect(inspector.locator(".tabs a[href='#/pages']")).to_contain_text("1")
    index = project.read("templates/index.html")
    project.save("templates/index.html", index.replace("<main>", "<main>Hello"))
    page.wait_for_text("main", "Hello")

    item = inspector.locator(".updates li.card").first
    expect(item).to_contain_text("Template: index.html")
    expect(item.locator(".outcomes .refreshed")).to_contain_text("after the message")


def test_it_is_no_page_of_the_app(project):
    page = start(project)
    inspector = inspect(project)
    inspect(project)
    project.save("static/lib/label.js", 'export const label = "two";\n')
    page.wait_for_log(["one", "two"])

    project.wait_for_output("1 page,")
    assert "2 pages" not in project.output
    assert not [url for url in inspector.requests if "/static/" in url]


def test_pages_tell_nothing_while_no_inspector_is_open(project):
    page = start(project)
    project.save("static/lib/label.js", 'export const label = "two";\n')
    page.wait_for_log(["one", "two"])
    assert not [url for url in page.requests if url.endswith("inspected.js")]

    inspect(project)
    page.wait_for(
        """() => performance.getEntriesByType("resource")
            .some(({ name }) => name.endsWith("/inspected.js"))"""
    )


def test_pages_come_and_go(project):
    start(project)
    inspector = inspect(project, "#/pages")
    cards = inspector.locator("main:visible .card")
    expect(cards).to_have_count(1)
    other = project.open("/?other")
    other.wait_until_connected()
    expect(cards).to_have_count(2)
    expect(cards.nth(1)).to_contain_text("/?other")
    other.close()
    expect(cards).to_have_count(1)


def test_what_the_client_runtime_asks_for_is_no_module_of_a_page(project):
    page = start(project)
    project.save("static/lib/label.js", "export const label = ;\n")
    page.locator("[data-hmr-overlay]").get_by_text("label.js:1").first.wait_for()
    project.save("static/lib/label.js", 'export const label = "two";\n')
    page.wait_for_log(["one", "two"])
    inspector = inspect(project, "#/pages")
    card = inspector.locator("main:visible .card")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("label.js")
    assert "/_hmr/" not in card.inner_text()


def test_it_comes_back_after_a_restart_of_the_server(project):
    start(project)
    inspector = inspect(project)
    app = project.read("app.py")
    project.save("app.py", app + "\n# saved\n")
    project.wait_for_restart()
    expect(inspector.locator(".list a")).to_have_count(4)
    project.write({"static/new.js": ""})
    project.save("static/plain.js", 'import "./deep.js";\nimport "./new.js";\n')
    expect(inspector.locator(".list a")).to_have_count(5, timeout=20_000)


def test_search_finds_modules_by_name_and_by_what_they_are(project):
    start(project)
    inspector = inspect(project)
    links = inspector.locator(".list a")
    expect(links).to_have_count(4)
    inspector.tab.keyboard.press("/")
    inspector.tab.keyboard.type("label")
    expect(links).to_have_text(["label.js"])
    expect(inspector.locator(".node.unfound")).to_have_count(3)
    inspector.tab.keyboard.press("Escape")
    expect(links).to_have_count(4)
    inspector.tab.keyboard.type("boundary")
    expect(links).to_have_count(2)
    inspector.tab.keyboard.type(" nothing")
    expect(inspector.locator(".list")).to_contain_text("No module is found.")


def test_the_keyboard_alone_reaches_everything(project):
    start(project)
    inspector = inspect(project)
    expect(inspector.locator(".list a")).to_have_count(4)
    keys = inspector.tab.keyboard

    def focused(script="textContent"):
        return inspector.evaluate(f"() => document.activeElement.{script}")

    inspector.locator("#search").focus()
    seen = []
    for _ in range(20):
        keys.press("Tab")
        seen.append(focused())
        if seen[-1] == "●main.js":
            break
    assert seen[-1] == "●main.js"
    keys.press("Enter")
    expect(inspector.locator("h2:visible")).to_have_text("/static/main.js")
    # The list is made anew, and the focus stays.
    assert focused() == "●main.js"

    inspector.locator(".canvas").focus()
    keys.press("ArrowRight")
    expect(inspector.locator(".node.selected .label")).to_have_text("label.js")
    keys.press("ArrowLeft")
    expect(inspector.locator(".node.selected .label")).to_have_text("main.js")
    keys.press("ArrowRight")
    expect(inspector.locator(".node.selected .label")).to_have_text("label.js")
    keys.press("ArrowUp")
    expect(inspector.locator(".node.selected .label")).to_have_text("plain.js")

    names(inspector, "Imports").first.focus()
    keys.press("Enter")
    expect(inspector.locator("h2:visible")).to_have_text("/static/deep.js")
    # The link is gone, so the heading of what it led to has the focus.
    assert focused() == "/static/deep.js"


def test_an_update_leaves_the_focus_and_what_is_typed(project):
    page = start(project)
    inspector = inspect(project, "#/modules/%2Fstatic%2Fmain.js")
    link = inspector.tab.locator(".list a", has_text="plain.js")
    link.focus()
    version = inspector.locator(".facts dd code").text_content()
    project.save("static/lib/label.js", 'export const label = "two";\n')
    page.wait_for_log(["one", "two"])
    expect(inspector.locator(".facts dd code")).not_to_have_text(version or "")
    assert inspector.evaluate("() => document.activeElement.textContent") == "plain.js"
    expect(inspector.locator("#announcement")).to_have_text(
        "/static/lib/label.js changed"
    )


def test_its_own_policy_forbids_whatever_it_does_not_need(project):
    start(project)
    inspector = inspect(project, "#/modules/%2Fstatic%2Fmain.js")
    expect(inspector.locator(".source pre")).to_be_visible()
    assert "Content Security Policy" not in inspector.console
    ran = inspector.evaluate(
        """() => {
            const script = document.createElement("script");
            try { script.text = "window.ran = true"; } catch { return "refused"; }
            document.head.append(script);
            return window.ran ?? "forbidden";
        }"""
    )
    assert ran in ("refused", "forbidden")


def test_names_and_texts_of_modules_are_never_markup(project):
    name = "<img src=x onerror=window.ran=1>.js"
    start(
        project,
        {
            "static/main.js": f'import "./{name}";\n',
            f"static/{name}": "// </pre><script>window.ran = 1</script>\nexport {};\n",
        },
    )
    inspector = inspect(project)
    inspector.tab.locator(".list a", has_text="onerror").click()
    expect(inspector.locator(".source pre")).to_contain_text("<script>")
    assert inspector.locator("img, pre script").count() == 0


def test_a_large_graph_is_drawn_around_the_selected_module_only(project):
    count = 700
    files = {
        f"static/part{number // 50}/m{number}.js": f"export const m = {number};\n"
        for number in range(count)
    }
    lines = "".join(f'import "/{name}";\n' for name in files)
    start(project, {**files, "static/main.js": lines})
    inspector = inspect(project, "#/modules/%2Fstatic%2Fpart3%2Fm170.js")
    expect(inspector.locator(".list a")).to_have_count(count + 1)
    expect(inspector.locator("#shown")).to_have_text(re.compile(r"^150 of 701"))
    assert inspector.locator(".node").count() == 150
    assert inspector.locator(".node.selected").count() == 1
    expect(inspector.locator("option[value=all]")).to_be_disabled()
    # What a page of that many modules holds takes more than one message.
    inspector.goto("/_hmr/inspector#/pages")
    expect(inspector.locator("main:visible tbody tr")).to_have_count(count + 1)


def test_a_circle_of_imports_is_drawn(project):
    start(
        project,
        {
            "static/main.js": 'import "./a.js";\n',
            "static/a.js": 'import "./b.js";\n',
            "static/b.js": 'import "./a.js";\nimport "./b.js";\n',
        },
    )
    inspector = inspect(project)
    expect(inspector.locator(".node")).to_have_count(3)
    expect(inspector.locator(".edge")).to_have_count(4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_cut_off_and_text_has_contrast(project, scheme, width):
    start(project)
    inspector = inspect(project, "#/modules/%2Fstatic%2Fmain.js")
    inspector.tab.emulate_media(color_scheme=scheme)
    inspector.tab.set_viewport_size({"width": width, "height": 800})
    expect(inspector.locator(".source pre")).to_be_attached()
    for view in ("modules/%2Fstatic%2Fmain.js", "pages", "updates"):
        inspector.goto(f"/_hmr/inspector#/{view}")
        wide = "() => document.documentElement.scrollWidth - innerWidth"
        assert inspector.evaluate(wide) <= 0, view
        assert inspector.evaluate(CONTRAST) == [], view


# Texts whose colour is too near to the one behind them: WCAG 2.2, 1.4.3.
CONTRAST = """() => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    const parse = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (rgb) => {
        const [r, g, b] = rgb.slice(0, 3).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const bad = [];
    for (const one of document.querySelectorAll("body *:not(svg, svg *, option)")) {
        const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
        if (!own || !one.checkVisibility()) continue;
        let behind = one;
        const back = (element) => parse(getComputedStyle(element).backgroundColor);
        while (behind && !back(behind)[3]) behind = behind.parentElement;
        if (!behind) continue;
        const pair = [light(parse(getComputedStyle(one).color)), light(back(behind))];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < 4.5) bad.push(`${one.outerHTML} ${ratio}`);
    }
    return bad;
}"""
