"""A labelled reference as a Record, with a probability for each field.

What is known by its form (DOI, arXiv number, address, ISBN, PMID) is taken from the text before the labels count. A type is
given only for a reason that stands in the text: a thesis, report, patent, standard or web page is never an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from bibtools import dates, identifiers
from bibtools.formats.draft import Draft
from bibtools.formats.reflist.authors import parted, stays_whole
from bibtools.formats.reflist.model import Labelled
from bibtools.formats.reflist.tokens import Tokens
from bibtools.record import Date, Origin, Record

__all__ = ["CORE", "Read", "Span", "read", "spans"]

CORE = ("author", "title", "container_title", "volume", "issue", "page", "issued", "publisher")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a reference that is one field: its label, its text, its words (from, to), how probable it is."""

    label: str
    text: str
    start: int
    end: int
    sure: float


@dataclass(slots=True)
class Read:
    """A record, the probability of each of its fields that the model gave, and the texts that have no place in it."""

    record: Record
    sure: dict[str, float] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)  # the value of each of these fields as it stands in the text
    unplaced: list[tuple[str, str, float]] = field(default_factory=list)
    unparted: list[tuple[str, str]] = field(default_factory=list)  # lists of people that are one literal name
    rest: str = ""  # of another publication in the same reference, not read


def spans(tokens: Tokens, labelled: Labelled) -> Iterator[Span]:
    """The fields of a reference in their order. The probability is that of the least sure word of the field and of its ends."""
    labels, count = labelled.labels, len(labelled.labels)
    start = 0
    while start < count:
        end = start + 1
        while end < count and labels[end] == labels[start] and not labelled.begins[end]:
            end += 1
        if labels[start] != "O":
            sure = min(min(labelled.sure[start:end]), 1 - labelled.earlier[start])
            if end < count:
                sure = min(sure, 1 - labelled.goes_on[end])
            yield Span(labels[start], _text(tokens, labels[start], start, end), start, end, sure)
        start = end


ABBREVIATED = re.compile(r"\w\.\s")
SHORT = re.compile(r"\b(?:Inc|Ltd|Co|Corp|Jr|Sr|al|[A-Z]|[A-Z]-[A-Z]|[A-Z][hjut])\Z")


def _text(tokens: Tokens, label: str, start: int, end: int) -> str:
    """The text of a field, with the full stop of an abbreviation and the bracket that belong to its last word."""
    first, last = tokens.spans[start][0], tokens.spans[end - 1][1]
    text, after = tokens.text[first:last], tokens.gaps[end]
    mark = after.lstrip()[:1]
    if text.count("(") > text.count(")") and mark == ")":
        return tokens.text[first : last + after.index(")") + 1]
    if mark == "." and (
        (label in ("journal", "book", "series") and ABBREVIATED.search(text))
        or (label in PEOPLE and SHORT.search(text))
        or (label in ("publisher", "title", "book") and re.search(r"\b(?:Inc|Ltd|Co|Corp|et al|U\.S|U\.K)\Z", text))
    ):
        return text + "."
    if mark in ("?", "!") and label in ("title", "book", "journal"):
        return text + mark
    return text


PEOPLE = ("author", "editor", "translator")


# --- one reference ----------------------------------------------------------------------------------------------------

ADDRESS = re.compile(r"(?:https?|ftp)\s?:\s?//[^\s<>\"“”]+|www\.[^\s<>\"“”]+", re.IGNORECASE)
REVIEW = re.compile(r"\bMR\s?(\d{4,7})\b(?:\s*\(\S+\))?")  # of Mathematical Reviews
PMID = re.compile(r"\bPMID[:\s]*(\d{4,9})\b", re.IGNORECASE)
PMCID = re.compile(r"\bPMC\s?\d{3,9}\b", re.IGNORECASE)
YEAR = re.compile(r"(?<![\d])(?:1[4-9]|20)\d\d(?!\d)")
ARXIV = re.compile(
    r"(?:\barXiv\s*[:.]?\s*)?\b(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?\s*\[[a-z.-]+(?:\.[A-Za-z-]+)?\]|\barXiv\s*[:.]\s*(?=\d|[a-z-]+/)",
    re.IGNORECASE,
)

