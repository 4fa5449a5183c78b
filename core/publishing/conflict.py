"""What an admin is told who was slower than another."""

from core.conversation.faq.differences import Difference
from core.storage.revisions import Revision


class Conflict(Exception):
    """Somebody else published another change of the same entry or file meanwhile.

    ``differences`` lead from what is published now (``current``) to what was to be published.
    """

    def __init__(self, current: Revision, differences: tuple[Difference, ...]) -> None:
        names = ", ".join(one.id for one in differences)
        super().__init__(f"{names}: changed by {current.author} in revision {current.number} meanwhile")
        self.current = current
        self.differences = differences
