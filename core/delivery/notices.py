"""Notices for a ticket's thread as they are kept in a row, and as they are posted. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from pydantic import TypeAdapter

from core.delivery.drafting import params_of
from core.desk import Button, Post
from core.messages import Say, Thread

_BUTTONS = TypeAdapter(tuple[Button, ...])
TICKETS: Literal["ticket"] = "ticket"
"""Instead of a thread to link to: the ticket's own, as it is when the notice leaves."""


def notice(
    say: Say,
    *,
    buttons: Sequence[Button] = (),
    calls: Sequence[str] = (),
    see: Thread | Literal["ticket"] | None = None,
) -> dict[str, object]:
    """The row's body for a text that is rendered when it leaves."""
    body: dict[str, object] = {"say": say.name, "params": dict(say.params)}
    if buttons:
        body["buttons"] = _BUTTONS.dump_python(tuple(buttons), mode="json")
    if calls:
        body["calls"] = list(calls)
    if see:
        body["see"] = see if isinstance(see, str) else [see.channel, see.id]
    return body


def post_of(body: Mapping[str, object], text: Callable[[Say], str], ticket: int, thread: Thread) -> Post:
    """What is posted; ``thread`` is the ticket's own. Raises KeyError for a text that doesn't exist."""
    name = body.get("say")
    said = text(Say(name=str(name), params=params_of(body))) if name else str(body.get("text", ""))
    return Post(
        text=said,
        author=str(body.get("author", "")),
        platform=str(body.get("platform", "")),
        buttons=_BUTTONS.validate_python(body.get("buttons", ())),
        calls=_calls(body.get("calls")),
        see=_see(body.get("see"), thread),
        ticket=ticket,
    )


def _calls(calls: object) -> tuple[str, ...]:
    return tuple(str(one) for one in calls) if isinstance(calls, list) else ()


def _see(see: object, thread: Thread) -> Thread | None:
    if see == TICKETS:
        return thread
    if isinstance(see, list) and len(see) == 2:
        return Thread(channel=str(see[0]), id=str(see[1]))
    return None
