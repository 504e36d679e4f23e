"""`bibtools zotero`: words in, words out. The work is in `commands`, which is imported when a command runs.

The API key is never an argument: it comes from ZOTERO_API_KEY or from a file that only its owner can read.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from bibtools.cli import console
from bibtools.cli.options import FileListCommand, companion_option, companions_of, reading_options, write_out

if TYPE_CHECKING:
    from zotero_bridge.commands import Files, Result, Settings

__all__ = ["zotero"]

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def zotero() -> None:
    """Push to Zotero, pull from it, keep both in step.

    \b
    Examples:
      export ZOTERO_API_KEY=...        (made at zotero.org/settings/keys)
      bibtools zotero status refs.bib
      bibtools zotero push refs.bib --collection "Thesis/Chapter 1" --dry-run

    Nothing is ever made twice, an edit made in Zotero is never overwritten, and nothing is deleted unless asked.
    """


def connection_options(command: Command) -> Command:
    """Which library on which server, and where the key and the state are."""
    options = [
        click.option(
            "--library", default="user", metavar="user|group:ID", help="The library; default: that of the key's user."
        ),
        click.option(
            "--collection",
            "collections",
            multiple=True,
            metavar="PATH",
            help='A collection by its path: "Thesis/Chapter 1". Several are allowed.',
        ),
        click.option(
            "--collections-from",
            default="",
            metavar="FIELD",
            help="Make collections of the groups that a field names (groups, as JabRef has it); its tree is kept.",
        ),
        click.option(
            "--backend",
            type=click.Choice(["web", "local"]),
            default="web",
            help="zotero.org, or Zotero 10+ running here.",
        ),
        click.option("--api-base", default="", metavar="URL", help="Another server that speaks the Web API."),
        click.option(
            "--key-file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="File with the API key, readable by you only.",
        ),
        click.option(
            "--state", type=click.Path(path_type=Path), metavar="DIR", help="Where to remember what was synced."
        ),
        click.option(
            "--timeout", type=float, default=60.0, metavar="SECONDS", help="How long to wait for an answer; default 60."
        ),
    ]
    return functools.reduce(lambda found, option: option(found), reversed(options), command)


def planning_options(command: Command) -> Command:
    """What to do where there is a choice."""
    options = [
        click.option("--dry-run", is_flag=True, help="Show what would be done, field by field; write nothing."),
        click.option(
            "--prefer", type=click.Choice(["file", "zotero"]), help="Whose value stays where both sides changed it."
        ),
        click.option(
            "--on-unsure",
            "--on-ambiguous",
            "on_unsure",
            type=click.Choice(["skip", "add"]),
            default="skip",
            help="A record that may be an item or not.",
        ),
        click.option("--join-versions", is_flag=True, help="A preprint and its published version are one item."),
        click.option(
            "--upload", is_flag=True, help="Send the files of entries to Zotero's storage instead of linking them."
        ),
        click.option(
            "--notes/--no-notes",
            default=None,
            help="annote and annotation are child notes, not lines of Extra; kept until --no-notes.",
        ),
        click.option(
            "--note-field", "note_fields", multiple=True, metavar="FIELD", help="A further field that is a note."
        ),
        click.option("--restore", is_flag=True, help="Bring back what was trashed or deleted in Zotero."),
        click.option("--report", metavar="FILE", type=click.Path(), help="Write what became of every record as JSON."),
        click.option("--strict", is_flag=True, help="Exit with 1 when something is left for a person."),
    ]
    return functools.reduce(lambda found, option: option(found), reversed(options), command)


def rekeying_options(command: Command) -> Command:
    """What follows a citation key that was changed in Zotero."""
    options = [
        click.option(
            "--tex",
            multiple=True,
            metavar="FILE",
            type=click.Path(),
            help="Documents (.tex, .md) that follow where a citation key was changed in Zotero.",
        ),
        click.option("--map", "map_", metavar="FILE.csv", type=click.Path(), help="Write such old and new keys here."),
    ]
    return functools.reduce(lambda found, option: option(found), reversed(options), command)


def _follow(given: dict[str, Any]) -> Callable[[Any, bytes, dict[str, str], dict[str, str]], None]:
    """How a .bib is written: with the documents that cite it and the list of changed keys, in one step."""
    from bibtools import storage
    from bibtools.cli import editing
    from bibtools.cli.keys import rewritten, table

    def write(snapshot: Any, data: bytes, names: dict[str, str], changed: dict[str, str]) -> None:
        pairs = [(snapshot, data), *(rewritten(given["tex"], names) if changed else ())]
        if given["map_"] and changed:
            pairs.append((editing.read(given["map_"], missing=True), table(changed)))
        storage.write_all(pairs)

    return write


def _commands() -> ModuleType:
    """The module that does the work; it needs the extra."""
    try:
        from zotero_bridge import commands
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in ("httpx2", "httpcore2", "tenacity"):
            console.fail(f"{error.name} is not installed; run: pip install httpx2 tenacity")
        raise
    return commands


def _settings(**given: Any) -> Settings:
    from zotero_bridge.sync import Options

    work = _commands()
    _check_library(given["library"])
    options = Options(
        prefer=given.get("prefer") or "",
        on_unsure=given.get("on_unsure", "skip"),
        versions=given.get("join_versions", False),
        restore=given.get("restore", False),
    )
    names = ("library", "backend", "api_base", "key_file", "state", "collections", "timeout")
    more: dict[str, Any] = {name: given[name] for name in ("delete", "recursive") if name in given}
    dry = given.get("dry_run", False)
    if sys.stderr.isatty():
        more["tell"] = lambda line: console.err(console.shown_line(line, 300))
    more |= {
        "notes": given.get("notes"),
        "note_fields": given.get("note_fields", ()),
        "upload": given.get("upload", False),
    }
    more["collections_from"] = given.get("collections_from", "").lower()
    more["companions"] = companions_of(given["with_"], given["files"])
    more["rekey"] = bool(given.get("tex") or given.get("map_"))
    found: Settings = work.Settings(**{name: given[name] for name in names}, **more, dry=dry, options=options)
    return found


def _check_library(library: str) -> None:
    kind, _, number = library.partition(":")
    if kind not in ("user", "group") or (number and not number.isdecimal()) or (kind == "group" and not number):
        console.fail(f"'{library}' is no library; say user, user:ID or group:ID")


def _read(paths: Sequence[str], from_: str | None, as_of: datetime | None, settings: Settings) -> Files:
    day: date | None = as_of.date() if as_of else None
    files: Files = _commands().read_files(paths, from_, day, settings.companions)
    console.report_problems(files.problems)
    for failure in files.failures:
        console.err(f"bibtools: {failure}", fg="red")
    if files.failures:
        raise SystemExit(2)
    return files


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Errors as one line; an interruption says that the work can go on."""

    @functools.wraps(command)
    def wrapper(*args: Any, **given: Any) -> None:
        _commands()
        from bibtools.api import InputError
        from bibtools.bibfile import EditError
        from bibtools.storage import StorageError
        from zotero_bridge.client import ZoteroError

        try:
            command(*args, **given)
        except KeyboardInterrupt:
            _stop("interrupted; run the command again, it will go on where it stopped", 130)
        except (ZoteroError, InputError, StorageError, EditError, OSError) as error:
            _stop(str(error), 2)

    return wrapper


