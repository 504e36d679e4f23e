"""What a person has said about pairs of records and about single ones, remembered in `.bibtools-verdicts.json` beside the .bib
and used the next time without asking, in CI too.

The file is made for git: sorted, one pair a few lines, the same bytes for the same verdicts. A record is known again by a
fingerprint of what identifies it, whatever its key; or by its key, when the title under it is still the same (an entry that
was edited since). Two records with one fingerprint are told apart by their keys, so "different" said of two look-alikes is
never taken for a word about a record and its own copy.

Of a single record a person has said that it is right as it stands, whatever `verify` finds. That holds for what was looked
at: a fingerprint of every field that is verified, so a change of any of them asks again, and a new key does not. A notice of
retraction that comes later is news, and is not covered by what was said before.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bibtools import fold, identifiers
from bibtools.record import Name, Record
from bibtools.verdict import Answer

__all__ = [
    "FILE_NAME",
    "Accepted",
    "Decision",
    "Decisions",
    "RecordRef",
    "accept",
    "accepts",
    "answers",
    "dumps",
    "fingerprint",
    "loads",
    "picks",
    "remember",
]

FILE_NAME = ".bibtools-verdicts.json"
_FORMAT = "bibtools verdicts"
_ANSWERS = (Answer.SAME, Answer.DIFFERENT)


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """One record of a pair: how it is known again. ``title`` is the folded title, readable in a diff."""

    fingerprint: str
    key: str = ""
    title: str = ""

    def same_record(self, other: RecordRef) -> bool:
        if self.fingerprint == other.fingerprint:
            return True
        return bool(self.key) and self.key == other.key and self.title == other.title


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word about a pair; ``fields`` are single fields picked from a side ("left" or "right")."""

    left: RecordRef
    right: RecordRef
    answer: Answer
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Accepted:
    """A record that is right as it stands, and the verdict (a word of `verify`) that was answered so."""

    key: str
    fingerprint: str  # of all that is verified: see `claims_fingerprint`
    verdict: str
    title: str = ""  # folded, readable in a diff


@dataclass(frozen=True, slots=True)
class Decisions:
    pairs: tuple[Decision, ...] = ()
    accepted: tuple[Accepted, ...] = ()
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
        identifiers.doi(record.doi), record.arxiv_id.casefold(),
    )  # fmt: skip
    return _hashed(what)


def claims_fingerprint(record: Record) -> str:
    """A short hash of every field of a record that can be verified, the same in any harmless form of case, accents and markup."""
    texts = (
        record.title, record.container_title, record.container_title_short, record.collection_title, record.event_title,
        record.volume, record.issue, record.number, record.page, record.edition, record.chapter_number, record.publisher,
    )  # fmt: skip
    exact = (record.type, record.doi, record.arxiv_id, record.isbn, record.issn, record.pmid, record.pmcid, record.url)
    people = [[each.surname, each.given, each.suffix] for each in (*record.author, Name(), *record.editor)]
    dates = [list(record.issued.parts), list(record.issued.end or ()), record.issued.season, record.issued.literal]
    folded = [[fold.text(part) for part in person] for person in people]
    return _hashed([[fold.text(each) for each in texts], exact, folded, record.authors_truncated, dates])


def _hashed(what: object) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=True).encode()).hexdigest()[:16]


def side(record: Record) -> RecordRef:
    return RecordRef(fingerprint(record), record.id, fold.text(record.title)[:120])


def remember(
    decisions: Decisions, left: Record, right: Record, answer: Answer, fields: Iterable[tuple[str, str]] = ()
) -> Decisions:
    """The decisions with a new word about a pair, in place of an older one. ``fields``: field name and "left" or "right"."""
    one, two = side(left), side(right)
    picked = tuple(sorted(fields))
    if two < one:
        one, two = two, one
        picked = tuple((name, "left" if which == "right" else "right") for name, which in picked)
    kept = (each for each in decisions.pairs if {each.left, each.right} != {one, two})
    said = sorted((*kept, Decision(one, two, answer, picked)), key=lambda each: (each.left, each.right))
    return replace(decisions, pairs=tuple(said))


def accept(decisions: Decisions, record: Record, verdict: str) -> Decisions:
    """The decisions with the word that a record is right as it stands, in place of an older one about it."""
    said = Accepted(record.id, claims_fingerprint(record), verdict, fold.text(record.title)[:120])
    kept = (
        each
        for each in decisions.accepted
        if each.fingerprint != said.fingerprint and (each.key, each.title) != (said.key, said.title)
    )
    return replace(decisions, accepted=tuple(sorted((*kept, said))))


def accepts(decisions: Decisions, record: Record, verdict: str, news: str = "") -> bool:
    """Whether a person has said that a record, just as it is now, is right. ``news`` is a verdict that has to have been
    answered itself: what was said of another one does not cover it."""
    if not decisions.accepted:
        return False
    mark = claims_fingerprint(record)
    said = [each.verdict for each in decisions.accepted if each.fingerprint == mark]
    return verdict in said if verdict == news else bool(said)


# --- used --------------------------------------------------------------------------------------------------------------


