"""How a file is written, so that what we add looks as if its owner had typed it.

The style of a file is what most of a sample of its sound entries do; `Style.of_entry` narrows it to one entry, because files
that grew over years have several. What white space separates the parts is taken as it stands, so comma-first files, entries
on one line and closing braces behind the last value need no rule of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from bibtools.bibfile.scanner import Kind, Span, lower

if TYPE_CHECKING:
    from bibtools.bibfile.document import Document, Entry

__all__ = ["Style", "delimited", "detect", "of_entry", "render_entry", "render_field", "render_value"]

SAMPLE = 256  # entries
HEAD = 1 << 20  # characters in which line ends are counted
Choice = TypeVar("Choice", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Style:
    """White space is as it stands in the file, with its line ends."""

    eol: str = "\n"  # the line end: LF, CR LF or CR
    after_key: str = ""  # between the key and its comma
    before_comma: str = ""  # between a value and its comma: "\n  " in comma-first files
    lead: str = "\n  "  # between a comma and the next field name; its last line is the indent
    before_equals: str = " "  # between a name and its equals sign
    after_equals: str = " "  # between the equals sign and the value
    name_column: int = 0  # field names are padded to this width before "=" (0: they are not)
    value_column: int = 0  # "name=" is padded to this width before the value
    align_each: bool = False  # the width is that of the longest name of each entry, not the same throughout
    quotes: bool = False  # values in quotes and not in braces
    bare_numbers: bool = False  # numbers without delimiters
    trailing_comma: bool = False  # a comma behind the last field
    closing: str = "\n"  # between the last field and the closing delimiter
    opening: str = "{"  # { or (
    names: str = "lower"  # case of field names: lower, upper, title
    types: str = "lower"  # case of entry types: lower, upper, title
    blank_lines: int = 1  # between two entries
    sorted: bool = False  # by key, whatever the case
    spelling: dict[str, str] = field(
        default_factory=dict, compare=False
    )  # types and names that are written in a way of their own

    @property
    def indent(self) -> str:
        return self.lead.rpartition("\n")[2].rpartition("\r")[2] if self.lead.strip(" \t") else ""

    @property
    def align(self) -> int:
        return self.name_column or self.value_column

    def spell_name(self, name: str) -> str:
        return self.spelling.get("=" + lower(name)) or _cased(name, self.names)

    def spell_type(self, name: str) -> str:
        return self.spelling.get("@" + lower(name)) or _cased(name, self.types)


def detect(document: Document) -> Style:
    text = document.text
    entries = document.entries
    step = max(1, len(entries) // SAMPLE)
    sound = [entry for entry in entries[::step] if entry.scan.error is None and entry.fields]
    eol = _eol(text[:HEAD])
    style = Style(
        eol=eol, lead=eol + "  ", closing=eol, sorted=_is_sorted(document), blank_lines=_blank_lines(document, step)
    )
    if not sound:
        return style
    shapes = [_shape(entry, style) for entry in sound]
    style = replace(
        style,
        after_key=_most((shape.after_key for shape in shapes), ""),
        before_comma=_most((shape.before_comma for shape in shapes), ""),
        lead=_most((shape.lead for shape in shapes), style.lead),
        before_equals=_most((shape.before_equals for shape in shapes), " "),
        after_equals=_most((shape.after_equals for shape in shapes), " "),
        quotes=_most((shape.quotes for shape in shapes), False),
        bare_numbers=_bare_numbers(sound),
        trailing_comma=_most((shape.trailing_comma for shape in shapes), False),
        closing=_most((shape.closing for shape in shapes), eol),
        opening=_most((shape.opening for shape in shapes), "{"),
    )
    return _with_case(_with_columns(style, shapes), sound)


def of_entry(entry: Entry, style: Style) -> Style:
    """The style of the file as this entry keeps it."""
    return _shape(entry, style) if entry.fields and entry.scan.error is None else style


def render_entry(style: Style, type_: str, key: str, fields: Iterable[tuple[str, str, bool]]) -> str:
    fields = tuple(fields)
    if style.align_each and fields:
        longest = max(len(name) for name, _, _ in fields) + 1
        style = replace(
            style,
            name_column=longest if style.name_column else 0,
            value_column=longest + 1 if style.value_column else 0,
        )
    close = "}" if style.opening == "{" else ")"
    parts = [f"@{style.spell_type(type_)}{style.opening}{key}"]
    for name, value, raw in fields:
        before = style.before_comma if len(parts) > 1 else style.after_key
        parts.append(f"{before},{style.lead}{render_field(style, name, value, raw)}")
    if not fields:
        return parts[0] + "," + style.closing + close
    return "".join(parts) + ("," if style.trailing_comma else "") + style.closing + close


def render_field(style: Style, name: str, value: str, raw: bool) -> str:
    name = style.spell_name(name)
    if style.name_column:
        head = name.ljust(max(style.name_column, len(name) + len(style.before_equals[:1]))) + "=" + style.after_equals
    elif style.value_column:
        head = (name + style.before_equals + "=").ljust(style.value_column)
    else:
        head = name + style.before_equals + "=" + style.after_equals
    return head + (value if raw else render_value(style, value))


def render_value(style: Style, value: str) -> str:
    if style.bare_numbers and value.isascii() and value.isdigit():
        return value
    return delimited(value, style.quotes)


def delimited(value: str, quotes: bool) -> str:
    """A value between quotes, if they are wanted and it has none outside of braces, else between braces."""
    return f'"{value}"' if quotes and not _bare_quote(value) else f"{{{value}}}"


def _bare_quote(value: str) -> bool:
    depth = 0
    if '"' not in value:
        return False
    for char in value:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == '"' and depth <= 0:
            return True
    return False


def _shape(entry: Entry, style: Style) -> Style:
    """The white space of one entry."""
    text, spans, scan = entry.document.text, [field.span for field in entry.fields], entry.scan
    leads: list[str] = []
    befores: list[str] = []
    previous, after_key = scan.key_end, ""
    for span in spans:
        gap = text[previous : span.name_start]
        before, _, lead = gap.partition(",")
        if previous == scan.key_end:
            after_key = before
        else:
            befores.append(before)
        leads.append(lead)
        previous = span.end
    tail = text[previous : scan.body_end]
    _, comma, behind = tail.partition(",")
    gaps = [_gap(text, span) for span in spans]
    name_column, value_column = _aligned(spans, gaps)
    simple = [text[span.start] == '"' for span in spans if span.kind == Kind.SIMPLE]
    return replace(
        style,
        after_key=after_key,
        before_comma=_most(befores, style.before_comma),
        lead=_most(leads[1:] or leads, style.lead),
        before_equals=_most((before for before, _ in gaps), " ") if not name_column else " ",
        after_equals=_most((after for _, after in gaps), " ") if not value_column else " ",
        name_column=name_column,
        value_column=value_column,
        quotes=_most(simple, style.quotes),
        trailing_comma=bool(comma),
        closing=behind if comma else tail,
        opening="{" if scan.close == "}" else "(",
    )


def _gap(text: str, span: Span) -> tuple[str, str]:
    before, _, after = text[span.name_end : span.start].partition("=")
    return before, after


def _aligned(spans: list[Span], gaps: list[tuple[str, str]]) -> tuple[int, int]:
    """The column of all equals signs, or of all values, of an entry whose names differ in length; 0 if there is none."""
    lengths = [span.name_end - span.name_start for span in spans]
    if len(set(lengths)) < 2:
        return 0, 0
    columns = [length + len(before) for length, (before, _) in zip(lengths, gaps, strict=True)]
    first = min(columns)
    within = {length for length, column in zip(lengths, columns, strict=True) if column == first}
    beyond = all(column == first or column == length + 1 for length, column in zip(lengths, columns, strict=True))
    if len(within) > 1 and beyond:  # a name that is longer than the column has one blank behind it
        return first, 0
    values = {length + len(before) + 1 + len(after) for length, (before, after) in zip(lengths, gaps, strict=True)}
    return (0, values.pop()) if len(values) == 1 else (0, 0)


def _with_columns(style: Style, shapes: list[Style]) -> Style:
    found: Counter[tuple[int, int]] = Counter((shape.name_column, shape.value_column) for shape in shapes)
    aligned = sum(count for (name, value), count in found.items() if name or value)
    if aligned * 2 < len(shapes):
        return style
    ranked = [pair for pair in found.most_common() if any(pair[0])]
    (name, value), count = ranked[0]
    return replace(style, name_column=name, value_column=value, align_each=count * 2 < aligned)


def _bare_numbers(entries: list[Entry]) -> bool:
    bare = braced = 0
    for entry in entries:
        for entry_field in entry.fields:
            if entry_field.span.kind == Kind.NUMBER:
                bare += 1
            elif entry_field.span.kind == Kind.SIMPLE and entry_field.raw[1:-1].isdigit():
                braced += 1
    return bare > braced


def _with_case(style: Style, entries: list[Entry]) -> Style:
    names: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for entry in entries:
        text, scan = entry.document.text, entry.scan
        types[text[scan.type_start : scan.type_end]] += 1
        for entry_field in entry.fields:
            names[text[entry_field.span.name_start : entry_field.span.name_end]] += 1
    spelling: dict[str, str] = {}
    for mark, counted in (("@", types), ("=", names)):
        for word, _ in counted.most_common():
            spelling.setdefault(mark + lower(word), word)
    return replace(style, names=_case(names), types=_case(types), spelling=spelling)


def _case(words: Counter[str]) -> str:
    counted: Counter[str] = Counter()
    for word, count in words.items():
        case = "lower" if word == word.lower() else "upper" if word == word.upper() else "title"
        counted[case] += count
    return _most(counted.elements(), "lower")


def _cased(name: str, case: str) -> str:
    if case == "upper":
        return name.upper()
    return name.title() if case == "title" and name == name.lower() else name


def _eol(text: str) -> str:
    pairs = text.count("\r\n")
    counted = {"\n": text.count("\n") - pairs, "\r\n": pairs, "\r": text.count("\r") - pairs}
    return max(counted, key=lambda value: counted[value])


def _is_sorted(document: Document) -> bool:
    keys = (lower(found[2]) for found in document.layout.entries)
    return len(document.layout.entries) > 3 and all(left <= right for left, right in pairwise(keys))


def _blank_lines(document: Document, step: int) -> int:
    text, entries = document.text, document.entries
    found: list[int] = []
    for one, other in zip(entries[::step], entries[1::step], strict=False):
        gap = text[one.end : other.start]
        if not gap.strip() and (lines := gap.count("\n") or gap.count("\r")):
            found.append(lines - 1)
    return _most(found, 1)


def _most(values: Iterable[Choice], otherwise: Choice) -> Choice:
    counted = Counter(values)
    return counted.most_common(1)[0][0] if counted else otherwise
