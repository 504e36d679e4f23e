"""The names of a Record's fields as a person knows them from a .bib, and their values as text: for plans, questions and pages.

A Record speaks CSL (`container_title`, `issued`); whoever keeps a .bib knows `journal`, `booktitle` and `year`.
"""

from __future__ import annotations

from functools import cache

from bibtools import dates, latex
from bibtools.formats.bibtex.carrying import Target, field_name, source_of
from bibtools.formats.bibtex.tables import SLOTS, Slot
from bibtools.formats.bibtex.writing import entry_type
from bibtools.record import Date, Name, Record

__all__ = ["field_label", "record_fields", "value_label"]

# Fields that no single field of a .bib carries.
OTHERS = {
    "id": "key",
    "type": "entry type",
    "entry_type": "entry type",
    "authors_truncated": "and others",
    "other_creators": "other names",
    "collection_editor": "series editor",
    "volume_title": "title of the volume",
    "submitted": "first submitted",
    "extra": "other fields",
    "origin": "source",
    "unresolved": "not resolved",
}

ALSO = {  # what a field of a .bib says beside, or instead of, what the table of fields has
    **dict.fromkeys(("year", "month", "day"), ("issued",)),
    **dict.fromkeys(("archiveprefix", "eprinttype"), ("arxiv_id",)),
    "number": ("issue",),
}


@cache
def _slots() -> dict[str, Slot]:
    return {slot.field: slot for slot in SLOTS}


def field_label(field: str, record: Record | None = None, *, biblatex: bool = False) -> str:
    """The name that a field of a Record has in a .bib; `record` decides between `journal` and `booktitle` and the like."""
    slot = _slots().get(field)
    if slot is None:
        return OTHERS.get(field, field.replace("_", " "))
    if field == "issued" and not biblatex:
        return "year"
    if record is not None:
        target = Target(record, biblatex, entry_type(record, biblatex), False, source_of(record))
        return field_name(slot, target) or slot.written[biblatex]
    return slot.written[biblatex]


def record_fields(label: str) -> tuple[str, ...]:
    """The fields of a Record that a name from a .bib may mean, the most usual first; () for a name that says nothing."""
    name = label.strip().lower()
    return tuple(dict.fromkeys([*(slot.field for slot in SLOTS if name in slot.names), *ALSO.get(name, ())]))


def value_label(field: str, value: object, record: Record | None = None, *, biblatex: bool = False) -> str:
    """A value as plain text: no markup, names as they are said, an entry type as `@article`; "" for nothing."""
    if field == "type" and isinstance(value, str) and value:
        like = (record or Record()).replace(
            type=value, **({} if record and record.type == value else {"entry_type": ""})
        )
        return f"@{entry_type(like, biblatex)}"
    if isinstance(value, str):
        return latex.plain(value)
    if isinstance(value, Name):
        parts = (value.given, value.dropping_particle, value.non_dropping_particle, value.family, value.suffix)
        return latex.plain(value.literal or " ".join(part for part in parts if part))
    if isinstance(value, Date):
        return dates.edtf(value) or value.literal
    if isinstance(value, tuple):
        texts = [value_label("", part) for part in value]
        if field in ("extra", "other_creators"):
            texts = [f"{part[0]} = {value_label('', part[1])}" for part in value]
        return ("; " if field in ("keyword", "extra", "other_creators") else " and " if field in PEOPLE else ", ").join(
            texts
        )
    return "" if value is None else "yes" if value is True else "no" if value is False else str(value)


PEOPLE = frozenset(slot.field for slot in SLOTS if slot.kind == "names") | {"collection_editor"}
