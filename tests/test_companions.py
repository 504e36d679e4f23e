"""Files that belong together: what companions define is known, and only the target changes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bibtools import api, bibfile
from bibtools.cli import main
from bibtools.formats import bibtex

STRINGS = '@string{icse = "Conference on Software Engineering"}\n@string{tosem = tosemlong # " (TOSEM)"}\n'
NAMES = '@string{tosemlong = "Transactions on Software Methodology"}\n'
CROSSREFS = """\
@proceedings{ICSE2001, title = icse # " 2001", booktitle = icse # " 2001", year = 2001, month = may}
@proceedings{ICSE2002, title = icse # " 2002", booktitle = icse # " 2002", year = 2002}
@inproceedings{tutorial, author = {Cy Fox}, title = {Slicing by Hand}, booktitle = icse, year = 2001, related = {ray03}}
"""
REFS = """\
% our papers
@inproceedings{lee01, author = {Ann Lee}, title = {Working Notes on Slicing}, crossref = "ICSE2001", pages = {1--10}}
@inproceedings{lee02, author = {Ann Lee}, title = {Working Notes on Slicing}, crossref = "ICSE2002", pages = {11--20}}
@article{ray03, author = {Bo Ray}, title = {A Study of Slices}, journal = TOSEM, year = 2003, volume = 3, pages = {5--9}}
"""
PAPER = r"\cite{lee01,ray03} \bibliography{names,strings,refs,crossrefs}"
FILES = {"strings.bib": STRINGS, "names.bib": NAMES, "crossrefs.bib": CROSSREFS, "refs.bib": REFS, "paper.tex": PAPER}
WITH = ("--with", "strings.bib", "names.bib", "crossrefs.bib")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def unchanged() -> bool:
    return all(Path(name).read_text(encoding="utf-8") == text for name, text in FILES.items())


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("s", "n"), ("n", "s")])
def test_macros_of_companions_may_use_each_other_in_any_order(order: tuple[str, ...]) -> None:
    texts = {"s": STRINGS, "n": NAMES}
    document = bibfile.parse(REFS, "refs.bib", bibfile.companions((texts[name], name) for name in order))
    assert document.entries[2].get("journal") == "Transactions on Software Methodology (TOSEM)"
    assert not any(field.undefined for entry in document.entries for field in entry.fields)


def test_parents_come_from_companions_with_the_macros_of_all() -> None:
    companions = bibfile.companions([(CROSSREFS, "crossrefs.bib"), (STRINGS, "strings.bib")])
    records = bibtex.records(bibfile.parse(REFS, "refs.bib", companions)).records
    assert [record.container_title for record in records[:2]] == [
        "Conference on Software Engineering 2001",
        "Conference on Software Engineering 2002",
    ]
    assert [record.issued.year for record in records[:2]] == [2001, 2002]
    assert [record.unresolved for record in records[:2]] == [(), ()]
    assert records[2].unresolved == ()  # the first word of its journal is missing, but in the companion
    alone = bibtex.records(bibfile.parse(REFS, "refs.bib")).records
    assert all(record.unresolved for record in alone)


def test_what_the_file_defines_itself_comes_first() -> None:
    companions = bibfile.companions([('@string{j = "Theirs"}\n@book{p, title = {Theirs}}', "other.bib")])
    text = '@string{j = "Ours"}\n@article{a, journal = j}\n@inbook{b, crossref = {p}}\n@book{p, title = {Ours}}'
    document = bibfile.parse(text, "refs.bib", companions)
    assert document.entries[0].get("journal") == "Ours"
    assert bibtex.records(document).records[1].container_title == "Ours"


def test_an_edit_keeps_the_companions() -> None:
    document = bibfile.parse(REFS, "refs.bib", bibfile.companions([(STRINGS, ""), (NAMES, "")]))
    edited = document.edit([bibfile.SetField(0, "note", "seen")])
    assert edited.entries[2].get("journal").startswith("Transactions")


def test_macros_that_define_each_other_end() -> None:
    companions = bibfile.companions([("@string{a = b # {x}}", "1"), ("@string{b = a # {y}}", "2")])
    assert bibfile.parse("@misc{m, note = a # b}", "", companions).entries[0].get("note")
    documents = [
        bibfile.parse(text, text) for text in ("@string{a=a # b}", "@string{a=b}@string{b=a}", "@misc{m, note=a}")
    ]
    from bibtools.texfiles import bib

    assert b"note=a" in bib.extract(documents, ["m"]).data


# --- commands ---------------------------------------------------------------------------------------------------------


def test_check_says_nothing_false() -> None:
    assert run("check", "refs.bib").exit_code == 1
    for arguments in (("refs.bib", *WITH), ("refs.bib", "--with", "paper.tex")):
        done = run("check", *arguments, "--level", "note")
        assert (done.exit_code, done.stdout) == (0, "")


def test_check_together_looks_across_files() -> None:
    Path("more.bib").write_text(
        "\n".join([REFS.splitlines()[3], REFS.splitlines()[2].replace("lee02", "l"), ""])
        + "@misc{x, title={On x}, crossref={nowhere}}\n",
        encoding="utf-8",
    )
    done = run("check", "refs.bib", "more.bib", "strings.bib", "names.bib", "crossrefs.bib", "--together")
    assert "more.bib:1: error: duplicate key 'ray03': BibTeX uses the entry of refs.bib:4" in done.stdout
    assert "more.bib:2: warning: the same work as 'lee02' of refs.bib:3" in done.stdout
    assert "nowhere" in done.stdout
    assert len(done.stdout.splitlines()) == 3
    assert run("check", "refs.bib", "strings.bib", "names.bib", "crossrefs.bib", "--together").stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("dedupe", "refs.bib", "--write", *WITH),
        ("dedupe", "refs.bib", "--write", "--tex", "paper.tex"),
        ("merge", "refs.bib", "crossrefs.bib", "--with", "strings.bib", "names.bib"),
        ("format", "refs.bib", *WITH),
        ("check", "refs.bib", "--fix", *WITH),
        ("preview", "refs.bib", *WITH),
        ("match", "refs.bib", *WITH),
        ("keys", "refs.bib", *WITH),
    ],
)
def test_companions_are_never_written(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 0, done.stderr
    assert all(
        Path(name).read_text(encoding="utf-8") == text
        for name, text in FILES.items()
        if name not in ("refs.bib", "paper.tex")
    )


@pytest.mark.parametrize("beside", [WITH, ("--tex", "paper.tex"), ("--with", "paper.tex")])
def test_papers_of_two_years_are_no_duplicates(beside: tuple[str, ...]) -> None:
    done = run("dedupe", "refs.bib", "--write", *beside)
    assert "0 duplicate entries" in done.stderr
    assert unchanged()
    assert "lee02" not in run("match", "refs.bib", *WITH, "--pairs", "-").stdout


def test_a_bibliography_prints_with_what_its_companions_define() -> None:
    shown = " ".join(run("preview", "refs.bib", *WITH).stdout.split())
    assert "Engineering 2002" in shown
    assert "Methodology" in shown


def test_keys_of_companions_are_taken() -> None:
    Path("new.bib").write_text("@book{ICSE2001, author={Di Orr}, title={Another Book}, year=2009}\n", encoding="utf-8")
    run("merge", "refs.bib", "new.bib", *WITH)
    document = bibfile.parse(Path("refs.bib").read_bytes())
    assert [entry.get("title") for entry in document.entries if entry.key.startswith("ICSE2001")] == []
    assert document.entries[-1].get("title") == "Another Book"


def test_an_entry_that_a_companion_refers_to_keeps_its_key() -> None:
    done = run("keys", "refs.bib", "--dry-run", *WITH)
    assert [line.split(" -> ")[0] for line in done.stdout.splitlines()] == ["lee01", "lee02"]


def test_documents_bring_their_bibliographies() -> None:
    done = run("cited", "paper.tex")
    text = done.stdout
    assert done.exit_code == 0
    assert api.check(text.encode()) == ()
    assert "tosemlong" in text.split("@inproceedings")[0].lower()


def test_what_only_a_document_names_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("paper.tex").write_text(r"\cite{lee01} \bibliography{IEEEabrv,refs}", encoding="utf-8")
    done = run("dedupe", "refs.bib", "--tex", "paper.tex")
    assert done.exit_code == 0
    assert "IEEEabrv.bib is not there" in done.stderr
    Path("texmf").mkdir()
    shutil.move("strings.bib", "texmf/IEEEabrv.bib")
    monkeypatch.setenv("BIBINPUTS", os.pathsep.join((".", "texmf//", "")))
    assert "not there" not in run("dedupe", "refs.bib", "--tex", "paper.tex").stderr


# --- the configuration ------------------------------------------------------------------------------------------------


def test_companions_may_be_configured_and_the_target_is_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".bibtools.toml").write_text(
        'with = ["refs.bib", "strings.bib", "names.bib", "crossrefs.bib"]\n', encoding="utf-8"
    )
    assert run("check", "refs.bib", "--level", "note").exit_code == 0
    Path("deep").mkdir()
    monkeypatch.chdir("deep")
    assert run("check", "../refs.bib", "--level", "note").exit_code == 0


@pytest.mark.parametrize(
    ("line", "words"), [("with = [1]", "list of file names"), ('with = "a\\u0000b.bib"', "list of file names")]
)
def test_a_configured_list_of_something_else_is_refused(line: str, words: str) -> None:
    Path(".bibtools.toml").write_text(f"{line}\n", encoding="utf-8")
    done = run("check", "refs.bib")
    assert done.exit_code == 2
    assert words in done.stderr


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("dedupe", "refs.bib", "--write"),
        ("merge", "refs.bib", "names.bib"),
        ("match", "refs.bib"),
        ("check", "refs.bib"),
        ("check", "refs.bib", "--fix"),
        ("check", "refs.bib", "--together"),
        ("keys", "refs.bib"),
        ("format", "refs.bib"),
        ("preview", "refs.bib"),
        ("convert", "refs.bib"),
    ],
)
@pytest.mark.parametrize("companion", ["none.bib", ".", "page.html", "none.tex"])
def test_a_companion_that_cannot_be_read_is_an_error_before_anything_is_written(
    command: tuple[str, ...], companion: str
) -> None:
    Path("page.html").write_text("<html>not a bibliography</html>", encoding="utf-8")
    done = run(*command, "--with", companion)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert unchanged()


def test_a_list_of_companions_ends_where_the_file_to_work_on_is_missing() -> None:
    assert (
        run("check", "--with", "strings.bib", "--with", "names.bib", "--with", "crossrefs.bib", "refs.bib").exit_code
        == 0
    )
    assert "Usage" in run("dedupe", "--with", "strings.bib").stderr
