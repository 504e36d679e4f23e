"""`make scores`: how well duplicates are found, on labelled bibliographies that anybody can fetch.

The sets are those of bib-dedupe (CoLRev-Environment/bib-dedupe on GitHub, MIT licence), at pinned commits: records of real
literature searches and which of them are one. They are fetched once into a folder outside the repository, made into .bib
files, and each is run through `bibtools dedupe FILE --pairs`, the whole process. Scores are pairwise, after closure.

    make scores                                   # fetches a few megabytes from raw.githubusercontent.com
    make scores ARGS='--data FOLDER'              # a folder that has SET/records_pre_merged.csv and SET/merged_record_ids.csv
    make scores ARGS='--show 20'                  # and the first pairs that are wrong or missed
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import platformdirs

SOURCE = "https://raw.githubusercontent.com/CoLRev-Environment/bib-dedupe"
RECORDS, LABELS = "records_pre_merged.csv", "merged_record_ids.csv"
SETS = {  # commit of the records, of the labels
    "cytology_screening": ("13c2bafa04c4d0a8244cb17ed7219816dd5c9807", "5f263959b9d9f122a4964af19306ed8bbe9cf572"),
    "respiratory": ("13c2bafa04c4d0a8244cb17ed7219816dd5c9807", "a1be972e3ec943d0da7b21a693a8ded43fb5e38d"),
    "haematology": ("3d653332572b05d8e4d191377a36c38c37910b09", "a1be972e3ec943d0da7b21a693a8ded43fb5e38d"),
    "digital_work": ("b552cc1487aad11bd743b0b339d06862ed70fda6", "a1be972e3ec943d0da7b21a693a8ded43fb5e38d"),
}
ESCAPED = str.maketrans(
    {**{char: f"\\{char}" for char in "&%$#_"}, "~": "\\textasciitilde{}", "^": "\\^{}"} | dict.fromkeys("{}\\", "")
)
Pairs = frozenset[tuple[str, str]]


def fetched(name: str, folder: Path) -> bool:
    """Whether a set is in the folder, after an attempt to get it there."""
    for file, commit in zip((RECORDS, LABELS), SETS[name], strict=True):
        path = folder / name / file
        if path.exists():
            continue
        try:
            with urlopen(f"{SOURCE}/{commit}/data/{name}/{file}", timeout=60) as answer:  # a constant https address
                data = answer.read()
        except (URLError, OSError) as error:
            print(f"{name}: {file} could not be fetched: {error}", file=sys.stderr)
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return True


def bibliography(rows: Iterable[Mapping[str, str]]) -> str:
    """Records as a .bib, the record's number as its key."""
    entries = []
    for row in rows:
        fields = {name.lower(): " ".join((value or "").split()) for name, value in row.items() if name}
        number, kind = fields.pop("id"), fields.pop("entrytype", "") or "misc"
        lines = [f"  {name} = {{{value.translate(ESCAPED)}}}," for name, value in fields.items() if value]
        entries.append("\n".join([f"@{kind}{{{number},", *lines, "}"]))
    return "\n\n".join(entries) + "\n"


def closed(groups: Iterable[Sequence[str]]) -> Pairs:
    """Every pair of records that groups which share a member make one."""
    parent: dict[str, str] = {}

    def root(member: str) -> str:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for group in groups:
        for member in group:
            parent[root(member)] = root(group[0])
    clusters: dict[str, list[str]] = {}
    for member in parent:
        clusters.setdefault(root(member), []).append(member)
    return frozenset(pair for cluster in clusters.values() for pair in combinations(sorted(cluster), 2))


def scores(found: Pairs, true: Pairs) -> tuple[float, float, float]:
    """F1, precision, recall. Nothing found where nothing is true is right."""
    right = len(found & true)
    precision = right / len(found) if found else 1.0
    recall = right / len(true) if true else 1.0
    return (2 * precision * recall / (precision + recall) if right else float(found == true)), precision, recall


def predicted(bib: Path) -> Pairs:
    pairs = bib.with_suffix(".pairs.csv")
    command = [sys.executable, "-m", "bibtools", "dedupe", str(bib), "--pairs", str(pairs)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with pairs.open(encoding="utf-8", newline="") as file:
        return closed([(row["id1"], row["id2"]) for row in csv.DictReader(file)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(platformdirs.user_cache_path("bibtools")) / "labelled")
    parser.add_argument("--show", type=int, default=0, metavar="N")
    options = parser.parse_args()
    missing = 0
    print(
        f"{'set':<20} {'records':>8} {'pairs':>6} {'F1':>6} {'precision':>9} {'recall':>7} {'false':>6} {'missed':>6}"
    )
    for name in SETS:
        if not fetched(name, options.data):
            missing += 1
            continue
        folder = options.data / name
        with (folder / RECORDS).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        bib = folder / f"{name}.bib"
        bib.write_text(bibliography(rows), encoding="utf-8")
        with (folder / LABELS).open(encoding="utf-8-sig", newline="") as file:
            true = closed([row["merged_ids"].split(";") for row in csv.DictReader(file)])
        found = predicted(bib)
        f1, precision, recall = scores(found, true)
        counts = f"{len(found - true):>6} {len(true - found):>6}"
        print(
            f"{name:<20} {len(rows):>8,} {len(true):>6,} {f1:>6.3f} {precision:>9.3f} {recall:>7.3f} {counts}",
            flush=True,
        )
        for words, pairs in (("false", found - true), ("missed", true - found)):
            for left, right in sorted(pairs)[: options.show]:
                print(f"    {words}: {left} {right}")
    return 1 if missing == len(SETS) else 0


if __name__ == "__main__":
    raise SystemExit(main())
