"""What became of the fields of an entry that was converted: which of them what is written does not say.

`losses` of a format compares Records; this compares with the entry itself, so that what was lost on the way *into* the
Record is named too: TeX that no text can say, a second value of a field, the time of a day. The names are the entry's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bibtools import latex
from bibtools.formats.bibtex import reading
from bibtools.formats.bibtex.tables import ORIGINALS, number_field, slot_of
from bibtools.record import Record

__all__ = ["lost_fields"]

CLOCK = re.compile(r"\d[T ]\d\d?:\d\d")
HREF = re.compile(r"\\href\s*\{[^{}]*\}")
DATES = frozenset(("date", "year", "month", "day"))
KINDS_OF_TEX = frozenset(("title", "text", "number", "genre", "pages", "keywords", "names"))


def lost_fields(record: Record, lost: Collection[str], to: str) -> Iterator[str]:
    """The fields of the entry that a record was read from which the format does not carry.

    ``lost`` are the fields of the Record that the format's own `losses` names.
    """
    for each in record.unresolved:
        name, _, what = each.partition(": ")
        if what.startswith("macro "):
            yield f"{name} ({what})"
    seen: set[str] = set()
    for name, value in record.origin.fields:
        if name == "ENTRYTYPE" or not value:
            continue
        again = name in seen
        seen.add(name)
        fed = ("extra." + name,) if (name, value) in record.extra else fields_fed(name, record)
        if again and name not in ("keywords", "keyword") and (name, value) not in record.extra:
            if (name, value) != next(pair for pair in record.origin.fields if pair[0] == name):
                yield f"{name} (a second value)"
        elif any(each in lost for each in fed):
            yield name
        elif to not in ("bibtex", "biblatex") and (part := part_lost(name, value, record, lost)):
            yield f"{name} ({part})"
        elif to == "bibtex" and name == "date" and CLOCK.search(value):
            yield "date (the time of day)"


def fields_fed(name: str, record: Record) -> tuple[str, ...]:
    """The fields of the Record that a field of the entry is read into."""
    if name in DATES:
        return ("issued",)
    if name in reading.EPRINT:
        return ("categories",) if name in ("primaryclass", "eprintclass") else ("arxiv_id",)
    if name == "number":
        return (number_field(record.type),)
    if name == "entrysubtype":
        return ("type",)
    if name in reading.ROLES or name.removesuffix("type") in reading.ROLES:
        return ("other_creators",)
    if record.volume_title and name in ("maintitle", "title", "booktitle"):
        return ("title", "container_title", "volume_title")
    if name == "maintitle":
        return ("title", "container_title")
    if name in ORIGINALS:
        return (f"extra.{ORIGINALS[name]}",)
    _, slot = slot_of().get(name, (0, None))
    return (slot.field,) if slot else (f"extra.{name}",)


def part_lost(name: str, value: str, record: Record, lost: Collection[str]) -> str:
    """What of a value the Record does not say, though it says the rest."""
    if name in ("date", "urldate", "eventdate", "origdate") and CLOCK.search(value):
        return "the time of day"
    if "\\" not in value or (name, value) in record.extra:
        return ""
    _, slot = slot_of().get(name, (0, None))
    if slot is None or slot.kind not in KINDS_OF_TEX or latex.decoded(HREF.sub("", value))[1]:
        return ""
    kept = f"tex-{slot.field.replace('_', '-')}"
    return "" if record.get_extra(kept) == value and f"extra.{kept}" not in lost else "TeX that no text says"
