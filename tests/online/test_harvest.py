"""An index kept fresh from arXiv's OAI-PMH interface: since a day, page by page, going on where it was interrupted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bibtools import api, index
from bibtools.format import ReadOptions
from bibtools.formats import arxiv_json, arxiv_oai, recognise
from bibtools.online import harvest
from bibtools.online.harvest import Harvested, HarvestError
from bibtools.record import Problem
from tests.conftest import ROOT
from tests.online.server import Clock, OaiServer


def changed(count: int, day: str = "2026-11-20") -> list[tuple[str, str, str]]:
    return [(f"2611.{number:05}", day, f"A new title, number {number}") for number in range(1, count + 1)]


def run(folder: Path, server: OaiServer, clock: Clock, since: str = "2026-11-01", **more: object) -> Harvested:
    environment = {
        "BIBTOOLS_ONLINE_ARXIV_OAI_URL": server.base,
        "BIBTOOLS_ONLINE_ANSWERS": str(folder.parent / "answers.sqlite"),
    }
    return harvest.harvest(
        folder,
        since,
        environment=environment,
        agent="bibtools/0",
        clock=clock,
        sleep=clock.sleep,
        **more,  # type: ignore[arg-type]
    )


def numbers(found: Harvested) -> list[str]:
    texts = [page.read_text(encoding="utf-8") for page in found.pages]
    return [record.arxiv_id for text in texts for record in arxiv_oai.read(text, ReadOptions()).records]


def test_page_by_page(tmp_path: Path, clock: Clock) -> None:
    with OaiServer(clock) as server:
        server.records = [("0801.00001", "2026-10-01", "Old"), *changed(25)]
        found = run(tmp_path / "pages", server, clock)
    assert numbers(found) == [f"2611.{number:05}" for number in range(1, 26)]
    assert found.until == "2026-11-21"
    assert len(server.calls) == 3 and clock.slept.count(3.0) == 2
    assert not server.complaints


def test_an_interrupted_harvest_goes_on(tmp_path: Path, clock: Clock) -> None:
    with OaiServer(clock) as server:
        server.records = changed(45)
        server.fault = lambda number: "403" if number == 3 else ""
        with pytest.raises(HarvestError, match=r"403.*run it again"):
            run(tmp_path / "pages", server, clock)
        assert harvest.next_day(tmp_path / "pages") == "2026-11-01"
        server.fault = lambda number: ""
        found = run(tmp_path / "pages", server, clock)
        again = run(tmp_path / "pages", server, clock)  # whole, and only the index lacks it
    assert numbers(found) == numbers(again) == [each[0] for each in server.records]
    assert server.asked == ["2026-11-01", "2026-11-01|10", "2026-11-01|20", "2026-11-01|30", "2026-11-01|40"]
    assert not server.complaints


@pytest.mark.parametrize("fault", ["503", "429", "drop", "cut", "nothing", "half"])
def test_a_bad_day_costs_a_repeat(fault: str, tmp_path: Path, clock: Clock) -> None:
    with OaiServer(clock) as server:
        server.records = changed(45)
        server.fault = lambda number: fault if number % 3 == 2 else ""
        found = run(tmp_path / "pages", server, clock)
    assert numbers(found) == [each[0] for each in server.records]
    assert not server.complaints


@pytest.mark.parametrize("fault", ["bot", "elsewhere", "html", "latin", "endless"])
def test_a_bad_day_that_stays_ends_it_with_a_reason(fault: str, tmp_path: Path, clock: Clock) -> None:
    with OaiServer(clock) as server:
        server.records = changed(15)
        server.fault = lambda number: fault if number > 1 else ""
        with pytest.raises(HarvestError, match="arxiv did not answer"):
            run(tmp_path / "pages", server, clock)


def test_a_token_that_is_too_old_begins_anew(tmp_path: Path, clock: Clock) -> None:
    with OaiServer(clock) as server:
        server.records = changed(25)
        server.fault = lambda number: "403" if number == 3 else ""
        with pytest.raises(HarvestError):
            run(tmp_path / "pages", server, clock)
        server.fault = lambda number: ""
        server.expired = {"2026-11-01|20"}
        with pytest.raises(HarvestError, match="badResumptionToken"):
            run(tmp_path / "pages", server, clock)
        server.expired = set()
        found = run(tmp_path / "pages", server, clock)
    assert numbers(found) == [each[0] for each in server.records]


def test_nothing_changed(tmp_path: Path, clock: Clock) -> None:
    with OaiServer(clock) as server:
        found = run(tmp_path / "pages", server, clock)
    assert not found.pages and found.until == "2026-11-21"
    harvest.finish(tmp_path / "pages", found)
    assert harvest.next_day(tmp_path / "pages") == "2026-11-21"


@pytest.mark.parametrize("state", ["", "{", "[]", '{"pages": 3}', '{"token": 7}', '{"since": "x"}', '{"no": 1}'])
def test_a_damaged_state_begins_anew(state: str, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "state.json").write_text(state)
    with OaiServer(clock) as server:
        server.records = changed(15)
        assert len(numbers(run(tmp_path / "pages", server, clock))) == 15


# --- the format -------------------------------------------------------------------------------------------------------


def test_raw_records_are_those_of_the_snapshot() -> None:
    server = OaiServer()
    page = server.whole(f"<ListRecords>{server.record(('0804.2273', '2026-11-20', 'On $x$ and E'))}</ListRecords>")[
        2
    ].decode()
    (record,) = arxiv_oai.read(page, ReadOptions()).records
    line = {
        "id": "0804.2273", "submitter": "Anna Author", "authors": "Anna Author, Bernd Berg and Carl Cox", "title": "On $x$ and E",
        "comments": "9 pages", "journal-ref": "J. 1 (2009) 2", "doi": "10.1000/x", "license": "http://example.org",
        "abstract": "What it is.", "categories": "cs.LO cs.CE", "update_date": "2009-06-02",
        "versions": [{"version": "v1", "created": "Mon, 14 Apr 2008 21:49:04 GMT"},
                     {"version": "v2", "created": "Tue, 2 Jun 2009 21:49:04 GMT"}],
    }  # fmt: skip
    (known,) = arxiv_json.FORMAT.read(json.dumps(line), ReadOptions()).records  # type: ignore[misc]
    assert record.replace(extra=tuple(sorted(record.extra))) == known.replace(extra=tuple(sorted(known.extra)))
    assert [each.name for each in recognise(page)] == ["arxiv-oai"]


def test_the_other_metadata_format_and_what_was_deleted() -> None:
    page = """<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>
    <record><header status="deleted"><identifier>oai:arXiv.org:0704.0002</identifier></header></record>
    <record><header/><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>0704.0001</id><created>2007-04-02</created>
    <updated>2007-07-24</updated><authors><author><keyname>Balázs</keyname><forenames>C.</forenames></author><author>
    <keyname>Berger</keyname><forenames>E. L.</forenames><suffix>Jr.</suffix></author></authors><title>Calculation of
    prompt diphoton production</title><categories>hep-ph</categories></arXiv></metadata></record></ListRecords></OAI-PMH>"""
    batch = arxiv_oai.read(page, ReadOptions())
    (record,) = batch.records
    assert (record.arxiv_id, record.title) == ("0704.0001", "Calculation of prompt diphoton production")
    assert [name.family for name in record.author] == ["Balázs", "Berger"]
    assert (record.submitted.parts, record.issued.parts) == ((2007, 4, 2), (2007, 7, 24))
    assert [(each.severity, each.message) for each in batch.problems] == [("note", "deleted: oai:arXiv.org:0704.0002")]


@pytest.mark.parametrize("cut", [10, 200, 500, 700])
def test_a_cut_page_is_told(cut: int) -> None:
    server = OaiServer()
    page = server.whole(f"<ListRecords>{server.record(('0804.2273', '2026-11-20', 'T'))}</ListRecords>")[2].decode()
    batch = arxiv_oai.read(page[:cut], ReadOptions())
    assert not batch.records and all(isinstance(each, Problem) for each in batch.problems) and batch.problems


# --- the command ------------------------------------------------------------------------------------------------------


def test_index_update_from_arxiv(tmp_path: Path) -> None:
    lines = [
        {"id": "2611.00001", "title": "An old title, number 1", "authors": "Anna Author", "categories": "cs.LO",
         "versions": [{"version": "v1", "created": "Mon, 14 Apr 2008 21:49:04 GMT"}]},
        {"id": "0704.0001", "title": "A title that stays", "authors": "Bernd Berg", "categories": "cs.LO",
         "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}]},
    ]  # fmt: skip
    (tmp_path / "arxiv.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    api.build_index([str(tmp_path / "arxiv.jsonl")], tmp_path / "known")

    def update(server: OaiServer, *more: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BIBTOOLS_ONLINE_ARXIV_OAI_URL": server.base, "PYTHONPATH": str(ROOT),
                       "BIBTOOLS_ONLINE_ANSWERS": str(tmp_path / "answers.sqlite")}  # fmt: skip
        words = [sys.executable, "-m", "bibtools", "index", "update", "--from", "arxiv-oai", "--to", "known", *more]
        return subprocess.run(
            words, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False, timeout=60
        )

    with OaiServer(page=100) as server:
        server.records = changed(12)
        done = update(server, "--harvest-since", "2026-11-01")
        assert done.returncode == 0, done.stderr
        known = index.open(tmp_path / "known")
        assert len(known) == 13
        (hit, *_) = known.search("arXiv:2611.00001")
        assert hit.record.title == "A new title, number 1"
        assert known.search("arXiv:0704.0001")[0].record.title == "A title that stays"
        server.records = []
        assert "nothing changed at arXiv" in update(server).stderr
        assert server.asked == ["2026-11-01", "2026-11-21"]
        assert not list((tmp_path / "known" / "works" / "arxiv-oai").glob("page-*"))
        server.fault = lambda number: "403"
        failed = update(server)
        assert failed.returncode == 2 and "arxiv did not answer (403)" in failed.stderr


def test_since_when_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "mine.bib").write_text("@article{a, title={T of mine}, author={A}}")
    api.build_index([str(tmp_path / "mine.bib")], tmp_path / "known")
    with pytest.raises(api.InputError, match="--harvest-since"):
        api.harvest_arxiv(tmp_path / "known")
    with pytest.raises(api.InputError, match="not a day"):
        api.harvest_arxiv(tmp_path / "known", since="yesterday")
