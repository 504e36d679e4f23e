"""The JSON of Crossref, OpenAlex, DataCite, Semantic Scholar and DBLP, and DBLP's XML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import formats
from bibtools.format import ReadOptions
from bibtools.record import Batch, Date, Name, Problem, Record

from . import accounting

OPTIONS = ReadOptions(source="f")
CROSSREF = {
    "DOI": "10.1000/xyz",
    "type": "journal-article",
    "title": ["On <i>E. coli</i> &amp; Engines"],
    "subtitle": ["A Study"],
    "author": [
        {
            "given": "Ada",
            "family": "Lovelace",
            "sequence": "first",
            "affiliation": [],
            "ORCID": "http://orcid.org/0000-1",
        },
        {"name": "The Engine Group", "sequence": "additional", "affiliation": []},
    ],
    "container-title": ["Journal of Engines"],
    "short-container-title": ["J. Eng."],
    "volume": "7",
    "issue": "2",
    "page": "1-9",
    "publisher": "Engine Press",
    "issued": {"date-parts": [[2019, 3, 1]]},
    "published-online": {"date-parts": [[2019, 3, 1]]},
    "ISSN": ["1234-5678", "8765-4321"],
    "URL": "http://dx.doi.org/10.1000/xyz",
    "is-referenced-by-count": 5,
    "abstract": "<jats:p>Engines are <jats:italic>fast</jats:italic>.</jats:p>",
    "subject": ["Engineering"],
    "reference": [{"key": "1", "unstructured": "Babbage 1837"}],
}
OPENALEX = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/xyz",
    "title": "On Engines",
    "display_name": "On Engines",
    "publication_year": 2019,
    "publication_date": "2019-03-01",
    "type": "article",
    "type_crossref": "proceedings-article",
    "authorships": [
        {"author_position": "first", "author": {"display_name": "Ada Lovelace"}, "raw_author_name": "A. Lovelace"}
    ],
    "primary_location": {"source": {"display_name": "Proc. Engines", "type": "conference", "issn_l": "1234-5678"}},
    "locations": [{"landing_page_url": "http://arxiv.org/abs/1901.00001v2"}],
    "biblio": {"volume": "1", "issue": None, "first_page": "3", "last_page": "9"},
    "abstract_inverted_index": {"Engines": [0, 3], "are": [1], "not": [2]},
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/123"},
    "cited_by_count": 5,
}
DATACITE = {
    "data": {
        "id": "10.5281/zenodo.1",
        "type": "dois",
        "attributes": {
            "doi": "10.5281/zenodo.1",
            "titles": [{"title": "Engine Data"}, {"title": "Maschinen", "titleType": "TranslatedTitle"}],
            "creators": [
                {"name": "Lovelace, Ada", "nameType": "Personal", "givenName": "Ada", "familyName": "Lovelace"},
                {"name": "Engine Group", "nameType": "Organizational"},
            ],
            "contributors": [{"name": "Babbage, Charles", "contributorType": "Editor"}],
            "publisher": {"name": "Zenodo", "publisherIdentifier": "https://x"},
            "publicationYear": 2020,
            "dates": [{"date": "2020-05-06", "dateType": "Issued"}, {"date": "2021", "dateType": "Updated"}],
            "types": {"resourceTypeGeneral": "Dataset", "citeproc": "dataset"},
            "subjects": [{"subject": "engines"}],
            "descriptions": [{"description": "All data.", "descriptionType": "Abstract"}],
            "version": "1.10",
            "schemaVersion": "http://datacite.org/schema/kernel-4",
        },
    }
}
SCHOLAR = {
    "paperId": "abc",
    "externalIds": {"DOI": "10.1000/xyz", "ArXiv": "1901.00001", "CorpusId": 7},
    "title": "On Engines",
    "venue": "Journal of Engines",
    "year": 2019,
    "publicationTypes": ["JournalArticle"],
    "publicationDate": "2019-03-01",
    "journal": {"name": "J. Eng.", "volume": "7", "pages": "1 - 9"},
    "authors": [{"authorId": "1", "name": "Ada Lovelace"}],
}
DBLP = {
    "result": {
        "hits": {
            "@total": "40",
            "@sent": "1",
            "hit": [
                {
                    "@score": "3",
                    "info": {
                        "authors": {"author": {"@pid": "1/2", "text": "Ada Lovelace 0002"}},
                        "title": "On Engines &amp; Looms.",
                        "venue": "CoRR",
                        "volume": "abs/1901.00001",
                        "year": "2019",
                        "type": "Informal and Other Publications",
                        "key": "journals/corr/abs-1901-00001",
                        "ee": "https://arxiv.org/abs/1901.00001",
                    },
                }
            ],
        }
    }
}
DBLP_XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE dblp SYSTEM "dblp.dtd">
<dblp>
<inproceedings mdate="2020-01-01" key="conf/x/L19">
<author orcid="0000-1">Jos&eacute; P. M&uuml;ller 0001</author>
<author>Ada Lovelace</author>
<title>On <i>n</i>-fold Engines.</title>
<pages>1-9</pages><year>2019</year><booktitle>X</booktitle>
<ee>https://doi.org/10.1000/xyz</ee><ee>https://x.org/y</ee>
<crossref>conf/x/2019</crossref>
</inproceedings>
<www mdate="2020-01-01" key="homepages/1/2"><author>Ada Lovelace</author><title>Home Page</title></www>
</dblp>
"""
LOVELACE = Name("Lovelace", "Ada")


