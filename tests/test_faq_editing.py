"""Edits of the admins' files: what was wanted happens, and every other byte stays as it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversation.faq.differences import FieldChange, differences
from core.conversation.faq.editing import (
    Files,
    source_from,
    source_of,
    with_source,
    with_variant,
    without_entry,
    without_variant,
)
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.load import read_entry, read_file
from core.errors import Invalid

SHIPPED = Path(__file__).parent.parent / "config" / "faq"
HEAD = "# For the team: keep this short.\nentries:  # in the order of importance\n\n"
RETURNS = """\
  - id: return-goods   # never rename
    category: 'after-sales'
    keywords: [退货, "return"]
    zh-CN:
      question: 怎么退货？  # short
      # as people type it
      variants:
        - 东西不想要了能退吗   # from a chat
        # the next is rare
        - "退货: 流程"
      answer: |
        签收后 7 天内。

        第二段。
    en: {question: How do I return something?, answer: Within 7 days.}
"""
GAP = "\n  # Everything about parcels\n\n"
PARCEL = """\
  -
    en:
      answer: >-
        It is on its
        way.
      question: "Where is
        my parcel?"
    id: parcel
"""
LAST = "  - {id: 'last', en: {question: q, answer: 'it''s'}} # in braces\n# the end\n"
FILE = HEAD + RETURNS + GAP + PARCEL + LAST
FILES: Files = {"faq/10.yaml": FILE, "texts/people.yaml": "welcome: {}\n"}


def entry(files: Files, name: str) -> Entry:
    found = [
        one.entry
        for file, text in files.items()
        if file.startswith("faq/")
        for one in read_file(file, text).found
    ]
    return next(one for one in found if one.id == name)


def test_a_source_is_the_entry_as_it_was_written() -> None:
    assert source_of(FILES, "return-goods") == "".join(
        line.removeprefix("    ").removeprefix("  - ") for line in RETURNS.splitlines(keepends=True)
    )
    assert source_of(FILES, "parcel").startswith("id: parcel\nen:\n")
    assert source_of(FILES, "last") == "id: last\nen:\n  question: q\n  answer: it's\n"
    for name in ("return-goods", "parcel", "last"):
        assert read_entry("entry", source_of(FILES, name)) == entry(FILES, name)


def test_a_variant_is_one_more_line() -> None:
    after = with_variant(FILES, "return-goods", "zh-CN", "我要退货: 现在")
    line = '        - "我要退货: 现在"\n'
    assert after["faq/10.yaml"] == FILE.replace('- "退货: 流程"\n', f'- "退货: 流程"\n{line}')
    assert without_variant(after, "return-goods", "zh-CN", "我要退货: 现在") == FILES
    assert with_variant(FILES, "return-goods", "zh-CN", "怎么退货？") is FILES
    assert without_variant(FILES, "return-goods", "zh-CN", "nobody says so") is FILES


def test_a_variant_goes_to_the_nearest_language_and_is_found_in_any() -> None:
    after = with_variant(FILES, "return-goods", "zh-HK", "點退貨")
    assert entry(after, "return-goods").blocks["zh-CN"].variants[-1] == "點退貨"
    assert without_variant(after, "return-goods", "en", "點退貨") == FILES


def test_variants_where_there_were_none() -> None:
    after = with_variant(FILES, "parcel", "en", "parcel?")
    assert entry(after, "parcel").blocks["en"].variants == ("parcel?",)
    assert after["faq/10.yaml"].startswith(HEAD + RETURNS + GAP + "  -\n    en:\n      answer: >-\n")
    assert entry(without_variant(after, "parcel", "en", "parcel?"), "parcel") == entry(FILES, "parcel")
    braces = with_variant(FILES, "last", "en", "a, b")
    assert 'en: {question: q, variants: ["a, b"], answer: it\'s}' in braces["faq/10.yaml"]


def test_a_changed_field_leaves_comments_and_quotes() -> None:
    bare = source_from(replace(entry(FILES, "return-goods"), category="returns"))
    after = with_source(FILES, bare)
    assert after["faq/10.yaml"] == FILE.replace("'after-sales'", "'returns'")


def test_a_source_with_comments_of_its_own_stands_as_it_is() -> None:
    source = "id: parcel\n# mine\nen:\n    question: q\n    answer: a\n"
    after = with_source(FILES, source)
    put = "  -\n    id: parcel\n    # mine\n    en:\n        question: q\n        answer: a\n"
    assert after["faq/10.yaml"] == HEAD + RETURNS + GAP + put + LAST


def test_new_entries_go_to_their_category_else_to_a_file_of_their_own() -> None:
    new = "id: exchange\ncategory: after-sales\nen:\n  question: q\n  answer: a\n"
    after = with_source(FILES, new)
    lines = "".join(f"    {line}\n" for line in new.splitlines()).replace("    id", "  - id", 1)
    assert after["faq/10.yaml"] == HEAD + RETURNS + lines + GAP + PARCEL + LAST
    other = with_source(FILES, new.replace("after-sales", "other"))
    assert other["faq/90-added.yaml"] == "entries:\n" + lines.replace("after-sales", "other")
    assert list(other) == ["faq/10.yaml", "faq/90-added.yaml", "texts/people.yaml"]
    named = with_source(FILES, new, file="faq/50.yaml")
    assert set(named) - set(FILES) == {"faq/50.yaml"}
    moved = with_source(named, new, file="faq/10.yaml")
    assert moved["faq/50.yaml"] == "entries:\n"
    assert entry(moved, "exchange").category == "after-sales"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "entries:\n",
        "entries: []",
        "entries: # none\n# more\n",
        "entries:\n  []\n",
        "{entries: []}",
        "entries: [{id: x, en: {question: q, answer: a}}]\n",
        "entries:\n- id: x\n  en: {question: q, answer: a}",
        "entries:\n-   id: x\n    en: {question: q, answer: a}\n...\n",
        "\ufeffentries:\r\n- id: x\r\n  en:\r\n    question: q\r\n    answer: a\r\n",
    ],
)
def test_an_entry_is_added_whatever_the_file_looks_like(text: str) -> None:
    source = "id: new\nen:\n  question: 'q: 1'\n  answer: |\n    one\n    two\n"
    after = with_source({"faq/a.yaml": text}, source, file="faq/a.yaml")["faq/a.yaml"]
    found = read_file("faq/a.yaml", after)
    assert found.problems == ()
    assert [one.entry.id for one in found.found][-1] == "new"
    assert "\r\n" not in text or "\n" not in after.replace("\r\n", "")
    back = without_entry({"faq/a.yaml": after}, "new")["faq/a.yaml"]
    assert [one.entry.id for one in read_file("", back).found] == [
        one.entry.id for one in read_file("", text).found
    ]


def test_an_entry_is_removed_with_its_lines() -> None:
    assert without_entry(FILES, "parcel")["faq/10.yaml"] == HEAD + RETURNS + GAP + LAST
    assert without_entry(FILES, "last")["faq/10.yaml"] == HEAD + RETURNS + GAP + PARCEL + "# the end\n"
    flow = {
        "faq/a.yaml": "entries: [{id: a, en: {question: q, answer: a}}, {id: b, en: {question: q, answer: b}}]\n"
    }
    assert without_entry(flow, "a")["faq/a.yaml"] == "entries: [{id: b, en: {question: q, answer: b}}]\n"
    assert without_entry(flow, "b")["faq/a.yaml"] == "entries: [{id: a, en: {question: q, answer: a}}]\n"


def test_what_is_not_there_or_wrong_is_told() -> None:
    for call in (source_of, without_entry):
        with pytest.raises(Invalid, match='no entry with the id "gone"'):
            call(FILES, "gone")
    with pytest.raises(Invalid, match='no entry with the id "gone"'):
        with_variant(FILES, "gone", "en", "x")
    with pytest.raises(Invalid, match=r"^entry:2:1: en has no answer|entry:3:3: en has no answer"):
        with_source(FILES, "id: a\nen:\n  question: q\n")
    with pytest.raises(Invalid, match="there is no entry here"):
        with_source(FILES, "# nothing\n")


# ---- properties -----------------------------------------------------------------------------------------------------

SIGNS = st.one_of(
    st.sampled_from(" \n:#-'\"[]{}|>&*!%@`\\,?~退货😀a1\t"), st.characters(exclude_categories=["Cs"])
)
TEXT = st.text(SIGNS, max_size=30).map(lambda text: text.replace("\r", "").strip()).filter(bool)
WORD = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
WORDS = st.lists(WORD, max_size=3, unique=True).map(tuple)
BLOCK = st.builds(
    Block,
    question=TEXT,
    answer=TEXT,
    variants=WORDS,
    answers=st.dictionaries(st.sampled_from(["wechat", "slack"]), TEXT),
)
ENTRY = st.builds(
    Entry, id=st.just("parcel"), category=st.one_of(st.just(""), WORD), keywords=WORDS, examples=WORDS, not_for=WORDS,
    blocks=st.dictionaries(st.sampled_from(["zh-CN", "zh-TW", "en", "pt-BR"]), BLOCK, min_size=1),
)  # fmt: skip


@settings(max_examples=25)
@given(ENTRY)
def test_any_entry_is_written_so_that_it_is_read_again(wanted: Entry) -> None:
    assert read_entry("entry", source_from(wanted)) == wanted


@settings(max_examples=25)
@given(ENTRY, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_an_edit_changes_nothing_but_its_entry(wanted: Entry, end: str, mark: bool) -> None:
    before, behind = (part.replace("\n", end) for part in (HEAD + RETURNS + GAP, LAST))
    begin = ("\ufeff" if mark else "") + before
    text = begin + PARCEL.replace("\n", end) + behind
    after = with_source({"faq/a.yaml": text}, source_from(wanted))["faq/a.yaml"]
    assert after.startswith(begin)
    assert after.endswith(behind)
    assert entry({"faq/a.yaml": after}, "parcel") == wanted


@settings(max_examples=25)
@given(ENTRY)
def test_an_edit_of_a_commented_entry_keeps_every_comment(wanted: Entry) -> None:
    wanted = replace(wanted, id="return-goods", keywords=("退货", "return"))
    kept = replace(entry(FILES, "return-goods").blocks["zh-CN"], answer="x")
    wanted = replace(wanted, blocks={**wanted.blocks, "zh-CN": kept})
    after = with_source(FILES, source_from(wanted))
    assert entry(after, "return-goods") == wanted
    for comment in (
        "# never rename",
        "# short",
        "# as people type it",
        "# from a chat",
        "# the next is rare",
    ):
        assert comment in after["faq/10.yaml"]
    assert after["faq/10.yaml"].endswith(GAP + PARCEL + LAST)


@settings(max_examples=25)
@given(st.lists(WORD, max_size=4, unique=True))
def test_variants_come_and_go_without_a_trace(texts: list[str]) -> None:
    known = {text for one in ("return-goods",) for text in entry(FILES, one).phrasings()}
    texts = [text for text in texts if text not in known]
    files = FILES
    for text in texts:
        files = with_variant(files, "return-goods", "zh-CN", text)
    assert entry(files, "return-goods").blocks["zh-CN"].variants[2:] == tuple(texts)
    for text in texts:
        files = without_variant(files, "return-goods", "zh-CN", text)
    assert files == FILES


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("[12]*.yaml")), ids=lambda path: path.name)
def test_the_shipped_files_are_edited_line_by_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    files: Files = {"faq/a.yaml": text}
    found = [one.entry for one in read_file("", text).found]
    assert found
    for one in found[::3]:
        assert with_source(files, source_of(files, one.id)) == files
        assert with_source(files, source_from(one)) == files
        code = next(iter(one.blocks))
        after = with_variant(files, one.id, code, "这样问")["faq/a.yaml"]
        assert len(after.splitlines()) - len(text.splitlines()) in (0, 1, 2)
        assert (
            without_variant({"faq/a.yaml": after}, one.id, code, "这样问") == files
            or not one.blocks[code].variants
        )


# ---- differences ----------------------------------------------------------------------------------------------------


def test_differences_are_told_by_entry_and_field() -> None:
    old = Entry(id="a", category="x", blocks={"en": Block(question="q", answer="one", variants=("v",))})
    new = Entry(
        id="a", blocks={"en": Block(question="q", answer="two", variants=("v", "w"), answers={"slack": "s"})}
    )
    gone, added = replace(old, id="gone"), replace(old, id="added")
    changed, removed, came = differences([old, gone], [added, new])
    assert (changed.id, changed.kind, removed.id, removed.kind, came.id, came.kind) == (
        "a", "changed", "gone", "removed", "added", "added",
    )  # fmt: skip
    assert changed.fields == (
        FieldChange(name="category", before="x", after=""),
        FieldChange(name="en variants", before="v", after="v\nw"),
        FieldChange(name="en answer", before="one", after="two"),
        FieldChange(name="en answer on slack", before="", after="s"),
    )
    assert [one.name for one in removed.fields] == ["category", "en question", "en variants", "en answer"]
    assert all(one.before == "" for one in came.fields)
    assert differences([old], [old]) == ()


@given(st.lists(ENTRY, max_size=1), st.lists(ENTRY, max_size=1))
def test_there_is_a_difference_exactly_where_entries_differ(before: list[Entry], after: list[Entry]) -> None:
    found = differences(before, after)
    assert bool(found) == (before != after)
    assert all(change.before != change.after for one in found for change in one.fields)
