"""What can be changed in a document, as data. ``index`` is `Entry.index`; the document's style decides how it is written."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AddEntry",
    "Edit",
    "EditError",
    "RemoveEntry",
    "RemoveField",
    "RenameField",
    "SetField",
    "SetKey",
    "SetString",
    "SetType",
]


class EditError(ValueError):
    """An edit cannot be made so that the file reads back as wanted. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class SetField:
    """Give a field a value, or add it. ``value`` is the text between the delimiters; with ``raw`` it is source."""

    index: int
    name: str
    value: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class RemoveField:
    index: int
    name: str


@dataclass(frozen=True, slots=True)
class RenameField:
    index: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SetType:
    index: int
    type: str


@dataclass(frozen=True, slots=True)
class SetKey:
    index: int
    key: str


@dataclass(frozen=True, slots=True)
class AddEntry:
    """A new entry: before an entry, or in its place where the file is sorted by key, or behind the last entry."""

    type: str
    key: str
    fields: tuple[tuple[str, str, bool], ...]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    index: int


@dataclass(frozen=True, slots=True)
class SetString:
    """Give a @string of the file, the last one with this name, another value."""

    name: str
    value: str
    raw: bool = False


Edit = SetString | SetField | RemoveField | RenameField | SetType | SetKey | AddEntry | RemoveEntry
