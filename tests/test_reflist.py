"""Pasted reference lists: cutting, labelling, records with doubt, refusal, and what merging does with them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bibtools import api, formats, index
from bibtools.cli import main
from bibtools.format import ReadOptions
from bibtools.formats import reflist
from bibtools.formats.reflist import cutting, fields, model, refusing
from bibtools.formats.reflist.authors import parted, stays_whole
from bibtools.formats.reflist.lines import joined, lines
from bibtools.formats.reflist.tokens import tokenise
from bibtools.merging.combine import combine
from bibtools.record import Batch, Name, Origin, Record, unverified

IEEE = """References

[1] A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. N. Gomez, L. Kaiser, and I. Polosukhin, "Attention is all
    you need," in Advances in Neural Information Processing Systems, vol. 30, 2017, pp. 5998-6008.
[2] Y. LeCun, Y. Bengio, and G. Hinton, "Deep learning," Nature, vol. 521, no. 7553, pp. 436-444, May 2015,
    doi: 10.1038/nature14539.
[3] S. Hochreiter and J. Schmidhuber, "Long short-term memory," Neural Computation, vol. 9, no. 8, pp. 1735-1780, 1997.
[4] R. Fielding, "Architectural styles and the design of network-based software architectures," Ph.D. dissertation,
    University of California, Irvine, 2000.
"""
APA = """Hochreiter, S., & Schmidhuber, J. (1997). Long short-term memory. Neural Computation, 9(8), 1735–1780.
LeCun, Y., Bengio, Y., & Hinton, G. (2015). Deep learning. Nature, 521(7553), 436–444. https://doi.org/10.1038/nature14539
Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal, 27(3), 379–423.
"""
PHYSICS = """[1] G. Aad et al. (ATLAS Collaboration), Phys. Lett. B 716, 1 (2012).
[2] S. Chatrchyan et al. (CMS Collaboration), Phys. Lett. B 716, 30 (2012).
[3] P. W. Higgs, Phys. Rev. Lett. 13, 508 (1964).
[4] F. Englert and R. Brout, Phys. Rev. Lett. 13, 321 (1964).
"""


def read(text: str) -> Batch:
    assert reflist.FORMAT.read is not None
    return reflist.FORMAT.read(text, ReadOptions(source="refs.txt"))


# --- whole lists ------------------------------------------------------------------------------------------------------


def test_a_numbered_list() -> None:
    records = read(IEEE).records
    assert [record.origin.line for record in records] == [3, 5, 7, 8]
    first, second, third, thesis = records
    assert first.title == "Attention is all you need"
    assert first.author[0] == Name("Vaswani", "A.") and len(first.author) == 8
    assert (first.volume, first.page, first.issued.year) == ("30", "5998–6008", 2017)
    assert (second.container_title, second.doi, second.type) == ("Nature", "10.1038/nature14539", "article-journal")
    assert second.issued.parts == (2015, 5)
    assert (third.volume, third.issue, third.page) == ("9", "8", "1735–1780")
    assert thesis.type == "thesis"
    assert thesis.get_extra("reference").startswith("R. Fielding, ")


def test_a_list_without_numbers() -> None:
    records = read(APA).records
    assert [record.issued.year for record in records] == [1997, 2015, 1948]
    assert [record.author[0].family for record in records] == ["Hochreiter", "LeCun", "Shannon"]
    assert records[0].container_title == "Neural Computation"


def test_journals_without_titles() -> None:
    records = read(PHYSICS).records
    assert [(each.container_title, each.volume, each.page, each.issued.year) for each in records[2:]] == [
        ("Phys. Rev. Lett.", "13", "508", 1964),
        ("Phys. Rev. Lett.", "13", "321", 1964),
    ]
    assert all(each.type == "article-journal" for each in records)


@pytest.mark.parametrize("text", [IEEE, APA, PHYSICS], ids=["ieee", "apa", "physics"])
def test_a_list_is_known_by_its_content(text: str) -> None:
    assert [each.name for each in formats.recognise(text)] == ["references"]
    assert api.read_records(text).records


NO_LISTS = {
    "minutes": """Present: A. Miller, B. Chen, C. D. Okafor. Date: 12 June 2021.
