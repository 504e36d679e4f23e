"""What commands that edit files in place have in common: read, show what would happen, write, say what was done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bibtools import bibfile, encoding, storage
from bibtools.cli import console
from bibtools.cli import diff as diffs

__all__ = ["counted", "doubt_empty", "finish", "read", "save", "show_diff"]

Pair = tuple[storage.Snapshot, bytes]


def read(path: str, *, missing: bool = False) -> storage.Snapshot:
    """A file, or the end of the command with a plain message."""
    try:
        if missing and path == "-":
            return storage.Snapshot(path, Path(path), b"", existed=False)
        return storage.read(path, missing=missing)
    except storage.StorageError as error:
        console.fail(str(error))


def save(path: str, data: bytes) -> None:
    """Write a file whatever stood there, or end the command with a plain message."""
    try:
        storage.save(path, data)
    except storage.StorageError as error:
        console.fail(str(error))


def show_diff(pairs: Iterable[Pair]) -> None:
    """A unified diff on stdout, in colour on a terminal."""
    for snapshot, data in pairs:
        if data != snapshot.data:
            console.data(_diff(snapshot, data))


def _diff(snapshot: storage.Snapshot, data: bytes) -> Iterator[str]:
    old, new = (encoding.readable(encoding.decode(each).text) for each in (snapshot.data, data))
    terminal = sys.stdout.isatty()
    colours = console.colour(sys.stdout)
    name = "<stdin>" if snapshot.path == "-" else snapshot.path
    for line in diffs.unified(old, new, name):
        text = console.safe(line) if terminal else line
        code = {"+": "32", "-": "31", "@": "36"}.get(text[0]) if colours else None
        yield f"\x1b[{code}m{text[:-1]}\x1b[0m\n" if code else text


def finish(
    pairs: Sequence[Pair], *, dry_run: bool = False, diff: bool = False, check: bool = False, output: str = ""
) -> None:
    """Show or write; ends the command with status 1 where `check` found a change."""
    changed = [(snapshot, data) for snapshot, data in pairs if data != snapshot.data]
    if diff:
        show_diff(changed)
    if check:
        for snapshot, _ in changed:
            console.err(f"{snapshot.path}: would change")
        if changed:
            raise SystemExit(1)
    if check or diff or dry_run:
        return
    try:
        if output:
            for _, data in pairs:
                storage.save(output, data)
        else:
            storage.write_all([*changed, *(pair for pair in pairs if pair[0].path == "-" and pair not in changed)])
    except storage.StorageError as error:
        console.fail(str(error))


def doubt_empty(path: str, document: bibfile.Document) -> None:
    """A text without a single entry or macro is probably another file than the one that was meant."""
    commands = any(each.kind != "text" for each in document.layout.others)
    if not document.entries and not commands and document.text.strip():
        console.err(f"{path}: no entries; is it a .bib?", fg="yellow")


def counted(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
