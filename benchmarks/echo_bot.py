"""What the path costs at the very least: the same libraries, one webhook, one send, and nothing kept.

python -m benchmarks.echo_bot PORT API_BASE TOKEN …
"""

import asyncio
import sys

import uvloop
from aiohttp import web
from telegram import Bot, Update
from telegram.request import HTTPXRequest


async def serve(port: int, api_base: str, tokens: list[str]) -> None:
    """Answer every message with its own words, until the process is ended."""
    bots = [
        Bot(token, base_url=f"{api_base}/bot", request=HTTPXRequest(connection_pool_size=64))
        for token in tokens
    ]
    sending: set[asyncio.Task[object]] = set()

    async def received(request: web.Request) -> web.Response:
        bot = bots[int(request.match_info["bot"])]
        update = Update.de_json(await request.json(), bot)
        if update.message and update.message.text:
            task = asyncio.create_task(bot.send_message(update.message.chat_id, update.message.text))
            sending.add(task)
            task.add_done_callback(sending.discard)
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/telegram/{bot}", received)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
