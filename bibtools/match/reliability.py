"""Which fields of a file can be trusted, estimated from its confident pairs: equal telling title, same people, same year.

A field that most of these contradict is corrupt or a serial number and counts for nothing. A title that stands over the work of
several people unrelated to one another, or in several issues of one journal, is a heading ("Editorial", a column). Two venue
names that confident pairs have in common are one venue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bibtools.match import authors, compare
from bibtools.match.columns import author_identity
from bibtools.match.pairs import Bools, FieldReliability, Rows
from bibtools.match.prepare import Features

__all__ = [
    "CORRUPTIBLE", "ELSEWHERE", "GENERIC_AUTHORS", "MOST_LISTS", "PLACES", "columns_are_told", "confident",
    "estimate_reliability", "generic_worth", "is_corrupt", "is_serial", "recurring_worth", "stand_for_one_venue", "testimony",
]  # fmt: skip

CORRUPTIBLE = ("volume", "issue", "page")  # fields that can be corrupt in a whole file
PLACES = ("volume", "page")  # of these, those that say where something was printed
ELSEWHERE = -1  # points of these at which two records were printed in two places
TELLING = 2.5  # weight of the words of a title that tells
SAME_PEOPLE = 2.0  # points of author lists that agree

SERIAL = 200  # records from which on a volume or issue that differs in each of them is taken for a serial number
GENERIC_ISSUES = 3  # issues of one journal that hold one title from which on it is taken for a column's
MOST_LISTS = 60  # author lists of one title that are looked at
GENERIC_AUTHORS = 3  # unrelated author lists under one title from which on it is taken for a generic one


def estimate_reliability(features: Features, left: Rows, right: Rows) -> FieldReliability:
    """``left``, ``right``: candidate pairs; the confident ones among them are the witnesses."""
    generic = _generic_titles(features)
    sure = confident(features, generic, left, right)
    left, right = left[sure], right[sure]
    said = {name: testimony(features, name, left, right) for name in CORRUPTIBLE}
    ignored = frozenset(
        name for name, (both, differ, _) in said.items()
        if is_corrupt(int(both.sum()), int(differ.sum())) or (name != "page" and is_serial(*_counted(getattr(features, name))))
    )  # fmt: skip
    if columns_are_told(ignored):
        generic = np.minimum(generic, _recurring_titles(features))
    placed = sum((said[name][2] for name in PLACES if name not in ignored), np.zeros(len(left)))
    return FieldReliability(ignored, generic, _equivalent_venues(features, placed > ELSEWHERE, left, right))


def confident(features: Features, generic: NDArray[np.float32], left: Rows, right: Rows) -> Bools:
    """The pairs of one telling title that is no heading, of one year, by the same people."""
    sure: Bools = (features.title[left] == features.title[right]) & (features.title[left] > 0)
    sure &= (features.year[left] == features.year[right]) & (features.year[left] != 0)
    rows = np.flatnonzero(sure)
    telling = np.zeros(len(features.titles), dtype=np.bool_)
    for number in set(features.title[left[rows]].tolist()):
        telling[number] = generic[number] == 1 and features.weights.sum(set(features.titles[number].words)) >= TELLING
    rows = rows[telling[features.title[left[rows]]]]
    rows = rows[compare.author_points(features, left[rows], right[rows])[0] >= SAME_PEOPLE]
    sure[:] = False
    sure[rows] = True
    return sure


def testimony(features: Features, name: str, left: Rows, right: Rows) -> tuple[Bools, Bools, NDArray[np.float32]]:
    """Of confident pairs: whether both records have a field, whether it differs, and its points where they are against."""
    column = features.first_page if name == "page" else getattr(features, name)
    one, other = column[left], column[right]
    both = (one > 0) & (other > 0)
    if name == "page":
        points = compare.page_points(features, left, right)
    else:
        points = compare.numbered_points(column, left, right, 1.5, -2.5)
    return both, both & (one != other), np.minimum(0, points)


def is_corrupt(both: int, differ: int) -> bool:
    """Whether confident pairs mostly contradict a field: so many have it both, in so many it differs."""
    return both >= 10 and differ / both > 0.6


def is_serial(filled: int, distinct: int) -> bool:
    """Whether a volume or issue is a serial number: so many records have it, with so many values."""
    return filled >= SERIAL and distinct > 0.95 * filled


def columns_are_told(ignored: frozenset[str]) -> bool:
    """Whether volumes and issues can be believed, so that titles which recur in them are a column's."""
    return not {"volume", "issue"} & ignored


