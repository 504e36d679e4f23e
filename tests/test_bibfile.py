"""The .bib document: nothing is lost, an edit changes one slice, and BibTeX is the judge of what is read."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bibtools import bibfile
from bibtools.bibfile import (
    AddEntry,
    Document,
    Edit,
    EditError,
    RemoveEntry,
    RemoveField,
    RenameField,
    SetField,
    SetKey,
    SetString,
    SetType,
)
from bibtools.bibfile.scanner import lower
from bibtools.bibfile.values import compress
from tests import bibtex_judge
from tests.benchmarks import generate
from tests.conftest import SHARED

BIB = SHARED / "bib"
SMALL = sorted([*BIB.glob("wild/*.bib"), *BIB.glob("features/*.bib")])
LARGE = sorted(BIB.glob("*.bib"))
needs_shared = pytest.mark.skipif(not BIB.is_dir(), reason="the shared data set is not beside the repository")
needs_bibtex = pytest.mark.skipif(bibtex_judge.FOUND is None, reason="bibtex is not installed")

PIECES = [
    *"@{}(),=#\"%\\~' \n\t\r12\0\x0c",
    *("@article", "@string", "@preamble", "@comment", "@Article{k1,", "@book(k2, ", "@string{foo = ", "\n@misc{k3,"),
    *(
        "{a}",
        '"x {y}"',
        "title",
        " = ",
        "author={A and B},",
        "year = 2000,",
        "jan",
        "foo",
        "},\n",
        "}\n\n",
        '\\"',
        "é",
        "ß\r\n",
    ),
]
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))

# Nothing is lost -----------------------------------------------------------------------------------------------------


def whole(document: Document) -> str:
    return "".join(document.text[block.start : block.end] for block in document.blocks)


def look_at_everything(document: Document) -> None:
    """All that can be asked of a document; none of it may raise."""
    assert whole(document) == document.text
    assert document.style is document.style
    for entry in document.entries:
        assert document.text[entry.start : entry.end] == entry.raw
        for field in entry.fields:
            assert field.raw in entry.raw
            assert entry.get(field.name) is not None
            assert field.line >= entry.line
    for problem in document.problems:
        assert problem.origin.line >= 1


def read_at_once_as_one_by_one(data: bytes | str) -> None:
    """`Entry.values` and what it spares `problems` must never show."""
    careful, quick = bibfile.parse(data), bibfile.parse(data)
    for entry in careful.entries:
        fields: dict[str, str] = {}
        for field in entry.fields:
            fields.setdefault(field.name, field.value)
        assert list(quick.entries[entry.index].values().items()) == list(fields.items())
    assert quick.problems == careful.problems


@needs_shared
@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name)
def test_all_values_of_an_entry_at_once_are_those_of_its_fields(path: Path) -> None:
    read_at_once_as_one_by_one(path.read_bytes())


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_all_values_of_any_entry_at_once_are_those_of_its_fields(text: str) -> None:
    read_at_once_as_one_by_one(text)


@needs_shared
@pytest.mark.parametrize("path", [*SMALL, *LARGE], ids=lambda path: path.name)
def test_every_file_is_written_back_as_it_was(path: Path) -> None:
    data = path.read_bytes()
    document = bibfile.parse(data)
    assert document.to_bytes() == data
    assert document.decoded.encode(whole(document)) == data


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_is_kept_and_never_an_exception(text: str) -> None:
    document = bibfile.parse(text)
    assert document.text == text
    look_at_everything(document)


@given(st.binary(max_size=300))
def test_any_bytes_are_kept_and_never_an_exception(data: bytes) -> None:
    document = bibfile.parse(data)
    assert document.to_bytes() == data
    look_at_everything(document)


@needs_shared
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_real_file_cut_anywhere_is_kept(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SMALL)).read_bytes()
    cut = source[: data.draw(st.integers(0, len(source)))]
    document = bibfile.parse(cut)
    assert document.to_bytes() == cut
    look_at_everything(document)


DOUBLING = "".join(f"@string{{a{number + 1} = a{number} # a{number}}}\n" for number in range(60))

HOSTILE = {
    "doubling macros": "@string{a0 = {x}}\n" + DOUBLING + "@a{k, t = a60}",
    "deep": "@a{k, t = {" + "{" * 100_000 + "}" * 100_000 + "}}",
    "never closed": "@a{k, t = " + "{" * 200_000,
    "many never closed": "@a{k, t = {x\n" * 5_000,
    "parentheses never closed": "@a(k, t = 1\n" * 5_000,
    "one line": "@a{k, t = {" + "x " * 500_000 + "}}",
    "at signs": "@" * 200_000,
    "at signs and blanks": "@ " * 100_000,
    "comments": "@comment " * 20_000,
    "comments in braces": "@comment{" * 20_000,
    "quotes": '@a{k, t = "' * 5_000,
    "quotes around braces": '@a(k,t="{\n' * 3_000 + '}"' * 3_000,
    "blank lines in a broken entry": "@a{k, t = {x} y" + "\n" * 200_000 + "z}",
    "commas": "@a{k" + "," * 200_000 + "}",
    "concatenation": "@a{k, t = " + "{x} # " * 50_000 + "{y}}",
    "nul": "\0" * 100_000 + "@a{k\0, t = {\0}}",
    "brackets closed before": "}" * 100_000 + "@a{k, t={x}}",
    "escapes": "@a{k\x1b[31m, t = {\x1b]0;title\x07}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_kept(name: str) -> None:
    """Quadratic work or recursion would show here as a test that never ends, or as an exception."""
    document = bibfile.parse(HOSTILE[name].encode())
    assert document.decoded.encode(whole(document)) == HOSTILE[name].encode()
    assert len(document.problems) <= len(HOSTILE[name])
    assert all(
        len(field.value) <= len(HOSTILE[name]) + 65536 for entry in document.entries[:3] for field in entry.fields
    )


@needs_shared
def test_the_41_features_are_kept() -> None:
    """By the rules of features.json: the file written back after an edit to another entry still has what counts as kept."""
    cases = json.loads((BIB / "features" / "features.json").read_text(encoding="utf-8"))
    kept = 0
    for case in cases:
        document = bibfile.parse((BIB / "features" / case["file"]).read_bytes())
        edited = document.edit([AddEntry("misc", "another-entry", (("title", "Another", False),))])
        kept += _kept(case["kept_if"], document, edited)
    assert kept == len(cases) == 41


def _kept(rule: dict[str, object], document: Document, edited: Document) -> bool:
    """Byte-identity of all but the entry added implies every rule; those that look into the text are asked as well."""
    old, new = document.text, edited.text
    prefix = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(old))
    added = len(new) - len(old)
    same = any(new[:at] + new[at + added :] == old for at in range(max(0, prefix - added), prefix + 1))
    parts = rule.get("contains", [])
    assert isinstance(parts, list)
    pattern = rule.get("matches")
    matched = not isinstance(pattern, str) or re.search(pattern, new, re.I | re.S) is not None
    return same and all(part in new for part in parts) and matched


# What BibTeX reads ---------------------------------------------------------------------------------------------------

READ = [  # source, field t of the first entry as BibTeX reads it (each checked against bibtex below)
    ("@a{k, t = {x}}", "x"),
    ('@a{k, t = "x"}', "x"),
    ("@a(k, t = {x})", "x"),
    ("@a(k, t = {x)y})", "x)y"),
    ("@a{k,t={x},}", "x"),
    ("@A{k, T = {x}}", "x"),
    ("@a\n{\nk\n,\nt\n=\n{x}\n}", "x"),
    ("@ a {k, t = {x}}", "x"),
    ("@a{k, t = { a \n  b\t c }}", "a b c"),
    ("@a{k, t = {a\r\nb\rc}}", "a b c"),
    ("@a{k, t = {a\xa0 b}}", "a\xa0 b"),
    ("@a{k, t = 2000}", "2000"),
    ("@a{k, t = jan}", "January"),
    ('@a{k, t = "1~" # jan}', "1~January"),
    ("@a{k, t = {a } # { b}}", "a b"),
    ("@a{k, t = {a} # 1 # {b}}", "a1b"),
    ('@string{s = "S "}\n@a{k, t = s # s # {x}}', "S S x"),
    ('@string{S = "S"}\n@a{k, t = s}', "S"),
    ("@string(s = {S})\n@a{k, t = S}", "S"),
    ("@string{s={1}}\n@a{k, t = s}\n@string{s={2}}", "1"),
    ("@string{s = s # {x}}\n@a{k, t = s}", "x"),
    ("@string{s = {a} b}\n@a{k, t = s}", "a"),
    ("@string{s {a}}\n@a{k, t = s}", "s"),
    ("@string{jan = {Jenner}}\n@a{k, t = jan}", "Jenner"),
    ("@a{k, t = undefined}", ""),
    ("@a{k, t = undefined # {x}}", "x"),
    ('@a{k, t = "a {"} b"}', 'a {"} b'),
    ('@a{k, t = "{\\"u}"}', '{\\"u}'),
    ('@a{k, t = "Onward!\\", u = {x}}', "Onward!\\"),
    ('@a{k, t = {a " b}}', 'a " b'),
    ("@a{k, t = {a \\{ b} c}}", "a \\{ b} c"),
    ("@a{k, t = {a @b{c, d} e}}", "a @b{c, d} e"),
    ("@a{k, t = {a\n@b{c, d} e}}", "a @b{c, d} e"),
    ("@a{k, t = {x}, t = {y}}", "x"),
    ("@a{k, t = {x}}\n@a{K, t = {y}}", "x"),
    ("@comment{@a{k, t = {x}}}", "x"),
    ("% @a{k, t = {x}}", "x"),
    ("me@home.org\n@a{k, t = {x}}", "x"),
    ("@a{k, t = {}}", ""),
    ("@a{k, t = {a\0b}}", "a\0b"),
]


@pytest.mark.parametrize(("source", "value"), READ)
def test_a_value_is_what_bibtex_reads(source: str, value: str) -> None:
    entry = bibfile.parse(source).entries[0]
    assert entry.get("t") == entry.get("T") == entry.values()["t"] == value


@needs_bibtex
@pytest.mark.parametrize("source", [source for source, _ in READ])
def test_bibtex_reads_the_same(source: str, tmp_path: Path) -> None:
    assert bibtex_judge.compare(source.encode(), tmp_path) == []


KEYS = [  # source, keys
    ("@a{k}", ["k"]),
    ("@a{DBLP:conf/x-y/Z_1, t=1}", ["DBLP:conf/x-y/Z_1"]),
    ("@a{d'Aléo, t=1}", ["d'Aléo"]),
    ("@a{, t=1}", [""]),
    ("@a{}", [""]),
    ("@a(k), t=1)", ["k)"]),
    ("@a{a}@b{b}\n@c{c}", ["a", "b", "c"]),
    ("@a{k, t={x}} trailing @string{s={x}} @b{l}", ["k", "l"]),
    ("@a{k, t={x}, u={y}\n\n@b{l, t={z}}", ["k", "l"]),
    ("@a{k, t={x},\n@b{l, t={z}}", ["k", "l"]),
    ("@a{k, t={x\n\n@b{l, t={z}}\n", ["k", "l"]),
    ('@a{k, t="x\n}\n@b{l, t={z}}\n', ["k", "l"]),
    ("@a{\n  t = {x}}", [""]),
    ("@a{t={x}, u={y}}", [""]),
    ("@a{my key, t = {x}}", ["my key"]),
    ("@a-b+c{k}", ["k"]),
    ("@comment{x}\n@preamble{{y}}\n@string{s={z}}\n@@a{k}", ["k"]),
    ("@a k}", []),
    ("@123{k}", []),
    ("a@b.c", []),
]


@pytest.mark.parametrize(("source", "keys"), KEYS)
def test_the_entries_of_a_text(source: str, keys: list[str]) -> None:
    assert [entry.key for entry in bibfile.parse(source).entries] == keys


RECOVERED = [  # source, fields read in spite of an error, fields BibTeX reads
    ("@a{k, t={x} u={y}, v=1}", {"t": "x", "u": "y", "v": "1"}, ["t"]),
    ("@a{k, t={x}\n  u={y}\n}", {"t": "x", "u": "y"}, ["t"]),
    ("@a{k,\n % old, title = {z},\n  t={x}\n}", {"title": "z", "t": "x"}, []),
    ("@a{k,, t={x}}", {"t": "x"}, []),
    ("@a{k, t={x}, pages = 12-34, u={y}}", {"t": "x", "pages": "12-34", "u": "y"}, ["t"]),
    ("@a{k, t = Springer Verlag, u={y}}", {"t": "Springer Verlag", "u": "y"}, []),
    ('@a{k, t = "a "b" c", u={y}}', {"t": 'a "b" c', "u": "y"}, []),
    ('@a{k, t = "a, u={y}}', {"t": "a", "u": "y"}, []),
    ("@a{k, t = , u={y}}", {"t": "", "u": "y"}, []),
    ("@a{t={x}, u={y}}", {"t": "x", "u": "y"}, []),
    ("@a{k, t={x}, u={y}\n\n@b{l}", {"t": "x", "u": "y"}, ["t", "u"]),
    ("@a{k, t={x},\n u={y\n\n@b{l}", {"t": "x", "u": "y"}, ["t"]),
    ("@a{k, t={x}, 3d={y}, u={z}}", {"t": "x", "u": "z"}, ["t"]),
]


@pytest.mark.parametrize(("source", "fields", "bibtex"), RECOVERED)
def test_after_an_error_the_rest_of_an_entry_is_read_on(source: str, fields: dict[str, str], bibtex: list[str]) -> None:
    document = bibfile.parse(source, "x.bib")
    entry = document.entries[0]
    assert {field.name: field.value for field in entry.fields} == fields
    assert [field.name for field in entry.fields if not field.recovered] == bibtex
    assert [problem.severity for problem in document.problems][:1] == ["error"]
    assert str(document.problems[0]).startswith("x.bib:")


@needs_bibtex
@needs_shared
@pytest.mark.parametrize(
    "path", [*SMALL, BIB / "messy.bib", BIB / "plume.bib", BIB / "beebe.bib"], ids=lambda path: path.name
)
def test_keys_and_values_are_those_of_bibtex(path: Path, tmp_path: Path) -> None:
    """Where bibtex stops at an error it drops what we read on; `compare` leaves out only that."""
    assert bibtex_judge.compare(path.read_bytes(), tmp_path) == []


def made_up(draw: random.Random) -> str:
    """A file that is nearly sound: values of all kinds, and now and then a character too many or too few."""

    def value() -> str:
        part = ["a", " ", "  ", "\n", "{x}", "@", "\n@b{c,", ",", "=", "#", "%", "\\", '{"}', "~", "é"]
        parts = []
        for _ in range(draw.choice([1, 1, 1, 2, 3])):
            inner = "".join(draw.choices(part, k=draw.randint(0, 5)))
            inner += "}" * (inner.count("{") - inner.count("}"))
            parts.append(
                draw.choice([f"{{{inner}}}", f'"{inner}"', str(draw.randint(0, 3000)), "foo", "JAN", "nowhere"])
            )
        return " # ".join(parts)

    out = []
    for number in range(draw.randint(1, 5)):
        if draw.random() < 0.2:
            out.append(f"@string{{{draw.choice(['foo', 'bar', 'jan'])} = {value()}}}\n")
            continue
        opening, close = draw.choice(["{}", "{}", "{}", "()"])
        fields = [f"{draw.choice(['title', 'Author', 'year', 'x-y'])} = {value()}" for _ in range(draw.randint(0, 4))]
        key = draw.choice(["a", "x:y", "d/e", "d'f", "é"]) + str(number)
        body = draw.choice([",\n  ", ",", " , "]).join([key, *fields])
        out.append(
            f"@{draw.choice(['article', 'Misc', 'Book '])}{opening}{body}{draw.choice(['', ',', chr(10)])}{close}\n"
        )
    text = "".join(out)
    for _ in range(draw.choice([0, 0, 1])):
        at = draw.randrange(len(text) + 1)
        text = text[:at] + draw.choice(PIECES[:20]) + text[at:] if draw.random() < 0.5 else text[:at] + text[at + 1 :]
    return text


@needs_bibtex
def test_made_up_files_are_read_as_bibtex_reads_them(tmp_path: Path) -> None:
    for seed in range(120):
        data = made_up(random.Random(seed)).encode("latin-1")
        assert bibtex_judge.compare(data, tmp_path) == [], (seed, data)


def test_macros_are_known_by_lower_case_name() -> None:
    document = bibfile.parse('@string{Foo = "F" # { o }}\n@string{bar = foo # {!}}')
    assert document.strings == {"foo": "F o", "bar": "F o !"}


def test_the_first_of_a_repeated_key_is_found_whatever_the_case() -> None:
    document = bibfile.parse("@a{Key, t={1}}\n@b{key, t={2}}\n@c{other}")
    found = document.find("KEY")
    assert found is not None and found.index == 0
    assert document.find("nobody") is None
    assert [entry.key for entry in document.entries] == ["Key", "key", "other"]
    assert ["repeated" in problem.message for problem in document.problems] == [True]


def test_a_dotless_and_a_german_letter_are_not_folded_in_keys() -> None:
    """BibTeX folds ASCII only; the Kelvin sign is not k."""
    document = bibfile.parse("@a{ß}\n@b{SS}\n@c{\u212a}\n@d{k}")
    assert len(document.by_key) == 4


LINES = ["\n", "\r\n", "\r"]


@pytest.mark.parametrize("eol", LINES, ids=repr)
def test_lines_are_counted_for_every_line_end(eol: str) -> None:
    document = bibfile.parse(eol.join(["", "@a{k,", "  t = {x},", "  u = {y}", "}", "@b{l,", " v=1 w=2}"]))
    assert [entry.line for entry in document.entries] == [2, 6]
    assert [field.line for entry in document.entries for field in entry.fields] == [3, 4, 7, 7]
    assert document.problems[0].origin.line == 7


def test_utf16_and_bytes_out_of_place_are_read() -> None:
    wide = bibfile.parse("@a{k, t = {Müller}}".encode("utf-16"))
    assert wide.entries[0].get("t") == "Müller"
    mixed = bibfile.parse("@a{k, t = {Łódź žluťoučký}}\n".encode() + "@b{l, t = {Grün}}".encode("latin-1"))
    assert mixed.entries[1].get("t") == "Grün"
    assert mixed.edit([SetField(1, "t2", "neu")]).to_bytes() == mixed.to_bytes()[:-1] + b", t2 = {neu}}"


# Edits ---------------------------------------------------------------------------------------------------------------

ALIGNED = """% header
@article{a,
  author    = {X and Y},
  title     = {T},
  year      = 2000
}

