"""What is published as values that serve: built from files beside whatever serves meanwhile."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from core.conversation import texts as text_files
from core.conversation.faq import load as faq_files
from core.conversation.faq.attached import FOLDER
from core.conversation.faq.book import Faq
from core.conversation.faq.confidence import Caution, Measure, Outcome, measured
from core.conversation.faq.editing import FAQ, TEXTS, Files, is_faq, ordered
from core.conversation.faq.encoder import Encoder
from core.conversation.faq.entries import Entry
from core.conversation.faq.index import Embed
from core.conversation.texts import Texts
from core.errors import Invalid
from core.messages import Say

Part = TypeVar("Part")
_PATH = re.compile(rf"(?:{FAQ}|{TEXTS})(?:[^/\\\0.][^/\\\0]*/)*[^/\\\0.~#][^/\\\0]*\.ya?ml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One consistent state of FAQ and texts; a turn uses one and the same all through.

    ``revision`` is 0 for what was only tried. ``files`` are the operator's.
    """

    revision: int
    files: Files = field(repr=False)
    faq: Faq = field(repr=False)
    texts: Texts = field(repr=False)
    desk_language: str

    def desk_text(self, say: Say) -> str:
        """A text for agents, in the desk's language."""
        return self.texts.render(say, self.desk_language)


class Content:
    """Builds what is published; one call at a time.

    ``shipped_texts`` serve where the operator's own leave something out; ``embed`` gives phrasings' vectors, and
    ``measure`` how sure the FAQ is, from where they are kept.
    """

    def __init__(
        self,
        *,
        shipped_texts: Path,
        desk_language: str,
        encoder: Encoder,
        embed: Embed,
        caution: Caution = "balanced",
        measure: Measure = measured,
    ) -> None:
        self._shipped_texts = shipped_texts
        self._desk_language = desk_language
        self._encoder, self._embed, self._caution, self._measure = encoder, embed, caution, measure
        self._read: Mapping[tuple[str, str], faq_files.File] = {}
        self._shipped: Texts | None = None

    def of(
        self,
        files: Files,
        *,
        before: Published | None = None,
        sizes: Mapping[str, int] | None = None,
        outcomes: Sequence[Outcome] = (),
    ) -> Published:
        """Everything anew; what didn't change since ``before`` is taken from there. Not on the event loop.

        ``sizes`` are the files that may be attached, None where nobody can say; ``outcomes`` of real questions say how
        sure the FAQ may be. Raises Invalid with every problem.
        """
        files = ordered(files)
        entries, texts = self.read(files, before=before, sizes=sizes)
        return Published(
            revision=0,
            files=files,
            faq=self._faq(entries, before, outcomes),
            texts=texts,
            desk_language=self._desk_language,
        )

    def read(
        self, files: Files, *, before: Published | None = None, sizes: Mapping[str, int] | None = None
    ) -> tuple[Sequence[Entry], Texts]:
        """What the files say, and nothing built from it. Raises Invalid with every problem."""
        problems: list[str] = []
        entries = _tried(lambda: self.entries(files, sizes), problems)
        texts = _tried(lambda: self._texts(files, before), problems)
        problems += [
            f"{name}: only YAML files in {FAQ} and {TEXTS} are published"
            for name in files
            if not _belongs(name)
        ]
        if problems or entries is None or texts is None:
            raise Invalid(problems)
        return entries, texts

    def entries(self, files: Files, sizes: Mapping[str, int] | None = None) -> list[Entry]:
        """The FAQ's entries; files that were read before are not read again. Raises Invalid."""
        read = {
            (name, text): self._read.get((name, text)) or faq_files.read_file(name, text)
            for name, text in files.items()
            if is_faq(name)
        }
        self._read = read
        return faq_files.together(list(read.values()), sizes)

    def _faq(self, entries: Sequence[Entry], before: Published | None, outcomes: Sequence[Outcome]) -> Faq:
        if before and list(before.faq.entries.values()) == list(entries):
            return before.faq
        return Faq.of(
            entries,
            self._encoder,
            embed=self._embed,
            caution=self._caution,
            outcomes=outcomes,
            measure=self._measure,
            before=before.faq if before else None,
        )

    def _texts(self, files: Files, before: Published | None) -> Texts:
        own = _texts_in(files)
        if before and own == _texts_in(before.files):
            return before.texts
        return text_files.read(own, instead_of=self._beneath(whole=not own))

    def _beneath(self, *, whole: bool) -> Texts | None:
        """The shipped texts. An operator who edits them in place may have broken them: then what was published of them
        serves alone.
        """
        try:
            self._shipped = self._shipped or text_files.read(_in(self._shipped_texts))
        except Invalid:
            if whole:
                raise
        return self._shipped


def _tried(read: Callable[[], Part], problems: list[str]) -> Part | None:
    """What was read; where it is invalid its problems join the others, so that all are told at once."""
    try:
        return read()
    except Invalid as invalid:
        problems.extend(invalid.problems)
        return None


def _texts_in(files: Files) -> Files:
    return {name: text for name, text in files.items() if name.startswith(TEXTS)}


def _in(folder: Path) -> dict[str, bytes]:
    return {f"{TEXTS}{path.name}": path.read_bytes() for path in sorted(folder.glob("*.y*ml"))}


def _belongs(name: str) -> bool:
    """A path that the folder's look would find, and that leads nowhere else."""
    return bool(_PATH.fullmatch(name)) and not name.startswith(f"{FAQ}{FOLDER}/")
