"""Answers to the few read calls of other services that references need, from what was seeded.

A place where nothing was seeded has moto's own services instead.
"""

import hashlib
import json
import uuid
from collections import ChainMap
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from reconciler.sandbox.faults import ApiError
from reconciler.sandbox.pools import AccountRegion
from reconciler.sandbox.seeds import Seeds

Things: TypeAlias = Mapping[str, Mapping[str, Any]]
Parameters: TypeAlias = Mapping[str, Any]

_STACK_XML: Final = """<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<DescribeStacksResult><Stacks><member><StackName>{name}</StackName>
<StackId>arn:aws:cloudformation:{place.region}:{place.account}:stack/{name}/{id}</StackId>
<CreationTime>{at}</CreationTime>{updated}<StackStatus>CREATE_COMPLETE</StackStatus>
<Outputs>{outputs}</Outputs></member></Stacks></DescribeStacksResult>
<ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></DescribeStacksResponse>"""
_OUTPUT_XML: Final = (
    "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
)
_NO_STACK_XML: Final = """<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<Error><Type>Sender</Type><Code>ValidationError</Code>
<Message>Stack with id {name} does not exist</Message></Error>
<RequestId>{request}</RequestId></ErrorResponse>"""


class Lookup(NamedTuple):
    """A request that may be about seeds: what it asks for, the kind of it, and who answers."""

    kind: str
    asked: Parameters
    answer: Callable[[Things, Parameters, AccountRegion], Response]


def lookup_of(target: str, service: str, path: str, body: bytes, method: str) -> Lookup | None:
    """What a request looks up; ``target``: its X-Amz-Target."""
    if target in _BY_TARGET:
        kind, answer = _BY_TARGET[target]
        return Lookup(kind, _object(body), answer)
    if service == "cloudformation":
        form = {key: values[0] for key, values in parse_qs(body.decode(errors="replace")).items()}
        is_lookup = form.get("Action") == "DescribeStacks"
        return Lookup("stack", form, _stacks) if is_lookup else None
    if service == "s3" and method == "GET" and path.count("/") > 1:
        return Lookup("s3", {"Key": path.lstrip("/")}, _object_of)
    return None


def seeded(
    everywhere: Mapping[AccountRegion, Seeds], place: AccountRegion, lookup: Lookup
) -> Things | None:
    """What was seeded of the kind in a place, ``None`` where moto is to answer."""
    if lookup.kind == "s3":  # buckets have one name in all accounts; locks are moto's
        objects = ChainMap(*(seeds.get("s3", {}) for seeds in everywhere.values()))
        return objects if lookup.asked["Key"] in objects else None
    here = everywhere.get(place, {})
    # For CloudFormation moto needs packages that are not there.
    return here.get(lookup.kind, {}) if here or lookup.kind == "stack" else None


def _object(body: bytes) -> Parameters:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "the body is no JSON object")
    return value


def _json(value: object) -> Response:
    return Response(json.dumps(value), 200, content_type="application/x-amz-json-1.1")


def _parameters(things: Things, asked: Parameters, place: AccountRegion) -> Response:
    found, missing = [], []
    for name in asked.get("Names", ()):
        bare, colon, selector = name.partition(":")
        thing = things.get(bare)
        if thing is None or (colon and selector != str(thing["version"])):
            missing.append(name)
            continue
        is_clear = thing["type"] == "String" or asked.get("WithDecryption")
        found.append(
            {
                "Name": bare,
                "Type": thing["type"],
                "Value": thing["value"] if is_clear else "AQICAH",
                "Version": thing["version"],
                "ARN": f"arn:aws:ssm:{place.region}:{place.account}:parameter/{bare.lstrip('/')}",
                **({"Selector": f":{selector}"} if colon else {}),
            }
        )
    return _json({"Parameters": found, "InvalidParameters": missing})


def _secrets(things: Things, asked: Parameters, place: AccountRegion) -> Response:
    found, errors = [], []
    for name in asked.get("SecretIdList", ()):
        if name in things:
            arn = f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:{name}-AbCdEf"
            version = _uuid(name, things[name]["version"])
            text = things[name]["value"]
            found.append({"ARN": arn, "Name": name, "VersionId": version, "SecretString": text})
        else:
            message = "Secrets Manager can't find the specified secret."
            code = "ResourceNotFoundException"
            errors.append({"SecretId": name, "ErrorCode": code, "Message": message})
    return _json({"SecretValues": found, "Errors": errors})


def _stacks(things: Things, asked: Parameters, place: AccountRegion) -> Response:
    name = str(asked.get("StackName", ""))
    request, stack = str(uuid.uuid4()), things.get(name)
    if stack is None:
        text = _NO_STACK_XML.format(name=escape(name), request=request)
        return Response(text, 400, content_type="text/xml")
    outputs = (
        _OUTPUT_XML.format(key=escape(key), value=escape(value))
        for key, value in stack["outputs"].items()
    )
    # A stack that was never updated has no LastUpdatedTime.
    is_new = stack["version"] == 1
    text = _STACK_XML.format(
        name=escape(name),
        place=place,
        id=_uuid(name),
        at=stack["at"],
        updated="" if is_new else f"<LastUpdatedTime>{stack['at']}</LastUpdatedTime>",
        outputs="".join(outputs),
        request=request,
    )
    return Response(text, 200, content_type="text/xml")


def _user_pools(things: Things, _: Parameters, __: AccountRegion) -> Response:
    pools = [{"Id": thing["id"], "Name": name} for name, thing in things.items()]
    return _json({"UserPools": pools})


def _clients(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    pool = _user_pool(things, asked)
    clients = [
        {"ClientId": client, "ClientName": name, "UserPoolId": pool["id"]}
        for name, client in pool["clients"].items()
    ]
    return _json({"UserPoolClients": clients})


def _client(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    pool, wanted = _user_pool(things, asked), asked.get("ClientId")
    name = next((name for name, client in pool["clients"].items() if client == wanted), None)
    if name is None:
        message = f"User pool client {wanted} does not exist."
        raise ApiError("ResourceNotFoundException", message)
    client = {"ClientId": wanted, "ClientName": name, "UserPoolId": pool["id"]}
    # Answered only where it was set (API reference, UserPoolClientType).
    if writes := pool.get("writes", {}).get(wanted):
        client["WriteAttributes"] = writes
    return _json({"UserPoolClient": client})


def _user_pool(things: Things, asked: Parameters) -> Mapping[str, Any]:
    pool_id = asked.get("UserPoolId")
    pool = next((each for each in things.values() if each["id"] == pool_id), None)
    if pool is None:
        raise ApiError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    return pool


def _object_of(things: Things, asked: Parameters, _: AccountRegion) -> Response:
    thing = things[asked["Key"]]
    body = str(thing["body"]).encode()
    response = Response(body, 200, content_type="application/json")
    response.headers["ETag"] = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    moment = datetime.fromisoformat(thing["at"])
    response.headers["Last-Modified"] = format_datetime(moment, usegmt=True)
    return response


def _uuid(*names: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(names)))


_BY_TARGET: Final = {
    "AmazonSSM.GetParameters": ("ssm", _parameters),
    "secretsmanager.BatchGetSecretValue": ("secret", _secrets),
    "AWSCognitoIdentityProviderService.ListUserPools": ("userPool", _user_pools),
    "AWSCognitoIdentityProviderService.ListUserPoolClients": ("userPool", _clients),
    "AWSCognitoIdentityProviderService.DescribeUserPoolClient": ("userPool", _client),
}
