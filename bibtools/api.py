"""Joins the rooms: everything the command line can do, a script can do with these functions.

Reading is the edge's work: here bytes are decoded, formats recognised and records normalised. A file of one record a line
(the arXiv snapshot, our `records`) is never held whole: it is read twice, once for the keys and once to write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bibtools import bibfile, encoding, formats, keys, match, storage
from bibtools import check as checks
from bibtools.format import Format, ReadOptions, WriteOptions, collect
from bibtools.formats import bibtex
from bibtools.normalise import normalise
from bibtools.record import Batch, Origin, Problem, Record, incomplete

__all__ = [
    "Conversion",
    "InputError",
    "Inputs",
    "choose_format",
    "convert",
    "read_bytes",
    "read_inputs",
    "read_records",
    "write_records",
]


class InputError(Exception):
    """An input or an argument that cannot be used; the message is for a person and names the input."""


# --- reading -----------------------------------------------------------------------------------------------------------


def choose_format(text: str, source: str, wanted: str | None = None) -> Format:
    """The format to read a text with: the one asked for, else the only one that recognises the text.

    Raises InputError when the name is unknown, when no format or more than one says "mine" (both are named).
    """
    known = formats.table()
    if wanted is not None:
        if wanted not in known:
            raise InputError(f"unknown format '{wanted}'; the formats are: {', '.join(known)}")
        if known[wanted].read is None and known[wanted].read_lines is None:
            readable = (name for name, each in known.items() if each.read or each.read_lines)
            raise InputError(f"format '{wanted}' can only be written; readable are: {', '.join(readable)}")
        return known[wanted]
    found = formats.recognise(text)
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(f"'{each.name}'" for each in found)
        raise InputError(f"{source}: could be {names}; say which with --from")
    raise InputError(f"{source}: not recognised as any format; say which with --from (see `bibtools formats`)")


def read_bytes(path: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises InputError with the reason the system gives."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def read_records(
    data: bytes | str, *, source: str = "<text>", from_: str | None = None, as_of: date | None = None
) -> Batch:
    """Records of one source in any format, normalised, with what was not understood. Raises InputError only.

    `from_` names the format, else it is recognised from the content. `as_of` is the day a page was taken (default today).
    """
    return _read(data, source, from_, as_of)[1]


def _read(data: bytes | str, source: str, from_: str | None, as_of: date | None) -> tuple[Format | None, Batch]:
    text, problems = _decoded(data, source)
    if not text.strip():
        note = Problem("empty: nothing to read", Origin(source), severity="warning")
        return None, Batch((), (*problems, note))
    chosen = choose_format(text, source, from_)
    options = ReadOptions(source=source, as_of=as_of)
    if chosen.read is not None:
        batch = chosen.read(text, options)
    else:
        assert chosen.read_lines is not None
        batch = collect(chosen.read_lines(text.splitlines(keepends=True), options))
    return chosen, Batch(tuple(normalise(each) for each in batch.records), (*problems, *batch.problems))


def _decoded(data: bytes | str, source: str) -> tuple[str, tuple[Problem, ...]]:
    if isinstance(data, str):
        return data, ()
    decoded = encoding.decode(data)
    if not decoded.problem:
        return decoded.text, ()
    return decoded.text, (Problem(decoded.problem, Origin(source), severity="warning"),)


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
        return (each for each in self if isinstance(each, Record))

    def problems(self) -> Iterator[Problem]:
        return (each for each in self if isinstance(each, Problem))

    def batch(self) -> Batch:
        return collect(self)


@dataclass(frozen=True, slots=True)
class _Lines:
    path: str
    format: Format
    as_of: date | None

    def __iter__(self) -> Iterator[Record | Problem]:
        assert self.format.read_lines is not None
        with Path(self.path).open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for each in self.format.read_lines(lines, ReadOptions(source=self.path, as_of=self.as_of)):
                yield normalise(each) if isinstance(each, Record) else each


STREAM_FROM = 8 << 20  # bytes; below it a file is simply read


def read_inputs(paths: Sequence[str], *, from_: str | None = None, as_of: date | None = None) -> Inputs:
    """Every input that can be read, and a message for each that cannot: one unreadable input never hides the others."""
    parts: list[Batch | _Lines] = []
    failures: list[str] = []
    for path in paths:
        try:
            parts.append(
                _stream(path, from_, as_of) or read_records(_whole(path), source=path, from_=from_, as_of=as_of)
            )
        except InputError as error:
            failures.append(str(error))
    return Inputs(tuple(parts), tuple(failures))


def _whole(path: str) -> bytes:
    return read_bytes(path)


def _stream(path: str, from_: str | None, as_of: date | None) -> _Lines | None:
    """A source to be read line by line: a large regular file, UTF-8, in a format of one record a line."""
    if path == "-" or not Path(path).is_file() or Path(path).stat().st_size < STREAM_FROM:
        return None
    try:
        with Path(path).open("rb") as file:
            head = file.read(65536)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    chosen = choose_format(text, path, from_)
    return _Lines(path, chosen, as_of) if chosen.read_lines is not None else None


# --- writing -----------------------------------------------------------------------------------------------------------


def write_records(records: Iterable[Record], to: str = "bibtex", *, ascii: bool = False) -> Iterator[str]:  # noqa: A002
    """Pieces of text that joined are a file in the format; the records keep the ids they have."""
    known = formats.table()
    if to not in known or known[to].write is None:
        writable = ", ".join(name for name, each in known.items() if each.write)
        raise InputError(f"cannot write format '{to}'; writable are: {writable}")
    write = known[to].write
    assert write is not None
    return write(records, WriteOptions(ascii=ascii))


@dataclass(frozen=True, slots=True)
class Conversion:
    """What `convert` gives: `text` in pieces (to be consumed once), and what the person should know."""

    text: Iterator[str]
    keys: tuple[str, ...]
    incomplete: tuple[Record, ...]
    problems: tuple[Problem, ...]
    losses: Sequence[tuple[str, tuple[str, ...]]]  # key, fields the format cannot carry; complete once text is consumed


def convert(
    inputs: Inputs | Batch,
    to: str = "bibtex",
    *,
    key_style: str | None = None,
    ascii: bool = False,  # noqa: A002
) -> Conversion:
    """Records to one bibliography. Records that came with a usable key keep it unless a key style is asked for.

    A record that says nothing to cite it by is not written but handed back in `incomplete` (`records` carries even those).
    """
    source = inputs if isinstance(inputs, Inputs) else Inputs((inputs,))
    carried = formats.table()[to].losses if to in formats.table() else None
    problems: list[Problem] = []
    apart: list[Record] = []
    losses: list[tuple[str, tuple[str, ...]]] = []

    def complete() -> Iterator[Record]:
        return (each for each in source.records() if to == "records" or not incomplete(each))

    def for_keys() -> Iterator[Record]:
        for each in source:
            if isinstance(each, Problem):
                problems.append(each)
            elif to != "records" and incomplete(each):
                apart.append(each)
                problems.append(Problem("no title, author or identifier: not written", each.origin, "warning"))
            else:
                yield each

    given = assign_keys(for_keys(), key_style)

    def named() -> Iterator[Record]:
        for key, each in zip(given, complete(), strict=True):
            record = replace(each, id=key)
            if carried and (lost := carried(record)):
                losses.append((key, lost))
            yield record

    return Conversion(write_records(named(), to, ascii=ascii), given, tuple(apart), tuple(problems), losses)


# What BibTeX, biber and \\cite take as a key; an address (the id of a CSL-JSON export) is not meant as one.
_KEY = re.compile(r"[^\s,{}\\\"#%~()=]+\Z")


def assign_keys(
    records: Iterable[Record], key_style: str | None = None, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """A key for each record, in order, unlike one another and unlike the taken ones; a usable key that a record has stays.

    Records with the same key of their own (two files cite different papers as `smith`) keep the first and re-key the rest.
    Raises InputError for a key style that does not exist.
    """
    given: list[str] = []
    used = {each.casefold() for each in taken}
    kept = key_style is None

    def unnamed() -> Iterator[Record]:
        for record in records:
            own = record.id if kept and _KEY.match(record.id) and "://" not in record.id else ""
            if own.casefold() in used:
                own = ""
            if own:
                used.add(own.casefold())
            given.append(own)
            if not own:
                yield record

    try:
        made = iter(keys.assign(unnamed(), key_style or "arxiv", used))  # `used` fills while `unnamed` is consumed
    except ValueError as error:
        raise InputError(str(error)) from error
    return tuple(own or next(made) for own in given)


# --- checking ----------------------------------------------------------------------------------------------------------


def check(
    data: bytes,
    *,
    source: str = "<text>",
    off: Collection[str] = (),
    only: Collection[str] = (),
    duplicates: bool = True,
) -> tuple[checks.Finding, ...]:
    """What is wrong with a .bib, in the order of the file; `duplicates` asks the matcher too."""
    document = bibfile.parse(data, source)
    records = bibtex.records(document, source).records
    wanted = {"duplicate", "possible-duplicate", "published-twin"} - set(off)
    verdicts = match.pairs(records) if duplicates and (not only or wanted & set(only)) else ()
    return checks.run(checks.Subject(source, document, records, verdicts), off, only)


def check_fix(path: str, *, off: Collection[str] = (), only: Collection[str] = ()) -> int:
    """Mend in place what `check` can mend safely; returns how many findings were mended. The last state can be undone."""
    try:
        snapshot = storage.read(path)
        document = bibfile.parse(snapshot.data, path)
        mended = 0
        for _ in range(4):  # a mended value may show another fault, e.g. a DOI with a prefix and with escapes
            findings = checks.run(checks.Subject(path, document), off, only)
            edits = {
                (each.fix[0].index, type(each.fix[0]), getattr(each.fix[0], "name", "")): each.fix
                for each in findings
                if each.fix
            }
            if not edits:
                break
            document = document.edit([edit for fix in edits.values() for edit in fix])
            mended += len(edits)
        if mended:
            storage.write(snapshot, document.to_bytes())
    except (OSError, storage.StorageError) as error:
        raise InputError(str(error)) from error
    return mended
