"""The papers of a page as records: which line is title, authors, abstract; dates, categories, counts; what to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bibtools import arxiv, dates
from bibtools.format import ReadOptions
from bibtools.formats.listing import cut
from bibtools.formats.listing.page import Label, Line, Page, Paper
from bibtools.record import Batch, Date, Name, Origin, Problem, Record

__all__ = ["Body", "body", "read_page"]

_DOUBTFUL = 1.0  # nats between the best cut and the next, under which the cut is told to be a guess
_DOUBTFUL_AMONG_SEVERAL = (
    5.0  # the same where the word that is cut has several capitals within: LinkedInXiao, bioRxivJane
)
_ABSTRACT = re.compile(r"Abstract:\s*")
_ET_AL = re.compile(r",?\s+et\.?\s+al\.?$")


@dataclass(frozen=True, slots=True)
class Body:
    """A paper's lines, sorted. ``joined`` is a line that `cut` has to part into title and authors."""

    label: Label
    title: str = ""
    authors: str = ""
    joined: str = ""
    abstract: str = ""


def read_page(page: Page, options: ReadOptions) -> Batch:
    records: list[Record] = []
    problems: list[Problem] = []
    bodies = _settled([body(each) for each in page.papers])
    splits = iter(cut.split_lines([b.joined for b in bodies if b.joined], [b.abstract for b in bodies if b.abstract]))
    labels = [each.label.category for each in page.papers if each.label.category]
    categories = {each: arxiv.category(each, labels) for each in {"", *labels}}  # a page has many papers and few labels
    for each in bodies:
        split = next(splits) if each.joined else None
        record, told = _record(each, split, categories[each.label.category], options.source)
        records += [record] if record.title else []
        problems += told
    records, told = _dated(records, bodies, options)
    problems += told
    problems += _counts(page, len(records), options.source)
    for paragraph in page.abstracts:
        abstract = _abstract(paragraph)
        if abstract:
            origin = Origin(options.source, paragraph[0].number)
            records.append(Record(type="article", abstract=abstract, origin=origin))
    problems += _strays(page, options.source)
    return Batch(tuple(records), tuple(problems))


# -- which line is what -------------------------------------------------------------------------------------------------


def body(paper: Paper) -> Body:
    """Authors on a line of their own make a ``listing`` paper; else the first line holds title and authors."""
    paragraphs = paper.paragraphs
    flat = [line for paragraph in paragraphs for line in paragraph]
    if not flat:
        return Body(paper.label)
    at = _authors_place(paragraphs, flat)
    if at:
        title = " ".join(each.text for each in flat[:at])
        return Body(paper.label, title, flat[at].text, abstract=_abstract(flat[at + 1 :]))
    if len(paragraphs[0]) == 1 and len(paragraphs) > 1 and not _might_join(flat[0].text):
        return Body(paper.label, flat[0].text, abstract=_abstract(flat[1:]))
    return Body(paper.label, joined=flat[0].text, abstract=_abstract(flat[1:]))


def _settled(bodies: list[Body]) -> list[Body]:
    """On a page whose papers have their authors apart, a line that shows no list of authors is a title."""
    apart = sum(bool(each.authors) for each in bodies)
    if apart < sum(bool(each.joined) for each in bodies):
        return bodies
    return [
        replace(each, title=each.joined, joined="") if each.joined and not _shows_list(each.joined) else each
        for each in bodies
    ]


def _shows_list(text: str) -> bool:
    return ", " in text or " · " in text or _ET_AL.search(text[-20:]) is not None


def _authors_place(paragraphs: list[list[Line]], flat: list[Line]) -> int:
    """The place of the line of authors among the lines, 0 when there is none."""
    for place in range(1, min(4, len(flat))):
        if cut.is_author_line(flat[place].text):
            return place
    if len(paragraphs) > 2 and len(paragraphs[1]) == 1:
        text = paragraphs[1][0].text.partition(" · ")[0]
        if _ET_AL.search(text[-20:]) or (len(text) < min(160, len(paragraphs[2][0].text)) and not text.endswith(".")):
            return len(paragraphs[0])
    return 0


def _might_join(text: str) -> bool:
    return _shows_list(text) or cut.split(text).margin > _DOUBTFUL


def _abstract(rest: Sequence[Line]) -> str:
    return arxiv.text(_ABSTRACT.sub("", " ".join(each.text for each in rest), count=1) if rest else "")


# -- records ------------------------------------------------------------------------------------------------------------


def _record(each: Body, split: cut.Split | None, category: str, source: str) -> tuple[Record, list[Problem]]:
    origin = Origin(source, each.label.line)
    problems: list[Problem] = []
    title, authors, affiliation = each.title, each.authors, ""
    names: tuple[Name, ...] = ()
    truncated = False
    if split is not None:
        title, affiliation, truncated = split.title, split.affiliation, split.truncated
        names = _names(split.authors)
        problems += _cut_problems(split, origin)
    elif authors:
        head, dot, tail = authors.rpartition(" · ")
        authors, affiliation = (head, tail) if dot else (authors, "")
        truncated = _ET_AL.search(authors[-20:]) is not None
        shown = authors[:-20] + _ET_AL.sub("", authors[-20:])
        names = _names(tuple(shown.split(", ")))
    decoded = arxiv.text(title)
    extra = [("tex-title", title)] if decoded != title else []
    if not category:
        extra.append(("label", each.label.category))
        problems.append(Problem(_label_message(each.label.category), origin, "warning"))
    extra += [("score", each.label.score), ("code", "yes" if each.label.code else ""), ("affiliation", affiliation)]
    if not title:
        problems.append(Problem("the page ends here: a date without a paper", origin, text=each.label.words))
    elif not names:
        problems.append(Problem(f"no authors found for '{title[:60]}'", origin, "warning"))
    record = Record(
        type="article",
        title=decoded,
        author=names,
        authors_truncated=truncated,
        categories=(category,) if category else (),
        abstract=each.abstract,
        extra=tuple(pair for pair in extra if pair[1]),
        origin=origin,
    )
    return record, problems


