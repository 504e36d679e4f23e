"""What the readers of copied text share: lines with their numbers, papers from groups of lines, the rest told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["Line", "Paper", "authors", "copied_format", "grouped"]

FEWEST = 3
LONGEST = 50_000  # characters of a line
NEWLINE = re.compile(r"\r\n|\r|\n")
TRASH = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff]")


class Line(NamedTuple):
    number: int
    text: str


class Paper(NamedTuple):
    """A record, and the numbers of the lines that it took."""

    record: Record
    taken: frozenset[int]


Finder = Callable[[list[Line], str], Iterator[Paper]]  # papers of lines; the source is for their origins


def lines_of(text: str) -> list[Line]:
    """Lines that hold something, blanks made one; a tab stays, since it parts the cells of tables. One longer than any
    abstract is no line of a page and is left out (`too_long`)."""
    found = []
    for number, raw in enumerate(NEWLINE.split(text), 1):
        if len(raw) > LONGEST:
            continue
        line = TRASH.sub("", unicodedata.normalize("NFC", raw)).replace("\xa0", " ")
        line = re.sub(r"[ \f\v]+", " ", line).strip(" ")
        if line.strip():
            found.append(Line(number, line))
    return found


def too_long(text: str, source: str) -> Iterator[Problem]:
    if len(text) > LONGEST:
        for number, raw in enumerate(NEWLINE.split(text), 1):
            if len(raw) > LONGEST:
                yield Problem(f"a line of {len(raw):,} characters was not looked at", Origin(source, number), text=raw)


def grouped(lines: list[Line], starts: Callable[[Line], bool]) -> Iterator[list[Line]]:
    """Groups that begin with a line that starts one; what stands before the first is in none."""
    group: list[Line] = []
    for line in lines:
        if starts(line):
            if group:
                yield group
            group = [line]
        elif group:
            group.append(line)
    if group:
        yield group


def authors(draft: Draft, text: str, separator: str = ",") -> None:
    """A list of names in natural order; one cut short by "et al.", "..." or "+3 authors" is told to be."""
    text = re.sub(r",?\s*(?:\u2026|\.\.\.)\s*$", ", et al.", text.strip().rstrip(",;"))
    cut = re.search(r",?\s*\+\s*\d+ (?:more )?authors?,?\s*", text)
    text = text.replace(cut[0], ", ") if cut else text
    parts = [each.strip() for each in re.split(rf"{separator}|(?:^|\s)and\s|\s&\s", text)]
    found, ended = people.listed(filter(None, parts))
    draft.add("author", found)
    if cut or ended:
        draft.fields["authors_truncated"] = True


def copied_format(name: str, summary: str, find: Finder, clue: re.Pattern[str], fewest: int = FEWEST) -> Format:
    """A format of copied text: ``clue`` is a mark without which the lines need not be looked at."""

    def looks_like(head: str) -> bool:
        if len(clue.findall(head)) < fewest:
            return False
        count = 0
        for paper in find(lines_of(head), ""):
            count += bool(paper.record.title)
            if count == fewest:
                return True
        return False

    def stream(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
        lines = lines_of(text)
        taken: set[int] = set()
        for index, paper in enumerate(find(lines, options.source)):
            taken |= paper.taken
            origin = paper.record.origin
            yield paper.record.replace(origin=Origin(options.source, origin.line, index))
        yield from too_long(text, options.source)
        rest = [line for line in lines if line.number not in taken]
        if rest:
            words = "line" if len(rest) == 1 else "lines"
            place = Origin(options.source, rest[0].number)
            yield Problem(
                f"{len(rest)} {words} outside the papers", place, "note", "\n".join(line.text for line in rest)
            )

    def read(text: str, options: ReadOptions) -> Batch:
        return collect(stream(text, options))

    return Format(name, summary, (".txt",), looks_like=looks_like, read=read)
