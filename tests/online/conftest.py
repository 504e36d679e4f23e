"""A session over servers on this computer, by a clock that does not run: sleeping costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bibtools.online.session import Options, Session
from tests.online.server import Clock, Server

MAILTO = "reader@example.org"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "answers.sqlite"


Opened = Callable[..., Session]


@pytest.fixture
def opened(clock: Clock, answers: Path) -> Iterator[Opened]:
    """A function that opens a session with these servers, asked in their order."""
    with ExitStack() as stack:

        def open_(*servers: Server, environment: dict[str, str] | None = None, **options: object) -> Session:
            timeout = float(options.pop("timeout", 5.0))  # type: ignore[arg-type]
            told = options.pop("told", None)
            transport = options.pop("transport", None)
            given = {f"BIBTOOLS_ONLINE_{each.name.upper()}_URL": each.base for each in servers}
            places = {
                "BIBTOOLS_ONLINE_ANSWERS": str(answers),
                "BIBTOOLS_ONLINE_KEYS": str(answers.parent / "keys.toml"),
            }
            names = tuple(each.name for each in servers)
            session = Session(
                Options(names, str(options.pop("mailto", MAILTO)), **options),  # type: ignore[arg-type]
                agent="bibtools/0",
                environment={
                    "BIBTOOLS_ONLINE_ANSWERS": places["BIBTOOLS_ONLINE_ANSWERS"],
                    **given,
                    **(environment or {}),
                },
                clock=clock,
                sleep=clock.sleep,
                timeout=timeout,
                tell=told.append if isinstance(told, list) else (lambda message: None),
                transport=transport,
            )
            return stack.enter_context(session)

        yield open_
