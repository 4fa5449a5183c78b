"""Runs every check one after the other and says at the end how long each took, what failed and what was skipped.

With arguments: pytest alone, with these. Called by ./test.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REPORT = ROOT / "var" / "tests.xml"

STAGES = {
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "lint": ["ruff", "check", "--quiet", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
}
TESTS = ["pytest", f"--junit-xml={REPORT}"]
ALL_TESTS = [*TESTS, f"--numprocesses={3 * (os.cpu_count() or 2)}", "--dist=worksteal", "--cov", "--quiet"]
"""More processes than processors: most scenarios wait for a platform's own pace, not for us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one stage went; ``seconds`` of wall-clock time."""

    stage: str
    ok: bool
    seconds: float


def main(arguments: list[str]) -> int:
    """The exit code: 0 when all is well."""
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    stages = {"tests": [*TESTS, *arguments]} if arguments else {**STAGES, "tests": ALL_TESTS}
    outcomes = [_run(stage, command) for stage, command in stages.items()]
    skipped = _skipped()
    if arguments:
        skipped[f"{', '.join(STAGES)} and the coverage gate: arguments were given"] = 1
    _tell(outcomes, skipped)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def _run(stage: str, command: list[str]) -> Outcome:
    print(f"== {stage}", flush=True)
    started = time.monotonic()
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, check=False)
    return Outcome(stage=stage, ok=done.returncode == 0, seconds=time.monotonic() - started)


def _skipped() -> Counter[str]:
    """Why tests were skipped, and how many for each reason."""
    if not REPORT.exists():
        return Counter()
    return Counter(skip.get("message", "") for skip in ElementTree.parse(REPORT).iter("skipped"))


def _tell(outcomes: list[Outcome], skipped: Counter[str]) -> None:
    print("\n== how it went")
    for outcome in outcomes:
        print(f"{'ok  ' if outcome.ok else 'FAIL'}  {outcome.stage:<8}{outcome.seconds:7.1f} s")
    print("skipped:" if skipped else "skipped: nothing")
    for reason, count in skipped.items():
        print(f"  {count} × {reason}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
