"""INSPIRE's lists: title, ``#1``, ``Ada Lovelace(CERN), Charles Babbage (Mar 4, 2019)``, ``Published in: ... • e-Print:
1901.00001 [hep-ph]``.

Known from the texts of inspirehep.net's results. Affiliations in brackets are kept apart from the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import dates, identifiers
from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

NUMBER = re.compile(r"#\d{1,6}")
PUBLISHED = re.compile(r"(?:Published in|e-Print|Contribution to|DOI)\s*:.*")
WHERE = re.compile(
    r"Published in:\s*(?P<journal>.+?)\s(?P<volume>\w+) \((?P<year>\d{4})\)(?: (?P<issue>[\w-]+))?(?:, (?P<page>[\w-]+))?"
)
DATE = re.compile(r"\((?P<date>(?:[A-Z][a-z]{2}(?: \d{1,2})?, )?\d{4})\)")
BUTTON = re.compile(
    r"(?:pdf|DOI|cite|claim|links?|files?|datasets?|code|reference search|edit|\d[\d,]* citations?|review|proceeding)",
    re.IGNORECASE,
)


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    marks = [at for at, line in enumerate(lines) if NUMBER.fullmatch(line.text) and at]
    for place, at in enumerate(marks):
        stop = marks[place + 1] - 1 if place + 1 < len(marks) else len(lines)
        body = lines[at + 1 : stop]
        published = [line for line in body if PUBLISHED.match(line.text)]
        if not published:
            continue
        title = lines[at - 1]
        above = body[: body.index(published[0])]
        draft = Draft(Origin(source, title.number), "article")
        draft.put("title", title.text, "title")
        people = " ".join(line.text for line in above)
        if date := DATE.search(people):
            draft.fields["issued"] = dates.parse(date["date"])
            people = people.replace(date[0], " ")
        for affiliation in re.findall(r"\(([^()]*)\)", people):
            draft.keep("inspire affiliation", affiliation.strip(" ,"))
        people = re.sub(r"\([^()]*\)", " ", people)
        authors(draft, " ".join(re.sub(r"\s+,", ",", people).split()))
        for line in published:
            _published(draft, line.text)
        buttons = [line for line in body[len(above) + len(published) :] if BUTTON.fullmatch(line.text)]
        taken = {line.number for line in (title, lines[at], *above, *published, *buttons)}
        yield Paper(draft.record(), frozenset(taken))


def _published(draft: Draft, text: str) -> None:
    for part in text.split("•"):
        said = part.strip()
        if said.startswith("e-Print:"):
            draft.put("arxiv_id", identifiers.arxiv_id("arXiv:" + said.removeprefix("e-Print:").strip()), "e-Print")
            draft.fields["categories"] = tuple(re.findall(r"\[([\w.-]+)\]", said))
        elif said.startswith("DOI:"):
            draft.put("doi", identifiers.doi(said), "DOI")
        elif found := WHERE.match(said):
            draft.fields["type"] = "article-journal"
            for name, field in (
                ("journal", "container_title"),
                ("volume", "volume"),
                ("issue", "issue"),
                ("page", "page"),
            ):
                draft.put(field, found[name] or "", name)
            if draft.get("issued") and str(draft.get("issued").year) != found["year"]:
                draft.fields["submitted"] = draft.fields.pop("issued")  # the day of the preprint
            draft.put_date("issued", found["year"], "year")
        else:
            draft.keep("inspire", said)


FORMAT = copied_format("inspire", "copied from INSPIRE's lists", find, re.compile(r"^#\d+\s*$", re.MULTILINE))
