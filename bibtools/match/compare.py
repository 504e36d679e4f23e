"""What each field says about a pair, in points: agree is positive, disagree negative, silence 0.

All pairs are judged at once, column by column, and the points are the explanation: `words` says the same numbers aloud. A title
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

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bibtools import venues
from bibtools.match import authors, constraints, titles
from bibtools.match.prepare import MONTHS, ARTICLE, BOOK, PAGE_RANGE, PAPER, PART, REPORT, THESIS, Features
from bibtools.match.titles import Conflict, TitleMatch

__all__ = ["FIELDS", "Evidences", "Habits", "habits", "weigh"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

FIELDS = ("title", "author", "year", "venue", "volume", "issue", "page", "identifier", "abstract", "kind", "together")

# Chosen on the labelled sets: from 8 to 8.5 nothing changes but 13 pairs of Cora, at 7.5 and 7 one and two false merges come in
# (respiratory), at 9 two true pairs are lost there. An equal telling title has 9 points: `_doubtful` asks for support.
SAME = 8.0
PLAIN = 6.0  # points of a pair that nothing speaks against
TITLE_SIMILARITY = (0.0, 0.35, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
TITLE_POINTS = (-12.0, -10.0, -7.0, -4.5, -1.5, 0.5, 2.5, 4.5, 6.5, 8.0, 9.0)
INNER_POINTS = 7.5  # of a title that stands in another, where what is around it is explained
TELLING = 3.0  # weight of the words of an equal title from which on it is a work's own
THREE_AUTHORS = 4.0  # points of three people or more who agree
TITLE_SAYS = 3.0  # weight of common words at which an agreeing title has its full points
SUBSTITUTED = 0.15  # weight of a word in place of another that makes another title, unless pages, DOI or abstract agree
OTHER_EDITION = -8.0
OTHER_PEOPLE = -4.0  # points of author lists that hardly meet: letters under one heading share title and pages
SERIAL = 200  # records from which on a volume or issue that differs in each of them is taken for a serial number
GENERIC_ISSUES = 3  # issues of one journal that hold one title from which on it is taken for a column's
MOST_LISTS = 60  # author lists of one title that are looked at
GENERIC_AUTHORS = 3  # first authors of one title from which on it is taken for a generic one


@dataclass(frozen=True, slots=True)
class Habits:
    """What the file as a whole says about its fields. ``ignored`` fields are corrupt, a serial number or always the same."""

    ignored: frozenset[str] = frozenset()
    generic: NDArray[np.float32] | None = None  # for each distinct title, what agreeing on it is worth, 0 to 1
    equivalent: frozenset[tuple[int, int]] = frozenset()  # venues that confident pairs show to be one


@dataclass(frozen=True, slots=True)
class Evidences:
    """Points of many pairs, a column for each of `FIELDS`, and what else the verdict rests on."""

    points: Floats
    score: Floats
    veto: Bools  # cannot be the same, whatever the points say
    doubt: Bools  # not to be joined without a person
    contradicted: NDArray[np.int8]  # 0; 1: by one fact, and nothing exact speaks for the pair; 2: by several
    other_version: Bools

    def take(self, rows: Rows) -> Evidences:
        return Evidences(
            self.points[rows], self.score[rows], self.veto[rows], self.doubt[rows], self.contradicted[rows], self.other_version[rows]
        )


def _compared(
    one: NDArray[np.int32], other: NDArray[np.int32], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """The distinct pairs of two columns' values and the way back to the rows."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    codes, back = np.unique(low.astype(np.int64) * size + high, return_inverse=True)
    first, second = np.divmod(codes, size)
    return first, second, back


def match_titles(features: Features, one: int, other: int) -> TitleMatch:
    left, right = features.titles[one], features.titles[other]
    if left.joined <= right.joined:
        return titles.compare(left, right, features.weights)
    found = titles.compare(right, left, features.weights)
    return found._replace(left=found.right, right=found.left)


@dataclass(frozen=True, slots=True)
class _Titles:
    """What the titles of many pairs say."""

    points: Floats
    conflict: NDArray[np.int8]  # `titles.Conflict`
    substituted: Bools  # words of weight stand in place of one another
    changed: Bools  # a telling word differs at all
    respelled: Bools  # spellings are all they have in common
    shortened: Bools
    inner: Bools  # one is the other with words around it
    telling: Floats  # where titles are equal and a work's own: the weight of their words
    equal: Bools


