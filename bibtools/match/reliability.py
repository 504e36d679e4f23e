"""Which fields of a file can be trusted, estimated from its confident pairs: equal telling title, same people, same year.

A field that most of these contradict is corrupt or a serial number and counts for nothing. A title that stands over the work of
several people unrelated to one another, or in several issues of one journal, is a heading ("Editorial", a column). Two venue
names that confident pairs have in common are one venue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bibtools.match import authors, compare
from bibtools.match.pairs import FieldReliability, Rows, distinct_pairs
from bibtools.match.prepare import Features

__all__ = ["estimate_reliability"]

SERIAL = 200  # records from which on a volume or issue that differs in each of them is taken for a serial number
GENERIC_ISSUES = 3  # issues of one journal that hold one title from which on it is taken for a column's
MOST_LISTS = 60  # author lists of one title that are looked at
GENERIC_AUTHORS = 3  # unrelated author lists under one title from which on it is taken for a generic one


def estimate_reliability(features: Features, left: Rows, right: Rows) -> FieldReliability:
    """``left``, ``right``: candidate pairs; the confident ones among them are the witnesses."""
    generic = _generic_titles(features)
    same_title = (features.title[left] == features.title[right]) & (features.title[left] > 0)
    telling = np.array([features.weights.sum(set(each.words)) >= 2.5 for each in features.titles])
    sure = same_title & telling[features.title[left]] & (generic[features.title[left]] == 1)
    sure &= (features.year[left] == features.year[right]) & (features.year[left] != 0)
    left, right = left[sure], right[sure]
    agreeing = compare.author_points(features, left, right)[0] >= 2.0
    left, right = left[agreeing], right[agreeing]
    ignored = {name for name in ("volume", "issue", "page") if _is_unreliable(features, name, left, right)}
    if not {"volume", "issue"} & ignored:
        generic = np.minimum(generic, _recurring_titles(features))
    found = FieldReliability(frozenset(ignored), generic)
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
        groups = _unrelated_lists(lists)
        if groups >= GENERIC_AUTHORS:
            worth[title] = 1.5 / groups
    return worth


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
    many = counted >= GENERIC_ISSUES
    worth[columns[many, 0]] = 1.0 / counted[many]
    return worth


def _equivalent_venues(
    features: Features, known: FieldReliability, left: Rows, right: Rows
) -> frozenset[tuple[int, int]]:
    """Names that stand for one venue: confident pairs on three works or more say so, and most of the pairs of one name;
    pairs whose volumes or pages differ are no witnesses, they were printed in two places."""
    placed = np.zeros(len(left))
    if "volume" not in known.ignored:
        placed += np.minimum(0, compare.numbered_points(features.volume, left, right, 1.5, -2.5))
    if "page" not in known.ignored:
        placed += np.minimum(0, compare.page_points(features, left, right))
    one, other = features.venue[left], features.venue[right]
    both = (one > 0) & (other > 0) & (placed > -1)
    first, second, _ = distinct_pairs(one[both], other[both], len(features.venues))
    works = np.stack([np.minimum(one, other)[both], np.maximum(one, other)[both], features.title[left[both]]], axis=1)
    works = np.unique(works, axis=0)
    pairs, counted = np.unique(works[:, :2], axis=0, return_counts=True)
    assert len(pairs) == len(first)
    total = np.bincount(first, counted, minlength=len(features.venues)) + np.bincount(
        second, counted, minlength=len(features.venues)
    )
    enough = (first != second) & (counted >= 3) & (counted > 0.5 * np.minimum(total[first], total[second]))
    return frozenset(zip(first[enough].tolist(), second[enough].tolist(), strict=True))
