"""Text copied from pages: arXiv, DBLP, Google Scholar, Semantic Scholar, OpenReview, Anthology, HAL, INSPIRE, ORCID,
ResearchGate.

The samples are in the form of each site's pages, with papers that do not exist.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import formats
from bibtools.format import ReadOptions
from bibtools.record import Batch, Date, Name, Record

ADA, CHARLES, LI = Name("Lovelace", "Ada"), Name("Babbage", "Charles"), Name("Wei", "Li")

ARXIV_LIST = """Fri, 8 Nov 2024 (showing first 3 of 73 entries )
[1] arXiv:2411.05007 [pdf, html, other]
Title: On Engines: A Study of $n$ Looms
Ada Lovelace, Charles Babbage
Comments: 9 pages
Subjects: Computation and Language (cs.CL); Machine Learning (cs.LG)
[2] arXiv:2411.05005 (cross-list from cs.RO) [pdf, html, other]
Title: Second
Authors: Li Wei
Subjects: Robotics (cs.RO)
An abstract of the second paper.
Thu, 7 Nov 2024 (showing 1 of 80 entries )
[3] arXiv:math/0309136 [pdf]
Title: Third
Ada Lovelace
Journal-ref: J. Eng. 7 (2003) 1-9
Subjects: Algebraic Geometry (math.AG)
"""

ARXIV_SEARCH = """Showing 1–3 of 1,234 results for all: engines
1. arXiv:2411.05007 [pdf, other] cs.CL cs.LG
On Engines
Authors: Ada Lovelace, Charles Babbage
Abstract: Engines are fast. ▽ More
Submitted 8 November, 2024; v1 submitted 7 November, 2024; originally announced November 2024.
Comments: 9 pages
2. arXiv:2411.05005  [pdf]
cs.RO
doi 10.1000/xyz
Second
Authors: Li Wei
Abstract: More.
Submitted 7 November, 2024; originally announced November 2024.
3. arXiv:2411.05003  [pdf]
cs.RO
Third
Authors: Ada Lovelace
Abstract: Most.
Submitted 6 November, 2024; originally announced November 2024.
"""

ARXIV_PAGE = """Computer Science > Computation and Language
[Submitted on 7 Nov 2024 (v1), last revised 8 Nov 2024 (this version, v2)]
Title:On Engines
Authors:Ada Lovelace, Charles Babbage
View PDF
Abstract:Engines are fast.
Comments:\t9 pages
Subjects:\tComputation and Language (cs.CL); Machine Learning (cs.LG)
Cite as:\tarXiv:2411.05007 [cs.CL]
 \t(or arXiv:2411.05007v2 [cs.CL] for this version)
 \thttps://doi.org/10.48550/arXiv.2411.05007
Related DOI:\thttps://doi.org/10.1000/xyz
Submission history
From: Ada Lovelace [view email]
[v1] Thu, 7 Nov 2024 18:59:58 UTC (1 KB)
"""

ARXIV_MAIL = r"""------------------------------------------------------------------------------
\\
arXiv:2411.05007
From: Ada Lovelace <x@y>
Date: Thu, 7 Nov 2024 19:18:42 GMT   (443kb)
Date (revised v2): Fri, 8 Nov 2024 20:10:27 GMT   (370kb)

Title: On Engines and
  Looms
Authors: Ada Lovelace, Charles Babbage
Categories: cs.CL cs.LG
Comments: 9 pages
DOI: 10.1000/xyz
\\
  Engines are fast.
