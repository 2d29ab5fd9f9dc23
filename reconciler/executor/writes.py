"""Sending one action to AWS: its requests as parameters, each sent once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import ClientError

from reconciler.executor.freshness import moved_fields, same, settings_only
from reconciler.executor.verification import NotStored, stored_pool, verify_stored
from reconciler.live.aws import Connection
from reconciler.live.calls import Channel
from reconciler.live.policy import (
    FAILURES,
    NOT_AUTHORIZED,
    Failure,
    FailureKind,
    codes,
    error_code,
    kind_of,
)
from reconciler.model.changes import OPERATIONS, Action, UpdatePool
from reconciler.model.ignored import Ignored, in_live_terms
from reconciler.model.pool import ROLES_FIELDS, SETTINGS_FIELDS, TAGS_FIELD, Pool, pool_as_api
from reconciler.model.pool_values import NO_PRINCIPAL_TAGS
from reconciler.model.project import AWS_TAG_PREFIX
from reconciler.planner.actions import tag_actions


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


class Send(Protocol):
    """Send one action with a pool's values, and give AWS's answer.

    Raises as ``send_write`` does, and ``Gone``.
    """

    def __call__(
        self, action: Action, pool: Pool, *, with_tags: bool = True
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Update:
    """One update: what was read a moment ago, and what the pool is to be like."""

    action: UpdatePool
    fresh: Pool
    wanted: Pool
    ignored: Ignored


def update_pool(connection: Connection, pool_id: str, update: Update, send: Send) -> None:
    """Send the update, and its tags by themselves where they have not come along.

    Raises what ``send`` raises, ``NotStored`` where AWS keeps something else or has lost a tag of
    its own, ``Stale`` when the pool is gone.
    """
    wanted, ignored = settings_only(update.wanted), update.ignored
    sent, answer = _sent(update, wanted, send)
    stored = stored_pool(connection, pool_id, answer, wanted, ignored)
    as_sent = sent if sent is not wanted else _with_tags(wanted, stored)
    if not same(stored, as_sent, ignored):
        raise NotStored(pool_id, stored, moved_fields(stored, as_sent, ignored))
    if not _reserved(update.fresh).items() <= _reserved(stored).items():
        raise NotStored(pool_id, stored, TAGS_FIELD)
    tags = in_live_terms(wanted, stored, ignored).IdentityPoolTags
    missing = tag_actions(stored.IdentityPoolTags, tags)
    for action in missing:
        send(action, wanted)
    if missing:
        verify_stored(connection, pool_id, {}, wanted, ignored)


def _sent(update: Update, wanted: Pool, send: Send) -> tuple[Pool, Mapping[str, Any]]:
    """What AWS has taken, and its answer: all, or all but the tags, which it then must keep."""
    try:
        return wanted, send(update.action, wanted)
    except ClientError as refusal:
        # AWS does not like the request, or does not allow it.
        is_refused = error_code(refusal) in codes("invalid") | {NOT_AUTHORIZED}
        if not is_refused or not _reserved(update.fresh):
            raise
        answer = send(update.action, wanted, with_tags=False)
        return _with_tags(wanted, update.fresh), answer


def _with_tags(pool: Pool, of: Pool) -> Pool:
    return pool.model_copy(update={TAGS_FIELD: of.IdentityPoolTags})


def _reserved(pool: Pool) -> Mapping[str, str]:
    return {k: v for k, v in pool.IdentityPoolTags.items() if k.startswith(AWS_TAG_PREFIX)}
