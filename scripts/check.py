"""Runs every check one after the other and says at the end how long each took, what failed and what was skipped.

With arguments: pytest alone, with these. Called by ./test.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REPORTS = ROOT / "var" / "tests"

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Many short processes import the same modules: compiled ones start in half the time."""

STAGES = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
    "vectors": ["python", "-m", "tests.kept"],
}
SIDE_BY_SIDE = ["pytest", "--quiet", f"--numprocesses={3 * (os.cpu_count() or 2)}", "--dist=loadgroup"]
"""More processes than processors, since most scenarios wait for a platform's own pace and not for us; each takes the
next test when it has done one."""

EDGES = (
    "fault", "demo", "page", "commands", "scenario", "desk_races", "note_property", "note_paths", "ticket_sequences",
    "running", "project_rules", "sandbox", "slack", "telegram", "wechat", "desk_cards", "desk_events", "desk_members",
    "desk_modals_drawn", "desk_presses", "desk_slack", "admin", "faq_answers", "settings", "web", "cli",
)  # fmt: skip
"""What the names of tests begin with that say little of core's coverage, slow ones first: they aren't measured, since
that takes them twice as long."""
WALKS = ("scenario_desk_grown",)
"""But these walk through all of core."""
ON_BOTH = "postgres"
"""Stands in the names of tests that run on both databases: on this one they say nothing new, and aren't measured."""


def stages() -> dict[str, list[str]]:
    """Every check, in order."""
    tests = sorted((ROOT / "tests").glob("test_*.py"))
    core = [str(file) for file in tests if _edge(file) is None]
    edges = sorted((edge, str(file)) for file in tests if (edge := _edge(file)) is not None)
    return {
        **STAGES,
        "core": [
            *SIDE_BY_SIDE,
            "--cov",
            f"--junit-xml={REPORTS / 'core.xml'}",
            "-k",
            f"not {ON_BOTH}",
            *core,
        ],
        "both": [*SIDE_BY_SIDE, f"--junit-xml={REPORTS / 'both.xml'}", "-k", ON_BOTH, *core],
        "edges": [*SIDE_BY_SIDE, f"--junit-xml={REPORTS / 'edges.xml'}", *(file for _, file in edges)],
    }


def _edge(file: Path) -> int | None:
    """Which of EDGES it belongs to; None: it is measured."""
    name = file.stem.removeprefix("test_")
    if name in WALKS:
        return None
    return next((at for at, edge in enumerate(EDGES) if name == edge or name.startswith(f"{edge}_")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one stage went; ``seconds`` of wall-clock time."""

    stage: str
    ok: bool
    seconds: float


def main(arguments: list[str]) -> int:
    """The exit code: 0 when all is well."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    asked = {"tests": ["pytest", f"--junit-xml={REPORTS / 'asked.xml'}", *arguments]}
    todo = asked if arguments else stages()
    outcomes = [_run(stage, command) for stage, command in todo.items()]
    skipped = _skipped()
    if arguments:
        skipped[f"{', '.join(STAGES)} and the coverage gate: arguments were given"] = 1
    _tell(outcomes, skipped)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _run(stage: str, command: list[str]) -> Outcome:
    print(f"== {stage}", flush=True)
    started = time.monotonic()
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, env=ENVIRONMENT, check=False)
    return Outcome(stage=stage, ok=done.returncode == 0, seconds=time.monotonic() - started)


def _skipped() -> Counter[str]:
    """Why tests were skipped, and how many for each reason."""
    found = (ElementTree.parse(report).iter("skipped") for report in REPORTS.glob("*.xml"))
    return Counter(skip.get("message", "") for skips in found for skip in skips)


def _tell(outcomes: list[Outcome], skipped: Counter[str]) -> None:
    print("\n== how it went")
    for outcome in outcomes:
        print(f"{'ok  ' if outcome.ok else 'FAIL'}  {outcome.stage:<8}{outcome.seconds:7.1f} s")
    print("skipped:" if skipped else "skipped: nothing")
    for reason, count in skipped.items():
        print(f"  {count} × {reason}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