1. A. Miller presented the results of the survey (2020). Action: B. Chen, by 30 June 2021.
2. B. Chen, "Budget for 2022," was discussed, pp. 3-9 of the handout.
3. C. D. Okafor and A. Miller: visit to Cambridge University Press, London, 2021.
""",
    "things to do": """1. Call Anna Schmidt about the contract, 3 May 2021.
2. Send the draft to B. Meyer and C. Wolf by 10 May 2021.
3. Book flights to London (conference, June 2021), ask D. Roe.
4. Review paper by Smith, J. for the journal, due 2021-06-01.
""",
    "addresses": """Smith, John, 12 High Street, Cambridge, CB2 1TN, 01223 200000, born 1975
Jones, Paula, 3 Station Road, London, N1 9AG, born 1980
Brown, Rita, 45 Mill Lane, Oxford University, Oxford, born 1969
Lee, Min, 7 King's Parade, Cambridge, born 1990
""",
    "talks": """J. Smith, "Deep learning in medicine", invited talk, University of Oxford, 12 May 2019.
J. Smith, "The future of AI", keynote, AI Conference, London, 3 June 2020.
J. Smith, "Robots and us", panel discussion, BBC Radio 4, 2021.
""",
}


@pytest.mark.parametrize("text", NO_LISTS.values(), ids=NO_LISTS.keys())
def test_names_and_dates_alone_are_no_list(text: str) -> None:
    assert formats.recognise(text) == ()


def test_books_with_a_place_alone_are_a_list() -> None:
    text = """[1] M. Katz, Penelope's Renown: Meaning and Indeterminacy in the Odyssey, Princeton 1991.
