"""Given which records are the same work, which changes: pure, so that a dry run is exactly what happens.

The pool of records is the target's followed by the sources'; verdicts and clusters number them in that order. The target
need not be the whole file: entries that nothing was matched with take no part, only their keys do (`Options.taken`).

Decisions
- A record goes into an entry only with a verdict "same" for that very pair, or when it has the entry's key and says nothing
  that the entry does not say (then there is nothing to get wrong).
- A doubt against the target leaves the record out (`on_ambiguous`: skip, add). A doubt between two new records lets both in:
  leaving out one would be decided by the order of the inputs, leaving out both would lose them. `dedupe` shows them later.
- Two publications of a work (a conference paper, its journal article) are never made one: without `versions = "link"` the
  second is a case for a person.
- The records of a group are combined in an order that depends on what they say, never on where they came from.
- `dedupe` is the same plan: of the entries that are one work one stays, and the others come to it as if from a source, then go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bibtools.change import Add, Alias, Candidate, Change, Outcome, Plan, Remove, SetField, Status, Target
from bibtools.merging.bundle import conflicts
from bibtools.merging.combine import Preference, combine, left_over
from bibtools.merging.fields import NOT_CARRIED
from bibtools.merging.same import FIELDS, holds, same
from bibtools.merging.versions import Relation, is_preprint, is_published, relation
from bibtools.record import Problem, Record, filled, incomplete
from bibtools.verdict import Answer, Verdict

__all__ = ["Options", "dedupe", "plan"]

ROUNDS = 5  # in practice two: one that changes something and one that finds nothing to do

AssignKeys = Callable[[Sequence[Record], Collection[str]], Sequence[str]]


def _own_ids(records: Sequence[Record], taken: Collection[str]) -> Sequence[str]:
    """A stand-in for `keys.assign`, which is on this room's floor: `api` hands in the real one."""
    return tuple(each.id or f"entry{place}" for place, each in enumerate(records, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    versions: str = (
        "upgrade"  # a preprint that stands and its publication: "upgrade", "link" (two entries), "keep" (as it stands)
    )
    on_ambiguous: str = "skip"  # or "add"
    prefer: Preference = field(default_factory=Preference)
    picks: Mapping[tuple[int, int], Mapping[str, str]] = field(
        default_factory=dict
    )  # per pair of the pool: field -> side
    assign: AssignKeys = _own_ids
    taken: Collection[str] = ()  # citation keys of the whole target
    cited: Collection[str] = ()  # keys that documents cite: one that is merged away becomes an alias


@dataclass(frozen=True, slots=True)
class _Group:
    """Records that make one entry. ``home`` is the place of the target's entry in the pool, or None for a new one."""

    home: int | None
    members: tuple[int, ...]
    beside: int | None = None  # another version of the work, kept apart: the new entry says `related = {its key}`


class _Pool:
    """What is known of the pool, ready to be asked."""

    def __init__(
        self,
        target: Sequence[Record],
        sources: Sequence[Record],
        verdicts: Iterable[Verdict],
        written: Sequence[Record] | None,
    ) -> None:
        self.records: tuple[Record, ...] = (*target, *sources)
        self.written = target if written is None else written
        self.size = len(target)  # places below it are the target's
        self.verdicts: dict[tuple[int, int], Verdict] = {}
        self.near: dict[int, list[int]] = defaultdict(list)
        for each in verdicts:
            if each.answer is not Answer.DIFFERENT:
                self.verdicts[min(each.left, each.right), max(each.left, each.right)] = each
                self.near[each.left].append(each.right)
                self.near[each.right].append(each.left)

    def verdict(self, left: int, right: int) -> Verdict | None:
        return self.verdicts.get((min(left, right), max(left, right)))

    def answer(self, left: int, right: int) -> Answer:
        found = self.verdict(left, right)
        return found.answer if found else Answer.DIFFERENT

    def same_version(self, left: int, right: int) -> bool:
        found = self.verdict(left, right)
        return found is None or found.same_version

    def entry(self, place: int) -> Target:
        return Target(self.records[place].id, self.records[place].origin.index)

    def candidates(self, place: int) -> tuple[Candidate, ...]:
        """Whom a record was held against, the most alike first."""
        found = sorted(
            self.near[place], key=lambda other: (-self.verdicts[min(place, other), max(place, other)].score, other)
        )
        return tuple(self._candidate(place, other) for other in found)

    def _candidate(self, place: int, other: int) -> Candidate:
        verdict = self.verdicts[min(place, other), max(place, other)]
        evidence = tuple((each.field, each.points, each.reason) for each in verdict.evidence)
        record = self.records[other]
        key = record.id if other < self.size else ""
        return Candidate(record, key, str(verdict.answer), verdict.score, evidence, verdict.reason)


def plan(
    target: Sequence[Record],
    sources: Sequence[Record],
    verdicts: Iterable[Verdict],
    clusters: Iterable[Sequence[int]] = (),
    options: Options = Options(),
    problems: Sequence[Problem] = (),
    written: Sequence[Record] | None = None,
) -> Plan:
    """What merging the sources into the target would do.

    ``clusters`` are groups of places that hold together pair by pair. ``written`` is the target as its file says it, where
    ``target`` is that after clean-up: what only the clean-up found (an arXiv number within a venue) is known but no change.
    """
    pool = _Pool(target, sources, verdicts, written)
    doubtful: dict[int, str] = {}
    groups = _groups(pool, clusters, options, doubtful)
    return _decide(pool, groups, doubtful, options, problems)


def dedupe(
    entries: Sequence[Record],
    verdicts: Iterable[Verdict],
    clusters: Iterable[Sequence[int]],
    options: Options = Options(),
    referred: Collection[str] = (),
    written: Sequence[Record] | None = None,
) -> Plan:
    """Which entries of one file become one. An entry that others refer to (crossref, xdata; by key) is never the one to go."""
    pool = _Pool(entries, (), verdicts, written)
    groups: list[_Group] = []
    doubtful: dict[int, str] = {}
    lowered = {each.casefold() for each in referred}
    for cluster in clusters:
        for part in _by_version(pool, tuple(sorted(cluster)), options):
            held = [each for each in part if pool.records[each].id.casefold() in lowered]
            if len(held) > 1:
                doubtful |= dict.fromkeys(
                    part, "the same work, but other entries refer to more than one of these by key"
                )
            elif len(part) > 1:
                stays = held[0] if held else min(part, key=lambda each: _rank(pool.records[each]))
                groups.append(_Group(stays, tuple(each for each in part if each != stays)))
    settled = {each for group in groups for each in (group.home, *group.members)}
    for left, right in pool.verdicts:
        if right not in settled and left not in doubtful:
            doubtful.setdefault(right, "may be the same work")
    return _decide(pool, groups, doubtful, options, removing=True)


# --- which records make one entry --------------------------------------------------------------------------------------


def _groups(pool: _Pool, clusters: Iterable[Sequence[int]], options: Options, doubtful: dict[int, str]) -> list[_Group]:
    homes: dict[int, list[int]] = defaultdict(list)
    fresh: list[_Group] = []
    twins = _twins(pool)
    placed = set(twins)
    for place, entry in _saying_nothing_new(pool):
        if place not in placed:
            homes[entry].append(place)
            placed.add(place)
    for cluster in (*clusters, *((place,) for place in range(pool.size, len(pool.records)))):
        members = tuple(each for each in cluster if each >= pool.size and each not in placed)
        placed.update(members)
        entries = [each for each in cluster if each < pool.size]
        if members:
            _place(pool, members, entries, options, homes, fresh, doubtful)
    groups = [_Group(home, tuple(members)) for home, members in homes.items()]
    for each in fresh:
        first, *more = _by_version(pool, each.members, options)
        groups.append(_Group(None, first, each.beside))
        linking = options.versions == "link"
        groups += [_Group(None, part, first[0] if linking else each.beside) for part in more]
    doubtful |= {place: doubtful[earlier] for place, earlier in twins.items() if earlier in doubtful}
    return [replace(group, members=_with_twins(group.members, twins)) for group in groups]


def _with_twins(members: tuple[int, ...], twins: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(sorted((*members, *(place for place, earlier in twins.items() if earlier in members))))


def _saying_nothing_new(pool: _Pool) -> Iterable[tuple[int, int]]:
    """Records with an entry's key that say nothing which the entry does not say, or with another key and the same content."""
    by_key: dict[str, list[int]] = defaultdict(list)
    titles = {each.title for each in pool.records[pool.size :]}
    alike: dict[Record, int] = {}
    for entry in range(pool.size):
        by_key[pool.records[entry].id].append(entry)
        if pool.records[entry].title in titles:
            content = _content(pool.records[entry])
            alike.setdefault(content, entry)
            alike.setdefault(replace(content, id=pool.records[entry].id), entry)
    for place in range(pool.size, len(pool.records)):
        record, content = pool.records[place], _content(pool.records[place])
        found = alike.get(replace(content, id=record.id))
        if found is None:
            named = by_key.get(record.id, ())
            found = next((each for each in named[:NAMESAKES] if _belongs(pool.records[each], record, len(named))), None)
        if found is None:
            found = alike.get(content)
        if found is not None:
            yield place, found


NAMESAKES = 50  # entries of one key that are looked at; BibTeX reads the first


def _content(record: Record) -> Record:
    return replace(_standing(record, True), id="")


def _twins(pool: _Pool) -> dict[int, int]:
    """Sources that say exactly what an earlier one says, with that one: they go where it goes."""
    first: dict[Record, int] = {}
    return {
        place: earlier
        for place in range(pool.size, len(pool.records))
        if (earlier := first.setdefault(_content(pool.records[place]), place)) != place
    }


def _belongs(entry: Record, record: Record, namesakes: int) -> bool:
    """Under one key: nothing new is said; or neither has a title to be known by, and nothing that one says the other denies.

    A key that several entries have says nothing of that kind.
    """
    if _covers(entry, record):
        return True
    if namesakes > 1:
        return False
    if not record.id or entry.title or record.title:
        return False
    return not any(
        value and getattr(record, name) and not same(name, value, getattr(record, name))
        for name, value in filled(entry)
        if name not in ("id", "extra", "type", "entry_type")
    )


def _covers(whole: Record, part: Record) -> bool:
    return all(holds(name, getattr(whole, name), value) for name, value in filled(part) if name != "id")


def _place(
    pool: _Pool,
    members: tuple[int, ...],
    entries: list[int],
    options: Options,
    homes: dict[int, list[int]],
    fresh: list[_Group],
    doubtful: dict[int, str],
) -> None:
    """Put the sources of one cluster into an entry of it, or make them new, or say why neither can be done."""
    if not entries:
        near = {other for each in members for other in pool.near[each] if other < pool.size}
        if not near or options.on_ambiguous == "add":
            fresh.append(_Group(None, members))
        else:
            doubtful |= dict.fromkeys(members, "may be an entry that stands; say which with --interactive")
        return
    other_version: dict[int, list[int]] = defaultdict(list)
    for each in members:
        home = _best_entry(pool, each, entries)
        if home is None:
            doubtful[each] = "the same work as several entries that are not the same as each other"
            continue
        kind = relation(pool.records[home], pool.records[each], pool.same_version(home, each))
        if kind is not Relation.SAME and (
            options.versions == "link" or (kind, options.on_ambiguous) == (Relation.OTHER, "add")
        ):
            other_version[home].append(each)
        elif kind is Relation.OTHER:
            doubtful[each] = "another published version of an entry that stands; --versions link adds it"
        else:
            homes[home].append(each)
    fresh.extend(
        _Group(None, tuple(each), home if options.versions == "link" else None) for home, each in other_version.items()
    )


def _best_entry(pool: _Pool, place: int, entries: list[int]) -> int | None:
    """The entry among duplicates that a record belongs to: the same version before another, then the most alike.

    Where the cluster has one entry it is that one, though the two need not have been compared: an abstract alone meets the
    entry through a titled record that has both.
    """
    if len(entries) == 1:
        return entries[0]
    known = [each for each in entries if pool.answer(place, each) is Answer.SAME]
    if not known:
        return None
    record = pool.records[place]

    def fit(entry: int) -> tuple[object, ...]:
        verdict = pool.verdict(place, entry)
        assert verdict is not None
        stands = pool.records[entry]
        kind = relation(stands, record, verdict.same_version)
        against = len(conflicts(stands, record))
        mine = stands.id == record.id
        return (
            _covers(stands, record),
            kind is Relation.SAME,
            verdict.same_version,
            -against,
            verdict.score,
            mine,
            -entry,
        )

    return max(known, key=fit)


def _by_version(pool: _Pool, members: tuple[int, ...], options: Options) -> list[tuple[int, ...]]:
    """A group of one work cut where versions are to stay apart: preprints from publications when linking, and always
    publications that contradict each other and that the match called two versions."""
    ordered = _in_order(pool, members)
    parts: list[list[int]] = []
    for each in ordered:
        fitting = [part for part in parts if not _apart(pool, part[0], each, options)]
        if fitting:
            min(fitting, key=lambda part: len(conflicts(pool.records[part[0]], pool.records[each]))).append(each)
        else:
            parts.append([each])
    return [tuple(sorted(part)) for part in parts]


def _apart(pool: _Pool, first: int, other: int, options: Options) -> bool:
    kind = relation(pool.records[first], pool.records[other], pool.same_version(first, other))
    return kind is Relation.OTHER or (kind is not Relation.SAME and options.versions == "link")


def _in_order(pool: _Pool, members: Sequence[int]) -> list[int]:
    return sorted(members, key=lambda each: _rank(pool.records[each])) if len(members) > 1 else list(members)


def _rank(record: Record) -> tuple[object, ...]:
    """The order in which the records of a group are combined: the published and fullest first, then by what they say."""
    return (
        not is_published(record),
        is_preprint(record),
        record.issued.inferred or not record.issued,
        incomplete(record),
        record.authors_truncated,
        -sum(1 for _ in filled(record)),
        repr([getattr(record, name) for name in FIELDS]),
    )


# --- what becomes of each ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Work:
    """What one group comes to: the record as it will stand, who set each changed field, and what it was before."""

    group: _Group
    before: Record
    after: Record
    setter: dict[str, tuple[int, str]]
    kinds: dict[int, Relation]


def _combined(pool: _Pool, group: _Group, options: Options) -> _Work:
    """Combine until another round would change nothing: what one record brings can make room for what another has, and a
    second run of the whole merge must find nothing left to do."""
    ordered = _in_order(pool, group.members)
    first = group.home if group.home is not None else ordered.pop(0)
    work = _Work(group, pool.records[first], _standing(pool.records[first], group.home is None), {}, {})
    for _ in range(ROUNDS):
        before = work.after
        for each in ordered:
            _take(pool, work, first, each, options)
        if work.after == before:
            break
    return work


def _take(pool: _Pool, work: _Work, first: int, each: int, options: Options) -> None:
    record = pool.records[each]
    kind = relation(work.after, record, pool.same_version(first, each))
    picked = options.picks.get((first, each), {})
    prefer = replace(options.prefer, fields={**options.prefer.fields, **picked}) if picked else options.prefer
    upgrade = options.versions != "keep" or work.group.home is None
    work.kinds.setdefault(each, kind)
    work.after, why = combine(work.after, record, kind, upgrade=upgrade, prefer=prefer)
    work.setter |= {name: (each, reason) for name, reason in why.items()}


def _standing(record: Record, new: bool) -> Record:
    """A new entry does not refer to entries of the file it came from: what it inherited from them it has."""
    if not new or not any(name in NOT_CARRIED for name, _ in record.extra):
        return record
    return replace(record, extra=tuple((name, value) for name, value in record.extra if name not in NOT_CARRIED))


def _decide(
    pool: _Pool,
    groups: Sequence[_Group],
    doubtful: Mapping[int, str],
    options: Options,
    problems: Sequence[Problem] = (),
    removing: bool = False,
) -> Plan:
    works = [_combined(pool, each, options) for each in groups]
    new = [each for each in works if each.group.home is None and not incomplete(each.after)]
    named = _named(pool, new, options)
    changes: list[Change] = []
    outcomes: dict[int, Outcome] = {}
    for work in works:
        if work.group.home is not None:
            changes += _into_entry(pool, work, outcomes, options, removing)
        elif id(work) in named:
            _as_new(pool, work, named[id(work)], outcomes)
        else:
            for each in work.group.members:
                doubts = pool.candidates(each)
                outcomes[each] = Outcome(
                    pool.records[each], Status.INCOMPLETE, candidates=doubts, why="nothing to cite it by"
                )
    adds = sorted((min(work.group.members), named[id(work)]) for work in new)
    records = {named[id(work)]: work for work in new}
    found_at = {place: key for key, work in records.items() for place in work.group.members}
    changes += [Add(_beside(pool, records[key], key, found_at), _added_because(records[key])) for _, key in adds]
    for place, why in doubtful.items():
        status = Status.INCOMPLETE if incomplete(pool.records[place]) else Status.AMBIGUOUS
        outcomes[place] = Outcome(pool.records[place], status, candidates=pool.candidates(place), why=why)
    ordered = tuple(outcomes[place] for place in sorted(outcomes))
    return Plan(ordered, tuple(changes), _key_map(ordered), tuple(problems))


def _named(pool: _Pool, new: Sequence[_Work], options: Options) -> dict[int, str]:
    """A key for each new entry, by `id` of its work. Sorted by content first, so that the order of sources gives no key."""
    ordered = sorted(new, key=lambda work: _rank(work.after))
    ids = [
        next(filter(None, (pool.records[each].id for each in _in_order(pool, work.group.members))), "")
        for work in ordered
    ]
    records = [replace(work.after, id=key) for work, key in zip(ordered, ids, strict=True)]
    given = options.assign(records, options.taken)
    return {id(work): key for work, key in zip(ordered, given, strict=True)}


def _into_entry(
    pool: _Pool, work: _Work, outcomes: dict[int, Outcome], options: Options, removing: bool
) -> list[Change]:
    home = work.group.home
    assert home is not None
    entry = pool.entry(home)
    by_member: dict[int, list[SetField]] = defaultdict(list)
    stands = pool.written[home]
    for name, (place, why) in (work.setter | _known_from_elsewhere(stands, work)).items():
        old, new = getattr(stands, name), getattr(work.after, name)
        if old != new:
            by_member[place].append(SetField(entry, name, old, new, why))
    changes: list[Change] = [each for place in sorted(by_member) for each in by_member[place]]
    for place in sorted(work.group.members):
        record = pool.records[place]
        mine = tuple(by_member.get(place, ()))
        kind = work.kinds.get(place, Relation.SAME)
        left = left_over(work.after, record, kind)
        status = Status.UPDATED if mine else Status.UNCHANGED
        why = str(kind) if kind is not Relation.SAME else ""
        outcomes[place] = Outcome(
            record, status, entry.key, work.before, mine, left, pool.candidates(place), why, removing
        )
        if record.id and record.id != entry.key and (removing or record.id in options.cited):
            changes.append(Alias(entry, record.id, "merged into this entry"))
        if removing:
            changes.append(Remove(pool.entry(place), record, entry, _reason(pool, home, place)))
    return changes


def _known_from_elsewhere(written: Record, work: _Work) -> dict[str, tuple[int, str]]:
    """Identifiers that the file holds only within a field that is to change: they get a field of their own."""
    changed = [name for name in _HIDING if name in work.setter]
    if not changed:
        return {}
    hidden = (name for name in ("arxiv_id", "doi") if getattr(work.after, name) and not getattr(written, name))
    return {name: (work.setter[changed[0]][0], f"stood in {changed[0]}") for name in hidden if name not in work.setter}


_HIDING = ("container_title", "number", "url", "note", "publisher", "extra")


def _as_new(pool: _Pool, work: _Work, key: str, outcomes: dict[int, Outcome]) -> None:
    first = work.before
    for place in work.group.members:
        record = pool.records[place]
        entry = None if record is first else first
        left = left_over(work.after, record, work.kinds.get(place, Relation.SAME))
        outcomes[place] = Outcome(record, Status.ADDED, key, entry, (), left, pool.candidates(place), "")


def _beside(pool: _Pool, work: _Work, key: str, found_at: Mapping[int, str]) -> Record:
    """The record to add, under its key; tied by biblatex's `related` to the entry of another version where that is asked."""
    record = replace(work.after, id=key)
    other = work.group.beside
    if other is None:
        return record
    tied = pool.records[other].id if other < pool.size else found_at.get(other, "")
    return (
        replace(record, extra=(*record.extra, ("related", tied)))
        if tied and not record.get_extra("related")
        else record
    )


def _added_because(work: _Work) -> str:
    count = len(work.group.members)
    return "new" if count == 1 else f"new, from {count} records"


def _reason(pool: _Pool, left: int, right: int) -> str:
    found = pool.verdict(left, right)
    return found.reason if found else "the same key, and nothing that the other does not say"


def _key_map(outcomes: Iterable[Outcome]) -> tuple[tuple[str, str], ...]:
    pairs = {
        (each.record.id, each.key) for each in outcomes if each.record.id and each.key and each.record.id != each.key
    }
    return tuple(sorted(pairs))
