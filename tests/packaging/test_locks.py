"""The locks hold: whatever is published after they were made, pip installs what they say."""

import json
import re
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.packaging.locks import Pin, gaps, here, in_force, read_lock
from tests.packaging.pipeline_files import GITLAB, WORKFLOWS

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
BUILD = [*PROJECT["build-system"]["requires"], *GROUPS["build"]]
DEV = [each for each in GROUPS["dev"] if isinstance(each, str)]

# What each lock is for.
ROOTS = {
    "build.txt": BUILD,
    "demo.txt": [*RUNTIME, *EXTRAS["sandbox"]],
    "dev.txt": [*RUNTIME, *(each for extra in EXTRAS.values() for each in extra), *BUILD, *DEV],
    "runtime.txt": [*RUNTIME, *EXTRAS["github"], *EXTRAS["gitlab"]],
}

# Installed into an environment of its own, so that its versions are not those of the tests here.
APART = {"clients.txt": GROUPS["clients"]}


def text_of(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def test_every_lock_is_looked_at() -> None:
    assert {path.name for path in (ROOT / "requirements").iterdir()} == {*ROOTS, *APART}


@pytest.mark.parametrize("lock", ROOTS)
def test_every_requirement_is_pinned_with_its_extras_and_a_hash(lock: str) -> None:
    """Those of the project, and those of all that is installed for it: pip chooses nothing."""
    assert gaps(read_lock(text_of(lock)), ROOTS[lock]) == [], "run `make lock`"


@pytest.mark.parametrize("lock", [*ROOTS, *APART])
def test_every_line_pins_one_version_with_a_hash(lock: str) -> None:
    pins = read_lock(text_of(lock))
    assert pins
    for pin in pins:
        assert pin.version, pin
        assert pin.hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in pin.hashes)


@pytest.mark.parametrize("lock", ROOTS)
def test_what_is_installed_here_is_what_the_lock_says(lock: str) -> None:
    """So that the requirements which the tests above read are those of the pinned versions."""
    for name, pin in in_force(read_lock(text_of(lock)), here()).items():
        assert version(name) == pin.version


@pytest.mark.parametrize("lock", APART)
def test_a_lock_apart_has_what_it_is_for(lock: str) -> None:
    pinned = {pin.name: pin for pin in read_lock(text_of(lock))}
    for needed in map(Requirement, APART[lock]):
        assert needed.specifier.contains(pinned[needed.name].version or ""), needed


def test_the_lock_of_javascript_names_a_hash_for_each_package_and_no_place() -> None:
    """npm says where a package comes from unless it is told not to: .npmrc there tells it."""
    folder = ROOT / "tests" / "sandbox" / "javascript"
    packages = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    own = packages.pop("")
    assert own["dependencies"] == json.loads((folder / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"[0-9.]+", version) for version in own["dependencies"].values())
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not any("resolved" in each for each in packages.values())


@pytest.mark.parametrize("lock", [*ROOTS, *APART])
def test_a_lock_names_no_place(lock: str) -> None:
    """Where packages come from is the setting of the machine that installs them."""
    text = text_of(lock)
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--[a-z-]*(index|links)[a-z-]*)\b", text, re.MULTILINE)
    assert not re.search(r"(^|\s)[~.]{0,2}/\S", text)


def pins_of(lock: str) -> dict[str, Pin]:
    return in_force(read_lock(text_of(lock)), here())


@pytest.mark.parametrize("lock", ["build.txt", "demo.txt", "runtime.txt"])
def test_what_users_install_is_what_the_tests_run(lock: str) -> None:
    dev = pins_of("dev.txt")
    assert {name: pin.version for name, pin in pins_of(lock).items()} == {
        name: dev[name].version for name in pins_of(lock)
    }


def without(pattern: str, replacement: str = "") -> Callable[[str], str]:
    def broken(text: str) -> str:
        changed, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert count
        return changed

    return broken


@pytest.mark.parametrize(
    ("lock", "broken", "said"),
    [
        ("dev.txt", without(r"^(coverage)\[toml\]", r"\1"), "lacks [toml]"),
        ("dev.txt", without(r"^(pyjwt)\[crypto\]", r"\1"), "lacks [crypto]"),
        ("runtime.txt", without(r"^(pyjwt)\[crypto\]", r"\1"), "lacks [crypto]"),
        ("runtime.txt", without(r"^cffi==.*\\\n(    --hash.*\n)+"), "cffi"),
        ("runtime.txt", without(r"^pygments==.*\\\n(    --hash.*\n)+"), "pygments"),
        ("demo.txt", without(r"^werkzeug==[^ ]+", "werkzeug==2.0"), "does not pin that"),
        ("demo.txt", without(r"^werkzeug==", "werkzeug>="), "does not pin that"),
        ("build.txt", without(r"^(hatchling==[^ ]+).*\n(    --hash.*\n)+", r"\1\n"), "no hash"),
    ],
)
def test_a_lock_with_a_gap_is_found(lock: str, broken: Callable[[str], str], said: str) -> None:
    found = gaps(read_lock(broken(text_of(lock))), ROOTS[lock])
    assert any(said in each for each in found), found
    assert not any(said in each for each in gaps(read_lock(text_of(lock)), ROOTS[lock]))


STARTED = [path for path in (*WORKFLOWS, *GITLAB) if "pip install" in path.read_text()]
STARTERS = [path.relative_to(ROOT).as_posix() for path in STARTED]
INSTALLERS = ["Dockerfile", "action.yml", "scripts/environment.sh", *STARTERS]


@pytest.mark.parametrize("name", INSTALLERS)
def test_nothing_is_resolved_when_a_lock_is_installed(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "--require-hashes" in line]
    assert installs
    assert all("--no-deps" in line for line in installs)
    assert re.search(r"^[^#]*\bpip( venv)? check\b", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["action.yml", *STARTERS])
def test_nothing_is_built_with_what_has_no_hash(name: str) -> None:
    """These run with a role.  pip fetches what a source is built with by name, so none is built."""
    text = (ROOT / name).read_text(encoding="utf-8")
    installs = re.findall(r"pip (?:\S+ )?(?:install|wheel) .*(?:\\\n.*)*", text)
    assert installs
    for each in installs:
        assert "--no-deps" in each
        is_locked = "--require-hashes" in each and "--only-binary :all:" in each
        assert is_locked or "--no-index" in each or "--no-build-isolation -r" in each, each
