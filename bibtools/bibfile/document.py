"""A .bib file kept whole: its bytes, its text, and where the entries and fields stand in it.

Opening must cost little more than reading the file, so only what everybody needs is found at once: the entries with their
keys, and the macros. Fields are read entry by entry when asked for, problems and blocks when asked for.

The fast path: between an ``@`` and the next ``@`` stand as many ``{`` as ``}``, and the key holds none. Then BibTeX's scanner
has left the entry before the second ``@`` (see `scanner`: inside an entry it always has one more open than closed), so the
second ``@`` begins the next command whatever stands between. That is two C-level counts an entry. The rest is for `Scanner`.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, overload

from bibtools import encoding as encodings
from bibtools.bibfile import scanner, values
from bibtools.bibfile.companions import NONE, Companions
from bibtools.bibfile.scanner import Kind, Scanned, Scanner, Span
from bibtools.record import Origin, Problem

if TYPE_CHECKING:
    from bibtexparser.library import Library

    from bibtools.bibfile.edits import Edit
    from bibtools.bibfile.style import Style

__all__ = ["Block", "Document", "Entry", "Field", "parse"]

MILE = 16384


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text: "entry", "string", "preamble", "comment" or "text" (what stands between)."""

    kind: str  # entry, string, preamble, comment or text
    start: int  # offset in the text, in characters
    end: int  # offset behind the last character


class Field:
    """One field of an entry, as it stands in the file."""

    __slots__ = ("_value", "entry", "name", "span")

    def __init__(self, entry: Entry, name: str, span: Span) -> None:
        self.entry = entry
        self.name = name  # lower case
        self.span = span
        self._value: str | None = None

    @property
    def raw(self) -> str:
        """The source of the value, with its delimiters."""
        return self.entry.document.text[self.span.start : self.span.end]

    @property
    def value(self) -> str:
        """What BibTeX reads: macros expanded, parts joined, outer delimiters off, white space compressed."""
        if self._value is None:
            self._value = self._read()
        return self._value

    def _read(self) -> str:
        span, document = self.span, self.entry.document
        raw = document.text[span.start : span.end]
        if span.kind == Kind.SIMPLE:
            text = values.compress(raw[1:-1])
        elif span.kind == Kind.NUMBER:
            text = raw
        elif span.kind == Kind.EXPRESSION:
            text = values.evaluate(scanner.tokens(raw, 0, len(raw)), document.macros, self.entry.start)
        else:
            text = values.broken(raw)
        return encodings.readable(text) if document.mixed else text

    @property
    def recovered(self) -> bool:
        """BibTeX stopped at an error before or within this field, so it does not read it."""
        return self.span.recovered

    @property
    def undefined(self) -> tuple[str, ...]:
        """The macros of the value that are not defined: BibTeX reads nothing for them."""
        if self.span.kind != Kind.EXPRESSION:
            return ()
        return values.undefined(
            scanner.tokens(self.raw, 0, len(self.raw)), self.entry.document.macros, self.entry.start
        )

    @property
    def line(self) -> int:
        return self.entry.document.line_at(self.span.name_start)

    def __repr__(self) -> str:
        return f"Field({self.name} = {self.raw[:60]!r})"


