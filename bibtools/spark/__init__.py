"""Matching on Spark: the verdicts of `match` for more records than one machine holds."""
from __future__ import annotations
from bibtools.spark.matching import matched
__all__ = ["matched"]
