"""The values of references that AWS has: parameters, secrets, outputs and user pools.

All that one target needs is read at once: parameters by tens, secrets by twenties, each stack and
state once, each list once.  What one reference lacks is said of it; what keeps AWS from answering
at all is, too, so that it stops only the pools that need it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any, Final, TypeAlias

from reconciler.live.aws import Connection
from reconciler.live.calls import Channel
from reconciler.model.errors import AwsProblem
from reconciler.model.partitions import partition_of
from reconciler.model.project import TerraformState
from reconciler.model.references import NoValue, ReadValue

Outcome: TypeAlias = ReadValue | NoValue

PARAMETERS_A_CALL: Final = 10  # GetParameters, Names (API reference of AWS Systems Manager)
SECRETS_A_CALL: Final = 20  # BatchGetSecretValue, SecretIdList (API reference, Secrets Manager)
_PAGE: Final = 60  # ListUserPools and ListUserPoolClients, MaxResults
_S3: Final = re.compile(r"s3://([^/]+)/(.+)")
_MOST_BYTES: Final = 64 * 1024 * 1024
_LATEST_STATE: Final = 4
_NO_STATE: Final = "there is no Terraform state {}"


@dataclass(eq=False, slots=True)
class Once:
    """Lists and states of a run, each read once.  Safe to use from several threads."""

    _read: dict[tuple[object, ...], Future[Any]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def once(self, key: tuple[object, ...], work: Callable[[], Any]) -> Any:
        """What ``work`` gives, or raises, for the key; it is done once."""
        with self._lock:
            is_first = key not in self._read
            future = self._read.setdefault(key, Future())
        if is_first:
            try:
                future.set_result(work())
            except AwsProblem as problem:
                future.set_exception(problem)
        return future.result()


@dataclass(frozen=True, slots=True)
class References:
    """Reads what references of one target stand for.

    ``state_of`` says where a Terraform state is, by its name in the project file.
    """

    connection: Connection
    workers: Executor
    lists: Once
    state_of: Callable[[str], TerraformState]

    def read(self, names: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Outcome]:
        """Values by scheme and name, of the names of each scheme.

        Names are as ``${scheme.name}`` has them, without references of their own.
        """
        by_scheme: Mapping[str, Callable[[Sequence[str]], Mapping[str, Outcome]]] = {
            "ssm": self._parameters,
            "secret": self._secrets,
            "stack": self._stacks,
            "terraform": self._outputs,
            "userPool": self._user_pools,
            "userPoolClient": self._clients,
        }
        found: dict[tuple[str, str], Outcome] = {}
        for scheme, wanted in names.items():
            values = by_scheme[scheme](sorted(set(wanted)))
            found |= {(scheme, name): value for name, value in values.items()}
        return found

    @property
    def _where(self) -> str:
        target = self.connection.target
        return f"in account {target.account}, region {target.region}"

    def _parameters(self, names: Sequence[str]) -> dict[str, Outcome]:
        channel = self.connection.channel_for("ssm")

        def read(batch: Sequence[str]) -> dict[str, Outcome]:
            answer = channel.read("GetParameters", Names=list(batch), WithDecryption=True)
            found = {
                str(each.get("Name")) + str(each.get("Selector") or ""): each
                for each in answer.get("Parameters") or ()
            }
            return {name: self._parameter(name, found.get(name)) for name in batch}

        return self._all(_batches(names, PARAMETERS_A_CALL), read)

    def _parameter(self, name: str, answer: Mapping[str, Any] | None) -> Outcome:
        if answer is None:
            return NoValue(
                f"there is no SSM parameter {name} {self._where}",
                "create it there, or name another one",
            )
        return ReadValue(
            value=str(answer.get("Value", "")),
            source=f"SSM parameter {name}",
            version=str(answer.get("Version", "")),
            is_secret=answer.get("Type") == "SecureString",
        )

    def _secrets(self, names: Sequence[str]) -> dict[str, Outcome]:
        channel = self.connection.channel_for("secretsmanager")

        def read(names: Sequence[str]) -> dict[str, Outcome]:
            ids = list(_by_first(names, "#"))
            answers = list(pages(channel, "BatchGetSecretValue", SecretIdList=ids))
            values = [each for answer in answers for each in answer.get("SecretValues") or ()]
            errors = [each for answer in answers for each in answer.get("Errors") or ()]
            found = {str(each.get(key)): each for each in values for key in ("Name", "ARN")}
            wrong = {str(each.get("SecretId")): str(each.get("ErrorCode")) for each in errors}
            return {
                name: self._secret(name, found.get(secret), wrong.get(secret, ""))
                for name in names
                for secret in [name.partition("#")[0]]
            }

        wanted = _by_first(names, "#")
        batches = _batches(list(wanted), SECRETS_A_CALL)
        return self._all([[n for id_ in ids for n in wanted[id_]] for ids in batches], read)

    def _secret(self, name: str, answer: Mapping[str, Any] | None, error: str) -> Outcome:
        secret, has_key, key = name.partition("#")
        if answer is None and error and error != "ResourceNotFoundException":
            return NoValue(
                f"AWS does not let the secret {secret} be read ({error}) {self._where}",
                "allow secretsmanager:GetSecretValue on it, and kms:Decrypt on its key",
            )
        text = answer.get("SecretString") if answer else None
        if answer is None or not isinstance(text, str):
            what = "no secret" if answer is None else "no text in the secret"
            return NoValue(f"there is {what} {secret} {self._where}", "write one there")
        value = _json_member(text, key) if has_key else text
        if value is None:
            return NoValue(
                f"the secret {secret} is no JSON object that has a text under the key {key!r}",
                "name one of its keys behind the #, or leave the # out for the whole of it",
            )
        version = str(answer.get("VersionId", ""))
        return ReadValue(value, f"secret {secret}", version, is_secret=True)

    def _stacks(self, names: Sequence[str]) -> dict[str, Outcome]:
        channel = self.connection.channel_for("cloudformation")

        def read(names: Sequence[str]) -> dict[str, Outcome]:
            stack = names[0].partition(".")[0]
            try:
                answer = channel.read("DescribeStacks", StackName=stack)
            except AwsProblem as problem:
                if problem.code != "ValidationError":
                    raise
                answer = {}
            found = next(iter(answer.get("Stacks") or ()), None)
            return {name: self._output(stack, name, found) for name in names}

        return self._all(_by_first(names, ".").values(), read)

    def _output(self, stack: str, name: str, answer: Mapping[str, Any] | None) -> Outcome:
        if answer is None:
            return NoValue(
                f"there is no CloudFormation stack {stack} {self._where}",
                "deploy it there, or name another one",
            )
        outputs = {
            str(each.get("OutputKey")): str(each.get("OutputValue"))
            for each in answer.get("Outputs") or ()
        }
        key = name.partition(".")[2]
        if key not in outputs:
            has = ", ".join(sorted(outputs)) or "none"
            return NoValue(
                f"the stack {stack} has no output {key} {self._where}", f"its outputs are: {has}"
            )
        # A stack that was never updated has the time of its creation only.
        moment = answer.get("LastUpdatedTime") or answer.get("CreationTime")
        version = moment.isoformat() if isinstance(moment, datetime) else ""
        return ReadValue(outputs[key], f"stack {stack}", version)

    def _user_pools(self, names: Sequence[str]) -> dict[str, Outcome]:
        try:
            known = self._known_pools()
        except AwsProblem as problem:
            return dict.fromkeys(names, _not_read(problem))
        target = self.connection.target
        suffix = partition_of(target.region).suffix
        found: dict[str, Outcome] = {}
        for name in names:
            pool = _only("user pool", name, known.get(name, []), self._where)
            found[name] = (
                pool
                if isinstance(pool, NoValue)
                else ReadValue(
                    f"cognito-idp.{target.region}.{suffix}/{pool}", f"user pool {name} ({pool})"
                )
            )
        return found

    def _known_pools(self) -> Mapping[str, list[str]]:
        channel = self.connection.channel_for("cognito-idp")
        key = (self.connection.target.name, "user pools")
        known: Mapping[str, list[str]] = self.lists.once(
            key, lambda: _ids(pages(channel, "ListUserPools", MaxResults=_PAGE), "UserPools", "Id")
        )
        return known

    def _clients(self, names: Sequence[str]) -> dict[str, Outcome]:
        try:
            pools = self._known_pools()
        except AwsProblem as problem:
            return dict.fromkeys(names, _not_read(problem))
        channel = self.connection.channel_for("cognito-idp")

        def read(names: Sequence[str]) -> dict[str, Outcome]:
            pool = names[0].partition("/")[0]
            pool_id = _only("user pool", pool, pools.get(pool, []), self._where)
            if isinstance(pool_id, NoValue):
                return dict.fromkeys(names, pool_id)
            found_pages = pages(
                channel, "ListUserPoolClients", UserPoolId=pool_id, MaxResults=_PAGE
            )
            known = _ids(found_pages, "UserPoolClients", "ClientId", "ClientName")
            found: dict[str, Outcome] = {}
            for name in names:
                client = name.partition("/")[2]
                ids = known.get(client, [])
                only = _only("client", client, ids, f"in user pool {pool} ({pool_id})")
                found[name] = (
                    only if isinstance(only, NoValue) else ReadValue(only, f"client {name}")
                )
            return found

        return self._all(_by_first(names, "/").values(), read)

    def _outputs(self, names: Sequence[str]) -> dict[str, Outcome]:
        def read(names: Sequence[str]) -> dict[str, Outcome]:
            state = names[0].partition(".")[0]
            settings = self.state_of(state)
            is_ambient = settings.credentials == "ambient"
            whose = "" if is_ambient else self.connection.target.name
            key = (settings.state, settings.region, whose)
            found = self.lists.once(key, partial(self._state, settings, is_ambient=is_ambient))
            if isinstance(found, NoValue):
                return dict.fromkeys(names, found)
            outputs, version = found
            return {name: _output_of(name, state, outputs, version) for name in names}

        return self._all(_by_first(names, ".").values(), read)

    def _state(
        self, settings: TerraformState, *, is_ambient: bool
    ) -> tuple[Mapping[str, Any], str] | NoValue:
        """The outputs of a state and its ETag."""
        place = _S3.fullmatch(settings.state)
        if place is None:
            return NoValue(f"{settings.state} is no s3://BUCKET/KEY", "write it so in reads:")
        channel = self.connection.channel_for("s3", region=settings.region, is_ambient=is_ambient)
        try:
            answer = channel.read("GetObject", Bucket=place[1], Key=place[2])
        except AwsProblem as problem:
            if problem.code not in ("NoSuchKey", "NoSuchBucket"):
                raise
            return NoValue(_NO_STATE.format(settings.state), "check reads.terraform in idpool.yaml")
        body = answer["Body"].read(_MOST_BYTES + 1)
        outputs = _state_outputs(body)
        if outputs is None:
            return NoValue(
                f"{settings.state} is no Terraform state of version {_LATEST_STATE} in clear",
                "name the state itself; an encrypted one cannot be read",
            )
        return outputs, str(answer.get("ETag", "")).strip('"')

    def _all(
        self,
        parts: Iterable[Sequence[str]],
        read: Callable[[Sequence[str]], dict[str, Outcome]],
    ) -> dict[str, Outcome]:
        """All parts, side by side; of one that fails every name says why."""

        def tried(names: Sequence[str]) -> dict[str, Outcome]:
            try:
                return read(names)
            except AwsProblem as problem:
                return dict.fromkeys(names, _not_read(problem))

        found: dict[str, Outcome] = {}
        for values in self.workers.map(tried, parts):
            found |= values
        return found


def _batches(names: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


def _by_first(names: Iterable[str], sign: str) -> dict[str, list[str]]:
    """Names by what stands in front of a sign."""
    parts = defaultdict[str, list[str]](list)
    for name in names:
        parts[name.partition(sign)[0]].append(name)
    return dict(parts)


def pages(channel: Channel, operation: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
    """Every page of a list.  Raises ``AwsProblem``."""
    token: dict[str, Any] = {}
    while True:
        answer = channel.read(operation, **parameters, **token)
        yield answer
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _ids(
    answers: Iterable[Mapping[str, Any]], field_: str, id_field: str, name_field: str = "Name"
) -> dict[str, list[str]]:
    """Ids by name: names are not unique."""
    ids = defaultdict[str, list[str]](list)
    for page in answers:
        for each in page.get(field_) or ():
            ids[str(each.get(name_field))].append(str(each.get(id_field)))
    return dict(ids)


def _only(what: str, name: str, ids: Sequence[str], where: str) -> str | NoValue:
    if len(ids) == 1:
        return ids[0]
    if not ids:
        return NoValue(f"there is no {what} {name} {where}", "create it, or name another one")
    return NoValue(
        f"{len(ids)} {what}s are called {name} {where}: {', '.join(sorted(ids))}",
        "write the value itself, or rename all but one",
    )


def _not_read(problem: AwsProblem) -> NoValue:
    return NoValue(str(problem), problem.hint or "try again")


def _json_member(text: str, key: str) -> str | None:
    """A text of a JSON object, by its literal key."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else None


def _state_outputs(body: bytes) -> Mapping[str, Any] | None:
    if len(body) > _MOST_BYTES:
        return None
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_state = isinstance(data, dict) and data.get("version") == _LATEST_STATE
    outputs = data.get("outputs") if is_state else None
    return outputs if isinstance(outputs, dict) else None


def _output_of(name: str, state: str, outputs: Mapping[str, Any], version: str) -> Outcome:
    key = name.partition(".")[2]
    output = outputs.get(key)
    value = output.get("value") if isinstance(output, dict) else None
    if not isinstance(output, dict) or not isinstance(value, str):
        has = ", ".join(sorted(each for each in outputs)) or "none"
        what = "no output" if output is None else "no text in the output"
        return NoValue(f"the Terraform state {state} has {what} {key}", f"its outputs are: {has}")
    return ReadValue(
        value, f"Terraform state {state}", version, is_secret=bool(output.get("sensitive"))
    )
