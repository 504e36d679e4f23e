"""From points to verdicts and clusters: one way for every route, so that linking two files says what deduplicating both would.

`compare_all` does what depends on the records alone; `decide` adds what a person has said of single pairs and forms the clusters,
so that answers given one by one cost no second comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bibtools.equality import covers, same
from bibtools.match.blocking import candidates
from bibtools.match.cluster import MIN_CROSS_SCORE, group
from bibtools.match.compare import ComparisonVectors, weigh
from bibtools.match.pairs import FieldReliability, Rows
from bibtools.match.prepare import Features, Progress, is_known, prepare
from bibtools.match.reasons import describe, doubts
from bibtools.match.reliability import estimate_reliability
from bibtools.match.title_evidence import with_titles_repaired
from bibtools.record import Record, filled
from bibtools.verdict import Answer, Evidence, Linkage, PairAnswers, Verdict

__all__ = ["Comparison", "compare_all", "decide", "explain"]

DECIDED = np.float32(1000.0)  # points of a pair of which a person said "same": it comes before every other
NAMESAKES = 50  # records of one key that are looked at
IDENTICAL = 20.0  # points of two records that say exactly the same


@dataclass(frozen=True, slots=True)
class Comparison:
    """Records compared: the pairs that may be one work. ``identical`` are pairs of which
    one says nothing that the other does not say: equal but for the key, or under one key."""

    records: Sequence[Record]
    features: Features
    repaired: Features  # with the titles that were cut in the wrong place put right
    reliability: FieldReliability
    left: Rows
    right: Rows
    vectors: ComparisonVectors
    identical: frozenset[tuple[int, int]]


def compare_all(records: Sequence[Record], progress: Progress | None = None) -> Comparison:
    features = prepare(records, progress)
    left, right = candidates(features)
    reliability = estimate_reliability(features, left, right)
    left, right = _in_order(left, right)
    vectors = weigh(features, reliability, left, right)
    cut = vectors.same & vectors.title_cut
    repaired, changed = with_titles_repaired(features, left[cut], right[cut])
    again = np.flatnonzero(changed[left] | changed[right])
    if len(again):
        vectors = vectors.with_rows(again, weigh(repaired, reliability, left[again], right[again]))
    kept = np.flatnonzero(vectors.likely)
    if progress:
        progress(2, 2)
    identical = frozenset(_identical(records, features))
    return Comparison(records, features, repaired, reliability, left[kept], right[kept], vectors.take(kept), identical)


def decide(comparison: Comparison, target_count: int, answers: PairAnswers = {}) -> Linkage:  # noqa: B006
    """The clusters and verdicts. Pairs of two records of the target are told only where a cluster joins them."""
    settled = settle(comparison, answers)
    whole = target_count >= len(comparison.records)
    found = [
        _verdict(comparison, each)
        for each in settled.compared
        if whole or each.pair[1] >= target_count or each.together
    ]
    joined = replace(comparison, vectors=settled.vectors)
    found += [_verdict(joined, each) for each in settled.joined]
    found.sort(key=lambda verdict: (-verdict.score, verdict.left, verdict.right))
    return Linkage(target_count, tuple(found), settled.clusters)


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a pair once the clusters are known."""

    pair: tuple[int, int]
    answer: Answer  # as far as the two records and a person's word tell
    score: float
    row: int | None  # of its vectors, where it was compared
    together: bool  # in one cluster

    @property
    def final(self) -> Answer:
        """What is the same by itself is unsure where its group would not hold together; what shares a cluster is the same."""
        return Answer.SAME if self.together else Answer.UNSURE


@dataclass(frozen=True, slots=True)
class Settlement:
    clusters: tuple[tuple[int, ...], ...]
    compared: list[Settled]  # the pairs of the comparison, by whose rows they are told
    joined: list[Settled]  # pairs of a cluster that were never candidates, or that alone would be different
    vectors: ComparisonVectors  # of these


