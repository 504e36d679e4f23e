"""What docstrings and comments say of the code: names that they cite exist, counts and outside pages are not cited.

A name is cited as `name` or `module.name`. What BibTeX, TeX or a shell calls by such a name is in `OUTSIDE`.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("bibtools", "zotero_bridge")
CITED = re.compile(r"(?<!`)`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?`(?!`)")
EXAMPLE = re.compile(r"[A-Z][a-z]*|[A-Z0-9]+")  # words of a title, as they are quoted: `French`, `DNA`
OUTSIDE = frozenset(
    """None True False defusedxml bibutils iso4 MedlinePgn delete_documents_by_term name_scan_for_and
    von_name_ends_and_last_name_starts_stuff smith Ernst DNA mRNA CO2 LaTeX icml natl national learned config.py""".split()
)
NOT_IN_THE_REPOSITORY = re.compile(r"\bDESIGN\.md\b|\bSTYLE\.md\b|\bissue #?\d+\b", re.IGNORECASE)
COUNTED = re.compile(
    r"\b(?:\d+|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen) (?:fields|formats|commands|rules)\b"
)
# Words of our own where the field has one (record linkage, BibTeX, CSL, Zotero), each with what to write instead; the list
# only grows; "chimera" left it when it became the name of a verdict of `verify`.
DIALECT = {
    "aloud": "explain",
    "crowd": "author list, block",
    "crowds": "author lists, blocks",
    "habits": "statistics of the file",
    "homes": "entry indices",
    "mend": "fix",
    "mended": "fixed",
    "mending": "fixing",
    "mends": "fixes",
    "rubbish": "garbage",
    "stranger": "unrelated",
    "strangers": "unrelated",
    "twins": "duplicates",
}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Docstrings and comments of a module, with the line on which each begins."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@cache
def known_names() -> frozenset[str]:
    """Every name that the packages define or use, and the names of their modules, commands, options and rules."""
    found = {part for path in modules() for part in path.relative_to(ROOT).with_suffix("").parts}
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name) | ast.arg(arg=name):
                    found.add(name)
                case ast.Attribute(attr=name):
                    found.add(name)
                case ast.Constant(value=str(text)) if text.isidentifier():
                    found.add(text)
    return frozenset(found)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_names_that_are_cited_exist(path: Path) -> None:
    known = known_names()
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: `{found[1]}`"
        for line, text in prose(path)
        for found in CITED.finditer(text)
        if not set(found[1].split(".")) <= known and found[1] not in OUTSIDE and not EXAMPLE.fullmatch(found[1])
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_prose_leans_on_nothing_outside_the_repository_and_on_no_count(path: Path) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {found[0]}"
        for line, text in prose(path)
        for pattern in (NOT_IN_THE_REPOSITORY, COUNTED)
        for found in pattern.finditer(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_words_are_those_of_the_field(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    wrong = [
        f"{name}:{number}: {word} -> {DIALECT[word]}"
        for number, line in lines
        for word in re.findall(r"[a-z]+", line.lower())
        if word in DIALECT
    ]
    assert not wrong, "\n".join(wrong)
