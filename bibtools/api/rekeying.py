"""New citation keys for a .bib, with everything inside it that names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bibtools import bibfile, keys
from bibtools.formats import bibtex
from bibtools.normalise import normalise
from bibtools.record import Record, incomplete
from bibtools.texfiles import bib as citations

__all__ = ["Rekeyed", "rekey"]


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """`changed` maps old keys to new; `names` maps every key and alias that a document may cite, changed or not."""

    document: bibfile.Document
    changed: Mapping[str, str]
    names: Mapping[str, str]


KEPT_KEYS = frozenset(("xdata", "set", "control", "ieeetranbstctl", "mpcontrol"))  # named in styles and preambles


def rekey(document: bibfile.Document, key_style: str = "arxiv", *, keep_ids: bool = True) -> Rekeyed:
    """The document with a key of the style for every entry that says enough for one, and all that refers to it inside the file.

    A second time changes nothing. Raises ValueError for an unknown style, EditError where a key cannot be written.
    """
    keys.maker(key_style)
    found: dict[int, Record] = {}
    for record in bibtex.records(document, document.source).records:
        plain = replace(record, id="", extra=tuple(pair for pair in record.extra if pair[0] not in KEY_FIELDS))
        if document.entries[record.origin.index].type not in KEPT_KEYS and not incomplete(plain):
            found.setdefault(record.origin.index, normalise(plain))
    given = [entry.key for entry in document.entries]
    taken = [key for index, key in enumerate(given) if index not in found]
    for index, key in zip(found, keys.assign(found.values(), key_style, taken), strict=True):
        given[index] = key
    renaming = citations.rename(document, given, keep_ids=keep_ids)
    return Rekeyed(document.edit(renaming.edits), renaming.changed, renaming.names)


KEY_FIELDS = frozenset(("ids", *citations.REFERENCES))
