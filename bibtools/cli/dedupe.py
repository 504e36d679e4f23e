"""`bibtools dedupe`: the duplicates within one .bib, shown, and with --write made one."""

from __future__ import annotations

import csv
import io
from functools import partial

import click

from bibtools import api
from bibtools.change import Status
from bibtools.cli import console, editing, plans
from bibtools.cli.options import (
    FileListCommand,
    companions_of,
    diff_option,
    interactive_option,
    output_option,
    plan_options,
    write_out,
)
from bibtools.merging import MergePolicy, Versions

__all__ = ["dedupe"]


@click.command(cls=FileListCommand)
@click.argument("file", type=click.Path())
@click.option("--write", is_flag=True, help="Merge the duplicates; without it they are only shown.")
@output_option("Write the merged .bib here.")
@diff_option
@interactive_option
@click.option(
    "--versions",
    type=click.Choice(["upgrade", "link", "keep"]),
    default="upgrade",
    show_default=True,
    help="A preprint and its publication: made one entry, or (link, keep) left two.",
)
@click.option(
    "--pairs", metavar="FILE.csv", type=click.Path(), help="Write the pairs that are joined: id1,id2,score,reason."
)
@plan_options
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if there are duplicates.")
def dedupe(
    file: str,
    write: bool,
    output: str,
    diff: bool,
    interactive: bool,
    versions: str,
    pairs: str | None,
    with_: tuple[str, ...],
    tex: tuple[str, ...],
    map_: str | None,
    reports: tuple[str, ...],
    review: str | None,
    answers: str | None,
    quiet: bool,
    check: bool,
) -> None:
    """Find, show and merge the duplicates within a .bib.

    \b
    Examples:
      bibtools dedupe samples/refs.bib
      bibtools dedupe refs.bib --write --tex paper.tex

    Of the entries that are one work the published and fullest stays; the key of another goes to `ids`, documents given
    with --tex are rewritten. What is not surely a duplicate is shown and left alone. `bibtools undo FILE` takes it back.
    """
    if output and tex:
        console.fail("-o writes another .bib, so the documents cannot be rewritten to fit it: leave out -o or --tex")
    snapshot = editing.read(file)
    companions = companions_of(with_, [file], tex)
    remembered = plans.load_decisions(file)
    try:
        run = partial(
            api.dedupe,
            snapshot.data,
            source=file,
            policy=MergePolicy(versions=Versions(versions)),
            companions=companions,
        )
        result = plans.decided(
            lambda ask, known: run(ask=ask, decisions=known),
            snapshot,
            remembered,
            interactive=interactive,
            page=review or "",
            answers=answers or "",
        )
    except api.InputError as error:
        console.fail(str(error))
    if review:
        return
    plans.save_decisions(file, remembered, result.decisions)
    if result.quit:
        console.err("stopped: your answers are remembered, nothing was merged; run it again to go on")
        return
    if pairs:
        _write_pairs(pairs, result)
    console.report_problems(result.plan.problems)
    plans.show(result, quiet)
    writing = (write or bool(output)) and not (diff or check)
    plans.finish(snapshot, result, write=writing, diff=diff, output=output, tex=tex, map_=map_, reports=reports)
    gone = sum(each.removed for each in result.plan.outcomes)
    doubts = len(result.plan.having(Status.UNSURE))
    done = "merged" if writing else "found (merge with --write)"
    console.err(
        f"{file}: {editing.counted(gone, 'duplicate entry', 'duplicate entries')} {done}, {doubts:,} unsure", bold=True
    )
    if check and (gone or doubts):
        raise SystemExit(1)


def _write_pairs(path: str, result: api.MergeResult) -> None:
    """The pairs that a merge joins; a doubt is for the report."""
    rows = {
        (each.key, outcome.record.id, f"{each.score:.1f}", each.reason)
        for outcome in result.plan.outcomes
        if outcome.removed
        for each in outcome.candidates
        if each.answer == "same"
    }
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("id1", "id2", "score", "reason"), *sorted(rows)])
    write_out(path, [text.getvalue()])
