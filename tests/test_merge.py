"""The planner: records and a linkage in, changes out. Which records are one work is given here (`by_title`)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bibtools import bibfile, fold, match, publication, venues
from bibtools.change import Add, Alias, Plan, Remove, SetField, Status
from bibtools.equality import FIELDS, holds, same
from bibtools.merging import Context, MergePolicy, OnUnsure, Side, Versions, bundle, decisions, plan, plan_dedupe
from bibtools.merging.fields import choose
from bibtools.record import Date, Name, Origin, Record, filled
from bibtools.verdict import Answer, Linkage, Verdict
from tests.strategies import records as any_records


def by_title(pool: Sequence[Record], target_count: int) -> Linkage:
    """A trivial linkage: the same title is the same work, "maybe" in a note makes it unsure; an abstract vouches alone."""
    verdicts = []
    for left, right in itertools.combinations(range(len(pool)), 2):
        one, two = pool[left], pool[right]
        titles = bool(one.title and two.title) and fold.text(one.title) == fold.text(two.title)
        lent = bool(one.title) != bool(two.title) and bool(one.abstract) and one.abstract == two.abstract
        if titles or lent:
            unsure = "maybe" in (one.note, two.note)
            verdicts.append(Verdict(left, right, Answer.UNSURE if unsure else Answer.SAME, 6.5 if unsure else 12.5))
    return linked(verdicts, len(pool), target_count)


def linked(verdicts: Sequence[Verdict], count: int, target_count: int) -> Linkage:
    """The connected components of the pairs that are the same."""
    groups: dict[int, list[int]] = {number: [number] for number in range(count)}
    for verdict in verdicts:
        if verdict.answer is Answer.SAME and groups[verdict.left] is not groups[verdict.right]:
            groups[verdict.left] += groups[verdict.right]
            for number in groups[verdict.right]:
                groups[number] = groups[verdict.left]
    clusters = {tuple(sorted(group)) for group in groups.values() if len(group) > 1}
    return Linkage(target_count, tuple(verdicts), tuple(sorted(clusters)))


def placed(records: Sequence[Record]) -> list[Record]:
    return [replace(each, origin=Origin("refs.bib", index=place)) for place, each in enumerate(records)]


def own_keys(records: Sequence[Record]) -> list[str]:
    """Each record's own key, unlike one another as the API gives them."""
    keys: list[str] = []
    for number, record in enumerate(records, 1):
        keys.append(record.id if record.id and record.id not in keys else f"new{number}")
    return keys


def decided(target: Sequence[Record], sources: Sequence[Record], linkage: Linkage, **wishes: object) -> Plan:
    policy = MergePolicy(**{name: value for name, value in wishes.items() if name in POLICY})  # type: ignore[arg-type]
    context = Context(**{name: value for name, value in wishes.items() if name not in POLICY})  # type: ignore[arg-type]
    return plan(target, sources, linkage, own_keys, policy, context)


POLICY = {"versions", "on_unsure", "prefer", "prefer_fields"}


def merged(target: Sequence[Record], sources: Sequence[Record], **wishes: object) -> tuple[Plan, list[Record]]:
    """The plan, and the target as it is after it."""
    target = placed(target)
    made = decided(target, sources, by_title([*target, *sources], len(target)), **wishes)
    return made, carried_out(made, target)


def carried_out(made: Plan, target: Sequence[Record]) -> list[Record]:
    result = list(target)
    gone = set()
    for each in made.changes:
        if isinstance(each, SetField):
            assert getattr(result[each.target.index], each.field) == each.old
            result[each.target.index] = replace(result[each.target.index], **{each.field: each.new})
        elif isinstance(each, Add):
            result.append(replace(each.record, origin=Origin("refs.bib", index=len(result))))
        elif isinstance(each, Remove):
            gone.add(each.target.index)
    return [each for place, each in enumerate(result) if place not in gone]


