"""Arrow's batches as the columns of `match`, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bibtools.match import columns, compare
from bibtools.match.columns import IDENTIFIED, NUMBERS, TEXTS
from bibtools.match.pairs import FieldReliability
from bibtools.match.prepare import Features

__all__ = [
    "FOLDED",
    "FULL",
    "POINTS",
    "Known",
    "LineError",
    "Looked",
    "OrderError",
    "batch_of",
    "ddl",
    "longs",
    "looked_at",
    "ordered",
]

Longs = NDArray[np.int64]

FOLDED = {
    "side": "int", "id": "string", "rank": "long", "content": "long", "whole": "long", "said": "long",
    **dict.fromkeys(TEXTS, "long"), **dict.fromkeys(TEXTS.values(), "string"), **dict.fromkeys(IDENTIFIED, "long"),
    **dict.fromkeys(NUMBERS, "long"),
}  # fmt: skip
"""The columns of a folded record and Spark's types of them."""

COUNTS = "array<struct<word:string,n:long>>"
FULL = {
    **FOLDED, "uid": "long", "counts": COUNTS, "generic": "float", "recurring": "float", "partners": "array<long>",
    "other_title": "long", "other_words": "string", "other_head": "long", "other_counts": COUNTS, "other_generic": "float",
    "other_recurring": "float",
}  # fmt: skip
"""The columns of a record with what all the records say of its title and venue. ``counts``: in how many titles its words stand;
``other_``: the title it has once what was cut in the wrong place is put right, null where that is its own."""

POINTS = {f"points_{name}": "float" for name in compare.FIELDS}

_ARROW = {
    "int": pa.int32(),
    "long": pa.int64(),
    "string": pa.string(),
    "float": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
}


class OrderError(RuntimeError):
    """Rows came in another order than they were asked for in."""


class LineError(ValueError):
    """A line of JSON Lines that is no record: where thousands of machines read, nobody would see a warning."""


def ddl(fields: Mapping[str, str]) -> str:
    """A schema as Spark takes it."""
    return ", ".join(f"`{name}` {kind}" for name, kind in fields.items())


def batch_of(fields: Mapping[str, str], values: Mapping[str, Any]) -> pa.RecordBatch:
    """Columns as a batch with the types that `ddl` says."""
    made = [pa.array(values[name], type=_ARROW[kind]) for name, kind in fields.items()]
    return pa.RecordBatch.from_arrays(made, names=list(fields))


