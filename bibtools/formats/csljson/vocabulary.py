"""The words of CSL-JSON and ours, one table for both directions, and the little that reader and writer must agree on."""

from __future__ import annotations

import re

from bibtools.record import Name

TYPES = frozenset(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset "
    "document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation "
    "manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical "
    "personal_communication post post-weblog regulation report review review-book software song speech standard thesis "
    "treaty webpage".split()
)

TEXT = {  # variables that hold prose, so perhaps mathematics
    "title": "title",
    "title_short": "title-short",
    "container_title": "container-title",
    "container_title_short": "container-title-short",
    "collection_title": "collection-title",
    "event_title": "event-title",
    "event_place": "event-place",
    "volume_title": "volume-title",
    "publisher": "publisher",
    "publisher_place": "publisher-place",
    "genre": "genre",
    "medium": "medium",
    "status": "status",
    "abstract": "abstract",
    "note": "note",
    "annote": "annote",
}
CODES = {  # numbers and identifiers, taken as they are
    "collection_number": "collection-number",
    "volume": "volume",
    "issue": "issue",
    "number": "number",
    "page": "page",
    "chapter_number": "chapter-number",
    "edition": "edition",
    "version": "version",
    "number_of_pages": "number-of-pages",
    "number_of_volumes": "number-of-volumes",
    "language": "language",
    "doi": "DOI",
    "url": "URL",
    "isbn": "ISBN",
    "issn": "ISSN",
    "pmid": "PMID",
    "pmcid": "PMCID",
}
NAMES = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "container_author": "container-author",
    "collection_editor": "collection-editor",
}
DATES = {
    "issued": "issued",
    "submitted": "submitted",
    "accessed": "accessed",
    "original_date": "original-date",
    "event_date": "event-date",
}
ROLES = frozenset(  # creators that the schema knows and Record keeps in `other_creators`
    "chair compiler composer contributor curator director editorial-director executive-producer guest host illustrator "
    "interviewer narrator organizer original-author performer producer recipient reviewed-author script-writer "
    "series-creator".split()
)
EXTRAS = frozenset(  # text variables of the schema that Record keeps in `extra` under the same name
    "archive archive_collection archive_location archive-place authority call-number citation-label citation-number "
    "dimensions division first-reference-note-number jurisdiction locator original-publisher original-publisher-place "
    "original-title page-first part part-title printing references reviewed-genre reviewed-title scale section source "
    "supplement volume-title-short year-suffix".split()
)
ALIASES = {  # other spellings that are read, never written
    "journalAbbreviation": "container-title-short",
    "shortTitle": "title-short",
    "event": "event-title",
    **{each.lower(): each for each in ("DOI", "URL", "ISBN", "ISSN", "PMID", "PMCID")},
}
FIELD_OF = {variable: name for table in (TEXT, CODES, NAMES, DATES) for name, variable in table.items()}
NAME_PARTS = {
    "family": "family",
    "given": "given",
    "non_dropping_particle": "non-dropping-particle",
    "dropping_particle": "dropping-particle",
    "suffix": "suffix",
    "literal": "literal",
}
PART_OF = {variable: part for part, variable in NAME_PARTS.items()}
SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
OTHERS = re.compile(r"(?:and |& ?)?(?:others|et\.? ?al\.?)", re.IGNORECASE)


def html(text: str) -> str:
    if "$" not in text:
        return text
    from bibtools import latex

    return latex.html(text)


def is_others(*last: Name) -> bool:
    """Whether the last of some names (or none) is no person but the words "and others"."""
    return any(not name.given and OTHERS.fullmatch(name.literal or name.family) is not None for name in last)


def arxiv_url(arxiv_id: str) -> str:
    return f"https://arxiv.org/abs/{arxiv_id}"


def split_keywords(text: str) -> tuple[str, ...]:
    """Keywords are one string in CSL: split at semicolons, else at commas."""
    pieces = text.split(";") if ";" in text else text.split(",")
    return tuple(piece for each in pieces if (piece := each.strip()))
