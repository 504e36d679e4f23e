"""`bibtools dedupe --pairs` writes what a merge would join, and nothing it is in doubt about."""

from __future__ import annotations

import csv
from pathlib import Path

from click.testing import CliRunner

from bibtools.cli import main

SURE = """@article{a, title={Tides of Small Lakes}, author={Ada Byron and Bo Ek}, journal={Limnology}, year=1990, volume=4,
  pages={1--9}}
@article{b, title={Tides of small lakes}, author={Byron, A. and Ek, B.}, journal={Limnology}, year=1990, volume=4, pages={1--9}}
"""
DOUBTFUL = """@misc{c, title={Ice on rivers}, author={Cy Dunn}, year=1970}
@article{d, title={Ice on rivers}, author={Cy Dunn}, journal={Hydrology}, year=1972}
"""


def pairs(path: Path, command: str) -> set[tuple[str, str]]:
    out = path.with_suffix(f".{command}.csv")
    extra = ["--unsure", str(path.with_suffix(".unsure.csv"))] if command == "match" else []
    result = CliRunner().invoke(main, [command, str(path), "--pairs", str(out), *extra])
    assert result.exit_code == 0, result.output
    with out.open(newline="") as file:
        return {(row["id1"], row["id2"]) for row in csv.DictReader(file)}


def test_only_sure_pairs_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.bib"
    path.write_text(SURE + DOUBTFUL)
    assert {frozenset(pair) for pair in pairs(path, "dedupe")} == {frozenset("ab")}
    assert pairs(path, "match") == {("a", "b")}
    assert "c,d" in path.with_suffix(".unsure.csv").read_text()


def test_what_goes_where_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.bib"
    path.write_text(SURE.replace("year=1990, volume=4", "volume=4", 1))
    shown = CliRunner().invoke(main, ["dedupe", str(path)]).stderr
    assert "a is merged into b: Tides of Small Lakes\n    same title" in shown
    assert shown.count("Tides of Small") == 1
