"""Which fields are written: what `--omit` and `--fields` ask for, in BibTeX's names.

A name stands for its other spellings too: who leaves out ``year`` leaves out ``date`` (and the month, which alone means
nothing), whatever the dialect of the file. Keys, identifiers and what entries refer to each other by cannot be left out:
the next merge finds an entry by them, and documents cite it by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

__all__ = ["EVERYTHING", "NEVER_OMITTED", "Selection", "SelectionError", "selection"]

ALIKE: tuple[frozenset[str], ...] = tuple(
    frozenset(names.split())
    for names in (
        "year date month day",
        "journal journaltitle",
        "address location",
        "keywords keyword",
        "annote annotation",
        "school institution",
        "primaryclass eprintclass",
        "langid hyphenation",
    )
)
NEVER_OMITTED = frozenset(
    "doi eprint eprinttype archiveprefix arxivid pmid pmcid crossref xref xdata ids entryset related entrysubtype".split()
)
ALONE = frozenset({"month", "day"})  # of a date these can go alone
NAME = re.compile(r"[a-z*?][a-z0-9_+./:*?-]*")


class SelectionError(ValueError):
    """A name that cannot be asked for; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Selection:
    """``omitted`` are names and patterns (``bdsk-*``); ``fields``, where there are any, are all that is written."""

    omitted: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()

    def drops(self, name: str) -> bool:
        """Whether a field of this name (lower case) is left out."""
        if name in NEVER_OMITTED or not (self.omitted or self.fields):
            return False
        return _among(name, self.omitted) or (bool(self.fields) and not _among(name, self.fields))

    def __bool__(self) -> bool:
        return bool(self.omitted or self.fields)


EVERYTHING = Selection()


def selection(omit: Iterable[str] = (), fields: Iterable[str] = ()) -> Selection:
    """A selection from lists of names, each perhaps of several (``abstract,file``). Raises SelectionError."""
    omitted = _names(omit)
    if wrong := sorted(omitted & NEVER_OMITTED):
        raise SelectionError(f"'{wrong[0]}' cannot be omitted: entries are found and cited by keys and identifiers")
    return Selection(_with_alike(omitted, alone=True), _with_alike(_names(fields)))


def _names(given: Iterable[str]) -> frozenset[str]:
    names = {name for each in given for part in each.split(",") if (name := part.strip().lower())}
    for name in sorted(names):
        if not NAME.fullmatch(name):
            raise SelectionError(f"'{name}' is no name of a field")
    return frozenset(names)


def _with_alike(names: frozenset[str], *, alone: bool = False) -> frozenset[str]:
    others = {
        other
        for name in names - (ALONE if alone else frozenset())
        for group in ALIKE
        if name in group
        for other in group
    }
    return names | others


def _among(name: str, names: frozenset[str]) -> bool:
    return name in names or any(fnmatchcase(name, pattern) for pattern in names if "*" in pattern or "?" in pattern)
