"""``routing.yaml``: what it says becomes departments; what is wrong is told with its place, the reason and a mend."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversation.desk.routing import read
from core.errors import Invalid
from core.escalation.hours import ALL_DAY, Span
from core.escalation.routing import KINDS, Agents, Routing, is_emergency, lead

CONFIG = Path(__file__).parent.parent / "config"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def routing(text: str) -> Routing:
    return read("routing.yaml", dedent(text))


def problems(text: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        routing(text)
    return caught.value.problems


def test_one_line_is_enough() -> None:
    found = routing("departments: {support: {}}")
    assert [one.id for one in found.departments] == ["support"]
    assert found.fallback == "support"
    support = found.department("")
    assert (support.channels, support.agents, support.hours) == ((), Agents(), None)
    assert (support.undo, support.confirm, support.claim_required) == (timedelta(seconds=5), False, False)
    assert support.offer_again == timedelta(minutes=30)


FULL = """
    agents: [U0000001, Mei@Example.com, {id: U0000002, trial: true}]
    supervisors: [U0000009]
    on_call: S0000001
    languages: [zh-CN, en]
    priority: high
    undo: 10 s
    claim_required: yes
    offer_again: 0
    costly: {banned: [Idiot, 白痴], payment: {en: [paypal.me]}}
    hours:
      zone: Asia/Shanghai
      mon-fri: ["13:30-18:00", "９:00-12:00"]
      special: {2026-10-01..2026-10-03: closed, 2026-10-10: "10:00-24:00"}
    departments:
      support:
      after-sales:
        name: {zh-CN: 售后, en: After-sales}
        channels: [C0000001, C0000002]
        agents: [S0000003]
        priority: low
        undo: 0
        confirm: true
        claim_required: false
        offer_again: 2h
        words: {zh-CN: [退货], en: [ Refund ]}
        categories: [after-sales]
        costly: {promise: [guarantee]}
        hours:
          sat-mon,wed: "00:00-24:00"
    fallback: after-sales
    emergency: {department: support, words: [账号被盗, Stolen Account]}
