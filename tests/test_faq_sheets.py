"""The FAQ as CSV, XLSX and Markdown: out and in again, and the many ways in which people's sheets are written."""

import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from core.conversation.faq import editing, load
from core.conversation.faq.entries import Block, Entry
from core.conversation.faq.sheets import cells, kinds, merged
from core.conversation.faq.sheets.columns import Headings
from core.conversation.faq.sheets.grid import MOST_ROWS
from core.conversation.faq.sheets.kinds import KINDS, Kind, written
from core.conversation.faq.sheets.reading import read
from core.conversation.faq.sheets.report import Report
from core.conversation.faq.sheets.taking import taken
from core.errors import Invalid

RETURN = Entry(
    id="return-goods",
    category="after-sales",
    keywords=("退货", "return"),
    follow_ups=("freight",),
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    escalate="returns",
    examples=("衣服不合适想退",),
    not_for=("退会员",),
    blocks={
        "zh-CN": Block(
            question="怎么退货？",
            variants=("东西不想要了能退吗", "退货流程"),
            answer="签收后 7 天内。\n- 保持完好\n| 别拆封 |",
            answers={"wechat": "点菜单“退货”。"},
        ),
        "en": Block(question="How do I return something?", answer="=HYPERLINK(\"x\") within 7 days <br> \\ ok"),
    },
)  # fmt: skip
FREIGHT = Entry(id="freight", blocks={"zh-TW": Block(question="運費多少？", answer="'-5 元起")})
BOTH = (RETURN, FREIGHT)


def took(
    content: bytes, name: str = "faq.csv", present: Sequence[Entry] = ()
) -> tuple[tuple[Entry, ...], Report]:
    headings = Headings()
    sheet = read(name, kinds.rows(name, content, headings), headings)
    return taken(sheet, {entry.id: entry for entry in present})


def refused(content: bytes, name: str = "faq.csv") -> str:
    with pytest.raises(Invalid) as invalid:
        took(content, name)
    (problem,) = invalid.value.problems
    assert problem.startswith(name)
    return problem


def said(report: Report) -> list[str]:
    return [str(note) for note in (*report.notes, *report.skipped)]


def book(*rows: Sequence[object], merge: str = "", title: str = "FAQ") -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    out = BytesIO()
    made.save(out)
    return out.getvalue()


LINE = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp", "Co", "Cn"]), min_size=1, max_size=12
)
WORDS = LINE.map(lambda text: " ".join(text.split())).filter(bool) | st.sampled_from(
    [
        "=1+1",
        "'=1",
        "-x",
        "@a",
        "+",
        "a|b",
        "\\|",
        "\\",
        "<br>",
        "\\<br>",
        "#",
        '"a"',
        "a, b",
        "``",
        "| a |",
        "---",
    ]
)
TEXT = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
NAME = st.from_regex(r"[a-z]{1,4}(-[a-z0-9]{1,3})?", fullmatch=True)


def _without_itself(block: Block) -> Block:
    variants = tuple(text for text in block.variants if text != block.question)
    return Block(question=block.question, answer=block.answer, variants=variants, answers=block.answers)


BLOCK = st.builds(
    Block,
    question=WORDS,
    answer=TEXT,
    variants=st.lists(WORDS, max_size=3, unique=True).map(tuple),
    answers=st.dictionaries(st.sampled_from(["wechat", "telegram"]), TEXT, max_size=2),
).map(_without_itself)
DAY = st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31))
WORD_LIST = st.lists(WORDS, max_size=3, unique=True).map(tuple)
ENTRY = st.builds(
    Entry,
    id=NAME,
    category=WORDS | st.just(""),
    keywords=WORD_LIST,
    attachments=WORD_LIST,
    valid_from=DAY,
    valid_until=DAY,
    escalate=st.just("") | NAME,
    examples=WORD_LIST,
    not_for=WORD_LIST,
    blocks=st.dictionaries(st.sampled_from(["zh-CN", "zh-TW", "en", "pt-BR"]), BLOCK, min_size=1, max_size=3),
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8)
@given(entries=st.lists(ENTRY, min_size=1, max_size=3, unique_by=lambda entry: entry.id))
def test_what_is_written_is_read_back(kind: Kind, entries: list[Entry]) -> None:
    sheet = written(entries, kind)
    back, report = took(sheet, f"faq.{kind}")
    assert list(back) == entries
    assert (report.notes, report.skipped) == ((), ())
    again, report = took(sheet, f"faq.{kind}", entries)
    assert again == ()
    assert report.same == tuple(entry.id for entry in entries)


@pytest.mark.parametrize("kind", KINDS)
def test_everything_of_an_entry_goes_out_and_in(kind: Kind) -> None:
    back, report = took(written(BOTH, kind), f"faq.{kind}")
    assert back == BOTH
    assert report.added == ("return-goods", "freight")


