"""Target and sources side by side with what the match found, ready to be asked. Records are numbered target first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bibtools.change import Candidate, Target
from bibtools.equality import FIELDS
from bibtools.merging.bundle import conflicts
from bibtools.publication import Relation, is_preprint, is_published, relation
from bibtools.record import Record, filled, incomplete
from bibtools.verdict import Answer, Linkage, Verdict

__all__ = ["NO_CONTEXT", "Context", "Pool", "rank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the files say besides the records."""

    written: Sequence[Record] = ()  # the target as its file says it, where the records are that after clean-up
    cited: Collection[str] = ()  # keys that documents cite: one that is merged away becomes an alias
    referred: Collection[str] = ()  # keys that other entries refer to (crossref, xdata)
    picks: Mapping[tuple[int, int], Mapping[str, str]] = field(
        default_factory=dict
    )  # per pair: field -> side, by a person


NO_CONTEXT = Context()


class Pool:
    """The records of a merge and the verdicts on them; it never changes."""

    def __init__(self, records: Sequence[Record], linkage: Linkage, context: Context) -> None:
        self.records = tuple(records)
        self.context = context
        self.target_count = linkage.target_count
        self.clusters = linkage.clusters
        self.written = context.written or self.records[: self.target_count]
        self._verdicts: dict[tuple[int, int], Verdict] = {}
        self._near: dict[int, list[int]] = defaultdict(list)
        for verdict in linkage.verdicts:
            self._verdicts[verdict.left, verdict.right] = verdict
            self._near[verdict.left].append(verdict.right)
            self._near[verdict.right].append(verdict.left)

    def verdict(self, left: int, right: int) -> Verdict | None:
        return self._verdicts.get((min(left, right), max(left, right)))

    def unsure(self, number: int) -> tuple[int, ...]:
        """The records that this one may be the same work as, the most alike first."""
        found = [verdict for other in self._near[number] if (verdict := self.verdict(number, other))]
        found.sort(key=lambda verdict: -verdict.score)
        return tuple(verdict.left + verdict.right - number for verdict in found if verdict.answer is Answer.UNSURE)

    def relation(self, existing: int, incoming: int, as_it_is: Record | None = None) -> Relation:
        """What a record is to another of its work; ``as_it_is``: the existing one as it has become by now."""
        one, other = as_it_is or self.records[existing], self.records[incoming]
        verdict = self.verdict(existing, incoming)
        versions = verdict is not None and not verdict.same_version
        return relation(one, other, versions and bool(conflicts(one, other)))

    def entry(self, number: int) -> Target:
        return Target(self.records[number].id, self.records[number].origin.index)

    def candidates(self, number: int) -> tuple[Candidate, ...]:
        """The records that this one was found the same as or unsure of, the most alike first."""
        found = [verdict for other in self._near[number] if (verdict := self.verdict(number, other))]
        found.sort(key=lambda verdict: (-verdict.score, verdict.left + verdict.right))
        return tuple(self._candidate(verdict.left + verdict.right - number, verdict) for verdict in found)

    def _candidate(self, number: int, verdict: Verdict) -> Candidate:
        evidence = tuple((one.field, one.points, one.reason) for one in verdict.evidence)
        record = self.records[number]
        key = record.id if number < self.target_count else ""
        return Candidate(record, key, str(verdict.answer), verdict.score, evidence, verdict.reason)

    def reason(self, left: int, right: int) -> str:
        """Why two records of a cluster are one work."""
        found = self.verdict(left, right)
        return found.reason if found else "joined through another record of the group"


def rank(record: Record) -> tuple[object, ...]:
    """The order in which the records of a group are combined: the published and fullest first, a report after a paper."""
    return (
        not is_published(record),
        is_preprint(record),
        record.type == "report",
        record.issued.inferred or not record.issued,
        incomplete(record),
        record.authors_truncated,
        -sum(1 for _ in filled(record)),
        repr([getattr(record, name) for name in FIELDS]),
    )
