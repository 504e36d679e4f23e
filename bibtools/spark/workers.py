"""What the workers do: each function takes the batches of one partition and gives batches, and knows nothing of the others.

They are sent to the workers by name, so bibtools is to be installed where they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from bibtools.format import ReadOptions
from bibtools.formats import parquet
from bibtools.formats import records as json_lines
from bibtools.match import blocking, columns, compare, reliability, title_evidence
from bibtools.match.blocking import Identities, Looks, Strength
from bibtools.match.decide import NAMESAKES as NAMESAKES_LOOKED_AT
from bibtools.match.decide import Comparison, namesakes, settle, shown_score
from bibtools.normalise import normalise
from bibtools.record import Record
from bibtools.spark.rows import FOLDED, POINTS, Known, LineError, Looked, batch_of, longs, looked_at, ordered

__all__ = [
    "COMPARED", "KEYS", "LINES", "NAMESAKES", "PAIRS", "SETTLED", "TESTIMONY", "VENUES", "WORTH", "apart", "compared", "decoded",
    "folded", "keyed", "lines", "met", "namesakes_of", "one_venue", "settled", "testified", "work", "worth",
]  # fmt: skip

Batches = Iterator[pa.RecordBatch]
Work = Callable[[Batches], Batches]

KEYS = {
    "family": "int", "key": "long", "window": "int", "strength": "int", "head8": "long", "uid": "long", "title": "long",
    "joined": "string", "surname": "long", "year": "long",
}  # fmt: skip
PAIRS = {"l": "long", "r": "long", "witness": "boolean"}
LINES = {"id": "string", "whole": "long", "line": "string"}
VENUES = {"low": "long", "high": "long"}
NAMESAKES = {"l": "long", "r": "long"}
WORTH = {"title": "long", "generic": "float"}
TESTIMONY = {
    "low": "long", "high": "long", "title": "long",
    **{f"{name}_{what}": "long" for name in reliability.CORRUPTIBLE for what in ("both", "differ")},
    **{f"{name}_against": "float" for name in reliability.CORRUPTIBLE},
}  # fmt: skip
COMPARED = {
    "l": "long", "r": "long", "same": "boolean", "score": "float", "other_version": "boolean", "holder": "long", "held": "long",
    **POINTS,
}  # fmt: skip
SETTLED = {
    "l": "long",
    "r": "long",
    "answer": "string",
    "score": "double",
    **POINTS,
    "same_version": "boolean",
    "group": "long",
}


# --- records ----------------------------------------------------------------------------------------------------------


def decoded(batches: Batches) -> Iterator[tuple[pa.RecordBatch, list[Record]]]:
    """The records of rows that are records in columns, or lines of JSON (``value``)."""
    for batch in batches:
        if batch.schema.names[:1] == ["value"]:
            said = list(
                json_lines.read_lines((each or "" for each in batch.column("value").to_pylist()), ReadOptions())
            )
            found = [each for each in said if isinstance(each, Record)]
            lost = next((each for each in said if not isinstance(each, Record) and each.severity == "error"), None)
            if lost is not None:
                raise LineError(
                    f"a line is no record: {lost.message}: {lost.text[:80]!r} (`bibtools convert` leaves it out)"
                )
        else:
            found = parquet.from_columns(batch)
        yield batch, [normalise(each) for each in found]


def folded(batches: Batches, side: int) -> Batches:
    """Records as rows of `FOLDED`."""
    for _, records in decoded(batches):
        made: dict[str, Any] = columns.travelling(records)
        made["side"] = np.full(len(records), side, dtype=np.int32)
        made["id"] = [each.id.encode("utf-8", "replace").decode() for each in records]
        yield batch_of(FOLDED, made)


def lines(batches: Batches) -> Batches:
    """Records whole, for the few that must be compared word by word."""
    for _, records in decoded(batches):
        made = columns.travelling(records)
        said = [json_lines.line(each).encode("utf-8", "replace").decode() for each in records]
        yield batch_of(LINES, {"id": [each.id for each in records], "whole": made["whole"], "line": said})


# --- candidates -------------------------------------------------------------------------------------------------------


def keyed(batches: Batches, known: Known, every: bool) -> Batches:
    """The blocking keys of records; with ``every`` one that all share, since in a file of few every pair is a candidate."""
    for batch in batches:
        features = looked_at([batch], known).features
        uid, title = longs(batch, "uid"), longs(batch, "title")
        head8 = columns.signed(blocking.title_order(features.titles))[features.title]
        surname, both = longs(batch, "surname"), longs(batch, "both")
        found: Iterator[blocking.Keys] = blocking.keys_of(
            features, Identities(title, longs(batch, "venue"), surname, both)
        )
        if every:
            everyone = np.arange(len(uid))
            found = iter([(np.zeros(len(uid), dtype=np.int64), everyone, blocking.ALL_PAIRS, Strength.STRONG)])
        joined = pa.array([each.joined for each in features.titles])
        for family, (keys, owners, window, strength) in enumerate(found):
            count = len(keys)
            yield batch_of(
                KEYS,
                {
                    "family": np.full(count, family, np.int32), "key": keys, "window": np.full(count, window, np.int32),
                    "strength": np.full(count, int(strength), np.int32), "head8": head8[owners], "uid": uid[owners],
                    "title": title[owners], "joined": joined.take(pa.array(features.title[owners])),
                    "surname": surname[owners], "year": longs(batch, "year")[owners],
                },
            )  # fmt: skip


def met(batches: Batches) -> Batches:
    """Pairs of neighbours that are worth comparing, of rows of `KEYS` in order; a piece overlaps the last by a window."""
    tail: pa.RecordBatch | None = None
    for batch in ordered(batches, "family", "key"):
        piece = batch if tail is None else pa.concat_batches([tail, batch])
        carried = tail.num_rows if tail is not None else 0
        yield _met(piece, carried)
        family, key, window = (longs(piece, name) for name in ("family", "key", "window"))
        last = (family == family[-1]) & (key == key[-1])
        tail = piece.slice(max(int(np.argmax(last)), piece.num_rows - int(window[-1])))


def _met(piece: pa.RecordBatch, carried: int) -> pa.RecordBatch:
    """Pairs of one piece, of which one at least is not among the ``carried`` rows."""
    uid, key, size, title = (longs(piece, name) for name in ("uid", "key", "size", "title"))
    year, numbered = longs(piece, "year"), columns.distinct(title)[0]
    texts = ["", *piece.column("joined").take(pa.array(numbered.row)).to_pylist()]
    heads = (longs(piece, "head8").view(np.uint64)) ^ np.uint64(1 << 63)
    looks = Looks(texts, numbered.number, heads, longs(piece, "surname"), year)
    family = longs(piece, "family")
    starts = np.flatnonzero(np.concatenate(([True], family[1:] != family[:-1])))
    found: list[tuple[Any, Any]] = []
    for start, end in zip(starts.tolist(), [*starts.tolist()[1:], len(family)], strict=True):
        strength = Strength(int(piece.column("strength")[start].as_py()))
        window = int(piece.column("window")[start].as_py())
        rows = np.arange(start, end)
        for one, other in blocking.neighbours(key[start:end], rows, size[start:end], window, strength):
            new = (other >= carried) & (uid[one] != uid[other])
            one, other = one[new], other[new]
            kept = blocking.worth_comparing(looks, one, other, strength)
            found.append((one[kept], other[kept]))
    one = np.concatenate([pair[0] for pair in found] or [np.empty(0, np.intp)])
    other = np.concatenate([pair[1] for pair in found] or [np.empty(0, np.intp)])
    witness = (title[one] == title[other]) & (title[one] != 0) & (year[one] == year[other]) & (year[one] != 0)
    values = {"l": np.minimum(uid[one], uid[other]), "r": np.maximum(uid[one], uid[other]), "witness": witness}
    return batch_of(PAIRS, values)


# --- what all records say ---------------------------------------------------------------------------------------------


def worth(batches: Batches) -> Batches:
    """What agreeing on a title is worth, of rows of a title and its author lists."""
    for batch in batches:
        lists = ([columns.authors_of(text) for text in texts] for texts in batch.column("lists").to_pylist())
        values = {"title": longs(batch, "title"), "generic": [reliability.generic_worth(each) for each in lists]}
        yield batch_of(WORTH, values)


def _sides(looked: Looked, count: int) -> tuple[Any, Any]:
    return np.arange(count), count + np.arange(count)


def testified(batches: Batches, known: Known) -> Batches:
    """What the confident ones of pairs say of volumes, issues, pages and venues."""
    for batch in batches:
        looked = looked_at([batch], known, ("l_", "r_"))
        features, generic = looked.features, looked.reliability.generic
        assert generic is not None
        left, right = _sides(looked, batch.num_rows)
        sure = reliability.confident(features, generic, left, right)
        left, right = left[sure], right[sure]
        one, other = longs(batch, "l_venue")[sure], longs(batch, "r_venue")[sure]
        values: dict[str, Any] = {
            "low": np.minimum(one, other), "high": np.maximum(one, other), "title": longs(batch, "l_title")[sure],
        }  # fmt: skip
        for name in reliability.CORRUPTIBLE:
            both, differ, against = reliability.testimony(features, name, left, right)
            values |= {f"{name}_both": both.astype(np.int64), f"{name}_differ": differ.astype(np.int64)}
            values[f"{name}_against"] = against
        yield batch_of(TESTIMONY, values)


def one_venue(batches: Batches) -> Batches:
    """The pairs of venues that are one, of rows of pairs with the works that say so and the works of each."""
    for batch in batches:
        works, low, high = (longs(batch, name) for name in ("works", "low_n", "high_n"))
        enough = reliability.stand_for_one_venue(works, low, high)
        yield batch_of(VENUES, {name: longs(batch, name)[enough] for name in VENUES})


# --- pairs ------------------------------------------------------------------------------------------------------------


def compared(batches: Batches, known: Known, again: bool) -> Batches:
    """The pairs that may be one work; with ``again`` also by the titles that were put right, where these say more."""
    for batch in batches:
        looked = looked_at([batch], known, ("l_", "r_"))
        features = looked.features
        left, right = _sides(looked, batch.num_rows)
        vectors = compare.weigh(features, looked.reliability, left, right)
        cut = vectors.same & vectors.title_cut
        if again:
            vectors = vectors.with_rows(left, compare.weigh(looked.repaired, looked.reliability, left, right))
        kept = vectors.likely
        uids = np.concatenate([longs(batch, "l_uid"), longs(batch, "r_uid")])
        titles = np.concatenate([longs(batch, "l_title"), longs(batch, "r_title")])
        whole, part = map(np.asarray, title_evidence.containing(features, left, right))
        values: dict[str, Any] = {
            "l": uids[left], "r": uids[right], "same": vectors.same, "score": vectors.score,
            "other_version": vectors.other_version, "holder": np.where(cut, uids[whole], 0),
            "held": np.where(cut, titles[part], 0),
        } | {name: vectors.points[:, place] for place, name in enumerate(POINTS)}  # fmt: skip
        yield batch_of(COMPARED, {name: column[kept] for name, column in values.items()})


def namesakes_of(batches: Batches) -> Batches:
    """Pairs of records with one key of which one says no more than the other, of lines in order of the key."""
    for group in _groups(ordered(batches, "name"), "name"):
        said = json_lines.read_lines(group.column("line").to_pylist(), ReadOptions())
        records = [each for each in said if isinstance(each, Record)]
        uid = longs(group, "uid")[:NAMESAKES_LOOKED_AT]
        records = records[:NAMESAKES_LOOKED_AT]
        pairs = [(uid[one], uid[other]) for one, other in namesakes(records, int(longs(group, "size")[0]))]
        found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        yield batch_of(NAMESAKES, {"l": found.min(axis=1, initial=2**63 - 1), "r": found.max(axis=1, initial=-(2**63))})


def _groups(batches: Batches, key: str, whole: bool = True) -> Batches:
    """Rows of one key, or (unless ``whole``) of some keys, none of which is in two pieces."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        keys = longs(batch, key)
        starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        if waiting and longs(waiting[-1], key)[-1] != keys[0]:
            yield pa.concat_batches(waiting)
            waiting = []
        bounds = starts.tolist() if whole else [0, *starts[-1:].tolist()] if starts[-1] else [0]
        for start, end in zip(bounds, [*bounds[1:], batch.num_rows], strict=True):
            waiting.append(batch.slice(start, end - start))
            if end < batch.num_rows:
                yield pa.concat_batches(waiting)
                waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


