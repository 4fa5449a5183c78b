"""``onethread faq gaps``, ``report``, ``health`` and ``variants``: what people's questions say about the FAQ."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bots.commands.faq_publishing import DOOR
from bots.commands.faq_telling import clashed
from bots.terminal import ConfigFile, author, finish, moment, refuse, settings_of, table

if TYPE_CHECKING:
    from bots.settings import Settings
    from core.conversation.faq.entries import Entry
    from core.conversation.faq.gaps import Gap
    from core.conversation.faq.health import Health, Report
    from core.publishing import Revision
    from core.storage.faq_views import VariantRow

Days = Annotated[int, typer.Option(min=1, max=366, help="How far to look back.")]
_EXAMPLES = 3
_STALE = {"failing": "helps less than half", "old": "unchanged for a year", "": ""}
State = Literal["open", "proposed", "doubted", "taken", "declined", "withdrawn"]


def gaps(
    context: typer.Context,
    days: Days = 7,
    draft: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Write an entry for the Nth gap, for you to go over."),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """List what people asked in vain, put together by meaning, most people first.

    Example: onethread faq gaps --draft 1 > config/faq/91-new.yaml
    """
    settings = settings_of(context, config, quiet=True)
    from bots import contents, ground
    from core.conversation.faq.normal import Normal
    from core.storage import faq_views

    async def read() -> "tuple[list[Gap], Entry | None]":
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            since = ground.clock() - timedelta(days=days)
            found = await faq_views.gaps(storage, publishing.current.faq, since)
            if draft is None or draft > len(found):
                return found, None
            return found, await faq_views.draft(
                storage, publishing.current.faq, found[draft - 1], Normal().of
            )

    found, entry = finish(read())
    if draft is not None:
        _drafted(found, entry, draft)
    elif found:
        _show_gaps(found)
    else:
        typer.echo(f"Nothing was asked in vain in the last {days} days.")


def report(context: typer.Context, days: Days = 30, config: ConfigFile = None) -> None:
    """Show how much the FAQ answers, how much of it helps, and what more or less caution would cost."""
    settings = settings_of(context, config, quiet=True)
    from bots import contents, ground
    from core.storage import faq_views

    async def read() -> "Report":
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            return await faq_views.report(storage, publishing.current.faq, ground.clock(), days)

    found = finish(read())
    if found.asked:
        _show_report(found, settings.faq.caution)
    else:
        typer.echo(f"Nobody asked anything in the last {days} days.")


def health(
    context: typer.Context,
    days: Days = 30,
    stale: Annotated[bool, typer.Option("--stale", help="Only those to look at again.")] = False,
    config: ConfigFile = None,
) -> None:
    """List how each entry does: asked, shown, helped, led to a person, last changed, and which want a look."""
    settings = settings_of(context, config, quiet=True)
    from bots import contents, ground
    from core.storage import faq_views

    now = ground.clock()

    async def read() -> "list[Health]":
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            return await faq_views.health(storage, publishing.current.faq, now, days)

    rows = [row for row in finish(read()) if row.stale(now) or not stale]
    if not rows:
        typer.echo("No entry wants a look." if stale else "The FAQ has no entries.")
        return
    table(
        ["entry", "asked", "shown", "helped", "no help", "to a person", "solved", "changed", ""],
        [
            (row.entry, row.asked, row.shown, row.helped, row.unhelped, row.led,
             "–" if row.solved is None else f"{row.solved:.0%}",
             row.changed.astimezone().date() if row.changed else "–", _STALE[row.stale(now)])
            for row in rows
        ],
    )  # fmt: skip


def variants(
    context: typer.Context,
    take: Annotated[int | None, typer.Option(min=1, metavar="ID", help="Put this one into the FAQ.")] = None,
    decline: Annotated[int | None, typer.Option(min=1, metavar="ID", help="Never take this one up.")] = None,
    withdraw: Annotated[int | None, typer.Option(min=1, metavar="ID", help="Take it out again.")] = None,
    state: Annotated[State, typer.Option(help="Which ones; open: those that wait for you.")] = "open",
    config: ConfigFile = None,
) -> None:
    """List other ways to ask that were learnt from people, and decide on them.

    What enough people confirm is taken up by itself. One that is `doubted` was taken up and seems to do harm.
    """
    settings = settings_of(context, config, quiet=True)
    if sum(one is not None for one in (take, decline, withdraw)) > 1:
        raise refuse("Decide on one at a time.")
    for number, yes in ((take, True), (decline, False), (withdraw, False)):
        if number is not None:
            _decide(settings, number, yes=yes)
            return
    from bots import ground
    from core.storage import faq_views

    async def read() -> "list[VariantRow]":
        states = ("proposed", "doubted") if state == "open" else (state,)
        async with ground.opened(settings) as storage:
            return [row for one in states for row in await faq_views.variants(storage, one)]

    rows = finish(read())
    if not rows:
        typer.echo("None." if state != "open" else "No variant waits for you.")
        return
    table(
        ["id", "entry", "language", "variant", "people", "state", "by"],
        [
            (row.id, row.entry, row.language, row.text, row.people, row.state, row.decided_by or "–")
            for row in rows
        ],
    )


def _decide(settings: "Settings", number: int, *, yes: bool) -> None:
    from bots import contents, ground
    from core.helpdesk.learning import Learning, NoSuchVariant
    from core.publishing import Conflict

    async def go() -> "Revision | None":
        async with ground.opened(settings) as storage, contents.published(settings) as publishing:
            learning = Learning(
                storage=storage, publishing=publishing, clock=ground.clock,
                confirmations=settings.faq.confirmations,
            )  # fmt: skip
            return await learning.decide(number, yes, author(), DOOR)

    try:
        revision = finish(go())
    except NoSuchVariant:
        raise refuse(f"There is no variant {number}. `onethread faq variants` lists them.") from None
    except Conflict as conflict:
        raise clashed(conflict) from None
    done = "taken up" if yes else "kept out"
    published = f" Published as revision {revision.number}." if revision else ""
    typer.echo(f"Variant {number} is {done}.{published}")


def _show_gaps(found: "list[Gap]") -> None:
    rows = []
    for number, gap in enumerate(found, 1):
        examples = [
            f"{language}: {text}" for language, texts in gap.examples.items() for text in texts[:_EXAMPLES]
        ]
        near = f"{gap.near.entry} {gap.near.likeness:.2f}" if gap.near else "–"
        rows.append(
            (number, gap.people, gap.asked, gap.unhelpful, "\n".join(examples), near, moment(gap.last))
        )
    table(["", "people", "asked", "no help", "examples", "nearest entry", "last"], rows)
    typer.echo("`onethread faq gaps --draft N` writes an entry from what agents answered.")


def _drafted(found: "list[Gap]", entry: "Entry | None", number: int) -> None:
    """As a file of its own."""
    from core.conversation.faq.editing import source_from

    if number > len(found):
        raise refuse(f"There are {len(found)} gaps. `onethread faq gaps` lists them.")
    if entry is None:
        raise refuse("No agent has answered this yet, so there is nothing to make an answer from.")
    lines = source_from(entry).rstrip("\n").split("\n")
    typer.echo("entries:\n  - " + "\n    ".join(lines).replace("\n    \n", "\n\n"))


def _show_report(found: "Report", caution: str) -> None:
    typer.echo(f"{found.asked} questions")
    solved = "not known yet" if found.solved is None else f"{found.solved:.0%}"
    table(
        [],
        [("answered", f"{found.answered:.0%}"), ("suggested", f"{found.suggested:.0%}"),
         ("ended with a person", f"{found.person:.0%}"), ("solved, of those who said so", solved)],
    )  # fmt: skip
    for name, shares in (("language", found.languages), ("platform", found.platforms)):
        typer.echo("")
        table(
            [name, "asked", "missed"],
            [(key or "–", one.asked, f"{one.missed / max(one.asked, 1):.0%}") for key, one in shares.items()],
        )
    typer.echo("\nWhat each caution would have done with these questions:")
    table(
        ["caution", "answered", "wrong"],
        [
            (f"{name} (now)" if name == caution else name, f"{cost.answered:.1%}", f"{cost.wrong:.1%}")
            for name, cost in found.costs.items()
        ],
    )
    typer.echo("Set `caution` under [faq] in the configuration.")
