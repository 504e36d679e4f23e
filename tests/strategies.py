"""Hypothesis strategies for records, names and dates: one file, so that every room attacks with the same inputs.

Two kinds of text. ``clean`` is what a reader hands on when the source was sane: NFC, single blanks, none at the ends, no
control characters; it still holds everything that is hard about bibliographies (braces, percent signs, prices, mathematics,
CSL tags, every script, "others" as a word). ``hostile`` is any Unicode text but lone surrogates, with terminal escapes, line
ends and quotation marks in unlucky places. ``records()`` is clean and is what the round-trip laws run on; ``hostile_records()``
is for the laws that say nothing raises and nothing is lost.

Values are valid in the sense of record.py: names and dates are never empty, a literal name has no parts, years are not 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from hypothesis import strategies as st

from bibtools.record import Date, Name, Record


def _words(line: str) -> list[str]:
    return line.split()


WORDS: Sequence[str] = (
    *_words("a the of and on in for with and others et al. via The A AND Others"),
    *_words(
        "Attention Learning Network networks theory model Models quantum Bayesian deep Editorial Erratum Reply Part II"
    ),
    *_words(
        "DualHSIC LLM RNN-Transducer mRNA iPhone pH NaCl COVID-19 GPT-4 Wi-Fi McDonald's O'Neill x_i a^b C# C++ .NET"
    ),
    *_words("Größe naïve Ünïcode Łódź Çelik Ærø straße Đặng Nguyễn İstanbul ﬁnal Ωmega Москва Достоевский Ἀριστοτέλης"),
    *_words("深層学習 東京大学 人工智能 한국어 العربية עברית हिन्दी ไทย 🎉 e\u0301 A\u030a"),
    *_words(
        '15%-20% 100% R&D AT&T $5 $10 50$ #1 ~10 5° 2×3 a/b 1–10 1--10 — … “quoted” ‘so’ «là» "straight" it\'s `tick`'
    ),
    *_words(
        r"C:\path \alpha {braced} {Braced} } { [x] <b> a<b x>y &amp; &lt; | ^ _ ~ @ @article % \ \\ \& \% '' `` ,;:.!?"
    ),
    *_words(
        "$x$ $E=mc^2$ $\\alpha$ E$^{2}$GAN $R_{10}@1$ $10\\%$ $\\mathcal{O}(n\\log{n})$ $\\frac{a}{b}$ H<sub>2</sub>O"
    ),
    *_words("x<sup>2</sup> <i>E.</i> <b>bold</b>"),
    "<i>E. coli</i>",
    '<span class="nocase">iOS</span>',
    '<span style="font-variant:small-caps;">Caps</span>',
    *_words("2024 2.0 v1 3rd 42 -7 1e9 NaN null true None"),
)
FAMILIES = (
    *_words(
        "Knuth Lovelace Müller Nguyễn O'Neill García-López Þórsson Šmíd Wang Li Ng Ó McDonald al-Khwārizmī Łukasz 山田 김 Иванов"
    ),
    *("Vázquez de Parga", "Smith Jones", "Others", "others", "And", "Barnes and Noble", "{Braced}", "Uría, Ríu", "Jr"),
)
GIVENS = (
    *_words("Donald Ada J. J.-P. José María Đức 太郎 민수 Лев Ó D J"),
    *("Donald E.", "J. R. R.", "Jean-Paul", "Anna Maria", "John and", "Ada \\'A", "M.~K."),
)
PARTICLES = ("", "", "", "von", "van der", "de la", "d'", "al-", "Van", "ten", "zu")
SUFFIXES = ("", "", "", "", "Jr.", "III", "Sr", "2nd")
LITERALS = (
    "World Health Organization",
    "ATLAS Collaboration",
    "Barnes and Noble, Inc.",
    "NASA",
    "R&D Lab 100%",
    "中国科学院",
    "The {LHCb} Collaboration",
    "others",
    "~",
)
TYPES = (
    *_words("article-journal paper-conference book chapter thesis report article document webpage dataset software"),
    *_words("patent manuscript speech motion_picture entry-encyclopedia review-book legal_case post-weblog periodical"),
)
ENTRY_TYPES = ("", "", "", "inbook", "mvbook", "phdthesis", "techreport", "proceedings", "misc", "online")
LANGUAGES = ("", "en-US", "de-DE", "french", "zh")
KEYWORDS = ("deep learning", "LLM", "graphs, trees", "a; b", "Кот", "100%", "x/y", "{K}")
EXTRA_NAMES = (
    *_words(
        "howpublished tex-title eprinttype file crossref ids source archive original-title x-custom Keywords Größe"
    ),
    *("title", "DOI", "XX", "C1", "custom.z", "two words", "a:b"),
)
ROLES = ("illustrator", "composer", "director", "interviewer", "recipient", "narrator", "founder", "author")


# --- text -------------------------------------------------------------------------------------------------------------


def _tidy(text: str) -> str:
    """Clean in the sense above: NFC, single blanks, no control or format characters that a text file may not hold."""
    visible = "".join(
        " " if unicodedata.category(each) in ("Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co") else each for each in text
    )
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def clean(max_words: int = 8, *, empty: bool = True) -> st.SearchStrategy[str]:
    """Realistic text with everything that is hard in it: words of bibliographies, now and then any Unicode at all."""
    word = st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS), st.text(max_size=6))
    text = st.builds(
        lambda words, glue: _tidy(glue.join(words)), st.lists(word, max_size=max_words), st.sampled_from([" ", " ", ""])
    )
    return text if empty else text.filter(bool)


def hostile(max_size: int = 40) -> st.SearchStrategy[str]:
    """Any text but lone surrogates, with control characters, terminal escapes, line ends and quotes put where they hurt."""
    bite = st.sampled_from(
        [
            "\x1b[31m",
            "\x1b]0;t\x07",
            "\x00",
            "\r\n",
            "\r",
            "\n",
            "\n\n",
            "\t",
            "\x85",
            "\u2028",
            "\x7f",
            "\x9b2J",
            "\u202e",
            "\ufeff",
        ]
        + [
            "ER  - ",
            "\nTY  - JOUR",
            "},{",
            '"',
            "\\",
            '\\"',
            "<script>alert(1)</script>",
            "@book{x,",
            "}}",
            "{{",
            "$",
            "\xa0",
            "  ",
        ]
    )
    return st.lists(st.one_of(bite, st.text(max_size=8), st.sampled_from(WORDS)), max_size=8).map(
        lambda each: "".join(each)[:max_size]
    )


def _sparse(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Mostly nothing: a record fills few of its fields."""
    return st.one_of(st.just(""), st.just(""), strategy)


