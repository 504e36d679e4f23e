"""What each field says about a pair, in points: agree is positive, disagree negative, silence 0.

All pairs are judged at once, column by column, and the points are the explanation: `reasons` turns them into text. A title
weighs -12 to 9, authors -6 to 5, a range of pages -4.5 to 3.5, an identifier -3 to 6; year, venue, volume and issue a little.
Fellegi-Sunter weights learnt by EM were tried and left: where duplicates are rare they find the wrong class.

What each idea is worth, as false merges/misses on the labelled sets of the project (stroke, cytology, respiratory, digital_work;
Cora as F1), November 2026. All: 0/2 0/0 0/5 0/2 .886. Without
    volume, issue and pages together      7/2  3/11  3/18  1/9  .865        pages alone      0/3 0/1 2/9 0/7 .866
    the penalty for several contradictions 1/2 5/0   6/5   1/2  .865        venue            0/2 0/0 2/7 0/3 .867
    forgiving the title of a translation  0/2  0/3   0/16  0/9  .885        year             0/2 0/0 1/9 0/2 .879
    leaving out corrupt fields            0/2  0/0   0/17  0/2  .886        generic titles   0/2 0/0 0/5 7/2 .886
    groups that hold together (`cluster`) 0/2  0/0   0/5   0/2  .816
Vetoes, doubts, versions and kinds change nothing on these sets: they stand on the argument, the hand-written pairs of
tests/match_cases.txt, and damaged records (tests/benchmarks/damage.py), where a second part, an erratum or a reply that is merged
counts as an error. The numbers are not sharp: a third more or less on the points of years, venues or several contradictions moves
the four clean sets by no more than two pairs, and Cora, whose labels mix versions of a work, by no more than .008.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bibtools import venues
from bibtools.match import authors, constraints
from bibtools.match.pairs import Bools, FieldReliability, Floats, Rows, distinct_pairs
from bibtools.match.prepare import ARTICLE, BOOK, PAGE_RANGE, PAPER, PART, REPORT, THESIS, Features
from bibtools.match.title_evidence import INNER_POINTS, TitleEvidence, title_evidence
from bibtools.match.titles import Conflict

__all__ = [
    "DOUBTS",
    "FIELDS",
    "SAME",
    "UNSURE",
    "ComparisonVectors",
    "author_points",
    "numbered_points",
    "page_points",
    "weigh",
]

FIELDS = ("title", "author", "year", "venue", "volume", "issue", "page", "identifier", "abstract", "kind", "together")

# Chosen on the labelled sets: from 8 to 8.5 nothing changes but 13 pairs of Cora, at 7.5 and 7 one and two false merges come in
# (respiratory), at 9 two true pairs are lost there. An equal telling title has 9 points: `_little` asks for support.
SAME = 8.0
PLAIN = 6.0  # points of a pair that nothing speaks against
TELLING = 2.5  # weight of the words of an equal title from which on it is a work's own
HEADING = 3.0  # points of equal titles below which they are made of words of genre ("Editor's comments")
THREE_AUTHORS = 4.0  # points of three people or more who agree
OTHER_EDITION = -8.0
EARLY_PAGES = -1.0  # points of pages from 1 on and others, as of a text that came out before its issue
OTHER_PEOPLE = -4.0  # points of author lists that hardly meet: letters under one heading share title and pages


# Of the pairs from 4 to 8 on the four clean sets 3 of 40 are duplicates, on Cora 486 of 1,223; from 2 to 4 it is 2 of 43 and
# 171 of 717.
UNSURE = 4.0

# Why a pair that has the points is not joined unasked, in the words of a question; `ComparisonVectors.doubts` has a bit for each.
DOUBTS = {
    "year": "the years or the numbers of the meeting differ",
    "volume": "the volumes differ",
    "pages": "the pages do not meet",
    "doi": "the DOIs differ",
    "number": "the numbers of the preprint or report differ",
    "repository": "one is a program, its repository or data",
    "title number": "one title has a number or an ordinal that the other lacks",
    "presentation": "one is an abstract, a demonstration, a poster or a tutorial",
    "word": "one word of the title is another",
    "spelling": "the titles are spelled otherwise, and venue or DOI differ",
    "little": "little more than the title agrees",
    "people": "the authors are others",
    "edition": "books of other years or publishers",
    "thesis": "a thesis and another publication, or theses of two degrees",
    "volume title": "one is a titled volume",
    "elsewhere": "printed in another place",
    "unresolved": "one rests on something that is missing",
}
_BIT = {name: np.uint32(1 << place) for place, name in enumerate(DOUBTS)}


@dataclass(frozen=True, slots=True)
class ComparisonVectors:
    """Points of many pairs, a column for each of `FIELDS`, and what else the verdict rests on."""

    points: Floats
    score: Floats
    veto: Bools  # cannot be the same, whatever the points say
    doubts: NDArray[np.uint32]  # not to be joined without a person: a bit for each of `DOUBTS`
    contradicted: NDArray[np.int8]  # 0; 1: by one fact, and nothing exact speaks for the pair; 2: by several
    other_version: Bools
    title_cut: Bools  # one title is the other with the rest of a reference around it

    def take(self, rows: Rows) -> ComparisonVectors:
        return ComparisonVectors(*(column[rows] for column in self._columns()))

    def with_rows(self, rows: Rows, other: ComparisonVectors) -> ComparisonVectors:
        """With these rows as the other says, where that has more points."""
        rows, better = rows[other.score > self.score[rows]], np.flatnonzero(other.score > self.score[rows])
        changed = []
        for one, two in zip(self._columns(), other.take(better)._columns(), strict=True):
            column = one.copy()
            column[rows] = two
            changed.append(column)
        return ComparisonVectors(*changed)

    def _columns(self) -> tuple[NDArray[Any], ...]:
        return (
            self.points, self.score, self.veto, self.doubts, self.contradicted, self.other_version, self.title_cut,
        )  # fmt: skip

    @property
    def same(self) -> Bools:
        """The pairs that are one work as far as the two records tell."""
        same: Bools = (self.score >= SAME) & ~self.veto & (self.doubts == 0)
        return same

    @property
    def likely(self) -> Bools:
        """The pairs that are not different."""
        likely: Bools = (self.score >= UNSURE) & ~self.veto
        return likely


def likeness_points(found: authors.Likeness) -> float:
    if not found.more:
        return 0.0
    share = found.matched / found.more
    if found.truncated:
        share = 0.8 * found.matched / found.fewer + 0.2 * share
    elif found.fewer < found.more:
        share = 0.5 * found.matched / found.fewer + 0.5 * share
    worth = min(5.0, 1.4 + 0.9 * found.matched)
    low = -6.0 if found.fewer > 1 else -5.0
    value = float(np.interp(share, (0.0, 0.25, 0.5, 0.8, 1.0), (low, -3.0, 0.0, 0.75 * worth, worth)))
    return value - 1.0 if found.first < 0.4 and value > 0 and share < 1 else value


def author_points(features: Features, left: Rows, right: Rows) -> tuple[Floats, Bools]:
    """The points, and whether somebody surely stands in both lists."""
    first, second, back = distinct_pairs(features.author[left], features.author[right], len(features.author_lists))
    points = np.zeros(len(first), dtype=np.float32)
    shared = np.zeros(len(first), dtype=np.bool_)
    for place, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if one and other:
            found = authors.compare(*sorted((features.author_lists[one], features.author_lists[other])))
            points[place], shared[place] = likeness_points(found), found.matched >= authors.CERTAIN
    return points[back], shared[back]


def _venue_points(features: Features, reliability: FieldReliability, left: Rows, right: Rows) -> Floats:
    first, second, back = distinct_pairs(features.venue[left], features.venue[right], len(features.venues))
    points = np.zeros(len(first), dtype=np.float32)
    for place, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if one and other and "venue" not in reliability.ignored:
            pair = sorted((features.venues[one], features.venues[other]))
            like = 1.0 if (one, other) in reliability.equivalent else venues.likeness(*pair)
            points[place] = float(np.interp(like, (0.0, 0.35, 0.55, 0.75, 1.0), (-1.5, -1.5, 0.0, 0.8, 1.5)))
    return points[back]


def numbered_points(column: NDArray[np.int32], left: Rows, right: Rows, agree: float, differ: float) -> Floats:
    one, other = column[left], column[right]
    both = (one > 0) & (other > 0)
    return np.where(both, np.where(one == other, agree, differ), 0.0).astype(np.float32)


def _year_points(features: Features, left: Rows, right: Rows, relaxed: Bools) -> Floats:
    one, other = features.year[left], features.year[right]
    both = (one != 0) & (other != 0)
    gap = np.abs(one - other)
    strict = np.interp(gap, (0, 1, 2, 3, 5), (1.0, -0.5, -2.0, -3.0, -4.0))
    lenient = np.interp(gap, (0, 1, 3, 6), (1.0, 0.0, -0.5, -3.0))
    return np.where(both, np.where(relaxed, lenient, strict), 0.0).astype(np.float32)


def page_points(features: Features, left: Rows, right: Rows) -> Floats:
    """First and last page together: an equal range says much, a range inside the other nothing, another place no."""
    one, other = features.first_page[left], features.first_page[right]
    end_one, end_other = features.last_page[left], features.last_page[right]
    number_one, number_other = features.first_number[left], features.first_number[right]
    last_one = np.where(features.last_number[left] < 0, number_one, features.last_number[left])
    last_other = np.where(features.last_number[right] < 0, number_other, features.last_number[right])
    starts = one == other
    ends = (end_one == end_other) & (end_one > 0)
    ends_known = (end_one > 0) & (end_other > 0)
    numeric = (number_one >= 0) & (number_other >= 0)
    overlap = numeric & (number_one <= last_other) & (number_other <= last_one)
    same_year = (features.year[left] == features.year[right]) | (features.year[left] == 0) | (features.year[right] == 0)
    numbered = (features.issue[left] > 0) & (features.issue[right] > 0)
    online_first = numeric & ((number_one == 1) | (number_other == 1)) & same_year & ~numbered
    points = np.full(len(left), -4.5)
    points[~numeric] = -2.0
    points[online_first] = EARLY_PAGES
    points[overlap] = -0.5
    points[numeric & (number_one // PAGE_RANGE != number_other // PAGE_RANGE) & ~online_first] = -2.0
    points[numeric & (number_one % PAGE_RANGE == number_other % PAGE_RANGE)] = 1.5
    points[ends] = 1.5
    points[starts] = 3.0
    points[starts & ends_known & ~ends] = 2.0
    points[starts & ends_known & ~ends & (number_one == 1)] = 0.0  # each paper of many proceedings begins on page 1
    points[starts & ends] = 3.5
    return np.where((one > 0) & (other > 0), points, 0.0).astype(np.float32)


def _identifier_points(features: Features, left: Rows, right: Rows, versions: Bools) -> Floats:
    doi = numbered_points(features.doi, left, right, 6.0, -3.0)
    doi[versions & (doi < 0)] = 0.0
    points = doi
    for column, agree, differ in ((features.arxiv, 6.0, -3.0), (features.pmid, 6.0, -2.0)):
        points = np.where(points == 0, numbered_points(column, left, right, agree, differ), points)
    books = (features.kind[left] == BOOK) & (features.kind[right] == BOOK)
    isbn = numbered_points(features.isbn, left, right, 4.0, -1.0)
    return np.where((points == 0) & books, isbn, points).astype(np.float32)


def _abstract_points(features: Features, left: Rows, right: Rows) -> Floats:
    """Abstracts by their first words; with no title to compare an abstract is worth what a title is."""
    from rapidfuzz import fuzz, process

    one, other = features.abstract[left], features.abstract[right]
    points = np.zeros(len(left), dtype=np.float32)
    both = np.flatnonzero((one > 0) & (other > 0))
    first = [features.abstracts[place] for place in one[both].tolist()]
    second = [features.abstracts[place] for place in other[both].tolist()]
    pairs = [sorted((a, b), key=len) for a, b in zip(first, second, strict=True)]
    like = process.cpdist(
        [a for a, _ in pairs], [b[: len(a) + 10] for a, b in pairs], scorer=fuzz.ratio, dtype=np.float32
    )
    untitled = (features.title[left] == 0) | (features.title[right] == 0)
    points[both] = np.interp(like, (40, 60, 80, 95), (-2.0, -1.0, 2.0, 4.0))
    return np.where(untitled & (points > 0), points * 2.25, points).astype(np.float32)


def _kind_points(features: Features, left: Rows, right: Rows, column: dict[str, Floats]) -> Floats:
    """What the types and editions say: wholes and parts, theses, editions, volumes of a series."""
    one, other = features.kind[left], features.kind[right]
    whole_and_part = ((one == BOOK) & (other == PART)) | ((one == PART) & (other == BOOK))
    points = np.where(whole_and_part, -5.0, 0.0)
    gap = np.abs(features.year[left] - features.year[right])
    books = (one == BOOK) & (other == BOOK) & (features.year[left] != 0) & (features.year[right] != 0)
    nobody = (features.author[left] == 0) & (features.author[right] == 0)
    points[books & (gap >= 2)] = -3.0
    points[books & (gap >= 1) & nobody] = -6.0  # proceedings of one series
    points[((one == THESIS) | (other == THESIS)) & (one != other) & (one > 0) & (other > 0)] = -3.0
    elsewhere = (column["venue"] < -0.4) & (column["year"] < 0)
    points[(one + other == ARTICLE + PAPER) & (one != other) & elsewhere] = -1.5
    first, second = features.edition[left], features.edition[right]
    points[(first > 0) & (second > 0) & (first != second) & ~((one == THESIS) & (other == THESIS))] = OTHER_EDITION
    return points.astype(np.float32)


def weigh(features: Features, reliability: FieldReliability, left: Rows, right: Rows) -> ComparisonVectors:
    """The points of every pair."""
    points = np.zeros((len(left), len(FIELDS)), dtype=np.float32)
    column = {name: points[:, place] for place, name in enumerate(FIELDS)}
    preprints = features.preprint[left].astype(np.int8) + features.preprint[right]
    title = title_evidence(features, reliability, left, right)
    column["title"][:], conflict, substituted = title.points, title.conflict, title.substituted
    column["author"][:], shared_author = author_points(features, left, right)
    column["year"][:] = _year_points(features, left, right, preprints > 0)
    column["venue"][:] = np.where(preprints > 0, 0.0, _venue_points(features, reliability, left, right))
    for name, agree, differ in (("volume", 1.5, -2.5), ("issue", 0.5, -2.0)):
        if name not in reliability.ignored:
            column[name][:] = numbered_points(getattr(features, name), left, right, agree, differ)
    _forgive_shifted(features, left, right, column)
    if "page" not in reliability.ignored:
        column["page"][:] = page_points(features, left, right)
    for name in ("volume", "issue", "page"):
        column[name][(preprints > 0) & (column[name] < 0)] = 0.0
    column["identifier"][:] = _identifier_points(features, left, right, preprints == 1)
    column["abstract"][:] = _abstract_points(features, left, right)
    column["kind"][:] = _kind_points(features, left, right, column)
    placed = (column["page"] >= 2) & ((column["volume"] > 0) | (column["identifier"] > 0)) & (column["year"] >= 0)
    _forgive_headings(column, title)
    _relax_scripts(features, left, right, column, placed)
    _relax_translations(features, left, right, column, placed)
    _relax_same_text(column, conflict)
    identified = (column["page"] > 0) | (column["identifier"] > 0) | (column["abstract"] > 1)
    identified &= (column["identifier"] >= 0) | placed
    substituted &= ~identified
    column["title"][substituted] -= 3.0
    against = sum((column[name] < -0.4).astype(np.int8) for name in ("venue", "volume", "page", "year", "identifier"))
    column["together"][:] = np.interp(against, (1, 2, 3, 4), (0.0, -3.0, -4.5, -6.0))
    column["together"][(column["venue"] < -0.7) & (column["volume"] < 0)] -= 1.5
    facts = constraints.contradictions(features, reliability.ignored, column, conflict, left, right)
    contradicted = (facts.count > 1) | ((facts.count == 1) & ~facts.excused)
    doubts = {name: fact & contradicted for name, fact in facts.by_name.items()}
    for name, doubt in _doubts(features, column, title, placed, substituted, left, right, preprints == 1).items():
        doubts[name] = doubts[name] | doubt if name in doubts else doubt
    plain = _plain(column, title, shared_author)
    doubts["little"] &= ~plain
    doubts["people"] &= ~plain
    doubts["unresolved"] = features.unresolved[left] | features.unresolved[right]
    mask = np.zeros(len(left), dtype=np.uint32)
    for name, doubt in doubts.items():
        mask[doubt] |= _BIT[name]
    score = points.sum(axis=1)
    score = np.where(plain & (score >= PLAIN), np.maximum(score, SAME), score).astype(np.float32)
    veto = _vetoes(features, reliability, column, title, placed, left, right)
    veto |= _certain(reliability, facts, column, title, features.title[left])
    level = contradicted.astype(np.int8) + (facts.count > 1)
    versions = _other_version(features, left, right, preprints == 1)
    return ComparisonVectors(points, score, veto, mask, level, versions, title.cut)


def _vetoes(
    features: Features,
    reliability: FieldReliability,
    column: dict[str, Floats],
    title: TitleEvidence,
    placed: Bools,
    left: Rows,
    right: Rows,
) -> Bools:
    """Other works, whatever the points say."""
    titled = (features.title[left] > 0) & (features.title[right] > 0)
    veto: Bools = ((title.conflict == Conflict.NUMBERS) | (title.conflict == Conflict.RELATED)) & ~placed
    veto |= column["kind"] <= OTHER_EDITION
    veto |= constraints.vetoes(features, left, right, "volume" not in reliability.ignored)
    veto |= ~titled & (column["identifier"] <= 0) & (column["abstract"] <= 3) & ~placed
    return veto


def _certain(
    reliability: FieldReliability,
    facts: constraints.Contradictions,
    column: dict[str, Floats],
    title: TitleEvidence,
    number: NDArray[np.int32],
) -> Bools:
    """Contradictions of which none of 168 was one work: nobody need be asked."""
    generic = reliability.generic if reliability.generic is not None else np.ones(int(number.max(initial=0)) + 1)
    heading: Bools = (generic[number] < 1) | (title.equal & (column["title"] < HEADING))
    other_issue = (column["issue"] < 0) | (facts.count > 0)
    certain: Bools = (
        (facts.count > 2)
        | ((column["venue"] < -0.7) & (column["volume"] < 0))
        | (heading & other_issue & (column["page"] <= 1))
    )
    certain &= (column["identifier"] <= 0) & (column["abstract"] <= 1)
    return certain


def _doubts(
    features: Features,
    column: dict[str, Floats],
    title: TitleEvidence,
    placed: Bools,
    substituted: Bools,
    left: Rows,
    right: Rows,
    one_preprint: Bools,
) -> dict[str, Bools]:
    """What a person should look at, however much else agrees, by the names of `DOUBTS`."""
    titled = (features.title[left] > 0) & (features.title[right] > 0)
    unidentified = column["identifier"] <= 0
    elsewhere = (column["identifier"] < 0) | ((column["venue"] < -0.4) & unidentified)
    spelling = title.changed & ~placed & (elsewhere | ((column["page"] == EARLY_PAGES) & unidentified))
    spelling |= title.respelled & titled & (column["author"] <= 0) & unidentified
    found = {
        "title number": (title.conflict == Conflict.NUMBER) & ~placed,
        "presentation": (title.conflict >= Conflict.PRESENTATION) & ~placed,
        "word": substituted,
        "spelling": spelling,
        "little": _little(features, column, left, right, one_preprint),
        "people": (column["author"] <= OTHER_PEOPLE)
        & ~(_identified(column) & (column["page"] + column["abstract"] > 0)),
    }
    return found | constraints.doubts(features, column, left, right)


def _plain(column: dict[str, Floats], title: TitleEvidence, shared_author: Bools) -> Bools:
    """An equal title of several rare words, nothing against it, and somebody wrote both (or nobody is named and the year agrees).

    Of such pairs 97 in 100 were one work, so nobody is asked. Three people or more make a heading ("Guest editorial") a work's.
    """
    silent = (column["author"] == 0) & (column["year"] > 0)
    known = (column["year"] > 0) & (column["venue"] > 1.0)
    plain: Bools = (title.telling >= TELLING) & ((shared_author & (column["author"] > -1.5)) | silent)
    plain |= (title.telling >= TELLING / 2) & (column["author"] >= 2) & known
    plain |= title.equal & (column["author"] >= THREE_AUTHORS) & known
    for name in ("year", "venue", "volume", "issue", "page", "identifier", "abstract", "kind"):
        plain &= column[name] >= 0
    return plain


def _identified(column: dict[str, Floats]) -> Bools:
    identified: Bools = (column["identifier"] > 0) | (column["abstract"] > 1)
    return identified


def _little(features: Features, column: dict[str, Floats], left: Rows, right: Rows, versions: Bools) -> Bools:
    """Pairs that too little supports, however alike their titles are."""
    differs = (column["volume"] < 0) | (column["issue"] < 0) | (column["page"] < 0) | (column["identifier"] < 0)
    support = (column["author"] >= 1.0) | (column["page"] > 1) | _identified(column)
    support |= (column["author"] > 0) & (column["venue"] > 0) & (column["year"] > 0)
    silent = (column["author"] == 0) & ~differs
    support |= silent & (column["title"] > 8.5) & (column["venue"] > 1.2) & (column["year"] > 0)
    corroborated = (column["venue"] > 0) | (column["page"] > 0) | (column["identifier"] > 0) | (column["abstract"] > 0)
    corroborated |= _came_before(features, left, right) & (column["title"] >= 8) & (column["author"] >= 3) & ~differs
    late = column["year"] < np.where(versions, -0.5, 0.0)  # three years from a preprint to its publication are usual
    little: Bools = ~support | (late & ~corroborated)
    return little


def _came_before(features: Features, left: Rows, right: Rows) -> Bools:
    """One record tells no venue and is of the year before the other, which tells one: as a preprint that does not say so.

    With an equal telling title and several authors, all alike, that is one work (60 of 60 papers of samples/merge, 39 without).
    On the labelled sets it joins six pairs more, all of Cora, whose labels part these versions (F1 .8855 instead of .8856).
    """
    one, other = features.year[left], features.year[right]
    untold, silent = features.venue[left] == 0, features.venue[right] == 0
    before: Bools = (untold & ~silent & (one + 1 == other)) | (silent & ~untold & (other + 1 == one))
    return before & (np.minimum(one, other) > 0)


def _other_version(features: Features, left: Rows, right: Rows, one_preprint: Bools) -> Bools:
    """A preprint or report, and what was published of it."""
    kinds = np.stack([features.kind[left], features.kind[right]])
    reported = (kinds == REPORT).any(axis=0) & ((kinds == ARTICLE) | (kinds == PAPER)).any(axis=0)
    versions: Bools = one_preprint | reported
    return versions


def _forgive_shifted(features: Features, left: Rows, right: Rows, column: dict[str, Floats]) -> None:
    """A volume that is the other's issue stands in the wrong field; that says nothing."""
    shifted = (features.volume[left] == features.issue[right]) | (features.issue[left] == features.volume[right])
    shifted &= column["venue"] >= 0
    column["volume"][:] = np.where(shifted & (column["volume"] < 0) & (column["issue"] <= 0), 0.0, column["volume"])