THESIS = re.compile(
    r"\b(?:ph\.?\s?d\.?|doctoral|master(?:['’]?s)?|m\.?\s?sc\.?|m\.?\s?s\.|bachelor(?:['’]?s)?|habilitation\w*|doktor\w*)\s*(?:\w+\s)?(?:thesis|dissertation|schrift|arbeit)\b|"
    r"\b(?:thesis|dissertation|diplomarbeit|doktorarbeit|magisterarbeit|masterarbeit|habilitationsschrift|"
    r"th[eè]se d|tesi(?:s)? d|ph\.?\s?d\b|\bDiss\.)",
    re.IGNORECASE,
)
REPORT = re.compile(
    r"\b(?:tech(?:nical|\.)?\s+(?:report|rep\.?|note|memo\w*)|research report|working paper|discussion paper|"
    r"white paper|internal (?:report|note)|"
    r"report\s+(?:no|nr|number)\b|forschungsbericht|arbeitspapier|diskussionspapier|rapport (?:de recherche|"
    r"technique)|documents? de travail)",
    re.IGNORECASE,
)
PATENT = re.compile(
    r"\b(?:[A-Z]{2}\s|U\.?S\.?\s|European\s|German\s)?Patent(?:schrift|anmeldung)?\b(?:\s+(?:no|nr|application|US|"
    r"EP|DE|WO)\b|\s*[:#]?\s*(?:[A-Z]{2}\s?)?\d)|\b(?:US|EP|WO|DE)\s?\d[\d,/ ]{5,}\s?[AB]\d?\b",
    re.IGNORECASE,
)
STANDARD = re.compile(
    r"\b(?:ISO(?:/(?:IEC|TS|TR|DIS))*|IEC|IEEE\s+Std\.?|DIN(?:\s+EN)?(?:\s+ISO)?|EN\s+ISO|ANSI(?:/\w+)?|ASTM|RFC|3GPP\s+T[SR]|ITU-[TR]|ETSI(?:\s+\w{2})?|BS\s+EN|NIST\s+SP|FIPS)\s?[A-Z]?\.?\s?\d[\w.:/-]*"
)
SOFTWARE = re.compile(
    r"\[(?:computer )?software\]|\[computer (?:software|program)\]|\bR package\b|\bsoftware(?:,| \()\s*version\b|"
    r"\bPython package\b|\[Mobile app\]|github\.com/",
    re.IGNORECASE,
)
DATASET = re.compile(r"\[(?:data ?set|database)\]", re.IGNORECASE)
CONFERENCE = re.compile(
    r"\b(?:proc(?:eedings|s)?\b|conference|conf\.|symposium|symp\.|workshop|meeting|congress|kongress|tagung|"
    r"tagungsband|int(?:ernational|l|'l)?\.? conf|colloquium|colloque|actes|atti|convegno|icml|neurips|nips|cvpr|"
    r"iclr|"
    r"acl|emnlp|aaai|ijcai|sigmod|sigir|vldb|chi)\b",
    re.IGNORECASE,
)
MAGAZINE = re.compile(
    r"\b(?:New York Times|Guardian|Washington Post|Le Monde|Zeitung|Tagesspiegel|Wall Street Journal|Daily|"
    r"Tribune|FAZ|Die Zeit)\b"
)
ACCESSED = re.compile(
    r"\b(?:accessed|retrieved|visited|consulted|abgerufen|zugriff|letzter zugriff|aufgerufen|consult[ée]|stand|"
    r"besucht)\b[\s:(]*(?:on|am|le|at|den|:)?\s*((?:\w+\.?,?\s+){0,3}(?:\d{1,4}[./-]){0,2}(?:1[5-9]|20)\d\d|"
    r"\d{4}-\d\d-\d\d|\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4})",
    re.IGNORECASE,
)
IN_PRESS = re.compile(
    r"\b(?:in press|forthcoming|to appear|im druck|im erscheinen|accepted|submitted)\b", re.IGNORECASE
)
QUOTES = "\"“”„«»‹›‟'‘’`´"
ORDINAL = re.compile(
    r"(\d{1,3})\s*(?:st|nd|rd|th|\.|ª|e|ème|te)?\s*,?\s*(?:\w+\.?\s+)?(?:ed(?:ition|n|\.)?|aufl\w*|éd\w*|edición|ediz\w*|wyd\w*)?\.?",
    re.IGNORECASE,
)
EDITION_WORDS = ("first second third fourth fifth sixth seventh eighth ninth tenth").split()


