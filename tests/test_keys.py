"""Citation keys: the styles, JabRef's patterns, and that many records never share a key."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import keys
from bibtools.keys import words
from bibtools.record import Date, Name, Record

VASWANI = Record(
    title="Attention Is All You Need",
    author=(Name("Vaswani", "Ashish"), Name("Shazeer", "Noam"), Name("Parmar", "Niki")),
    issued=Date((2023, 8, 2)),
)
JABREF = Record(
    type="article-journal",
    title="An awesome paper on JabRef",
    author=(
        Name("Lovelace", "Ada"),
        Name("Babbage", "Charles"),
        Name("Tak", "Floris", non_dropping_particle="van der"),
    ),
    editor=(Name("Byron", "George"),),
    issued=Date((2020, 9, 25)),
    container_title="Journal of Fish Biology",
    volume="4",
    page="7,41,73--97",
    keyword=("engines", "notes"),
)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("arxiv", "vaswani2023attentionneed"),
        ("arxiv-2020", "vaswani2023attention"),
        ("scholar", "vaswani2023attention"),
        ("acl", "vaswani-etal-2023-attention"),
        ("bbt", "vaswaniAttentionAllYou2023"),
        ("[auth][year][shorttitle]", "Vaswani2023AttentionIsAll"),
    ],
)
def test_one_paper_in_every_style(style: str, expected: str) -> None:
    assert keys.make(VASWANI, style) == expected


@pytest.mark.parametrize(
    ("title", "style", "expected"),
    [
        ("Sigmoid Loss for Language Image Pre-Training", "arxiv", "x2020sigmoidlosslanguageimage"),
        ("E$^{2}$GAN: Efficient Training of Efficient GANs", "arxiv", "x2020e2ganefficienttrainingefficient"),
        ("New  blanks count as words", "arxiv", "x2020newblankscount"),  # the empty word between them is one of four
        ("<i>Drosophila</i> in CO<sub>2</sub>", "arxiv", "x2020drosophilaco2"),
        ("Ähnliches über Öl", "arxiv", "x2020ähnlichesüberöl"),
        ("On the Ähnliche", "scholar", "x2020ahnliche"),
        ("ImageNet: A large-scale database", "scholar", "x2020imagenet"),
        ("Language Models are Few-Shot Learners", "bbt", "xLanguageModelsAre2020"),
        ("BERT: Pre-training of Deep Bidirectional Transformers", "bbt", "xBERTPretrainingDeep2020"),
        ("The $k$-means Problem", "bbt", "xKmeansProblem2020"),
    ],
)
def test_the_words_of_a_title(title: str, style: str, expected: str) -> None:
    assert keys.make(Record(title=title, author=(Name("X"),), issued=Date((2020,))), style) == expected


@pytest.mark.parametrize(
    ("author", "style", "expected"),
    [
        (Name("Tak", "Floris", non_dropping_particle="van der"), "arxiv", "vandertak2020t"),
        (Name(literal="The BABAR Collaboration"), "arxiv", "thebabarcollaboration2020t"),
        (Name("Šrámek"), "arxiv", "šrámek2020t"),
        (Name("Šrámek"), "scholar", "sramek2020t"),
        (Name("O’Reilly"), "scholar", "oreilly2020t"),
        (Name("Lee-Thorp"), "acl", "lee-thorp-2020-t"),
        (Name("Müller"), "bbt", "mullerT2020"),
    ],
)
def test_the_name_of_the_first_author(author: Name, style: str, expected: str) -> None:
    assert keys.make(Record(title="T", author=(author,), issued=Date((2020,))), style) == expected


def test_what_is_missing_is_unknown_to_arxiv_and_left_out_elsewhere() -> None:
    assert keys.make(Record()) == "unknownunknown"
    assert keys.make(Record(title="Poetics")) == "unknownunknownpoetics"
    assert keys.make(Record(title="Poetics"), "scholar") == "poetics"
    assert keys.make(Record(title="Poetics"), "acl") == "nn-poetics"
    assert keys.make(Record(), "[auth][year]") == "unknown"
    assert keys.make(Record(title="T", editor=(Name("Roe"),))) == "roeunknownt"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[auth:lower]_[year]", "lovelace_2020"),
        ("[auth3]", "Lov"),
        ("[auth3_2]", "Bab"),
        ("[authIni5]", "LoBaT"),
        ("[auth.etal]", "Lovelace.etal"),
        ("[authEtAl]", "LovelaceEtAl"),
        ("[auth.auth.ea]", "Lovelace.Babbage.ea"),
        ("[authors]", "LovelaceBabbageTak"),
        ("[authors2]", "LovelaceBabbageEtAl"),
        ("[authorsAlpha]", "LBT"),
        ("[authorIni]", "LovelBT"),
        ("[authorLast]", "Tak"),
        ("[authForeIni]", "A"),
        ("[authshort]", "LBT"),
        ("[pureauth]", "Lovelace"),
        ("[edtr]", "Byron"),
        ("[editorLast]", "Byron"),
        ("[edtr3]", "Byr"),
        ("demo[TITLE:abbr]", "demoAapoJ"),
        ("[journal:abbr]", "JoFB"),
        ("[title:abbr]", "AAPoJ"),
        ("[camel:abbr]", "AAPOJ"),
        ("[camel]", "AnAwesomePaperOnJabRef"),
        ("[title]", "AnAwesomePaperonJabRef"),
        ("[shorttitle]", "AwesomePaperJabRef"),
        ("[veryshorttitle:upper]", "AWESOME"),
        ("[fulltitle:truncate3]", "An"),
        ("[shortyear]", "20"),
        ("[month]", "September"),
        ("[volume:(unknown)]", "4"),
        ("[number:(none)]", "none"),
        ("[firstpage]-[lastpage]", "7-97"),
        ("[keyword2]", "notes"),
        ('[auth.etal:regex("\\\\.etal","EtAl")]', "LovelaceEtAl"),
    ],
)
def test_patterns_in_jabrefs_language(pattern: str, expected: str) -> None:
    assert keys.make(JABREF, pattern) == expected


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("foo", "use arxiv, arxiv-2020"),
        ("[foo]", "unknown marker [foo]"),
        ("[auth:foo]", "unknown modifier :foo"),
        ("[auth", "not closed"),
        ("auth]", "not closed"),
        ('[auth:regex("(","")]', "regular expression"),
        ("[]", "unknown marker []"),
    ],
)
def test_a_style_that_does_not_exist_is_told_with_what_does(style: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        keys.make(JABREF, style)
    assert said in str(caught.value)


RECORDS = st.lists(
    st.builds(
        Record,
        title=st.sampled_from(["A", "B", "", "a B"]),
        author=st.sampled_from([(), (Name("Roe", "A."),), (Name("Roe", "B."),)]),
        issued=st.sampled_from([Date(), Date((2020,)), Date((2020, 5))]),
        abstract=st.text("xy", max_size=2),
    ),
    max_size=12,
)


@given(RECORDS, st.randoms(use_true_random=False), st.sampled_from([*keys.STYLES, "[auth][year]"]))
def test_the_order_of_the_records_does_not_matter(records: list[Record], random: Random, style: str) -> None:
    shuffled = list(range(len(records)))
    random.shuffle(shuffled)
    first = keys.assign(records, style)
    again = keys.assign([records[place] for place in shuffled], style)
    assert sorted(zip(records, first, strict=True), key=repr) == sorted(
        ((records[place], key) for place, key in zip(shuffled, again, strict=True)), key=repr
    )


@given(
    RECORDS, st.lists(st.sampled_from(["roe2020b", "ROE2020B", "roe2020ba", "unknownunknown", "Roe2020"]), max_size=4)
)
def test_no_key_is_given_twice_or_taken_from_another(records: list[Record], taken: list[str]) -> None:
    given_ = [key.casefold() for key in keys.assign(records, taken=taken)]
    assert len(set(given_)) == len(records)
    assert not set(given_) & {each.casefold() for each in taken}


def test_letters_go_on_after_z_and_the_plain_key_stays() -> None:
    records = [Record(title="T", author=(Name("Roe"),), issued=Date((2020,)), abstract=f"{n:03}") for n in range(30)]
    found = sorted(keys.assign(records), key=lambda key: (len(key), key))
    assert found[:3] == ["roe2020t", "roe2020ta", "roe2020tb"]
    assert found[26:] == ["roe2020tz", "roe2020taa", "roe2020tab", "roe2020tac"]


def test_a_letter_that_makes_another_records_key_is_passed_over() -> None:
    def made(title: str, abstract: str = "") -> Record:
        return Record(title=title, author=(Name("Roe"),), issued=Date((2020,)), abstract=abstract)

    assert keys.assign([made("T"), made("T", "x"), made("Ta")]) == ("roe2020t", "roe2020tb", "roe2020ta")


def test_the_stop_words_are_arxivs(shared: Path) -> None:
    assert set(json.loads((shared / "arxiv" / "stopwords.json").read_text())) == words.ARXIV