def _title_points(features: Features, habits: Habits, left: Rows, right: Rows) -> _Titles:
    first, second, back = _compared(features.title[left], features.title[right], len(features.titles))
    points = np.zeros(len(first), dtype=np.float32)
    conflict = np.zeros(len(first), dtype=np.int8)
    flags = np.zeros((6, len(first)), dtype=np.bool_)
    telling = np.zeros(len(first), dtype=np.float32)
    around: dict[int, tuple[tuple[str, ...], tuple[str, ...], float, float]] = {}
    for place, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if not one or not other:
            continue
        found = match_titles(features, one, other)
        value = float(np.interp(found.similarity, TITLE_SIMILARITY, TITLE_POINTS))
        generic = min(habits.generic[one], habits.generic[other]) if habits.generic is not None else 1.0
        worth = min(1.0, found.says / TITLE_SAYS) * generic
        points[place], conflict[place] = value * worth if value > 0 else value, found.conflict
        telling[place] = found.says if found.similarity == 1.0 and generic == 1 else 0.0
        extra = None if found.similarity == 1.0 else titles.remnants(features.titles[one], features.titles[other])
        if extra:
            around[place] = (*extra, INNER_POINTS * worth, found.says if generic == 1 else 0.0)
        flags[:, place] = (
            found.substituted > SUBSTITUTED, found.changed, found.respelled, found.shortened, bool(extra), found.similarity == 1.0,
        )  # fmt: skip
    *most, equal = (flag[back] for flag in flags)
    result = _Titles(points[back], conflict[back], *most, telling[back], equal)
    if around:
        _forgive_remnants(features, result, around, left, right, back)
    return result


def _forgive_remnants(
    features: Features,
    found: _Titles,
    around: dict[int, tuple[tuple[str, ...], tuple[str, ...], float, float]],
    left: Rows,
    right: Rows,
    back: Rows,
) -> None:
    """Names before a title and the words of a venue behind it are the rest of a reference that was cut in the wrong place."""
    wanted = np.zeros(len(found.points) and int(back.max()) + 1, dtype=np.bool_)
    wanted[list(around)] = True
    for row in np.flatnonzero(wanted[back]).tolist():
        before, behind, value, says = around[int(back[row])]
        pair = (int(left[row]), int(right[row]))
        if before and not _is_of_names(before, features, pair):
            continue
        if behind and not _is_of_venue(behind, features, pair):
            continue
        found.points[row] = max(found.points[row], value)
        found.telling[row] = max(found.telling[row], says)
        found.conflict[row] = titles.Conflict.NONE
        for flag in (found.substituted, found.changed, found.respelled):
            flag[row] = False


def _is_of_names(words: tuple[str, ...], features: Features, pair: tuple[int, int]) -> bool:
    names = {"and", "et", "al", "ed", "eds", "jr"}
    for record in pair:
        for person in features.author_lists[features.author[record]].people:
            names.update((person.surname, person.given, *person.parts))
    found = [len(word) == 1 or word in names or _is_year(word) or word[:3] in MONTHS for word in words]
    return all(found) and not all(len(word) == 1 for word in words)


def _is_of_venue(words: tuple[str, ...], features: Features, pair: tuple[int, int]) -> bool:
    known = {word for record in pair for word in features.venues[features.venue[record]].words}
    if not titles.MARKERS.isdisjoint(words) or not titles.PRESENTATIONS.isdisjoint(words):
        return False
    publication = not _PUBLICATION.isdisjoint(words)
    years = {int(features.year[record]) % 100 for record in pair}
    explained = (
        publication or word in known or _is_year(word) or venues.is_noise(word) or word[:3] in MONTHS
        or (word.isdigit() and len(word) == 2 and int(word) in years)
        for word in words
    )  # fmt: skip
    return all(explained) and (publication or not known.isdisjoint(words) or any(map(_is_year, words)))


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and word[:2] in ("19", "20")


# Words of which one says that what follows a title names where it was printed.
_PUBLICATION = frozenset(
    "proc procs proceedings conf conference symposium workshop intl international journal vol pp ieee acm springer www http".split()
)


def author_points(found: authors.Likeness) -> float:
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
    return value - 1.0 if found.first < 0.4 and value > 0 else value


def _author_points(features: Features, left: Rows, right: Rows) -> tuple[Floats, Bools]:
    """The points, and whether somebody surely stands in both lists."""
    first, second, back = _compared(features.author[left], features.author[right], len(features.author_lists))
    points = np.zeros(len(first), dtype=np.float32)
    shared = np.zeros(len(first), dtype=np.bool_)
    for place, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if one and other:
            found = authors.compare(*sorted((features.author_lists[one], features.author_lists[other])))
            points[place], shared[place] = author_points(found), found.matched >= authors.CERTAIN
    return points[back], shared[back]


