"""A conversation with one service: one request at a time on one connection, at the pace it wants, and no longer than it answers.

- Pauses between requests are the service's own, as its pages tell them or its headers (``X-Rate-Limit-*``); ``Retry-After`` is
  obeyed on every answer.
- What may go right the next time (429, 503, a cut connection) is repeated twice. What went wrong for good raises SilentError
  with a reason in two or three words.
- A circuit opens after 403, a page where data was asked for (a bot check, a sign-in page), a budget that is spent, or three
  failures one after the other: the service is asked nothing more in this run.
- An address leads to the service's own host, or to one of those that it may lead to; a redirect elsewhere is refused.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from bibtools.online import http
from bibtools.online.http import BROKEN, REDIRECTS, EndlessError, TryAgainError
from bibtools.online.service import Answer, Request, Service

__all__ = ["TIMEOUT", "Client", "SilentError"]

TIMEOUT = 30.0  # seconds without a byte; Crossref can take twenty
ATTEMPTS = 3
LONGEST_PAUSE = 60.0  # seconds; a service that asks to wait longer is not asked again in this run
LONGEST_ANSWER = 120.0  # seconds
LARGEST = 32 << 20  # bytes, unpacked; a batch of Crossref has one or two millions
FAILURES = 3  # one after the other, until the circuit opens
MOST_REDIRECTS = 4
PAGES = frozenset(("text/html", "application/xhtml+xml"))
CHECK = re.compile(r"not a (?:ro)?bot|captcha|just a moment|are you (?:a )?human|challenge", re.IGNORECASE)


class SilentError(Exception):
    """A service gave no usable answer. ``why`` says so in a few words; ``refused`` tells that it was this request that it
    would not take."""

    def __init__(self, why: str, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.refused = refused


class Client:
    """A conversation with a service. ``requests`` counts what was sent, ``closed`` says why nothing more is."""

    def __init__(
        self,
        service: Service,
        base: str = "",
        *,
        agent: str = "bibtools",
        mailto: str = "",
        key: str = "",
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        turn: Callable[[str, float, float], float] | None = None,
        tell: Callable[[str], None] = lambda message: None,
        timeout: float = TIMEOUT,
        attempts: int = ATTEMPTS,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        """``base`` without a path gets the service's own; ``agent`` is the program with its version. ``turn`` gives out moments
        to send at, for processes that share a rate; ``tell`` is given a line before each longer pause. Raises ValueError for an
        address that is not https (or this computer itself).
        """
        self.service = service
        self.base = _whole(base, service.base).rstrip("/")
        self.origin = http.origin(self.base)
        if not self.origin.private:
            raise ValueError(f"{self.base}: only https is asked, or http on this computer itself")
        self.requests = 0
        self.closed = ""
        self._agent, self._mailto, self._key = agent, mailto, key
        self._clock, self._sleep, self._turn, self._tell = clock, sleep, turn, tell
        self._attempts, self._longest_pause = attempts, longest_pause
        self._failures = 0
        self._quiet_until = 0.0
        self._last: float | None = None
        single = service.faster if key and service.faster else service.single
        listing = service.faster if key and service.faster else service.listing
        self._interval = {False: single, True: listing}
        if key:
            logging.getLogger(httpx2.__name__).addFilter(self._without_key)  # it logs addresses, and some hold the key
        self._http = httpx2.Client(
            transport=transport,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 15.0)),
            follow_redirects=False,
            trust_env=not http.is_loopback(self.origin.host),
            limits=httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=60.0),
            headers={"User-Agent": self.agent, "Accept-Encoding": "gzip"},
        )

    @property
    def agent(self) -> str:
        """Who asks, and how a person is reached who is responsible, where that was said."""
        return self._agent + (f" (mailto:{self._mailto})" if self._mailto else "")

    @property
    def has_key(self) -> bool:
        return bool(self._key)

    def close(self) -> None:
        logging.getLogger(httpx2.__name__).removeFilter(self._without_key)
        self._http.close()

    def _without_key(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.clean(record.getMessage()), ()
        return True

    def now(self) -> float:
        """Seconds since the epoch, by the clock that was given."""
        return self._clock()

    def send(self, request: Request) -> Answer:
        """The answer to a request. Raises SilentError."""
        if self.closed:
            raise SilentError(self.closed)
        try:
            answer = http.repeated(
                lambda: self._once(request), self._attempts, self._sleep, self._say_why, longest=self._longest_pause
            )
        except TryAgainError as error:
            self._failed(str(error))
            raise SilentError(str(error)) from None
        except SilentError as error:
            if not error.refused:
                self._failed(error.why)
            raise
        self._failures = 0
        return answer

    def spoiled(self, why: str) -> None:
        """An answer came and could not be used: that counts as a failure too."""
        self._failures += 1
        self._failed(why, counted=True)

    def clean(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self._key, "***") if self._key else text

    def _say_why(self, message: str, pause: float) -> None:
        if pause >= 1:
            self._tell(f"{self.service.name}: {self.clean(message)}; trying again in {pause:.0f} s")

    def _failed(self, why: str, counted: bool = False) -> None:
        self._failures += not counted
        if self._failures >= FAILURES:
            self.closed = self.closed or why

    def _close(self, why: str) -> SilentError:
        self.closed = why
        return SilentError(why)

    def _once(self, request: Request) -> Answer:
        self._wait(request.listing)
        url = self.base + request.path
        params = list(request.params)
        headers = {"Accept": request.accept}
        if self._mailto and self.service.mailto:
            params.append((self.service.mailto, self._mailto))
        if self._key and self.service.key.endswith(":"):
            headers[self.service.key[:-1]] = self._key
        elif self._key and self.service.key:
            params.append((self.service.key, self._key))
        for _ in range(MOST_REDIRECTS):
            answer, url_asked = self._sent(url, params, request, headers)
            if answer.status not in REDIRECTS:
                return self._judged(answer)
            url, params, headers = self._redirected(answer, url_asked, headers)
        raise self._close("redirects without end")

    def _redirected(
        self, answer: Answer, asked: httpx2.URL, headers: Mapping[str, str]
    ) -> tuple[str, list[tuple[str, str]], dict[str, str]]:
        """Where a redirect leads, when it may: the same server, or one that the service names. The key stays here."""
        try:
            target = asked.join(answer.headers.get("location", ""))
            there = http.origin(str(target))
        except (httpx2.InvalidURL, ValueError):
            raise SilentError("redirected to what is no address") from None
        if there == self.origin:
            return str(target), [], dict(headers)
        if there.private and there.host in self.service.redirects and there.scheme == "https":
            return str(target), [], {"Accept": headers["Accept"]}
        raise self._close(f"redirected to {there.host or 'nowhere'}")

    def _sent(
        self, url: str, params: list[tuple[str, str]], request: Request, headers: Mapping[str, str]
    ) -> tuple[Answer, httpx2.URL]:
        try:
            return self._asked(url, params, request, headers)
        finally:  # counted from here, no delay on the way makes two requests arrive closer together than they may
            self._last = self._clock()

    def _asked(
        self, url: str, params: list[tuple[str, str]], request: Request, headers: Mapping[str, str]
    ) -> tuple[Answer, httpx2.URL]:
        self.requests += 1
        more: dict[str, Any] = {"params": params} if params else {}
        if request.content:
            more |= {"content": request.content}
            headers = {**headers, "Content-Type": "application/json"}
        method = "POST" if request.content else "GET"
        try:
            with self._http.stream(method, url, headers=headers, **more) as response:
                data = http.body(response, LARGEST, LONGEST_ANSWER)
                found = {name.lower(): value for name, value in response.headers.items()}
                status, asked = response.status_code, response.request.url
        except EndlessError:
            raise SilentError("an answer without end") from None
        except httpx2.DecodingError:
            raise TryAgainError("damaged answer") from None
        except httpx2.TimeoutException:
            raise TryAgainError("timed out") from None
        except httpx2.ConnectError as error:
            if http.nobody_there(error):
                raise self._close("no connection") from None
            raise TryAgainError("no connection") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError):
            raise TryAgainError("connection cut") from None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            if status == 200:
                raise SilentError("answer not in UTF-8") from None
            text = data.decode("utf-8", "replace")
        answer = Answer(status, found, text)
        self._note(answer, request.listing)
        return answer, asked

    def _judged(self, answer: Answer) -> Answer:
        """The answer where it is one: 200, or 400 and 404, which the service's reader understands or not."""
        status = answer.status
        page = answer.media in PAGES or answer.text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))
        if page and status in (200, 202, 403, 500):
            raise self._close("bot check" if CHECK.search(answer.text[:20_000]) else "a web page instead of data")
        if status in (401, 403):
            raise self._close(f"{status}" + (": the key is not taken" if self._key else ""))
        if status in (402, 429) and _spent(answer):
            raise self._close("budget spent")
        if status == 429 or status in BROKEN or status == 503:
            asked = http.seconds(answer.headers.get("retry-after"), 10 * self._longest_pause, self._clock)
            if asked > self._longest_pause:
                raise self._close(f"{status}, asks to wait {asked:.0f} s")
            raise TryAgainError(str(status), asked)
        if status in (400, 413, 414, 422):
            raise SilentError(str(status), refused=True)
        if status not in (200, 404):
            raise SilentError(str(status))
        if status == 404 and page:
            raise SilentError("404 with a web page")
        return answer

    # --- pace -----------------------------------------------------------------------------------------------------------

    def _wait(self, listing: bool) -> None:
        now = self._clock()
        interval = self._interval[listing]
        at = now if self._last is None else max(now, self._last + interval)
        if self._turn is not None:
            at = max(at, self._turn(self.rate_name, interval, now))
        at = max(at, self._quiet_until)
        if at - now > 5:
            self._tell(f"{self.service.name} asks to wait {at - now:.0f} s")
        if at > now:
            self._sleep(at - now)
        self._last = max(at, self._clock())

    @property
    def rate_name(self) -> str:
        """Whose rate it is: requests to one host, or one family of hosts, count together."""
        return self.service.family or f"{self.origin.host}:{self.origin.port}"

    def _note(self, answer: Answer, listing: bool) -> None:
        """What the headers say of the pace."""
        interval = _interval(answer.headers)
        if interval and interval > 0:
            floor = self.service.single if self.service.fixed else 0.0
            self._interval[listing] = max(min(interval, LONGEST_PAUSE), floor)
        asked = http.seconds(answer.headers.get("retry-after"), LONGEST_PAUSE, self._clock)
        if asked and answer.status < 400:
            self._quiet_until = max(self._quiet_until, self._clock() + asked)
        if answer.status < 400 and _spent(answer):
            self.closed = "budget spent"  # this answer is the last one


