"""DBLP's pages of authors and volumes: ``[j12]``, ``Ada Lovelace, Charles Babbage:``, ``On Engines. J. Eng. 7(2): 1-9 (2024)``.

Known from DBLP's HTML records (the class names ``publ-list``, ``data tts-content``). The keys tell the kind: journal,
conference, informal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats import dblp
from bibtools.formats.copied.paste import Line, Paper, authors, copied_format, grouped
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

KEY = re.compile(r"\[(?P<kind>[bjcpeisrodt])\d{1,4}\]\s*(?P<rest>.*)")
YEAR = re.compile(r"(?:19|20)\d\d")
ENTRY = re.compile(r"(?P<authors>[^:]{2,2000}):\s+(?P<title>.+?[.?!])\s+(?P<where>\S.*)")
JOURNAL = re.compile(
    r"(?P<name>[^\W\d].*?) (?P<volume>[\w/.-]+)(?:\((?P<number>[^()]+)\))?(?:: (?P<page>[\w:./-]+))? \((?P<year>\d{4})\)"
)
MEETING = re.compile(r"(?P<name>[^\W\d].*?) (?P<year>\d{4})(?:: (?P<page>[\w:./-]+))?")
TYPES = {
    "j": "article-journal",
    "c": "paper-conference",
    "b": "book",
    "e": "book",
    "i": "article",
    "p": "chapter",
    "r": "chapter",
    "d": "dataset",
    "s": "dataset",
    "t": "thesis",
    "o": "document",
}
NOISE = re.compile(
    r"(?:view|export|share|ask others|electronic edition.*|export record|BibTeX|RIS|no references.*|references.*)",
    re.IGNORECASE,
)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    for group in grouped(lines, lambda line: KEY.fullmatch(line.text) is not None):
        start = KEY.fullmatch(group[0].text)
        assert start is not None
        taken = {group[0].number}
        words = [start["rest"]]
        for line in group[1:]:
            if YEAR.fullmatch(line.text):
                break
            taken.add(line.number)
            if not NOISE.fullmatch(line.text):
                words.append(line.text)
        entry = _cut(" ".join(filter(None, words)))
        if entry is None:
            continue
        draft = Draft(Origin(source, group[0].number), TYPES[start["kind"]])
        names, title, where = entry
        editors = names.endswith(("(Eds.)", "(Ed.)", "(eds.)"))
        authors(draft, re.sub(r"\s*\([Ee]ds?\.\)$", "", re.sub(r" \d{4}(?=,|$)", "", names)))
        if editors and (found := draft.fields.pop("author", None)):
            draft.add("editor", found)
        draft.put("title", dblp.title(title), "title")
        _where(draft, where)
        yield Paper(draft.record(), frozenset(taken))


def _cut(text: str) -> tuple[str, str, str] | None:
    """Authors, title, where: the place begins behind the first stop that leaves a form of places, without a colon in its name."""
    found = ENTRY.fullmatch(text)
    if found is None:
        return None
    text = text[found.start("title") :]
    for stop in re.finditer(r"[.?!]\s+(?=\S)", text):
        where = text[stop.end() :]
        place = JOURNAL.fullmatch(where) or MEETING.fullmatch(where)
        if place and not re.search(r"[:?!]", place["name"]):
            return found["authors"], text[: stop.start() + 1], where
    return found["authors"], found["title"], found["where"]


def _where(draft: Draft, where: str) -> None:
    journal, meeting = JOURNAL.fullmatch(where), MEETING.fullmatch(where)
    found = journal or meeting
    if found is None:
        draft.keep("dblp venue", where)
        return
    draft.put("collection_title" if draft.fields["type"] == "book" else "container_title", found["name"], "venue")
    draft.put_date("issued", found["year"], "year")
    draft.put("page", found["page"] or "", "pages")
    if journal:
        draft.put("volume", journal["volume"], "volume")
        draft.put("issue", journal["number"] or "", "number")
    dblp.corr(draft)


FORMAT = copied_format(
    "dblp-page",
    "copied from DBLP's pages of authors and volumes",
    find,
    re.compile(r"^\[[bjcpeisrodt]\d+\]", re.MULTILINE),
)
