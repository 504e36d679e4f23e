"""Which records make one entry. The clusters of the match are final: here they are only parted by version and given an entry.

- A record that may be an entry of the target is left out (`OnUnsure`). Two new records that may be one both come in: leaving out
  one would be decided by the order of the inputs, leaving out both would lose them. `dedupe` shows them later.
- Two publications of a work (a conference paper, its journal article) are never made one: without `Versions.LINK` the second is
  a case for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bibtools.equality import covers
from bibtools.merging.bundle import conflicts
from bibtools.merging.policy import MergePolicy, OnUnsure, Versions
from bibtools.merging.pool import Pool, rank
from bibtools.publication import Relation
from bibtools.record import Problem

__all__ = ["Group", "Grouping", "group_duplicates", "group_sources", "in_order"]


@dataclass(frozen=True, slots=True)
class Group:
    """Records that make one entry, by their numbers in the pool."""

    entry: int | None  # the target's, or None for a new one
    members: tuple[int, ...]
    other_version: int | None = None  # kept apart: the new entry says `related = {its key}`


@dataclass(frozen=True, slots=True)
class Grouping:
    groups: tuple[Group, ...] = ()
    unsure: Mapping[int, str] = field(default_factory=dict)  # records left for a person, and why
    notes: tuple[Problem, ...] = ()


def group_sources(pool: Pool, policy: MergePolicy) -> Grouping:
    """Each source in an entry of its cluster, in a new one, or left for a person."""
    groups: list[Group] = []
    unsure: dict[int, str] = {}
    clustered = {number for cluster in pool.clusters for number in cluster}
    singles = ((number,) for number in range(pool.target_count, len(pool.records)) if number not in clustered)
    for cluster in (*pool.clusters, *singles):
        members = tuple(number for number in cluster if number >= pool.target_count)
        entries = tuple(number for number in cluster if number < pool.target_count)
        if members:
            found = _assign_cluster(pool, members, entries, policy) if entries else _new(pool, members, policy)
            groups += found.groups
            unsure |= found.unsure
    return Grouping(tuple(groups), unsure)


def group_duplicates(pool: Pool, policy: MergePolicy) -> Grouping:
    """Of the entries that are one work one stays: one that others refer to by key, else the published and fullest."""
    groups: list[Group] = []
    unsure: dict[int, str] = {}
    referred = {key.casefold() for key in pool.context.referred}
    notes: list[Problem] = []
    for cluster in pool.clusters:
        parts = _by_version(pool, cluster, policy)
        if len(parts) > 1:
            keys = ", ".join(pool.records[in_order(pool, part)[0]].id for part in parts)
            first = pool.records[parts[0][0]]
            notes.append(Problem(f"{keys}: {len(parts)} publications of one work; all stay", first.origin, "note"))
        for part in parts:
            needed = [number for number in part if pool.records[number].id.casefold() in referred]
            if len(needed) > 1:
                why = "the same work, but other entries refer to more than one of these by key"
                unsure |= dict.fromkeys(part, why)
            elif len(part) > 1:
                stays = needed[0] if needed else in_order(pool, part)[0]
                groups.append(Group(stays, tuple(number for number in part if number != stays)))
    settled = {number for group in groups for number in (group.entry, *group.members)}
    for number in range(len(pool.records)):
        if number not in settled and number not in unsure:
            earlier = [other for other in pool.unsure(number) if other < number]
            if earlier and not any(other in unsure for other in earlier):
                unsure[number] = "may be the same work"
    return Grouping(tuple(groups), unsure, tuple(notes))


def _new(pool: Pool, members: Sequence[int], policy: MergePolicy) -> Grouping:
    near = {other for number in members for other in pool.unsure(number) if other < pool.target_count}
    if near and policy.on_unsure is OnUnsure.SKIP:
        keys = ", ".join(sorted({pool.records[other].id for other in near})[:5])
        return Grouping((), dict.fromkeys(members, f"may be a duplicate of {keys}; decide with --interactive"))
    first, *more = _by_version(pool, members, policy)
    linked = first[0] if policy.versions is Versions.LINK else None
    return Grouping((Group(None, first), *(Group(None, part, linked) for part in more)))


def _assign_cluster(pool: Pool, members: Sequence[int], entries: Sequence[int], policy: MergePolicy) -> Grouping:
    """Put the sources of a cluster into the entries of it."""
    into: dict[int, list[int]] = defaultdict(list)
    beside: dict[int, list[int]] = defaultdict(list)
    unsure: dict[int, str] = {}
    linking = policy.versions is Versions.LINK
    for number in members:
        entry = max(entries, key=lambda entry: _fit(pool, entry, number))
        kind = pool.relation(entry, number)
        if kind is Relation.SAME or (kind is not Relation.OTHER and not linking):
            into[entry].append(number)
        elif linking or policy.on_unsure is OnUnsure.ADD:
            beside[entry].append(number)
        else:
            unsure[number] = (
                f"a second published version of {pool.records[entry].id}; add it as its own entry with --versions link"
            )
    groups = [Group(entry, tuple(numbers)) for entry, numbers in into.items()]
    for entry, numbers in beside.items():
        groups += (Group(None, part, entry if linking else None) for part in _by_version(pool, numbers, policy))
    return Grouping(tuple(groups), unsure)


def _fit(pool: Pool, entry: int, number: int) -> tuple[object, ...]:
    """Which of several entries of its work a record belongs to: one that says it all, the same version, then the most alike."""
    existing, record = pool.records[entry], pool.records[number]
    verdict = pool.verdict(entry, number)
    kind = pool.relation(entry, number)
    same_version = verdict is None or verdict.same_version
    return (
        covers(existing, record),
        kind is Relation.SAME,
        same_version,
        -len(conflicts(existing, record)),
        verdict.score if verdict else 0.0,
        existing.id == record.id,
        -entry,
    )


def in_order(pool: Pool, members: Iterable[int]) -> list[int]:
    return sorted(members, key=lambda number: rank(pool.records[number]))


def _by_version(pool: Pool, members: Sequence[int], policy: MergePolicy) -> list[tuple[int, ...]]:
    """A cluster cut where versions are to stay apart: preprints from publications when linking, and always publications that
    contradict each other and that the match called two versions."""
    if len(members) == 1:
        return [tuple(members)]
    parts: list[list[int]] = []
    for number in in_order(pool, members):
        fitting = [part for part in parts if not _apart(pool, part[0], number, policy)]
        if fitting:
            record = pool.records[number]
            min(fitting, key=lambda part: len(conflicts(pool.records[part[0]], record))).append(number)
        else:
            parts.append([number])
    return [tuple(sorted(part)) for part in parts]


def _apart(pool: Pool, first: int, other: int, policy: MergePolicy) -> bool:
    kind = pool.relation(first, other)
    return kind is Relation.OTHER or (kind is not Relation.SAME and policy.versions is Versions.LINK)
