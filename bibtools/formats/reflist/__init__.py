"""Reference lists as people paste them: from a PDF, a Word file, a CV; numbered or not, in any style.

A text is cut into references (`cutting`), each word gets a label from a model that comes with the package (`model`), and the
labels make a record (`fields`), each field with a probability (`reading`). The text of each reference is kept in ``extra``
under ``reference``. The model and numpy are loaded only when a list is read.
"""

from __future__ import annotations

from bibtools.format import Format, ReadOptions
from bibtools.record import READ_OFF, Batch

__all__ = ["FORMAT", "is_list"]


def is_list(head: str) -> bool:
    """Whether a text that no other format claims is a list of references."""
    from bibtools.formats.reflist import reading

    return reading.is_list(head)


def read(text: str, options: ReadOptions) -> Batch:
    from bibtools.formats.reflist import reading

    return reading.read_list(text, options)


FORMAT = Format(
    name=READ_OFF,
    summary="a reference list as pasted from a PDF or a document, in any style",
    read=read,
)
