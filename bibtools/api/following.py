"""New entries of a merge get keys like those of the file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bibtools import bibfile
from bibtools.change import Add, Plan
from bibtools.formats.bibtex.reading import entry_records
from bibtools.keys.following import Followed, followed
from bibtools.record import Origin, Problem, Record

__all__ = ["keys_followed", "keys_told", "style_of"]

SAMPLE = 200  # entries that are enough to know a file's habit


@lru_cache(maxsize=4)  # of a document, which never changes: the plan asks, and so does the note about it
def keys_followed(document: bibfile.Document) -> Followed | None:
    """What the keys of a file follow, seen in entries all along it."""
    step = max(1, len(document.entries) // SAMPLE)
    places = range(0, len(document.entries), step)
    return followed(tuple(entry_records(document, document.source, (document.entries[place] for place in places))))


def style_of(document: bibfile.Document) -> str:
    """The key style of new entries of a file."""
    follows = keys_followed(document)
    return follows.style if follows else "arxiv"


def keys_told(document: bibfile.Document, plan: Plan, sources: Iterable[Record]) -> tuple[Problem, ...]:
    """A note about the keys that were made for new entries, where they follow the file."""
    own = {record.id for record in sources}
    made = [each.record.id for each in plan.changes if isinstance(each, Add) and each.record.id not in own]
    follows = keys_followed(document) if made else None
    if follows is None:
        return ()
    many = "1 new key follows" if len(made) == 1 else f"{len(made):,} new keys follow"
    share = f"{100 * follows.share:.0f} %"
    message = f"{many} the file: {follows.style}, as {share} of its keys do (--key-style overrules)"
    return (Problem(message, Origin(document.source), "note"),)
