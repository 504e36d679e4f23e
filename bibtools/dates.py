"""Text to `Date` and back: EDTF (ISO 8601-2, the subset that biblatex and CSL know), BibTeX's year and month, free text.

Decisions. What is not understood keeps its words in ``Date.literal``; when the year is understood and the month is not,
both are given: ``parts=(2004,)`` and ``literal="Michaelmas 2004"``. A day is never guessed from ``3/4/2020``. EDTF counts a
year 0 (which is 1 BC), a `Date` has none. Approximate and uncertain (``~ ? %``) are both ``circa``: CSL knows no more.

Sources: https://www.loc.gov/standards/datetime/, biblatex manual 2.3.8, BibTeX's month macros, CSL-JSON's date variable.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from bibtools.record import Date

__all__ = [
    "MONTHS",
    "MONTH_MACROS",
    "MONTH_NAMES",
    "MONTH_OF_MACRO",
    "edtf",
    "infer_year",
    "month_number",
    "parse",
    "valid",
]

# Month names as they are printed, the full English one first: English, German, French, Spanish, Italian, Portuguese,
# Dutch. Accents are folded away.
_NAMES = (
    "january jan januar janvier janv enero ene gennaio gen janeiro januari jänner",
    "february feb febr februar fevrier fevr fev febrero febbraio fevereiro februari",
    "march mar mrz marz mars marzo marco maart",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout agosto ago augustus",
    "september sep sept septembre septiembre setiembre settembre set setembro",
    "october oct okt oktober octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dez dezember decembre diciembre dic dicembre dezembro",
)
MONTH_NAMES = tuple(names.split()[0].capitalize() for names in _NAMES)  # January ... December
MONTHS = tuple(name[:3] for name in MONTH_NAMES)  # Jan ... Dec
MONTH_MACROS = tuple(name.lower() for name in MONTHS)  # jan ... dec, as every BibTeX style defines them
MONTH_OF_MACRO = dict(zip(MONTH_MACROS, MONTH_NAMES, strict=True))
_MONTH_OF = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_SEASON_OF = {
    **dict.fromkeys(("spring", "fruhling", "fruhjahr", "printemps", "primavera"), 1),
    **dict.fromkeys(("summer", "sommer", "ete", "verano", "estate"), 2),
    **dict.fromkeys(("autumn", "fall", "herbst", "automne", "otono", "autunno"), 3),
    **dict.fromkeys(("winter", "hiver", "invierno", "inverno"), 4),
}
_FOLD = str.maketrans("áàâäãéèêëíìîïóòôöõúùûüçñ", "aaaaaeeeeiiiiooooouuuucn")

_EDTF = re.compile(
    r"(?P<year>[+-]?\d{4}|[yY][+-]?\d{5,9}|-\d{1,3}|\d{1,3}|\d{3}[Xxu]|\d\d(?:XX|xx|uu))"
    r"(?:-(?P<month>\d\d?|[Xxu]{2})(?:-(?P<day>\d\d?|[Xxu]{2}))?)?(?P<doubt>[~?%]?)",
    re.ASCII,
)
_CLOCK = re.compile(r"[T ]\d\d?:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?(?:Z|GMT|UTC|[+-]\d\d:?\d\d))?$", re.ASCII)
_CIRCA = re.compile(r"(?:circa\b|ca?\.|about\b|approx\.)[\s~]*", re.IGNORECASE)
_BC = re.compile(r"(\d{1,5}) ?(?:BC|BCE|B\. ?C\.|v\. ?Chr\.)", re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_TIE = re.compile(r"\\[, ]|(?<!\d)~|~(?!\s*(?:/|$))")
_LONGEST = 200  # a longer text is no date


def parse(text: str, month: str = "", day: str = "") -> Date:
    """A date from one text, or from BibTeX's ``year`` with ``month`` (macro, name, number, ``1~jan``, ``may--jun``)."""
    if len(text) + len(month) + len(day) > _LONGEST:
        return Date(literal=" ".join(f"{day} {month} {text}".split()))
    return _parse(text, month, day)


@lru_cache(maxsize=20_000)
def _parse(text: str, month: str, day: str) -> Date:
    text, month, day = (_clean(each) for each in (text, month, day))
    whole = _single_text(text)
    if not (month or day) or len(whole.parts) > 1:
        return whole
    if len(whole.parts) != 1 or whole.end is not None:
        words = " ".join(each for each in (day, month, text) if each)
        return Date(whole.parts, whole.end, circa=whole.circa, literal=words)
    year = whole.parts[0]
    if not month:
        return Date((year,), circa=whole.circa, literal=f"{day} {text}")
    found = _with_month(year, month, day)
    if not found:
        return Date((year,), circa=whole.circa, literal=" ".join(each for each in (day, month, text) if each))
    return Date(found.parts, found.end, found.season, whole.circa)


