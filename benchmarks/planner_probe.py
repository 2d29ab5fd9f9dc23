"""The planner alone, without AWS: CPU a pool, as JSON in milliseconds.

usage: python -m benchmarks.planner_probe FOLDER RUNS WAY...

FOLDER is a repository whose specs have mappings with rules; for each way of `LIVE_IS` all of its
pools are planned, live being otherwise in that way.  `reference` is a fixed piece of plain Python,
to tell machines apart.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.live_pools import live_pools
from benchmarks.specs import ACCOUNT, REGION
from reconciler.loader.project import load_project
from reconciler.loader.specs import load_specs
from reconciler.model.live import LivePool, LiveTarget
from reconciler.model.pool import canonical_pool
from reconciler.model.project import AMBIENT, Target
from reconciler.planner import plan_target

_REFERENCE_RUNS = 25

Rules = list[dict[str, str]]


def _as_it_is(rules: Rules) -> Rules:
    return rules


def _without_first(rules: Rules) -> Rules:
    return rules[1:]


def _one_more_inside(rules: Rules) -> Rules:
    middle = len(rules) // 2
    return [*rules[:middle], {**rules[0], "Value": "of-old"}, *rules[middle:]]


def _one_changed(rules: Rules) -> Rules:
    return [*rules[:-1], {**rules[-1], "MatchType": "Contains"}]


def _turned_round(rules: Rules) -> Rules:
    return rules[::-1]


def _every_role_changed(rules: Rules) -> Rules:
    return [{**rule, "RoleARN": f"{rule['RoleARN']}-of-old"} for rule in rules]


def _others_altogether(rules: Rules) -> Rules:
    return [
        {**rule, "Claim": "custom:former", "Value": f"former-{number}", "MatchType": "StartsWith"}
        for number, rule in enumerate(rules)
    ]


LIVE_IS: dict[str, Callable[[Rules], Rules]] = {
    "as the spec says": _as_it_is,
    "one rule short": _without_first,
    "one rule more": _one_more_inside,
    "one rule changed": _one_changed,
    "rules in reverse": _turned_round,
    "every rule changed": _every_role_changed,
    "other rules altogether": _others_altogether,
}


def live_target(folder: Path, change: Callable[[Rules], Rules]) -> LiveTarget:
    """The repository's pools as AWS would answer, their rules changed."""
    pools = tuple(
        LivePool(
            pool_id=f"{REGION}:00000000-0000-4000-8000-{number:012x}",
            pool=canonical_pool({**api["settings"], **_changed(api["roles"], change)}),
        )
        for number, api in enumerate(live_pools(folder))
    )
    return LiveTarget(target=Target(name=AMBIENT, account=ACCOUNT, region=REGION), pools=pools)


def _changed(roles: dict[str, Any], change: Callable[[Rules], Rules]) -> dict[str, Any]:
    mappings = json.loads(json.dumps(roles["RoleMappings"]))
    for mapping in mappings.values():
        configuration = mapping["RulesConfiguration"]
        configuration["Rules"] = change(configuration["Rules"])
    return {**roles, "RoleMappings": mappings}


def _reference() -> object:
    value = {f"key-{number}": [number % 7] * (number % 5) for number in range(2000)}
    back = json.loads(json.dumps(value, indent=1))
    return sorted(back.items(), key=lambda item: (len(item[1]), item[0]))


def _milliseconds(work: Callable[[], object], runs: int) -> list[float]:
    took = []
    for _ in range(runs):
        began = time.process_time()
        work()
        took.append((time.process_time() - began) * 1000)
    return took


def main() -> None:
    """Plan, and say what it took."""
    # A collection would look at all that was imported, and that is another program's work.
    gc.disable()
    reference = _milliseconds(_reference, _REFERENCE_RUNS)
    gc.enable()
    folder, runs, ways = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    project = load_project(folder / "idpool.yaml")
    specs = load_specs([folder / "specs"], project).specs
    took: dict[str, list[float]] = {}
    for way in ways:
        live = live_target(folder, LIVE_IS[way])
        # The first plan with changes imports what it needs, which is start, not planning.
        plan_target(specs[:1], live, project)
        plans = _milliseconds(partial(plan_target, specs, live, project), runs)
        took[way] = [milliseconds / len(specs) for milliseconds in plans]
    print(json.dumps({"took": took, "reference": reference}))


if __name__ == "__main__":
    main()
