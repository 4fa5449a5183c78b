"""Runs every check one after the other and says at the end how long each took, what failed and what was skipped.

With arguments: pytest alone, with these. Called by ./test.
"""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
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
MOST_CPUS = 5
"""More wouldn't make it quicker, and tests/servers.py has ports for so many processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Tests that run beside other parts, in as many processes; ``before`` counts those of the parts before it."""

    arguments: Sequence[str]
    processes: int
    before: int

    def run(self, stage: str) -> "Outcome":
        """What it says is shown when it is done."""
        report = f"--junit-xml={REPORTS / stage}.xml"
        at_once = [f"--numprocesses={self.processes}", "--dist=loadgroup"]
        ports = {"TEST_WORKERS_BEFORE": str(self.before)}
        return _run(stage, ["pytest", "--quiet", *at_once, report, *self.arguments], ports, aside=True)


def parts() -> dict[str, Part]:
    """All tests, in more processes than processors: most scenarios wait for a platform's own pace and not for us."""
    files = sorted((ROOT / "tests").glob("test_*.py"))
    core = [str(file) for file in files if _edge(file) is None]
    edges = sorted((edge, str(file)) for file in files if (edge := _edge(file)) is not None)
    cpus = min(os.cpu_count() or 2, MOST_CPUS)
    return {
        "core": Part(arguments=["--cov", "-k", f"not {ON_BOTH}", *core], processes=cpus, before=0),
        "both": Part(arguments=["-k", ON_BOTH, *core], processes=cpus // 2 or 1, before=cpus),
        "edges": Part(arguments=[file for _, file in edges], processes=cpus * 5 // 2, before=2 * cpus),
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
    if arguments:
        outcomes = [_run("tests", ["pytest", f"--junit-xml={REPORTS / 'asked.xml'}", *arguments])]
        skipped = _skipped()
        skipped[f"{', '.join(STAGES)} and the coverage gate: arguments were given"] = 1
    else:
        outcomes = [_run(stage, command) for stage, command in STAGES.items()]
        with ThreadPoolExecutor() as beside:
            running = [beside.submit(part.run, stage) for stage, part in parts().items()]
        outcomes += [part.result() for part in running]
        skipped = _skipped()
    _tell(outcomes, skipped)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _run(
    stage: str, command: Sequence[str], more: Mapping[str, str] = MappingProxyType({}), *, aside: bool = False
) -> Outcome:
    print(f"== {stage}", flush=True)
    started = time.monotonic()
    where, err = (subprocess.PIPE, subprocess.STDOUT) if aside else (None, None)
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT, env={**ENVIRONMENT, **more}, check=False, text=True, stdout=where, stderr=err,
    )  # fmt: skip
    if aside:
        print(f"== {stage}: done\n{done.stdout}", flush=True)
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
