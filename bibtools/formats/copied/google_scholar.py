"""A profile of Google Scholar: title, authors, venue, citations, year, on lines of their own or in the cells of a table.

Known from the markup of scholar.google.com/citations (``gsc_a_t``, ``gsc_a_c``, ``gsc_a_y``), whose cells a copy parts by tabs
or lines.
Authors have initials before the surname, a long list ends in ``...``; the venue is kept as it stands where its form is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

YEAR = re.compile(r"(?:1[89]|20)\d\d")
COUNT = re.compile(r"\d{1,3}(?:,?\d{3})*\*?")
PARTICLES = "van|von|de|der|den|la|le|di|da|dos|el|al|ten"
WORD = r"[^\W\d_][\w'’.-]*"
NAME = rf"(?:[A-Z]{{1,4}}(?:-[A-Z]{{1,2}})? )?(?:(?:{PARTICLES})\s)*{WORD}(?: {WORD})?"
AUTHORS = re.compile(rf"{NAME}(?:, {NAME})*(?:, \.\.\.|, …)?")
INITIALS = re.compile(r"(?:^|, )[A-Z]{1,4}(?:-[A-Z]{1,2})? [^\W\d_]")
HEADER = re.compile(
    r"(?:title|cited by|year|sort|articles|all|since \d{4}|citations|h-index|i10-index|\W*)", re.IGNORECASE
)
JOURNAL = re.compile(
    r"(?P<name>.+?) (?P<volume>\d{1,4})(?: \((?P<issue>[\w-]+)\))?(?:, (?P<page>[\w]+(?:-\w+)?))?(?:, (?P<year>\d{4}))?"
)
PREPRINT = re.compile(r"arXiv preprint arXiv:(?P<id>\S+?)(?:, (?P<year>\d{4}))?", re.IGNORECASE)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    cells = [Line(line.number, cell.strip()) for line in lines for cell in line.text.split("\t") if cell.strip()]
    block: list[Line] = []
    for cell in cells:
        if HEADER.fullmatch(cell.text) and not YEAR.fullmatch(cell.text):
            block = []
            continue
        block.append(cell)
        if YEAR.fullmatch(cell.text) and len(block) >= 3:
            paper = _paper(block, source)
            if paper is not None:
                yield paper
            block = []


def _paper(block: list[Line], source: str) -> Paper | None:
    *said, year = block
    count = said.pop() if COUNT.fullmatch(said[-1].text) else None
    at = next((place for place in range(len(said) - 1, 0, -1) if _is_authors(said[place].text)), 0)
    if not at or len(said) - at > 2:
        return None
    title, names, venue = said[at - 1], said[at], said[at + 1] if at + 1 < len(said) else None
    draft = Draft(Origin(source, title.number))
    draft.put("title", title.text, "title")
    authors(draft, names.text)
    draft.put_date("issued", year.text, "year")
    if venue:
        _venue(draft, venue.text)
    if count:
        draft.keep("scholar citations", count.text)
    return Paper(draft.record(), frozenset(line.number for line in (title, names, venue, count, year) if line))


def _is_authors(text: str) -> bool:
    return AUTHORS.fullmatch(text) is not None and INITIALS.search(text) is not None


def _venue(draft: Draft, text: str) -> None:
    preprint, journal = PREPRINT.fullmatch(text), JOURNAL.fullmatch(text)
    if preprint:
        draft.fields["type"] = "article"
        draft.put("arxiv_id", preprint["id"], "arxiv")
    elif journal:
        draft.fields["type"] = "article-journal"
        draft.put("container_title", journal["name"], "venue")
        draft.put("volume", journal["volume"], "volume")
        draft.put("issue", journal["issue"] or "", "issue")
        draft.put("page", journal["page"] or "", "pages")
    else:
        bare = re.sub(r", (?:\d[\w-]*, )?\d{4}$", "", text)
        pages = re.search(r", (\d[\w]*(?:-\w+)?)(?:, \d{4})?$", text)
        if pages and not YEAR.fullmatch(pages[1]):
            draft.put("page", pages[1], "pages")
            bare = text[: pages.start()]
        draft.fields["type"] = (
            "paper-conference" if re.search(r"\b(?:Proceedings|Conference|Workshop|Symposium)\b", bare) else "document"
        )
        draft.put("container_title", bare, "venue")
        if "…" in bare or bare.endswith("..."):
            draft.tell(f"the page cuts the venue short: '{bare}'", "warning")


FORMAT = copied_format(
    "google-scholar",
    "copied from a profile of Google Scholar",
    find,
    re.compile(r"(?:^|\t) ?(?:1[89]|20)\d\d *\r?$", re.MULTILINE),
)
