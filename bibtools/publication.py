"""Preprint and publication: the servers and repositories, and how two records of one work relate to each other.

The one table of preprint servers (`SERVERS`): their names as they stand in a journal, publisher or note field, and their DOI
prefixes (Crossref and DataCite member lists). A prefix alone is not always enough: 10.1101 is Cold Spring Harbor Laboratory's,
whose journals (Genome Research, 10.1101/gr...) share it with bioRxiv and medRxiv, so the pattern asks for the form of their
numbers. Deposits (Zenodo, OSF, figshare) hold data and software too: those are published there, an article is not.

*Published* is what has a venue that is not a server, a DOI that is not a server's, or a type that is a publication by itself
(a book, a thesis, a report). A *preprint* is what is not published and says so. A bare title and author is neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bibtools import fold, identifiers
from bibtools.record import Record

__all__ = [
    "SERVERS",
    "Relation",
    "Server",
    "is_preprint",
    "is_published",
    "is_server_doi",
    "is_server_name",
    "relation",
]


@dataclass(frozen=True, slots=True)
class Server:
    """``names``: patterns of folded names, as whole words of a field; ``doi``: a pattern of the beginning of a bare DOI."""

    names: tuple[str, ...]
    doi: str = ""


SERVERS = (
    Server(("arxiv", "corr", "computing research repository", "cornell university library"), r"10\.48550/"),
    Server(("biorxiv", "medrxiv"), r"10\.(?:1101/(?:\d{6}(?:v\d+)?$|\d{4}\.\d\d\.\d\d\.\d)|64898/)"),
    Server(("chemrxiv",), r"10\.26434/"),
    Server(("ssrn", "social science research network"), r"10\.2139/ssrn"),
    Server(("research square",), r"10\.21203/rs"),
    Server(("psyarxiv",), r"10\.31234/"),
    Server(("socarxiv",), r"10\.31235/"),
    Server(("osf preprints", "osf"), r"10\.(?:31219|17605)/"),
    Server(("metaarxiv",), r"10\.31222/"),
    Server(("eartharxiv",), r"10\.31223/"),
    Server(("engrxiv",), r"10\.31224/"),
    Server(("agrixiv", "lawarxiv", "edarxiv", "paleorxiv", "africarxiv", "sportrxiv", "biohackrxiv", "ecoevorxiv", "medarxiv"),
           r"10\.(?:3122[05-9]|3123[0-36-9]|31730|35542|32942|37044|51224)/"),
    Server(("preprints org", "pre ?prints?(?! of)", "e ?prints?"),
           r"10\.20944/preprints"),
    Server(("techrxiv",), r"10\.36227/"),
    Server(("authorea",), r"10\.22541/"),
    Server(("peerj preprints",), r"10\.7287/peerj\.preprints"),
    Server(("scienceopen preprints", "cambridge open engage"), r"10\.(?:14293/s2199-1006|33774)/"),
    Server(("egusphere",), r"10\.5194/(?:egusphere|\w+d-)"),
    Server(("^hal$", r"hal \d+", "hal open science", "hal archives?", "archives? ouvertes?")),
    Server(("repec", "openreview")),
    Server(("zenodo",), r"10\.5281/zenodo"),
    Server(("figshare",), r"10\.6084/m9\.figshare"),
)  # fmt: skip
_DOI = re.compile("|".join(server.doi for server in SERVERS if server.doi))
_NAME = re.compile(r"\b(?:" + "|".join(name for server in SERVERS for name in server.names) + r")\b")

# Types that are publications by themselves, wherever they are found.
_COMPLETE_TYPES = frozenset({"book", "thesis", "report", "chapter", "patent", "standard", "periodical"})
_DEPOSITED_TYPES = frozenset({"dataset", "software"})  # published by being deposited
_UNSPECIFIC_TYPES = frozenset({"", "document", "article", "manuscript", "speech"})


@lru_cache(maxsize=1 << 14)
def is_server_name(venue: str) -> bool:
    """Whether a venue, publisher or genre names a preprint server, or says "preprint"."""
    return bool(venue) and bool(_NAME.search(fold.text(venue)))


def is_server_doi(doi: str) -> bool:
    """Whether a DOI (bare, any case) is one that a preprint server or repository gave."""
    return bool(_DOI.match(doi.lower()))


def is_published(record: Record) -> bool:
    if record.type in _DEPOSITED_TYPES:
        return True
    if record.container_title:
        return not is_server_name(record.container_title) or bool(
            record.page and record.volume and _has_own_doi(record)
        )
    if record.type in _COMPLETE_TYPES:
        return not (
            is_server_name(record.publisher) or (record.arxiv_id and record.type == "report" and not record.publisher)
        )
    return _has_own_doi(record)


def _has_own_doi(record: Record) -> bool:
    found = identifiers.doi(record.doi) if record.doi else ""
    return bool(found) and not is_server_doi(found)


def is_preprint(record: Record) -> bool:
    """Whether a record says that it is one; a bare title and author says nothing."""
    if is_published(record):
        return False
    if record.arxiv_id or (record.doi and is_server_doi(identifiers.doi(record.doi))):
        return True
    return any(map(is_server_name, (record.container_title, record.publisher, record.genre, record.number)))


class Relation(StrEnum):
    SAME = "same version"
    UPGRADE = "the published version"  # of an existing preprint
    OLDER = "a preprint"  # of an existing publication
    OTHER = "another published version"  # a conference paper and the journal article made of it


def relation(existing: Record, incoming: Record, contradict: bool) -> Relation:
    """What the incoming record is to the existing one; the two are known to be one work.

    ``contradict``: they are versions of it (by the match) whose publications contradict each other.
    """
    published, incoming_published = is_published(existing), is_published(incoming)
    if not published and _replaces(incoming) and (is_preprint(existing) or existing.type in _UNSPECIFIC_TYPES):
        return Relation.UPGRADE
    if published and not incoming_published:
        return Relation.OLDER if is_preprint(incoming) else Relation.SAME
    if published and incoming_published and contradict:
        return Relation.OTHER
    return Relation.SAME


def _replaces(record: Record) -> bool:
    """Whether a record has a venue (or needs none) and a year, so that it may replace a preprint's."""
    return (
        is_published(record)
        and bool(record.container_title or record.type in _COMPLETE_TYPES | _DEPOSITED_TYPES)
        and record.issued.year is not None
        and not record.issued.inferred
    )
