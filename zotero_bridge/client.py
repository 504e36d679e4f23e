"""One careful HTTP request after another: what every conversation with a Zotero server needs, whatever is said.

Written for httpx2 (2.16, maintained, what pyzotero 1.16 uses; httpx 0.28 has had no release since 2024), never both. pyzotero
itself is no road: it pins bibtexparser < 2, and its updates report success for what the server refused (protocol page, 4).

- One request at a time on one connection. ``Backoff`` and ``Retry-After`` are obeyed on every answer, 200 included.
- A request that certainly did nothing (429, 503) is repeated, a bounded number of times with growing pauses; so is a
  connection that fails, but not one that is refused: nobody is there, and that is said at once.
  A read is repeated after any fault. A write whose fate is unknown (time-out, cut connection, 500, 502, 504, a body that is
  not JSON) raises `UnknownOutcomeError`: only the caller can look whether it took place.
- The key is added when a request is sent, goes to the one origin it belongs to, and is cut out of every message. Plain http
  is for loopback only. A redirect to another origin is not followed.
- The network is an argument: `transport` is any httpx2 transport.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2

from bibtools import __version__
from bibtools.online import http
from bibtools.online.http import BROKEN, REDIRECTS, EndlessError, Origin, TryAgainError

__all__ = ["Answer", "Client", "GaveUpError", "NobodyThereError", "RefusedError", "UnknownOutcomeError", "ZoteroError"]

ATTEMPTS = 8
LONGEST_PAUSE = http.LONGEST_PAUSE  # seconds; a server may ask for less, and asks for more are cut to it
LARGEST = 64 << 20  # bytes of an answer; a page of 100 items has a few hundred thousand
LONGEST_ANSWER = 600.0  # seconds for one answer
DID_NOTHING = {429, 503}


class ZoteroError(Exception):
    """Something a person should read; the message never holds the key."""


class GaveUpError(ZoteroError):
    """The server could not be reached or did not get well within the attempts."""


class NobodyThereError(ZoteroError):
    """The connection was refused: no server runs there."""


class RefusedError(ZoteroError):
    """The server said no, and would say it again."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class UnknownOutcomeError(ZoteroError):
    """A write was sent and no usable answer came: it took place or it did not."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case
    text: str

    @property
    def version(self) -> int:
        """``Last-Modified-Version``, 0 when there is none."""
        value = self.headers.get("last-modified-version", "")
        return int(value) if value.isdecimal() and len(value) < 20 else 0

    def json(self) -> Any:
        return json.loads(self.text)


class Client:
    """A conversation with one server. ``requests`` counts what was sent."""

    def __init__(
        self,
        base: str,
        key: str = "",
        *,
        transport: httpx2.BaseTransport | None = None,
        timeout: float = 60.0,
        sleep: Callable[[float], None] | None = None,
        attempts: int = ATTEMPTS,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """`tell` is given a line for a person before each longer pause."""
        self.base = base.rstrip("/")
        self.key = key
        self._tell = tell or (lambda message: None)
        self.headers: dict[str, str] = {"Zotero-API-Version": "3", "User-Agent": f"bibtools/{__version__}"}
        self.requests = 0
        self.writes = 0
        self._origin = _origin(self.base)
        self._sleep = sleep or time.sleep
        self._attempts = attempts
        self._quiet_until = 0.0
        loopback = http.is_loopback(self._origin.host)
        if not self._origin.private:
            raise ZoteroError(f"{self.base}: only https, or http to this computer itself, may carry a key")
        self._http = httpx2.Client(
            transport=transport,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 15.0)),
            follow_redirects=False,
            trust_env=not loopback,
            limits=httpx2.Limits(max_connections=1, max_keepalive_connections=1),
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        json_wanted: bool = True,
    ) -> Answer:
        """A read, repeated until it is answered. ``path`` may be a whole address of the same server (``Link``)."""
        return self._retrying(lambda: self._once("GET", path, params, None, headers or {}, json_wanted))

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """A write. Raises UnknownOutcomeError when it may have taken place."""
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        more = {"Content-Type": "application/json", **(headers or {})}
        return self._retrying(lambda: self._once("POST", path, None, content, more))

    def form(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """A write of form fields, which the server takes for files only. Raises UnknownOutcomeError as `post`."""
        more = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._retrying(lambda: self._once("POST", path, None, urlencode(fields).encode(), more))

    def store(self, url: str, content: bytes, content_type: str) -> None:
        """Send a file to the storage that the server named, which may be another host: without the key, over https.

        Raises ZoteroError when it was not taken.
        """
        place = _origin(url)
        if not place.private:
            raise ZoteroError(f"{self.base} wants a file sent to {place.host} without https; it was not sent")
        try:
            answer = self._http.post(url, content=content, headers={"Content-Type": content_type})
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ZoteroError(f"the storage {place.host} did not take a file ({type(error).__name__})") from None
        if answer.status_code not in (200, 201, 204):
            raise ZoteroError(f"the storage {place.host} refused a file with {answer.status_code}")

    def clean(self, text: str) -> str:
        """A text without the key, for people."""
        return text.replace(self.key, "***") if self.key else text

    def _retrying(self, call: Callable[[], Answer]) -> Answer:
        try:
            return http.repeated(call, self._attempts, self._sleep, self._say_why)
        except TryAgainError as error:
            message = f"gave up after {self._attempts} attempts: {error}; run the command again later, it will go on"
            raise GaveUpError(self.clean(message)) from None

    def _say_why(self, message: str, pause: float) -> None:
        self._tell(f"{self.clean(message)}; trying again in {pause:.0f} s")

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        content: bytes | None,
        headers: Mapping[str, str],
        json_wanted: bool = True,
    ) -> Answer:
        reading = method == "GET"
        self._wait_for_backoff()
        url = path if "://" in path else self.base + path
        if _origin(url) != self._origin:
            raise ZoteroError(f"{self.base} pointed to another server, which was not asked: {httpx2.URL(url).host}")
        sent = {**self.headers, **headers, **({"Zotero-API-Key": self.key} if self.key else {})}
        self.requests += 1
        self.writes += not reading
        try:
            with self._http.stream(method, url, params=params, content=content, headers=sent) as response:
                answer = Answer(
                    response.status_code, {k.lower(): v for k, v in response.headers.items()}, _body(response)
                )
        except EndlessError:
            message = f"{self.base} answered with more than a Zotero server has to say; the rest was not read"
            raise (ZoteroError(message) if reading else UnknownOutcomeError(message)) from None
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            if http.nobody_there(error):
                raise NobodyThereError(f"{self.base}: nobody answers there (connection refused)") from None
            raise TryAgainError(f"no connection to {self.base} ({type(error).__name__})") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            if reading:
                raise TryAgainError(f"{self.base} did not answer ({type(error).__name__})") from None
            raise UnknownOutcomeError(f"{self.base} did not answer a write ({type(error).__name__})") from None
        self._note_backoff(answer)
        return self._judged(answer, reading, path, json_wanted)

    def _judged(self, answer: Answer, reading: bool, path: str, json_wanted: bool) -> Answer:
        """The answer when it is one; else the exception that says what may be done."""
        if answer.status in DID_NOTHING or (answer.status in BROKEN and reading):
            raise TryAgainError(f"{self.base} answered {answer.status}", _seconds(answer.headers.get("retry-after")))
        if answer.status in BROKEN:
            raise UnknownOutcomeError(f"{self.base} answered a write with {answer.status}")
        if answer.status in REDIRECTS:
            raise ZoteroError(f"{self.base}{path} is redirected to {self._host(answer)}; nothing was sent there")
        if answer.status == 200 and json_wanted and not _is_json(answer.text):
            if reading:
                raise TryAgainError(f"{self.base} answered something that is not JSON")
            raise UnknownOutcomeError(f"{self.base} answered a write with something that is not JSON")
        return answer

    def _host(self, answer: Answer) -> str:
        try:
            return httpx2.URL(self.base + "/").join(answer.headers.get("location", "")).host
        except httpx2.InvalidURL:
            return "what is no address"

    def _wait_for_backoff(self) -> None:
        left = self._quiet_until - time.monotonic()
        if left > 0:
            self._tell(f"{self.base} asks to wait {min(left, LONGEST_PAUSE):.0f} s")
            self._sleep(min(left, LONGEST_PAUSE))
        self._quiet_until = 0.0

    def _note_backoff(self, answer: Answer) -> None:
        asked = _seconds(answer.headers.get("backoff"))
        if answer.status < 400 and not asked:
            asked = _seconds(answer.headers.get("retry-after"))
        if asked:
            self._quiet_until = max(self._quiet_until, time.monotonic() + asked)


def _body(response: httpx2.Response) -> str:
    return http.body(response, LARGEST, LONGEST_ANSWER).decode("utf-8", "replace")


def _seconds(value: str | None) -> float:
    return http.seconds(value, LONGEST_PAUSE)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _origin(url: str) -> Origin:
    try:
        return http.origin(url)
    except ValueError as error:
        raise ZoteroError(str(error)) from None
