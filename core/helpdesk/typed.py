"""Commands typed in a thread as the acts that they mean. Pure."""

from collections.abc import Mapping
from datetime import datetime

from core.escalation.commands import Command
from core.escalation.moments import moment
from core.escalation.names import priority_named, resolution_named
from core.escalation.routing import Department
from core.messages import AgentAct, AgentWords, Say

ELSEWHERE = frozenset({"canned", "find", "suggest", "faq", "history"})
"""They need more room than a thread has: a button opens it."""
_PLAIN = frozenset(
    {
        "send",
        "undo",
        "retry",
        "claim",
        "release",
        "take_over",
        "unsnooze",
        "reopen",
        "warn",
        "block",
        "unblock",
    }
)
_TO = {"transfer": "reason", "side_question": "text"}
"""A department comes first; then what the rest is."""


def act_for(
    command: Command, words: AgentWords, *, ticket: int, department: Department, now: datetime
) -> AgentAct | Say:
    """The act, or what is missing in the command."""
    values = _values(command, words, department, now)
    if isinstance(values, Say):
        return values
    return AgentAct(
        id=words.id,
        verb=command.verb,
        ticket=ticket,
        agent=words.agent,
        at=words.sent_at,
        values=values,
    )


def _values(
    command: Command, words: AgentWords, department: Department, now: datetime
) -> Mapping[str, str] | Say:
    match command.verb:
        case "assign":
            return _assigned(words)
        case "resolve" | "priority":
            return _chosen(command)
        case "snooze" | "mute":
            until = moment(command.argument, now, zone=department.zone, hours=department.hours)
            return _until(command.verb, command.argument, until)
        case _:
            return _typed(command.verb, command.argument)


def _typed(verb: str, argument: str) -> Mapping[str, str]:
    """What is taken as it stands."""
    if verb in _PLAIN:
        return {}
    if verb in _TO:
        to, _, rest = argument.partition(" ")
        return {"to": to, _TO[verb]: rest.strip()}
    return {"tag" if verb in ("tag", "untag") else "text": argument}


def _assigned(words: AgentWords) -> Mapping[str, str] | Say:
    """To whoever is mentioned, if they may answer."""
    if not words.mentioned:
        return Say(name="desk.assign_whom")
    to = words.mentioned[0]
    if to.role == "none":
        return Say(name="desk.assign_no_agent", params={"agent": to.name})
    return {"to": to.id, "name": to.name}


def _chosen(command: Command) -> Mapping[str, str] | Say:
    """One of a few words, in any language."""
    if command.verb == "priority":
        priority = priority_named(command.argument)
        return {"priority": priority} if priority else Say(name="desk.priority_which")
    resolution = resolution_named(command.argument)
    if command.argument and not resolution:
        return Say(name="desk.resolution_which")
    return {"reason": resolution} if resolution else {}


def _until(verb: str, argument: str, until: datetime | None) -> Mapping[str, str] | Say:
    if until is not None:
        return {"until": until.isoformat()}
    if verb == "mute" and not argument:
        return {}
    return Say(name="desk.snooze_when")
