"""``onethread faq``: look after what the bot can answer by itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from bots.terminal import ConfigFile, finish, group, settings_of, table

if TYPE_CHECKING:
    from bots.settings import Settings
    from core.publishing import Published

faq = group("What the bot can answer by itself.")


@faq.command()
def check(context: typer.Context, config: ConfigFile = None) -> None:
    """Read all FAQ files and name every mistake with file, line and column."""
    settings = settings_of(context, config)
    published = _published(settings)
    typer.echo(f"{settings.faq_dir}: {len(published.faq.entries)} entries, all well.")


@faq.command()
def ask(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(help="A question, as a person would type it.")],
    config: ConfigFile = None,
) -> None:
    """Show what the bot would make of a question: the answer, or what it would suggest, and how near each is."""
    faq_now = _published(settings_of(context, config)).faq
    question = " ".join(text)
    decision = faq_now.decide(question)
    told = {
        "answer": "answered with",
        "suggest": "suggested",
        "nothing": "nothing is near; a person is offered",
    }
    typer.echo(f"{told[decision.kind]} {', '.join(decision.ids)}".strip())
    hits = faq_now.matcher.rank(question, limit=5)
    table(["entry", "score", "nearest words"], [(hit.id, f"{hit.score:.2f}", hit.phrase) for hit in hits])
    if decision.kind == "answer":
        typer.echo("")
        typer.echo(faq_now.entries[decision.ids[0]].answer_in("")[1])


def _published(settings: "Settings") -> "Published":
    """What would be published now. Raises Invalid."""
    from bots import app

    publishing = app.content(settings)
    finish(publishing.load())
    return publishing.current