def people(*names: str) -> tuple[Name, ...]:
    return tuple(Name(*reversed(each.split(" ", 1))) if " " in each else Name(family=each) for each in names)


PREPRINT = Record(
    id="smith2020deep",
    type="article",
    title="Deep Things",
    author=people("A. Smith", "B. Jones"),
    container_title="arXiv preprint arXiv:2001.00001",
    issued=Date((2020,)),
    arxiv_id="2001.00001",
)
PUBLISHED = Record(
    type="paper-conference",
    title="Deep Things",
    author=people("Anna Smith", "Bob Jones"),
    container_title="Proceedings of the Conference on Depth",
    issued=Date((2021, 6)),
    page="1–10",
    doi="10.1000/deep.1",
)


# --- one choice between two values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "old", "new", "expected"),
    [
        ("abstract", "", "Of depth.", "Of depth."),
        ("abstract", "Of depth.", "Another text.", None),
        ("url", "http://a.org/", "https://a.org", None),
        ("keyword", ("a", "B"), ("b", "c"), ("a", "B", "c")),
        ("keyword", (), ("b", "b"), ("b",)),
        ("categories", ("cs.CL",), ("cs.CL", "cs.LG"), ("cs.CL", "cs.LG")),
        ("categories", ("cs.CL",), ("cs.LG", "cs.CL"), None),
        ("title", "On BERT", 'On <span class="nocase">BERT</span>', 'On <span class="nocase">BERT</span>'),
        ("title", 'On <span class="nocase">BERT</span>', "On BERT", None),
        ("title", "On Bert", 'On <span class="nocase">BERT</span>', None),
        ("title", "E$^{2}$GAN", "E<sup>2</sup>GAN", None),
        ("extra", (("code", "yes"),), (("code", "no"), ("score", "3")), (("code", "yes"), ("score", "3"))),
        ("extra", (("file", "a.pdf"),), (("file", "b.pdf;a.pdf"),), (("file", "a.pdf;b.pdf"),)),
        ("extra", (), (("crossref", "there"),), None),
        ("author", people("A. Smith"), people("Anna Smith"), None),
    ],
)
def test_choices(field: str, old: object, new: object, expected: object) -> None:
    chosen = choose(field, Record(**{field: old}), Record(**{field: new}), False)  # type: ignore[arg-type]
    assert (chosen.value if chosen else None) == expected


@pytest.mark.parametrize(
    ("standing", "cut", "coming", "taken"),
    [
        (people("A. Smith"), True, people("Anna Smith", "Bob Jones"), True),
        (people("A. Smith"), True, people("Anna Smith"), False),
        (people("A. Smith"), True, people("Carl Smith", "Bob Jones"), False),
        (people("A. Smith"), True, people("Bob Jones", "A. Smith"), False),
        (people("A. Smith"), False, people("A. Smith", "Bob Jones"), False),
    ],
)
def test_a_list_cut_short_yields_to_a_complete_one_that_begins_with_the_same_names(
    standing: tuple[Name, ...], cut: bool, coming: tuple[Name, ...], taken: bool
) -> None:
    found = choose("author", Record(author=standing, authors_truncated=cut), Record(author=coming), False)
    assert (found is not None) is taken


def test_a_list_completed_is_no_longer_cut_short() -> None:
    standing = Record(id="a", title="T", author=people("A. Smith"), authors_truncated=True)
    _, result = merged([standing], [Record(title="T", author=people("Anna Smith", "Bob Jones"))])
    assert result[0].author == people("Anna Smith", "Bob Jones")
    assert not result[0].authors_truncated


