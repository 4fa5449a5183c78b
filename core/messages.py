"""The value types that cross the seam between the core and the platforms' edges.

Everything here is frozen, slotted and keyword-only; every datetime is aware (UTC).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["said", "chose", "edited", "deleted", "followed", "left", "linked", "mentioned"]
"""What a person did. ``mentioned`` is a call in a shared chat, where nothing personal is ever said."""

Media = Literal["image", "voice", "video", "file", "sticker", "place", "link", "contact"]
"""``place``, ``link`` and ``contact`` have nothing to fetch: their ``name`` says it all in words."""

UNFETCHED: frozenset[Media] = frozenset({"place", "link", "contact"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one identity can be reached: ``account`` is our own account there, ``chat`` the conversation."""

    platform: str
    account: str
    user: str
    chat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A reference to a picture, voice message, file …; ``path`` is set once it lies in the file store.

    ``ref`` is what the platform it came from needs to fetch it, ``size`` is in bytes (0: unknown),
    ``transcript`` the words that a platform recognised in a voice message.
    """

    kind: Media
    ref: str = ""
    name: str = ""
    mime: str = ""
    size: int = 0
    transcript: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing a person can tap. ``id`` (at most 60 bytes) comes back as ``Inbound.choice``."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """One thing a person did on a platform, verified and decoded.

    ``id`` is the platform's own key of the delivery: the same event always has the same id, two events
    of one account never share one. ``refers_to`` is the external id of the message that was edited,
    deleted or answered. ``language`` is the platform's hint, ``linked``'s and ``followed``'s ``text`` is
    the payload of the deep link or QR scene. An album arrives as one Inbound per picture with one ``album``.
    """

    id: str
    kind: Kind
    sender: Address
    sent_at: datetime
    name: str = ""
    language: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    choice: str = ""
    refers_to: str = ""
    external_id: str = ""
    """How later events name this message (``refers_to``); empty where the platform has no such name."""
    album: str = ""
    unknown_type: str = ""
    """The platform's name of a message type that we can't read: kept, and the person is told politely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """One send to one chat. ``key`` is ours and the same on every retry."""

    key: str
    to: Address
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    choices: tuple[Choice, ...] = ()
    numbered: str = ""
    """The whole as plain text with numbered choices, for an account that may not use buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How much may be sent after a person did something: ``sends`` messages within ``lasts``."""

    sends: int
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most ``count`` calls in ``seconds``, for the whole account or for each chat."""

    scope: Literal["account", "chat"]
    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimit:
    """The largest file (bytes) and the MIME types that a platform takes; no types: any.

    ``sides``: how many pixels a picture's width and height may have together (0: any).
    """

    bytes: int
    types: frozenset[str] = frozenset()
    sides: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveReply:
    """A platform that lets one text ride on the answer to its webhook (WeChat).

    ``limit`` in UTF-8 bytes; ``hold`` keeps other senders off the bound rows; ``wait`` is how long after
    arrival an account without active sends holds the request open.
    """

    limit: int
    hold: timedelta
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a platform can do, as data that the core reads instead of comparing platform names."""

    text_limit: int
    text_length: Literal["utf8", "utf16", "chars"]
    title: str = ""
    """How people call the platform."""
    choices: int
    """How many choices one message may carry as buttons; more, or 0, become a numbered list."""
    choice_label_limit: int = 40
    typing: bool = False
    active: bool = True
    """False: nothing can be sent but passive replies."""
    reply_window: Mapping[Kind, Window] = field(default_factory=dict)
    """Empty: no limit. A kind that is not named opens no window."""
    media: Mapping[Media, MediaLimit] = field(default_factory=dict)
    rates: tuple[Rate, ...] = ()
    passive: PassiveReply | None = None
    album: int = 1
    """How many pictures and videos of one message may leave as one send."""
    lookup: bool = False
    """True: a send whose answer was lost can be looked up (``Channel.find``)."""
    edits: bool = False
    """True: what was sent can be changed (``Channel.edit``); else a short correction follows it."""
    deletes: bool = False
    """True: what was sent can be taken back (``Channel.delete``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a webhook is told after the commit: the passive reply that is bound to the event, if any.

    ``rows`` are the bound deliveries; hand the receipt back through ``replied`` once the bytes are written.
    """

    text: str = ""
    rows: tuple[int, ...] = ()
    person: int = 0
    event: str = ""
    working: bool = False
    """An answer is still being made (a burst waits for its rest): a sign of typing is honest now."""


# --- the desk -----------------------------------------------------------------------------------------------


Role = Literal["none", "agent", "trial", "supervisor"]
"""What somebody may do in a department; whoever is in ``trial`` only drafts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A ticket's thread: the Slack channel and the id of the parent message (the card).

    Without an ``id`` it is the Slack channel itself.
    """

    channel: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who acts at the desk: the desk's own user id, and the public name that people may read."""

    id: str
    name: str
    role: Role = "agent"
    """In the department of the ticket that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWords:
    """What an agent did in a thread. ``id`` de-duplicates; ``post`` names the agent's message in the thread.

    ``text`` is plain text: the desk's markup is already rendered (mentions to names, emoji codes to emoji).
    """

    id: str
    kind: Literal["said", "edited", "deleted"]
    thread: Thread
    post: str
    agent: Agent
    sent_at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    mentions: bool = False
    """A teammate is mentioned: it is meant for them."""
    mentioned: tuple[Agent, ...] = ()
    """Who is mentioned, for commands that name somebody; ``role`` "none" for who may not answer here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAct:
    """A button, modal or command of an agent on one ticket; ``verb`` is the button's.

    ``about`` names the message or thing that it is about: a post's id in the thread, or what the button bore.
    ``values`` are what the button bore, or a modal or command gave.
    """

    id: str
    verb: str
    ticket: int
    agent: Agent
    at: datetime
    about: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A text for somebody to read, by name and parameters; what it says stands in ``config/texts``."""

    name: str
    params: Mapping[str, str | int] = field(default_factory=dict)