def _forgive_headings(column: dict[str, Floats], title: TitleEvidence) -> None:
    """The heading of a section or a running head before a title ("Special issue: ..."), in the same issue, by the same people."""
    placed = (column["volume"] > 0) & ((column["issue"] > 0) | (column["page"] > 0)) & (column["venue"] >= 0)
    found = title.inner & placed & (column["author"] >= 1.0) & (title.conflict != Conflict.RELATED)
    column["title"][:] = np.where(found, np.maximum(column["title"], INNER_POINTS - 1), column["title"])
    for flag in (title.substituted, title.changed):
        flag[found] = False


def _relax_scripts(features: Features, left: Rows, right: Rows, column: dict[str, Floats], placed: Bools) -> None:
    """Records in two scripts, of one range of pages, volume and year: their titles, names and journals cannot be compared."""
    latin = np.array([title.joined.isascii() for title in features.titles], dtype=np.bool_)
    ranged = (features.last_page[left] > 0) & (features.last_page[left] != features.first_page[left])
    certain = placed & ranged & (latin[features.title[left]] != latin[features.title[right]]) & (column["page"] >= 3.5)
    certain &= (column["volume"] > 0) & (column["year"] > 0) & (column["issue"] >= 0) & (column["identifier"] >= 0)
    for name, least in (("title", -1.0), ("author", 0.0), ("venue", 0.0)):
        column[name][:] = np.where(certain, np.maximum(column[name], least), column[name])


def _relax_translations(features: Features, left: Rows, right: Rows, column: dict[str, Floats], placed: Bools) -> None:
    """Equal pages (more than one), volume, year and authors are one work whatever its titles say: a translated title."""
    ranged = (features.last_page[left] > 0) & (features.last_page[left] != features.first_page[left])
    certain = placed & ranged & (column["page"] >= 3.5) & (column["author"] >= 1.5) & (column["venue"] >= 0)
    certain &= (column["volume"] > 0) & (column["year"] > 0) & (column["issue"] >= 0)
    column["title"][:] = np.where(certain, np.maximum(column["title"], -1.0), column["title"])


def _relax_same_text(column: dict[str, Floats], conflict: NDArray[np.int8]) -> None:
    """Equal title, authors, journal and abstract, word for word, are one text: other numbers say it was printed again."""
    same = (column["title"] > 6) & (column["author"] > 2) & (column["venue"] > 0.7) & (column["abstract"] > 3.8)
    same &= conflict == 0
    for name in ("year", "volume", "issue", "page", "identifier"):
        column[name][:] = np.where(same & (column[name] < 0), -0.4, column[name])
