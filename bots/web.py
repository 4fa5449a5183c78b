"""The aiohttp application that all webhooks hang in, with health, readiness and metrics.

A platform must come again after a failure of ours, so a webhook answers 503 where a page would answer 500.
"""

import time
from collections.abc import Iterable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CONTENT_TYPE_LATEST

from core.errors import DatabaseAway
from core.metrics import Metrics

log = structlog.get_logger()

BODY_LIMIT = 1024 * 1024
WEBHOOKS = ("/slack/", "/telegram/", "/wechat/")
COME_AGAIN = {"Retry-After": "5"}


class Readiness:
    """Which parts must be up before traffic may come, and which are; unready at first."""

    def __init__(self, *parts: str) -> None:
        self._parts = dict.fromkeys(parts, False)

    def set(self, part: str, ready: bool) -> None:
        self._parts[part] = ready

    @property
    def parts(self) -> dict[str, bool]:
        return dict(self._parts)

    @property
    def ready(self) -> bool:
        return all(self._parts.values())


def make_web(routes: Iterable[web.RouteDef], state: Readiness, metrics: Metrics) -> web.Application:
    """The application for ``routes``. Run it with ``access_log=None``: requests are logged here, without queries."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        status = 200 if state.ready else 503
        return web.json_response({"ready": state.ready, "parts": state.parts}, status=status)

    async def metrics_page(_: web.Request) -> web.Response:
        return web.Response(body=metrics.page(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_logged(), _answered()])
    app.add_routes(
        [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics_page)]
    )
    app.add_routes(routes)
    return app


def _logged() -> Middleware:
    quiet = {"/healthz", "/readyz", "/metrics"}

    @web.middleware
    async def logged(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        status = 499  # the platform hung up before we had an answer
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            if request.path not in quiet:
                took = round((time.perf_counter() - started) * 1000, 1)
                log.info("request", method=request.method, path=request.path[:200], status=status, ms=took)

    return logged


def _answered() -> Middleware:
    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except DatabaseAway:
            log.warning("database_away", path=request.path)
            return web.Response(status=503, headers=COME_AGAIN)
        except Exception:
            log.exception("request_failed", path=request.path)
            if request.path.startswith(WEBHOOKS):
                return web.Response(status=503, headers=COME_AGAIN)
            return web.Response(status=500)

    return answered
