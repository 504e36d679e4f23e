"""`verify`: a reference against the known works."""

from __future__ import annotations

from bibtools.record import Date, Name, Record
from bibtools.verify import Asked, Standing, Work, judge

PAPER = Record(
    id="x",
    title="Attention is all you need",
    author=(Name(family="Vaswani", given="Ashish"),),
    issued=Date((2017,)),
)


def test_nothing_to_ask_is_no_verdict_on_the_reference() -> None:
    assert judge(PAPER, ()).standing is Standing.UNRESOLVED
    assert judge(PAPER, (), [Asked("known.bib", failure="it is not there")]).standing is Standing.UNRESOLVED


def test_absence_says_something_only_where_a_source_is_complete() -> None:
    assert judge(PAPER, (), [Asked("known.bib")]).standing is Standing.NOT_CHECKABLE
    assert judge(PAPER, (), [Asked("known.bib", covers="all of 2017")]).standing is Standing.NOT_FOUND


def test_a_work_verifies_itself() -> None:
    assert judge(PAPER, [Work(PAPER, "known.bib")], [Asked("known.bib")]).standing is Standing.VERIFIED
