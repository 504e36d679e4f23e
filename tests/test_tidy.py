r"""The rules of `format`: each does what its line says and nothing else, twice is once, and BibTeX reads what it read before."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import bibfile, tidy
from bibtools.selection import Selection
from bibtools.tidy import characters

from .conftest import SHARED

WILD = sorted((SHARED / "bib").glob("wild/*.bib")) + sorted((SHARED / "bib").glob("features/*.bib"))
LAYOUT = [rule.name for rule in tidy.RULES if isinstance(rule, (tidy.rule.EntryRule, tidy.rule.FileRule))]


def run(text: str, *rules: str, **options: object) -> str:
    done = tidy.tidy(bibfile.parse(text), rules, tidy.Options(**options))  # type: ignore[arg-type]
    assert not done.problems
    again = tidy.tidy(bibfile.parse(done.document.to_bytes()), rules, tidy.Options(**options))  # type: ignore[arg-type]
    assert again.changed == {}
    assert again.document.text == done.document.text
    return done.document.text


def value(rule: str, field: str, source: str) -> str:
    """What a rule makes of the source of one field."""
    text = run(f"@article{{k,\n  title = {{T}},\n  {field} = {source},\n  note = {{N}},\n}}\n", rule)
    found = re.search(rf"title = \{{T\}},\n(?:  {field} = (.*),\n)?  note = \{{N\}},\n\}}\n\Z", text, re.DOTALL)
    assert found, text
    return found[1] or ""


MONTHS = [
    *[
        (f"{{{word}}}", macro)
        for word, macro in zip(
            "January February March April May June July August September October November December".split(),
            "jan feb mar apr may jun jul aug sep oct nov dec".split(),
            strict=True,
        )
    ],
    *[
        (f"{{{number}}}", macro)
        for number, macro in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
    ],
    ('"Jan."', "jan"),
    ("{sept.}", "sep"),
    ("{{Feb}}", "feb"),
    ("{ MAR }", "mar"),
    ("04", "apr"),
    ("12", "dec"),
    ("oct", "oct"),
    ("{June/July}", "{June/July}"),
    ("{13}", "{13}"),
    ("{0}", "{0}"),
    ("{Januar}", "{Januar}"),
    ('"1~" # jan', '"1~" # jan'),
    ("unknown", "unknown"),
]


@pytest.mark.parametrize(("before", "after"), MONTHS)
def test_months(before: str, after: str) -> None:
    assert value("months", "month", before) == after


PAGES = [
    ("{12-34}", "{12--34}"),
    ("{12--34}", "{12--34}"),
    ("{12---34}", "{12--34}"),
    ("{12 - 34}", "{12--34}"),
    ("{12–34}", "{12--34}"),
    ("{12—34}", "{12--34}"),
    ("{12\u221234}", "{12--34}"),
    ('"12-34"', '"12--34"'),
    ("{S12-S20}", "{S12--S20}"),
    ("{xii-xx}", "{xii--xx}"),
    ("{12a-12c}", "{12a--12c}"),
    ("{1-2, 5-7}", "{1--2, 5--7}"),
    ("{1-2,5,7--9}", "{1--2,5,7--9}"),
    ("{12\\textendash 34}", "{12--34}"),
    ("{12}", "{12}"),
    ("{e1234-5-6}", "{e1234-5-6}"),
    ("{3-14--3-20}", "{3-14--3-20}"),
    ("{A-12}", "{A-12}"),
    ("{12-}", "{12-}"),
    ("{12--34 (in German)}", "{12--34 (in German)}"),
    ("1234", "1234"),
    ("p # {12-34}", "p # {12-34}"),
]


@pytest.mark.parametrize(("before", "after"), PAGES)
def test_pages(before: str, after: str) -> None:
    assert value("pages", "pages", before) == after


DOIS = [
    ("{https://doi.org/10.1000/Xyz.1}", "{10.1000/Xyz.1}"),
    ("{http://dx.doi.org/10.1000/x}", "{10.1000/x}"),
    ("{doi.org/10.1000/x}", "{10.1000/x}"),
    ("{doi:10.1000/x}", "{10.1000/x}"),
    ("{DOI: 10.1000/x}", "{10.1000/x}"),
    ("{ 10.1000/x }", "{ 10.1000/x }"),
    ("{10.1000/x}", "{10.1000/x}"),
    ('"https://doi.org/10.1002/(SICI)1%3C1::A%3E2.0"', '"10.1002/(SICI)1<1::A>2.0"'),
    ("{https://doi.org/10.1000/a%7Bb}", "{10.1000/a%7Bb}"),
    ("{10.1000/x\\_y}", "{10.1000/x\\_y}"),
    ("{https://example.org/10.1000/x}", "{https://example.org/10.1000/x}"),
    ("{unknown}", "{unknown}"),
]


@pytest.mark.parametrize(("before", "after"), DOIS)
def test_dois(before: str, after: str) -> None:
    assert value("doi", "doi", before) == after


URLS = [
    ("{\\url{http://x.org/a_b}}", "{http://x.org/a_b}"),
    ("{<http://x.org>}", "{http://x.org}"),
    ("{http://dx.doi.org/10.1000/x}", "{https://doi.org/10.1000/x}"),
    ("{ http://x.org }", "{ http://x.org }"),
    ("{http://x.org and http://y.org}", "{http://x.org and http://y.org}"),
    ("{\\url{a} and \\url{b}}", "{\\url{a} and \\url{b}}"),
]


@pytest.mark.parametrize(("before", "after"), URLS)
def test_urls(before: str, after: str) -> None:
    assert value("url", "url", before) == after


UNICODE = [
    (r"{M{\"u}ller}", "{Müller}"),
    (r"{M\"{u}ller M\"uller}", "{Müller Müller}"),
    (r"{Erd{\H o}s, Erd\H{o}s}", "{Erdős, Erdős}"),
    (r"{Garc{\'\i}a, Garc\'{\i}a, Garc\'\i a}", "{García, García, García}"),
    (r"{{\O}re, \O{}re, {\o}}", "{Øre, Øre, ø}"),
    (r"{Wei{\ss} stra{\ss}e \ss{}}", "{Weiß straße ß}"),
    (r"{\c{c}a va \c ca}", "{ça va ça}"),
    (r"{\v{S}koda {\v S}}", "{Škoda Š}"),
    (r"{\=a\.{z}\k{e}\r{a}}", "{āżęå}"),
    (r"{$\bar{x}\'e$ \'e}", r"{$\bar{x}\'e$ é}"),
    (r"{\cite{a} \emph{x} \&}", r"{\cite{a} \emph{x} \&}"),
    (r"{{DNA} and {\"U}ber}", "{{DNA} and Über}"),
    (r"{\emph\'e}", r"{\emph\'e}"),
    (r"{\'x}", r"{\'x}"),
    (r"{a \\ b}", r"{a \\ b}"),
    (r"{\url{x} \d{o}}", r"{\url{x} ọ}"),
    (r"{\'{\o}}", r"{\'ø}"),
]


@pytest.mark.parametrize(("before", "after"), UNICODE[:-1])
def test_latex_letters_as_unicode(before: str, after: str) -> None:
    assert value("unicode", "author", before) == after


@pytest.mark.parametrize(
    "word", ["Müller", "Erdős", "García", "Ørsted", "Weiß", "Škoda", "Ångström", "Łódź", "naïve", "façade", "Dvořák"]
)
def test_unicode_as_latex_and_back(word: str) -> None:
    there = characters.to_latex(word)
    assert there.isascii()
    assert characters.to_unicode(there) == word


def test_characters_without_a_command_and_addresses_stay() -> None:
    assert value("latex", "note1", "{北京 é}").startswith("{北京 ")
    assert value("latex", "url", "{http://x.org/é}") == "{http://x.org/é}"
    assert value("unicode", "url", r"{http://x.org/\'e}") == r"{http://x.org/\'e}"


TITLES = [
    ("A study of DNA in vivo", "A study of {DNA} in vivo"),
    ("mRNA, CO2, 3D and iPhone tests", "{mRNA}, {CO2}, {3D} and {iPhone} tests"),
    ("A {DNA} study of {the GPU}", "A {DNA} study of {the GPU}"),
    ("Using \\LaTeX{} with BibTeX", "Using \\LaTeX{} with {BibTeX}"),
    ("On $NP$ and NP", "On $NP$ and {NP}"),
    ("The Great Escape", "The Great Escape"),
    ("A STUDY OF DNA IN VIVO", "A STUDY OF DNA IN VIVO"),
    ("AT&T's x-ray of McDonald", "{AT&T's} x-ray of {McDonald}"),
    ("Self-driving GPU-based", "Self-driving {GPU}-based"),
]


@pytest.mark.parametrize(("before", "after"), TITLES)
def test_titles_protected(before: str, after: str) -> None:
    text = run(f"@misc{{k, title = {{{before}}}, note = {{DNA}}}}\n", "protect-titles")
    assert text == f"@misc{{k, title = {{{after}}}, note = {{DNA}}}}\n"


def test_a_field_said_twice_with_one_value_loses_one_and_two_values_stay() -> None:
    before = "@a{k,\n  note = {x},\n  year = 1,\n  note = {x},\n  doi = {1},\n  doi = {2},\n  Note = {x}\n}\n"
    assert run(before, "duplicate-fields") == "@a{k,\n  year = 1,\n  doi = {1},\n  doi = {2},\n  Note = {x}\n}\n"
    kept = "@a{k,\n  note = {x},\n  note = {y},\n  note = {x}\n}\n"
    assert run(kept, "duplicate-fields") == kept


def test_empty_fields_go_unless_a_parent_would_fill_them() -> None:
    assert (
        run('@a{k,\n  doi = {},\n  note = "",\n  year = 1,\n  url = { }\n}\n', "empty-fields")
        == "@a{k,\n  year = 1\n}\n"
    )
    child = "@a{k,\n  doi = {},\n  crossref = {p}\n}\n"
    assert run(child, "empty-fields") == child


def test_indent_follows_the_file() -> None:
    good = "@a{one,\n    title = {x},\n    year = 1\n}\n\n@a{two,\n    title = {y},\n    year = 2\n}\n\n"
    bad = "@a{three, title = {z},\n\tyear = 3,\n  note = {long\n  text}}\n"
    after = "@a{three,\n    title = {z},\n    year = 3,\n    note = {long\n    text}\n}\n"
    assert run(good + bad, "indent") == good + after
    assert run(good, "indent", indent="  ") == good.replace("    ", "  ")


def test_a_file_of_one_line_entries_stays_so() -> None:
    text = "@a{one, title = {x}, year = 1}\n@a{two, title = {y}, year = 2}\n"
    assert run(text, "indent", "align") == text


def test_align_follows_the_file() -> None:
    good = "@a{one,\n  title  = {x},\n  year   = 1\n}\n@a{two,\n  author = {y},\n  year   = 2\n}\n"
    bad = "@a{three,\n  title={z},\n  note    =   {x},\n}\n"
    assert run(good * 2 + bad, "align") == good * 2 + "@a{three,\n  title  = {z},\n  note   = {x},\n}\n"


def test_align_at_a_column() -> None:
    text = "@a{k,\n  title={x},\n  averylongname={y},\n}\n"
    assert run(text, "align", align=10) == "@a{k,\n  title   = {x},\n  averylongname = {y},\n}\n"
    assert run(text, "align", align=0) == "@a{k,\n  title = {x},\n  averylongname = {y},\n}\n"


def test_values_aligned_by_tabs_stay() -> None:
    text = "@a{k,\n  title = \t {x},\n  author =\t {y},\n  institution =  {z},\n  note = \t {n}\n}\n"
    assert run(text, "align") == text
    assert run(text, "align", align=0) == text.replace(" = \t ", " = ").replace(" =\t ", " = ").replace("=  ", "= ")


def test_field_order_lower_case_and_braces() -> None:
    text = '@Article{Key,\n  YEAR = 1,\n  zzz = "b {"} c",\n  Title = "x",\n  author = {A}\n}\n'
    after = '@article{Key,\n  author = {A},\n  title = {x},\n  year = 1,\n  zzz = {b {"} c}\n}\n'
    assert run(text, "field-order", "lower-case", "braces") == after


def entry(key: str, more: str = "") -> str:
    return f"@misc{{{key},\n  note = {{{key}}}{more}\n}}"


def test_sort_moves_entries_with_their_own_comments() -> None:
    text = f"% head\n\n% about c\n{entry('c')} % tail of c\n\n{entry('A')}\n{entry('b')}\n"
    after = f"% head\n\n{entry('A')}\n\n{entry('b')}\n% about c\n{entry('c')} % tail of c\n"
    assert run(text, "sort") == after


def test_nothing_is_sorted_across_headings_strings_and_broken_entries() -> None:
    b, a, d, c = entry("b"), entry("a"), entry("d"), entry("c")
    for border in (
        "% --- part two ---",
        "@string{x = {y}}",
        "@comment{jabref}",
        "@preamble{{x}}",
        "@misc{z, note = x y z}",
    ):
        assert run(f"{b}\n\n{a}\n\n{border}\n\n{d}\n\n{c}\n", "sort") == f"{a}\n\n{b}\n\n{border}\n\n{c}\n\n{d}\n"


def test_sort_keeps_parents_behind_children_and_repeated_keys_in_order() -> None:
    child, parent = entry("m", ",\n  crossref = {a}"), entry("a")
    first, second = entry("k", ",\n  year = 1"), entry("K", ",\n  year = 2")
    assert run("\n".join([first, child, parent, second, ""]), "sort") == "\n".join([first, second, child, parent, ""])


def test_sort_by_other_fields() -> None:
    one, two, three = entry("a", ",\n  year = 2020"), entry("b", ",\n  year = 1999"), entry("c", ",\n  year = 1999")
    assert run("\n".join([one, three, two, ""]), "sort", sort_by=("year", "key")) == "\n".join([two, three, one, ""])


def test_blank_lines() -> None:
    text = f"{entry('a')}\n\n{entry('b')}\n\n{entry('c')}{entry('d')}\n\n\n\n{entry('e')}\n% x\n{entry('f')}\n"
    after = f"{entry('a')}\n\n{entry('b')}\n\n{entry('c')}\n\n{entry('d')}\n\n{entry('e')}\n% x\n{entry('f')}\n"
    assert run(text, "blank-lines") == after


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_line_ends_and_encodings_stay(eol: str, encoding: str) -> None:
    text = "@a{k,\n  author = {Jürgen},\n  pages = {1-2},\n   year = 1,\n}\n\n@a{j,\n  author = {É},\n  note={x},\n}\n"
    data = text.replace("\n", eol).encode(encoding)
    done = tidy.tidy(bibfile.parse(data), [*tidy.DEFAULT, "sort", "blank-lines"]).document.to_bytes()
    new = done.decode(encoding)
    assert new.encode(encoding) == done
    assert "1--2" in new
    assert new.index("{j,") < new.index("{k,")
    assert new.replace(eol, "") == "".join(new.split(eol))
    assert set(re.findall(r"\r\n|\r|\n", new)) == {eol}


def test_a_character_that_the_encoding_lacks_stays_a_command() -> None:
    data = b"@a{k,\n  title = {\\H{o} \xe9},\n}\n@a{j,\n  title = {\\'e},\n}\n"
    done = tidy.tidy(bibfile.parse(data), ["unicode"])
    assert done.document.to_bytes() == b"@a{k,\n  title = {\\H{o} \xe9},\n}\n@a{j,\n  title = {\xe9},\n}\n"
    assert done.problems == ()


def test_entries_that_bibtex_cannot_read_stay() -> None:
    broken = "@a{k,\n title = {x}\n year 1,\n month = {May},\n}\n"
    text = broken + "@b{j,\n  month = {May},\n  title = {x}\n}\n"
    done = tidy.tidy(bibfile.parse(text), set(tidy.DEFAULT) | {"field-order", "lower-case"}).document.text
    assert done.startswith(broken)
    assert "month = may" in done


def test_omit() -> None:
    text = "@a{k,\n  title = {x},\n  Abstract = {y},\n  file = {a.pdf}\n}\n"
    assert run(text, "omit", omit=Selection(frozenset({"abstract", "file"}))) == "@a{k,\n  title = {x}\n}\n"
    assert run(text, "omit") == text


def test_field_order_of_ones_own() -> None:
    text = "@a{k,\n  author = {a},\n  zzz = {z},\n  title = {t},\n  doi = {10.1/2}\n}\n"
    after = "@a{k,\n  doi = {10.1/2},\n  title = {t},\n  author = {a},\n  zzz = {z}\n}\n"
    assert run(text, "field-order", field_order=("doi", "title")) == after


def test_max_authors() -> None:
    assert run("@a{k, author = {A B and {C and D} and E F}}", "max-authors", max_authors=2) == (
        "@a{k, author = {A B and {C and D} and others}}"
    )
    for text in ("@a{k, author = {A B and C D}}", "@a{k, author = {A B and C D and others}}"):
        assert run(text, "max-authors", max_authors=2) == text


STRIPPED = [
    ("{{A B}}", "{A B}"),
    ("{{A} {B}}", "{{A} {B}}"),
    ("{{DNA}}", "{{DNA}}"),
    ('"{A b}"', '"A b"'),
    ("{{}}", "{}"),
]


@pytest.mark.parametrize(("before", "after"), STRIPPED)
def test_strip_braces(before: str, after: str) -> None:
    assert value("strip-braces", "booktitle", before) == after


def test_an_organisation_keeps_its_braces() -> None:
    assert value("strip-braces", "author", "{{Barnes and Noble}}") == "{{Barnes and Noble}}"


@pytest.mark.parametrize(
    ("before", "after"), [("{A B}", "{{A B}}"), ("{{A B}}", "{{A B}}"), ("{{A} B}", "{{{A} B}}"), ("{}", "{}")]
)
def test_double_braces(before: str, after: str) -> None:
    assert run(f"@a{{k, title = {before}}}", "double-braces") == f"@a{{k, title = {after}}}"


CAPITALS = [
    ("{ON THE ORIGIN OF SPECIES: A VIEW}", "{On the Origin of Species: A View}"),
    ("{ON THE {DNA} OF MANY STRANGE SPECIES}", "{On the {DNA} of Many Strange Species}"),
    ("{H2O AND OTHER MOLECULES IN WATER}", "{H2O and Other Molecules in Water}"),
    ("{On The Origin Of Species}", "{On The Origin Of Species}"),
    ("{IEEE TRANS}", "{IEEE TRANS}"),
]


@pytest.mark.parametrize(("before", "after"), CAPITALS)
def test_drop_all_caps(before: str, after: str) -> None:
    assert value("drop-all-caps", "booktitle", before) == after


ADDRESSES = [
    (r"{https://a.org/x\_y\%20z}", "{https://a.org/x_y%20z}"),
    ("{https://a.org/x y}", "{https://a.org/x%20y}"),
    ("{https://a.org/ü?a=[1]}", "{https://a.org/%C3%BC?a=[1]}"),
    ("{https://a.org/x_y%20z#top}", "{https://a.org/x_y%20z#top}"),
    ("{see the page}", "{see the page}"),
]


@pytest.mark.parametrize(("before", "after"), ADDRESSES)
def test_encode_urls(before: str, after: str) -> None:
    assert value("encode-urls", "url", before) == after


def test_trailing_comma() -> None:
    text = "@a{k,\n  title = {x}\n}\n"
    with_comma = "@a{k,\n  title = {x},\n}\n"
    assert run(text, "trailing-comma", trailing_comma=True) == with_comma
    assert run(with_comma, "trailing-comma", trailing_comma=False) == text
    assert run(with_comma * 2 + text, "trailing-comma") == with_comma * 3


def test_wrap() -> None:
    text = (
        "@a{k,\n  abstract = {one two three four five six seven eight nine ten},\n  url = {https://a.org/%s}\n}\n"
        % ("x" * 40)
    )
    after = text.replace("five ", "five\n" + " " * 14)
    assert run(text, "wrap", wrap=40) == after
    assert run(after, "wrap", wrap=100) == text
    assert run("@a{k, note = {one two three four five six seven eight nine}}", "wrap", wrap=40).count("\n") == 0


def test_wrap_keeps_paragraphs_and_makes_no_line_that_looks_like_an_entry() -> None:
    text = "@a{k,\n  note = {one two three four five six seven eight nine ten @misc{x} eleven\n\n  twelve}\n}\n"
    after = run(text, "wrap", wrap=40)
    assert "\n\n          twelve}" in after
    assert "\n          @" not in after


def test_lines_inside_a_value_move_with_their_field() -> None:
    text = "@a{k,\n  note   = {one\n            two\n    three},\n  x = {y}\n}\n"
    after = "@a{k,\n\tnote   = {one\n                  two\n\t  three},\n\tx = {y}\n}\n"
    assert run(text, "indent", indent="\t") == after
    aligned = "@a{k,\n  note = {one\n          two\n    three},\n  x = {y}\n}\n"
    assert run(text, "align", align=0) == aligned


def test_blank_lines_asked_for() -> None:
    assert run("@a{k, a=1}\n@a{l, a=1}\n\n\n\n@a{m, a=1}", "blank-lines", blank_lines=1) == (
        "@a{k, a=1}\n\n@a{l, a=1}\n\n@a{m, a=1}"
    )


def test_unknown_and_contradicting_rules() -> None:
    document = bibfile.parse("")
    with pytest.raises(ValueError, match=r"unknown rule 'nope'; the rules are: .*pages"):
        tidy.tidy(document, ["nope"])
    with pytest.raises(ValueError, match="undo each other"):
        tidy.tidy(document, ["latex", "unicode"])


def test_choosing_rules() -> None:
    assert tidy.rules_for() == tidy.DEFAULT
    assert tidy.rules_for(["sort"], ["pages"]) == (tidy.DEFAULT | {"sort"}) - {"pages"}
    assert tidy.rules_for(["sort"], ["all"]) == {"sort"}
    assert tidy.rules_for(["all"], []) == {rule.name for rule in tidy.RULES} - {
        *("unicode", "latex", "strip-braces", "double-braces")
    }


def test_every_rule_has_a_line_of_help() -> None:
    assert len({rule.name for rule in tidy.RULES}) == len(tidy.RULES)
    for rule in tidy.RULES:
        assert rule.help.endswith(".") and len(rule.help) < 80


# --- laws --------------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["title", "Title", "author", "pages", "month", "doi", "note", "crossref", "x-y"])
TEXT = st.sampled_from(
    ["", "x", "1-2", "May", "12", r"{\"u}", "ü", "DNA", "10.1/x", "https://doi.org/10.1000/x", "a\n  b", '{"}', "k0"]
)
VALUE = st.one_of(
    TEXT.map("{{{}}}".format),
    TEXT.filter(lambda t: '"' not in t).map('"{}"'.format),
    st.sampled_from(["12", "jan", "x # {y}", "", "oops {"]),
)
GAP = st.sampled_from([" ", "", "\n  ", "\n\t", "\r\n    ", "\n% c\n"])
FIELD = st.builds("{}{}{}={}{}".format, GAP, NAMES, GAP, GAP, VALUE)
ENTRY = st.builds(
    lambda kind, key, fields, end: f"@{kind}{{{key}," + ",".join(fields) + end,
    st.sampled_from(["misc", "Article", "BOOK"]),
    st.sampled_from(["k0", "k1", "K1", "a", "Z"]),
    st.lists(FIELD, max_size=5),
    st.sampled_from(["}", ",\n}", "\n}", ""]),
)
BETWEEN = st.sampled_from(
    ["\n\n", "\n", "", "\n\n% note\n\n", "\n% own\n", " % tail\n", "@string{x = {y}}\n", "@comment{z}\n"]
)
FILE = st.lists(st.tuples(ENTRY, BETWEEN), max_size=6).map(lambda parts: "".join(map("".join, parts)))


OPTIONS = st.builds(
    tidy.Options,
    indent=st.sampled_from([None, "", "  ", "\t", "      "]),
    align=st.sampled_from([None, 0, 12]),
    wrap=st.sampled_from([None, 12, 40]),
    trailing_comma=st.sampled_from([None, True, False]),
    blank_lines=st.sampled_from([None, 0, 2]),
    field_order=st.sampled_from([(), ("note", "x-y", "title")]),
    omit=st.sampled_from([Selection(), Selection(frozenset({"note"}))]),
    double_braces=st.just(frozenset({"title", "note"})),
    max_authors=st.sampled_from([None, 1]),
)


@settings(max_examples=300, deadline=None)
@given(
    FILE,
    st.sets(st.sampled_from([rule.name for rule in tidy.RULES])),
    st.sampled_from(("unicode", "latex")),
    st.booleans(),
    OPTIONS,
)
def test_twice_is_once(text: str, rules: set[str], letters: str, strip: bool, options: tidy.Options) -> None:
    rules -= {"unicode" if letters == "latex" else "latex", "double-braces" if strip else "strip-braces"}
    once = tidy.tidy(bibfile.parse(text), rules, options).document
    twice = tidy.tidy(bibfile.parse(once.to_bytes()), rules, options)
    assert twice.document.text == once.text


@settings(max_examples=150, deadline=None)
@given(FILE, OPTIONS)
def test_layout_moves_and_changes_nothing_that_is_read(text: str, options: tidy.Options) -> None:
    before = bibfile.parse(text)
    after = tidy.tidy(before, LAYOUT, options).document

    def read(document: bibfile.Document) -> list[object]:
        return sorted(
            (each.key, each.type, sorted((f.name, f.value) for f in each.fields)) for each in document.entries
        )

    assert read(after) == read(before)
    assert after.strings == before.strings
    assert characters_of(after.text) == characters_of(text)


def characters_of(text: str) -> list[str]:
    """All of a text but white space, commas, case and kind of delimiters."""
    return sorted(re.sub(r"[\s,]", "", text.lower()).replace('"', "{").replace("}", "{"))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_any_text_at_all(data: str | bytes) -> None:
    tidy.tidy(bibfile.parse(data), tidy.rules_for(["all"]), tidy.Options(wrap=40, indent="\t"))


@pytest.mark.skipif(not WILD, reason="the shared data set is not beside the repository")
@pytest.mark.parametrize(
    "rules", [tidy.DEFAULT, tidy.rules_for(["all"]), {"latex"}, {"unicode"}], ids=["default", "all", "latex", "unicode"]
)
def test_wild_files_twice_is_once(rules: frozenset[str]) -> None:
    for path in WILD:
        once = tidy.tidy(bibfile.parse(path.read_bytes()), rules)
        assert tidy.tidy(bibfile.parse(once.document.to_bytes()), rules).changed == {}, path.name


@pytest.mark.skipif(not WILD, reason="the shared data set is not beside the repository")
def test_wild_files_twice_is_once_with_everything_asked_for() -> None:
    rules = tidy.rules_for(["all", "strip-braces"])
    options = tidy.Options(
        indent="\t",
        align=0,
        wrap=70,
        trailing_comma=True,
        blank_lines=2,
        omit=Selection(frozenset({"abstract"})),
        max_authors=2,
    )
    for path in WILD:
        once = tidy.tidy(bibfile.parse(path.read_bytes()), rules, options)
        assert tidy.tidy(bibfile.parse(once.document.to_bytes()), rules, options).changed == {}, path.name


# --- what bibtex itself reads -------------------------------------------------------------------------------------------

MACROS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def dumped(folder: Path, name: str, data: bytes, fields: set[str]) -> list[list[str]]:
    """Key, type and fields of every entry as bibtex(1) reads them."""
    usable = sorted(each for each in fields if re.fullmatch(r"[a-z][a-z0-9_:-]*", each))
    declared = " ".join(each for each in usable if each != "crossref")  # that one is built in
    lines = [f"ENTRY {{ {declared} }} {{ }} {{ }}"]
    lines += [f'MACRO {{{macro}}} {{"{macro}"}}' for macro in MACROS]
    lines.append('FUNCTION {default.type} { "@@ " cite$ * " " * type$ * write$ newline$')
    lines += [f'{each} missing$ {{ }} {{ "= {each} " {each} * write$ newline$ }} if$' for each in usable]
    lines += ["}", "READ", "ITERATE {call.type$}"]
    (folder / "dump.bst").write_text("\n".join(lines))
    (folder / f"{name}.bib").write_bytes(data)
    (folder / f"{name}.aux").write_text(f"\\citation{{*}}\n\\bibstyle{{dump}}\n\\bibdata{{{name}}}\n")
    subprocess.run(["bibtex", name], cwd=folder, capture_output=True, check=False, timeout=60)
    text = (folder / f"{name}.bbl").read_bytes().decode("latin-1") if (folder / f"{name}.bbl").exists() else ""
    entries: list[list[str]] = []
    for line in re.sub(r"\n(?!@@ |= )\s*", " ", text).split("\n"):
        if line.startswith("@@ "):
            entries.append([line])
        elif entries:
            entries[-1].append(" ".join(line.split()))
    return entries


@pytest.mark.skipif(not WILD or not shutil.which("bibtex"), reason="needs the shared data set and bibtex")
def test_bibtex_reads_the_same_but_for_the_rules_asked_for(tmp_path: Path) -> None:
    compared = 0
    for path in WILD:
        data = path.read_bytes()
        document = bibfile.parse(data)
        tidied = tidy.tidy(document, set(LAYOUT) - {"sort"} | tidy.DEFAULT).document.to_bytes()
        if tidied == data:
            continue
        fields = {field.name for each in document.entries for field in each.fields} | {"crossref"}
        before, after = (dumped(tmp_path, "x", each, fields) for each in (data, tidied))
        assert [untouched(each) for each in after] == [untouched(each) for each in before], path.name
        compared += len(before)
    assert compared > 500


def untouched(entry: list[str]) -> list[str]:
    """What none of these rules may touch: all but months, pages, DOIs, empty fields and the case of the type."""
    return [entry[0].lower(), *(line for line in entry[1:] if not re.match(r"= (?:month|pages|doi) |= \S+$", line))]
