"""A service that does not answer as it should leaves a silence, never a verdict; and nothing that was answered is asked again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from bibtools.online.asking import doubts, wanted
from bibtools.record import Record
from tests.online.conftest import Opened
from tests.online.papers import CRISPR, LEARNING, PAPERS, QUANTUM, RESIDUAL, Paper
from tests.online.server import ArxivServer, Clock, CrossrefServer

ONE = wanted(Record(doi=LEARNING.doi))
WHY = {
    "429": "429",
    "429-long": "429, asks to wait 600 s",
    "503": "503",
    "403": "403",
    "html": "a web page instead of data",
    "bot": "bot check",
    "bot-500": "bot check",
    "html-404": "404 with a web page",
    "elsewhere": "redirected to 127.0.0.2",
    "circle": "redirects without end",
    "empty": "answer not understood: no message in it",
    "nothing": "answer not understood: the JSON ends too early",
    "null": "answer not understood: no message in it",
    "half": "answer not understood: the JSON ends too early",
    "latin": "answer not in UTF-8",
    "deep": "answer not understood: JSON nested too deeply",
    "bomb": "an answer without end",
    "endless": "an answer without end",
    "not-gzip": "damaged answer",
    "budget": "budget spent",
    "drop": "connection cut",
    "cut": "connection cut",
}


@pytest.mark.parametrize("fault", WHY)
def test_every_bad_day_is_a_silence_with_its_reason(fault: str, opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        server.fault = lambda number: fault
        (answer,) = opened(server).ask([ONE])
    assert not answer.records and not answer.settled and not answer.asked
    assert answer.unresolved == f"crossref did not answer ({WHY[fault]})"


@pytest.mark.parametrize("fault", ["429", "503", "drop", "cut", "not-gzip"])
def test_what_may_go_right_the_next_time_is_repeated(fault: str, opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        server.fault = lambda number: fault if number == 1 else ""
        (answer,) = opened(server).ask([ONE])
    assert answer.settled and not answer.silences
    assert len(server.calls) == 2
    assert not server.complaints


def test_a_slow_answer(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        server.hang = 0.4
        server.fault = lambda number: "slow"
        (answer,) = opened(server, timeout=0.1).ask([ONE])
    assert answer.unresolved == "crossref did not answer (timed out)"


def test_retry_after_is_obeyed(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        server.fault = lambda number: "429" if number == 1 else ""
        opened(server).ask([ONE])
    assert any(seconds >= 2 for seconds in clock.slept)


@pytest.mark.parametrize(("fault", "most"), [("403", 1), ("bot", 1), ("html", 1), ("503", 9)])
def test_the_circuit_opens(fault: str, most: int, opened: Opened, clock: Clock) -> None:
    """After a refusal or a bot check nothing more is asked; after three failures (each tried three times) neither."""
    works = [wanted(Record(title=f"{each.title}")) for each in PAPERS]
    with CrossrefServer(clock=clock) as server:
        server.fault = lambda number: fault
        answers = opened(server).ask(works)
    assert len(server.calls) == most
    assert all(each.unresolved for each in answers)


def test_nobody_there(opened: Opened, clock: Clock) -> None:
    with CrossrefServer(clock=clock) as server:
        pass
    (answer,) = opened(server).ask([ONE])
    assert answer.unresolved == "crossref did not answer (no connection)"


def test_a_host_that_does_not_exist(opened: Opened, clock: Clock) -> None:
    environment = {"BIBTOOLS_ONLINE_CROSSREF_URL": "https://nowhere.invalid"}
    with CrossrefServer(clock=clock) as server:
        (answer,) = opened(server, environment=environment).ask([ONE])
    assert answer.unresolved == "crossref did not answer (no connection)"


def test_a_list_where_a_text_was_expected(opened: Opened, clock: Clock) -> None:
    class Odd(CrossrefServer):
        def work(self, paper: Paper) -> dict[str, object]:
            return {
                **super().work(paper),
                "title": [["Deep"], {"a": 1}],
                "issued": "2015",
                "author": "LeCun",
                "DOI": paper.doi,
            }

    with Odd(clock=clock) as server:
        (answer,) = opened(server).ask([ONE])
    assert not answer.settled
    assert "left this one out" in answer.unresolved


def test_a_batch_that_leaves_works_out_does_not_say_that_they_are_not_known(opened: Opened, clock: Clock) -> None:
    class Short(CrossrefServer):
        def json(self, value: object, status: int = 200, media: str = "application/json") -> object:  # type: ignore[override]
            if isinstance(value, dict) and isinstance(value.get("message"), dict) and "items" in value["message"]:
                value["message"]["items"] = value["message"]["items"][:1]
            return super().json(value, status, media)

    with Short(clock=clock) as server:
        answers = opened(server).ask([wanted(Record(doi=each.doi)) for each in (LEARNING, QUANTUM, CRISPR)])
    assert Counter(each.settled for each in answers) == {True: 1, False: 2}
    assert all(each.settled or each.unresolved for each in answers)


def test_one_odd_identifier_costs_its_neighbours_nothing(opened: Opened, clock: Clock) -> None:
    class Picky(CrossrefServer):
        def answered(self, method: str, path: str, params: list[tuple[str, str]], body: bytes) -> object:  # type: ignore[override]
            if "10.9999/odd" in str(params) + path:
                return self.invalid("filter")
            return super().answered(method, path, params, body)

    works = [wanted(Record(doi=doi)) for doi in (LEARNING.doi, "10.9999/odd", QUANTUM.doi, RESIDUAL.doi)]
    with Picky(clock=clock) as server:
        answers = opened(server).ask(works)
    assert [each.settled for each in answers] == [True, False, True, True]
    assert answers[1].unresolved == "crossref did not answer (400)"


FAULTS = ["429", "503", "drop", "cut", "not-gzip", "half", "null", "nothing", "empty", "latin"]


@pytest.mark.parametrize("seed", range(2))
def test_a_thousand_references_with_a_fault_at_every_seventh_answer(seed: int, opened: Opened, clock: Clock) -> None:
    """No wrong verdict, none that was answered is asked again, the order is kept."""
    chosen = random.Random(seed)
    known = [
        Paper(
            f"On the theory of subject number {number}",
            (("Person", "A."),),
            1950 + number % 70,
            doi=f"10.5555/{number}",
        )
        for number in range(700)
    ]
    numbers = [chosen.randrange(1000) for _ in range(1000)]
    works = [
        wanted(Record(doi=f"10.5555/{number}", title=f"On the theory of subject number {number}")) for number in numbers
    ]
    with CrossrefServer(known, clock=clock) as server:
        server.fault = lambda number: chosen.choice(FAULTS) if number % 7 == 0 else ""
        answers = opened(server, timeout=30.0, ids_only=seed == 0).ask(works)
    assert len(answers) == 1000
    for number, answer in zip(numbers, answers, strict=True):
        if number < 700 and (found := [each for each in answer.records if each.doi == f"10.5555/{number}"]):
            assert found[0].title == f"On the theory of subject number {number}"
        elif number < 700:
            assert answer.unresolved, "a known work is not told as not known"
        else:
            assert not answer.settled
    settled = sum(each.settled for each in answers)
    assert 400 < settled <= sum(number < 700 for number in numbers)
    assert max(Counter(server.asked).values()) == 1
    assert not server.complaints


def test_arxiv_is_asked_once_in_three_seconds(opened: Opened, clock: Clock) -> None:
    works = [wanted(Record(arxiv_id=f"2101.{number:05}")) for number in range(1, 251)]
    known = [
        Paper(f"On number {each}", (("Person", "A."),), 2021, arxiv=f"2101.{each:05}") for each in range(1, 200, 9)
    ]
    with ArxivServer([*known, *(replace(each, arxiv="2101.00250") for each in known[:1])], clock=clock) as server:
        opened(server).ask(works)
    assert len(server.calls) == 3
    assert not server.complaints


def test_entities_in_a_feed(opened: Opened, clock: Clock) -> None:
    with ArxivServer(clock=clock) as server:
        server.fault = lambda number: "entities"
        (answer,) = opened(server).ask([wanted(Record(arxiv_id="1706.03762"))])
    assert "not understood" in answer.unresolved


@pytest.mark.parametrize(("fault", "told"), [("503", "did not answer"), ("", "were not found")])
def test_many_failures_are_told_as_a_broken_set_up(fault: str, told: str, opened: Opened, clock: Clock) -> None:
    works = [wanted(Record(doi=f"10.5555/none.{number}")) for number in range(20)]
    with CrossrefServer(clock=clock) as server:
        server.fault = lambda number: fault
        answers = opened(server).ask(works)
    assert [told in each and "set-up looks broken" in each for each in doubts(answers)] == [True]
