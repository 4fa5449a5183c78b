"""`onethread faq …` as operators type it, on a small FAQ and a database with what people asked."""

import csv
import json
import logging
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import structlog
from openpyxl import load_workbook
from typer.testing import CliRunner

from bots.__main__ import cli
from bots.terminal import finish
from core.errors import Invalid
from core.storage import faq_models
from core.storage.engine import Storage
from core.storage.migrate import migrate
from tests.kept import kept

ROOT = Path(__file__).resolve().parent.parent
FAQ = """\
# ours
entries:
  - id: return-goods   # often asked
    category: after-sales
    examples: [怎么退货]
    not_for: [how do I pay]
    zh-CN:
      question: 怎么退货？
      variants: [东西不想要了能退吗]
      answer: 签收后 7 天内。
    en:
      question: How do I return something?
      answer: Within 7 days.
      answers: {slack: Ask in Slack.}
  - id: pay
    category: orders
    en: {question: How do I pay?, answer: By card.}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        return " ".join(self.out.split())


@dataclass(frozen=True, slots=True)
class Shop:
    """A configuration with its FAQ; calling it runs a command on them."""

    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite://{self.folder / 'test.db'}"

    @property
    def file(self) -> Path:
        return self.folder / "faq" / "10-all.yaml"

    def __call__(self, *arguments: str, width: int = 160) -> Ran:
        env = {"COLUMNS": str(width)}
        ran = CliRunner().invoke(
            cli, ["--config", str(self.folder / "onethread.toml"), "faq", *arguments], env=env
        )
        if isinstance(ran.exception, Invalid):
            return Ran(code=2, out=ran.stdout, err="\n".join(ran.exception.problems))
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Ran(code=ran.exit_code, out=ran.stdout, err=ran.stderr)

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    def asked(self, *texts: str, **columns: object) -> None:
        """Somebody asked this just now."""
        finish(self._asked(texts, columns))

    async def _asked(self, texts: tuple[str, ...], columns: dict[str, object]) -> None:
        await migrate(self.url)
        storage = await Storage.open(self.url)
        try:
            for text in texts:
                told = {
                    "person_id": 1, "at": datetime.now(UTC), "platform": "telegram", "language": "en",
                    "kind": "nothing", "text": text,
                } | columns  # fmt: skip
                async with storage.turn() as conn:
                    await faq_models.Question.create(using_db=conn, **told)
        finally:
            await storage.close()

    def variant(self, text: str, entry: str = "return-goods") -> None:
        finish(self._variant(text, entry))

    async def _variant(self, text: str, entry: str) -> None:
        await migrate(self.url)
        storage = await Storage.open(self.url)
        try:
            async with storage.turn() as conn:
                row = await faq_models.Variant.create(
                    using_db=conn, entry=entry, language="en", text=text, folded=text, at=datetime.now(UTC)
                )
                await faq_models.Evidence.create(
                    using_db=conn, variant_id=row.id, voice="person:7", source="picked", at=datetime.now(UTC)
                )
        finally:
            await storage.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Logging is as it was afterwards."""
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "10-all.yaml").write_text(FAQ, encoding="utf-8")
    (tmp_path / "onethread.toml").write_text(
        f'database_url = "sqlite://test.db"\nkept_dir = "{kept()}"\n', encoding="utf-8"
    )
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield Shop(tmp_path)
    root.handlers[:], root.level = handlers, level
    structlog.configure(**configured)


def test_help_teaches_every_command(shop: Shop) -> None:
    told = shop("--help")
    commands = ("check", "test", "ask", "match", "preview", "publish", "history", "diff", "rollback", "import",
                "export", "gaps", "report", "health", "variants")  # fmt: skip
    assert [name for name in commands if f" {name} " not in told.out] == []
    assert "with 2 when a file" in told.words
    assert [name for name in commands if shop(name, "--help").code] == []


# --- check, test, ask -----------------------------------------------------------------------------------------------


