"""The encoder's weights, unpacked once into a file that every process maps: no time to read, and one copy in memory.

A line of JSON (names, kinds, shapes, places), then the arrays as they stand in memory. Whoever finds no whole file
writes one under another name and renames it, so that several may do so at once.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
import structlog

from core.conversation.faq.encoder import VERSION, packed
from core.conversation.faq.pieces import Arrays

log = structlog.get_logger()

_ALIGNED = 64
"""Bytes: an array begins at a multiple of that."""


def mapped(folder: Path, read: Callable[[], Arrays] = packed) -> Arrays:
    """The arrays by name, from the folder's file of this version of the package, else as they are ``read``."""
    file = folder / f"weights-{VERSION}"
    try:
        return _read(file)
    except (OSError, ValueError, KeyError, TypeError):  # none yet, or not whole
        return _unpacked(file, read())


def _unpacked(file: Path, arrays: Arrays) -> Arrays:
    try:
        _write(file, arrays)
        return _read(file)
    except OSError as error:
        log.warning(
            "the encoder's weights can't be kept; every start will take a second more", reason=str(error)
        )
        return arrays


def _read(file: Path) -> Arrays:
    content = np.memmap(file, np.uint8, "r")
    head = content[: 1 << 16].tobytes().partition(b"\n")[0]
    described = json.loads(head)
    if described["size"] != len(content):
        raise ValueError("the file is not whole")
    return {
        name: np.frombuffer(content, kind, int(np.prod(shape, dtype=np.int64)), start).reshape(shape)
        for name, kind, shape, start in described["arrays"]
    }


def _write(file: Path, arrays: Arrays) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.", delete=False) as writing:
        whole = Path(writing.name)
        try:
            writing.write(_head(arrays))
            for array in arrays.values():
                writing.write(b"\0" * (-writing.tell() % _ALIGNED))
                writing.write(np.ascontiguousarray(array).tobytes())
            writing.flush()
            os.fsync(writing.fileno())
            whole.chmod(0o644)
            whole.replace(file)
        finally:
            whole.unlink(missing_ok=True)


def _head(arrays: Arrays) -> bytes:
    """As long as it takes for the places to count from its own end."""
    length = _ALIGNED
    while True:
        described, at = [], length
        for name, array in arrays.items():
            at += -at % _ALIGNED
            described.append((name, array.dtype.str, array.shape, at))
            at += array.nbytes
        head = json.dumps({"size": at, "arrays": described}).encode() + b"\n"
        if len(head) <= length:
            return head.ljust(length, b" ")
        length = len(head) + -len(head) % _ALIGNED + _ALIGNED
