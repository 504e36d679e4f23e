"""What a known work adds to an entry: gaps filled, a preprint replaced by its publication; never a mixture, never a guess.

    agree     is the known work surely this entry? identifier and title agree, or title, people and year do
    choose    of the known works that are, the one to take from; none where two of them contradict each other
    filled    the fields that change, and why

Venue, volume, pages and year come from one record, or the entry would cite a publication that does not exist. What a person
wrote stays. A work that contradicts the entry gives nothing, even where it is the same work: it may be another version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from bibtools.equality import same
from bibtools.index import terms
from bibtools.merging.bundle import conflicts, fills, moved
from bibtools.merging.fields import complete_authors
from bibtools.publication import Relation, is_preprint, relation
from bibtools.record import Record
from bibtools.record import filled as filled_values
from bibtools.venues import same_venue

__all__ = ["FILLED", "Choice", "Work", "agree", "choose", "filled", "has_news", "is_upgrade", "lacks"]

# What a person misses in a bibliography. Abstracts, keywords, addresses are not filled unless they are asked for.
FILLED = frozenset(
    (
        "author",
        "authors_truncated",
        "container_title",
        "volume",
        "issue",
        "number",
        "page",
        "issued",
        "doi",
        "publisher",
    )
)
FOR_BOOKS = frozenset(("publisher",))  # fields that only a book needs: in a paper's entry nobody misses them
WITH_NO_VERSION = ("arxiv_id", "categories", "url", "abstract", "language", "keyword")  # filled only where asked for
ALIKE = 90  # ratio of two titles of works that share an identifier
SHORT = 3  # words below which a title says little: then the year has to agree too
LATEST = 8  # years after a preprint in which its publication is believed without an identifier that links the two


@dataclass(frozen=True, slots=True)
class Work:
    """A known work: what is known, and where that comes from."""

    record: Record
    source: str = ""
    date: str = ""
    sure: bool = True  # by the matcher, or a person
    same_version: bool = True
    linked: bool = False  # found by an identifier that a known copy of the preprint gives
    chosen: bool = False  # by a person
    other: bool = False  # a publication, where a known copy of the preprint names another one


@dataclass(frozen=True, slots=True)
class Choice:
    """The work to take from, None where there is none to be sure of; ``unsure`` are those that a person could choose."""

    work: Work | None = None
    unsure: tuple[Work, ...] = ()
    why: str = ""


def agree(entry: Record, known: Record, linked: bool = False) -> bool:
    """Whether a known work is surely the entry's, by what the index knows: with identifiers equal the titles agree (up to
    spelling); without, the titles are equal, the people are the same, and no year or identifier contradicts."""
    left, right = terms.title_words(entry.title), terms.title_words(known.title)
    if not left or not right:
        return False
    if linked:
        return _people(entry, known, 0.5)
    one, other = "".join(left), "".join(right)
    equal = one == other
    mine, theirs = dict(terms.identifier_values(entry)), dict(terms.identifier_values(known))
    if any(mine[kind] == theirs.get(kind) for kind in mine if kind != "isbn" or entry.type == "book"):
        numbers = [[word for word in words if any(map(str.isdigit, word))] for words in (left, right)]
        heads = {"".join(terms.head_words(entry.title)), "".join(terms.head_words(known.title))}
        return equal or one in heads or other in heads or (numbers[0] == numbers[1] and fuzz.ratio(one, other) >= ALIKE)
    if not equal or any(mine[kind] != theirs[kind] for kind in mine.keys() & theirs.keys() if kind == "arxiv"):
        return False
    years = (entry.issued.year, known.issued.year)
    if len(left) < SHORT and (not all(years) or years[0] != years[1]):
        return False
    return _people(entry, known, 0.8)


def _people(entry: Record, known: Record, share: float) -> bool:
    """Whether the first author is the same and most of the others are; a list that was cut short is held to what it has."""
    mine, theirs = entry.author or entry.editor, known.author or known.editor
    if not mine or not theirs:
        return False
    one, other = set(terms.surnames(mine)), set(terms.surnames(theirs))
    first, second = set(terms.surnames(mine[:1])), set(terms.surnames(theirs[:1]))
    if not first & second:
        return False
    cut = entry.authors_truncated or known.authors_truncated
    return len(one & other) >= share * (min if cut else max)(len(one), len(other))


def is_upgrade(entry: Record, work: Work) -> bool:
    """Whether a known work is the publication of an entry that is a preprint."""
    known = work.record
    if not is_preprint(entry) or _relation(entry, work) is not Relation.UPGRADE:
        return False
    years = (entry.issued.year, known.issued.year)
    return work.linked or not all(years) or years[0] - 1 <= years[1] <= years[0] + LATEST  # type: ignore[operator]


def choose(
    entry: Record, works: Sequence[Work], fields: Collection[str], replaced: Collection[str], upgrade: bool
) -> Choice:
    """The known work that an entry is completed from."""
    usable = [work for work in works if _is_usable(entry, work, replaced, upgrade)]
    if upgrade:  # a publication comes before another copy of the preprint
        usable = [work for work in usable if is_upgrade(entry, work)] or usable
    sure = [work for work in usable if work.sure]
    if not sure:
        return Choice(None, tuple(usable), "it may be this work" if usable else "")
    best = max(sure, key=lambda work: _rank(entry, work, fields))
    level = _level(entry, best)
    rivals = [work for work in usable if _level(entry, work) >= level and _contradict(best.record, work.record)]
    if rivals and not best.chosen:
        return Choice(None, (best, *rivals), f"{len(rivals) + 1} publications of it are known")
    return Choice(best)


def _relation(entry: Record, work: Work) -> Relation:
    return relation(entry, work.record, not work.same_version and bool(conflicts(entry, work.record)))


def _is_usable(entry: Record, work: Work, replaced: Collection[str], upgrade: bool) -> bool:
    kind = _relation(entry, work)
    if kind is Relation.UPGRADE:
        return upgrade and is_upgrade(entry, work)
    if kind is not Relation.SAME or is_preprint(entry) != is_preprint(work.record):
        return False
    return not set(conflicts(entry, work.record)) - set(replaced)


def _level(entry: Record, work: Work) -> tuple[bool, bool, bool]:
    """How closely a work is tied to the entry: by an identifier, the venue, the year."""
    known = work.record
    mine, theirs = set(terms.identifier_values(entry)), set(terms.identifier_values(known))
    venues = (entry.container_title, known.container_title)
    year = entry.issued.year
    return (
        work.linked or bool(mine & theirs),
        all(venues) and same_venue(*venues),
        year is not None and year == known.issued.year,
    )


def _rank(entry: Record, work: Work, fields: Collection[str]) -> tuple[object, ...]:
    known = work.record
    new = sum(1 for name in fields if getattr(known, name) and not getattr(entry, name))
    return (*_level(entry, work), new, known.type == entry.type, work.date, work.source, repr(known))


_TELLING = frozenset(("doi", "volume", "page", "issued"))


def _contradict(one: Record, other: Record) -> bool:
    """Whether two known works are two publications: they differ in what tells publications apart, or in the venue while
    neither DOI nor pages are the same."""
    found = conflicts(one, other)
    if _TELLING & set(found):
        return True
    identified = any(getattr(one, name) and getattr(one, name) == getattr(other, name) for name in ("doi", "page"))
    return "container_title" in found and not identified


def lacks(entry: Record, fields: Collection[str]) -> bool:
    """Whether an entry lacks one of these fields that a work of its type has as a rule, or its authors are cut short."""
    expected = {"author", "container_title", "issued", "page", "doi"} if entry.type in _IN_A_CONTAINER else {"issued"}
    if entry.type == "article-journal":
        expected.add("volume")
    if entry.type in ("book", "collection"):
        expected.add("publisher")
    elif entry.type not in _IN_A_CONTAINER:
        expected |= {"author", "doi"}
    return entry.authors_truncated or any(name in fields and not getattr(entry, name) for name in expected)


_IN_A_CONTAINER = frozenset(("article-journal", "paper-conference", "chapter"))


def has_news(entry: Record, known: Record, fields: Collection[str], replaced: Collection[str]) -> bool:
    """Whether a known work says anything that could be taken: if not, nobody need ask whether it is the entry's."""
    if entry.authors_truncated or any(getattr(known, name) for name in replaced):
        return True
    return any(name in fields and value and not getattr(entry, name) for name, value in filled_values(known))


