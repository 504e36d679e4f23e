"""What a rule says, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bibtools.bibfile import Document, Entry, Field, RemoveField, SetField
from bibtools.record import Record
from bibtools.verdict import Verdict

__all__ = ["Finding", "Fix", "Found", "Rule", "Subject"]


Fix = SetField | RemoveField


@dataclass(frozen=True, slots=True)
class Subject:
    """A file under examination: the document, the Records of its entries (same order) and the matcher's verdicts on them."""

    source: str
    document: Document
    records: Sequence[Record] = ()
    verdicts: Sequence[Verdict] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule yields: the entry (or a line of the file), the reason, the field it is about, and a safe edit if any."""

    message: str
    entry: Entry | None = None
    line: int = 0
    field: str = ""
    fix: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with its place: what the outputs print. ``severity`` is error, warning or note."""

    source: str
    line: int
    rule: str
    severity: str
    message: str
    key: str = ""
    fix: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One of three kinds: a look at the whole file, at each entry, or at each field of these names (none named: of any).

    Entries and fields are gone through once for all rules: reading their text is what a large file costs.
    ``help`` is one line for `--list-rules` and SARIF.
    """

    name: str
    severity: str
    help: str
    whole: Callable[[Subject], Iterator[Found]] | None = None
    entry: Callable[[Entry, Subject], Iterator[Found]] | None = None
    field: Callable[[Field, Entry], Iterator[Found]] | None = None
    names: frozenset[str] = frozenset()
