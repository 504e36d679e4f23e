"""Which Zotero field a Record field is, and what a label in Extra means. Tables only; `items` and `compare` read them.

Zotero fields are named by base field (``publicationTitle`` is also a chapter's ``bookTitle``). The first field that an item
type has takes the value; when it has none, the value goes to Extra under the CSL name, a line that Zotero itself
understands and later moves to a native field when a schema brings one.
Sources: zotero-schema 41 (``csl``), https://www.zotero.org/support/kb/item_types_and_fields#citing_fields_from_extra.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from zotero_bridge.extra import fold_label
from zotero_bridge.schema import Schema

__all__ = [
    "CREATORS",
    "DATES",
    "LINES",
    "NATIVE_EXTRA",
    "TEXTS",
    "TYPES",
    "Row",
    "label_of",
    "meaning",
    "native_for",
    "natives",
]


@dataclass(frozen=True, slots=True)
class Row:
    field: str  # of Record
    zotero: tuple[str, ...]  # base fields, the first that a type has is used
    label: str  # in Extra


TEXTS: tuple[Row, ...] = (
    Row("title", ("title",), "title"),
    Row("title_short", ("shortTitle",), "title-short"),
    Row("abstract", ("abstractNote",), "abstract"),
    Row("container_title", ("publicationTitle", "reporter", "code"), "container-title"),
    Row("container_title_short", ("journalAbbreviation",), "container-title-short"),
    Row("collection_title", ("series", "seriesTitle"), "collection-title"),
    Row("collection_number", ("seriesNumber",), "collection-number"),
    Row("event_title", ("conferenceName", "meetingName"), "event-title"),
    Row("event_place", ("eventPlace",), "event-place"),
    Row("volume", ("volume", "codeNumber"), "volume"),
    Row("volume_title", (), "volume-title"),
    Row("issue", ("issue",), "issue"),
    Row("number", ("number",), "number"),
    Row("page", ("pages",), "page"),
    Row("chapter_number", (), "chapter-number"),
    Row("edition", ("edition",), "edition"),
    Row("version", ("versionNumber",), "version"),
    Row("number_of_pages", ("numPages",), "number-of-pages"),
    Row("number_of_volumes", ("numberOfVolumes",), "number-of-volumes"),
    Row("publisher", ("publisher",), "publisher"),
    Row("publisher_place", ("place",), "publisher-place"),
    Row("genre", ("type",), "genre"),
    Row("medium", ("medium",), "medium"),
    Row("status", ("status",), "status"),
    Row("language", ("language",), "language"),
    Row("doi", ("DOI",), "DOI"),
    Row("url", ("url",), "URL"),
    Row("isbn", ("ISBN",), "ISBN"),
    Row("issn", ("ISSN",), "ISSN"),
    Row("pmid", ("PMID",), "PMID"),
    Row("pmcid", ("PMCID",), "PMCID"),
)

DATES: tuple[Row, ...] = (
    Row("issued", ("date",), "issued"),
    Row("submitted", ("filingDate",), "submitted"),
    Row("accessed", ("accessDate",), "accessed"),
    Row("original_date", ("originalDate",), "original-date"),
    Row("event_date", (), "event-date"),
)

CREATORS: tuple[tuple[str, str], ...] = (  # Record field, CSL role; the author is the type's primary creator
    ("author", "author"),
    ("editor", "editor"),
    ("translator", "translator"),
    ("container_author", "container-author"),
    ("collection_editor", "collection-editor"),
)
CSL_ROLES = frozenset(
    (
        "author chair collection-editor compiler composer container-author contributor curator director editor "
        "editor-translator editorial-director executive-producer guest host illustrator interviewer narrator organizer "
        "original-author performer producer recipient reviewed-author script-writer series-creator translator"
    ).split()
)

NATIVE_EXTRA: tuple[tuple[str, str], ...] = (  # name in Record.extra, Zotero base field: what Record has no name for
    ("archive", "archive"),
    ("archive_location", "archiveLocation"),
    ("call-number", "callNumber"),
    ("license", "rights"),
    ("source", "libraryCatalog"),
    ("section", "section"),
    ("scale", "scale"),
    ("authority", "authority"),
    ("part-number", "partNumber"),
    ("part-title", "partTitle"),
    ("original-publisher", "originalPublisher"),
    ("original-publisher-place", "originalPlace"),
    *(
        (name, name)
        for name in (
            "seriesTitle seriesText artworkSize runningTime session committee history references reporter code codeNumber "
            "publicLawNumber system programmingLanguage country assignee applicationNumber priorityNumbers"
        ).split()
    ),
)

LINES: dict[str, str] = {  # name in Record.extra -> the label that Zotero's importer gives it in Extra
    "lccn": "LCCN",
    "mrnumber": "MR",
    "zmnumber": "Zbl",
}

TYPES: dict[str, str] = {  # CSL type -> Zotero item type, where several or none say it in the schema
    "article": "preprint",
    "broadcast": "tvBroadcast",
    "classic": "book",
    "collection": "book",
    "document": "document",
    "entry": "encyclopediaArticle",
    "event": "presentation",
    "figure": "artwork",
    "motion_picture": "film",
    "musical_score": "audioRecording",
    "pamphlet": "manuscript",
    "performance": "presentation",
    "periodical": "book",
    "personal_communication": "letter",
    "regulation": "statute",
    "review": "journalArticle",
    "review-book": "journalArticle",
    "treaty": "statute",
}


@cache
def _labels() -> dict[str, str]:
    """Folded label -> meaning: a Record field, ``type``, ``citationKey``, ``arxiv``, or ``extra:NAME``."""
    known = {"type": "type", "citationkey": "citationKey", "arxiv": "arxiv", "arxivid": "arxiv", "eprint": "arxiv"}
    for row in (*TEXTS, *DATES):
        for name in (row.label, *row.zotero):
            known.setdefault(fold_label(name), row.field)
    for role in CSL_ROLES:
        known.setdefault(fold_label(role), f"role:{role}")
    for name, field in NATIVE_EXTRA:
        known.setdefault(fold_label(name), f"extra:{name}")
        known.setdefault(fold_label(field), f"extra:{name}")
    known.update((fold_label(label), f"line:{name}") for name, label in LINES.items())
    for field, own_names in {"publisher_place": ("place",), "page": ("pages",), "pmcid": ("pmc",)}.items():
        known.update((fold_label(name), field) for name in own_names)
    del known["eprint"]  # Better BibTeX's, with a meaning that depends on other lines
    return known


def meaning(label: str) -> str:
    """What a label in Extra says: see `_labels`; ``""`` when it is not one that Zotero or we know."""
    return _labels().get(fold_label(label), "")


def natives(schema: Schema, item_type: str) -> dict[str, str]:
    """Meaning -> the type's own field, for all meanings that have one; worked out once a type."""
    found = schema.places.get(item_type)
    if found is None:
        kind = schema.types.get(item_type)
        found = {}
        for what, bases in _bases().items() if kind else ():
            if kind and (own := next((name for base in bases if (name := kind.own(base))), "")):
                found[what] = own
        schema.places[item_type] = found
    return found


def native_for(what: str, schema: Schema, item_type: str) -> str:
    """The type's own field for a meaning, or ``""`` when only Extra can hold it."""
    return natives(schema, item_type).get(what, "")


@cache
def _bases() -> dict[str, tuple[str, ...]]:
    found = {row.field: row.zotero for row in (*TEXTS, *DATES)}
    found.update((f"extra:{name}", (field,)) for name, field in NATIVE_EXTRA)
    found["citationKey"] = ("citationKey",)
    return found


def label_of(what: str) -> str:
    """The label under which a meaning is written to Extra."""
    special = {"citationKey": "Citation Key", "arxiv": "arXiv"}
    plain = {row.field: row.label for row in (*TEXTS, *DATES)}
    return special.get(what) or plain.get(what) or what.partition(":")[2] or what
