"""PubMed's .nbib, EndNote's .enw and Refer, Web of Science, Ovid, Inspec, the mails of RePEc."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import encoding, formats
from bibtools.format import ReadOptions
from bibtools.record import Batch, Date, Name, Record

from . import accounting

LOVELACE = Name("Lovelace", "Ada K.")

NBIB = """
PMID- 123
OWN - NLM
IS  - 1234-5678 (Print)
VI  - 7
IP  - 2
DP  - 2019 Mar-Apr
TI  - On engines and
      looms.
PG  - 12-9
LID - 10.1000/xyz [doi]
AB  - First.
FAU - Lovelace, Ada K.
AU  - Lovelace AK
AUID- ORCID: 0000-1
FAU - Babbage, Charles Jr
AU  - Babbage C Jr
CN  - Engine Group
LA  - eng
PT  - Journal Article
PT  - Review
TA  - J Eng
JT  - Journal of engines
OT  - steam
MH  - Looms
PMC - PMC77
AID - 10.1000/xyz [doi]
AID - E-7 [pii]

PMID- 124
TI  - Second.
BTI - A Book
PB  - Press
"""


ENW = """%0 Conference Paper
%A Lovelace, Ada K.
%A Charles Babbage
%A Engine Group,
%E Menabrea, Luigi
%T On engines
%B Proceedings of looms
%D 1843
%8 March 4
%P 1-9
%R doi:10.1000/xyz
%@ 978-3-16-148410-0
%K steam
looms; cards
%4 mine

%0 Journal Article
%T Second
%@ 1234-5678
"""

WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Lovelace, AK
   Babbage, C
AF Lovelace, Ada K.
   Babbage, Charles
TI On engines and
   looms
SO JOURNAL OF ENGINES
DT Article
DE steam; looms
AB Text.
SN 1234-5678
EI 8765-4321
J9 J ENG
PD MAR 4
PY 2019
VL 7
IS 2
BP 1
EP 9
DI 10.1000/xyz
UT WOS:1
ER

PT S
AU Lovelace, AK
TI Second
SO ENGINES 2019
CT Conference on Engines
DT Proceedings Paper
AR 77
PY 2019
ER

EF
"""

OVID = """<1>
Accession Number
  1.
Author
  Lovelace, Ada K. MD, PhD 1;  Babbage, Charles *
Title
  On engines.[Review]
Source
  Journal of Engines.   7(2):1-9, March 2019.
Author Keywords
  steam;  looms.
Language
  English.
DOI Number
  10.1000/xyz
<2>
Author
  Lovelace, Ada K.
Title
  Second
Source
  Somewhere, 2019: (a form; that nobody knows). 7-9
"""

INSPEC = """Record 1 of 1 INSPEC

TI ~ On engines
AU ~ Lovelace, Ada K.
PY ~ 1992
SO ~ J. Eng. 1992; 7(2): 1-9
RT ~ Journal-Paper
"""

REPEC = """From ernad at nep.repec.org  Wed Nov  2 03:26:25 2005
NEP: New Economics Papers
In this issue we have:
------------------------------------------------------------
1. On Engines
     Lovelace,Ada K.
------------------------------------------------------------

1. On Engines
   and Looms

    Lovelace,Ada K.
    Babbage,Charles

An abstract.
Of two lines.

Keywords: steam; looms
JEL:      A1
Date:     2005-08-31
URL:      http://d.repec.org/n?u=RePEc:x:1&r=gth

2. Second
Date:\t2005-11-07
By:\tAda K. Lovelace (Somewhere)
Charles Babbage (Elsewhere)
URL:\thttp://d.repec.org/n?u=RePEc:x:2&r=all
Text.
"""
BABBAGE = Name("Babbage", "Charles")

