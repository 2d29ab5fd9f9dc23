"""Plans and receipts as data."""

import pytest

from reconciler.model.changes import (
    Action,
    CreatePool,
    DeletePool,
    DeleteTwin,
    Refusal,
    SetPrincipalTags,
    SetRoles,
    TagPool,
    UntagPool,
    UpdatePool,
)
from reconciler.model.findings import Source
from reconciler.model.plan import Plan, PoolPlan, TargetPlan
from reconciler.model.project import OwnerTags, Target
from reconciler.model.receipt import ActionReceipt, PoolReceipt, Receipt

ACTIONS: list[Action] = [
    CreatePool(),
    UpdatePool(fields=("IdentityPoolName",)),
    TagPool(tags={"a": "b"}),
    UntagPool(keys=("a",)),
    SetRoles(fields=("Roles",)),
    SetPrincipalTags(provider="p"),
    DeletePool(with_identities=True),
    DeleteTwin(pool_id="p", tags=OwnerTags("o", "n"), journal="j"),
]
REFUSED = Refusal(rule="r", reason="because", way_out="that way")


def planned(*actions: Action, refusals: tuple[Refusal, ...] = ()) -> PoolPlan:
    source = Source(file="a.yaml")
    return PoolPlan(name="a", source=source, actions=actions, refusals=refusals)


def plan(*pools: PoolPlan, refusals: tuple[Refusal, ...] = ()) -> Plan:
    target = TargetPlan(target=Target(name="t"), pools=pools, refusals=refusals)
    return Plan(owner="o", targets=(target,))


@pytest.mark.parametrize(
    ("action", "verb"),
    list(zip(ACTIONS, ["create", *["update"] * 5, "delete", "update"], strict=True)),
    ids=[action.kind for action in ACTIONS],
)
def test_the_first_action_gives_the_verb(action: Action, verb: str) -> None:
    assert planned(action, SetRoles(fields=())).verb == verb


def test_without_actions_a_pool_is_kept_and_with_refusals_refused() -> None:
    assert planned().verb == "keep"
    assert planned(refusals=(REFUSED,)).verb == "refuse"


@pytest.mark.parametrize("action", ACTIONS, ids=[action.kind for action in ACTIONS])
def test_every_action_survives_json(action: Action) -> None:
    whole = plan(planned(action))
    again = Plan.model_validate_json(whole.model_dump_json())
    assert again == whole
    assert again.digest == whole.digest


def test_a_plan_counts_the_pools_and_refusals_of_all_targets() -> None:
    other = Refusal(rule="target", reason="because", way_out="that way")
    one = plan(planned(refusals=(REFUSED,)), refusals=(other,))
    both = Plan(owner="o", targets=(*one.targets, *plan(planned(CreatePool())).targets))
    assert [refusal.rule for refusal in both.refusals] == ["target", "r"]
    assert [pool.verb for pool in both.pools] == ["refuse", "create"]
    assert (one.has_changes, both.has_changes) == (False, True)


def test_the_digest_is_golden() -> None:
    """It goes into receipts and comments: another value means another format of plans."""
    assert plan(*map(planned, ACTIONS)).digest == (
        "sha256:e42c102afc92528fc345c220bc168e7a22fbc2d9510f58296db08282f63138ad"
    )


def test_every_part_of_a_plan_is_in_its_digest() -> None:
    parts = [plan(), plan(planned()), plan(refusals=(REFUSED,)), Plan(owner="x", targets=())]
    digests = {whole.digest for whole in parts}
    assert len(digests) == len(parts)


def test_a_receipt_counts_outcomes_over_all_pools() -> None:
    done = ActionReceipt(action=CreatePool(), outcome="done")
    failed = ActionReceipt(action=SetRoles(fields=()), outcome="failed", code="X")
    pools = [
        PoolReceipt(target="t", name=name, pool_id=None, actions=(done, failed)) for name in "ab"
    ]
    receipt = Receipt(plan_digest="sha256:0", pools=tuple(pools))
    assert (receipt.count("done"), receipt.count("failed"), receipt.count("unknown")) == (2, 2, 0)
    assert [action.outcome for action in receipt.actions] == ["done", "failed"] * 2
    assert Receipt.model_validate_json(receipt.model_dump_json()) == receipt
