"""What of a record is written into a bibliography: what was asked for, and what a bibliography is for.

Pages and arXiv say things about a paper that nobody wants to print or to find in a .bib: a score, a label "Code", the day of
an update. They are withheld (and told by ``--losses``) unless ``--keep-extra`` asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bibtools import dates
from bibtools.formats.bibtex import carrying, writing
from bibtools.formats.bibtex.tables import SLOTS, Slot
from bibtools.record import Date, Record
from bibtools.selection import EVERYTHING, Selection

__all__ = ["Choice", "chosen", "with_submitted"]

WITHHELD = frozenset("score code affiliation label update_date submitted submitter license class".split())
DATE_NAMES = ("date", "year", "month", "day")
BY_TYPE = frozenset(("container_title", "publisher", "issue", "number", "collection_number"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A record as it is to be written, and what it lost on purpose, by the names of BibTeX."""

    record: Record
    omitted: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


def chosen(record: Record, selection: Selection = EVERYTHING, *, keep_extra: bool = True) -> Choice:
    """A record without the fields that are not asked for, and, but for ``keep_extra``, without what its source adds."""
    withheld: tuple[str, ...] = ()
    if not keep_extra and record.origin.format != "bibtex":
        record, withheld = pared(record)
    if not selection:
        return Choice(record, (), withheld)
    changed: dict[str, object] = {}
    omitted: list[str] = []
    target = carrying.Target(record, False, writing.entry_type(record, False), False)
    for slot in SLOTS:
        value = getattr(record, slot.field)
        if not value or slot.field in changed:
            continue
        if slot.kind == "date":
            kept = _date(slot, value, selection)
            if kept != value:
                changed[slot.field] = kept
                omitted.append("month" if kept else slot.names[0] if slot.field != "issued" else "year")
        elif any(map(selection.drops, _names(slot, target))):
            changed[slot.field] = () if isinstance(value, tuple) else ""
            omitted.append(_names(slot, target)[0])
    extra = tuple(pair for pair in record.extra if pair[0].startswith("tex-") or not selection.drops(pair[0].lower()))
    if extra != record.extra:
        omitted += [name for name, _ in record.extra if selection.drops(name.lower()) and not name.startswith("tex-")]
        changed["extra"] = extra
    if "author" in changed:
        changed["authors_truncated"] = False
    if not changed:
        return Choice(record, (), withheld)
    return Choice(record.replace(**changed), tuple(dict.fromkeys(omitted)), withheld)


def pared(record: Record) -> tuple[Record, tuple[str, ...]]:
    """A record without what only its source says, and the names of that; a category counts only beside arXiv's number."""
    changed: dict[str, object] = {}
    withheld: tuple[str, ...] = ()
    if any(name in WITHHELD for name, _ in record.extra):
        withheld = tuple(dict.fromkeys(name for name, _ in record.extra if name in WITHHELD))
        changed["extra"] = tuple(pair for pair in record.extra if pair[0] not in WITHHELD)
    if record.submitted:
        withheld = (*withheld, "submitted")
        changed["submitted"] = Date()
    if record.categories and not record.arxiv_id:
        withheld = (*withheld, "primaryclass")
        changed["categories"] = ()
    return (record.replace(**changed) if changed else record), withheld


def with_submitted(record: Record) -> Record:
    """A record whose day of submission is a field ``submitted``, for which BibTeX has no place of its own."""
    if not record.submitted:
        return record
    said = dates.edtf(record.submitted) or record.submitted.literal
    return record.replace(submitted=Date(), extra=(*record.extra, ("submitted", said)))


def _names(slot: Slot, target: carrying.Target) -> tuple[str, ...]:
    """The names that a field has in an entry of the record's type."""
    if slot.field in BY_TYPE:
        name = carrying.field_name(slot, target) or slot.names[0]
        return (name, "issue") if name == "number" and slot.field == "issue" else (name,)
    return slot.written


def _date(slot: Slot, value: Date, selection: Selection) -> Date:
    """What is left of a date: of the date of publication the month or the day can go alone."""
    if slot.field != "issued":
        return Date() if selection.drops(slot.names[0]) else value
    if selection.drops("year") and selection.drops("date"):
        return Date()
    size = 1 if selection.drops("month") else 2 if selection.drops("day") else 3
    if size == 3 or not value.parts:
        return value
    end = value.end[:size] if value.end else value.end
    return Date(value.parts[:size], end if end != value.parts[:size] else None, 0, value.circa)