FIRST: list[tuple[str, str, int, Record]] = [
    (
        "nbib",
        NBIB,
        2,
        Record(
            type="article-journal",
            title="On engines and looms",
            author=(LOVELACE, Name("Babbage", "Charles Jr"), Name(literal="Engine Group")),
            container_title="Journal of engines",
            container_title_short="J Eng",
            volume="7",
            issue="2",
            page="12-9",
            language="eng",
            issued=Date((2019, 3), end=(2019, 4)),
            doi="10.1000/xyz",
            issn="1234-5678",
            pmid="123",
            pmcid="PMC77",
            abstract="First.",
            keyword=("steam", "Looms"),
            extra=(
                ("nbib OWN", "NLM"),
                ("nbib IS", "1234-5678 (Print)"),
                ("nbib AUID", "ORCID: 0000-1"),
                ("nbib PT", "Review"),
                ("nbib AID", "E-7 [pii]"),
            ),
        ),
    ),
    (
        "enw",
        ENW,
        2,
        Record(
            type="paper-conference",
            title="On engines",
            author=(LOVELACE, BABBAGE, Name(literal="Engine Group")),
            editor=(Name("Menabrea", "Luigi"),),
            container_title="Proceedings of looms",
            issued=Date((1843, 3, 4)),
            page="1-9",
            doi="10.1000/xyz",
            isbn="978-3-16-148410-0",
            keyword=("steam", "looms", "cards"),
            extra=(("enw 4", "mine"),),
        ),
    ),
    (
        "wos",
        WOS,
        2,
        Record(
            type="article-journal",
            title="On engines and looms",
            author=(LOVELACE, BABBAGE),
            container_title="JOURNAL OF ENGINES",
            volume="7",
            issue="2",
            page="1–9",
            issued=Date((2019, 3, 4)),
            doi="10.1000/xyz",
            issn="1234-5678",
            abstract="Text.",
            keyword=("steam", "looms"),
            extra=(("wos EI", "8765-4321"), ("wos J9", "J ENG"), ("wos UT", "WOS:1")),
        ),
    ),
    (
        "ovid",
        OVID,
        2,
        Record(
            type="article-journal",
            title="On engines",
            author=(LOVELACE, BABBAGE),
            container_title="Journal of Engines",
            volume="7",
            issue="2",
            page="1-9",
            language="English",
            issued=Date((2019, 3)),
            doi="10.1000/xyz",
            keyword=("steam", "looms"),
            extra=(
                ("ovid Accession Number", "1."),
                ("ovid Author", "Lovelace, Ada K. MD, PhD 1"),
                ("ovid Author", "Babbage, Charles *"),
                ("ovid Title", "[Review]"),
            ),
        ),
    ),
    (
        "inspec",
        INSPEC,
        1,
        Record(
            type="article-journal",
            title="On engines",
            author=(LOVELACE,),
            container_title="J. Eng.".rstrip("."),
            volume="7",
            issue="2",
            page="1-9",
            issued=Date((1992,)),
        ),
    ),
    (
        "repec",
        REPEC,
        2,
        Record(
            type="report",
            title="On Engines and Looms",
            author=(LOVELACE, BABBAGE),
            issued=Date((2005, 8, 31)),
            url="http://d.repec.org/n?u=RePEc:x:1&r=gth",
            abstract="An abstract. Of two lines.",
            keyword=("steam", "looms"),
            extra=(("repec JEL", "A1"),),
        ),
    ),
]


def read(name: str, text: str) -> Batch:
    reader = formats.table()[name].read
    assert reader is not None
    return reader(text, ReadOptions(source="f"))


@pytest.mark.parametrize(("name", "text", "count", "first"), FIRST)
def test_a_record_of_each(name: str, text: str, count: int, first: Record) -> None:
    assert [each.name for each in formats.recognise(text)] == [name]
    batch = read(name, text)
    assert len(batch.records) == count
    assert batch.records[0] == first


