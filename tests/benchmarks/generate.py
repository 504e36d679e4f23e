"""A large .bib of distinct, real-looking entries, made from a real one: the same seed gives the same bytes.

    python -m tests.benchmarks.generate SOURCE.bib 100000 OUT.bib

Each entry keeps the layout and the kinds of values of an entry of the source. What tells works apart is made new: key, DOI
and numbers are unique; title words and names are drawn from the whole source, so that no two entries are the same work.
Entries are written one by one, so that a million of them need no memory.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator
from pathlib import Path

from bibtools import bibfile

WORD = re.compile(r"[A-Za-z]{5,}")


def entries(source: Path, count: int, seed: int = 1) -> Iterator[str]:
    """The sources of so many entries."""
    document = bibfile.parse(source.read_bytes())
    templates = [Template(entry) for entry in document.entries if entry.get("title") and entry.scan.error is None]
    words = [word for each in templates for word in WORD.findall(each.title)]
    people = [name for each in templates for name in each.people]
    given = [name.rpartition(" ")[0] for name in people]
    family = [name.rpartition(" ")[2] for name in people]
    draw = random.Random(seed)
    for number in range(count):
        names = draw.choice(templates).people
        author = [f"{draw.choice(given)} {draw.choice(family)}" for _ in names]
        yield draw.choice(templates).fill(number, author, words, draw)


class Template:
    """An entry of the source with places for what is made new."""

    def __init__(self, entry: bibfile.Entry) -> None:
        self.title = entry.get("title")
        self.people = [
            name
            for name in entry.get("author").split(" and ")
            if name.count(" ") and "{" not in name and "," not in name and "\\" not in name
        ]
        self.key = entry.key
        start, raw = entry.start, entry.raw
        self.parts: list[tuple[str, str, str]] = []  # text before, field name, value between its delimiters
        at = 0
        for field in entry.fields:
            if field.raw[:1] in ("{", '"'):
                begin, end = field.span.start - start + 1, field.span.end - start - 1
                self.parts.append((raw[at:begin].replace(self.key, "\0"), field.name, raw[begin:end]))
                at = end
        self.rest = raw[at:].replace(self.key, "\0")

    def fill(self, number: int, author: list[str], words: list[str], draw: random.Random) -> str:
        key = f"{self.key}x{number}"
        year = str(draw.randint(1995, 2024))
        made: list[str] = []
        for before, name, value in self.parts:
            made += (before, self.value(name, value, key, year, number, author, words, draw))
        made.append(self.rest)
        return "".join(made).replace("\0", key)

    def value(
        self,
        name: str,
        old: str,
        key: str,
        year: str,
        number: int,
        author: list[str],
        words: list[str],
        draw: random.Random,
    ) -> str:
        if name == "title":
            return WORD.sub(lambda match: draw.choice(words) if draw.random() < 0.7 else match[0], old)
        if name == "author" and author:
            return " and\n               ".join(author) if "\n" in old else " and ".join(author)
        if name == "year":
            return year
        if name == "pages":
            first = draw.randint(1, 9000)
            return f"{first}--{first + draw.randint(4, 20)}"
        if name in ("doi", "url", "biburl", "eprint", "ee"):
            return f"{old.replace(self.key, key)}.{number}" if self.key not in old else old.replace(self.key, key)
        return old


def write(source: Path, count: int, target: Path, seed: int = 1) -> None:
    with target.open("w", encoding="utf-8", newline="") as out:
        for each in entries(source, count, seed):
            out.write(each)
            out.write("\n\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a large .bib of distinct entries out of a real one.")
    parser.add_argument("source", type=Path)
    parser.add_argument("count", type=int)
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    write(given.source, given.count, given.target, given.seed)


if __name__ == "__main__":
    main()
