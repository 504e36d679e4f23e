"""How far long work is, for whoever shows it.

Whoever wants to know listens; the work itself says how far it is where it goes through many things. Without a listener that
costs nothing. It is a context variable and no parameter, since the loops lie deep below the functions that people call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["Listener", "listening", "ticker", "watched"]

Listener = Callable[[str, int, int], None]  # what is done ("Reading"), how many are done, of how many (0: not known)
Item = TypeVar("Item")

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)
STEP = 200  # items between two reports


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Within, the listener is told how far the work is."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def watched(items: Iterable[Item], what: str, total: int = 0) -> Iterable[Item]:
    """The same items; the listener is told how many have been taken."""
    listener = _listener.get()
    return items if listener is None else _watched(items, what, total, listener)


def _watched(items: Iterable[Item], what: str, total: int, listener: Listener) -> Iterator[Item]:
    for number, item in enumerate(items):
        if number % STEP == 0:
            listener(what, number, total)
        yield item
    listener(what, total, total)


def ticker(what: str) -> Callable[[int, int], None]:
    """A callable `(done, total)` for work that counts by itself."""
    listener = _listener.get()
    return lambda done, total: listener(what, done, total) if listener is not None else None
