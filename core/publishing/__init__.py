"""Publishing as numbered revisions: whichever door a change takes, it is checked, numbered, and serves everywhere."""

from core.conversation.faq.editing import Files
from core.publishing.conflict import Conflict
from core.publishing.content import Content, Published
from core.publishing.folder import Folder
from core.publishing.publishing import Publishing
from core.publishing.step import Step
from core.storage.revisions import Revision

__all__ = ["Conflict", "Content", "Files", "Folder", "Published", "Publishing", "Revision", "Step"]
