"""The morph by itself: three documents in, one changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, Route

from .support.chromium import Browsers

CLIENT = files("flask_hmr") / "client"
ORIGIN = "http://morph.test"

# Three ways to look at it: a document that nobody sees, one that a page shows, and
# the changes that the page's observer saw.
SCRIPT = """
import { morph } from "/client/morph.js";
const parse = (text) => new DOMParser().parseFromString(text, "text/html");
const root = (text) => parse(text).documentElement;

/** The result in a document that nobody sees: [result, wanted], twice the same where
 *  they differ in the order of attributes alone. */
window.plain = (base, next) => {
  const live = parse(base);
  morph(live.documentElement, root(base), root(next));
  const [result, wanted] = [live.documentElement, root(next)];
  const isEqual = result.isEqualNode(wanted);
  return [result, isEqual ? result : wanted].map((element) => element.outerHTML);
};

/** What the observer saw of a change in this page's body. */
window.change = async (base, next) => {
  const seen = [];
  const observer = new MutationObserver((records) => seen.push(...records));
  observer.observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
  morph(document.documentElement, root(base), root(next));
  const records = [...seen, ...observer.takeRecords()];
  observer.disconnect();
  return records.map(({ type, target, addedNodes, removedNodes, attributeName }) => [
    type, target.nodeName, attributeName, addedNodes.length, removedNodes.length,
  ]);
};
window.ready = true;
"""


class Sheet:
    """A page in which documents are morphed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.base = ""

    def show(self, body: str, head: str = "") -> None:
        """Show a document that was made from some markup."""
        tools = "<script data-hmr='{}' type=module src='/tools.js'></script>"
        self.base = f"<!doctype html><html><head>{tools}{head}</head><body>{body}"
        self.page.goto(f"{ORIGIN}/")
        self.page.evaluate(
            """(text) => {
              document.open(); document.write(text); document.close();
            }""",
            self.base,
        )
        self.page.wait_for_function("() => window.ready")

    def change(self, body: str, head: str = "") -> list[list[Any]]:
        """Morph it into other markup; return what was seen of that."""
        tools = "<script data-hmr='{}' type=module src='/tools.js'></script>"
        next_ = f"<!doctype html><html><head>{tools}{head}</head><body>{body}"
        changes: list[list[Any]] = self.page.evaluate(
            "([base, next]) => change(base, next)", [self.base, next_]
        )
        self.base = next_
        return changes

    def run(self, script: str) -> Any:
        """Run a script in the page."""
        return self.page.evaluate(script)

    @property
    def body(self) -> str:
        """The present markup of the body."""
        html: str = self.page.evaluate("() => document.body.innerHTML")
        return html.strip()


@pytest.fixture(scope="module")
def sheet(browsers: Browsers) -> Iterator[Sheet]:
    """A page that serves itself, with the client's files."""
    page = browsers.get().new_page()

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).partition("?")[0]
        if path == "/tools.js":
            route.fulfill(body=SCRIPT, content_type="text/javascript")
        elif path.startswith("/client/"):
            text = (CLIENT / path.removeprefix("/client/")).read_text(encoding="utf-8")
            route.fulfill(body=text, content_type="text/javascript")
        elif path.endswith(".js"):
            text = "(window.ran ??= []).push(import.meta.url);"
            route.fulfill(body=text, content_type="text/javascript")
        elif path == "/":
            route.fulfill(body="<!doctype html>", content_type="text/html")
        else:
            route.fulfill(status=404)

    page.route(f"{ORIGIN}/**", serve)
    yield Sheet(page)
    page.close()


@pytest.fixture(scope="module")
def plain(sheet: Sheet) -> Sheet:
    """The same page, for documents that nobody sees."""
    sheet.show("")
    return sheet


# The result, where nothing is to be kept.

