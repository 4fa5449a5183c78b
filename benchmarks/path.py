"""How fast a message travels: from Telegram's webhook to the answer's arrival at Telegram's API.

    python -m benchmarks.path [--messages 2000] [--rate 40] [--seconds 10]

Three products, one after the other in one run: a bare echo bot made of the same libraries (no storage, no FAQ, no
order), Onethread on SQLite, Onethread on PostgreSQL. Each is a process of its own; people are played by this one.
First as many messages as it can take (messages a second until the last answer is there), then a steady ``--rate``
below that (how long each took). Quote the ratios: machines differ.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.servers import free_port, postgres

ROOT = Path(__file__).resolve().parent.parent
BOTS = 40
"""Telegram takes 30 messages a second from one bot: many bots, so that we are measured and not that limit."""
AT_ONCE = 64
SECRET = "benchmark-secret"
QUESTION = "怎么退货"


def token(bot: int) -> str:
    return f"{100000 + bot}:benchmark-token-{bot:04d}"


@dataclass
class Api:
    """Telegram's API, as little of it as there has to be; remembers when an answer for a chat arrived."""

    arrived: dict[int, float] = field(default_factory=dict)
    waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    webhooks: int = 0

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "sendMessage":
            return await self._sent(request)
        self.webhooks += method == "setWebhook"
        me = {"id": 1, "is_bot": True, "first_name": "b", "username": "bench_bot"}
        results = {
            "getMe": me,
            "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
        }
        return web.json_response({"ok": True, "result": results.get(method, True)})

    async def _sent(self, request: web.Request) -> web.Response:
        form = await request.post() if request.content_type != "application/json" else await request.json()
        chat = int(str(form["chat_id"]))
        self.arrived.setdefault(chat, time.perf_counter())
        if (future := self.waiting.pop(chat, None)) and not future.done():
            future.set_result(None)
        sent = {"message_id": 1, "date": 0, "chat": {"id": chat, "type": "private"}, "text": "x"}
        return web.json_response({"ok": True, "result": sent})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Messages a second when saturated; seconds from webhook to API at the steady rate."""

    per_second: float
    p50: float
    p95: float
    p99: float


class People:
    """Each message is a new person's, so that nothing waits for a chat's own pace."""

    def __init__(self, api: Api, url: str, http: aiohttp.ClientSession) -> None:
        self._api = api
        self._url = url
        self._http = http
        self._ids = itertools.count(1)

    async def ask(self) -> float:
        """Ask, wait for the answer, and return how long it took in seconds."""
        chat = next(self._ids)
        bot = chat % BOTS
        answered = self._api.waiting[chat] = asyncio.get_running_loop().create_future()
        person = {"id": chat, "is_bot": False, "first_name": "P", "language_code": "zh-hans"}
        message = {
            "message_id": 1, "date": int(time.time()), "chat": {"id": chat, "type": "private", "first_name": "P"},
            "from": person, "text": QUESTION,
        }  # fmt: skip
        update = {"update_id": chat, "message": message}
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        begun = time.perf_counter()
        async with self._http.post(f"{self._url}/telegram/{bot}", json=update, headers=headers) as response:
            assert response.status == 200, response.status
        async with asyncio.timeout(60):
            await answered
        return self._api.arrived[chat] - begun

    async def rush(self, messages: int) -> float:
        """Messages a second, ``AT_ONCE`` at a time."""
        left = iter(range(messages))

        async def one_after_the_other() -> None:
            for _ in left:
                await self.ask()

        begun = time.perf_counter()
        await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
        return messages / (time.perf_counter() - begun)

    async def stroll(self, rate: float, seconds: float) -> list[float]:
        """How long each took, at a steady rate whatever the answers do."""
        loop = asyncio.get_running_loop()
        begun, asked = loop.time(), []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - loop.time()))
            asked.append(asyncio.create_task(self.ask()))
        return list(await asyncio.gather(*asked))


@contextlib.contextmanager
def process(*command: str) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=log, stderr=log)
        try:
            yield
        finally:
            running.terminate()
            running.wait(20)


@contextlib.contextmanager
def echo(port: int, api: str) -> Iterator[None]:
    with process("benchmarks.echo_bot", str(port), api, *map(token, range(BOTS))):
        yield


@contextlib.contextmanager
def onethread(port: int, api: str, folder: Path, database: str) -> Iterator[None]:
    folder.mkdir()
    config = folder / "onethread.toml"
    parts = [
        f'database_url = "{database}"',
        f'kept_dir = "{ROOT / "var" / "kept"}"',
        f'public_url = "http://127.0.0.1:{port}"',
        f"[http]\nport = {port}",
    ]
    parts += [
        f'[[telegram]]\naccount = "{bot}"\ntoken = "{token(bot)}"\nsecret = "{SECRET}"\napi_base = "{api}"'
        for bot in range(BOTS)
    ]
    config.write_text("\n".join(parts))
    with process("bots", "--config", str(config), "run"):
        yield


@contextlib.asynccontextmanager
async def api_server(api: Api) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.post("/bot{token}/{method}", api.call), web.get("/bot{token}/{method}", api.call)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def answers(http: aiohttp.ClientSession, url: str) -> None:
    """Wait until somebody listens (the echo bot has no health to ask for)."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(f"{url}/readyz") as response:
                    if response.status in (200, 404):
                        return
            await asyncio.sleep(0.05)


async def measure(kind: str, folder: Path, dsn: str, options: argparse.Namespace) -> Figures:
    """One product, from its start to its end."""
    api, port = Api(), free_port()
    connector = aiohttp.TCPConnector(limit=0)
    async with api_server(api) as base, aiohttp.ClientSession(connector=connector) as http:
        databases = {"sqlite": f"sqlite://{folder / 'bench.db'}", "postgres": dsn}
        started = echo(port, base) if kind == "echo" else onethread(port, base, folder, databases[kind])
        with started:
            url = f"http://127.0.0.1:{port}"
            await answers(http, url)
            people = People(api, url, http)
            await people.rush(
                max(options.messages // 10, AT_ONCE)
            )  # warm: connections, caches, the first pages
            per_second = await people.rush(options.messages)
            took = sorted(await people.stroll(options.rate, options.seconds))
    quantiles = statistics.quantiles(took, n=100)
    return Figures(per_second=per_second, p50=quantiles[49], p95=quantiles[94], p99=quantiles[98])


def show(figures: dict[str, Figures]) -> None:
    """A line each, and the ratios to the echo bot."""
    base = figures["echo"]
    print(
        f"{'':<10}{'msg/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}   beside the echo bot: msg/s, p50, p95, p99"
    )
    for name, found in figures.items():
        times = (found.p50, found.p95, found.p99)
        shown = "".join(f"{seconds * 1000:9.1f}" for seconds in times)
        slower = [found.p50 / base.p50, found.p95 / base.p95, found.p99 / base.p99]
        ratios = "  ".join(
            [f"{found.per_second / base.per_second:.2f}×", *(f"{ratio:.1f}×" for ratio in slower)]
        )
        print(f"{name:<10}{found.per_second:9.0f}{shown}   {ratios}")


async def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--rate", type=float, default=40.0)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--json", action="store_true", help="print the figures as JSON as well")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres() as dsn:
        figures = {
            kind: await measure(kind, Path(folder) / kind, dsn, chosen)
            for kind in ("echo", "sqlite", "postgres")
        }
    show(figures)
    if chosen.json:
        print(
            json.dumps(
                {
                    name: {key: getattr(found, key) for key in Figures.__slots__}
                    for name, found in figures.items()
                }
            )
        )


if __name__ == "__main__":
    asyncio.run(main())
