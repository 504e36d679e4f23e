"""Author pages as people paste them: papers with category, date, title, authors and abstract, in three layouts.

``listing`` has title and authors on lines of their own, ``listing-compact`` runs them together (see `cut`),
``listing-abstracts`` has abstracts only. One reader serves all three, paper by paper, so that pages pasted into one text
are read whatever their layouts; the names tell them apart for recognition and for ``--from``.

What has no CSL name goes to ``Record.extra``: ``score``, ``code``, ``affiliation``, and ``label`` where the category stays
unresolved. An abstract without a title becomes a record that holds only the abstract: worth something when a titled
record has the same.
"""

from __future__ import annotations

from dataclasses import replace

from bibtools.format import Format, ReadOptions
from bibtools.formats.listing import cut
from bibtools.formats.listing.page import Page, label, lines, pages
from bibtools.formats.listing.papers import body, read_page
from bibtools.record import Batch, Origin, Problem

__all__ = ["ABSTRACTS", "COMPACT", "LISTING"]


def read(text: str, options: ReadOptions) -> Batch:
    """The papers of one or several pages, in any of the layouts. Never raises on content."""
    batch = Batch()
    for page in pages(text):
        batch += read_page(page, options)
    problems = [*batch.problems, *_dirty(text, options.source)]
    if not batch.records and not any(each.severity == "error" for each in problems):
        message = "no papers found: there is no line such as 'CVAug 19, 2024', and none that begins with 'Abstract:'"
        problems.append(Problem(message, Origin(options.source)))
    problems.sort(key=lambda each: each.origin.line)
    placed = (each.replace(origin=replace(each.origin, index=place)) for place, each in enumerate(batch.records))
    return Batch(tuple(placed), tuple(problems))


def _dirty(text: str, source: str) -> list[Problem]:
    """Control characters and terminal escapes are taken out, and that is told once."""
    dirty = [line.number for line in lines(text) if line.dirty]
    if not dirty:
        return []
    where = f" in {len(dirty)} lines" if len(dirty) > 1 else ""
    return [Problem(f"control characters or terminal escapes removed{where}", Origin(source, dirty[0]), "warning")]


# -- recognition --------------------------------------------------------------------------------------------------------


def layout(text: str) -> str:
    """Which of the three layouts a text is, ``""`` for none. Prose that quotes a label line is none."""
    if "Abstract:" not in text and not any(label(line) for line in lines(text)):
        return ""
    found = pages(text)
    if any(page.strays and not page.abstracts for page in found) or sum(len(page.head) for page in found) > 15 * len(
        found
    ):
        return ""
    kinds = [_kind(page, place) for page in found for place in range(min(12, len(page.papers)))]
    if "listing" in kinds or "listing-compact" in kinds:
        return "listing" if kinds.count("listing") >= kinds.count("listing-compact") else "listing-compact"
    return "" if kinds else _abstracts_only(found)


def _kind(page: Page, place: int) -> str:
    parsed = body(page.papers[place])
    if not parsed.abstract and place + 1 < len(page.papers):
        return ""
    if parsed.authors:
        return "listing"
    names = cut.split(parsed.joined).authors if parsed.joined else ()
    return "listing-compact" if names and all(map(cut.looks_like_name, names)) else ""


def _abstracts_only(found: list[Page]) -> str:
    count = sum(len(page.abstracts) for page in found)
    others = sum(len(page.head) + len(page.strays) for page in found)
    long = all(len(each[0].text) >= 100 for page in found for each in page.abstracts[:-1])
    return "listing-abstracts" if count >= 1 and others <= max(2, count) and long and count + others > 1 else ""


def _format(name: str, summary: str) -> Format:
    return Format(name, summary, (".txt",), looks_like=lambda text: layout(text) == name, read=read)


LISTING = _format("listing", "author page: papers with category, date, title, authors, abstract")
COMPACT = _format("listing-compact", "author page without blank lines, title and authors run together")
ABSTRACTS = _format("listing-abstracts", "author page of abstracts only")
