"""The tables. Times are UTC; ``default`` values exist in code only, so that no SQL says now().

A ticket's id is its number (the migrations start it at 1001). Rows that grow with history are only ever read
by an index that begins with a person, a ticket, a key or a state.
"""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.models import Model


class Person(Model):
    """One end user; ``joined_into`` names the root of a linked group, ``scene`` is the conversation's state."""

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=120, default="")
    tier = fields.CharField(max_length=20, default="standard")
    language = fields.CharField(max_length=12, default="")
    scene: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    joined_into = fields.IntField(null=True, db_index=True)
    warned_at = fields.DatetimeField(null=True)
    muted_until = fields.DatetimeField(null=True)
    unposted_after = fields.BigIntField(default=0)
    """The last message that was posted before they were muted, or flooded us; 0: all is posted."""
    blocked_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "person"


class Identity(Model):
    """A person on one platform account, with what may still be sent there (null: no limit)."""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="identities"
    )
    person_id: int
    platform = fields.CharField(max_length=20)
    account = fields.CharField(max_length=64)
    user = fields.CharField(max_length=128)
    chat = fields.CharField(max_length=128)
    name = fields.CharField(max_length=120, default="")
    language = fields.CharField(max_length=12, default="")
    reachable = fields.BooleanField(default=True)
    sends_left = fields.IntField(null=True)
    window_until = fields.DatetimeField(null=True)
    last_at = fields.DatetimeField()

    class Meta:
        table = "identity"
        unique_together = (("platform", "account", "user"),)
        indexes = (Index(fields=("person_id",)),)


class Receipt(Model):
    """An event that was taken in, by the platform's own key; ``bound`` is the passive reply it was given."""

    id = fields.BigIntField(primary_key=True)
    platform = fields.CharField(max_length=20)
    account = fields.CharField(max_length=64)
    event = fields.CharField(max_length=255)
    person_id = fields.IntField(null=True)
    identity_id = fields.IntField(null=True)
    bound = fields.TextField(default="")
    bound_rows: fields.JSONField[list[tuple[int, int]]] = fields.JSONField(default=list)
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "receipt"
        unique_together = (("platform", "account", "event"),)


class Ticket(Model):
    """One matter that people work on; ``thread`` is empty until its card was posted.

    ``moves`` counts the threads that it left behind, ``repeats`` how often the person came within 7 days of a resolve.
    """

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="tickets"
    )
    person_id: int
    identity_id = fields.IntField()
    state = fields.CharField(max_length=20, default="open")
    reason = fields.CharField(max_length=40, default="")
    about = fields.CharField(max_length=120, default="")
    """In the person's own words, cut: its one line wherever tickets are listed."""
    assignee = fields.CharField(max_length=64, default="")
    assignee_name = fields.CharField(max_length=120, default="")
    claimed_at = fields.DatetimeField(null=True)
    offered_at = fields.DatetimeField(null=True)
    department = fields.CharField(max_length=64, default="")
    priority = fields.CharField(max_length=10, default="normal")
    tags: fields.JSONField[list[str]] = fields.JSONField(default=list)
    snoozed_until = fields.DatetimeField(null=True)
    resolution = fields.CharField(max_length=20, default="")
    repeats = fields.IntField(default=0)
    moves = fields.IntField(default=0)
    channel = fields.CharField(max_length=64)
    thread = fields.CharField(max_length=64, default="")
    opened_with = fields.BigIntField(default=0)
    """The last message that stands on the card; later ones stand in the thread."""
    opened_at = fields.DatetimeField()
    waiting_since = fields.DatetimeField(null=True)
    resolved_at = fields.DatetimeField(null=True)
    resolved_with = fields.BigIntField(default=0)
    """The last message before it was resolved; a reopening brings what was said since into the thread."""

    @property
    def lane(self) -> str:
        """In which what is meant for its thread follows one another; each thread has a lane of its own."""
        return f"t{self.id}.{self.moves}" if self.moves else f"t{self.id}"

    class Meta:
        table = "ticket"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("channel", "thread")),
            Index(fields=("state", "department")),
            Index(fields=("assignee", "state")),
        )


