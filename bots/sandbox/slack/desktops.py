"""What the app shows to one user alone: modals, one on top of another, and its home tab."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from bots.sandbox.hub import Json
from bots.sandbox.slack.blocks import named, view_mistakes
from bots.sandbox.slack.events import Events
from bots.sandbox.slack.workspace import APP, BOT_ID, TEAM, Refused

HIGHEST = 3


@dataclass(slots=True, kw_only=True)
class Desktop:
    """``modals``: the last is on top; ``errors`` are the app's complaints about what was filled in."""

    modals: list[Json] = field(default_factory=list)
    home: Json | None = None
    errors: Json = field(default_factory=dict)


class Desktops:
    """Views come in as ``made_view`` made them."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._of: dict[str, Desktop] = {}

    def reset(self) -> None:
        self._of.clear()

    def of(self, user: str) -> Desktop:
        return self._of.setdefault(user, Desktop())

    def open(self, user: str, view: Json) -> Json:
        self.of(user).modals = [view]
        self._events.show_view(user, view)
        return view

    def push(self, user: str, view: Json) -> Json:
        """On top of the modal that is open. Raises Refused."""
        pile = self.of(user).modals
        if not pile:
            raise Refused("not_found")
        if len(pile) >= HIGHEST:
            raise Refused("push_limit_reached")
        opened = view | {"root_view_id": pile[0]["id"], "previous_view_id": pile[-1]["id"]}
        pile.append(opened)
        self._events.show_view(user, opened)
        return opened

    def update(self, view_id: str, external_id: str, hash: str, view: Json) -> Json:
        """Raises Refused."""
        user, pile, number = self._find(view_id, external_id)
        old = pile[number]
        if hash and hash != old["hash"]:
            raise Refused("hash_conflict")
        keep = {name: old[name] for name in ("id", "root_view_id", "previous_view_id")}
        pile[number] = view | keep
        self._events.show_view(user, pile[number])
        return pile[number]

    def drop(self, user: str, view_id: str = "") -> None:
        """Close one of the user's modals, or all of them."""
        desktop = self.of(user)
        desktop.modals = [view for view in desktop.modals if view_id and view["id"] != view_id]
        desktop.errors = {}
        self._events.show_view(user, desktop.modals[-1] if desktop.modals else None)

    def complain(self, user: str, errors: Json) -> None:
        """Show what is wrong with what was filled in; the modal stays."""
        desktop = self.of(user)
        desktop.errors = errors
        self._events.show_view(user, desktop.modals[-1] if desktop.modals else None, errors)

    def _find(self, view_id: str, external_id: str) -> tuple[str, list[Json], int]:
        for user, desktop in self._of.items():
            for number, view in enumerate(desktop.modals):
                if view_id == view["id"] or (external_id and external_id == view["external_id"]):
                    return user, desktop.modals, number
        raise Refused("not_found")

    def publish(self, user: str, view: Json) -> Json:
        self.of(user).home = view
        self._events.show_home(user, view)
        return view


def made_view(view: Any, kind: str) -> Json:
    """A view as Slack keeps it. Raises Refused."""
    if mistakes := view_mistakes(view):
        raise Refused("invalid_arguments", response_metadata={"messages": mistakes})
    if view["type"] != kind:
        raise Refused("invalid_arguments", response_metadata={"messages": [f"[ERROR] must be a {kind}"]})
    id = f"V{secrets.token_hex(5).upper()}"
    defaults = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
    return {
        **defaults,
        **view,
        "blocks": named(view["blocks"], lambda: secrets.token_urlsafe(4)),
        "id": id,
        "team_id": TEAM,
        "state": {"values": {}},
        "hash": f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}",
        "root_view_id": id,
        "previous_view_id": None,
        "app_id": APP,
        "bot_id": BOT_ID,
    }
