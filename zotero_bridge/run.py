"""Plan, write, recover: a push from beginning to end over any `Backend`.

Each round plans what is left to do from what the library holds, announces the new items in the journal, and writes in
batches, each based on the library version of the last answer. When the library has changed meanwhile (412) or the fate of a
batch is unknown (answer lost), nothing is repeated blindly: what changed is read, and a new round plans the rest. So another
client's edit is merged, and an item that was written after all is found instead of made again. A process killed anywhere
leaves the journal for the next run.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bibtools.record import Record
from bibtools.verdict import Verdict
from zotero_bridge import schema as schemas
from zotero_bridge import sync
from zotero_bridge.backend import Backend, Failure, Progress, StaleError, TooLargeError, Written
from zotero_bridge.children import child_key, name_of, text_of
from zotero_bridge.client import GaveUpError, RefusedError, UnknownOutcomeError, ZoteroError
from zotero_bridge.index import Library
from zotero_bridge.schema import Item, Schema
from zotero_bridge.state import Intent, Judged, Link, State, new_key
from zotero_bridge.sync import Action, Options, Wanted

__all__ = ["Outcome", "Run"]

BATCH_COUNT = 50
BATCH_BYTES = 1_000_000
ROUNDS = 12  # without a single record done, before we give up
TRIES = 4  # of one record, when the server refuses only that one
SCHEMA_DAYS = 86_400.0
AGAIN = {404, 412, 429, 500, 503}  # codes of a single record that looking again may cure


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record."""

    source: str
    id: str
    verb: str  # as Action.verb, or "duplicate", "failed", "incomplete"; and of a .bib "added", "pulled"
    key: str = ""
    why: str = ""
    fields: tuple[tuple[str, str, str], ...] = ()  # field, now in Zotero, ours
    conflicts: tuple[tuple[str, str, str], ...] = ()
    kept: tuple[tuple[str, str, str], ...] = ()  # conflicts settled for Zotero
    left: tuple[
        tuple[str, str, str], ...
    ] = ()  # field, what the item has instead, the record's value that it does not take
    others: tuple[str, ...] = ()


def judge(records: Sequence[Record], against: Sequence[Record] | None) -> Sequence[Verdict]:
    if not records or (against is not None and not against):
        return ()
    from bibtools import match

    if against is None:
        return match.dedupe(records).verdicts
    count = len(records)
    verdicts = match.link(records, against).verdicts
    return [
        replace(verdict, right=verdict.right - count) for verdict in verdicts if verdict.left < count <= verdict.right
    ]


