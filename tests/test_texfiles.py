r"""Citation keys in documents: what is found, what is left alone, and that renaming touches nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import texfiles
from bibtools.texfiles import tex


def keys(text: str, kind: str = "tex") -> list[str]:
    return [each.key for each in texfiles.find(text, kind)]


TEX = [
    (r"\cite{a}", "a"),
    (r"\cite{a,b, c ,d}", "a b c d"),
    (r"\cite*{a}\citep*{b}\citeauthor*{c}", "a b c"),
    (r"\cite[p.~3]{a}\citep[see][chap. 2]{b}", "a b"),
    (r"\cite[see {[}1{]} and \emph{x]y}][]{a}", "a"),
    (r"\cite []{a}", "a"),
    (r"\citep[see \citealp{b}, too]{a}", "b a"),
    (r"\Citet{a}\Citeauthor{b}\CITE{c}\TextCite{d}", "a b c d"),
    (r"\cites{a}{b}[p. 2]{c}", "a b c"),
    (r"\cites(see)(end)[pre][1]{a}[2]{b,c} {d}", "a b c d"),
    (r"\Parencites*{a}{b}", "a b"),
    (r"\parencite{a}{b}", "a"),
    (r"\volcite{2}[3]{a}\Pvolcite[pre]{1}{b}", "a b"),
    (r"\volcites(x){1}{a}[p]{2}[3]{b}", "a b"),
    (r"\nocite{*}\nocite{a,b}", "* a b"),
    (r"\citeauthor{a}'s \citeyearpar{b}, \citefield{c}[x]{title}, \citename{d}{author}", "a b c d"),
    (r"\citeA<see>[p. 4]{a}\shortciteNP<pre><post>{b}", "a b"),
    (r"\footfullcite<2->{a}", "a"),
    (r"\bibentry{a}\defcitealias{b}{Paper I}\citetalias{c}", "a b c"),
    (r"\addtocategory{primary}{a,b}\defbibentryset{set}{c,d}", "a b c d"),
    ("\\cite\n  {a}", "a"),
    ("\\cite%\n{a}", "a"),
    ("\\cite[p. 3] % why not {zz}\n  [x]%\n  {a}", "a"),
    ("\\cite\r\n{a,\r\n  b}", "a b"),
    ("\\cite{%\n  a, % first, \\cite{zz}\n  b,% second\n  c%\n}", "a b c"),
    ("\\cite{long%\n   key}", "longkey"),
    ("\\cite\n\n{zz}", ""),
    (r"\cite{Müller2020}\cite{tag:x/y.z-1_2+3'}\cite{北京}", "Müller2020 tag:x/y.z-1_2+3' 北京"),
    (r"\cite{}\cite{,}\cite{ , a , }", "a"),
    # commands of the user's own
    (r"\mycite{a}\citeApp[3]{b}\parencitesx{c}\fooCite{d}", "a b c d"),
    (r"\newcommand{\mycite}[2][]{\autocite[#1]{#2}} \mycite[x]{a}", "a"),
    (r"\def\mycite#1{\cite{#1}}\cite{\thekey}\cite{a\b}", ""),
    # commands that only sound like one
    (r"\citetext{see \citealp{a}}", "a"),
    (r"\setcitestyle{square}\citestyle{plain}\citereset\newcites{app}{Appendix}\bibcite{zz}{1}", ""),
    (r"\DeclareCiteCommand{\x}{a}{b}{c}{d}\AtEveryCite{x}\ifciteseen{x}{y}\DeclareMultiCiteCommand{\cc}{a}", ""),
    (r"\renewcommand{\citenumfont}[1]{x}\citesetup{x}\renewcommand\citeleft{(}", ""),
    (r"\excited{zz} \exciting{zz}", ""),
    # comments and verbatim material
    ("% \\cite{zz}\n\\cite{a} % \\cite{zz}", "a"),
    ("100\\% \\cite{a}", "a"),
    ("\\\\% \\cite{zz}", ""),
    (r"\verb|\cite{zz}| \verb*+\cite{zz}+ \cite{a} \verb|%| \cite{b}", "a b"),
    (r"\lstinline!\cite{zz}! \lstinline[language=TeX]{\cite{zz}} \mintinline{tex}|\cite{zz}| \cite{a}", "a"),
    ("\\begin{verbatim}\n\\cite{zz}\n% \\end{verbatim}\\cite{a}", "a"),
    ("\\begin{lstlisting}[caption={From \\cite{a}}, language=TeX]\n\\cite{zz}\n\\end{lstlisting}\\cite{b}", "a b"),
    ("\\begin{minted}[x]{tex}\\cite{zz}\\end{minted}\\begin{Verbatim*}\\cite{zz}\\end{Verbatim*}\\cite{a}", "a"),
    ("\\begin{comment}\\cite{zz}\\end{comment}\\begin{filecontents*}{x.bib}@a{zz}\\cite{zz}\\end{filecontents*}", ""),
    (r"\lstnewenvironment{code}{}{}\begin{code}\cite{zz}\end{code}\cite{a}", "a"),
    (r"\newminted{tex}{}\begin{texcode}\cite{zz}\end{texcode}\cite{a}", "a"),
    (r"\MakeShortVerb{\|} |\cite{zz}| \cite{a}", "a"),
    (r"\url{http://x.org/a%20b} \cite{a} \href{http://x.org/#%}{text \cite{b}}", "a b"),
    (r"\iffalse \cite{zz} \ifx\a\b \cite{zz} \else\cite{zz}\fi \fi \cite{a}", "a"),
    (r"\iffalse \cite{zz} \ifthenelse{x}{\cite{zz}}{} \ifdefempty{\x}{a}{b} \else \cite{a} \fi", "a"),
    (r"\iffalse \cite{a}", "a"),
    ("\\begin{document}\\cite{a}\\end{document}\n\\cite{zz}", "a"),
    ("\\cite{a}\n\\endinput\n\\cite{zz}", "a"),
    (r"\ifx\x\y\endinput\fi \cite{a}", "a"),
    # broken
    (r"\cite{zz", ""),
    (r"\cite[zz \cite{a}", "a"),
    (r"\cite", ""),
    ("\\", ""),
]


@pytest.mark.parametrize(("text", "expected"), TEX)
def test_keys_of_a_tex_document(text: str, expected: str) -> None:
    assert keys(text) == expected.split()


def test_every_listed_command_is_found_in_each_spelling() -> None:
    for name, shape in tex.SHAPES.items():
        before = "{text}" if shape.startswith("t") else ""
        for spelling in (name, name.capitalize()):
            for star in ("", "*"):
                text = rf"\{spelling}{star}[x][y]{before}{{a, b}}"
                assert keys(text) == ["a", "b"], text


MARKDOWN = [
    ("@a says", "a"),
    ("see [@a; -@b, p. 3; cf. @c].", "a b c"),
    ("(@a) -@b *@c* \"@d\" '@e' @f's", "a b c d e f"),
    ("@Foo_bar.baz. @x:y/z-1, @a.", "Foo_bar.baz x:y/z-1 a"),
    ("@Foo--bar", "Foo"),
    ("@{https://example.com/bib?name=x&y=2000} @{a,b}", "https://example.com/bib?name=x&y=2000 a,b"),
    ("me@example.org a.b@c.de \\@zz @ zz", ""),
    ("`@zz` ``a ` @zz`` @a `@b", "a b"),
    ("```r\n@zz\n```\n@a", "a"),
    ("~~~~\n@zz\n~~~\n@zz\n~~~~\n@a", "a"),
    ("- x\n\n  ```\n  @zz\n  ```\n\n@a", "a"),
    ("text\n\n    @zz code\n\n    @zz more\n\n@a", "a"),
    ("- item\n\n    @a continues\n\n@b", "a b"),
    ("[^1]: note\n\n    @a continues", "a"),
    ("text\n    @a lazy", "a"),
    ("<!-- @zz\n@zz -->@a <!-- @b", "a b"),
    ("https://medium.com/@zz <https://x.org/@zz> [x](https://y.org/@zz) @a", "a"),
    ("---\nnocite: |\n  @a, @b\n---\n@c", "a b c"),
    ("---\nnocite: '@*'\n---\n", "*"),
    (r"50% of \cite{a} and \parencite[p. 3]{b} `\cite{zz}`", "a b"),
    ("@北京2020 @Éluard", "北京2020 Éluard"),
    ("1. @a\r\n2. @b\r\n", "a b"),
]


@pytest.mark.parametrize(("text", "expected"), MARKDOWN)
def test_keys_of_a_markdown_document(text: str, expected: str) -> None:
    assert keys(text, "md") == expected.split()


def test_what_may_be_no_citation_is_marked() -> None:
    doubtful = {
        each.key for each in texfiles.find("---\ntwitter: '@me'\n---\n@fig-one @eq:x @a", "md") if not each.known
    }
    assert doubtful == {"me", "fig-one", "eq:x"}
    assert [each.known for each in texfiles.find(r"\cite{a}\mycite{b}")] == [True, False]


AUX = [
    (r"\citation{a,b}", "a b"),
    ("\\citation{a}\n\\citation{a}", "a a"),
    (r"\abx@aux@cite{0}{a}\abx@aux@cite{b}", "a b"),
    (r"\citation{*}\bibcite{zz}{{1}{2020}{x}{y}}\newlabel{zz}{{1}{1}}", "*"),
]


@pytest.mark.parametrize(("text", "expected"), AUX)
def test_keys_of_an_aux_file(text: str, expected: str) -> None:
    assert keys(text, "aux") == expected.split()


def test_keys_of_a_bcf_file() -> None:
    text = """<bcf:section number="0"><bcf:citekey order="1" intorder="1">a&amp;b</bcf:citekey>
    <bcf:citekey order="2">c</bcf:citekey><bcf:citekey nocite="1">*</bcf:citekey></bcf:section>"""
    assert keys(text, "bcf") == ["a&b", "c", "*"]


NAMES = {"a": "alpha", "b": "a", "Smith": "smith2020new"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\cite{a}\cite{b}\cite{ab}\cite{c}", r"\cite{alpha}\cite{a}\cite{ab}\cite{c}"),
        ("\\cites(a)[a]{a}[b]{ b ,%a\r\n\ta}", "\\cites(a)[a]{alpha}[b]{ a ,%a\r\n\talpha}"),
        (
            "a % \\cite{a}\n\\verb|\\cite{a}| \\textcite[a]{b, a}",
            "a % \\cite{a}\n\\verb|\\cite{a}| \\textcite[a]{a, alpha}",
        ),
        (r"\cite{SMITH}", r"\cite{smith2020new}"),
        ("\\cite{Smi%\n  th}", "\\cite{smith2020new}"),
    ],
)
def test_renaming_in_tex(text: str, expected: str) -> None:
    assert texfiles.rename(text, NAMES) == expected


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("[@a; @b] `@a` x@a", {"a": "alpha", "b": "a"}, "[@alpha; @a] `@a` x@a"),
        ("@a.", {"a": "x,y"}, "@{x,y}."),
        ("@a", {"a": "x--y"}, "@{x--y}"),
        ("@{a b}", {"a b": "c"}, "@{c}"),
        (r"\citep[see][]{a} @a's", {"a": "x,"}, r"\citep[see][]{x,} @{x,}'s"),
    ],
)
def test_renaming_in_markdown(text: str, names: dict[str, str], expected: str) -> None:
    assert texfiles.rename(text, names, "md") == expected


def test_two_entries_that_differ_in_case_only_are_not_confused() -> None:
    names = {"Foo": "new", "foo": "foo"}
    assert texfiles.rename(r"\cite{Foo,foo,FOO}", names) == r"\cite{new,foo,FOO}"


def test_what_latex_writes_is_left_to_latex() -> None:
    with pytest.raises(ValueError, match="LaTeX"):
        texfiles.rename(r"\citation{a}", {"a": "b"}, "aux")


KEY = st.text("abcXYZ019:_-./é", min_size=1, max_size=5)
FRAGMENT = st.sampled_from(
    [
        *(text for text, _ in TEX),
        *(text for text, _ in MARKDOWN),
        "\n",
        "\n\n",
        " ",
        "%",
        "{",
        "}",
        "[",
        "`",
        "@",
        "\\fi",
        "\x00",
        "\r",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENT, max_size=8).map("".join) | st.text(max_size=60), st.sampled_from(texfiles.KINDS))
def test_reading_never_raises_and_places_are_true(text: str, kind: str) -> None:
    last = 0
    for each in texfiles.find(text, kind):
        assert 0 <= each.start <= each.end <= len(text)
        if kind == "md":
            assert each.start >= last
            last = each.end
            assert text[each.start : each.end] == each.key or each.command != "@"


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENT, max_size=8).map("".join), st.sampled_from(["tex", "md"]))
def test_renaming_there_and_back_gives_the_same_bytes(text: str, kind: str) -> None:
    plain = {each.key for each in texfiles.find(text, kind) if text[each.start : each.end] == each.key}
    folded = {key.lower() for key in plain}
    if len(folded) < len(plain) or len(plain) < len({each.key for each in texfiles.find(text, kind)}):
        return
    there = {key: f"Q{n}q" for n, key in enumerate(sorted(plain - {"*"}))}
    renamed = texfiles.rename(text, there, kind)
    found = [each.key for each in texfiles.find(renamed, kind)]
    assert found == [there.get(key, key) for key in keys(text, kind)]
    if kind == "tex":
        assert texfiles.rename(renamed, {new: old for old, new in there.items()}, kind) == text
    assert texfiles.rename(text, {key: key for key in plain}, kind) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\cite{a,b}", r"\cite{a}"),
        (r"\cite{b, a}", r"\cite{a}"),
        (r"\cite{b,c, a ,d}", r"\cite{a,c ,e}"),
        (r"\cite{b,B,a}", r"\cite{a}"),
        (r"\cite{a}\cite{b}", r"\cite{a}\cite{a}"),
        (r"\cites{a}{b}", r"\cites{a}{a}"),
        (r"\cite{c,c}", r"\cite{c,c}"),  # the author's own
        ("\\cite{a,% why\nb}", "\\cite{a,% why\na}"),
        (r"\cite{d,e}", r"\cite{e,d}"),
    ],
)
def test_keys_that_become_one_are_named_once_in_a_list(text: str, expected: str) -> None:
    assert texfiles.rename(text, {"b": "a", "d": "e", "e": "d"}, "tex") == expected


HOSTILE = [
    r"\cite[" * 200_000,
    r"\cite{" * 200_000,
    r"\cite[]" * 200_000 + "]",
    "\\cite{" + "a," * 500_000 + "}",
    "\\cite" + "[" * 500_000,
    "{" * 1_000_000,
    r"\iffalse" * 100_000,
    r"\iffalse" * 100_000 + r"\fi",
    r"\begin{verbatim}" * 50_000,
    r"\verb|" * 100_000,
    "%" * 1_000_000,
    "`" * 1_000_001 + "``" * 3,
    "` `` " * 150_000,
    "<!--" * 200_000,
    "@a" * 300_000,
    "```\n" * 100_001,
    "\n".join("`" * n for n in range(1400, 2, -1)),
    "\x1b[2J\x00\x07" * 100_000,
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_texts_come_to_an_end(number: int) -> None:
    for kind in texfiles.KINDS:
        texfiles.find(HOSTILE[number], kind)
    list(tex.includes(HOSTILE[number]))


# --- following ---------------------------------------------------------------------------------------------------------


def cited(files: dict[str, str], name: str) -> texfiles.Cited:
    return texfiles.follow(name, files.get)


def test_following_keeps_the_order_of_the_document() -> None:
    files = {
        "paper/main.tex": "\\cite{a}\\input{intro}\\cite{z}\\include{ch/two}\\input three.tex\n\\bibliography{refs,more}",
        "paper/intro.tex": r"\cite{b,a}",
        "paper/ch/two.tex": r"\cite{c} \input{ch/deep} \input{beside}",
        "paper/ch/deep.tex": r"\cite{d}",
        "paper/ch/beside.tex": r"\cite{e}",
        "paper/three.tex": r"\cite{f}",
    }
    found = cited(files, "paper/main.tex")
    assert found.keys == tuple("abzcdef")
    assert set(found.files) == set(files)
    assert found.bibliographies == ("refs", "more")
    assert found.unread == ()


def test_following_import_subfile_and_biblatex() -> None:
    files = {
        "m.tex": r"\addbibresource[x=y]{r.bib}\subfile{s}\import{dir/}{i}\subimport{dir}{k.tex}\InputIfFileExists{o}{}{}",
        "s.tex": r"\cite{a}",
        "dir/i.tex": r"\cite{b}",
        "dir/k.tex": r"\cite{c}",
        "o.tex": r"\cite{d}",
    }
    found = cited(files, "m.tex")
    assert found.keys == tuple("abcd")
    assert found.bibliographies == ("r.bib",)


def test_circles_end_and_missing_files_are_told() -> None:
    files = {"m.tex": r"\input{a}\input{gone}\input{\jobname}", "a.tex": r"\cite{x}\input{m}\input{a}% \input{no}"}
    found = cited(files, "m.tex")
    assert found.keys == ("x",)
    assert found.unread == ("gone",)
    assert cited({}, "none.tex").unread == ("none.tex",)


def test_a_long_chain_of_files() -> None:
    files = {f"{n}.tex": rf"\cite{{k{n}}}\input{{{n + 1}}}" for n in range(3000)}
    assert len(cited(files, "0.tex").keys) == 3000


def test_everything_and_doubtful_keys() -> None:
    found = cited({"m.tex": r"\nocite{*}\cite{a}\mycite{b}\mycite{a}"}, "m.tex")
    assert found.everything
    assert found.keys == ("a", "b")
    assert found.doubtful == {"b"}


def test_aux_files_of_chapters() -> None:
    files = {
        "m.aux": "\\citation{a}\n\\@input{ch1.aux}\n\\citation{c}\\bibdata{mNotes,refs}",
        "ch1.aux": r"\citation{b}",
    }
    found = cited(files, "m.aux")
    assert found.keys == tuple("abc")
    assert found.bibliographies == ("mNotes", "refs")
    assert cited({"m.aux": r"\citation{REV42Control}\citation{apsrev42Control}\citation{a}"}, "m.aux").doubtful == {
        "REV42Control",
        "apsrev42Control",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.tex", "tex"),
        ("A.TEX", "tex"),
        ("x.md", "md"),
        ("x.Rmd", "md"),
        ("x.qmd", "md"),
        ("x.aux", "aux"),
        ("x.bcf", "bcf"),
        ("x", "tex"),
    ],
)
def test_kinds_by_name(name: str, kind: str) -> None:
    assert texfiles.kind_of(name) == kind
