"""What a sandbox has besides pools, for references to stand for: seeded, and only read.

``idpool sandbox seed FILE`` puts it into the state.  What is there already and is the same keeps
its version; what is another gets a new one, as in AWS.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from reconciler.model.base import JsonValue
from reconciler.model.errors import IdpoolError
from reconciler.model.records import Record
from reconciler.sandbox.pools import AccountRegion
from reconciler.text.documents import document_of
from reconciler.text.problems import Unusable
from reconciler.text.yaml import parse

DEFAULT_ACCOUNT: Final = "123456789012"
DEFAULT_REGION: Final = "eu-west-1"
# Things by kind (``ssm``, ``secret``, ``stack``, ``userPool``, ``role``, ``s3``) and name.
Seeds: TypeAlias = dict[str, dict[str, dict[str, Any]]]


class SecureString(Record):
    """A parameter of type SecureString."""

    secure_string: Annotated[str, Field(alias="SecureString")]


class SeededClient(Record):
    """A client of a user pool, with the attributes that its users may write."""

    id: str | None = None
    write_attributes: list[str] = []


class SeededUserPool(Record):
    """A user pool: clients' ids by their names; an id that is left out is made up."""

    id: str | None = None
    clients: dict[str, str | SeededClient | None] = {}


class SeededRole(Record):
    """A role of IAM: its trust policy, and the documents of its policies by their names."""

    trust: dict[str, JsonValue]
    path: Annotated[str, Field(pattern=r"^/([!-~]+/)?$")] = "/"
    policies: dict[str, dict[str, JsonValue]] = {}
    managed: dict[str, dict[str, JsonValue]] = {}
    boundary: dict[str, JsonValue] = {}
    tags: dict[str, str] = {}


class Sensitive(Record):
    """A sensitive output."""

    sensitive: str


class Seed(Record):
    """What one account has in one region; a bucket of ``terraform`` may be anywhere."""

    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")] = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    ssm: dict[str, str | SecureString] = {}
    secret: dict[str, str | dict[str, str]] = {}
    stack: dict[str, dict[str, str]] = {}
    user_pool: dict[str, SeededUserPool] = {}
    role: dict[str, SeededRole] = {}
    terraform: dict[str, dict[str, str | Sensitive]] = {}

    @property
    def place(self) -> AccountRegion:
        """Where it is."""
        return AccountRegion(self.account, self.region)

    def things(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Each thing by kind and name, without its version."""
        for name, value in self.ssm.items():
            text = value if isinstance(value, str) else value.secure_string
            kind = "String" if isinstance(value, str) else "SecureString"
            yield "ssm", name, {"value": text, "type": kind}
        for name, secret in self.secret.items():
            text = secret if isinstance(secret, str) else json.dumps(secret)
            yield "secret", name, {"value": text}
        for name, outputs in self.stack.items():
            yield "stack", name, {"outputs": outputs}
        for name, pool in self.user_pool.items():
            yield "userPool", name, self._user_pool(name, pool)
        for name, role in self.role.items():
            yield "role", name, role.model_dump(mode="json")
        for url, state in self.terraform.items():
            yield "s3", url.removeprefix("s3://"), {"body": json.dumps(_state(state))}

    def _user_pool(self, name: str, pool: SeededUserPool) -> dict[str, Any]:
        made = pool.id or f"{self.region}_{_made_up(self.place, name)[:9]}"
        clients, writes = dict[str, str](), dict[str, list[str]]()
        for each, client in pool.clients.items():
            known = client.id if isinstance(client, SeededClient) else client
            clients[each] = known or _made_up(self.place, name, each)[:26]
            if isinstance(client, SeededClient):
                writes[clients[each]] = client.write_attributes
        return {"id": made, "clients": clients} | ({"writes": writes} if writes else {})


class SeedFile(Record):
    """The file of ``idpool sandbox seed``."""

    api_version: Annotated[Literal["idpool/v1"], Field(alias="apiVersion")]
    kind: Literal["SandboxSeed"]
    seeds: list[Seed]


class BadSeed(IdpoolError):
    """A seed file that cannot be used; nothing was put anywhere."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.hint = "see docs/sandbox.md for what a seed file holds"


def seeds_of(file: Path, text: str) -> list[Seed]:
    """The seeds in a file's text.  Raises BadSeed."""
    roots, _, bad = parse(text)
    try:
        if bad is not None:
            raise bad
        value = document_of(str(file), roots[0]).value if len(roots) == 1 else None
        return TypeAdapter(SeedFile).validate_python(value, strict=True).seeds
    except Unusable as unusable:
        line, column = unusable.place
        raise BadSeed(file, f"{line}:{column}: {unusable.problem.message}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise BadSeed(file, f"{place}: {first['msg']}") from None


def planted(here: Seeds, seed: Seed) -> Seeds:
    """What a place has, and what a seed adds to it."""
    made = {kind: dict(things) for kind, things in here.items()}
    for kind, name, thing in seed.things():
        things = made.setdefault(kind, {})
        old = things.get(name, {})
        if {**old, **thing} != old:
            now = _now()
            kept = {"version": old.get("version", 0) + 1, "created": old.get("created", now)}
            things[name] = {**thing, **kept, "at": now}
    return made


def _state(outputs: Mapping[str, str | Sensitive]) -> dict[str, Any]:
    """A Terraform state of version 4, with its outputs alone."""
    return {
        "version": 4,
        "terraform_version": "1.13.0",
        "serial": 1,
        "outputs": {
            name: {"value": value, "type": "string"}
            if isinstance(value, str)
            else {"value": value.sensitive, "type": "string", "sensitive": True}
            for name, value in outputs.items()
        },
        "resources": [],
    }


def _made_up(*names: object) -> str:
    return hashlib.sha256(repr(names).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
