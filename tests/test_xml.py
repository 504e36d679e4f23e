"""The XML kinds: EndNote, PubMed, MODS, MARC, Word's sources, Crossref, DataCite."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import encoding, formats
from bibtools.api import reading
from bibtools.api.reading import read_inputs
from bibtools.format import ReadOptions, WriteOptions
from bibtools.formats import xmlworks
from bibtools.record import FIELDS, Batch, Date, Name, Record

from . import accounting, strategies

ADA, CHARLES = Name("Lovelace", "Ada"), Name("Babbage", "Charles")

ENDNOTE = """<?xml version="1.0"?><xml><records><record>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal" size="100%">Lovelace, Ada</style></author><author>Engine Group,</author>
</authors><secondary-authors><author>Babbage, Charles</author></secondary-authors></contributors>
<titles><title><style face="normal">On </style><style face="italic">E. coli</style></title>
<secondary-title>J. Engines</secondary-title></titles>
<periodical><full-title>Journal of Engines</full-title></periodical>
<volume>7</volume><number>2</number><pages>1-9</pages>
<dates><year>2019</year><pub-dates><date>Mar 3</date></pub-dates></dates>
<isbn>1234-5678 (Print)</isbn><electronic-resource-num>10.1000/xyz</electronic-resource-num>
<keywords><keyword>steam</keyword></keywords><custom1>mine</custom1>
<urls><related-urls><url>https://a.org</url><url>https://b.org</url></related-urls></urls>
</record></records></xml>"""
PUBMED = """<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">123</PMID>
<Article><Journal><ISSN IssnType="Print">1234-5678</ISSN><JournalIssue><Volume>7</Volume><Issue>2</Issue>
<PubDate><Year>2019</Year><Month>Mar</Month></PubDate></JournalIssue><Title>Journal of Engines</Title></Journal>
<ArticleTitle>On <i>E. coli</i> &amp; engines.</ArticleTitle><Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>
<Abstract><AbstractText Label="AIM">First.</AbstractText><AbstractText>Second.</AbstractText></Abstract>
<AuthorList CompleteYN="Y"><Author><LastName>Lovelace</LastName><ForeName>Ada</ForeName><Initials>A</Initials>
<AffiliationInfo><Affiliation>Somewhere</Affiliation></AffiliationInfo></Author>
<Author><CollectiveName>Engine Group</CollectiveName></Author></AuthorList>
<PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList></Article>
<MeshHeadingList><MeshHeading><DescriptorName>Looms</DescriptorName><QualifierName>history</QualifierName></MeshHeading></MeshHeadingList>
</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/xyz</ArticleId></ArticleIdList></PubmedData>
</PubmedArticle></PubmedArticleSet>"""
MODS = """<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods ID="ada19">
<titleInfo><nonSort>The</nonSort><title>Engines</title><subTitle>A Study</subTitle></titleInfo>
<name type="personal"><namePart type="family">Lovelace</namePart><namePart type="given">Ada</namePart>
<role><roleTerm>aut</roleTerm></role></name>
<name type="corporate"><namePart>Engine Group</namePart><role><roleTerm>sponsor</roleTerm></role></name>
<originInfo><dateIssued>2019</dateIssued>
<publisher>Press</publisher><place><placeTerm type="text">London</placeTerm></place></originInfo>
<subject><topic>steam</topic></subject><identifier type="doi">10.1000/xyz</identifier>
<relatedItem type="host"><titleInfo><title>Journal of Engines</title></titleInfo><genre>periodical</genre>
<part><detail type="volume"><number>7</number></detail><extent unit="page"><start>1</start><end>9</end></extent></part>
<identifier type="issn">1234-5678</identifier></relatedItem></mods></modsCollection>"""
MARC = """<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>01080nam a2200265 ca4500</leader>
<controlfield tag="001">X1</controlfield>
<datafield tag="020" ind1=" " ind2=" "><subfield code="a">9783161484100</subfield></datafield>
<datafield tag="100" ind1="1" ind2=" "><subfield code="a">Lovelace, Ada,</subfield><subfield code="d">1815-</subfield></datafield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Engines :</subfield><subfield code="b">a study /</subfield></datafield>
<datafield tag="264" ind1=" " ind2="1"><subfield code="a">London :</subfield><subfield code="b">Press,</subfield>
<subfield code="c">[2019]</subfield></datafield>
<datafield tag="700" ind1="1" ind2=" "><subfield code="a">Babbage, Charles</subfield><subfield code="4">edt</subfield></datafield>
</record></collection>"""
WORD = """<?xml version="1.0"?><b:Sources xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography">
<b:Source><b:Tag>Ada19</b:Tag><b:SourceType>BookSection</b:SourceType><b:Title>Engines</b:Title>
<b:Author><b:Author><b:NameList><b:Person><b:Last>Lovelace</b:Last><b:First>Ada</b:First><b:Middle>K.</b:Middle></b:Person></b:NameList>
</b:Author><b:Editor><b:Corporate>Engine Group</b:Corporate></b:Editor></b:Author>
<b:BookTitle>Looms</b:BookTitle><b:Year>2019</b:Year><b:Month>March</b:Month><b:City>London</b:City><b:Pages>1-9</b:Pages>
<b:StandardNumber>ISBN: 978-3-16-148410-0</b:StandardNumber><b:Station>x</b:Station></b:Source></b:Sources>"""
CROSSREF = """<doi_batch xmlns="http://www.crossref.org/schema/5.3.1"><body><journal>
<journal_metadata language="en"><full_title>Journal of Engines</full_title>
<issn media_type="print">1234-5678</issn></journal_metadata>
<journal_issue><publication_date><year>2019</year></publication_date>
<journal_volume><volume>7</volume></journal_volume></journal_issue>
<journal_article><titles><title>Engines</title></titles><contributors><person_name contributor_role="author" sequence="first">
<given_name>Ada</given_name><surname>Lovelace</surname></person_name></contributors>
<pages><first_page>1</first_page><last_page>9</last_page></pages><doi_data><doi>10.1000/a</doi></doi_data></journal_article>
<journal_article><titles><title>Looms</title></titles><doi_data><doi>10.1000/b</doi></doi_data></journal_article>
</journal></body></doi_batch>"""
DATACITE = """<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">10.5072/x</identifier>
<creators><creator><creatorName nameType="Personal">Lovelace, Ada</creatorName>
<affiliation>Somewhere</affiliation></creator></creators>
<titles><title>Engine Data</title><title titleType="Subtitle">All</title></titles><publisher>Press</publisher>
<publicationYear>2019</publicationYear><resourceType resourceTypeGeneral="Dataset">Table</resourceType>
<subjects><subject>steam</subject></subjects></resource>"""
ENGINE_GROUP = Name(literal="Engine Group")

AFFILIATION = """{"MedlineCitation":{"@Status":"MEDLINE","Article":{"AuthorList":{"Author":
{"AffiliationInfo":{"Affiliation":"Somewhere"}}}}}}""".replace("\n", "")
TABLE = """{"creators":{"name":"Lovelace, Ada","affiliation":"Somewhere"},
"types":{"resourceTypeGeneral":"Dataset","resourceType":"Table"}}""".replace("\n", "")

EACH: list[tuple[str, str, Record]] = [
    (
        "endnote-xml",
        ENDNOTE,
        Record(
            type="article-journal",
            title="On <i>E. coli</i>",
            author=(ADA, ENGINE_GROUP),
            editor=(CHARLES,),
            container_title="J. Engines",
            volume="7",
            issue="2",
            page="1-9",
            issued=Date((2019, 3, 3)),
            doi="10.1000/xyz",
            url="https://a.org",
            issn="1234-5678",
            keyword=("steam",),
            extra=(
                ("periodical", "Journal of Engines"),
                ("endnote-xml isbn", "1234-5678 (Print)"),
                ("url", "https://b.org"),
                ("custom1", "mine"),
            ),
        ),
    ),
    (
        "pubmed-xml",
        PUBMED,
        Record(
            type="article-journal",
            title="On <i>E. coli</i> & engines",
            author=(ADA, ENGINE_GROUP),
            container_title="Journal of Engines",
            volume="7",
            issue="2",
            page="1-9",
            issued=Date((2019, 3)),
            doi="10.1000/xyz",
            issn="1234-5678",
            pmid="123",
            abstract="AIM: First.\nSecond.",
            keyword=("Looms/history",),
            extra=(
                (
                    "pubmed-xml rest",
                    AFFILIATION,
                ),
            ),
        ),
    ),
    (
        "mods",
        MODS,
        Record(
            id="ada19",
            type="article-journal",
            title="The Engines: A Study",
            author=(ADA,),
            other_creators=(("sponsor", (ENGINE_GROUP,)),),
            container_title="Journal of Engines",
            volume="7",
            page="1–9",
            publisher="Press",
            publisher_place="London",
            issued=Date((2019,)),
            doi="10.1000/xyz",
            issn="1234-5678",
            keyword=("steam",),
            extra=(
                (
                    "mods rest",
                    '{"name":{"role":{"roleTerm":"sponsor"}},"relatedItem":{"genre":"periodical"}}',
                ),
            ),
        ),
    ),
    (
        "marcxml",
        MARC,
        Record(
            id="X1",
            type="book",
            title="Engines: a study",
            author=(ADA,),
            editor=(CHARLES,),
            publisher="Press",
            publisher_place="London",
            issued=Date((2019,)),
            isbn="9783161484100",
        ),
    ),
    (
        "msbib",
        WORD,
        Record(
            id="Ada19",
            type="chapter",
            title="Engines",
            author=(Name("Lovelace", "Ada K."),),
            editor=(ENGINE_GROUP,),
            container_title="Looms",
            page="1-9",
            publisher_place="London",
            issued=Date((2019, 3)),
            isbn="978-3-16-148410-0",
            extra=(("msbib rest", '{"Station":"x"}'),),
        ),
    ),
    (
        "crossref-xml",
        CROSSREF,
        Record(
            type="article-journal",
            title="Engines",
            author=(ADA,),
            container_title="Journal of Engines",
            volume="7",
            page="1–9",
            issued=Date((2019,)),
            doi="10.1000/a",
            issn="1234-5678",
            language="en",
        ),
    ),
    (
        "datacite-xml",
        DATACITE,
        Record(
            type="dataset",
            title="Engine Data: All",
            author=(ADA,),
            publisher="Press",
            issued=Date((2019,)),
            doi="10.5072/x",
            keyword=("steam",),
            extra=(
                ("subtitle", "All"),
                (
                    "datacite-xml rest",
                    TABLE,
                ),
            ),
        ),
    ),
]
UNSTABLE = {"marcxml"}  # indicators and life dates are kept, whatever their form


def read(name: str, text: str) -> Batch:
    reader = formats.table()[name].read
    assert reader is not None
    return reader(text, ReadOptions(source="f"))


def without_rest(name: str, record: Record) -> Record:
    return record.replace(extra=tuple(pair for pair in record.extra if pair[0] != f"{name} rest"))


@pytest.mark.parametrize(("name", "text", "expected"), EACH)
def test_a_record_of_each(name: str, text: str, expected: Record) -> None:
    assert [each.name for each in formats.recognise(text)] == [name]
    batch = read(name, text)
    assert not batch.problems
    found = without_rest(name, batch.records[0]) if name in UNSTABLE else batch.records[0]
    assert found == expected


def test_each_article_of_a_journal_has_what_is_said_of_the_journal() -> None:
    _, second = read("crossref-xml", CROSSREF).records
    assert (second.title, second.doi, second.container_title, second.volume) == (
        "Looms",
        "10.1000/b",
        "Journal of Engines",
        "7",
    )


def test_the_life_dates_of_an_author_are_kept() -> None:
    assert "1815" in read("marcxml", MARC).records[0].get_extra("marcxml rest")


def test_a_stream_of_lines_gives_the_same() -> None:
    for name, text, _ in EACH:
        stream = formats.table()[name].read_lines
        assert stream is not None
        found = list(stream(text.splitlines(keepends=True), ReadOptions(source="f")))
        assert tuple(each for each in found if isinstance(each, Record)) == read(name, text).records


@pytest.mark.parametrize(("name", "text", "expected"), EACH)
def test_a_cut_file_is_told_and_keeps_the_whole_records(name: str, text: str, expected: Record) -> None:
    cut = read(name, text[: int(len(text) * 0.8)])
    assert any(each.severity == "error" for each in cut.problems)
    assert len(cut.records) <= 1


@pytest.mark.parametrize(("name", "text", "expected"), EACH)
def test_a_declared_entity_is_refused(name: str, text: str, expected: Record) -> None:
    body = text.partition("?>")[2] or text
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + body.replace("Engines", "&b;")
    batch = read(name, bomb)
    assert not batch.records
    assert "entities" in batch.problems[0].message


@given(st.text(max_size=200), st.sampled_from(EACH), st.integers(0, 2000))
def test_reading_never_raises(noise: str, case: tuple[str, str, Record], at: int) -> None:
    name, text, _ = case
    assert isinstance(read(name, text[:at] + noise + text[at:]), Batch)


@pytest.mark.parametrize("name", ["endnote-xml", "msbib"])
@given(st.lists(strategies.hostile_records(), max_size=3))
def test_what_is_written_is_read_again(name: str, records: list[Record]) -> None:
    """Nothing raises, no record vanishes, and what is lost is named."""
    each = formats.table()[name]
    assert each.write is not None
    assert each.losses is not None
    text = "".join(each.write(records, WriteOptions()))
    batch = read(name, text)
    assert not batch.problems
    assert len(batch.records) == len(records)
    for record, back in zip(records, batch.records, strict=True):
        lost = each.losses(record)
        kept = [field for field in FIELDS if field not in lost]
        assert all(getattr(record, field) == getattr(back, field) for field in kept)


@pytest.mark.parametrize(("name", "free"), [("endnote-xml", set()), ("msbib", {"issn", "doi"})])
def test_an_ordinary_article_survives(name: str, free: set[str]) -> None:
    record = Record(
        id="ada19",
        type="article-journal",
        title="On <i>E. coli</i>" if name == "endnote-xml" else "On E. coli",
        author=(ADA, Name("Berg", "Jan", dropping_particle="van der") if name == "endnote-xml" else CHARLES),
        container_title="Journal of Engines",
        volume="7",
        issue="2",
        page="1–9",
        issued=Date((2019, 3)),
        doi="10.1000/xyz",
        url="https://a.org",
        keyword=("steam", "looms"),
    )
    losses = formats.table()[name].losses
    assert losses is not None
    assert losses(record) == ()
    again = "".join(formats.table()[name].write((record,), WriteOptions()))  # type: ignore[misc]
    assert [each.name for each in formats.recognise(again)] == [name]


@pytest.mark.parametrize(
    ("folder", "mapped"),
    [
        ("endnote-xml", r"style/@|/ref-type|/periodical|/abbr|/isbn"),
        (
            "pubmed",
            r"AuthorList/@|Author/@|/Initials|/AbstractText/@|/@(schema|Version)|PublicationType|/@(MajorTopicYN|Owner|ValidYN)|/@(IdType|EIdType|book|part)$",
        ),
        (
            "mods",
            r"schemaLocation$|/dateIssued|/@version|/@access|/@(type|unit|usage|encoding|keyDate|authority|point)$|/roleTerm|/issuance|/typeOfResource",
        ),
        (
            "marcxml",
            r"/@(code|ind1|ind2|tag)$|/leader|zs:|/(version|numberOfRecords|recordSchema|recordPacking|recordPosition)$|/j$",
        ),
        ("msbib", r"/SourceType|/@SelectedStyle|/BIBTEX_Entry|/StandardNumber"),
        ("crossref", r"/(head|query|crm-item|doi_batch_id|@.*)|/doi$"),
        (
            "datacite",
            r"schemaLocation$|/@(identifierType|nameType|titleType|descriptionType|lang|dateType|contributorType)$",
        ),
    ],
)
def test_every_field_of_real_files_is_kept(shared: Path, folder: str, mapped: str) -> None:
    count = 0
    for path in sorted((shared / "pages" / folder).iterdir()):
        text = encoding.readable(encoding.decode(path.read_bytes()).text)
        (found,) = formats.recognise(text)
        batch = read(found.name, text)
        count += len(batch.records)
        body = text.lstrip("\ufeff \n").partition("?>")[2] if text.lstrip("\ufeff \n").startswith("<?xml") else text
        body = xmlworks.declared(body.lstrip())
        try:
            root = fromstring(body)
        except SyntaxError:
            continue  # cut files are told
        leaves = [(where, each) for where, each in accounting.xml_leaves(root) if "juin" not in each]  # a month
        assert accounting.unsaid(leaves, batch, mapped) == [], path.name
    assert count


def test_hostile_depth_is_bounded() -> None:
    text = "<modsCollection><mods>" + "<note>" * 5000
    assert "nested" in read("mods", text).problems[0].message


@pytest.mark.parametrize("unit", ["<!-- x -->\n", "<?x y?>", "<!DOCTYPE x [", "<a:b ", "<!--"])
def test_a_long_prolog_is_looked_at_in_one_pass(unit: str) -> None:
    """One expression for declarations and comments took exponential time."""
    assert not formats.recognise(unit * 5000)


def test_a_large_file_that_is_not_utf8_loses_no_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STREAM_FROM", 1 << 16)
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<dblp>\n'
    record = '<article key="k{}"><author>José Müller</author><title>Größe.</title></article>\n'
    path = tmp_path / "large.xml"
    path.write_bytes((head + "".join(record.format(n) for n in range(2_000)) + "</dblp>\n").encode("latin-1"))
    assert path.stat().st_size > reading.STREAM_FROM
    first = next(read_inputs([str(path)]).records())
    assert (first.title, first.author) == ("Größe", (Name("Müller", "José"),))
