"""Steps that every record passes on its way in, each `Record -> Record`: the same fact in the same form, nothing lost.

Conservative on purpose. A step changes spelling, never content: words, their case and order, punctuation and TeX mathematics
stay; citation keys and ``extra`` stay as they are (a path in ``file`` is not ours to recompose) but for characters that no
text file can hold. What a step does not understand it leaves alone. Each step is idempotent, and so is the whole: a step
comes after those whose results it reads (`STEPS`).

Taken over from elsewhere into an empty field, never instead of a filled one: a DOI from a resolver's URL, an arXiv
identifier from the places where people put it. An identifier within a sentence ("Comment on arXiv:...") is another work's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter

from bibtools import fold, identifiers
from bibtools.record import Name, Record

__all__ = ["STEPS", "normalise"]

Step = Callable[[Record], Record]

# --- text -------------------------------------------------------------------------------------------------------------

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[@-Z\\^_]?)")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
SURROGATES = re.compile("[\ud800-\udfff]")
LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
BLANKS = re.compile(r"[ \t\n]+")
BLANKS_OF_LINES = re.compile(r"[ \t]*\n[ \t]*|[ \t]{2,}|\t")
# NFC replaces the compatibility ideographs by others, but in a Japanese name they are the name.
COMPOSABLE = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")


def without_controls(text: str) -> str:
    """Terminal sequences and control characters away, half surrogates to the replacement character, one kind of line end."""
    text = CONTROLS.sub("", ESCAPES.sub("", text) if "\x1b" in text else text)
    return LINE_ENDS.sub("\n", SURROGATES.sub("\ufffd", text))


def composed(text: str) -> str:
    """NFC, so that one word is one sequence of characters."""
    return COMPOSABLE.sub(lambda found: fold.composed(found[0]), text)


def on_one_line(text: str) -> str:
    return BLANKS.sub(" ", text).strip(" ")


def in_lines(text: str) -> str:
    """Blanks of prose: the line ends stay, since an abstract has paragraphs."""
    return BLANKS_OF_LINES.sub(lambda found: "\n" if "\n" in found[0] else " ", text).strip(" \n")


def _is_tidy(text: str) -> bool:
    """Whether none of the above has anything to do; all of it in C, since nearly every text is tidy."""
    if not text.isprintable() or "  " in text or text[0] == " " or text[-1] == " ":
        return False
    return text.isascii() or unicodedata.is_normalized("NFC", text)


@lru_cache(maxsize=4096)
def _tidied(text: str) -> str:
    return on_one_line(composed(without_controls(text)))


def tidy(text: str) -> str:
    """The form of a text on one line."""
    return text if not text or _is_tidy(text) else _tidied(text)


def _tidy_prose(text: str) -> str:
    return text if not text or _is_tidy(text) else in_lines(composed(without_controls(text)))


PROSE = ("abstract", "note", "annote")
LINE = tuple(each.name for each in fields(Record) if each.default == "" and each.name not in (*PROSE, "id"))
VALUES_OF_TEXTS = attrgetter(*LINE, *PROSE)


def all_tidy(texts: Iterable[str]) -> bool:
    """Whether every text is: asked once of all together, since nearly every record is tidy."""
    together = "|".join(texts)
    return not together or (_is_tidy(together) and " |" not in together and "| " not in together)


def text(record: Record) -> Record:
    """Controls, then NFC (a removed character may have kept two apart), then blanks."""
    changed: dict[str, object] = {}
    values = VALUES_OF_TEXTS(record)
    if not all_tidy(filter(None, values)):
        tidied = map(tidy, values[: len(LINE)])
        prose = map(_tidy_prose, values[len(LINE) :])
        found = zip((*LINE, *PROSE), values, (*tidied, *prose), strict=True)
        changed.update((name, new) for name, old, new in found if new != old)
    if record.extra and not all(_is_plain(value) for _, value in record.extra):
        changed["extra"] = tuple((name, without_controls(value)) for name, value in record.extra)
    return record.replace(**changed) if changed else record


def _is_plain(text: str) -> bool:
    return text.isprintable() or without_controls(text) == text


# --- names ------------------------------------------------------------------------------------------------------------

PEOPLE = ("author", "editor", "translator", "container_author", "collection_editor")
OTHERS = re.compile(r"(?:and |& ?)?(?:others|et\.? ?al\.?)", re.IGNORECASE)
PARTS = tuple(each.name for each in fields(Name))
VALUES_OF_NAME = attrgetter(*PARTS)


def tidy_name(name: Name) -> Name:
    values = VALUES_OF_NAME(name)
    tidied = tuple(map(tidy, values))
    return name if tidied == values else Name(**dict(zip(PARTS, tidied, strict=True)))


def _tidy_names(names: tuple[Name, ...]) -> tuple[Name, ...]:
    texts = ["|".join(filter(None, VALUES_OF_NAME(name))) for name in names]
    if "" not in texts and all_tidy(texts):
        return names
    return tuple(tidied for name in names if (tidied := tidy_name(name)) != Name())


def names(record: Record) -> Record:
    """Names without blanks at the ends, none empty, and none that is the words "and others"."""
    changed: dict[str, object] = {
        field: tidied
        for field in PEOPLE
        if (value := getattr(record, field)) and (tidied := _tidy_names(value)) is not value and tidied != value
    }
    if record.other_creators:
        others = tuple((tidy(role), _tidy_names(people)) for role, people in record.other_creators)
        if others != record.other_creators:
            changed["other_creators"] = tuple(pair for pair in others if pair[1])
    authors = changed.get("author", record.author)
    assert isinstance(authors, tuple)
    while authors and not authors[-1].given and OTHERS.fullmatch(authors[-1].literal or authors[-1].family):
        authors = authors[:-1]
        changed.update(author=authors, authors_truncated=True)
    return record.replace(**changed) if changed else record


# --- identifiers ------------------------------------------------------------------------------------------------------


def doi(record: Record) -> Record:
    """``10.1000/xyz``, from ``https://doi.org/10.1000/xyz.`` or, where there is none, from such a URL."""
    source = record.doi or (record.url if "doi.org/" in record.url.lower() else "")
    bare = identifiers.bare_doi(source)
    if not bare or bare == record.doi:
        return record
    return record.replace(doi=bare)


