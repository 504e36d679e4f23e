"""What the records of one group come to: the entry as it will be, who set each changed field, and what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bibtools.merging.combine import combine
from bibtools.merging.fields import NOT_CARRIED
from bibtools.merging.group import Group, in_order
from bibtools.merging.policy import MergePolicy, Side, Versions
from bibtools.merging.pool import Pool
from bibtools.publication import Relation
from bibtools.record import Record

__all__ = ["MergedEntry", "resolve"]

ROUNDS = 5  # in practice two: one that changes something and one that finds nothing to do


@dataclass(frozen=True, slots=True)
class MergedEntry:
    group: Group
    first: int  # the record that the others are merged into
    before: Record
    after: Record
    setter: Mapping[str, tuple[int, str]]  # changed field -> the record that set it, and why
    kinds: Mapping[int, Relation]


def resolve(pool: Pool, group: Group, policy: MergePolicy) -> MergedEntry:
    """Combine until another round would change nothing: what one record brings can make room for what another has, and a second
    run of the whole merge must find nothing left to do. The order depends on what the records say, not on where they came from.
    """
    ordered = in_order(pool, group.members) if len(group.members) > 1 else list(group.members)
    first = group.entry if group.entry is not None else ordered.pop(0)
    before = pool.records[first]
    after = _without_references(before) if group.entry is None else before
    setter: dict[str, tuple[int, str]] = {}
    kinds: dict[int, Relation] = {}
    for _ in range(ROUNDS):
        started = after
        for number in ordered:
            kind = pool.relation(first, number, after)
            kinds.setdefault(number, kind)
            upgrade = policy.versions is not Versions.KEEP or group.entry is None
            picked = {name: Side(side) for name, side in pool.context.picks.get((first, number), {}).items()}
            wished = replace(policy, prefer_fields={**policy.prefer_fields, **picked}) if picked else policy
            after, why = combine(after, pool.records[number], kind, upgrade=upgrade, policy=wished)
            setter |= {name: (number, reason) for name, reason in why.items()}
        if after == started:
            break
    return MergedEntry(group, first, before, after, setter, kinds)


def _without_references(record: Record) -> Record:
    """A new entry does not refer to entries of the file it came from: what it inherited from them it has."""
    if not any(name in NOT_CARRIED for name, _ in record.extra):
        return record
    return replace(record, extra=tuple((name, value) for name, value in record.extra if name not in NOT_CARRIED))
