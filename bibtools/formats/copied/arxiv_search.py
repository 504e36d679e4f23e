"""arXiv's search results: ``arXiv:2411.01234 [pdf, other] cs.CL``, the title, ``Authors:``, ``Abstract:``, ``Submitted 7
November, 2024``.

Known from arXiv's search templates (arxiv-search).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.formats.copied.arxiv_labels import day, labelled, record
from bibtools.formats.copied.paste import Line, Paper, copied_format, grouped
from bibtools.record import Date, Origin

__all__ = ["FORMAT"]

START = re.compile(
    r"(?:\d{1,6}\.\s*)?arXiv:(?P<id>(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}))(?:v\d+)?\s*(?:\[[^\]]*\])?\s*(?P<rest>.*)"
)
CATEGORIES = re.compile(r"(?:[a-z-]+(?:\.[A-Za-z-]{2,})?)(?:\s+[a-z-]+(?:\.[A-Za-z-]{2,})?)*")
SUBMITTED = re.compile(
    r"(?:v\d+ )?[Ss]ubmitted (?P<last>\d{1,2} [A-Z][a-z]+,? \d{4})(?:; v1 submitted (?P<first>\d{1,2} [A-Z][a-z]+,? \d{4}))?.*"
)
NUMBER = re.compile(r"\d{1,6}\.")


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    for group in grouped(lines, lambda line: START.fullmatch(line.text) is not None):
        start = START.fullmatch(group[0].text)
        assert start is not None
        if not any(line.text.startswith("Authors:") for line in group):
            continue
        taken = {group[0].number}
        categories = start["rest"].split() if CATEGORIES.fullmatch(start["rest"]) else []
        body: list[str] = []
        issued = submitted = Date()
        doi = ""
        for line in group[1:]:
            text = line.text
            if NUMBER.fullmatch(text) or text.startswith(("Showing ", "Search ", "Previous", "Next")):
                continue
            taken.add(line.number)
            if (
                not body
                and not any(each.startswith("Authors:") for each in body)
                and CATEGORIES.fullmatch(text)
                and "." in text
            ):
                categories += text.split()
            elif text.lower().startswith("doi ") and (found := identifiers.doi(text)):
                doi = found
            elif dated := SUBMITTED.fullmatch(text):
                issued, submitted = day(dated["last"]), day(dated["first"] or dated["last"])
            elif not body:
                body.append(f"Title: {text}")
            else:
                body.append(text)
        said = labelled(body)
        said["categories"] = " ".join(categories)
        if doi:
            said.setdefault("doi", doi)
        yield Paper(record(said, start["id"], Origin(source, group[0].number), issued, submitted), frozenset(taken))


FORMAT = copied_format(
    "arxiv-search", "copied from arXiv's search results", find, re.compile(r"^(?:\d+\.\s*)?arXiv:\d", re.MULTILINE)
)