@book{b,
  title     = {Z},
  publisher = {P},
}
% footer
"""

EDITS: list[tuple[str, list[Edit], str, str]] = [  # what, edits, old slice, new slice
    ("set a field", [SetField(0, "title", "New")], "{T}", "{New}"),
    ("set a number", [SetField(0, "year", "2001")], "2000", "2001"),
    ("a number becomes text", [SetField(0, "year", "c. 2001")], "2000", "{c. 2001}"),
    ("set source", [SetField(0, "year", "y # {a}", raw=True)], "2000", "y # {a}"),
    ("add a field", [SetField(0, "doi", "10/x")], "2000\n", "2000,\n  doi       = {10/x}\n"),
    ("add where commas trail", [SetField(1, "doi", "10/x")], "{P},\n", "{P},\n  doi       = {10/x},\n"),
    ("remove the first", [RemoveField(0, "author")], "  author    = {X and Y},\n", ""),
    ("remove one between", [RemoveField(0, "title")], "  title     = {T},\n", ""),
    ("remove the last", [RemoveField(0, "year")], ",\n  year      = 2000", ""),
    ("remove the last where commas trail", [RemoveField(1, "publisher")], "  publisher = {P},\n", ""),
    ("rename", [RenameField(0, "year", "date")], "year ", "date "),
    ("rename keeps columns", [RenameField(1, "publisher", "school")], "publisher =", "school    ="),
    ("set the type", [SetType(1, "phdthesis")], "@book", "@phdthesis"),
    ("set the key", [SetKey(0, "x:y/z'1")], "{a,", "{x:y/z'1,"),
    ("several", [SetKey(0, "c"), SetType(0, "misc")], "@article{a,", "@misc{c,"),
    ("remove an entry", [RemoveEntry(0)], ALIGNED[ALIGNED.index("@article") : ALIGNED.index("@book")], ""),
]


@pytest.mark.parametrize(("edits", "old", "new"), [each[1:] for each in EDITS], ids=[each[0] for each in EDITS])
@pytest.mark.parametrize("eol", LINES[:2], ids=repr)
def test_only_the_slice_changes(edits: list[Edit], old: str, new: str, eol: str) -> None:
    assert ALIGNED.count(old) == 1
    document = bibfile.parse(ALIGNED.replace("\n", eol))
    assert document.edit(edits).text == ALIGNED.replace(old, new).replace("\n", eol)


STYLES = [  # a file, and how a new entry looks in it
    (
        ALIGNED,
        "@misc{n,\n  title     = {N},\n  year      = 1999,\n  month     = jan\n}",
    ),
    (
        '@ARTICLE{a,\n\tTITLE = "T",\n\tYEAR = "2000",\n}\n@ARTICLE{b,\n\tTITLE = "T",\n\tYEAR = "2000",\n}\n',
        '@MISC{n,\n\tTITLE = "N",\n\tYEAR = "1999",\n\tMONTH = jan,\n}',
    ),
    ("@a{a, title={T}, year={2000}}\n@a{b, title={T}, year={2000}}\n", "@misc{n, title={N}, year={1999}, month=jan}"),
    (
        "@Article(a\n , title =  {T}\n , isbn  =  {2}\n )\n",
        "@Misc(n\n , title =  {N}\n , year  =  {1999}\n , month =  jan\n )",
    ),
    (
        "@a{a,\n    title =     {T},\n    publisher = {P}}\n\n\n@a{b,\n    title =     {T},\n    publisher = {P}}\n",
        "@misc{n,\n    title =     {N},\n    year =      {1999},\n    month =     jan}",
    ),
    ("", "@misc{n,\n  title = {N},\n  year = {1999},\n  month = jan\n}"),
]


@pytest.mark.parametrize(("source", "rendered"), STYLES)
def test_a_new_entry_is_written_in_the_style_of_the_file(source: str, rendered: str) -> None:
    document = bibfile.parse(source)
    new = document.edit(
        [AddEntry("misc", "n", (("title", "N", False), ("year", "1999", False), ("month", "jan", True)))]
    )
    assert new.entries[-1].raw == rendered
    assert new.text.replace(rendered, "").replace("\n", "") == source.replace("\n", "")
    assert new.text.endswith("\n")


def test_new_entries_find_their_place_where_the_file_is_sorted() -> None:
    source = "".join(f"@a{{{key},\n  t = {{x}}\n}}\n\n" for key in ("alpha", "Beta", "delta", "gamma2"))
    document = bibfile.parse(source)
    edits = [AddEntry("b", key, (("t", "y", False),)) for key in ("zeta", "Epsilon", "aleph", "ceres", "carol")]
    new = document.edit(edits)
    assert [entry.key for entry in new.entries] == [
        *("aleph", "alpha", "Beta", "carol", "ceres", "delta", "Epsilon", "gamma2", "zeta")
    ]
    assert new.text == "\n".join(entry.raw + "\n" for entry in new.entries) + "\n"


def test_new_entries_follow_the_last_where_the_file_is_not_sorted() -> None:
    source = "@a{z, t={x}}\n\n@a{b, t={x}}\n\n@a{c, t={x}}\n\n@comment{jabref-meta: x;}\n"
    new = bibfile.parse(source).edit([AddEntry("a", "k", (("t", "y", False),)), AddEntry("a", "l", (), before=0)])
    assert [entry.key for entry in new.entries] == ["l", "z", "b", "c", "k"]
    assert new.text.endswith("@a{k, t={y}}\n\n@comment{jabref-meta: x;}\n")


NOTHING = [
    SetField(0, "title", "T"),
    SetField(0, "TITLE", " T\n"),
    SetField(0, "year", "2000"),
    SetKey(0, "a"),
    SetType(0, "article"),
    RemoveField(0, "volume"),
]


@pytest.mark.parametrize("edit", NOTHING, ids=repr)
def test_an_edit_that_says_what_is_there_changes_nothing(edit: Edit) -> None:
    document = bibfile.parse(ALIGNED)
    assert document.edit([edit]) is document


def test_a_value_that_comes_out_the_same_keeps_its_macros_and_lines() -> None:
    document = bibfile.parse('@string{p = "P"}\n@a{k, q = p # { and\n   Q}}')
    assert document.edit([SetField(0, "q", "P and Q")]) is document


REFUSED: list[Edit] = [
    SetField(0, "title", "a { b"),
    SetField(0, "title", "a } b"),
    SetField(0, "title", "} b {"),
    SetField(0, "note", "a } b {"),
    SetField(0, "bad name", "x"),
    SetField(0, "", "x"),
    SetField(0, "note", "", raw=True),
    SetField(0, "note", "a b", raw=True),
    SetField(0, "note", "{x}, u = {y}", raw=True),
    SetKey(0, "a b"),
    SetKey(0, "a,b"),
    SetKey(0, "a}"),
    SetKey(0, "a{b"),
    SetType(0, "a{b"),
    SetType(0, "string"),
    SetType(0, "comment"),
    SetType(0, ""),
    RenameField(0, "nothing", "x"),
    RenameField(0, "title", "a=b"),
    RemoveEntry(9),
    RemoveEntry(-1),
    AddEntry("misc", "n", (("title", "a { b", False),)),
    AddEntry("misc", "n n", ()),
    AddEntry("misc", "n", (), before=7),
    AddEntry("comment", "n", ()),
    SetString("nobody", "x"),
]


@pytest.mark.parametrize("edit", REFUSED, ids=repr)
def test_what_would_not_read_back_is_refused(edit: Edit) -> None:
    document = bibfile.parse(ALIGNED)
    with pytest.raises(EditError):
        document.edit([edit])
    assert document.text == ALIGNED


def test_a_character_that_the_encoding_lacks_is_written_as_latex_or_refused() -> None:
    document = bibfile.parse("@a{k, t = {Müller}}\n".encode("cp1252"))
    with pytest.raises(EditError):
        document.edit([SetField(0, "t", "北京")])
    assert document.edit([SetField(0, "t", "Grün")]).to_bytes() == "@a{k, t = {Grün}}\n".encode("cp1252")
    latex = document.edit([SetField(0, "t", "Łódź"), AddEntry("b", "l", (("t", "α", False),))])
    assert latex.to_bytes().startswith("@a{k, t = {{\\L}ód{\\'z}}}\n".encode("cp1252"))
    assert latex.edit([SetField(0, "t", "Łódź")]) is latex


def test_a_missing_key_can_be_given() -> None:
    document = bibfile.parse("@a{\n  t = {x}\n}\n@b{, t = {y}}\n")
    new = document.edit([SetKey(0, "k"), SetKey(1, "l")])
    assert [(entry.key, entry.get("t"), entry.scan.error) for entry in new.entries] == [
        ("k", "x", None),
        ("l", "y", None),
    ]


def test_a_string_gets_another_value() -> None:
    document = bibfile.parse('@string{s = "a"}\n@a{k, t = s}\n')
    new = document.edit([SetString("S", "b")])
    assert new.text == '@string{s = "b"}\n@a{k, t = s}\n'
    assert new.entries[0].get("t") == "b"


VALUES = [
    "New value",
    "A {B} c",
    "",
    "10.1000/x_y",
    "2024",
    '{\\"u}ber',
    "Ünïcode",
    "a, b = c # d",
    "two\nlines",
    'with "quotes"',
]
TORN = ["torn {", "to}rn", "}{", "@foo{bar", "\n@article{x,\n"]


def any_edit(draw: random.Random, document: Document) -> Edit:
    entries = len(document.entries)
    if not entries or draw.random() < 0.12:
        before = draw.choice([None, draw.randrange(entries)]) if entries else None
        return AddEntry("misc", "added", (("title", draw.choice(VALUES), False), ("month", "jan", True)), before)
    index = draw.randrange(entries)
    names = [field.name for field in document.entries[index].fields]
    name = draw.choice([*names, "x-new"])
    old = draw.choice(names or ["x-new"])
    value = draw.choice([*VALUES, *TORN])
    source = draw.choice(["jan", "2000", '"a" # jan', "{x}", "a b"])
    return draw.choice(
        [
            SetField(index, name, value),
            SetField(index, name, value),
            SetField(index, name, source, raw=True),
            RemoveField(index, name),
            RenameField(index, old, "renamed"),
            SetType(index, draw.choice(["book", "Online"])),
            SetKey(index, draw.choice(["newkey", "a:b/c'd", "schlüssel"])),
            RemoveEntry(index),
        ]
    )


def listing(document: Document) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [(entry.type, entry.key, [(field.name, field.raw) for field in entry.fields]) for entry in document.entries]


def wanted(document: Document, edit: Edit) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The listing after an edit, as far as it can be told from outside: an added field or entry is left out."""
    out = listing(document)
    if isinstance(edit, AddEntry | SetString):
        return out
    type_, key, fields = out[edit.index]
    place = next(
        (at for at, (name, _) in enumerate(fields) if name == getattr(edit, "name", getattr(edit, "old", None))), None
    )
    if isinstance(edit, RemoveEntry):
        del out[edit.index]
    elif isinstance(edit, SetType):
        out[edit.index] = lower(edit.type), key, fields
    elif isinstance(edit, SetKey):
        out[edit.index] = type_, edit.key, fields
    elif place is not None and isinstance(edit, RemoveField):
        del fields[place]
    elif place is not None and isinstance(edit, RenameField):
        fields[place] = edit.new, fields[place][1]
    return out


