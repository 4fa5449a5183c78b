"""Publishing as numbered revisions: whichever door a change takes, it is checked, numbered, and serves everywhere."""

from core.conversation.faq.editing import Files
from core.publishing.conflict import Conflict
from core.publishing.content import ONE_DEPARTMENT, REPLIES, ROUTING, Content, Published, Written
from core.publishing.folder import Folder
from core.publishing.publishing import Publishing
from core.publishing.step import Step
from core.storage.revisions import Revision

__all__ = [
    "ONE_DEPARTMENT", "REPLIES", "ROUTING", "Conflict", "Content", "Files", "Folder", "Published", "Publishing",
    "Revision", "Step", "Written",
]  # fmt: skip
