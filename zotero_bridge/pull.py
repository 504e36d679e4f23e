"""From Zotero into a .bib: new works through `api.merge`, edits of known ones field by field.

A known work is one that a link joins to an entry of this file. What was edited in Zotero since the last sync and not in the
file goes into the file; what both sides edited is a conflict. The citation key of an entry never changes. Links are renewed
only where both sides now say the same, so that whatever was left alone is still seen as an edit the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bibtools import api, bibfile
from bibtools.change import SetField, Status, Target
from bibtools.format import WriteOptions
from bibtools.formats import bibtex
from bibtools.record import Batch, Origin, Record
from zotero_bridge import compare, sync
from zotero_bridge.compare import Conflict, View
from zotero_bridge.fields import CREATORS, DATES, TEXTS
from zotero_bridge.index import Library
from zotero_bridge.items import OWN, TEX_NAMES
from zotero_bridge.run import Outcome
from zotero_bridge.schema import Schema
from zotero_bridge.state import Link
from zotero_bridge.sync import Action, Wanted

__all__ = ["FileChange", "Merged", "known_changes", "linked", "merge_new", "to_pull", "write_known"]

Decide = Callable[[str, Conflict], str]  # record id, conflict -> "file", "zotero" or "" (left)

_PLAIN = frozenset(row.field for row in (*TEXTS, *DATES))
_ROLES = {f"role:{role}": field for field, role in CREATORS}
_TEX = {f"x:{label}": field for label, field in TEX_NAMES}
_OTHER = {"tags": "keyword", "note": "note", "itemType": "type", "type": "type", "arxiv": "arxiv_id"}
_NEVER = frozenset({"citationKey", "collections"})


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one entry is to take from Zotero."""

    id: str
    key: str
    names: tuple[str, ...]  # values, as `compare` names them
    changes: tuple[SetField, ...]


# --- works that the file knows -----------------------------------------------------------------------------------------


def known_changes(
    records: Sequence[Record], wanted: Sequence[Wanted], library: Library, links: Sequence[Link], decide: Decide
) -> tuple[list[FileChange], list[tuple[str, str]]]:
    """What linked entries are to take from Zotero, and for which (id, key) the file's side of a conflict was chosen.

    `records` are the entries as they stand in the file, in the order of `wanted`.
    """
    by_id = {link.id: link for link in links}
    found: list[FileChange] = []
    ours_wins: list[tuple[str, str]] = []
    for record, each in zip(records, wanted, strict=True):
        link = by_id.get(each.id)
        key = library.current(link.key) if link else ""
        if not link or not key or (key == link.key and int(library.items[key].get("version", 0)) == link.version):
            continue
        names, kept = _theirs_new(each, link, library, key, decide)
        ours_wins += [(each.id, key)] if kept else []
        changes = tuple(_set_fields(record, library.record(key), names, link))
        if names:
            found.append(FileChange(each.id, key, names, changes))
    return found, ours_wins


def _theirs_new(each: Wanted, link: Link, library: Library, key: str, decide: Decide) -> tuple[tuple[str, ...], bool]:
    """Names of the values that changed in Zotero and are to be taken, and whether a conflict was settled for the file."""
    ours, theirs = compare.view(each.item, library.schema), compare.view(library.items[key], library.schema)
    our_base, their_base = View(link.ours, {}), View(link.theirs, {})
    names: list[str] = []
    kept = False
    for name in dict.fromkeys((*theirs.values, *their_base.values)):
        now, then, mine = theirs.get(name), their_base.get(name), ours.get(name)
        if name in _NEVER or name.startswith(f"x:{OWN}") or compare.equal(name, now, then):
            continue
        if compare.equal(name, now, mine):
            continue
        untouched = name == "tags" or compare.equal(name, mine, our_base.get(name))
        choice = "zotero" if untouched else decide(each.id, Conflict(name, mine, now))
        if choice == "zotero":
            names.append(name)
        kept = kept or choice == "file"
    return tuple(names), kept


def _set_fields(record: Record, theirs: Record, names: Sequence[str], link: Link) -> Iterator[SetField]:
    """The Record fields that the values are."""
    target = Target(record.id, record.origin.index)
    for field in dict.fromkeys(_field(name, theirs) for name in names):
        if field in ("extra", "keyword"):
            continue
        if (old := getattr(record, field)) != (new := getattr(theirs, field)):
            yield SetField(target, field, old, new, "edited in Zotero")
    if "tags" in names:
        new_tags = _tags(record, theirs, link)
        if new_tags != record.keyword:
            yield SetField(target, "keyword", record.keyword, new_tags, "edited in Zotero")
    if any(_field(name, theirs) == "extra" for name in names):
        extra = _extra(record, theirs, [name for name in names if _field(name, theirs) == "extra"])
        if extra != record.extra:
            yield SetField(target, "extra", record.extra, extra, "edited in Zotero")


def _field(name: str, theirs: Record) -> str:
    if name.startswith("role:"):
        return _ROLES.get(name, "other_creators")
    if name == "number" and theirs.arxiv_id and theirs.type == "article":
        return "arxiv_id"
    return _OTHER.get(name) or _TEX.get(name) or (name if name in _PLAIN else "extra")


