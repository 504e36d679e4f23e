"""The comparison form: spellings of one thing fold to one text, different things stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import fold
from bibtools.record import Name

ALIKE = [
    ("Müller", "Muller", "accents are off"),
    ("Mu\u0308ller", "Müller", "composed or not"),
    ("Łukasz Ørsted", "Lukasz Orsted", "letters that Unicode does not split"),
    ("Straße", "STRASSE", "sharp s"),
    ("Energy & Fuels", "Energy and Fuels", "ampersand"),
    ("Energy &amp; Fuels", "Energy and Fuels", "ampersand of HTML"),
    ("Crohn’s disease", "Crohns disease", "apostrophes vanish"),
    ("End-to-End: a study", "end to end a study", "punctuation is a space"),
    ("CO₂", "CO2", "subscript in Unicode"),
    ("CO<sub>2</sub>", "co2", "subscript in CSL"),
    ("CO$_2$", "co2", "subscript in TeX"),
    ("E$^{2}$GAN", "E²GAN", "superscript"),
    ("TNF-α", "TNF-alpha", "a lone Greek letter is spelled"),
    (r"TNF-$\alpha$", "TNF-α", "and in TeX"),
    (r"$\mathcal{O}(n)$", "O(n)", "style commands are markup"),
    (r"$2 \times 2$", "2 × 2", "times"),
    ('<span class="nocase">DNA</span> repair', "DNA repair", "protected words"),
    ("co\u00adoperation", "cooperation", "soft hyphen"),
    ("ﬁnite", "finite", "ligature"),
]


@pytest.mark.parametrize(("left", "right", "note"), ALIKE, ids=[note for *_, note in ALIKE])
def test_spellings_of_one_text_fold_to_one(left: str, right: str, note: str) -> None:
    assert fold.text(left) == fold.text(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("が", "か"), ("Part I", "Part II"), ("C++", "C 3"), ("한국", "한글"), ("λόγος", "λύγος"), ("p < 0.05", "p 0.06")],
)
def test_different_texts_stay_apart(left: str, right: str) -> None:
    assert fold.text(left) != fold.text(right)


def test_a_greek_word_is_not_spelled_letter_by_letter() -> None:
    assert fold.text("Λόγος") == fold.text("ΛΌΓΟΣ") == "λογοσ"


@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_only_words(value: str) -> None:
    folded = fold.text(value)
    assert fold.text(folded) == folded
    assert folded == " ".join(folded.split())
    assert not set(folded) & set("$^_{}\\'<>&.,;:!?-")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (Name(family="Schipper", non_dropping_particle="de"), "schipper"),
        (Name(family="de Schipper"), "schipper"),
        (Name(family="Van den Berg"), "berg"),
        (Name(family="García-Márquez"), "garcia marquez"),
        (Name(literal="World Health Organization"), "world health organization"),
        (Name(family="Le"), "le"),
        (Name(), ""),
    ],
)
def test_surname(name: Name, expected: str) -> None:
    assert fold.surname(name) == expected


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [("Jean-Pierre A.", "jpa"), ("J.-P.", "jp"), ("JP", "jp"), ("J. P.", "jp"), ("Ada", "a"), ("", ""), ("ADA", "ada")],
)
def test_initials(given_name: str, expected: str) -> None:
    assert fold.initials(Name(family="X", given=given_name)) == expected
