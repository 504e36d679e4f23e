"""OpenReview's lists: title, authors, ``Published: 16 Jan 2024, Last Modified: 05 Mar 2024`` and the venue.

Known from its pages since 2023 and, before, ``16 Jan 2024 (modified: 05 Mar 2024)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

DAY = r"\d{1,2} [A-Z][a-z]{2} \d{4}"
MARK = re.compile(
    rf"(?:Published: (?P<a>{DAY}), )?Last Modified: {DAY}(?P<more_a>.*)|(?P<b>{DAY}) \((?:modified|edited): {DAY}\)(?P<more_b>.*)"
)
BUTTON = re.compile(
    r"(?:Readers: .*|Everyone|Revisions|BibTeX|Show details|Hide details|PDF|\d+ Repl(?:y|ies)|Edit history)",
    re.IGNORECASE,
)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    for at, line in enumerate(lines):
        mark = MARK.fullmatch(line.text)
        if mark is None or at < 2:
            continue
        title, names = lines[at - 2], lines[at - 1]
        draft = Draft(Origin(source, title.number), "paper-conference")
        draft.put("title", title.text, "title")
        authors(draft, names.text)
        draft.put_date("issued", mark["a"] or mark["b"] or "", "date")
        taken = {title.number, names.number, line.number}
        venue = re.sub(r"Readers:.*|Everyone.*", "", (mark["more_a"] or mark["more_b"] or "")).strip(" ·|")
        below = at + 1
        if not venue and below < len(lines) and not BUTTON.fullmatch(lines[below].text) and not _begins(lines, below):
            venue = lines[below].text
            taken.add(lines[below].number)
            below += 1
        while below < len(lines) and BUTTON.fullmatch(lines[below].text):
            taken.add(lines[below].number)
            below += 1
        if re.match(r"(?:CoRR|arXiv)\b", venue):
            draft.fields["type"] = "article"
        draft.put("container_title", venue, "venue")
        yield Paper(draft.record(), frozenset(taken))


def _begins(lines: list[Line], at: int) -> bool:
    """Whether a title stands here: two lines above the next mark."""
    return at + 2 < len(lines) and MARK.fullmatch(lines[at + 2].text) is not None


FORMAT = copied_format(
    "openreview", "copied from OpenReview", find, re.compile(r"Last Modified: \d|\((?:modified|edited): \d")
)
