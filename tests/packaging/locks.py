"""What a lock file pins, and what is missing for pip to find all of it pinned."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Markers are evaluated for each of these: what a lock pins for one of them only is looked at, too.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}


@dataclass(frozen=True)
class Pin:
    """One line of a lock, its continuation lines included."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str | None:
        """The one version that it allows, if it is just one."""
        exact = re.fullmatch(r"==([^*,]+)", str(self.requirement.specifier))
        return exact[1] if exact else None


def read_lock(text: str) -> list[Pin]:
    """The lines of a lock."""
    joined = re.sub(r"\\\n\s*", "", text)
    lines = (line for line in joined.splitlines() if line.strip() and line.lstrip()[0] != "#")
    return [_pin(line) for line in lines]


Environment = Mapping[str, str]


def here() -> Environment:
    """This Python on this system."""
    return {name: str(value) for name, value in default_environment().items()}


def environments() -> Iterator[Environment]:
    """Every Python and system that a lock is for."""
    for python in PYTHONS:
        for system, (os_name, platform_system) in SYSTEMS.items():
            yield {
                **here(),
                "python_version": python,
                "python_full_version": f"{python}.0",
                "implementation_version": f"{python}.0",
                "sys_platform": system,
                "os_name": os_name,
                "platform_system": platform_system,
            }


def gaps(pins: Iterable[Pin], roots: Iterable[str]) -> list[str]:
    """What pip would have to choose by itself: a sentence for each requirement without its pin.

    Packages that this Python does not need are not installed, and what they need is not known.
    """
    found: dict[str, None] = {}
    for environment in environments():
        found |= dict.fromkeys(_gaps_in(environment, in_force(pins, environment), roots))
    return list(found)


def in_force(pins: Iterable[Pin], environment: Environment) -> dict[str, Pin]:
    """The lines that count in an environment, by name; two for one package are an error."""
    applied = [pin for pin in pins if _applies(pin.requirement, environment, frozenset())]
    by_name = {pin.name: pin for pin in applied}
    assert len(by_name) == len(applied), "a package is pinned twice"
    return by_name


def _gaps_in(
    environment: Environment, pins: Mapping[str, Pin], roots: Iterable[str]
) -> Iterator[str]:
    waiting = [("the project", Requirement(root), frozenset[str]()) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        parent, needed, parent_extras = waiting.pop()
        if not _applies(needed, environment, parent_extras):
            continue
        pin = pins.get(canonicalize_name(needed.name))
        if pin is None:
            yield f"{parent} needs {needed}, which has no line"
            continue
        yield from _faults(parent, needed, pin)
        extras = frozenset(needed.extras)
        if (pin.name, extras) not in seen:
            seen.add((pin.name, extras))
            waiting += [(pin.name, each, extras) for each in _needs(pin.name)]


def _faults(parent: str, needed: Requirement, pin: Pin) -> Iterator[str]:
    if pin.version is None or pin.version not in needed.specifier:
        yield f"{parent} needs {needed}, and {pin.requirement} does not pin that"
    if not pin.hashes:
        yield f"{pin.requirement} has no hash"
    if missing := needed.extras - pin.requirement.extras:
        yield f"{parent} needs {needed}, and {pin.requirement} lacks [{','.join(sorted(missing))}]"


def _applies(
    requirement: Requirement, environment: Environment, parent_extras: frozenset[str]
) -> bool:
    marker = requirement.marker
    extras = parent_extras or {""}
    return marker is None or any(
        marker.evaluate({**environment, "extra": extra}) for extra in extras
    )


@cache
def _needs(name: str) -> tuple[Requirement, ...]:
    try:
        return tuple(Requirement(each) for each in distribution(name).requires or ())
    except PackageNotFoundError:
        return ()


def _pin(line: str) -> Pin:
    text, *hashes = re.split(r"\s+--hash=", line)
    return Pin(Requirement(text), tuple(hashes))
