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
    """A file under examination, and the matcher's verdicts on pairs of ``records``.

    The records are those of the file's entries, or of several files that are one bibliography; ``before`` are the documents
    of that bibliography that BibTeX reads first.
    """

    source: str
    document: Document
    records: Sequence[Record] = ()
    verdicts: Sequence[Verdict] = ()
    before: Sequence[Document] = ()

    def find(self, key: str) -> Entry | None:
        """The entry of a key, in this file or in a companion."""
        return self.document.find_parent(key)

    @cached_property
    def biblatex(self) -> bool:
        """Whether the file is written for biblatex: it has a field that only biblatex knows."""
        return _BIBLATEX.search(self.document.text) is not None

    @cached_property
    def parents(self) -> frozenset[str]:
        """The keys, in lower case, that a `crossref` or `xdata` of the files names."""
        found: set[str] = set()
        for document in (self.document, *self.document.companions.documents):
            for match in _PARENT.finditer(document.text):
                found.update(key.strip().lower() for key in match[1].split(","))
        return frozenset(found)


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
