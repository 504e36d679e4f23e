"""The words of BibTeX and biblatex beside those of CSL: one table a subject, used in both directions.

Sources: btxdoc.pdf section 3; biblatex manual sections 2.1 (types), 2.2 (fields), 2.3.5 (language), 4.9.2 (keys of types);
the CSL 1.0.2 specification; where they leave a choice, pandoc's reading of biblatex.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

__all__ = [
    "CLASSIC",
    "CLASSIC_FORM",
    "ENTRY_TYPES",
    "FORM_OF",
    "GENRES",
    "LANGUAGES",
    "LANGUAGE_NAMES",
    "ORIGINALS",
    "SLOTS",
    "SUBTYPES",
    "THESES",
    "Slot",
    "number_field",
    "slot_of",
]

ENTRY_TYPES: dict[str, str] = {  # entry type: CSL type
    "article": "article-journal",
    "suppperiodical": "article-journal",
    "book": "book",
    "mvbook": "book",
    "collection": "book",
    "mvcollection": "book",
    "manual": "book",
    "proceedings": "book",
    "mvproceedings": "book",
    "reference": "book",
    "mvreference": "book",
    "booklet": "pamphlet",
    "incollection": "chapter",
    "inbook": "chapter",
    "bookinbook": "chapter",
    "suppbook": "chapter",
    "suppcollection": "chapter",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "inreference": "entry-encyclopedia",
    "techreport": "report",
    "report": "report",
    "phdthesis": "thesis",
    "thesis": "thesis",
    "mastersthesis": "thesis",
    "online": "webpage",
    "electronic": "webpage",
    "www": "webpage",
    "misc": "document",
    "unpublished": "manuscript",
    "patent": "patent",
    "periodical": "periodical",
    "dataset": "dataset",
    "software": "software",
    "standard": "standard",
    "movie": "motion_picture",
    "video": "motion_picture",
    "audio": "song",
    "music": "song",
    "artwork": "graphic",
    "image": "figure",
    "letter": "personal_communication",
    "performance": "performance",
    "review": "review",
    "jurisdiction": "legal_case",
    "legislation": "legislation",
    "legal": "treaty",
}

FORM_OF: dict[str, str] = {  # CSL type: entry type (biblatex); the others are @misc
    "article": "misc",
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "classic": "book",
    "pamphlet": "booklet",
    "chapter": "incollection",
    "paper-conference": "inproceedings",
    "entry": "inreference",
    "entry-dictionary": "inreference",
    "entry-encyclopedia": "inreference",
    "report": "report",
    "thesis": "thesis",
    "webpage": "online",
    "post": "online",
    "post-weblog": "online",
    "manuscript": "unpublished",
    "speech": "unpublished",
    "patent": "patent",
    "periodical": "periodical",
    "dataset": "dataset",
    "software": "software",
    "standard": "standard",
    "motion_picture": "video",
    "broadcast": "video",
    "song": "audio",
    "graphic": "artwork",
    "figure": "image",
    "map": "image",
    "personal_communication": "letter",
    "performance": "performance",
    "review": "review",
    "review-book": "review",
    "legal_case": "jurisdiction",
    "hearing": "jurisdiction",
    "legislation": "legislation",
    "bill": "legislation",
    "regulation": "legislation",
    "treaty": "legal",
    "document": "misc",
}
# values of biblatex's free field `entrysubtype` that name a CSL type in other words
SUBTYPES: dict[str, str] = {"magazine": "article-magazine", "newspaper": "article-newspaper"}

CLASSIC = frozenset(
    """article book booklet conference inbook incollection inproceedings manual mastersthesis misc phdthesis proceedings
    techreport unpublished""".split()
)
CLASSIC_FORM: dict[str, str] = {  # biblatex's types in BibTeX; those without a row are @misc
    "mvbook": "book",
    "collection": "book",
    "mvcollection": "book",
    "reference": "book",
    "mvreference": "book",
    "mvproceedings": "proceedings",
    "bookinbook": "inbook",
    "suppbook": "inbook",
    "suppcollection": "incollection",
    "inreference": "incollection",
    "suppperiodical": "article",
    "review": "article",
    "report": "techreport",
    "thesis": "phdthesis",
}
ORIGINALS: dict[str, str] = {  # biblatex's fields of the first edition and CSL's variables, which `extra` may hold
    "origpublisher": "original-publisher",
    "origlocation": "original-publisher-place",
    "origtitle": "original-title",
}
THESES: dict[str, str] = {"phdthesis": "PhD thesis", "mastersthesis": "Master's thesis"}
GENRES: dict[str, str] = {  # biblatex's keys for the field `type`
    "phdthesis": "PhD thesis",
    "mathesis": "Master's thesis",
    "bathesis": "Bachelor's thesis",
    "candthesis": "Candidate thesis",
    "techreport": "technical report",
    "resreport": "research report",
    "software": "computer software",
    "datacd": "data CD",
    "audiocd": "audio CD",
    "patent": "patent",
    "patentde": "German patent",
    "patenteu": "European patent",
    "patentfr": "French patent",
    "patentuk": "British patent",
    "patentus": "U.S. patent",
    "patreq": "patent request",
    "patreqde": "German patent request",
    "patreqeu": "European patent request",
    "patreqfr": "French patent request",
    "patrequk": "British patent request",
    "patrequs": "U.S. patent request",
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of the Record and the BibTeX fields that carry it, the best first.

    ``kind``: "title" (braces protect words), "text", "names", "verbatim" (no TeX), "number" (TeX, but short and plain),
    "pages", "date", "keywords", "language", "genre". ``written`` is the name in BibTeX and in biblatex.
    """

    field: str
    kind: str
    names: tuple[str, ...]
    written: tuple[str, str]


