"""Reports for programs: JSON with a ``schemaVersion``, keys sorted, one newline at the end.

Secrets are masked by the models themselves when they are serialised.  The text is ASCII, so it
can be shown as it is.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from reconciler.model.base import Record
from reconciler.model.drift import Drift
from reconciler.model.findings import Finding
from reconciler.model.plan import Plan
from reconciler.model.receipt import Receipt
from reconciler.model.saved_plan import Consumption, SavedPlan

FINDINGS_SCHEMA_VERSION = 1


def plan_json(plan: Plan) -> str:
    """The plan; ``Plan.model_validate_json`` reads it back, secrets masked."""
    return _document(plan.model_dump(mode="json"))


def saved_plan_json(saved: SavedPlan) -> str:
    """The saved plan, as it is written to its file: each spec and each pool is one line."""
    targets = [
        _members(target, pools=_lines(_compact(pool) for pool in target.pools))
        for target in saved.plan.targets
    ]
    unchanged = [
        f"{json.dumps(name)}: {_lines(_compact(pool) for pool in pools)}"
        for name, pools in sorted(saved.unchanged.items())
    ]
    plan = _members(saved.plan, targets=_lines(targets))
    specs = _lines(_compact(spec) for spec in saved.specs)
    text = _members(saved, plan=plan, specs=specs, unchanged=_lines(unchanged, "{}"))
    return text + "\n"


def consumption_json(consumption: Consumption) -> str:
    """The marker beside a saved plan that was applied."""
    return _document(consumption.model_dump(mode="json"))


def receipt_json(receipt: Receipt) -> str:
    """The receipt; ``Receipt.model_validate_json`` reads it back."""
    return _document(receipt.model_dump(mode="json"))


def drift_json(drift: Drift) -> str:
    """The drift, with its digest: for dashboards and webhooks."""
    return _document(drift.model_dump(mode="json"))


def findings_json(findings: Sequence[Finding]) -> str:
    """The findings in the order given, under ``findings``."""
    listed = [asdict(finding) for finding in findings]
    return _document({"schemaVersion": FINDINGS_SCHEMA_VERSION, "findings": listed})


def _members(record: Record, **long: str) -> str:
    """An object with one member to a line; ``long`` ones are JSON already."""
    data = record.model_dump(mode="json", exclude=set(long))
    members = {name: json.dumps(value, sort_keys=True) for name, value in data.items()}
    return _lines((f'"{name}": {text}' for name, text in sorted({**members, **long}.items())), "{}")


def _lines(items: Iterable[str], brackets: str = "[]") -> str:
    """A list or an object with one item to a line."""
    text = ",\n".join(items)
    return f"{brackets[0]}\n{text}\n{brackets[1]}" if text else brackets


def _compact(record: Record) -> str:
    return json.dumps(record.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


def _document(data: object) -> str:
    return json.dumps(data, indent=2, sort_keys=True) + "\n"
