"""What a rollback will not do, and what can be done instead."""

from collections.abc import Iterable, Iterator

from reconciler.model.changes import Refusal
from reconciler.model.project import NAME_TAG, OWNER_TAG, Target
from reconciler.model.receipt import PoolReceipt, Receipt


def other_place(receipt: Receipt, here: Target) -> Iterator[Refusal]:
    """The target of this name is not where the run was."""
    then = next((target for target in receipt.targets if target.name == here.name), here)
    for what in ("account", "region"):
        old, new = getattr(then, what), getattr(here, what)
        if None not in (old, new) and old != new:
            yield Refusal(
                rule="other-place",
                reason=f"the run was in {what} {old}, and target {here.name} is {what} {new}",
                way_out="use the project and the credentials that the run had",
            )


def created_here(receipt: PoolReceipt) -> Iterator[Refusal]:
    """The run has made the pool, or may have."""
    known = receipt.pool_id is not None
    made = f"the run has made {receipt.pool_id}" if known else "the run may have made the pool"
    yield Refusal(
        rule="created",
        reason=f"{made}, and a rollback deletes no pool: it may hold identities by now",
        way_out=(
            "if nobody needs it, write lifecycle.delete: true into its spec and apply that"
            if known
            else "run idpool plan: it shows whether the pool is there"
        ),
    )


def deleted(receipt: PoolReceipt) -> Refusal:
    """The run has deleted the pool."""
    return Refusal(
        rule="deleted",
        reason=f"{receipt.pool_id} was deleted: neither its id nor its identities come back",
        way_out="a spec without lifecycle.delete makes a new pool, with a new id and no identities",
    )


def gone(receipt: PoolReceipt) -> Refusal:
    """The pool is not there: somebody has deleted it since, or the run has, unheard."""
    return Refusal(
        rule="gone",
        reason=f"there is no pool {receipt.pool_id} any more",
        way_out="a spec makes a new pool, with a new id and no identities",
    )


def not_ours(receipt: PoolReceipt, owner: str) -> Refusal:
    """The pool does not carry our tags."""
    return Refusal(
        rule="not-ours",
        reason=(
            f"{receipt.pool_id} does not carry the tags {OWNER_TAG}={owner} and "
            f"{NAME_TAG}={receipt.name} any more"
        ),
        way_out="let its spec adopt it (metadata.adopt), or leave it to its new owner",
    )


def was_of_another(receipt: PoolReceipt) -> Refusal:
    """The receipt says that the pool was another owner's: no run of ours takes such a pool."""
    return Refusal(
        rule="other-owner",
        field="IdentityPoolTags",
        reason=f"the receipt would give {receipt.pool_id} to another owner",
        way_out="use the receipt as idpool has written it",
    )


def stale(receipt: PoolReceipt, moved: Iterable[str]) -> Refusal:
    """Live is not as the run has left it."""
    return Refusal(
        rule="stale",
        reason=f"somebody has changed {receipt.pool_id} since the run: {', '.join(moved)}",
        way_out="look at the change; what is to be taken back then goes through the spec",
    )


def secret_is_lost(reason: str) -> Refusal:
    """A receipt holds no secrets."""
    return Refusal(
        rule="secret-unknown",
        field="SupportedLoginProviders",
        reason=f"{reason}, and receipts hold no secrets",
        way_out="apply the spec as it was before: it has the secret",
    )