TABLE = {
    "text": ("<p>one</p>", "<p>two</p>"),
    "attribute": ("<p class=a>one", "<p class=b id=x>one"),
    "attribute gone": ("<p class=a hidden>one", "<p>one"),
    "class in another order": ("<p class='a b'>", "<p class='b a'>"),
    "style": ("<p style='color:red'>", "<p style='top: 1px; color: red'>"),
    "element between": ("<p>a</p><p>c</p>", "<p>a</p><p>b</p><p>c</p>"),
    "element at the start": ("<ul><li>b</ul>", "<ul><li>a<li>b</ul>"),
    "element gone": ("<p>a</p><p>b</p><p>c</p>", "<p>a</p><p>c</p>"),
    "order by id": (
        "<p id=a>1</p><p id=b>2</p><p id=c>3</p>",
        "<p id=c>3</p><p id=a>one</p><p id=b>2</p>",
    ),
    "order by key": (
        "<i data-hmr-key=1>1</i><i data-hmr-key=2>2</i>",
        "<i data-hmr-key=2>two</i><i data-hmr-key=1>one</i>",
    ),
    "another element": ("<p>a</p>", "<div>a</div>"),
    "wrapped": ("<p>a</p>", "<div><p>a</p></div>"),
    "unwrapped": ("<div><p>a</p></div>", "<p>a</p>"),
    "comment": ("<!-- a --><p>", "<!-- b --><p><!-- c -->"),
    "template": (
        "<template><p>a</p></template>",
        "<template><p>b</p><i></i></template>",
    ),
    "svg": (
        "<svg><use xlink:href='#a'/><circle r=1 /></svg>",
        "<svg><use xlink:href='#b'/><circle r=2 /></svg>",
    ),
    "svg becomes html": ("<svg><a></a></svg>", "<a></a>"),
    "noscript": ("<noscript><p>a</noscript>", "<noscript><b>c</noscript>"),
    "table": (
        "<table><tr><td>1<tr><td>2</table>",
        "<table><thead><tr><th>n<tbody><tr><td>2<tr><td>1</table>",
    ),
    "select": (
        "<select><option>a<option selected>b</select>",
        "<select><option selected>a<option>c<option>b</select>",
    ),
    "names": (
        "<input name=a><input name=b value=1>",
        "<input name=b value=2><input name=c><input name=a>",
    ),
    "radio buttons": (
        "<input type=radio name=a value=1><input type=radio name=a value=2>",
        "<input type=radio name=a value=2><input type=radio name=a value=3>",
    ),
    "script data": (
        "<script type='application/json'>{}</script>",
        "<script type='application/json'>{\"a\":1}</script>",
    ),
    "image": ("<img src=a.png>", "<img src=b.png alt=b>"),
    "head": ("<title>a</title>", "<title>b</title><meta name=x content=y>"),
    "body attributes": ("<body class=a>x", "<body id=b>y"),
    "everything gone": ("<p>a<p>b", ""),
    "everything new": ("", "<p>a<p>b"),
    "two with one id": ("<p id=a>1</p><p id=a>2</p>", "<p id=a>2</p><p id=a>1</p>"),
    "an id elsewhere": (
        "<div><p id=a>1</p></div><section></section>",
        "<div></div><section><p id=a>2</p></section>",
    ),
    "an id elsewhere, earlier": (
        "<div></div><section><p id=a>1</p>x</section>",
        "<div><p id=a>2</p></div><section>x</section>",
    ),
    "ids inside of each other": (
        "<div id=a><div id=b><div id=c>1</div></div></div>",
        "<div id=c><div id=b><div id=a>1</div></div></div>",
    ),
    "an id in what is new": (
        "<div id=a><i id=b></i></div>",
        "<p><b><span id=b></span><i id=a></i></b></p>",
    ),
    "is": ("<p is=x-a>", "<p is=x-b>"),
}


@pytest.mark.parametrize(("base", "next_"), TABLE.values(), ids=TABLE)
def test_the_result_is_the_new_document(plain, base, next_):
    result, wanted = plain.page.evaluate("([b, n]) => plain(b, n)", [base, next_])
    assert result == wanted


NAMES = st.sampled_from(["p", "ul", "li", "b", "input", "x-y", "section"])
VALUES = st.sampled_from(["a", "b", "c d", ""])
TEXTS = st.sampled_from(["one", "two ", "\n", " ", "three"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "class", "name", "data-hmr-key", "style", "hidden"]),
    VALUES,
    max_size=2,
)


def _element(parts: tuple[str, dict[str, str], list[str]]) -> str:
    name, attributes, children = parts
    shown = "".join(f' {key}="{value}"' for key, value in attributes.items())
    inside = "" if name == "input" else f"{''.join(children)}</{name}>"
    return f"<{name}{shown}>{inside}"


