"""TypeScript in a page: no build step, true line numbers, updates."""

from __future__ import annotations

from ..contrib.test_blanking import CASES, LINES
from .support import npm
from .support.project import APP, INDEX, Project
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

WITH_TYPES = APP.replace(
    "HMR(app)\n", 'app.config["HMR_PLUGINS"] = ["typescript"]\nHMR(app)\n'
)

FILES = {
    "app.py": WITH_TYPES,
    "templates/index.html": INDEX.replace("main.js", "main.ts"),
    "static/main.ts": """
        import { price, type Price } from "./price.ts";
        import type { Unused } from "./gone.ts";

        interface Row {
          name: string;
          price: Price;
        }

        declare global { interface Window { log: unknown[] } }

        const rows: Row[] = [{ name: "Apple", price: price(3) }];
        window.log.push(rows.map((row: Row): string => `${row.name} ${row.price}`)[0]);
        import.meta.hot?.accept("./price.ts", ({ deps: [fresh] }: any) => {
          window.log.push((fresh as { price: typeof price }).price(4));
        });
    """,
    "static/price.ts": """
        export type Price = `${string} €`;

        export function price(amount: number): Price {
          return `${amount} €` as Price;
        }
    """,
}


def test_an_edit_of_typescript_arrives_without_a_reload(project: Project) -> None:
    page = open_page(project, FILES)
    page.wait_for_log(["Apple 3 €"])

    edit(project, "static/price.ts", "€` as", "euros` as")

    page.wait_for_log(["Apple 3 €", "4 euros"])
    page.assert_not_reloaded()


def test_lines_and_columns_are_those_of_the_file(project: Project) -> None:
    page = open_page(
        project,
        FILES
        | {
            "static/main.ts": """
                type A = {
                  a: string;
                };
                const where = (error: Error): string | undefined =>
                  error.stack?.match(/main\\.ts[^:]*(:\\d+:\\d+)/)?.[1];
                  window.log.push(where(new Error("x" as string)));
            """
        },
    )

    page.wait_for_log([":6:25"])


def test_what_cannot_be_blanked_is_shown_at_its_place(project: Project) -> None:
    page = open_page(project, FILES)
    page.wait_for_log(["Apple 3 €"])

    edit(
        project,
        "static/price.ts",
        "export type Price",
        "enum E { A }\nexport type Price",
    )

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("An enum is code and no type").first.wait_for()
    overlay.get_by_text("static/price.ts:1:1").first.wait_for()

    edit(project, "static/price.ts", "enum E { A }\n", "")
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


PARSES = """async (texts) => {
  const wrong = [];
  for (const text of texts) {
    // It is parsed, and nothing of it runs.
    const parts = ["throw 0;", text];
    const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
    await import(url).catch((error) => {
      // Nor is what a line exports alone.
      if (/not defined in module$/.test(error.message)) return;
      if (error instanceof SyntaxError) wrong.push(`${text}: ${error.message}`);
    });
  }
  return wrong;
}"""

# Not in browsers yet.
DECORATOR = "@dec"


def test_what_is_left_is_javascript_to_the_browser(project: Project) -> None:
    from flask_hmr.contrib.blanking import blank

    sources = [source for source, left in (*CASES, *LINES) if left is not None]
    texts = [blank(source) for source in sources if DECORATOR not in source]
    page = open_page(project, FILES)

    assert page.evaluate(PARSES, ["let let = 1;"]) != []
    assert page.evaluate(PARSES, texts) == []


def test_a_written_folder_is_the_same_in_production(project: Project) -> None:
    from flask_hmr.contrib.typescript import write

    project.write(
        FILES
        | {
            "app.py": """
                import mimetypes

                from flask import Flask, render_template

                from flask_hmr import HMR

                mimetypes.add_type("text/javascript", ".ts")
                app = Flask(__name__, static_folder="build")
                HMR(app)


                @app.get("/")
                def index():
                    return render_template("index.html")
            """,
            "templates/index.html": INDEX.replace("static/main.js", "build/main.ts"),
        }
    )
    write(project.path("static"), project.path("build"))
    project.start(debug=False)

    page = project.open()

    page.wait_for_log(["Apple 3 €"])


COMPONENTS = {
    "app.py": npm.served(
        APP.replace(
            "HMR(app)\n",
            'app.config["HMR_PLUGINS"] = ["custom_elements", "preact", "typescript"]\n'
            "HMR(app)\n",
        ),
        "preact",
        "@prefresh/core",
    ),
    "templates/index.html": """
        <!doctype html>
        <title>Components</title>
        MAP
        <x-count></x-count>
        <main></main>
        <script type="module" src="/static/main.ts"></script>
    """.replace(
        "MAP",
        npm.import_map(
            {
                "preact": "preact/dist/preact.mjs",
                "preact/hooks": "preact/hooks/dist/hooks.mjs",
                "@prefresh/core": "@prefresh/core/src/index.js",
            }
        ),
    ),
    "static/main.ts": """
        import { h, render } from "preact";
        import { Button } from "./button.ts";
        import "./count.ts";
        render(h(Button, null), document.querySelector("main")!);
    """,
    "static/button.ts": """
        import { h } from "preact";
        import { useState } from "preact/hooks";

        export function Button() {
          const [n, set] = useState<number>(0);
          return h("button", { onClick: () => set(n + 1) }, `button ${n}`);
        }
    """,
    "static/count.ts": """
        class Count extends HTMLElement {
          declare shown: string;
          n: number = 0;
          connectedCallback(): void {
            this.onclick = (): void => { this.n++; this.render(); };
            this.render();
          }
          render(): void { this.textContent = `element ${this.n}`; }
        }
        customElements.define("x-count", Count);
    """,
}


def test_components_in_typescript_keep_their_state(project: Project) -> None:
    page = open_page(project, COMPONENTS)
    page.wait_for_text("x-count", "element 0")
    for selector in ("x-count", "button"):
        page.locator(selector).click()
    page.wait_for_text("x-count", "element 1")
    page.wait_for_text("button", "button 1")

    edit(project, "static/count.ts", "`element", "`new element")
    page.wait_for_text("x-count", "new element 1")
    edit(project, "static/button.ts", "`button", "`new button")
    page.wait_for_text("button", "new button 1")
    page.assert_not_reloaded()