def _tags(record: Record, theirs: Record, link: Link) -> tuple[str, ...]:
    then = set(link.theirs.get("tags", ()))
    gone = then - set(theirs.keyword)
    added = [each for each in theirs.keyword if each not in then and each not in record.keyword]
    return (*(each for each in record.keyword if each not in gone), *added)


def _extra(record: Record, theirs: Record, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The record's own pairs with those of the given names replaced, in place."""
    wanted = {name.removeprefix("x:tex.").removeprefix("extra:").removeprefix("field:").lower() for name in names}
    new = [(name, value) for name, value in theirs.extra if name.lower() in wanted]
    kept: list[tuple[str, str]] = []
    for name, value in record.extra:
        if name.lower() not in wanted:
            kept.append((name, value))
        elif coming := next((each for each in new if each[0].lower() == name.lower()), None):
            kept.append(coming)
            new.remove(coming)
    return (*kept, *new)


def write_known(data: bytes, source: str, changes: Iterable[FileChange], companions: bibfile.Companions) -> bytes:
    """The file with the changes. Raises bibfile.EditError when the file is not the one they were planned on."""
    document = bibfile.parse(data, source, companions)
    edits = bibtex.edits(document, [each for change in changes for each in change.changes], WriteOptions())
    return document.edit(edits).to_bytes() if edits else data


def linked(each: Wanted, link: Link, library: Library, key: str, taken: Iterable[str]) -> Link:
    """The link once the entry has taken the named values: there both sides agree, whatever the .bib could hold of them."""
    ours, theirs = (
        compare.view(each.item, library.schema).values,
        compare.view(library.items[key], library.schema).values,
    )
    new_ours, new_theirs = dict(link.ours), dict(link.theirs)
    for name in taken:
        for values, now in ((new_ours, ours), (new_theirs, theirs)):
            if name in now:
                values[name] = now[name]
            else:
                values.pop(name, None)
    return Link(each.source, each.id, key, "", int(library.items[key].get("version", 0)), new_ours, new_theirs)


# --- works that are new to the file ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merged:
    data: bytes
    changed: bool
    outcomes: tuple[Outcome, ...]
    placed: Mapping[str, str]  # item key -> citation key in the file


def to_pull(
    library: Library, links: Sequence[Link], ids: frozenset[str], collection: str, *, again: bool
) -> tuple[list[str], list[Outcome]]:
    """Items to bring into the file, and those left out because their entry was taken out of it.

    `again` brings in linked items too, whose entry is there, when they have changed since.
    """
    by_key = {library.current(link.key) or link.key: link for link in links}
    found: list[str] = []
    apart: list[Outcome] = []
    for key in library.keys:
        item = library.items[key]
        if not library.alive(key) or (collection and collection not in (item.get("collections") or ())):
            continue
        link = by_key.get(key)
        if link and link.id in ids and (not again or int(item.get("version", 0)) == link.version):
            continue
        if link and link.id not in ids and not again:
            apart.append(Outcome(link.source, link.id, "unchanged", key, "no longer in the file"))
            continue
        found.append(key)
    return found, apart


def merge_new(
    data: bytes,
    source: str,
    library: Library,
    keys: Sequence[str],
    *,
    prefer: str,
    ambiguous: str,
    versions: bool,
    companions: bibfile.Companions,
) -> Merged:
    """Merge items that are new into the .bib with `api.merge`."""
    place = f"zotero {source}"
    records = tuple(replace(library.record(key), origin=Origin(place, index=number)) for number, key in enumerate(keys))
    if not records:
        return Merged(data, False, (), {})
    result = api.merge(
        data,
        [Batch(records)],
        source=source,
        versions="upgrade" if versions else "keep",
        on_ambiguous=ambiguous,
        prefer="source" if prefer == "zotero" else "target",
        companions=companions,
    )
    verbs = {Status.ADDED: "added", Status.UPDATED: "pulled", Status.UNCHANGED: "unchanged"}
    verbs |= {Status.AMBIGUOUS: "unsure", Status.INCOMPLETE: "incomplete", Status.PROBLEM: "failed"}
    outcomes = tuple(
        Outcome(
            source,
            each.key or each.record.id,
            verbs[each.status],
            key,
            each.why,
            tuple((change.field, str(change.old), str(change.new)) for change in each.changes),
            others=tuple(candidate.key for candidate in each.candidates if candidate.key),
        )
        for key, each in zip(keys, result.plan.outcomes, strict=True)
    )
    placed = {key: each.key for key, each in zip(keys, result.plan.outcomes, strict=True) if each.key}
    return Merged(result.data, result.changed, outcomes, placed)


def first_link(each: Wanted, library: Library, key: str, base: Link | None, schema: Schema) -> Link:
    """The link of an entry that was merged with an item: where one side is empty or they differ, nothing is settled yet."""
    ours, theirs = compare.view(each.item, schema).values, compare.view(library.items[key], schema).values
    if base:
        differ = tuple(
            Conflict(name, ours.get(name, ()), theirs.get(name, ()))
            for name in {*ours, *theirs}
            if not compare.equal(name, ours.get(name, ()), theirs.get(name, ()))
        )
        return sync.after(Action("unchanged", each, key, base=base, conflicts=differ), library.items[key], schema)
    known = {name: values for name, values in ours.items() if name in theirs}
    digest = each.digest if known.keys() == ours.keys() else ""
    return Link(each.source, each.id, key, digest, int(library.items[key].get("version", 0)), known, dict(theirs))