def test_nothing_runs_in_a_spreadsheet() -> None:
    attack = Entry(id="a", blocks={"en": Block(question="@SUM(1)", answer="=1+1", variants=("+1", "-1"))})
    lines = written([attack], "csv").decode("utf-8-sig")
    assert "'=1+1" in lines
    assert "'@SUM(1)" in lines
    sheet = load_workbook(BytesIO(written([attack], "xlsx"))).active
    assert sheet is not None
    kept = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert len(kept) > 15
    assert {cell.data_type for cell in kept} == {"s"}


@pytest.mark.parametrize(
    "headings",
    [
        "id,language,question,answer",
        "\ufeffID,Language,Question,Answer",
        "编号,语言,标准问题,答案",
        "編號,語言,問題,回覆",
        "编号 id,语言 Language,问题（必填）,答案 (answer)",
        "Entry ID,lang,Q,A",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headings_and_separators_of_all_kinds(headings: str, separator: str) -> None:
    text = f"{headings}\nfreight,zh-TW,運費多少？,80 元\n".replace(",", separator)
    (entry,), report = took(text.encode())
    assert entry == Entry(id="freight", blocks={"zh-TW": Block(question="運費多少？", answer="80 元")})
    assert said(report) == []


@pytest.mark.parametrize(
    ("charset", "language", "question", "answer"),
    [
        ("utf-8-sig", "zh-CN", "怎么退货？", "七天之内"),
        ("gb18030", "zh-CN", "怎么退货？", "七天之内都可以办理"),
        ("gbk", "zh-CN", "支持货到付款吗", "支持，请在结算时选择"),
        ("big5", "zh-TW", "運費怎麼計算", "滿一千元免運費"),
        ("cp950", "zh-TW", "可以貨到付款嗎", "可以，請在結帳時選擇"),
        ("utf-16", "zh-CN", "怎么退货？", "七天之内"),
        ("utf-16-le", "zh-CN", "怎么退货？", "七天之内"),
        ("utf-16-be", "zh-TW", "運費怎麼計算", "滿一千元免運費"),
        ("utf-16-le", "en", "How do I pay?", "By card"),
        ("utf-16-be", "en", "How do I pay?", "By card"),
    ],
)
def test_charsets_of_spreadsheets(charset: str, language: str, question: str, answer: str) -> None:
    for headings in ("id,language,question,answer", "編號,語言,問題,答案", "编号,语言,问题,答案"):
        try:
            content = f"{headings}\r\na,{language},{question},{answer}\r\n".encode(charset)
        except UnicodeEncodeError:
            continue
        (entry,), _ = took(content)
        assert entry.blocks == {language: Block(question=question, answer=answer)}


def test_a_workbook_as_people_fill_it_in() -> None:
    midnight = datetime.fromisoformat("2026-03-01T00:00")
    content = book(
        ["Our FAQ, as of March"],
        [],
        ["分类", "编号", "语言", "问题", "相似问", "答案", "生效日期", "备注"],
        ["shipping", 12, "简体中文", "几天到？", "多久到\n什么时候到", 3, midnight, "x"],
        [None, None, "English", "How long?", None, "3 days", None, None],
        [],
        ["shipping", "b", "en", "Is it free?", None, True, "2026/4/5", None],
        merge="B4:B5",
    )
    (first, second), report = took(content, "faq.xlsx")
    assert first == Entry(
        id="12",
        category="shipping",
        valid_from=date(2026, 3, 1),
        blocks={
            "zh-CN": Block(question="几天到？", variants=("多久到", "什么时候到"), answer="3"),
            "en": Block(question="How long?", answer="3 days"),
        },
    )
    assert second.valid_from == date(2026, 4, 5)
    assert second.blocks["en"].answer == "TRUE"
    assert said(report) == ['row 3: the column "备注" is none of ours and was left out']


def test_a_formula_gives_what_it_gave_in_the_spreadsheet_and_is_never_worked_out() -> None:
    content = book(["id", "language", "question", "answer"], ["a", "en", "Why?", '=CONCATENATE("x")'])
    entries, report = took(content, "faq.xlsx")
    assert entries == ()
    assert said(report) == ["row 2: a in en has no answer; write one"]


def test_what_a_sheet_lacks_is_made_and_said() -> None:
    content = (
        "id,language,问题,答案\n,,怎么退货？,七天内\n,,How do I pay?,By card\n,en,,x\n退货 政策,en,Q,A\n"
    )
    entries, report = took(content.encode())
    assert [(entry.id, list(entry.blocks)) for entry in entries] == [
        ("zen-me-tui-huo", ["zh-CN"]),
        ("how-do-i-pay", ["en"]),
        ("退货-政策", ["en"]),
    ]
    assert said(report) == [
        "row 2: has no id, so it became zen-me-tui-huo",
        "row 2: has no language; by its words it is zh-CN",
        "row 3: has no id, so it became how-do-i-pay",
        "row 3: has no language; by its words it is en",
        'row 5: "退货 政策" is no id, so it became 退货-政策',
        "row 4: has neither an id nor a question; write a question",
    ]


def test_questions_and_answers_are_enough_and_find_their_entry_again() -> None:
    content = "question,answer\n怎么退货,八天内\nIs it new?,Yes\n"
    entries, report = took(content.encode(), present=BOTH)
    assert [entry.id for entry in entries] == ["return-goods", "is-it-new"]
    assert entries[0].blocks["zh-CN"].answer == "八天内"
    assert entries[0].blocks["en"] == RETURN.blocks["en"]
    assert entries[0].keywords == RETURN.keywords
    assert (report.added, report.changed) == (("is-it-new",), ("return-goods",))
    again, report = took(content.encode(), present=(*entries, FREIGHT))
    assert (again, report.same) == ((), ("return-goods", "is-it-new"))


TABLE = "id,language,question,answer,category,follow_ups,valid_from\n"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,klingon!,Q,A,,,", 'row 2: the language "klingon!" is unknown; write zh-CN, zh-TW, en or another such code'),
        ("a,en,Q,,,,", "row 2: a in en has no answer; write one"),
        ("a,en,,,,,", "row 2: a in en has no question and no answer; write one"),
        ("a,en,Q,A,,,\na,en,Q2,A2,,,", "row 3: a in en stands already in row 2; keep one of the two"),
        ("a,,,,shipping,,", "row 2: there is no entry a yet; write a question and an answer"),
        ("a,en,Q,A,,nowhere,", 'row 2: follow_ups: there is no entry "nowhere", so it was left out'),
        ("a,en,Q,A,,,soon", 'row 2: valid_from: "soon" is no date; write 2026-01-31'),
        ("a,en,Q,A,,,2026-02-30", 'row 2: valid_from: "2026-02-30" is no date; write 2026-01-31'),
        ("a,en,Q,A,x,,\na,zh-CN,问,答,y,,", "row 3: category is not the same as in row 2, which was taken"),
        ("return-goods,en,,new,,,", "row 2: the question is empty, so the present one stays"),
    ],
)  # fmt: skip
def test_every_row_that_is_not_taken_as_it_is_written_is_told(rows: str, told: str) -> None:
    _, report = took(f"{TABLE}{rows}\n".encode(), present=BOTH)
    assert said(report) == [told]