@pytest.mark.parametrize(
    ("field", "left", "right"),
    [
        ("title", "Caf{\\'e} society", "Café Society"),
        ("title", "A–B: c", "A-B, c"),
        ("page", "1--10", "1–10"),
        ("doi", "https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("isbn", "978-3-16-148410-0", "9783161484100"),
        ("issn", "1234-5678", "12345678"),
        ("author", (Name("Berg", "Jan", "van den"),), (Name("van den Berg", "Jan"),)),
        ("author", (Name(literal="NASA"),), (Name(family="NASA"),)),
        ("issued", Date((2020, 5)), Date((2020, 5), circa=True)),
        ("publisher", "Springer\\& Co", "Springer & Co"),
    ],
)
def test_two_forms_of_one_value_are_no_difference(field: str, left: object, right: object) -> None:
    assert same(field, left, right)
    assert same(field, right, left)


@pytest.mark.parametrize(
    ("field", "left", "right"),
    [
        ("title", "Part I", "Part II"),
        ("volume", "1", "2"),
        ("title", "—", "…"),
        ("title", "", "x"),
        ("author", people("A. Smith"), people("A. Smith", "B. Jones")),
        ("issued", Date((2020,)), Date((2020, 5))),
    ],
)
def test_different_values_are_told_apart(field: str, left: object, right: object) -> None:
    assert not same(field, left, right)
    assert not same(field, right, left)


# --- the bundle --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        ("Proc. Natl. Acad. Sci.", "Proceedings of the National Academy of Sciences", True),
        ("ICML", "Proceedings of the International Conference on Machine Learning", True),
        ("Phys. Rev. Lett.", "Physical Review Letters", True),
        ("Proceedings of the 37th Conference on Machine Learning", "Conference on Machine Learning", True),
        ("Physical Review A", "Physical Review B", False),
        ("Nature", "Science", False),
        ("Journal of Physics", "Annals of Physics", False),
    ],
)
def test_abbreviated_venues(left: str, right: str, one: bool) -> None:
    assert venues.same_venue(left, right) is one
    assert venues.same_venue(right, left) is one


def test_a_gap_in_the_bundle_is_filled_from_a_record_that_says_nothing_against_it() -> None:
    standing = replace(PUBLISHED, id="s", page="", doi="", container_title="Proc. Conf. Depth")
    made, result = merged([standing], [PUBLISHED])
    assert (result[0].page, result[0].doi) == (PUBLISHED.page, PUBLISHED.doi)
    assert result[0].container_title == "Proc. Conf. Depth"
    assert made.outcomes[0].status is Status.UPDATED


def test_no_chimera_of_two_publications() -> None:
    standing = replace(
        PUBLISHED, id="s", page="", doi="", issued=Date((2019,)), container_title="Journal of Other Things"
    )
    made, result = merged([standing], [PUBLISHED])
    assert result[0].page == "" and result[0].doi == ""
    assert {"page", "doi", "container_title", "issued"} <= {each.field for each in made.outcomes[0].left}


def test_a_guessed_year_never_changes_a_stated_one() -> None:
    standing = Record(id="a", title="T", issued=Date((2020,)))
    guessed = Record(title="T", issued=Date((2025, 11, 3), inferred=True))
    made, result = merged([standing], [guessed])
    assert made.changes == ()
    assert result[0].issued == Date((2020,))


# --- versions ----------------------------------------------------------------------------------------------------------


def test_a_preprint_takes_the_whole_bundle_of_its_publication_and_keeps_key_and_eprint() -> None:
    made, result = merged([replace(PREPRINT, publisher="arXiv", number="2001.00001")], [PUBLISHED])
    only = result[0]
    assert [getattr(only, name) for name in bundle.BUNDLE] == [getattr(PUBLISHED, name) for name in bundle.BUNDLE]
    assert (only.id, only.arxiv_id) == ("smith2020deep", "2001.00001")
    assert only.author == PREPRINT.author
    assert made.outcomes[0].why == "the published version"


def test_an_arxiv_number_that_stood_only_in_the_venue_survives_it() -> None:
    """The clean-up of the target found it there; the file has no field for it."""
    target, written = placed([PREPRINT]), placed([replace(PREPRINT, arxiv_id="")])
    made = decided(target, [PUBLISHED], by_title([*target, PUBLISHED], 1), written=written)
    assert carried_out(made, written)[0].arxiv_id == "2001.00001"


