"""Works that agree in title and people and are still other works: volumes, editions, theses, reprints, columns.

Points cannot tell them: one title and one author make most of a score. Each rule below is a difference that a cataloguer keeps
two entries for. A veto is certain (volume A is not volume B); a doubt asks a person, because entry types and dates are often
wrong and a wrong merge costs more than a question. The rules come from bibliographies kept by hand (N. Beebe's typography,
M. Ernst's program analysis, the biblatex examples), where what was merged wrongly could be read off; the labelled sets of
`evidence` lose nothing by them. Each has its line in tests/match_cases.txt.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bibtools.match.prepare import ARTICLE, BOOK, PAGE_RANGE, PAPER, PART, REPORT, THESIS, Features
from bibtools.match.titles import Conflict

__all__ = ["Contradictions", "contradictions", "disjoint_pages", "doubts", "vetoes"]

Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]
Columns = dict[str, NDArray[np.float32]]

AGAINST = -0.4  # points below which a field speaks against a pair


def _differ(column: NDArray[np.int32], left: Rows, right: Rows) -> Bools:
    one, other = column[left], column[right]
    differ: Bools = (one > 0) & (other > 0) & (one != other)
    return differ


def _one_sided(column: NDArray[np.int32] | Bools, left: Rows, right: Rows) -> Bools:
    one_sided: Bools = (column[left] > 0) != (column[right] > 0)
    return one_sided


def _both(features: Features, left: Rows, right: Rows, kind: int) -> Bools:
    both: Bools = (features.kind[left] == kind) & (features.kind[right] == kind)
    return both


def _between(features: Features, left: Rows, right: Rows, first: int, second: int) -> Bools:
    one, other = features.kind[left], features.kind[right]
    between: Bools = ((one == first) & (other == second)) | ((one == second) & (other == first))
    return between


def vetoes(features: Features, left: Rows, right: Rows, reliable: bool) -> Bools:
    """Volumes of one work, and the whole work against a volume. ``reliable``: volumes of this file can be believed."""
    volumes_differ = _both(features, left, right, BOOK) & _differ(features.volume, left, right) & reliable
    same_volume = (features.volume[left] == features.volume[right]) & (features.volume[left] > 0)
    titles_differ = _differ(features.volume_title, left, right) & ~same_volume
    is_volume = (features.volume > 0) | (features.volume_title > 0)
    whole = features.whole & ~is_volume
    set_and_volume = (whole[left] & is_volume[right]) | (is_volume[left] & whole[right])
    vetoed: Bools = volumes_differ | titles_differ | set_and_volume
    return vetoed


def doubts(features: Features, column: Columns, left: Rows, right: Rows) -> dict[str, Bools]:
    """What a person should look at, however much else agrees, by the names of `compare.DOUBTS`."""
    one, other = features.kind[left], features.kind[right]
    thesis = ((one == THESIS) | (other == THESIS)) & (one != other) & (one > 0) & (other > 0)
    degrees = (one == THESIS) & (other == THESIS) & _differ(features.edition, left, right)
    return {
        "edition": _editions(features, column, left, right),
        "thesis": (thesis | degrees) & (column["identifier"] <= 0),
        "volume title": _one_sided(features.volume_title, left, right) & _one_sided(features.volume, left, right),
        "elsewhere": _elsewhere(features, column, left, right),
    }


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Facts by which two publications are two works; a preprint differs from its publication in most of them."""

    by_name: dict[str, Bools]  # by the names of `compare.DOUBTS`
    count: NDArray[np.int8]
    excused: Bools  # the only one is outweighed by something exact


def contradictions(
    features: Features, ignored: Collection[str], column: Columns, conflict: NDArray[np.int8], left: Rows, right: Rows
) -> Contradictions:
    """The contradictions of each pair. ``ignored`` fields contradict throughout the file and count for nothing."""
    published = features.published[left] & features.published[right]
    year_one, year_other = features.year[left], features.year[right]
    gap = np.where((year_one != 0) & (year_other != 0), np.abs(year_one - year_other), 0)
    venue_years = np.array([venue.year for venue in features.venues], dtype=np.int32)[features.venue]
    venue_ordinals = np.array([venue.ordinal for venue in features.venues], dtype=np.int32)[features.venue]
    meetings = _differ(venue_years, left, right) | _differ(venue_ordinals, left, right)
    year = published & ((gap >= 1) | meetings)
    volume = published & _differ(features.volume, left, right) & (column["volume"] < 0)
    pages = published & disjoint_pages(features, ignored, left, right) & (column["page"] < 0)
    doi = _differ(features.doi, left, right) & ~(features.server_doi[left] | features.server_doi[right])
    numbers = _differ(features.arxiv, left, right)
    numbers |= _both(features, left, right, REPORT) & _differ(features.issue, left, right)
    title = (conflict == Conflict.NUMBER) | (conflict == Conflict.NUMBERS)
    placed = features.located | features.published | (features.doi > 0)
    other_kind = (features.repository[left] != features.repository[right]) & placed[left] & placed[right]
    facts = {
        "year": year, "volume": volume, "pages": pages, "doi": doi, "number": numbers, "title number": title,
        "repository": other_kind,
    }  # fmt: skip
    count = sum((fact.astype(np.int8) for fact in facts.values()), np.zeros(len(left), dtype=np.int8))
    same_page = (features.first_page[left] == features.first_page[right]) & (features.first_page[left] > 0)
    same_place = same_page & ((column["volume"] > 0) | (features.article_number[left] & (column["venue"] >= 0.8)))
    reprinted_online = year & (gap == 1) & (column["venue"] >= 0.8) & ~pages & ~meetings
    one_issue = (column["title"] >= 8.5) & (column["author"] >= 3) & (column["venue"] >= 1) & (column["year"] > 0)
    one_issue &= (
        (column["volume"] > 0) & (column["issue"] > 0) & pages
    )  # the same text in the same issue: a misprinted page
    one_text = (column["title"] >= 8.5) & (column["author"] >= 1)
    identified = (column["identifier"] > 0) & (~numbers | one_text)  # one DOI, two arXiv numbers: one of them is wrong
    excused = (count == 1) & (one_issue | identified | same_place | reprinted_online)
    return Contradictions(facts, count, excused)


