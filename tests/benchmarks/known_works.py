"""Questions to an index of known works, beside SQLite's FTS5 holding the same works: CPU time a question, and recall.

    python -m tests.benchmarks.known_works WORKS.jsonl INDEX QUERIES.jsonl    # WORKS in our format `records`

The questions are titles damaged in twelve ways, with people and year, each with the title that it means. FTS5 is asked, like
the index, for the rarest words only; its counts come from its own vocabulary table.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from bibtools import fold, index, latex, names
from bibtools.index import terms
from bibtools.record import Date, Record

Ask = Callable[[Record], Iterable[str]]


def plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold.text(title))


def asked(question: dict[str, object]) -> Record:
    title = str(question["t"])
    people = question["a"]
    assert isinstance(people, list)
    year = question.get("y")
    return Record(
        title=latex.decode(title) if "\\" in title or "{" in title else title,
        author=tuple(names.parse(name) for name in people),
        issued=Date((year,)) if isinstance(year, int) else Date(),
    )


def with_sqlite(works: Path, database: Path) -> Ask:
    """FTS5 over the same words, contents left out. Without positions (`detail=none`) it is smaller, but ranks wrongly."""
    connection = sqlite3.connect(database)
    connection.executescript(
        "pragma journal_mode=off; pragma synchronous=off; create table work(id integer primary key, title text);"
        "create virtual table words using fts5(text, content='');"
        "create virtual table counts using fts5vocab(words, row);"
    )
    with works.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            value = json.loads(line)
            people = [each.get("family", each.get("literal", "")) for each in value.get("author", ())]
            text = " ".join(
                [*terms.title_words(value["title"]), *(w for name in people for w in terms.surname_words(name))]
            )
            connection.execute("insert into work values (?, ?)", (number, value["title"]))
            connection.execute("insert into words(rowid, text) values (?, ?)", (number, text))
    connection.commit()

    def ask(record: Record) -> Iterable[str]:
        words = {*terms.title_words(record.title), *terms.surnames(record.author)}
        marks = ",".join("?" * len(words))
        rows = connection.execute(f"select term, doc from counts where term in ({marks})", tuple(words)).fetchall()
        rarest = [word for word, _ in sorted(rows, key=lambda row: (row[1], row[0]))[:11]]
        if not rarest:
            return []
        query = " OR ".join(f'"{word}"' for word in rarest)
        found = connection.execute("select rowid from words where words match ? order by rank limit 10", (query,))
        return [
            connection.execute("select title from work where id = ?", row).fetchone()[0] for row in found.fetchall()
        ]

    return ask


def measured(who: str, ask: Ask, questions: list[dict[str, object]]) -> dict[str, float]:
    seconds: list[float] = []
    right: dict[str, list[bool]] = defaultdict(list)
    for question in questions:
        record = asked(question)
        begun = time.process_time()
        titles = list(ask(record))
        seconds.append(time.process_time() - begun)
        right[str(question["kind"])].append(str(question["gold"]) in map(plain, titles))
    seconds.sort()
    whole = [one for kind in right.values() for one in kind]
    worst = min(right, key=lambda kind: sum(right[kind]) / len(right[kind]))
    figures = {
        "p50": seconds[len(seconds) // 2] * 1e3,
        "p95": seconds[int(len(seconds) * 0.95)] * 1e3,
        "recall": sum(whole) / len(whole),
        "worst": sum(right[worst]) / len(right[worst]),
    }
    print(
        f"{who:<24} {figures['p50']:>7.2f} / {figures['p95']:.2f} ms CPU (p50 / p95)   "
        f"recall@10 {figures['recall']:.4f}, worst kind {worst} {figures['worst']:.3f}",
        flush=True,
    )
    return figures


def compare(works: Path, place: Path, queries: Path) -> None:
    with works.open(encoding="utf-8") as lines:
        held = {plain(json.loads(line)["title"]) for line in lines}
    with queries.open(encoding="utf-8") as lines:
        questions = [value for line in lines if (value := json.loads(line))["gold"] in held]
    known = index.open(place)
    print(f"{len(questions)} questions whose work is among {len(known):,} works", flush=True)
    measured("bibtools index", lambda record: [hit.record.title for hit in known.search(record)], questions)
    database = place / "peer.sqlite"
    database.unlink(missing_ok=True)
    measured("SQLite FTS5", with_sqlite(works, database), questions)
    database.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", type=Path)
    parser.add_argument("place", type=Path)
    parser.add_argument("queries", type=Path)
    given = parser.parse_args()
    compare(given.works, given.place, given.queries)


if __name__ == "__main__":
    main()
