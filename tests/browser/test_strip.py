"""What ``flask hmr strip`` leaves of modules does what they did, in a real browser."""

from __future__ import annotations

import random

from flask_hmr.core.strip import strip

# In any order, whether or not a semicolon ends them.
STATEMENTS = (
    "log('a')",
    "const c@ = log('b')",
    "(log)('c')",
    "[1, 2].map(log)",
    "`${log('d')}`",
    "/e/.test(log('e'))",
    "+log('f')",
    "{ log('g') }",
    "x = function () { log('h') }",
    "x = { y: log }",
    "x\n++\ny",
    "log(new Error().stack.match(/:(\\d+):\\d+\\)?$/m)[1])",
    "let d@ = import.meta.hot?.data.d ?? log('i'); log(d@)",
    "if (import.meta.hot) { log('never') }",
    "if (import.meta.hot) log('never')",
    "import.meta.hot?.accept(() => {\n  log('never')\n})",
    "import.meta.hot && log('never')",
    "if (import.meta.hot) { log('never') } else { log('j') }",
    "if (import.meta.hot) log('never'); else if (x) log('k'); else (log)('l')",
    "if (!import.meta.hot) { log('m') } else { log('never') }",
    "if (!import.meta.hot) log('n')",
    "for (const z of [1, 2]) if (import.meta.hot) log('never')",
    "for (const z of [1, 2]) if (import.meta.hot) log('never'); else log(z)",
    "if (y) log('o'); else if (import.meta.hot) log('never')",
    "if (y) if (import.meta.hot) log('never'); else log('p')",
    "do import.meta.hot?.accept(); while (log('q'))",
    "log((() => import.meta.hot?.data.z)())",
    "class A@ { static { if (import.meta.hot) { log('never') } } }",
)
ENDS = (";", ";\n", "\n", "\n\n", " // c\n", "\n/* c */")

PROGRAMS = 400

RUN = """
async (programs) => {
  const run = async (source) => {
    const said = [];
    globalThis.log = (...values) => {
      said.push(values.map(String).join());
      return "";
    };
    globalThis.x = 0;
    globalThis.y = 1;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    try {
      await import(url);
    } catch (error) {
      said.push(error.name);
    }
    return said;
  };
  const results = [];
  for (const pair of programs) results.push([await run(pair[0]), await run(pair[1])]);
  return results;
}
"""


def test_a_stripped_module_does_what_it_did(browsers):
    chance = random.Random(7)
    programs = []

    for _ in range(PROGRAMS):
        parts = [
            chance.choice(STATEMENTS).replace("@", str(number)) + chance.choice(ENDS)
            for number in range(chance.randint(1, 8))
        ]
        source = "".join(parts)
        stripped = strip(source)
        # What cannot be proven is refused, as ever.
        if not stripped.refusals:
            programs.append((source, stripped.text))

    assert len(programs) > PROGRAMS / 2
    tab = browsers.get().new_page()

    try:
        results = tab.evaluate(RUN, programs)
    finally:
        tab.close()

    # What is no program before may be one without what was wrong in it.
    said = [before for before, _ in results if before != ["SyntaxError"]]
    assert len(said) > len(results) / 2

    for program, (before, after) in zip(programs, results, strict=True):
        assert after == before or before == ["SyntaxError"], program

    assert not any("never" in "".join(one) for one in said)