[2] K. C. King, Achilles: Paradigms of the Hero from Homer to the Middle Ages, Berkeley 1987.
[3] G. Nagy, Homeric Questions, Austin 1996.
[4] A. Ford, Homer: The Poetry of the Past, Ithaca 1992.
"""
    assert [each.name for each in formats.recognise(text)] == ["references"]


def test_blanks_that_do_not_break_make_no_table() -> None:
    assert [each.name for each in formats.recognise(IEEE.replace(" ", "\u00a0"))] == ["references"]


def test_numbers_with_a_colon() -> None:
    text = "".join(f"{number}: {line}\n" for number, line in enumerate(APA.splitlines(), 1))
    assert [each.author[0].family for each in read(text).records] == ["Hochreiter", "LeCun", "Shannon"]


def test_nothing_of_a_reference_is_lost() -> None:
    for text in (IEEE, APA, PHYSICS):
        kept = " ".join(record.get_extra("reference") for record in read(text).records)
        assert "".join(kept.split()).replace("-", "") in "".join(
            "".join(line.split("] ", 1)[-1].split()) for line in text.splitlines()
        ).replace("References", "").replace("-", "")


# --- several works in one reference -----------------------------------------------------------------------------------


def test_two_works_under_one_number_are_two_records() -> None:
    text = "[1] S. Weinberg, Phys. Rev. Lett. 19, 1264 (1967); P. W. Higgs, Phys. Rev. Lett. 13, 508 (1964).\n"
    text += "[2] A. Roe, J. Eng. 9 (2003) 4.\n"
    records = read(text).records
    assert [(each.author[0].family, each.page, each.origin.line) for each in records[:2]] == [
        ("Weinberg", "1264", 1),
        ("Higgs", "508", 1),
    ]


def test_letters_part_works_too() -> None:
    text = "[1] (a) A. Roe, J. Am. Chem. Soc. 1998, 120, 123; (b) B. Doe, C. Foe, Org. Lett. 2003, 5, 67.\n"
    text += "[2] D. Zoe, Org. Lett. 2004, 6, 8.\n"
    assert [each.author[0].family for each in read(text).records] == ["Roe", "Doe", "Zoe"]


def test_another_publication_is_told_and_never_mixed_in() -> None:
    text = (
        "[1] S. L. Glashow, Nucl. Phys. 22, 579 (1961); Phys. Rev. D 2, 1285 (1970).\n[2] A. Roe, J. Eng. 9 (2003) 4.\n"
    )
    batch = read(text)
    first = batch.records[0]
    assert (first.volume, first.page, first.issued.year) == ("22", "579", 1961)
    assert "1285" in first.get_extra("reference") and first.unresolved
    assert any("second publication" in each.message and "1285" in each.text for each in batch.problems)


def test_authors_parted_by_semicolons_are_one_work() -> None:
    text = "1. Roe, J.; Doe, K.; Foe, L. Looms of steam. J. Eng. 2003, 9, 4-12.\n2. Zoe, D. Threads. J. Eng. 2004, 6, 8-9.\n"
    assert len(read(text).records) == 2


def test_a_collaboration_is_no_publisher() -> None:
    first, *_ = read(PHYSICS).records
    assert first.get_extra("collaboration") == "ATLAS Collaboration"
    assert first.authors_truncated and not first.publisher and len(first.author) == 1


# --- cutting ----------------------------------------------------------------------------------------------------------


def cut(text: str) -> list[str]:
    known = model.shipped()
    return [piece.text for piece in cutting.cut(text, known.classes, known.cutting)]


@pytest.mark.parametrize("mark", ["[{}] ", "{}. ", "({}) ", "{}) ", "{}.\t", "{} "])
def test_marks_of_every_kind(mark: str) -> None:
    references = [line for line in APA.splitlines() if line]
    text = "\n".join(mark.format(number) + line for number, line in enumerate(references, 1))
    assert cut(text) == [" ".join(line.split()) for line in references]


def test_years_at_the_beginning_of_lines_are_no_numbers() -> None:
    text = "[7] A. Roe, On the number of\n2001 looms, J. Eng.\n8. (2002) 3.\n[8] B. Doe, Looms, J. Eng. 9 (2003) 4.\n"
    assert len(cut(text)) == 2


def test_page_heads_and_page_numbers_are_left_out() -> None:
    head = "Journal of Looms"
    text = (
        f"[1] A. Roe, Looms, J. Eng. 8 (2002) 3.\n\n12\n\f{head}\n\n[2] B. Doe, Threads and\n\n13\n\f{head}\n\n"
        "engines, J. Eng. 9 (2003) 4.\n"
    )
    assert cut(text) == ["A. Roe, Looms, J. Eng. 8 (2002) 3.", "B. Doe, Threads and engines, J. Eng. 9 (2003) 4."]


def test_a_page_number_between_references_is_told() -> None:
    text = "[1] A. Roe, Looms, J. Eng. 8 (2002) 31.\n                             12\n[2] B. Doe, Threads, J. Eng. 9 (2003) 4.\n"
    batch = read(text)
    assert "12" not in " ".join(record.get_extra("reference") for record in batch.records)
    assert [(each.origin.line, each.text) for each in batch.problems if each.severity == "note"] == [(2, "12")]


def test_the_line_is_that_of_the_file() -> None:
    text = "References\n\n\f\n" + APA
    assert [line.number for line in lines(text)] == [4, 5, 6]


def test_words_broken_by_a_hyphen() -> None:
    words = {"learning": "", "networks": "", "based": "", "agent": "", "evidence": ""}
    assert joined(["deep lear-", "ning"], words) == "deep learning"
    assert joined(["an evidence-", "based agent"], words) == "an evidence-based agent"
    assert joined(["Müller-", "Lüdenscheid"], words) == "Müller-Lüdenscheid"
    assert joined(["pp. 12-", "34"], words) == "pp. 12-34"
    assert joined(["https://example.org/", "a/b.html"], words) == "https://example.org/a/b.html"
    assert joined(["see https://example.org/a.", "Next words"], words) == "see https://example.org/a. Next words"


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "families", "cut_short"),
    [
        ("H. Haug and S. W. Koch", ["Haug", "Koch"], False),
        ("Nicholls, D. C., Dopita, M. A., & Sutherland, R. S.", ["Nicholls", "Dopita", "Sutherland"], False),
        ("De Vos D, Lim A, Pirnay JP", ["De Vos", "Lim", "Pirnay"], False),
        ("Smith, John, Peter A. Miller, and Jane Doe", ["Smith", "Miller", "Doe"], False),
        ("Barrow, Julia; Wareham, Andrew", ["Barrow", "Wareham"], False),
        ("JI, R. R., CHAMESSIAN, A. & ZHANG, Y. Q.", ["JI", "CHAMESSIAN", "ZHANG"], False),
        ("ZHOU S, CUI J, YE F, et al.", ["ZHOU", "CUI", "YE"], True),
        ("Peskoller, Helga/Ralser, Michaela/Wolf, Maria A.", ["Peskoller", "Ralser", "Wolf"], False),
        ("R. Moodley, C. Lago & A. Talahite (Eds.)", ["Moodley", "Lago", "Talahite"], False),
        ("CLARK Hilary", ["CLARK"], False),
    ],
)
def test_names_of_a_list(text: str, families: list[str], cut_short: bool) -> None:
    names, more = parted(text)
    assert [name.family for name in names] == families
    assert more is cut_short


@pytest.mark.parametrize(
    "text", ["World Health Organization", "Statistisches Bundesamt", "x y z 12 k, and a lot of other small words"]
)
def test_what_does_not_part_stays_literal(text: str) -> None:
    (name,), _ = parted(text)
    assert name.literal == text


@pytest.mark.parametrize(
    "text",
    [
        "Moher D, Liberati A; PRISMA Group",
        "Moher, D., Liberati, A.; for the PRISMA Group",
        "Moher D; Liberati A; PRISMA Group",
    ],
)
def test_a_group_behind_people_is_an_author_of_its_own(text: str) -> None:
    names, _ = parted(text)
    assert [name.literal or name.family for name in names] == ["Moher", "Liberati", "PRISMA Group"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Moher D, foo bar baz, Altman DG", True),
        ("Roe JA, Li W Jr; ABC Investigators", True),
        ("Ministry of Health", False),
        ("Moher D, Altman DG", False),
    ],
)
def test_lists_that_do_not_part(text: str, told: bool) -> None:
    assert stays_whole(parted(text)[0]) is told


def test_a_list_of_people_that_does_not_part_is_told() -> None:
    batch = read(
        "1. Moher D, foo bar baz 3rd, Altman DG. Preferred reporting items. PLoS Med. 2009;6(7):e1000097.\n" + APA
    )
    first = batch.records[0]
    assert first.author[0].literal and first.unresolved
    assert any("does not part into names" in each.message for each in batch.problems)


def test_a_doi_is_no_part_of_a_name() -> None:
    more = " Smith et al.: A Study of Something"
    batch = read(IEEE.replace("10.1038/nature14539.", "10.1038/nature14539." + more))
    second = batch.records[1]
    assert (second.doi, second.editor, second.publisher) == ("10.1038/nature14539", (), "")
    assert any("Smith" in each.text for each in batch.problems)
    assert second.unresolved


def test_identifiers_and_addresses_are_no_part_of_a_field() -> None:
    text = "Roe, J. doi: 10.1000/abc Deep things https://example.org/x 2001.12345"
    tokens = tokenise(text)
    whole = fields.Span("title", text, 0, len(tokens.words), 0.9)
    assert [part.text for part in fields._without_identifiers(whole, tokens)] == ["Roe, J", "Deep things"]


def test_a_dash_stands_for_the_authors_before() -> None:
    text = (
        "Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111.\n"
        "———. (1992). Two notes on notation. American Mathematical Monthly, 99(5), 403–422.\n"
        "Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal, 27(3), 379–423.\n"
    )
    records = read(text).records
    assert [record.author[0].family for record in records] == ["Knuth", "Knuth", "Shannon"]


# --- doubt ------------------------------------------------------------------------------------------------------------


def test_doubts_name_field_value_and_probability_at_its_line() -> None:
    batch = read(
        "[1] Roe, Looms, 41-45 7 12, something, J Eng 2001 x 8\n[2] A. Doe, Threads, J. Eng. 9 (2003) 4.\n[3] B, C, D.\n"
    )
    doubts = [each for each in batch.problems if "may be wrong, ." in each.message]
    assert doubts and all(each.severity == "warning" and each.origin.line for each in doubts)
    assert any(record.unresolved for record in batch.records)


def test_a_doubtful_record_fails_under_strict(tmp_path: Path) -> None:
    file = tmp_path / "refs.txt"
    file.write_text(
        "[1] Roe, Looms, 41-45 7 12, something, J Eng 2001 x 8\n[2] Doe Threads, J. Eng. 9 (2003) 4.\n", "utf-8"
    )
    run = CliRunner().invoke(main, ["convert", str(file), "--from", "references", "--strict"])
    assert run.exit_code == 1
    assert "doubtful" in run.stderr


def test_merging_overwrites_nothing_of_an_entry(tmp_path: Path) -> None:
    target = tmp_path / "refs.bib"
    before = (
        "@article{lstm, author = {Hochreiter, Sepp and others}, title = {Long Short-Term Memory},\n"
        "  journal = {Neural Computation}, year = 1997, pages = {1735--1780}}\n"
    )
    target.write_text(before, "utf-8")
    source = tmp_path / "pasted.txt"
    source.write_text(IEEE, "utf-8")
    run = CliRunner().invoke(main, ["merge", str(target), str(source), "--prefer", "source"])
    assert run.exit_code in (0, 1), run.output
    after = target.read_text("utf-8")
    for said in ("{Hochreiter, Sepp and others}", "{Long Short-Term Memory}", "{Neural Computation}", "{1735--1780}"):
        assert said in after
    again = CliRunner().invoke(main, ["merge", str(target), str(source), "--prefer", "source"])
    assert again.exit_code in (0, 1)
    assert target.read_text("utf-8") == after


def test_what_is_left_over_of_a_reference_is_no_note_of_an_entry() -> None:
    standing, read_off = Record(title="Title", type="article-journal"), Origin(format="references")
    incoming = Record(title="Title", type="article-journal", note="12 Roe: A Study", publisher="Press", origin=read_off)
    assert unverified(incoming)
    result, taken = combine(standing, incoming)
    assert not result.note and "note" not in taken and result.publisher == "Press"
    assert combine(standing, incoming.replace(origin=Origin(format="ris")))[0].note


# --- an index ---------------------------------------------------------------------------------------------------------

KNOWN = """@article{hochreiter1997, author = {Hochreiter, Sepp and Schmidhuber, J{\\"u}rgen}, title = {Long Short-Term Memory},
  journal = {Neural Computation}, year = 1997, volume = 9, number = 8, pages = {1735--1780}, doi = {10.1162/neco.1997.9.8.1735}}
@article{shannon1948, author = {Shannon, Claude E.}, title = {A Mathematical Theory of Communication},
  journal = {Bell System Technical Journal}, year = 1948, volume = 27, number = 3, pages = {379--420}}
@article{higgs1964, author = {Higgs, Peter W.}, title = {Broken Symmetries and the Masses of Gauge Bosons},
  journal = {Physical Review Letters}, year = 1964, volume = 13, pages = {508--509}}
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> index.Index:
    folder = tmp_path_factory.mktemp("known")
    (folder / "works.bib").write_text(KNOWN, "utf-8")
    api.build_index([str(folder / "works.bib")], folder / "index")
    return index.open(folder / "index")


def confirmed(text: str, known: index.Index) -> Batch:
    return api.confirmed(api.Inputs((read(text),)), known).batch()


def test_an_index_gives_its_fields_and_tells_contradictions(known: index.Index) -> None:
    batch = confirmed(APA, known)
    first, _, third = batch.records
    assert first.doi == "10.1162/neco.1997.9.8.1735" and first.author[1].given == "Jürgen"
    assert first.get_extra("reference").startswith("Hochreiter, S.")
    assert not first.unresolved and not unverified(first)
    assert third.page == "379–420" or third.page == "379--420"
    assert unverified(batch.records[1])


def test_people_whom_the_reference_does_not_name_are_told_and_not_taken(tmp_path: Path) -> None:
    works = tmp_path / "works.bib"
    works.write_text(KNOWN.replace("{Shannon, Claude E.}", "{Shannon, Claude and Roe, Ann and Doe, Bo}"), "utf-8")
    api.build_index([str(works)], tmp_path / "index")
    listed = (
        "Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal, 27(3), 379-420."
    )
    batch = confirmed(f"{listed}\n\n{APA}", index.open(tmp_path / "index"))
    assert [each.family for each in batch.records[0].author] == ["Shannon"]
    assert any("3 authors in" in each.message for each in batch.problems)


def test_a_venue_with_shortened_words_is_the_works_own(tmp_path: Path) -> None:
    venue = "Transactions on Weaving, Spinning Machinery and Mechanical Drawings"
    works = tmp_path / "works.bib"
    works.write_text(KNOWN.replace("Bell System Technical Journal", venue), "utf-8")
    api.build_index([str(works)], tmp_path / "index")
    shannon = 'C. E. Shannon, "A mathematical theory of communication," {}, pp. 379-420, 1948.'
    known = index.open(tmp_path / "index")
    own, other = (
        confirmed(f"[1] {shannon.format(where)}\n[2] {shannon.format(where)}\n", known).records[0]
        for where in ("Trans. Weav. Spinn. Mach. Mech. Draw.", "Knitt. Embroid. Braid. Crochet. Lacework. Tapestr.")
    )
    assert own.container_title == venue
    assert unverified(other)


def test_a_journal_without_a_title_is_known_by_its_page(known: index.Index) -> None:
    found = {record.title for record in confirmed(PHYSICS, known).records}
    assert "Broken Symmetries and the Masses of Gauge Bosons" in found


@pytest.mark.parametrize(
    "text",
    [
        "[1] S. Hochreiter and J. Schmidhuber, Bridging long time lags, Neural Comput. 9 (1997) 1.",  # another title
        "[1] A. Roe, Long short-term memory, J. Eng. 9 (1997) 8.",  # other people
        "[1] S. Hochreiter and J. Schmidhuber, Long short-term memory, Tech. Rep. 7, TU Munich, 1995.",  # another year
        "[1] P. W. Higgs, Phys. Rev. Lett. 12, 132 (1964).",  # another page
    ],
)
def test_what_an_index_does_not_surely_have_stays(text: str, known: index.Index) -> None:
    assert all(map(unverified, confirmed(text, known).records))


# --- refusal ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Brown v. Board of Education, 347 U.S. 483 (1954).", "legal"),
        ("BGH, Urteil vom 12. März 2004, NJW 2004, 123.", "legal"),
        ("Ibid., p. 12.", "ibid."),
        ("Ebd., S. 34.", "ibid."),
        ("山田太郎. 情報処理の基礎. 情報処理学会論文誌, 2008, 49(7): 743-749.", "Chinese"),
    ],
)
def test_what_is_refused_is_told_with_its_text(text: str, word: str) -> None:
    batch = read(f"[1] A. Roe, Looms, J. Eng. 8 (2002) 3.\n[2] {text}\n")
    assert len(batch.records) == 1
    (problem,) = [each for each in batch.problems if each.severity == "error"]
    assert word in problem.message and problem.text == text and problem.origin.line == 2


