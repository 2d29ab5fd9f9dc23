"""Drift as metrics: Prometheus's text exposition format, for the textfile collector."""

import re
from collections.abc import Callable, Iterable, Mapping

from reconciler.model.drift import Drift, TargetDrift

_LAST_SUCCESS = "idpool_drift_last_success_timestamp_seconds"
_HELP = {
    "idpool_pools": "Pools that specs describe in the target.",
    "idpool_pools_drifted": "Pools that are not as their specs say, missing ones included.",
    "idpool_orphans": "Pools that carry our owner tag and have no spec.",
    "idpool_refused": "Refusals: pools, or the target as a whole.",
    "idpool_unreadable": "Pools that AWS lists and that could not be read.",
    _LAST_SUCCESS: "When all of the target was last compared, whatever was found.",
    "idpool_drift_duration_seconds": "How long the last run took, over all its targets.",
}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_EARLIER = re.compile(
    _LAST_SUCCESS + r'\{target="((?:[^"\\\n]|\\[\\"n]){1,200})"\} ([0-9]{1,12}(?:\.[0-9]{1,9})?)'
)


def drift_metrics(drift: Drift, *, now: float, seconds: float, earlier: Mapping[str, float]) -> str:
    """The metrics of a run that ended at ``now`` (Unix time) and took ``seconds``.

    ``earlier``: when each target was last compared before; it stays for a target that is refused as
    a whole, or of which a pool could not be read.
    """
    families = {
        "idpool_pools": _by_target(drift, lambda target: target.checked),
        "idpool_pools_drifted": _by_target(drift, lambda target: target.drifted),
        "idpool_orphans": _by_target(drift, lambda target: len(target.orphans)),
        "idpool_refused": _by_target(drift, lambda target: target.refused),
        "idpool_unreadable": _by_target(drift, lambda target: target.unreadable),
        _LAST_SUCCESS: _successes(drift.targets, now, earlier),
        "idpool_drift_duration_seconds": [("", seconds)],
    }
    return "".join(_family(name, samples) for name, samples in families.items())


def last_successes(text: str) -> dict[str, float]:
    """When each target was last compared, by a file of metrics; what is no such line is passed."""
    found = (_EARLIER.fullmatch(line) for line in text.splitlines())
    return {_unescaped(match[1]): float(match[2]) for match in found if match}


def _successes(
    targets: Iterable[TargetDrift], now: float, earlier: Mapping[str, float]
) -> list[tuple[str, float]]:
    times = (
        (each.target.name, now if each.was_compared else earlier.get(each.target.name))
        for each in targets
    )
    return [(name, at) for name, at in times if at is not None]


def _by_target(drift: Drift, count: Callable[[TargetDrift], int]) -> list[tuple[str, float]]:
    return [(target.target.name, count(target)) for target in drift.targets]


def _family(name: str, samples: Iterable[tuple[str, float]]) -> str:
    lines = [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} gauge"]
    for target, value in samples:
        label = f'{{target="{target.translate(_ESCAPES)}"}}' if target else ""
        lines.append(f"{name}{label} {_number(value)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _unescaped(label: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], label)
