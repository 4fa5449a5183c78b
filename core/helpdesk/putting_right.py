"""The right answer to whoever was given a wrong one: each in a turn of their own, after the press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tortoise.backends.base.client import BaseDBAsyncClient

from core.conversation.situation import dump, load
from core.conversation.texts import nearest
from core.helpdesk.case import Case
from core.helpdesk.outgoing import Outgoing
from core.messages import Say
from core.storage import models

DESK, READ = "desk", "right"
"""Under which it is kept who was told what."""
APART = timedelta(milliseconds=50)
"""Between two people, so that nobody else's timers wait for hundreds of them."""
SOON = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RightAnswer:
    """What is said instead of a FAQ entry, by language."""

    entry: str
    answers: Mapping[str, str]

    @property
    def text(self) -> str:
        """All that is said in any language."""
        return "\n".join(dict.fromkeys(self.answers.values()))

    def read_by(self, person: int) -> str:
        """The event under which they were told: the same words about the same wrong answer, whoever said so."""
        said = " ".join(self.text.split()).encode("utf-8", "surrogatepass")
        return f"{person}:{sha256(said).hexdigest()}:{self.entry}"[:255]

    def as_data(self) -> dict[str, object]:
        """As it is kept in an audit event."""
        return {"entry": self.entry, "answers": dict(self.answers)}


def from_data(data: Mapping[str, object]) -> RightAnswer:
    """What ``as_data`` made."""
    answers = data["answers"]
    assert isinstance(answers, dict)
    return RightAnswer(
        entry=str(data["entry"]), answers={str(code): str(one) for code, one in answers.items()}
    )


async def leave_to_timers(
    conn: BaseDBAsyncClient, job: models.Event, people: Sequence[int], now: datetime
) -> None:
    """A timer for each, and one for whoever's ticket it is, for the end; in the order in which people are locked."""
    timers = [
        models.Timer(person_id=person, name=f"right:{job.id}", due_at=now + place * APART)
        for place, person in enumerate(people)
    ]
    end = now + len(people) * APART + SOON
    timers.append(models.Timer(person_id=job.person_id, name=f"righted:{job.id}", due_at=end))
    await models.Timer.bulk_create(sorted(timers, key=lambda one: one.person_id), using_db=conn)


@dataclass(frozen=True, slots=True, kw_only=True)
class PuttingRight:
    """One turn of it; ``job`` is the event of the press, ``case`` the ticket of who pressed."""

    case: Case
    job: models.Event

    async def tell(self) -> None:
        """The person of this turn reads it, if they haven't yet and may be written to."""
        turn, right = self.case.turn, from_data(self.job.data)
        identities = await turn.identities()
        if turn.person.blocked_at or not identities:
            return
        if await turn.first_time(DESK, READ, right.read_by(turn.person.id)) is None:
            return
        outgoing = Outgoing(turn, self.case.published, identities[0], None)
        say = Say(name="answer.put_right", params={"text": right.answers[nearest(turn.person.language)]})
        turn.person.scene = dump(await outgoing.tell(say, (), load(turn.person.scene)))
        await turn.person.save(using_db=turn.conn, update_fields=["scene"])
        await turn.record(
            "answer.put_right",
            ticket=self.job.ticket_id,
            actor=self.job.actor,
            entry=right.entry,
            job=self.job.id,
        )

    async def end(self) -> None:
        """The thread is told how many got it, once that is known: growing pauses, since one may be hard to reach."""
        turn, name = self.case.turn, f"right:{self.job.id}"
        left = models.Timer.filter(name=name, due_at__lte=turn.now).using_db(turn.conn)
        if await left.exists():
            await turn.wake_at(f"righted:{self.job.id}", turn.now + max(SOON, turn.now - self.job.at))
            return
        told = models.Event.filter(ticket_id=self.job.ticket_id, name="answer.put_right", id__gt=self.job.id)
        count = sum(row.data.get("job") == self.job.id for row in await told.using_db(turn.conn))
        say = Say(name="thread.put_right", params={"entry": from_data(self.job.data).entry, "count": count})
        await self.case.notice(f"righted:{self.job.id}", say)
