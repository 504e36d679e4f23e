"""RIS."""

from __future__ import annotations

from bibtools.format import Format

FORMAT = Format(name="ris", summary="RIS")