def test_what_only_the_clean_up_found_is_no_change() -> None:
    target, written = placed([PREPRINT]), placed([replace(PREPRINT, arxiv_id="")])
    assert decided(target, [PREPRINT], by_title([*target, PREPRINT], 1), written=written).changes == ()


def test_keep_leaves_the_preprint_as_it_stands_and_names_what_was_not_taken() -> None:
    made, result = merged([PREPRINT], [PUBLISHED], versions=Versions.KEEP)
    assert result == placed([PREPRINT])
    assert {"container_title", "issued", "doi", "page"} <= {each.field for each in made.outcomes[0].left}


def test_link_gives_the_publication_an_entry_of_its_own_that_names_the_preprint() -> None:
    made, result = merged([PREPRINT], [replace(PUBLISHED, id="pub")], versions=Versions.LINK)
    assert result[0] == PREPRINT
    assert result[1].get_extra("related") == "smith2020deep"
    assert made.outcomes[0].status is Status.ADDED


def test_linking_again_plans_nothing() -> None:
    sources = [
        replace(PREPRINT, id="pre"),
        replace(PUBLISHED, id="pub"),
        Record(title="Deep Things", abstract="Of depth."),
    ]
    for target in ([], [PREPRINT], [replace(PUBLISHED, id="p")]):
        _, result = merged(target, sources, versions=Versions.LINK)
        again, _ = merged(result, sources, versions=Versions.LINK)
        assert again.changes == ()


def test_link_ties_two_new_versions() -> None:
    _, result = merged([], [replace(PREPRINT, id="pre"), replace(PUBLISHED, id="pub")], versions=Versions.LINK)
    assert {each.id: each.get_extra("related") for each in result} == {"pub": "", "pre": "pub"}


def test_a_published_entry_takes_nothing_of_its_preprints_publication() -> None:
    standing = replace(PUBLISHED, id="p")
    made, result = merged([standing], [replace(PREPRINT, abstract="Of depth.")])
    assert result[0] == replace(standing, arxiv_id="2001.00001", abstract="Of depth.")
    assert {each.field for each in made.outcomes[0].left} >= {"container_title", "issued", "type"}


def test_two_publications_of_one_work_are_a_case_for_a_person() -> None:
    journal = replace(
        PUBLISHED, type="article-journal", container_title="Journal of Depth", issued=Date((2023,)), doi="10.1/j"
    )
    target = placed([replace(PUBLISHED, id="conf")])
    linkage = Linkage(1, (Verdict(0, 1, Answer.SAME, 12.5, same_version=False),), ((0, 1),))
    made = decided(target, [journal], linkage)
    assert made.outcomes[0].status is Status.UNSURE
    assert made.outcomes[0].candidates[0].key == "conf"
    apart = decided(target, [journal], linkage, versions=Versions.LINK)
    assert [each.get_extra("related") for each in apart.added] == ["conf"]


@pytest.mark.parametrize(
    ("record", "published"),
    [
        (PREPRINT, False),
        (PUBLISHED, True),
        (Record(type="article-journal", container_title="CoRR", volume="abs/1706.03762"), False),
        (Record(type="book", title="B"), True),
        (Record(type="article", doi="10.48550/arXiv.2001.00001"), False),
        (Record(type="article", doi="10.1000/x"), True),
        (Record(type="report", arxiv_id="2001.00001"), False),
        (Record(type="report", publisher="NASA"), True),
        (Record(title="T"), False),
    ],
)
def test_what_is_published(record: Record, published: bool) -> None:
    assert publication.is_published(record) is published


# --- preferences -------------------------------------------------------------------------------------------------------


def test_prefer_source_takes_the_sources_values() -> None:
    standing = Record(id="a", title="T", abstract="old", note="mine")
    _, result = merged([standing], [Record(title="T", abstract="new")], prefer=Side.SOURCE)
    assert (result[0].abstract, result[0].note) == ("new", "mine")


