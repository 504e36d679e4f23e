"""How often the cut between title and authors of a compact page is right, on lines made from real bibliographies.

    python -m tests.benchmarks.compact_cut FILE.bib...            accuracy by file, line by line and within pages
    python -m tests.benchmarks.compact_cut --held-out FILE.bib... each file judged by weights fitted to the others
    python -m tests.benchmarks.compact_cut --fit FILE.bib...      print the weights fitted to all of them

A line is the title, then the first three authors, then ``et al.`` when there are more. A page is 25 lines that follow each
other in the file. Fitting is conditional logit over the candidates of a line, on real lines and on lines that pair rare
shapes of names and of titles with others, so that the few hundred odd names count for more than they occur.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bibtools import bibfile, latex, names
from bibtools.formats.listing import cut, weights
from bibtools.record import Name

PAGE = 25
COMMON_ENDS = ("lower", "capitalised", "lower-3")
RARE = re.compile(r"inner-capital|two-capitals|capitals|short-capitals|prefixed|two-letters|dotted|letter|elided")


@dataclass(frozen=True, slots=True)
class Sample:
    title: str
    authors: tuple[str, ...]
    more: bool = False

    @property
    def line(self) -> str:
        return self.title + ", ".join(self.authors[:3]) + (" et al." if self.more or len(self.authors) > 3 else "")


def samples(path: Path) -> Iterator[Sample]:
    for entry in bibfile.parse(path.read_bytes()).entries:
        title = re.sub(r"</?(?:i|b|sub|sup|span)\b[^<>]*>", "", latex.decode(entry.get("title")))
        authors, more = names.parse_list(entry.get("author"))
        shown = tuple(filter(None, map(_shown, authors)))
        if title.strip() and shown and not any("," in each for each in shown) and not (more and len(shown) < 3):
            yield Sample(" ".join(title.split()), shown, more)


def _shown(name: Name) -> str:
    return " ".join(" ".join(part for part in (name.given, name.surname, name.suffix) if part).split())


# -- measuring ----------------------------------------------------------------------------------------------------------


def right(sample: Sample, found: cut.Split) -> bool:
    return found.title == sample.title and found.authors == sample.authors[:3]


def measure(chosen: Sequence[Sample], show: int) -> tuple[float, float]:
    """The share of right cuts, line by line and within pages."""
    single = [sample for sample in chosen if not right(sample, cut.split(sample.line))]
    wrong = 0
    for start in range(0, len(chosen), PAGE):
        page = chosen[start : start + PAGE]
        found = cut.split_lines([each.line for each in page])
        wrong += sum(not right(sample, split) for sample, split in zip(page, found, strict=True))
    for sample in single[:show]:
        print(f"    {sample.title[-50:]} | {', '.join(sample.authors[:3])[:50]}", file=sys.stderr)
    return 1 - len(single) / len(chosen), 1 - wrong / len(chosen)


# -- fitting ------------------------------------------------------------------------------------------------------------

Row = tuple[list[dict[str, float]], int, float]  # features of each candidate, the right one, how much the line counts


def rows(chosen: Sequence[Sample], weight: float = 1.0) -> Iterator[Row]:
    """Lines without and with what a page of the others knows."""
    for place, sample in enumerate(chosen):
        start = place - place % PAGE
        page = cut.Page()
        for other in chosen[start : start + PAGE]:
            if other is not sample or (weight < 1 and place % 2):
                for name in other.authors[:3]:
                    page.add_name(name)
            if other is not sample:
                page.add_words(other.title)
        for knows in (cut.Page(), page):
            row = _row(sample, knows, weight)
            if row is not None:
                yield row


def _row(sample: Sample, page: cut.Page, weight: float) -> Row | None:
    line = cut.parse_line(sample.line)
    found = list(cut.candidates(line, page))
    places = [each.at for each in found]
    if len(found) < 2 or len(sample.title) not in places:
        return None
    return [cut.features(line, each, page) for each in found], places.index(len(sample.title)), weight


def rare(chosen: Sequence[Sample], count: int) -> list[Sample]:
    """Odd names after any title, and any names after odd titles."""
    choose = random.Random(3)
    odd: dict[str, list[str]] = defaultdict(list)
    for name in {each for sample in chosen for each in sample.authors}:
        shapes = [cut.token_class(each) for each in name.split()]
        if RARE.fullmatch(shapes[0]) or len(shapes) not in (2, 3) or not name[0].isascii() or "particle" in shapes:
            odd[f"{shapes[0]} {min(len(shapes), 4)}"].append(name)
    titles = [each.title for each in chosen if cut.left_class(each.title) not in COMMON_ENDS]
    made = []
    for _ in range(count):
        one, two = choose.choice(chosen), choose.choice(chosen)
        made.append(Sample(one.title, (choose.choice(odd[choose.choice(sorted(odd))]), *one.authors[1:]), one.more))
        made.append(Sample(choose.choice(titles), two.authors, two.more))
    return made


def fit(all_rows: Sequence[Row], rounds: int = 300, penalty: float = 0.5) -> dict[str, float]:
    """Weights of maximum likelihood with a Gaussian prior, by Adam."""
    names_ = {
        name: place for place, name in enumerate(sorted({key for row in all_rows for each in row[0] for key in each}))
    }
    row_of, column, value, group, target, counts = [], [], [], [], [], []
    for number, (found, right_one, weight) in enumerate(all_rows):
        for place, each in enumerate(found):
            for key, amount in each.items():
                row_of.append(len(group))
                column.append(names_[key])
                value.append(amount)
            target.append(place == right_one)
            group.append(number)
            counts.append(weight)
    r, c, v, g = np.array(row_of), np.array(column), np.array(value), np.array(group)
    y, w, starts = np.array(target, float), np.array(counts), np.searchsorted(np.array(group), np.arange(len(all_rows)))
    theta, first, second = np.zeros(len(names_)), np.zeros(len(names_)), np.zeros(len(names_))
    for step in range(1, rounds + 1):
        score = np.bincount(r, weights=v * theta[c], minlength=len(g))
        score = np.exp(score - np.maximum.reduceat(score, starts)[g])
        share = score / np.add.reduceat(score, starts)[g]
        slope = np.bincount(c, weights=v * ((share - y) * w)[r], minlength=len(names_)) + penalty * theta
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope * slope
        rate = 0.1 if step < 200 else 0.03
        theta -= rate * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
    return {name: round(float(theta[place]), 2) for name, place in names_.items()}


def fitted(groups: Sequence[Sequence[Sample]]) -> dict[str, float]:
    all_rows: list[Row] = []
    for chosen in groups:
        all_rows += rows(chosen)
        all_rows += rows(rare(chosen, len(chosen) // 3), 0.15)
    return fit(all_rows)


def main(arguments: list[str]) -> None:
    paths = [Path(each) for each in arguments if not each.startswith("-")]
    by_file = {path.name: list(samples(path)) for path in paths}
    if "--fit" in arguments:
        for name, weight in fitted(list(by_file.values())).items():
            if weight:
                print(f'    "{name}": {weight},')
        return
    total: Counter[str] = Counter()
    print(f"{'file':30} {'lines':>6} {'alone':>8} {'in pages':>8}")
    for name, chosen in by_file.items():
        if "--held-out" in arguments:
            weights.WEIGHTS.update(fitted([others for other, others in by_file.items() if other != name]))
        alone, paged = measure(chosen, 20 if "--show" in arguments else 0)
        total.update({"lines": len(chosen), "alone": alone * len(chosen), "paged": paged * len(chosen)})
        print(f"{name:30} {len(chosen):6} {alone:8.4f} {paged:8.4f}")
    count = total["lines"] or 1
    print(f"{'all':30} {total['lines']:6} {total['alone'] / count:8.4f} {total['paged'] / count:8.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
