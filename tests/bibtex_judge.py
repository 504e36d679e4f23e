"""What `bibtex` itself reads in a file: a style that dumps every entry with all its fields."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bibtools import bibfile
from bibtools.bibfile import scanner, values

FOUND = shutil.which("bibtex")
RESERVED = ("crossref", "sort.key$", "entry.max$", "global.max$")


@dataclass(frozen=True)
class Dump:
    """Type and fields by key, in the order of BibTeX, and its messages."""

    entries: dict[str, tuple[str, dict[str, str]]]
    log: str

    @property
    def errors(self) -> list[str]:
        """Errors, but for repeated keys; warnings stand without a line on their own line."""
        return [
            each
            for each in self.log.splitlines()
            if "---line" in each and not each.startswith(("Repeated entry", "Warning", "--"))
        ]


def dump(data: bytes, document: bibfile.Document, folder: Path) -> Dump:
    """Run bibtex. Two line ends are added: BibTeX drops what follows a command on the last line of a file."""
    names = [
        name
        for name in dict.fromkeys(each.name for entry in document.entries for each in entry.fields)
        if name not in RESERVED
    ]
    types = sorted({entry.type for entry in document.entries} - set(names))
    (folder / "x.bib").write_bytes(data + b"\n\n")
    (folder / "x.bst").write_bytes(_style(names or ["title"], types).encode("latin-1"))
    (folder / "x.aux").write_text("\\citation{*}\n\\bibstyle{x}\n\\bibdata{x}\n")
    subprocess.run([str(FOUND), "-min-crossrefs=9999", "x"], cwd=folder, capture_output=True, timeout=300, check=False)
    lines = (folder / "x.bbl").read_bytes().decode("latin-1").replace("\n  ", " ").split("\n")
    entries: dict[str, tuple[str, dict[str, str]]] = {}
    fields: dict[str, str] = {}
    key = ""
    for line in lines:
        mark, rest = line[:2], line[2:]
        if mark == "K:":
            key = rest
        elif mark == "T:":
            fields = {}
            entries[key] = rest, fields
        elif mark == "F:":
            name, _, value = rest.partition("=")
            fields[name] = value
    return Dump(entries, (folder / "x.blg").read_bytes().decode("latin-1"))


def _style(names: list[str], types: list[str]) -> str:
    macros = [f'MACRO {{{name}}} {{"{value}"}}' for name, value in values.STANDARD.items()]
    show = [f'{name} missing$ {{}} {{ "F:{name}=" {name} * write$ newline$ }} if$' for name in names]
    dump_entry = ['FUNCTION {zz.dump} { "K:" cite$ * write$ newline$ "T:" type$ * write$ newline$', *show, "}"]
    known = [f"FUNCTION {{{each}}} {{zz.dump}}" for each in [*types, "default.type"]]
    return "\n".join(["ENTRY {", *names, "}{}{}", *macros, *dump_entry, *known, "READ", "ITERATE {call.type$}", ""])


def compare(data: bytes, folder: Path) -> list[str]:
    """Every difference between what bibtex reads and what we say it reads, without those that one of its errors explains.

    One more is left out: BibTeX takes a brace into a key, and ends the entry at the next closing one.
    """
    document = bibfile.parse(data.decode("latin-1"))  # bibtex knows bytes only
    theirs = dump(data, document, folder)
    errors = bool(theirs.errors)
    ours = {scanner.lower(entry.key): entry for entry in reversed(document.entries)}
    told: list[str] = []
    inherited = {scanner.lower(key): fields for key, (_, fields) in theirs.entries.items()}
    for key, (type_, fields) in theirs.entries.items():
        entry = ours.pop(scanner.lower(key), None)
        if entry is None:
            told += [] if errors or "{" in key else [f"{key}: missing"]
            continue
        mine: dict[str, str] = {}
        for each in entry.fields:
            if not each.recovered:
                mine.setdefault(each.name, each.value)
        parent = inherited.get(scanner.lower(mine.get("crossref", "")), {})
        if type_ not in ("", entry.type):
            told.append(f"{key}: type {type_} / {entry.type}")
        for name in (set(fields) | set(mine)) - {"crossref"}:
            stopped = entry.scan.error is not None and name not in mine  # the value before the error, taken in part
            if (
                fields.get(name) != mine.get(name)
                and not stopped
                and not (name not in mine and parent.get(name) == fields[name])
            ):
                told.append(f"{key}: {name} = {fields.get(name)!r} / {mine.get(name)!r}")
    if not errors:
        told += [f"{entry.key}: not read by bibtex" for entry in ours.values() if entry.scan.error is None]
    return told
