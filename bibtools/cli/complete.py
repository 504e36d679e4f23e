"""`bibtools complete`: gaps of a .bib filled from the index of known works."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from bibtools import api, report, storage
from bibtools.change import SetField, Status
from bibtools.cli import console, editing, plans
from bibtools.cli.index import index_option, opened_index
from bibtools.cli.online import UNRESOLVED, asking, known_or_none, online_options, options_of
from bibtools.cli.options import (
    FileListCommand,
    ascii_option,
    companion_option,
    companions_of,
    diff_option,
    dry_run_option,
    interactive_option,
    output_option,
    tex_option,
)
from bibtools.formats.bibtex.labels import field_label, record_fields
from bibtools.merging import decisions

__all__ = ["complete"]


@click.command(cls=FileListCommand)
@click.argument("file", type=click.Path())
@index_option
@online_options
@click.option(
    "--fields", metavar="FIELD,...", help="Fill these only: doi, pages, volume, number, year, journal, author ..."
)
@click.option(
    "--replace", "replaced", multiple=True, metavar="FIELD", help="Take the known value here even where one is there."
)
@click.option(
    "--upgrade", type=click.Choice(["preprints"]), help="A preprint becomes its publication; key and eprint stay."
)
@output_option("Write here instead of into FILE.")
@dry_run_option
@diff_option
@interactive_option
@click.option(
    "--review", metavar="FILE.html", type=click.Path(), help="Write a page to answer the questions in a browser."
)
@click.option("--answers", metavar="FILE", type=click.Path(), help="The answers that the page of --review saved.")
@ascii_option
@companion_option
@tex_option
@click.option(
    "--report", "reports", multiple=True, metavar="FILE", type=click.Path(), help="Write the plan here, .json or .html."
)
@click.option("--strict", is_flag=True, help="Exit with 1 when something is left for a person.")
def complete(
    file: str,
    folders: tuple[str, ...],
    online_: str | None,
    mailto: str | None,
    online_ids_only: bool,
    offline: bool,
    fields: str | None,
    replaced: tuple[str, ...],
    upgrade: str | None,
    output: str,
    dry_run: bool,
    diff: bool,
    interactive: bool,
    review: str | None,
    answers: str | None,
    ascii_: bool,
    with_: tuple[str, ...],
    tex: tuple[str, ...],
    reports: tuple[str, ...],
    strict: bool,
) -> None:
    """Fill the gaps of a .bib from the known works that its entries surely are.

    \b
    Examples:
      bibtools index build samples/colleague.bib --to known && bibtools complete samples/refs.bib --index known --dry-run
      bibtools complete refs.bib --fields doi,pages --diff
      bibtools complete refs.bib --upgrade preprints --report filled.html
      bibtools complete refs.bib --online crossref,arxiv --mailto you@example.org --dry-run

    Venue, volume, number, pages, year, DOI and a list of authors that was cut short are filled; what is there stays. Where
    each value comes from is in the report and remembered beside the file. `bibtools undo FILE` takes everything back.
    Services of --online are asked for the entries that the index does not hold and that lack something; where one did not
    answer and an entry is not known, the exit status is 3.
    """
    wanted = _fields(fields.split(",") if fields else ())
    instead = _fields([name for names in replaced for name in names.split(",")])
    companions = companions_of(with_, (file,), tex)
    held = plans.load_decisions(file)
    snapshot = editing.read(file)
    unknown = 0
    unresolved: tuple[tuple[str, str], ...] = ()
    services = options_of(online_, mailto, online_ids_only, offline)
    opened = opened_index(folders) if services is None else known_or_none(folders, opened_index)
    try:
        with opened as index, asking(services) as session, console.progress("Completing") as tick:

            def run(ask: api.Ask | None, known: str) -> api.MergeResult:
                nonlocal unknown, unresolved
                found = api.complete_bibliography(
                    snapshot.data,
                    index,
                    session=session,
                    source=file,
                    fields=wanted,
                    replaced=instead,
                    upgrade=upgrade is not None,
                    ascii=ascii_,
                    decisions=known,
                    ask=ask,
                    companions=companions,
                    progress=tick,
                )
                unknown, unresolved = found.unknown, found.unresolved
                return found

            result = plans.decided(
                run, snapshot, held, interactive=interactive, page=review or "", answers=answers or ""
            )
    except (api.InputError, storage.StorageError) as error:
        console.fail(str(error))
    if review:
        return
    write = not (dry_run or diff)
    if result.quit or write:
        plans.save_decisions(file, held, result.decisions)
    if result.quit:
        console.err("stopped: your answers are remembered, nothing was changed; run it again to go on")
        return
    if write and not output:
        _remember_sources(file, result)
    news = tuple(outcome for outcome in result.plan.outcomes if outcome.status is not Status.UNCHANGED)
    plans.show(replace(result, plan=replace(result.plan, outcomes=news)))
    plans.finish(snapshot, result, write=write, diff=diff, output=output, tex=(), map_=None, reports=reports)
    told = report.summary(result.plan) if result.plan.outcomes else "nothing to complete"
    rest = f", {editing.counted(unknown, 'entry', 'entries')} not known" if unknown else ""
    for key, why in unresolved:
        console.err(f"{key}: unresolved: {why}", fg="yellow")
    console.err(f"{output or file}: {'would be: ' if not write else ''}{told}{rest}", bold=True)
    if strict and (result.plan.having(Status.UNSURE) or result.plan.having(Status.PROBLEM)):
        raise SystemExit(1)
    if unresolved:
        raise SystemExit(UNRESOLVED)


def _remember_sources(file: str, result: api.MergeResult) -> None:
    """Where each value came from, by key and field, beside the answers that are remembered: not in the .bib."""
    if not result.plan.changes or file == "-":
        return
    known = dict(result.decisions.unknown)
    before = known.get("filled")
    filled = dict(before) if isinstance(before, dict) else {}
    for change in result.plan.changes:
        if isinstance(change, SetField):
            entry = filled.get(change.target.key)
            fields = dict(entry) if isinstance(entry, dict) else {}
            fields[change.field] = change.why.rpartition("; ")[2]
            filled[change.target.key] = dict(sorted(fields.items()))
    known["filled"] = dict(sorted(filled.items()))
    text = decisions.dumps(replace(result.decisions, unknown=tuple(known.items())))
    editing.save(str(Path(file).parent / decisions.FILE_NAME), text.encode("utf-8", "surrogateescape"))


def _fields(names: tuple[str, ...] | list[str]) -> frozenset[str]:
    """Names of Record fields, from those of a .bib or their own."""
    found: set[str] = set()
    for name in filter(None, (each.strip().lower() for each in names)):
        own = name.replace("-", "_")
        meant = (
            ("container_title",)
            if name == "venue"
            else record_fields(name) or ((own,) if own in api.RECORD_FIELDS else ())
        )
        if not meant:
            known = sorted({field_label(field) for field in api.RECORD_FIELDS})
            console.fail(f"there is no field '{name}'{console.nearest(name, known)}")
        found.update(meant)
    return frozenset(found | ({"authors_truncated"} if "author" in found else set()))
