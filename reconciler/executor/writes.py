"""Sending one action to AWS: once, with nothing in between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from reconciler.executor.requests import (
    principal_tags_request,
    roles_request,
    settings_request,
)
from reconciler.live.calls import Channel
from reconciler.live.connections import Connection
from reconciler.live.policy import FAILURES, Failure, Kind, kind_of
from reconciler.model.actions import OPERATIONS, Action
from reconciler.model.pool import TAGS_FIELD, Pool


class Interrupted(Exception):
    """Somebody has ended the run before the action was sent."""

    def __init__(self) -> None:
        super().__init__("not sent, because the run was interrupted")


@dataclass(slots=True)
class Trace:
    """What was sent for one action, as it goes on: also after a failure it tells the truth.

    ``may_have_written``: an attempt that failed may have been carried out all the same.
    ``before_sending`` is called with the number of the attempt, and returns when it is journalled.
    """

    before_sending: Callable[[int], None]
    attempts: int = 0
    request_ids: list[str] = field(default_factory=list)
    last_failure: Failure | None = None
    may_have_written: bool = False

    @property
    def lost_an_answer(self) -> bool:
        """Whether the last attempt may have been carried out all the same."""
        return self.last_failure is not None and kind_of(self.last_failure) is Kind.AMBIGUOUS

    @property
    def may_be_carried_out(self) -> bool:
        """Whether something was sent and AWS has not refused it, as far as anybody knows."""
        return self.attempts > 0 and (self.last_failure is None or self.lost_an_answer)

    def send(self, channel: Channel, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Wait for the call's turn, and make it.  Raises as ``send_now`` does."""
        channel.turn(operation)
        return self.send_now(channel, operation, **parameters)

    def send_now(self, channel: Channel, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Make one write call that had its turn, and write down what came of it.

        Raises ``Interrupted``, or the last failure, when the run is to end; else botocore's.
        """
        self._require_time(channel)
        self.before_sending(self.attempts + 1)
        self._require_time(channel)  # the disk may have taken its time
        self.attempts += 1
        self.last_failure = None
        try:
            answer = channel.send(operation, **parameters)
        except FAILURES as failure:
            self.last_failure = failure
            self.may_have_written |= self.lost_an_answer
            if isinstance(failure, ClientError):
                self._note(failure.response)
            raise
        self._note(answer)
        return answer

    def _require_time(self, channel: Channel) -> None:
        """A signal may have come while live was read, or while this call waited for its turn."""
        if channel.budget.interrupted:
            raise self.last_failure or Interrupted

    def _note(self, answer: Mapping[str, Any]) -> None:
        request_id = answer.get("ResponseMetadata", {}).get("RequestId")
        if request_id:
            self.request_ids.append(request_id)


def send_create(connection: Connection, desired: Pool, trace: Trace) -> Mapping[str, Any]:
    """CreateIdentityPool with everything in it, ownership tags included; it has had its turn.

    Raises ``Interrupted``, or the last failure, when the run is to end.
    """
    return trace.send_now(connection.cognito, "CreateIdentityPool", **settings_request(desired))


def send_write(
    connection: Connection,
    pool_id: str,
    action: Action,
    pool: Pool,
    trace: Trace,
    *,
    with_tags: bool = True,
) -> Mapping[str, Any]:
    """Write the action's part of ``pool``; an update without its tags leaves them to AWS.

    Raises ``Interrupted``, or the last failure, when the run is to end.
    """
    request = _request(connection, pool_id, action, pool)
    if not with_tags:
        request.pop(TAGS_FIELD, None)
    return trace.send(connection.cognito, OPERATIONS[action.kind], **request)


def _request(connection: Connection, pool_id: str, action: Action, pool: Pool) -> dict[str, Any]:
    match action.kind:
        case "UpdatePool":
            return {"IdentityPoolId": pool_id, **settings_request(pool)}
        case "SetRoles":
            return {"IdentityPoolId": pool_id, **roles_request(pool)}
        case "SetPrincipalTags":
            return {"IdentityPoolId": pool_id, **principal_tags_request(pool, action.provider)}
        case "TagPool":
            return {"ResourceArn": connection.pool_arn(pool_id), "Tags": action.tags}
        case "UntagPool":
            return {"ResourceArn": connection.pool_arn(pool_id), "TagKeys": list(action.keys)}
        case _:
            return {"IdentityPoolId": pool_id}