def test_a_single_field_can_be_preferred_from_the_source_or_kept() -> None:
    standing = Record(id="a", title="T", abstract="old", url="http://old")
    coming = Record(title="T", abstract="new", url="http://new")
    _, result = merged([standing], [coming], prefer_fields={"abstract": Side.SOURCE})
    assert (result[0].abstract, result[0].url) == ("new", "http://old")
    _, result = merged([standing], [coming], prefer=Side.SOURCE, prefer_fields={"abstract": Side.TARGET})
    assert (result[0].abstract, result[0].url) == ("old", "http://new")


def test_two_sources_that_disagree_settle_when_the_source_is_preferred() -> None:
    standing = Record(id="a", title="T", abstract="old")
    sources = [Record(title="T", abstract="one"), Record(title="T", abstract="two")]
    _, result = merged([standing], sources, prefer=Side.SOURCE)
    again, _ = merged(result, sources, prefer=Side.SOURCE)
    assert again.changes == ()


# --- who goes where ----------------------------------------------------------------------------------------------------


def test_unsure_is_never_combined() -> None:
    standing = Record(id="a", title="T", note="maybe")
    skipped, result = merged([standing], [Record(title="T", abstract="new")])
    assert skipped.outcomes[0].status is Status.UNSURE and len(result) == 1 and result[0] == standing
    added, result = merged([standing], [Record(id="b", title="T", abstract="new")], on_unsure=OnUnsure.ADD)
    assert added.outcomes[0].status is Status.ADDED and [each.id for each in result] == ["a", "b"]
    assert added.outcomes[0].candidates[0].key == "a"


def test_a_doubt_between_two_new_records_lets_both_in() -> None:
    made, result = merged([], [Record(id="a", title="T", note="maybe"), Record(id="b", title="T")])
    assert [each.id for each in result] == ["a", "b"]
    assert all(each.status is Status.ADDED and each.candidates for each in made.outcomes)


def test_an_abstract_is_lent_to_the_titled_record_it_belongs_to() -> None:
    titled = Record(id="a", title="T", author=people("A. Smith"))
    twin = replace(titled, id="", abstract="Of depth.")
    # the lender meets the titled record through a twin that has both
    target = placed([titled])
    verdicts = [Verdict(0, 1, Answer.SAME, 12.5), Verdict(0, 2, Answer.SAME, 12.5), Verdict(1, 2, Answer.SAME, 12.5)]
    made = decided(target, [twin, Record(abstract="Of depth.")], Linkage(1, tuple(verdicts), ((0, 1, 2),)))
    assert carried_out(made, target)[0].abstract == "Of depth."


def test_abstracts_alone_are_incomplete_and_never_written() -> None:
    made, result = merged([], [Record(abstract="Of depth."), Record(title="T", id="a")])
    assert [each.status for each in made.outcomes] == [Status.INCOMPLETE, Status.ADDED]
    assert [each.id for each in result] == ["a"]


def test_the_same_abstract_twice_is_still_incomplete() -> None:
    alone = Record(abstract="Of depth.")
    made = decided([], [alone, alone], Linkage(0, (Verdict(0, 1, Answer.SAME, 12.5),), ((0, 1),)))
    assert [each.status for each in made.outcomes] == [Status.INCOMPLETE] * 2
    assert made.changes == ()


def test_a_record_that_says_nothing_new_under_the_entrys_key_is_the_entry() -> None:
    note_only = Record(id="a", note="Private communication")
    made = decided(placed([note_only]), [note_only], match.link([note_only], [note_only]))
    assert made.outcomes[0].status is Status.UNCHANGED and made.changes == ()


def test_of_duplicate_entries_the_one_of_the_same_version_is_chosen() -> None:
    target = placed([PREPRINT, replace(PUBLISHED, id="p")])
    made = decided(target, [PUBLISHED], by_title([*target, PUBLISHED], 2))
    assert made.outcomes[0].key == "p" and made.outcomes[0].status is Status.UNCHANGED


