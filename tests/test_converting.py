"""What comes in goes out: meaning kept from one format to another, or its loss told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bibtools import api
from bibtools.cli import main
from bibtools.record import Record

FORMATS = ("bibtex", "biblatex", "csljson", "ris", "records")


def convert(text: str, to: str = "bibtex", **options: bool) -> str:
    return "".join(api.convert(api.read_records(text), to, **options).text)


def one(text: str) -> Record:
    (record,) = api.read_records(text).records
    return record


# --- links -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", FORMATS)
def test_the_address_of_a_link_goes_everywhere(to: str) -> None:
    text = convert(
        "@article{k, title={\\href{https://x.org/a_b}{The T}}, note={\\href{https://y.org/\\%20z}{here}}}", to
    )
    assert "https://x.org/a_b" in text
    assert "https://y.org/%20z" in text.replace("\\%", "%")


def test_a_title_that_is_a_link_is_a_title_and_an_address() -> None:
    record = one("@article{k, title={\\href{https://x.org}{The T}}, journal={J}}")
    assert (record.title, record.url) == ("The T", "https://x.org")
    assert "url =" not in convert("@article{k, title={\\href{https://x.org}{The T}}, journal={J}}")
    assert one("@article{k, title={\\href{https://x.org}{T}}, url={https://z.org}}").url == "https://z.org"


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("\\href{https://y.org}{here}", "here (https://y.org)"),
        ("\\href{https://y.org}{\\url{https://y.org}}", "https://y.org"),
        ("\\href{https://y.org}{}", "https://y.org"),
        ("\\href{}{here}", "here"),
        ("\\begin{itemize}\\item one\\item two\\end{itemize}", "• one• two"),
    ],
)
def test_notes_are_decoded(note: str, expected: str) -> None:
    assert one(f"@misc{{k, note={{{note}}}}}").note == expected


# --- CSL ---------------------------------------------------------------------------------------------------------------

ORIGINAL = (
    """@book{k, title={T}, origdate={1901}, origpublisher={Pub \\& Co}, origlocation={K{\\"o}ln}, origtitle={Alt}}"""
)


def test_the_first_edition_of_a_work_has_its_variables() -> None:
    (item,) = json.loads(convert(ORIGINAL, "csljson"))
    assert item["original-date"] == {"date-parts": [[1901]]}
    assert item["original-publisher"] == "Pub & Co"
    assert item["original-publisher-place"] == "Köln"
    assert item["original-title"] == "Alt"
    text = convert(json.dumps([item]), "biblatex")
    for field in ("origdate = {1901}", "origpublisher = {Pub \\& Co}", "origlocation = {Köln}", "origtitle = {Alt}"):
        assert field in text


@pytest.mark.parametrize(
    ("entry", "variable", "expected"),
    [
        ("@article{k, series={3}}", "collection-title", "3rd series"),
        ("@article{k, series={11}}", "collection-title", "11th series"),
        ("@article{k, series={3}, langid={german}}", "collection-title", "3. Folge"),
        ("@article{k, series={newseries}}", "collection-title", "New series"),
        ("@article{k, series={newseries}, langid={french}}", "collection-title", "Nouvelle série"),
        ("@book{k, series={3}}", "collection-title", "3"),
        ("@article{k, pubstate={inpress}}", "status", "in press"),
        ("@article{k, pubstate={inpress}, langid={ngerman}}", "status", "im Druck"),
        ("@phdthesis{k, langid={german}}", "genre", "Dissertation"),
        ("@thesis{k, type={mathesis}, langid={french}}", "genre", "mémoire de master"),
        ("@thesis{k, type={PhD thesis}, langid={french}}", "genre", "PhD thesis"),
        ("@phdthesis{k, title={T}}", "genre", "PhD thesis"),
    ],
)
def test_the_keys_of_biblatex_are_words_in_csl(entry: str, variable: str, expected: str) -> None:
    text = convert(entry, "csljson")
    (item,) = json.loads(text)
    assert item[variable] == expected
    assert one(text).replace(origin=one(entry).origin) == one(entry)


def test_the_time_of_a_day_stays_in_biblatex() -> None:
    entry = "@online{k, date={2020-05-06T12:30:00}, urldate={2020-01-02T03:04:05Z}}"
    assert "date = {2020-05-06T12:30:00}" in convert(entry, "biblatex")
    assert "urldate = {2020-01-02T03:04:05Z}" in convert(entry, "biblatex")


# --- recognition -------------------------------------------------------------------------------------------------------

PAPIS = {"author": "Doe, Jane and Roe, R.", "type": "article", "title": "On X", "year": "2020", "journal": "J"}


@pytest.mark.parametrize(
    "item",
    [
        PAPIS,
        {"author": "Bee, A", "type": "article", "title": "On X"},
        {"author": ["Bee, A"], "type": "article-journal", "title": "On X"},
        {"type": "book", "title": "On X", "year": 2020},
        {"type": "book", "title": "On X", "issued": 2020},
        {"type": "book", "title": ["On X"]},
    ],
)
def test_json_of_another_shape_is_no_csl(item: dict[str, object]) -> None:
    with pytest.raises(api.InputError, match="not recognised"):
        api.read_records(json.dumps([item], indent=1))


@pytest.mark.parametrize(
    "item",
    [
        {"id": "a", "type": "book", "title": "On X"},
        {"id": "a", "type": "article-journal", "author": [{"family": "Bee"}], "issued": {"date-parts": [[2020]]}},
        {"type": "article", "title": "On X", "author": [{"literal": "B"}], "container-title": "J", "year": 2020},
        {"id": "a", "type": "book", "title": "On X", "issued": {"raw": "2020"}, "pages": "3"},
    ],
)
def test_csl_is_known_by_its_shapes(item: dict[str, object]) -> None:
    assert one(json.dumps([item], indent=1)).type == item["type"]


def test_what_does_not_fit_is_told_where_csl_is_asked_for() -> None:
    batch = api.read_records(json.dumps([PAPIS]), from_="csljson")
    assert any("'author' is text" in each.message for each in batch.problems)
    text = "".join(api.convert(batch).text)
    assert "year = {2020}" in text
    assert "journal = {J}" in text


# --- ASCII -------------------------------------------------------------------------------------------------------------


def test_what_ascii_cannot_say_is_told() -> None:
    done = api.convert(api.read_records("@book{k, title={Łódź 山 𝐀}}"), ascii=True)
    text = "".join(done.text)
    assert "{\\L}{\\'o}d{\\'z}" in text
    (told,) = [each.message for each in done.problems]
    assert told.startswith("2 characters have no LaTeX command")
    assert "山 𝐀" in told
    for to, title in (("bibtex", "Łódź"), ("csljson", "山")):
        done = api.convert(api.read_records(f"@book{{k, title={{{title}}}}}"), to, ascii=True)
        assert "".join(done.text)
        assert not done.problems


def test_the_title_of_a_paper_on_arxiv_is_exported_as_it_came() -> None:
    line = {
        "id": "0704.0573",
        "title": "A {\\sc broken title",
        "authors": "A Bee",
        "versions": [],
        "categories": "hep-ph",
    }
    text = convert(json.dumps(line), "arxiv")
    assert "title={A {\\sc broken title}, " in text
    assert "title = {A \\textsc{broken title}}" in convert(json.dumps(line))


# --- the command -------------------------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words))
    return result.exit_code, result.output


def test_strange_json_ends_with_two(tmp_path: Path) -> None:
    path = tmp_path / "papis.json"
    path.write_text(json.dumps([PAPIS]))
    code, output = run("convert", str(path))
    assert code == 2
    assert "not recognised" in output
