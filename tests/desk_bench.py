"""The agents' edge without a database: made-up reads, shipped texts, and a record of what is asked for otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bots.slack.api import SlackApi
from bots.slack.desk.bench import Bench, Reads, Verbs
from bots.slack.desk.desk import SlackDesk
from bots.slack.desk.filled import Drafted
from bots.slack.desk.members import Members
from core.conversation.faq.book import Faq
from core.desk import Card, Line
from core.messages import Agent
from core.ports import AgentDoor
from core.publishing import ONE_DEPARTMENT, Published
from core.storage.desk_answers import Answered, Picture
from core.storage.desk_views import Held, History, Home, LastQuestion, Numbers
from tests.desk_workspace import NOW, SUPPORT, shipped_texts
from tests.letters_encoder import LettersEncoder

CARD = Card(
    ticket=1042, state="claimed", person="Lin", platform="wechat", account="shop", language="zh-CN", tier="standard",
    reason="asked", channel=SUPPORT, opened_at=NOW, assignee="U0MEI", department="support",
)  # fmt: skip
HOME = Home(mine=(), unclaimed=(), snoozed=(), numbers=Numbers(replied=3, resolved=2, claimed=1), away=False)
PUBLISHED = Published(
    revision=1,
    files={},
    faq=Faq.of([], LettersEncoder()),
    texts=shipped_texts(),
    desk_language="en",
    routing=ONE_DEPARTMENT,
    replies=(),
)


@dataclass
class Record:
    """What the edge asked for beside the door, and what it is told."""

    held: Sequence[Held] = ()
    lines: Sequence[Line] = ()
    pictures: Mapping[int, Sequence[Picture]] = field(default_factory=dict)
    question: LastQuestion | None = None
    answer: Answered | None = None
    home: Home = HOME
    left: list[Agent] = field(default_factory=list)
    back: list[Agent] = field(default_factory=list)
    proposed: list[Drafted] = field(default_factory=list)
    homes: list[tuple[str, Sequence[str], Sequence[str]]] = field(default_factory=list)

    async def card(self, ticket: int) -> Card:
        return replace(CARD, ticket=ticket)

    async def history(
        self, ticket: int, *, before: int = 0, search: str = "", limit: int = 20
    ) -> History | None:
        found = [one for one in self.lines if search in one.text and (not before or one.id < before)]
        page = found[:limit]
        return History(person_id=1, person="Lin", lines=page, older=page[-1].id if len(found) > limit else 0)

    async def pictures_of(self, messages: Sequence[int]) -> Mapping[int, Sequence[Picture]]:
        return {id: found for id, found in self.pictures.items() if id in messages}

    async def last_question(self, ticket: int) -> LastQuestion | None:
        return self.question

    async def answered(self, ticket: int, post: str) -> Answered | None:
        return self.answer

    async def read_home(
        self,
        agent: str,
        departments: Sequence[str],
        *,
        now: datetime,
        today: datetime,
        supervises: Sequence[str] = (),
    ) -> Home:
        self.homes.append((agent, departments, supervises))
        return self.home

    async def leave(self, agent: Agent) -> Sequence[Held]:
        self.left.append(agent)
        return self.held

    async def come_back(self, agent: Agent) -> None:
        self.back.append(agent)

    async def propose(self, drafted: Drafted, agent: Agent) -> None:
        self.proposed.append(drafted)


def bench(
    api: SlackApi, door: AgentDoor, record: Record | None = None, published: Published = PUBLISHED
) -> Bench:
    """All of it, on a made-up workspace."""
    told = record or Record()
    return Bench(
        api=api,
        door=door,
        desk=SlackDesk(api, published.desk_text),
        members=Members(api, SUPPORT, lambda: NOW),
        reads=Reads(
            card=told.card, history=told.history, pictures=told.pictures_of, question=told.last_question,
            answered=told.answered, home=told.read_home,
        ),
        verbs=Verbs(leave=told.leave, come_back=told.come_back, propose=told.propose),
        published=lambda: published,
        clock=lambda: NOW,
    )  # fmt: skip
