"""What becomes of a send: retried, refused, unreachable, lost; once, and told to the agents."""

import contextlib
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from core.delivery.backoff import LONGEST, MOST_TRIES, OLDEST, given_up, wait_before
from core.delivery.leases import renew
from core.errors import Rejected, RetryLater, Unconfirmed, Unreachable
from core.messages import Outbound, Rate
from core.ports import Keep
from core.storage import models
from tests.outbox_world import START, FakeChannel, Script, World, able, world_on


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with world_on(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """For the cases of a table that was tried on both databases already."""
    async with world_on(sqlite_url, tmp_path) as made:
        yield made


def script(*steps: Script) -> deque[Script]:
    return deque(steps)


async def dead_and_told(world: World, row: models.Delivery, why: str) -> None:
    """The row is dead, and the thread says why."""
    dead = await world.became(row, "dead")
    assert dead.error == why
    await world.became(f"failed:{row.message_id}", "sent")
    assert f"post th desk.failed:{why}" in world.desk.done


# --- again later --------------------------------------------------------------------------------------------


async def test_a_platforms_retry_after_is_kept_for_the_chat(world: World) -> None:
    ann = await world.identity()
    rows = [await world.say(ann, text) for text in ("one", "two")]
    world.channel.script = script(RetryLater(timedelta(seconds=30), "slow down"))
    async with world.running():
        waiting = await world.tried(rows[0], 1)
        assert waiting.due_at >= START + timedelta(seconds=30)
        assert (waiting.error, waiting.unconfirmed) == ("slow down", False)
        world.clock.forward(29)
        await world.looked()
        assert world.channel.texts == ["one"]
        world.clock.forward(5)
        await world.became(rows[1], "sent")
    assert world.channel.texts == ["one", "one", "two"]


async def test_when_a_second_chat_is_refused_the_whole_account_is_left_alone(world: World) -> None:
    people = [await world.identity() for _ in range(3)]
    world.channel.capabilities = able(rates=(Rate(scope="account", count=1, seconds=1),))
    rows = [await world.say(person, f"to {person.id}") for person in people]
    world.channel.script = script(*[RetryLater(timedelta(seconds=30))] * 2)
    async with world.running():
        await world.tried(rows[0], 1)
        world.clock.forward(1)
        await world.tried(rows[1], 1)
        world.clock.forward(2)
        await world.looked()
        assert (await world.row(rows[2])).fence == 0
        world.clock.forward(40)
        await world.until(lambda: len(world.channel.sent) == 3)
        world.clock.forward(1)
        await world.until(lambda: len(world.channel.sent) == 4)
        world.clock.forward(1)
        for row in rows:
            await world.became(row, "sent")


async def test_tries_are_set_further_and_further_apart(world: World) -> None:
    ann = await world.identity()
    row = await world.say(ann, "hi")
    world.channel.script = script(*[RetryLater(timedelta())] * 5)
    waits = []
    async with world.running():
        for attempts in range(1, 6):
            waiting = await world.tried(row, attempts)
            waits.append((waiting.due_at - world.clock.now).total_seconds())
            world.clock.now = waiting.due_at
        await world.became(row, "sent")
    assert [0.7 * 2**n < wait < 1.3 * 2**n for n, wait in enumerate(waits)] == [True] * 5


@pytest.mark.parametrize("attempts", [1, 5, 50, 500])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_a_wait_is_bounded_and_never_shorter_than_asked(attempts: int, spread: float) -> None:
    assert timedelta() < wait_before(attempts, timedelta(), spread) <= 1.25 * LONGEST
    assert wait_before(attempts, timedelta(hours=1), spread) >= timedelta(hours=1)


def test_it_is_given_up_after_a_day_or_too_many_tries() -> None:
    assert not given_up(MOST_TRIES - 1, START, START + OLDEST)
    assert given_up(MOST_TRIES, START, START)
    assert given_up(1, START, START + OLDEST + timedelta(seconds=1))


async def test_after_a_day_it_is_a_dead_letter(world: World) -> None:
    ann = await world.identity()
    ticket = await world.ticket(ann)
    await world.agents_message(ann, ticket)
    row = await world.row("k2")
    world.clock.forward(24 * 3600)
    world.channel.script = script(RetryLater(timedelta(seconds=5), "busy"))
    async with world.running():
        await dead_and_told(world, row, "outbox.gave_up:1:busy")


# --- refused ------------------------------------------------------------------------------------------------


async def test_what_is_refused_is_dead_told_once_and_marked(world: World) -> None:
    ann = await world.identity()
    ticket = await world.ticket(ann)
    message = await world.agents_message(ann, ticket)
    row = await world.row("k2")
    await world.file(ann, message)
    world.channel.script = script(Rejected("too rude"), Rejected("too rude as well"))
    async with world.running():
        await dead_and_told(world, row, "outbox.refused:too rude")
        await world.became(f"mark:{message.id}", "sent")
        await world.became("k3", "dead")
        await world.looked()
    assert sorted(world.desk.done) == [
        "mark post-hello None->failed",
        "post th desk.failed:outbox.refused:too rude",
    ]


async def test_what_belongs_to_no_ticket_is_dead_without_a_word(small: World) -> None:
    row = await small.say(await small.identity(), "hi")
    small.channel.script = script(Rejected("no"))
    async with small.running():
        await small.became(row, "dead")
        await small.looked()
    assert small.desk.done == []


# --- unreachable --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"reachable": False}, "outbox.left"),
        ({"sends_left": 0}, "outbox.no_sends"),
        ({"sends_left": 3, "window_until": START - timedelta(seconds=1)}, "outbox.window_closed"),
        ({"account": "gone"}, "outbox.no_account:chat:gone"),
    ],
)
async def test_where_nothing_can_be_sent_nothing_is_tried(
    small: World, columns: dict[str, object], why: str
) -> None:
    ann = await small.identity()
    await small.change(ann, **columns)
    message = await small.agents_message(ann, await small.ticket(ann))
    async with small.running():
        parked = await small.became("k2", "parked")
        await small.became(f"parked:{message.id}", "sent")
        await small.became(f"mark:{message.id}", "sent")
    assert (parked.error, small.channel.sent) == (why, [])
    assert sorted(small.desk.done) == ["mark post-hello None->failed", f"post th desk.parked:{why}"]


