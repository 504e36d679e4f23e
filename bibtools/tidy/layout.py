"""The rules that move what is there: white space, order, case of names, delimiters. What is read stays the same.

White space follows the style that the file has for the most part (`Document.style`), so a tidy file stays untouched; an
option names another. Entries in which BibTeX finds an error are left as they are, because their gaps hold more than blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from bibtools.bibfile import Document, Entry, Style
from bibtools.bibfile.scanner import Kind, lower
from bibtools.tidy.rule import Draft, Options, Part, Slice

__all__ = [
    "align",
    "blank_lines",
    "braces",
    "draft",
    "field_order",
    "follow",
    "indent",
    "lower_case",
    "placed",
    "sort",
    "trailing_comma",
    "wrap",
]

COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
EQUALS = re.compile(r"[ \t\r\n]*=[ \t\r\n]*")
CLOSING = re.compile(r"[ \t\r\n]*(,?)[ \t\r\n]*")

ORDER = {
    name: place
    for place, name in enumerate(
        """ids author shortauthor editor translator title subtitle titleaddon shorttitle journaltitle journal journalsubtitle
        shortjournal booktitle booksubtitle maintitle series edition volume number issue part chapter pages eid pagetotal
        numpages date year month day publisher organization institution school address location howpublished type version
        doi eprint eprinttype archiveprefix eprintclass primaryclass isbn issn pmid url urldate crossref xref xdata related
        relatedtype note annote annotation language langid keywords abstract file""".split()
    )
}


# --- one entry ---------------------------------------------------------------------------------------------------------


def draft(entry: Entry) -> Draft | None:
    """An entry in parts; None for one without fields or with an error in it."""
    scan = entry.scan
    spans = scan.spans
    if not spans or scan.error is not None or not scan.closed:
        return None
    text = entry.document.text
    parts: list[Part] = []
    at = scan.key_end
    for span in spans:
        if span.recovered:
            return None
        name_start, name_end, start, end = span[:4]
        simple = span.kind == Kind.SIMPLE
        parts.append(
            Part(text[at:name_start], text[name_start:name_end], text[name_end:start], text[start:end], simple)
        )
        at = end
    before, kind, head = (
        text[scan.start : scan.type_start],
        text[scan.type_start : scan.type_end],
        text[scan.type_end : scan.key_end],
    )
    return Draft(before, kind, head, parts, text[at : scan.body_end], text[scan.body_end : scan.end])


def indent(entry: Draft, style: Style, options: Options) -> None:
    """Every field on a line of its own, indented as most are; the closing delimiter as in most entries."""
    lead = style.lead if options.indent is None else style.eol + options.indent
    if "\n" not in lead and "\r" not in lead:
        return  # a file of one-line entries
    first, following = f",{lead}", f"{style.before_comma},{lead}"
    for place, part in enumerate(entry.parts):
        wanted = following if place else first
        if part.lead != wanted and COMMA.fullmatch(part.lead):
            part.lead = wanted
    closing = style.closing if style.closing.strip(" \t") else style.eol
    if tail := CLOSING.fullmatch(entry.tail):
        entry.tail = tail[1] + closing


def align(entry: Draft, style: Style, options: Options) -> None:
    """The equals signs, or the values, under each other as most are; else the blanks around the equals sign as most are."""
    if options.align is None and "\t" in style.before_equals + style.after_equals:
        return  # values aligned by tabs (Emacs): how many depends on the name
    lengths = [len(part.name) for part in entry.parts]
    longest = max(lengths)
    gaps = {length: _equals(style, options, length, longest) for length in set(lengths)}
    for part in entry.parts:
        wanted = gaps[len(part.name)]
        if part.equals != wanted and EQUALS.fullmatch(part.equals):
            part.equals = wanted


def _equals(style: Style, options: Options, length: int, longest: int) -> str:
    if options.align is not None:
        return " " * max(1, options.align - 2 - length) + "= " if options.align else " = "
    if style.name_column:
        column = longest + 1 if style.align_each else style.name_column
        return " " * max(len(style.before_equals[:1]), column - length) + "=" + style.after_equals
    if style.value_column:
        before = style.before_equals + "="
        column = longest + len(before) + 1 if style.align_each else style.value_column
        return before + " " * max(1, column - length - len(before))
    return f"{style.before_equals}={style.after_equals}"


def field_order(entry: Draft, style: Style, options: Options) -> None:
    """Fields in the order people read them; unknown ones behind the known, as they come. The gaps keep their places.

    Fields that `--field-order` names come first, in its order.
    """
    leads = [part.lead for part in entry.parts]
    first = {name: number - len(options.field_order) for number, name in enumerate(options.field_order)}
    rank = ORDER | first
    entry.parts.sort(key=lambda part: rank.get(lower(part.name), len(ORDER)))
    for part, lead in zip(entry.parts, leads, strict=True):
        part.lead = lead


def lower_case(entry: Draft, style: Style, options: Options) -> None:
    entry.type = lower(entry.type)
    for part in entry.parts:
        part.name = lower(part.name)


def braces(entry: Draft, style: Style, options: Options) -> None:
    for part in entry.parts:
        if part.simple and part.value[0] == '"' and entry.close == "}":
            part.value = "{" + part.value[1:-1] + "}"


def trailing_comma(entry: Draft, style: Style, options: Options) -> None:
    """A comma behind the last field, or none, as in most entries or as asked for."""
    wanted = style.trailing_comma if options.trailing_comma is None else options.trailing_comma
    if (tail := CLOSING.fullmatch(entry.tail)) and bool(tail[1]) != wanted:
        entry.tail = "," + entry.tail if wanted else entry.tail.replace(",", "", 1)


VERBATIM = frozenset("url doi file eprint pdf urlraw verba verbb verbc code".split())
WORDS = re.compile(r"[ \t\r\n]+(?!@)")  # a line that begins with @ would look like an entry
PARAGRAPH = re.compile(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)[ \t\r\n]*")


def wrap(entry: Draft, style: Style, options: Options) -> None:
    """Values that reach beyond the line, or have several lines, filled to the width; paragraphs stay."""
    if not options.wrap:
        return
    for part in entry.parts:
        name = lower(part.name)
        if not part.simple or name in VERBATIM or not re.search(r"[\r\n]", part.lead):
            continue
        line = re.split(r"[\r\n]", part.lead)[-1].lstrip(",")
        begin = len(f"{line}{part.name}{part.equals}".expandtabs(8)) + 1
        inner = part.value[1:-1]
        if begin + len(inner) + 2 <= options.wrap and "\n" not in inner and "\r" not in inner:
            continue
        indent = " " * begin if begin * 2 <= options.wrap else line[: len(line) - len(line.lstrip())] + "  "
        gap = style.eol + indent
        width = options.wrap - len(indent.expandtabs(8))
        paragraphs = [
            gap.join(_filled(paragraph, width, width if number else options.wrap - begin))
            for number, paragraph in enumerate(PARAGRAPH.split(inner.strip(" \t\r\n")))
        ]
        part.value = part.value[0] + (style.eol + gap).join(paragraphs) + part.value[-1]


def _filled(paragraph: str, width: int, first: int) -> list[str]:
    """The lines of a paragraph; ``first`` is the width of its first one."""
    lines: list[list[str]] = [[]]
    used, room = 0, first - 2  # the delimiter and the comma behind a value
    for word in WORDS.split(paragraph):
        if lines[-1] and used + 1 + len(word) > room:
            lines.append([])
            used, room = 0, width - 2
        used += len(word) + (1 if lines[-1] else 0)
        lines[-1].append(word)
    return [" ".join(line) for line in lines]


Placed = tuple[Part, str, str, str]  # a field with what stood before its value: lead, name, equals sign


def placed(entry: Draft) -> list[Placed]:
    return [(part, part.lead, part.name, part.equals) for part in entry.parts]


def follow(before: list[Placed]) -> None:
    """Lines inside a value move with their field: with the value where they stood under it, else with the name."""
    for part, lead, name, equals in before:
        if ("\n" not in part.value and "\r" not in part.value) or (part.lead, part.equals) == (lead, equals):
            continue
        was, now = (re.split(r"[\r\n]", text)[-1] for text in (lead, part.lead))
        if was.strip(" \t") or now.strip(" \t"):
            continue  # behind another field on its line, or with a comma in front
        under = len(f"{was}{name}{equals}".expandtabs(8))
        shift = len(f"{now}{part.name}{part.equals}".expandtabs(8)) - under
        pieces = LINE_START.split(part.value)  # text, line end, white space, text, ...
        pieces[2::3] = [_moved(white, was, now, under, shift) for white in pieces[2::3]]
        part.value = "".join(pieces)


LINE_START = re.compile(r"(\r\n?|\n)([ \t]*)(?=[^ \t\r\n])")


def _moved(white: str, was: str, now: str, under: int, shift: int) -> str:
    width = len(white.expandtabs(8))
    if width >= under:
        return white + " " * shift if shift >= 0 else " " * (width + shift)
    return now + white[len(was) :] if was and white.startswith(was) else white


# --- the whole file ----------------------------------------------------------------------------------------------------


def blank_lines(document: Document, options: Options) -> Iterable[Slice]:
    """As many blank lines between two entries as most have, where nothing but white space stands between them."""
    text, style = document.text, document.style
    lines = style.blank_lines if options.blank_lines is None else options.blank_lines
    for one, other in zip(document.entries, document.entries[1:], strict=False):
        if one.scan.closed and not text[one.end : other.start].strip(" \t\r\n"):
            yield from _slice(text, one.end, other.start, style.eol * (lines + 1))


def sort(document: Document, options: Options) -> Iterable[Slice]:
    """Entries by key (or other fields), within stretches that nothing but white space and their own comments interrupts.

    A comment on the lines right above an entry, or behind it on its last line, goes with it. A comment between blank lines, a
    @string, @preamble or @comment is a border that nothing crosses: what it says may depend on its place. Entries that others
    inherit from come behind all others, as BibTeX demands. Equal keys keep their order, because the first one wins.
    """
    stretch: list[tuple[Entry, int, int]] = []
    at = 0  # where the text belonging to the next entry may begin
    blocks = document.blocks
    for number, block in enumerate(blocks):
        if block.kind != "entry":
            continue
        entry = _entry_at(document, block.start)
        behind_text = number > 0 and blocks[number - 1].kind == "text"
        gap_start = blocks[number - 1].start if behind_text else block.start
        before = number - 2 if behind_text else number - 1
        interrupted = before >= 0 and blocks[before].kind != "entry"
        start, border = _own_comment(document.text, max(gap_start, at), block.start)
        if border or interrupted:
            yield from _sorted(document, stretch, options)
            stretch = []
        if entry.scan.closed and entry.scan.error is None:
            end = _own_tail(document.text, block.end)
            stretch.append((entry, start, end))
            at = end
        else:
            yield from _sorted(document, stretch, options)
            stretch, at = [], block.end
    yield from _sorted(document, stretch, options)


def _entry_at(document: Document, start: int) -> Entry:
    return document.entries[bisect_left(document.entries, start, key=lambda entry: entry.start)]


def _own_comment(text: str, start: int, entry: int) -> tuple[int, bool]:
    """Where the comment that belongs to an entry begins, and whether other text stands before it."""
    gap = text[start:entry]
    if not gap.strip(" \t\r\n"):
        return entry, False
    paragraphs = list(re.finditer(r"(?:\r\n?|\n)[ \t]*(?=[\r\n])", gap))
    cut = paragraphs[-1].end() if paragraphs else 0
    own = gap[cut:]
    lines = own.strip(" \t\r\n") and (own.endswith(("\n", "\r")) or "\n" in own or "\r" in own)
    if not lines or not (cut or start == 0 or own[:1] in "\r\n"):
        return entry, True
    begin = start + cut + len(own) - len(own.lstrip("\r\n"))
    return begin, bool(gap[:cut].strip(" \t\r\n"))


def _own_tail(text: str, end: int) -> int:
    """Behind a comment on the last line of an entry, if no other command stands there."""
    line = re.compile(r"[^\r\n]*").match(text, end)
    stop = line.end() if line else end
    tail = text[end:stop]
    return stop if tail.strip(" \t") and "@" not in tail else end


def _sorted(document: Document, stretch: list[tuple[Entry, int, int]], options: Options) -> Iterator[Slice]:
    if len(stretch) < 2:
        return
    text = document.text
    inherited = {entry.get("crossref").lower() for entry, _, _ in stretch} - {""}
    parents = {place for place, (entry, _, _) in enumerate(stretch) if entry.key.lower() in inherited}
    order = sorted(range(len(stretch)), key=lambda place: (place in parents, *_rank(stretch[place][0], options), place))
    for (_, start, end), place in zip(stretch, order, strict=True):
        _, new_start, new_end = stretch[place]
        yield from _slice(text, start, end, text[new_start:new_end])


def _rank(entry: Entry, options: Options) -> tuple[str, ...]:
    special = {"key": entry.key, "type": entry.type}
    return tuple((special.get(name) or entry.get(name)).lower() for name in options.sort_by)


def _slice(text: str, start: int, end: int, new: str) -> Iterator[Slice]:
    if not (len(new) == end - start and text.startswith(new, start)):
        yield start, end, new
