"""``parquet``: records as columns, for engines that read tables. Needs pyarrow (the extra ``spark``).

A column for each field of `Record` but where it was read, under its name; silence is null, and a column may be left out. Texts
are strings. Authors and other people are lists of structs of `Name`'s fields, dates structs of `Date`'s (``parts`` and ``end``
lists of integers), ``categories`` and ``keyword`` lists of strings, ``extra`` a list of structs of ``name`` and ``value``, and
``other_creators`` one of ``role`` and ``names``. A column that we do not know is kept in ``extra`` where a file is read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from bibtools.format import Format, ReadOptions, collect
from bibtools.record import FIELDS, Batch, Date, Name, Origin, Problem, Record

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FORMAT", "WrongColumnError", "from_columns", "read_bytes", "schema", "to_columns", "write"]

ROWS = 10_000  # records of one group of rows
NEEDED = "pyarrow is not installed; Parquet needs it: pip install 'bibtools-cm[spark]'"


class WrongColumnError(ValueError):
    """A column whose type its field cannot hold."""


# --- what columns there are -------------------------------------------------------------------------------------------

NAME_PARTS = tuple(each.name for each in fields(Name))
_TEXT_LISTS = frozenset(("categories", "keyword"))
_PAIRS = {"extra": ("name", "value"), "other_creators": ("role", "names")}


@cache
def schema() -> pa.Schema:
    """The columns and their types."""
    import pyarrow as pa

    texts = pa.list_(pa.string())
    name = pa.struct([(part, pa.string()) for part in NAME_PARTS])
    integers = pa.list_(pa.int32())
    date = pa.struct(
        [("parts", integers), ("end", integers), ("season", pa.int32()), ("circa", pa.bool_()), ("literal", pa.string()),
         ("inferred", pa.bool_())]
    )  # fmt: skip
    extra = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))
    creators = pa.list_(pa.struct([("role", pa.string()), ("names", pa.list_(name))]))
    by_type = {str: pa.string(), bool: pa.bool_(), Date: date, tuple: pa.list_(name)}
    special = {"extra": extra, "other_creators": creators} | dict.fromkeys(_TEXT_LISTS, texts)
    return pa.schema([(each, special.get(each) or by_type[type(getattr(Record, each))]) for each in FIELDS])


# --- records to columns -----------------------------------------------------------------------------------------------


def _safe(text: str) -> str:
    """Parquet's texts are UTF-8, which has no half of a pair of surrogates."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _plain(value: Any) -> Any:
    """A value in the types that pyarrow knows; silence is None."""
    if isinstance(value, str):
        return _safe(value) or None
    if isinstance(value, Name):
        return {part: _safe(getattr(value, part)) or None for part in NAME_PARTS}
    if isinstance(value, Date):
        if value == Date():
            return None
        return {
            "parts": list(value.parts), "end": None if value.end is None else list(value.end), "season": value.season or None,
            "circa": value.circa or None, "literal": _safe(value.literal) or None, "inferred": value.inferred or None,
        }  # fmt: skip
    if isinstance(value, tuple):
        return [_plain(each) if not isinstance(each, str) else _safe(each) for each in value] or None
    return value or None


def _column(name: str, values: Sequence[Any]) -> list[Any]:
    if name == "extra":
        return [[{"name": _safe(one), "value": _safe(two)} for one, two in value] or None for value in values]
    if name == "other_creators":
        return [[{"role": _safe(one), "names": _plain(two) or []} for one, two in value] or None for value in values]
    return [_plain(value) for value in values]


def to_columns(records: Sequence[Record]) -> pa.RecordBatch:
    """Records as one batch of `schema`."""
    import pyarrow as pa

    known = schema()
    made = [
        pa.array(_column(name, [getattr(each, name) for each in records]), known.field(name).type) for name in FIELDS
    ]
    return pa.RecordBatch.from_arrays(made, schema=known)


