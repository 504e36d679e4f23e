"""All records of arXiv that changed since a day, page by page, by OAI-PMH: what keeps an index fresh.

Each page is on the disk before the next is asked for, with the token that leads on, so a harvest that was interrupted goes on
where it was. One request in three seconds, together with every other request to arXiv. A token that is too old begins the harvest
anew; a page that is not whole is asked for again. https://www.openarchives.org/OAI/openarchivesprotocol.html,
https://info.arxiv.org/help/oa/index.html
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

from bibtools.online import arxiv
from bibtools.online.client import Client, SilentError
from bibtools.online.kept import KeptAnswers, KeptError, default_file
from bibtools.online.service import Answer, Question, Request, Service

__all__ = ["BASE", "HarvestError", "Harvested", "finish", "harvest", "next_day"]

BASE = "https://oaipmh.arxiv.org"
PREFIX = "arXivRaw"
STATE = "state.json"
DAY = re.compile(r"\d{4}-\d\d-\d\d")
TOKEN = re.compile(r"<resumptionToken([^>]*?)(?:/>|>([^<]*)</resumptionToken>)")
ERROR = re.compile(r"""<error\s[^>]*code=["'](\w+)["'][^>]*>([^<]*)""")
SIZE = re.compile(r"""completeListSize=["'](\d{1,9})["']""")
RESPONSE = re.compile(r"<responseDate>\s*(\d{4}-\d\d-\d\d)")
MOST_PAGES = 20_000
ATTEMPTS = 8


class HarvestError(Exception):
    """A harvest that could not be ended; the message is for a person. What was read is kept, and the next run goes on."""


@dataclass(frozen=True, slots=True)
class Harvested:
    """The pages of a harvest that is whole, and the day from which the next begins."""

    pages: tuple[Path, ...]
    until: str
    base: str


@dataclass(frozen=True, slots=True)
class _State:
    since: str = ""  # the day from which the harvest that goes on began
    token: str = ""  # that leads on
    pages: int = 0
    begun: str = ""  # the service's day when it began: from which the next harvest goes on
    done: str = ""  # the day up to which all was read, by harvests that are whole


def next_day(folder: Path) -> str:
    """The day from which a folder's next harvest begins: of one that was interrupted its own, else up to which everything was
    read; ``""`` where there was none."""
    state = _state(folder)
    return state.since or state.done


def harvest(
    folder: Path,
    since: str,
    *,
    environment: Mapping[str, str] | None = None,
    agent: str = "bibtools",
    mailto: str = "",
    transport: Any = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = lambda message: None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Harvested:
    """The pages of all records that changed since a day (``YYYY-MM-DD``); a harvest of that day that was interrupted goes on.

    Call `finish` when they are in the index. Raises HarvestError.
    """
    environment = os.environ if environment is None else environment
    base = environment.get("BIBTOOLS_ONLINE_ARXIV_OAI_URL", "") or BASE
    state = _state(folder)
    if state.since != since:
        state = _State(since=since, done=state.done)
    try:
        kept: KeptAnswers | None = KeptAnswers(default_file(environment))
    except KeptError:
        kept = None
    try:
        client = Client(
            SERVICE, base, agent=agent, mailto=mailto, transport=transport, clock=clock, sleep=sleep,
            turn=kept.turn if kept else None, tell=tell, attempts=ATTEMPTS, longest_pause=600.0,
        )  # fmt: skip
    except ValueError as error:
        raise HarvestError(str(error)) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder, state.pages)
        if state.pages and not state.token:
            return _harvested(folder, state, base)
        return _harvested(folder, _pages(folder, state, client, told), base)
    except OSError as error:
        raise HarvestError(f"{folder}: {error.strerror or error}") from None
    finally:
        client.close()
        if kept is not None:
            kept.close()


def finish(folder: Path, harvested: Harvested) -> None:
    """The pages are in the index: they go, and the day stays from which the next harvest begins."""
    _save(folder, _State(done=harvested.until))
    _clear(folder, 0)


def _pages(folder: Path, state: _State, client: Client, told: Callable[[int, int], None]) -> _State:
    begun_anew = False
    read = 0
    while state.pages < MOST_PAGES:
        text = _page(client, state)
        if found := ERROR.search(text):
            if found[1] == "noRecordsMatch" and not state.pages:
                return replace(state, begun=_response_day(text), token="")
            if found[1] == "badResumptionToken" and not begun_anew:
                begun_anew = True
                state = _State(since=state.since, done=state.done)
                _clear(folder, 0)
                continue
            raise HarvestError(f"arXiv refuses: {found[1]} {' '.join(found[2].split())[:200]}")
        (folder / f"page-{state.pages + 1:06d}.xml.new").write_text(text, encoding="utf-8")
        (folder / f"page-{state.pages + 1:06d}.xml.new").replace(folder / f"page-{state.pages + 1:06d}.xml")
        token = TOKEN.search(text)
        following = unescape((token[2] or "").strip()) if token else ""
        if following and following == state.token:
            raise HarvestError("arXiv leads in a circle: the same token again")
        state = replace(state, token=following, pages=state.pages + 1, begun=state.begun or _response_day(text))
        _save(folder, state)
        read += text.count("<record>")
        size = SIZE.search(token[1]) if token else None
        told(read, int(size[1]) if size else 0)
        if not following:
            return state
    raise HarvestError("arXiv's pages have no end")


def _page(client: Client, state: _State) -> str:
    """A whole page, asked for again where it was cut."""
    params: tuple[tuple[str, str], ...] = (("verb", "ListRecords"),)
    params += (
        (("resumptionToken", state.token),) if state.token else (("from", state.since), ("metadataPrefix", PREFIX))
    )
    request = Request((Question("oai", state.token or state.since),), "/oai", params, accept="text/xml", listing=True)
    why = ""
    for _ in range(ATTEMPTS):
        try:
            answer = client.send(request)
        except SilentError as error:
            why = error.why
            break
        if answer.status == 200 and "<OAI-PMH" in answer.text[:2000] and "</OAI-PMH>" in answer.text[-200:]:
            return answer.text
        why = "not a whole page of OAI-PMH"
    raise HarvestError(f"arxiv did not answer ({why}); what was read is kept, run it again to go on")


def _response_day(text: str) -> str:
    found = RESPONSE.search(text)
    if found is None:
        raise HarvestError("arXiv does not say which day it is; nothing was read")
    return found[1]


def _harvested(folder: Path, state: _State, base: str) -> Harvested:
    pages = tuple(folder / f"page-{number:06d}.xml" for number in range(1, state.pages + 1))
    if missing := next((page for page in pages if not page.is_file()), None):
        _save(folder, _State(done=state.done))
        raise HarvestError(f"{missing}: is gone; run it again, which begins the harvest anew")
    return Harvested(pages, state.begun, base)


# --- on the disk ------------------------------------------------------------------------------------------------------


def _state(folder: Path) -> _State:
    """Where the harvest is; a state that cannot be read is none."""
    try:
        values = json.loads((folder / STATE).read_text(encoding="utf-8"))
        found = _State(**values)
    except (OSError, ValueError, TypeError, RecursionError):
        return _State()
    days = all(
        isinstance(day, str) and (not day or DAY.fullmatch(day)) for day in (found.since, found.begun, found.done)
    )
    fine = days and isinstance(found.token, str) and isinstance(found.pages, int) and 0 <= found.pages <= MOST_PAGES
    return found if fine else _State()


def _save(folder: Path, state: _State) -> None:
    new = folder / f"{STATE}.new"
    new.write_text(json.dumps(asdict(state)), encoding="utf-8")
    new.replace(folder / STATE)


def _clear(folder: Path, kept: int) -> None:
    """Remove pages behind the last one that counts."""
    for page in folder.glob("page-*.xml*"):
        number = re.fullmatch(r"page-(\d{6})\.xml", page.name)
        if not number or int(number[1]) > kept:
            page.unlink(missing_ok=True)


def _no_requests(questions: object) -> Iterator[Request]:
    return iter(())


def _not_read(request: Request, answer: Answer) -> dict[Question, Any]:
    return {}


SERVICE = Service(
    name="arxiv",
    base=BASE,
    identifiers=frozenset(),
    titles=False,
    single=arxiv.PAUSE,
    listing=arxiv.PAUSE,
    requests=_no_requests,
    read=_not_read,
    address=lambda question: "",
    family=arxiv.FAMILY,
    fixed=True,
)
