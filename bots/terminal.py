"""What all commands share: the configuration's option, one event loop to finish in, tables, times."""

import asyncio
import getpass
import logging
import os
import sys
from collections.abc import Coroutine, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from bots.settings import Settings

Result = TypeVar("Result")

NARROW = 60
"""Columns of a terminal, below which a table has no room."""
UNBOUNDED = 10_000

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration to use; else $ONETHREAD_CONFIG, else config/onethread.toml, else the sandbox.",
    ),
]


def remember(context: typer.Context, config: ConfigFile = None) -> None:
    """Keep a configuration that is named before the command."""
    if config:
        context.find_root().obj = config


def group(help_text: str) -> typer.Typer:
    """A group of commands that takes the configuration as well."""
    return typer.Typer(help=help_text, callback=remember, no_args_is_help=True)


def settings_of(context: typer.Context, config: Path | None, *, quiet: bool = False) -> "Settings":
    """The settings of the configuration that was named, with logging set up (``quiet``: from warnings on).

    Raises Invalid.
    """
    from bots import logs
    from bots.settings import read_settings

    settings = read_settings(config or context.find_root().obj, os.environ)
    logs.set_up(settings.secrets(), sys.stderr)
    if quiet:
        import structlog

        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return settings


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in an event loop of its own."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def screen() -> "Console":
    """Where things are printed: in colours on a terminal; elsewhere without, and as wide as it takes."""
    from rich.console import Console

    free = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=UNBOUNDED if free else None, highlight=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings, on a narrow terminal each row by itself.

    Nothing that people wrote is read as markup.
    """
    from rich.table import Table
    from rich.text import Text

    console = screen()
    cells = [[cell if isinstance(cell, Text) else Text(inert(str(cell))) for cell in row] for row in rows]
    if headings and console.width < NARROW:
        for row in cells:
            for heading, cell in zip(headings, row, strict=True):
                console.print(Text(f"{heading}: ", style="bold"), cell, sep="")
            console.print()
        return
    shown = Table(box=None, padding=(0, 1), show_header=bool(headings))
    for heading in headings:
        shown.add_column(heading, overflow="fold")
    for row in cells:
        shown.add_row(*row)
    console.print(shown)


def inert(text: str) -> str:
    """Without signs that would steer a terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def moment(at: datetime | None) -> str:
    """A time in the machine's own zone."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "–"


def refuse(reason: str) -> typer.Exit:
    """Say what is wrong on stderr; raise what this returns."""
    typer.echo(f"✗ {reason}", err=True)
    return typer.Exit(1)


def agreed(question: str, *, yes: bool) -> bool:
    """Whether whoever sits there says yes; where nobody does, ``--yes`` must have said it."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise refuse("Nobody is here to be asked. Add --yes to go ahead.")
    return typer.confirm(question)


def author() -> str:
    """The user of this machine; "command" where it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id without a name, as in containers
        return "command"
