"""What can be known of the image and its wheel without an engine to build it."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from reconciler import __version__

ROOT = Path(__file__).parents[2]
ROOMS = {
    "cli",
    "executor",
    "live",
    "flows",
    "specs",
    "terminal",
    "text",
    "model",
    "planner",
    "reports",
    "sandbox",
}


@dataclass(frozen=True)
class Instruction:
    name: str
    arguments: str

    @property
    def words(self) -> list[str]:
        """The arguments without options such as ``--from=build``."""
        return [word for word in self.arguments.split() if not word.startswith("--")]


def parse_dockerfile(text: str) -> list[list[Instruction]]:
    """The instructions of each stage, its FROM first; comments gone, continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    stages: list[list[Instruction]] = []
    for line in joined.splitlines():
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append(Instruction(name, arguments.strip()))
    return stages


def last(stage: list[Instruction], name: str) -> Instruction:
    return [instruction for instruction in stage if instruction.name == name][-1]


def reaches_the_build(path: Path) -> bool:
    """Whether .dockerignore lets a path through; the last rule for it or a parent decides."""
    names = [path.as_posix(), *(parent.as_posix() for parent in path.parents[:-1])]
    allowed = True
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = re.escape(rule.removeprefix("!")).replace(r"\*\*/", "(?:.*/)?")
        pattern = pattern.replace(r"\*", "[^/]*")
        if rule and not rule.startswith("#") and any(re.fullmatch(pattern, n) for n in names):
            allowed = rule.startswith("!")
    return allowed


STAGES = parse_dockerfile((ROOT / "Dockerfile").read_text())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
PYTHON_TAGS = [re.fullmatch(r"python:(\d+\.\d+)-slim", stage[0].words[0]) for stage in STAGES]


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    """Kubernetes can check ``runAsNonRoot`` against a number only."""
    user, _, group = last(STAGES[-1], "USER").arguments.partition(":")
    assert int(user) > 0
    assert int(group) > 0


def test_the_entry_point_is_idpool_without_a_shell() -> None:
    assert json.loads(last(STAGES[-1], "ENTRYPOINT").arguments) == ["idpool"]
    assert isinstance(json.loads(last(STAGES[-1], "CMD").arguments), list)


def test_the_last_stage_only_copies() -> None:
    """No tool that builds, and no file of the source tree, is in the image."""
    names = {instruction.name for instruction in STAGES[-1]}
    assert names.isdisjoint({"RUN", "ADD"})
    copies = [i.arguments for i in STAGES[-1] if i.name == "COPY"]
    assert all(arguments.startswith("--from=build ") for arguments in copies)


def test_the_environment_stays_at_its_path() -> None:
    """Scripts of a virtual environment name their interpreter by its absolute path."""
    source, destination = last(STAGES[-1], "COPY").words
    assert source == destination
    assert any(f"-m venv {source} " in i.arguments for i in STAGES[0] if i.name == "RUN")
    assert f"PATH={source}/bin:$PATH" in last(STAGES[-1], "ENV").arguments


def test_nothing_is_written_when_it_runs() -> None:
    assert "PYTHONDONTWRITEBYTECODE=1" in last(STAGES[-1], "ENV").arguments


def test_every_stage_stands_on_the_same_supported_python() -> None:
    """A tag that says the version: never ``latest``, and never one that we do not support."""
    versions = {tag[1] for tag in PYTHON_TAGS if tag}
    assert all(PYTHON_TAGS)
    assert len(versions) == 1
    assert versions.pop() in SpecifierSet(PROJECT["project"]["requires-python"])


@pytest.mark.parametrize(
    "source",
    [
        source
        for stage in STAGES
        for instruction in stage
        if instruction.name == "COPY" and "--from=" not in instruction.arguments
        for source in instruction.words[:-1]
    ],
)
def test_what_is_copied_exists_and_reaches_the_build(source: str) -> None:
    path = ROOT / source
    assert path.exists()
    files = [path] if path.is_file() else [p for p in path.rglob("*.py") if p.is_file()]
    assert files
    assert all(reaches_the_build(file.relative_to(ROOT)) for file in files)


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".git/config",
        ".idpool/sandbox.json",
        ".venv/bin/python",
        "reconciler/model/__pycache__/pool.cpython-313.pyc",
        "tests/conftest.py",
    ],
)
def test_the_rest_does_not_reach_the_build(path: str) -> None:
    assert not reaches_the_build(Path(path))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as the image builds it: with what is installed, nothing fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = [Path(name) for name in zipfile.ZipFile(wheel).namelist()]
    packed = {name for name in names if not name.parts[0].endswith(".dist-info")}
    source = {
        path.relative_to(ROOT)
        for path in (ROOT / "reconciler").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == source | {Path("idpool.py")}
    assert Path("reconciler/py.typed") in packed
    assert {path.parts[1] for path in packed if path.parts[1:]} >= ROOMS


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel itself; it borrows the dependencies of this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", *options, str(wheel)], check=True, capture_output=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def test_the_installed_command_writes_nothing(installed: Path, tmp_path: Path) -> None:
    """Run in folders that cannot be written, as in the image; root is held to it by looking."""
    home, work = tmp_path / "home", tmp_path / "work"
    for folder in (home, work):
        folder.mkdir(mode=0o555)
    env = {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{installed / 'bin'}{os.pathsep}{os.defpath}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = subprocess.run(
        ["idpool", "--version"], cwd=work, env=env, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"idpool {__version__}\n"
    assert list(home.iterdir()) == list(work.iterdir()) == []


def test_the_installed_command_is_not_the_source_tree(installed: Path, tmp_path: Path) -> None:
    program = "import reconciler; print(reconciler.__file__)"
    command = [str(installed / "bin" / "python"), "-c", program]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(run.stdout.strip()).is_relative_to(installed)
