"""What a merge decided, for people and for machines: the same plan as JSON and as one self-contained HTML page.

The JSON lists every input record once, under `added`, `updated`, `unchanged`, `unsure`, `incomplete` or `problems`, and maps
old keys to new ones (docs/stability.md). The page shows pairs side by side, the words that differ marked, with scores and
reasons. Titles come from anywhere: everything is escaped, there is no script, and a Content-Security-Policy forbids whatever
an escape might have missed. No template engine: it would be a dependency for forty lines of markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from html import escape

from bibtools import dates, latex
from bibtools.change import Add, Candidate, Left, Outcome, Plan, SetField, Status
from bibtools.record import Date, Name, Problem, Record, filled

__all__ = ["shown", "summary", "to_html", "to_json"]

FORMAT = "bibtools merge report"


def shown(value: object) -> str:
    """A field's value as text for a person."""
    if isinstance(value, str):
        return value
    if isinstance(value, Name):
        return _name(value)
    if isinstance(value, Date):
        return dates.edtf(value) or value.literal
    if isinstance(value, tuple):
        if value and all(isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str) for each in value):
            return "; ".join(f"{name}: {shown(text)}" for name, text in value)
        return "; ".join(shown(each) for each in value)
    return "" if value is None else "yes" if value is True else "no" if value is False else str(value)


def _name(name: Name) -> str:
    parts = (name.given, name.dropping_particle, name.non_dropping_particle, name.family, name.suffix)
    return name.literal or " ".join(part for part in parts if part)


def summary(plan: Plan) -> str:
    """The plan in one line."""
    parts = []
    added = plan.having(Status.ADDED)
    if added:
        several = f" (from {len(added)} records)" if len(added) != len(plan.added) else ""
        parts.append(f"{len(plan.added):,} added{several}")
    for status in (Status.UPDATED, Status.UNCHANGED, Status.UNSURE, Status.INCOMPLETE, Status.PROBLEM):
        if count := len(plan.having(status)):
            parts.append(f"{count:,} {'failed' if status is Status.PROBLEM else status}")
    return ", ".join(parts) or "nothing to merge"


# --- JSON --------------------------------------------------------------------------------------------------------------


def to_json(plan: Plan, target: str = "") -> str:
    added = {each.record.id: each for each in plan.changes if isinstance(each, Add)}
    whole: dict[str, object] = {"format": FORMAT, "version": 1, "target": target}
    whole["summary"] = {"entries_added": len(added)} | {str(each): len(plan.having(each)) for each in Status}
    for status in Status:
        whole[str(status)] = [_told(each) for each in plan.having(status)]
    whole["keys"] = dict(plan.keys)
    whole["reading"] = [_problem(each) for each in plan.problems]
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _told(outcome: Outcome) -> dict[str, object]:
    record = outcome.record
    told: dict[str, object] = {"source": record.origin.source, "line": record.origin.line, "id": record.id}
    told["title"] = record.title
    if outcome.key:
        told["key"] = outcome.key
    if outcome.why:
        told["why"] = outcome.why
    if outcome.reason:
        told["reason"] = outcome.reason
    if outcome.removed:
        told["removed"] = True
    if outcome.changes:
        told["changes"] = [_change(each) for each in outcome.changes]
    if outcome.left:
        told["left"] = [_left(each) for each in outcome.left]
    if outcome.candidates:
        told["candidates"] = [_candidate(each) for each in outcome.candidates]
    if outcome.status in (Status.UNSURE, Status.INCOMPLETE, Status.PROBLEM):
        told["record"] = {name: shown(value) for name, value in filled(record)}
    return told


def _change(change: SetField) -> dict[str, str]:
    return {"field": change.field, "old": shown(change.old), "new": shown(change.new), "why": change.why}


def _left(left: Left) -> dict[str, str]:
    return {"field": left.field, "value": shown(left.value), "kept": shown(left.kept), "why": left.why}


