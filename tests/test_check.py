"""What is wrong with a bibliography, rule by rule: the text, the rule that must speak, and the text that must be silent."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import api, bibfile
from bibtools.check import RULES

GOOD = """@article{good2020,
  author = {Ada Lovelace and Grace Hopper},
  title = {On {Engines} and 20\\% of their Cost},
  journal = {Journal of Engines},
  year = 2020,
  volume = 3,
  pages = {10--20},
  doi = {10.1000/182},
  month = jan,
  isbn = {978-0-306-40615-7},
}
"""


def entry(field: str, type_: str = "misc") -> str:
    return f"@{type_}{{k,\n  title = {{A quiet Title}},\n  {field}\n}}\n"


SPEAKS = [
    ("syntax", "@article{a, title = {open\n\n@misc{b, title={B}}\n"),
    ("repeated-key", "@misc{a, title={A}}\n@misc{A, title={B}}\n"),
    ("awkward-key", "@misc{a%b, title={A}}\n"),
    ("repeated-field", entry("note = {x}, note = {y}")),
    ("empty-field", entry("note = {}")),
    ("missing-field", "@article{a, title={A}, author={B C}, year=2000}\n"),
    ("missing-field", "@inproceedings{a, title={A}, author={B C}, year=2000}\n"),
    ("empty-entry", "@misc{a, abstract={A long story}}\n"),
    ("empty-entry", "@article{a, title={}}\n"),
    ("unknown-type", "@artikel{a, title={A}}\n"),
    ("dangling-reference", entry("crossref = {nowhere}")),
    (
        "late-parent",
        "@book{p, title={P}, editor={E F}, publisher={Q}, year=1999}\n@inbook{c, crossref={p}, author={A B}}\n",
    ),
    ("undefined-macro", entry("journal = jogreat")),
    ("duplicate", GOOD + GOOD.replace("good2020", "twin")),
    ("arxiv-year", entry("eprint = {2304.01234}, archiveprefix = {arXiv}, year = 2019")),
    ("bad-doi", entry("doi = {not a doi}")),
    ("bad-doi", entry("doi = {https://doi.org/10.1000/182}")),
    ("capital-title", "@misc{a, title={ON COMPUTABLE NUMBERS WITH APPLICATIONS}}\n"),
    ("misplaced-others", entry("author = {A One and others and B Two}")),
    ("et-al", entry("author = {A One and B Two et al.}")),
    ("split-authors", entry("author = {A One; B Two}")),
    ("split-authors", entry("author = {Ann One, Bob Two, Cy Three}")),
    ("split-authors", entry("author = {Ann One \\& Bob Two}")),
    ("odd-year", entry("year = 20202")),
    ("odd-year", entry("year = 202")),
    ("bad-doi", entry("doi = {http://doi.acm.org/10.1145/1137627.1137631}")),
    ("bad-isbn", entry("isbn = {0360-9170}")),
    ("bare-special", entry("series = {$$a_1$$ and b_1}")),
    ("escaped-url", entry("url = {https://example.org/a\\_b}")),
    ("escaped-url", entry("url = {https://example.org/a%2520b}")),
    ("double-escaped", entry("publisher = {Johnson \\&amp; Sons}")),
    ("bare-special", entry("publisher = {Johnson & Sons}")),
    ("mojibake", entry("author = {JosÃ© Nu\\~nez}")),
    ("backward-pages", entry("pages = {210--190}")),
    ("bad-isbn", entry("isbn = {978-0-306-40615-8}")),
    ("control-character", entry("note = {a\x07b}")),
    ("unsure-duplicate", None),
    ("published-twin", None),
]

SILENT = [
    GOOD,
    entry("pages = {1234--45}"),
    entry("pages = {3-1--3-20}"),
    entry("author = {King, Jr., Martin Luther}"),
    entry("author = {de la Fuente Smith, Jr. III, Ann Mary}"),
    entry("author = {{Barnes and Noble; Sons}}"),
    entry("author = {May, Patrick AND Ehrlich, Hans-Christian AND Steinke, Thomas}"),
    entry("author = {May, Patrick And others}"),
    "@control{settings, key={x}}\n",
    "@misc{a, shortauthor={Accius}, shorthand={Acc.}}\n",
    "@unit{metre, unitname={metre}, unitsymbol={m}}\n% bibtools: off unknown-type\n",
    entry("author = {Ernst \\& Young}"),
    entry("author = {family=Hoen, given=Peter A. C., prefix=’t, useprefix=false and Hooft, Rob}"),
    entry("author = {given=Hans, family=Harman, prefix=of the, useprefix=true}"),
    entry("author = {A One and others}"),
    entry("url = {https://example.org/a_b%20c#d}"),
    entry("title = {ON A}, year = {in press}"),
    entry("year = {19xx}"),
    entry("month = jan # {~1}"),
    entry("journal = tcs"),
    entry("publisher = {Smith \\& Sons, $a_1$}"),
    entry("publisher = {A \\(a_1\\) $$a_2$$ \\url{https://example.org/a_b}}"),
    entry("eprint = {hep-th/9901001}, year = 1998"),
    entry("eprint = {2001.01234}, archiveprefix = {arXiv}, year = 2018, journal = {Old Journal}", "online"),
    entry("doi = {10/aabbe}"),
    entry("isbn = {0-943396-04-2 0-85131-041-9}"),
    entry("isbn = {ISBN 3-540-61053-7 (Springer)}"),
    "@article{a, author={A B}, title={On C}, eprint={2301.01234}, archivePrefix={arXiv}, year=2023}\n",
    "@article{a, collaboration={ATLAS}, title={On C}, journal={D}, year=2023}\n",
    "@article{a, author={A B}, title={On C}, journal={D}, note={in press}}\n",
    "@article{a, author={A B}, title={On C}, journaltitle={D}, pubstate={inpress}}\n",
    "@book{p, title={On P}, publisher={Q}, year=1999}\n",
    "@book{p, title={On P}, editor={E F}, publisher={Q}, year=1999}\n@inbook{c, crossref={p}, date={1999}, author={A B}}\n",
    "@inproceedings{c, crossref={p}, author={A B}, title={On C}}\n@proceedings{p, title={On P}, booktitle={P}, year=1999}\n",
    "@xdata{x, publisher={P}}\n",
]

ONE_CAUSE = [  # what is wrong once is said once
    ("@article{a, author={A B}, title={C}, journal=nowhere, year=2000}", ["undefined-macro"]),
    ("@article{a, author={A B}, title={C}, journal={}, year=2000}", ["empty-field"]),
    ("@inproceedings{a, author={A B}, title={C}, crossref={p}}", ["dangling-reference"]),
    ("@article{a, title={C}}", ["missing-field"]),
    ("@article{, abstract={C}}", ["awkward-key"]),
    ("@article{a, author={A B}, title={C &amp; D}, journal={J}, year=2000}", ["double-escaped"]),
    (GOOD + GOOD, ["repeated-key"]),
    ("\n".join(GOOD.replace("good2020", f"copy{number}") for number in range(4)), ["duplicate"] * 3),
]


def rules_of(text: str, **options: object) -> set[str]:
    return {each.rule for each in api.check(text.encode(), **options)}  # type: ignore[arg-type]


@pytest.mark.parametrize(("rule", "text"), [case for case in SPEAKS if case[1]])
def test_the_rule_speaks(rule: str, text: str) -> None:
    assert rule in rules_of(text)


@pytest.mark.parametrize("text", SILENT)
def test_a_sound_entry_is_left_alone(text: str) -> None:
    assert not rules_of(text) - {"repeated-field"}


@pytest.mark.parametrize(("text", "rules"), ONE_CAUSE)
def test_one_cause_is_one_finding(text: str, rules: list[str]) -> None:
    assert [finding.rule for finding in api.check(text.encode())] == rules


def test_what_bibtex_prints_badly_is_a_warning_and_what_it_does_not_print_an_error() -> None:
    for text, severity in (("@article{a, title={A}}", "warning"), ("@article{a, key={A}}", "error")):
        assert [finding.severity for finding in api.check(text.encode())] == [severity]


def test_a_suspicion_misses_nothing_that_its_rule_finds() -> None:
    for rule, text in SPEAKS:
        for looked in (rule_ for rule_ in RULES if rule_.name == rule and rule_.field and text):
            fields = [field for entry_ in bibfile.parse(text).entries for field in entry_.fields]
            found = [field for field in fields if field.name in looked.names and list(looked.field(field, field.entry))]
            assert found
            assert all(looked.suspect(field.value) for field in found)


def test_files_of_one_bibliography_complete_each_other() -> None:
    macros = bibfile.companions(
        [("@string{jog = {Journal}}\n@proceedings{p, title={P}, booktitle={P}, year=1999}\n", "")]
    )
    text = (
        b"@article{a, author={A B}, title={C}, journal=jog, year=2000}\n"
        b"@inproceedings{b, author={B}, title={C D}, crossref={p}}"
    )
    assert {finding.rule for finding in api.check(text)} == {"undefined-macro", "dangling-reference"}
    assert api.check(text, companions=macros) == ()


@pytest.mark.parametrize(
    "text",
    [
        "@misc{a, title={A},\n" + "note={},\n" * 20_000 + "}",
        "@misc{a, title={A},\n" + "note=nowhere,\n" * 20_000 + "}",
        "@misc{a, title={A}}\n" + "% bibtools: off-next bad-doi\n" * 20_000 + "@misc{b, title={A}}\n",
        "@misc{a, title={A}, xdata={" + ",".join(f"k{number}" for number in range(20_000)) + "}}",
        "@misc{a, title={" + "Ã© " * 20_000 + "}}",
        "@misc{a, author={"
        + "A; B & C, D, " * 10_000
        + "}, pages={"
        + "9-1 " * 20_000
        + "}, isbn={"
        + "1 " * 20_000
        + "}}",
    ],
    ids=["empty fields", "macros", "switches", "parents", "characters", "values"],
)
def test_the_time_grows_with_the_file_only(text: str) -> None:
    began = time.process_time()
    api.check(text.encode(), duplicates=False)
    assert time.process_time() - began < 5


def test_every_rule_has_a_case() -> None:
    assert {each.name for each in RULES} == {name for name, _ in SPEAKS}


def test_a_finding_names_the_line_and_the_key() -> None:
    found = [
        each for each in api.check(f"\n\n{entry('doi = {no}')}".encode(), source="x.bib") if each.rule == "bad-doi"
    ]
    assert [(each.source, each.line, each.key) for each in found] == [("x.bib", 5, "k")]


def test_rules_are_turned_off_for_a_run_a_file_and_an_entry() -> None:
    text = entry("doi = {no}")
    assert "bad-doi" not in rules_of(text, off=["bad-doi"])
    assert "bad-doi" not in rules_of("% bibtools: off bad-doi\n" + text)
    two = "% bibtools: off-next bad-doi, odd-year\n" + text + text.replace("{k,", "{l,")
    assert [each.key for each in api.check(two.encode()) if each.rule == "bad-doi"] == ["l"]


def test_only_runs_nothing_else() -> None:
    assert rules_of(entry("doi = {no}, pages = {9--1}"), only=["bad-doi"]) == {"bad-doi"}


FIXES = [
    ("doi = {https://doi.org/10.1000/182}", "doi = {10.1000/182}"),
    ("author = {A One and others and B Two}", "author = {A One and B Two and others}"),
    ("author = {A One and B Two et al.}", "author = {A One and B Two and others}"),
    ("url = {https://example.org/a\\_b}", "url = {https://example.org/a_b}"),
    ("publisher = {Johnson \\&amp; Sons}", "publisher = {Johnson \\& Sons}"),
    ("author = {José NuÃ±ez}", "author = {José NuÃ±ez}"),
    ("author = {JosÃ© Lopez}", "author = {José Lopez}"),
    ("note = {https://doi.org/10.1/a_b}", "note = {https://doi.org/10.1/a_b}"),
]


@pytest.mark.parametrize(("before", "after"), FIXES)
def test_fix_mends_only_what_is_safe(tmp_path, before: str, after: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.bib"
    path.write_bytes(entry(before).encode())
    api.check_fix(str(path))
    assert path.read_bytes().decode() == entry(after)
    assert api.check_fix(str(path)) == 0


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from('@{}=,"# \n\\%&aé$_-–1290;doititleauthor'), max_size=200))
def test_checking_never_raises(text: str) -> None:
    api.check(text.encode(), duplicates=False)
    api.check(f"@article{{a, author = {{{text}}}, title = {{{text}}}}}".encode(), duplicates=False)


def test_outputs_are_well_formed() -> None:
    from bibtools.check.output import OUTPUTS

    found = api.check(entry("doi = {a:b,%c}").encode(), source="a,b.bib")
    assert json.loads("".join(OUTPUTS["json"](found)))[0]["file"] == "a,b.bib"
    sarif = json.loads("".join(OUTPUTS["sarif"](found)))
    assert {each["ruleId"] for each in sarif["runs"][0]["results"]} <= {each.name for each in RULES}
    assert "::warning file=a%2Cb.bib,line=3,title=bad-doi::" in "".join(OUTPUTS["github"](found))
    assert "(--off bad-doi)" in "".join(OUTPUTS["text"](found))
    fixable = api.check(entry("doi = {doi:10.1000/182}").encode())
    assert "(--off bad-doi; fixable with --fix)" in "".join(OUTPUTS["text"](fixable))
