"""How the cost of the module graph grows, in process: no disk, no browser.

Usage: ``python -m benchmarks.core [--sizes 1000,…] [--plot FILE]``

Graphs of different sizes are recorded, as they are when a page is loaded first; then
one module is edited, in the middle of the graph, at the bottom of it, and below 100,000
importers. Times are CPU time of one run each, but for edits: the median of several.
"""

from __future__ import annotations

import argparse
import gc
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from flask_hmr.core.facts import Edge, Facts, Kind
from flask_hmr.core.graph import ModuleGraph
from flask_hmr.core.propagate import propagate
from flask_hmr.core.versions import digest

SIZES = (1_000, 10_000, 100_000, 1_000_000)
FAN_OUT = 5
EDITS = 9
IMPORTERS = 100_000


def key(number: int) -> str:
    """Return the key of a module."""
    return f"/static/part{number % 100}/module{number}.js"


def facts(number: int, size: int, generation: int = 0) -> Facts:
    """Return a module of a tree that also imports one that many share."""
    below = range(FAN_OUT * number + 1, min(FAN_OUT * (number + 1) + 1, size))
    named = [*below, number // 50 + size // 2] if number < size // 100 else [*below]
    edges = tuple(Edge(key(n), names=("value",)) for n in dict.fromkeys(named))
    text = digest(f"{number} {generation}".encode())
    return Facts(Kind.FILE, text, text, edges=edges, paths=(f"/app{key(number)}",))


def timed(act: Callable[[], object]) -> float:
    """Return the CPU time of something in seconds."""
    start = time.process_time()
    act()
    return time.process_time() - start


def recorded(size: int) -> tuple[ModuleGraph, float]:
    """Return a graph with all its versions, and the seconds that it took."""
    graph = ModuleGraph()
    batches = []
    for start in range(0, size, 1000):
        numbers = range(start, min(start + 1000, size))
        batches.append({key(n): facts(n, size) for n in numbers})

    def record() -> None:
        for batch in batches:
            graph.record(batch)
        graph.frontier([key(0)])
        graph.versions([key(0)])

    return graph, timed(record)


def edited(graph: ModuleGraph, number: int, size: int) -> float:
    """Return the seconds that taking in an edit takes, with the versions after it."""
    times = []
    for generation in range(1, EDITS + 1):
        change = {key(number): facts(number, size, generation)}
        times.append(timed(lambda change=change: graph.apply(change)))
    return statistics.median(times)


def memory(size: int) -> float:
    """Return the bytes that one module takes."""
    gc.collect()
    tracemalloc.start()
    graph, _ = recorded(size)
    gc.collect()
    found, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(graph) >= size
    return found / size


def through_importers() -> tuple[float, float]:
    """Return the seconds of an edit below many importers.

    :return: to give each its version and describe it, and to find where it ends.
    """
    graph = ModuleGraph()
    leaf = digest(b"leaf")
    graph.record({"/leaf.js": Facts(Kind.FILE, leaf, leaf)})
    edges = (Edge("/leaf.js"),)
    many = {}
    for number in range(IMPORTERS):
        text = digest(str(number).encode())
        many[key(number)] = Facts(Kind.FILE, text, text, edges=edges)
    graph.record(many)
    graph.versions(many)
    new = digest(b"new")
    changes = []
    edit = {"/leaf.js": Facts(Kind.FILE, new, new)}
    applying = timed(lambda: changes.append(graph.apply(edit)))
    (change,) = changes
    assert len(change.affected) == IMPORTERS + 1
    return applying, timed(lambda: propagate(change.changed, change.affected.get))


def plot(rows: list[tuple[int, float, float, float]], file: Path) -> None:
    """Draw how the cost of recording and of edits grows, both axes logarithmic."""
    series = {
        "recording a module, µs": [(size, row[0]) for size, *row in rows],
        "an edit at the bottom, µs": [(size, row[1]) for size, *row in rows],
        "an edit in the middle, µs": [(size, row[2]) for size, *row in rows],
    }
    colours = ("#3d6ea8", "#c4572e", "#4c8c4a")
    width, height, left, top = 640, 320, 60, 20
    sizes = [size for size, *_ in rows]
    values = [value for points in series.values() for _, value in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(size: float) -> float:
        span = math.log10(sizes[-1]) - math.log10(sizes[0]) or 1
        return left + (math.log10(size) - math.log10(sizes[0])) / span * (width - 240)

    def y(value: float) -> float:
        return top + (high - math.log10(value)) / (high - low) * (height - 60)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12" fill="#777">'
    ]
    for power in range(low, high + 1):
        at = y(10**power)
        parts.append(f'<path d="M{left} {at:.0f}H{width - 180}" stroke="#8884"/>')
        parts.append(f'<text x="{left - 8}" y="{at + 4:.0f}" text-anchor="end">')
        parts.append(f"{10**power:,}</text>")
    for size in sizes:
        parts.append(f'<text x="{x(size):.0f}" y="{height - 16}" text-anchor="middle">')
        parts.append(f"{size:,}</text>")
    for (name, points), colour in zip(series.items(), colours, strict=True):
        line = " ".join(f"{x(size):.0f},{y(value):.0f}" for size, value in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"')
        parts.append(' stroke-width="2"/>')
        at = y(points[-1][1])
        parts.append(f'<text x="{width - 170}" y="{at + 4:.0f}" fill="{colour}">')
        parts.append(f"{name}</text>")
    file.write_text("".join([*parts, "</svg>\n"]))


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.core")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    print(
        f"{'modules':>10} {'recording':>12} {'edit, bottom':>14} {'edit, middle':>14}"
    )
    print(f"{'':>10} {'µs/module':>12} {'µs':>14} {'µs':>14}")
    rows = []
    for size in map(int, options.sizes.split(",")):
        graph, seconds = recorded(size)
        bottom = edited(graph, size - 1, size) * 1e6
        middle = edited(graph, size // 10, size) * 1e6
        rows.append((size, seconds / size * 1e6, bottom, middle))
        print(f"{size:10,} {rows[-1][1]:12.1f} {bottom:14.0f} {middle:14.0f}")
        del graph
    print(f"\nmemory of one module in a graph of 10,000: {memory(10_000):,.0f} bytes")
    applying, propagating = through_importers()
    print(
        f"a change below {IMPORTERS:,} importers: versions and description"
        f" {applying:.2f} s, propagation {propagating:.2f} s"
    )
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()