def _candidate(candidate: Candidate) -> dict[str, object]:
    place = (
        {"key": candidate.key} if candidate.key else {"source": str(candidate.record.origin), "id": candidate.record.id}
    )
    return {
        **place,
        "title": candidate.record.title,
        "answer": candidate.answer,
        "score": candidate.score,
        "reasons": [{"field": name, "points": points, "reason": reason} for name, points, reason in candidate.evidence],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "source": problem.origin.source,
        "line": problem.origin.line,
        "severity": problem.severity,
        "message": problem.message,
    }


# --- HTML --------------------------------------------------------------------------------------------------------------

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--old:#d1242f33;--new:#1a7f3733;--soft:#8881}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
nav{display:flex;flex-wrap:wrap;gap:.4rem;margin:1rem 0}
nav a{border:1px solid var(--line);border-radius:1rem;padding:.15rem .75rem;color:inherit;text-decoration:none}
article{border:1px solid var(--line);border-radius:.5rem;margin:.75rem 0;padding:.6rem .8rem}
article h3{font-size:1rem;margin:0}p{margin:.3rem 0}.soft{opacity:.75;font-size:.875rem}
code{font-family:ui-monospace,monospace;font-size:.9em}
.pair{display:grid;grid-template-columns:minmax(6rem,9rem) 1fr 1fr;gap:0 .75rem;margin-top:.5rem}
.pair>*{padding:.2rem 0;border-top:1px solid var(--line);min-width:0}
.pair .head{border:0;font-weight:600}
.name{opacity:.75;font-size:.875rem}
del,ins{text-decoration:none;border-radius:.2rem;padding:0 .1em}
del{background:var(--old)}ins{background:var(--new)}
ul{margin:.3rem 0;padding-left:1.2rem}
details{margin:.3rem 0}summary{cursor:pointer}
bdi{unicode-bidi:isolate}
@media(max-width:40rem){.pair{grid-template-columns:1fr}.pair .head{display:none}.name{font-weight:600;padding-bottom:0}
.pair>*:not(.name){border:0}.pair>[data-side]::before{content:attr(data-side) ": ";opacity:.75;font-size:.875rem}}
"""
_HEADS = {
    Status.UNSURE: "For you to decide",
    Status.PROBLEM: "Not possible",
    Status.UPDATED: "Updated",
    Status.ADDED: "Added",
    Status.INCOMPLETE: "Incomplete",
    Status.UNCHANGED: "Unchanged",
}


def to_html(plan: Plan, target: str = "") -> str:
    """One page: no script, nothing loaded from anywhere."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    sections = [(status, plan.having(status)) for status in _HEADS]
    links = "".join(f'<a href="#{status}">{_HEADS[status]} {len(found):,}</a>' for status, found in sections if found)
    body = "".join(_section(status, found) for status, found in sections if found)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Merge into {_text(target) or 'a bibliography'}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        f"<h1>Merge into <code>{_text(target) or 'a bibliography'}</code></h1>\n<p>{_text(summary(plan))}.</p>\n"
        f"<nav>{links}</nav>\n{_keys(plan)}{body}{_problems(plan.problems)}</body></html>\n"
    )


def _section(status: Status, outcomes: Iterable[Outcome]) -> str:
    items = "".join(_article(each) for each in outcomes)
    if status is Status.UNCHANGED:
        items = f"<details><summary>Show them</summary>\n{items}</details>\n"
    return f'<section id="{status}"><h2>{_HEADS[status]}</h2>\n{items}</section>\n'


def _article(outcome: Outcome) -> str:
    record = outcome.record
    parts = [f"<h3>{_text(latex.plain(record.title)) or _text(record.abstract[:160]) or 'without title'}</h3>"]
    place = [f"<code>{_text(outcome.key)}</code>"] if outcome.key else []
    place += [_text(each) for each in (_people(record), shown(record.issued), str(record.origin), outcome.why) if each]
    parts.append(f'<p class="soft">{" · ".join(place)}</p>')
    if outcome.changes:
        parts.append(_changes(outcome))
    if outcome.status is Status.UNSURE:
        parts += [_against(record, each) for each in outcome.candidates]
    else:
        parts += [_reasons(each) for each in outcome.candidates]
    if outcome.left:
        rows = "".join(
            f"<li><b>{_text(each.field)}</b> {_text(_cut(shown(each.value)))} <span class='soft'>({_text(each.why)})</span></li>"
            for each in outcome.left
        )
        parts.append(f"<details><summary>{len(outcome.left)} values not taken</summary><ul>{rows}</ul></details>")
    return f"<article>{''.join(parts)}</article>\n"


