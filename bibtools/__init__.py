"""bibtools: paper records from anywhere into one clean bibliography.

The front door is what `__all__` lists; every other module is free to change. Names are loaded when they are first used, so
that `bibtools --version` does not pay for the parsers.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "Batch": "bibtools.record",
    "Date": "bibtools.record",
    "Format": "bibtools.format",
    "MergeResult": "bibtools.api",
    "Name": "bibtools.record",
    "Problem": "bibtools.record",
    "Record": "bibtools.record",
    "dedupe": "bibtools.api",
    "merge": "bibtools.api",
}

__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'bibtools' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
