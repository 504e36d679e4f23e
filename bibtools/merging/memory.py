"""What a person has said about pairs of records, remembered in `.bibtools-verdicts.json` beside the .bib and used the next
time without asking, in CI too.

The file is made for git: sorted, one pair a few lines, the same bytes for the same verdicts. A record is known again by a
fingerprint of what identifies it, whatever its key; or by its key, when the title under it is still the same (an entry that
was edited since). Two records with one fingerprint are told apart by their keys, so "different" said of two look-alikes is
never taken for a word about a record and its own copy.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bibtools import fold
from bibtools.record import Record
from bibtools.verdict import Answer, Evidence, Verdict

__all__ = ["FILE_NAME", "Memory", "Said", "Side", "apply", "dumps", "fingerprint", "loads", "picks", "remember"]

FILE_NAME = ".bibtools-verdicts.json"
_FORMAT = "bibtools verdicts"
_ANSWERS = (Answer.SAME, Answer.DIFFERENT)


@dataclass(frozen=True, slots=True, order=True)
class Side:
    """One record of a pair: how it is known again. ``title`` is the folded title, readable in a diff."""

    fingerprint: str
    key: str = ""
    title: str = ""

    def is_of(self, other: Side) -> bool:
        if self.fingerprint == other.fingerprint:
            return True
        return bool(self.key) and self.key == other.key and self.title == other.title


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word about a pair; ``fields`` are single fields picked from a side ("left" or "right")."""

    left: Side
    right: Side
    answer: Answer
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    said: tuple[Said, ...] = ()
    problem: str = ""  # why a file could not be used; it is then not written over
    unknown: tuple[tuple[str, object], ...] = field(default=(), compare=False)  # of a newer version: kept


def fingerprint(record: Record) -> str:
    """A short hash of what identifies a record, the same whatever key, markup or spelling of names it has."""
    people = record.author or record.editor
    what = (
        fold.text(record.title) or fold.text(record.abstract),
        [(fold.surname(each), fold.initials(each)[:1]) for each in people[:3]],
        "" if record.issued.inferred else record.issued.year or fold.text(record.issued.literal),
        fold.text(record.container_title), fold.text(record.volume), fold.text(record.issue), fold.text(record.page),
        fold.doi(record.doi), record.arxiv_id.casefold(),
    )  # fmt: skip
    return hashlib.sha256(json.dumps(what, ensure_ascii=True).encode()).hexdigest()[:16]


def side(record: Record) -> Side:
    return Side(fingerprint(record), record.id, fold.text(record.title)[:120])


def remember(
    memory: Memory, left: Record, right: Record, answer: Answer, fields: Iterable[tuple[str, str]] = ()
) -> Memory:
    """The memory with a new word about a pair, in place of an older one. ``fields``: field name and "left" or "right"."""
    one, two = side(left), side(right)
    picked = tuple(sorted(fields))
    if two < one:
        one, two = two, one
        picked = tuple((name, "left" if which == "right" else "right") for name, which in picked)
    kept = (each for each in memory.said if {each.left, each.right} != {one, two})
    said = sorted((*kept, Said(one, two, answer, picked)), key=lambda each: (each.left, each.right))
    return replace(memory, said=tuple(said))


# --- used --------------------------------------------------------------------------------------------------------------


def apply(
    memory: Memory, records: Sequence[Record], verdicts: Iterable[Verdict], within: int = 0
) -> tuple[Verdict, ...]:
    """The verdicts with a person's word above the matcher's. Pairs that lie both below ``within`` are left alone."""
    found = {(min(each.left, each.right), max(each.left, each.right)): each for each in verdicts}
    for (left, right), said in _pairs(memory, records):
        if right < within:
            continue
        old = found.get((left, right))
        told = Evidence("person", 100.0 if said.answer is Answer.SAME else -100.0, f"a person said: {said.answer}")
        if old is None:
            if said.answer is Answer.SAME:
                found[left, right] = Verdict(left, right, Answer.SAME, 1.0, (told,))
        else:
            found[left, right] = replace(old, answer=said.answer, evidence=(told, *old.evidence))
    return tuple(found[pair] for pair in sorted(found))


