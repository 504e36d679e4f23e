"""`bibtools merge`: records of any format into a .bib without disturbing what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bibtools import api, bibfile, formats, report, storage
from bibtools.change import Add, Status
from bibtools.cli import completion, console, plans
from bibtools.cli.index import index_option
from bibtools.cli.options import (
    FileListCommand,
    ascii_option,
    companions_of,
    diff_option,
    dry_run_option,
    interactive_option,
    keep_extra_option,
    output_option,
    plan_options,
    reading_options,
    selection_options,
    write_out,
)
from bibtools.formats.bibtex.labels import field_label, record_fields
from bibtools.merging import MergePolicy, OnUnsure, Side, Versions

if TYPE_CHECKING:
    from bibtools.verify import Judgement

__all__ = ["merge"]


@click.command(cls=FileListCommand)
@click.argument("target", type=click.Path())
@click.argument("sources", nargs=-1, required=True, type=click.Path())
@output_option("Write here instead of into TARGET.")
@dry_run_option
@diff_option
@interactive_option
@click.option(
    "--on-unsure",
    "--on-ambiguous",
    "on_unsure",
    type=click.Choice(["skip", "add", "ask"]),
    default="skip",
    show_default=True,
    help="A possible duplicate of an entry: leave it out, add it as its own entry, or ask.  (--on-ambiguous: the old name)",
)
@click.option(
    "--versions",
    type=click.Choice(["upgrade", "link", "keep"]),
    default="upgrade",
    show_default=True,
    help="upgrade: replace a preprint by its publication; link: two entries with `related`; keep: leave the preprint.",
)
@click.option(
    "--prefer",
    multiple=True,
    metavar="[FIELD=]SIDE",
    help="Whose value is kept where both have one: target (default) or source; 'abstract=source' for one field.",
)
@click.option(
    "--key-style",
    metavar="STYLE",
    shell_complete=completion.key_styles,
    help="Keys of new entries; else their own, or arXiv's.",
)
@ascii_option
@selection_options
@keep_extra_option
@plan_options
@click.option(
    "--incomplete", metavar="FILE", type=click.Path(), help="Keep records that cannot be cited as JSON Lines."
)
@click.option("--verify", is_flag=True, help="Say what the index of known works knows of the entries that are added.")
@index_option
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 if a record was unsure, incomplete or failed; where --verify finds something, nothing is written.",
)
@reading_options
def merge(
    target: str,
    sources: tuple[str, ...],
    output: str,
    dry_run: bool,
    diff: bool,
    interactive: bool,
    on_unsure: str,
    versions: str,
    prefer: tuple[str, ...],
    key_style: str | None,
    ascii_: bool,
    omit: tuple[str, ...],
    only: tuple[str, ...],
    keep_extra: bool,
    with_: tuple[str, ...],
    tex: tuple[str, ...],
    map_: str | None,
    reports: tuple[str, ...],
    review: str | None,
    answers: str | None,
    quiet: bool,
    incomplete: str | None,
    verify: bool,
    folders: tuple[str, ...],
    strict: bool,
    from_: str | None,
    as_of: datetime | None,
) -> None:
    """Merge records into a .bib; nothing else in it changes.

    \b
    Examples:
      bibtools merge samples/refs.bib samples/listing.txt --dry-run
      bibtools merge refs.bib page.txt colleague.bib --report plan.html
      bibtools merge refs.bib colleague.bib --interactive --tex paper.tex
      bibtools merge refs.bib colleague.bib --review page.html     # then: --answers page.answers.json
      bibtools merge refs.bib page.txt --verify --index known --report plan.html

    Values in TARGET stay, missing ones are filled in, and a preprint becomes its publication. A record that may be an entry,
    but not certainly, is shown and left out. `bibtools undo TARGET` takes everything back.
    """
    if output and tex:
        console.fail("-o writes another .bib, so the documents cannot be rewritten to fit it: leave out -o or --tex")
    whole, fields = _preference(prefer)
    companions = companions_of(with_, (target, *sources), tex)
    read = api.read_inputs(sources, from_=from_, as_of=as_of.date() if as_of else None, companions=companions)
    if read.failures:
        for failure in read.failures:
            console.err(f"bibtools: {failure}", fg="red")
        raise SystemExit(2)
    remembered = plans.load_decisions(target)
    try:
        snapshot = storage.read(target, missing=True)
        _refuse_another_file(target, snapshot.data)
        run = partial(
            api.merge,
            snapshot.data,
            [read.batch()],
            source=target,
            policy=MergePolicy(
                versions=Versions(versions),
                on_unsure=OnUnsure.ADD if on_unsure == "add" else OnUnsure.SKIP,
                prefer=whole,
                prefer_fields=fields,
            ),
            key_style=key_style,
            ascii=ascii_,
            cited=plans.cited_in(tex),
            companions=companions,
            omit=omit,
            fields=only,
            keep_extra=keep_extra,
        )
        result = plans.decided(
            lambda ask, known: run(ask=ask, decisions=known),
            snapshot,
            remembered,
            interactive=interactive or on_unsure == "ask",
            page=review or "",
            answers=answers or "",
        )
    except (api.InputError, storage.StorageError) as error:
        console.fail(str(error))
    if review:
        return
    plans.save_decisions(target, remembered, result.decisions)
    if result.quit:
        console.err("stopped: your answers are remembered, nothing was merged; run it again to go on")
        return
    verified = _verified(result, folders) if verify or folders else ()
    refused = strict and any(each.alarming for each in verified)
    write = not (dry_run or diff or refused)
    console.report_problems(result.plan.problems)
    plans.show(result, quiet)
    _show_verified(verified)
    plans.finish(
        snapshot, result, write=write, diff=diff, output=output, tex=tex, map_=map_, reports=reports, verified=verified
    )
    if incomplete and write:
        kept = [each.record for each in result.plan.having(Status.INCOMPLETE)]
        write_out(incomplete, api.write_records(kept, "records"))
    console.err(f"{output or target}: {'would be: ' if not write else ''}{report.summary(result.plan)}", bold=True)
    if refused:
        console.err("nothing was written: --strict, and something was found about what would be added", fg="red")
        raise SystemExit(1)
    left = [each for each in (Status.UNSURE, Status.INCOMPLETE, Status.PROBLEM) if result.plan.having(each)]
    if strict and left:
        raise SystemExit(1)


def _verified(result: api.MergeResult, folders: tuple[str, ...]) -> Sequence[Judgement]:
    """What is known of the entries that are added. A merge does not fail for want of an index."""
    from bibtools import index

    added = [each.record for each in result.plan.changes if isinstance(each, Add)]
    if not added:
        return ()
    try:
        known = index.open([Path(folder).expanduser() for folder in folders] or None)
        with console.progress("Verifying") as tick:
            return api.answered(api.verify(added, known, progress=tick), result.decisions).judgements
    except index.IndexFolderError as error:
        console.err(f"not verified: {error}", fg="yellow")
        return ()


def _show_verified(judgements: Sequence[Judgement]) -> None:
    if judgements:
        from bibtools.verify import output

        console.err("verified, what is added:", bold=True)
        for line in output.text(judgements):
            console.err(f"  {line.rstrip()}")


def _refuse_another_file(target: str, data: bytes) -> None:
    """Two names in the wrong order would put entries at the end of a document. (An empty file may become a .bib.)"""
    suffix = Path(target).suffix.lower()
    if not data.strip() and formats.written_as(suffix) not in (None, "bibtex"):
        console.fail(f"{target}: a merge writes BibTeX; name the target .bib (`bibtools convert` writes other formats)")
    if target != "-" and suffix != ".bib" and data.strip() and not bibfile.parse(data).entries:
        console.fail(f"{target}: no entries; is it a .bib? (TARGET comes first; to begin a new one, name it .bib)")


def _preference(wishes: tuple[str, ...]) -> tuple[Side, dict[str, Side]]:
    """`source` is for all fields, `abstract=source` for one, under its name in a .bib or in a Record."""
    whole, fields = Side.TARGET, {}
    for wish in wishes:
        name, _, side = wish.rpartition("=")
        if side not in ("target", "source"):
            console.fail(f"--prefer {wish}: say 'target' or 'source', or FIELD=target")
        own = name.lower().replace("-", "_")
        meant = record_fields(name) or ((own,) if own in api.RECORD_FIELDS else ())
        if name and not meant:
            known = sorted({field_label(field) for field in api.RECORD_FIELDS})
            console.fail(f"--prefer {wish}: there is no field '{name}'{console.nearest(name, known)}")
        if not name:
            whole = Side(side)
        fields.update(dict.fromkeys(meant, Side(side)))
    return whole, fields
