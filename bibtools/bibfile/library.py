"""The door to bibtexparser 2: its object model over our file, so that its middlewares run without touching other bytes.

`library` gives what ``bibtexparser.parse_string`` gives with its default middlewares: values without their outer delimiters,
@string references and concatenations resolved; months and macros that are not defined stand as they are, ``no-enclosing``.
`differences` asks what a middleware made different from that: only it is edited. A value that BibTeX could not read (a
decoded ``\\{``) keeps its old text. bibtexparser's splitter and writer are not used: the first loses fields in quotes, the
second rewrites every line.

An entry of the library is ours by the index in its ``parser_metadata``, which middlewares keep when they copy. Entries whose
middleware failed, and repeated keys, which bibtexparser wraps as failed blocks, stay as they are in the file. Comments and
@preamble are shown but not written back.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bibtools import dates
from bibtools.bibfile import scanner, values
from bibtools.bibfile.edits import (
    AddEntry,
    Edit,
    RemoveEntry,
    RemoveField,
    SetField,
    SetKey,
    SetString,
    SetType,
)
from bibtools.bibfile.scanner import Kind

if TYPE_CHECKING:
    from bibtexparser.library import Library
    from bibtexparser.model import Block, Entry, Field

    from bibtools.bibfile import document as ours

__all__ = ["differences", "library"]

INDEX = "bibtools"  # of an entry its index, of a @string its value
RAW = "no-enclosing"
MONTHS = frozenset(dates.MONTH_MACROS)


def library(document: ours.Document) -> Library:
    """The file as a bibtexparser Library, blocks in the order of the file."""
    from bibtexparser.library import Library

    blocks: list[tuple[int, Block]] = [(entry.start, _entry(entry)) for entry in document.entries]
    blocks += [(scan.start, _other(document, scan)) for scan in document.layout.others if scan.kind != "text"]
    blocks += [(block.start, _comment(document, block)) for block in document.blocks if _is_comment(document, block)]
    blocks.sort(key=lambda block: block[0])
    return Library([block for _, block in blocks], fail_on_duplicate_key=False)


def differences(document: ours.Document, changed: Library) -> tuple[Edit, ...]:
    """The edits that bring the file to what a library now says."""
    edits: list[Edit] = []
    seen: set[int] = set()
    fresh: list[AddEntry] = []
    for block in changed.blocks:
        entry, failed = _unwrapped(block)
        if entry is None:
            continue
        index = entry.parser_metadata.get(INDEX)
        if index is None or index in seen or not 0 <= index < len(document.entries):
            fresh.append(_added(entry))
            continue
        seen.add(index)
        if not failed:
            edits += _entry_edits(document.entries[index], entry)
    edits += [RemoveEntry(entry.index) for entry in document.entries if entry.index not in seen]
    for string in changed.strings_dict.values():
        shown = string.parser_metadata.get(INDEX)
        if shown is not None and isinstance(string.value, str) and string.value != shown:
            edits.append(SetString(string.key, string.value))
    return (*edits, *fresh)


def _unwrapped(block: Block) -> tuple[Entry | None, bool]:
    """The entry of a block, and whether it stands for a failure, so that nothing may be read from it."""
    from bibtexparser.model import Entry, ParsingFailedBlock

    if isinstance(block, Entry):
        return block, False
    if isinstance(block, ParsingFailedBlock) and block.ignore_error_block is not None:
        return _unwrapped(block.ignore_error_block)[0], True
    return None, False


# From our file to theirs ---------------------------------------------------------------------------------------------


def _entry(entry: ours.Entry) -> Entry:
    from bibtexparser.model import Entry

    fields = [_field(field) for field in entry.fields]
    made = Entry(entry.type, entry.key, fields, entry.line - 1, entry.raw)
    made.parser_metadata[INDEX] = entry.index
    made.parser_metadata["removed_enclosing"] = {field.key: field.enclosing for field in fields}
    return made


def _field(field: ours.Field) -> Field:
    from bibtexparser.model import Field

    value, enclosing = _shown(field)
    return Field(field.name, value, field.line - 1, enclosing=enclosing)


def _shown(field: ours.Field) -> tuple[str, str | None]:
    """A value as bibtexparser's default middlewares show it, and its enclosing."""
    raw = field.raw
    if field.span.kind == Kind.SIMPLE:
        return raw[1:-1], raw[0]
    if field.span.kind == Kind.NUMBER:
        return raw, None
    bare_month = scanner.lower(raw) in MONTHS and scanner.lower(raw) not in field.entry.document.strings
    if field.span.kind == Kind.BROKEN or field.undefined or bare_month:
        return raw, RAW
    return field.value, None