def url(record: Record) -> Record:
    """Without the angle brackets and TeX escapes that come with a URL copied from elsewhere."""
    value = record.url
    while value.startswith("<") and value.endswith(">"):
        value = value[1:-1].removeprefix("URL:").strip()
    if "\\" in value:
        value = re.sub(r"\\+([_%&#~$])", r"\1", value)  # escaped once or, by two programs in turn, twice
    return record if value == record.url else record.replace(url=value)


BRACKETED = re.compile(r"\[([\w.-]+)\]\s*")
NAMED_EPRINT = re.compile(
    r"(?:arxiv(?: e-?prints?| preprint)?,?\s+)?(?:arxiv\s*:\s*|abs/)\S+(?:\s*\[[\w.-]+\])?", re.IGNORECASE
)


def arxiv_id(record: Record) -> Record:
    """``2304.01234``: what had a version is kept whole in ``extra``, a class goes to the categories.

    Where there is none it is taken over from a field that holds nothing else.
    """
    if record.arxiv_id:
        return _bare_arxiv_id(record)
    if identifiers.is_arxiv_doi(record.doi):
        found = identifiers.arxiv_id(record.doi)
    elif "arxiv.org/" in record.url.lower():
        found = identifiers.arxiv_id(record.url)
    else:
        places = (record.number, record.volume, record.container_title, record.note)
        found = next((identifiers.arxiv_id(place) for place in places if place and NAMED_EPRINT.fullmatch(place)), "")
    return record.replace(arxiv_id=found) if found else record