def without_what_was_set(
    document: Document, edit: Edit, before: Document
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    out = listing(document)
    if isinstance(edit, AddEntry):
        old_listing = listing(before)
        at = next(at for at in range(len(out)) if out[at][1] == edit.key and out[:at] + out[at + 1 :] == old_listing)
        assert document.entries[at].get("title") == compress(edit.fields[0][1])
        del out[at]
    elif isinstance(edit, SetField):
        fields = out[edit.index][2]
        at = next(at for at, (name, _) in enumerate(fields) if name == edit.name)
        field = document.entries[edit.index].fields[at]
        assert field.raw == edit.value if edit.raw else field.value == compress(edit.value)
        old = dict(reversed(listing(before)[edit.index][2]))
        if edit.name in old:
            fields[at] = edit.name, old[edit.name]
        else:
            del fields[at]
    return out


def check_edit(document: Document, edit: Edit) -> bool:
    """Make an edit, and see that it did what it says and no more. False when it was refused."""
    try:
        new = document.edit([edit])
    except EditError:
        return False
    assert without_what_was_set(new, edit, document) == wanted(document, edit)
    if not isinstance(edit, AddEntry | RemoveEntry | SetString):
        entry = document.entries[edit.index]
        assert new.text.startswith(document.text[: entry.start])
        assert new.text.endswith(document.text[entry.end :])
    fresh = bibfile.parse(new.to_bytes())
    assert new.decoded.encode(new.text) == new.to_bytes()
    if fresh.decoded == new.decoded:  # a guessed encoding may be guessed otherwise
        assert (fresh.blocks, fresh.problems, fresh.strings) == (new.blocks, new.problems, new.strings)
        assert listing(fresh) == listing(new)
    if isinstance(edit, SetField | SetKey | SetType | RenameField):
        assert isinstance(edit, RenameField) or new.edit([edit]) is new
    return True


@needs_shared
def test_random_edits_of_real_files_change_what_they_say_and_no_more() -> None:
    draw = random.Random(20261120)
    made = 0
    for path in [*SMALL, BIB / "messy.bib"]:
        document = bibfile.parse(path.read_bytes())
        for _ in range(10):
            made += check_edit(document, any_edit(draw, document))
    assert made > 1200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts, st.integers(0, 10**6))