def read(tokens: Tokens, labelled: Labelled, origin: Origin, raw: str = "") -> Read:
    """The record of one labelled reference; its text (``raw``, where that is more) is kept in ``extra`` under ``reference``."""
    draft = Draft(origin)
    result = Read(Record())
    bare = [part for span in spans(tokens, labelled) for part in _without_identifiers(span, tokens)]
    found, rest = _of_one_work(bare, tokens)
    if rest:
        result.rest = rest
    by_label: dict[str, list[Span]] = {}
    for span in _with_collaboration(draft, found, tokens.text):
        by_label.setdefault(span.label, []).append(span)
    if not by_label.get("author") and not by_label.get("editor"):
        _institution(by_label, tokens)
    _identifiers(draft, raw or tokens.text)
    _texts(draft, result, by_label)
    _people(draft, result, by_label)
    _numbers(draft, result, by_label, tokens.text)
    _dates(draft, result, by_label, tokens.text)
    _kind(draft, by_label, tokens.text)
    if (
        draft.get("type") == "article"
        and draft.get("arxiv_id")
        and re.search(r"\barxiv\b|\bcorr\b", draft.get("container_title"), re.I)
    ):
        draft.fields.pop("container_title")
    draft.keep("reference", raw or tokens.text)
    result.record = draft.record()
    return result


NAMED = frozenset((*PEOPLE, "title", "journal", "book", "series", "publisher", "place"))
IDENTIFIER = re.compile(r"(?:https?|ftp)\s?:|www\.|10\.\d{4,9}/|\d{4}\.\d{4,5}(?:v\d+)?\Z", re.IGNORECASE)
ANNOUNCED = frozenset(("doi", "arxiv", "url"))


def _without_identifiers(span: Span, tokens: Tokens) -> Iterator[Span]:
    """The parts of a name, title or publisher between identifiers and addresses, which are never part of one."""
    if span.label not in NAMED or not any(map(IDENTIFIER.match, tokens.words[span.start : span.end])):
        yield span
        return
    start = span.start
    for place in range(span.start, span.end + 1):
        if place < span.end and not IDENTIFIER.match(tokens.words[place]):
            continue
        end = place
        while place < span.end and end > start and tokens.words[end - 1].lower() in ANNOUNCED:
            end -= 1
        if end > start:
            yield replace(span, text=_text(tokens, span.label, start, end), start=start, end=end)
        start = place + 1


# --- another publication in one reference, collaborations, institutions ----------------------------------------------------


def _of_one_work(found: list[Span], tokens: Tokens) -> tuple[list[Span], str]:
    """The spans of the first work of a reference, and the text of another place where it (or something else) was published:
    nothing of two works is ever mixed. People, titles and publishers behind the DOI of a reference that has all that are none
    of its own either."""
    seen: set[str] = set()
    identified = next(
        (at for at, word in enumerate(tokens.words) if word.startswith("10.") and "/" in word), len(tokens.words)
    )
    for place, span in enumerate(found):
        whole = "date" in seen and seen & {"author", "editor"} and seen & {"journal", "book", "publisher"}
        if whole and span.start > identified and span.label in (*PEOPLE, "title", "publisher"):
            return found[:place], tokens.text[tokens.spans[span.start][0] :]
        before = tokens.gaps[span.start]
        again = span.label in ("journal", "book") and span.label in seen and "date" in seen
        if again and any(mark in before for mark in ";[(") and seen & {"pages", "volume"}:
            rest = found[place:]
            if any(each.label in ("date", "pages") for each in rest):
                return found[:place], tokens.text[tokens.spans[span.start][0] :]
        seen.add(span.label)
    return found, ""


