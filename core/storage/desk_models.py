"""The desk's own tables: threads that tickets left behind, questions to other departments, who is away, when we
listened last."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class FormerThread(Model):
    """A thread that its ticket left. ``live``: by an accident, so that words in it still count; else they are for
    nobody any more."""

    id = fields.IntField(primary_key=True)
    ticket_id = fields.IntField(db_index=True)
    channel = fields.CharField(max_length=64)
    thread = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    live = fields.BooleanField(default=False)

    class Meta:
        table = "former_thread"
        unique_together = (("channel", "thread"),)


class SideQuestion(Model):
    """What another department was asked about a ticket, in a small thread of its own.

    ``thread`` is empty until it was posted. ``nudges`` counts the reminders; an answer ends them.
    """

    id = fields.IntField(primary_key=True)
    person_id = fields.IntField()
    ticket_id = fields.IntField(db_index=True)
    department = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=64)
    thread = fields.CharField(max_length=64, default="")
    text = fields.TextField()
    agent = fields.CharField(max_length=64)
    agent_name = fields.CharField(max_length=120)
    asked_at = fields.DatetimeField()
    minutes = fields.IntField()
    """Of working time that they were given."""
    due_at = fields.DatetimeField(null=True)
    nudges = fields.IntField(default=0)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "side_question"
        indexes = (Index(fields=("channel", "thread")),)


class Away(Model):
    """An agent who gets nothing new for a while."""

    agent = fields.CharField(max_length=64, primary_key=True)
    name = fields.CharField(max_length=120)
    since = fields.DatetimeField()

    class Meta:
        table = "away"


class Heard(Model):
    """When a door of ours stood open last: what was said at the desk since then may have been missed."""

    door = fields.CharField(max_length=20, primary_key=True)
    at = fields.DatetimeField()

    class Meta:
        table = "heard"
