"""What two records are to each other, and why: the answer of `match`, the input of `merging`, shown by the reports.

The words are record linkage's: a pair is the same (a match), different (a non-match) or unsure (a possible match, for a person);
the records of one work are a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Answer", "Evidence", "Linkage", "PairAnswers", "Verdict"]


class Answer(StrEnum):
    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one field says. ``points`` is positive when the field agrees, negative when it disagrees, 0 when it is silent.

    ``field`` is a name of `match.compare.FIELDS`, or "doubt" (why a pair of enough points is not joined unasked), "veto" (why it
    is another work), "identical" and "decision" (a person's).
    """

    field: str  # what was compared; doubt, veto, identical, decision
    points: float  # positive where the field agrees, negative where it disagrees
    reason: str  # words for a person: "same DOI", "titles differ in 'II'"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``left`` and ``right`` are numbers of the records compared (``right`` in the second file when two are linked)."""

    left: int  # number of the one record
    right: int  # number of the other
    answer: Answer  # same, unsure or different
    score: float  # points: the sum of the evidence; two strong agreements make about 8
    evidence: tuple[Evidence, ...] = ()  # field by field
    same_version: bool = True  # False: another version of the same work (preprint and published, abstract and paper)

    @property
    def reason(self) -> str:
        """The evidence in one line, doubts first, then strongest first."""
        ranked = sorted(self.evidence, key=lambda one: (one.field not in ("doubt", "veto"), -abs(one.points)))
        return "; ".join(one.reason for one in ranked if one.reason)


# What a person has said of pairs of records, lower number first: SAME or DIFFERENT.
PairAnswers = Mapping[tuple[int, int], Answer]


@dataclass(frozen=True, slots=True)
class Linkage:
    """Which records are one work, among a target's and its sources' (numbered in this order).

    ``clusters`` are final: every record that shares a work with another is in one of them, no pair within is different, and who
    merges need not ask again. ``verdicts`` holds the pairs that are the same or unsure, best first.
    """

    target_count: int  # so many records are the target's, the others the sources'
    verdicts: tuple[Verdict, ...] = ()  # the pairs that are the same or unsure, best first
    clusters: tuple[tuple[int, ...], ...] = ()  # the numbers of the records of one work

    def questions(self) -> tuple[Verdict, ...]:
        """The unsure pairs of two clusters (or single records), the most telling pair of every two, best first."""
        cluster_of = {record: number for number, cluster in enumerate(self.clusters) for record in cluster}
        asked: set[tuple[int, int]] = set()
        found: list[Verdict] = []
        for verdict in self.verdicts:
            one = cluster_of.get(verdict.left, -1 - verdict.left)
            other = cluster_of.get(verdict.right, -1 - verdict.right)
            pair = (min(one, other), max(one, other))
            if verdict.answer is Answer.UNSURE and one != other and pair not in asked:
                asked.add(pair)
                found.append(verdict)
        return tuple(found)