def read(name: str, text: str) -> Batch:
    reader = formats.table()[name].read
    assert reader is not None
    return reader(text, OPTIONS)


def one(name: str, value: Any) -> Record:
    (record,) = read(name, json.dumps(value)).records
    return record


def test_crossref() -> None:
    record = one("crossref", {"status": "ok", "message-type": "work", "message": CROSSREF})
    assert record.replace(extra=()) == Record(
        type="article-journal",
        title="On <i>E. coli</i> & Engines: A Study",
        author=(LOVELACE, Name(literal="The Engine Group")),
        container_title="Journal of Engines",
        container_title_short="J. Eng.",
        volume="7",
        issue="2",
        page="1-9",
        publisher="Engine Press",
        issued=Date((2019, 3, 1)),
        issn="1234-5678",
        doi="10.1000/xyz",
        abstract="Engines are <i>fast</i>.",
        keyword=("Engineering",),
    )
    assert record.get_extra("subtitle") == "A Study"
    rest = json.loads(record.get_extra("crossref rest"))
    assert rest["author"] == [{"name": "Ada Lovelace", "ORCID": "http://orcid.org/0000-1"}]
    assert rest["reference"] == CROSSREF["reference"]
    assert rest["ISSN"] == ["1234-5678", "8765-4321"]


def test_crossref_chapter_in_a_series() -> None:
    record = one("crossref", {**CROSSREF, "type": "book-chapter", "container-title": ["Lecture Notes", "Engines 2019"]})
    assert (record.type, record.collection_title, record.container_title) == (
        "chapter",
        "Lecture Notes",
        "Engines 2019",
    )


def test_openalex() -> None:
    record = one("openalex", OPENALEX)
    assert record.replace(extra=()) == Record(
        type="paper-conference",
        title="On Engines",
        author=(LOVELACE,),
        container_title="Proc. Engines",
        volume="1",
        page="3–9",
        issued=Date((2019, 3, 1)),
        doi="10.1000/xyz",
        issn="1234-5678",
        pmid="123",
        arxiv_id="1901.00001",
        abstract="Engines are not Engines",
    )
    assert "A. Lovelace" in record.get_extra("openalex rest")


def test_datacite() -> None:
    record = one("datacite", DATACITE)
    assert record.replace(extra=()) == Record(
        type="dataset",
        title="Engine Data",
        author=(LOVELACE, Name(literal="Engine Group")),
        editor=(Name("Babbage", "Charles"),),
        publisher="Zenodo",
        issued=Date((2020, 5, 6)),
        version="1.10",
        doi="10.5281/zenodo.1",
        abstract="All data.",
        keyword=("engines",),
    )
    assert record.get_extra("translated-title") == "Maschinen"


def test_semantic_scholar() -> None:
    record = one("semantic-scholar", {"total": 1, "data": [SCHOLAR]})
    assert record.replace(extra=()) == Record(
        type="article-journal",
        title="On Engines",
        author=(LOVELACE,),
        container_title="J. Eng.",
        volume="7",
        page="1 - 9",
        issued=Date((2019, 3, 1)),
        doi="10.1000/xyz",
        arxiv_id="1901.00001",
    )


def test_semantic_scholar_data_set_has_its_keys_in_lower_case() -> None:
    line = {"corpusid": 7, "externalids": {"DOI": "10.1/x", "ArXiv": None}, "title": "T", "authors": [], "year": 2019}
    record = one("semantic-scholar", line)
    assert (record.title, record.doi, record.issued) == ("T", "10.1/x", Date((2019,)))
    assert formats.recognise(json.dumps(line))[0].name == "semantic-scholar"


