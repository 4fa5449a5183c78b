"""The sandbox's page in headless Chromium: how it is opened, and a small server that shows it whatever a test wants."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "bots" / "sandbox" / "page"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PATIENCE = 15_000
"""Milliseconds that the page may take for what it should show: machines that run tests can be busy."""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="220"><rect width="320" height="220" fill="#bcd"/>'
    '<path d="M90 90h140v90H90z" fill="#b98"/><path d="M90 90l30-30h140l-30 30z" fill="#dcb"/></svg>'
)

AT_END = """([id]) => { const log = document.querySelector(id);
  return log.scrollHeight - log.scrollTop - log.clientHeight < 2 }"""
"""Whether a log shows its newest."""

NAMELESS = """() => [...document.querySelectorAll("button, a, input, textarea, select, img, section, [role=log]")]
  .filter((one) => one.checkVisibility() && !(one.tagName === "IMG" ? one.hasAttribute("alt")
    : (one.getAttribute("aria-label") || one.textContent.trim() || one.labels?.length || one.title
       || one.querySelector("img[alt]:not([alt=''])"))))
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What can be used or seen but has no name to be read out."""

OVERFLOW = """() => {
  const all = "button, select, textarea, h1, h2, p, img, .message, .slack-message, .slack-card";
  const out = [...document.querySelectorAll(all)]
    .filter((one) => one.checkVisibility() && !one.closest(".hint, .visually-hidden, .tools"))
    .filter((one) => {
      const box = one.getBoundingClientRect();
      const home = (one.closest(".log, .phone, .slack, .topbar") ?? document.body).getBoundingClientRect();
      return box.left < home.left - 1 || box.right > home.right + 1;
    });
  const page = document.documentElement;
  return [...out.map((one) => one.outerHTML.slice(0, 120)),
    ...(page.scrollWidth > innerWidth || page.scrollHeight > innerHeight ? ["the page itself"] : []),
    ...[...document.querySelectorAll(".log")].filter((log) => log.scrollWidth > log.clientWidth)];
}"""
"""What stands out of its device, or makes the page or a log scroll sideways."""


@contextlib.asynccontextmanager
async def chromium_open(path: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield chromium
        finally:
            await chromium.close()


def sample_state() -> dict[str, Any]:
    state = json.loads((ROOT / "tests" / "payloads" / "sandbox_page.json").read_text(encoding="utf-8"))
    assert isinstance(state, dict)
    return state


def sample_voice() -> bytes:
    """Two seconds of silence as a WAV file."""
    data = bytes(2 * 2 * 8000)
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += (1).to_bytes(2, "little") + (1).to_bytes(2, "little") + (8000).to_bytes(4, "little")
    head += (16000).to_bytes(4, "little") + (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    return head + b"data" + len(data).to_bytes(4, "little") + data


@dataclass
class FakeSandbox:
    """Serves the page and one state, sends events on demand and keeps what the page did."""

    state: dict[str, Any] = field(default_factory=sample_state)
    actions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    streams: list[asyncio.Queue[str | None]] = field(default_factory=list)
    loads: int = 0
    refusal: str = ""
    away: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def index(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE / "index.html")

    async def sample(self, request: web.Request) -> web.Response:
        if request.match_info["name"].endswith(".svg"):
            return web.Response(text=SVG, content_type="image/svg+xml")
        return web.Response(body=sample_voice(), content_type="audio/wav")

    async def load(self, _: web.Request) -> web.Response:
        self.loads += 1
        return web.json_response(self.state)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        if self.away:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.streams.append(queue)
        await response.write(b": hello\n\n")
        while (data := await queue.get()) is not None:
            await response.write(f"data: {data}\n\n".encode())
        self.streams.remove(queue)
        return response

    def send(self, **event: Any) -> None:
        assert self.streams
        for queue in self.streams:
            queue.put_nowait(json.dumps(event))

    def hang_up(self) -> None:
        for queue in self.streams:
            queue.put_nowait(None)

    async def act(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if self.refusal:
            return web.json_response({"ok": False, "error": self.refusal})
        if request.content_type == "multipart/form-data":
            form = await request.post()
            body = {name: value if isinstance(value, str) else file_of(value) for name, value in form.items()}
        else:
            body = await request.json()
        self.actions.append((path, body))
        self.heard.set()
        return web.json_response({"ok": True})

    async def action(self) -> tuple[str, dict[str, Any]]:
        """The next thing that the page did."""
        async with asyncio.timeout(PATIENCE / 1000):
            while not self.actions:
                self.heard.clear()
                await self.heard.wait()
        return self.actions.pop(0)

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2**24)
        app.router.add_get("/", self.index)
        app.router.add_get("/sample/{name}", self.sample)
        app.router.add_get("/sandbox/state", self.load)
        app.router.add_get("/sandbox/stream", self.stream)
        app.router.add_post("/sandbox/{path:.+}", self.act)
        app.router.add_static("/", PAGE)
        return app


def file_of(part: web.FileField | bytes | bytearray) -> dict[str, Any]:
    assert isinstance(part, web.FileField)
    return {"name": part.filename, "type": part.content_type, "head": part.file.read(12)}


@contextlib.asynccontextmanager
async def served(sandbox: FakeSandbox) -> AsyncIterator[str]:
    runner = web.AppRunner(sandbox.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        sandbox.hang_up()
        await runner.cleanup()


@dataclass
class Visit:
    """A page that somebody looks at; ``sandbox`` is there where it is the fake one."""

    page: Page
    sandbox: FakeSandbox = field(default_factory=FakeSandbox)
    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> Locator:
        return self.page.get_by_test_id(name)

    async def write(self, device: str, text: str) -> None:
        """Type into a device's field ("wechat", "telegram", "slack", "thread") and press Enter."""
        await self[f"{device}-input"].fill(text)
        await self[f"{device}-input"].press("Enter")

    async def attach(self, device: str, what: str) -> None:
        """Choose from the attach menu."""
        await self[f"{device}-attach"].click()
        await self[f"{device}-{what}"].click()

    async def measure(self, script: str, *given: Any) -> Any:
        return await self.page.evaluate(script, list(given))


@contextlib.asynccontextmanager
async def visiting(browser: Browser, address: str, **options: Any) -> AsyncIterator[Visit]:
    """Open the page; at the end nothing may have gone wrong in it, and nothing been asked from anywhere else."""
    given = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **options}
    page = await browser.new_page(**given)
    seen = Visit(page)
    page.on("pageerror", lambda error: seen.problems.append(str(error)))
    page.on(
        "console", lambda said: seen.problems.append(said.text) if "Security Policy" in said.text else None
    )
    page.on("request", lambda request: seen.asked.append(request.url))
    try:
        await page.goto(address)
        yield seen
        assert seen.problems == []
        assert [url for url in seen.asked if not url.startswith((address, "blob:", "data:"))] == []
    finally:
        await page.close()
