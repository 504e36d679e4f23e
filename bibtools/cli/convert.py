"""`bibtools convert`: records of any format into a bibliography."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from bibtools import api, formats
from bibtools.cli import completion, console, editing
from bibtools.cli.index import index_option, opened_index
from bibtools.cli.online import UNRESOLVED, asking, known_or_none, online_options, options_of
from bibtools.cli.options import (
    FileListCommand,
    ascii_option,
    companion_option,
    companions_of,
    existing_inputs,
    keep_extra_option,
    output_option,
    reading_options,
    save_out,
    selection_options,
    write_out,
)

__all__ = ["convert"]


@click.command(cls=FileListCommand)
@existing_inputs
@output_option("Write here instead of to standard output.", "-")
@companion_option
@reading_options
@index_option
@online_options
@click.option(
    "--to",
    metavar="FORMAT",
    shell_complete=completion.formats,
    help="Format to write; else by the suffix of FILE, else bibtex.",
)
@click.option(
    "--key-style",
    metavar="STYLE",
    shell_complete=completion.key_styles,
    help="arxiv, arxiv-2020, scholar, acl, bbt, or a pattern: '[auth][year]'.",
)
@ascii_option
@selection_options
@keep_extra_option
@click.option(
    "--incomplete",
    metavar="FILE",
    type=click.Path(),
    help="Keep records that cannot be cited (an abstract alone) as JSON Lines.",
)
@click.option("--losses", is_flag=True, help="Tell which fields of which records are not in what is written.")
@click.option("--strict", is_flag=True, help="Exit with 1 when anything was not understood or not written.")
def convert(
    inputs: tuple[str, ...],
    output: str,
    with_: tuple[str, ...],
    from_: str | None,
    as_of: datetime | None,
    folders: tuple[str, ...],
    online_: str | None,
    mailto: str | None,
    online_ids_only: bool,
    offline: bool,
    to: str | None,
    key_style: str | None,
    ascii_: bool,
    omit: tuple[str, ...],
    only: tuple[str, ...],
    keep_extra: bool,
    incomplete: str | None,
    losses: bool,
    strict: bool,
) -> None:
    """Convert records of any format into a bibliography.

    \b
    Examples:
      bibtools convert samples/listing.txt -o papers.bib
      bibtools convert samples/arxiv.jsonl --to csljson
      bibtools convert samples/references.txt -o references.bib
      curl -s 'https://export.arxiv.org/api/query?id_list=1706.03762' | bibtools convert -

    Formats are recognised from content; `bibtools formats` lists them. Records that come with a citation key keep it
    unless --key-style is given. --from titles looks each line of INPUT up in an index of known works; --from ids finds
    identifiers anywhere in a text, and with --index or --online the works they are of; where a service did not answer for one,
    the exit status is 3. A pasted reference list tells what is doubtful in it; with --index each reference that surely cites a
    known work gets that work's fields.
    """
    guessed = to or formats.written_as(Path(output).suffix)
    to = guessed or "bibtex"
    day: date | None = as_of.date() if as_of else None
    services = options_of(online_, mailto, online_ids_only, offline)
    if services is not None and from_ not in ("ids", "titles"):
        console.fail("--online finds the works of identifiers and titles: it needs --from ids or --from titles")
    unresolved = False
    if from_ == "titles" and services is not None:
        with known_or_none(folders, opened_index) as index, asking(services) as session:
            read, found = api.read_titles_online(inputs, session, index)
        unresolved = any(each.unresolved for each in found)
    elif from_ == "titles":
        with opened_index(folders) as index:
            read = api.read_titles(inputs, index)
    else:
        read = api.read_inputs(inputs, from_=from_, as_of=day, companions=companions_of(with_, inputs))
        if from_ == "ids" and services is not None:
            with known_or_none(folders, opened_index) as index, asking(services) as session:
                read, found = api.identified_online(read, session, index)
            unresolved = any(each.unresolved for each in found)
        elif folders and (from_ == "ids" or api.has_references(read)):
            with opened_index(folders) as index:
                read = api.identified(read, index) if from_ == "ids" else api.confirmed(read, index)
    if read.failures:
        for failure in read.failures:
            console.err(f"bibtools: {failure}", fg="red")
        console.report_problems(read.problems())
        raise SystemExit(2)
    try:
        result = api.convert(
            read,
            to,
            key_style=key_style,
            ascii=ascii_,
            losses=losses,
            omit=omit,
            fields=only,
            keep_extra=keep_extra,
        )
    except api.InputError as error:
        console.fail(str(error))
    binary = (chosen := formats.table().get(to)) is not None and chosen.write_bytes is not None
    if binary and output == "-":
        console.fail(f"{to} is no text and is not written to standard output; -o FILE names a file")
    if binary and result.keys:
        save_out(output, result.data())
    elif result.keys or output == "-":
        write_out(output, result.text)
    if incomplete:
        write_out(incomplete, api.write_records(result.incomplete, "records"))
    unclear = console.report_problems(result.problems)
    if not result.keys and output != "-":
        if unresolved:
            console.err(f"{output}: nothing was found to write in it; it stays as it is", fg="yellow")
            raise SystemExit(UNRESOLVED)
        _refuse_nothing(output, len(result.incomplete), incomplete)
    if losses:
        for key, names in result.losses:
            console.err(f"not in the {to}: {key}: {', '.join(names)}")
    aside = f", {len(result.incomplete)} incomplete" if result.incomplete else ""
    as_what = "" if guessed or output == "-" else f" as {to}"  # the file's name told nothing
    doubtful = api.doubtful(read)
    aside += f", {doubtful} doubtful" if doubtful else ""
    console.err(f"{editing.counted(len(result.keys), 'record')}{as_what}{aside}")
    if strict and (unclear or result.incomplete or doubtful):
        raise SystemExit(1)
    if unresolved:
        raise SystemExit(UNRESOLVED)


def _refuse_nothing(output: str, incomplete: int, kept_in: str | None) -> None:
    """A file is never replaced by nothing."""
    if not incomplete:
        console.fail(f"{output}: nothing to write in it; it stays as it is")
    aside = f"they are kept in {kept_in}" if kept_in else "--incomplete FILE keeps them"
    what = editing.counted(incomplete, "record")
    console.fail(f"{output}: nothing to write in it, it stays as it is: {what} cannot be cited; {aside}")