MARKUP = st.recursive(
    TEXTS | st.just("<!-- note -->"),
    lambda inner: st.tuples(NAMES, ATTRIBUTES, st.lists(inner, max_size=5)).map(
        _element
    ),
    max_leaves=20,
)
BODIES = st.lists(MARKUP, max_size=6).map("".join)


@given(base=BODIES, next_=BODIES)
def test_any_result_is_the_new_document(plain, base, next_):
    result, wanted = plain.page.evaluate("([b, n]) => plain(b, n)", [base, next_])
    assert result == wanted


@given(body=st.lists(MARKUP, min_size=2, max_size=6), seed=st.integers(0, 99))
def test_any_order_is_the_new_order(plain, body, seed):
    shuffled = list(body)
    random.Random(seed).shuffle(shuffled)
    texts = ["".join(body), "".join(shuffled[: len(shuffled) - seed % 2])]
    result, wanted = plain.page.evaluate("([b, n]) => plain(b, n)", texts)
    assert result == wanted


# As little as possible is touched.


def test_a_word_touches_its_text_only(sheet):
    row = "<tr><td>{}</td><td><b>{}</b> rows</td></tr>"
    rows = [row.format(i, i) for i in range(50)]
    sheet.show(f"<table>{''.join(rows)}</table>")
    rows[20] = rows[20].replace("rows", "lines")
    assert sheet.change(f"<table>{''.join(rows)}</table>") == [
        ["characterData", "#text", None, 0, 0]
    ]


def test_the_same_touches_nothing(sheet):
    body = "<p class=a>one <b>two</b></p><script>1</script>"
    sheet.show(body)
    assert sheet.change(body) == []


def test_an_element_between_others_is_put_in_and_no_other_is_touched(sheet):
    sheet.show("<ul><li>a</li><li>c</li></ul>")
    changes = sheet.change("<ul><li>a</li><li>b</li><li>c</li></ul>")
    assert changes == [["childList", "UL", None, 1, 0]]


def test_one_that_moves_is_moved_and_the_others_stay(sheet):
    items = [f"<li id=i{n}>{n}</li>" for n in range(6)]
    sheet.show(f"<ul>{''.join(items)}</ul>")
    changes = sheet.change(f"<ul>{''.join([items[5], *items[:5]])}</ul>")
    assert {change[0] for change in changes} == {"childList"}
    assert sum(change[3] for change in changes) == 1


# What scripts and people have done stays.

