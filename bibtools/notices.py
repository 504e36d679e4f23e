"""Notices about published works: retraction, withdrawal, expression of concern, correction, reinstatement.

A record carries them in ``extra`` under ``retraction``, each as ``Nature; day; DOI of the notice; reason`` (later parts may be
empty or missing), whichever source said so. The words for the nature are Retraction Watch's; Crossref's are understood too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bibtools.record import Record

__all__ = ["EXTRA", "Notice", "in_force", "nature", "of"]

EXTRA = "retraction"  # the name in `Record.extra`
RETRACTION, WITHDRAWAL, CONCERN = "Retraction", "Withdrawal", "Expression of concern"
CORRECTION, REINSTATEMENT = "Correction", "Reinstatement"
_NATURES = {
    "retraction": RETRACTION,
    "retracted": RETRACTION,
    "partial retraction": RETRACTION,
    "partial_retraction": RETRACTION,
    "retract and replace": RETRACTION,
    "withdrawal": WITHDRAWAL,
    "withdrawn": WITHDRAWAL,
    "removal": WITHDRAWAL,
    "expression of concern": CONCERN,
    "expression_of_concern": CONCERN,
    "concern": CONCERN,
    "correction": CORRECTION,
    "corrigendum": CORRECTION,
    "erratum": CORRECTION,
    "reinstatement": REINSTATEMENT,
    "reinstated": REINSTATEMENT,
}
_WEIGHT = {RETRACTION: 3, WITHDRAWAL: 2, CONCERN: 1}  # those that warn a reader, the gravest highest


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice about a work."""

    nature: str
    date: str = ""  # of the notice, ISO 8601; "" where it is not known
    doi: str = ""  # of the notice
    reason: str = ""

    def __str__(self) -> str:
        """As it is kept in ``extra``."""
        return "; ".join((self.nature, self.date, self.doi, self.reason)).rstrip("; ")


def nature(text: str) -> str:
    """The nature of a notice in one spelling; ``""`` for what is none of the known ones."""
    return _NATURES.get(" ".join(text.split()).strip(" .").lower(), "")


def of(record: Record) -> Iterator[Notice]:
    """The notices that a record carries."""
    for name, value in record.extra:
        if name == EXTRA:
            kind, date, doi, reason = (*value.split("; ", 3), "", "", "")[:4]
            if known := nature(kind):
                yield Notice(known, date, doi, reason)


def in_force(notices: Iterable[Notice]) -> Notice | None:
    """The notice that warns of a work today, of all that were ever given: the gravest, of equals the latest; None where none
    does. A correction is no warning, and a reinstatement takes back what came before it, or all where a day is not known."""
    given = list(notices)
    back = [each.date for each in given if each.nature == REINSTATEMENT]
    left = [
        each
        for each in given
        if each.nature in _WEIGHT and not any(not day or not each.date or each.date <= day for day in back)
    ]
    return max(left, key=lambda each: (_WEIGHT[each.nature], each.date, each.doi, each.reason), default=None)
