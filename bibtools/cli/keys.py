"""`bibtools keys`: new citation keys, and everything that cites them follows."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

import click

from bibtools import api, bibfile, encoding, storage, texfiles
from bibtools.bibfile import EditError
from bibtools.cli import completion, console, editing
from bibtools.cli.options import (
    FileListCommand,
    companion_option,
    companions_of,
    diff_option,
    map_option,
    output_option,
    refuse_generated,
    tex_option,
)

__all__ = ["keys", "rewritten"]


@click.command(cls=FileListCommand)
@click.argument("file", type=click.Path())
@click.option(
    "--key-style",
    default="arxiv",
    metavar="STYLE",
    show_default=True,
    shell_complete=completion.key_styles,
    help="Style or pattern of the keys.",
)
@companion_option
@tex_option
@map_option
@click.option(
    "--keep-ids/--no-ids",
    "keep_ids",
    default=None,
    help="Keep old keys citable in the field ids, which biblatex reads; default: in a file with biblatex's fields.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a key would change.")
@click.option("--dry-run", is_flag=True, help="Write nothing; list old and new keys.")
@diff_option
@output_option("Write the .bib here instead of in place.")
def keys(
    file: str,
    key_style: str,
    with_: tuple[str, ...],
    tex: tuple[str, ...],
    map_: str | None,
    keep_ids: bool | None,
    check: bool,
    dry_run: bool,
    diff: bool,
    output: str,
) -> None:
    """Give entries new citation keys; the documents that cite them follow.

    \b
    Examples:
      bibtools keys samples/refs.bib --dry-run
      bibtools keys refs.bib --tex paper.tex --map keys.csv

    Inside the .bib, crossref, xdata, related and the like follow too. All files change in one step, or none does, and
    `bibtools undo` takes all of them back. Run LaTeX again afterwards: .aux and .bcf files are its own.
    """
    if output and tex:
        console.fail("-o writes another .bib, so the documents cannot be rewritten to fit it: leave out -o or --tex")
    snapshot = editing.read(file)
    try:
        document = bibfile.parse(snapshot.data, file, companions_of(with_, [file], tex))
        editing.doubt_empty(file, document)
        done = api.rekey(document, key_style, keep_ids=keep_ids)
    except (ValueError, EditError) as error:
        console.fail(str(error))
    documents = rewritten(tex, done.names)
    pairs = [(snapshot, done.document.to_bytes()), *documents]
    if dry_run or check:
        console.data(f"{console.safe(old)} -> {console.safe(new)}\n" for old, new in done.changed.items())
    writing = not (dry_run or check or diff)
    if map_ and writing and not output:
        pairs.append((editing.read(map_, missing=True), table(done.changed)))
    editing.finish(pairs, dry_run=dry_run, diff=diff, check=check, output=output)
    if map_ and writing and output:
        editing.save(map_, table(done.changed))
    if writing:
        console.err(f"{file}: {editing.counted(len(done.changed), 'key')} changed")
        if done.changed and not done.keeps_ids and not tex and keep_ids is None:
            console.err(
                "The old keys are gone: --tex FILE rewrites the documents that cite them, --map FILE lists them."
            )
        for each, data in documents:
            if data != each.data:
                console.err(f"{each.path}: citations rewritten")


def rewritten(paths: tuple[str, ...], names: Mapping[str, str]) -> list[editing.Pair]:
    """The documents, and the files they input, with the keys renamed."""
    pairs: dict[Path, editing.Pair] = {}
    refuse_generated(paths)
    for path in paths:
        editing.read(path)
        snapshots: dict[str, storage.Snapshot] = {}
        found = texfiles.follow(path, lambda name, known=snapshots: _load(name, known))  # type: ignore[misc]
        for name in found.files:
            snapshot = snapshots[name]
            decoded = encoding.decode(snapshot.data)
            try:
                data = decoded.encode(texfiles.rename(decoded.text, names, texfiles.kind_of(name)))
            except UnicodeEncodeError as error:
                console.fail(
                    f"{name}: {decoded.encoding} cannot write the new key: {error.object[error.start : error.end]}"
                )
            pairs.setdefault(snapshot.target, (snapshot, data))
        for name in found.unread:
            console.err(f"{path}: {name} is not there: not rewritten", fg="yellow")
    return list(pairs.values())


def _load(name: str, known: dict[str, storage.Snapshot]) -> str | None:
    if not os.path.isfile(name):  # noqa: PTH113 (Path.is_file raises for a name that is too long)
        return None
    known[name] = editing.read(name)
    return encoding.decode(known[name].data).text


def table(changed: Mapping[str, str]) -> bytes:
    """Old and new keys as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("old", "new"))
    writer.writerows(changed.items())
    return text.getvalue().encode("utf-8", "surrogateescape")
