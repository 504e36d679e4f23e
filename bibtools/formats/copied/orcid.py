"""The works of an ORCID record: title, container, ``2019-03-04 | Journal article``, ``DOI: 10.1000/xyz``, ``CONTRIBUTORS: ...``.

Known from the texts of orcid.org's works panels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

TYPES = {
    "journal article": "article-journal",
    "journal-article": "article-journal",
    "conference paper": "paper-conference",
    "conference-paper": "paper-conference",
    "book": "book",
    "book chapter": "chapter",
    "preprint": "article",
    "dissertation": "thesis",
    "dissertation/thesis": "thesis",
    "dissertation thesis": "thesis",
    "report": "report",
    "working paper": "report",
    "data set": "dataset",
    "software": "software",
    "review": "review",
    "magazine article": "article-magazine",
    "newspaper article": "article-newspaper",
    "conference abstract": "paper-conference",
    "conference poster": "speech",
    "lecture / speech": "speech",
    "patent": "patent",
    "other": "document",
}
MARK = re.compile(r"(?:(?P<date>\d{4}(?:-\d\d(?:-\d\d)?)?) \| )?(?P<type>[A-Z][A-Za-z /-]{3,30})")
LABEL = re.compile(
    r"(DOI|EID|ISSN|ISBN|Part of ISBN|Part of ISSN|PMID|PMC|WOSUID|ARXIV|HANDLE|URI|SOURCE-WORK-ID|"
    r"CONTRIBUTORS|Contributors)\s*:\s*(.+)"
)
BUTTON = re.compile(
    r"(?:Show (?:more|less) detail|Hide detail|Source\s*:.*|check_circle.*|Preferred source.*|grade|"
    r"\(of \d+\)|Validated source|Self-asserted source.*|Works \(.*|Sort.*)",
    re.IGNORECASE,
)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    marks = [at for at, line in enumerate(lines) if _type(line.text)]
    for place, at in enumerate(marks):
        floor = marks[place - 1] + 1 if place else 0
        above: list[Line] = []
        for line in reversed(lines[floor:at]):
            if LABEL.match(line.text) or BUTTON.fullmatch(line.text) or len(above) == 2:
                break
            above.insert(0, line)
        if not above:
            continue
        mark = MARK.fullmatch(lines[at].text)
        assert mark is not None
        draft = Draft(Origin(source, above[0].number), TYPES[mark["type"].strip().lower()])
        draft.put("title", above[0].text, "title")
        if len(above) > 1:
            draft.put("container_title", above[1].text, "container")
        draft.put_date("issued", mark["date"] or "", "date")
        taken = {line.number for line in (*above, lines[at])}
        for line in lines[at + 1 :]:
            label = LABEL.match(line.text)
            if not label and not BUTTON.fullmatch(line.text):
                break
            taken.add(line.number)
            if label:
                _label(draft, label[1].upper(), label[2].strip())
        yield Paper(draft.record(), frozenset(taken))


def _type(text: str) -> bool:
    mark = MARK.fullmatch(text)
    return mark is not None and mark["date"] is not None and mark["type"].strip().lower() in TYPES


def _label(draft: Draft, name: str, value: str) -> None:
    match name:
        case "DOI":
            draft.put("doi", identifiers.doi(value) or value, "DOI")
        case "CONTRIBUTORS":
            authors(draft, value, ";")
        case "ISBN" | "PART OF ISBN":
            draft.put("isbn", value, name)
        case "ISSN" | "PART OF ISSN":
            draft.put("issn", value, name)
        case "PMID":
            draft.put("pmid", value, name)
        case "PMC":
            draft.put("pmcid", value, name)
        case "ARXIV":
            draft.put("arxiv_id", identifiers.arxiv_id(value) or value, name)
        case "URI":
            draft.put("url", value, name)
        case _:
            draft.keep(f"orcid {name}", value)


FORMAT = copied_format(
    "orcid", "copied from the works of an ORCID record", find, re.compile(r"^\d{4}[\d-]* \| [A-Z]", re.MULTILINE)
)
