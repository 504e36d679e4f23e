"""The lines of a pasted page: cleaned, and sorted into page heads, papers and bare abstracts.

A paper begins with its label line (``29.5CVApr 20``, ``CVAug 19, 2024Code``) and goes on to the next one. What stands
before the first label, and statistics that turn up between papers (several pages pasted into one), are a page's head.
Text that belongs nowhere is handed out as ``strays``, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bibtools import arxiv, dates
from bibtools.formats.listing import cut

__all__ = ["Label", "Line", "Page", "Paper", "label", "lines", "pages"]

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|[ -/]?[0-~])")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069]")
_BLANK = re.compile("[\t\x0b\x0c\x85\u00a0\u2000-\u200a\u2028\u2029\u202f\u3000]")
_LABEL = re.compile(
    r"(?P<score>\d{1,3}(?:\.\d{1,3})?)?\s*(?P<label>[A-Za-z]{1,12}(?:[.-][A-Za-z]{1,12}){0,2}?)?\s*"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s?(?P<day>\d{1,2})"
    r"(?:,\s?(?P<year>\d{4}))?\s*(?P<code>Code)?"
)
_STATISTIC = re.compile(
    r"h-index\s*\d+|[\d,.]+[KkM]?\s*papers?|[\d,.]+[KkM]?\s*citations?|Novelty\s*\d+(?:\.\d+)?%|AI Score\s*\d+(?:\.\d+)?",
    re.IGNORECASE,
)
_STATED = re.compile(r"([\d,]+)\s*papers?", re.IGNORECASE)
_LONGEST_LABEL = 80
_SHORT = 100  # characters of a line of a head: a name, a field, an affiliation


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str  # cleaned and stripped
    dirty: bool = False  # held control characters


@dataclass(frozen=True, slots=True)
class Label:
    """A paper's first line. ``words`` is the date as the page has it; ``year`` is ``None`` where it has none."""

    line: int
    category: str
    month: int
    day: int
    year: int | None
    words: str
    code: bool = False
    score: str = ""


@dataclass(slots=True)
class Paper:
    label: Label
    paragraphs: list[list[Line]] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """``stated`` is the number of papers that the head claims, 0 when it claims none, and stands on ``stated_line``."""

    head: list[Line] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    abstracts: list[list[Line]] = field(default_factory=list)
    strays: list[Line] = field(default_factory=list)
    stated: int = 0
    stated_line: int = 0


def lines(text: str) -> Iterator[Line]:
    """Lines of any line end, without control characters and terminal escapes."""
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        clean = _CONTROL.sub("", _ESCAPE.sub("", raw)) if not raw.isprintable() else raw
        if not clean.isprintable():
            clean = _BLANK.sub(" ", clean)
        yield Line(number, " ".join(clean.split()), len(clean) < len(raw.removeprefix("\ufeff")))


def label(line: Line) -> Label | None:
    """The label line's parts, or ``None``. A category in small letters must be one that exists."""
    if not line.text or len(line.text) > _LONGEST_LABEL:
        return None
    match = _LABEL.fullmatch(line.text)
    if not match:
        return None
    category = match["label"] or ""
    if category != category.upper() and not _is_category(category):
        return None
    words = f"{match['month']} {int(match['day'])}" + (f", {match['year']}" if match["year"] else "")
    return Label(
        line.number,
        category.upper() if "." not in category else category,
        dates.month_number(match["month"]),
        int(match["day"]),
        int(match["year"]) if match["year"] else None,
        words,
        match["code"] is not None,
        match["score"] or "",
    )


def _is_category(text: str) -> bool:
    return bool(arxiv.category(text) or arxiv.category(text, ("cs.AI", "math.AC", "stat.ME", "q-fin.PM")))


def _is_statistic(line: Line) -> bool:
    return len(line.text) < 40 and _STATISTIC.fullmatch(line.text) is not None


def pages(text: str) -> list[Page]:
    """The pages of a text: a new one begins at each head."""
    found = [Page()]
    paragraph: list[Line] | None = None
    for line in lines(text):
        page = found[-1]
        if not line.text:
            paragraph = None
            continue
        first = label(line)
        if first is not None and (first.category or page.papers):
            page.papers.append(Paper(first))
            paragraph = None
        elif _is_statistic(line):
            if page.papers or page.abstracts:
                page = _next_page(found)
            _state(page, line)
            paragraph = None
        elif line.text.startswith("Abstract:") and not _awaits_abstract(page):
            page.abstracts.append([line])
            paragraph = None
        elif page.papers:
            if paragraph is None:
                paragraph = []
                page.papers[-1].paragraphs.append(paragraph)
            paragraph.append(line)
        elif page.abstracts and (len(line.text) > _SHORT or line.text.endswith(".")):  # an abstract that goes on
            page.abstracts[-1].append(line)
        elif page.abstracts:
            found.append(Page(head=[line]))
        elif len(line.text) > _SHORT:
            page.strays.append(line)
        else:
            page.head.append(line)
    return found


def _awaits_abstract(page: Page) -> bool:
    """Whether the last paper has its title, and perhaps its authors, but nothing else yet."""
    if not page.papers or page.abstracts:
        return False
    body = [line.text for paragraph in page.papers[-1].paragraphs for line in paragraph]
    return len(body) == 1 or (len(body) == 2 and cut.is_author_line(body[1]))


def _state(page: Page, line: Line) -> None:
    page.head.append(line)
    match = _STATED.fullmatch(line.text)
    if match and match[1].replace(",", ""):
        page.stated, page.stated_line = int(match[1].replace(",", "")[:9]), line.number


def _next_page(found: list[Page]) -> Page:
    """A new page, whose first lines (name, field) were taken for the end of the last paper."""
    page = Page()
    papers = found[-1].papers
    if papers and not found[-1].abstracts:
        paragraphs = papers[-1].paragraphs
        body = sum(map(len, paragraphs))
        while paragraphs and body > 2 and len(page.head) < 4:
            last = paragraphs[-1]
            if len(last[-1].text) > _SHORT or last[-1].text.endswith((".", "et al.")):
                break
            page.head.insert(0, last.pop())
            body -= 1
            if not last:
                paragraphs.pop()
    found.append(page)
    return page
