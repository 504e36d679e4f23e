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

    index: int  # number of the entry in the document, from 0
    name: str  # in any case; where the entry has it, its spelling stays
    value: str  # without delimiters, unless `raw`
    raw: bool = False  # `value` is BibTeX source: a macro, a concatenation


@dataclass(frozen=True, slots=True)
class RemoveField:
    index: int  # number of the entry in the document, from 0
    name: str  # the first field of the name


@dataclass(frozen=True, slots=True)
class RenameField:
    index: int  # number of the entry in the document, from 0
    old: str  # the first field of the name
    new: str  # written in the case that the file uses


@dataclass(frozen=True, slots=True)
class SetType:
    index: int  # number of the entry in the document, from 0
    type: str  # without @


@dataclass(frozen=True, slots=True)
class SetKey:
    index: int  # number of the entry in the document, from 0
    key: str  # the new citation key; who cites the old one is not told


@dataclass(frozen=True, slots=True)
class AddEntry:
    """A new entry: before an entry, or in its place where the file is sorted by key, or behind the last entry."""

    type: str  # without @
    key: str  # the citation key
    fields: tuple[tuple[str, str, bool], ...]  # name, value and whether the value is source, in the order wanted
    before: int | None = (
        None  # number of the entry to stand before; None: where the file's order wants it, else behind the last
    )


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    index: int  # number of the entry in the document, from 0


@dataclass(frozen=True, slots=True)
class SetString:
    """Give a @string of the file, the last one with this name, another value."""

    name: str  # of the macro, in any case
    value: str  # without delimiters, unless `raw`
    raw: bool = False  # `value` is BibTeX source


Edit = SetString | SetField | RemoveField | RenameField | SetType | SetKey | AddEntry | RemoveEntry
