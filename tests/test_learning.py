"""What enough people agree on stands in the FAQ, visibly and revocably; what one person says never does."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import md5
from pathlib import Path

import pytest

from core.helpdesk.learning import AT_ONCE, DOOR, REST, Learning, NoSuchVariant
from core.storage import faq_models
from tests.learning_world import FAQ, World, days, publisher, world
from tests.waiting import until

LETTERS = str.maketrans("0123456789", "ghijklmnop")
TEXT = "can I send the dress back"


@pytest.fixture
async def ours(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database_url, tmp_path) as one:
        yield one


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """Where the kind of database says nothing."""
    async with world(sqlite_url, tmp_path) as one:
        yield one


async def test_three_people_teach_the_faq_another_way_to_ask(ours: World) -> None:
    await ours.picked(TEXT, [1, 2])
    assert await ours.learning.look() is None
    assert await ours.variants() == {TEXT: "proposed"}
    await ours.picked("Can I send the dress back?", [3])
    revision = await ours.learning.look()
    assert revision is not None
    assert (revision.number, revision.door) == (2, DOOR)
    assert f"return-goods: {TEXT} (3 people)" in revision.comment
    assert TEXT in ours.phrasings()
    assert ours.publishing.current.faq.decide(TEXT).ids == ("return-goods",)
    row = await faq_models.Variant.get(text=TEXT, using_db=ours.storage.reading)
    assert (row.state, row.revision, row.decided_by) == ("taken", 2, "")
    assert "# ours" in ours.publishing.current.files["faq/10.yaml"]
    assert await ours.learning.look() is None


async def test_one_person_never_does_however_often_they_say_it(ours: World) -> None:
    for _ in range(9):
        await ours.picked(TEXT, [1])
    assert await ours.learning.look() is None
    assert await faq_models.Evidence.all().using_db(ours.storage.reading).count() == 1


async def test_the_same_said_in_almost_the_same_words_is_heard_together(small: World) -> None:
    await small.picked("can I send the dress back please now", [1])
    await small.picked("can I send the dress back now", [2])
    await small.picked("can I send that dress back now", [3])
    assert await small.learning.look() is not None
    assert "can I send the dress back now" in small.phrasings()


async def test_who_means_another_entry_holds_it_back_until_outweighed(small: World) -> None:
    await small.picked(TEXT, [1, 2, 3])
    await small.picked(TEXT, [4], "track-parcel")
    assert await small.learning.look() is None
    await small.picked(TEXT, [5])
    assert await small.learning.look() is not None
    assert TEXT not in small.phrasings("track-parcel")


async def test_who_picked_it_and_was_not_helped_speaks_against_it(small: World) -> None:
    await small.picked(TEXT, [1, 2])
    await small.picked(TEXT, [3], fate="unhelped")
    await small.picked(TEXT, [4])
    assert await small.learning.look() is None
    await small.picked(TEXT, [5])
    assert await small.learning.look() is not None


async def test_who_was_answered_with_it_in_vain_speaks_against_it(small: World) -> None:
    await small.picked(TEXT, [1, 2, 3])
    await small.asked(TEXT, 9, kind="answer", entry="return-goods", shown=["return-goods"], fate="unhelped")
    assert await small.learning.look() is None


async def test_who_then_wanted_a_person_says_nothing(small: World) -> None:
    await small.picked(TEXT, [1, 2])
    await small.picked(TEXT, [3], fate="person")
    assert await small.learning.look() is None


async def test_all_that_is_ready_is_one_revision(small: World) -> None:
    for text in ("may I give it back", "send the dress home", "undo a purchase"):
        await small.picked(text, [1, 2, 3])
    revision = await small.learning.look()
    assert revision is not None
    assert len(revision.comment.splitlines()) == 3
    assert [one.number for one in await small.publishing.history()] == [2, 1]


async def test_more_than_a_page_of_them_waits_for_the_next_look(sqlite_url: str, tmp_path: Path) -> None:
    faq = "entries:\n" + "".join(
        f"  - {{id: e{at}, en: {{question: about number {at}x, answer: a}}}}\n" for at in range(AT_ONCE + 2)
    )
    async with world(sqlite_url, tmp_path, faq, confirmations=2) as one:
        for at in range(AT_ONCE + 2):
            await one.picked(md5(b"%d" % at).hexdigest().translate(LETTERS), [1, 2], f"e{at}")
        assert await one.learning.look() is not None
        assert list((await one.variants()).values()).count("taken") == AT_ONCE
        assert await one.learning.look() is None
        one.now += REST
        assert await one.learning.look() is not None
        assert set((await one.variants()).values()) == {"taken"}


async def test_what_would_break_an_admins_example_is_held_back(sqlite_url: str, tmp_path: Path) -> None:
    faq = FAQ.replace("category: shipping", "category: shipping\n    examples: [where did my parcel get to]")
    async with world(sqlite_url, tmp_path, faq) as one:
        await one.picked("where did my parcel get too", [1, 2, 3])
        await one.picked("undo a purchase", [1, 2, 3], "track-parcel")
        assert await one.learning.look() is not None
        assert await one.variants() == {"where did my parcel get too": "proposed", "undo a purchase": "taken"}


async def test_between_two_revisions_it_rests_and_forgets_nothing(small: World) -> None:
    await small.picked(TEXT, [1, 2, 3])
    assert await small.learning.look() is not None
    await small.picked("undo a purchase", [1, 2, 3])
    assert await small.learning.look() is None
    small.now += REST
    assert await small.learning.look() is not None
    assert "undo a purchase" in small.phrasings()


@pytest.mark.parametrize("entry", ["gone", ""])
async def test_an_entry_that_is_gone_takes_nothing_up(small: World, entry: str) -> None:
    await small.picked(TEXT, [1, 2, 3], entry)
    assert await small.learning.look() is None


async def test_another_publication_meanwhile_only_delays(small: World, tmp_path: Path) -> None:
    other = publisher(small.storage, tmp_path, lambda: small.now)
    await other.load()
    files = {"faq/10.yaml": FAQ.replace("How do I return something?", "How to give back?")}
    await other.publish(files, base=1, door="slack", author="U1")
    await small.picked(TEXT, [1, 2, 3])
    assert await small.learning.look() is None  # the other's change of the same entry is not known here yet
    await small.publishing.load()
    revision = await small.learning.look()
    assert revision is not None
    assert {"How to give back?", TEXT} <= set(small.phrasings())


# --- admins -----------------------------------------------------------------------------------------------------


async def test_an_admin_takes_up_and_withdraws(ours: World) -> None:
    await ours.picked(TEXT, [1])
    number = await ours.variant(TEXT)
    revision = await ours.learning.decide(number, True, "U7", "slack")
    assert revision is not None
    assert (revision.author, revision.door) == ("U7", "slack")
    assert TEXT in ours.phrasings()
    withdrawn = await ours.learning.withdraw(number, "U8")
    assert withdrawn is not None
    assert (withdrawn.number, TEXT in ours.phrasings()) == (3, False)
    await ours.picked(TEXT, [2, 3, 4, 5])
    assert await ours.learning.look() is None
    assert await ours.variants() == {TEXT: "withdrawn"}


async def test_a_declined_variant_stays_out_whoever_else_says_it(small: World) -> None:
    await small.picked(TEXT, [1])
    assert await small.learning.decide(await small.variant(TEXT), False, "U7") is None
    await small.picked(TEXT, [2, 3, 4])
    assert await small.learning.look() is None
    assert await small.variants() == {TEXT: "declined"}


async def test_no_such_variant_is_said_to_be(small: World) -> None:
    await small.picked(TEXT, [1], "gone")
    for number in (999, await small.variant(TEXT)):
        with pytest.raises(NoSuchVariant):
            await small.learning.decide(number, True, "U7")


async def test_a_rollback_is_not_undone_and_bringing_it_back_is_seen(small: World) -> None:
    await small.picked(TEXT, [1, 2, 3])
    await small.learning.look()
    await small.publishing.rollback(1, door="slack", author="U1")
    assert await small.learning.look() is None
    assert await small.variants() == {TEXT: "withdrawn"}
    await small.publishing.rollback(2, door="slack", author="U1")
    await small.learning.look()
    assert await small.variants() == {TEXT: "taken"}


async def test_what_an_admin_wrote_meanwhile_is_taken_already(small: World) -> None:
    await small.picked(TEXT, [1])
    files = {"faq/10.yaml": FAQ.replace("How do I return something?", TEXT)}
    await small.publishing.publish(files, base=1, door="slack", author="U1")
    assert await small.learning.look() is None
    assert await small.variants() == {TEXT: "taken"}


# --- harm -------------------------------------------------------------------------------------------------------


async def taken(ours: World) -> int:
    await ours.picked(TEXT, [1, 2, 3])
    await ours.learning.look()
    ours.now += days(1)
    return await ours.variant(TEXT)


async def fared(ours: World, fate: str, people: list[int], text: str = TEXT) -> None:
    for person in people:
        await ours.asked(text, person, kind="answer", entry="return-goods", shown=["return-goods"], fate=fate)


async def test_a_variant_that_leads_people_astray_is_put_to_an_admin(ours: World) -> None:
    number = await taken(ours)
    await fared(ours, "helped", [10, 11])
    await fared(ours, "unhelped", [20, 21, 22])
    await ours.learning.look()
    assert await ours.variants() == {TEXT: "doubted"}
    assert TEXT in ours.phrasings()
    ours.now += days(1)
    assert await ours.learning.decide(number, True, "U7") is None  # keep it: counted anew from now on
    await ours.learning.look()
    assert await ours.variants() == {TEXT: "taken"}
    ours.now += days(1)
    await fared(ours, "unhelped", [30, 31, 32])
    await ours.learning.look()
    assert await ours.learning.decide(number, False, "U7") is not None
    assert TEXT not in ours.phrasings()


async def test_one_angry_person_is_no_harm(small: World) -> None:
    await taken(small)
    await fared(small, "unhelped", [20] * 9)
    await small.learning.look()
    assert await small.variants() == {TEXT: "taken"}


async def test_what_another_phrasing_did_is_not_this_ones_fault(small: World) -> None:
    await taken(small)
    await fared(small, "unhelped", [20, 21, 22, 23], "How do I return something?")
    await small.learning.look()
    assert await small.variants() == {TEXT: "taken"}


async def test_harm_is_looked_for_once_an_hour(small: World) -> None:
    await taken(small)
    await small.learning.look()
    await fared(small, "unhelped", [20, 21, 22])
    await small.learning.look()
    assert await small.variants() == {TEXT: "taken"}
    small.now += days(0.1)
    await small.learning.look()
    assert await small.variants() == {TEXT: "doubted"}


async def test_it_runs_until_it_is_told_to_stop(small: World) -> None:
    await small.picked(TEXT, [1, 2, 3])
    stop = asyncio.Event()
    running = asyncio.create_task(small.learning.run(stop))
    await until(lambda: TEXT in small.phrasings())
    stop.set()
    await asyncio.wait_for(running, 2)


async def test_two_replicas_that_both_look_publish_it_once(ours: World, tmp_path: Path) -> None:
    await ours.picked(TEXT, [1, 2, 3])
    other = publisher(ours.storage, tmp_path, lambda: ours.now)
    await other.load()
    second = Learning(storage=ours.storage, publishing=other, clock=lambda: ours.now, confirmations=3)
    await asyncio.gather(ours.learning.look(), second.look())
    assert [one.number for one in await ours.publishing.history()] == [2, 1]
    assert await ours.variants() == {TEXT: "taken"}
