"""What a person sees: messages on stderr, data on stdout, colour and progress only on a terminal.

Text from inputs is hostile: a title can hold terminal escapes. Everything printed goes through `safe`.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import IO, NoReturn

import click

from bibtools.progress import listening
from bibtools.record import Problem

__all__ = [
    "SEVERITY_COLOUR",
    "colour",
    "data",
    "err",
    "fail",
    "nearest",
    "progress",
    "progress_line",
    "report_problems",
    "safe",
    "shown_line",
    "watching",
    "width",
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


def err(message: str, *, fg: str | None = None, bold: bool = False, end: str = "\n", styled: bool = False) -> None:
    """A line for people, to stderr; ``styled`` says that it is safe and has its colours already."""
    _clear_bar()
    text = message if styled else safe(message)
    if colour() and (fg or bold):
        text = click.style(text, fg=fg, bold=bold or None)
    click.echo(text + end, nl=False, err=True, color=colour())


def width(text: str) -> int:
    """How many columns a text takes on a terminal: two for an East Asian character, none for a combining one or a colour."""
    text = click.unstyle(text)
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else not unicodedata.combining(char) for char in text)


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
    if sys.stdout.isatty():
        _clear_bar()
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


class Bar:
    """One line at the bottom of a terminal: what is done, how many of how many, how fast, how long it will take.

    It appears when a command has run for two seconds, and whatever else is written takes its place.
    """

    DELAY, PAUSE = 2.0, 0.2  # seconds before the first line, and between two

    def __init__(self) -> None:
        self.begun = self.phase_begun = monotonic()
        self.what = ""
        self.next = self.begun + self.DELAY
        self.drawn = False

    def show(self, what: str, done: int, total: int, note: str = "") -> None:
        now = monotonic()
        if what != self.what or done == 0:
            self.what, self.phase_begun = what, now
        if total and done >= total:
            self.clear()
        elif now >= self.next:
            self.next = now + self.PAUSE
            width = shutil.get_terminal_size().columns - 1
            line = progress_line(what, done, total, now - self.phase_begun, note)[:width]
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()
            self.drawn = True

    def clear(self) -> None:
        if self.drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.drawn = False


def progress_line(what: str, done: int, total: int, seconds: float, note: str = "") -> str:
    """`Comparing 45,000 of 100,000, 12,300 a second, 0:05 left`."""
    parts = [f"{what} {done:,} of {total:,}" if total else f"{what} {done:,}"]
    rate = done / seconds if seconds > 0 else 0.0
    if note:
        parts = [f"{what} {note}"]
    elif rate >= 1:
        parts.append(f"{rate:,.0f} a second")
    if total and rate > 0 and seconds > 1:
        left = math.ceil((total - done) / rate)
        hours = f"{left // 3600}:{left % 3600 // 60:02}" if left >= 3600 else f"{left // 60}"
        parts.append(f"{hours}:{left % 60:02} left")
    return ", ".join(parts)


_bar: Bar | None = None


def _clear_bar() -> None:
    if _bar is not None:
        _bar.clear()


@contextmanager
def watching() -> Iterator[None]:
    """Within, long work shows how far it is, on a terminal; see `bibtools.progress`."""
    global _bar
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    before, _bar = _bar, Bar()
    try:
        with listening(_bar.show):
            yield
    finally:
        _bar.clear()
        _bar = before


@contextmanager
def progress(label: str) -> Iterator[Callable[..., None]]:
    """A callable `(done, total, note="")` for work that counts by itself; ``note`` stands in the place of the numbers."""

    def tick(done: int, total: int, note: str = "") -> None:
        if _bar is not None:
            _bar.show(label, done, total, note)

    try:
        yield tick
    finally:
        _clear_bar()
