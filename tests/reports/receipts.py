"""Receipts for every way that an apply can end."""

from reconciler.model.changes import (
    CreatePool,
    DeletePool,
    SetPrincipalTags,
    SetRoles,
    TagPool,
    UpdatePool,
)
from reconciler.model.plan import Plan
from reconciler.model.receipt import PoolReceipt, Receipt
from tests.reports import plans
from tests.reports.builders import (
    OKTA,
    POOL_ID,
    US,
    USER_POOL,
    done,
    plan,
    pool_plan,
    pool_receipt,
    target_plan,
)

ROLES = SetRoles(fields=("Roles", "RoleMappings"))
UPDATE = UpdatePool(fields=("AllowClassicFlow",))
DENIED = "User: arn:aws:sts::111122223333:assumed-role/ci/run is not authorized"


def receipt(*pools: PoolReceipt) -> Receipt:
    return Receipt(plan_digest="sha256:" + "0" * 64, pools=pools)


def _mixed() -> tuple[Receipt, Plan]:
    pools = (
        pool_receipt("fresh", done(CreatePool(), attempts=3), done(ROLES)),
        pool_receipt("known", done(UPDATE), done(SetPrincipalTags(provider=OKTA))),
        pool_receipt("legacy", done(DeletePool())),
        pool_receipt(
            "half",
            done(UPDATE),
            done(
                ROLES,
                "failed",
                message=DENIED,
                code="AccessDeniedException",
                attempts=3,
                request_ids=("1a2b3c", "4d5e6f"),
            ),
            done(SetPrincipalTags(provider=USER_POOL), "skipped", message="after a failure"),
        ),
        pool_receipt(
            "never",
            done(CreatePool(), "failed", code="LimitExceededException", message="60 pools"),
            done(ROLES, "skipped", attempts=0),
            pool_id=None,
        ),
        pool_receipt(
            "lost", done(UPDATE, "unknown", request_ids=("7a8b",)), done(ROLES, "skipped")
        ),
        pool_receipt("moved", done(UPDATE, "skipped", attempts=0), stale=True),
        pool_receipt("moving", done(UPDATE), done(ROLES, "skipped", attempts=0), stale=True),
        pool_receipt("late", done(UPDATE, "skipped", message="interrupted", attempts=0)),
        pool_receipt("game", refused=True),
        pool_receipt("quiet"),
        pool_receipt("elsewhere", done(TagPool(tags={"a": "b"})), target="prod-ap"),
    )
    names = [p.name for p in pools if p.name not in ("game", "elsewhere")]
    wanted = plan(
        target_plan(*map(pool_plan, names), plans.refused()),
        target_plan(target=US, refusals=(plans.WRONG_ACCOUNT,)),
    )
    return receipt(*pools), wanted


RECEIPTS: dict[str, tuple[Receipt, Plan]] = {
    "all-done": (
        receipt(pool_receipt("storefront", done(CreatePool()), done(ROLES), pool_id=POOL_ID)),
        plan(plans.create()),
    ),
    "mixed": _mixed(),
    "interrupted": (
        receipt(
            pool_receipt("storefront", done(UPDATE), done(ROLES, "skipped", message="interrupted"))
        ),
        plan(pool_plan("storefront")),
    ),
    "only-refused": (
        receipt(pool_receipt("game", refused=True), pool_receipt("quiet")),
        plan(plans.refused(), plans.keep()),
    ),
    "nothing": (receipt(pool_receipt("quiet")), plan(plans.keep())),
    "hostile": (
        receipt(
            pool_receipt(
                "storefront",
                done(UPDATE, "failed", message=plans.HOSTILE, code=plans.HOSTILE),
                done(SetPrincipalTags(provider=plans.HOSTILE), "skipped"),
            )
        ),
        plan(pool_plan("storefront")),
    ),
}
