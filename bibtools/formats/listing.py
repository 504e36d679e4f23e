"""Author pages as people paste them: papers with category, date, title, authors, abstract."""

from __future__ import annotations

from bibtools.format import Format

LISTING = Format(name="listing", summary="author page")
COMPACT = Format(name="listing-compact", summary="author page without blank lines")
ABSTRACTS = Format(name="listing-abstracts", summary="page of abstracts only")
