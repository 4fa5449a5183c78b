"""Pages that take long: Slack is answered in time all the same, and shows the page, or what kept it, after that."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from bots.slack.admin import pages
from bots.slack.admin.drafts import Drafts
from bots.slack.admin.editing import Editing
from bots.slack.admin.events import AdminEvents
from bots.slack.admin.learnt import Learnt
from bots.slack.admin.looking import Looking
from bots.slack.admin.office import Office
from bots.slack.admin.screens import Screens
from bots.slack.admin.sheets import Sheets
from bots.slack.admin.where import Where
from bots.slack.api import Refused, SlackApi
from bots.slack.kit import Speech, View
from core.errors import DatabaseAway, RetryLater
from core.helpdesk.admins import Admins
from core.helpdesk.learning import Learning
from core.helpdesk.lessons import Lessons
from core.helpdesk.telling import Telling
from core.publishing import Publishing
from tests.desk_workspace import NOW, in_language


class Slack:
    """Records what it is called for; ``refuse`` are what it answers to methods instead."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuse: dict[str, Exception] = {}
        self.called = asyncio.Event()

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self.calls.append((method, arguments))
        self.called.set()
        if failure := self.refuse.get(method):
            raise failure
        return {"view": {"id": "V1"}, "ok": True}

    def shown(self) -> str:
        return str([arguments for method, arguments in self.calls if method == "views.update"])


class Late(Looking):
    """Finds nothing until it is allowed to."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.allowed = asyncio.Event()
        self.failure: Exception | None = None
        self.speech = office.speech

    async def search(self, where: Where) -> View:
        await self.allowed.wait()
        if self.failure:
            raise self.failure
        return pages.told(f"found {where.words}", where, self.speech)


def side(slack: Slack) -> tuple[AdminEvents, Late]:
    api = cast(SlackApi, slack)
    admins = cast(Admins, Keeper())
    office = Office(
        admins=admins, publishing=cast(Publishing, None), screens=Screens(api), speech=Speech(in_language("en")),
        questions=nothing, users=("UADA",), channel="C0ADMINS", clock=lambda: NOW,
    )  # fmt: skip
    looking = Late(office)
    editing = Editing(office, looking)
    drafts = Drafts(office, editing)
    learnt = Learnt(office, editing, cast(Learning, None), cast(Lessons, None))
    return AdminEvents(office, looking, editing, drafts, Sheets(office, api), learnt), looking


class Keeper:
    """As much of the admins' verbs as nobody needs here."""

    telling = cast(Telling, None)


async def nothing() -> Sequence[str]:
    return ()


def sent(words: str) -> dict[str, Any]:
    view = {
        "id": "V1", "callback_id": "faq.search", "private_metadata": "",
        "state": {"values": {"words": {"in": {"value": words}}}},
    }  # fmt: skip
    return {"type": "view_submission", "user": {"id": "UADA"}, "view": view}


def commanded(words: str) -> dict[str, Any]:
    return {
        "command": "/onethread", "text": f"faq {words}", "user_id": "UADA", "channel_id": "C1", "trigger_id": "t",
    }  # fmt: skip


async def test_a_quick_page_is_the_answer_and_a_slow_one_comes_after_it() -> None:
    slack = Slack()
    events, looking = side(slack)
    looking.allowed.set()
    answer = await events.take(sent("tea"))
    assert answer is not None
    assert "found tea" in str(answer["view"])
    looking.allowed.clear()
    started = asyncio.get_running_loop().time()
    answer = await events.take(sent("milk"))
    assert answer is not None
    assert asyncio.get_running_loop().time() - started < 2.5, "Slack hangs up after 3 s"
    assert answer["view"]["callback_id"] == pages.WAIT
    assert slack.calls == [], "what is shown before Slack has the answer would be covered by it"
    looking.allowed.set()
    async with asyncio.timeout(5):
        await slack.called.wait()
    assert "found milk" in slack.shown()
    await events.close()


@pytest.mark.parametrize(
    ("failure", "told"),
    [(DatabaseAway("x"), "database can't be reached"), (ZeroDivisionError(), "internal error")],
)
async def test_a_page_that_fails_says_so(failure: Exception, told: str) -> None:
    slack = Slack()
    events, looking = side(slack)
    looking.allowed.set()
    looking.failure = failure
    answer = await events.take(commanded("tea"))
    assert answer == {}
    await events.close()
    assert [method for method, _ in slack.calls] == ["views.open", "views.update"]
    assert told in slack.shown()


async def test_a_modal_that_slack_does_not_open_is_told_in_a_whisper() -> None:
    slack = Slack()
    events, _ = side(slack)
    slack.refuse = {
        "views.open": Refused("expired_trigger_id", "views.open"),
        "chat.postEphemeral": Refused("channel_not_found", "chat.postEphemeral"),
        "chat.postMessage": RetryLater(timedelta(seconds=1)),
    }
    assert await events.take(commanded("tea")) == {}
    assert [method for method, _ in slack.calls] == ["views.open", "chat.postEphemeral", "chat.postMessage"]
    assert slack.calls[-1][1]["channel"] == "UADA", "directly, as the app is no member there"


async def test_what_is_in_hand_when_the_process_stops_is_given_up() -> None:
    slack = Slack()
    events, _ = side(slack)
    await events.take(commanded("for ever"))
    await events.close()
    assert slack.shown() == "[]"
