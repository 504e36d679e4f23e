"""The rules that move what is there: white space, order, case of names, delimiters. What is read stays the same.

White space follows the style that the file has for the most part (`Document.style`), so a tidy file stays untouched; an
option names another. Entries in which BibTeX finds an error are left as they are, because their gaps hold more than blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from bibtools.bibfile import Document, Entry, Style
from bibtools.bibfile.scanner import Kind, Span
from bibtools.tidy.rule import Options, Slice

__all__ = ["align", "blank_lines", "braces", "field_order", "indent", "lower_case", "sort"]

COMMA = re.compile(r"([ \t\r\n]*),([ \t\r\n]*)")
EQUALS = re.compile(r"[ \t\r\n]*=[ \t\r\n]*")
CLOSING = re.compile(r"([ \t\r\n]*)(,?)([ \t\r\n]*)")

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


def _sound(document: Document) -> Iterator[tuple[Entry, list[Span]]]:
    """The entries that have fields and whose gaps are known to be white space around one comma or equals sign."""
    for entry in document.entries:
        spans = [each.span for each in entry.fields]
        if spans and entry.scan.error is None and entry.scan.closed and not any(each.recovered for each in spans):
            yield entry, spans


def indent(document: Document, options: Options) -> Iterable[Slice]:
    """Every field on a line of its own, indented as most are; the closing delimiter as in most entries."""
    style, text = document.style, document.text
    lead, closing = _lead(style, options), style.closing
    if "\n" not in lead and "\r" not in lead:
        return  # a file of one-line entries
    if not closing.strip(" \t"):
        closing = style.eol
    for entry, spans in _sound(document):
        at = entry.scan.key_end
        for place, span in enumerate(spans):
            found = COMMA.fullmatch(text, at, span.name_start)
            if found:
                before = style.before_comma if place else ""
                yield from _slice(text, at, span.name_start, f"{before},{lead}")
            at = span.end
        tail = CLOSING.fullmatch(text, at, entry.scan.body_end)
        if tail:
            yield from _slice(text, at, entry.scan.body_end, tail[2] + closing)


def _lead(style: Style, options: Options) -> str:
    if options.indent is None:
        return style.lead
    return style.eol + " " * options.indent


def align(document: Document, options: Options) -> Iterable[Slice]:
    """The equals signs, or the values, under each other as most are; else the blanks around the equals sign as most are."""
    style, text = document.style, document.text
    for _, spans in _sound(document):
        longest = max(span.name_end - span.name_start for span in spans)
        for span in spans:
            if EQUALS.fullmatch(text, span.name_end, span.start):
                gap = _equals(style, options, span.name_end - span.name_start, longest)
                yield from _slice(text, span.name_end, span.start, gap)


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


def field_order(document: Document, options: Options) -> Iterable[Slice]:
    """Fields in the order people read them; unknown ones behind the known, as they come."""
    text = document.text
    for entry, spans in _sound(document):
        names = [field.name for field in entry.fields]
        places = sorted(range(len(spans)), key=lambda place: ORDER.get(names[place], len(ORDER)))
        for span, place in zip(spans, places, strict=True):
            source = text[spans[place].name_start : spans[place].end]
            yield from _slice(text, span.name_start, span.end, source)


def lower_case(document: Document, options: Options) -> Iterable[Slice]:
    text = document.text
    for entry, spans in _sound(document):
        for start, end in [
            (entry.scan.type_start, entry.scan.type_end),
            *((span.name_start, span.name_end) for span in spans),
        ]:
            yield from _slice(text, start, end, re.sub("[A-Z]", lambda found: found[0].lower(), text[start:end]))


def braces(document: Document, options: Options) -> Iterable[Slice]:
    text = document.text
    for entry, spans in _sound(document):
        if entry.scan.close != "}":
            continue
        for span in spans:
            if span.kind == Kind.SIMPLE and text[span.start] == '"':
                yield from _slice(text, span.start, span.end, "{" + text[span.start + 1 : span.end - 1] + "}")


def blank_lines(document: Document, options: Options) -> Iterable[Slice]:
    """As many blank lines between two entries as most have, where nothing but white space stands between them."""
    text, style = document.text, document.style
    for one, other in zip(document.entries, document.entries[1:], strict=False):
        if one.scan.closed and not text[one.end : other.start].strip(" \t\r\n"):
            yield from _slice(text, one.end, other.start, style.eol * (style.blank_lines + 1))


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
