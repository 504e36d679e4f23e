"""What an index surely holds: only there does a work that it does not know look as if there were none.

That a source has many works of a venue or a year says nothing about the next one, so completeness is never inferred from what
is present. Two things tell it:

    a declaration   whoever builds the index says what a source holds all of (`bibtools index build --complete SCOPE`)
    arXiv numbers   arXiv counts the papers of a month from 1: a source with every number of a month lacks none of them

A scope is written ``arxiv``, ``arxiv:2015-2020``, ``years:1990-2020``, ``venue:NeurIPS`` or ``venue:NeurIPS:2010-2023``; years
are a year, ``2015-``, ``-2020`` or both ends. However it is declared, a source knows nothing of the months and years that were
not over on its date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from bibtools import fold, identifiers, venues
from bibtools.record import Record

if TYPE_CHECKING:
    from bibtools.index.generations import Manifest, Source

__all__ = [
    "Cover",
    "Month",
    "Scope",
    "covering",
    "covers",
    "describe",
    "gaps_in",
    "months",
    "number",
    "parse_scope",
    "phrase",
]

FIRST_YEAR = 1000
FEWEST = (
    3500  # papers of a month: arXiv has had more in each month since its numbers count by month (April 2007: 4,003)
)
MOST_GAPS = 100  # missing numbers of a month that are kept one by one, so that an update can fill them
SameVenue = Callable[[str, str], bool]
KINDS = ("arxiv", "years", "venue")
HELP = "arxiv, arxiv:2015-2020, years:1990-2020, venue:NAME or venue:NAME:2010-2023"
_YEARS = re.compile(r"(?=-?\d)(\d{4})?(?:(-)(\d{4})?)?")
_OLD_NUMBER = re.compile(r"[a-z-]+/(\d{2})(\d{2})\d{3}")
_NEW_NUMBER = re.compile(r"(\d{2})(\d{2})\.(\d{4,5})")
_MONTHS = "January February March April May June July August September October November December".split()

# Types of which a source that has all works of some years is expected to have all: papers. Nobody has all theses, web pages,
# programs or reports, and books are known by the shelf.
PAPERS = frozenset({"article", "article-journal", "paper-conference", "review"})
NO_PAPERS = frozenset({"book", "thesis", "webpage", "post", "post-weblog", "software", "standard", "dataset", "patent"})


# --- scopes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """What a source is declared to hold all of. ``kind`` is ``arxiv``, ``years`` or ``venue``; the years are inclusive."""

    kind: str
    venue: str = ""
    first: int | None = None
    last: int | None = None

    def __str__(self) -> str:
        """As it is written on the command line and kept in the manifest."""
        return ":".join(part for part in (self.kind, self.venue, _span(self.first, self.last)) if part)

    def has(self, year: int) -> bool:
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


def _span(first: int | None, last: int | None) -> str:
    if first is None and last is None:
        return ""
    return str(first) if first == last else f"{first or ''}-{last or ''}"


def parse_scope(text: str) -> Scope:
    """A scope as it is written. Raises ValueError, with what would be right, for anything else."""
    kind, _, rest = text.strip().partition(":")
    kind, rest = kind.strip().lower(), rest.strip()
    if kind not in KINDS:
        raise ValueError(f"'{text}' is no scope: {HELP}")
    if kind == "venue":
        name, _, span = rest.rpartition(":")
        if not name.strip() or not _YEARS.fullmatch(span.strip()):
            name, span = rest, ""
        if venues.venue(name) == venues.NO_VENUE:
            raise ValueError(f"'{text}' names no venue: venue:NeurIPS or venue:NeurIPS:2010-2023")
        return Scope(kind, name.strip(), *_years(span.strip(), text))
    if kind == "years" and not rest:
        raise ValueError(f"'{text}' names no years: years:1990-2020")
    return Scope(kind, "", *_years(rest, text))


def _years(span: str, text: str) -> tuple[int | None, int | None]:
    if not span:
        return None, None
    found = _YEARS.fullmatch(span)
    if not found:
        raise ValueError(f"'{text}': '{span}' are no years; write 2015, 2015-2020, 2015- or -2020")
    first = int(found[1]) if found[1] else None
    last = int(found[3]) if found[3] else None if found[2] else first
    if (first or last or 0) < FIRST_YEAR or (first and last and first > last):
        raise ValueError(f"'{text}': no year is in {span}")
    return first, last


def phrase(scope: Scope) -> str:
    """The scope for a person: ``arXiv, 2015 to 2020``."""
    span = (
        "" if not (scope.first or scope.last)
        else f"{scope.first}" if scope.first == scope.last
        else f"{scope.first} to {scope.last}" if scope.first and scope.last
        else f"from {scope.first}" if scope.first else f"to {scope.last}"
    )  # fmt: skip
    if scope.kind == "years":
        return f"papers {'' if span.startswith(('from', 'to')) else 'of '}{span}"
    return ", ".join(part for part in ("arXiv" if scope.kind == "arxiv" else scope.venue, span) if part)


def describe(text: str) -> str:
    """A scope of a manifest for a person; as it is where only a newer version of bibtools knows it."""
    scope = _scope(text)
    return phrase(scope) if scope else text


# --- arXiv numbers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """The numbers that a source has of one month of arXiv, ``2104.00001`` to ``highest``: how many are ``missing``, and which,
    where they are few."""

    highest: int
    missing: int = 0
    gaps: tuple[int, ...] = ()

    @classmethod
    def of(cls, values: Sequence[int]) -> Month:
        """From the manifest: the highest number, the count of missing ones, those that are known."""
        return cls(values[0], values[1], tuple(values[2:]))

    def values(self) -> list[int]:
        return [self.highest, self.missing, *self.gaps]


def number(value: str) -> int | None:
    """A number of arXiv's scheme since April 2007 as an integer, ``2104.00001`` as 210400001; None for any other."""
    if (
        len(value) in (9, 10)
        and value[4] == "."
        and value[:4].isdecimal()
        and value[5:].isdecimal()
        and value.isascii()
    ):
        return int(value[:4]) * 100_000 + int(value[5:])
    return None


