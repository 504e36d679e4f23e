"""From Zotero into a .bib: edits of known works field by field, new works through `api.merge`. Pure: no network, no disk.

A known work is one that a link joins to an entry of this file. What was edited in Zotero and not in the file goes into the
file; what both sides edited is a conflict. What the link says was settled between the two is not looked at again; everything
else stays a change, however often it was seen, until it is carried over or the other side is chosen.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from bibtools import api, bibfile
from bibtools.bibfile.companions import Companions
from bibtools.change import SetField, Status, Target
from bibtools.format import WriteOptions
from bibtools.formats import bibtex
from bibtools.formats.bibtex import editing
from bibtools.merging import MergePolicy, OnUnsure, Side, Versions
from bibtools.record import Batch, Origin, Record
from bibtools.texfiles import bib as citations
from zotero_bridge import compare
from zotero_bridge.children import ATTACHMENTS, NOTES, File, linked_files, values, with_files
from zotero_bridge.compare import Conflict, View
from zotero_bridge.fields import CREATORS, DATES, TEXTS
from zotero_bridge.index import Library
from zotero_bridge.items import OWN, TEX_NAMES
from zotero_bridge.run import Outcome
from zotero_bridge.schema import Item
from zotero_bridge.state import Judged, Link
from zotero_bridge.sync import Wanted, said

__all__ = [
    "FileChange",
    "Merged",
    "Renamed",
    "first_link",
    "known_changes",
    "linked",
    "merge_new",
    "renamed",
    "to_pull",
    "written",
]

Decide = Callable[[str, Conflict], str]  # record id, conflict -> "file", "zotero" or "" (left)

_PLAIN = frozenset(row.field for row in (*TEXTS, *DATES))
_ROLES = {f"role:{role}": field for field, role in CREATORS}
_TEX = {f"x:{label}": field for label, field in TEX_NAMES}
_OTHER = {"tags": "keyword", "note": "note", "itemType": "type", "type": "type", "arxiv": "arxiv_id"}
_APART = frozenset({"citationKey", ATTACHMENTS, NOTES})  # not fields of a Record that has been read from an item
_NEVER = frozenset({"collections"})
_KEY = re.compile(r"[^\s,{}\"#%~\\'()=]+")  # what every dialect reads as a citation key


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one entry is to take from Zotero."""

    id: str
    key: str
    names: tuple[str, ...]  # values that the file takes, as `compare` names them
    dismissed: tuple[str, ...]  # values of which the file's side was chosen
    changes: tuple[SetField, ...]
    new_id: str = ""  # a citation key that was changed in Zotero
    why: str = ""  # why not, where a value cannot be taken


# --- works that the file knows -----------------------------------------------------------------------------------------


def known_changes(
    records: Sequence[Record],
    wanted: Sequence[Wanted],
    library: Library,
    links: Sequence[Link],
    decide: Decide,
    rekey: bool,
    folder: str,
) -> list[FileChange]:
    """What linked entries are to take from Zotero. `records` are the entries as they are in the file, as in `wanted`.

    Of several entries that are one item, the first takes what is new. `rekey` lets them take citation keys too.
    `folder` is that of the file, from which paths within it are told.
    """
    by_id = {link.id: link for link in links}
    ids = {record.id for record in records}
    found: list[FileChange] = []
    seen: set[str] = set()
    for record, each in zip(records, wanted, strict=True):
        link = by_id.get(each.id)
        key = library.current(link.key) if link else ""
        if not link or not key or key in seen:
            continue
        seen.add(key)
        if key == link.key and int(library.items[key].get("version", 0)) == link.version and _as_settled(link, library):
            continue
        names, dismissed = _theirs_new(each, link, library, key, decide)
        new_id = why = ""
        if "citationKey" in names:
            new_id, why = _new_id(each, record, library.record(key).id, ids, rekey)
            names = [name for name in names if name != "citationKey" or new_id]
        changes = tuple(_set_fields(record, library.record(key), names, link, library.children.get(key, ()), folder))
        if names or dismissed or why:
            found.append(FileChange(each.id, key, tuple(names), tuple(dismissed), changes, new_id, why))
    return found


def _as_settled(link: Link, library: Library) -> bool:
    """Whether the children of an item, which have versions of their own, are those that were settled."""
    below = values(library.children.get(link.key, ()))
    return all(compare.equal(name, below.get(name, ()), link.theirs.get(name, ())) for name in (ATTACHMENTS, NOTES))


def _new_id(each: Wanted, record: Record, key: str, ids: Collection[str], rekey: bool) -> tuple[str, str]:
    """The citation key that an entry takes from Zotero, or why it cannot."""
    if not rekey:
        return (
            "",
            f"the citation key is now '{key}' in Zotero; --tex or --map takes it over, so that no document loses it",
        )
    if not _KEY.fullmatch(key):
        return "", f"Zotero's citation key {key!r} cannot be one of a .bib"
    if key in ids:
        return "", f"Zotero's citation key '{key}' is that of another entry"
    return (key, "") if each.id == record.id else ("", f"the citation key '{record.id}' is repeated in the file")


