"""``onethread faq preview``, ``publish``, ``history``, ``diff`` and ``rollback``: what serves, and what would."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bots.commands.faq_files import questions
from bots.commands.faq_opened import files_at
from bots.commands.faq_telling import SHOWN, clashed, counted, differing, show_differences, show_preview
from bots.terminal import ConfigFile, agreed, author, finish, moment, refuse, settings_of, table

if TYPE_CHECKING:
    from core.publishing import Files, Publishing, Revision

DOOR = "command"
Source = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH", help="A folder of FAQ files, or one of them; else the one beside the configuration."
    ),
]
Asked = Annotated[
    int, typer.Option("--questions", min=0, max=20_000, help="How many of the last questions to try.")
]
AskedIn = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE.jsonl", help='Try these instead: a line of {"text": …} for each.'),
]
Comment = Annotated[str, typer.Option("--comment", "-m", help="Why; it stands in the history.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")]
Number = Annotated[int, typer.Argument(min=1, help="As `onethread faq history` shows it.")]


def preview(
    context: typer.Context,
    path: Source = None,
    count: Asked = 500,
    file: AskedIn = None,
    config: ConfigFile = None,
) -> None:
    """Show what publishing would do, and publish nothing.

    Which of the last real questions would get something else, which examples fail, which entries ask nearly the
    same, and which lack a language.
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents, ground
    from core.storage import faq_views

    async def look() -> bool:
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            files = await files_at(publishing, path)
            asked = _listed(file)[:count] if file else await faq_views.recent_questions(storage, count)
            return await shown(publishing, files, asked)

    if not finish(look()):
        typer.echo("Nothing would change.")


def publish(
    context: typer.Context,
    path: Source = None,
    comment: Comment = "",
    yes: Yes = False,
    count: Asked = 500,
    config: ConfigFile = None,
) -> None:
    """Publish the FAQ; shows first what would change, and asks.

    While the bot runs it publishes its own folder by itself. This is for files that lie elsewhere, for a folder that
    was not taken up, and for a comment in the history.

    Exits with 1 when nothing was published, with 2 when a file has a mistake.
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents, ground
    from core.storage import faq_views

    async def go() -> None:
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            files = await files_at(publishing, path)
            asked = await faq_views.recent_questions(storage, count)
            await publish_shown(publishing, files, asked, comment, yes=yes)

    finish(go())


def history(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 20,
    before: Annotated[int, typer.Option(min=0, help="Only those below this number.")] = 0,
    config: ConfigFile = None,
) -> None:
    """List what was published: number, time, door, author and comment."""
    settings = settings_of(context, config, quiet=True)
    from bots import contents

    async def read() -> "list[Revision]":
        async with contents.published(settings) as publishing:
            return list(await publishing.history(limit, before))

    rows = finish(read())
    table(
        ["revision", "at", "door", "author", "comment"],
        [(row.number, moment(row.at), row.door, row.author, row.comment) for row in rows],
    )


def diff(
    context: typer.Context,
    first: Annotated[int | None, typer.Argument(metavar="A", min=1, help="A revision.")] = None,
    second: Annotated[
        int | None, typer.Argument(metavar="B", min=1, help="Another; else the newest.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Show in words what changed from revision A to B, entry by entry.

    Without B up to what is published now; without A from that to what lies in the folder.
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents

    async def read() -> "tuple[Files, Files]":
        async with contents.published(settings) as publishing:
            if first is None:
                return publishing.current.files, await publishing.folder_files()
            after = publishing.current.files if second is None else await _files_of(publishing, second)
            return await _files_of(publishing, first), after

    found = differing(*finish(read()))
    show_differences(found)
    typer.echo(f"{counted(found)}.")


def rollback(context: typer.Context, number: Number, yes: Yes = False, config: ConfigFile = None) -> None:
    """Publish an earlier revision once more, as a new one; shows first what would change, and asks."""
    settings = settings_of(context, config, quiet=True)
    from bots import contents

    async def go() -> None:
        async with contents.published(settings) as publishing:
            found = differing(publishing.current.files, await _files_of(publishing, number))
            if not found:
                raise refuse(f"Revision {number} is what is published now.")
            show_differences(found, SHOWN)
            typer.echo(f"{counted(found)}.")
            if not agreed(f"Go back to revision {number}?", yes=yes):
                raise refuse("Nothing was published.")
            revision = await publishing.rollback(number, door=DOOR, author=author())
            typer.echo(f"Published as revision {revision.number}.")

    finish(go())


async def shown(publishing: "Publishing", files: "Files", asked: list[str]) -> bool:
    """Print what these files would change; False if nothing. Raises Invalid."""
    from core.conversation.faq.preview import preview as previewed

    then = await publishing.tried(files)
    found = await asyncio.to_thread(differing, publishing.current.files, then.files)
    seen = await asyncio.to_thread(previewed, publishing.current.faq, then.faq, asked)
    show_differences(found, SHOWN)
    if found:
        typer.echo(f"{counted(found)}.")
    show_preview(seen)
    return bool(found) or dict(then.files) != dict(publishing.current.files)


async def publish_shown(
    publishing: "Publishing", files: "Files", asked: list[str], comment: str, *, yes: bool
) -> None:
    """Print, ask and publish; what others publish while somebody thinks is never overwritten unseen."""
    from core.publishing import Conflict

    base = publishing.current.revision
    if not await shown(publishing, files, asked):
        typer.echo(f"Nothing to publish: this is revision {base} already.")
        return
    if not agreed(f"Publish this over revision {base}?", yes=yes):
        raise refuse("Nothing was published.")
    try:
        revision = await publishing.publish(files, base=base, door=DOOR, author=author(), comment=comment)
    except Conflict as conflict:
        raise clashed(conflict) from None
    typer.echo(f"Published as revision {revision.number}.")


def _listed(file: Path) -> list[str]:
    return [text for _, text in questions(file) if text]


async def _files_of(publishing: "Publishing", number: int) -> "Files":
    try:
        return await publishing.files_of(number)
    except LookupError:
        raise refuse(f"There is no revision {number}. `onethread faq history` shows all.") from None
