"""Which department a matter goes to, which words are found in what people write, and who may answer."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.finding import folded, holds
from core.escalation.hours import Hours
from core.escalation.roles import Colleague, groups_of, needs_email, role_of
from core.escalation.routing import (
    Agents,
    Department,
    Emergency,
    Routing,
    channel_for,
    costly_in,
    is_emergency,
    lead,
)
from core.messages import Role

SUPPORT = Department(id="support", names={"en": "Support", "zh-CN": "客服"}, categories=frozenset({"orders"}))
PAY = Department(
    id="payments", names={"en": "Payments"}, words=frozenset({"支付", "refund"}), languages=("en",)
)
PAY_CN = Department(
    id="payments-cn", words=frozenset({"支付", "refund"}), languages=("zh-CN",), channels=("C1", "C2")
)
SAFE = Department(id="security", channels=("C2", "C3"), categories=frozenset({"account"}))
ROUTING = Routing(
    departments=(SUPPORT, PAY, PAY_CN, SAFE),
    fallback="support",
    emergency=Emergency(words=frozenset({"账号被盗", "charged twice"}), department="security"),
)


@pytest.mark.parametrize(
    ("texts", "more", "department"),
    [
        (["hello"], {}, "support"),
        ([], {}, "support"),
        (["支付失败"], {"language": "zh-CN"}, "payments-cn"),
        (["支付失败"], {"language": "en"}, "payments"),
        (["支付失败"], {"language": "fr"}, "payments"),
        (["REFUND please", "thanks"], {}, "payments"),
        (["refunded"], {}, "support"),
        (["hi"], {"category": "account"}, "security"),
        (["refund"], {"category": "account"}, "payments"),
        (["refund"], {"wanted": "support"}, "support"),
        (["refund"], {"wanted": "gone"}, "payments"),
        (["我的账号 被盗了"], {"wanted": "support"}, "security"),
        (["I was Charged  Twice!"], {}, "security"),
    ],
)
def test_where_a_matter_goes(texts: list[str], more: dict[str, str], department: str) -> None:
    assert lead(ROUTING, texts, **more).id == department


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("我的账号被盗了", "账号被盗", True),
        ("账 号 被\u200b盗", "账号被盗", True),
        ("Ａccount stolen", "account stolen", True),
        ("account  STOLEN!", "account stolen", True),
        ("his recharged twice", "charged twice", False),
        ("charged twice被扣款", "charged twice", True),
        ("看wxp://f2f0", "wxp://", True),
        ("https://paypal.me/x", "paypal.me", True),
        ("notpaypal.me", "paypal.me", False),
        ("café", "caf", False),
        ("100%", "100%", True),
        ("anything", "", False),
    ],
)
def test_words_are_found(text: str, word: str, found: bool) -> None:
    assert holds(text, frozenset({folded(word)})) is found


@given(st.text(max_size=20), st.sampled_from(["账号被盗", "支付异常"]), st.text(max_size=20))
def test_chinese_words_are_found_wherever_they_stand(before: str, word: str, after: str) -> None:
    assert holds(f"{before} {word} {after}", frozenset({folded(word)}))


def test_emergencies_and_costly_words() -> None:
    assert is_emergency(ROUTING, "charged twice")
    assert not is_emergency(ROUTING, "charged once")
    shop = Department(id="x", costly={"banned": frozenset({"idiot"}), "payment": frozenset({"paypal.me"})})
    assert costly_in(shop, "Idiot! paypal.me/x") == ("banned", "payment")
    assert costly_in(shop, "fine") == ()


@pytest.mark.parametrize(
    ("typed", "department"),
    [
        ("payments", "payments"), ("#Payments", "payments"), ("客服", "support"), ("sec", "security"),
        ("pay", None), ("", None), ("sales", None),
    ],
)  # fmt: skip
def test_departments_as_typed(typed: str, department: str | None) -> None:
    found = ROUTING.named(typed)
    assert (found.id if found else None) == department


def test_a_department_that_is_gone_is_the_fallback() -> None:
    assert ROUTING.department("gone") is SUPPORT
    assert ROUTING.department_of("C1") is PAY_CN
    assert ROUTING.department_of("C3") is SAFE
    assert ROUTING.department_of("C2") is SUPPORT, "two share it"
    assert ROUTING.department_of("C9") is SUPPORT


def test_tickets_are_spread_over_a_departments_channels() -> None:
    assert [channel_for(PAY_CN, number, "C0") for number in range(1001, 1005)] == ["C2", "C1", "C2", "C1"]
    assert channel_for(SUPPORT, 1001, "C0") == "C0"


def test_names_and_zones() -> None:
    assert (SUPPORT.name_in("zh-CN"), SUPPORT.name_in("fr"), SAFE.name_in("en")) == (
        "客服",
        "Support",
        "security",
    )
    assert SUPPORT.zone == ZoneInfo("UTC")
    assert Department(id="x", hours=Hours(zone=ZoneInfo("Asia/Shanghai"))).zone == ZoneInfo("Asia/Shanghai")
    assert SUPPORT.undo == timedelta(seconds=5)


NAMED = Department(
    id="x",
    agents=Agents(
        named=("U1", "tom@example.com", "S1", "S2", "U4"),
        supervisors=("U9", "S9"),
        trial=frozenset({"U4", "S2"}),
    ),
)


@pytest.mark.parametrize(
    ("department", "colleague", "role"),
    [
        (SUPPORT, Colleague(id="U1", member=True), "agent"),
        (SUPPORT, Colleague(id="U1"), "none"),
        (NAMED, Colleague(id="U1"), "agent"),
        (NAMED, Colleague(id="U7", member=True), "none"),
        (NAMED, Colleague(id="U7", email="Tom@Example.com"), "agent"),
        (NAMED, Colleague(id="U7", groups=frozenset({"S1"})), "agent"),
        (NAMED, Colleague(id="U7", groups=frozenset({"S2"})), "trial"),
        (NAMED, Colleague(id="U7", groups=frozenset({"S1", "S2"})), "agent"),
        (NAMED, Colleague(id="U4", groups=frozenset({"S1"})), "trial"),
        (NAMED, Colleague(id="U1", groups=frozenset({"S2"})), "agent"),
        (NAMED, Colleague(id="U9"), "supervisor"),
        (NAMED, Colleague(id="U4", groups=frozenset({"S9"})), "supervisor"),
        (
            Department(id="y", agents=Agents(supervisors=("U9",))),
            Colleague(id="U9", member=True),
            "supervisor",
        ),
        (Department(id="y", agents=Agents(supervisors=("U9",))), Colleague(id="U1", member=True), "agent"),
    ],
)
def test_roles(department: Department, colleague: Colleague, role: Role) -> None:
    assert role_of(colleague, department) == role


def test_what_must_be_asked_before_a_role_is_known() -> None:
    assert groups_of(NAMED) == ("S9", "S1", "S2")
    assert needs_email(NAMED)
    assert groups_of(SUPPORT) == ()
    assert not needs_email(SUPPORT)