def _changes(outcome: Outcome) -> str:
    rows = [_heads("as it stood", "as it will be")]
    for each in outcome.changes:
        old, new = _marked(shown(each.old), shown(each.new))
        name = f"{_text(each.field)}<br><span class='soft'>{_text(each.why)}</span>"
        rows.append(_row(name, old or "—", new or "—", "old", "new"))
    return f'<div class="pair">{"".join(rows)}</div>'


def _against(record: Record, candidate: Candidate) -> str:
    """A pair side by side: every field that either has."""
    other = candidate.record
    fields = list(
        dict.fromkeys(name for each in (record, other) for name, _ in filled(each) if name not in ("id", "entry_type"))
    )
    rows = [_heads("this record", _text(candidate.key or str(other.origin)))]
    for name in fields:
        new, old = _marked(_cut(shown(getattr(other, name)), 1200), _cut(shown(getattr(record, name)), 1200))
        rows.append(_row(_text(name), old or "—", new or "—", "this", "other"))
    return f'{_reasons(candidate)}<div class="pair">{"".join(rows)}</div>'


def _heads(left: str, right: str) -> str:
    return f'<div class="head"></div><div class="head">{left}</div><div class="head">{right}</div>'


def _row(name: str, left: str, right: str, one: str, two: str) -> str:
    cells = f'<div data-side="{one}"><bdi>{left}</bdi></div><div data-side="{two}"><bdi>{right}</bdi></div>'
    return f'<div class="name">{name}</div>{cells}'


def _reasons(candidate: Candidate) -> str:
    where = (
        f"<code>{_text(candidate.key)}</code>"
        if candidate.key
        else _text(str(candidate.record.origin)) or "another input"
    )
    items = "".join(
        f"<li>{_text(reason)} <span class='soft'>({points:+.1f})</span></li>"
        for _, points, reason in candidate.evidence
    )
    head = f"{_text(candidate.answer)} as {where}, score {candidate.score:.1f}"
    return (
        f"<details{' open' if candidate.answer == 'unsure' else ''}><summary>{head}</summary><ul>{items}</ul></details>"
    )


def _marked(old: str, new: str) -> tuple[str, str]:
    """Both texts with the words marked that the other does not have."""
    one, two = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    if len(one) * len(two) > 4_000_000 or not one or not two:
        return _text(old), _text(new)
    left, right = [], []
    for kind, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        gone, come = _text("".join(one[a:b])), _text("".join(two[c:d]))
        left.append(gone if kind == "equal" or not gone.strip() else f"<del>{gone}</del>")
        right.append(come if kind == "equal" or not come.strip() else f"<ins>{come}</ins>")
    return "".join(left), "".join(right)


def _keys(plan: Plan) -> str:
    if not plan.keys:
        return ""
    rows = "".join(f"<li><code>{_text(old)}</code> is <code>{_text(new)}</code></li>" for old, new in plan.keys)
    return f"<details><summary>{len(plan.keys):,} keys of the sources have another name here</summary><ul>{rows}</ul></details>\n"


def _problems(problems: Iterable[Problem]) -> str:
    rows = "".join(f"<li>{_text(str(each))}</li>" for each in problems)
    return f'<section id="reading"><h2>While reading</h2><ul>{rows}</ul></section>\n' if rows else ""


def _people(record: Record) -> str:
    people = record.author or record.editor
    more = " et al." if len(people) > 3 or record.authors_truncated else ""
    return ", ".join(shown(each) for each in people[:3]) + more


def _cut(text: str, size: int = 300) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def _text(value: str) -> str:
    """Text that is only text in the page: escaped, without control characters and without reordering of what follows."""
    return escape("".join(_visible(each) for each in value), quote=True)


def _visible(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character == "\u00a0":
        return character
    if unicodedata.category(character) in ("Zs", "Zl", "Zp"):
        return " "
    return "" if unicodedata.category(character) == "Cf" else "\ufffd"
