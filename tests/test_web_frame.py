"""Health, readiness, metrics, and what a platform is answered when something of ours breaks."""

import io
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bots.web import BODY_LIMIT, Readiness, make_web
from core.errors import DatabaseAway
from core.metrics import Metrics

Client = TestClient[web.Request, web.Application]


async def _breaks(request: web.Request) -> web.Response:
    raise RuntimeError("a secret detail")


async def _away(request: web.Request) -> web.Response:
    raise DatabaseAway("gone")


async def _reads(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


@pytest.fixture
def state() -> Readiness:
    return Readiness("database", "outbox")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def client(state: Readiness, metrics: Metrics) -> AsyncIterator[Client]:
    routes = [
        web.post("/slack/events", _breaks),
        web.post("/telegram/{account}", _away),
        web.post("/wechat/{account}", _reads),
        web.get("/page", _breaks),
    ]
    async with TestClient(TestServer(make_web(routes, state, metrics))) as client:
        yield client


async def test_it_is_alive_before_it_is_ready(client: Client, state: Readiness) -> None:
    assert (await client.get("/healthz")).status == 200
    state.set("database", True)
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert await answer.json() == {"ready": False, "parts": {"database": True, "outbox": False}}


async def test_it_is_ready_when_every_part_is_and_not_when_one_falls(
    client: Client, state: Readiness
) -> None:
    for part in ("database", "outbox"):
        state.set(part, True)
    assert (await client.get("/readyz")).status == 200
    state.set("database", False)
    assert (await client.get("/readyz")).status == 503


async def test_metrics_are_told(client: Client, metrics: Metrics) -> None:
    metrics.inbound.labels(platform="wechat", kind="said").inc()
    metrics.turn_seconds.observe(0.003)
    metrics.outbox_due_age.set(7)
    page = await (await client.get("/metrics")).text()
    assert 'onethread_inbound_total{kind="said",platform="wechat"} 1.0' in page
    assert 'onethread_turn_seconds_bucket{le="0.005"} 1.0' in page
    assert "onethread_outbox_due_age_seconds 7.0" in page


async def test_two_instances_of_metrics_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.quarantined.labels(platform="slack").inc()
    assert b'onethread_quarantined_total{platform="slack"}' in one.page()
    assert b'onethread_quarantined_total{platform="slack"}' not in other.page()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/slack/events", 503),
        ("POST", "/telegram/shop", 503),
        ("GET", "/page", 500),
        ("GET", "/nowhere", 404),
        ("PUT", "/page", 405),
    ],
)
async def test_what_a_failure_is_answered_with(client: Client, method: str, path: str, status: int) -> None:
    with capture_logs():
        answer = await client.request(method, path)
    assert answer.status == status
    assert "secret" not in await answer.text()
    assert ("Retry-After" in answer.headers) == (status == 503)


async def test_a_failure_is_logged_with_its_traceback(client: Client) -> None:
    with capture_logs() as lines:
        await client.post("/slack/events")
    failed = [line for line in lines if line["event"] == "request_failed"]
    assert [line["path"] for line in failed] == ["/slack/events"]
    assert failed[0]["exc_info"]


@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 200), (BODY_LIMIT + 1, 413)])
async def test_a_body_may_be_as_large_as_the_limit(client: Client, size: int, status: int) -> None:
    with capture_logs():
        assert (await client.post("/wechat/shop", data=io.BytesIO(b"x" * size))).status == status


async def test_requests_are_logged_without_their_query(client: Client) -> None:
    with capture_logs() as lines:
        await client.post("/wechat/shop?signature=hidden")
        await client.get("/healthz")
    assert [(line["event"], line["path"], line["status"]) for line in lines] == [
        ("request", "/wechat/shop", 200)
    ]
    assert "hidden" not in str(lines)
