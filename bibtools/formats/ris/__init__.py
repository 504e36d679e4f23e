"""RIS, the format of EndNote, Reference Manager and the "export citation" button of publishers.

Sources: the RIS specification of Research Information Systems (2001, 2011) and what Zotero, EndNote and PubMed write. rispy
does the lines (`lines`); this room does the meaning: one table of tags and one of types, used in both directions.

Decisions
- Text is Unicode with HTML's inline tags, as Zotero writes it; TeX mathematics becomes such tags. The spans that
  protect words from a change of case are left out: EndNote would show them.
- Names are ``Last, First, Suffix``; an organisation ends in a comma (EndNote's rule); a cut list ends in ``et al.``.
- ``PY`` holds the year, ``DA`` the date as ``year/month/day/words``; the words of a range, a season or a doubtful date are EDTF.
- ``T2`` is the container, but the series of a book. Where ``C3`` names a conference paper's proceedings, ``T2`` is the event.
- ``AN`` holds identifiers that RIS has no tag for, with their name: ``arXiv:2304.01234``, ``PMID:19008416``.
- A tag without a place in `Record`, and a second value where one fits, is kept in ``extra`` under the tag and written again.
- `losses` is measured: what a record says differently after being written and read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bibtools.format import Format, ReadOptions, WriteOptions, collect
from bibtools.formats.ris.meaning import from_tags, losses, to_tags
from bibtools.record import Batch, Origin, Problem, Record

__all__ = ["FORMAT", "losses", "read", "write"]


def read(text: str, options: ReadOptions) -> Batch:
    return collect(_read(text, options))


def _read(text: str, options: ReadOptions) -> Iterator[Record | Problem]:
    from bibtools.formats.ris import lines

    index = 0
    for chunk in lines.chunks(text):
        origin = Origin(options.source, chunk.line, index)
        if chunk.stray:
            yield Problem("text outside a record", origin, text=chunk.stray)
            continue
        record, problems = from_tags(chunk.tags, origin)
        index += 1
        yield record
        yield from problems
        if not chunk.ended:
            yield Problem("the record has no end (ER); it was read up to here", origin, "warning")


def write(records: Iterable[Record], options: WriteOptions) -> Iterator[str]:
    from bibtools.formats.ris import lines

    for record in records:
        yield lines.text(to_tags(record))


TYPE_LINE = re.compile(r"^[ \t\ufeff]*TY {1,3}- {0,3}[A-Z]", re.MULTILINE)


def looks_like(head: str) -> bool:
    """A line that states a type; nothing but blank lines or ``1.`` before it, since prose can quote RIS."""
    found = TYPE_LINE.search(head.replace("\r", "\n"))
    return found is not None and not re.sub(r"\d+\.|[\s\ufeff]", "", head[: found.start()])


FORMAT = Format(
    name="ris",
    summary="RIS, for EndNote, Mendeley and publishers' exports",
    suffixes=(".ris",),
    looks_like=looks_like,
    read=read,
    write=write,
    losses=losses,
)
