"""What a modal that was sent means as acts on its ticket, or what is wrong in which field. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bots.slack.desk import answer_forms, forms
from bots.slack.desk.actions import Sent
from core.escalation.moments import moment
from core.escalation.routing import Department
from core.messages import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One act: its verb, and what it is given."""

    verb: str
    values: Mapping[str, str]


class Wrong(Exception):
    """What was filled in can't be taken; ``fields`` says why, by block."""

    def __init__(self, fields: Mapping[str, Say]) -> None:
        super().__init__(fields)
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """When, and in which department, it is read. ``offered``: the text that the modal began with."""

    now: datetime
    department: Department
    offered: str = ""


def wanted(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    """The acts, in order. Raises Wrong."""
    return _PAGES[sent.page](sent, around) if sent.page in _PAGES else ()


def _assign(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    return (Wanted(verb="assign", values={"to": sent.values.get(forms.TO, "")}),)


def _snooze(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    """What was written counts before what was tapped."""
    typed = sent.values.get(forms.UNTIL, "")
    until = _moment(typed or sent.values.get(forms.SPAN, ""), around)
    if until is None:
        raise Wrong({forms.UNTIL: Say(name="desk.snooze_when")})
    return (Wanted(verb="snooze", values={"until": until.isoformat()}),)


def _moment(typed: str, around: Around) -> datetime | None:
    return moment(typed, around.now, zone=around.department.zone, hours=around.department.hours)


def _transfer(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    values = {"to": sent.values.get(forms.TO, ""), "reason": sent.values.get(forms.REASON, "")}
    return (Wanted(verb="transfer", values=values),)


def _priority(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    return (Wanted(verb="priority", values={"priority": sent.values.get(forms.CHOSEN, "")}),)


def _side_question(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    named = (forms.TO, forms.TEXT, forms.MINUTES)
    return (Wanted(verb="side_question", values={name: sent.values.get(name, "") for name in named}),)


def _tag(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    verbs = {forms.REMOVE: "untag", forms.ADD: "tag"}
    return tuple(
        Wanted(verb=verb, values={"tag": sent.values[block]})
        for block, verb in verbs.items()
        if block in sent.values
    )


def _person(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    verb, _, span = sent.values.get(forms.CHOSEN, "").partition(":")
    if not span:
        return (Wanted(verb=verb, values={}),) if verb else ()
    until = around.now + {"1h": timedelta(hours=1), "1d": timedelta(days=1)}.get(span, timedelta(hours=1))
    return (Wanted(verb=verb, values={"until": until.isoformat()}),)


def _reply(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    """Words that were changed are the agent's own."""
    text = sent.values.get(answer_forms.TEXT, "")
    how = "used" if text == around.offered.strip() else "edited"
    values = {"text": text, "entry": sent.where.entry, "canned_from": sent.where.canned, "how": how}
    return (Wanted(verb="reply", values={name: value for name, value in values.items() if value}),)


def _put_right(sent: Sent, around: Around) -> tuple[Wanted, ...]:
    values = {"entry": sent.where.entry, "text": sent.values.get(answer_forms.TEXT, "")}
    return (Wanted(verb="put_right", values=values),)


_PAGES: Mapping[str, Callable[[Sent, Around], tuple[Wanted, ...]]] = {
    forms.ASSIGN: _assign,
    forms.SNOOZE: _snooze,
    forms.TRANSFER: _transfer,
    forms.PRIORITY: _priority,
    forms.SIDE_QUESTION: _side_question,
    forms.TAG: _tag,
    forms.PERSON: _person,
    answer_forms.REPLY: _reply,
    answer_forms.PUT_RIGHT: _put_right,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """An entry that an agent proposes for the FAQ."""

    question: str
    answer: str
    variants: tuple[str, ...]
    language: str


def drafted(sent: Sent) -> Drafted:
    """What was filled in for the FAQ: a variant on each line."""
    variants = sent.values.get(answer_forms.VARIANTS, "").split("\n")
    return Drafted(
        question=" ".join(sent.values.get(answer_forms.QUESTION, "").split()),
        answer=sent.values.get(answer_forms.ANSWER, ""),
        variants=tuple(dict.fromkeys(one.strip() for one in variants if one.strip())),
        language=sent.values.get(answer_forms.LANGUAGE, ""),
    )