def disjoint_pages(features: Features, ignored: Collection[str], left: Rows, right: Rows) -> Bools:
    """Ranges of pages that do not meet. A text printed before its issue is counted from 1; within a year that denies nothing."""
    one, other = features.first_number[left], features.first_number[right]
    last_one = np.where(features.last_number[left] < 0, one, features.last_number[left])
    last_other = np.where(features.last_number[right] < 0, other, features.last_number[right])
    numeric = (one >= 0) & (other >= 0) & (features.first_page[left] > 0) & (features.first_page[right] > 0)
    same_series = one // PAGE_RANGE == other // PAGE_RANGE
    meet = (one <= last_other) & (other <= last_one)
    years = (features.year[left] == features.year[right]) | (features.year[left] == 0) | (features.year[right] == 0)
    numbered = (features.issue[left] > 0) & (features.issue[right] > 0) & ("issue" not in ignored)
    early = ((one == 1) | (other == 1)) & years & ~numbered
    disjoint: Bools = numeric & same_series & ~meet & ~early
    return disjoint


def _editions(features: Features, column: Columns, left: Rows, right: Rows) -> Bools:
    """Books: another year, another publisher, an edition that only one of the two names. An ISBN is often kept for the next
    edition by mistake, so years apart are a doubt with an equal one too."""
    year_one, year_other = features.year[left], features.year[right]
    dated = (year_one != 0) & (year_other != 0)
    gap = np.where(dated, np.abs(year_one - year_other), 0)
    unidentified = column["identifier"] <= 0
    other_edition = (gap >= 2) | ((gap == 1) & (unidentified | _one_sided(features.edition, left, right)))
    other_publisher = (column["venue"] < AGAINST) & unidentified
    edition: Bools = _both(features, left, right, BOOK) & (other_edition | other_publisher)
    return edition


def _elsewhere(features: Features, column: Columns, left: Rows, right: Rows) -> Bools:
    """The same people's text of the same name in another place: two parts of a column, a chapter made of an article, a talk
    and its paper. An abstract that agrees does not say that it is one place."""
    page, volume, issue, venue = (column[name] for name in ("page", "volume", "issue", "venue"))
    two = (page < AGAINST) & ((volume < AGAINST) | (issue < AGAINST))
    two |= (issue < AGAINST) & (volume > 0) & (column["author"] <= 0)
    two |= (issue < AGAINST) & (volume > 0) & (features.first_number[left] == 1) & (features.first_number[right] == 1)
    two |= (venue < AGAINST) & (page < -1)
    moved = (venue < AGAINST) & (page <= 0)
    workshop = np.array([name.workshop for name in features.venues], dtype=np.bool_)[features.venue]
    two |= _both(features, left, right, PAPER) & (workshop[left] != workshop[right]) & (venue < AGAINST) & (page <= 0)
    article = (features.kind == ARTICLE) & (features.volume > 0) & (features.first_page > 0)
    talk = (features.kind == PAPER) & (features.volume == 0)
    printed = (article[left] & talk[right]) | (talk[left] & article[right])
    two |= moved & ((column["abstract"] <= -1) | printed)
    reported = (features.kind[left] == REPORT) | (features.kind[right] == REPORT)
    preprint = features.preprint[left] | features.preprint[right]
    two |= moved & (column["year"] < AGAINST) & ~reported & ~preprint
    parts = _between(features, left, right, PART, ARTICLE) | _between(features, left, right, PART, PAPER)
    two |= parts & (page < AGAINST)
    books = _between(features, left, right, BOOK, ARTICLE) | _between(features, left, right, BOOK, PAPER)
    two |= books & (page <= 0)
    elsewhere: Bools = two & (column["identifier"] <= 0)
    return elsewhere
