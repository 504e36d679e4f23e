"""LaTeX to Record text and back: the cases people write, and the laws that hold for any text."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import latex
from bibtools.latex.markup import pieces
from tests import strategies

NOCASE = '<span class="nocase">'
CAPS = '<span style="font-variant:small-caps;">'


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"G{\"o}del and Erd{\H o}s", "Gödel and Erdős"),
        (r"\'{\^e} \d{\^e} \~\i", "ế ệ ĩ"),
        (r"\L{}ukasz, S{\o}ren, {\aa}", "Łukasz, Søren, å"),
        (r"``quoted'' a--b c---d !`Hola!", "“quoted” a–b c—d ¡Hola!"),
        ("100 % sure", "100 % sure"),
        (r"50\% \& more \#1 a\_b", "50% & more #1 a_b"),
        (r"costs \$5", "costs $5"),
        (r"\$x\$ is no formula", r"\$x\$ is no formula"),
        ("H$_2$O", "H$_2$O"),
        ("$ x $", "$x$"),
        ("$E^2$2", "$E^22$"),
        ("$$x$$", "$x$"),
        (r"\(x\) and \ensuremath{y^2}", "$x$ and $y^2$"),
        (r"\ensuremath{\alpha}-helix", "α-helix"),
        ("one $ only", "one $ only"),
        ("{DNA} and {{RNA}}", f"{NOCASE}DNA</span> and {NOCASE}RNA</span>"),
        (r"M{\"o}bius {\em in vitro} \emph{{DNA} x}", f"Möbius <i>in vitro</i> <i>{NOCASE}DNA</span> x</i>"),
        (r"\textsc{Unix}, {\bf bold}, \textsuperscript{2}", f"{CAPS}Unix</span>, <b>bold</b>, <sup>2</sup>"),
        (r"first \\ second", "first second"),
        (r"C:\\path", "C:\\path"),
        (r"\url{http://x.org/a_b%20c}", "http://x.org/a_b%20c"),
        (r"\href{http://x.org}{the site}", "the site"),
        (r"\pounds 5, \S 3, \copyright, \LaTeX", "£5, §3, ©, LaTeX"),
        (r"{\noopsort{1973b}}1973", "1973"),
        (r"\mbox{abc} \texttt{code} \foo{bar}", "abc code bar"),
        (r"the \foobar method", r"the \foobar method"),
        (r"\enquote{so} it is", "“so” it is"),
        (r"unbalanced } and {", "unbalanced and"),
        ("", ""),
    ],
)
def test_tex_means(tex: str, text: str) -> None:
    assert latex.decode(tex) == text


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("15%-20%", r"15\%-20\%"),
        ("$R_{10}@1$ & more", r"$R_{10}@1$ \& more"),
        (r"\% stays", r"\% stays"),
        ("from $5 to $10", r"from \$5 to \$10"),
        ("a_b #1 ^ ~ | < >", r"a\_b \#1 {\textasciicircum} {\textasciitilde} {\textbar} {\textless} {\textgreater}"),
        (r"a { and a \ ", r"a {\textbraceleft} and a {\textbackslash}"),
        ("$x_{1$ is broken", r"\$x\_{\textbraceleft}1\$ is broken"),
        (r"$\{a$ alone", r"$\lbrace a$ alone"),
        ("$10%$ in a formula", r"$10\%$ in a formula"),
        ("a -- b", "a -{}- b"),
        ("<i>E. coli</i> and a < b", r"\emph{E. coli} and a {\textless} b"),
        ("Größe, Łódź, 北京", "Größe, Łódź, 北京"),
        ("\x1b[31mred\x1b[0m \x00bell\x07 \x9b2J", "red bell"),
    ],
)
def test_text_is_escaped_once(text: str, tex: str) -> None:
    assert latex.encode(text) == tex


@pytest.mark.parametrize(
    ("title", "tex"),
    [
        ("DualHSIC for the LLM", "{DualHSIC} for the {LLM}"),
        ("RNN-Transducer Models", "{RNN}-Transducer Models"),
        ("E$^{2}$GAN", "{E}$^{2}${GAN}"),
        ("A survey: An Overview", "A survey: An Overview"),
        ("3D and L2 and GPT-4", "{3D} and {L2} and {GPT}-4"),
        ("iPhones of O'Neill", "{iPhones} of {O'Neill}"),
        ("THE WHOLE TITLE SHOUTS", "THE WHOLE TITLE SHOUTS"),
        (f"the {NOCASE}von Neumann</span> machine", "the {von Neumann} machine"),
        (f"{NOCASE}RNN models</span>", "{RNN models}"),
    ],
)
def test_a_title_keeps_its_capitals(title: str, tex: str) -> None:
    assert latex.encode(title, title=True) == tex


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("Gödel", r"G{\"o}del"),
        ("naïve í", r"na{\"i}ve {\'i}"),
        ("Nguyễn Đức ệ", r"Nguy{\~{\^e}}n {\DJ}{\'{\uhorn}}c {\d{\^e}}"),
        ("Łódź ß", r"{\L}{\'o}d{\'z} {\ss}"),
        ("“so” – it—is …", "``so'' -- it---is {\\dots}"),
        ("α ≤ Ж", r"{\ensuremath{\alpha}} {\ensuremath{\leq}} {\CYRZH}"),
        ("北京", "北京"),
    ],
)
def test_ascii_on_demand(text: str, tex: str) -> None:
    assert latex.encode(text, ascii=True) == tex


@pytest.mark.parametrize(
    ("text", "plain", "html"),
    [
        ("H$_2$O", "H₂O", "H<sub>2</sub>O"),
        ("E$^{2}$GAN", "E²GAN", "E<sup>2</sup>GAN"),
        ("x<sup>2</sup>", "x²", "x<sup>2</sup>"),
        ("90$^\\circ$", "90°", "90°"),
        (r"$\mathcal{O}(n \log n)$", "𝒪(n log n)", "𝒪(n log n)"),
        (r"$\frac{a}{b+1} \in \mathbb{R}$", "a/(b+1) ∈ ℝ", "a/(b+1) ∈ ℝ"),
        (r"costs \$5", "costs $5", "costs $5"),
        (f"{NOCASE}DNA</span> <i>x</i>", "DNA x", f"{NOCASE}DNA</span> <i>x</i>"),
        ("from $5 to $10", "from $5 to $10", "from $5 to $10"),
        ("<b>not closed", "<b>not closed", "<b>not closed"),
    ],
)
def test_text_for_people_and_for_csl(text: str, plain: str, html: str) -> None:
    assert latex.plain(text) == plain
    assert latex.html(text) == html


def test_a_mark_that_the_writer_makes_by_itself_is_no_mark() -> None:
    assert (
        latex.unprotected(latex.decode("{DNA} of {Bayes} in {L}2"))
        == f"DNA of {NOCASE}Bayes</span> in {NOCASE}L</span>2"
    )


def test_the_shared_cases(shared: Path) -> None:
    wrong = [
        (case["latex"], latex.decode(case["latex"]))
        for case in json.loads((shared / "bib/latex.json").read_text())
        if unicodedata.normalize("NFC", latex.plain(latex.decode(case["latex"])))
        != unicodedata.normalize("NFC", case["unicode"])
    ]
    assert wrong == []


# --- laws --------------------------------------------------------------------------------------------------------------


def repaired(text: str) -> bool:
    """Whether the text holds what `encode` changes on purpose (see the docstring of `bibtools.latex`)."""
    formulas = [value for kind, value in pieces(text) if kind == "math"]
    return (
        re.search(r"\\[%&#_$]|\$\$", text) is not None
        or any(re.search(r"[%#&]|[^\x00-\x7f]|\\[CFNQRZ]", each) for each in formulas)
        or any(not balanced(each) for each in formulas)
    )


def balanced(tex: str) -> bool:
    depth = 0
    for brace in re.findall("[{}]", tex):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@settings(max_examples=400, deadline=None)
@given(strategies.clean(), st.booleans(), st.booleans())
def test_what_is_encoded_decodes_to_the_same(text: str, to_ascii: bool, title: bool) -> None:
    tex = latex.encode(text, ascii=to_ascii, title=title)
    assert balanced(tex)
    if repaired(text):
        return
    back = latex.unprotected(latex.decode(tex)) if title else latex.decode(tex)
    wanted = latex.unprotected(text) if title else text
    assert back == (wanted.replace("‘", "`").replace("’", "'") if to_ascii else wanted)


@settings(max_examples=400, deadline=None)
@given(st.one_of(strategies.hostile(), strategies.clean()), st.booleans(), st.booleans())
def test_anything_is_written_in_balance_and_a_second_pass_changes_nothing(
    tex: str, to_ascii: bool, title: bool
) -> None:
    first = latex.encode(latex.decode(tex), ascii=to_ascii, title=title)
    assert balanced(first)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", first)
    again = latex.encode(latex.decode(first), ascii=to_ascii, title=title)
    if not (to_ascii and "$" in tex):
        assert latex.encode(latex.decode(again), ascii=to_ascii, title=title) == again


@pytest.mark.parametrize(
    "tex",
    ["{" * 200_000, "$" * 200_000, "${" * 100_000, "\\" * 200_001, "\\'" * 100_000, "<i>" * 100_000, "{\\em " * 50_000],
)
def test_nesting_and_repetition_end(tex: str) -> None:
    text = latex.decode(tex)
    assert balanced(latex.encode(text, title=True))
    latex.plain(tex)
    latex.html(tex)
