"""Noise at will: real records are damaged in known ways, so that the weak spots of matching show where no label exists.

    python -m tests.benchmarks.damage SOURCE.bib                       # recall and precision by kind of damage
    python -m tests.benchmarks.damage SOURCE.bib --size 100000         # the same among more records
    python -m tests.benchmarks.damage SOURCE.bib --bare                # every record has title, authors, venue, year only

A share of the records gets a damaged copy each, which is the same work, or a sibling, which is another work that looks like it
(the second part, an erratum, a reply, one word of the title another). Records beyond the source's are made from it: words of
the title, people, numbers and identifiers are drawn anew. The same seed makes the same records.

Recall of a kind: its copies that were joined to their original. Precision: of the pairs that join a record of that kind to
anything, those that are right. A sibling is never right.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bibtools import match
from bibtools.record import Date, Name, Record
from bibtools.verdict import Answer

Damage = Callable[[Record, random.Random], Record]
SMALL = frozenset("the of and in on for to a an at".split())


def typing_error(text: str, draw: random.Random) -> str:
    place = draw.randrange(max(1, len(text) - 1))
    kind = draw.randrange(4)
    letter = draw.choice("abcdefghijklmnopqrstuvwxyz")
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + letter + text[place:]
    if kind == 2:
        return text[:place] + letter + text[place + 1 :]
    return text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :]


def typing_errors(record: Record, draw: random.Random) -> Record:
    title = record.title
    for _ in range(draw.randint(1, 3)):
        title = typing_error(title, draw)
    return replace(record, title=title)


def scanned(record: Record, draw: random.Random) -> Record:
    """What optical recognition does: letters mistaken, words split at the line's end or run together."""
    title = record.title
    for right, wrong in draw.sample([("m", "rn"), ("l", "1"), ("fi", "f i"), ("e", "c"), ("o", "0"), ("cl", "d")], 2):
        places = [found.start() for found in re.finditer(right, title)]
        if places:
            place = draw.choice(places)
            title = title[:place] + wrong + title[place + len(right) :]
    words = title.split()
    place = draw.randrange(len(words))
    if len(words[place]) > 6:
        words[place] = words[place][:4] + draw.choice(("- ", " ")) + words[place][4:]
    return replace(record, title=" ".join(words))


def initials(record: Record, _: random.Random) -> Record:
    return replace(record, author=tuple(shortened(name) for name in record.author))


def shortened(name: Name) -> Name:
    return replace(name, given=" ".join(f"{word[0]}." for word in name.given.replace("-", " ").split()))


def swapped_names(record: Record, _: random.Random) -> Record:
    return replace(
        record,
        author=tuple(replace(each, family=each.given or each.family, given=each.family) for each in record.author),
    )


def et_al(record: Record, draw: random.Random) -> Record:
    return replace(record, author=record.author[: draw.randint(1, 3)], authors_truncated=True)


def silently_cut_authors(record: Record, _: random.Random) -> Record:
    return replace(record, author=record.author[:3])


def plain_letters(record: Record, _: random.Random) -> Record:
    from anyascii import anyascii

    author = tuple(replace(each, family=anyascii(each.family), given=anyascii(each.given)) for each in record.author)
    return replace(record, author=author, title=anyascii(record.title))


def capitals(record: Record, _: random.Random) -> Record:
    return replace(record, title=record.title.upper(), container_title=record.container_title.upper())


def abbreviated_venue(record: Record, draw: random.Random) -> Record:
    words = [
        word for word in re.findall(r"\w+", record.container_title) if word.lower() not in SMALL and not word.isdigit()
    ]
    short = [word if len(word) < 6 else word[: draw.randint(3, 5)] + "." for word in words[:6]]
    return replace(record, container_title=" ".join(short))


def acronym_venue(record: Record, _: random.Random) -> Record:
    words = [
        word for word in re.findall(r"\w+", record.container_title) if word.lower() not in SMALL and word[0].isupper()
    ]
    return replace(record, container_title="".join(word[0] for word in words[:7]).upper())


def no_identifier(record: Record, _: random.Random) -> Record:
    return replace(record, doi="", url="", isbn="", arxiv_id="")


def no_place(record: Record, draw: random.Random) -> Record:
    return replace(no_identifier(record, draw), volume="", issue="", page="")


def no_venue(record: Record, draw: random.Random) -> Record:
    return replace(no_place(record, draw), container_title="", event_title="", publisher="")


def no_year(record: Record, draw: random.Random) -> Record:
    return replace(no_identifier(record, draw), issued=Date())


