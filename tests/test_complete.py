"""`complete`: gaps filled from works that are surely the entry's, and nothing else touched."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools import api, bibfile, index
from bibtools.cli import main
from bibtools.formats import bibtex
from bibtools.index import Source
from bibtools.record import Date, Name, Record

PEOPLE = (Name(family="Vaswani", given="Ashish"), Name(family="Shazeer", given="Noam"))


def work(title: str, year: int = 2017, author: tuple[Name, ...] = PEOPLE, **more: object) -> Record:
    return Record(title=title, author=author, issued=Date((year,)), **more)  # type: ignore[arg-type]


PUBLISHED = work(
    "Attention Is All You Need",
    type="paper-conference",
    container_title="Advances in Neural Information Processing Systems",
    volume="30",
    page="5998–6008",
    doi="10.5555/3295222",
    publisher="Curran",
)
WORKS = [
    PUBLISHED,
    work("Attention Is All You Need", type="article", arxiv_id="1706.03762", categories=("cs.CL",)),
    work("On the Engines of Mister Babbage", 1843, (Name(family="Lovelace", given="Ada"),), type="article-journal",
         container_title="Journal of Engines", volume="3", issue="2", page="1–9", doi="10.1000/182"),
    work("Two Versions of It", 2010, type="paper-conference", container_title="ICML", page="1–8", doi="10.1000/a"),
    work("Two Versions of It", 2012, type="paper-conference", container_title="JMLR Workshop", page="11–18", doi="10.1000/b"),
    work("A renamed paper, now published", 2019, type="article-journal", container_title="Nature", doi="10.1000/new"),
    work("A paper with its old name", 2018, type="article", arxiv_id="1801.00001", doi="10.1000/new"),
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    index.build(folder, "works", [index.Feed(Source("known.jsonl", "records", date="2026-11-01"), WORKS)])
    return folder


def completed(place: Path, text: str, **more: object) -> api.Completion:
    return api.complete_bibliography(text, index.open(place), **more)  # type: ignore[arg-type]


def bibtools(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=text)


ENTRY = """\
@inproceedings{mine,
  author = {Vaswani, Ashish and Shazeer, Noam},
  title = {Attention is all you need},
  year = 2017,
}
"""


def test_gaps_are_filled_in_the_style_of_the_file(place: Path) -> None:
    text = completed(place, ENTRY).text
    assert text.startswith(ENTRY[: ENTRY.index("}\n", 80)])
    assert "  booktitle = {Advances in Neural Information Processing Systems},\n" in text
    assert "  volume = 30,\n  pages = {5998--6008},\n" in text  # a number bare, as the year is
    assert "doi = {10.5555/3295222}" in text
    assert "publisher" not in text and "eprint" not in text


def test_a_second_run_changes_nothing(place: Path) -> None:
    once = completed(place, ENTRY)
    assert once.changed
    assert not completed(place, once.text).changed


def test_what_a_person_wrote_stays_unless_it_is_to_be_replaced(place: Path) -> None:
    entry = ENTRY.replace("year = 2017", "year = 2017, booktitle = {NeurIPS}, note = {read this}, pages = {5998-6008}")
    text = completed(place, entry).text
    assert "booktitle = {NeurIPS}" in text and "note = {read this}" in text and "pages = {5998-6008}" in text
    text = completed(place, entry, replaced={"container_title"}).text
    assert "booktitle = {Advances in Neural Information Processing Systems}" in text


@pytest.mark.parametrize(
    "contradiction",
    ["year = 2019", "year = 2017, doi = {10.1000/other}", "year = 2017, pages = {1--2}", "year = 2017, volume = 99"],
)
def test_a_work_that_contradicts_the_entry_gives_nothing(place: Path, contradiction: str) -> None:
    assert not completed(place, ENTRY.replace("year = 2017", contradiction)).changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Attention is all you need", "Attention is all you need in speech"),
        ("Attention is all you need", "Attention"),
        ("Vaswani, Ashish and Shazeer, Noam", "Knuth, Donald and Graham, Ron"),
        ("Vaswani, Ashish and Shazeer, Noam", "Shazeer, Noam and Knuth, Donald"),
    ],
)
def test_another_work_is_not_completed(place: Path, old: str, new: str) -> None:
    assert not completed(place, ENTRY.replace(old, new)).changed


def test_two_publications_are_a_question(place: Path) -> None:
    entry = "@inproceedings{x, title = {Two Versions of It}, author = {Vaswani, A. and Shazeer, N.}}\n"
    result = completed(place, entry)
    assert not result.changed
    assert [str(each.status) for each in result.plan.outcomes] == ["unsure"]
    dated = completed(place, entry.replace("}}", "}, year = 2012}"))
    assert "10.1000/b" in dated.text


def test_a_question_is_asked_once_and_the_answer_remembered(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    target.write_text("@inproceedings{x, title = {Two Versions of It}, author = {Vaswani, A. and Shazeer, N.}}\n")
    run = bibtools("complete", str(target), "--index", str(place), "--interactive")
    assert run.exit_code == 0
    target.write_text("@inproceedings{x, title = {Two Versions of It}, author = {Vaswani, A. and Shazeer, N.}}\n")
    run = bibtools("complete", str(target), "--index", str(place), "--interactive", text="s\n")
    filled = target.read_text()
    assert "doi = {10.1000/" in filled, run.output
    target.write_text("@inproceedings{x, title = {Two Versions of It}, author = {Vaswani, A. and Shazeer, N.}}\n")
    assert bibtools("complete", str(target), "--index", str(place)).exit_code == 0
    assert target.read_text() == filled


def test_a_preprint_is_upgraded_only_where_asked(place: Path) -> None:
    entry = ENTRY.replace("@inproceedings", "@misc").replace(
        "year = 2017", "year = 2017, eprint = {1706.03762}, archiveprefix = {arXiv}"
    )
    assert not completed(place, entry).changed
    text = completed(place, entry, upgrade=True).text
    assert text.startswith("@inproceedings{mine,")
    assert "eprint = {1706.03762}" in text and "pages = {5998--6008}" in text and "10.5555/3295222" in text
    assert not completed(place, text, upgrade=True).changed


def test_a_preprint_whose_title_changed_needs_an_identifier_that_links_the_two(place: Path) -> None:
    entry = """@misc{p, title = {A paper with its old name}, author = {Vaswani, A. and Shazeer, N.}, year = 2018,
      eprint = {1801.00001}, archiveprefix = {arXiv}}
    """
    assert "Nature" in completed(place, entry, upgrade=True).text
    without = entry.replace("eprint = {1801.00001}, archiveprefix = {arXiv}", "howpublished = {arXiv}")
    assert "Nature" not in completed(place, without, upgrade=True).text


def test_a_list_of_authors_that_was_cut_short_is_completed(place: Path) -> None:
    entry = ENTRY.replace("Vaswani, Ashish and Shazeer, Noam", "Vaswani, Ashish and others")
    assert "author = {Vaswani, Ashish and Shazeer, Noam}" in completed(place, entry).text


def test_only_the_fields_that_are_asked_for(place: Path) -> None:
    text = completed(place, ENTRY, fields={"doi"}).text
    assert "doi" in text and "pages" not in text


def test_a_macro_of_the_file_is_used_for_the_journal(place: Path) -> None:
    entry = """@string{jeng = "Journal of Engines"}
