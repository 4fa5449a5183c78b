"""The command line from outside: help that teaches, refusals in words, exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("run", "web", "worker", "migrate", "doctor", "menu", "faq")


def onethread(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(ROOT / "var"), "COLUMNS": "200", **environment}
    command = [sys.executable, "-m", "bots", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_help_names_every_command_and_the_way_to_begin() -> None:
    said = onethread("--help")
    assert said.returncode == 0, said.stderr
    missing = [word for word in (*COMMANDS, "sandbox", "onethread.example.toml") if word not in said.stdout]
    assert missing == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", "{file}", "faq", "check"),
        ("faq", "--config", "{file}", "check"),
        ("faq", "check", "--config={file}"),
        ("migrate", "--config", "{file}"),
        ("run", "--config", "{file}"),
    ],
    ids=" ".join,
)
def test_a_configuration_anywhere_is_used_and_refused_in_words(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[http]\nprot = 1\n")
    said = onethread(*(argument.format(file=file) for argument in arguments))
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr == f'✗ {file}: [http] prot: there is no such key; did you mean "port"?\n'


def test_the_environment_names_a_configuration() -> None:
    said = onethread("migrate", ONETHREAD_CONFIG="/nowhere/x.toml")
    assert said.returncode == 2
    assert "/nowhere/x.toml: can't be read" in said.stderr


def test_doctor_lists_what_is_wrong_with_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('redis_url = "env:MY_REDIS"\n')
    said = onethread("doctor", "--config", str(file))
    assert said.returncode == 1
    assert "✗" in said.stdout
    assert "the environment variable MY_REDIS is not set" in " ".join(said.stdout.split())
    assert said.stderr == ""


def test_an_unknown_command_is_refused() -> None:
    said = onethread("rnu")
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
