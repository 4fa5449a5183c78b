"""The tables of what is published, what people asked, and what is learnt from it."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class Revision(Model):
    """What was published once: all that the operator's folder held then, so that it can be brought back whole.

    ``files``: the path beside the configuration file -> the text. ``base`` is the revision it was made from, ``door``
    the way it came (file, command, slack, learning).
    """

    number = fields.IntField(primary_key=True, generated=False)
    base = fields.IntField(default=0)
    at = fields.DatetimeField()
    door = fields.CharField(max_length=12)
    author = fields.CharField(max_length=120, default="")
    comment = fields.TextField(default="")
    digest = fields.CharField(max_length=64, db_index=True)
    files: fields.JSONField[dict[str, str]] = fields.JSONField(default=dict)

    class Meta:
        table = "revision"


class Question(Model):
    """One question put to the FAQ: what was decided, and what became of it.

    ``kind``: answer, suggest, nothing, or ``opened`` for an entry that was tapped without a question. ``shown`` are
    the entries that the person got to see, ``fate`` is picked, helped, unhelped, person (they asked for one), agent
    (an agent named the right entry), or empty; ``entry`` the one that was right by this fate, else the one answered
    with.
    """

    id = fields.BigIntField(primary_key=True)
    person_id = fields.IntField()
    message_id = fields.BigIntField(null=True, db_index=True)
    """The bot's message that bears the answer."""
    at = fields.DatetimeField(db_index=True)
    platform = fields.CharField(max_length=20)
    language = fields.CharField(max_length=12)
    text = fields.TextField(default="")
    kind = fields.CharField(max_length=8)
    entry = fields.CharField(max_length=120, default="")
    shown: fields.JSONField[list[str]] = fields.JSONField(default=list)
    probability = fields.FloatField(default=0.0)
    signs: fields.JSONField[list[float]] = fields.JSONField(default=list)
    """What the probability was made from, so that it can be calibrated by what became of it."""
    revision = fields.IntField(default=0)
    fate = fields.CharField(max_length=8, default="")
    fate_at = fields.DatetimeField(null=True)

    class Meta:
        table = "question"
        indexes = (Index(fields=("person_id", "id")), Index(fields=("entry", "at")))


class Variant(Model):
    """Another way to ask an entry, learnt from people.

    ``state``: proposed, taken, doubted (still in the FAQ, but it seems to do harm), declined or withdrawn.
    """

    id = fields.IntField(primary_key=True)
    entry = fields.CharField(max_length=120)
    language = fields.CharField(max_length=12)
    text = fields.TextField()
    folded = fields.CharField(max_length=255)
    """The text in its plain form: the same question in other spelling is the same variant."""
    state = fields.CharField(max_length=10, default="proposed", db_index=True)
    at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.CharField(max_length=120, default="")
    revision = fields.IntField(null=True)

    class Meta:
        table = "variant"
        unique_together = (("entry", "folded"),)


class Evidence(Model):
    """One voice for a variant. ``voice`` is whose (``person:17`` or ``agent:U123``): nobody counts twice."""

    id = fields.IntField(primary_key=True)
    variant: fields.ForeignKeyRelation[Variant] = fields.ForeignKeyField(
        "models.Variant", related_name="evidence"
    )
    variant_id: int
    voice = fields.CharField(max_length=80)
    source = fields.CharField(max_length=8)
    """picked, helped, agent or saved."""
    question_id = fields.BigIntField(null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "evidence"
        unique_together = (("variant_id", "voice"),)


class Draft(Model):
    """An entry that somebody proposes and an admin approves. ``state``: open, approved or declined; kept: an admin's
    own words between form and preview, which only they see.

    ``entry`` is the entry's YAML, ``place`` the message in the admins' Slack channel that asks about it.
    """

    id = fields.IntField(primary_key=True)
    at = fields.DatetimeField()
    agent = fields.CharField(max_length=64, default="")
    agent_name = fields.CharField(max_length=120, default="")
    source = fields.CharField(max_length=8)
    """agent (saved from an answer) or gap (made from what people asked)."""
    entry = fields.TextField()
    question_id = fields.BigIntField(null=True)
    place = fields.CharField(max_length=128, default="")
    state = fields.CharField(max_length=10, default="open", db_index=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.CharField(max_length=120, default="")
    revision = fields.IntField(null=True)

    class Meta:
        table = "draft"