async def test_an_account_that_can_only_answer_parks_at_once(small: World) -> None:
    small.channel.capabilities = able(active=False)
    row = await small.say(await small.identity(), "hi")
    async with small.running():
        assert (await small.became(row, "parked")).error == "outbox.passive_only"
    assert small.channel.sent == []


async def test_it_leaves_through_the_identity_that_wrote_last(world: World) -> None:
    ann = await world.identity()
    where = [
        await world.identity(person=ann.person_id, platform="other", last_at=START - timedelta(seconds=at))
        for at in (3, 1, 2)
    ]
    await world.change(where[1], reachable=False)
    row = await world.say(ann, "hi")
    world.channel.script = script(Unreachable("blocked"))
    async with world.running():
        sent = await world.became(row, "sent")
    assert [message.to.chat for message in world.other.sent] == [where[2].chat]
    assert (sent.lane, sent.identity_id) == (f"i{where[2].id}", where[2].id)


async def test_each_identity_is_tried_once_and_then_it_waits(world: World) -> None:
    ann = await world.identity()
    await world.identity(person=ann.person_id, platform="other")
    row = await world.say(ann, "hi", ticket_id=(await world.ticket(ann)).id)
    world.channel.script, world.other.script = script(Unreachable("a")), script(Unreachable("b"))
    async with world.running():
        parked = await world.became(row, "parked")
        assert (world.channel.texts, world.other.texts) == (["hi"], ["hi"])
        assert parked.error == "outbox.unreachable:b"
        # the person writes: what helpdesk does then
        await world.change(ann, last_at=START + timedelta(seconds=5))
        await world.change(row, state="due", lane=f"i{ann.id}", identity_id=ann.id, attempts=0)
        await world.became(row, "sent")
    assert world.channel.texts == ["hi", "hi"]


async def test_who_writes_while_it_is_in_hand_is_tried_again_instead_of_parked(world: World) -> None:
    ann = await world.identity()
    row = await world.say(ann, "hi")

    async def they_write() -> str:
        await world.change(ann, last_at=START + timedelta(seconds=1))
        raise Unreachable("window closed")

    world.channel.script = script(they_write)
    async with world.running():
        await world.became(row, "sent")
    assert world.channel.texts == ["hi", "hi"]


