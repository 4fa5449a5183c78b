"""What the product keeps between starts, made once on this machine for all tests: worlds start as after a restart."""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from core.conversation.faq import load
from core.conversation.faq.book import Faq
from core.conversation.faq.encoder import SentenceEncoder
from core.conversation.faq.entries import Entry
from core.storage.kept import kept_in
from core.storage.vectors import alone

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "kept-for-tests"


def shipped() -> list[Entry]:
    """The FAQ in config/faq."""
    files = sorted((ROOT / "config" / "faq").glob("*.yaml"))
    return load.read({path.name: path.read_bytes() for path in files})


def sentences() -> SentenceEncoder:
    """The real encoder, its weights shared with all tests that run now."""
    return kept_in(kept()).encoder


def shop() -> Faq:
    """The shipped FAQ as the product builds it."""
    here = kept_in(kept())
    return Faq.of(shipped(), here.encoder, embed=here.embed, measure=here.measure)


@cache
def kept() -> Path:
    """The folder, with everything that the shipped FAQ needs; whoever comes first makes it, others wait."""
    files = sorted((ROOT / "config" / "faq").glob("*.yaml"))
    here = kept_in(FOLDER)
    told = b"".join((here.encoder.name.encode(), *(path.read_bytes() for path in files)))
    stamp = FOLDER / f"ready-{blake2b(told, digest_size=8).hexdigest()}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with alone(FOLDER / "making"):
        if not stamp.exists():
            Faq.of(shipped(), here.encoder, embed=here.embed, measure=here.measure)
            stamp.touch()
    return FOLDER


if __name__ == "__main__":
    kept()
