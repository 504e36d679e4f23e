"""What a careful conversation over HTTP needs, whoever the server is; the Zotero bridge and the services share it.

body         an answer's bytes, unpacked, of a bounded size in a bounded time
seconds      what a server asks to wait
repeated     a call again and again, a bounded number of times, with growing pauses or those asked for
origin       whom an address belongs to, and whether it may be told anything at all
"""

from __future__ import annotations

import ipaddress
import math
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

__all__ = [
    "BROKEN",
    "LONGEST_PAUSE",
    "REDIRECTS",
    "EndlessError",
    "Origin",
    "TryAgainError",
    "body",
    "is_loopback",
    "nobody_there",
    "origin",
    "repeated",
    "seconds",
]

LONGEST_PAUSE = 300.0  # seconds
REDIRECTS = frozenset((301, 302, 303, 307, 308))
BROKEN = frozenset((408, 500, 502, 504, 520, 521, 522, 524))  # statuses of a server that is not well just now
Result = TypeVar("Result")


class EndlessError(Exception):
    """An answer is larger, or takes longer, than any that the server has to give."""


class TryAgainError(Exception):
    """What went wrong may go right the next time; ``pause`` is what the server asks to wait, 0 where it asks nothing."""

    def __init__(self, message: str, pause: float = 0.0) -> None:
        super().__init__(message)
        self.pause = pause


def body(response: httpx2.Response, largest: int, longest: float, clock: Callable[[], float] = time.monotonic) -> bytes:
    """The bytes of an answer, unpacked; a server (or who stands between) cannot fill the memory or keep us for ever.

    Raises EndlessError beyond ``largest`` bytes or ``longest`` seconds.
    """
    begun, size, pieces = clock(), 0, []
    for piece in response.iter_bytes(1 << 16):
        pieces.append(piece)
        size += len(piece)
        if size > largest or clock() - begun > longest:
            raise EndlessError
    return b"".join(pieces)


def seconds(value: str | None, longest: float = LONGEST_PAUSE, now: Callable[[], float] = time.time) -> float:
    """Seconds of a ``Backoff`` or ``Retry-After``, a number or a date (RFC 9110, 10.2.3); what is neither is ten seconds."""
    if not value:
        return 0.0
    try:
        number = float(value)
        return min(max(0.0, number), longest) if not math.isnan(number) else 0.0
    except ValueError:
        pass
    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - now()), longest)
    except (ValueError, OverflowError, OSError):
        return min(10.0, longest)


def repeated(
    call: Callable[[], Result],
    attempts: int,
    sleep: Callable[[float], None],
    say: Callable[[str, float], None] = lambda message, pause: None,
    longest: float = LONGEST_PAUSE,
) -> Result:
    """The result of a call that is made again while it raises TryAgainError; the last one is raised.

    The pauses are those asked for, else 1, 2, 4 ... seconds. ``say`` is given the reason and the pause before each.
    """

    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.pause if isinstance(error, TryAgainError) else 0.0
        return min(asked or 2.0 ** (state.attempt_number - 1), longest)

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        say(str(error), state.upcoming_sleep)

    retrying = Retrying(
        retry=retry_if_exception_type(TryAgainError),
        stop=stop_after_attempt(attempts),
        wait=pause,
        sleep=sleep,
        before_sleep=before_sleep,
        reraise=True,
    )
    return retrying(call)


def nobody_there(error: BaseException) -> bool:
    """Whether a connection was refused, or the host does not exist: trying again soon will not help."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError | socket.gaierror):
            return True
        cause = cause.__cause__ or cause.__context__
    text = str(error).lower()
    return "refused" in text or "name or service not known" in text


def is_loopback(host: str) -> bool:
    """Whether a host is this computer itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom an address belongs to: two addresses of one origin are one server."""

    scheme: str
    host: str
    port: int

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read what is sent: https, or http to this computer itself."""
        return self.scheme == "https" or (self.scheme == "http" and is_loopback(self.host))


def origin(url: str) -> Origin:
    """The origin of an address. Raises ValueError for what is none."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise ValueError("not an address of a server") from None
    return Origin(parsed.scheme, parsed.host, parsed.port or {"https": 443, "http": 80}.get(parsed.scheme, 0))