def longs(batch: pa.RecordBatch | pa.Table, name: str) -> Longs:
    """A column of integers, 0 where it is null."""
    column = batch.column(name)
    if column.null_count:
        column = column.fill_null(0)
    found: Longs = np.asarray(column).astype(np.int64, copy=False)
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What all the records say, as far as it is a few numbers."""

    titles: int = 0  # distinct ones, and the silent one
    ignored: frozenset[str] = frozenset()  # fields that are corrupt throughout
    by_issue: bool = True  # whether titles that recur in several issues count as a column's


@dataclass(frozen=True, slots=True)
class Looked:
    """Records as features, and with titles put right; rows of several batches follow one another."""

    features: Features
    repaired: Features
    reliability: FieldReliability
    changed: NDArray[np.bool_]  # whether the title was put right


def looked_at(parts: Sequence[pa.RecordBatch | pa.Table], known: Known, prefixes: Sequence[str] = ("",)) -> Looked:
    """The records of rows of `FULL`, some columns of which may be left out.

    Each prefix names the columns of one record of a row, and the records of the first stand first. After all of them the same
    again stand with their titles put right, in ``features`` too.
    """
    table = pa.concat_tables([part if isinstance(part, pa.Table) else pa.Table.from_batches([part]) for part in parts])
    sides = [
        table.select([name for name in table.column_names if name.startswith(prefix)]).rename_columns(
            [name[len(prefix) :] for name in table.column_names if name.startswith(prefix)]
        )
        for prefix in prefixes
    ]
    whole = pa.concat_tables(sides).combine_chunks()
    count, present = whole.num_rows, set(whole.column_names)
    own = {name: longs(whole, name) for name in (*TEXTS, *IDENTIFIED, *NUMBERS) if name in present}
    own["rank"] = longs(whole, "uid")
    changed = np.zeros(count, dtype=np.bool_)
    if "other_title" in present:
        changed = np.asarray(whole.column("other_title").is_valid())
    twice = count if changed.any() else 0
    rows = {name: np.concatenate([column, column[:twice]]) for name, column in own.items()}
    if twice:
        for name in ("title", "head"):
            rows[name][count:] = np.where(changed, longs(whole, f"other_{name}"), own[name])

    def texts(name: str, places: NDArray[np.intp]) -> list[str]:
        own_places = places % count if count else places
        found = whole.column(name).take(pa.array(own_places)).to_pylist() if name in present else [""] * len(places)
        if twice and name == TEXTS["title"]:
            others = whole.column("other_words").take(pa.array(own_places)).to_pylist()
            found = [
                other if place >= count and changed[place % count] else text
                for text, other, place in zip(found, others, places.tolist(), strict=True)
            ]
        return [text or "" for text in found]

    frequency: dict[str, int] = {}
    for name in ("counts", *(("other_counts",) if twice else ())):
        if name in present:
            said = whole.column(name).combine_chunks()
            words = said.flatten() if isinstance(said, pa.Array) else pa.concat_arrays(said.chunks).flatten()
            if len(words):
                one, two = words.flatten()
                frequency.update(zip(one.to_pylist(), two.to_pylist(), strict=True))
    features = columns.features_of(rows, texts, frequency, known.titles)
    repaired = (
        replace(features, title=np.concatenate([features.title[count:], features.title[count:]])) if twice else features
    )
    return Looked(features, repaired, _reliability(whole, features, changed, twice, known), changed)


def _reliability(
    whole: pa.Table, features: Features, changed: NDArray[np.bool_], twice: int, known: Known
) -> FieldReliability:
    count = whole.num_rows
    worth = np.ones(len(features.titles), dtype=np.float32)
    for start, prefix in ((0, ""), *(((count, "other_"),) if twice else ())):
        for name in ("generic", *(("recurring",) if known.by_issue else ())):
            if f"{prefix}{name}" in whole.column_names:
                said = whole.column(f"{prefix}{name}").fill_null(1.0).to_numpy().astype(np.float32)
                rows = np.flatnonzero(changed) if prefix else np.arange(count)
                np.minimum.at(worth, features.title[start + rows], said[rows])
    worth[0] = 1.0
    equivalent: set[tuple[int, int]] = set()
    if "partners" in whole.column_names:
        venue = longs(whole, "venue")
        number = dict(zip(venue.tolist(), features.venue[:count].tolist(), strict=True))
        partners = whole.column("partners")
        for place in np.flatnonzero(np.asarray(partners.is_valid())).tolist():
            one = int(features.venue[place])
            for other in (number.get(each) for each in partners[place].as_py()):
                if other is not None:
                    equivalent.add((min(one, other), max(one, other)))
    return FieldReliability(known.ignored, worth, frozenset(equivalent))


def ordered(batches: Iterator[pa.RecordBatch], *keys: str) -> Iterator[pa.RecordBatch]:
    """The same batches, each row checked to be where it belongs: ``place`` counts from 1 within rows of equal keys, ``size`` says
    how many these are, and they stand together. Raises OrderError: an answer made of rows in disorder would be wrong unseen."""
    last: tuple[Any, ...] | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        place, size = longs(batch, "place"), longs(batch, "size")
        columns_ = [longs(batch, name) for name in keys]
        same = np.ones(batch.num_rows, dtype=np.bool_)
        same[0] = last is not None and all(
            column[0] == before for column, before in zip(columns_, last[2:], strict=True)
        )
        for column in columns_:
            same[1:] &= column[1:] == column[:-1]
        before = np.concatenate([[0 if last is None else last[0]], place[:-1]])
        ends = np.concatenate([[0 if last is None else last[1]], size[:-1]])
        right = np.where(same, place == before + 1, (place == 1) & (before == ends))
        if not right.all():
            raise OrderError(
                "rows came out of the order that was asked for: this engine cannot be relied on for matching"
            )
        last = (int(place[-1]), int(size[-1]), *(int(column[-1]) for column in columns_))
        yield batch
    if last is not None and last[0] != last[1]:
        raise OrderError("rows of one key are missing: this engine cannot be relied on for matching")
