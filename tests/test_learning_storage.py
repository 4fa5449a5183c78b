"""What is read from questions and voices, on both kinds of database."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.conversation.faq.confidence import Outcome
from core.conversation.faq.health import Share
from core.storage import faq_models, faq_views, models
from core.storage.outcomes import outcomes
from tests.learning_world import FAQ, NORMAL, NOW, World, days, world

TEXT = "can I send the dress back"


@pytest.fixture
async def ours(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database_url, tmp_path) as one:
        yield one


async def test_a_voice_counts_once_and_every_source_is_told(ours: World) -> None:
    for whose, source in (
        ("person:1", "picked"),
        ("person:1", "helped"),
        ("agent:U1", "agent"),
        ("x", "saved"),
    ):
        await ours.voiced(await ours.asked(TEXT), "return-goods", whose, source)
    (row,) = await faq_views.variants(ours.storage)
    assert (row.entry, row.text, row.language, row.state) == ("return-goods", TEXT, "en", "proposed")
    assert (row.people, row.sources) == (3, {"picked": 1, "agent": 1, "saved": 1})
    assert row.at == NOW
    assert await faq_views.variants(ours.storage, "taken") == []


async def test_the_same_words_for_two_entries_are_two_variants(ours: World) -> None:
    question = await ours.asked(TEXT)
    await ours.voiced(question, "return-goods", "person:1")
    await ours.voiced(question, "track-parcel", "person:1")
    await ours.voiced(await ours.asked("CAN I send the dress back??"), "return-goods", "person:2")
    found = {row.entry: row.people for row in await faq_views.variants(ours.storage)}
    assert found == {"return-goods": 2, "track-parcel": 1}


async def test_personal_data_never_becomes_a_variant(ours: World) -> None:
    for text in ("call me on 13812345678", "hi", "20260301998"):
        await ours.voiced(await ours.asked(text), "return-goods", "person:1")
    await ours.voiced(await ours.asked("where is order 20260301998 now"), "track-parcel", "person:1")
    assert [row.text for row in await faq_views.variants(ours.storage)] == ["where is order now"]


async def test_recent_questions_are_the_newest_each_once(ours: World) -> None:
    for text in ("one", "two", "one", "three", "two"):
        await ours.asked(text)
    await ours.asked("", kind="opened")
    assert await faq_views.recent_questions(ours.storage, 4) == ["two", "three", "one"]
    assert await faq_views.recent_questions(ours.storage, 1) == ["two"]


async def test_outcomes_are_what_is_known_of_the_first_entry(ours: World) -> None:
    await ours.asked("a", fate="picked", entry="return-goods", signs=[1.0, 2.0])
    await ours.asked("b", fate="picked", entry="track-parcel", signs=[3.0, 4.0])
    await ours.asked("c", fate="", entry="", signs=[5.0, 6.0])
    await ours.asked("d", fate="helped", entry="return-goods", kind="opened", signs=[])
    await ours.asked("e", fate="unhelped", entry="track-parcel", signs=[7.0, 8.0])
    found = await outcomes(ours.storage)
    assert found == [Outcome(signs=(3.0, 4.0), right=False), Outcome(signs=(1.0, 2.0), right=True)]
    assert len(await outcomes(ours.storage, limit=2)) == 1  # the newest two, of which one is told
    async with ours.storage.turn() as conn:
        await faq_models.Question.all().using_db(conn).delete()
    assert await outcomes(ours.storage) == []


async def test_gaps_are_what_was_missed_with_the_nearest_entry(ours: World) -> None:
    nothing: dict[str, Any] = {"kind": "nothing", "shown": []}
    for person in (1, 2, 3):
        await ours.asked("do you ship to Mars today", person, **nothing)
    await ours.asked("do you ship to Mars", 3, **nothing, language="zh-CN", platform="wechat")
    await ours.asked("where is that parcel", 4, kind="answer", shown=["track-parcel"], fate="unhelped")
    await ours.asked("answered", 5, kind="answer", fate="helped", entry="track-parcel")
    await ours.asked("old", 6, **nothing, at=NOW - days(9))
    await ours.asked("learnt", 7, **nothing, fate="agent", entry="track-parcel")
    first, second = await faq_views.gaps(ours.storage, ours.publishing.current.faq, NOW - days(7))
    assert (first.people, first.asked, first.unhelpful) == (3, 4, 0)
    assert first.examples == {"en": ("do you ship to Mars today",), "zh-CN": ("do you ship to Mars",)}
    assert first.platforms == {"telegram": 3, "wechat": 1}
    assert (second.question, second.unhelpful) == ("where is that parcel", 1)
    assert second.near is not None
    assert (second.near.entry, second.near.likeness > 0.5) == ("track-parcel", True)
    assert await faq_views.gaps(ours.storage, ours.publishing.current.faq, NOW + days(1)) == []


UNDONE = "Send it to my home."


async def answered(ours: World, person: int, question_at: float, *words: tuple[float, str]) -> None:
    """A ticket that was opened when the question was asked, and what an agent wrote there, days later."""
    async with ours.storage.turn() as conn:
        at = NOW + days(question_at)
        row = await models.Person.create(using_db=conn, id=person, created_at=NOW)
        identity = await models.Identity.create(
            using_db=conn, person_id=row.id, platform="telegram", account="a", user=str(person), chat="c", last_at=NOW
        )  # fmt: skip
        ticket = await models.Ticket.create(
            using_db=conn, person_id=row.id, identity_id=identity.id, channel="C1", opened_at=at
        )
        for later, text in words:
            said = await models.Message.create(
                using_db=conn,
                person_id=row.id,
                ticket_id=ticket.id,
                by="agent",
                text=text,
                at=at + days(later),
            )
            state = "cancelled" if text == UNDONE else "sent"
            await models.Delivery.create(
                using_db=conn, key=f"say:{said.id}", kind="say", lane="i1", person_id=row.id, message_id=said.id,
                state=state, due_at=said.at, created_at=said.at,
            )  # fmt: skip


async def test_a_draft_is_made_from_what_agents_answered_first(ours: World) -> None:
    nothing: dict[str, Any] = {"kind": "nothing", "shown": []}
    for person in (1, 2, 3):
        await ours.asked(f"do you ship to Mars {'please' * (person - 1)}", person, **nothing)
    faq = ours.publishing.current.faq
    (gap,) = await faq_views.gaps(ours.storage, faq, NOW - days(7))
    assert await faq_views.draft(ours.storage, faq, gap, NORMAL.of) is None
    await answered(
        ours, 1, 0, (0.001, UNDONE), (0.001, "We ship to Mars."), (0.002, "Every day, Ann."), (0.5, "Bye.")
    )
    await answered(ours, 2, 3, (0.001, "That was about something else."))
    entry = await faq_views.draft(ours.storage, faq, gap, NORMAL.of)
    assert entry is not None
    assert entry.blocks["en"].answer == "We ship to Mars.\nEvery day, Ann."
    assert entry.blocks["en"].question.startswith("do you ship to Mars")


async def test_what_an_agent_wrote_before_the_question_is_no_answer_to_it(ours: World) -> None:
    await answered(ours, 1, -1, (0.5, "Hello."), (1.5, "We ship to Mars."))
    question = await ours.asked("do you ship to Mars", 1)
    found = await faq_views.answers_after(ours.storage, [question.id])
    assert [one.text for one in found] == ["We ship to Mars."]
    assert await faq_views.answers_after(ours.storage, []) == []


async def test_the_health_of_every_entry(ours: World) -> None:
    answer: dict[str, Any] = {"kind": "answer", "shown": ["return-goods"], "entry": "return-goods"}
    for fate in ("helped", "helped", "unhelped", "person", ""):
        await ours.asked("return", **answer, fate=fate)
    await ours.asked("both", fate="picked", entry="track-parcel")
    await ours.asked("long ago", **answer, at=NOW - days(40))
    changed = FAQ.replace("On its way.", "On its long way.")
    ours.now += days(2)
    await ours.publishing.publish({"faq/10.yaml": changed}, base=1, door="slack", author="U1")
    found = await faq_views.health(ours.storage, ours.publishing.current.faq, ours.now)
    goods, parcel = found
    assert (goods.entry, goods.asked, goods.shown, goods.helped, goods.unhelped, goods.led) == (
        "return-goods", 5, 6, 2, 1, 1,
    )  # fmt: skip
    assert goods.solved == 0.5
    assert (parcel.entry, parcel.asked, parcel.shown, parcel.helped) == ("track-parcel", 1, 1, 1)
    assert (goods.changed, parcel.changed) == (NOW, NOW + days(2))


async def test_what_is_over_a_year_old_is_known_beyond_a_hundred_revisions(ours: World) -> None:
    async with ours.storage.turn() as conn:
        old = FAQ.replace("Where is my parcel?", "Where is it?")
        told = {"door": "file", "digest": "x", "author": "", "comment": ""}
        await faq_models.Revision.all().using_db(conn).update(at=NOW - days(800), files={"faq/10.yaml": FAQ})
        for number in range(2, 140):
            text = old if number == 60 else f"{FAQ}\n# {number}\n"
            await faq_models.Revision.create(
                using_db=conn,
                number=number,
                at=NOW - days((139 - number) / 10),
                files={"faq/10.yaml": text},
                **told,
            )
    changed = await faq_views.last_changes(ours.storage, NOW)
    assert changed["return-goods"] == NOW - days(800)
    assert changed["track-parcel"] == NOW - days(7.8)


async def test_nothing_published_has_no_changes(ours: World) -> None:
    async with ours.storage.turn() as conn:
        await faq_models.Revision.all().using_db(conn).delete()
    assert await faq_views.last_changes(ours.storage, NOW) == {}


async def test_the_report(ours: World) -> None:
    for probability, fate in ((0.9, "helped"), (0.9, ""), (0.7, "unhelped")):
        await ours.asked(
            "x",
            kind="answer",
            shown=["return-goods"],
            entry="return-goods",
            probability=probability,
            fate=fate,
        )
    await ours.asked("y", kind="nothing", shown=[], probability=0.1, language="zh-CN", platform="wechat")
    await ours.asked("", kind="opened", entry="return-goods", fate="helped")
    await ours.asked("old", at=NOW - days(31))
    found = await faq_views.report(ours.storage, ours.publishing.current.faq, NOW)
    assert (found.asked, found.answered, found.person) == (4, 0.75, 0.25)
    assert found.solved == 0.5
    assert found.languages == {"en": Share(asked=3, missed=1), "zh-CN": Share(asked=1, missed=1)}
    assert found.platforms["wechat"] == Share(asked=1, missed=1)
    bold, careful = found.costs["bold"], found.costs["careful"]
    assert bold.answered >= careful.answered
    assert bold.wrong >= careful.wrong


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT id FROM question WHERE at >= $1 ORDER BY at DESC LIMIT 5", [NOW]),
        ("SELECT id FROM question WHERE entry IN ('a', 'b') AND at >= $1 ORDER BY at DESC LIMIT 5", [NOW]),
    ],
)
async def test_what_is_read_by_time_is_read_by_an_index(
    sqlite_url: str, tmp_path: Path, sql: str, values: list[object]
) -> None:
    from core.storage.engine import rows

    async with world(sqlite_url, tmp_path) as one:
        plan = await rows(one.storage.reading, f"EXPLAIN QUERY PLAN {sql}", values)
    assert [row["detail"] for row in plan if "SCAN question" in row["detail"]] == []
