"""arXiv's lists, ``arxiv.org/list/cs.CL/recent``: ``[1] arXiv:2411.01234 [pdf, html, other]``, ``Title:``, the authors,
``Subjects:``.

Known from arXiv's templates (arxiv-browse, list_macros.html). Lists before 2024 have ``Authors:``; those of new papers an
abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats.copied.arxiv_labels import LABEL, labelled, record
from bibtools.formats.copied.paste import Line, Paper, copied_format, grouped
from bibtools.record import Origin

__all__ = ["FORMAT"]

START = re.compile(r"\[\d{1,5}\]\s*arXiv:(?P<id>(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}))(?:v\d+)?\b.*")
HEADING = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, \d{1,2} [A-Z][a-z]+ \d{4}.*|(?:Total of|Showing|"
    r"Authors and titles|New submissions|Cross|Replacement|"
    r"See (?:today|recent)).*|\[ ?(?:total|showing).*",
    re.IGNORECASE,
)
SPLIT = re.compile(r"\s*(?=\b(?:Title|Authors|Comments|Subjects|Journal-ref):)")


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    for group in grouped(lines, lambda line: START.match(line.text) is not None):
        start = START.match(group[0].text)
        assert start is not None
        body: list[str] = []
        taken = {group[0].number}
        for line in group[1:]:
            if HEADING.fullmatch(line.text):
                break
            body += [each for each in SPLIT.split(line.text) if each] if "Title:" in line.text else [line.text]
            taken.add(line.number)
        said = labelled(_with_labels(body))
        yield Paper(record(said, start["id"], Origin(source, group[0].number)), frozenset(taken))


def _with_labels(body: list[str]) -> list[str]:
    """The line behind the title is the authors', the one behind the subjects begins the abstract, where nothing says so."""
    out: list[str] = []
    has_authors = any(line.startswith("Authors:") for line in body)
    for place, line in enumerate(body):
        before = body[place - 1] if place else ""
        if not LABEL.match(line) and before.startswith("Title:") and not has_authors:
            out.append(f"Authors: {line}")
        elif not LABEL.match(line) and before.startswith("Subjects:"):
            out.append(f"Abstract: {line}")
        else:
            out.append(line)
    return out


FORMAT = copied_format("arxiv-list", "copied from arXiv's lists", find, re.compile(r"^\[\d+\]\s*arXiv:", re.MULTILINE))
