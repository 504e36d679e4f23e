"""Semantic Scholar's results and author pages: title, authors, field, venue, date, a summary, then ``Save`` and ``Alert``.

Known from the texts of its paper rows (``cl-paper-row``); long lists are cut by ``+3 authors``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import dates
from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

DATE = re.compile(r"(?:(?:\d{1,2} )?[A-Z][a-z]{2,8} )?(?:19|20)\d\d")
BUTTON = re.compile(
    r"(?:\d[\d,]*|\[?PDF\]?|Highly Influential|View (?:\d+ excerpts?|PDF|on \w+|via Publisher).*|"
    r"Cite|Save|Alert|\d+ Excerpts?|Research Feed|TLDR|Expand|"
    r"Save to Library|Create Alert|Citations?|View Paper)",
    re.IGNORECASE,
)
FIELDS = frozenset(
    """Computer Science, Medicine, Mathematics, Physics, Biology, Engineering, Chemistry, Psychology, Economics, Linguistics,
    Education, Sociology, Business, Political Science, Philosophy, History, Law, Geology, Geography, Materials Science,
    Environmental Science, Art, Agricultural and Food Sciences""".replace("\n   ", "").split(", ")
)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    block: list[Line] = []
    for line in lines:
        block.append(line)
        if line.text in ("Alert", "Create Alert"):
            paper = _paper(block, source)
            if paper is not None:
                yield paper
            block = []


def _paper(block: list[Line], source: str) -> Paper | None:
    """The date stands under the venue and the fields; above them, the authors and the title."""
    at = next((place for place, line in enumerate(block) if DATE.fullmatch(line.text) and place >= 2), 0)
    if not at:
        return None
    above = [line for line in block[:at] if not BUTTON.fullmatch(line.text)]
    fields = [line for line in above if all(each.strip() in FIELDS for each in line.text.split(","))]
    above = [line for line in above if line not in fields]
    venue = None
    if len(above) > 2 and not re.search(r"[A-Z]\. |, ", above[-1].text):
        venue = above.pop()
    if len(above) < 2:
        if venue is None:
            return None
        above, venue = [*above, venue], None
    title, names = above[-2], above[-1]
    draft = Draft(Origin(source, title.number))
    draft.put("title", title.text, "title")
    authors(draft, names.text)
    draft.fields["issued"] = dates.parse(block[at].text)
    if venue:
        preprint = venue.text.lower() in ("arxiv", "arxiv.org", "biorxiv", "ssrn electronic journal")
        draft.fields["type"] = "article" if preprint else "document"
        draft.put("container_title", "" if preprint else venue.text, "venue")
    summary = [line for line in block[at + 1 :] if not BUTTON.fullmatch(line.text)]
    if summary:
        draft.put("abstract", re.sub(r"\s*(?:…\s*)?Expand$", "", " ".join(line.text for line in summary)), "summary")
    taken = {line.number for line in (title, names, *fields, *block[at:])} | ({venue.number} if venue else set())
    return Paper(draft.record(), frozenset(taken))


FORMAT = copied_format(
    "semantic-scholar-page", "copied from Semantic Scholar", find, re.compile(r"^(?:Create )?Alert\s*$", re.MULTILINE)
)
