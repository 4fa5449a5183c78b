"""Sets up .venv from the locks, on a machine that has no more than python3 and pip.

pip puts uv into .uv (which works where the system's Python refuses installs, and without ensurepip), and uv builds
.venv. Runs on any Python from 3.8 with nothing but the standard library; called by scripts/environment.sh.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Optional

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UV = ROOT / ".uv"
LOCKS = ROOT / "requirements"
INSTALLED = VENV / ".installed"

PYTHONS = ("python3", "python3.13", "python3.12", "python3.11", "python")
FITS = "import sys; print(sys.executable if (3, 11) <= sys.version_info[:2] <= (3, 13) else '')"

BENT = (
    "CONSTRAINT",
    "OVERRIDE",
    "EXCLUDE_NEWER",
    "PYTHON",
    "SYSTEM_PYTHON",
    "BREAK_SYSTEM_PACKAGES",
    "TARGET",
    "PREFIX",
)
"""Settings of uv (as UV_…) that would send the install elsewhere or change what the lock says."""


def main(kind: str) -> None:
    """Bring .venv up to the lock ``kind`` (runtime or dev); one at a time, whoever else starts meanwhile."""
    UV.mkdir(exist_ok=True)
    with (UV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not up_to_date(kind):
            set_up(kind)


def up_to_date(kind: str) -> bool:
    return (
        (VENV / "bin" / "onethread").exists()
        and same(LOCKS / f"{kind}.lock", INSTALLED / f"{kind}.lock")
        and same(ROOT / "pyproject.toml", INSTALLED / "pyproject.toml")
        and said(INSTALLED / "root") == str(ROOT)
    )


def set_up(kind: str) -> None:
    print("Setting up .venv (only when something changed) …", file=sys.stderr, flush=True)
    python = fitting_python()
    pip = python_with_pip(python)
    env = environment(pip)
    if not same(LOCKS / "uv.lock", UV / "uv.lock"):
        install_uv(pip)
    uv = [str(UV / "bin" / "uv")]
    if not usable_venv():
        call([*uv, "venv", "--quiet", "--clear", "--python", python, str(VENV)], env)
    install = [*uv, "pip", "install", "--python", str(VENV / "bin" / "python")]
    lock = str(LOCKS / f"{kind}.lock")
    call([*install, "--compile-bytecode", "--require-hashes", "--requirement", lock], env)
    call([*install, "--quiet", "--no-deps", "--reinstall", "--editable", str(ROOT)], env)
    INSTALLED.mkdir(exist_ok=True)
    for name in ("runtime", "dev") if kind == "dev" else ("runtime",):  # dev.lock holds all of runtime.lock
        shutil.copyfile(LOCKS / f"{name}.lock", INSTALLED / f"{name}.lock")
    shutil.copyfile(ROOT / "pyproject.toml", INSTALLED / "pyproject.toml")
    (INSTALLED / "root").write_text(str(ROOT))


def install_uv(pip: List[str]) -> None:
    """uv in the locked version; ``--no-user`` and the variable undo what a machine's pip may be set to."""
    where = ["--target", str(UV), "--upgrade", "--no-user"]
    what = [
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--requirement",
        str(LOCKS / "uv.lock"),
    ]
    env = {
        **os.environ,
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    call([*pip, "install", "--quiet", *where, *what], env)
    shutil.copyfile(LOCKS / "uv.lock", UV / "uv.lock")


def fitting_python() -> str:
    for name in PYTHONS:
        path = output([name, "-c", FITS])
        if path:
            return path
    sys.exit(
        "Onethread needs Python 3.11, 3.12 or 3.13, and none of "
        + ", ".join(PYTHONS)
        + f" is one (this is {sys.version.split()[0]}). Install one of them and start again."
    )


def python_with_pip(python: str) -> List[str]:
    for candidate in (python, sys.executable):
        if output([candidate, "-m", "pip", "--version"]):
            return [candidate, "-m", "pip"]
    sys.exit(f"{python} has no pip. Install it (on Debian: apt-get install python3-pip) and start again.")


def environment(pip: List[str]) -> Dict[str, str]:
    """What uv runs with: the package index and certificates that pip is set to, where uv itself is told none."""
    env = {name: value for name, value in os.environ.items() if name not in {f"UV_{bent}" for bent in BENT}}
    told = pip_settings(pip)
    if "index-url" in told and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & set(env):
        env["UV_DEFAULT_INDEX"] = told["index-url"]
    if "cert" in told:
        env.setdefault("SSL_CERT_FILE", told["cert"])
    if not os.access(Path.home(), os.W_OK):
        env.setdefault("UV_CACHE_DIR", str(UV / "cache"))
    return env


def pip_settings(pip: List[str]) -> Dict[str, str]:
    lines = [line.partition("=") for line in output([*pip, "config", "list"]).splitlines()]
    return {name.rpartition(".")[2]: value.strip("'\"") for name, _, value in lines}


def usable_venv() -> bool:
    """Not so when it was made for another folder (its scripts name the old one) or its Python has gone."""
    moved = said(INSTALLED / "root") not in (None, str(ROOT))
    return not moved and bool(output([str(VENV / "bin" / "python"), "-c", FITS]))


def call(command: List[str], env: Dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=env, check=False)
    if done.returncode:
        sys.exit(f"This failed, so .venv is not complete: {' '.join(command)}")


def output(command: List[str]) -> str:
    """What ``command`` prints; nothing when it fails or isn't there."""
    try:
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
        ).stdout.strip()
    except OSError:
        return ""


def said(file: Path) -> Optional[str]:
    return file.read_text() if file.exists() else None


def same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


if __name__ == "__main__":
    main(sys.argv[1])
