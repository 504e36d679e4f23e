"""One entry on its own while it is edited: each edit replaces a slice of its source, which is read again and compared.

Setting a field to the value that it has changes nothing, so that macros, line breaks and delimiters survive a second run.
A value with a character that the file's encoding lacks is written with TeX's command for it; EditError where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from bibtools.bibfile import scanner, style, values
from bibtools.bibfile.document import Document, Entry, name_of
from bibtools.bibfile.edits import (
    AddEntry,
    Edit,
    EditError,
    RemoveField,
    RenameField,
    SetField,
    SetKey,
    SetType,
)
from bibtools.bibfile.scanner import Kind, Scanned, Span
from bibtools.encoding import Decoded

__all__ = ["edited", "rendered", "skip_blanks", "writable"]


@dataclass
class _Draft:
    """An entry on its own while edits are made in it."""

    entry: Entry
    source: str
    scan: Scanned

    @cached_property
    def style(self) -> style.Style:
        return style.of_entry(self.entry, self.entry.document.style)

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.scan.spans or ()

    def name(self, span: Span) -> str:
        return name_of(self.source[span.name_start : span.name_end])

    def find(self, name: str) -> int:
        name = scanner.lower(name)
        return next((number for number, span in enumerate(self.spans) if self.name(span) == name), -1)

    def put(self, start: int, end: int, new: str) -> None:
        """Replace a slice of the entry and read it again."""
        source = self.source[:start] + new + self.source[end:]
        scan = _scan_alone(source, self.scan.closed)
        self.source, self.scan = source, scan

    def listing(self) -> list[tuple[str, str]]:
        return [(self.name(span), self.source[span.start : span.end]) for span in self.spans]


def _scan_alone(source: str, closed: bool) -> Scanned:
    plain = scanner.plain(source, 0, len(source)) if closed else None
    if plain is not None:
        return plain
    scan = scanner.Scanner(source).command(0)
    if scan.kind != "entry" or scan.closed != closed or scan.end != len(source):
        raise EditError("the entry would not end where it ends now: braces or quotes of a value do not match")
    if scan.spans is None:
        scan.spans, scan.error = scanner.scan_body(source, scan)
    return scan


def edited(entry: Entry, changes: Iterable[Edit]) -> str:
    """The source of an entry after edits; each is checked against what it wanted."""
    document = entry.document
    changes = [_writable_edit(document, edit) for edit in changes]
    draft = _Draft(entry, entry.raw, entry.scan.moved(-entry.start))
    for edit in changes:
        before, sound = draft.listing(), draft.scan.error is None
        head = _head(draft)
        if isinstance(edit, SetField):
            wanted = _set_field(draft, edit, entry)
        elif isinstance(edit, RemoveField):
            wanted = _remove_field(draft, edit.name)
        elif isinstance(edit, RenameField):
            wanted = _rename_field(draft, edit.old, edit.new)
        elif isinstance(edit, SetType):
            wanted, head = before, (scanner.lower(edit.type), head[1])
            draft.put(draft.scan.type_start, draft.scan.type_end, document.style.spell_type(edit.type))
        elif isinstance(edit, SetKey):
            wanted, head = before, (head[0], edit.key)
            _set_key(draft, edit.key)
        if draft.listing() != wanted or _head(draft) != head or (sound and draft.scan.error is not None):
            raise EditError(f"{entry.key}: after {edit} the entry would not read as wanted")
    return draft.source


def _writable_edit(document: Document, edit: Edit) -> Edit:
    if isinstance(edit, SetField) and not edit.raw:
        return replace(edit, value=writable(document.decoded, edit.value))
    return edit


def _head(draft: _Draft) -> tuple[str, str]:
    return draft.scan.type, draft.source[draft.scan.key_start : draft.scan.key_end]


def _set_field(draft: _Draft, edit: SetField, entry: Entry) -> list[tuple[str, str]]:
    wanted = draft.listing()
    number = draft.find(edit.name)
    if number < 0:
        source = edit.value if edit.raw else style.render_value(draft.style, _with_eol(edit.value, draft.style.eol))
        _append(draft, style.render_field(draft.style, edit.name, source, True))
        return [*wanted, (scanner.lower(edit.name), source)]
    span = draft.spans[number]
    old = draft.source[span.start : span.end]
    if edit.raw:
        source = edit.value
    elif span.kind != Kind.BROKEN and _reads(old, span, entry) == values.compress(edit.value):
        return wanted
    else:
        source = _in_place_of(draft, span, old, edit.value)
    draft.put(span.start, span.end, source)
    _sound(draft, number, edit.name)
    wanted[number] = (wanted[number][0], source)
    return wanted


def _reads(source: str, span: Span, entry: Entry) -> str:
    if span.kind == Kind.SIMPLE:
        return values.compress(source[1:-1])
    return values.evaluate(scanner.tokens(source, 0, len(source)), entry.document.macros, entry.start)


def _in_place_of(draft: _Draft, span: Span, old: str, value: str) -> str:
    value = _with_eol(value, draft.entry.document.style.eol)
    if span.kind == Kind.NUMBER and value.isascii() and value.isdigit():
        return value
    return style.delimited(value, old[0] == '"') if span.kind == Kind.SIMPLE else style.render_value(draft.style, value)


def _sound(draft: _Draft, number: int, name: str) -> None:
    if not 0 <= number < len(draft.spans) or draft.spans[number].kind == Kind.BROKEN:
        raise EditError(f"{name}: BibTeX could not read this value")


def _append(draft: _Draft, source: str) -> None:
    """A field behind the last one, with the commas of the entry."""
    scan, shape = draft.scan, draft.style
    last = draft.spans[-1].end if draft.spans else scan.key_end
    tail = draft.source[last : scan.body_end]
    comma = last + tail.index(",") + 1 if "," in tail else -1
    if comma < 0:
        draft.put(last, last, f"{shape.before_comma if draft.spans else ''},{shape.lead}{source}")
    elif shape.trailing_comma or not draft.spans:
        behind = draft.source[comma : scan.body_end]
        closing = "" if behind.strip(" \t") else shape.closing  # `@misc{key,}` has no line of its own for the brace
        draft.put(
            comma,
            comma,
            f"{shape.lead}{source}{',' if shape.trailing_comma else ''}{closing if not draft.spans else ''}",
        )
    else:
        draft.put(comma, comma, f"{shape.lead}{source}")
    _sound(draft, len(draft.spans) - 1, source)


def _remove_field(draft: _Draft, name: str) -> list[tuple[str, str]]:
    """Take a field out, with one of its commas and, if it stood on lines of its own, these lines."""
    wanted = draft.listing()
    number = draft.find(name)
    if number < 0:
        return wanted
    del wanted[number]
    source, span = draft.source, draft.spans[number]
    previous = draft.spans[number - 1].end if number else draft.scan.key_end
    gap = source[previous : span.name_start]
    following = scanner.BLANK.match(source, span.end, draft.scan.body_end)
    comma = following.end() if following else span.end
    comma_first = "," in gap and not _has_line(gap.rpartition(",")[2]) and _has_line(gap.rpartition(",")[0])
    if comma >= draft.scan.body_end or source[comma] != ",":
        start = previous + gap.index(",") if "," in gap and number else previous
        if not number:  # the comma behind the key stays
            start = previous + len(gap) - len(gap.partition(",")[2]) if "," in gap else span.name_start
        draft.put(previous if comma_first and number else start, span.end, "")
    elif comma_first:
        draft.put(previous, span.end, "")
    else:
        begin = scanner.rstrip(source, previous, span.name_start)
        draft.put(begin, comma + 1, "") if _has_line(gap) else draft.put(
            span.name_start, skip_blanks(source, comma + 1), ""
        )
    return wanted


def skip_blanks(source: str, at: int) -> int:
    while at < len(source) and source[at] in " \t":
        at += 1
    return at


def _has_line(text: str) -> bool:
    return "\n" in text or "\r" in text


def _rename_field(draft: _Draft, old: str, new: str) -> list[tuple[str, str]]:
    wanted = draft.listing()
    number = draft.find(old)
    if number < 0:
        raise EditError(f"there is no field {old}")
    wanted[number] = (scanner.lower(new), wanted[number][1])
    span = draft.spans[number]
    name = draft.style.spell_name(new)
    gap = draft.source[span.name_end : span.start]
    before, _, after = gap.partition("=")
    change = span.name_end - span.name_start - len(name)
    if draft.style.name_column:
        before = " " * max(1, len(before) + change)
    elif draft.style.value_column:
        after = " " * max(1, len(after) + change)
    draft.put(span.name_start, span.start, f"{name}{before}={after}")
    return wanted


def _set_key(draft: _Draft, key: str) -> None:
    scan = draft.scan
    if scan.key_end == scan.key_start and draft.source[scan.key_end : scan.key_end + 1] not in (",", scan.close):
        behind = draft.source.index("{" if scan.close == "}" else "(", scan.type_end) + 1
        draft.put(behind, behind, key + ",")
    else:
        draft.put(scan.key_start, scan.key_end, key)


def _with_eol(value: str, eol: str) -> str:
    return value.replace("\r\n", "\n").replace("\n", eol) if eol != "\n" and "\n" in value else value


def rendered(document: Document, edit: AddEntry) -> str:
    eol, decoded = document.style.eol, document.decoded
    fields = [
        (name, value if raw else _with_eol(writable(decoded, value), eol), raw) for name, value, raw in edit.fields
    ]
    source = style.render_entry(document.style, edit.type, edit.key, fields)
    scan = scanner.Scanner(source).command(0)
    if scan.kind == "entry" and scan.closed and scan.end == len(source):
        scan.spans, scan.error = scanner.scan_body(source, scan)
        names = [scanner.lower(source[span.name_start : span.name_end]) for span in scan.spans]
        sound = scan.error is None and names == [scanner.lower(name) for name, _, _ in fields]
        if sound and source[scan.key_start : scan.key_end] == edit.key and scan.type == scanner.lower(edit.type):
            return source
    raise EditError(f"{edit.key}: BibTeX could not read this entry")


def writable(decoded: Decoded, value: str) -> str:
    """A value in characters that the encoding of the file has."""
    if decoded.encoding.startswith("utf") or value.isascii():
        return value
    return "".join(char if _has(decoded, char) else _command(decoded, char) for char in value)


def _has(decoded: Decoded, char: str) -> bool:
    try:
        char.encode(decoded.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _command(decoded: Decoded, char: str) -> str:
    from bibtools import latex

    command = latex.encode(char, ascii=True)
    if not command.isascii():
        raise EditError(f"{char!r} cannot be written in {decoded.encoding}")
    return command
