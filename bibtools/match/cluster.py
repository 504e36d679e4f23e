"""Groups of records that are one work, built best pair first; a union is made only when the groups hold together.

Plain connected components chain: one wrong pair, or one record with hardly anything in it, joins two works and everything
linked to either. Here two groups are joined when no pair across them is vetoed and the pairs across agree on the whole.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["components", "group"]

Rows = NDArray[np.intp]
Scorer = Callable[[Rows, Rows], tuple[NDArray[np.float32], NDArray[np.bool_]]]

HOLDS_TOGETHER = 4.0  # points that most of the pairs across two groups must have: what alone would be "unsure"
DISSENT = 0.25  # share of them that may have less; cora .880 here, .870 at .1, .853 at .5
SAMPLE = 400  # pairs across two large groups that are looked at


def group(
    left: Rows, right: Rows, score: NDArray[np.float32], rank: NDArray[np.int32], scorer: Scorer
) -> list[list[int]]:
    """Join pairs in order of score. ``scorer`` judges pairs that were never compared: points, and whether vetoed."""
    known = {(a, b): float(s) for a, b, s in zip(left.tolist(), right.tolist(), score.tolist(), strict=True)}
    low, high = np.minimum(rank[left], rank[right]), np.maximum(rank[left], rank[right])
    order: Callable[[int], int] = rank.tolist().__getitem__
    members: dict[int, list[int]] = {}  # each in the order of rank
    home: dict[int, int] = {}
    for place in np.lexsort((high, low, -score)).tolist():
        one, other = int(left[place]), int(right[place])
        first, second = home.setdefault(one, one), home.setdefault(other, other)
        if first == second:
            continue
        near, far = members.setdefault(first, [first]), members.setdefault(second, [second])
        if len(near) * len(far) > 1 and not _holds(near, far, order, known, scorer):
            continue
        if len(near) < len(far):
            first, second, near, far = second, first, far, near
        for each in far:
            insort(near, each, key=order)
            home[each] = first
        del members[second]
    return [sorted(each) for each in members.values() if len(each) > 1]


def _holds(
    near: list[int],
    far: list[int],
    order: Callable[[int], int],
    known: dict[tuple[int, int], float],
    scorer: Scorer,
) -> bool:
    near, far = sorted((near, far), key=lambda group: order(group[0]))
    count = len(near) * len(far)
    if count <= SAMPLE:
        across = [(a, b) for a in near for b in far]
    else:  # evenly over the first group, and in turn over the second
        places = [each * count // SAMPLE for each in range(SAMPLE)]
        across = [(near[place // len(far)], far[(place + turn) % len(far)]) for turn, place in enumerate(places)]
    pairs = [(a, b) if a < b else (b, a) for a, b in across]
    unknown = [pair for pair in pairs if pair not in known]
    if unknown:
        array = np.array(unknown, dtype=np.intp)
        points, veto = scorer(array[:, 0], array[:, 1])
        points = np.where(veto, -np.inf, points)
        known.update(zip(unknown, points.tolist(), strict=True))
    scores = np.array([known[pair] for pair in pairs])
    return bool(scores.min() > -np.inf and np.quantile(scores, DISSENT) >= HOLDS_TOGETHER)


def components(joined: list[tuple[int, int]], apart: set[tuple[int, int]]) -> list[list[int]]:
    """Connected components of ``joined``, in that order, none of which holds a pair that is to stay ``apart``."""
    members: dict[int, list[int]] = {}
    home: dict[int, int] = {}
    for one, other in joined:
        first, second = home.setdefault(one, one), home.setdefault(other, other)
        near, far = members.setdefault(first, [first]), members.setdefault(second, [second])
        if first == second or (apart and any((a, b) in apart or (b, a) in apart for a in near for b in far)):
            continue
        near.extend(far)
        for each in far:
            home[each] = first
        del members[second]
    return sorted(sorted(each) for each in members.values() if len(each) > 1)
