"""``onethread faq check``, ``test`` and ``ask``: whether the FAQ is well, and what it makes of a question."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bots.commands.faq_files import faq_files
from bots.commands.faq_opened import faq_of
from bots.commands.faq_telling import decided, why
from bots.terminal import ConfigFile, finish, inert, settings_of, table

if TYPE_CHECKING:
    from bots.settings import Settings
    from core.conversation.faq.book import Faq
    from core.conversation.faq.decide import Decision
    from core.conversation.faq.entries import Entry

Path_ = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH", help="A FAQ file, or a folder of them; else the one beside the configuration."
    ),
]


def check(context: typer.Context, path: Path_ = None, config: ConfigFile = None) -> None:
    """Read all FAQ files and name every mistake with file, line and column. Needs no database.

    Without PATH also texts, routing.yaml and canned replies are read: all that is published together.

    Exits with 2 when there is a mistake.
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents
    from core.conversation.faq import load

    if path is None:
        found = finish(contents.checked(settings))
        desk = f"{len(found.desk.routing.departments)} departments, {len(found.desk.replies)} canned replies"
        typer.echo(f"{settings.faq_dir}: {_counted(found.entries)}; {desk}; all well.")
    else:
        typer.echo(f"{path}: {_counted(load.read(faq_files(path)))}; all well.")


def hold(context: typer.Context, path: Path_ = None, config: ConfigFile = None) -> None:
    """Put to each entry its own `examples` and `not_for`. Needs no database.

    Exits with 1 when an example doesn't get its entry as the answer, or a question that the entry is not for does.
    """
    from core.conversation.faq.examples import broken, promised

    faq = finish(faq_of(settings_of(context, config, quiet=True), path))
    count, failed = promised(faq), broken(faq)
    if failed:
        table(
            ["entry", "question", "wrong", "gets"],
            [(one.entry, one.text, why(one.why), decided(one.decision)) for one in failed],
        )
        typer.echo(f"\n✗ {len(failed)} of {count} fail.", err=True)
        raise typer.Exit(1)
    if count:
        typer.echo(f"All {count} hold.")
    else:
        typer.echo(
            "No entry has examples yet: write `examples: [a question that must find it]` below its id."
        )


def ask(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(help="A question, as a person would type it.")],
    path: Annotated[
        Path | None, typer.Option("--faq", metavar="PATH", help="Ask these files, not what is published.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Explain one decision: what a person would get now, how sure that is, why, and what else was near.

    Example: onethread faq ask 怎么退货
    """
    settings = settings_of(context, config, quiet=True)
    question = " ".join(text)
    faq = finish(_asked(settings, path))
    decision = faq.decide(question, _today())
    typer.echo(_headline(faq, decision))
    typer.echo(f"probability {decision.probability:.2f}: {decision.reason}")
    if decision.candidates:
        typer.echo("")
        _candidates(decision)
        typer.echo("")
        _cautions(faq, question)
    for name in decision.ids:
        _answers(faq.entries[name])


async def _asked(settings: "Settings", path: Path | None) -> "Faq":
    from bots import contents

    if path:
        return await faq_of(settings, path)
    async with contents.published(settings) as publishing:
        return publishing.current.faq


def _today() -> date:
    from bots import ground

    return ground.clock().astimezone().date()


def _headline(faq: "Faq", decision: "Decision") -> str:
    told = {
        "answer": "answered with",
        "suggest": "suggested:",
        "nothing": "nothing is near enough; a person is offered",
    }
    return f"{told[decision.kind]} {', '.join(decision.ids)}".strip()


def _candidates(decision: "Decision") -> None:
    rows = [
        (hit.id, f"{hit.score:.2f}", f"{hit.likeness:.2f}", hit.phrase) for hit in decision.candidates[:5]
    ]
    table(["entry", "score", "likeness", "nearest words"], rows)


def _cautions(faq: "Faq", question: str) -> None:
    """What the setting would change."""
    from core.conversation.faq.confidence import CAUTIONS

    rows = []
    for caution in CAUTIONS:
        decision = replace(faq, caution=caution).decide(question, _today())
        now = " (now)" if caution == faq.caution else ""
        rows.append((f"{caution}{now}", f"{faq.confidence.bars[caution]:.2f}", decided(decision)))
    table(["caution", "answers from", "would get"], rows)


def _answers(entry: "Entry") -> None:
    for language, block in entry.blocks.items():
        typer.secho(f"\n{entry.id} {language}: {inert(block.question)}", bold=True)
        typer.echo(inert(block.answer))
        for platform, answer in block.answers.items():
            typer.echo(f"on {platform}: {inert(answer)}")


def _counted(entries: "Sequence[Entry]") -> str:
    languages = sorted({language for entry in entries for language in entry.blocks})
    phrasings = sum(len(entry.phrasings()) for entry in entries)
    return f"{len(entries)} entries ({', '.join(languages)}; {phrasings} phrasings)"
