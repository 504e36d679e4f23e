"""Pairs of records as two arrays of record numbers, and what is done with all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "FieldReliability", "Floats", "Rows", "distinct_pairs"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class FieldReliability:
    """Which fields of a file can be trusted (`reliability.estimate_reliability`)."""

    ignored: frozenset[str] = frozenset()  # "volume", "issue", "page": corrupt, or a serial number
    generic: NDArray[np.float32] | None = None  # for each distinct title, what agreeing on it is worth, 0 to 1
    equivalent: frozenset[tuple[int, int]] = frozenset()  # numbers of venues that confident pairs show to be one


def distinct_pairs(
    one: NDArray[np.int32], other: NDArray[np.int32], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """The distinct pairs of two columns' values and the way back to the rows."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    codes, back = np.unique(low.astype(np.int64) * size + high, return_inverse=True)
    first, second = np.divmod(codes, size)
    return first, second, back
