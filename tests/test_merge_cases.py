"""Golden merges: `merge_cases/NAME/{target,source,expected}.bib`, by the library and by the command line, each twice.

`options` beside them holds the words of the command line, if any. Without `source.bib` the case is `dedupe --write`. `said` holds
lines that the command must print (to stderr), one a line.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import bibtools
from bibtools.cli import main
from bibtools.merging import MergePolicy, OnUnsure, Versions

CASES = sorted((Path(__file__).parent / "merge_cases").iterdir())


def words(case: Path, name: str) -> list[str]:
    path = case / name
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def policy(options: list[str]) -> MergePolicy:
    wishes = dict(zip(options[::2], options[1::2], strict=True))
    return MergePolicy(
        versions=Versions(wishes.get("--versions", "upgrade")), on_unsure=OnUnsure(wishes.get("--on-unsure", "skip"))
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_merge_by_the_library(case: Path) -> None:
    wishes = policy(" ".join(words(case, "options")).split())
    target, expected = ((case / name).read_bytes() for name in ("target.bib", "expected.bib"))

    def once(data: bytes) -> bibtools.MergeResult:
        if not (case / "source.bib").exists():
            return bibtools.dedupe(data, policy=wishes)
        return bibtools.merge(data, [(case / "source.bib").read_bytes()], policy=wishes)

    result = once(target)
    assert result.data.decode() == expected.decode()
    again = once(result.data)
    assert again.data == result.data and again.plan.changes == ()
    taken = [outcome for outcome in result.plan.outcomes if outcome.key and outcome.entry is not None]
    assert all(outcome.reason for outcome in taken), "every record that goes into an entry is named with its reason"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_golden_merge_by_the_command_line(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    target = tmp_path / "target.bib"
    target.write_bytes((case / "target.bib").read_bytes())
    source = case / "source.bib"
    command = ["merge", str(target), str(source)] if source.exists() else ["dedupe", str(target), "--write"]
    command += " ".join(words(case, "options")).split()
    for _ in range(2):
        run = CliRunner().invoke(main, command)
        assert run.exit_code == 0, run.output
        assert target.read_text(encoding="utf-8") == (case / "expected.bib").read_text(encoding="utf-8")
        if _ == 0:
            assert [line for line in words(case, "said") if line not in run.stderr] == [], run.stderr
