"""The fields of an entry against copies of the work that it surely is: what differs beyond harmless form.

A field agrees where one copy agrees: sources differ among themselves, and a paper has versions. A difference is said only
of the version that is cited: the year of a journal article is not that of its preprint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bibtools import identifiers as ids
from bibtools.record import Name, Record
from bibtools.verify import venue_names
from bibtools.verify.candidates import BOOKS, Candidate, Claims
from bibtools.verify.judgement import Certainty, Finding
from bibtools.verify.people import Meeting
from bibtools.verify.title_relation import Kin

__all__ = ["author_finding", "differences", "identifier_finding", "shown_names", "title_finding"]

VENUE_FIELD = "container_title"
_JOURNAL = re.compile(
    r"\b(?:journal|transactions|trans\.|letters|annals|review|magazine|J\.|bulletin|acta|revue)", re.I
)
_NUMBER = re.compile(r"\d+")
SHOWN = 12  # names of a list that are shown


def differences(claims: Claims, copies: Sequence[Candidate]) -> Iterator[Finding]:
    """Year, venue, volume and pages that no copy of the work has."""
    yield from _year(claims, copies)
    yield from _venue(claims, copies)
    yield from _volume(claims, copies)
    yield from _pages(claims, copies)


def _finding(of: Candidate, field: str, cited: str, known: str, rule: str, message: str, sure: bool = True) -> Finding:
    certainty = Certainty.SURE if sure else Certainty.LIKELY
    return Finding(field, cited, known, of.work.source, of.work.date, certainty, rule, message)


def _year(claims: Claims, copies: Sequence[Candidate]) -> Iterator[Finding]:
    year = claims.year
    dated = [each for each in copies if each.gap is not None]
    if year is None or not dated or claims.entry.type in BOOKS:
        return
    years = [each.year or 0 for each in dated]
    if any(each.is_of_the_year for each in dated) or min(years) <= year <= max(years):
        return
    if claims.is_placed:
        by_doi = [
            each for each in dated if "doi" in each.shared and each.same_venue is None and not each.is_preprint_copy
        ]
        same = [each for each in dated if each.same_venue is True] or by_doi
        least = 2
    else:
        same = [each for each in dated if each.is_anchored and not each.clashing]
        least = 3
    if not same:
        return
    nearest = min(same, key=lambda each: (each.gap or 0, each.year or 0))
    if (nearest.gap or 0) >= least:
        yield _finding(nearest, "issued", str(year), str(nearest.year), "year", f"the year is {nearest.year}")


def _venue(claims: Claims, copies: Sequence[Candidate]) -> Iterator[Finding]:
    if not claims.venues:
        return
    placed = [each for each in copies if each.venues]
    if not placed:
        return
    cited = claims.venues[0]
    if _is_other_year(cited, placed):
        message = f"known to have appeared in {placed[0].venues[0]}, {placed[0].year}"
        yield _finding(placed[0], VENUE_FIELD, cited, placed[0].venues[0], "venue", message)
        return
    if any(each.same_venue is not False for each in placed):
        return
    for each in placed:
        anchored = "doi" in each.shared
        alike = _is_journal(claims.entry, cited) == _is_journal(each.record, each.venues[0])
        if anchored or (alike and each.gap == 0):
            message = f"known to have appeared in {each.venues[0]}"
            yield _finding(each, VENUE_FIELD, cited, each.venues[0], "venue", message, anchored)
            return


def _is_other_year(cited: str, copies: Sequence[Candidate]) -> bool:
    """Whether the cited meeting says its year, and every copy of the work is of another: nothing appears there and then."""
    year = venue_names.year_of(cited)
    return bool(year) and all(each.year and abs(each.year - year) > 1 for each in copies)


def _is_journal(record: Record, name: str) -> bool:
    if record.type == "paper-conference":
        return False
    return bool(_JOURNAL.search(name)) and "proc" not in name.lower()


def _same_place(copies: Sequence[Candidate]) -> list[Candidate]:
    return [each for each in copies if each.is_in_place]


def _volume(claims: Claims, copies: Sequence[Candidate]) -> Iterator[Finding]:
    cited = _NUMBER.findall(claims.entry.volume)
    known = [each for each in _same_place(copies) if each.record.volume]
    if claims.entry.type != "article-journal" or len(cited) != 1 or not known:
        return
    if any(cited[0] in _NUMBER.findall(each.record.volume) or not _NUMBER.search(each.record.volume) for each in known):
        return
    if str(claims.year) == cited[0] or any(each.record.volume == str(each.year) for each in known):
        return  # some journals are numbered by years
    of = known[0]
    yield _finding(of, "volume", claims.entry.volume, of.record.volume, "volume", f"the volume is {of.record.volume}")


def _pages(claims: Claims, copies: Sequence[Candidate]) -> Iterator[Finding]:
    cited = _range(claims.entry.page)
    known = [each for each in _same_place(copies) if each.record.page]
    if cited is None or not known:
        return
    ranges = [_range(each.record.page) for each in known]
    if any(each is None or _meet(cited, each) for each in ranges):
        return
    of = known[0]
    message = f"the pages are {of.record.page}"
    yield _finding(of, "page", claims.entry.page, of.record.page, "pages", message, sure=False)


def _range(page: str) -> tuple[int, int] | None:
    """First and last page of an ordinary range of pages; None for one page, an article's number, letters, several ranges."""
    found = re.fullmatch(r"\s*(\d{1,5})\s*[-–—]+\s*(\d{1,5})\s*", page)
    if not found:
        return None
    first, last = int(found[1]), int(found[2])
    if last < first:  # 1023-9
        last = int(found[1][: len(found[1]) - len(found[2])] + found[2]) if len(found[2]) < len(found[1]) else first
    return first, last


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two ranges have a page in common, or one counts from 1, as a text does that is printed before its issue."""
    return (one[0] <= other[1] and other[0] <= one[1]) or 1 in (one[0], other[0])


# --- title, people, identifiers ---------------------------------------------------------------------------------------


def title_finding(of: Candidate, sure: bool) -> Finding:
    wrong = ", ".join(f"“{word}”" for word in of.title.cited[:4])
    right = ", ".join(f"“{word}”" for word in of.title.known[:4])
    said = f"{wrong} for {right}" if wrong and right else f"{wrong} is too much" if wrong else f"{right} is missing"
    if of.title.kin is Kin.OTHER:
        said = "another title"
    return _finding(of, "title", of.claims.entry.title, of.record.title, "title", said, sure)


_AUTHOR_RULES = {
    Meeting.MISSING: ("author-missing", "missing: {known}"),
    Meeting.ADDED: ("author-added", "not an author: {cited}"),
    Meeting.ORDER: ("author-order", "the authors stand in another order"),
    Meeting.REPLACED: ("author-other", "{cited} for {known}"),
    Meeting.OTHER: ("author-other", "the authors are {known}"),
}


def author_finding(of: Candidate, sure: bool = True) -> Finding:
    rule, text = _AUTHOR_RULES[of.people.meeting]
    people = of.claims.entry.author or of.claims.entry.editor
    known = of.record.author or of.record.editor
    cited_words, known_words = _shown_surnames(of.people.cited, people), _shown_surnames(of.people.known, known)
    said = text.format(cited=cited_words or "other names", known=known_words or "other names")
    field = "author" if of.claims.entry.author else "editor"
    return _finding(of, field, shown_names(people), shown_names(known), rule, said, sure)


def _shown_surnames(folded: Sequence[str], names: Sequence[Name]) -> str:
    """Surnames as they are written, of those that were folded for comparing."""
    from bibtools import fold

    written = {"".join(fold.surname(name).split()): name.surname for name in names}
    shown = [written.get(word, word.capitalize()) for word in folded[:4]]
    more = f" and {len(folded) - 4} more" if len(folded) > 4 else ""
    return ", ".join(shown) + more


def shown_names(names: Sequence[Name]) -> str:
    shown = "; ".join(f"{name.given} {name.surname}".strip() for name in names[:SHOWN])
    return f"{shown}; and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


_CALLED = {"doi": "DOI", "preprint": "DOI", "arxiv": "arXiv number", "isbn": "ISBN", "pmid": "PMID", "pmcid": "PMCID"}
_FIELD = {"doi": "doi", "preprint": "doi", "arxiv": "arxiv_id", "isbn": "isbn", "pmid": "pmid", "pmcid": "pmcid"}


def identifier_finding(kind: str, of: Candidate, right: Candidate | None) -> Finding:
    """An identifier that is another work's; ``right`` is a copy of the entry's work, with its own identifier if known."""
    claims = of.claims
    field = _FIELD[kind]
    if kind == "arxiv" and not claims.entry.arxiv_id and ids.is_arxiv_doi(ids.doi(claims.entry.doi)):
        field = "doi"
    own = right.identifiers.get(kind, "") if right else ""
    who = shown_names((of.record.author or of.record.editor)[:1])
    said = f"this {_CALLED[kind]} is that of “{of.record.title}”" + (f" by {who}" if who else "")
    return _finding(of, field, claims.identifiers[kind], own, "identifier", said)
