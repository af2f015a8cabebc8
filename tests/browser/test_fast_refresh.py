"""Function components that are edited: Preact with Prefresh, React with its runtime.

What a page sees is the same for both, so the tests are.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

import pytest

from .support import npm
from .support.project import APP
from .support.steps import edit, open_page

BUILDS = {
    "react": "react/cjs/react.development.js",
    "react-dom": "react-dom/cjs/react-dom.development.js",
    "react-dom/client": "react-dom/cjs/react-dom-client.development.js",
    "scheduler": "scheduler/cjs/scheduler.development.js",
    "react-refresh/runtime": "react-refresh/cjs/react-refresh-runtime.development.js",
}
VENDOR = {name: f"/static/vendor/{n}.js" for n, name in enumerate(BUILDS)}


@dataclass(frozen=True)
class Library:
    """What is not the same for both.

    :param name: of the plugin, and of what HTML templates are imported from.
    :param hooks: where hooks are imported from.
    :param wrappers: where ``memo`` and ``forwardRef`` are imported from.
    :param packages: what is needed from npm.
    :param imports: the import map.
    :param render: renders two counters.
    """

    name: str
    hooks: str
    wrappers: str
    packages: tuple[str, ...]
    imports: t.Mapping[str, str]
    render: str

    def files(self, more: t.Mapping[str, str]) -> dict[str, str]:
        """Return the files of a project."""
        app = APP.replace(
            "HMR(app)", f'app.config["HMR_PLUGINS"] = "{self.name}"\nHMR(app)'
        )
        texts = {
            name: text.replace("HTM", f"htm/{self.name}")
            .replace("HOOKS", self.hooks)
            .replace("WRAPPERS", self.wrappers)
            .replace("LIBRARY", self.name)
            for name, text in {**FILES, **more}.items()
        }
        index = INDEX.replace("MAP", npm.import_map(self.imports))
        vendor = {
            url.removeprefix("/"): npm.as_module(BUILDS[name], VENDOR)
            for name, url in VENDOR.items()
            if self.name == "react"
        }
        return {
            "app.py": npm.served(app, *self.packages),
            "templates/index.html": index,
            **vendor,
            "static/main.js": f"{self.render}\nwindow.main = {{}};",
            **texts,
        }


PREACT = Library(
    "preact",
    "preact/hooks",
    "preact/compat",
    ("preact", "htm", "@prefresh/core"),
    {
        "preact": "preact/dist/preact.mjs",
        "preact/hooks": "preact/hooks/dist/hooks.mjs",
        "preact/compat": "preact/compat/dist/compat.mjs",
        "htm": "htm/dist/htm.mjs",
        "htm/preact": "htm/preact/index.mjs",
        "@prefresh/core": "@prefresh/core/src/index.js",
    },
    """
        import { html, render } from "htm/preact";
        import { Counter } from "./counter.js";
        render(
          html`<${Counter} name="a" /><${Counter} name="b" />`,
          document.querySelector("main"),
        );
    """,
)
REACT = Library(
    "react",
    "react",
    "react",
    ("react", "react-dom", "react-refresh", "htm"),
    {
        **{name: f"..{url}" for name, url in VENDOR.items()},
        "htm": "htm/dist/htm.mjs",
        "htm/react": "htm/react/index.mjs",
    },
    """
        import { html } from "htm/react";
        import { createRoot } from "react-dom/client";
        import { Counter } from "./counter.js";
        createRoot(document.querySelector("main")).render(
          html`<${Counter} name="a" /><${Counter} name="b" />`,
        );
    """,
)

INDEX = """
<!doctype html>
<link rel="icon" href="data:,">
MAP
<script type="module" src="/static/main.js"></script>
<main></main>
"""
FILES = {
    "static/counter.js": """
        import { html } from "HTM";
        import { useEffect, useState } from "HOOKS";
        import { useTitle } from "./use-title.js";
        import { Row } from "./row.js";

        export function Counter({ name }) {
          const [count, setCount] = useState(0);
          useEffect(() => {
            log.push(`effect ${name}`);
            return () => log.push(`cleaned ${name}`);
          }, []);
          useTitle(count);
          return html`
            <section id=${name}>
              <p>${count} clicks</p>
              <button onClick=${() => setCount(count + 1)}>Add</button>
              <input />
              <${Row} text="row" />
            </section>
          `;
        }
    """,
    "static/use-title.js": """
        import { useEffect, useState } from "HOOKS";
        export function useTitle(count) {
          const [title] = useState("title");
          useEffect(() => { document.title = `${title} ${count}`; });
        }
    """,
    "static/row.js": """
        import { html } from "HTM";
        export const Row = ({ text }) => html`<em>${text} one</em>`;
    """,
}


@pytest.fixture(params=[PREACT, REACT], ids=lambda library: library.name)
def library(request) -> Library:
    return request.param


@pytest.fixture
def page(project, library):
    page = open_page(project, library.files({}))
    for _ in range(2):
        page.locator("#a button").click()
    page.locator("#a p").get_by_text("2 clicks").wait_for()
    page.locator("#a input").fill("typed")
    page.evaluate("globalThis.kept = main")
    yield page
    assert page.evaluate("kept === main")
    page.assert_not_reloaded()


def assert_state(page, text: str = "2 clicks") -> None:
    page.locator("#a p").get_by_text(text, exact=True).wait_for()
    assert page.locator("#a input").input_value() == "typed"


def test_a_component_is_edited_and_keeps_its_state(project, page):
    edit(project, "static/counter.js", "clicks</p>", "times</p>")

    assert_state(page, "2 times")
    page.locator("#b p").get_by_text("0 times").wait_for()
    project.wait_for_output("[hmr] update /static/counter.js → /static/counter.js")
    page.locator("#a button").click()
    assert_state(page, "3 times")


def test_edits_go_on(project, page):
    for number in range(3):
        edit(project, "static/counter.js", "<p>", f"<p>{number} ")
        text = " ".join(map(str, range(number, -1, -1)))
        assert_state(page, f"{text} 2 clicks")


def test_a_component_below_is_edited(project, page):
    edit(project, "static/row.js", "one", "two")

    page.locator("#a em").get_by_text("row two").wait_for()
    assert_state(page)


def test_a_component_whose_hooks_change_begins_anew(project, page):
    edit(
        project,
        "static/counter.js",
        "useTitle(count);",
        "useTitle(count); const [more] = useState('more');",
    )

    page.locator("#a p").get_by_text("0 clicks", exact=True).wait_for()
    page.locator("#a button").click()
    page.locator("#a p").get_by_text("1 clicks", exact=True).wait_for()


def test_a_hook_below_is_edited(project, page):
    edit(project, "static/use-title.js", "${title} ${count}", "${title}: ${count}")

    # Both counters tell their title again, which of them last says nothing.
    page.wait_for("() => document.title.startsWith('title: ')")
    page.locator("#a button").click()
    page.wait_for("() => document.title === 'title: 3'")
    assert_state(page, "3 clicks")


def test_a_hook_that_calls_other_hooks_now_resets_those_who_use_it(project, page):
    edit(
        project,
        "static/use-title.js",
        'useState("title");',
        'useState("title"); useState(1);',
    )

    page.locator("#a p").get_by_text("0 clicks", exact=True).wait_for()


def test_a_hook_that_a_hook_of_another_module_calls_counts(project, library):
    files = library.files(
        {
            "static/use-title.js": """
                import { useInner } from "./use-inner.js";
                export function useTitle() { return useInner(); }
            """,
            "static/use-inner.js": 'export { useInner } from "./use-innermost.js";',
            "static/use-innermost.js": """
                import { useState } from "HOOKS";
                export const useInner = () => useState("inner");
            """,
        }
    )
    page = open_page(project, files)
    page.locator("#a button").click()
    page.locator("#a p").get_by_text("1 clicks", exact=True).wait_for()

    edit(
        project,
        "static/use-innermost.js",
        'useState("inner")',
        '[useState("more"), useState("inner")]',
    )

    page.locator("#a p").get_by_text("0 clicks", exact=True).wait_for()
    page.assert_not_reloaded()


def test_a_context_goes_to_those_who_use_it(project, library):
    files = library.files(
        {
            "static/theme.js": """
                import { createContext } from "LIBRARY";
                export const Theme = createContext("none"); // 0
                log.push("theme");
            """,
            "static/row.js": """
                import { html } from "HTM";
                import { useContext } from "HOOKS";
                import { Theme } from "./theme.js";
                export const Row = () => html`<em>${useContext(Theme)}</em>`;
            """,
            "static/counter.js": """
                import { html } from "HTM";
                import { Row } from "./row.js";
                import { Theme } from "./theme.js";
                export const Counter = ({ name }) =>
                  html`<${Theme.Provider} value=${name}><${Row} /><//>`;
            """,
        }
    )
    page = open_page(project, files)
    page.locator("em").first.get_by_text("a").wait_for()

    edit(project, "static/theme.js", "// 0", "// 1")

    page.wait_for_log(["theme", "theme"])
    page.locator("em").first.get_by_text("a").wait_for()
    assert page.locator("em").all_inner_texts() == ["a", "b"]
    page.assert_not_reloaded()


@pytest.mark.parametrize("wrapper", ["memo", "forwardRef"])
def test_a_component_in_a_wrapper_is_edited(project, library, wrapper):
    row = """
        import { html } from "HTM";
        import { useState } from "HOOKS";
        import { WRAPPER } from "WRAPPERS";
        export const Row = WRAPPER(() => {
          const [count, setCount] = useState(0);
          return html`<em onClick=${() => setCount(count + 1)}>${count} rows</em>`;
        });
    """.replace("WRAPPER }", f"{wrapper} }}").replace("WRAPPER(", f"{wrapper}(")
    page = open_page(project, library.files({"static/row.js": row}))
    page.locator("#a em").click()
    page.locator("#a em").get_by_text("1 rows").wait_for()

    edit(project, "static/row.js", "} rows", "} lines")
    page.locator("#a em").get_by_text("1 lines").wait_for()

    edit(project, "static/row.js", "return html", "useState(1); return html")
    page.locator("#a em").get_by_text("0 lines").wait_for()
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[on] = useState(false)", "[on] = useState(['new'])"),
        ("[on] = useState(false)", "[{ length: on }] = useState(() => [])"),
        ("[on] = useReducer(f, false)", "[on] = useReducer(f, { a: 0 })"),
        ("{ current: on } = useRef(false)", "{ current: n } = useRef(0), on = n"),
    ],
)
def test_another_state_in_the_place_of_one_begins_anew(project, library, old, new):
    row = """
        import { html } from "HTM";
        import { useReducer, useRef, useState } from "HOOKS";
        const f = (state) => state;
        export const Row = () => {
          const STATE;
          return html`<em>${JSON.stringify(on)}</em>`;
        };
    """.replace("STATE", old)
    page = open_page(project, library.files({"static/row.js": row}))
    page.locator("#a em").get_by_text("false", exact=True).wait_for()

    edit(project, "static/row.js", old, new)

    page.locator("#a em").get_by_text("false", exact=True).wait_for(state="detached")
    page.locator("#a em").wait_for()
    page.assert_not_reloaded()


@pytest.mark.parametrize("library", [PREACT], ids=["preact"])
def test_after_a_component_of_preact_threw_the_page_reloads(project, library):
    row = """
        import { html } from "HTM";
        import { memo } from "WRAPPERS";
        const Inner = () => html`<em>inner</em>`;
        const Other = memo(() => html`<b>other</b>`);
        export const Row = () =>
          html`<div><button>Add</button><${Inner} /><${Other} /></div>`;
    """
    page = open_page(project, library.files({"static/row.js": row}))
    page.locator("#a em").get_by_text("inner").wait_for()

    edit(project, "static/row.js", "<em>inner", "<em>${no.way} inner")
    page.wait_for_console("no is not defined")
    edit(project, "static/row.js", "<em>${no.way} inner", "<em>mended")

    page.wait_for_reload()
    page.locator("#a em").get_by_text("mended").wait_for()
    edit(project, "static/row.js", "<em>mended", "<em>edited")
    page.locator("#a em").get_by_text("edited").wait_for()
    page.assert_not_reloaded()


@pytest.mark.parametrize("library", [REACT], ids=["react"])
def test_a_component_that_throws_is_mended(project, page):
    edit(project, "static/row.js", "${text} one", "${text.no.way} one")
    page.wait_for_console("reading 'way'")
    edit(project, "static/row.js", "${text.no.way} one", "${text} three")

    page.locator("#a em").get_by_text("row three").wait_for()


@pytest.mark.parametrize(
    "more",
    [
        "export const helper = 1;",
        "export default () => null;",
        "export * from './row.js';",
    ],
)
def test_a_module_that_exports_other_things_is_no_boundary(project, library, more):
    files = library.files({})
    counter = files["static/counter.js"] + more
    page = open_page(project, {**files, "static/counter.js": counter})

    edit(project, "static/counter.js", "clicks</p>", "times</p>")

    page.wait_for_reload()
    page.locator("#a p").get_by_text("0 times").wait_for()
    page.wait_for_console("counter.js exports more than components")


def test_the_library_itself_is_left_alone(page):
    assert "/npm/" not in page.console


def test_exports_that_the_text_hides_reload_the_page(project, library):
    files = library.files({})
    row = files["static/row.js"] + "export const { other } = { other: 1 };"
    page = open_page(project, {**files, "static/row.js": row})

    edit(project, "static/row.js", "} one", "} two")

    page.wait_for_reload()
    project.wait_for_output("other may be in use elsewhere")


@pytest.mark.parametrize(
    "wrapped",
    [
        "const Inner = memo(({ n }) => html`<b>${n} one</b>`); export { Inner };",
        """export const Inner = forwardRef(
          ({ n }, ref) => html`<b ref=${ref}>${n} one</b>`
        );""",
        "function Inner({ n }) { return html`<b>${n} one</b>`; } export default Inner;",
        """export class Inner extends Component {
          render() { return html`<b>${this.props.n} one</b>`; }
        }""",
    ],
)
@pytest.mark.parametrize("library", [REACT], ids=["react"])
def test_other_kinds_of_components(project, page, wrapped):
    name = "Inner" if "default" in wrapped else "{ Inner }"
    project.save(
        "static/inner.js",
        'import { html } from "htm/react";\n'
        f'import {{ Component, forwardRef, memo }} from "react";\n{wrapped}',
    )
    text = project.read("static/counter.js")
    text = f'import {name} from "./inner.js";\n{text}'
    project.save(
        "static/counter.js", text.replace('"row" />', '"row" /><${Inner} n=1 />')
    )
    page.locator("#a b").get_by_text("1 one").wait_for()
    assert_state(page)

    edit(project, "static/inner.js", " one", " two")

    page.locator("#a b").get_by_text("1 two").wait_for()
    assert_state(page)


@pytest.mark.parametrize("library", [REACT], ids=["react"])
def test_the_context_of_a_component_stays(project, page):
    project.save(
        "static/theme.js",
        'import { createContext } from "react";\n'
        'export const Theme = createContext("light");',
    )
    text = project.read("static/row.js").replace(
        "({ text }) =>", "({ text }) => useContext(Theme) === 'dark' ? 'dark' :"
    )
    project.save(
        "static/row.js",
        'import { useContext } from "react";\nimport { Theme } from "./theme.js";\n'
        + text,
    )
    text = project.read("static/counter.js")
    text = 'import { Theme } from "./theme.js";\n' + text
    text = text.replace(
        '<${Row} text="row" />',
        '<${Theme.Provider} value="dark"><i><${Row} text="row" /></i></>',
    )
    project.save("static/counter.js", text)
    page.locator("#a i").get_by_text("dark", exact=True).wait_for()

    edit(project, "static/row.js", "? 'dark'", "? 'very dark'")

    page.locator("#a i").get_by_text("very dark").wait_for()
    assert_state(page)