COLLABORATION = re.compile(
    r"[(\[]?\b(?:(?:for|on behalf of)\s+)?(?:the\s+)?([A-Z][\w+.-]*(?:[ /-][A-Z][\w+.-]*){0,4}\s+[Cc]ollaborations?)\b[)\]]?"
)


def _with_collaboration(draft: Draft, found: list[Span], text: str) -> list[Span]:
    """The spans without the name of a collaboration, which is an author of its own or goes beside the names of people."""
    match = COLLABORATION.search(text) if "ollaboration" in text else None
    if match is None:
        return found
    kept: list[Span] = []
    people = False
    for span in found:
        if match[1] not in span.text and span.text not in match[0]:
            kept.append(span)
            people |= span.label == "author"
        elif span.label in ("title", "journal", "book"):
            return found  # "Results of the X Collaboration"
        elif span.label == "author" and span.text.replace(match[0], "").strip(" ,.;()[]"):
            kept.append(replace(span, text=span.text.replace(match[0], "")))
            people = True
        else:
            sure = span.sure
    name = " ".join(match[1].split())
    if people:
        draft.keep("collaboration", name)
        return kept
    sure = min((span.sure for span in found if span.text in match[0] or match[1] in span.text), default=0.5)
    return [Span("author", name, 0, 0, sure), *kept]


def _institution(by_label: dict[str, list[Span]], tokens: Tokens) -> None:
    """What a reference without people begins with is who made it: ``W3C, "HTML 5.2", 2017``."""
    for label in ("note", "publisher"):
        for span in by_label.get(label, ()):
            if span.start == 0 and by_label.get("title"):
                by_label[label].remove(span)
                by_label["author"] = [replace(span, label="author")]
                return


DOI_TAIL = re.compile(r"(?:[.;,]?(?:url|https?:|pmid|pmcid|arxiv:).*|\[doi\].*|[.,;])\Z")  # glued to a DOI


def _put(draft: Draft, result: Read, name: str, value: str, span: Span) -> None:
    """A text into a field, with its probability; a second one for the same field has no place."""
    if not value:
        return
    if draft.get(name):
        if draft.get(name) != value:
            result.unplaced.append((name, value, span.sure))
        return
    draft.fields[name] = value
    result.sure[name] = span.sure
    result.shown[name] = value


def _identifiers(draft: Draft, text: str) -> None:
    """What is known by its form alone."""
    whole = re.sub(r"(?<=[./_-])\s+(?=[\w(]+[/.]\w)", "", text) if "10." in text else text
    doi = DOI_TAIL.sub("", identifiers.doi(text))
    if doi and not identifiers.is_arxiv_doi(doi):
        longer = identifiers.doi(whole)
        draft.fields["doi"] = longer if longer.startswith(doi) and re.match(r"10\.\d{4,9}/?\Z", doi) else doi
    if arxiv := identifiers.arxiv_id(ARXIV.sub(lambda found: f"arXiv:{found[1] or ''}", text)):
        draft.fields["arxiv_id"] = arxiv
    low = text.lower()
    for found in ADDRESS.finditer(text) if "www." in low or "http" in low or "ftp" in low else ():
        address = re.sub(r"\s", "", found[0]).rstrip(".,;:'’")
        while address.endswith((")", "]", ">")) and address.count("(") < address.count(")") + address.count(
            "]"
        ) + address.count(">"):
            address = address[:-1].rstrip(".,;")
        if identifiers.bare_doi(address) or (draft.get("doi") and draft.get("doi") in address.lower()):
            continue
        if draft.get("arxiv_id") and "arxiv.org/" in address.lower():
            continue
        draft.put("url", address, "url")
    if "isbn" in low and (isbns := identifiers.isbns(text)):
        draft.fields["isbn"] = " ".join(isbns)
    if "MR" in text and (review := REVIEW.search(text)):
        draft.keep("mrnumber", review[1])
    if "pmid" in low and (pmid := PMID.search(text)):
        draft.fields["pmid"] = pmid[1]
    if "pmc" in low and (pmcid := PMCID.search(text)):
        draft.fields["pmcid"] = pmcid[0].upper().replace(" ", "")


