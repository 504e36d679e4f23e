"""What of a record is written: the fields that were asked for, and of pages and arXiv what a bibliography is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bibtools import bibfile, latex
from bibtools.api.reading import InputError
from bibtools.arxiv import published
from bibtools.change import Add, Change
from bibtools.formats import bibtex
from bibtools.record import Record
from bibtools.selection import Selection, SelectionError, selection

__all__ = ["added_as_chosen", "choice_for", "offered_as", "selected", "without_fields"]


def selected(omit: Sequence[str], fields: Sequence[str]) -> Selection:
    """The selection that lists of names ask for. Raises InputError for a name that cannot be asked for."""
    try:
        return selection(omit, fields)
    except SelectionError as error:
        raise InputError(str(error)) from error


def choice_for(record: Record, to: str, wanted: Selection, *, keep_extra: bool) -> bibtex.Choice:
    """A record as it is written in a format; `records` and `arxiv` carry it as it came."""
    if to in ("records", "arxiv"):
        return bibtex.chosen(record, wanted)
    is_bib = to in ("bibtex", "biblatex")
    record = published(record)
    if is_bib and record.origin.format != "bibtex" and record.title:
        record = with_title(record)
    if is_bib and keep_extra:
        record = bibtex.with_submitted(record)
    return bibtex.chosen(record, wanted, keep_extra=keep_extra or not is_bib)


def with_title(record: Record) -> Record:
    """A record whose title keeps its proper nouns when a style writes it small: the source of a .bib says that by braces."""
    title = latex.protected(record.title)
    return record if title == record.title else record.replace(title=title)


def without_fields(data: bytes, wanted: Selection) -> bytes:
    """A .bib without the fields that a selection drops; every other byte stays."""
    if not wanted:
        return data
    document = bibfile.parse(data)
    dropped = [
        bibfile.RemoveField(entry.index, field.name)
        for entry in document.entries
        for field in entry.fields
        if wanted.drops(field.name)
    ]
    return document.edit(dropped).to_bytes()


def offered_as(record: Record, wanted: Selection, *, keep_extra: bool) -> Record:
    """A record of a source as far as a .bib can hold it, so that a second merge finds nothing to add: one category."""
    record = bibtex.chosen(record, wanted, keep_extra=keep_extra).record
    return record.replace(categories=record.categories[:1]) if len(record.categories) > 1 else record


def added_as_chosen(changes: Sequence[Change], wanted: Selection, *, keep_extra: bool) -> tuple[Change, ...]:
    """The changes of a plan, with its new entries as they are to be written."""
    return tuple(
        replace(each, record=choice_for(each.record, "bibtex", wanted, keep_extra=keep_extra).record)
        if isinstance(each, Add)
        else each
        for each in changes
    )
