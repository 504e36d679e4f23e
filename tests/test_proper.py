"""Proper nouns of titles from pages, CSL and arXiv keep their capitals in a bibliography whose style writes titles small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bibtools import api, bibfile, latex, tidy
from bibtools.latex.proper import PEOPLE, TWO_WORDS, WORDS
from tests import printed_judge


def braced(title: str) -> str:
    return latex.encode(latex.protected(title), title=True)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Gaussian Process Regression for Chinese ASR", "{Gaussian} Process Regression for {Chinese} {ASR}"),
        ("Deep learning of the traffic of Berlin", "Deep learning of the traffic of {Berlin}"),
        ("Learning the traffic in streets of Lyon in winter", "Learning the traffic in streets of {Lyon} in winter"),
        ("Pólya-Gamma Augmentation in 3D with Star-GANs", "{Pólya}-Gamma Augmentation in {3D} with Star-{GANs}"),
        ("Schrödinger's Cat and Alzheimer’s Disease", "{Schrödinger's} Cat and {Alzheimer’s} Disease"),
        ("Monte Carlo Methods in New York", "{Monte Carlo} Methods in {New York}"),
        ("On Lie Algebras", "On {Lie Algebras}"),
        ("Why People Lie Again", "Why People Lie Again"),
        ("Hamilton-Jacobi Equations in $\\Lambda$CDM", "{Hamilton}-{Jacobi} Equations in {$\\Lambda$}{CDM}"),
        ("Attention Is All You Need", "Attention Is All You Need"),
        ("BAYESIAN THINGS ALL OVER", "BAYESIAN THINGS ALL OVER"),
        ("On the memory of bees: Flowers near the houses", "On the memory of bees: Flowers near the houses"),
        ("The <i>Gaussian</i> Bell", "The \\emph{Gaussian} Bell"),
        ('A <span class="nocase">French</span> Word', "A {French} Word"),
        ("chinese words", "chinese words"),
        ("Short Words", "Short Words"),
        ("", ""),
    ],
)  # fmt: skip
def test_proper_nouns_are_protected(title: str, expected: str) -> None:
    assert braced(title) == expected
    assert latex.protected(latex.protected(title)) == latex.protected(title)


def test_no_word_is_an_ordinary_one_too() -> None:
    ordinary = set(
        "polish lie may march will nice reading mobile bath go rust swift bell fisher cook gray apple windows".split()
    )
    assert not ordinary & WORDS
    assert all(word.islower() and word.isascii() for word in WORDS)
    assert len(TWO_WORDS) > 50
    assert len(PEOPLE.split()) == len(set(PEOPLE.split()))


PAGE = "CLAug 19, 2024\n\nGaussian Process Regression for Chinese Speech\n\nAnn Bee, Cee Dee et al.\n\nWe study.\n\n"
ITEM = {"id": "a", "type": "book", "title": "Markov Chains in Norwegian Literature", "author": [{"family": "Bee"}]}
LINE = {"id": "1501.00001", "title": "Bayesian Things", "authors": "Ann Bee", "versions": [], "categories": "stat.ME"}


def written(text: str, to: str = "bibtex") -> str:
    return "".join(api.convert(text, to).text)


def test_titles_of_pages_csl_and_arxiv() -> None:
    assert "title = {{Gaussian} Process Regression for {Chinese} Speech}" in written(PAGE)
    assert "title = {{Markov} Chains in {Norwegian} Literature}" in written(json.dumps([ITEM]), "biblatex")
    assert "title = {{Bayesian} Things}" in written(json.dumps(LINE))
    assert "title={Bayesian Things}" in written(json.dumps(LINE), "arxiv")
    assert "nocase" not in written(json.dumps(LINE), "csljson")
    assert "title = {Markov Chains}" in written("@book{k, title={Markov Chains}}")  # as it was


def test_a_second_merge_finds_the_title_the_same() -> None:
    for source in (PAGE, json.dumps([ITEM]), json.dumps(LINE)):
        result = api.merge(b"", source)
        assert "{{" in result.text
        assert not api.merge(result.data, source).plan.changes


@pytest.mark.skipif(printed_judge.FOUND is None, reason="bibtex is not installed")
def test_what_prints_is_what_the_page_said(tmp_path: Path) -> None:
    printed = " ".join(printed_judge.printed(written(PAGE), tmp_path, "plainnat").values())
    assert "Gaussian process regression for Chinese speech," in printed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Gaussian Process Regression for Chinese ASR", "{Gaussian} Process Regression for {Chinese} {ASR}"),
        ("Monte Carlo in {New York} and the Alps", "{Monte} {Carlo} in {New York} and the {Alps}"),
        ('Sch{\\"o}n in $K$ and French', 'Sch{\\"o}n in $K$ and {French}'),
        ("{Gaussian} things", "{Gaussian} things"),
        ("Ordinary Words of a Title", "Ordinary Words of a Title"),
    ],
)
def test_format_protects_standing_titles_too(before: str, after: str) -> None:
    document = bibfile.parse(f"@misc{{k,\n  title = {{{before}}}\n}}\n")
    once = tidy.tidy(document, frozenset({"protect-titles"})).document
    assert once.entries[0].get("title") == after
    assert tidy.tidy(once, frozenset({"protect-titles"})).document.text == once.text
