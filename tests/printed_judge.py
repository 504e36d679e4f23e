"""What a document would print of a .bib: the items that `bibtex` makes with a style of its distribution, as plain text."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

from bibtools import bibfile, encoding, latex
from bibtools.api import read_records, write_records
from bibtools.bibfile import scanner

FOUND = shutil.which("bibtex")
ITEM = re.compile(r"\\bibitem(?:\[(?P<label>(?:[^\[\]{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\])?\{(?P<key>[^{}]*)\}")
UNREADABLE = re.compile(r"(?i)@(?:string|preamble|comment)\b")


def printed(text: str, folder: Path, style: str = "plain") -> dict[str, str]:
    """The text of each item by its key in lower case; two line ends are added, since bibtex drops the end of the last line."""
    (folder / "x.bib").write_bytes(text.encode("utf-8", "replace") + b"\n\n")
    (folder / "x.aux").write_text(f"\\citation{{*}}\n\\bibstyle{{{style}}}\n\\bibdata{{x}}\n")
    (folder / "x.bbl").unlink(missing_ok=True)
    subprocess.run([str(FOUND), "-min-crossrefs=9999", "x"], cwd=folder, capture_output=True, timeout=300, check=False)
    bbl = (folder / "x.bbl").read_bytes().decode("utf-8", "replace") if (folder / "x.bbl").exists() else ""
    body, found = joined(bbl), list(ITEM.finditer(joined(bbl)))
    ends = [each.start() for each in found[1:]] + [body.find("\\end{thebibliography}")] if found else []
    return {scanner.lower(each["key"]): shown(body[each.end() : end]) for each, end in zip(found, ends, strict=True)}


def joined(bbl: str) -> str:
    """bibtex breaks lines at 79 bytes, at a blank where there is one and after a per cent sign where there is none."""
    return bbl.replace("%\n", "").replace("\n  ", " ")


def shown(tex: str) -> str:
    text = latex.plain(latex.decode(tex.replace("\\newblock", " ").replace("\\natexlab", "").strip()))
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ").replace("\u2009", " ")).strip()


def rewritten(data: bytes, name: str, to: str = "bibtex") -> tuple[str, str]:
    """The text of a file, and of the file that `convert` makes of it; where keys repeat bibtex prints the first."""
    source = encoding.readable(encoding.decode(data).text)
    records = []
    keys: set[str] = set()
    for record in read_records(source, source=name, from_="bibtex").records:
        key = scanner.lower(record.id)
        if key not in keys:
            keys.add(key)
            records.append(record)
    return source, "".join(write_records(records, to))


def differences(data: bytes, name: str, folder: Path, style: str) -> list[tuple[str, str, str]]:
    """Key, what the file prints and what the converted file prints, where they differ."""
    source, result = rewritten(data, name)
    before, after = printed(source, folder, style), printed(result, folder, style)
    unfit = {
        scanner.lower(entry.key)
        for entry in bibfile.parse(source).entries
        if is_biblatex(entry) or entry.scan.error is not None
    }
    return [
        (key, text, after.get(key, ""))
        for key, text in before.items()
        if key and key not in unfit and settled(text) != settled(after.get(key, ""))
    ]


def settled(text: str) -> str:
    """Without what is tidied on the way: the dash of a range (bibtex does not know Unicode's), the address before a DOI."""
    text = re.sub(r"https?://(?:dx\.)?doi\.org/(?=10\.)|\b(?:ISBN|ISSN)[ :]*(?=(?:ISBN|ISSN)?[ :]*\d)", "", text)
    text = re.sub(r"\bpages?\b", "pages", re.sub(r"\s*[-–—]+\s*", "-", text))
    return unicodedata.normalize("NFC", text)


def is_biblatex(entry: bibfile.Entry) -> bool:
    """In words that bibtex does not print: translated, such an entry prints more than before."""
    return bool({entry.type, *(field.name for field in entry.fields)} & MODERN)


MODERN = frozenset(
    """journaltitle issue date location subtitle titleaddon booksubtitle booktitleaddon maintitle origdate issuetitle eventtitle
    online report thesis mvbook mvcollection mvproceedings collection reference inreference mvreference bookinbook
    suppbook xdata""".split()
)


__all__ = ["FOUND", "differences", "printed", "rewritten"]