def _stop(message: str, status: int) -> NoReturn:
    console.err(f"bibtools: {message}", fg="red")
    raise SystemExit(status)


def _finish(result: Result, dry: bool, report: str | None, *, strict: bool, in_step: bool = False) -> None:
    """Say what happened; exit with 1 where something was refused, is in conflict (`in_step`) or left open (`strict`)."""
    from zotero_bridge import report as reports

    for line in reports.lines(result.outcomes, details=dry):
        console.err(
            console.shown_line(line, 300) if not line.startswith("    ") else "    " + console.shown_line(line, 300)
        )
    for note in result.notes:
        console.err(console.shown_line(note, 300))
    console.err(("would be: " if dry else "") + reports.summary(result.outcomes))
    if report:
        write_out(report, [reports.as_json(result, dry)])
    if result.refused and dry:
        _stop(result.refused, 2)
    asked = reports.left_for_a_person if strict else reports.in_conflict if in_step else reports.refused
    if asked(result.outcomes):
        raise SystemExit(1)


@zotero.command(cls=FileListCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@connection_options
@planning_options
@reading_options
@click.option("--delete", is_flag=True, help="Trash items whose record left FILE, unless they were edited in Zotero.")
@companion_option
@guarded
def push(files: tuple[str, ...], from_: str | None, as_of: datetime | None, **given: Any) -> None:
    """Bring the records of files into a Zotero library.

    \b
    Example:
      bibtools zotero push refs.bib --library group:12345 --dry-run

    A record that is there already is updated where the file changed since the last push; what was edited in Zotero stays.
    """
    settings = _settings(files=files, **given)
    read = _read(files, from_, as_of, settings)
    with console.progress("Zotero items") as progress:
        result = _commands().push(read, settings, progress)
    _finish(result, settings.dry, given["report"], strict=given["strict"])


@zotero.command(cls=FileListCommand)
@click.argument("files", nargs=-1, metavar="[FILE...]", type=click.Path())
@connection_options
@reading_options
@companion_option
@guarded
def status(files: tuple[str, ...], from_: str | None, as_of: datetime | None, **given: Any) -> None:
    """Who am I, what may I write, and what would a push do?

    \b
    Example:
      bibtools zotero status refs.bib
    """
    settings = _settings(files=files, **given)
    read = _read(files, from_, as_of, settings)
    with console.progress("Zotero items") as progress:
        found = _commands().status(read, settings, progress)
    rights = "read and write" if found.access.write else "read only" if found.access.read else "no access"
    unfinished = (
        f"\nunfinished: {found.unfinished:,} records of an interrupted push; push again" if found.unfinished else ""
    )
    text = (
        f"server:  {found.server}\nuser:    {found.access.user}\nlibrary: {found.library} ({rights})\n"
        f"schema:  {found.schema}\nitems:   {found.items:,}\nlinked:  {found.linked:,}{unfinished}\n"
    )
    console.data([console.safe(text)])
    if found.would:
        _finish(found.would, True, None, strict=False)


@zotero.command(cls=FileListCommand)
@connection_options
@planning_options
@click.option(
    "-o",
    "--output",
    metavar="FILE.bib",
    type=click.Path(),
    required=True,
    help='The .bib to merge into, made when not there; "-" prints.',
)
@rekeying_options
@click.option("--recursive", is_flag=True, help="With --collection: what is in the collections below it, too.")
@companion_option
@guarded
def pull(output: str, **given: Any) -> None:
    """Bring the items of a Zotero library into a .bib, losslessly.

    \b
    Example:
      bibtools zotero pull --library group:12345 --collection Thesis -o refs.bib

    Entries that are there are kept to the byte but for gaps that Zotero fills; `bibtools undo` takes it back.
    """
    settings = _settings(files=[output], **given)
    with _shown_progress(settings) as progress:
        result = _commands().pull(output, settings, progress, _decider(settings), write=_follow(given))
    if output == "-" and not settings.dry:
        console.data([result.data.decode("utf-8", "replace")])
    _finish(result, settings.dry, given["report"], strict=given["strict"])


@zotero.command(cls=FileListCommand)
@click.argument("file", metavar="FILE.bib", type=click.Path())
@connection_options
@planning_options
@click.option("--watch", "watching", is_flag=True, help="Stay, and sync whenever one of the two has changed.")
@click.option("--interval", type=click.FloatRange(min=5), default=30.0, help="Seconds between looks at the library.")
@click.option("--delete", is_flag=True, help="Trash items whose entry left FILE, unless they were edited in Zotero.")
@rekeying_options
@companion_option
@guarded
def sync(file: str, watching: bool, interval: float, **given: Any) -> None:
    """Keep a .bib and a Zotero library in step, field by field.

    \b
    Example:
      bibtools zotero sync refs.bib --collection Thesis --dry-run

    What was edited on one side goes to the other. What was edited on both is asked on a terminal, settled by --prefer,
    else left and reported. Exit status: 0 in step, 1 conflicts are left, 2 it could not be done.
    """
    settings = _settings(files=[file], **given)
    if watching:
        _watch(file, settings, interval, given)
        return
    with _shown_progress(settings) as progress:
        result = _commands().both_ways(file, settings, progress, _decider(settings), write=_follow(given))
    _finish(result, settings.dry, given["report"], strict=given["strict"], in_step=True)


def _watch(file: str, settings: Settings, interval: float, given: dict[str, Any]) -> None:
    """Until Ctrl-C; a line for each change, nothing is asked and nothing is deleted."""
    from zotero_bridge import report, watch

    if settings.dry:
        console.fail("--watch syncs for real: leave out --dry-run")

    def once(now: Settings) -> Result:
        found: Result = _commands().both_ways(
            file, now, lambda done, total: None, lambda name, conflict: now.options.prefer, write=_follow(given)
        )
        return found

    def say(line: str) -> None:
        console.err(f"{datetime.now():%H:%M:%S} {console.shown_line(line, 300)}")

    say(f"watching {file}; Ctrl-C ends it")
    result = watch.watch(file, settings, once, say, interval=interval)
    if result is not None and report.in_conflict(result.outcomes):
        raise SystemExit(1)


@contextmanager
def _shown_progress(settings: Settings) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, but not where questions are asked."""
    if _may_ask(settings):
        yield lambda done, total: None
    else:
        with console.progress("Zotero items") as progress:
            yield progress


def _decider(settings: Settings) -> Callable[[str, Any], str]:
    if _may_ask(settings):
        return _asked
    return lambda name, conflict: settings.options.prefer


def _may_ask(settings: Settings) -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty() and not settings.dry and not settings.options.prefer


def _asked(name: str, conflict: Any) -> str:
    console.err(f"{name}: {conflict.field} was edited on both sides")
    console.err(f"  file:   {console.shown_line('; '.join(conflict.ours))}")
    console.err(f"  zotero: {console.shown_line('; '.join(conflict.theirs))}")
    choice = click.prompt("keep", type=click.Choice(["file", "zotero", "leave"]), default="leave", err=True)
    return "" if choice == "leave" else str(choice)
