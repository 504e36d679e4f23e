"""A record while its source is read: what is placed, what has no place, what a person should be told.

Shared by the readers of structured sources, so that each keeps the same promise: the first value of a field stands, a further
one is kept in ``extra`` under the source's own name, and nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bibtools import dates, identifiers
from bibtools.record import Date, Name, Origin, Problem, Record

__all__ = ["Draft"]


class Draft:
    """The fields of one record, its ``extra`` and its problems, in the order of the source."""

    __slots__ = ("extra", "fields", "origin", "problems")

    def __init__(self, origin: Origin, type_: str = "document") -> None:
        self.origin = origin
        self.fields: dict[str, Any] = {"type": type_}
        self.extra: list[tuple[str, str]] = []
        self.problems: list[Problem] = []

    def put(self, field: str, value: str, name: str) -> None:
        """A text into its field; ``name`` is what the source calls it, for a value that comes second and differs."""
        if not value:
            return
        if not (standing := self.fields.get(field)):
            self.fields[field] = value
        elif standing != value:
            self.extra.append((name, value))

    def put_date(self, field: str, value: str, name: str) -> None:
        """A date in any form; where a date stands the more exact one of the same year replaces it."""
        found = dates.parse(value)
        if found:
            self.put_parsed(field, found, value, name)

    def put_parsed(self, field: str, found: Date, value: str, name: str) -> None:
        """A date that was read already, ``value`` being its text in the source."""
        standing: Date = self.fields.get(field) or Date()
        finer = found.parts[: len(standing.parts)] == standing.parts and not standing.literal and not standing.season
        if not standing or (finer and (len(found.parts) > len(standing.parts) or found.season)):
            self.fields[field] = found
        elif found != standing and (found.literal or standing.parts[: len(found.parts)] != found.parts):
            self.extra.append((name, value))

    def put_number(self, value: str, name: str) -> None:
        """An ISBN or ISSN, told apart by its form."""
        if value:
            self.put("isbn" if identifiers.isbns(value) or len(value) > 9 else "issn", value, name)

    def add(self, role: str, people: Iterable[Name]) -> None:
        """Creators behind those that the role has already."""
        found = tuple(name for name in people if name != Name())
        if not found:
            return
        if role in PEOPLE:
            self.fields[role] = (*self.fields.get(role, ()), *found)
            return
        others = dict(self.fields.get("other_creators", ()))
        others[role] = (*others.get(role, ()), *found)
        self.fields["other_creators"] = tuple(others.items())

    def add_keywords(self, words: Iterable[str]) -> None:
        found = tuple(each for word in words if (each := word.strip()))
        if found:
            self.fields["keyword"] = (*self.fields.get("keyword", ()), *found)

    def keep(self, name: str, value: str) -> None:
        """A value that has no field."""
        if value:
            self.extra.append((name, value))

    def tell(self, message: str, severity: str = "warning", text: str = "") -> None:
        self.problems.append(Problem(message, self.origin, severity, text))

    def get(self, field: str) -> Any:
        return self.fields.get(field, "")

    def record(self) -> Record:
        if self.extra:
            self.fields["extra"] = tuple(self.extra)
        return Record(**self.fields, origin=self.origin)


PEOPLE = frozenset(("author", "editor", "translator", "container_author", "collection_editor"))
