"""The publication bundle: venue, year, volume, number, pages, publisher, type, DOI and what goes with them move together,
from one source. An entry with the venue of one version and the pages of another would cite a publication that does not exist.

So a gap in the bundle is filled only from a record whose bundle says nothing against the existing one; and where one is
replaced (a preprint by its publication) everything is, down to the fields that the new bundle leaves empty.
"""

from __future__ import annotations

from bibtools import fold, identifiers
from bibtools.equality import same
from bibtools.record import Date, Record
from bibtools.venues import same_venue

__all__ = ["BUNDLE", "conflicts", "fills", "moved", "year"]

BUNDLE = (
    "type", "entry_type", "container_title", "container_title_short", "container_author", "editor", "collection_title",
    "collection_number", "collection_editor", "event_title", "event_place", "event_date", "volume", "volume_title", "issue",
    "number", "page", "chapter_number", "edition", "version", "number_of_pages", "number_of_volumes", "publisher",
    "publisher_place", "genre", "medium", "status", "issued", "doi", "isbn", "issn", "pmid", "pmcid",
)  # fmt: skip

_TELLING = ("doi", "volume", "issue", "number", "page", "edition", "chapter_number", "pmid", "pmcid")


def year(record: Record) -> int | None:
    """The year that a record states; a guessed one is none."""
    return None if record.issued.inferred else record.issued.year


def conflicts(existing: Record, incoming: Record) -> tuple[str, ...]:
    """The bundle fields by which two records contradict each other; a missing or a guessed value contradicts nothing."""
    found = [name for name in _TELLING if _differ(name, getattr(existing, name), getattr(incoming, name))]
    if year(existing) is not None and year(incoming) is not None and year(existing) != year(incoming):
        found.append("issued")
    if (
        existing.isbn
        and incoming.isbn
        and not set(identifiers.isbns(existing.isbn)) & set(identifiers.isbns(incoming.isbn))
    ):
        found.append("isbn")
    identified_otherwise = not found and (
        bool(existing.doi and incoming.doi)
        or all(getattr(each, name) for each in (existing, incoming) for name in ("volume", "page"))
    )
    venues = (existing.container_title, incoming.container_title)
    if not identified_otherwise and all(venues) and not same_venue(*venues):
        found.append("container_title")
    if existing.type != incoming.type and "document" not in (existing.type, incoming.type) and not identified_otherwise:
        found.append("type")
    return tuple(found)


def _differ(name: str, left: str, right: str) -> bool:
    if not left or not right or same(name, left, right):
        return False
    if name == "page":
        return _first_page(left) != _first_page(right)
    return True


def _first_page(pages: str) -> str:
    return (fold.words(pages) or [""])[0]


def fills(existing: Record, incoming: Record) -> tuple[str, ...]:
    """The bundle fields that the existing record lacks and the incoming one has; none where the two contradict each other."""
    if conflicts(existing, incoming):
        return ()
    names = [
        name
        for name in BUNDLE
        if name not in ("type", "entry_type", "issued") and getattr(incoming, name) and not getattr(existing, name)
    ]
    if _date_is_better(existing.issued, incoming.issued):
        names.append("issued")
    return tuple(names)


def _date_is_better(existing: Date, incoming: Date) -> bool:
    """A date is taken where there is none, and a stated one in place of a guess; never a guess in place of a stated one."""
    if not incoming:
        return False
    return not existing or (existing.inferred and not incoming.inferred)


def moved(existing: Record, incoming: Record) -> dict[str, object]:
    """The values of all bundle fields in which the incoming bundle differs, to stand instead of the existing ones."""
    return {
        name: getattr(incoming, name)
        for name in BUNDLE
        if getattr(existing, name) != getattr(incoming, name)
        and (name in ("type", "entry_type") or not same(name, getattr(existing, name), getattr(incoming, name)))
    }