def settle(comparison: Comparison, answers: PairAnswers = {}) -> Settlement:  # noqa: B006
    """The clusters, and every pair that is the same or unsure."""
    verdicts = _pair_verdicts(comparison, answers)
    same = [pair for pair, answer in verdicts.items() if answer[0] is Answer.SAME]
    score = np.array([verdicts[pair][1] for pair in same], dtype=np.float32)
    pairs = np.array(same, dtype=np.intp).reshape(-1, 2)
    apart = frozenset(pair for pair, answer in answers.items() if answer is Answer.DIFFERENT)
    scorer = partial(_score_pairs, comparison, apart)
    clusters = group(pairs[:, 0], pairs[:, 1], score, comparison.features.rank, scorer)
    cluster_of = {record: number for number, cluster in enumerate(clusters) for record in cluster}

    def together(pair: tuple[int, int]) -> bool:
        return cluster_of.get(pair[0], -1) == cluster_of.get(pair[1], -2)

    compared = [Settled(pair, *verdict, together(pair)) for pair, verdict in verdicts.items()]
    others = [pair for cluster in clusters for pair in combinations(cluster, 2) if pair not in verdicts]
    rows = np.array(others, dtype=np.intp).reshape(-1, 2)
    vectors = weigh(comparison.features, comparison.reliability, rows[:, 0], rows[:, 1])
    joined = [
        Settled(pair, Answer.UNSURE, score, row, True)
        for row, (pair, score) in enumerate(zip(others, vectors.score.tolist(), strict=True))
    ]
    return Settlement(tuple(sorted(map(tuple, clusters))), compared, joined, vectors)


def explain(records: Sequence[Record], left: int, right: int) -> Verdict:
    """The verdict on any two records, also one that is different, among all the records."""
    comparison = compare_all(records)
    pair = (min(left, right), max(left, right))
    linkage = decide(comparison, len(records))
    found = next((verdict for verdict in linkage.verdicts if (verdict.left, verdict.right) == pair), None)
    if found is None:
        features, reliability = comparison.features, comparison.reliability
        one, other = np.array([pair[0]]), np.array([pair[1]])
        vectors = weigh(features, reliability, one, other)
        evidence = describe(features, reliability, (records[pair[0]], records[pair[1]]), pair, vectors.points[0])
        why = doubts(int(vectors.doubts[0])) + ((VETO,) if vectors.veto[0] else ())
        found = Verdict(*pair, Answer.DIFFERENT, round(float(vectors.score[0]), 1), evidence + why)
    return found if pair == (left, right) else Verdict(
        left, right, found.answer, found.score, found.evidence, found.same_version
    )  # fmt: skip


VETO = Evidence("veto", 0.0, "therefore different works")
DISSENT = Evidence("doubt", 0.0, "conflicts with another record of the group")
JOINED = Evidence("group", 0.0, "joined through another record of the group")
LOW = Evidence("doubt", 0.0, "below certainty")


def _in_order(left: Rows, right: Rows) -> tuple[Rows, Rows]:
    return np.minimum(left, right), np.maximum(left, right)


def _pair_verdicts(
    comparison: Comparison, answers: PairAnswers
) -> dict[tuple[int, int], tuple[Answer, float, int | None]]:
    """Answer, points and row of every pair, as far as the two records and a person's word tell; different ones are left out."""
    found: dict[tuple[int, int], tuple[Answer, float, int | None]] = {}
    vectors = comparison.vectors
    certain = vectors.same.tolist()
    pairs = zip(comparison.left.tolist(), comparison.right.tolist(), strict=True)
    for row, (pair, score) in enumerate(zip(pairs, vectors.score.tolist(), strict=True)):
        found[pair] = (Answer.SAME if certain[row] else Answer.UNSURE, score, row)
    for pair in comparison.identical:
        row_found = found.get(pair)
        points = max(IDENTICAL, row_found[1]) if row_found else IDENTICAL
        found[pair] = (Answer.SAME, points, row_found[2] if row_found else None)
    for pair, answer in answers.items():
        row_found = found.get(pair)
        if answer is Answer.DIFFERENT:
            found.pop(pair, None)
        else:
            found[pair] = (Answer.SAME, float(DECIDED), row_found[2] if row_found else None)
    return found


