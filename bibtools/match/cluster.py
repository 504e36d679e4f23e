"""Groups of records that are one work, built best pair first; a union is made only when the groups hold together.

Plain connected components chain: one wrong pair, or one record with hardly anything in it, joins two works and everything
linked to either. Here two groups are joined when no pair across them is vetoed and the pairs across agree on the whole.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["MIN_CROSS_SCORE", "group"]

Rows = NDArray[np.intp]
# Of pairs that were never compared: points, whether vetoed, whether contradicted by a fact.
Scorer = Callable[[Rows, Rows], tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]]

MIN_CROSS_SCORE = 4.0  # points that most of the pairs across two groups must have: what alone would be "unsure"
MAX_DISSENTING = 0.25  # share of them that may have less; cora .880 here, .870 at .1, .853 at .5
# Share of them from which on facts contradict too many: two publications are not joined by the preprint of both.
MAX_CONTRADICTED = 0.5
FEW = 4  # pairs across; in larger groups one record with a wrong year is outvoted
SAMPLE = 400  # pairs across two large groups that are looked at


def group(
    left: Rows, right: Rows, score: NDArray[np.float32], rank: NDArray[np.int32], scorer: Scorer
) -> list[list[int]]:
    """Join pairs in order of score, where the groups they belong to hold together."""
    known: dict[tuple[int, int], tuple[float, bool]] = {
        (a, b): (float(s), False) for a, b, s in zip(left.tolist(), right.tolist(), score.tolist(), strict=True)
    }
    low, high = np.minimum(rank[left], rank[right]), np.maximum(rank[left], rank[right])
    order: Callable[[int], int] = rank.tolist().__getitem__
    members: dict[int, list[int]] = {}  # each in the order of rank
    group_of: dict[int, int] = {}
    for pair in np.lexsort((high, low, -score)).tolist():
        one, other = int(left[pair]), int(right[pair])
        first, second = group_of.setdefault(one, one), group_of.setdefault(other, other)
        if first == second:
            continue
        near, far = members.setdefault(first, [first]), members.setdefault(second, [second])
        if len(near) * len(far) > 1 and not _holds(near, far, order, known, scorer):
            continue
        if len(near) < len(far):
            first, second, near, far = second, first, far, near
        for record in far:
            insort(near, record, key=order)
            group_of[record] = first
        del members[second]
    return [sorted(records) for records in members.values() if len(records) > 1]


def _holds(
    near: list[int],
    far: list[int],
    order: Callable[[int], int],
    known: dict[tuple[int, int], tuple[float, bool]],
    scorer: Scorer,
) -> bool:
    near, far = sorted((near, far), key=lambda group: order(group[0]))
    count = len(near) * len(far)
    if count <= SAMPLE:
        across = [(a, b) for a in near for b in far]
    else:  # evenly over the first group, and in turn over the second
        places = [number * count // SAMPLE for number in range(SAMPLE)]
        across = [(near[place // len(far)], far[(place + turn) % len(far)]) for turn, place in enumerate(places)]
    pairs = [(a, b) if a < b else (b, a) for a, b in across]
    unknown = [pair for pair in pairs if pair not in known]
    if unknown:
        array = np.array(unknown, dtype=np.intp)
        points, veto, contradicted = scorer(array[:, 0], array[:, 1])
        points = np.where(veto, -np.inf, points)
        known.update(zip(unknown, zip(points.tolist(), contradicted.tolist(), strict=True), strict=True))
    scores = np.array([known[pair][0] for pair in pairs])
    against = sum(known[pair][1] for pair in pairs)
    return bool(
        scores.min() > -np.inf
        and np.quantile(scores, MAX_DISSENTING) >= MIN_CROSS_SCORE
        and (against < MAX_CONTRADICTED * len(pairs) or len(pairs) > FEW)
    )
