"""Edits become slices of the text; the result is read again before anybody gets it.

**What is verified.** The scanner stands between commands at the beginning of a region that an edit touches. The region is
scanned again in the new text; it must give the entries that were wanted, with their fields, and leave the scanner between
commands at the region's end. From there on text and state are the old ones, so everything behind is read as before: that is
the proof that lets 1,000 edits of a 100,000-entry file cost one pass. Only where a decision of the scanner looked far ahead
(a brace that never closes) the whole text is scanned again and compared.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bibtools.bibfile import scanner, style
from bibtools.bibfile.document import Document, Entry, Found, Layout, lay_out
from bibtools.bibfile.draft import edited, rendered, skip_blanks, writable
from bibtools.bibfile.edits import AddEntry, Edit, EditError, RemoveEntry, SetString
from bibtools.bibfile.scanner import Scanned
from bibtools.encoding import Decoded

__all__ = ["apply", "plan"]


@dataclass(frozen=True, slots=True)
class Slice:
    """``text[start:end]`` becomes ``new``. ``wanted`` are the sources of the entries that stand in it afterwards."""

    start: int
    end: int
    new: str
    wanted: tuple[str, ...] = ()


def apply(document: Document, edits: Iterable[Edit]) -> Document:
    slices = plan(document, edits)
    if not slices:
        return document
    text = _replaced(document.text, slices)
    decoded = replace(document.decoded, text=text)
    layout = lay_out(text) if document.layout.lookahead else _relaid(document, slices, text)
    if document.layout.lookahead:
        _compare(document, layout, slices, text)
    return Document(decoded, _encoded(decoded), document.source, layout, document.companions)


def plan(document: Document, edits: Iterable[Edit]) -> list[Slice]:
    """The slices that the edits replace, in the order of the file."""
    by_entry: dict[int, list[Edit]] = {}
    additions: list[AddEntry] = []
    strings: dict[str, SetString] = {}
    for edit in edits:
        if isinstance(edit, AddEntry):
            additions.append(edit)
            continue
        if isinstance(edit, SetString):
            strings[scanner.lower(edit.name)] = edit
            continue
        if not 0 <= edit.index < len(document.entries):
            raise EditError(f"there is no entry {edit.index}")
        by_entry.setdefault(edit.index, []).append(edit)
    slices: list[Slice] = []
    removed = {index for index, changes in by_entry.items() if any(isinstance(edit, RemoveEntry) for edit in changes)}
    for index, changes in by_entry.items():
        entry = document.entries[index]
        if index in removed:
            continue
        source = edited(entry, changes)
        if source != entry.raw:
            slices.append(Slice(entry.start, entry.end, source, (source,)))
    gone = 0
    for index in sorted(
        removed
    ):  # the last entry goes with the blanks before it, which may have gone with the one before
        start, end = _without(document, document.entries[index])
        slices.append(Slice(max(start, gone), end, ""))
        gone = end
    slices += _added(document, additions, removed)
    slices += [_defined(document, edit) for edit in strings.values()]
    slices.sort(key=lambda part: (part.start, part.end))
    return slices


# Entries of the file -------------------------------------------------------------------------------------------------


def _added(document: Document, additions: list[AddEntry], removed: set[int]) -> list[Slice]:
    by_index: dict[int, list[AddEntry]] = {}
    keys = (
        [scanner.lower(found[2]) for found in document.layout.entries] if additions and document.style.sorted else None
    )
    for addition in additions:
        index = len(document.entries) if addition.before is None else addition.before
        if addition.before is None and keys is not None:
            index = bisect_right(keys, scanner.lower(addition.key))
        if not 0 <= index <= len(document.entries):
            raise EditError(f"there is no entry {index}")
        by_index.setdefault(index, []).append(addition)
    slices = []
    for index, group in by_index.items():
        if keys is not None:
            group.sort(key=lambda addition: scanner.lower(addition.key) if addition.before is None else "")
        sources = tuple(rendered(document, addition) for addition in group)
        slices.append(_inserted(document, index, sources, removed))
    return slices


def _defined(document: Document, edit: SetString) -> Slice:
    text, name = document.text, scanner.lower(edit.name)
    for scan in reversed(document.layout.others):
        found = scanner.FIELD_NAME.match(text, scan.key_start, scan.body_end) if scan.kind == "string" else None
        if found is None or scanner.lower(found[1]) != name or scanner.definition_error(text, scan) is not None:
            continue
        start = found.end()
        _, end, _ = scanner.scan_value(text, start, scan.body_end)
        value = edit.value if edit.raw else writable(document.decoded, edit.value)
        new = value if edit.raw else style.delimited(value, text[start] == '"')
        source = text[scan.start : start] + new + text[end : scan.end]
        again = scanner.Scanner(source).command(0)
        if again.end != len(source) or scanner.definition_error(source, again) is not None:
            raise EditError(f"@string {edit.name}: BibTeX could not read this value")
        return Slice(scan.start, scan.end, source)
    raise EditError(f"there is no @string {edit.name}")


def _inserted(document: Document, index: int, sources: tuple[str, ...], removed: set[int]) -> Slice:
    text, shape = document.text, document.style
    between = shape.eol * (shape.blank_lines + 1)
    if index == 0 and document.entries:
        at = document.entries[0].start
        return Slice(at, at, "".join(source + between for source in sources), sources)
    if document.entries:
        at = _line_end(text, document.entries[index - 1].end)
        return Slice(at, at, "".join(between + source for source in sources), sources)
    before = "" if not text.strip() else between if not text.endswith(("\n", "\r")) else shape.eol
    return Slice(len(text), len(text), before + between.join(sources) + shape.eol, sources)


def _line_end(text: str, at: int) -> int:
    """Behind trailing blanks, if the line has nothing else."""
    end = skip_blanks(text, at)
    return end if end == len(text) or text[end] in "\r\n" else at


def _without(document: Document, entry: Entry) -> tuple[int, int]:
    """The slice that goes with an entry: its lines and the blank ones behind, or before if it is the last."""
    text = document.text
    start, end = entry.start, _line_end(text, entry.end)
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    if start > 0 and text[start - 1] not in "\r\n":
        return entry.start, entry.end
    behind = scanner.BLANK.match(text, end)
    stop = behind.end() if behind else end
    if stop == len(text):
        before = scanner.rstrip(text, 0, start)
        return (before, end) if before else (0, len(text))
    while stop > end and text[stop - 1] in " \t":
        stop -= 1
    return (start, stop) if stop > end else (entry.start, entry.end)


# The whole file ------------------------------------------------------------------------------------------------------


def _replaced(text: str, slices: list[Slice]) -> str:
    parts: list[str] = []
    at = 0
    for part in slices:
        if part.start < at:
            raise EditError("two edits touch the same place")
        parts += (text[at : part.start], part.new)
        at = part.end
    parts.append(text[at:])
    return "".join(parts)


def _encoded(decoded: Decoded) -> bytes:
    try:
        return decoded.encode(decoded.text)
    except UnicodeEncodeError as error:
        char = decoded.text[error.start]
        raise EditError(f"{char!r} cannot be written in {decoded.encoding}") from None


def _relaid(document: Document, slices: list[Slice], text: str) -> Layout:
    """The layout of the new text: the old one, shifted, and the touched regions scanned again."""
    old = document.layout
    starts = sorted([found[0] for found in old.entries] + [scan.start for scan in old.others])
    loose = {scan.start for scan in old.others if scan.kind in ("text", "comment")}
    entries: list[Found] = []
    others: list[Scanned] = []
    notes: list[tuple[int, str]] = []
    at_entry = at_other = at_note = shift = 0
    number = 0
    while number < len(slices):
        begin = _settled(starts, loose, slices[number].start)
        region_shift, end = shift, slices[number].start
        wanted: list[str] = []
        while number < len(slices) and slices[number].start <= end:
            part = slices[number]
            following = (
                bisect_left(starts, max(part.end, part.start + 1))
                if part.end > part.start
                else bisect_left(starts, part.start)
            )
            end = starts[following] if following < len(starts) else len(document.text)
            wanted += part.wanted
            shift += len(part.new) - (part.end - part.start)
            number += 1
        at_entry = _shifted(old.entries, entries, at_entry, begin, region_shift)
        at_other = _shifted_others(old.others, others, at_other, begin, region_shift)
        at_note = _shifted_notes(old.notes, notes, at_note, begin, region_shift)
        fresh = lay_out(text, begin + region_shift, end + shift)
        _check(text, fresh, wanted, end + shift)
        entries += fresh.entries
        others += fresh.others
        notes += fresh.notes
        while at_entry < len(old.entries) and old.entries[at_entry][0] < end:
            at_entry += 1
        while at_other < len(old.others) and old.others[at_other].start < end:
            at_other += 1
        while at_note < len(old.notes) and old.notes[at_note][0] < end:
            at_note += 1
    _shifted(old.entries, entries, at_entry, len(document.text) + 1, shift)
    _shifted_others(old.others, others, at_other, len(document.text) + 1, shift)
    _shifted_notes(old.notes, notes, at_note, len(document.text) + 1, shift)
    return Layout(tuple(entries), tuple(others), tuple(notes))


def _settled(starts: list[int], loose: set[int], at: int) -> int:
    """Where the scanner is between commands whatever follows: an ``@`` that begins nothing depends on what is behind it."""
    index = bisect_left(starts, at)
    while index > 0 and starts[index - 1] in loose:
        index -= 1
        at = starts[index]
    return at


def _shifted(old: Sequence[Found], new: list[Found], at: int, before: int, shift: int) -> int:
    """Take over the entries that begin before an offset. The last one's stretch ends there: an edit may follow in it."""
    stop = max(at, bisect_left(old, (before,)))
    if shift:
        new += [
            (start + shift, kind, key, chunk + shift, scan and scan.moved(shift))
            for start, kind, key, chunk, scan in old[at:stop]
        ]
    else:
        new += old[at:stop]
    if stop > at and old[stop - 1][3] > before:
        start, kind, key, _, scan = new[-1]
        new[-1] = (start, kind, key, before + shift, scan)
    return stop


