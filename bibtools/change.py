"""What we intend to do to a library, as data. The preview, the .bib edit, the report and the Zotero push read the same list.

A change carries the old value as its precondition: who applies it must find that value or refuse.
"""

from __future__ import annotations

from dataclasses import dataclass

from bibtools.record import Record

__all__ = ["Add", "Alias", "Change", "Remove", "SetField", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """An entry of the library: its citation key, and its place among the entries (keys can be repeated in a .bib)."""

    key: str
    index: int


@dataclass(frozen=True, slots=True)
class Add:
    record: Record  # `record.id` is the key it is to have
    why: str = ""


@dataclass(frozen=True, slots=True)
class SetField:
    """Give a Record field (``doi``, ``author``, ``type`` ...) of an entry a new value."""

    target: Target
    field: str
    old: object
    new: object
    why: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """``old`` becomes another name of the entry: written to biblatex's ``ids``, and rewritten where it is cited."""

    target: Target
    old: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Remove:
    """The entry goes, because it was merged into ``into``; ``record`` is what it said."""

    target: Target
    record: Record
    into: Target
    why: str = ""


Change = Add | SetField | Alias | Remove
