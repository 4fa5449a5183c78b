"""Where in the modal an admin is, as Slack carries it from one step to the next. Pure."""

from dataclasses import asdict, dataclass, fields

from bots.slack import carried


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """``words`` is what was searched for, ``entry`` the one that is looked at or edited, ``base`` the revision seen.

    ``work`` is the number under which words that are not yet published are kept, ``draft`` that of the proposal which
    they answer (0: none).
    """

    words: str = ""
    entry: str = ""
    base: int = 0
    work: int = 0
    draft: int = 0

    def __str__(self) -> str:
        """As it travels."""
        return carried.written(asdict(self))


def read(text: str) -> Where:
    """Raises NotUnderstood."""
    return Where(**carried.read(text, {field.name: field.default for field in fields(Where)}))