def _whole(given: str, base: str) -> str:
    """The address that is asked: the one given, with the path of the service's own where it has none."""
    if not given:
        return base
    try:
        path = httpx2.URL(given).path
    except httpx2.InvalidURL:
        raise ValueError(f"{given[:100]}: not an address of a server") from None
    return given if path.strip("/") else given.rstrip("/") + httpx2.URL(base).path


def _interval(headers: Mapping[str, str]) -> float | None:
    """Seconds between two requests by ``X-Rate-Limit-Limit`` and ``-Interval`` (https://www.crossref.org/documentation/
    retrieve-metadata/rest-api/access-and-authentication/): so many in so many seconds."""
    limit = headers.get("x-rate-limit-limit", "")
    within = re.fullmatch(r"(\d{1,6})\s*s", headers.get("x-rate-limit-interval", "").strip())
    if not (limit.isdecimal() and 0 < len(limit) < 8 and int(limit) and within):
        return None
    return max(int(within[1]) / int(limit), 0.02)


def _spent(answer: Answer) -> bool:
    """Whether a day's budget is used up (OpenAlex: ``X-RateLimit-Remaining``, and in dollars)."""
    for name in ("x-ratelimit-remaining", "x-ratelimit-remaining-usd"):
        value = answer.headers.get(name)
        try:
            if value is not None and float(value) <= 0:
                return True
        except ValueError:
            continue
    return False
