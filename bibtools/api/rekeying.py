"""New citation keys for a .bib, with everything inside it that names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bibtools import bibfile, keys
from bibtools.bibfile import EditError, RemoveField, SetField, SetKey
from bibtools.bibfile.draft import edited
from bibtools.bibfile.references import REFERENCES, named_keys
from bibtools.formats import bibtex
from bibtools.normalise import normalise
from bibtools.record import Record, incomplete
from bibtools.texfiles import bib as citations

__all__ = ["Rekeyed", "rekey"]


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """`changed` maps old keys to new; `names` maps every key and alias that a document may cite, changed or not.

    `keeps_ids`: the old keys can still be cited with biblatex.
    """

    document: bibfile.Document
    changed: Mapping[str, str]
    names: Mapping[str, str]
    keeps_ids: bool = True


KEPT_KEYS = frozenset(("xdata", "set", "control", "ieeetranbstctl", "mpcontrol"))  # named in styles and preambles


def rekey(document: bibfile.Document, key_style: str = "arxiv", *, keep_ids: bool | None = None) -> Rekeyed:
    """The document with a key of the style for every entry that says enough for one, and all that refers to it inside the file.

    An entry in which nothing can be edited (BibTeX does not read it to its end) keeps its key, and so do all that its fields
    name. So does an entry that a companion of the document refers to, and no key of a companion is given.
    `keep_ids` puts the old keys into biblatex's field `ids`; None does so where the file has fields that only biblatex knows.
    A second time changes nothing. Raises ValueError for an unknown style.
    """
    keys.maker(key_style)
    if keep_ids is None:
        keep_ids = bibtex.dialect(document) == "biblatex" or bool(named_keys(document, ("ids", "xdata", "related")))
    found: dict[int, Record] = {}
    referred = {key.lower() for key in document.companions.referred}
    broken = {problem.origin.index for problem in document.problems if problem.severity == "error"}
    for record in bibtex.records(document, document.source).records:
        plain = record.replace(id="", extra=tuple(pair for pair in record.extra if pair[0] not in KEY_FIELDS))
        kept = document.entries[record.origin.index].type in KEPT_KEYS or record.id.lower() in referred
        if not kept and not incomplete(plain) and record.origin.index not in broken:
            found.setdefault(record.origin.index, normalise(plain))
    given = [entry.key for entry in document.entries]
    while True:
        renaming = citations.rename(
            document, _assigned(given, found, key_style, document.companions.keys), keep_ids=keep_ids
        )
        try:
            return Rekeyed(document.edit(renaming.edits), renaming.changed, renaming.names, keep_ids)
        except EditError:
            fixed = _fixed(document, renaming.edits)
            if not fixed & found.keys():
                raise
            found = {index: record for index, record in found.items() if index not in fixed}


def _assigned(given: Sequence[str], found: Mapping[int, Record], key_style: str, used: Iterable[str]) -> list[str]:
    taken = [*used, *(key for index, key in enumerate(given) if index not in found)]
    assigned = list(given)
    for index, key in zip(found, keys.assign(found.values(), key_style, taken), strict=True):
        assigned[index] = key
    return assigned


def _fixed(document: bibfile.Document, edits: Sequence[bibfile.Edit]) -> set[int]:
    """The entries that cannot be edited, and those that they name."""
    groups: dict[int, list[bibfile.Edit]] = defaultdict(list)
    for edit in edits:
        if isinstance(edit, SetKey | SetField | RemoveField):
            groups[edit.index].append(edit)
    fixed: set[int] = set()
    for index, group in groups.items():
        entry = document.entries[index]
        try:
            document.decoded.encode("".join(edit.key for edit in group if isinstance(edit, SetKey)))
            edited(entry, group)
        except (EditError, UnicodeEncodeError):
            named = (key.strip() for name in REFERENCES for key in entry.get(name).split(","))
            fixed |= {index} | {parent.index for key in named if (parent := document.find(key))}
    return fixed


KEY_FIELDS = frozenset(("ids", *REFERENCES))