@pytest.mark.parametrize("text", ["", "\n\n", "[1]", "...", "\x00\x01", "[1] [2] [3]", "1.\n2.\n3.\n", "(" * 5000])
def test_hardly_anything(text: str) -> None:
    assert not read(text).records


@given(st.text(max_size=400))
def test_reading_never_raises(text: str) -> None:
    batch = read(text)
    assert isinstance(batch, Batch)
    assert all(isinstance(record, Record) for record in batch.records)


def test_a_very_long_line_is_read_in_time() -> None:
    assert len(read("[1] " + "A. Roe, " * 20_000 + "Looms, 2002.").records) <= 1


def test_quotes_of_a_bib_are_no_list() -> None:
    assert not refusing.worth_a_look('x = """@article{a, author={A. B}, title={C}, year={2001}}"""\n')


# --- model ------------------------------------------------------------------------------------------------------------


def test_the_model_is_the_one_that_was_measured() -> None:
    data = (Path(model.__file__).parent / "model.npz").read_bytes()
    noted = (Path(model.__file__).parent / "MODEL.md").read_text("utf-8")
    assert hashlib.sha256(data).hexdigest() in noted
    assert len(data) <= 500_000


def test_words_and_gaps_are_the_whole_text() -> None:
    text = "Müller, H. (2001). „Titel“, https://example.org/a?b=1. doi:10.1000/ab.c"
    tokens = tokenise(text)
    pieces = [gap + word for gap, word in zip(tokens.gaps, (*tokens.words, ""), strict=True)]
    assert "".join(pieces) == text


def test_labels_of_one_reference_do_not_depend_on_its_company() -> None:
    known = model.shipped()
    texts = [tokenise(line) for line in APA.splitlines()]
    alone = [known.label([each])[0].labels for each in texts]
    apart = [each.labels for each in known.label(texts, [0, 1, 2])]
    assert alone == apart
