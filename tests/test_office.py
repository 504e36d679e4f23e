"""Documents of Word and LibreOffice, and PDF: what is not text."""

from __future__ import annotations

import base64
import json
import zipfile
from html import escape
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import formats
from bibtools.api.reading import InputError, read_inputs, read_records
from bibtools.format import ReadOptions
from bibtools.formats.office import package
from bibtools.record import Batch, Date, Name, Record

ITEM = {"id": 7, "type": "book", "title": "On Engines & Looms", "author": [{"family": "Lovelace", "given": "Ada"}]}
CITATION = {
    "citationItems": [{"id": 7, "uris": ["http://zotero.org/users/1/items/A"], "itemData": ITEM}],
    "schema": "x",
}
ENGINES = Record(
    id="7",
    type="book",
    title="On Engines & Looms",
    author=(Name("Lovelace", "Ada"),),
    extra=(("item uri", "http://zotero.org/users/1/items/A"),),
)
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(parts: dict[str, str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package_:
        for name, text in parts.items():
            package_.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


def field(instruction: str, pieces: int = 3) -> str:
    """A field as Word cuts it: its instruction in several runs."""
    step = len(instruction) // pieces + 1
    runs = "".join(
        f'<w:r><w:instrText xml:space="preserve">{escape(instruction[at : at + step])}</w:instrText></w:r>'
        for at in range(0, len(instruction), step)
    )
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return f"{mark.format('begin')}{runs}{mark.format('separate')}<w:r><w:t>[1]</w:t></w:r>{mark.format('end')}"


def docx(body: str, **more: str) -> bytes:
    return packed({"word/document.xml": f"<w:document {WORD}><w:body><w:p>{body}</w:p></w:body></w:document>", **more})


def odt(body: str) -> bytes:
    content = f'<o xmlns:text="urn:t"><text:p>{body}</text:p></o>'
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def read(data: bytes) -> Batch:
    return read_records(data, source="f")


def test_a_field_is_joined_across_runs() -> None:
    for name in ("ZOTERO_ITEM CSL_CITATION", "CSL_CITATION"):  # Zotero, Mendeley Desktop
        batch = read(docx(field(f" ADDIN {name} {json.dumps(CITATION)} ")))
        assert batch == Batch((ENGINES,))


def test_a_work_cited_often_is_one_record() -> None:
    once = field(f"ADDIN ZOTERO_ITEM CSL_CITATION {json.dumps(CITATION)}")
    footnotes = {"word/footnotes.xml": f"<w:footnotes {WORD}><w:p>{once}</w:p></w:footnotes>"}
    assert read(docx(once + once, **footnotes)).records == (ENGINES,)


def test_mendeley_cite_keeps_citations_in_tags() -> None:
    encoded = base64.b64encode(json.dumps(CITATION).encode()).decode().rstrip("=")
    body = f'<w:sdt><w:sdtPr><w:tag w:val="MENDELEY_CITATION_v3_{encoded}"/></w:sdtPr></w:sdt>'
    assert read(docx(body)).records == (ENGINES,)


def test_zotero_bookmarks_are_in_the_properties() -> None:
    text = "ZOTERO_ITEM CSL_CITATION " + json.dumps(CITATION)
    pieces = [text[at : at + 60] for at in range(0, len(text), 60)]
    properties = "".join(
        f'<property name="ZOTERO_BREF_aB3_{number}"><vt:lpwstr>{escape(piece)}</vt:lpwstr></property>'
        for number, piece in reversed(list(enumerate(pieces, 1)))
    )
    custom = f'<Properties xmlns:vt="urn:v">{properties}</Properties>'
    assert read(docx("", **{"docProps/custom.xml": custom})).records == (ENGINES,)


def test_endnote_in_the_field_and_in_its_data() -> None:
    record = '<record><ref-type name="Book">6</ref-type><titles><title>Looms</title></titles></record>'
    xml = f"<EndNote><Cite><Author>L</Author>{record}</Cite></EndNote>"
    data = base64.b64encode(xml.encode() + b"\0").decode()
    for body in (field(f" ADDIN EN.CITE {xml}"), f"<w:r><w:fldData>{data}</w:fldData></w:r>"):
        assert read(docx(body)).records == (Record(type="book", title="Looms"),)


def test_sources_of_word() -> None:
    space = "http://schemas.openxmlformats.org/officeDocument/2006/bibliography"
    source = "<b:Source><b:Tag>a</b:Tag><b:SourceType>Book</b:SourceType><b:Title>Looms</b:Title></b:Source>"
    batch = read(docx("", **{"customXml/item1.xml": f'<b:Sources xmlns:b="{space}">{source}</b:Sources>'}))
    assert batch.records == (Record(id="a", type="book", title="Looms"),)


def test_a_document_without_fields_tells_its_references() -> None:
    body = "".join(
        f"</w:p><w:p><w:r><w:t>{text}</w:t></w:r>" for text in ("Text", "References", "[1] A. B. C.", "[2] D.")
    )
    (problem,) = read(docx(body)).problems
    assert "2 lines" in problem.message
    assert problem.text == "[1] A. B. C.\n[2] D."


def test_odt_reference_marks_and_own_entries() -> None:
    name = escape("ZOTERO_ITEM CSL_CITATION " + json.dumps(CITATION) + " RNDaB3dE5")
    mark = '<text:bibliography-mark text:identifier="b" text:bibliography-type="article" text:author="Ada Lovelace"'
    mark += ' text:title="Looms" text:year="1843" text:custom1="mine"/>'
    batch = read(odt(f'<text:reference-mark-start text:name="{name}"/>x{mark}{mark}'))
    assert batch.records == (
        ENGINES,
        Record(
            id="b",
            type="article-journal",
            title="Looms",
            author=(Name("Lovelace", "Ada"),),
            issued=Date((1843,)),
            extra=(("custom1", "mine"),),
        ),
    )


def test_damage_is_told() -> None:
    whole = docx(field(f"ADDIN ZOTERO_ITEM CSL_CITATION {json.dumps(CITATION)}"))
    for data in (whole[: len(whole) // 2], whole[:60] + bytes(30) + whole[90:]):
        batch = read_records(data, source="f", from_="docx")
        assert any(each.severity == "error" for each in batch.problems)
    broken = read(docx(field("ADDIN ZOTERO_ITEM CSL_CITATION {broken")))
    assert "cannot be read" in broken.problems[0].message


def test_a_bomb_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "LARGEST", 1 << 20)
    bomb = packed({"word/document.xml": " " * (3 << 20)})
    assert len(bomb) < 10_000
    assert "more than 1 MB" in read(bomb).problems[0].message


@given(st.binary(max_size=300))
def test_reading_bytes_never_raises(noise: bytes) -> None:
    for name in ("docx", "odt", "pdf"):
        reader = formats.table()[name].read_bytes
        assert reader is not None
        for data in (noise, b"PK\x03\x04" + noise, docx("")[:40] + noise, b"%PDF-1.4\n" + noise):
            assert isinstance(reader(data, ReadOptions()), Batch)


def test_another_zip_is_neither() -> None:
    assert not formats.recognise_bytes(packed({"a.txt": "x"}))


PDF = b"""%PDF-1.4
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="r" xmlns:dc="d" xmlns:prism="p"><rdf:Description>
<dc:title><rdf:Alt><rdf:li>On Engines</rdf:li></rdf:Alt></dc:title><prism:doi>10.1000/xyz</prism:doi>
<dc:creator><rdf:Seq><rdf:li>Ada Lovelace</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>
"""


def test_a_pdf_is_refused_unless_asked_for() -> None:
    with pytest.raises(InputError, match="pdftotext -layout"):
        read(PDF)
    batch = read_records(PDF, source="f", from_="pdf")
    assert batch.records == (Record(title="On Engines", doi="10.1000/xyz", author=(Name("Lovelace", "Ada"),)),)


def test_real_documents(shared: Path) -> None:
    batch = read((shared / "pages" / "docx" / "zbb-2248.docx").read_bytes())
    assert [each.id for each in batch.records] == ["Aristotle2006RhetoricTheory", "Billig1991IdeologyOpinions"]


def test_a_large_document_is_no_stream_of_lines(tmp_path: Path) -> None:
    body = field(f"ADDIN ZOTERO_ITEM CSL_CITATION {json.dumps(CITATION)}")
    path = tmp_path / "large.docx"
    path.write_bytes(docx(body))
    with zipfile.ZipFile(path, "a") as package_:
        package_.writestr("word/media/image1.png", bytes(range(256)) * 40_000, zipfile.ZIP_STORED)
    assert path.stat().st_size > 8 << 20
    assert read_inputs([str(path)]).batch().records == (ENGINES,)
    other = tmp_path / "large.bin"
    other.write_bytes(b"nothing known " * 700_000)
    assert "not recognised" in read_inputs([str(other)]).failures[0]
