"""One function per choice between two values of a field: the target's wins, a gap is filled, except
where one value holds all that the other says and more.

Every function takes the record that stands and the one that comes, and gives the value to stand instead with the reason,
or None: the existing value stays. What belongs to the publication (venue, year, pages, DOI ...) is not decided field by
field but in `bundle`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bibtools import fold, latex
from bibtools.equality import same, same_text
from bibtools.record import Name, Record, unverified

__all__ = ["FILE_FIELDS", "NOT_CARRIED", "RAW", "Taken", "choose"]

FILE_FIELDS = frozenset({"file", "pdf"})  # `extra` names that hold paths: a union, as for keywords

# Names in `extra` by which an entry is tied to others of its own file, or that tell how a reader read: they mean nothing
# in another library. The data of a cross-referenced parent are in the record already.
NOT_CARRIED = frozenset(
    [
        "crossref",
        "xref",
        "xdata",
        "related",
        "entryset",
        "tex-title",
        "ids",
        "timestamp",
        "owner",
        "date-added",
        "date-modified",
    ]
)

RAW = "reference"  # the text that a record was read off: it goes with a new entry, an entry that stands needs none

# Names in `extra` that repeat a part of a title, to write it apart where the dialect has a field for it.
TITLE_PARTS = frozenset(
    whole + part for whole in ("", "book", "journal", "main") for part in ("subtitle", "titleaddon")
)
TITLES = ("title", "container_title", "collection_title", "volume_title")


@dataclass(frozen=True, slots=True)
class Taken:
    value: object
    why: str


def choose(field: str, existing: Record, incoming: Record, prefer_incoming: bool) -> Taken | None:
    """The value to stand in the field instead of the existing one, or None."""
    new, old = getattr(incoming, field), getattr(existing, field)
    if not new or (same(field, old, new) and field != "title"):
        return None
    if field in _RULES:
        taken = _RULES[field](existing, incoming)
        if taken is not None:
            return taken
    elif not old:
        return Taken(new, "was missing")
    if prefer_incoming and old and field not in ("keyword", "extra") and not same(field, old, new):
        return Taken(new, "preferred, as asked")
    return None


# --- titles ------------------------------------------------------------------------------------------------------------

_NOCASE = re.compile(r'<span class="nocase">(.*?)</span>', re.S)


def better_protected_title(existing: Record, incoming: Record) -> Taken | None:
    """Of two titles that differ in nothing but the words protected from a style's lower case, the one that protects more.

    It must protect everything that the existing one does, else the person's own choice stays.
    """
    if not existing.title:
        return Taken(incoming.title, "was missing")
    if _NOCASE.sub(r"\1", existing.title) != _NOCASE.sub(r"\1", incoming.title):
        return None
    old, new = _protected(existing.title), _protected(incoming.title)
    if old < new:
        return Taken(incoming.title, "the same title, with more words protected from lower case")
    return None


def _protected(title: str) -> set[int]:
    """Places, counted in the text without markup, of the letters that a style must not change."""
    places: set[int] = set()
    shift = 0
    for found in _NOCASE.finditer(title):
        start = found.start() - shift
        places.update(start + offset for offset, letter in enumerate(found[1]) if letter.isupper())
        shift += len(found[0]) - len(found[1])
    return places


# --- people ------------------------------------------------------------------------------------------------------------


def complete_authors(existing: Record, incoming: Record) -> Taken | None:
    """A list that was cut short yields to one that begins with the same names and goes on."""
    if not existing.author:
        return Taken(incoming.author, "was missing")
    if not existing.authors_truncated:
        return None
    if len(incoming.author) <= len(existing.author):
        return None
    if not all(map(one_person, existing.author, incoming.author)):
        return None
    return Taken(incoming.author, "the list was cut short; this one begins with the same names and goes on")


def one_person(left: Name, right: Name) -> bool:
    """Whether two names can be one person's: the same family name, and initials that do not contradict."""
    if left == right:
        return True
    if left.literal or right.literal:
        return sorted(fold.words(left.surname + " " + left.given)) == sorted(
            fold.words(right.surname + " " + right.given)
        )
    if fold.surname(left) != fold.surname(right):
        return False
    one, two = fold.initials(left), fold.initials(right)
    return one.startswith(two) or two.startswith(one)


# --- collections -------------------------------------------------------------------------------------------------------


def union_of_keywords(existing: Record, incoming: Record) -> Taken | None:
    new = [each for each in incoming.keyword if not any(same_text(each, old) for old in existing.keyword)]
    return Taken(existing.keyword + tuple(dict.fromkeys(new)), "keywords of both") if new else None


def more_categories(existing: Record, incoming: Record) -> Taken | None:
    """arXiv categories, primary first: a list that begins as the existing one does and goes on replaces it."""
    if not existing.categories:
        return Taken(incoming.categories, "was missing")
    if incoming.categories[: len(existing.categories)] == existing.categories:
        return Taken(incoming.categories, "more categories, beginning with the same")
    return None


def gaps_in_extra(existing: Record, incoming: Record) -> Taken | None:
    """Fields without a name of their own: those that the existing record lacks are added, files are a union."""
    names = {name for name, _ in existing.extra}
    added = tuple(
        (name, value)
        for name, value in incoming.extra
        if name not in names
        and not (name == RAW and unverified(incoming))
        and name not in NOT_CARRIED
        and not _said_otherwise(name, value, existing)
    )
    merged = tuple(
        (name, _joined_files(value, incoming) if name in FILE_FIELDS else value) for name, value in existing.extra
    )
    if merged + added == existing.extra:
        return None
    return Taken(merged + added, "was missing" if added else "files of both")


def _said_otherwise(name: str, value: str, existing: Record) -> bool:
    """Whether a record says in another field what a name of `extra` says: arXiv's journal-ref in the journal."""
    if name == "journal-ref":
        return bool(existing.container_title)
    return _in_a_title(name, value, existing)


def _in_a_title(name: str, value: str, existing: Record) -> bool:
    """Whether a title of the record says a subtitle already: an entry in BibTeX's own dialect has them in one field."""
    if name not in TITLE_PARTS:
        return False
    part = fold.text(latex.plain(latex.decode(value)))
    return any(f" {part} " in f" {fold.text(getattr(existing, title))} " for title in TITLES)


def _joined_files(value: str, incoming: Record) -> str:
    """JabRef and Zotero part several files of one entry by semicolons."""
    held = {each.strip() for each in value.split(";")}
    for name, more in incoming.extra:
        if name in FILE_FIELDS:
            for each in more.split(";"):
                if each.strip() and each.strip() not in held:
                    value = f"{value};{each.strip()}" if value else each.strip()
                    held.add(each.strip())
    return value


_RULES: dict[str, Callable[[Record, Record], Taken | None]] = {
    "title": better_protected_title,
    "author": complete_authors,
    "keyword": union_of_keywords,
    "categories": more_categories,
    "extra": gaps_in_extra,
}
