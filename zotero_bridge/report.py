"""What became of every record: lines for people, JSON for programs. Nothing is dropped silently."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from zotero_bridge.run import Outcome

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
    "unsure": "unsure which item it is",
    "duplicate": "twice in the input",
    "trashed": "in Zotero's trash",
    "deleted": "deleted in Zotero",
    "incomplete": "without title, author or identifier",
    "invalid": "not valid in Zotero",
    "failed": "refused by the server",
}
QUIET = frozenset({"unchanged"})
FOR_A_PERSON = frozenset({"conflict", "unsure", "invalid", "failed", "incomplete"})


def left_for_a_person(outcomes: Iterable[Outcome]) -> bool:
    return any(each.verb in FOR_A_PERSON for each in outcomes)


def summary(outcomes: Sequence[Outcome]) -> str:
    counts = Counter(each.verb for each in outcomes)
    return ", ".join(f"{counts[verb]:,} {words}" for verb, words in VERBS.items() if counts[verb]) or "nothing to do"


def lines(outcomes: Iterable[Outcome], details: bool) -> Iterator[str]:
    """A line for each record that a person should see; with details also what changes, field by field."""
    for each in outcomes:
        plain = each.verb in QUIET and not each.kept
        if plain or (not details and each.verb in ("created", "updated", "unchanged", "added", "pulled", "trash")):
            continue
        at = f" [{each.key}]" if each.key else ""
        why = f": {each.why}" if each.why else ""
        yield f"{each.verb} {each.id}{at}{why}" + (f" ({', '.join(each.others)})" if each.others else "")
        if details:
            yield from (f"    {name}: {_cut(old)} -> {_cut(new)}" for name, old, new in each.fields)
        yield from (f"    {name}: Zotero has {_cut(t)}, the file {_cut(o)}" for name, t, o in each.conflicts)
        if details:
            yield from (f"    {name}: {_cut(t)} stays, the file has {_cut(o)}" for name, t, o in each.kept)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 70 else line[:69] + "…")


def as_json(outcomes: Sequence[Outcome], library: str, server: str, dry: bool) -> str:
    """Every record once, under what became of it."""
    found: dict[str, object] = {"library": library, "server": server, "dry_run": dry}
    for verb in VERBS:
        rows = [
            {name: value for name, value in asdict(o).items() if value and name != "verb"}
            for o in outcomes
            if o.verb == verb
        ]
        found[verb] = rows
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