def test_a_new_entry_does_not_refer_to_entries_of_another_file() -> None:
    made, result = merged([], [Record(id="a", title="T", extra=(("crossref", "book"), ("x", "y")))])
    assert result[0].extra == (("x", "y"),)
    assert [each.field for each in made.outcomes[0].left] == ["crossref"]


def test_a_cited_key_that_is_merged_away_becomes_an_alias() -> None:
    made, _ = merged([PREPRINT], [replace(PREPRINT, id="other")], cited={"other"})
    assert [each.old for each in made.changes if isinstance(each, Alias)] == ["other"]
    assert made.keys == (("other", "smith2020deep"),)
    silent, _ = merged([PREPRINT], [replace(PREPRINT, id="other")])
    assert silent.changes == ()


# --- dedupe ------------------------------------------------------------------------------------------------------------


def deduped(entries: Sequence[Record], **more: object) -> tuple[Plan, list[Record]]:
    entries = placed(entries)
    made = plan_dedupe(entries, by_title(entries, len(entries)), context=Context(**more))  # type: ignore[arg-type]
    return made, carried_out(made, entries)


def test_dedupe_keeps_the_published_entry_and_the_other_key_as_alias() -> None:
    made, result = deduped([PREPRINT, replace(PUBLISHED, id="p")])
    assert [(each.id, each.arxiv_id) for each in result] == [("p", "2001.00001")]
    assert made.keys == (("smith2020deep", "p"),)
    assert any(isinstance(each, Alias) and each.old == "smith2020deep" for each in made.changes)


def test_an_entry_that_others_refer_to_stays() -> None:
    book = Record(id="book", type="book", title="Proceedings")
    fuller = replace(book, id="fuller", publisher="ACM", isbn="9783161484100")
    _, result = deduped([book, fuller], referred={"book"})
    assert [each.id for each in result] == ["book"]
    made, result = deduped([book, fuller], referred={"book", "fuller"})
    assert len(result) == 2 and [each.status for each in made.outcomes] == [Status.UNSURE] * 2


def test_dedupe_shows_doubts_and_changes_nothing_for_them() -> None:
    made, result = deduped([Record(id="a", title="T", note="maybe"), Record(id="b", title="T")])
    assert len(result) == 2 and made.having(Status.UNSURE)


# --- a person's word ---------------------------------------------------------------------------------------------------


def test_verdicts_are_remembered_and_used_whatever_the_keys() -> None:
    one, two = (
        Record(id="a", title="T", author=people("A. Smith")),
        Record(id="b", title="T", author=people("B. Smith")),
    )
    said = decisions.remember(decisions.Decisions(), one, two, Answer.DIFFERENT)
    again = decisions.loads(decisions.dumps(said))
    assert again == said
    different = {(0, 1): Answer.DIFFERENT}
    assert decisions.answers(again, [replace(one, id="x"), replace(two, id="")]) == different
    assert decisions.answers(again, [two, one]) == different


def test_a_word_of_same_holds_where_the_matcher_saw_nothing() -> None:
    one, two = Record(id="a", title="T"), Record(id="b", title="Of T")
    said = decisions.remember(decisions.Decisions(), one, two, Answer.SAME)
    answers = decisions.answers(said, [one, two])
    assert match.link([one], [two], answers).clusters == ((0, 1),)
    assert match.link([one], [two]).clusters == ()


def test_different_said_of_two_look_alikes_does_not_part_a_record_from_its_copy() -> None:
    one, two = Record(id="a", title="T"), Record(id="b", title="T")
    said = decisions.remember(decisions.Decisions(), one, two, Answer.DIFFERENT)
    assert decisions.answers(said, [one, two]) == {(0, 1): Answer.DIFFERENT}
    assert decisions.answers(said, [one, one]) == {}


