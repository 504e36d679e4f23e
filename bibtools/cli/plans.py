"""What `merge` and `dedupe` have in common: showing a plan, asking a person, remembering, writing all files in one step."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from bibtools import api, encoding, latex, report, storage, texfiles
from bibtools.change import Outcome, Status
from bibtools.cli import console, editing
from bibtools.cli.keys import rewritten
from bibtools.cli.options import write_out
from bibtools.merging import decisions
from bibtools.record import Record, filled
from bibtools.verdict import Answer, Verdict

__all__ = ["asker", "cited_in", "finish", "load_decisions", "save_decisions", "show"]

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
    outcomes = result.plan.outcomes
    if not quiet:
        for outcome in outcomes:
            if outcome.removed:
                _show_removed(outcome)
        for status in (Status.ADDED, Status.UPDATED):
            for outcome in outcomes:
                if outcome.status is status and not outcome.removed:
                    _show_outcome(outcome)
        _show_unchanged([outcome for outcome in outcomes if outcome.status is Status.UNCHANGED and not outcome.removed])
    for status in (Status.INCOMPLETE, Status.PROBLEM, Status.UNSURE):
        for outcome in outcomes:
            if outcome.status is status:
                _show_outcome(outcome)


def _show_unchanged(outcomes: Sequence[Outcome]) -> None:
    """Every record that an entry takes in without a change, by name; those that say just what the entry says in one line."""
    plain = [_name(outcome) for outcome in outcomes if not outcome.left and outcome.record.id in ("", outcome.key)]
    for outcome in outcomes:
        if outcome.left or outcome.record.id not in ("", outcome.key):
            taken = f"{_name(outcome)} is taken to be {outcome.key}: {console.shown_line(outcome.reason, 160)}; fills nothing"
            console.err(taken)
            _show_left(outcome)
    if plain:
        console.err(f"in the file already: {console.shown_line(', '.join(plain), 10_000)}")


def _name(outcome: Outcome) -> str:
    """How a person knows an input record: its key, else the line it came from and the entry it is."""
    if outcome.record.id:
        return outcome.record.id
    return f"{outcome.record.origin} ({outcome.key})" if outcome.record.origin.line else outcome.key


def _show_removed(outcome: Outcome) -> None:
    """An entry that is merged into another one: why, what that one gains, and what of it is nowhere any more."""
    console.err(f"{outcome.record.id} is merged into {outcome.key}: {_title(outcome)}", fg="cyan")
    console.err(f"    {console.shown_line(outcome.reason, 160)}")
    _show_changes(outcome)
    _show_left(outcome)


def _show_left(outcome: Outcome) -> None:
    for value in outcome.left:
        gone, kept = (console.shown_line(report.shown(text), 60) or "nothing" for text in (value.value, value.kept))
        console.err(f"    {value.field}: kept {kept}, dropped {gone}  ({value.why})")


def _title(outcome: Outcome) -> str:
    text = outcome.record.title or outcome.record.abstract or "without title"
    return console.shown_line(latex.plain(text[:2000]), 70)


def _show_changes(outcome: Outcome) -> None:
    for each in outcome.changes:
        old, new = (console.shown_line(report.shown(value), 60) or "nothing" for value in (each.old, each.new))
        console.err(f"    {each.field}: {old} -> {new}  ({each.why})")


def _show_outcome(outcome: Outcome) -> None:
    name = outcome.record.id or str(outcome.record.origin)
    console.err(f"{outcome.status} {outcome.key or name}: {_title(outcome)}", fg=COLOURS.get(outcome.status))
    if outcome.reason:
        console.err(f"    {name} is taken to be {outcome.key}: {console.shown_line(outcome.reason, 160)}")
    _show_changes(outcome)
    if outcome.reason:
        _show_left(outcome)
    if outcome.status in (Status.UNSURE, Status.PROBLEM, Status.INCOMPLETE):
        if outcome.why:
            console.err(f"    {outcome.why}")
        for candidate in outcome.candidates[:3]:
            where = candidate.key or candidate.record.id or str(candidate.record.origin)
            reason = console.shown_line(candidate.reason, 160)
            console.err(f"    {candidate.answer} as {where}? score {candidate.score:.1f}: {reason}")


# --- a person's answers ------------------------------------------------------------------------------------------------

HELP = "[s]ame  [d]ifferent  [p]ick per field  s[k]ip  [q]uit"


def asker() -> Callable[[api.Question], api.Reply]:
    """Asks on the terminal, a pair at a time."""

    def ask(question: api.Question) -> api.Reply:
        left, right, verdict = question.left, question.right, question.verdict
        console.err(f"{question.number} of {question.count}")
        _show_pair(left, right, verdict)
        while True:
            console.err(HELP)
            click.echo("> ", nl=False, err=True)
            line = sys.stdin.readline()
            answer = line.strip().lower()[:4]
            if not line or answer in ("q", "quit"):
                raise api.Quit
            if answer in ("s", "same"):
                return api.Reply(Answer.SAME)
            if answer in ("d", "diff"):
                return api.Reply(Answer.DIFFERENT)
            if answer in ("k", "skip"):
                return api.Reply()
            if answer in ("p", "pick"):
                return api.Reply(Answer.SAME, _picked(left, right))

    return ask


def _differing(left: Record, right: Record) -> list[str]:
    names = dict.fromkeys(name for each in (left, right) for name, _ in filled(each))
    return [name for name in names if name not in ("id", "entry_type") and getattr(left, name) != getattr(right, name)]


def _picked(left: Record, right: Record) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for name in _differing(left, right):
        if not getattr(left, name) or not getattr(right, name):
            continue
        console.err(f"{name}:  1 {_short(left, name)}   2 {_short(right, name)}")
        click.echo("1, 2 or return to leave it to the rules > ", nl=False, err=True)
        answer = sys.stdin.readline().strip()
        if answer in ("1", "2"):
            chosen[name] = "left" if answer == "1" else "right"
    return chosen


def _short(record: Record, name: str) -> str:
    return console.shown_line(report.shown(getattr(record, name)), 60)


def _show_pair(left: Record, right: Record, verdict: Verdict) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=False, expand=True)
    table.add_column("field", no_wrap=True)
    for each in (left, right):
        head = each.id or str(each.origin) or "record"
        table.add_column(Text(console.shown_line(head, 40)), ratio=1)
    differing = set(_differing(left, right))
    for name in dict.fromkeys(name for each in (left, right) for name, _ in filled(each) if name != "id"):
        style = "bold" if name in differing else ""
        cells = [Text(console.safe(report.shown(getattr(each, name))[:600]), style=style) for each in (left, right)]
        table.add_row(Text(name), *cells)
    Console(stderr=True, no_color=not console.colour(), highlight=False).print(table)
    console.err(f"score {verdict.score:.1f}: {console.shown_line(verdict.reason, 200)}")


# --- files -------------------------------------------------------------------------------------------------------------


def load_decisions(target: str) -> str:
    """The remembered verdicts that stand beside a .bib."""
    path = Path(target).parent / decisions.FILE_NAME
    if target == "-" or not os.path.isfile(path):  # noqa: PTH113 (Path.is_file raises for a name that is too long)
        return ""
    return encoding.decode(editing.read(str(path)).data).text


def save_decisions(target: str, before: str, known: decisions.Decisions) -> None:
    text = decisions.dumps(known)
    if target == "-" or text == before or not (known.pairs or before):
        return
    try:
        storage.save(Path(target).parent / decisions.FILE_NAME, text.encode("utf-8", "surrogateescape"))
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
) -> None:
    """Tell the plan in every form asked for, and write the .bib and its documents, all or none."""
    pairs = [(snapshot, result.data), *(rewritten(tex, result.keys) if tex else [])]
    for path in reports:
        whole = report.to_html if path.lower().endswith((".html", ".htm")) else report.to_json
        write_out(path, [whole(result.plan, snapshot.path)])
    if write and map_:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([("old", "new"), *sorted(result.keys.items())])
        write_out(map_, [text.getvalue()])
    editing.finish(pairs, dry_run=not write, diff=diff, output=output)
    if write:
        for each, data in pairs[1:]:
            if data != each.data:
                console.err(f"{each.path}: citations rewritten")