def _shifted_others(old: Sequence[Scanned], new: list[Scanned], at: int, before: int, shift: int) -> int:
    while at < len(old) and old[at].start < before:
        new.append(old[at].moved(shift))
        at += 1
    return at


def _shifted_notes(old: Sequence[tuple[int, str]], new: list[tuple[int, str]], at: int, before: int, shift: int) -> int:
    while at < len(old) and old[at][0] < before:
        new.append((old[at][0] + shift, old[at][1]))
        at += 1
    return at


def _check(text: str, fresh: Layout, wanted: list[str], end: int) -> None:
    sources = []
    for start, _, _, chunk, scan in fresh.entries:
        if chunk > end:
            raise EditError("the edit would swallow what follows")
        sources.append((start, scan.end if scan is not None else chunk))
    if len(sources) != len(wanted) or fresh.lookahead:
        raise EditError("the edited text does not read as wanted")
    for (start, stop), source in zip(sources, wanted, strict=True):
        if not text.startswith(source, start) or start + len(source) > stop:
            raise EditError("the edited text does not read as wanted")
    if any(scan.end > end for scan in fresh.others):
        raise EditError("the edit would swallow what follows")


def _compare(document: Document, layout: Layout, slices: list[Slice], text: str) -> None:
    """Every entry outside of the slices must be there as before."""
    spans = [(part.start, part.end) for part in slices]
    kept = [
        entry.raw
        for entry in document.entries
        if not any(start < entry.end and entry.start < end for start, end in spans)
    ]
    kept += [source for part in slices for source in part.wanted]
    fresh = Document(replace(document.decoded, text=text), b"", document.source, layout, document.companions)
    if sorted(kept) != sorted(entry.raw for entry in fresh.entries):
        raise EditError("the edit would change how other entries are read")
