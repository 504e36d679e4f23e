"""The index of known works: which works exist, asked on the user's own machine, without a network, in a millisecond.

    generations   where an index is kept, how it is replaced whole or not at all
    terms         what a record can be found by
    stored        a record as bytes
    building      records in, a generation out
    question      what is asked: a record or a text
    searching     the works that may be meant
    coverage      which works it surely holds

The engine is tantivy. Measured against it on the same three million records: SQLite's FTS5 took 40 times as long a
question and found less, DuckDB with a table of postings eight times, posting lists in numpy three times.
tantivy, numpy and rapidfuzz are imported when an index is first opened or built.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bibtools.index.generations import Declared, IndexFolderError, Manifest, Source, default_folder

if TYPE_CHECKING:
    from bibtools.index.building import Feed, build, update
    from bibtools.index.coverage import Cover, Scope, covers, parse_scope
    from bibtools.index.searching import Hit, Index, hold, open  # noqa: A004

__all__ = [
    "Cover",
    "Declared",
    "Feed",
    "Hit",
    "Index",
    "IndexFolderError",
    "Manifest",
    "Scope",
    "Source",
    "build",
    "covers",
    "default_folder",
    "hold",
    "open",
    "parse_scope",
    "update",
]

_HOME = {"Feed": "building", "build": "building", "update": "building", "Hit": "searching", "Index": "searching"}
_HOME |= {
    "hold": "searching",
    "open": "searching",
    "Cover": "coverage",
    "Scope": "coverage",
    "covers": "coverage",
    "parse_scope": "coverage",
}


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"bibtools.index.{_HOME[name]}"), name)
    raise AttributeError(f"module 'bibtools.index' has no attribute {name!r}")