# --- groups -----------------------------------------------------------------------------------------------------------


def settled(batches: Batches, known: Known) -> Batches:
    """The final pairs of whole components: rows of records (``kind`` 0) and after them of pairs (1), in order of component."""
    for piece in _groups(ordered(batches, "component"), "component", whole=False):
        yield _settled(piece, known)


def _settled(piece: pa.RecordBatch, known: Known) -> pa.RecordBatch:
    kind = longs(piece, "kind")
    records, pairs = piece.filter(pa.array(kind == 0)), piece.filter(pa.array(kind == 1))
    looked = looked_at([records], known)
    uid = longs(records, "uid")
    number = {each: place for place, each in enumerate(uid.tolist())}
    places = np.array([[number[each] for each in longs(pairs, name).tolist()] for name in ("l", "r")], dtype=np.intp)
    left, right = np.minimum(*places), np.maximum(*places)
    same_already = np.asarray(pairs.column("identical"))
    identical = frozenset(zip(left[same_already].tolist(), right[same_already].tolist(), strict=True))
    rows = np.flatnonzero(np.asarray(pairs.column("score").is_valid()))
    vectors = _vectors(pairs.take(pa.array(rows)))
    comparison = Comparison(
        (), looked.features, looked.repaired, looked.reliability, left[rows], right[rows], vectors, identical
    )
    found = settle(comparison)
    group_of = {place: int(uid[list(cluster)].min()) for cluster in found.clusters for place in cluster}
    values: dict[str, list[Any]] = {name: [] for name in SETTLED}
    for each, source in [*((one, vectors) for one in found.compared), *((one, found.vectors) for one in found.joined)]:
        one, other = sorted((int(uid[each.pair[0]]), int(uid[each.pair[1]])))
        points = [None] * len(POINTS) if each.row is None else source.points[each.row].tolist()
        version = each.row is None or not bool(source.other_version[each.row])
        group = group_of[each.pair[0]] if each.together else None
        row = (one, other, each.final.value, shown_score(each.score), *points, version, group)
        for name, value in zip(SETTLED, row, strict=True):
            values[name].append(value)
    return batch_of(SETTLED, values)