def filled(
    entry: Record, work: Work, fields: Collection[str], replaced: Collection[str]
) -> dict[str, tuple[object, str]]:
    """New value and reason of each field that the entry takes from the work."""
    known = work.record
    origin = f"{work.source}{f' of {work.date}' if work.date else ''}"
    if _relation(entry, work) is Relation.UPGRADE:
        return {name: (value, f"the published version; {origin}") for name, value in moved(entry, known).items()}
    wanted = fields if entry.type in ("book", "collection") else {*fields} - FOR_BOOKS
    names = {name for name in fields_to_fill(entry, known) if name in wanted}
    found: dict[str, tuple[object, str]] = {name: (getattr(known, name), f"was missing; {origin}") for name in names}
    if "author" in wanted and (taken := complete_authors(entry, known)):
        found["author"] = (taken.value, f"{taken.why}; {origin}")
        if entry.authors_truncated != known.authors_truncated:
            found["authors_truncated"] = (known.authors_truncated, found["author"][1])
    for name in replaced:
        if (value := getattr(known, name)) and not same(name, getattr(entry, name), value):
            found[name] = (value, f"replaced, as asked; {origin}")
    return dict(sorted(found.items()))


def fields_to_fill(entry: Record, known: Record) -> Iterator[str]:
    """The fields that an entry lacks and a known work of the same version has."""
    yield from fills(entry, known)
    for name in WITH_NO_VERSION:
        if getattr(known, name) and not getattr(entry, name):
            yield name
