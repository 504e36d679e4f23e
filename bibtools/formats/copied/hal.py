"""Lists of HAL: ``Ada Lovelace, Charles Babbage. On engines. Journal of Engines, 2019, 7 (2), pp.1-9. ⟨10.1000/xyz⟩.
⟨hal-01234567⟩``.

Known from HAL's citations (``citationFull_s``). The number in HAL is the mark; a DOI stands before it in the same brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools import identifiers
from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin, Record

__all__ = ["FORMAT"]

NUMBER = re.compile(
    r"[⟨〈<](?P<id>(?:hal|tel|inria|halshs|insu|cea|lirmm|pasteur|dumas|cel|medihal|jpa|in2p3|ineris|ird|sic|ensl|inserm)-\d{8}(?:v\d+)?)[⟩〉>]"
)
BRACKETED = re.compile(r"[⟨〈<]([^⟨⟩〈〉<>]+)[⟩〉>]")
HEAD = re.compile(
    r"(?P<authors>(?:[^.]|(?<=\b[A-Z])\.|(?<=-[A-Z])\.)+?)(?<!\b[A-Z])\. (?P<title>.+?[.?!]) (?P<where>.*)"
)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
PAGES = re.compile(r"pp?\.\s?(?P<page>[\w]+(?:[-–]\w+)?)")
NUMBERS = re.compile(r"(?:19|20)\d\d, (?:[\w -]+, )?(?P<volume>\d+)(?: \((?P<issue>[\w-]+)\))?")


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    """A citation ends with its number in HAL; it may be broken over lines, each of which is part of it."""
    block: list[Line] = []
    for line in lines:
        block.append(line)
        number = NUMBER.search(line.text)
        if not number:
            block = block[-4:]
            continue
        for begin in range(len(block) - 1, -1, -1):
            text = " ".join(each.text for each in block[begin:])
            head = HEAD.match(text[: text.index(number[0])])
            if head:
                yield Paper(
                    _record(head, text, number["id"], Origin(source, block[begin].number)),
                    frozenset(each.number for each in block[begin:]),
                )
                break
        block = []


def _record(head: re.Match[str], text: str, number: str, origin: Origin) -> Record:
    draft = Draft(origin, "document")
    authors(draft, head["authors"])
    draft.put("title", head["title"].rstrip("."), "title")
    where = BRACKETED.sub("", head["where"]).strip(" .")
    for each in BRACKETED.findall(text):
        if doi := identifiers.bare_doi(each):
            draft.put("doi", doi, "doi")
    if re.match(r"(?:PhD|Thèse|Thesis|Habilitation)", where) or number.startswith("tel-"):
        draft.fields["type"] = "thesis"
    container, comma, rest = where.partition(", ")
    if numbers := NUMBERS.match(rest):
        draft.fields["type"] = "article-journal"
        draft.put("container_title", container, "journal")
        draft.put("volume", numbers["volume"], "volume")
        draft.put("issue", numbers["issue"] or "", "issue")
    elif comma and draft.fields["type"] == "document":
        draft.put("container_title", container, "container")
        draft.fields["type"] = (
            "paper-conference"
            if re.search(r"Conference|Workshop|Symposium|Proceedings|Conférence|Journées", where)
            else "document"
        )
    if pages := PAGES.search(where):
        draft.put("page", pages["page"], "pages")
    years = YEAR.findall(where)
    if years:
        draft.put_date("issued", years[-1] if len(set(years)) == 1 else years[0], "year")
    draft.put("url", f"https://hal.science/{number}", "url")
    draft.keep("hal citation", where)
    return draft.record()


FORMAT = copied_format("hal", "copied from lists of HAL", find, NUMBER)