KEPT: dict[str, tuple[str, str, str, str]] = {
    "what a script put in": (
        "<div id=app></div><p>one</p>",
        "document.querySelector('#app').innerHTML = '<b>app</b>'",
        "<div id=app></div><p>two</p>",
        '<div id="app"><b>app</b></div><p>two</p>',
    ),
    "what a script put between": (
        "<ul><li>a</li><li>b</li></ul>",
        "document.querySelector('li').insertAdjacentHTML('afterend', '<li>x</li>')",
        "<ul><li>a</li><li>B</li><li>c</li></ul>",
        "<ul><li>a</li><li>x</li><li>B</li><li>c</li></ul>",
    ),
    "what a script put first": (
        "<ul><li>a</li><li>b</li></ul>",
        "document.querySelector('ul').insertAdjacentHTML('afterbegin', '<li>x</li>')",
        "<ul><li>a</li><li>c</li></ul>",
        "<ul><li>x</li><li>a</li><li>c</li></ul>",
    ),
    "what a script took out": (
        "<p id=wait>Loading</p><p>one</p>",
        "document.querySelector('#wait').remove()",
        "<p id=wait>Loading</p><p>two</p>",
        "<p>two</p>",
    ),
    "what a script wrote": (
        "<p>Rows: <b>0</b></p><i>one</i>",
        "document.querySelector('b').textContent = '7'",
        "<p>Rows: <b>0</b></p><i>two</i>",
        "<p>Rows: <b>7</b></p><i>two</i>",
    ),
    "a placeholder that a script replaced": (
        "<div id=out>Loading</div><i>one</i>",
        "document.querySelector('#out').innerHTML = '<ul><li>1</li></ul>'",
        "<div id=out>Loading</div><i>two</i>",
        '<div id="out"><ul><li>1</li></ul></div><i>two</i>',
    ),
    "an order that a script made": (
        "<ul><li id=a>a</li><li id=b>b</li></ul>",
        "document.querySelector('ul').append(document.querySelector('#a'))",
        "<ul><li id=a>A</li><li id=b>b</li></ul>",
        '<ul><li id="b">b</li><li id="a">A</li></ul>',
    ),
    "a class that a script added": (
        "<p class='one two'>a</p>",
        "document.querySelector('p').className = 'one two open'",
        "<p class='one three'>a</p>",
        '<p class="one open three">a</p>',
    ),
    "a style that a script set": (
        "<p style='color: red'>a</p>",
        "document.querySelector('p').style.top = '1px'",
        "<p style='color: blue'>a</p>",
        '<p style="color: blue; top: 1px;">a</p>',
    ),
    "an attribute that a script set": (
        "<p>a</p>",
        "document.querySelector('p').setAttribute('aria-busy', 'true')",
        "<p id=x>a</p>",
        '<p aria-busy="true" id="x">a</p>',
    ),
    "open details": (
        "<details><summary>a</summary>b</details>",
        "document.querySelector('details').open = true",
        "<details><summary>A</summary>b</details>",
        '<details open=""><summary>A</summary>b</details>',
    ),
    "details that were closed": (
        "<details open><summary>a</summary>b</details>",
        "document.querySelector('details').open = false",
        "<details open><summary>A</summary>b</details>",
        "<details><summary>A</summary>b</details>",
    ),
    "what is to be kept": (
        "<p data-hmr-keep>a</p><p>b</p>",
        "document.querySelector('p').textContent = 'mine'",
        "<p data-hmr-keep class=x>c</p><p>d</p>",
        '<p data-hmr-keep="">mine</p><p>d</p>',
    ),
    "what is to be kept though it is gone": (
        "<div><p>a</p></div><p>b</p>",
        "document.querySelector('p').setAttribute('data-hmr-keep', '')",
        "<p>c</p>",
        '<div><p data-hmr-keep="">a</p></div><p>c</p>',
    ),
    "what a script moved elsewhere": (
        "<div><p id=menu>a</p></div><i>b</i>",
        "document.body.append(document.querySelector('#menu'))",
        "<div><p id=menu>A</p></div><i>b</i>",
        '<div></div><i>b</i><p id="menu">A</p>',
    ),
    "text that a script split": (
        "<p>one two</p><i>b</i>",
        "document.querySelector('p').firstChild.splitText(3)",
        "<p>one two</p><i>c</i>",
        "<p>one two</p><i>c</i>",
    ),
    "only what the markup changed": (
        "<p title=a lang=en>x</p>",
        "document.querySelector('p').title = 'mine'",
        "<p title=a lang=de>x</p>",
        '<p title="mine" lang="de">x</p>',
    ),
}


@pytest.mark.parametrize(("base", "script", "next_", "wanted"), KEPT.values(), ids=KEPT)
def test_what_the_markup_says_nothing_about_stays(sheet, base, script, next_, wanted):
    sheet.show(base)
    sheet.run(f"() => {{ {script} }}")
    sheet.change(next_)
    assert sheet.body == wanted


def test_elements_stay_the_same_objects(sheet):
    sheet.show("<main><p>one</p><section><i>x</i></section></main>")
    sheet.run("() => { window.i = document.querySelector('i') }")
    sheet.change("<main><h1>new</h1><p>two</p><section class=a><i>y</i></section>")
    assert sheet.run("() => window.i === document.querySelector('i')")
    assert sheet.run("() => window.i.textContent") == "y"


def test_what_was_typed_and_chosen_stays(sheet):
    form = """
    <input name=a value=1><textarea name=t>one</textarea>
    <input type=checkbox name=c><input type=radio name=r value=1 checked>
    <input type=radio name=r value=2>
    <select name=s><option>1<option>2<option>3</select>
    """
    sheet.show(f"<form>{form}</form>")
    sheet.page.locator("[name=a]").fill("typed")
    sheet.page.locator("[name=t]").fill("written")
    sheet.page.locator("[name=c]").check()
    sheet.page.locator("[name=r][value='2']").check()
    sheet.page.locator("select").select_option("2")
    form = form.replace("<option>1", "<option selected>0<option>1")
    form = form.replace("value=1><textarea", "value=2><textarea")
    sheet.change(f"<form class=x><h2>New</h2>{form.replace('>one<', '>two<')}</form>")
    state = sheet.run(
        """() => ['a', 't', 's'].map(n => document.querySelector(`[name=${n}]`).value)
          .concat([...document.querySelectorAll('[name=c],[name=r]')]
          .map(e => e.checked))"""
    )
    assert state == ["typed", "written", "2", True, False, True]