def test_random_edits_of_any_text_change_what_they_say_and_no_more(text: str, seed: int) -> None:
    document = bibfile.parse(text)
    check_edit(document, any_edit(random.Random(seed), document))


@needs_shared
def test_many_edits_at_once_are_the_same_as_one_by_one() -> None:
    draw = random.Random(7)
    document = bibfile.parse((BIB / "messy.bib").read_bytes())
    edits: list[Edit] = []
    for index in draw.sample(range(len(document.entries)), 60):
        edit = any_edit(draw, document)
        if not isinstance(edit, AddEntry | RemoveEntry):
            edits += [each for each in (SetField(index, "x-new", "value"), SetType(index, "online")) if index % 2]
    together = document.edit(edits)
    one_by_one = document
    for each in edits:
        one_by_one = one_by_one.edit([each])
    assert together.text == one_by_one.text
    assert listing(bibfile.parse(together.to_bytes())) == listing(together)


def test_removing_every_entry_leaves_what_stands_between() -> None:
    document = bibfile.parse(ALIGNED)
    assert document.edit([RemoveEntry(0), RemoveEntry(1)]).text == "% header\n% footer\n"


def test_an_entry_that_is_not_closed_can_be_edited_and_its_neighbour_stays() -> None:
    document = bibfile.parse("@a{k, t={x}\n\n@b{l, t={y}}\n\n@c{m, t={z\n\n@d{n, t={1}}\n")
    new = document.edit([SetField(0, "t", "new"), SetField(1, "t", "other"), SetKey(3, "o")])
    assert new.text == "@a{k, t={new}\n\n@b{l, t={other}}\n\n@c{m, t={z\n\n@d{o, t={1}}\n"


