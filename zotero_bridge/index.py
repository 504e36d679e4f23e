"""Which item of a library is which record: an index over the whole library, because the server's search finds no DOI.

An identifier decides when the titles agree; everything else is the judgement of `bibtools.match`. What it is unsure of is
said and never guessed. A preprint and its published version are one work and two items (``versions`` joins them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bibtools import fold
from bibtools.identifiers import arxiv_id, doi, isbns
from bibtools.record import Record
from bibtools.verdict import Answer, Verdict
from zotero_bridge import items as mapping
from zotero_bridge.children import values
from zotero_bridge.compare import View, view
from zotero_bridge.extra import parse
from zotero_bridge.fields import meaning
from zotero_bridge.schema import NOT_BIBLIOGRAPHIC, Item, Schema

__all__ = ["Found", "Library", "contradict", "identifiers", "is_preprint", "titles_agree", "volumes_differ"]

Judge = Callable[[Sequence[Record], Sequence[Record] | None], Sequence[Verdict]]


def is_preprint(record: Record) -> bool:
    return record.type == "article" or bool(
        record.arxiv_id and not record.container_title and record.type in ("document", "manuscript", "webpage")
    )


def titles_agree(left: str, right: str) -> bool:
    folded = fold.text(left), fold.text(right)
    return bool(folded[0]) and folded[0] == folded[1]


def identifiers(record: Record) -> list[str]:
    """What names one item, with its kind in front; an ISBN names a book, not its chapters."""
    found = [f"doi {doi(record.doi or (record.url if 'doi.org/' in record.url else ''))}"]
    found.append(f"arxiv {record.arxiv_id or arxiv_id(f'{record.doi} {record.url}')}")
    found += [f"pmid {record.pmid.strip()}", f"pmcid {record.pmcid.strip().upper()}"]
    if record.type == "book":
        found += [f"isbn {each}" for each in isbns(record.isbn)]
    return [each for each in found if not each.endswith(" ")]


def contradict(left: Record, right: Record) -> bool:
    """Whether two records are two works: volumes of one set, or with identifiers that differ under titles that differ."""
    if volumes_differ(left, right):
        return True
    if titles_agree(left.title, right.title):
        return False
    ours, theirs = set(identifiers(left)), set(identifiers(right))
    kinds = {each.split()[0] for each in ours} & {each.split()[0] for each in theirs}
    return bool(kinds) and not ours & theirs


def volumes_differ(left: Record, right: Record) -> bool:
    """Whether they are different volumes of a set that gives them all its title, or a volume and the whole set."""
    if fold.text(left.volume_title) != fold.text(right.volume_title):
        return True
    volumes = fold.text(left.volume), fold.text(right.volume)
    return left.type == right.type == "book" and all(volumes) and volumes[0] != volumes[1]


@dataclass(frozen=True, slots=True)
class Found:
    """An item for a record, or the items between which we cannot choose."""

    key: str = ""
    why: str = ""
    unsure: tuple[str, ...] = ()
    other_version: tuple[str, ...] = ()


@dataclass
class Library:
    items: dict[str, Item]
    schema: Schema
    children: Mapping[str, Sequence[Item]] = field(
        default_factory=dict
    )  # attachments and notes by parent, where they matter
    _read: dict[str, Record] = field(default_factory=dict)

    def record(self, key: str) -> Record:
        if key not in self._read:
            self._read[key] = mapping.read(self.items[key], self.schema)
        return self._read[key]

    def view(self, key: str) -> View:
        """The values of an item and of its children."""
        found = view(self.items[key], self.schema)
        below = values(self.children.get(key, ()))
        return View({**found.values, **below}, found.labels) if below else found

    def alive(self, key: str) -> bool:
        return key in self.items and not self.items[key].get("deleted") and not self.items[key].get("gone")

    @cached_property
    def replaced(self) -> dict[str, str]:
        """Key of a merged item -> key of the item it was merged into (``dc:replaces``)."""
        found = {}
        for key, item in self.items.items():
            uris = (item.get("relations") or {}).get("dc:replaces") or ()
            for uri in [uris] if isinstance(uris, str) else uris:
                found[str(uri).rpartition("/")[2]] = key
        return found

    def current(self, key: str) -> str:
        """The item that a key stands for now, mergers followed; ``""`` when it is in the trash or gone."""
        seen: set[str] = set()
        while not self.alive(key) and key in self.replaced and key not in seen:
            seen.add(key)
            key = self.replaced[key]
        return key if self.alive(key) else ""

    def newer(self, version: int, without: Iterable[str]) -> Library:
        """Only the items that changed after a version."""
        left_out = set(without)
        fresh = {k: i for k, i in self.items.items() if int(i.get("version", 0)) > version and k not in left_out}
        return Library(fresh, self.schema)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The items that can be a record, the living ones first."""
        fit = [k for k, i in self.items.items() if i.get("itemType") not in NOT_BIBLIOGRAPHIC and "itemType" in i]
        return tuple(sorted(fit, key=lambda key: not self.alive(key)))

    @cached_property
    def by_identifier(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in self.keys:
            record = self.record(key)
            names = identifiers(record)
            if record.id:
                names.append(f"key {record.id}")
            names += [
                f"pmid {line.value}" for line in parse(str(self.items[key].get("extra") or "")) if _is_pmid(line.label)
            ]
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append(key)
        return found

    def find(
        self, records: Sequence[Record], judge: Judge, *, versions: bool = False, hidden: Iterable[str] = ()
    ) -> list[Found]:
        """For each record the item that it is. `hidden` are items that another record has already."""
        out_of_reach = set(hidden)
        answers = [self._by_identifier(each, versions, out_of_reach) for each in records]
        left = [place for place, answer in enumerate(answers) if answer is None]
        if left and self.keys:
            judged = self._judged([records[place] for place in left], judge, versions, out_of_reach)
            for place, answer in zip(left, judged, strict=True):
                answers[place] = answer
        return [each or Found() for each in answers]

    def _by_identifier(self, record: Record, versions: bool, hidden: set[str]) -> Found | None:
        names = [*identifiers(record), *([f"key {record.id}"] if record.id else [])]
        for name in names:
            same = [
                key
                for key in self.by_identifier.get(name, ())
                if titles_agree(record.title, self.record(key).title)
                and not volumes_differ(record, self.record(key))
                and (versions or is_preprint(record) == is_preprint(self.record(key)))
            ]
            alive = [key for key in same if self.alive(key)]
            best = [key for key in alive if key not in hidden] or alive or same
            if len(best) == 1:
                return Found(best[0], f"same {name.partition(' ')[0]} and title")
            if best:
                return Found(unsure=tuple(best), why=f"{len(best)} items have the {name} and the title")
        return None

    def _judged(self, records: Sequence[Record], judge: Judge, versions: bool, hidden: set[str]) -> list[Found]:
        against = [self.record(key) for key in self.keys]
        by_record: dict[int, list[Verdict]] = {}
        for verdict in judge(records, against):
            if not contradict(records[verdict.left], against[verdict.right]):
                by_record.setdefault(verdict.left, []).append(verdict)
        return [self._chosen(by_record.get(place, []), versions, each, hidden) for place, each in enumerate(records)]

    def _chosen(self, verdicts: list[Verdict], versions: bool, record: Record, hidden: set[str]) -> Found:
        def stands_for(verdict: Verdict) -> bool:
            other = self.record(self.keys[verdict.right])
            return versions or (verdict.same_version and is_preprint(record) == is_preprint(other))

        same = [each for each in verdicts if each.answer is Answer.SAME]
        other = tuple(self.keys[each.right] for each in same if not stands_for(each))
        best = [each for each in same if stands_for(each)]
        best = [each for each in best if self.alive(self.keys[each.right])] or best
        if len(best) == 1:
            return Found(self.keys[best[0].right], best[0].reason, other_version=other)
        # a doubt about an item in the trash, or one that is another entry of the same file, holds nothing back
        free = [each for each in verdicts if self.alive(self.keys[each.right]) and self.keys[each.right] not in hidden]
        doubtful = best or [each for each in free if each.answer is Answer.UNSURE and stands_for(each)]
        if doubtful:
            return Found(unsure=tuple(self.keys[each.right] for each in doubtful), why=doubtful[0].reason)
        return Found(other_version=other)


def _is_pmid(label: str) -> bool:
    return bool(label) and meaning(label) == "pmid"
