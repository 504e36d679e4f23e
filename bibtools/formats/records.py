"""bibtools JSON Lines."""

from __future__ import annotations

from bibtools.format import Format

FORMAT = Format(name="records", summary="bibtools JSON Lines")
