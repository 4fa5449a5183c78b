"""What somebody may do in a department, from who the file names and what the desk knows of them."""

from dataclasses import dataclass

from core.escalation.routing import Department
from core.messages import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody at the desk; ``groups`` are the user groups that they are in, of those that the file names.

    ``member``: of one of the department's Slack channels, or of the support channel where it names none.
    """

    id: str
    email: str = ""
    groups: frozenset[str] = frozenset()
    member: bool = False


def role_of(colleague: Colleague, department: Department) -> Role:
    """A supervisor is one even in trial; what is said of somebody themselves counts before what is said of a group."""
    agents = department.agents
    themselves = frozenset({colleague.id, colleague.email.casefold()} - {""})
    if (themselves | colleague.groups) & frozenset(agents.supervisors):
        return "supervisor"
    if not agents.named:
        return "agent" if colleague.member else "none"
    for names in (themselves, colleague.groups):
        if found := names & frozenset(agents.named):
            return "trial" if found <= agents.trial else "agent"
    return "none"


def groups_of(department: Department) -> tuple[str, ...]:
    """The user groups whose members must be known before ``role_of`` can tell."""
    named = (*department.agents.supervisors, *department.agents.named)
    return tuple(dict.fromkeys(name for name in named if is_group(name)))


def needs_email(department: Department) -> bool:
    """Whether somebody's e-mail address must be known before ``role_of`` can tell."""
    return any("@" in name for name in (*department.agents.supervisors, *department.agents.named))


def is_group(name: str) -> bool:
    """Slack's ids of user groups begin so; those of users with U or W."""
    return name.startswith("S") and "@" not in name