# --- names and dates --------------------------------------------------------------------------------------------------


def names(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Name]:
    """A person in parts, or an organisation; ``text`` replaces the realistic parts."""
    pick = st.sampled_from
    person = st.builds(
        Name,
        family=text if text is not None else st.one_of(pick(FAMILIES), pick(FAMILIES), clean(2)),
        given=text if text is not None else st.one_of(pick(GIVENS), pick(GIVENS), st.just(""), clean(2)),
        non_dropping_particle=pick(PARTICLES),
        dropping_particle=pick(PARTICLES),
        suffix=pick(SUFFIXES),
    ).filter(lambda name: bool(name.family))
    literal = st.builds(Name, literal=(pick(LITERALS) if text is None else text).filter(bool))
    return st.one_of(person, person, person, literal)


def name_lists(text: st.SearchStrategy[str] | None = None, max_size: int = 4) -> st.SearchStrategy[tuple[Name, ...]]:
    return st.lists(names(text), max_size=max_size).map(tuple)


def _parts(years: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int, ...]]:
    month, day = st.integers(1, 12), st.integers(1, 28)
    return st.one_of(st.tuples(years), st.tuples(years, month), st.tuples(years, month, day))


def dates(*, inferred: bool = True) -> st.SearchStrategy[Date]:
    """A date, a range (also without end), a season, about a year, before Christ, or words; never an empty one."""
    year = st.one_of(st.integers(1900, 2030), st.integers(1900, 2030), st.integers(-3000, 9999).filter(bool))
    whole = _parts(year)
    guessed = st.booleans() if inferred else st.just(False)
    single = st.builds(Date, parts=whole, circa=st.booleans(), inferred=guessed)
    span = st.builds(
        lambda parts, end: Date(parts=parts, end=end), whole, st.one_of(st.just(()), _parts(st.integers(2031, 2100)))
    )
    season = st.builds(Date, parts=st.tuples(year), season=st.integers(1, 4))
    literal = st.builds(
        Date, literal=st.sampled_from(["in press", "forthcoming", "n.d.", "ca. 1650?", "Michaelmas term 1999"])
    )
    return st.one_of(single, single, single, span, season, literal)


# --- records ----------------------------------------------------------------------------------------------------------


def identifiers() -> st.SearchStrategy[str]:
    """Citation keys, mostly such as every format allows."""
    simple = st.from_regex(r"[a-z]{2,8}(19|20)[0-9]{2}[a-z]{0,8}", fullmatch=True)
    return st.one_of(
        simple, simple, st.sampled_from(["vangennep:trans", "DBLP:conf/x/Y99", "a.b-c_d", "Müller2020", "x", "10.1/y"])
    )