def _bare_arxiv_id(record: Record) -> Record:
    bare = identifiers.arxiv_id(record.arxiv_id)
    if not bare or bare == record.arxiv_id:
        return record
    extra, categories = record.extra, record.categories
    if record.arxiv_id.lower().removeprefix("arxiv:").strip() != bare and not record.get_extra("eprint"):
        extra = (*extra, ("eprint", record.arxiv_id))
    bracketed = BRACKETED.search(record.arxiv_id)
    if bracketed and bracketed[1] not in categories:
        categories = (*categories, bracketed[1])
    return record.replace(arxiv_id=bare, extra=extra, categories=categories)


HYPHENS = re.compile("[\u2010-\u2015\u2212]")


def standard_numbers(record: Record) -> Record:
    """ISBN, ISSN, PMID without their own name, ``x`` as ``X``; hyphens stay where the source has them."""
    if not (record.isbn or record.issn or record.pmid or record.pmcid):
        return record
    changed: dict[str, str] = {}
    for name in ("isbn", "issn", "pmid"):
        value: str = getattr(record, name)
        bare = HYPHENS.sub("-", identifiers.without_label(value))
        bare = bare[:-1] + "X" if re.fullmatch(r"[\d -]+x", bare) else bare
        if bare and bare != value:
            changed[name] = bare
    if (pmcid := identifiers.pmcid(record.pmcid)) and pmcid != record.pmcid:
        changed["pmcid"] = pmcid
    return record.replace(**changed) if changed else record


# --- pages and keywords -----------------------------------------------------------------------------------------------

SURE_RANGE = re.compile(r"(?<=\S)\s*(?:(?:-{2,}|[\u2012-\u2015])\s*)+(?=\S)")
HYPHEN_RANGE = re.compile(
    r"(?<![\w\u2010-\u2015-])([A-Za-z]?)(\d+)([A-Za-z]?)\s*[-\u2010\u2011\u2212]\s*\1(\d+)\3(?![\w\u2010-\u2015-])"
)
ROMAN_RANGE = re.compile(r"(?<![\w\u2010-\u2015-])([ivxlc]+)\s*-\s*([ivxlc]+)(?![\w\u2010-\u2015-])")


def _hyphen_range(found: re.Match[str]) -> str:
    """``101-9`` ends at 109, ``17-3`` is the third page of chapter 17."""
    begin, end = found[2], found[4]
    whole_end = begin[: len(begin) - len(end)] + end
    if len(whole_end) > 18 or int(whole_end) < int(begin):
        return found[0]
    return f"{found[1]}{begin}{found[3]}–{found[1]}{end}{found[3]}"


def page_range(value: str) -> str:
    """Ranges with an en dash; a hyphen is one only between numbers of one form that can be begin and end."""
    value = SURE_RANGE.sub("–", value)
    return ROMAN_RANGE.sub(r"\1–\2", HYPHEN_RANGE.sub(_hyphen_range, value))


def page(record: Record) -> Record:
    if not record.page or record.page.isdigit() or (made := page_range(record.page)) == record.page:
        return record
    return record.replace(page=made)


def keywords(record: Record) -> Record:
    """Each once. Another case is another keyword: AIDS, aids."""
    if not record.keyword:
        return record
    made = tuple(dict.fromkeys(tidied for each in record.keyword if (tidied := tidy(each))))
    return record if made == record.keyword else record.replace(keyword=made)


STEPS: tuple[Step, ...] = (
    text,  # first: everything below reads clean text
    names,
    url,  # before doi and arxiv_id, which read it
    doi,
    arxiv_id,
    standard_numbers,
    page,
    keywords,
)


def normalise(record: Record) -> Record:
    """The record after all steps; the very same object when none had anything to do."""
    for step in STEPS:
        record = step(record)
    return record
