"""BibTeX and biblatex: the one room that knows both the document (bibfile) and the meaning (Record)."""

from __future__ import annotations

from bibtools.format import Format

BIBTEX = Format(name="bibtex", summary="BibTeX", suffixes=(".bib",))
BIBLATEX = Format(name="biblatex", summary="biblatex")
