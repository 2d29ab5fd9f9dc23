"""Small builders of plans and receipts: what a test does not care about has a plain default."""

from collections.abc import Mapping
from typing import Any

from reconciler.model.access import AccessChange, Effect, PoolFinding
from reconciler.model.base import JsonValue
from reconciler.model.changes import Action, Change, Edit, EditOp, Refusal, UpdatePool
from reconciler.model.findings import Finding, Severity, Source
from reconciler.model.plan import Orphan, Plan, PoolPlan, TargetPlan, UnreadPlan
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.project import Target
from reconciler.model.receipt import ActionReceipt, Outcome, PoolReceipt

EU = Target(name="prod-eu", account="111122223333", region="eu-west-1")
US = Target(
    name="prod-us",
    account="444455556666",
    region="us-east-1",
    role_arn="arn:aws:iam::444455556666:role/idpool",
)
POOL_ID = "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
OTHER_ID = "eu-west-1:11111111-2222-3333-4444-555555555555"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
CLIENT = f"{USER_POOL}:7lhlkkfbfb4q5kpp90urffao"
OTHER_CLIENT = f"{USER_POOL}:1example23456789"
OKTA = "arn:aws:iam::111122223333:saml-provider/Okta"
GITHUB = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"


def role(name: str) -> str:
    return f"arn:aws:iam::111122223333:role/{name}"


def rule(claim: str, match_type: str, value: str, role_name: str) -> dict[str, JsonValue]:
    return {"Claim": claim, "MatchType": match_type, "Value": value, "RoleARN": role(role_name)}


def pool(**fields: Any) -> Pool:
    return canonical_pool({"IdentityPoolName": "storefront", "AllowClassicFlow": False, **fields})


def edit(
    op: EditOp,
    *path: str | int,
    before: JsonValue = None,
    after: JsonValue = None,
    secret: bool = False,
) -> Edit:
    return Edit(op=op, path=path, before=before, after=after, secret=secret)


def scalar(field: str, before: JsonValue, after: JsonValue, *, forever: bool = False) -> Change:
    edits = (edit("change", before=before, after=after),)
    return Change(field=field, before=before, after=after, edits=edits, irreversible=forever)


def collection(field: str, *edits: Edit, before: Any = None, after: Any = None) -> Change:
    """A change of a list or a map that has members before and after unless told otherwise."""
    return Change(
        field=field,
        before={"some": "before"} if before is None else before,
        after={"some": "after"} if after is None else after,
        edits=edits,
    )


def new_collection(field: str, *edits: Edit, after: Any = None) -> Change:
    """A collection that was empty."""
    return collection(field, *edits, before={}, after=after)


def pool_plan(name: str = "storefront", *changes: Change, **fields: Any) -> PoolPlan:
    """An update of a live pool, unless the fields say otherwise."""
    defaults: dict[str, Any] = {
        "source": Source(file=f"specs/{name}.yaml"),
        "pool_id": POOL_ID,
        "live": pool(),
        "desired": pool(),
        "changes": changes,
        "actions": (UpdatePool(fields=tuple(c.field for c in changes)),) if changes else (),
    }
    return PoolPlan(name=name, **{**defaults, **fields})


def target_plan(*pools: PoolPlan, target: Target = EU, **fields: Any) -> TargetPlan:
    return TargetPlan(target=target, pools=pools, **fields)


def plan(*parts: PoolPlan | TargetPlan, owner: str = "acme/identity") -> Plan:
    """A plan of whole targets, or of pools in one target."""
    targets = [part for part in parts if isinstance(part, TargetPlan)]
    pools = [part for part in parts if isinstance(part, PoolPlan)]
    return Plan(owner=owner, targets=(*targets, *([target_plan(*pools)] if pools else [])))


def says(effect: Effect, sentence: str) -> AccessChange:
    """Something that a plan changes of who gets in."""
    return AccessChange(effect=effect, kind="guests", says=sentence, field="Roles")


def orphan(name: str, spec_name: str | None = None, pool_id: str = OTHER_ID) -> Orphan:
    return Orphan(pool_id=pool_id, pool_name=name, spec_name=spec_name)


def unread(name: str, refusal: Refusal, pool_id: str = OTHER_ID) -> UnreadPlan:
    return UnreadPlan(pool_id=pool_id, pool_name=name, refusal=refusal)


def done(action: Action, outcome: Outcome = "done", **fields: Any) -> ActionReceipt:
    return ActionReceipt(action=action, outcome=outcome, **{"attempts": 1, **fields})


def pool_receipt(name: str, *actions: ActionReceipt, **fields: Any) -> PoolReceipt:
    defaults: Mapping[str, Any] = {"target": EU.name, "pool_id": POOL_ID}
    return PoolReceipt(name=name, actions=actions, **{**defaults, **fields})


def doubt(rule_id: str, **fields: Any) -> PoolFinding:
    """What a check says of a pool: a warning, unless the fields say otherwise."""
    defaults = {"severity": "warning", "path": "spec.Roles", "message": "is doubtful"}
    place = "specs/storefront.yaml:12:5"
    return PoolFinding(**{"rule": rule_id, "place": place, **defaults, **fields})


def finding(
    file: str = "specs/a.yaml",
    line: int = 1,
    column: int = 1,
    *,
    path: str = "spec",
    message: str = "is wrong",
    fix: str = "",
    rule_id: str = "some-rule",
    severity: Severity = "error",
) -> Finding:
    return Finding(
        file=file,
        line=line,
        column=column,
        path=path,
        rule=rule_id,
        message=message,
        fix=fix,
        severity=severity,
    )
