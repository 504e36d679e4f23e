"""YAML as bibliographies use it: every scalar is its text, since YAML's types turn ``1.10`` into 1.1 and ``no`` into false.

PyYAML parses to events; the values are built here, without recursion, so that nesting and aliases are bounded: an alias is a
copy, and all copies together may hold so many values and no more ("billion laughs"). A text that breaks off gives the lists and
mappings that are whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from bibtools.formats.jsonworks import Work
from bibtools.record import Origin, Problem

__all__ = ["Lined", "dumped", "head_value", "values"]

ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\U00010000-\U0010ffff]")
DEEPEST = 60
MOST_COPIED = 50_000  # values that aliases may stand for, all together
NULL = frozenset(("null", "Null", "NULL", "~"))


class Lined(dict[str, Any]):
    """A mapping that knows its line."""

    line = 0


class TooMuchError(ValueError):
    pass


class _Open(NamedTuple):
    value: list[Any] | Lined
    key: list[Any]  # of a mapping: the key whose value comes next
    anchor: str | None


def values(text: str, source: str) -> Iterator[Any]:
    """The documents of a text, and a `Problem` for what ended the reading."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder()
    try:
        for event in yaml.parse(ILLEGAL.sub("", text), Loader=loader):
            done = builder.take(event)
            if done is not None:
                yield done
    except (yaml.YAMLError, TooMuchError, RecursionError) as error:
        partial = builder.closed()
        if partial is not None:
            yield partial
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else builder.line
        reason = getattr(error, "problem", None) or str(error)
        yield Problem(f"not whole YAML: {reason}", Origin(source, line))


class _Builder:
    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.anchors: dict[str, Any] = {}
        self.copied = 0
        self.line = 1

    def take(self, event: Any) -> Any:
        """A document when it is whole."""
        self.line = event.start_mark.line + 1
        match type(event).__name__:
            case "DocumentStartEvent":
                self.anchors = {}
            case "ScalarEvent":
                plain = event.implicit[0] and event.style is None
                return self.put("" if plain and event.value in NULL else event.value, event.anchor)
            case "AliasEvent":
                if event.anchor not in self.anchors:
                    raise TooMuchError(f"the alias *{event.anchor} names nothing that is whole")
                found = self.anchors[event.anchor]
                self.copied += size(found)
                if self.copied > MOST_COPIED:
                    raise TooMuchError(f"its aliases stand for more than {MOST_COPIED:,} values")
                return self.put(deepcopy(found), None)
            case "SequenceStartEvent" | "MappingStartEvent" as kind:
                if len(self.stack) >= DEEPEST:
                    raise TooMuchError(f"nested more than {DEEPEST} deep")
                value: list[Any] | Lined = [] if kind == "SequenceStartEvent" else Lined()
                if isinstance(value, Lined):
                    value.line = self.line
                self.stack.append(_Open(value, [], event.anchor))
            case "SequenceEndEvent" | "MappingEndEvent":
                done = self.stack.pop()
                return self.put(done.value, done.anchor)
        return None

    def put(self, value: Any, anchor: str | None) -> Any:
        if anchor:
            self.anchors[anchor] = value
        if not self.stack:
            return value
        container, key, _ = self.stack[-1]
        if isinstance(container, list):
            container.append(value)
        elif not key:
            key.append(value if isinstance(value, str) else dumped(value).strip())
        else:
            name = key.pop()
            if name == "<<" and isinstance(value, dict):
                container.update({inner: each for inner, each in value.items() if inner not in container})
            elif name in container:  # a repeated key loses nothing
                container[f"{name} again {len(container)}"] = value
            else:
                container[name] = value
        return None

    def closed(self) -> Any:
        """What is whole of a document that broke off: lists keep their members, the mappings below them are lost."""
        while len(self.stack) > 1:
            done = self.stack.pop()
            outermost = len(self.stack) == 1
            if isinstance(done.value, list) or outermost:
                self.put(done.value if isinstance(done.value, list) else "", None)
        return self.stack[0].value if self.stack else None


def size(value: Any) -> int:
    """How many values a value holds, itself included."""
    stack, count = [value], 0
    while stack and count <= MOST_COPIED:
        found = stack.pop()
        count += 1
        stack += found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return count


def head_value(head: str) -> Any:
    """The first document of a text that may be cut; `None` where it is none, or no mapping or list."""
    if head[:1] in "{[<@%\\" or not re.search(r"^(?:\ufeff|---|- )?\s*[\w\"'@./:-]+ *:", head, re.MULTILINE):
        return None
    for found in values(head, ""):
        return found if isinstance(found, dict | list) else None
    return None


def dumped(value: Any) -> str:
    """A value as YAML in blocks, its keys in their order."""
    import yaml

    dumper: Any = type("Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})
    dumper.add_representer(str, _represented)
    plain = _plain(value)
    text: str = yaml.dump(
        plain, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )
    return text


def _represented(dumper: Any, text: str) -> Any:
    """Unicode's own line ends are written as escapes: as they are, a reader of lines takes them for ends of lines."""
    style = '"' if any(end in text for end in ("\x85", "\u2028", "\u2029")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return ILLEGAL.sub("", value) if isinstance(value, str) else value


def mappings(value: Any) -> Iterable[Work]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
