"""The operators' commands, run as they are typed, on a database that real traffic has filled."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.kept import kept
from tests.world import World, world

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    code: int
    out: str
    err: str


async def onethread(config: Path, *arguments: str, typed: str = "") -> Ran:
    """Run a command with a configuration; ``typed`` goes to its standard input."""
    env = {"PATH": os.environ["PATH"], "HOME": str(config.parent), "COLUMNS": "200"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bots", "--config", str(config), *arguments, cwd=ROOT, env=env,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(typed.encode())
    return Ran(code=process.returncode or 0, out=out.decode(), err=err.decode())


def config_of(w: World, folder: Path) -> Path:
    """A configuration file for the commands that says what the running product was given."""
    file = folder / "onethread.toml"
    shop, bot = w.settings.wechat[0], w.settings.telegram[0]
    slack = w.settings.slack
    assert slack is not None
    file.write_text(
        f"""
database_url = "{w.settings.database_url}"
kept_dir = "{w.settings.kept_dir}"
[slack]
bot_token = "{slack.bot_token.get_secret_value()}"
signing_secret = "{slack.signing_secret.get_secret_value()}"
support_channel = "{slack.support_channel}"
api_base = "{w.sandbox.url}"
[[telegram]]
account = "shop"
token = "{bot.token.get_secret_value()}"
secret = "{bot.secret.get_secret_value()}"
api_base = "{w.sandbox.url}"
[[wechat]]
account = "shop"
app_id = "{shop.app_id}"
app_secret = "{shop.app_secret.get_secret_value()}"
token = "{shop.token.get_secret_value()}"
aes_key = "{shop.aes_key.get_secret_value()}"
api_base = "{w.sandbox.url}"
"""
    )
    return file


async def test_tickets_and_people_are_shown(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.sandbox.wechat.phone("shop")
        await phone.say("怎么退货")
        await phone.say("人工")
        assert w.sandbox.slack is not None
        support = w.sandbox.slack.support
        await w.sandbox.hub.until(lambda: support.messages)
        config = config_of(w, tmp_path)
        listed, shown, unknown, person, nobody = await asyncio.gather(
            onethread(config, "ticket", "list"),
            onethread(config, "ticket", "show", "1001"),
            onethread(config, "ticket", "show", "999"),
            onethread(config, "person", "show", "1"),
            onethread(config, "person", "show", "99"),
        )
    assert "T-1001" in listed.out
    assert "open" in listed.out
    assert "已为您转给真人同事" in shown.out
    assert (unknown.code, unknown.out) == (1, "")
    assert "There is no ticket T-999" in unknown.err
    assert "怎么退货" in person.out
    assert "wechat" in person.out
    assert "There is no person 99" in nobody.err


async def test_doctor_finds_all_well_or_names_the_next_step(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        config = config_of(w, tmp_path)
        well = await onethread(config, "doctor")
        config.write_text(config.read_text().replace("xoxb-sandbox-demo", "xoxb-wrong"))
        config.write_text("redis_url = 'redis://127.0.0.1:9/0'\n" + config.read_text())
        ill = await onethread(config, "doctor")
    told = " ".join(well.out.split())
    for part in ("database (sqlite)", "redis", "FAQ and texts", "wechat", "telegram", "slack"):
        assert part in told.lower() or part in told
    assert well.err == ""
    assert ill.code == 1
    assert "start it, or mend redis_url" in " ".join(ill.out.split())
    assert "Copy the Bot User OAuth Token" in ill.out
    assert "xoxb-wrong" not in ill.out + ill.err


async def test_menus_show_the_difference_and_ask_first(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        config = config_of(w, tmp_path)
        refused = await onethread(config, "menu", "publish", typed="n\n")
        phone, chat = w.sandbox.wechat.phone("shop"), w.sandbox.telegram.phone("shop")
        before = (phone.state()["menu"], chat.state()["commands"])
        published = await onethread(config, "menu", "publish", "--yes")
        again = await onethread(config, "menu", "publish")
        after = (phone.state()["menu"], chat.state()["commands"])
    assert "我的工单" in refused.out
    assert "/status" in refused.out
    assert before == ([], [])
    assert published.code == 0, published.err
    assert [entry["key"] for entry in after[0]] == ["help", "tickets", "person"]
    assert {entry["command"] for entry in after[1]} == {"help", "status", "agent"}
    assert "All menus are as they should be." in again.out


async def test_the_faq_is_checked_and_asked(tmp_path: Path) -> None:
    config = tmp_path / "onethread.toml"
    config.write_text(f'kept_dir = "{kept()}"\n')
    checked, asked, missed = await asyncio.gather(
        onethread(config, "faq", "check"),
        onethread(config, "faq", "ask", "怎么退货"),
        onethread(config, "faq", "ask", "你们的猫会弹钢琴吗"),
    )
    assert "all well" in checked.out
    assert asked.out.startswith("answered with return-goods")
    assert "return-goods" not in missed.out.splitlines()[0]
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "mine.yaml").write_text("entries:\n  - id: a\n    en: {question: Why?}\n")
    broken = await onethread(config, "faq", "check")
    assert broken.code == 2
    assert "mine.yaml:3:" in broken.err


async def test_migrating_says_what_was_done(tmp_path: Path) -> None:
    config = tmp_path / "onethread.toml"
    config.touch()
    first, second = await onethread(config, "migrate"), await onethread(config, "migrate")
    assert first.out.startswith("applied 0001_start")
    assert second.out == "The database is up to date.\n"