def _counted(column: NDArray[np.int32]) -> tuple[int, int]:
    """How many records have a value, and how many values there are."""
    values = np.sort(column[column > 0])
    return len(values), int((values[1:] != values[:-1]).sum()) + (len(values) > 0)


def _generic_titles(features: Features) -> NDArray[np.float32]:
    """For each title what agreeing on it is worth, by the people whose work it stands over."""
    worth = np.ones(len(features.titles), dtype=np.float32)
    filled = np.flatnonzero((features.title > 0) & (features.author > 0))
    pairs = np.unique(np.stack([features.title[filled], features.author[filled]], axis=1), axis=0)
    titles_, starts, counts = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    for title, start, count in zip(
        *(column[counts >= GENERIC_AUTHORS].tolist() for column in (titles_, starts, counts)), strict=True
    ):
        lists = [features.author_lists[number] for number in pairs[start : start + count, 1].tolist()]
        if count > MOST_LISTS:
            lists = sorted(lists, key=author_identity)[:MOST_LISTS]
        worth[title] = generic_worth(lists)
    return worth


def generic_worth(lists: Sequence[authors.AuthorList]) -> float:
    """What agreeing on a title is worth that stands over the works of these: less when they have no name in common.

    People, not spellings: a source that cuts and mangles names makes one author list into several, but these share a name.
    At most ``MOST_LISTS`` of them, the first in the order of `author_identity`.
    """
    groups = _unrelated_lists(lists)
    return 1.5 / groups if groups >= GENERIC_AUTHORS else 1.0


def _unrelated_lists(lists: Sequence[authors.AuthorList]) -> int:
    """How many author lists there are of which none has half of its people, given or family name, in a longer one."""
    leaders: list[set[str]] = []
    for people in sorted(
        {people.people for people in lists if people.people}, key=lambda people: (-len(people), people)
    ):
        names = [{name for name in (person.surname, person.given, *person.parts) if len(name) > 1} for person in people]
        known = (sum(not leader.isdisjoint(forms) for forms in names) for leader in leaders)
        if 2 * max(known, default=0) < len(names):
            leaders.append(set[str]().union(*names))
    return len(leaders)


def _recurring_titles(features: Features) -> NDArray[np.float32]:
    """A title that stands in several issues of one journal is a column's ("Editor's comments"), not a work's."""
    worth = np.ones(len(features.titles), dtype=np.float32)
    filled = np.flatnonzero((features.title > 0) & (features.venue > 0) & (features.volume > 0) & (features.issue > 0))
    issues = [column[filled] for column in (features.title, features.venue, features.volume, features.issue)]
    places = np.unique(np.stack(issues, axis=1), axis=0)
    columns, counted = np.unique(places[:, :2], axis=0, return_counts=True)
    np.minimum.at(worth, columns[:, 0], recurring_worth(counted))
    return worth


def recurring_worth(issues: NDArray[np.intp]) -> NDArray[np.float32]:
    """What agreeing on a title is worth that stands in so many issues of one journal."""
    return np.where(issues >= GENERIC_ISSUES, 1.0 / issues, 1.0).astype(np.float32)


def _equivalent_venues(features: Features, witness: Bools, left: Rows, right: Rows) -> frozenset[tuple[int, int]]:
    one, other = features.venue[left], features.venue[right]
    both = (one > 0) & (other > 0) & witness
    works = np.stack([np.minimum(one, other)[both], np.maximum(one, other)[both], features.title[left[both]]], axis=1)
    pairs, counted = np.unique(np.unique(works, axis=0)[:, :2], axis=0, return_counts=True)
    first, second = pairs[:, 0], pairs[:, 1]
    total = np.bincount(first, counted, minlength=len(features.venues)) + np.bincount(
        second, counted, minlength=len(features.venues)
    )
    enough = (first != second) & stand_for_one_venue(counted, total[first], total[second])
    return frozenset(zip(first[enough].tolist(), second[enough].tolist(), strict=True))


def stand_for_one_venue(works: NDArray[Any], total_one: NDArray[Any], total_other: NDArray[Any]) -> Bools:
    """Names that stand for one venue: confident pairs on three works or more say so, and most of the pairs of one name (a pair
    under one name counts twice); pairs whose volumes or pages differ are no witnesses, they were printed in two places."""
    enough: Bools = (works >= 3) & (works > 0.5 * np.minimum(total_one, total_other))
    return enough
