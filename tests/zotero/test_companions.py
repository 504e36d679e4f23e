"""What the companions of a .bib define goes to Zotero with its entries; the companions themselves do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bibtools.cli import main
from tests.zotero.server import ZoteroServer

REFS = '@inproceedings{lee01, author={Ann Lee}, title={Working Notes}, crossref="conf01", pages={1--10}}\n'
CROSSREFS = '@string{c = "Conference on Slicing"}\n@proceedings{conf01, title=c, booktitle=c, year=2001}\n'


@pytest.mark.parametrize("commands", [("push",), ("push", "push"), ("sync", "sync")])
def test_parents_and_macros(
    server: ZoteroServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ZOTERO_API_KEY", "goodkey")
    monkeypatch.chdir(tmp_path)
    Path("refs.bib").write_text(REFS, encoding="utf-8")
    Path("crossrefs.bib").write_text(CROSSREFS, encoding="utf-8")
    where = ["--api-base", server.base, "--state", str(tmp_path / "state"), "--with", "crossrefs.bib"]
    writes = []
    for command in commands:
        done = CliRunner().invoke(main, ["zotero", command, "refs.bib", *where])
        assert done.exit_code == 0, done.output
        writes.append(server.writes)
    assert len(set(writes)) == 1
    (item,) = server.alive()
    assert item["proceedingsTitle"] == "Conference on Slicing"
    assert item["date"] == "2001"
    assert Path("refs.bib").read_text(encoding="utf-8") == REFS
    refused = CliRunner().invoke(main, ["zotero", "push", "refs.bib", *where, "none.bib"])
    assert refused.exit_code == 2
    assert server.writes == writes[-1]
