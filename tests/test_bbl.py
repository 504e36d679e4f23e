r"""The .bbl of biber and of BibTeX, ``thebibliography`` in documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibtools import formats
from bibtools.format import ReadOptions
from bibtools.record import Batch, Date, Name, Record, unverified

from . import accounting

ADA, CHARLES = Name("Lovelace", "Ada K."), Name("Babbage", "Charles")

BIBER = r"""% $ biblatex auxiliary file $
% $ biblatex bbl format version 3.2 $
\refsection{0}
  \datalist[entry]{nty/global//global/global}
    \entry{ada19}{article}{}{}
      \name{author}{2}{}{%
        {{un=0,uniquepart=base,hash=abc}{%
           family={Lovelace},
           familyi={L\bibinitperiod},
           given={Ada\bibnamedelima K.},
           giveni={A\bibinitperiod},
           givenun=0}}%
        {{hash=def}{%
           family={Berg},
           given={Jan},
           prefix={van\bibnamedelima der},
           prefixi={v}}}%
      }
      \list{publisher}{1}{%
        {Press \& Co}%
      }
      \strng{namehash}{abc}
      \field{sortinit}{L}
      \field{labeltitlesource}{title}
      \field{day}{4}
      \field{journaltitle}{Journal of {Engines}}
      \field{month}{3}
      \field{number}{2}
      \field{title}{On \emph{Engines}}
      \field{volume}{7}
      \field{year}{2019}
      \field{dateera}{ce}
      \field{pages}{1\bibrangedash 9}
      \range{pages}{9}
      \verb{doi}
      \verb 10.1000/x_y
      \endverb
      \keyw{steam,looms}
      \warn{\item something}
    \endentry
  \enddatalist
\endrefsection
"""
OLD = r"""% $ biblatex bbl format version 2.8 $
    \entry{b}{book}{}
      \name{author}{1}{}{%
        {{hash=abc}{Lovelace}{L\bibinitperiod}{Ada}{A\bibinitperiod}{}{}{}{}}%
      }
      \field{title}{Looms}
      \field{year}{1843}
      \field{endyear}{1844}
    \endentry
"""
PLAIN = r"""\begin{thebibliography}{10}

\bibitem{ada}
Ada~K. Lovelace, Charles Babbage, and Jan van~der Berg.
\newblock On {DNA} engines.
\newblock {\em Journal of Engines}, 41(7):73--80, July 1986.
% a comment

\bibitem[Bab{\'e}(1843)]{book}
Charles Babbage, editor.
\newblock {\em Looms}, volume~1.
\newblock Press, London, second edition, 1843.

\bibitem{conf}
Ada Lovelace et~al.
\newblock Talks.
\newblock In {\em Proc. Engines}, pages 1--9, 2019.
\newblock \url{https://doi.org/10.1000/xyz}.

\end{thebibliography}
"""
REVTEX = r"""\begin{thebibliography}{1}%
\makeatletter
\providecommand \natexlab [1]{#1}%
\makeatother
\bibitem [{\citenamefont {Lovelace}(2019)}]{ada}%
  \BibitemOpen
  \bibfield  {author} {\bibinfo {author} {\bibfnamefont {A.}~\bibnamefont {Lovelace}}\ and\ \bibinfo {author} {\bibfnamefont
  {C.}~\bibnamefont {Babbage}},\ }\bibfield  {title} {\bibinfo {title} {On engines},\ }\href
  {https://doi.org/10.1000/xyz} {\bibfield  {journal} {\bibinfo  {journal} {J. Engines}\ }\textbf {\bibinfo {volume} {7}},\
  \bibinfo {pages} {12} (\bibinfo {year} {2019})}\BibitemShut {NoStop}%
\end{thebibliography}%
"""
IEEE = r"""\documentclass{article}
\begin{document}
Text. % \bibitem{no} none
\begin{thebibliography}{1}
\bibitem{x}
A.~Lovelace, ``On engines,'' \emph{J. Engines}, vol.~7, 2019, arXiv:1901.00001.
\end{thebibliography}
\end{document}
"""


def read(name: str, text: str) -> Batch:
    reader = formats.table()[name].read
    assert reader is not None
    return reader(text, ReadOptions(source="f"))


def bare(record: Record) -> Record:
    return record.replace(extra=tuple(pair for pair in record.extra if pair[0] != "bibitem text"))


def test_biber() -> None:
    batch = read("biber-bbl", BIBER)
    assert not batch.problems
    assert batch.records == (
        Record(
            id="ada19",
            type="article-journal",
            title="On <i>Engines</i>",
            author=(ADA, Name("Berg", "Jan", dropping_particle="van der")),
            container_title='Journal of <span class="nocase">Engines</span>',
            publisher="Press & Co",
            volume="7",
            issue="2",
            page="1–9",
            issued=Date((2019, 3, 4)),
            doi="10.1000/x_y",
            keyword=("steam", "looms"),
        ),
    )
    assert batch.records[0].origin.line == 5


def test_older_biber_and_ranges_of_years() -> None:
    (record,) = read("biber-bbl", OLD).records
    assert (record.author, record.issued) == ((Name("Lovelace", "Ada"),), Date((1843,), (1844,)))


def test_blocks() -> None:
    article, book, conference = map(bare, read("bibitem", PLAIN).records)
    assert article == Record(
        id="ada",
        type="article-journal",
        title='On <span class="nocase">DNA</span> engines',
        author=(ADA, CHARLES, Name("Berg", "Jan", dropping_particle="van der")),
        container_title="Journal of Engines",
        volume="41",
        issue="7",
        page="73–80",
        issued=Date((1986, 7)),
    )
    assert book == Record(id="book", type="book", title="Looms", editor=(CHARLES,), issued=Date((1843,)))
    assert conference == Record(
        id="conf",
        type="paper-conference",
        title="Talks",
        author=(Name("Lovelace", "Ada"),),
        authors_truncated=True,
        container_title="Proc. Engines",
        page="1–9",
        issued=Date((2019,)),
        doi="10.1000/xyz",
    )


def test_revtex() -> None:
    (record,) = read("bibitem", REVTEX).records
    assert bare(record) == Record(
        id="ada",
        type="article-journal",
        title="On engines",
        author=(Name("Lovelace", "A."), Name("Babbage", "C.")),
        container_title="J. Engines",
        volume="7",
        page="12",
        issued=Date((2019,)),
        doi="10.1000/xyz",
    )


def test_a_sentence_is_read_as_a_pasted_reference_and_kept() -> None:
    batch = read("bibitem", IEEE)
    (record,) = batch.records
    assert (record.id, record.arxiv_id, record.issued, record.title) == ("x", "1901.00001", Date((2019,)), "On engines")
    assert record.author == (Name("Lovelace", "A."),)
    assert record.get_extra("bibitem text").startswith("A. Lovelace, “On engines,”")
    assert unverified(record)


def test_a_sentence_that_says_nothing_is_kept() -> None:
    batch = read("bibitem", "\\begin{thebibliography}{1}\n\\bibitem{x} See there.\n\\end{thebibliography}\n")
    (record,) = batch.records
    assert (record.id, record.title, record.get_extra("bibitem text")) == ("x", "", "See there.")
    assert [each.origin.line for each in batch.problems] == [2]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (BIBER, "biber-bbl"),
        (OLD, "biber-bbl"),
        (PLAIN, "bibitem"),
        (REVTEX, "bibitem"),
        (IEEE, "bibitem"),
        (r"\documentclass{article} \begin{document} \cite{x} \end{document}", ""),
        (r"In LaTeX one writes \bibitem{key} in a thebibliography.", ""),
    ],
)
def test_recognition(text: str, name: str) -> None:
    assert [each.name for each in formats.recognise(text)] == ([name] if name else [])


def test_cut_files_cost_their_last_record() -> None:
    assert [each.id for each in read("bibitem", PLAIN[:-70]).records] == ["ada", "book"]
    batch = read("biber-bbl", OLD + BIBER[:-120])
    assert [each.id for each in batch.records] == ["b"]
    assert "no end" in batch.problems[0].message


@given(
    st.text(max_size=200),
    st.sampled_from([("biber-bbl", BIBER), ("bibitem", PLAIN), ("bibitem", REVTEX)]),
    st.integers(0, 900),
)
def test_reading_never_raises(noise: str, case: tuple[str, str], at: int) -> None:
    name, text = case
    assert isinstance(read(name, text[:at] + noise + text[at:]), Batch)


def test_every_word_of_real_files_is_kept(shared: Path) -> None:
    for path in sorted((shared / "pages" / "bbl").iterdir()):
        text = path.read_text(encoding="utf-8", errors="replace")
        batch = read("bibitem", text)
        assert batch.records
        body = text[text.index("\\bibitem") :].partition("\\end{thebibliography}")[0]
        plain = re.sub(
            r"\\bibitem(?:\[[^\]]*\])?|\\[A-Za-z]+|[{}~$%]", " ", re.sub(r"\\(.)([A-Za-z])(?![A-Za-z])", r"\2", body)
        )
        missing = [word for word in accounting.words(plain) if word.isalpha() and len(word) > 4]
        missing = [word for word in missing if word not in " ".join(accounting.said(batch))]
        assert len(missing) <= 2, (path.name, missing)
