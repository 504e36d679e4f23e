"""What the titles of many pairs say: points, and the rest of a reference that was cut in the wrong place.

Each distinct pair of titles is compared once (`titles.compare`). Names before a title and the words of a venue behind it are
looked at record by record, since only the two records say whose names and which venue.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bibtools import venues
from bibtools.dates import MONTH_MACROS
from bibtools.match import titles
from bibtools.match.pairs import Bools, FieldReliability, Floats, Rows, distinct_pairs
from bibtools.match.prepare import Features
from bibtools.match.titles import TitleMatch

__all__ = ["INNER_POINTS", "TitleEvidence", "containing", "match_titles", "title_evidence", "with_titles_repaired"]

TITLE_SIMILARITY = (0.0, 0.35, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
TITLE_POINTS = (-12.0, -10.0, -7.0, -4.5, -1.5, 0.5, 2.5, 4.5, 6.5, 8.0, 9.0)
INNER_POINTS = 7.5  # of a title that stands in another, where what is around it is explained
FULL_TITLE_WEIGHT = 3.0  # weight of common words at which an agreeing title has its full points
SUBSTITUTED = 0.15  # weight of a word in place of another that makes another title, unless pages, DOI or abstract agree


def match_titles(features: Features, one: int, other: int) -> TitleMatch:
    left, right = features.titles[one], features.titles[other]
    if left.joined <= right.joined:
        return titles.compare(left, right, features.weights)
    found = titles.compare(right, left, features.weights)
    return found._replace(left=found.right, right=found.left)


@dataclass(frozen=True, slots=True)
class TitleEvidence:
    """What the titles of many pairs say."""

    points: Floats
    conflict: NDArray[np.int8]  # `titles.Conflict`
    substituted: Bools  # words of weight stand in place of one another
    changed: Bools  # a telling word differs at all
    respelled: Bools  # spellings are all they have in common
    shortened: Bools
    inner: Bools  # one is the other with words around it
    cut: Bools  # and these are names and words of a venue
    telling: Floats  # where titles are equal and a work's own: the weight of their words
    equal: Bools


def title_evidence(features: Features, reliability: FieldReliability, left: Rows, right: Rows) -> TitleEvidence:
    first, second, back = distinct_pairs(features.title[left], features.title[right], len(features.titles))
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
        generic = min(reliability.generic[one], reliability.generic[other]) if reliability.generic is not None else 1.0
        worth = min(1.0, found.says / FULL_TITLE_WEIGHT) * generic
        points[place], conflict[place] = value * worth if value > 0 else value, found.conflict
        telling[place] = found.says if found.similarity == 1.0 and generic == 1 else 0.0
        extra = None if found.similarity == 1.0 else titles.remnants(features.titles[one], features.titles[other])
        if extra:
            around[place] = (*extra, INNER_POINTS * worth, found.says if generic == 1 else 0.0)
        flags[:, place] = (
            found.substituted > SUBSTITUTED, found.changed, found.respelled, found.shortened, bool(extra),
            found.similarity == 1.0,
        )  # fmt: skip
    substituted, changed, respelled, shortened, inner, equal = (flag[back] for flag in flags)
    cut = np.zeros(len(left), dtype=np.bool_)
    result = TitleEvidence(
        points[back], conflict[back], substituted, changed, respelled, shortened, inner, cut, telling[back], equal
    )
    if around:
        _forgive_remnants(features, result, around, left, right, back)
    return result


def with_titles_repaired(features: Features, left: Rows, right: Rows) -> tuple[Features, Bools]:
    """The records with the titles that were cut in the wrong place put right, and which records these are.

    ``left``, ``right``: pairs that are one work, of whose titles one is the other with such a rest around it.
    Two records that hold the title with the rest of a reference before it, and behind it, contain it both and each other's title
    not: each is compared by the title of the record that has it alone.
    """
    changed = np.zeros(features.count, dtype=np.bool_)
    contained: dict[int, Counter[int]] = {}
    for whole, part in zip(*containing(features, left, right), strict=True):
        contained.setdefault(whole, Counter())[int(features.title[part])] += 1
    title = features.title.copy()
    for record, found in contained.items():
        title[record] = min(found, key=lambda number: (-found[number], features.titles[number]))
        changed[record] = True
    return replace(features, title=title), changed


def containing(features: Features, left: Rows, right: Rows) -> tuple[list[int], list[int]]:
    """Of each pair first the record whose title holds the other's."""
    lengths = np.array([len(title.joined) for title in features.titles])[features.title]
    longer = lengths[left] >= lengths[right]
    return np.where(longer, left, right).tolist(), np.where(longer, right, left).tolist()


def _forgive_remnants(
    features: Features,
    found: TitleEvidence,
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
        found.cut[row] = True
        for flag in (found.substituted, found.changed, found.respelled):
            flag[row] = False


def _is_of_names(words: tuple[str, ...], features: Features, pair: tuple[int, int]) -> bool:
    initials: set[str] = set()
    names = {"and", "et", "al", "ed", "eds", "jr"}
    for record in pair:
        for person in features.author_lists[features.author[record]].people:
            names.update((person.surname, person.given, *person.parts, person.initials))
            initials.update(person.initials)
    found = [len(word) == 1 or word in names or _is_year(word) or word[:3] in MONTH_MACROS for word in words]
    return all(found) and (not all(len(word) == 1 for word in words) or initials.issuperset(words))


def _is_of_venue(words: tuple[str, ...], features: Features, pair: tuple[int, int]) -> bool:
    known = {word for record in pair for word in features.venues[features.venue[record]].words}
    if not titles.MARKERS.isdisjoint(words) or not titles.PRESENTATIONS.isdisjoint(words):
        return False
    words = _without_pages(words)
    publication = not words or not _PUBLICATION.isdisjoint(words) or bool(_GLUED_ORDINAL.match(words[0]))
    years = {int(features.year[record]) % 100 for record in pair}
    explained = (
        publication or word in known or _is_year(word) or venues.is_noise(word) or word[:3] in MONTH_MACROS
        or (word[-2:].isdigit() and int(word[-2:]) in years and (len(word) == 2 or word[:-2].isalpha()))
        or _GLUED_ORDINAL.match(word)
        for word in words
    )  # fmt: skip
    return all(explained) and (publication or not known.isdisjoint(words) or any(map(_is_year, words)))


def _without_pages(words: tuple[str, ...]) -> tuple[str, ...]:
    """``266-275`` behind a title; of years (``1914-1918``) a title tells."""
    if len(words) < 2 or not (words[-1] + words[-2]).isdigit() or not 2 <= len(words[-2]) <= len(words[-1]) <= 3:
        return words
    return words[:-2] if int(words[-2]) < int(words[-1]) < int(words[-2]) + 100 else words


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and word[:2] in ("19", "20")


# Words of which one says that what follows a title names where it was printed.
_GLUED_ORDINAL = re.compile(r"\d\d?(?:st|nd|rd|th)[a-z]{2}")  # "27thInt"
_PUBLICATION = frozenset(
    """proc procs proceedings appear conf conference symposium workshop intl international journal vol pp ieee acm springer www
    http""".split()
)