def _clean(text: str) -> str:
    """Without TeX's ties, braces and thin spaces; dashes made alike. EDTF's ``2020~`` is no tie."""
    text = _TIE.sub(" ", text).replace("{", "").replace("}", "")
    return " ".join(text.replace("–", "-").replace("—", "-").replace("--", "-").split())


def _single_text(text: str) -> Date:
    if not text:
        return Date()
    for reader in (_edtf_text, _numbers, _free):
        found = reader(text)
        if found:
            return found
    circa = _CIRCA.match(text)
    if circa:
        rest = _single_text(text[circa.end() :])
        if rest.parts and not rest.literal:
            return Date(rest.parts, rest.end, rest.season, circa=True)
    if text[0] in "[(©" and len(text) > 2:
        rest = _single_text(text.strip("[]()© "))
        if rest.parts and not rest.literal:
            return rest
    return Date(literal=text)


# -- EDTF ---------------------------------------------------------------------------------------------------------------


def _edtf_text(text: str) -> Date | None:
    clock = _CLOCK.search(text)
    if clock:
        text = text[: clock.start()]
    if "/" not in text:
        return _edtf_point(text)
    start, _, end = text.partition("/")
    if end.isdecimal() and start.isdecimal() and (len(start), len(end)) == (4, 2):
        end = start[:2] + end if int(end) > int(start[2:]) else ""  # 1999/00 is left to the free text
        if not end:
            return None
    first = Date() if start.strip() in ("", "..", "open", "unknown") else _edtf_point(start.strip())
    last = Date() if end.strip() in ("", "..", "open", "unknown") else _edtf_point(end.strip())
    if first is None or last is None or first.season or last.season or not (first.parts or last.parts):
        return None
    if len(end.strip()) < 4 and end.strip().isdecimal():  # 2020/05 is no range
        return None
    if first.end or last.end:
        return None
    return Date(first.parts, last.parts, circa=first.circa or last.circa)


def _edtf_point(text: str) -> Date | None:
    match = _EDTF.fullmatch(text)
    if not match:
        return None
    digits = match["year"].lstrip("yY")
    doubt = bool(match["doubt"])
    if not digits.lstrip("+-").isdecimal():  # 199X, 19XX: the years it can be
        low, high = (int(re.sub("[Xxu]", fill, digits)) for fill in "09")
        return None if match["month"] else Date((low,), (high,), circa=doubt)
    year = int(digits)
    if year <= 0:
        year -= 1
    if not (match["month"] or "").isdecimal():
        return Date((year,), circa=doubt)
    month = int(match["month"])
    if 21 <= month <= 24 and not match["day"]:
        return Date((year,), season=month - 20, circa=doubt)
    if not (match["day"] or "").isdecimal():
        return Date((year, month), circa=doubt) if 1 <= month <= 12 else _two_years(year, month)
    parts = (year, month, int(match["day"]))
    return Date(parts, circa=doubt) if valid(*parts) else None


def _two_years(year: int, short: int) -> Date | None:
    """``1998-99``: written so by people, who mean 1998 to 1999."""
    end = year - year % 100 + short
    return Date((year,), (end,)) if end > year and short > 24 else None


def valid(year: int, month: int, day: int) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    return day <= monthrange(2000 + year % 400, month)[1]


def edtf(value: Date) -> str:
    """The EDTF text of a date: ``2020-05/2020-06``, ``2020-21`` (spring), ``-0043`` (44 BC), ``2020~``, ``2020/..``."""
    mark = "~" if value.circa else ""
    if value.season and value.parts:
        return f"{_edtf_parts(value.parts[:1])}-{20 + value.season}{mark}"
    start = _edtf_parts(value.parts) + mark if value.parts else ""
    if value.end is None:
        return start
    return f"{start or '..'}/{_edtf_parts(value.end) + mark if value.end else '..'}"


def _edtf_parts(parts: tuple[int, ...]) -> str:
    year = parts[0] if parts[0] > 0 else parts[0] + 1
    head = f"{year:04d}" if 0 <= year <= 9999 else f"-{-year:04d}" if -9999 <= year < 0 else f"Y{year}"
    return "-".join([head, *(f"{each:02d}" for each in parts[1:])])


# -- what people write --------------------------------------------------------------------------------------------------


def month_number(text: str) -> int:
    """1 to 12, or 0: a name, an abbreviation with or without its dot, or a number."""
    folded = text.strip().rstrip(".").lower().translate(_FOLD)
    if folded.isdecimal() and len(folded) <= 2:
        return int(folded) if 1 <= int(folded) <= 12 else 0
    return _MONTH_OF.get(folded, 0)


