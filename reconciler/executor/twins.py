"""Twins: two runs that create the same pool at the same moment.

Each run looked before it sent, and neither could see the other's pool yet.  So each looks again
when all its pools are done, and both follow one rule: the pool with the lowest id stays, and a run
removes only a pool that it made itself and that holds no identities.
"""

from botocore.exceptions import ClientError

from reconciler.executor.creation import ours_among
from reconciler.executor.journal import JournalProblem, Notes, now
from reconciler.executor.writes import Trace
from reconciler.live.calls import retrying
from reconciler.live.connections import Connection
from reconciler.live.policy import FAILURES, Operation, error_code
from reconciler.live.reader import describe, holds_identities
from reconciler.model.actions import DeletePool
from reconciler.model.errors import AwsProblem
from reconciler.model.journal import Sending
from reconciler.model.pool import Pool
from reconciler.model.receipt import PoolReceipt

_POLL_SECONDS = 0.5


def without_twin(
    connection: Connection, desired: Pool, receipt: PoolReceipt, notes: Notes
) -> PoolReceipt:
    """The receipt of a pool that this run made, once there is only one pool of its tags.

    A run whose pool stays waits for the other run to remove its own; where that does not happen in
    time (the other run has ended before it could see ours), it yields.
    """
    try:
        return _settled(connection, desired, receipt, notes)
    except (AwsProblem, JournalProblem, *FAILURES) as problem:
        return _with_message(receipt, f"whether another run made it, too, is not known: {problem}")


def _settled(
    connection: Connection, desired: Pool, receipt: PoolReceipt, notes: Notes
) -> PoolReceipt:
    mine, waited = receipt.pool_id or "", 0.0
    while twin := _other_twin(connection, desired, mine):
        if twin < mine or waited >= connection.settle_seconds:
            return _yield_to(twin, connection, receipt, notes)
        connection.cognito.budget.sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    return receipt


def _other_twin(connection: Connection, desired: Pool, mine: str) -> str | None:
    """The lowest id of another pool with our tags; a name of its own costs no further call."""
    name = desired.IdentityPoolName
    others = [p.pool_id for p in connection.listing() if p.name == name and p.pool_id != mine]
    described = (describe(connection, pool_id) for pool_id in others)
    twins = ours_among((pool for pool in described if pool is not None), desired)
    return twins[0].pool_id if twins else None


def _yield_to(twin: str, connection: Connection, receipt: PoolReceipt, notes: Notes) -> PoolReceipt:
    mine = receipt.pool_id or ""
    if holds_identities(connection, mine):
        return _with_message(
            receipt, f"another run has made {twin} at the same moment, and ours holds identities"
        )
    _remove(connection, receipt, notes)
    message = f"another run has made {twin} at the same moment: ours, {mine}, was empty and removed"
    return _with_message(receipt.model_copy(update={"pool_id": twin, "created": False}), message)


def _remove(connection: Connection, receipt: PoolReceipt, notes: Notes) -> None:
    def note_sending(attempt: int) -> None:
        notes.note(
            Sending(
                at=now(),
                target=receipt.target,
                name=receipt.name,
                pool_id=receipt.pool_id,
                action=DeletePool(),
                attempt=attempt,
            )
        )

    trace = Trace(note_sending)
    cognito = connection.cognito
    try:
        retrying(Operation.WRITE, cognito.budget)(
            trace.send, cognito, "DeleteIdentityPool", IdentityPoolId=receipt.pool_id
        )
    except ClientError as failure:
        if error_code(failure) != "ResourceNotFoundException":
            raise


def _with_message(receipt: PoolReceipt, message: str) -> PoolReceipt:
    return receipt.model_copy(update={"message": message})
