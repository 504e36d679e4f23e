"""Which records are the same work, and how do we know?

Three answers with their reasons: same, different, unsure; and for same, whether it is another version of the work (preprint and
published). The rooms, in the order a pair passes them:

    prepare      records as columns, every value folded once
    blocking     the candidate pairs: records that share a blocking key
    titles, authors, title_evidence    the comparisons that need more than equality
    compare      points for every field of every pair; vetoes and doubts
    constraints  facts that contradict each other; works that keep one title: volumes, editions, theses, reprints
    reliability  which fields of a file can be trusted
    cluster      groups that hold together
    decide       verdicts and clusters;  reasons   why, in words

numpy and rapidfuzz are imported when the first pair is compared, so that programs that only might match start fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bibtools.record import Record
from bibtools.verdict import Linkage, PairAnswers, Verdict

if TYPE_CHECKING:
    from bibtools.match.decide import Comparison

__all__ = ["comparison", "dedupe", "explain", "link", "linkage"]

Progress = Callable[[int, int], None]


def link(
    target: Sequence[Record],
    sources: Sequence[Record],
    answers: PairAnswers = {},  # noqa: B006 (read only)
    *,
    progress: Progress | None = None,
) -> Linkage:
    """Which sources are works of the target, and which of each other. Records are numbered target first.

    The answer on a pair is the one that `dedupe` of both together gives. It does not depend on the order of the records.
    """
    return linkage(comparison([*target, *sources], progress=progress), len(target), answers)


def dedupe(
    records: Sequence[Record],
    answers: PairAnswers = {},  # noqa: B006 (read only)
    *,
    progress: Progress | None = None,
) -> Linkage:
    """Which records of one file are the same work."""
    return linkage(comparison(records, progress=progress), len(records), answers)


def comparison(records: Sequence[Record], *, progress: Progress | None = None) -> Comparison:
    """What does not depend on a person's decisions: for `linkage`, which can be called again after every answer."""
    from bibtools.match.decide import compare_all

    return compare_all(records, progress)


def linkage(compared: Comparison, target_count: int, answers: PairAnswers = {}) -> Linkage:  # noqa: B006
    """Verdicts and clusters; ``answers``, a person's, are by pairs of record numbers, lower first."""
    from bibtools.match.decide import decide

    return decide(compared, target_count, answers)


def explain(records: Sequence[Record], left: int, right: int) -> Verdict:
    """The verdict on any two records, also one that is different, by what all the records say."""
    from bibtools.match import decide

    return decide.explain(records, left, right)
