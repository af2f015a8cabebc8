"""How fast the lexer reads modules.

Usage: ``python -m benchmarks.lexer [FOLDER]``

Without a folder, modules are generated. With one, all of its ``.js`` and ``.mjs``
files that hold an import or export are read, for example a ``node_modules``.

Times on a shared machine mean little by themselves. So each round also times one
pass of a plain pattern over the same text, and the table gives the ratio of the
two with the spread over the rounds: CPU time, median, and the middle half.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
import typing as t
from pathlib import Path

from flask_hmr.core.lexer import scan

from .projects import FUNCTION

ROUNDS = 9

#: The yardstick: whatever reads strings and comments at all looks at least so
#: closely.
YARDSTICK = re.compile(
    r"""[^'"`/]+|'[^'\n]*'|"[^"\n]*"|`[^`]*`|//[^\n]*|/\*.*?\*/|.""", re.DOTALL
)


def generated(size: int) -> str:
    lines = [f'import {{ a{n} }} from "./part{n}.js";' for n in range(5)]
    text = "\n".join(lines)
    number = 0
    while len(text) < size:
        text += FUNCTION.format(n=number)
        number += 1
    return text + "\nexport default import('./last.js');\n"


def read(folder: Path) -> t.Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".js", ".mjs") and path.is_file():
            text = path.read_text("utf-8-sig", errors="replace")
            if re.search(r"\b(?:import|export)\b", text):
                yield text


def cpu_time(work: t.Callable[[str], object], texts: t.Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - start


def yardstick(text: str) -> None:
    for _ in YARDSTICK.finditer(text):
        pass


def measure(name: str, texts: t.Sequence[str]) -> None:
    if not texts:
        return
    characters = sum(map(len, texts))
    # Short texts are read often enough for the clock to be fine.
    repeated = list(texts) * max(1, 200_000 // characters)
    scans, ratios = [], []
    for _ in range(ROUNDS):
        scanned = cpu_time(scan, repeated)
        scans.append(scanned)
        ratios.append(scanned / cpu_time(yardstick, repeated))
    speeds = sorted(characters * len(repeated) / len(texts) / s / 1e6 for s in scans)
    low, _, high = statistics.quantiles(ratios, n=4)
    print(
        f"{name:<22} {len(texts):>6} files {characters / 1e6:>8.3f} M"
        f" {statistics.median(speeds):>7.1f} M/s"
        f" [{speeds[ROUNDS // 4]:.1f}-{speeds[-1 - ROUNDS // 4]:.1f}]"
        f" {statistics.median(scans) / len(repeated) * 1e6:>9.1f} us/file"
        f"  ratio {statistics.median(ratios):.2f} [{low:.2f}-{high:.2f}]"
    )


def main() -> None:
    scan("import 'warm'")
    for size in (500, 2_000, 10_000, 100_000, 1_000_000):
        measure(f"generated, {size}", [generated(size)])
    hot = "if (import.meta.hot) { import.meta.hot.accept(() => {}) }"
    measure("generated, 2000, hot", [generated(2_000) + hot])
    if len(sys.argv) > 1:
        texts = list(read(Path(sys.argv[1])))
        measure("all", texts)
        measure("1.5-2.5 K", [text for text in texts if 1500 < len(text) < 2500])
        measure("over 200 K", [text for text in texts if len(text) > 200_000])
        dense = [text for text in texts if text.count("\n") < len(text) / 1000]
        measure("minified", dense)


if __name__ == "__main__":
    main()
