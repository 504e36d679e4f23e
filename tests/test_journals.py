"""`format --journals`: abbreviated by ISO 4 and back, nothing lost on the way."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bibtools import bibfile, tidy
from bibtools.cli import main

pytest.importorskip("pyiso4")

from bibtools.tidy.journals import abbreviated


def run(text: str, way: str, companions: tuple[str, ...] = ()) -> tuple[str, list[str]]:
    beside = bibfile.companions((other, f"{number}.bib") for number, other in enumerate(companions))
    done = tidy.tidy(bibfile.parse(text, "a.bib", beside), ["journals"], tidy.Options(journals=way))
    again = tidy.tidy(
        bibfile.parse(done.document.to_bytes(), "a.bib", beside), ["journals"], tidy.Options(journals=way)
    )
    assert again.changed == {}
    return done.document.text, [str(problem) for problem in done.problems]


def entry(journal: str, more: str = "") -> str:
    return f"@article{{k,\n  journal = {journal},\n  year = 2000{more}\n}}\n"


# as the ISSN portal or the journals themselves abbreviate them
NAMES = [
    ("Journal of the American Chemical Society", "J. Am. Chem. Soc."),
    ("Proceedings of the National Academy of Sciences", "Proc. Natl. Acad. Sci."),
    ("IEEE Transactions on Pattern Analysis and Machine Intelligence", "IEEE Trans. Pattern Anal. Mach. Intell."),
    ("Zeitschrift für Physik", "Z. Phys."),
    ("The Astrophysical Journal", "Astrophys. J."),
    ("Nature", "Nature"),
    ("Physical Review B", "Phys. Rev. B"),
    ("数学学报", "数学学报"),
]


@pytest.mark.parametrize(("full", "short"), NAMES)
def test_iso_4(full: str, short: str) -> None:
    assert abbreviated(full) == short


WAYS = [
    (
        "{Journal of the American Chemical Society}",
        "{J. Am. Chem. Soc.}",
        ",\n  fjournal = {Journal of the American Chemical Society}",
    ),
    ("{The Machine}", "{Machine}", ",\n  fjournal = {The Machine}"),
    ('"Computers \\& Fluids"', '"Comput. Fluids"', ',\n  fjournal = "Computers \\& Fluids"'),
    ('{Zeitschrift f{\\"u}r {\\"O}kologie}', '{Z. {\\"O}kol.}', ',\n  fjournal = {Zeitschrift f{\\"u}r {\\"O}kologie}'),
    ("{Zeitschrift für Ökologie}", "{Z. Ökol.}", ",\n  fjournal = {Zeitschrift für Ökologie}"),
]


@pytest.mark.parametrize(("full", "short", "kept"), WAYS)
def test_there_and_back_is_the_same_file_to_the_byte(full: str, short: str, kept: str) -> None:
    text, problems = run(entry(full), "abbreviate")
    assert text == entry(short, kept)
    assert problems == []
    assert run(text, "full") == (entry(full), [])


@pytest.mark.parametrize(
    "journal",
    ["{Nature}", "{J. Am. Chem. Soc.}", "{arXiv preprint arXiv:2101.00001}", "{}", "nowhere", '{Journal of } # "X"'],
)
def test_what_is_short_already_no_journal_or_not_plain_stays(journal: str) -> None:
    assert run(entry(journal), "abbreviate")[0] == entry(journal)


def test_an_abbreviation_of_ones_own_is_kept_for_the_way_back() -> None:
    own = entry("{Ann. of Math.}", ",\n  fjournal = {Annals of Mathematics}")
    full = entry("{Annals of Mathematics}", ",\n  shortjournal = {Ann. of Math.}")
    assert run(own, "full")[0] == full
    assert "journal = {Ann. of Math.},\n" in run(full, "abbreviate")[0]


def test_a_full_name_is_taken_from_another_entry_or_a_companion() -> None:
    short, full = entry("{J Fluid Mech.}"), entry("{Journal of Fluid Mechanics}").replace("{k,", "{l,")
    assert run(short + full, "full")[0].count("{Journal of Fluid Mechanics}") == 2
    assert "{Journal of Fluid Mechanics}" in run(short, "full", (full,))[0]


def test_an_unknown_or_ambiguous_name_stays_and_is_reported_once() -> None:
    text = entry("{Phys. Rev. B}")
    assert run(text + text.replace("{k,", "{l,"), "full") == (
        text + text.replace("{k,", "{l,"),
        ["a.bib:2: note: journal 'Phys. Rev. B' stays: no full name is known (--with FILE gives more)"],
    )
    both = entry("{Physical Review B}") + entry("{Physics Review B}")
    assert ": 2 full names fit" in run(text, "full", (both,))[1][0]


def test_a_macro_is_changed_where_it_is_defined() -> None:
    text = "@string{jfm = {Journal of Fluid Mechanics}}\n" + entry("jfm") + entry("JFM").replace("{k,", "{l,")
    short, problems = run(text, "abbreviate")
    assert "@string{jfm = {J. Fluid Mech.}}" in short
    assert short.count("journal = jfm") + short.count("journal = JFM") == 2
    assert short.count("fjournal = {Journal of Fluid Mechanics}") == 2
    assert problems == []
    assert run(short, "full")[0] == text


def test_macros_made_of_macros_stay() -> None:
    text = "@string{jfm = {Journal of Fluid Mechanics}}\n@string{j-jfm = jfm}\n" + entry("j-jfm")
    text += entry("jfm").replace("{k,", "{l,")
    assert run(text, "abbreviate")[0] == text


def test_a_macro_that_another_field_uses_stays() -> None:
    text = "@string{jfm = {Journal of Fluid Mechanics}}\n" + entry("jfm", ",\n  series = jfm")
    assert run(text, "abbreviate") == (text, ["a.bib:3: note: journal = jfm stays: another field uses this macro too"])


def test_the_command_and_undo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIBTOOLS_STATE", str(tmp_path / "state"))
    refs = tmp_path / "refs.bib"
    refs.write_text(entry("{Journal of Fluid Mechanics}"))
    assert CliRunner().invoke(main, ["format", str(refs), "--journals", "abbreviate"]).exit_code == 0
    assert "{J. Fluid Mech.}" in refs.read_text()
    assert CliRunner().invoke(main, ["undo", str(refs)]).exit_code == 0
    assert refs.read_text() == entry("{Journal of Fluid Mechanics}")


def test_without_the_word_list_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pyiso4"):
            raise ImportError(name)
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "pyiso4.ltwa", raising=False)
    abbreviated.cache_clear()
    refs = tmp_path / "refs.bib"
    refs.write_text(entry("{Journal of Fluid Mechanics}"))
    result = CliRunner().invoke(main, ["format", str(refs), "--journals", "abbreviate"])
    assert result.exit_code == 2
    assert "pip install pyiso4" in result.stderr
