"""merge and dedupe whole: files in, files out, and the same through the library."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import bibtools
from bibtools import bibfile
from bibtools.api import InputError, read_records, write_records
from bibtools.cli import main
from tests.conftest import SHARED

TARGET = """% kept as it is
@article{vaswani,
    author  = "Vaswani, Ashish and others",
    title   = {Attention Is All You Need},
    journal = {arXiv preprint arXiv:1706.03762},
    year    = {2017}
}

@book{knuth, author = {Donald E. Knuth}, title = {The {\\TeX}book}, year = 1984, publisher = {Addison-Wesley}}
"""
PUBLISHED = """@inproceedings{attention,
  author = {Vaswani, Ashish and Shazeer, Noam and Parmar, Niki},
  title = {Attention is All you Need},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {30}, pages = {5998--6008}, year = {2017}
}
@article{lovelace, author = {Lovelace, Ada}, title = {Notes on the Analytical Engine}, journal = {Taylor's Memoirs}, year = 1843}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "refs.bib").write_text(TARGET)
    (tmp_path / "new.bib").write_text(PUBLISHED)
    return tmp_path


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed, catch_exceptions=False)


def entry(text: str, key: str) -> dict[str, str]:
    found = bibfile.parse(text).find(key)
    assert found is not None, key
    return {"type": found.type} | {each.name: each.value for each in found.fields}


def test_merge_upgrades_adds_and_leaves_the_rest_alone(folder: Path) -> None:
    done = run("merge", "refs.bib", "new.bib")
    assert done.exit_code == 0, done.output
    text = (folder / "refs.bib").read_text()
    upgraded = entry(text, "vaswani")
    assert upgraded["type"] == "inproceedings" and "journal" not in upgraded
    assert upgraded["booktitle"].startswith("Advances") and upgraded["pages"] == "5998--6008"
    assert upgraded["eprint"] == "1706.03762"
    assert upgraded["author"] == "Vaswani, Ashish and Shazeer, Noam and Parmar, Niki"
    assert entry(text, "lovelace")["year"] == "1843"
    assert text.startswith("% kept as it is\n") and TARGET[TARGET.index("@book") :] in text
    assert run("merge", "refs.bib", "new.bib").exit_code == 0
    assert (folder / "refs.bib").read_text() == text
    assert run("undo", "refs.bib").exit_code == 0
    assert (folder / "refs.bib").read_text() == TARGET


def test_library_and_command_write_the_same(folder: Path) -> None:
    run("merge", "refs.bib", "new.bib")
    assert bibtools.merge(TARGET, [PUBLISHED]).text == (folder / "refs.bib").read_text()


@pytest.mark.parametrize("option", ["--dry-run", "--diff"])
def test_showing_writes_nothing(folder: Path, option: str) -> None:
    done = run("merge", "refs.bib", "new.bib", option)
    assert (folder / "refs.bib").read_text() == TARGET
    assert sorted(each.name for each in folder.iterdir()) == ["new.bib", "refs.bib"]
    if option == "--diff":
        assert "+  booktitle" in done.output.replace("    ", "  ") and "% kept" not in done.output.replace(
            " % kept", ""
        )


def test_a_target_that_is_not_there_is_made(folder: Path) -> None:
    assert run("merge", "fresh.bib", "new.bib").exit_code == 0
    assert [each.key for each in bibfile.parse((folder / "fresh.bib").read_text()).entries] == ["attention", "lovelace"]


def test_reports_tell_the_plan(folder: Path) -> None:
    run("merge", "refs.bib", "new.bib", "--dry-run", "--report", "plan.json", "--report", "plan.html")
    told = json.loads((folder / "plan.json").read_text())
    assert [each["id"] for each in told["updated"]] == ["attention"]
    assert [each["key"] for each in told["added"]] == ["lovelace"]
    assert told["keys"] == {"attention": "vaswani"}
    assert "Notes on the Analytical Engine" in (folder / "plan.html").read_text()


def test_a_key_that_a_document_cites_follows_and_stays_valid(folder: Path) -> None:
    (folder / "paper.tex").write_text("\\cite{attention,knuth} and \\citep[see][]{attention}\n")
    done = run("merge", "refs.bib", "new.bib", "--tex", "paper.tex", "--map", "map.csv")
    assert done.exit_code == 0, done.output
    assert (folder / "paper.tex").read_text() == "\\cite{vaswani,knuth} and \\citep[see][]{vaswani}\n"
    assert entry((folder / "refs.bib").read_text(), "vaswani")["ids"] == "attention"
    with (folder / "map.csv").open() as rows:
        assert list(csv.reader(rows)) == [["old", "new"], ["attention", "vaswani"]]


def test_dedupe_shows_then_merges(folder: Path) -> None:
    (folder / "refs.bib").write_text(TARGET + PUBLISHED)
    assert run("dedupe", "refs.bib").exit_code == 0
    assert (folder / "refs.bib").read_text() == TARGET + PUBLISHED
    assert run("dedupe", "refs.bib", "--check").exit_code == 1
    (folder / "paper.tex").write_text("\\cite{vaswani}\n")
    run("dedupe", "refs.bib", "--write", "--tex", "paper.tex", "--pairs", "pairs.csv")
    text = (folder / "refs.bib").read_text()
    assert [each.key for each in bibfile.parse(text).entries] == ["knuth", "attention", "lovelace"]
    assert entry(text, "attention")["ids"] == "vaswani" and entry(text, "attention")["eprint"] == "1706.03762"
    assert (folder / "paper.tex").read_text() == "\\cite{attention}\n"
    assert (folder / "pairs.csv").read_text().startswith("id1,id2,score,reason\nattention,vaswani,")
    assert run("dedupe", "refs.bib", "--check").exit_code == 0


def test_abstracts_alone_are_kept_apart(folder: Path) -> None:
    (folder / "rest.jsonl").write_text(
        "".join(write_records(read_records('{"abstract": "Of depth."}\n', from_="records").records, "records"))
    )
    done = run("merge", "refs.bib", "rest.jsonl", "--from", "records", "--incomplete", "kept.jsonl", "--strict")
    assert done.exit_code == 1
    assert (folder / "refs.bib").read_text() == TARGET
    assert read_records((folder / "kept.jsonl").read_text(), from_="records").records[0].abstract == "Of depth."


def unsure_pair() -> tuple[str, str]:
    """Two records that the matcher is unsure of, found by asking it, so that this file does not know its thresholds."""
    base = (
        "@article{a, title={On the depth of things in general}, author={Smith, Ann}, journal={J. Depth}, year=2020}\n"
    )
    for change in (
        ("title={On the depth of things}",),
        ("title={On the depth of things in general}", "author={Brown, Bob}"),
        ("title={On the depth of thing in generals}", "author={Smith, Bob}", "year=2019"),
        ("title={The depth of things}", "author={Smith, Ann}", "year=2018"),
        ("title={On the depth of things in general}",),
        ("title={Depth of things in general: a view}", "author={Smith, A.}"),
        ("title={On the width of things in general}", "author={Smith, Ann}", "journal={J. Depth}", "year=2020"),
    ):
        other = f"@misc{{b, {', '.join(change)}}}\n"
        result = bibtools.merge(base, [other])
        if result.plan.outcomes[0].status == "unsure":
            return base, other
    pytest.fail("the matcher is never unsure")


def test_what_is_unsure_is_asked_remembered_and_not_asked_again(folder: Path) -> None:
    target, other = unsure_pair()
    (folder / "refs.bib").write_text(target)
    (folder / "new.bib").write_text(other)
    assert run("merge", "refs.bib", "new.bib", "--strict").exit_code == 1
    assert (folder / "refs.bib").read_text() == target
    stopped = run("merge", "refs.bib", "new.bib", "--interactive", typed="q\n")
    assert "nothing was merged" in stopped.output and not (folder / ".bibtools-verdicts.json").exists()
    run("merge", "refs.bib", "new.bib", "--interactive", typed="what\nd\n")
    assert len(bibfile.parse((folder / "refs.bib").read_text()).entries) == 2
    told = json.loads((folder / ".bibtools-verdicts.json").read_text())
    assert [each["answer"] for each in told["pairs"]] == ["different"]
    before = (folder / "refs.bib").read_text()
    assert run("merge", "refs.bib", "new.bib", "--strict").exit_code == 0
    assert (folder / "refs.bib").read_text() == before


def test_fields_can_be_picked(folder: Path) -> None:
    target, other = unsure_pair()
    other = other.replace("@misc{b, ", "@misc{b, note={theirs}, ")
    (folder / "refs.bib").write_text(target.replace("year=2020", "year=2020, note={mine}"))
    (folder / "new.bib").write_text(other)
    asked = run("merge", "refs.bib", "new.bib", "--interactive", typed="p\n" + "2\n" * 9)
    assert asked.exit_code == 0, asked.output
    assert entry((folder / "refs.bib").read_text(), "a")["note"] == "theirs"


@pytest.mark.parametrize(
    "arguments",
    [
        ("merge", "refs.bib", "nothing.bib"),
        ("merge", "refs.bib", "new.bib", "--prefer", "mine"),
        ("merge", "refs.bib", "new.bib", "--prefer", "colour=source"),
        ("merge", "refs.bib", "new.bib", "--tex", "paper.tex", "-o", "x.bib"),
        ("merge", "page.json", "new.bib"),
        ("merge", "refs.bib"),
        ("dedupe", "nothing.bib"),
    ],
)
def test_wrong_usage_writes_nothing(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "page.json").write_text('[{"id": "x", "type": "book", "title": "T"}]')
    (folder / "paper.tex").write_text("\\cite{knuth}")
    done = run(*arguments)
    assert done.exit_code == 2
    assert (folder / "refs.bib").read_text() == TARGET
    assert "Traceback" not in done.output


def test_a_damaged_memory_is_not_written_over(folder: Path) -> None:
    (folder / ".bibtools-verdicts.json").write_text("{ broken")
    assert run("merge", "refs.bib", "new.bib").exit_code == 2
    assert (folder / ".bibtools-verdicts.json").read_text() == "{ broken"


def test_something_else_than_a_bib_is_refused() -> None:
    with pytest.raises(InputError, match="csljson"):
        bibtools.merge('[{"id": "x", "type": "book", "title": "T"}]', [PUBLISHED])


# --- real files --------------------------------------------------------------------------------------------------------

FILES = ("messy.bib", *(f"features/{each.name}" for each in sorted((SHARED / "bib/features").glob("*.bib"))))


def copies(data: bytes) -> dict[str, tuple[str, str]]:
    """The same library again: text and format."""
    document = bibfile.parse(data)
    macros = "".join(f"{document.text[each.start : each.end]}\n" for each in document.blocks if each.kind == "string")
    shuffled = [each.raw for each in document.entries]
    random.Random(1).shuffle(shuffled)
    records = read_records(data, from_="bibtex").records
    exports = {name: ("".join(write_records(records, name)), name) for name in ("csljson", "ris")}
    return {"shuffled": (macros + "\n\n".join(shuffled), "bibtex"), **exports}


@pytest.mark.parametrize("name", FILES)
def test_a_library_merged_with_itself(shared: Path, name: str) -> None:
    data = (shared / "bib" / name).read_bytes()
    itself = bibtools.merge(data, [read_records(data, from_="bibtex")])
    assert itself.plan.changes == () and itself.data == data
    for kind, (text, format_) in copies(data).items():
        result = bibtools.merge(data, [read_records(text, from_=format_)])
        assert result.plan.added == (), kind
        told = {(each.target.index, each.field) for outcome in result.plan.outcomes for each in outcome.changes}
        before, after = bibfile.parse(data).entries, bibfile.parse(result.data).entries
        changed = [old.index for old, new in zip(before, after, strict=True) if old.raw != new.raw]
        assert set(changed) <= {index for index, _ in told}, kind


def test_the_five_pages_make_124_entries_and_again_none(shared: Path) -> None:
    from datetime import date

    pages = [
        read_records(each.read_bytes(), source=each.name, as_of=date(2026, 11, 20))
        for each in sorted((shared / "seeds").glob("*.txt"))
    ]
    result = bibtools.merge("", pages)
    assert len(result.plan.added) == 124
    statuses = [str(each.status) for each in result.plan.outcomes]
    assert (statuses.count("added"), statuses.count("incomplete")) == (134, 10)
    titles = {each.title for each in result.plan.added}
    assert sum(title.startswith("Internal Language Model") for title in titles) >= 2
    again = bibtools.merge(result.data, pages)
    assert again.plan.changes == () and again.data == result.data
    backwards = bibtools.merge("", pages[::-1])
    assert set(backwards.plan.added) == set(result.plan.added)


def test_a_new_target_of_another_format_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.bib"
    source.write_text("@misc{k, title={On Engines}, author={Ada Byron}, year=1843}\n")
    for name in ("new.json", "new.ris"):
        result = CliRunner().invoke(main, ["merge", str(tmp_path / name), str(source)])
        assert result.exit_code == 2
        assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["journal", "booktitle", "container-title", "JOURNAL"])
def test_a_preference_names_a_field_as_in_a_bib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "@article{k, title={On the Slicing of Loaves}, author={Ann Lee}, journal={J. Bread}, year=2001, doi={10.1/x}}\n"
    )
    Path("refs.bib").write_text(text, encoding="utf-8")
    Path("new.bib").write_text(text.replace("J. Bread", "Journal of Bread"), encoding="utf-8")
    done = CliRunner().invoke(main, ["merge", "refs.bib", "new.bib", "--prefer", f"{name}=source"])
    assert done.exit_code == 0, done.output
    assert "{Journal of Bread}" in Path("refs.bib").read_text(encoding="utf-8")


def test_a_preference_for_a_field_that_is_none_names_the_nearest() -> None:
    done = CliRunner().invoke(main, ["merge", "refs.bib", "new.bib", "--prefer", "jurnal=source"])
    assert done.exit_code == 2
    assert "no field 'jurnal'; did you mean 'journal'?" in done.stderr
