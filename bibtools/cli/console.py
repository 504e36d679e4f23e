"""What a person sees: messages on stderr, data on stdout, colour and progress only on a terminal.

Text from inputs is hostile: a title can hold terminal escapes. Everything printed goes through `safe`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, NoReturn

import click

from bibtools.record import Problem

__all__ = [
    "SEVERITY_COLOUR",
    "colour",
    "data",
    "err",
    "fail",
    "nearest",
    "progress",
    "report_problems",
    "safe",
    "shown_line",
]

SEVERITY_COLOUR = {"error": "red", "warning": "yellow", "note": "cyan"}

# C0 and C1 controls but tab and newline, and the characters that change the direction of text (U+202A..E, U+2066..9).
_CONTROLS = (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)
_UNSAFE: dict[int, str | None] = {**dict.fromkeys(_CONTROLS, "\ufffd"), **dict.fromkeys(_DIRECTIONS)}


def safe(text: str) -> str:
    """Text that cannot move the cursor, change colours or reorder the line of a terminal."""
    return text.translate(_UNSAFE)


def shown_line(text: str, width: int = 100) -> str:
    """Text safe for a terminal, on one line, cut to a width."""
    line = " ".join(safe(text[: width * 8]).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def colour(stream: IO[str] | None = None) -> bool:
    """Whether to colour: a terminal, and neither NO_COLOR (https://no-color.org) nor a dumb one."""
    stream = stream or sys.stderr
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def err(message: str, *, fg: str | None = None, bold: bool = False) -> None:
    """A line for people, to stderr."""
    text = safe(message)
    click.echo(
        click.style(text, fg=fg, bold=bold or None) if colour() and (fg or bold) else text, err=True, color=colour()
    )


def nearest(word: str, known: Sequence[str]) -> str:
    """The end of a message about a word that is not known: the one that was probably meant."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word.casefold(), [each.casefold() for each in known], scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean '{known[found[2]]}'?" if found else ""


def fail(message: str) -> NoReturn:
    """Say what is wrong and leave with status 2: wrong usage or unreadable input, nothing was written."""
    err(f"bibtools: {message}", fg="red")
    raise SystemExit(2)


def data(pieces: Iterable[str]) -> None:
    """Data for the next program, to stdout as UTF-8 whatever the locale; a reader that went away ends it quietly."""
    out = sys.stdout.buffer if hasattr(sys.stdout, "buffer") else None
    try:
        for piece in pieces:
            if out is None:
                sys.stdout.write(piece)
            else:
                out.write(piece.encode("utf-8", "replace"))
        (out or sys.stdout).flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is buffered cannot be written at the end either
        fail(f"standard output: {error.strerror or error}")


def report_problems(problems: Iterable[Problem], limit: int = 100) -> int:
    """Print problems with file and line, the first `limit` of each severity; returns how many were errors."""
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.severity] = counts.get(problem.severity, 0) + 1
        if counts[problem.severity] <= limit:
            err(shown_line(str(problem), 400), fg=SEVERITY_COLOUR.get(problem.severity))
    for severity, count in counts.items():
        if count > limit:
            err(f"... and {count - limit:,} more of kind '{severity}'", fg=SEVERITY_COLOUR.get(severity))
    return counts.get("error", 0)


@contextmanager
def progress(label: str) -> Iterator[Callable[..., None]]:
    """A callable `(done, total, note="")` that draws a bar on a terminal once work has taken a second, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total, note="": None
        return
    from time import monotonic

    from rich.console import Console
    from rich.progress import Progress

    begun = monotonic()
    with Progress(console=Console(stderr=True, no_color=not colour()), transient=True) as bar:
        task = bar.add_task(label, total=None, visible=False)
        yield lambda done, total, note="": bar.update(
            task, completed=done, total=total, description=f"{label} {note}", visible=monotonic() - begun > 1
        )
