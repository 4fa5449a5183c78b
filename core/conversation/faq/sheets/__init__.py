"""The FAQ as a sheet: CSV, XLSX and Markdown, in and out. A row for each entry and language.

``merged`` takes a sheet into the FAQ's files, ``written`` makes one of entries.
"""

from core.conversation.faq.sheets.kinds import KINDS, Kind, kind_of, written
from core.conversation.faq.sheets.merging import merged
from core.conversation.faq.sheets.report import Note, Report

__all__ = ["KINDS", "Kind", "Note", "Report", "kind_of", "merged", "written"]
