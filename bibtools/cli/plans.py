"""What `merge` and `dedupe` have in common: showing a plan, asking a person, remembering, writing all files in one step."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bibtools import api, encoding, latex, report, storage, texfiles
from bibtools.change import Outcome, Status
from bibtools.cli import console, editing, questions
from bibtools.cli.keys import rewritten
from bibtools.cli.options import write_out
from bibtools.formats.bibtex.labels import field_label, value_label
from bibtools.merging import decisions
from bibtools.report import review
from bibtools.verdict import Answer

if TYPE_CHECKING:
    from bibtools.verify import Judgement

__all__ = ["cited_in", "decided", "finish", "labels", "load_decisions", "save_decisions", "show"]

COLOURS = {
    Status.ADDED: "green",
    Status.UPDATED: "cyan",
    Status.UNSURE: "yellow",
    Status.INCOMPLETE: "yellow",
    Status.PROBLEM: "red",
}


# --- the plan in a terminal --------------------------------------------------------------------------------------------


def show(result: api.MergeResult, quiet: bool = False) -> None:
    """The plan for a person, to stderr: what is left to decide last, where the eye is. ``quiet``: nothing but that."""
    outcomes, words = result.plan.outcomes, labels(result)
    if not quiet:
        for outcome in outcomes:
            if outcome.removed:
                _show_removed(outcome, words)
        for status in (Status.ADDED, Status.UPDATED):
            for outcome in outcomes:
                if outcome.status is status and not outcome.removed:
                    _show_outcome(outcome, words)
        unchanged = [each for each in outcomes if each.status is Status.UNCHANGED and not each.removed]
        _show_unchanged(unchanged, words)
    for status in (Status.INCOMPLETE, Status.PROBLEM, Status.UNSURE):
        for outcome in outcomes:
            if outcome.status is status:
                _show_outcome(outcome, words)


def _show_unchanged(outcomes: Sequence[Outcome], words: report.Labels) -> None:
    """Every record that an entry takes in without a change, by name; those that say just what the entry says in one line."""
    plain = [_name(outcome) for outcome in outcomes if not outcome.left and outcome.record.id in ("", outcome.key)]
    for outcome in outcomes:
        if outcome.left or outcome.record.id not in ("", outcome.key):
            taken = f"{_name(outcome)} is taken to be {outcome.key}: {console.shown_line(outcome.reason, 160)}; fills nothing"
            console.err(taken)
            _show_left(outcome, words)
    if plain:
        console.err(f"in the file already: {console.shown_line(', '.join(plain), 10_000)}")


def _name(outcome: Outcome) -> str:
    """How a person knows an input record: its key, else the line it came from and the entry it is."""
    if outcome.record.id:
        return outcome.record.id
    return f"{outcome.record.origin} ({outcome.key})" if outcome.record.origin.line else outcome.key


def _show_removed(outcome: Outcome, words: report.Labels) -> None:
    """An entry that is merged into another one: why, what that one gains, and what of it is nowhere any more."""
    console.err(f"{outcome.record.id} is merged into {outcome.key}: {_title(outcome)}", fg="cyan")
    console.err(f"    {console.shown_line(outcome.reason, 160)}")
    _show_changes(outcome, words)
    _show_left(outcome, words)


def _show_left(outcome: Outcome, words: report.Labels) -> None:
    whose = outcome.entry or outcome.record
    for left in outcome.left:
        values = (words.value(left.field, value, whose) for value in (left.value, left.kept))
        gone, kept = (console.shown_line(value, 60) or "nothing" for value in values)
        console.err(f"    {words.name(left.field, whose)}: kept {kept}, dropped {gone}  ({left.why})")


def _title(outcome: Outcome) -> str:
    text = outcome.record.title or outcome.record.abstract or "without title"
    return console.shown_line(latex.plain(text[:2000]), 70)


def _show_changes(outcome: Outcome, words: report.Labels) -> None:
    """The fields under the names that they have before and after: a journal may become a booktitle."""
    before = outcome.entry or outcome.record
    after = before.replace(**{change.field: change.new for change in outcome.changes})
    for change in outcome.changes:
        names = [words.name(change.field, record) for record in (before, after)]
        old = console.shown_line(words.value(change.field, change.old, before), 60)
        new = console.shown_line(words.value(change.field, change.new, after), 60) or "nothing"
        moved = f"{names[1]}: {new}" if names[0] != names[1] else new
        line = f"{names[0]}: {old} -> {moved}" if old else f"{names[1]}: {new}"
        console.err(f"    {line}  ({change.why})")


def _show_outcome(outcome: Outcome, words: report.Labels) -> None:
    name = outcome.record.id or str(outcome.record.origin)
    console.err(f"{outcome.status} {outcome.key or name}: {_title(outcome)}", fg=COLOURS.get(outcome.status))
    if outcome.reason:
        console.err(f"    {name} is taken to be {outcome.key}: {console.shown_line(outcome.reason, 160)}")
    _show_changes(outcome, words)
    if outcome.reason:
        _show_left(outcome, words)
    if outcome.status in (Status.UNSURE, Status.PROBLEM, Status.INCOMPLETE):
        if outcome.why:
            console.err(f"    {outcome.why}")
        for candidate in outcome.candidates[:3]:
            where = candidate.key or candidate.record.id or str(candidate.record.origin)
            reason = console.shown_line(candidate.reason, 160)
            console.err(f"    {candidate.answer} as {where}? score {candidate.score:.1f}: {reason}")


# --- a person's answers ------------------------------------------------------------------------------------------------

Run = Callable[
    [api.Ask | None, str], api.MergeResult
]  # a merge or dedupe with an answerer and the decisions known before


def decided(
    run: Run, snapshot: storage.Snapshot, known: str, *, interactive: bool, page: str, answers: str
) -> api.MergeResult:
    """The merge with a person's answers: asked on the terminal, or read from the file that a review page saved.

    With ``page`` the questions are written there, and nothing is decided.
    """
    if not page and not answers:
        return run(questions.asker() if interactive else None, known)
    asked: list[review.Asked] = []

    def collect(question: api.Question) -> api.Reply:
        asked.append(review.Asked(question.left, question.right, question.verdict))
        return api.Reply()

    result = run(collect, known)
    state = review.digest(snapshot.data, result.plan, asked)
    if page:
        name = Path(page).stem + ".answers.json"
        write_out(page, [review.to_html(result.plan, asked, snapshot.path, state, labels(result), name)])
        how_many = editing.counted(len(asked), "question")
        console.err(f"{page}: {how_many}; open it in a browser, answer, save, and run this again with --answers {name}")
        return result
    given = _answers(answers, state, snapshot.path)
    for question in asked:
        known = _with_veto(known, given, question)
    for outcome in result.plan.outcomes:
        if outcome.entry is not None:
            known = _with_veto(known, given, review.Asked(outcome.entry, outcome.record, review.NO_VERDICT))

    def reply(question: api.Question) -> api.Reply:
        answer, fields = given.pairs.get(review.identity(question.left, question.right), (None, {}))
        return api.Reply(answer, fields)

    return run(reply, known)


def _with_veto(known: str, given: review.Answers, pair: review.Asked) -> str:
    """The decisions with "different" for a pair that would be merged, where the person said so."""
    answer, _ = given.pairs.get(review.identity(pair.left, pair.right), (None, {}))
    if answer is not Answer.DIFFERENT:
        return known
    now = decisions.loads(known) if known.strip() else decisions.Decisions()
    return decisions.dumps(decisions.remember(now, pair.left, pair.right, answer))


def _answers(path: str, state: str, target: str) -> review.Answers:
    try:
        given = review.loads(encoding.decode(editing.read(path).data).text)
    except review.AnswersError as error:
        console.fail(f"{path}: {error}")
    if given.digest != state:
        console.fail(
            f"{path}: answers to another state: {target}, the sources or the options have changed since the page was made "
            "(or the answers were applied already); make it again with --review"
        )
    return given


def labels(result: api.MergeResult) -> report.Labels:
    """The names and values of fields as the target's .bib has them."""
    biblatex = result.dialect == "biblatex"
    return report.Labels(
        lambda field, record: field_label(field, record, biblatex=biblatex),
        lambda field, value, record: value_label(field, value, record, biblatex=biblatex),
    )


