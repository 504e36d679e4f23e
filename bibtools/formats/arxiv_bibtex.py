"""arXiv's own BibTeX export."""

from __future__ import annotations

from bibtools.format import Format

FORMAT = Format(name="arxiv", summary="arXiv's own BibTeX export")