# The door to bibtexparser --------------------------------------------------------------------------------------------


@needs_shared
@pytest.mark.parametrize("path", [*SMALL, BIB / "messy.bib"], ids=lambda path: path.name)
def test_a_library_that_nobody_touched_changes_nothing(path: Path) -> None:
    document = bibfile.parse(path.read_bytes())
    assert document.apply(document.library()) is document


def test_a_library_is_what_bibtexparser_shows() -> None:
    document = bibfile.parse(
        '% c\n@string{p = "P"}\n@Book{k, Title = {T}, q = p, month = jan, n = {a} # p}\n@book{k, t = {2}}\n'
    )
    library = document.library()
    entry = library.entries_dict["k"]
    assert {field.key: (field.value, field.enclosing) for field in entry.fields} == {
        "title": ("T", "{"),
        "q": ("P", None),
        "month": ("jan", "no-enclosing"),
        "n": ("aP", None),
    }
    assert [type(block).__name__ for block in library.blocks] == [
        "ImplicitComment",
        "String",
        "Entry",
        "DuplicateBlockKeyBlock",
    ]
    assert (entry.start_line, library.strings_dict["p"].value) == (2, "P")


def test_only_what_a_middleware_changed_is_written() -> None:
    from bibtexparser.middlewares import LatexEncodingMiddleware, MonthIntMiddleware

    source = '@Book{k,\n  Title =   "Ünder",\n  note = {x}, month = feb,\n  year = 1\n}\n@book{K, title={Ä}}\n'
    document = bibfile.parse(source)
    library = LatexEncodingMiddleware().transform(MonthIntMiddleware().transform(document.library()))
    changes = (('"Ünder"', '{\\"Under}'), ("feb", "2"), ("Ä", '\\"A'))
    for old, new in changes:
        source = source.replace(old, new)
    assert document.apply(library).text == source


