"""In which ways a person's words may be read as questions; each is ranked before the decision, which picks one."""

from dataclasses import dataclass, field

from core.conversation.faq.decide import Decision
from core.conversation.several import Part

NOTHING = Decision(kind="nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """``whole``: all that waits, together. ``parts``: its questions, if it holds several. ``after``: the entry of the
    last answer, if the words are so short that they may lean on it.
    """

    whole: str = ""
    parts: tuple[Part, ...] = ()
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A text as it was put to the FAQ, and the FAQ's decision; ``placed``: the same put after what it may lean on."""

    text: str = ""
    decision: Decision = NOTHING
    placed: "Heard | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The decisions on the ways of a ``Reading``."""

    whole: Heard = field(default_factory=Heard)
    parts: tuple[Heard, ...] = ()