def wrong_year(record: Record, draw: random.Random) -> Record:
    year = record.issued.year
    return replace(no_identifier(record, draw), issued=Date(parts=(year + draw.choice((-1, 1)),)) if year else Date())


def no_authors(record: Record, _: random.Random) -> Record:
    return replace(record, author=())


def cut_title(record: Record, draw: random.Random) -> Record:
    words = record.title.split()
    return replace(no_identifier(record, draw), title=" ".join(words[: max(5, len(words) * 3 // 5)]) + " ...")


def no_subtitle(record: Record, draw: random.Random) -> Record:
    return replace(no_identifier(record, draw), title=record.title.split(": ")[0])


def as_tex(record: Record, _: random.Random) -> Record:
    title = re.sub(r"\b([A-Z]{2,})\b", r'<span class="nocase">\1</span>', record.title)
    return replace(record, title=title.replace("-", "--").replace(" and ", " & "))


def preprint(record: Record, draw: random.Random) -> Record:
    year = record.issued.year or 2020
    number = f"{year % 100:02}{draw.randint(1, 12):02}.{draw.randint(10000, 19999)}"
    given = replace(no_place(record, draw), type="article", container_title="arXiv preprint", arxiv_id=number)
    return replace(given, issued=Date(parts=(year - draw.randint(0, 1),)))


def bare(record: Record, draw: random.Random) -> Record:
    """Title, authors by initials, short venue, year: what an index of computing papers gives."""
    return abbreviated_venue(initials(no_place(record, draw), draw), draw)


def scholar(record: Record, draw: random.Random) -> Record:
    """What a search engine's citation gives: as `bare`, and often no venue, no year, fewer authors, the title's end cut."""
    given = bare(record, draw)
    if draw.random() < 0.3:
        given = replace(given, issued=Date())
    if draw.random() < 0.3:
        given = replace(given, container_title="")
    if draw.random() < 0.3:
        given = silently_cut_authors(given, draw)
    if draw.random() < 0.15:
        given = cut_title(given, draw)
    return typing_errors(given, draw) if draw.random() < 0.2 else given


SAME: dict[str, Damage] = {
    each.__name__: each
    for each in (
        typing_errors, scanned, initials, swapped_names, et_al, silently_cut_authors, plain_letters, capitals,
        abbreviated_venue, acronym_venue, no_identifier, no_place, no_venue, no_year, wrong_year, no_authors, cut_title,
        no_subtitle, as_tex, preprint, bare, scholar,
    )
}  # fmt: skip


def elsewhere(record: Record, draw: random.Random, later: int = 1) -> Record:
    """Another place in the literature: what every sibling has."""
    year = record.issued.year
    first = draw.randint(1, 9000)
    return replace(
        record,
        issued=Date(parts=(year + later,)) if year else record.issued,
        page=f"{first}–{first + 12}" if record.page else "",
        volume=str(int(record.volume) + later) if record.volume.isdigit() else record.volume,
        doi=record.doi + f".{draw.randint(10, 99)}" if record.doi else "",
        url="",
    )


def second_part(record: Record, draw: random.Random) -> Record:
    return replace(elsewhere(record, draw, draw.randint(0, 1)), title=record.title + " II")


def other_number(record: Record, draw: random.Random) -> Record:
    return replace(elsewhere(record, draw), title=f"{record.title} {draw.randint(2, 9)}")


def erratum(record: Record, draw: random.Random) -> Record:
    return replace(
        elsewhere(record, draw, 0),
        title=draw.choice(("Erratum: ", "Corrigendum to ", "Correction to: ")) + record.title,
    )


def reply(record: Record, draw: random.Random) -> Record:
    return replace(
        elsewhere(record, draw), title=draw.choice(("Reply to: ", "Comment on: ", "Discussion of ")) + record.title
    )


def other_word(record: Record, draw: random.Random) -> Record:
    """One long word of the title is another: the same people's next paper."""
    words = record.title.split()
    long = [place for place, word in enumerate(words) if len(word) > 5]
    if long:
        words[draw.choice(long)] = draw.choice(WORDS)
    return replace(elsewhere(record, draw, draw.randint(0, 1)), title=" ".join(words))


def other_people(record: Record, draw: random.Random) -> Record:
    """The same title over the work of others."""
    author = tuple(
        Name(family=draw.choice(WORDS).title(), given=draw.choice("ABCDEFGHIJKLMNOPRSTUVW") + ".")
        for _ in record.author
    )
    return replace(elsewhere(record, draw), author=author)


WORDS = (
    "adaptive", "Bayesian", "clinical", "distributed", "efficient", "federated", "generative", "hierarchical", "industrial",
    "kernel", "longitudinal", "multilingual", "nonlinear", "observational", "probabilistic", "quantum", "recurrent", "stochastic",
    "temporal", "ultrasonic", "visual", "wireless", "training", "estimation", "retrieval", "segmentation", "classification",
)  # fmt: skip
OTHER: dict[str, Damage] = {
    each.__name__: each for each in (second_part, other_number, erratum, reply, other_word, other_people)
}


def enlarged(records: Sequence[Record], size: int, draw: random.Random) -> list[Record]:
    """So many distinct records: the source's, then new ones whose words and people are drawn from it."""
    made = list(records[:size])
    words = [word for each in records for word in re.findall(r"[A-Za-z]{5,}", each.title)]
    people = [name for each in records for name in each.author]
    while len(made) < size:
        like = draw.choice(records)
        title = re.sub(
            r"[A-Za-z]{5,}", lambda found: draw.choice(words) if draw.random() < 0.7 else found[0], like.title
        )
        author = tuple(replace(draw.choice(people), given=draw.choice(people).given) for _ in like.author)
        made.append(
            replace(
                elsewhere(like, draw, draw.randint(-10, 0)), id=f"{like.id}x{len(made)}", title=title, author=author
            )
        )
    return made


def damaged(
    records: Sequence[Record], size: int, seed: int, share: float, all_bare: bool
) -> tuple[list[Record], dict[int, tuple[int, str]]]:
    """Records, and for each copy or sibling the place of its original and the kind of damage."""
    draw = random.Random(seed)
    whole = [replace(each, title=re.sub(r"<[^<>]*>", "", each.title)) for each in records]
    whole = [each for each in whole if len(each.title.split()) > 3 and each.author]
    draw.shuffle(whole)
    kinds = [*SAME.items(), *OTHER.items()]
    made = enlarged(whole, int(size / (1 + share)), draw)
    if all_bare:
        made = [no_place(each, draw) for each in made]
    origin: dict[int, tuple[int, str]] = {}
    for place in draw.sample(range(len(made)), size - len(made)):
        name, damage = kinds[len(origin) % len(kinds)]
        origin[len(made)] = (place, name)
        copy = damage(made[place], draw)
        made.append(replace(no_place(copy, draw) if all_bare else copy, id=f"{made[place].id}~{name}"))
    return made, origin


def measured(
    records: Sequence[Record], origin: dict[int, tuple[int, str]]
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """By kind: copies, right pairs, wrong pairs, after closure."""
    linkage = match.dedupe(records)
    found = linkage.verdicts
    count, right, wrong = Counter(kind for _, kind in origin.values()), Counter[str](), Counter[str]()
    for group in linkage.clusters:
        for place in group:
            of, kind = origin.get(place, (place, "none"))
            for other in group:
                if other < place:
                    same = kind in SAME and origin.get(other, (other, ""))[0] == of
                    (right if same and other == of else wrong)[kind] += not (same and other != of)
    unsure = Counter(origin[each.right][1] for each in found if each.answer is Answer.UNSURE and each.right in origin)
    print(f"unsure: {sum(unsure.values())}", dict(unsure.most_common(8)), file=sys.stderr)
    return count, right, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall and precision of matching by kind of damage.")
    parser.add_argument("source", type=Path)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.25, help="copies and siblings a record")
    parser.add_argument("--bare", action="store_true", help="title, authors, venue and year only")
    given = parser.parse_args()
    from bibtools import api

    source = list(api.read_inputs([str(given.source)]).records())
    records, origin = damaged(source, given.size, given.seed, given.share, given.bare)
    begun = time.process_time()
    count, right, wrong = measured(records, origin)
    print(f"{len(records):,} records, {len(origin):,} copies and siblings, {time.process_time() - begun:.1f} s CPU")
    for kind in [*SAME, *OTHER, "none"]:
        joined = right[kind] + wrong[kind]
        recall = f"{right[kind] / count[kind]:7.3f}" if kind in SAME and count[kind] else "      -"
        precision = right[kind] / joined if joined else 1.0
        print(f"{kind:<22} {count[kind]:>6,}  recall {recall}  precision {precision:7.3f}  wrong {wrong[kind]}")
    total, good, bad = sum(count[kind] for kind in SAME), sum(right.values()), sum(wrong.values())
    print(f"{'all':<22} {total:>6,}  recall {good / total:7.3f}  precision {good / (good + bad):7.3f}  wrong {bad}")


if __name__ == "__main__":
    main()
