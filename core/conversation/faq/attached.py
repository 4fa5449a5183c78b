"""Files that go with an answer: where they lie, which kinds may, how large."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import PurePosixPath

FOLDER = "files"
"""Beside the FAQ's own files."""
KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".pdf": "application/pdf",
}  # fmt: skip
LARGEST = 10_000_000
"""Bytes; Telegram and WeChat take no larger picture."""


def misnamed(path: str) -> str:
    """What is wrong with the name alone, or ""."""
    there = PurePosixPath(path)
    if there.suffix.lower() not in KINDS:
        return f"{path}: only {', '.join(KINDS)} can be sent with an answer; save it as one of these"
    if "\\" in path or there.is_absolute() or ".." in there.parts or len(there.parts) < 2:
        return f"{path}: files to attach lie in faq/{FOLDER}/; put it there and write {FOLDER}/{there.name}"
    if there.parts[0] != FOLDER:
        return f"{path}: files to attach lie in faq/{FOLDER}/; put it there and write {FOLDER}/{there.name}"
    return ""


def missing(path: str, sizes: Mapping[str, int]) -> str:
    """Why the file can't be sent, or ""."""
    if path not in sizes:
        near = get_close_matches(path, sizes, n=1, cutoff=0.5)
        instead = f'did you mean "{near[0]}"?' if near else "put it there"
        return f"there is no file faq/{path}; {instead}"
    if not 0 < sizes[path] <= LARGEST:
        size = f"{sizes[path] / 1_000_000:.1f} MB" if sizes[path] else "empty"
        return f"faq/{path} is {size}; a file to attach has at most {LARGEST // 1_000_000} MB"
    return ""
