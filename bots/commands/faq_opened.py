"""What commands work on: the FAQ of some files, or what would be published from them."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bots.commands.faq_files import content, faq_files

if TYPE_CHECKING:
    from bots.settings import Settings
    from core.conversation.faq.book import Faq
    from core.publishing import Files, Publishing


async def faq_of(settings: "Settings", path: Path | None) -> "Faq":
    """The FAQ at a path, else in the operator's folder, built without a database. Raises Invalid."""
    from bots import contents

    if path is None:
        return (await contents.drafted(settings)).faq
    files = {f"faq/{name}": text for name, text in _texts(path).items()}
    return (await asyncio.to_thread(contents.content(settings).of, files)).faq


async def files_at(publishing: "Publishing", path: Path | None) -> "Files":
    """What would be published from a path: a folder that holds ``faq/``, the FAQ's own folder, or one of its files.

    None: the operator's folder. What the path says nothing about stays as it is published. Raises Invalid.
    """
    if path is None:
        return await publishing.folder_files()
    return await asyncio.to_thread(_at, publishing.current.files, path)


def _at(now: "Files", path: Path) -> "Files":
    if not path.is_dir():
        return {**now, _place(now, path.name): _decoded(str(path), content(path))}
    whole = (path / "faq").is_dir()
    found = {f"faq/{name}": text for name, text in _texts(path / "faq" if whole else path).items()}
    if whole and (path / "texts").is_dir():
        return found | {f"texts/{name}": text for name, text in _texts(path / "texts").items()}
    return found | {name: text for name, text in now.items() if not name.startswith("faq/")}


def _texts(path: Path) -> dict[str, str]:
    """By their names below the path."""
    below = path if path.is_dir() else path.parent
    return {
        Path(name).relative_to(below).as_posix(): _decoded(name, text)
        for name, text in faq_files(path).items()
    }


def _place(files: "Files", name: str) -> str:
    """Where a file of this name stands already, else a new one."""
    there = [known for known in files if known.startswith("faq/") and known.endswith(f"/{name}")]
    return there[0] if there else f"faq/{name}"


def _decoded(name: str, text: bytes) -> str:
    from core.conversation.faq.tree import decoded

    return decoded(name, text)
