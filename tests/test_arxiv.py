"""arXiv's rules: identifiers, categories, author strings; snapshot and API records; its own export to the byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import arxiv, keys
from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import arxiv_atom, arxiv_bibtex, arxiv_json, recognise
from bibtools.record import Batch, Date, Name, Problem, Record

# --- identifiers -------------------------------------------------------------------------------------------------------


# --- categories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "neighbours", "expected"),
    [
        ("CL", "", "cs.CL"),
        ("cl", "", "cs.CL"),
        ("QUANT-PH", "", "quant-ph"),
        ("MTRL-SCI", "", "cond-mat.mtrl-sci"),
        ("SUPR-CON", "", "cond-mat.supr-con"),
        ("ASTRO-PH", "", "astro-ph"),
        ("cs.CV", "", "cs.CV"),
        ("MP", "", "math-ph"),  # one category under two names
        ("SY", "LG", "eess.SY"),
        ("SP", "AS CL CV", "eess.SP"),
        ("SP", "AG AC OC", "math.SP"),
        ("SP", "CV CL", ""),  # cs speaks for neither
        ("CV", "LG CL", "cs.CV"),
        ("CV", "OC AG", "math.CV"),
        ("CV", "LG CL AG AC", ""),  # two against two
        ("CV", "CV CV", ""),
        ("CO", "ME ML", "stat.CO"),
        ("CO", "HE GA", "astro-ph.CO"),
        ("ST", "PM", "q-fin.ST"),
        ("XX", "LG", ""),
        ("", "LG", ""),
    ],
)
def test_a_label_is_a_category_only_when_nothing_else_is_meant(label: str, neighbours: str, expected: str) -> None:
    assert arxiv.category(label, neighbours.split()) == expected


def test_the_categories_and_ambiguous_labels_are_those_of_the_taxonomy(shared: Path) -> None:
    known = json.loads((shared / "arxiv" / "categories.json").read_text())
    assert set(known) == arxiv.CATEGORIES
    assert all(arxiv.canonical(name) == (about["alias"] or name) for name, about in known.items())
    active: dict[str, set[str]] = {}
    for name, about in known.items():
        if about["active"]:
            active.setdefault(name.rpartition(".")[2].upper(), set()).add(arxiv.canonical(name))
    for label, meanings in active.items():
        assert arxiv.is_label(label)
        assert arxiv.category(label) == (next(iter(meanings)) if len(meanings) == 1 else "")


# --- author strings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ("", []),
        ("Simeon Warner", [("Warner", "Simeon", "")]),
        ("Simeon Warner Jr.", [("Warner", "Simeon", "Jr.")]),
        ("S.M. Warner", [("Warner", "S. M.", "")]),
        ("J.-P. Serre & A. Weil", [("Serre", "J. -P.", ""), ("Weil", "A.", "")]),
        ("del Norte", [("Norte", "del", "")]),
        ("Fred del Norte", [("del Norte", "Fred", "")]),
        ("Herbert Van de Sompel", [("Van de Sompel", "Herbert", "")]),
        ("Ali Vaziri Astaneh", [("Vaziri Astaneh", "Ali", "")]),
        (
            "BELLE Collaboration: A Person, N. Person",
            [("BELLE Collaboration", "", ""), ("Person", "A", ""), ("Person", "N.", "")],
        ),
        (
            "The DELPHI Collaboration, J. Abdallah, et al",
            [("The DELPHI Collaboration", "", ""), ("Abdallah", "J.", "")],
        ),
        ("sum won(1,2)((1)lab a,(2)lab b)", [("won", "sum", "")]),
        ("a.b.first, c.d.second (affil)", [("first", "a. b.", ""), ("second", "c. d.", "")]),
        ("Anatoly Zlotnik and Jr-Shin Li", [("Zlotnik", "Anatoly", ""), ("Li", "Jr-Shin", "")]),
        ("R. W. Heath, Jr. and S. Li", [("Heath,", "R. W.", "Jr."), ("Li", "S.", "")]),
        ("A. Abulencia et al. (CDF Collaboration)", [("al.", "A. Abulencia et", "")]),
        ("Madonna", [("Madonna", "", "")]),
        ("(no author)", []),
    ],
)
def test_arxiv_takes_author_strings_apart_so(authors: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.key, each.given, each.suffix) for each in arxiv.parse_authors(authors)] == expected


@pytest.mark.parametrize(
    ("authors", "names", "truncated"),
    [
        ("A. Abulencia et al. (CDF Collaboration)", (Name("Abulencia", "A."),), True),
        ("R. W. Heath, Jr.", (Name("Heath", "R. W.", suffix="Jr."),), False),
        ("The CMS Collaboration", (Name(literal="The CMS Collaboration"),), False),
        (
            "J. Roe, for the CB-ELSA collaboration",
            (Name("Roe", "J."), Name(literal="for the CB-ELSA collaboration")),
            False,
        ),
        ("Floris van der Tak", (Name("Tak", "Floris", non_dropping_particle="van der"),), False),
        ("Guy De Laissardi\\`ere", (Name("De Laissardière", "Guy"),), False),
        (r"Mar\'{\i}a Rodr{\'\i}guez", (Name("Rodríguez", "María"),), False),
        (r"Mikkel {\O}bro and T. Cs\"org\H{o}", (Name("Øbro", "Mikkel"), Name("Csörgő", "T.")), False),
        ("Xuan Shen, Pu Zhao et al.", (Name("Shen", "Xuan"), Name("Zhao", "Pu")), True),
    ],
)
def test_the_record_says_what_an_author_string_means(authors: str, names: tuple[Name, ...], truncated: bool) -> None:
    assert arxiv.read_authors(authors) == (names, truncated)
    assert arxiv.split_authors(authors) == names


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"Pucha{\l}a", "Puchała"),
        (r"\v{S}r\'amek", "Šrámek"),
        (r"Juzeli\=unas", "Juzeliūnas"),
        (r"\'{\i}", r"\'ı"),  # arXiv does not know it
        (r"\c{i}", "ci"),
        (r"\d{a}", r"\d{a}"),
        (r"$\alpha_1$", "$α_1$"),
    ],
)
def test_accents_become_what_arxiv_makes_of_them(tex: str, expected: str) -> None:
    assert arxiv.unicode(tex) == expected


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"the Gr\"obner basis of $\mathbb{Q}(\sqrt{5})$", r"the Gröbner basis of $\mathbb{Q}(\sqrt{5})$"),
        ("D0 --> K- e+ nue  at 100% of\n  $5$", "D0 --> K- e+ nue at 100% of $5$"),
        (r"15\% more \& $10\%$ less", r"15% more & $10\%$ less"),
        (r"a \emph{new} way", "a <i>new</i> way"),
    ],
)
def test_titles_are_decoded_outside_mathematics_only(tex: str, expected: str) -> None:
    assert arxiv.text(tex) == expected


@given(st.text(st.sampled_from(list("aB \\'\"{}$~.,:()&-et al\n\x00é")), max_size=80))
def test_no_author_string_or_title_breaks_the_rules(text: str) -> None:
    for name in arxiv.split_authors(text):
        assert name.surname
    arxiv.unicode(text)
    arxiv.text(text)


# --- the snapshot ------------------------------------------------------------------------------------------------------

LINE: dict[str, Any] = {
    "id": "hep-ex/0307015",
    "submitter": "Jane Roe",
    "authors": "H1 Collaboration: A. Aktas, V. Andreev",
    "title": "Multi-Electron Production at High\n  Transverse Momenta",
    "comments": "23 pages",
    "journal-ref": "Eur.Phys.J. C31:17-29,2003",
    "doi": "10.1140/epjc/s2003-01326-x",
    "report-no": "DESY 03-082",
    "categories": "hep-ex",
    "license": None,
    "abstract": "  Events with\nseveral electrons.\n",
    "versions": [
        {"version": "v10", "created": "Thu, 7 Aug 2008 13:46:39 GMT"},
        {"version": "v1", "created": "Mon, 7 Jul 2003 13:46:39 GMT"},
        {"version": "v2", "created": "Thu, 7 Aug 2003 13:46:39 GMT"},
    ],
    "update_date": "2009-11-10",
    "authors_parsed": [["H1 Collaboration", "", ""], ["Aktas", "A.", ""], ["Andreev", "V.", ""]],
}

ATOM = """<?xml version="1.0" encoding="ISO-8859-1"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
  <link href="http://arxiv.org/api/query" rel="self"/>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">7</opensearch:totalResults>
  <entry>
    <id>http://arxiv.org/abs/hep-ex/0307015v10</id>
    <updated>2008-08-07T13:46:39Z</updated>
    <published>2003-07-07T13:46:39Z</published>
    <title>Multi-Electron Production at High
  Transverse Momenta</title>
    <summary>  Events with several electrons.
