"""What a rule of `format` is. There are four kinds, by how much of a file they look at:

* a DocumentRule looks at all entries and macros and answers with edits, those that belong together in one tuple;
* a FieldRule looks at one entry and answers with edits of its fields;
* an EntryRule is given an entry in parts and moves, recases or respaces them; what is read must stay as it was;
* a FileRule looks at the whole document and answers with slices; entries must stay as they were, but for their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bibtools.bibfile import Document, Edit, Entry, RemoveField, SetField, Style
from bibtools.record import Problem
from bibtools.selection import EVERYTHING, Selection

__all__ = [
    "DocumentRule",
    "Draft",
    "EntryRule",
    "FieldEdit",
    "FieldRule",
    "FileRule",
    "Options",
    "Part",
    "Rule",
    "Slice",
]

FieldEdit = SetField | RemoveField
Slice = tuple[int, int, str]  # text[start:end] becomes the string


@dataclass(frozen=True, slots=True)
class Options:
    """What rules can be told; None and () mean "as the file has it", or, where a rule needs an option, that it does nothing."""

    indent: str | None = None  # the white space before a field name
    align: int | None = None  # column of the values, counted from the field name
    wrap: int | None = None  # characters in a line
    trailing_comma: bool | None = None
    blank_lines: int | None = None  # between two entries
    sort_by: tuple[str, ...] = ("key",)
    field_order: tuple[str, ...] = ()
    omit: Selection = EVERYTHING
    double_braces: frozenset[str] = frozenset({"title"})
    max_authors: int | None = None
    journals: str = ""  # "abbreviate" or "full"


@dataclass(slots=True)
class Part:
    """A field as text: what stands before the name (with the comma), the name, the equals sign with its blanks, the value."""

    lead: str
    name: str
    equals: str
    value: str
    simple: bool  # the value is one group in braces or quotes


@dataclass(slots=True)
class Draft:
    """An entry as text in parts; joined they are the entry again."""

    before: str  # "@"
    type: str
    head: str  # "{key"
    parts: list[Part]
    tail: str
    close: str

    def __str__(self) -> str:
        fields = "".join([f"{part.lead}{part.name}{part.equals}{part.value}" for part in self.parts])
        return f"{self.before}{self.type}{self.head}{fields}{self.tail}{self.close}"


@dataclass(frozen=True, slots=True)
class DocumentRule:
    name: str
    default: bool
    help: str
    edits: Callable[[Document, Options], tuple[list[tuple[Edit, ...]], list[Problem]]]


@dataclass(frozen=True, slots=True)
class FieldRule:
    name: str
    default: bool
    help: str
    edits: Callable[[Entry, Options], Iterable[FieldEdit]]
    about: frozenset[str] = frozenset()  # the fields it looks at; empty: all


@dataclass(frozen=True, slots=True)
class EntryRule:
    name: str
    default: bool
    help: str
    change: Callable[[Draft, Style, Options], None]


@dataclass(frozen=True, slots=True)
class FileRule:
    name: str
    default: bool
    help: str
    slices: Callable[[Document, Options], Iterable[Slice]]


Rule = DocumentRule | FieldRule | EntryRule | FileRule