# --- lost ---------------------------------------------------------------------------------------------------


async def test_a_late_workers_outcome_is_ignored(world: World) -> None:
    ann = await world.identity(sends_left=5)
    row = await world.say(ann, "hi")

    async def taken_from_us() -> str:
        await world.change(row, fence=10)
        return "late"

    world.channel.script = script(taken_from_us)
    async with world.running():
        await world.until(lambda: not world.channel.running and len(world.channel.sent) == 1)
        await world.looked()
        kept = await world.row(row)
    assert (kept.state, kept.external_id, kept.fence) == ("due", "", 10)
    left = await models.Identity.get(id=ann.id, using_db=world.storage.reading)
    assert left.sends_left == 5


async def test_who_can_not_keep_a_trace_does_not_send(world: World) -> None:
    row = await world.say(await world.identity(), "hi")
    came_to: list[str] = []

    class Stolen(FakeChannel):
        async def send(self, message: Outbound, keep: Keep) -> str:
            await keep("first trace")
            await world.change(row, fence=10)
            came_to.append((await world.row(row)).trace)
            await keep("second trace")
            came_to.append("the last step")
            return ""

    world.channel = Stolen()
    async with world.running():
        await world.until(lambda: bool(came_to))
        await world.looked()
    assert came_to == ["first trace"]
    assert (await world.row(row)).trace == "first trace"


async def in_hand_of_a_dead_worker(world: World, row: models.Delivery, **columns: object) -> None:
    await world.change(row, lease_until=START, fence=1, **columns)


async def test_the_row_of_a_dead_worker_is_looked_up_and_found(world: World) -> None:
    world.channel.capabilities = able(lookup=True)
    ann = await world.identity()
    row, second = await world.say(ann, "hi"), await world.say(ann, "second")
    await in_hand_of_a_dead_worker(world, row, trace="a trace")
    world.channel.findable[row.key] = "found"
    async with world.running():
        await world.became(second, "sent")
    assert (await world.row(row)).external_id == "found"
    assert (world.channel.texts, world.channel.looked_up) == (["second"], [(row.key, "a trace")])


async def test_what_was_looked_up_in_vain_is_sent_again(world: World) -> None:
    world.channel.capabilities = able(lookup=True)
    row = await world.say(await world.identity(), "hi")
    world.channel.script = script(*[Unconfirmed("time-out")] * 3)
    async with world.running():
        for attempts in (1, 2, 3):
            waiting = await world.tried(row, attempts)
            assert waiting.unconfirmed
            world.clock.forward(60)
        await world.became(row, "sent")
    assert len(world.channel.looked_up) == 3
    assert world.channel.texts == ["hi"] * 4
    assert repeated(world) == 0


async def test_a_lease_that_has_not_run_out_is_respected(world: World) -> None:
    row = await world.say(await world.identity(), "hi")
    await in_hand_of_a_dead_worker(world, row)
    await world.change(row, lease_until=START + timedelta(seconds=30))
    async with world.running():
        world.clock.forward(29)
        await world.looked()
        assert world.channel.sent == []
        world.clock.forward(2)
        await world.became(row, "sent")


async def test_what_was_given_back_is_not_leased_again_by_a_late_renewal(world: World) -> None:
    world.channel.script.append(RetryLater(timedelta(seconds=20)))
    row = await world.say(await world.identity(), "hi")
    async with world.running():
        given_back = await world.tried(row, 1)
    await renew(world.storage, world.clock, [given_back])
    assert (await world.row(row)).lease_until is None


async def test_a_long_sends_lease_is_renewed(world: World) -> None:
    row = await world.say(await world.identity(), "slow")
    world.channel.gate.clear()

    async def is_renewed() -> bool:
        until = (await world.row(row)).lease_until
        return until is not None and until >= world.clock.now + timedelta(seconds=25)

    async with world.running(), world.running():
        await world.until(lambda: bool(world.channel.running))
        for _ in range(4):
            world.clock.forward(20)
            await world.until(is_renewed)
        world.channel.gate.set()
        sent = await world.became(row, "sent")
    assert (sent.fence, world.channel.texts) == (1, ["slow"])