def _theirs_new(each: Wanted, link: Link, library: Library, key: str, decide: Decide) -> tuple[list[str], list[str]]:
    """Names of the values that changed in Zotero: those to be taken, and those of which the file's side was chosen."""
    ours, theirs = each.view, library.view(key)
    our_base, their_base = View(link.ours, {}), View(link.theirs, {})
    names: list[str] = []
    dismissed: list[str] = []
    for name in dict.fromkeys((*theirs.values, *their_base.values)):
        now, then, mine = theirs.get(name), their_base.get(name), ours.get(name)
        if name in _NEVER or name.startswith(f"x:{OWN}") or compare.equal(name, now, then):
            continue
        if compare.equal(name, now, mine):
            continue
        if name == "citationKey" and not now:
            continue
        untouched = name in ("tags", ATTACHMENTS) or compare.equal(name, mine, our_base.get(name))
        choice = "zotero" if untouched else decide(each.id, Conflict(name, mine, now))
        if choice == "zotero":
            names.append(name)
        elif choice == "file":
            dismissed.append(name)
    return names, dismissed


def _set_fields(
    record: Record, theirs: Record, names: Sequence[str], link: Link, children: Sequence[Item], folder: str
) -> Iterator[SetField]:
    """The Record fields that the values are."""
    target = Target(record.id, record.origin.index)
    if NOTES in names:
        texts = values(children).get(NOTES, ())
        yield SetField(target, "annote", record.annote, "\n\n".join(texts), "edited in Zotero")
    if ATTACHMENTS in names:
        then, now = link.theirs.get(ATTACHMENTS, ()), values(children).get(ATTACHMENTS, ())
        paths = [path for path in linked_files(children) if File(path).name not in then]
        gone = [name for name in then if name not in now]
        extra = with_files(record, paths, gone, folder)
        if extra != record.extra:
            yield SetField(target, "extra", record.extra, extra, "edited in Zotero")
            record = replace(record, extra=extra)
    for own in dict.fromkeys(_field(name, theirs) for name in names if name not in _APART):
        if own in ("extra", "keyword"):
            continue
        if (old := getattr(record, own)) != (new := getattr(theirs, own)):
            yield SetField(target, own, old, new, "edited in Zotero")
    if "tags" in names:
        new_tags = _tags(record, theirs, link)
        if new_tags != record.keyword:
            yield SetField(target, "keyword", record.keyword, new_tags, "edited in Zotero")
    if others := [name for name in names if name not in _APART and _field(name, theirs) == "extra"]:
        extra = _extra(record, theirs, others)
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
    added = [tag for tag in theirs.keyword if tag not in then and tag not in record.keyword]
    return (*(tag for tag in record.keyword if tag not in gone), *added)


