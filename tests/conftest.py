"""What all tests share: real servers, a fresh database for each test, and which tests this machine can't run.

Sockets reach loopback only, and every warning is an error (pyproject.toml).
"""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests import servers

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the product does, before numpy is imported
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # many processes share the processors: a slow example says nothing of the code


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """As the product writes them: rich ones print every local value, a whole FAQ among them, and take seconds."""
    *processors, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, plain])


@pytest.fixture(scope="session")
def pg_dsn() -> Iterator[str]:
    """A PostgreSQL server: TEST_PG_DSN's (its user must be allowed to create databases) or one of our own."""
    if given := os.environ.get("TEST_PG_DSN"):
        yield given
        return
    with servers.postgres() as address:
        yield address


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis or Valkey server: TEST_REDIS_URL's or one of our own."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with servers.valkey() as address:
        yield address


@pytest.fixture
async def postgres_url(pg_dsn: str) -> AsyncIterator[str]:
    """The address of a new, empty database on the PostgreSQL server."""
    name = f"test_{uuid.uuid4().hex}"
    server, _, options = pg_dsn.partition("?")
    connection = await asyncpg.connect(pg_dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield f"{server.rpartition('/')[0]}/{name}{'?' if options else ''}{options}"
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that doesn't exist yet."""
    return f"sqlite://{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database on each kind of server that we promise to run on: the test runs once with each."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium; tests that take it are marked ``browser``, so that they are skipped where it is missing."""
    return str(_chromium())


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium", path="/usr/bin")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests of one file share a browser, so they stay on one process; without one they are skipped."""
    missing = pytest.mark.skip(reason="no chromium here: apt-get install chromium fonts-noto-cjk")
    there = _chromium() is not None
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            if not there:
                item.add_marker(missing)
