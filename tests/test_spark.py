"""Matching on Spark says what matching in one process says: answers, points, groups; and stops where it could not.

One session serves all tests; the cluster is one of separate processes. Where pyspark or Java is missing they are left out.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bibtools import api, match
from bibtools.cli import main
from bibtools.normalise import normalise
from bibtools.record import Date, Name, Record
from bibtools.verdict import Answer
from tests.benchmarks.damage import damaged
from tests.conftest import SAMPLES

pa = pytest.importorskip("pyarrow", reason="the extra 'spark' is not installed")
pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")

from bibtools import spark  # noqa: E402
from bibtools.formats import parquet  # noqa: E402
from bibtools.match import columns, compare, prepare  # noqa: E402
from bibtools.spark import rows, workers  # noqa: E402
from bibtools.spark.components import components  # noqa: E402

JAVA = shutil.which("java") or os.environ.get("JAVA_HOME")
needs_java = pytest.mark.skipif(not JAVA, reason="Spark needs Java 17: tests on Spark are left out")
pytestmark = [pytest.mark.xdist_group("spark"), pytest.mark.filterwarnings("ignore::Warning:pyspark")]

Found = dict[frozenset[str], tuple[str, float, bool]]
QUICK = {  # of a session that is to answer small questions soon
    "spark.sql.shuffle.partitions": "3",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
}


@pytest.fixture(scope="session")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]")
    for name, value in QUICK.items():
        builder = builder.config(name, value)
    made = builder.getOrCreate()
    yield made
    made.stop()


def works(count: int, seed: int = 1) -> list[Record]:
    """Damaged copies and siblings among made-up records, each with an id of its own."""
    source = [
        each
        for name in ("refs", "published")
        for each in api.read_inputs([str(SAMPLES / "merge" / f"{name}.bib")]).records()
    ]
    made, _ = damaged(source, count, seed, 0.3, False)
    return [replace(each, id=f"{each.id}-{number}") for number, each in enumerate(made)]


def saved(records: Sequence[Record], folder: Path, name: str = "records.parquet") -> str:
    path = folder / name
    path.write_bytes(b"".join(parquet.write(records)))
    return str(path)


def in_process(records: Sequence[Record]) -> Found:
    records = [normalise(each) for each in records]
    return {
        frozenset((records[each.left].id, records[each.right].id)): (each.answer.value, each.score, each.same_version)
        for each in match.dedupe(records).verdicts
    }


def on_spark(found: Any) -> Found:
    table = found.toArrow().to_pylist()
    assert len(table) == len({frozenset((each["left"], each["right"])) for each in table})
    return {
        frozenset((each["left"], each["right"])): (each["answer"], each["score"], each["same_version"])
        for each in table
    }


def chunks(session: Any, count: int) -> None:
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(count))


# --- equality ---------------------------------------------------------------------------------------------------------


@needs_java
def test_a_shuffled_file_in_small_pieces_gives_the_same(session: Any, tmp_path: Path) -> None:
    records = works(2_000)
    expected = in_process(records)
    assert sum(answer == "same" for answer, _, _ in expected.values()) > 200
    random.Random(7).shuffle(records)
    chunks(session, 300)
    assert on_spark(spark.match(session, saved(records, tmp_path), work=str(tmp_path / "work"))) == expected


@needs_java
def test_20000_damaged_records_in_one_piece_give_the_same(session: Any, tmp_path: Path) -> None:
    records = works(20_000, seed=2)
    chunks(session, 200_000)
    found = spark.match(session, saved(records, tmp_path))
    assert on_spark(found) == in_process(records)
    groups: dict[int, set[str]] = {}
    for each in found.where("answer = 'same'").collect():
        groups.setdefault(each["group"], set()).update((each["left"], each["right"]))
    clusters = match.dedupe([normalise(each) for each in records]).clusters
    assert {frozenset(ids) for ids in groups.values()} == {
        frozenset(records[place].id for place in cluster) for cluster in clusters
    }


@needs_java
@pytest.mark.parametrize("name", ["cora", "dblp_acm", "digital_work"])
def test_a_labelled_set_gives_the_same(name: str, session: Any, tmp_path: Path, shared: Path) -> None:
    records = list(api.read_inputs([str(shared / "matching" / f"{name}.bib")]).records())
    chunks(session, 2_000)
    assert on_spark(spark.match(session, saved(records, tmp_path))) == in_process(records)


@needs_java
def test_two_files_are_linked_whatever_their_ids(session: Any, tmp_path: Path) -> None:
    """Both number their records from 1, in both stands one record twice, and a title was cut in the wrong place."""
    made = works(400, seed=3)
    made = [replace(each, id=str(number % 200)) for number, each in enumerate(made)]
    target, source = made[:200], [*made[200:], made[0], made[1]]
    cut = replace(made[5], id="cut", title=f"{made[5].author[0].family} {made[5].title}", doi="")
    source.append(cut)
    linkage = match.link([normalise(each) for each in target], [normalise(each) for each in source])
    both = [*target, *source]
    expected = sorted(
        (both[each.left].id, both[each.right].id, each.answer.value, each.score)
        for each in linkage.verdicts
        if each.left < 200 <= each.right
    )
    lines = tmp_path / "source.jsonl"
    lines.write_text("".join(api.write_records(source, "records")), encoding="utf-8")
    found = spark.match(session, str(lines), saved(target, tmp_path))
    assert sorted((each["left"], each["right"], each["answer"], each["score"]) for each in found.collect()) == expected
    assert len(expected) > 20


@needs_java
def test_few_records_are_all_compared_and_points_add_up(session: Any, tmp_path: Path) -> None:
    records = works(40, seed=4)
    found = spark.match(session, saved(records, tmp_path))
    assert on_spark(found) == in_process(records)
    for each in found.toArrow().to_pylist():
        points = [each[name] for name in rows.POINTS]
        if each["score"] not in (20.0, 8.0) and None not in points:  # identical, or raised to what is certain
            assert each["score"] == pytest.approx(sum(points), abs=0.06)
    assert list(rows.POINTS) == [f"points_{name}" for name in compare.FIELDS]


@needs_java
def test_nothing_and_one_record_have_no_pairs(session: Any, tmp_path: Path) -> None:
    nothing, one = (saved(works(40)[:count], tmp_path, f"{count}.parquet") for count in (0, 1))
    assert spark.match(session, one, nothing).count() == 0


@needs_java
def test_a_title_that_thousands_share(session: Any, tmp_path: Path) -> None:
    draw = random.Random(5)
    editorials = [
        Record(
            id=f"e{number}", type="article-journal", title="Editorial", container_title=f"Journal {number % 30}",
            author=(Name(family=f"Family{draw.randrange(3000)}", given="A."),), volume=str(number % 50), issue=str(number % 4),
            page=f"{number % 90}–{number % 90 + 2}", issued=Date(parts=(1990 + number % 30,)),
        )
        for number in range(12_000)
    ]  # fmt: skip
    chunks(session, 1_000)
    assert on_spark(spark.match(session, saved(editorials, tmp_path))) == in_process(editorials)


# --- order, components, identities ------------------------------------------------------------------------------------


def placed(*rows_: tuple[int, int, int]) -> pa.RecordBatch:
    values = list(zip(*rows_, strict=True))
    return pa.RecordBatch.from_arrays([pa.array(each) for each in values], names=["key", "place", "size"])


@pytest.mark.parametrize(
    "batches",
    [
        [placed((1, 2, 2), (1, 1, 2))],
        [placed((1, 1, 2)), placed((2, 1, 1))],
        [placed((1, 1, 3), (1, 2, 3))],
        [placed((1, 1, 2), (2, 1, 2), (1, 2, 2), (2, 2, 2))],
        [placed((1, 1, 2)), placed((1, 1, 2))],
        [placed((5, 2, 2))],
    ],
)
def test_rows_in_disorder_stop_a_worker(batches: list[Any]) -> None:
    with pytest.raises(rows.OrderError):
        list(rows.ordered(iter(batches), "key"))


def test_rows_in_order_pass() -> None:
    batches = [placed((9, 1, 3), (9, 2, 3)), placed((9, 3, 3), (-4, 1, 1)), placed((7, 1, 1))]
    assert list(rows.ordered(iter(batches), "key")) == batches


@needs_java
def test_an_engine_that_drops_the_order_is_found_out(session: Any) -> None:
    table = session.range(2_000).selectExpr(
        "cast(0 as int) as family", "id % 5 as key", "id as place", "cast(2000 as long) as size", "id as head8"
    )
    wrong = table.orderBy("place", ascending=False).coalesce(1).mapInArrow(workers.met, rows.ddl(workers.PAIRS))
    with pytest.raises(spark.EngineError, match="out of the order"), spark.failing():
        wrong.collect()


@needs_java
def test_components_are_those_of_a_plain_search(session: Any, tmp_path: Path) -> None:
    draw = random.Random(3)
    edges = [(place, place + 1) for place in range(100, 160)]  # a long chain
    edges += [(7, other) for other in range(8, 40)]  # a star
    edges += [tuple(sorted(draw.sample(range(1000, 1400), 2))) for _ in range(220)]  # type: ignore[misc]
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for one, other in edges:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    table = session.createDataFrame(edges, "l long, r long")
    kept: Callable[[Any], Any] = lambda each: each.localCheckpoint()  # noqa: E731
    found = {each["uid"]: each["component"] for each in components(table, kept).collect()}
    assert found == {node: root(node) for node in parent}


def test_the_numbers_of_values_are_those_of_every_run_and_machine() -> None:
    code = (
        "from bibtools.match import columns; from bibtools.record import Record, Name\n"
        "made = columns.travelling([Record(id='a', title='On  e-mail', author=(Name(family='Ng'),))])\n"
        "print({name: list(map(str, column)) for name, column in made.items()})"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1
    assert columns.identity("doi") == columns.identity("doi") > 0


def test_what_travels_is_what_is_compared_in_one_process() -> None:
    records = works(300, seed=6)
    made = columns.travelling(records)
    batch = rows.batch_of(rows.FOLDED, made | {"side": [0] * 300, "id": [each.id for each in records]})
    batch = batch.append_column("uid", batch.column("rank"))
    there = rows.looked_at([batch], rows.Known()).features
    here = prepare.prepare(records)
    for name in ("title", "author", "venue", "abstract"):
        values = {"title": "titles", "author": "author_lists", "venue": "venues", "abstract": "abstracts"}[name]
        one, other = getattr(here, values), getattr(there, values)
        assert [one[each] for each in getattr(here, name)] == [other[each] for each in getattr(there, name)]
    for name in ("year", "first_number", "last_number", "kind", *prepare.FLAGS, "rank"):
        assert (getattr(here, name) == getattr(there, name)).all(), name
    for name in columns.IDENTIFIED:
        pairs = set(zip(getattr(here, name).tolist(), getattr(there, name).tolist(), strict=True))
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}), name


# --- Parquet ----------------------------------------------------------------------------------------------------------


def test_parquet_loses_nothing(tmp_path: Path) -> None:
    whole = Record(
        id="a", type="book", title="Ω \ud800", author=(Name(family="Li"), Name(literal="WHO")), authors_truncated=True,
        other_creators=(("illustrator", (Name(family="Ray", given="B."),)),), issued=Date(parts=(1999, 2), end=(), circa=True),
        event_date=Date(literal="spring", season=1), keyword=("x", "y"), categories=("cs.LG",),
        extra=(("k", "1"), ("k", "2")), abstract="A" * 3000,
    )  # fmt: skip
    records = [whole, Record(id="b"), *works(60)]
    path = Path(saved(records, tmp_path))
    read = api.read_records(path.read_bytes(), source="r.parquet")
    assert not read.problems
    assert read.records[0] == normalise(whole.replace(title="Ω ?"))
    assert list(read.records[1:]) == [normalise(each) for each in records[1:]]
    assert read.records[2].origin.index == 2


def test_convert_to_parquet_and_back(tmp_path: Path) -> None:
    out, back = tmp_path / "r.parquet", tmp_path / "back.jsonl"
    run = CliRunner().invoke(main, ["convert", str(SAMPLES / "refs.bib"), "-o", str(out)])
    assert run.exit_code == 0, run.output
    assert CliRunner().invoke(main, ["convert", str(out), "--to", "records", "-o", str(back)]).exit_code == 0
    direct = api.read_inputs([str(SAMPLES / "refs.bib")]).records()
    assert [each["title"] for each in map(json.loads, back.read_text().splitlines())] == [each.title for each in direct]
    refused = CliRunner().invoke(main, ["convert", str(SAMPLES / "refs.bib"), "--to", "parquet"])
    assert refused.exit_code == 2
    assert "-o FILE" in refused.output


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"author": ["Lee, Ann"]}, "column author"),
        ({"issued": ["1999"]}, "column issued"),
        ({"title": [1.5]}, "column title"),
        ({"author": [[{"last": "Lee"}]]}, "last"),
        ({"extra": [[{"name": "x"}]]}, "column extra"),
        ({"authors_truncated": ["yes"]}, "column authors_truncated"),
    ],
)
def test_a_column_of_another_shape_is_told(column: dict[str, list[Any]], said: str, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "odd.parquet"
    pq.write_table(pa.table({"id": ["a"], **column}), path)
    read = api.read_records(path.read_bytes())
    assert said in str(read.problems[0])


def test_strange_columns_and_broken_files(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "odd.parquet"
    pq.write_table(
        pa.table({"id": ["a"], "volume": [3], "shelf": ["Q1"], "title": pa.array(["T"]).dictionary_encode()}), path
    )
    (record,) = api.read_records(path.read_bytes()).records
    assert (record.volume, record.title, record.extra) == ("3", "T", (("shelf", "Q1"),))
    data = path.read_bytes()
    assert api.read_records(data[:40] + b"\0" * 60 + data[100:]).problems


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "local[1]"], "-o FOLDER"),
        (["-o", "pairs.parquet"], "--engine"),
        (["--engine", "quick", "-o", "pairs.parquet"], "is no engine"),
        (["--engine", "local[1]", "-o", "pairs.parquet", "--explain", "a", "b"], "--explain is not for --engine"),
        (["--engine", "local[1]", "-o", "there"], "is there already"),
    ],
)
def test_words_that_do_not_go_together(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").write_text("x")
    run = CliRunner().invoke(main, ["match", "records.parquet", *words])
    assert run.exit_code == 2
    assert said in run.output
    assert (tmp_path / "there").read_text() == "x"


@needs_java
def test_tables_that_are_none_of_records(session: Any, tmp_path: Path) -> None:
    with pytest.raises(spark.EngineError, match="column 'id'"):
        spark.match(session, session.createDataFrame([("a",)], "name string"))
    (tmp_path / "refs.bib").write_text("@misc{a, title = {b}}")
    with pytest.raises(spark.EngineError, match="is no Parquet"):
        spark.match(session, str(tmp_path / "refs.bib"))
    with pytest.raises(spark.EngineError, match="no such file"):
        spark.match(session, str(tmp_path / "no.parquet"))
    with pytest.raises(spark.EngineError, match="column author"):
        spark.match(session, session.createDataFrame([("a", "Lee")], "id string, author string"))
    (tmp_path / "text.parquet").write_text("no Parquet")
    with pytest.raises(spark.EngineError):
        spark.match(session, str(tmp_path / "text.parquet"))
    (tmp_path / "odd.jsonl").write_text('{"id":"a"}\nbroken\n', encoding="utf-8")
    with pytest.raises(spark.EngineError, match="a line is no record"):
        spark.match(session, str(tmp_path / "odd.jsonl"))
    odd = tmp_path / "a [b]{c}*.jsonl"
    odd.write_text('{"id":"a","title":"T"}\n', encoding="utf-8")
    assert spark.read(session, str(odd)).count() == 1


# --- a cluster of separate processes ----------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A master and two workers; the folder holds one of a running executor each."""
    import pyspark

    home = Path(pyspark.__file__).parent
    address, folder = f"spark://127.0.0.1:{free_port()}", tmp_path / "executors"
    environment = {
        **os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1", "SPARK_NO_DAEMONIZE": "1",
    }  # fmt: skip
    run = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy."]

    def start(what: str, *words: str) -> subprocess.Popen[bytes]:
        command = [run[0], f"{run[1]}{what}", "--host", "127.0.0.1", *words]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)

    port = address.rpartition(":")[2]
    started = [start("master.Master", "--port", port, "--webui-port", "0")]
    for number in range(2):
        words = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / str(number)))
        started.append(start("worker.Worker", *words, address))
    yield address, folder
    for process in reversed(started):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def executors(folder: Path) -> list[int]:
    """The processes of the cluster's executors: those that run in its folders."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                words = (process / "cmdline").read_bytes()
                found += [int(process.name)] if b"CoarseGrainedExecutorBackend" in words else []
        except OSError:
            continue
    return found


@needs_java
@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="executors are found by /proc")
def test_an_executor_that_is_killed_changes_nothing(cluster: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = cluster
    records = works(2_000, seed=8)
    path, out = saved(records, tmp_path), tmp_path / "pairs.parquet"
    conf = tmp_path / "conf"
    conf.mkdir()
    settings = {name: value for name, value in QUICK.items() if "bindAddress" not in name}
    settings |= {"spark.executor.memory": "700m", "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1"}
    (conf / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    command = [sys.executable, "-m", "bibtools", "match", "--engine", address, path, "-o", str(out)]
    environment = {
        **os.environ,
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    log = tmp_path / "log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            table = tmp_path / "pairs.parquet.work" / "004"
            while process.poll() is None and not table.exists():
                time.sleep(0.2)
            running = executors(folder)
            assert len(running) == 2, log.read_text()
            os.kill(running[0], signal.SIGKILL)
            assert process.wait(timeout=300) == 0, log.read_text()
        finally:
            if process.poll() is None:
                process.kill()
    import pyarrow.parquet as pq

    found = pq.read_table(out).to_pylist()
    assert {
        frozenset((each["left"], each["right"])): (each["answer"], each["score"], each["same_version"])
        for each in found
    } == in_process(records)
    assert not (tmp_path / "pairs.parquet.work").exists()
    assert f"{sum(each['answer'] == Answer.SAME for each in found)} duplicate pairs" in log.read_text().replace(",", "")
