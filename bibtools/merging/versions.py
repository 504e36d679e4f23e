"""Preprint and published: how two records of one work stand to each other, and what a merge makes of it.

"Published" is what has a venue that is not a preprint server, a DOI that is not a server's, or a type that is a
publication by itself (a book, a thesis, a report). Everything else can be upgraded.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bibtools import fold
from bibtools.merging import bundle
from bibtools.record import Record

__all__ = ["Relation", "is_preprint", "is_published", "relation"]


class Relation(StrEnum):
    SAME = "same version"
    UPGRADE = "the published version"  # of what stands as a preprint
    OLDER = "a preprint"  # of what stands published
    OTHER = "another published version"  # a conference paper and the journal article made of it


_SERVERS = re.compile(
    r"\b(?:arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|socarxiv|eartharxiv|techrxiv|engrxiv|hal|ssrn|research square|"
    r"preprints?|pre prints?|eprints?|e prints?|computing research repository|cornell university library)\b"
)
_SERVER_DOIS = (
    "10.48550/", "10.2139/ssrn", "10.21203/rs", "10.31234/", "10.31235/", "10.31219/", "10.31222/", "10.31223/", "10.31224/",
    "10.26434/chemrxiv", "10.20944/preprints", "10.36227/techrxiv", "10.22541/au", "10.1101/20", "10.1101/0", "10.1101/1",
    "10.1101/2", "10.1101/3", "10.1101/4", "10.1101/5", "10.1101/6", "10.1101/7", "10.1101/8", "10.64898/",
)  # fmt: skip
_ALONE = frozenset({"book", "thesis", "report", "chapter", "patent", "standard", "periodical", "dataset", "software"})
_UNTOLD = frozenset({"", "document", "article", "manuscript", "speech"})


def _server_name(venue: str) -> bool:
    return bool(venue) and bool(_SERVERS.search(fold.text(venue)))


def is_published(record: Record) -> bool:
    if record.container_title:
        return not _server_name(record.container_title) or bool(record.page and record.volume and _has_own_doi(record))
    if record.type in _ALONE:
        return not (
            _server_name(record.publisher) or (record.arxiv_id and record.type == "report" and not record.publisher)
        )
    return _has_own_doi(record)


def _has_own_doi(record: Record) -> bool:
    found = fold.doi(record.doi)
    return bool(found) and not found.startswith(_SERVER_DOIS)


def is_preprint(record: Record) -> bool:
    """Whether a record says that it is one; a bare title and author says nothing."""
    if is_published(record):
        return False
    said = (record.container_title, record.publisher, record.genre, record.number)
    return bool(record.arxiv_id) or fold.doi(record.doi).startswith(_SERVER_DOIS) or any(map(_server_name, said))


def _whole(record: Record) -> bool:
    """Whether a publication is told well enough to replace a preprint's: its venue (or what needs none), and its year."""
    return (
        is_published(record)
        and bool(record.container_title or record.type in _ALONE)
        and bundle.year(record) is not None
    )


def relation(standing: Record, coming: Record, same_version: bool = True) -> Relation:
    """What the coming record is to the standing one. The two are known to be the same work."""
    old, new = is_published(standing), is_published(coming)
    if not old and _whole(coming) and (is_preprint(standing) or standing.type in _UNTOLD):
        return Relation.UPGRADE
    if old and not new:
        return Relation.OLDER if is_preprint(coming) else Relation.SAME
    if old and new and not same_version and bundle.conflicts(standing, coming):
        return Relation.OTHER
    return Relation.SAME