class Message(Model):
    """One entry of a person's timeline. ``by``: person, bot, agent, note (private) or event."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="messages"
    )
    person_id: int
    identity_id = fields.IntField(null=True)
    ticket_id = fields.IntField(null=True)
    by = fields.CharField(max_length=10)
    kind = fields.CharField(max_length=12, default="said")
    author = fields.CharField(max_length=120, default="")
    agent = fields.CharField(max_length=64, default="")
    text = fields.TextField(default="")
    faq = fields.CharField(max_length=120, default="")
    """The FAQ entry that this message of the bot answered with."""
    external_id = fields.CharField(max_length=128, default="")
    """The platform's id of a person's message, or the desk's id of an agent's."""
    version_of = fields.BigIntField(null=True)
    at = fields.DatetimeField()
    attachments: fields.ReverseRelation["Attachment"]

    class Meta:
        table = "message"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("ticket_id", "id")),
            Index(fields=("identity_id", "external_id")),
            Index(fields=("faq", "at")),
        )


class Attachment(Model):
    """A picture, voice … of a message. ``state``: words (nothing to fetch), pending, stored or failed.

    A pending row is its own job: fetched once, from ``source`` (``platform:account`` or ``desk``), into the file store.
    """

    id = fields.BigIntField(primary_key=True)
    message: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name="attachments"
    )
    message_id: int
    source = fields.CharField(max_length=90)
    kind = fields.CharField(max_length=12)
    ref = fields.TextField(default="")
    name = fields.CharField(max_length=255, default="")
    mime = fields.CharField(max_length=120, default="")
    size = fields.BigIntField(default=0)
    transcript = fields.TextField(default="")
    state = fields.CharField(max_length=10, default="pending")
    sha256 = fields.CharField(max_length=64, default="")
    error = fields.CharField(max_length=255, default="")
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    lease_until = fields.DatetimeField(null=True)
    fence = fields.IntField(default=0)

    class Meta:
        table = "attachment"
        indexes = (
            Index(fields=("message_id",)),
            PartialIndex(fields=("due_at",), condition={"state": "pending"}),
        )


class Delivery(Model):
    """One thing that must leave for a platform, exactly where it goes and how far it got.

    ``kind``: say, file, edit and delete go to a person's identity; open, post, file, ask, moved, card and mark to the
    desk. ``lane`` orders: ``i<identity>``, ``t<ticket>`` (with ``.<moves>`` once it moved) or ``q<side question>``;
    empty for cards and marks, which are no snapshots.
    ``state``: due, held (until its agent says Send), sent, parked (until the person writes), cancelled or dead.
    ``fence`` grows with every claim, and only the holder of the newest may write an outcome. ``done`` counts the
    characters of the text (the parts of an edit) that have left.
    """

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=120, unique=True)
    lane = fields.CharField(max_length=24, default="")
    desk = fields.BooleanField(default=False)
    kind = fields.CharField(max_length=8)
    priority = fields.SmallIntField(default=5)
    """Among the desk's rows: 1 new tickets, 5 posts, 9 cards and marks."""
    person_id = fields.IntField()
    identity_id = fields.IntField(null=True)
    ticket_id = fields.IntField(null=True)
    message_id = fields.BigIntField(null=True, db_index=True)
    attachment_id = fields.BigIntField(null=True)
    channel = fields.CharField(max_length=64, default="")
    """Where at the desk, if not in the ticket's own Slack channel and thread."""
    thread = fields.CharField(max_length=64, default="")
    body: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)
    state = fields.CharField(max_length=10, default="due")
    due_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    unconfirmed = fields.BooleanField(default=False)
    """The last try's answer was lost, or it was in hand when its worker died."""
    lease_until = fields.DatetimeField(null=True)
    fence = fields.IntField(default=0)
    done = fields.IntField(default=0)
    external_id = fields.CharField(max_length=128, default="")
    trace = fields.CharField(max_length=128, default="")
    """By which the platform can be asked whether a send arrived whose answer was lost."""
    error = fields.CharField(max_length=255, default="")
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        table = "delivery"
        indexes = (
            PartialIndex(fields=("lane", "id"), condition={"state": "due"}),
            PartialIndex(fields=("person_id",), condition={"state": "parked"}),
            Index(fields=("state", "due_at")),
        )


class Timer(Model):
    """Something that happens to a person later, at most one of a name; firing is a turn of its own."""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField("models.Person", related_name="timers")
    person_id: int
    name = fields.CharField(max_length=40)
    due_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "timer"
        unique_together = (("person_id", "name"),)


class Event(Model):
    """The audit log: one row a decision, written in its commit; reports and metrics are made from it."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(db_index=True)
    name = fields.CharField(max_length=40)
    person_id = fields.IntField(null=True, db_index=True)
    ticket_id = fields.IntField(null=True, db_index=True)
    actor = fields.CharField(max_length=64, default="")
    data: fields.JSONField[dict[str, object]] = fields.JSONField(default=dict)

    class Meta:
        table = "event"


class Quarantine(Model):
    """A verified event that could not be understood or whose turn failed, kept once for an operator.

    ``form``: payload (as the platform sent it), inbound, words or act (our own values, whose turn failed).
    """

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    platform = fields.CharField(max_length=20)
    account = fields.CharField(max_length=64)
    form = fields.CharField(max_length=10)
    digest = fields.CharField(max_length=64, unique=True)
    payload = fields.BinaryField()
    reason = fields.TextField()
    solved_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "quarantine"
