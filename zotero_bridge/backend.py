"""What a Zotero server can be asked, whichever it is: the promise that `web` and `local` keep.

An item here is the server's ``data`` object: fields, ``key``, ``version``, ``deleted`` when it is in the trash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from zotero_bridge.schema import Item, Schema

__all__ = ["Access", "Backend", "Changes", "Failure", "Snapshot", "StaleError", "TooLargeError", "Written", "data_of"]

Progress = Callable[[int, int], None]


class StaleError(Exception):
    """The library has changed since the version a write was based on; nothing was written."""


class TooLargeError(Exception):
    """The request was too large; nothing was written."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who we are to the server, and what we may do in the library."""

    user: str  # name or number, for people
    read: bool
    write: bool
    why: str = ""  # why not, when a right is missing


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All top-level items of a library, the trash included, as of a version."""

    items: dict[str, Item]
    version: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since a version. `gone` are deleted for good."""

    items: dict[str, Item]
    gone: frozenset[str]
    version: int


@dataclass(frozen=True, slots=True)
class Failure:
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write, by place in the request."""

    version: int
    saved: dict[int, Item] = field(default_factory=dict)
    unchanged: frozenset[int] = frozenset()
    failed: dict[int, Failure] = field(default_factory=dict)


class Backend(Protocol):
    server: str  # identifies the server in the state directory
    chooses_keys: bool  # whether a client may choose the key of a new item

    @property
    def library(self) -> str: ...
    def access(self) -> Access: ...
    def schema(self, etag: str) -> tuple[Schema, str, str] | None:
        """Schema, its etag and its text; ``None`` when the one with the etag still holds."""

    def all_items(self, progress: Progress) -> Snapshot: ...
    def changes(self, since: int, known: frozenset[str]) -> Changes: ...
    def version(self, since: int) -> int:
        """The version of the library, by one cheap request; `since` is the last one known."""

    def children(self, since: int, known: frozenset[str]) -> Changes:
        """Attachments and notes, as `changes`; all of them since 0."""

    def upload(self, key: str, path: str) -> None:
        """Send a file to an attachment that was made for it. Raises ZoteroError."""

    def items(self, keys: Sequence[str]) -> dict[str, Item]: ...
    def write(self, objects: Sequence[Item], version: int | None, token: str = "") -> Written:
        """Create and change items. `version` is the library's, on which the objects are based; ``None``: by object only."""

    def collections(self) -> list[Item]: ...
    def add_collection(self, key: str, name: str, parent: str) -> str: ...


def data_of(entry: Any) -> Item:
    """The ``data`` of an entry as the server lists it, with key and version."""
    data: Item = dict(entry.get("data") or entry)
    data.setdefault("key", entry.get("key", ""))
    data.setdefault("version", entry.get("version", 0))
    return data
