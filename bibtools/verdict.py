"""What two records are to each other, and why: the answer of `match`, the input of `merge`, shown by the reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Answer", "Evidence", "Verdict"]


class Answer(StrEnum):
    SAME = "same"
    UNSURE = "unsure"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one field says. ``points`` is positive when the field agrees, negative when it disagrees, 0 when it is silent."""

    field: str
    points: float
    reason: str  # words for a person: "same DOI", "titles differ in 'II'"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``left`` and ``right`` are places in the records compared (``right`` in the second file when two are linked)."""

    left: int
    right: int
    answer: Answer
    score: float
    evidence: tuple[Evidence, ...] = ()
    same_version: bool = True  # False: another version of the same work (preprint and published, abstract and paper)

    @property
    def reason(self) -> str:
        """The evidence in one line, strongest first."""
        ranked = sorted(self.evidence, key=lambda each: -abs(each.points))
        return "; ".join(each.reason for each in ranked if each.reason)
