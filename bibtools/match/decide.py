"""From points to verdicts: the thresholds, the groups that hold together, and the extra that two clean files are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bibtools.match.blocking import candidates
from bibtools.match.cluster import components, group
from bibtools.match.compare import SAME, Evidences, Habits, habits, weigh
from bibtools.match.prepare import Features, Progress, prepare
from bibtools.match.explain import describe
from bibtools.record import Record
from bibtools.verdict import Answer, Evidence, Verdict

__all__ = ["clusters", "explain", "pairs"]

# Of the pairs from 4 to 8 on the four clean sets 3 of 40 are duplicates, on Cora 486 of 1,223; from 2 to 4 it is 2 of 43 and
# 171 of 717.
UNSURE = 4.0
# Enough between two files free of duplicates, for two records that are each other's best: a record has at most one partner
# there, so the prior of the best pair is higher. On records of title, authors, venue and year alone (damage, 3,000 against
# 9,000) it lifts precision from .988 to .999 at equal recall, as the wrong partner is refused.
LINKED = 6.5
CLEAN = 0.01  # share of records that repeat another's title, first author and year up to which a file counts as free of them

Rows = NDArray[np.intp]


def pairs(
    records: Sequence[Record], against: Sequence[Record] | None, progress: Progress | None
) -> tuple[Verdict, ...]:
    everything = [*records, *(against or ())]
    split = len(records) if against is not None else None
    features = prepare(everything, progress)
    left, right = candidates(features, split)
    known = habits(features, left, right)
    found = weigh(features, known, left, right)
    kept = np.flatnonzero((found.score >= UNSURE) & ~found.veto)
    left, right, found = left[kept], right[kept], found.take(kept)
    same = (
        _same_in_groups(features, known, left, right, found)
        if split is None
        else _same_linked(features, left, right, found, split)
    )
    if progress:
        progress(2, 2)
    verdicts = [
        _verdict(
            everything,
            features,
            known,
            (int(left[place]), int(right[place])),
            found,
            place,
            bool(same[place]),
            split or 0,
        )
        for place in range(len(left))
    ]
    return tuple(sorted(verdicts, key=lambda each: (-each.score, each.left, each.right)))


def explain(records: Sequence[Record], left: int, right: int) -> Verdict:
    features = prepare(records)
    known = habits(features, *candidates(features))
    found = weigh(features, known, np.array([left]), np.array([right]))
    same = bool(found.score[0] >= SAME) and not found.veto[0] and not found.doubt[0]
    return _verdict(records, features, known, (left, right), found, 0, same, 0)


def clusters(records: Sequence[Record], verdicts: Sequence[Verdict]) -> tuple[tuple[int, ...], ...]:
    same = [each for each in verdicts if each.answer is Answer.SAME]
    apart = {(each.left, each.right) for each in verdicts if each.answer is Answer.DIFFERENT}
    same.sort(key=lambda each: -each.score)
    return tuple(tuple(each) for each in components([(each.left, each.right) for each in same], apart))


def _same_in_groups(features: Features, known: Habits, left: Rows, right: Rows, found: Evidences) -> NDArray[np.bool_]:
    """The pairs that are the same and lie within one group that holds together."""
    same = (found.score >= SAME) & ~found.doubt

    def scorer(one: Rows, other: Rows) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        judged = weigh(features, known, one, other)
        return judged.score, judged.veto | (judged.contradicted > 1), judged.contradicted > 0

    home = np.arange(features.count)
    for each in group(left[same], right[same], found.score[same], features.rank, scorer):
        home[each] = each[0]
    return np.asarray(same & (home[left] == home[right]))


def _same_linked(features: Features, left: Rows, right: Rows, found: Evidences, split: int) -> NDArray[np.bool_]:
    """Between two files: a record has one partner at most in a file that is free of duplicates, its best."""
    here, there = _is_clean(features, slice(None, split)), _is_clean(features, slice(split, None))
    bar = LINKED if here and there else SAME
    same: NDArray[np.bool_] = np.asarray((found.score >= bar) & ~found.doubt)
    if not (here or there):
        return same
    taken: set[int] = set()
    for place in np.lexsort((features.rank[right], features.rank[left], -found.score)).tolist():
        one, other = int(left[place]), int(right[place])
        if not same[place]:
            continue
        if (there and one in taken) or (here and other in taken):
            same[place] = False
        taken |= {one, other}
    return same


def _is_clean(features: Features, part: slice) -> bool:
    """Whether hardly any record of a file repeats another's title and authors."""
    said = np.stack([features.title[part], features.author[part], features.year[part]], axis=1)
    said = said[said[:, 0] > 0]
    return not len(said) or len(np.unique(said, axis=0)) >= (1 - CLEAN) * len(said)


def _verdict(
    records: Sequence[Record],
    features: Features,
    known: Habits,
    places: tuple[int, int],
    found: Evidences,
    row: int,
    same: bool,
    split: int,
) -> Verdict:
    left, right = places
    score = float(found.score[row])
    told = describe(features, known, (records[left], records[right]), places, found.points[row])
    answer = Answer.SAME if same else Answer.UNSURE if score >= UNSURE and not found.veto[row] else Answer.DIFFERENT
    if found.veto[row]:
        told += (Evidence("veto", 0.0, "that makes another work"),)
    elif answer is Answer.UNSURE and found.doubt[row]:
        told += (Evidence("doubt", 0.0, "not certain enough to join them unasked"),)
    elif answer is Answer.UNSURE and score >= SAME:
        told += (Evidence("doubt", 0.0, "its group would not hold together"),)
    versions = not bool(found.other_version[row])
    return Verdict(left, right - split, answer, round(score, 1), told, versions)
