"""Pasted author pages: the three layouts, the cut between title and authors, dates without a year, bad pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bibtools import formats
from bibtools.format import ReadOptions
from bibtools.formats import listing
from bibtools.formats.listing import cut
from bibtools.record import Batch, Date, Name, Record

AS_OF = date(2026, 11, 20)
ABSTRACT = "What was done, how it was done, and what came out of it."


def read(text: str, as_of: date = AS_OF) -> Batch:
    return listing.read(text, ReadOptions(source="page.txt", as_of=as_of))


def paper(label: str, title: str = "On Things", authors: str = "Jane Roe, Li Wu et al.") -> str:
    return f"{label}\n{title}\n\n{authors}\n\n{ABSTRACT}\n\n"


def one(text: str) -> Record:
    (record,) = read(text).records
    return record


def said(text: str) -> list[str]:
    return [f"{each.origin.line} {each.severity}: {each.message}" for each in read(text).problems]


# --- the layouts -------------------------------------------------------------------------------------------------------


def test_a_listing_with_its_head() -> None:
    page = "Jane Roe\n\nCV\nh-index17\n2papers\n1,411citations\nNovelty43%\nAI Score50\n\n2 Papers\n\n"
    page += paper(
        "29.5LGAug 19, 2024Code", "E$^{2}$GAN at 15%-20% & More", "Jane Roe, Li Wu, Wen qi Wei et al. · harvard"
    )
    page += paper("MTRL-SCIFeb 29, 2024", "A Survey", "Jeremy H. M. Wong")
    batch = read(page)
    assert not batch.problems
    first, second = batch.records
    assert first == Record(
        type="article",
        title="E$^{2}$GAN at 15%-20% & More",
        author=(Name("Roe", "Jane"), Name("Wu", "Li"), Name("Wei", "Wen qi")),
        authors_truncated=True,
        issued=Date((2024, 8, 19)),
        categories=("cs.LG",),
        abstract=ABSTRACT,
        extra=(("score", "29.5"), ("code", "yes"), ("affiliation", "harvard")),
    )
    assert (first.origin.source, first.origin.line, first.origin.index) == ("page.txt", 12, 0)
    assert (second.author, second.authors_truncated) == ((Name("Wong", "Jeremy H. M."),), False)
    assert (second.issued, second.categories, second.extra) == (Date((2024, 2, 29)), ("cond-mat.mtrl-sci",), ())


def test_a_compact_page() -> None:
    page = (
        f"LGAug 19, 2024Code\nSearch for Models on the EdgeXuan Shen, Pu Zhao, Yifan Gong et al. · harvard\n{ABSTRACT}\n"
        f"ASJan 24, 2022\nEndpoint Detection for Multi-talker ASRLiang Lu, Jinyu Li\n{ABSTRACT}\n"
    )
    first, second = read(page).records
    assert (first.title, first.get_extra("affiliation")) == ("Search for Models on the Edge", "harvard")
    assert first.author == (Name("Shen", "Xuan"), Name("Zhao", "Pu"), Name("Gong", "Yifan"))
    assert first.authors_truncated
    assert (second.title, second.author) == (
        "Endpoint Detection for Multi-talker ASR",
        (Name("Lu", "Liang"), Name("Li", "Jinyu")),
    )
    assert not second.authors_truncated
    assert {first.abstract, second.abstract} == {ABSTRACT}


def test_a_page_of_abstracts() -> None:
    batch = read(f"China Mobile Research Institute, Beijing, China\nAbstract:{ABSTRACT}\nAbstract: {ABSTRACT} Twice.\n")
    assert [each.abstract for each in batch.records] == [ABSTRACT, ABSTRACT + " Twice."]
    assert not any(each.title or each.author for each in batch.records)
    assert not batch.problems


def test_what_the_head_claims_is_compared_with_what_is_shown() -> None:
    page = "126papers\n\n126 Papers\n\n" + paper("LGAug 19, 2024") * 3
    assert said(page) == ["3 note: the page claims 126 papers; 3 of them are shown"]
    assert said("3 Papers\n" + paper("LGAug 19, 2024") * 3) == []


def test_pages_pasted_one_after_another_are_read_apart() -> None:
    head = "Jane Roe\n\nCV\nh-index17\n24papers\n\n{} Papers\n\n"
    page = head.format(1) + paper("LGJun 3") + head.format(7) + paper("LGAug 19, 2026") + paper("CLAug 19, 2024")
    page += f"LGMay 3, 2020\nOn Compact ThingsJane Roe, Li Wu et al.\n{ABSTRACT}\nAbstract:{ABSTRACT}\n"
    batch = read(page)
    assert [each.title for each in batch.records] == ["On Things"] * 3 + ["On Compact Things", ""]
    assert [each.abstract for each in batch.records] == [ABSTRACT] * 5
    assert batch.records[0].issued == Date((2026, 6, 3), inferred=True), (
        "the second page's years say nothing of the first"
    )
    assert "claims 7 papers; 3 of them are shown" in " ".join(map(str, batch.problems))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["listing", "listing-compact", "listing-abstracts"])
def test_any_line_ends(samples: Path, name: str, end: str) -> None:
    text = (samples / f"{name}.txt").read_text(encoding="utf-8")
    assert read(text.replace("\n", end)) == read(text)


def test_blank_lines_decide_nothing() -> None:
    tight = (
        f"LGAug 3, 2020\nOn the Edge of Things\nJane Roe, Li Wu et al.\n{ABSTRACT}\n"
        f"CLMay 3, 2021\nBeyond Words\nAnn Poe\n{ABSTRACT}\n"
    )
    assert [each.title for each in read(tight).records] == ["On the Edge of Things", "Beyond Words"]
    assert [len(each.author) for each in read(tight).records] == [2, 1]
    loose = (
        f"LGAug 3, 2020\n\nOn the Edge of ThingsJane Roe, Li Wu et al.\n\n{ABSTRACT}\n\n"
        f"CLMay 3, 2021\n\nBeyond WordsAnn Poe\n\n{ABSTRACT}\n"
    )
    assert read(loose).records == read(tight).records


def test_wrapped_titles_and_abstracts_are_joined() -> None:
    record = one(f"LGAug 3, 2020\nOn the Edge\nof Things\n\nJane Roe\n\n{ABSTRACT}\n{ABSTRACT}\n")
    assert (record.title, record.abstract) == ("On the Edge of Things", f"{ABSTRACT} {ABSTRACT}")
    assert one(f"Jane Roe\nAbstract:{ABSTRACT}\n{ABSTRACT}\n").abstract == f"{ABSTRACT} {ABSTRACT}"


def test_a_paper_without_authors_keeps_its_whole_title() -> None:
    page = paper("LGJun 3, 2020") + f"CLMay 3, 2021\nOn the Edge of ResNet\n\n{ABSTRACT}\n"
    batch = read(page)
    assert (batch.records[1].title, batch.records[1].author) == ("On the Edge of ResNet", ())
    assert batch.records[1].abstract == ABSTRACT
    assert "no authors found" in batch.problems[0].message


def test_organisations_and_suffixes_in_a_list_of_authors() -> None:
    text = paper("LGJun 3, 2020", authors="Qwen Team, Institute of Standards and Technology, R. W. Heath, Jr.")
    assert one(text).author == (
        Name(literal="Qwen Team"),
        Name(literal="Institute of Standards and Technology"),
        Name("Heath", "R. W.", suffix="Jr."),
    )


# --- the cut -----------------------------------------------------------------------------------------------------------

CUTS = [
    "Search for Efficient Large Language Models|Xuan Shen, Pu Zhao, Yifan Gong et al.",
    "Streaming, fast and accurate Text Normalization for Speech Recognition|Yashesh Gaur, Nick Kibre, Jian Xue et al.",
    "Endpoint Detection for Streaming End-to-End Multi-talker ASR|Liang Lu, Jinyu Li, Yifan Gong",
    "System for the VoxCeleb Speaker Recognition Challenge 2020|Xiong Xiao, Naoyuki Kanda, Zhuo Chen et al.",
    "Can Examples Be Parsed to Reveal Model Information?|Yuguang Yao, Jiancheng Liu, Yifan Gong et al.",
    "Joint speaker diarisation in switching state-space model|Jeremy H. M. Wong, Yifan Gong",
    "Face Forgery Detection Based on Facial Trajectory Series|YuYang Sun, ZhiYong Zhang, Isao Echizen et al.",
    "Learning to Separate Speech|DeLiang Wang",
    "Concurrent Garbage Collection for C++|David L. Detlefs",
    "Scaling up $\\mu$P|Hongwu Peng, Ohiremen Dibua",
    "Large-Scale Training of Efficient GANs|Yifan Gong",
    "Deep Recommendations at YouTube|Paul Covington, Jay Adams, Emre Sargin",
    "Typesetting Concrete Mathematics with LaTeX|Donald E. Knuth",
    "Numerical Computing with MATLAB|Cleve B. Moler",
    "A Theory of Boosting with AdaBoost|Yoav Freund, Robert E. Schapire",
    "Web Services Description Language (WSDL)|Erik Christensen, Francisco Curbera",
    "Robust Estimation of 3D Human Pose and Shape in 3D|Jean-Luc O'Brien, Ng Ah Kow",
    "The Structure of Scientific Revolutions, Part II|T. S. Kuhn",
    "Protein Folding in Water|A. van der Waals, J. d'Alembert, Ó. Ní Bhroin",
    "Über die Grundlagen der Geometrie|Ömer Şahin, Łukasz Kaiser",
    "Observation of a New Particle|ATLAS Collaboration",
    "Poetics|Aristotle",
    "Programming the Z80|R. Zaks, J. McDonald, P. MacKay et al.",
    "On a Problem of Erdős|P. Erdős",
]


@pytest.mark.parametrize("line", CUTS)
def test_the_cut_of_one_line_by_itself(line: str) -> None:
    title, _, authors = line.partition("|")
    found = cut.split(title + authors)
    assert found.title == title
    assert found.authors == tuple(authors.removesuffix(" et al.").split(", "))
    assert found.truncated == authors.endswith(" et al.")


def test_the_page_settles_what_a_line_leaves_open() -> None:
    alone = "Multiple Kernel Learning AlgorithmHsiangTao Wu, Gunnar Rätsch"
    page = [alone, "Other ModelsJane Roe, HsiangTao Wu, Li Wu et al."]
    assert cut.split(alone).margin < 1, "who would know by the letters alone"
    assert cut.split_lines(page)[0].authors == ("HsiangTao Wu", "Gunnar Rätsch"), (
        "between commas it is a name for certain"
    )
    assert cut.split_lines(page)[0].margin > 1


def test_a_guess_is_told() -> None:
    page = f"LGMay 3, 2020\nMultiple Kernel Learning AlgorithmHsiangTao Wu, Gunnar Rätsch\n{ABSTRACT}\n"
    assert any("is a guess" in line for line in said(page))


# --- dates and labels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("LGJun 3", (2026, 6, 3)),
        ("LGNov 20", (2026, 11, 20)),
        ("LGNov 21", (2025, 11, 21)),
        ("LGDec 31", (2025, 12, 31)),
        ("LGFeb 29", (2024, 2, 29)),
        ("LGFeb 29Code", (2024, 2, 29)),
    ],
)
def test_a_date_without_year_is_the_latest_that_fits(label: str, parts: tuple[int, ...]) -> None:
    text = paper(label)
    assert one(text).issued == Date(parts, inferred=True)
    assert said(text) == [f"1 note: 1 date has no year: taken as {parts[0]} (as of 2026-11-20)"]


def test_a_year_that_the_page_spells_out_refutes_a_guess() -> None:
    text = paper("LGJun 3") + paper("LGJan 5, 2026")
    assert [each.issued for each in read(text).records] == [Date(literal="Jun 3", inferred=True), Date((2026, 1, 5))]
    assert "none fits: later than 2026" in said(text)[0]
    assert read(text, date(2027, 7, 1)).records[0].issued == Date((2027, 6, 3), inferred=True)


@pytest.mark.parametrize("label", ["LGFeb 30", "LGFeb 29, 2023", "LGJun 31, 2020", "LGJun 0", "LGJun 3, 0000"])
def test_a_day_that_does_not_exist_stays_as_written(label: str) -> None:
    found = one(paper(label)).issued
    assert not found.parts
    assert found.literal == label.removeprefix("LG")
    assert any("no day of the calendar" in line for line in said(paper(label)))


def test_an_ambiguous_label_is_settled_by_the_page_or_kept() -> None:
    alone = read(paper("SPJun 3, 2020"))
    assert (alone.records[0].categories, alone.records[0].get_extra("label")) == ((), "SP")
    assert alone.problems[0].severity == "warning"
    settled = read(paper("SPJun 3, 2020") + paper("ASJun 3, 2020"))
    assert settled.records[0].categories == ("eess.SP",)
    assert not settled.problems


# --- bad pages ---------------------------------------------------------------------------------------------------------


def test_control_characters_and_terminal_escapes_are_taken_out() -> None:
    text = paper("LGJun 3, 2020", "A \x1b[31mRed\x1b[0m\x00 \x1b]0;owned\x07Title\u202e", "Jane\u00a0Roe, Li\x0b Wu")
    record = one("\ufeff" + text)
    assert record.title == "A Red Title"
    assert record.author == (Name("Roe", "Jane"), Name("Wu", "Li"))
    assert any("control characters" in line for line in said(text))


@pytest.mark.parametrize("keep", range(0, 160, 7))
def test_a_page_cut_anywhere_is_read_as_far_as_it_goes(keep: int) -> None:
    text = paper("LGJun 3, 2020") + paper("CLJun 4, 2020", "Second Thoughts", "Ann Poe")
    batch = read(text[:keep])
    assert len(batch.records) <= 2
    assert batch.records or batch.problems
    assert all(each.title for each in batch.records)


def test_a_page_that_ends_with_a_date_says_so() -> None:
    assert said(paper("LGJun 3, 2020") + "CLJun 4, 2020\n")[-1].endswith("the page ends here: a date without a paper")


def test_text_before_the_first_paper_is_not_lost() -> None:
    stray = (
        "The end of an abstract whose beginning was cut off, and which is long enough to be told from a name or field."
    )
    (problem,) = read(stray + "\n\n" + paper("LGJun 3, 2020")).problems
    assert (problem.origin.line, problem.text) == (1, stray)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# Readme\n\nSome prose.\n", "\x00\x01\x02\xff", "@article{a, title={b}}"]
)
def test_a_page_of_another_kind_is_one_plain_problem(text: str) -> None:
    batch = read(text)
    assert not batch.records
    assert "no papers found" in " ".join(each.message for each in batch.problems)


def test_thousands_of_authors_and_millions_of_characters_do_not_hang() -> None:
    names = ", ".join(f"{chr(65 + n % 26)}. Author{chr(97 + n % 26)}" for n in range(5_000))
    assert len(one(f"LGJun 3, 2020\nTitle\n\n{names}\n\n{ABSTRACT}\n").author) == 5_000
    assert len(one(f"LGJun 3, 2020\nGood Things{names}\n{ABSTRACT}\n").title) >= len("Good Things")
    for line in ("aB" * 1_000_000, "A. " * 700_000, "Foo Bar, " * 100_000, "\x1b[" * 500_000, " et al." * 200_000):
        assert len(read(f"LGJun 3, 2020\n{line}\n{ABSTRACT}\n").records) <= 1


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*CUTS, "LGJun 3", "29.5CVMay 4, 2020Code", "", "Abstract:x", "24 Papers", "A b.", "\x1b[1m", ABSTRACT]
        )
    )
)
@example(["LGJun 3", "LGJun 3", "", "24 Papers", "LGJun 3"])
def test_no_order_of_lines_raises_and_every_line_is_somewhere(chosen: list[str]) -> None:
    batch = read("\n".join(chosen))
    assert batch.records or batch.problems
    lines = [each.origin.line for each in batch.problems]
    assert lines == sorted(lines)


# --- recognition -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["listing", "listing-compact", "listing-abstracts"])
def test_a_sample_is_recognised_as_itself_alone(samples: Path, name: str) -> None:
    text = (samples / f"{name}.txt").read_text(encoding="utf-8")
    assert [each.name for each in formats.recognise(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A letter.\n\nDear all,\n\nsee CVAug 19, 2024 for the paper.\n\nAbstract: none was given.\n",
        "# bibtools\n\nA label line is\n\n    CVAug 19, 2024\n\nand then the title follows.\n" + "Prose. " * 40,
        "Abstract\n\nThis paper shows that\nAbstract: nouns are hard.\n\n1 Introduction\n\nNouns are words.\n",
        "@misc{a,\n  title = {CVAug 19, 2024}\n}\n",
        '[{"title": "Abstract: a"}]',
    ],
)
def test_prose_and_other_formats_are_no_page(text: str) -> None:
    assert listing.layout(text) == ""


@pytest.mark.parametrize("name", ["listing", "listing-compact", "listing-abstracts"])
def test_the_sample_gives_the_records_beside_it(samples: Path, name: str) -> None:
    known = formats.table()["records"].read
    assert known is not None
    expected = known((samples / f"{name}.records.jsonl").read_text(encoding="utf-8"), ReadOptions())
    assert not expected.problems
    found = read((samples / f"{name}.txt").read_text(encoding="utf-8")).records
    assert [each.title for each in found] == [each.title for each in expected.records]
    for field in ("author", "authors_truncated", "issued", "categories", "abstract", "extra"):
        assert [getattr(each, field) for each in found] == [getattr(each, field) for each in expected.records]


# --- the seeds ---------------------------------------------------------------------------------------------------------


def test_the_seed_pages(shared: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in sorted((shared / "seeds").glob("*.txt"))]
    kinds = [listing.layout(page) for page in pages]
    assert kinds == ["listing", "listing-compact", "listing-abstracts", "listing", "listing-abstracts"]
    batches = [read(page) for page in pages]
    assert [len(each.records) for each in batches] == [50, 50, 10, 24, 10]
    titled = [record for batch in batches for record in batch.records if record.title]
    assert len(titled) == 124
    assert all(each.author and each.issued.parts and each.categories and len(each.abstract) > 300 for each in titled)
    assert sum(not each.title for batch in batches for each in batch.records) == 20
    assert not any(each.severity != "note" for batch in batches for each in batch.problems)
    assert "the page claims 126 papers; 50 of them are shown" in [each.message for each in batches[0].problems]
    known = {each.abstract for each in batches[1].records}
    assert all(each.abstract in known for each in batches[4].records), "ten abstracts are of papers on another page"


def authors_of(line: str) -> tuple[Name, ...]:
    page = f"CLAug 19, 2024\n\nThe Memory of Bees\n\n{line}\n\nWe study bees and what they remember of flowers.\n\n"
    (record,) = listing.LISTING.read(page, ReadOptions()).records  # type: ignore[misc]
    return record.author


def test_names_as_pages_show_them() -> None:
    assert authors_of("Chien-Nan (Shannon) Chen, Ann Bee") == (Name("Chen", "Chien-Nan (Shannon)"), Name("Bee", "Ann"))
    assert authors_of("T.-H. Hubert Chan, Ann Bee")[0] == Name("Chan", "T.-H. Hubert")
    assert authors_of("Ann (Bee) van der Berg, Ann Bee")[0].given == "Ann (Bee)"


@pytest.mark.parametrize(
    "line",
    [
        "Learning to Rank Members at LinkedInXiao Yan, Ann Bee, Cee Dee et al.",
        "The First Years of bioRxivJane Roe, Ann Bee, Cee Dee et al.",
        "Incentives for Reasoning in Language ModelsDeepSeek-AI, Daya Guo, Cee Dee et al.",
        "What We Know of YouTubeJane Roe, Ann Bee, Cee Dee et al.",
    ],
)
def test_a_cut_in_a_word_of_several_capitals_is_right_or_told(line: str) -> None:
    page = f"CLAug 19, 2024\n{line}\nWe study bees and what they remember of flowers.\n" * 2
    batch = listing.COMPACT.read(page, ReadOptions())  # type: ignore[misc]
    told = any("is a guess" in each.message for each in batch.problems)
    first = batch.records[0].author[0]
    right = (first.family, first.literal, first.given) in [
        ("Yan", "", "Xiao"),
        ("Roe", "", "Jane"),
        ("DeepSeek-AI", "", ""),
    ]
    right = right or first.literal == "DeepSeek-AI"
    assert told or right


def test_an_ordinary_cut_is_not_told() -> None:
    page = "CLAug 19, 2024\nThe Memory of BeesJane Roe, Ann Bee, Cee Dee et al.\nWe study bees and flowers.\n" * 2
    batch = listing.COMPACT.read(page, ReadOptions())  # type: ignore[misc]
    assert not any("is a guess" in each.message for each in batch.problems)
