"""Verify references: ask an index and services for each entry's work, judge, and say where in the file each finding is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bibtools.api.reading import InputError
from bibtools.index import Hit, Index
from bibtools.merging import decisions as decided
from bibtools.merging.decisions import Decisions
from bibtools.normalise import normalise
from bibtools.record import Record
from bibtools.verify import Asked, Judgement, Standing, Work, judge
from bibtools.verify.retraction import noticed

__all__ = ["Ask", "Found", "Verification", "accept", "answered", "asking_index", "verify"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a source says of one entry: the works that it may be, and that the source was asked."""

    works: tuple[Work, ...] = ()
    asked: tuple[Asked, ...] = ()


# A source of known works: given entries (normalised), what it says of each, in their order. It never raises: a source that
# does not answer says so in `Asked.failure`.
Ask = Callable[[Sequence[Record]], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class Verification:
    """The judgements, in the order of the entries."""

    judgements: tuple[Judgement, ...]

    def count(self, standing: Standing) -> int:
        return sum(1 for each in self.judgements if each.standing is standing)

    def exit_status(self, strict: bool = False) -> int:
        """1 if anything was found, else 3 if a source did not answer or there was none to ask, else 0."""
        strictly = (Standing.OTHER_VERSION, Standing.NOT_FOUND)
        for each in self.judgements:
            if each.alarming or (strict and each.standing in strictly and not each.accepted):
                return 1
        unasked = any(not each.asked or any(one.failure for one in each.asked) for each in self.judgements)
        return 3 if unasked else 0


def answered(verification: Verification, known: Decisions) -> Verification:
    """The verification with those entries marked as accepted of which a person has said that they are right as they stand."""
    return Verification(tuple(replace(each, accepted=_is_accepted(each, known)) for each in verification.judgements))


def _is_accepted(judgement: Judgement, known: Decisions) -> bool:
    if judgement.standing is Standing.VERIFIED:
        return False
    return decided.accepts(known, judgement.entry, judgement.standing, news=Standing.RETRACTED)


def accept(verification: Verification, keys: Iterable[str], known: Decisions) -> Decisions:
    """The decisions with the word that the entries of these keys are right as they stand. An entry that is verified needs none.
    Raises InputError for a key that no entry has."""
    by_key: dict[str, list[Judgement]] = {}
    for judgement in verification.judgements:
        by_key.setdefault(judgement.key, []).append(judgement)
    for key in keys:
        if key not in by_key:
            raise InputError(f"no entry '{key}' to accept")
        for judgement in by_key[key]:
            if judgement.standing is not Standing.VERIFIED:
                known = decided.accept(known, judgement.entry, judgement.standing)
    return known


AT_ONCE = 500


def verify(
    records: Iterable[Record],
    known: Index | None,
    *,
    services: Sequence[Ask] = (),
    progress: Progress = lambda done, total: None,
) -> Verification:
    """A judgement for each record. ``services`` are asked, all of them, for the entries that the index does not verify."""
    written = list(records)
    judgements: list[Judgement] = []
    sources = [asking_index(known)] if known is not None else []
    weigh = known.weigh if known is not None else (lambda word: 10.0)
    for start in range(0, len(written), AT_ONCE):
        progress(start, len(written))
        part = written[start : start + AT_ONCE]
        entries = [normalise(each) for each in part]
        found = _joined([source(entries) for source in sources], len(entries))
        judged = [judge(entry, each.works, each.asked, weigh) for entry, each in zip(entries, found, strict=True)]
        open_ = [place for place, each in enumerate(judged) if each.standing is not Standing.VERIFIED]
        if services and open_:
            left = [entries[place] for place in open_]
            more = _joined([service(left) for service in services], len(left))
            for place, each in zip(open_, more, strict=True):
                both = _both(found[place], each)
                judged[place] = judge(entries[place], both.works, both.asked, weigh)
        judged = [noticed(each, _listed(each, known)) for each in judged] if known is not None else judged
        judgements += [replace(each, entry=record) for each, record in zip(judged, part, strict=True)]
    progress(len(written), len(written))
    return Verification(tuple(judgements))


def _listed(judgement: Judgement, known: Index) -> list[Work]:
    """What lists of retractions say of an entry, and of the work that it may be."""
    records = [judgement.entry, *(work.record for work in judgement.works)]
    return [_work(hit) for hit in dict.fromkeys(hit for record in records for hit in known.notices(record))]


def _joined(answers: Sequence[Sequence[Found]], count: int) -> list[Found]:
    joined = [Found()] * count
    for answer in answers:
        joined = [_both(one, other) for one, other in zip(joined, answer, strict=True)]
    return joined


def _both(one: Found, other: Found) -> Found:
    return Found(one.works + other.works, one.asked + other.asked)


def asking_index(known: Index) -> Ask:
    """The index as a source. Each of its sources is told as asked; none is taken to be complete unless it was declared so."""

    def ask(entries: Sequence[Record]) -> Sequence[Found]:
        asked = tuple(
            Asked(source.name, source.date) for manifest in known.manifests.values() for source in manifest.sources
        )
        return [Found(tuple(map(_work, known.search(entry, limit=20))), asked) for entry in entries]

    return ask


def _work(hit: Hit) -> Work:
    return Work(hit.record, hit.source.name, hit.source.date, hit.how)