def test_dblp_search() -> None:
    batch = read("dblp", json.dumps(DBLP))
    assert batch.records[0].replace(extra=()) == Record(
        id="DBLP:journals/corr/abs-1901-00001",
        type="article",
        title="On Engines & Looms",
        author=(LOVELACE,),
        issued=Date((2019,)),
        arxiv_id="1901.00001",
    )
    assert [str(each) for each in batch.problems] == ["f:1: note: the query has 40 results; the answer holds 1 of them"]


def test_dblp_xml() -> None:
    batch = read("dblp-xml", DBLP_XML)
    (record,) = batch.records
    assert record.replace(extra=()) == Record(
        id="DBLP:conf/x/L19",
        type="paper-conference",
        title="On <i>n</i>-fold Engines",
        author=(Name("Müller", "José P."), LOVELACE),
        container_title="X",
        page="1-9",
        issued=Date((2019,)),
        doi="10.1000/xyz",
        url="https://x.org/y",
    )
    assert record.origin.line == 4
    assert json.loads(record.get_extra("dblp-xml rest")) == {"author": {"@orcid": "0000-1"}, "crossref": "conf/x/2019"}
    assert [each.severity for each in batch.problems] == ["note"]


EACH = [
    ("crossref", CROSSREF),
    ("openalex", OPENALEX),
    ("datacite", DATACITE),
    ("semantic-scholar", SCHOLAR),
    ("dblp", DBLP["result"]["hits"]["hit"][0]),
]


@pytest.mark.parametrize(("name", "value"), EACH)
def test_forms_of_one_content(name: str, value: Any) -> None:
    """Alone, in a list, printed over many lines, one a line: the same record, and recognised as such."""
    whole = one(name, value)
    for text in (
        json.dumps(value, indent=1),
        json.dumps([value]),
        json.dumps([value], indent=2),
        json.dumps(value) + "\n",
    ):
        assert [each.name for each in formats.recognise(text)] == [name]
        assert read(name, text).records == (whole,)
    lines = (json.dumps(value) + "\n") * 3
    assert [each.name for each in formats.recognise(lines)] == [name]
    stream = formats.table()[name].read_lines
    assert stream is not None
    assert list(stream(lines.splitlines(keepends=True), OPTIONS)) == [whole] * 3


@pytest.mark.parametrize(("name", "value"), EACH)
def test_a_cut_text_costs_its_last_record(name: str, value: Any) -> None:
    for form in (json.dumps([value] * 3, indent=1), json.dumps([value] * 3), (json.dumps(value) + "\n") * 3):
        batch = read(name, form[: int(len(form) * 0.9)])
        assert len(batch.records) == 2
        assert [each.severity for each in batch.problems] == ["error"]
        assert batch.problems[0].text
    whole = json.dumps({"message": {"items": [CROSSREF] * 3}})
    assert len(read("crossref", whole[: int(len(whole) * 0.9)]).records) == 2


def test_a_broken_work_costs_itself() -> None:
    lines = [json.dumps(CROSSREF), json.dumps(CROSSREF).replace(":", "", 1), json.dumps(CROSSREF)]
    for text, line in (("\n".join(lines), 2), ("[\n" + ",\n".join(lines) + "\n]", 3)):
        batch = read("crossref", text)
        assert len(batch.records) == 2
        (problem,) = batch.problems
        assert problem.origin.line == line


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, '{"x": ' + "9" * 10_000 + "}", "[NaN]", "{}", "[]", "1"]
)
def test_bombs_and_scraps(text: str) -> None:
    assert not formats.recognise(text) or "[]" in text
    for name, _ in EACH:
        assert not read(name, text).records


DECLARED = '<!DOCTYPE dblp [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
BOMB = f'{DECLARED}<dblp><article key="x"><title>&b;</title></article></dblp>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "declares entities"),
        ("<dblp>" + "<article>" * 1000, "nested"),
        (DBLP_XML[:300], "not whole XML"),
        ("<dblp><article key='x'><title>&xyzzy;</title></article></dblp>", "not whole XML"),
    ],
)
def test_bad_xml_is_told(text: str, message: str) -> None:
    batch = read("dblp-xml", text)
    assert not batch.records
    assert message in batch.problems[0].message


KEYS = sorted({key for _, value in EACH for key in value} | set(DATACITE["data"]["attributes"]) | set(SCHOLAR))  # type: ignore[arg-type]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "name", "date-parts"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.data())
def test_reading_never_raises(data: st.DataObject) -> None:
    """A known work of which some values are anything else."""
    for name, value in EACH:
        inner = value["data"]["attributes"] if "data" in value else value.get("info", value)
        inner = {**inner, **data.draw(st.dictionaries(st.sampled_from(sorted(inner)), VALUES, max_size=4))}
        for found in read(name, json.dumps(inner)).records:
            assert isinstance(found, Record)


