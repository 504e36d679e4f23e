"""Pasted references and the works that they cite: with an index the works' fields are taken, and contradictions told."""

from __future__ import annotations

import re
from dataclasses import replace

from bibtools import fold, venues
from bibtools.api.looking import LOOKED_AT, keyed, one_work
from bibtools.api.reading import Inputs
from bibtools.equality import same, same_text
from bibtools.index import Hit, Index
from bibtools.index.question import of_text
from bibtools.index.quoting import cites
from bibtools.record import Batch, Date, Problem, Record, filled, unverified

__all__ = ["confirmed"]


def confirmed(read: Inputs, known: Index) -> Inputs:
    """The records that were read from a reference list, where the index has the work that the reference surely cites: with
    the index's fields, what the reference has more, and a problem for each contradiction. The others as they are."""
    parts = []
    for part in read.parts:
        if not isinstance(part, Batch) or not any(map(unverified, part.records)):
            parts.append(part)
            continue
        records: list[Record] = []
        told: list[Problem] = []
        settled: set[int] = set()
        for record in part.records:
            hit = _cited(record, known) if unverified(record) else None
            if hit is None:
                records.append(record)
                continue
            joined, problems = _joined(record, hit)
            records.append(joined)
            told += problems
            settled.add(record.origin.line)
        kept = [each for each in part.problems if each.origin.line not in settled or each.severity == "error"]
        parts.append(Batch(tuple(records), (*kept, *told)))
    return Inputs(tuple(parts), read.failures)


def _cited(record: Record, known: Index) -> Hit | None:
    """The known work that a reference surely cites."""
    raw = record.get_extra("reference") or record.get_extra("bibitem text")
    asked = of_text(raw)
    hits = known.search(asked, limit=LOOKED_AT, near=True)
    fitting = [hit for hit in hits if cites(asked, raw, hit.record, known.weigh)]
    if not fitting and not record.title and record.author:  # a journal without a title: its people tell it
        people = Record(author=record.author[:3], issued=record.issued)
        fitting = [hit for hit in known.search(people, limit=LOOKED_AT) if cites(asked, raw, hit.record, known.weigh)]
    if not fitting or not one_work([hit.record for hit in fitting]):
        return None
    return max(fitting, key=lambda hit: _version(hit, record))


def _version(hit: Hit, record: Record) -> tuple[object, ...]:
    """Of copies of one work: the one of the reference's year and venue, then the one that says most."""
    work = hit.record
    return (
        work.issued.year == record.issued.year,
        bool(work.container_title) == bool(record.container_title),
        sum(1 for _ in filled(work)),
        hit.source.date,
        repr(work),
    )


COMPARED = ("title", "container_title", "volume", "issue", "page", "issued", "publisher", "doi")
CALLED = {"container_title": "journal", "issue": "number", "page": "pages", "issued": "year"}


def _joined(record: Record, hit: Hit) -> tuple[Record, list[Problem]]:
    """The work's fields, those that the reference has more, and what the two say differently."""
    work = keyed(hit)
    more: dict[str, object] = {}
    problems: list[Problem] = []
    for name, value in filled(record):
        there = getattr(work, name)
        if name in ("id", "type", "extra", "author", "editor"):
            continue
        if not there:
            more[name] = value
            doubts = (each for each in record.unresolved if each.startswith(f"{CALLED.get(name, name)} "))
            problems += [Problem(each, record.origin, "warning") for each in doubts]
        elif name in COMPARED and not _agree(name, there, value):
            called, said = CALLED.get(name, name), _shown(value)
            message = f"{called} {said} in the reference, {_shown(there)} in {hit.source.name}; the latter is taken"
            problems.append(Problem(message, record.origin, "warning", said))
    if "container_title" in more or not work.type or work.type == "document":
        more["type"] = record.type
    if _names_others(work, record):
        more |= {"author": record.author, "authors_truncated": False}
        called = ", ".join(map(fold.surname, record.author))
        message = f"{len(work.author)} authors in {hit.source.name}, {len(record.author)} in the reference; the latter are taken"
        problems.append(Problem(message, record.origin, "warning", called))
    more["extra"] = (*work.extra, *(pair for pair in record.extra if pair not in work.extra))
    return work.replace(**more, origin=replace(record.origin, format="")), problems


def _names_others(work: Record, record: Record) -> bool:
    """Whether the work has more authors than a reference that lists all, and they stand nowhere in its text."""
    said = record.author
    if not said or record.authors_truncated or any(each.literal for each in said) or len(work.author) <= len(said):
        return False
    words = set(fold.words(record.get_extra("reference") or record.get_extra("bibitem text")))
    return any(words.isdisjoint(fold.words(each.literal or each.family)) for each in work.author)


def _agree(name: str, known: object, said: object) -> bool:
    if name == "issued" and isinstance(known, Date) and isinstance(said, Date):
        return known.year == said.year
    if name == "container_title":
        return venues.likeness(venues.venue(str(known)), venues.venue(str(said))) >= venues.NEUTRAL
    if name == "page":
        return re.findall(r"\w+", str(known))[:1] == re.findall(r"\w+", str(said))[:1]
    return same(name, known, said) or (name == "title" and (same_text(str(said), str(known)[: len(str(said))])))


def _shown(value: object) -> str:
    return str(value.year or value.literal) if isinstance(value, Date) else str(value)
