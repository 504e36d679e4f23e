"""arXiv API responses."""

from __future__ import annotations

from bibtools.format import Format

FORMAT = Format(name="arxiv-atom", summary="arXiv API responses")
