"""An index kept fresh from arXiv: all records that changed since the last harvest, then the index with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from bibtools import __version__
from bibtools.api.indexing import Progress, renew_index
from bibtools.api.reading import InputError
from bibtools.api.services import MISSING
from bibtools.index import IndexFolderError, Manifest, generations

__all__ = ["harvest_arxiv"]

SNAPSHOT = "arxiv-json"
AGE = timedelta(days=14)  # between a snapshot's content and its file: it is made once a week


def harvest_arxiv(
    folder: Path,
    name: str = "works",
    *,
    since: str = "",
    mailto: str = "",
    tell: Callable[[str], None] = lambda message: None,
    told: Callable[[int, int], None] = lambda done, total: None,
    progress: Progress = lambda done, total, records: None,
) -> Manifest | None:
    """The index with what arXiv changed since a day (``YYYY-MM-DD``): by default where the last harvest ended or was interrupted,
    else two weeks before the snapshot it was built from. None where nothing changed.

    Raises InputError where it is not known since when, or arXiv does not answer; what was read is kept for the next run.
    """
    try:
        from bibtools.online import harvest
        from bibtools.online.session import OnlineError, checked_mailto
    except ImportError as error:
        raise InputError(MISSING) from error
    generation = generations.current(folder, name)
    if generation is None:
        raise IndexFolderError(f"{folder / name}: no index to update; make it with `bibtools index build`")
    pages = folder / name / "arxiv-oai"
    day = since or harvest.next_day(pages) or _of_snapshot(generations.read_manifest(generation))
    try:
        date.fromisoformat(day)
    except ValueError:
        raise InputError(f"'{day[:40]}' is not a day written as YYYY-MM-DD") from None
    tell(f"asking arxiv (OAI-PMH) for what changed since {day}, a page in three seconds; nothing of yours is sent")
    try:
        agent = f"bibtools/{__version__}"
        found = harvest.harvest(pages, day, agent=agent, mailto=checked_mailto(mailto), tell=tell, told=told)
    except (harvest.HarvestError, OnlineError) as error:
        raise InputError(str(error)) from error
    made = renew_index(found.pages, found.base, found.until, folder, name, progress) if found.pages else None
    harvest.finish(pages, found)
    return made


def _of_snapshot(manifest: Manifest) -> str:
    dates = [source.date for source in manifest.sources if source.name == SNAPSHOT and source.date]
    if not dates:
        raise InputError(
            "the index has nothing of arXiv's snapshot; say from which day with --harvest-since YYYY-MM-DD"
        )
    return (date.fromisoformat(max(dates)) - AGE).isoformat()
