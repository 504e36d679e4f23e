"""What a format is: a value, not a base class. Outsiders join with one of these through the entry point `bibtools.formats`.

A reader takes text (or bytes, for what is not text), never a path: opening and decoding files is the work of `api`. A
format whose source is one record a line (the arXiv snapshot, our own `records`) gives `read_lines` too, so that files larger
than memory pass through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from bibtools.record import Batch, Problem, Record

__all__ = ["BytesReader", "BytesWriter", "Format", "ReadOptions", "WriteOptions", "collect"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    source: str = "<text>"  # shown in messages and kept in Record.origin
    as_of: date | None = None  # the day a page was taken, for dates without a year; None is today


@dataclass(frozen=True, slots=True)
class WriteOptions:
    ascii: bool = False  # LaTeX commands instead of Unicode, for BibTeX engines from before UTF-8


Reader = Callable[[str, ReadOptions], Batch]
BytesReader = Callable[[bytes, ReadOptions], Batch]
BytesWriter = Callable[[Iterable[Record]], Iterator[bytes]]
LineReader = Callable[[Iterable[str], ReadOptions], Iterator[Record | Problem]]
Writer = Callable[[Iterable[Record], WriteOptions], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name.

    ``looks_like`` gets the first 64 KiB of a text and says whether it is this format's; it is asked for reading formats only.
    A format that is not text has ``magic``, which is asked with the whole bytes, and ``read_bytes`` instead; one without
    ``magic`` is read only where it is named.
    ``write`` yields pieces of text that joined are the whole file; records come with their final ``id``.
    ``losses`` names the fields of a record that ``write`` cannot carry (``()`` when all survive write and read).
    """

    name: str  # what --from and --to say
    summary: str  # one line for `bibtools formats`
    suffixes: tuple[str, ...] = ()  # with the dot: (".bib",); files named so are written in it
    looks_like: Callable[[str], bool] | None = None  # None: never recognised, only named
    read: Reader | None = None  # a whole text; it never raises on content
    read_lines: LineReader | None = None  # instead of `read`, for files of any size
    write: Writer | None = None  # None: it is only read
    losses: Callable[[Record], tuple[str, ...]] | None = None  # None: nothing is lost
    magic: Callable[[bytes], bool] | None = None  # of bytes that are no text
    read_bytes: BytesReader | None = None  # with `magic`
    write_bytes: BytesWriter | None = None  # of a format that is not text: pieces that joined are the whole file

    @property
    def readable(self) -> bool:
        return any((self.read, self.read_lines, self.read_bytes))

    @property
    def writable(self) -> bool:
        return self.write is not None or self.write_bytes is not None


def collect(stream: Iterable[Record | Problem]) -> Batch:
    """A stream of records and problems as a batch."""
    records: list[Record] = []
    problems: list[Problem] = []
    for each in stream:
        if isinstance(each, Record):
            records.append(each)
        else:
            problems.append(each)
    return Batch(tuple(records), tuple(problems))
