"""`convert --losses` accounts for every field of every real entry: it is in what is written, or it is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bibtools import api, fold, latex
from bibtools.bibfile import parse
from bibtools.format import WriteOptions
from bibtools.formats import table
from bibtools.formats.bibtex import lost_fields
from bibtools.formats.bibtex.tables import GENRES

DATES = frozenset("year month date day urldate eventdate origdate".split())
# said in other words: a language as its tag, the archive of an eprint as PubMed's number, keys of biblatex as words
OTHERWISE = frozenset("langid hyphenation language eprinttype archiveprefix".split())
SAID_ONCE = re.compile(r"https?://(?:dx\.)?doi\.org/|\bdoi:|given-i=\S*|\bISBN\b|\bISSN\b", re.IGNORECASE)
WORDS_OF_LISTS = frozenset("and others et al family given prefix suffix useprefix true false".split())
REFERENCE = re.compile(r"\\(?:cite\w*|ref|printfirst|singleletter|noopsort|switchargs)\b|ifmmode")


MATHEMATICS = re.compile(r"\$\$?[^$]*\$\$?|\\(?:left|right|ensuremath)\b")
BEFORE_CHRIST = re.compile(r"-\d|0000")  # astronomers count a year 0, others do not


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", fold.text(latex.plain(latex.decode(text, addresses=True)))))


def letters(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", fold.text(latex.plain(latex.decode(text, addresses=True)))))


def unaccounted(path: Path, to: str) -> Iterator[str]:
    losses, write = table()[to].losses, table()[to].write
    assert losses is not None
    assert write is not None
    for record in api.read_records(path.read_bytes(), source=path.name, from_="bibtex").records:
        out = "".join(write([record], WriteOptions()))
        got = words(out) | set(re.findall(r"[^\W_]+", fold.text(out)))
        named = {each.split(" (")[0] for each in lost_fields(record, set(losses(record)), to)}
        for name, value in record.origin.fields:
            if name == "ENTRYTYPE" or name in named or name in OTHERWISE or value in GENRES or REFERENCE.search(value):
                continue
            if MATHEMATICS.search(value) or (name in DATES and BEFORE_CHRIST.match(value)):
                continue
            wanted = words(SAID_ONCE.sub("", value)) - WORDS_OF_LISTS
            if name in DATES:
                wanted = {word for word in wanted if len(word) == 4 and word.isdecimal()}
            if not wanted <= got and letters(value) not in letters(out):
                yield f"{path.name} {record.id}: {name} = {value[:80]!r}"


@pytest.mark.parametrize("to", ["bibtex", "biblatex", "csljson", "ris", "records"])
def test_each_field_is_written_or_named(to: str, shared: Path) -> None:
    files = [*sorted((shared / "bib" / "wild").glob("*.bib")), *sorted((shared / "bib" / "features").glob("*.bib"))]
    found = [each for path in files for each in unaccounted(path, to)]
    assert not found, "\n".join(found)


def test_the_title_of_a_volume_is_named_where_it_is_lost(shared: Path) -> None:
    assert not list(unaccounted(shared / "bib" / "messy.bib", "ris"))


@pytest.mark.parametrize(("char", "name"), [("\xa0", "no-break space"), ("\u3000", "ideographic space")])
def test_a_blank_that_is_none_is_named(char: str, name: str) -> None:
    (problem,) = parse(f"@misc{{k,\n title = {{T}},\n{char} year = 2000\n}}").problems
    assert f"a {name} (U+{ord(char):04X}) stands where a field name is expected" in problem.message
    assert problem.origin.line == 3