class _Pieces(io.RawIOBase):
    """A file that keeps what is written until it is taken away."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.place = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.pieces.append(piece)
        self.place += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken


def write(records: Iterable[Record]) -> Iterator[bytes]:
    """Records as the bytes of a Parquet file, some thousands at a time. Raises ModuleNotFoundError without pyarrow."""
    import pyarrow.parquet as pq

    rest, file = iter(records), _Pieces()
    with pq.ParquetWriter(file, schema(), compression="zstd") as writer:
        while some := list(islice(rest, ROWS)):
            writer.write_batch(to_columns(some))
            yield file.taken()
    yield file.taken()


# --- columns to records -----------------------------------------------------------------------------------------------


def _texts(column: pa.Array) -> list[str]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_null(kind):
        return [""] * len(column)
    if pa.types.is_integer(kind):
        return ["" if each is None else str(each) for each in column.to_pylist()]
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise WrongColumnError(f"{kind} where texts belong")
    return [each or "" for each in column.to_pylist()] if column.null_count < len(column) else [""] * len(column)


def _typed(check: str, what: str, empty: Any) -> Callable[[pa.Array], list[Any]]:
    def read(column: pa.Array) -> list[Any]:
        import pyarrow as pa

        if not pa.types.is_null(column.type) and not getattr(pa.types, check)(column.type):
            raise WrongColumnError(f"{column.type} where {what} belong")
        return [empty if each is None else each for each in column.to_pylist()]

    return read


_flags = _typed("is_boolean", "true and false", False)
_numbers = _typed("is_integer", "integers", 0)


def _lists(column: pa.Array, values: Callable[[pa.Array], list[Any]], empty: Any = ()) -> list[Any]:
    """Lists as tuples; ``empty`` where there is none."""
    import pyarrow as pa

    if column.null_count == len(column):
        return [empty] * len(column)
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise WrongColumnError(f"{column.type} where lists belong")
    flat, made, start = values(column.flatten()), [], 0
    for length in column.value_lengths().to_pylist():
        if length is None:
            made.append(empty)
        else:
            made.append(tuple(flat[start : start + length]))
            start += length
    return made


def _parts(column: pa.Array, readers: dict[str, Callable[[pa.Array], list[Any]]]) -> dict[str, list[Any]]:
    """The fields of structs that are there; a field of another name is an error, since it would be lost."""
    import pyarrow as pa

    if not pa.types.is_struct(column.type):
        raise WrongColumnError(f"{column.type} where structs of {', '.join(readers)} belong")
    names = [each.name for each in column.type]
    if strange := [name for name in names if name not in readers]:
        raise WrongColumnError(f"a struct with {', '.join(strange)} where one of {', '.join(readers)} belongs")
    return {name: readers[name](part) for name, part in zip(names, column.flatten(), strict=True)}


def _names(column: pa.Array) -> list[Name]:
    parts = _parts(column, dict.fromkeys(NAME_PARTS, _texts))
    known: dict[tuple[str, ...], Name] = {}
    made = []
    for values in zip(*parts.values(), strict=True):
        name = known.get(values)
        if name is None:
            name = known[values] = Name(**dict(zip(parts, values, strict=True)))
        made.append(name)
    return made


def _integer_lists(empty: Any) -> Callable[[pa.Array], list[Any]]:
    return lambda column: _lists(column, _numbers, empty)


_DATE_READERS: dict[str, Callable[[Any], list[Any]]] = {
    "parts": _integer_lists(()), "end": _integer_lists(None), "season": _numbers, "circa": _flags, "literal": _texts,
    "inferred": _flags,
}  # fmt: skip
_NO_DATE: Date = Record.issued


def _dates(column: pa.Array) -> list[Date]:
    if column.null_count == len(column):
        return [_NO_DATE] * len(column)
    parts = _parts(column, _DATE_READERS)
    said = column.is_valid().to_pylist()
    rows = zip(*parts.values(), strict=True)
    return [
        Date(**dict(zip(parts, row, strict=True))) if valid else _NO_DATE
        for valid, row in zip(said, rows, strict=True)
    ]  # fmt: skip


def _paired(name: str) -> Callable[[pa.Array], list[Any]]:
    one, two = _PAIRS[name]
    readers = {one: _texts, two: _texts if name == "extra" else (lambda column: _lists(column, _names))}

    def read(column: pa.Array) -> list[Any]:
        parts = _parts(column, readers)
        if len(parts) != 2:
            raise WrongColumnError(f"{column.type} where structs of {one} and {two} belong")
        return list(zip(parts[one], parts[two], strict=True))

    return lambda column: _lists(column, read)


def _reader(name: str) -> Callable[[pa.Array], list[Any]]:
    if name in _PAIRS:
        return _paired(name)
    if name in _TEXT_LISTS:
        return lambda column: _lists(column, _texts)
    by_type: dict[type, Callable[[Any], list[Any]]] = {
        str: _texts, bool: _flags, Date: _dates, tuple: lambda column: _lists(column, _names),
    }  # fmt: skip
    return by_type[type(getattr(Record, name))]


_READERS = {name: _reader(name) for name in FIELDS}


def from_columns(batch: pa.RecordBatch) -> list[Record]:
    """The records of a batch; columns that are no field are left out. Raises WrongColumnError."""
    columns: dict[str, list[Any]] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if name in _READERS and column.null_count < len(column):
            try:
                columns[name] = _READERS[name](column)
            except WrongColumnError as error:
                raise WrongColumnError(f"column {name}: {error}") from None
    kinds = columns.get("type")
    if kinds is not None:
        columns["type"] = [each or Record.type for each in kinds]
    if not columns:
        return [Record() for _ in range(batch.num_rows)]
    return [Record(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def read_bytes(data: bytes, options: ReadOptions) -> Batch:
    return collect(_read(data, options))


def _read(data: bytes, options: ReadOptions) -> Iterator[Record | Problem]:
    origin = Origin(options.source)
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        yield Problem(NEEDED, origin)
        return
    index = 0
    try:
        for batch in pq.ParquetFile(io.BytesIO(data)).iter_batches(ROWS):
            unknown = [(name, column) for name, column in zip(batch.schema.names, batch.columns, strict=True)
                       if name not in _READERS]  # fmt: skip
            rest = [[(name, each) for each in column.to_pylist()] for name, column in unknown]
            for place, record in enumerate(from_columns(batch)):
                row = (column[place] for column in rest)
                kept = tuple((name, str(value)) for name, value in row if value is not None)
                yield record.replace(origin=Origin(options.source, 0, index), extra=record.extra + kept)
                index += 1
    except (pa.ArrowException, WrongColumnError, OSError) as error:
        yield Problem(f"not understood as records in Parquet: {error}", origin)


FORMAT = Format(
    name="parquet",
    summary="records as columns, for engines that read tables (needs pyarrow); carries everything",
    suffixes=(".parquet",),
    magic=lambda data: data[:4] == b"PAR1" and data[-4:] == b"PAR1",
    read_bytes=read_bytes,
    write_bytes=write,
    losses=lambda record: (),
)
