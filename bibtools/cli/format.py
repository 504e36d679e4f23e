"""`bibtools format`: a .bib tidied by small rules."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from bibtools import api, bibfile, storage, tidy
from bibtools.bibfile import EditError
from bibtools.cli import completion, console, editing
from bibtools.cli.options import (
    FileListCommand,
    companion_option,
    companions_of,
    diff_option,
    output_option,
    selection_options,
)
from bibtools.selection import Selection, SelectionError, selection

__all__ = ["format_"]

RULES = "\b\nRules (* on by default):\n" + "\n".join(
    f"  {'*' if rule.default else ' '} {rule.name:<17} {rule.help}" for rule in tidy.RULES
)


class Indent(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.2 on
    """A number of blanks, or a tab."""

    name = "indent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip().lower()
        if text == "tab":
            return "\t"
        if not text.isdecimal() or int(text) > 40:
            self.fail(f"'{value}' is neither a number of blanks (0 to 40) nor 'tab'", param, ctx)
        return " " * int(text)


_rules = completion.names(lambda: ["all", *(rule.name for rule in tidy.RULES)])


@click.command("format", cls=FileListCommand, epilog=RULES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@diff_option
@output_option()
@companion_option
@click.option(
    "--enable", multiple=True, metavar="RULE", shell_complete=_rules, help="Rules to add (several: a,b; or 'all')."
)
@click.option(
    "--disable",
    multiple=True,
    metavar="RULE",
    shell_complete=_rules,
    help="Rules to leave out (several: a,b; or 'all').",
)
@click.option("--sort-by", metavar="FIELD,...", help="Sort entries by key, type, or any fields.")
@click.option(
    "--field-order", metavar="FIELD,...", help="Fields in this order; those not named behind, in the usual one."
)
@selection_options
@click.option(
    "--indent", type=Indent(), metavar="N|tab", help="Blanks before field names, or a tab; else as in the file."
)
@click.option(
    "--align", type=click.IntRange(0, 80), metavar="N", help="Column of values, 0: none; else as in the file."
)
@click.option("--wrap", type=click.IntRange(40, 1000), metavar="N", help="Fill long values to lines of this width.")
@click.option("--blank-lines", type=click.IntRange(0, 10), metavar="N", help="Blank lines between entries.")
@click.option("--trailing-comma/--no-trailing-comma", default=None, help="A comma behind the last field, or none.")
@click.option("--max-authors", type=click.IntRange(1), metavar="N", help="More names than this as 'and others'.")
@click.option("--double-braces", metavar="FIELD,...", help="Write these fields as {{...}}; the rule alone means title.")
@click.option(
    "--journals",
    type=click.Choice(["abbreviate", "full"]),
    help="Journal names by ISO 4, the full one kept in fjournal; or in full again.",
)
@click.option("--middleware", multiple=True, metavar="PKG.MODULE:CLASS", help="Run a bibtexparser middleware first.")
def format_(
    files: tuple[str, ...],
    check: bool,
    diff: bool,
    output: str,
    with_: tuple[str, ...],
    enable: tuple[str, ...],
    disable: tuple[str, ...],
    sort_by: str | None,
    field_order: str | None,
    omit: tuple[str, ...],
    only: tuple[str, ...],
    indent: str | None,
    align: int | None,
    wrap: int | None,
    blank_lines: int | None,
    trailing_comma: bool | None,
    max_authors: int | None,
    double_braces: str | None,
    journals: str | None,
    middleware: tuple[str, ...],
) -> None:
    """Tidy a .bib by small, safe rules, in the style that it has already.

    \b
    Examples:
      bibtools format samples/refs.bib --diff
      bibtools format samples/refs.bib --enable sort,protect-titles -o -
      bibtools format refs.bib --omit abstract,file --wrap 100 --indent tab --trailing-comma
      bibtools format refs.bib --journals abbreviate          # and back: --journals full

    A second run changes nothing. Comments, @strings and what BibTeX cannot read stay as they are.
    """
    if output and len(files) > 1:
        console.fail("-o takes one input file")
    enable, disable = _names(enable), _names(disable)
    asked = {  # an option of a rule asks for the rule
        "sort": sort_by,
        "field-order": field_order,
        "omit": omit or only or None,
        "indent": indent,
        "align": align,
        "wrap": wrap,
        "blank-lines": blank_lines,
        "trailing-comma": trailing_comma,
        "max-authors": max_authors,
        "double-braces": double_braces,
        "journals": journals,
    }
    enable = (*enable, *(rule for rule, value in asked.items() if value is not None and rule not in disable))
    options = tidy.Options(
        indent=indent,
        align=align,
        wrap=wrap,
        trailing_comma=trailing_comma,
        blank_lines=blank_lines,
        sort_by=_fields(sort_by or "key"),
        field_order=_fields(field_order or ""),
        omit=_selection(omit, only),
        double_braces=frozenset(_fields(double_braces or "title")),
        max_authors=max_authors,
        journals=journals or "",
    )
    chosen = [_middleware(name) for name in middleware]
    pairs: list[editing.Pair] = []
    unreadable = False
    for path in files:
        try:
            snapshot = storage.read(path)
            document = bibfile.parse(snapshot.data, path, companions_of(with_, [path]))
            editing.doubt_empty(path, document)
            tidied = api.format_bib(document, tidy.rules_for(enable, disable), options, chosen)
            pairs.append((snapshot, tidied.document.to_bytes()))
        except (storage.StorageError, EditError) as error:
            console.err(f"bibtools: {error}", fg="red")
            unreadable = True
            continue
        except api.InputError as error:
            console.fail(str(error))
        except ImportError:
            console.fail("--journals needs the word list of pyiso4: pip install pyiso4")
        except ValueError as error:
            console.fail(str(error))
        console.report_problems(tidied.problems)
        if tidied.changed:
            console.err(f"{path}: {', '.join(f'{rule} {count:,}' for rule, count in tidied.changed.items())}")
    if unreadable:
        raise SystemExit(2)
    if check or diff:
        editing.finish(pairs, check=check, diff=diff)
    else:
        for pair in pairs:  # one step each, so that `undo` takes back one file
            editing.finish([pair], output=output)


def _fields(names: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in names.split(",") if name.strip())


def _selection(omit: tuple[str, ...], only: tuple[str, ...]) -> Selection:
    try:
        return selection(omit, only)
    except SelectionError as error:
        console.fail(str(error))


def _names(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for each in given for name in each.split(",") if name.strip())


def _middleware(name: str) -> object:
    """An instance of a bibtexparser middleware, made without arguments."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        console.fail(f"--middleware {name}: {error}; give it as package.module:Class")