</summary>
    <author><name>H1 Collaboration</name></author>
    <author><name>A. Aktas</name></author>
    <author><name>V. Andreev</name></author>
    <arxiv:comment>23 pages</arxiv:comment>
    <arxiv:journal_ref>Eur.Phys.J. C31:17-29,2003</arxiv:journal_ref>
    <arxiv:doi>10.1140/epjc/s2003-01326-x</arxiv:doi>
    <arxiv:primary_category term="hep-ex" scheme="http://arxiv.org/schemas/atom"/>
    <category term="hep-ex" scheme="http://arxiv.org/schemas/atom"/>
    <category term="81V05" scheme="http://arxiv.org/schemas/atom"/>
  </entry>
  <entry>
    <id>http://arxiv.org/api/errors#incorrect_id</id><title>Error</title><summary>incorrect id format</summary>
  </entry>
</feed>
"""


def read(text: str) -> Batch:
    return arxiv_json.read(text, ReadOptions(source="a.jsonl"))


def atom(text: str) -> Batch:
    return arxiv_atom.read(text, ReadOptions(source="a.xml"))


def test_a_line_of_the_snapshot() -> None:
    batch = read(json.dumps(LINE))
    assert not batch.problems
    assert batch.records[0] == Record(
        type="article",
        title="Multi-Electron Production at High Transverse Momenta",
        author=(Name(literal="H1 Collaboration"), Name("Aktas", "A."), Name("Andreev", "V.")),
        arxiv_id="hep-ex/0307015",
        url="https://arxiv.org/abs/hep-ex/0307015",
        doi="10.1140/epjc/s2003-01326-x",
        categories=("hep-ex",),
        issued=Date((2008, 8, 7)),
        submitted=Date((2003, 7, 7)),
        abstract="Events with several electrons.",
        extra=(
            ("comment", "23 pages"),
            ("submitter", "Jane Roe"),
            ("journal-ref", "Eur.Phys.J. C31:17-29,2003"),
            ("report-no", "DESY 03-082"),
            ("update_date", "2009-11-10"),
        ),
    )


def test_an_entry_of_the_api_is_the_same_record() -> None:
    batch = atom(ATOM)
    (found,) = batch.records
    known = read(json.dumps(LINE)).records[0]
    assert replace(found, extra=()) == replace(known, extra=())
    assert found.extra == (("comment", "23 pages"), ("journal-ref", "Eur.Phys.J. C31:17-29,2003"), ("class", "81V05"))
    assert found.origin.line == 5
    assert [str(each) for each in batch.problems] == [
        "a.xml:23: error: arXiv answers: incorrect id format",
        "a.xml:1: note: the query has 7 results; the feed holds 2 of them",
    ]


def test_raw_strings_are_kept_where_the_record_alone_would_not_give_them_back() -> None:
    odd = LINE | {"authors": "A. Abulencia et al. (CDF)", "title": r"On Koll\'ar", "doi": "doi:10.1103/x 10.1103/y"}
    (record,) = read(json.dumps(odd)).records
    assert (record.title, record.doi, record.authors_truncated) == ("On Kollár", "10.1103/x", True)
    kept = {name: record.get_extra(name) for name in ("tex-title", "tex-authors", "raw-doi")}
    assert kept == {"tex-title": r"On Koll\'ar", "tex-authors": odd["authors"], "raw-doi": odd["doi"]}
    assert keys.make(record) == "al2008kollar"
    changed = replace(record, title="Changed", author=(Name("Roe"),), authors_truncated=False)
    assert keys.make(changed) == "roe2008changed", "a raw string of another title is not used"


def test_authors_come_from_the_parsed_list_where_the_string_is_missing() -> None:
    (record,) = read(json.dumps(LINE | {"authors": None})).records
    assert record.author == (Name(literal="H1 Collaboration"), Name("Aktas", "A."), Name("Andreev", "V."))


def test_one_bad_line_costs_one_line() -> None:
    lines = [
        json.dumps(LINE),
        "{",
        '["list"]',
        '{"id": null}',
        "[" * 100_000,
        "",
        "\x00",
        json.dumps(LINE | {"versions": 3}),
    ]
    batch = read("\r\n".join(lines))
    assert len(batch.records) == 2
    assert [each.origin.line for each in batch.problems] == [2, 3, 4, 5]
    assert batch.problems[0].text == "{"
    assert batch.records[1].issued == Date((2009, 11, 10)), "without versions the day of the update is all there is"


def test_the_snapshot_is_a_stream() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield json.dumps(LINE)

    stream = arxiv_json.read_lines(endless(), ReadOptions())
    assert [next(stream) for _ in range(3)][2] == read(json.dumps(LINE)).records[0]


@given(
    st.dictionaries(
        st.sampled_from(list(LINE)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["version", "created"]), inner),
            max_leaves=6,
        ),
    )
)
def test_values_of_any_kind_are_read_or_told(values: dict[str, Any]) -> None:
    found = list(arxiv_json.read_lines([json.dumps(values)], ReadOptions()))
    assert len(found) == 1
    if isinstance(found[0], Problem):
        assert found[0].text
    else:
        assert found[0].title or found[0].arxiv_id


# --- the API -----------------------------------------------------------------------------------------------------------


def test_a_feed_cut_short_gives_its_whole_entries() -> None:
    cut = ATOM[: ATOM.index("</entry>") + 40]
    batch = atom(cut)
    assert len(batch.records) == 1
    assert "not a whole feed" in batch.problems[0].message


def test_feeds_one_after_another_are_all_read() -> None:
    batch = atom(ATOM + ATOM)
    assert [each.origin.line for each in batch.records] == [5, 5 + ATOM.count("\n")]
    assert [each.origin.index for each in batch.records] == [0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<feed",
        "\x1b[31m" + ATOM,
        '<!DOCTYPE a [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><feed>&c;</feed>',
        "<feed>" + " " * 1_000_000,
        "<a>" * 5_000,
    ],
)
def test_a_broken_feed_is_a_problem_and_nothing_more(text: str) -> None:
    assert atom(text).problems


# --- the export --------------------------------------------------------------------------------------------------------


def export(*records: Record) -> str:
    return "".join(arxiv_bibtex.write(records, WriteOptions()))


def test_the_export_of_a_record_that_is_not_on_arxiv() -> None:
    record = Record(id="k", title="T", author=(Name("Roe", "Jane"),), authors_truncated=True, url="https://a.org")
    assert export(record) == (
        "@misc{k,\n      title={T}, \n      author={Jane Roe and others},\n      year={unknown},\n"
        "      url={https://a.org}, \n}\n"
    )


def test_no_value_breaks_out_of_its_braces() -> None:
    record = Record(id="k", title="a } b", author=(Name(literal="{x"),))
    assert "title={a  b}" in export(record)
    assert "author={x}" in export(record)


def test_losses_are_named() -> None:
    record = Record(id="k", title="T", volume="3", issued=Date((2020, 1)), doi="10.1/x", extra=(("code", "yes"),))
    assert arxiv_bibtex.losses(record) == ("volume", "issued", "extra")
    assert arxiv_bibtex.losses(Record(id="k", type="article", title="T", issued=Date((2020,)))) == ()


def test_arxivs_own_keys_and_texts_to_the_byte(shared: Path) -> None:
    lines = (shared / "arxiv" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    records = read("\n".join(json.dumps(case["record"]) for case in cases)).records
    assert len(records) == len(cases) > 300
    for record, case in zip(records, cases, strict=True):
        assert keys.make(record) == case["key"]
        assert arxiv_bibtex.entry(replace(record, id=case["key"])) == case["bibtex"]


def test_author_strings_agree_with_the_parsed_names(shared: Path) -> None:
    for line in (shared / "arxiv" / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)["record"]
        parsed = arxiv.parse_authors(record["authors"])
        found = [[arxiv.unicode(part) for part in (each.key, each.given, each.suffix)] for each in parsed]
        assert found == [each[:3] for each in record["authors_parsed"]]


# --- recognition and samples -------------------------------------------------------------------------------------------


def test_each_is_recognised_as_itself_alone() -> None:
    assert [each.name for each in recognise(json.dumps(LINE) + "\n")] == ["arxiv-json"]
    assert [each.name for each in recognise(json.dumps(LINE | {"authors": "A. B, " * 5_000}) + "\n")] == ["arxiv-json"]
    assert [each.name for each in recognise(ATOM)] == ["arxiv-atom"]


def test_the_sample_gives_the_text_beside_it(samples: Path) -> None:
    records = read((samples / "arxiv.jsonl").read_text(encoding="utf-8")).records
    named = [replace(each, id=key) for each, key in zip(records, keys.assign(records), strict=True)]
    assert export(*named) == (samples / "arxiv.bib").read_text(encoding="utf-8")
