"""The model of pasted references: fitted, and measured on references that it was not fitted to.

    python -m tests.benchmarks.refmodel fit MODEL.npz --works WORKS.jsonl [--bib FILE...] [--without SET] [--all]
    python -m tests.benchmarks.refmodel measure [MODEL.npz] [--only SET]     # fields, whole references, doubt
    python -m tests.benchmarks.refmodel cut [MODEL.npz]                      # lists laid out in many ways
    python -m tests.benchmarks.refmodel texts FILE...                        # texts that are no references
    python -m tests.benchmarks.refmodel index FOLDER --works HELD.jsonl      # what an index accepts
    python -m tests.benchmarks.refmodel time                                 # against `convert` of a .bib of the same works

`fit` needs the dependency group `refmodel`, the rest does not. WORKS are records of known works in our JSON Lines (`index
build` reads the same); of them and of the .bib files only counts of words are used, and parts for references that are made
up (`making`). Without ``--all`` a part is held out: GROBID's references of a fifth of its documents, generated references of
a tenth of the works, and layouts of the held-out documents; `measure` and `cut` use these parts only. ``--without SET`` leaves
a whole source out, and ``measure --only SET`` measures on it: how the model does in a field it has never seen. Everything is
seeded.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bibtools import api
from bibtools.formats import reflist
from bibtools.formats.reflist import fields, model, reading
from bibtools.formats.reflist.fields import Read
from bibtools.record import Origin
from tests.benchmarks.refmodel import classes, data, fitting, layout, making, quoted, scoring, store
from tests.benchmarks.refmodel.data import Example

DOCUMENTS, WORKS = 0.2, 0.1  # parts that are held out
WORDS = 40_000
MADE = 8_000
MOST_LISTS = 700


def held_out(example: Example) -> bool:
    """Whether a reference is in the part that nothing is fitted to."""
    if example.set == "grobid":
        return data.number_of(example.group) < DOCUMENTS
    if example.set == "generated":
        return data.number_of("".join(example.gold.get("title", ["?"])).lower()) < WORKS
    return False


def examples(names: Iterable[str]) -> list[Example]:
    return [example for name in names for example in data.load(name)]


# --- fitting ----------------------------------------------------------------------------------------------------------


def sampled(path: Path, share: float) -> Iterator[dict[str, object]]:
    rng = random.Random(3)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if rng.random() < share:
                yield json.loads(line)


def fit(arguments: argparse.Namespace) -> None:
    names = [name for name in data.FITTED if name not in arguments.without]
    train = [example for example in examples(names) if arguments.all or not held_out(example)]
    counts = [(1.0, classes.of_works(arguments.works, 0.25)), (1.0, classes.of_examples(train))]
    if arguments.bib:
        counts.append((1.0, classes.of_records(api.read_inputs(arguments.bib).records())))
    words = classes.classes(counts, WORDS)
    parts = making.parts(train, sampled(arguments.works, 0.02))
    made = list(making.made(parts, arguments.made))
    random.Random(5).shuffle(train)
    whole = [*train[: arguments.most], *made]
    labels, transitions, weights = fitting.fit(
        whole, words, iterations=arguments.iterations, c1=arguments.c1, verbose=True
    )
    rng = random.Random(1)
    laid = [
        layout.lay(texts, rng) for texts in layout.lists([each for each in train if each.set != "anystyle-bad"], rng)
    ]
    rng.shuffle(laid)
    cuts = layout.fit(laid[:MOST_LISTS], words)
    arrays = store.arrays(labels, transitions, weights, store.usual(whole, labels), words, cuts, arguments.smallest)
    arguments.model.write_bytes(store.as_bytes(arrays))
    print(
        f"{len(whole):,} references, {len(made):,} of them made up; {len(arrays['counts']):,} attributes, "
        f"{arguments.model.stat().st_size:,} bytes"
    )


# --- measuring --------------------------------------------------------------------------------------------------------


def loaded(path: Path | None) -> model.Model:
    if path is None:
        return model.shipped()
    with np.load(path, allow_pickle=False) as stored:
        return model.load(stored)


def read(known: model.Model, chosen: Sequence[Example]) -> list[Read]:
    """The records of references, those of one document as one list."""
    groups: dict[str, int] = {}
    lists = [
        groups.setdefault(each.group if each.set == "grobid" else str(place), len(groups))
        for place, each in enumerate(chosen)
    ]
    labelled = known.label([each.tokens for each in chosen], lists)
    found = [fields.read(each.tokens, labels, Origin()) for each, labels in zip(chosen, labelled, strict=True)]
    for each in found:  # as a reader is given them: what is less than likely is left out
        each.sure = {name: reading.calibrated(sure) for name, sure in each.sure.items()}
        each.record = reading.doubted(each, Origin())[0]
    return found


FIELD = {"container": "container_title", "pages": "page", "year": "issued"}


def doubts(chosen: Sequence[Example], found: Sequence[Read]) -> list[tuple[float, bool]]:
    """The probability of each field that is given, and whether it is right."""
    rows = []
    for example, each in zip(chosen, found, strict=True):
        wanted = scoring.wanted(example.gold)
        for field, value in scoring.given(each.record).items():
            sure = each.sure.get(FIELD.get(field, field), 0.0)
            rows.append((sure, wanted.get(field) == value))
    return rows


def measure(arguments: argparse.Namespace) -> None:
    known = loaded(arguments.model)
    if arguments.only:
        sets = {arguments.only: random.Random(1).sample(every := examples([arguments.only]), min(3000, len(every)))}
    else:
        held = [example for example in examples(("grobid", "generated")) if held_out(example)]
        sets = {name: [each for each in held if each.set == name] for name in ("grobid", "generated")}
    for name, chosen in sets.items():
        found = read(known, chosen)
        score = scoring.total(
            (scoring.wanted(each.gold), scoring.given(one.record)) for each, one in zip(chosen, found, strict=True)
        )
        print(f"{name}: {score}")
        rows = doubts(chosen, found)
        for low, high in ((reading.SURE, 1.01), (reading.LIKELY, reading.SURE)):
            part = [right for sure, right in rows if low <= sure < high]
            share, good = len(part) / len(rows), sum(part) / max(1, len(part))
            print(f"  fields at {low} to {min(high, 1)}: {share:.3f} of all, {good:.4f} right")


def cut(arguments: argparse.Namespace) -> None:
    known = loaded(arguments.model)
    held = [example for example in examples(("grobid",)) if held_out(example)]
    for numbered in (True, False):
        rng = random.Random(2)
        laid = [layout.lay(texts, rng, numbered) for _ in range(3) for texts in layout.lists(held, rng)]
        right, count = layout.exact(laid, known.classes, known.cuts)
        print(f"{'numbered' if numbered else 'not numbered'}: {right} of {count} cut exactly, {right / count:.4f}")


def texts(arguments: argparse.Namespace) -> None:
    found: Counter[str] = Counter()
    for path in arguments.files:
        try:
            text = path.read_bytes()[:65536].decode("utf-8", "replace")
        except OSError:
            continue
        found["texts"] += 1
        if reflist.is_list(text):
            found["claimed"] += 1
            print(f"claimed: {path}")
    print(dict(found))


# --- an index, and time -----------------------------------------------------------------------------------------------


def index(arguments: argparse.Namespace) -> None:
    """References to works that the index has, and to works that it has not: how many are accepted, how many rightly."""
    from bibtools import index as indexes

    known = indexes.open(arguments.folder)
    for name, path, share in (
        ("in the index", arguments.works, arguments.share),
        ("not in the index", arguments.absent, 1.0),
    ):
        if path is None:
            continue
        rng = random.Random(4)
        works = [work for work in quoted.works(path) if rng.random() < share]
        strings = [quoted.reference(work, rng) for work in works for _ in range(1 if share < 1 else 5)]
        cited = [work for work in works for _ in range(1 if share < 1 else 5)]
        batch = reading.read_pieces([reading.Piece(text, "", place + 1) for place, text in enumerate(strings)], "made")
        found = api.confirmed(api.Inputs((batch,)), known).batch()
        accepted = [record for record in found.records if record.origin.format != "references"]
        wrong = [record for record in accepted if not quoted.same(record, cited[record.origin.line - 1])]
        print(f"{name}: {len(strings):,} references, {len(accepted):,} accepted, {len(wrong)} wrong")
        for record in wrong[:10]:
            print(f"  {strings[record.origin.line - 1]}\n    -> {record.title}")


def seconds(command: Sequence[str]) -> float:
    """CPU seconds of a command, the best of three."""
    best = 1e9
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def time(arguments: argparse.Namespace) -> None:
    chosen = [each.tokens.text for each in examples(("anystyle-good",))][: arguments.count]
    with tempfile.TemporaryDirectory() as folder:
        pasted, bib = Path(folder) / "refs.txt", Path(folder) / "refs.bib"
        pasted.write_text("".join(f"[{number}] {text}\n" for number, text in enumerate(chosen, 1)), "utf-8")
        run = [sys.executable, "-m", "bibtools", "convert"]
        subprocess.run([*run, str(pasted), "-o", str(bib)], check=True, capture_output=True)
        one, other = (
            seconds([*run, str(pasted), "-o", f"{folder}/a.bib"]),
            seconds([*run, str(bib), "-o", f"{folder}/b.bib"]),
        )
    print(f"{len(chosen):,} references: {one:.2f} s; a .bib of the same works: {other:.2f} s; {one / other:.2f} times")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("fit")
    one.add_argument("model", type=Path)
    one.add_argument("--works", type=Path, required=True)
    one.add_argument("--bib", nargs="*", default=())
    one.add_argument("--without", action="append", default=[], choices=data.SETS)
    one.add_argument("--all", action="store_true")
    one.add_argument("--made", type=int, default=MADE)
    one.add_argument("--most", type=int, default=1_000_000)
    one.add_argument("--iterations", type=int, default=65)
    one.add_argument("--c1", type=float, default=0.12)
    one.add_argument("--smallest", type=float, default=0.06)
    one.set_defaults(run=fit)
    for name, run in (("measure", measure), ("cut", cut)):
        one = verbs.add_parser(name)
        one.add_argument("model", type=Path, nargs="?")
        one.add_argument("--only", choices=data.SETS)
        one.set_defaults(run=run)
    one = verbs.add_parser("texts")
    one.add_argument("files", type=Path, nargs="+")
    one.set_defaults(run=texts)
    one = verbs.add_parser("index")
    one.add_argument("folder", type=Path)
    one.add_argument("--works", type=Path)
    one.add_argument("--absent", type=Path)
    one.add_argument("--share", type=float, default=0.002)
    one.set_defaults(run=index)
    one = verbs.add_parser("time")
    one.add_argument("--count", type=int, default=1000)
    one.set_defaults(run=time)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