def test_an_edited_entry_is_known_by_its_key() -> None:
    one, two = Record(id="a", title="T", issued=Date((2020,))), Record(title="T", issued=Date((1990,)))
    said = decisions.remember(decisions.Decisions(), one, two, Answer.DIFFERENT)
    edited = replace(one, issued=Date((2021,)))
    assert decisions.answers(said, [edited, two]) == {(0, 1): Answer.DIFFERENT}


def test_decisions_are_the_same_bytes_in_any_order() -> None:
    pairs = [(Record(id=f"a{n}", title=f"T {n}"), Record(id=f"b{n}", title=f"U {n}")) for n in range(6)]
    texts = set()
    for seed in range(4):
        random.Random(seed).shuffle(pairs)
        said = decisions.Decisions()
        for left, right in pairs:
            said = decisions.remember(said, *random.Random(seed).sample([left, right], 2), Answer.SAME)
        texts.add(decisions.dumps(said))
    assert len(texts) == 1


def test_picked_fields_follow_the_record_whichever_side_it_is_on() -> None:
    one, two = Record(id="a", title="T", abstract="x"), Record(id="b", title="U", abstract="y")
    said = decisions.remember(decisions.Decisions(), one, two, Answer.SAME, [("abstract", "right")])
    assert decisions.picks(said, [one, two])[0, 1] == {"abstract": "source"}
    assert decisions.picks(said, [two, one])[0, 1] == {"abstract": "target"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": "x"}', '{"format": "bibtools verdicts", "pairs": [1]}', "[" * 9999]
)
def test_a_file_of_something_else_is_reported(text: str) -> None:
    read = decisions.loads(text)
    assert read.problem and not read.pairs


# --- laws --------------------------------------------------------------------------------------------------------------

_TITLES = ("Deep Things", "deep things", "Other Things", "T", "")
ABSTRACTS = {"deep things": "Of depth.", "other things": "Of others.", "": "Of depth."}


@st.composite
def few_works(draw: st.DrawFn) -> Record:
    """Records that are often the same few works, so that the planner has something to do."""
    base = draw(any_records())
    title = draw(st.sampled_from(_TITLES))
    venue = draw(st.sampled_from(["", "Journal of Depth", "J. Depth", "arXiv preprint arXiv:2001.00001", "Nature"]))
    return replace(
        base,
        title=title,
        container_title=venue,
        author=draw(st.sampled_from([(), people("A. Smith"), people("Anna Smith", "Bob Jones")])),
        authors_truncated=draw(st.booleans()),
        abstract=draw(st.sampled_from(["", ABSTRACTS.get(fold.text(title), "")])),
        issued=Date((draw(st.sampled_from([2020, 2021])),), inferred=draw(st.booleans())),
        volume=draw(st.sampled_from(["", "1", "2"])),
        doi=draw(st.sampled_from(["", "10.1000/a", "10.1000/b"])),
        type=draw(st.sampled_from(["article", "article-journal", "document"])),
    )


def unique(records: list[Record]) -> list[Record]:
    return [replace(each, id=f"key{place}") for place, each in enumerate(records)]


# An entry without a title can gain one from a merge, and then is known by what it was not known by before.
works = st.lists(few_works().filter(lambda each: bool(each.title)), max_size=4).map(unique)
incoming = st.lists(few_works().map(lambda each: each if each.title else Record(abstract=each.abstract)), max_size=4)
wishes = st.sampled_from([("upgrade", "target"), ("keep", "target"), ("link", "target"), ("upgrade", "source")])


def content(records: Sequence[Record]) -> list[str]:
    return sorted(repr(each) for each in (replace(each, origin=Origin()) for each in records))


@settings(max_examples=40, deadline=None)
@given(works, incoming, wishes)
def test_every_input_has_one_outcome_and_every_value_is_in_the_result_or_named(
    target: list[Record], sources: list[Record], wish: tuple[str, str]
) -> None:
    made, result = merged(target, sources, versions=Versions(wish[0]), prefer=Side(wish[1]))
    assert [each.record for each in made.outcomes] == sources
    by_key = {each.id: each for each in result}
    for each in made.outcomes:
        if not each.key:
            assert each.status in (Status.UNSURE, Status.INCOMPLETE)
            continue
        stands = by_key[each.key]
        named = {(left.field, str(left.value)) for left in each.left}
        for name, value in filled(each.record):
            if name == "extra":
                kept = all(holds("extra", stands.extra, (pair,)) or (pair[0], pair[1]) in named for pair in value)  # type: ignore[attr-defined]
            else:
                kept = holds(name, getattr(stands, name), value) or (name, str(value)) in named
            assert kept or name in ("id", "authors_truncated"), name


@settings(max_examples=40, deadline=None)
@given(works, incoming, wishes)
def test_nothing_that_stood_is_lost_but_what_the_plan_names(
    target: list[Record], sources: list[Record], wish: tuple[str, str]
) -> None:
    made, result = merged(target, sources, versions=Versions(wish[0]), prefer=Side(wish[1]))
    changed = {(each.target.index, each.field) for each in made.changes if isinstance(each, SetField)}
    for place, (old, new) in enumerate(zip(target, result, strict=False)):
        for name in FIELDS:
            assert getattr(old, name) == getattr(new, name) or (place, name) in changed


@settings(max_examples=40, deadline=None)
@given(works, incoming, wishes, st.randoms())
def test_the_order_of_sources_does_not_matter(
    target: list[Record], sources: list[Record], wish: tuple[str, str], shuffle: random.Random
) -> None:
    _, result = merged(target, sources, versions=Versions(wish[0]), prefer=Side(wish[1]))
    shuffled = list(sources)
    shuffle.shuffle(shuffled)
    _, other = merged(target, shuffled, versions=Versions(wish[0]), prefer=Side(wish[1]))
    assert content(result) == content(other)


clean = works.map(lambda found: list({fold.text(each.title): each for each in found}.values()))


@settings(max_examples=50, deadline=None)
@given(clean, incoming, wishes.filter(lambda wish: wish[0] != "link"))
def test_a_second_run_plans_nothing(target: list[Record], sources: list[Record], wish: tuple[str, str]) -> None:
    options = {"versions": Versions(wish[0]), "prefer": Side(wish[1])}
    _, result = merged(target, sources, **options)
    again, _ = merged(result, sources, **options)
    assert again.changes == ()


@settings(max_examples=25, deadline=None)
@given(works)
def test_merging_a_library_with_itself_plans_nothing(target: list[Record]) -> None:
    made, _ = merged(target, target)
    assert made.changes == ()


# --- large files -------------------------------------------------------------------------------------------------------


def test_in_a_large_file_every_entry_that_a_merge_needs_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    import bibtools
    from bibtools.bibfile import search

    words = (
        "deep shallow neural spectral graph kernel random sparse quantum tensor bayesian causal robust linear".split()
    )
    draw = random.Random(1)
    entries = [
        f"@article{{k{n}, TITLE = {{{' '.join(draw.sample(words, 5))} of {n}}},\n author={{Smith{n}, Ann}}, doi={{10.1/{n}}}}}\n"
        for n in range(900)
    ]
    entries[7] = '@article{g, title = {{\\"U}ber Gr{\\"o}{\\ss}en im R{\\"a}umlichen}, author={M{\\"u}ller, Jo}}\n'
    target = "\n".join(entries)
    sources = [*entries[40:90], "@article{o, title={Über Größen im Räumlichen}, author={Müller, Jo}, year=1999}"]
    sources = [each.replace("{k", "{other") for each in sources]
    whole = bibtools.merge(target, sources)
    monkeypatch.setattr(search, "WHOLE", 10)
    monkeypatch.setattr(search, "SPREAD", 50)
    near = bibtools.merge(target, sources)
    assert len(search.entries_near(bibfile.parse(target), [])) < 60
    assert near.data == whole.data
    assert [each.key for each in near.plan.outcomes] == [each.key for each in whole.plan.outcomes]