def _names(shown: tuple[str, ...]) -> tuple[Name, ...]:
    """The names of a list, each read by arXiv's rules, since arXiv is where the page has them from."""
    names: list[Name] = []
    joined: list[str] = []
    for each in shown:
        if each in ("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV") and joined:
            joined[-1] += f" {each}"
        else:
            joined.append(each)
    for each in joined:
        names += [Name(literal=each)] if cut.is_organisation(each) else _persons(each)
    return tuple(names)


_NICKNAME = re.compile(r"(\S+(?: \S+)*) (\([^\W\d][^()]{0,30}\)) (\S.*)")


def _persons(shown: str) -> tuple[Name, ...]:
    """A name read as arXiv would; ``Chien-Nan (Shannon) Chen`` is one person, though arXiv takes parentheses for a comment."""
    found = _NICKNAME.fullmatch(shown)
    if found is None:
        return arxiv.split_authors(shown)
    (name,) = arxiv.split_authors(f"{found[1]} {found[3]}") or (Name(literal=shown),)
    after = found[3].removesuffix(name.surname).strip()
    given = " ".join(part for part in (found[1], found[2], after) if part)
    return (replace(name, given=given),) if name.family else (Name(literal=shown),)


def _label_message(category: str) -> str:
    if not category:
        return "no category before the date"
    if arxiv.is_label(category):
        return f"category {category} can be several of arXiv's, and the page does not settle which; kept as a label"
    return f"category {category} is none of arXiv's; kept as a label"


def _cut_problems(split: cut.Split, origin: Origin) -> Iterator[Problem]:
    if split.authors and split.margin < (_DOUBTFUL_AMONG_SEVERAL if split.capitals > 1 else _DOUBTFUL):
        where = f"'...{split.title[-30:]}' | '{split.authors[0][:30]}'"
        yield Problem(f"where the title ends and the authors begin is a guess: {where}", origin, "warning")


# -- dates --------------------------------------------------------------------------------------------------------------


def _dated(records: list[Record], bodies: list[Body], options: ReadOptions) -> tuple[list[Record], list[Problem]]:
    """Dates of one page. A page writes the year of every paper but this year's, so a year left out is a later one."""
    as_of = options.as_of or date.today()
    labels = {each.label.line: each.label for each in bodies}
    latest = max((each.year or 0 for each in labels.values()), default=0)
    problems: list[Problem] = []
    guessed: list[Date] = []
    dated = []
    for record in records:
        found = labels[record.origin.line]
        issued, problem = _date(found, as_of, latest)
        if issued.inferred and issued.parts:
            guessed.append(issued)
        if problem:
            problems.append(Problem(problem, record.origin, "warning"))
        dated.append(record.replace(issued=issued))
    if guessed:
        years = ", ".join(str(year) for year in sorted({each.parts[0] for each in guessed}))
        first = next(each.origin for each in dated if each.issued == guessed[0])
        message = f"{len(guessed)} {'date has' if len(guessed) == 1 else 'dates have'} no year: taken as {years} (as of {as_of})"
        problems.append(Problem(message, first, "note"))
        if len({each.parts[0] for each in guessed}) > 1:
            message = "dates without a year fall into different years: was the page taken on another day? (--as-of)"
            problems.append(Problem(message, first, "warning"))
    return dated, problems


def _date(found: Label, as_of: date, latest: int) -> tuple[Date, str]:
    """A label's date, and what is wrong with it."""
    if found.year is not None:
        if found.year and dates.valid(found.year, found.month, found.day):
            return Date((found.year, found.month, found.day)), ""
        return Date(literal=found.words), f"'{found.words}' is no day of the calendar; kept as written"
    issued = dates.infer_year(found.month, found.day, as_of, latest + 1)
    if issued.parts:
        return issued, ""
    issued = Date(literal=found.words, inferred=True)
    if not dates.infer_year(found.month, found.day, as_of).parts:
        return issued, f"'{found.words}' is no day of the calendar; kept as written"
    return issued, (
        f"'{found.words}' has no year, and none fits: later than {latest}, which the page spells out, and not after "
        f"{as_of}; give --as-of the day the page was taken"
    )


# -- counts and leftovers -----------------------------------------------------------------------------------------------


def _counts(page: Page, shown: int, source: str) -> Iterator[Problem]:
    if page.stated and page.stated != shown:
        shown_text = (
            f"{shown} of them {'is' if shown == 1 else 'are'} shown" if shown < page.stated else f"{shown} are shown"
        )
        yield Problem(f"the page claims {page.stated} papers; {shown_text}", Origin(source, page.stated_line), "note")


def _strays(page: Page, source: str) -> Iterator[Problem]:
    """Text that belongs to no paper, one problem for lines that follow each other."""
    block: list[Line] = []
    for line in [*page.strays, None]:
        if block and (line is None or line.number > block[-1].number + 2):
            text = "\n".join(each.text for each in block)
            yield Problem("text that belongs to no paper", Origin(source, block[0].number), text=text)
            block = []
        if line is not None:
            block.append(line)
