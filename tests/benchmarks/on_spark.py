"""Matching on Spark beside matching in one process: differences, CPU, memory of every worker, copies found.

    python -m tests.benchmarks.on_spark SOURCE.bib --size 1000000 --engine 'local[2]'

The records are those of `damage`. Both runs are whole processes that read the same Parquet; CPU seconds are those of a process
and all that it started, memory the peak of each process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bibtools.record import Record

IN_PROCESS = """
import sys; import pyarrow as pa; import pyarrow.parquet as pq
from bibtools import api, match
records = list(api.read_inputs([sys.argv[1]]).records())
found = match.dedupe(records).verdicts
columns = {"left": [records[each.left].id for each in found], "right": [records[each.right].id for each in found],
    "answer": [str(each.answer) for each in found], "score": [each.score for each in found],
    "same_version": [each.same_version for each in found]}
pq.write_table(pa.table(columns), sys.argv[2])
"""
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """Of a process and all that it started: CPU seconds, and the peaks of memory in MB."""

    seconds: dict[int, float] = field(default_factory=dict)
    peak: dict[int, tuple[str, float]] = field(default_factory=dict)

    @property
    def cpu(self) -> float:
        return sum(self.seconds.values())

    def largest(self, name: str) -> float:
        return max((memory for known, memory in self.peak.values() if name in known), default=0.0)


def run(command: list[str]) -> Usage:
    """Run a command to its end and watch it; raises CalledProcessError where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})
    usage = Usage()
    while process.poll() is None:
        _watch(process.pid, usage)
        time.sleep(0.5)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage


def _watch(root: int, usage: Usage) -> None:
    parents: dict[int, int] = {}
    spent: dict[int, tuple[str, float]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text()
            except OSError:
                continue
            values = text[text.rindex(")") + 2 :].split()
            parents[int(folder.name)] = int(values[1])
            name = text[text.index("(") + 1 : text.rindex(")")]
            spent[int(folder.name)] = (name, (int(values[11]) + int(values[12])) / TICK)
    for process, (name, seconds) in spent.items():
        above = process
        while above not in (root, 0, 1):
            above = parents.get(above, 0)
        if above != root:
            continue
        usage.seconds[process] = seconds
        try:
            status = (Path("/proc") / str(process) / "status").read_text()
        except OSError:
            continue
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
        usage.peak[process] = (name, int(peak) / 1024)


def compared(path: Path, one: Path, other: Path) -> int:
    """How many pairs differ in answer, score or version, or are in one of the two alone."""
    import pyarrow.parquet as pq

    def read(place: Path) -> dict[tuple[str, str], tuple[object, ...]]:
        columns = pq.read_table(place, columns=["left", "right", "answer", "score", "same_version"]).to_pydict()
        rows = zip(*columns.values(), strict=True)
        return {(min(left, right), max(left, right)): tuple(rest) for left, right, *rest in rows}

    first, second = read(one), read(other)
    print(f"{'':<34} {len(first):>9,} pairs", flush=True)
    return sum(first.get(pair) != second.get(pair) for pair in first.keys() | second.keys())


def measured(records: list[Record], engine: str, folder: Path) -> None:
    from bibtools.formats import parquet

    path, alone, pairs = folder / "records.parquet", folder / "alone.parquet", folder / "pairs.parquet"
    with path.open("wb") as file:
        file.writelines(parquet.write(records))
    size = len(records)
    records.clear()
    one = run([sys.executable, "-c", IN_PROCESS, str(path), str(alone)])
    print(f"{'match':<34} {size:>9,} {'one process':<28} {one.cpu:>8.1f} s {one.largest(''):>8.0f} MB", flush=True)
    many = run([sys.executable, "-m", "bibtools", "match", "--engine", engine, str(path), "-o", str(pairs)])
    print(
        f"{'match':<34} {size:>9,} {engine:<28} {many.cpu:>8.1f} s {many.largest('java'):>8.0f} MB (Java)", flush=True
    )
    print(f"{'':<34} {size:>9,} {'largest Python process':<28} {'':>10} {many.largest('python'):>8.0f} MB", flush=True)
    total = sum(memory for _, memory in many.peak.values())
    print(f"{'':<34} {size:>9,} {'all peaks together':<28} {'':>10} {total:>8.0f} MB", flush=True)
    print(f"{'':<34} {size:>9,} {'Spark / one process':<28} {many.cpu / one.cpu:>8.2f}", flush=True)
    print(f"{'':<34} {size:>9,} pairs that differ: {compared(path, alone, pairs)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--engine", default="local[2]")
    given = parser.parse_args()
    from bibtools import api
    from tests.benchmarks.damage import damaged

    source = list(api.read_inputs([str(given.source)]).records())
    records, _ = damaged(source, given.size, 1, 0.25, False)
    with tempfile.TemporaryDirectory(prefix="bibtools-bench-") as folder:
        measured(records, given.engine, Path(folder))


if __name__ == "__main__":
    main()