# --- texts ------------------------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """A field's text without the punctuation and quotation marks around it."""
    text = " ".join(text.split())
    before = None
    while text != before:
        before = text
        text = text.strip(" ,;:" + QUOTES).strip()
        if text.endswith(".") and not re.search(r"\b[A-Z][\w]{0,4}\.\Z|\.\w+\.\Z|\.\.\.\Z", text):
            text = text[:-1]
        for opened, closed in ("()", "[]", "{}", "<>"):
            if text.startswith(opened) and text.endswith(closed) and text.count(opened) == 1:
                text = text[1:-1]
            elif text.startswith(opened) and closed not in text:
                text = text[1:]
            elif text.endswith(closed) and opened not in text:
                text = text[:-1]
    return text


def _venue(text: str) -> str:
    """A venue's name; the full stop of its last abbreviation stays (J. Sci. Commun.)."""
    value = clean(text)
    return value + "." if text.rstrip().endswith(value + ".") and ABBREVIATED.search(text) else value


def _texts(draft: Draft, result: Read, by_label: Mapping[str, list[Span]]) -> None:
    for label, name in TEXTS.items():
        for span in by_label.get(label, ()):
            value = clean(span.text)
            if label == "title" or not FILLER.fullmatch(value):
                _put(draft, result, name, value, span)
    journals, books = by_label.get("journal", []), by_label.get("book", [])
    best = sorted((*journals, *books), key=lambda span: span.start)
    for span in best[:1]:
        _put(draft, result, "container_title", _venue(span.text), span)
    for span in best[1:]:
        if (
            span.label == "book"
            and not draft.get("event_title")
            and CONFERENCE.search(span.text)
            and not CONFERENCE.search(best[0].text)
        ):
            _put(draft, result, "event_title", clean(span.text), span)
        elif not draft.get("collection_title"):
            _put(draft, result, "collection_title", clean(span.text), span)
        else:
            result.unplaced.append(("container_title", span.text, span.sure))
    for span in by_label.get("edition", ()):
        text = clean(span.text)
        number = ORDINAL.fullmatch(text)
        word = text.split()[0].lower() if text else ""
        if number:
            text = number[1]
        elif word in EDITION_WORDS:
            text = str(EDITION_WORDS.index(word) + 1)
        _put(draft, result, "edition", text, span)
    for span in by_label.get("number", ()):
        if not any(
            part and part.lower() in span.text.lower().replace(" ", "")
            for part in (draft.get("arxiv_id"), draft.get("pmid"), draft.get("pmcid"))
        ):
            _put(draft, result, "number", clean(span.text), span)


TEXTS = {
    "title": "title",
    "series": "collection_title",
    "publisher": "publisher",
    "place": "publisher_place",
    "genre": "genre",
}


def _people(draft: Draft, result: Read, by_label: Mapping[str, list[Span]]) -> None:
    for label in ("author", "editor", "translator"):
        found = by_label.get(label, [])
        if not found:
            continue
        lists = [parted(span.text) for span in found]
        names = tuple(name for each, _ in lists for name in each)
        cut = any(more for _, more in lists)
        if not names and found:
            result.unplaced += [(label, span.text, span.sure) for span in found]
            continue
        result.unparted += [
            (label, span.text) for span, (each, _) in zip(found, lists, strict=True) if stays_whole(each)
        ]
        draft.add(label, names)
        result.sure[label] = min(span.sure for span in found)
        result.shown[label] = " ".join(span.text for span in found)
        if cut and label == "author":
            draft.fields["authors_truncated"] = True


DATED_VOLUME = re.compile(r"((?:19|20)\d\d)\s*[;,]\s*(\d+)")
ISSN = re.compile(r"\d{4}[-‐–]\s?\d{3}[\dXx]")
RANGE = re.compile(r"\s*[-‐‑–—−]+\s*")


