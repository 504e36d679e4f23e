"""What the shell offers after a tab: citation keys of the .bib named earlier on the line, formats, rules, styles of keys.

click's own bash script takes the words as bash cuts them, and bash cuts at the colons that citation keys are full of
(`DBLP:conf/nips/Vaswani17`). Ours hands over the whole line, cuts it as a shell would, and gives back only what follows the last
colon, which is all that bash then replaces. The scripts of zsh and fish need none of this.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

__all__ = ["Bash", "citation_keys", "formats", "key_styles", "names"]

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

PLAIN = re.compile(r"[^\s\\'\"$&();<>|*?`!#\[\]{}~]*")  # what a shell takes as it stands
DESCRIBED = 100  # keys offered; up to so many are shown with their title, which has to be read from the entry


def citation_keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of the files named so far, with their titles; case is ignored, as BibTeX ignores it."""
    from bibtools import bibfile
    from bibtools.cli import console

    wanted = incomplete.lower()
    found = {}
    for path in _files(ctx):
        try:
            document = bibfile.parse(path.read_bytes())
        except OSError:
            continue
        found.update({each.key: each for each in document.entries if each.key.lower().startswith(wanted)})
    offered = {key: each for key, each in found.items() if key.isprintable()}
    if len(offered) > DESCRIBED:
        return [CompletionItem(key) for key in offered]
    return [CompletionItem(key, help=console.shown_line(each.get("title"), 60)) for key, each in offered.items()]


def names(known: Callable[[], Iterable[str]]) -> Completer:
    """A completer of fixed names; `known` is called when somebody presses tab, so that importing stays cheap.

    A list between commas is completed at its last name.
    """

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(before + comma + each) for each in known() if each.startswith(last)]

    return complete


def _formats() -> Iterable[str]:
    from bibtools import formats

    return formats.table()


def _key_styles() -> Iterable[str]:
    from bibtools import keys

    return keys.STYLES


formats = names(_formats)
key_styles = names(_key_styles)


def _files(ctx: click.Context) -> Iterator[Path]:
    """Files among the words so far. Where an option still lacks values, click leaves all words unread in `ctx.args`."""
    words = [each for value in ctx.params.values() for each in (value if isinstance(value, tuple) else (value,))]
    for word in dict.fromkeys([*words, *ctx.args]):
        path = Path(os.path.expandvars(word)).expanduser() if isinstance(word, str) and word else None
        if path and os.path.isfile(path):  # noqa: PTH113 (Path.is_file raises for a name that is too long)
            yield path


_SCRIPT = """\
%(complete_func)s() {
    local kind value
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


@add_completion_class
class Bash(BashComplete):
    source_template = _SCRIPT
    kept = ""  # what stands on the line before the last colon, which bash does not replace

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        incomplete = words.pop() if words and not re.search(r"(?<!\\)\s\Z", line) else ""
        breaks = [each for each in ":@" if each in os.environ.get("COMP_WORDBREAKS", "")]
        self.kept = incomplete[: max((incomplete.rfind(each) + 1 for each in breaks), default=0)]
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        if item.type != "plain":
            return f"{item.type},{item.value}"
        value = item.value[len(self.kept) :] if item.value.lower().startswith(self.kept.lower()) else item.value
        return f"plain,{value if PLAIN.fullmatch(value) else shlex.quote(value)}"
