"""``/onethread away``, ``back`` and ``home``: leaving for a while, being here again, one's tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bots.slack.desk.bench import Bench, NotAllowed
from bots.slack.desk.cards import Drawn
from bots.slack.desk.home import titled
from bots.slack.desk.homes import Homes
from bots.slack.desk.whispers import DIRECTLY
from bots.slack.kit import quoted, section
from bots.slack.shapes import Body, id_of, string
from bots.slack.text import clean, safe
from core.messages import Agent, Say
from core.storage.desk_views import Held

COMMAND = "/onethread"
_WORDS = {
    "away": ("away", "离开", "離開", "不在"),
    "back": ("back", "回来", "回來", "在"),
    "home": ("home", "主页", "主頁", "首頁"),
}
_LISTED = 20

What = Literal["away", "back", "home"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded:
    """``app`` is our own id, by which Slack opens the home tab."""

    what: What
    user: str
    team: str
    app: str


def read(body: Body) -> Commanded | None:
    """None for what is none of these commands. Raises NotUnderstood."""
    what = asked(string(body, "text")) if body.get("command") == COMMAND else None
    if what is None:
        return None
    return Commanded(
        what=what, user=id_of(body, "user_id"), team=string(body, "team_id"), app=string(body, "api_app_id")
    )


def asked(text: str) -> What | None:
    """What the words behind the command ask for."""
    word = clean(text).strip().casefold()
    match next((name for name, words in _WORDS.items() if word in words), ""):
        case "away":
            return "away"
        case "back":
            return "back"
        case "home":
            return "home"
    return None


class Presence:
    """Answers go back with the command's own answer, to who typed it alone."""

    def __init__(self, bench: Bench, homes: Homes) -> None:
        self._bench = bench
        self._homes = homes

    async def take(self, commanded: Commanded) -> Body:
        """What Slack is answered. Raises RetryLater, Rejected or DatabaseAway."""
        try:
            agent = await self._agent(commanded.user)
        except NotAllowed as refused:
            return _answer(safe(self._bench.speech.text(refused.say)))
        match commanded.what:
            case "away":
                text = await self._leave(agent)
            case "back":
                await self._bench.verbs.come_back(agent)
                text = self._bench.speech("away.back")
            case "home":
                text = self._bench.speech("away.home", link=_home(commanded))
        await self._homes.publish(commanded.user)
        return _answer(text)

    async def _agent(self, user: str) -> Agent:
        """An agent of any department."""
        departments = self._bench.published().routing.departments
        roles = await self._bench.members.roles(user, departments)
        if not roles:
            raise NotAllowed(Say(name="desk.no_agent_anywhere"))
        return Agent(id=user, name=await self._bench.name(user) or user)

    async def _leave(self, agent: Agent) -> str:
        held = await self._bench.verbs.leave(agent)
        if not held:
            return self._bench.speech("away.gone")
        await self._tell_supervisors(agent, held)
        return self._bench.speech("away.gone_holding", count=len(held))

    async def _tell_supervisors(self, agent: Agent, held: Sequence[Held]) -> None:
        """Each of those who lead a department whose ticket is concerned, directly."""
        routing = self._bench.published().routing
        of: dict[str, list[Held]] = {}
        for department in {one.department for one in held}:
            for user in await self._bench.members.supervisors(routing.department(department)) - {agent.id}:
                of.setdefault(user, []).extend(one for one in held if one.department == department)
        for supervisor, tickets in of.items():
            shown = self._list(agent, tickets)
            await self._bench.desk.whispers.show(DIRECTLY, supervisor, shown, "away.holding")

    def _list(self, agent: Agent, tickets: Sequence[Held]) -> Drawn:
        speech = self._bench.speech
        head = speech("away.holding", agent=quoted(agent.name), count=len(tickets))
        lines = [titled(one) for one in tickets[:_LISTED]]
        if len(tickets) > _LISTED:
            lines.append(speech("home.more", count=len(tickets) - _LISTED))
        blocks = (section(head), *(section(f"• {line}") for line in lines))
        return Drawn(blocks=blocks, text=head)


def _home(commanded: Commanded) -> str:
    return f"slack://app?team={commanded.team}&id={commanded.app}&tab=home"


def _answer(text: str) -> Body:
    return {"response_type": "ephemeral", "text": text}