@dataclass
class Run:
    """One library, one state, one command."""

    backend: Backend
    state: State
    options: Options = field(default_factory=Options)
    dry: bool = False
    progress: Progress = lambda done, total: None
    sleep: Callable[[float], None] = lambda seconds: time.sleep(seconds)
    clock: Callable[[], float] = time.time
    schema: Schema = field(default_factory=schemas.offline)
    outcomes: list[Outcome] = field(default_factory=list)
    children: frozenset[str] | None = (
        None  # the kinds of child items that are kept in step; ``None``: none was asked for
    )
    notes: list[str] = field(default_factory=list)  # lines for a person
    made: list[str] = field(default_factory=list)  # collections that were not there
    _collections: list[Item] | None = None
    _trouble: str = ""  # what the last write met
    _parents: list[Action] = field(default_factory=list)  # written, but not yet what belongs to them
    _judged: list[Judged] = field(default_factory=list)
    written: int = 0  # the highest version of an item that we wrote
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)  # chosen for what is new in this run
    _new: dict[tuple[str, str], Judged] = field(default_factory=dict)  # and when it was found to be new

    # --- before --------------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Schema and library, as new as the server has them. Say who may write first: see `Backend.access`."""
        self._load_schema()
        self.refresh()

    def _load_schema(self) -> None:
        text, etag, asked = (self.state.fact(name) for name in ("schema", "schema-etag", "schema-asked"))
        if text:
            self.schema = schemas.read(json.loads(text))
            if self.clock() - float(asked or 0) < SCHEMA_DAYS:
                return
        try:
            found = self.backend.schema(etag)
        except RefusedError:  # a server without one: the table that comes with the program will do
            found = None
        if found:
            self.schema, etag, text = found
        with self.state.transaction():
            for name, value in {"schema": text, "schema-etag": etag, "schema-asked": str(self.clock())}.items():
                self.state.set_fact(name, value)

    def refresh(self) -> None:
        """Bring the remembered library up to date: all of it the first time, then only what changed."""
        if not self.state.version:
            snapshot = self.backend.all_items(self.progress)
            with self.state.transaction():
                self.state.forget_items()
                self.state.put_items(snapshot.items.values(), version=snapshot.version)
        else:
            known = self.state.keys()
            changes = self.backend.changes(self.state.version, known)
            with self.state.transaction():
                self.state.put_items(changes.items.values(), changes.gone, changes.version)
                for intent in self.state.intents():
                    if intent.key and intent.key in changes.gone:  # made, and deleted before we could look
                        self.state.put_link(Link(intent.source, intent.id, intent.key, "", 0, {}, {}))
                        self.state.fulfil(intent.source, intent.id)
        self._probe()

    def load_children(self) -> None:
        """Bring what is known of attachments and notes up to date."""
        changes = self.backend.children(self.state.children_version, self.state.child_keys())
        with self.state.transaction():
            self.state.put_children(changes.items.values(), changes.gone, changes.version)

    def library(self) -> Library:
        """The library as it is known; its children count where they were asked for, and notes where they are kept in step."""
        children = {} if self.children is None else self.state.children()
        if self.children and "note" not in self.children:
            below = children.items()
            children = {p: [c for c in found if c.get("itemType") != "note"] for p, found in below}
        return Library(self.state.items(), self.schema, children)

    def _probe(self) -> None:
        """Look once for linked items that no list showed; what is not there is remembered as gone."""
        missing = self.state.unseen()
        if not missing:
            return
        found = self.backend.items(missing)
        gone = [{"key": key, "version": 0, "gone": True} for key in missing if key not in found]
        with self.state.transaction():
            self.state.put_items([*found.values(), *gone])

    # --- the push ------------------------------------------------------------------------------------------------------

    def push(self, wanted: Sequence[Wanted], delete: bool = False) -> list[Outcome]:
        """Carry out what the plan says, to the end. Raises ZoteroError; run again, it goes on where it stopped."""
        present = frozenset(each.name for each in wanted)
        self.follow_moved(wanted)
        tries: Counter[tuple[str, str]] = Counter()
        left, idle = list(wanted), 0
        while left:
            before = len(left)
            left = self._round(left, present, tries, by_version=idle < ROUNDS // 2)
            if not left or self.dry:
                break
            idle = 0 if len(left) < before else idle + 1
            if idle >= ROUNDS:
                why = f" ({self._trouble})" if self._trouble else ""
                raise GaveUpError(
                    f"{len(left):,} records could not be written{why}; run the command again, it will go on"
                )
            self.sleep(min(0.25 * 2**idle, 30.0) if idle else 0.0)
            self.refresh()
        if delete:
            self._trash(present, frozenset(each.source for each in wanted))
        self._remember_judged()
        order = {each.name: place for place, each in enumerate(wanted)}
        self.outcomes.sort(key=lambda each: order.get((each.source, each.id), len(order)))
        return self.outcomes

    def _remember_judged(self) -> None:
        """As of the end of the run: what we wrote ourselves is no reason to judge anew."""
        with self.state.transaction():
            for judged in self._judged:
                self.state.put_judged(replace(judged, version=max(self.state.version, self.written)))

    def follow_moved(self, wanted: Sequence[Wanted]) -> None:
        """A file that was renamed or moved is known under its new path; see `sync.moved_sources`."""
        sources = {each.source for each in wanted}
        if new := sources - self.state.sources():
            names = [each.name for each in wanted if each.source in new]
            for old, path in sync.moved_sources(self.state.links(), names, sources | {"-"}, os.path.exists):
                self.state.rename_source(old, path)

    def _round(
        self, left: list[Wanted], present: frozenset[tuple[str, str]], tries: Counter[tuple[str, str]], by_version: bool
    ) -> list[Wanted]:
        """Plan and write; returns the records that are still to be done."""
        judged = {**self.state.judged(), **self._new}
        memory = sync.Memory(self.state.links(), self.state.intents(), judged, self._keys)
        library = self.library()
        actions = sync.plan(left, library, memory, judge, new_key, self.options, present)
        if self.dry:
            self.outcomes += [each for action in actions for each in outcomes(action, library)]
            return []
        self._keys, self._new = {}, {}
        for action in filter(_is_new, actions):
            for member in action.members:
                each = member.wanted
                self._keys[each.name] = action.key
                self._new[each.name] = Judged(*each.name, each.digest, "new", "", (), self.state.version)
        writes = [action for action in actions if action.send]
        self._settle([action for action in actions if not action.send], library)
        again: list[Wanted] = []
        done = 0
        for group in self._groups(writes):
            self.progress(done, len(writes))
            try:
                again += self._write(group, library, tries, by_version)
            except (StaleError, UnknownOutcomeError) as error:
                self._trouble = str(error)
                return again + [each for action in writes[done:] for each in _records(action)]
            done += len(group)
        self.progress(done, len(writes))
        self._write_children()
        return again

    def _settle(self, actions: Sequence[Action], library: Library) -> None:
        """Remember what needs no write."""
        with self.state.transaction():
            for action in actions:
                self.outcomes += outcomes(action, library)
                if action.verb in ("created", "unchanged", "conflict", "updated"):
                    self._link(action, library.items[action.key], library)
                elif action.verb in ("unsure", "trashed", "invalid") and action.wanted and not action.members:
                    each = action.wanted
                    others = action.others
                    self._judged.append(
                        Judged(*each.name, each.digest, action.verb, action.why, others, self.state.version)
                    )

    def _link(self, action: Action, item: Item, library: Library) -> None:
        if action.children or action.uploads:
            self._parents.append(action)
        for member in action.members:
            base = member.base
            if base and (base.digest, base.key) == (member.wanted.digest, action.key) and base.id == member.wanted.id:
                continue
            if base:
                self.state.drop_link(base)
            link = sync.after(action, member, item, library)
            self.state.put_link(link)
            self.state.fulfil(link.source, link.id)
            self.state.drop_judged(link.source, link.id)

    def _groups(self, writes: Sequence[Action]) -> Iterator[list[Action]]:
        """Batches by count and by bytes; where the server chooses keys, new items do not mix with changed ones."""
        group: list[Action] = []
        size = 0
        for action in writes:
            weight = len(json.dumps(action.send, ensure_ascii=False).encode("utf-8", "replace")) + 2
            mixed = group and not self.backend.chooses_keys and _is_new(action) != _is_new(group[0])
            if group and (len(group) == BATCH_COUNT or size + weight > BATCH_BYTES or mixed):
                yield group
                group, size = [], 0
            group.append(action)
            size += weight
        if group:
            yield group

    def _write(
        self, group: list[Action], library: Library, tries: Counter[tuple[str, str]], by_version: bool
    ) -> list[Wanted]:
        """One request, split when it is too large; returns the records to try again."""
        token = self._announce([action for action in group if _is_new(action)])
        objects = [self._object(action, token) for action in group]
        version = self.state.version if by_version and not token else None
        try:
            written = self.backend.write(objects, version, token)
        except TooLargeError:
            if len(group) == 1:
                self._failed(group[0], Failure(413, "too large for the server"), library)
                return []
            half = len(group) // 2
            return self._write(group[:half], library, tries, by_version) + self._write(
                group[half:], library, tries, by_version
            )
        return self._record(group, written, library, tries, version is not None)

    def _announce(self, actions: Sequence[Action]) -> str:
        """Journal what is about to be created; returns the write token where the server chooses keys."""
        if not actions:
            return ""
        token = "" if self.backend.chooses_keys else "".join(new_key() for _ in range(3))
        intents = []
        for action in actions:
            key = action.key if self.backend.chooses_keys else ""
            item = {} if action.wanted is None else action.wanted.item
            intents += [Intent(*each.name, key, token, self.state.version, item) for each in _records(action)]
        self.state.announce(intents)
        return token

    def _object(self, action: Action, token: str) -> Item:
        return {name: value for name, value in action.send.items() if not token or name not in ("key", "version")}

    def _record(
        self, group: list[Action], written: Written, library: Library, tries: Counter[tuple[str, str]], chained: bool
    ) -> list[Wanted]:
        """Remember what was written, report what was refused."""
        again: list[Wanted] = []
        with self.state.transaction():
            for place, action in enumerate(group):
                if place in written.saved or place in written.unchanged:
                    item = written.saved.get(place) or library.items.get(action.key) or {**action.send}
                    self.state.put_items([item])
                    self.written = max(self.written, int(item.get("version", 0)))
                    action = replace(action, key=item["key"])
                    self.outcomes += outcomes(action, library)
                    self._link(action, item, library)
                    continue
                failure = written.failed.get(place, Failure(500, "the server did not say what became of it"))
                name = action.wanted.name if action.wanted else ("", action.key)
                tries[name] += 1
                if action.wanted and failure.code in AGAIN and tries[name] <= TRIES:
                    again += _records(action)
                else:
                    self._failed(action, failure, library)
            if chained:
                self.state.set_fact("version", str(written.version))
        if again and any(written.failed[p].code in (404, 412) for p in written.failed):
            self._forget_stale(group, written)
        return again

    def _forget_stale(self, group: list[Action], written: Written) -> None:
        """Items that the server knows otherwise than we do are read again by themselves."""
        keys = [group[place].key for place, each in written.failed.items() if each.code in (404, 412)]
        found = self.backend.items(keys)
        with self.state.transaction():
            self.state.put_items(found.values(), [key for key in keys if key not in found])

    def _failed(self, action: Action, failure: Failure, library: Library) -> None:
        why = f"refused by the server ({failure.code}): {failure.message}"
        self.outcomes += [replace(each, verb="failed", why=why) for each in outcomes(action, library)]
        for each in _records(action):
            self.state.fulfil(*each.name)

    def _trash(self, present: frozenset[tuple[str, str]], sources: frozenset[str]) -> None:
        library = Library(self.state.items(), self.schema)
        found = sync.trash(library, self.state.links(), present, sources)
        for start in range(0, len(found), BATCH_COUNT):
            group = found[start : start + BATCH_COUNT]
            writes = [action for _, action in group if action.send]
            for link, action in group:
                if not action.send or self.dry:
                    self.outcomes += [
                        replace(each, source=link.source, id=link.id) for each in outcomes(action, library)
                    ]
            if self.dry or not writes:
                continue
            try:
                self._record(writes, self.backend.write([a.send for a in writes], None), library, Counter(), False)
            except (StaleError, UnknownOutcomeError) as error:
                raise ZoteroError(f"not all could be moved to the trash: {error}; run the command again") from None

    # --- attachments and notes -----------------------------------------------------------------------------------------

    def _write_children(self) -> None:
        """What belongs to the items that were written; then their links say so. What fails is told of its record."""
        parents, self._parents = self._parents, []
        if not parents:
            return
        trouble = self._made(parents)
        below = self.state.children()
        for action in parents:
            for name, path in action.uploads.items():
                if child := next(
                    (c for c in below.get(action.key, ()) if name_of(c) == name and not c.get("md5")), None
                ):
                    try:
                        self.backend.upload(str(child["key"]), path)
                    except (ZoteroError, OSError) as error:
                        trouble.setdefault(action.key, str(error))
        self.load_children()
        library = self.library()
        links = {(link.source, link.id): link for link in self.state.links()}
        with self.state.transaction():
            for action in parents:
                if action.key in trouble:
                    source, record_id = _records(action)[0].name
                    self.outcomes.append(Outcome(source, record_id, "failed", action.key, trouble[action.key]))
                    continue
                for member in action.members:
                    if link := links.get(member.wanted.name):
                        self.state.put_link(sync.attached(link, member, action, library))

    def _made(self, parents: Sequence[Action]) -> dict[str, str]:
        """Make child items; returns what went wrong, by parent.

        A key made of parent and name, or a look at what is there, keeps a repeated request from making one twice.
        """
        trouble: dict[str, str] = {}
        for attempt in range(TRIES):
            if attempt or not self.backend.chooses_keys:
                self.load_children()
            there = {(p, _known_by(c)) for p, found in self.state.children().items() for c in found}
            left = [
                {**child, "parentItem": action.key}
                for action in parents
                for child in action.children
                if (action.key, _known_by(child)) not in there
            ]
            if not left:
                return {}
            trouble = {}
            for new in (True, False):
                wanted = [self._child(child) for child in left if ("version" not in child) is new]
                for start in range(0, len(wanted), BATCH_COUNT):
                    self._post_children(wanted[start : start + BATCH_COUNT], new, trouble)
        return trouble

    def _child(self, child: Item) -> Item:
        if "key" in child or not self.backend.chooses_keys:
            return child
        return {**child, "key": child_key(str(child["parentItem"]), _known_by(child)), "version": 0}

    def _post_children(self, group: list[Item], new: bool, trouble: dict[str, str]) -> None:
        token = "".join(new_key() for _ in range(3)) if new and not self.backend.chooses_keys else ""
        try:
            written = self.backend.write(group, None, token)
        except (StaleError, UnknownOutcomeError, TooLargeError) as error:
            trouble |= {str(child["parentItem"]): str(error) or "not written" for child in group}
            return
        with self.state.transaction():
            self.state.put_children(written.saved.values())
        for place, failure in written.failed.items():
            trouble[str(group[place]["parentItem"])] = f"an attachment was refused ({failure.code}): {failure.message}"

    # --- collections ---------------------------------------------------------------------------------------------------

    def collections(self) -> list[Item]:
        """The collections of the library, asked once."""
        if self._collections is None:
            self._collections = self.backend.collections()
        return self._collections

    def collection(self, path: str) -> str:
        """The key of a collection by its path ``A/B``; made when it is not there. In a dry run its path, for a key."""
        return self.nested_collection(tuple(filter(None, path.split("/"))))

    def nested_collection(self, names: Sequence[str]) -> str:
        """The same, from the names of the levels."""
        parent, path = "", "/".join(names)
        for name in names:
            key = self._child_collection(name, parent)
            if not key:
                self.made.append(path)
                key = f"new:{path}" if self.dry else self._add_collection(name, parent)
                self.collections().append({"key": key, "name": name, "parentCollection": parent or False})
            parent = key
        return parent

    def find_collection(self, path: str, *, recursive: bool) -> set[str]:
        """The key of a collection that is there, with those of all below it. Raises ZoteroError when it is not."""
        key = ""
        for name in filter(None, path.split("/")):
            key = self._child_collection(name, key)
            if not key:
                raise ZoteroError(f"there is no collection '{path}'")
        found, left = {key}, [key] if recursive else []
        while left:
            parent = left.pop()
            below = {str(each["key"]) for each in self.collections() if each.get("parentCollection") == parent} - found
            found |= below
            left += below
        return found

    def _child_collection(self, name: str, parent: str) -> str:
        return next(
            (
                str(each["key"])
                for each in self.collections()
                if each.get("name") == name
                and (each.get("parentCollection") or "") == parent
                and not each.get("deleted")
            ),
            "",
        )

    def _add_collection(self, name: str, parent: str) -> str:
        for _ in range(TRIES):
            try:
                return self.backend.add_collection(new_key(), name, parent)
            except UnknownOutcomeError:
                self.sleep(1.0)
                self._collections = None
                if key := self._child_collection(name, parent):
                    return key
        raise GaveUpError(f"collection '{name}' could not be made")


def _known_by(child: Item) -> str:
    return text_of(str(child.get("note") or "")) if child.get("itemType") == "note" else name_of(child)


def _is_new(action: Action) -> bool:
    return action.verb == "created"


def _records(action: Action) -> list[Wanted]:
    return [member.wanted for member in action.members] or ([action.wanted] if action.wanted else [])


def outcomes(action: Action, library: Library) -> list[Outcome]:
    """An action as it is reported: a line for each of its records."""
    now = compare_now(action, library)
    each = action.wanted
    first = Outcome(
        each.source if each else "",
        each.id if each else "",
        action.verb,
        action.key if action.verb != "created" or action.send else "",
        action.why,
        tuple((name, _shown(now.get(name, ())), _shown(values)) for name, values in action.changes.items()),
        tuple((each.field, _shown(each.theirs), _shown(each.ours)) for each in action.conflicts),
        tuple((each.field, _shown(each.theirs), _shown(each.ours)) for each in action.kept),
        others=action.others,
    )
    why = f"the same work as {first.id}: one item for both"
    return [
        replace(first, left=action.members[0].left) if action.members else first,
        *(Outcome(*m.wanted.name, "duplicate", action.key, why, left=m.left) for m in action.members[1:]),
    ]


def compare_now(action: Action, library: Library) -> dict[str, tuple[str, ...]]:
    item = library.items.get(action.key)
    return dict(library.view(action.key).values) if item and action.changes else {}


def _shown(values: tuple[str, ...]) -> str:
    return "; ".join(values)
