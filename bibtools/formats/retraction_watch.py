"""Retraction Watch's list of retracted works, as Crossref gives it away: a CSV with one notice a row, about one work.

Columns: https://gitlab.com/crossref/retraction-watch-data. A work with several notices has several rows. The short form with
the two columns ``doi,retractionwatch`` names all natures of a work in one cell, without days: ``Retraction;Correction``.
Days are month/day/year, with a time that says nothing. Authors, subjects and reasons are separated by ``;``. A missing DOI
is written ``unavailable`` and a missing PubMed number ``0``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from bibtools import dates, identifiers, notices
from bibtools.format import Format, ReadOptions, collect
from bibtools.formats import marked, people
from bibtools.notices import Notice
from bibtools.record import Batch, Date, Origin, Problem, Record

__all__ = ["FORMAT"]

LONG = frozenset({"retractionnature", "originalpaperdoi"})
SHORT = frozenset({"doi", "retractionwatch"})
WIDEST = 100_000  # characters of a row; a quote that is never closed swallows the lines behind it
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def looks_like(head: str) -> bool:
    names = _header(head.partition("\n")[0])
    return LONG.issubset(names) or (SHORT.issubset(names) and len(names) <= 4)


def read(text: str, options: ReadOptions) -> Batch:
    return collect(read_lines(re.split(r"(?<=\n)", text.replace("\r\n", "\n").replace("\r", "\n")), options))


def read_lines(lines: Iterable[str], options: ReadOptions) -> Iterator[Record | Problem]:
    """A record a row, with the notice in ``extra``; a problem for a row that names no work or no notice."""
    rows = _rows(lines)
    first = next(rows, None)
    if first is None:
        return
    names = _header(",".join(first[1]))
    if not (LONG.issubset(names) or SHORT.issubset(names)):
        yield Problem("no columns of Retraction Watch in the first line", Origin(options.source, 1))
        return
    place = 0
    for line, cells in rows:
        origin = Origin(options.source, line, place)
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            yield Problem(f"{len(cells)} columns instead of {len(names)}", origin, text=",".join(cells)[:500])
            continue
        found = _record(dict(zip(names, (cell.strip() for cell in cells), strict=True)), origin)
        place += isinstance(found, Record)
        yield found


def _header(line: str) -> list[str]:
    return [re.sub(r"[^a-z]", "", cell.lower()) for cell in line.split(",")]


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows with the number of their first line. One that is too long for a row is cut at the end of its first line."""
    kept: list[str] = []
    size = start = 0
    quoted = False
    for number, line in enumerate(lines, 1):
        start = start or number
        kept.append(line.replace("\0", ""))
        size += len(line)
        quoted ^= line.count('"') % 2 == 1
        if quoted and size < WIDEST:
            continue
        for row in _parsed(kept):
            yield start, row
        kept, size, start, quoted = [], 0, 0, False
    for row in _parsed(kept):
        yield start, row


def _parsed(lines: list[str]) -> list[list[str]]:
    whole = "".join(lines).rstrip("\r\n")
    if len(whole) > WIDEST:
        whole = whole[:WIDEST].splitlines()[0]
    try:
        return list(csv.reader([whole.replace("\r\n", "\n").replace("\n", " ")])) if whole else []
    except csv.Error:
        return [[whole]]


def _record(row: dict[str, str], origin: Origin) -> Record | Problem:
    given = row.get("retractionnature") or row.get("retractionwatch", "")
    natures = [notices.nature(each) for each in given.split(";") if each.strip()]
    if not natures or not all(natures):
        return Problem(f"'{given[:80]}' is no nature of a notice", origin, text=given)
    doi = identifiers.doi(row.get("originalpaperdoi") or row.get("doi", ""))
    pmid = _pmid(row.get("originalpaperpubmedid", ""))
    if not doi and not pmid:
        return Problem("a notice about a work without DOI and PubMed number; it cannot be found", origin, "warning")
    notice_doi = identifiers.doi(row.get("retractiondoi", ""))
    day = dates.edtf(_day(row.get("retractiondate", "")))
    reason = "; ".join(each.strip(" +") for each in row.get("reason", "").split(";") if each.strip(" +"))
    title = marked.text(row.get("title", ""))
    return Record(
        id=f"rw{row['recordid']}" if row.get("recordid", "").isdecimal() else "",
        type="article-journal" if title else "document",
        title=title,
        author=tuple(people.natural(each.strip()) for each in row.get("author", "").split(";") if each.strip()),
        container_title=marked.text(row.get("journal", "")),
        publisher=row.get("publisher", ""),
        issued=_day(row.get("originalpaperdate", "")),
        doi=doi,
        pmid=pmid,
        extra=tuple((notices.EXTRA, str(Notice(each, day, notice_doi, reason))) for each in natures),
        origin=origin,
    )


def _pmid(text: str) -> str:
    digits = text.removesuffix(".0")
    return digits if digits.isascii() and digits.isdecimal() and 0 < int(digits) < 10**9 else ""


def _day(text: str) -> Date:
    found = _DAY.match(text)
    if not found:
        return dates.parse(text.partition(" ")[0]) if text[:4].isdecimal() else Date()
    parts: Sequence[int] = [int(each) for each in found.groups()]
    month, day = (parts[0], parts[1]) if parts[0] <= 12 else (parts[1], parts[0])
    return Date((parts[2], month, day)) if dates.valid(parts[2], month, day) else Date((parts[2],))


FORMAT = Format(
    "retraction-watch",
    "notices of retraction, Retraction Watch's CSV",
    looks_like=looks_like,
    read=read,
    read_lines=read_lines,
)
