"""The planner: what would have to be written so that a library holds what the files say. Pure: no network, no clock.

For each record one action. A record finds its item by the link of an earlier run (following mergers), by the journal of an
interrupted one, or by `index`. What the user did in Zotero stands: an edited field is not overwritten, a trashed or deleted
item is not brought back, a tag or collection that was added stays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from bibtools import fold, identifiers
from bibtools.record import Record
from bibtools.verdict import Answer
from zotero_bridge import compare, items
from zotero_bridge.compare import Conflict, View
from zotero_bridge.index import Found, Judge, Library, contradict
from zotero_bridge.schema import Item, Schema
from zotero_bridge.state import Intent, Link, Values

__all__ = ["Action", "Memory", "Options", "Wanted", "after", "plan", "trash", "wanted"]

ALIKE = 60.0  # of 100: a title so unlike the linked one is another work under a reused key


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record as an item: what a file says."""

    source: str
    id: str  # unlike all others of the source
    record: Record
    item: Item
    digest: str


@dataclass(frozen=True, slots=True)
class Options:
    prefer: str = ""  # "file" or "zotero" settles conflicts
    ambiguous: str = "skip"  # or "add"
    versions: bool = False  # a preprint and its published version are one item
    restore: bool = False  # bring back what was trashed or deleted in Zotero
    ours_win: frozenset[str] = frozenset()  # ids of records whose conflicts a person settled for the file


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs left, links and journal; and within a run, who was found to be new, and at which library version."""

    links: Sequence[Link] = ()
    intents: Sequence[Intent] = ()
    new: Mapping[tuple[str, str], str] = field(default_factory=dict)  # with the key chosen
    version: int = 0


@dataclass(frozen=True, slots=True)
class Action:
    """`verb` is what happens: created, updated, unchanged, conflict, trashed, deleted, unsure, duplicate, invalid, trash."""

    verb: str
    wanted: Wanted | None
    key: str = ""
    send: Item = field(default_factory=dict)  # empty: nothing is written
    why: str = ""
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    kept: tuple[Conflict, ...] = ()
    base: Link | None = None
    others: tuple[str, ...] = ()  # items in question


def wanted(records: Sequence[Record], source: str, schema: Schema, collection: str = "") -> list[Wanted]:
    """Records as items, each under an id of its own: a repeated key is numbered, a missing one is made of the content."""
    seen: dict[str, int] = {}
    found = []
    for record in records:
        item = items.write(record, schema)
        name = record.id or "~" + _digest(item)
        seen[name] = seen.get(name, 0) + 1
        if collection:
            item["collections"] = [collection]
        unique = name if seen[name] == 1 else f"{name}#{seen[name]}"
        found.append(Wanted(source, unique, record, item, _digest(item)))
    return found


def _digest(item: Item) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:16]


# --- who is who --------------------------------------------------------------------------------------------------------


def plan(
    records: Sequence[Wanted],
    library: Library,
    memory: Memory,
    judge: Judge,
    new_key: Callable[[], str],
    options: Options = Options(),
    present: frozenset[tuple[str, str]] | None = None,
) -> list[Action]:
    """One action a record, in order. `present` names all records of the run (source, id) when `records` are only a part."""
    present = present or frozenset((each.source, each.id) for each in records)
    by_name, by_key = _by_name(memory.links), _by_key(memory.links)
    intents = {(each.source, each.id): each for each in memory.intents}
    actions: dict[int, Action] = {}
    for place, each in enumerate(records):
        found = _remembered(each, library, by_name, intents, options)
        if found:
            actions[place] = found
    left = [place for place in range(len(records)) if place not in actions]
    owners = {library.current(link.key): link for link in memory.links if (link.source, link.id) in present}
    owners.pop("", None)
    new: list[int] = []
    for place, answer in _found(records, left, library, memory, judge, options, owners):
        action = _matched(records[place], answer, library, owners, by_key, present, options)
        if action:
            actions[place] = action
            if action.key and action.verb != "duplicate" and action.key not in owners:
                owners[action.key] = Link(records[place].source, records[place].id, action.key, "", 0, {}, {})
        else:
            new.append(place)
    actions |= _created(records, new, memory, judge, new_key, library.schema)
    return [actions[place] for place in range(len(records))]


def _found(
    records: Sequence[Wanted],
    left: Sequence[int],
    library: Library,
    memory: Memory,
    judge: Judge,
    options: Options,
    owners: Mapping[str, Link],
) -> Iterator[tuple[int, Found]]:
    """Place and item of each record; one that was new a moment ago is compared only with what came since."""
    known = [place for place in left if (records[place].source, records[place].id) in memory.new]
    other = [place for place in left if (records[place].source, records[place].id) not in memory.new]
    fresh = library.newer(memory.version, owners)
    for places, where in ((other, library), (known, fresh)):
        asked = [records[place].record for place in places]
        answers = where.find(asked, judge, versions=options.versions, hidden=owners)
        yield from zip(places, answers, strict=True)


def _by_name(links: Sequence[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.id, []).append(link)
    return found


def _by_key(links: Sequence[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.key, []).append(link)
    return found


def _remembered(
    each: Wanted,
    library: Library,
    by_name: dict[str, list[Link]],
    intents: dict[tuple[str, str], Intent],
    options: Options,
) -> Action | None:
    """The action for a record that an earlier run linked or was about to create."""
    candidates = sorted(by_name.get(each.id, ()), key=lambda link: link.source != each.source)
    for link in candidates:
        if not _same_work(each, link):
            continue
        key = library.current(link.key)
        if key:
            return _merged(each, key, link if link.source == each.source else None, library, options)
        if link.source == each.source:
            return _missing(each, link, library, options)
    intent = intents.get((each.source, each.id))
    return _interrupted(each, intent, library, options) if intent else None


def _same_work(each: Wanted, link: Link) -> bool:
    """Whether a record can still be the one that was linked: a key may be reused for another work."""
    if each.digest == link.digest:
        return True
    ours = compare.View(link.ours, {})
    old = fold.text(" ".join(ours.get("title")))
    new = fold.text(each.record.title)
    if not old or not new or old == new or fuzz.ratio(old, new) >= ALIKE:
        return True
    doi = identifiers.doi(" ".join(ours.get("doi")))
    return bool(doi and doi == identifiers.doi(each.record.doi))


def _missing(each: Wanted, link: Link, library: Library, options: Options) -> Action | None:
    item = library.items.get(link.key, {"gone": True})
    if item.get("gone"):
        return (
            None
            if options.restore
            else Action("deleted", each, link.key, why="deleted in Zotero; --restore makes it anew")
        )
    if not options.restore:
        return Action("trashed", each, link.key, why="in Zotero's trash; --restore brings it back")
    action = _merged(each, link.key, link, library, options)
    send = {"key": link.key, "version": item.get("version", 0), **action.send, "deleted": 0}
    return replace(action, verb="updated", send=send, why="restored from the trash")


def _interrupted(each: Wanted, intent: Intent, library: Library, options: Options) -> Action | None:
    """A record whose creation was announced: it is there, then it is adopted; or it is not, then it is still to be made."""
    key = intent.key if intent.key in library.items else ""
    if intent.token:
        sent = compare.view(intent.item, library.schema).values
        key = next(
            (
                k
                for k, item in library.items.items()
                if int(item.get("version", 0)) > intent.version
                and _same_values(sent, compare.view(item, library.schema).values)
            ),
            "",
        )
    if not key:
        return None
    values = dict(compare.view(intent.item, library.schema).values)
    link = Link(each.source, each.id, key, "", 0, values, values)
    live = library.current(key)
    if not live:
        return _missing(each, link, library, options)
    action = _merged(each, live, link, library, options)
    return action if action.send else replace(action, verb="created", why="written before, the answer was lost")


def _same_values(left: Mapping[str, tuple[str, ...]], right: Mapping[str, tuple[str, ...]]) -> bool:
    return left.keys() == right.keys() and all(compare.equal(name, left[name], right[name]) for name in left)


def _matched(
    each: Wanted,
    answer: Found,
    library: Library,
    owners: dict[str, Link],
    by_key: dict[str, list[Link]],
    present: frozenset[tuple[str, str]],
    options: Options,
) -> Action | None:
    """The action for a record that the index knows; ``None`` when it is new."""
    if answer.unsure:
        if options.ambiguous == "add":
            return None
        return Action("unsure", each, why=answer.why, others=answer.unsure)
    if not answer.key:
        return None
    key = library.current(answer.key)
    if not key:
        if options.restore:
            return None
        return Action("trashed", each, answer.key, why=f"the same work is in Zotero's trash ({answer.why})")
    owner = owners.get(key)
    if owner and (owner.source, owner.id) != (each.source, each.id):
        if owner.source != each.source and owner.id == each.id:
            return _merged(each, key, None, library, options)
        return Action("duplicate", each, key, why=f"the same work as {owner.id} ({answer.why})")
    renamed = [old for old in by_key.get(key, ()) if old.source == each.source and (old.source, old.id) not in present]
    return replace(_merged(each, key, renamed[0] if renamed else None, library, options), why=answer.why)


def _created(
    records: Sequence[Wanted],
    places: Sequence[int],
    memory: Memory,
    judge: Judge,
    new_key: Callable[[], str],
    schema: Schema,
) -> dict[int, Action]:
    keys = {**{(each.source, each.id): each.key for each in memory.intents}, **memory.new}
    known = all((records[place].source, records[place].id) in memory.new for place in places)
    first = {} if known else _twins([records[place] for place in places], judge)
    found: dict[int, Action] = {}
    for number, place in enumerate(places):
        each = records[place]
        problems = schema.problems(each.item)
        if number in first:
            other = records[places[first[number]]]
            found[place] = Action("duplicate", each, why=f"the same work as {other.id}, which is pushed")
        elif problems:
            found[place] = Action("invalid", each, why="; ".join(problems))
        else:
            key = keys.get((each.source, each.id)) or new_key()
            found[place] = Action("created", each, key, {"key": key, "version": 0, **each.item})
    return found


def _twins(records: Sequence[Wanted], judge: Judge) -> dict[int, int]:
    """Place of a record -> place of an earlier one that is the same work in the same version."""
    found: dict[int, int] = {}
    if len(records) < 2:
        return found
    for verdict in judge([each.record for each in records], None):
        left, right = records[verdict.left].record, records[verdict.right].record
        if verdict.answer is Answer.SAME and verdict.same_version and not contradict(left, right):
            early, late = sorted((verdict.left, verdict.right))
            found[late] = min(found.get(late, early), early)
    for late in sorted(found):
        found[late] = found.get(found[late], found[late])
    return found


# --- what to write -----------------------------------------------------------------------------------------------------


def _merged(each: Wanted, key: str, base: Link | None, library: Library, options: Options) -> Action:
    """The action for a record whose item is there."""
    if base and base.key == key and base.digest == each.digest:
        return Action("unchanged", each, key, base=base)
    schema, item = library.schema, library.items[key]
    ours, theirs = compare.view(each.item, schema), compare.view(item, schema)
    before = (View(base.ours, {}), View(base.theirs, {})) if base else None
    prefer = "file" if each.id in options.ours_win else options.prefer
    merge = compare.merge(ours, theirs, before, prefer)
    send = compare.patch(item, merge.changes, ours.labels, schema)
    about = {"changes": merge.changes, "conflicts": merge.conflicts, "kept": merge.kept, "base": base}
    if problems := schema.problems({"itemType": item["itemType"], **send}) if send else ():
        return Action("invalid", each, key, why="; ".join(problems))
    if send:
        return Action("updated", each, key, {"key": key, "version": item.get("version", 0), **send}, **about)  # type: ignore[arg-type]
    return Action("conflict" if merge.conflicts else "unchanged", each, key, **about)  # type: ignore[arg-type]


def after(action: Action, item: Item, schema: Schema) -> Link:
    """The link to remember once an action is carried out and the item is as given.

    What was left alone keeps its old base, so that an edit in Zotero stays an edit: it must not look like ours later.
    """
    each = action.wanted
    assert each is not None
    ours, theirs = dict(compare.view(each.item, schema).values), dict(compare.view(item, schema).values)
    if action.base:
        disputed = {conflict.field for conflict in action.conflicts}
        new_ours, new_theirs = dict(action.base.ours), dict(action.base.theirs)
        for name in {*ours, *new_ours}:
            if name in disputed:
                continue
            agreed = name in action.changes or compare.equal(name, ours.get(name, ()), theirs.get(name, ()))
            _set(new_ours, name, ours)
            if agreed:
                _set(new_theirs, name, theirs)
        ours, theirs = new_ours, new_theirs
    digest = "" if action.conflicts else each.digest
    return Link(each.source, each.id, item["key"], digest, int(item.get("version", 0)), ours, theirs)


def _set(values: Values, name: str, source: Values) -> None:
    if name in source:
        values[name] = source[name]
    else:
        values.pop(name, None)


def trash(
    library: Library, links: Sequence[Link], present: frozenset[tuple[str, str]], sources: frozenset[str]
) -> list[tuple[Link, Action]]:
    """What ``--delete`` does: items of records that left their file go to the trash, unless someone edited them in Zotero."""
    staying = {
        library.current(link.key) for link in links if (link.source, link.id) in present or link.source not in sources
    }
    found = []
    for link in links:
        if link.source not in sources or (link.source, link.id) in present or not library.alive(link.key):
            continue
        if link.key in staying:
            continue
        item = library.items[link.key]
        now = compare.view(item, library.schema).values
        names = (link.theirs.keys() | now.keys()) - {"collections"}
        if all(compare.equal(name, link.theirs.get(name, ()), now.get(name, ())) for name in names):
            send = {"key": link.key, "version": item.get("version", 0), "deleted": 1}
            found.append((link, Action("trash", None, link.key, send, why=f"{link.id} is no longer in {link.source}")))
        else:
            why = f"{link.id} is no longer in {link.source}, but was edited in Zotero"
            found.append((link, Action("kept", None, link.key, why=why)))
    return found