def _vectors(pairs: pa.RecordBatch) -> compare.ComparisonVectors:
    """Of pairs that were compared; doubts and vetoes have been heard."""
    count = pairs.num_rows
    points = np.stack([pairs.column(name).to_numpy(zero_copy_only=False) for name in POINTS], axis=1).astype(np.float32)
    nothing = np.zeros(count, dtype=np.bool_)
    return compare.ComparisonVectors(
        points.reshape(count, len(POINTS)), pairs.column("score").to_numpy(zero_copy_only=False).astype(np.float32), nothing,
        np.where(np.asarray(pairs.column("same")), 0, 1).astype(np.uint32), np.zeros(count, dtype=np.int8),
        np.asarray(pairs.column("other_version")), nothing,
    )  # fmt: skip


def apart(batches: Batches) -> Batches:
    """Pairs of two groups as they are shown."""
    for batch in batches:
        values: dict[str, Any] = {name: batch.column(name) for name in ("l", "r", *POINTS)}
        values["answer"] = ["unsure"] * batch.num_rows
        values["score"] = [shown_score(each) for each in batch.column("score").to_pylist()]
        values["same_version"] = ~np.asarray(batch.column("other_version"))
        values["group"] = [None] * batch.num_rows
        yield batch_of(SETTLED, values)


def work(function: Callable[..., Batches], **named: Any) -> Work:
    return partial(function, **named)
