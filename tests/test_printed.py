"""What prints of a converted .bib is what printed of it before: `bibtex` with its own styles is the judge."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import bibtex
from bibtools.latex import print_alike
from bibtools.record import Date, Record
from tests import printed_judge

needs_bibtex = pytest.mark.skipif(printed_judge.FOUND is None, reason="bibtex is not installed")
# "al." and "and" as the only name of a person: bibtex prints them as names, we know better
ON_PURPOSE = {"cdli:born2019", "harvey:ijcai95"}
ODD_KEYS = {'"a"'}  # its quotation marks cannot stay in a key
LETTERED = {
    "0041-different-delimiters.bib"
}  # a second entry that only we read takes a letter off the year of the first


def converted(text: str, dialect: str = "bibtex", **options: bool) -> str:
    records = bibtex.read(text, ReadOptions()).records
    return "".join(bibtex.write(records, WriteOptions(**options), dialect))


@needs_bibtex
@pytest.mark.parametrize("style", ["plain", "plainnat"])
def test_real_files_print_as_before(style: str, shared: Path, tmp_path: Path) -> None:
    found = []
    for path in sorted((shared / "bib" / "wild").glob("*.bib")):
        if path.name not in LETTERED:
            for key, before, after in printed_judge.differences(path.read_bytes(), path.name, tmp_path, style):
                if key not in ON_PURPOSE | ODD_KEYS:
                    found.append(f"{path.name} {key}\n< {before}\n> {after}")
    assert not found, "\n".join(found)


@needs_bibtex
@pytest.mark.parametrize("name", ["messy.bib", "plume.bib"])
def test_large_files_print_as_before(name: str, shared: Path, tmp_path: Path) -> None:
    data = (shared / "bib" / name).read_bytes()
    assert printed_judge.differences(data, name, tmp_path, "plain") == []


ENTRIES = {
    "season": "@article{k, title={T}, journal={J}, year=2000, month={Spring}}",
    "months": "@article{k, title={T}, journal={J}, year=2000, month={May/June}}",
    "days": "@article{k, title={T}, journal={J}, year=2000, month={16--23 July}}",
    "expression": '@article{k, title={T}, journal={J}, year=2000, month=may # "/" # jun}',
    "month in braces": "@article{k, title={T}, journal={J}, year=2000, month={{June}}}",
    "month in a group": "@article{k, title={T}, journal={J}, year=2000, month={{\\em June} or so}}",
    "day alone": "@article{k, title={T}, journal={J}, year=2000, day=5}",
    "short": "@article{k, title={T}, journal={J}, year=2000, month={Jan.}}",
    "month alone": "@article{k, title={T}, journal={J}, month=mar}",
    "words": "@article{k, title={T}, journal={J}, year={to appear}}",
    "no date": "@article{k, title={T}, journal={J}, year={n.d.}}",
    "two years": "@article{k, title={T}, journal={J}, year={1999/2000}}",
    "macro of one's own": "@article{k, title={T}, journal={J}, year={{\\noopsort{b}}1973--90}}",
    "capitals": "@article{k, title={The NGC 253 of {LaTeX} and {\\'E}tude}, journal={J}, year=2000}",
    "type": "@phdthesis{k, title={T}, author={A Bee}, school={S}, type={{PhD} Dissertation}, year=2000}",
    "organization": "@proceedings{k, title={Proc}, organization={ACM}, publisher={ACM}, year=2000}",
    "journal of a paper": "@inproceedings{k, title={T}, author={A Bee}, journal={J}, year=2000}",
    "braces in a name": "@article{k, title={T}, author={{\\relax Ch}ristos Bee and {van} Dee, A}, journal={J}, year=2000}",
    "repeated": "@article{k, title={T}, journal={J}, year=2000, note={one}, note={two}}",
}


@needs_bibtex
@pytest.mark.parametrize("style", ["plain", "abbrv"])
@pytest.mark.parametrize("text", ENTRIES.values(), ids=ENTRIES.keys())
def test_an_entry_prints_as_before(text: str, style: str, tmp_path: Path) -> None:
    before = printed_judge.printed(text, tmp_path, style)
    assert before["k"]
    assert printed_judge.printed(converted(text), tmp_path, style) == before


@pytest.mark.parametrize(
    ("fields", "bibtex_says", "biblatex_says"),
    [
        ("year={to appear}", "year = {to appear}", "year = {to appear}"),
        ("year={1999/2000}", "year = {1999/2000}", "date = {1999/2000}"),
        ("year=2000, month={Spring}", "month = {Spring}", "date = {2000-21}"),
        ("year=2000, month={16--23 July}", "month = {16--23 } # jul", "date = {2000-07-16/2000-07-23}"),
        ("date={2000-07-16/2000-08-02}", "month = {16 } # jul # {--2 } # aug", "date = {2000-07-16/2000-08-02}"),
        ("date={2000-05/2000-06}", "month = may # {--} # jun", "date = {2000-05/2000-06}"),
        ("year={2020a}, month={13}", "month = {13}", "year = {2020a}"),
        ("year=2020, month={Winter 1850/51}", "month = {Winter 1850/51}", "month = {Winter 1850/51}"),
        ("date={2000-22}", "month = {Summer}", "date = {2000-22}"),
    ],
)
def test_dates_that_are_no_day(fields: str, bibtex_says: str, biblatex_says: str) -> None:
    text = f"@article{{k, {fields}}}"
    assert bibtex_says in converted(text)
    assert biblatex_says in converted(text, "biblatex")
    for dialect in ("bibtex", "biblatex"):
        (before,), (after,) = (bibtex.read(each, ReadOptions()).records for each in (text, converted(text, dialect)))
        assert before.issued == after.issued


def test_a_year_in_words_of_another_format_is_a_year() -> None:
    record = Record(id="k", title="T", issued=Date(literal="in press"))
    for dialect in ("bibtex", "biblatex"):
        text = "".join(bibtex.write([record], WriteOptions(), dialect))
        assert "year = {in press}" in text
        assert "date" not in text


def test_a_field_that_stands_twice_is_kept_and_told() -> None:
    text = "@misc{k, note={one}, note={two}, file={a}, file={b}, keywords={x}, keywords={y, x}, url={u}, url={v}}"
    batch = bibtex.read(text, ReadOptions())
    (record,) = batch.records
    assert record.keyword == ("x", "y")
    assert (record.note, record.get_extra("note"), record.url, record.get_extra("url")) == ("one", "two", "u", "v")
    assert [value for name, value in record.extra if name == "file"] == ["a", "b"]
    told = [each.message for each in batch.problems]
    assert len(told) == 4
    assert all("both are kept" in each for each in told)
    for dialect in ("bibtex", "biblatex"):
        (again,) = bibtex.read(converted(text, dialect), ReadOptions()).records
        assert again == record


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("The {NGC} 253", "The NGC 253", False),
        ("Ngc 253", "NGC 253", True),
        ("NGC: A Survey", "{NGC}: A survey", False),
        ("Genes: A Survey", "Genes: A survey", True),
        ("Genes: a Survey", "Genes: A survey", False),
        ("The {\\AA}ngstr{\\\"o}m", "The {\\aa}ngstr{ö}m", True),
        ("The \\'Etude", "The étude", True),
        ("Plain words", "Plain {words}", True),
    ],
)  # fmt: skip
def test_titles_that_a_style_prints_alike(one: str, other: str, alike: bool) -> None:
    assert print_alike(one, other) is alike


def test_what_latex_would_stop_at_is_mended_on_the_way() -> None:
    text = converted("@article{k, title={The NGC & 100% of a_b}, note={\\url{x_y%z} & {Q}}}")
    assert "title = {The NGC \\& 100\\% of a\\_b}" in text
    assert "NGC" in converted("@article{k, title={The NGC of Łódź}}", ascii=True)
    assert converted("@article{k, title={The NGC of Łódź}}", ascii=True).isascii()


@pytest.mark.skipif(shutil.which("biber") is None, reason="biber is not installed")
@pytest.mark.parametrize("name", ["0016-example.bib", "0044-biblatex-input.bib"])
def test_biber_finds_no_more_to_say_than_before(name: str, shared: Path, tmp_path: Path) -> None:
    source, result = printed_judge.rewritten((shared / "bib" / "wild" / name).read_bytes(), name, "biblatex")
    counts = []
    for text in (source, result):
        (tmp_path / "x.bib").write_text(text, encoding="utf-8")
        words = ["biber", "--tool", "--validate-datamodel", "--output-file=y.bib", "x.bib"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
        counts.append(len(re.findall("WARN|ERROR", done.stdout)))
    assert 0 < counts[1] <= counts[0]
