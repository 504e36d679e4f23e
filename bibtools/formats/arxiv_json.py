"""arXiv metadata snapshot."""

from __future__ import annotations

from bibtools.format import Format

FORMAT = Format(name="arxiv-json", summary="arXiv metadata snapshot")
