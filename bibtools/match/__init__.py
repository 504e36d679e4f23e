"""Which records are the same work, and how do we know?

Three answers with their reasons: same, different, unsure; and for same, whether it is another version of the work (preprint and
published). The rooms, in the order a pair passes them:

    prepare      records as columns, every value folded once
    candidates   the pairs worth comparing
    titles, people, venues    the three comparisons that need more than equality
    evidence     points for every field of every pair, vetoes, doubts
    apart        vetoes and doubts on works that keep one title: volumes, editions, theses, reprints
    cluster      groups that hold together
    judge        verdicts;  words   their reasons

numpy and rapidfuzz are imported when the first pair is compared, so that programs that only might match start fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bibtools.record import Record
from bibtools.verdict import Verdict

__all__ = ["clusters", "explain", "pairs"]


def pairs(
    records: Sequence[Record],
    against: Sequence[Record] | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Verdict, ...]:
    """Verdicts on the pairs that are the same work or may be, best first. What is not among them is different.

    With ``against`` only pairs across the two are judged, ``right`` being a place in ``against``; where one of the two has no
    duplicates itself, each record of the other has one partner in it at most. The order of the records does not matter.
    """
    from bibtools.match import decide

    return decide.pairs(records, against, progress)


def explain(records: Sequence[Record], left: int, right: int) -> Verdict:
    """The verdict on any two records, also one that `pairs` left out, by the word frequencies of all the records."""
    from bibtools.match import decide

    return decide.explain(records, left, right)


def clusters(records: Sequence[Record], verdicts: Sequence[Verdict]) -> tuple[tuple[int, ...], ...]:
    """Groups of places that are one work: joined by the `same` verdicts (a person's among them), never across `different`."""
    from bibtools.match import decide

    return decide.clusters(records, verdicts)