def test_a_field_in_a_new_wrapper_stays_the_same_field(sheet):
    fields = "<input id=a value=1>", "<input name=b>", "<p data-hmr-key=k><input></p>"
    sheet.show(f"<form action=/x>{''.join(fields)}</form><footer>end</footer>")
    sheet.page.locator("#a").fill("typed a")
    sheet.page.locator("[name=b]").fill("typed b")
    sheet.page.locator("p input").fill("typed c")
    sheet.run("() => { document.querySelector('[name=b]').focus(); }")
    sheet.run("() => { window.all = [...document.querySelectorAll('input')]; }")
    wrapped = "".join(f"<div class=field><b>x</b>{field}</div>" for field in fields)
    form = f"<form action=/x><section>{wrapped}</section></form>"
    sheet.change(f"{form}<footer>end</footer>")
    state = """() => [...document.querySelectorAll('input')].map((one, index) =>
      [one === all[index], one.value])"""
    kept = [[True, "typed a"], [True, "typed b"], [True, "typed c"]]
    assert sheet.run(state) == kept
    assert sheet.run("() => document.activeElement.name") == "b"
    # And out of it again, in front of where they were, with a change inside.
    fields = fields[0].replace("value=1", "value=1 title=t"), *fields[1:]
    form = f"<form action=/x>{''.join(fields)}<i>x</i></form>"
    sheet.change(f"<h1>x</h1>{form}<footer>end</footer>")
    assert sheet.run(state) == kept
    assert sheet.run("() => all[0].title") == "t"
    assert sheet.body.count("<input") == 3
    assert "hidden" not in sheet.body


def test_focus_and_caret_stay_when_the_field_moves(sheet):
    sheet.show("<p id=a><input id=f value=abcdef></p><p id=b>b</p><p id=c>c</p>")
    sheet.run(
        """() => { const f = document.querySelector('#f');
          f.focus(); f.setSelectionRange(2, 4); }"""
    )
    sheet.change("<p id=b>b</p><p id=c>C</p><p id=a><input id=f value=abcdef></p>")
    assert sheet.run(
        """() => [document.activeElement.id, document.activeElement.selectionStart,
          document.activeElement.selectionEnd]"""
    ) == ["f", 2, 4]


def test_scroll_positions_stay(sheet):
    lines = "".join(f"<p>{n}</p>" for n in range(100))
    box = f"<div style='height:100px;overflow:auto'>{lines}</div>"
    sheet.show(f"<h1>a</h1>{box}{lines}")
    sheet.run(
        """() => { document.querySelector('div').scrollTop = 200;
          scrollTo(0, 900); }"""
    )
    sheet.change(f"<h1>b</h1>{box.replace('>7<', '>seven<')}{lines}")
    assert sheet.run(
        "() => [document.querySelector('div').scrollTop, Math.round(scrollY)]"
    ) == [200, 900]


def test_an_open_dialog_stays_open(sheet):
    sheet.show("<dialog id=d><p>one</p><button>OK</button></dialog>")
    sheet.run("() => document.querySelector('dialog').showModal()")
    sheet.change("<h1>New</h1><dialog id=d class=x><p>two</p><button>OK</button>")
    assert sheet.run(
        "() => [document.querySelector('dialog:modal').className, "
        "document.querySelector('dialog p').textContent]"
    ) == ["x", "two"]


def test_custom_elements_keep_their_state_and_hear_of_attributes(sheet):
    sheet.show("<x-count start=1></x-count><p>one</p>")
    sheet.run(
        """() => {
          window.calls = [];
          customElements.define('x-count', class extends HTMLElement {
            static observedAttributes = ['start'];
            connectedCallback() { calls.push('connected'); }
            disconnectedCallback() { calls.push('disconnected'); }
            attributeChangedCallback(name, old, now) { calls.push(`${name} ${now}`); }
          });
          document.querySelector('x-count').count = 5;
          document.querySelector('x-count').attachShadow({mode: 'open'})
            .innerHTML = '<b>shadow</b>';
        }"""
    )
    sheet.change("<h1>New</h1><x-count start=2></x-count><p>two</p>")
    assert sheet.run("() => calls") == ["start 1", "connected", "start 2"]
    assert sheet.run(
        """() => { const x = document.querySelector('x-count');
          return [x.count, x.shadowRoot.textContent] }"""
    ) == [5, "shadow"]


