"""The agents' side of Slack, put together."""

from collections.abc import Awaitable, Callable
from functools import partial
from zlib import crc32

from bots.adapters import Platforms
from bots.settings import Settings
from bots.slack.desk.bench import Bench, Reads, Verbs
from bots.slack.desk.events import DeskEvents
from bots.slack.desk.filled import Drafted
from bots.slack.desk.members import Members
from core.conversation.faq.editing import source_from
from core.conversation.faq.entries import Block, Entry
from core.errors import Rejected
from core.helpdesk.admins import Admins
from core.messages import Agent
from core.ports import AgentDoor, Clock
from core.publishing import Published, Publishing


def desk_of(
    settings: Settings,
    platforms: Platforms,
    door: AgentDoor,
    publishing: Publishing,
    reads: Reads,
    verbs: Verbs,
    clock: Clock,
) -> DeskEvents | None:
    """The door for what agents do, where Slack is configured."""
    api, desk = platforms.api, platforms.desk
    if settings.slack is None or api is None or desk is None:
        return None
    members = Members(api, settings.slack.support_channel, clock)
    return DeskEvents(Bench(
        api=api, door=door, desk=desk, members=members, reads=reads, verbs=verbs,
        published=partial(_published, publishing), clock=clock,
    ))  # fmt: skip


def proposing(settings: Settings, admins: Admins) -> Callable[[Drafted, Agent], Awaitable[None]]:
    """How an agent's entry comes before the admins."""
    listed = settings.slack is not None and bool(settings.slack.admins)
    return partial(_propose, admins if listed else None)


async def _propose(admins: Admins | None, drafted: Drafted, by: Agent) -> None:
    """Raises Rejected where nobody could decide on it."""
    if admins is None:
        raise Rejected("nobody is listed under [slack] admins, so nobody could approve it")
    name = f"new-{crc32(drafted.question.encode('utf-8', 'replace')):08x}"
    variants = tuple(one for one in drafted.variants if one != drafted.question)
    block = Block(question=drafted.question, answer=drafted.answer, variants=variants)
    await admins.propose(source_from(Entry(id=name, blocks={drafted.language: block})), by, "agent")


def _published(publishing: Publishing) -> Published:
    return publishing.current
