"""Specs, live pools and plans in one line each; what a test does not care about has a default."""

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.model.changes import Edit, EditOp, Refusal
from reconciler.model.findings import Source
from reconciler.model.live import LeftCreate, LivePool, LiveTarget, Want
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.pool import Pool, canonical_pool
from reconciler.model.pool_fields import PRINCIPAL_TAGS_FIELD, ROLES_FIELDS
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import NAME_TAG, OWNER_TAG, Project, Target
from reconciler.model.spec import PoolDocument, Spec
from reconciler.planner.planning import plan_target, wants

OWNER = "acme/identity"
ACCOUNT = "111122223333"
EU = Target(name="prod-eu", account=ACCOUNT, region="eu-west-1")
US = Target(name="prod-us", account="444455556666", region="us-east-1")
PROJECT = Project(owner=OWNER, targets=(EU, US))

POOL_ID = "eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
OTHER_ID = "eu-west-1:11111111-2222-3333-4444-555555555555"
THIRD_ID = "eu-west-1:99999999-2222-3333-4444-555555555555"
FACEBOOK = "graph.facebook.com"
TWITTER = "api.twitter.com"
USER_POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab129faBb"
CLIENT = f"{USER_POOL}:7lhlkkfbfb4q5kpp90urffao"
OKTA = f"arn:aws:iam::{ACCOUNT}:saml-provider/Okta"
ENTRA = f"arn:aws:iam::{ACCOUNT}:saml-provider/Entra"
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
GITLAB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"


def role(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def client(client_id: str = "7lhlkkfbfb4q5kpp90urffao", *, check: bool = False) -> dict[str, Any]:
    return {"ProviderName": USER_POOL, "ClientId": client_id, "ServerSideTokenCheck": check}


def rule(value: str, *, claim: str = "isAdmin", match: str = "Equals", to: str = "") -> dict:
    """A rule that differs from another one in Value and RoleARN unless told otherwise."""
    return {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": role(to or value)}


def rules_mapping(*rules: Mapping[str, str], otherwise: str = "Deny") -> dict[str, Any]:
    return {
        "Type": "Rules",
        "AmbiguousRoleResolution": otherwise,
        "RulesConfiguration": {"Rules": list(rules)},
    }


def token_mapping(otherwise: str = "Deny") -> dict[str, Any]:
    return {"Type": "Token", "AmbiguousRoleResolution": otherwise}


def principal_tags(*, defaults: bool = False, **tags: str) -> dict[str, Any]:
    return {"UseDefaults": defaults, "PrincipalTags": tags}


def our_tags(name: str = "storefront", owner: str = OWNER) -> dict[str, str]:
    return {OWNER_TAG: owner, NAME_TAG: name}


def edit(
    op: EditOp, *path: str | int, before: Any = None, after: Any = None, secret: bool = False
) -> Edit:
    return Edit(op=op, path=path, before=before, after=after, secret=secret)


def pool(**fields: Any) -> Pool:
    return canonical_pool({"IdentityPoolName": "storefront", "AllowClassicFlow": False, **fields})


def spec(
    name: str = "storefront",
    *,
    metadata: Mapping[str, Any] | None = None,
    lifecycle: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Spec:
    document = {
        "apiVersion": "idpool/v1",
        "kind": "IdentityPool",
        "metadata": {"name": name, **(metadata or {})},
        "lifecycle": dict(lifecycle or {}),
        "spec": {"IdentityPoolName": "storefront", **fields},
    }
    source = Source(file=f"specs/{name}.yaml")
    return Spec(source=source, document=PoolDocument.model_validate(document))


def adopting(pool_id: str | Mapping[str, str], name: str = "storefront", **more: Any) -> Spec:
    return spec(name, metadata={"adopt": pool_id}, **more)


def tombstone(name: str = "storefront", **settings: Any) -> Spec:
    """``adopt=`` names a pool; ``identities=True`` is lifecycle.deleteIdentities."""
    adopt = {"adopt": settings["adopt"]} if "adopt" in settings else {}
    lifecycle = {"delete": True, "deleteIdentities": bool(settings.get("identities"))}
    return spec(name, metadata=adopt, lifecycle=lifecycle)


def live(pool_id: str = POOL_ID, *, identities: int | None = None, **fields: Any) -> LivePool:
    """A pool without tags of ours, as read from AWS."""
    return LivePool(pool_id=pool_id, pool=pool(**fields), identities=identities)


def ours(name: str = "storefront", pool_id: str = POOL_ID, **fields: Any) -> LivePool:
    """A pool with both ownership tags."""
    tags = {**our_tags(name), **fields.pop("IdentityPoolTags", {})}
    return live(pool_id, IdentityPoolTags=tags, **fields)


def answer(*pools: LivePool, target: Target = EU, left: tuple[LeftCreate, ...] = ()) -> LiveTarget:
    return LiveTarget(target=target, expected_account=target.account, pools=pools, left=left)


def plan_of(
    specs: Sequence[Spec],
    *pools: LivePool,
    target: Target = EU,
    project: Project = PROJECT,
    all_specs: bool = True,
    left: tuple[LeftCreate, ...] = (),
) -> TargetPlan:
    live = answer(*pools, target=target, left=left)
    return plan_target(specs, live, project, all_specs=all_specs)


def plan_one(wanted: Spec, *pools: LivePool, **more: Any) -> PoolPlan:
    (planned,) = plan_of([wanted], *pools, **more).pools
    return planned


def whole_plan(*targets: TargetPlan) -> Plan:
    return Plan(owner=OWNER, targets=targets)


def refusal_of(planned: PoolPlan) -> Refusal:
    """The one refusal of a pool, which then has no actions."""
    (refusal,) = planned.refusals
    assert planned.actions == ()
    assert planned.verb == "refuse"
    return refusal


def read_for(wanted: Spec, full: LivePool, project: Project = PROJECT) -> LivePool:
    """``full`` as the readers hand it over: only what ``wants`` asked for."""
    unread = full.pool.model_copy(update=dict.fromkeys((*ROLES_FIELDS, PRINCIPAL_TAGS_FIELD)))
    seen = full.model_copy(update={"pool": unread})
    (want,) = wants([wanted], answer(seen), project)
    return full.model_copy(update={"pool": _read(full.pool, unread, want)})


def _read(full: Pool, unread: Pool, want: Want) -> Pool:
    read: dict[str, Any] = {}
    if want.roles:
        read = {field: getattr(full, field) or {} for field in ROLES_FIELDS}
    if want.principal_tag_providers is not None:
        stored = full.PrincipalTagAttributeMaps or {}
        maps = {n: stored.get(n, NO_PRINCIPAL_TAGS) for n in want.principal_tag_providers}
        read[PRINCIPAL_TAGS_FIELD] = {n: m for n, m in maps.items() if m != NO_PRINCIPAL_TAGS}
    return unread.model_copy(update=read)
