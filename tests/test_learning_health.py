"""How entries and the whole FAQ do, counted from what became of questions."""

from datetime import UTC, datetime, timedelta

import pytest

from core.conversation.faq.health import (
    Chance,
    Changes,
    Cost,
    Health,
    Share,
    Tally,
    costs,
    entry_texts,
    healths,
    reported,
    right,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "fate", "first", "entry", "was"),
    [
        ("answer", "helped", "A", "A", True),
        ("answer", "unhelped", "A", "A", False),
        ("answer", "person", "A", "A", False),
        ("answer", "picked", "A", "B", False),  # no help, then the next best
        ("answer", "agent", "A", "A", True),
        ("answer", "agent", "A", "B", False),
        ("answer", "", "A", "A", None),
        ("suggest", "picked", "A", "A", True),
        ("suggest", "helped", "A", "B", False),
        ("suggest", "unhelped", "A", "A", False),
        ("suggest", "unhelped", "A", "B", None),  # B was wrong; what of A?
        ("suggest", "unhelped", "A", "", False),
        ("suggest", "person", "A", "", False),
        ("suggest", "", "A", "", None),
        ("nothing", "agent", "", "A", None),
        ("opened", "helped", "A", "A", None),
    ],
)
def test_whether_the_first_candidate_was_right(
    kind: str, fate: str, first: str, entry: str, was: bool | None
) -> None:
    assert right(kind, fate, first, entry) is was


def tally(kind: str, fate: str, first: str, entry: str, count: int = 1, **where: str) -> Tally:
    return Tally(kind=kind, fate=fate, first=first, entry=entry, count=count, **where)


def test_every_fate_counts_for_the_entry_it_is_about() -> None:
    tallies = [
        tally("answer", "helped", "A", "A", 4),
        tally("answer", "", "A", "A", 10),
        tally("answer", "picked", "A", "B", 2),
        tally("answer", "agent", "A", "C", 3),
        tally("suggest", "picked", "A", "B", 5),
        tally("suggest", "unhelped", "A", "B", 1),
        tally("suggest", "", "A", "", 7),
        tally("suggest", "agent", "A", "C", 1),
        tally("opened", "unhelped", "C", "C", 1),
        tally("opened", "person", "C", "C", 1),
        tally("nothing", "person", "", "", 9),
    ]
    a, b, c = healths("ABC", tallies, {"A": 30, "B": 8}, {"A": NOW})
    assert (a.entry, a.asked, a.shown, a.helped, a.unhelped, a.led, a.changed) == ("A", 19, 30, 4, 2, 3, NOW)
    assert (b.entry, b.asked, b.shown, b.helped, b.unhelped, b.led) == ("B", 8, 8, 7, 1, 0)
    assert (c.entry, c.asked, c.helped, c.unhelped, c.led, c.changed) == ("C", 2, 0, 1, 1, None)
    assert a.solved == pytest.approx(4 / 9)
    assert Health(entry="D").solved is None


@pytest.mark.parametrize(
    ("days", "helped", "unhelped", "why"),
    [
        (31, 2, 3, "failing"),
        (29, 0, 9, ""),  # give it a month
        (31, 3, 3, ""),
        (31, 0, 4, ""),  # too few say so
        (366, 9, 0, "old"),
        (366, 0, 9, "failing"),
        (364, 9, 0, ""),
    ],
)
def test_what_should_be_looked_at_again(days: int, helped: int, unhelped: int, why: str) -> None:
    entry = Health(entry="A", helped=helped, unhelped=unhelped, changed=NOW - timedelta(days=days))
    assert entry.stale(NOW) == why


def test_what_never_was_published_is_not_stale() -> None:
    assert Health(entry="A", unhelped=9).stale(NOW) == ""


def test_the_figures_of_the_whole() -> None:
    tallies = [
        tally("answer", "helped", "A", "A", 5, platform="telegram", language="en"),
        tally("answer", "unhelped", "A", "A", 1, platform="wechat", language="zh-CN"),
        tally("suggest", "picked", "A", "B", 1, platform="wechat", language="zh-CN"),
        tally("suggest", "person", "A", "", 1, platform="wechat", language="zh-CN"),
        tally("nothing", "", "", "", 2, platform="telegram", language="en"),
        tally("opened", "helped", "A", "A", 99, platform="telegram", language="en"),
    ]
    report = reported(tallies, [Chance(probability=0.7, right=None)], {"balanced": 0.6})
    assert (report.asked, report.answered, report.suggested, report.person) == (10, 0.6, 0.2, 0.3)
    assert report.solved == pytest.approx(6 / 8)
    assert report.languages == {"en": Share(asked=7, missed=2), "zh-CN": Share(asked=3, missed=2)}
    assert list(report.platforms) == ["telegram", "wechat"]
    assert report.costs["balanced"].answered == 1


def test_an_empty_month_has_figures_too() -> None:
    report = reported([], [], {"bold": 0.5})
    assert (report.asked, report.answered, report.solved) == (0, 0.0, None)
    assert report.costs == {"bold": Cost(answered=0.0, wrong=0.0)}


def test_what_another_caution_would_have_cost() -> None:
    chances = [
        Chance(probability=0.9, right=True),
        Chance(probability=0.8, right=None),  # as likely wrong as it says
        Chance(probability=0.5, right=False),
        Chance(probability=0.2, right=None),
    ]
    found = costs(chances, {"careful": 0.85, "balanced": 0.6, "bold": 0.4})
    assert found["careful"] == Cost(answered=0.25, wrong=0.0)
    assert found["balanced"].wrong == pytest.approx(0.05)
    assert found["bold"].answered == 0.75
    assert found["bold"].wrong == pytest.approx(0.3)


# --- what changed last ------------------------------------------------------------------------------------------

FIRST = """# Samples
entries:
  - id: return-goods
    category: after-sales
    en:
      question: How to return?
      variants:
        - send it back
      answer: |
        - id: not an entry
        Click.

  # about mail
  - category: shipping
    id: "ship"   # quoted
    en: {question: Where?, answer: Here}
"""
DAYS = [NOW - timedelta(days=days) for days in (0, 10, 20, 30)]


def test_entries_are_found_in_their_files() -> None:
    found = entry_texts({"faq/a.yaml": FIRST, "faq/b.yaml": "entries: []\n", "faq/c.yaml": "- id: x\n"})
    assert set(found) == {"return-goods", "ship", "x"}
    assert found["return-goods"].endswith("Click.")
    assert "quoted" in found["ship"]


def test_when_each_entry_last_changed() -> None:
    second = FIRST.replace("send it back", "send this back")
    third = second.replace("# about mail", "# about parcels").replace("Samples", "Ours")
    newest = f"{third}  - id: new\n    en: {{question: New?, answer: New}}\n"
    changes = Changes({"faq/a.yaml": newest}, DAYS[0])
    for text, at in ((third, DAYS[1]), (second, DAYS[2]), (FIRST, DAYS[3])):
        changes.before({"faq/a.yaml": text}, at)
    assert changes.changed == {"return-goods": DAYS[2], "ship": DAYS[3], "new": DAYS[0]}
    assert not changes.done
    changes.before({}, NOW - timedelta(days=40))
    assert changes.done
