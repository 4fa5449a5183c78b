"""``onethread menu``: the buttons and commands that people see in WeChat and Telegram."""

from typing import Annotated

import typer

from bots.terminal import ConfigFile, finish, group, settings_of

menu = group("The menus and commands that people see in WeChat and Telegram.")


@menu.command()
def publish(
    context: typer.Context,
    config: ConfigFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Publish without asking.")] = False,
) -> None:
    """Set WeChat's menu and Telegram's commands; shows first what would change."""
    settings = settings_of(context, config)
    from bots import chores

    difference = finish(chores.menu_difference(settings))
    if not difference:
        typer.echo("All menus are as they should be.")
        return
    for line in difference:
        typer.echo(line)
    if yes or typer.confirm("Publish this?"):
        finish(chores.menu_publish(settings))
        typer.echo("Published.")
