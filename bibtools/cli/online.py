"""Asking services: the options that several commands share, and `bibtools online`, which shows what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, overload

import click

from bibtools import api
from bibtools.cli import console, editing

if TYPE_CHECKING:
    from bibtools.api.services import Options, Session

__all__ = ["asking", "known_or_none", "online", "online_options", "options_of"]

UNRESOLVED = 3  # exit status: a service did not answer, and something stays open for that
Command = Callable[..., Any]


def online_options(command: Command) -> Command:
    """Which services are asked, and how. Without --online no socket is opened."""
    for option in (
        click.option("--offline", is_flag=True, help="Of --online: use only answers that are kept from before."),
        click.option("--online-ids-only", is_flag=True, help="Of --online: send identifiers, never titles."),
        click.option("--mailto", metavar="ADDRESS", help="Of --online: your mail address, which services ask for."),
        click.option(
            "--online",
            "online_",
            metavar="SERVICE,...",
            help="Ask these for what the index does not hold: crossref, arxiv, datacite, openalex, semanticscholar, doi, "
            "dblp, pubmed.",
        ),
    ):
        command = option(command)
    return command


def options_of(online_: str | None, mailto: str | None, online_ids_only: bool, offline: bool) -> Options | None:
    """The services to ask, None where none was named. Ends the command where one is not known."""
    if online_ is None:
        if offline:
            console.fail("--offline is for --online; without it no service is asked")
        return None
    try:
        return api.online_options(online_, mailto=mailto or "", ids_only=online_ids_only, offline=offline)
    except api.InputError as error:
        console.fail(str(error))


@overload
def asking(options: Options) -> AbstractContextManager[Session]: ...
@overload
def asking(options: Options | None) -> AbstractContextManager[Session | None]: ...
def asking(options: Options | None) -> AbstractContextManager[Session | None]:
    """The conversations of this run, None where no service was named. What goes where is told before anything goes, what came
    of it at the end."""
    return nullcontext(None) if options is None else _asking(options)


@contextmanager
def _asking(options: Options) -> Iterator[Session]:
    try:
        with api.online_session(options, lambda message: console.err(message)) as session:
            for line in session.notice():
                console.err(line, fg="cyan")
            try:
                yield session
            finally:
                for line in (*session.told(), *session.doubts()):
                    console.err(line)
    except api.InputError as error:
        console.fail(str(error))


def known_or_none(folders: Sequence[str], opened: Callable[[Sequence[str]], Any]) -> Any:
    """The index, or nothing: with services to ask, no index is needed unless one was named."""
    from bibtools import index
    from bibtools.index import generations

    if not folders and not generations.names(index.default_folder()):
        return nullcontext(None)
    return opened(folders)


# --- bibtools online --------------------------------------------------------------------------------------------------


@click.group(no_args_is_help=True)
def online() -> None:
    """Show or remove the answers of services that are kept.

    \b
    Examples:
      bibtools online status
      bibtools online forget crossref

    Services are asked by --online of lookup, complete, verify and convert, and by nothing else.
    """


@online.command()
def status() -> None:
    """Show which services there are, with whose address and key they are asked, and what is kept of them.

    \b
    Example:
      bibtools online status
    """
    try:
        found = api.online_status()
    except api.InputError as error:
        console.fail(str(error))
    kept = {each.service: each for each in found.kept}
    lines = [f"answers: {found.answers}" + ("" if kept else " (nothing is kept)")]
    lines.append(f"keys: {found.keys}, or BIBTOOLS_ONLINE_<SERVICE>_KEY")
    lines.append(f"mailto: {found.mailto or 'by --mailto, BIBTOOLS_MAILTO, or in the configuration'}")
    for name, (where, key) in found.services.items():
        each = kept.get(name)
        told = "nothing kept"
        if each is not None:
            past = f", {each.expired:,} too old to be used" if each.expired else ""
            count = editing.counted(each.found + each.not_found, "answer")
            told = f"{count} ({each.found:,} found){past}, {each.oldest} to {each.newest}"
        lines.append(f"{name:<16} {key:<13} {where}  {told}")
    for problem in found.problems:
        console.err(problem, fg="yellow")
    console.data(console.safe(line) + "\n" for line in lines)


@online.command()
@click.argument("services", nargs=-1, metavar="[SERVICE...]")
def forget(services: tuple[str, ...]) -> None:
    """Remove the answers that are kept, of these services or of all.

    \b
    Example:
      bibtools online forget
    """
    try:
        count = api.forget_answers(services)
    except api.InputError as error:
        console.fail(str(error))
    console.err(f"{editing.counted(count, 'answer')} removed" if count else "nothing was kept")
