"""The command line. Parts that are slow to import are imported by the command that needs them."""

import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

import typer

from bots.commands.faq import faq
from bots.commands.menu import menu
from bots.commands.people import person, ticket
from bots.commands.quarantine import quarantine
from bots.terminal import ConfigFile, finish, remember, settings_of, table
from core.errors import DatabaseAway, Invalid

TEACHING = (
    "Support over WeChat, Telegram and Slack: one person, one history, one Slack thread.",
    "First look: [bold]onethread run[/bold] with nothing configured starts the sandbox and prints its address.",
    (
        "For real: copy config/onethread.example.toml to config/onethread.toml and fill it in;"
        " [bold]onethread doctor[/bold] says what is still wrong; [bold]onethread run[/bold] starts."
    ),
    (
        "Larger: [bold]onethread web[/bold] and [bold]onethread worker[/bold] run apart, any number of each,"
        " on one PostgreSQL and one Redis."
    ),
    "[bold]--config FILE[/bold] may stand before or after any command.",
)

ONE = "1"
"""Threads of a product of matrices: ours are small, and several only wait for each other, busily."""

cli = typer.Typer(
    name="onethread",
    callback=remember,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="\n\n".join(TEACHING),
)
for name, group in {
    "faq": faq,
    "ticket": ticket,
    "person": person,
    "menu": menu,
    "quarantine": quarantine,
}.items():
    cli.add_typer(group, name=name)


@cli.command()
def run(context: typer.Context, config: ConfigFile = None) -> None:
    """Start everything in one process (web and worker), until Ctrl-C or SIGTERM."""
    _serve(context, config, "web", "worker")


@cli.command()
def web(context: typer.Context, config: ConfigFile = None) -> None:
    """Start what takes messages in: the webhooks, health and metrics."""
    _serve(context, config, "web")


@cli.command()
def worker(context: typer.Context, config: ConfigFile = None) -> None:
    """Start what sends messages out and keeps the timers."""
    _serve(context, config, "worker")


@cli.command()
def migrate(context: typer.Context, config: ConfigFile = None) -> None:
    """Bring the database up to date (also done at every start)."""
    settings = settings_of(context, config)
    from bots import ground

    applied = finish(ground.migrate(settings))
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("The database is up to date.")


@cli.command()
def doctor(context: typer.Context, config: ConfigFile = None) -> None:
    """Check configuration, database, Redis and every platform, and say what to do about what is wrong.

    Exits with 1 when something is wrong.
    """
    from core.ports import Finding

    try:
        settings = settings_of(context, config, quiet=True)
    except Invalid as refused:
        findings = [Finding(what="configuration", ok=False, next_step=line) for line in refused.problems]
    else:
        from bots import chores

        findings = [
            Finding(what=f"configuration: {settings.file or 'none, so the sandbox runs'}", ok=True),
            *finish(chores.doctor(settings)),
        ]
    from rich.text import Text

    marks = {True: Text("✓", style="green"), False: Text("✗", style="red")}
    table([], [(marks[finding.ok], finding.what, finding.next_step) for finding in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def main() -> NoReturn:
    """The console script: what is wrong is said in words, never as a traceback, where it isn't our fault."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", ONE)
    try:
        cli()
    except Invalid as refused:
        for problem in refused.problems:
            typer.echo(f"✗ {problem}", err=True)
        sys.exit(2)
    except DatabaseAway as away:
        typer.echo(f"✗ The database can't be reached: {away}. `onethread doctor` says more.", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        typer.echo(
            f"✗ {error.strerror}. Stop what runs there, or set another port under [http] or [sandbox].",
            err=True,
        )
        sys.exit(1)
    sys.exit(0)


def _serve(context: typer.Context, config: Path | None, *roles: str) -> None:
    settings = settings_of(context, config)
    from bots import app

    finish(app.serve(settings, frozenset(roles), typer.echo))


if __name__ == "__main__":
    main()
