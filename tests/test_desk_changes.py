"""Edits and deletions of agents' messages: before they leave they change them, afterwards they travel or are told."""

from collections import deque
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Address, Attachment, Inbound
from core.storage import models
from tests.desk_core import BOTH, UNDO, Desk, button, desk_on, heard
from tests.outbox_world import able


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


async def sent(desk: Desk, text: str) -> str:
    """A reply that reached the person; its post."""
    await desk.says(text)
    await desk.settles(UNDO.total_seconds())
    return desk.wrote


async def test_an_edit_within_the_window_changes_what_leaves(desk: Desk) -> None:
    await desk.says("Helo")
    assert await desk.edits(desk.wrote, "Hello") is None
    await desk.settles(10)
    assert desk.world.channel.texts == ["Mei: Hello"]
    assert desk.world.channel.changed == []


@BOTH
async def test_an_edit_of_what_left_changes_the_persons_message(desk: Desk) -> None:
    post = await sent(desk, "Helo")
    assert await desk.edits(post, "Hello") is None
    assert await desk.edits(post, "Hello!") is None, "quick changes are one"
    await desk.settles(10)
    assert desk.world.channel.changed == ["edit id-1 Mei: Hello!"]
    assert desk.world.channel.texts == ["Mei: Helo"]
    await desk.edits(post, "Hello?")
    await desk.settles(10)
    assert desk.world.channel.changed[1:] == ["edit id-1 Mei: Hello?"]
    assert [kind for by, kind, _ in await desk.timeline()] == ["said", "edited", "edited", "edited"]


async def test_each_part_of_a_long_text_is_edited(desk: Desk) -> None:
    post = await sent(desk, f"{'a' * 80}. {'b' * 80}.")
    assert len(desk.world.channel.texts) == 2
    await desk.edits(post, f"{'c' * 80}. {'d' * 80}.")
    await desk.settles(10)
    assert [line[:12] for line in desk.world.channel.changed] == ["edit id-1 Me", "edit id-2 dd"]


async def test_what_needs_another_number_of_parts_is_corrected_by_a_new_message(desk: Desk) -> None:
    post = await sent(desk, "short")
    await desk.edits(post, f"{'c' * 80}. {'d' * 80}.")
    await desk.settles(10)
    assert desk.world.channel.changed == []
    assert desk.world.channel.texts[1].startswith("Correction: ccc")


@BOTH
async def test_where_nothing_can_be_changed_one_short_correction_follows(desk: Desk) -> None:
    desk.world.channel.capabilities = able()
    post = await sent(desk, "Monday")
    await desk.edits(post, "Tuesday")
    await desk.edits(post, "Wednesday")
    await desk.settles(10)
    assert desk.world.channel.texts == ["Mei: Monday", "Correction: Wednesday"]
    await desk.settles(100)
    assert len(desk.world.channel.texts) == 2, "never twice"
    assert heard(await desk.deletes(post)) == "desk.deleted_too_late"


async def test_what_left_as_the_answer_to_a_webhook_is_corrected(desk: Desk) -> None:
    post = await sent(desk, "Monday")
    [row] = await desk.rows(kind="say", ticket_id=desk.ticket.id)
    await desk.world.change(row, external_id="")
    await desk.edits(post, "Tuesday")
    await desk.settles(10)
    assert desk.world.channel.texts == ["Mei: Monday", "Correction: Tuesday"]


async def test_a_deletion_travels(desk: Desk) -> None:
    post = await sent(desk, f"{'a' * 80}. {'b' * 80}.")
    assert await desk.deletes(post) is None
    await desk.settles(10)
    assert desk.world.channel.changed == ["delete id-1", "delete id-2"]
    assert await desk.deletes(post) is None, "told once more: nothing is left to do"
    await desk.settles(10)
    assert len(desk.world.channel.changed) == 2


async def test_an_edit_into_a_note_takes_it_back(desk: Desk) -> None:
    post = await sent(desk, "secret")
    assert await desk.edits(post, "note: secret") is None
    await desk.settles(10)
    assert desk.world.channel.changed == ["delete id-1"]
    marks = [line for line in desk.world.desk.done if line.startswith("mark ")]
    assert "private" in marks[-1], "the person has nothing of it any more"


async def test_a_deletion_within_the_window_makes_the_person_wait_again(desk: Desk) -> None:
    await desk.says("Helo")
    assert (await desk.now()).waiting_since is None
    await desk.deletes(desk.wrote)
    assert (await desk.now()).waiting_since is not None
    await desk.settles(10)
    assert desk.world.channel.texts == []


@BOTH
async def test_an_edit_that_makes_it_costly_waits_for_a_send(desk: Desk) -> None:
    await desk.says("Monday")
    asked = await desk.edits(desk.wrote, "We guarantee Monday")
    assert heard(asked) == "desk.held_costly"
    await desk.settles(100)
    assert desk.world.channel.texts == []
    await desk.presses(button(asked, "send"))
    await desk.settles()
    assert desk.world.channel.texts == ["Mei: We guarantee Monday"]


async def test_a_costly_edit_of_what_left_waits_too(desk: Desk) -> None:
    post = await sent(desk, "Monday")
    asked = await desk.edits(post, "We guarantee Monday")
    await desk.settles(100)
    assert desk.world.channel.changed == []
    await desk.presses(button(asked, "send"))
    await desk.settles()
    assert desk.world.channel.changed == ["edit id-1 Mei: We guarantee Monday"]