def _extra(record: Record, theirs: Record, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The record's own pairs with those of the given names replaced, in place."""
    wanted = {name.removeprefix("x:tex.").removeprefix("extra:").removeprefix("field:").lower() for name in names}
    new = [(name, value) for name, value in theirs.extra if name.lower() in wanted]
    kept: list[tuple[str, str]] = []
    for name, value in record.extra:
        if name.lower() not in wanted:
            kept.append((name, value))
        elif coming := next((pair for pair in new if pair[0].lower() == name.lower()), None):
            kept.append(coming)
            new.remove(coming)
    return (*kept, *new)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file with new citation keys; `names` maps every key that a document may cite to the one it has now."""

    data: bytes
    changed: Mapping[str, str]
    names: Mapping[str, str]


def written(data: bytes, source: str, changes: Sequence[FileChange], companions: Companions) -> bytes:
    """The file with the changes. Raises bibfile.EditError when the file is not the one they were planned on."""
    document = bibfile.parse(data, source, companions)
    edits = bibtex.edits(document, [each for change in changes for each in change.changes], WriteOptions())
    return document.edit(edits).to_bytes() if edits else data


def renamed(data: bytes, source: str, changes: Sequence[FileChange], companions: Companions) -> Renamed:
    """The file with the citation keys that were changed in Zotero; a biblatex file keeps the old ones in ``ids``."""
    new = {change.id: change.new_id for change in changes if change.new_id}
    if not new:
        return Renamed(data, {}, {})
    document = bibfile.parse(data, source, companions)
    keys = [new.get(entry.key, entry.key) for entry in document.entries]
    renaming = citations.rename(document, keys, keep_ids=editing.dialect(document) == "biblatex")
    return Renamed(document.edit(renaming.edits).to_bytes(), renaming.changed, renaming.names)


def linked(each: Wanted, link: Link, library: Library, change: FileChange) -> Link:
    """The link once the entry has taken the named values: there both sides agree, whatever the .bib could hold of them."""
    ours = each.view.values
    theirs = library.view(change.key).values
    new_ours, new_theirs = dict(link.ours), dict(link.theirs)
    for name in (*change.names, *change.dismissed):
        sides = [(new_theirs, theirs)] if name in change.dismissed else [(new_ours, ours), (new_theirs, theirs)]
        for settled, now in sides:
            if name in now:
                settled[name] = now[name]
            else:
                settled.pop(name, None)
    return Link(each.source, each.id, change.key, "", 0, new_ours, new_theirs)


# --- works that are new to the file ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merged:
    data: bytes
    outcomes: tuple[Outcome, ...] = ()
    placed: Mapping[str, str] = field(default_factory=dict)  # item key -> citation key in the file
    left: tuple[Judged, ...] = ()  # items that have no entry, so that they are not matched again while nothing changes


def to_pull(
    library: Library,
    links: Sequence[Link],
    digests: Mapping[str, str],
    collections: AbstractSet[str],
    judged: Mapping[tuple[str, str], Judged],
    source: str,
    *,
    again: bool,
) -> tuple[list[str], list[Outcome]]:
    """Items to bring into the file, and the outcomes of those left out.

    Left out are items whose entry was taken out of the file (not with `again`), and those that were judged before and are
    as they were. `digests` are those of the file's records by id.
    """
    by_key = {
        library.current(link.key) or link.key: link for link in sorted(links, key=lambda link: link.id in digests)
    }
    found: list[str] = []
    apart: list[Outcome] = []
    for key in library.keys:
        item = library.items[key]
        if not library.alive(key) or (collections and not collections & set(item.get("collections") or ())):
            continue
        link = by_key.get(key)
        before = judged.get((source, f"item {key}"))
        if link and link.id in digests:
            continue
        if link and not again:
            apart.append(Outcome(link.source, link.id, "unchanged", key, "no longer in the file"))
        elif before and (before.version, before.digest) == (item.get("version", 0), _together(before.others, digests)):
            apart.append(Outcome(source, library.record(key).id, before.verb, key, before.why, others=before.others))
        else:
            found.append(key)
    return found, apart


def _whole(library: Library, key: str, folder: str, origin: Origin) -> Record:
    """The record of an item with what its children say."""
    record, children = replace(library.record(key), origin=origin), library.children.get(key, ())
    if paths := linked_files(children):
        record = replace(record, extra=with_files(record, paths, (), folder))
    texts = values(children).get(NOTES, ())
    return replace(record, annote="\n\n".join(texts)) if texts else record


def _together(ids: Sequence[str], digests: Mapping[str, str]) -> str:
    return " ".join(digests.get(record_id, "") for record_id in ids)


def merge_new(
    data: bytes,
    source: str,
    library: Library,
    keys: Sequence[str],
    digests: Mapping[str, str],
    *,
    prefer: str,
    on_unsure: str,
    versions: bool,
    companions: Companions,
) -> Merged:
    """Items into the file as any other source is merged."""
    place = f"zotero {source}"
    folder = os.path.dirname(source)  # noqa: PTH120
    records = tuple(_whole(library, key, folder, Origin(place, index=number)) for number, key in enumerate(keys))
    if not records:
        return Merged(data)
    result = api.merge(
        data,
        [Batch(records)],
        source=source,
        policy=MergePolicy(
            versions=Versions.UPGRADE if versions else Versions.KEEP,
            on_unsure=OnUnsure(on_unsure),
            prefer=Side.SOURCE if prefer == "zotero" else Side.TARGET,
        ),
        companions=companions,
    )
    verbs = {Status.ADDED: "added", Status.UPDATED: "pulled", Status.UNCHANGED: "unchanged"}
    verbs |= {Status.UNSURE: "unsure", Status.INCOMPLETE: "incomplete", Status.PROBLEM: "failed"}
    outcomes = []
    placed = {}
    left = []
    for key, each in zip(keys, result.plan.outcomes, strict=True):
        others = tuple(candidate.key for candidate in each.candidates if candidate.key)
        verb = verbs[each.status]
        fields = tuple((change.field, said(change.old), said(change.new)) for change in each.changes)
        outcomes.append(Outcome(source, each.key or each.record.id, verb, key, each.why, fields, others=others))
        if each.key:
            placed[key] = each.key
        elif verb in ("unsure", "incomplete"):
            version = int(library.items[key].get("version", 0))
            left.append(Judged(source, f"item {key}", _together(others, digests), verb, each.why, others, version))
    return Merged(result.data, tuple(outcomes), placed, tuple(left))


def first_link(each: Wanted, library: Library, key: str, added: bool) -> Link:
    """The link of an entry that was merged with an item, or `added` for it.

    Of an entry that was there, what both say is settled and what only Zotero has, for the merge has left it out; what only
    the file has is still to be pushed, and what differs is a conflict.
    """
    ours, theirs = dict(each.view.values), dict(library.view(key).values)
    if not added:
        equal = {
            name
            for name, values in ours.items()
            if compare.equal(name, values, theirs.get(name, ()))
            or compare.same_words(name, values, theirs.get(name, ()))
        }
        theirs = {name: values for name, values in theirs.items() if name in equal or name not in ours}
        ours = {name: values for name, values in ours.items() if name in equal}
    return Link(each.source, each.id, key, "", 0, ours, theirs)
