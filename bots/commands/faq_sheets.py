"""``onethread faq import`` and ``export``: the FAQ as a sheet, for people who like spreadsheets better than YAML."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bots.commands.faq_files import content
from bots.commands.faq_publishing import Asked, Comment, Yes, publish_shown, shown
from bots.commands.faq_telling import show_report
from bots.terminal import ConfigFile, agreed, finish, refuse, settings_of

if TYPE_CHECKING:
    from core.conversation.faq.entries import Entry


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .xlsx or .md file.")],
    look: Annotated[bool, typer.Option("--preview", help="Only show what would change.")] = False,
    yes: Yes = False,
    comment: Comment = "",
    count: Asked = 500,
    config: ConfigFile = None,
) -> None:
    """Take a sheet into the FAQ: a report of every row, a preview, and then it asks.

    One row for each entry and language, below headings such as id, language, question, variants, answer,
    category, keywords; in Chinese as well (编号, 语言, 问题, 相似问, 答案 …). A question and an answer are enough.
    Variants stand one a line in their cell. Entries that the sheet doesn't name stay.
    `onethread faq export FILE.xlsx` writes such a sheet.

    Exits with 1 when nothing was published, with 2 when the file can't be read.
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents, ground
    from core.conversation.faq.sheets import merged
    from core.storage import faq_views

    async def go() -> None:
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            files, report = await asyncio.to_thread(
                merged, publishing.current.files, file.name, content(file)
            )
            show_report(report)
            asked = await faq_views.recent_questions(storage, count)
            told = comment or f"import of {file.name}"
            if look:
                await shown(publishing, files, asked)
            else:
                await publish_shown(publishing, files, asked, told, yes=yes)

    finish(go())


def export(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A .csv, .xlsx or .md file; else standard output.")
    ] = None,
    kind: Annotated[Literal["csv", "md"], typer.Option(help="What to write to standard output.")] = "csv",
    number: Annotated[int | None, typer.Option("--revision", min=1, help="An earlier one.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write over a file that is there.")] = False,
    config: ConfigFile = None,
) -> None:
    """Write the FAQ as a sheet, that `onethread faq import` takes back.

    Example: onethread faq export faq.xlsx
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents
    from core.conversation.faq.sheets import kind_of, written
    from core.conversation.faq.sheets.merging import entries_of

    wanted = kind_of(file.name) if file else kind
    if file and file.exists() and not agreed(f"Write over {file}?", yes=yes):
        raise refuse("Nothing was written.")

    async def read() -> "list[Entry]":
        async with contents.published(settings) as publishing:
            if number is None:
                return list(publishing.current.faq.entries.values())
            return list(entries_of(await publishing.files_of(number)))

    try:
        entries = finish(read())
    except LookupError:
        raise refuse(f"There is no revision {number}. `onethread faq history` shows all.") from None
    sheet = written(entries, wanted)
    if file is None:
        sys.stdout.buffer.write(sheet)
        return
    try:
        file.write_bytes(sheet)
    except OSError as error:
        raise refuse(f"{file}: can't be written ({error.strerror}).") from None
    typer.echo(f"{file}: {len(entries)} entries.")