@article{a, title = {On the Engines of Mister Babbage}, author = {Ada Lovelace}, year = 1843}
"""
    assert "journal = jeng" in completed(place, entry).text.replace("  ", " ")


def test_a_file_in_biblatex_stays_in_biblatex(place: Path) -> None:
    entry = (
        "@article{a,\n  title = {On the Engines of Mister Babbage},\n  author = {Ada Lovelace},\n  date = {1843},\n}\n"
    )
    text = completed(place, entry).text
    assert "journaltitle = {Journal of Engines}" in text and "number = {2}" in text


def test_untouched_entries_keep_every_byte(place: Path) -> None:
    other = '% a comment\n@Book{ k ,TITLE="The {\\TeX}book" , year=1984 ,}\n\nstray text\n'
    text = completed(place, other + ENTRY + other.replace(" k ", " k2 ")).text
    assert text.startswith(other) and text.endswith(other.replace(" k ", " k2 "))


def test_two_entries_of_one_work_are_both_completed(place: Path) -> None:
    result = completed(place, ENTRY + ENTRY.replace("mine", "again"))
    assert {change.target.key for change in result.plan.changes} == {"mine", "again"}


def test_an_entry_that_is_not_known_stays(place: Path) -> None:
    entry = "@misc{x, title = {Something nobody has heard of}, author = {No Body}}\n@misc{y}\n@misc{z, author = {No Title}}\n"
    result = completed(place, entry)
    assert (result.changed, result.unknown) == (False, 3)


def test_the_report_says_where_each_value_comes_from(place: Path, tmp_path: Path) -> None:
    target, page = tmp_path / "refs.bib", tmp_path / "report.json"
    target.write_text(ENTRY)
    run = bibtools("complete", str(target), "--index", str(place), "--report", str(page))
    assert run.exit_code == 0
    assert "1 updated" in run.stderr
    assert "known.jsonl of 2026-11-01" in page.read_text()
    assert "known.jsonl" not in target.read_text()
    beside = json.loads((tmp_path / ".bibtools-verdicts.json").read_text())
    assert beside["filled"]["mine"]["doi"] == "known.jsonl of 2026-11-01"
    assert bibtools("undo", str(target)).exit_code == 0
    assert target.read_text() == ENTRY


def test_a_dry_run_and_a_diff_write_nothing(place: Path, tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    target.write_text(ENTRY)
    for option in ("--dry-run", "--diff"):
        run = bibtools("complete", str(target), "--index", str(place), option)
        assert run.exit_code == 0
        assert "5998" in run.output
        assert target.read_text() == ENTRY
        assert [each.name for each in tmp_path.iterdir()] == ["refs.bib"]


@pytest.mark.parametrize(("option", "word"), [("--fields", "colour"), ("--replace", "jornal")])
def test_a_field_that_there_is_not(place: Path, tmp_path: Path, option: str, word: str) -> None:
    target = tmp_path / "refs.bib"
    target.write_text(ENTRY)
    run = bibtools("complete", str(target), "--index", str(place), option, word)
    assert run.exit_code == 2
    assert f"there is no field '{word}'" in run.stderr


@pytest.mark.parametrize(
    "data", [b"", b"no bib", b"@misc{", b"\xff\xfe@", b"@misc{a, title = {\x1b[31m}}", b"@misc{a,title={" + b"{" * 2000]
)
def test_strange_files(place: Path, tmp_path: Path, data: bytes) -> None:
    target = tmp_path / "refs.bib"
    target.write_bytes(data)
    run = bibtools("complete", str(target), "--index", str(place))
    assert run.exit_code in (0, 2)
    assert "Traceback" not in run.output and "\x1b" not in run.output
    assert target.read_bytes() == data


def test_no_socket_is_opened(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    target = tmp_path / "refs.bib"
    target.write_text(ENTRY)
    for words in (
        ["index", "build", str(target), "--to", str(tmp_path / "known")],
        ["index", "update", str(target), "--to", str(tmp_path / "known")],
        ["index", "info", "--index", str(tmp_path / "known")],
        ["lookup", "attention is all you need vaswani", "--index", str(place)],
        ["complete", str(target), "--index", str(place), "--upgrade", "preprints"],
        ["index", "remove", "works", "--index", str(tmp_path / "known")],
    ):
        run = bibtools(*words)
        assert run.exit_code == 0, (words, run.output, run.exception)


def test_values_blanked_of_known_entries_come_back(tmp_path: Path) -> None:
    """Every field blanked in turn, of entries with all of them: what is filled equals the truth."""
    whole = [
        work(f"A study of {word} in models of {other}", 2000 + n, (Name(family=f"Family{n}", given="Ada"), Name(family="Zhou")),
             type="article-journal", container_title=f"Journal of {word}", volume=str(n), page=f"{n}–{n + 9}", doi=f"10.1000/{n}")
        for n, (word, other) in enumerate((a, b) for a in ("rust", "wheat", "barley", "rye") for b in ("soil", "water", "light"))
    ]  # fmt: skip
    index.build(tmp_path, "works", [index.Feed(Source("x", "records"), whole)])
    known = index.open(tmp_path)
    blanks = {"doi": "", "page": "", "volume": "", "container_title": "", "issued": Date()}
    for names in (*((name,) for name in blanks), tuple(blanks)):
        records = [each.replace(id=f"k{n}", **{name: blanks[name] for name in names}) for n, each in enumerate(whole)]
        text = "".join(api.write_records(records))
        read = bibtex.records(bibfile.parse(completed_text(known, text))).records
        for name in names:
            assert [getattr(each, name) for each in read] == [getattr(each, name) for each in whole], name


def completed_text(known: index.Index, text: str) -> bytes:
    return api.complete_bibliography(text, known).data


def test_the_report_is_json(place: Path, tmp_path: Path) -> None:
    target, page = tmp_path / "refs.bib", tmp_path / "report.json"
    target.write_text(ENTRY)
    bibtools("complete", str(target), "--index", str(place), "--dry-run", "--report", str(page))
    told = json.loads(page.read_text())
    assert {each["field"] for each in told["updated"][0]["changes"]} >= {"doi", "pages"}
