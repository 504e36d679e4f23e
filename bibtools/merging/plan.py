"""Given which records are the same work, which changes: pure, so that a dry run is exactly what happens.

Records are numbered target first, then the sources, as in the `Linkage`. The target need not be the whole file: entries that
nothing was matched with take no part, only their keys do (``assign``).

`plan_dedupe` is the same plan: of the entries that are one work one stays, and the others are merged into it as sources and then
removed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bibtools.change import Add, Alias, Change, Outcome, Plan, Remove, SetField, Status
from bibtools.merging.combine import left_over
from bibtools.merging.group import Grouping, group_duplicates, group_sources, in_order
from bibtools.merging.policy import DEFAULT, MergePolicy
from bibtools.merging.pool import NO_CONTEXT, Context, Pool, rank
from bibtools.merging.resolve import MergedEntry, resolve
from bibtools.publication import Relation
from bibtools.record import Problem, Record, incomplete
from bibtools.verdict import Linkage

__all__ = ["AssignKeys", "plan", "plan_dedupe"]

# Citation keys for new records, in their order; those that have one in `id` wish to keep it.
AssignKeys = Callable[[Sequence[Record]], Sequence[str]]


def plan(
    target: Sequence[Record],
    sources: Sequence[Record],
    linkage: Linkage,
    assign: AssignKeys,
    policy: MergePolicy = DEFAULT,
    context: Context = NO_CONTEXT,
    problems: Sequence[Problem] = (),
) -> Plan:
    """What merging the sources into the target would do."""
    pool = Pool((*target, *sources), linkage, context)
    return _decide(pool, group_sources(pool, policy), policy, assign, problems)


def plan_dedupe(
    entries: Sequence[Record], linkage: Linkage, policy: MergePolicy = DEFAULT, context: Context = NO_CONTEXT
) -> Plan:
    """Which entries of one file become one. An entry that others refer to by key is never removed."""
    pool = Pool(entries, linkage, context)
    return _decide(pool, group_duplicates(pool, policy), policy, lambda records: (), removing=True)


def _decide(
    pool: Pool,
    grouping: Grouping,
    policy: MergePolicy,
    assign: AssignKeys,
    problems: Sequence[Problem] = (),
    removing: bool = False,
) -> Plan:
    entries = [resolve(pool, group, policy) for group in grouping.groups]
    new = [entry for entry in entries if entry.group.entry is None and not incomplete(entry.after)]
    keys = _assigned(pool, new, assign)
    changes: list[Change] = []
    outcomes: dict[int, Outcome] = {}
    for entry in entries:
        if entry.group.entry is not None:
            changed, told = _into_entry(pool, entry, removing)
            changes += changed
        elif entry.first in keys:
            told = _as_new(pool, entry, keys[entry.first])
        else:
            told = {number: _incomplete(pool, number) for number in entry.group.members}
        outcomes |= told
    found_at = {number: keys[entry.first] for entry in new for number in entry.group.members}
    for entry in sorted(new, key=lambda entry: min(entry.group.members)):
        changes.append(Add(_related(pool, entry, keys[entry.first], found_at), _added_because(entry)))
    for number, why in grouping.unsure.items():
        record = pool.records[number]
        status = Status.INCOMPLETE if incomplete(record) else Status.UNSURE
        outcomes[number] = Outcome(record, status, candidates=pool.candidates(number), why=why)
    ordered = tuple(outcomes[number] for number in sorted(outcomes))
    return Plan(ordered, tuple(changes), _key_map(ordered), (*problems, *grouping.notes))


def _assigned(pool: Pool, new: Sequence[MergedEntry], assign: AssignKeys) -> dict[int, str]:
    """A key for each new entry, by its first record. Sorted by content first, so that the order of sources gives no key."""
    ordered = sorted(new, key=lambda entry: rank(entry.after))
    wished = []
    for entry in ordered:
        ids = (pool.records[number].id for number in in_order(pool, entry.group.members))
        wished.append(replace(entry.after, id=next(filter(None, ids), "")))
    return {entry.first: key for entry, key in zip(ordered, assign(wished) if wished else (), strict=True)}


def _into_entry(pool: Pool, entry: MergedEntry, removing: bool) -> tuple[list[Change], dict[int, Outcome]]:
    existing = entry.first
    target = pool.entry(existing)
    by_member: dict[int, list[SetField]] = defaultdict(list)
    written = pool.written[existing]
    for name, (number, why) in ({**entry.setter, **_moved_out(written, entry)}).items():
        old, new = getattr(written, name), getattr(entry.after, name)
        if old != new:
            by_member[number].append(SetField(target, name, old, new, why))
    changes: list[Change] = [change for number in sorted(by_member) for change in by_member[number]]
    outcomes: dict[int, Outcome] = {}
    for number in sorted(entry.group.members):
        record = pool.records[number]
        mine = tuple(by_member.get(number, ()))
        kind = entry.kinds.get(number, Relation.SAME)
        reason = pool.reason(existing, number)
        outcomes[number] = Outcome(
            record,
            Status.UPDATED if mine else Status.UNCHANGED,
            target.key,
            entry.before,
            mine,
            left_over(entry.after, record, kind),
            pool.candidates(number),
            str(kind) if kind is not Relation.SAME else "",
            reason,
            removing,
        )
        if record.id and record.id != target.key and (removing or record.id in pool.context.cited):
            changes.append(Alias(target, record.id, "merged into this entry"))
        if removing:
            changes.append(Remove(pool.entry(number), record, target, reason))
    return changes, outcomes


def _moved_out(written: Record, entry: MergedEntry) -> dict[str, tuple[int, str]]:
    """Identifiers that the file holds only within a field that is to change: they get a field of their own."""
    changed = [name for name in _HIDING if name in entry.setter]
    if not changed:
        return {}
    hidden = (name for name in ("arxiv_id", "doi") if getattr(entry.after, name) and not getattr(written, name))
    setter = entry.setter[changed[0]][0]
    return {name: (setter, f"was part of the {changed[0]} field") for name in hidden if name not in entry.setter}


_HIDING = ("container_title", "number", "url", "note", "publisher", "extra")


def _as_new(pool: Pool, entry: MergedEntry, key: str) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for number in entry.group.members:
        record = pool.records[number]
        kind = entry.kinds.get(number, Relation.SAME)
        mine = number == entry.first
        outcomes[number] = Outcome(
            record,
            Status.ADDED,
            key,
            None if mine else entry.before,
            (),
            left_over(entry.after, record, kind),
            pool.candidates(number),
            "",
            "" if mine else pool.reason(entry.first, number),
        )
    return outcomes


def _incomplete(pool: Pool, number: int) -> Outcome:
    return Outcome(
        pool.records[number], Status.INCOMPLETE, candidates=pool.candidates(number), why="nothing to cite it by"
    )


def _related(pool: Pool, entry: MergedEntry, key: str, found_at: Mapping[int, str]) -> Record:
    """The record to add, under its key; tied by biblatex's `related` to the entry of another version where that is asked."""
    record = replace(entry.after, id=key)
    other = entry.group.other_version
    if other is None or record.get_extra("related"):
        return record
    tied = pool.records[other].id if other < pool.target_count else found_at.get(other, "")
    return replace(record, extra=(*record.extra, ("related", tied))) if tied else record


def _added_because(entry: MergedEntry) -> str:
    count = len(entry.group.members)
    return "new" if count == 1 else f"new, from {count} records"


def _key_map(outcomes: Iterable[Outcome]) -> tuple[tuple[str, str], ...]:
    pairs = {
        (outcome.record.id, outcome.key)
        for outcome in outcomes
        if outcome.record.id and outcome.key and outcome.record.id != outcome.key
    }
    return tuple(sorted(pairs))
