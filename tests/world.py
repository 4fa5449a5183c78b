"""The whole product beside the sandbox, as two strangers that meet over real HTTP, for scenario tests.

``async with world(tmp_path) as w:`` starts both. ``w.sandbox`` holds the people's and agents' side, ``w.restart()``
stops the product and starts it again on the same database.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bots import app
from bots.demo import MADE_UP
from bots.played import sandbox_config
from bots.sandbox.pace import Pace
from bots.sandbox.server import Sandbox
from bots.settings import Settings, parse
from core.storage.engine import Storage, rows
from tests.kept import kept
from tests.servers import free_port

BOTH = frozenset({"web", "worker"})
SOON = Pace(wechat_patience=5, wechat_lead=0.05, slack_retries=(0, 0.5, 5), telegram_first_pause=0.2)


@dataclass(slots=True, kw_only=True)
class World:
    """``url`` is the product's own address."""

    settings: Settings
    sandbox: Sandbox
    _product: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def url(self) -> str:
        return self.settings.local_url

    async def start(self, roles: frozenset[str] = BOTH) -> None:
        """Start the product; its platforms are open when this returns."""
        await self._product.enter_async_context(app.running(self.settings, roles))

    async def stop(self) -> None:
        """Stop it as SIGTERM would."""
        await self._product.aclose()

    async def restart(self) -> None:
        """Stop and start it on the same database."""
        await self.stop()
        await self.start()

    async def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """A look into the database."""
        storage = await Storage.open(self.settings.database_url)
        try:
            return await rows(storage.reading, sql, values)
        finally:
            await storage.close()


def settings_for(folder: Path, given: Mapping[str, Any]) -> Settings:
    """The sandbox's made-up accounts, one department whose replies leave at once, and what a test wants otherwise."""
    routing = folder / "routing.yaml"
    if not routing.exists():
        routing.write_text("departments:\n  support: {undo: 0s}\n", encoding="utf-8")
    ports = {"http": {"port": free_port()}, "sandbox": {"enabled": True, "port": free_port()}}
    return parse({"kept_dir": str(kept()), **ports, **MADE_UP, **given}, folder / "onethread.toml", {})


@asynccontextmanager
async def world(folder: Path, pace: Pace = SOON, **given: Any) -> AsyncIterator[World]:
    """``given`` are keys as in the configuration file: ``database_url=…``, ``wechat=[{…}]``."""
    known = settings_for(folder, given)
    sandbox = Sandbox(sandbox_config(known), pace)
    await sandbox.start()
    apart = known.model_copy(update={"sandbox": known.sandbox.model_copy(update={"enabled": False})})
    local = apart.model_copy(update={"public_url": apart.local_url})
    here = World(settings=local, sandbox=sandbox)
    try:
        await here.start()
        yield here
    finally:
        await here.stop()
        await sandbox.stop()
