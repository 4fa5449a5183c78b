"""Who answers what: departments with their people, hours and ways, and the words that change a ticket's road."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from core.escalation.finding import folded, holds
from core.escalation.hours import Hours

Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")

Kind = Literal["banned", "promise", "account", "payment"]
"""Of costly words: what must not be said, promises, accounts elsewhere, links for paying."""
KINDS: tuple[Kind, ...] = ("banned", "promise", "account", "payment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """Who may answer, as the file names them: Slack user ids, e-mail addresses (lower case), user groups (``S…``).

    Nobody ``named``: every member of the department's Slack channels may. Whoever stands in ``trial`` works as where
    the department asks to ``confirm``.
    """

    named: tuple[str, ...] = ()
    supervisors: tuple[str, ...] = ()
    trial: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """``channels``: the Slack channels its tickets are spread over, none: the support channel of the settings.

    ``words`` and FAQ ``categories`` lead here. ``undo``: how long a reply waits before it leaves. ``confirm``: nothing
    leaves before the agent presses Send. ``offer_again``: how much working time a holder may be silent (0: any).
    """

    id: str
    names: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    agents: Agents = Agents()
    on_call: str = ""
    languages: tuple[str, ...] = ()
    hours: Hours | None = None
    priority: Priority = "normal"
    words: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    undo: timedelta = timedelta(seconds=5)
    confirm: bool = False
    claim_required: bool = False
    offer_again: timedelta = timedelta(minutes=30)
    costly: Mapping[Kind, frozenset[str]] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """In which its agents tell the time."""
        return self.hours.zone if self.hours else ZoneInfo("UTC")

    def name_in(self, language: str) -> str:
        """Its name for readers of this language, else any name, else its id."""
        return self.names.get(language) or next(iter(self.names.values()), self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Words that bypass the bot: the ticket is urgent, and the department's on-call group is paged.

    Without a ``department`` it is the one where the ticket goes anyway.
    """

    words: frozenset[str] = frozenset()
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """``departments`` in the file's order, at least one; ``fallback`` takes what leads nowhere."""

    departments: tuple[Department, ...]
    fallback: str
    emergency: Emergency = Emergency()

    def department(self, name: str) -> Department:
        """The department of this id; one that is gone is the fallback."""
        found = {one.id: one for one in self.departments}
        return found.get(name) or found[self.fallback]

    def department_of(self, channel: str) -> Department:
        """Whose Slack channel it is; the fallback's if several share it or nobody names it."""
        owners = [one for one in self.departments if channel in one.channels]
        return owners[0] if len(owners) == 1 else self.department("")

    def named(self, typed: str) -> Department | None:
        """The department that somebody typed: its id, its name in any language, or how one of these begins."""
        wanted = folded(typed).lstrip("#")
        called = {
            one.id: [folded(name) for name in (one.id, *one.names.values())] for one in self.departments
        }
        exact = [one for one in self.departments if wanted in called[one.id]]
        begun = [one for one in self.departments if any(name.startswith(wanted) for name in called[one.id])]
        found = exact or begun
        return found[0] if wanted and len(found) == 1 else None


def channel_for(department: Department, ticket: int, support_channel: str) -> str:
    """The Slack channel of a new ticket: a department's channels take turns by its number."""
    channels = department.channels
    return channels[ticket % len(channels)] if channels else support_channel


def is_emergency(routing: Routing, text: str) -> bool:
    """Whether somebody needs help at once, whatever else they say."""
    return holds(text, routing.emergency.words)


def lead(
    routing: Routing, texts: Sequence[str], *, category: str = "", wanted: str = "", language: str = ""
) -> Department:
    """The department for a matter: emergency, one that was asked for, words (newest text first), the FAQ's category,
    else the fallback; among equals the first that speaks the language, then the first in the file.
    """
    if routing.emergency.department and any(is_emergency(routing, text) for text in texts):
        return routing.department(routing.emergency.department)
    if any(one.id == wanted for one in routing.departments):
        return routing.department(wanted)
    for text in reversed(texts):
        if found := _speaking([one for one in routing.departments if holds(text, one.words)], language):
            return found
    known = [one for one in routing.departments if category and category in one.categories]
    return _speaking(known, language) or routing.department("")


def costly_in(department: Department, text: str) -> tuple[Kind, ...]:
    """The kinds of costly words that a text holds."""
    return tuple(kind for kind, words in department.costly.items() if holds(text, words))


def _speaking(found: Sequence[Department], language: str) -> Department | None:
    speaking = [one for one in found if not one.languages or language in one.languages]
    return next(iter(speaking or found), None)
