"""What we intend to do to a library, as data. The preview, the .bib edit, the report and the Zotero push read the same list.

A change carries the old value as its precondition: who applies it must find that value or refuse.

A `Plan` is what a merge decided: the changes, and for every input record one `Outcome` that says what became of it and
names each of its values that the result does not hold. It stands here and not in `merge` because the reports, rooms on
the same floor as `merge`, read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bibtools.record import Problem, Record

__all__ = ["Add", "Alias", "Candidate", "Change", "Left", "Outcome", "Plan", "Remove", "SetField", "Status", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """An entry of the library: its citation key, and its place among the entries (keys can be repeated in a .bib)."""

    key: str  # the citation key
    index: int  # number of the entry in the file, from 0


@dataclass(frozen=True, slots=True)
class Add:
    record: Record  # `record.id` is the key it is to have
    why: str = ""  # in words, "" where it goes without saying


@dataclass(frozen=True, slots=True)
class SetField:
    """Give a Record field (``doi``, ``author``, ``type`` ...) of an entry a new value."""

    target: Target  # the entry
    field: str  # of the Record: container_title, issued ...
    old: object  # the value that must be there
    new: object  # the value wanted
    why: str = ""  # in words: was missing, the published version


@dataclass(frozen=True, slots=True)
class Alias:
    """``old`` becomes another name of the entry: written to biblatex's ``ids``, and rewritten where it is cited."""

    target: Target  # the entry
    old: str  # the key that stays citable
    why: str = ""  # in words


@dataclass(frozen=True, slots=True)
class Remove:
    """The entry goes, because it was merged into ``into``; ``record`` is what it said."""

    target: Target  # the entry
    record: Record  # what it said
    into: Target  # the entry that it was merged into
    why: str = ""  # in words


Change = Add | SetField | Alias | Remove


class Status(StrEnum):
    """What becomes of an input record; every one has exactly one of these."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    UNSURE = "unsure"
    INCOMPLETE = "incomplete"
    PROBLEM = "problems"


@dataclass(frozen=True, slots=True)
class Left:
    """A value of an input record that the result does not hold; ``kept`` is what stands there instead."""

    field: str  # of the Record
    value: object  # what the input says
    kept: object  # what is there instead
    why: str  # in words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that an input may be the same work as. ``key`` is its citation key, "" for another input record."""

    record: Record  # the other one
    key: str  # its citation key, "" for another input record
    answer: str  # "same" or "unsure"
    score: float  # points: the sum of the evidence
    evidence: tuple[tuple[str, float, str], ...] = ()  # field, points, words for a person
    reason: str = ""  # the evidence in one line


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input record.

    ``entry`` is the record it was combined with, as that was before (the target's entry, or the first of the new records
    that make one entry); ``key`` the citation key where it is found now, "" when it is nowhere.
    """

    record: Record  # the input, normalised
    status: Status  # added, updated, unchanged, unsure, incomplete or problems
    key: str = ""  # the citation key where it is found now, "" when it is nowhere
    entry: Record | None = None  # what it was combined with, as that was before
    changes: tuple[SetField, ...] = ()  # what the entry gains
    left: tuple[Left, ...] = ()  # what the result does not hold
    candidates: tuple[Candidate, ...] = ()  # whom it was held against: the match first, then doubts
    why: str = ""  # for a person: what to do
    reason: str = ""  # why it is taken to be the entry under `key`: the evidence of the match
    removed: bool = False  # by dedupe: this record was an entry of the file and is one no more


@dataclass(frozen=True, slots=True)
class Plan:
    """``outcomes`` in the order of the inputs; ``keys`` maps an input's citation key to the one it has now, where it differs."""

    outcomes: tuple[Outcome, ...] = ()  # one for each input record, in their order
    changes: tuple[Change, ...] = ()  # what is done to the file
    keys: tuple[tuple[str, str], ...] = ()  # (old, new) where a key of an input differs
    problems: tuple[Problem, ...] = ()  # of reading the inputs

    def having(self, status: Status) -> tuple[Outcome, ...]:
        return tuple(each for each in self.outcomes if each.status is status)

    @property
    def added(self) -> tuple[Record, ...]:
        """The new entries; several input records may have made one."""
        return tuple(each.record for each in self.changes if isinstance(each, Add))