def test_check_counts_what_is_well_and_places_what_is_not(shop: Shop, tmp_path: Path) -> None:
    assert (
        "2 entries (en, zh-CN; 4 phrasings); 4 departments, 14 canned replies; all well." in shop("check").out
    )
    one = tmp_path / "one.yaml"
    one.write_text("entries:\n  - id: a\n    en: {question: Why?}\n", encoding="utf-8")
    ran = shop("check", str(one))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{one}:3:")
    assert shop("check", str(tmp_path / "nowhere")).err.endswith("can't be read (No such file or directory)")
    shop.edit("id: pay", "id: return-goods")
    assert "faq/10-all.yaml:" in shop("check").err
    assert not (tmp_path / "test.db").exists()


def test_test_puts_the_examples_and_fails_with_a_table(shop: Shop, tmp_path: Path) -> None:
    assert shop("test").out == "All 2 hold.\n"
    shop.edit("examples: [怎么退货]", "examples: [怎么退货, 你们的猫会弹钢琴吗]")
    ran = shop("test")
    assert ran.code == 1
    assert "你们的猫会弹钢琴吗" in ran.out
    assert "must find it" in ran.out
    assert "1 of 3 fail" in ran.err
    plain = tmp_path / "plain.yaml"
    plain.write_text("entries:\n  - {id: a, en: {question: q, answer: a}}\n", encoding="utf-8")
    assert "No entry has examples yet" in shop("test", str(plain)).out


def test_ask_explains_a_decision(shop: Shop) -> None:
    ran = shop("ask", "怎么退货")
    assert ran.out.startswith("answered with return-goods\nprobability ")
    for part in ("next entry", "nearest words", "careful", "balanced (now)", "bold"):
        assert part in ran.out
    for answer in ("签收后 7 天内。", "Within 7 days.", "on slack: Ask in Slack."):
        assert answer in ran.out
    missed = shop("ask", "你们的猫会弹钢琴吗")
    assert missed.code == 0
    assert "return-goods" not in missed.out.splitlines()[0]