def _numbers(draft: Draft, result: Read, by_label: dict[str, list[Span]], text: str) -> None:
    for label, name in (("volume", "volume"), ("issue", "issue")):
        for span in by_label.get(label, ()):
            if dated := DATED_VOLUME.fullmatch(span.text):  # 1978;13
                by_label.setdefault("date", []).append(Span("date", dated[1], span.start, span.start + 1, span.sure))
                _put(draft, result, name, dated[2], span)
                continue
            _put(draft, result, name, clean(span.text).strip(".:"), span)
    _pages(
        draft,
        result,
        [span for span in by_label.get("pages", ()) if not ISSN.fullmatch(span.text) or "issn" not in text.lower()],
    )


def _pages(draft: Draft, result: Read, pages: list[Span]) -> None:
    if pages:
        joined = ", ".join(RANGE.sub("–", clean(span.text)) for span in pages)
        together = all(one.end == other.start for one, other in pairwise(pages))
        if together:
            draft.fields["page"] = joined
            result.sure["page"] = min(span.sure for span in pages)
            result.shown["page"] = joined
        else:
            _put(draft, result, "page", RANGE.sub("–", clean(pages[0].text)), pages[0])
            result.unplaced += [("page", span.text, span.sure) for span in pages[1:]]


def _dates(draft: Draft, result: Read, by_label: Mapping[str, list[Span]], text: str) -> None:
    accessed = ACCESSED.search(text)
    if accessed and (day := dates.parse(accessed[1].strip(" ,"))) and day.parts and not day.literal:
        draft.fields["accessed"] = day
    found = [span for span in by_label.get("date", []) if not (accessed and span.text in accessed[0])]
    years = [span for span in found if YEAR.search(span.text)]
    if found:
        first = years[0] if years else found[0]
        rest = [span for span in found if span is not first]
        whole = _date(first.text)
        if len(whole.parts) == 1 and not whole.end and rest and not YEAR.search(rest[0].text):
            finer = _date(f"{rest[0].text} {whole.parts[0]}")
            if len(finer.parts) > 1 and not finer.literal:
                whole, rest = finer, rest[1:]
        if whole:
            draft.fields["issued"] = whole
            result.sure["issued"] = first.sure
            result.shown["issued"] = first.text
        for span in rest:
            again = _date(span.text)
            if again.parts and whole.parts and again.parts[0] == whole.parts[0]:
                if len(again.parts) > len(whole.parts) and not whole.end:
                    draft.fields["issued"] = whole = again
            elif not (accessed and span.text in accessed[0]):
                result.unplaced.append(("issued", span.text, span.sure))
    if not draft.get("issued") and IN_PRESS.search(text):
        draft.fields["status"] = (IN_PRESS.search(text) or [""])[0].lower()


def _date(text: str) -> Date:
    """A date of a reference: ``2014b``, ``(May, 2011)``, ``1996/97``."""
    text = " ".join(re.sub(r"[()\[\]]", " ", text).split()).strip(" ,.;:")
    text = re.sub(r"(?<=\d{4})[a-h]\b", "", text)
    text = re.sub(r"([A-Za-z])(\d{4})", r"\1 \2", text)
    parsed = dates.parse(re.sub(r"\s*,\s*", " ", text) if "," in text else text)
    if parsed.literal and (years := YEAR.findall(text)):
        return Date((int(years[0]),))
    return Date() if parsed.literal else parsed


# --- type -------------------------------------------------------------------------------------------------------------


def _kind(draft: Draft, by_label: Mapping[str, list[Span]], text: str) -> None:
    """The type, by what the text says of itself."""
    get = draft.get
    beside = " ".join(
        span.text
        for label in ("genre", "note", "publisher", "book", "series", "number", "edition")
        for span in by_label.get(label, ())
    )
    journal = bool(by_label.get("journal"))
    inside = bool(get("container_title"))
    numbered = bool(get("volume") or get("issue"))
    draft.fields["type"] = _type(draft, text, beside, journal, inside, numbered)
    if draft.fields["type"] == "thesis" and not get("genre") and (found := THESIS.search(_outside(text, get("title")))):
        draft.fields["genre"] = found[0]
    for span in by_label.get("note", ()):
        note = clean(span.text)
        if note and span.sure >= 0.5 and not _said_already(draft, note):
            draft.put("note", note, "note")


