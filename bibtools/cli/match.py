"""`bibtools match`: which records are the same work, and why."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import click

from bibtools import api
from bibtools.cli import completion, console, editing
from bibtools.cli.options import (
    FileListCommand,
    companion_option,
    companions_of,
    output_option,
    reading_options,
    write_out,
)
from bibtools.record import Record
from bibtools.verdict import Answer, Verdict

__all__ = ["match", "pairs_csv"]

SHOWN = 200  # pairs of each kind that are printed; the CSV has them all


@click.command(cls=FileListCommand)
@click.argument("file", type=click.Path())
@click.argument("other", required=False, type=click.Path())
@click.option(
    "--pairs",
    metavar="FILE.csv",
    type=click.Path(),
    help="Write the pairs that are the same as CSV: id1,id2,score,reason.",
)
@click.option(
    "--unsure", metavar="FILE.csv", type=click.Path(), help="Write the pairs a person should look at, likewise."
)
@click.option(
    "--explain",
    nargs=2,
    metavar="ID1 ID2",
    shell_complete=completion.citation_keys,
    help="Show the evidence for one pair, whatever it is.",
)
@click.option(
    "--engine",
    metavar="ENGINE",
    help="Match on Spark: local[4], spark://HOST:PORT or sc://HOST:PORT. FILE is Parquet or JSON Lines (`convert --to parquet`).",
)
@output_option("With --engine: the folder of Parquet files to write the pairs to.")
@companion_option
@reading_options
def match(
    file: str,
    other: str | None,
    pairs: str | None,
    unsure: str | None,
    explain: tuple[str, str] | None,
    engine: str | None,
    output: str,
    with_: tuple[str, ...],
    from_: str | None,
    as_of: datetime | None,
) -> None:
    """Show which records are the same work, and why. Nothing is changed.

    \b
    Examples:
      bibtools match samples/refs.bib samples/listing.txt
      bibtools match samples/refs.bib --explain neuflow LiuQiuZhang
      bibtools match refs.bib colleague.bib --pairs same.csv
      bibtools match --engine 'local[4]' records.parquet -o pairs.parquet

    With OTHER, only pairs across the two files are shown; the answer on a pair is the one that `dedupe` of both together
    and `merge` of one into the other give. Pairs that may or may not be the same are shown apart; a merge asks about them.
    """
    if engine or output:
        others = {"--pairs": pairs, "--unsure": unsure, "--explain": explain, "--with": with_, "--from": from_}
        _on_engine(engine, output, file, other, [name for name, value in others.items() if value])
        return
    from bibtools.match import dedupe, link

    left, right = _read(file, other, with_, from_, as_of)
    if explain:
        _explain(left, right, explain)
        return
    with console.progress("Matching") as tick:
        linkage = link(left, right, progress=tick) if right is not None else dedupe(left, progress=tick)
    records = [*left, *(right or ())]
    verdicts = [verdict for verdict in linkage.verdicts if right is None or verdict.left < len(left) <= verdict.right]
    same = [each for each in verdicts if each.answer is Answer.SAME]
    unsure_pairs = [each for each in verdicts if each.answer is Answer.UNSURE]
    if pairs:
        write_out(pairs, pairs_csv(same, records))
    if unsure:
        write_out(unsure, pairs_csv(unsure_pairs, records))
    if not pairs and not unsure:
        console.data(_shown(same, records))
        if unsure_pairs:
            console.data(["\nUnsure:\n", *_shown(unsure_pairs, records)])
    console.err(f"{editing.counted(len(same), 'duplicate pair')}, {len(unsure_pairs):,} unsure")


def _on_engine(engine: str | None, output: str, file: str, other: str | None, unfit: Sequence[str]) -> None:
    """The pairs as a folder of Parquet files, which is written anew or not at all."""
    if not engine or not output:
        console.fail("--engine ENGINE and -o FOLDER belong together: the pairs of a cluster are written as Parquet")
    if unfit:
        console.fail(
            f"{', '.join(unfit)} is not for --engine; the pairs are written to -o, with a column for each field"
        )
    for path in (output, f"{output}.work"):
        if "://" not in path and os.path.lexists(path):
            console.fail(f"{path}: is there already and is not overwritten")
    from bibtools import spark

    work = None if "://" in output else f"{Path(output).absolute()}.work"
    try:
        session = spark.session(engine)
        source, target = (other, file) if other else (file, None)
        with console.progress("Matching on Spark"):
            counts = spark.write(spark.match(session, source, target, work=work), output)
        session.stop()
    except spark.EngineError as error:
        console.fail(str(error))
    finally:
        if work:
            shutil.rmtree(work, ignore_errors=True)
    same, unsure = (counts.get(answer, 0) for answer in (Answer.SAME, Answer.UNSURE))
    console.err(f"{editing.counted(same, 'duplicate pair')}, {unsure:,} unsure")


def _read(
    file: str, other: str | None, with_: Sequence[str], from_: str | None, as_of: datetime | None
) -> tuple[list[Record], list[Record] | None]:
    files = [file, other] if other else [file]
    day = as_of.date() if as_of else None
    read = api.read_inputs(files, from_=from_, as_of=day, companions=companions_of(with_, files))
    if read.failures:
        console.fail("; ".join(read.failures))
    console.report_problems(read.problems())
    if not other:
        return list(read.records()), None
    first, second = (api.Inputs((part,)) for part in read.parts)
    return list(first.records()), list(second.records())


def pairs_csv(verdicts: Sequence[Verdict], records: Sequence[Record]) -> Iterator[str]:
    """Pairs as CSV with the header `id1,id2,score,reason`."""
    yield "id1,id2,score,reason\r\n"
    for each in verdicts:
        line = io.StringIO()
        csv.writer(line).writerow(
            [_name(records[each.left]), _name(records[each.right]), f"{each.score:.1f}", each.reason]
        )
        yield line.getvalue()


def _shown(verdicts: Sequence[Verdict], records: Sequence[Record]) -> Iterator[str]:
    for each in islice(verdicts, SHOWN):
        version = "" if each.same_version else "  (another version of the work)"
        ids = f"{_name(records[each.left])}  {_name(records[each.right])}"
        yield f"{each.score:5.1f}  {console.shown_line(f'{ids}{version}', 200)}\n"
        yield f"       {console.shown_line(each.reason, 200)}\n"
    if len(verdicts) > SHOWN:
        yield f"... and {len(verdicts) - SHOWN:,} more; --pairs FILE writes them all\n"


def _name(record: Record) -> str:
    """Its id, or where it stands: a page gives its papers no ids."""
    return record.id or str(record.origin)


def _explain(left: Sequence[Record], right: Sequence[Record] | None, ids: tuple[str, str]) -> None:
    from bibtools.match import explain

    everything = [*left, *(right or ())]
    places = [
        _place(everything if right is None else each, ident)
        for ident, each in zip(ids, (left, right or ()), strict=True)
    ]
    second = places[1] + (len(left) if right is not None else 0)
    verdict = explain(everything, places[0], second)
    other = verdict.answer is not Answer.DIFFERENT and not verdict.same_version
    version = ", another version of the work" if other else ""
    console.data([f"{verdict.answer} ({verdict.score:.1f} points{version})\n"])
    for each in verdict.evidence:
        console.data([f"{each.points:+6.1f}  {each.field:<11} {console.shown_line(each.reason, 200)}\n"])


def _place(records: Sequence[Record], ident: str) -> int:
    found = next((place for place, each in enumerate(records) if _name(each) == ident), None)
    if found is not None:
        return found
    return console.fail(f"no record has the id '{ident}'{console.nearest(ident, [_name(each) for each in records])}")
