"""``routing.yaml`` as departments and words; what is wrong is said with line, column and what to write instead."""

import re
from collections.abc import Mapping
from datetime import timedelta

from core.conversation.desk.fields import ID, Fields
from core.conversation.desk.hours import hours_in
from core.conversation.faq.reading import filled
from core.conversation.faq.tree import Node, Place, Scalar, Table, parse
from core.errors import Invalid
from core.escalation.routing import (
    KINDS,
    PRIORITIES,
    Agents,
    Department,
    Emergency,
    Kind,
    Priority,
    Routing,
)

_WAYS = (
    "agents", "supervisors", "on_call", "languages", "hours", "priority", "undo", "confirm", "claim_required",
    "offer_again", "costly",
)  # fmt: skip
"""What every department may have of its own, and the top of the file for those that haven't."""
_FILE_KEYS = ("departments", "fallback", "emergency", *_WAYS)
_DEPARTMENT_KEYS = ("name", "channels", "words", "categories", *_WAYS)
_LONGEST_ID = 40
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_GROUP = re.compile(r"S[A-Z0-9]{2,30}")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_LONGEST_UNDO = timedelta(minutes=5)
_LONGEST_SILENCE = timedelta(hours=72)


def read(name: str, content: bytes | str) -> Routing:
    """The file of this name. Raises Invalid with every problem."""
    root = parse(name, content.encode() if isinstance(content, str) else content)
    reader = _Routing(name)
    routing = reader.file(root)
    if problems := reader.told():
        raise Invalid(list(problems))
    assert routing is not None
    return routing


