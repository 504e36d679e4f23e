"""References made up of parts of real ones, in styles and of types that the labelled data have few of.

The parts are facts: names, titles and venues of known works, and titles, journals, publishers and places of labelled
references (in German and French too). Which belong together is left to chance, so nothing here is a reference to a work.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.refmodel.data import Example, label

GERMAN = re.compile(r"(?i)\b(?:der|die|das|und|für|zur|zum|im|des|eine?r?|über|von|auf|als|dem|den)\b")
FRENCH = re.compile(r"(?i)\b(?:le|la|les|des|du|et|une|aux?|dans|pour|sur|d['’]\w+|l['’]\w+)\b")
MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "short": "Jan. Feb. Mar. Apr. May Jun. Jul. Aug. Sep. Oct. Nov. Dec.".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
}
Piece = tuple[str, str]  # label ("" for what is between fields), text


def language(text: str) -> str:
    german, french, words = len(GERMAN.findall(text)), len(FRENCH.findall(text)), max(3, len(text.split()))
    return "de" if german * 4 >= words and german > french else "fr" if french * 4 >= words else "en"


@dataclass
class Parts:
    """What references are made of, by language where it matters."""

    people: list[tuple[str, str]] = field(default_factory=list)  # family, given
    titles: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "de": [], "fr": []})
    venues: list[str] = field(default_factory=list)  # conferences and journals of known works
    journals: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "de": [], "fr": []})
    short: list[str] = field(default_factory=list)  # journals without a title before them
    publishers: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {"en": [], "de": [], "fr": []})


def parts(examples: Iterable[Example], works: Iterable[Mapping[str, object]]) -> Parts:
    found = Parts()
    for example in examples:
        gold = example.gold
        for title in gold.get("title", ()):
            if 15 < len(title) < 200:
                found.titles[language(title)].append(title)
        tongue = language(" ".join(gold.get("title", ())))
        for journal in gold.get("journal", ()):
            if 3 < len(journal) < 90:
                found.journals[language(journal) if tongue == "en" else tongue].append(journal)
                if "title" not in gold:
                    found.short.append(journal)
        for book in gold.get("book", ()):
            if 15 < len(book) < 150:
                found.titles[language(book)].append(book)
        if len(gold.get("publisher", ())) == 1 and len(gold.get("place", ())) == 1:
            place, publisher = gold["place"][0], gold["publisher"][0]
            if len(place) < 40 and len(publisher) < 60:
                found.publishers[tongue].append((place, publisher))
    for work in works:
        for name in work.get("author", ())[:5]:  # type: ignore[index]
            if name.get("family") and name.get("given"):
                found.people.append((name["family"], name["given"]))
        if 15 < len(str(work.get("title", ""))) < 200 and "$" not in str(work["title"]):
            found.titles["en"].append(str(work["title"]).rstrip("."))
        if venue := str(work.get("container_title", "")):
            found.venues.append(venue)
    return found


class Maker:
    """Makes references; ``rng`` decides everything."""

    def __init__(self, known: Parts, rng: random.Random) -> None:
        self.known, self.rng = known, rng

    # -- pieces --------------------------------------------------------------------------------------------------------

    def one(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def year(self) -> str:
        return str(self.rng.choice((self.rng.randint(1950, 2025), self.rng.randint(1985, 2024))))

    def number(self, most: int) -> str:
        return str(self.rng.randint(1, most))

    def range(self, dash: str = "") -> str:
        first = self.rng.randint(1, 1500)
        last = first + self.rng.randint(1, 40)
        text = str(last)
        if self.chance(0.15) and len(text) == len(str(first)) > 2:
            text = text[-2:]
        return f"{first}{dash or self.one('-', '–', '–', '--')}{text}"

    def initials(self, given: str, style: str) -> str:
        letters = [part[0] for part in re.split(r"[\s.-]+", given) if part and part[0].isalpha()][:3]
        return style.join(letters) + style.strip() if style.strip() else "".join(letters)

    def names(self, form: str, most: int = 6) -> str:
        count = self.rng.choice((1, 1, 2, 2, 3, 3, 4, most))
        people = [self.rng.choice(self.known.people) for _ in range(count)]
        cut = count > 2 and self.chance(0.15)
        upper = self.chance(0.06)
        parts = []
        for place, (family, given) in enumerate(people):
            family = family.upper() if upper else family
            first = self.initials(given, self.one(". ", "."))
            match form:
                case "F. Last":
                    parts.append(f"{first} {family}")
                case "First Last":
                    parts.append(f"{given} {family}")
                case "Last, F.":
                    parts.append(f"{family}, {first}")
                case "Last FF":
                    parts.append(f"{family} {self.initials(given, '')}")
                case "Last F.":
                    parts.append(f"{family} {first}")
                case "Last, First":
                    parts.append(f"{family}, {given}")
                case _:
                    parts.append(f"{family}, {given}" if not place else f"{given} {family}")
        return self._joined(parts, form, cut)

    def _joined(self, parts: Sequence[str], form: str, cut: bool) -> str:
        between = ", "
        if form in ("Last, First", "Last, F.") and self.chance(0.4):
            between = self.one("; ", "/", " / ")
        if cut:
            return between.join(parts[:1]) + self.one(" et al.", ", et al.", " u. a.")
        if len(parts) == 1 or self.chance(0.15):
            return between.join(parts)
        last = self.one(" and ", ", and ", " & ", ", & ", " und ") if between == ", " else between
        return between.join(parts[:-1]) + last + parts[-1]

    def title(self, tongue: str) -> str:
        text = self.rng.choice(self.known.titles[tongue] or self.known.titles["en"]).strip(' .,:;“”"')
        if self.chance(0.03):
            text = text.upper()
        if self.chance(0.15) and tongue == "en":
            text = text[:1] + text[1:].lower()
        if self.chance(0.05):
            text = re.sub(r"(\w{3,6})(\w{3,})", r"\1- \2", text, count=1)
        return text

    def publisher(self, tongue: str) -> tuple[str, str]:
        return self.rng.choice(self.known.publishers[tongue] or self.known.publishers["en"])

    def journal(self, tongue: str) -> str:
        return self.rng.choice(self.known.journals[tongue] or self.known.journals["en"])

    def editors(self, tongue: str) -> list[Piece]:
        form = self.one("F. Last", "First Last", "Last, First", "Last, F.")
        names = self.names(form, 3)
        if tongue == "de":
            return [("editor", names), ("", self.one(" (Hg.): ", " (Hrsg.): ", " (Hrsg.), ", " (Hg.), ", " (Eds.): "))]
        if tongue == "fr":
            return [
                ("editor", names),
                ("", self.one(" (dir.), ", " (éd.), ", " (dir.). ", " (sous la direction de), ")),
            ]
        return [
            ("editor", names),
            ("", self.one(" (Eds.), ", " (eds.), ", " (Ed.), ", " (eds), ", ", editors, ", " (eds.): ")),
        ]

    # -- whole references ----------------------------------------------------------------------------------------------

    def social(self, tongue: str) -> list[Piece]:
        """Articles, chapters and books as the social sciences print them."""
        people = self.names(self.one("Last, First", "Last, F.", "Last, F.", "Chicago", "Last FF", "Last F.", "F. Last"))
        year = self.year() + (self.one("a", "b") if self.chance(0.1) else "")
        head: list[Piece] = [("author", people)]
        dated = self.chance(0.75)
        if dated:
            head += [("", self.one(" (", " (", ", ", ". ", " ")), ("date", year)]
            head += [
                ("", self.one("): ", "). ", ") ", "), ") if head[-2][1].endswith("(") else self.one(": ", ". ", ", "))
            ]
        else:
            head += [("", self.one(": ", ". ", ", "))]
        marks = self.one("", "", "", "“”", "„“", '""', "«»")
        title = self.title(tongue)
        if marks:
            inside = marks == "“”" and self.chance(0.5)
            shown: list[Piece] = [("", marks[0]), ("title", title), ("", ("." if inside else "") + marks[-1])]
        else:
            shown = [("title", title)]
        end = [] if dated else [("", self.one(", ", " ", " (")), ("date", year), ("", self.one(".", ").", ""))]
        kind = self.rng.random()
        if kind < 0.5:
            return [*head, *shown, *self._in_journal(tongue), *(end or [("", self.one(".", ""))])]
        if kind < 0.75:
            return [*head, *shown, *self._in_book(tongue), *(end or [("", self.one(".", ""))])]
        return [*head, *shown, *self._published(tongue), *(end or [("", self.one(".", ""))])]

    def _in_journal(self, tongue: str) -> list[Piece]:
        before = {
            "de": (". In: ", ". ", ", in: ", ", "),
            "fr": (", ", ", in ", ". "),
            "en": (". ", ", ", " ", ". In: "),
        }[tongue]
        pages = {
            "de": (", S. ", ": ", ", ", ", S."),
            "fr": (", p. ", ", pp. ", ": "),
            "en": (": ", ", ", ", pp. ", ":"),
        }[tongue]
        volume, issue = self.number(120), self.one(*map(str, range(1, 13)), "1/2", "3-4")
        numbers: list[Piece] = self.rng.choice(
            [
                [("", self.one(" ", ", ")), ("volume", volume)],
                [("", self.one(" ", ", ")), ("volume", volume), ("", self.one("(", " (")), ("issue", issue), ("", ")")],
                [
                    ("", self.one(", vol. ", ", Vol. ")),
                    ("volume", volume),
                    ("", self.one(", no. ", ", No. ", ", n° ")),
                    ("issue", issue),
                ],
                [
                    ("", self.one(", Jg. ", ", Bd. ", " Jg. ")),
                    ("volume", volume),
                    ("", self.one(", H. ", ", Heft ", ", Nr. ")),
                    ("issue", issue),
                ],
                [("", " "), ("volume", volume), ("", self.one(", ", "/")), ("issue", issue)],
                [("", self.one(", ", " ")), ("issue", issue), ("", "/"), ("date", self.year())],
            ]
        )
        return [
            ("", self.rng.choice(before)),
            ("journal", self.journal(tongue)),
            *numbers,
            ("", self.rng.choice(pages)),
            ("pages", self.range()),
        ]

    def _in_book(self, tongue: str) -> list[Piece]:
        before = {
            "de": (". In: ", ", in: ", ". In "),
            "fr": (", in ", ", dans ", ". In "),
            "en": (". In ", ", in ", ". In: "),
        }[tongue]
        pages = {"de": ", S. ", "fr": ", p. ", "en": self.one(", pp. ", " (pp. ")}[tongue]
        place, publisher = self.publisher(tongue)
        where: list[Piece] = self.rng.choice(
            [
                [("", ". "), ("place", place), ("", ": "), ("publisher", publisher)],
                [("", ", "), ("place", place), ("", ": "), ("publisher", publisher)],
                [("", ", "), ("place", place)],
                [("", ", "), ("publisher", publisher), ("", ", "), ("place", place)],
                [("", ". "), ("publisher", publisher)],
                [("", " ("), ("place", place), ("", ": "), ("publisher", publisher), ("", ")")],
            ]
        )
        numbers: list[Piece] = [("", pages), ("pages", self.range()), ("", ")" if pages.startswith(" (") else "")]
        edited = self.editors(tongue) if self.chance(0.85) else []
        book: list[Piece] = [("book", self.title(tongue))]
        tail = [*numbers, *where] if self.chance(0.5) else [*where, *numbers]
        return [("", self.rng.choice(before)), *edited, *book, *tail]

    def _published(self, tongue: str) -> list[Piece]:
        place, publisher = self.publisher(tongue)
        edition: list[Piece] = []
        if self.chance(0.2):
            count = self.rng.randint(2, 9)
            said = {
                "de": f"{count}. Aufl.",
                "fr": f"{count}e éd.",
                "en": f"{count}{'nd' if count == 2 else 'rd' if count == 3 else 'th'} ed.",
            }
            edition = [("", self.one(", ", ". ", " (")), ("edition", said[tongue])]
            edition += [("", ")")] if edition[0][1] == " (" else []
        return [
            *edition,
            *self.rng.choice(
                [
                    [("", self.one(". ", ", ")), ("place", place), ("", ": "), ("publisher", publisher)],
                    [("", self.one(". ", ", ")), ("place", place), ("", ", "), ("publisher", publisher)],
                    [("", self.one(". ", ", ")), ("publisher", publisher), ("", ", "), ("place", place)],
                    [("", self.one(". ", ", ")), ("publisher", publisher)],
                    [("", self.one(". ", ", ")), ("place", place)],
                    [("", " ("), ("place", place), ("", ": "), ("publisher", publisher), ("", ")")],
                ]
            ),
        ]

    def physics(self) -> list[Piece]:
        """Journal, volume, page and year, mostly without a title."""
        people = self.names(self.one("F. Last", "F. Last", "F. Last", "Last, F.", "Last F."), 9)
        journal, volume, page, year = (
            self.rng.choice(self.known.short),
            self.number(700),
            self.one(self.number(9000), self.number(999999).zfill(6), self.range()),
            self.year(),
        )
        title: list[Piece] = []
        if self.chance(0.25):
            marks = self.one("“”", '""', "")
            title = [("", marks[:1]), ("title", self.title("en")), ("", ("," + marks[-1:] + " ") if marks else ", ")]
        form = self.rng.choice(
            [
                [
                    ("journal", journal),
                    ("", " "),
                    ("volume", volume),
                    ("", ", "),
                    ("pages", page),
                    ("", " ("),
                    ("date", year),
                    ("", ")"),
                ],
                [
                    ("journal", journal),
                    ("", " "),
                    ("volume", volume),
                    ("", " ("),
                    ("date", year),
                    ("", ") "),
                    ("pages", page),
                ],
                [
                    ("journal", journal),
                    ("", ", "),
                    ("volume", volume),
                    ("", ", "),
                    ("pages", page),
                    ("", " ("),
                    ("date", year),
                    ("", ")"),
                ],
                [
                    ("journal", journal),
                    ("", " "),
                    ("volume", volume),
                    ("", ":"),
                    ("pages", page),
                    ("", ", "),
                    ("date", year),
                ],
                [
                    ("journal", journal),
                    ("", ", "),
                    ("date", year),
                    ("", ", "),
                    ("volume", volume),
                    ("", ", "),
                    ("pages", page),
                ],
                [
                    ("journal", journal),
                    ("", " "),
                    ("volume", volume),
                    ("", self.one(", no. ", ", no.")),
                    ("issue", self.number(12)),
                    ("", ", "),
                    ("pages", page),
                    ("", " ("),
                    ("date", year),
                    ("", ")"),
                ],
            ]
        )
        if self.chance(0.15):  # year first, as astronomers print
            form = [
                ("date", year),
                ("", ", "),
                ("journal", journal),
                ("", ", "),
                ("volume", volume),
                ("", ", "),
                ("pages", page),
            ]
        old = f"{self.one('hep-th', 'hep-ph', 'astro-ph', 'cond-mat', 'gr-qc', 'quant-ph')}/{self.rng.randint(9200000, 9912999)}"
        new = f"{self.rng.randint(7, 24):02}{self.rng.randint(1, 12):02}.{self.rng.randint(100, 18000):05}"
        more: list[Piece] = []
        if self.chance(0.35):
            identifier = self.one(
                old,
                f"arXiv:{new}",
                f"arXiv:{new} [{self.one('hep-ph', 'hep-th', 'cs.LG', 'quant-ph', 'astro-ph.CO')}]",
                f"arXiv:{old}",
            )
            opened = self.one(" [", ", ", " ")
            more = [("", opened), ("number-id", identifier), ("", "]" if "[" in opened else "")]
        elif self.chance(0.2):
            more = [
                ("", self.one(". ", ", ", " ") + self.one("", "doi:", "DOI: ")),
                (
                    "doi",
                    f"10.{self.rng.randint(1000, 9999)}/{self.one('PhysRevD', 'nature')}.{volume}.{page.split('–')[0]}",
                ),
            ]
        return [
            ("author", people),
            ("", self.one(", ", ", ", ". ", ": ")),
            *title,
            *form,
            *more,
            ("", self.one(".", "", ";")),
        ]

    def computing(self) -> list[Piece]:
        """Conference papers and preprints as BibTeX's styles print them."""
        people = self.names(self.one("First Last", "First Last", "F. Last", "Last, F.", "Chicago"), 8)
        year, tongue = self.year(), "en"
        first = self.chance(0.3)
        head: list[Piece] = (
            [("author", people), ("", self.one(" (", ". ")), ("date", year)] if first else [("author", people)]
        )
        head.append(
            (
                "",
                (self.one("). ", "): ") if head[-2][1] == " (" else ". ")
                if first
                else self.one(". ", ", ", ". ", ": "),
            )
        )
        marks = self.one("", "", "", "“”", '""')
        head += [("", marks[:1]), ("title", self.title(tongue)), ("", ("," + marks[-1]) if marks else "")]
        date: list[Piece] = (
            []
            if first
            else [
                ("", ", "),
                ("date", f"{self.rng.choice(MONTHS[self.one('en', 'short')])} {year}" if self.chance(0.2) else year),
            ]
        )
        kind = self.rng.random()
        if kind < 0.3:
            new = f"{self.rng.randint(7, 24):02}{self.rng.randint(1, 12):02}.{self.rng.randint(100, 18000):05}"
            said = self.rng.choice(
                [
                    [("journal", "arXiv preprint"), ("", " "), ("number-id", f"arXiv:{new}")],
                    [("journal", "CoRR"), ("", ", "), ("number-id", f"abs/{new}")],
                    [("number-id", f"arXiv:{new}")],
                    [("journal", "ArXiv"), ("", ", "), ("number-id", f"abs/{new}")],
                    [("journal", "arXiv e-prints"), ("", ", art. "), ("number-id", f"arXiv:{new}")],
                ]
            )
            return [*head, ("", self.one(". ", " ") if not marks else " "), *said, *date, ("", ".")]
        venue = self.rng.choice(self.known.venues)
        where: list[Piece] = [("", self.one(". In ", ". In: ", ", in ") if not marks else " in "), ("book", venue)]
        if self.chance(0.2):
            where += [("", ", "), ("place", self.publisher("en")[0])]
        if self.chance(0.25):
            where += [
                ("", self.one(", volume ", ", vol. ")),
                ("volume", self.number(300)),
                ("", " of "),
                (
                    "series",
                    self.one(
                        "Lecture Notes in Computer Science",
                        "Proceedings of Machine Learning Research",
                        "LNCS",
                        "LIPIcs",
                        "CEUR Workshop Proceedings",
                    ),
                ),
            ]
        if self.chance(0.6):
            where += [("", self.one(", pages ", ", pp. ", ", p. ", " (pp. ", ": ")), ("pages", self.range())]
            where += [("", ")")] if "(" in where[-2][1] else []
        maker: list[Piece] = [
            ("", self.one(". ", ", ")),
            (
                "publisher",
                self.one(
                    "ACM",
                    "IEEE",
                    "Springer",
                    "AAAI Press",
                    "Association for Computational Linguistics",
                    "PMLR",
                    "OpenReview.net",
                    "USENIX Association",
                    "IEEE Computer Society",
                    "Curran Associates, Inc.",
                ),
            ),
        ]
        tail = [*maker, *date] if self.chance(0.5) else [*date, *maker]
        return [*head, *where, *(tail if self.chance(0.4) else date), ("", ".")]

    def other(self) -> list[Piece]:
        """Patents, standards, theses, reports, software and web pages."""
        people = self.names(self.one("F. Last", "Last, F.", "Last FF", "First Last", "Chicago"), 3)
        year, title = self.year(), self.title("en")
        place, publisher = self.publisher("en")
        day = self.rng.choice(
            (
                f"{self.rng.choice(MONTHS['en'])} {self.number(28)}, {year}",
                f"{self.number(28)} {self.rng.choice(MONTHS['en'])} {year}",
                f"{self.rng.choice(MONTHS['short'])} {self.number(28)}, {year}",
            )
        )
        marks = self.one('""', "“”", "", "")
        shown: list[Piece] = [
            ("", marks[:1]),
            ("title", title),
            ("", ("," + marks[-1] + " ") if marks else self.one(". ", ", ")),
        ]
        host = self.one("example", "who", "census", "bls", "destatis", "nist") + self.one(
            ".org", ".gov", ".int", ".de", ".com"
        )
        folder = self.one("data", "reports", "docs/2020", "publications")
        site = f"https://{self.one('www.', '')}{host}/{folder}/{self.number(999)}"
        address: list[Piece] = self.rng.choice(
            [
                [("", "[Online]. Available: "), ("url", site)],
                [("note", f"Retrieved {day} from"), ("", " "), ("url", site)],
                [("", "Available at: "), ("url", site), ("", " "), ("note", f"(accessed {day})")],
                [("url", site), ("", ", "), ("note", f"accessed {day}")],
                [("", "URL "), ("url", site)],
                [("url", site), ("", " "), ("note", f"(Zugriff: {self.number(28)}.{self.number(12)}.{year})")],
            ]
        )
        university = self.one(
            "Stanford University",
            "University of Oxford",
            "MIT",
            "ETH Zürich",
            "Universität Heidelberg",
            "Univ. California, Berkeley",
            "Technische Universität München",
            "University of Tokyo",
            f"University of {place}",
            f"Universität {place}",
        )
        kind = self.rng.choice(
            ("patent", "standard", "thesis", "thesis", "report", "report", "software", "web", "web", "book", "book")
        )
        author: list[Piece] = [
            ("author", people),
            ("", self.one(", ", ". ", " ") if not people.endswith(".") else self.one(", ", " ")),
        ]
        dated: list[Piece] = [("author", people), ("", self.one(" (", ". ")), ("date", year)]
        dated.append(("", "). " if dated[1][1] == " (" else ". "))
        first = self.chance(0.4)
        head = dated if first else author
        date: list[Piece] = [] if first else [("", ", "), ("date", self.one(year, day))]
        match kind:
            case "patent":
                number = self.one(
                    f"{self.number(9)} {self.rng.randint(100, 999)} {self.rng.randint(100, 999)}",
                    f"{self.number(9)},{self.rng.randint(100, 999)},{self.rng.randint(100, 999)}",
                    f"US{self.rng.randint(5000000, 11000000)}B2",
                    f"EP{self.rng.randint(1000000, 3000000)}",
                )
                return [
                    *head,
                    *shown,
                    ("genre", self.one("U.S. Patent", "US Patent", "Patent", "European Patent", "U.S. Patent No.")),
                    ("", " "),
                    ("number-id", number),
                    *date,
                    ("", "."),
                ]
            case "standard":
                body = self.one(
                    "ISO",
                    "IEEE",
                    "ITU",
                    "ASTM International",
                    "DIN",
                    "ANSI",
                    "International Organization for Standardization",
                )
                kind = self.one("ISO", "IEEE Std", "ISO/IEC", "DIN EN", "ASTM D", "RFC")
                number = f"{kind} {self.rng.randint(100, 30000)}{self.one('', ':' + year, '-1')}"
                return self.rng.choice(
                    [
                        [("title", title), ("", ", "), ("number-id", number), *([] if first else date), ("", ".")],
                        [
                            ("author", body),
                            ("", " ("),
                            ("date", year),
                            ("", "). "),
                            ("title", title),
                            ("", " ("),
                            ("number-id", number),
                            ("", ")."),
                        ],
                        [
                            ("author", body),
                            ("", ". "),
                            ("number-id", number),
                            ("", ": "),
                            ("title", title),
                            ("", ". "),
                            ("place", place),
                            ("", ": "),
                            ("publisher", publisher),
                            ("", "; "),
                            ("date", year),
                            ("", "."),
                        ],
                    ]
                )
            case "thesis":
                genre = self.one(
                    "Ph.D. dissertation",
                    "PhD thesis",
                    "Ph.D. thesis",
                    "M.S. thesis",
                    "Master's thesis",
                    "Doctoral dissertation",
                    "Dissertation",
                    "Diplomarbeit",
                    "Masterarbeit",
                    "thèse de doctorat",
                    "Diss.",
                )
                end: list[Piece] = [("", ", "), ("place", place)] if self.chance(0.3) else []
                if self.chance(0.3):
                    return [
                        *head,
                        ("title", title),
                        ("", " ["),
                        ("genre", genre),
                        ("", "]. "),
                        ("publisher", university),
                        *end,
                        *date,
                        ("", "."),
                    ]
                if self.chance(0.2):
                    return [
                        *head,
                        ("title", title),
                        ("", " ("),
                        ("genre", genre),
                        ("", self.one(", ", "). ")),
                        ("publisher", university),
                        *end,
                        *date,
                        ("", ")."),
                    ]
                return [
                    *head,
                    *shown,
                    ("genre", genre),
                    ("", self.one(", ", ". ")),
                    ("publisher", university),
                    *end,
                    *date,
                    ("", "."),
                ]
            case "report":
                genre = self.one(
                    "Technical report",
                    "Tech. Rep.",
                    "Working Paper",
                    "Discussion Paper",
                    "Research Report",
                    "Report",
                    "Arbeitspapier",
                    "NBER Working Paper",
                )
                count = self.one(self.number(3000), "TR-" + self.number(99), "CS-" + self.number(999))
                numbered = f"{genre} {self.one('', 'No. ', 'Nr. ')}{count}"
                return [
                    *head,
                    *shown,
                    ("genre", numbered),
                    ("", ", "),
                    ("publisher", self.one(publisher, university)),
                    *date,
                    ("", "."),
                ]
            case "software":
                return [
                    *head,
                    ("title", title),
                    ("", self.one(" [Computer software]. ", ", ", " (Version 1.2) [Computer software]. ")),
                    *([] if first else [("date", year), ("", ". ")]),
                    *address,
                    ("", "."),
                ]
            case "web":
                body = self.one(
                    "World Health Organization",
                    "OECD",
                    "Statistisches Bundesamt",
                    "Eurostat",
                    "UNESCO",
                    "European Commission",
                    "Bundesministerium für Bildung und Forschung",
                    "US Census Bureau",
                    people,
                )
                return [
                    ("author", body),
                    ("", " (" if first else ". "),
                    *([("date", year), ("", "). ")] if first else []),
                    ("title", title),
                    ("", ". "),
                    *address,
                    ("", ""),
                ]
            case _:
                volume = self.one("", "", f", Volume {self.number(4)}", f", Vol. {self.number(4)}: {self.title('en')}")
                edition: list[Piece] = (
                    [("", ", "), ("edition", self.one("2nd ed.", "3rd ed.", "2nd edition", "second edition"))]
                    if self.chance(0.4)
                    else []
                )
                where = self.rng.choice(
                    [
                        [("", ". "), ("place", place), ("", ": "), ("publisher", publisher)],
                        [("", ". "), ("publisher", publisher)],
                        [("", " ("), ("publisher", publisher), ("", ", "), ("place", place)],
                        [("", ", "), ("publisher", publisher), ("", ", "), ("place", place)],
                    ]
                )
                closed = ")." if where[0][1] == " (" else "."
                return [*head, ("title", title + volume), *edition, *where, *date, ("", closed)]

    def organisation(self) -> str:
        return self.one(
            "World Health Organization", "OECD", "Statistisches Bundesamt", "Eurostat", "UNESCO", "European Commission", "UNICEF",
            "Bundesministerium für Bildung und Forschung", "US Census Bureau", "American Psychological Association", "W3C",
            "National Institutes of Health", "Deutsche Bundesbank", "United Nations", "Institut national de la statistique",
            "Centers for Disease Control and Prevention", "International Energy Agency", "Royal Society", "CERN", "NASA",
            f"{self.publisher('en')[0]} City Council", f"University of {self.publisher('en')[0]}", "Apache Software Foundation",
        )  # fmt: skip

    def medical(self) -> list[Piece]:
        """As the National Library of Medicine prints them."""
        people = self.organisation() if self.chance(0.12) else self.names("Last FF", 9)
        year, volume, issue = (
            self.year(),
            self.number(120),
            self.one(self.number(12), self.number(12), f"Suppl {self.number(4)}"),
        )
        head: list[Piece] = [
            ("author", people),
            ("", self.one(". ", ". ", ": ")),
            ("title", self.title("en")),
            ("", ". "),
        ]
        if self.chance(0.3):
            place, publisher = self.publisher("en")
            edition: list[Piece] = (
                [("edition", self.one("2nd ed", "4th ed", "Rev. ed")), ("", ". ")] if self.chance(0.3) else []
            )
            return [
                *head,
                *edition,
                ("place", place),
                ("", ": "),
                ("publisher", publisher),
                ("", "; "),
                ("date", year),
                ("", "."),
            ]
        date = self.one(
            year,
            year,
            f"{year} {self.rng.choice(MONTHS['short'])[:3]}",
            f"{year} {self.rng.choice(MONTHS['short'])[:3]} {self.number(28)}",
        )
        inner: list[Piece] = [("", "("), ("issue", issue), ("", ")")] if self.chance(0.75) else []
        tail: list[Piece] = []
        if self.chance(0.3):
            doi = f"10.{self.number(9999)}/{self.one('S0140-6736(12)', 'jama.', 'nejm')}{self.number(99999)}"
            tail = [("", self.one(" doi: ", ". doi:", " https://doi.org/")), ("doi", doi)]
        if self.chance(0.2):
            tail += [("", self.one(" PMID: ", ". PMID ")), ("number-id", str(self.rng.randint(1000000, 30000000)))]
        between = self.one(";", ";", "; ")
        where: list[Piece] = [
            ("journal", self.journal("en")),
            ("", self.one(". ", ". ", " ")),
            ("date", date),
            ("", between),
            ("volume", volume),
        ]
        return [
            *head,
            *where,
            *inner,
            ("", self.one(":", ":", ": ")),
            ("pages", self.range(self.one("-", "–"))),
            ("", "."),
            *tail,
        ]

    def institution(self) -> list[Piece]:
        """Books and reports of institutions."""
        body, year, tongue = self.organisation(), self.year(), self.one("en", "de", "en")
        place, publisher = self.publisher(tongue)
        edited = self.chance(0.35)
        head: list[Piece] = [
            ("editor" if edited else "author", body),
            ("", self.one(" (Hrsg.)", " (Ed.)", " (Hg.)") if edited else ""),
        ]
        if self.chance(0.75):
            head += [("", self.one(" (", ", ", ". ")), ("date", year)]
            head.append(("", self.one("): ", "). ") if head[-2][1] == " (" else self.one(": ", ". ")))
            end: list[Piece] = [("", ".")]
        else:
            head.append(("", self.one(". ", ": ", ", ")))
            end = [("", self.one("; ", ", ", " ")), ("date", year), ("", ".")]
        marks = self.one("", "", "“”", "„“")
        shown: list[Piece] = [("", marks[:1]), ("title", self.title(tongue)), ("", marks[1:])]
        where: list[Piece] = self.rng.choice(
            [
                [("", ". "), ("place", place)],
                [("", ". "), ("place", place), ("", ": "), ("publisher", publisher)],
                [("", ", "), ("place", place)],
                [],
            ]
        )
        return [*head, *shown, *where, *end]

    def references(self, count: int) -> Iterator[list[Piece]]:
        makers: Sequence[tuple[Callable[[], list[Piece]], int]] = (
            (lambda: self.social("de"), 20),
            (lambda: self.social("en"), 18),
            (lambda: self.social("fr"), 7),
            (self.physics, 13),
            (self.computing, 15),
            (self.other, 18),
            (self.medical, 7),
            (self.institution, 4),
        )
        chosen = self.rng.choices([each for each, _ in makers], [share for _, share in makers], k=count)
        for make in chosen:
            yield make()


def made(known: Parts, count: int, seed: int = 7) -> Iterator[Example]:
    """Labelled references in the form of the others."""
    maker = Maker(known, random.Random(seed))
    for place, pieces in enumerate(maker.references(count)):
        string = ""
        segments: list[list[object]] = []
        for name, text in pieces:
            if name and text:
                segments.append([BACK.get(name, name), text, len(string), len(string) + len(text)])
            string += text
        string, segments = string.rstrip(), segments
        tokens, labels = label(string, segments, "generated")
        if len(tokens.words) > 2:
            yield Example(tokens, tuple(labels), f"made-{place}", "made", {})


BACK = {"book": "container-title", "series": "collection-title", "place": "location"}