def _other(document: ours.Document, scan: scanner.Scanned) -> Block:
    from bibtexparser.model import ExplicitComment, ParsingFailedBlock, Preamble, String

    raw = document.text[scan.start : scan.end]
    line = document.line_at(scan.start) - 1
    if scan.kind == "comment":
        return ExplicitComment(document.text[scan.type_end : scan.end].strip(" \t\r\n")[1:-1], line, raw)
    error = scanner.definition_error(document.text, scan)
    if error is not None:
        return ParsingFailedBlock(ValueError(error[1]), line, raw)
    if scan.kind == "preamble":
        return Preamble(document.text[scan.key_start : scan.body_end].strip(), line, raw)
    name = scanner.FIELD_NAME.match(document.text, scan.key_start)
    assert name is not None  # `definition_error` looked for it
    value = values.compress(document.macros.get(scanner.lower(name[1]), scan.end) or "")
    made = String(name[1], value, line, raw)
    made.parser_metadata[INDEX] = value
    return made


def _is_comment(document: ours.Document, block: ours.Block) -> bool:
    return block.kind == "text" and not document.text[block.start : block.end].isspace()


def _comment(document: ours.Document, block: ours.Block) -> Block:
    from bibtexparser.model import ImplicitComment

    text = document.text[block.start : block.end]
    return ImplicitComment(text.strip(), document.line_at(block.start) - 1, text)


# From theirs to ours -------------------------------------------------------------------------------------------------


def _entry_edits(old: ours.Entry, new: Entry) -> list[Edit]:
    edits: list[Edit] = []
    if scanner.lower(new.entry_type) != old.type:
        edits.append(SetType(old.index, new.entry_type))
    if new.key != old.key:
        edits.append(SetKey(old.index, new.key))
    shown: dict[str, tuple[str, str | None]] = {}
    for present in old.fields:
        shown.setdefault(present.name, _shown(present))
    wanted: dict[str, Field] = {}
    for field in new.fields:
        wanted.setdefault(scanner.lower(field.key), field)
    repeats = Counter(present.name for present in old.fields)
    kept = Counter(scanner.lower(field.key) for field in new.fields)
    for name in shown:
        edits += [RemoveField(old.index, name)] * (repeats[name] if not kept[name] else 0)
    for name, field in wanted.items():
        value, raw = _written(field)
        before = shown.get(name)
        if before is not None and (value == before[0] or str(field.value) == before[0]):
            continue
        source = value if raw else f"{{{value}}}"
        if scanner.scan_value(source, 0, len(source))[1:] == (len(source), ""):
            edits.append(SetField(old.index, field.key, value, raw))
    return edits


def _added(entry: Entry) -> AddEntry:
    return AddEntry(entry.entry_type, entry.key, tuple((field.key, *_written(field)) for field in entry.fields))


def _written(field: Field) -> tuple[str, bool]:
    """The text of a value, and whether it is source. Lists are what the name middlewares leave."""
    value = field.value
    if isinstance(value, list):
        return " and ".join(_name(name) for name in value), False
    text = str(value)
    month = scanner.lower(field.key) == "month" and scanner.lower(text) in MONTHS
    return text, field.enclosing == RAW or month


def _name(value: Any) -> str:
    merge = getattr(value, "merge_last_name_first", None)
    return str(merge) if isinstance(merge, str) else str(merge()) if callable(merge) else str(value)
