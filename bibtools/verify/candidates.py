"""A known work held against an entry: title, people, identifiers, place. No verdict yet."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from bibtools import identifiers
from bibtools.index import terms
from bibtools.match.titles import FUNCTION_WORDS, GENRE_WORDS
from bibtools.publication import is_server_doi, is_server_name
from bibtools.record import Record
from bibtools.verify import people, title_relation, venue_names
from bibtools.verify.judgement import Work
from bibtools.verify.people import Meeting
from bibtools.verify.title_relation import Kin, Weigh

__all__ = ["Candidate", "Claims", "arxiv_written"]

SERIAL = ("doi", "arxiv", "pmid", "pmcid")  # identifiers of one text; an ISBN is that of all texts in a book
BOOKS = frozenset(("book", "collection", "periodical"))
UNPUBLISHED = frozenset(("thesis",))


class Claims:
    """What an entry says of its work, prepared for comparing."""

    def __init__(self, entry: Record, weigh: Weigh) -> None:
        self.entry = entry
        self.weigh = weigh
        self.title = title_relation.title(entry.title)
        self.people = people.people_of(entry)
        self.year = None if entry.issued.inferred else entry.issued.year
        self.identifiers = _identifiers(entry)
        self.venues = _venues(entry)

    @cached_property
    def telling(self) -> int:
        """How many words of the title tell something."""
        return len(telling_words(self.title.words))

    @property
    def is_placed(self) -> bool:
        return bool(self.venues)


def telling_words(words: Iterable[str]) -> set[str]:
    return {word for word in words if word not in FUNCTION_WORDS and word not in GENRE_WORDS and len(word) > 1}


def arxiv_written(record: Record) -> str:
    """The arXiv number as it stands in a record, also where it is none by its form."""
    archive = record.get_extra("archiveprefix") or record.get_extra("eprinttype")
    return record.arxiv_id or (record.get_extra("eprint") if archive.lower() == "arxiv" else "")


def _identifiers(record: Record) -> dict[str, str]:
    found: dict[str, str] = {}
    if number := identifiers.arxiv_id_of_decimal(arxiv_written(record)):
        found["arxiv"] = number
    for kind, value in terms.identifier_values(record):
        if kind == "isbn" and record.type not in BOOKS:
            continue
        if kind == "doi" and is_server_doi(value):
            kind = "preprint"  # the DOI that a server gave: never the publication's
        found.setdefault(kind, value)
    return found


def _venues(record: Record) -> tuple[str, ...]:
    """The names of the venue, servers of preprints left out."""
    given = [record.container_title, record.container_title_short, record.event_title]
    if not any(given):
        given = [record.collection_title]
    return tuple(dict.fromkeys(name for name in given if name and not is_server_name(name)))


class Candidate:
    """A known work, and what it has in common with the entry."""

    def __init__(self, claims: Claims, work: Work) -> None:
        self.claims, self.work, self.record = claims, work, work.record

    @cached_property
    def identifiers(self) -> dict[str, str]:
        return _identifiers(self.record)

    @cached_property
    def shared(self) -> frozenset[str]:
        """The kinds of identifier that agree."""
        mine, theirs = self.claims.identifiers, self.identifiers
        return frozenset(kind for kind in mine.keys() & theirs.keys() if mine[kind] == theirs[kind])

    @cached_property
    def clashing(self) -> frozenset[str]:
        mine, theirs = self.claims.identifiers, self.identifiers
        return frozenset(kind for kind in mine.keys() & theirs.keys() if mine[kind] != theirs[kind])

    @property
    def is_anchored(self) -> bool:
        """Whether an identifier of one text says that it is the entry's work."""
        return bool(self.shared)

    @cached_property
    def title(self) -> title_relation.TitleRelation:
        return title_relation.relate(self.claims.title, title_relation.title(self.record.title), self.claims.weigh)

    @cached_property
    def people(self) -> people.Relation:
        return people.meet(self.claims.people, people.people_of(self.record))

    @cached_property
    def venues(self) -> tuple[str, ...]:
        return _venues(self.record)

    @property
    def is_preprint_copy(self) -> bool:
        """Whether it is a server's record: it may name the publication's DOI, but title, people and year are the preprint's."""
        return bool(self.record.arxiv_id) and not self.venues

    @cached_property
    def same_venue(self) -> bool | None:
        """Whether a venue's name agrees; None where one has none, or nothing can be said."""
        answers = [venue_names.agree(mine, theirs) for mine in self.claims.venues for theirs in self.venues]
        if True in answers:
            return True
        return None if not answers or None in answers else False

    @property
    def year(self) -> int | None:
        return self.record.issued.year

    @property
    def gap(self) -> int | None:
        """Years between entry and known work; None where one has none."""
        if self.claims.year is None or self.year is None:
            return None
        submitted = self.record.submitted.year or self.year
        low, high = sorted((submitted, self.year))
        return max(0, low - self.claims.year, self.claims.year - high)

    @property
    def is_of_the_year(self) -> bool:
        return self.gap is not None and self.gap <= 1

    @property
    def is_in_place(self) -> bool:
        """The same venue and year, and no identifier that says otherwise."""
        return self.same_venue is True and self.is_of_the_year and not self.clashing

    @property
    def has_same_people(self) -> bool:
        found = self.people
        return found.meeting in (Meeting.SAME, Meeting.CUT) and (found.matched > found.doubtful or self.is_anchored)

    @property
    def is_same_kind(self) -> bool:
        """A thesis is not the article made of it, a book not the article of its name."""
        if self.is_anchored:
            return True
        one, other = self.claims.entry.type, self.record.type
        if "document" in (one, other):
            return True
        return all((one in kinds) == (other in kinds) for kinds in (UNPUBLISHED, BOOKS))

    @cached_property
    def is_the_work(self) -> bool:
        """Whether title and people leave no doubt that it is the entry's work, in this or another version."""
        kin = self.title.kin
        if kin < Kin.SHORT or not self.is_same_kind:
            return False
        found = self.people
        telling = self.claims.telling
        if kin is Kin.SHORT:
            telling = min(telling, len(telling_words(title_relation.title(self.record.title).words)))
        if self.has_same_people:
            if telling >= (3 if kin is Kin.SHORT else 2) or self.is_anchored:
                return True
            return self.gap == 0 or (self.gap is None and self.title.kin is Kin.SAME and telling >= 1)
        if found.meeting is Meeting.SILENT:
            return self.is_anchored or (kin >= Kin.SPELLED and telling >= 4 and (self.gap is None or self.gap <= 1))
        return False