def test_names_that_were_split_are_joined_again() -> None:
    from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts

    document = bibfile.parse("@a{k, author = {Jane von Doe and Smith, John}}\n")
    library = SeparateCoAuthors().transform(document.library())
    assert document.apply(library) is document
    names = SplitNameParts().transform(library)
    assert document.apply(names).text == "@a{k, author = {von Doe, Jane and Smith, John}}\n"


def test_entries_and_fields_of_a_library_come_and_go() -> None:
    from bibtexparser.model import Entry, Field

    document = bibfile.parse("@a{k, t={1}, u={2}}\n\n@a{l, t={3}}\n")
    library = document.library()
    library.entries_dict["k"].pop("u")
    library.entries_dict["k"].entry_type = "book"
    library.remove(library.entries_dict["l"])
    library.add(Entry("misc", "m", [Field("t", "4"), Field("month", "jan")]))
    assert document.apply(library).text == "@book{k, t={1}}\n\n@misc{m, t={4}, month=jan}\n"


# The generator -------------------------------------------------------------------------------------------------------


@needs_shared
def test_generated_entries_are_sound_distinct_and_the_same_for_a_seed(tmp_path: Path) -> None:
    first, second = tmp_path / "1.bib", tmp_path / "2.bib"
    for path in (first, second):
        generate.write(BIB / "dblp-10k.bib", 500, path, seed=3)
    assert first.read_bytes() == second.read_bytes()
    document = bibfile.parse(first.read_bytes())
    assert len(document.entries) == len(document.by_key) == 500
    assert document.problems == ()
    assert len({entry.get("doi") for entry in document.entries if entry.get("doi")}) > 250


