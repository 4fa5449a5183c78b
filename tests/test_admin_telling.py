"""What admins are told is told once, and what they decide is decided once, on both kinds of database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from core.helpdesk.admins import Admins, Decided, Gone, Kept
from core.helpdesk.telling import Telling
from core.messages import Agent
from core.publishing import Publishing
from core.storage.engine import Storage
from core.storage.migrate import migrate

ADA, MEI = Agent(id="UADA", name="Ada"), Agent(id="UMEI", name="Mei")


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    await migrate(database_url)
    opened = await Storage.open(database_url)
    yield opened
    await opened.close()


async def test_each_thing_is_told_by_one_and_again_only_if_that_one_fell_silent(storage: Storage) -> None:
    clock = Hands()
    telling = Telling(storage, clock)
    claims = await asyncio.gather(*(telling.claim("draft:1") for _ in range(8)))
    [mine] = [one for one in claims if one]
    assert not mine.again
    assert await telling.place("draft:1") == ""
    clock.now += timedelta(seconds=61)
    second = await telling.claim("draft:1")
    assert second is not None
    assert second.again
    assert await telling.claim("draft:1") is None
    await telling.told("draft:1", "C1:1.2")
    clock.now += timedelta(days=400)
    assert await telling.claim("draft:1") is None
    assert await telling.place("draft:1") == "C1:1.2"


async def test_one_decides_and_the_others_hear_who(storage: Storage) -> None:
    clock = Hands()
    admins = Admins(storage=storage, publishing=cast(Publishing, None), clock=clock)
    number = await admins.propose("id: a\n", Agent(id="UTOM", name="Tom"), "agent")
    assert [one.number for one in await admins.unposted()] == [number]
    await admins.posted(number, "C1:1.2")
    assert await admins.unposted() == []
    outcomes = await asyncio.gather(
        *(admins.decline(number, by) for by in (ADA, MEI) * 3), return_exceptions=True
    )
    late = [one for one in outcomes if isinstance(one, Decided)]
    assert (len(outcomes), len(late)) == (6, 5)
    proposal = await admins.proposal(number)
    assert {one.by for one in late} == {proposal.decided_by}
    assert [one.number for one in await admins.unshown()] == [number]
    await admins.posted(number, "C1:1.2:declined")
    assert await admins.unshown() == []
    with pytest.raises(Gone):
        await admins.decline(number + 1, ADA)


async def test_words_are_kept_for_their_own_author_and_not_for_ever(storage: Storage) -> None:
    clock = Hands()
    admins = Admins(storage=storage, publishing=cast(Publishing, None), clock=clock)
    number = await admins.keep(Kept(entry="id: a\n", removes=False), ADA)
    assert await admins.keep(Kept(entry="id: b\n", removes=False), ADA, number) == number
    assert (await admins.kept(number, ADA)).entry == "id: b\n"
    with pytest.raises(Gone):
        await admins.kept(number, MEI)
    assert await admins.keep(Kept(entry="a", removes=True), MEI, number) != number
    with pytest.raises(Gone):
        await admins.proposal(number)
    clock.now += timedelta(days=8)
    await admins.mend()
    with pytest.raises(Gone):
        await admins.kept(number, ADA)
