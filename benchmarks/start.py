"""What it costs to build what is published, at every start: the shipped FAQ, texts, departments and replies.

    python -m benchmarks.start [--times 9]

Work of all threads, the least of several times in one process, with everything there that is kept between starts
(vectors, weights, measures). Beside it: PyYAML's C parser and its loader reading the same files, and nothing made of
them. Quote the ratios: machines differ.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from core.conversation import texts
from core.conversation.faq import load
from core.conversation.faq.normal import Normal
from core.conversation.faq.uptake import standing
from core.conversation.language import Languages
from core.conversation.script import Scripts
from core.publishing import Content, Published
from core.storage.kept import kept_in

CONFIG = Path(__file__).resolve().parent.parent / "config"
SAID = {
    "known": "How do I return something?",
    "strange": "how can i retrun my pakage",
    "pinyin": "zenme tuihuo",
}
Files = dict[str, str]


def main() -> None:
    """A line for each part."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--times", type=int, default=9)
    times: int = options.parse_args().times
    faq, told, all_of_it = files("faq"), files("texts"), files("")
    with TemporaryDirectory() as folder:
        start = partial(started, Path(folder), faq)
        published = start()
        entries = published.faq.entries.values()
        parts: dict[str, Callable[[], object]] = {
            "YAML alone": lambda: [yaml.load(text, yaml.CSafeLoader) for text in all_of_it.values()],
            "the FAQ's files": lambda: load.read({name: text.encode() for name, text in faq.items()}),
            "the texts": lambda: texts.read(dict(told)),
            "learning's view": lambda: standing(entries, Normal().of),
            "languages, scripts": lambda: (Languages(), Scripts()),
            "all that serves": start,
            **{f"… and a {kind} question": partial(asked, start, words) for kind, words in SAID.items()},
        }
        show({name: worked(part, times) for name, part in parts.items()})


def files(kind: str) -> Files:
    """By path as they are published."""
    found = sorted((CONFIG / kind).rglob("*.yaml"))
    return {path.relative_to(CONFIG).as_posix(): path.read_text(encoding="utf-8") for path in found}


def started(folder: Path, faq: Files) -> Published:
    """As the product does; texts, departments and replies are the shipped ones."""
    kept = kept_in(folder)
    return Content(
        shipped_texts=CONFIG / "texts",
        shipped_desk=CONFIG,
        desk_language="en",
        encoder=kept.encoder,
        embed=kept.embed,
        measure=kept.measure,
    ).of(faq)


def asked(start: Callable[[], Published], question: str) -> None:
    """The first question finds what only questions need still unmade."""
    start().faq.decide(question)


def worked(part: Callable[[], object], times: int) -> float:
    """Seconds of work, once the first time is over; what runs beside us only ever adds to them."""
    part()
    return min(once(part) for _ in range(times))


def once(part: Callable[[], object]) -> float:
    begun = time.process_time()
    part()
    return time.process_time() - begun


def show(figures: dict[str, float]) -> None:
    """Each beside the first."""
    base = next(iter(figures.values()))
    for name, seconds in figures.items():
        print(f"{name:26}{seconds * 1000:7.1f} ms {seconds / base:6.2f}×")


if __name__ == "__main__":
    main()
