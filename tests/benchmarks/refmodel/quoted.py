"""References to known works, as ten styles print them: what an index is asked, with the work that each means."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from bibtools import fold
from bibtools.format import ReadOptions
from bibtools.formats.records import read_lines
from bibtools.record import Name, Record

__all__ = ["reference", "same", "works"]


def works(path: Path) -> Iterator[Record]:
    """Works that a reference can say: with a title, an author and a year."""
    with path.open(encoding="utf-8") as lines:
        for item in read_lines(lines, ReadOptions(str(path))):
            if isinstance(item, Record) and item.title and item.author and item.issued.year:
                yield item


def same(found: Record, meant: Record) -> bool:
    """Whether the record is of the work that the reference was made of, another version of it included."""
    return fold.text(found.title).replace(" ", "") == fold.text(meant.title).replace(" ", "") and bool(
        {fold.surname(name) for name in found.author} & {fold.surname(name) for name in meant.author}
    )


def reference(work: Record, rng: random.Random) -> str:
    """The work in one of ten styles."""
    title, venue, year, pages = (
        work.title.rstrip("."),
        work.container_title,
        work.issued.year,
        work.page.replace("--", "–"),
    )
    if rng.random() < 0.2 and len(title) > 20:
        title = title[0] + title[1:].lower()
    form = rng.randrange(10)
    first, inverted, vancouver = _people(work, False), _people(work, True), _vancouver(work)
    arxiv = f"arXiv:{work.arxiv_id}" if work.arxiv_id else ""
    where = venue or arxiv or "Unpublished manuscript"
    paged = f", pp. {pages}" if pages else ""
    match form:
        case 0:
            return f'{first}, "{title}," in {where}{paged}, {year}.'
        case 1:
            return f"{inverted} ({year}). {title}. {where}{', ' + pages if pages else ''}."
        case 2:
            return f"{vancouver}. {title}. {where}. {year}{':' + pages if pages else ''}."
        case 3:
            return f"{first}. {title}. In {where}{paged}, {year}."
        case 4:
            return f"{inverted}: {title}. {where} ({year}){' ' + pages if pages else ''}"
        case 5:
            return f"{inverted}. “{title}.” {where} ({year}){': ' + pages if pages else ''}."
        case 6:
            return f"{first}, {title}, {where}{', ' + pages if pages else ''} ({year})."
        case 7:
            return f"{first}. {year}. {title}. {where}{paged}."
        case 8:
            return f"{vancouver} ({year}) {title}. {where}{' ' + pages if pages else ''}"
        case _:
            return f"{first}, {title}, {arxiv or where}, {year}{', doi:' + work.doi if work.doi else ''}."


def _initials(name: Name) -> str:
    return " ".join(f"{part[0]}." for part in re.split(r"[\s-]+", name.given) if part)


def _people(work: Record, inverted: bool) -> str:
    names = [
        f"{name.surname}, {_initials(name)}".rstrip(", ") if inverted else f"{_initials(name)} {name.surname}".strip()
        for name in work.author[:8]
    ]
    if len(work.author) > 8:
        return f"{names[0]} et al."
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + (", & " if inverted else " and ") + names[-1]


def _vancouver(work: Record) -> str:
    names = [f"{name.surname} {_initials(name).replace('. ', '').rstrip('.')}".strip() for name in work.author[:6]]
    return ", ".join(names) + (", et al" if len(work.author) > 6 else "")
