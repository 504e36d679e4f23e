"""The page of one arXiv paper, ``arxiv.org/abs/2411.01234``: ``Title:``, ``Authors:``, ``Abstract:``, ``Subjects:``, ``Cite
as:``.

Known from arXiv's templates (arxiv-browse, abs.html). Several such pages in one text are read one after another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.formats.copied.arxiv_labels import day, labelled, record
from bibtools.formats.copied.paste import Line, Paper, copied_format, grouped
from bibtools.record import Date, Origin

__all__ = ["FORMAT"]

TITLE = re.compile(r"Title:\s*\S.*")
CITE = re.compile(r"Cite as:?\s*arXiv:\S+", re.IGNORECASE)
SUBMITTED = re.compile(
    r"\[?Submitted on (?P<first>\d{1,2} \w+ \d{4})(?: \(v1\))?(?:, last revised (?P<last>\d{1,2} \w+ \d{4}))?.*"
)
STOP = re.compile(r"View PDF.*|HTML \(experimental\).*|TeX Source|Other Formats|view license|Submission history.*|"
    r"From:.*\[view email\].*|Access Paper:?|Full-text links:?|Download:.*|"
    r"\(or arXiv:.*|https?://doi\.org/10\.48550/\S+|Focus to learn more.*",
                  re.IGNORECASE)  # fmt: skip


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    dated: dict[int, re.Match[str]] = {line.number: found for line in lines if (found := SUBMITTED.match(line.text))}
    for group in grouped(lines, lambda line: TITLE.fullmatch(line.text) is not None):
        cited = next((line for line in group if CITE.match(line.text)), None)
        if cited is None:
            continue
        body, taken = [], set()
        for line in group:
            if STOP.fullmatch(line.text):
                if line.text.lower().startswith(("submission history", "access paper")):
                    break
                taken.add(line.number)
                continue
            if line.number not in dated:
                body.append(line.text)
            taken.add(line.number)
        above = [
            found for number, found in dated.items() if number <= group[-1].number and number > group[0].number - 6
        ]
        submitted = day(above[-1]["first"]) if above else Date()
        issued = (day(above[-1]["last"]) if above[-1]["last"] else submitted) if above else Date()
        taken |= {number for number, found in dated.items() if found in above}
        identifier = identifiers.arxiv_id(cited.text)
        yield Paper(
            record(labelled(body), identifier, Origin(source, group[0].number), issued, submitted), frozenset(taken)
        )


FORMAT = copied_format(
    "arxiv-page",
    "copied from the page of an arXiv paper",
    find,
    re.compile(r"^Cite as:?\s*arXiv:", re.MULTILINE | re.IGNORECASE),
    1,
)
