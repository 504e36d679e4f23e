"""What a rule of `format` is. A rule of fields looks at one entry and answers with edits; a rule of layout looks at the whole
document and answers with slices of white space, order or delimiters, and must leave what is read as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bibtools.bibfile import Document, Edit, Entry

__all__ = ["FieldRule", "LayoutRule", "Options", "Rule", "Slice"]

Slice = tuple[int, int, str]  # text[start:end] becomes the string


@dataclass(frozen=True, slots=True)
class Options:
    """What rules can be told; None and () mean "as the file has it"."""

    indent: int | None = None  # blanks before a field name
    align: int | None = None  # column of the values, counted from the field name
    sort_by: tuple[str, ...] = ("key",)


@dataclass(frozen=True, slots=True)
class FieldRule:
    name: str
    default: bool
    help: str
    edits: Callable[[Entry], Iterable[Edit]]


@dataclass(frozen=True, slots=True)
class LayoutRule:
    name: str
    default: bool
    help: str
    slices: Callable[[Document, Options], Iterable[Slice]]


Rule = FieldRule | LayoutRule
