"""Gaps and learnt variants as pages and posts. Pure."""

from collections.abc import Iterator, Sequence

from bots.slack.admin.where import Where
from bots.slack.kit import (
    Block,
    Button,
    Speech,
    View,
    actions,
    context,
    divider,
    header,
    modal,
    quoted,
    section,
)
from bots.slack.text import safe
from core.conversation.faq.gaps import Gap
from core.storage.faq_views import VariantRow

GAPS, VARIANTS = "faq.gaps", "faq.variants"
_GAPS_SHOWN, _GAPS_POSTED = 15, 8
_EXAMPLES = 5
_PROPOSED, _OTHERS = 20, 10


def gaps(found: Sequence[Gap], where: Where, speech: Speech) -> View:
    """Those of most people first, each with the way to an entry."""
    blocks = [
        *gap_blocks(found[:_GAPS_SHOWN], speech),
        actions(speech, Button(verb="faq.home", label=speech("admin.back"))),
    ]
    return modal(speech("admin.gaps"), blocks, page=GAPS, where=str(where), close=speech("admin.close"))


def weekly(found: Sequence[Gap], speech: Speech) -> list[Block]:
    """The same as a post."""
    told = [section(speech("admin.gaps.weekly", count=len(found)))] if found else []
    return [
        header(f"🕳️ {speech('admin.gaps')}"),
        *told,
        *gap_blocks(found[:_GAPS_POSTED], speech, posted=True),
    ]


def gap_blocks(found: Sequence[Gap], speech: Speech, *, posted: bool = False) -> Iterator[Block]:
    """Three blocks for each; in a post the block of the button says that it is ours."""
    if not found:
        yield section(speech("admin.gaps.none"))
    for gap in found:
        newest = gap.missed[0] if gap.missed else 0
        counts = speech("admin.gap", people=gap.people, asked=gap.asked, unhelpful=gap.unhelpful)
        draft = Button(verb="faq.gap", label=speech("admin.gap.draft"), value=str(newest))
        block = section(f"*{quoted(gap.question, 200)}*\n{counts}", draft, speech)
        yield {**block, "block_id": f"{GAPS}:{newest}"} if posted else block
        yield context(*_examples(gap), _near(gap, speech))


def _examples(gap: Gap) -> Iterator[str]:
    for code, texts in gap.examples.items():
        yield f"{code}: {quoted(' · '.join(texts[:_EXAMPLES]), 400)}"


def _near(gap: Gap, speech: Speech) -> str:
    if gap.near is None:
        return ""
    return speech("admin.gap.near", id=safe(gap.near.entry), likeness=f"{gap.near.likeness:.0%}")


def variants(
    proposed: Sequence[VariantRow],
    taken: Sequence[VariantRow],
    withdrawn: Sequence[VariantRow],
    where: Where,
    speech: Speech,
    said: str = "",
) -> View:
    """Take and Decline for what is proposed, Withdraw for what was taken up, what was withdrawn to look at."""
    blocks = list(_variants(proposed, taken, withdrawn, speech, said))
    return modal(
        speech("admin.variants"), blocks, page=VARIANTS, where=str(where), close=speech("admin.close")
    )


def _variants(
    proposed: Sequence[VariantRow],
    taken: Sequence[VariantRow],
    withdrawn: Sequence[VariantRow],
    speech: Speech,
    said: str,
) -> Iterator[Block]:
    if said:
        yield section(said)
    if not proposed:
        yield section(speech("admin.variants.none"))
    for one in proposed[:_PROPOSED]:
        yield section(_line(one, speech))
        yield actions(speech, *_choices(one, speech))
    if taken:
        yield divider()
        yield section(f"*{speech('admin.variants.taken', count=len(taken))}*")
    for one in taken[:_OTHERS]:
        yield section(_line(one, speech), _decline(one, "admin.withdraw", speech), speech)
    if withdrawn:
        yield divider()
        yield section(f"*{speech('admin.variants.withdrawn', count=len(withdrawn))}*")
        yield from (context(_line(one, speech)) for one in withdrawn[:_OTHERS])
    yield actions(speech, Button(verb="faq.home", label=speech("admin.back")))


def _choices(one: VariantRow, speech: Speech) -> tuple[Button, ...]:
    """One in doubt stands in the FAQ already: it may go."""
    if one.state == "doubted":
        return (_decline(one, "admin.withdraw", speech),)
    take = Button(verb="faq.take", label=speech("admin.take"), value=str(one.id), style="primary")
    return take, _decline(one, "admin.decline", speech)


def _decline(one: VariantRow, label: str, speech: Speech) -> Button:
    return Button(verb="faq.decline", label=speech(label), value=str(one.id))


def _line(one: VariantRow, speech: Speech) -> str:
    sources = ", ".join(
        f"{speech(f'admin.source.{source}')} ×{count}" for source, count in sorted(one.sources.items())
    )
    sign = "⚠️ " if one.state == "doubted" else ""
    return speech(
        "admin.variant.line",
        sign=sign,
        text=quoted(one.text, 150),
        id=safe(one.entry),
        language=one.language,
        sources=sources or "–",
    )
