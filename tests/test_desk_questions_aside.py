"""A question to another department: a desk thread of its own, reminders, and the answer as a note."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.messages import Attachment, Thread
from core.storage import models
from core.storage.desk_models import SideQuestion
from tests.desk_core import BOTH, TOM, Desk, desk_on, heard

PROOF = Attachment(kind="file", ref="F1", name="proof.pdf", mime="application/pdf", size=9)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
async def desk(url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(url, tmp_path) as found:
        yield found


async def asked(desk: Desk) -> Thread:
    """The desk thread, once it is there."""
    assert heard(await desk.says("!ask billing Was it refunded?")) == "desk.side_asked"
    await desk.settles()
    row = await SideQuestion.get(id=1, using_db=desk.world.storage.reading)
    return Thread(channel=row.channel, id=row.thread)


async def test_it_is_asked_in_the_other_departments_channel(desk: Desk) -> None:
    thread = await asked(desk)
    assert thread == Thread(channel="C2", id="post-ask:1")
    post = desk.post("side.question")
    assert (post.calls, post.see) == (("SBILL",), desk.thread)
    assert desk.noticed("thread.side_asked", "Was it refunded?")
    department = await desk.agents.department_in(thread)
    assert department is not None
    assert (department.id, await desk.agents.ticket_in(thread)) == ("billing", 1001)
    assert (await desk.now()).channel == "C1", "the ticket stays"


@BOTH
async def test_the_answer_comes_back_as_a_note_and_never_reaches_the_person(desk: Desk) -> None:
    thread = await asked(desk)
    ticket, desk.ticket.thread, desk.ticket.channel = desk.thread, thread.id, thread.channel
    assert await desk.says("note: let me look", TOM) is None
    assert await desk.says("Yes, on Monday", TOM) is None
    assert await desk.says("49 euros", TOM) is None
    assert heard(await desk.says("!resolve", TOM)) == "desk.no_commands_here"
    assert await desk.edits(desk.wrote, "50 euros", TOM) is None
    await desk.now()
    await desk.settles(60)
    answers = [line for line in desk.world.desk.done if f"post {ticket.id} thread.side_answer" in line]
    assert len(answers) == 2
    assert desk.post("thread.side_answer").calls == ("UMEI",)
    assert desk.post("thread.side_answer").see == thread
    assert desk.world.channel.texts == []
    assert ("note", "private", "Yes, on Monday") in await desk.timeline()
    assert heard(await desk.does("send", TOM, about="#2")) == "desk.stays_private"
    assert await desk.timers() == []
    desk.world.clock.forward(99999)
    assert await desk.rings() == []


@BOTH
async def test_they_are_reminded_and_at_last_the_asker_hears_of_it(desk: Desk) -> None:
    thread = await asked(desk)
    seen = []
    for _ in range(8):
        desk.world.clock.forward(3600)
        seen += await desk.rings()
        await desk.settles()
    assert seen == ["side:1"] * 4
    reminders = [line for line in desk.world.desk.done if line.startswith(f"post {thread.id} side.")]
    names = [line.removeprefix(f"post {thread.id} ").partition(":")[0] for line in reminders]
    assert names == ["side.reminder", "side.overdue", "side.overdue"]
    assert desk.post("side.overdue").calls == ("SBILL",)
    assert desk.post("thread.side_unanswered").calls == ("UMEI",)
    assert await desk.timers() == []


@BOTH
async def test_a_changed_answer_is_told_and_its_files_come_along(desk: Desk) -> None:
    thread, here = await asked(desk), desk.thread
    assert await desk.says("Yes", TOM, thread=thread, attachments=(PROOF,)) is None
    for post, text in ((desk.wrote, "No"), (desk.wrote, "note: hm"), ("nobody's", "x")):
        assert await desk.edits(post, text, TOM, thread=thread) is None
    desk.ticket.channel, desk.ticket.thread = thread.channel, thread.id
    await desk.deletes(desk.wrote, TOM)
    await desk.settles(61)
    told = [line for line in desk.world.desk.done if line.startswith(f"post {here.id} ")]
    assert [line.removeprefix(f"post {here.id} ").partition(":")[0] for line in told] == [
        "thread.side_asked", "thread.side_answer", "desk.file_missing", "thread.side_changed",
        "thread.side_taken_back", "thread.side_taken_back",
    ]  # fmt: skip
    assert desk.noticed("thread.side_answer", "Yes\n📎 proof.pdf", here.id)
    assert desk.post("thread.side_changed").calls == ("UMEI",)
    versions = await models.Message.filter(version_of__isnull=False).using_db(
        desk.world.storage.reading
    ).order_by("id")  # fmt: skip
    assert [(row.by, row.kind, row.text) for row in versions] == [
        ("note", "edited", "No"),
        ("note", "deleted", ""),
        ("note", "deleted", ""),
    ]
    assert await desk.told() == []


@BOTH
async def test_with_its_only_answer_taken_back_the_question_is_open_again(desk: Desk) -> None:
    thread = await asked(desk)
    await desk.says("Yes", TOM, thread=thread)
    first = desk.wrote
    await desk.says("On Monday", TOM, thread=thread)
    second = desk.wrote
    desk.world.clock.forward(3601)
    await desk.deletes(first, TOM, thread=thread)
    assert await desk.timers() == [], "the other answer stands"
    await desk.edits(second, "note: I am not sure", TOM, thread=thread)
    assert await desk.timers() == ["side:1"]
    assert await desk.rings() == [], "a reminder whose time passed meanwhile is left out"
    await desk.edits(second, "On Tuesday", TOM, thread=thread)
    assert await desk.timers() == []
    await desk.deletes(second, TOM, thread=thread)
    desk.world.clock.forward(3600)
    assert await desk.rings() == ["side:1"]
    await desk.settles()
    assert desk.noticed("side.overdue", thread=thread.id)
    await desk.says("Tuesday it is", TOM, thread=thread)
    assert await desk.timers() == []


async def test_a_note_in_the_tickets_own_thread_is_no_answer(desk: Desk) -> None:
    thread = await asked(desk)
    await desk.says("@Tom, is it so?", mentions=True, mentioned=(TOM,))
    await desk.says("Yes", TOM, thread=thread)
    await desk.deletes(desk.wrote, TOM, thread=thread)
    assert await desk.timers() == ["side:1"]


async def test_a_due_time_can_be_given(desk: Desk) -> None:
    await desk.does("side_question", to="billing", text="?", minutes="10")
    desk.world.clock.forward(301)
    assert await desk.rings() == ["side:1"]