def months(numbers: Iterable[int], before: Mapping[str, Sequence[int]] | None = None) -> dict[str, list[int]]:
    """The months of these numbers (as `number` makes them), as the manifest has them; ``before`` are the months that the
    source had, to which these come."""
    kept = {month: list(values) for month, values in (before or {}).items()}
    whole = np.unique(np.fromiter(numbers, dtype=np.int64))
    for month in np.unique(whole // 100_000):
        start = int(month) * 100_000
        own = whole[(whole > start) & (whole < start + 100_000)] - start
        if own.size:
            name = f"{int(month):04d}"
            kept[name] = _joined(own, kept.get(name)).values()
    return dict(sorted(kept.items()))


def _joined(own: np.ndarray, before: Sequence[int] | None) -> Month:
    old = Month.of(before) if before else Month(0)
    highest = max(int(own[-1]), old.highest)
    if len(old.gaps) == old.missing:  # it is known which numbers the source had
        absent = np.concatenate([np.array(old.gaps, dtype=np.int64), np.arange(old.highest + 1, highest + 1)])
        gaps = np.setdiff1d(absent, own)
    else:
        gaps = np.setdiff1d(np.arange(1, highest + 1), own)
        if gaps.size > MOST_GAPS:
            return Month(highest, min(int(gaps.size), old.missing + max(0, highest - old.highest)))
    few = tuple(int(each) for each in gaps) if gaps.size <= MOST_GAPS else ()
    return Month(highest, int(gaps.size), few)


def gaps_in(source: Source, scope: Scope) -> tuple[int, int]:
    """Of the months of arXiv that a source has in a scope: how many have numbers missing, and how many numbers that are in all.
    A declaration that it is complete is then doubtful."""
    had = [Month.of(values) for name, values in source.months.items() if scope.has(_century(name[:2]))]
    return sum(each.missing > 0 for each in had), sum(each.missing for each in had)


def _century(year: str) -> int:
    return int(year) + (1900 if int(year) > 90 else 2000)


# --- what is covered ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cover:
    """A source (the first, where several are declared together) that surely holds a work, if there is such a work, and
    ``reason``: a sentence for a person."""

    source: Source
    reason: str


def covers(manifests: Iterable[Manifest], record: Record, same: SameVenue | None = None) -> str:
    """Why these indexes would surely know the work of a record: a sentence with source, scope and date; ``""`` where they
    need not know it."""
    return next((cover.reason for cover in covering(manifests, record, same)), "")


def covering(manifests: Iterable[Manifest], record: Record, same: SameVenue | None = None) -> Iterator[Cover]:
    """Each source that surely holds the work of a record, if there is such a work. A record without a year is covered by its
    arXiv number alone. ``same`` tells of a venue as cited whether it is surely the declared one (acronyms); else only a name
    of the same words, or of their abbreviations, is."""
    month = _month(record)
    for manifest in manifests:
        by_name = {source.name: source for source in manifest.sources}
        for declared in manifest.complete:
            scope = _scope(declared.scope)
            if scope is None or not _in_scope(record, month, scope, declared.date, manifest.since, same):
                continue
            held = [by_name[name] for name in declared.sources if name in by_name and by_name[name].records]
            if held:
                more = f" and {len(held) - 1:,} more" if len(held) > 1 else ""
                verb = "are" if more else "is"
                yield Cover(
                    held[0], f"{_named(held[0], declared.date, more)} {verb} declared complete for {phrase(scope)}"
                )
        for source in manifest.sources:
            if source.months and (told := _without_gaps(record, month, source, manifest.since)):
                yield Cover(source, f"{_named(source, source.date)} has {told}")


@lru_cache(maxsize=1 << 10)
def _scope(text: str) -> Scope | None:
    """A scope of a manifest; None for one that only a newer version of bibtools knows."""
    try:
        return parse_scope(text)
    except ValueError:
        return None


def _named(source: Source, date: str, more: str = "") -> str:
    name = source.name if source.name == source.format else PurePath(source.name).name
    return f"{name}{more}, of {date}," if date else name + more


def _in_scope(record: Record, month: str, scope: Scope, date: str, since: int | None, same: SameVenue | None) -> bool:
    """Whether a scope, declared of a source of this date, surely has the work of a record."""
    if scope.kind == "arxiv" and month:
        year = int(month[:4])
        return _over(month, date) and scope.has(year) and not (since and year < since)
    year = record.issued.year or 0
    if not year or record.issued.inferred or not _over(str(year), date) or (since and year < since):
        return False
    if not scope.has(year):
        return False
    if scope.kind == "arxiv":
        return _is_of_arxiv(record)
    if scope.kind == "venue":
        return record.type not in NO_PAPERS and any(_is_venue(name, scope.venue, same) for name in _venues(record))
    return record.type in PAPERS


def _over(period: str, date: str) -> bool:
    """Whether a year or month (``2021``, ``2021-04``) ended before a day."""
    return period < date[: len(period)]


def _without_gaps(record: Record, month: str, source: Source, since: int | None) -> str:
    """What of arXiv the source has without gaps, so that the record would be in it; ``""`` where it need not be.

    A month is whole up to its highest number. That no higher one was given is certain only where the source goes on with the
    next month, as long and as whole: a file that was cut off ends within a month.
    """
    numbered = _NEW_NUMBER.fullmatch(record.arxiv_id)
    if numbered:
        name = numbered[1] + numbered[2]
        if not (month and _over(month, source.date)) or name not in source.months:
            return ""
        if since and int(month[:4]) < since:
            return ""
        found = Month.of(source.months[name])
        digits = 4 if name < "1501" else 5
        if found.missing or (int(numbered[3]) > found.highest and not _ended(name, source)):
            return ""
        return f"every arXiv number of {_MONTHS[int(name[2:]) - 1]} {month[:4]}, to {name}.{found.highest:0{digits}d}"
    year = record.issued.year or 0
    if month or record.issued.inferred or not 2008 <= year < 2090 or not _is_of_arxiv(record):
        return ""
    if not _over(str(year), source.date) or (since and year - 1 < since):
        return ""
    # a preprint is cited with the year of its number or of a later version: the year before has to be whole too
    spanned = [f"{each % 100:02d}{place:02d}" for each in (year - 1, year) for place in range(1, 13)]
    if year - 1 == 2007:
        spanned = spanned[3:]
    return f"every arXiv number of {year - 1} and {year}" if all(_ended(name, source) for name in spanned) else ""


def _ended(name: str, source: Source) -> bool:
    """Whether the source has a whole month, from its first to surely its last number."""
    year, place = int(name[:2]), int(name[2:])
    after = f"{year + place // 12:02d}{place % 12 + 1:02d}"
    return all(
        each in source.months and source.months[each][0] >= FEWEST and not source.months[each][1]
        for each in (name, after)
    )


def _month(record: Record) -> str:
    """The month of a record's arXiv number, ``2021-04``; ``""`` where it has none."""
    value = (record.arxiv_id or (identifiers.arxiv_id(record.doi) if record.doi else "")).lower()
    found = _NEW_NUMBER.fullmatch(value) or _OLD_NUMBER.fullmatch(value)
    return f"{_century(found[1])}-{found[2]}" if found and 1 <= int(found[2]) <= 12 else ""


def _is_of_arxiv(record: Record) -> bool:
    """Whether a record says that it is a paper of arXiv and of no other venue."""
    named = [fold.words(name) for name in _venues(record)] or [fold.words(record.publisher)]
    return bool(named) and all(words and (words == ["corr"] or "arxiv" in words) for words in named)


def _venues(record: Record) -> list[str]:
    return [name for name in (record.container_title, record.container_title_short, record.event_title) if name]


@lru_cache(maxsize=1 << 14)
def _is_venue(name: str, declared: str, same: SameVenue | None) -> bool:
    """Whether a venue as cited is surely the declared one: no workshop beside it and no series of another letter."""
    one, two = venues.venue(name), venues.venue(declared)
    if two == venues.NO_VENUE or one.workshop != two.workshop:
        return False
    if venues.same_venue(name, declared) and (one.joined == two.joined or _same_words(one.words, two.words)):
        return True
    return same is not None and same(name, declared)


def _same_words(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether each word is the other's, or begins it: Phys. Rev. Lett."""
    if not one or len(one) != len(two):
        return False
    return all(a.startswith(b) or b.startswith(a) for a, b in zip(one, two, strict=True))