# --- a document never changes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text", "data", "layout", "source", "macros", "other"])
def test_a_document_refuses_to_be_changed(name: str) -> None:
    document = bibfile.parse("@misc{a, title={T}}")
    with pytest.raises(AttributeError):
        setattr(document, name, None)


def test_reading_changes_nothing_that_is_stored() -> None:
    text = (
        "@misc{a, title={T}, title={U}}\n@misc{b, note = x # {y}\n@misc{c, note=m, year 2000}\n@string{m = {M}}\n" * 3
    )
    document = bibfile.parse(text)
    before = (document.layout.entries, [repr(scan) for scan in document.layout.others], document.layout.notes)
    problems = document.problems
    for entry in document.entries:
        assert (entry.sound, entry.values(), entry.fields) and entry.scan
    assert bibfile.parse(text).problems == problems == document.problems
    assert before == (document.layout.entries, [repr(scan) for scan in document.layout.others], document.layout.notes)


def test_who_has_read_the_entries_finds_the_same_problems() -> None:
    from bibtools.formats import bibtex

    text = "@misc{a, title={T}, title={U}}\n@xdata{x, note = zz}\n@misc{b, note={n}}\n@misc{a, year = yy}\n@misc{c"
    assert bibtex.records(bibfile.parse(text)).problems == bibfile.parse(text).problems
