"""What the commands write to the terminal: it can be read in 80 columns."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .drawing import Drawn
    from .sections import Section
    from .why import Answer

COLOURS = {"fine": "green", "note": "cyan", "warning": "yellow", "problem": "red"}
OUTCOMES = {"update": "green", "refresh": "green", "restart": "cyan", "reload": "red"}
SIGNS = {"fine": "✓", "note": "·", "warning": "!", "problem": "✗"}


def show_sections(sections: Iterable[Section], verbose: bool) -> None:
    """Write what doctor has found, and how much of it.

    :param verbose: whether what is fine is written in full.
    """
    levels = []
    for section in sections:
        _show_section(section, verbose)
        levels += [check.level for check in section.checks]
    named = [one for one in ("problem", "warning", "note") if one in levels]
    counts = [counted(levels.count(level), level) for level in named]
    summary = ", ".join(counts) or "all is well"
    colour = COLOURS[named[0]] if named and named[0] != "note" else "green"
    click.secho(f"{summary[0].upper()}{summary[1:]}.", fg=colour, bold=True)


def _show_section(section: Section, verbose: bool) -> None:
    click.secho(section.title, bold=True)
    for check in section.checks:
        sign = click.style(SIGNS[check.level], fg=COLOURS[check.level], bold=True)
        detail = check.detail
        line = f"{check.title}: {detail}" if detail else check.title
        if check.level == "fine" and len(_wrapped(line, 4)) == 1:
            title, detail = line, ""
        else:
            title = check.title
        first, *rest = _wrapped(title, 4)
        click.echo(f"  {sign} {first.strip()}")
        for line in rest:
            click.echo(line)
        for line in _wrapped(detail, 6) if check.level != "fine" or verbose else ():
            click.secho(line, dim=True)
        for number, line in enumerate(_wrapped(check.cure, 8)):
            line = f"      → {line.strip()}" if number == 0 else line
            click.secho(line, fg=COLOURS[check.level])
    click.echo()


def show_answer(answer: Answer) -> None:
    """Write what a change of a file does."""
    click.secho(answer.subject, bold=True)
    outcome = click.style(answer.outcome, fg=OUTCOMES.get(answer.outcome), bold=True)
    lines = _wrapped(f"{answer.outcome}  {answer.sentence}", 2)
    click.echo(lines[0].replace(answer.outcome, outcome, 1))
    for line in lines[1:]:
        click.echo(line)
    for way in answer.ways:
        for depth, url in enumerate(way):
            click.echo(f"    {'   ' * (depth - 1)}{'└─ ' if depth else ''}{url}")
    for line in _wrapped(answer.hint, 2):
        click.secho(line, dim=True)


def show_graph(modules: dict[str, Drawn]) -> None:
    """Write the module graph as a tree."""
    from .drawing import as_text, edge_words

    for branch, text, module, edge in as_text(modules):
        is_boundary = module.facts.accepts_self or (edge is not None and edge.accepted)
        colour = "green" if is_boundary and not module.facts.declines else None
        if module.facts.declines or module.kind == "missing":
            colour = "red"
        words = (*module.marks, *edge_words(edge))
        marks = click.style(f"  {', '.join(words)}", fg=colour) if words else ""
        click.echo(f"{branch}{click.style(text, fg=colour)}{marks}")
    if not modules:
        click.echo("There are no modules in the folders of this app.")


def show_table(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Write rows in columns, under a title."""
    click.secho(title, bold=True)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo(f"  {'  '.join(cells).rstrip()}")
    if not rows:
        click.echo("  none")
    click.echo()


def counted(number: int, word: str) -> str:
    """Return a number of things in words."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def write_json(value: Any) -> None:
    """Write a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _wrapped(text: str, indent: int) -> list[str]:
    """Return paragraphs as lines that fit the terminal."""
    width = min(shutil.get_terminal_size().columns, 80)
    lines = []
    for paragraph in text.splitlines():
        lines += textwrap.wrap(
            paragraph,
            width,
            initial_indent=" " * indent,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines
