"""The words of CSL-JSON and ours, one table for both directions, and the little that reader and writer must agree on."""

from __future__ import annotations

import re

from bibtools.record import Name, Record

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
EPRINTS = {  # where biblatex links an `eprint` to, by `eprinttype` (manual, section 3.14.7)
    "arxiv": "https://arxiv.org/abs/",
    "jstor": "https://www.jstor.org/stable/",
    "hdl": "https://hdl.handle.net/",
    "pubmed": "https://pubmed.ncbi.nlm.nih.gov/",
    "googlebooks": "https://books.google.com?id=",
}
# the biblatex keys that stand for words, where a value consists of one (manual, section 4.9.2; the .lbx files)
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
WORDS: dict[str, tuple[str, ...]] = {
    "newseries": ("New series", "Neue Folge", "Nouvelle série", "Nueva época", "Nuova serie", "Nieuwe reeks"),
    "oldseries": ("Old series", "Alte Folge", "Ancienne série", "Antigua época", "Vecchia serie", "Oude reeks"),
    "inpreparation": (
        "in preparation", "in Vorbereitung", "en préparation", "en preparación", "in preparazione", "in voorbereiding",
    ),
    "inpress": ("in press", "im Druck", "sous presse", "en prensa", "in corso di stampa", "in druk"),
    "forthcoming": (
        "forthcoming", "im Erscheinen", "à paraître", "próximamente", "in corso di pubblicazione", "te verschijnen",
    ),
    "submitted": ("submitted", "eingereicht", "soumis", "enviado", "sottoposto", "ingediend"),
    "prepublished": (
        "pre-published", "Vorveröffentlichung", "prépublié", "prepublicado", "prepubblicato", "voorgepubliceerd",
    ),
    "phdthesis": (
        "PhD thesis", "Dissertation", "thèse de doctorat", "tesis doctoral", "tesi di dottorato", "proefschrift",
    ),
    "mathesis": (
        "Master’s thesis", "Masterarbeit", "mémoire de master", "tesis de máster", "tesi di laurea magistrale",
        "masterscriptie",
    ),
    "bathesis": (
        "Bachelor’s thesis", "Bachelorarbeit", "mémoire de licence", "tesis de grado", "tesi di laurea", "bachelorscriptie",
    ),
    "techreport": (
        "technical report", "technischer Bericht", "rapport technique", "informe técnico", "rapporto tecnico",
        "technisch rapport",
    ),
    "resreport": (
        "research report", "Forschungsbericht", "rapport de recherche", "informe de investigación",
        "rapporto di ricerca", "onderzoeksrapport",
    ),
}  # fmt: skip
SERIES = ("series", "Folge", "série", "época", "serie", "reeks")
LOCALISED = {
    "jurisdiction": {
        "countryde": "Germany",
        "countryeu": "European Union",
        "countryep": "European Union",
        "countryfr": "France",
        "countryuk": "United Kingdom",
        "countryus": "United States of America",
    },
}
SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}
RANGE = re.compile(r"(?<![\w–-])(\d+)-(\d+)(?![\w–-])")
OTHERS = re.compile(r"(?:and |& ?)?(?:others|et\.? ?al\.?)", re.IGNORECASE)


def shown(variable: str, text: str) -> str:
    """A text of a Record as CSL-JSON has it."""
    if variable == "page":
        return text.replace("–", "-")  # the style chooses its own dash
    if "$" in text:
        from bibtools import latex

        text = latex.html(text)
    return LOCALISED.get(variable, {}).get(text, text)


def localised(key: str, language: str) -> str:
    """The words that a key of biblatex stands for in the language of a work, English where we do not know them."""
    place = LANGUAGES.index(language[:2].lower()) if language[:2].lower() in LANGUAGES else 0
    if key.isdigit():
        return f"{ordinal(int(key), language)} {SERIES[place]}"
    return WORDS[key][place] if key in WORDS else key


def translations(text: str, language: object) -> tuple[str, ...]:
    """What `localised` may have made of a text."""
    if text.isdecimal() and len(text) < 4:
        return (localised(text, language if isinstance(language, str) else ""),)
    return tuple(words for key, row in WORDS.items() if text in (key, row[0].replace("’", "'")) for words in row)


def ordinal(number: int, language: str) -> str:
    if language[:2].lower() == "de":
        return f"{number}."
    if language[:2].lower() in LANGUAGES[2:]:
        return f"{number}{'e' if language[:2].lower() in ('fr', 'nl') else 'ª'}"
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def recorded(variable: str, text: str) -> str:
    """A text of CSL-JSON as a Record has it: the ranges of pages whose begin and end are sure have a dash."""
    if variable != "page":
        return text
    return RANGE.sub(lambda found: f"{found[1]}–{found[2]}" if _ascends(found[1], found[2]) else found[0], text)


def _ascends(begin: str, end: str) -> bool:
    """``101-9`` ends at 109; ``17-3`` is page 3 of chapter 17."""
    end = begin[: len(begin) - len(end)] + end
    return (len(begin), begin) <= (len(end), end)


def jurisdiction(location: str) -> str:
    """The location of a patent, in biblatex a list of keys or words joined by ``and``."""
    return "; ".join(shown("jurisdiction", each.strip()) for each in location.split(" and "))


def eprint_url(record: Record) -> str:
    """Where a work without URL can be read, by its identifier in an archive; the version that the source names."""
    eprint = record.get_extra("eprint")
    if record.arxiv_id:
        version = re.search(r"v\d{1,3}$", eprint) if record.arxiv_id in eprint else None
        return EPRINTS["arxiv"] + record.arxiv_id + (version[0] if version else "")
    archive = record.get_extra("eprinttype") or record.get_extra("archiveprefix")
    return EPRINTS.get(archive.lower(), "") + eprint if eprint and archive.lower() in EPRINTS else ""


def is_others(*last: Name) -> bool:
    """Whether the last of some names (or none) is no person but the words "and others"."""
    return any(not name.given and OTHERS.fullmatch(name.literal or name.family) is not None for name in last)


def split_keywords(text: str) -> tuple[str, ...]:
    """Keywords are one string in CSL: split at semicolons, else at commas."""
    pieces = text.split(";") if ";" in text else text.split(",")
    return tuple(piece for each in pieces if (piece := each.strip()))
