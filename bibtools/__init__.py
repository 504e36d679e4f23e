"""bibtools: paper records from anywhere into one clean bibliography.

The front door is what `__all__` lists; every other module is free to change. Names are loaded when they are first used, so
that `bibtools --version` does not pay for the parsers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bibtools.api import (
        Ask,
        Conversion,
        InputError,
        MergeResult,
        Question,
        Reply,
        convert,
        dedupe,
        merge,
        read_records,
        write_records,
    )
    from bibtools.change import Outcome, Plan
    from bibtools.format import Format
    from bibtools.merging import MergePolicy, OnUnsure, Side, Versions
    from bibtools.record import Batch, Date, Name, Problem, Record
    from bibtools.verdict import Answer, Verdict

__version__ = "0.1.0"

_HOME = {
    "Answer": "bibtools.verdict",
    "Ask": "bibtools.api",
    "Batch": "bibtools.record",
    "Conversion": "bibtools.api",
    "Date": "bibtools.record",
    "Format": "bibtools.format",
    "InputError": "bibtools.api",
    "MergePolicy": "bibtools.merging",
    "MergeResult": "bibtools.api",
    "Name": "bibtools.record",
    "OnUnsure": "bibtools.merging",
    "Outcome": "bibtools.change",
    "Plan": "bibtools.change",
    "Problem": "bibtools.record",
    "Question": "bibtools.api",
    "Record": "bibtools.record",
    "Reply": "bibtools.api",
    "Side": "bibtools.merging",
    "Verdict": "bibtools.verdict",
    "Versions": "bibtools.merging",
    "convert": "bibtools.api",
    "dedupe": "bibtools.api",
    "merge": "bibtools.api",
    "read_records": "bibtools.api",
    "write_records": "bibtools.api",
}

__all__ = [
    "Answer",
    "Ask",
    "Batch",
    "Conversion",
    "Date",
    "Format",
    "InputError",
    "MergePolicy",
    "MergeResult",
    "Name",
    "OnUnsure",
    "Outcome",
    "Plan",
    "Problem",
    "Question",
    "Record",
    "Reply",
    "Side",
    "Verdict",
    "Versions",
    "__version__",
    "convert",
    "dedupe",
    "merge",
    "read_records",
    "write_records",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'bibtools' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
