"""The plan: how records become verdicts, table by table.

What one record or one pair tells, workers find out with the functions of `match` (`workers`); what only all records together tell
(how common a word is, which titles are headings, which fields are corrupt, which venues are one) are aggregates here. A table
that is read more than once is kept on the disks of the executors; where one is lost, Spark makes its part again.

Of Spark only what Connect has is used: no RDD, no variable sent to all workers. Where a worker depends on the order of rows they
are put in order by a window, whose number each row carries, and the worker checks it: an engine that leaves a sort out before a
Python stage would else change the answers unseen.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from bibtools.match import blocking, reliability
from bibtools.match.prepare import FLAGS
from bibtools.spark import rows, workers
from bibtools.spark.components import components
from bibtools.spark.rows import Known, ddl

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

__all__ = ["Kept", "matched"]


class Kept:
    """The tables that are read more than once: in a folder that every executor reaches, so that what one does is not lost with
    it; without a folder on the executors' own disks, and then a lost executor ends the run.

    Plans are cut here. One that held those of all tables before it, as it would if tables were only kept in memory, would double
    with every join of a table with itself and outgrow the driver.
    """

    def __init__(self, session: SparkSession, folder: str | None) -> None:
        self.session, self.folder = session, folder
        self.count = 0

    def keep(self, table: DataFrame) -> DataFrame:
        if self.folder is None:
            return table.localCheckpoint(eager=True)
        self.count += 1
        path = f"{self.folder}/{self.count:03}"
        table.write.parquet(path)
        return self.session.read.schema(table.schema).parquet(path)


def _map(table: DataFrame, function: workers.Work, fields: dict[str, str]) -> DataFrame:
    return table.mapInArrow(function, ddl(fields))


def matched(source: DataFrame, target: DataFrame | None, kept: Kept) -> DataFrame:
    """Every pair that is the same or unsure, by the ids of the records."""
    return _Plan(source, target, kept).pairs()


class _Plan:
    def __init__(self, source: DataFrame, target: DataFrame | None, kept: Kept) -> None:
        from pyspark.sql import functions as F  # noqa: N812

        self.F, self.keep = F, kept.keep
        self.linking = target is not None
        self.sides = [(source, 1)] if target is None else [(target, 0), (source, 1)]
        self.known = Known()

    # --- tables of records --------------------------------------------------------------------------------------------

    def pairs(self) -> DataFrame:
        F = self.F  # noqa: N806
        records = self._numbered(
            self.keep(
                reduce(
                    lambda one, other: one.unionAll(other),
                    [_map(table, workers.work(workers.folded, side=side), rows.FOLDED) for table, side in self.sides],
                )
            )
        )
        count = records.count()
        titles = self.keep(self._titles(records))
        self.known = Known(titles=titles.count() + 1)
        candidates = self.keep(self._candidates(records, titles, count))
        identical = self.keep(self._identical(records))
        ends = candidates.select("l", "r").unionAll(identical)
        wanted = ends.select(F.explode(F.array("l", "r")).alias("uid")).distinct()
        worth = self._generic(records)
        full = self.keep(
            records.join(wanted, "uid", "left_semi")
            .join(titles.select("title", F.col("words").alias("t_words"), "counts"), "title", "left")
            .withColumn("words", F.coalesce("t_words", "words"))
            .drop("t_words")
            .join(worth, "title", "left")
            .join(self._venues(records), "venue", "left")
            .withColumn("venue_text", F.coalesce("v_text", "venue_text"))
            .drop("v_text")
        )
        full = self._trusted(records, full, candidates)
        known, full = self._known(full, candidates, identical, titles, worth)
        return self._named(self._settled(known, full), full)

    def _numbered(self, folded: DataFrame) -> DataFrame:
        """With ``uid``: the rank; of records that have one rank the second has the next number, and so on."""
        from pyspark.sql import Window

        F = self.F  # noqa: N806
        if not folded.groupBy("rank").count().where("count > 1").limit(1).count():
            return folded.withColumn("uid", F.col("rank"))
        unresolved = F.shiftright("flags", FLAGS.index("unresolved")) % 2
        order = Window.partitionBy("rank").orderBy("whole", unresolved, "side")
        return self.keep(folded.withColumn("uid", F.col("rank") + F.row_number().over(order) - 1))

    def _titles(self, records: DataFrame) -> DataFrame:
        """Each title with its words as most records have them, and in how many titles each of these stands, if in several."""
        F = self.F  # noqa: N806
        spellings = (
            records.where("title != 0")
            .groupBy("title", "words")
            .agg(F.count("*").alias("n"), F.first("head").alias("head"))
        )
        order = F.struct(
            (-F.col("n")).alias("n"), F.size(F.split("words", " ")).alias("length"), "words"
        )  # `spelling_order`
        chosen = self.keep(
            spellings.groupBy("title").agg(F.min(order).alias("one"), F.first("head").alias("head"))
            .select("title", F.col("one.words").alias("words"), "head")
        )  # fmt: skip
        words = chosen.select("title", F.explode(F.array_distinct(F.split("words", " "))).alias("word"))
        frequency = words.groupBy("word").agg(F.count("*").alias("n")).where("n > 1")
        counts = (
            words.join(frequency, "word").groupBy("title").agg(F.collect_list(F.struct("word", "n")).alias("counts"))
        )
        return chosen.join(counts, "title", "left")

    def _venues(self, records: DataFrame) -> DataFrame:
        """Each venue's name, as it sorts first."""
        F = self.F  # noqa: N806
        return records.where("venue != 0").groupBy("venue").agg(F.min("venue_text").alias("v_text"))

    def _generic(self, records: DataFrame) -> DataFrame:
        """What agreeing on a title is worth, where that is less than all: by the people under it, by the issues it recurs in."""
        from pyspark.sql import Window

        F = self.F  # noqa: N806
        lists = (
            records.where("title != 0 and author != 0")
            .groupBy("title", "author")
            .agg(F.first("people").alias("people"))
        )
        same = Window.partitionBy("title")
        first = (
            lists.withColumn("n", F.count("*").over(same))
            .where(F.col("n") >= reliability.GENERIC_AUTHORS)
            .withColumn("place", F.row_number().over(same.orderBy("author")))
            .where(F.col("place") <= reliability.MOST_LISTS)
        )
        grouped = first.groupBy("title").agg(F.collect_list("people").alias("lists"))
        people = _map(grouped, workers.work(workers.worth), workers.WORTH).where("generic < 1")
        places = records.where("title != 0 and venue != 0 and volume != 0 and issue != 0")
        issues = places.select("title", "venue", "volume", "issue").distinct().groupBy("title", "venue").count()
        columns_ = (
            issues.groupBy("title").agg(F.max("count").alias("n")).where(F.col("n") >= reliability.GENERIC_ISSUES)
        )
        recurring = columns_.select("title", (F.lit(1.0) / F.col("n")).cast("float").alias("recurring"))
        return people.join(recurring, "title", "full_outer")

    # --- pairs --------------------------------------------------------------------------------------------------------

    def _candidates(self, records: DataFrame, titles: DataFrame, count: int) -> DataFrame:
        F = self.F  # noqa: N806
        columns_ = (
            "uid", "title", "head", "surname", "both", "year", "venue", "doi", "arxiv", "pmid", "isbn", "volume", "first_page",
            "abstract", F.substring("abstract_text", 1, 120).alias("abstract_text"),
        )  # fmt: skip
        told = records.select(*columns_).join(titles.select("title", "words", "counts"), "title", "left")
        keys = _map(
            told, workers.work(workers.keyed, known=self.known, every=count <= blocking.ALL_PAIRS), workers.KEYS
        )
        blocks = self._in_order(keys, ("family", "key"), ("head8", "uid")).where("size > 1")
        pairs = _map(blocks, workers.work(workers.met), workers.PAIRS)
        return pairs.groupBy("l", "r").agg(F.max("witness").alias("witness"))

    def _in_order(self, table: DataFrame, keys: tuple[str, ...], order: tuple[str, ...]) -> DataFrame:
        """With the ``place`` of each row among those of its key, and ``size``, how many these are; rows come in this order."""
        from pyspark.sql import Window

        F = self.F  # noqa: N806
        window = Window.partitionBy(*keys).orderBy(*order)
        whole = window.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
        return table.withColumn("place", F.row_number().over(window)).withColumn("size", F.count("*").over(whole))

    def _identical(self, records: DataFrame) -> DataFrame:
        """Pairs of records that say the same, or of which one with the key of the other says no more."""
        F = self.F  # noqa: N806
        first = records.groupBy("said").agg(F.min("uid").alias("l"), F.count("*").alias("n")).where("n > 1").drop("n")
        equal = records.select("said", F.col("uid").alias("r")).join(first, "said").where("l < r").select("l", "r")
        shared = self.keep(records.where("id != ''").groupBy("id").agg(F.count("*").alias("n")).where("n > 1"))
        if not shared.limit(1).count():
            return equal
        lines = reduce(
            lambda one, other: one.unionAll(other),
            [_map(_with_ids(table, shared, F), workers.work(workers.lines), workers.LINES) for table, _ in self.sides],
        )
        uids = records.join(shared, "id", "left_semi").select("id", "whole", "uid")
        namesakes = uids.join(lines, ["id", "whole"]).dropDuplicates(["uid"]).withColumn("name", F.xxhash64("id"))
        placed = self._in_order(namesakes, ("name",), ("uid",)).select("name", "uid", "line", "place", "size")
        return equal.unionAll(_map(placed, workers.work(workers.namesakes_of), workers.NAMESAKES)).distinct()

    def _both(self, pairs: DataFrame, full: DataFrame, columns_: list[str] | None = None) -> DataFrame:
        """The pairs with the columns of both records, prefixed ``l_`` and ``r_``."""
        names = columns_ or [name for name in full.columns if name not in _UNCOMPARED]
        for side in ("l", "r"):
            told = full.select(*(self.F.col(name).alias(f"{side}_{name}") for name in names))
            pairs = pairs.join(told, self.F.col(side) == self.F.col(f"{side}_uid"))
        return pairs

    def _trusted(self, records: DataFrame, full: DataFrame, candidates: DataFrame) -> DataFrame:
        """Which fields can be trusted; the records with the venues that are one with theirs."""
        F = self.F  # noqa: N806
        witnesses = self._both(candidates.where("witness").select("l", "r"), full, [
            name for name in full.columns if name not in (*_UNCOMPARED, "abstract_text", "recurring")
        ]).drop("l", "r")  # fmt: skip
        said = self.keep(_map(witnesses, workers.work(workers.testified, known=self.known), workers.TESTIMONY))
        names = reliability.CORRUPTIBLE
        told = said.agg(
            *(F.coalesce(F.sum(f"{name}_{what}"), F.lit(0)) for name in names for what in ("both", "differ"))
        ).collect()[0]
        filled = records.agg(
            *(
                each
                for name in ("volume", "issue")
                for each in (F.count(_some(F, name)), F.count_distinct(_some(F, name)))
            )
        ).collect()[0]
        serial = {
            "volume": reliability.is_serial(*filled[:2]),
            "issue": reliability.is_serial(*filled[2:]),
            "page": False,
        }
        ignored = frozenset(
            name for place, name in enumerate(names)
            if serial[name] or reliability.is_corrupt(told[2 * place], told[2 * place + 1])
        )  # fmt: skip
        self.known = replace(self.known, ignored=ignored, by_issue=reliability.columns_are_told(ignored))
        against = [F.col(f"{name}_against").cast("double") for name in reliability.PLACES if name not in ignored]
        placed = reduce(lambda one, other: one + other, against, F.lit(0.0))
        works = (
            said.where((F.col("low") != 0) & (placed > reliability.ELSEWHERE)).select("low", "high", "title").distinct()
        )
        counted = self.keep(works.groupBy("low", "high").agg(F.count("*").alias("works")))
        totals = (
            counted.select(F.explode(F.array("low", "high")).alias("venue"), "works")
            .groupBy("venue")
            .agg(F.sum("works").alias("n"))
        )
        told_of = counted.where("low != high")
        for side in ("low", "high"):
            told_of = told_of.join(totals.select(F.col("venue").alias(side), F.col("n").alias(f"{side}_n")), side)
        one = _map(told_of, workers.work(workers.one_venue), workers.VENUES)
        ends = F.array(F.struct(F.col("low").alias("venue"), F.col("high").alias("partner")),
                       F.struct(F.col("high").alias("venue"), F.col("low").alias("partner")))  # fmt: skip
        partners = one.select(F.inline(ends)).groupBy("venue").agg(F.collect_set("partner").alias("partners"))
        return full.join(partners, "venue", "left")

    def _known(
        self, full: DataFrame, candidates: DataFrame, identical: DataFrame, titles: DataFrame, worth: DataFrame
    ) -> tuple[DataFrame, DataFrame]:
        """The pairs that may be one work by themselves, and the records with the titles that were put right."""
        F = self.F  # noqa: N806
        pairs = candidates.select("l", "r")
        full = self.keep(full)
        found = self.keep(self._compared(pairs, full, again=False))
        cut = found.where("holder != 0").groupBy("holder", "held").agg(F.count("*").alias("n"))
        if cut.limit(1).count():
            held = cut.join(titles.select(F.col("title").alias("held"), "words", "head"), "held")
            best = F.struct(
                (-F.col("n")).alias("n"), F.translate("words", " ", "").alias("joined"), "words", "head", "held"
            )
            chosen = held.groupBy("holder").agg(F.min(best).alias("one"))
            title = chosen.select(F.col("holder").alias("uid"), F.col("one.held").alias("title"))
            right = title.join(titles, "title").join(worth, "title", "left")
            other = right.select(
                "uid", *(F.col(name).alias(f"other_{name}") for name in right.columns if name != "uid")
            )
            other = self.keep(other)
            full = self.keep(full.join(other, "uid", "left"))
            changed = other.select("uid")
            again = self.keep(
                pairs.join(changed.withColumnRenamed("uid", "l"), "l", "left_semi")
                .unionAll(pairs.join(changed.withColumnRenamed("uid", "r"), "r", "left_semi").select("l", "r"))
                .distinct()
            )
            found = found.join(again, ["l", "r"], "left_anti").unionByName(self._compared(again, full, again=True))
        both = found.drop("holder", "held").join(
            identical.distinct().withColumn("identical", F.lit(True)), ["l", "r"], "full_outer"
        )
        both = both.withColumn("identical", F.coalesce("identical", F.lit(False)))
        return self.keep(both), full

    def _compared(self, pairs: DataFrame, full: DataFrame, *, again: bool) -> DataFrame:
        sides = self._both(pairs, full).drop("l", "r")
        return _map(sides, workers.work(workers.compared, known=self.known, again=again), workers.COMPARED)

    # --- groups -------------------------------------------------------------------------------------------------------

    def _settled(self, known: DataFrame, full: DataFrame) -> DataFrame:
        F = self.F  # noqa: N806
        same = known.where("same or identical").select("l", "r")
        groups = self.keep(components(same, self.keep))
        sides = known
        for side in ("l", "r"):
            ends = groups.select(F.col("uid").alias(side), F.col("component").alias(f"{side}_component"))
            sides = sides.join(ends, side, "left")
        within = F.coalesce(F.col("l_component") == F.col("r_component"), F.lit(False))
        others = _map(
            sides.where(~within).drop("l_component", "r_component"), workers.work(workers.apart), workers.SETTLED
        )
        inside = sides.where(within).withColumn("component", F.col("l_component")).drop("l_component", "r_component")
        people = full.join(groups, "uid").withColumn("l", F.col("uid")).withColumn("r", F.lit(0).cast("long"))
        table = people.withColumn("kind", F.lit(0)).unionByName(
            inside.withColumn("kind", F.lit(1)), allowMissingColumns=True
        )
        placed = self._in_order(table, ("component",), ("kind", "l", "r"))
        return _map(placed, workers.work(workers.settled, known=self.known), workers.SETTLED).unionByName(others)

    def _named(self, found: DataFrame, full: DataFrame) -> DataFrame:
        """By the ids of the records; of two files the target's first, and no pair of one file."""
        F = self.F  # noqa: N806
        for side in ("l", "r"):
            ids = full.select(
                F.col("uid").alias(side), F.col("id").alias(f"{side}_id"), F.col("side").alias(f"{side}_side")
            )
            found = found.join(ids, side)
        turned = F.col("l_side") > F.col("r_side")
        if self.linking:
            found = found.where("l_side != r_side")
        left, right = (
            F.when(turned, F.col("r_id")).otherwise(F.col("l_id")),
            F.when(turned, F.col("l_id")).otherwise(F.col("r_id")),
        )
        return found.select(
            left.alias("left"), right.alias("right"), "answer", "score", *rows.POINTS, "same_version", "group"
        )


_UNCOMPARED = ("id", "side", "rank", "content", "whole", "said", "surname", "both")


def _some(functions: Any, name: str) -> Column:
    found: Column = functions.when(functions.col(name) > 0, functions.col(name))
    return found


def _with_ids(table: DataFrame, shared: DataFrame, functions: Any) -> DataFrame:
    """The records whose ids several have; lines of JSON are all looked at."""
    if table.columns == ["value"] or "id" not in table.columns:
        return table
    return table.join(shared.select("id"), "id", "left_semi")