def _fields(
    text: st.SearchStrategy[str], people: st.SearchStrategy[tuple[Name, ...]]
) -> dict[str, st.SearchStrategy[object]]:
    pick, some = st.sampled_from, _sparse(text)
    some_people = st.one_of(st.just(()), st.just(()), people)
    some_date = st.one_of(st.just(Date()), st.just(Date()), dates(inferred=False))
    several = st.lists(text.filter(bool), max_size=2, unique=True).map(tuple)
    extra = st.lists(st.tuples(pick(EXTRA_NAMES), text), max_size=3, unique_by=lambda pair: pair[0]).map(tuple)
    return {
        "id": identifiers(),
        "type": pick(TYPES),
        "entry_type": pick(ENTRY_TYPES),
        "title": text,
        "author": people,
        "authors_truncated": st.booleans(),
        "other_creators": st.lists(st.tuples(pick(ROLES), people.filter(bool)), max_size=1).map(tuple),
        "volume": pick(["", "", "12", "IV", "3-4", "XII/2"]),
        "issue": pick(["", "", "3", "1-2", "S1", "Suppl. 2"]),
        "number": pick(["", "", "EU-29702195U", "7", "TR-12/3"]),
        "page": pick(["", "", "1–10", "1", "xi", "e123", "12, 15–17", "101–9"]),
        "chapter_number": pick(["", "", "4", "IV"]),
        "edition": pick(["", "", "2", "Third"]),
        "version": pick(["", "", "1.10", "v2"]),
        "number_of_pages": pick(["", "", "300", "xii, 300"]),
        "number_of_volumes": pick(["", "", "3"]),
        "language": pick(LANGUAGES),
        "issued": st.one_of(st.just(Date()), dates()),
        **dict.fromkeys(("submitted", "accessed", "original_date", "event_date"), some_date),
        "doi": pick(
            [
                "",
                "",
                "10.1000/xyz123",
                "10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2",
                "10.48550/arXiv.2304.01234",
            ]
        ),
        "url": pick(
            ["", "", "https://example.org/a_b?c=1&d=%20#e~f", "http://arxiv.org/abs/2304.01234", "https://例え.jp/ä"]
        ),
        "isbn": pick(["", "", "978-3-16-148410-0", "316148410X"]),
        "issn": pick(["", "", "0378-5955", "2434-561X"]),
        "pmid": pick(["", "", "19008416"]),
        "pmcid": pick(["", "", "PMC2600605"]),
        "arxiv_id": pick(["", "", "2304.01234", "hep-th/9901001", "math.GT/0309136"]),
        "categories": pick([(), (), ("cs.CL",), ("math.NT", "cs.DS")]),
        "keyword": st.one_of(st.just(()), st.lists(pick(KEYWORDS), max_size=3, unique=True).map(tuple), several),
        "extra": st.one_of(st.just(()), extra),
        **dict.fromkeys(("editor", "translator", "container_author", "collection_editor"), some_people),
        **dict.fromkeys(
            ("title_short", "container_title", "container_title_short", "collection_title", "volume_title"), some
        ),
        **dict.fromkeys(
            ("event_title", "event_place", "publisher", "publisher_place", "genre", "medium", "status"), some
        ),
        **dict.fromkeys(("collection_number", "abstract", "note", "annote"), some),
    }


def records(**fixed: st.SearchStrategy[object]) -> st.SearchStrategy[Record]:
    """Valid, clean records with any selection of fields; a keyword argument replaces the strategy of that field."""
    return st.builds(Record, **{**_fields(clean(), name_lists()), **fixed})


def hostile_records(**fixed: st.SearchStrategy[object]) -> st.SearchStrategy[Record]:
    """Records whose texts, names, key and type are whatever a stranger's file can hold."""
    text = hostile()
    wild = {
        **_fields(text, name_lists(text)),
        "id": text,
        "type": st.one_of(st.sampled_from(TYPES), text),
        "doi": text,
        "url": text,
        "page": text,
        "language": text,
        "extra": st.lists(st.tuples(text, text), max_size=3).map(tuple),
    }
    return st.builds(Record, **{**wild, **fixed})


def libraries(max_size: int = 6) -> st.SearchStrategy[tuple[Record, ...]]:
    """Several records with keys that differ, case ignored."""
    return st.lists(records(), max_size=max_size, unique_by=lambda record: record.id.lower()).map(tuple)
