"""Fields that hold citation keys: ``crossref`` and ``xref`` one, ``xdata``, ``related`` and ``entryset`` several between
commas (biblatex manual, sections 2.2.3 and 3.13); ``ids`` holds other names of the entry itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bibtools.bibfile.document import Document

__all__ = ["REFERENCES", "entries_with_keys", "listed", "named_keys"]

REFERENCES = ("crossref", "xref", "xdata", "related", "entryset")
_FIELD = re.compile(rf"\b(?:{'|'.join(REFERENCES)}|ids)[ \t\r\n]*=", re.IGNORECASE)


def listed(value: str) -> list[str]:
    """The keys between the commas of a value."""
    return [key for part in value.split(",") if (key := part.strip())]


def entries_with_keys(document: Document) -> set[int]:
    """The entries that may have a field which holds keys: reading the fields of all others can be spared."""
    starts = [entry[0] for entry in document.layout.entries]
    return {bisect_right(starts, found.start()) - 1 for found in _FIELD.finditer(document.text)} - {-1}


def named_keys(document: Document, fields: Collection[str]) -> set[str]:
    """All keys that entries name in these fields."""
    entries = (document.entries[index] for index in entries_with_keys(document))
    return {key for entry in entries for name in fields for key in listed(entry.get(name))}