class _Routing(Fields):
    """Walks through the one file."""

    def file(self, root: Node | None) -> Routing | None:
        if root is None or (isinstance(root, Scalar) and not root.text):
            told = "the file is empty; write `departments:` and below it at least one, or delete the file"
            self.wrong(Place(1, 1), told)
            return None
        pairs = self.known(root, "the file", _FILE_KEYS)
        if pairs is None:
            return None
        misspelt = self.mistakes > 0
        base = self._department(root, "", pairs, Department(id=""))
        if not filled(pairs, "departments"):
            if not misspelt:
                self.wrong(root.at, "`departments:` is missing; write it and below it `support: {}`")
            return None
        departments = self._departments(pairs["departments"], base)
        known = tuple(one.id for one in departments)
        if not known:
            return None
        return Routing(
            departments=departments,
            fallback=self.one_of(pairs, "fallback", known) or known[0],
            emergency=self._emergency(pairs, known),
        )

    def _departments(self, node: Node, base: Department) -> tuple[Department, ...]:
        told = "departments must hold ids, each with what it is, such as `support: {}`"
        before = self.mistakes
        pairs = self.table(node, told, _is_id, lambda _: _id_told())
        if not pairs and self.mistakes == before:
            self.wrong(node.at, told)
        return tuple(self._named(one, name, base) for name, one in (pairs or {}).items())

    def _named(self, node: Node, name: str, base: Department) -> Department:
        if isinstance(node, Scalar) and node.plain and not node.text:
            node = Table(node.at, ())
        pairs = self.known(node, name, _DEPARTMENT_KEYS)
        return self._department(node, name, pairs or {}, base)

    def _department(self, node: Node, name: str, pairs: Mapping[str, Node], base: Department) -> Department:
        return Department(
            id=name,
            names=self.names(pairs, "name"),
            channels=self._channels(pairs),
            agents=self._agents(pairs, base.agents),
            on_call=self._on_call(pairs, base.on_call),
            languages=self.languages(pairs, "languages", base.languages),
            hours=hours_in(self, pairs["hours"], base.hours) if filled(pairs, "hours") else base.hours,
            priority=self._priority(pairs, base),
            words=self.words(pairs, "words"),
            categories=frozenset(self.texts(pairs, "categories")),
            undo=self.span(pairs, "undo", base.undo, most=_LONGEST_UNDO, example="5s"),
            confirm=self.flag(pairs, "confirm", base.confirm),
            claim_required=self.flag(pairs, "claim_required", base.claim_required),
            offer_again=self.span(
                pairs, "offer_again", base.offer_again, most=_LONGEST_SILENCE, example="30 min"
            ),
            costly=self._costly(pairs, base.costly),
        )

    def _priority(self, pairs: Mapping[str, Node], base: Department) -> Priority:
        word = self.one_of(pairs, "priority", PRIORITIES)
        return next((one for one in PRIORITIES if one == word), base.priority)

    def _channels(self, pairs: Mapping[str, Node]) -> tuple[str, ...]:
        found = self.scalars(pairs, "channels")
        for one in found:
            if not _CHANNEL.fullmatch(one.text.strip()):
                told = f'"{one.text}" is no id of a Slack channel; write it as C0123456789 (it stands in the channel\'s'
                self.wrong(one.at, f"{told} details), not its name")
        self._once("channels", found)
        return tuple(one.text.strip() for one in found)

    def _agents(self, pairs: Mapping[str, Node], base: Agents) -> Agents:
        named, trial = base.named, base.trial
        if filled(pairs, "agents"):
            found = [self._agent(node) for node in self.items(pairs["agents"], "agents")]
            self._once("agents", [one for one, _ in found if one])
            named = tuple(_person(one.text) for one, _ in found if one)
            trial = frozenset(_person(one.text) for one, drafts in found if one and drafts)
        supervisors = base.supervisors
        if filled(pairs, "supervisors"):
            leading = [one for one in self.scalars(pairs, "supervisors") if self._is_person(one)]
            self._once("supervisors", leading)
            supervisors = tuple(_person(one.text) for one in leading)
        return Agents(named=named, supervisors=supervisors, trial=trial)

    def _agent(self, node: Node) -> tuple[Scalar | None, bool]:
        """Who it is, and whether they are in trial."""
        if not isinstance(node, Table):
            return self._somebody(node, "one of agents"), False
        pairs = self.known(node, "an agent", ("id", "trial")) or {}
        if "id" not in pairs:
            self.wrong(node.at, "this agent has no id; write {id: U0123456789, trial: true}")
            return None, False
        return self._somebody(pairs["id"], "id"), self.flag(pairs, "trial", False)

    def _somebody(self, node: Node, what: str) -> Scalar | None:
        text = self.text(node, what)
        return node if isinstance(node, Scalar) and text and self._is_person(node) else None

    def _is_person(self, one: Scalar) -> bool:
        text = one.text.strip()
        fits = any(form.fullmatch(text) for form in (_USER, _GROUP, _EMAIL))
        if not fits:
            told = (
                "write a Slack user's id (U0123456789), an e-mail address or a user group's id (S0123456789)"
            )
            self.wrong(one.at, f'"{text}" names nobody; {told}')
        return fits

    def _once(self, what: str, found: "tuple[Scalar, ...] | list[Scalar]") -> None:
        seen: set[str] = set()
        for one in found:
            if _person(one.text) in seen:
                self.wrong(one.at, f"{one.text} stands twice in {what}; keep one of them")
            seen.add(_person(one.text))

    def _on_call(self, pairs: Mapping[str, Node], default: str) -> str:
        if not filled(pairs, "on_call"):
            return default
        text = self.text(pairs["on_call"], "on_call")
        if text and not (_GROUP.fullmatch(text) or _USER.fullmatch(text)):
            told = f'"{text}" can\'t be called; write the id of a user group (S0123456789) or of a user (U0123456789)'
            self.wrong(pairs["on_call"].at, told)
        return text

    def _emergency(self, pairs: Mapping[str, Node], known: tuple[str, ...]) -> Emergency:
        if not filled(pairs, "emergency"):
            return Emergency()
        node = pairs["emergency"]
        inside = self.known(node, "emergency", ("words", "department")) or {}
        if isinstance(node, Table) and not filled(inside, "words"):
            self.wrong(
                node.at, "emergency has no words; write `words: [账号被盗, stolen account]`, or delete it"
            )
        department = self.one_of(inside, "department", known)
        return Emergency(words=self.words(inside, "words"), department=department)

    def _costly(
        self, pairs: Mapping[str, Node], base: Mapping[Kind, frozenset[str]]
    ) -> Mapping[Kind, frozenset[str]]:
        if not filled(pairs, "costly"):
            return base
        inside = self.known(pairs["costly"], "costly", KINDS) or {}
        return {kind: self.words(inside, kind) for kind in KINDS if kind in inside}


def _is_id(name: str) -> bool:
    return bool(ID.fullmatch(name)) and len(name.encode()) <= _LONGEST_ID


def _id_told() -> str:
    told = "a department's id holds letters, digits and - without blanks"
    return f"{told}, at most {_LONGEST_ID} bytes; what people read is its `name:`"


def _person(text: str) -> str:
    """E-mail addresses are the same in either case; ids are not."""
    text = text.strip()
    return text.casefold() if "@" in text else text
