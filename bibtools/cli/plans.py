"""What `merge` and `dedupe` have in common: showing a plan, asking a person, remembering, writing all files in one step."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from bibtools import api, encoding, latex, report, storage, texfiles
from bibtools.change import Outcome, Status
from bibtools.cli import console, editing
from bibtools.cli.keys import rewritten
from bibtools.cli.options import write_out
from bibtools.merging import memory
from bibtools.record import Record, filled
from bibtools.verdict import Answer, Verdict

__all__ = ["asker", "cited_in", "finish", "load_memory", "save_memory", "show"]

SHOWN = 40  # outcomes of a kind that are listed; the report has them all
COLOURS = {
    Status.ADDED: "green",
    Status.UPDATED: "cyan",
    Status.AMBIGUOUS: "yellow",
    Status.INCOMPLETE: "yellow",
    Status.PROBLEM: "red",
}


# --- the plan in a terminal --------------------------------------------------------------------------------------------


def show(result: api.MergeResult) -> None:
    """The plan for a person, to stderr: what is left to decide last, where the eye is."""
    removed = [each for each in result.plan.outcomes if each.removed]
    for outcome in removed[:SHOWN]:
        _show_removed(outcome)
    _show_rest(len(removed), "duplicates")
    for status in (Status.ADDED, Status.UPDATED, Status.INCOMPLETE, Status.PROBLEM, Status.AMBIGUOUS):
        outcomes = [each for each in result.plan.having(status) if not each.removed]
        for outcome in outcomes[:SHOWN]:
            _show_outcome(outcome)
        _show_rest(len(outcomes), status)


def _show_rest(count: int, kind: str) -> None:
    if count > SHOWN:
        console.err(f"  ... and {count - SHOWN:,} more {kind}; --report has them all")


def _show_removed(outcome: Outcome) -> None:
    """An entry that goes into another one: why, what that one gains, and what of it is nowhere any more."""
    console.err(f"{outcome.record.id} -> {outcome.key}: {_title(outcome)}", fg="cyan")
    if outcome.candidates:
        console.err(f"    {console.shown_line(outcome.candidates[0].reason, 100)}")
    _show_changes(outcome)
    for each in outcome.left:
        gone, kept = (console.shown_line(report.shown(value), 60) or "nothing" for value in (each.value, each.kept))
        console.err(f"    {each.field}: {gone} goes, {kept} stays  ({each.why})")


def _title(outcome: Outcome) -> str:
    text = outcome.record.title or outcome.record.abstract or "without title"
    return console.shown_line(latex.plain(text[:2000]), 70)


def _show_changes(outcome: Outcome) -> None:
    for each in outcome.changes:
        old, new = (console.shown_line(report.shown(value), 60) or "nothing" for value in (each.old, each.new))
        console.err(f"    {each.field}: {old} -> {new}  ({each.why})")


def _show_outcome(outcome: Outcome) -> None:
    key = f" {name}" if (name := outcome.key or outcome.record.id) else ""
    into = " (with another record)" if outcome.status is Status.ADDED and outcome.entry is not None else ""
    console.err(f"{outcome.status}{key}{into}: {_title(outcome)}", fg=COLOURS.get(outcome.status))
    _show_changes(outcome)
    if outcome.status in (Status.AMBIGUOUS, Status.PROBLEM, Status.INCOMPLETE):
        if outcome.why:
            console.err(f"    {outcome.why}")
        for each_one in outcome.candidates[:3]:
            where = each_one.key or str(each_one.record.origin)
            reason = console.shown_line(each_one.reason, 90)
            console.err(f"    {each_one.answer} as {where}? score {each_one.score:.1f}: {reason}")


# --- a person's answers ------------------------------------------------------------------------------------------------

HELP = "[s]ame  [d]ifferent  [p]ick per field  s[k]ip  [q]uit"


def asker() -> Callable[[Record, Record, Verdict], api.Reply]:
    """Asks on the terminal, a pair at a time."""

    def ask(left: Record, right: Record, verdict: Verdict) -> api.Reply:
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


def load_memory(target: str) -> str:
    """The remembered verdicts that stand beside a .bib."""
    path = Path(target).parent / memory.FILE_NAME
    if target == "-" or not os.path.isfile(path):  # noqa: PTH113 (Path.is_file raises for a name that is too long)
        return ""
    return encoding.decode(editing.read(str(path)).data).text


def save_memory(target: str, before: str, held: memory.Memory) -> None:
    text = memory.dumps(held)
    if target == "-" or text == before or not (held.said or before):
        return
    try:
        storage.save(Path(target).parent / memory.FILE_NAME, text.encode("utf-8", "surrogateescape"))
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
