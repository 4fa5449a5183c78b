"""What all commands share: the configuration's option, one event loop to finish in, tables, times."""

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from bots.settings import Settings

Result = TypeVar("Result")

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


def settings_of(context: typer.Context, config: Path | None) -> "Settings":
    """The settings of the configuration that was named, with logging set up. Raises Invalid."""
    from bots import logs
    from bots.settings import read_settings

    settings = read_settings(config or context.find_root().obj, os.environ)
    logs.set_up(settings.secrets(), sys.stderr)
    return settings


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in an event loop of its own."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings; nothing that people wrote is read as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, padding=(0, 1), show_header=bool(headings))
    for heading in headings:
        shown.add_column(heading, overflow="fold")
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(inert(str(cell))) for cell in row))
    Console().print(shown)


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
