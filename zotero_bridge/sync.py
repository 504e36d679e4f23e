"""The planner: what would have to be written so that a library holds what the files say. Pure: no network, no clock.

For each item one action. A record finds its item by the link of an earlier run (following mergers), by the journal of an
interrupted one, or by `index`. Several records that are one work, of one file or of several, go into one item: the first
one's values, with what the others have beyond them, by the rules of `bibtools.merging`. What the user did in Zotero stands:
an edited field is not overwritten, a trashed or deleted item is not brought back, a tag or collection that was added stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rapidfuzz import fuzz

from bibtools import dates, fold, identifiers
from bibtools.merging.combine import combine, left_over
from bibtools.publication import relation
from bibtools.record import Date, Name, Record, filled
from bibtools.verdict import Answer
from zotero_bridge import compare, items
from zotero_bridge.children import ATTACHMENTS, NONE, NOTES, Belongings, Split, html_of, name_of, text_of, values
from zotero_bridge.compare import Conflict, View
from zotero_bridge.index import Found, Judge, Library, contradict
from zotero_bridge.schema import Item, Schema
from zotero_bridge.state import Intent, Judged, Link, Values

__all__ = [
    "Action",
    "Member",
    "Memory",
    "Options",
    "Wanted",
    "after",
    "attached",
    "moved_sources",
    "plan",
    "trash",
    "wanted",
]

ALIKE = 60.0  # of 100: a title so unlike the linked one is another work under a reused key

RecordName = tuple[str, str]  # source and id of a record


@dataclass(frozen=True)
class Wanted:
    """A record as an item: what a file says. The item is made when it is looked at: most records have not changed."""

    source: str
    id: str  # unlike all others of the source
    record: Record
    schema: Schema = field(repr=False, compare=False)
    collections: tuple[str, ...] = ()
    belongings: Belongings = NONE  # files and notes that were parted from the record

    @property
    def name(self) -> RecordName:
        return self.source, self.id

    @cached_property
    def item(self) -> Item:
        item = items.write(self.record, self.schema)
        return {**item, "collections": list(self.collections)} if self.collections else item

    @cached_property
    def digest(self) -> str:
        """Of all that the item is made of."""
        said = (items.MAPPING, self.schema.version, self.collections, list(filled(self.record)), self.belongings)
        return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @cached_property
    def view(self) -> View:
        found = compare.view(self.item, self.schema)
        below = {ATTACHMENTS: tuple(self.belongings.attachments), NOTES: self.belongings.notes}
        return View({**found.values, **{name: names for name, names in below.items() if names}}, found.labels)


@dataclass(frozen=True, slots=True)
class Options:
    prefer: str = ""  # "file" or "zotero" settles conflicts
    on_unsure: str = "skip"  # or "add"
    versions: bool = False  # a preprint and its published version are one item
    restore: bool = False  # bring back what was trashed or deleted in Zotero


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier runs left: links, journal, records that have no item; and within a run the keys chosen for new items."""

    links: Sequence[Link] = ()
    intents: Sequence[Intent] = ()
    judged: Mapping[RecordName, Judged] = field(default_factory=dict)
    keys: Mapping[RecordName, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A record that goes into an item, what was settled between the two before, and what of it the item does not take."""

    wanted: Wanted
    base: Link | None = None
    left: tuple[tuple[str, str, str], ...] = ()  # field, value kept instead, its own value


@dataclass(frozen=True, slots=True)
class Action:
    """`verb` is what happens: created, updated, unchanged, conflict, trashed, deleted, unsure, invalid, trash, kept.

    `wanted` is what the item is to say; with several `members` it is made of all of them, under the name of the first.
    """

    verb: str
    wanted: Wanted | None
    key: str = ""
    send: Item = field(default_factory=dict)  # empty: nothing is written
    why: str = ""
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    kept: tuple[Conflict, ...] = ()  # settled for Zotero's value
    alike: frozenset[str] = frozenset()  # values that differ in case and markup only, and may
    members: tuple[Member, ...] = ()
    children: tuple[Item, ...] = ()  # to be written below it: new ones without a key, and changed notes
    uploads: Mapping[str, str] = field(default_factory=dict)  # attachment -> file
    others: tuple[str, ...] = ()  # items in question


def wanted(
    records: Sequence[Record],
    source: str,
    schema: Schema,
    collections: Callable[[Record], Sequence[str]] = lambda record: (),
    split: Split = lambda record: (record, NONE),
) -> list[Wanted]:
    """Records as items, each under an id of its own: a repeated key is numbered, a missing one is made of the content."""
    seen: dict[str, int] = {}
    found = []
    for whole in records:
        record, belongings = split(whole)
        made = Wanted(source, record.id, record, schema, tuple(collections(whole)), belongings)
        name = record.id or f"~{made.digest}"
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name}#{seen[name]}"
        found.append(made if unique == record.id else replace(made, id=unique))
    return found


# --- who is who --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A record's item."""

    key: str
    base: Link | None = None
    why: str = ""
    made: bool = False  # by a run that was interrupted before it knew
    trashed: bool = False  # and to be restored


def plan(
    records: Sequence[Wanted],
    library: Library,
    memory: Memory,
    judge: Judge,
    new_key: Callable[[], str],
    options: Options = Options(),
    present: frozenset[RecordName] | None = None,
) -> list[Action]:
    """The actions that bring all records in, those without a write first to last in the order of their first records.

    `present` names all records of the run when `records` are only a part.
    """
    present = present or frozenset(wanted.name for wanted in records)
    actions: list[Action] = []
    places: dict[int, _Place] = {}
    left: list[int] = []
    by_id, intents = _by_id(memory.links), {(intent.source, intent.id): intent for intent in memory.intents}
    for index, wanted in enumerate(records):
        found = _remembered(wanted, library, by_id.get(wanted.id, ()), intents.get(wanted.name), options)
        if isinstance(found, Action):
            actions.append(found)
        elif found:
            places[index] = found
        else:
            left.append(index)
    owners = {library.current(link.key): link for link in memory.links if (link.source, link.id) in present}
    owners.pop("", None)
    owners |= {place.key: Link(*records[index].name, place.key, "", 0, {}, {}) for index, place in places.items()}
    renamed = _links_of_gone_records(memory.links, present)
    new: list[int] = []
    for index, answer in _found(records, left, library, memory, judge, options, owners):
        matched = _matched(records[index], answer, library, renamed, options)
        if isinstance(matched, Action):
            actions.append(matched)
        elif matched:
            places[index] = matched
        else:
            new.append(index)
    groups: dict[str, list[int]] = {}
    for index in sorted(places, key=lambda index: (places[index].base is None, index)):
        groups.setdefault(places[index].key, []).append(index)
    for indexes in sorted(groups.values()):
        group = [(records[index], places[index]) for index in indexes]
        apart = _not_one_work(group, judge)
        actions += [Action("unsure", w, why=f"may be {group[0][0].id}", others=(at.key,)) for w, at in apart]
        actions.append(_grouped([each for each in group if each not in apart], library, options))
    return actions + _created([records[index] for index in new], memory, judge, new_key, library.schema)


def _not_one_work(group: Sequence[tuple[Wanted, _Place]], judge: Judge) -> list[tuple[Wanted, _Place]]:
    """Records that were found to be an item, but are not plainly the work of the record that has it.

    To match two lists supposes that each record is one item at most; here a second one comes to the same.
    """
    found = [each for each in group[1:] if each[1].base is None and each[0].id != group[0][0].id]
    if not found:
        return []
    records = [group[0][0].record, *(wanted.record for wanted, _ in found)]
    same = {
        verdict.right + verdict.left
        for verdict in judge(records, None)
        if 0 in (verdict.left, verdict.right) and verdict.answer is Answer.SAME and verdict.same_version
    }
    return [each for place, each in enumerate(found, 1) if place not in same]


def _found(
    records: Sequence[Wanted],
    left: Sequence[int],
    library: Library,
    memory: Memory,
    judge: Judge,
    options: Options,
    owners: Mapping[str, Link],
) -> Iterator[tuple[int, Found]]:
    """The item of each record. A record that had none a while ago is compared only with what came since.

    A doubt stays one: an item that a record may be is in question for it even when another record has the item now.
    """
    again: dict[int, list[int]] = {}  # by library version
    fresh: list[int] = []
    doubted: list[int] = []
    for index in left:
        judged = memory.judged.get(records[index].name)
        if judged and judged.digest == records[index].digest and _as_it_was(judged, library):
            again.setdefault(judged.version, []).append(index)
        else:
            (doubted if judged and judged.verb == "unsure" else fresh).append(index)
    in_doubt = {key for index in doubted for key in memory.judged[records[index].name].others}
    for indexes, where, hidden in (
        (fresh, library, owners.keys()),
        (doubted, library, owners.keys() - in_doubt),
        *((indexes, library.newer(version, owners), owners.keys()) for version, indexes in again.items()),
    ):
        answers = where.find([records[i].record for i in indexes], judge, versions=options.versions, hidden=hidden)
        for index, answer in zip(indexes, answers, strict=True):
            yield index, _still(answer, memory.judged.get(records[index].name), where is library)


def _as_it_was(judged: Judged, library: Library) -> bool:
    items = [library.items.get(key, {"gone": True}) for key in judged.others]
    return not any(item.get("gone") or int(item.get("version", 0)) > judged.version for item in items)


def _still(answer: Found, judged: Judged | None, whole: bool) -> Found:
    """An answer from what is new, beside what was said of the rest."""
    if whole or answer.key or answer.unsure or not judged:
        return answer
    if judged.verb == "unsure":
        return Found(unsure=judged.others, why=judged.why)
    return Found(judged.others[0], judged.why) if judged.verb == "trashed" and judged.others else answer


def _by_id(links: Sequence[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(link.id, []).append(link)
    return found


def _links_of_gone_records(links: Sequence[Link], present: frozenset[RecordName]) -> dict[tuple[str, str], Link]:
    """Source and item -> link of a record that left the file: perhaps it came back under another citation key."""
    return {(link.source, link.key): link for link in links if (link.source, link.id) not in present}


def moved_sources(
    links: Sequence[Link], names: Iterable[RecordName], present: Collection[str], is_there: Callable[[str], bool]
) -> list[tuple[str, str]]:
    """Old and new path of files that moved: one that is unknown, and one that is gone and had half of its citation keys.

    `names` are the records of unknown files, `present` the files that are not to be taken for gone.
    """
    known: dict[str, set[str]] = {}
    for link in links:
        known.setdefault(link.source, set()).add(link.id)
    wanted: dict[str, set[str]] = {}
    for source, record_id in names:
        wanted.setdefault(source, set()).add(record_id)
    gone = [source for source in known if source not in present and not is_there(source)]
    found = []
    for source, ids in wanted.items():
        old = max(gone, key=lambda path: len(known[path] & ids), default="")
        if old and 2 * len(known[old] & ids) >= min(len(known[old]), len(ids)) > 0:
            found.append((old, source))
            gone.remove(old)
    return found


def _remembered(
    wanted: Wanted, library: Library, links: Sequence[Link], intent: Intent | None, options: Options
) -> Action | _Place | None:
    """The item that an earlier run linked or was about to create; an action when it is gone."""
    candidates = sorted(links, key=lambda link: (link.source != wanted.source, not library.current(link.key)))
    for link in candidates:
        if not _same_work(wanted, link, ALIKE if link.source == wanted.source else 100.0):
            continue
        if key := library.current(link.key):
            return _Place(key, link if link.source == wanted.source else None)
        if link.source == wanted.source:
            return _missing(wanted, link, library, options)
    return _interrupted(wanted, intent, library, options) if intent else None


def _same_work(wanted: Wanted, link: Link, alike: float) -> bool:
    """Whether a record can still be the one that was linked: a key may be reused for another work, or used in another file."""
    if wanted.digest == link.digest:
        return True
    ours = compare.View(link.ours, {})
    old = fold.text(" ".join(ours.get("title")))
    new = fold.text(wanted.record.title)
    if old == new or (alike < 100 and (not old or not new or fuzz.ratio(old, new) >= alike)):
        return True
    doi = identifiers.doi(" ".join(ours.get("doi")))
    return bool(doi and doi == identifiers.doi(wanted.record.doi))


def _missing(wanted: Wanted, link: Link, library: Library, options: Options) -> Action | _Place | None:
    """What becomes of a record whose item is in the trash or deleted; ``None``: it is made anew."""
    if library.items.get(link.key, {"gone": True}).get("gone"):
        deleted = Action("deleted", wanted, link.key, why="deleted in Zotero; --restore makes it anew")
        return None if options.restore else deleted
    if not options.restore:
        return Action("trashed", wanted, link.key, why="in Zotero's trash; --restore brings it back")
    return _Place(link.key, link, trashed=True)


def _interrupted(wanted: Wanted, intent: Intent, library: Library, options: Options) -> Action | _Place | None:
    """A record whose creation was announced: it is there, then it is adopted; or it is not, then it is still to be made."""
    key = intent.key if intent.key in library.items else ""
    sent = dict(compare.view(intent.item, library.schema).values)
    if intent.token:
        after = (k for k, item in library.items.items() if int(item.get("version", 0)) > intent.version)
        key = next((k for k in after if _same_values(sent, compare.view(library.items[k], library.schema).values)), "")
    if not key:
        return None
    link = Link(*wanted.name, key, "", 0, sent, sent)
    if live := library.current(key):
        return _Place(live, link, "written before, the answer was lost", made=True)
    return _missing(wanted, link, library, options)


def _same_values(left: Mapping[str, tuple[str, ...]], right: Mapping[str, tuple[str, ...]]) -> bool:
    return left.keys() == right.keys() and all(compare.equal(name, left[name], right[name]) for name in left)


def _matched(
    wanted: Wanted, answer: Found, library: Library, renamed: Mapping[tuple[str, str], Link], options: Options
) -> Action | _Place | None:
    """The item that the index knows for a record; ``None`` when it is new."""
    if answer.unsure:
        return None if options.on_unsure == "add" else Action("unsure", wanted, why=answer.why, others=answer.unsure)
    if not answer.key:
        return None
    if key := library.current(answer.key):
        return _Place(key, renamed.get((wanted.source, key)), answer.why)
    if options.restore:
        return None
    why = f"the same work is in Zotero's trash ({answer.why})"
    return Action("trashed", wanted, answer.key, why=why, others=(answer.key,))


def _created(
    records: Sequence[Wanted], memory: Memory, judge: Judge, new_key: Callable[[], str], schema: Schema
) -> list[Action]:
    keys = {**{(intent.source, intent.id): intent.key for intent in memory.intents}, **memory.keys}
    if all(wanted.name in memory.keys for wanted in records):
        first = _repeated([memory.keys[wanted.name] for wanted in records])
    else:
        first = _duplicates(records, judge)
    found: list[Action] = []
    for index, wanted in enumerate(records):
        if index in first:
            continue
        group = [wanted, *(records[other] for other, of in first.items() if of == index)]
        whole, members = _combined([(each, None) for each in group])
        if problems := schema.problems(whole.item):
            found += [Action("invalid", each, why="; ".join(problems)) for each in group]
        else:
            key = keys.get(wanted.name) or new_key()
            send = {"key": key, "version": 0, **whole.item}
            below = {"children": _new_children(whole.belongings, (), ()), "uploads": whole.belongings.uploads}
            found.append(Action("created", whole, key, send, members=members, **below))  # type: ignore[arg-type]
    return found


def _repeated(values: Sequence[str]) -> dict[int, int]:
    """Position of a repeated value -> position of the first."""
    return {index: values.index(value) for index, value in enumerate(values) if value in values[:index]}


def _duplicates(records: Sequence[Wanted], judge: Judge) -> dict[int, int]:
    """Position of a record -> position of the first one that is the same work in the same version."""
    found: dict[int, int] = {}
    if len(records) < 2:
        return found
    for verdict in judge([wanted.record for wanted in records], None):
        left, right = records[verdict.left].record, records[verdict.right].record
        if verdict.answer is Answer.SAME and verdict.same_version and not contradict(left, right):
            early, late = sorted((verdict.left, verdict.right))
            found[late] = min(found.get(late, early), early)
    for late in sorted(found):
        found[late] = found.get(found[late], found[late])
    return found


# --- what to write -----------------------------------------------------------------------------------------------------


def _combined(group: Sequence[tuple[Wanted, Link | None]]) -> tuple[Wanted, tuple[Member, ...]]:
    """What an item is to say for several records, under the first one's name, and what it does not take of each."""
    first = group[0][0]
    if len(group) == 1:
        return first, (Member(*group[0]),)
    record = first.record
    for wanted, _ in group[1:]:
        record, _why = combine(record, wanted.record, relation(record, wanted.record, False))
    collections = tuple(dict.fromkeys(key for wanted, _ in group for key in wanted.collections))
    members = [Member(*group[0], _not_taken(record, first.record))]
    members += [Member(wanted, base, _not_taken(record, wanted.record)) for wanted, base in group[1:]]
    belongings = Belongings(
        {name: item for wanted, _ in reversed(group) for name, item in wanted.belongings.attachments.items()},
        tuple(dict.fromkeys(text for wanted, _ in group for text in wanted.belongings.notes)),
        {name: path for wanted, _ in reversed(group) for name, path in wanted.belongings.uploads.items()},
    )
    return replace(first, record=record, collections=collections, belongings=belongings), tuple(members)


def _not_taken(record: Record, of: Record) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (left.field, said(left.kept), said(left.value)) for left in left_over(record, of) if left.field != "id"
    )


def said(value: object) -> str:
    """A value of a Record for a person."""
    if isinstance(value, tuple):
        return "; ".join(map(said, value))
    if isinstance(value, Name):
        return ", ".join(filter(None, (value.surname, value.given, value.suffix)))
    return dates.edtf(value) if isinstance(value, Date) else str(value)


def _group_base(whole: Wanted, members: Sequence[Member]) -> tuple[View, View]:
    """Both sides as far as they were settled, for an item that several records make.

    A value was changed by the files when a record that was there before has changed its own; a value that no such record
    has changed is as it was, whichever of them it is taken from.
    """
    linked = [(member.wanted.view, member.base) for member in members if member.base]
    target = whole.view
    ours: Values = {}
    theirs: Values = {}
    for name in dict.fromkeys((*target.values, *(name for _, base in linked for name in base.ours))):
        now = target.get(name)
        same = next(
            (
                base
                for view, base in linked
                if _untouched(name, view, base) and compare.equal(name, now, view.get(name))
            ),
            None,
        )
        if same:
            ours[name], theirs[name] = now, same.theirs.get(name, ())
        elif changed := next((base for view, base in linked if not _untouched(name, view, base)), None):
            ours[name], theirs[name] = changed.ours.get(name, ()), changed.theirs.get(name, ())
    return View(ours, {}), View(theirs, {})


def _untouched(name: str, view: View, base: Link) -> bool:
    return compare.equal(name, view.get(name), base.ours.get(name, ()))


def _grouped(group: Sequence[tuple[Wanted, _Place]], library: Library, options: Options) -> Action:
    """The action for the records of an item that is there."""
    schema, place = library.schema, group[0][1]
    key, item = place.key, library.items[place.key]
    restore = any(each.trashed for _, each in group)
    bases = [(wanted, each.base) for wanted, each in group]
    if not restore and all(base and base.key == key and base.digest == wanted.digest for wanted, base in bases):
        return Action("unchanged", group[0][0], key, members=tuple(Member(*each) for each in bases))
    whole, members = _combined(bases)
    base = _group_base(whole, members)
    ours = whole.view
    theirs = library.view(key)
    merge = compare.merge(ours, theirs, base, options.prefer)
    send = compare.patch(item, merge.changes, ours.labels, schema)
    if problems := schema.problems({"itemType": item["itemType"], **send}) if send else ():
        return Action("invalid", whole, key, why="; ".join(problems))
    if restore:
        send["deleted"] = 0
    why = "restored from the trash" if restore else place.why
    children, uploads = _children(whole.belongings, merge.changes, theirs, library.children.get(key, ()))
    about = (merge.changes, merge.conflicts, merge.kept, merge.alike, members, children, uploads)
    action = Action("", whole, key, {}, why, *about)
    if send or children or uploads:
        send = {"key": key, "version": item.get("version", 0), **send} if send else {}
        return replace(action, verb="updated", send=send)
    return replace(action, verb="created" if place.made else "conflict" if merge.conflicts else "unchanged")


def _new_children(belongings: Belongings, attachments: Iterable[str], notes: Iterable[str]) -> tuple[Item, ...]:
    """Child items for what is not there yet."""
    there, written = set(attachments), set(notes)
    found = [item for name, item in belongings.attachments.items() if name not in there]
    return (*found, *({"itemType": "note", "note": html_of(text)} for text in belongings.notes if text not in written))


def _children(
    belongings: Belongings, changes: Mapping[str, tuple[str, ...]], theirs: View, there: Sequence[Item]
) -> tuple[tuple[Item, ...], dict[str, str]]:
    """The child items to write, and the files to upload: an upload that was broken off is taken up again."""
    new = Belongings(
        {name: belongings.attachments[name] for name in changes.get(ATTACHMENTS, ()) if name in belongings.attachments},
    )
    found = list(_new_children(new, theirs.get(ATTACHMENTS), ()))
    if NOTES in changes:
        gone = [item for item in there if _is_note(item) and text_of(str(item.get("note"))) not in changes[NOTES]]
        for text in (text for text in changes[NOTES] if text not in theirs.get(NOTES)):
            old = gone.pop(0) if gone else {}
            which = {"key": old["key"], "version": old["version"]} if old else {}
            found.append({"itemType": "note", "note": html_of(text), **which})
    empty = {name_of(item) for item in there if item.get("linkMode") == "imported_file" and not item.get("md5")}
    names = empty | {name_of(item) for item in found}
    return tuple(found), {name: path for name, path in belongings.uploads.items() if name in names}


def _is_note(item: Item) -> bool:
    return item.get("itemType") == "note" and not item.get("deleted")


def attached(link: Link, member: Member, action: Action, library: Library) -> Link:
    """The link once the children of an item are written too."""
    theirs = library.view(link.key).values
    new_ours, new_theirs = dict(link.ours), dict(link.theirs)
    for name in (ATTACHMENTS, NOTES):
        _set(new_ours, name, member.wanted.view.get(name))
        _set(new_theirs, name, _settled(member.wanted.view.get(name), theirs.get(name, ()), link.theirs.get(name, ())))
    version = int(library.items[link.key].get("version", 0)) if _all_settled(new_theirs, theirs) else 0
    digest = "" if action.conflicts else member.wanted.digest
    return replace(link, digest=digest, version=version, ours=new_ours, theirs=new_theirs)


def after(action: Action, member: Member, item: Item, library: Library) -> Link:
    """The link to remember of a record once an action is carried out and the item is as given, but for its children.

    What was seen in Zotero and not carried over keeps its old base: it is still to go into the file, and must not look like
    ours later.
    """
    assert action.wanted is not None
    wanted, base = member.wanted, member.base
    below = values(library.children.get(item["key"], ()))
    ours, theirs = dict(wanted.view.values), {**compare.view(item, library.schema).values, **below}
    pending = {ATTACHMENTS, NOTES} if action.children or action.uploads else set[str]()
    whole = action.wanted.view
    if action.verb == "created" and not base:
        new_ours = {name: value for name, value in ours.items() if name not in pending}
        new_theirs = theirs
    else:
        new_ours, new_theirs = (dict(base.ours), dict(base.theirs)) if base else ({}, {})
        held = compare.disputed(action.conflicts) | pending
        for name in {*whole.values, *ours, *new_ours} - held:
            _set(new_ours, name, ours.get(name, ()))
            if name in ("tags", "note", "collections", ATTACHMENTS, NOTES):
                _set(new_theirs, name, _settled(whole.get(name), theirs.get(name, ()), new_theirs.get(name, ())))
            elif (
                name in action.changes
                or name in action.alike
                or compare.equal(name, whole.get(name), theirs.get(name, ()))
            ):
                _set(new_theirs, name, theirs.get(name, ()))
    digest = "" if action.conflicts or pending else wanted.digest
    version = int(item.get("version", 0)) if _all_settled(new_theirs, theirs) else 0
    return Link(*wanted.name, item["key"], digest, version, new_ours, new_theirs)


def _settled(ours: tuple[str, ...], now: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    """Of several values: what was there and was not taken away unseen by the file, and what both sides have."""
    return (*(each for each in then if each in now or each in ours), *(e for e in now if e in ours and e not in then))


def _all_settled(settled: Values, theirs: Mapping[str, tuple[str, ...]]) -> bool:
    names = {name for name in {*settled, *theirs} if name != "collections" and not name.startswith(f"x:{items.OWN}")}
    return all(compare.equal(name, settled.get(name, ()), theirs.get(name, ())) for name in names)


def _set(values: Values, name: str, value: tuple[str, ...]) -> None:
    if value:
        values[name] = value
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