async def test_a_failed_reply_is_sent_again_as_it_was_edited(desk: Desk) -> None:
    desk.world.channel.script = deque([Rejected("no")])
    post = await sent(desk, "Helo")
    await desk.edits(post, "Hello")
    await desk.does("retry", about=post)
    await desk.settles()
    assert desk.world.channel.texts[-1] == "Mei: Hello"


@pytest.mark.parametrize("lost", [RetryLater(timedelta(seconds=1)), Unconfirmed("?"), RuntimeError("!")])
async def test_a_change_whose_answer_was_lost_is_repeated(desk: Desk, lost: Exception) -> None:
    post = await sent(desk, "Helo")
    await desk.edits(post, "Hello")
    desk.world.channel.script = deque([lost])
    await desk.settles(5)
    await desk.settles(5)
    assert desk.world.channel.changed == ["edit id-1 Mei: Hello"] * 2


@pytest.mark.parametrize("refused", [Rejected("too old"), Unreachable("blocked")])
async def test_a_refused_change_is_told_in_the_thread(desk: Desk, refused: Exception) -> None:
    post = await sent(desk, "Helo")
    await desk.edits(post, "Hello")
    desk.world.channel.script = deque([refused])
    await desk.settles(5)
    assert desk.noticed("desk.change_failed")
    assert desk.post("desk.change_failed").buttons == ()


@BOTH
async def test_what_failed_goes_elsewhere_without_its_changes(desk: Desk) -> None:
    other = await desk.world.identity(person=desk.identity.person_id, platform="other")
    await desk.world.change(other, last_at=desk.world.clock() - timedelta(days=1))
    post = await sent(desk, "Helo")
    await desk.edits(post, "Hello")
    desk.world.channel.script = deque([Rejected("too old")])
    await desk.settles(5)
    assert heard(await desk.does("via", about=post, to=str(other.id))) == "desk.nothing_failed"
    [edit] = await desk.rows(kind="edit")
    assert (edit.state, edit.identity_id) == ("dead", desk.identity.id)
    assert await desk.does("retry", about=post) is None
    await desk.settles()
    assert desk.world.channel.changed == ["edit id-1 Mei: Hello"] * 2
    assert desk.world.other.texts == []


async def test_a_change_of_what_an_account_sent_that_is_gone_goes_nowhere_else(desk: Desk) -> None:
    await desk.world.identity(person=desk.identity.person_id, platform="other")
    await desk.world.change(desk.identity, last_at=desk.world.clock() + timedelta(minutes=1))
    post = await sent(desk, "Helo")
    await desk.edits(post, "Hello")
    desk.world.channel.account = "closed"
    await desk.settles(10)
    [edit] = await desk.rows(kind="edit")
    assert (edit.state, edit.identity_id) == ("dead", desk.identity.id)
    assert desk.noticed("desk.change_failed")
    assert desk.world.other.texts == []


async def test_edits_of_what_we_do_not_know_mean_nothing(desk: Desk) -> None:
    assert await desk.deletes("p99") is None
    await desk.says("!n x")
    assert heard(await desk.edits(desk.wrote, "for them")) == "desk.stays_private"
    assert await desk.told() == []


async def test_what_was_taken_back_stays_so(desk: Desk) -> None:
    post = await sent(desk, "secret")
    await desk.edits(post, "note: secret")
    await desk.settles(10)
    assert heard(await desk.edits(post, "for them after all")) == "desk.stays_private"
    await desk.settles(10)
    assert desk.world.channel.changed == ["delete id-1"]


@BOTH
async def test_a_file_that_an_edit_brings_along_again_is_not_shown_again(desk: Desk) -> None:
    """By its id in the platform, else by its bytes; words that an edit took away are not made up."""

    async def edited(number: int, text: str, *files: Attachment) -> list[models.Delivery]:
        who = desk.identity
        sender = Address(platform=who.platform, account=who.account, user=who.user, chat=who.chat)
        event = Inbound(
            id=f"e{number}", kind="edited" if number else "said", sender=sender, sent_at=desk.world.clock(),
            text=text, attachments=files, external_id="m1", refers_to="m1" if number else "",
        )  # fmt: skip
        await desk.users.take(event)
        return await desk.rows(kind="file", desk=True)

    vase, lid = Attachment(kind="image", ref="A"), Attachment(kind="image", ref="B")
    assert len(await edited(0, "my vase", vase)) == 1
    assert len(await edited(1, "my vase, broken", vase)) == 1
    assert len(await edited(2, "", lid)) == 2
    assert len(await edited(3, "and the lid", lid)) == 2
    assert len(await edited(4, "and the lid!", Attachment(kind="image", ref="C"))) == 3
    same = [await desk.world.files.save(one) for one in (b"vase", b"lid")]
    async with desk.world.storage.turn() as conn:
        for ref, sha in (("A", same[0]), ("B", same[1]), ("C", same[0])):
            stored = models.Attachment.filter(ref=ref).using_db(conn)
            await stored.update(state="stored", sha256=sha, size=4, mime="image/png", name=f"{ref}.png")
    await desk.settles()
    posts = [line for line in desk.world.desk.done if line.startswith("post th ")]
    assert [line.removeprefix("post th ") for line in posts] == [
        "my vase", "A.png", "thread.edited:my vase, broken", "thread.edited_wordless:", "B.png",
        "thread.edited:and the lid", "thread.edited:and the lid!",
    ]  # fmt: skip
