"""Options that several commands share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from bibtools.cli import console

__all__ = ["existing_inputs", "reading_options", "write_out"]

Command = TypeVar("Command", bound=Callable[..., Any])


def existing_inputs(command: Command) -> Command:
    return click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())(command)


def reading_options(command: Command) -> Command:
    """How to read: the format, and the day a page was taken (for its dates without a year)."""
    command = click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="The day a page was taken (YYYY-MM-DD), for its dates without a year; else today.",
    )(command)
    return click.option("--from", "from_", metavar="FORMAT", help="Format to read; else recognised from content.")(
        command
    )


def write_out(path: str, pieces: Iterable[str]) -> None:
    """Data to standard output for "-", else to a file that is replaced only when everything has been written."""
    if path == "-":
        console.data(pieces)
        return
    target = Path(os.path.realpath(path))  # a symlink stays, what it points to is replaced
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        console.fail(f"{path}: {error.strerror or error}")


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
