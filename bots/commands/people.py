"""``onethread ticket`` and ``onethread person``: a look at what stands in the database."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bots.terminal import ConfigFile, finish, group, moment, refuse, settings_of, table

if TYPE_CHECKING:
    from core.storage import views

ticket = group("Tickets, as they are now.")
person = group("People, and all that was said with them.")

Number = Annotated[int, typer.Argument(min=1)]


@ticket.command("list")
def list_tickets(
    context: typer.Context,
    config: ConfigFile = None,
    state: Annotated[
        Literal["unresolved", "open", "claimed", "snoozed", "resolved", "all"],
        typer.Option(help="Which ones."),
    ] = "unresolved",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
) -> None:
    """The newest tickets."""
    settings = settings_of(context, config)
    from bots import ground
    from core.storage import views

    async def read() -> "list[views.TicketRow]":
        async with ground.opened(settings) as storage:
            return list(await views.tickets(storage, state="" if state == "all" else state, limit=limit))

    rows = finish(read())
    if not rows:
        typer.echo("No tickets." if state == "all" else f"No {state} tickets; `--state all` shows all.")
        return
    headings = [
        "ticket", "state", "priority", "department", "person", "about", "held by", "opened", "waiting since",
    ]  # fmt: skip
    table(
        headings,
        [
            (f"T-{row.number}", row.state, row.priority, row.department, f"{row.person} ({row.person_id})",
             row.about or "–", row.assignee or "–", moment(row.opened_at), moment(row.waiting_since))
            for row in rows
        ],
    )  # fmt: skip


@ticket.command("show")
def show_ticket(context: typer.Context, number: Number, config: ConfigFile = None) -> None:
    """Whose ticket it is, and what was said on it, with how far each message got."""
    settings = settings_of(context, config)
    from bots import ground
    from core.storage import views

    async def read() -> "tuple[int, list[views.Said]] | None":
        async with ground.opened(settings) as storage:
            owner = await views.person_of_ticket(storage, number)
            return (owner, list(await views.timeline(storage, owner, ticket=number))) if owner else None

    found = finish(read())
    if found is None:
        raise refuse(f"There is no ticket T-{number}. `onethread ticket list --state all` shows all.")
    typer.echo(f"T-{number}, of person {found[0]}")
    _timeline(found[1])


@person.command("show")
def show_person(context: typer.Context, number: Number, config: ConfigFile = None) -> None:
    """Where a person can be reached, and the newest of their timeline over all platforms."""
    settings = settings_of(context, config)
    from bots import ground
    from core.storage import views

    async def read() -> "tuple[list[views.Reached], list[views.Said]]":
        async with ground.opened(settings) as storage:
            known = list(await views.identities(storage, number))
            return known, list(await views.timeline(storage, number))

    identities, said = finish(read())
    if not identities:
        raise refuse(f"There is no person {number}. `onethread ticket list` names the people of tickets.")
    headings = ["platform", "account", "user", "reachable", "sends left", "until"]
    table(
        headings,
        [
            (one.platform, one.account, one.user, "yes" if one.reachable else "no",
             "any" if one.sends_left is None else one.sends_left, moment(one.window_until))
            for one in identities
        ],
    )  # fmt: skip
    _timeline(said)


def _timeline(said: "list[views.Said]") -> None:
    table(
        ["at", "by", "what", "delivery"],
        [
            (moment(one.at), f"{one.by} {one.author}".strip(), "\n".join([one.text, *one.files]).strip(),
             one.delivery)
            for one in said
        ],
    )  # fmt: skip
