"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bibtools import api, storage, texfiles
from bibtools.cli import completion, console

if TYPE_CHECKING:
    from bibtools.bibfile import Companions

__all__ = [
    "Day",
    "FileListCommand",
    "ascii_option",
    "companion_option",
    "companions_of",
    "diff_option",
    "dry_run_option",
    "existing_inputs",
    "interactive_option",
    "keep_extra_option",
    "map_option",
    "output_option",
    "plan_options",
    "reading_options",
    "refuse_generated",
    "save_out",
    "selection_options",
    "tex_option",
    "write_out",
]

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.DateTime):
    """A day; the message for a wrong one says how to write it."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"'{value}' is not a day written as YYYY-MM-DD", param, ctx)


def existing_inputs(command: Command) -> Command:
    return click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path())(command)


def reading_options(command: Command) -> Command:
    """How to read: the format, and the day a page was taken (for its dates without a year)."""
    command = click.option(
        "--as-of",
        type=Day(["%Y-%m-%d"]),
        metavar="DATE",
        help="The day a page was taken (YYYY-MM-DD), for its dates without a year; else today.",
    )(command)
    return click.option(
        "--from",
        "from_",
        metavar="FORMAT",
        shell_complete=completion.formats,
        help="Format to read; else recognised from content.",
    )(command)


def output_option(
    meaning: str = "Write here instead of in place; - is standard output.", default: str = ""
) -> Callable[[Command], Command]:
    return click.option("-o", "--output", default=default, metavar="FILE", type=click.Path(), help=meaning)


diff_option = click.option("--diff", is_flag=True, help="Write nothing; show what would change in the file.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Write nothing; show the plan.")
map_option = click.option("--map", "map_", metavar="FILE.csv", type=click.Path(), help="Write old and new keys here.")
interactive_option = click.option(
    "--interactive", is_flag=True, help="Ask where unsure; answers are remembered beside the file."
)
ascii_option = click.option(
    "--ascii", "ascii_", is_flag=True, help="LaTeX commands instead of Unicode in what is written."
)
keep_extra_option = click.option(
    "--keep-extra", is_flag=True, help="Write what only a page or arXiv says: score, code, affiliation, submitted ..."
)


def selection_options(command: Command) -> Command:
    """Which fields are written."""
    command = click.option(
        "--fields", "only", multiple=True, metavar="FIELD,...", help="Only these fields, keys and identifiers."
    )(command)
    return click.option(
        "--omit",
        multiple=True,
        metavar="FIELD,...",
        help="Leave these fields out: abstract,file,bdsk-* (year is date too; no keys or identifiers).",
    )(command)


companion_option = click.option(
    "--with",
    "with_",
    multiple=True,
    type=click.Path(),
    metavar="FILE...",
    help="Other .bib files that belong to it (or a .tex or .aux that names them): their macros, parents and keys are "
    "known; they are not changed.",
)
tex_option = click.option(
    "--tex",
    multiple=True,
    type=click.Path(),
    metavar="FILE...",
    help="Documents (.tex, .md) in which changed keys are rewritten, with the files they input.",
)


def plan_options(command: Command) -> Command:
    """What goes beside a merged .bib: the documents that cite it, the keys that changed, the plan."""
    plan = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FILE",
        type=click.Path(),
        help="Write the plan here, .json or .html.",
    )
    page = click.option(
        "--review",
        metavar="FILE.html",
        type=click.Path(),
        help="Write every change and question on a page to answer in a browser, and nothing else.",
    )
    answers = click.option(
        "--answers", metavar="FILE", type=click.Path(), help="The answers that the page of --review saved."
    )
    quiet = click.option("--quiet", is_flag=True, help="Show what is left to decide and the counts, not every record.")
    return companion_option(tex_option(map_option(plan(page(answers(quiet(command)))))))


class FileListCommand(click.Command):
    """`--tex` and `--with` take several files at once: `--tex a.tex b.tex`, `--with strings.bib crossrefs.bib`.

    A list of documents ends at the next option or .bib. A list of companions goes on while .bib files follow, once the
    command has the file that it works on: in `dedupe --with strings.bib refs.bib` the second is that file.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {name: each for each in self.params if isinstance(each, click.Option) for name in each.opts}
        needed = max(1, sum(isinstance(each, click.Argument) and each.required for each in self.params))
        spread: list[str] = []
        files = values = 0
        option = ""
        for index, arg in enumerate(args):
            bib = arg.lower().endswith(".bib")
            companion = bib or arg.lower().endswith((".tex", ".aux", ".bcf"))
            if arg == "--":
                spread += args[index:]
                break
            if values:
                values -= 1
            elif arg.startswith("-") and arg != "-":
                known = options.get(arg)
                values = known.nargs if known is not None and not known.is_flag else 0
                option = arg if arg in ("--tex", "--with") else ""
            elif (option == "--tex" and not bib) or (option == "--with" and companion and files >= needed):
                spread.append(option)
            else:
                option = ""
                files += 1
            spread.append(arg)
        return super().parse_args(ctx, spread)


def companions_of(with_: Sequence[str], targets: Sequence[str], papers: Sequence[str] = ()) -> Companions:
    """The files that belong to the targets: named by --with, or by the documents that cite them. Ends the command if one is
    missing; a bibliography that only a document names may be one of TeX's own, so that is told and no error."""
    refuse_generated(papers)
    named = [name for name in with_ if _is_document(name)]
    papers = [*papers, *named]
    try:
        citations = api.read_citations(papers) if papers else None
        found = api.load_companions([name for name in with_ if name not in named], targets, citations)
    except api.InputError as error:
        console.fail(str(error))
    for name in citations.missing if citations else ():
        console.err(
            f"{papers[0]}: {name}.bib is not there; what it defines is not known (--with names it)", fg="yellow"
        )
    return found


def _is_document(name: str) -> bool:
    return texfiles.kind_of(name) != "tex" or name.lower().endswith((".tex", ".ltx", ".latex"))


def refuse_generated(papers: Iterable[str]) -> None:
    """Keys cannot be rewritten in a file that LaTeX writes anew."""
    for path in papers:
        if texfiles.kind_of(path) not in ("tex", "md"):
            console.fail(f"{path}: is written by LaTeX; name the .tex, and run LaTeX again")


def write_out(path: str, pieces: Iterable[str]) -> None:
    """Data to standard output for "-", else to a file that is replaced only when everything has been written."""
    if path == "-":
        console.data(pieces)
    else:
        save_out(path, (piece.encode("utf-8", "replace") for piece in pieces))


def save_out(path: str, pieces: Iterable[bytes]) -> None:
    """Bytes to a file that is replaced only when everything has been written."""
    try:
        storage.save_stream(path, pieces)
    except (storage.StorageError, api.InputError) as error:
        console.fail(str(error))
