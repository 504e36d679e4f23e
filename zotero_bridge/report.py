"""What became of every record: lines for people, JSON for programs. Nothing is dropped silently."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from zotero_bridge.run import Outcome

if TYPE_CHECKING:
    from zotero_bridge.commands import Result

__all__ = ["VERBS", "as_json", "left_for_a_person", "lines", "summary"]

VERBS: dict[str, str] = {  # in the order of the report; the words are those of a plan (a dry run) and of what was done
    "created": "new in Zotero",
    "updated": "changed in Zotero",
    "unchanged": "unchanged",
    "trash": "moved to the trash",
    "kept": "kept, though no longer in the file",
    "pulled": "changed in the file",
    "added": "new in the file",
    "conflict": "changed on both sides",
    "rekeyed": "with another citation key in Zotero",
    "unsure": "unsure which item it is",
    "duplicate": "twice in the input",
    "trashed": "in Zotero's trash",
    "deleted": "deleted in Zotero",
    "incomplete": "without title, author or identifier",
    "invalid": "not valid in Zotero",
    "failed": "refused by the server",
}
QUIET = frozenset({"unchanged"})
DONE = frozenset({"created", "updated", "added", "pulled", "trash"})
REFUSED = frozenset({"invalid", "failed"})
FOR_A_PERSON = frozenset({"conflict", "rekeyed", "unsure", "invalid", "failed", "incomplete"})


def refused(outcomes: Iterable[Outcome]) -> bool:
    return any(each.verb in REFUSED for each in outcomes)


def in_conflict(outcomes: Iterable[Outcome]) -> bool:
    """Whether file and library are not in step."""
    return any(each.verb in REFUSED or each.verb == "conflict" or each.conflicts for each in outcomes)


def left_for_a_person(outcomes: Iterable[Outcome]) -> bool:
    return any(each.verb in FOR_A_PERSON or each.conflicts for each in outcomes)


def summary(outcomes: Sequence[Outcome]) -> str:
    counts = Counter(each.verb for each in outcomes)
    return ", ".join(f"{counts[verb]:,} {words}" for verb, words in VERBS.items() if counts[verb]) or "nothing to do"


def lines(outcomes: Iterable[Outcome], details: bool) -> Iterator[str]:
    """A line for each record that a person should see; with details also what changes, field by field."""
    for each in outcomes:
        told = each.conflicts or each.kept or each.left
        if not told and (each.verb in QUIET or (not details and each.verb in DONE)):
            continue
        at = f" [{each.key}]" if each.key else ""
        why = f": {each.why}" if each.why else ""
        yield f"{each.verb} {each.id}{at}{why}" + (f" ({', '.join(each.others)})" if each.others else "")
        if details:
            yield from (f"    {name}: {_cut(old)} -> {_cut(new)}" for name, old, new in each.fields)
        yield from (f"    {name}: Zotero has {_cut(t)}, the file {_cut(o)}" for name, t, o in each.conflicts)
        yield from (f"    {name}: {_cut(t)} stays, the file has {_cut(o)}" for name, t, o in each.kept)
        yield from (f"    {name}: {_cut(own)} is not carried, the item has {_cut(t)}" for name, t, own in each.left)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 70 else line[:69] + "…")


def as_json(result: Result, dry: bool) -> str:
    """Every record once, under what became of it."""
    found: dict[str, object] = {"library": result.library, "server": result.server, "dry_run": dry}
    found |= {"notes": list(result.notes), "refused": result.refused, "keys": dict(result.changed_keys)}
    for verb in VERBS:
        rows = [
            {name: value for name, value in asdict(o).items() if value and name != "verb"}
            for o in result.outcomes
            if o.verb == verb
        ]
        found[verb] = rows
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
