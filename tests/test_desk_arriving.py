"""Which threads wait for a card or question whose arrival nobody knows yet, and which are let through at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.helpdesk.agents import ThreadUnknown
from core.helpdesk.arriving import LATELY, SKEW, Arriving
from core.messages import Thread
from tests.desk_core import Desk, desk_on

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CARD = Arriving(channel="C1", made_at=NOW - timedelta(minutes=5), tried_at=NOW)


def at(moment: datetime, channel: str = "C1") -> Thread:
    return Thread(channel=channel, id=f"{moment.timestamp():.6f}")


@pytest.mark.parametrize(
    ("thread", "may_be"),
    [
        (at(NOW), True),
        (at(CARD.made_at), True),
        (at(CARD.made_at - SKEW), True),
        (at(CARD.made_at - SKEW - SECOND), False),
        (at(NOW - timedelta(days=300)), False),
        (at(NOW, "C2"), False),
        (Thread(channel="C1", id="no time"), True),
        (Thread(channel="C1", id="9.9"), False),
        (Thread(channel="C1", id="9" * 40), True),
        (Thread(channel="C1", id="nan"), True),
        (Thread(channel="C2", id=""), False),
    ],
)
def test_a_thread_that_is_older_or_elsewhere_is_another(thread: Thread, may_be: bool) -> None:
    assert CARD.may_be(thread, NOW) == may_be


@pytest.mark.parametrize(
    ("later", "may_be"),
    [(timedelta(), True), (LATELY, True), (LATELY + SECOND, False), (-timedelta(minutes=10), True)],
)
def test_what_nobody_tries_any_more_holds_nothing_up(later: timedelta, may_be: bool) -> None:
    assert CARD.may_be(at(NOW), NOW + later) == may_be


@pytest.fixture
async def desk(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(sqlite_url, tmp_path) as made:
        yield made


async def test_only_threads_that_may_be_the_one_are_held_up(desk: Desk) -> None:
    opened = await desk.world.ticket(await desk.world.identity(), channel="C1", thread="")
    await desk.world.deliver(
        key="open:x", kind="open", desk=True, person_id=opened.person_id, ticket_id=opened.id, unconfirmed=True,
    )  # fmt: skip
    await desk.world.deliver(
        key="ask:x", kind="ask", desk=True, person_id=opened.person_id, ticket_id=opened.id, channel="C2",
        lease_until=desk.world.clock() + 30 * SECOND,
    )  # fmt: skip
    old, new = desk.world.clock() - timedelta(hours=1), desk.world.clock()
    for thread in (at(old), at(old, "C2"), at(new, "C3")):
        assert await desk.agents.ticket_in(thread) is None
    with pytest.raises(ThreadUnknown):
        await desk.agents.ticket_in(at(new, "C2"))
    desk.world.clock.forward(LATELY.total_seconds() + 31)
    assert await desk.agents.ticket_in(at(new)) is None
    assert await desk.agents.ticket_in(at(new, "C2")) is None
