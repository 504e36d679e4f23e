"""Fields that hold citation keys: ``crossref`` and ``xref`` one, ``xdata``, ``related`` and ``entryset`` several between
commas (biblatex manual, sections 2.2.3 and 3.13); ``ids`` holds other names of the entry itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bibtools.bibfile.document import Document

__all__ = ["REFERENCES", "entries_with_keys", "listed", "named_keys"]

REFERENCES = ("crossref", "xref", "xdata", "related", "entryset")
_HOLDING = (*REFERENCES, "ids")
_ASSIGNED = re.compile(r"[ \t\r\n]*=")


def listed(value: str) -> list[str]:
    """The keys between the commas of a value."""
    return [key for part in value.split(",") if (key := part.strip())]


def entries_with_keys(document: Document, fields: Collection[str] = _HOLDING) -> set[int]:
    """The entries that may have one of these fields, which hold keys: reading the fields of all others can be spared."""
    starts = [entry[0] for entry in document.layout.entries]
    return {bisect_right(starts, at) - 1 for at in _field_positions(document.text, fields)} - {-1}


def _field_positions(text: str, fields: Collection[str]) -> Iterator[int]:
    """Where one of the fields may begin. `str.find` for one name after the other: a regular expression without regard to case
    takes forty times as long on a large file."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter's small form has two characters: positions would not be those of the text
        field = re.compile(rf"\b(?:{'|'.join(map(re.escape, fields))})[ \t\r\n]*=", re.IGNORECASE)
        yield from (found.start() for found in field.finditer(text))
        return
    for name in fields:
        at = lowered.find(name)
        while at >= 0:
            end = at + len(name)
            if _ASSIGNED.match(lowered, end) and not (lowered[at - 1 : at].isalnum() or lowered[at - 1 : at] == "_"):
                yield at
            at = lowered.find(name, end)


def named_keys(document: Document, fields: Collection[str]) -> set[str]:
    """All keys that entries name in these fields, given in lower case."""
    entries = (document.entries[index] for index in entries_with_keys(document, fields))
    return {key for entry in entries for name in fields for key in listed(entry.get(name))}
