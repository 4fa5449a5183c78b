"""The file store: attachments by the hash of what is in them, in a folder that machines may share."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path


class FileStore:
    """Whole files only: a name appears once all bytes are on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file of this hash lies."""
        return self._folder / sha256[:2] / sha256

    async def save(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256. Raises OSError when the disk can't take them."""
        return await asyncio.to_thread(self._save, data)

    def _save(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(temporary).unlink()
            raise
        return sha256
