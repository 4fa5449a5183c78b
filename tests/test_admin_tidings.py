"""What admins are told without asking reaches them once: through lost answers, limits, a second process."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bots.slack.admin.drafts import Drafts
from bots.slack.admin.editing import Editing
from bots.slack.admin.learnt import Learnt
from bots.slack.admin.looking import Looking
from bots.slack.admin.office import Office
from bots.slack.admin.screens import Screens
from bots.slack.admin.tidings import Tidings
from bots.slack.api import SlackApi
from bots.slack.kit import Speech
from core.conversation.faq.gaps import Gap
from core.helpdesk.admins import Admins
from core.helpdesk.learning import Learning
from core.helpdesk.lessons import Lessons
from core.messages import Agent
from core.publishing import Publishing, Revision
from core.storage.engine import Storage
from core.storage.migrate import migrate
from tests.desk_workspace import Workspace, in_language, open_workspace

TOM = Agent(id="U0TOM", name="Tom")
MONDAY = datetime(2026, 3, 2, 8, 59, tzinfo=UTC)
ENTRY = "id: gift\nen:\n  question: Gifts?\n  answer: Yes.\n"
GAP = Gap(
    question="can you wrap it", language="en", people=3, asked=4, unhelpful=1, examples={"en": ("wrap it",)},
    platforms={"telegram": 4}, first=MONDAY, last=MONDAY, missed=(7,),
)  # fmt: skip


@dataclass
class Still:
    """Publishing in which nothing happens, and lessons with the gaps that a test wants."""

    revision: int = 1
    files: dict[str, str] = field(default_factory=dict)
    found: Sequence[Gap] = (GAP,)

    @property
    def current(self) -> "Still":
        return self

    async def history(self, limit: int = 50, before: int = 0) -> Sequence[Revision]:
        return []

    async def gaps(self) -> Sequence[Gap]:
        return self.found


@dataclass
class Watch:
    """One process's tidings beside a Slack that records; ``now`` is set by hand."""

    workspace: Workspace
    api: SlackApi
    storage: Storage
    still: Still = field(default_factory=Still)
    now: datetime = MONDAY

    def process(self) -> Tidings:
        admins = Admins(storage=self.storage, publishing=cast(Publishing, self.still), clock=lambda: self.now)
        office = Office(
            admins=admins, publishing=cast(Publishing, self.still), screens=Screens(self.api),
            speech=Speech(in_language("en")), questions=self.nothing, users=("U0MEI",), channel="C0ADMINS",
            clock=lambda: self.now,
        )  # fmt: skip
        editing = Editing(office, Looking(office))
        learnt = Learnt(office, editing, cast(Learning, None), cast(Lessons, self.still))
        return Tidings(office, Drafts(office, editing), learnt)

    async def nothing(self) -> Sequence[str]:
        return ()

    async def propose(self) -> int:
        admins = Admins(storage=self.storage, publishing=cast(Publishing, self.still), clock=lambda: self.now)
        return await admins.propose(ENTRY, TOM, "agent")

    def said(self, words: str) -> list[str]:
        """The messages that say so, by their ts."""
        return [ts for ts, message in self.workspace.messages.items() if words in str(message["blocks"])]


@pytest.fixture
async def watch(sqlite_url: str) -> AsyncIterator[Watch]:
    await migrate(sqlite_url)
    storage = await Storage.open(sqlite_url)
    async with open_workspace() as (workspace, api):
        yield Watch(workspace, api, storage)
    await storage.close()


async def test_the_weeks_gaps_are_posted_on_monday_at_nine_by_one_process(watch: Watch) -> None:
    one, other = watch.process(), watch.process()
    await one.look()
    assert watch.workspace.messages == {}
    watch.now += timedelta(minutes=1)
    await one.look()
    await other.look()
    watch.now += timedelta(hours=5)
    await watch.process().look()
    assert len(watch.said("can you wrap it")) == 1
    watch.now += timedelta(days=7)
    watch.still.found = ()
    await one.look()
    await one.look()
    assert len(watch.workspace.messages) == 1, "a week without gaps needs no message"


async def test_a_post_whose_answer_was_lost_is_looked_up_and_not_repeated(watch: Watch) -> None:
    number = await watch.propose()
    watch.workspace.lose.append("chat.postMessage")
    await watch.process().look()
    await watch.process().look()
    [ts] = watch.said("Gifts?")
    rows = Admins(storage=watch.storage, publishing=cast(Publishing, watch.still), clock=lambda: watch.now)
    assert (await rows.proposal(number)).place == "", "nobody knows yet"
    watch.now += timedelta(seconds=61)
    await watch.process().look()
    assert watch.said("Gifts?") == [ts]
    assert (await rows.proposal(number)).place == f"C0ADMINS:{ts}"


async def test_what_slack_can_not_take_now_is_told_at_the_next_look(watch: Watch) -> None:
    await watch.propose()
    watch.workspace.fail["chat.postMessage"] = [429, 500]
    process = watch.process()
    await process.look()
    assert watch.said("Gifts?") == []
    await process.look()
    await process.look()
    assert len(watch.said("Gifts?")) == 1


async def test_a_refusal_is_told_once_by_all_processes_and_anew_when_it_comes_back(watch: Watch) -> None:
    one, other = watch.process(), watch.process()
    problems = ["faq/a.yaml:3:5: no answer; write one"]
    for process in (one, other, one):
        await process.refused(problems)
        await process.look()
    assert len(watch.said("faq/a.yaml:3:5")) == 1
    watch.still.revision = 2
    await other.refused(problems)
    await other.look()
    assert len(watch.said("faq/a.yaml:3:5")) == 2
    await one.refused(["faq/a.yaml:9:9: another"])
    watch.workspace.fail["chat.postMessage"] = [{"ok": False, "error": "not_in_channel"}]
    await one.look()
    assert watch.said("9:9") == []
    watch.now += timedelta(seconds=61)
    await one.look()
    assert len(watch.said("9:9")) == 1, "somebody invited the app in the meantime"
