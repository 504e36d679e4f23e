"""What a rule reports, and what it looks at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bibtools.bibfile import Document, Entry, Field, RemoveField, SetField
from bibtools.record import Record
from bibtools.verdict import Verdict

__all__ = ["Finding", "Fix", "Found", "Rule", "Subject"]


Fix = SetField | RemoveField
_BIBLATEX = re.compile(
    r"[,\s](?:date|journaltitle|xdata|langid|eprinttype|eprintclass|urldate|eventtitle)\s*=", re.IGNORECASE
)
_PARENT = re.compile(r"(?:crossref|xdata)\s*=\s*[{\"]([^{}\"]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """A file under examination: the document, the Records of its entries (same order) and the matcher's verdicts on them.

    ``beside`` are the files checked in the same run: BibTeX reads all files of a \\bibliography as one, so an entry or a
    macro that another of them defines is there.
    """

    source: str
    document: Document
    records: Sequence[Record] = ()
    verdicts: Sequence[Verdict] = ()
    beside: Sequence[Document] = ()

    def find(self, key: str) -> Entry | None:
        """The entry of a key, in this file or in one beside it."""
        found = self.document.find(key)
        if found is None:
            found = next((entry for other in self.beside if (entry := other.find(key)) is not None), None)
        return found

    @cached_property
    def biblatex(self) -> bool:
        """Whether the file is written for biblatex: it has a field that only biblatex knows."""
        return _BIBLATEX.search(self.document.text) is not None

    @cached_property
    def parents(self) -> frozenset[str]:
        """The keys, in lower case, that a `crossref` or `xdata` of the files names."""
        found: set[str] = set()
        for document in (self.document, *self.beside):
            for match in _PARENT.finditer(document.text):
                found.update(key.strip().lower() for key in match[1].split(","))
        return frozenset(found)

    def defines(self, macro: str) -> bool:
        """Whether a file beside this one defines a macro (its name in lower case)."""
        return any(macro in other.strings for other in self.beside)


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule yields: the reason, the entry (or a line of the file), the field it is about, and a safe edit if any.

    ``severity`` is given where it is not the rule's.
    """

    message: str
    entry: Entry | None = None
    line: int = 0
    field: str = ""
    fix: tuple[Fix, ...] = ()
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with its place: what the outputs print. ``severity`` is error, warning or note; ``line`` counts from 1."""

    source: str
    line: int
    rule: str
    severity: str
    message: str
    key: str = ""
    fix: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One of three kinds: a look at the whole file, at each entry, or at each field with one of these names.

    ``help`` is one line for `--list-rules` and SARIF. ``suspect`` is a quick look at a value that spares most fields the
    full one: False means that ``field`` would yield nothing.
    """

    name: str
    severity: str
    help: str
    whole: Callable[[Subject], Iterator[Found]] | None = None
    entry: Callable[[Entry, Subject], Iterator[Found]] | None = None
    field: Callable[[Field, Entry], Iterator[Found]] | None = None
    names: frozenset[str] = frozenset()
    suspect: Callable[[str], object] = bool
