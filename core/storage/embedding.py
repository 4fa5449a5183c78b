"""Vectors of many phrasings at once, made in a process of its own, so that whoever serves meanwhile is not slowed.

    python -m core.storage.embedding FOLDER < TEXTS

TEXTS holds a JSON string a line. What is made is added to the folder's kept vectors; how many are done is written to
standard output, a line each time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from core.conversation.faq.encoder import SentenceEncoder
from core.storage.vectors import KeptVectors
from core.storage.weights import mapped

ROOT = Path(__file__).resolve().parents[2]
_NICE = 10
_AT_ONCE = 256
"""Texts between two words of progress; so many are lost at most when the process dies."""


def elsewhere(folder: Path, texts: Sequence[str], done: Callable[[int], None]) -> None:
    """Have them made there; a millisecond each. Raises ChildProcessError when that process fails, with its last words.

    ``done`` is told how many there are so far. Blocks, so not on the event loop.
    """
    command = [sys.executable, "-m", "core.storage.embedding", str(folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, text=True, encoding="utf-8",
    ) as child:  # fmt: skip
        assert child.stdin
        assert child.stdout
        assert child.stderr
        try:
            child.stdin.write("".join(f"{json.dumps(text)}\n" for text in texts))
            child.stdin.close()
        except BrokenPipeError:  # it died before it had read everything: its own words say why
            pass
        for line in child.stdout:
            done(int(line))
        words = child.stderr.read().strip().splitlines()
    if child.returncode:
        raise ChildProcessError(child.returncode, words[-1] if words else "killed")


def main() -> None:
    """The other process: it has time."""
    os.nice(_NICE)
    folder = Path(sys.argv[1])
    texts: list[str] = [json.loads(line) for line in sys.stdin]
    encoder = SentenceEncoder(partial(mapped, folder))
    kept = KeptVectors(folder, encoder)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        kept.embed(some)
        sys.stdout.write(f"{start + len(some)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