def test_an_empty_cell_empties_and_what_is_not_in_the_sheet_stays() -> None:
    for rows, category in {
        "return-goods,zh-CN,怎么退货？,七天,,,": "",
        "return-goods,en,How?,Seven days,,,": "after-sales",
    }.items():
        (entry,), report = took(f"{TABLE}{rows}\n".encode(), present=BOTH)
        assert entry.category == category
        assert set(entry.blocks) == {"zh-CN", "en"}
        assert entry.examples == RETURN.examples
        assert entry.blocks["zh-CN"].variants == RETURN.blocks["zh-CN"].variants
        assert said(report) == []


def test_a_follow_up_may_be_told_by_its_question() -> None:
    entries, report = took(f"{TABLE}a,en,Q,A,,运费多少,\nb,zh-CN,运费多少？,80,,,\n".encode())
    assert entries[0].follow_ups == ("b",)
    assert said(report) == []


def test_a_document_in_markdown_is_read_by_its_headings() -> None:
    document = (
        "# Our FAQ\nHello.\n## Shipping\n### How long?\n3 days.\n\n- or 4\n"
        "### 运费多少？\n```\n# 80\n```\n## Empty\n"
    )
    entries, _ = took(document.encode(), "faq.md")
    assert [(entry.category, *entry.blocks.items()) for entry in entries] == [
        ("", ("en", Block(question="Our FAQ", answer="Hello."))),
        ("Shipping", ("en", Block(question="How long?", answer="3 days.\n\n- or 4"))),
        ("Shipping", ("zh-CN", Block(question="运费多少？", answer="```\n# 80\n```"))),
    ]


def test_several_tables_in_one_markdown_file() -> None:
    first = "| id | question | answer |\n|---|:--|--:|\n| a | Q | A |\n"
    second = "| answer | id | question |\n| --- | --- | --- |\n| B | b | R |\n"
    text = f"Intro\n\n{first}\n## More\n\n{second}"
    entries, _ = took(text.encode(), "faq.md")
    assert [(entry.id, entry.blocks["en"].question) for entry in entries] == [("a", "Q"), ("b", "R")]


