"""What stands for a ticket in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.escalation.about import LONGEST, about_of


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        ([], ""),
        ([""], ""),
        (["你好", "我的耳机有一边没声音了", "人工"], "我的耳机有一边没声音了"),
        (["Hi", "my parcel\n  is lost", "agent"], "my parcel is lost"),
        (["an old matter that was much longer than this", "a", "b", "c", "d", "人工客服"], "人工客服"),
    ],
)
def test_it_is_the_persons_question(texts: list[str], line: str) -> None:
    assert about_of(texts) == line


@given(st.lists(st.text(), max_size=8))
def test_it_is_one_line_that_fits(texts: list[str]) -> None:
    line = about_of(texts)
    assert len(line) <= LONGEST
    assert line == " ".join(line.split())
