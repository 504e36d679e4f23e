"""`bibtools formats`: what can be read and written."""

from __future__ import annotations

import click

from bibtools import formats as known
from bibtools.cli import console
from bibtools.formats import outsiders

__all__ = ["formats"]


@click.command(epilog="Formats are recognised from content; name one with --from or --to where that fails.")
def formats() -> None:
    """List the formats and what they read and write.

    \b
    Example:
      bibtools formats
    """
    table = known.table()
    wide = max(len(name) for name in table)
    rows = []
    for name, each in table.items():
        verbs = f"{'read' if each.readable else '-':<5} {'write' if each.writable else '-':<6}"
        rows.append(f"{name:<{wide}}  {verbs} {console.shown_line(each.summary)}\n")
    console.data(rows)
    for name, reason in outsiders.failures().items():
        console.err(f"{name}: cannot be loaded: {console.shown_line(reason, 200)}", fg="yellow")