def _venue_points(features: Features, habits: Habits, left: Rows, right: Rows) -> Floats:
    first, second, back = _compared(features.venue[left], features.venue[right], len(features.venues))
    points = np.zeros(len(first), dtype=np.float32)
    for place, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if one and other and "venue" not in habits.ignored:
            pair = sorted((features.venues[one], features.venues[other]))
            like = 1.0 if (one, other) in habits.equivalent else venues.likeness(*pair)
            points[place] = float(np.interp(like, (0.0, 0.35, 0.55, 0.75, 1.0), (-1.5, -1.5, 0.0, 0.8, 1.5)))
    return points[back]


def _numbered_points(column: NDArray[np.int32], left: Rows, right: Rows, agree: float, differ: float) -> Floats:
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


def _page_points(features: Features, left: Rows, right: Rows) -> Floats:
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
    points[online_first] = -1.0
    points[overlap] = -0.5
    points[numeric & (number_one // PAGE_RANGE != number_other // PAGE_RANGE) & ~online_first] = -2.0
    points[numeric & (number_one % PAGE_RANGE == number_other % PAGE_RANGE)] = 1.5
    points[ends] = 1.5
    points[starts] = 3.0
    points[starts & ends_known & ~ends] = 2.0
    points[starts & ends] = 3.5
    return np.where((one > 0) & (other > 0), points, 0.0).astype(np.float32)


def _identifier_points(features: Features, left: Rows, right: Rows, versions: Bools) -> Floats:
    doi = _numbered_points(features.doi, left, right, 6.0, -3.0)
    doi[versions & (doi < 0)] = 0.0
    points = doi
    for column, agree, differ in ((features.arxiv, 6.0, -3.0), (features.pmid, 6.0, -2.0)):
        points = np.where(points == 0, _numbered_points(column, left, right, agree, differ), points)
    books = (features.kind[left] == BOOK) & (features.kind[right] == BOOK)
    isbn = _numbered_points(features.isbn, left, right, 4.0, -1.0)
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
    points[(first > 0) & (second > 0) & (first != second)] = OTHER_EDITION
    return points.astype(np.float32)


def weigh(features: Features, habits: Habits, left: Rows, right: Rows) -> Evidences:
    """The points of every pair."""
    points = np.zeros((len(left), len(FIELDS)), dtype=np.float32)
    column = {name: points[:, place] for place, name in enumerate(FIELDS)}
    preprints = features.preprint[left].astype(np.int8) + features.preprint[right]
    title = _title_points(features, habits, left, right)
    column["title"][:], conflict, substituted, changed = title.points, title.conflict, title.substituted, title.changed
    column["author"][:], shared_author = _author_points(features, left, right)
    column["year"][:] = _year_points(features, left, right, preprints > 0)
    column["venue"][:] = np.where(preprints > 0, 0.0, _venue_points(features, habits, left, right))
    for name, agree, differ in (("volume", 1.5, -2.5), ("issue", 0.5, -2.0)):
        if name not in habits.ignored:
            column[name][:] = _numbered_points(getattr(features, name), left, right, agree, differ)
    _forgive_shifted(features, left, right, column)
    if "page" not in habits.ignored:
        column["page"][:] = _page_points(features, left, right)
    for name in ("volume", "issue", "page"):
        column[name][(preprints > 0) & (column[name] < 0)] = 0.0
    column["identifier"][:] = _identifier_points(features, left, right, preprints == 1)
    column["abstract"][:] = _abstract_points(features, left, right)
    column["kind"][:] = _kind_points(features, left, right, column)
    placed = (column["page"] >= 2) & ((column["volume"] > 0) | (column["identifier"] > 0)) & (column["year"] >= 0)
    _forgive_headings(column, title)
    _relax_translations(features, left, right, column, placed)
    _relax_same_text(column, conflict)
    identified = (column["page"] > 0) | (column["identifier"] > 0) | (column["abstract"] > 1)
    identified &= (column["identifier"] >= 0) | placed
    substituted &= ~identified
    column["title"][substituted] -= 3.0
    against = sum((column[name] < -0.4).astype(np.int8) for name in ("venue", "volume", "page", "year", "identifier"))
    column["together"][:] = np.interp(against, (1, 2, 3, 4), (0.0, -3.0, -4.5, -6.0))
    column["together"][(column["venue"] < -0.7) & (column["volume"] < 0)] -= 1.5
    titled = (features.title[left] > 0) & (features.title[right] > 0)
    veto = ((conflict == Conflict.NUMBERS) & ~placed) | ((conflict == Conflict.RELATED) & ~placed) | (column["kind"] <= OTHER_EDITION)
    veto |= constraints.vetoes(features, left, right, "volume" not in habits.ignored)
    veto |= ~titled & (column["identifier"] <= 0) & (column["abstract"] <= 3) & ~placed
    plain = _plain(column, title, shared_author)
    doubt = (
        ((conflict == Conflict.NUMBER) & ~placed)
        | ((conflict >= Conflict.PRESENTATION) & ~placed)
        | substituted
        | (_doubtful(features, column, left, right) & ~plain)
        | constraints.doubts(features, column, left, right)
    )
    against_facts = constraints.contradictions(features, habits.ignored, column, conflict, left, right)
    contradicted = (against_facts.count > 1) | ((against_facts.count == 1) & ~against_facts.excused)
    doubt |= contradicted
    doubt |= changed & ~placed & ((column["identifier"] < 0) | ((column["venue"] < -0.4) & (column["identifier"] <= 0)))
    doubt |= title.respelled & titled & (column["author"] <= 0) & (column["identifier"] <= 0)
    score = points.sum(axis=1)
    score = np.where(plain & (score >= PLAIN), np.maximum(score, SAME), score).astype(np.float32)
    twice = against_facts.count > 1
    return Evidences(points, score, veto, doubt, contradicted.astype(np.int8) + twice, _other_version(features, left, right, preprints == 1))


def _plain(column: dict[str, Floats], title: _Titles, shared_author: Bools) -> Bools:
    """A title that is a work's own stands in both, nothing speaks against it, and somebody wrote both (or nobody is named, and the
    year agrees): of such pairs 97 in 100 were one work, so nobody is asked. A heading ("Guest editorial") is made a work's own by
    three people or more."""
    silent = (column["author"] == 0) & (column["year"] > 0)
    known = (column["year"] > 0) & (column["venue"] > 1.0)
    plain: Bools = (title.telling >= TELLING) & ((shared_author & (column["author"] > -1.5)) | silent)
    plain |= (title.telling >= TELLING / 2) & (column["author"] >= 2) & known
    plain |= title.equal & (column["author"] >= THREE_AUTHORS) & known
    for name in ("year", "venue", "volume", "issue", "page", "identifier", "abstract", "kind"):
        plain &= column[name] >= 0
    return plain


def _doubtful(features: Features, column: dict[str, Floats], left: Rows, right: Rows) -> Bools:
    """Pairs that too little supports, however alike their titles are."""
    identified = (column["identifier"] > 0) | (column["abstract"] > 1)
    differs = (column["volume"] < 0) | (column["issue"] < 0) | (column["page"] < 0) | (column["identifier"] < 0)
    support = (column["author"] >= 1.0) | (column["page"] > 1) | identified
    support |= (column["author"] > 0) & (column["venue"] > 0) & (column["year"] > 0)
    silent = (column["author"] == 0) & ~differs
    support |= silent & (column["title"] > 8.5) & (column["venue"] > 1.2) & (column["year"] > 0)
    corroborated = (column["venue"] > 0) | (column["page"] > 0) | (column["identifier"] > 0) | (column["abstract"] > 0)
    corroborated |= _came_before(features, left, right) & (column["title"] >= 8) & (column["author"] >= 3) & ~differs
    others = (column["author"] <= OTHER_PEOPLE) & ~identified
    doubtful: Bools = ~support | others | ((column["year"] < 0) & ~corroborated)
    return doubtful


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


def _forgive_headings(column: dict[str, Floats], title: _Titles) -> None:
    """The heading of a section or a running head before a title ("Special issue: ..."), in the same issue, by the same people."""
    placed = (column["volume"] > 0) & ((column["issue"] > 0) | (column["page"] > 0)) & (column["venue"] >= 0)
    found = title.inner & placed & (column["author"] >= 1.0) & (title.conflict != Conflict.RELATED)
    column["title"][:] = np.where(found, np.maximum(column["title"], INNER_POINTS - 1), column["title"])
    for flag in (title.substituted, title.changed):
        flag[found] = False


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


def habits(features: Features, left: Rows, right: Rows) -> Habits:
    """What the file's confident pairs (equal telling title, same people, same year) say about its fields."""
    generic = _generic_titles(features)
    same_title = (features.title[left] == features.title[right]) & (features.title[left] > 0)
    telling = np.array([features.weights.sum(set(each.words)) >= 2.5 for each in features.titles])
    sure = same_title & telling[features.title[left]] & (generic[features.title[left]] == 1)
    sure &= (features.year[left] == features.year[right]) & (features.year[left] != 0)
    left, right = left[sure], right[sure]
    agreeing = _author_points(features, left, right)[0] >= 2.0
    left, right = left[agreeing], right[agreeing]
    ignored = {name for name in ("volume", "issue", "page") if _is_unreliable(features, name, left, right)}
    if not {"volume", "issue"} & ignored:
        generic = np.minimum(generic, _columns_titles(features))
    found = Habits(frozenset(ignored), generic)
    return replace(found, equivalent=_equivalent_venues(features, found, left, right))


def _is_unreliable(features: Features, name: str, left: Rows, right: Rows) -> bool:
    """A field that confident pairs mostly contradict, or that is a serial number, says nothing."""
    column = features.first_page if name == "page" else getattr(features, name)
    one, other = column[left], column[right]
    both = (one > 0) & (other > 0)
    if both.sum() >= 10 and (one[both] != other[both]).mean() > 0.6:
        return True
    values = column[column > 0]
    return name != "page" and len(values) >= SERIAL and len(set(values.tolist())) > 0.95 * len(values)


def _generic_titles(features: Features) -> NDArray[np.float32]:
    """What agreeing on a title is worth: less when it stands over the work of several people who have no name in common.

    People, not spellings: a source that cuts and mangles names makes one author list into several, but these share a name.
    """
    worth = np.ones(len(features.titles), dtype=np.float32)
    filled = np.flatnonzero((features.title > 0) & (features.author > 0))
    pairs = np.unique(np.stack([features.title[filled], features.author[filled]], axis=1), axis=0)
    titles_, starts, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    for title, start, count in zip(
        *(column[counts >= GENERIC_AUTHORS].tolist() for column in (titles_, starts, counts)), strict=True
    ):
        lists = [features.author_lists[number] for number in pairs[start : start + min(count, MOST_LISTS), 1].tolist()]
        groups = _strangers(lists)
        if groups >= GENERIC_AUTHORS:
            worth[title] = 1.5 / groups
    return worth


def _strangers(lists: Sequence[authors.AuthorList]) -> int:
    """How many author lists there are of which none has half of its people, given or family name, in a longer one."""
    leaders: list[set[str]] = []
    for people in sorted({people.people for people in lists if people.people}, key=lambda people: (-len(people), people)):
        names = [{name for name in (person.surname, person.given, *person.parts) if len(name) > 1} for person in people]
        known = (sum(not leader.isdisjoint(forms) for forms in names) for leader in leaders)
        if 2 * max(known, default=0) < len(names):
            leaders.append(set[str]().union(*names))
    return len(leaders)


def _columns_titles(features: Features) -> NDArray[np.float32]:
    """A title that stands in several issues of one journal is a column's ("Editor's comments"), not a work's."""
    worth = np.ones(len(features.titles), dtype=np.float32)
    filled = np.flatnonzero((features.title > 0) & (features.venue > 0) & (features.volume > 0) & (features.issue > 0))
    issues = [column[filled] for column in (features.title, features.venue, features.volume, features.issue)]
    places = np.unique(np.stack(issues, axis=1), axis=0)
    columns, counted = np.unique(places[:, :2], axis=0, return_counts=True)
    many = counted >= GENERIC_ISSUES
    worth[columns[many, 0]] = 1.0 / counted[many]
    return worth


def _equivalent_venues(features: Features, known: Habits, left: Rows, right: Rows) -> frozenset[tuple[int, int]]:
    """Names that stand for one venue: confident pairs on three works or more say so, and most of the pairs of one name;
    pairs whose volumes or pages differ are no witnesses, they were printed in two places."""
    placed = np.zeros(len(left))
    if "volume" not in known.ignored:
        placed += np.minimum(0, _numbered_points(features.volume, left, right, 1.5, -2.5))
    if "page" not in known.ignored:
        placed += np.minimum(0, _page_points(features, left, right))
    one, other = features.venue[left], features.venue[right]
    both = (one > 0) & (other > 0) & (placed > -1)
    first, second, _ = _compared(one[both], other[both], len(features.venues))
    works = np.stack([np.minimum(one, other)[both], np.maximum(one, other)[both], features.title[left[both]]], axis=1)
    works = np.unique(works, axis=0)
    pairs, counted = np.unique(works[:, :2], axis=0, return_counts=True)
    assert len(pairs) == len(first)
    total = np.bincount(first, counted, minlength=len(features.venues)) + np.bincount(
        second, counted, minlength=len(features.venues)
    )
    enough = (first != second) & (counted >= 3) & (counted > 0.5 * np.minimum(total[first], total[second]))
    return frozenset(zip(first[enough].tolist(), second[enough].tolist(), strict=True))
