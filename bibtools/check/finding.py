"""What a rule says, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bibtools.bibfile import Document, Edit, Entry
from bibtools.record import Record
from bibtools.verdict import Verdict

__all__ = ["Finding", "Found", "Rule", "Subject"]


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
    fix: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding with its place: what the outputs print. ``severity`` is error, warning or note."""

    source: str
    line: int
    rule: str
    severity: str
    message: str
    key: str = ""
    fix: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """``find`` yields what it sees; ``help`` is one line for `--list-rules` and SARIF."""

    name: str
    severity: str
    help: str
    find: Callable[[Subject], Iterator[Found]]
