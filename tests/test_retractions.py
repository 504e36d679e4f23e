"""Notices of retraction: read from Retraction Watch's list, kept in an index, found by identifiers alone."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools import api, index, notices
from bibtools.cli import main
from bibtools.format import ReadOptions
from bibtools.formats import recognise, retraction_watch
from bibtools.notices import Notice, in_force
from bibtools.record import Date, Name, Problem, Record
from bibtools.verify import Judgement, Standing, Work
from bibtools.verify.retraction import noticed
from tests.conftest import SHARED

COLUMNS = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,RetractionDOI,"
    "RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes"
)
ROW = {  # made up
    "Record ID": "12345",
    "Title": "A Study of Gears, and of their Teeth",
    "Journal": "Journal of Engines",
    "Author": "Ada Lovelace;Jan van der Berg",
    "RetractionDate": "3/14/2021 0:00",
    "RetractionDOI": "10.1000/notice.1",
    "OriginalPaperDate": "5/6/2019 0:00",
    "OriginalPaperDOI": "10.1000/Gears.1",
    "OriginalPaperPubMedID": "31415926",
    "RetractionNature": "Retraction",
    "Reason": "+Unreliable Results;+Concerns about Data;",
}


def long(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS.split(","))
    writer.writeheader()
    for each in rows:
        writer.writerow({**ROW, **each})
    return out.getvalue()


def read(text: str) -> tuple[list[Record], list[Problem]]:
    batch = retraction_watch.read(text, ReadOptions())
    return list(batch.records), list(batch.problems)


def bibtools(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- the list ---------------------------------------------------------------------------------------------------------


def test_a_row_of_the_list() -> None:
    ((record,), problems) = read(long({}))
    assert not problems
    assert record.title == "A Study of Gears, and of their Teeth"
    assert record.author == (Name("Lovelace", "Ada"), Name("Berg", "Jan", dropping_particle="van der"))
    assert (record.id, record.doi, record.pmid, record.issued) == (
        "rw12345",
        "10.1000/gears.1",
        "31415926",
        Date((2019, 5, 6)),
    )
    (notice,) = notices.of(record)
    assert notice == Notice("Retraction", "2021-03-14", "10.1000/notice.1", "Unreliable Results; Concerns about Data")


def test_the_short_form() -> None:
    records, problems = read(
        "doi,retractionwatch\n10.1/a,Retraction\n10.1000/b,Correction;Retraction\n10.1000/c,Moved\n,Retraction\n"
    )
    assert [record.doi for record in records] == ["10.1000/b"]
    assert [each.nature for each in notices.of(records[0])] == ["Correction", "Retraction"]
    assert len(problems) == 3
    assert not records[0].title


@pytest.mark.parametrize(
    ("written", "day"),
    [("1/31/2023 0:00", "2023-01-31"), ("31/1/2023", "2023-01-31"), ("2023-01-31", "2023-01-31"), ("2/31/2023", "2023"), ("", ""),
     ("soon", "")],
)  # fmt: skip
def test_days(written: str, day: str) -> None:
    ((record,), _) = read(long({"RetractionDate": written}))
    assert [each.date for each in notices.of(record)] == [day]


@pytest.mark.parametrize(
    "text",
    [
        "",
        COLUMNS,
        "\0,\n\0",
        long({}) + "1,2,3",
        long({}) + '12,"never closed\n' + "x,y\n" * 50,
        long({}).replace("\r\n", "\r"),
        long({"Title": 'A "quoted", and\na second line'}),
        long({"Title": "x" * 200_000}),
        long({"OriginalPaperDOI": "unavailable", "OriginalPaperPubMedID": "0"}),
        "doi,retractionwatch\n" + '"' * 100_001,
    ],
)
def test_nothing_in_a_list_raises(text: str) -> None:
    records, _ = read(text)
    assert all(record.doi for record in records)


def test_a_field_of_two_lines_and_the_number_of_the_row() -> None:
    records, _ = read(long({"Title": 'A "quoted", and\na second line'}, {"Record ID": "2"}))
    assert records[0].title == 'A "quoted", and a second line'
    assert [record.origin.line for record in records] == [2, 4]


def test_it_is_recognised() -> None:
    assert [each.name for each in recognise(long({}))] == ["retraction-watch"]
    assert [each.name for each in recognise("doi,retractionwatch\n10.1000/b,Retraction\n")] == ["retraction-watch"]
    assert not recognise("doi,title\n10.1000/b,Retraction\n")


# --- which notice is in force -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "nature"),
    [
        ("Retraction", "Retraction"),
        ("Correction", None),
        ("Reinstatement", None),
        ("Expression of concern", "Expression of concern"),
        ("Withdrawal", "Withdrawal"),
        ("Expression of concern 2020-01-01, Retraction 2021-01-01", "Retraction"),
        ("Retraction 2020-01-01, Reinstatement 2021-01-01", None),
        ("Reinstatement 2021-01-01, Retraction 2020-01-01", None),
        ("Retraction 2020-01-01, Reinstatement 2021-01-01, Retraction 2022-01-01", "Retraction"),
        ("Retraction 2020-01-01, Reinstatement 2021-01-01, Correction 2022-01-01", None),
        ("Retraction, Reinstatement", None),
        ("Retraction 2022-01-01, Reinstatement", None),
    ],
)
def test_the_notice_in_force(given: str, nature: str | None) -> None:
    told = [Notice(each[:-11], each[-10:]) if each[-1].isdigit() else Notice(each) for each in given.split(", ")]
    found = in_force(told)
    assert (found.nature if found else None) == nature
    assert in_force(reversed(told)) == found


# --- in an index ------------------------------------------------------------------------------------------------------

GEARS = Record(
    title="A Study of Gears, and of their Teeth",
    author=(Name("Lovelace", "Ada"),),
    issued=Date((2019,)),
    doi="10.1000/gears.1",
    container_title="Journal of Engines",
)


@pytest.fixture
def known(tmp_path: Path) -> Path:
    (tmp_path / "rw.csv").write_text(
        long({}, {"Record ID": "2", "OriginalPaperDOI": "10.1000/other", "Title": "On Boats"})
    )
    works = tmp_path / "works.jsonl"
    works.write_text(
        json.dumps({"title": "Something Else Entirely", "author": [{"family": "Lee"}], "doi": "10.1000/else"}) + "\n"
    )
    assert (
        bibtools("index", "build", str(tmp_path / "rw.csv"), str(works), "--to", str(tmp_path / "known")).exit_code == 0
    )
    return tmp_path / "known"


def test_a_retracted_work_is_not_thereby_known(known: Path) -> None:
    opened = index.open(known)
    assert len(opened) == 1
    assert [source.format for source in opened.sources] == ["records"]
    for question in (GEARS, GEARS.title, GEARS.doi, "A Study of Gears Lovelace 2019", "10.1000/other", "PMID 31415926"):
        assert opened.search(question) == ()
    (hit,) = opened.notices(GEARS)
    assert [each.nature for each in notices.of(hit.record)] == ["Retraction"]
    assert opened.notices(Record(pmid="31415926"))
    assert opened.notices(Record(title=GEARS.title)) == ()


def test_info_tells_notices_from_works(known: Path) -> None:
    shown = bibtools("index", "info", "--index", str(known)).output
    assert "2 notices of retraction" in shown
    assert "DOI (1)" in shown


def test_lookup_shows_the_notice(tmp_path: Path) -> None:
    (tmp_path / "rw.csv").write_text(long({}))
    (tmp_path / "refs.bib").write_text(
        "@article{a, title={A Study of Gears, and of their Teeth}, author={Lovelace, Ada}, doi={10.1000/gears.1}}"
    )
    bibtools("index", "build", str(tmp_path / "rw.csv"), str(tmp_path / "refs.bib"), "--to", str(tmp_path / "known"))
    found = bibtools("lookup", "10.1000/gears.1", "--index", str(tmp_path / "known"))
    assert "Retraction; 2021-03-14; 10.1000/notice.1" in found.output
    assert "title = {A Study of Gears" in found.output


def test_building_from_the_list_alone_and_again(tmp_path: Path) -> None:
    path = tmp_path / "rw.csv"
    path.write_text(long({}))
    assert api.build_index([str(path)], tmp_path / "known", complete=["years:2000-2020"]).complete == ()
    path.write_text(long({}, {"RetractionDate": "4/1/2022 0:00", "RetractionNature": "Reinstatement"}))
    made = api.update_index([str(path)], tmp_path / "known")
    assert (made.records, made.sources[0].records) == (0, 2)
    told = [each for hit in index.open(tmp_path / "known").notices(GEARS) for each in notices.of(hit.record)]
    assert in_force(told) is None


# --- the verdict ------------------------------------------------------------------------------------------------------

LISTED = Work(
    GEARS.replace(extra=(("retraction", "Retraction; 2021-03-14; 10.1000/notice.1; Fraud"),)), "rw.csv", "2026-01-01"
)
BARE = Work(Record(doi="10.1000/gears.1", extra=(("retraction", "Retraction"),)), "short.csv")


def judged(standing: Standing, entry: Record = GEARS, *works: Work) -> Judgement:
    return Judgement("a", standing, entry, works=works)


@pytest.mark.parametrize(
    "standing", [Standing.VERIFIED, Standing.DIFFERS, Standing.OTHER_VERSION, Standing.NOT_CHECKABLE]
)
@pytest.mark.parametrize("listed", [LISTED, BARE])
def test_a_retracted_work(standing: Standing, listed: Work) -> None:
    own = (Work(GEARS, "works"),) if standing is not Standing.NOT_CHECKABLE else ()
    found = noticed(judged(standing, GEARS, *own), [listed])
    assert found.standing is Standing.RETRACTED
    assert found.alarming
    assert found.findings[0].rule == "retracted"
    if listed is LISTED:
        assert "2021-03-14 (10.1000/notice.1); Fraud" in found.findings[0].known


def test_an_entry_without_identifiers_is_retracted_with_its_work() -> None:
    found = noticed(judged(Standing.VERIFIED, GEARS.replace(doi=""), Work(GEARS, "works")), [LISTED])
    assert found.standing is Standing.RETRACTED
    assert found.findings[0].field == "title"


@pytest.mark.parametrize("standing", [Standing.MISMATCH, Standing.CHIMERA])
def test_an_identifier_of_another_work_retracts_nothing(standing: Standing) -> None:
    assert noticed(judged(standing), [LISTED]).standing is standing


def test_a_doi_that_the_list_has_for_another_title() -> None:
    entry = GEARS.replace(title="Deep learning for cats")
    assert noticed(judged(Standing.NOT_CHECKABLE, entry), [LISTED]).standing is Standing.NOT_CHECKABLE
    marked = GEARS.replace(title="RETRACTED: A study of gears and of their teeth")
    assert noticed(judged(Standing.NOT_CHECKABLE, marked), [LISTED]).standing is Standing.RETRACTED


@pytest.mark.parametrize("given", ["Correction", "Reinstatement"])
def test_what_is_no_retraction(given: str) -> None:
    listed = Work(GEARS.replace(extra=(("retraction", given),)))
    assert noticed(judged(Standing.VERIFIED, GEARS, Work(GEARS)), [listed]).standing is Standing.VERIFIED


def test_a_work_that_carries_its_notice() -> None:
    """As Crossref's records do."""
    updates = [
        {"type": "retraction", "DOI": "10.1000/notice.1", "updated": {"date-parts": [[2021, 3, 14]]}},
        {"type": "new_version"},
        3,
    ]
    work = {"DOI": "10.1000/gears.1", "title": ["A Study of Gears"], "type": "journal-article", "prefix": "10.1000"}
    text = json.dumps({**work, "member": "1", "updated-by": updates})
    (record,) = api.read_records(text, from_="crossref").records
    assert list(notices.of(record)) == [Notice("Retraction", "2021-03-14", "10.1000/notice.1")]
    assert noticed(judged(Standing.VERIFIED, record, Work(record, "crossref")), ()).standing is Standing.RETRACTED


@pytest.mark.skipif(not (SHARED / "verify").is_dir(), reason="the shared data are not here")
def test_the_real_list_is_read_whole() -> None:
    batch = retraction_watch.read((SHARED / "verify" / "retractions.csv").read_text(), ReadOptions())
    assert len(batch.records) > 57_000
    assert len(batch.problems) < 100
