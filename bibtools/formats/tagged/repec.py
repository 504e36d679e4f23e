"""The mails of NEP, "New Economics Papers", of RePEc: numbered papers with ``Date:``, ``URL:``, ``JEL:`` behind an abstract.

Known from samples of two decades: since 2005 the authors stand behind ``By:`` with their affiliations in brackets; before, one a
line between blank lines. The table of contents that a mail begins with is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtools.formats import people
from bibtools.formats.draft import Draft
from bibtools.formats.tagged.lines import Chunk, Tag, joined, tagged_format

__all__ = ["FORMAT"]

ITEM = re.compile(r"\s{0,3}\d{1,3}\. +(\S.*)")
LABEL = re.compile(r"(Date|By|URL|Keywords|JEL):[ \t]*(.*)")
RULE = re.compile(r"\s*[-=_]{20,}\s*")
AUTHOR = re.compile(r"[^\s,()\d][^,()\d]{0,40},\s?[^,()\d]{1,40}|[A-Z][\w.'-]*(?: [\w.'-]+){1,4}")
TABLE = {"URL": "url", "Title": "title", "Abstract": "abstract"}


def chunks(text: str) -> Iterator[Chunk]:
    lines = re.sub(r"\r\n?", "\n", text).removeprefix("\ufeff").split("\n")
    start, contents = 0, False
    items: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        if "In this issue we have" in line:
            contents, rules = True, 0
        elif contents and RULE.fullmatch(line):
            rules += 1
            contents = rules < 2
        elif (
            not contents
            and ITEM.fullmatch(line)
            and (at == 0 or not lines[at - 1].strip() or RULE.fullmatch(lines[at - 1]))
        ):
            if items:
                items[-1] = (items[-1][0], at)
            items.append((at, len(lines)))
    for start, stop in items:
        tags = _tags([line for line in lines[start:stop] if not RULE.fullmatch(line)])
        if any(tag.name in ("URL", "Date") for tag in tags):
            yield Chunk(start + 1, tags)
        else:
            yield Chunk(start + 1, stray="\n".join(lines[start:stop]).strip())


def _tags(lines: list[str]) -> tuple[Tag, ...]:
    """Title lines up to a blank or a label; then labels, and paragraphs that are authors or the abstract."""
    first = ITEM.fullmatch(lines[0])
    assert first is not None
    title, at = [first[1]], 1
    while at < len(lines) and lines[at].strip() and not LABEL.match(lines[at].strip()):
        title.append(lines[at].strip())
        at += 1
    tags: list[tuple[str, list[str]]] = [("Title", title)]
    blank = True
    for raw in lines[at:]:
        line = raw.strip()
        found = LABEL.match(line)
        if found:
            tags.append((found[1], [found[2].strip()] if found[2].strip() else []))
        elif line:
            name = tags[-1][0]
            if (
                name in ("Title", "Author")
                and AUTHOR.fullmatch(line)
                and (blank or name == "Author")
                and raw[0] in " \t"
            ):
                tags.append(("Author", [line]))
            elif name in ("By", "Keywords", "JEL", "Abstract") and not (blank and name != "Abstract"):
                tags[-1][1].append(line)
            else:
                tags.append(("Abstract", [line]))
        blank = not line
    return tuple(Tag(name, tuple(lines)) for name, lines in tags)


def prepare(draft: Draft, tags: tuple[Tag, ...]) -> tuple[Tag, ...]:
    draft.fields["type"] = "report"
    return tags


def place(draft: Draft, tag: Tag) -> bool:
    match tag.name:
        case "Author":
            draft.add("author", (people.natural(joined(tag)),))
        case "By":
            for line in tag.lines:
                name, bracket, rest = line.partition("(")
                draft.add("author", (people.natural(each) for each in name.split(";") if each.strip()))
                if bracket:
                    draft.keep("repec affiliation", rest.rstrip(" )"))
        case "Date":
            draft.put_date("issued", joined(tag), "repec Date")
        case "Keywords":
            draft.add_keywords(re.split(r"[;,]", joined(tag)))
        case _:
            return False
    return True


def looks_like(head: str) -> bool:
    start = head[:8192]
    known = "nep.repec.org" in start or "NEP: New Economics Papers" in start
    return known and re.search(r"^\s*URL:\s+https?://d\.repec\.org/", head, re.MULTILINE) is not None


FORMAT = tagged_format(
    name="repec",
    summary="mails of RePEc's New Economics Papers",
    suffixes=(),
    chunks=chunks,
    table=TABLE,
    place=place,
    prepare=prepare,
    looks_like=looks_like,
)