def test_ask_takes_other_files(shop: Shop, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(
        "entries:\n  - {id: zoo, en: {question: Is there a zoo?, answer: No.}}\n", encoding="utf-8"
    )
    assert shop("ask", "is there a zoo", "--faq", str(other)).out.startswith("answered with zoo")
    assert not (tmp_path / "test.db").exists()


# --- match ----------------------------------------------------------------------------------------------------------


def test_match_answers_every_line_whatever_is_in_it(shop: Shop, tmp_path: Path) -> None:
    lines = [
        '{"text": "怎么退货", "id": 7}', "", "no json", '{"text": 3}', "[" * 5000, '{"text": "\\ud800 \\u0000"}',
        json.dumps({"text": "pay " * 25_000}), '{"text": "how do I pay"}',
    ]  # fmt: skip
    queries = tmp_path / "q.jsonl"
    queries.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b'\n{"text": "\xff"}')
    ran = shop("match", "--faq", str(shop.file), "--queries", str(queries))
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert [one["text"][:12] for one in told] == [
        "怎么退货", "", "", "", "\ud800 \0", "pay pay pay ", "how do I pay", "�",
    ]  # fmt: skip
    assert (told[0]["decision"], told[0]["candidates"][0]["id"]) == ("answer", "return-goods")
    assert told[1] == {"text": "", "decision": "person", "probability": 0.0, "candidates": []}
    assert [line.split(":")[1] for line in ran.err.splitlines()] == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--faq", "{nowhere}", "--queries", "{faq}"), "can't be read"),
        (("--faq", "{empty}", "--queries", "{faq}"), "there is no .yaml file in this folder"),
        (("--faq", "{faq}", "--queries", "{nowhere}"), "can't be read"),
        (("--faq", "{faq}", "--queries", "{faq}", "--caution", "wild"), 'not "wild"'),
    ],
)
def test_match_refuses_in_words(shop: Shop, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    (tmp_path / "empty").mkdir()
    places = {"nowhere": tmp_path / "nowhere", "empty": tmp_path / "empty", "faq": shop.file}
    ran = shop("match", *(argument.format(**places) for argument in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


# --- preview, publish, history, diff, rollback ----------------------------------------------------------------------


def test_publishing_from_the_first_look_to_the_way_back(shop: Shop) -> None:
    shop.asked("how do I pay", "how do I pay", kind="answer", entry="pay")
    assert "Nothing would change." in shop("preview").out
    shop.edit("id: pay\n", "id: paying\n")
    shop.edit("签收后 7 天内。", "签收后 14 天内。")
    seen = shop("preview")
    for part in ("~ return-goods", "- 签收后 7 天内。", "+ 签收后 14 天内。", "- pay", "+ paying"):
        assert part in seen.out
    assert "1 changed" in seen.out
    assert "Of the last 1 questions 1 would be decided otherwise." in seen.words
    assert "No zh-TW in 2: return-goods, paying" in seen.out
    assert shop("history").out.count("\n") == 2

    refused = shop("publish")
    assert (refused.code, "Add --yes" in refused.err) == (1, True)
    published = shop("publish", "--yes", "-m", "two weeks")
    assert published.out.endswith("Published as revision 2.\n")
    history = shop("history").out.splitlines()
    assert [line.split()[0] for line in history[1:]] == ["2", "1"]
    assert "command" in history[1]
    assert "two weeks" in history[1]
    assert shop("history", "--limit", "1").out.count("\n") == 2
    assert "already" in shop("publish", "--yes").out

    assert "+ 签收后 14 天内。" in shop("diff", "1").out
    assert "+ 签收后 7 天内。" in shop("diff", "2", "1").out
    assert shop("diff").out == "no difference.\n"

    back = shop("rollback", "1", "--yes")
    assert back.out.endswith("Published as revision 3.\n")
    assert "签收后 7 天内。" in shop.file.read_text(encoding="utf-8")
    assert "is what is published now" in shop("rollback", "3").err
    for missing in (("rollback", "99"), ("diff", "99"), ("export", "--revision", "99")):
        ran = shop(*missing)
        assert (ran.code, ran.err) == (1, "✗ There is no revision 99. `onethread faq history` shows all.\n")


def test_preview_tries_the_questions_of_a_file_and_names_what_breaks(shop: Shop, tmp_path: Path) -> None:
    shop("history")
    shop.edit("examples: [怎么退货]", "examples: [how do I pay]")
    shop.edit("variants: [东西不想要了能退吗]", "variants: [How do I pay?]")
    queries = tmp_path / "q.jsonl"
    queries.write_text('{"text": "how do I pay"}\nrubbish\n{"text": "怎么退货"}\n', encoding="utf-8")
    seen = shop("preview", "--from", str(queries))
    assert "Of the last 2 questions" in seen.words
    assert "examples fail" in seen.words
    assert "1 pairs of entries ask nearly the same" in seen.words
    assert "1.00" in seen.out


@pytest.mark.parametrize("place", ["folder", "faq", "file"])
def test_publish_takes_files_from_elsewhere(shop: Shop, tmp_path: Path, place: str) -> None:
    new = "entries:\n  - {id: zoo, en: {question: Is there a zoo?, answer: No.}}\n"
    (tmp_path / "other" / "faq").mkdir(parents=True)
    (tmp_path / "other" / "faq" / "20-zoo.yaml").write_text(new, encoding="utf-8")
    path = {"folder": "other", "faq": "other/faq", "file": "other/faq/20-zoo.yaml"}[place]
    ran = shop("publish", str(tmp_path / path), "--yes")
    assert "+ zoo" in ran.out
    assert ("- pay" in ran.out) == (place != "file")
    assert (tmp_path / "faq" / "20-zoo.yaml").read_text(encoding="utf-8") == new


def test_a_mistake_is_told_with_its_place_and_nothing_is_published(shop: Shop) -> None:
    shop("history")
    shop.edit("{question: How do I pay?, answer: By card.}", "{question: How do I pay?}")
    for command in (("preview",), ("publish", "--yes")):
        ran = shop(*command)
        assert ran.code == 2
        assert ran.err.startswith("faq/10-all.yaml:17:9:")
    assert shop("history").out.count("\n") == 2


# --- import, export -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csv", "xlsx", "md"])
def test_what_is_exported_can_be_imported(shop: Shop, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"faq.{kind}"
    assert shop("export", str(file)).out == f"{file}: 2 entries.\n"
    ran = shop("import", str(file), "--yes")
    assert "3 rows; entries: 0 added, 0 changed, 2 as before; 0 rows skipped" in ran.words
    assert "Nothing to publish" in ran.out
    assert (shop("export", str(file)).code, shop("export", str(file), "--yes").code) == (1, 0)


def test_a_sheet_is_reported_previewed_and_published(shop: Shop, tmp_path: Path) -> None:
    sheet = tmp_path / "new.csv"
    rows = "编号,语言,问题,答案,备注\npay,en,How do I pay?,By cheque.,x\n,zh-CN,营业时间？,九点到五点,\nbad,en,,,\n"
    sheet.write_bytes(rows.encode("gb18030"))
    seen = shop("import", str(sheet), "--preview")
    for part in ("1 added, 1 changed", "row 4: bad in en has no question and no answer", 'the column "备注"',
                 "+ ying-ye-shi-jian", "+ By cheque."):  # fmt: skip
        assert part in seen.words
    assert "Published" not in seen.out
    assert "Published as revision 2." in shop("import", str(sheet), "--yes").out
    assert "import of new.csv" in shop("history").out
    assert "# often asked" in shop.file.read_text(encoding="utf-8")
    assert "By cheque." in shop.file.read_text(encoding="utf-8")


def test_a_sheet_that_cannot_be_read_is_refused(shop: Shop, tmp_path: Path) -> None:
    for name, told in {
        "a.pdf": "is no sheet",
        "a.csv": "has no row of headings",
        "b.csv": "can't be read",
    }.items():
        if name[0] == "a":
            (tmp_path / name).write_text("hello", encoding="utf-8")
        ran = shop("import", str(tmp_path / name))
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err


def test_export_writes_to_standard_output(shop: Shop, tmp_path: Path) -> None:
    rows = list(csv.DictReader(StringIO(shop("export").out.removeprefix("\ufeff"))))
    assert [(row["id"], row["language"]) for row in rows] == [
        ("return-goods", "zh-CN"), ("return-goods", "en"), ("pay", "en"),
    ]  # fmt: skip
    assert shop("export", "--kind", "md").out.startswith("| id | category |")
    assert "none of ours" not in shop("export", str(tmp_path / "x.xlsx")).out
    sheet = load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    assert sheet["A2"].value == "return-goods"
    refused = shop("export", str(tmp_path / "nowhere" / "x.csv"))
    assert (refused.code, "can't be written" in refused.err) == (1, True)
    assert shop("export", "x.doc").code == 2


# --- gaps, report, health, variants ---------------------------------------------------------------------------------


def test_gaps_are_listed_and_drafts_need_an_agents_answer(shop: Shop) -> None:
    assert "Nothing was asked in vain in the last 7 days." in shop("gaps").out
    shop.asked("do you ship to Mars", "do you ship to Mars?")
    ran = shop("gaps")
    assert "do you ship to Mars" in ran.out
    assert "nearest entry" in ran.out
    none = shop("gaps", "--draft", "1")
    assert (none.code, none.out) == (1, "")
    assert "No agent has answered this yet" in none.err
    assert "There are 1 gaps" in shop("gaps", "--draft", "5").err


def test_report_and_health_tell_how_the_faq_does(shop: Shop) -> None:
    assert "Nobody asked anything in the last 30 days." in shop("report").out
    answered = {"kind": "answer", "entry": "pay", "shown": ["pay"], "probability": 0.9}
    shop.asked("how to pay", "pay how", **answered, fate="helped")
    shop.asked("paying", **answered, fate="unhelped")
    shop.asked("zoo?")
    ran = shop("report")
    for part in ("4 questions", "answered 75%", "those who said so 67%", "telegram 4", "balanced (now)"):
        assert part in ran.words
    health = shop("health")
    row = next(line.split() for line in health.out.splitlines() if line.split()[0] == "pay")
    assert row[1:7] == ["3", "3", "2", "1", "0", "67%"]
    assert "No entry wants a look." in shop("health", "--stale").out


def test_variants_are_listed_taken_withdrawn_and_declined(shop: Shop) -> None:
    assert "No variant waits for you." in shop("variants").out
    shop.variant("can I give it back")
    shop.variant("refund please now")
    assert "can I give it back" in shop("variants").out
    taken = shop("variants", "--take", "1")
    assert taken.out == "Variant 1 is taken up. Published as revision 2.\n"
    assert "- can I give it back" in shop.file.read_text(encoding="utf-8")
    assert "Variant 1 is kept out. Published as revision 3." in shop("variants", "--withdraw", "1").out
    assert shop("variants", "--decline", "2").out == "Variant 2 is kept out.\n"
    assert "refund please now" in shop("variants", "--state", "declined").out
    assert "There is no variant 9" in shop("variants", "--take", "9").err
    assert "one at a time" in shop("variants", "--take", "1", "--decline", "2").err


# --- on a terminal --------------------------------------------------------------------------------------------------


def test_a_narrow_terminal_gets_each_row_by_itself(shop: Shop) -> None:
    told = shop("history", width=40).out
    assert "revision: 1" in told
    assert max(len(line) for line in told.splitlines()) <= 40


def test_on_a_terminal_it_asks_and_shows_colours(shop: Shop) -> None:
    later = by_cash(shop)
    said = typed(shop, "n", "publish", later)
    assert "Publish this over revision 1? [y/N]" in said
    assert "Nothing was published." in said
    assert "\x1b[" in said
    assert "Published as revision 2." in typed(shop, "y", "publish", later)


def test_what_somebody_else_publishes_meanwhile_is_not_overwritten(shop: Shop) -> None:
    later = by_cash(shop)

    def meanwhile() -> None:
        shop.edit("By card.", "By cheque.")
        assert "Published as revision 2." in shop("publish", "--yes").out

    said = typed(shop, "y", "publish", later, meanwhile=meanwhile)
    assert "published revision 2 meanwhile" in said
    assert "- By cheque." in said
    assert "+ In cash." in said
    assert "`onethread faq diff 1 2` shows what they did" in said
    assert "By cheque." in shop("export").out


def by_cash(shop: Shop) -> str:
    """A file with another answer, that lies elsewhere."""
    shop("history")
    (shop.folder / "later").mkdir()
    file = shop.folder / "later" / "10-all.yaml"
    file.write_text(FAQ.replace("By card.", "In cash."), encoding="utf-8")
    return str(file)


def typed(shop: Shop, answer: str, *arguments: str, meanwhile: Callable[[], None] | None = None) -> str:
    """What a terminal shows when somebody runs this and, after a while, answers the question."""
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "bots",
        "--config",
        str(shop.folder / "onethread.toml"),
        "faq",
        *arguments,
    ]
    env = {"PATH": os.environ["PATH"], "HOME": str(shop.folder), "COLUMNS": "100", "TERM": "xterm"}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        told = b""
        with suppress(OSError):  # the other end is closed
            while part := os.read(ours, 4096):
                told += part
                if told.endswith(b"[y/N]: "):
                    if meanwhile:
                        meanwhile()
                    os.write(ours, f"{answer}\n".encode())
    os.close(ours)
    return told.decode()