def bodies(shared: Path, folder: str) -> list[tuple[Path, Any]]:
    found = []
    for path in sorted((shared / folder).glob("*.json")):
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if value:
            found.append((path, value))
    return found


@pytest.mark.parametrize(
    ("folder", "name", "mapped"),
    [
        ("answers/crossref", "crossref", r"/(type|sequence|timestamp)$"),
        ("answers/openalex", "openalex", r"/type$|abstract_inverted_index|/(id|display_name)$"),
        ("answers/datacite", "datacite", r"/(nameType|titleType|descriptionType|dateType|type|identifierType)$"),
        ("answers/semantic_scholar", "semantic-scholar", r"/type$"),
        ("pages/semantic-scholar", "semantic-scholar", r"/type$"),
        ("answers/dblp", "dblp", r"/@score$|/@id$|/url$|/author/text$"),
    ],
)
def test_every_field_of_real_answers_is_kept(shared: Path, folder: str, name: str, mapped: str) -> None:
    count = 0
    for path, value in bodies(shared, folder):
        batch = read(name, json.dumps(value))
        if [each.name for each in formats.recognise(json.dumps(value))] != [name]:
            continue
        count += len(batch.records)
        assert accounting.unsaid(accounting.json_leaves(value), batch, mapped) == [], path.name
    assert count


def test_problems_of_an_answer_that_holds_no_work() -> None:
    batch = read("semantic-scholar", json.dumps([None, SCHOLAR]))
    assert len(batch.records) == 1
    assert batch.problems == (Problem("no work of semantic-scholar", batch.problems[0].origin, "warning", "null"),)


ARTICLE = {
    "@context": "https://schema.org",
    "@type": "ScholarlyArticle",
    "headline": "On Engines",
    "author": [{"@type": "Person", "name": "Ada Lovelace"}, {"@type": "Organization", "name": "Engine Group"}],
    "isPartOf": {
        "@type": "PublicationIssue",
        "issueNumber": "2",
        "isPartOf": {
            "@type": ["PublicationVolume", "Periodical"],
            "name": "J. Engines",
            "volumeNumber": "7",
            "issn": ["1234-5678"],
        },
    },
    "pageStart": "1",
    "pageEnd": "9",
    "datePublished": "2019-03-04",
    "identifier": {"@type": "PropertyValue", "propertyID": "doi", "value": "https://doi.org/10.1000/xyz"},
    "publisher": {"@type": "Organization", "name": "Press"},
    "keywords": "steam, looms",
}


def test_schema_org() -> None:
    for value in (ARTICLE, {"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, ARTICLE]}):
        (record,) = read("schema-org", json.dumps(value)).records
        assert record.replace(extra=()) == Record(
            type="article-journal",
            title="On Engines",
            author=(LOVELACE, Name(literal="Engine Group")),
            container_title="J. Engines",
            volume="7",
            issue="2",
            page="1–9",
            publisher="Press",
            issued=Date((2019, 3, 4)),
            issn="1234-5678",
            doi="10.1000/xyz",
            keyword=("steam", "looms"),
        )
    assert [each.name for each in formats.recognise(json.dumps(ARTICLE))] == ["schema-org"]


def test_codemeta(shared: Path) -> None:
    for path, value in bodies(shared, "pages/codemeta"):
        text = json.dumps(value, indent=2)
        assert [each.name for each in formats.recognise(text)] == ["codemeta"]
        batch = read("codemeta", text)
        assert batch.records[0].type == "software"
        assert accounting.unsaid(accounting.json_leaves(value), batch, r"/@type$|/@context$") == [], path.name


PAPIS = {
    "ref": "ada",
    "papis_id": "x1",
    "type": "article",
    "title": "On Engines",
    "author": "Lovelace, Ada and Babbage, Charles",
    "author_list": [{"family": "Lovelace", "given": "Ada"}, {"family": "Babbage", "given": "Charles"}],
    "journal": "J. Engines",
    "year": 2019,
    "month": 3,
    "tags": ["steam"],
    "files": ["a.pdf"],
    "shelf": "top",
}


def test_papis_in_json_and_yaml() -> None:
    for text in (json.dumps([PAPIS]), "".join(f"{key}: {json.dumps(value)}\n" for key, value in PAPIS.items())):
        assert [each.name for each in formats.recognise(text)] == ["papis"]
        (record,) = read("papis", text).records
        assert record == Record(
            id="ada",
            type="article-journal",
            title="On Engines",
            author=(LOVELACE, Name("Babbage", "Charles")),
            container_title="J. Engines",
            issued=Date((2019, 3)),
            keyword=("steam",),
            extra=(("file", "a.pdf"), ("papis rest", '{"papis_id":"x1","shelf":"top"}')),
        )
