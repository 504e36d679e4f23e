"""What a script may give to `convert` and `merge`: one source, or several.

A `str` or `bytes` is the text of a source, a `Path` a file of any format; records, batches and `Inputs` are taken as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath

from bibtools.api.reading import InputError, Inputs, read_inputs, read_records
from bibtools.record import Batch, Record

__all__ = ["Source", "as_batch", "as_batches", "as_inputs"]

Source = Inputs | Batch | Record | str | bytes | PathLike[str]


def as_inputs(sources: Source | Iterable[Source]) -> Inputs:
    """Everything as `Inputs`; a large file is still read line by line. Raises InputError for one that cannot be read."""
    parts: list[Inputs] = [_inputs(source) for source in _several(sources)]
    if len(parts) == 1:
        return parts[0]
    failures = tuple(failure for inputs in parts for failure in inputs.failures)
    return Inputs(tuple(part for inputs in parts for part in inputs.parts), failures)


def as_batches(sources: Source | Iterable[Source]) -> tuple[Batch, ...]:
    return tuple(map(as_batch, _several(sources)))


def as_batch(source: Source) -> Batch:
    return source if isinstance(source, Batch) else _inputs(source).batch()


def _several(sources: Source | Iterable[Source]) -> Iterable[Source]:
    single = isinstance(sources, Inputs | Batch | Record | str | bytes | PathLike)
    return (sources,) if single else sources  # type: ignore[return-value]  # the rest is iterable


def _inputs(source: Source) -> Inputs:
    if isinstance(source, Inputs):
        return source
    if isinstance(source, Batch):
        return Inputs((source,))
    if isinstance(source, Record):
        return Inputs((Batch((source,)),))
    if isinstance(source, str | bytes):
        return Inputs((read_records(source),))
    found = read_inputs([fspath(source)])
    if found.failures:
        raise InputError("; ".join(found.failures))
    return found