def _numbers(text: str) -> Date | None:
    """``2020/06/03``, ``2020.6.3``, ``20200603``, ``13.6.2020``: only where one reading is possible; ``1999-2000``."""
    match = re.fullmatch(r"(\d{4})([/.])(\d\d?)(?:\2(\d\d?))?", text, re.ASCII) or re.fullmatch(
        r"(\d{4})()(\d\d)(\d\d)", text, re.ASCII
    )
    if match:
        year, month, day = int(match[1]), int(match[3]), int(match[4] or 0)
        if day:
            return Date((year, month, day)) if valid(year, month, day) else None
        return Date((year, month)) if 1 <= month <= 12 else None
    match = re.fullmatch(r"(\d\d?)([/.-]) ?(\d\d?)\2 ?(\d{4})", text, re.ASCII)
    if match:
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        readings = {(year, m, d) for m, d in ((first, second), (second, first)) if valid(year, m, d)}
        if match[2] == ".":  # the dot is the mark of day.month.year
            readings = {(year, second, first)} & readings
        return Date(readings.pop()) if len(readings) == 1 else None
    match = re.fullmatch(r"(\d{4}) ?[-/] ?(\d{4})", text, re.ASCII)
    if match and int(match[1]) < int(match[2]):
        return Date((int(match[1]),), (int(match[2]),))
    match = _BC.fullmatch(text)
    return Date((-int(match[1]),)) if match and int(match[1]) else None


def _free(text: str) -> Date | None:
    """Words in any order with one year: ``June 3, 2020``, ``3 June 2020``, ``Spring 2020``, ``May/June 2020``."""
    words = _WORD.findall(_CLOCK.sub("", text))
    years = [place for place, word in enumerate(words) if len(word) == 4 and word.isdecimal()]
    if len(years) != 1 or len(words) < 2:
        return None
    at = years[0]
    rest = words[:at] + words[at + 1 :]
    if rest and len(rest) > 2 and rest[0].lower().rstrip(".")[:3] in _WEEKDAYS and rest[1] in ",.":
        rest = rest[2:]
    return _with_month(int(words[at]), " ".join(rest), "")


_WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


def _with_month(year: int, month: str, day: str) -> Date | None:
    """A year and the words for month, day or season; one month or a range of two; ``None`` when a word is left over."""
    months: list[int] = []
    days: list[int] = []
    season = 0
    dashes = 0
    for word in _WORD.findall(month) + _WORD.findall(day):
        folded = word.lower().translate(_FOLD)
        if folded in _MONTH_OF:
            months.append(_MONTH_OF[folded])
        elif folded in _SEASON_OF and not season:
            season = _SEASON_OF[folded]
        elif word.isdecimal() and len(word) <= 2:
            days.append(int(word))
        elif word in "-/&" or folded in ("and", "to", "und", "et"):
            dashes += 1
        elif word not in ",.~" and folded not in ("st", "nd", "rd", "th", "de", "of"):
            return None
    if season:
        return None if months or days or dashes else Date((year,), season=season)
    if not months and days:  # month = 6
        months, days = days[:1], days[1:]
    return _assemble(year, months, days, dashes)


def _assemble(year: int, months: list[int], days: list[int], dashes: int) -> Date | None:
    if not months or any(not 1 <= each <= 12 for each in months):
        return None
    if any(not valid(year, months[min(place, len(months) - 1)], each) for place, each in enumerate(days)):
        return None
    match (len(months), len(days), min(dashes, 1)):
        case (1, 0, 0):
            return Date((year, months[0]))
        case (1, 1, 0):
            return Date((year, months[0], days[0]))
        case (2, 0, 1) if months[0] < months[1]:
            return Date((year, months[0]), (year, months[1]))
        case (1, 2, 1) if days[0] < days[1]:
            return Date((year, months[0], days[0]), (year, months[0], days[1]))
        case (2, 2, 1) if (months[0], days[0]) < (months[1], days[1]):
            return Date((year, months[0], days[0]), (year, months[1], days[1]))
    return None


# -- dates without a year -----------------------------------------------------------------------------------------------


def infer_year(month: int, day: int, as_of: date, not_before_year: int = 1) -> Date:
    """The day in the latest year not after ``as_of`` in which it exists: 29 February waits for a leap year.

    Where that year lies before ``not_before_year`` (a page writes the year of every paper but this year's, so its dates
    without one are later than every year it spells out) the guess is refuted, and the date stays without a year.
    """
    for year in range(as_of.year, as_of.year - 9, -1):
        if year >= max(1, not_before_year) and valid(year, month, day) and date(year, month, day) <= as_of:
            return Date((year, month, day), inferred=True)
    name = MONTHS[month - 1] if 1 <= month <= 12 else str(month)
    return Date(literal=f"{name} {day}", inferred=True)
