"""What a merge decided, for people and for machines: the same plan as JSON and as one self-contained HTML page.

The JSON lists every input record once, under `added`, `updated`, `unchanged`, `unsure`, `incomplete` or `problems`, and maps
old keys to new ones (docs/stability.md). The page shows pairs side by side, the words that differ marked, with scores and
reasons. Titles come from anywhere: everything is escaped, there is no script, and a Content-Security-Policy forbids whatever
an escape might have missed. No template engine: it would be a dependency for forty lines of markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from bibtools import dates, latex
from bibtools.change import Add, Candidate, Left, Outcome, Plan, SetField, Status
from bibtools.record import Date, Name, Problem, Record, filled
from bibtools.report.markup import Labels, cut, heads, marked, page, row, text

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


OWN = Labels(lambda field, _record: field, lambda _field, value, _record: shown(value))  # the names of a Record


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


def to_json(plan: Plan, target: str = "", labels: Labels = OWN, more: Mapping[str, object] | None = None) -> str:
    """The plan for programs; ``labels`` name the fields as the target does, ``more`` is what others have to say of it."""
    added = {each.record.id: each for each in plan.changes if isinstance(each, Add)}
    whole: dict[str, object] = {"format": FORMAT, "version": 2, "target": target}
    whole["summary"] = {"entries_added": len(added)} | {str(each): len(plan.having(each)) for each in Status}
    for status in Status:
        whole[str(status)] = [_told(outcome, labels) for outcome in plan.having(status)]
    whole["keys"] = dict(plan.keys)
    whole["reading"] = [_problem(each) for each in plan.problems]
    whole |= more or {}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _told(outcome: Outcome, labels: Labels) -> dict[str, object]:
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
        told["changes"] = [_change(change, outcome.entry or record, labels) for change in outcome.changes]
    if outcome.left:
        told["left"] = [_left(left, outcome.entry or record, labels) for left in outcome.left]
    if outcome.candidates:
        told["candidates"] = [_candidate(each) for each in outcome.candidates]
    if outcome.status in (Status.UNSURE, Status.INCOMPLETE, Status.PROBLEM):
        told["record"] = {
            labels.name(name, record): labels.value(name, value, record) for name, value in filled(record)
        }
    return told


def _change(change: SetField, record: Record, labels: Labels) -> dict[str, str]:
    old, new = (labels.value(change.field, value, record) for value in (change.old, change.new))
    return {"field": labels.name(change.field, record), "old": old, "new": new, "why": change.why}


def _left(left: Left, record: Record, labels: Labels) -> dict[str, str]:
    value, kept = (labels.value(left.field, part, record) for part in (left.value, left.kept))
    return {"field": labels.name(left.field, record), "value": value, "kept": kept, "why": left.why}


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

_HEADS = {
    Status.UNSURE: "For you to decide",
    Status.PROBLEM: "Not possible",
    Status.UPDATED: "Updated",
    Status.ADDED: "Added",
    Status.INCOMPLETE: "Incomplete",
    Status.UNCHANGED: "Unchanged",
}


def to_html(plan: Plan, target: str = "", labels: Labels = OWN, more: str = "") -> str:
    """One page: no script, nothing loaded from anywhere. ``more`` is a section of HTML that comes before the records."""
    sections = [(status, plan.having(status)) for status in _HEADS]
    links = "".join(f'<a href="#{status}">{_HEADS[status]} {len(found):,}</a>' for status, found in sections if found)
    body = "".join(_section(status, found, labels) for status, found in sections if found)
    name = text(target) or "a bibliography"
    head = f"<h1>Merge into <code>{name}</code></h1>\n<p>{text(summary(plan))}.</p>\n"
    rest = f"<nav>{links}</nav>\n{_keys(plan)}{more}{body}{_problems(plan.problems)}"
    return page(f"Merge into {name}", head + rest)


def _section(status: Status, outcomes: Iterable[Outcome], labels: Labels) -> str:
    items = "".join(_article(outcome, labels) for outcome in outcomes)
    if status is Status.UNCHANGED:
        items = f"<details><summary>Show them</summary>\n{items}</details>\n"
    return f'<section id="{status}"><h2>{_HEADS[status]}</h2>\n{items}</section>\n'


def _article(outcome: Outcome, labels: Labels) -> str:
    record = outcome.record
    parts = [f"<h3>{text(latex.plain(record.title)) or text(record.abstract[:160]) or 'without title'}</h3>"]
    place = [f"<code>{text(outcome.key)}</code>"] if outcome.key else []
    place += [text(each) for each in (_people(record), shown(record.issued), str(record.origin), outcome.why) if each]
    parts.append(f'<p class="soft">{" · ".join(place)}</p>')
    if outcome.changes:
        parts.append(_changes(outcome, labels))
    if outcome.status is Status.UNSURE:
        parts += [_against(record, candidate, labels) for candidate in outcome.candidates]
    else:
        parts += [_reasons(each) for each in outcome.candidates]
    if outcome.left:
        rows = "".join(
            f"<li><b>{text(labels.name(left.field, record))}</b> {text(cut(labels.value(left.field, left.value, record), 300))} "
            f"<span class='soft'>({text(left.why)})</span></li>"
            for left in outcome.left
        )
        parts.append(f"<details><summary>{len(outcome.left)} values not taken</summary><ul>{rows}</ul></details>")
    return f"<article>{''.join(parts)}</article>\n"


def _changes(outcome: Outcome, labels: Labels) -> str:
    rows = [heads("as it stood", "as it will be")]
    whose = outcome.entry or outcome.record
    for change in outcome.changes:
        old, new = marked(*(labels.value(change.field, value, whose) for value in (change.old, change.new)))
        name = f"{text(labels.name(change.field, whose))}<br><span class='soft'>{text(change.why)}</span>"
        rows.append(row(name, old or "—", new or "—", "old", "new"))
    return f'<div class="pair">{"".join(rows)}</div>'


def _against(record: Record, candidate: Candidate, labels: Labels) -> str:
    """A pair side by side: every field that either has."""
    other = candidate.record
    fields = list(
        dict.fromkeys(name for each in (record, other) for name, _ in filled(each) if name not in ("id", "entry_type"))
    )
    rows = [heads("this record", text(candidate.key or str(other.origin)))]
    for name in fields:
        new, old = marked(*(cut(labels.value(name, getattr(side, name), side), 1200) for side in (other, record)))
        rows.append(
            row(
                text(labels.name(name, record if getattr(record, name) else other)),
                old or "—",
                new or "—",
                "this",
                "other",
            )
        )
    return f'{_reasons(candidate)}<div class="pair">{"".join(rows)}</div>'


def _reasons(candidate: Candidate) -> str:
    where = (
        f"<code>{text(candidate.key)}</code>"
        if candidate.key
        else text(str(candidate.record.origin)) or "another input"
    )
    items = "".join(
        f"<li>{text(reason)} <span class='soft'>({points:+.1f})</span></li>" for _, points, reason in candidate.evidence
    )
    head = f"{text(candidate.answer)} as {where}, score {candidate.score:.1f}"
    return (
        f"<details{' open' if candidate.answer == 'unsure' else ''}><summary>{head}</summary><ul>{items}</ul></details>"
    )


def _keys(plan: Plan) -> str:
    if not plan.keys:
        return ""
    rows = "".join(f"<li><code>{text(old)}</code> is <code>{text(new)}</code></li>" for old, new in plan.keys)
    return f"<details><summary>{len(plan.keys):,} keys of the sources have another name here</summary><ul>{rows}</ul></details>\n"


def _problems(problems: Iterable[Problem]) -> str:
    rows = "".join(f"<li>{text(str(each))}</li>" for each in problems)
    return f'<section id="reading"><h2>While reading</h2><ul>{rows}</ul></section>\n' if rows else ""


def _people(record: Record) -> str:
    people = record.author or record.editor
    more = " et al." if len(people) > 3 or record.authors_truncated else ""
    return ", ".join(shown(each) for each in people[:3]) + more
