"""Connected components of a graph too large for one machine, with joins of no kind and no loop over records.

Large-star and small-star in turn (Kiveris, Lattanzi, Mirrokni, Rastogi, Vassilvitskii: Connected Components in MapReduce and
Beyond, SoCC 2014): each moves every edge nearer to the least node of its component; when nothing changes, every component is a
star around it. The number of rounds grows with the logarithm of the longest chain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["components"]


def components(edges: DataFrame, keep: Callable[[DataFrame], DataFrame]) -> DataFrame:
    """``component`` (its least node) of each ``uid`` that stands in ``edges`` (columns l < r); ``keep`` holds a table
    that is read twice."""
    from pyspark.sql import functions as F  # noqa: N812

    stars = keep(edges.select(F.col("r").alias("far"), F.col("l").alias("near")).distinct())
    before = _state(stars)
    while before[0]:
        moved = keep(_small_star(_large_star(stars)))
        stars, after = moved, _state(moved)
        if after == before:
            break
        before = after
    ends = stars.select(F.col("near").alias("component"), F.explode(F.array("far", "near")).alias("uid"))
    return ends.distinct()


def _state(edges: DataFrame) -> tuple[int, int, int]:
    """Numbers that stay the same when the edges do: how many, and two sums of hashes."""
    from pyspark.sql import functions as F  # noqa: N812

    both = F.xxhash64("far", "near")
    found = edges.agg(
        F.count("*"), F.coalesce(F.bit_xor(both), F.lit(0)), F.coalesce(F.bit_xor(F.xxhash64(both)), F.lit(0))
    )
    row = found.collect()[0]
    return row[0], row[1], row[2]


def _large_star(edges: DataFrame) -> DataFrame:
    """Each node ties its greater neighbours to its least one."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    both = F.array(F.struct(F.col("far").alias("node"), F.col("near").alias("next")),
                   F.struct(F.col("near").alias("node"), F.col("far").alias("next")))  # fmt: skip
    sides = edges.select(F.inline(both))
    least = F.least("node", F.min("next").over(Window.partitionBy("node")))
    tied = sides.select("node", "next", least.alias("near")).where("next > node")
    return tied.select(F.col("next").alias("far"), "near").distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Each node ties its lesser neighbours, and itself, to the least of them."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F  # noqa: N812

    least = F.min("near").over(Window.partitionBy("far"))
    tied = edges.select("far", "near", least.alias("least"))
    ends = F.when(F.col("near") > F.col("least"), F.array("far", "near")).otherwise(F.array("far"))
    return tied.select(F.explode(ends).alias("far"), F.col("least").alias("near")).distinct()
