"""Guards over the tree itself: the rules of the house that no other tool looks after."""

import ast
import importlib.metadata
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"zh-CN", "zh-TW", "en"}
OURS = ("core", "bots")
NOT_OURS = {".git", ".venv", ".uv", "var", "__pycache__"}


def sources() -> list[Path]:
    found = [file for folder in OURS for file in sorted((ROOT / folder).rglob("*.py"))]
    assert len(found) > 20
    return found


def texts() -> dict[str, dict[str, object]]:
    files = sorted((ROOT / "config" / "texts").glob("*.yaml"))
    assert files
    return {name: text for file in files for name, text in YAML(typ="safe", pure=True).load(file).items()}


def test_every_text_is_there_in_three_languages_with_the_same_parameters() -> None:
    plain = {name: text for name, text in texts().items() if name not in ("words", "names")}
    assert len(plain) > 10
    parameters = {
        name: {language: frozenset(re.findall(r"\{(\w+)\}", str(words))) for language, words in text.items()}
        for name, text in plain.items()
    }
    assert {name: set(found) for name, found in parameters.items() if set(found) != LANGUAGES} == {}
    assert {name: found for name, found in parameters.items() if len(set(found.values())) > 1} == {}
    assert [
        name for name, text in plain.items() if not all(str(words).strip() for words in text.values())
    ] == []


def test_every_text_that_code_names_exists() -> None:
    known = set(texts())
    named = [
        (file.name, name)
        for file in sources()
        for name in re.findall(r'\bSay\(\s*(?:name=)?"([^"]+)"', file.read_text(encoding="utf-8"))
    ]
    assert named
    assert [(file, name) for file, name in named if name not in known] == []


def test_no_file_is_over_300_lines() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sources()}
    assert {str(file.relative_to(ROOT)): length for file, length in lengths.items() if length > 300} == {}


def test_functions_are_short() -> None:
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    )
    assert statistics.median(lengths) <= 10
    assert lengths[len(lengths) * 9 // 10] <= 35


def test_every_folder_of_code_is_a_package() -> None:
    folders = {file.parent for file in sources()}
    assert [
        str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()
    ] == []


def test_nobody_else_in_the_environment_is_called_core_or_bots() -> None:
    owners = importlib.metadata.packages_distributions()
    assert {name: owners.get(name, []) for name in OURS if set(owners.get(name, [])) - {"onethread"}} == {}


def test_our_folders_do_not_shadow_the_platforms_libraries() -> None:
    check = "import telegram, slack_sdk, bots; assert 'site-packages' in telegram.__file__"
    ran = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def written() -> Iterator[tuple[str, str]]:
    for file in sorted(ROOT.rglob("*")):
        inside = file.relative_to(ROOT)
        if not NOT_OURS & set(inside.parts) and not inside.parts[0].endswith("_cache") and file.is_file():
            yield str(inside), file.read_text(encoding="utf-8", errors="ignore")


def test_no_file_names_a_package_index_or_a_start_that_would_shadow() -> None:
    forbidden = re.compile(
        r"(pypi|pythonhosted|npmjs)\.(org|com)|--(extra-)?index-url|--find-links|python3? bots\b"
    )
    here = str(Path(__file__).relative_to(ROOT))
    files = [(name, text) for name, text in written() if name not in {here, "bots/__init__.py"}]
    assert len(files) > 50
    assert [(name, found[0]) for name, text in files if (found := forbidden.search(text))] == []


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))


def test_one_environment_serves_both_locks() -> None:
    runtime, dev = pinned("runtime"), pinned("dev")
    assert len(runtime) > 20
    assert runtime.items() <= dev.items()


@pytest.mark.parametrize("lock", ["runtime", "dev", "uv"])
def test_every_pin_has_hashes(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert blocks
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_the_pinned_uv_holds_the_build_backend_itself() -> None:
    """Else an editable install would ask the network for the backend."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    major, minor, _ = pinned("uv")["uv"].split(".")
    assert wanted == [f"uv_build>={major}.{minor},<{major}.{int(minor) + 1}"]


def test_every_import_rule_bites(tmp_path: Path) -> None:
    for name in (*OURS, "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, tmp_path / name)
    for file, line in {
        "core/errors.py": "import aiohttp",
        "core/messages.py": "import core.ports",
        "core/escalation/__init__.py": "import asyncio",
        "bots/telegram/__init__.py": "import bots.wechat.settings",
        "bots/web.py": "import core.storage.models",
    }.items():
        with (tmp_path / file).open("a", encoding="utf-8") as broken:
            broken.write(f"\n{line}\n")
    linter = Path(sys.executable).parent / "lint-imports"
    ran = subprocess.run([linter, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Contracts: 0 kept, 5 broken." in ran.stdout, ran.stdout