def bomb(inside: bytes) -> bytes:
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(book(["question", "answer"]))) as whole,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in whole.namelist():
            changed.writestr(name, inside if "sheet1" in name else whole.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "faq.csv", "the file is empty"),
        (b"\xff\xfe", "faq.csv", "has no row of headings"),
        (b"hello\nworld\n", "faq.csv", "has no row of headings"),
        (b"\x81\xff\xff\xff,\xff", "faq.csv", "neither UTF-8 nor a Chinese charset"),
        (b'question,answer\n"' + b"x" * 200_000, "faq.csv", "is no CSV"),
        (b"question,answer\n" + b"a,b\n" * (MOST_ROWS + 1), "faq.csv", "more than 20,000 rows"),
        (b"x" * 16_000_001, "faq.csv", "larger than 16 MB"),
        (b"%PDF-1.7", "faq.pdf", "is no sheet; give a file that ends in .csv, .xlsx or .md"),
        (b"\xd0\xcf\x11\xe0....", "faq.xlsx", "is an old or a locked Excel workbook"),
        (b"PK\x03\x04 and no more", "faq.xlsx", "can't be read as an Excel workbook"),
        (b"no archive", "faq.xlsx", "can't be read as an Excel workbook"),
        (bomb(b" " * 70_000_000), "faq.xlsx", "too large when unpacked"),
        (bomb(b"<c/>" * 6_100_000), "faq.xlsx", "holds more than a table"),
        (bomb(b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'), "faq.xlsx", "holds more than a table"),
        (bomb(b"<broken"), "faq.xlsx", "can't be read as an Excel workbook"),
        (b"\xff\xfe\x00", "faq.md", "not UTF-8"),
        (b"just words", "faq.md", "has no row of headings"),
    ],
    ids=range(17),
)  # fmt: skip
def test_what_is_no_sheet_is_refused_in_words(content: bytes, name: str, told: str) -> None:
    assert told in refused(content, name)


def test_a_huge_merge_and_a_cell_at_the_end_of_the_world_cost_nothing() -> None:
    heading = '<c r="{}1" t="inlineStr"><is><t>{}</t></is></c>'
    first = heading.format("A", "question") + heading.format("B", "answer")
    last = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    merge = '<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
    data = f'<sheetData><row r="1">{first}</row>{last}</sheetData>{merge}'
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{data}</worksheet>'
    entries, report = took(bomb(sheet.encode()), "faq.xlsx")
    assert (entries, report.rows) == ((), 0)


@settings(max_examples=25)
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.md", "a.xlsx"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    for begin in (b"", b"question,answer\n", b"| question | answer |\n"):
        with suppress(Invalid):
            _, report = took(begin + content, name)
            assert report.rows >= len(report.skipped)


@pytest.mark.parametrize(
    ("question", "made"),
    [
        ("怎么退货？", "zen-me-tui-huo"),
        ("How do I return something that I bought?", "how-do-i-return-something-that"),
        ("Où est mon colis ?", "ou-est-mon-colis"),
        ("？？", "entry"),
        ("支持 PayPal 付款吗", "zhi-chi-paypal-fu-kuan-ma"),
        ("x" * 200, "x" * 40),
    ],
)
def test_ids_are_made_from_questions(question: str, made: str) -> None:
    assert cells.id_from(question, set()) == made
    assert cells.id_from(question, {made, f"{made}-2"}) == f"{made}-3"


FILES = {
    "faq/10-a.yaml": "# mine\nentries:\n"
    + "".join(
        f"  # about {number}\n  - id: e{number}\n    category: c\n    en: {{question: Q{number}, answer: A}}\n"
        for number in range(30)
    ),
    "texts/people.yaml": "x: {}\n",
}


@pytest.mark.parametrize("count", [3, 30], ids=["few", "many"])
def test_a_sheet_is_merged_into_the_files_and_comments_stay(count: int) -> None:
    rows = [f"e{number},en,Q{number},B{number}" for number in range(count)]
    new = [f"n{number},en,New {number},N" for number in range(count)]
    sheet = "\n".join(["id,language,question,answer", *rows, *new]).encode()
    files, report = merged(FILES, "faq.csv", sheet)
    assert (len(report.changed), len(report.added)) == (count, count)
    assert files["texts/people.yaml"] == FILES["texts/people.yaml"]
    assert files["faq/10-a.yaml"].count("# about") == 30
    assert files["faq/10-a.yaml"].startswith("# mine\n")
    text = {name: text.encode() for name, text in files.items() if editing.is_faq(name)}
    entries = {entry.id: entry for entry in load.read(text)}
    assert len(entries) == 30 + count
    assert entries["e1"].blocks["en"].answer == "B1"
    assert entries["e1"].category == "c"
    assert entries["n1"].blocks["en"].question == "New 1"
    again, report = merged(files, "faq.csv", sheet)
    assert (again, len(report.same)) == (files, 2 * count)
