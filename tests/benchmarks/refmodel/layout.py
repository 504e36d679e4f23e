"""Reference lists as PDF text has them, laid out from labelled strings, and the weights by which they are cut."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bibtools.formats.reflist import cutting
from bibtools.formats.reflist.lines import lines
from tests.benchmarks.refmodel.data import Example


@dataclass(frozen=True)
class Laid:
    """A list as text, its references, and the lines (from 1) at which they begin."""

    text: str
    references: tuple[str, ...]
    starts: tuple[int, ...]


def wrapped(text: str, width: int, rng: random.Random, hyphens: float) -> list[str]:
    """Lines of at most `width` characters; now and then a word is broken by a hyphen."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        if not row:
            row = word
        elif len(row) + 1 + len(word) <= width:
            row += " " + word
        else:
            room = width - len(row) - 2
            if 3 <= room < len(word) - 2 and re.fullmatch(r"[a-zäöüß]{6,}[.,;:]?", word) and rng.random() < hyphens:
                rows.append(f"{row} {word[:room]}-")
                row = word[room:]
            else:
                rows.append(row)
                row = word
    return [*rows, row] if row else rows


def lay(references: Sequence[str], rng: random.Random, numbered: bool = False) -> Laid:
    references = [" ".join(each.split()) for each in references]
    if not numbered and rng.random() < 0.6:
        references.sort(key=str.casefold)
    width = rng.choice((45, 55, 64, 72, 80, 90, 100, 110, 100_000))
    indent = rng.choice((0, 0, 0, 2, 4, 6))
    first = rng.choice((0, 0, 0, 0, 0, 0, 3)) if not indent else 0
    margin = rng.choice((0, 0, 0, 0, 1, 8))
    gap = rng.random() < 0.2
    hyphens = rng.choice((0, 0.2, 0.6))
    page = rng.choice((0, 0, 28, 41, 55))
    head = rng.choice(("", "", "Journal of Applied Matters 12", "A. Writer and B. Reader", "Chapter 4  Results"))
    feed = rng.random() < 0.5
    mark = rng.choice(("[{}] ", "{}. ", "({}) ", "{}) ", "[{}]", "{}.\t", "{} ")) if numbered else ""
    begin = rng.choice((1, 1, 1, 1, 12, 87))
    rows: list[str] = []
    starts: list[int] = []
    number = 3
    if rng.random() < 0.3:
        rows.append(rng.choice(("References", "REFERENCES", "Literatur", "Bibliography", "6. References")))
        if rng.random() < 0.5:
            rows.append("")

    def turn() -> None:
        nonlocal number
        if page and rows and len(rows) % page == page - 1:
            number += 1
            if rng.random() < 0.5:
                rows.append("")
            rows.append(
                str(number)
                if not head or rng.random() < 0.3
                else f"{head} {number}"
                if number % 2
                else f"{number} {head}"
            )
            rows.append(("\f" if feed else "") if rng.random() < 0.7 or not feed else "\f" + head)

    for place, text in enumerate(references):
        label = mark.format(begin + place).expandtabs(4)
        for at, row in enumerate(wrapped(label + text, width - (indent if indent else 0), rng, hyphens)):
            turn()
            if at == 0:
                starts.append(len(rows) + 1)
            rows.append(" " * margin + (" " * indent if at else " " * first) + row)
        if gap:
            rows.append("")
    return Laid("\n".join(rows) + "\n", tuple(references), tuple(starts))


def lists(examples: Iterable[Example], rng: random.Random, least: int = 4, most: int = 60) -> Iterator[list[str]]:
    """The strings of one document each; of sources without documents, some that follow one another."""
    by_group: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        by_group[example.group if example.set == "grobid" else example.set].append(example.tokens.text)
    for name, texts in by_group.items():
        at = 0
        while at < len(texts):
            size = len(texts) if name not in ("anystyle-core", "anystyle-good", "generated") else rng.randint(4, 40)
            size = min(size, most)
            if len(texts[at : at + size]) >= least:
                yield texts[at : at + size]
            at += size


def fit(laid: Sequence[Laid], words: Mapping[str, str], rounds: int = 6) -> dict[str, float]:
    """Weights of the features of lines and of segments: an averaged perceptron over whole lists."""
    weights: dict[str, float] = defaultdict(float)
    sums: dict[str, float] = defaultdict(float)
    last: dict[str, int] = defaultdict(int)
    step = 0
    rng = random.Random(11)
    prepared = []
    for each in laid:
        found = lines(each.text)
        numbers = {line.number: place for place, line in enumerate(found)}
        gold = [numbers[start] for start in each.starts if start in numbers]
        if not gold or gold[0] != 0:
            continue
        prepared.append((found, gold, cutting.Prepared(found, words)))
    for _round in range(rounds):
        rng.shuffle(prepared)
        for _, gold, known in prepared:
            step += 1
            guess = known.best(lambda name: weights.get(name, 0.0))
            if guess == gold:
                continue
            change: dict[str, float] = defaultdict(float)
            for sign, starts in ((1, gold), (-1, guess)):
                for name in known.features(starts):
                    change[name] += sign
            for name, by in change.items():
                if by:
                    sums[name] += weights[name] * (step - last[name])
                    last[name] = step
                    weights[name] += by / max(1, len(gold)) ** 0.5
    return {name: (sums[name] + weights[name] * (step - last[name])) / step for name in weights}


def exact(laid: Iterable[Laid], words: Mapping[str, str], weights: Mapping[str, float]) -> tuple[int, int]:
    """How many references are cut exactly (all letters and digits, none of another), of how many."""
    right = count = 0
    for each in laid:
        found = {_bare(piece.text) for piece in cutting.cut(each.text, words, lambda name: weights.get(name, 0.0))}
        right += sum(_bare(text) in found for text in each.references)
        count += len(each.references)
    return right, count


def _bare(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())
