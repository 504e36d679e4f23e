"""Options that several commands share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import click

from bibtools import storage
from bibtools.cli import completion, console

__all__ = ["Day", "existing_inputs", "plan_options", "reading_options", "write_out"]

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.DateTime):
    """A day; the message for a wrong one says how to write it."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"'{value}' is not a day written as YYYY-MM-DD", param, ctx)


def existing_inputs(command: Command) -> Command:
    return click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())(command)


def reading_options(command: Command) -> Command:
    """How to read: the format, and the day a page was taken (for its dates without a year)."""
    command = click.option(
        "--as-of",
        type=Day(["%Y-%m-%d"]),
        metavar="DATE",
        help="The day a page was taken (YYYY-MM-DD), for its dates without a year; else today.",
    )(command)
    return click.option(
        "--from",
        "from_",
        metavar="FORMAT",
        shell_complete=completion.formats,
        help="Format to read; else recognised from content.",
    )(command)


def plan_options(command: Command) -> Command:
    """What goes beside a merged .bib: the documents that cite it, the keys that changed, the plan."""
    tex = click.option(
        "--tex", multiple=True, type=click.Path(), metavar="FILE...", help="Documents whose citations follow."
    )
    keys = click.option("--map", "map_", metavar="FILE.csv", type=click.Path(), help="Write old and new keys here.")
    plan = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FILE",
        type=click.Path(),
        help="Write the plan here, .json or .html.",
    )
    return tex(keys(plan(command)))


HELD = 64 << 20  # characters; an output up to this size is held, so that what it replaces can be undone


def write_out(path: str, pieces: Iterable[str]) -> None:
    """Data to standard output for "-", else to a file that is replaced only when everything has been written.

    A large output is streamed beside its file and moved there; what it replaces is then not kept for `bibtools undo`.
    """
    if path == "-":
        console.data(pieces)
        return
    pieces = iter(pieces)
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > HELD:
            break
    try:
        if size <= HELD:
            storage.save(path, _bytes("".join(held)))
        else:
            _stream(Path(path), chain(held, pieces))
    except storage.StorageError as error:
        console.fail(str(error))
    except OSError as error:
        console.fail(f"{path}: {error.strerror or error}")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _stream(path: Path, pieces: Iterable[str]) -> None:
    target = Path(os.path.realpath(path))  # a symlink stays, what it points to is replaced
    if os.path.exists(target) and not target.is_file():  # noqa: PTH110 (a device or a pipe)
        with target.open("wb") as file:
            file.writelines(map(_bytes, pieces))
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(map(_bytes, pieces))
            file.flush()
            os.fsync(file.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
