"""What comes in goes out: meaning kept from one format to another, or its loss told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bibtools import api
from bibtools.arxiv import journal_ref
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


# --- what is written ---------------------------------------------------------------------------------------------------

ENTRY = """@article{k,
  author = {Bee, Ann}, title = {T}, journal = {J}, year = 2020, month = may, doi = {10.1/x}, abstract = {A}, file = {f},
  url = {http://x.org}, keywords = {a, b}, note = {N}, bdsk-url-1 = {u}, bdsk-file-1 = {v}
}
"""


def written(text: str, to: str = "bibtex", **options: object) -> str:
    return "".join(api.convert(api.read_records(text), to, **options).text)  # type: ignore[arg-type]


def names_in(text: str) -> set[str]:
    return set(re.findall(r"([\w.-]+) *= *[{\d\w]", text))


@pytest.mark.parametrize(
    ("omit", "gone"),
    [
        (["abstract"], {"abstract"}),
        (["abstract,file", "url"], {"abstract", "file", "url"}),
        (["date"], {"year", "month"}),
        (["year"], {"year", "month"}),
        (["month"], {"month"}),
        (["journaltitle"], {"journal"}),
        (["booktitle"], set()),
        (["bdsk-*"], {"bdsk-url-1", "bdsk-file-1"}),
        (["KEYWORD"], {"keywords"}),
        (["nothing"], set()),
    ],
)
def test_fields_are_omitted(omit: list[str], gone: set[str]) -> None:
    everything = names_in(written(ENTRY))
    assert names_in(written(ENTRY, omit=omit)) == everything - gone
    assert "{k," in written(ENTRY, omit=omit)


def test_only_some_fields_are_written() -> None:
    assert names_in(written(ENTRY, fields=["author,title", "date"])) == {"author", "title", "year", "month", "doi"}
    (item,) = json.loads(written(ENTRY, "csljson", fields=["title"]))
    assert set(item) == {"id", "type", "title", "DOI"}


@pytest.mark.parametrize("name", ["doi", "eprint", "crossref", "ids"])
def test_identifiers_cannot_be_omitted(name: str) -> None:
    with pytest.raises(api.InputError, match=f"'{name}' cannot be omitted"):
        written(ENTRY, omit=[name])
    code, output = run("convert", "--omit", name, "-")
    assert code == 2
    assert "cannot be omitted" in output


def test_what_is_omitted_is_named_as_asked_for() -> None:
    done = api.convert(api.read_records(ENTRY), losses=True, omit=["abstract,file"])
    assert "".join(done.text)
    assert done.losses == (("k", ("abstract (omitted as asked)", "file (omitted as asked)")),)


def test_omission_in_every_command(tmp_path: Path) -> None:
    bib, source, tex = tmp_path / "a.bib", tmp_path / "b.bib", tmp_path / "p.tex"
    bib.write_text("@article{old, title={On Old Things}, abstract={kept}, year=2001}\n")
    source.write_text(ENTRY.replace("{T}", "{A Wholly Different Title}"))
    assert run("merge", str(bib), str(source), "--omit", "abstract,file")[0] == 0
    text = bib.read_text()
    assert "Wholly" in text
    assert "abstract={kept}" in text
    assert "abstract = {A}" not in text
    assert "file" not in names_in(text)
    assert "keywords" in names_in(text)
    before = bib.read_bytes()
    assert run("merge", str(bib), str(source), "--omit", "abstract,file")[0] == 0
    assert bib.read_bytes() == before
    tex.write_text("\\cite{old}")
    assert run("cited", str(tex), "--bib", str(bib), "--omit", "abstract", "-o", str(tmp_path / "c.bib"))[0] == 0
    assert (tmp_path / "c.bib").read_text() == "@article{old, title={On Old Things}, year=2001}\n"
    assert run("format", str(bib), "--omit", "abstract,url")[0] == 0
    assert not {"abstract", "url"} & names_in(bib.read_text())
    assert run("undo", str(bib))[0] == 0
    assert bib.read_bytes() == before
    assert run("format", str(bib), "--fields", "title,year")[0] == 0
    assert names_in(bib.read_text()) == {"title", "year", "month", "doi"}


def test_omission_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / ".bibtools.toml").write_text('omit = ["abstract", "file"]\n')
    (tmp_path / "a.bib").write_text(ENTRY)
    code, output = run("convert", str(tmp_path / "a.bib"))
    assert code == 0
    assert not {"abstract", "file"} & names_in(output)


def test_what_is_omitted_still_finds_the_entry(tmp_path: Path) -> None:
    abstract = "We study the ways in which bees remember where flowers are, over many days and in all weathers. " * 3
    page = f"CVAug 19, 2024\nThe Memory of Bees\nAnn Bee, Cee Dee\n{abstract}\n\n"
    alone = f"Somebody\nAbstract:{abstract}\n"
    sources = [api.read_records(text) for text in (page, alone)]
    result = api.merge(b"", sources, omit=["abstract"])
    assert result.text.count("@") == 1
    assert "abstract" not in names_in(result.text)
    assert result.plan.outcomes[1].key == result.plan.outcomes[0].key != ""


# --- pages and arXiv ---------------------------------------------------------------------------------------------------

PAPER = {
    "id": "1501.00001", "title": "On Things", "authors": "Ann Bee", "comments": "15 pages, 5 figures",
    "journal-ref": "Phys. Rev. D 91 (2015) 012003", "doi": "10.1103/PhysRevD.91.012003", "update_date": "2016-01-01",
    "categories": "hep-ph gr-qc", "report-no": "X-1",
    "versions": [
        {"version": "v1", "created": "Thu, 1 Jan 2015 00:00:00 GMT"},
        {"version": "v2", "created": "Fri, 1 Jan 2016 00:00:00 GMT"},
    ],
}  # fmt: skip


def test_a_published_paper_of_arxiv_is_an_article() -> None:
    assert written(json.dumps(PAPER)) == (
        "@article{bee2016things,\n  author = {Bee, Ann},\n  title = {On Things},\n  journal = {Phys. Rev. D},\n"
        "  year = {2015},\n  volume = {91},\n  pages = {012003},\n  doi = {10.1103/PhysRevD.91.012003},\n"
        "  url = {https://arxiv.org/abs/1501.00001},\n  eprint = {1501.00001},\n  archiveprefix = {arXiv},\n"
        "  primaryclass = {hep-ph},\n  comment = {15 pages, 5 figures},\n  report-no = {X-1}\n}\n"
    )
    text = written(json.dumps(PAPER), keep_extra=True)
    assert "submitted = {2015-01-01}" in text
    assert "year={2016}" in written(json.dumps(PAPER), "arxiv")


@pytest.mark.parametrize(
    ("said", "journal", "volume", "issue", "pages", "year"),
    [
        ("Phys. Rev. D 91 (2015) 012003", "Phys. Rev. D", "91", "", "012003", 2015),
        ("Phys.Rev.D91:012003,2015", "Phys. Rev. D", "91", "", "012003", 2015),
        ("Phys. Rev. Lett. 95, 226401 (2005)", "Phys. Rev. Lett.", "95", "", "226401", 2005),
        ("Astrophys.J.661:L19-L29,2007", "Astrophys. J.", "661", "", "L19–L29", 2007),
        ("JHEP 0703:029,2007", "JHEP", "0703", "", "029", 2007),
        ("Bernoulli 15, 1 (2009) 146-177", "Bernoulli", "15", "1", "146–177", 2009),
        ("J. Phys. A: Math. Theor. 40 (2007) 1123--1130", "J. Phys. A: Math. Theor.", "40", "", "1123–1130", 2007),
        ("IEEE Trans. A, Vol. 53, No. 3, pp. 900-915, March 2007", "IEEE Trans. A", "53", "3", "900–915", 2007),
        ("Journal of Applied Physics, vol 104, 073536 (2008)", "Journal of Applied Physics", "104", "", "073536", 2008),
    ],
)  # fmt: skip
def test_a_reference_to_a_journal_is_taken_apart(
    said: str, journal: str, volume: str, issue: str, pages: str, year: int
) -> None:
    found = journal_ref.parse(said)
    assert found == journal_ref.Published(journal, volume, issue, pages, year)


@pytest.mark.parametrize(
    "said",
    [
        "Proceedings of ACL 2007, pp. 3-10", "to appear in J. ACM", "AIP Conf.Proc.921:510-511,2007",
        "J. Stat. Mech. P04012 (2007)",
        "RIMS Kokyuroku, No.1551, pp.57-62 (2007)", "PhD thesis, 2007", "in: Foo 3 (2007) 1-2", "", "x" * 500, "12 (2007) 3",
        "Phys. Rev. D 91 (2015) 012003, erratum Phys. Rev. D 92 (2016) 1",
    ],
)  # fmt: skip
def test_other_references_stay_text(said: str) -> None:
    assert journal_ref.parse(said) is None
    line = PAPER | {"journal-ref": said}
    assert written(json.dumps(line)).startswith("@misc{")


def test_what_only_a_page_says_is_withheld_and_told() -> None:
    page = "29.5CLApr 20, 2024Code\n\nThe Memory of Bees\n\nAnn Bee, Cee Dee et al. · mit\n\nWe study bees.\n\n"
    batch = api.read_records(page)
    done = api.convert(batch, losses=True)
    text = "".join(done.text)
    assert not {"score", "code", "affiliation", "primaryclass", "entrysubtype"} & names_in(text)
    ((_, told),) = done.losses
    assert [name.split(" ")[0] for name in told] == ["score", "code", "affiliation", "primaryclass"]
    assert {"score", "code", "affiliation"} <= names_in(written(page, keep_extra=True))
    result = api.merge(b"", [batch])
    assert not {"score", "code", "affiliation"} & names_in(result.text)
    assert not api.merge(result.data, [batch]).plan.changes
    assert "score" in written(page, "records")


def test_a_published_paper_merged_twice_changes_nothing() -> None:
    batch = api.read_records(json.dumps(PAPER))
    result = api.merge(b"", [batch])
    assert "@article" in result.text
    assert "journal = {Phys. Rev. D}" in result.text
    again = api.merge(result.data, [batch])
    assert again.data == result.data
    assert not again.plan.changes


def test_a_file_is_never_replaced_by_nothing(tmp_path: Path) -> None:
    page, target, rest = tmp_path / "page.txt", tmp_path / "out.bib", tmp_path / "rest.jsonl"
    page.write_text("Somebody\nAbstract:" + "We study bees, and how they fly about. " * 9 + "\n")
    target.write_text(ENTRY)
    code, output = run("convert", str(page), "-o", str(target))
    assert code == 2
    assert "--incomplete" in output
    assert target.read_text() == ENTRY
    code, output = run("convert", str(page), "-o", str(target), "--incomplete", str(rest))
    assert code == 2
    assert target.read_text() == ENTRY
    assert "We study bees" in rest.read_text()


# --- losses ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "to", "told"),
    [
        ("@article{k, title={T}, note={one}, note={two}}", "ris", {"note"}),
        ("@article{k, title={T}, howpublished={x}}", "ris", {"howpublished"}),
        ("@book{k, title={T}, publisher=gone}", "bibtex", {"publisher (macro 'gone' is not defined)"}),
        ("@article{k, title={T}, note={a \\mymacro{b} c}}", "csljson", {"note (TeX that no text says)"}),
        ("@article{k, title={a \\mymacro{b} c}}", "csljson", set()),
        ("@article{k, title={a \\mymacro{b} c}}", "ris", {"title (TeX that no text says)"}),
        ("@online{k, title={T}, date={2020-05-06T12:00:00}}", "csljson", {"date (the time of day)"}),
        ("@online{k, title={T}, date={2020-05-06T12:00:00}}", "biblatex", set()),
        ("@online{k, title={T}, date={2020-05-06T12:00:00}}", "bibtex", {"date (the time of day)"}),
        ("@article{k, title={T}, month={Spring}, year=2000}", "csljson", set()),
        ("@article{k, title={T}, author={A Bee}, year=2000}", "ris", set()),
        ("@article{k, title={T}, author={A Bee}, abstract={x}}", "arxiv", {"abstract"}),
    ],
)
def test_losses_compare_the_source(entry: str, to: str, told: set[str]) -> None:
    done = api.convert(api.read_records(entry), to, losses=True)
    assert "".join(done.text)
    assert {name for _, names in done.losses for name in names} == told


# --- the Python API ----------------------------------------------------------------------------------------------------


def test_convert_and_merge_take_the_same_kinds_of_input(tmp_path: Path) -> None:
    path = tmp_path / "a.bib"
    path.write_text(ENTRY)
    batch = api.read_records(ENTRY)
    expected = written(ENTRY)
    for given in (
        ENTRY,
        ENTRY.encode(),
        path,
        [path],
        batch,
        batch.records[0],
        [batch.records[0]],
        api.read_inputs([str(path)]),
    ):
        assert "".join(api.convert(given).text) == expected
        assert api.merge(b"", given).text == api.merge(b"", [batch]).text
    assert "".join(api.convert([path, "@misc{z, title={Zed}}"]).text).count("@") == 2
    with pytest.raises(api.InputError, match=r"nowhere\.bib"):
        api.convert(tmp_path / "nowhere.bib")


SAME = "CLAug 19, 2024\n\nThe Memory of Bees\n\nAnn Bee, Cee Dee et al. · mit\n\nWe study bees.\n\n"


def test_two_pages_with_the_same_papers_give_each_once(tmp_path: Path) -> None:
    other = SAME.replace("mit", "eth") + SAME.replace("Memory", "Dances").replace("We study", "We watch")
    pages = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for path, text in zip(pages, (SAME, other), strict=True):
        path.write_text(text)
    done = api.convert(pages)
    assert "".join(done.text).count("@misc") == 2
    assert [each.message for each in done.problems] == ["1 record came from several inputs and is written once"]
    assert len(api.convert([pages[0], *pages]).keys) == 2
    assert len(api.convert(SAME + SAME.replace("mit", "eth")).keys) == 2  # within one page they are apart as they stand


def test_a_paper_is_known_by_its_identifier_in_other_words() -> None:
    changed = PAPER | {"title": "On Some Things"}
    sources = [api.read_records(json.dumps(each), source=name) for each, name in ((PAPER, "one"), (changed, "two"))]
    done = api.convert(sources)
    assert "".join(done.text).count("@article") == 1
    (told,) = [each for each in done.problems if each.severity == "warning"]
    assert "came before from one under the same arxiv" in told.message
    assert len(api.convert([ENTRY, ENTRY]).keys) == 2  # entries with keys are cited
