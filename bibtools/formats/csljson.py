"""CSL-JSON."""

from __future__ import annotations

from bibtools.format import Format

FORMAT = Format(name="csljson", summary="CSL-JSON")
