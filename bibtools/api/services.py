"""Services for what the index does not hold: asked once, their answers taken as an index in memory.

So a work from a service is looked up, completed from and judged by the same rules, and with the same result, as one that an index
holds. `Session` is `bibtools.online`'s; this module is the only one that opens it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bibtools import __version__, index
from bibtools.api.looking import Found, identifier_of, keyed, look_up, read_lines
from bibtools.api.reading import InputError, Inputs
from bibtools.index import Index, Source
from bibtools.record import Batch, Origin, Problem, Record, incomplete

if TYPE_CHECKING:
    from bibtools.online.asking import Answered, Wanted
    from bibtools.online.kept import Summary
    from bibtools.online.session import Options, Session

__all__ = [
    "Answered",
    "Options",
    "Session",
    "Status",
    "ask_online",
    "forget_answers",
    "identified_online",
    "look_up_online",
    "online_options",
    "online_session",
    "online_status",
    "read_titles_online",
    "with_answers",
]

MISSING = "asking services needs the extra `online`: pip install 'bibtools-cm[online]'"


def online_options(services: str, *, mailto: str = "", ids_only: bool = False, offline: bool = False) -> Options:
    """What is to be asked: names of services with commas between them. Raises InputError for one that is not known."""
    try:
        from bibtools.online.session import OnlineError, Options, checked_mailto, services_of
    except ImportError as error:
        raise InputError(MISSING) from error
    try:
        return Options(services_of(services), checked_mailto(mailto), ids_only, offline)
    except OnlineError as error:
        raise InputError(str(error)) from error


@contextmanager
def online_session(options: Options, tell: Callable[[str], None] = lambda message: None) -> Iterator[Session]:
    """The conversations of one run; ``tell`` is given lines for a person. Raises InputError for a key that cannot be used."""
    from bibtools.online.session import OnlineError, Session

    try:
        session = Session(options, agent=f"bibtools/{__version__}", tell=tell)
    except OnlineError as error:
        raise InputError(str(error)) from error
    with session:
        yield session


def ask_online(works: Iterable[Record | str], session: Session, *, beyond: bool = False) -> tuple[Answered, ...]:
    """What the services say of each work (or text that a person typed), in their order. With ``beyond`` preprints are asked
    for by title even where their number is known: their publication is looked for."""
    from bibtools.online import asking
    from bibtools.publication import is_preprint

    def wanted(work: Record | str) -> Wanted:
        if isinstance(work, str):
            return asking.wanted_text(work)
        return asking.wanted(work, beyond=beyond and is_preprint(work))

    return session.ask([wanted(work) for work in works])


def with_answers(answers: Sequence[Answered], known: Index | None = None) -> Index:
    """The works that services answered with, as an index, together with the ``known`` one."""
    groups: dict[tuple[str, str], dict[Record, None]] = {}
    for answer in answers:
        for works in answer.works:
            groups.setdefault((works.service, works.day), {}).update(dict.fromkeys(works.records))
    return index.hold(
        ((Source(service, service, (), day), list(records)) for (service, day), records in groups.items()), known
    )


def look_up_online(queries: Sequence[str], session: Session, known: Index | None = None) -> list[Found]:
    """As `look_up`, with the services asked for what the index has no answer to. Where one of them was silent and nothing is
    found, the question is ``unresolved``, and not answered with no."""
    found = list(look_up(queries, known)) if known is not None else [Found(query, None, (), "") for query in queries]
    open_ = [place for place, each in enumerate(found) if each.hit is None]
    answers = ask_online([queries[place] for place in open_], session)
    joined = with_answers(answers, known)
    again = look_up((queries[place] for place in open_), joined)
    for place, answer, each in zip(open_, answers, again, strict=True):
        found[place] = each if each.hit else _without(each, answer)
    return found


def _without(found: Found, answer: Answered) -> Found:
    if answer.unregistered:
        told = f"{answer.unregistered[0]} is not registered at doi.org"
        return replace(found, reason=f"{found.reason}; {told}", unregistered=answer.unregistered)
    if answer.silences:
        why = "; ".join(dict.fromkeys(map(str, answer.silences)))
        return replace(found, reason=f"unresolved: {why}", unresolved=why)
    if not answer.asked:
        return replace(found, reason="no service named can be asked this", unresolved="nobody was asked")
    return found


def identified_online(read: Inputs, session: Session, known: Index | None = None) -> tuple[Inputs, list[Found]]:
    """As `identified`, with the services asked for what the index does not hold; and what came of each identifier."""
    records = list(read.records())
    places = [place for place, each in enumerate(records) if incomplete(each) and identifier_of(each)]
    found = look_up_online([identifier_of(records[place]) for place in places], session, known)
    problems = list(read.problems())
    for place, each in zip(places, found, strict=True):
        origin = records[place].origin
        if each.hit:
            records[place] = keyed(each.hit).replace(origin=Origin(origin.source, origin.line, origin.index))
        else:
            problems.append(Problem(f"{each.query}: {each.reason}", origin, "warning"))
    return Inputs((Batch(tuple(records), tuple(problems)),), read.failures), found


def read_titles_online(
    paths: Sequence[str], session: Session, known: Index | None = None
) -> tuple[Inputs, list[Found]]:
    """As `read_titles`, with the services asked for what the index has no answer to; and what came of each line."""
    found: list[Found] = []

    def answers(lines: Sequence[str]) -> Sequence[Found]:
        mine = look_up_online(lines, session, known)
        found.extend(mine)
        return mine

    return read_lines(paths, answers), found


# --- what is kept -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """Where answers and keys are kept, what is kept, and each service's address and how it stands with a key."""

    answers: str
    keys: str
    mailto: str
    services: Mapping[str, tuple[str, str]]
    kept: tuple[Summary, ...]
    problems: tuple[str, ...]


def online_status() -> Status:
    """How services would be asked now. Raises InputError where what is kept cannot be read."""
    try:
        from bibtools.online import kept, secrets
        from bibtools.online.session import SERVICES
    except ImportError as error:
        raise InputError(MISSING) from error
    path = kept.default_file(os.environ)
    summary: list[Summary] = []
    if path.exists():
        try:
            with kept.opened(path) as answers:
                summary = answers.summary(time.time())
        except kept.KeptError as error:
            raise InputError(str(error)) from error
    problems: dict[str, None] = {}
    services = {}
    for name, service in SERVICES.items():
        try:
            has = bool(service.key) and bool(secrets.key_of(name, os.environ))
        except secrets.SecretError as error:
            problems[str(error)] = None
            has = False
        key = "with a key" if has else "no key" if service.key_needed else "needs no key"
        services[name] = (os.environ.get(f"BIBTOOLS_ONLINE_{name.upper()}_URL") or service.base, key)
    mailto = os.environ.get("BIBTOOLS_MAILTO", "")
    keys = str(secrets.keys_file(os.environ))
    return Status(str(path), keys, mailto, services, tuple(summary), tuple(problems))


def forget_answers(services: Sequence[str] = ()) -> int:
    """Remove the answers that are kept, of these services or of all; how many they were. A damaged file is removed whole."""
    try:
        from bibtools.online import kept
        from bibtools.online.session import OnlineError, services_of
    except ImportError as error:
        raise InputError(MISSING) from error
    try:
        names = services_of(",".join(services)) if services else ()
    except OnlineError as error:
        raise InputError(str(error)) from error
    path = kept.default_file(os.environ)
    if not path.exists():
        return 0
    try:
        with kept.opened(path) as answers:
            return answers.forget(names)
    except kept.KeptError as error:
        if names:
            raise InputError(str(error)) from error
        kept.remove(path)
        return 1
