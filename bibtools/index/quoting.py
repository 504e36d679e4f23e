"""Is a known work surely the one that a printed reference cites? Stricter than `fitting`, since nobody looks at the answer.

A reference cites a work where it says the title, one of the first three surnames, and the year or volume and page. Physics
cites journals without titles: there volume, first page, year and a surname have to agree. An identifier that both have
counts as the title does. Names of works are short and used again ("Introduction"), so for a short title the page has to
agree as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bibtools.index import terms
from bibtools.index.fitting import Weigh, fit
from bibtools.index.question import Question
from bibtools.record import Record

__all__ = ["cites"]

FIRST = 3  # authors, one of whom has to be named
SHORT = 4  # words of a title that says too little by itself
SHORT_WEIGHT = 16.0  # the same in weights: the words of "A survey of deep learning" are all common
_NUMBER = re.compile(r"[A-Za-z]{0,3}\d+")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def cites(asked: Question, text: str, work: Record, weigh: Weigh) -> str:
    """Why a reference surely cites a work ("title, Lovelace, 1843"), "" where that is not sure. ``asked`` is made of ``text``."""
    surname = _surname(asked, work)
    if not surname:
        return ""
    years = {int(year) for year in _YEAR.findall(_without_addresses(text))}
    numbers = set(_NUMBER.findall(text))
    dated = work.issued.year in years
    page = _first_page(work.page)
    paged = bool(page) and page in numbers
    placed = paged and bool(work.volume) and work.volume in numbers
    same = _shares_identifier(asked, work)
    titled = fit(asked, work, weigh) if work.title else None
    if titled is not None and (titled.whole or same):
        words = terms.title_words(work.title)
        telling = len(words) >= SHORT and sum(map(weigh, set(words))) >= SHORT_WEIGHT
        if (dated or placed) and (telling or same or paged):
            return _reason("title", surname, work.issued.year if dated else 0)
        return ""
    if same and dated and titled is None and not _has_title(asked, work):
        return _reason(same, surname, work.issued.year)
    if placed and dated and work.volume != page:
        return _reason("volume and page", surname, work.issued.year)
    return ""


def _reason(what: str, surname: str, year: int | None) -> str:
    return ", ".join([what, surname.capitalize(), *([str(year)] if year else [])])


def _surname(asked: Question, work: Record) -> str:
    """The first of the first authors' surnames that the reference names."""
    words = set(asked.words)
    people = work.author or work.editor
    for name in people[:FIRST]:
        family = terms.surname_words(name.family or name.literal)
        if family and words.issuperset(family) and (len(family[-1]) > 1 or len(family) > 1):
            return " ".join(family)
    return ""


def _first_page(pages: str) -> str:
    found = _NUMBER.match(pages.strip())
    return found[0] if found else ""


def _without_addresses(text: str) -> str:
    return re.sub(r"https?://\S+|10\.\d{4,9}/\S+", " ", text)


def _shares_identifier(asked: Question, work: Record) -> str:
    has = set(terms.identifier_values(work))
    return next(
        (kind for kind, value in asked.identifiers if kind in ("doi", "arxiv", "pmid") and (kind, value) in has), ""
    )


def _has_title(asked: Question, work: Record) -> bool:
    """Whether a reference has a title of its own, by its length: one that is another than the work's contradicts it."""
    words = set(asked.words) - set(terms.title_words(" ".join((work.container_title, work.publisher))))
    names: Iterable[str] = (part for name in work.author for part in terms.title_words(f"{name.given} {name.surname}"))
    return len([word for word in words - set(names) if word.isalpha() and len(word) > 3]) > 6
