"""`bibtools lookup`: the known work that a few words, an identifier or a pasted reference mean."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bibtools import api, formats, jsontext
from bibtools.cli import completion, console, editing
from bibtools.cli.index import index_option, opened_index
from bibtools.cli.online import UNRESOLVED, asking, known_or_none, online_options, options_of
from bibtools.cli.options import write_out
from bibtools.formats import records
from bibtools.record import Batch, Record

if TYPE_CHECKING:
    from bibtools.index import Hit, Index
    from bibtools.notices import Notice

__all__ = ["lookup"]

ALIKE = 0.75  # score from which a work is shown beside an answer
SHOWN = 3  # works that come near, shown for each question


@click.command()
@click.argument("queries", nargs=-1, required=True, metavar="QUERY...")
@index_option
@online_options
@click.option(
    "--to", metavar="FORMAT", shell_complete=completion.formats, help="Format to write; else by FILE, else bibtex."
)
@click.option(
    "-o", "--output", metavar="FILE", default="-", type=click.Path(), help="Write here instead of to standard output."
)
@click.option(
    "--candidates", type=click.IntRange(1, 1000), metavar="N", help="Show the N nearest works instead of one answer."
)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="How candidates are shown."
)
def lookup(
    queries: tuple[str, ...],
    folders: tuple[str, ...],
    online_: str | None,
    mailto: str | None,
    online_ids_only: bool,
    offline: bool,
    to: str | None,
    output: str,
    candidates: int | None,
    format_: str,
) -> None:
    """Look known works up in an index, and in services where --online names them.

    \b
    Examples:
      bibtools index build samples/arxiv.jsonl --to known && bibtools lookup 0704.0001 --index known
      bibtools lookup 'attention is all you need vaswani' | bibtools merge refs.bib -
      bibtools lookup - < references.txt
      bibtools lookup 10.1371/journal.pone.0033693 --online crossref --mailto you@example.org

    QUERY is a title with an author, a DOI, an arXiv number, an ISBN, an address or a pasted reference; - reads one a line.
    Only what surely fits is written, why and what else is near on stderr; where nothing surely fits, the exit status is 1,
    and 3 where a service that was asked did not answer. Services are asked for what the index has no answer to.
    """
    asked = list(_asked(queries))
    if not asked and "-" not in queries:
        console.fail("nothing to look up: a title with an author, a DOI, an arXiv number, an ISBN or a reference")
    options = options_of(online_, mailto, online_ids_only, offline)
    if options is None:
        with opened_index(folders) as index:
            if candidates or format_ == "json":
                console.data(_candidates(asked, index, candidates or 10, format_))
                return
            answers = list(api.look_up(asked, index))
            notices = [api.notice_about(answer, index) for answer in answers]
    else:
        with known_or_none(folders, opened_index) as index, asking(options) as session:
            if candidates or format_ == "json":
                said = api.ask_online(asked, session)
                near = api.with_answers(said, index)
                console.data(_candidates(asked, near, candidates or 10, format_))
                if any(each.silences and not each.records for each in said):
                    raise SystemExit(UNRESOLVED)
                return
            answers = api.look_up_online(asked, session, index)
            notices = [api.notice_about(answer, index) for answer in answers]
    found = tuple(dict.fromkeys(api.keyed(answer.hit) for answer in answers if answer.hit))
    for answer, notice in zip(answers, notices, strict=True):
        _tell(answer, notice)
    target = to or formats.written_as(Path(output).suffix) or "bibtex"
    try:
        if found or output != "-":
            write_out(output, api.convert(Batch(found), target).text)
    except api.InputError as error:
        console.fail(str(error))
    if len(answers) > 1:
        console.err(f"{editing.counted(len(found), 'work')} found, {sum(not answer.hit for answer in answers)} not")
    if any(answer.unresolved for answer in answers):
        raise SystemExit(UNRESOLVED)
    if not all(answer.hit for answer in answers):
        raise SystemExit(1)


def _asked(queries: tuple[str, ...]) -> Iterator[str]:
    for query in queries:
        if query == "-":
            lines = sys.stdin.buffer.read().decode("utf-8-sig", "replace").splitlines()
            yield from (line for line in lines if line.strip())
        elif query.strip():
            yield query


def _tell(answer: api.Found, notice: Notice | None) -> None:
    """One line why, the notice of retraction where there is one, and what else is near."""
    query = console.shown_line(answer.query, 60)
    if answer.hit:
        console.err(f"{query}: {answer.reason} ({_source(answer.hit)})")
        if answer.years:
            console.err(f"  asked for {answer.years[0]}; the work is of {answer.years[1]}", fg="yellow")
    else:
        console.err(f"{query}: {answer.reason}", fg="yellow")
    if notice:
        console.err(f"  a notice was found: {console.shown_line(str(notice), 200)}", fg="red")
    near = dict.fromkeys(_line(hit) for hit in answer.near if not answer.hit or hit.score > ALIKE)
    for line in list(near)[: SHOWN if answer.hit else 2 * SHOWN]:
        console.err(f"  {'also near' if answer.hit else 'near'}: {line}")


def _source(hit: Hit) -> str:
    name = Path(hit.source.name).name
    return f"{name} of {hit.source.date}" if hit.source.date else name


def _line(hit: Hit) -> str:
    return f"{console.shown_line(hit.record.title, 80)} ({_people(hit.record)}{hit.record.issued.year or 'no year'})"


def _people(record: Record) -> str:
    names = [name.surname for name in record.author or record.editor]
    shown = console.shown_line(" and ".join(names) if len(names) < 3 else f"{names[0]} et al.", 40)
    return f"{shown}, " if shown else ""


def _candidates(asked: list[str], index: Index, count: int, format_: str) -> Iterator[str]:
    """One list a question: as a line of JSON, or for people."""
    for query in asked:
        hits = index.search(query, count, near=True)
        if format_ == "json":
            yield jsontext.dumps([_as_json(hit) for hit in hits]) + "\n"
            continue
        if len(asked) > 1:
            yield f"{console.shown_line(query)}\n"
        for hit in hits:
            identifier = hit.record.doi or (f"arXiv:{hit.record.arxiv_id}" if hit.record.arxiv_id else "")
            yield f"{hit.score:5.2f}  {hit.how:<6} {_line(hit)}  {console.shown_line(identifier, 60)}\n"


def _as_json(hit: Hit) -> dict[str, object]:
    work = json.loads(records.line(hit.record))
    return {"score": hit.score, "how": hit.how, "source": hit.source.name, "source_date": hit.source.date, "work": work}
