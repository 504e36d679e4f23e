"""From bytes to Records: decoding, recognising, normalising.

A file of one record a line (the arXiv snapshot, our `records`) is never held whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bibtools import bibfile, encoding, formats
from bibtools.bibfile.companions import NONE, Companions
from bibtools.format import BytesReader, Format, ReadOptions, collect
from bibtools.formats import bibtex, outsiders, pdf
from bibtools.normalise import normalise
from bibtools.record import Batch, Origin, Problem, Record, unverified

__all__ = [
    "InputError",
    "Inputs",
    "choose_format",
    "doubtful",
    "has_references",
    "read_bytes",
    "read_inputs",
    "read_records",
]


class InputError(Exception):
    """An input or an argument that cannot be used; the message is for a person and names the input."""


def choose_format(text: str, source: str, wanted: str | None = None) -> Format:
    """The format to read a text with: the one asked for, else the only one that recognises the text.

    Raises InputError when the name is unknown, when no format or more than one says "mine" (both are named).
    """
    known = formats.table()
    if wanted is not None:
        if wanted not in known:
            if reason := outsiders.failures().get(wanted):
                raise InputError(f"format '{wanted}' cannot be loaded: {reason}")
            raise InputError(f"unknown format '{wanted}'; the formats are: {', '.join(known)}")
        if not known[wanted].readable:
            readable = (name for name, each in known.items() if each.readable)
            raise InputError(f"format '{wanted}' can only be written; readable are: {', '.join(readable)}")
        return known[wanted]
    found = formats.recognise(text)
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(f"'{known_format.name}'" for known_format in found)
        raise InputError(f"{source}: could be {names}; say which with --from")
    raise InputError(f"{source}: not recognised as any format; say which with --from (see `bibtools formats`)")


def read_bytes(path: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises InputError with the reason the system gives."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:  # a name with a NUL
        raise InputError(f"{path!r}: is not the name of a file") from error


def read_records(
    data: bytes | str,
    *,
    source: str = "<text>",
    from_: str | None = None,
    as_of: date | None = None,
    companions: Companions = NONE,
) -> Batch:
    """Records of one source in any format, normalised, with what was not understood. Raises InputError only.

    `from_` names the format, else it is recognised from the content. `as_of` is the day a page was taken (default today).
    `companions` are the files that a .bib is read with.
    """
    try:
        return _read_records(data, source, from_, ReadOptions(source=source, as_of=as_of), companions)
    except outsiders.FormatFailedError as error:
        raise InputError(f"{source}: {error}") from error


def _read_records(
    data: bytes | str, source: str, from_: str | None, options: ReadOptions, companions: Companions
) -> Batch:
    if isinstance(data, bytes) and (reader := _reader_of_bytes(data, source, from_)) is not None:
        batch = reader(data, options)
        return Batch(tuple(normalise(record) for record in batch.records), batch.problems)
    text, problems = _decoded(data, source)
    if not text.strip():
        note = Problem("empty: nothing to read", Origin(source), severity="warning")
        return Batch((), (*problems, note))
    chosen = choose_format(text, source, from_)
    if companions and chosen in (bibtex.BIBTEX, bibtex.BIBLATEX):
        batch = bibtex.records(bibfile.parse(text, source, companions))
    elif chosen.read is not None:
        batch = chosen.read(text, options)
    elif chosen.read_bytes is not None:
        batch = chosen.read_bytes(text.encode("utf-8", "surrogateescape"), options)
    else:
        assert chosen.read_lines is not None
        batch = collect(chosen.read_lines(text.splitlines(keepends=True), options))
    return Batch(tuple(normalise(record) for record in batch.records), (*problems, *batch.problems))


def _reader_of_bytes(data: bytes, source: str, wanted: str | None) -> BytesReader | None:
    """How to read what is not text: by the format asked for, else by the one that knows the bytes."""
    if wanted is not None:
        return choose_format("", source, wanted).read_bytes
    if pdf.is_pdf(data):
        raise InputError(f"{source}: {pdf.REFUSED}")
    found = formats.recognise_bytes(data)
    return found[0].read_bytes if len(found) == 1 else None


def _decoded(data: bytes | str, source: str) -> tuple[str, tuple[Problem, ...]]:
    if isinstance(data, str):
        return data, ()
    decoded = encoding.decode(data)
    if not decoded.problem:
        return decoded.text, ()
    text = encoding.readable(decoded.text) if decoded.errors == "surrogateescape" else decoded.text
    return text, (Problem(decoded.problem, Origin(source), severity="warning"),)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Records of several sources, iterable as often as needed; large line-by-line sources are read anew each time.

    `failures` are the inputs that could not be read at all; the others were.
    """

    parts: tuple[Batch | _Lines, ...]
    failures: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Record | Problem]:
        for part in self.parts:
            if isinstance(part, Batch):
                yield from part.records
                yield from part.problems
            else:
                yield from part

    def records(self) -> Iterator[Record]:
        return (item for item in self if isinstance(item, Record))

    def problems(self) -> Iterator[Problem]:
        return (item for item in self if isinstance(item, Problem))

    def batch(self) -> Batch:
        return collect(self)


def has_references(read: Inputs) -> bool:
    """Whether any of the inputs is a reference list."""
    return any(isinstance(part, Batch) and any(map(unverified, part.records)) for part in read.parts)


def doubtful(read: Inputs) -> int:
    """How many records of reference lists are doubtful: not confirmed, and with something in them that is not sure."""
    lists = (part.records for part in read.parts if isinstance(part, Batch))
    return sum(1 for records in lists for each in records if each.unresolved and unverified(each))


@dataclass(frozen=True, slots=True)
class _Lines:
    path: str
    format: Format
    as_of: date | None

    def __iter__(self) -> Iterator[Record | Problem]:
        assert self.format.read_lines is not None
        with Path(self.path).open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for item in self.format.read_lines(lines, ReadOptions(source=self.path, as_of=self.as_of)):
                yield normalise(item) if isinstance(item, Record) else item


STREAM_FROM = 8 << 20  # bytes; below it a file is simply read


def read_inputs(
    paths: Sequence[str], *, from_: str | None = None, as_of: date | None = None, companions: Companions = NONE
) -> Inputs:
    """Every input that can be read, and a message for each that cannot: one unreadable input never hides the others."""
    parts: list[Batch | _Lines] = []
    failures: list[str] = []
    for path in paths:
        try:
            part = _stream(path, from_, as_of) or read_records(
                read_bytes(path), source=path, from_=from_, as_of=as_of, companions=companions
            )
        except InputError as error:
            failures.append(str(error))
            continue
        parts.append(part)
        if (
            isinstance(part, Batch)
            and not part.records
            and any(problem.severity == "error" for problem in part.problems)
        ):
            failures.append(f"{path}: nothing in it could be read")
    return Inputs(tuple(parts), tuple(failures))


def _stream(path: str, from_: str | None, as_of: date | None) -> _Lines | None:
    """A source to be read line by line: a large regular file, UTF-8, in a format of one record a line."""
    # Path.is_file raises for a name that is too long
    if path == "-" or not os.path.isfile(path) or Path(path).stat().st_size < STREAM_FROM:  # noqa: PTH113
        return None
    try:
        with Path(path).open("rb") as file:
            head = file.read(65536)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    try:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not only a character that the head cuts
            return None
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    try:
        chosen = choose_format(text, path, from_)
    except InputError:
        if from_ is not None:
            raise
        return None  # no text, or one that shows further on what it is: the whole file tells
    return _Lines(path, chosen, as_of) if chosen.read_lines is not None else None