# --- files -------------------------------------------------------------------------------------------------------------


def load_decisions(target: str) -> str:
    """The remembered verdicts that stand beside a .bib."""
    path = Path(target).parent / decisions.FILE_NAME
    if target == "-" or not os.path.isfile(path):  # noqa: PTH113 (Path.is_file raises for a name that is too long)
        return ""
    return encoding.decode(editing.read(str(path)).data).text


def save_decisions(target: str, before: str, known: decisions.Decisions, own: str | None = None) -> None:
    """Write the decisions beside a .bib, or into a file of their ``own``, where they are not what the file says already."""
    text = decisions.dumps(known)
    if (target in ("-", "<stdin>") and not own) or text == before or not (known.pairs or known.accepted or before):
        return
    try:
        path = Path(own) if own else Path(target).parent / decisions.FILE_NAME
        storage.save(path, text.encode("utf-8", "surrogateescape"))
    except storage.StorageError as error:
        console.fail(str(error))


def cited_in(paths: Iterable[str]) -> set[str]:
    """The keys that documents cite, with the files that they input."""
    found: set[str] = set()
    for path in paths:
        editing.read(path)
        found |= set(texfiles.follow(path, _text).keys)
    return found


def _text(name: str) -> str | None:
    known = os.path.isfile(name)  # noqa: PTH113 (Path.is_file raises for a name that is too long)
    return encoding.decode(editing.read(name).data).text if known else None


def finish(
    snapshot: storage.Snapshot,
    result: api.MergeResult,
    *,
    write: bool,
    diff: bool,
    output: str,
    tex: tuple[str, ...],
    map_: str | None,
    reports: tuple[str, ...],
    verified: Sequence[Judgement] = (),
) -> None:
    """Tell the plan in every form asked for, and write the .bib and its documents, all or none. ``verified`` is what is known of
    the entries that are added."""
    pairs = [(snapshot, result.data), *(rewritten(tex, result.keys) if tex else [])]
    for path in reports:
        write_out(path, [_report(path, snapshot.path, result, verified)])
    if write and map_:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([("old", "new"), *sorted(result.keys.items())])
        write_out(map_, [text.getvalue()])
    editing.finish(pairs, dry_run=not write, diff=diff, output=output)
    if write:
        for each, data in pairs[1:]:
            if data != each.data:
                console.err(f"{each.path}: citations rewritten")


def _report(path: str, target: str, result: api.MergeResult, verified: Sequence[Judgement]) -> str:
    """The plan as HTML or JSON, by the name of the file."""
    words = labels(result)
    if not path.lower().endswith((".html", ".htm")):
        more = None
        if verified:
            from bibtools.verify.output import as_json

            more = {"verification": json.loads("".join(as_json(verified)))}
        return report.to_json(result.plan, target, words, more)
    if not verified:
        return report.to_html(result.plan, target, words)
    from bibtools.verify import page

    return report.to_html(result.plan, target, words, page.section(verified, words))