@pytest.mark.parametrize(("name", "text", "count", "first"), FIRST)
def test_windows_line_ends_and_a_byte_order_mark(name: str, text: str, count: int, first: Record) -> None:
    marked = "\ufeff" + text.lstrip("\n").replace("\n", "\r\n")
    assert [each.name for each in formats.recognise(marked)] == [name]
    assert read(name, marked).records == read(name, text).records


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("nbib", NBIB, {"type": "chapter", "container_title": "A Book", "publisher": "Press", "title": "Second"}),
        ("enw", ENW, {"type": "article-journal", "issn": "1234-5678"}),
        ("wos", WOS, {"type": "paper-conference", "event_title": "Conference on Engines", "page": "77"}),
        ("repec", REPEC, {"author": (LOVELACE, BABBAGE), "abstract": "Text."}),
        ("ovid", OVID, {"extra": (("ovid Source", "Somewhere, 2019: (a form; that nobody knows). 7-9"),)}),
    ],
)
def test_the_second_record(name: str, text: str, expected: dict[str, object]) -> None:
    record = read(name, text).records[1]
    assert {field: getattr(record, field) for field in expected} == expected


def test_what_is_not_understood_is_told() -> None:
    assert [each.severity for each in read("ovid", OVID).problems] == ["warning"]
    assert [each.text for each in read("enw", "Hello\n%0 Book\n%T x\n").problems] == ["Hello"]
    cut = read("wos", WOS[: WOS.index("PY 2019\nER\n\nEF")])
    assert len(cut.records) == 2
    assert [str(each) for each in cut.problems] == ["f:27: warning: the record has no end; it was read up to here"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("%A Ada Lovelace\n%T On Engines\n%J Engines\n%D 1843\n\n%A Ada Lovelace\n%T Second\n%D 1844\n", "enw"),
        ("%0 Book\n%T On Engines\n", "enw"),
        ("% A comment of TeX\n% Another\n", ""),
        ("%A comment of MATLAB\nx = 1;\ny = 2;\n", ""),
        ("PT boats were built.\nTI is a brand.\n", ""),
        ("<1>\nplain prose begins here, and goes on.\n  indented\n", ""),
    ],
)
def test_recognition(text: str, name: str) -> None:
    assert [each.name for each in formats.recognise(text)] == ([name] if name else [])


@given(st.text(max_size=300), st.sampled_from(FIRST), st.integers(0, 400))
def test_reading_never_raises_and_nothing_is_lost(noise: str, case: tuple[str, str, int, Record], at: int) -> None:
    """Noise in the middle of a file: the words of both are in what was read."""
    name, text, *_ = case
    assert isinstance(read(name, text[:at] + noise + text[at:]), Batch)
    assert isinstance(read(name, noise), Batch)


VALUE = re.compile(r"^(?:[A-Z][A-Z0-9]{1,3} {0,2}- ?|%. ?|[A-Z][A-Z0-9] (?:~ )?|<\d+>|\s+)(.*)$", re.MULTILINE)


@pytest.mark.parametrize(
    ("folder", "mapped"),
    [
        ("nbib", r"^(?:AU|PT|ISBN)\b"),
        ("enw", r"^%0"),
        ("other", r"^%0"),
        ("wos", r"^(?:FN|VR|PT|DT|EF|ER)\b"),
        ("ovid", r"^(?:[A-Z<]|  -|  (Journal|Book|Conference Paper)\s*$)| Vol |\bpp\."),
    ],
)
def test_every_line_of_real_files_is_kept(shared: Path, folder: str, mapped: str) -> None:
    count = 0
    for path in sorted((shared / "pages" / folder).iterdir()):
        text = encoding.readable(encoding.decode(path.read_bytes()).text)
        found = formats.recognise(text)
        if len(found) != 1:
            assert not found, path.name
            continue
        batch = read(found[0].name, text)
        count += len(batch.records)
        leaves = [(line, VALUE.sub(r"\1", line)) for line in text.splitlines()]
        assert accounting.unsaid(leaves, batch, mapped) == [], path.name
    assert count


def test_a_refer_file_of_libraries(shared: Path) -> None:
    for path in sorted((shared / "pages" / "repec").iterdir()):
        batch = read("repec", path.read_text(encoding="utf-8", errors="replace"))
        assert len(batch.records) == 1, path.name
        assert batch.records[0].url
