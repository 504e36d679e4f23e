"""Lists like ResearchGate's: title, ``Article`` or ``Conference Paper``, perhaps ``Full-text available``, ``Mar 2019``, an
author a line.

Known from the texts of its profiles. What follows the authors (an abstract, buttons) begins with a line that is no name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import dates
from bibtools.formats import people
from bibtools.formats.copied.paste import Line, Paper, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

TYPES = {
    "article": "article-journal",
    "conference paper": "paper-conference",
    "preprint": "article",
    "chapter": "chapter",
    "book": "book",
    "thesis": "thesis",
    "technical report": "report",
    "poster": "speech",
    "presentation": "speech",
    "data": "dataset",
    "dataset": "dataset",
}
AVAILABLE = re.compile(
    r"(?:Full-text available|File available|Open access.*|Peer reviewed|\d[\d,]* Reads?|·)", re.IGNORECASE
)
DATE = re.compile(r"(?P<date>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?:19|20)\d\d)(?:\s*·.*)?")
NAME = re.compile(r"(?:[^\W\d_][\w'’.-]*\s){1,4}[^\W\d_][\w'’-]*|\[\.{3}\]")
BUTTON = re.compile(
    r"(?:View|Download|Read full-text|Request full-text|Share|Recommend|Follow|Show all.*|Add to library|Cite|Save)",
    re.IGNORECASE,
)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    starts = [at for at, line in enumerate(lines) if at and line.text.lower() in TYPES and _date(lines, at) is not None]
    for place, at in enumerate(starts):
        stop = starts[place + 1] - 1 if place + 1 < len(starts) else len(lines)
        dated = _date(lines, at)
        assert dated is not None
        found = DATE.fullmatch(lines[dated].text)
        assert found is not None
        title = lines[at - 1]
        draft = Draft(Origin(source, title.number), TYPES[lines[at].text.lower()])
        draft.put("title", title.text, "title")
        draft.fields["issued"] = dates.parse(found["date"])
        taken = {line.number for line in (title, *lines[at : dated + 1])}
        below = dated + 1
        while (
            below < stop
            and (NAME.fullmatch(lines[below].text) or AVAILABLE.fullmatch(lines[below].text))
            and not BUTTON.fullmatch(lines[below].text)
        ):
            text = lines[below].text
            taken.add(lines[below].number)
            if text == "[...]":
                draft.fields["authors_truncated"] = True
            elif not AVAILABLE.fullmatch(text):
                draft.add("author", (people.natural(text),))
            below += 1
        rest = [line for line in lines[below:stop] if not BUTTON.fullmatch(line.text)]
        if rest and len(rest[0].text) > 100:
            draft.put("abstract", rest[0].text, "abstract")
            taken.add(rest[0].number)
        taken |= {line.number for line in lines[below:stop] if BUTTON.fullmatch(line.text)}
        if draft.get("author"):
            yield Paper(draft.record(), frozenset(taken))


def _date(lines: list[Line], at: int) -> int | None:
    """Where the date stands behind a type, at most three lines on."""
    for place in range(at + 1, min(at + 4, len(lines))):
        if DATE.fullmatch(lines[place].text):
            return place
        if not AVAILABLE.fullmatch(lines[place].text):
            return None
    return None


FORMAT = copied_format(
    "researchgate",
    "copied from lists like ResearchGate's",
    find,
    re.compile(r"^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?:19|20)\d\d", re.MULTILINE),
)
