"""The agents' home tab, and leaving for a while: what each agent and each supervisor is shown."""

from pathlib import Path

from tests.desk_hands import departments, whisper, with_billing, words_in
from tests.desk_play import Desk, ticket_of
from tests.world import world


async def test_each_agent_sees_their_day_and_supervisors_see_the_team(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        with_billing(desk)

        def tab(agent: str) -> str:
            return words_in(desk.slack.agent(agent).desktop.home)

        anna, ben = await desk.telegram("Anna"), await desk.telegram("Ben")
        of_anna, of_ben = await desk.handed_off(anna), await desk.handed_off(ben)
        await desk.mei.open_app("home").answer()
        assert "My tickets (0)" in tab("UMEI")
        assert "Unclaimed (2)" in tab("UMEI")
        assert "The team" not in tab("UMEI")
        # claimed right on the tab, which follows
        await desk.mei.tap_at_home("claim", block_id=f"ticket:{ticket_of(of_anna)}").answer()
        assert "My tickets (1)" in tab("UMEI")
        assert "Unclaimed (1)" in tab("UMEI")
        assert "0 replies, 0 resolved, 1 claimed" in tab("UMEI")
        link = f"<https://slack.com/archives/C0SUPPORT/p{of_anna.ts.replace('.', '')}|T-{ticket_of(of_anna)}>"
        assert f"*{link}* · Anna · Support" in tab("UMEI")
        # what is done elsewhere is shown soon
        desk.mei.reply(of_anna.ts, "Hello Anna")
        await desk.until(lambda: "1 replies, 0 resolved" in tab("UMEI"))
        await desk.mei.reply(of_anna.ts, "!snooze 2h").answer()
        await desk.until(lambda: "Snoozed (1)" in tab("UMEI"))
        # a supervisor sees who has how much in hand, and who lets people wait
        await desk.mei.press(of_ben.ts, "claim").answer()
        await desk.tom.open_app("home").answer()
        assert "The team" in tab("UTOM")
        assert "*Mei*: 2 open, 1 waiting" in tab("UTOM")
        assert "Waiting for their agent (1)" in tab("UTOM")
        # a customer who looks there is led to the messages
        lin = desk.slack.customer()
        await lin.open_app("home").answer()
        assert "Messages tab" in words_in(lin.desktop.home)


async def test_who_is_away_gets_nothing_new_and_the_supervisor_hears_of_it(tmp_path: Path) -> None:
    async with world(departments(tmp_path)) as w:
        desk = Desk(world=w)
        anna, ben = await desk.telegram("Anna"), await desk.telegram("Ben")
        of_anna, of_ben = await desk.handed_off(anna), await desk.handed_off(ben)
        await desk.mei.press(of_anna.ts, "claim").answer()
        await desk.mei.post("/onethread away").answer()
        await whisper(
            desk, desk.mei, "You are away now. The 1 tickets that you hold are shown to your supervisor."
        )
        await desk.until(lambda: any("Mei is away and holds 1 tickets" in one for one in desk.tom.answers))
        assert any(f"|T-{ticket_of(of_anna)}>* · Anna" in one for one in desk.tom.answers)
        await desk.tom.reply(of_ben.ts, "!assign @Mei").answer()
        await whisper(desk, desk.tom, "Not assigned, because Mei is away.")
        await desk.tom.open_app("home").answer()
        assert "🌙 *Mei* (away): 1 open" in words_in(desk.tom.desktop.home)
        await desk.mei.post("/onethread 回来").answer()
        await whisper(desk, desk.mei, "Welcome back")
        await desk.tom.reply(of_ben.ts, "!assign @Mei").answer()
        await desk.shows(of_ben, "*Held by*\n<@UMEI>")
        pat = desk.slack.colleague()
        await pat.post("/onethread away", channel="CGENERAL").answer()
        await whisper(desk, pat, "you're not an agent of any department")
