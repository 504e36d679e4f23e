"""`make bench`: every speed we speak of, as a ratio to a peer measured in the same run, and as growth with size.

Each row is a whole process; CPU seconds and peak memory are the operating system's own figures of the finished process.
The table goes to the terminal and, with machine and versions, to bench.json. Peers that are not here are left out and said.

    make bench                                # up to 100,000 entries, a few minutes
    make bench ARGS='--large'                 # 1,000,000 too
    make bench ARGS='--only merge'
    make bench ARGS=spark                     # 1,000,000 records on Spark and in one process, half an hour of two cores
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks import known_works
from tests.conftest import SHARED


@dataclass(frozen=True)
class Figure:
    what: str
    size: int
    who: str
    cpu: float
    memory_mb: float


FIGURES: list[Figure] = []


def measure(what: str, size: int, who: str, command: list[str], runs: int = 1) -> Figure | None:
    """Median CPU seconds and largest memory of a command; None when it fails."""
    seconds, memory = [], 0.0
    for _ in range(runs):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}
        )
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            print(f"  {who}: failed with {process.returncode}: {said[-300:].decode(errors='replace')}", file=sys.stderr)
            return None
        seconds.append(usage.ru_utime + usage.ru_stime)
        memory = max(memory, usage.ru_maxrss / 1024)
    figure = Figure(what, size, who, sorted(seconds)[len(seconds) // 2], memory)
    FIGURES.append(figure)
    print(f"{what:<34} {size:>9,} {who:<28} {figure.cpu:>8.2f} s {figure.memory_mb:>8.0f} MB", flush=True)
    return figure


def ratio(ours: Figure | None, theirs: Figure | None) -> None:
    if ours and theirs:
        print(f"{'':<34} {'':>9} {'ours / ' + theirs.who:<28} {ours.cpu / theirs.cpu:>8.2f}", flush=True)


def python(code: str, *args: str) -> list[str]:
    return [sys.executable, "-c", code, *args]


def cli(*words: str) -> list[str]:
    return [sys.executable, "-m", "bibtools", *words]


OURS_OPEN = """
import sys; from pathlib import Path; from bibtools import bibfile
document = bibfile.parse(Path(sys.argv[1]).read_bytes())
index = {entry.key: entry for entry in document.entries}
assert document.to_bytes() == Path(sys.argv[1]).read_bytes()
"""
OURS_WRITE = """
import sys; from bibtools import bibfile, storage
snapshot = storage.read(sys.argv[1])
document = bibfile.parse(snapshot.data)
assert len(document.entries)
storage.write(snapshot, document.to_bytes() + b"\\n")
"""
BIBTEXPARSER_OPEN = """
import sys, logging; logging.disable(50); import bibtexparser
text = open(sys.argv[1], encoding='utf-8', newline='').read()
for _ in range(int(sys.argv[2])): bibtexparser.parse_string(text, parse_stack=[])
"""
BIBTEXPARSER_WRITE = """
import sys, logging; logging.disable(50); import bibtexparser
library = bibtexparser.parse_file(sys.argv[1])
bibtexparser.write_file(sys.argv[2], library)
"""
PYBTEX_OPEN = """
import sys; from pybtex.database.input.bibtex import Parser
Parser(encoding='utf-8').parse_file(sys.argv[1])
"""
BIBTEXPARSER_MERGE = """
import sys, logging; logging.disable(50); import bibtexparser
target = bibtexparser.parse_file(sys.argv[1]); source = bibtexparser.parse_file(sys.argv[2])
have = {e['title'].lower() for e in target.entries if 'title' in e}
target.add([e for e in source.entries if 'title' in e and e['title'].lower() not in have])
bibtexparser.write_file(sys.argv[3], target)
"""


class Bench:
    def __init__(self, folder: Path, sizes: list[int]) -> None:
        self.folder, self.sizes = folder, sizes

    def library(self, size: int, seed: int = 1) -> str:
        path = self.folder / f"{size}-{seed}.bib"
        if not path.exists():
            real = str(SHARED / "bib" / "dblp-10k.bib")
            words = [real, str(size), str(path), "--seed", str(seed)]
            maker = [sys.executable, "-m", "tests.benchmarks.generate", *words]
            subprocess.run(maker, check=True)
        return str(path)

    def document(self) -> None:
        """Open, index, write back; and one field edited through the command line."""
        for size in self.sizes:
            path = self.library(size)
            ours = measure("open, index, write back", size, "bibtools", python(OURS_OPEN, path), 3)
            if size <= 100_000:
                ratio(ours, measure("open", size, "bibtexparser, no middleware", python(BIBTEXPARSER_OPEN, path, "1")))
            if size <= 10_000:
                ratio(ours, measure("open", size, "pybtex", python(PYBTEX_OPEN, path)))
        path = self.library(100_000)
        copy = str(self.folder / "edited.bib")
        shutil.copy(path, copy)
        with Path(copy).open("a", encoding="utf-8") as file:
            file.write("\n@misc{bench-edited,\n  title = {A title},\n}\n")
        edited = measure("one field edited", 100_000, "bibtools set", cli("set", copy, "bench-edited", "note=changed"))
        ratio(edited, measure("open, index, write back", 100_000, "bibtools", python(OURS_OPEN, path)))

    def dedupe(self) -> None:
        """Read and deduplicate."""
        for size in self.sizes:
            path = self.library(size)
            ours = measure("read and dedupe", size, "bibtools dedupe", cli("dedupe", path))
            if size <= 100_000:
                ratio(
                    ours,
                    measure("open twice", size, "bibtexparser, no middleware", python(BIBTEXPARSER_OPEN, path, "2")),
                )

    def check(self) -> None:
        """Every rule, the duplicates included."""
        for size in self.sizes:
            path = self.library(size)
            ours = measure("check", size, "bibtools check", cli("check", "--level", "error", path))
            if size <= 100_000:
                again = str(self.folder / "again.bib")
                ratio(ours, measure("read and write", size, "bibtexparser", python(BIBTEXPARSER_WRITE, path, again)))

    def merge(self) -> None:
        """1,000 records into a large file."""
        source = self.library(1_000, seed=2)
        for size in self.sizes:
            if size < 10_000:
                continue
            target = self.folder / "target.bib"
            shutil.copy(self.library(size), target)
            ours = measure("merge 1,000 records into", size, "bibtools merge", cli("merge", str(target), source))
            written = str(self.folder / "written.bib")
            shutil.copy(self.library(size), written)
            ratio(ours, measure("open, write to disk", size, "bibtools", python(OURS_WRITE, written)))
            if size <= 100_000:
                out = str(self.folder / "merged.bib")
                peer = python(BIBTEXPARSER_MERGE, self.library(size), source, out)
                ratio(ours, measure("merge by equal title", size, "bibtexparser script", peer))
                if tidy := shutil.which("bibtex-tidy"):
                    both = self.folder / "both.bib"
                    both.write_bytes(Path(self.library(size)).read_bytes() + Path(source).read_bytes())
                    words = [tidy, "--duplicates=doi,citation", "--merge=combine", f"--output={out}", str(both)]
                    ratio(ours, measure("merge", size, "bibtex-tidy --merge", words))
                else:
                    print("  bibtex-tidy is not here (npm install -g bibtex-tidy): left out")

    def convert(self) -> None:
        """arXiv metadata lines to BibTeX, streamed."""
        for size in self.sizes:
            path = self.folder / f"arxiv-{size}.jsonl"
            arxiv_lines(path, size)
            out = self.folder / f"arxiv-{size}.bib"
            ours = measure("arxiv-json to BibTeX", size, "bibtools convert", cli("convert", str(path), "-o", str(out)))
            if size <= 100_000 and ours:
                peer = python(BIBTEXPARSER_WRITE, str(out), str(self.folder / "again.bib"))
                ratio(ours, measure("read and write the same", size, "bibtexparser", peer))

    def match(self) -> None:
        """The largest labelled set, against bib-dedupe where it can be imported (its own environment: BIB_DEDUPE_PYTHON)."""
        path = SHARED / "matching" / "digital_work.bib"
        if not path.exists():
            return
        ours = measure("match digital_work", 7_159, "bibtools match", cli("match", str(path), "--pairs", os.devnull), 3)
        other = os.environ.get("BIB_DEDUPE_PYTHON", sys.executable)
        code = "import sys; from tests.benchmarks import bib_dedupe_peer as peer; peer.run(sys.argv[1])"
        if subprocess.run([other, "-c", "import bib_dedupe"], capture_output=True, check=False).returncode:
            print("  bib-dedupe is not here (pip install bib-dedupe==0.11.0): left out")
            return
        ratio(ours, measure("match digital_work", 7_159, "bib-dedupe", [other, "-c", code, str(path)]))

    def index(self) -> None:
        """The index of known works: built, and asked beside SQLite's FTS5."""
        shared = SHARED / "works"
        if not shared.is_dir():
            print("  index: needs the shared data set, left out")
            return
        size = 1_000_000 if self.sizes[-1] > 100_000 else 100_000
        works, place = self.folder / "works.jsonl", self.folder / "known"
        maker = [sys.executable, str(shared / "to_records.py"), str(shared / "works.jsonl.xz"), str(works)]
        subprocess.run([*maker, "--limit", str(size)], check=True, stdout=subprocess.DEVNULL)
        ours = measure("index build", size, "bibtools index", cli("index", "build", str(works), "--to", str(place)))
        ratio(
            ours,
            measure(
                "read and write as records", size, "bibtools convert", cli("convert", str(works), "--to", "records")
            ),
        )
        held = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        print(f"{'':<34} {size:>9,} {held / size:.0f} bytes of disk a record", flush=True)
        known_works.compare(works, place, shared / "queries.jsonl")

    def spark(self) -> None:
        """Matching on Spark and in one process. Only where it is asked for."""
        source = str(SHARED / "bib" / "dblp-10k.bib")
        subprocess.run([sys.executable, "-m", "tests.benchmarks.on_spark", source], check=True)

    def start(self) -> None:
        """What it costs to ask for the version."""
        measure("bibtools --version", 0, "bibtools", cli("--version"), 5)
        measure("bibtools --version", 0, "python -c pass", python("pass"), 5)


