"""What is published as values that serve: built from files beside whatever serves meanwhile."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from core.conversation import texts as text_files
from core.conversation.desk import canned as canned_files
from core.conversation.desk import routing as routing_files
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
from core.escalation.canned import Canned
from core.escalation.routing import Department, Routing
from core.messages import Say

Part = TypeVar("Part")
ROUTING = "routing.yaml"
REPLIES = "replies/"
_PATH = re.compile(rf"(?:{FAQ}|{TEXTS}|{REPLIES})(?:[^/\\\0.][^/\\\0]*/)*[^/\\\0.~#][^/\\\0]*\.ya?ml")
ONE_DEPARTMENT = Routing(departments=(Department(id="support", undo=timedelta()),), fallback="support")
"""Where nobody wrote down departments, and none are shipped: all that comes goes to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What steers the agents' desk: who answers what, and what is written beforehand."""

    routing: Routing = ONE_DEPARTMENT
    replies: tuple[Canned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What files say, and nothing built from it."""

    entries: Sequence[Entry]
    texts: Texts
    desk: Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One consistent state of FAQ, texts and what steers the desk; a turn uses one and the same all through.

    ``revision`` is 0 for what was only tried. ``files`` are the operator's.
    """

    revision: int
    files: Files = field(repr=False)
    faq: Faq = field(repr=False)
    texts: Texts = field(repr=False)
    desk_language: str
    routing: Routing = field(default=ONE_DEPARTMENT, repr=False)
    replies: tuple[Canned, ...] = field(default=(), repr=False)

    def desk_text(self, say: Say) -> str:
        """A text for agents, in the desk's language."""
        return self.texts.render(say, self.desk_language)


class Content:
    """Builds what is published; one call at a time.

    ``shipped_texts`` serve where the operator's own leave something out, and ``shipped_desk`` (routing.yaml and
    replies/ beside each other) where the operator has none; ``embed`` gives phrasings' vectors, and ``measure`` how
    sure the FAQ is, from where they are kept.
    """

    def __init__(
        self,
        *,
        shipped_texts: Path,
        shipped_desk: Path | None = None,
        desk_language: str,
        encoder: Encoder,
        embed: Embed,
        caution: Caution = "balanced",
        measure: Measure = measured,
    ) -> None:
        self._shipped_texts, self._shipped_desk = shipped_texts, shipped_desk
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
        parts = self.read(files, before=before, sizes=sizes)
        return Published(
            revision=0,
            files=files,
            faq=self._faq(parts.entries, before, outcomes),
            texts=parts.texts,
            desk_language=self._desk_language,
            routing=parts.desk.routing,
            replies=parts.desk.replies,
        )

    def read(
        self, files: Files, *, before: Published | None = None, sizes: Mapping[str, int] | None = None
    ) -> Written:
        """What the files say. Raises Invalid with every problem."""
        problems: list[str] = []
        entries = _tried(lambda: self.entries(files, sizes), problems)
        texts = _tried(lambda: self._texts(files, before), problems)
        routing = _tried(lambda: self._routing(files, before), problems)
        replies = _tried(lambda: self._replies(files), problems)
        problems += [
            f"{name}: only {ROUTING} and YAML files in {FAQ}, {TEXTS} and {REPLIES} are published"
            for name in files
            if not _belongs(name)
        ]
        if problems or entries is None or texts is None or routing is None or replies is None:
            raise Invalid(problems)
        return Written(entries=entries, texts=texts, desk=Desk(routing=routing, replies=replies))

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

    def _routing(self, files: Files, before: Published | None) -> Routing:
        if before and files.get(ROUTING) == before.files.get(ROUTING):
            return before.routing
        if ROUTING in files:
            return routing_files.read(ROUTING, files[ROUTING])
        shipped = self._shipped_desk and self._shipped_desk / ROUTING
        return routing_files.read(ROUTING, shipped.read_bytes()) if shipped else ONE_DEPARTMENT

    def _replies(self, files: Files) -> tuple[Canned, ...]:
        own = {name: text for name, text in files.items() if name.startswith(REPLIES)}
        if own or self._shipped_desk is None:
            return canned_files.read(own)
        return canned_files.read(_in(self._shipped_desk / REPLIES, REPLIES))

    def _beneath(self, *, whole: bool) -> Texts | None:
        """The shipped texts. An operator who edits them in place may have broken them: then what was published of them
        serves alone.
        """
        try:
            self._shipped = self._shipped or text_files.read(_in(self._shipped_texts, TEXTS))
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


def _in(folder: Path, begin: str) -> dict[str, bytes]:
    return {f"{begin}{path.name}": path.read_bytes() for path in sorted(folder.glob("*.y*ml"))}


def _belongs(name: str) -> bool:
    """A path that the folder's look would find, and that leads nowhere else."""
    return name == ROUTING or (bool(_PATH.fullmatch(name)) and not name.startswith(f"{FAQ}{FOLDER}/"))
