"""A bibliography as a person keeps it, sixty of its papers met again (samples/merge), and a document that goes on compiling."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import bibtools
from bibtools import bibfile
from bibtools.api import read_records
from bibtools.change import Status
from bibtools.cli import main
from bibtools.merging import MergePolicy, Versions
from tests.conftest import SAMPLES

REFS = (SAMPLES / "merge/refs.bib").read_bytes()
PUBLISHED = (SAMPLES / "merge/published.bib").read_text()


def test_preprints_are_upgraded_and_nothing_else_is_touched() -> None:
    result = bibtools.merge(REFS, [PUBLISHED])
    assert result.data == (SAMPLES / "merge/expected.bib").read_bytes()
    assert [each.status for each in result.plan.outcomes] == [Status.UPDATED] * len(result.plan.outcomes)
    touched = {each.key for each in result.plan.outcomes}
    before, after = bibfile.parse(REFS).entries, bibfile.parse(result.data).entries
    assert [each.key for each in before] == [each.key for each in after]
    assert {old.key for old, new in zip(before, after, strict=True) if old.raw != new.raw} == touched
    assert bibtools.merge(result.data, [PUBLISHED]).plan.changes == ()


def test_preprints_are_kept_or_linked_as_asked() -> None:
    kept = bibtools.merge(REFS, [PUBLISHED], policy=MergePolicy(versions=Versions.KEEP))
    assert not {each.field for outcome in kept.plan.outcomes for each in outcome.changes} & {
        "container_title",
        "issued",
        "doi",
    }
    linked = bibtools.merge(REFS, [PUBLISHED], policy=MergePolicy(versions=Versions.LINK))
    assert linked.data.startswith(REFS.rstrip())
    keys = {each.key for each in bibfile.parse(REFS).entries}
    assert all(each.get_extra("related") in keys for each in linked.plan.added)
    assert len(linked.plan.added) == len(linked.plan.outcomes)
    assert bibtools.merge(linked.data, [PUBLISHED], policy=MergePolicy(versions=Versions.LINK)).plan.changes == ()


def test_sixty_papers_of_the_pages_are_found_and_none_is_added_again(shared: Path) -> None:
    pages = [
        read_records(each.read_bytes(), source=each.name, as_of=date(2026, 11, 20))
        for each in sorted((shared / "seeds").glob("*.txt"))
    ]
    result = bibtools.merge(REFS, pages)
    with (SAMPLES / "merge/expected.csv").open(encoding="utf-8") as rows:
        expected = {row["title"]: row["key"] for row in csv.DictReader(rows)}
    outcomes = {each.record.title: each for each in result.plan.outcomes}
    assert {title: outcomes[title].key for title in expected} == expected
    assert len(expected) == 60 and len(result.plan.added) == 64
    assert all(outcomes[title].status in (Status.UPDATED, Status.UNCHANGED) for title in expected)
    series = [each.key for title, each in outcomes.items() if title.startswith(("Internal Language", "NeuFlow"))]
    assert len(set(series)) == len(series) == 5
    touched = {each.key for each in result.plan.outcomes if each.changes}
    before, after = bibfile.parse(REFS).entries, bibfile.parse(result.data).entries
    for old, new in zip(before, after, strict=False):
        assert old.key == new.key
        assert old.raw == new.raw or old.key in touched
    assert bibtools.merge(result.data, pages).plan.changes == ()


# --- a real document ---------------------------------------------------------------------------------------------------

MINE = """@article{knuth:lit,
  author = {Knuth, Donald E.}, title = {Literate Programming}, journal = {The Computer Journal}, year = 1984, volume = 27}
@misc{vaswani, author = {Vaswani, Ashish and others}, title = {Attention Is All You Need}, year = 2017,
  eprint = {1706.03762}, archiveprefix = {arXiv}}
@inproceedings{attention17, author = {Vaswani, Ashish and Shazeer, Noam}, title = {Attention is All you Need},
  booktitle = {Advances in Neural Information Processing Systems}, pages = {5998--6008}, year = 2017}
"""
THEIRS = """@article{Knuth1984, author = {Donald E. Knuth}, title = {Literate programming}, journal = {Comput. J.},
  year = 1984, volume = 27, number = 2, pages = {97--111}}
@book{companion, author = {Frank Mittelbach and Ulrike Fischer}, title = {The {\\LaTeX} Companion}, publisher = {AW},
  year = 2023}
"""
NATBIB = r"""\documentclass{article}\usepackage{natbib}\begin{document}
\citet{knuth:lit}, \citep[see][p.~3]{vaswani,attention17}, \citeauthor{attention17}, \citealp*{knuth:lit}
\nocite{attention17}\bibliographystyle{plainnat}\bibliography{refs}\end{document}
"""
BIBLATEX = r"""\documentclass{article}\usepackage[backend=biber]{biblatex}\addbibresource{refs.bib}\begin{document}
\autocite{knuth:lit}, \parencites[see][3]{vaswani}{attention17}, \textcite{attention17}, \footcite{knuth:lit}
\printbibliography\end{document}
"""
THEIR_CITATIONS = {"natbib": r"\citep{Knuth1984,companion}", "biblatex": r"\parencite{Knuth1984,companion}"}


def citations(folder: Path, engine: str) -> tuple[int, int]:
    """Entries of the printed bibliography and undefined citations, after a whole LaTeX run."""
    for step in ("latex", engine, "latex", "latex"):
        command = ["pdflatex", "-interaction=batchmode", "paper"] if step == "latex" else [step, "paper"]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "paper.log").read_text(errors="replace")
    printed = (folder / "paper.bbl").read_text(errors="replace")
    return len(re.findall(r"\\bibitem|\\entry\{", printed)), len(re.findall(r"Citation.*undefined", log))


@pytest.mark.parametrize(("kind", "source", "engine"), [("natbib", NATBIB, "bibtex"), ("biblatex", BIBLATEX, "biber")])
def test_a_document_compiles_with_the_same_citations_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, source: str, engine: str
) -> None:
    if not all(map(shutil.which, ("pdflatex", engine))):
        pytest.skip("no LaTeX here")
    if subprocess.run(["kpsewhich", f"{kind}.sty"], capture_output=True, check=False).returncode:
        pytest.skip(f"no {kind} here")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "refs.bib").write_text(MINE)
    (tmp_path / "paper.tex").write_text(source)
    assert citations(tmp_path, engine) == (3, 0)
    theirs = source.replace("\\begin{document}", "\\begin{document}" + THEIR_CITATIONS[kind])
    (tmp_path / "paper.tex").write_text(theirs)
    (tmp_path / "theirs.bib").write_text(THEIRS)
    run = CliRunner().invoke(main, ["merge", "refs.bib", "theirs.bib", "--tex", "paper.tex"], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    assert citations(tmp_path, engine) == (4, 0)
    run = CliRunner().invoke(main, ["dedupe", "refs.bib", "--write", "--tex", "paper.tex"], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    assert [each.key for each in bibfile.parse((tmp_path / "refs.bib").read_bytes()).entries][1:] == [
        "attention17",
        "companion",
    ]
    assert citations(tmp_path, engine) == (3, 0)
