"""Crossref and arXiv, as a server on this computer answers for them."""

from __future__ import annotations

from bibtools.online.asking import Wanted, wanted, wanted_text
from bibtools.record import Name, Record
from tests.online.conftest import Opened
from tests.online.papers import LEARNING, PAPERS
from tests.online.server import ArxivServer, Clock, CrossrefServer


def doi(value: str) -> Wanted:
    return wanted(Record(doi=value))


def test_one_doi(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        (found,) = opened(server).ask([doi(LEARNING.doi)])
    (record,) = found.records
    assert (record.title, record.doi, record.volume, record.page) == ("Deep learning", LEARNING.doi, "521", "436–444")
    assert [name.family for name in record.author] == ["LeCun", "Bengio", "Hinton"]
    assert found.settled and not found.silences
    assert server.calls == [f"/v1/works/{LEARNING.doi}?mailto=reader%40example.org"]
    assert not server.complaints


def test_a_hundred_dois_are_two_requests(opened: Opened, clock: Clock) -> None:
    known = [each.doi for each in PAPERS if each.agency == "crossref"]
    asked = [*known, *(f"10.5555/unknown.{number}" for number in range(96))]
    with CrossrefServer(clock=clock) as server:
        answers = opened(server).ask([doi(each) for each in asked])
    assert [each.settled for each in answers] == [True] * len(known) + [False] * 96
    assert not any(each.silences for each in answers)
    assert len(server.calls) == 2
    assert not server.complaints


def test_a_title_is_asked_only_where_no_identifier_settles_it(opened: Opened, clock: Clock) -> None:
    people = (Name("LeCun", "Yann"),)
    by_title = Record(title="Deep Learning", author=people)
    by_both = Record(title="Deep learning", author=people, doi=LEARNING.doi)
    with CrossrefServer(clock=clock) as server:
        answers = opened(server).ask([wanted(by_both), wanted(by_title)])
    assert all(each.settled for each in answers)
    assert server.asked == [LEARNING.doi, "Deep Learning LeCun"]
    assert not server.complaints


def test_ids_only(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        (answer,) = opened(server, ids_only=True).ask([wanted(Record(title="Deep Learning"))])
    assert not server.calls and not answer.asked


def test_arxiv_numbers_go_together_and_an_unknown_one_is_not_found(opened: Opened, clock: Clock) -> None:
    with ArxivServer(clock=clock) as server:
        answers = opened(server).ask(
            [wanted_text("arXiv:1706.03762"), wanted_text("9999.99999"), wanted_text("arXiv:9912.99999")]
        )
    assert answers[0].records[0].title == "Attention Is All You Need"
    assert not answers[2].records and not answers[2].silences
    assert len([each for each in server.calls if "id_list" in each]) == 1
    assert not server.complaints
