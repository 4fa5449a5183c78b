"""Whether something can leave for an identity now, and through which other one else. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from core.messages import Capabilities, Say
from core.storage.models import Delivery, Identity


def obstacle(identity: Identity, able: Capabilities | None, now: datetime, owed: int = 0) -> Say | None:
    """Why nothing can leave there now, for the agents; None if it can. ``owed``: sends that aren't counted yet."""
    if able is None:
        return Say(name="outbox.no_account", params={"account": f"{identity.platform}:{identity.account}"})
    if not able.active:
        return Say(name="outbox.passive_only")
    if not identity.reachable:
        return Say(name="outbox.left")
    if identity.sends_left is not None and identity.sends_left <= owed:
        return Say(name="outbox.no_sends")
    if identity.window_until is not None and identity.window_until < now:
        return Say(name="outbox.window_closed")
    return None


def elsewhere(
    identities: Sequence[Identity],
    tried: Mapping[int, datetime],
    able_of: Callable[[Identity], Capabilities | None],
    now: datetime,
) -> Identity | None:
    """The identity that wrote last and can be reached, and wasn't tried since it wrote."""
    latest_first = sorted(identities, key=lambda identity: (identity.last_at, identity.id), reverse=True)
    untried = (identity for identity in latest_first if _wrote_since(identity, tried))
    return next(
        (identity for identity in untried if obstacle(identity, able_of(identity), now) is None), None
    )


def tried(row: Delivery) -> dict[int, datetime]:
    """When it was tried in vain through which identity."""
    noted = row.body.get("tried")
    if not isinstance(noted, dict):
        return {}
    return {int(key): datetime.fromisoformat(str(at)) for key, at in noted.items()}


def with_tried(row: Delivery, identity: int, at: datetime) -> dict[str, object]:
    """The row's body with one more identity that was tried; what left there can't be edited from elsewhere."""
    noted = {**tried(row), identity: at}
    body = {name: value for name, value in row.body.items() if name != "ids"}
    return {**body, "tried": {str(key): at.isoformat() for key, at in noted.items()}}


def part_ids(row: Delivery) -> list[str]:
    """The platform's ids of the parts of a long text that have left before its last."""
    ids = row.body.get("ids")
    return [str(one) for one in ids] if isinstance(ids, list) else []


def _wrote_since(identity: Identity, tried: Mapping[int, datetime]) -> bool:
    return identity.id not in tried or identity.last_at > tried[identity.id]