def arxiv_lines(path: Path, size: int) -> None:
    """Made-up arXiv metadata in the shape of the public snapshot."""
    words = (
        "neural sparse quantum optimal adaptive graph kernel robust spectral causal latent convex dense modular".split()
    )
    with path.open("w", encoding="utf-8") as file:
        for number in range(size):
            picks = [words[(number * 7 + place * (number % 11 + 1)) % len(words)] for place in range(7)]
            people = [
                f"{chr(65 + (number + k) % 26)}. Family{(number * 31 + k * 17) % 5000}" for k in range(number % 6 + 1)
            ]
            row = {
                "id": f"{1501 + number % 900 // 100 * 100 + number % 12 + 1:04d}.{number % 100000:05d}",
                "submitter": None,
                "authors": ", ".join(people),
                "title": f"{' '.join(picks).capitalize()} number {number}",
                "comments": None,
                "journal-ref": None,
                "doi": None,
                "report-no": None,
                "categories": "cs.LG stat.ML",
                "license": None,
                "abstract": " ".join(picks * 12),
                "versions": [{"version": "v1", "created": "Tue, 1 Nov 2016 18:57:48 GMT"}],
                "update_date": "2016-11-01",
                "authors_parsed": [[person.split()[1], person.split()[0], ""] for person in people],
            }
            file.write(json.dumps(row) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--large", action="store_true", help="1,000,000 entries too (about 1 GB of disk, 6 GB of memory)"
    )
    parser.add_argument(
        "--only", action="append", help="document, dedupe, check, merge, convert, match, index or start"
    )
    parser.add_argument("part", nargs="*", help="the same as --only")
    parser.add_argument("-o", "--output", default="bench.json")
    args = parser.parse_args()
    wanted = {*args.part, *(args.only or ())}
    sizes = [1_000, 10_000, 100_000] + ([1_000_000] if args.large else [])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="bibtools-bench-") as folder:
        os.environ["BIBTOOLS_STATE"] = str(Path(folder) / "state")
        bench = Bench(Path(folder), sizes)
        parts: dict[str, Callable[[], None]] = {
            name: getattr(bench, name)
            for name in ("start", "document", "convert", "match", "dedupe", "check", "merge", "index", "spark")
        }
        for name, part in parts.items():
            if (name not in wanted) if wanted else name == "spark":
                continue
            if name in ("document", "dedupe", "check", "merge", "spark") and not (SHARED / "bib").is_dir():
                print(f"  {name}: needs the shared data set, left out")
                continue
            part()
    machine = {"machine": platform.platform(), "processors": os.cpu_count(), "python": platform.python_version()}
    for peer in ("bibtools", "bibtexparser", "pybtex", "rapidfuzz"):
        try:
            machine[peer] = version(peer)
        except PackageNotFoundError:
            continue
    Path(args.output).write_text(
        json.dumps({**machine, "figures": [asdict(each) for each in FIGURES]}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
