"""What a person wants of a merge: one value for `merge`, `dedupe` and the Zotero pull."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["DEFAULT", "MergePolicy", "OnUnsure", "Side", "Versions"]


class Versions(StrEnum):
    """An existing preprint and its publication."""

    UPGRADE = "upgrade"  # the preprint's entry becomes the publication's; key and eprint stay
    LINK = "link"  # two entries, tied by `related`
    KEEP = "keep"  # the preprint stays as it is


class OnUnsure(StrEnum):
    """A record that may be an existing entry."""

    SKIP = "skip"  # left out and reported
    ADD = "add"  # a new entry


class Side(StrEnum):
    TARGET = "target"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePolicy:
    """``prefer``: whose value is kept where both have one; ``prefer_fields``: for single fields, by Record name."""

    versions: Versions = Versions.UPGRADE  # of one work: a preprint and its publication
    on_unsure: OnUnsure = OnUnsure.SKIP  # a record that may be an entry, where nobody is asked
    prefer: Side = Side.TARGET  # whose value is kept where both have one
    prefer_fields: Mapping[str, Side] = field(  # the same for single fields, by the names of a Record
        default_factory=dict
    )  # the same for single fields, by the names of a Record

    def source_wins(self, name: str) -> bool:
        return self.prefer_fields.get(name, self.prefer) is Side.SOURCE


DEFAULT = MergePolicy()
