"""`bibtools index`: the index of known works, built from files on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from bibtools import api, jsontext
from bibtools import index as known
from bibtools.cli import completion, console, editing
from bibtools.index import IndexFolderError, Manifest, Source

if TYPE_CHECKING:
    from bibtools.index import Index

__all__ = ["index", "index_option", "opened_index"]

Command = Callable[..., Any]


def index_option(command: Command) -> Command:
    """The folders of indexes that are asked, each with all indexes in it."""
    return click.option(
        "--index",
        "folders",
        multiple=True,
        metavar="FOLDER",
        type=click.Path(),
        help="Index of known works to ask (several: repeat); else the one in your own place.",
    )(command)


@contextmanager
def opened_index(folders: Sequence[str]) -> Iterator[Index]:
    """The indexes of these folders as one, or the end of the command with a plain message."""
    with _refusals():
        yield known.open([Path(folder).expanduser() for folder in folders] or None)


@click.group(no_args_is_help=True)
def index() -> None:
    """Build and show the index of known works, to be asked offline.

    \b
    Examples:
      bibtools index build samples/refs.bib samples/arxiv.jsonl --to known
      bibtools index build arxiv-metadata-oai-snapshot.json dblp.xml.gz anthology.bib.gz
      bibtools index info

    Download once what the services offer: arXiv's metadata snapshot, DBLP's XML, the ACL Anthology's .bib, Crossref's or
    OpenAlex's data; your own library is a source too. Files are recognised by content, compressed ones read as they are.
    """


def _building(command: Command) -> Command:
    for option in (
        click.option(
            "--complete",
            multiple=True,
            metavar="SCOPE",
            help="SOURCE holds every work of: arxiv, arxiv:2015-2020, years:1990-2020, venue:NeurIPS:2010-2023 (or "
            "SOURCE=SCOPE).",
        ),
        click.option("--force", is_flag=True, help="Take a source that is empty, cut off or has shrunk by half."),
        click.option("--from", "from_", metavar="FORMAT", shell_complete=completion.formats, help="Format of SOURCE."),
        click.option("--name", default="works", show_default=True, help="One folder holds several indexes by name."),
        click.option(
            "--to", metavar="FOLDER", type=click.Path(), help="Where the index is kept; else the user's place."
        ),
        click.argument("sources", nargs=-1, metavar="SOURCE...", type=click.Path()),
    ):
        command = option(command)
    return command


@index.command()
@_building
@click.option("--since", type=int, metavar="YEAR", help="Leave out works from before this year.")
def build(
    sources: tuple[str, ...],
    to: str | None,
    name: str,
    from_: str | None,
    force: bool,
    complete: tuple[str, ...],
    since: int | None,
) -> None:
    """Build an index from files or folders; it replaces the one of this name when it is whole.

    \b
    Examples:
      bibtools index build samples/refs.bib samples/arxiv.jsonl --to known
      bibtools index build crossref-2026/ --name crossref --since 1990
      bibtools index build arxiv.json dblp.xml.gz --complete arxiv.json=arxiv --complete dblp.xml.gz=venue:NeurIPS:2000-2025

    What a source is declared to hold all of (--complete) decides where `bibtools verify` may say that a work was not found. It
    ends with the last month or year that was over when the file was last changed.
    """
    _need(sources)
    folder = _folder(to)
    with _refusals(), _progress() as tick:
        made = api.build_index(
            sources, folder, name, from_=from_, since=since, force=force, complete=complete, progress=tick
        )
    _built(made, folder / name)


@index.command()
@_building
@click.option("--harvest-since", metavar="DATE", help="Of --from arxiv-oai: the day (YYYY-MM-DD) to begin with.")
@click.option("--mailto", metavar="ADDRESS", help="Of --from arxiv-oai: your mail address, in case you are to be told.")
def update(
    sources: tuple[str, ...],
    to: str | None,
    name: str,
    from_: str | None,
    force: bool,
    complete: tuple[str, ...],
    harvest_since: str | None,
    mailto: str | None,
) -> None:
    """Add files to an index, or renew what it has of them; everything else in it stays.

    \b
    Examples:
      bibtools index update refs.bib
      bibtools index update --from arxiv-oai

    A file that the index was built from is read anew. Files of arXiv, Crossref, DBLP and other services renew the works
    they hold and add the others. --from arxiv-oai without SOURCE asks arXiv, over the network, for what changed since the
    last time (or since the snapshot); a run that was interrupted goes on.
    """
    folder = _folder(to)
    if from_ == "arxiv-oai" and not sources:
        with _refusals(), _progress() as tick, console.progress("Harvesting") as pages:
            renewed = api.harvest_arxiv(
                folder,
                name,
                since=harvest_since or "",
                mailto=mailto or "",
                tell=lambda message: console.err(message),
                told=pages,
                progress=tick,
            )
        if renewed is None:
            console.err(f"{folder / name}: nothing changed at arXiv")
        else:
            _built(renewed, folder / name)
        return
    _need(sources)
    with _refusals(), _progress() as tick:
        made = api.update_index(sources, folder, name, from_=from_, force=force, complete=complete, progress=tick)
    _built(made, folder / name)


@index.command()
@click.option("--index", "folders", multiple=True, metavar="FOLDER", type=click.Path(), help="Where indexes are kept.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def info(folders: tuple[str, ...], format_: str) -> None:
    """Show what each index was built from and what it can be asked.

    \b
    Example:
      bibtools index info --format json
    """
    from bibtools.index import generations

    shown = []
    with _refusals():
        for folder in [_folder(each) for each in folders] or [_folder(None)]:
            for name in generations.names(folder):
                generation = generations.current(folder, name)
                if generation is not None:
                    manifest = generations.read_manifest(generation, any_version=True)
                    shown.append((folder, name, manifest, generations.is_usable(manifest)))
    if format_ == "json":
        console.data([jsontext.dumps({"version": 1, "indexes": [_as_json(*each) for each in shown]}), "\n"])
        return
    if not shown:
        where = ", ".join(folders) or str(_folder(None))
        console.fail(f"{where}: no index there; make one with `bibtools index build SOURCE...`")
    for each in shown:
        console.data(_as_text(*each))


@index.command()
@click.argument("name", shell_complete=completion.names(lambda: _names()))
@click.option("--index", "folder", metavar="FOLDER", type=click.Path(), help="Where the index is kept.")
def remove(name: str, folder: str | None) -> None:
    """Remove an index by name; what it was built from stays.

    \b
    Example:
      bibtools index remove crossref
    """
    from bibtools.index import generations

    with _refusals():
        where = _folder(folder)
        if not generations.remove(where, name):
            there = generations.names(where)
            console.fail(f"{where}: no index '{name}'" + (f"; there are: {', '.join(there)}" if there else ""))
    console.err(f"{where / name}: removed")


def _need(sources: Sequence[str]) -> None:
    if not sources:
        raise click.UsageError("Missing argument 'SOURCE...'.")


def _folder(given: str | None) -> Path:
    return Path(given).expanduser() if given else known.default_folder()


def _names() -> list[str]:
    from bibtools.index import generations

    return generations.names(known.default_folder())


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (IndexFolderError, api.InputError) as error:
        console.fail(str(error))


@contextmanager
def _progress() -> Iterator[api.indexing.Progress]:
    begun = monotonic()
    with console.progress("Reading") as tick:
        yield lambda done, total, records: tick(
            done, total, f"{records:,} records, {records / max(monotonic() - begun, 0.1):,.0f} a second"
        )


def _built(manifest: Manifest, home: Path) -> None:
    for source in manifest.sources:
        doubts = f", {editing.counted(source.problems, 'error')} in it" if source.problems else ""
        console.err(f"{_label(source)}: {_counted(source)}{doubts}")
    console.err(f"{home}: {editing.counted(manifest.records, 'work')}, {_size(manifest.size)}")
    for doubt in _doubts(manifest):
        console.err(doubt, fg="yellow")


def _doubts(manifest: Manifest) -> Iterator[str]:
    """Declarations of arXiv that the numbers contradict."""
    from bibtools.index import coverage

    named = {source.name: source for source in manifest.sources}
    for declared in manifest.complete:
        try:
            scope = coverage.parse_scope(declared.scope)
        except ValueError:  # of a newer version
            continue
        sources = [named[name] for name in declared.sources if name in named and named[name].months]
        if scope.kind == "arxiv" and not any(source.identifiers.get("arxiv") for source in sources):
            yield f"declared complete for {coverage.phrase(scope)}, but it has no arXiv number"
        elif scope.kind == "arxiv" and len(sources) == 1:
            short, missing = coverage.gaps_in(sources[0], scope)
            if missing:
                yield (
                    f"{_label(sources[0])}: declared complete for {coverage.phrase(scope)}, but {missing:,} numbers are missing "
                    f"in {editing.counted(short, 'month')} of it"
                )


def _label(source: Source) -> str:
    more = f" and {len(source.files) - 1:,} more files" if len(source.files) > 1 else ""
    return (source.files[0] if source.files else source.name) + more


def _counted(source: Source) -> str:
    one, several = ("work", "works") if source.has_works else ("notice of retraction", "notices of retraction")
    return editing.counted(source.records, one, several)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _as_json(folder: Path, name: str, manifest: Manifest, usable: bool) -> dict[str, object]:
    from dataclasses import asdict

    return {"folder": str(folder), "name": name, "usable": usable, **asdict(manifest)}


def _as_text(folder: Path, name: str, manifest: Manifest, usable: bool) -> list[str]:
    since = f", since {manifest.since}" if manifest.since else ""
    lines = [
        f"{folder / name}: {editing.counted(manifest.records, 'work')}, {_size(manifest.size)}, built {manifest.built}{since}"
    ]
    if not usable:
        lines.append("  of another version of bibtools: build it anew with `bibtools index build`")
    for source in manifest.sources:
        years = [int(year) for year in source.years]
        span = f", {min(years)} to {max(years)}" if years else ""
        date = f", of {source.date}" if source.date else ""
        lines.append(f"  {source.format:<12} {_label(source)}: {_counted(source)}{span}{date}")
    lines += _completeness(manifest)
    kinds: dict[str, int] = {}
    for source in (each for each in manifest.sources if each.has_works):
        for kind, count in source.identifiers.items():
            kinds[kind] = kinds.get(kind, 0) + count
    asked = ", ".join(f"{NAMES.get(kind, kind)} ({count:,})" for kind, count in sorted(kinds.items()))
    lines.append(f"  can be asked by title and people{', and by ' + asked if asked else ''}")
    return [console.safe(line) + "\n" for line in lines]


def _completeness(manifest: Manifest) -> Iterator[str]:
    """What the index surely holds all of, a line each."""
    from bibtools.index import coverage

    named = {source.name: source for source in manifest.sources}
    for declared in manifest.complete:
        labels = [_label(named[name]) for name in declared.sources if name in named]
        more = f" and {len(labels) - 1:,} more" if len(labels) > 1 else ""
        date = f", of {declared.date}" if declared.date else ""
        yield f"  complete     for {coverage.describe(declared.scope)}: declared of {labels[0] if labels else '?'}{more}{date}"
    for source in manifest.sources:
        whole = [month for month, values in source.months.items() if values[0] >= coverage.FEWEST and not values[1]]
        if whole:
            span = f"{whole[0]} to {whole[-1]}, " if len(whole) > 1 else f"{whole[0]}, "
            yield f"  without gaps the arXiv numbers of {editing.counted(len(whole), 'month')} ({span}of {_label(source)})"


NAMES = {"doi": "DOI", "arxiv": "arXiv number", "isbn": "ISBN", "pmid": "PMID", "pmcid": "PMCID"}
