"""`bibtools verify`: are these references real, and right?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bibtools import api, encoding
from bibtools.cli import completion, console
from bibtools.cli.index import index_option, opened_index
from bibtools.cli.online import asking, online_options, options_of
from bibtools.cli.options import FileListCommand, companion_option, companions_of, write_out
from bibtools.verify.output import OUTPUTS

if TYPE_CHECKING:
    from bibtools.api.services import Options
    from bibtools.bibfile import Companions
    from bibtools.merging.decisions import Decisions

__all__ = ["verify"]


@click.command(cls=FileListCommand)
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path())
@index_option
@online_options
@click.option(
    "--tex",
    "--aux",
    "tex",
    multiple=True,
    type=click.Path(),
    metavar="PAPER...",
    help="Only what these documents cite (.tex, .md, .aux, .bcf); without FILE, in the bibliographies they name.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for not-found and other-version too.")
@click.option(
    "--format", "format_", type=click.Choice(list(OUTPUTS)), default="text", show_default=True, help="How to print."
)
@click.option(
    "-o", "--output", default="-", metavar="FILE", type=click.Path(), help="Write here; - is standard output."
)
@click.option("--from", "from_", metavar="FORMAT", shell_complete=completion.formats, help="Format of FILE.")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="KEY,...",
    help="These entries are right as they stand: no alarm until they change (kept beside FILE).",
)
@click.option(
    "--answers", metavar="FILE", type=click.Path(), help="Where accepted entries are kept, instead of beside FILE."
)
@companion_option
def verify(
    files: tuple[str, ...],
    folders: tuple[str, ...],
    online_: str | None,
    mailto: str | None,
    online_ids_only: bool,
    offline: bool,
    tex: tuple[str, ...],
    strict: bool,
    format_: str,
    output: str,
    from_: str | None,
    accepted: tuple[str, ...],
    answers: str | None,
    with_: tuple[str, ...],
) -> None:
    """Say which references are known works, and what in them differs.

    \b
    Examples:
      bibtools index build samples/colleague.bib --to known && bibtools verify samples/refs.bib --index known
      bibtools verify --tex paper.tex --strict
      bibtools verify refs.bib --format html -o verified.html
      bibtools verify refs.bib --accept smith2020,jones2021
      bibtools verify refs.bib --online crossref,arxiv,doi --mailto you@example.org

    Works are looked up in the index of known works (`bibtools index build`), on this machine, and what it does not verify
    in the services of --online. What they do not hold is not-checkable, and not-found only where a source was declared
    complete for it: neither says that a reference is wrong.
    Exit status: 1 something differs, is another work's or retracted; else 3 if there was no source to ask or one did not
    answer; else 0. 2: a file could not be read.
    """
    keys, files = _cited(files, tex)
    companions = companions_of(with_, files)
    services = options_of(online_, mailto, online_ids_only, offline)
    found = _answered(_verified(files, folders, keys, from_, companions, services), accepted, answers)
    for failure in found.failures:
        console.err(f"bibtools: {failure}", fg="red")
    console.report_problems(each for each in found.problems if each.severity == "error")
    for key in found.missing:
        console.err(f"{console.shown_line(key)}: cited, but in no bibliography", fg="yellow")
    pieces = OUTPUTS[format_](found.judgements)
    write_out(output, map(console.safe, pieces) if output == "-" else pieces)
    if found.failures:
        raise SystemExit(2)
    if status := found.exit_status(strict):
        raise SystemExit(status)


def _verified(
    files: Sequence[str],
    folders: Sequence[str],
    keys: Collection[str] | None,
    from_: str | None,
    companions: Companions,
    services: Options | None,
) -> api.Verification:
    opened = opened_index(folders) if folders or _has_own_index() else nullcontext(None)
    with opened as index, asking(services) as session, console.progress("Verifying") as tick:
        if index is None and session is None:
            console.err(
                "there is no index of known works to ask: make one with `bibtools index build SOURCE...`", fg="yellow"
            )
        asked = [api.asking_services(session)] if session is not None else []
        return api.verify_files(
            files, index, services=asked, keys=keys, from_=from_, companions=companions, progress=tick
        )


def _answered(found: api.Verification, accepted: Sequence[str], answers: str | None) -> api.Verification:
    """What a person has accepted before, and accepts now, marked; it is remembered beside the file of each entry."""
    from bibtools.cli import plans

    wanted = list(dict.fromkeys(key for keys in accepted for key in keys.split(",") if key))
    known = [judgement.key for judgement in found.judgements]
    if unknown := [key for key in wanted if key not in known]:
        console.fail(f"--accept: no entry '{unknown[0]}'{console.nearest(unknown[0], known)}")
    judged = list(found.judgements)
    for file in dict.fromkeys(judgement.file for judgement in judged):
        places = [place for place, judgement in enumerate(judged) if judgement.file == file]
        part = api.Verification(tuple(judged[place] for place in places))
        mine = [key for key in wanted if any(judgement.key == key for judgement in part.judgements)]
        if mine and file == "<stdin>" and not answers:
            console.fail("--accept: standard input has no place to remember it; name one with --answers FILE")
        before, held = _decisions(file, answers, bool(wanted))
        now = api.accept(part, mine, held)
        plans.save_decisions(file, before, now, answers)
        for place, judgement in zip(places, api.answered(part, now).judgements, strict=True):
            judged[place] = judgement
    return replace(found, judgements=tuple(judged))


def _decisions(file: str, answers: str | None, new: bool) -> tuple[str, Decisions]:
    """The remembered decisions, as text and read. A file of --answers has to be there, unless it is to be written."""
    from bibtools.cli import editing, plans
    from bibtools.merging import decisions

    if not answers:
        text, name = plans.load_decisions("-" if file == "<stdin>" else file), decisions.FILE_NAME
    elif new and not Path(answers).exists():
        text, name = "", answers
    else:
        text, name = encoding.decode(editing.read(answers).data).text, answers
    held = decisions.loads(text) if text.strip() else decisions.Decisions()
    if held.problem:
        console.fail(f"{name}: {held.problem}")
    return text, held


def _has_own_index() -> bool:
    from bibtools.index import default_folder, generations

    return bool(generations.names(default_folder()))


def _cited(files: tuple[str, ...], papers: tuple[str, ...]) -> tuple[Collection[str] | None, tuple[str, ...]]:
    """The keys that the papers cite, None for all; and the files, else the bibliographies that the papers name."""
    if not papers:
        if not files:
            raise click.UsageError("Missing argument 'FILE...' (or --tex PAPER).")
        return None, files
    try:
        citations = api.read_citations(papers)
    except api.InputError as error:
        console.fail(str(error))
    for paper, name in citations.unread:
        console.err(f"{paper}: {name} is not there: what it cites is not known", fg="yellow")
    for name in () if files else citations.missing:
        console.err(f"{papers[0]}: names the bibliography {name}, which is not there", fg="yellow")
    files = files or citations.bibliographies
    if not files:
        console.fail("the document names no bibliography that is there; name the .bib")
    return None if citations.everything else frozenset(citations.keys), files
