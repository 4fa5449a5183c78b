"""An entry's YAML as a form and back: what isn't edited keeps its looks, what is wrong is told at its field."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.admin.source import Form, Part, filled, form_of, mistakes, source_with
from core.conversation.faq.load import read_entry
from core.errors import Invalid

SOURCE = """\
# the first
id: track-parcel  # stays
category: shipping
keywords: [物流, "yes", tracking]
examples:
  - where is it
valid_from: 2026-01-01
zh-CN:
  question: 我的快递到哪了？
  variants:
    # people say
    - 查一下物流   # often
    - 快递怎么查
  answer: |
    在“我的订单”里。
    第二行
  answers:
    wechat: 短的
en:
  question: Where?
  answer: "There: no"
"""


def test_a_form_that_is_sent_back_unchanged_changes_nothing() -> None:
    assert source_with(SOURCE, form_of(SOURCE)) == SOURCE


def test_every_field_is_shown_and_the_rest_as_yaml() -> None:
    form = form_of(SOURCE)
    assert (form.id, form.category, form.keywords) == ("track-parcel", "shipping", "物流, yes, tracking")
    assert list(form.parts) == ["zh-CN", "en", "zh-TW"]
    assert form.parts["zh-CN"].variants == "查一下物流\n快递怎么查"
    assert form.parts["zh-CN"].answer == "在“我的订单”里。\n第二行"
    assert form.more.splitlines() == [
        "examples:",
        "  - where is it",
        "valid_from: 2026-01-01",
        "zh-CN:",
        "  answers:",
        "    wechat: 短的",
    ]


def test_edits_leave_comments_and_looks_where_they_were() -> None:
    form = form_of(SOURCE)
    sent = {
        "v:zh-CN": "查一下物流\n快递呢\nno\n12:30\n- x",
        "a:en": "one\ntwo",
        "q:zh-TW": "哪裡",
        "a:zh-TW": "那裡",
        "more": form.more.replace("短的", "很短的").replace("valid_from: 2026-01-01\n", ""),
    }
    made = source_with(SOURCE, filled(form, sent))
    assert "    # people say\n    - 查一下物流   # often\n    - 快递呢\n" in made
    assert made.startswith("# the first\nid: track-parcel  # stays\n")
    entry = read_entry("entry", made)
    assert entry.blocks["zh-CN"].variants == ("查一下物流", "快递呢", "no", "12:30", "- x")
    assert entry.blocks["zh-CN"].answers == {"wechat": "很短的"}
    assert entry.blocks["en"].answer == "one\ntwo"
    assert entry.blocks["zh-TW"].question == "哪裡"
    assert entry.valid_from is None
    assert entry.examples == ("where is it",)


def test_a_language_whose_fields_are_emptied_goes_and_another_can_come_by_yaml() -> None:
    form = filled(form_of(SOURCE), {"q:en": "", "a:en": "", "more": "ja:\n  question: どこ\n  answer: ここ"})
    entry = read_entry("entry", source_with(SOURCE, form))
    assert list(entry.blocks) == ["zh-CN", "ja"]
    assert entry.blocks["zh-CN"].answers == {}


def test_a_field_that_was_not_shown_stays() -> None:
    assert filled(form_of(SOURCE), {"category": "other"}) == replace(form_of(SOURCE), category="other")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"id": "no blanks here"}, "id"),
        ({"more": "follow_up: [a]"}, "more"),
        ({"more": "en:\n  answers:\n    fax: no"}, "more"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(sent: dict[str, str], field: str) -> None:
    told = mistakes(source_with(SOURCE, filled(form_of(SOURCE), sent)))
    assert list(told) == [field]
    assert not told[field].startswith("entry:")


@pytest.mark.parametrize(
    "more", ["a: [b", "just words", "- a\n- b", "a:\n\t- b", "a: b: c", "x: &y 1\nz: *y"]
)
def test_yaml_that_can_not_be_read_is_refused(more: str) -> None:
    with pytest.raises(Invalid):
        source_with(SOURCE, filled(form_of(SOURCE), {"more": more}))


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp", "Co"]), min_size=1, max_size=40
)
WORDS = TEXT.map(str.strip).filter(bool)
LINES = st.lists(WORDS, max_size=4, unique=True)


@given(question=WORDS, answer=st.lists(WORDS, min_size=1, max_size=4), variants=LINES, category=WORDS)
def test_whatever_is_filled_in_comes_out_of_the_yaml(
    question: str, answer: list[str], variants: list[str], category: str
) -> None:
    part = Part(question=question, variants="\n".join(variants), answer="\n".join(answer))
    form = Form(id="one", category=category, parts={"en": part})
    made = source_with("", form)
    entry = read_entry("entry", made)
    assert entry.category == category
    assert entry.blocks["en"].question == question
    assert entry.blocks["en"].answer == "\n".join(answer)
    assert list(entry.blocks["en"].variants) == variants
    assert source_with(made, form_of(made)) == made
