"""Was the work that an entry cites retracted? A step behind the verdict, from what lists and works say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from bibtools import notices
from bibtools.index import terms
from bibtools.notices import Notice
from bibtools.record import Record
from bibtools.verify.judgement import Certainty, Finding, Judgement, Standing, Work

__all__ = ["noticed"]

IS_THE_WORK = (Standing.VERIFIED, Standing.DIFFERS, Standing.OTHER_VERSION)  # verdicts whose first work is the entry's
UNKNOWN = (Standing.NOT_FOUND, Standing.NOT_CHECKABLE, Standing.UNRESOLVED)
ALIKE = 70  # partial ratio of two titles, of which one may begin with "RETRACTED:"


def noticed(judgement: Judgement, listed: Sequence[Work]) -> Judgement:
    """The judgement, or `retracted` where a notice about the entry's work is in force.

    ``listed`` are works of lists of retractions, found by the identifiers of the entry or of its work; the works of the judgement
    may carry notices too. An identifier that the verdict calls another work's counts for nothing, and so does a list's work of
    another title. A correction is no retraction, and a work that was reinstated is not retracted.
    """
    if judgement.standing not in (*IS_THE_WORK, *UNKNOWN):
        return judgement
    own = judgement.works[:1] if judgement.standing in IS_THE_WORK else ()
    sides = [judgement.entry, *(work.record for work in own)]
    about = [work for work in listed if any(_same_work(side, work.record) for side in sides)] + list(own)
    given = [(notice, work) for work in about for notice in notices.of(work.record)]
    notice = notices.in_force(notice for notice, _ in given)
    if notice is None:
        return judgement
    work = next(work for each, work in given if each == notice)
    sure = bool(own) or bool(work.record.title)
    doi = judgement.entry.doi or work.record.doi
    finding = Finding(
        field="doi" if judgement.entry.doi else "title",
        cited=doi or judgement.entry.title,
        known=_told(notice),
        source=work.source,
        date=work.date,
        certainty=Certainty.SURE if sure else Certainty.LIKELY,
        rule="retracted",
        message="a notice was found",
    )
    return replace(
        judgement,
        standing=Standing.RETRACTED,
        findings=(finding, *judgement.findings),
        works=(*judgement.works, work) if work not in judgement.works else judgement.works,
        reason=f"a notice was found: {_told(notice)}",
    )


def _told(notice: Notice) -> str:
    return "; ".join(part for part in (f"{notice.nature}{_of(notice)}", notice.reason) if part)


def _of(notice: Notice) -> str:
    day = f" of {notice.date}" if notice.date else ""
    return f"{day} ({notice.doi})" if notice.doi else day


def _same_work(record: Record, listed: Record) -> bool:
    """Whether a list means the work of a record: an identifier is the same, and the titles, where both have one, are alike."""
    if set(terms.identifier_values(record)).isdisjoint(terms.identifier_values(listed)):
        return False
    one, other = (" ".join(terms.title_words(each.title)) for each in (record, listed))
    return not one or not other or fuzz.partial_ratio(one, other) >= ALIKE