def picks(memory: Memory, records: Sequence[Record]) -> dict[tuple[int, int], dict[str, str]]:
    """Single fields picked for pairs, by (left, right) and (right, left): "source" where the second one's value was picked."""
    found: dict[tuple[int, int], dict[str, str]] = {}
    for (left, right), said in _pairs(memory, records):
        if not said.fields:
            continue
        left_is_left = said.left.is_of(side(records[left])) and said.right.is_of(side(records[right]))
        own = "left" if left_is_left else "right"
        found[left, right] = {name: "target" if which == own else "source" for name, which in said.fields}
        found[right, left] = {name: "source" if which == own else "target" for name, which in said.fields}
    return found


def _pairs(memory: Memory, records: Sequence[Record]) -> Iterator[tuple[tuple[int, int], Said]]:
    """Pairs of places (the lower first) that a person spoke of."""
    if not memory.said:
        return
    sides = [side(each) for each in records]
    places: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(sides):
        places["#" + each.fingerprint].append(place)
        if each.key:
            places[each.key].append(place)

    def known(wanted: Side) -> list[int]:
        near = {*places.get("#" + wanted.fingerprint, ()), *(places.get(wanted.key, ()) if wanted.key else ())}
        return sorted(place for place in near if wanted.is_of(sides[place]))

    for said in memory.said:
        alike = said.left.is_of(said.right)
        for left in known(said.left):
            for right in known(said.right):
                if left == right or (sides[left].fingerprint == sides[right].fingerprint and not alike):
                    continue
                if alike and (sides[left].key, sides[right].key) != (said.left.key, said.right.key):
                    continue
                yield (min(left, right), max(left, right)), said


# --- written -----------------------------------------------------------------------------------------------------------


def dumps(memory: Memory) -> str:
    pairs = [
        {
            "answer": str(each.answer),
            "left": {"fingerprint": each.left.fingerprint, "key": each.left.key, "title": each.left.title},
            "right": {"fingerprint": each.right.fingerprint, "key": each.right.key, "title": each.right.title},
            **({"fields": dict(each.fields)} if each.fields else {}),
        }
        for each in memory.said
    ]
    return (
        json.dumps(
            {"format": _FORMAT, "version": 1, "pairs": pairs, **dict(memory.unknown)}, ensure_ascii=False, indent=1
        )
        + "\n"
    )


def loads(text: str) -> Memory:
    """The memory in a file's text. A file that is not one gives an empty memory with its `problem` told."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Memory(problem=f"not JSON ({error})")
    if not isinstance(whole, dict) or whole.get("format") != _FORMAT or not isinstance(whole.get("pairs"), list):
        return Memory(problem="not a file of verdicts")
    said: dict[tuple[Side, Side], Said] = {}
    for place, each in enumerate(whole["pairs"], 1):
        read = _said(each)
        if read is None:
            return Memory(problem=f"pair {place} is not understood")
        said[read.left, read.right] = read
    unknown = tuple((name, value) for name, value in whole.items() if name not in ("format", "version", "pairs"))
    return Memory(tuple(said[pair] for pair in sorted(said)), unknown=unknown)


def _said(pair: object) -> Said | None:
    if not isinstance(pair, dict) or pair.get("answer") not in {str(each) for each in _ANSWERS}:
        return None
    one, two, chosen = _side(pair.get("left")), _side(pair.get("right")), pair.get("fields", {})
    if one is None or two is None or not isinstance(chosen, dict):
        return None
    if not all(which in ("left", "right") for which in chosen.values()):
        return None
    picked = tuple(sorted((str(name), str(which)) for name, which in chosen.items()))
    return Said(one, two, Answer(str(pair["answer"])), picked)


def _side(value: object) -> Side | None:
    if not isinstance(value, dict):
        return None
    parts = tuple(value.get(name, "") for name in ("fingerprint", "key", "title"))
    if not all(isinstance(each, str) for each in parts) or not parts[0]:
        return None
    return Side(*parts)
