"""The table of formats: one line each. Formats of other packages join through the entry point group `bibtools.formats`."""

from __future__ import annotations

from functools import cache

from bibtools.format import Format
from bibtools.formats import (
    arxiv_atom,
    arxiv_bibtex,
    arxiv_json,
    arxiv_oai,
    bbl,
    bibtex,
    cff,
    copied,
    crossref,
    crossref_xml,
    csljson,
    datacite,
    datacite_xml,
    dblp,
    endnote_xml,
    hayagriva,
    ids,
    listing,
    marcxml,
    mods,
    msbib,
    office,
    openalex,
    outsiders,
    pandoc,
    papis,
    parquet,
    pdf,
    pubmed_xml,
    records,
    reflist,
    retraction_watch,
    ris,
    schema_org,
    semantic_scholar,
    tagged,
    webpage,
)

__all__ = ["BUILT_IN", "recognise", "recognise_bytes", "table", "written_as"]

BUILT_IN: tuple[Format, ...] = (
    bibtex.BIBTEX,
    bibtex.BIBLATEX,
    arxiv_bibtex.FORMAT,
    csljson.FORMAT,
    ris.FORMAT,
    records.FORMAT,
    arxiv_json.FORMAT,
    arxiv_atom.FORMAT,
    arxiv_oai.FORMAT,
    crossref.FORMAT,
    openalex.FORMAT,
    datacite.FORMAT,
    semantic_scholar.FORMAT,
    retraction_watch.FORMAT,
    dblp.JSON,
    dblp.XML,
    tagged.NBIB,
    tagged.ENW,
    tagged.WOS,
    tagged.OVID,
    tagged.INSPEC,
    tagged.REPEC,
    endnote_xml.FORMAT,
    pubmed_xml.FORMAT,
    mods.FORMAT,
    marcxml.FORMAT,
    msbib.FORMAT,
    crossref_xml.FORMAT,
    datacite_xml.FORMAT,
    schema_org.SCHEMA_ORG,
    schema_org.CODEMETA,
    papis.FORMAT,
    cff.FORMAT,
    hayagriva.FORMAT,
    pandoc.FORMAT,
    bbl.BIBER,
    bbl.BIBITEM,
    webpage.FORMAT,
    office.DOCX,
    office.ODT,
    pdf.FORMAT,
    parquet.FORMAT,
    listing.LISTING,
    listing.COMPACT,
    listing.ABSTRACTS,
    *copied.ALL,
    ids.FORMAT,
    reflist.FORMAT,
)


@cache
def table() -> dict[str, Format]:
    """Every format by name, the built-in ones first; one of another package cannot take a built-in name, and is left out
    where it cannot be loaded (`outsiders.failures` says why)."""
    formats = {each.name: each for each in BUILT_IN}
    for each in outsiders.load():
        formats.setdefault(each.name, each)
    return formats


def written_as(suffix: str) -> str | None:
    """The name of the format that a file with this suffix is written in: the first of the table that claims it."""
    wanted = suffix.lower()
    return next((name for name, each in table().items() if each.writable and wanted in each.suffixes), None)


def recognise(text: str) -> tuple[Format, ...]:
    """The formats that say "mine" of a text's first 64 KiB: one is the answer, none or several are for the caller to tell.

    A reference list has no marks of its own, so it is asked last, where no other format claims the text."""
    head = text[:65536]
    found = tuple(each for each in table().values() if each.looks_like is not None and each.looks_like(head))
    return found or ((reflist.FORMAT,) if reflist.is_list(head) else ())


def recognise_bytes(data: bytes) -> tuple[Format, ...]:
    """The formats that say "mine" of bytes that are no text."""
    return tuple(each for each in table().values() if each.magic is not None and each.magic(data))
