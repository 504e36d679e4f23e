"""The verdicts of `match` on Spark, for more records than one machine holds.

    read        records as a table of Spark: Parquet with the columns of `formats.parquet`, or JSON Lines (`records`)
    match       the pairs of a table, or of two, that are the same or unsure
    session     a session on this machine, on a cluster or through Spark Connect; one of your own does as well

What a pair and a record tell is found out by the functions of `match`; nothing here weighs anything. In it

    rows        Arrow's batches as the columns of `match`, and back; whether rows are in order
    workers     what the workers do with the batches of a partition
    components  the connected components of the pairs
    matching    the plan: tables, joins, aggregates

Needs pyspark and pyarrow (the extra ``spark``), and Java 17 or later where the session is to be started here.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bibtools.record import FIELDS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["EngineError", "match", "read", "session", "write"]

ENGINE = re.compile(r"local(\[(\*|\d+)(,\d+)?\])?|local-cluster\[.*\]|spark://\S+|yarn|k8s://\S+|sc://\S+")
HEAP = "2g"  # of a session on this machine
PARTITIONS = 32  # of a shuffle on this machine; few of them cost nothing, small ones are put together


class EngineError(RuntimeError):
    """There is no such engine, or it does not come up."""


def session(engine: str) -> SparkSession:
    """A session for ``local[4]``, ``spark://host:7077`` or ``sc://host:15002`` (Spark Connect), the running one if there is one.

    Raises EngineError where pyspark, Java or the engine is missing.
    """
    if not ENGINE.fullmatch(engine):
        raise EngineError(f"'{engine}' is no engine; one is local[4], spark://HOST:7077 or sc://HOST:15002")
    try:
        import pyarrow  # noqa: F401
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise EngineError(f"{error.name} is not installed: pip install 'bibtools-cm[spark]'") from error
    for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
        os.environ.setdefault(name, sys.executable)
    try:
        if engine.startswith("sc://"):
            return SparkSession.builder.remote(engine).getOrCreate()
        builder = SparkSession.builder.master(engine).appName("bibtools")
        settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
        if engine.startswith("local"):
            settings |= {
                "spark.driver.memory": HEAP,
                "spark.driver.extraJavaOptions": "-XX:+UseParallelGC",  # less work beside the Python processes
                "spark.sql.shuffle.partitions": str(PARTITIONS),
            }
        for name, value in settings.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()
    except (PySparkException, Py4JError, ImportError, OSError) as error:
        java = "; Java 17 or later is needed" if "JAVA_" in str(error) else ""
        raise EngineError(f"{engine} does not come up: {_first_line(error)}{java}") from error


_LINES = re.compile(r"\.(jsonl?|ndjson)(\.\w+)?$")


def read(session: SparkSession, path: str) -> DataFrame:
    """Records as a table: Parquet, or JSON Lines where the name says so (``.jsonl``, ``.json``, also compressed). A path is one
    that every executor reaches; what Spark would take for a pattern is taken as it stands. Raises EngineError for a local file
    that is not there or is neither."""
    named = re.fullmatch(r"(\w+://|dbfs:/).*", path)
    if named is None:
        if path.startswith("file:"):
            path = path.removeprefix("file://").removeprefix("file:")
        whole = Path(path).absolute()
        if not whole.exists() and str(session.conf.get("spark.master", "") or "").startswith("local"):
            raise EngineError(f"{path}: there is no such file")
        if whole.is_file() and not _LINES.search(path) and not _is_parquet(whole):
            made = "`bibtools convert FILE --to parquet -o records.parquet` makes one"
            raise EngineError(f"{path}: is no Parquet, and no JSON Lines by its name; {made}")
        path = re.sub(r"([\\*?\[\]{}])", r"\\\1", str(whole))
    if _LINES.search(path):
        return session.read.text(path)
    return session.read.parquet(path)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def match(
    session: SparkSession, source: DataFrame | str, target: DataFrame | str | None = None, *, work: str | None = None
) -> DataFrame:
    """Every pair of records that is the same work, or unsure, as `match.dedupe` finds them; with a target every pair of a record
    of the target and one of the source, as `match.link` does.

    Tables have a column ``id`` and others by the names of `Record`'s fields (`formats.parquet` describes them), or one column
    ``value`` with lines of JSON; other columns are not looked at. Each record is normalised first, as in every reading.

    The result has a row a pair: ``left`` and ``right`` (ids; with a target ``left`` is the target's), ``answer`` (same, unsure),
    ``score`` in points, ``points_title`` and the like for what each field says (null where only that the records are identical
    counts), ``same_version`` (false: preprint and published), ``group`` (a number that the pairs of one work share; null for
    unsure ones).

    ``work`` is a folder that all executors reach; tables that are needed more than once are written there and are yours to
    remove, the result among them. Without it a session on this machine uses a temporary folder, and any other the disks of its
    executors: then an executor that is lost ends the run. Raises EngineError where a table is none of records, or Spark fails.
    """
    with failing():
        return _match(session, source, target, work)


def _match(
    session: SparkSession, source: DataFrame | str, target: DataFrame | str | None, work: str | None
) -> DataFrame:
    from bibtools.spark.matching import Kept, matched

    tables = [read(session, each) if isinstance(each, str) else each for each in (source, target) if each is not None]
    tables = [_columns(each) for each in tables]
    if work is None and str(session.conf.get("spark.master", "") or "").startswith("local"):
        work = tempfile.mkdtemp(prefix="bibtools-spark-")
        atexit.register(shutil.rmtree, work, ignore_errors=True)
    kept = Kept(session, work)
    return kept.keep(matched(tables[0], tables[1] if len(tables) > 1 else None, kept))


def write(pairs: DataFrame, path: str) -> dict[str, int]:
    """Write the result of `match` as a folder of Parquet files, which must not be there; how many pairs of each answer there are.

    Raises EngineError in the words of Spark where it does not finish.
    """
    with failing():
        pairs.write.parquet(path if re.match(r"\w+:/", path) else str(Path(path).absolute()))
        return {row["answer"]: row["count"] for row in pairs.groupBy("answer").count().collect()}


@contextmanager
def failing() -> Iterator[None]:
    """Within, what Spark says of a failure is an EngineError of one line."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise EngineError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    """What tells most of an error of Spark: what our own worker said, else the first line that is not Py4J's own."""
    lines = [line.strip(" :") for line in str(error).splitlines() if line.strip(" :")]
    own = [line for line in lines if re.match(r"(bibtools|pyarrow)[\w.]*Error:", line)]
    told = [line for line in lines if not line.startswith("An error occurred while calling")]
    return (own[-1:] or told or [type(error).__name__])[0]


def _columns(table: DataFrame) -> DataFrame:
    """Without the columns that are no field of a record."""
    if table.columns == ["value"]:
        return table
    known = [name for name in table.columns if name in FIELDS]
    if "id" not in known:
        raise EngineError(f"records need a column 'id'; there are {', '.join(table.columns[:20]) or 'none'}")
    return table.select(*known)