FILLER = re.compile(
    r"(?:retrieved|available|accessed|online|abgerufen|verfügbar|url|pubmed|in press|preprint|eprint|e-print)"
    r"(?: at| from| on| unter| central)?(?: \w+)?\W*",
    re.IGNORECASE,
)
CATEGORY = re.compile(r"\W*(?:[a-z-]+(?:\.[A-Za-z-]{2,})?|arxiv.*)\W*", re.IGNORECASE)


def _said_already(draft: Draft, note: str) -> bool:
    """Whether a note only repeats an identifier, the kind of thesis or the day of a visit, or announces an address."""
    low = re.sub(r"\s", "", note).lower()
    identified = any(
        str(draft.get(name)).lower() in low for name in ("arxiv_id", "doi", "pmid", "pmcid", "isbn") if draft.get(name)
    )
    category = bool(draft.get("arxiv_id")) and CATEGORY.fullmatch(note) is not None
    thesis = draft.get("type") == "thesis" and THESIS.fullmatch(note) is not None
    return bool(identified or category or thesis or ACCESSED.search(note) or FILLER.fullmatch(note))


def _outside(text: str, title: Any) -> str:
    return text.replace(str(title), " ", 1) if title else text


SPECIAL = (
    "patent thes thèse tesi diss arbeit habilitation doktor ph.d phd report rep. bericht rapport paper papier memo note document "
    "software program package github [data"
).split()
STANDARD_HINT = re.compile(r"\b(?:ISO|IEC|IEEE|DIN|EN|ANSI|ASTM|RFC|3GPP|ITU|ETSI|BS|NIST|FIPS|US|EP|WO|DE)\b")


def _special(rest: str, beside: str, journal: bool, inside: bool, numbered: bool, venue: str) -> str:
    """The type of what says of itself that it is no article, book or paper; "" where it says nothing."""
    article = journal and numbered
    if not article and PATENT.search(rest):
        return "patent"
    if THESIS.search(beside) or (not article and THESIS.search(rest)):
        return "thesis"
    norm = STANDARD.search(rest)
    if norm and (not journal or venue in norm[0]) and not (inside and CONFERENCE.search(venue)):
        return "standard"
    if DATASET.search(rest):
        return "dataset"
    if not article and SOFTWARE.search(rest):
        return "software"
    if REPORT.search(beside) or (not article and REPORT.search(rest)):
        return "report"
    return ""


def _type(draft: Draft, text: str, beside: str, journal: bool, inside: bool, numbered: bool) -> str:
    get = draft.get
    rest = _outside(text, get("title"))
    low = rest.lower()
    if (any(hint in low for hint in SPECIAL) or STANDARD_HINT.search(rest)) and (
        found := _special(rest, beside, journal, inside, numbered, str(get("container_title")))
    ):
        return found
    if (
        inside
        and get("url")
        and not journal
        and not any(get(name) for name in ("publisher", "page", "volume", "editor"))
    ):
        return "paper-conference" if CONFERENCE.search(str(get("container_title"))) else "webpage"
    if inside:
        venue = str(get("container_title"))
        if get("arxiv_id") and re.fullmatch(r"(?i)(?:arxiv(?: e-prints?| preprints?)?|corr|eprint)[\s:.]*", venue):
            return "article"
        if journal:
            if (
                CONFERENCE.search(venue)
                and re.match(
                    r"(?i)(?:in\s+)?proc(?:eedings|\.|\s)(?!.*(?:Natl|National) Acad|.*\bIEEE\Z|.*Roy|.*Soc)", venue
                )
                and not get("issue")
            ):
                return "paper-conference"
            if MAGAZINE.search(venue) and not numbered:
                return "article-newspaper"
            return "article-journal"
        if CONFERENCE.search(venue) or get("event_title"):
            return "paper-conference"
        if re.search(r"(?i)encyclop|lexikon|handwörterbuch|dictionary", venue):
            return "entry-encyclopedia"
        return "chapter"
    if get("arxiv_id"):
        return "article"
    if get("url") and not get("publisher_place") and not get("isbn"):
        return "webpage"
    if get("publisher") or get("isbn") or get("edition") or get("publisher_place") or get("editor"):
        return "book"
    if numbered and get("page"):
        return "article-journal"
    return "document"
