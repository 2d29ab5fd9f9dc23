"""What checks cost: all those that need no AWS, of the specs in a folder.

usage: python -m benchmarks.all_checks FOLDER

Prints the CPU milliseconds a pool as JSON: of the specs as they are, of the same with as many rules
as AWS takes in each mapping, and of a plan that creates all pools, findings included.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import cast

from reconciler.checks.judging import judged
from reconciler.checks.pool_checks import problems_of
from reconciler.checks.rulebook import rulebook_of
from reconciler.model.findings import Source
from reconciler.model.plan import PoolPlan, TargetPlan
from reconciler.model.project import Project, Target
from reconciler.model.spec import Spec, spec_as_api
from reconciler.model.written import PoolData, RoleMappingData, RuleData
from reconciler.specs.loading import load_specs

_MOST_RULES = 25
_KINDS = ("Equals", "StartsWith", "Contains", "NotEqual")


def main(folder: Path) -> dict[str, float]:
    """Each of the three, the same pools in all."""
    project = Project(owner="acme/identity")
    specs = load_specs([folder / "specs"], project).specs
    pools = [cast("PoolData", spec_as_api(spec.document.spec)) for spec in specs]
    full = [_with_most_rules(pool) for pool in pools]
    plan, book = _creating(specs), rulebook_of(project, date(2026, 1, 1))
    return {
        "as they are": _milliseconds(lambda: _find_all(pools), len(pools)),
        f"{_MOST_RULES} rules each": _milliseconds(lambda: _find_all(full), len(pools)),
        "of a plan": _milliseconds(lambda: judged(plan, specs, book), len(pools)),
    }


def _find_all(pools: Sequence[PoolData]) -> None:
    for pool in pools:
        list(problems_of(pool))


def _milliseconds(work: Callable[[], object], count: int) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000 / count


def _with_most_rules(pool: PoolData) -> PoolData:
    (key,) = pool["RoleMappings"]
    mapping = pool["RoleMappings"][key]
    (rule,) = mapping["RulesConfiguration"]["Rules"]
    rules = [
        RuleData(**{**rule, "MatchType": _KINDS[number % 3], "Value": f"group-{number:02d}"})
        for number in range(_MOST_RULES)
    ]
    full = RoleMappingData(**{**mapping, "RulesConfiguration": {"Rules": rules}})
    return PoolData(**{**pool, "RoleMappings": {key: full}})


def _creating(specs: Sequence[Spec]) -> TargetPlan:
    target = Target(name="default", account="123456789012", region="eu-west-1")
    pools = (PoolPlan(name=s.name, source=Source(file="x.yaml"), desired=s.pool) for s in specs)
    return TargetPlan(target=target, pools=tuple(pools))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
