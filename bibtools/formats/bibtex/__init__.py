"""BibTeX and biblatex: the one room that knows both the document (`bibfile`) and the meaning (`Record`).

`tables` holds the words of both sides, `reading` and `writing` the two directions, `inheritance` what ``crossref`` and ``xdata``
give, `editing` how a change of a Record becomes an edit of the file, `choosing` what of a record is written at all,
`accounting` what of an entry was lost. Both dialects are read by one reader: files mix them.
"""

from __future__ import annotations

from functools import partial

from bibtools.format import Format
from bibtools.formats.bibtex.accounting import lost_fields
from bibtools.formats.bibtex.choosing import Choice, chosen, with_submitted
from bibtools.formats.bibtex.editing import dialect, edits
from bibtools.formats.bibtex.reading import looks_like, read, records
from bibtools.formats.bibtex.writing import entry, losses, write

__all__ = [
    "BIBLATEX",
    "BIBTEX",
    "Choice",
    "chosen",
    "dialect",
    "edits",
    "entry",
    "losses",
    "lost_fields",
    "read",
    "records",
    "with_submitted",
    "write",
]

BIBTEX = Format(
    name="bibtex",
    summary="BibTeX",
    suffixes=(".bib", ".bibtex"),
    looks_like=looks_like,
    read=read,
    write=partial(write, dialect="bibtex"),
    losses=partial(losses, dialect="bibtex"),
)
BIBLATEX = Format(
    name="biblatex",
    summary="biblatex, for biber",
    read=read,
    write=partial(write, dialect="biblatex"),
    losses=partial(losses, dialect="biblatex"),
)