\\ ( https://arxiv.org/abs/2411.05007 ,  443kb)
"""

DBLP = """2024
[j2]
Ada Lovelace, Charles Babbage 0001:
On Engines. Part I: Steam. J. Eng. 7(2): 1-9 (2024)
[c1]
view
Ada Lovelace:
What is a Loom? ENG (1) 2024: 10-12
2023
[i1] Li Wei, Ada Lovelace:
Third. CoRR abs/2301.00001 (2023)
"""

SCHOLAR = """Title\tCited by\tYear
On engines and looms
A Lovelace, C Babbage, L van der Berg, ...
Journal of Engines 7 (2), 1-9, 2019\t1,234\t2019
Second
A Lovelace
arXiv preprint arXiv:1901.00001
56
2019
Third: a study
C Babbage, A Lovelace
Proceedings of the Conference on Engines, 10-12
2018
"""

SEMANTIC = """On Engines
Ada Lovelace, Charles Babbage, +3 authors Li Wei
Computer Science
Journal of Engines
1 March 2019
TLDR
Engines are fast. Expand
1,234
Highly Influential
PDF
Save
Alert
Second
A. Lovelace
Computer Science, Mathematics
arXiv.org
2018
5
Save
Alert
Third
Ada Lovelace, C. Babbage
2017
Save
Alert
"""

OPENREVIEW = """On Engines
Ada Lovelace, Charles Babbage
Published: 16 Jan 2024, Last Modified: 05 Mar 2024
ENG 2024 poster
Readers: Everyone
Second
Ada Lovelace
Published: 16 Jan 2024, Last Modified: 05 Mar 2024ENG 2024 oralEveryoneRevisionsBibTeX
Third
Li Wei
01 Jan 2022 (modified: 05 Mar 2022)
CoRR 2022
Readers: Everyone
"""

ANTHOLOGY = """Proceedings of the 61st Meeting on Engines (2023)
Ada Lovelace (Editors)
pdf (full)
bib (full)
Proceedings of the 61st Meeting on Engines (2023)
Charles Babbage
pdf bib abs
On Engines
Ada Lovelace | Charles Babbage
pdf
bib
abs
Video
Second
Li Wei
"""

HAL = """3 results
Ada Lovelace, Charles Babbage. On engines: a study. Journal of Engines, 2019, 7 (2), pp.1-9. ⟨10.1000/xyz⟩. ⟨hal-01234567⟩
A. Lovelace. Second. Conference on Engines, Jun 2018, Lyon, France. pp.10-12. ⟨hal-01234568v2⟩
Li Wei. Third. Mathematics [math]. University of Engines, 2017. English. ⟨NNT : 2017X⟩.
⟨tel-01234569⟩
"""

INSPIRE = """On Engines
#1
Ada Lovelace(CERN), Charles Babbage(Harvard U. and CERN) (Mar 4, 2019)
Published in: Phys.Rev.D 99 (2019) 1, 012345 • e-Print: 1901.00001 [hep-ph]
pdf
DOI
cite
claim
reference search
123 citations
Second
#2
Li Wei
(
CERN
)
(2018)
e-Print: 1801.00001 [hep-th]
pdf
cite
0 citations
Third
#3
Ada Lovelace
(Dec, 2017)
Published in: JHEP 12 (2018) 001 • e-Print: 1712.00001 [hep-th]
cite
"""

ORCID = """Works (3 of 3)
On Engines
Journal of Engines
2019-03-04 | Journal article
DOI: 10.1000/xyz
CONTRIBUTORS: Ada Lovelace; Charles Babbage
Show more detail
Source: Crossref
Second
2018 | Preprint
DOI: 10.1000/second
Source: Ada Lovelace
Third
Conference on Engines
2017-05 | Conference paper
Part of ISBN: 9783161484100
Source: Scopus
"""

RESEARCHGATE = """On Engines
Article
Full-text available
Mar 2019
Ada Lovelace
Charles Babbage
[...]
Li Wei
View
Second
Conference Paper
Jun 2018 · Conference on Engines
Ada Lovelace
Third
Preprint
May 2017
Li Wei
Download
"""

SUBMITTED = Date((2024, 11, 7))
EACH: list[tuple[str, str, int, dict[str, object]]] = [
    (
        "arxiv-list",
        ARXIV_LIST,
        3,
        {
            "title": "On Engines: A Study of $n$ Looms",
            "author": (ADA, CHARLES),
            "arxiv_id": "2411.05007",
            "categories": ("cs.CL", "cs.LG"),
            "type": "article",
        },
    ),
    (
        "arxiv-search",
        ARXIV_SEARCH,
        3,
        {
            "title": "On Engines",
            "author": (ADA, CHARLES),
            "arxiv_id": "2411.05007",
            "categories": ("cs.CL", "cs.LG"),
            "abstract": "Engines are fast.",
            "issued": Date((2024, 11, 8)),
            "submitted": SUBMITTED,
        },
    ),
    (
        "arxiv-page",
        ARXIV_PAGE,
        1,
        {
            "title": "On Engines",
            "author": (ADA, CHARLES),
            "arxiv_id": "2411.05007",
            "categories": ("cs.CL", "cs.LG"),
            "doi": "10.1000/xyz",
            "issued": Date((2024, 11, 8)),
            "submitted": SUBMITTED,
        },
    ),
    (
        "arxiv-mail",
        ARXIV_MAIL,
        1,
        {
            "title": "On Engines and Looms",
            "author": (ADA, CHARLES),
            "arxiv_id": "2411.05007",
            "categories": ("cs.CL", "cs.LG"),
            "abstract": "Engines are fast.",
            "doi": "10.1000/xyz",
            "issued": Date((2024, 11, 8)),
            "submitted": SUBMITTED,
        },
    ),
    (
        "dblp-page",
        DBLP,
        3,
        {
            "type": "article-journal",
            "title": "On Engines. Part I: Steam",
            "author": (ADA, CHARLES),
            "container_title": "J. Eng.",
            "volume": "7",
            "issue": "2",
            "page": "1-9",
            "issued": Date((2024,)),
        },
    ),
    (
        "google-scholar",
        SCHOLAR,
        3,
        {
            "type": "article-journal",
            "title": "On engines and looms",
            "author": (Name("Lovelace", "A"), Name("Babbage", "C"), Name("Berg", "L", dropping_particle="van der")),
            "authors_truncated": True,
            "container_title": "Journal of Engines",
            "volume": "7",
            "issue": "2",
            "page": "1-9",
            "issued": Date((2019,)),
            "extra": (("scholar citations", "1,234"),),
        },
    ),
    (
        "semantic-scholar-page",
        SEMANTIC,
        3,
        {
            "title": "On Engines",
            "author": (ADA, CHARLES, LI),
            "authors_truncated": True,
            "container_title": "Journal of Engines",
            "issued": Date((2019, 3, 1)),
            "abstract": "Engines are fast.",
        },
    ),
    (
        "openreview",
        OPENREVIEW,
        3,
        {
            "title": "On Engines",
            "author": (ADA, CHARLES),
            "container_title": "ENG 2024 poster",
            "issued": Date((2024, 1, 16)),
        },
    ),
    (
        "acl-anthology",
        ANTHOLOGY,
        3,
        {"type": "book", "title": "Proceedings of the 61st Meeting on Engines (2023)", "editor": (CHARLES,)},
    ),
    (
        "hal",
        HAL,
        3,
        {
            "type": "article-journal",
            "title": "On engines: a study",
            "author": (ADA, CHARLES),
            "container_title": "Journal of Engines",
            "volume": "7",
            "issue": "2",
            "page": "1-9",
            "doi": "10.1000/xyz",
            "issued": Date((2019,)),
        },
    ),
    (
        "inspire",
        INSPIRE,
        3,
        {
            "type": "article-journal",
            "title": "On Engines",
            "author": (ADA, CHARLES),
            "container_title": "Phys.Rev.D",
            "volume": "99",
            "issue": "1",
            "page": "012345",
            "arxiv_id": "1901.00001",
            "categories": ("hep-ph",),
            "issued": Date((2019, 3, 4)),
            "extra": (("inspire affiliation", "CERN"), ("inspire affiliation", "Harvard U. and CERN")),
        },
    ),
    (
        "orcid",
        ORCID,
        3,
        {
            "type": "article-journal",
            "title": "On Engines",
            "author": (ADA, CHARLES),
            "container_title": "Journal of Engines",
            "doi": "10.1000/xyz",
            "issued": Date((2019, 3, 4)),
        },
    ),
    (
        "researchgate",
        RESEARCHGATE,
        3,
        {
            "type": "article-journal",
            "title": "On Engines",
            "author": (ADA, CHARLES, LI),
            "authors_truncated": True,
            "issued": Date((2019, 3)),
        },
    ),
]
SECOND: dict[str, dict[str, object]] = {
    "arxiv-list": {"title": "Second", "author": (LI,), "abstract": "An abstract of the second paper."},
    "arxiv-search": {"title": "Second", "doi": "10.1000/xyz", "categories": ("cs.RO",)},
    "dblp-page": {
        "title": "What is a Loom?",
        "container_title": "ENG (1)",
        "page": "10-12",
        "type": "paper-conference",
    },
    "google-scholar": {"title": "Second", "arxiv_id": "1901.00001", "type": "article"},
    "semantic-scholar-page": {"title": "Second", "type": "article", "container_title": ""},
    "openreview": {"title": "Second", "container_title": "ENG 2024 oral"},
    "acl-anthology": {"title": "On Engines", "author": (ADA, CHARLES), "issued": Date((2023,))},
    "hal": {"title": "Second", "type": "paper-conference", "author": (Name("Lovelace", "A."),), "page": "10-12"},
    "inspire": {"title": "Second", "author": (LI,), "issued": Date((2018,)), "type": "article"},
    "orcid": {"title": "Second", "container_title": "", "type": "article"},
    "researchgate": {"title": "Second", "type": "paper-conference"},
}
THIRD: dict[str, dict[str, object]] = {
    "arxiv-list": {"arxiv_id": "math/0309136", "title": "Third", "author": (ADA,)},
    "dblp-page": {"arxiv_id": "2301.00001", "type": "article", "container_title": ""},
    "google-scholar": {
        "title": "Third: a study",
        "container_title": "Proceedings of the Conference on Engines",
        "page": "10-12",
    },
    "semantic-scholar-page": {"title": "Third", "issued": Date((2017,))},
    "openreview": {"type": "article", "container_title": "CoRR 2022", "issued": Date((2022, 1, 1))},
    "acl-anthology": {"title": "Second", "author": (LI,)},
    "hal": {"type": "thesis", "title": "Third", "issued": Date((2017,))},
    "inspire": {"issued": Date((2018,)), "submitted": Date((2017, 12)), "container_title": "JHEP"},
    "orcid": {"isbn": "9783161484100", "container_title": "Conference on Engines"},
    "researchgate": {"type": "article", "author": (LI,)},
}


def read(name: str, text: str) -> Batch:
    reader = formats.table()[name].read
    assert reader is not None
    return reader(text, ReadOptions(source="f"))


def said(record: Record, fields: dict[str, object]) -> dict[str, object]:
    return {field: getattr(record, field) for field in fields}


@pytest.mark.parametrize(("name", "text", "count", "first"), EACH)
def test_the_papers_of_a_page(name: str, text: str, count: int, first: dict[str, object]) -> None:
    assert [each.name for each in formats.recognise(text)] == [name]
    records = read(name, text).records
    assert len(records) == count
    for place, expected in enumerate((first, SECOND.get(name, {}), THIRD.get(name, {}))):
        if expected:
            assert said(records[place], expected) == expected


@pytest.mark.parametrize(("name", "text", "count", "first"), EACH)
def test_line_ends_and_blank_lines_do_not_matter(name: str, text: str, count: int, first: dict[str, object]) -> None:
    for other in (text.replace("\n", "\r\n"), text.replace("\n", "\n\n") if name not in ("arxiv-mail",) else text):
        assert [each.name for each in formats.recognise(other)] == [name]
        assert read(name, other).records == read(name, text).records


@pytest.mark.parametrize(("name", "text", "count", "first"), [each for each in EACH if each[2] == 3])
def test_a_list_of_two_is_claimed_by_none(name: str, text: str, count: int, first: dict[str, object]) -> None:
    third = read(name, text).records[2].origin.line
    cut = "\n".join(text.split("\n")[: third - (2 if name in ("acl-anthology", "dblp-page") else 1)])
    assert name not in [each.name for each in formats.recognise(cut)]


@pytest.mark.parametrize(("name", "text", "count", "first"), EACH)
def test_what_stands_between_papers_is_told(name: str, text: str, count: int, first: dict[str, object]) -> None:
    if name == "arxiv-mail":
        return
    batch = read(name, "A line of the menu, quite unlike a paper\n\n" + text)
    notes = [each for each in batch.problems if "outside the papers" in each.message]
    taken = {each.title for each in batch.records}
    assert (notes and "A line of the menu" in notes[0].text) or "A line of the menu, quite unlike a paper" in taken


@given(st.text(max_size=200), st.sampled_from(EACH), st.integers(0, 700))
def test_reading_never_raises(noise: str, case: tuple[str, str, int, dict[str, object]], at: int) -> None:
    name, text, *_ = case
    hostile = text[:at] + noise + text[at:]
    assert isinstance(read(name, hostile), Batch)
    formats.recognise(hostile)


def test_real_abs_files(shared: Path) -> None:
    for path in sorted((shared / "pages" / "arxiv-abs").iterdir()):
        text = path.read_text(encoding="utf-8")
        assert [each.name for each in formats.recognise(text)] == ["arxiv-mail"]
        (record,) = read("arxiv-mail", text).records
        assert record.title and record.author and record.abstract and record.categories
        assert record.arxiv_id.replace("/", "_").endswith(path.stem)


def test_a_line_of_megabytes_is_told_and_not_looked_at() -> None:
    long = "A Bcd, " * 500_000
    batch = read("google-scholar", f"{SCHOLAR}\n{long}\n")
    assert len(batch.records) == 3
    (problem,) = [each for each in batch.problems if each.severity == "error"]
    assert problem.message == "a line of 3,500,000 characters was not looked at"
    assert problem.text == long
