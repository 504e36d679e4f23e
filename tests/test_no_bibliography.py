"""What is no bibliography is read by none: code, prose, logs, tables, mails, configuration, half a thousand texts.

The code is Python's own library; the rest is made here, the same on every run.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bibtools import formats
from bibtools.api.reading import InputError, read_records

WORDS = (
    "the a of and in to engine loom study year page title author journal volume note press city report review table figure "
    "abstract number date theory data model network system method result value field record entry index list key type name "
    "was is are has had will may can with without from by for on at between under over new old large small first second last"
).split()
NAMES = "Ada Charles Li Wei Jan Maria Omar Priya Lovelace Babbage Smith Jones Müller García Nguyen Kim".split()


def sentence(rng: random.Random) -> str:
    words = [rng.choice(WORDS) for _ in range(rng.randint(5, 18))]
    if rng.random() < 0.3:
        words.insert(rng.randrange(len(words)), f"{rng.choice(NAMES)} {rng.choice(NAMES)}")
    if rng.random() < 0.2:
        words.append(f"({rng.randint(1900, 2024)})")
    return " ".join(words).capitalize() + rng.choice(".?!.....")


def prose(rng: random.Random) -> str:
    return "\n\n".join(" ".join(sentence(rng) for _ in range(rng.randint(2, 7))) for _ in range(rng.randint(2, 8)))


def many(rng: random.Random, count: int, line: Callable[[int], str]) -> str:
    return "\n".join(line(number) for number in range(count))


def name(rng: random.Random) -> str:
    return f"{rng.choice(NAMES)} {rng.choice(NAMES)}"


def word(rng: random.Random) -> str:
    return rng.choice(WORDS)


def mail(rng: random.Random) -> str:
    head = f"From: {name(rng)} <a@example.org>\nTo: b@example.org\nDate: Mon, 4 Mar 2024 10:00:00 +0000\n"
    quoted = many(rng, 4, lambda _: "> " + sentence(rng))
    return f"{head}Subject: {sentence(rng)}\n\n{prose(rng)}\n\n{quoted}\n\n-- \n{name(rng)}\nPhone: 555-1234\nhttps://example.org\n"


def log(rng: random.Random) -> str:
    now = datetime(2024, 3, 1)

    def line(number: int) -> str:
        when = now + timedelta(seconds=number * 17)
        level = rng.choice(("INFO", "WARN", "ERROR", "DEBUG"))
        return f"{when.isoformat()} [{number}] {level} {word(rng)}: {sentence(rng)} id={rng.randint(0, 10**6)}"

    return many(rng, 40, line)


def table(rng: random.Random) -> str:
    separator = rng.choice((",", "\t", " | ", ";"))
    columns = rng.sample(["title", "name", "year", "count", "value", "city", "author", "pages", "date"], 5)

    def cell() -> str:
        return rng.choice((rng.choice(NAMES), str(rng.randint(1900, 2024)), word(rng)))

    return separator.join(columns) + "\n" + many(rng, 30, lambda _: separator.join(cell() for _ in columns))


def settings(rng: random.Random) -> str:
    value: dict[str, Any] = {
        word(rng): rng.choice((7, word(rng), [word(rng)], {"type": "book", "id": 1}, None)) for _ in range(8)
    }
    value |= {"title": sentence(rng), "type": rng.choice(("article", "module", "post", "dataset"))}
    return json.dumps(value if rng.random() < 0.5 else [value] * 3, indent=rng.choice((None, 2)))


def pipeline(rng: random.Random) -> str:
    steps = many(rng, 4, lambda _: f"  - name: {word(rng)}\n    run: make {word(rng)}\n    type: {word(rng)}")
    return f"---\ntitle: {word(rng)}\nauthor: {name(rng)}\ndate: 2024-03-01\non: [push]\njobs:\n{steps}\n"


def markup(rng: random.Random) -> str:
    body = many(rng, 5, lambda n: f"<item id='{n}'><title>{sentence(rng)}</title><author>{name(rng)}</author></item>")
    feed = f"<?xml version='1.0'?><rss><channel>{body}</channel></rss>"
    return rng.choice((feed, f"<html><head><title>x</title></head><body>{body}</body></html>"))


def readme(rng: random.Random) -> str:
    items = many(rng, 6, lambda n: f"* {sentence(rng)} [{n}] https://example.org/{n}")
    steps = many(rng, 3, lambda n: f"{n + 1}. {sentence(rng)}")
    return f"# {sentence(rng)}\n\n{prose(rng)}\n\n## Install\n\n    pip install x\n\n{items}\n\n{steps}\n"


def shell(rng: random.Random) -> str:
    return "#!/bin/sh\nset -e\n" + many(rng, 20, lambda n: f"cp {word(rng)} /tmp/{n} # {sentence(rng)}")


def difference(rng: random.Random) -> str:
    lines = many(rng, 20, lambda _: rng.choice(" +-") + sentence(rng))
    return f"diff --git a/x b/x\nindex 83db48f..bf2a1c4 100644\n--- a/x\n+++ b/x\n@@ -1,20 +1,20 @@\n{lines}\n"


def timetable(rng: random.Random) -> str:
    return many(rng, 9, lambda n: f"{name(rng)}\n{sentence(rng)}\n{n + 1} March {rng.randint(2000, 2024)}\n{n * 7}")


def latex(rng: random.Random) -> str:
    body = prose(rng).replace("(", "\\cite{").replace(")", "}")
    return f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"


def dialogue(rng: random.Random) -> str:
    return many(rng, 25, lambda n: f"[{10 + n % 13}:{n + 10}] {rng.choice(NAMES)}: {sentence(rng)}")


MAKERS: tuple[Callable[[random.Random], str], ...] = (
    *(prose, mail, log, table, settings, pipeline, markup, readme, shell, difference, timetable, latex, dialogue),
)


def made() -> Iterator[tuple[str, str]]:
    rng = random.Random(17)
    for maker in MAKERS:
        for number in range(28):
            yield f"{maker.__name__} {number}", maker(rng)


def library() -> Iterator[tuple[str, str]]:
    folder = Path(os.__file__).parent
    for path in sorted(folder.glob("*.py"))[:180]:
        yield path.name, path.read_text(encoding="utf-8", errors="replace")


def test_half_a_thousand_texts_are_claimed_by_none() -> None:
    texts = [*made(), *library()]
    assert len(texts) >= 500
    claimed = {title: [each.name for each in found] for title, text in texts if (found := formats.recognise(text))}
    assert claimed == {}
    assert not any(formats.recognise_bytes(text.encode("utf-8", "replace")) for _, text in texts)


@pytest.mark.parametrize("maker", MAKERS)
def test_and_give_no_record(maker: Callable[[random.Random], str]) -> None:
    with pytest.raises(InputError, match="not recognised"):
        read_records(maker(random.Random(3)), source="f")


@pytest.mark.parametrize(
    "text",
    [
        "@pytest.mark.parametrize('x', [1, 2])\ndef f(x): ...\n",
        '@app.route("/x", methods=["GET"])\ndef f(): ...\n',
        "@given(st.integers(), st.text())\ndef f(x, y): ...\n",
        "@dispatch(A, b=3)\ndef f(): ...\n",
        "@font-face {\n  font-family: Arial, sans-serif;\n}\n",
        "@media print, screen { body { color: red } }\n",
        "@interface Foo (Bar, Baz)\n",
    ],
)
def test_code_that_looks_like_an_entry(text: str) -> None:
    assert not formats.recognise(text)