def test_a_declared_shadow_root_is_changed_in_place(sheet):
    shadow = "<template shadowrootmode=open><p>{}</p><slot></slot></template>"
    sheet.show(f"<div>{shadow.format('one')}<i>a</i></div>")
    sheet.run("() => { window.p = document.body.firstChild.shadowRoot.firstChild }")
    sheet.change(f"<div>{shadow.format('two')}<i>b</i></div>")
    assert sheet.body == "<div><i>b</i></div>"
    assert sheet.run("() => [window.p.isConnected, window.p.textContent]") == [
        True,
        "two",
    ]


def test_a_declared_shadow_root_comes_with_its_element(sheet):
    sheet.show("<p>a</p>")
    shadow = "<template shadowrootmode=open><p>deep</p></template>"
    sheet.change(f"<p>a</p><section><div>{shadow}<i>b</i></div></section>")
    assert sheet.run("() => document.querySelector('div').shadowRoot.textContent") == (
        "deep"
    )
    assert sheet.body == "<p>a</p><section><div><i>b</i></div></section>"


# Scripts and style sheets.


def test_new_scripts_run_once_and_old_ones_do_not_run_again(sheet):
    old = "<script type=module src=/old.js></script>"
    sheet.show(f"{old}<p>one</p>")
    sheet.page.wait_for_function("() => window.ran?.length === 1")
    new = "<script type=module src=/new.js></script>"
    inline = "<script type=module>ran.push('inline')</script>"
    sheet.change(f"<h1>New</h1>{old}<p>two</p><div>{new}</div>{inline}")
    sheet.page.wait_for_function("() => window.ran?.length === 3")
    assert sorted(sheet.run("() => ran")) == sorted(
        [f"{ORIGIN}/old.js", f"{ORIGIN}/new.js", "inline"]
    )


def test_versions_and_nonces_are_no_difference(sheet):
    script = "<script type=module src=/a.js?m={} nonce={}></script>"
    sheet.show(script.format("0" * 16, "one"))
    assert sheet.change(script.format("1" * 16, "two")) == []


def test_a_token_in_a_script_is_no_difference(sheet):
    script = "<script>window.token = 'ImY0{}xYzAiLCJh.aB3dE-{}_Zz9'; ran = 1</script>"
    sheet.show(script.format(1, 2))
    assert sheet.change(script.format(3, 4)) == []
    data = "<script type='application/json'>{}</script>"
    sheet.show(data.format('"ImY0xYzAiLCJhaB3dEabcdefZz9"'))
    changed = data.format('"ImY0xYzAiLCJhaB3dEabcdefZz8"')
    sheet.change(changed)
    assert "Zz8" in sheet.body


def test_the_old_style_sheet_stays_until_the_new_one_is_there(sheet):
    asked: list[Route] = []
    sheet.page.route(f"{ORIGIN}/*.css", lambda route: asked.append(route))
    sheet.page.route(f"{ORIGIN}/a.css", lambda route: _send_style(route))
    sheet.show("<p>a</p>", head="<link rel=stylesheet href=/a.css>")
    sheet.page.wait_for_function("() => document.styleSheets.length === 1")
    with sheet.page.expect_request("**/b.css"):
        sheet.change("<p>b</p>", head="<link rel=stylesheet href=/b.css>")
    assert sheet.run("() => [...document.styleSheets].map(s => s.href)") == [
        f"{ORIGIN}/a.css"
    ]
    _send_style(asked[0])
    sheet.page.wait_for_function(
        """() => document.styleSheets.length === 1
          && document.styleSheets[0].href.endsWith('/b.css')"""
    )


def _send_style(route: Route) -> None:
    route.fulfill(body="p { top: 1px }", content_type="text/css")


def test_a_large_page_with_one_word_changed_is_looked_at_once(sheet):
    rows = [f"<tr><td>{n}</td><td><a href=#{n}>row</a></td></tr>" for n in range(750)]
    sheet.show(f"<table>{''.join(rows)}</table>")
    assert sheet.run("() => document.querySelectorAll('*').length") > 3000
    rows[400] = rows[400].replace("row", "ROW")
    assert sheet.change(f"<table>{''.join(rows)}</table>") == [
        ["characterData", "#text", None, 0, 0]
    ]
