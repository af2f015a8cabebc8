"""What hot module replacement costs an app, request by request, in process.

Two apps that differ in ``HMR(app)`` alone answer the same requests in turns, so that
a noisy machine slows both. Each figure is the median of many pairs, with the middle
half of them as the spread::

    python benchmarks/overhead.py
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from flask_hmr import HMR

ROUNDS = 400
FIRST_ROUNDS = 150
LINE = (
    "export const value{n} = (input) => ({{ name: `n{n}`, size: input.length / 2 }});\n"
)


def module(number: int) -> str:
    """Return a module of 2 KB with two imports that takes part."""
    head = 'import { value1 } from "./dep1.js";\nimport { value2 } from "./dep2.js";\n'
    tail = "if (import.meta.hot) import.meta.hot.accept();\n"
    body = "".join(LINE.format(n=n) for n in range(3, 26))
    return f"// {number}\n{head}{body}{tail}"


def make_app(folder: Path, hmr: bool) -> Flask:
    """Return an app with a static folder of modules and one other view."""
    app = Flask("bench", root_path=str(folder))
    app.add_url_rule("/data", "data", lambda: {"answer": 42})
    if hmr:
        HMR(app)
    app.debug = True
    return app


def timed(app: Flask, url: str, headers: dict[str, str]) -> float:
    """Return how long one request takes, in microseconds."""
    environ = EnvironBuilder(path=url, headers=headers).get_environ()
    start = time.perf_counter()
    iterator, _, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    b"".join(iterator)
    return (time.perf_counter() - start) * 1e6


def compare(
    name: str,
    limit: float,
    rounds: int,
    request: Callable[[int], tuple[str, dict[str, str]]],
    plain: Flask,
    hmr: Flask,
) -> None:
    """Print what the second app takes on top of the first."""
    pairs = []
    for number in range(rounds):
        url, headers = request(number)
        pairs.append((timed(plain, url, headers), timed(hmr, url, headers)))
    extra = sorted(with_hmr - without for without, with_hmr in pairs)
    without = statistics.median(pair[0] for pair in pairs)
    with_hmr = statistics.median(pair[1] for pair in pairs)
    low, high = extra[len(extra) // 4], extra[len(extra) * 3 // 4]
    print(
        f"{name:36} {without:8.0f} {with_hmr:8.0f} {with_hmr / without:7.2f}"
        f" {statistics.median(extra):+8.0f}  [{low:+.0f} … {high:+.0f}]  < {limit:.0f}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        static = folder / "static"
        static.mkdir()
        for number in (1, 2):
            (static / f"dep{number}.js").write_text(
                f"export const value{number} = 1;\n"
            )
        for number in range(FIRST_ROUNDS + 1):
            (static / f"m{number}.js").write_text(module(number))
        plain, hmr = make_app(folder, False), make_app(folder, True)
        for app in (plain, hmr):
            for url in ("/data", "/static/m0.js"):
                timed(app, url, {})
        size = (static / "m0.js").stat().st_size
        print(f"Python {sys.version.split()[0]}, a module of {size} bytes, in µs")
        print(f"{'':36} {'Flask':>8} {'HMR':>8} {'ratio':>7} {'extra':>8}  middle half")
        compare("other response", 50, ROUNDS, lambda _: ("/data", {}), plain, hmr)
        compare(
            "module, first time",
            1000,
            FIRST_ROUNDS,
            lambda n: (f"/static/m{n + 1}.js", {}),
            plain,
            hmr,
        )
        compare(
            "module, unchanged, whole",
            200,
            ROUNDS,
            lambda _: ("/static/m0.js", {}),
            plain,
            hmr,
        )
        # As a page asks for it.
        page = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}
        updates = hmr.extensions["hmr"].updates
        urls = [f"/static/m{n}.js" for n in range(FIRST_ROUNDS + 1)]
        versioned = [f"{url}?m={v}" for url, v in updates.versions(urls).items()]
        timed(hmr, versioned[0], page)
        compare(
            "the same, as pages ask for it first",
            200,
            FIRST_ROUNDS,
            lambda n: (versioned[n + 1], page),
            plain,
            hmr,
        )
        compare(
            "the same, unchanged",
            200,
            ROUNDS,
            lambda _: (versioned[0], page),
            plain,
            hmr,
        )
        hmr.extensions["hmr"].close()


if __name__ == "__main__":
    main()
