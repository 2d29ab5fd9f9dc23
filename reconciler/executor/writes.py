"""Sending one action to AWS: its requests as parameters, each sent once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from reconciler.live.aws import Connection
from reconciler.live.calls import Channel
from reconciler.live.failures import FAILURES, Failure, FailureKind, kind_of
from reconciler.model.changes import Action
from reconciler.model.pool import SETTINGS_FIELDS, Pool, pool_as_api
from reconciler.model.pool_fields import ROLES_FIELDS, TAGS_FIELD
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import AWS_TAG_PREFIX


def settings_request(pool: Pool) -> dict[str, Any]:
    """What CreateIdentityPool and UpdateIdentityPool share: every field, tags included.

    All but a developer provider that there is none of, and a classic flow that was never set and
    stays so: false would close it, and true is more than the plan says.
    """
    request = _fields(pool, SETTINGS_FIELDS)
    # AWS refuses its own prefix in requests, and keeps such tags by itself.
    tags = {k: v for k, v in pool.IdentityPoolTags.items() if not k.startswith(AWS_TAG_PREFIX)}
    return {**request, TAGS_FIELD: tags}


def roles_request(pool: Pool) -> dict[str, Any]:
    """SetIdentityPoolRoles: both halves, because it replaces both."""
    return {**{field: {} for field in ROLES_FIELDS}, **_fields(pool, ROLES_FIELDS)}


def principal_tags_request(pool: Pool, provider: str) -> dict[str, Any]:
    """SetPrincipalTagAttributeMap of one provider; there is no delete, so none is an empty map."""
    tags = (pool.PrincipalTagAttributeMaps or {}).get(provider, NO_PRINCIPAL_TAGS)
    return {"IdentityProviderName": provider, **tags.model_dump()}


def _fields(pool: Pool, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in pool_as_api(pool).items() if name in names}


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
        return self.last_failure is not None and kind_of(self.last_failure) is FailureKind.AMBIGUOUS

    @property
    def may_be_carried_out(self) -> bool:
        """Whether something was sent and AWS has not refused it, as far as anybody knows."""
        return self.attempts > 0 and (self.last_failure is None or self.lost_an_answer)

    def send(self, channel: Channel, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Wait for the call's turn, and make it.  Raises as ``send_now`` does."""
        channel.wait_for_slot(operation)
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


def write_request(
    connection: Connection, pool_id: str, action: Action, pool: Pool
) -> dict[str, Any]:
    """What the action's call is sent to write its part of ``pool``."""
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