def repeated(world: World) -> float:
    labels = {"platform": "chat"}
    return world.metrics.registry.get_sample_value("onethread_repeated_sends_total", labels) or 0.0


async def test_a_lost_send_is_repeated_once_and_counted(world: World) -> None:
    ann = await world.identity(sends_left=5)
    message = await world.agents_message(ann, await world.ticket(ann))
    row = await world.row("k2")
    world.channel.script = script(Unconfirmed("time-out"), RetryLater(timedelta()), ValueError("unforeseen"))
    async with world.running():
        for attempts in (1, 2):
            assert (await world.tried(row, attempts)).unconfirmed
            world.clock.forward(60)
        await dead_and_told(world, row, "outbox.lost")
        await world.became(f"mark:{message.id}", "sent")
    assert len(world.channel.sent) == 3
    assert repeated(world) == 2
    left = await models.Identity.get(id=ann.id, using_db=world.storage.reading)
    assert left.sends_left == 3  # two may have arrived


async def test_a_lost_send_is_never_repeated_where_that_is_set(small: World) -> None:
    small.lost_send = "never"
    ann = await small.identity()
    await small.agents_message(ann, await small.ticket(ann))
    row = await small.row("k2")
    small.channel.script = script(Unconfirmed("time-out"))
    async with small.running():
        await dead_and_told(small, row, "outbox.lost")
    assert len(small.channel.sent) == 1


@pytest.mark.parametrize(
    ("lost_send", "before", "sends"), [("repeat", False, 1), ("repeat", True, 0), ("never", False, 0)]
)
async def test_a_dead_workers_row_that_can_not_be_looked_up(
    small: World, lost_send: str, before: bool, sends: int
) -> None:
    small.lost_send = "never" if lost_send == "never" else "repeat"
    row = await small.say(await small.identity(), "hi")
    await in_hand_of_a_dead_worker(small, row, unconfirmed=before)
    async with small.running():
        await small.became(row, "sent" if sends else "dead")
    assert len(small.channel.sent) == sends
    assert repeated(small) == sends


CLOSE_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"


async def test_an_outcome_waits_for_the_database(postgres_url: str, pg_dsn: str, tmp_path: Path) -> None:
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    async with world_on(postgres_url, tmp_path) as world:
        row = await world.say(await world.identity(), "hi")
        server = await asyncpg.connect(pg_dsn)

        async def the_database_goes() -> str:
            while True:  # until nobody connects in between
                await server.execute(CLOSE_ALL, name)
                with contextlib.suppress(asyncpg.ObjectInUseError):
                    await server.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
                    return "sent-id"

        world.channel.script = script(the_database_goes)
        with capture_logs() as logs:
            async with world.running():
                await world.until(
                    lambda: "an outcome waits for the database" in {log["event"] for log in logs}
                )
                await server.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
                assert (await world.became(row, "sent")).external_id == "sent-id"
        await server.close()
    assert world.channel.texts == ["hi"]


# --- what nobody foresaw ------------------------------------------------------------------------------------


async def test_a_row_that_can_not_be_made_into_a_message_does_not_block_its_chat(small: World) -> None:
    ann = await small.identity()
    broken = await small.say(ann, "hi", [["one half of a choice"]])
    behind = await small.say(ann, "behind it")
    async with small.running():
        assert (await small.became(broken, "dead")).error == "outbox.broken"
        await small.became(behind, "sent")


@pytest.mark.parametrize("failure", [RetryLater(timedelta(seconds=5)), ValueError("odd")])
async def test_a_look_up_that_fails_is_made_again_before_anything_is_sent(
    small: World, failure: Exception
) -> None:
    class Forgetful(FakeChannel):
        async def find(self, message: Outbound, trace: str, since: datetime) -> str | None:
            found = await super().find(message, trace, since)
            if len(self.looked_up) == 1:
                raise failure
            return found

    small.channel = Forgetful(capabilities=able(lookup=True))
    row = await small.say(await small.identity(), "hi", unconfirmed=True)
    small.channel.findable[row.key] = "found"
    async with small.running():
        assert (await small.tried(row, 1)).unconfirmed
        small.clock.forward(10)
        assert (await small.became(row, "sent")).external_id == "found"
    assert small.channel.sent == []
