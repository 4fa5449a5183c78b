"""Vectors of phrasings, kept in a file between starts: making one takes a millisecond, reading it nothing.

One file per encoder, records of one size, only ever added to, under a lock that all processes take. A record is found
by what its text hashes to, so every revision of the FAQ, and every copy of a phrasing, shares it. Whatever is not
whole is made again. The file is mapped, so processes share its memory, too.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from hashlib import blake2b
from pathlib import Path
from threading import Lock

import numpy as np
import structlog
from numpy.typing import NDArray

from core.conversation.faq.encoder import Encoder, Vectors

log = structlog.get_logger()

Halves = NDArray[np.float16]
Elsewhere = Callable[[Path, Sequence[str], Callable[[int], None]], None]

MANY = 400
"""Phrasings that take longer to make than another process to start."""
_TOLD = 10
"""Percent between two words of progress."""


class KeptVectors:
    """For many threads and processes. The file may be deleted at any time.

    Many are made by ``elsewhere``, which adds them to the same folder and says how many there are so far.
    """

    def __init__(self, folder: Path, encoder: Encoder, elsewhere: Elsewhere | None = None) -> None:
        self._folder, self._elsewhere = folder, elsewhere
        self._file = folder / f"vectors-{encoder.name}"
        self._encoder = encoder
        self._record = np.dtype([("key", "S16"), ("vector", "<f2", (encoder.width,))])
        self._one_at_a_time = Lock()
        self._known: dict[bytes, Halves] = {}
        self._seen = (0, 0)
        """The file that was read, and how many records of it."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A row for each text; what is not kept yet is made and kept."""
        keys = [_key(text) for text in texts]
        with self._one_at_a_time:
            missing = self._missing(keys, texts)
            if self._elsewhere and len(missing) >= MANY:
                self._have_made(self._elsewhere, missing)
                missing = self._missing(keys, texts)
            if missing:
                self._make(missing)
            rows = [self._known[key] for key in keys]
        return np.array(rows, np.float32).reshape(len(rows), self._encoder.width)

    def _missing(self, keys: Sequence[bytes], texts: Sequence[str]) -> Mapping[bytes, str]:
        """Not even in what others have added meanwhile."""
        if not self._known.keys() >= set(keys):
            self._read()
        return {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}

    def _have_made(self, elsewhere: Elsewhere, missing: Mapping[bytes, str]) -> None:
        progress = _Progress(len(missing))
        try:
            elsewhere(self._folder, list(missing.values()), progress.done)
        except (OSError, ValueError) as error:
            log.error(
                "the process that makes vectors of phrasings failed; they are made here", reason=str(error)
            )

    def _make(self, missing: Mapping[bytes, str]) -> None:
        made = self._encoder.encode(list(missing.values())).astype(np.float16)
        self._known.update(zip(missing, made, strict=True))
        try:
            self._add(list(missing), made)
        except OSError as error:
            log.warning(
                "vectors of phrasings can't be kept; the next start makes them anew", reason=str(error)
            )

    def _read(self) -> None:
        """What was added since the last time."""
        try:
            status = self._file.stat()
            whole = status.st_size // self._record.itemsize
            start = self._seen[1] if status.st_ino == self._seen[0] else 0
            if whole > start:
                records = np.memmap(self._file, self._record, "r", shape=(whole,))[start:]
                self._known.update(zip(records["key"].tolist(), np.asarray(records["vector"]), strict=True))
            self._seen = status.st_ino, whole
        except OSError:  # none yet, or nothing can be kept here: all are made
            self._seen = 0, 0

    def _add(self, keys: Sequence[bytes], vectors: Halves) -> None:
        """Behind the last whole record; what a process left behind that died while it wrote goes."""
        records = np.zeros(len(keys), self._record)
        records["key"], records["vector"] = keys, vectors
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with alone(self._file.with_name(f"{self._file.name}.lock")), self._file.open("ab") as file:
            file.truncate(os.fstat(file.fileno()).st_size // self._record.itemsize * self._record.itemsize)
            file.write(records.tobytes())


class _Progress:
    """Tells the log, now and then."""

    def __init__(self, many: int) -> None:
        self._many, self._told = many, 0
        log.info("making vectors of phrasings", phrasings=many)

    def done(self, many: int) -> None:
        percent = 100 * many // self._many
        if percent >= self._told + _TOLD:
            self._told = percent
            log.info("making vectors of phrasings", percent=percent)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """While no other thread or process is here with the same file."""
    with lock.open("ab") as held:
        flock(held, LOCK_EX)
        yield


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest().rstrip(b"\0")