"""


def test_the_top_holds_for_departments_that_say_nothing_else() -> None:
    support = routing(FULL).department("support")
    assert support.agents == Agents(
        named=("U0000001", "mei@example.com", "U0000002"),
        supervisors=("U0000009",),
        trial=frozenset({"U0000002"}),
    )
    assert (support.on_call, support.languages, support.priority) == ("S0000001", ("zh-CN", "en"), "high")
    assert (support.undo, support.claim_required, support.offer_again) == (
        timedelta(seconds=10),
        True,
        timedelta(),
    )
    assert support.costly == {"banned": frozenset({"idiot", "白痴"}), "payment": frozenset({"paypal.me"})}
    assert support.hours is not None
    workday = (Span(since=time(9), until=time(12)), Span(since=time(13, 30), until=time(18)))
    assert support.hours.zone == SHANGHAI
    assert support.hours.week == (workday,) * 5 + ((), ())
    assert support.hours.special == {
        date(2026, 10, 1): (), date(2026, 10, 2): (), date(2026, 10, 3): (),
        date(2026, 10, 10): (Span(since=time(10), until=time(0)),),
    }  # fmt: skip


def test_a_department_may_say_otherwise() -> None:
    found = routing(FULL)
    other = found.department("gone")
    assert other.id == found.fallback == "after-sales"
    assert other.agents == Agents(named=("S0000003",), supervisors=("U0000009",))
    assert (other.channels, other.priority) == (("C0000001", "C0000002"), "low")
    assert (other.undo, other.confirm, other.claim_required) == (timedelta(), True, False)
    assert other.offer_again == timedelta(hours=2)
    assert other.words == {"退货", "refund"}
    assert other.categories == {"after-sales"}
    assert other.costly == {"promise": frozenset({"guarantee"})}
    assert other.names == {"zh-CN": "售后", "en": "After-sales"}
    assert other.hours is not None
    assert other.hours.week == (ALL_DAY, (), ALL_DAY, (), (), ALL_DAY, ALL_DAY)
    assert other.hours.zone == SHANGHAI, "the firm's zone and holidays"
    assert len(other.hours.special) == 4
    assert found.emergency.words == {"账号被盗", "stolen account"}


def test_a_zone_alone_is_open_day_and_night() -> None:
    hours = routing("{hours: {zone: Europe/Berlin}, departments: {support: }}").department("").hours
    assert hours is not None
    assert hours.is_open(datetime(2026, 3, 1, 3, tzinfo=UTC))


REFUSED = [
    ("", "1:1: the file is empty; write `departments:`"),
    ("- support", "1:1: the file must hold departments, fallback"),
    ("fallback: support", "1:1: `departments:` is missing"),
    ("departments: {}", "1:14: departments must hold ids"),
    ("departments: [support]", "1:14: departments must hold ids"),
    ("departments:\n  support:\n  support:", "3:3: support stands here for the second time"),
    ("departments: {after sales: {}}", "1:15: there is no key \"after sales\" here; a department's id holds"),
    ("departments: {support: yes}", "1:24: support must hold name, channels"),
    ("departments: {support: {}}\ndue: 4h", '2:1: there is no key "due" here; '),
    ("departments: {support: {chanels: [C0000001]}}", '1:25: there is no key "chanels" here; did you mean "channels"?'),
    ("departments: {support: {channels: ['#help']}}", '1:36: "#help" is no id of a Slack channel; write it as C0123'),
    ("departments: {support: {channels: [C0000001, C0000001]}}", "1:46: C0000001 stands twice in channels"),
    ("departments: {support: {channels: C0000001}}", "1:35: channels must be a list"),
    ("departments: {support: {agents: ['@mei']}}", '1:34: "@mei" names nobody; write a Slack user\'s id'),
    ("departments: {support: {agents: [{trial: true}]}}", "1:34: this agent has no id; write {id: U01"),
    ("departments: {support: {agents: [{id: [U0000001]}]}}", "1:39: id must be a text"),
    ("departments: {support: {agents: [{id: U0000001, trial: maybe}]}}", "1:56: trial must be true or false"),
    ("departments: {support: {agents: [a@b.cn, A@b.cn]}}", "1:42: A@b.cn stands twice in agents"),
    ("supervisors: [mei]\ndepartments: {support: }", '1:15: "mei" names nobody'),
    ("on_call: oncall\ndepartments: {support: }", '1:10: "oncall" can\'t be called; write the id of a user group'),
    ("languages: [zh_CN]\ndepartments: {support: }", '1:13: "zh_CN" is no language; did you mean "zh-CN"?'),
    ("priority: urgnt\ndepartments: {support: }", '1:11: priority can\'t be "urgnt"; did you mean "urgent"?'),
    ("undo: 5\ndepartments: {support: }", "1:7: undo must be a span of time; write a number and s, min or h"),
    ("undo: 10 min\ndepartments: {support: }", "1:7: undo is longer than anybody waits; write at most 5 min"),
    ("undo: [5s]\ndepartments: {support: }", "1:7: undo must be a span of time"),
    ("confirm: maybe\ndepartments: {support: }", "1:10: confirm must be true or false; write `confirm: true`"),
    ("departments: {support: {words: 退款}}", "1:32: words must be a list; write [one, another]"),
    ("departments: {support: {words: ['!?']}}", "1:33: one of words holds no letter"),
    ("departments: {support: {words: {english: [refund]}}}", '1:33: there is no key "english" here; '),
    ("departments: {support: {words: [true]}}", "1:33: one of words: true without quotes means yes or no"),
    ("departments: {support: {name: {en: ''}}}", "1:36: name: en is empty"),
    ("departments: {support: }\nfallback: suport", '2:11: fallback can\'t be "suport"; did you mean "support"?'),
    ("departments: {support: }\nemergency: {department: support}", "2:12: emergency has no words; write"),
    ("departments: {support: }\nemergency: {words: [fire], department: it}", '2:40: department can\'t be "it"'),
    ("departments: {support: }\nemergency: [fire]", "2:12: emergency must hold words, department"),
    ("costly: {bannd: [x]}\ndepartments: {support: }", '1:10: there is no key "bannd" here; did you mean "banned"?'),
    ("a: *b", "1:4: "),
]  # fmt: skip
HOURS_REFUSED = [
    ("{mon: closed}", "1:8: hours have no `zone:`; write one such as Asia/Shanghai"),
    ("[]", "1:8: hours must hold `zone: Asia/Shanghai` and days"),
    ("{zone: Asia/Shangai}", '1:15: no time zone is called "Asia/Shangai"; did you mean "Asia/Shanghai"?'),
    ("{zone: CST-8}", '1:15: no time zone is called "CST-8"; '),
    ("{zone: ../etc/passwd}", '1:15: no time zone is called "../etc/passwd"'),
    ("{zone: UTC, monday: closed}", '1:20: there is no key "monday" here; did you mean "mon"?'),
    ("{zone: UTC, weekdays: closed}", '1:20: there is no key "weekdays" here; '),
    ("{zone: UTC, 2026-10-01: closed}", "1:20: there is no key \"2026-10-01\" here; days are mon, tue"),
    ("{zone: UTC, mon: '9-18'}", '1:25: mon must be times such as ["09:00-12:00", "13:30-18:00"], or closed'),
    ("{zone: UTC, mon: {9: 18}}", "1:25: mon must be times such as"),
    ("{zone: UTC, mon: ['09:00-25:00']}", "1:26: mon: 09:00-25:00 is no time of day"),
    ("{zone: UTC, mon: ['09:60-10:00']}", "1:26: mon: 09:60-10:00 is no time of day"),
    ("{zone: UTC, mon: ['22:00-06:00']}", "1:26: mon: 22:00-06:00 goes past midnight; write 22:00-24:00 here and"),
    ("{zone: UTC, mon: ['22:00-00:00']}", "1:26: mon: a day ends at 24:00; write 22:00-24:00"),
    ("{zone: UTC, mon: ['09:00-09:00']}", "1:26: mon: 09:00-09:00 is no time at all"),
    ("{zone: UTC, mon: ['09:00-12:00', '11:00-13:00']}", "1:25: mon: two of these times overlap"),
    ("{zone: UTC, mon: ['09:00-24:00', '23:00-24:00']}", "1:25: mon: two of these times overlap"),
    ("{zone: UTC, mon-fri: '09:00-17:00', wed: closed}", "1:49: wed stands in two lines of the hours"),
    ("{zone: UTC, mon: closed}", "1:8: these hours never open"),
    ("{zone: UTC, special: {10-01: closed}}", '1:30: there is no key "10-01" here; write a day as 2026-10-01'),
    ("{zone: UTC, special: {2026-02-30: closed}}", '1:42: there is no such day as "2026-02-30"'),
    ("{zone: UTC, special: {2026-10-07..2026-10-01: closed}}", "1:54: 2026-10-07..2026-10-01 ends before it begins"),
    ("{zone: UTC, special: {2026-10-01..2029-10-01: closed}}", "1:54: 2026-10-01..2029-10-01 is longer than a year"),
    ("{zone: UTC, special: {2026-10-01..2026-10-02: closed, 2026-10-02: closed}}", "1:74: 2026-10-02 stands in two"),
    ("{zone: UTC, special: closed}", "1:29: special must hold days"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    REFUSED + [(f"hours: {hours}\ndepartments: {{support: }}", told) for hours, told in HOURS_REFUSED],
)
def test_mistakes_are_told_with_place_reason_and_mend(text: str, told: str) -> None:
    (only,) = problems(text)
    assert only.startswith(f"routing.yaml:{told}"), only
    assert len(only) > len("routing.yaml:1:1: ") + 15


def test_all_mistakes_are_told_at_once_in_the_files_order() -> None:
    found = problems("""\
        undo: soon
        hours: {zone: Mars/Base}
        departments:
          support: {channels: [help], fallback: x}
        fallback: sales
    """)
    assert [told.split(":")[1] for told in found] == ["1", "2", "4", "4", "5"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200) | st.binary(max_size=200))
def test_any_file_is_read_or_refused(content: str | bytes) -> None:
    try:
        known = [one.id for one in read("routing.yaml", content).departments]
    except Invalid as invalid:
        known = invalid.problems
    assert known


# --- the shipped file ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Routing:
    return read("routing.yaml", (CONFIG / "routing.yaml").read_bytes())


def test_the_shipped_file_serves_with_one_support_channel_and_its_members(shipped: Routing) -> None:
    assert len(shipped.departments) == 4
    for one in shipped.departments:
        assert (one.channels, one.agents) == ((), Agents())
        assert {"zh-CN", "zh-TW", "en"} == set(one.names)
        assert one.zone == SHANGHAI
        assert set(one.costly) == set(KINDS)


def test_every_category_of_the_shipped_faq_has_a_department(shipped: Routing) -> None:
    faq = "\n".join(file.read_text(encoding="utf-8") for file in (CONFIG / "faq").glob("*.yaml"))
    used = {line.split(":")[1].strip() for line in faq.splitlines() if line.strip().startswith("category:")}
    known = [category for one in shipped.departments for category in one.categories]
    assert sorted(known) == sorted(used)
    assert len(used) > 5


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("我的账号被盗了", "accounts"),
        ("帳號被盜怎麼辦", "accounts"),
        ("My account was hacked", "accounts"),
        ("支付异常，重复扣款了", "payments"),
        ("信用卡被盜刷", "payments"),
        ("I was charged twice", "payments"),
        ("there is a double charge on my card", "payments"),
        ("充电宝冒烟了", "support"),
    ],
)
def test_shipped_emergencies(shipped: Routing, text: str, department: str) -> None:
    assert is_emergency(shipped, text)
    assert lead(shipped, [text]).id == department


@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("怎么退货", "after-sales"),
        ("我想退貨", "after-sales"),
        ("can I get a refund?", "after-sales"),
        ("要开发票", "payments"),
        ("how can I pay by credit card", "payments"),
        ("忘记密码了", "accounts"),
        ("转人工", "support"),
        ("Do you ship to Hangzhou?", "support"),
        ("洗衣机的滚筒在哪里买", "support"),
    ],
)
def test_shipped_words_lead_and_are_no_emergency(shipped: Routing, text: str, department: str) -> None:
    assert not is_emergency(shipped, text)
    assert lead(shipped, [text]).id == department
