"""Asking a person on the terminal whether two records are one work, a pair at a time.

A question fits the screen: what differs is marked and comes first, what is equal stands in one line, long texts are cut to
where they begin to differ. Fields have the names that they have in a .bib.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from re import findall

import click

from bibtools import api
from bibtools.cli import console
from bibtools.formats.bibtex.labels import field_label, value_label
from bibtools.record import Record, filled
from bibtools.verdict import Answer

__all__ = ["asker", "differing"]

PROMPT = "[s]ame  [d]ifferent  [p]ick fields  s[k]ip  [b]ack  [q]uit  [?] help"
HELP = """\
  s  the same work: the two become one entry; the target's values stay, gaps are filled
  d  different works: both stay, and this pair is not asked about again
  p  the same work, and you choose which of two values stays, field by field
  k  not now: both stay, and the pair is asked about the next time
  b  back to the question before
  q  stop (or Ctrl-C): the answers that you have given are kept, no entry is changed
"""
HIDDEN = ("id", "entry_type")  # the key is in the head; the type says what the entry type says


def asker() -> Callable[[api.Question], api.Reply]:
    """Asks on the terminal. The end of the input, or an interruption, stops like `q`."""

    def ask(question: api.Question) -> api.Reply:
        _show(question)
        while True:
            answer = _answer(f"{PROMPT} > ")
            if answer in ("s", "same"):
                return api.Reply(Answer.SAME)
            if answer in ("d", "different"):
                return api.Reply(Answer.DIFFERENT)
            if answer in ("k", "skip"):
                return api.Reply()
            if answer in ("b", "back"):
                if question.number > 1:
                    raise api.Back
                console.err("this is the first question")
            elif answer in ("p", "pick"):
                return api.Reply(Answer.SAME, _picked(question.left, question.right))
            elif answer in ("q", "quit"):
                raise api.Quit
            else:
                console.err(HELP.rstrip("\n"))

    return ask


def _answer(prompt: str) -> str:
    console.err(prompt, end="")
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        console.err("")
        raise api.Quit from None
    if not line:
        raise api.Quit
    return line.strip().lower()


def differing(left: Record, right: Record) -> list[str]:
    """The fields that the records do not say alike, as they would be shown."""
    names = dict.fromkeys(name for record in (left, right) for name, _ in filled(record) if name not in HIDDEN)
    return [name for name in names if _value(left, name) != _value(right, name)]


def _value(record: Record, name: str) -> str:
    return value_label(name, getattr(record, name), record)


def _label(left: Record, right: Record, name: str) -> str:
    return field_label(name, left if getattr(left, name) else right)


def _picked(left: Record, right: Record) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for name in differing(left, right):
        if _value(left, name) and _value(right, name):
            console.err(f"{_label(left, right, name)}:")
            console.err(f"  1  {console.shown_line(_value(left, name), 300)}")
            console.err(f"  2  {console.shown_line(_value(right, name), 300)}")
            answer = _answer("Keep 1 or 2 (Enter: as the rules say) > ")
            if answer in ("1", "2"):
                chosen[name] = "left" if answer == "1" else "right"
    return chosen


# --- the pair ----------------------------------------------------------------------------------------------------------


def _show(question: api.Question) -> None:
    for line in _lines(question, *shutil.get_terminal_size()):
        console.err(line, styled=True)


def _lines(question: api.Question, columns: int, rows: int) -> Iterator[str]:
    left, right = question.left, question.right
    names = differing(left, right)
    wide = max([len(_label(left, right, name)) for name in names] + [6])
    width = max(20, (min(columns, 160) - wide - 7) // 2)
    each = max(1, min(6, (rows - 9) // max(1, len(names))))  # lines for a value, so that the question fits the screen
    colour = console.colour()
    yield ""
    yield (
        click.style(f"{question.number} of {question.count}: the same work?", bold=True)
        if colour
        else (f"{question.number} of {question.count}: the same work?")
    )
    yield f"  {console.shown_line(question.verdict.reason, columns - 4)}"
    yield _row("", [_head(left)], [_head(right)], wide, width)
    for name in names:
        one, other = _cut(_value(left, name), _value(right, name), width * each)
        for part, (first, second) in enumerate(_side_by_side(one, other, width, colour)):
            label = f"* {_label(left, right, name)}" if part == 0 else ""
            yield _row(label, [first], [second], wide, width)
    alike = [name for name, _ in filled(left) if name not in HIDDEN and name not in names]
    if alike:
        said = "; ".join(f"{_label(left, right, name)} {console.shown_line(_value(left, name), 60)}" for name in alike)
        yield f"  the same: {console.shown_line(said, columns - 12)}"


def _head(record: Record) -> str:
    place = str(record.origin)
    return console.shown_line(
        " ".join(part for part in (record.id, f"({place})" if place else "") if part) or "record", 70
    )


def _row(label: str, left: list[str], right: list[str], wide: int, width: int) -> str:
    gap = " " * max(0, width - console.width(left[0]))
    return f"  {label:<{wide + 2}} {left[0]}{gap}  {right[0]}".rstrip()


def _cut(one: str, other: str, size: int) -> tuple[str, str]:
    """Both texts on one line, cut to a size; where they are long they begin shortly before they differ."""
    one, other = (" ".join(console.safe(text).split()) for text in (one, other))
    if max(len(one), len(other)) > size and one and other:
        same = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
        start = one.rfind(" ", 0, max(0, same - size // 4)) + 1
        if start > 0:
            one, other = f"… {one[start:]}", f"… {other[start:]}"
    return tuple(text if len(text) <= size else f"{text[: size - 2]} …" for text in (one, other))  # type: ignore[return-value]


def _side_by_side(one: str, other: str, width: int, colour: bool) -> Iterator[tuple[str, str]]:
    """Lines of both texts, the words marked that the other has not."""
    first, second = findall(r"\s+|\S+", one), findall(r"\s+|\S+", other)
    marks: tuple[set[int], set[int]] = (set(), set())
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind != "equal" and one and other:
            marks[0].update(range(a, b))
            marks[1].update(range(c, d))
    left, right = (
        list(_wrapped(words, marked, width, colour)) for words, marked in ((first, marks[0]), (second, marks[1]))
    )
    for number in range(max(len(left), len(right), 1)):
        yield (left[number] if number < len(left) else "", right[number] if number < len(right) else "")


def _wrapped(words: list[str], marked: set[int], width: int, colour: bool) -> Iterator[str]:
    line, used = "", 0
    for number, word in enumerate(words):
        while console.width(word) > width:  # an address
            if line:
                yield line
            yield word[:width]
            word, line, used = word[width:], "", 0
        if used + console.width(word) > width:
            yield line.rstrip()
            line, used = "", 0
        if not line and not word.strip():
            continue
        shown = click.style(word, fg="yellow", bold=True) if colour and number in marked and word.strip() else word
        line, used = line + shown, used + console.width(word)
    if line.strip():
        yield line
