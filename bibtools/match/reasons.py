"""The points of a pair in words that a person accepts: "same DOI", "titles differ in 'ii' / 'iii'"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bibtools.match import authors
from bibtools.match.compare import DOUBTS, FIELDS
from bibtools.match.pairs import FieldReliability
from bibtools.match.prepare import ARTICLE, PAPER, THESIS, Features
from bibtools.match.title_evidence import match_titles
from bibtools.record import Record
from bibtools.verdict import Evidence

__all__ = ["describe", "doubts"]


def doubts(mask: int) -> tuple[Evidence, ...]:
    """Why a pair is not joined unasked: the doubts whose bits are set."""
    return tuple(Evidence("doubt", 0.0, text) for place, text in enumerate(DOUBTS.values()) if mask >> place & 1)


def describe(
    features: Features,
    reliability: FieldReliability,
    records: tuple[Record, Record],
    places: tuple[int, int],
    points: NDArray[np.float32],
) -> tuple[Evidence, ...]:
    """One piece of evidence for each field that speaks, in the order of `FIELDS`."""
    told = []
    for name, value in zip(FIELDS, points.tolist(), strict=True):
        reason = _reason(name, value, features, reliability, records, places)
        if reason:
            told.append(Evidence(name, round(value, 1) + 0.0, reason))
    return tuple(told)


def _reason(
    name: str,
    value: float,
    features: Features,
    reliability: FieldReliability,
    records: tuple[Record, Record],
    places: tuple[int, int],
) -> str:
    left, right = places
    one, other = records
    if name == "title":
        return _title(value, features, left, right)
    if name == "author":
        return _authors(value, features, left, right)
    if not value:
        return ""
    if name == "year":
        years = (one.issued.year, other.issued.year)
        return f"same year {years[0]}" if value > 0 else f"years {min(years)} and {max(years)}"  # type: ignore[type-var]
    if name == "venue":
        known = features.venue[left] != features.venue[right] and value > 1.4
        names = f"“{_venue(one)}” / “{_venue(other)}”"
        return ("names of one venue" if known else "same venue") if value > 0 else f"venues differ: {names}"
    if name in ("volume", "issue"):
        said = (getattr(one, name) or one.number, getattr(other, name) or other.number)
        return f"same {name} {said[0]}" if value > 0 else f"{name}s {said[0]} and {said[1]}"
    if name == "page":
        return _pages(value, one, other)
    return _others(name, value, features, left, right)


def _venue(record: Record) -> str:
    return record.container_title or record.event_title or record.container_title_short or record.publisher


def _title(value: float, features: Features, left: int, right: int) -> str:
    one, other = int(features.title[left]), int(features.title[right])
    if not one or not other:
        return ""
    found = match_titles(features, one, other)
    common = " (a common one)" if 0 <= value < 3.0 and found.similarity > 0.9 else ""
    if not found.left and not found.right:
        return "same title" + common
    if found.similarity < 0.5:
        return "different titles" if value < -4 else "titles differ altogether (a translation?)"
    sides = [" ".join(side[:6]) + (" …" if len(side) > 6 else "") for side in (found.left, found.right)]
    differ = " / ".join(f"“{side}”" for side in sides if side)
    if found.shortened:
        return f"one title is the other cut short by {differ}" + common
    return f"titles differ in {differ}" + common


def _authors(value: float, features: Features, left: int, right: int) -> str:
    one, other = features.author_lists[features.author[left]], features.author_lists[features.author[right]]
    if not one.people or not other.people:
        return ""
    found = authors.compare(*sorted((one, other)))
    if found.matched < 0.4:
        return "different authors"
    whole = f"{found.matched:.0f} of {found.more}"
    if found.matched > found.more - 0.3:
        return "same author" if found.more == 1 else f"same {found.more} authors"
    if found.truncated and found.matched > found.fewer - 0.3:
        return f"same authors as far as listed ({whole})"
    return f"authors agree in {whole}" if value > 0 else f"authors agree in only {whole}"


def _pages(value: float, one: Record, other: Record) -> str:
    if value >= 3.5:
        return f"same pages {one.page}"
    if value >= 1.5:
        return f"pages {one.page} and {other.page} begin or end alike"
    return f"pages {one.page} and {other.page}"


_WORDS = {  # field: when it agrees, when it disagrees
    "abstract": ("same abstract", "different abstracts"),
    "together": ("", "venue, volume, pages, year or DOI disagree together"),
}


def _others(name: str, value: float, features: Features, left: int, right: int) -> str:
    if name == "identifier":
        for column, called in (
            (features.doi, "DOI"),
            (features.arxiv, "arXiv id"),
            (features.pmid, "PMID"),
            (features.isbn, "ISBN"),
        ):
            if column[left] and column[right]:
                return f"same {called}" if value > 0 else f"different {called}s"
    if name == "kind":
        editions = (
            features.edition[left] and features.edition[right] and features.edition[left] != features.edition[right]
        )
        if editions:
            return "different editions"
        kinds = {int(features.kind[left]), int(features.kind[right])}
        if THESIS in kinds and len(kinds) > 1:
            return "a thesis and another work"
        if kinds == {ARTICLE, PAPER}:
            return "a journal article and a conference paper"
        return "a whole book and a part of one" if len(kinds) > 1 else "books of different years"
    agree, disagree = _WORDS.get(name, ("", ""))
    return agree if value > 0 else disagree
