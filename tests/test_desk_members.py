"""Who may answer people: read from Slack, remembered for a minute, and never refused from memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from bots.slack.api import Refused, SlackApi
from bots.slack.desk.members import Members
from core.errors import Rejected, RetryLater
from core.escalation.routing import Agents, Department
from tests.desk_workspace import NOW, SUPPORT, Workspace, open_workspace

ANYBODY = Department(id="support")


@pytest.fixture
async def slack() -> AsyncIterator[tuple[Workspace, SlackApi]]:
    async with open_workspace() as opened:
        yield opened


def named(*agents: str, supervisors: tuple[str, ...] = (), trial: tuple[str, ...] = ()) -> Department:
    return Department(
        id="support", agents=Agents(named=agents, supervisors=supervisors, trial=frozenset(trial))
    )


async def test_members_are_remembered_for_a_minute_and_refusals_looked_up_afresh(
    slack: tuple[Workspace, SlackApi],
) -> None:
    workspace, api = slack
    now = [NOW]
    members = Members(api, SUPPORT, lambda: now[0])

    async def may(user: str) -> bool:
        return await members.role(user, ANYBODY) == "agent"

    def reads() -> int:
        return len(workspace.called("conversations.members"))

    assert await may("U0MEI")
    assert await may("U0MEI")
    assert reads() == 1, "the list is fresh: no second look"
    assert not await may("U0TOM")
    workspace.members.append("U0TOM")
    assert await may("U0TOM"), "just invited"
    assert reads() == 3
    workspace.members.clear()
    now[0] += timedelta(seconds=59)
    assert await may("U0MEI")
    now[0] += timedelta(seconds=1)
    assert not await may("U0MEI")
    assert reads() == 4


async def test_members_are_read_page_by_page(slack: tuple[Workspace, SlackApi]) -> None:
    workspace, api = slack
    workspace.page = 1
    members = Members(api, SUPPORT, lambda: NOW)
    assert await members.role("U0APP", ANYBODY) == "agent"
    assert len(workspace.called("conversations.members")) == 2


async def test_while_slack_is_away_a_member_stays_one_and_nobody_is_refused(
    slack: tuple[Workspace, SlackApi],
) -> None:
    workspace, api = slack
    now = [NOW]
    members = Members(api, SUPPORT, lambda: now[0])
    assert await members.role("U0MEI", ANYBODY) == "agent"
    now[0] += timedelta(hours=1)
    workspace.fail["conversations.members"] = [503, 503, 503]
    assert await members.role("U0MEI", ANYBODY) == "agent"
    with pytest.raises(RetryLater):
        await members.role("U0TOM", ANYBODY)


@pytest.mark.parametrize(
    ("user", "department", "role"),
    [
        ("U0MEI", named("U0MEI"), "agent"),
        ("U0TOM", named("U0MEI"), "none"),
        ("U0MEI", named("S0TEAM"), "agent"),
        ("U0TOM", named("S0TEAM"), "none"),
        ("U0TOM", named("S0GONE"), "none"),
        ("U0TOM", named("tom@example.com"), "agent"),
        ("U0MEI", named("tom@example.com"), "none"),
        ("U0TOM", named("tom@example.com", trial=("tom@example.com",)), "trial"),
        ("U0TOM", named("U0TOM", supervisors=("tom@example.com",)), "supervisor"),
        ("U0MEI", named(supervisors=("S0TEAM",)), "supervisor"),
        ("U0APP", named(supervisors=("S0TEAM",)), "agent"),
        ("U0GHOST", named("tom@example.com"), "none"),
    ],
)
async def test_whoever_the_routing_names_by_id_address_or_group(
    slack: tuple[Workspace, SlackApi], user: str, department: Department, role: str
) -> None:
    workspace, api = slack
    workspace.groups["S0TEAM"] = ["U0MEI"]
    workspace.emails["U0TOM"] = "Tom@Example.com"
    assert await Members(api, SUPPORT, lambda: NOW).role(user, department) == role


async def test_each_department_has_its_own_channels(slack: tuple[Workspace, SlackApi]) -> None:
    workspace, api = slack
    members = Members(api, SUPPORT, lambda: NOW)
    elsewhere = Department(id="billing", channels=("C0BILL",))
    others = Department(id="others", agents=Agents(named=("U0TOM",)))
    roles = await members.roles("U0MEI", [ANYBODY, elsewhere, others])
    assert roles == {"support": "agent", "billing": "agent"}
    asked = [one["channel"] for one in workspace.called("conversations.members")]
    assert asked == [SUPPORT, "C0BILL"]


async def test_what_slack_refuses_to_tell_is_no_refusal_of_the_agent(
    slack: tuple[Workspace, SlackApi],
) -> None:
    workspace, api = slack
    workspace.fail["usergroups.users.list"] = [{"ok": False, "error": "missing_scope"}]
    with pytest.raises(Rejected):
        await Members(api, SUPPORT, lambda: NOW).role("U0MEI", named("S0TEAM"))


class Slow:
    """A Slack that answers for one Slack channel only once it may, and knows people by their addresses."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.asked = asyncio.Event()

    async def call(self, method: str, **said: str) -> Mapping[str, Any]:
        match method, said:
            case "conversations.members", {"channel": "C0SLOW"}:
                self.asked.set()
                await self.may.wait()
                return {"members": ["U0TOM"]}
            case "conversations.members", _:
                return {"members": ["U0MEI"]}
            case "usergroups.users.list", {"usergroup": "S0LEADS"}:
                return {"users": ["U0EVA", "U0MEI"]}
            case "users.lookupByEmail", {"email": "tom@example.com"}:
                return {"user": {"id": "U0TOM"}}
        raise Refused("users_not_found", method)


async def test_what_slack_answers_slowly_keeps_nobody_else_waiting() -> None:
    slow = Slow()
    members = Members(cast(SlackApi, slow), SUPPORT, lambda: NOW)
    other = asyncio.create_task(members.role("U0TOM", Department(id="slow", channels=("C0SLOW",))))
    await slow.asked.wait()
    assert await members.role("U0MEI", ANYBODY) == "agent"
    assert not other.done()
    slow.may.set()
    assert await other == "agent"


async def test_supervisors_are_found_however_they_are_named() -> None:
    led = named(supervisors=("U0ANN", "tom@example.com", "S0LEADS", "nobody@example.com", "S0GONE"))
    members = Members(cast(SlackApi, Slow()), SUPPORT, lambda: NOW)
    assert await members.supervisors(led) == {"U0ANN", "U0TOM", "U0EVA", "U0MEI"}
