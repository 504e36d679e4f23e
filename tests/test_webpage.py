"""Saved web pages: articles' heads, and pages of many works."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import formats
from bibtools.api.reading import read_records
from bibtools.format import ReadOptions
from bibtools.record import Batch, Date, Name, Record

ADA, CHARLES = Name("Lovelace", "Ada"), Name("Babbage", "Charles")


def page(head: str, body: str = "") -> str:
    return f"<!DOCTYPE html>\n<html><head>\n{head}\n</head><body>{body}</body></html>"


def metas(*pairs: tuple[str, str]) -> str:
    return "\n".join(f'<meta name="{name}" content="{content}">' for name, content in pairs)


def read(text: str) -> Batch:
    assert [each.name for each in formats.recognise(text)] == ["webpage"]
    batch = read_records(text.encode(), source="f")
    reader = formats.table()["webpage"].read
    assert reader is not None
    assert reader(text, ReadOptions(source="f")).records
    return batch


def one(text: str) -> Record:
    (record,) = read(text).records
    return record


HIGHWIRE = (
    ("citation_title", "On <i>E. coli</i> &amp;amp; Engines"),
    ("citation_author", "Lovelace, Ada"),
    ("citation_author_institution", "Somewhere"),
    ("citation_author", "Charles Babbage"),
    ("citation_publication_date", "2019/03"),
    ("citation_online_date", "2018/12/20"),
    ("citation_journal_title", "Journal of Engines"),
    ("citation_journal_abbrev", "J. Eng."),
    ("citation_volume", "7"),
    ("citation_issue", "2"),
    ("citation_firstpage", "1"),
    ("citation_lastpage", "9"),
    ("citation_doi", "doi:10.1000/xyz"),
    ("citation_issn", "1234-5678"),
    ("citation_issn", "8765-4321"),
    ("citation_publisher", "Press"),
    ("citation_keywords", "steam; looms"),
    ("citation_pdf_url", "https://a.org/x.pdf"),
    ("citation_reference", "citation_title=Other;citation_author=Nobody"),
)


def test_highwire() -> None:
    batch = read(page(metas(*HIGHWIRE)))
    assert batch.records == (
        Record(
            type="article-journal",
            title="On <i>E. coli</i> & Engines",
            author=(ADA, CHARLES),
            container_title="Journal of Engines",
            container_title_short="J. Eng.",
            volume="7",
            issue="2",
            page="1–9",
            publisher="Press",
            issued=Date((2019, 3)),
            doi="10.1000/xyz",
            issn="1234-5678",
            keyword=("steam", "looms"),
            extra=(
                ("webpage citation_online_date", "2018/12/20"),
                ("webpage citation_issn", "8765-4321"),
                ("webpage citation_author_institution", "Somewhere"),
                ("webpage citation_pdf_url", "https://a.org/x.pdf"),
            ),
        ),
    )
    assert [each.message for each in batch.problems] == [
        "the page names 1 works that the article cites; they are left out"
    ]


def test_the_vocabularies_together_are_one_record_and_a_contradiction_is_kept() -> None:
    ld = {
        "@type": "ScholarlyArticle",
        "headline": "Engines",
        "author": "X Y",
        "publisher": {"name": "Other"},
        "inLanguage": "en",
    }
    record = one(
        page(
            metas(
                ("citation_title", "Engines"),
                ("citation_author", "Ada Lovelace"),
                ("DC.title", "Engines"),
                ("dc.Creator", "Lovelace, Ada"),
                ("DC.date", "2019-03-04"),
                ("prism.publicationName", "J. Engines"),
                ("prism.volume", "7"),
                ("prism.startingPage", "1"),
                ("DC.identifier", "https://doi.org/10.1000/xyz"),
                ("dc.publisher", "Press"),
                ("dc.rights", "CC"),
                ("og:site_name", "Engines Online"),
                ("og:title", "Engines | Engines Online"),
            )
            + f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", **ld})}</script>'
        )
    )
    assert record == Record(
        type="article-journal",
        title="Engines",
        author=(ADA,),
        container_title="J. Engines",
        volume="7",
        page="1",
        publisher="Press",
        language="en",
        issued=Date((2019, 3, 4)),
        doi="10.1000/xyz",
        extra=(("webpage dc.rights", "CC"),),
    )


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("citation_conference_title", "Proc. X")], {"type": "paper-conference", "container_title": "Proc. X"}),
        (
            [("citation_inbook_title", "Engines 2019"), ("citation_conference_title", "Conf. Engines")],
            {"type": "paper-conference", "container_title": "Engines 2019", "event_title": "Conf. Engines"},
        ),
        ([("citation_inbook_title", "Looms")], {"type": "chapter", "container_title": "Looms"}),
        ([("citation_dissertation_institution", "U")], {"type": "thesis", "publisher": "U"}),
        ([("citation_technical_report_institution", "I")], {"type": "report", "publisher": "I"}),
        ([("citation_journal_title", "bioRxiv")], {"type": "article", "container_title": "bioRxiv"}),
        ([("citation_isbn", "978-3-16-148410-0")], {"type": "book", "isbn": "978-3-16-148410-0"}),
        (
            [
                ("citation_arxiv_id", "1901.00001v2"),
                ("citation_date", "2019/01/02"),
                ("citation_online_date", "2019/03/04"),
            ],
            {
                "type": "article",
                "arxiv_id": "1901.00001",
                "issued": Date((2019, 3, 4)),
                "submitted": Date((2019, 1, 2)),
            },
        ),
        ([("citation_authors", "Lovelace, Ada; Babbage, Charles")], {"author": (ADA, CHARLES)}),
        (
            [("citation_authors", "Ada Lovelace, Charles Babbage, Li Wei")],
            {"author": (ADA, CHARLES, Name("Wei", "Li"))},
        ),
        ([("citation_author", "Lovelace, Ada;Babbage, Charles;")], {"author": (ADA, CHARLES)}),
        (
            [("citation_author", "Ada Lovelace"), ("citation_author", "et al.")],
            {"author": (ADA,), "authors_truncated": True},
        ),
        ([("citation_doi", "10.1000/x"), ("citation_doi", "10.1000/y")], {"doi": "10.1000/x"}),
        ([("citation_doi", "to be assigned")], {"doi": ""}),
        ([("citation_year", "2019"), ("DC.date", "2019-03-04")], {"issued": Date((2019, 3, 4))}),
        ([("citation_publication_date", "2019-03-04T10:00:00+00:00")], {"issued": Date((2019, 3, 4))}),
        ([("DC.Relation.IsPartOf", "https://a.org/journal")], {"container_title": ""}),
    ],
)
def test_what_tags_mean(pairs: list[tuple[str, str]], expected: dict[str, object]) -> None:
    record = one(page(metas(("citation_title", "T"), *pairs)))
    assert {name: getattr(record, name) for name in expected} == expected


def test_names_of_sites_are_no_authors() -> None:
    tags = metas(
        ("DC.title", "T"),
        ("DC.creator", "Engines Online"),
        ("og:site_name", "Engines Online"),
        ("author", "Engines Online"),
    )
    assert one(page(tags)).author == ()


def test_a_post_known_by_open_graph_alone() -> None:
    tags = '<meta property="og:type" content="article"><meta property="og:title" content="Looms - The Blog">'
    tags += '<meta property="og:site_name" content="The Blog">'
    tags += '<meta property="article:published_time" content="2019-03-04T01:02:03Z">'
    record = one(
        page(tags + '<meta name="author" content="Ada Lovelace"><meta property="og:url" content="https://b.org/x">')
    )
    assert record == Record(
        type="webpage",
        title="Looms",
        author=(ADA,),
        container_title="The Blog",
        issued=Date((2019, 3, 4)),
        url="https://b.org/x",
    )


def test_json_ld_alone() -> None:
    ld = {
        "@context": "http://schema.org",
        "@type": "Dataset",
        "name": "Engine data",
        "creator": [{"name": "Ada Lovelace"}],
    }
    record = one(page(f'<script type="application/ld+json">{json.dumps(ld)}</script>'))
    assert (record.type, record.title, record.author) == ("dataset", "Engine data", (ADA,))


COINS = (
    "ctx_ver=Z39.88-2004&amp;rft_val_fmt=info%3Aofi%2Ffmt%3Akev%3Amtx%3Ajournal&amp;rft.genre=article&amp;rft.atitle=On+Engines"
    "&amp;rft.jtitle=J.+Engines&amp;rft.volume=7&amp;rft.spage=1&amp;rft.epage=9&amp;rft.date=2019-03&amp;rft.aulast=Lovelace"
    "&amp;rft.aufirst=Ada&amp;rft.au=Babbage%2C+Charles&amp;rft_id=info%3Adoi%2F10.1000%2Fxyz&amp;rft.custom=x"
)
BOOK = "ctx_ver=Z39.88-2004&amp;rft_val_fmt=info%3Aofi%2Ffmt%3Akev%3Amtx%3Abook&amp;rft.btitle=Looms&amp;rft.isbn=3161484100"


def test_coins() -> None:
    article, book = read(
        page("", f'<span class="Z3988" title="{COINS}"></span><span class="Z3988" title="{BOOK}"></span>')
    ).records
    assert article == Record(
        type="article-journal",
        title="On Engines",
        author=(ADA, CHARLES),
        container_title="J. Engines",
        volume="7",
        page="1–9",
        issued=Date((2019, 3)),
        doi="10.1000/xyz",
        extra=(("coins rft.custom", "x"),),
    )
    assert book == Record(type="book", title="Looms", isbn="3161484100")


def test_hcite() -> None:
    body = """<div class="h-cite"><span class="p-author h-card">Ada Lovelace</span>
    <time class="dt-published" datetime="2019-03-04">x</time>
    <cite class="p-name">On Engines</cite> <span class="p-publication">J. Engines</span>
    <a class="u-url" href="https://a.org">link</a></div>"""
    assert one(page("", body)) == Record(
        type="article-journal",
        title="On Engines",
        author=(ADA,),
        container_title="J. Engines",
        issued=Date((2019, 3, 4)),
        url="https://a.org",
    )


ANTHOLOGY = """<h2 id="title"><a href="x.pdf">Proceedings of Engines</a></h2>
<p class="d-sm-flex"><span class="d-block mr-2"><a class="badge" href="https://aclanthology.org/2019.eng-1.0.pdf">pdf</a></span>
<span class="d-block"><strong><a class="align-middle" href="/2019.eng-1.0/">Proceedings of Engines</a></strong><br>
<a href="/people/c/charles-babbage/">Charles Babbage</a></span></p>
<p class="d-sm-flex"><span class="d-block mr-2"><a href="#" data-target="#abstract">abs</a></span>
<span class="d-block"><strong>
<a class="align-middle" href="/2019.eng-1.1/">On <span class="acl-fixed-case">E</span>ngines</a></strong><br>
<a href="/people/a/ada-lovelace/">Ada Lovelace</a> | <a href="/people/c/charles-babbage/">Charles Babbage</a></span></p>
<div class="card abstract-collapse" id="abstract-2019--eng-1--1"><div class="card-body">An abstract.</div></div>"""


def test_a_volume_of_the_anthology() -> None:
    text = page("", ANTHOLOGY)
    volume, paper = read(text).records
    assert (volume.type, volume.title, volume.editor) == ("book", "Proceedings of Engines", (CHARLES,))
    assert paper == Record(
        type="paper-conference",
        title="On Engines",
        author=(ADA, CHARLES),
        container_title="Proceedings of Engines",
        issued=Date((2019,)),
        url="https://aclanthology.org/2019.eng-1.1",
        abstract=paper.abstract,
    )


ARXIV = """<dl id='articles'><dt><a name='item1'>[1]</a>
<a href ="/abs/1901.00001" title="Abstract" id="1901.00001">arXiv:1901.00001</a></dt>
<dd><div class='meta'><div class='list-title mathjax'><span class='descriptor'>Title:</span> On $n$ Engines</div>
<div class='list-authors'><a href="x">Ada Lovelace</a>, <a href="y">Charles Babbage</a></div>
<div class='list-comments mathjax'><span class='descriptor'>Comments:</span> 9 pages</div>
<div class='list-subjects'><span class='descriptor'>Subjects:</span>
<span class="primary-subject">Computation and Language (cs.CL)</span>; AI (cs.AI)</div>
</div></dd></dl>"""


def test_a_list_of_arxiv() -> None:
    record = one(page("", ARXIV))
    assert (record.arxiv_id, record.title, record.author) == ("1901.00001", "On $n$ Engines", (ADA, CHARLES))
    assert (record.categories, record.get_extra("comment")) == (("cs.CL", "cs.AI"), "9 pages")


@pytest.mark.parametrize(
    "text",
    [
        page("<title>Hello</title>", "<p>Prose with citation_title in it.</p>"),
        page('<meta property="og:type" content="website"><meta property="og:title" content="Shop">'),
        page('<script type="application/ld+json">{"@type": "WebSite", "name": "x"}</script>'),
        "# citation_title in a README\n",
        "<svg></svg>",
    ],
)
def test_other_pages_are_claimed_by_none(text: str) -> None:
    assert not formats.recognise(text)
    assert not formats.recognise_bytes(text.encode())


def test_tags_behind_long_styles_are_found() -> None:
    text = page(f"<style>{'a' * 200_000}</style>" + metas(*HIGHWIRE))
    assert not formats.recognise(text)
    assert read_records(text.encode(), source="f").records[0].doi == "10.1000/xyz"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    head = f'<meta charset="{encoding}">' + metas(("citation_title", "Größe"), ("citation_author", "Müller, Jörg"))
    (record,) = read_records(page(head).encode(encoding), source="f").records
    assert (record.title, record.author) == ("Größe", (Name("Müller", "Jörg"),))


@given(st.text(max_size=200), st.integers(0, 900))
def test_reading_never_raises(noise: str, at: int) -> None:
    reader = formats.table()["webpage"].read
    assert reader is not None
    text = page(metas(*HIGHWIRE), ANTHOLOGY + f'<span class="Z3988" title="{COINS}"></span>')
    for hostile in (noise, text[:at] + noise + text[at:], "<html>" + "<div>" * 3000 + noise):
        assert isinstance(reader(hostile, ReadOptions(source="f")), Batch)


def test_without_lxml_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml.html", None)
    reader = formats.table()["webpage"].read
    assert reader is not None
    (problem,) = reader(page(metas(*HIGHWIRE)), ReadOptions()).problems
    assert "bibtools-cm[html]" in problem.message