def row(field: str, kind: str, *names: str, classic: str = "") -> Slot:
    return Slot(field, kind, names, (classic or names[0], names[0]))


# in the order in which fields are written; what depends on the type of the entry (container, number, publisher) has its own
# rules in `reading` and `writing`
SLOTS: tuple[Slot, ...] = (
    row("author", "names", "author"),
    row("editor", "names", "editor"),
    row("translator", "names", "translator"),
    row("container_author", "names", "bookauthor"),
    row("title", "title", "title"),
    row("title_short", "title", "shorttitle"),
    row("container_title", "title", "journaltitle", "journal", "booktitle", classic="journal"),
    row("container_title_short", "title", "shortjournal"),
    row("event_title", "title", "eventtitle"),
    row("event_date", "date", "eventdate"),
    row("event_place", "text", "venue"),
    row("issued", "date", "date"),
    row("original_date", "date", "origdate"),
    row("collection_title", "title", "series"),
    row("volume", "number", "volume"),
    row("number_of_volumes", "number", "volumes"),
    row("issue", "number", "issue"),
    row("number", "number", "number"),
    row("collection_number", "number", "number"),
    row("page", "pages", "pages"),
    row("number_of_pages", "number", "pagetotal"),
    row("chapter_number", "number", "chapter"),
    row("edition", "number", "edition"),
    row("version", "number", "version"),
    row("genre", "genre", "type"),
    row("publisher", "text", "publisher", "institution", "school", "organization"),
    row("publisher_place", "text", "location", "address", classic="address"),
    row("status", "text", "pubstate"),
    row("language", "language", "langid", "hyphenation", "language"),
    row("isbn", "verbatim", "isbn"),
    row("issn", "verbatim", "issn"),
    row("doi", "verbatim", "doi"),
    row("url", "verbatim", "url"),
    row("accessed", "date", "urldate"),
    row("arxiv_id", "verbatim", "eprint", "arxivid"),  # the second as Mendeley writes it
    row("categories", "verbatim", "eprintclass", "primaryclass", classic="primaryclass"),
    row("pmid", "verbatim", "pmid"),
    row("pmcid", "verbatim", "pmcid"),
    row("medium", "text", "medium"),
    row("note", "text", "note"),
    row("keyword", "keywords", "keywords", "keyword"),
    row("abstract", "text", "abstract"),
    row("annote", "text", "annotation", "annote", classic="annote"),
)


@cache
def slot_of() -> dict[str, tuple[int, Slot]]:
    """By BibTeX field: how good a carrier it is (0 best), and of what. ``number`` is decided by `number_field`."""
    return {
        name: (rank, slot)
        for slot in SLOTS
        for rank, name in enumerate(slot.names)
        if slot.field != "collection_number"
    }


SERIES_NUMBER = frozenset(
    "book chapter paper-conference entry entry-encyclopedia entry-dictionary classic pamphlet".split()
)
ISSUE_NUMBER = frozenset("article-journal article-magazine article-newspaper periodical review review-book".split())


def number_field(csl_type: str) -> str:
    """Which Record field the BibTeX field ``number`` carries: of an article the issue, of a book its place in the series."""
    if csl_type in SERIES_NUMBER:
        return "collection_number"
    return "issue" if csl_type in ISSUE_NUMBER else "number"


LANGUAGES: dict[
    str, str
] = {  # babel's names (biblatex manual, table 2): language tag, the way back takes the first name
    "american": "en-US",
    "USenglish": "en-US",
    "english": "en-US",
    "british": "en-GB",
    "UKenglish": "en-GB",
    "canadian": "en-CA",
    "australian": "en-AU",
    "newzealand": "en-NZ",
    "ngerman": "de-DE",
    "german": "de-DE",
    "naustrian": "de-AT",
    "austrian": "de-AT",
    "nswissgerman": "de-CH",
    "swissgerman": "de-CH",
    "french": "fr-FR",
    "francais": "fr-FR",
    "canadien": "fr-CA",
    "acadian": "fr-CA",
    "spanish": "es-ES",
    "italian": "it-IT",
    "portuguese": "pt-PT",
    "portuges": "pt-PT",
    "brazilian": "pt-BR",
    "brazil": "pt-BR",
    "dutch": "nl-NL",
    "danish": "da-DK",
    "swedish": "sv-SE",
    "norsk": "nb-NO",
    "nynorsk": "nn-NO",
    "finnish": "fi-FI",
    "icelandic": "is-IS",
    "polish": "pl-PL",
    "czech": "cs-CZ",
    "slovak": "sk-SK",
    "slovene": "sl-SI",
    "slovenian": "sl-SI",
    "croatian": "hr-HR",
    "serbian": "sr-RS",
    "hungarian": "hu-HU",
    "magyar": "hu-HU",
    "romanian": "ro-RO",
    "bulgarian": "bg-BG",
    "russian": "ru-RU",
    "ukrainian": "uk-UA",
    "greek": "el-GR",
    "turkish": "tr-TR",
    "estonian": "et-EE",
    "latvian": "lv-LV",
    "lithuanian": "lt-LT",
    "catalan": "ca-AD",
    "galician": "gl-ES",
    "basque": "eu-ES",
    "latin": "la",
    "arabic": "ar",
    "hebrew": "he-IL",
    "japanese": "ja-JP",
    "vietnamese": "vi-VN",
    "indonesian": "id-ID",
    "thai": "th-TH",
    "afrikaans": "af-ZA",
}
LANGUAGE_NAMES: dict[str, str] = {}
for _name, _tag in LANGUAGES.items():
    LANGUAGE_NAMES.setdefault(_tag, _name)
