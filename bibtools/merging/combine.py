"""Two records of one work into one: which fields change, and why; and what of the incoming record the result does not hold."""

from __future__ import annotations

from dataclasses import replace

from bibtools.change import Left
from bibtools.equality import FIELDS, holds, same
from bibtools.merging.bundle import BUNDLE, conflicts, fills, moved
from bibtools.merging.fields import NOT_CARRIED, RAW, Taken, choose
from bibtools.merging.policy import DEFAULT, MergePolicy, Side
from bibtools.publication import Relation, is_published
from bibtools.record import Record, unverified

__all__ = ["combine", "left_over"]

_OWN = ("id", "authors_truncated", "type", "entry_type")  # decided with something else, or not at all
_WITH_ARXIV_ID = ("categories", "submitted")  # mean something only beside an arXiv identifier


def combine(
    existing: Record,
    incoming: Record,
    relation: Relation = Relation.SAME,
    *,
    upgrade: bool = True,
    policy: MergePolicy = DEFAULT,
) -> tuple[Record, dict[str, str]]:
    """The existing record with what it takes from the incoming one, and for each changed field the reason."""
    unsure = unverified(incoming) and not unverified(existing)
    if unsure:
        upgrade, policy = False, replace(policy, prefer=Side.TARGET)
    taken = _bundle(existing, incoming, relation, upgrade, policy)
    for name in FIELDS:
        if name in BUNDLE or name in _OWN or policy.prefer_fields.get(name) is Side.TARGET:
            continue
        if name in _WITH_ARXIV_ID and not (existing.arxiv_id or incoming.arxiv_id):
            continue
        chosen = choose(name, existing, incoming, policy.source_wins(name))
        if chosen is not None:
            taken[name] = chosen
    if "author" in taken and existing.authors_truncated != incoming.authors_truncated:
        taken["authors_truncated"] = Taken(incoming.authors_truncated, taken["author"].why)
    if unsure:  # fills gaps, and nothing else
        taken = {name: each for name, each in taken.items() if name == "extra" or not getattr(existing, name)}
        taken.pop("note", None)  # what was left over of a reference, be it the head of a page, is no gap of an entry
    taken |= _asked(existing, incoming, policy)
    if not taken:
        return existing, {}
    values = {name: each.value for name, each in taken.items()}
    return replace(existing, **values), {name: each.why for name, each in taken.items()}  # type: ignore[arg-type]


def _bundle(
    existing: Record, incoming: Record, relation: Relation, upgrade: bool, policy: MergePolicy
) -> dict[str, Taken]:
    if relation is Relation.UPGRADE:
        if not upgrade:
            return {}
        return {name: Taken(value, "the published version") for name, value in moved(existing, incoming).items()}
    if relation is not Relation.SAME:
        return {}
    if policy.prefer is Side.SOURCE and is_published(incoming) >= is_published(existing):
        whole = bool(conflicts(existing, incoming))
        preferred = {name: value for name, value in moved(existing, incoming).items() if whole or value}
        return {name: Taken(value, "preferred, as asked") for name, value in preferred.items()}
    return {name: Taken(getattr(incoming, name), "was missing") for name in fills(existing, incoming)}


def _asked(existing: Record, incoming: Record, policy: MergePolicy) -> dict[str, Taken]:
    """Single bundle fields that the person wants from the source: their word is above the bundle's wholeness."""
    return {
        name: Taken(getattr(incoming, name), "preferred, as asked")
        for name, side in policy.prefer_fields.items()
        if side is Side.SOURCE and name in BUNDLE and getattr(incoming, name)
        if not same(name, getattr(existing, name), getattr(incoming, name))
    }


def left_over(result: Record, incoming: Record, relation: Relation = Relation.SAME) -> tuple[Left, ...]:
    """Every value of the incoming record that the result does not hold."""
    found = []
    for name in FIELDS:
        value = getattr(incoming, name)
        if not value or name in ("id", "authors_truncated") or holds(name, getattr(result, name), value):
            continue
        if name == "extra":
            found += _left_of_extra(result, incoming)
        else:
            kept = getattr(result, name)
            found.append(Left(name, value, kept, _why(name, kept, relation)))
    return tuple(found)


def _left_of_extra(result: Record, incoming: Record) -> list[Left]:
    return [
        Left(
            name,
            value,
            result.get_extra(name),
            "belongs to its own file" if name in NOT_CARRIED else "the existing value is kept",
        )
        for name, value in incoming.extra
        if not (name == RAW and unverified(incoming)) and not holds("extra", result.extra, ((name, value),))
    ]


def _why(name: str, kept: object, relation: Relation) -> str:
    if name in BUNDLE and relation is not Relation.SAME:
        return {
            Relation.UPGRADE: "the existing version is kept, as asked",
            Relation.OLDER: "the published version is kept",
            Relation.OTHER: "belongs to another published version",
        }[relation]
    if name in BUNDLE and not kept:
        return "belongs to another publication than the entry"
    return "the existing value is kept" if kept else "means nothing without what it belongs to"
