"""A volume of the ACL Anthology: ``pdf bib abs``, the title, ``Ada Lovelace | Charles Babbage``, perhaps the abstract.

Known from its templates (acl-org/acl-anthology, hugo/layouts). The title of the volume stands above its papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats.copied.paste import Line, Paper, authors, copied_format
from bibtools.formats.draft import Draft
from bibtools.record import Origin

__all__ = ["FORMAT"]

ONE = r"(?:pdf|bib|abs|search|Video|Software|Code|Dataset|Poster|Slides|Presentation|Note\w*|Optional ?\w*|Attachment)"
BUTTONS = re.compile(rf"{ONE}(?: \(full\))?(?:\s+{ONE})*(?: \(full\))?|Supplementary ?\w*", re.IGNORECASE)
START = re.compile(r"pdf(?: \(full\))?\b.*", re.IGNORECASE)
VOLUME = re.compile(
    r"(?:Proceedings of|Findings of|Transactions of|Computational Linguistics,|Actes de|Companion|Volume \d).*",
    re.IGNORECASE,
)
YEAR = re.compile(r"\b(?:19[6-9]|20)\d\d\b|\b(?:19|20)\d\d\b")


def find(lines: list[Line], source: str) -> Iterator[Paper]:
    volume = ""
    at = 0
    while at < len(lines):
        text = lines[at].text
        if VOLUME.fullmatch(text) and "|" not in text:
            volume = text
        if not (START.fullmatch(text) and BUTTONS.fullmatch(text)):
            at += 1
            continue
        begin = at
        while at < len(lines) and BUTTONS.fullmatch(lines[at].text):
            at += 1
        if at + 1 >= len(lines) or not _has_bib(lines[begin:at]):
            continue
        title, names = lines[at], lines[at + 1]
        if BUTTONS.fullmatch(names.text) or VOLUME.fullmatch(names.text):
            at += 1
            continue
        draft = Draft(Origin(source, title.number), "paper-conference")
        draft.put("title", title.text, "title")
        front = title.text == volume or (VOLUME.fullmatch(title.text) is not None and not volume)
        authors(draft, names.text, r"\s*\|\s*")
        taken = {line.number for line in lines[begin : at + 2]}
        at += 2
        if front:
            draft.fields["type"] = "book"
            draft.add("editor", draft.fields.pop("author", ()))
            volume = title.text
        else:
            draft.put("container_title", volume, "volume")
        years = YEAR.findall(volume)
        if len(set(years)) == 1:
            draft.put_date("issued", years[0], "year")
        if at < len(lines) and len(lines[at].text) > 200 and not START.fullmatch(lines[at].text):
            draft.put("abstract", lines[at].text, "abstract")
            taken.add(lines[at].number)
            at += 1
        yield Paper(draft.record(), frozenset(taken))


def _has_bib(lines: list[Line]) -> bool:
    return any(re.search(r"\bbib\b", line.text) for line in lines)


FORMAT = copied_format(
    "acl-anthology",
    "copied from a volume of the ACL Anthology",
    find,
    re.compile(r"^pdf\b", re.MULTILINE | re.IGNORECASE),
)
