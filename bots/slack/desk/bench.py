"""What every part of the agents' edge works with: who is who, the verbs, the reads, what is published."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import structlog

from bots.slack.api import SlackApi
from bots.slack.desk.desk import SlackDesk
from bots.slack.desk.filled import Drafted
from bots.slack.desk.knowledge import Knowledge
from bots.slack.desk.members import Members
from bots.slack.kit import Speech
from core.conversation.people import clean_name
from core.desk import Card
from core.errors import Rejected, RetryLater, Unreachable
from core.escalation.routing import Department
from core.messages import Agent, Say
from core.ports import AgentDoor, Clock
from core.publishing import Published
from core.storage.desk_answers import Answered, Picture
from core.storage.desk_views import Held, History, Home, LastQuestion

log = structlog.get_logger()


class ReadHistory(Protocol):
    async def __call__(
        self, ticket: int, *, before: int = 0, search: str = "", limit: int = 20
    ) -> History | None:
        """As ``desk_views.history``."""


class ReadHome(Protocol):
    async def __call__(
        self,
        agent: str,
        departments: Sequence[str],
        *,
        now: datetime,
        today: datetime,
        supervises: Sequence[str] = (),
    ) -> Home:
        """As ``desk_views.home``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What is shown to agents, as the storage tells it now."""

    card: Callable[[int], Awaitable[Card]]
    history: ReadHistory
    pictures: Callable[[Sequence[int]], Awaitable[Mapping[int, Sequence[Picture]]]]
    question: Callable[[int], Awaitable[LastQuestion | None]]
    answered: Callable[[int, str], Awaitable[Answered | None]]
    home: ReadHome


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """What agents do that is about no ticket. ``propose`` raises Rejected with the reason."""

    leave: Callable[[Agent], Awaitable[Sequence[Held]]]
    come_back: Callable[[Agent], Awaitable[None]]
    propose: Callable[[Drafted, Agent], Awaitable[None]]


class NotAllowed(Exception):
    """Somebody isn't an agent there; ``say`` tells them why, and whom to ask."""

    def __init__(self, say: Say) -> None:
        super().__init__(say.name)
        self.say = say


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One for the whole edge."""

    api: SlackApi
    door: AgentDoor
    desk: SlackDesk
    members: Members
    reads: Reads
    verbs: Verbs
    published: Callable[[], Published]
    clock: Clock

    @property
    def speech(self) -> Speech:
        """Texts in the desk's language."""
        return Speech(self.published().desk_text)

    @property
    def knowledge(self) -> Knowledge:
        """What can be said by one press."""
        return Knowledge(published=self.published, clock=self.clock)

    def department_name(self, id: str) -> str:
        """In the desk's language."""
        published = self.published()
        return published.routing.department(id).name_in(published.desk_language)

    def departments(self, *, but: str = "") -> list[tuple[str, str]]:
        """Ids and names of all, without one."""
        found = self.published().routing.departments
        return [(one.id, self.department_name(one.id)) for one in found if one.id != but]

    async def agent(self, user: str, department: Department, refused: Literal["words", "press"]) -> Agent:
        """Who may act there. Raises NotAllowed, RetryLater, or Rejected if Slack won't tell the app."""
        role = await self.members.role(user, department)
        if role == "none":
            raise NotAllowed(await self._refusal(department, refused))
        return Agent(id=user, name=await self.name(user) or user, role=role)

    async def agent_on(self, user: str, ticket: int) -> tuple[Agent, Department]:
        """Who presses something about a ticket. Raises as ``agent`` does."""
        department = await self.door.department_of(ticket)
        if department is None:
            raise NotAllowed(Say(name="desk.no_such_ticket", params={"number": ticket}))
        return await self.agent(user, department, "press"), department

    async def colleague(self, user: str, department: Department) -> Agent:
        """Anybody, with what they may do there ("none" for nothing)."""
        role = await self.members.role(user, department)
        return Agent(id=user, name=await self.name(user) or user, role=role)

    async def called(self, names: Mapping[str, str], department: Department) -> list[Agent]:
        """Who is mentioned, by id and name; what can't be told of them now must not keep the words back."""
        found = []
        for id in names:
            try:
                role = await self.members.role(id, department)
            except (RetryLater, Rejected):
                role = "none"
            found.append(Agent(id=id, name=names[id] or id, role=role))
        return found

    async def name(self, id: str) -> str:
        """Empty where Slack doesn't know them. Raises RetryLater."""
        try:
            return clean_name((await self.api.user(id)).name)
        except (Rejected, Unreachable) as failure:
            log.warning("a Slack user has no name", user=id, why=str(failure))
            return ""

    async def names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Of people who are only mentioned: a name that can't be had now stays empty."""
        asked = sorted(ids)
        found = await asyncio.gather(*(self.name(id) for id in asked), return_exceptions=True)
        return {id: name if isinstance(name, str) else "" for id, name in zip(asked, found, strict=True)}

    async def _refusal(self, department: Department, refused: Literal["words", "press"]) -> Say:
        suffix = "" if refused == "words" else "_button"
        if not department.agents.named:
            return Say(name=f"desk.not_an_agent{suffix}")
        supervisors = [one for one in department.agents.supervisors if not one.startswith("S")]
        names = await self.names(one for one in supervisors if "@" not in one)
        ask = ", ".join(names.get(one) or one for one in supervisors)
        params = {"department": self.department_name(department.id), "ask": ask}
        return Say(
            name=f"desk.not_listed{suffix}" if ask else f"desk.not_listed_alone{suffix}", params=params
        )
