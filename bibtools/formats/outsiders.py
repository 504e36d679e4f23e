"""Formats of other packages, by the entry point group ``bibtools.formats``.

Their code is not ours: what fails to import, or raises where a format must not, is a message that names the format, and costs
nobody anything who does not use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache, wraps
from importlib.metadata import entry_points
from typing import TypeVar

from bibtools.format import Format, WriteOptions
from bibtools.record import Record

__all__ = ["FormatFailedError", "failures", "load"]

Given = TypeVar("Given")
Returned = TypeVar("Returned")


class FormatFailedError(Exception):
    """A format of another package raised; the message names it."""


def load() -> tuple[Format, ...]:
    """Those that can be loaded, in the order of their names. An entry point names a `Format` or a function that returns one."""
    return _loaded()[0]


def failures() -> dict[str, str]:
    """Those that cannot, by the name of their entry point, each with the reason."""
    return _loaded()[1]


@cache
def _loaded() -> tuple[tuple[Format, ...], dict[str, str]]:
    found: list[Format] = []
    failed: dict[str, str] = {}
    for point in sorted(entry_points(group="bibtools.formats"), key=lambda point: point.name):
        try:
            loaded = point.load()
            made = loaded if isinstance(loaded, Format) else loaded()
            if not isinstance(made, Format):
                raise TypeError(f"{point.value} is no Format")
        except Exception as error:  # noqa: BLE001 (somebody else's code)
            failed[point.name] = f"{type(error).__name__}: {error}"
        else:
            found.append(_guarded(made))
    return tuple(found), failed


def _guarded(made: Format) -> Format:
    write = made.write

    def pieces(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
        assert write is not None
        try:
            yield from write(records, options)
        except Exception as error:
            raise _failure(made.name, error) from error

    return replace(
        made,
        looks_like=made.looks_like and _answer(made.looks_like),
        magic=made.magic and _answer(made.magic),
        read=made.read and _named(made.name, made.read),
        read_bytes=made.read_bytes and _named(made.name, made.read_bytes),
        write=write and pieces,
    )


def _answer(question: Callable[[Given], bool]) -> Callable[[Given], bool]:
    """A question that cannot be answered is answered with no."""

    @wraps(question)
    def asked(value: Given) -> bool:
        try:
            return bool(question(value))
        except Exception:  # noqa: BLE001 (somebody else's code)
            return False

    return asked


def _named(name: str, read: Callable[..., Returned]) -> Callable[..., Returned]:
    @wraps(read)
    def reading(*given: object) -> Returned:
        try:
            return read(*given)
        except Exception as error:
            raise _failure(name, error) from error

    return reading


def _failure(name: str, error: Exception) -> FormatFailedError:
    return FormatFailedError(f"the format '{name}', of another package, failed: {type(error).__name__}: {error}")
