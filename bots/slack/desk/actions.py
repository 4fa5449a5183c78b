"""Which presses of buttons are the desk's, and what they mean. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from bots.slack.shapes import Body, NotUnderstood, id_of, mapping, string, ts_of, when
from core.messages import Agent, AgentAct, Thread

BLOCK = "ticket:"
"""Marks the block of a ticket's buttons; its number follows."""

_NUMBER = re.compile(r"ticket:([1-9]\d{0,8})", re.ASCII)
_LONGEST_VERB = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button of a ticket's card, pressed by somebody whose right to do so is not yet known."""

    id: str
    verb: str
    ticket: int
    user: str
    card: Thread
    at: datetime

    def as_act(self, agent: Agent) -> AgentAct:
        return AgentAct(id=self.id, verb=self.verb, ticket=self.ticket, agent=agent, at=self.at)


def is_ours(body: Body) -> bool:
    """Whether a payload is a press of a ticket's button."""
    return body.get("type") == "block_actions" and any(_is_ours(action) for action in _actions(body))


def read(body: Body) -> tuple[Press, ...]:
    """The presses in a payload that is ours. Raises NotUnderstood."""
    user = id_of(mapping(body.get("user"), "user"), "id")
    container = mapping(body.get("container"), "container")
    card = Thread(channel=id_of(container, "channel_id"), id=ts_of(container, "message_ts"))
    return tuple(_press(action, user, card) for action in _actions(body) if _is_ours(action))


def _actions(body: Body) -> list[Body]:
    actions = body.get("actions")
    return [action for action in actions if isinstance(action, dict)] if isinstance(actions, list) else []


def _is_ours(action: Body) -> bool:
    return string(action, "block_id").startswith(BLOCK)


def _press(action: Body, user: str, card: Thread) -> Press:
    verb, pressed_at = string(action, "action_id")[:_LONGEST_VERB], ts_of(action, "action_ts")
    number = _NUMBER.fullmatch(string(action, "block_id"))
    if not number or not verb:
        raise NotUnderstood("a button of no ticket")
    id = f"{card.channel}:{card.id}:{user}:{verb}:{pressed_at}"
    return Press(id=id, verb=verb, ticket=int(number[1]), user=user, card=card, at=when(pressed_at))
