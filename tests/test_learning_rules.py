"""Which words may become a phrasing, and when enough people agree that they do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.normal import Normal
from core.conversation.faq.personal import masked, tells_who
from core.conversation.faq.uptake import ROOM, Proposal, Standing, alike, standing, taken_up
from core.conversation.faq.voices import LONGEST, Ballot, Said, ballots, fit, harms

NORMAL = Normal()


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "?", "退", "12345678", "你好", "您好，在吗", "hi there", "thank you " * 20, "嗯" * 200 + "。", "❤️🎉",
        "怎么退货\n还有运费谁付", "x" * (LONGEST + 1), "how " * 40, "mail me at ann.lee@example.com about my refund",
        "我的电话是13812345678怎么改", "call +1 415 555 2671 to refund", "call (415) 555-2671 to refund me",
        "my name is Ann Lee, where is it", "我叫王小明 怎么退货", "收件人：李雷 怎么改地址", "微信号：wx_12345 怎么加",
        "https://shop.example/item/3 这个多少钱", "taobao.com上的能退吗", "@some_handle how do I return this",
        "寄到中山北路二段36號要多久", "我住3号楼2单元怎么送", "deliver to 12 Green Hill Road please",
        "身份证11010519491231002X怎么改", "卡号 6222 0212 3456 7890 123 怎么换",
        "你妈的怎么退货", "how do I get my fucking money back", "a" * 100_000,
    ],
)  # fmt: skip
def test_no_phrasing_is_made_of(text: str) -> None:
    assert fit(text, NORMAL.of(text)) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  怎么退货？ ", "怎么退货？"),
        ("How do I return a dress?", "How do I return a dress?"),
        ("我的订单 12345678 到哪了", "我的订单 到哪了"),
        ("where is parcel SF1234567890", "where is parcel"),
        ("❤️ 怎么退货 ❤️", "怎么退货"),
        ("iPhone 15 128 多少钱", "iPhone 15 128 多少钱"),
        ("line是什么东西", "line是什么东西"),
        ("怎么\u200b退货\x07呢", "怎么 退货 呢"),
        ("¿Cómo devuelvo un pedido?", "¿Cómo devuelvo un pedido?"),
    ],
)
def test_a_phrasing_is_made_of(text: str, shown: str) -> None:
    assert fit(text, NORMAL.of(text)) == shown


def test_what_the_entry_says_already_is_no_new_phrasing() -> None:
    assert fit("怎么退货？", NORMAL.of("怎么退货？"), {NORMAL.of("怎麼退貨")}) == ""


@given(st.text(max_size=400))
def test_any_text_is_judged_and_what_is_taken_is_one_clean_line(text: str) -> None:
    shown = fit(text, NORMAL.of(text))
    assert len(shown) <= LONGEST
    assert "\n" not in shown
    assert "\x00" not in shown
    assert not tells_who(shown)


def test_personal_data_is_hidden_and_the_rest_stays() -> None:
    told = masked("订单 20260301998 寄给王先生? 我叫李雷，电话 13812345678，邮箱 lilei@example.com，谢谢")
    assert [part for part in ("20260301998", "李雷", "13812345678", "lilei") if part in told] == []
    assert told.endswith("谢谢")
    assert len(masked("a.b@c " * 100_000)) < 3000


# --- ballots ----------------------------------------------------------------------------------------------------


def people(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("for_it", "against", "confirmations", "agreed"),
    [
        ("abc", "", 3, True),
        ("ab", "", 3, False),
        ("a", "", 1, False),  # never one person alone, whatever the setting
        ("ab", "", 1, True),
        ("abc", "x", 3, False),
        ("abcd", "x", 3, True),
        ("abcd", "xy", 3, False),
        ("abcde", "xy", 3, True),
        ("abcd", "a", 3, True),  # who says both says nothing
        ("abc", "a", 3, False),
    ],
)
def test_when_people_agree(for_it: str, against: str, confirmations: int, agreed: bool) -> None:
    assert Ballot(for_it=people(*for_it), against=people(*against)).agreed(confirmations) is agreed


voices = st.frozensets(st.integers(0, 40).map(str))


@given(voices, voices, st.integers(2, 20))
def test_fewer_than_asked_for_never_change_anything(
    for_it: frozenset[str], against: frozenset[str], k: int
) -> None:
    if len(for_it) < k:
        assert not Ballot(for_it=for_it, against=against).agreed(k)


@given(voices, voices, st.integers(1, 20), st.integers(0, 40).map(str))
def test_a_voice_against_never_helps_and_one_for_never_hurts(
    for_it: frozenset[str], against: frozenset[str], k: int, one: str
) -> None:
    ballot = Ballot(for_it=for_it, against=against)
    if ballot.agreed(k) and one not in for_it:
        assert Ballot(for_it=for_it | {one}, against=against - {one}).agreed(k)
    if not ballot.agreed(k) and one not in for_it:
        assert not Ballot(for_it=for_it, against=against | {one}).agreed(k)


said = st.builds(
    Said,
    entry=st.sampled_from("AB"),
    words=st.sampled_from("xyz"),
    voice=st.integers(0, 9).map(str),
    helped=st.booleans(),
)


@given(st.lists(said), st.integers(1, 5))
def test_nobody_counts_twice_and_the_order_of_voices_says_nothing(ones: list[Said], k: int) -> None:
    ballots_once = ballots(ones)
    assert ballots([*reversed(ones), *ones]) == ballots_once
    for (entry, words), ballot in ballots_once.items():
        confirming = {one.voice for one in ones if (one.entry, one.words, one.helped) == (entry, words, True)}
        assert ballot.for_it == confirming
        assert not ballot.agreed(k) or len(confirming) >= max(k, 2)


def test_words_of_the_same_meaning_share_their_voices_and_only_the_very_words_speak_against() -> None:
    like = {"x": ("x", "y"), "y": ("x", "y"), "z": ("z",)}
    ones = [Said(entry="A", words=words, voice=voice) for words, voice in ("xa", "xb", "yc", "zd")]
    assert ballots(ones, like)[("A", "x")].for_it == people("a", "b", "c")
    other = Said(entry="B", words="y", voice="e")
    assert ballots([*ones, other], like)[("A", "y")].against == people("e")
    assert ballots([*ones, other], like)[("A", "x")].against == people()


def test_a_voice_that_was_heard_lends_nothing_more_but_still_speaks_against_others() -> None:
    like = {"x": ("x", "y"), "y": ("x", "y")}
    ones = [Said(entry="A", words="x", voice=voice, spent=True) for voice in "abc"]
    new = Said(entry="A", words="y", voice="d")
    other = Said(entry="B", words="y", voice="e")
    found = ballots([*ones, new, other], like)
    assert found[("A", "y")].for_it == people("d")
    assert found[("B", "y")].against == people("d")
    assert ballots([*ones, Said(entry="B", words="x", voice="e")])[("B", "x")].against == people(
        "a", "b", "c"
    )


def test_no_help_by_this_entry_speaks_against_it_and_no_help_by_another_says_nothing() -> None:
    ones = [Said(entry="A", words="x", voice=voice) for voice in "abc"]
    mine = Said(entry="A", words="x", voice="d", helped=False)
    theirs = Said(entry="B", words="x", voice="d", helped=False)
    assert ballots([*ones, mine])[("A", "x")].against == people("d")
    assert ballots([*ones, theirs])[("A", "x")].against == people()


@pytest.mark.parametrize(
    ("helped", "unhelped", "does"),
    [(0, 2, False), (0, 3, True), (3, 3, False), (3, 4, True), (50, 51, True), (1, 0, False)],
)
def test_what_harms(helped: int, unhelped: int, does: bool) -> None:
    assert harms(helped, unhelped) is does


# --- taking up --------------------------------------------------------------------------------------------------


def entry(name: str, *phrasings: str, examples: tuple[str, ...] = (), not_for: tuple[str, ...] = ()) -> Entry:
    block = Block(question=phrasings[0], answer="-", variants=phrasings[1:])
    return Entry(id=name, blocks={"en": block}, examples=examples, not_for=not_for)


def proposal(text: str, entry: str = "A", number: int = 1) -> Proposal:
    return Proposal(id=number, entry=entry, language="en", text=text, folded=NORMAL.of(text))


def spoken(text: str, voices: str, entry: str = "A") -> list[Said]:
    return [Said(entry=entry, words=NORMAL.of(text), voice=voice) for voice in voices]


def stands(*entries: Entry) -> Standing:
    return standing(entries, NORMAL.of)


@pytest.mark.parametrize(
    ("entries", "taken"),
    [
        ((entry("A", "how to return"),), True),
        ((entry("B", "how to return"),), False),  # the entry is gone
        ((entry("A", "Send it back?"),), False),  # it says so already
        ((entry("A", "how to return", examples=("send it back",)),), True),
        ((entry("A", "how to return", not_for=("send it back!",)),), False),
        ((entry("A", "how to return"), entry("B", "send it back")), False),  # another one's words
        ((entry("A", "how to return"), entry("B", "mail", examples=("send it back",))), False),
        ((entry("A", *(f"way number {at}" for at in range(ROOM))),), False),  # no room
    ],
)
def test_what_admins_wrote_goes_before_what_people_say(entries: tuple[Entry, ...], taken: bool) -> None:
    text = "send it back"
    found = taken_up([proposal(text)], spoken(text, "abc"), stands(*entries), 3)
    assert [one.people for one in found] == ([3] if taken else [])


def test_the_room_goes_to_those_with_most_voices() -> None:
    full = entry("A", *(f"way number {at}" for at in range(ROOM - 1)))
    texts = {"send it back": "abc", "returning goods": "abcd"}
    found = taken_up(
        [proposal(text, number=at) for at, text in enumerate(texts)],
        [one for text, who in texts.items() for one in spoken(text, who)],
        stands(full),
        3,
    )
    assert [one.proposal.text for one in found] == ["returning goods"]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 3)), max_size=40), st.integers(3, 9))
def test_a_few_hostile_people_never_take_anything_up(votes: list[tuple[str, int]], honest: int) -> None:
    """However often they vote: fewer than are asked for, and outweighed where as many honest people disagree."""
    text, k = "send it back", 5
    mean = [Said(entry=name, words=NORMAL.of(text), voice=f"mean{who}") for name, who in votes]
    proposals = [proposal(text, name, at) for at, name in enumerate("AB")]
    both = stands(entry("A", "how to return"), entry("B", "opening hours"))
    assert taken_up(proposals, mean, both, k) == []
    told = [*mean, *spoken(text, "abcdefghi"[:honest])]
    assert {one.proposal.entry for one in taken_up(proposals, told, both, k)} <= {"A"}


def test_what_is_alike_is_found_across_blocks() -> None:
    rows = np.zeros((1200, 4), np.float32)
    rows[:, 0] = 1
    rows[:600] = [0, 1, 0, 0]
    found = alike([str(at) for at in range(1200)], rows)
    assert (len(found["3"]), len(found["900"])) == (50, 50)  # however many there are
    assert {int(one) < 600 for one in found["3"]} == {True}
    assert {int(one) < 600 for one in found["900"]} == {False}
