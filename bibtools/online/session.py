"""A run's conversations: which services, with whose address, by which keys, and what is kept.

Where a service is comes from the table alone; ``BIBTOOLS_ONLINE_<SERVICE>_URL`` names another address (for tests: a server on
this computer). Keys and addresses of servers are never taken from a configuration file: it stands in a repository that one may
only look at.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bibtools.online import arxiv, asking, crossref, datacite, dblp, doi, openalex, pubmed, secrets, semanticscholar
from bibtools.online.asking import Answered, Asker, Wanted
from bibtools.online.client import TIMEOUT, Client
from bibtools.online.kept import KeptAnswers, KeptError, default_file
from bibtools.online.service import Service

__all__ = ["SERVICES", "OnlineError", "Options", "Session", "checked_mailto", "services_of"]

SERVICES: dict[str, Service] = {
    each.name: each
    for each in (
        crossref.SERVICE,
        arxiv.SERVICE,
        datacite.SERVICE,
        openalex.SERVICE,
        semanticscholar.SERVICE,
        doi.SERVICE,
        dblp.SERVICE,
        pubmed.SERVICE,
    )
}
NAMES = {
    "doi": "DOIs",
    "arxiv": "arXiv numbers",
    "pmid": "PMIDs",
    "pmcid": "PMCIDs",
    "dblp": "keys of DBLP",
}
MAILTO = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])")


class OnlineError(ValueError):
    """Services that cannot be asked as was wanted; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person wants: which services, in the order in which they are asked. ``offline`` uses kept answers only."""

    services: tuple[str, ...]
    mailto: str = ""
    ids_only: bool = False
    offline: bool = False


def services_of(text: str) -> tuple[str, ...]:
    """Names of services from a list with commas. Raises OnlineError for one that is not known."""
    names = dict.fromkeys(each.strip().lower().replace("-", "").replace("_", "") for each in text.split(","))
    found = [name for name in names if name]
    for name in found:
        if name not in SERVICES:
            near = get_close_matches(name, SERVICES, 1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(SERVICES)}"
            raise OnlineError(f"there is no service '{name[:40]}'{hint}")
    if not found:
        raise OnlineError(f"no service named; there are: {', '.join(SERVICES)}")
    return tuple(found)


def checked_mailto(text: str) -> str:
    """An address that can stand in a header. Raises OnlineError for what is none."""
    if text and not MAILTO.fullmatch(text):
        raise OnlineError(f"'{text[:80]}' is no mail address; services want one by which they reach you")
    return text


class Session:
    """One run: services are opened when it is made, and asked each question once, however often it comes.

    ``clock`` gives seconds since the epoch, ``sleep`` waits; ``transport`` is any transport of httpx2, the same for all.
    """

    def __init__(
        self,
        options: Options,
        *,
        agent: str = "bibtools",
        environment: Mapping[str, str] | None = None,
        transport: Any = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda message: None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Raises OnlineError for a service, an address or a key that cannot be used."""
        self.options = options
        self.problem = ""  # why answers are not kept
        environment = os.environ if environment is None else environment
        mailto = checked_mailto(options.mailto or environment.get("BIBTOOLS_MAILTO", "").strip())
        self.mailto = mailto
        self.kept: KeptAnswers | None = None
        self.askers: list[Asker] = []
        self.answers: dict[Wanted, Answered] = {}
        try:
            self.kept = KeptAnswers(default_file(environment))
            self.kept.drop_old(clock())
        except KeptError as error:
            self.problem = str(error)
        try:
            for name in services_of(",".join(options.services)):
                service = SERVICES[name]
                client = Client(
                    service,
                    environment.get(f"BIBTOOLS_ONLINE_{name.upper()}_URL", ""),
                    agent=agent,
                    mailto=mailto,
                    key=secrets.key_of(name, environment) if service.key else "",
                    transport=transport,
                    clock=clock,
                    sleep=sleep,
                    turn=self.kept.turn if self.kept else None,
                    tell=tell,
                    timeout=timeout,
                )
                self.askers.append(Asker(name, client, self.kept, options.offline))
        except ValueError as error:
            self.close()
            raise error if isinstance(error, OnlineError) else OnlineError(str(error)) from None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for asker in self.askers:
            asker.client.close()
        if self.kept is not None:
            self.kept.close()

    def ask(self, works: Sequence[Wanted]) -> tuple[Answered, ...]:
        """What the services say of each work, in the order of the works."""
        answers = asking.ask(works, self.askers, ids_only=self.options.ids_only)
        self.answers.update(zip(works, answers, strict=True))
        return answers

    def doubts(self) -> list[str]:
        """What a person should know before believing what was not found in this run."""
        return asking.doubts(tuple(self.answers.values()))

    def notice(self) -> Iterable[str]:
        """What goes where, for a person to read before it goes."""
        if self.options.offline:
            yield "offline: only answers that are kept are used"
            return
        for asker in self.askers:
            service = asker.client.service
            kinds = [words for kind, words in NAMES.items() if kind in service.identifiers]
            parts = [" and ".join(kinds)] if kinds else []
            if service.titles and not self.options.ids_only:
                parts.append("titles with one surname where no identifier settles it")
            yield f"asking {service.name} ({asker.client.origin.host}): {', then '.join(parts)}"
            if service.warning:
                yield f"  {service.warning}"
            if service.key_needed and not asker.client.has_key:
                yield f"  without a key it hardly answers: BIBTOOLS_ONLINE_{service.name.upper()}_KEY, or keys.toml"
        if self.mailto:
            yield f"with every request: bibtools' name and version, and your address {self.mailto}"
        elif any(asker.name != "arxiv" for asker in self.askers):
            yield "no mail address is given: services serve you last; --mailto you@example.org, or mailto in the configuration"
        if self.kept is not None:
            yield f"answers are kept in {self.kept.path}; `bibtools online forget` removes them"
        elif self.problem:
            yield self.problem

    def told(self) -> Iterable[str]:
        """What came of it, a line for each service."""
        for asker in self.askers:
            tally = asker.tally
            if not tally.asked:
                continue
            parts = [f"{tally.found:,} found"]
            if unknown := tally.asked - tally.found - tally.silent:
                parts.append(f"{unknown:,} not known there")
            if tally.silent:
                why = max(tally.reasons, key=lambda reason: tally.reasons[reason])
                parts.append(f"{tally.silent:,} without an answer ({why})")
            kept = f", {tally.kept:,} of them answered before" if tally.kept else ""
            yield f"{asker.name}: {tally.asked:,} asked{kept}: {', '.join(parts)}"
