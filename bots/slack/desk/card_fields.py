"""What a card says of its ticket, field by field, in words. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bots.slack.desk.bylines import face
from bots.slack.kit import Speech, date, quoted
from core.desk import Card, Earlier
from core.messages import Thread

_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_EARLIER = 5
_ABOUT = 60
_TAGS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """``department`` tells what a department is called at the desk."""

    speech: Speech
    department: Callable[[str], str]

    def of(self, card: Card) -> list[str]:
        """In two columns, row by row; what says nothing is left out."""
        values = {
            "card.state": self._state(card),
            "card.holder": self._holder(card),
            "card.department": quoted(self.department(card.department)) if card.department else "",
            "card.urgency": self.named("card.priority", card.priority),
            "card.platform": "\n".join(self._platform(card)),
            "card.reason": self.named("card.reason", card.reason),
            "card.language": self.named("card.language", card.language or "unknown"),
            "card.tier": self.named("card.tier", card.tier),
            "card.tags": quoted(", ".join(f"#{tag}" for tag in card.tags[:_TAGS])) if card.tags else "",
            "card.resolution": self._resolution(card),
        }
        return [f"*{self.speech(label)}*\n{shown}" for label, shown in values.items() if shown]

    def warnings(self, card: Card) -> list[str]:
        """What an agent should know before they write."""
        found = []
        if card.repeated:
            found.append(self.speech("card.repeated", count=card.repeated))
        if card.standing:
            until = date(card.muted_until) if card.muted_until else ""
            found.append(self.speech(f"card.standing.{card.standing}", date=until))
        return found

    def earlier(self, earlier: tuple[Earlier, ...]) -> str:
        """A line each, the latest first; "" where there were none."""
        if not earlier:
            return ""
        lines = [self._earlier(one) for one in earlier[:_EARLIER]]
        return "\n".join([self.speech("card.earlier"), *lines])

    def named(self, group: str, name: str) -> str:
        """What a state, reason, tier … is called; operators may have words of their own, shown as they are."""
        try:
            return self.speech(f"{group}.{name}")
        except KeyError:
            return quoted(name)

    def _state(self, card: Card) -> str:
        return "\n".join([self.named("card.state", card.state), *self._times(card)])

    def _times(self, card: Card) -> Iterator[str]:
        if card.state == "resolved":
            return
        if card.state == "snoozed" and card.snoozed_until:
            yield self.speech("card.snoozed_until", date=date(card.snoozed_until))
        if card.waiting_since is None:
            yield self.speech("card.answered")
        else:
            yield self.speech("card.waiting", date=date(card.waiting_since))
        if card.due:
            yield self.speech("card.due", date=date(card.due))

    def _holder(self, card: Card) -> str:
        if not card.assignee:
            return self.speech("card.nobody")
        holder = f"<@{card.assignee}>" if _USER.fullmatch(card.assignee) else quoted(card.assignee)
        if card.claimed_since is None:
            return holder
        return f"{holder}\n{self.speech('card.since', date=date(card.claimed_since))}"

    def _platform(self, card: Card) -> Iterator[str]:
        """With what is left of sends there: agents must not learn of it by a failure."""
        yield quoted(f"{face(card.platform).title} · {card.account}")
        if card.sends_left is not None and card.window_until is not None:
            until = date(card.window_until)
            name = "card.sends" if card.sends_left > 0 else "card.no_sends"
            yield self.speech(name, count=card.sends_left, date=until)

    def _resolution(self, card: Card) -> str:
        return (
            self.named("resolution", card.resolution) if card.state == "resolved" and card.resolution else ""
        )

    def _earlier(self, one: Earlier) -> str:
        state = self.named("card.state", one.state)
        return f"T-{one.number} · {state} · {date(one.at)} · {quoted(one.about, _ABOUT)}"


def numbered(number: int, thread: Thread) -> str:
    """A ticket by its number, which leads to its thread once that is there."""
    name = f"T-{number}"
    return link(thread, name) if thread.id else name


def link(thread: Thread, label: str) -> str:
    """To a ticket's thread. ``label`` is our own markup."""
    return f"<{address(thread)}|{label}>"


def address(thread: Thread) -> str:
    """Of a thread; Slack opens it in the workspace in which it is read."""
    return f"https://slack.com/archives/{thread.channel}/p{thread.id.replace('.', '')}"
