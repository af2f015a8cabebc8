"""Generated projects: the same modules for every server that is compared.

A tree of modules of 2 KB, each of which imports five others and two shared ones,
with parts beside it that the workloads edit: a module that accepts itself, a chain of
five plain ones below a boundary, and many that accept themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FAN_OUT = 5
SHARED = 20
CHAIN = 5
MANY = 200

FUNCTION = """
/** Returns the total of some items; `rate` is a fraction. */
export function total{n}(items, rate) {{
  if (!items.length) return 0; // nothing's there
  const sum = items.reduce((a, b) => a + b.price * b.count, 0);
  const label = `${{sum.toFixed(2)}} "EUR" (${{items.length}} items)`;
  if (/^[\\d/.]+$/.test(label)) console.warn('odd label: ' + label);
  return (sum * (1 + rate)) / items.length;
}}
"""

DOCUMENT = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Benchmark</title>
    <link rel="icon" href="data:,">
    <script>
      performance.setResourceTimingBufferSize(20000);
      globalThis.applied = {{}};
      globalThis.apply = (name, generation) => {{
        applied[name + generation] = performance.timeOrigin + performance.now();
      }};
      globalThis.many = new Map();
      globalThis.manyDone = (generation) => {{
        const all = [...many.values()];
        if (all.every((g) => g === generation)) apply("many", generation);
      }};
    </script>
    <script type="module" src="{main}"></script>
  </head>
  <body></body>
</html>
"""

APP = """
from flask import Flask, render_template
{imports}

app = Flask(__name__)
{hmr}


@app.get("/")
def index():
    return render_template("index.html")
"""


@dataclass(frozen=True)
class Project:
    """A project on disk.

    :param root: its folder.
    :param size: how many modules it has, those beside the tree not counted.
    """

    root: Path
    size: int

    @property
    def modules(self) -> Path:
        """The folder of the modules: the root of servers without templates."""
        return self.root / "static"

    def write(self) -> None:
        """Write all files."""
        self.modules.mkdir(parents=True)
        (self.root / "templates").mkdir()
        document = DOCUMENT.format(main="/static/main.js")
        (self.root / "templates/index.html").write_text(document)
        (self.modules / "index.html").write_text(DOCUMENT.format(main="/main.js"))
        hmr = APP.format(imports="from flask_hmr import HMR", hmr="HMR(app)")
        (self.root / "with_hmr.py").write_text(hmr)
        (self.root / "plain.py").write_text(APP.format(imports="", hmr=""))
        tree = self.size - SHARED
        for n in range(SHARED):
            self._write(f"shared{n}.js", _module([], n))
        for n in range(tree):
            below = range(FAN_OUT * n + 1, min(FAN_OUT * n + FAN_OUT + 1, tree))
            names = [f"m{child}.js" for child in below]
            names += [f"shared{(n + step) % SHARED}.js" for step in (0, 7)]
            self._write(f"m{n}.js", _module(names, n))
        self.save_hot(0)
        self.save_chain(0)
        for n in range(1, CHAIN):
            self._write(f"chain{n}.js", _module([f"chain{n + 1}.js"], n))
        self._write("boundary.js", BOUNDARY)
        self.save_many(0)
        names = ["m0.js", "hot.js", "boundary.js"]
        names += [f"many{n}.js" for n in range(MANY)]
        loads = "\nglobalThis.loadedAt = performance.now();\n"
        self._write("main.js", _imports(names) + loads)

    def save_hot(self, generation: int) -> None:
        """Edit the module that accepts itself."""
        self._write("hot.js", HOT.format(generation=generation) + _module([], 0))

    def save_chain(self, generation: int) -> None:
        """Edit the module that is five plain ones below its boundary."""
        mark = f"globalThis.chain = {generation};\n"
        self._write(f"chain{CHAIN}.js", mark + _module([], 1))

    def save_many(self, generation: int) -> None:
        """Edit 200 modules, each of which accepts itself."""
        for n in range(MANY):
            text = EACH.format(n=n, generation=generation)
            self._write(f"many{n}.js", text + _module([], n))

    def _write(self, name: str, text: str) -> None:
        (self.modules / name).write_text(text)


HOT = """globalThis.hot = {generation};
import.meta.hot?.accept(() => globalThis.apply("hot", globalThis.hot));
"""

BOUNDARY = """import "./chain1.js";
import.meta.hot?.accept(() => globalThis.apply("chain", globalThis.chain));
"""

EACH = """globalThis.many.set({n}, {generation});
if ({generation}) globalThis.manyDone({generation});
import.meta.hot?.accept();
"""


def _imports(names: list[str]) -> str:
    return "".join(f'import "./{name}";\n' for name in names)


def _module(names: list[str], number: int) -> str:
    """Return a module of about 2 KB."""
    return _imports(names) + "".join(
        FUNCTION.format(n=f"{number}_{part}") for part in range(4)
    )
