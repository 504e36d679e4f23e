"""A merge on one page: every change and every question side by side, answered by click or key, the answers saved as a file.

The page works offline and loads nothing: its style and script stand in it, a Content-Security-Policy names them by their hashes
and forbids everything else, and all text is escaped. The answers are downloaded as JSON, which `--answers` reads. They carry
the digest of the target and of the plan that the page showed, so answers to another state of the files are refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bibtools.change import Outcome, Plan, Status
from bibtools.record import Record, filled
from bibtools.report.markup import Labels, cut, heads, marked, source_hash, text
from bibtools.verdict import Answer, Verdict

__all__ = ["NO_VERDICT", "Answers", "AnswersError", "Asked", "digest", "identity", "loads", "to_html"]

FORMAT = "bibtools answers"


class AnswersError(ValueError):
    """Answers that cannot be used; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page shows it: the target's record, or the first, is on the left."""

    left: Record
    right: Record
    verdict: Verdict


NO_VERDICT = Verdict(0, 0, Answer.SAME, 0.0)  # of a pair that nobody asks about


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person chose, by the `identity` of the pair: an answer, and fields taken from "left" or "right"."""

    digest: str
    pairs: Mapping[str, tuple[Answer, Mapping[str, str]]] = field(default_factory=dict)


def identity(left: Record, right: Record) -> str:
    """A short name of a pair of records: the same for the same contents and places."""
    parts = [(str(record.origin), *((name, repr(value)) for name, value in filled(record))) for record in (left, right)]
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


def digest(target: bytes, plan: Plan, asked: Sequence[Asked]) -> str:
    """What the answers to a page depend on: the file, what would change in it, and what was asked."""
    found = hashlib.sha256(target)
    for outcome in plan.outcomes:
        said = (
            str(outcome.status),
            outcome.key,
            str(outcome.record.origin),
            repr(list(filled(outcome.record))),
            repr(outcome.changes),
        )
        found.update(repr(said).encode("utf-8", "surrogatepass"))
    for question in asked:
        found.update(identity(question.left, question.right).encode())
    return found.hexdigest()


def loads(source: str) -> Answers:
    """Answers that a page saved. Raises AnswersError for a text that is none."""
    try:
        whole = json.loads(source)
        if whole["format"] != FORMAT or whole["version"] != 1:
            raise AnswersError("these are not answers of a review page of this version")
        pairs = {
            str(pair): (
                Answer(given["answer"]),
                {str(name): str(side) for name, side in given.get("fields", {}).items() if side in ("left", "right")},
            )
            for pair, given in whole["answers"].items()
        }
        return Answers(str(whole["digest"]), pairs)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, AnswersError):
            raise
        raise AnswersError("these are not answers of a review page") from error


# --- the page ----------------------------------------------------------------------------------------------------------

_STYLE = """
:root{color-scheme:light dark;--line:#8886;--old:#d1242f33;--new:#1a7f3733;--chosen:#0969da}
*{box-sizing:border-box}
body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;overflow-wrap:anywhere}
h1{font-size:1.35rem;margin:.2rem 0}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}
header{position:sticky;top:0;background:Canvas;border-bottom:1px solid var(--line);padding:.5rem 0;z-index:1}
article{border:2px solid var(--line);border-radius:.5rem;margin:.75rem 0;padding:.6rem .8rem;scroll-margin-top:6rem}
article.here{border-color:var(--chosen)}article.done{opacity:.8}
p{margin:.3rem 0}.soft{opacity:.75;font-size:.875rem}code,kbd{font-family:ui-monospace,monospace;font-size:.9em}
button{font:inherit;padding:.2rem .8rem;margin:.2rem .4rem .2rem 0;cursor:pointer;
border:1px solid var(--line);border-radius:.4rem}
button[aria-pressed=true]{background:var(--chosen);color:#fff}
.pair{display:grid;grid-template-columns:minmax(5rem,9rem) 1fr 1fr;gap:0 .75rem;margin:.4rem 0}
.pair>*{padding:.15rem .2rem;border-top:1px solid var(--line);min-width:0}.pair .head{border:0;font-weight:600}
.pair .name{opacity:.75;font-size:.875rem}.side{white-space:pre-wrap}
.side[role=button]{cursor:pointer}.side[aria-pressed=true]{outline:2px solid var(--chosen)}
del,ins{text-decoration:none;border-radius:.2rem;padding:0 .1em}del{background:var(--old)}ins{background:var(--new)}
bdi{unicode-bidi:isolate}
"""

_SCRIPT = """
"use strict";
const questions = [...document.querySelectorAll("#questions article")];
const status = document.getElementById("status");
let here = 0, unsaved = false;
function answer(article, value) {
  article.dataset.answer = article.dataset.answer === value ? "" : value;
  article.classList.toggle("done", article.dataset.answer !== "");
  for (const button of article.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.value === article.dataset.answer));
  unsaved = true;
  count();
}
function pick(side) {
  const on = side.getAttribute("aria-pressed") !== "true";
  for (const other of side.parentElement.querySelectorAll('[role="button"]'))
    if (other.dataset.field === side.dataset.field) other.setAttribute("aria-pressed", "false");
  side.setAttribute("aria-pressed", String(on));
  unsaved = true;
}
function count() {
  const done = questions.filter(article => article.dataset.answer).length;
  status.textContent = done + " of " + questions.length + " answered";
}
function go(to) {
  if (!questions.length) return;
  here = Math.max(0, Math.min(questions.length - 1, to));
  questions.forEach((article, number) => article.classList.toggle("here", number === here));
  questions[here].scrollIntoView({block: "nearest"});
}
function answers() {
  const found = {};
  for (const article of document.querySelectorAll("article[data-pair]")) {
    if (!article.dataset.answer) continue;
    const given = {answer: article.dataset.answer, fields: {}};
    for (const side of article.querySelectorAll('[role="button"][aria-pressed="true"]'))
      given.fields[side.dataset.field] = side.dataset.side;
    found[article.dataset.pair] = given;
  }
  return {format: "bibtools answers", version: 1, digest: document.body.dataset.digest, answers: found};
}
function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(answers(), null, 1) + "\\n"], {type: "application/json"}));
  link.download = document.body.dataset.file;
  link.click();
  URL.revokeObjectURL(link.href);
  unsaved = false;
  status.textContent = "saved as " + link.download;
}
document.addEventListener("click", event => {
  const target = event.target.closest("button, [role=button]");
  if (!target) return;
  const article = target.closest("article[data-pair]");
  if (target.id === "save") return save();
  if (!article) return;
  if (questions.includes(article)) go(questions.indexOf(article));
  if (target.tagName === "BUTTON") answer(article, target.value); else pick(target);
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const value = {s: "same", d: "different"}[event.key];
  if (value && questions.length) { answer(questions[here], value); if (questions[here].dataset.answer) go(here + 1); }
  else if (event.key === "u" && questions.length) answer(questions[here], questions[here].dataset.answer || "");
  else if (event.key === "n" || event.key === "j") go(here + 1);
  else if (event.key === "b" || event.key === "k") go(here - 1);
  else if (event.key === "w") save();
  else if ((event.key === "Enter" || event.key === " ") && event.target.getAttribute("role") === "button") pick(event.target);
  else return;
  event.preventDefault();
});
addEventListener("beforeunload", event => { if (unsaved) event.preventDefault(); });
go(0); count();
"""

_HEADS = {
    Status.UPDATED: "Would be updated",
    Status.ADDED: "Would be added",
    Status.INCOMPLETE: "Incomplete: cannot be cited",
    Status.PROBLEM: "Not possible",
}


def to_html(
    plan: Plan, asked: Sequence[Asked], target: str, state: str, labels: Labels, file: str = "answers.json"
) -> str:
    """The page. ``state`` is the `digest`, ``file`` the name under which the browser saves the answers."""
    style, script = map(source_hash, (_STYLE, _SCRIPT))
    policy = f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
    merged = [outcome for outcome in plan.outcomes if outcome.removed]
    body = [_questions(asked, labels)]
    if merged:
        body.append(
            _section(
                "Would be merged into another entry", (_changed(outcome, labels) for outcome in merged), len(merged)
            )
        )
    for status, head in _HEADS.items():
        found = [outcome for outcome in plan.having(status) if not outcome.removed]
        if found:
            body.append(_section(head, (_changed(outcome, labels) for outcome in found), len(found)))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Review of {text(target)}</title>\n<style>{_STYLE}</style></head>\n"
        f'<body data-digest="{text(state)}" data-file="{text(file)}">\n'
        f'<header><h1>Review of <code>{text(target)}</code></h1>\n<button id="save">Save the answers</button> '
        '<span id="status" role="status"></span>\n'
        "<p class=soft>Keys: <kbd>s</kbd> same, <kbd>d</kbd> different (again: undecided), <kbd>n</kbd> next, <kbd>b</kbd> back, "
        "<kbd>w</kbd> save. In a pair that is the same, click the value that you want to keep. "
        f"Then: <code>--answers {text(file)}</code></p></header>\n"
        f"{''.join(body)}<script>{_SCRIPT}</script></body></html>\n"
    )


def _section(head: str, articles: Iterable[str], count: int, name: str = "") -> str:
    return f"<section id='{name}'><h2>{head} ({count:,})</h2>\n{''.join(articles)}</section>\n"


def _questions(asked: Sequence[Asked], labels: Labels) -> str:
    if not asked:
        return "<section><h2>Nothing to decide</h2></section>\n"
    articles = (_question(number, question, labels) for number, question in enumerate(asked, 1))
    return _section("To decide: the same work or not?", articles, len(asked), "questions")


def _question(number: int, question: Asked, labels: Labels) -> str:
    left, right, verdict = question.left, question.right, question.verdict
    names = list(
        dict.fromkeys(
            name for record in (left, right) for name, _ in filled(record) if name not in ("id", "entry_type")
        )
    )
    rows = [heads(_place(left), _place(right))]
    for name in names:
        one, other = (labels.value(name, getattr(record, name), record) for record in (left, right))
        both = bool(one and other and one != other)
        label = labels.name(name, left if one else right)
        rows.append(_row(label, *marked(cut(one), cut(other)), name if both else ""))
    buttons = "".join(
        f'<button value="{value}" aria-pressed="false">{value}</button>' for value in ("same", "different")
    )
    return (
        f'<article data-pair="{identity(left, right)}" data-answer="">'
        f"<h3>{number}. {text(labels.value('title', left.title, left))}</h3>\n"
        f'<p class=soft>{text(verdict.reason)} · score {verdict.score:.1f}</p>\n<div class="pair">{"".join(rows)}</div>\n'
        f"{buttons}</article>\n"
    )


def _place(record: Record) -> str:
    origin = str(record.origin)
    return " · ".join(f"<code>{text(part)}</code>" for part in (record.id, origin) if part) or "record"


def _changed(outcome: Outcome, labels: Labels) -> str:
    record = outcome.record
    title = (
        labels.value("title", record.title, record)
        or labels.value("abstract", record.abstract, record)[:160]
        or "without title"
    )
    said = [f"<code>{text(outcome.key)}</code>"] if outcome.key else []
    said += [text(part) for part in (str(record.origin), outcome.why) if part]
    parts = [f"<h3>{text(title)}</h3>", f"<p class=soft>{' · '.join(said)}</p>"]
    whose = outcome.entry or record
    pair, button = "", ""
    if outcome.entry is not None and outcome.status is not Status.ADDED:
        pair = f' data-pair="{identity(outcome.entry, record)}" data-answer=""'
        button = '<button value="different" aria-pressed="false">different works: do not merge them</button>'
    if outcome.reason:
        parts.append(f"<p class=soft>{text(outcome.reason)}</p>")
    if outcome.changes:
        rows = [heads("now", "then")]
        for change in outcome.changes:
            old, new = (labels.value(change.field, value, whose) for value in (change.old, change.new))
            rows.append(_row(labels.name(change.field, whose), *marked(cut(old), cut(new)), ""))
        parts.append(f'<div class="pair">{"".join(rows)}</div>')
    elif outcome.status is Status.ADDED:
        rows = [
            f'<div class="name">{text(labels.name(name, record))}</div><div class="side"></div>'
            f'<div class="side"><bdi>{text(cut(labels.value(name, value, record)))}</bdi></div>'
            for name, value in filled(record)
            if name not in ("id", "entry_type")
        ]
        parts.append(f"<details><summary>its fields</summary><div class=pair>{''.join(rows)}</div></details>")
    for left in outcome.left:
        value, kept = (cut(labels.value(left.field, part, whose), 300) for part in (left.value, left.kept))
        name = labels.name(left.field, whose)
        parts.append(
            f"<p class=soft>{text(name)}: kept {text(kept or 'nothing')}, dropped {text(value)} ({text(left.why)})</p>"
        )
    return f"<article{pair}>{''.join(parts)}{button}</article>\n"


def _row(label: str, left: str, right: str, pickable: str) -> str:
    """A field of both sides; where both have a value, one of them can be picked."""
    sides = []
    for side, value in (("left", left), ("right", right)):
        button = (
            f' role="button" tabindex="0" aria-pressed="false" data-field="{text(pickable)}" data-side="{side}"'
            if pickable
            else ""
        )
        sides.append(f'<div class="side"{button}><bdi>{value or "—"}</bdi></div>')
    return f'<div class="name">{text(label)}</div>{"".join(sides)}'
