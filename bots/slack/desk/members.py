"""Who may answer people: those whom the routing names, or the members of a department's Slack channels."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bots.slack.api import Refused, SlackApi, read_user
from core.errors import Rejected, RetryLater, Unreachable
from core.escalation.roles import Colleague, groups_of, needs_email, role_of
from core.escalation.routing import Department
from core.messages import Role
from core.ports import Clock

log = structlog.get_logger()

KEPT = timedelta(seconds=60)

PAGE = 1000
PAGES = 50

_NO_GROUP = frozenset({"no_such_subteam", "subteam_not_found"})

Read = Callable[[], Awaitable[frozenset[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trust:
    """What is remembered may be as old as ``oldest``, and older while Slack can't be asked; with no ``oldest`` it must
    be of this very question. ``read`` are the names of what was read for it.
    """

    oldest: datetime | None
    read: set[str]


class Members:
    """What Slack says of people, remembered for a minute; ``support_channel`` is that of departments without any.

    A refusal is never based on what is remembered: whoever was just invited may answer at once.
    """

    def __init__(self, api: SlackApi, support_channel: str, clock: Clock) -> None:
        self._api = api
        self._support_channel = support_channel
        self._clock = clock
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def role(self, user: str, department: Department) -> Role:
        """Raises RetryLater where that can't be told, and Rejected if Slack won't tell the app."""
        trust = _Trust(oldest=self._clock() - KEPT, read=set())
        role = role_of(await self._colleague(user, department, trust), department)
        if role != "none":
            return role
        asked = await self._colleague(user, department, _Trust(oldest=None, read=trust.read))
        return role_of(asked, department)

    async def roles(self, user: str, departments: Iterable[Department]) -> Mapping[str, Role]:
        """By the departments' ids, those where the user may do something. Raises RetryLater.

        A department that Slack doesn't let the app look at must not keep the others back.
        """
        found: dict[str, Role] = {}
        for one in departments:
            try:
                role = await self.role(user, one)
            except Rejected as refused:
                log.warning("a department's people can't be read", department=one.id, why=str(refused))
                continue
            if role != "none":
                found[one.id] = role
        return found

    async def supervisors(self, department: Department) -> frozenset[str]:
        """The users who lead a department, however they are named there."""
        found = await asyncio.gather(*(self._called(name) for name in department.agents.supervisors))
        return frozenset[str]().union(*found)

    async def _called(self, name: str) -> frozenset[str]:
        """Whoever is meant by a user's id, an e-mail address or a user group; nobody while Slack doesn't tell."""
        trust = _Trust(oldest=self._clock() - KEPT, read=set())
        try:
            if "@" in name:
                return await self._known_as(f"user {name}", partial(self._by_email, name), trust)
            if name.startswith("S"):
                return await self._known_as(f"group {name}", partial(self._group, name), trust)
        except (RetryLater, Rejected, Unreachable) as failure:
            log.warning("a supervisor can't be found in Slack", name=name, why=str(failure))
            return frozenset()
        return frozenset({name})

    async def _colleague(self, user: str, department: Department, trust: _Trust) -> Colleague:
        """Only what this department asks for."""
        groups = [
            group
            for group in groups_of(department)
            if user in await self._known_as(f"group {group}", partial(self._group, group), trust)
        ]
        email = ""
        if needs_email(department):
            found = await self._known_as(f"email {user}", partial(self._email, user), trust)
            email = next(iter(found), "")
        member = not department.agents.named and await self._is_member(user, department, trust)
        return Colleague(id=user, email=email, groups=frozenset(groups), member=member)

    async def _is_member(self, user: str, department: Department, trust: _Trust) -> bool:
        for channel in department.channels or (self._support_channel,):
            if user in await self._known_as(f"channel {channel}", partial(self._channel, channel), trust):
                return True
        return False

    async def _known_as(self, name: str, read: Read, trust: _Trust) -> frozenset[str]:
        """While Slack can't be asked, whoever belonged to it still does; but nobody is refused for that.

        The same is asked once at a time; what Slack answers slowly keeps nobody else waiting.
        """
        async with self._asking[name]:
            return await self._asked(name, read, trust)

    async def _asked(self, name: str, read: Read, trust: _Trust) -> frozenset[str]:
        known = self._known.get(name)
        if known and (name in trust.read or (trust.oldest and known[0] > trust.oldest)):
            return known[1]
        try:
            found = await read()
        except RetryLater:
            if known is None or trust.oldest is None:
                raise
            return known[1]
        trust.read.add(name)
        self._known[name] = (self._clock(), found)
        return found

    async def _channel(self, channel: str) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        for _ in range(PAGES):
            answer = await self._api.call(
                "conversations.members", channel=channel, limit=PAGE, cursor=cursor or None
            )
            found.update(answer.get("members") or ())
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        return frozenset(found)

    async def _group(self, group: str) -> frozenset[str]:
        """A group that is gone has nobody in it."""
        try:
            answer = await self._api.call("usergroups.users.list", usergroup=group)
        except Refused as refused:
            if refused.code not in _NO_GROUP:
                raise
            log.warning("the routing names a user group that Slack doesn't know", group=group)
            return frozenset()
        return frozenset(answer.get("users") or ())

    async def _by_email(self, email: str) -> frozenset[str]:
        found = (await self._api.call("users.lookupByEmail", email=email)).get("user") or {}
        return frozenset({str(found.get("id", ""))} - {""})

    async def _email(self, user: str) -> frozenset[str]:
        try:
            answer = await self._api.call("users.info", user=user)
        except Unreachable:
            return frozenset()
        return frozenset({read_user(user, answer.get("user")).email} - {""})
