"""A paper's metadata as a Record, and the parts of arXiv's own export that are computed from raw strings."""

from __future__ import annotations

import re

from bibtools import identifiers, latex
from bibtools.arxiv import journal_ref
from bibtools.arxiv.authors import parse_authors, read, read_authors, shown_of
from bibtools.arxiv.tex import text, unicode
from bibtools.record import NO_DATE, Date, Origin, Record

__all__ = ["authors_text", "key_name", "published", "raw_doi", "raw_title", "record"]

NO_ORIGIN = Origin()
_BREAK = re.compile(r"\s*\n\s*")


def record(
    *,
    identifier: str,
    title: str,
    authors: str,
    abstract: str = "",
    categories: tuple[str, ...] = (),
    doi: str = "",
    comments: str = "",
    issued: Date = NO_DATE,
    submitted: Date = NO_DATE,
    extra: tuple[tuple[str, str], ...] = (),
    origin: Origin = NO_ORIGIN,
) -> Record:
    """A paper from the raw strings of its metadata. ``issued`` is the day of its highest version, as arXiv cites it.

    ``comments`` ("15 pages, 5 figures") is no note, which styles print, but a field ``comment``, which none prints.

    ``extra`` is what the source says besides; the raw strings follow it where the record alone would not give them back.
    """
    title = _BREAK.sub(" ", title.strip())  # long titles are folded like mail headers
    reading = read(authors)
    found = identifiers.DOI.search(doi)
    bare = found[0] if found else doi.strip()
    decoded = text(title)
    raw = [("tex-title", title)] if decoded != title else []
    if "(" in authors or not reading.exact:
        raw.append(("tex-authors", authors.strip()))
    if bare != doi.strip():
        raw.append(("raw-doi", doi.strip()))
    return Record(
        type="article",
        title=decoded,
        author=reading.names,
        authors_truncated=reading.truncated,
        abstract=text(abstract),
        categories=categories,
        doi=bare,
        url=f"https://arxiv.org/abs/{identifier}" if identifier else "",
        arxiv_id=identifier,
        issued=issued,
        submitted=submitted,
        extra=(*((("comment", said),) if (said := text(comments)) else ()), *extra, *raw),
        origin=origin,
    )


def published(record: Record) -> Record:
    """A preprint whose ``journal-ref`` says where it was published, as that publication; any other record as it is."""
    if record.type != "article" or record.container_title:
        return record
    said = journal_ref.parse(record.get_extra("journal-ref"))
    if said is None:
        return record
    return record.replace(
        type="article-journal",
        entry_type="",
        container_title=said.journal,
        volume=said.volume,
        issue=said.issue,
        page=said.pages,
        issued=Date((said.year,)),
        extra=tuple(pair for pair in record.extra if pair[0] != "journal-ref"),
    )


def raw_title(record: Record) -> str:
    """The title as arXiv has it, in TeX; the record's own where it has none or was changed since."""
    raw = record.get_extra("tex-title")
    if raw and (text(raw) == record.title or latex.decode(raw) == record.title):
        return raw
    return record.title


def raw_doi(record: Record) -> str:
    """The DOI as the author gave it to arXiv: with a prefix, or several in one."""
    raw = record.get_extra("raw-doi")
    return raw if record.doi and record.doi.lower() in raw.lower() else record.doi


def _raw_authors(record: Record) -> str:
    raw = record.get_extra("tex-authors")
    return raw if raw and read_authors(raw) == (record.author, record.authors_truncated) else ""


def authors_text(record: Record) -> str:
    """The value of arXiv's ``author`` field. ``and others`` is ours: arXiv never cuts a list."""
    raw = _raw_authors(record)
    return read(raw).shown if raw else shown_of(record.author, record.authors_truncated)


def key_name(record: Record) -> str:
    """The name that arXiv begins the key with; ``unknown`` without authors."""
    raw = _raw_authors(record)
    parsed = parse_authors(raw) if raw else ()
    if parsed:
        return unicode(parsed[0].key)
    names = record.author or record.editor
    return names[0].surname if names else "unknown"