def answers(decisions: Decisions, records: Sequence[Record], target_count: int = 0) -> dict[tuple[int, int], Answer]:
    """What was decided of pairs of these records, by their numbers, lower first. Pairs of two of the first ``target_count`` are
    left out: a merge does not decide about the target."""
    return {pair: decision.answer for pair, decision in _pairs(decisions, records) if pair[1] >= target_count}


def picks(decisions: Decisions, records: Sequence[Record]) -> dict[tuple[int, int], dict[str, str]]:
    """Single fields picked for pairs, by (left, right) and (right, left): "source" where the second one's value was picked."""
    found: dict[tuple[int, int], dict[str, str]] = {}
    for (left, right), said in _pairs(decisions, records):
        if not said.fields:
            continue
        left_is_left = said.left.same_record(side(records[left])) and said.right.same_record(side(records[right]))
        own = "left" if left_is_left else "right"
        found[left, right] = {name: "target" if which == own else "source" for name, which in said.fields}
        found[right, left] = {name: "source" if which == own else "target" for name, which in said.fields}
    return found


def _pairs(decisions: Decisions, records: Sequence[Record]) -> Iterator[tuple[tuple[int, int], Decision]]:
    """Pairs of places (the lower first) that a person spoke of."""
    if not decisions.pairs:
        return
    sides = [side(each) for each in records]
    places: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(sides):
        places["#" + each.fingerprint].append(place)
        if each.key:
            places[each.key].append(place)

    def known(wanted: RecordRef) -> list[int]:
        near = {*places.get("#" + wanted.fingerprint, ()), *(places.get(wanted.key, ()) if wanted.key else ())}
        return sorted(place for place in near if wanted.same_record(sides[place]))

    for said in decisions.pairs:
        alike = said.left.same_record(said.right)
        for left in known(said.left):
            for right in known(said.right):
                if left == right or (sides[left].fingerprint == sides[right].fingerprint and not alike):
                    continue
                if alike and (sides[left].key, sides[right].key) != (said.left.key, said.right.key):
                    continue
                yield (min(left, right), max(left, right)), said


# --- written -----------------------------------------------------------------------------------------------------------


def dumps(decisions: Decisions) -> str:
    pairs = [
        {
            "answer": str(each.answer),
            "left": {"fingerprint": each.left.fingerprint, "key": each.left.key, "title": each.left.title},
            "right": {"fingerprint": each.right.fingerprint, "key": each.right.key, "title": each.right.title},
            **({"fields": dict(each.fields)} if each.fields else {}),
        }
        for each in decisions.pairs
    ]
    whole: dict[str, object] = {"format": _FORMAT, "version": 1, "pairs": pairs}
    if decisions.accepted:
        whole["accepted"] = [
            {"key": each.key, "verdict": each.verdict, "fingerprint": each.fingerprint, "title": each.title}
            for each in decisions.accepted
        ]
    return json.dumps({**whole, **dict(decisions.unknown)}, ensure_ascii=False, indent=1) + "\n"


def loads(text: str) -> Decisions:
    """The decisions in a file's text. A file that is not one gives an empty decisions with its `problem` told."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Decisions(problem=f"not JSON ({error})")
    if not isinstance(whole, dict) or whole.get("format") != _FORMAT or not isinstance(whole.get("pairs"), list):
        return Decisions(problem="not a file of verdicts")
    said: dict[tuple[RecordRef, RecordRef], Decision] = {}
    for place, each in enumerate(whole["pairs"], 1):
        read = _said(each)
        if read is None:
            return Decisions(problem=f"pair {place} is not understood")
        said[read.left, read.right] = read
    accepted = [_accepted(each) for each in _list(whole.get("accepted"))]
    if None in accepted:
        return Decisions(problem=f"accepted entry {accepted.index(None) + 1} is not understood")
    unknown = tuple((name, value) for name, value in whole.items() if name not in _KNOWN)
    known = tuple(sorted({each for each in accepted if each is not None}))
    return Decisions(tuple(said[pair] for pair in sorted(said)), known, unknown=unknown)


_KNOWN = ("format", "version", "pairs", "accepted")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _accepted(value: object) -> Accepted | None:
    if not isinstance(value, dict):
        return None
    parts = [value.get(name, "") for name in ("key", "fingerprint", "verdict", "title")]
    if not all(isinstance(each, str) for each in parts) or not parts[1]:
        return None
    return Accepted(*parts)


def _said(pair: object) -> Decision | None:
    if not isinstance(pair, dict) or pair.get("answer") not in {str(each) for each in _ANSWERS}:
        return None
    one, two, chosen = _side(pair.get("left")), _side(pair.get("right")), pair.get("fields", {})
    if one is None or two is None or not isinstance(chosen, dict):
        return None
    if not all(which in ("left", "right") for which in chosen.values()):
        return None
    picked = tuple(sorted((str(name), str(which)) for name, which in chosen.items()))
    return Decision(one, two, Answer(str(pair["answer"])), picked)


def _side(value: object) -> RecordRef | None:
    if not isinstance(value, dict):
        return None
    parts = tuple(value.get(name, "") for name in ("fingerprint", "key", "title"))
    if not all(isinstance(each, str) for each in parts) or not parts[0]:
        return None
    return RecordRef(*parts)