def _score_pairs(
    comparison: Comparison, apart: frozenset[tuple[int, int]], one: Rows, other: Rows
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """For `group`: points of pairs, whether they are never one work, whether a fact contradicts them."""
    judged = weigh(comparison.repaired, comparison.reliability, one, other)
    pairs = list(zip(one.tolist(), other.tolist(), strict=True))
    decided = np.array([pair in apart for pair in pairs], dtype=np.bool_)
    identical = np.array([pair in comparison.identical for pair in pairs], dtype=np.bool_)
    veto = (judged.veto | (judged.contradicted > 1)) & ~identical
    score = np.where(identical, np.float32(IDENTICAL), judged.score)
    # An abstract alone belongs to a work through the record that has it too; silence does not speak against it.
    titles = comparison.features.title
    silent = ((titles[one] == 0) | (titles[other] == 0)) & (judged.points >= 0).all(axis=1)
    veto, score = veto & ~silent, np.where(silent, np.maximum(score, MIN_CROSS_SCORE), score)
    return score.astype(np.float32), veto | decided, (judged.contradicted > 0) & ~identical


def _identical(records: Sequence[Record], features: Features) -> Iterable[tuple[int, int]]:
    """Pairs of records that say exactly the same, whatever their keys: each with the first of them in the order of rank."""
    order = np.argsort(features.content, kind="stable")
    equal = np.flatnonzero(features.content[order][1:] == features.content[order][:-1])
    alike: dict[int, list[int]] = {}
    for position in equal.tolist():
        one, other = int(order[position]), int(order[position + 1])
        alike.setdefault(int(features.content[one]), [one]).append(other)
    for numbers in alike.values():
        first: dict[Record, int] = {}
        for number in sorted(numbers, key=features.rank.__getitem__):
            record = records[number]
            earlier = first.setdefault(record.replace(id="") if is_known(record) else record, number)
            if earlier != number:
                yield min(earlier, number), max(earlier, number)
    yield from _same_key(records, features)


def _same_key(records: Sequence[Record], features: Features) -> Iterable[tuple[int, int]]:
    by_key: dict[str, list[int]] = {}
    for number, key in enumerate(features.keys):
        if key:
            by_key.setdefault(key, []).append(number)
    for numbers in by_key.values():
        if len(numbers) > 1:
            few = sorted(numbers, key=features.rank.__getitem__)[:NAMESAKES] if len(numbers) > NAMESAKES else numbers
            for one, other in namesakes([records[number] for number in few], len(numbers)):
                yield min(few[one], few[other]), max(few[one], few[other])


def namesakes(records: Sequence[Record], count: int) -> Iterable[tuple[int, int]]:
    """Pairs of records with one citation key of which one says nothing that the other does not say; or which have no title to be
    known by, where no other of all the ``count`` has the key and neither denies what the other says."""
    for one, other in combinations(range(len(records)), 2):
        left, right = records[one], records[other]
        untitled = count == 2 and not left.title and not right.title and _agree(left, right)
        if untitled or covers(left, right) or covers(right, left):
            yield one, other


def _agree(left: Record, right: Record) -> bool:
    return not any(
        value and getattr(right, name) and not same(name, value, getattr(right, name))
        for name, value in filled(left)
        if name not in ("id", "extra", "type", "entry_type")
    )


def _verdict(comparison: Comparison, settled: Settled) -> Verdict:
    """The verdict as it stands after clustering, in words."""
    pair, row = settled.pair, settled.row
    records = (comparison.records[pair[0]], comparison.records[pair[1]])
    if row is None:
        evidence: tuple[Evidence, ...] = ()
        same_version = True
    else:
        evidence = describe(comparison.features, comparison.reliability, records, pair, comparison.vectors.points[row])
        same_version = not bool(comparison.vectors.other_version[row])
    if settled.score >= DECIDED:
        evidence = (Evidence("decision", 0.0, "a person decided that they are the same"), *evidence)
    elif pair in comparison.identical:
        evidence = (Evidence("identical", 0.0, "they say the same, or one says nothing more than the other"), *evidence)
    if settled.final is not settled.answer:
        evidence = (*evidence, JOINED if settled.together else DISSENT)
    elif settled.final is Answer.UNSURE:
        why = doubts(int(comparison.vectors.doubts[row])) if row is not None else ()
        evidence += why or (LOW,)
    return Verdict(*pair, settled.final, shown_score(settled.score), evidence, same_version)


def shown_score(score: float) -> float:
    return round(min(score, 99.0), 1)
