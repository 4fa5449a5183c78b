"""What a message to a person looks like: parts, choices, albums, few sends, and files that a platform won't take."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import RetryLater, Unconfirmed, Unreachable
from core.messages import Choice
from core.storage import models
from tests.outbox_world import START, World, able, world_on

LONG = "One sentence here. " * 12
OPTIONS = [["faq:a", "First"], ["faq:b", "Second, which is long"], ["none", "Neither"]]


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(sqlite_url, tmp_path) as made:
        yield made


# --- parts --------------------------------------------------------------------------------------------------


async def test_a_long_text_leaves_part_by_part_each_committed(world: World) -> None:
    ann = await world.identity()
    row = await world.say(ann, LONG, OPTIONS)
    await world.say(ann, "behind it")
    done: list[int] = []

    async def note() -> str:
        done.append((await world.row(row)).done)
        return f"id-{len(done)}"

    world.channel.script = deque([note] * 3)
    async with world.running():
        sent = await world.became(row, "sent")
        await world.became("k3", "sent")
    parts = world.channel.sent[:-1]
    assert world.channel.texts[-1] == "behind it"
    assert "".join(part.text for part in parts).replace(".", ". ").replace("  ", " ").strip() == LONG.strip()
    assert all(len(part.text) <= 100 and part.text.endswith(".") for part in parts)
    assert (done, len({part.key for part in parts})) == ([0, 95, 190], 3)
    assert [len(part.choices) for part in parts] == [0, 0, 3]
    assert sent.external_id == "id-3"


async def test_after_a_crash_only_the_part_that_was_in_hand_is_looked_up(world: World) -> None:
    world.channel.capabilities = able(lookup=True)
    row = await world.say(await world.identity(), LONG)
    await world.change(row, done=95, lease_until=START, fence=2, trace="t")
    world.channel.findable[f"{row.key}:95"] = "found"
    async with world.running():
        await world.became(row, "sent")
    assert world.channel.looked_up == [(f"{row.key}:95", "t")]
    assert [part.key for part in world.channel.sent] == [f"{row.key}:190"]


async def test_a_text_goes_on_elsewhere_where_it_was_broken_off(small: World) -> None:
    ann = await small.identity()
    await small.identity(person=ann.person_id, platform="other")
    small.other.capabilities = able(text_limit=1000)
    row = await small.say(ann, LONG)
    small.channel.script = deque(["first", Unreachable("blocked")])
    async with small.running():
        await small.became(row, "sent")
    assert small.other.texts == [LONG[95:].strip()]


async def test_a_text_of_blanks_counts_as_sent(small: World) -> None:
    row = await small.say(await small.identity(), " \n ")
    async with small.running():
        await small.became(row, "sent")
    assert small.channel.sent == []


# --- choices ------------------------------------------------------------------------------------------------


async def test_choices_are_buttons_with_their_numbered_form_beside_them(small: World) -> None:
    row = await small.say(await small.identity(language="zh-CN"), "Which?", OPTIONS)
    async with small.running():
        await small.became(row, "sent")
    message = small.channel.sent[0]
    assert message.choices == (
        Choice(id="faq:a", label="First"),
        Choice(id="faq:b", label="Second,…"),
        Choice(id="none", label="Neither"),
    )
    assert message.text == "Which?"
    assert message.numbered == "Which?\n\n1. First\n2. Second,…\n3. Neither\npick (zh-CN)"


@pytest.mark.parametrize("most", [0, 2])
async def test_too_many_choices_become_a_numbered_list(small: World, most: int) -> None:
    small.channel.capabilities = able(choices=most, choice_label_limit=40)
    row = await small.say(await small.identity(), "Which?", OPTIONS)
    async with small.running():
        await small.became(row, "sent")
    message = small.channel.sent[0]
    assert message.text == "Which?\n\n1. First\n2. Second, which is long\n3. Neither\npick (en)"
    assert (message.choices, message.numbered) == ((), "")


async def test_the_last_part_leaves_room_for_the_numbered_form(small: World) -> None:
    row = await small.say(await small.identity(), "Some words. " * 8, OPTIONS)
    async with small.running():
        await small.became(row, "sent")
    first, last = small.channel.sent
    assert first.choices == ()
    assert last.choices
    assert len(last.numbered) <= 100


# --- leaving together ---------------------------------------------------------------------------------------


async def test_pictures_of_one_message_leave_as_one_album(world: World) -> None:
    world.channel.capabilities = able(album=2)
    ann = await world.identity()
    message, other = await world.message(ann.person_id), await world.message(ann.person_id)
    rows = [await world.file(ann, message, kind=kind) for kind in ("image", "video", "image", "file")]
    rows.append(await world.file(ann, other))
    async with world.running():
        await world.became(rows[-1], "sent")
    albums = [[file.kind for file in sent.attachments] for sent in world.channel.sent]
    assert albums == [["image", "video"], ["image"], ["file"], ["image"]]
    ids = [(await world.row(row)).external_id for row in rows]
    assert ids == ["id-1", "id-1", "id-2", "id-3", "id-4"]
    picture = Path(world.channel.sent[0].attachments[0].path)
    assert await asyncio.to_thread(picture.read_bytes) == b"picture"


async def test_an_album_whose_answer_was_lost_stays_one(world: World) -> None:
    world.channel.capabilities = able(lookup=True)
    ann = await world.identity()
    message = await world.message(ann.person_id)
    rows = [await world.file(ann, message) for _ in range(3)]
    world.channel.script = deque([Unconfirmed("time-out")])
    async with world.running():
        await world.tried(rows[2], 1)
        world.channel.findable[rows[0].key] = "album"
        await world.file(ann, message)
        world.clock.forward(60)
        for row in rows:
            assert (await world.became(row, "sent")).external_id == "album"
        await world.until(lambda: len(world.channel.sent) == 2)
    assert [len(sent.attachments) for sent in world.channel.sent] == [3, 1]


async def test_short_texts_become_one_when_sends_are_few(world: World) -> None:
    ann = await world.identity(sends_left=2)
    rows = [await world.say(ann, text) for text in ("one", "two", "three")]
    asked = await world.say(ann, "which?", OPTIONS)
    async with world.running():
        await world.became(asked, "sent")
    assert world.channel.texts == ["one\n\ntwo\n\nthree", "which?"]
    assert {(await world.row(row)).external_id for row in rows} == {"id-1"}
    assert await sends_left(world, ann) == 0


async def test_enough_sends_keep_texts_apart_and_are_counted(small: World) -> None:
    ann = await small.identity(sends_left=5)
    rows = [await small.say(ann, text) for text in ("one", "two", LONG)]
    small.channel.script = deque([RetryLater(rows[0].due_at - rows[0].due_at), "a", "b"])
    async with small.running():
        await small.tried(rows[0], 1)
        assert await sends_left(small, ann) == 5  # it did not leave
        small.clock.forward(5)
        await small.became(rows[2], "sent")
    assert small.channel.texts[1:3] == ["one", "two"]
    assert await sends_left(small, ann) == 0


async def test_what_comes_after_the_last_send_waits_for_the_person(world: World) -> None:
    ann = await world.identity(sends_left=2)
    row = await world.say(ann, LONG)
    async with world.running():
        parked = await world.became(row, "parked")
    assert (parked.done, len(world.channel.sent)) == (190, 2)


async def test_merged_texts_stay_within_a_message(small: World) -> None:
    ann = await small.identity(sends_left=2)
    rows = [await small.say(ann, letter * 40) for letter in "abc"]
    async with small.running():
        await small.became(rows[-1], "sent")
    assert small.channel.texts == [f"{'a' * 40}\n\n{'b' * 40}", "c" * 40]


async def sends_left(world: World, identity: models.Identity) -> int | None:
    return (await models.Identity.get(id=identity.id, using_db=world.storage.reading)).sends_left


# --- files --------------------------------------------------------------------------------------------------


async def test_a_file_waits_until_it_is_fetched(world: World) -> None:
    ann = await world.identity()
    message = await world.message(ann.person_id)
    first = await world.file(ann, message)
    second = await world.file(ann, message, state="pending")
    async with world.running():
        world.clock.forward(59)
        await world.looked()
        assert world.channel.sent == []
        async with world.storage.turn() as conn:
            await models.Attachment.filter(id=second.attachment_id).using_db(conn).update(state="stored")
        await world.became(first, "sent")
        await world.became(second, "sent")
    assert [len(sent.attachments) for sent in world.channel.sent] == [2]


@pytest.mark.parametrize("state", ["failed", "pending"])
async def test_a_file_that_does_not_come_is_told_to_the_agent(world: World, state: str) -> None:
    ann = await world.identity()
    ticket = await world.ticket(ann)
    message = await world.message(ann.person_id, ticket_id=ticket.id, external_id="post-1")
    row = await world.file(ann, message, state=state)
    await world.arm(ticket, "mark", message.id, message_id=message.id, seconds=100)
    behind = await world.say(ann, "behind it")
    async with world.running():
        world.clock.forward(61 if state == "pending" else 0)
        await world.became(row, "dead")
        await world.became(behind, "sent")
        await world.became(f"failed:{message.id}", "sent")
        await world.became(f"mark:{message.id}", "sent")
    assert sorted(world.desk.done) == [
        "mark post-1 None->failed",
        f"post th desk.failed:outbox.file_missing:chat:cat.png:{state}",
    ]


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"size": 1001, "mime": "text/csv"}, "outbox.file_large:chat:cat.png:text/csv:0.1:0.1"),
        ({"size": 0}, "outbox.file_empty:chat:cat.png"),
    ],
)
async def test_a_file_that_the_platform_would_not_take_is_not_tried(
    small: World, columns: dict[str, Any], why: str
) -> None:
    ann = await small.identity()
    row = await small.file(ann, await small.message(ann.person_id), **columns)
    async with small.running():
        assert (await small.became(row, "dead")).error == why
    assert small.channel.sent == []
