"""What commands read from disk: FAQ files that somebody names, and questions to put to them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.errors import Invalid


def content(file: Path) -> bytes:
    """Raises Invalid."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid([f"{file}: can't be read ({error.strerror})"]) from error


def faq_files(path: Path) -> Mapping[str, bytes]:
    """The YAML at a path: a file, or a folder of them without what is hidden. Raises Invalid."""
    if not path.is_dir():
        return {str(path): content(path)}
    files = {
        str(file): content(file)
        for file in sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        if file.is_file() and not _hidden(file.relative_to(path))
    }
    if not files:
        raise Invalid([f"{path}: there is no .yaml file in this folder"])
    return files


def questions(file: Path) -> Iterator[tuple[int, str | None]]:
    """The texts of a file with a JSON object on each line, with the numbers of their lines; None where a line has none.

    Raises Invalid where the file can't be read.
    """
    for number, line in enumerate(content(file).decode("utf-8-sig", "replace").split("\n"), 1):
        if line.strip():
            yield number, _text(line)


def _text(line: str) -> str | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    text = row.get("text") if isinstance(row, dict) else None
    return text if isinstance(text, str) else None


def _hidden(path: Path) -> bool:
    return path.name.startswith(("~", "#")) or any(part.startswith(".") for part in path.parts)
