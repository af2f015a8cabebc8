"""Run the stress tests and print a table: ``python -m tests.stress [name …]``."""

from __future__ import annotations

import argparse
import sys
import time
import typing as t

from . import files, histories, pages, servers

Row = tuple[str, str, str, bool]

TESTS: dict[str, t.Callable[[], list[Row]]] = {
    "sockets": pages.a_thousand_sockets,
    "slow": pages.slow_and_vanished,
    "malformed": pages.malformed,
    "memory": pages.ten_thousand_updates,
    "ctrl-c": servers.ctrl_c,
    "restarts": servers.restarts,
    "pages": servers.restarts_under_a_page,
    "urls": servers.urls_at_random,
    "checkout": files.git_checkout,
    "burst": files.many_new_files,
    "saves": files.random_saves,
    "histories": histories.thousand_histories,
}


def main() -> int:
    """Run what the command line names, or everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*TESTS, []], default=[])
    names = parser.parse_args().names or list(TESTS)
    rows: list[Row] = []
    for name in names:
        begin = time.monotonic()
        print(f"… {name}", file=sys.stderr, flush=True)
        found = TESTS[name]()
        rows += found
        for row in found:
            show(row)
        seconds = time.monotonic() - begin
        print(f"  {name}: {seconds:.0f} s", file=sys.stderr, flush=True)
    print("\n| what | measured | goal | |\n|---|---|---|---|")
    for row in rows:
        show(row)
    return 0 if all(met for *_, met in rows) else 1


def show(row: Row) -> None:
    """Print one line of the table."""
    what, measured, goal, met = row
    print(f"| {what} | {measured} | {goal} | {'met' if met else '**not met**'} |")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
