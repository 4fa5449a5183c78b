"""``onethread quarantine``: what could not be taken in, and taking it in again."""

from typing import TYPE_CHECKING, Annotated

import typer

from bots.terminal import ConfigFile, finish, group, moment, refuse, settings_of, table

if TYPE_CHECKING:
    from core.storage import views

quarantine = group("Messages that could not be taken in; they are kept here and block nothing.")


@quarantine.command("list")
def list_all(context: typer.Context, config: ConfigFile = None) -> None:
    """What waits in the quarantine, newest first."""
    settings = settings_of(context, config)
    from bots import ground
    from core.storage import views

    async def read() -> "list[views.Quarantined]":
        async with ground.opened(settings) as storage:
            return list(await views.quarantined(storage))

    rows = finish(read())
    if not rows:
        typer.echo("The quarantine is empty.")
        return
    table(
        ["number", "at", "from", "form", "bytes", "reason"],
        [
            (row.id, moment(row.at), f"{row.platform} {row.account}", row.form, len(row.payload), row.reason)
            for row in rows
        ],
    )


@quarantine.command()
def retry(
    context: typer.Context,
    number: Annotated[int, typer.Argument(min=1, help="As `quarantine list` shows it.")],
    config: ConfigFile = None,
) -> None:
    """Take a message in again, as if it came now; what was seen before has no second effect."""
    settings = settings_of(context, config)
    from bots import chores

    try:
        finish(chores.retry_quarantined(settings, number))
    except LookupError:
        raise refuse(f"There is no number {number} in the quarantine.") from None
    except ValueError as failure:
        raise refuse(f"It can't be taken in yet: {failure}") from None
    typer.echo(f"Number {number} was taken in.")
