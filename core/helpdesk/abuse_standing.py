"""What surrounds a person's event: whether they are heard at all, and whether they need help at once."""

from typing import TypedDict

from core.conversation.situation import Fired
from core.escalation.abuse import Standing
from core.escalation.routing import is_emergency
from core.messages import Inbound
from core.publishing import Published
from core.storage.models import Person
from core.storage.turns import Turn


class Around(TypedDict):
    """The parts of a situation that don't depend on the conversation."""

    emergency: bool
    muted: bool


def standing_of(person: Person) -> Standing:
    """The row as the rules know it."""
    return Standing(warned_at=person.warned_at, muted_until=person.muted_until, blocked_at=person.blocked_at)


def around(turn: Turn, published: Published, event: Inbound | Fired) -> Around:
    """How they stand with us, and what their words say."""
    said = event.text if isinstance(event, Inbound) and event.kind == "said" else ""
    return Around(
        emergency=bool(said) and is_emergency(published.routing, said),
        muted=standing_of(turn.person).is_muted(turn.now),
    )
