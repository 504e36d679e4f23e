"""A merge into a large file looks at few of its entries: none that could be meant may be missing."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bibtools import api, bibfile, match
from bibtools.bibfile import search
from bibtools.record import Record
from tests.benchmarks.damage import SAME

MISPRINTED = {"typing_errors", "scanned", "scholar"}  # several words of the title misspelled at once


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "WHOLE", 10)
    monkeypatch.setattr(search, "SPREAD", 1)


def near(target: str, *sources: Record) -> list[int]:
    others = "".join(
        f"@article{{k{n}, title={{{word} {other} {n}x}}, year=2000}}\n"
        for n, (word, other) in enumerate(
            (one, two) for one in ("Forest", "River", "Bridge", "Cloud") for two in ("engines", "theories", "dynamics")
        )
    )
    document = bibfile.parse(others + target)
    return [place for place in search.entries_near(document, sources) if place >= 12]


@pytest.mark.parametrize(
    ("target", "source"),
    [
        ("@article{a, title={Sparse tensors of graphs}}", Record(title="Sparse tensors of graphs")),
        ("@article{a, TITLE = {SPARSE {T}ensors\n of {\\'{G}}raphs}}", Record(title="Sparse tensors of graphs")),
        ('@article{a, booktitle="Proc", title = "Sparse tensors of graphs"}', Record(title="Sparse Tensors of Graphs")),
        ("@article{a, title={Sparse tensors of graphs: a long tale of other things}}", Record(title="Sparse tensors of graphs")),
        ("@article{a, title={Sparse tensors}}", Record(title="Sparse tensors: a long tale of entirely other things")),
        ("@article{a, title={Sparse tensors of graphs}}", Record(title="Sprse tensors of graphs, once more")),
        ("@article{a, title={Über Größen}}", Record(title="Uber Grossen")),
        ('@article{a, title={{\\"U}ber Gr{\\"o}{\\ss}en}}', Record(title="Über Größen")),
        ("@article{a, title={О природе вещей}}", Record(title="О природе вещей")),
        ("@article{a, title={Tensors}}", Record(title="Tensors")),
        ("@article{a, doi={10.1000/XY\\_z(1)}}", Record(doi="10.1000/xy_z(1)")),
        ("@article{a, url={https://doi.org/10.1000/xy{\\_}z}}", Record(doi="10.1000/xy_z")),
        ("@article{a, url={https://doi.org/10.1000%2Fxyz}}", Record(doi="10.1000/xyz")),
        ("@article{a, note={doi:10.1000/xyz.}, year=2000}", Record(doi="10.1000/xyz")),
        ("@article{a, doi={10.48550/arXiv.2304.01234}}", Record(arxiv_id="2304.01234")),
        ("@article{a, eprint={2304.01234v2}}", Record(arxiv_id="2304.01234")),
        ("@article{a, EPRINT={hep-th/9901001}}", Record(arxiv_id="hep-th/9901001")),
        ("@article{a, abstract = {We {measure} how sparse tensors are}}", Record(abstract="We measure how sparse tensors are")),
    ],
)  # fmt: skip
def test_an_entry_is_found_however_it_is_written(small_is_large: None, target: str, source: Record) -> None:
    assert near(target, source) == [12]


def test_many_arxiv_numbers_are_found_too(small_is_large: None) -> None:
    sources = [Record(arxiv_id=f"2304.{number:05}") for number in range(20)]
    assert near("@misc{a, url={https://arxiv.org/abs/2304.00007}}\n@misc{b, eprint={2305.00007}}", *sources) == [12]


def test_a_title_that_shares_common_words_only_is_not_near(small_is_large: None) -> None:
    assert near("@article{a, title={On the tensors of graphs}}", Record(title="On the theory of rivers")) == []
    assert near("@article{a, doi={10.1000/xyz12}}", Record(doi="10.1000/xyz1")) == []


def test_what_the_matcher_finds_among_all_entries_is_near(small_is_large: None, shared: Path) -> None:
    path = shared / "bib" / "dblp-10k.bib"
    entries = list(api.read_inputs([str(path)]).records())
    draw = random.Random(5)
    chosen = [each for each in draw.sample(entries, 700) if each.author and len(each.title.split()) > 3]
    kinds = [*SAME.values()]
    sources = [replace(kinds[place % len(kinds)](each, draw), id="") for place, each in enumerate(chosen)]
    found = set(search.entries_near(bibfile.parse(path.read_bytes()), sources))
    lost = [
        (kinds[pair.left % len(kinds)].__name__, sources[pair.left].title)
        for pair in match.link(sources, entries).verdicts
        if pair.left < len(sources) <= pair.right and entries[pair.right - len(sources)].origin.index not in found
    ]
    assert len(found) < 3 * len(sources)
    assert [title for kind, title in lost if kind not in MISPRINTED] == []
    assert len(lost) <= len(sources) // 200, lost
