"""Agents who leave for a while get nothing new; what they hold is shown to the supervisors."""

from collections.abc import Sequence

from core.messages import Agent
from core.storage import desk_views
from core.storage.desk_models import Away
from core.storage.models import Event
from core.storage.turns import Turns


async def leave(turns: Turns, agent: Agent) -> Sequence[desk_views.Held]:
    """The agent is away from now on; what they hold. Raises DatabaseAway."""
    now = turns.clock()
    async with turns.storage.turn() as conn:
        if not await Away.filter(agent=agent.id).using_db(conn).exists():
            await Away.create(using_db=conn, agent=agent.id, name=agent.name, since=now)
        await Event.create(using_db=conn, at=now, name="agent.away", actor=agent.id, data={})
    return await desk_views.held_by(turns.storage, agent.id)


async def come_back(turns: Turns, agent: Agent) -> None:
    """The agent is here again. Raises DatabaseAway."""
    async with turns.storage.turn() as conn:
        await Away.filter(agent=agent.id).using_db(conn).delete()
        await Event.create(using_db=conn, at=turns.clock(), name="agent.back", actor=agent.id, data={})