class Entry:
    """One entry of a file. ``index`` is its position among the entries; repeated keys are entries too.

    What an entry is asked for it reads once and keeps; the document makes a new one each time it is asked for the entry, so
    that the fields of a large file are not all in memory.
    """

    __slots__ = (
        "_chunk",
        "_fields",
        "_found",
        "_scan",
        "_sound",
        "_values",
        "document",
        "index",
        "key",
        "start",
        "type",
    )

    def __init__(
        self, document: Document, index: int, start: int, type_: str, key: str, chunk: int, scan: Scanned | None
    ):
        self.document = document
        self.index = index
        self.start = start
        self.type = type_  # lower case
        self.key = key
        self._chunk = chunk  # the entry ends before this offset
        self._found = scan  # by `lay_out`
        self._scan: Scanned | None = None
        self._fields: tuple[Field, ...] | None = None
        self._values: dict[str, str] | None = None
        self._sound: bool | None = None

    @property
    def scan(self) -> Scanned:
        """The spans of the entry."""
        if self._scan is None:
            self._scan = _entry_scan(self.document.text, self.start, self._chunk, self._found)
        return self._scan

    @property
    def fields(self) -> tuple[Field, ...]:
        if self._fields is None:
            text = self.document.text
            spans = self.scan.spans or ()
            self._fields = tuple([Field(self, name_of(text[span[0] : span[1]]), span) for span in spans])
        return self._fields

    def values(self) -> dict[str, str]:
        """The value of each field by its name, the first where a name is repeated: all that BibTeX reads, in one go."""
        if self._values is None:
            found = None
            if self._found is None:
                text = self.document.text
                body = text.index(",", self.start)
                found = scanner.even_fields(text, body, scanner.rstrip(text, body, self._chunk))
            self._values = self._careful_values() if found is None else self._quick_values(found)
        return self._values

    def _quick_values(self, found: Sequence[tuple[str, str, str]]) -> dict[str, str]:
        document = self.document
        values: dict[str, str] = {}
        defined = True
        for _, name, raw in found:
            name = NAMES.get(name) or name_of(name)
            if name in values:
                continue
            if raw[0] in '{"':
                values[name] = raw[1:-1].strip(" ")
            elif raw[0] in "0123456789":
                values[name] = raw
            else:
                value = document.macros.get(scanner.lower(raw), self.start)
                defined = defined and value is not None
                values[name] = (value or "").strip(" ")
        self._sound = defined and len(values) == len(found)
        return values

    def _careful_values(self) -> dict[str, str]:
        values: dict[str, str] = {}
        for field in self.fields:
            if field.name not in values:
                values[field.name] = field.value
        return values

    @property
    def sound(self) -> bool:
        """Whether BibTeX reads the entry without a word: no syntax error, no repeated field, no macro that is not defined."""
        if self._sound is None:
            self.values()
        if self._sound is None:
            distinct = len({field.name for field in self.fields}) == len(self.fields)
            undefined = any(field.undefined for field in self.fields)
            self._sound = self.scan.error is None and distinct and not undefined
        return self._sound

    @property
    def end(self) -> int:
        return self.scan.end

    @property
    def raw(self) -> str:
        return self.document.text[self.start : self.end]

    def get(self, name: str) -> str:
        """The value of a field, "" if there is none; the first one where a name is repeated, as in BibTeX."""
        found = self.field(name)
        return found.value if found is not None else ""

    def field(self, name: str) -> Field | None:
        name = scanner.lower(name)
        for found in self.fields:
            if found.name == name:
                return found
        return None

    @property
    def line(self) -> int:
        return self.document.line_of_entry[self.index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and other.document is self.document and other.index == self.index

    def __hash__(self) -> int:
        return hash((id(self.document), self.index))

    def __repr__(self) -> str:
        return f"Entry({self.index}: @{self.type}{{{self.key}}})"


class Entries(Sequence[Entry]):
    """The entries of a document, made when they are asked for: an edit of one entry needs no objects for the others."""

    __slots__ = ("_document", "_found")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found = document.layout.entries

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...
    def __getitem__(self, index: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(index, slice):
            return tuple([self[number] for number in range(*index.indices(len(self)))])
        number = range(len(self))[index]
        return Entry(self._document, number, *self._found[number])

    def __iter__(self) -> Iterator[Entry]:
        document = self._document
        for index, found in enumerate(self._found):
            yield Entry(document, index, *found)


@dataclass(frozen=True, eq=False, repr=False)
class Document:
    """What `parse` gives. It never changes: `edit` gives a new one, and what is read from it does not alter it."""

    decoded: encodings.Decoded  # the text with its encoding
    data: bytes  # the bytes
    source: str  # a file name for messages
    layout: Layout  # where its commands are
    companions: Companions = NONE  # files that it is read with
    text: str = dataclasses.field(init=False)  # what the bytes say
    macros: values.Macros = dataclasses.field(init=False)  # of its @strings and of the companions

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.decoded.text)
        object.__setattr__(self, "macros", _macros(self.decoded.text, self.layout, self.companions))

    @property
    def encoding(self) -> str:
        return self.decoded.encoding

    @property
    def mixed(self) -> bool:
        return self.decoded.errors == "surrogateescape"

    def to_bytes(self) -> bytes:
        return self.data

    @cached_property
    def entries(self) -> Sequence[Entry]:
        return Entries(self)

    @cached_property
    def by_key(self) -> dict[str, int]:
        """Index of the first entry with a key, by the key in lower case (ASCII, as BibTeX compares)."""
        found: dict[str, int] = {}
        for index, (_, _, key, _, _) in enumerate(self.layout.entries):
            found.setdefault(scanner.lower(key), index)
        return found

    def find(self, key: str) -> Entry | None:
        """The entry that `\\cite{key}` gets: case is ignored, the first one wins."""
        index = self.by_key.get(scanner.lower(key))
        return None if index is None else self.entries[index]

    def find_parent(self, key: str) -> Entry | None:
        """The entry that ``crossref = {key}`` names, here or in a companion; ask `document` of it which."""
        return self.find(key) or self.companions.find(key)

    @property
    def strings(self) -> dict[str, str]:
        """The macros that the file defines, at its end: name in lower case, value."""
        return self.macros.defined()

    @cached_property
    def line_of_entry(self) -> Sequence[int]:
        lines: list[int] = []
        line, at = 1, 0
        for entry in self.layout.entries:
            line += lines_between(self.text, at, entry[0])
            at = entry[0]
            lines.append(line)
        return lines

    def line_at(self, offset: int) -> int:
        """The line, from 1, of an offset in the text."""
        offsets, lines = self._milestones
        index = bisect_right(offsets, offset) - 1
        return lines[index] + lines_between(self.text, offsets[index], offset)

    @cached_property
    def _milestones(self) -> tuple[list[int], list[int]]:
        """Offsets all along the text, none within a CR LF, and their lines."""
        offsets, lines = [0], [1]
        for offset in range(MILE, len(self.text), MILE):
            at = offset + 1 if self.text[offset] == "\n" else offset
            lines.append(lines[-1] + lines_between(self.text, offsets[-1], at))
            offsets.append(at)
        return offsets, lines

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The whole text, cut without gaps."""
        spans = [(entry.start, entry.end, "entry") for entry in self.entries]
        spans += [(scan.start, scan.end, scan.kind) for scan in self.layout.others if scan.kind != "text"]
        found: list[Block] = []
        at = 0
        for start, end, kind in sorted(spans):
            if start > at:
                found.append(Block("text", at, start))
            found.append(Block(kind, start, end))
            at = end
        if at < len(self.text):
            found.append(Block("text", at, len(self.text)))
        return tuple(found)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        from bibtools.bibfile.problems import problems

        return problems(self, self.entries)

    @cached_property
    def style(self) -> Style:
        from bibtools.bibfile.style import detect

        return detect(self)

    def edit(self, edits: Iterable[Edit]) -> Document:
        """A new document with the edits made and verified; EditError, and nothing changed, where one cannot be made."""
        from bibtools.bibfile.applying import apply

        return apply(self, edits)

    def library(self) -> Library:
        """The file as a bibtexparser Library, for its middlewares."""
        from bibtools.bibfile.library import library

        return library(self)

    def apply(self, library: Library) -> Document:
        """A new document with what a library says differently from `library()`; everything else keeps its bytes."""
        from bibtools.bibfile.library import differences

        return self.edit(differences(self, library))

    def problem(self, offset: int, message: str, severity: str = "error", text: str = "", index: int = 0) -> Problem:
        return Problem(message, Origin(self.source, self.line_at(offset), index), severity, text)


Found = tuple[int, str, str, int, Scanned | None]  # start, type, key, chunk end, spans if already known


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the commands of a text are. ``lookahead``: a decision depended on text far behind (a brace that never closes)."""

    entries: tuple[Found, ...]
    others: tuple[Scanned, ...]
    notes: tuple[tuple[int, str], ...]
    lookahead: bool = False


def parse(data: bytes | str, source: str = "", companions: Companions = NONE) -> Document:
    """A document of anything at all; it never raises, and `to_bytes` gives the same bytes back."""
    if isinstance(data, str):
        raw = data.encode("utf-8", "surrogatepass")
        errors = "strict" if _encodable(data) else "surrogatepass"
        decoded = encodings.Decoded(data, "utf-8", errors=errors)
        return Document(decoded, raw, source, lay_out(decoded.text), companions)
    decoded = encodings.decode(data)
    return Document(decoded, data, source, lay_out(decoded.text), companions)


def lay_out(text: str, start: int = 0, stop: int | None = None) -> Layout:
    """The commands of a text that begin from ``start``, where the scanner is between commands, to before ``stop``."""
    length = len(text)
    stop = length if stop is None else stop
    entries: list[Found] = []
    others: list[Scanned] = []
    lookahead = False
    scan = Scanner(text)
    head, find, count = scanner.HEAD.match, text.find, text.count
    add = entries.append
    at = find("@", start)
    while 0 <= at < stop:
        following = find("@", at + 1)
        chunk = following if following >= 0 else length
        usual = head(text, at, chunk)
        if usual is not None and count("{", at, chunk) == count("}", at, chunk):
            kind, key = usual.groups()
            kind = scanner.lower(kind)
            if kind not in scanner.COMMANDS:
                add((at, kind, key, chunk, None))
                at = following
                continue
        found = scan.command(at)
        if found.kind == "entry":
            add((at, found.type, text[found.key_start : found.key_end], found.end, found))
        else:
            others.append(found)
        lookahead |= not found.closed
        at = find("@", found.end)
    lookahead |= scan.unclosed is not None or scan.spent > 0
    return Layout(tuple(entries), tuple(others), tuple(scan.notes), lookahead)


def _macros(text: str, layout: Layout, companions: Companions) -> values.Macros:
    """The @strings of a text. BibTeX takes the name first: a macro whose definition is faulty stands for its own name."""
    macros = values.Macros(companions.macros)
    for scan in layout.others:
        name = scanner.MACRO_NAME.match(text, scan.key_start, scan.body_end) if scan.kind == "string" else None
        if name is None:
            continue
        message, parts = "no equals sign", []
        if text[name.end() - 1] == "=":
            start = scanner.skip(text, name.end())
            _, end, message = scanner.scan_value(text, start, scan.body_end)
            parts = scanner.tokens(text, start, end)
        macros.define(scanner.lower(name[1]), parts, scan.start, failed=bool(message))
    return macros


def _entry_scan(text: str, start: int, chunk: int, known: Scanned | None) -> Scanned:
    if known is None:
        known = scanner.plain(text, start, scanner.rstrip(text, start, chunk))
    if known is None:
        head = scanner.HEAD.match(text, start)
        assert head is not None  # else `lay_out` had given its spans
        end = scanner.balanced(text, text.index("{", head.end(1)), chunk)
        known = Scanned("entry", start, end, scanner.lower(head[1]), *head.span(1), *head.span(2))
    if known.spans is not None:
        return known
    spans, error = scanner.scan_body(text, known)
    return replace(known, spans=spans, error=error)


def name_of(name: str) -> str:
    found = NAMES.get(name)
    if found is None:
        found = scanner.lower(name)
        if len(NAMES) < 4096:
            NAMES[name] = found
    return found


NAMES: dict[str, str] = {}  # so that a million fields share their names


def lines_between(text: str, start: int, end: int) -> int:
    """Line ends in a stretch: LF, CR LF, and CR alone. A stretch never begins within a CR LF."""
    lines = text.count("\n", start, end)
    if (returns := text.count("\r", start, end)) > 0:
        lines += returns - text.count("\r\n", start, end)
    return lines


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
