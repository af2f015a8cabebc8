"""What a module is told of itself, and how a page may name it in its scripts."""

from __future__ import annotations

import pytest

from .support.project import INDEX
from .support.steps import edit, open_page

# Where the marked line is thrown depends on nothing that is added to the file.
TRACED = """
    // one
    import { a,
             b } from "./deps.js";
    export { b as c,
             a as d } from './deps.js'; import { a as e } from "./deps.js";
    const text = `
      ${await import("./deps.js").then(({ a }) => a)}
      import("./deps.js")
    `;
    window.line = () => {
      try {
        void [a, b, e, text]; throw new Error("here");
      } catch (error) {
        return Number(/main\\.js[^:]*:(\\d+):\\d+/.exec(error.stack)[1]);
      }
    };
    // HOT
    log.push("ran");
"""


@pytest.mark.rule(30)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("hot", ["import.meta.hot.accept();", "// plain"])
def test_a_stack_names_the_line_of_the_file(project, end, hot):
    project.write(
        {
            "static/main.js": TRACED.replace("// HOT", hot),
            "static/deps.js": "export const a = 1, b = 2;",
        }
    )
    path = project.path("static/main.js")
    source = project.read("static/main.js")
    path.write_bytes(source.replace("\n", end).encode())
    project.start()
    page = project.open()
    page.wait_until_connected()
    page.wait_for_log(["ran"])
    where = source[: source.index("throw")].count("\n") + 1
    assert page.evaluate("() => line()") == where

    moved = source.replace("// one", "// two\n// three")
    path.write_bytes(moved.replace("\n", end).encode())

    page.wait_for("where => line() === where", where + 1)


@pytest.mark.rule(30)
def test_an_address_shows_no_version_however_it_is_asked_for(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { here } from "./lib/part.js?x=1";
                const { url } = import.meta;
                log.push([url, here, import.meta.resolve("./lib/part.js")]);
                import.meta.hot.accept();
            """,
            "static/lib/part.js": """
                // one
                const { url } = import.meta;
                export const here = `${url} ${new URL("a", import.meta.url)}`;
            """,
        },
    )
    expected = [
        project.url("/static/main.js"),
        f"{project.url('/static/lib/part.js?x=1')} {project.url('/static/lib/a')}",
        project.url("/static/lib/part.js"),
    ]
    page.wait_for_log([expected])

    edit(project, "static/lib/part.js", "// one", "// two")
    page.wait_for_log([expected, expected])
    edit(project, "static/main.js", "log.push", "/**/ log.push")
    page.wait_for_log([expected, expected, expected])
    page.assert_not_reloaded()


TAGS = {
    "double": '<script type="module" src="/static/double.js"></script>',
    "single": "<script src='/static/single.js' type='module' defer></script>",
    "bare": "<script type=module src=/static/bare.js></script>",
    "upper": '<SCRIPT SRC="/static/upper.js" TYPE="MODULE"></SCRIPT>',
    "relative": '<script type="module" src="static/relative.js"></script>',
    "dots": '<script type="module" src="./x/../static/dots.js"></script>',
    "async": '<script async type="module" src="/static/async.js"></script>',
    "lines": '<script\n  type="module"\n  src="\n  /static/lines.js  "\n></script>',
    "entity": '<script type="module" src="/static&#47;entity.js"></script>',
    "body": '</head><body><script type="module" src="/static/body.js"></script>',
    "full": '<script type="module" src="ORIGIN/static/full.js"></script>',
    "scheme": '<script type="module" src="//HOST/static/scheme.js"></script>',
    "query": '<script type="module" src="/static/query.js?a=1&amp;b=2"></script>',
    "cors": '<script type="module" crossorigin src="/static/cors.js"></script>',
    "twice": 2 * '<script type="module" src="/static/twice.js"></script>',
}


@pytest.mark.rule(21, 23, 28)
def test_a_script_may_be_written_as_html_allows(project):
    tags = "\n".join(TAGS.values())
    tags = tags.replace("ORIGIN", project.url("")).replace(
        "//HOST", project.url("")[5:]
    )
    page = open_page(
        project,
        {
            "templates/index.html": f"""
                <!DOCTYPE html><title>Tags</title><link rel=icon href=data:,>
                {tags}
                <!-- <script type="module" src="/static/never.js"></script> -->
            """,
            **{
                f"static/{name}.js": f"""
                    import {{ shared }} from "./shared.js";
                    log.push("{name} one");
                    import.meta.hot.accept();
                    (window.all ??= new Set()).add(shared);
                """
                for name in TAGS
            },
            "static/shared.js": "export const shared = {};",
        },
    )
    for name in TAGS:
        page.wait_for_log_entry(f"{name} one")

    for name in TAGS:
        edit(project, f"static/{name}.js", "one", "two")
    for name in TAGS:
        page.wait_for_log_entry(f"{name} two")

    page.assert_not_reloaded()
    assert len(page.log()) == 2 * len(TAGS)
    assert page.evaluate("() => all.size") == 1


@pytest.mark.rule(28)
@pytest.mark.parametrize(
    "html",
    [
        "<!doctype html><script type=module src=/static/main.js></script>",
        "<html><script type=module src=/static/main.js></script>",
        "<body><script type=module src=/static/main.js></script></body>",
        "\ufeff<!-- a comment --><!DOCTYPE html>\n"
        "<title>é</title><script type=module src=/static/main.js></script>",
    ],
    ids=["doctype", "html", "body", "byte order mark"],
)
def test_a_page_may_leave_out_what_html_lets_it_leave_out(project, html):
    page = open_page(
        project,
        {
            "templates/index.html": html,
            "static/main.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(21, 28)
def test_frames_in_frames_and_the_same_page_in_a_frame_each_decide(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                "<main>",
                """
                {% if "depth" not in request.args %}
                <iframe src="/?depth=1"></iframe>
                {% elif request.args["depth"] == "1" %}
                <iframe src="/?depth=2"></iframe>
                {% endif %}
                <main>
                """,
            ),
            "static/main.js": """
                log.push("one");
                if (!location.search.includes("1")) import.meta.hot.accept();
            """,
        },
    )
    outer, middle, inner = page.tab.frames
    for frame in (outer, middle, inner):
        frame.wait_for_function("() => log.join() === 'one'")

    edit(project, "static/main.js", "one", "two")

    # The frame in the middle reloads, and what is inside it with it.
    outer.wait_for_function("() => log.join() === 'one,two'")
    middle.wait_for_function("() => log.join() === 'two'")
    page.wait_for("() => frames[0].frames[0]?.log?.join() === 'two'")
    page.assert_not_reloaded()
